/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The monitor in a network namespace of the test's own, where interfaces come, change and go; what
 * it knows is compared with what ip(8) says. */
#include "config.h"

#include "host/ptl-netlink-monitor-private.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "base/ptl-clock.h"
#include "net-fixture.h"

#define DEADLINE_S 10

static struct
{
  pthread_mutex_t lock;
  pthread_cond_t  changed;
  unsigned        n_told;
} news = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void
on_changed (void *data)
{
  pthread_mutex_lock (&news.lock);
  news.n_told++;
  pthread_cond_signal (&news.changed);
  pthread_mutex_unlock (&news.lock);
}

static unsigned
get_slow (void)
{
  const char *slow = g_getenv ("PTL_SLOW");

  return slow != NULL ? (unsigned) strtoul (slow, NULL, 10) : 1;
}

typedef bool (*CheckFunc) (const PtlNetSnapshot *snapshot,
                           const void           *data);

/* The first snapshot that @check likes; owned. */
static PtlNetSnapshot *
wait_for (PtlNetMonitor *monitor,
          CheckFunc      check,
          const void    *data)
{
  struct timespec end;

  clock_gettime (CLOCK_REALTIME, &end);
  end.tv_sec += (time_t) DEADLINE_S * get_slow ();
  for (;;)
    {
      PtlNetSnapshot *snapshot = ptl_net_monitor_dup_snapshot (monitor);

      if (snapshot != NULL && check (snapshot, data))
        return snapshot;
      ptl_net_snapshot_unref (snapshot);
      pthread_mutex_lock (&news.lock);
      while (news.n_told == 0)
        if (pthread_cond_timedwait (&news.changed, &news.lock, &end) != 0)
          g_error ("it never came");
      news.n_told = 0;
      pthread_mutex_unlock (&news.lock);
    }
}

static const PtlInterface *
find (const PtlNetSnapshot *snapshot,
      const char           *name)
{
  for (unsigned i = 0; i < snapshot->n_interfaces; i++)
    if (strcmp (snapshot->interfaces[i]->link.name, name) == 0)
      return snapshot->interfaces[i];
  return NULL;
}

static bool
has (const PtlNetSnapshot *snapshot,
     const void           *data)
{
  return find (snapshot, data) != NULL;
}

static bool
lacks (const PtlNetSnapshot *snapshot,
       const void           *data)
{
  return find (snapshot, data) == NULL;
}

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Lines of "index name mtu address/len ...", the addresses in the order of their texts. */
static char *
tell (const PtlNetSnapshot *snapshot)
{
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < snapshot->n_interfaces; i++)
    {
      const PtlInterface *interface = snapshot->interfaces[i];
      g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);

      g_string_append_printf (text, "%d %s %u", interface->link.index, interface->link.name,
                              interface->link.mtu);
      for (unsigned k = 0; k < interface->n_addresses; k++)
        {
          const PtlInterfaceAddress *address = &interface->addresses[k];
          char host[INET6_ADDRSTRLEN];

          inet_ntop (address->family, address->address, host, sizeof host);
          g_ptr_array_add (addresses, g_strdup_printf ("%s/%u", host, address->prefix_len));
        }
      g_ptr_array_sort (addresses, compare_texts);
      for (guint k = 0; k < addresses->len; k++)
        g_string_append_printf (text, " %s", (char *) addresses->pdata[k]);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static char *
ask_ip (void)
{
  return net_fixture_run (
    "ip -j address | /usr/bin/python3 -c '\n"
    "import json, sys\n"
    "for i in sorted(json.load(sys.stdin), key=lambda i: i[\"ifindex\"]):\n"
    "    print(i[\"ifindex\"], i[\"ifname\"], i[\"mtu\"],\n"
    "          *sorted(\"%s/%d\" % (a[\"local\"], a[\"prefixlen\"])\n"
    "                  for a in i.get(\"addr_info\", [])))'");
}

