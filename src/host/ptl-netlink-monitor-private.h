/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the monitor set. */
#pragma once

#include "host/ptl-netlink-monitor.h"

/* With a receive buffer of that many bytes, so that notifications are dropped soon. */
PtlNetMonitor *ptl_net_monitor_new_full (PtlNetChangedFunc   changed,
                                         void               *data,
                                         int                 receive_bytes,
                                         GError            **error);
