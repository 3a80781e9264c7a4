/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a ping share. */
#pragma once

#include "probe/ptl-ping.h"

#include <pthread.h>

G_BEGIN_DECLS

#define PTL_PING_NOBODY UINT32_MAX

typedef enum
{
  SLOT_FREE,
  SLOT_ASKED,
  SLOT_ANSWERED,
  SLOT_LOST,
  SLOT_REFUSED /* an error came */
} SlotState;

/* One probe; kept until PTL_PING_PENDING_MAX others were sent, so that what comes late or twice is
 * known. */
typedef struct
{
  uint64_t  sent_ns;
  uint64_t  sent_real_ns;
  uint32_t  seq;
  uint32_t  target;
  uint32_t  number;
  int       fd;    /* of TCP, while ASKED; else -1 */
  SlotState state;
} Slot;

/* All of one address family. */
typedef struct
{
  int           family;
  bool          opened;
  int           fd;    /* -1: TCP, or nothing is permitted */
  PtlIcmpChoice choice;
  uint16_t      id;    /* of a raw socket */
  uint32_t      head;  /* the next seq */
  uint32_t      tail;  /* those before it are not ASKED any more */
  Slot         *slots; /* owned; by the low bits of seq */
} Flow;

typedef struct
{
  Flow          *flow;
  uint64_t       next_ns;
  uint32_t       next;     /* in its queue */
  uint32_t       highest;  /* the number of the latest that was answered */
  PtlPingStats   stats;
  PtlPingSample *samples;  /* owned; NULL until it begins */
  bool           dirty;
  bool           queued;
} Target;

typedef struct
{
  uint32_t first;
  uint32_t last;
} Queue;

struct _PtlPing
{
  /* constant */
  PtlPingOptions  options;
  unsigned        n_targets;
  PtlPingWakeFunc wake;
  void           *wake_data;

  /* the thread's */
  int             epoll_fd;
  int             wake_fd;
  Flow            flows[2];     /* IPv4, IPv6 */
  Queue           queues[2];    /* by the time of their next probe: others', this computer's */
  uint64_t        not_before_ns; /* the rate of all */
  uint32_t        sending;      /* the target whose probe is sent right now, or NOBODY */
  unsigned        n_tcp;
  uint8_t         nonce[8];
  uint8_t        *packet;       /* the one that is sent or compared */
  uint8_t        *buffer;       /* what is received */

  pthread_t       thread;
  pthread_mutex_t lock;         /* of what follows; the thread alone writes the targets */
  Target         *targets;
  uint32_t       *dirty;
  unsigned        n_dirty;
  uint32_t       *added;        /* targets whose address was set */
  unsigned        n_added;
  unsigned        n_open;       /* targets that are neither DONE nor FAILED */
  bool            woken;        /* the owner, who has not fetched yet */
  bool            stopping;
  bool            finished;
};

static inline Slot *
ptl_ping_slot (Flow     *flow,
               uint32_t  seq)
{
  return &flow->slots[seq % PTL_PING_PENDING_MAX];
}

/* ptl-ping-send.c */
/* The data of the probe @seq, at @data. */
void ptl_ping_fill    (PtlPing  *ping,
                       uint32_t  seq,
                       uint8_t  *data,
                       size_t    len);
/* Sends what is due, begins with what was added.  The time at which there is more, or
 * UINT64_MAX. */
uint64_t ptl_ping_send_due (PtlPing  *ping,
                            uint64_t  now_ns);
void     ptl_ping_begin    (PtlPing  *ping,
                            uint32_t  target,
                            uint64_t  now_ns);

/* ptl-ping-receive.c */
void     ptl_ping_receive  (PtlPing  *ping,
                            Flow     *flow);
void     ptl_ping_receive_errors (PtlPing *ping,
                                  Flow    *flow);
void     ptl_ping_finish_tcp (PtlPing *ping,
                              Flow    *flow,
                              Slot    *slot);
/* What was not answered in time.  When there is more. */
uint64_t ptl_ping_expire   (PtlPing  *ping,
                            Flow     *flow,
                            uint64_t  now_ns);

/* ptl-ping.c; with the lock held */
void     ptl_ping_mark_locked   (PtlPing  *ping,
                                 uint32_t  target);
void     ptl_ping_end_locked    (PtlPing      *ping,
                                 uint32_t      target,
                                 PtlPingState  state);
/* Whether all its probes were sent and have their fate: then it is DONE. */
void     ptl_ping_check_locked  (PtlPing  *ping,
                                 uint32_t  target);
PtlPingSample *ptl_ping_sample_locked (PtlPing  *ping,
                                       uint32_t  target,
                                       uint32_t  number);
uint64_t ptl_ping_timeout_ns    (PtlPing    *ping,
                                 const Flow *flow);
void     ptl_ping_close_slot    (PtlPing  *ping,
                                 Slot     *slot);

G_END_DECLS
