/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rates of a session over the last two minutes, drawn small. */
#include "config.h"

#include "ui/ptl-graph.h"

#include <glib/gi18n.h>

#include "model/ptl-session.h"
#include "ui/ptl-tooltip.h"

#define GRAPH_WIDTH 120
#define GRAPH_HEIGHT 32

struct _PtlGraph
{
  GtkWidget parent_instance;

  size_t    n;
  double    rx[PTL_SESSION_RATES_MAX];
  double    tx[PTL_SESSION_RATES_MAX];
};

G_DEFINE_FINAL_TYPE (PtlGraph, ptl_graph, GTK_TYPE_WIDGET)

static void
ptl_graph_measure (GtkWidget      *widget,
                   GtkOrientation  orientation,
                   int             for_size,
                   int            *minimum,
                   int            *natural,
                   int            *minimum_baseline,
                   int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? GRAPH_WIDTH : GRAPH_HEIGHT;
}

static void
get_color (GtkWidget  *widget,
           const char *name,
           const char *fallback,
           GdkRGBA    *color)
{
  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), name, color))
    gdk_rgba_parse (color, fallback);
}

static void
draw_line (cairo_t       *cr,
           const double  *rates,
           size_t         n,
           double         top,
           double         width,
           double         height,
           const GdkRGBA *color,
           bool           filled)
{
  double step = width / (PTL_SESSION_RATES_MAX - 1);
  double left = width - (n - 1) * step;

  for (size_t i = 0; i < n; i++)
    {
      double x = left + i * step;
      double y = height - 1.5 - rates[i] / top * (height - 4);

      if (i == 0)
        cairo_move_to (cr, x, y);
      else
        cairo_line_to (cr, x, y);
    }
  gdk_cairo_set_source_rgba (cr, color);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (!filled)
    {
      cairo_stroke (cr);
      return;
    }
  cairo_stroke_preserve (cr);
  cairo_line_to (cr, width, height);
  cairo_line_to (cr, left, height);
  cairo_close_path (cr);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha * 0.25);
  cairo_fill (cr);
}

static void
ptl_graph_snapshot (GtkWidget   *widget,
                    GtkSnapshot *snapshot)
{
  PtlGraph *self = PTL_GRAPH (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  GdkRGBA color;
  double top = 1;
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  color.alpha *= 0.15f;
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (0, height - 1, width, 1));
  if (self->n < 2)
    return;

  for (size_t i = 0; i < self->n; i++)
    top = MAX (top, MAX (self->rx[i], self->tx[i]));
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  get_color (widget, "ptl_in_color", "#1c71d8", &color);
  draw_line (cr, self->rx, self->n, top, width, height, &color, true);
  get_color (widget, "ptl_out_color", "#e66100", &color);
  draw_line (cr, self->tx, self->n, top, width, height, &color, false);
  cairo_destroy (cr);
}

static void
ptl_graph_class_init (PtlGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = ptl_graph_measure;
  widget_class->snapshot = ptl_graph_snapshot;
  gtk_widget_class_set_css_name (widget_class, "ptlgraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ptl_graph_init (PtlGraph *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

void
ptl_graph_set_rates (PtlGraph     *self,
                     const double *rx,
                     const double *tx,
                     size_t        n,
                     const char   *text)
{
  g_autofree char *label = NULL;
  bool was_flat = true;

  g_return_if_fail (PTL_IS_GRAPH (self));

  n = MIN (n, PTL_SESSION_RATES_MAX);
  if (self->n == n)
    for (size_t i = 0; i < n && was_flat; i++)
      was_flat = rx[i] == 0 && tx[i] == 0 && self->rx[i] == 0 && self->tx[i] == 0;
  else
    was_flat = false;
  self->n = n;
  for (size_t i = 0; i < n; i++)
    {
      self->rx[i] = rx[i];
      self->tx[i] = tx[i];
    }

  label = g_strdup_printf (_("Rates of the last two minutes, now %s"), text != NULL ? text : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  ptl_tooltip_set (GTK_WIDGET (self), label);
  /* An idle session is not drawn again every second. */
  if (!was_flat)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}
