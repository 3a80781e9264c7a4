/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the table of ports: their cells, their widths, and the order that their headers
 * choose. */
#pragma once

#include <stdbool.h>

#include <gtk/gtk.h>

#include "model/ptl-reference-item.h"

G_BEGIN_DECLS

typedef struct _PtlReferenceColumns PtlReferenceColumns;

/* Called when the user has chosen another order. */
typedef void (*PtlReferenceOrderFunc) (gpointer data);

/* Adds all columns to @table, which has no model yet and outlives them. */
PtlReferenceColumns *ptl_reference_columns_new  (GtkColumnView         *table,
                                                 PtlReferenceOrderFunc  func,
                                                 gpointer               data);
void ptl_reference_columns_free         (PtlReferenceColumns *self);
/* Only those that a narrow window has room for, or all. */
void ptl_reference_columns_set_narrow   (PtlReferenceColumns *self,
                                         bool                 narrow);
/* The column whose header was chosen, PTL_CATALOG_N_COLUMNS for none, and which way round. */
PtlCatalogColumn ptl_reference_columns_get_order (PtlReferenceColumns *self,
                                                  bool                *descending);
/* No header is chosen any more; @func is not called. */
void ptl_reference_columns_forget_order (PtlReferenceColumns *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlReferenceColumns, ptl_reference_columns_free)

G_END_DECLS
