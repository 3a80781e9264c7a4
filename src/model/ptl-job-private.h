/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a job is made of. */
#pragma once

#include "model/ptl-bridge-private.h"
#include "model/ptl-job.h"
#include "model/ptl-table-store.h"

G_BEGIN_DECLS

/* Notifies when it is different, and tells in any case. */
void           ptl_job_set_busy    (PtlJob               *self,
                                    gboolean              busy);
/* Emits "changed". */
void           ptl_job_tell        (PtlJob               *self);
/* Closed after the finalizer of the class: nobody may post to it any more by then. */
PtlBridge     *ptl_job_get_bridge  (PtlJob               *self);
/* Any thread that is joined before the job goes; @job is one.  update() is called soon, once for
 * all that was told by then. */
void           ptl_job_wake        (void                 *job);
/* Borrowed; once. */
PtlTableStore *ptl_job_make_store  (PtlJob               *self,
                                    const PtlTableColumn *columns,
                                    guint                 n_columns);

/* Rates: added when they are known, or counted by a clock, which tells after each tick. */
void           ptl_job_clear_rates (PtlJob               *self);
void           ptl_job_add_rates   (PtlJob               *self,
                                    guint64               elapsed_ns,
                                    const guint64         totals[PTL_RATES_SERIES]);
void           ptl_job_start_clock (PtlJob               *self);
void           ptl_job_count       (PtlJob               *self);
void           ptl_job_stop_clock  (PtlJob               *self);
/* From its start until now, or until it was stopped. */
double         ptl_job_get_seconds (PtlJob               *self);

G_END_DECLS