/* Until both say the same: ip(8) may be asked between two steps of what it tells. */
static bool
agrees (const PtlNetSnapshot *snapshot,
        const void           *data)
{
  g_autofree char *ours = tell (snapshot);
  g_autofree char *theirs = ask_ip ();

  if (strcmp (ours, theirs) == 0)
    return true;
  return false;
}

static PtlNetMonitor *
start (void)
{
  g_autoptr (GError) error = NULL;
  PtlNetMonitor *monitor = ptl_net_monitor_new (on_changed, NULL, &error);

  g_assert_no_error (error);
  return monitor;
}

static void
stop (PtlNetMonitor  *monitor,
      PtlNetSnapshot *snapshot)
{
  uint64_t begun_ns = ptl_clock_monotonic_ns ();

  ptl_net_snapshot_unref (snapshot);
  ptl_net_monitor_free (monitor);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - begun_ns, <,
                    200 * PTL_NS_PER_MS * get_slow ());
}

static bool
is_renamed (const PtlNetSnapshot *snapshot,
            const void           *data)
{
  return find (snapshot, "after0") != NULL && find (snapshot, "before0") == NULL;
}

static bool
is_without_carrier (const PtlNetSnapshot *snapshot,
                    const void           *data)
{
  const PtlInterface *interface = find (snapshot, "after0");

  return interface != NULL && interface->link.carrier == PTL_CARRIER_OFF
         && (interface->link.flags & IFF_UP) != 0;
}

static bool
has_carrier (const PtlNetSnapshot *snapshot,
             const void           *data)
{
  const PtlInterface *interface = find (snapshot, "after0");

  return interface != NULL && interface->link.carrier == PTL_CARRIER_ON;
}

static bool
has_addresses (const PtlNetSnapshot *snapshot,
               const void           *data)
{
  const PtlInterface *interface = find (snapshot, "after0");
  unsigned n = 0;

  for (unsigned i = 0; interface != NULL && i < interface->n_addresses; i++)
    n += interface->addresses[i].family == AF_INET ||
         (interface->addresses[i].flags & IFA_F_TENTATIVE) == 0;
  return interface != NULL && n == *(const unsigned *) data;
}

