/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Try it: a server and a client on this computer, the classic pair of the textbooks, with every
 * socket call of both explained.  Both are real sessions of the list. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-sessions.h"

G_BEGIN_DECLS

#define PTL_TRY_IT_PORT 12345
#define PTL_TRY_IT_MESSAGE "Python, client"
/* It takes milliseconds; a name server may take longer. */
#define PTL_TRY_IT_TIMEOUT_S 15

#define PTL_TYPE_TRY_IT (ptl_try_it_get_type ())
G_DECLARE_FINAL_TYPE (PtlTryIt, ptl_try_it, PTL, TRY_IT, GtkBox)

/* Property "narrow" (boolean): server above client rather than side by side. */
void ptl_try_it_set_sessions (PtlTryIt    *self, /* once */
                              PtlSessions *sessions);
/* Runs the pair, unless it is running. The one of the last time leaves the list. */
void ptl_try_it_run          (PtlTryIt    *self);

G_END_DECLS
