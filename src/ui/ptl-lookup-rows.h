/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the rows of a lookup in a boxed list. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @rows is a model of PtlLookupRow.  The list is hidden while it is empty.  Rows with a target
 * offer win.connect-form, those with a value win.copy-text. */
void ptl_lookup_rows_bind (GtkListBox *list,
                           GListModel *rows);

G_END_DECLS
