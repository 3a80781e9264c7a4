/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A view of open sockets: what a search finds, in which order, and in which words. */
#include "config.h"

#include "model/ptl-open-sockets.h"

#include <arpa/inet.h>
#include <string.h>

#include "host/ptl-sock-diag-private.h"

#define ME 1000

typedef struct
{
  PtlSockKind  kind;
  PtlSockState state;
  const char  *local;
  uint16_t     port;
  const char  *peer; /* NULL: none */
  uint16_t     peer_port;
  uint32_t     uid;
  const char  *program; /* NULL: not seen */
} Made;

static PtlSocketSnapshot *
make (const Made *made,
      size_t      n)
{
  PtlSocks *socks = ptl_socks_new ();
  PtlOwners *owners = g_new0 (PtlOwners, 1);

  owners->items = g_new0 (PtlOwner, n + 1);
  owners->processes = g_new0 (PtlProcess, n + 1);
  for (size_t i = 0; i < n; i++)
    {
      uint8_t family = strchr (made[i].local, ':') != NULL ? AF_INET6 : AF_INET;
      PtlSock sock = { .key = i + 1, .inode = (uint32_t) (7000 + i), .uid = made[i].uid,
                       .kind = (uint8_t) made[i].kind, .state = (uint8_t) made[i].state,
                       .family = family, .local_port = made[i].port,
                       .peer_port = made[i].peer_port };

      if ((PTL_SOCK_BIT (made[i].kind) & PTL_SOCK_UNIX_KINDS) != 0)
        {
          sock.family = AF_UNIX;
          if (*made[i].local != '\0')
            ptl_socks_set_name (socks, &sock, made[i].local, strlen (made[i].local));
        }
      else
        {
          g_assert_cmpint (inet_pton (family, made[i].local, sock.local), ==, 1);
          if (made[i].peer != NULL)
            g_assert_cmpint (inet_pton (family, made[i].peer, sock.peer), ==, 1);
        }
      if (made[i].state == PTL_SOCK_TIME_WAIT)
        {
          sock.inode = 0;
          sock.uid = PTL_SOCK_NO_UID;
        }
      ptl_socks_add (socks, &sock);
      if (made[i].program != NULL)
        {
          PtlProcess *process = &owners->processes[owners->n_processes];

          process->pid = (pid_t) (300 + i);
          g_strlcpy (process->name, made[i].program, sizeof process->name);
          owners->items[owners->n++] =
            (PtlOwner) { sock.inode, (uint32_t) owners->n_processes++, 3 };
        }
    }
  ptl_socks_finish (socks);
  return ptl_socket_snapshot_new (socks, owners, ME);
}

static const Made some[] = {
  { PTL_SOCK_TCP, PTL_SOCK_LISTEN, "0.0.0.0", 22, NULL, 0, 0, NULL },
  { PTL_SOCK_TCP, PTL_SOCK_LISTEN, "127.0.0.1", 8080, NULL, 0, ME, "nginx" },
  { PTL_SOCK_TCP, PTL_SOCK_ESTABLISHED, "127.0.0.1", 8080, "127.0.0.1", 40001, ME, "nginx" },
  { PTL_SOCK_TCP, PTL_SOCK_ESTABLISHED, "127.0.0.1", 40001, "127.0.0.1", 8080, ME, "curl" },
  { PTL_SOCK_TCP, PTL_SOCK_TIME_WAIT, "10.0.0.5", 8080, "10.0.0.9", 40002, 0, NULL },
  { PTL_SOCK_UDP, PTL_SOCK_CLOSE, "::", 5353, NULL, 0, 0, NULL },
  { PTL_SOCK_UNIX_STREAM, PTL_SOCK_LISTEN, "/run/user/1000/bus", 0, NULL, 0, ME, "dbus-daemon" },
  { PTL_SOCK_UDP, PTL_SOCK_ESTABLISHED, "10.0.0.5", 50000, "10.0.0.1", 53, ME, "evil\nname\xff" },
  { PTL_SOCK_TCP, PTL_SOCK_ESTABLISHED, "fe80::1", 443, "fe80::2", 302, ME, "Xorg" },
};

