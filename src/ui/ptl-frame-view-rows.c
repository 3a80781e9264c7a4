/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which frame is selected, and going to any other. */
#include "config.h"

#include "ui/ptl-frame-view-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-clock.h"
#include "ui/ptl-row-menu.h"

#define RECYCLED_ROWS_MAX 4096 /* a longer list is not searched for the rows that stay */

/* The list inside of the column view. */
static GtkWidget *
get_list (PtlFrameView *self)
{
  GtkWidget *list = gtk_widget_get_last_child (GTK_WIDGET (self->view));

  while (list != NULL && !GTK_IS_LIST_VIEW (list))
    list = gtk_widget_get_prev_sibling (list);
  return list;
}

void
ptl_frame_view_scroll_to_row (PtlFrameView *self,
                              guint         row)
{
  GtkWidget *list = get_list (self);

  /* gtk_column_view_scroll_to() is newer than our floor. */
  if (list != NULL)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", row);
}

/* The item of a row's first cell, NULL while it has none. */
static GtkListItem *
get_row_item (GtkWidget *row)
{
  GtkWidget *cell = gtk_widget_get_first_child (row);
  GtkWidget *child = cell != NULL ? gtk_widget_get_first_child (cell) : NULL;

  return child != NULL ? g_object_get_data (G_OBJECT (child), "ptl-item") : NULL;
}

/* The keyboard goes on from there.  The list makes the row's widgets as it is scrolled to it. */
static void
focus_row (PtlFrameView *self,
           guint         row)
{
  GtkWidget *list = get_list (self);

  if (list == NULL)
    return;
  for (GtkWidget *widget = gtk_widget_get_first_child (list); widget != NULL;
       widget = gtk_widget_get_next_sibling (widget))
    {
      GtkListItem *item = get_row_item (widget);

      if (item != NULL && gtk_list_item_get_position (item) == row)
        {
          gtk_widget_grab_focus (widget);
          return;
        }
    }
}

static void
on_ramp_ended_cb (PtlFrameView *self)
{
  if (self->selected != NULL &&
      gtk_single_selection_get_selected (self->selection) == GTK_INVALID_LIST_POSITION)
    {
      self->moving = true;
      ptl_frame_view_select_number (self, ptl_frame_item_get_number (self->selected));
      self->moving = false;
    }
  if (self->scroll_after && !ptl_follow_get_following (self->follow) &&
      gtk_single_selection_get_selected (self->selection) != GTK_INVALID_LIST_POSITION)
    ptl_frame_view_scroll_to_row (self, gtk_single_selection_get_selected (self->selection));
  self->scroll_after = false;
}

void
ptl_frame_view_take_rows (PtlFrameView *self)
{
  ptl_ramp_take_rows (self->ramp);
  ptl_frame_view_update_gliding (self);
}

void
ptl_frame_view_update_gliding (PtlFrameView *self)
{
  if (self->frames != NULL)
    ptl_frame_list_set_may_glide (self->frames, ptl_follow_get_following (self->follow) &&
                                                  self->selected == NULL &&
                                                  !ptl_ramp_is_running (self->ramp));
}

/* The rows that are in sight, the last ones, say at once that they are of other frames; those above
 * when the list rests. */
static void
on_glided_cb (PtlFrameView *self,
              gboolean      rests)
{
  int room = rests ? G_MAXINT : gtk_widget_get_height (GTK_WIDGET (self->scroller));
  GtkWidget *list = get_list (self);

  for (GtkWidget *row = list != NULL ? gtk_widget_get_last_child (list) : NULL;
       row != NULL && room > 0;
       row = gtk_widget_get_prev_sibling (row))
    {
      for (GtkWidget *cell = gtk_widget_get_first_child (row);
           cell != NULL;
           cell = gtk_widget_get_next_sibling (cell))
        if (gtk_widget_get_first_child (cell) != NULL)
          ptl_frame_view_update_cell (gtk_widget_get_first_child (cell));
      room -= gtk_widget_get_height (row);
    }
}

void
ptl_frame_view_set_frames (PtlFrameView *self,
                           PtlFrameList *frames)
{
  if (self->frames != NULL)
    ptl_frame_list_set_may_glide (self->frames, false);
  ptl_ramp_set_model (self->ramp, NULL);
  g_set_object (&self->frames, frames);
  if (frames != NULL)
    g_signal_connect_swapped (frames, "glided", G_CALLBACK (on_glided_cb), self);
  ptl_ramp_set_model (self->ramp, G_LIST_MODEL (frames));
  ptl_frame_view_take_rows (self);
}

/* Before the list changes as a whole: GTK 4.8 goes over every row that is added in such a change to
 * find the selected one and those that it tracks again, so a long list is taken away meanwhile. */
void
ptl_frame_view_begin_move (PtlFrameView *self)
{
  self->moving = true;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  if (ptl_frame_view_get_total (self) > RECYCLED_ROWS_MAX)
    ptl_ramp_set_model (self->ramp, NULL);
}

/* Before the window slides.  Its rows stay then, but with a filter. */
void
ptl_frame_view_begin_slide (PtlFrameView *self)
{
  if (self->filtered)
    {
      ptl_frame_view_begin_move (self);
      return;
    }
  self->moving = true;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
}

