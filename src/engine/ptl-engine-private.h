/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the engine share.  Everything here belongs to one worker thread but where it
 * says locked or atomic. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include <glib.h>

#include "base/ptl-clock.h"
#include "base/ptl-event.h"
#include "engine/ptl-engine.h"
#include "engine/ptl-sys.h"
#include "engine/ptl-timer.h"

typedef struct _PtlWatch PtlWatch;
typedef struct _PtlWorker PtlWorker;
typedef struct _PtlFlow PtlFlow;
typedef struct _PtlConn PtlConn;
typedef struct _PtlDgram PtlDgram;
typedef struct _PtlListener PtlListener;
typedef struct _PtlCandidate PtlCandidate;
typedef struct _PtlSendJob PtlSendJob;
typedef struct _PtlOut PtlOut;
typedef struct _PtlMail PtlMail;
typedef struct _PtlQuery PtlQuery;
typedef struct _PtlHandle PtlHandle;

#define RECEIVE_BYTES (256u * 1024)         /* one read of a stream */
#define SPLICE_BYTES (1024u * 1024)         /* one splice, and the size of the pipe */
#define SPLICE_AFTER 8                      /* full reads in a row, until splicing pays */
#define ECHO_READ_BYTES (64u * 1024)        /* one read of a stream that is echoed */
/* echoes waiting in one session, until reading is held */
#define ECHO_BACKLOG_MAX (64u * 1024 * 1024)
/* answers waiting for one peer, until reading it is held */
#define REACTIONS_QUEUED_MAX 64
#define OUTS_MAX 262144                     /* queue entries of one session, over all peers */
/* Waiting for one of the peers that share a Unix datagram socket: of all together, and of what the
 * user sends, so that the session's queue has room for the others.  One always may. */
#define PEER_OUTS_MAX 4096
#define PEER_SENDS_MAX (PTL_SENDS_MAX / 2)
#define PEER_QUEUED_MAX_BYTES (8u * 1024 * 1024)
#define LOOK_THROUGH_MAX 4096               /* queue entries, for each new one */
#define UNANSWERED_EVERY_NS PTL_NS_PER_S    /* one word on answers that found no room */
#define SEND_ROUND_BYTES (1024u * 1024)     /* written to one peer before others have their turn */
/* A file to a socket of messages is sent in several; shorter ones where the kernel takes only
 * those. */
#define MESSAGE_PIECE_BYTES (64u * 1024)
#define MESSAGE_PIECE_MIN_BYTES 512u
#define ACCEPT_ROUND 64                     /* accepted in one go */
#define EVENTS_ROUND 256                    /* of one epoll_wait */
#define MAIL_MAX 65536                      /* commands waiting for a worker */
#define PUBLISH_EVERY_NS (10 * PTL_NS_PER_MS)
/* when only their counters changed, or more than PUBLISH_PEERS_AT_ONCE */
#define PUBLISH_PEERS_EVERY_NS (100 * PTL_NS_PER_MS)
#define PUBLISH_PEERS_AT_ONCE 256
#define RETRY_ACCEPT_NS (100 * PTL_NS_PER_MS)
#define RETRY_LOG_NS (500 * PTL_NS_PER_MS)
#define CANDIDATE_DELAY_NS (250 * PTL_NS_PER_MS) /* RFC 8305 section 8 */
#define CANDIDATES_MAX PTL_RESOLVED_MAX
#define DROPS_EVERY_NS (200 * PTL_NS_PER_MS)
/* Peers of one session that are kept half open without having been asked for; the oldest makes
 * room. */
#define HALF_OPEN_MAX 256
/* Whether such a peer is still there is looked after this time, and then ever more seldom. */
#define HALF_OPEN_ASK_NS (20 * PTL_NS_PER_MS)
#define HALF_OPEN_ASK_MAX_NS (2 * PTL_NS_PER_S)

/* Something that epoll watches.  Dead ones stay until the round is over, so that events which were
 * fetched already find them. */
struct _PtlWatch
{
  int       fd;
  uint32_t  events; /* as epoll has them; 0: not in it */
  bool      dead;
  void    (*ready)   (PtlWatch *watch,
                      uint32_t  events);
  void    (*destroy) (PtlWatch *watch);
  PtlWatch *next_dead;
};

