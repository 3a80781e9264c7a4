/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives a list view its rows a few in each frame.
 *
 * A list view makes widgets for 200 rows at once, a stall of 80 ms and more: its model is a part
 * of the whole at first, and grows with the frames.  Once all those widgets are there, a row that
 * comes or goes costs nothing, and the part is the whole.
 *
 * Main thread only. */
#pragma once

#include <gtk/gtk.h>

#include <stdbool.h>

G_BEGIN_DECLS

#define PTL_TYPE_RAMP (ptl_ramp_get_type ())
G_DECLARE_FINAL_TYPE (PtlRamp, ptl_ramp, PTL, RAMP, GObject)

/* @widget gives the frames, and is not held; @last: the last rows come first.  Emits "ended" when
 * all rows are there. */
PtlRamp    *ptl_ramp_new        (GtkWidget *widget,
                                 bool       last);
/* While @widget is not mapped the view has the rows that it has: none are made that nobody sees. */
void        ptl_ramp_hold_hidden (PtlRamp *self);
/* What the view shows; not owned by the caller. */
GListModel *ptl_ramp_get_rows   (PtlRamp *self);
/* Begins anew, with @model or with none. */
void        ptl_ramp_set_model  (PtlRamp    *self,
                                 GListModel *model); /* or NULL */
GListModel *ptl_ramp_get_model  (PtlRamp *self);
/* The model has changed: its user says so when its own things are in order. */
void        ptl_ramp_take_rows  (PtlRamp *self);
/* For a list that follows its end: where more rows than can be in sight come at once, those that
 * are not wait until it rests.  G_MAXUINT: no row waits. */
void        ptl_ramp_set_jump   (PtlRamp *self,
                                 guint    n_in_sight);
void        ptl_ramp_show_all   (PtlRamp *self);
bool        ptl_ramp_is_running (PtlRamp *self);

G_END_DECLS
