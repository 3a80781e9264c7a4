/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket calls of a session as a GListModel of PtlCallItem.  Main thread only. */
#pragma once

#include <gio/gio.h>

#include "engine/ptl-calls.h"

G_BEGIN_DECLS

#define PTL_TYPE_CALL_ITEM (ptl_call_item_get_type ())
G_DECLARE_FINAL_TYPE (PtlCallItem, ptl_call_item, PTL, CALL_ITEM, GObject)

/* Properties, notified in sync while the row lives (folded calls grow): "text", "result",
 * "failed" (boolean), "explanation". */
uint64_t             ptl_call_item_get_sequence (PtlCallItem *self);
const PtlCallRecord *ptl_call_item_get_record   (PtlCallItem *self);
const char          *ptl_call_item_get_text     (PtlCallItem *self);
const char          *ptl_call_item_get_result   (PtlCallItem *self);
const char          *ptl_call_item_get_explanation (PtlCallItem *self);

#define PTL_TYPE_CALL_LIST (ptl_call_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlCallList, ptl_call_list, PTL, CALL_LIST, GObject)

PtlCallList *ptl_call_list_new  (PtlCalls *calls); /* references it; NULL: empty forever */
/* Takes over what was added, dropped and folded since the last time: at most one items-changed at
 * each end.  True when something changed. */
bool         ptl_call_list_sync (PtlCallList *self);
uint64_t     ptl_call_list_get_n_dropped (PtlCallList *self); /* older ones, no longer there */

G_END_DECLS
