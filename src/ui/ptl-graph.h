/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rates of a session over the last two minutes, drawn small. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_TYPE_GRAPH (ptl_graph_get_type ())
G_DECLARE_FINAL_TYPE (PtlGraph, ptl_graph, PTL, GRAPH, GtkWidget)

/* Bytes per second, oldest first; copied.  @text says the current figures to who cannot see. */
void       ptl_graph_set_rates (PtlGraph     *self,
                                const double *rx,
                                const double *tx,
                                size_t        n,
                                const char   *text);

G_END_DECLS
