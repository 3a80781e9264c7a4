/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written out of the list of open sockets is one reading of them, whatever the list does
 * meanwhile. */
#include "config.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "host/ptl-sock-diag-private.h"
#include "model/ptl-open-sockets.h"

/* Listeners on ports @first to @first + @n - 1. */
static PtlSocketSnapshot *
make (unsigned first,
      unsigned n)
{
  PtlSocks *socks = ptl_socks_new ();

  for (unsigned i = 0; i < n; i++)
    {
      PtlSock sock = { .key = first + i, .inode = first + i, .kind = PTL_SOCK_TCP,
                       .state = PTL_SOCK_LISTEN, .family = AF_INET,
                       .local_port = (uint16_t) (first + i) };

      ptl_socks_add (socks, &sock);
    }
  ptl_socks_finish (socks);
  return ptl_socket_snapshot_new (socks, g_new0 (PtlOwners, 1), 1000);
}

static void
on_updated_cb (bool *updated)
{
  *updated = true;
}

static void
on_exported_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  *(char **) data = ptl_table_export_finish (PTL_TABLE (source), result, NULL);
}

static void
assert_ports (const char *csv,
              unsigned    first,
              unsigned    n)
{
  g_auto (GStrv) lines = g_strsplit (csv, "\r\n", -1);

  /* The names of the columns, the rows, and the end of the last. */
  g_assert_cmpuint (g_strv_length (lines), ==, n + 2);
  for (unsigned i = 0; i < n; i++)
    {
      g_auto (GStrv) cells = g_strsplit (lines[i + 1], ",", -1);

      g_assert_cmpuint ((unsigned) atoi (cells[PTL_SOCKET_PORT]), ==, first + i);
    }
}

/* A list that has told of a few of its rows, and one that becomes another while it is written. */
static void
test_changing (void)
{
  g_autoptr (PtlOpenSockets) list = ptl_open_sockets_new ();
  g_autofree char *nothing = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
  g_autofree char *growing = NULL, *shrinking = NULL;
  bool updated = false;

  assert_ports (nothing, 0, 0);
  g_signal_connect_swapped (list, "updated", G_CALLBACK (on_updated_cb), &updated);
  ptl_open_sockets_take (list, make (1, 5000));
  while (!updated)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), <, 5000);
  ptl_table_export_async (PTL_TABLE (list), PTL_TABLE_CSV, NULL, on_exported_cb, &growing);
  ptl_open_sockets_take (list, make (20000, 300));
  for (updated = false; !updated;)
    g_main_context_iteration (NULL, TRUE);
  ptl_table_export_async (PTL_TABLE (list), PTL_TABLE_CSV, NULL, on_exported_cb, &shrinking);
  ptl_open_sockets_take (list, make (30000, 3));
  while (growing == NULL || shrinking == NULL || !ptl_open_sockets_is_settled (list))
    g_main_context_iteration (NULL, TRUE);
  assert_ports (growing, 1, 5000);
  assert_ports (shrinking, 20000, 300);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket-export/changing", test_changing);
  return g_test_run ();
}
