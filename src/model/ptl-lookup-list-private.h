/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the list of many names and its asking share. */
#pragma once

#include "model/ptl-lookup-list.h"

G_BEGIN_DECLS

/* One allocation: there are many of them. */
typedef struct
{
  guint64              time_ns;
  GRefString          *status;  /* owned; the same for most */
  const char          *answer;  /* behind the name */
  char                *shown;   /* owned; the answer with its names in Unicode; NULL: as it is */
  guint32              ttl;
  guint16              type;    /* 0: a port, an interface */
  guint                kind : 8; /* PtlLookupListKind */
  guint                failed : 1;
  guint                empty : 1; /* the name is there, and has no record of the type */
  guint                has_ttl : 1;
  char                 name[];  /* as typed; safe to show */
} PtlLookupResult;

typedef struct _PtlLookupListJob PtlLookupListJob;

/* Copies all three; any thread. */
PtlLookupResult  *ptl_lookup_result_new      (const char         *name,
                                              const char         *answer,
                                              const char         *status);
void              ptl_lookup_result_free     (gpointer            result);

/* Begins at once.  Takes @lines, an array that ends with NULL; @client has to outlive it; @room: of
 * long answers. */
PtlLookupListJob *ptl_lookup_list_job_new    (PtlDnsClient       *client,
                                              char              **lines,
                                              guint16             type,
                                              const PtlAddress   *servers,
                                              guint               n_servers,
                                              size_t              room);
/* NULL is fine.  What was asked goes on until it is answered or cancelled. */
void              ptl_lookup_list_job_unref  (PtlLookupListJob   *job);
void              ptl_lookup_list_job_cancel (PtlLookupListJob   *job);
guint             ptl_lookup_list_job_get_n_lines (const PtlLookupListJob *job);
/* What has come since, of PtlLookupResult; owned.  @ended: there will be no more. */
GPtrArray        *ptl_lookup_list_job_fetch  (PtlLookupListJob   *job,
                                              gboolean           *ended);

/* For tests: another maximum than PTL_LOOKUP_LIST_WHOLE_MAX. */
void              ptl_lookup_list_set_room   (PtlLookupList      *self,
                                              size_t              bytes);

/* --- ptl-lookup-list-cells.c --- */

/* What is shown in @column.  Owned. */
char *ptl_lookup_result_to_text (const PtlLookupResult *result,
                                 PtlLookupListColumn    column);

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
