/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a session as a list, with its filter: following, pausing, going to any of them. */
#include "config.h"

#include "ui/ptl-frame-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-clock.h"
#include "log/ptl-filter.h"
#include "ui/ptl-follow.h"
#include "ui/ptl-glyphs.h"

#define COUNT_INTERVAL_MS 150 /* how often the count is told while frames pour in */
#define RECYCLED_ROWS_MAX 4096 /* a longer list is not searched for the rows that stay */
#define FILTER_TEXT_KEY "ptl-filter-text"

typedef enum
{
  COLUMN_NUMBER,
  COLUMN_TIME,
  COLUMN_DIRECTION,
  COLUMN_PEER,
  COLUMN_LENGTH,
  COLUMN_PREVIEW,
  N_COLUMNS
} Column;

struct _PtlFrameView
{
  GtkWidget           parent_instance;

  GtkSearchEntry     *filter_entry;
  GtkMenuButton      *filter_button;
  GtkSpinner         *spinner;
  GtkLabel           *count_label;
  GtkLabel           *narrow_count_label;
  GtkLabel           *filter_error_label;
  GtkToggleButton    *follow_button;
  GtkToggleButton    *freeze_button;
  GtkMenuButton      *go_button;
  GtkPopover         *go_popover;
  GtkEntry           *go_entry;
  GtkButton          *go_confirm_button;
  GtkLabel           *go_error_label;
  GtkStack           *stack;
  AdwStatusPage      *empty_page;
  GtkScrolledWindow  *scroller;
  GtkColumnView      *view;
  GtkWidget          *frozen_strip;
  GtkLabel           *frozen_label;
  GtkButton          *thaw_button;
  GtkWidget          *window_strip;
  GtkLabel           *window_label;
  GtkButton          *earlier_button;
  GtkButton          *later_button;
  GMenuModel         *row_menu_model;

  PtlSession         *session;   /* owned, or NULL */
  PtlFrameList       *frames;    /* owned, or NULL */
  GtkSingleSelection *selection; /* owned */
  GtkColumnViewColumn *columns[N_COLUMNS]; /* owned by the view */
  PtlFollow          *follow;    /* owned */
  PtlFrameItem       *selected;  /* owned, or NULL */
  GSimpleActionGroup *actions;   /* owned */
  GtkWidget          *row_menu;  /* our child, or NULL */
  guint64             frozen_at; /* frames of the log when the view was paused */
  guint               count_source;
  gint64              counted_at;
  bool                moving;    /* the selection changes because the list did */
  bool                setting_filter;
  guint               n_digits;  /* of the largest number of a frame */
  bool                filtered;
  gboolean            narrow;
};

G_DEFINE_FINAL_TYPE (PtlFrameView, ptl_frame_view, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_NARROW,
  PROP_FOLLOWING,
  PROP_FROZEN,
  PROP_SELECTED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint activated_signal;

static guint64
get_total (PtlFrameView *self)
{
  PtlLog *log = self->session != NULL ? ptl_session_get_log (self->session) : NULL;

  return log != NULL ? ptl_log_get_n_frames (log) : 0;
}

/* Rows */

static const char *
get_direction_text (const PtlFrame *frame)
{
  switch (frame->kind)
    {
    case PTL_FRAME_IN:
      return "↓";

    case PTL_FRAME_OUT:
      return "↑";

    default:
      return "○";
    }
}

static const char *
get_direction_name (const PtlFrame *frame)
{
  switch (frame->kind)
    {
    case PTL_FRAME_IN:
      return _("received");

    case PTL_FRAME_OUT:
      return _("sent");

    default:
      return _("event");
    }
}

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *item,
             gpointer                  data)
{
  GtkWidget *cell = gtk_inscription_new (NULL);

  /* A time that is cut off is one to the millisecond. */
  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     GPOINTER_TO_INT (data) == COLUMN_TIME
                                       ? GTK_INSCRIPTION_OVERFLOW_CLIP
                                       : GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_lines (GTK_INSCRIPTION (cell), 1);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (cell), 1);
  g_object_set_data (G_OBJECT (cell), "ptl-item", item);
  switch ((Column) GPOINTER_TO_INT (data))
    {
    case COLUMN_NUMBER:
    case COLUMN_LENGTH:
      gtk_inscription_set_xalign (GTK_INSCRIPTION (cell), 1);
      gtk_widget_add_css_class (cell, "numeric");
      break;

    case COLUMN_DIRECTION:
      gtk_inscription_set_xalign (GTK_INSCRIPTION (cell), 0.5);
      gtk_widget_add_css_class (cell, "ptl-direction");
      break;

    case COLUMN_PREVIEW:
      gtk_widget_add_css_class (cell, "monospace");
      break;

    case COLUMN_TIME:
    case COLUMN_PEER:
    case N_COLUMNS:
    default:
      gtk_widget_add_css_class (cell, "numeric");
    }
  gtk_list_item_set_child (item, cell);
}