/* "0 3": the rows that a view has. */
static char *
dup_rows (const PtlSocketView *view)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < view->n; i++)
    g_string_append_printf (text, i > 0 ? " %u" : "%u", view->rows[i]);
  return g_string_free (text, FALSE);
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
    { "", PTL_SOCKET_ALL, "0 5 1 6 8 2 3 7 4" },
    { "8080", PTL_SOCKET_ALL, "1 2 3 4" },
    { "8000-8100", PTL_SOCKET_ALL, "1 2 3 4" },
    { "port:8080 listening", PTL_SOCKET_ALL, "1" },
    { "8080", PTL_SOCKET_LISTENING, "1" },
    { "301", PTL_SOCKET_ALL, "1" },        /* no port of any socket: a process */
    { "302", PTL_SOCKET_ALL, "8" },        /* a port: not the process */
    { "pid:302", PTL_SOCKET_ALL, "2" },
    { "7001", PTL_SOCKET_ALL, "1" },       /* an inode */
    { "inode:7001", PTL_SOCKET_ALL, "1" },
    { "uid:1000 tcp 8080", PTL_SOCKET_ALL, "1 2 3" },
    { "NGINX", PTL_SOCKET_ALL, "1 2" },
    { "nginx curl", PTL_SOCKET_ALL, "" },
    { "program:curl", PTL_SOCKET_ALL, "3" },
    { "peer:curl", PTL_SOCKET_ALL, "" },
    { "peer:10.0.", PTL_SOCKET_ALL, "7 4" },
    { "local:10.0.", PTL_SOCKET_ALL, "7 4" },
    { "/run/user", PTL_SOCKET_ALL, "6" },
    { "state:time-wait", PTL_SOCKET_ALL, "4" },
    { "time-wait", PTL_SOCKET_ALL, "4" },
    { "tcp", PTL_SOCKET_ALL, "0 1 8 2 3 4" },
    { "udp", PTL_SOCKET_ALL, "5 7" },
    { "unix", PTL_SOCKET_ALL, "6" },
    { "ipv6", PTL_SOCKET_ALL, "5 8" },
    { "service:ssh", PTL_SOCKET_ALL, "0" },
    { "mdns", PTL_SOCKET_ALL, "5" },
    { "domain", PTL_SOCKET_ALL, "7" },     /* the peer's */
    { "mine unix", PTL_SOCKET_ALL, "6" },
    { "evil", PTL_SOCKET_ALL, "7" },
    { "another", PTL_SOCKET_ALL, "0 5" },  /* user’s program */
    { "everywhere", PTL_SOCKET_ALL, "0 5" },
    { "\xff\xfe", PTL_SOCKET_ALL, "" },
    { "99999999999999999999", PTL_SOCKET_ALL, "" },
    { "8100-8000", PTL_SOCKET_ALL, "" },
    { "", PTL_SOCKET_CONNECTED, "8 2 3 7" },
    { "", PTL_SOCKET_IS_TCP, "0 1 8 2 3 4" },
    { "", PTL_SOCKET_IS_UDP, "5 7" },
    { "", PTL_SOCKET_IS_UNIX, "6" },
    { "", PTL_SOCKET_MINE, "1 6 8 2 3 7" },
    { "", PTL_SOCKET_LISTENING, "0 5 1 6" },
  };
  g_autoptr (PtlSocketSnapshot) snapshot = make (some, G_N_ELEMENTS (some));

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlSocketOrder order = { (char *) cases[i].words, cases[i].filter, -1, false };
      g_autoptr (PtlSocketView) view = ptl_socket_view_new (snapshot, &order);
      g_autofree char *rows = dup_rows (view);
      g_autofree char *shown = g_strescape (cases[i].words, NULL);

      g_test_message ("%s, filter %d", shown, cases[i].filter);
      g_assert_cmpstr (rows, ==, cases[i].expected);
    }
}

/* A search that is too long, or has too many words, is cut. */
static void
test_search_limits (void)
{
  g_autoptr (PtlSocketSnapshot) snapshot = make (some, G_N_ELEMENTS (some));
  g_autofree char *words = g_strnfill (PTL_SOCKET_QUERY_MAX * 2, ' ');
  PtlSocketOrder order = { words, PTL_SOCKET_ALL, -1, false };
  g_autoptr (PtlSocketView) late = NULL;
  g_autoptr (PtlSocketView) many = NULL;

  memcpy (words + PTL_SOCKET_QUERY_MAX + 10, "nothing", 7);
  late = ptl_socket_view_new (snapshot, &order);
  g_assert_cmpuint (late->n, ==, G_N_ELEMENTS (some));
  memset (words, ' ', PTL_SOCKET_QUERY_MAX);
  for (unsigned i = 0; i < PTL_SOCKET_WORDS_MAX; i++)
    memcpy (words + i * 6, "nginx", 5);
  memcpy (words + PTL_SOCKET_WORDS_MAX * 6, "nothing", 7);
  many = ptl_socket_view_new (snapshot, &order);
  g_assert_cmpuint (many->n, ==, 2);
}

