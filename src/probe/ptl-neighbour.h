/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel knows of the neighbour that packets to an address go to first (arp(7), RFC 4861):
 * by rtnetlink(7), RTM_GETROUTE and RTM_GETNEIGH. */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

/* Whether the kernel still asks the network who has the address that packets to @destination are
 * handed to, and nobody has answered (NUD_INCOMPLETE).  False too where it cannot be told.
 * Waits for the kernel as ptl_netlink_ask() does: any thread but main. */
bool ptl_neighbour_is_asked_for (const PtlAddress *destination);

G_END_DECLS