static void
test_life (void)
{
  PtlNetMonitor *monitor = start ();
  PtlNetSnapshot *snapshot = wait_for (monitor, has, "lo");
  const PtlInterface *interface, *other;
  unsigned n = 3;

  g_assert_cmpint (find (snapshot, "lo")->link.class, ==, PTL_INTERFACE_LOOPBACK);
  g_assert_cmpint (snapshot->error, ==, 0);
  ptl_net_snapshot_unref (snapshot);

  net_fixture_do ("ip link add before0 type veth peer name peer0");
  snapshot = wait_for (monitor, has, "before0");
  interface = find (snapshot, "before0");
  g_assert_cmpint (interface->link.class, ==, PTL_INTERFACE_VETH);
  g_assert_cmpstr (interface->link.driver, ==, "veth");
  ptl_net_snapshot_unref (snapshot);

  net_fixture_do ("ip link property add dev before0 altname another-name-of-it; "
                  "ip link set before0 alias 'in the wall'; ip link set before0 name after0");
  snapshot = wait_for (monitor, is_renamed, NULL);
  ptl_net_snapshot_unref (snapshot);

  net_fixture_do ("ip link set after0 up");
  ptl_net_snapshot_unref (wait_for (monitor, is_without_carrier, NULL));
  net_fixture_do ("ip link set peer0 up");
  snapshot = wait_for (monitor, has_carrier, NULL);
  interface = find (snapshot, "after0");
  other = find (snapshot, "peer0");
  g_assert_cmpstr (interface->link.alt_names, ==, "another-name-of-it");
  g_assert_cmpstr (interface->link.alias, ==, "in the wall");
  g_assert_cmpint (interface->link.parent, ==, other->link.index);
  g_assert_cmpint (interface->link.speed_mbps, ==, 10000); /* what veth says */
  ptl_net_snapshot_unref (snapshot);

  net_fixture_do ("ip addr add 10.1.0.1/24 dev after0 valid_lft 1000 preferred_lft 0; "
                  "ip addr add 10.1.0.9 peer 10.2.0.1/32 dev after0 label after0:p; "
                  "ip addr add fd00::1/64 dev after0 nodad; ip addr flush dev after0 scope link");
  snapshot = wait_for (monitor, has_addresses, &n);
  interface = find (snapshot, "after0");
  for (unsigned i = 0; i < interface->n_addresses; i++)
    {
      const PtlInterfaceAddress *address = &interface->addresses[i];

      if (address->prefix_len == 24)
        {
          g_assert_cmpuint (address->valid_s, >, 990);
          g_assert_cmpuint (address->valid_s, <=, 1000);
          g_assert_cmpuint (address->preferred_s, ==, 0);
          g_assert_cmpuint (address->flags & IFA_F_DEPRECATED, !=, 0);
        }
      if (address->prefix_len == 32)
        {
          g_assert_true (address->has_peer);
          g_assert_cmpstr (address->label, ==, "after0:p");
          g_assert_cmpuint (address->valid_s, ==, PTL_FOREVER);
        }
    }
  ptl_net_snapshot_unref (snapshot);
  snapshot = wait_for (monitor, agrees, NULL);

  n = 2;
  net_fixture_do ("ip addr del 10.1.0.1/24 dev after0");
  ptl_net_snapshot_unref (snapshot);
  snapshot = wait_for (monitor, has_addresses, &n);
  ptl_net_snapshot_unref (snapshot);
  net_fixture_do ("ip link del after0");
  snapshot = wait_for (monitor, lacks, "after0");
  g_assert_null (find (snapshot, "peer0"));
  stop (monitor, snapshot);
}

static bool
is_port (const PtlNetSnapshot *snapshot,
         const void           *data)
{
  const PtlInterface *interface = find (snapshot, "v1");
  const PtlInterface *master = find (snapshot, data);

  return interface != NULL && master != NULL && interface->link.master == master->link.index
         && agrees (snapshot, NULL);
}

