/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The routing tables and rules of this computer as values, and the question which way a packet
 * would go (rtnetlink(7), ip-route(8), ip-rule(8)). */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_ROUTES_MAX 20000
#define PTL_ROUTE_HOPS_MAX 256 /* of one route */
#define PTL_RULES_MAX 4096

typedef struct
{
  uint8_t  family;     /* of @gateway; 0: none, the destination is on the link */
  uint8_t  flags;      /* RTNH_F_* */
  uint16_t encap;      /* LWTUNNEL_ENCAP_*; 0: none */
  uint32_t weight;     /* 1 ... */
  int      index;      /* of the interface; 0: none */
  uint8_t  gateway[16];
} PtlRouteHop;

/* One RTM_NEWROUTE. */
typedef struct
{
  uint8_t  family;
  uint8_t  type;       /* RTN_* */
  uint8_t  protocol;   /* RTPROT_* */
  uint8_t  scope;      /* RT_SCOPE_* */
  uint8_t  tos;
  uint8_t  destination_len;
  uint8_t  source_len; /* of @source, the packets' ("from"); 0: any */
  uint8_t  preference; /* of a router, RFC 4191; ICMPV6_ROUTER_PREF_* */
  bool     has_preferred;
  bool     has_preference;
  uint32_t flags;      /* RTM_F_*, RTNH_F_* */
  uint32_t table;
  uint32_t metric;     /* RTA_PRIORITY */
  uint32_t mtu;        /* RTAX_MTU; 0: the interface's */
  uint32_t uid;        /* of an answer; UINT32_MAX: not told */
  uint32_t mark;
  uint32_t expires_s;  /* 0: never */
  uint32_t next_hop_id;
  int32_t  error;      /* of an answer: negative errno; 0 */
  int      in_index;   /* of an answer: RTA_IIF */
  unsigned first_hop;  /* in the array of hops */
  unsigned n_hops;
  uint8_t  destination[16];
  uint8_t  source[16];
  uint8_t  preferred[16]; /* RTA_PREFSRC: the address that our packets get */
} PtlRoute;

/* One RTM_NEWRULE. */
typedef struct
{
  uint8_t  family;
  uint8_t  action;     /* FR_ACT_* */
  uint8_t  destination_len;
  uint8_t  source_len;
  uint8_t  tos;
  uint8_t  ip_protocol;
  uint8_t  protocol;   /* RTPROT_* of who made it */
  bool     inverted;   /* "not" */
  bool     has_uids;
  bool     l3mdev;
  uint32_t table;
  uint32_t priority;
  uint32_t mark;
  uint32_t mark_mask;
  uint32_t goto_priority;
  uint32_t uid_from;
  uint32_t uid_to;
  uint16_t source_port_from;
  uint16_t source_port_to;
  uint16_t destination_port_from;
  uint16_t destination_port_to;
  int32_t  suppress_len; /* -1: no */
  uint8_t  destination[16];
  uint8_t  source[16];
  char     in_name[IFNAMSIZ];
  char     out_name[IFNAMSIZ];
} PtlRule;

/* Never changed once it is made; shared by threads. */
typedef struct
{
  _Atomic unsigned ref_count;
  uint64_t         at_ns;    /* monotonic: when they were read */
  unsigned         n_routes;
  unsigned         n_hops;
  unsigned         n_rules;
  unsigned         n_left_out; /* there were more than the limits allow */
  int              rules_error; /* negative errno: this kernel has no rules */
  PtlRoute        *routes;   /* IPv4 first; as the kernel tells them */
  PtlRouteHop     *hops;
  PtlRule         *rules;
} PtlRoutes;

PtlRoutes *ptl_routes_ref   (PtlRoutes *routes);
void       ptl_routes_unref (PtlRoutes *routes);

/* Whether @a and @b say the same, apart from when they were read. */
bool       ptl_routes_equal (const PtlRoutes *a,
                             const PtlRoutes *b);
/* Of those of @type (RTN_UNREACHABLE, RTN_PROHIBIT, RTN_BLACKHOLE, RTN_THROW): the one with the
 * longest prefix in which @address lies; NULL. */
const PtlRoute *ptl_routes_find_refusal (const PtlRoutes  *routes,
                                         const PtlAddress *address,
                                         uint8_t           type);

typedef struct
{
  PtlAddress destination; /* IPv4 or IPv6; a zone is the interface */
  PtlAddress source;      /* len 0: the kernel's choice */
  int        out_index;   /* 0: any */
  uint32_t   mark;
} PtlRouteQuestion;

typedef struct
{
  int         error;      /* 0, or a negative errno: -ENETUNREACH, -EHOSTUNREACH, -EACCES ... */
  bool        has_match;  /* @match is the entry of the table; else only @route is known */
  PtlRoute    route;      /* what a packet would get: interface, gateway, source */
  PtlRouteHop hop;
  PtlRoute    match;      /* its n_hops may be more than one: the kernel chose one of them */
} PtlRouteAnswer;

/* RTM_GETROUTE.  Waits, at most PTL_NETLINK_ASK_MS: not in the main thread.  Everything that is not
 * an answer of the routing tables (no socket, no time) is an @error and false. */
bool ptl_routes_ask (const PtlRouteQuestion  *question,
                     PtlRouteAnswer          *answer,
                     GError                 **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlRoutes, ptl_routes_unref)

G_END_DECLS
