/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The self-test: what it says of a computer that reaches itself, and of one that does not.  The
 * latter are network namespaces of the test's own. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"
#include "host/ptl-own-addresses.h"
#include "host/ptl-self-test.h"
#include "probe/ptl-hear.h"

#define DEADLINE_S 60

typedef struct
{
  int wake[2]; /* a pipe */
} Waiter;

static void
on_wake (void *data)
{
  Waiter *waiter = data;

  g_assert_cmpint (write (waiter->wake[1], "", 1), ==, 1);
}

static void
waiter_init (Waiter *waiter)
{
  g_assert_cmpint (pipe (waiter->wake), ==, 0);
}

static void
waiter_clear (Waiter *waiter)
{
  close (waiter->wake[0]);
  close (waiter->wake[1]);
}

static bool
waiter_wait (Waiter *waiter,
             int     timeout_ms)
{
  struct pollfd fd = { .fd = waiter->wake[0], .events = POLLIN };
  char byte;

  if (poll (&fd, 1, timeout_ms) != 1)
    return false;
  g_assert_cmpint (read (waiter->wake[0], &byte, 1), ==, 1);
  return true;
}

/* All of it; of PtlSelfTestCase. */
static GArray *
run_all (void)
{
  GArray *cases = g_array_new (FALSE, TRUE, sizeof (PtlSelfTestCase));
  Waiter waiter;
  PtlSelfTest *test;
  bool finished = false;

  waiter_init (&waiter);
  test = ptl_self_test_start (on_wake, &waiter);
  g_assert_nonnull (test);
  while (!finished)
    {
      unsigned n_cases;
      g_autoptr (GArray) news = NULL;

      g_assert_true (waiter_wait (&waiter, DEADLINE_S * 1000));
      news = ptl_self_test_take (test, UINT_MAX, &n_cases, &finished);
      g_array_set_size (cases, n_cases);
      for (unsigned i = 0; i < news->len; i++)
        {
          const PtlSelfTestNews *one = &g_array_index (news, PtlSelfTestNews, i);

          g_array_index (cases, PtlSelfTestCase, one->index) = one->what;
        }
    }
  ptl_self_test_free (test);
  waiter_clear (&waiter);
  return cases;
}

static const PtlSelfTestCase *
find_case (GArray     *cases,
           const char *address,
           int         type,
           int         kind)
{
  for (unsigned i = 0; i < cases->len; i++)
    {
      const PtlSelfTestCase *at = &g_array_index (cases, PtlSelfTestCase, i);
      char text[PTL_ADDRESS_TEXT_MAX];

      ptl_address_format_host (&at->address, text, sizeof text);
      if (at->type == type && (int) at->kind == kind
          && (address == NULL || strcmp (text, address) == 0))
        return at;
    }
  g_test_message ("no case %s", address != NULL ? address : "");
  g_assert_not_reached ();
}

static void
tell (GArray *cases)
{
  for (unsigned i = 0; i < cases->len; i++)
    {
      const PtlSelfTestCase *at = &g_array_index (cases, PtlSelfTestCase, i);
      char text[PTL_ADDRESS_TEXT_MAX];

      g_test_message ("%s %s kind %d type %d: outcome %d step %d errno %d through %d %.3f ms",
                      ptl_address_format_host (&at->address, text, sizeof text), at->device,
                      (int) at->kind, at->type, (int) at->outcome, (int) at->step, at->sys_errno,
                      at->came_through, (double) at->elapsed_ns / 1e6);
    }
}

static void
assert_passed (GArray     *cases,
               const char *address,
               int         type,
               int         kind)
{
  const PtlSelfTestCase *what = find_case (cases, address, type, kind);

  g_assert_cmpint (what->step, ==, PTL_STEP_NONE);
  g_assert_cmpint (what->sys_errno, ==, 0);
  g_assert_cmpint (what->outcome, ==, PTL_SELF_TEST_PASSED);
  g_assert_true (what->came_through);
  g_assert_cmpuint (what->elapsed_ns, >, 0);
}

/* --- this computer ---------------------------------------------------------------------------- */

