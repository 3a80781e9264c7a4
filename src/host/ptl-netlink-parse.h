/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of rtnetlink(7) as values.
 *
 * Those that are cut off, lie about a length or lack what they must have are refused.  Nothing of a
 * message is kept by reference. */
#pragma once

#include "base/ptl-netlink.h"
#include "host/ptl-interfaces.h"
#include "host/ptl-routes.h"

G_BEGIN_DECLS

/* @message is one that ptl_netlink_next() gave.  False, and @out is not to be used, when it is not
 * of that type or not well formed.  The driver's part of a link is left as ptl_link_init() sets
 * it. */
void ptl_link_init                (PtlLink *link);
bool ptl_netlink_parse_link       (const struct nlmsghdr *message,
                                   PtlLink               *link);
bool ptl_netlink_parse_address    (const struct nlmsghdr *message,
                                   uint64_t               now_ns,
                                   PtlInterfaceAddress   *address);
/* Appends to @hops (of PtlRouteHop); takes them back when it fails. */
bool ptl_netlink_parse_route      (const struct nlmsghdr *message,
                                   PtlRoute              *route,
                                   GArray                *hops);
bool ptl_netlink_parse_rule       (const struct nlmsghdr *message,
                                   PtlRule               *rule);
/* RTM_NEWSTATS with IFLA_STATS_LINK_64, or RTM_NEWLINK with IFLA_STATS64. */
bool ptl_netlink_parse_counters   (const struct nlmsghdr *message,
                                   PtlCounters           *counters);
/* CTRL_CMD_NEWFAMILY: the number of the family @name; 0: not it. */
uint16_t ptl_netlink_parse_family (const struct nlmsghdr *message,
                                   const char            *name);
/* NL80211_CMD_NEW_INTERFACE: the index; 0: not one. */
int  ptl_netlink_parse_wireless   (const struct nlmsghdr *message);

G_END_DECLS
