/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a trace share. */
#pragma once

#include "probe/ptl-trace.h"

#include <pthread.h>

G_BEGIN_DECLS

#define PTL_TRACE_MTU_PORTS 64
#define PTL_TRACE_UDP_PORTS (PTL_TRACE_PENDING_MAX + PTL_TRACE_MTU_PORTS)

typedef enum
{
  PROBE_FREE,
  PROBE_ASKED,
  PROBE_DONE, /* answered, or an error came */
  PROBE_LOST
} ProbeState;

typedef struct
{
  uint64_t   sent_ns;
  uint64_t   sent_real_ns;
  uint32_t   seq;
  unsigned   ttl;
  int        fd;    /* of TCP, while ASKED; else -1 */
  ProbeState state;
} Probe;

typedef enum
{
  MTU_WALK,   /* with one TTL after the other */
  MTU_SEARCH, /* large ones vanish: how large may one be? */
  MTU_OVER
} MtuPhase;

/* The search for the path MTU: one packet at a time. */
typedef struct
{
  MtuPhase phase;
  int      fd;
  PtlVia   via;
  uint16_t id;       /* of a raw socket */
  uint16_t seq;
  unsigned ttl;
  unsigned n_tries;
  uint32_t size;     /* of the IP packet */
  unsigned passed;   /* the highest TTL that was seen to be reached with this size */
  uint32_t low;      /* MTU_SEARCH: one of this size arrives */
  uint32_t high;     /* and one of this size does not */
  bool     asked;
  uint64_t sent_ns;
  uint64_t due_ns;   /* when nothing came, or when to send */
} Mtu;

struct _PtlTrace
{
  /* constant */
  PtlTraceOptions  options;
  PtlAddress       target;
  int              family;
  PtlTraceWakeFunc wake;
  void            *wake_data;

  /* the thread's */
  int              epoll_fd;
  int              wake_fd;
  int              fd;         /* -1: TCP */
  uint16_t         id;
  Probe           *probes;     /* owned; PTL_TRACE_PENDING_MAX, by the low bits of seq */
  uint32_t         head;
  uint32_t         tail;
  unsigned         n_tcp;
  unsigned         next_ttl;   /* of this round */
  uint64_t         next_ns;
  uint64_t         round_ns;   /* when this round began */
  unsigned         fd_ttl;     /* that the socket has now */
  Mtu              mtu;
  uint8_t         *packet;
  uint8_t         *buffer;

  pthread_t        thread;
  pthread_mutex_t  lock;       /* of what follows; the thread alone writes stats and hops */
  PtlTraceStats    stats;
  PtlTraceHop      hops[PTL_TRACE_HOPS_MAX];
  bool             changed;
  bool             woken;
  bool             stopping;
};

/* ptl-trace-probe.c */
/* Opens what the method needs; 0, or -errno and the choice says why. */
int      ptl_trace_open     (PtlTrace *trace);
/* Sends what is due.  The time at which there is more; UINT64_MAX: all rounds are sent. */
uint64_t ptl_trace_send_due (PtlTrace *trace,
                             uint64_t  now_ns);
void     ptl_trace_receive  (PtlTrace *trace);
void     ptl_trace_receive_errors (PtlTrace *trace);
void     ptl_trace_finish_tcp (PtlTrace *trace,
                               uint32_t  seq);
uint64_t ptl_trace_expire   (PtlTrace *trace,
                             uint64_t  now_ns);
void     ptl_trace_close_probe (PtlTrace *trace,
                                Probe    *probe);
/* The @n-th of those that UDP probes go to, and behind them those of the search for the MTU; no two
 * are the same. */
uint16_t ptl_trace_get_udp_port (PtlTrace *trace,
                                 unsigned  n);

/* ptl-trace-mtu.c */
void     ptl_trace_mtu_start   (PtlTrace *trace);
/* When there is something to do; UINT64_MAX: it is over. */
uint64_t ptl_trace_mtu_turn    (PtlTrace *trace,
                                uint64_t  now_ns);
void     ptl_trace_mtu_receive (PtlTrace *trace);
void     ptl_trace_mtu_clear   (PtlTrace *trace);

/* What epoll gives back. */
#define PTL_TRACE_EVENT_WAKE UINT64_MAX
#define PTL_TRACE_EVENT_SOCKET (UINT64_C (1) << 33)
#define PTL_TRACE_EVENT_MTU (UINT64_C (1) << 34)

G_END_DECLS
