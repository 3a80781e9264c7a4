/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that wakes computers up. */
#pragma once

#include "ui/ptl-job-page.h"

G_BEGIN_DECLS

#define PTL_TYPE_WAKE_PAGE (ptl_wake_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlWakePage, ptl_wake_page, PTL, WAKE_PAGE, PtlJobPage)

/* A PtlPage: a target is a MAC address.  Property "narrow" (boolean). */

G_END_DECLS
