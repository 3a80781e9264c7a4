/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a send bar keeps of one session: what is typed, for whom, and what is under way.  It lives
 * as long as the session, whatever session the bar shows meanwhile.  Main thread only. */
#pragma once

#include "model/ptl-session.h"

G_BEGIN_DECLS

typedef struct
{
  guint   n_targets;
  guint64 sent;
  guint64 total;
} PtlSendPending;

typedef struct
{
  guint32     target;   /* PTL_PEER_NONE: all, or the default one */
  char       *address;  /* owned; a typed target, or NULL */
  GFile      *file;     /* owned, or NULL */
  GHashTable *pending;  /* guint64 tag -> PtlSendPending */
  char       *status;   /* owned; what became of the last one, or what is wrong; or NULL */
  bool        is_error; /* it is wrong */

  /* While the bar shows another session; NULL: not shown yet. */
  char       *text;     /* owned */
  char       *mode;     /* owned */
  guint       line_end;
} PtlSendState;

/* Borrowed from @session, and made when it is asked for first. */
PtlSendState *ptl_send_state_get  (PtlSession *session);
PtlSendState *ptl_send_state_new  (void); /* of no session */
void          ptl_send_state_free (PtlSendState *state);
void          ptl_send_state_add  (PtlSendState *state,
                                   guint64       tag,
                                   guint         n_targets);
void          ptl_send_state_say  (PtlSendState *state,
                                   const char   *text, /* or NULL */
                                   bool          is_error);
/* Sums of what is under way.  False: nothing that could be shown. */
bool          ptl_send_state_get_progress (PtlSendState *state,
                                           guint64      *sent,
                                           guint64      *total);

G_END_DECLS
