/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several tables in one text or one JSON object, for a report of a fault.  Main thread; a long one
 * is written in slices. */
#pragma once

#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_TYPE_REPORT (ptl_report_get_type ())
G_DECLARE_FINAL_TYPE (PtlReport, ptl_report, PTL, REPORT, GObject)

PtlReport  *ptl_report_new          (void);
/* A line at its head: what program, which system ...  @name is for programs, @title for people. */
void        ptl_report_add_fact     (PtlReport            *self,
                                     const char           *name,
                                     const char           *title,
                                     const char           *value);
/* @name must not be there yet; FALSE when it is. */
gboolean    ptl_report_add_table    (PtlReport            *self,
                                     const char           *name,
                                     const char           *title,
                                     PtlTable             *table);
guint       ptl_report_get_n_tables (PtlReport            *self);
const char *ptl_report_get_title    (PtlReport            *self,
                                     guint                 nth); /* borrowed */
PtlTable   *ptl_report_get_table    (PtlReport            *self,
                                     guint                 nth); /* borrowed */
/* All are in it at first. */
void        ptl_report_set_included (PtlReport            *self,
                                     guint                 nth,
                                     gboolean              included);

/* @format: PTL_TABLE_TEXT or PTL_TABLE_JSON; the rows are those of when it comes to their table. */
void        ptl_report_export_async  (PtlReport           *self,
                                      PtlTableFormat       format,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             data);
char       *ptl_report_export_finish (PtlReport           *self,
                                      GAsyncResult        *result,
                                      GError             **error);

G_END_DECLS
