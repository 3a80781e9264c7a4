/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of This Computer that lets it reach itself. */
#pragma once

#include "ui/ptl-trial-page.h"

G_BEGIN_DECLS

/* Property "narrow" (boolean). */
#define PTL_TYPE_SELF_TEST_PAGE (ptl_self_test_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlSelfTestPage, ptl_self_test_page, PTL, SELF_TEST_PAGE, PtlTrialPage)

G_END_DECLS
