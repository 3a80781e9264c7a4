/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copy as: the program, command or URI that does what a session does. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-copy-as.h"
#include "model/ptl-session.h"

G_BEGIN_DECLS

/* Puts it on the clipboard and says so in @widget's window; its message is what was sent last. */
void ptl_copy_program (GtkWidget  *widget,
                       PtlSession *session,
                       PtlCopyAs   what);

G_END_DECLS
