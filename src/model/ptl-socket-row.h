/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of the table of open sockets, made while it is looked at.  Main thread. */
#pragma once

#include "model/ptl-socket-snapshot.h"

G_BEGIN_DECLS

#define PTL_TYPE_SOCKET_ROW (ptl_socket_row_get_type ())
G_DECLARE_FINAL_TYPE (PtlSocketRow, ptl_socket_row, PTL, SOCKET_ROW, GObject)

/* Signal "changed": it says something else, or stands for another socket.  With PTL_SOCK_NO_ROW for
 * @row it is blank: it stands for none. */
PtlSocketRow      *ptl_socket_row_new          (PtlSocketSnapshot *snapshot,
                                                uint32_t           row);
/* Does not tell; true: "changed" is due (ptl-places.h). */
bool               ptl_socket_row_set          (PtlSocketRow      *self,
                                                PtlSocketSnapshot *snapshot,
                                                uint32_t           row);
PtlSocketSnapshot *ptl_socket_row_get_snapshot (PtlSocketRow      *self); /* borrowed */
uint32_t           ptl_socket_row_get_row      (PtlSocketRow      *self);
uint64_t           ptl_socket_row_get_key      (PtlSocketRow      *self); /* blank: 0 */
bool               ptl_socket_row_is_blank     (PtlSocketRow      *self);

G_END_DECLS
