/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the window share. */
#pragma once

#include "ui/ptl-adaptive-bin.h"
#include "ui/ptl-lookup-pane.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-reference-pane.h"
#include "ui/ptl-sockets-pane.h"
#include "ui/ptl-window.h"

G_BEGIN_DECLS

struct _PtlWindow
{
  AdwApplicationWindow  parent_instance;

  /* template */
  PtlAdaptiveBin       *bin;
  AdwToastOverlay      *toasts;
  GtkStack             *title_stack;
  AdwViewSwitcherBar   *switcher_bar;
  AdwViewStack         *panes;
  GtkMenuButton        *menu_button;
  GMenuModel           *primary_menu;
  GtkWidget            *back_button;
  PtlSocketsPane       *sockets;
  AdwBin               *lookup_bin;
  AdwBin               *diagnose_bin;
  AdwBin               *computer_bin;
  AdwBin               *reference_bin;

  /* borrowed; NULL until they are wanted */
  PtlLookupPane        *lookup;
  PtlPagesPane         *diagnose;
  PtlPagesPane         *computer;
  PtlReferencePane     *reference;

  /* owned */
  PtlSessions          *sessions;
  PtlSaved             *saved;
  GSettings            *settings;
  GQueue                told;     /* AdwToast of texts, borrowed: in sight, or waiting to be */
  GtkSelectionModel    *pages;    /* of the panes */
  PtlSession           *selected; /* whose "live" is watched */

  gulong                live_id;
  guint                 tick_id;
  bool                  wants_sync;
  guint                 idle_ticks;   /* that found no news */
  gint64                synced_us;
  uint64_t              synced_bytes; /* of all sessions, at that time */
  uint64_t              synced_frames;
  gint64                due_us;       /* in a flood: the next update */
  gboolean              flooded;
  guint                 due_id;
  guint                 sync_id;
};

void ptl_window_install_actions (GtkWidgetClass *widget_class);
/* Which actions on the selected session there are. */
void ptl_window_update_actions  (PtlWindow      *self);
/* Another session may be selected. */
void ptl_window_update_selected (PtlWindow      *self);
void ptl_window_show_sockets    (PtlWindow      *self);
/* Where a short text is told: over the frames of a session that is in sight, or over the pane. */
AdwToastOverlay *ptl_window_get_toasts (PtlWindow *self);
/* The pane that is in sight is made, if it was not yet: a window that starts with sessions pays for
 * no other. */
void ptl_window_ensure_pane     (PtlWindow      *self);

G_END_DECLS
