/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A job of Diagnose: whether it runs and how far it is, the table of what it finds, and how fast
 * that came.  Abstract.  Main thread only; what takes time is done in threads. */
#pragma once

#include <gio/gio.h>

#include "model/ptl-rates.h"
#include "model/ptl-table.h"

G_BEGIN_DECLS

/* Property "busy" (boolean, read only).  Signal "changed": that, or something of what a job tells,
 * is different. */
#define PTL_TYPE_JOB (ptl_job_get_type ())
G_DECLARE_DERIVABLE_TYPE (PtlJob, ptl_job, PTL, JOB, GObject)

struct _PtlJobClass
{
  GObjectClass parent_class;

  /* constants */
  guint      update_ms; /* between two looks at what has come */
  guint      tick_ms;   /* of the clock */

  /* NULL: it is over when it has begun. */
  void      (*stop)      (PtlJob  *self);
  /* NULL: it is never known. */
  double    (*get_done)  (PtlJob  *self);
  /* The store, when there is one. */
  PtlTable *(*get_table) (PtlJob  *self);
  /* There is news, maybe of what is gone by now; tells of it. */
  void      (*update)    (PtlJob  *self);
  /* What came since the clock was started. */
  void      (*count)     (PtlJob  *self,
                          guint64  totals[PTL_RATES_SERIES]);
};

/* Its end is told soon after; what was found by then stays. */
void            ptl_job_stop      (PtlJob *self);
gboolean        ptl_job_is_busy   (PtlJob *self);
/* How much of it is done, from 0 to 1; negative: that is not known, or it has no end. */
double          ptl_job_get_done  (PtlJob *self);
PtlTable       *ptl_job_get_table (PtlJob *self); /* borrowed */
const PtlRates *ptl_job_get_rates (PtlJob *self); /* borrowed; without steps: it counts nothing */

G_END_DECLS
