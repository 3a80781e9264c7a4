/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which block of IANA's registries an address is of: the IPv4 and IPv6 Special-Purpose Address
 * Registries (RFC 6890, RFC 8190) of 2025, the IPv6 address space (RFC 4291), and the scopes of
 * multicast (RFC 4291, RFC 7346; RFC 2365, RFC 5771). */
#include "config.h"

#include "lookup/ptl-anatomy.h"

#include <arpa/inet.h>
#include <string.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

typedef struct
{
  const char *block;
  unsigned    prefix;
  PtlScope    scope;
  const char *text;
} Block;

#define PRIVATE_TEXT N_("Private: inside a site only (RFC 1918)")
#define LOOPBACK_TEXT N_("Loopback: stays on this computer")
#define LINK_LOCAL_TEXT N_("Link-local: valid on one link only, never routed")
#define DOCUMENTATION_V4_TEXT N_("Documentation: for examples only (RFC 5737)")
#define UNSPECIFIED_TEXT N_("Unspecified: any address of this computer, for bind")
#define PCP_TEXT N_("Anycast of the Port Control Protocol (PCP): the next NAT (RFC 7723)")
#define TURN_TEXT N_("Anycast of TURN: the next relay (RFC 8155)")
#define DISCOVERY_TEXT N_("NAT64 and DNS64 discovery: ipv4only.arpa (RFC 7050, RFC 8880)")
#define AMT_TEXT N_("Anycast of AMT, multicast through a tunnel (RFC 7450)")
#define AS112_TEXT N_("AS112: answers reverse names of private addresses (RFC 7535)")
#define AS112_DIRECT_TEXT N_("AS112: answers reverse names of private addresses (RFC 7534)")
#define NOT_GIVEN_TEXT \
  N_("Reserved: IANA has given this block to nobody, so it is not on the Internet (RFC 4291)")
#define MULTICAST_LINK_TEXT N_("Multicast, link-local: a group on one link, never routed")
#define MULTICAST_ORGANIZATION_TEXT \
  N_("Multicast, organization-local: all sites of one organization")
#define MULTICAST_GLOBAL_TEXT N_("Multicast, global: a group of receivers anywhere")

/* Of two that overlap, the longer prefix comes first. */
static const Block v4_blocks[] = {
  { "0.0.0.0", 32, PTL_SCOPE_UNSPECIFIED, UNSPECIFIED_TEXT },
  { "192.0.0.8", 32, PTL_SCOPE_DUMMY,
    N_("Dummy: the source of errors from where there is no IPv4 (RFC 7600)") },
  { "192.0.0.9", 32, PTL_SCOPE_ANYCAST, PCP_TEXT },
  { "192.0.0.10", 32, PTL_SCOPE_ANYCAST, TURN_TEXT },
  { "192.0.0.170", 32, PTL_SCOPE_PROTOCOLS, DISCOVERY_TEXT },
  { "192.0.0.171", 32, PTL_SCOPE_PROTOCOLS, DISCOVERY_TEXT },
  { "192.88.99.2", 32, PTL_SCOPE_6TO4_RELAY, N_("6a44 relay: IPv6 behind a NAT (RFC 6751)") },
  { "255.255.255.255", 32, PTL_SCOPE_BROADCAST, N_("Broadcast: everyone on the link") },
  { "192.0.0.0", 29, PTL_SCOPE_PROTOCOLS,
    N_("IPv4 service continuity: IPv4 inside of IPv6, 192.0.0.0/29 (RFC 7335)") },
  { "192.0.0.0", 24, PTL_SCOPE_PROTOCOLS, N_("Protocol assignments: 192.0.0.0/24 (RFC 6890)") },
  { "192.0.2.0", 24, PTL_SCOPE_DOCUMENTATION, DOCUMENTATION_V4_TEXT },
  { "192.31.196.0", 24, PTL_SCOPE_AS112, AS112_TEXT },
  { "192.52.193.0", 24, PTL_SCOPE_ANYCAST, AMT_TEXT },
  { "192.88.99.0", 24, PTL_SCOPE_6TO4_RELAY,
    N_("6to4 relay: 192.88.99.0/24, given up by RFC 7526") },
  { "192.175.48.0", 24, PTL_SCOPE_AS112, AS112_DIRECT_TEXT },
  { "198.51.100.0", 24, PTL_SCOPE_DOCUMENTATION, DOCUMENTATION_V4_TEXT },
  { "203.0.113.0", 24, PTL_SCOPE_DOCUMENTATION, DOCUMENTATION_V4_TEXT },
  { "224.0.0.0", 24, PTL_SCOPE_MULTICAST, MULTICAST_LINK_TEXT },
  { "169.254.0.0", 16, PTL_SCOPE_LINK_LOCAL, LINK_LOCAL_TEXT },
  { "192.168.0.0", 16, PTL_SCOPE_PRIVATE, PRIVATE_TEXT },
  { "239.255.0.0", 16, PTL_SCOPE_MULTICAST,
    N_("Multicast, local: the smallest area an administrator has drawn (RFC 2365)") },
  { "198.18.0.0", 15, PTL_SCOPE_BENCHMARK,
    N_("Benchmarking: for tests of network devices (RFC 2544)") },
  { "239.192.0.0", 14, PTL_SCOPE_MULTICAST, MULTICAST_ORGANIZATION_TEXT },
  { "172.16.0.0", 12, PTL_SCOPE_PRIVATE, PRIVATE_TEXT },
  { "100.64.0.0", 10, PTL_SCOPE_SHARED,
    N_("Shared: between a provider and customers, 100.64.0.0/10 (RFC 6598)") },
  { "0.0.0.0", 8, PTL_SCOPE_THIS_NETWORK, N_("This network: 0.0.0.0/8 (RFC 791)") },
  { "10.0.0.0", 8, PTL_SCOPE_PRIVATE, PRIVATE_TEXT },
  { "127.0.0.0", 8, PTL_SCOPE_LOOPBACK, LOOPBACK_TEXT },
  { "239.0.0.0", 8, PTL_SCOPE_MULTICAST,
    N_("Multicast, administratively scoped: as far as an administrator lets it (RFC 2365)") },
  { "224.0.0.0", 4, PTL_SCOPE_MULTICAST, MULTICAST_GLOBAL_TEXT },
  { "240.0.0.0", 4, PTL_SCOPE_RESERVED, N_("Reserved: 240.0.0.0/4 (RFC 1112)") },
  { "0.0.0.0", 0, PTL_SCOPE_GLOBAL, N_("Global: reachable from the whole Internet") },
};