/* The kind decides the colour; changed only where it differs from what the cell showed before. */
static void
set_kind (GtkWidget      *cell,
          const PtlFrame *frame,
          Column          column)
{
  static const char *const classes[] = { "ptl-in", "ptl-out", "ptl-event" };
  guint kind = MIN (frame->kind, PTL_FRAME_EVENT);
  guint last = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (cell), "ptl-kind"));

  if (last == kind + 1)
    return;
  if (last > 0)
    gtk_widget_remove_css_class (cell, classes[last - 1]);
  gtk_widget_add_css_class (cell, classes[kind]);
  g_object_set_data (G_OBJECT (cell), "ptl-kind", GUINT_TO_POINTER (kind + 1));
  if (column == COLUMN_DIRECTION)
    {
      gtk_inscription_set_text (GTK_INSCRIPTION (cell), get_direction_text (frame));
      gtk_accessible_update_property (GTK_ACCESSIBLE (cell),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, get_direction_name (frame), -1);
    }
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *list_item,
            gpointer                  data)
{
  PtlFrameItem *item = gtk_list_item_get_item (list_item);
  GtkInscription *cell = GTK_INSCRIPTION (gtk_list_item_get_child (list_item));
  const PtlFrame *frame = ptl_frame_item_get_frame (item);
  Column column = (Column) GPOINTER_TO_INT (data);
  g_autofree char *owned = NULL;
  char number[48];

  set_kind (GTK_WIDGET (cell), frame, column);
  switch (column)
    {
    case COLUMN_NUMBER:
      g_snprintf (number, sizeof number, "%'" G_GUINT64_FORMAT,
                  (guint64) ptl_frame_item_get_number (item) + 1);
      gtk_inscription_set_text (cell, number);
      break;

    case COLUMN_TIME:
      owned = ptl_frame_item_dup_time (item);
      gtk_inscription_set_text (cell, owned);
      break;

    case COLUMN_PEER:
      owned = ptl_frame_item_dup_peer (item);
      gtk_inscription_set_text (cell, owned != NULL ? owned : "");
      break;

    case COLUMN_LENGTH:
      if (frame->kind == PTL_FRAME_EVENT)
        gtk_inscription_set_text (cell, "–");
      else
        {
          g_snprintf (number, sizeof number, "%'u",
                      (frame->flags & PTL_FRAME_NOT_STORED) != 0 ? frame->code : frame->length);
          gtk_inscription_set_text (cell, number);
        }
      break;

    case COLUMN_PREVIEW:
      owned = ptl_glyphs_take (GTK_WIDGET (cell), ptl_frame_item_dup_preview (item));
      gtk_inscription_set_text (cell, owned);
      break;

    case COLUMN_DIRECTION:
    case N_COLUMNS:
    default:
      break;
    }
}

static void
update_widths (PtlFrameView *self)
{
  static const char *const samples[N_COLUMNS] = {
    "123,456", "10:01:02.123", "↓", "127.0.0.1:50412", "65,536", NULL
  };
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);

  for (Column column = 0; column < N_COLUMNS; column++)
    if (samples[column] != NULL)
      {
        int width;

        /* The width of a column that is not shown is counted all the same in GTK 4.8. */
        if (!gtk_column_view_column_get_visible (self->columns[column]))
          {
            gtk_column_view_column_set_fixed_width (self->columns[column], -1);
            continue;
          }
        if (column == COLUMN_NUMBER && self->n_digits > 6)
          {
            g_autofree char *eights = g_strnfill (self->n_digits + (self->n_digits - 1) / 3, '8');

            pango_layout_set_text (layout, eights, -1);
          }
        else
          pango_layout_set_text (layout, samples[column], -1);
        pango_layout_get_pixel_size (layout, &width, NULL);
        gtk_column_view_column_set_fixed_width (self->columns[column], MAX (width, 22) + 12);
      }
}

/* A connection has one peer: that it is in every row tells nothing. */
static void
update_columns (PtlFrameView *self)
{
  bool one_peer = self->session != NULL &&
                  ptl_session_get_spec (self->session)->role == PTL_ROLE_CONNECT;

  gtk_column_view_column_set_visible (self->columns[COLUMN_TIME], !self->narrow);
  gtk_column_view_column_set_visible (self->columns[COLUMN_PEER], !self->narrow && !one_peer);
  gtk_column_view_column_set_visible (self->columns[COLUMN_LENGTH], !self->narrow);
  update_widths (self);
}

static void
add_columns (PtlFrameView *self)
{
  const char *titles[N_COLUMNS] = {
    /* Translators: the number of a frame */
    _("#"), _("Time"),
    /* Translators: direction, as short as can be */
    _("Dir"), _("Peer"), _("Length"), _("Preview")
  };

  for (Column column = 0; column < N_COLUMNS; column++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

      g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), GINT_TO_POINTER (column));
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), GINT_TO_POINTER (column));
      self->columns[column] = gtk_column_view_column_new (titles[column], factory);
      gtk_column_view_column_set_resizable (self->columns[column], column != COLUMN_PREVIEW);
      gtk_column_view_column_set_expand (self->columns[column], column == COLUMN_PREVIEW);
      gtk_column_view_append_column (self->view, self->columns[column]);
      g_object_unref (self->columns[column]);
    }
}

/* Places and rows */

static void
scroll_to_row (PtlFrameView *self,
               guint         row)
{
  GtkWidget *list = gtk_widget_get_last_child (GTK_WIDGET (self->view));

  /* The list inside of the column view; gtk_column_view_scroll_to() is newer than our floor. */
  while (list != NULL && !GTK_IS_LIST_VIEW (list))
    list = gtk_widget_get_prev_sibling (list);
  if (list != NULL)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", row);
}

