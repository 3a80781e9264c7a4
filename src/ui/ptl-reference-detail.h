/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known about one row of the reference, and what can be done with it. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-reference-item.h"

G_BEGIN_DECLS

#define PTL_TYPE_REFERENCE_DETAIL (ptl_reference_detail_get_type ())
G_DECLARE_FINAL_TYPE (PtlReferenceDetail, ptl_reference_detail, PTL, REFERENCE_DETAIL, GtkWidget)

/* Signals: "back" (when narrow: to the table), "show-row" (string: a query that finds it). */
void ptl_reference_detail_set_item   (PtlReferenceDetail *self,
                                      PtlReferenceItem   *item);
void ptl_reference_detail_set_narrow (PtlReferenceDetail *self,
                                      bool                narrow);

G_END_DECLS
