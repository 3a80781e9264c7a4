/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words, search and order for the rarer kinds of open sockets: MPTCP, netlink, AF_VSOCK, packet. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "host/ptl-sock-diag-private.h"
#include "model/ptl-socket-details.h"
#include "model/ptl-socket-view.h"

#define ME 1000

/* Row 0: MPTCP, 1: its path, 2: netlink of the kernel, 3: netlink of a program, 4: connected to the
 * kernel, 5: AF_VSOCK that listens, 6: AF_VSOCK that is connected, 7: packet, 8: netlink of a
 * protocol without a name, 9: AF_VSOCK that is nothing yet */
static PtlSocketSnapshot *
make (void)
{
  static const PtlSock rows[] = {
    { .kind = PTL_SOCK_MPTCP, .family = AF_INET, .state = PTL_SOCK_LISTEN, .local_port = 443,
      .local = { 127, 0, 0, 1 }, .uid = ME, .wqueue = 9 },
    { .kind = PTL_SOCK_TCP, .family = AF_INET, .state = PTL_SOCK_LISTEN, .local_port = 443,
      .local = { 127, 0, 0, 1 }, .uid = ME, .wqueue = 9 },
    { .kind = PTL_SOCK_NETLINK, .family = AF_NETLINK, .state = PTL_SOCK_CLOSE, .local_port = 16,
      .uid = PTL_SOCK_NO_UID },
    { .kind = PTL_SOCK_NETLINK, .family = AF_NETLINK, .state = PTL_SOCK_CLOSE, .local_port = 0,
      .local_id = 4021, .uid = PTL_SOCK_NO_UID },
    { .kind = PTL_SOCK_NETLINK, .family = AF_NETLINK, .state = PTL_SOCK_ESTABLISHED,
      .local_port = 15, .local_id = 4000000000u, .uid = PTL_SOCK_NO_UID },
    { .kind = PTL_SOCK_VSOCK, .family = AF_VSOCK, .state = PTL_SOCK_LISTEN, .local_id = 70000,
      .local_cid = PTL_SOCK_ANY, .peer_id = PTL_SOCK_ANY, .peer_cid = PTL_SOCK_ANY,
      .uid = PTL_SOCK_NO_UID },
    { .kind = PTL_SOCK_VSOCK, .family = AF_VSOCK, .state = PTL_SOCK_ESTABLISHED, .local_id = 22,
      .local_cid = 3, .peer_id = 1024, .peer_cid = 2, .uid = PTL_SOCK_NO_UID },
    { .kind = PTL_SOCK_PACKET, .family = AF_PACKET, .state = PTL_SOCK_CLOSE, .local_port = 443,
      .uid = 0 },
    { .kind = PTL_SOCK_NETLINK, .family = AF_NETLINK, .state = PTL_SOCK_CLOSE, .local_port = 29,
      .local_id = 7, .uid = PTL_SOCK_NO_UID },
    { .kind = PTL_SOCK_VSOCK, .family = AF_VSOCK, .state = PTL_SOCK_CLOSE,
      .local_id = PTL_SOCK_ANY, .local_cid = PTL_SOCK_ANY, .peer_id = PTL_SOCK_ANY,
      .peer_cid = PTL_SOCK_ANY, .uid = PTL_SOCK_NO_UID },
  };
  PtlSocks *socks = ptl_socks_new ();
  PtlOwners *owners = g_new0 (PtlOwners, 1);

  for (uint32_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PtlSock sock = rows[i];

      sock.key = i + 1;
      sock.inode = 7000 + i;
      ptl_socks_add (socks, &sock);
    }
  ptl_socks_finish (socks);
  socks->others = g_strdup ("2 SCTP\n");
  owners->items = g_new0 (PtlOwner, 2);
  owners->processes = g_new0 (PtlProcess, 2);
  owners->processes[0] = (PtlProcess) { .pid = 4021, .uid = ME, .name = "ip" };
  owners->items[0] = (PtlOwner) { 7003, 0, 3 };
  owners->n = owners->n_processes = 1;
  return ptl_socket_snapshot_new (socks, owners, ME);
}