/* The keyboard goes on from there.  The list makes the row's widgets as it is scrolled to it. */
static void
focus_row (PtlFrameView *self,
           guint         row)
{
  GtkWidget *list = gtk_widget_get_last_child (GTK_WIDGET (self->view));

  while (list != NULL && !GTK_IS_LIST_VIEW (list))
    list = gtk_widget_get_prev_sibling (list);
  if (list == NULL)
    return;
  for (GtkWidget *widget = gtk_widget_get_first_child (list); widget != NULL;
       widget = gtk_widget_get_next_sibling (widget))
    {
      GtkWidget *cell = gtk_widget_get_first_child (widget);
      GtkWidget *child = cell != NULL ? gtk_widget_get_first_child (cell) : NULL;
      GtkListItem *item = child != NULL ? g_object_get_data (G_OBJECT (child), "ptl-item") : NULL;

      if (item != NULL && gtk_list_item_get_position (item) == row)
        {
          gtk_widget_grab_focus (widget);
          return;
        }
    }
}

/* Before the list changes as a whole: GTK 4.8 goes over every row that is added in such a change to
 * find the selected one and those that it tracks again, so a long list is taken away meanwhile. */
static void
begin_move (PtlFrameView *self)
{
  self->moving = true;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  if (get_total (self) > RECYCLED_ROWS_MAX)
    gtk_single_selection_set_model (self->selection, NULL);
}

static bool
select_number (PtlFrameView *self,
               guint64       number)
{
  guint64 place;
  guint64 start;
  guint row;
  g_autoptr (PtlFrameItem) item = NULL;

  if (self->frames == NULL)
    return false;
  place = ptl_frame_list_get_place (self->frames, number);
  start = ptl_frame_list_get_window_start (self->frames);
  if (place < start || place - start >= g_list_model_get_n_items (G_LIST_MODEL (self->frames)))
    return false;
  row = (guint) (place - start);
  item = g_list_model_get_item (G_LIST_MODEL (self->frames), row);
  if (item == NULL || ptl_frame_item_get_number (item) != number)
    return false;
  gtk_single_selection_set_selected (self->selection, row);
  return true;
}

static void
end_move (PtlFrameView *self)
{
  if (gtk_single_selection_get_model (self->selection) == NULL)
    gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->frames));
  if (self->selected != NULL)
    select_number (self, ptl_frame_item_get_number (self->selected));
  self->moving = false;
}

static bool
is_at_end (PtlFrameView *self)
{
  return self->frames == NULL ||
         ptl_frame_list_get_window_start (self->frames) +
             g_list_model_get_n_items (G_LIST_MODEL (self->frames)) >=
           ptl_frame_list_get_n_frames (self->frames);
}

static void
reveal_place (PtlFrameView *self,
              guint64       place,
              bool          select)
{
  guint row;

  guint64 start = ptl_frame_list_get_window_start (self->frames);

  ptl_follow_set_following (self->follow, FALSE);
  if (place >= start && place - start < g_list_model_get_n_items (G_LIST_MODEL (self->frames)))
    row = (guint) (place - start);
  else
    {
      begin_move (self);
      row = ptl_frame_list_reveal (self->frames, place);
      end_move (self);
    }
  if (select)
    gtk_single_selection_set_selected (self->selection, row);
  scroll_to_row (self, row);
  if (select)
    focus_row (self, row);
}

/* Counts and strips */

static void
update_empty (PtlFrameView *self)
{
  bool empty = self->frames == NULL || ptl_frame_list_get_n_frames (self->frames) == 0;

  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "list");
  if (!empty)
    return;
  if (self->filtered)
    {
      adw_status_page_set_icon_name (self->empty_page, "edit-find-symbolic");
      adw_status_page_set_title (self->empty_page, _("No Frame Matches"));
      adw_status_page_set_description (self->empty_page,
                                       _("New frames that match appear here as they come."));
    }
  else if (self->frames != NULL && ptl_frame_list_get_first (self->frames) > 0)
    {
      adw_status_page_set_icon_name (self->empty_page, "edit-clear-all-symbolic");
      adw_status_page_set_title (self->empty_page, _("Cleared"));
      adw_status_page_set_description (self->empty_page,
                                       _("The log keeps the earlier frames. New ones appear here."));
    }
  else
    {
      adw_status_page_set_icon_name (self->empty_page, "portlight-received-symbolic");
      adw_status_page_set_title (self->empty_page, _("No Frames Yet"));
      adw_status_page_set_description (self->empty_page,
                                       _("Every byte and every event of this session appears here."));
    }
}