static const Block v6_blocks[] = {
  { "::", 128, PTL_SCOPE_UNSPECIFIED, UNSPECIFIED_TEXT },
  { "::1", 128, PTL_SCOPE_LOOPBACK, LOOPBACK_TEXT },
  { "2001:1::1", 128, PTL_SCOPE_ANYCAST, PCP_TEXT },
  { "2001:1::2", 128, PTL_SCOPE_ANYCAST, TURN_TEXT },
  { "2001:1::3", 128, PTL_SCOPE_ANYCAST,
    N_("Anycast of the registration of services (SRP, RFC 9665)") },
  { "::ffff:0:0", 96, PTL_SCOPE_V4_MAPPED,
    N_("IPv4-mapped: an IPv4 address in an IPv6 socket, ::ffff:0:0/96") },
  { "64:ff9b::", 96, PTL_SCOPE_NAT64,
    N_("NAT64: an IPv4 address behind a translator, 64:ff9b::/96 (RFC 6052)") },
  { "::", 96, PTL_SCOPE_V4_COMPATIBLE, N_("IPv4-compatible: ::/96, given up by RFC 4291") },
  { "100::", 64, PTL_SCOPE_DISCARD, N_("Discard only: 100::/64 (RFC 6666)") },
  { "100:0:0:1::", 64, PTL_SCOPE_DUMMY,
    N_("Dummy: never a place, only its form counts, 100:0:0:1::/64 (RFC 9780)") },
  { "64:ff9b:1::", 48, PTL_SCOPE_NAT64_LOCAL,
    N_("NAT64 within a site: 64:ff9b:1::/48 (RFC 8215)") },
  { "2001:2::", 48, PTL_SCOPE_BENCHMARK,
    N_("Benchmarking: for tests of network devices (RFC 5180)") },
  { "2001:4:112::", 48, PTL_SCOPE_AS112, AS112_TEXT },
  { "2620:4f:8000::", 48, PTL_SCOPE_AS112, AS112_DIRECT_TEXT },
  { "2001::", 32, PTL_SCOPE_TEREDO, N_("Teredo: IPv6 in UDP over IPv4, 2001::/32 (RFC 4380)") },
  { "2001:3::", 32, PTL_SCOPE_ANYCAST, AMT_TEXT },
  { "2001:db8::", 32, PTL_SCOPE_DOCUMENTATION, N_("Documentation: for examples only (RFC 3849)") },
  { "2001:10::", 28, PTL_SCOPE_ORCHID_OLD,
    N_("ORCHID: an identifier and no place, 2001:10::/28, given up by RFC 7343") },
  { "2001:20::", 28, PTL_SCOPE_ORCHID,
    N_("ORCHIDv2: an identifier and no place, 2001:20::/28 (RFC 7343)") },
  { "2001:30::", 28, PTL_SCOPE_DRONE,
    N_("Drone Remote ID: an identifier and no place, 2001:30::/28 (RFC 9374)") },
  { "2001::", 23, PTL_SCOPE_PROTOCOLS, N_("Protocol assignments: 2001::/23 (RFC 2928)") },
  { "3fff::", 20, PTL_SCOPE_DOCUMENTATION, N_("Documentation: for examples only (RFC 9637)") },
  { "2002::", 16, PTL_SCOPE_6TO4, N_("6to4: IPv6 in IPv4, 2002::/16 (RFC 3056)") },
  { "5f00::", 16, PTL_SCOPE_SRV6,
    N_("SRv6 segment: an instruction for routers of one domain, 5f00::/16 (RFC 9602)") },
  { "fe80::", 10, PTL_SCOPE_LINK_LOCAL, LINK_LOCAL_TEXT },
  { "fec0::", 10, PTL_SCOPE_SITE_LOCAL, N_("Site-local: fec0::/10, given up by RFC 3879") },
  { "2d00::", 8, PTL_SCOPE_UNALLOCATED, NOT_GIVEN_TEXT },
  { "ff00::", 8, PTL_SCOPE_MULTICAST, NULL /* by its scope */ },
  { "2e00::", 7, PTL_SCOPE_UNALLOCATED, NOT_GIVEN_TEXT },
  { "fc00::", 7, PTL_SCOPE_UNIQUE_LOCAL,
    N_("Unique local (ULA): inside a site only, fc00::/7 (RFC 4193)") },
  { "3000::", 4, PTL_SCOPE_UNALLOCATED, NOT_GIVEN_TEXT },
  { "2000::", 3, PTL_SCOPE_GLOBAL, N_("Global: reachable from the whole Internet") },
  { "::", 0, PTL_SCOPE_UNALLOCATED, NOT_GIVEN_TEXT },
};

