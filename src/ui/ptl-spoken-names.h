/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accessible names of GTK's own widgets, where newer GTK loses them. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Once, after gtk_init(): looks at each widget as it is realized.  Does nothing before GTK 4.10,
 * whose names are right. */
void ptl_spoken_names_init (void);

G_END_DECLS
