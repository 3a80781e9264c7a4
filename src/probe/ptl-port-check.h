/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks ports of one host: TCP by connect(2), UDP by a question and what comes back, in a thread
 * of its own with epoll and a bounded number on their way.
 *
 * What the states mean, and where they come from:
 *   open           TCP: connected.  UDP: something answered
 *   closed         TCP: refused by a reset (RFC 9293 section 3.5.2).  UDP: ICMP port unreachable
 *                  from the host itself (RFC 1122 section 4.1.3.1)
 *   filtered       an ICMP error of another kind or from another host, or (TCP) silence
 *   open|filtered  UDP: silence; nothing can be said
 *   failed         this computer could not ask: no route, its own firewall, no descriptors
 *
 * ICMP errors are read from the socket's error queue (ip(7), IP_RECVERR), which also tells who sent
 * them; TCP has such a queue since Linux 5.19, before it their sender is not known.  A connection
 * to oneself (the kernel picked the port that is checked as the source) is not taken for an open
 * port.  Hosts send only so many ICMP errors a second (icmp(7), icmp_ratelimit; RFC 1812 section
 * 4.3.2.8): UDP ports that stay silent on a host that told others closed are asked again, slower
 * and slower, before silence is believed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-address.h"
#include "probe/ptl-port-check-list.h"
#include "probe/ptl-verdict.h"

G_BEGIN_DECLS

#define PTL_PORT_CHECK_ITEMS_MAX 131072      /* ports of one job */
#define PTL_PORT_CHECK_IN_FLIGHT_MAX 1024    /* that wait for an answer, and the greetings */
#define PTL_PORT_CHECK_GREETINGS_MAX (8 << 20) /* bytes of all greetings of a job that are told */
#define PTL_PORT_CHECK_RATE_MAX 1000         /* a second, of what is not this computer */
/* What a job does when nothing else is said; the first of each is for other hosts. */
#define PTL_PORT_CHECK_RATE 100
#define PTL_PORT_CHECK_IN_FLIGHT 32
#define PTL_PORT_CHECK_OWN_IN_FLIGHT 512
#define PTL_PORT_CHECK_TIMEOUT_MS 2500     /* two SYNs of Linux, one second apart */
#define PTL_PORT_CHECK_OWN_TIMEOUT_MS 1000
#define PTL_PORT_CHECK_GREETING_MS 1500
#define PTL_PORT_CHECK_OWN_GREETING_MS 400

typedef enum
{
  PTL_PORT_WAITING,
  PTL_PORT_OPEN,
  PTL_PORT_CLOSED,
  PTL_PORT_FILTERED,
  PTL_PORT_OPEN_FILTERED,
  PTL_PORT_FAILED,
  PTL_PORT_N_STATES
} PtlPortState;

typedef enum
{
  PTL_PORT_WHY_NONE,
  PTL_PORT_WHY_CONNECTED,
  PTL_PORT_WHY_REFUSED, /* by a reset, or by an error whose sender is not known */
  PTL_PORT_WHY_ANSWER,
  PTL_PORT_WHY_ICMP,    /* icmp_type, icmp_code, offender */
  PTL_PORT_WHY_UNREACHABLE, /* an error of the network whose sender is not known: sys_errno */
  PTL_PORT_WHY_SILENCE,
  PTL_PORT_WHY_LOCAL    /* sys_errno */
} PtlPortWhy;

typedef struct
{
  uint32_t index;    /* in the items of the job */
  uint32_t rtt_us;   /* of what came back; 0 after silence */
  int16_t  sys_errno;
  uint16_t len_greeting;
  uint8_t  state;    /* PtlPortState */
  uint8_t  why;      /* PtlPortWhy */
  uint8_t  n_tries;
  uint8_t  icmp_type;
  uint8_t  icmp_code;
  uint8_t  offender_family; /* AF_INET, AF_INET6; 0: not known */
  bool     asked_http;      /* the greeting is the answer to HEAD */
  bool     asked_tls;       /* the greeting is the answer to a ClientHello */
  bool     fits;            /* UDP: the answer is one of the protocol of the port */
  bool     more;            /* another report about it may come */
  uint8_t  refusal;         /* PtlVerdict; of WHY_LOCAL */
  bool     offender_own;    /* it is this computer: nobody on the network answered for the host */
  uint8_t  offender[16];
  uint8_t *greeting; /* owned by the report; NULL */
} PtlPortReport;

typedef struct
{
  uint16_t port;
  uint8_t  transport; /* PtlPortTransport */
} PtlPortItem;

typedef struct
{
  PtlAddress         target;    /* its port does not matter */
  const char        *host;      /* as typed, for protocols that name it; NULL: the address */
  const PtlPortItem *items;     /* copied */
  size_t             n_items;
  unsigned           rate;      /* a second; 0: what suits the target */
  unsigned           in_flight; /* 0: what suits the target */
  unsigned           timeout_ms;  /* 0: what suits the target; so the next */
  unsigned           greeting_ms;
  bool               greet;     /* wait for what an open TCP port says */
  bool               http;      /* and ask HEAD / where it says nothing, or a ClientHello of TLS;
                                 * over a second connection the other one if that is not answered */
} PtlPortCheckConfig;

typedef struct
{
  uint32_t n_done;
  uint32_t n_by_state[PTL_PORT_N_STATES];
  uint32_t n_in_flight;
  uint32_t slow_ms;   /* between two probes, because the host limits its ICMP errors; 0 */
  uint32_t n_slow;    /* ports that are asked again for that reason */
  bool     own;       /* the target is this computer */
  bool     running;
  int      gave_up;   /* an errno for which the job ended early, 0 */
  uint64_t elapsed_ns;
} PtlPortCheckStatus;

typedef struct _PtlPortCheck PtlPortCheck;

/* In the job's thread; not again before what is there has been taken.  It may not wait. */
typedef void (*PtlPortCheckNews) (void *data);

/* Starts at once.  NULL and @error when there is no thread or descriptor, or too many items. */
PtlPortCheck *ptl_port_check_new  (const PtlPortCheckConfig *config,
                                   PtlPortCheckNews          news,
                                   void                     *data,
                                   GError                  **error);
/* Ends it within some milliseconds; what was not asked stays PTL_PORT_WAITING.  Any thread. */
void          ptl_port_check_stop (PtlPortCheck *check);
/* Stops, joins the thread: no news any more.  NULL is fine. */
void          ptl_port_check_free (PtlPortCheck *check);

/* The reports since the last time, of PtlPortReport, and where it stands; owned.  Any thread. */
GArray *ptl_port_check_take (PtlPortCheck       *check,
                             PtlPortCheckStatus *status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlPortCheck, ptl_port_check_free)

G_END_DECLS
