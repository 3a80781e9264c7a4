/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every step, every event and every state has words; an error names the call, the address, what the
 * system said, and what to do. */
#include "config.h"

#include "model/ptl-fault-text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-endpoint.h"
#include "base/ptl-fd.h"
#include "model/ptl-text-private.h"

#define NOBODY 65534

static PtlAddress
address_of (const char *host,
            const char *port)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  GError *error = NULL;

  g_assert_true (ptl_endpoint_parse_host_port (&endpoint, host, port, NULL, NULL, &error));
  g_assert_no_error (error);
  return endpoint.address;
}

static PtlAddress
unix_address (const char *name,
              bool        abstract)
{
  PtlAddress address;

  g_assert_cmpint (ptl_address_set_unix (&address, name, strlen (name), abstract), ==, 0);
  return address;
}

/* What is shown: UTF-8, one line, a sentence. */
static void
check_line (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), >, 3);
  g_assert_null (strchr (text, '\n'));
  g_assert_null (strstr (text, "(null)"));
  g_assert_null (strstr (text, "%s"));
}

static void
check_fault (PtlStep     step,
             int         sys_errno,
             PtlAddress  address,
             const char *start,
             const char *advice)
{
  PtlFault fault = { .step = step, .sys_errno = sys_errno, .address = address };
  g_autofree char *text = ptl_fault_to_text (&fault);

  check_line (text);
  if (!g_str_has_prefix (text, start))
    g_error ("“%s” does not start with “%s”", text, start);
  if (strstr (text, advice) == NULL)
    g_error ("“%s” does not say “%s”", text, advice);
}

