/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why this computer sends nothing to an address: what its kernel means by an errno. */
#pragma once

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

/* Where its errno has more than one meaning. */
typedef enum
{
  PTL_VERDICT_OTHER,        /* the errno says it */
  PTL_VERDICT_MANY,         /* a broadcast or multicast address */
  PTL_VERDICT_PROHIBITED,   /* by a route or rule of the kind prohibit */
  PTL_VERDICT_DISCARDED,    /* by a route or rule of the kind blackhole */
  PTL_VERDICT_NO_ZONE,      /* a link-local address without its interface */
  PTL_VERDICT_NO_INTERFACE, /* its zone is no interface of this computer */
  PTL_VERDICT_FIREWALL
} PtlVerdict;

/* What @sys_errno (positive) of connect(2) or sendto(2) to @destination means.  The kernel says
 * EACCES of a broadcast address (to TCP: ENETUNREACH) and of a prohibit route, EINVAL of a
 * blackhole route and of a link-local address without a zone (ip-route(8), ipv6(7)).  Sends
 * nothing. */
PtlVerdict ptl_verdict_find (const PtlAddress *destination,
                             int               sys_errno);

G_END_DECLS