/* What the rest of the program needs of a session without asking its worker. */
struct _PtlHandle
{
  _Atomic int              ref_count;
  PtlSessionId             id;
  PtlWorker               *worker;
  _Atomic uint_least64_t   queued_bytes; /* of sends that were handed over and are not done */
  _Atomic uint_least32_t   n_sends;
};

struct _PtlEngine
{
  PtlResolver              *resolver; /* borrowed */
  const PtlEngineCallbacks *callbacks;
  void                     *data;
  PtlWorker                *workers; /* owned array */
  unsigned                  n_workers;

  pthread_mutex_t           lock;
  GHashTable               *handles; /* locked: id -> PtlHandle */
  uint64_t                  last_id; /* locked */
  unsigned                  next_worker; /* locked */

  pthread_mutex_t           news_lock;
  uint64_t                  epoch;   /* news_lock: grows when the news are taken */
  bool                      told;    /* news_lock: on_news was called since */
  GArray                   *statuses; /* news_lock */
  GArray                   *peers;
  GArray                   *sends;

  pthread_mutex_t           query_lock;
  pthread_cond_t            query_cond;
  unsigned                  n_queries; /* query_lock: replies that may still come */
};

/* Where a thing's entry in the news is, so that it is overwritten rather than added again. */
typedef struct
{
  uint64_t epoch;
  size_t   index;
} PtlNewsSlot;

typedef struct
{
  PtlPeerInfo info;
  PtlNewsSlot slot;
} PtlPeerNote;

typedef struct
{
  PtlSessionStatus status;
  PtlNewsSlot      slot;
} PtlStatusNote;

struct _PtlWorker
{
  PtlEngine       *engine;
  pthread_t        thread;
  bool             started;
  bool             stopping;
  int              epoll_fd;
  uint64_t         now_ns; /* of this round, for timers */

  PtlWatch         mail_watch;
  pthread_mutex_t  mail_lock;
  PtlMail         *mail_head; /* locked */
  PtlMail        **mail_tail; /* locked */
  _Atomic unsigned n_mail;    /* written locked */

  PtlTimers        timers;
  PtlTimer         publish_timer;
  bool             publish_due; /* at the end of this round */
  uint64_t         published_ns;
  uint64_t         published_peers_ns;

  GHashTable      *flows;  /* id -> PtlFlow */
  PtlFlow         *touched; /* have frames to commit, or a status to publish */
  PtlWatch        *dead;
  GPtrArray       *over;    /* PtlFlow: to free after the round */
  GPtrArray       *dirty_conns; /* borrowed PtlConn, each knows its place */
  bool             peers_soon;  /* of some, more changed than their counters */
  GPtrArray       *dirty_jobs;  /* PtlSendJob */
  GArray          *peer_notes;  /* PtlPeerNote of connections that are gone */
  GArray          *status_notes; /* PtlStatusNote of sessions that are gone */
  unsigned         n_accept_paused; /* listeners that wait for descriptors */
  PtlTimer         accept_timer;

  uint8_t         *scratch; /* RECEIVE_BYTES; also what is read of files to send */
  struct PtlBatch *batch;   /* for recvmmsg; made when first needed */
  int              pipe[2]; /* for splice; -1 until first needed */

  GArray          *own_addresses; /* PtlAddress */
  uint64_t         own_addresses_ns;
};

/* The file that a bind made, by which it is known again. */
typedef struct
{
  uint64_t dev;
  uint64_t ino; /* 0: there is none */
} PtlUnixFile;

/* One session in its worker. */
struct _PtlFlow
{
  PtlWorker        *worker;
  PtlHandle        *handle; /* reference */
  PtlSpec          *spec;   /* owned */
  PtlSink          *sink;   /* owned; NULL after its close */
  PtlCalls         *calls;  /* reference or NULL */
  PtlSessionStatus  status;
  PtlNewsSlot       slot;
  bool              over;
  bool              is_touched;
  bool              has_frames;  /* to commit */
  bool              status_dirty;
  PtlFlow          *next_touched;