static void
test_faults (void)
{
  PtlAddress low = address_of ("127.0.0.1", "80");
  PtlAddress high = address_of ("192.0.2.1", "8080");
  PtlAddress six = address_of ("2001:db8::1", "80");
  PtlAddress link = address_of ("fe80::1", "80");
  PtlAddress broadcast = address_of ("<broadcast>", "9");
  PtlAddress path = unix_address ("/run/x.sock", false);
  PtlAddress name = unix_address ("x", true);
  PtlAddress none = { 0 };

  check_fault (PTL_STEP_CONNECT, ECONNREFUSED, low,
               "connect to 127.0.0.1:80: Connection refused (ECONNREFUSED). ",
               "Nothing listens there");
  check_fault (PTL_STEP_CONNECT, ECONNREFUSED, path,
               "connect to /run/x.sock: Connection refused (ECONNREFUSED). ", "stale");
  check_fault (PTL_STEP_CONNECT, ECONNREFUSED, name, "connect to @x: ",
               "No program listens on that name");
  check_fault (PTL_STEP_CONNECT, ENOENT, path, "connect to /run/x.sock: ", "nothing at that path");
  check_fault (PTL_STEP_CONNECT, EACCES, path, "connect to /run/x.sock: ", "permissions");
  check_fault (PTL_STEP_CONNECT, EACCES, broadcast, "connect to 255.255.255.255:9: ",
               "SO_BROADCAST");
  check_fault (PTL_STEP_CONNECT, ENETUNREACH, high, "connect to 192.0.2.1:8080: ", "no route");
  check_fault (PTL_STEP_CONNECT, ENETUNREACH, six, "connect to [2001:db8::1]:80: ", "IPv6");
  check_fault (PTL_STEP_CONNECT, EHOSTUNREACH, high, "connect to 192.0.2.1:8080: ", "switched on");
  check_fault (PTL_STEP_CONNECT, ETIMEDOUT, high, "connect to 192.0.2.1:8080: ", "firewall");
  check_fault (PTL_STEP_CONNECT, EPERM, high, "connect to 192.0.2.1:8080: ", "firewall");
  check_fault (PTL_STEP_CONNECT, EINVAL, link, "connect to [fe80::1]:80: ", "fe80::1%eth0");
  check_fault (PTL_STEP_CONNECT, EADDRNOTAVAIL, high, "connect to 192.0.2.1:8080: ", "local");
  check_fault (PTL_STEP_CONNECT, EPROTOTYPE, path, "connect to /run/x.sock: ", "another type");
  check_fault (PTL_STEP_BIND, EADDRINUSE, high,
               "bind to 192.0.2.1:8080: Address already in use (EADDRINUSE). ",
               "Port 8080 is in use");
  check_fault (PTL_STEP_BIND, EADDRINUSE, path, "bind to /run/x.sock: ", "remove the file");
  check_fault (PTL_STEP_BIND, EADDRINUSE, name, "bind to @x: ", "another name");
  check_fault (PTL_STEP_BIND, EACCES, path, "bind to /run/x.sock: ", "folder");
  check_fault (PTL_STEP_BIND, EADDRNOTAVAIL, high, "bind to 192.0.2.1:8080: ", "no such address");
  check_fault (PTL_STEP_BIND, ENOENT, path, "bind to /run/x.sock: ",
               "folder of that path does not exist");
  check_fault (PTL_STEP_BIND, ENAMETOOLONG, path, "bind to /run/x.sock: ", "108 bytes");
  check_fault (PTL_STEP_BIND, EAFNOSUPPORT, six, "bind to ", "IPv4 or IPv6");
  check_fault (PTL_STEP_BIND, EINVAL, high, "bind to ", "IPv4 or IPv6");
  check_fault (PTL_STEP_CONNECT, EINVAL, high, "connect to ", "does not fit the local address or");
  check_fault (PTL_STEP_SOCKET, EAFNOSUPPORT, none, "socket: ", "(EAFNOSUPPORT). This kernel");
  check_fault (PTL_STEP_SOCKET, EPROTONOSUPPORT, none, "socket: ", "This kernel");
  check_fault (PTL_STEP_SOCKET, ESOCKTNOSUPPORT, none, "socket: ", "This kernel");
  check_fault (PTL_STEP_SOCKET, EMFILE, none, "socket: ", "ulimit -n");
  check_fault (PTL_STEP_ACCEPT, EMFILE, low, "accept on 127.0.0.1:80: ", "ulimit -n");
  check_fault (PTL_STEP_SEND, EMSGSIZE, high, "send to 192.0.2.1:8080: ", "65,507");
  check_fault (PTL_STEP_SEND, EACCES, broadcast, "send to 255.255.255.255:9: ", "SO_BROADCAST");
  check_fault (PTL_STEP_SEND, EPIPE, high, "send to 192.0.2.1:8080: Broken pipe (EPIPE). ",
               "takes no more");
  check_fault (PTL_STEP_RECEIVE, ECONNRESET, high, "recv from 192.0.2.1:8080: ", "reset");
  check_fault (PTL_STEP_MEMBERSHIP, ENODEV, high, "membership of multicast group ", "interface");
  check_fault (PTL_STEP_LOG, ENOSPC, none,
               "record into the log: No space left on device (ENOSPC). ", "disk is full");
}

/* The rule that refuses low ports is this computer's own. */
static void
test_low_port (void)
{
  g_autofree char *rule = NULL;
  PtlAddress low = address_of ("0.0.0.0", "1");
  PtlAddress high = address_of ("0.0.0.0", "65535");

  if (g_file_get_contents ("/proc/sys/net/ipv4/ip_unprivileged_port_start", &rule, NULL, NULL)
      && atoi (rule) <= 1)
    {
      g_test_skip ("this computer lets everyone have port 1");
      return;
    }
  check_fault (PTL_STEP_BIND, EACCES, low, "bind to 0.0.0.0:1: Permission denied (EACCES). ",
               "net.ipv4.ip_unprivileged_port_start");
  check_fault (PTL_STEP_BIND, EACCES, high, "bind to 0.0.0.0:65535: Permission denied (EACCES). ",
               "security rule");
}

