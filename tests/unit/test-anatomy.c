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
    { "100::1", PTL_SCOPE_DISCARD }, { "100:0:0:1::1", PTL_SCOPE_GLOBAL },
    { "2001::1", PTL_SCOPE_TEREDO }, { "2001:2::1", PTL_SCOPE_BENCHMARK },
    { "2001:20::1", PTL_SCOPE_ORCHID }, { "2001:2f:ffff::", PTL_SCOPE_ORCHID },
    { "2001:30::", PTL_SCOPE_GLOBAL }, { "2001:db8::1", PTL_SCOPE_DOCUMENTATION },
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
      g_assert_nonnull (ptl_scope_get_text (cases[i].scope));
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
  g_test_add_func ("/anatomy/inside", test_inside);
  g_test_add_func ("/anatomy/forms", test_forms);
  g_test_add_func ("/anatomy/subnets", test_subnets);
  g_test_add_func ("/anatomy/prefix", test_prefix);
  return g_test_run ();
}
