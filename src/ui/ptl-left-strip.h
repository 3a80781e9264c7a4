/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strip that tells of recordings an earlier run left, and offers to open or discard them. */
#pragma once

#include <adwaita.h>

#include "model/ptl-sessions.h"

G_BEGIN_DECLS

#define PTL_TYPE_LEFT_STRIP (ptl_left_strip_get_type ())
G_DECLARE_FINAL_TYPE (PtlLeftStrip, ptl_left_strip, PTL, LEFT_STRIP, AdwBin)

/* Signal "recovered" (PtlSession): one was opened, and is in the list of sessions. */

/* Asks what was left; the strip shows when there is something. */
void ptl_left_strip_set_sessions (PtlLeftStrip *self, /* once */
                                  PtlSessions  *sessions);

G_END_DECLS
