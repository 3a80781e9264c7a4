/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of one frame in hexadecimal, of any length: only the rows in view are read and drawn.
 *
 *   0010  50 79 74 68 6f 6e 2c 20  63 6c 69 65 6e 74 0d 0a  Python, client..
 *
 * GtkScrollable with doubles as pixels, so that 4 GiB of bytes have a scroll bar too. */
#include "config.h"

#include "ui/ptl-hex-view-private.h"

#include <glib/gi18n.h>

#include "base/ptl-codec.h"

#define COLUMNS_MAX 16
#define SPOKEN_BYTES_MAX 16 /* of a selection, for assistive tools */

static void ptl_hex_view_scrollable_init (GtkScrollableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlHexView, ptl_hex_view, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE,
                                                      ptl_hex_view_scrollable_init))

enum
{
  PROP_0,
  PROP_HADJUSTMENT,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY
};

/* Characters of a row with n bytes: offset, two spaces, the hex part, a space more in its middle,
 * a space, the text part. */
unsigned
ptl_hex_view_get_hex_column (PtlHexView *self,
                             unsigned    i)
{
  return self->digits + 2 + 3 * i + (i >= 8 ? 1 : 0);
}

unsigned
ptl_hex_view_get_text_column (PtlHexView *self,
                              unsigned    i)
{
  return self->digits + 2 + 3 * self->columns + (self->columns > 8 ? 1 : 0) + 1 + i;
}

static uint64_t
get_n_rows (PtlHexView *self)
{
  return ((uint64_t) self->frame.length + self->columns - 1) / self->columns;
}

/* Digits and points are of no script: Pango takes them from a font that has the letters of the
 * user's language, and such a font need not be one of fixed width (Hebrew has none in many places).
 * Rows of digits and rows with letters would have other widths, so all are English. */
static PangoLayout *
create_layout (PtlHexView *self,
               const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes,
                          pango_attr_language_new (pango_language_from_string ("en")));
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

static void
update_metrics (PtlHexView *self)
{
  g_autoptr (PangoLayout) layout = create_layout (self, "00000000");
  int width;
  int height;

  pango_layout_get_size (layout, &width, &height);
  self->char_width = width / 8.0 / PANGO_SCALE;
  self->row_height = MAX (1, PANGO_PIXELS_CEIL (height) + 2);
}

static void
configure (PtlHexView *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  uint32_t top;
  unsigned columns;
  double upper;

  if (self->row_height == 0)
    update_metrics (self);
  self->digits = self->frame.length > 0x10000 ? 8 : 4;
  top = self->vadjustment == NULL
          ? 0
          : (uint32_t) (gtk_adjustment_get_value (self->vadjustment) / self->row_height) *
              self->columns;
  columns = self->columns;
  for (self->columns = COLUMNS_MAX; self->columns > 1; self->columns /= 2)
    if ((ptl_hex_view_get_text_column (self, self->columns) * self->char_width) +
        2 * PTL_HEX_VIEW_PADDING <= width)
      break;

  if (self->hadjustment != NULL)
    gtk_adjustment_configure (self->hadjustment, 0, 0, width, 1, width, width);
  if (self->vadjustment == NULL)
    return;
  upper = MAX ((double) get_n_rows (self) * self->row_height + 2 * PTL_HEX_VIEW_PADDING, height);
  gtk_adjustment_configure (self->vadjustment,
                            CLAMP (columns == self->columns
                                     ? gtk_adjustment_get_value (self->vadjustment)
                                     : (double) (top / self->columns) * self->row_height,
                                   0, upper - height),
                            0, upper, self->row_height, MAX (height - self->row_height, 1), height);
}

/* A row's bytes, from what was read last or from the log. */
static size_t
read_row (PtlHexView     *self,
          uint64_t        start,
          const uint8_t **bytes)
{
  size_t want = MIN (self->columns, self->frame.length - start);

  if (start < self->cache_start || start + want > self->cache_start + self->cache_len)
    {
      ssize_t n = ptl_log_read (self->log, &self->frame, (uint32_t) start, self->cache,
                                PTL_HEX_VIEW_CACHE_BYTES);

      self->cache_start = start;
      self->cache_len = n > 0 ? (size_t) n : 0;
      want = MIN (want, self->cache_len);
    }
  *bytes = self->cache + (start - self->cache_start);
  return want;
}

