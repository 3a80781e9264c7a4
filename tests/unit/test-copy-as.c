/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions as programs: what must be in them, what cannot be done, and that what was typed stays
 * data.  That the programs run is proved in tests/copy-as. */
#include "config.h"

#include "base/ptl-error.h"
#include "model/ptl-copy-as.h"

#include <string.h>

#define C PTL_ROLE_CONNECT
#define L PTL_ROLE_LISTEN
#define D PTL_ROLE_DATAGRAMS
#define PYTHON PTL_COPY_AS_PYTHON
#define NCAT PTL_COPY_AS_NCAT
#define SOCAT PTL_COPY_AS_SOCAT

static char *
copy (PtlRole     role,
      const char *uri,
      PtlCopyAs   what,
      const char *message,
      GError    **error)
{
  g_autoptr (GError) parse_error = NULL;
  g_autoptr (PtlSpec) spec = ptl_spec_parse_uri (role, uri, NULL, &parse_error);

  g_assert_no_error (parse_error);
  return ptl_copy_as (spec, what, (const uint8_t *) message,
                      message != NULL ? strlen (message) : 0, error);
}

static void
test_lines (void)
{
  static const struct
  {
    PtlRole     role;
    const char *uri;
    PtlCopyAs   what;
    const char *message;
    const char *line;
  } rows[] = {
    { C, "tcp://localhost:80", PTL_COPY_AS_URI, NULL, "portlight 'tcp://localhost:80'" },
    { L, "tcp://:80,81", PTL_COPY_AS_URI, "x", "portlight --listen 'tcp://:80,81'" },
    { D, "udp://<broadcast>:9", PTL_COPY_AS_URI, NULL,
      "portlight --datagrams 'udp://<broadcast>:9'" },
    { C, "tcp://localhost:80", NCAT, NULL, "ncat localhost 80" },
    { C, "tcp://localhost:80", NCAT, "a%'\\\n", "printf 'a%%\\047\\134\\n' | ncat localhost 80" },
    { C, "tcp://localhost:80", NCAT, "-n", "printf '\\055n' | ncat localhost 80" },
    { C, "tcp://localhost:80", NCAT, "", "printf '' | ncat localhost 80" },
    { C, "tcp://2130706433:80?connect-timeout=2", NCAT, NULL, "ncat -4 -w 2000ms 127.0.0.1 80" },
    { C, "tcp://[fe80::1%25lo]:80?from=[::1]:5", NCAT, NULL,
      "ncat -6 -s ::1 -p 5 fe80::1%lo 80" },
    { C, "tcp://:80", NCAT, NULL, "ncat -4 0.0.0.0 80" },
    { C, "udp://a:80", NCAT, "x", "(printf 'x'; sleep 2) | ncat -u a 80" },
    { C, "unix:/a b", NCAT, NULL, "ncat -U '/a b'" },
    { C, "unix:-x", NCAT, NULL, "ncat -U ./-x" },
    { C, "vsock://2:9", NCAT, NULL, "ncat --vsock 2 9" },
    { L, "tcp://:80?reaction=echo&max-peers=3", NCAT, NULL, "ncat -l -k -m 3 -e /bin/cat 80" },
    { L, "tcp://127.0.0.1:80", NCAT, NULL, "ncat -l -k -4 --recv-only 127.0.0.1 80" },
    { L, "tcp://:80?reaction=discard", NCAT, NULL, "ncat -l -k --recv-only 80 > /dev/null" },
    { L, "tcp://:80?reaction=greeting&text=it%27s%0A", NCAT, NULL,
      "ncat -l -k -c 'printf '\\''it\\047s\\n'\\''; exec cat >&2' 80" },
    { C, "tcp://localhost:http", SOCAT, "x", "printf 'x' | socat -t 3600 - TCP:localhost:http" },
    { C, "tcp://[::1]:80?ttl=3&nodelay=1", SOCAT, NULL,
      "socat - 'TCP6:[::1]:80,nodelay=1,ipv6-unicast-hops=3'" },
    { C, "tcp://1.2.3.4:80?from=:5&via=eth0", SOCAT, NULL,
      "socat - TCP4:1.2.3.4:80,bind=0.0.0.0:5,so-bindtodevice=eth0" },
    { L, "tcp://:80", SOCAT, NULL, "socat -u TCP6-LISTEN:80,ipv6only=0,reuseaddr=1,fork -" },
    { L, "tcp://127.0.0.1:80?reaction=echo&backlog=3&max-peers=2", SOCAT, NULL,
      "socat TCP4-LISTEN:80,bind=127.0.0.1,reuseaddr=1,fork,backlog=3,max-children=2 PIPE" },
    { L, "unix:/a,b;c", SOCAT, NULL, "socat -u 'UNIX-LISTEN:/a\\,b\\;c,fork,unlink-early' -" },
    { C, "unix+seqpacket:@x", SOCAT, NULL, "socat - ABSTRACT-CONNECT:x,type=5" },
    { D, "udp://<broadcast>:9?broadcast=1&rcvbuf=9", SOCAT, NULL,
      "socat - UDP4-DATAGRAM:255.255.255.255:9,rcvbuf=9,broadcast=1" },
    { L, "udp://0.0.0.0:9?group=239.9.9.9%25eth0&rcvbuf=9&reaction=discard", SOCAT, NULL,
      "socat -u UDP4-RECV:9,bind=0.0.0.0,rcvbuf=9,ip-add-membership=239.9.9.9:eth0 "
      "OPEN:/dev/null" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = copy (rows[i].role, rows[i].uri, rows[i].what, rows[i].message,
                                    &error);

      g_assert_no_error (error);
      g_assert_cmpstr (line, ==, rows[i].line);
    }
}

static void
test_cannot (void)
{
  static const struct
  {
    PtlRole     role;
    const char *uri;
    PtlCopyAs   what;
    const char *part;
  } rows[] = {
    { L, "tcp://:1,2", NCAT, "one port only" },
    { L, "tcp://:1,2", SOCAT, "one port only" },
    { L, "tcp://:1?own-peers-only=1", NCAT, "own addresses" },
    { L, "tcp://:1?own-peers-only=1", SOCAT, "own addresses" },
    { L, "tcp://:1?reaction=answer&text=a", NCAT, "cannot answer" },
    { L, "tcp://:1?reaction=answer&text=a", SOCAT, "cannot answer" },
    { L, "tcp://:1?reaction=greeting&text=a", SOCAT, "greets only" },
    { C, "tcp://a:1?protocol=mptcp", NCAT, "any domain" },
    { C, "tcp://a:1?nodelay=1", NCAT, "no option for TCP_NODELAY" },
    { C, "tcp://a:1?via=lo", NCAT, "no option for SO_BINDTODEVICE" },
    { L, "udp://:1?group=224.0.0.1", NCAT, "no option for IP_ADD_MEMBERSHIP" },
    { C, "tcp://a:http", NCAT, "only as a number" },
    { C, "unix:@a", NCAT, "abstract" },
    { C, "unix+seqpacket:/a", NCAT, "seqpacket" },
    { D, "udp://a:1", NCAT, "one peer only" },
    { C, "unix:@a%5C0", SOCAT, "these characters" },
    { C, "tcp://a:1?ttl=1", SOCAT, "IPv4 or IPv6" },
    { D, "udp://[::1]:1?multicast-ttl=1", SOCAT, "no option for IPV6_MULTICAST_HOPS" },
    { L, "udp://[::1]:1?group=ff02::5", SOCAT, "number of an interface" },
    { C, "tcp://a:1?domain=x25", PYTHON, "domain 9" },
    { C, "tcp://a:1?type=9", PTL_COPY_AS_C, "type 9" },
    { C, "tcp://a:1?domain=unix", PTL_COPY_AS_C, "domain 1" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      char *line = copy (rows[i].role, rows[i].uri, rows[i].what, "x", &error);

      if (line != NULL)
        {
          g_test_fail_printf ("%s: %s", rows[i].uri, line);
          g_free (line);
          continue;
        }
      if (strstr (error->message, rows[i].part) == NULL)
        g_test_fail_printf ("%s: %s", rows[i].uri, error->message);
    }
}

/* The calls come in the order in which the session makes them. */
static void
test_order (void)
{
  static const struct
  {
    PtlRole     role;
    const char *uri;
    PtlCopyAs   what;
    const char *message;
    const char *words[12];
  } rows[] = {
    { C, "tcp://127.0.0.1:80?nodelay=1&from=:0", PYTHON, "hi",
      { "MESSAGE = b'hi'", "ADDRESS = ('127.0.0.1', 80)", "socket.socket(socket.AF_INET, "
        "socket.SOCK_STREAM)", "socket.TCP_NODELAY, 1", "s.bind(('', 0))", "s.connect(ADDRESS)",
        "s.sendall(MESSAGE)", "s.shutdown(socket.SHUT_WR)", "s.recv(", "'Received'",
                                                                    "s.close()" } },
    { C, "tcp://127.0.0.1:80?nodelay=1&from=:0", PTL_COPY_AS_C, "hi",
      { "socket (family, SOCK_STREAM, 0)", "TCP_NODELAY, 1", "bind (", "message[] = \"hi\"",
        "open_socket (a->ai_family)", "connect (fd", "send_all (fd, message", "shutdown (fd",
        "recv (fd", "close (fd)" } },
    { L, "tcp://:80?reaction=echo", PYTHON, NULL,
      { "conn.recv(", "conn.sendall(data)", "s.accept()", "socket.socket(family", "SO_REUSEADDR, 1",
        "IPV6_V6ONLY, 1", "s.bind(address)", "s.listen(4096)", "(socket.AF_INET, ('', 80))",
        "(socket.AF_INET6, ('::', 80))" } },
    { L, "udp://:80?reaction=answer&text=a", PTL_COPY_AS_C, NULL,
      { "SOCK_DGRAM", "SO_RCVBUF, 8388608", "text[] = \"a\"", "recvfrom (", "sendto (", "bind "
          "(" } },
    { D, "udp://<broadcast>:9?broadcast=1", PYTHON, "x",
      { "('<broadcast>', 9)", "SOCK_DGRAM", "SO_BROADCAST, 1", "s.sendto(MESSAGE",
          "s.recvfrom(" } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *program = copy (rows[i].role, rows[i].uri, rows[i].what, rows[i].message,
                                       &error);
      const char *at = program;

      g_assert_no_error (error);
      for (unsigned k = 0; k < 12 && rows[i].words[k] != NULL; k++)
        {
          at = strstr (at, rows[i].words[k]);
          if (at == NULL)
            {
              g_test_fail_printf ("%s: “%s” is not where it should be in\n%s", rows[i].uri,
                                  rows[i].words[k], program);
              break;
            }
        }
    }
}

/* A shell gives back exactly the words that were typed. */
static void
test_shell_words (void)
{
  static const char *const paths[] = {
    "/a'b", "/a\"b", "/a`b`", "/$(x)", "/a;b|c&d>e", "/a\\b", "/a b", "/a*?[b]", "/ä", "/~", "/#!",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *encoded = g_uri_escape_string (paths[i], "/", FALSE);
      g_autofree char *uri = g_strconcat ("unix:", encoded, NULL);
      g_autofree char *line = copy (C, uri, NCAT, NULL, NULL);
      g_auto (GStrv) words = NULL;
      int n;

      g_assert_true (g_shell_parse_argv (line, &n, &words, NULL));
      g_assert_cmpint (n, ==, 3);
      g_assert_cmpstr (words[2], ==, paths[i]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/copy-as/lines", test_lines);
  g_test_add_func ("/copy-as/cannot", test_cannot);
  g_test_add_func ("/copy-as/order", test_order);
  g_test_add_func ("/copy-as/shell-words", test_shell_words);
  return g_test_run ();
}
