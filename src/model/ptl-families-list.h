/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families of sockets that this kernel offers, as a table.  Main thread; they are tried in
 * another one. */
#pragma once

#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_TYPE_FAMILIES_LIST (ptl_families_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlFamiliesList, ptl_families_list, PTL, FAMILIES_LIST, GObject)

/* Properties: "busy" (boolean, read only), "offered-only" (boolean). */
PtlFamiliesList *ptl_families_list_new       (void);
/* Tries them all, again if they were tried before. */
void             ptl_families_list_try       (PtlFamiliesList *self);
gboolean         ptl_families_list_is_busy   (PtlFamiliesList *self);
PtlTable        *ptl_families_list_get_table (PtlFamiliesList *self); /* borrowed */
/* All that is to be said of @item (of the table): what came of the call, what it is for; owned. */
char            *ptl_families_list_dup_detail (PtlFamiliesList *self,
                                               gpointer         item);
/* "14 domains of 45 are there, 61 kinds of sockets"; owned, NULL before they were tried. */
char            *ptl_families_list_dup_summary (PtlFamiliesList *self);

G_END_DECLS
