/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parsers of messages share. */
#pragma once

#include <errno.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "host/ptl-netlink.h"

/* The attributes behind a head of @head_bytes, checked with @policy; false when the message is too
 * short for its head or an attribute for its type.  @attributes has @max + 1. */
bool ptl_netlink_parse_attributes (const struct nlmsghdr   *message,
                                   size_t                   head_bytes,
                                   struct nlattr          **attributes,
                                   int                      max,
                                   const struct nla_policy *policy);

/* One recv(2) of what the kernel sent, into PTL_NETLINK_BUFFER_BYTES; 0: it was of somebody else.
 * A negative errno; -ENOBUFS: something was dropped. */
ssize_t ptl_netlink_receive (int      fd,
                             uint8_t *buffer);
