/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks many targets again and again whether they answer, and how soon: one thread with epoll for
 * all of them.
 *
 * A probe is an ICMP echo, a UDP datagram to a port nobody listens on, or the SYN of a TCP
 * connection; connected, refused and "port unreachable" from the target itself are answers too.
 * Sends are spread over the interval.  What is known of a target is kept here, bounded; the owner
 * is woken at most once until it has fetched, and fetches what has changed. */
#pragma once

#include "probe/ptl-icmp-socket.h"
#include "probe/ptl-verdict.h"

G_BEGIN_DECLS

#define PTL_PING_TARGETS_MAX 1000
#define PTL_PING_SAMPLES 256        /* the last probes of a target that are kept */
#define PTL_PING_PENDING_MAX 16384  /* of a family, on their way; then sends wait */
#define PTL_PING_TCP_MAX 512        /* connections at once; then sends wait */
#define PTL_PING_RATE_MAX 5000      /* sends a second, of all targets */
#define PTL_PING_INTERVAL_MIN_MS 200    /* for what is not this computer, as in ping(8) */
#define PTL_PING_INTERVAL_OWN_MIN_MS 10
#define PTL_PING_INTERVAL_MAX_MS 3600000
#define PTL_PING_TIMEOUT_MAX_MS 60000
/* Then the kernel sends the SYN again (RFC 6298 section 2.1), and the time would be of both. */
#define PTL_PING_TCP_TIMEOUT_MS 990

typedef struct
{
  PtlMethod method;
  uint16_t  port;          /* of UDP and TCP */
  unsigned  interval_ms;   /* raised to the minimum of the target, times those of its address */
  unsigned  timeout_ms;
  unsigned  count;         /* 0: until it is stopped */
  unsigned  size_bytes;    /* of the data; not for TCP */
  unsigned  ttl;           /* 0: the system's own */
  bool      dont_fragment;
} PtlPingOptions;

typedef enum
{
  PTL_PING_WAITING, /* its address is not known yet */
  PTL_PING_RUNNING,
  PTL_PING_DONE,    /* as often as asked for, or stopped */
  PTL_PING_FAILED   /* not one probe can be sent: fail_errno */
} PtlPingState;

typedef struct
{
  PtlPingState  state;
  PtlAddress    address;
  PtlAddress    source;       /* that the kernel picked at the start */
  bool          own;          /* an address of this computer */
  PtlVia        via;
  unsigned      interval_ms;  /* that is kept */
  int           fail_errno;   /* positive */
  PtlVerdict    refusal;      /* what fail_errno, else unsent_errno means */
  uint32_t      n_sent;
  uint32_t      n_received;   /* without duplicates */
  uint32_t      n_pending;
  uint32_t      n_lost;       /* no answer in time, or an error came instead */
  uint32_t      n_late;       /* received, but after the time; not lost any more */
  uint32_t      n_duplicates;
  uint32_t      n_reordered;  /* answered after a later one */
  uint32_t      n_wrong;      /* the answer's data is not what was sent */
  uint32_t      n_errors;     /* ICMP errors */
  uint32_t      n_unsent;     /* the kernel refused: unsent_errno */
  int           unsent_errno;
  bool          held_back;    /* this computer throws away what it says was sent (over IPv6) */
  uint64_t      last_ns;      /* round trips; of n_received */
  uint64_t      min_ns;
  uint64_t      max_ns;
  double        sum_ns;
  double        sum_squares;  /* of ns */
  double        sum_steps_ns; /* of the differences between one and the next */
  int           reply_ttl;    /* of the last answer; -1: not told */
  uint32_t      wrong_at;     /* of the last wrong answer: the first byte that is different */
  uint32_t      wrong_len;    /* and its length */
  bool          has_notice;
  PtlIcmpNotice notice;       /* the last error */
} PtlPingStats;

typedef enum
{
  PTL_PING_SAMPLE_NONE, /* not sent (any more known) */
  PTL_PING_SAMPLE_PENDING,
  PTL_PING_SAMPLE_ANSWERED,
  PTL_PING_SAMPLE_LATE,
  PTL_PING_SAMPLE_LOST,
  PTL_PING_SAMPLE_ERROR,
  PTL_PING_SAMPLE_UNSENT
} PtlPingSampleKind;

typedef struct
{
  uint32_t number; /* of the probe, from 1 */
  uint32_t us;     /* ANSWERED, LATE */
  uint8_t  kind;   /* PtlPingSampleKind */
} PtlPingSample;

typedef struct _PtlPing PtlPing;

/* In the ping's thread; may not wait. */
typedef void (*PtlPingWakeFunc) (void *data);

/* NULL and @error when there is no thread or descriptor to be had. */
PtlPing *ptl_ping_new  (const PtlPingOptions  *options,
                        unsigned               n_targets,
                        PtlPingWakeFunc        wake,
                        void                  *data,
                        GError               **error);
/* Stops, and joins the thread, which never waits: at once.  NULL is fine. */
void     ptl_ping_free (PtlPing *ping);

/* All that follow: any thread. */

/* Begins with this target. */
void ptl_ping_set_address (PtlPing          *ping,
                           unsigned          target,
                           const PtlAddress *address);
/* It has no address: it is finished. */
void ptl_ping_give_up     (PtlPing  *ping,
                           unsigned  target);
/* Nothing is sent any more; what is on its way is not waited for. */
void ptl_ping_stop        (PtlPing  *ping);

/* The numbers of those that have changed since the last time, into @targets (room for all).
 * *@finished: none will change any more. */
unsigned ptl_ping_fetch       (PtlPing       *ping,
                               unsigned      *targets,
                               bool          *finished);
void     ptl_ping_get_stats   (PtlPing       *ping,
                               unsigned       target,
                               PtlPingStats  *stats);
/* The last ones, oldest first; their number. */
unsigned ptl_ping_get_samples (PtlPing       *ping,
                               unsigned       target,
                               PtlPingSample  samples[PTL_PING_SAMPLES]);
/* How it is sent over @family; false: not known yet. */
bool     ptl_ping_get_choice  (PtlPing       *ping,
                               int            family,
                               PtlIcmpChoice *choice);

/* In percent, of those whose fate is known; negative: none is. */
double   ptl_ping_stats_get_loss   (const PtlPingStats *stats);
double   ptl_ping_stats_get_avg_ns (const PtlPingStats *stats);
/* As in ping(8): the root of the mean of the squares less the square of the mean. */
double   ptl_ping_stats_get_mdev_ns (const PtlPingStats *stats);
/* The mean difference between one round trip and the next. */
double   ptl_ping_stats_get_jitter_ns (const PtlPingStats *stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlPing, ptl_ping_free)

G_END_DECLS
