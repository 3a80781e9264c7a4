/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of netlink as bytes: those of the kernel, and such as it would never send. */
#include "config.h"

#include "host/ptl-netlink-parse.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>

#include "base/ptl-broadcast.h"

#define MESSAGE_MAX 4096

/* A message that is being written, aligned as a buffer of recv(2) is. */
typedef struct
{
  _Alignas (8) uint8_t bytes[MESSAGE_MAX];
} Message;

static struct nlmsghdr *
get_head (Message *message)
{
  return (struct nlmsghdr *) message->bytes;
}

static void
begin (Message    *message,
       uint16_t    type,
       const void *head,
       size_t      len_bytes)
{
  memset (message, 0, sizeof *message);
  get_head (message)->nlmsg_type = type;
  get_head (message)->nlmsg_len = (uint32_t) NLMSG_LENGTH (len_bytes);
  memcpy (message->bytes + NLMSG_HDRLEN, head, len_bytes);
}

/* Where the attribute begins. */
static size_t
add (Message    *message,
     uint16_t    type,
     const void *value,
     size_t      len_bytes)
{
  size_t at = NLMSG_ALIGN (get_head (message)->nlmsg_len);
  struct rtattr head = { .rta_len = (uint16_t) RTA_LENGTH (len_bytes), .rta_type = type };

  g_assert (at + RTA_LENGTH (len_bytes) <= MESSAGE_MAX); /* ends here: the compiler knows it */
  memcpy (message->bytes + at, &head, sizeof head);
  if (len_bytes > 0)
    memcpy (message->bytes + at + RTA_LENGTH (0), value, len_bytes);
  get_head (message)->nlmsg_len = (uint32_t) (at + RTA_LENGTH (len_bytes));
  return at;
}

static void
add_u32 (Message  *message,
         uint16_t  type,
         uint32_t  value)
{
  add (message, type, &value, sizeof value);
}

/* Everything added after @at becomes its content. */
static void
end_nest (Message *message,
          size_t   at)
{
  struct rtattr *head = (struct rtattr *) (message->bytes + at);

  head->rta_len = (uint16_t) (get_head (message)->nlmsg_len - at);
}

static void
make_link (Message    *message,
           const char *kind)
{
  struct ifinfomsg head = {
    .ifi_index = 7, .ifi_type = ARPHRD_ETHER, .ifi_flags = IFF_UP | IFF_RUNNING,
  };
  static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
  uint8_t one = 1, six = 6;

  begin (message, RTM_NEWLINK, &head, sizeof head);
  add (message, IFLA_IFNAME, "eth\xff" "7", 6);
  add (message, IFLA_ADDRESS, mac, sizeof mac);
  add (message, IFLA_PERM_ADDRESS, mac, sizeof mac);
  add_u32 (message, IFLA_MTU, 1400);
  add_u32 (message, IFLA_MASTER, 3);
  add_u32 (message, IFLA_LINK, 9);
  add (message, IFLA_CARRIER, &one, 1);
  add (message, IFLA_OPERSTATE, &six, 1);
  add (message, IFLA_IFALIAS, "the one in the wall", 20);
  if (kind != NULL)
    {
      size_t info = add (message, IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);

      add (message, IFLA_INFO_KIND, kind, strlen (kind) + 1);
      if (strcmp (kind, "vlan") == 0)
        {
          uint16_t id = 42;
          size_t data = add (message, IFLA_INFO_DATA, NULL, 0);

          add (message, IFLA_VLAN_ID, &id, sizeof id);
          end_nest (message, data);
        }
      if (strcmp (kind, "tun") == 0)
        {
          uint8_t type = IFF_TAP;
          size_t data = add (message, IFLA_INFO_DATA, NULL, 0);

          add (message, IFLA_TUN_TYPE, &type, 1);
          end_nest (message, data);
        }
      end_nest (message, info);
    }
}

