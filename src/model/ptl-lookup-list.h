/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many names at once: a list model of results, in the order in which they come or sorted.  Main
 * thread; the asking is done in the DNS client's. */
#pragma once

#include <gio/gio.h>

#include "lookup/ptl-dns-client.h"
#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_LOOKUP_LIST_MAX 100000    /* lines that are taken; more are counted as left out */
#define PTL_LOOKUP_LIST_FLIGHT 100    /* questions on their way at once */
#define PTL_LOOKUP_LIST_NEWS_MAX 2048 /* results that wait for the main thread; then asking waits */
#define PTL_LOOKUP_LIST_ANSWER_MAX 400 /* characters of an answer that are shown */
/* Bytes of longer ones that are kept in full, all together, for what is copied and exported; beyond
 * that they are kept as shown, and their status says so. */
#define PTL_LOOKUP_LIST_WHOLE_MAX (32u << 20)
/* Results that are put in order at once; more of them in a thread, and the order is there later. */
#define PTL_LOOKUP_LIST_SORT_MAX 10000

typedef enum
{
  PTL_LOOKUP_LIST_NAME,
  PTL_LOOKUP_LIST_TYPE,
  PTL_LOOKUP_LIST_ANSWER,
  PTL_LOOKUP_LIST_STATUS,
  PTL_LOOKUP_LIST_TTL,
  PTL_LOOKUP_LIST_TIME,
  PTL_LOOKUP_LIST_N_COLUMNS
} PtlLookupListColumn;

/* What a line was taken for. */
typedef enum
{
  PTL_LOOKUP_LIST_HOST, /* a name or an address */
  PTL_LOOKUP_LIST_PORT,
  PTL_LOOKUP_LIST_INTERFACE,
  PTL_LOOKUP_LIST_UNKNOWN
} PtlLookupListKind;

/* An item: a place in the list, while somebody looks at it (ptl-places.h).  Signal "changed": it
 * stands for another result. */
#define PTL_TYPE_LOOKUP_LIST_ITEM (ptl_lookup_list_item_get_type ())
G_DECLARE_FINAL_TYPE (PtlLookupListItem, ptl_lookup_list_item, PTL, LOOKUP_LIST_ITEM, GObject)

/* Borrowed; as typed.  NULL: it stands for nothing any more. */
const char       *ptl_lookup_list_item_get_name  (PtlLookupListItem *self);
PtlLookupListKind ptl_lookup_list_item_get_kind  (PtlLookupListItem *self);
/* Of its result, which stays what it is until other names are asked for; or G_MAXUINT. */
guint             ptl_lookup_list_item_get_index (PtlLookupListItem *self);

/* A PtlTable.  What comes and what is sorted is told a few rows at a time. */
#define PTL_TYPE_LOOKUP_LIST (ptl_lookup_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlLookupList, ptl_lookup_list, PTL, LOOKUP_LIST, GObject)

/* Properties: "busy" (boolean, read only), "n-done" (uint, read only).
 * Signal "updated": results may have other places. */
PtlLookupList *ptl_lookup_list_new    (void);
/* Asks for each line of @text (a name; an address: its PTR; a port: its services; an interface: its
 * addresses), of @type, at @server (this computer's own when empty); comments are skipped.  False
 * and @error when nothing can be asked. */
gboolean       ptl_lookup_list_start  (PtlLookupList        *self,
                                       const char           *text,
                                       guint                 type,
                                       const char           *server,
                                       GError              **error);
/* Those that are not answered stay out of the list. */
void           ptl_lookup_list_cancel (PtlLookupList        *self);
gboolean       ptl_lookup_list_is_busy (PtlLookupList       *self);
guint          ptl_lookup_list_get_n_wanted   (PtlLookupList *self);
guint          ptl_lookup_list_get_n_left_out (PtlLookupList *self);
/* From a “#” to the end of its line: not asked. */
guint          ptl_lookup_list_get_n_comments (PtlLookupList *self);
/* Where that result is in the list, or G_MAXUINT. */
guint          ptl_lookup_list_find           (PtlLookupList *self,
                                               guint          index);

G_END_DECLS
