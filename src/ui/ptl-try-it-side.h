/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of the two of Try it: what it is, its state, and its socket calls in order. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

/* Calls that are listed; the session has all of them. */
#define PTL_TRY_IT_CALLS_MAX 200

#define PTL_TYPE_TRY_IT_SIDE (ptl_try_it_side_get_type ())
G_DECLARE_FINAL_TYPE (PtlTryItSide, ptl_try_it_side, PTL, TRY_IT_SIDE, GtkBox)

/* Properties: "title" (string), "session" (PtlSession; NULL: none yet), "host-name" (string: the
 * name that gethostname() gave is the first step; NULL: it is none). */

G_END_DECLS
