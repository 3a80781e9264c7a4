/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of the selected frame as text and in hexadecimal, or what an event tells. */
#include "config.h"

#include "ui/ptl-inspector.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "ui/ptl-copy-bytes.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-event-details.h"
#include "ui/ptl-glyphs.h"
#include "ui/ptl-hex-view.h"

/* Where a long line was broken for the display: nothing that a safe text has in it. */
#define BREAK_MARK "\xe2\x80\x8b\n" /* U+200B */

struct _PtlInspector
{
  GtkWidget           parent_instance;

  GtkWidget          *mode_box;
  GtkLabel           *info_label;
  GtkLabel           *selection_label;
  GtkWidget          *jump_button;
  GtkPopover         *jump_popover;
  GtkEntry           *jump_entry;
  GtkButton          *jump_confirm_button;
  GtkWidget          *copy_button;
  GtkStack           *stack;
  GtkLabel           *none_label;
  GtkBox             *bytes_box;
  GtkWidget          *hex_box;
  GtkWidget          *hex_scroller;
  PtlHexView         *hex_view;
  GtkWidget          *text_box;
  GtkTextView        *text_view;
  GtkWidget          *more_strip;
  GtkLabel           *more_label;
  GtkWidget          *more_button;
  GtkGrid            *event_grid;

  PtlFrameItem       *item;    /* owned, or NULL */
  GSimpleActionGroup *actions; /* owned */
  uint32_t            text_bytes; /* of the frame that are shown as text */
  bool                text_stale; /* the text is not that of the frame yet: it is not in view */
  gboolean            narrow;
};

G_DEFINE_FINAL_TYPE (PtlInspector, ptl_inspector, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_NARROW,
  PROP_VIEW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const char *
get_view (PtlInspector *self)
{
  g_autoptr (GVariant) state =
    g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "view");

  return g_variant_get_string (state, NULL);
}

/* Text */

/* One paragraph without an end is laid out as a whole: break it where it gets too long. */
static char *
break_lines (const char *text)
{
  GString *out = g_string_sized_new (strlen (text) + 64);
  const char *start = text;

  while (*start != '\0')
    {
      const char *end = start;
      int n = 0;

      while (*end != '\0' && *end != '\n' && n < PTL_INSPECTOR_LINE_MAX_CHARS)
        {
          end = g_utf8_next_char (end);
          n++;
        }
      g_string_append_len (out, start, end - start);
      if (*end == '\n')
        {
          g_string_append_c (out, '\n');
          end++;
        }
      else if (*end != '\0')
        g_string_append (out, BREAK_MARK);
      start = end;
    }
  return g_string_free (out, FALSE);
}

/* Where there is more, the last character may be incomplete: leave it out. */
static size_t
cut_at_character (const uint8_t *bytes,
                  size_t         len)
{
  for (size_t i = 1; i <= 3 && i <= len; i++)
    {
      uint8_t byte = bytes[len - i];

      if (byte >= 0xc0)
        return (byte >= 0xf0 ? 4u : byte >= 0xe0 ? 3u : 2u) > i ? len - i : len;
      if (byte < 0x80)
        break;
    }
  return len;
}

static void
show_text (PtlInspector *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  const PtlFrame *frame = ptl_frame_item_get_frame (self->item);
  uint32_t want = MIN (frame->length, self->text_bytes);
  g_autofree uint8_t *bytes = g_malloc (MAX (want, 1));
  g_autofree char *text = NULL;
  g_autofree char *broken = NULL;
  GtkTextIter start;
  GtkTextIter end;
  ssize_t n =
    want > 0 ? ptl_log_read (ptl_frame_item_get_log (self->item), frame, 0, bytes, want) : 0;
  size_t len = n > 0 ? (size_t) n : 0;

  if (len < frame->length)
    len = cut_at_character (bytes, len);
  text = ptl_glyphs_take (GTK_WIDGET (self), ptl_codec_to_text (bytes, len));
  broken = break_lines (text);
  gtk_text_buffer_set_text (buffer, broken, -1);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_apply_tag_by_name (buffer, "bytes", &start, &end);
  gtk_text_buffer_place_cursor (buffer, &start);
  self->text_stale = false;

  gtk_widget_set_visible (self->more_strip, frame->length > want || n < 0);
  if (n < 0)
    {
      g_autofree char *problem =
        g_strdup_printf (_("The log could not be read: %s (%s)"), g_strerror ((int) -n),
                         ptl_errno_name ((int) -n));

      gtk_label_set_text (self->more_label, problem);
    }
  else if (frame->length > want)
    {
      g_autofree char *shown = g_format_size_full (want, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *all = g_format_size_full (frame->length, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *told = want < PTL_INSPECTOR_TEXT_MAX_BYTES
                                ? g_strdup_printf (_("The first %s of %s"), shown, all)
                                : g_strdup_printf (_("The first %s of %s; Hex shows the rest"),
                                                   shown, all);

      gtk_label_set_text (self->more_label, told);
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->more_label),
                               gtk_label_get_text (self->more_label));
  gtk_widget_set_visible (self->more_button, n >= 0 && want < PTL_INSPECTOR_TEXT_MAX_BYTES);
}

static void
on_more_cb (PtlInspector *self)
{
  self->text_bytes = MIN (self->text_bytes * 4, PTL_INSPECTOR_TEXT_MAX_BYTES);
  if (self->item != NULL)
    show_text (self);
}

/* The breaks that were put in for the display are not part of the text. */
static void
on_copy_clipboard_cb (GtkTextView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter start;
  GtkTextIter end;

  if (gtk_text_buffer_get_selection_bounds (buffer, &start, &end))
    {
      g_autofree char *text = gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
      g_auto (GStrv) parts = g_strsplit (text, BREAK_MARK, -1);
      g_autofree char *joined = g_strjoinv ("", parts);

      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (view)), joined);
    }
  g_signal_stop_emission_by_name (view, "copy-clipboard");
}

