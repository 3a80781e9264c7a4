/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tab leaves a list: GTK 4.8 goes from row to row with it, through a million of them. */
#include "config.h"

#include "ui/ptl-tab-out.h"

static gboolean
on_tab_cb (GtkWidget *list,
           GVariant  *args,
           gpointer   data)
{
  GtkDirectionType direction = GPOINTER_TO_INT (data);
  bool forward = direction == GTK_DIR_TAB_FORWARD;

  for (GtkWidget *from = list; from != NULL && !GTK_IS_ROOT (from);
       from = gtk_widget_get_parent (from))
    {
      GtkWidget *to = from;

      while ((to = forward ? gtk_widget_get_next_sibling (to) : gtk_widget_get_prev_sibling (to)))
        if (gtk_widget_get_mapped (to) && gtk_widget_child_focus (to, direction))
          return TRUE;
    }
  return FALSE;
}

void
ptl_tab_out_attach (GtkWidget *list)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (keys),
    gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Tab, 0),
                      gtk_callback_action_new (on_tab_cb, GINT_TO_POINTER (GTK_DIR_TAB_FORWARD),
                                               NULL)));
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (keys),
    gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Tab, GDK_SHIFT_MASK),
                      gtk_callback_action_new (on_tab_cb, GINT_TO_POINTER (GTK_DIR_TAB_BACKWARD),
                                               NULL)));
  gtk_widget_add_controller (list, keys);
}
