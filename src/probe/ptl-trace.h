/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which routers a packet to a target passes, asked again and again: one thread with epoll.
 *
 * Each round sends a probe with every TTL (hop limit) up to the target's; the router where it runs
 * out says so (RFC 792, RFC 4443 section 3.3).  Beside it the path MTU is looked for with packets
 * that no router may fragment (RFC 1191, RFC 8201): the one that cannot forward it says how large
 * one may be, and the TTL with which that happens says where. */
#pragma once

#include "probe/ptl-icmp-socket.h"
#include "probe/ptl-verdict.h"

G_BEGIN_DECLS

#define PTL_TRACE_HOPS_MAX 64
#define PTL_TRACE_ROUTERS_MAX 8     /* that answer at one hop and are kept */
#define PTL_TRACE_PENDING_MAX 1024  /* probes on their way; then sends wait */
#define PTL_TRACE_TCP_MAX 128
#define PTL_TRACE_INTERVAL_MIN_MS 500     /* between rounds, for what is not this computer */
#define PTL_TRACE_INTERVAL_OWN_MIN_MS 20
#define PTL_TRACE_INTERVAL_MAX_MS 3600000
#define PTL_TRACE_TIMEOUT_MAX_MS 60000
#define PTL_TRACE_TCP_TIMEOUT_MS 990 /* as PTL_PING_TCP_TIMEOUT_MS */
#define PTL_TRACE_UDP_PORT 33434     /* traceroute(8)'s; this one and those behind it */
#define PTL_TRACE_DROPS_MAX 8        /* places where the MTU gets smaller that are kept */

typedef struct
{
  PtlMethod method;
  uint16_t  port;        /* of TCP; the first of UDP (0: PTL_TRACE_UDP_PORT), whose next ones follow
                          * it, and behind 65535 go down from it */
  unsigned  max_hops;
  unsigned  interval_ms; /* raised to the minimum */
  unsigned  timeout_ms;
  unsigned  rounds;      /* 0: until it is stopped */
  unsigned  size_bytes;  /* of the data; not for TCP */
  bool      find_mtu;
} PtlTraceOptions;

typedef struct
{
  uint32_t n_received;
  uint64_t last_ns;
  uint64_t min_ns;
  uint64_t max_ns;
  double   sum_ns;
  double   sum_squares;
} PtlTraceTimes;

double ptl_trace_times_get_avg_ns   (const PtlTraceTimes *times);
double ptl_trace_times_get_stdev_ns (const PtlTraceTimes *times); /* of a sample, as in mtr(8) */

typedef struct
{
  PtlAddress    address;
  PtlTraceTimes times;
  PtlIcmpNotice notice; /* the last; meaning PTL_ICMP_OTHER with family 0: the target's answer */
} PtlTraceRouter;

typedef struct
{
  uint32_t       n_sent;
  uint32_t       n_pending;
  uint32_t       n_lost;
  uint32_t       n_unsent;     /* the kernel refused: unsent_errno */
  int            unsent_errno;
  PtlVerdict     refusal;      /* what it means */
  PtlTraceTimes  times;        /* of all routers */
  unsigned       n_routers;
  unsigned       n_more;       /* answers of routers that are not kept */
  PtlTraceRouter routers[PTL_TRACE_ROUTERS_MAX];
} PtlTraceHop;

typedef enum
{
  PTL_TRACE_RUNNING,
  PTL_TRACE_DONE,
  PTL_TRACE_FAILED
} PtlTraceState;

typedef enum
{
  PTL_TRACE_MTU_OFF,
  PTL_TRACE_MTU_RUNNING,
  PTL_TRACE_MTU_FOUND,      /* the target has answered a packet of this size */
  PTL_TRACE_MTU_UNCONFIRMED, /* it is not larger; the target has not answered */
  PTL_TRACE_MTU_FAILED      /* mtu_errno */
} PtlTraceMtuState;

typedef struct
{
  uint32_t   mtu;
  unsigned   hop;    /* behind which it is; 0: this computer's own interface */
  PtlAddress from;   /* who said so; empty: nobody (larger packets vanish there) */
} PtlTraceDrop;

typedef struct
{
  PtlTraceState    state;
  int              fail_errno; /* positive */
  PtlVerdict       refusal;    /* what it means */
  PtlAddress       target;
  PtlAddress       source;
  bool             own;        /* the target is this computer */
  PtlIcmpChoice    choice;
  unsigned         interval_ms;
  unsigned         round;      /* from 1 */
  unsigned         n_hops;     /* that are worth showing: to the target, or as far as was sent */
  unsigned         target_hop; /* where the target answers; 0: not (yet) */
  bool             held_back;  /* this computer throws away what it says was sent (over IPv6) */
  unsigned         end_hop;    /* where a router said it goes no further; 0: none */
  PtlTraceMtuState mtu_state;
  PtlVia           mtu_via;
  uint32_t         mtu;        /* of the path, as known so far; 0: not known */
  int              mtu_errno;
  unsigned         n_drops;    /* the last one is what the path MTU is */
  PtlTraceDrop     drops[PTL_TRACE_DROPS_MAX];
} PtlTraceStats;

typedef struct _PtlTrace PtlTrace;

/* In the trace's thread; may not wait. */
typedef void (*PtlTraceWakeFunc) (void *data);

/* NULL and @error when there is no thread or descriptor to be had. */
PtlTrace *ptl_trace_new  (const PtlAddress       *target,
                          const PtlTraceOptions  *options,
                          PtlTraceWakeFunc        wake,
                          void                   *data,
                          GError                **error);
/* Stops, and joins the thread, which never waits: at once.  NULL is fine. */
void      ptl_trace_free (PtlTrace *trace);

/* Any thread. */
void      ptl_trace_stop (PtlTrace *trace);
/* Everything as it is now; hops[i] is the one of TTL i + 1.  Wakes come again after it. */
void      ptl_trace_fetch (PtlTrace      *trace,
                           PtlTraceStats *stats,
                           PtlTraceHop    hops[PTL_TRACE_HOPS_MAX]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlTrace, ptl_trace_free)

G_END_DECLS
