/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first or the last rows of another list, at most so many.  A GtkSliceListModel tells of all
 * rows from a change on as new, and those who show them make all widgets anew; this tells of no
 * more than has changed, as long as it has all rows, and of what comes at an end that it shows. */
#pragma once

#include <gio/gio.h>

#include <stdbool.h>

G_BEGIN_DECLS

#define PTL_TYPE_PART_LIST (ptl_part_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlPartList, ptl_part_list, PTL, PART_LIST, GObject)

PtlPartList *ptl_part_list_new       (guint size,
                                      bool  last); /* the last rows rather than the first */
void         ptl_part_list_set_model (PtlPartList *self,
                                      GListModel  *model); /* or NULL */
GListModel  *ptl_part_list_get_model (PtlPartList *self);
void         ptl_part_list_set_size  (PtlPartList *self,
                                      guint        size); /* G_MAXUINT: all */
guint        ptl_part_list_get_size  (PtlPartList *self);
/* When more rows than @size come in one change, that is the size from then on; until
 * ptl_part_list_set_size().  G_MAXUINT, as at first: never. */
void         ptl_part_list_set_jump  (PtlPartList *self,
                                      guint        size);
/* As long as it is held it has the rows that it had: what comes is told when it is not any more.
 * Where a change touches those rows, they all go. */
void         ptl_part_list_set_held  (PtlPartList *self,
                                      bool         held);

G_END_DECLS