  unsigned          n_unresolved;
  GPtrArray        *queries;     /* PtlQuery that are on their way */
  PtlResolved     **resolved;    /* n_endpoints of them, owned; NULL: not asked */
  PtlResolved      *resolved_local;

  PtlCandidate     *candidates;  /* array */
  unsigned          n_candidates;
  unsigned          next_candidate;
  unsigned          n_trying;
  PtlTimer          candidate_timer;
  PtlTimer          timeout_timer;
  PtlUnixFile       own_file;  /* that the connection was bound to, and its name */
  PtlAddress        own_name;

  PtlListener      *listeners; /* list */
  PtlDgram         *dgrams;    /* list */
  /* open ones; of datagrams the one silent longest first */
  PtlConn          *conn_first, *conn_last;
  GHashTable       *conns;     /* number -> PtlConn */
  uint32_t          last_peer;
  PtlAddress        target;    /* datagrams: where sends without a peer go */
  PtlMail          *early_head; /* sends that came before there was anyone to send to */
  PtlMail         **early_tail;

  uint64_t          n_outs;
  uint64_t          echo_backlog;
  bool              reading_held; /* echoes wait for slow readers */
  bool              accept_told;  /* ACCEPT_PAUSED was told */
  bool              broken;       /* the log cannot be written */
  PtlLost           lost_told;
  uint64_t          last_frame_ns; /* of the frame that was appended last */
  PtlTimer          log_timer;
  PtlTimer          drops_timer;
  /* kept half open although nobody asked for it, the oldest first */
  PtlConn          *half_first, *half_last;
  unsigned          n_half;
  int               half_netlink; /* owned; asks for them, while n_half > 0; -1: none */
  uint32_t          half_seq;     /* of its last question */
  PtlCallFold       half_send_fold, half_recv_fold;
  PtlTimer          half_timer;
  uint64_t          refused_told_ns;
  uint64_t          drops_told;
};

/* A peer: a connection, or a source of datagrams (then @via is its socket and it has no
 * descriptor). */
struct _PtlConn
{
  PtlWatch      watch;
  PtlFlow      *flow;
  PtlDgram     *via;
  PtlConn      *prev, *next;
  uint32_t      number;
  uint8_t       state;     /* PtlPeerState */
  uint8_t       full_reads;
  bool          in_ended;
  bool          out_ended;
  bool          end_wanted; /* shutdown once the queue is empty */
  bool          is_message; /* keeps boundaries: seqpacket */
  bool          can_splice;
  bool          has_times; /* each message comes with one */
  int           sys_errno;
  unsigned      dirty_at;  /* place in the worker's dirty_conns + 1 */
  PtlOut       *out_head;
  PtlOut      **out_tail;
  uint32_t      n_outs;
  uint32_t      piece_bytes; /* of a file, sent at once */
  uint64_t      queued_bytes;
  uint64_t      opened_ns, closed_ns, last_ns;
  uint64_t      rx_bytes, tx_bytes;
  PtlCallFold   recv_fold, splice_fold, send_fold;
  PtlNewsSlot   slot;
  PtlTimer      timer; /* idle, or half-open */
  PtlConn      *half_prev, *half_next;
  uint64_t      half_ask_ns;    /* when the peer is looked for; 0: not in the list */
  uint64_t      half_wait_ns;   /* until it is looked again; 0: not any more */
  uint64_t      half_tx_bytes;  /* tx_bytes when the peer ended */
  uint64_t      waits_in_flush; /* that flush of @via found its queue full */
  uint64_t      waits_since_ns; /* 0: it does not */
  uint64_t      pause_end_ns;   /* after a failed trial */
  uint64_t      unread_charge;    /* of failed trials; 0: it has read them */
  uint64_t      read_late_before; /* of @via, at the first of these */
  bool          reads;            /* it passed a trial once */
  bool          waits_for_room;   /* which others take */
  uint8_t       failed_trials;
  bool          waiting_told;
  uint64_t      unanswered_bytes; /* of answers that found no room in its queue, not told yet */
  uint32_t      n_unanswered;
  uint64_t      unanswered_told_ns;
  PtlAddress    address;
  PtlAddress    local;
};

