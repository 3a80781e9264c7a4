/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the monitor knows of interfaces and addresses, changed message by message.  One thread. */
#pragma once

#include "host/ptl-netlink-monitor.h"
#include "host/ptl-netlink-parse.h"

typedef struct _PtlNetState PtlNetState;

PtlNetState    *ptl_net_state_new   (int stop_fd); /* of questions that it asks by itself */
void            ptl_net_state_free  (PtlNetState *state); /* NULL is fine */
/* Between these all are told that there are; the others are gone afterwards. */
void            ptl_net_state_begin (PtlNetState *state);
void            ptl_net_state_end   (PtlNetState *state);
/* A notification, or a piece of a dump; what is neither is ignored. */
void            ptl_net_state_apply (PtlNetState           *state,
                                     const struct nlmsghdr *message);
bool            ptl_net_state_is_dirty (const PtlNetState *state);
/* Asks the drivers of those that changed, and nl80211.  Interfaces only; owned. */
PtlNetSnapshot *ptl_net_state_make_snapshot (PtlNetState *state);
