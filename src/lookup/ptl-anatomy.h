/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an address is made of, and what lies in its subnet.  Pure functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_ANATOMY_NUMBER_MAX 40  /* 2^128 in decimal, and NUL */
#define PTL_ANATOMY_BINARY_MAX 256 /* 128 bits with their separators */

/* Which block of the special-purpose registries an address is of (RFC 6890, RFC 4291). */
typedef enum
{
  PTL_SCOPE_GLOBAL,
  PTL_SCOPE_UNSPECIFIED,
  PTL_SCOPE_THIS_NETWORK,   /* 0.0.0.0/8 */
  PTL_SCOPE_LOOPBACK,
  PTL_SCOPE_PRIVATE,        /* RFC 1918 */
  PTL_SCOPE_SHARED,         /* 100.64.0.0/10, RFC 6598 */
  PTL_SCOPE_LINK_LOCAL,
  PTL_SCOPE_SITE_LOCAL,     /* fec0::/10, RFC 3879 */
  PTL_SCOPE_UNIQUE_LOCAL,   /* fc00::/7, RFC 4193 */
  PTL_SCOPE_MULTICAST,
  PTL_SCOPE_BROADCAST,
  PTL_SCOPE_DOCUMENTATION,
  PTL_SCOPE_BENCHMARK,
  PTL_SCOPE_PROTOCOLS,      /* 192.0.0.0/24, 2001::/23 */
  PTL_SCOPE_ANYCAST,        /* of one protocol: PCP, TURN, AMT ... */
  PTL_SCOPE_AS112,          /* RFC 7534, RFC 7535 */
  PTL_SCOPE_DUMMY,          /* 192.0.0.8, 100:0:0:1::/64 */
  PTL_SCOPE_6TO4_RELAY,     /* 192.88.99.0/24 */
  PTL_SCOPE_RESERVED,       /* 240.0.0.0/4 */
  PTL_SCOPE_V4_MAPPED,
  PTL_SCOPE_V4_COMPATIBLE,
  PTL_SCOPE_NAT64,          /* 64:ff9b::/96, RFC 6052 */
  PTL_SCOPE_NAT64_LOCAL,    /* 64:ff9b:1::/48, RFC 8215 */
  PTL_SCOPE_DISCARD,        /* 100::/64, RFC 6666 */
  PTL_SCOPE_TEREDO,         /* 2001::/32 */
  PTL_SCOPE_ORCHID,         /* 2001:20::/28 */
  PTL_SCOPE_ORCHID_OLD,     /* 2001:10::/28 */
  PTL_SCOPE_DRONE,          /* 2001:30::/28, RFC 9374 */
  PTL_SCOPE_6TO4,           /* 2002::/16 */
  PTL_SCOPE_SRV6,           /* 5f00::/16, RFC 9602 */
  PTL_SCOPE_UNALLOCATED     /* of IPv6, given to nobody */
} PtlScope;

PtlScope    ptl_anatomy_get_scope      (const PtlAddress *address);
/* "Private: ...", with the RFC; of multicast how far it goes (untranslated, for _()). */
const char *ptl_anatomy_get_scope_text (const PtlAddress *address);

/* The IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo's client). */
bool ptl_anatomy_get_inner_v4 (const PtlAddress *address,
                               PtlAddress       *inner);
/* The MAC address inside a modified EUI-64 (RFC 4291 appendix A). */
bool ptl_anatomy_get_mac      (const PtlAddress *address,
                               uint8_t           mac[6]);

/* As an integer in host byte order; returns @buffer. */
char *ptl_anatomy_format_integer (const PtlAddress *address,
                                  char              buffer[PTL_ANATOMY_NUMBER_MAX]);
/* "0x7f000001"; what a little-endian machine reads from the bytes when @swapped: "0x0100007f". */
char *ptl_anatomy_format_hex     (const PtlAddress *address,
                                  bool              swapped,
                                  char              buffer[PTL_ANATOMY_NUMBER_MAX]);
/* "01111111.00000000|.00000000.00000001": a bar behind the bits of the prefix (none: -1). */
char *ptl_anatomy_format_binary  (const PtlAddress *address,
                                  int               prefix,
                                  char              buffer[PTL_ANATOMY_BINARY_MAX]);
/* "2001:0db8:0000:...": nothing shortened. */
char *ptl_anatomy_format_long    (const PtlAddress *address,
                                  char              buffer[PTL_ADDRESS_TEXT_MAX]);

typedef struct
{
  unsigned   prefix;
  PtlAddress network;
  PtlAddress mask;      /* IPv4 and IPv6 */
  PtlAddress wildcard;  /* its complement */
  PtlAddress last;      /* IPv4: the broadcast address, with a prefix up to 30 */
  PtlAddress first_host;
  PtlAddress last_host;
  bool       has_broadcast;
  char       count[PTL_ANATOMY_NUMBER_MAX];       /* of all addresses */
  char       host_count[PTL_ANATOMY_NUMBER_MAX];  /* of those for hosts */
} PtlSubnet;

unsigned ptl_anatomy_get_width (const PtlAddress *address); /* 32, 128; 0: neither */
/* False when @prefix is more than the address has. */
bool ptl_subnet_init     (PtlSubnet        *subnet,
                          const PtlAddress *address,
                          unsigned          prefix);
bool ptl_subnet_contains (const PtlSubnet  *subnet,
                          const PtlAddress *address);
/* "24", "/24", "255.255.255.0"; false: neither, or the mask has holes. */
bool ptl_subnet_parse_prefix (const char       *text,
                              const PtlAddress *address,
                              unsigned         *prefix,
                              GError          **error);

G_END_DECLS