struct _PtlListener
{
  PtlWatch     watch;
  PtlFlow     *flow;
  PtlListener *next;
  bool         paused;
  PtlUnixFile  file;
  PtlAddress   local;
  PtlCallFold  accept_fold;
};

struct _PtlDgram
{
  PtlWatch     watch;
  PtlFlow     *flow;
  PtlDgram    *next;
  int          family;
  PtlConn     *only;      /* connected: its one peer */
  GHashTable  *sources;   /* PtlAddress of a PtlConn -> PtlConn */
  PtlConn     *last_conn; /* where the last datagram came from */
  PtlTimer     retry_timer; /* targets whose queue was full are tried again */
  uint64_t     n_flushes;
  PtlConn     *trial;     /* was sent something, and shall show that it reads it */
  uint64_t     trial_ns;
  uint64_t     unread_before_trial;
  uint64_t     trial_charge;
  uint64_t     last_unread;   /* as seen last */
  uint64_t     read_late;     /* charges that were given back, and not by a trial that passed */
  PtlOut      *out_head;
  PtlOut     **out_tail;
  PtlCallFold  recv_fold, send_fold, meminfo_fold;
  uint32_t     drops;     /* as the kernel counts, wraps */
  bool         drops_with_datagrams; /* SO_RXQ_OVFL is on */
  uint64_t     drops_told_ns;
  PtlUnixFile  file;
  PtlAddress   local;
};

struct _PtlCandidate
{
  PtlWatch    watch;
  PtlFlow    *flow;
  PtlAddress  address;
  uint64_t    started_ns;
  PtlTimer    retry_timer;
};

struct _PtlSendJob
{
  PtlHandle    *handle;
  uint64_t      tag;
  unsigned      refs;     /* queue entries, and one while it is handed out */
  uint32_t      n_peers;
  uint32_t      n_failed;
  int           gai_code;
  int           sys_errno;
  uint64_t      total_bytes;
  uint64_t      sent_bytes;
  uint64_t      charged_bytes; /* of the handle's queued_bytes */
  PtlBlob      *blob;     /* reference, or NULL: a file */
  int           fd;       /* owned, -1 */
  int64_t       file_start;
  uint64_t      started_ns;
  bool          is_dirty;
  PtlNewsSlot   slot;
};

struct _PtlOut
{
  PtlOut     *next;
  PtlSendJob *job;   /* NULL: a reaction */
  PtlBlob    *blob;  /* borrowed from the job, or owned by a reaction */
  PtlConn    *conn;  /* datagrams: whom to; NULL when it was forgotten meanwhile */
  uint64_t    offset;
  uint64_t    len;
  bool        is_echo;
};

/* Whether the log is told of datagrams that the kernel dropped: of many in a row not of each. */
typedef enum
{
  PTL_DROPS_IN_TIME,
  PTL_DROPS_AT_ONCE
} PtlDropsWord;

typedef enum
{
  PTL_MAIL_OPEN,
  PTL_MAIL_SEND,
  PTL_MAIL_SEND_TO,
  PTL_MAIL_CANCEL_SEND,
  PTL_MAIL_END_INPUT,
  PTL_MAIL_CLOSE_PEER,
  PTL_MAIL_STOP,
  PTL_MAIL_RECEIVING,
  PTL_MAIL_WHEN_FULL,
  PTL_MAIL_REACTION,
  PTL_MAIL_MEMBERSHIP,
  PTL_MAIL_RESOLVED,
  PTL_MAIL_QUIT
} PtlMailKind;

struct _PtlMail
{
  PtlMail     *next;
  PtlMailKind  kind;
  PtlSessionId session;
  uint32_t     peer;
  int          value;
  uint64_t     tag;
  PtlFlow     *flow;     /* OPEN: owned */
  PtlSendJob  *job;      /* SEND, SEND_TO: owned */
  PtlBlob     *blob;     /* REACTION: reference */
  PtlEndpoint  endpoint; /* SEND_TO: owned */
  PtlGroup     group;
  PtlQuery    *query;    /* RESOLVED: owned */
  PtlResolved *resolved; /* RESOLVED: owned */
};

typedef enum
{
  PTL_ASK_ENDPOINT,
  PTL_ASK_LOCAL,
  PTL_ASK_SEND_TO
} PtlAskKind;

