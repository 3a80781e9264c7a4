/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hex view within: its parts share the struct. */
#pragma once

#include <stdbool.h>

#include "ui/ptl-hex-view.h"

G_BEGIN_DECLS

#define PTL_HEX_VIEW_CACHE_BYTES 16384 /* more than a screen of rows */
#define PTL_HEX_VIEW_PADDING 6

struct _PtlHexView
{
  GtkWidget      parent_instance;

  GtkAdjustment *hadjustment;
  GtkAdjustment *vadjustment;
  guint          hscroll_policy : 1;
  guint          vscroll_policy : 1;

  PtlLog        *log; /* owned, or NULL */
  PtlFrame       frame;
  uint32_t       cursor;
  uint32_t       anchor;
  bool           selecting; /* anchor and cursor enclose bytes */

  unsigned       columns; /* bytes of a row */
  unsigned       digits;  /* of the offset */
  double         char_width;
  int            row_height;

  uint64_t       cache_start;
  size_t         cache_len;
  uint8_t        cache[PTL_HEX_VIEW_CACHE_BYTES];
};

/* ptl-hex-view.c */
unsigned ptl_hex_view_get_hex_column (PtlHexView *self,
                                      unsigned i);
unsigned ptl_hex_view_get_text_column (PtlHexView *self,
                                       unsigned i);
void ptl_hex_view_scroll_to_cursor (PtlHexView *self);
void ptl_hex_view_selection_changed (PtlHexView *self);

/* ptl-hex-view-input.c */
void ptl_hex_view_init_input (PtlHexView *self);

G_END_DECLS
