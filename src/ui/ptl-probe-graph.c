/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Round trips and rates as a picture. */
#include "config.h"

#include "ui/ptl-probe-graph.h"

#include <math.h>

#include <glib/gi18n.h>

#include "model/ptl-icmp-text.h"

#define GRAPH_WIDTH 160
#define GRAPH_HEIGHT 96
#define RATES_HEIGHT 56
#define MARGIN_TOP 4
#define STEP_MIN 3.0   /* pixels between two probes */
#define STEP_MAX 14.0
#define BAR_MAX 56.0
#define SCALE_WIDTH 64.0 /* of what stands before the bars */

struct _PtlProbeGraph
{
  GtkWidget     parent_instance;

  PtlPingSample samples[PTL_PING_SAMPLES];
  guint         n_samples;
  PtlTraceBar   bars[PTL_TRACE_HOPS_MAX];
  guint         n_bars;
  PtlRates      rates;
  PtlProbeGraphUnit unit;
  enum
  {
    OF_ROUND_TRIPS,
    OF_HOPS,
    OF_RATES
  } kind;
};

G_DEFINE_FINAL_TYPE (PtlProbeGraph, ptl_probe_graph, GTK_TYPE_WIDGET)

static void
ptl_probe_graph_measure (GtkWidget      *widget,
                         GtkOrientation  orientation,
                         int             for_size,
                         int            *minimum,
                         int            *natural,
                         int            *minimum_baseline,
                         int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL           ? GRAPH_WIDTH
                        : PTL_PROBE_GRAPH (widget)->kind == OF_RATES ? RATES_HEIGHT
                                                                     : GRAPH_HEIGHT;
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

/* The next of 1, 2, 5, 10 ... that is not below. */
static double
round_up (double value)
{
  double power = pow (10, floor (log10 (value)));
  double digit = value / power;

  return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

static void
draw_text (GtkWidget     *widget,
           GtkSnapshot   *snapshot,
           const char    *text,
           double         x,
           double         y,
           double         align,
           const GdkRGBA *color,
           int           *height)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int text_width, text_height;

  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (x - align * text_width),
                                                          (float) y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
  if (height != NULL)
    *height = text_height;
}

static char *
dup_time (double value_ms)
{
  return ptl_icmp_time_to_text (value_ms * 1e6);
}

static char *
dup_rate (double value)
{
  return g_strdup_printf (_("%'.0f a second"), value);
}

static char *
dup_byte_rate (double value)
{
  g_autofree char *size = g_format_size ((guint64) value);

  return g_strdup_printf (_("%s a second"), size);
}

/* Lines at the top and in the middle, with what they stand for. */
static void
draw_scale (GtkWidget   *widget,
            GtkSnapshot *snapshot,
            double       top,
            char      *(*dup_text) (double value),
            double       width,
            double       bottom)
{
  GdkRGBA color, dim;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  dim = color;
  dim.alpha *= 0.12f;
  color.alpha *= 0.6f;
  for (int i = 0; i <= 2; i++)
    gtk_snapshot_append_color (snapshot, &dim,
                               &GRAPHENE_RECT_INIT (0, (float) (MARGIN_TOP + (bottom - MARGIN_TOP)
                                                                * i / 2.0), (float) width, 1));
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *text = dup_text (top / (i + 1));

      draw_text (widget, snapshot, text, 2, MARGIN_TOP + (bottom - MARGIN_TOP) * i / 2.0, 0, &color,
                 NULL);
    }
}

/* --- over time -------------------------------------------------------------------------------- */

