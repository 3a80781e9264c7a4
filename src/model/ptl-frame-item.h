/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the frames' list, made when it is shown. */
#pragma once

#include <gio/gio.h>

#include "log/ptl-log.h"

G_BEGIN_DECLS

#define PTL_TYPE_FRAME_ITEM (ptl_frame_item_get_type ())
G_DECLARE_FINAL_TYPE (PtlFrameItem, ptl_frame_item, PTL, FRAME_ITEM, GObject)

/* Holds a reference to @log while it lives.  A record that is damaged makes a row, too: its frame
 * has the kind PTL_N_FRAME_KINDS. */
PtlFrameItem   *ptl_frame_item_new          (PtlLog   *log,
                                             uint64_t  number);
/* From now on it is the frame @by later: that of a row which glides (ptl-frame-list.h). */
void            ptl_frame_item_glide        (PtlFrameItem *self,
                                             uint64_t      by);
uint64_t        ptl_frame_item_get_number   (PtlFrameItem *self); /* from 0 */
const PtlFrame *ptl_frame_item_get_frame    (PtlFrameItem *self);
PtlLog         *ptl_frame_item_get_log      (PtlFrameItem *self);
char           *ptl_frame_item_dup_time     (PtlFrameItem *self); /* "10:01:02.123456" local time */
char           *ptl_frame_item_dup_peer     (PtlFrameItem *self); /* NULL: the session's own */
char           *ptl_frame_item_dup_preview  (PtlFrameItem *self); /* or the event's words */

G_END_DECLS
