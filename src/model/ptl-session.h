/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session as the window sees it: live through the engine, or read back from a log that was
 * left.  Main thread only. */
#pragma once

#include <gio/gio.h>

#include "base/ptl-spec.h"
#include "engine/ptl-engine.h"
#include "model/ptl-call-list.h"
#include "model/ptl-frame-list.h"
#include "model/ptl-peer-list.h"

G_BEGIN_DECLS

#define PTL_TYPE_SESSION (ptl_session_get_type ())
G_DECLARE_FINAL_TYPE (PtlSession, ptl_session, PTL, SESSION, GObject)

/* Properties, notified in the sync of the sessions:
 *   "title" (string)        "tcp://127.0.0.1:12345"
 *   "icon-name" (string)    of the role
 *   "state" (uint)          PtlSessionState
 *   "state-text" (string)   "Listening · 2 peers"
 *   "problem" (string)      what went wrong and what to do, or NULL
 *   "live" (boolean)        not over yet
 *   "recovered" (boolean)   read back from a log that was left
 *   "rx-rate" "tx-rate" (double, bytes per second over the last second)
 *   "rates-text" (string)   "↓ 1.2 MB/s ↑ 0 B/s"
 *   "n-open-peers" (uint)   "n-frames" (uint64)  "queued-bytes" (uint64)
 *   "losses-text" (string)  "12 datagrams dropped by the kernel, 3 frames not recorded", or NULL
 *   "receiving" (boolean)   false: paused by the user
 */
const PtlSpec    *ptl_session_get_spec   (PtlSession *self);
const PtlSessionStatus *ptl_session_get_status (PtlSession *self);
const char       *ptl_session_get_title  (PtlSession *self);
bool              ptl_session_is_live    (PtlSession *self);
/* borrowed; NULL until its files are made */
PtlLog           *ptl_session_get_log    (PtlSession *self);
/* borrowed, all the life long; so below */
PtlFrameList     *ptl_session_get_frames (PtlSession *self);
PtlPeerList      *ptl_session_get_peers  (PtlSession *self);
PtlCallList      *ptl_session_get_calls  (PtlSession *self);

/* Bytes per second in each of the last @n seconds (oldest first), for the graph; returns how many
 * there are, PTL_SESSION_RATES_MAX at most.  "rates-changed" is emitted once a second while
 * live. */
#define PTL_SESSION_RATES_MAX 120
size_t            ptl_session_get_rates  (PtlSession *self,
                                          double     *rx,
                                          double     *tx,
                                          size_t      n);

/* Sends; the answer comes as signal "sent" (guint64 tag, boolean done, uint64 sent, uint64 total,
 * string problem-or-NULL).  Returns the tag, or 0 with @error when it was refused at once. */
uint64_t          ptl_session_send       (PtlSession   *self,
                                          uint32_t      peer, /* PTL_PEER_NONE: all */
                                          PtlBlob      *blob,
                                          GError      **error);
uint64_t          ptl_session_send_to    (PtlSession        *self, /* datagrams */
                                          const PtlEndpoint *target,
                                          PtlBlob           *blob,
                                          GError           **error);
/* Opens the file in a thread; what fails comes as "sent". */
uint64_t          ptl_session_send_file  (PtlSession   *self,
                                          uint32_t      peer,
                                          GFile        *file);
void              ptl_session_cancel_send (PtlSession *self,
                                           uint64_t    tag);
void              ptl_session_end_input  (PtlSession *self,
                                          uint32_t    peer);
void              ptl_session_close_peer (PtlSession *self,
                                          uint32_t    peer,
                                          bool        reset);
void              ptl_session_stop       (PtlSession *self);
void              ptl_session_set_receiving (PtlSession *self,
                                             bool        receiving);
void              ptl_session_set_when_full (PtlSession *self,
                                             PtlWhenFull when_full);
void              ptl_session_set_reaction (PtlSession *self,
                                            PtlReaction reaction,
                                            PtlBlob    *text);
void              ptl_session_set_membership (PtlSession     *self,
                                              const PtlGroup *group,
                                              bool            joined);

G_END_DECLS
