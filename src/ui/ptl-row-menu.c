/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of a table's row. */
#include "config.h"

#include "ui/ptl-row-menu.h"

GtkWidget *
ptl_row_menu_find_cell (GtkWidget *view,
                        double     x,
                        double     y)
{
  for (GtkWidget *widget = gtk_widget_pick (view, x, y, GTK_PICK_DEFAULT);
       widget != NULL && widget != view;
       widget = gtk_widget_get_parent (widget))
    {
      GtkWidget *cell = widget;

      /* A cell has it as its child, a row as its first cell's. */
      for (int depth = 0; depth < 3 && cell != NULL; depth++)
        {
          if (ptl_row_menu_get_item (cell) != NULL)
            return cell;
          cell = gtk_widget_get_first_child (cell);
        }
    }
  return NULL;
}

GtkListItem *
ptl_row_menu_get_item (GtkWidget *cell)
{
  return cell != NULL ? g_object_get_data (G_OBJECT (cell), "ptl-item") : NULL;
}

/* GTK leaves the keyboard with nobody: it goes back to where it was, and then where an action of
 * the menu takes it. */
static void
on_closed_cb (GtkWidget *menu)
{
  g_autoptr (GtkWidget) focus = g_object_steal_data (G_OBJECT (menu), "ptl-focus");

  if (focus != NULL && gtk_widget_get_mapped (focus))
    gtk_widget_grab_focus (focus);
}

static void
on_button_closed_cb (GtkWidget  *button,
                     GtkPopover *menu)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (button));

  if (focus == NULL || !gtk_widget_get_mapped (focus)
      || gtk_widget_is_ancestor (focus, GTK_WIDGET (menu)))
    gtk_widget_grab_focus (button);
}

void
ptl_row_menu_keep_focus (GtkMenuButton *button)
{
  g_signal_connect_swapped (gtk_menu_button_get_popover (button), "closed",
                            G_CALLBACK (on_button_closed_cb), button);
}

void
ptl_row_menu_popup (GtkWidget **menu,
                    GMenuModel *model,
                    GtkWidget  *over,
                    GtkWidget  *view,
                    double      x,
                    double      y)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (over));
  graphene_point_t at;

  if (!gtk_widget_compute_point (view, over, &GRAPHENE_POINT_INIT ((float) x, (float) y), &at))
    return;
  if (*menu == NULL)
    {
      *menu = gtk_popover_menu_new_from_model (model);
      gtk_widget_set_halign (*menu, GTK_ALIGN_START);
      gtk_popover_set_has_arrow (GTK_POPOVER (*menu), FALSE);
      gtk_widget_set_parent (*menu, over);
      g_signal_connect (*menu, "closed", G_CALLBACK (on_closed_cb), NULL);
    }
  if (focus != NULL)
    g_object_set_data_full (G_OBJECT (*menu), "ptl-focus", g_object_ref (focus), g_object_unref);
  gtk_popover_set_pointing_to (GTK_POPOVER (*menu),
                               &(GdkRectangle) { (int) at.x, (int) at.y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (*menu));
}

/* --- of a view -------------------------------------------------------------------------------- */

/* All borrowed. */
typedef struct
{
  GtkWidget     **menu;
  GMenuModel     *model;
  GtkWidget      *over;
  GtkColumnView  *view;
} Attached;

static void
popup_at (Attached *attached,
          double    x,
          double    y)
{
  GtkSelectionModel *selection = gtk_column_view_get_model (attached->view);

  if (gtk_single_selection_get_selected_item (GTK_SINGLE_SELECTION (selection)) != NULL)
    ptl_row_menu_popup (attached->menu, attached->model, attached->over,
                        GTK_WIDGET (attached->view), x, y);
}

static void
on_secondary_click_cb (Attached        *attached,
                       int              n_press,
                       double           x,
                       double           y,
                       GtkGestureClick *gesture)
{
  GtkSelectionModel *selection = gtk_column_view_get_model (attached->view);
  GtkListItem *item =
    ptl_row_menu_get_item (ptl_row_menu_find_cell (GTK_WIDGET (attached->view), x, y));

  if (item == NULL)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (selection),
                                     gtk_list_item_get_position (item));
  popup_at (attached, x, y);
}

static gboolean
on_popup_menu_cb (GtkWidget *widget,
                  GVariant  *args,
                  gpointer   data)
{
  popup_at (data, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
  return TRUE;
}

void
ptl_row_menu_attach (GtkWidget     **menu,
                     GMenuModel     *model,
                     GtkWidget      *over,
                     GtkColumnView  *view)
{
  Attached *attached = g_new (Attached, 1);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  *attached = (Attached) { menu, model, over, view };
  g_object_set_data_full (G_OBJECT (view), "ptl-row-menu", attached, g_free);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_secondary_click_cb), attached);
  gtk_widget_add_controller (GTK_WIDGET (view), GTK_EVENT_CONTROLLER (click));
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (keys),
    gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Menu|<Shift>F10"),
                      gtk_callback_action_new (on_popup_menu_cb, attached, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (view), keys);
}
