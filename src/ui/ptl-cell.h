/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of text in a list whose rows are made and bound by the thousand: less than a
 * GtkInscription, which measures a font for each that is made and shapes each text it is given.
 * Here all cells of a column share what was measured, and a text is shaped when it is drawn. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What the cells of one column have in common. */
typedef struct
{
  double                xalign;   /* 0 start, 1 end */
  gboolean              clip;     /* a text that is too long is cut off, without an ellipsis */
  const char           *features; /* of the font (OpenType), or NULL */

  /* Measured by the first cell that is asked. */
  gboolean              valid;
  int                   height;
  int                   char_width;
  PangoFontDescription *font;     /* owned */
} PtlCellStyle;

#define PTL_TYPE_CELL (ptl_cell_get_type ())
G_DECLARE_FINAL_TYPE (PtlCell, ptl_cell, PTL, CELL, GtkWidget)

/* @style outlives the cell. */
GtkWidget  *ptl_cell_new         (PtlCellStyle *style);
void        ptl_cell_set_text    (PtlCell    *self,
                                  const char *text);
/* Fonts are others now: all is measured anew. */
void        ptl_cell_style_clear (PtlCellStyle *style);

G_END_DECLS
