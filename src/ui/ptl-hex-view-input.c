/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys and mouse of the hex view. */
#include "config.h"

#include "ui/ptl-hex-view-private.h"

static void
move_cursor (PtlHexView *self,
             uint64_t    to,
             bool        extend)
{
  if (self->frame.length == 0)
    return;
  to = MIN (to, self->frame.length - 1);
  if (!extend)
    self->anchor = (uint32_t) to;
  self->cursor = (uint32_t) to;
  self->selecting = extend;
  ptl_hex_view_scroll_to_cursor (self);
  ptl_hex_view_selection_changed (self);
}

static gboolean
on_key_pressed_cb (PtlHexView      *self,
                   guint            keyval,
                   guint            keycode,
                   GdkModifierType  state)
{
  bool extend = (state & GDK_SHIFT_MASK) != 0;
  bool control = (state & GDK_CONTROL_MASK) != 0;
  uint64_t at = self->cursor;
  uint64_t page =
    (uint64_t) MAX (1, gtk_widget_get_height (GTK_WIDGET (self)) / self->row_height - 1) *
                  self->columns;
  uint64_t last = self->frame.length > 0 ? self->frame.length - 1 : 0;

  if ((state & GDK_ALT_MASK) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      at -= at > 0 ? 1 : 0;
      break;

    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      at++;
      break;

    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      at -= at >= self->columns ? self->columns : 0;
      break;

    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      at += at + self->columns <= last ? self->columns : 0;
      break;

    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      at = at >= page ? at - page : at % self->columns;
      break;

    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      at += page;
      break;

    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      at = control ? 0 : at - at % self->columns;
      break;

    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      at = control ? last : at - at % self->columns + self->columns - 1;
      break;

    case GDK_KEY_a:
    case GDK_KEY_A:
      if (!control)
        return GDK_EVENT_PROPAGATE;
      ptl_hex_view_select (self, 0, self->frame.length);
      return GDK_EVENT_STOP;

    case GDK_KEY_c:
    case GDK_KEY_C:
      if (!control)
        return GDK_EVENT_PROPAGATE;
      g_signal_emit_by_name (self, "copy");
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
  move_cursor (self, at, extend);
  return GDK_EVENT_STOP;
}

static uint64_t
get_offset_at (PtlHexView *self,
               double      x,
               double      y)
{
  double value = gtk_adjustment_get_value (self->vadjustment);
  double column = (x - PTL_HEX_VIEW_PADDING) / self->char_width;
  double row = (y + value - PTL_HEX_VIEW_PADDING) / self->row_height;
  uint64_t start = row <= 0 ? 0 : (uint64_t) row * self->columns;
  unsigned i;

  if (column >= ptl_hex_view_get_text_column (self, 0))
    i = (unsigned) (column - ptl_hex_view_get_text_column (self, 0));
  else
    for (i = 0; i + 1 < self->columns; i++)
      if (column < ptl_hex_view_get_hex_column (self, i) + 2.5)
        break;
  return start + MIN (i, self->columns - 1);
}

static void
on_drag_begin_cb (PtlHexView     *self,
                  double          x,
                  double          y,
                  GtkGestureDrag *gesture)
{
  GdkModifierType state =
    gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  move_cursor (self, get_offset_at (self, x, y), (state & GDK_SHIFT_MASK) != 0);
}

static void
on_drag_update_cb (PtlHexView     *self,
                   double          dx,
                   double          dy,
                   GtkGestureDrag *gesture)
{
  double x;
  double y;
  uint64_t at;

  if (self->frame.length == 0 || !gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  at = MIN (get_offset_at (self, x + dx, y + dy), self->frame.length - 1);
  if (at != self->cursor || self->selecting)
    move_cursor (self, at, true);
}

void
ptl_hex_view_init_input (PtlHexView *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (on_drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (on_drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