static void
test_kinds (void)
{
  static const struct
  {
    const char       *add;
    PtlInterfaceClass class;
    uint32_t          number;
  } cases[] = {
    { "type bridge", PTL_INTERFACE_BRIDGE, 0 },
    { "link v0 type macvlan mode bridge", PTL_INTERFACE_MACVLAN, 0 },
    { "type vxlan id 77 dstport 4789 local 127.0.0.1", PTL_INTERFACE_VXLAN, 77 },
    { "type ifb", PTL_INTERFACE_IFB, 0 },
    { "type dummy", PTL_INTERFACE_DUMMY, 0 },
    { "type wireguard", PTL_INTERFACE_WIREGUARD, 0 },
    { "link v0 type vlan id 42", PTL_INTERFACE_VLAN, 42 },
    { "type vrf table 9", PTL_INTERFACE_VRF, 9 },
    { "type bond", PTL_INTERFACE_BOND, 0 },
    { "link v0 type ipvlan", PTL_INTERFACE_IPVLAN, 0 },
    { "link v0 type macvtap", PTL_INTERFACE_MACVTAP, 0 },
    { "type gre remote 127.0.0.1 local 127.0.0.1", PTL_INTERFACE_TUNNEL, 0 },
    { "type ipip remote 127.0.0.1 local 127.0.0.1", PTL_INTERFACE_TUNNEL, 0 },
    { "type geneve id 9 remote 127.0.0.1", PTL_INTERFACE_TUNNEL, 9 },
  };
  PtlNetMonitor *monitor = start ();
  PtlNetSnapshot *snapshot;
  bool there[G_N_ELEMENTS (cases) + 2];

  net_fixture_do ("ip link add v0 type veth peer name v1");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *command = g_strdup_printf (
        "ip link add name k%zu %s 2>/dev/null && echo yes || true", i, cases[i].add);
      g_autofree char *out = net_fixture_run (command);

      there[i] = out[0] == 'y';
      if (!there[i])
        g_test_message ("this kernel has no %s", cases[i].add);
    }
  for (unsigned i = 0; i < 2; i++)
    {
      g_autofree char *command = g_strdup_printf (
        "ip tuntap add name t%u mode %s 2>/dev/null && echo yes || true", i,
        i == 0 ? "tun" : "tap");
      g_autofree char *out = net_fixture_run (command);

      there[G_N_ELEMENTS (cases) + i] = out[0] == 'y';
    }
  net_fixture_do ("ip link add last0 type bridge; ip link set v1 master last0");
  snapshot = wait_for (monitor, is_port, "last0");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    if (there[i])
      {
        g_autofree char *name = g_strdup_printf ("k%zu", i);
        const PtlInterface *interface = find (snapshot, name);

        g_assert_nonnull (interface);
        g_assert_cmpint (interface->link.class, ==, cases[i].class);
        g_assert_cmpuint (interface->link.number, ==, cases[i].number);
      }
  if (there[G_N_ELEMENTS (cases)])
    g_assert_cmpint (find (snapshot, "t0")->link.class, ==, PTL_INTERFACE_TUN);
  if (there[G_N_ELEMENTS (cases) + 1])
    g_assert_cmpint (find (snapshot, "t1")->link.class, ==, PTL_INTERFACE_TAP);
  g_assert_cmpstr (find (snapshot, "v1")->link.port_kind, ==, "bridge");
  ptl_net_snapshot_unref (snapshot);

  /* A port that leaves its bridge is still there. */
  net_fixture_do ("ip link set v1 nomaster; ip link del last0");
  snapshot = wait_for (monitor, lacks, "last0");
  g_assert_nonnull (find (snapshot, "v1"));
  g_assert_cmpint (find (snapshot, "v1")->link.master, ==, 0);
  net_fixture_do ("ip link del v0");
  for (size_t i = 0; i < G_N_ELEMENTS (cases) + 2; i++)
    if (there[i])
      net_fixture_do ("ip link del %c%zu 2>/dev/null || true", i < G_N_ELEMENTS (cases) ? 'k' : 't',
                      i < G_N_ELEMENTS (cases) ? i : i - G_N_ELEMENTS (cases));
  stop (monitor, snapshot);
}

static void
add_many (unsigned n_links,
          unsigned n_addresses)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (unsigned i = 0; i < n_links / 2; i++)
    {
      g_string_append_printf (lines, "link add a%u type veth peer name b%u\n", i, i);
      for (unsigned k = 0; k < n_addresses / 2; k++)
        {
          g_string_append_printf (lines, "addr add 10.%u.%u.1/24 dev a%u\n", i, k, i);
          g_string_append_printf (lines, "addr add fd00:%x:%x::1/64 dev b%u nodad\n", i, k, i);
        }
    }
  net_fixture_batch (lines->str);
}

static void
delete_many (unsigned n_links)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  for (unsigned i = 0; i < n_links / 2; i++)
    g_string_append_printf (lines, "link del a%u\n", i);
  net_fixture_batch (lines->str);
}

static void
test_many (void)
{
  PtlNetMonitor *monitor = start ();
  PtlNetSnapshot *snapshot;

  add_many (200, 20);
  snapshot = wait_for (monitor, agrees, NULL);
  g_assert_cmpuint (snapshot->n_interfaces, >=, 201);
  g_assert_cmpuint (snapshot->n_addresses, >=, 2000);
  g_assert_cmpuint (snapshot->n_left_out, ==, 0);
  ptl_net_snapshot_unref (snapshot);
  delete_many (200);
  snapshot = wait_for (monitor, agrees, NULL);
  g_assert_cmpuint (snapshot->n_interfaces, <, 20);
  stop (monitor, snapshot);
}