static void
get_range (PtlHexView *self,
           uint64_t   *start,
           uint64_t   *end)
{
  *start = MIN (self->anchor, self->cursor);
  *end = (uint64_t) MAX (self->anchor, self->cursor) + 1;
}

static void
ptl_hex_view_snapshot (GtkWidget   *widget,
                       GtkSnapshot *snapshot)
{
  PtlHexView *self = PTL_HEX_VIEW (widget);
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  g_autoptr (PangoLayout) layout = NULL;
  double value = gtk_adjustment_get_value (self->vadjustment);
  int height = gtk_widget_get_height (widget);
  uint64_t first = (uint64_t) MAX (0, (value - PTL_HEX_VIEW_PADDING) / self->row_height);
  uint64_t last = MIN (get_n_rows (self), (uint64_t) ((value + height) / self->row_height) + 1);
  uint64_t selection_start;
  uint64_t selection_end;
  GdkRGBA color;
  GdkRGBA dim;
  GdkRGBA selection;
  bool focused = gtk_widget_has_focus (widget);

  if (self->log == NULL || self->frame.length == 0)
    return;
  gtk_style_context_get_color (context, &color);
  dim = color;
  dim.alpha *= 0.55f;
  if (!gtk_style_context_lookup_color (context, "accent_bg_color", &selection))
    gdk_rgba_parse (&selection, "#3584e4");
  selection.alpha = focused ? 0.45f : 0.25f;
  get_range (self, &selection_start, &selection_end);
  layout = create_layout (self, NULL);

  for (uint64_t row = first; row < last; row++)
    {
      uint64_t start = row * self->columns;
      double y = PTL_HEX_VIEW_PADDING + (double) row * self->row_height - value;
      const uint8_t *bytes;
      size_t n = read_row (self, start, &bytes);
      char text[128];
      int len;

      for (size_t i = 0; i < n; i++)
        {
          uint64_t at = start + i;
          bool next = at + 1 < selection_end && i + 1 < n;

          if (self->selecting ? at >= selection_start && at < selection_end : at == self->cursor)
            {
              GdkRGBA back = selection;
              double x = PTL_HEX_VIEW_PADDING +
                         ptl_hex_view_get_hex_column (self, (unsigned) i) * self->char_width;
              double width = 2;

              if (self->selecting && next)
                width = ptl_hex_view_get_hex_column (self, (unsigned) i + 1) -
                        ptl_hex_view_get_hex_column (self, (unsigned) i);
              if (!self->selecting && !focused)
                back.alpha = 0.15f;
              gtk_snapshot_append_color (snapshot, &back,
                                         &GRAPHENE_RECT_INIT ((float) x, (float) y,
                                                              (float) (width * self->char_width),
                                                              (float) self->row_height));
              x = PTL_HEX_VIEW_PADDING +
                  ptl_hex_view_get_text_column (self, (unsigned) i) * self->char_width;
              gtk_snapshot_append_color (snapshot, &back,
                                         &GRAPHENE_RECT_INIT ((float) x, (float) y,
                                                              (float) self->char_width,
                                                              (float) self->row_height));
            }
        }

      len = g_snprintf (text, sizeof text, "%0*" G_GINT64_MODIFIER "x", (int) self->digits, start);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (PTL_HEX_VIEW_PADDING, (float) y + 1));
      pango_layout_set_text (layout, text, len);
      gtk_snapshot_append_layout (snapshot, layout, &dim);

      len = 0;
      for (size_t i = 0; i < self->columns; i++)
        {
          if (i == 8)
            text[len++] = ' ';
          if (i < n)
            len += g_snprintf (text + len, sizeof text - (size_t) len, "%02x ", bytes[i]);
          else
            {
              memcpy (text + len, "   ", 3);
              len += 3;
            }
        }
      text[len++] = ' ';
      for (size_t i = 0; i < n; i++)
        text[len++] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.';
      gtk_snapshot_translate (snapshot,
                              &GRAPHENE_POINT_INIT ((float) ((self->digits + 2) * self->char_width),
                                                    0));
      pango_layout_set_text (layout, text, len);
      gtk_snapshot_append_layout (snapshot, layout, &color);
      gtk_snapshot_restore (snapshot);
    }
}

