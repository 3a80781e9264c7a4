/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of a table's row: what was clicked, and the popover. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The content of the cell at that place of @view: the widget whose factory set the GtkListItem as
 * its data "ptl-item"; beside the cells of a row its first one.  NULL: no row. */
GtkWidget   *ptl_row_menu_find_cell (GtkWidget   *view,
                                     double       x,
                                     double       y);
/* What that widget shows.  Borrowed; NULL for NULL. */
GtkListItem *ptl_row_menu_get_item  (GtkWidget   *cell);
/* Shows *@menu, made of @model when it is first wanted as a child of @over, at a place of @view.
 * When it closes, the keyboard is where it was. */
void         ptl_row_menu_popup     (GtkWidget  **menu,
                                     GMenuModel  *model,
                                     GtkWidget   *over,
                                     GtkWidget   *view,
                                     double       x,
                                     double       y);
/* The keyboard is with @button when its menu closes.  GTK does that by itself, but for an item of
 * a menu within the menu: the focus stays in there, out of sight, and no key reaches the window. */
void         ptl_row_menu_keep_focus (GtkMenuButton *button);
/* Shows a menu when a row of @view, which selects one at most, is clicked with the second button,
 * and for the selected one by the Menu key or Shift+F10.  @model, @over and @menu outlive @view. */
void         ptl_row_menu_attach    (GtkWidget  **menu,
                                     GMenuModel  *model,
                                     GtkWidget   *over,
                                     GtkColumnView *view);

G_END_DECLS
