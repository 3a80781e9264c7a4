/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ports of a session are: the protocol spoken there, and how a conversation begins. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_ABOUT_PORTS_MAX 8 /* told of one session */

#define PTL_TYPE_ABOUT_PAGE (ptl_about_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlAboutPage, ptl_about_page, PTL, ABOUT_PAGE, GtkWidget)

/* Signal "use-example" (const char *escaped). */
void ptl_about_page_set_session (PtlAboutPage *self,
                                 PtlSession   *session);

G_END_DECLS