static void
ptl_hex_view_measure (GtkWidget      *widget,
                      GtkOrientation  orientation,
                      int             for_size,
                      int            *minimum,
                      int            *natural,
                      int            *minimum_baseline,
                      int            *natural_baseline)
{
  PtlHexView *self = PTL_HEX_VIEW (widget);

  if (self->row_height == 0)
    update_metrics (self);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 48;
      *natural = (int) (77 * self->char_width) + 2 * PTL_HEX_VIEW_PADDING;
    }
  else
    {
      *minimum = self->row_height + 2 * PTL_HEX_VIEW_PADDING;
      *natural = 6 * self->row_height + 2 * PTL_HEX_VIEW_PADDING;
    }
}

static void
ptl_hex_view_size_allocate (GtkWidget *widget,
                            int        width,
                            int        height,
                            int        baseline)
{
  configure (PTL_HEX_VIEW (widget));
}

static void
ptl_hex_view_css_changed (GtkWidget         *widget,
                          GtkCssStyleChange *change)
{
  PtlHexView *self = PTL_HEX_VIEW (widget);

  GTK_WIDGET_CLASS (ptl_hex_view_parent_class)->css_changed (widget, change);
  self->row_height = 0;
  gtk_widget_queue_resize (widget);
}

static void
ptl_hex_view_system_setting_changed (GtkWidget        *widget,
                                     GtkSystemSetting  setting)
{
  GTK_WIDGET_CLASS (ptl_hex_view_parent_class)->system_setting_changed (widget, setting);
  PTL_HEX_VIEW (widget)->row_height = 0;
  gtk_widget_queue_resize (widget);
}

void
ptl_hex_view_scroll_to_cursor (PtlHexView *self)
{
  double y = PTL_HEX_VIEW_PADDING + (double) (self->cursor / self->columns) * self->row_height;
  double value;
  double page;

  if (self->vadjustment == NULL)
    return;
  value = gtk_adjustment_get_value (self->vadjustment);
  page = gtk_adjustment_get_page_size (self->vadjustment);
  if (y < value)
    gtk_adjustment_set_value (self->vadjustment, y - PTL_HEX_VIEW_PADDING);
  else if (y + self->row_height > value + page)
    gtk_adjustment_set_value (self->vadjustment,
                              y + self->row_height + PTL_HEX_VIEW_PADDING - page);
}

void
ptl_hex_view_selection_changed (PtlHexView *self)
{
  g_autofree char *description = NULL;

  if (self->log == NULL || self->frame.length == 0)
    description = g_strdup (_("no bytes"));
  else
    {
      uint8_t bytes[SPOKEN_BYTES_MAX];
      uint64_t start = self->cursor;
      uint64_t end = start + 1;
      g_autofree char *hex = NULL;
      ssize_t n;

      if (self->selecting)
        get_range (self, &start, &end);
      n = ptl_log_read (self->log, &self->frame, (uint32_t) start, bytes,
                        (size_t) MIN (end - start, sizeof bytes));
      hex = ptl_codec_to_hex (bytes, n > 0 ? (size_t) n : 0);
      description = g_strdup_printf (_("offset %u: %s"), (guint) start, hex);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "selection-changed");
}

