/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session in the list of sessions. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_TYPE_SESSION_ROW (ptl_session_row_get_type ())
G_DECLARE_FINAL_TYPE (PtlSessionRow, ptl_session_row, PTL, SESSION_ROW, GtkListBoxRow)

GtkWidget  *ptl_session_row_new         (PtlSession    *session);
PtlSession *ptl_session_row_get_session (PtlSessionRow *self); /* borrowed */

G_END_DECLS
