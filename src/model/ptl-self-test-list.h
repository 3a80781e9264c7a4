/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A self-test as a table: an address in each row, a type of socket in each column.  Main thread; it
 * runs in others. */
#pragma once

#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_TYPE_SELF_TEST_LIST (ptl_self_test_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlSelfTestList, ptl_self_test_list, PTL, SELF_TEST_LIST, GObject)

/* Properties: "running" (boolean), "progress" (double, 0 to 1), "summary" (string, NULL before the
 * first start); all read only. */
PtlSelfTestList *ptl_self_test_list_new   (void);
/* From the beginning; FALSE and @error when it cannot be begun. */
gboolean     ptl_self_test_list_start     (PtlSelfTestList  *self,
                                           GError          **error);
/* What has not been tried yet is told to be stopped. */
void         ptl_self_test_list_stop      (PtlSelfTestList  *self);
gboolean     ptl_self_test_list_is_running (PtlSelfTestList *self);
PtlTable    *ptl_self_test_list_get_table (PtlSelfTestList  *self); /* borrowed */
const char  *ptl_self_test_list_get_summary (PtlSelfTestList *self);
/* The whole of why @item (of the table) failed, a paragraph for each type; owned, "" where nothing
 * failed. */
char        *ptl_self_test_list_dup_reasons (PtlSelfTestList *self,
                                             gpointer         item);

G_END_DECLS