static void
test_here (void)
{
  g_autoptr (GArray) cases = run_all ();
  g_auto (PtlOwn) own;

  tell (cases);
  ptl_own_read (&own);
  for (unsigned i = 0; i < own.n_addresses; i++)
    {
      char text[PTL_ADDRESS_TEXT_MAX];

      ptl_address_format_host (&own.addresses[i].address, text, sizeof text);
      find_case (cases, text, SOCK_STREAM, PTL_SELF_TEST_OWN);
      find_case (cases, text, SOCK_DGRAM, PTL_SELF_TEST_OWN);
    }
  assert_passed (cases, "127.0.0.1", SOCK_STREAM, PTL_SELF_TEST_OWN);
  assert_passed (cases, "127.0.0.1", SOCK_DGRAM, PTL_SELF_TEST_OWN);
  for (int kind = PTL_SELF_TEST_PATH; kind <= PTL_SELF_TEST_ABSTRACT; kind++)
    {
      assert_passed (cases, NULL, SOCK_STREAM, kind);
      assert_passed (cases, NULL, SOCK_DGRAM, kind);
      assert_passed (cases, NULL, SOCK_SEQPACKET, kind);
    }
  assert_passed (cases, "127.255.255.255", SOCK_DGRAM, PTL_SELF_TEST_BROADCAST);
}

/* The Unix paths are gone afterwards. */
static void
test_clean (void)
{
  PtlSelfTestCase what = { .kind = PTL_SELF_TEST_PATH, .type = SOCK_SEQPACKET };
  g_autoptr (GDir) dir = NULL;

  what.address.len = sizeof (sa_family_t);
  what.address.un.sun_family = AF_UNIX;
  ptl_self_test_run_case (&what, -1);
  g_assert_cmpint (what.outcome, ==, PTL_SELF_TEST_PASSED);
  dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  g_assert_nonnull (dir);
  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    g_assert_false (g_str_has_prefix (name, "portlight-self-test-"));
}

/* An address that is not this computer's is refused by bind, and nothing is sent. */
static void
test_not_ours (void)
{
  PtlSelfTestCase what = { .kind = PTL_SELF_TEST_OWN, .type = SOCK_STREAM };

  what.address.len = sizeof what.address.in;
  what.address.in.sin_family = AF_INET;
  what.address.in.sin_addr.s_addr = g_htonl (0xc0000207); /* 192.0.2.7 */
  ptl_self_test_run_case (&what, -1);
  g_assert_cmpint (what.outcome, ==, PTL_SELF_TEST_FAILED);
  g_assert_cmpint (what.step, ==, PTL_STEP_BIND);
  g_assert_cmpint (what.sys_errno, ==, EADDRNOTAVAIL);
}

static void
test_free_at_once (void)
{
  for (unsigned i = 0; i < 20; i++)
    {
      Waiter waiter;
      PtlSelfTest *test;

      waiter_init (&waiter);
      test = ptl_self_test_start (on_wake, &waiter);
      g_assert_nonnull (test);
      if (i % 2 == 1)
        g_assert_true (waiter_wait (&waiter, DEADLINE_S * 1000));
      ptl_self_test_free (test);
      waiter_clear (&waiter);
    }
}

/* --- namespaces ------------------------------------------------------------------------------- */

static char *
find_nft (void)
{
  char *nft = g_find_program_in_path ("nft");

  return nft == NULL && g_file_test ("/usr/sbin/nft", G_FILE_TEST_IS_EXECUTABLE)
           ? g_strdup ("/usr/sbin/nft") : nft;
}