/* The line above */

static char *
format_time (PtlFrameItem *item)
{
  const PtlFrame *frame = ptl_frame_item_get_frame (item);
  guint64 ns = ptl_log_get_start_realtime_ns (ptl_frame_item_get_log (item)) + frame->time_ns;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local ((gint64) (ns / PTL_NS_PER_S));
  g_autofree char *seconds = time != NULL ? g_date_time_format (time, "%F %T") : g_strdup ("?");

  return g_strdup_printf ("%s.%09u", seconds, (guint) (ns % PTL_NS_PER_S));
}

static void
update_info (PtlInspector *self)
{
  g_autoptr (GString) info = g_string_new (NULL);
  const PtlFrame *frame;
  g_autofree char *time = NULL;
  g_autofree char *peer = NULL;
  gulong length;

  if (self->item != NULL)
    {
      frame = ptl_frame_item_get_frame (self->item);
      length = frame->length;
      time = format_time (self->item);
      peer = ptl_frame_item_dup_peer (self->item);
      /* Translators: the number of a frame */
      g_string_append_printf (info, _("Frame %'lu"),
                              (gulong) ptl_frame_item_get_number (self->item) + 1);
      if (frame->kind != PTL_FRAME_EVENT)
        {
          g_string_append (info, " · ");
          g_string_append_printf (info, ngettext ("%'lu byte", "%'lu bytes", length), length);
          g_string_append_printf (info, " · %s",
                                  frame->kind == PTL_FRAME_IN ? _("received") : _("sent"));
        }
      if (peer != NULL && *peer != '\0')
        g_string_append_printf (info, " · %s", peer);
      g_string_append_printf (info, " · %s", time);
      if (frame->kind != PTL_FRAME_EVENT && (frame->flags & PTL_FRAME_TRUNCATED) != 0)
        {
          g_string_append (info, " · ");
          g_string_append_printf (info, _("cut off, it had %'u bytes"), frame->code);
        }
      if ((frame->flags & PTL_FRAME_NOT_STORED) != 0)
        {
          g_string_append (info, " · ");
          g_string_append_printf (info, _("%'u bytes counted, not recorded"), frame->code);
        }
      if ((frame->flags & PTL_FRAME_DATAGRAM) != 0)
        g_string_append_printf (info, " · %s", _("datagram"));
    }
  gtk_label_set_text (self->info_label, info->str);
  gtk_widget_set_visible (GTK_WIDGET (self->info_label), info->len > 0);
}

static bool
has_bytes (PtlInspector *self)
{
  return self->item != NULL && ptl_frame_item_get_frame (self->item)->kind != PTL_FRAME_EVENT &&
         ptl_frame_item_get_frame (self->item)->length > 0;
}

static void
update_selection (PtlInspector *self)
{
  g_autofree char *text = NULL;
  uint32_t start;
  uint32_t len;

  ptl_hex_view_get_selection (self->hex_view, &start, &len);
  if (!has_bytes (self) || g_str_equal (get_view (self), "text"))
    text = g_strdup ("");
  else if (len > 0)
    text = g_strdup_printf (ngettext ("Offset %'u (0x%x), %'u byte", "Offset %'u (0x%x), %'u bytes",
                                      len),
                            start, start, len);
  else
    text = g_strdup_printf (_("Offset %'u (0x%x)"), start, start);
  gtk_label_set_text (self->selection_label, text);
}

