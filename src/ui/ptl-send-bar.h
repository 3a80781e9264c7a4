/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed, or a file, to one peer or to all of them. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_SEND_BAR_TEXT_MAX_CHARS 16384 /* in the entry; more is for a file */
#define PTL_SEND_BAR_HISTORY_MAX 100

#define PTL_TYPE_SEND_BAR (ptl_send_bar_get_type ())
G_DECLARE_FINAL_TYPE (PtlSendBar, ptl_send_bar, PTL, SEND_BAR, GtkWidget)

/* Properties: "narrow" (boolean), "mode" (string: "text", "hex", "file"), "line-ending" (string:
 * "none",
 * "lf", "cr", "crlf", "nul"). */
void ptl_send_bar_set_session (PtlSendBar *self,
                               PtlSession *session);
void ptl_send_bar_set_target  (PtlSendBar *self,
                               guint32     peer); /* PTL_PEER_NONE: all, or the default one */
/* Puts a text with escapes there to be sent; its line end goes to the choice of line ends. */
void ptl_send_bar_put         (PtlSendBar *self,
                               const char *escaped);
void ptl_send_bar_focus       (PtlSendBar *self);

G_END_DECLS
