/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tooltips of what changes often.
 *
 * Each time that gtk_widget_set_tooltip_text() is called, GTK asks the display server where the
 * pointer is and waits for the answer: in a flood, when the processors are wanted by others, for
 * milliseconds.  Here the text is only kept, and given when somebody asks for it.
 *
 * Main thread only. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @text may be NULL: none.  One that is shown just now changes when the pointer moves. */
void ptl_tooltip_set (GtkWidget  *widget,
                      const char *text);

G_END_DECLS
