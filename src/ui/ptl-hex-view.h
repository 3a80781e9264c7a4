/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of one frame in hexadecimal, of any length: only the rows in view are read
 * and drawn. */
#pragma once

#include <gtk/gtk.h>

#include "log/ptl-log.h"

G_BEGIN_DECLS

#define PTL_TYPE_HEX_VIEW (ptl_hex_view_get_type ())
G_DECLARE_FINAL_TYPE (PtlHexView, ptl_hex_view, PTL, HEX_VIEW, GtkWidget)

/* A GtkScrollable.  Signals: "selection-changed" (), "copy" () when the user asks for it by key. */
/* References @log; NULL: nothing to show. */
void       ptl_hex_view_set_frame     (PtlHexView     *self,
                                       PtlLog         *log,
                                       const PtlFrame *frame);
/* Where the cursor is, and how many bytes are selected (0: none, *@start is the cursor then). */
void       ptl_hex_view_get_selection (PtlHexView     *self,
                                       uint32_t       *start,
                                       uint32_t       *len_bytes);
/* Also scrolls there.  With @len_bytes 0 only the cursor is set. */
void       ptl_hex_view_select        (PtlHexView     *self,
                                       uint32_t        start,
                                       uint32_t        len_bytes);

G_END_DECLS