static void
test_names (void)
{
  PtlFault fault = { .step = PTL_STEP_RESOLVE, .gai_code = EAI_NONAME };
  g_autofree char *resolve = ptl_fault_to_text_about (&fault, "no.such.example", NULL);
  g_autofree char *hostile = ptl_fault_to_text_about (&fault, "a\n\x1b[31m\xff<b>%s%n", NULL);
  g_autofree char *owned = NULL;
  g_autofree char *option = NULL;

  check_line (resolve);
  g_assert_true (g_str_has_prefix (resolve, "getaddrinfo for “no.such.example”: "));
  g_assert_nonnull (strstr (resolve, "(EAI_NONAME). "));
  g_assert_true (g_utf8_validate (hostile, -1, NULL));
  g_assert_null (strchr (hostile, '\n'));
  g_assert_null (strchr (hostile, '\x1b'));

  fault = (PtlFault) { .step = PTL_STEP_BIND, .sys_errno = EADDRINUSE,
                       .address = address_of ("127.0.0.1", "8080") };
  owned = ptl_fault_to_text_about (&fault, NULL, "nginx (pid 312)");
  g_assert_nonnull (strstr (owned, "Port 8080 is in use by nginx (pid 312)."));
  g_assert_true (ptl_fault_wants_owner (&fault));
  fault.sys_errno = EACCES;
  g_assert_false (ptl_fault_wants_owner (&fault));

  fault = (PtlFault) { .step = PTL_STEP_OPTION, .sys_errno = EPERM, .detail = PTL_OPT_DEVICE };
  option = ptl_fault_to_text_about (&fault, "eth0", NULL);
  g_assert_true (g_str_has_prefix (option, "setsockopt SO_BINDTODEVICE for eth0: "));
  g_assert_nonnull (strstr (option, "CAP_NET_RAW"));
}

/* None is forgotten, whatever the error. */
static void
test_all_steps (void)
{
  static const char *const addresses[] = { "127.0.0.1", "::1", "224.0.0.1" };
  g_autoptr (GHashTable) starts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PtlFault none = { 0 };
  g_autofree char *nothing = ptl_fault_to_text (&none);

  g_assert_cmpstr (nothing, ==, "");
  for (int step = PTL_STEP_NONE + 1; step < PTL_N_STEPS; step++)
    for (int sys_errno = 0; sys_errno < 140; sys_errno++)
      for (size_t i = 0; i <= G_N_ELEMENTS (addresses) + 1; i++)
        {
          PtlFault fault = { .step = (PtlStep) step, .sys_errno = sys_errno };
          g_autofree char *text = NULL;

          if (i < G_N_ELEMENTS (addresses))
            fault.address = address_of (addresses[i], "80");
          else if (i == G_N_ELEMENTS (addresses))
            fault.address = unix_address ("/x", false);
          text = ptl_fault_to_text (&fault);
          check_line (text);
          if (i == 0 && sys_errno == 1)
            g_hash_table_add (starts, g_strndup (text, strcspn (text, ":")));
        }
  /* connect and its timeout, socket and its unsupported families are called the same. */
  g_assert_cmpuint (g_hash_table_size (starts), ==, PTL_N_STEPS - 1 - 2);
}

static void
test_all_events (void)
{
  g_autoptr (GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int code = PTL_EVENT_NONE; code < PTL_N_EVENTS + 3; code++)
    {
      PtlEvent event = { .code = (PtlEventCode) code };
      g_autofree char *bare = ptl_event_to_text (&event);
      char *full;

      check_line (bare);
      event.error = ECONNREFUSED;
      event.n1 = 3;
      event.n2 = 12 * 1000 * 1000;
      event.local = address_of ("127.0.0.1", "80");
      event.peer = address_of ("192.0.2.1", "8080");
      g_strlcpy (event.text, "hostile\n\x1b\xff%n", sizeof event.text);
      full = ptl_event_to_text (&event);
      check_line (full);
      g_assert_null (strchr (full, '\x1b'));
      g_assert_cmpint (g_str_has_prefix (full, "event "), ==,
                       code == PTL_EVENT_NONE || code >= PTL_N_EVENTS);
      g_assert_true (g_hash_table_add (texts, full));
    }
}

