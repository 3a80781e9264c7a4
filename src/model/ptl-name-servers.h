/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which DNS servers and search domains this computer has, and who says so: resolv.conf(5), and
 * systemd-resolved over D-Bus where it runs.  Always up to date; main thread. */
#pragma once

#include <gio/gio.h>

#include "model/ptl-table.h"

G_BEGIN_DECLS

#define PTL_NAME_SERVERS_ROWS_MAX 1024 /* of systemd-resolved */

/* Signal "changed": of the table or the summary. */
#define PTL_TYPE_NAME_SERVERS (ptl_name_servers_get_type ())
G_DECLARE_FINAL_TYPE (PtlNameServers, ptl_name_servers, PTL, NAME_SERVERS, GObject)

/* The one that all share while anybody has it; owned. */
PtlNameServers *ptl_name_servers_dup_shared  (void);
PtlTable       *ptl_name_servers_get_table   (PtlNameServers *self); /* borrowed */
/* The address of a row of the table, with its zone, and its port; NULL: it is no server's. */
const char     *ptl_name_servers_get_host    (gpointer        row,
                                              guint          *port);
/* Who names the servers and who asks them; owned. */
char           *ptl_name_servers_dup_summary (PtlNameServers *self);
/* Whether the file was read and systemd-resolved was looked for. */
gboolean        ptl_name_servers_is_ready    (PtlNameServers *self);
/* Asks again: neither systemd-resolved nor every file system tells of all changes. */
void            ptl_name_servers_refresh     (PtlNameServers *self);

/* For tests: another file in its place. */
PtlNameServers *ptl_name_servers_new         (const char *path);

G_END_DECLS
