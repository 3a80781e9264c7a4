/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wake-on-LAN: what is typed and what is sent.  Listening: groups, and loopback as an interface. */
#include "config.h"

#include "probe/ptl-hear.h"
#include "probe/ptl-wake.h"

#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "base/ptl-clock.h"

static void
test_mac (void)
{
  static const char *const good[] = {
    "00:11:22:aa:bb:cc", "00-11-22-AA-BB-CC", "0011.22aa.bbcc", "001122aabbcc",
    "  00 11 22 aa bb cc ", "0011-22aa-bbcc",
  };
  static const struct
  {
    const char *text;
    const char *word;
  } bad[] = {
    { "", "bytes are wanted" },
    { "00:11:22:aa:bb", "bytes are wanted" },
    { "00:11:22:aa:bb:cc:dd", "more than 6" },
    { "00:11:22:aa:bb:cg", "“g”" },
    { "00:11-22:aa:bb:cc", "two ways" },
    { "0:11:22:aa:bb:cc", "two or four" },
    { "0011:22:aa:bb:cc", "two or four" },
    { "01:11:22:aa:bb:cc", "group" },
    { "ff:ff:ff:ff:ff:ff", "group" },
    { "00:00:00:00:00:00", "only zeros" },
    { "00:11:22:aa:bb:cc:", "bytes are wanted" },
    { "\xc3\xbc", "hexadecimal" },
  };
  static const uint8_t wanted[6] = { 0, 0x11, 0x22, 0xaa, 0xbb, 0xcc };
  uint8_t mac[6];
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (ptl_wake_parse_mac (mac, good[i], &error));
      g_assert_no_error (error);
      g_assert_cmpmem (mac, 6, wanted, 6);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("%s", bad[i].text);
      g_assert_false (ptl_wake_parse_mac (mac, bad[i].text, &error));
      g_assert_nonnull (error);
      if (strstr (error->message, bad[i].word) == NULL)
        g_error ("%s: %s", bad[i].text, error->message);
      g_clear_error (&error);
    }
}

static void
test_frame (void)
{
  PtlWakeTarget target = { .mac = { 2, 3, 4, 5, 6, 7 } };
  uint8_t frame[PTL_WAKE_FRAME_MAX];
  g_autoptr (GError) error = NULL;

  g_assert_true (ptl_wake_parse_password (&target, "", &error));
  g_assert_cmpuint (ptl_wake_build (&target, frame), ==, 102);
  g_assert_cmpmem (frame, 6, "\xff\xff\xff\xff\xff\xff", 6);
  for (unsigned i = 1; i <= 16; i++)
    g_assert_cmpmem (frame + i * 6, 6, target.mac, 6);

  g_assert_true (ptl_wake_parse_password (&target, "01:02:03:04:05:06", &error));
  g_assert_cmpuint (ptl_wake_build (&target, frame), ==, 108);
  g_assert_cmpmem (frame + 102, 6, "\1\2\3\4\5\6", 6);
  g_assert_true (ptl_wake_parse_password (&target, "192.168.1.1", &error));
  g_assert_cmpuint (ptl_wake_build (&target, frame), ==, 106);
  g_assert_cmpmem (frame + 102, 4, "\xc0\xa8\1\1", 4);
  g_assert_true (ptl_wake_parse_password (&target, "11223344", &error));
  g_assert_cmpuint (target.len_password, ==, 4);
  g_assert_false (ptl_wake_parse_password (&target, "secret", &error));
  g_assert_nonnull (error);
}

