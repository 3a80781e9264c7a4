/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a log as a GListModel of PtlFrameItem: a window of at most PTL_FRAME_LIST_MAX rows
 * onto all of them, or onto those that a filter lets through.  A GtkColumnView breaks past 2^31
 * pixels of height, 67 million rows.
 *
 * A list that grows is laid out anew by those who show it, which costs more than drawing it.  So
 * where frames pour in, a list that may glide keeps the number of its rows and slides over the new
 * frames instead, for at most a second: its row objects become those of later frames.  Then it
 * rests: it tells of the rows that it has slid over as added at its start.
 *
 * Main thread only.  Nothing changes but in ptl_frame_list_sync(), which emits at most one
 * items-changed (and one more of a rest), in the rest after a glide, and in the setters. */
#pragma once

#include <gio/gio.h>

#include "log/ptl-filter.h"
#include "model/ptl-frame-item.h"

G_BEGIN_DECLS

#define PTL_FRAME_LIST_MAX (32u * 1024 * 1024)

#define PTL_TYPE_FRAME_LIST (ptl_frame_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlFrameList, ptl_frame_list, PTL, FRAME_LIST, GObject)

/* Properties: "n-frames" (uint64: all that can be reached, after filter and clear), "window-start"
 * (uint64: place of row 0 among them), "scanning" (boolean). Notified in sync. */
PtlFrameList *ptl_frame_list_new         (PtlLog       *log); /* NULL: empty until it has one */
/* Once, for a list that was made without: a session's log is made in a thread after its list. */
void          ptl_frame_list_set_log     (PtlFrameList *self,
                                          PtlLog       *log);
/* Called in any thread when a filter's scan got further; the list then wants a sync.  Not called
 * any more once this has set another, or the list is disposed of. */
void          ptl_frame_list_set_wake    (PtlFrameList *self,
                                          void        (*wake) (void *data),
                                          void         *data);
/* Takes over what was committed since the last time. True when something changed. */
bool          ptl_frame_list_sync        (PtlFrameList *self);
/* May it glide?  At first not.  To be said only while the end is shown and no row is chosen; with
 * a filter it grows all the same.  The signal "glided" (gboolean @rests) tells that row objects
 * have become those of other frames; @rests: all that have since the last time are told of. */
void          ptl_frame_list_set_may_glide (PtlFrameList *self,
                                            bool          may_glide);
bool          ptl_frame_list_is_gliding  (PtlFrameList *self);
/* While frozen, sync shows nothing new (the log goes on). */
void          ptl_frame_list_set_frozen  (PtlFrameList *self,
                                          bool          frozen);
bool          ptl_frame_list_get_frozen  (PtlFrameList *self);
/* Takes @filter; NULL: all frames.  The window goes to the first place. */
void          ptl_frame_list_take_filter (PtlFrameList *self,
                                          PtlFilter    *filter);
/* Frames before @first are not shown any more (Clear; 0: Undo).  The window goes to the first
 * place. */
void          ptl_frame_list_set_first   (PtlFrameList *self,
                                          uint64_t      first);
uint64_t      ptl_frame_list_get_first   (PtlFrameList *self);
uint64_t      ptl_frame_list_get_n_frames (PtlFrameList *self);
uint64_t      ptl_frame_list_get_window_start (PtlFrameList *self);
/* Slides the window so that the @place-th reachable frame is in it; returns its row.  The rows stay
 * as they do in a glide, and "glided" is emitted after what is told of their number; with a filter
 * it is one items-changed of them all. */
guint         ptl_frame_list_reveal      (PtlFrameList *self,
                                          uint64_t      place);
/* Slides the window to the end, as following the tail needs it; with room to grow, so that it does
 * so once in PTL_FRAME_LIST_MAX / 2 frames.  From near the end it only lets the first rows go. */
void          ptl_frame_list_reveal_end  (PtlFrameList *self);
/* The place of frame @number (or of the next one that is shown) among the reachable ones. */
uint64_t      ptl_frame_list_get_place   (PtlFrameList *self,
                                          uint64_t      number);

G_END_DECLS