static void
test_sort (void)
{
  static const struct
  {
    int         column;
    bool        descending;
    const char *expected;
  } cases[] = {
    { PTL_SOCKET_PORT, false, "0 8 5 1 2 4 3 7 6" },
    { PTL_SOCKET_PORT, true, "7 3 1 2 4 5 8 0 6" },
    { PTL_SOCKET_PROGRAM, false, "3 6 7 1 2 8 0 5 4" }, /* without one: last */
    { PTL_SOCKET_PROGRAM, true, "8 1 2 7 6 3 0 5 4" },
    { PTL_SOCKET_PID, true, "8 7 6 3 2 1 0 5 4" },
    { PTL_SOCKET_PROTOCOL, false, "0 1 8 2 3 4 5 7 6" },
    { PTL_SOCKET_REACH, false, "5 0 8 2 3 7 4 1 6" },
  };
  g_autoptr (PtlSocketSnapshot) snapshot = make (some, G_N_ELEMENTS (some));

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlSocketOrder order = { (char *) "", PTL_SOCKET_ALL, cases[i].column,
                               cases[i].descending };
      g_autoptr (PtlSocketView) view = ptl_socket_view_new (snapshot, &order);
      g_autofree char *rows = dup_rows (view);

      g_test_message ("column %d, %d", cases[i].column, cases[i].descending);
      g_assert_cmpstr (rows, ==, cases[i].expected);
    }
  /* Every column has an order, and loses nobody. */
  for (int column = -1; column < PTL_SOCKET_N_COLUMNS; column++)
    {
      PtlSocketOrder order = { (char *) "", PTL_SOCKET_ALL, column, true };
      g_autoptr (PtlSocketView) view = ptl_socket_view_new (snapshot, &order);

      g_assert_cmpuint (view->n, ==, G_N_ELEMENTS (some));
    }
}

static void
test_words (void)
{
  static const struct
  {
    uint32_t        row;
    PtlSocketColumn column;
    const char     *cell;
    const char     *value;
  } cases[] = {
    { 0, PTL_SOCKET_PROTOCOL, "TCP", "tcp" },
    { 0, PTL_SOCKET_LOCAL, "0.0.0.0", "0.0.0.0" },
    { 0, PTL_SOCKET_PORT, "22", "22" },
    { 0, PTL_SOCKET_STATE, "Listening", "listening" },
    { 0, PTL_SOCKET_PROGRAM, "Another user’s", "" },
    { 0, PTL_SOCKET_USER, "root", "root" },
    { 0, PTL_SOCKET_SERVICE, "ssh", "ssh" },
    { 0, PTL_SOCKET_REACH, "Everywhere, IPv4", "everywhere-ipv4" },
    { 0, PTL_SOCKET_PEER, "", "" },
    { 1, PTL_SOCKET_REACH, "This computer only", "this-computer" },
    { 1, PTL_SOCKET_PID, "301", "301" },
    { 2, PTL_SOCKET_REACH, "Its peer only", "peer" },
    { 2, PTL_SOCKET_PEER, "127.0.0.1:40001", "127.0.0.1:40001" },
    { 2, PTL_SOCKET_SERVICE, "http-alt", "http-alt" }, /* it serves the port */
    { 3, PTL_SOCKET_SERVICE, "http-alt", "http-alt" }, /* its peer does */
    { 4, PTL_SOCKET_PROGRAM, "", "" },
    { 4, PTL_SOCKET_STATE, "TIME-WAIT", "time-wait" },
    { 4, PTL_SOCKET_USER, "", "" },
    { 5, PTL_SOCKET_STATE, "Bound", "bound" },
    { 5, PTL_SOCKET_REACH, "Everywhere", "everywhere" },
    { 6, PTL_SOCKET_PROTOCOL, "Unix stream", "unix-stream" },
    { 6, PTL_SOCKET_LOCAL, "/run/user/1000/bus", "/run/user/1000/bus" },
    { 6, PTL_SOCKET_PORT, "", "" },
    { 6, PTL_SOCKET_REACH, "This computer only", "this-computer" },
    { 7, PTL_SOCKET_SERVICE, "domain", "domain" },
    { 8, PTL_SOCKET_PEER, "[fe80::2]:302", "[fe80::2]:302" },
  };
  g_autoptr (PtlSocketSnapshot) snapshot = make (some, G_N_ELEMENTS (some));

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
  for (uint32_t row = 0; row < G_N_ELEMENTS (some); row++)
    for (int column = 0; column < PTL_SOCKET_N_COLUMNS; column++)
      {
        g_autofree char *cell = ptl_socket_snapshot_dup_cell (snapshot, row,
                                                              (PtlSocketColumn) column);

        g_assert_true (g_utf8_validate (cell, -1, NULL));
        g_assert_null (strchr (cell, '\n'));
      }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket-view/search", test_search);
  g_test_add_func ("/socket-view/search-limits", test_search_limits);
  g_test_add_func ("/socket-view/sort", test_sort);
  g_test_add_func ("/socket-view/words", test_words);
  return g_test_run ();
}
