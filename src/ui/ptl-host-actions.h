/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page offers to do with an address of its rows. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Makes actions "copy-address", "look-up", "connect", "ping" and "trace" of that prefix, each of
 * which calls @activate; main thread. */
void ptl_host_actions_add  (GActionMap *map,
                            const char *prefix,
                            void      (*activate) (GSimpleAction *action,
                                                   GVariant      *parameter,
                                                   gpointer       data),
                            gpointer    data);
/* Enables all of them, or none. */
void ptl_host_actions_set_enabled (GActionMap *map,
                                   const char *prefix,
                                   gboolean    enabled);
/* Does the one that was activated.  @host: an address, with its zone; @port: 0 for any. */
void ptl_host_actions_do   (GtkWidget  *widget,
                            GAction    *action,
                            const char *host,
                            guint       port);

G_END_DECLS
