/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket engine: sessions that live in a few worker threads.
 *
 * Commands may come from any thread, do not wait, and name a session by its id; one that is gone
 * is not an error.  What happened comes back as values: the owner's on_news is called (in a
 * worker) when there is some, and again only after ptl_engine_take_news().
 *
 * Life: new, open ..., stop and free.  After ptl_engine_free() no callback comes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ptl-blob.h"
#include "base/ptl-fault.h"
#include "base/ptl-frame.h"
#include "base/ptl-resolver.h"
#include "base/ptl-spec.h"
#include "engine/ptl-calls.h"

typedef struct _PtlEngine PtlEngine;

typedef uint64_t PtlSessionId; /* 0: none; never used twice */

#define PTL_ENGINE_WORKERS_MAX 8
#define PTL_SENDS_MAX 1024                          /* queued in one session */
/* queued in one session, a single send may fill it */
#define PTL_SEND_QUEUE_MAX_BYTES (64u * 1024 * 1024)
/* sources told apart; the one silent longest makes room */
#define PTL_DATAGRAM_PEERS_MAX 65536

typedef enum
{
  PTL_SESSION_OPENING,    /* nothing yet */
  PTL_SESSION_RESOLVING,
  PTL_SESSION_CONNECTING,
  PTL_SESSION_CONNECTED,
  PTL_SESSION_LISTENING,  /* also a datagram socket that is bound */
  PTL_SESSION_CLOSING,    /* asked to stop, the last bytes are on their way */
  PTL_SESSION_CLOSED,     /* over, in good order */
  PTL_SESSION_FAILED,     /* over: status.fault says why */
  PTL_N_SESSION_STATES
} PtlSessionState;

typedef struct
{
  PtlSessionId    id;
  PtlSessionState state;
  PtlFault        fault;      /* the last thing that went wrong; step NONE: nothing */
  uint64_t        rx_bytes;   /* delivered by the sockets */
  uint64_t        tx_bytes;   /* taken by the kernel */
  uint64_t        rx_frames;
  uint64_t        tx_frames;
  /* Not recorded: what was received is what is recorded + lost.in_frames, and so with what was
   * sent and with what happened. */
  PtlLost         lost;
  uint64_t        kernel_drops; /* datagrams dropped before we could read them (SO_RXQ_OVFL) */
  uint64_t        truncated;  /* datagrams longer than what was read */
  uint64_t        refused;    /* peers turned away */
  uint64_t        peers_total;
  uint32_t        peers_open;
  bool            peer_ended; /* connect: the peer sends no more, we still can */
  uint64_t        queued_bytes; /* waiting to be sent, over all peers */
  bool            accept_paused; /* out of descriptors */
  bool            log_full;
  bool            receiving_paused; /* by the user */
  unsigned        n_locals;
  PtlAddress      locals[8];  /* bound to; more are in the log */
} PtlSessionStatus;

typedef enum
{
  PTL_PEER_OPEN,
  PTL_PEER_HALF_CLOSED_BY_PEER, /* it sends no more */
  PTL_PEER_HALF_CLOSED_BY_US,
  PTL_PEER_CLOSED,
  PTL_PEER_RESET,
  PTL_N_PEER_STATES
} PtlPeerState;

typedef struct
{
  PtlSessionId session;
  uint32_t     peer;
  PtlPeerState state;
  int          sys_errno;  /* why it ended, 0: in good order */
  PtlAddress   address;
  PtlAddress   local;
  uint64_t     opened_ns;  /* monotonic */
  uint64_t     closed_ns;  /* 0 while it is open */
  uint64_t     rx_bytes;
  uint64_t     tx_bytes;
  uint64_t     queued_bytes;
} PtlPeerInfo;

typedef struct
{
  PtlSessionId session;
  uint64_t     tag;        /* as given with the send */
  bool         done;       /* false: progress only */
  uint32_t     n_peers;    /* targets */
  uint32_t     n_failed;
  int          sys_errno;  /* of the first that failed; 0 where it is not of the system */
  int          gai_code;   /* EAI_*: the target's name was not found */
  uint64_t     total_bytes; /* to send, over all targets; of a file that still grows: as it was */
  uint64_t     sent_bytes; /* taken by the kernel so far */
} PtlSendReport;

