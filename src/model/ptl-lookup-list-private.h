/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the list of many names and its asking share. */
#pragma once

#include "model/ptl-lookup-list.h"

G_BEGIN_DECLS

typedef struct
{
  char                *name;    /* as typed; safe to show */
  char                *answer;
  char                *status;
  guint32              ttl;
  guint64              time_ns;
  guint16              type;    /* 0: a port */
  PtlLookupListKind    kind;
  bool                 failed;
  bool                 empty;   /* the name is there, and has no record of the type */
  bool                 has_ttl;
} PtlLookupResult;

typedef struct _PtlLookupListJob PtlLookupListJob;

void              ptl_lookup_result_clear    (PtlLookupResult    *result);

/* Begins at once.  Takes @lines, an array that ends with NULL; @client has to outlive it. */
PtlLookupListJob *ptl_lookup_list_job_new    (PtlDnsClient       *client,
                                              char              **lines,
                                              guint16             type,
                                              const PtlAddress   *servers,
                                              guint               n_servers);
/* NULL is fine.  What was asked goes on until it is answered or cancelled. */
void              ptl_lookup_list_job_unref  (PtlLookupListJob   *job);
void              ptl_lookup_list_job_cancel (PtlLookupListJob   *job);
guint             ptl_lookup_list_job_get_n_lines (const PtlLookupListJob *job);
/* What has come since, of PtlLookupResult; owned, and so is what is in it.  @ended: there will be
 * no more. */
GArray           *ptl_lookup_list_job_fetch  (PtlLookupListJob   *job,
                                              gboolean           *ended);

/* --- ptl-lookup-list-order.c --- */

/* By @column, equal ones as they came.  @results are borrowed. */
typedef struct
{
  const PtlLookupResult *const *results;
  PtlLookupListColumn           column;
  bool                          descending;
} PtlLookupOrder;

/* @indices is sorted in its first @n_sorted places; all @n of them afterwards. */
void ptl_lookup_order_sort (const PtlLookupOrder *order,
                            guint                *indices,
                            guint                 n_sorted,
                            guint                 n);

G_END_DECLS