static void
test_cells (void)
{
  static const struct
  {
    uint32_t        row;
    PtlSocketColumn column;
    const char     *cell;
    const char     *value;
  } cases[] = {
    { 0, PTL_SOCKET_PROTOCOL, "MPTCP", "mptcp" },
    { 0, PTL_SOCKET_STATE, "Listening", "listening" },
    { 0, PTL_SOCKET_PORT, "443", "443" },
    { 0, PTL_SOCKET_SERVICE, "https", "https" },
    { 0, PTL_SOCKET_REACH, "This computer only", "this-computer" },
    { 2, PTL_SOCKET_PROTOCOL, "Netlink", "netlink" },
    { 2, PTL_SOCKET_LOCAL, "NETLINK_GENERIC", "NETLINK_GENERIC" },
    { 2, PTL_SOCKET_PROGRAM, "Not seen", "" },
    { 2, PTL_SOCKET_STATE, "Not connected", "unconnected" },
    { 3, PTL_SOCKET_LOCAL, "NETLINK_ROUTE:4021", "NETLINK_ROUTE:4021" },
    { 3, PTL_SOCKET_STATE, "Bound", "bound" },
    { 3, PTL_SOCKET_PORT, "", "" },
    { 3, PTL_SOCKET_PROGRAM, "ip", "ip" },
    { 3, PTL_SOCKET_PEER, "", "" },
    { 3, PTL_SOCKET_REACH, "This computer only", "this-computer" },
    { 4, PTL_SOCKET_LOCAL, "NETLINK_KOBJECT_UEVENT:4000000000",
      "NETLINK_KOBJECT_UEVENT:4000000000" },
    { 4, PTL_SOCKET_PEER, "the kernel", "the kernel" },
    { 4, PTL_SOCKET_PROGRAM, "Another user’s", "" },
    { 8, PTL_SOCKET_LOCAL, "29:7", "29:7" },
    { 5, PTL_SOCKET_PROTOCOL, "VSOCK", "vsock" },
    { 5, PTL_SOCKET_LOCAL, "any machine", "any machine" },
    { 5, PTL_SOCKET_PORT, "70000", "70000" },
    { 5, PTL_SOCKET_PEER, "", "" },
    { 5, PTL_SOCKET_REACH, "Virtual machines and their host", "machines" },
    { 6, PTL_SOCKET_LOCAL, "machine 3", "machine 3" },
    { 6, PTL_SOCKET_PEER, "host:1024", "host:1024" },
    { 6, PTL_SOCKET_SERVICE, "", "" },
    { 9, PTL_SOCKET_LOCAL, "", "" },
    { 9, PTL_SOCKET_PORT, "", "" },
    { 9, PTL_SOCKET_STATE, "Not connected", "unconnected" },
    { 7, PTL_SOCKET_PORT, "", "" },
  };
  g_autoptr (PtlSocketSnapshot) snapshot = make ();

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *cell = ptl_socket_snapshot_dup_cell (snapshot, cases[i].row,
                                                            cases[i].column);
      g_autofree char *value = ptl_socket_snapshot_dup_value (snapshot, cases[i].row,
                                                              cases[i].column);

      g_test_message ("row %u, column %d", cases[i].row, cases[i].column);
      g_assert_cmpstr (cell, ==, cases[i].cell);
      g_assert_cmpstr (value, ==, cases[i].value);
    }
  /* The kernel does not tell whose it is; the program's user is. */
  g_assert_true (ptl_socket_snapshot_is_mine (snapshot, 3));
  g_assert_false (ptl_socket_snapshot_is_mine (snapshot, 4));
}

