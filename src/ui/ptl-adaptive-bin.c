/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds the content of the window and says whether it is narrow.  AdwBreakpoint does this since
 * libadwaita 1.4. */
#include "config.h"

#include "ptl-adaptive-bin.h"

/* Of the font that the breakpoint was chosen with. */
#define USUAL_POINTS 11

struct _PtlAdaptiveBin
{
  GtkWidget  parent_instance;

  /* owned */
  GtkWidget *child;

  int        wide_min; /* what the wide layout asked for last */
  guint      update_id;
  bool       narrow;
  bool       to_be_narrow;
};

enum
{
  PROP_0,
  PROP_CHILD,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlAdaptiveBin, ptl_adaptive_bin, GTK_TYPE_WIDGET)

/* Larger text makes the same window narrower, whether it was scaled or the font is larger. */
static double
get_text_scale (GtkWidget *widget)
{
  GtkSettings *settings = gtk_widget_get_settings (widget);
  g_autofree char *name = NULL;
  int dpi = 0;
  double scale = 1.0;

  g_object_get (settings, "gtk-xft-dpi", &dpi, "gtk-font-name", &name, NULL);
  if (dpi > 0)
    scale = dpi / (96.0 * 1024);
  if (name != NULL)
    {
      PangoFontDescription *font = pango_font_description_from_string (name);
      int size = pango_font_description_get_size (font);

      if (!pango_font_description_get_size_is_absolute (font) && size > USUAL_POINTS * PANGO_SCALE)
        scale *= (double) size / (USUAL_POINTS * PANGO_SCALE);
      pango_font_description_free (font);
    }
  return scale;
}

static bool
is_narrow (PtlAdaptiveBin *self,
           int             width)
{
  int breakpoint = (int) (PTL_ADAPTIVE_BREAKPOINT * get_text_scale (GTK_WIDGET (self)));

  return width < MAX (breakpoint, self->wide_min);
}

static void
set_narrow (PtlAdaptiveBin *self,
            bool            narrow)
{
  if (narrow == self->narrow)
    return;

  self->narrow = narrow;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

static gboolean
on_update_cb (gpointer data)
{
  PtlAdaptiveBin *self = data;

  self->update_id = 0;
  set_narrow (self, self->to_be_narrow);
  return G_SOURCE_REMOVE;
}

static void
ptl_adaptive_bin_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  PtlAdaptiveBin *self = PTL_ADAPTIVE_BIN (widget);
  int child_min = 0;

  if (self->child == NULL || !gtk_widget_should_layout (self->child))
    return;

  if (orientation == GTK_ORIENTATION_VERTICAL && for_size >= 0)
    {
      gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &child_min, NULL, NULL,
                          NULL);
      for_size = MAX (for_size, child_min);
    }
  gtk_widget_measure (self->child, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL && !self->narrow)
    *minimum = MIN (*minimum, PTL_ADAPTIVE_MIN_WIDTH);
}

static void
ptl_adaptive_bin_size_allocate (GtkWidget *widget,
                                int        width,
                                int        height,
                                int        baseline)
{
  PtlAdaptiveBin *self = PTL_ADAPTIVE_BIN (widget);
  int min_width, min_height;

  if (self->child == NULL || !gtk_widget_should_layout (self->child))
    return;

  gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &min_width, NULL, NULL, NULL);
  if (!self->narrow)
    self->wide_min = min_width;

  self->to_be_narrow = is_narrow (self, width);
  if (self->to_be_narrow != self->narrow && self->update_id == 0)
    self->update_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_update_cb, self, NULL);

  width = MAX (width, min_width);
  gtk_widget_measure (self->child, GTK_ORIENTATION_VERTICAL, width, &min_height, NULL, NULL, NULL);
  gtk_widget_allocate (self->child, width, MAX (height, min_height), baseline, NULL);
}

static void
ptl_adaptive_bin_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PtlAdaptiveBin *self = PTL_ADAPTIVE_BIN (object);

  switch (prop_id)
    {
    case PROP_CHILD:
      g_value_set_object (value, self->child);
      break;

    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_adaptive_bin_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  PtlAdaptiveBin *self = PTL_ADAPTIVE_BIN (object);

  switch (prop_id)
    {
    case PROP_CHILD:
      g_clear_pointer (&self->child, gtk_widget_unparent);
      self->child = g_value_get_object (value);
      if (self->child != NULL)
        gtk_widget_set_parent (self->child, GTK_WIDGET (self));
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_adaptive_bin_dispose (GObject *object)
{
  PtlAdaptiveBin *self = PTL_ADAPTIVE_BIN (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_pointer (&self->child, gtk_widget_unparent);

  G_OBJECT_CLASS (ptl_adaptive_bin_parent_class)->dispose (object);
}

static void
ptl_adaptive_bin_class_init (PtlAdaptiveBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_adaptive_bin_dispose;
  object_class->get_property = ptl_adaptive_bin_get_property;
  object_class->set_property = ptl_adaptive_bin_set_property;

  widget_class->measure = ptl_adaptive_bin_measure;
  widget_class->size_allocate = ptl_adaptive_bin_size_allocate;

  properties[PROP_CHILD] =
    g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_adaptive_bin_init (PtlAdaptiveBin *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

gboolean
ptl_adaptive_bin_get_narrow (PtlAdaptiveBin *self)
{
  g_return_val_if_fail (PTL_IS_ADAPTIVE_BIN (self), FALSE);

  return self->narrow;
}

void
ptl_adaptive_bin_expect (PtlAdaptiveBin *self,
                         int             width)
{
  g_return_if_fail (PTL_IS_ADAPTIVE_BIN (self));

  set_narrow (self, is_narrow (self, width));
}
