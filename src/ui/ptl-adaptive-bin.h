/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds the content of the window and says whether it is narrow.  The widgets bind to that and lay
 * themselves out for it; the window can be made narrow although the wide layout needs more room. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Below this width, in pixels at a text size of 100 %, the content is narrow. */
#define PTL_ADAPTIVE_BREAKPOINT 720
/* What a wide layout that could be a narrow one asks for. */
#define PTL_ADAPTIVE_MIN_WIDTH 360

#define PTL_TYPE_ADAPTIVE_BIN (ptl_adaptive_bin_get_type ())
G_DECLARE_FINAL_TYPE (PtlAdaptiveBin, ptl_adaptive_bin, PTL, ADAPTIVE_BIN, GtkWidget)

/* Properties: "child" (GtkWidget), "narrow" (boolean, read only; changes in an idle callback, never
 * within the layout). */
gboolean   ptl_adaptive_bin_get_narrow (PtlAdaptiveBin *self);
/* What width is to come: before the window is shown, so that its layout need not change at once. */
void       ptl_adaptive_bin_expect     (PtlAdaptiveBin *self,
                                        int             width);

G_END_DECLS
