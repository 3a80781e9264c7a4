/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of This Computer that shows its names, and what each resolves to. */
#pragma once

#include "ui/ptl-page-base.h"

G_BEGIN_DECLS

/* Property "narrow" (boolean). */
#define PTL_TYPE_NAMES_PAGE (ptl_names_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlNamesPage, ptl_names_page, PTL, NAMES_PAGE, PtlPageBase)

G_END_DECLS
