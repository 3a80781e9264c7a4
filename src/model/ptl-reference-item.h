/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the reference, made when it is shown. */
#pragma once

#include <gio/gio.h>

#include "registry/ptl-catalog.h"

G_BEGIN_DECLS

#define PTL_REFERENCE_BLANK UINT32_MAX /* the number of a row without anything in it */

#define PTL_TYPE_REFERENCE_ITEM (ptl_reference_item_get_type ())
G_DECLARE_FINAL_TYPE (PtlReferenceItem, ptl_reference_item, PTL, REFERENCE_ITEM, GObject)

/* Property "here" (uint, read only): the port of the row that this computer listens on now, or 0;
 * of a port that is 0 itself nothing can listen.
 * Signal "changed": it stands for another row now, or "here" is another. */
/* Holds a reference to @catalog. */
PtlReferenceItem    *ptl_reference_item_new          (PtlCatalog       *catalog,
                                                      uint32_t          number);
void                 ptl_reference_item_set_row      (PtlReferenceItem   *self,
                                                      PtlCatalog         *catalog,
                                                      uint32_t            number,
                                                      const PtlListening *here);
uint32_t             ptl_reference_item_get_number   (PtlReferenceItem *self);
const PtlCatalogRow *ptl_reference_item_get_row      (PtlReferenceItem *self);
const PtlProtocol   *ptl_reference_item_get_protocol (PtlReferenceItem *self); /* or NULL */
uint16_t             ptl_reference_item_get_here     (PtlReferenceItem *self);
void                 ptl_reference_item_set_here     (PtlReferenceItem   *self,
                                                      const PtlListening *here);

/* What a cell says: owned, "" where there is nothing to say. */
char *ptl_reference_item_dup_cell    (PtlReferenceItem *self,
                                      PtlCatalogColumn  column);
/* In words: who knows this row, and where IANA and this computer disagree. */
char *ptl_reference_item_dup_source  (PtlReferenceItem *self);
/* All of the row, a line for each column: what Copy puts on the clipboard. */
char *ptl_reference_item_dup_summary (PtlReferenceItem *self);
/* What a column is called (translated, static). */
const char *ptl_reference_get_column_title (PtlCatalogColumn column);

G_END_DECLS