static void
update_view (PtlInspector *self)
{
  const char *view = get_view (self);
  bool text = !g_str_equal (view, "hex");
  bool bytes = has_bytes (self);

  gtk_widget_set_visible (self->text_box, text);
  gtk_widget_set_visible (self->hex_box, !g_str_equal (view, "text"));
  gtk_widget_set_hexpand (self->hex_scroller, !text);
  if (text && self->text_stale && bytes)
    show_text (self);
  gtk_widget_set_sensitive (self->copy_button, bytes);
  gtk_widget_set_visible (self->jump_button, bytes && !g_str_equal (view, "text"));
  update_selection (self);
}

static void
on_view_cb (GSimpleAction *action,
            GVariant      *value,
            gpointer       data)
{
  PtlInspector *self = PTL_INSPECTOR (data);
  const char *view = g_variant_get_string (value, NULL);

  if (!g_str_equal (view, "text") && !g_str_equal (view, "hex") && !g_str_equal (view, "both"))
    return;
  g_simple_action_set_state (action, value);
  update_view (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW]);
}

void
ptl_inspector_copy (PtlInspector *self,
                    const char   *as)
{
  g_return_if_fail (PTL_IS_INSPECTOR (self));

  if (self->item == NULL)
    return;
  if (ptl_frame_item_get_frame (self->item)->kind == PTL_FRAME_EVENT)
    {
      g_autofree char *words = ptl_frame_item_dup_preview (self->item);

      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), words);
      ptl_toast_show (GTK_WIDGET (self), _("Event copied"));
      return;
    }
  ptl_copy_bytes (GTK_WIDGET (self), self->item, as, 0,
                  ptl_frame_item_get_frame (self->item)->length);
}

static void
copy_selection (PtlInspector *self,
                const char   *as)
{
  uint32_t start;
  uint32_t len;

  if (!has_bytes (self))
    return;
  ptl_hex_view_get_selection (self->hex_view, &start, &len);
  if (len > 0 && !g_str_equal (get_view (self), "text"))
    ptl_copy_bytes (GTK_WIDGET (self), self->item, as, start, len);
  else
    ptl_inspector_copy (self, as);
}

static void
on_copy_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  copy_selection (PTL_INSPECTOR (data), g_variant_get_string (parameter, NULL));
}

static void
on_hex_copy_cb (PtlInspector *self)
{
  copy_selection (self, "hex");
}

static void
on_select_all_cb (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       data)
{
  PtlInspector *self = PTL_INSPECTOR (data);

  if (!has_bytes (self))
    return;
  ptl_hex_view_select (self->hex_view, 0, ptl_frame_item_get_frame (self->item)->length);
  if (g_str_equal (get_view (self), "text"))
    {
      GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
      GtkTextIter start;
      GtkTextIter end;

      gtk_text_buffer_get_bounds (buffer, &start, &end);
      gtk_text_buffer_select_range (buffer, &start, &end);
      gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
    }
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->hex_view));
}

static void
on_jump_cb (PtlInspector *self)
{
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->jump_entry))));
  bool hex = g_ascii_strncasecmp (text, "0x", 2) == 0;
  guint64 offset = 0;

  if (!has_bytes (self) ||
      !g_ascii_string_to_unsigned (hex ? text + 2 : text, hex ? 16 : 10, 0, G_MAXUINT32, &offset,
                                   NULL))
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->jump_entry), "error");
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->jump_entry), "error");
  gtk_popover_popdown (self->jump_popover);
  ptl_hex_view_select (self->hex_view, (uint32_t) offset, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->hex_view));
}

void
ptl_inspector_set_item (PtlInspector *self,
                        PtlFrameItem *item)
{
  const PtlFrame *frame = NULL;

  g_return_if_fail (PTL_IS_INSPECTOR (self));

  if (!g_set_object (&self->item, item))
    return;
  if (item != NULL)
    frame = ptl_frame_item_get_frame (item);
  self->text_bytes = PTL_INSPECTOR_TEXT_FIRST_BYTES;
  self->text_stale = true;
  if (has_bytes (self))
    {
      ptl_hex_view_set_frame (self->hex_view, ptl_frame_item_get_log (item), frame);
      gtk_stack_set_visible_child_name (self->stack, "bytes");
    }
  else
    {
      ptl_hex_view_set_frame (self->hex_view, NULL, NULL);
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), "", 0);
      if (frame != NULL && frame->kind == PTL_FRAME_EVENT)
        {
          ptl_event_details_fill (self->event_grid, item);
          gtk_stack_set_visible_child_name (self->stack, "event");
        }
      else
        {
          if (frame == NULL)
            gtk_label_set_text (self->none_label, _("Select a frame to see its bytes."));
          else if ((frame->flags & PTL_FRAME_NOT_STORED) != 0)
            gtk_label_set_text (self->none_label, _("These bytes were counted, but not recorded."));
          else
            gtk_label_set_text (self->none_label, _("A datagram of no bytes."));
          gtk_stack_set_visible_child_name (self->stack, "none");
        }
    }
  update_info (self);
  update_view (self);
}