static void
test_wake_send (void)
{
  PtlWakeTarget target = { .mac = { 2, 3, 4, 5, 6, 7 } };
  PtlAddress to = { .len = sizeof to.in };
  uint8_t bytes[256], frame[PTL_WAKE_FRAME_MAX];
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct timeval limit = { 10, 0 };
  PtlWakeResult result;

  to.in.sin_family = AF_INET;
  to.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, &to.sa, to.len), ==, 0);
  getsockname (fd, &to.sa, &to.len);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ptl_wake_send (&target, &to, "lo", &result);
  g_assert_cmpint (result.sys_errno, ==, 0);
  g_assert_true (ptl_address_is_loopback (&result.source));
  g_assert_cmpint (recv (fd, bytes, sizeof bytes, 0), ==, 102);
  ptl_wake_build (&target, frame);
  g_assert_cmpmem (bytes, 102, frame, 102);
  close (fd);

  ptl_wake_send (&target, &to, "nosuch0", &result);
  g_assert_cmpint (result.step, ==, PTL_WAKE_STEP_DEVICE);
  g_assert_cmpint (result.sys_errno, ==, ENODEV);
}

/* --- listening -------------------------------------------------------------------------------- */

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  came;
  bool            news;
} Box;

#define BOX_INIT { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false }

static void
on_news (void *data)
{
  Box *box = data;

  pthread_mutex_lock (&box->lock);
  box->news = true;
  pthread_cond_signal (&box->came);
  pthread_mutex_unlock (&box->lock);
}

static GArray *
take (Box           *box,
      PtlHear       *hear,
      PtlHearStatus *status)
{
  pthread_mutex_lock (&box->lock);
  while (!box->news)
    pthread_cond_wait (&box->came, &box->lock);
  box->news = false;
  pthread_mutex_unlock (&box->lock);
  return ptl_hear_take (hear, status);
}

static PtlAddress
group_address (const char *text,
               uint16_t    port)
{
  PtlAddress address = { 0 };

  if (strchr (text, ':') != NULL)
    {
      address.len = sizeof address.in6;
      address.in6.sin6_family = AF_INET6;
      inet_pton (AF_INET6, text, &address.in6.sin6_addr);
    }
  else
    {
      address.len = sizeof address.in;
      address.in.sin_family = AF_INET;
      inet_pton (AF_INET, text, &address.in.sin_addr);
    }
  ptl_address_set_port (&address, port);
  return address;
}

static void
test_groups (void)
{
  size_t n;
  const PtlHearGroup *groups = ptl_hear_list_groups (&n);

  for (size_t i = 0; i < n; i++)
    {
      PtlAddress address = group_address (groups[i].address, groups[i].port);

      g_assert_true (ptl_hear_is_group (&address));
      g_assert_cmpuint (groups[i].port, !=, 0);
      g_assert_cmpstr (groups[i].source, !=, "");
    }
  {
    PtlAddress no[] = { group_address ("0.0.0.0", 1), group_address ("127.0.0.1", 1),
                        group_address ("::1", 1), group_address ("10.0.0.2", 1) };

    for (size_t i = 0; i < G_N_ELEMENTS (no); i++)
      g_assert_false (ptl_hear_is_group (&no[i]));
  }
}

static void
test_interfaces (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) found = ptl_hear_list_interfaces (&error);
  bool has_loopback = false;

  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++)
    {
      const PtlHearInterface *one = &g_array_index (found, PtlHearInterface, i);

      g_assert_cmpuint (one->index, ==, if_nametoindex (one->name));
      has_loopback = has_loopback || (one->flags & IFF_LOOPBACK) != 0;
    }
  g_assert_true (has_loopback);
}

/* A port that nobody has now. */
static uint16_t
free_port (void)
{
  PtlAddress address = group_address ("0.0.0.0", 0);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, &address.sa, address.len), ==, 0);
  getsockname (fd, &address.sa, &address.len);
  close (fd);
  return ptl_address_get_port (&address);
}

