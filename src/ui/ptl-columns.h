/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tables of the window share about their columns. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The width in pixels of @sample in a cell that is "numeric", in @widget's font. */
int  ptl_columns_measure    (GtkWidget  *widget,
                             const char *sample);
/* What is wider than @scroller shows its first columns to begin with, also where these are to the
 * right. */
void ptl_columns_keep_start (GtkScrolledWindow *scroller);

G_END_DECLS
