/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows a PtlTable: columns that sort, a menu of a row, copying and saving of the whole. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_TYPE_TABLE_VIEW (ptl_table_view_get_type ())
G_DECLARE_FINAL_TYPE (PtlTableView, ptl_table_view, PTL, TABLE_VIEW, GtkWidget)

/* Properties: "narrow" (boolean), "label" (string: what the table is, to who cannot see),
 * "file-name" (string without an ending: proposed when it is saved), "empty-title",
 * "empty-description" (shown while there are no rows), "selected" (GObject, read only).
 *
 * Signal "row-activated" (GObject item): Return, or a double click.
 *
 * Actions of itself and of what ptl_table_view_attach_menu() is given: table.copy-cell,
 * table.copy-row, table.copy-all (s: "csv", "json", "text"), table.save (s). */

void      ptl_table_view_set_table    (PtlTableView   *self,
                                       PtlTable       *table);
PtlTable *ptl_table_view_get_table    (PtlTableView   *self);     /* borrowed, or NULL */
gpointer  ptl_table_view_get_selected (PtlTableView   *self);     /* borrowed, or NULL */
/* Selects the row at @position and brings it into view. */
void      ptl_table_view_select       (PtlTableView   *self,
                                       guint           position);
/* Only selects it, so that what is in view stays there; GTK_INVALID_LIST_POSITION: none. */
void      ptl_table_view_set_selected (PtlTableView   *self,
                                       guint           position);
void      ptl_table_view_scroll_to_top (PtlTableView  *self);
/* Shown above the entries that every row has; its actions are those of the page around. */
void      ptl_table_view_set_row_menu (PtlTableView   *self,
                                       GMenuModel     *menu);
/* Gives @button the menu that copies and saves the whole table. */
void      ptl_table_view_attach_menu  (PtlTableView   *self,
                                       GtkMenuButton  *button);
void      ptl_table_view_set_empty    (PtlTableView   *self,
                                       const char     *title,
                                       const char     *description);

G_END_DECLS