static void
test_event_words (void)
{
  PtlEvent event = {
    .code = PTL_EVENT_CANDIDATE_FAILED,
    .error = ECONNREFUSED,
    .n2 = 12 * 1000 * 1000,
    .peer = address_of ("127.0.0.1", "80"),
  };
  g_autofree char *failed = ptl_event_to_text (&event);
  g_autofree char *accepted = NULL;
  g_autofree char *drops = NULL;
  g_autofree char *unresolved = NULL;
  g_autofree char *fault = NULL;
  g_autofree char *joined = NULL;

  g_assert_cmpstr (failed, ==,
                   "connect to 127.0.0.1:80 failed after 12 ms: Connection refused (ECONNREFUSED)");
  event = (PtlEvent) { .code = PTL_EVENT_ACCEPTED, .local = address_of ("127.0.0.1", "12345") };
  accepted = ptl_event_to_text (&event);
  g_assert_cmpstr (accepted, ==, "accepted on 127.0.0.1:12345");
  event = (PtlEvent) { .code = PTL_EVENT_KERNEL_DROPS, .n1 = 1, .n2 = 7 };
  drops = ptl_event_to_text (&event);
  g_assert_cmpstr (drops, ==,
                   "the kernel dropped 1 datagram (7 in all): its receive buffer was full");
  event = (PtlEvent) { .code = PTL_EVENT_RESOLVE_FAILED, .n1 = EAI_AGAIN, .n2 = 5 * 1000 * 1000,
                       .text = "x.example" };
  unresolved = ptl_event_to_text (&event);
  g_assert_true (g_str_has_prefix (unresolved, "no address for “x.example” after 5.0 ms: "));
  g_assert_true (g_str_has_suffix (unresolved, "(EAI_AGAIN)"));
  event = (PtlEvent) { .code = PTL_EVENT_JOINED, .peer = address_of ("239.9.9.9", "0"),
                       .text = "lo" };
  joined = ptl_event_to_text (&event);
  g_assert_cmpstr (joined, ==, "joined group 239.9.9.9 on lo");
  event = (PtlEvent) { .code = PTL_EVENT_FAULT, .n1 = PTL_STEP_BIND, .error = EADDRINUSE,
                       .peer = address_of ("127.0.0.1", "80") };
  fault = ptl_event_to_text (&event);
  g_assert_true (g_str_has_prefix (fault,
                                   "bind to 127.0.0.1:80: Address already in use (EADDRINUSE)"));
}

static void
test_states (void)
{
  for (int state = 0; state <= PTL_N_SESSION_STATES; state++)
    check_line (ptl_session_state_to_text ((PtlSessionState) state, PTL_ROLE_LISTEN, false));
  for (int state = 0; state <= PTL_N_PEER_STATES; state++)
    check_line (ptl_peer_state_to_text ((PtlPeerState) state));
  g_assert_cmpstr (ptl_session_state_to_text (PTL_SESSION_LISTENING, PTL_ROLE_LISTEN, false), ==,
                   "Listening");
  g_assert_cmpstr (ptl_session_state_to_text (PTL_SESSION_LISTENING, PTL_ROLE_DATAGRAMS, true), ==,
                   "Receiving");
}

static void
test_durations (void)
{
  static const struct
  {
    uint64_t    ns;
    const char *text;
  } durations[] = {
    { 0, "0 µs" },
    { 999999, "999 µs" },
    { 1500000, "1.5 ms" },
    { 12000000, "12 ms" },
    { UINT64_C (9999000000), "9999 ms" },
    { UINT64_C (12340000000), "12.3 s" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      g_autofree char *text = ptl_text_dup_duration (durations[i].ns);

      g_assert_cmpstr (text, ==, durations[i].text);
    }
}

static int
listen_on (int          family,
           int          type,
           const char  *host,
           PtlAddress  *bound)
{
  PtlAddress address = address_of (host, "0");
  socklen_t len = sizeof (struct sockaddr_in6);
  int fd = socket (family, type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, &address.sa, address.len), ==, 0);
  if (type == SOCK_STREAM)
    g_assert_cmpint (listen (fd, 1), ==, 0);
  *bound = address;
  g_assert_cmpint (getsockname (fd, &bound->sa, &len), ==, 0);
  return fd;
}

