/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The send bar within: its parts share the struct. */
#pragma once

#include <stdbool.h>

#include "ui/ptl-send-bar.h"
#include "ui/ptl-send-state.h"

G_BEGIN_DECLS

typedef struct
{
  char *mode; /* owned */
  char *text; /* owned */
} PtlSendSaid;

struct _PtlSendBar
{
  GtkWidget           parent_instance;

  GtkWidget          *status_box;
  GtkLabel           *status_label;
  GtkProgressBar     *progress_bar;
  GtkWidget          *cancel_button;
  GtkBox             *narrow_box;
  GtkBox             *bar_box;
  GtkWidget          *mode_box;
  GtkWidget          *file_toggle;
  GtkStack           *stack;
  GtkEntry           *entry;
  GtkWidget          *file_button;
  GtkLabel           *file_label;
  GtkDropDown        *line_end_drop_down;
  GtkWidget          *target_button;
  GtkLabel           *target_label;
  GtkPopover         *target_popover;
  GtkButton          *all_button;
  GtkWidget          *target_scroller;
  GtkListView        *target_view;
  GtkWidget          *address_box;
  GtkEntry           *address_entry;
  GtkLabel           *address_error_label;
  GtkWidget          *send_button;
  GtkWidget          *end_button;

  PtlSession         *session; /* owned, or NULL */
  GSimpleActionGroup *actions; /* owned */
  PtlSendState       *nobody;  /* owned; while there is no session */
  PtlSendState       *state;   /* the session's, or nobody's; never NULL */
  GPtrArray          *history; /* of PtlSendSaid, the newest last */
  guint               history_at; /* history->len: what is being typed */
  char               *typed;   /* owned; what was typed before going up the history */
  bool                converting;
  gboolean            narrow;
};

/* ptl-send-bar.c */
const char *ptl_send_bar_get_mode (PtlSendBar *self);
void ptl_send_bar_update_sensitivity (PtlSendBar *self);
bool ptl_send_bar_is_datagram (PtlSendBar *self);

/* ptl-send-bar-status.c */
void ptl_send_bar_set_status (PtlSendBar *self,
                              const char *text,
                              bool is_error);
void ptl_send_bar_set_input_error (PtlSendBar *self,
                                   const char *message,
                                   gssize at);
void ptl_send_bar_clear_input_error (PtlSendBar *self);
void ptl_send_bar_update_status (PtlSendBar *self);
void ptl_send_bar_cancel (PtlSendBar *self);

/* ptl-send-bar-target.c */
void ptl_send_bar_update_target (PtlSendBar *self);
void ptl_send_bar_update_address (PtlSendBar *self);
void ptl_send_bar_init_target (PtlSendBar *self);
bool ptl_send_bar_parse_address (PtlSendBar *self,
                                 const char *text,
                                 PtlEndpoint *endpoint,
                                 GError **error);
const char *ptl_send_bar_get_all_text (PtlSendBar *self);

/* ptl-send-bar-entry.c */
void ptl_send_bar_remember (PtlSendBar *self,
                            const char *mode,
                            const char *text);
void ptl_send_bar_init_entry (PtlSendBar *self);
/* What was typed before, as it was. */
void ptl_send_bar_put_draft (PtlSendBar *self,
                             const char *text);

G_END_DECLS