static void
test_hear (gconstpointer data)
{
  const char *text = data;
  PtlHearConfig config = { .group = group_address (text, free_port ()), .device = "lo" };
  bool v6 = ptl_address_get_family (&config.group) == AF_INET6;
  int fd = socket (v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int index = (int) if_nametoindex ("lo");
  struct ip_mreqn by = { .imr_ifindex = index };
  PtlHearStatus status = { .running = true };
  g_autoptr (GError) error = NULL;
  Box box = BOX_INIT;
  PtlHear *hear = ptl_hear_new (&config, on_news, &box, &error);
  PtlHearFrame first = { 0 };
  uint64_t then_ns;
  unsigned n = 0;

  g_assert_no_error (error);
  /* Once our own datagram has come back, it listens. */
  while (status.running && status.check == PTL_HEAR_CHECK_RUNNING)
    g_array_unref (take (&box, hear, &status));
  g_assert_cmpint (status.step, ==, PTL_HEAR_STEP_NONE);
  g_assert_cmpint (status.check, ==, PTL_HEAR_CHECK_GOOD);

  if (v6)
    g_assert_cmpint (setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index), ==, 0);
  else
    g_assert_cmpint (setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by), ==, 0);
  for (unsigned i = 0; i < 3; i++)
    g_assert_cmpint (sendto (fd, "hello there", 11 - i, 0, &config.group.sa, config.group.len), ==,
                     11 - i);
  while (n < 3)
    {
      g_autoptr (GArray) frames = take (&box, hear, &status);

      if (n == 0 && frames->len > 0)
        first = g_array_index (frames, PtlHearFrame, 0);
      n += frames->len;
    }
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (status.n_frames, ==, 3);
  g_assert_cmpuint (status.n_bytes, ==, 30);
  g_assert_cmpmem (first.bytes, first.len_kept, "hello there", 11);
  g_assert_cmpint (first.ttl, ==, 1);
  g_assert_true (ptl_address_equal_host (&first.to, &config.group));
  close (fd);

  then_ns = ptl_clock_monotonic_ns ();
  ptl_hear_stop (hear);
  while (status.running)
    g_array_unref (take (&box, hear, &status));
  ptl_hear_free (hear);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - then_ns, <, 200 * PTL_NS_PER_MS);
  ptl_hear_free (NULL);
}

static void
test_hear_failures (void)
{
  PtlHearConfig config = { .group = group_address ("239.9.9.9", free_port ()),
                           .device = "nosuch0" };
  PtlHearStatus status = { .running = true };
  g_autoptr (GError) error = NULL;
  Box box = BOX_INIT;
  PtlHear *hear = ptl_hear_new (&config, on_news, &box, &error);
  PtlAddress taken = group_address ("0.0.0.0", 0);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  while (status.running)
    g_array_unref (take (&box, hear, &status));
  g_assert_cmpint (status.step, ==, PTL_HEAR_STEP_DEVICE);
  g_assert_cmpint (status.sys_errno, ==, ENODEV);
  ptl_hear_free (hear);

  /* A port that is not shared. */
  g_assert_cmpint (bind (fd, &taken.sa, taken.len), ==, 0);
  getsockname (fd, &taken.sa, &taken.len);
  g_strlcpy (config.device, "lo", sizeof config.device);
  ptl_address_set_port (&config.group, ptl_address_get_port (&taken));
  status.running = true;
  hear = ptl_hear_new (&config, on_news, &box, &error);
  while (status.running)
    g_array_unref (take (&box, hear, &status));
  g_assert_cmpint (status.step, ==, PTL_HEAR_STEP_BIND);
  g_assert_cmpint (status.sys_errno, ==, EADDRINUSE);
  ptl_hear_free (hear);
  close (fd);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wake/mac", test_mac);
  g_test_add_func ("/wake/frame", test_frame);
  g_test_add_func ("/wake/send", test_wake_send);
  g_test_add_func ("/hear/groups", test_groups);
  g_test_add_func ("/hear/interfaces", test_interfaces);
  g_test_add_data_func ("/hear/multicast", "239.9.9.9", test_hear);
  g_test_add_func ("/hear/failures", test_hear_failures);
  return g_test_run ();
}
