/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace of the route to a target as a table: the name looked up, a row for each router of each
 * hop, their names filled in as they come.  Main thread; nothing here waits. */
#pragma once

#include "model/ptl-job.h"
#include "model/ptl-table-store.h"
#include "probe/ptl-trace.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_TRACE_JOB_HOP,
  PTL_TRACE_JOB_ADDRESS,
  PTL_TRACE_JOB_NAME,
  PTL_TRACE_JOB_NOTE,
  PTL_TRACE_JOB_LOSS,
  PTL_TRACE_JOB_SENT,
  PTL_TRACE_JOB_LAST,
  PTL_TRACE_JOB_AVG,
  PTL_TRACE_JOB_BEST,
  PTL_TRACE_JOB_WORST,
  PTL_TRACE_JOB_STDEV,
  PTL_TRACE_JOB_N_COLUMNS
} PtlTraceJobColumn;

/* What the graph draws of a hop; times in milliseconds. */
typedef struct
{
  guint    hop;
  gboolean answers;
  double   best;
  double   avg;
  double   worst;
  double   loss; /* in percent; negative: not known */
} PtlTraceBar;

/* It tells of changes at most 20 times a second. */
#define PTL_TYPE_TRACE_JOB (ptl_trace_job_get_type ())
G_DECLARE_FINAL_TYPE (PtlTraceJob, ptl_trace_job, PTL, TRACE_JOB, PtlJob)

PtlTraceJob *ptl_trace_job_new         (void);
/* Begins anew.  False and @error when @text is no host; then all stays as it was. */
gboolean     ptl_trace_job_start       (PtlTraceJob            *self,
                                        const char             *text,
                                        const PtlTraceOptions  *options,
                                        int                     family,
                                        GError                **error);
/* By which sockets, and why; owned. */
char        *ptl_trace_job_dup_method  (PtlTraceJob            *self);
/* Where it leads and how far; owned. */
char        *ptl_trace_job_dup_summary (PtlTraceJob            *self);
/* Whether that is why there is no trace. */
gboolean     ptl_trace_job_has_failed  (PtlTraceJob            *self);
/* The path MTU and what lowers it; owned, "" when it was not looked for. */
char        *ptl_trace_job_dup_mtu     (PtlTraceJob            *self);
guint        ptl_trace_job_get_bars    (PtlTraceJob            *self,
                                        PtlTraceBar             bars[PTL_TRACE_HOPS_MAX]);

G_END_DECLS
