/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells of the tables of a ping and a trace. */
#pragma once

#include "model/ptl-table-store.h"

G_BEGIN_DECLS

void ptl_probe_row_set_count (PtlTableRow *row,
                              guint        column,
                              guint        count);
/* Empty where it is not @known. */
void ptl_probe_row_set_time  (PtlTableRow *row,
                              guint        column,
                              gboolean     known,
                              double       ns);
/* Empty where it is below 0: not known. */
void ptl_probe_row_set_loss  (PtlTableRow *row,
                              guint        column,
                              double       percent);

G_END_DECLS