struct _PtlQuery
{
  PtlWorker   *worker;
  PtlSessionId session;
  uint64_t     id;      /* the resolver's */
  PtlAskKind   kind;
  unsigned     index;   /* of the endpoint */
  char        *host;    /* owned, for the events */
  PtlSendJob  *job;     /* SEND_TO: a reference; NULL once it was cancelled */
  uint64_t     asked_ns;
};

/* ptl-worker.c */
bool ptl_worker_start (PtlWorker *worker,
                       PtlEngine *engine,
                       GError   **error);
void ptl_worker_join  (PtlWorker *worker);
void ptl_worker_clear (PtlWorker *worker);
/* Any thread.  Takes @mail; false (and it is freed) when the box is full, never for OPEN, STOP,
 * RESOLVED and QUIT. */
bool ptl_worker_post  (PtlWorker *worker,
                       PtlMail   *mail);
void ptl_mail_free    (PtlMail *mail);
/* Does what the mail says, or keeps it for later; takes it. */
void ptl_worker_deliver (PtlWorker *worker,
                         PtlMail   *mail);
/* The session is ready: what was kept is done now.  Or it is over, and nothing comes of it. */
void ptl_flow_deliver_early (PtlFlow *flow);
void ptl_worker_touch (PtlWorker *worker,
                       PtlFlow   *flow);
int  ptl_watch_set    (PtlWorker *worker,
                       PtlWatch  *watch,
                       uint32_t   events);
/* Takes it out of epoll; @watch->destroy is called after the round.  The descriptor is the caller's
 * to close before. */
void ptl_watch_bury   (PtlWorker *worker,
                       PtlWatch  *watch);
/* News, ptl-news.c.  When what waits is to be published; @news: sessions have some, too.
 * UINT64_MAX: nothing waits. */
uint64_t ptl_worker_get_publish_ns (PtlWorker *worker,
                                    bool       news);
void     ptl_worker_publish        (PtlWorker *worker);
/* It is another than others were told: soon, or after a while where only its counters moved. */
void ptl_conn_mark_dirty   (PtlConn *conn);
void ptl_conn_mark_counted (PtlConn *conn);
void ptl_job_mark_dirty  (PtlWorker  *worker,
                          PtlSendJob *job);
/* While there are descriptors to be had: it takes one. */
void ptl_worker_read_own_addresses (PtlWorker *worker);
bool ptl_worker_is_own_address (PtlWorker        *worker,
                                const PtlAddress *address);
/* A descriptor was given back: listeners that wait for one may go on. */
void ptl_worker_retry_accept (PtlWorker *worker);

/* ptl-engine.c */
PtlHandle *ptl_handle_ref    (PtlHandle *handle);
void       ptl_handle_unref  (PtlHandle *handle);
void       ptl_engine_forget (PtlEngine   *engine,
                              PtlSessionId id);

/* ptl-flow.c, ptl-names.c, ptl-socket.c */
void ptl_flow_open       (PtlFlow *flow);
void ptl_flow_free       (PtlFlow *flow);
void ptl_flow_set_state  (PtlFlow        *flow,
                          PtlSessionState state);
/* The session is over: closes everything; @step NONE: in good order. */
void ptl_flow_end        (PtlFlow          *flow,
                          PtlStep           step,
                          int               sys_errno,
                          const PtlAddress *address);
void ptl_flow_fault      (PtlFlow          *flow, /* tells of it, goes on */
                          PtlStep           step,
                          int               sys_errno,
                          const PtlAddress *address);
void ptl_flow_stop       (PtlFlow *flow);
void ptl_flow_commit     (PtlFlow *flow);
void ptl_flow_append     (PtlFlow      *flow,
                          PtlFrameKind  kind,
                          uint32_t      peer,
                          uint64_t      now_ns,
                          const void   *bytes,
                          uint32_t      len,
                          uint16_t      flags,
                          uint32_t      full_len);
void ptl_flow_event      (PtlFlow        *flow,
                          uint32_t        peer,
                          const PtlEvent *event);
/* Sets what is read of an event that has no text: that is long, and most have none. */
void ptl_event_init      (PtlEvent         *event,
                          PtlEventCode      code,
                          const PtlAddress *address,
                          int               error);
