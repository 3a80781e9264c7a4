/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of This Computer that says which sockets this kernel offers. */
#pragma once

#include "ui/ptl-trial-page.h"

G_BEGIN_DECLS

/* Property "narrow" (boolean). */
#define PTL_TYPE_FAMILIES_PAGE (ptl_families_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlFamiliesPage, ptl_families_page, PTL, FAMILIES_PAGE, PtlTrialPage)

G_END_DECLS
