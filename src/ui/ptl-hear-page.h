/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that listens to multicast groups and broadcasts. */
#pragma once

#include "ui/ptl-job-page.h"

G_BEGIN_DECLS

#define PTL_TYPE_HEAR_PAGE (ptl_hear_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlHearPage, ptl_hear_page, PTL, HEAR_PAGE, PtlJobPage)

/* A PtlPage: a target is the name of an interface, or the address of a group.  Property "narrow"
 * (boolean). */

G_END_DECLS