static void
set_narrow (PtlInspector *self,
            gboolean      narrow)
{
  narrow = !!narrow;
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  gtk_box_set_homogeneous (self->bytes_box, narrow);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->bytes_box),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

/* Buttons and menus forget the actions above them when they are moved with them: they are told of
 * them anew, and made anew. */
static void
ptl_inspector_root (GtkWidget *widget)
{
  PtlInspector *self = PTL_INSPECTOR (widget);
  GtkMenuButton *button = GTK_MENU_BUTTON (self->copy_button);
  g_autoptr (GMenuModel) menu = g_object_ref (gtk_menu_button_get_menu_model (button));

  GTK_WIDGET_CLASS (ptl_inspector_parent_class)->root (widget);
  gtk_widget_insert_action_group (widget, "inspector", NULL);
  gtk_widget_insert_action_group (widget, "inspector", G_ACTION_GROUP (self->actions));
  gtk_menu_button_set_menu_model (button, NULL);
  gtk_menu_button_set_menu_model (button, menu);
}

static void
ptl_inspector_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  PtlInspector *self = PTL_INSPECTOR (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    case PROP_VIEW:
      g_value_set_string (value, get_view (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_inspector_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  PtlInspector *self = PTL_INSPECTOR (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;

    case PROP_VIEW:
      if (g_strcmp0 (get_view (self), g_value_get_string (value)) != 0)
        g_action_group_change_action_state (G_ACTION_GROUP (self->actions), "view",
                                            g_variant_new_string (g_value_get_string (value)));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_inspector_dispose (GObject *object)
{
  PtlInspector *self = PTL_INSPECTOR (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_INSPECTOR);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->actions);
  g_clear_object (&self->item);

  G_OBJECT_CLASS (ptl_inspector_parent_class)->dispose (object);
}

static void
ptl_inspector_class_init (PtlInspectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_inspector_dispose;
  object_class->get_property = ptl_inspector_get_property;
  object_class->set_property = ptl_inspector_set_property;
  widget_class->root = ptl_inspector_root;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_VIEW] =
    g_param_spec_string ("view", NULL, NULL, "both",
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_HEX_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, mode_box);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, info_label);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, selection_label);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, jump_button);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, jump_popover);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, jump_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, jump_confirm_button);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, none_label);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, bytes_box);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, hex_box);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, hex_scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, hex_view);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, text_box);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, text_view);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, more_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, more_label);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, more_button);
  gtk_widget_class_bind_template_child (widget_class, PtlInspector, event_grid);
}

static void
ptl_inspector_init (PtlInspector *self)
{
  static const GActionEntry entries[] = {
    { .name = "view", .parameter_type = "s", .state = "'both'", .change_state = on_view_cb },
    { .name = "copy", .activate = on_copy_cb, .parameter_type = "s" },
    { .name = "select-all", .activate = on_select_all_cb },
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_direction_set_fields (GTK_WIDGET (self->jump_entry));

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "inspector", G_ACTION_GROUP (self->actions));
  self->text_bytes = PTL_INSPECTOR_TEXT_FIRST_BYTES;

  /* Pango puts a hyphen where it breaks a word: that would not be what was received. */
  gtk_text_buffer_create_tag (gtk_text_view_get_buffer (self->text_view), "bytes",
                              "insert-hyphens", FALSE, NULL);
  g_signal_connect_swapped (self->hex_view, "selection-changed", G_CALLBACK (update_selection),
                            self);
  g_signal_connect_swapped (self->hex_view, "copy", G_CALLBACK (on_hex_copy_cb), self);
  g_signal_connect (self->text_view, "copy-clipboard", G_CALLBACK (on_copy_clipboard_cb), NULL);
  g_signal_connect_swapped (self->more_button, "clicked", G_CALLBACK (on_more_cb), self);
  g_signal_connect_swapped (self->jump_entry, "activate", G_CALLBACK (on_jump_cb), self);
  g_signal_connect_swapped (self->jump_confirm_button, "clicked", G_CALLBACK (on_jump_cb), self);
  update_view (self);
}
