/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page Ping of Diagnose. */
#pragma once

#include "ui/ptl-probe-page.h"

G_BEGIN_DECLS

/* Property "narrow" (boolean).  Is a PtlPage: the target is filled in. */
#define PTL_TYPE_PING_PAGE (ptl_ping_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlPingPage, ptl_ping_page, PTL, PING_PAGE, PtlProbePage)

G_END_DECLS