static void
test_link (void)
{
  Message message;
  PtlLink link;
  size_t names;

  make_link (&message, "vlan");
  names = add (&message, IFLA_PROP_LIST | NLA_F_NESTED, NULL, 0);
  add (&message, IFLA_ALT_IFNAME, "first", 6);
  add (&message, IFLA_ALT_IFNAME, "second", 6); /* without its NUL */
  end_nest (&message, names);
  g_assert_true (ptl_netlink_parse_link (get_head (&message), &link));
  g_assert_cmpint (link.index, ==, 7);
  g_assert_cmpstr (link.name, ==, "eth\xff" "7");
  g_assert_cmpstr (link.kind, ==, "vlan");
  g_assert_cmpint (link.class, ==, PTL_INTERFACE_VLAN);
  g_assert_true (link.has_number);
  g_assert_cmpuint (link.number, ==, 42);
  g_assert_cmpuint (link.mtu, ==, 1400);
  g_assert_cmpint (link.master, ==, 3);
  g_assert_cmpint (link.parent, ==, 9);
  g_assert_cmpint (link.parent_netns, ==, -1);
  g_assert_cmpint (link.carrier, ==, PTL_CARRIER_ON);
  g_assert_cmpint (link.operstate, ==, 6);
  g_assert_cmpstr (link.alias, ==, "the one in the wall");
  g_assert_cmpstr (link.alt_names, ==, "first second");
  g_assert_cmpuint (link.hardware_len, ==, 6);
  g_assert_cmpuint (link.hardware[5], ==, 1);
  g_assert_cmpuint (link.permanent_len, ==, 6);
  g_assert_cmpint (link.speed_mbps, ==, -1);

  make_link (&message, "tun");
  g_assert_true (ptl_netlink_parse_link (get_head (&message), &link));
  g_assert_cmpint (link.class, ==, PTL_INTERFACE_TAP);
  make_link (&message, NULL);
  g_assert_true (ptl_netlink_parse_link (get_head (&message), &link));
  g_assert_cmpint (link.class, ==, PTL_INTERFACE_ETHERNET);
}

static void
test_link_bounds (void)
{
  Message message;
  PtlLink link;
  char many[128];
  struct ifinfomsg bridge = { .ifi_family = AF_BRIDGE, .ifi_index = 7 };
  size_t names;

  /* More names than there is room for: cut at a whole one. */
  make_link (&message, NULL);
  names = add (&message, IFLA_PROP_LIST, NULL, 0);
  memset (many, 'n', sizeof many);
  for (unsigned i = 0; i < 20; i++)
    add (&message, IFLA_ALT_IFNAME, many, 127);
  end_nest (&message, names);
  g_assert_true (ptl_netlink_parse_link (get_head (&message), &link));
  g_assert_cmpuint (strlen (link.alt_names), ==, 7 * 128 + 127);

  /* A longer hardware address than any. */
  make_link (&message, NULL);
  add (&message, IFLA_BROADCAST, many, 100);
  g_assert_true (ptl_netlink_parse_link (get_head (&message), &link));
  g_assert_cmpuint (link.broadcast_len, ==, PTL_HARDWARE_MAX);

  /* A name that is not ended within the room, and none at all. */
  begin (&message, RTM_NEWLINK, &(struct ifinfomsg) { .ifi_index = 1 }, sizeof bridge);
  add (&message, IFLA_IFNAME, many, 100);
  g_assert_true (ptl_netlink_parse_link (get_head (&message), &link));
  g_assert_cmpuint (strlen (link.name), ==, IFNAMSIZ - 1);
  begin (&message, RTM_NEWLINK, &(struct ifinfomsg) { .ifi_index = 1 }, sizeof bridge);
  g_assert_false (ptl_netlink_parse_link (get_head (&message), &link));

  /* What a bridge tells of its port is not the interface's end. */
  begin (&message, RTM_DELLINK, &bridge, sizeof bridge);
  g_assert_false (ptl_netlink_parse_link (get_head (&message), &link));
  begin (&message, RTM_NEWLINK, &(struct ifinfomsg) { .ifi_index = -1 }, sizeof bridge);
  g_assert_false (ptl_netlink_parse_link (get_head (&message), &link));
  /* An attribute that is shorter than its type. */
  make_link (&message, NULL);
  add (&message, IFLA_TXQLEN, "ab", 2);
  g_assert_false (ptl_netlink_parse_link (get_head (&message), &link));
}