static void
draw_samples (PtlProbeGraph *self,
              GtkSnapshot   *snapshot,
              double         width,
              double         height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double step = CLAMP (width / 60.0, STEP_MIN, STEP_MAX);
  guint n = MIN (self->n_samples, (guint) (width / step));
  const PtlPingSample *first = self->samples + self->n_samples - n;
  double bottom = height - 2, top_ms = 0;
  gboolean joined = FALSE;
  GdkRGBA line, lost, odd;
  cairo_t *cr;

  for (guint i = 0; i < n; i++)
    if (first[i].kind == PTL_PING_SAMPLE_ANSWERED || first[i].kind == PTL_PING_SAMPLE_LATE)
      top_ms = MAX (top_ms, first[i].us / 1e3);
  top_ms = round_up (MAX (top_ms * 1.05, 0.001));
  draw_scale (widget, snapshot, top_ms, dup_time, width, bottom);

  get_color (widget, "accent_color", "#1c71d8", &line);
  get_color (widget, "error_color", "#c01c28", &lost);
  get_color (widget, "warning_color", "#ae7b03", &odd);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width,
                                                                 (float) height));
  for (guint i = 0; i < n; i++)
    {
      double x = width - (n - i - 0.5) * step;
      const GdkRGBA *color = first[i].kind == PTL_PING_SAMPLE_LOST ? &lost : &odd;

      if (first[i].kind != PTL_PING_SAMPLE_LOST && first[i].kind != PTL_PING_SAMPLE_ERROR
          && first[i].kind != PTL_PING_SAMPLE_UNSENT)
        continue;
      cairo_set_source_rgba (cr, color->red, color->green, color->blue, 0.25);
      cairo_rectangle (cr, x - step / 2, MARGIN_TOP, step, bottom - MARGIN_TOP);
      cairo_fill (cr);
      gdk_cairo_set_source_rgba (cr, color);
      cairo_rectangle (cr, x - step / 2, bottom - 4, step, 4);
      cairo_fill (cr);
    }
  gdk_cairo_set_source_rgba (cr, &line);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i < n; i++)
    {
      double x = width - (n - i - 0.5) * step;
      double y = bottom - MIN (first[i].us / 1e3 / top_ms, 1) * (bottom - MARGIN_TOP);

      if (first[i].kind != PTL_PING_SAMPLE_ANSWERED && first[i].kind != PTL_PING_SAMPLE_LATE)
        {
          joined = FALSE;
          continue;
        }
      if (joined)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      joined = TRUE;
    }
  cairo_stroke (cr);
  for (guint i = 0; i < n; i++)
    {
      double x = width - (n - i - 0.5) * step;
      double y = bottom - MIN (first[i].us / 1e3 / top_ms, 1) * (bottom - MARGIN_TOP);

      if (first[i].kind != PTL_PING_SAMPLE_ANSWERED && first[i].kind != PTL_PING_SAMPLE_LATE)
        continue;
      gdk_cairo_set_source_rgba (cr, first[i].kind == PTL_PING_SAMPLE_LATE ? &odd : &line);
      cairo_arc (cr, x, y, MIN (step / 2, 2.5), 0, 2 * G_PI);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
}

/* --- of hops ---------------------------------------------------------------------------------- */

static void
draw_bars (PtlProbeGraph *self,
           GtkSnapshot   *snapshot,
           double         width,
           double         height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  double slot = MIN ((width - SCALE_WIDTH) / self->n_bars, BAR_MAX), top_ms = 0, bottom;
  GdkRGBA line, lost, color;
  gboolean numbers = slot >= 14;
  int text_height = 0;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  color.alpha *= 0.6f;
  get_color (widget, "accent_color", "#1c71d8", &line);
  get_color (widget, "error_color", "#c01c28", &lost);
  if (numbers)
    {
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "0");

      pango_layout_get_pixel_size (layout, NULL, &text_height);
    }
  bottom = height - text_height - 2;
  for (guint i = 0; i < self->n_bars; i++)
    if (self->bars[i].answers)
      top_ms = MAX (top_ms, self->bars[i].worst);
  top_ms = round_up (MAX (top_ms * 1.05, 0.001));
  draw_scale (widget, snapshot, top_ms, dup_time, width, bottom);
  for (guint i = 0; i < self->n_bars; i++)
    {
      const PtlTraceBar *bar = &self->bars[i];
      double x = SCALE_WIDTH + (i + 0.5) * slot, thick = MIN (slot * 0.5, 18);
      double scale = (bottom - MARGIN_TOP) / top_ms;
      GdkRGBA light = line;

      light.alpha *= 0.35f;
      if (bar->answers)
        {
          gtk_snapshot_append_color (snapshot, &light,
                                     &GRAPHENE_RECT_INIT ((float) (x - thick / 2),
                                                          (float) (bottom - bar->worst * scale),
                                                          (float) thick,
                                                          (float) MAX ((bar->worst - bar->best)
                                                                       * scale, 1)));
          gtk_snapshot_append_color (snapshot, &line,
                                     &GRAPHENE_RECT_INIT ((float) (x - thick / 2),
                                                          (float) (bottom - bar->avg * scale - 1.5),
                                                          (float) thick, 3));
        }
      if (bar->loss > 0)
        gtk_snapshot_append_color (snapshot, &lost,
                                   &GRAPHENE_RECT_INIT ((float) (x - thick / 2),
                                                        (float) (bottom - (bottom - MARGIN_TOP)
                                                                 * bar->loss / 100),
                                                        2, (float) ((bottom - MARGIN_TOP)
                                                                    * bar->loss / 100)));
      if (numbers)
        {
          g_autofree char *text = g_strdup_printf ("%u", bar->hop);

          draw_text (widget, snapshot, text, x, bottom + 1, 0.5, &color, NULL);
        }
    }
}

/* --- of rates --------------------------------------------------------------------------------- */