static void
update_count (PtlFrameView *self)
{
  g_autofree char *text = NULL;
  guint64 total = get_total (self);
  guint64 shown = 0;
  guint64 start = 0;
  guint n_rows = 0;
  guint n_digits;

  if (self->frames != NULL)
    {
      guint64 first = ptl_frame_list_get_first (self->frames);

      total -= MIN (first, total);
      shown = ptl_frame_list_get_n_frames (self->frames);
      start = ptl_frame_list_get_window_start (self->frames);
      n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->frames));
    }

  n_digits = (guint) g_snprintf (NULL, 0, "%" G_GUINT64_FORMAT, get_total (self));
  if (n_digits != self->n_digits && (n_digits > 6 || self->n_digits > 6))
    {
      self->n_digits = n_digits;
      update_widths (self);
    }

  if (self->filtered)
    text = g_strdup_printf (ngettext ("%'lu of %'lu frame", "%'lu of %'lu frames", (gulong) total),
                            (gulong) shown, (gulong) total);
  else
    text = g_strdup_printf (ngettext ("%'lu frame", "%'lu frames", (gulong) shown), (gulong) shown);
  gtk_label_set_text (self->count_label, text);
  gtk_label_set_text (self->narrow_count_label, text);

  gtk_widget_set_visible (self->window_strip, shown > n_rows);
  if (shown > n_rows)
    {
      g_autofree char *part =
        g_strdup_printf (_("Frames %'lu to %'lu of %'lu"), (gulong) start + 1,
                         (gulong) (start + n_rows), (gulong) shown);

      gtk_label_set_text (self->window_label, part);
      gtk_widget_set_sensitive (GTK_WIDGET (self->earlier_button), start > 0);
      gtk_widget_set_sensitive (GTK_WIDGET (self->later_button), start + n_rows < shown);
    }

  if (self->frames != NULL && ptl_frame_list_get_frozen (self->frames))
    {
      gulong more = (gulong) (get_total (self) - MIN (self->frozen_at, get_total (self)));
      g_autofree char *news = NULL;

      if (more > 0)
        news = g_strdup_printf (ngettext ("The view is paused, %'lu new frame",
                                          "The view is paused, %'lu new frames", more), more);
      else
        news = g_strdup (_("The view is paused, recording goes on"));
      gtk_label_set_text (self->frozen_label, news);
    }
}

static gboolean
on_count_timeout_cb (gpointer data)
{
  PtlFrameView *self = PTL_FRAME_VIEW (data);

  self->count_source = 0;
  self->counted_at = g_get_monotonic_time ();
  update_count (self);
  return G_SOURCE_REMOVE;
}

/* A label that changes lays the window out anew: not more often than one can read. */
static void
queue_count (PtlFrameView *self)
{
  if (self->count_source != 0)
    return;
  if (g_get_monotonic_time () - self->counted_at > COUNT_INTERVAL_MS * 1000)
    {
      self->counted_at = g_get_monotonic_time ();
      update_count (self);
      return;
    }
  self->count_source = g_timeout_add (COUNT_INTERVAL_MS, on_count_timeout_cb, self);
}

static void
on_n_frames_cb (PtlFrameView *self)
{
  if (!self->moving && ptl_follow_get_following (self->follow) && !is_at_end (self))
    {
      begin_move (self);
      ptl_frame_list_reveal_end (self->frames);
      end_move (self);
    }
  ptl_follow_set_at_end (self->follow, is_at_end (self));
  if ((ptl_frame_list_get_n_frames (self->frames) == 0) !=
      (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "empty") == 0))
    update_empty (self);
  queue_count (self);
}

static void
on_items_changed_cb (PtlFrameView *self)
{
  /* A filter's frames come a while after it was set: the selected one may be among them. */
  if (!self->moving && self->selected != NULL && self->filtered &&
      gtk_single_selection_get_selected (self->selection) == GTK_INVALID_LIST_POSITION)
    {
      self->moving = true;
      select_number (self, ptl_frame_item_get_number (self->selected));
      self->moving = false;
    }
}

static void
on_scanning_cb (PtlFrameView *self)
{
  gboolean scanning = FALSE;

  if (self->frames != NULL)
    g_object_get (self->frames, "scanning", &scanning, NULL);
  gtk_spinner_set_spinning (self->spinner, scanning);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), scanning);
  queue_count (self);
}

/* The filter */

static bool
has_prefix_word (const char *word,
                 const char *prefix)
{
  if (*word == '-')
    word++;
  return g_ascii_strncasecmp (word, prefix, strlen (prefix)) == 0;
}

/* Words end at a space that is not in quotes. */
static GPtrArray *
split_words (const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  const char *start = NULL;
  bool quoted = false;

  for (const char *c = text; ; c++)
    {
      if (*c == '\0' || (*c == ' ' && !quoted))
        {
          if (start != NULL)
            g_ptr_array_add (words, g_strndup (start, (gsize) (c - start)));
          start = NULL;
          if (*c == '\0')
            break;
          continue;
        }
      if (start == NULL)
        start = c;
      if (*c == '\\' && quoted && c[1] != '\0')
        c++;
      else if (*c == '"')
        quoted = !quoted;
    }
  return words;
}

void
ptl_frame_view_filter_on (PtlFrameView *self,
                          const char   *prefix,
                          const char   *word)
{
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  words = split_words (gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)));
  for (guint i = 0; i < words->len; i++)
    {
      const char *old = g_ptr_array_index (words, i);

      if (g_strcmp0 (prefix, "is:") == 0
            ? has_prefix_word (old, "is:event") || has_prefix_word (old, "is:data")
            : has_prefix_word (old, prefix))
        continue;
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, old);
    }
  if (word != NULL && *word != '\0')
    {
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, word);
    }
  gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), text->str);
}

