/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question to whois or finger servers, and what each of them answered.  Main thread only; what
 * takes time is done in threads. */
#pragma once

#include <gio/gio.h>

#include "model/ptl-job.h"
#include "model/ptl-table-store.h"
#include "probe/ptl-whois.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_QUERY_WHOIS,
  PTL_QUERY_FINGER
} PtlQueryKind;

typedef struct
{
  PtlQueryKind kind;
  const char  *query;  /* as typed: "example.org", "user@host" */
  const char  *server; /* as typed; "": whois starts at PTL_WHOIS_SERVER, finger asks the host
                        * of the query, or this computer */
  gboolean     follow;  /* whois: referrals */
  gboolean     verbose; /* finger: /W */
} PtlQueryRequest;

/* Its table is of PtlTableRow, the servers that were asked; its rates are of bytes. */
#define PTL_TYPE_QUERY_JOB (ptl_query_job_get_type ())
G_DECLARE_FINAL_TYPE (PtlQueryJob, ptl_query_job, PTL, QUERY_JOB, PtlJob)

PtlQueryJob *ptl_query_job_new        (void);
/* Ends what runs and forgets what came.  False: @error says what is wrong with what was typed. */
gboolean     ptl_query_job_start      (PtlQueryJob           *self,
                                       const PtlQueryRequest *request,
                                       GError               **error);
/* What the server of that row answered, safe to show; owned.  A line before it says in which
 * encoding it was read where it is not UTF-8. */
char        *ptl_query_job_dup_answer (PtlQueryJob           *self,
                                       PtlTableRow           *row);
/* All answers, each under a line that names its server; owned. */
char        *ptl_query_job_dup_all    (PtlQueryJob           *self);
char        *ptl_query_job_dup_status (PtlQueryJob           *self); /* owned */

G_END_DECLS