static void
test_search (void)
{
  static const struct
  {
    const char     *words;
    PtlSocketFilter filter;
    const char     *expected;
  } cases[] = {
    { "", PTL_SOCKET_ALL, "5 1 0 7 6 9 3 4 2 8" },
    { "tcp", PTL_SOCKET_ALL, "1 0" },
    { "mptcp", PTL_SOCKET_ALL, "0" },
    { "netlink", PTL_SOCKET_ALL, "3 4 2 8" },
    { "vsock", PTL_SOCKET_ALL, "5 6 9" },
    { "443", PTL_SOCKET_ALL, "1 0" },        /* not the frames of that type */
    { "70000", PTL_SOCKET_ALL, "5" },
    { "port:1024", PTL_SOCKET_ALL, "6" },
    { "4021", PTL_SOCKET_ALL, "3" },         /* the process */
    { "netlink_route", PTL_SOCKET_ALL, "3" },
    { "", PTL_SOCKET_IS_TCP, "1 0" },
    { "", PTL_SOCKET_LISTENING, "5 1 0 7" }, /* netlink waits for nobody else */
    { "", PTL_SOCKET_MINE, "1 0 3" },
  };
  g_autoptr (PtlSocketSnapshot) snapshot = make ();

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlSocketOrder order = { (char *) cases[i].words, cases[i].filter, -1, false };
      g_autoptr (PtlSocketView) view = ptl_socket_view_new (snapshot, &order);
      g_autofree char *shown = g_strescape (cases[i].words, NULL);
      g_autoptr (GString) rows = g_string_new (NULL);

      for (guint k = 0; k < view->n; k++)
        g_string_append_printf (rows, k > 0 ? " %u" : "%u", view->rows[k]);
      g_test_message ("%s, filter %d", shown, cases[i].filter);
      g_assert_cmpstr (rows->str, ==, cases[i].expected);
    }
  /* By every column, and nobody is lost. */
  for (int column = 0; column < PTL_SOCKET_N_COLUMNS; column++)
    {
      PtlSocketOrder order = { (char *) "", PTL_SOCKET_ALL, column, column % 2 != 0 };
      g_autoptr (PtlSocketView) view = ptl_socket_view_new (snapshot, &order);

      g_assert_cmpuint (view->n, ==, ptl_socket_snapshot_get_n (snapshot));
    }
}

static void
on_details_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  *(GPtrArray **) data = ptl_socket_details_read_finish (result, NULL);
}

static void
test_details (void)
{
  static const char *const words[] = {
    "MPTCP over IPv4", "TCP over IPv4", "the kernel’s, or not used yet",
    "netlink is between its programs and its kernel", "Peer: the kernel", "waits for connections",
    "Peer: host:1024", "frames of type 0x01bb", "29:7", "has no address and no peer",
  };
  g_autoptr (PtlSocketSnapshot) snapshot = make ();
  g_autofree char *source = ptl_socket_snapshot_dup_source (snapshot, true);
  g_autofree char *uri = ptl_socket_dup_connect_uri (snapshot, 0);
  g_autofree char *reference = ptl_socket_dup_reference (snapshot, 0);

  for (uint32_t row = 0; row < G_N_ELEMENTS (words); row++)
    {
      GPtrArray *details = NULL;
      g_autofree char *text = NULL;

      ptl_socket_details_read_async (snapshot, row, NULL, on_details_cb, &details);
      while (details == NULL)
        g_main_context_iteration (NULL, TRUE);
      text = ptl_socket_details_dup_text (details);
      g_test_message ("row %u: %s", row, text);
      g_assert_nonnull (strstr (text, words[row]));
      g_ptr_array_unref (details);
    }
  /* What is open and has no row is said; its line end is not that of the page. */
  g_assert_nonnull (strstr (source, "Not listed: 2 SCTP"));
  g_assert_null (strstr (source, "SCTP\n"));
  g_assert_cmpstr (uri, ==, "tcp://127.0.0.1:443");
  g_assert_cmpstr (reference, ==, "443 tcp");
  for (uint32_t row = 2; row < G_N_ELEMENTS (words); row++)
    g_assert_null (ptl_socket_dup_connect_uri (snapshot, row));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket-words/cells", test_cells);
  g_test_add_func ("/socket-words/search", test_search);
  g_test_add_func ("/socket-words/details", test_details);
  return g_test_run ();
}
