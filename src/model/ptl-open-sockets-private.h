/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of the table of open sockets. */
#pragma once

#include "model/ptl-socket-view.h"
#include "model/ptl-table.h"

G_BEGIN_DECLS

/* All but sort() and freeze(). */
void      ptl_open_sockets_init_cells (PtlTableInterface *iface);
/* The rows of a view, and those only; owned.  NULL: none. */
PtlTable *ptl_open_sockets_freeze     (PtlSocketView     *view);

G_END_DECLS