/* Every length from nothing to the whole, in the head and in the bytes that are there. */
static void
cut (Message *whole)
{
  uint32_t len = get_head (whole)->nlmsg_len;

  for (uint32_t told = 0; told <= len + 64; told++)
    for (unsigned i = 0; i < 2; i++)
      {
        /* On the heap, with its exact length, so that a sanitizer sees what is read behind it. */
        size_t there = i == 0 ? MIN (told, len) : len;
        g_autofree uint8_t *bytes = g_memdup2 (whole->bytes, MAX (there, sizeof (struct nlmsghdr)));
        const uint8_t *at = bytes;
        size_t left = there;
        const struct nlmsghdr *message;
        g_autoptr (GArray) hops = g_array_new (FALSE, FALSE, sizeof (PtlRouteHop));
        g_autoptr (GArray) broadcasts = g_array_new (FALSE, FALSE, sizeof (PtlBroadcast));
        PtlInterfaceAddress address;
        PtlCounters counters;
        PtlRoute route;
        PtlRule rule;
        PtlLink link;
        int error;

        ((struct nlmsghdr *) bytes)->nlmsg_len = told;
        message = ptl_netlink_next (&at, &left);
        if (told < sizeof *message || told > there)
          g_assert_null (message);
        if (message == NULL)
          continue;
        ptl_netlink_parse_link (message, &link);
        ptl_netlink_parse_address (message, 1, &address);
        ptl_netlink_parse_route (message, &route, hops);
        ptl_netlink_parse_rule (message, &rule);
        ptl_netlink_parse_counters (message, &counters);
        ptl_netlink_parse_family (message, NL80211_GENL_NAME);
        ptl_netlink_parse_wireless (message);
        ptl_netlink_parse_end (message, &error);
        g_array_set_size (broadcasts, 0);
        ptl_broadcast_take (message, broadcasts);
      }
}

static void
test_broadcast (void)
{
  static const uint8_t local[4] = { 10, 0, 0, 1 }, all[4] = { 10, 0, 0, 255 };
  struct ifaddrmsg head = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 7 };
  g_autoptr (GArray) found = g_array_new (FALSE, TRUE, sizeof (PtlBroadcast));
  PtlAddress address = { .len = sizeof address.in, .in = { .sin_family = AF_INET } };
  PtlAddress broadcast;
  Message message;

  memcpy (&address.in.sin_addr, local, 4);
  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_LOCAL, local, 4);
  ptl_broadcast_take (get_head (&message), found);
  g_assert_cmpuint (found->len, ==, 0); /* it has none */
  add (&message, IFA_BROADCAST, all, 4);
  /* The kernel fills an attribute up to four bytes; this one ends with its value. */
  add (&message, IFA_LABEL, "e", 2);
  ptl_broadcast_take (get_head (&message), found);
  g_assert_cmpuint (found->len, ==, 1);
  broadcast = ptl_broadcast_find (found, 7, &address);
  g_assert_cmpint (ptl_address_get_family (&broadcast), ==, AF_INET);
  g_assert_cmpmem (&broadcast.in.sin_addr, 4, all, 4);
  g_assert_cmpuint (ptl_broadcast_find (found, 8, &address).len, ==, 0);
  cut (&message);

  get_head (&message)->nlmsg_type = RTM_DELADDR;
  ptl_broadcast_take (get_head (&message), found);
  get_head (&message)->nlmsg_type = RTM_NEWADDR;
  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_LOCAL, local, 3);
  add (&message, IFA_BROADCAST, all, 4);
  ptl_broadcast_take (get_head (&message), found);
  g_assert_cmpuint (found->len, ==, 1);

  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_LOCAL, local, 4);
  add (&message, IFA_BROADCAST, all, 4);
  for (guint i = 0; i <= PTL_BROADCASTS_MAX; i++)
    ptl_broadcast_take (get_head (&message), found);
  g_assert_cmpuint (found->len, ==, PTL_BROADCASTS_MAX);
}

