/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which way the kernel would take, asked in a network namespace of the test's own. */
#include "config.h"

#include "host/ptl-netlink-monitor-private.h"

#include <arpa/inet.h>
#include <errno.h>

#include <linux/rtnetlink.h>

#include "net-fixture.h"

static PtlRouteAnswer
ask (const char *to,
     const char *from)
{
  PtlRouteQuestion question = { 0 };
  g_autoptr (GError) error = NULL;
  PtlRouteAnswer answer;

  if (inet_pton (AF_INET, to, &question.destination.in.sin_addr) == 1)
    {
      question.destination.len = sizeof question.destination.in;
      question.destination.in.sin_family = AF_INET;
    }
  else
    {
      g_assert_cmpint (inet_pton (AF_INET6, to, &question.destination.in6.sin6_addr), ==, 1);
      question.destination.len = sizeof question.destination.in6;
      question.destination.in6.sin6_family = AF_INET6;
    }
  if (from != NULL)
    {
      question.source.len = sizeof question.source.in;
      question.source.in.sin_family = AF_INET;
      inet_pton (AF_INET, from, &question.source.in.sin_addr);
    }
  g_assert_true (ptl_routes_ask (&question, &answer, &error));
  g_assert_no_error (error);
  return answer;
}

static void
test_ask (void)
{
  static const struct
  {
    const char *to;
    int         error;
  } refused[] = {
    { "10.81.0.1", -EHOSTUNREACH }, { "10.82.0.1", -EACCES }, { "10.83.0.1", -EINVAL },
    { "192.0.2.1", -ENETUNREACH }, { "fd81::1", -EHOSTUNREACH }, { "fd82::1", -EACCES },
    { "2001:db8::1", -ENETUNREACH },
  };
  PtlRouteQuestion question = { 0 };
  g_autoptr (GError) error = NULL;
  PtlRouteAnswer answer;
  char text[INET6_ADDRSTRLEN];

  net_fixture_do ("ip link set lo up; ip link add r0 type veth peer name r1; ip link set r0 up; "
                  "ip link set r1 up; ip addr add 10.1.0.1/24 dev r0; "
                  "ip addr add 10.1.0.7/24 dev r0; ip addr add fd01::1/64 dev r0 nodad; "
                  "ip route add 10.80.0.0/16 via 10.1.0.2 src 10.1.0.7 mtu 1400 metric 5; "
                  "ip -6 route add fd80::/64 via fd01::2; "
                  "ip route add unreachable 10.81.0.0/16; ip route add prohibit 10.82.0.0/16; "
                  "ip route add blackhole 10.83.0.0/16; ip -6 route add unreachable fd81::/64; "
                  "ip -6 route add prohibit fd82::/64");
  answer = ask ("10.80.1.1", NULL);
  g_assert_cmpint (answer.error, ==, 0);
  inet_ntop (AF_INET, answer.hop.gateway, text, sizeof text);
  g_assert_cmpstr (text, ==, "10.1.0.2");
  inet_ntop (AF_INET, answer.route.preferred, text, sizeof text);
  g_assert_cmpstr (text, ==, "10.1.0.7");
  g_assert_cmpint (answer.hop.index, >, 0);
  g_assert_cmpuint (answer.route.uid, ==, geteuid ());
  g_assert_true (answer.has_match);
  g_assert_cmpuint (answer.match.destination_len, ==, 16);
  g_assert_cmpuint (answer.match.metric, ==, 5);
  g_assert_cmpuint (answer.match.mtu, ==, 1400);
  answer = ask ("10.80.1.1", "10.1.0.1");
  g_assert_cmpint (answer.error, ==, 0);
  answer = ask ("127.0.0.1", NULL);
  g_assert_cmpint (answer.route.type, ==, RTN_LOCAL);
  answer = ask ("10.1.0.1", NULL);
  g_assert_cmpint (answer.route.type, ==, RTN_LOCAL);
  answer = ask ("fd80::5", NULL);
  g_assert_cmpint (answer.error, ==, 0);
  inet_ntop (AF_INET6, answer.hop.gateway, text, sizeof text);
  g_assert_cmpstr (text, ==, "fd01::2");
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_test_message ("%s", refused[i].to);
      g_assert_cmpint (ask (refused[i].to, NULL).error, ==, refused[i].error);
    }
  /* An address that is not ours to send from. */
  g_assert_cmpint (ask ("10.80.1.1", "192.0.2.9").error, <, 0);
  g_assert_false (ptl_routes_ask (&question, &answer, &error));
  g_assert_nonnull (error);
  net_fixture_do ("ip link del r0; ip route flush table main; ip -6 route flush table main");
}

int
main (int    argc,
      char **argv)
{
  const char *why;

  g_test_init (&argc, &argv, NULL);
  why = net_fixture_enter ();
  if (why != NULL)
    {
      g_print ("1..0 # SKIP %s\n", why);
      return 0;
    }
  g_test_add_func ("/route-ask/answers", test_ask);
  return g_test_run ();
}
