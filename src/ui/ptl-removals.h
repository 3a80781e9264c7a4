/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that were taken out of the list and can still be brought back: until its toast is gone a
 * session is only hidden. */
#pragma once

#include <adwaita.h>

#include "model/ptl-sessions.h"

G_BEGIN_DECLS

#define PTL_TYPE_REMOVALS (ptl_removals_get_type ())
G_DECLARE_FINAL_TYPE (PtlRemovals, ptl_removals, PTL, REMOVALS, GObject)

/* Signal "restored" (PtlSession): it is in the list again. */
PtlRemovals *ptl_removals_new       (PtlSessions *sessions);
/* The sessions without those that were removed.  Borrowed. */
GListModel  *ptl_removals_get_shown (PtlRemovals *self);
/* Hides @session; with the toast, which is the caller's to show, its log goes.  Owned. */
AdwToast    *ptl_removals_add       (PtlRemovals *self,
                                     PtlSession  *session);
/* Toasts that are still there are as good as dismissed: the window goes. */
void         ptl_removals_finish    (PtlRemovals *self);

G_END_DECLS
