/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the reference that a query finds, as a GListModel of PtlReferenceItem.
 *
 * Main thread only.  Each setter emits at most one items-changed, before it returns; what takes
 * long (the services database, the list of sockets) is read in threads. */
#pragma once

#include <gio/gio.h>

#include "model/ptl-reference-item.h"

G_BEGIN_DECLS

#define PTL_REFERENCE_WATCH_S 2u /* how often the sockets are looked at */

#define PTL_TYPE_REFERENCE_LIST (ptl_reference_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlReferenceList, ptl_reference_list, PTL, REFERENCE_LIST, GObject)

/* Property "loaded" (boolean, read only): this computer's services are in. */
PtlReferenceList *ptl_reference_list_new         (void);
/* Reads the services database of this computer, once. */
void              ptl_reference_list_load        (PtlReferenceList *self);
/* While watching, "Here" follows what listens on this computer. */
void              ptl_reference_list_set_watching (PtlReferenceList *self,
                                                   bool              watching);
bool              ptl_reference_list_get_watching (PtlReferenceList *self);
void              ptl_reference_list_set_query   (PtlReferenceList *self,
                                                  const char       *query);
const char       *ptl_reference_list_get_query   (PtlReferenceList *self);
void              ptl_reference_list_set_filter  (PtlReferenceList *self,
                                                  PtlCatalogFilter  filter);
/* PTL_CATALOG_N_COLUMNS: as the search ranks them. */
void              ptl_reference_list_set_order   (PtlReferenceList *self,
                                                  PtlCatalogColumn  column,
                                                  bool              descending);
/* All rows that there are, found or not. */
guint             ptl_reference_list_get_n_all   (PtlReferenceList *self);

/* What a test puts in place of what the threads read. */
void              ptl_reference_list_set_here    (PtlReferenceList   *self,
                                                  const PtlListening *here);
void              ptl_reference_list_take_catalog (PtlReferenceList *self,
                                                   PtlCatalog       *catalog);

G_END_DECLS
