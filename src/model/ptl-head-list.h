/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first rows of another list, at most so many.  A GtkSliceListModel tells of all rows from a
 * change on as new, and those who show them make all widgets anew; this tells of no more than has
 * changed, as long as it has all rows. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PTL_TYPE_HEAD_LIST (ptl_head_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlHeadList, ptl_head_list, PTL, HEAD_LIST, GObject)

PtlHeadList *ptl_head_list_new       (guint size);
void         ptl_head_list_set_model (PtlHeadList *self,
                                      GListModel  *model); /* or NULL */
GListModel  *ptl_head_list_get_model (PtlHeadList *self);
void         ptl_head_list_set_size  (PtlHeadList *self,
                                      guint        size); /* G_MAXUINT: all */
guint        ptl_head_list_get_size  (PtlHeadList *self);

G_END_DECLS
