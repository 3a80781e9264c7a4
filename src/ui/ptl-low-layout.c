/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that are shown whole where there is room, and scroll where they would push out the rest. */
#include "config.h"

#include "ui/ptl-low-layout.h"

/* As high as the words at least, up to that; more only where nobody else needs it. */
#define MIN_HEIGHT_PX 72
#define MAX_HEIGHT_PX 240

static void
on_measure_cb (GtkWidget     *widget,
               GtkOrientation orientation,
               int            for_size,
               int           *minimum,
               int           *natural,
               int           *minimum_baseline,
               int           *natural_baseline)
{
  GtkWidget *scrolled = gtk_widget_get_first_child (widget);
  GtkWidget *viewport = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (scrolled));
  int least;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (scrolled, orientation, -1, minimum, natural, NULL, NULL);
      return;
    }
  gtk_widget_measure (viewport, orientation, for_size, NULL, natural, NULL, NULL);
  gtk_widget_measure (scrolled, orientation, for_size, &least, NULL, NULL, NULL);
  *minimum = MAX (MIN (*natural, MIN_HEIGHT_PX), least);
  *natural = MAX (MIN (*natural, MAX_HEIGHT_PX), *minimum);
}

static void
on_allocate_cb (GtkWidget *widget,
                int        width,
                int        height,
                int        baseline)
{
  gtk_widget_allocate (gtk_widget_get_first_child (widget), width, height, baseline, NULL);
}

static GtkSizeRequestMode
on_mode_cb (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

void
ptl_low_layout_set (GtkWidget *widget)
{
  gtk_widget_set_layout_manager (widget, gtk_custom_layout_new (on_mode_cb, on_measure_cb,
                                                                on_allocate_cb));
}