static const char *
find_choice (GPtrArray         *words,
             const char        *prefix,
             const char *const *choices)
{
  for (guint i = 0; i < words->len; i++)
    for (guint j = 0; choices[j] != NULL; j++)
      {
        g_autofree char *word = g_strconcat (prefix, choices[j], NULL);

        if (g_ascii_strcasecmp (g_ptr_array_index (words, i), word) == 0)
          return choices[j];
      }
  return "any";
}

static void
update_filter_actions (PtlFrameView *self)
{
  static const char *const directions[] = { "in", "out", NULL };
  static const char *const kinds[] = { "data", "event", NULL };
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));
  g_autoptr (GPtrArray) words = split_words (text);
  GActionMap *map = G_ACTION_MAP (self->actions);

  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "direction")),
                             g_variant_new_string (find_choice (words, "dir:", directions)));
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "kind")),
                             g_variant_new_string (find_choice (words, "is:", kinds)));
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "clear-filter")),
                               *text != '\0');
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "filter-peer")),
                               self->selected != NULL &&
                                 ptl_frame_item_get_frame (self->selected)->peer != PTL_PEER_NONE);
}

static void
apply_filter (PtlFrameView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));
  g_autoptr (GError) error = NULL;
  PtlFilter *filter;
  size_t at = 0;
  bool all;

  if (self->setting_filter || self->frames == NULL)
    return;
  update_filter_actions (self);
  filter = ptl_filter_parse (text, &at, &error);
  gtk_widget_set_visible (GTK_WIDGET (self->filter_error_label), filter == NULL);
  if (filter == NULL)
    {
      gtk_label_set_text (self->filter_error_label, error->message);
      gtk_widget_add_css_class (GTK_WIDGET (self->filter_entry), "error");
      gtk_accessible_update_state (GTK_ACCESSIBLE (self->filter_entry),
                                   GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE, -1);
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->filter_entry), "error");
  gtk_accessible_reset_state (GTK_ACCESSIBLE (self->filter_entry), GTK_ACCESSIBLE_STATE_INVALID);
  g_object_set_data_full (G_OBJECT (self->frames), FILTER_TEXT_KEY, g_strdup (text), g_free);

  all = ptl_filter_is_all (filter);
  if (all)
    g_clear_pointer (&filter, ptl_filter_free);
  begin_move (self);
  self->filtered = !all;
  ptl_frame_list_take_filter (self->frames, filter);
  if (ptl_follow_get_following (self->follow))
    ptl_frame_list_reveal_end (self->frames);
  end_move (self);
  if (self->selected != NULL && !ptl_follow_get_following (self->follow) &&
      gtk_single_selection_get_selected (self->selection) != GTK_INVALID_LIST_POSITION)
    scroll_to_row (self, gtk_single_selection_get_selected (self->selection));
  update_empty (self);
  on_scanning_cb (self);
  update_count (self);
}

static void
on_stop_search_cb (PtlFrameView *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)) != '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), "");
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
on_direction_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  const char *target = g_variant_get_string (parameter, NULL);
  g_autofree char *word = g_str_equal (target, "any") ? NULL : g_strconcat ("dir:", target, NULL);

  ptl_frame_view_filter_on (PTL_FRAME_VIEW (data), "dir:", word);
}

static void
on_kind_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  const char *target = g_variant_get_string (parameter, NULL);
  g_autofree char *word = g_str_equal (target, "any") ? NULL : g_strconcat ("is:", target, NULL);

  ptl_frame_view_filter_on (PTL_FRAME_VIEW (data), "is:", word);
}

static void
on_filter_peer_cb (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       data)
{
  PtlFrameView *self = PTL_FRAME_VIEW (data);
  g_autofree char *word = NULL;

  if (self->selected == NULL)
    return;
  word = g_strdup_printf ("peer:#%u", ptl_frame_item_get_frame (self->selected)->peer);
  ptl_frame_view_filter_on (self, "peer:", word);
}

static void
on_clear_filter_cb (GSimpleAction *action,
                    GVariant      *parameter,
                    gpointer       data)
{
  gtk_editable_set_text (GTK_EDITABLE (PTL_FRAME_VIEW (data)->filter_entry), "");
}

/* Selecting */

static void
on_selected_cb (PtlFrameView *self)
{
  PtlFrameItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (self->moving || (item == self->selected))
    return;
  g_set_object (&self->selected, item);
  update_filter_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static void
on_activate_cb (PtlFrameView *self,
                guint         position)
{
  gtk_single_selection_set_selected (self->selection, position);
  g_signal_emit (self, activated_signal, 0);
}

static GtkListItem *
find_list_item (GtkWidget *view,
                double     x,
                double     y)
{
  for (GtkWidget *widget = gtk_widget_pick (view, x, y, GTK_PICK_DEFAULT);
       widget != NULL && widget != view;
       widget = gtk_widget_get_parent (widget))
    {
      GtkWidget *child = gtk_widget_get_first_child (widget);
      GtkListItem *item = g_object_get_data (G_OBJECT (widget), "ptl-item");

      if (item == NULL && child != NULL)
        item = g_object_get_data (G_OBJECT (child), "ptl-item");
      /* A row: its first cell's child. */
      if (item == NULL && child != NULL && gtk_widget_get_first_child (child) != NULL)
        item = g_object_get_data (G_OBJECT (gtk_widget_get_first_child (child)), "ptl-item");
      if (item != NULL)
        return item;
    }
  return NULL;
}

static void
popup_menu (PtlFrameView *self,
            double        x,
            double        y)
{
  if (self->selected == NULL)
    return;
  if (self->row_menu == NULL)
    {
      self->row_menu = gtk_popover_menu_new_from_model (self->row_menu_model);
      gtk_widget_set_halign (self->row_menu, GTK_ALIGN_START);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->row_menu), FALSE);
      gtk_popover_set_position (GTK_POPOVER (self->row_menu), GTK_POS_BOTTOM);
      gtk_widget_set_parent (self->row_menu, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->row_menu),
                               &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->row_menu));
}

