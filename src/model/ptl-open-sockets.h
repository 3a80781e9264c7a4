/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open sockets of this computer that a search finds: a PtlTable of PtlSocketRow, kept up to
 * date while it is watched.
 *
 * Sockets are read, searched and put in order in threads; here only what has changed is told.
 * Where few rows come and go, just these are told, and the others stay where they are; where many
 * do (a search, another order), an item is a place in the list (ptl-places.h).  What is still to go
 * is blank meanwhile.
 *
 * Main thread only. */
#pragma once

#include "model/ptl-socket-row.h"
#include "model/ptl-socket-view.h"
#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_OPEN_SOCKETS_PAUSE_MS 1000  /* from one reading to the next */
#define PTL_OPEN_SOCKETS_CHURN_MAX 24u  /* rows that come and go where somebody looks */

#define PTL_TYPE_OPEN_SOCKETS (ptl_open_sockets_get_type ())
G_DECLARE_FINAL_TYPE (PtlOpenSockets, ptl_open_sockets, PTL, OPEN_SOCKETS, GObject)

/* Signal "updated": another search, order or reading is in. */
PtlOpenSockets    *ptl_open_sockets_new          (void);
/* Once, also while nobody watches: a report of the page wants them. */
void               ptl_open_sockets_read         (PtlOpenSockets    *self);
/* While watching, the sockets are read again and again. */
void               ptl_open_sockets_set_watching (PtlOpenSockets    *self,
                                                  gboolean           watching);
void               ptl_open_sockets_set_query    (PtlOpenSockets    *self,
                                                  const char        *query);
void               ptl_open_sockets_set_filter   (PtlOpenSockets    *self,
                                                  PtlSocketFilter    filter);
/* What was read last, borrowed; NULL: nothing yet. */
PtlSocketSnapshot *ptl_open_sockets_get_snapshot (PtlOpenSockets    *self);
/* How many were found; the list may tell of fewer for some frames, or of more that are
 * blank. */
guint              ptl_open_sockets_get_n_found  (PtlOpenSockets    *self);
guint              ptl_open_sockets_get_n_all    (PtlOpenSockets    *self);
/* True: the rows are those of the last search. */
gboolean           ptl_open_sockets_is_settled   (PtlOpenSockets    *self);
/* True: changes are being told one after the other; "updated" follows. */
gboolean           ptl_open_sockets_is_telling   (PtlOpenSockets    *self);
/* Where the socket is in the list, or G_MAXUINT. */
guint              ptl_open_sockets_find         (PtlOpenSockets    *self,
                                                  uint64_t           key);
/* What a test puts in place of a reading; takes it. */
void               ptl_open_sockets_take         (PtlOpenSockets    *self,
                                                  PtlSocketSnapshot *snapshot);

G_END_DECLS
