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

/* What an entry of the history is made of: the protocol, what was typed, and what is chosen other
 * than when the form is new ("/W" is verbose, "no-follow" keeps to the first server). */
#define PTL_QUERY_HISTORY_FIELDS 4

/* Those fields with tabs between them, none in them; the last is left out where it is empty.
 * Owned. */
char *ptl_query_request_to_entry   (const PtlQueryRequest *request);
/* @fields: PTL_QUERY_HISTORY_FIELDS of them, those that an older entry does not have are "".
 * What @request points to is theirs. */
void  ptl_query_request_from_entry (PtlQueryRequest       *request,
                                    char                 **fields);

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
