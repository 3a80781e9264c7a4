/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The saved and the recent sessions, under the form for a new one. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-saved.h"

G_BEGIN_DECLS

/* Recent sessions that are listed; more are kept, but would be a wall of rows. */
#define PTL_SAVED_LIST_RECENT_MAX 8

#define PTL_TYPE_SAVED_LIST (ptl_saved_list_get_type ())
G_DECLARE_FINAL_TYPE (PtlSavedList, ptl_saved_list, PTL, SAVED_LIST, GtkBox)

/* Signals, each with a const PtlSpec (pointer) that is valid during the emission: "fill" (a row was
 * clicked, which may be half of a double click), "open". */

void ptl_saved_list_set_saved (PtlSavedList *self, /* once */
                               PtlSaved     *saved);

G_END_DECLS