static void
on_focus_cb (PtlHexView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
set_adjustment (PtlHexView     *self,
                GtkAdjustment **field,
                GtkAdjustment  *adjustment)
{
  if (adjustment == NULL)
    adjustment = gtk_adjustment_new (0, 0, 0, 0, 0, 0);
  if (*field == adjustment)
    return;
  if (*field != NULL)
    {
      g_signal_handlers_disconnect_by_data (*field, self);
      g_clear_object (field);
    }
  *field = g_object_ref_sink (adjustment);
  g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
ptl_hex_view_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  PtlHexView *self = PTL_HEX_VIEW (object);

  switch (prop_id)
    {
    case PROP_HADJUSTMENT:
      g_value_set_object (value, self->hadjustment);
      break;

    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->vadjustment);
      break;

    case PROP_HSCROLL_POLICY:
      g_value_set_enum (value, self->hscroll_policy);
      break;

    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, self->vscroll_policy);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_hex_view_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  PtlHexView *self = PTL_HEX_VIEW (object);

  switch (prop_id)
    {
    case PROP_HADJUSTMENT:
      set_adjustment (self, &self->hadjustment, g_value_get_object (value));
      break;

    case PROP_VADJUSTMENT:
      set_adjustment (self, &self->vadjustment, g_value_get_object (value));
      break;

    case PROP_HSCROLL_POLICY:
      self->hscroll_policy = (guint) g_value_get_enum (value) & 1;
      break;

    case PROP_VSCROLL_POLICY:
      self->vscroll_policy = (guint) g_value_get_enum (value) & 1;
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_hex_view_dispose (GObject *object)
{
  PtlHexView *self = PTL_HEX_VIEW (object);

  if (self->hadjustment != NULL)
    g_signal_handlers_disconnect_by_data (self->hadjustment, self);
  if (self->vadjustment != NULL)
    g_signal_handlers_disconnect_by_data (self->vadjustment, self);
  g_clear_object (&self->hadjustment);
  g_clear_object (&self->vadjustment);
  g_clear_pointer (&self->log, ptl_log_unref);

  G_OBJECT_CLASS (ptl_hex_view_parent_class)->dispose (object);
}

static void
ptl_hex_view_scrollable_init (GtkScrollableInterface *iface)
{
}

static void
ptl_hex_view_class_init (PtlHexViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_hex_view_dispose;
  object_class->get_property = ptl_hex_view_get_property;
  object_class->set_property = ptl_hex_view_set_property;

  widget_class->measure = ptl_hex_view_measure;
  widget_class->size_allocate = ptl_hex_view_size_allocate;
  widget_class->snapshot = ptl_hex_view_snapshot;
  widget_class->css_changed = ptl_hex_view_css_changed;
  widget_class->system_setting_changed = ptl_hex_view_system_setting_changed;

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");

  g_signal_new ("selection-changed", PTL_TYPE_HEX_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new ("copy", PTL_TYPE_HEX_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_css_name (widget_class, "ptlhexview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TEXT_BOX);
}

static void
ptl_hex_view_init (PtlHexView *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->columns = COLUMNS_MAX;
  self->digits = 4;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  /* A hex dump reads from left to right in every language. */
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_widget_add_css_class (GTK_WIDGET (self), "view");
  gtk_widget_add_css_class (GTK_WIDGET (self), "monospace");
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "text");

  g_signal_connect_swapped (focus, "enter", G_CALLBACK (on_focus_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_focus_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  ptl_hex_view_init_input (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Bytes in hexadecimal"),
                                  GTK_ACCESSIBLE_PROPERTY_READ_ONLY, TRUE,
                                  GTK_ACCESSIBLE_PROPERTY_MULTI_LINE, TRUE, -1);
}

void
ptl_hex_view_set_frame (PtlHexView     *self,
                        PtlLog         *log,
                        const PtlFrame *frame)
{
  g_return_if_fail (PTL_IS_HEX_VIEW (self));

  if (log != NULL)
    ptl_log_ref (log);
  g_clear_pointer (&self->log, ptl_log_unref);
  self->log = log;
  self->frame = log != NULL && frame != NULL ? *frame : (PtlFrame) { 0 };
  self->cursor = self->anchor = 0;
  self->selecting = false;
  self->cache_len = 0;
  if (self->vadjustment != NULL)
    {
      gtk_adjustment_set_value (self->vadjustment, 0);
      configure (self);
    }
  ptl_hex_view_selection_changed (self);
}

void
ptl_hex_view_get_selection (PtlHexView *self,
                            uint32_t   *start,
                            uint32_t   *len_bytes)
{
  uint64_t from;
  uint64_t to;

  g_return_if_fail (PTL_IS_HEX_VIEW (self));

  get_range (self, &from, &to);
  *start = self->selecting ? (uint32_t) from : self->cursor;
  *len_bytes = self->selecting ? (uint32_t) (to - from) : 0;
}

void
ptl_hex_view_select (PtlHexView *self,
                     uint32_t    start,
                     uint32_t    len_bytes)
{
  g_return_if_fail (PTL_IS_HEX_VIEW (self));

  if (self->frame.length == 0)
    return;
  start = MIN (start, self->frame.length - 1);
  len_bytes = MIN (len_bytes, self->frame.length - start);
  self->cursor = start;
  self->anchor = len_bytes > 0 ? start + len_bytes - 1 : start;
  self->selecting = len_bytes > 0;
  ptl_hex_view_scroll_to_cursor (self);
  ptl_hex_view_selection_changed (self);
}
