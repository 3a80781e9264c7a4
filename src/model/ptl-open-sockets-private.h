/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells of the table of open sockets. */
#pragma once

#include "model/ptl-table.h"

G_BEGIN_DECLS

/* All but sort(). */
void ptl_open_sockets_init_cells (PtlTableInterface *iface);

G_END_DECLS
