/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of some thousand rows that are kept as they are filled in: what a job has found so far.
 * Main thread. */
#pragma once

#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_TABLE_STORE_MAX 65536 /* rows */

/* Signal "changed".  It stays as it was when it has left the table. */
#define PTL_TYPE_TABLE_ROW (ptl_table_row_get_type ())
G_DECLARE_FINAL_TYPE (PtlTableRow, ptl_table_row, PTL, TABLE_ROW, GObject)

#define PTL_TYPE_TABLE_STORE (ptl_table_store_get_type ())
G_DECLARE_FINAL_TYPE (PtlTableStore, ptl_table_store, PTL, TABLE_STORE, GObject)

/* @columns is constant. */
PtlTableStore *ptl_table_store_new     (const PtlTableColumn *columns,
                                        guint                 n_columns);
/* A row that has no cells yet, for @key (unique, or NULL); borrowed.  NULL when there are
 * PTL_TABLE_STORE_MAX. */
PtlTableRow   *ptl_table_store_add     (PtlTableStore *self,
                                        const char    *key);
PtlTableRow   *ptl_table_store_find    (PtlTableStore *self,
                                        const char    *key);
void           ptl_table_store_remove  (PtlTableStore *self,
                                        PtlTableRow   *row);
void           ptl_table_store_clear   (PtlTableStore *self);

/* None of these tells of the change: ptl_table_row_changed() does, once for all cells of a row. */
void           ptl_table_row_set        (PtlTableRow  *self,
                                         guint         column,
                                         const char   *text);
/* @text is shown, @value sorts and is exported. */
void           ptl_table_row_set_number (PtlTableRow  *self,
                                         guint         column,
                                         double        value,
                                         const char   *text);
void           ptl_table_row_set_tone   (PtlTableRow  *self,
                                         guint         column,
                                         PtlTableTone  tone);
void           ptl_table_row_changed    (PtlTableRow  *self);

const char    *ptl_table_row_get_key    (PtlTableRow  *self); /* borrowed; NULL if it has none */
const char    *ptl_table_row_get        (PtlTableRow  *self,
                                         guint         column); /* borrowed, never NULL */
/* False where no number was set. */
gboolean       ptl_table_row_get_number (PtlTableRow  *self,
                                         guint         column,
                                         double       *value);

G_END_DECLS