/* The second half of the second byte (RFC 4291 section 2.7, RFC 7346 section 2). */
static const char *const multicast_texts[16] = {
  [0x0] = N_("Multicast, reserved scope: not to be sent (RFC 4291)"),
  [0x1] = N_("Multicast, interface-local: stays on this computer"),
  [0x2] = MULTICAST_LINK_TEXT,
  [0x3] = N_("Multicast, realm-local: one kind of network, as each defines it (RFC 7346)"),
  [0x4] = N_("Multicast, admin-local: the smallest area an administrator has drawn"),
  [0x5] = N_("Multicast, site-local: one site"),
  [0x8] = MULTICAST_ORGANIZATION_TEXT,
  [0xe] = MULTICAST_GLOBAL_TEXT,
  [0xf] = N_("Multicast, reserved scope: used as global (RFC 7346)"),
};

static bool
is_in (const uint8_t *bytes,
       int            family,
       const Block   *block)
{
  uint8_t start[sizeof (struct in6_addr)];
  unsigned whole = block->prefix / 8, rest = block->prefix % 8;

  inet_pton (family, block->block, start);
  return memcmp (bytes, start, whole) == 0
         && (rest == 0 || ((bytes[whole] ^ start[whole]) >> (8 - rest)) == 0);
}

/* NULL: neither IPv4 nor IPv6. */
static const Block *
find_block (const PtlAddress *address)
{
  int family = ptl_address_get_family (address);
  bool v6 = family == AF_INET6;
  const Block *blocks = v6 ? v6_blocks : v4_blocks;
  size_t n = v6 ? G_N_ELEMENTS (v6_blocks) : G_N_ELEMENTS (v4_blocks);

  if (!v6 && family != AF_INET)
    return NULL;
  for (size_t i = 0; i < n; i++)
    if (is_in (v6 ? address->in6.sin6_addr.s6_addr : (const uint8_t *) &address->in.sin_addr,
               family, &blocks[i]))
      return &blocks[i];
  g_assert_not_reached ();
}

PtlScope
ptl_anatomy_get_scope (const PtlAddress *address)
{
  const Block *block = find_block (address);

  return block != NULL ? block->scope : PTL_SCOPE_GLOBAL;
}

const char *
ptl_anatomy_get_scope_text (const PtlAddress *address)
{
  const Block *block = find_block (address);
  const char *text;

  if (block == NULL)
    return "";
  if (block->text != NULL)
    return block->text;
  text = multicast_texts[address->in6.sin6_addr.s6_addr[1] & 0xf];
  return text != NULL ? text
                      : N_("Multicast, unassigned scope: an area an administrator may draw");
}
