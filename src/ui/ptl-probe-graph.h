/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job as a picture: the round trips of one target over time, with those that were lost; those of
 * the hops of a path beside each other; or how fast it went. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-rates.h"
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

/* What is counted: the first series is what one looks for, the last what is not sure. */
typedef enum
{
  PTL_PROBE_GRAPH_PORTS,
  PTL_PROBE_GRAPH_BYTES,
  PTL_PROBE_GRAPH_DATAGRAMS
} PtlProbeGraphUnit;

void ptl_probe_graph_set_rates   (PtlProbeGraph       *self,
                                  const PtlRates      *rates,
                                  PtlProbeGraphUnit    unit);

G_END_DECLS