static void
test_address (void)
{
  static const uint8_t local[4] = { 10, 0, 0, 1 }, peer[4] = { 10, 0, 0, 2 };
  static const uint8_t six[16] = { 0xfe, 0x80, [15] = 1 };
  struct ifaddrmsg head = {
    .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 7, .ifa_flags = IFA_F_PERMANENT,
  };
  struct ifa_cacheinfo info = { .ifa_prefered = 100, .ifa_valid = 200 };
  PtlInterfaceAddress address;
  Message message;

  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_LOCAL, local, 4);
  add (&message, IFA_ADDRESS, peer, 4);
  add (&message, IFA_BROADCAST, peer, 4);
  add (&message, IFA_LABEL, "eth0:1", 7);
  add_u32 (&message, IFA_FLAGS, IFA_F_NOPREFIXROUTE);
  add (&message, IFA_CACHEINFO, &info, sizeof info);
  g_assert_true (ptl_netlink_parse_address (get_head (&message), 5, &address));
  g_assert_cmpmem (address.address, 4, local, 4);
  g_assert_true (address.has_peer);
  g_assert_cmpmem (address.peer, 4, peer, 4);
  g_assert_true (address.has_broadcast);
  g_assert_cmpstr (address.label, ==, "eth0:1");
  g_assert_cmpuint (address.flags, ==, IFA_F_NOPREFIXROUTE);
  g_assert_cmpuint (address.preferred_s, ==, 100);
  g_assert_cmpuint (address.valid_s, ==, 200);
  g_assert_cmpuint (address.told_ns, ==, 5);
  cut (&message);

  head.ifa_family = AF_INET6;
  head.ifa_prefixlen = 64;
  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_ADDRESS, six, 16);
  g_assert_true (ptl_netlink_parse_address (get_head (&message), 5, &address));
  g_assert_false (address.has_peer);
  g_assert_cmpuint (address.valid_s, ==, PTL_FOREVER);
  g_assert_cmpuint (address.flags, ==, IFA_F_PERMANENT);

  /* An address of the other family's length, a prefix that is too long, no address. */
  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_ADDRESS, local, 4);
  g_assert_false (ptl_netlink_parse_address (get_head (&message), 5, &address));
  head.ifa_prefixlen = 129;
  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_ADDRESS, six, 16);
  g_assert_false (ptl_netlink_parse_address (get_head (&message), 5, &address));
  head.ifa_prefixlen = 64;
  begin (&message, RTM_NEWADDR, &head, sizeof head);
  g_assert_false (ptl_netlink_parse_address (get_head (&message), 5, &address));
  head.ifa_index = 0;
  begin (&message, RTM_NEWADDR, &head, sizeof head);
  add (&message, IFA_ADDRESS, six, 16);
  g_assert_false (ptl_netlink_parse_address (get_head (&message), 5, &address));
}

static void
make_route (Message *message)
{
  static const uint8_t to[4] = { 10, 1, 0, 0 }, via[4] = { 10, 0, 0, 1 }, from[4] = { 10, 0, 0, 9 };
  static const uint8_t six[16] = { 0xfe, 0x80, [15] = 1 };
  struct rtmsg head = {
    .rtm_family = AF_INET, .rtm_dst_len = 16, .rtm_table = RT_TABLE_MAIN,
    .rtm_type = RTN_UNICAST, .rtm_protocol = RTPROT_STATIC,
  };
  uint8_t hops[2 * sizeof (struct rtnexthop) + 8 + 4 + 2 + 16 + 16] = { 0 };
  struct rtnexthop first = { .rtnh_len = sizeof first + 8, .rtnh_hops = 0, .rtnh_ifindex = 2 };
  struct rtnexthop second = {
    .rtnh_len = sizeof second + RTA_LENGTH (18), .rtnh_hops = 4, .rtnh_ifindex = 3
  };
  struct rtattr gateway = { .rta_len = RTA_LENGTH (4), .rta_type = RTA_GATEWAY };
  struct rtattr other = { .rta_len = RTA_LENGTH (18), .rta_type = RTA_VIA };
  uint16_t family = AF_INET6;
  uint32_t mtu = 1280;
  size_t at = 0, metrics;

  memcpy (hops, &first, sizeof first);
  at = sizeof first;
  memcpy (hops + at, &gateway, sizeof gateway);
  memcpy (hops + at + 4, via, 4);
  at += 8;
  memcpy (hops + at, &second, sizeof second);
  at += sizeof second;
  memcpy (hops + at, &other, sizeof other);
  memcpy (hops + at + 4, &family, 2);
  memcpy (hops + at + 6, six, 16);
  at += RTA_LENGTH (18);

  begin (message, RTM_NEWROUTE, &head, sizeof head);
  add (message, RTA_DST, to, 4);
  add (message, RTA_PREFSRC, from, 4);
  add_u32 (message, RTA_PRIORITY, 100);
  add_u32 (message, RTA_TABLE, 1000);
  metrics = add (message, RTA_METRICS, NULL, 0);
  add (message, RTAX_MTU, &mtu, sizeof mtu);
  end_nest (message, metrics);
  add (message, RTA_MULTIPATH, hops, at);
}

