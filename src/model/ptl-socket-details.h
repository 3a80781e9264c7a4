/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known of one open socket, in words: of its programs, and of the connection as the
 * kernel sees it now. */
#pragma once

#include "model/ptl-socket-snapshot.h"

G_BEGIN_DECLS

#define PTL_SOCKET_DETAILS_PROGRAMS_MAX 16u /* that are told one by one */
#define PTL_SOCKET_COMMAND_CHARS_MAX 400u
#define PTL_SOCKET_OTHERS_CHARS_MAX 200u

typedef struct
{
  const char *title; /* static, translated */
  char       *text;  /* owned, safe to show */
} PtlSocketDetail;

/* In a thread, as it asks the kernel and /proc; @callback in the main one. */
void       ptl_socket_details_read_async  (PtlSocketSnapshot    *snapshot,
                                           uint32_t              row,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              data);
/* An array of PtlSocketDetail; owned.  NULL: cancelled. */
GPtrArray *ptl_socket_details_read_finish (GAsyncResult         *result,
                                           GError              **error);
/* "State: Listening", a line for each; owned. */
char      *ptl_socket_details_dup_text    (GPtrArray            *details);

/* Where the list comes from, who refused, and what is not seen; owned.  @brief: only what is not as
 * it should be, "" when all is. */
char      *ptl_socket_snapshot_dup_source (const PtlSocketSnapshot *snapshot,
                                           bool                     brief);
/* What else can be done with it; each owned, NULL: nothing.
 * For the form of a new session: "tcp://127.0.0.1:8080", "unix:/run/x". */
char      *ptl_socket_dup_connect_uri     (const PtlSocketSnapshot *snapshot,
                                           uint32_t                 row);
/* The address to look up: the peer's, or the socket's own. */
char      *ptl_socket_dup_look_up         (const PtlSocketSnapshot *snapshot,
                                           uint32_t                 row);
/* The words that find its service in the reference: "8080 tcp". */
char      *ptl_socket_dup_reference       (const PtlSocketSnapshot *snapshot,
                                           uint32_t                 row);

G_END_DECLS
