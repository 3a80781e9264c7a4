/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the port check share: a job and the ports that are on their way. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "probe/ptl-port-check-greeting.h"
#include "probe/ptl-port-check-udp.h"
#include "probe/ptl-port-check.h"

#define PTL_PORT_NO_SLOT UINT32_MAX

typedef enum
{
  PHASE_FREE,
  PHASE_CONNECTING,
  PHASE_GREETING, /* connected, waits for what it says */
  PHASE_AGAIN,    /* connects once more, for the other question */
  PHASE_HTTP,     /* HEAD was sent */
  PHASE_TLS,      /* ClientHello was sent */
  PHASE_ASKED     /* UDP */
} Phase;

typedef struct
{
  int                fd;
  Phase              phase;
  uint32_t           index;
  uint32_t           generation; /* of the fd: an event of an older one is dropped */
  uint32_t           next_free;
  uint64_t           sent_ns;
  uint64_t           due_ns;
  uint32_t           rtt_us;
  uint16_t           id;
  uint16_t           len;
  uint8_t            n_tries;
  bool               tls;        /* what is asked next, or was asked last, is TLS */
  const PtlUdpProbe *probe;
  uint8_t            bytes[PTL_GREETING_MAX];
} Slot;

struct _PtlPortCheck
{
  /* set before the thread starts */
  PtlAddress       target;
  char            *host;
  PtlPortItem     *items;
  uint32_t         n_items;
  unsigned         rate;
  unsigned         in_flight_max;
  uint64_t         timeout_ns;
  uint64_t         greeting_ns;
  bool             greet;
  bool             http;
  bool             own;
  PtlPortCheckNews news;
  void            *data;

  /* the thread's */
  int              epoll_fd;
  int              wake_fd;
  uint64_t         started_ns;
  uint32_t         next;          /* item that was not asked yet */
  GArray          *again;         /* uint32_t: items to ask once more, soon */
  unsigned         in_flight_now; /* the limit, less than in_flight_max after a local error */
  unsigned         n_probing;     /* slots that connect or are asked */
  unsigned         n_slots_used;
  Slot            *slots;
  uint32_t         n_slots;
  uint32_t         first_free;
  uint64_t         next_due_ns;
  uint64_t         next_launch_ns;
  uint64_t         blocked_until_ns; /* after a local error */
  uint64_t         troubled_since_ns;
  int              trouble;          /* its errno */
  uint8_t         *tries;            /* for each item, of connections to oneself */
  size_t           n_greeting_bytes;

  /* UDP: silence that may be a limit */
  uint32_t         n_udp_closed;
  GArray          *silent;        /* uint32_t: items to ask again, slowly */
  GArray          *slow;          /* the ones of this round */
  uint32_t         slow_next;
  uint32_t         slow_at;       /* answered in this round */
  uint32_t         slow_closed;
  uint64_t         slow_interval_ns;
  bool             slow_running;

  PtlPortCheckStatus status;
  GArray          *batch;         /* PtlPortReport; not told yet */
  uint64_t         flushed_ns;

  pthread_t        thread;
  atomic_bool      stopping;

  pthread_mutex_t  lock; /* of what follows */
  GArray          *reports;
  PtlPortCheckStatus shared_status;
  bool             told; /* news was called and nothing taken since */
};

/* What is known about an item now.  Takes the greeting. */
void  ptl_port_check_report (PtlPortCheck  *check,
                             PtlPortReport *report);
/* Closes and frees the slot. */
void  ptl_port_check_drop   (PtlPortCheck *check,
                             Slot         *slot);
/* NULL: there is none. */
Slot *ptl_port_check_take_slot (PtlPortCheck *check,
                                int           fd,
                                uint32_t      index,
                                Phase         phase,
                                uint32_t      events);
/* When @slot is to be looked at, whatever happens. */
void  ptl_port_check_set_due (PtlPortCheck *check,
                              Slot         *slot,
                              uint64_t      due_ns);
/* An error of this computer that passes: asked again later, with less on their way. */
void  ptl_port_check_trouble (PtlPortCheck *check,
                              uint32_t      index,
                              int           sys_errno);
bool  ptl_port_check_is_passing (int sys_errno);
/* Reads one ICMP error of the socket's queue into @report; false: there is none. */
bool  ptl_port_check_read_icmp (const PtlPortCheck *check,
                                int                 fd,
                                PtlPortReport      *report);
/* A UDP answer "port unreachable" of the host itself, as in RFC 1122. */
bool  ptl_port_check_is_port_unreachable (const PtlPortCheck  *check,
                                          const PtlPortReport *report);
PtlAddress ptl_port_check_address (const PtlPortCheck *check,
                                   uint32_t            index);
void  ptl_port_check_set_recverr (int fd,
                                  int family);

/* Silence at @due_ns may be that the kernel still asks who has the address on the network: it gives
 * up some moments later (arp(7), mcast_solicit and retrans_time), and then says so.  True: @slot is
 * to be looked at again. */
bool ptl_port_check_wait_for_neighbour (PtlPortCheck *check,
                                        Slot         *slot,
                                        uint64_t      due_ns);

/* TCP and UDP: start an item; what an event or the time says about a slot. */
void ptl_port_check_tcp_start (PtlPortCheck *check,
                               uint32_t      index);
void ptl_port_check_tcp_event (PtlPortCheck *check,
                               Slot         *slot,
                               uint32_t      events);
void ptl_port_check_tcp_due   (PtlPortCheck *check,
                               Slot         *slot);
void ptl_port_check_udp_start (PtlPortCheck *check,
                               uint32_t      index);
void ptl_port_check_udp_event (PtlPortCheck *check,
                               Slot         *slot);
void ptl_port_check_udp_due   (PtlPortCheck *check,
                               Slot         *slot);
/* When all else is done: the next silent one to be asked slowly; false: there is none (any
 * more).  *@when_ns: not before. */
bool ptl_port_check_udp_slow  (PtlPortCheck *check,
                               uint32_t     *index);