static void
on_secondary_click_cb (PtlFrameView    *self,
                       int              n_press,
                       double           x,
                       double           y,
                       GtkGestureClick *gesture)
{
  GtkListItem *item = find_list_item (GTK_WIDGET (self->view), x, y);
  graphene_point_t point;

  if (item == NULL)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_single_selection_set_selected (self->selection, gtk_list_item_get_position (item));
  if (gtk_widget_compute_point (GTK_WIDGET (self->view), GTK_WIDGET (self),
                                &GRAPHENE_POINT_INIT ((float) x, (float) y), &point))
    popup_menu (self, point.x, point.y);
}

static gboolean
on_popup_menu_cb (GtkWidget *widget,
                  GVariant  *args,
                  gpointer   data)
{
  PtlFrameView *self = PTL_FRAME_VIEW (data);

  popup_menu (self, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
              gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
  return TRUE;
}

/* Going somewhere */

static bool
parse_number (const char *text,
              guint64    *number)
{
  g_autoptr (GString) digits = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (g_ascii_isdigit (*c))
      g_string_append_c (digits, *c);
    else if (strchr ("#,.' _", *c) == NULL && !g_unichar_isspace (g_utf8_get_char (c)))
      return false;
  return digits->len > 0 &&
         g_ascii_string_to_unsigned (digits->str, 10, 1, G_MAXINT64, number, NULL);
}

/* "10:01:02.5", the time of day in a log that began at @start_ns: the first such moment in it. */
static bool
parse_time (const char *text,
            guint64     start_ns,
            guint64    *time_ns)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_local ((gint64) (start_ns / PTL_NS_PER_S));
  guint parts[3] = { 0, 0, 0 };
  guint n = 0;
  guint64 fraction = 0;
  guint64 unit = PTL_NS_PER_S / 10;
  guint64 since_midnight;
  guint64 wanted;
  const char *c = text;

  while (n < 3)
    {
      char *end;
      guint64 value;

      if (!g_ascii_isdigit (*c))
        return false;
      value = g_ascii_strtoull (c, &end, 10);
      if (value > (n == 0 ? 23 : 60))
        return false;
      parts[n++] = (guint) value;
      c = end;
      if (*c != ':')
        break;
      c++;
    }
  if (n < 2)
    return false;
  if (*c == '.' || *c == ',')
    for (c++; g_ascii_isdigit (*c); c++, unit /= 10)
      fraction += (guint64) (*c - '0') * unit;
  if (*c != '\0' || start == NULL)
    return false;

  since_midnight = (guint64) (g_date_time_get_hour (start) * 3600 +
                              g_date_time_get_minute (start) * 60 +
                              g_date_time_get_second (start)) * PTL_NS_PER_S +
                   start_ns % PTL_NS_PER_S;
  wanted = (parts[0] * G_GUINT64_CONSTANT (3600) + parts[1] * 60 + parts[2]) * PTL_NS_PER_S + fraction;
  /* A log that runs past midnight: what is more than half a day back is of the next day. */
  if (wanted < since_midnight && since_midnight - wanted > 12 * 3600 * PTL_NS_PER_S)
    wanted += 24 * 3600 * PTL_NS_PER_S;
  *time_ns = wanted > since_midnight ? wanted - since_midnight : 0;
  return true;
}

static void
on_go_cb (PtlFrameView *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->go_entry))));
  PtlLog *log = self->session != NULL ? ptl_session_get_log (self->session) : NULL;
  const char *problem = NULL;
  guint64 number = 0;
  guint64 time_ns = 0;
  guint64 n_places = self->frames != NULL ? ptl_frame_list_get_n_frames (self->frames) : 0;

  if (log == NULL || n_places == 0)
    problem = _("There is no frame to go to.");
  else if (strchr (text, ':') != NULL
             ? parse_time (text, ptl_log_get_start_realtime_ns (log), &time_ns)
             : parse_number (text, &number))
    {
      guint64 place;

      if (number > 0)
        number--;
      else
        number = ptl_log_find_time (log, time_ns);
      place = MIN (ptl_frame_list_get_place (self->frames, number), n_places - 1);
      gtk_popover_popdown (self->go_popover);
      reveal_place (self, place, true);
    }
  else
    problem = _("Type the number of a frame, or a time such as 10:01:02.5.");

  gtk_widget_set_visible (GTK_WIDGET (self->go_error_label), problem != NULL);
  if (problem != NULL)
    gtk_label_set_text (self->go_error_label, problem);
}

static void
on_earlier_cb (PtlFrameView *self)
{
  guint64 start = ptl_frame_list_get_window_start (self->frames);

  if (start > 0)
    reveal_place (self, start - 1, false);
}

