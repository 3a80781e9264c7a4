/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cell with one line of text: shaped when it is drawn, measured once for its column. */
#include "config.h"

#include "ui/ptl-cell.h"

#include <math.h>

#include "ui/ptl-direction.h"

#define MIN_CHARS 3

struct _PtlCell
{
  GtkWidget     parent_instance;

  PtlCellStyle *style;  /* borrowed */
  char         *text;   /* owned, never NULL */
  PangoLayout  *layout; /* owned; NULL until the text is drawn */
  int           layout_width;
};

G_DEFINE_FINAL_TYPE (PtlCell, ptl_cell, GTK_TYPE_WIDGET)

void
ptl_cell_style_clear (PtlCellStyle *style)
{
  style->valid = FALSE;
  g_clear_pointer (&style->font, pango_font_description_free);
}

static void
measure_font (PtlCell *self)
{
  PtlCellStyle *style = self->style;
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);

  ptl_cell_style_clear (style);
  style->height = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));
  if (style->height == 0)
    style->height = PANGO_PIXELS_CEIL (pango_font_metrics_get_ascent (metrics) +
                                       pango_font_metrics_get_descent (metrics));
  style->char_width =
    PANGO_PIXELS_CEIL (MAX (pango_font_metrics_get_approximate_char_width (metrics),
                            pango_font_metrics_get_approximate_digit_width (metrics)));
  style->font = pango_font_description_copy (pango_context_get_font_description (context));
  style->valid = TRUE;
  pango_font_metrics_unref (metrics);
}

static void
ptl_cell_measure (GtkWidget      *widget,
                  GtkOrientation  orientation,
                  int             for_size,
                  int            *minimum,
                  int            *natural,
                  int            *minimum_baseline,
                  int            *natural_baseline)
{
  PtlCell *self = PTL_CELL (widget);

  if (!self->style->valid)
    measure_font (self);
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL
                          ? self->style->height
                          : MIN_CHARS * self->style->char_width;
}

static void
make_layout (PtlCell *self,
             int      width)
{
  if (self->layout == NULL)
    {
      g_autofree char *marked = ptl_direction_dup_marked (GTK_WIDGET (self), self->text);

      self->layout = gtk_widget_create_pango_layout (GTK_WIDGET (self),
                                                     marked != NULL ? marked : self->text);
      pango_layout_set_single_paragraph_mode (self->layout, TRUE);
      if (self->style->features != NULL)
        {
          g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

          pango_attr_list_insert (attributes, pango_attr_font_features_new (self->style->features));
          pango_layout_set_attributes (self->layout, attributes);
        }
      if (!self->style->clip)
        pango_layout_set_ellipsize (self->layout, PANGO_ELLIPSIZE_END);
      self->layout_width = -1;
    }
  if (!self->style->clip && width != self->layout_width)
    pango_layout_set_width (self->layout, width * PANGO_SCALE);
  self->layout_width = width;
}

static void
ptl_cell_snapshot (GtkWidget   *widget,
                   GtkSnapshot *snapshot)
{
  PtlCell *self = PTL_CELL (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  double xalign = self->style->xalign;
  PangoRectangle logical;
  GdkRGBA color;
  double x, y;
  bool clip;

  if (*self->text == '\0' || width <= 0)
    return;
  make_layout (self, width);
  pango_layout_get_pixel_extents (self->layout, NULL, &logical);
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    xalign = 1 - xalign;
  clip = logical.width > width || logical.height > height;
  x = logical.width > width ? 0 : floor (xalign * (width - logical.width));
  y = floor (0.5 * (height - logical.height));
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);

  if (clip)
    gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (x - logical.x), (float) y));
  gtk_snapshot_append_layout (snapshot, self->layout, &color);
  gtk_snapshot_restore (snapshot);
  if (clip)
    gtk_snapshot_pop (snapshot);
}

static void
ptl_cell_css_changed (GtkWidget         *widget,
                      GtkCssStyleChange *change)
{
  PtlCell *self = PTL_CELL (widget);

  GTK_WIDGET_CLASS (ptl_cell_parent_class)->css_changed (widget, change);
  if (self->layout == NULL)
    return;
  g_clear_object (&self->layout);
  if (self->style->font != NULL &&
      !pango_font_description_equal (
        self->style->font,
        pango_context_get_font_description (gtk_widget_get_pango_context (widget))))
    {
      ptl_cell_style_clear (self->style);
      gtk_widget_queue_resize (widget);
    }
  gtk_widget_queue_draw (widget);
}

static void
ptl_cell_system_setting_changed (GtkWidget        *widget,
                                 GtkSystemSetting  setting)
{
  PtlCell *self = PTL_CELL (widget);

  GTK_WIDGET_CLASS (ptl_cell_parent_class)->system_setting_changed (widget, setting);
  g_clear_object (&self->layout);
  gtk_widget_queue_resize (widget);
}

static void
ptl_cell_direction_changed (GtkWidget        *widget,
                            GtkTextDirection  previous)
{
  PtlCell *self = PTL_CELL (widget);

  GTK_WIDGET_CLASS (ptl_cell_parent_class)->direction_changed (widget, previous);
  g_clear_object (&self->layout);
}

static void
ptl_cell_dispose (GObject *object)
{
  g_clear_object (&PTL_CELL (object)->layout);

  G_OBJECT_CLASS (ptl_cell_parent_class)->dispose (object);
}

static void
ptl_cell_finalize (GObject *object)
{
  g_free (PTL_CELL (object)->text);

  G_OBJECT_CLASS (ptl_cell_parent_class)->finalize (object);
}

static void
ptl_cell_class_init (PtlCellClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_cell_dispose;
  object_class->finalize = ptl_cell_finalize;

  widget_class->measure = ptl_cell_measure;
  widget_class->snapshot = ptl_cell_snapshot;
  widget_class->css_changed = ptl_cell_css_changed;
  widget_class->system_setting_changed = ptl_cell_system_setting_changed;
  widget_class->direction_changed = ptl_cell_direction_changed;
  gtk_widget_class_set_css_name (widget_class, "label");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
ptl_cell_init (PtlCell *self)
{
  self->text = g_strdup ("");
}

GtkWidget *
ptl_cell_new (PtlCellStyle *style)
{
  PtlCell *self = g_object_new (PTL_TYPE_CELL, NULL);

  self->style = style;
  return GTK_WIDGET (self);
}

void
ptl_cell_set_text (PtlCell    *self,
                   const char *text)
{
  g_return_if_fail (PTL_IS_CELL (self));

  if (g_str_equal (self->text, text))
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  if (self->layout != NULL)
    {
      g_autofree char *marked = ptl_direction_dup_marked (GTK_WIDGET (self), text);

      pango_layout_set_text (self->layout, marked != NULL ? marked : text, -1);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
