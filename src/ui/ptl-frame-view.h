/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a session as a list, with its filter: following, pausing, going to any of them. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_TYPE_FRAME_VIEW (ptl_frame_view_get_type ())
G_DECLARE_FINAL_TYPE (PtlFrameView, ptl_frame_view, PTL, FRAME_VIEW, GtkWidget)

/* Properties: "narrow", "following", "frozen" (boolean, settable), "selected" (PtlFrameItem or
 * NULL,
 * read only).  Signals: "activated" (): the selected frame shall be looked at;
 * "follow-chosen" (): by the button, not by scrolling. */
PtlFrameItem *ptl_frame_view_get_selected (PtlFrameView *self); /* borrowed */
void          ptl_frame_view_set_session  (PtlFrameView *self,
                                           PtlSession   *session);
void          ptl_frame_view_find         (PtlFrameView *self); /* focus to the filter */
void          ptl_frame_view_go_to        (PtlFrameView *self); /* ask where to */
/* Replaces the filter's words that begin with @prefix by @word ("peer:", "peer:#3"). */
void          ptl_frame_view_filter_on    (PtlFrameView *self,
                                           const char   *prefix,
                                           const char   *word);
/* Hides what is there; returns what ptl_frame_view_unclear() takes. */
guint64       ptl_frame_view_clear        (PtlFrameView *self);
void          ptl_frame_view_unclear      (PtlFrameView *self,
                                           guint64       first);

G_END_DECLS
