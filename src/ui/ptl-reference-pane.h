/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Reference pane: every protocol and port in one table, with what is known about the chosen one
 * beside it, and the vocabulary of sockets.  When narrow, table and detail take turns. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_TYPE_REFERENCE_PANE (ptl_reference_pane_get_type ())
G_DECLARE_FINAL_TYPE (PtlReferencePane, ptl_reference_pane, PTL, REFERENCE_PANE, GtkWidget)

/* Property "narrow" (boolean).  What takes time begins when the pane is first shown. */

/* Searches for @query among all rows and shows the first one that it finds. */
void ptl_reference_pane_show (PtlReferencePane *self,
                              const char       *query);

G_END_DECLS