/* Sockets of a program of our own: this one, and a child. */
static void
test_port_owner (void)
{
  PtlAddress tcp, udp, any, other, none = { 0 };
  g_autofree char *dir = g_dir_make_tmp ("ptl-owner-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  PtlAddress unix_path = unix_address (path, false);
  PTL_AUTO_FD tcp_fd = listen_on (AF_INET, SOCK_STREAM, "127.0.0.1", &tcp);
  PTL_AUTO_FD udp_fd = listen_on (AF_INET6, SOCK_DGRAM, "::1", &udp);
  PTL_AUTO_FD unix_fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_autofree char *tcp_owner = ptl_fault_dup_port_owner (&tcp, true);
  g_autofree char *udp_owner = ptl_fault_dup_port_owner (&udp, false);
  g_autofree char *any_owner = NULL;
  g_autofree char *unix_owner = NULL;

  g_assert_cmpstr (tcp_owner, ==, "Portlight itself");
  g_assert_cmpstr (udp_owner, ==, "Portlight itself");
  /* Any address is in the way of it too. */
  any = address_of ("0.0.0.0", "0");
  ptl_address_set_port (&any, ptl_address_get_port (&tcp));
  any_owner = ptl_fault_dup_port_owner (&any, true);
  g_assert_cmpstr (any_owner, ==, "Portlight itself");
  /* Another address, another transport, no port: nobody. */
  other = address_of ("127.0.0.2", "0");
  ptl_address_set_port (&other, ptl_address_get_port (&tcp));
  g_assert_null (ptl_fault_dup_port_owner (&other, true));
  g_assert_null (ptl_fault_dup_port_owner (&none, true));
  ptl_fd_clear (&tcp_fd);
  g_assert_null (ptl_fault_dup_port_owner (&tcp, true));

  g_assert_cmpint (bind (unix_fd, &unix_path.sa, unix_path.len), ==, 0);
  g_assert_cmpint (listen (unix_fd, 1), ==, 0);
  unix_owner = ptl_fault_dup_port_owner (&unix_path, true);
  g_assert_cmpstr (unix_owner, ==, "Portlight itself");
  /* A stale one has no owner. */
  ptl_fd_clear (&unix_fd);
  g_assert_null (ptl_fault_dup_port_owner (&unix_path, true));
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_foreign_owner (void)
{
  const char *const argv[] = { "sleep", "1000", NULL };
  PtlAddress tcp;
  PTL_AUTO_FD fd = listen_on (AF_INET, SOCK_STREAM, "127.0.0.1", &tcp);
  const int child_fd = 3;
  g_autofree char *owner = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *hidden = NULL;
  GError *error = NULL;
  GPid pid;

  /* The child has the socket as its descriptor 3; ours is closed. */
  g_spawn_async_with_pipes_and_fds (NULL, argv, NULL,
                                    G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                    NULL, NULL, -1, -1, -1, &fd, &child_fd, 1, &pid, NULL, NULL,
                                    NULL, &error);
  g_assert_no_error (error);
  ptl_fd_clear (&fd);
  owner = ptl_fault_dup_port_owner (&tcp, true);
  expected = g_strdup_printf ("sleep (pid %d)", (int) pid);
  /* Another user may see whose it is, not which program. */
  if (geteuid () == 0)
    {
      g_assert_cmpint (seteuid (NOBODY), ==, 0);
      hidden = ptl_fault_dup_port_owner (&tcp, true);
      g_assert_cmpint (seteuid (0), ==, 0);
    }
  kill (pid, SIGKILL);
  g_spawn_close_pid (pid);
  g_assert_cmpstr (owner, ==, expected);
  if (geteuid () == 0)
    g_assert_cmpstr (hidden, ==, "a program of the user root, which may not be seen");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fault-text/faults", test_faults);
  g_test_add_func ("/fault-text/low-port", test_low_port);
  g_test_add_func ("/fault-text/names", test_names);
  g_test_add_func ("/fault-text/all-steps", test_all_steps);
  g_test_add_func ("/fault-text/all-events", test_all_events);
  g_test_add_func ("/fault-text/event-words", test_event_words);
  g_test_add_func ("/fault-text/states", test_states);
  g_test_add_func ("/fault-text/durations", test_durations);
  g_test_add_func ("/fault-text/port-owner", test_port_owner);
  g_test_add_func ("/fault-text/foreign-owner", test_foreign_owner);
  return g_test_run ();
}
