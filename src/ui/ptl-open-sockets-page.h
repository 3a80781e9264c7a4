/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of This Computer that lists its open sockets. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Property "narrow" (boolean).  As a PtlPage, a target is what is searched: "8080". */
#define PTL_TYPE_OPEN_SOCKETS_PAGE (ptl_open_sockets_page_get_type ())
G_DECLARE_FINAL_TYPE (PtlOpenSocketsPage, ptl_open_sockets_page, PTL, OPEN_SOCKETS_PAGE, GtkWidget)

G_END_DECLS
