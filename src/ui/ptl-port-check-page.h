/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that checks the ports of a host. */
#pragma once

#include "ui/ptl-job-page.h"

G_BEGIN_DECLS

#define PTL_TYPE_PORT_CHECK_PAGE (ptl_port_check_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlPortCheckPage, ptl_port_check_page, PTL, PORT_CHECK_PAGE, PtlJobPage)

/* A PtlPage: a target is a host, or a host and ports with a space between them, and fills the form.
 * Property "narrow" (boolean). */

G_END_DECLS
