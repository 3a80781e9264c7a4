/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Round trips as a picture: of one target over time, with those that were lost, or of the hops of a
 * path beside each other. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-trace-job.h"
#include "probe/ptl-ping.h"

G_BEGIN_DECLS

#define PTL_TYPE_PROBE_GRAPH (ptl_probe_graph_get_type ())
G_DECLARE_FINAL_TYPE (PtlProbeGraph, ptl_probe_graph, PTL, PROBE_GRAPH, GtkWidget)

/* Oldest first; copied.  @what names it to who cannot see; the rest of that is told here. */
void ptl_probe_graph_set_samples (PtlProbeGraph       *self,
                                  const PtlPingSample *samples,
                                  guint                n_samples,
                                  const char          *what);
void ptl_probe_graph_set_bars    (PtlProbeGraph       *self,
                                  const PtlTraceBar   *bars,
                                  guint                n_bars,
                                  const char          *what);

G_END_DECLS
