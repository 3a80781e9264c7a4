/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks what a session that runs shall do when something comes. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

/* Does this session react at all? */
bool ptl_reaction_dialog_applies (PtlSession *session);
/* Tells of the change in the toasts that @over is under. */
void ptl_reaction_dialog_present (GtkWidget  *over,
                                  PtlSession *session);

G_END_DECLS
