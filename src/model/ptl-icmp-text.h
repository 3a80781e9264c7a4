/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a ping or a trace has met, in words.  All results are owned. */
#pragma once

#include "probe/ptl-icmp-socket.h"
#include "probe/ptl-verdict.h"

G_BEGIN_DECLS

/* "10.0.0.1 says: forbidden by an administrator (!X)". */
char *ptl_icmp_notice_to_text (const PtlIcmpNotice *notice);
/* The same without who says so, and what it means; for the hop of a trace, which has its address
 * beside it.  "" where there is nothing to say. */
char *ptl_icmp_notice_to_note (const PtlIcmpNotice *notice);
/* How probes are sent over @family, and why so. */
char *ptl_icmp_choice_to_text (const PtlIcmpChoice *choice,
                               int                  family,
                               guint                port);
/* Why nothing can be sent: of PTL_VIA_NONE, or of the target's address; @choice may be NULL. */
char *ptl_icmp_refusal_to_text (int                  sys_errno,
                                PtlVerdict           refusal,
                                const PtlIcmpChoice *choice);
/* Of pings that ptl_icmp_is_held_back(). */
char *ptl_icmp_held_back_to_text (void);
/* "0.042 ms", "12.3 ms", "1.20 s". */
char *ptl_icmp_time_to_text   (double ns);

G_END_DECLS
