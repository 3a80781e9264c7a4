/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session in the window: its frames, the bytes of each, its peers and calls, and what is
 * sent. */
#pragma once

#include <adwaita.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_TYPE_SESSION_VIEW (ptl_session_view_get_type ())
G_DECLARE_FINAL_TYPE (PtlSessionView, ptl_session_view, PTL, SESSION_VIEW, GtkWidget)

/* Properties: "session" (PtlSession or NULL), "narrow" (boolean), "receiving-paused" (boolean),
 * "side-visible" (boolean: the tabs beside the frames). */
GtkWidget *ptl_session_view_new (void);

/* For what is told of the session: over its frames, not over the message that is written. */
AdwToastOverlay *ptl_session_view_get_toasts (PtlSessionView *self);

G_END_DECLS
