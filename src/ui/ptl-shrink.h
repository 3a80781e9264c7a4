/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets the controls of a page be narrower than their words. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Of all that is in @root: the button of a drop-down ellipsizes (its list does not), the words of a
 * check button and beside a field wrap, and a stack switcher breaks into lines.  Where there is
 * room nothing looks different. */
void ptl_shrink_controls (GtkWidget *root);

G_END_DECLS
