/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and subnets taken apart, against tables. */
#include "config.h"

#include "lookup/ptl-anatomy.h"

#include <arpa/inet.h>
#include <string.h>

static PtlAddress
parse (const char *text)
{
  PtlAddress address = { 0 };

  if (strchr (text, ':') != NULL)
    {
      address.len = sizeof address.in6;
      address.in6.sin6_family = AF_INET6;
      g_assert_cmpint (inet_pton (AF_INET6, text, &address.in6.sin6_addr), ==, 1);
    }
  else
    {
      address.len = sizeof address.in;
      address.in.sin_family = AF_INET;
      g_assert_cmpint (inet_pton (AF_INET, text, &address.in.sin_addr), ==, 1);
    }
  return address;
}

static void
test_scope (void)
{
  static const struct
  {
    const char *address;
    PtlScope    scope;
  } cases[] = {
    { "0.0.0.0", PTL_SCOPE_UNSPECIFIED }, { "0.1.2.3", PTL_SCOPE_THIS_NETWORK },
    { "127.0.0.1", PTL_SCOPE_LOOPBACK }, { "127.255.255.255", PTL_SCOPE_LOOPBACK },
    { "128.0.0.0", PTL_SCOPE_GLOBAL }, { "10.0.0.1", PTL_SCOPE_PRIVATE },
    { "11.0.0.0", PTL_SCOPE_GLOBAL }, { "172.15.255.255", PTL_SCOPE_GLOBAL },
    { "172.16.0.0", PTL_SCOPE_PRIVATE }, { "172.31.255.255", PTL_SCOPE_PRIVATE },
    { "172.32.0.0", PTL_SCOPE_GLOBAL }, { "192.168.1.1", PTL_SCOPE_PRIVATE },
    { "100.63.255.255", PTL_SCOPE_GLOBAL }, { "100.64.0.0", PTL_SCOPE_SHARED },
    { "100.127.255.255", PTL_SCOPE_SHARED }, { "169.254.1.1", PTL_SCOPE_LINK_LOCAL },
    { "192.0.0.1", PTL_SCOPE_PROTOCOLS }, { "192.0.2.1", PTL_SCOPE_DOCUMENTATION },
    { "198.51.100.255", PTL_SCOPE_DOCUMENTATION }, { "203.0.113.9", PTL_SCOPE_DOCUMENTATION },
    { "192.88.99.1", PTL_SCOPE_6TO4_RELAY }, { "198.18.0.1", PTL_SCOPE_BENCHMARK },
    { "198.19.255.255", PTL_SCOPE_BENCHMARK }, { "198.20.0.0", PTL_SCOPE_GLOBAL },
    { "224.0.0.1", PTL_SCOPE_MULTICAST }, { "239.255.255.255", PTL_SCOPE_MULTICAST },
    { "240.0.0.1", PTL_SCOPE_RESERVED }, { "255.255.255.255", PTL_SCOPE_BROADCAST },
    { "8.8.8.8", PTL_SCOPE_GLOBAL },
    { "::", PTL_SCOPE_UNSPECIFIED }, { "::1", PTL_SCOPE_LOOPBACK },
    { "::2", PTL_SCOPE_V4_COMPATIBLE }, { "::ffff:192.0.2.1", PTL_SCOPE_V4_MAPPED },
    { "64:ff9b::1.2.3.4", PTL_SCOPE_NAT64 }, { "64:ff9b:1::1", PTL_SCOPE_NAT64_LOCAL },
    { "100::1", PTL_SCOPE_DISCARD }, { "100:0:0:1::1", PTL_SCOPE_DUMMY },
    { "2001::1", PTL_SCOPE_TEREDO }, { "2001:2::1", PTL_SCOPE_BENCHMARK },
    { "2001:20::1", PTL_SCOPE_ORCHID }, { "2001:2f:ffff::", PTL_SCOPE_ORCHID },
    { "2001:30::", PTL_SCOPE_DRONE }, { "2001:db8::1", PTL_SCOPE_DOCUMENTATION },
    { "3fff:fff::1", PTL_SCOPE_DOCUMENTATION }, { "2002:102:304::", PTL_SCOPE_6TO4 },
    { "fe80::1", PTL_SCOPE_LINK_LOCAL }, { "febf::1", PTL_SCOPE_LINK_LOCAL },
    { "fec0::1", PTL_SCOPE_SITE_LOCAL }, { "fc00::1", PTL_SCOPE_UNIQUE_LOCAL },
    { "fdff::1", PTL_SCOPE_UNIQUE_LOCAL }, { "ff02::1", PTL_SCOPE_MULTICAST },
    { "2606:4700::1", PTL_SCOPE_GLOBAL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlAddress address = parse (cases[i].address);

      g_test_message ("%s", cases[i].address);
      g_assert_cmpint (ptl_anatomy_get_scope (&address), ==, cases[i].scope);
      g_assert_nonnull (ptl_anatomy_get_scope_text (&address));
    }
}

/* Every row of IANA's two Special-Purpose Address Registries (2025), by its first and last address
 * that has no row of its own; what is said names the purpose and, but for a few, the RFC. */
static void
test_registries (void)
{
  static const struct
  {
    const char *block;
    const char *first, *last;
    PtlScope    scope;
    const char *told;
  } rows[] = {
    { "0.0.0.0/8", "0.0.0.1", "0.255.255.255", PTL_SCOPE_THIS_NETWORK, "RFC 791" },
    { "0.0.0.0/32", "0.0.0.0", "0.0.0.0", PTL_SCOPE_UNSPECIFIED, "Unspecified" },
    { "10.0.0.0/8", "10.0.0.0", "10.255.255.255", PTL_SCOPE_PRIVATE, "RFC 1918" },
    { "100.64.0.0/10", "100.64.0.0", "100.127.255.255", PTL_SCOPE_SHARED, "RFC 6598" },
    { "127.0.0.0/8", "127.0.0.0", "127.255.255.255", PTL_SCOPE_LOOPBACK, "Loopback" },
    { "169.254.0.0/16", "169.254.0.0", "169.254.255.255", PTL_SCOPE_LINK_LOCAL, "Link-local" },
    { "172.16.0.0/12", "172.16.0.0", "172.31.255.255", PTL_SCOPE_PRIVATE, "RFC 1918" },
    { "192.0.0.0/24", "192.0.0.11", "192.0.0.255", PTL_SCOPE_PROTOCOLS, "RFC 6890" },
    { "192.0.0.0/29", "192.0.0.0", "192.0.0.7", PTL_SCOPE_PROTOCOLS, "RFC 7335" },
    { "192.0.0.8/32", "192.0.0.8", "192.0.0.8", PTL_SCOPE_DUMMY, "RFC 7600" },
    { "192.0.0.9/32", "192.0.0.9", "192.0.0.9", PTL_SCOPE_ANYCAST, "RFC 7723" },
    { "192.0.0.10/32", "192.0.0.10", "192.0.0.10", PTL_SCOPE_ANYCAST, "RFC 8155" },
    { "192.0.0.170/32, 192.0.0.171/32", "192.0.0.170", "192.0.0.171", PTL_SCOPE_PROTOCOLS,
      "RFC 7050" },
    { "192.0.2.0/24", "192.0.2.0", "192.0.2.255", PTL_SCOPE_DOCUMENTATION, "RFC 5737" },
    { "192.31.196.0/24", "192.31.196.0", "192.31.196.255", PTL_SCOPE_AS112, "RFC 7535" },
    { "192.52.193.0/24", "192.52.193.0", "192.52.193.255", PTL_SCOPE_ANYCAST, "RFC 7450" },
    { "192.88.99.0/24", "192.88.99.0", "192.88.99.255", PTL_SCOPE_6TO4_RELAY, "RFC 7526" },
    { "192.88.99.2/32", "192.88.99.2", "192.88.99.2", PTL_SCOPE_6TO4_RELAY, "RFC 6751" },
    { "192.168.0.0/16", "192.168.0.0", "192.168.255.255", PTL_SCOPE_PRIVATE, "RFC 1918" },
    { "192.175.48.0/24", "192.175.48.0", "192.175.48.255", PTL_SCOPE_AS112, "RFC 7534" },
    { "198.18.0.0/15", "198.18.0.0", "198.19.255.255", PTL_SCOPE_BENCHMARK, "RFC 2544" },
    { "198.51.100.0/24", "198.51.100.0", "198.51.100.255", PTL_SCOPE_DOCUMENTATION, "RFC 5737" },
    { "203.0.113.0/24", "203.0.113.0", "203.0.113.255", PTL_SCOPE_DOCUMENTATION, "RFC 5737" },
    { "240.0.0.0/4", "240.0.0.0", "255.255.255.254", PTL_SCOPE_RESERVED, "RFC 1112" },
    { "255.255.255.255/32", "255.255.255.255", "255.255.255.255", PTL_SCOPE_BROADCAST,
      "Broadcast" },

    { "::1/128", "::1", "::1", PTL_SCOPE_LOOPBACK, "Loopback" },
    { "::/128", "::", "::", PTL_SCOPE_UNSPECIFIED, "Unspecified" },
    { "::ffff:0:0/96", "::ffff:0:0", "::ffff:ffff:ffff", PTL_SCOPE_V4_MAPPED, "IPv4-mapped" },
    { "64:ff9b::/96", "64:ff9b::", "64:ff9b::ffff:ffff", PTL_SCOPE_NAT64, "RFC 6052" },
    { "64:ff9b:1::/48", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
      PTL_SCOPE_NAT64_LOCAL, "RFC 8215" },
    { "100::/64", "100::", "100::ffff:ffff:ffff:ffff", PTL_SCOPE_DISCARD, "RFC 6666" },
    { "100:0:0:1::/64", "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", PTL_SCOPE_DUMMY,
      "RFC 9780" },
    { "2001::/23", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_PROTOCOLS,
      "RFC 2928" },
    { "2001::/32", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_TEREDO,
      "RFC 4380" },
    { "2001:1::1/128", "2001:1::1", "2001:1::1", PTL_SCOPE_ANYCAST, "RFC 7723" },
    { "2001:1::2/128", "2001:1::2", "2001:1::2", PTL_SCOPE_ANYCAST, "RFC 8155" },
    { "2001:1::3/128", "2001:1::3", "2001:1::3", PTL_SCOPE_ANYCAST, "RFC 9665" },
    { "2001:2::/48", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_BENCHMARK,
      "RFC 5180" },
    { "2001:3::/32", "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_ANYCAST,
      "RFC 7450" },
    { "2001:4:112::/48", "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff",
      PTL_SCOPE_AS112, "RFC 7535" },
    { "2001:10::/28", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff",
      PTL_SCOPE_ORCHID_OLD, "given up" },
    { "2001:20::/28", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_ORCHID,
      "RFC 7343" },
    { "2001:30::/28", "2001:30::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_DRONE,
      "RFC 9374" },
    { "2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
      PTL_SCOPE_DOCUMENTATION, "RFC 3849" },
    { "2002::/16", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_6TO4,
      "RFC 3056" },
    { "2620:4f:8000::/48", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
      PTL_SCOPE_AS112, "RFC 7534" },
    { "3fff::/20", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_DOCUMENTATION,
      "RFC 9637" },
    { "5f00::/16", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_SRV6,
      "RFC 9602" },
    { "fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_UNIQUE_LOCAL,
      "RFC 4193" },
    { "fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", PTL_SCOPE_LINK_LOCAL,
      "Link-local" },

    /* Beside them: the IPv6 address space, of which 2000::/3 is given out. */
    { "::/8", "::1:0:0:0", "ff:ffff::", PTL_SCOPE_UNALLOCATED, "given this block to nobody" },
    { "100::/8", "100:0:0:2::", "1ff:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "2000::/3", "2000::", "2cff:ffff::", PTL_SCOPE_GLOBAL, "Global" },
    { "2d00::/8, 2e00::/7", "2d00::", "2fff:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "3000::/4", "3000::", "3ffe:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "3000::/4", "3fff:1000::", "3fff:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "4000::/3", "4000::", "5eff:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "4000::/3", "5f01::", "5fff:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "6000::/3 ... f800::/6", "6000::", "fbff:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "fe00::/9", "fe00::", "fe7f:ffff::", PTL_SCOPE_UNALLOCATED, "to nobody" },
    { "fec0::/10", "fec0::", "feff:ffff::", PTL_SCOPE_SITE_LOCAL, "RFC 3879" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PtlAddress first = parse (rows[i].first), last = parse (rows[i].last);

      g_test_message ("%s", rows[i].block);
      g_assert_cmpint (ptl_anatomy_get_scope (&first), ==, rows[i].scope);
      g_assert_cmpint (ptl_anatomy_get_scope (&last), ==, rows[i].scope);
      g_assert_nonnull (strstr (ptl_anatomy_get_scope_text (&first), rows[i].told));
      g_assert_cmpstr (ptl_anatomy_get_scope_text (&first), ==,
                       ptl_anatomy_get_scope_text (&last));
    }
}

/* How far a group goes: the fourth digit of IPv6's, whatever the flags before it are. */
static void
test_multicast (void)
{
  static const struct
  {
    const char *address;
    const char *told;
  } cases[] = {
    { "ff00::1", "Multicast, reserved scope: not to be sent" },
    { "ff01::1", "Multicast, interface-local" },
    { "ff02::1", "Multicast, link-local" },
    { "ff12::1", "Multicast, link-local" },
    { "ff03::fc", "Multicast, realm-local" },
    { "ff04::1", "Multicast, admin-local" },
    { "ff05::1:3", "Multicast, site-local" },
    { "ff06::1", "Multicast, unassigned scope" },
    { "ff07::1", "Multicast, unassigned scope" },
    { "ff08::1", "Multicast, organization-local" },
    { "ff09::1", "Multicast, unassigned scope" },
    { "ff0d::1", "Multicast, unassigned scope" },
    { "ff0e::101", "Multicast, global" },
    { "ff3e::1", "Multicast, global" },
    { "ff0f::1", "Multicast, reserved scope: used as global" },
    { "224.0.0.0", "Multicast, link-local" },
    { "224.0.0.251", "Multicast, link-local" },
    { "224.0.1.1", "Multicast, global" },
    { "232.0.0.1", "Multicast, global" },
    { "238.255.255.255", "Multicast, global" },
    { "239.0.0.1", "Multicast, administratively scoped" },
    { "239.191.255.255", "Multicast, administratively scoped" },
    { "239.192.0.0", "Multicast, organization-local" },
    { "239.195.255.255", "Multicast, organization-local" },
    { "239.196.0.0", "Multicast, administratively scoped" },
    { "239.255.255.250", "Multicast, local" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlAddress address = parse (cases[i].address);

      g_test_message ("%s", cases[i].address);
      g_assert_cmpint (ptl_anatomy_get_scope (&address), ==, PTL_SCOPE_MULTICAST);
      g_assert_true (g_str_has_prefix (ptl_anatomy_get_scope_text (&address), cases[i].told));
    }
}

static void
test_inside (void)
{
  static const struct
  {
    const char *address;
    const char *v4;  /* or NULL */
    const char *mac; /* or NULL */
  } cases[] = {
    { "::ffff:192.0.2.1", "192.0.2.1", NULL },
    { "64:ff9b::198.51.100.7", "198.51.100.7", NULL },
    { "2002:c000:204::1", "192.0.2.4", NULL },
    /* The example of RFC 4380 section 4 has the client's address inverted. */
    { "2001:0:4136:e378:8000:63bf:3fff:fdd2", "192.0.2.45", NULL },
    { "fe80::211:22ff:fe33:4455", NULL, "00:11:22:33:44:55" },
    { "2001:db8::5054:ff:fe12:3456", NULL, "52:54:00:12:34:56" },
    { "2001:db8::1", NULL, NULL }, { "127.0.0.1", NULL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlAddress address = parse (cases[i].address), inner;
      char text[PTL_ADDRESS_TEXT_MAX];
      uint8_t mac[6];

      g_test_message ("%s", cases[i].address);
      g_assert_true (ptl_anatomy_get_inner_v4 (&address, &inner) == (cases[i].v4 != NULL));
      if (cases[i].v4 != NULL)
        g_assert_cmpstr (ptl_address_format_host (&inner, text, sizeof text), ==, cases[i].v4);
      g_assert_true (ptl_anatomy_get_mac (&address, mac) == (cases[i].mac != NULL));
      if (cases[i].mac != NULL)
        {
          g_snprintf (text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                      mac[3], mac[4], mac[5]);
          g_assert_cmpstr (text, ==, cases[i].mac);
        }
    }
}

static void
test_forms (void)
{
  PtlAddress v4 = parse ("127.0.0.1"), v6 = parse ("2001:db8::1"), top = parse ("ffff:ffff:ffff:"
                                                                               "ffff:ffff:ffff:"
                                                                               "ffff:ffff");
  char number[PTL_ANATOMY_NUMBER_MAX], binary[PTL_ANATOMY_BINARY_MAX];
  char text[PTL_ADDRESS_TEXT_MAX];

  g_assert_cmpstr (ptl_anatomy_format_integer (&v4, number), ==, "2130706433");
  g_assert_cmpstr (ptl_anatomy_format_integer (&v6, number), ==,
                   "42540766411282592856903984951653826561");
  g_assert_cmpstr (ptl_anatomy_format_integer (&top, number), ==,
                   "340282366920938463463374607431768211455");
  g_assert_cmpstr (ptl_anatomy_format_hex (&v4, false, number), ==, "0x7f000001");
  g_assert_cmpstr (ptl_anatomy_format_hex (&v4, true, number), ==, "0x0100007f");
  g_assert_cmpstr (ptl_anatomy_format_hex (&v6, false, number), ==,
                   "0x20010db8000000000000000000000001");
  g_assert_cmpstr (ptl_anatomy_format_binary (&v4, -1, binary), ==,
                   "01111111.00000000.00000000.00000001");
  g_assert_cmpstr (ptl_anatomy_format_binary (&v4, 8, binary), ==,
                   "01111111|.00000000.00000000.00000001");
  g_assert_cmpstr (ptl_anatomy_format_binary (&v4, 26, binary), ==,
                   "01111111.00000000.00000000.00|000001");
  g_assert_cmpstr (ptl_anatomy_format_binary (&v4, 32, binary), ==,
                   "01111111.00000000.00000000.00000001|");
  g_assert_cmpstr (ptl_anatomy_format_binary (&v4, 0, binary), ==,
                   "|01111111.00000000.00000000.00000001");
  g_assert_true (g_str_has_prefix (ptl_anatomy_format_binary (&top, 128, binary),
                                   "1111111111111111:"));
  g_assert_cmpuint (strlen (binary), ==, 128 + 7 + 1);
  g_assert_cmpstr (ptl_anatomy_format_long (&v6, text), ==,
                   "2001:0db8:0000:0000:0000:0000:0000:0001");
}

static void
test_subnets (void)
{
  static const struct
  {
    const char *address;
    unsigned    prefix;
    const char *network, *mask, *last, *first_host, *last_host, *count, *host_count;
    bool        broadcast;
  } cases[] = {
    { "192.168.1.77", 26, "192.168.1.64", "255.255.255.192", "192.168.1.127", "192.168.1.65",
      "192.168.1.126", "64", "62", true },
    { "10.1.2.3", 8, "10.0.0.0", "255.0.0.0", "10.255.255.255", "10.0.0.1", "10.255.255.254",
      "16777216", "16777214", true },
    { "192.0.2.4", 31, "192.0.2.4", "255.255.255.254", "192.0.2.5", "192.0.2.4", "192.0.2.5", "2",
      "2", false },
    { "192.0.2.4", 32, "192.0.2.4", "255.255.255.255", "192.0.2.4", "192.0.2.4", "192.0.2.4", "1",
      "1", false },
    { "192.0.2.4", 30, "192.0.2.4", "255.255.255.252", "192.0.2.7", "192.0.2.5", "192.0.2.6", "4",
      "2", true },
    { "192.0.2.4", 0, "0.0.0.0", "0.0.0.0", "255.255.255.255", "0.0.0.1", "255.255.255.254",
      "4294967296", "4294967294", true },
    { "2001:db8::5", 64, "2001:db8::", "ffff:ffff:ffff:ffff::", "2001:db8::ffff:ffff:ffff:ffff",
      "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "18446744073709551616",
      "18446744073709551616", false },
    { "2001:db8::5", 128, "2001:db8::5", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::5",
      "2001:db8::5", "2001:db8::5", "1", "1", false },
    { "2001:db8::5", 0, "::", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "340282366920938463463374607431768211456",
      "340282366920938463463374607431768211456", false },
  };
  PtlSubnet subnet;
  PtlAddress in = parse ("192.168.1.64"), out = parse ("192.168.1.128"), v6 = parse ("::1");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlAddress address = parse (cases[i].address);
      char text[PTL_ADDRESS_TEXT_MAX];

      g_assert_true (ptl_subnet_init (&subnet, &address, cases[i].prefix));
      g_assert_cmpstr (ptl_address_format_host (&subnet.network, text, sizeof text), ==,
                       cases[i].network);
      g_assert_cmpstr (ptl_address_format_host (&subnet.mask, text, sizeof text), ==,
                       cases[i].mask);
      g_assert_cmpstr (ptl_address_format_host (&subnet.last, text, sizeof text), ==,
                       cases[i].last);
      g_assert_cmpstr (ptl_address_format_host (&subnet.first_host, text, sizeof text), ==,
                       cases[i].first_host);
      g_assert_cmpstr (ptl_address_format_host (&subnet.last_host, text, sizeof text), ==,
                       cases[i].last_host);
      g_assert_cmpstr (subnet.count, ==, cases[i].count);
      g_assert_cmpstr (subnet.host_count, ==, cases[i].host_count);
      g_assert_true (subnet.has_broadcast == cases[i].broadcast);
      g_assert_true (ptl_subnet_contains (&subnet, &address));
    }
  g_assert_true (ptl_subnet_init (&subnet, &in, 26));
  g_assert_true (ptl_subnet_contains (&subnet, &in));
  g_assert_false (ptl_subnet_contains (&subnet, &out));
  g_assert_false (ptl_subnet_contains (&subnet, &v6));
  g_assert_false (ptl_subnet_init (&subnet, &in, 33));
  g_assert_false (ptl_subnet_init (&subnet, &v6, 129));
}

static void
test_prefix (void)
{
  static const struct
  {
    const char *text;
    int         v4; /* -1: refused */
    int         v6;
  } cases[] = {
    { "24", 24, 24 }, { " /24 ", 24, 24 }, { "0", 0, 0 }, { "32", 32, 32 }, { "33", -1, 33 },
    { "128", -1, 128 }, { "129", -1, -1 }, { "255.255.255.0", 24, -1 },
    { "255.255.255.255", 32, -1 }, { "0.0.0.0", 0, -1 }, { "255.0.255.0", -1, -1 },
    { "0.0.0.255", -1, -1 }, { "", -1, -1 }, { "x", -1, -1 }, { "-1", -1, -1 },
  };
  PtlAddress v4 = parse ("192.0.2.1"), v6 = parse ("::1");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      unsigned prefix;

      g_test_message ("%s", cases[i].text);
      g_assert_true (ptl_subnet_parse_prefix (cases[i].text, &v4, &prefix, NULL)
                     == (cases[i].v4 >= 0));
      g_assert_cmpint ((int) prefix, ==, MAX (cases[i].v4, 0));
      g_assert_true (ptl_subnet_parse_prefix (cases[i].text, &v6, &prefix, NULL)
                     == (cases[i].v6 >= 0));
      g_assert_cmpint ((int) prefix, ==, MAX (cases[i].v6, 0));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/anatomy/scope", test_scope);
  g_test_add_func ("/anatomy/registries", test_registries);
  g_test_add_func ("/anatomy/multicast", test_multicast);
  g_test_add_func ("/anatomy/inside", test_inside);
  g_test_add_func ("/anatomy/forms", test_forms);
  g_test_add_func ("/anatomy/subnets", test_subnets);
  g_test_add_func ("/anatomy/prefix", test_prefix);
  return g_test_run ();
}
