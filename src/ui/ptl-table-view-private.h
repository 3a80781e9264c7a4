/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the table view share. */
#pragma once

#include "ui/ptl-table-view.h"

#include <adwaita.h>

G_BEGIN_DECLS

struct _PtlTableView
{
  GtkWidget           parent_instance;

  /* template */
  GtkStack           *stack;
  AdwStatusPage      *status;
  GtkScrolledWindow  *scroller;
  GtkColumnView      *view;
  GMenuModel         *own_row_menu;
  GMenuModel         *whole_menu;

  /* owned */
  PtlTable           *table;
  GtkSingleSelection *selection;
  GSimpleActionGroup *actions;
  GMenuModel         *page_menu;
  GtkWidget          *popover;     /* our child, or NULL */
  char               *label;
  char               *file_name;
  char               *save_text;   /* while a place for it is asked for */
  GCancellable       *cancellable; /* of an export */

  guint               n_columns;
  int                 probed;      /* the column whose sorter was asked first; -1: none yet */
  int                 menu_column; /* that the menu was opened on */
  int                 filler;      /* the column that takes what is left for want of another; -1 */
  gboolean            narrow;
};

/* Of a GtkListItem: its place among the columns, and the table. */
typedef struct
{
  PtlTableView *self;
  guint         column;
} PtlTablePlace;

/* ptl-table-view-columns.c */
void ptl_table_view_add_columns       (PtlTableView *self);
void ptl_table_view_remove_columns    (PtlTableView *self);
void ptl_table_view_update_widths     (PtlTableView *self); /* for another font */
void ptl_table_view_update_narrow     (PtlTableView *self);
void ptl_table_view_renew_for_width   (PtlTableView *self);
void ptl_table_view_on_sorter_changed (PtlTableView *self);

/* ptl-table-view-copy.c */
void ptl_table_view_add_copy_actions  (PtlTableView *self);

G_END_DECLS
