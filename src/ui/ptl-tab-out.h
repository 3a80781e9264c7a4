/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tab leaves a list, and a widget that chooses itself where the focus goes in it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* From a row of any list in @native, a window or a popover, Tab and Shift+Tab go to what comes
 * after and before the list, as gtk_list_view_set_tab_behavior() of GTK 4.12 has it.  What stands
 * in a row is passed over, too: nothing that can be pressed belongs there alone. */
void ptl_tab_out_install (GtkNative *native);

/* For a class with a grab_focus() of its own: GTK calls that, too, when Tab has come to the end of
 * its children, and would begin anew there for ever. */
void ptl_tab_out_init_class (GtkWidgetClass *widget_class);

G_END_DECLS
