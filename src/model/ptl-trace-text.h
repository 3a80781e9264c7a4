/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trace has found, in words.  All results are owned. */
#pragma once

#include "probe/ptl-trace.h"

G_BEGIN_DECLS

/* What is odd about @router (NULL: nobody has answered) of hop @number; "" where nothing is. */
char *ptl_trace_router_to_note (const PtlTraceStats  *stats,
                                guint                 number,
                                const PtlTraceHop    *hop,
                                const PtlTraceRouter *router);
/* How large a packet may be, and who lowers that; "" where it was not looked for. */
char *ptl_trace_mtu_to_text    (const PtlTraceStats  *stats);

G_END_DECLS
