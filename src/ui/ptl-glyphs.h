/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stand-ins for control characters on systems whose fonts have no pictures of them. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Takes @text, as the codec made it safe; where no font has the control pictures (U+2400 ...), they
 * become escapes ("\r", "\0", "\x1b").  Owned by the caller. */
char *ptl_glyphs_take (GtkWidget *widget,
                       char      *text);

G_END_DECLS
