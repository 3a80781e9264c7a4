/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of a table's row. */
#include "config.h"

#include "ptl-row-menu.h"

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

void
ptl_row_menu_popup (GtkWidget **menu,
                    GMenuModel *model,
                    GtkWidget  *over,
                    GtkWidget  *view,
                    double      x,
                    double      y)
{
  graphene_point_t at;

  if (!gtk_widget_compute_point (view, over, &GRAPHENE_POINT_INIT ((float) x, (float) y), &at))
    return;
  if (*menu == NULL)
    {
      *menu = gtk_popover_menu_new_from_model (model);
      gtk_widget_set_halign (*menu, GTK_ALIGN_START);
      gtk_popover_set_has_arrow (GTK_POPOVER (*menu), FALSE);
      gtk_widget_set_parent (*menu, over);
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (*menu),
                               &(GdkRectangle) { (int) at.x, (int) at.y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (*menu));
}

void
ptl_row_menu_popup_middle (GtkWidget **menu,
                           GMenuModel *model,
                           GtkWidget  *over)
{
  ptl_row_menu_popup (menu, model, over, over, gtk_widget_get_width (over) / 2.0,
                      gtk_widget_get_height (over) / 2.0);
}
