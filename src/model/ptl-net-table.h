/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table whose rows are values that are all told anew now and then: what is still the same one
 * keeps its row, and the rest changes in one go.  Main thread. */
#pragma once

#include "model/ptl-table.h"

G_BEGIN_DECLS

/* Constant.  What is called with a column is called with one of @columns. */
typedef struct
{
  const PtlTableColumn *columns;
  guint                 n_columns;
  char               *(*dup_cell)  (gconstpointer value,
                                    guint         column); /* owned, never NULL */
  char               *(*dup_value) (gconstpointer value,
                                    guint         column); /* NULL: as shown */
  PtlTableTone        (*get_tone)  (gconstpointer value,
                                    guint         column); /* NULL: plain */
  int                 (*compare)   (gconstpointer a,
                                    gconstpointer b,
                                    guint         column); /* NULL: by what is shown */
  guint               (*hash)      (gconstpointer value);  /* of its identity */
  gboolean            (*is_same)   (gconstpointer a,
                                    gconstpointer b);      /* the same thing, perhaps changed */
  gboolean            (*is_equal)  (gconstpointer a,
                                    gconstpointer b);      /* nothing to be seen has changed */
  GDestroyNotify        free_value;
} PtlNetTableKind;

/* For compare(). */
int ptl_net_compare_numbers (double a,
                             double b);
/* As a person of this language would order them; takes both. */
int ptl_net_compare_texts   (char  *a,
                             char  *b);

/* Signal "changed".  A row that has left the table stays as it was. */
#define PTL_TYPE_NET_ROW (ptl_net_row_get_type ())
G_DECLARE_FINAL_TYPE (PtlNetRow, ptl_net_row, PTL, NET_ROW, GObject)

#define PTL_TYPE_NET_TABLE (ptl_net_table_get_type ())
G_DECLARE_FINAL_TYPE (PtlNetTable, ptl_net_table, PTL, NET_TABLE, GObject)

PtlNetTable  *ptl_net_table_new       (const PtlNetTableKind *kind);
/* Takes the elements of @values, in the order in which they are shown unless a column sorts. */
void          ptl_net_table_update    (PtlNetTable           *self,
                                       GPtrArray             *values);
gconstpointer ptl_net_row_get_value   (PtlNetRow             *self); /* borrowed */

G_END_DECLS
