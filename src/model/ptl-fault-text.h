/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what the engine tells as values: faults, events, calls, states.  Translated; main thread. */
#pragma once

#include "base/ptl-event.h"
#include "engine/ptl-engine.h"

G_BEGIN_DECLS

/* "connect to 127.0.0.1:80: Connection refused (ECONNREFUSED). Nothing listens there." — the call, the
 * address, the system's own error (name and text), and the next step where there is one.  For a
 * port in use below 1024, the rule that refused.  Owned by the caller. */
char       *ptl_fault_to_text   (const PtlFault *fault);
/* The owner of a port that is in use, "nginx (pid 312)", or NULL where it may not be known: from
 * sock_diag-less /proc/net and /proc/PID/fd.  Waits on /proc: not in the main thread. */
char       *ptl_fault_dup_port_owner (const PtlAddress *address,
                                      bool              stream);
/* "accepted", "connect failed after 12 ms: Connection refused (ECONNREFUSED)". */
char       *ptl_event_to_text   (const PtlEvent *event);
/* "bind(7, 127.0.0.1:12345)" */
char       *ptl_call_to_text    (const PtlCallRecord *record);
/* "= 0", "= -1 EADDRINUSE (Address already in use)", "x 12,405 = 3.1 GB" */
char       *ptl_call_result_to_text (const PtlCallRecord *record);
/* One line that explains the call to a learner; static. */
const char *ptl_call_explain    (const PtlCallRecord *record);
const char *ptl_session_state_to_text (PtlSessionState state,
                                       PtlRole         role,
                                       bool            datagrams);
const char *ptl_peer_state_to_text (PtlPeerState state);

G_END_DECLS
