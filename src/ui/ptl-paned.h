/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two panes, one of which is hidden at times. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A handle that is not shown takes no clicks either.  GTK goes on looking for it where it was last
 * (seen in 4.8): in a narrow window that is a strip of 18 pixels in which nothing can be
 * clicked.  To be called once, when @paned has both children. */
void ptl_paned_hide_handle (GtkPaned *paned);

G_END_DECLS
