/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peers of a session, and what can be done with each. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_TYPE_PEERS_PAGE (ptl_peers_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlPeersPage, ptl_peers_page, PTL, PEERS_PAGE, GtkWidget)

/* Signals: "filter" (guint peer), "send-to" (guint peer). */
void ptl_peers_page_set_session (PtlPeersPage *self,
                                 PtlSession   *session);

G_END_DECLS
