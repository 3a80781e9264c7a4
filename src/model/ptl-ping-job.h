/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ping of several targets as a table: names looked up, rows filled in as answers come.  Main
 * thread; nothing here waits. */
#pragma once

#include "model/ptl-job.h"
#include "model/ptl-table-store.h"
#include "probe/ptl-ping.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_PING_JOB_TARGET,
  PTL_PING_JOB_NOTE,
  PTL_PING_JOB_SENT,
  PTL_PING_JOB_RECEIVED,
  PTL_PING_JOB_LOSS,
  PTL_PING_JOB_LAST,
  PTL_PING_JOB_AVG,
  PTL_PING_JOB_MIN,
  PTL_PING_JOB_MAX,
  PTL_PING_JOB_MDEV,
  PTL_PING_JOB_JITTER,
  PTL_PING_JOB_TTL,
  PTL_PING_JOB_ADDRESS,
  PTL_PING_JOB_N_COLUMNS
} PtlPingJobColumn;

/* It tells of changes at most 20 times a second. */
#define PTL_TYPE_PING_JOB (ptl_ping_job_get_type ())
G_DECLARE_FINAL_TYPE (PtlPingJob, ptl_ping_job, PTL, PING_JOB, PtlJob)

PtlPingJob *ptl_ping_job_new         (void);
/* Begins anew with the hosts in @text, with spaces or commas between them; @family AF_UNSPEC: the
 * one that getaddrinfo(3) has first.  False and @error when they cannot be read, or there are too
 * many; then all stays as it was. */
gboolean    ptl_ping_job_start       (PtlPingJob            *self,
                                      const char            *text,
                                      const PtlPingOptions  *options,
                                      int                    family,
                                      GError               **error);
/* By which sockets, and why; owned. */
char       *ptl_ping_job_dup_method  (PtlPingJob            *self);
/* All targets in one line; owned. */
char       *ptl_ping_job_dup_summary (PtlPingJob            *self);
/* What is known of the target of @row, in sentences; owned. */
char       *ptl_ping_job_dup_details (PtlPingJob            *self,
                                      PtlTableRow           *row);
guint       ptl_ping_job_get_samples (PtlPingJob            *self,
                                      PtlTableRow           *row,
                                      PtlPingSample          samples[PTL_PING_SAMPLES]);

G_END_DECLS