void ptl_flow_tell       (PtlFlow          *flow, /* an event of that code with these */
                          PtlEventCode      code,
                          uint32_t          peer,
                          const PtlAddress *address,
                          int               error,
                          int64_t           n1,
                          int64_t           n2);
void ptl_flow_tell_text  (PtlFlow          *flow,
                          PtlEventCode      code,
                          const PtlAddress *address,
                          int               error,
                          const char       *text);
void ptl_flow_add_local  (PtlFlow          *flow,
                          const PtlAddress *local);
bool ptl_flow_may_receive (PtlFlow *flow);
/* After a change of what may be read. */
void ptl_flow_update_interest (PtlFlow *flow);
void ptl_flow_resolved   (PtlFlow     *flow,
                          PtlQuery    *query,
                          PtlResolved *resolved);
void ptl_flow_ask        (PtlFlow           *flow,
                          PtlAskKind         kind,
                          unsigned           index,
                          const PtlEndpoint *endpoint,
                          bool               passive,
                          PtlSendJob        *job);
void ptl_query_free      (PtlQuery *query);
void ptl_flow_drop_queries (PtlFlow *flow);
/* The send with that tag that waits for a name. */
void ptl_flow_cancel_query (PtlFlow *flow,
                            uint64_t tag);
/* Into the log and the list of calls. */
void ptl_flow_tell_resolved (PtlFlow           *flow,
                             const PtlQuery    *query,
                             const PtlResolved *resolved);
/* The addresses that an endpoint stands for, at most @max; 0 when there is none of the family. */
unsigned ptl_flow_list_addresses (PtlFlow           *flow,
                                  const PtlEndpoint *endpoint,
                                  const PtlResolved *resolved,
                                  PtlAddress        *addresses,
                                  unsigned           max);
bool ptl_endpoint_needs_resolver (const PtlEndpoint *endpoint);
/* socket, options, and with @for_listen what a listener has by default.  Descriptor or -errno, with
 * *@step saying whose.  @address: what it is for. */
int  ptl_flow_make_socket (PtlFlow          *flow,
                           const PtlAddress *address,
                           bool              for_listen,
                           PtlStep          *step);
/* What an accepted socket does not have from its listener. */
void ptl_flow_set_accepted (PtlFlow *flow,
                            int      fd,
                            int      family);
/* bind(2); the name of a Unix socket that nobody listens on any more is taken over.  0 or -errno.
 * */
int  ptl_flow_bind       (PtlFlow          *flow,
                          int               fd,
                          const PtlAddress *address);
/* After a bind: the file that @local names, and its removal, if it is still the same. */
void ptl_unix_file_note   (PtlUnixFile      *file,
                           const PtlAddress *local);
void ptl_unix_file_unlink (const PtlUnixFile *file,
                           const PtlAddress  *local);
/* bind to the session's local address, if it has one that fits.  0 or -errno, told.  @local becomes
 * the address that was asked for, if there is one, also where the kernel refuses it. */
int  ptl_flow_bind_local (PtlFlow    *flow,
                          int         fd,
                          int         family,
                          bool       *bound,
                          PtlAddress *local);
void ptl_flow_set_membership (PtlFlow        *flow,
                              const PtlGroup *group,
                              bool            joined);

/* ptl-connect.c */
void ptl_flow_connect         (PtlFlow *flow);
/* The connect timeout covers the lookup of the name too. */
void ptl_flow_start_timeout   (PtlFlow *flow);
void ptl_flow_drop_candidates (PtlFlow *flow,
                               PtlCandidate *but);

/* ptl-listen.c */
void ptl_flow_listen          (PtlFlow *flow);
void ptl_listener_close       (PtlListener *listener);
void ptl_listener_update      (PtlListener *listener);
/* One that paused, after a while. */
void ptl_listener_retry       (PtlListener *listener);

/* ptl-half-open.c: after the peer's end of input.  May our direction stay open? */
bool     ptl_half_open_is_kept   (const PtlConn *conn);
void     ptl_half_open_begin     (PtlConn *conn);
void     ptl_half_open_end       (PtlConn *conn); /* it is being closed */
/* An error or hang-up came; closes @conn. */
void     ptl_half_open_fail      (PtlConn *conn,
                                  int      sys_errno);
