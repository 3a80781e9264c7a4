/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Lookup pane: one entry for a host, address, service or port, and what is known about it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_TYPE_LOOKUP_PANE (ptl_lookup_pane_get_type ())
G_DECLARE_FINAL_TYPE (PtlLookupPane, ptl_lookup_pane, PTL, LOOKUP_PANE, GtkWidget)

/* Properties: "narrow" (boolean). */

/* Looks @text up as if it had been typed. */
void ptl_lookup_pane_look_up (PtlLookupPane *self,
                              const char    *text);

G_END_DECLS
