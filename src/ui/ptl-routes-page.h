/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routes, rules and name servers of this computer, and which way a packet would go. */
#pragma once

#include "ui/ptl-network-page.h"

G_BEGIN_DECLS

/* Property "narrow" (boolean).  A target (PtlPage) is an address to ask the way to. */
#define PTL_TYPE_ROUTES_PAGE (ptl_routes_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlRoutesPage, ptl_routes_page, PTL, ROUTES_PAGE, PtlNetworkPage)

G_END_DECLS
