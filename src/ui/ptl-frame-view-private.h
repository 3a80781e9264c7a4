/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of frames within: its parts share the struct. */
#pragma once

#include <adwaita.h>

#include "ui/ptl-cell.h"
#include "ui/ptl-follow.h"
#include "ui/ptl-frame-view.h"
#include "ui/ptl-ramp.h"

G_BEGIN_DECLS

#define PTL_FRAME_FILTER_TEXT_KEY "ptl-filter-text" /* of a PtlFrameList: its filter as typed */

typedef enum
{
  PTL_FRAME_COLUMN_NUMBER,
  PTL_FRAME_COLUMN_TIME,
  PTL_FRAME_COLUMN_DIRECTION,
  PTL_FRAME_COLUMN_PEER,
  PTL_FRAME_COLUMN_LENGTH,
  PTL_FRAME_COLUMN_PREVIEW,
  PTL_N_FRAME_COLUMNS
} PtlFrameColumn;

struct _PtlFrameView
{
  GtkWidget           parent_instance;

  GtkSearchEntry     *filter_entry;
  GtkMenuButton      *filter_button;
  GtkSpinner         *spinner;
  GtkLabel           *count_label;
  GtkLabel           *narrow_count_label;
  GtkOrientable      *go_box;
  GtkLabel           *filter_error_label;
  GtkToggleButton    *follow_button;
  GtkToggleButton    *freeze_button;
  GtkMenuButton      *go_button;
  GtkPopover         *go_popover;
  GtkEntry           *go_entry;
  GtkButton          *go_confirm_button;
  GtkLabel           *go_error_label;
  GtkStack           *stack;
  AdwStatusPage      *empty_page;
  GtkScrolledWindow  *scroller;
  GtkColumnView      *view;
  GtkWidget          *frozen_strip;
  GtkLabel           *frozen_label;
  GtkButton          *thaw_button;
  GtkWidget          *window_strip;
  GtkLabel           *window_label;
  GtkButton          *earlier_button;
  GtkButton          *later_button;
  GMenuModel         *row_menu_model;

  PtlSession         *session;   /* owned, or NULL */
  PtlFrameList       *frames;    /* owned, or NULL */
  GtkSingleSelection *selection; /* owned */
  PtlRamp            *ramp;      /* owned; has the rows that the view was given so far */
  bool                scroll_after; /* to the selected one, once all rows are there */
  guint               scroll_tick;  /* the same, once the first ones are laid out */
  GtkColumnViewColumn *columns[PTL_N_FRAME_COLUMNS]; /* owned by the view */
  PtlCellStyle        cell_styles[PTL_N_FRAME_COLUMNS];
  PtlFollow          *follow;    /* owned */
  PtlFrameItem       *selected;  /* owned, or NULL */
  GSimpleActionGroup *actions;   /* owned */
  GtkWidget          *row_menu;  /* our child, or NULL */
  guint64             frozen_at; /* frames of the log when the view was paused */
  guint               count_source;
  gint64              counted_at;
  bool                moving;    /* the selection changes because the list did */
  bool                setting_filter;
  guint               n_digits;  /* of the largest number of a frame */
  bool                filtered;
  gboolean            narrow;
};

/* ptl-frame-view.c */
guint64 ptl_frame_view_get_total (PtlFrameView *self);
void ptl_frame_view_update_empty (PtlFrameView *self);
void ptl_frame_view_update_count (PtlFrameView *self);
void ptl_frame_view_update_scanning (PtlFrameView *self);

/* ptl-frame-view-columns.c */
void ptl_frame_view_update_widths (PtlFrameView *self);
void ptl_frame_view_update_columns (PtlFrameView *self);
void ptl_frame_view_add_columns (PtlFrameView *self);
/* The texts of a cell that it made: its frame may be another one than when it was bound. */
void ptl_frame_view_update_cell (GtkWidget *cell);

/* ptl-frame-view-rows.c: places among all the frames, rows of the list.  A change of the list as a
 * whole goes between begin_move() and end_move(), a slide of its window between begin_slide() and
 * end_move(). */
void ptl_frame_view_init_rows (PtlFrameView *self);
/* There are more rows: the view gets them, a few in each frame at first. */
void ptl_frame_view_take_rows (PtlFrameView *self);
/* At once where the rows must not glide any more; that they may, each take_rows() sees. */
void ptl_frame_view_update_gliding (PtlFrameView *self);
void ptl_frame_view_set_frames (PtlFrameView *self,
                                PtlFrameList *frames);
void ptl_frame_view_begin_move (PtlFrameView *self);
void ptl_frame_view_begin_slide (PtlFrameView *self);
void ptl_frame_view_end_move (PtlFrameView *self);
bool ptl_frame_view_select_number (PtlFrameView *self,
                                   guint64 number);
void ptl_frame_view_scroll_to_row (PtlFrameView *self,
                                   guint row);
bool ptl_frame_view_is_at_end (PtlFrameView *self);

/* ptl-frame-view-filter.c */
void ptl_frame_view_init_filter (PtlFrameView *self);
void ptl_frame_view_update_filter_actions (PtlFrameView *self);

G_END_DECLS