static void
test_route (void)
{
  g_autoptr (GArray) hops = g_array_new (FALSE, FALSE, sizeof (PtlRouteHop));
  struct rtmsg head = { .rtm_family = AF_INET, .rtm_dst_len = 33 };
  const PtlRouteHop *hop;
  PtlRoute route;
  Message message;
  struct rtnexthop *lie;

  make_route (&message);
  g_array_set_size (hops, 3);
  g_assert_true (ptl_netlink_parse_route (get_head (&message), &route, hops));
  g_assert_cmpuint (route.table, ==, 1000);
  g_assert_cmpuint (route.metric, ==, 100);
  g_assert_cmpuint (route.mtu, ==, 1280);
  g_assert_cmpuint (route.destination_len, ==, 16);
  g_assert_true (route.has_preferred);
  g_assert_cmpuint (route.first_hop, ==, 3);
  g_assert_cmpuint (route.n_hops, ==, 2);
  hop = &g_array_index (hops, PtlRouteHop, 3);
  g_assert_cmpint (hop[0].index, ==, 2);
  g_assert_cmpuint (hop[0].family, ==, AF_INET);
  g_assert_cmpuint (hop[0].weight, ==, 1);
  g_assert_cmpint (hop[1].index, ==, 3);
  g_assert_cmpuint (hop[1].family, ==, AF_INET6);
  g_assert_cmpuint (hop[1].weight, ==, 5);
  g_assert_cmpuint (hop[1].gateway[15], ==, 1);
  cut (&message);

  /* A hop that says it is longer than the list, and one shorter than itself: nothing is left. */
  for (unsigned i = 0; i < 2; i++)
    {
      size_t at;

      make_route (&message);
      at = get_head (&message)->nlmsg_len - (2 * sizeof *lie + 8 + RTA_LENGTH (18));
      lie = (struct rtnexthop *) (message.bytes + at);
      g_assert_cmpint (lie->rtnh_ifindex, ==, 2);
      lie->rtnh_len = i == 0 ? 2000 : 3;
      g_assert_false (ptl_netlink_parse_route (get_head (&message), &route, hops));
      g_assert_cmpuint (hops->len, ==, 5);
    }

  begin (&message, RTM_NEWROUTE, &head, sizeof head);
  g_assert_false (ptl_netlink_parse_route (get_head (&message), &route, hops));
  head.rtm_dst_len = 0;
  head.rtm_family = AF_PACKET;
  begin (&message, RTM_NEWROUTE, &head, sizeof head);
  g_assert_false (ptl_netlink_parse_route (get_head (&message), &route, hops));
  head.rtm_family = AF_INET;
  begin (&message, RTM_NEWROUTE, &head, sizeof head);
  add (&message, RTA_GATEWAY, "abcdefgh", 8);
  g_assert_false (ptl_netlink_parse_route (get_head (&message), &route, hops));
  begin (&message, RTM_NEWROUTE, &head, sizeof head);
  add (&message, RTA_VIA, "\n", 2); /* AF_INET6, and no address behind it */
  g_assert_false (ptl_netlink_parse_route (get_head (&message), &route, hops));
}

static void
test_rule (void)
{
  struct fib_rule_hdr head = {
    .family = AF_INET, .action = FR_ACT_TO_TBL, .table = RT_TABLE_MAIN, .flags = FIB_RULE_INVERT,
  };
  struct fib_rule_uid_range uids = { 1000, 2000 };
  struct fib_rule_port_range ports = { 80, 90 };
  PtlRule rule;
  Message message;

  begin (&message, RTM_NEWRULE, &head, sizeof head);
  add_u32 (&message, FRA_PRIORITY, 32766);
  add_u32 (&message, FRA_TABLE, 100);
  add (&message, FRA_UID_RANGE, &uids, sizeof uids);
  add (&message, FRA_DPORT_RANGE, &ports, sizeof ports);
  add (&message, FRA_IIFNAME, "a name that is longer than it can be", 37);
  g_assert_true (ptl_netlink_parse_rule (get_head (&message), &rule));
  g_assert_cmpuint (rule.priority, ==, 32766);
  g_assert_cmpuint (rule.table, ==, 100);
  g_assert_true (rule.inverted);
  g_assert_true (rule.has_uids);
  g_assert_cmpuint (rule.uid_to, ==, 2000);
  g_assert_cmpuint (rule.destination_port_to, ==, 90);
  g_assert_cmpuint (strlen (rule.in_name), ==, IFNAMSIZ - 1);
  g_assert_cmpint (rule.suppress_len, ==, -1);
  cut (&message);
  add (&message, FRA_SPORT_RANGE, "x", 1);
  g_assert_false (ptl_netlink_parse_rule (get_head (&message), &rule));
}

