/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was asked before on a page of Diagnose: kept in the settings, offered by a menu button. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_PROBE_HISTORY_MAX 20
#define PTL_PROBE_HISTORY_BYTES_MAX 4096 /* of an entry; longer ones are neither kept nor shown */

/* An entry is what was in the fields of the form, with tabs between them.  @again is an action (s)
 * that is given one, @forget one without a parameter. */
void ptl_probe_history_show   (GtkMenuButton *button,
                               GSettings     *settings,
                               const char    *key,
                               const char    *again,
                               const char    *forget);
/* Puts it first. */
void ptl_probe_history_add    (GSettings     *settings,
                               const char    *key,
                               const char    *entry);
/* The @n fields of an entry, missing ones "". */
char **ptl_probe_history_split (const char   *entry,
                                guint         n);

G_END_DECLS
