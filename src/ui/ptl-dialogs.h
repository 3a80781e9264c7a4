/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The windows that newer versions of the toolkit have other classes for, in one place. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void   ptl_dialogs_show_about       (GtkWindow           *parent);

/* Asks for a file to open or to write; finish gives it (owned), or NULL without an error when the
 * user changed their mind.  The window stays usable meanwhile. */
void   ptl_dialogs_open_file_async  (GtkWindow           *parent,
                                     const char          *title,
                                     GAsyncReadyCallback  callback,
                                     gpointer             data);
void   ptl_dialogs_save_file_async  (GtkWindow           *parent,
                                     const char          *title,
                                     const char          *name, /* proposed */
                                     GAsyncReadyCallback  callback,
                                     gpointer             data);
GFile *ptl_dialogs_file_finish      (GAsyncResult        *result,
                                     GError             **error);

G_END_DECLS
