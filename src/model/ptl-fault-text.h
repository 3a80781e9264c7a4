/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what the engine tells as values: faults, events, calls, states.  Translated; main
 * thread but where it says otherwise.  None is markup; what came from the network in them is made
 * safe. */
#pragma once

#include "base/ptl-event.h"
#include "engine/ptl-engine.h"

G_BEGIN_DECLS

/* "connect to 127.0.0.1:80: Connection refused (ECONNREFUSED). Nothing listens there." — the call,
 * the address, the system's own error (name and text), and the next step where there is one.  For a
 * port below 1024, the rule that refused.  Owned by the caller; "" for PTL_STEP_NONE. */
char       *ptl_fault_to_text   (const PtlFault *fault);
/* The same with what the fault itself does not have, each may be NULL: @name, the host, device or
 * folder that it was about; @owner, of ptl_fault_dup_port_owner(): "bind to 127.0.0.1:8080: Address
 * already in use (EADDRINUSE). Port 8080 is in use by nginx (pid 312)." */
char       *ptl_fault_to_text_about (const PtlFault *fault,
                                     const char     *name,
                                     const char     *owner);
/* True: the owner of the address is worth looking for. */
bool        ptl_fault_wants_owner (const PtlFault *fault);
/* The owner of a port or Unix address that is in use, as words: "nginx (pid 312)", "Portlight
 * itself", "a program of the user root, which may not be seen", "a connection that has just ended
 * (TIME_WAIT)"; NULL where nothing is known.  Waits on the kernel, /proc and NSS: any thread but
 * the main one. */
char       *ptl_fault_dup_port_owner (const PtlAddress *address,
                                      bool              stream);
/* The search that finds it among the open sockets: "port:8080 tcp".  Owned. */
char       *ptl_fault_dup_owner_search (const PtlAddress *address,
                                        bool              stream);
/* "accepted on 127.0.0.1:80", "connect to 127.0.0.1:80 failed after 12 ms: Connection refused
 * (ECONNREFUSED)". */
char       *ptl_event_to_text   (const PtlEvent *event);
/* "bind(7, 127.0.0.1:12345)" */
char       *ptl_call_to_text    (const PtlCallRecord *record);
/* "= 0", "= -1 EADDRINUSE (Address already in use)", "× 12,405 = 3.1 GB · EAGAIN × 7" */
char       *ptl_call_result_to_text (const PtlCallRecord *record);
/* True when the call failed; that it would have had to wait (EAGAIN, EINPROGRESS) is not a
 * failure. */
bool        ptl_call_has_failed (const PtlCallRecord *record);
/* One line that explains the call to a learner; static. */
const char *ptl_call_explain    (const PtlCallRecord *record);
/* The same, with what the calls met that are counted beside it. */
char       *ptl_call_dup_explanation (const PtlCallRecord *record);
const char *ptl_session_state_to_text (PtlSessionState state,
                                       PtlRole         role,
                                       bool            datagrams);
const char *ptl_peer_state_to_text (PtlPeerState state);

G_END_DECLS
