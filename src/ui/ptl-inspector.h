/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of the selected frame as text and in hexadecimal, or what an event tells. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-frame-item.h"

G_BEGIN_DECLS

#define PTL_INSPECTOR_TEXT_FIRST_BYTES (64u * 1024)      /* shown as text at first */
#define PTL_INSPECTOR_TEXT_MAX_BYTES (4u * 1024 * 1024)  /* and at most; the hex view has all */
#define PTL_INSPECTOR_LINE_MAX_CHARS 1000                /* a longer line goes on in the next */

#define PTL_TYPE_INSPECTOR (ptl_inspector_get_type ())
G_DECLARE_FINAL_TYPE (PtlInspector, ptl_inspector, PTL, INSPECTOR, GtkWidget)

/* Properties: "narrow" (boolean), "view" (string: "text", "hex" or "both"). */
void ptl_inspector_set_item (PtlInspector *self,
                             PtlFrameItem *item); /* NULL: nothing */
/* Puts the frame's bytes on the clipboard as "text", "hex", "c-array", "python" or "escaped";
 * says so
 * with a toast. */
void ptl_inspector_copy     (PtlInspector *self,
                             const char   *as);

G_END_DECLS
