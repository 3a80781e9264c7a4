/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strip below a table that says of the chosen row what is cut off there. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_TYPE_DETAIL (ptl_detail_get_type ())
G_DECLARE_FINAL_TYPE (PtlDetail, ptl_detail, PTL, DETAIL, GtkWidget)

/* NULL or "": it is folded. */
void ptl_detail_set_text (PtlDetail  *self,
                          const char *text);

G_END_DECLS
