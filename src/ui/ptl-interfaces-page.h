/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network interfaces of this computer, live, and what is to be known of the chosen one. */
#pragma once

#include "ui/ptl-network-page.h"

G_BEGIN_DECLS

/* Property "narrow" (boolean).  A target (PtlPage) is the name or number of an interface. */
#define PTL_TYPE_INTERFACES_PAGE (ptl_interfaces_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlInterfacesPage, ptl_interfaces_page, PTL, INTERFACES_PAGE, PtlNetworkPage)

G_END_DECLS
