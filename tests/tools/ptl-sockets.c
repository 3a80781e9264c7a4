/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the open sockets as the window has them: a line of JSON for each, with what its program is
 * told to be.
 *
 *   ptl-sockets [--proc] [INODE ...]
 *
 *   --proc   as if NETLINK_SOCK_DIAG were refused
 *   INODE    of a socket whose details are printed with it */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "model/ptl-socket-details.h"
#include "model/ptl-table.h"

static const char *const names[PTL_SOCKET_N_COLUMNS] = {
  [PTL_SOCKET_PROTOCOL] = "protocol", [PTL_SOCKET_LOCAL] = "local", [PTL_SOCKET_PORT] = "port",
  [PTL_SOCKET_STATE] = "state", [PTL_SOCKET_PROGRAM] = "program", [PTL_SOCKET_PID] = "pid",
  [PTL_SOCKET_REACH] = "reach", [PTL_SOCKET_USER] = "user", [PTL_SOCKET_SERVICE] = "service",
  [PTL_SOCKET_PEER] = "peer", [PTL_SOCKET_RQUEUE] = "rqueue", [PTL_SOCKET_WQUEUE] = "wqueue",
  [PTL_SOCKET_INTERFACE] = "interface",
};

static GPtrArray *details;

static void
on_details_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  details = ptl_socket_details_read_finish (result, NULL);
  g_main_loop_quit (data);
}

static bool
is_asked (uint32_t  inode,
          char    **inodes)
{
  while (*inodes != NULL)
    if (g_ascii_strtoull (*inodes++, NULL, 10) == inode)
      return true;
  return false;
}

static void
print_row (PtlSocketSnapshot *snapshot,
           uint32_t           row,
           char             **inodes)
{
  g_autoptr (GString) line = g_string_new ("{");
  g_autofree char *connect = ptl_socket_dup_connect_uri (snapshot, row);
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);

  for (int column = 0; column < PTL_SOCKET_N_COLUMNS; column++)
    {
      g_autofree char *value = ptl_socket_snapshot_dup_value (snapshot, row,
                                                              (PtlSocketColumn) column);

      ptl_table_append_json (line, names[column]);
      g_string_append (line, ": ");
      ptl_table_append_json (line, value);
      g_string_append (line, ", ");
    }
  g_string_append_printf (line, "\"inode\": %u, \"owner\": %d, \"mine\": %s, \"connect\": ",
                          sock->inode, ptl_socket_snapshot_get_owner_kind (snapshot, row),
                          ptl_socket_snapshot_is_mine (snapshot, row) ? "true" : "false");
  ptl_table_append_json (line, connect != NULL ? connect : "");
  if (is_asked (sock->inode, inodes))
    {
      g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
      g_autofree char *text = NULL;

      ptl_socket_details_read_async (snapshot, row, NULL, on_details_cb, loop);
      g_main_loop_run (loop);
      text = ptl_socket_details_dup_text (details);
      g_ptr_array_unref (details);
      g_string_append (line, ", \"details\": ");
      ptl_table_append_json (line, text);
    }
  puts (g_string_append_c (line, '}')->str);
}

int
main (int   argc,
      char *argv[])
{
  bool no_netlink = argc > 1 && strcmp (argv[1], "--proc") == 0;
  PtlSockQuery query = { .kinds = PTL_SOCK_ALL_KINDS, .states = PTL_SOCK_ALL_STATES,
                         .no_netlink = no_netlink };
  g_autoptr (PtlSocketSnapshot) snapshot = NULL;

  setlocale (LC_ALL, "");
  snapshot = ptl_socket_snapshot_read (NULL, &query, NULL);
  for (uint32_t row = 0; row < ptl_socket_snapshot_get_n (snapshot); row++)
    print_row (snapshot, row, argv + (no_netlink ? 2 : 1));
  return 0;
}
