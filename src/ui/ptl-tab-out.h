/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tab leaves a list: GTK 4.8 goes from row to row with it, through a million of them. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* From a row of @list, none of which has a control in it, Tab and Shift+Tab go to what comes after
 * and before the list, as gtk_list_view_set_tab_behavior() of GTK 4.12 has it. */
void ptl_tab_out_attach (GtkWidget *list);

G_END_DECLS
