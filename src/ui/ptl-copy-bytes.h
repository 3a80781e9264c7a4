/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a frame on the clipboard, in the form that is wanted. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-frame-item.h"

G_BEGIN_DECLS

#define PTL_COPY_BYTES_MAX (16u * 1024 * 1024) /* more is cut off, and told */

/* Reads and converts in a thread; says with a toast what was copied.  @as: "text", "hex",
 * "c-array",
 * "python" or "escaped". */
void ptl_copy_bytes (GtkWidget    *widget,
                     PtlFrameItem *item,
                     const char   *as,
                     uint32_t      start,
                     uint32_t      len);

/* Shows @text on the toast overlay that @widget is in. */
void ptl_toast_show (GtkWidget  *widget,
                     const char *text);

G_END_DECLS
