/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Sockets pane: the list of sessions, and beside it the form for a new one, the chosen one, or
 * Try it.  When narrow, the list and what is beside it take turns. */
#pragma once

#include <adwaita.h>

#include "model/ptl-saved.h"
#include "model/ptl-sessions.h"

G_BEGIN_DECLS

#define PTL_TYPE_SOCKETS_PANE (ptl_sockets_pane_get_type ())
G_DECLARE_FINAL_TYPE (PtlSocketsPane, ptl_sockets_pane, PTL, SOCKETS_PANE, GtkWidget)

/* Properties: "narrow" (boolean), "can-go-back" (boolean, read only), "selected" (PtlSession, read
 * only; NULL while the form or Try it is shown). */
void        ptl_sockets_pane_set_models   (PtlSocketsPane *self, /* once */
                                           PtlSessions    *sessions,
                                           PtlSaved       *saved);
PtlSession *ptl_sockets_pane_get_selected (PtlSocketsPane *self); /* borrowed */
void        ptl_sockets_pane_select       (PtlSocketsPane *self,
                                           PtlSession     *session);
/* Opens a session, remembers it among the recent ones and selects it.  Borrowed. */
PtlSession *ptl_sockets_pane_open         (PtlSocketsPane *self,
                                           const PtlSpec  *spec);
/* Takes it out of the list, with a toast to undo that; its log goes with the toast. */
void        ptl_sockets_pane_remove       (PtlSocketsPane *self,
                                           PtlSession     *session);
/* Shows the form, filled from @spec unless that is NULL. */
void        ptl_sockets_pane_show_form    (PtlSocketsPane *self,
                                           const PtlSpec  *spec);
void        ptl_sockets_pane_try_it       (PtlSocketsPane *self);
void        ptl_sockets_pane_go_back      (PtlSocketsPane *self);
/* Selects the @n-th session after (before, when negative) the selected one. */
void        ptl_sockets_pane_step         (PtlSocketsPane *self,
                                           int             n);
/* Those of the session that is in sight; NULL: there is none. */
AdwToastOverlay *ptl_sockets_pane_get_toasts (PtlSocketsPane *self);

G_END_DECLS
