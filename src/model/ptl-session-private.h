/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session and the list of sessions know of each other.  Main thread only. */
#pragma once

#include "log/ptl-log.h"
#include "model/ptl-session.h"
#include "model/ptl-sessions.h"

G_BEGIN_DECLS

/* Commands that wait until the log's files are made; more are refused. */
#define PTL_SESSION_PENDING_MAX 1024

/* What a session needs of its owner while it is live. */
typedef struct
{
  PtlEngine *engine;
  uint64_t   last_tag;
} PtlSessionHost;

/* Whom something is sent to, for the words when it fails. */
typedef struct
{
  uint32_t peer; /* or PTL_PEER_NONE: to an address */
  char    *host; /* owned; of the address, as typed; or NULL */
  char    *service;
} PtlSendTarget;

struct _PtlSession
{
  GObject          parent_instance;

  PtlSessionHost  *host;   /* not owned; NULL once it is taken out, and for what was read back */
  PtlSessionId     id;     /* 0 until it was opened */
  bool             recovered;

  PtlSpec         *spec;
  PtlSessionStatus status;
  PtlLog          *log;    /* or NULL */
  PtlCalls        *calls;
  PtlFrameList    *frames;
  PtlPeerList     *peers;
  PtlCallList     *call_list;

  char            *title;
  char            *state_text;
  char            *problem;
  char            *rates_text;
  char            *losses_text;
  char            *fault_name; /* what the last fault was about, where the spec does not say */
  char            *owner;      /* of the port that is in use */
  uint64_t         n_frames;
  bool             status_is_new; /* its words have changed with this sync */
  bool             frames_wait;   /* those were shown, the frames come in the next turn */
  bool             calls_wait;    /* the frames were, the calls come in the next turn */

  double           rx_rate;
  double           tx_rate;
  uint64_t         rated_rx_bytes; /* counters at the last tick */
  uint64_t         rated_tx_bytes;
  unsigned         quiet_s;        /* seconds without a byte, up to the length of the ring */
  double           rx_ring[PTL_SESSION_RATES_MAX];
  double           tx_ring[PTL_SESSION_RATES_MAX];
  size_t           ring_at;
  size_t           n_ring;

  GQueue          *pending;        /* commands that came before it was opened */
  GHashTable      *opening_files;  /* tags of files that a thread opens now */
  GHashTable      *targets;        /* tags of sends under way that have one -> PtlSendTarget */
};

/* A session that an earlier run left, as it is read back. */
typedef struct
{
  PtlSpec          *spec;
  PtlLog           *log;
  PtlSessionStatus  status;
  GArray           *peers; /* of PtlPeerInfo */
} PtlLeftSession;

/* Any thread; waits on the disk. */
PtlLeftSession *ptl_left_session_read (const char *dir,
                                       GError    **error);
void            ptl_left_session_free (PtlLeftSession *left);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlLeftSession, ptl_left_session_free)

/* The log's free text, "listen tcp://127.0.0.1:80": "connect", "listen" or "datagrams", and the
 * URI. A text of a reaction that is too long for a log's header is left out.  Any thread. */
char       *ptl_session_spec_to_log_text   (const PtlSpec *spec);
/* NULL when it cannot be read. */
PtlSpec    *ptl_session_spec_from_log_text (const char *text);

/* @host must be there until ptl_session_detach(). */
PtlSession *ptl_session_new           (const PtlSpec  *spec,
                                       PtlSessionHost *host);
PtlSession *ptl_session_new_recovered (PtlLeftSession *left); /* takes what is in it */
/* No more commands: it is taken out, or all ends.  Those who still look see it closed. */
void        ptl_session_detach        (PtlSession *self);

/* The log's files are made: opens the session.  False, and nothing is taken, when it was stopped
 * meanwhile. */
bool        ptl_session_take_log      (PtlSession *self,
                                       PtlLog     *log);
/* It can never be opened; @name (may be NULL): what the fault is about. */
void        ptl_session_fail          (PtlSession     *self,
                                       const PtlFault *fault,
                                       const char     *name);

const char  *ptl_session_get_role_icon_name (PtlRole role);
PtlSessionId ptl_session_get_id       (PtlSession *self);
bool        ptl_session_has_ended     (PtlSession *self); /* the engine has nothing of it */

/* News of the engine.  True: bytes have flowed. */
bool        ptl_session_set_status    (PtlSession             *self,
                                       const PtlSessionStatus *status);
void        ptl_session_report_send   (PtlSession          *self,
                                       const PtlSendReport *report);
/* Takes over frames and calls. */
void        ptl_session_sync          (PtlSession *self);
/* The same in up to three frames of the window, so that none is late: what is said of the session
 * has been set, its frames come in the next, its calls in the one after.  Whether anything is still
 * to come. */
bool        ptl_session_sync_in_turn  (PtlSession *self);
/* Computes the rates of the last @elapsed_s seconds.  False when they need not be computed again
 * until bytes flow: all that the ring remembers is 0. */
bool        ptl_session_tick          (PtlSession *self,
                                       double      elapsed_s);
/* Takes @session into the list. */
void        ptl_sessions_adopt        (PtlSessions *self,
                                       PtlSession  *session);
const char *ptl_sessions_get_logs_dir (PtlSessions *self);

/* ptl-session-text.c: texts, owned; NULL where there is nothing to say. */
char       *ptl_session_make_title       (PtlSession *self);
char       *ptl_session_make_state_text  (PtlSession *self);
char       *ptl_session_make_rates_text  (PtlSession *self);
char       *ptl_session_make_losses_text (const PtlSessionStatus *status);
char       *ptl_session_make_problem     (PtlSession *self);

/* Between the two halves of the implementation. */
void        ptl_session_emit_sent     (PtlSession *self,
                                       uint64_t    tag,
                                       bool        done,
                                       uint64_t    sent,
                                       uint64_t    total,
                                       const char *problem);
void        ptl_session_send_pending  (PtlSession *self);
void        ptl_session_fail_pending  (PtlSession *self); /* tells the senders that it is over */
void        ptl_session_drop_pending  (PtlSession *self); /* tells nobody */
void        ptl_send_target_free      (PtlSendTarget *target);

G_END_DECLS