/* From the beginning to now, whichever that is. */
static void
draw_rates (PtlProbeGraph *self,
            GtkSnapshot   *snapshot,
            double         width,
            double         height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const PtlRates *rates = &self->rates;
  double bottom = height - 1, top = round_up (MAX (ptl_rates_get_most (rates), 1));
  double scale = (bottom - MARGIN_TOP) / top * 1e9 / (double) rates->step_ns;
  char *(*dup_text) (double) = self->unit == PTL_PROBE_GRAPH_BYTES ? dup_byte_rate : dup_rate;
  g_autofree char *text = dup_text (top);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  GdkRGBA colors[PTL_RATES_SERIES];
  double left, slot;
  int text_width;

  pango_layout_get_pixel_size (layout, &text_width, NULL);
  left = MIN (text_width + 12, width / 2);
  slot = (width - left) / MAX (rates->n_steps, PTL_RATES_MAX / 4);
  get_color (widget, self->unit == PTL_PROBE_GRAPH_PORTS ? "success_color" : "accent_color",
             "#1c71d8", &colors[0]);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colors[1]);
  colors[1].alpha *= 0.3f;
  get_color (widget, "warning_color", "#ae7b03", &colors[2]);
  for (guint i = 0; i < rates->n_steps; i++)
    {
      double y = bottom;

      for (guint series = 0; series < PTL_RATES_SERIES; series++)
        {
          double h = rates->counts[i][series] * scale;

          /* One open port among thousands is to be seen. */
          if (rates->counts[i][series] > 0)
            h = MAX (h, 2);
          y -= h;
          gtk_snapshot_append_color (snapshot, &colors[series],
                                     &GRAPHENE_RECT_INIT ((float) (left + i * slot), (float) y,
                                                          (float) MAX (slot - 1, 1), (float) h));
        }
    }
  draw_scale (widget, snapshot, top, dup_text, width, bottom);
}

static void
ptl_probe_graph_snapshot (GtkWidget   *widget,
                          GtkSnapshot *snapshot)
{
  PtlProbeGraph *self = PTL_PROBE_GRAPH (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);

  if (width <= 0 || height <= 0)
    return;
  if (self->kind == OF_RATES)
    draw_rates (self, snapshot, width, height);
  else if (self->kind == OF_HOPS && self->n_bars > 0)
    draw_bars (self, snapshot, width, height);
  else if (self->kind == OF_ROUND_TRIPS && self->n_samples > 0)
    draw_samples (self, snapshot, width, height);
}

static void
ptl_probe_graph_class_init (PtlProbeGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = ptl_probe_graph_measure;
  widget_class->snapshot = ptl_probe_graph_snapshot;
  gtk_widget_class_set_css_name (widget_class, "ptlprobegraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ptl_probe_graph_init (PtlProbeGraph *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (GTK_WIDGET (self), "caption");
}

static void
set_label (PtlProbeGraph *self,
           const char    *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), label);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
ptl_probe_graph_set_samples (PtlProbeGraph       *self,
                             const PtlPingSample *samples,
                             guint                n_samples,
                             const char          *what)
{
  g_autofree char *label = NULL, *last = NULL;
  guint n_lost = 0;

  g_return_if_fail (PTL_IS_PROBE_GRAPH (self));

  self->kind = OF_ROUND_TRIPS;
  self->n_samples = MIN (n_samples, PTL_PING_SAMPLES);
  for (guint i = 0; i < self->n_samples; i++)
    {
      self->samples[i] = samples[i];
      n_lost += samples[i].kind == PTL_PING_SAMPLE_LOST || samples[i].kind == PTL_PING_SAMPLE_ERROR;
      if (samples[i].kind == PTL_PING_SAMPLE_ANSWERED || samples[i].kind == PTL_PING_SAMPLE_LATE)
        {
          g_free (last);
          last = ptl_icmp_time_to_text (samples[i].us * 1e3);
        }
    }
  label = g_strdup_printf (ngettext ("Round trips of %s: last %s, %u of the last %u probe lost",
                                     "Round trips of %s: last %s, %u of the last %u probes lost",
                                     self->n_samples),
                           what, last != NULL ? last : "–", n_lost, self->n_samples);
  set_label (self, label);
}

void
ptl_probe_graph_set_bars (PtlProbeGraph     *self,
                          const PtlTraceBar *bars,
                          guint              n_bars,
                          const char        *what)
{
  g_autofree char *label = NULL;

  g_return_if_fail (PTL_IS_PROBE_GRAPH (self));

  self->kind = OF_HOPS;
  self->n_bars = MIN (n_bars, PTL_TRACE_HOPS_MAX);
  for (guint i = 0; i < self->n_bars; i++)
    self->bars[i] = bars[i];
  label = g_strdup_printf (ngettext ("Best, average and worst round trip of %u hop: %s",
                                     "Best, average and worst round trips of %u hops: %s",
                                     self->n_bars), self->n_bars, what);
  set_label (self, label);
}

void
ptl_probe_graph_set_rates (PtlProbeGraph     *self,
                           const PtlRates    *rates,
                           PtlProbeGraphUnit  unit)
{
  g_autofree char *label = NULL, *most = NULL;

  g_return_if_fail (PTL_IS_PROBE_GRAPH (self));

  if (self->kind != OF_RATES)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  self->kind = OF_RATES;
  self->rates = *rates;
  self->unit = unit;
  most = unit == PTL_PROBE_GRAPH_BYTES ? dup_byte_rate (ptl_rates_get_most (rates))
                                       : dup_rate (ptl_rates_get_most (rates));
  label = g_strdup_printf (unit == PTL_PROBE_GRAPH_PORTS   ? _("Checked over time: at most %s")
                           : unit == PTL_PROBE_GRAPH_BYTES ? _("Received over time: at most %s")
                                                           : _("Came over time: at most %s"),
                           most);
  set_label (self, label);
}