static bool
enter_namespace (void)
{
  return unshare (CLONE_NEWNET) == 0 || unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

/* Whether a child may make a namespace, and with @nft also set rules in it. */
static bool
is_permitted (const char *nft)
{
  pid_t child = fork ();
  int status = 1;

  if (child == 0)
    {
      if (!enter_namespace ())
        _exit (1);
      if (nft != NULL)
        execl (nft, nft, "add table inet t", NULL);
      _exit (nft != NULL ? 1 : 0);
    }
  return child > 0 && waitpid (child, &status, 0) == child && status == 0;
}

static void
set_loopback_up (void)
{
  struct ifreq request = { .ifr_name = "lo" };
  PTL_AUTO_FD fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (ioctl (fd, SIOCGIFFLAGS, &request), ==, 0);
  request.ifr_flags |= IFF_UP;
  g_assert_cmpint (ioctl (fd, SIOCSIFFLAGS, &request), ==, 0);
}

static void
add_rules (const char *rules)
{
  g_autofree char *nft = find_nft ();
  char *argv[] = { nft, (char *) rules, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

static void
in_subprocess (void (*test) (void),
               bool   with_rules)
{
  g_autofree char *nft = find_nft ();

  if (g_test_subprocess ())
    {
      g_assert_true (enter_namespace ());
      test ();
    }
  else if (!is_permitted (NULL))
    g_test_skip ("no network namespace may be made here");
  else if (with_rules && (nft == NULL || !is_permitted (nft)))
    g_test_skip ("nft is not here, or may not set rules");
  else
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
    }
}

static void
loopback_down (void)
{
  g_autoptr (GArray) cases = NULL;
  const PtlSelfTestCase *what;

  cases = run_all ();
  tell (cases);
  what = find_case (cases, "127.0.0.1", SOCK_STREAM, PTL_SELF_TEST_OWN);
  g_assert_true (what->is_missing);
  g_assert_cmpuint (what->device_flags & IFF_UP, ==, 0);
  g_assert_cmpstr (what->device, ==, "lo");
  g_assert_cmpint (what->outcome, ==, PTL_SELF_TEST_FAILED);
  g_assert_cmpint (what->sys_errno, !=, 0);
  /* Unix sockets need no interface. */
  assert_passed (cases, NULL, SOCK_STREAM, PTL_SELF_TEST_ABSTRACT);
}

static void
test_loopback_down (void)
{
  in_subprocess (loopback_down, false);
}

static void
dropped (void)
{
  g_autoptr (GArray) cases = NULL;
  const PtlSelfTestCase *what;
  g_auto (PtlOwn) own = { 0 };

  set_loopback_up ();
  add_rules ("table inet t { chain c { type filter hook input priority 0; "
             "ip daddr 127.0.0.1 meta l4proto tcp drop; "
             "ip6 daddr ::1 tcp flags & (syn | ack) == syn reject with tcp reset; "
             "ip daddr 127.0.0.1 udp length 40 drop; "
             "ip6 daddr ::1 meta l4proto udp reject with icmpv6 admin-prohibited; }; }");
  cases = run_all ();
  tell (cases);
  what = find_case (cases, "127.0.0.1", SOCK_STREAM, PTL_SELF_TEST_OWN);
  g_assert_cmpint (what->outcome, ==, PTL_SELF_TEST_SILENT);
  g_assert_cmpint (what->step, ==, PTL_STEP_CONNECT);
  g_assert_cmpuint (what->elapsed_ns, >=, PTL_SELF_TEST_WAIT_MS * PTL_NS_PER_MS);
  what = find_case (cases, "127.0.0.1", SOCK_DGRAM, PTL_SELF_TEST_OWN);
  g_assert_cmpint (what->outcome, ==, PTL_SELF_TEST_SILENT);
  g_assert_cmpint (what->step, ==, PTL_STEP_RECEIVE);
  g_assert_false (what->came_through);
  ptl_own_read (&own);
  if (own.n_addresses < 2)
    {
      g_test_message ("no IPv6 here");
      return;
    }
  what = find_case (cases, "::1", SOCK_STREAM, PTL_SELF_TEST_OWN);
  g_assert_cmpint (what->outcome, ==, PTL_SELF_TEST_FAILED);
  g_assert_cmpint (what->step, ==, PTL_STEP_CONNECT);
  g_assert_cmpint (what->sys_errno, ==, ECONNREFUSED);
}

static void
test_dropped (void)
{
  in_subprocess (dropped, true);
}

/* --- what leaves this computer ---------------------------------------------------------------- */

static void
run_command (const char *command)
{
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_command_line_sync (command, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

/* What came over the cable so far that a program could have sent: all of IPv4 (IGMP, too), TCP and
 * UDP of IPv6; its own reports the kernel makes for IPv6 as such. */
static unsigned
count_frames (int fd)
{
  uint8_t frame[2048];
  unsigned n = 0;
  ssize_t len;

  while ((len = recv (fd, frame, sizeof frame, MSG_DONTWAIT)) > 0)
    {
      bool ipv4 = len > 14 && frame[12] == 0x08 && frame[13] == 0x00;
      bool ipv6 = len > 54 && frame[12] == 0x86 && frame[13] == 0xdd
                  && (frame[20] == IPPROTO_TCP || frame[20] == IPPROTO_UDP);

      if (ipv4 || ipv6)
        n++;
    }
  return n;
}

static void
stays_here (void)
{
  struct sockaddr_ll cable = { .sll_family = AF_PACKET, .sll_protocol = g_htons (ETH_P_ALL) };
  struct sockaddr_in all = { .sin_family = AF_INET, .sin_port = g_htons (9) };
  g_autoptr (GArray) cases = NULL;
  PTL_AUTO_FD fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  PTL_AUTO_FD sender = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gint64 end = g_get_monotonic_time () + DEADLINE_S * G_TIME_SPAN_SECOND;
  int on = 1;

  set_loopback_up ();
  run_command ("ip link add portlight0 type veth peer name portlight1");
  run_command ("ip address add 10.99.0.1/24 broadcast 10.99.0.255 dev portlight0");
  run_command ("ip link set portlight0 up");
  run_command ("ip link set portlight1 up");
  cable.sll_ifindex = (int) if_nametoindex ("portlight1");
  g_assert_cmpint (bind (fd, (struct sockaddr *) &cable, sizeof cable), ==, 0);
  count_frames (fd);

  cases = run_all ();
  tell (cases);
  assert_passed (cases, "10.99.0.1", SOCK_STREAM, PTL_SELF_TEST_OWN);
  assert_passed (cases, "10.99.0.1", SOCK_DGRAM, PTL_SELF_TEST_OWN);
  assert_passed (cases, "224.0.0.1", SOCK_DGRAM, PTL_SELF_TEST_MULTICAST);
  g_assert_cmpint (find_case (cases, "10.99.0.255", SOCK_DGRAM, PTL_SELF_TEST_BROADCAST)->outcome,
                   ==, PTL_SELF_TEST_NOT_TRIED);
  g_assert_cmpuint (count_frames (fd), ==, 0);

  /* And what leaves would have been seen. */
  all.sin_addr.s_addr = g_htonl (0x0a6300ff);
  g_assert_cmpint (setsockopt (sender, SOL_SOCKET, SO_BROADCAST, &on, sizeof on), ==, 0);
  g_assert_cmpint (sendto (sender, "x", 1, 0, (struct sockaddr *) &all, sizeof all), ==, 1);
  while (count_frames (fd) == 0)
    {
      struct pollfd wait = { .fd = fd, .events = POLLIN };

      g_assert_cmpint (g_get_monotonic_time (), <, end);
      poll (&wait, 1, 100);
    }
}

/* Where nobody has set a broadcast address, the own one and a peer's are none. */
static void
no_broadcasts (void)
{
  g_auto (PtlOwn) own = { 0 };
  g_autoptr (GArray) devices = NULL;
  unsigned n = 0;

  run_command ("ip link add portlight0 type veth peer name portlight1");
  run_command ("ip address add 10.99.0.1/24 dev portlight0");
  run_command ("ip address add 10.99.1.1 peer 10.99.1.2/24 dev portlight0");
  run_command ("ip address add 10.99.2.1/24 broadcast 10.99.2.127 dev portlight0");
  run_command ("ip address add 10.99.3.1 peer 10.99.3.2/24 broadcast 10.99.3.255 dev portlight0");
  run_command ("ip link set portlight0 up");
  ptl_own_read (&own);
  for (unsigned i = 0; i < own.n_addresses; i++)
    {
      const PtlOwnAddress *at = &own.addresses[i];
      char address[PTL_ADDRESS_TEXT_MAX], broadcast[PTL_ADDRESS_TEXT_MAX];
      const char *wanted;

      if (strcmp (at->device, "portlight0") != 0
          || ptl_address_get_family (&at->address) != AF_INET)
        continue;
      ptl_address_format_host (&at->address, address, sizeof address);
      wanted = g_str_equal (address, "10.99.2.1")   ? "10.99.2.127"
               : g_str_equal (address, "10.99.3.1") ? "10.99.3.255" : "";
      n++;
      if (at->broadcast.len == 0)
        broadcast[0] = '\0';
      else
        ptl_address_format_host (&at->broadcast, broadcast, sizeof broadcast);
      g_test_message ("%s: %s", address, broadcast);
      g_assert_cmpstr (broadcast, ==, wanted);
    }
  g_assert_cmpuint (n, ==, 4);

  devices = ptl_hear_list_interfaces (NULL);
  for (guint i = 0; i < devices->len; i++)
    {
      const PtlHearInterface *at = &g_array_index (devices, PtlHearInterface, i);
      char broadcast[PTL_ADDRESS_TEXT_MAX];

      if (strcmp (at->name, "portlight0") != 0)
        continue;
      ptl_address_format_host (&at->broadcast, broadcast, sizeof broadcast);
      g_assert_cmpstr (broadcast, ==, "10.99.2.127");
      n++;
    }
  g_assert_cmpuint (n, ==, 5);
}

/* Addresses with a label (ip-address(8)) are of the interface that the label begins with. */
static void
labels (void)
{
  g_auto (PtlOwn) own = { 0 };
  g_autoptr (GArray) devices = NULL;
  unsigned n = 0;

  run_command ("ip link add portlight0 type veth peer name portlight1");
  run_command ("ip address add 10.99.0.1/24 dev portlight0 label portlight0:1");
  run_command ("ip link set portlight0 up");
  ptl_own_read (&own);
  for (unsigned i = 0; i < own.n_addresses; i++)
    {
      g_assert_null (strchr (own.addresses[i].device, ':'));
      n += strcmp (own.addresses[i].device, "portlight0") == 0
           && ptl_address_get_family (&own.addresses[i].address) == AF_INET;
    }
  g_assert_cmpuint (n, ==, 1);

  devices = ptl_hear_list_interfaces (NULL);
  for (guint i = 0; i < devices->len; i++)
    {
      const PtlHearInterface *at = &g_array_index (devices, PtlHearInterface, i);

      g_assert_null (strchr (at->name, ':'));
      n += strcmp (at->name, "portlight0") == 0 && at->has_ipv4;
    }
  g_assert_cmpuint (n, ==, 2);
}

static void
test_labels (void)
{
  g_autofree char *ip = g_find_program_in_path ("ip");

  if (ip == NULL)
    g_test_skip ("there is no ip");
  else
    in_subprocess (labels, false);
}

static void
test_no_broadcasts (void)
{
  g_autofree char *ip = g_find_program_in_path ("ip");

  if (ip == NULL)
    g_test_skip ("there is no ip");
  else
    in_subprocess (no_broadcasts, false);
}

static void
test_stays_here (void)
{
  g_autofree char *ip = g_find_program_in_path ("ip");

  if (ip == NULL)
    g_test_skip ("there is no ip");
  else
    in_subprocess (stays_here, false);
}

/* Cases that wait for what never comes end at once. */
static void
cancelled (void)
{
  Waiter waiter;
  PtlSelfTest *test;
  g_autoptr (GArray) news = NULL;
  unsigned n_cases, n_stopped = 0;
  bool finished = false;
  uint64_t started_ns;

  set_loopback_up ();
  add_rules ("table inet t { chain c { type filter hook input priority 0; drop; }; }");
  waiter_init (&waiter);
  test = ptl_self_test_start (on_wake, &waiter);
  g_assert_nonnull (test);
  while (!finished)
    {
      g_assert_true (waiter_wait (&waiter, DEADLINE_S * 1000));
      g_clear_pointer (&news, g_array_unref);
      news = ptl_self_test_take (test, UINT_MAX, &n_cases, &finished);
      /* The Unix ones are through: all threads wait now, or are about to. */
      for (unsigned i = 0; i < news->len; i++)
        finished |= g_array_index (news, PtlSelfTestNews, i).what.outcome
                    == PTL_SELF_TEST_PASSED;
    }
  started_ns = ptl_clock_monotonic_ns ();
  ptl_self_test_cancel (test);
  for (finished = false; !finished;)
    {
      g_clear_pointer (&news, g_array_unref);
      news = ptl_self_test_take (test, UINT_MAX, &n_cases, &finished);
      for (unsigned i = 0; i < news->len; i++)
        n_stopped += g_array_index (news, PtlSelfTestNews, i).what.outcome
                     == PTL_SELF_TEST_STOPPED;
      if (!finished)
        g_assert_true (waiter_wait (&waiter, DEADLINE_S * 1000));
    }
  g_test_message ("stopped %u in %.1f ms", n_stopped,
                  (double) (ptl_clock_monotonic_ns () - started_ns) / 1e6);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - started_ns, <, 200 * PTL_NS_PER_MS);
  g_assert_cmpuint (n_stopped, >, 0);
  ptl_self_test_free (test);
  waiter_clear (&waiter);
}

static void
test_cancelled (void)
{
  in_subprocess (cancelled, true);
}

int
main (int   argc,
      char *argv[])
{
  char folder[] = "/tmp/portlight-test-XXXXXX";
  int status;

  /* Before GLib asks for it, which it does once: what others leave there is not ours. */
  if (mkdtemp (folder) == NULL)
    return 1;
  g_setenv ("TMPDIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/self-test/clean", test_clean);
  g_test_add_func ("/self-test/here", test_here);
  g_test_add_func ("/self-test/not-ours", test_not_ours);
  g_test_add_func ("/self-test/free-at-once", test_free_at_once);
  g_test_add_func ("/self-test/loopback-down", test_loopback_down);
  g_test_add_func ("/self-test/dropped", test_dropped);
  g_test_add_func ("/self-test/no-broadcasts", test_no_broadcasts);
  g_test_add_func ("/self-test/labels", test_labels);
  g_test_add_func ("/self-test/stays-here", test_stays_here);
  g_test_add_func ("/self-test/cancelled", test_cancelled);
  status = g_test_run ();
  rmdir (folder);
  return status;
}