static void
test_counters (void)
{
  struct if_stats_msg head = { .ifindex = 7 };
  struct rtnl_link_stats64 stats = { .rx_bytes = UINT64_MAX, .tx_dropped = 3 };
  uint8_t longer[sizeof stats + 64] = { 1 };
  PtlCounters counters;
  Message message;

  begin (&message, RTM_NEWSTATS, &head, sizeof head);
  add (&message, IFLA_STATS_LINK_64, &stats, sizeof stats);
  g_assert_true (ptl_netlink_parse_counters (get_head (&message), &counters));
  g_assert_cmpint (counters.index, ==, 7);
  g_assert_cmpuint (counters.stats.rx_bytes, ==, UINT64_MAX);
  g_assert_cmpuint (counters.stats.tx_dropped, ==, 3);
  cut (&message);

  /* Of an older and of a newer kernel. */
  begin (&message, RTM_NEWSTATS, &head, sizeof head);
  add (&message, IFLA_STATS_LINK_64, longer, 8);
  g_assert_true (ptl_netlink_parse_counters (get_head (&message), &counters));
  g_assert_cmpuint (counters.stats.rx_packets, ==, 1);
  g_assert_cmpuint (counters.stats.tx_packets, ==, 0);
  begin (&message, RTM_NEWSTATS, &head, sizeof head);
  add (&message, IFLA_STATS_LINK_64, longer, sizeof longer);
  g_assert_true (ptl_netlink_parse_counters (get_head (&message), &counters));
  begin (&message, RTM_NEWSTATS, &head, sizeof head);
  g_assert_false (ptl_netlink_parse_counters (get_head (&message), &counters));
}

static void
test_wireless (void)
{
  struct genlmsghdr head = { .cmd = CTRL_CMD_NEWFAMILY };
  uint16_t id = 0x1f;
  Message message;

  begin (&message, GENL_ID_CTRL, &head, sizeof head);
  add (&message, CTRL_ATTR_FAMILY_ID, &id, sizeof id);
  add (&message, CTRL_ATTR_FAMILY_NAME, "nl80211", 8);
  g_assert_cmpuint (ptl_netlink_parse_family (get_head (&message), "nl80211"), ==, 0x1f);
  g_assert_cmpuint (ptl_netlink_parse_family (get_head (&message), "nlctrl"), ==, 0);
  cut (&message);
  head.cmd = NL80211_CMD_NEW_INTERFACE;
  begin (&message, 0x1f, &head, sizeof head);
  add_u32 (&message, NL80211_ATTR_IFINDEX, 5);
  g_assert_cmpint (ptl_netlink_parse_wireless (get_head (&message)), ==, 5);
  cut (&message);
  begin (&message, 0x1f, &head, sizeof head);
  add (&message, NL80211_ATTR_IFINDEX, "a", 1);
  g_assert_cmpint (ptl_netlink_parse_wireless (get_head (&message)), ==, 0);
}