/* At most one entry per session, per peer (up to PTL_NEWS_PEERS_MAX) and per tag.  With a session's
 * last status, or before it, all its sends are told as done: nothing comes after it. */
#define PTL_NEWS_PEERS_MAX 262144

typedef struct
{
  PtlSessionStatus *statuses;
  size_t            n_statuses;
  PtlPeerInfo      *peers;
  size_t            n_peers;
  PtlSendReport    *sends;
  size_t            n_sends;
} PtlNews;

void ptl_news_clear (PtlNews *news);

typedef struct
{
  /* In a worker; may not wait and may not call the engine.  Once, until the news were taken. */
  void (*on_news) (void *data);
} PtlEngineCallbacks;

/* @resolver must outlive the engine.  @n_workers 0: as many as fit this computer.  NULL with @error
 * when threads or descriptors could not be made. */
PtlEngine *ptl_engine_new  (unsigned                  n_workers,
                            PtlResolver              *resolver,
                            const PtlEngineCallbacks *callbacks,
                            void                     *data,
                            GError                  **error);
/* Stops every session at once, joins the threads, closes the sinks.  Waits for them (a worker is
 * never longer than one system call away). */
void       ptl_engine_free (PtlEngine *engine);

/* Swaps the news out; *@news is overwritten and is the caller's to clear. */
void       ptl_engine_take_news (PtlEngine *engine,
                                 PtlNews   *news);

/* Opens a session.  @spec is copied; @sink is taken; @calls is referenced.  What fails comes as
 * news. */
PtlSessionId ptl_engine_open (PtlEngine     *engine,
                              const PtlSpec *spec,
                              PtlSink       *sink,
                              PtlCalls      *calls);

/* Sends @blob to one peer, or with PTL_PEER_NONE to all that are open (of a datagram session: to
 * its default target).  0, -EAGAIN when the session's queue is full, -EMSGSIZE, -ENOENT: no such
 * session. A PtlSendReport with @tag (not 0, unique) tells when the kernel took it, or not. */
int  ptl_engine_send      (PtlEngine   *engine,
                           PtlSessionId session,
                           uint32_t     peer,
                           PtlBlob     *blob,
                           uint64_t     tag);
/* Datagrams: to an address of its own. */
int  ptl_engine_send_to   (PtlEngine         *engine,
                           PtlSessionId       session,
                           const PtlEndpoint *target,
                           PtlBlob           *blob,
                           uint64_t           tag);
/* Streams: the contents of a regular file from its current offset; @fd is taken, also on error. */
int  ptl_engine_send_file (PtlEngine   *engine,
                           PtlSessionId session,
                           uint32_t     peer,
                           int          fd,
                           uint64_t     tag);
/* Forgets what of that tag was not sent yet. */
void ptl_engine_cancel_send (PtlEngine   *engine,
                             PtlSessionId session,
                             uint64_t     tag);

/* shutdown (SHUT_WR) once all that is queued has gone.  PTL_PEER_NONE: all. */
void ptl_engine_end_input  (PtlEngine   *engine,
                            PtlSessionId session,
                            uint32_t     peer);
void ptl_engine_close_peer (PtlEngine   *engine,
                            PtlSessionId session,
                            uint32_t     peer,
                            bool         reset);
void ptl_engine_stop       (PtlEngine   *engine,
                            PtlSessionId session);
void ptl_engine_set_receiving (PtlEngine   *engine,
                               PtlSessionId session,
                               bool         receiving);
void ptl_engine_set_when_full (PtlEngine   *engine,
                               PtlSessionId session,
                               PtlWhenFull  when_full);
void ptl_engine_set_reaction (PtlEngine   *engine,
                              PtlSessionId session,
                              PtlReaction  reaction,
                              PtlBlob     *text);
void ptl_engine_set_membership (PtlEngine      *engine,
                                PtlSessionId    session,
                                const PtlGroup *group,
                                bool            joined);
