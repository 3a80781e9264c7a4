/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket calls of a session, each explained. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_TYPE_CALLS_PAGE (ptl_calls_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlCallsPage, ptl_calls_page, PTL, CALLS_PAGE, GtkWidget)

/* Property "explain" (boolean): whether each call is explained. */
void ptl_calls_page_set_session (PtlCallsPage *self,
                                 PtlSession   *session);

G_END_DECLS