static void
on_later_cb (PtlFrameView *self)
{
  guint64 end = ptl_frame_list_get_window_start (self->frames) +
                g_list_model_get_n_items (G_LIST_MODEL (self->frames));

  if (end < ptl_frame_list_get_n_frames (self->frames))
    reveal_place (self, end, false);
}

/* State */

static gboolean
get_frozen (PtlFrameView *self)
{
  return self->frames != NULL && ptl_frame_list_get_frozen (self->frames);
}

static void
set_frozen (PtlFrameView *self,
            gboolean      frozen)
{
  if (self->frames == NULL || ptl_frame_list_get_frozen (self->frames) == !!frozen)
    return;
  self->frozen_at = get_total (self);
  ptl_frame_list_set_frozen (self->frames, frozen);
  gtk_widget_set_visible (self->frozen_strip, frozen);
  if (!frozen)
    {
      ptl_frame_list_sync (self->frames);
    }
  update_count (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FROZEN]);
}

static void
on_following_cb (PtlFrameView *self)
{
  if (ptl_follow_get_following (self->follow) && self->frames != NULL && !is_at_end (self))
    {
      begin_move (self);
      ptl_frame_list_reveal_end (self->frames);
      end_move (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

static void
on_thaw_cb (PtlFrameView *self)
{
  set_frozen (self, FALSE);
}

static void
set_narrow (PtlFrameView *self,
            gboolean      narrow)
{
  narrow = !!narrow;
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), !narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->narrow_count_label), narrow);
  update_columns (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

void
ptl_frame_view_set_session (PtlFrameView *self,
                            PtlSession   *session)
{
  const char *text = NULL;
  PtlFrameList *frames;

  g_return_if_fail (PTL_IS_FRAME_VIEW (self));
  g_return_if_fail (session == NULL || PTL_IS_SESSION (session));

  if (self->session == session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  g_clear_handle_id (&self->count_source, g_source_remove);

  begin_move (self);
  gtk_single_selection_set_model (self->selection, NULL);
  g_set_object (&self->session, session);
  frames = session != NULL ? ptl_session_get_frames (session) : NULL;
  g_set_object (&self->frames, frames);
  if (self->frames != NULL)
    {
      gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->frames));
      g_signal_connect_swapped (self->frames, "notify::n-frames", G_CALLBACK (on_n_frames_cb), self);
      g_signal_connect_swapped (self->frames, "notify::window-start",
                                G_CALLBACK (on_n_frames_cb), self);
      g_signal_connect_swapped (self->frames, "notify::scanning", G_CALLBACK (on_scanning_cb), self);
      g_signal_connect_object (self->frames, "items-changed", G_CALLBACK (on_items_changed_cb), self,
                               G_CONNECT_AFTER | G_CONNECT_SWAPPED);
      g_signal_connect_swapped (session, "notify::n-frames", G_CALLBACK (queue_count), self);
      text = g_object_get_data (G_OBJECT (self->frames), FILTER_TEXT_KEY);
    }
  self->moving = false;

  self->setting_filter = true;
  gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), text != NULL ? text : "");
  self->setting_filter = false;
  gtk_widget_remove_css_class (GTK_WIDGET (self->filter_entry), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->filter_error_label), FALSE);
  self->filtered = text != NULL && *text != '\0';
  self->frozen_at = get_total (self);
  gtk_widget_set_visible (self->frozen_strip, get_frozen (self));

  update_columns (self);
  g_clear_object (&self->selected);
  update_filter_actions (self);
  on_scanning_cb (self);
  update_empty (self);
  update_count (self);
  ptl_follow_set_at_end (self->follow, is_at_end (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FROZEN]);
}

static void
ptl_frame_view_system_setting_changed (GtkWidget        *widget,
                                       GtkSystemSetting  setting)
{
  GTK_WIDGET_CLASS (ptl_frame_view_parent_class)->system_setting_changed (widget, setting);
  update_widths (PTL_FRAME_VIEW (widget));
}

/* Buttons forget the actions of a group above them when they are moved with it: tell them anew. */
static void
ptl_frame_view_root (GtkWidget *widget)
{
  PtlFrameView *self = PTL_FRAME_VIEW (widget);

  GTK_WIDGET_CLASS (ptl_frame_view_parent_class)->root (widget);
  gtk_widget_insert_action_group (widget, "frames", NULL);
  gtk_widget_insert_action_group (widget, "frames", G_ACTION_GROUP (self->actions));
}

