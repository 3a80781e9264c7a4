/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page Trace Route of Diagnose. */
#pragma once

#include "ui/ptl-probe-page.h"

G_BEGIN_DECLS

/* Property "narrow" (boolean).  Is a PtlPage: the target is filled in. */
#define PTL_TYPE_TRACE_PAGE (ptl_trace_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlTracePage, ptl_trace_page, PTL, TRACE_PAGE, PtlProbePage)

G_END_DECLS
