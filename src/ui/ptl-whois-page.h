/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that asks whois and finger servers. */
#pragma once

#include "ui/ptl-job-page.h"

G_BEGIN_DECLS

#define PTL_TYPE_WHOIS_PAGE (ptl_whois_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlWhoisPage, ptl_whois_page, PTL, WHOIS_PAGE, PtlJobPage)

/* A PtlPage: a target is what is asked; with "@" in it by finger.  Property "narrow" (boolean). */

G_END_DECLS