/* Closes the oldest one that nobody asked to keep; false: there is none. */
bool     ptl_half_open_make_room (PtlFlow *flow);

/* ptl-stream.c */
PtlConn *ptl_conn_new         (PtlFlow          *flow,
                               int               fd, /* -1: a source of datagrams */
                               const PtlAddress *address,
                               const PtlAddress *local,
                               uint64_t          now_ns);
void     ptl_conn_start       (PtlConn *conn); /* watches it, greets it */
void     ptl_conn_update      (PtlConn *conn);
void     ptl_conn_flush       (PtlConn *conn);
void     ptl_conn_end_input   (PtlConn *conn);
/* @reset: by us.  @sys_errno: it failed.  The connection is dead afterwards. */
void     ptl_conn_close       (PtlConn *conn,
                               bool     reset,
                               int      sys_errno);
void     ptl_conn_fill_info   (const PtlConn *conn,
                               PtlPeerInfo   *info);

/* ptl-datagram.c */
void     ptl_flow_open_datagrams (PtlFlow *flow); /* Datagrams, and Listen over datagrams */
PtlDgram *ptl_dgram_new       (PtlFlow          *flow,
                               int               fd,
                               int               family,
                               const PtlAddress *local);
/* Whether it sends to and hears addresses of @family: of its own, or IPv4 as well where it is the
 * one IPv6 socket for both, which takes the options of IPv4, too. */
bool     ptl_dgram_serves     (const PtlDgram *dgram,
                               int             family);
void     ptl_dgram_close      (PtlDgram *dgram);
void     ptl_dgram_update     (PtlDgram *dgram);
void     ptl_dgram_flush      (PtlDgram *dgram);
void     ptl_dgram_retry      (PtlTimer *timer,
                               uint64_t  now_ns);
/* The peer with that address, made when it is new; NULL when it is refused. */
PtlConn *ptl_dgram_get_conn   (PtlDgram         *dgram,
                               const PtlAddress *address,
                               uint64_t          now_ns);
void     ptl_dgram_read_drops (PtlDgram    *dgram,
                               uint64_t     now_ns,
                               PtlDropsWord word);
void     ptl_batch_free       (struct PtlBatch *batch);

/* ptl-send.c */
void     ptl_flow_send        (PtlFlow    *flow,
                               uint32_t    peer,
                               PtlSendJob *job); /* takes it */
void     ptl_flow_send_to     (PtlFlow           *flow,
                               const PtlEndpoint *endpoint,
                               PtlSendJob        *job); /* takes it */
void     ptl_flow_send_to_address (PtlFlow          *flow,
                                   const PtlAddress *address,
                                   PtlSendJob       *job); /* takes it */
void     ptl_flow_cancel_send (PtlFlow *flow,
                               uint64_t tag);
/* Puts a reaction's bytes into the peer's queue. */
void     ptl_conn_react       (PtlConn *conn,
                               PtlBlob *blob, /* a reference is taken */
                               uint64_t offset,
                               bool     is_echo);
/* Answers were dropped, and it was not told a moment ago. */
void     ptl_conn_tell_unanswered (PtlConn *conn,
                                   uint64_t now_ns);
/* What waits to be sent is dropped: the log says how much it was. */
void     ptl_conn_tell_unsent (PtlConn *conn,
                               int      sys_errno);
PtlSendJob *ptl_job_new       (PtlHandle *handle,
                               uint64_t   tag,
                               PtlBlob   *blob,
                               int        fd);
void     ptl_job_sent         (PtlWorker  *worker,
                               PtlSendJob *job,
                               uint64_t    n);
void     ptl_job_unref        (PtlWorker  *worker,
                               PtlSendJob *job);
void     ptl_job_fail         (PtlSendJob *job,
                               int         sys_errno);
/* Frees the entry; @sys_errno: its target was not reached. */
void     ptl_out_done         (PtlFlow *flow,
                               PtlOut  *out,
                               int      sys_errno);
void     ptl_outs_drop        (PtlFlow *flow,
                               PtlOut **head,
                               PtlOut ***tail,
                               int      sys_errno);
