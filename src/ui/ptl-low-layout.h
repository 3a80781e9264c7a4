/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that are shown whole where there is room, and scroll where they would push out the rest. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The one child of @widget has to be a GtkScrolledWindow.  Itself that cannot do it: with a
 * scroll bar for the height it asks for the height of words that do not wrap (GTK 4.8). */
void ptl_low_layout_set (GtkWidget *widget);

G_END_DECLS
