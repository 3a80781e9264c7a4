/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tab leaves a list, and a widget that chooses itself where the focus goes in it. */
#include "config.h"

#include "ui/ptl-tab-out.h"

/* --- lists ---------------------------------------------------------------------------------- */

/* A box of rows that one is chosen of is one, too; others are forms, whose rows have controls. */
static bool
is_list (GtkWidget *widget)
{
  return GTK_IS_LIST_VIEW (widget) || GTK_IS_GRID_VIEW (widget) ||
         (GTK_IS_LIST_BOX (widget) &&
          gtk_list_box_get_selection_mode (GTK_LIST_BOX (widget)) != GTK_SELECTION_NONE);
}

/* The list that has @widget in it; a popover over a row is no part of the list. */
static GtkWidget *
find_list (GtkWidget *widget)
{
  for (; widget != NULL && !GTK_IS_NATIVE (widget); widget = gtk_widget_get_parent (widget))
    if (is_list (widget))
      return widget;
  return NULL;
}

static gboolean
on_key_cb (GtkEventControllerKey *keys,
           guint                  keyval,
           guint                  keycode,
           GdkModifierType        modifiers,
           GtkWidget             *native)
{
  GtkWidget *list = find_list (gtk_root_get_focus (gtk_widget_get_root (native)));
  bool back = keyval == GDK_KEY_ISO_Left_Tab || (modifiers & GDK_SHIFT_MASK) != 0;
  gboolean moved;

  if (list == NULL || GTK_WIDGET (gtk_widget_get_native (list)) != native ||
      (modifiers & GDK_ALT_MASK) != 0 ||
      (keyval != GDK_KEY_Tab && keyval != GDK_KEY_KP_Tab && keyval != GDK_KEY_ISO_Left_Tab))
    return GDK_EVENT_PROPAGATE;

  /* As if there were no row in it. */
  gtk_widget_set_can_focus (list, FALSE);
  moved = gtk_widget_child_focus (native, back ? GTK_DIR_TAB_BACKWARD : GTK_DIR_TAB_FORWARD);
  gtk_widget_set_can_focus (list, TRUE);
  return moved ? GDK_EVENT_STOP : GDK_EVENT_PROPAGATE;
}

void
ptl_tab_out_install (GtkNative *native)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key_cb), native);
  gtk_widget_add_controller (GTK_WIDGET (native), keys);
}

/* --- widgets -------------------------------------------------------------------------------- */

static bool
is_backward (GtkWidget        *widget,
             GtkDirectionType  direction)
{
  bool rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  return direction == GTK_DIR_TAB_BACKWARD || direction == GTK_DIR_UP ||
         direction == (rtl ? GTK_DIR_RIGHT : GTK_DIR_LEFT);
}

/* The children only, in their order. */
static gboolean
focus_children (GtkWidget        *widget,
                GtkDirectionType  direction)
{
  GtkWidget *(*next) (GtkWidget *) = is_backward (widget, direction) ? gtk_widget_get_prev_sibling
                                                                     : gtk_widget_get_next_sibling;
  GtkWidget *child = gtk_widget_get_focus_child (widget);

  if (child == NULL)
    child = next == gtk_widget_get_prev_sibling ? gtk_widget_get_last_child (widget)
                                                : gtk_widget_get_first_child (widget);
  for (; child != NULL; child = next (child))
    if (gtk_widget_get_mapped (child) && gtk_widget_child_focus (child, direction))
      return TRUE;
  return FALSE;
}

void
ptl_tab_out_init_class (GtkWidgetClass *widget_class)
{
  widget_class->focus = focus_children;
}
