/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a ping has met, in words. */
#pragma once

#include "probe/ptl-ping.h"

G_BEGIN_DECLS

/* What is odd about a target, the worst first; @gai: why it has no address, 0; @resolving: its name
 * is looked up; @choice: which sockets there are.  @all: each in a line of its own.  Owned; ""
 * where nothing is odd. */
char *ptl_ping_stats_to_note (const PtlPingStats  *stats,
                              const PtlIcmpChoice *choice,
                              int                  gai,
                              gboolean             resolving,
                              gboolean             all);

G_END_DECLS