bool
ptl_frame_view_select_number (PtlFrameView *self,
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
  if (row >= g_list_model_get_n_items (ptl_ramp_get_rows (self->ramp)))
    return false;
  item = g_list_model_get_item (G_LIST_MODEL (self->frames), row);
  if (item == NULL || ptl_frame_item_get_number (item) != number)
    return false;
  gtk_single_selection_set_selected (self->selection, row);
  return true;
}

void
ptl_frame_view_end_move (PtlFrameView *self)
{
  if (ptl_ramp_get_model (self->ramp) == NULL)
    ptl_ramp_set_model (self->ramp, G_LIST_MODEL (self->frames));
  ptl_frame_view_take_rows (self);
  if (self->selected != NULL)
    ptl_frame_view_select_number (self, ptl_frame_item_get_number (self->selected));
  self->moving = false;
}

bool
ptl_frame_view_is_at_end (PtlFrameView *self)
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
      ptl_frame_view_begin_slide (self);
      row = ptl_frame_list_reveal (self->frames, place);
      ptl_frame_view_end_move (self);
    }
  if (row >= g_list_model_get_n_items (ptl_ramp_get_rows (self->ramp)))
    ptl_ramp_show_all (self->ramp);
  if (select)
    gtk_single_selection_set_selected (self->selection, row);
  ptl_frame_view_scroll_to_row (self, row);
  if (select)
    focus_row (self, row);
}

static void
on_selected_cb (PtlFrameView *self)
{
  PtlFrameItem *row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr (PtlFrameItem) item = NULL;

  if (self->moving)
    return;
  if (row == NULL ? self->selected == NULL
                  : self->selected != NULL &&
                      ptl_frame_item_get_number (row) == ptl_frame_item_get_number (self->selected))
    return;
  /* The row's own may be another frame one day. */
  if (row != NULL)
    item = ptl_frame_item_new (ptl_frame_item_get_log (row), ptl_frame_item_get_number (row));
  g_set_object (&self->selected, item);
  ptl_frame_view_update_gliding (self);
  ptl_frame_view_update_filter_actions (self);
  g_object_notify (G_OBJECT (self), "selected");
}

static void
on_activate_cb (PtlFrameView *self,
                guint         position)
{
  gtk_single_selection_set_selected (self->selection, position);
  g_signal_emit_by_name (self, "activated");
}

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
  g_autoptr (GDateTime) start =
    g_date_time_new_from_unix_local ((gint64) (start_ns / PTL_NS_PER_S));
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
  wanted =
    (parts[0] * G_GUINT64_CONSTANT (3600) + parts[1] * 60 + parts[2]) * PTL_NS_PER_S + fraction;
  /* A log that runs past midnight: what is more than half a day back is of the next day. */
  if (wanted < since_midnight && since_midnight - wanted > 12 * 3600 * PTL_NS_PER_S)
    wanted += 24 * 3600 * PTL_NS_PER_S;
  *time_ns = wanted > since_midnight ? wanted - since_midnight : 0;
  return true;
}

static void
on_go_cb (PtlFrameView *self)
{
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->go_entry))));
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

/* The first key in a list that follows begins at its end, which is in sight; GTK begins at the
 * first row, however far that is. */
static gboolean
on_first_key_cb (GtkWidget *widget,
                 GVariant  *args,
                 gpointer   data)
{
  PtlFrameView *self = data;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  if (n == 0 || !ptl_follow_get_following (self->follow)
      || gtk_single_selection_get_selected (self->selection) != GTK_INVALID_LIST_POSITION)
    return FALSE;
  gtk_single_selection_set_selected (self->selection, n - 1);
  focus_row (self, n - 1);
  return TRUE;
}

static void
add_first_keys (PtlFrameView *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < 2; i++)
    gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (i == 0 ? GDK_KEY_Up : GDK_KEY_Down, 0),
                        gtk_callback_action_new (on_first_key_cb, self, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
}

void
ptl_frame_view_init_rows (PtlFrameView *self)
{
  self->ramp = ptl_ramp_new (GTK_WIDGET (self), false);
  self->selection = gtk_single_selection_new (g_object_ref (ptl_ramp_get_rows (self->ramp)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_swapped (self->ramp, "ended", G_CALLBACK (on_ramp_ended_cb), self);
  g_signal_connect_swapped (self->selection, "notify::selected-item",
                            G_CALLBACK (on_selected_cb), self);
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (on_activate_cb), self);
  g_signal_connect_swapped (self->go_entry, "activate", G_CALLBACK (on_go_cb), self);
  g_signal_connect_swapped (self->go_confirm_button, "clicked", G_CALLBACK (on_go_cb), self);
  g_signal_connect_swapped (self->earlier_button, "clicked", G_CALLBACK (on_earlier_cb), self);
  g_signal_connect_swapped (self->later_button, "clicked", G_CALLBACK (on_later_cb), self);

  add_first_keys (self);
  ptl_row_menu_attach (&self->row_menu, self->row_menu_model, GTK_WIDGET (self), self->view);
}