static bool
has_overrun (const PtlNetSnapshot *snapshot,
             const void           *data)
{
  return snapshot->n_overruns > 0;
}

/* With hardly a buffer the kernel drops most of what happens, the end of what was told too. */
static void
test_overrun (void)
{
  g_autoptr (GError) error = NULL;
  PtlNetMonitor *monitor = ptl_net_monitor_new_full (on_changed, NULL, 1, &error);
  PtlNetSnapshot *snapshot;

  g_assert_no_error (error);
  for (unsigned i = 0; i < 3; i++)
    {
      add_many (100, 20);
      delete_many (80);
      net_fixture_do ("ip link del a49; ip link set a48 name renamed; "
                      "ip link set renamed mtu 1300");
      snapshot = wait_for (monitor, agrees, NULL);
      g_assert_nonnull (find (snapshot, "renamed"));
      ptl_net_snapshot_unref (snapshot);
      net_fixture_do ("for i in 40 41 42 43 44 45 46 47; do ip link del a$i; done; "
                      "ip link del renamed");
      ptl_net_snapshot_unref (wait_for (monitor, agrees, NULL));
    }
  snapshot = wait_for (monitor, has_overrun, NULL);
  g_test_message ("%u overruns", snapshot->n_overruns);
  stop (monitor, snapshot);
}

static bool
has_counters (const PtlNetSnapshot *snapshot,
              const void           *data)
{
  const PtlInterface *lo = find (snapshot, "lo");
  const PtlCounters *counters =
    lo != NULL ? ptl_counter_set_find (snapshot->counters, lo->link.index) : NULL;

  return counters != NULL && counters->stats.rx_packets > *(const uint64_t *) data;
}

static bool
has_none (const PtlNetSnapshot *snapshot,
          const void           *data)
{
  return snapshot->counters == NULL && snapshot->routes == NULL;
}

static void
test_counters (void)
{
  PtlNetMonitor *monitor = start ();
  PtlNetSnapshot *snapshot = wait_for (monitor, has_none, NULL);
  const struct sockaddr_in to = {
    .sin_family = AF_INET, .sin_port = 9, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)
  };
  uint64_t before = 0;
  int fd;

  ptl_net_snapshot_unref (snapshot);
  net_fixture_do ("ip link set lo up");
  ptl_net_monitor_set_wants (monitor, PTL_NET_WANT_COUNTERS);
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (unsigned i = 0; i < 2; i++)
    {
      for (unsigned k = 0; k < 50; k++)
        (void) !sendto (fd, "x", 1, 0, (const struct sockaddr *) &to, sizeof to);
      snapshot = wait_for (monitor, has_counters, &before);
      before = ptl_counter_set_find (snapshot->counters, find (snapshot, "lo")->link.index)
                 ->stats.rx_packets;
      ptl_net_snapshot_unref (snapshot);
    }
  close (fd);
  ptl_net_monitor_set_wants (monitor, 0);
  snapshot = wait_for (monitor, has_none, NULL);
  stop (monitor, snapshot);
}

typedef struct
{
  const char *destination;
  unsigned    len;
  uint32_t    table;
} Wanted;

static const PtlRoute *
find_route (const PtlNetSnapshot *snapshot,
            const Wanted         *wanted)
{
  for (unsigned i = 0; snapshot->routes != NULL && i < snapshot->routes->n_routes; i++)
    {
      const PtlRoute *route = &snapshot->routes->routes[i];
      char text[INET6_ADDRSTRLEN];

      inet_ntop (route->family, route->destination, text, sizeof text);
      if (route->table == wanted->table && route->destination_len == wanted->len
          && strcmp (text, wanted->destination) == 0)
        return route;
    }
  return NULL;
}