static void
ptl_frame_view_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PtlFrameView *self = PTL_FRAME_VIEW (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    case PROP_FOLLOWING:
      g_value_set_boolean (value, ptl_follow_get_following (self->follow));
      break;

    case PROP_FROZEN:
      g_value_set_boolean (value, get_frozen (self));
      break;

    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_frame_view_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  PtlFrameView *self = PTL_FRAME_VIEW (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;

    case PROP_FOLLOWING:
      ptl_follow_set_following (self->follow, g_value_get_boolean (value));
      break;

    case PROP_FROZEN:
      set_frozen (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_frame_view_dispose (GObject *object)
{
  PtlFrameView *self = PTL_FRAME_VIEW (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  g_clear_handle_id (&self->count_source, g_source_remove);
  if (self->follow != NULL)
    g_signal_handlers_disconnect_by_data (self->follow, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_pointer (&self->row_menu, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_FRAME_VIEW);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->follow);
  g_clear_object (&self->actions);
  g_clear_object (&self->selection);
  g_clear_object (&self->selected);
  g_clear_object (&self->frames);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_frame_view_parent_class)->dispose (object);
}

static void
ptl_frame_view_class_init (PtlFrameViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_frame_view_dispose;
  object_class->get_property = ptl_frame_view_get_property;
  object_class->set_property = ptl_frame_view_set_property;
  widget_class->root = ptl_frame_view_root;
  widget_class->system_setting_changed = ptl_frame_view_system_setting_changed;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLLOWING] =
    g_param_spec_boolean ("following", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FROZEN] =
    g_param_spec_boolean ("frozen", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SELECTED] =
    g_param_spec_object ("selected", NULL, NULL, PTL_TYPE_FRAME_ITEM,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  activated_signal = g_signal_new ("activated", PTL_TYPE_FRAME_VIEW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-frame-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, filter_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, filter_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, spinner);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, count_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, narrow_count_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, filter_error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, follow_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, freeze_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_popover);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_confirm_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, empty_page);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, view);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, frozen_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, frozen_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, thaw_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, window_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, window_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, earlier_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, later_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, row_menu_model);
}

static void
ptl_frame_view_init (PtlFrameView *self)
{
  static const GActionEntry entries[] = {
    { .name = "direction", .parameter_type = "s", .state = "'any'", .change_state = on_direction_cb },
    { .name = "kind", .parameter_type = "s", .state = "'any'", .change_state = on_kind_cb },
    { .name = "filter-peer", .activate = on_filter_peer_cb },
    { .name = "clear-filter", .activate = on_clear_filter_cb },
  };
  GtkEventController *keys;
  GtkGesture *click;

  gtk_widget_init_template (GTK_WIDGET (self));

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "frames", G_ACTION_GROUP (self->actions));

  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  add_columns (self);
  update_widths (self);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_swapped (self->selection, "notify::selected-item",
                            G_CALLBACK (on_selected_cb), self);
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (on_activate_cb), self);

  self->follow = ptl_follow_new (self->scroller);
  g_signal_connect_swapped (self->follow, "notify::following", G_CALLBACK (on_following_cb), self);
  g_object_bind_property (self, "following", self->follow_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_object_bind_property (self, "frozen", self->freeze_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);

  g_signal_connect_swapped (self->filter_entry, "search-changed", G_CALLBACK (apply_filter), self);
  g_signal_connect_swapped (self->filter_entry, "stop-search", G_CALLBACK (on_stop_search_cb), self);
  g_signal_connect_swapped (self->go_entry, "activate", G_CALLBACK (on_go_cb), self);
  g_signal_connect_swapped (self->go_confirm_button, "clicked", G_CALLBACK (on_go_cb), self);
  g_signal_connect_swapped (self->thaw_button, "clicked", G_CALLBACK (on_thaw_cb), self);
  g_signal_connect_swapped (self->earlier_button, "clicked", G_CALLBACK (on_earlier_cb), self);
  g_signal_connect_swapped (self->later_button, "clicked", G_CALLBACK (on_later_cb), self);

  click = gtk_gesture_click_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_secondary_click_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), GTK_EVENT_CONTROLLER (click));

  keys = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (keys),
    gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Menu|<Shift>F10"),
                      gtk_callback_action_new (on_popup_menu_cb, self, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);

  update_filter_actions (self);
  update_empty (self);
}

PtlFrameItem *
ptl_frame_view_get_selected (PtlFrameView *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_VIEW (self), NULL);

  return self->selected;
}

void
ptl_frame_view_find (PtlFrameView *self)
{
  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->filter_entry));
}

void
ptl_frame_view_go_to (PtlFrameView *self)
{
  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  gtk_menu_button_popup (self->go_button);
  gtk_widget_grab_focus (GTK_WIDGET (self->go_entry));
}

gboolean
ptl_frame_view_show_frame (PtlFrameView *self,
                           guint64       number)
{
  guint64 place;

  g_return_val_if_fail (PTL_IS_FRAME_VIEW (self), FALSE);

  if (self->frames == NULL)
    return FALSE;
  place = ptl_frame_list_get_place (self->frames, number);
  if (place >= ptl_frame_list_get_n_frames (self->frames))
    return FALSE;
  reveal_place (self, place, true);
  return self->selected != NULL && ptl_frame_item_get_number (self->selected) == number;
}

guint64
ptl_frame_view_clear (PtlFrameView *self)
{
  guint64 first;

  g_return_val_if_fail (PTL_IS_FRAME_VIEW (self), 0);

  if (self->frames == NULL)
    return 0;
  first = ptl_frame_list_get_first (self->frames);
  ptl_frame_view_unclear (self, get_total (self));
  return first;
}

void
ptl_frame_view_unclear (PtlFrameView *self,
                        guint64       first)
{
  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  if (self->frames == NULL)
    return;
  begin_move (self);
  ptl_frame_list_set_first (self->frames, first);
  end_move (self);
  if (self->selected != NULL && ptl_frame_item_get_number (self->selected) < first)
    {
      g_clear_object (&self->selected);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
    }
  update_empty (self);
  update_count (self);
}
