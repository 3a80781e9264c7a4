/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two panes, one of which is hidden at times. */
#include "config.h"

#include "ui/ptl-paned.h"

#include <stdbool.h>

/* Those that move the handle: by the pointer and by touch. */
static void
update_gestures (GtkPaned *paned)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (paned));
  bool has_handle = gtk_widget_get_visible (gtk_paned_get_start_child (paned)) &&
                    gtk_widget_get_visible (gtk_paned_get_end_child (paned));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_GESTURE_DRAG (controller))
        gtk_event_controller_set_propagation_phase (controller, has_handle ? GTK_PHASE_CAPTURE
                                                                           : GTK_PHASE_NONE);
    }
}

void
ptl_paned_hide_handle (GtkPaned *paned)
{
  GtkWidget *children[] = { gtk_paned_get_start_child (paned), gtk_paned_get_end_child (paned) };

  for (size_t i = 0; i < G_N_ELEMENTS (children); i++)
    g_signal_connect_object (children[i], "notify::visible", G_CALLBACK (update_gestures), paned,
                             G_CONNECT_SWAPPED);
  update_gestures (paned);
}
