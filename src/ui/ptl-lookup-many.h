/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many names at once: a list that is pasted or opened, its results in a table, export. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_LOOKUP_MANY_FILE_MAX (16 * 1024 * 1024) /* bytes of a list that is opened */

#define PTL_TYPE_LOOKUP_MANY (ptl_lookup_many_get_type ())
G_DECLARE_FINAL_TYPE (PtlLookupMany, ptl_lookup_many, PTL, LOOKUP_MANY, GtkWidget)

G_END_DECLS