static void
test_end (void)
{
  static const struct
  {
    uint16_t type;
    int32_t  told;
    int      error;
  } cases[] = {
    { NLMSG_DONE, 0, 0 }, { NLMSG_DONE, -EINVAL, -EINVAL }, { NLMSG_ERROR, -EPERM, -EPERM },
    { NLMSG_ERROR, 0, 0 }, { NLMSG_ERROR, 5, -EBADMSG }, { NLMSG_ERROR, INT32_MIN, -EBADMSG },
  };
  Message message;
  int error;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      begin (&message, cases[i].type, &cases[i].told, sizeof cases[i].told);
      g_assert_true (ptl_netlink_parse_end (get_head (&message), &error));
      g_assert_cmpint (error, ==, cases[i].error);
    }
  begin (&message, NLMSG_ERROR, "", 0);
  g_assert_true (ptl_netlink_parse_end (get_head (&message), &error));
  g_assert_cmpint (error, ==, -EBADMSG);
  begin (&message, NLMSG_DONE, "", 0);
  g_assert_true (ptl_netlink_parse_end (get_head (&message), &error));
  g_assert_cmpint (error, ==, 0);
  begin (&message, RTM_NEWLINK, "", 0);
  g_assert_false (ptl_netlink_parse_end (get_head (&message), &error));
}

static void
test_link_cut (void)
{
  Message message;

  make_link (&message, "vlan");
  cut (&message);
}

static void
test_classify (void)
{
  static const struct
  {
    const char       *kind;
    unsigned          type;
    bool              wireless;
    PtlInterfaceClass class;
  } cases[] = {
    { "", ARPHRD_ETHER, false, PTL_INTERFACE_ETHERNET },
    { "", ARPHRD_ETHER, true, PTL_INTERFACE_WIFI },
    { "", ARPHRD_LOOPBACK, false, PTL_INTERFACE_LOOPBACK },
    { "veth", ARPHRD_ETHER, false, PTL_INTERFACE_VETH },
    { "wireguard", ARPHRD_NONE, false, PTL_INTERFACE_WIREGUARD },
    { "netdevsim", ARPHRD_ETHER, false, PTL_INTERFACE_OTHER },
    { "", ARPHRD_TUNNEL6, false, PTL_INTERFACE_TUNNEL },
    { "", 12345, false, PTL_INTERFACE_OTHER },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (ptl_interface_classify (cases[i].kind, cases[i].type, cases[i].wireless), ==,
                     cases[i].class);
}

static void
test_refusal (void)
{
  PtlRoute list[5] = {
    { .family = AF_INET, .type = RTN_UNICAST, .destination = { 10, 9, 1 }, .destination_len = 24 },
    { .family = AF_INET, .type = RTN_PROHIBIT, .destination = { 10, 8 }, .destination_len = 15 },
    { .family = AF_INET, .type = RTN_UNREACHABLE, .destination = { 10, 9 },
      .destination_len = 16 },
    { .family = AF_INET6, .type = RTN_BLACKHOLE },
    { .family = AF_INET, .type = RTN_THROW, .destination = { 10, 9, 1 }, .destination_len = 24 },
  };
  PtlRoutes routes = { .n_routes = 5, .routes = list };
  PtlAddress address = { .len = sizeof address.in, .in.sin_family = AF_INET };

  address.in.sin_addr.s_addr = htonl (0x0a090101);
  g_assert_true (ptl_routes_find_refusal (&routes, &address, RTN_UNREACHABLE) == &list[2]);
  g_assert_true (ptl_routes_find_refusal (&routes, &address, RTN_THROW) == &list[4]);
  g_assert_null (ptl_routes_find_refusal (&routes, &address, RTN_BLACKHOLE));
  address.in.sin_addr.s_addr = htonl (0x0a08ffff);
  g_assert_true (ptl_routes_find_refusal (&routes, &address, RTN_PROHIBIT) == &list[1]);
  address.in.sin_addr.s_addr = htonl (0x0a0a0000);
  for (uint8_t type = RTN_BLACKHOLE; type <= RTN_THROW; type++)
    g_assert_null (ptl_routes_find_refusal (&routes, &address, type));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/netlink/link", test_link);
  g_test_add_func ("/netlink/link/bounds", test_link_bounds);
  g_test_add_func ("/netlink/link/cut", test_link_cut);
  g_test_add_func ("/netlink/address", test_address);
  g_test_add_func ("/netlink/broadcast", test_broadcast);
  g_test_add_func ("/netlink/route", test_route);
  g_test_add_func ("/netlink/rule", test_rule);
  g_test_add_func ("/netlink/counters", test_counters);
  g_test_add_func ("/netlink/wireless", test_wireless);
  g_test_add_func ("/netlink/end", test_end);
  g_test_add_func ("/netlink/classify", test_classify);
  g_test_add_func ("/netlink/refusal", test_refusal);
  return g_test_run ();
}
