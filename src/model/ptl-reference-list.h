/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the reference that a query finds, as a GListModel of PtlReferenceItem.
 *
 * An item is a place in the list (ptl-places.h): after another query it stands for another row and
 * says so ("changed").  A list that has become longer tells only of so many rows at first that a
 * small window is full, one that has become shorter has blank ones at its end.
 * ptl_reference_list_go_on() does the rest, a few rows in each frame.
 *
 * Main thread only.  Each setter emits at most one items-changed, before it returns; what takes
 * long (the services database, the list of sockets) is read in threads. */
#pragma once

#include <gio/gio.h>

#include "model/ptl-reference-item.h"

G_BEGIN_DECLS

#define PTL_REFERENCE_FIRST_ROWS 20u  /* made at once */
#define PTL_REFERENCE_FOLD_ROWS 64u   /* what may be seen without scrolling */
#define PTL_REFERENCE_STEP_ROWS 6u    /* added in each step */
#define PTL_REFERENCE_VIEW_ROWS 200u  /* more than these have no widgets */
#define PTL_REFERENCE_WATCH_S 2u /* how often the sockets are looked at */

#define PTL_TYPE_REFERENCE_LIST (ptl_reference_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlReferenceList, ptl_reference_list, PTL, REFERENCE_LIST, GObject)

/* Property "loaded" (boolean, read only): this computer's services are in.
 * Signal "found": another query, filter, order or catalog has its rows; go_on() may be needed. */
PtlReferenceList *ptl_reference_list_new         (void);
/* Reads the services database of this computer, once. */
void              ptl_reference_list_load        (PtlReferenceList *self);
/* While watching, "Here" follows what listens on this computer. */
void              ptl_reference_list_set_watching (PtlReferenceList *self,
                                                   bool              watching);
bool              ptl_reference_list_get_watching (PtlReferenceList *self);
void              ptl_reference_list_set_query   (PtlReferenceList *self,
                                                  const char       *query);
void              ptl_reference_list_set_filter  (PtlReferenceList *self,
                                                  PtlCatalogFilter  filter);
/* PTL_CATALOG_N_COLUMNS: as the search ranks them. */
void              ptl_reference_list_set_order   (PtlReferenceList *self,
                                                  PtlCatalogColumn  column,
                                                  bool              descending);
/* Is something that may be seen not there yet?  Then go on with the next frame. */
bool              ptl_reference_list_is_short    (PtlReferenceList *self);
/* While something is being typed, PTL_REFERENCE_FOLD_ROWS that were made stay, blank where nothing
 * was found: the next key may need them, and to make them takes longer than a frame. */
void              ptl_reference_list_set_typing  (PtlReferenceList *self,
                                                  bool              typing);
/* The next step; false: there is nothing more to do. */
bool              ptl_reference_list_go_on       (PtlReferenceList *self);
/* How many rows were found; the list may tell of fewer or more for some frames. */
guint             ptl_reference_list_get_n_found (PtlReferenceList *self);
/* An item that stays with the @position-th row that was found; NULL: there is none.  Owned. */
PtlReferenceItem *ptl_reference_list_make_item   (PtlReferenceList *self,
                                                  guint             position);
/* All rows that there are, found or not. */
guint             ptl_reference_list_get_n_all   (PtlReferenceList *self);

/* What a test puts in place of what the threads read. */
void              ptl_reference_list_set_here    (PtlReferenceList   *self,
                                                  const PtlListening *here);
void              ptl_reference_list_take_catalog (PtlReferenceList *self,
                                                   PtlCatalog       *catalog);

G_END_DECLS