static bool
has_route (const PtlNetSnapshot *snapshot,
           const void           *data)
{
  return find_route (snapshot, data) != NULL;
}

static bool
lacks_route (const PtlNetSnapshot *snapshot,
             const void           *data)
{
  return snapshot->routes != NULL && find_route (snapshot, data) == NULL;
}

static void
test_routes (void)
{
  const Wanted far = { "10.50.0.0", 16, 254 }, multi = { "10.60.0.0", 16, 254 };
  const Wanted six = { "fd50::", 64, 254 }, other = { "10.70.0.0", 16, 1234 };
  PtlNetMonitor *monitor = start ();
  PtlNetSnapshot *snapshot;
  const PtlRoute *route;
  bool found = false;

  ptl_net_monitor_set_wants (monitor, PTL_NET_WANT_ROUTES);
  net_fixture_do ("ip link add r0 type veth peer name r1; ip link set r0 up; ip link set r1 up; "
                  "ip addr add 10.1.0.1/24 dev r0; ip addr add fd01::1/64 dev r0 nodad; "
                  "ip route add 10.50.0.0/16 via 10.1.0.2 metric 77 mtu 1300 src 10.1.0.1; "
                  "ip route add 10.60.0.0/16 nexthop via 10.1.0.3 weight 1 "
                  "nexthop via 10.1.0.4 weight 3; ip -6 route add fd50::/64 via fd01::2; "
                  "ip route add prohibit 10.70.0.0/16 table 1234; "
                  "ip rule add uidrange 4000-5000 lookup 1234");
  ptl_net_snapshot_unref (wait_for (monitor, has_route, &multi));
  ptl_net_snapshot_unref (wait_for (monitor, has_route, &six));
  snapshot = wait_for (monitor, has_route, &other);
  route = find_route (snapshot, &far);
  g_assert_cmpuint (route->metric, ==, 77);
  g_assert_cmpuint (route->mtu, ==, 1300);
  g_assert_cmpuint (route->n_hops, ==, 1);
  g_assert_cmpint (snapshot->routes->hops[route->first_hop].index, ==,
                   find (snapshot, "r0")->link.index);
  route = find_route (snapshot, &multi);
  g_assert_cmpuint (route->n_hops, ==, 2);
  g_assert_cmpuint (snapshot->routes->hops[route->first_hop + 1].weight, ==, 3);
  g_assert_cmpint (find_route (snapshot, &other)->type, ==, RTN_PROHIBIT);
  ptl_net_snapshot_unref (snapshot);

  /* Of an interface that goes down the kernel drops its IPv4 routes without telling. */
  net_fixture_do ("ip link set r0 down");
  ptl_net_snapshot_unref (wait_for (monitor, lacks_route, &far));
  snapshot = wait_for (monitor, lacks_route, &six);
  for (unsigned i = 0; i < snapshot->routes->n_rules; i++)
    found = found || (snapshot->routes->rules[i].has_uids
                      && snapshot->routes->rules[i].uid_from == 4000
                      && snapshot->routes->rules[i].table == 1234);
  g_assert_true (found);
  net_fixture_do ("ip link del r0; ip rule del uidrange 4000-5000 lookup 1234; "
                  "ip route flush table 1234");
  stop (monitor, snapshot);
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void      (*func) (void);
  } tests[] = {
    { "/net-monitor/life", test_life },
    { "/net-monitor/kinds", test_kinds },
    { "/net-monitor/many", test_many },
    { "/net-monitor/overrun", test_overrun },
    { "/net-monitor/counters", test_counters },
    { "/net-monitor/routes", test_routes },
  };
  const char *why;

  g_test_init (&argc, &argv, NULL);
  why = net_fixture_enter ();
  if (why != NULL)
    {
      g_print ("1..0 # SKIP %s\n", why);
      return 0;
    }
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_func (tests[i].path, tests[i].func);
  return g_test_run ();
}
