/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peers of a session as a GListModel of PtlPeer.  Main thread only. */
#pragma once

#include <gio/gio.h>

#include "engine/ptl-engine.h"

G_BEGIN_DECLS

/* Rows; closed ones leave first, then open ones, in order of age.  What leaves makes room for a
 * sixteenth of it at once, so that it does not happen with each peer. */
#define PTL_PEER_LIST_MAX 65536

#define PTL_TYPE_PEER (ptl_peer_get_type ())
G_DECLARE_FINAL_TYPE (PtlPeer, ptl_peer, PTL, PEER, GObject)

/* Properties, notified in sync: "state-text" (string; with the error that ended it), "rx-text",
 * "tx-text" (strings, "1.2 MB"), "open" (boolean: bytes may still go one way or the other); and
 * "address" (string), which stays. */
uint32_t           ptl_peer_get_number   (PtlPeer *self);
const PtlPeerInfo *ptl_peer_get_info     (PtlPeer *self);
char              *ptl_peer_dup_address  (PtlPeer *self);

#define PTL_TYPE_PEER_LIST (ptl_peer_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlPeerList, ptl_peer_list, PTL, PEER_LIST, GObject)

PtlPeerList *ptl_peer_list_new    (void);
/* News of several peers at once: at most one items-changed for what leaves and one for what is
 * new. */
void         ptl_peer_list_update (PtlPeerList       *self,
                                   const PtlPeerInfo *infos,
                                   size_t             n_infos);
/* NULL when it is not (or no longer) there.  A reference of the caller's. */
PtlPeer     *ptl_peer_list_find   (PtlPeerList *self,
                                   uint32_t     number);

G_END_DECLS
