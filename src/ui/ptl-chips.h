/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of buttons of which one is chosen: what a list shows. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* At the end of @chips, which has no other children; borrowed.  Both texts are translated. */
GtkWidget *ptl_chips_add (GtkBox     *chips,
                          const char *label,
                          const char *tooltip);

G_END_DECLS
