/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view of a session within: its parts share the struct. */
#pragma once

#include <adwaita.h>

#include "ui/ptl-about-page.h"
#include "ui/ptl-adaptive-bin.h"
#include "ui/ptl-calls-page.h"
#include "ui/ptl-copy-bytes.h"
#include "ui/ptl-frame-view.h"
#include "ui/ptl-graph.h"
#include "ui/ptl-inspector.h"
#include "ui/ptl-peers-page.h"
#include "ui/ptl-row-menu.h"
#include "ui/ptl-send-bar.h"
#include "ui/ptl-session-view.h"

G_BEGIN_DECLS

struct _PtlSessionView
{
  GtkWidget       parent_instance;

  AdwToastOverlay *toast_overlay;
  PtlAdaptiveBin *bin;
  GtkLabel       *title_label;
  GtkLabel       *state_label;
  GtkLabel       *narrow_rates_label;
  GtkLabel       *rates_label;
  PtlGraph       *graph;
  GtkWidget      *stop_button;
  GtkWidget      *again_button;
  GtkWidget      *side_button;
  GtkMenuButton  *menu_button;
  GtkWidget      *strips;
  GtkWidget      *problem_strip;
  GtkLabel       *problem_label;
  GtkWidget      *holder_button;
  GtkWidget      *full_strip;
  GtkLabel       *full_label;
  GtkButton      *go_on_button;
  GtkButton      *hold_button;
  GtkWidget      *losses_strip;
  GtkLabel       *losses_label;
  GtkPaned       *side_paned;
  GtkPaned       *inspector_paned;
  AdwBin         *frames_slot;
  AdwBin         *inspector_slot;
  AdwBin         *narrow_frames_slot;
  AdwBin         *narrow_inspector_slot;
  GtkStackPage   *frames_page;
  GtkStackPage   *inspector_page;
  GtkWidget      *side_box;
  GtkWidget      *switcher;
  GtkStack       *side_stack;
  PtlFrameView   *frame_view;
  PtlInspector   *inspector;
  PtlPeersPage   *peers_page;
  PtlCallsPage   *calls_page;
  PtlAboutPage   *about_page;
  PtlSendBar     *send_bar;

  GSettings      *settings; /* owned */
  PtlSession     *session;  /* owned, or NULL */
  guint           show_tab_id;
  char           *wide_tab; /* owned; the tab to come back to */
  gboolean        narrow;   /* the window is */
  gboolean        is_narrow; /* or we are */
  gboolean        side_visible;
  bool            placed;   /* the panes have their positions */
};

/* ptl-session-view.c */
void ptl_session_view_show_frames (PtlSessionView *self);

/* ptl-session-view-actions.c */
void ptl_session_view_add_shortcuts (PtlSessionView *self);
void ptl_session_view_install_actions (GtkWidgetClass *widget_class);

G_END_DECLS
