/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening to a group or to broadcasts: what comes as a table, and whether it works.  Main thread
 * only. */
#pragma once

#include <gio/gio.h>

#include "model/ptl-job.h"
#include "model/ptl-table-store.h"
#include "probe/ptl-hear.h"

G_BEGIN_DECLS

#define PTL_HEAR_ROWS_MAX 1000 /* of the newest datagrams; the table keeps no more */

/* Its rates are of datagrams. */
#define PTL_TYPE_HEAR_JOB (ptl_hear_job_get_type ())
G_DECLARE_FINAL_TYPE (PtlHearJob, ptl_hear_job, PTL, HEAR_JOB, PtlJob)

PtlHearJob *ptl_hear_job_new        (void);
/* @group as typed ("224.0.0.251", "ff02::fb", "255.255.255.255"), @port as typed, @device the name
 * of an interface.  False: @error. */
gboolean    ptl_hear_job_start      (PtlHearJob  *self,
                                     const char  *group,
                                     const char  *port,
                                     const char  *device,
                                     GError     **error);
char       *ptl_hear_job_dup_status (PtlHearJob  *self); /* owned */
/* Whether it works on the interface, and if not, why; owned.  *@tone (may be NULL) how that is
 * meant. */
char       *ptl_hear_job_dup_check  (PtlHearJob   *self,
                                     PtlTableTone *tone);

/* The interfaces of this computer, of PtlHearInterface; read in a thread. */
void        ptl_hear_interfaces_async  (GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             data);
GArray     *ptl_hear_interfaces_finish (GAsyncResult        *result,
                                        GError             **error);

G_END_DECLS
