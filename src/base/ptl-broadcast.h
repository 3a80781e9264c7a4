/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broadcast addresses of this computer's IPv4 addresses, by rtnetlink(7).
 *
 * getifaddrs(3) keeps a peer's address in the place of the broadcast address, and without a peer
 * the own one: where nobody has set a broadcast address, what is told there is none. */
#pragma once

#include <glib.h>

#include "base/ptl-address.h"
#include "base/ptl-netlink.h"

G_BEGIN_DECLS

#define PTL_BROADCASTS_MAX 4096 /* more are left out */

typedef struct
{
  unsigned   index;     /* of the interface */
  PtlAddress address;   /* port 0 */
  PtlAddress broadcast;
} PtlBroadcast;

/* Of PtlBroadcast, those that have one (IFA_BROADCAST); owned, never NULL.  Waits for the kernel as
 * ptl_netlink_ask() does: any thread but main. */
GArray *ptl_broadcast_list (void);
/* Appends to @found what an RTM_NEWADDR says, a message that ptl_netlink_next() gave; any other one
 * says nothing. */
void ptl_broadcast_take (const struct nlmsghdr *message,
                         void                  *found);
/* The broadcast address of @address on the interface @index; len 0: it has none. */
PtlAddress ptl_broadcast_find (GArray           *broadcasts,
                               unsigned          index,
                               const PtlAddress *address);

G_END_DECLS
