/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an address is made of, and what lies in its subnet. */
#include "config.h"

#include "lookup/ptl-anatomy.h"

#include <arpa/inet.h>
#include <string.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"

__extension__ typedef unsigned __int128 Wide;

unsigned
ptl_anatomy_get_width (const PtlAddress *address)
{
  switch (ptl_address_get_family (address))
    {
    case AF_INET:
      return 32;
    case AF_INET6:
      return 128;
    default:
      return 0;
    }
}

static const uint8_t *
get_bytes (const PtlAddress *address,
           unsigned         *n)
{
  *n = ptl_anatomy_get_width (address) / 8;
  return *n == 16 ? address->in6.sin6_addr.s6_addr : (const uint8_t *) &address->in.sin_addr;
}

static Wide
to_wide (const PtlAddress *address)
{
  unsigned n;
  const uint8_t *bytes = get_bytes (address, &n);
  Wide wide = 0;

  for (unsigned i = 0; i < n; i++)
    wide = wide << 8 | bytes[i];
  return wide;
}

static void
from_wide (PtlAddress       *to,
           const PtlAddress *like,
           Wide              wide)
{
  unsigned n;
  uint8_t *bytes;

  *to = *like;
  ptl_address_set_port (to, 0);
  bytes = (uint8_t *) get_bytes (to, &n);
  while (n-- > 0)
    {
      bytes[n] = (uint8_t) wide;
      wide >>= 8;
    }
}

static char *
format_wide (Wide  wide,
             char *buffer)
{
  char digits[PTL_ANATOMY_NUMBER_MAX];
  unsigned n = 0;

  do
    {
      digits[n++] = (char) ('0' + (unsigned) (wide % 10));
      wide /= 10;
    }
  while (wide > 0);
  for (unsigned i = 0; i < n; i++)
    buffer[i] = digits[n - 1 - i];
  buffer[n] = '\0';
  return buffer;
}

static Wide
make_mask (unsigned width,
           unsigned prefix)
{
  Wide all = width == 128 ? ~(Wide) 0 : ((Wide) 1 << width) - 1;

  return prefix == 0 ? 0 : all & (all << (width - prefix));
}

bool
ptl_anatomy_get_inner_v4 (const PtlAddress *address,
                          PtlAddress       *inner)
{
  const uint8_t *bytes = address->in6.sin6_addr.s6_addr;
  uint8_t v4[4];

  memset (inner, 0, sizeof *inner);
  if (ptl_address_get_family (address) != AF_INET6)
    return false;
  switch (ptl_anatomy_get_scope (address))
    {
    case PTL_SCOPE_V4_MAPPED:
    case PTL_SCOPE_V4_COMPATIBLE:
    case PTL_SCOPE_NAT64:
      memcpy (v4, bytes + 12, sizeof v4);
      break;
    case PTL_SCOPE_6TO4:
      memcpy (v4, bytes + 2, sizeof v4);
      break;
    case PTL_SCOPE_TEREDO:
      /* The client's address is there inverted (RFC 4380 section 4). */
      for (unsigned i = 0; i < sizeof v4; i++)
        v4[i] = bytes[12 + i] ^ 0xff;
      break;
    default:
      return false;
    }
  inner->len = sizeof inner->in;
  inner->in.sin_family = AF_INET;
  memcpy (&inner->in.sin_addr, v4, sizeof v4);
  return true;
}

bool
ptl_anatomy_get_mac (const PtlAddress *address,
                     uint8_t           mac[6])
{
  const uint8_t *id = address->in6.sin6_addr.s6_addr + 8;

  memset (mac, 0, 6);
  if (ptl_address_get_family (address) != AF_INET6 || ptl_address_is_multicast (address)
      || id[3] != 0xff || id[4] != 0xfe)
    return false;
  mac[0] = id[0] ^ 2;
  mac[1] = id[1];
  mac[2] = id[2];
  memcpy (mac + 3, id + 5, 3);
  return true;
}

char *
ptl_anatomy_format_integer (const PtlAddress *address,
                            char              buffer[PTL_ANATOMY_NUMBER_MAX])
{
  return format_wide (to_wide (address), buffer);
}

char *
ptl_anatomy_format_hex (const PtlAddress *address,
                        bool              swapped,
                        char              buffer[PTL_ANATOMY_NUMBER_MAX])
{
  static const char digits[] = "0123456789abcdef";
  unsigned n, at = 0;
  const uint8_t *bytes = get_bytes (address, &n);

  buffer[at++] = '0';
  buffer[at++] = 'x';
  for (unsigned i = 0; i < n; i++)
    {
      uint8_t byte = bytes[swapped ? n - 1 - i : i];

      buffer[at++] = digits[byte >> 4];
      buffer[at++] = digits[byte & 15];
    }
  buffer[at] = '\0';
  return buffer;
}

char *
ptl_anatomy_format_binary (const PtlAddress *address,
                           int               prefix,
                           char              buffer[PTL_ANATOMY_BINARY_MAX])
{
  unsigned n, at = 0;
  const uint8_t *bytes = get_bytes (address, &n);
  unsigned group = n == 16 ? 16 : 8;

  for (unsigned bit = 0; bit < n * 8; bit++)
    {
      if (prefix >= 0 && bit == (unsigned) prefix)
        buffer[at++] = '|';
      if (bit > 0 && bit % group == 0)
        buffer[at++] = n == 16 ? ':' : '.';
      buffer[at++] = (bytes[bit / 8] >> (7 - bit % 8)) & 1 ? '1' : '0';
    }
  if (prefix >= 0 && (unsigned) prefix == n * 8)
    buffer[at++] = '|';
  buffer[at] = '\0';
  return buffer;
}

char *
ptl_anatomy_format_long (const PtlAddress *address,
                         char              buffer[PTL_ADDRESS_TEXT_MAX])
{
  unsigned n;
  const uint8_t *bytes = get_bytes (address, &n);
  size_t at = 0;

  if (n != 16)
    return ptl_address_format_host (address, buffer, PTL_ADDRESS_TEXT_MAX);
  for (unsigned i = 0; i < 16; i += 2)
    at += (size_t) g_snprintf (buffer + at, PTL_ADDRESS_TEXT_MAX - at, "%s%02x%02x",
                               i > 0 ? ":" : "", bytes[i], bytes[i + 1]);
  return buffer;
}

bool
ptl_subnet_init (PtlSubnet        *subnet,
                 const PtlAddress *address,
                 unsigned          prefix)
{
  unsigned width = ptl_anatomy_get_width (address);
  Wide mask, network, last, count;

  memset (subnet, 0, sizeof *subnet);
  if (width == 0 || prefix > width)
    return false;
  mask = make_mask (width, prefix);
  network = to_wide (address) & mask;
  last = network | (make_mask (width, width) & ~mask);
  subnet->prefix = prefix;
  from_wide (&subnet->network, address, network);
  from_wide (&subnet->mask, address, mask);
  from_wide (&subnet->wildcard, address, last - network);
  from_wide (&subnet->last, address, last);
  /* A link between two routers has no broadcast address (RFC 3021); IPv6 has none at all. */
  subnet->has_broadcast = width == 32 && prefix <= 30;
  from_wide (&subnet->first_host, address, subnet->has_broadcast ? network + 1 : network);
  from_wide (&subnet->last_host, address, subnet->has_broadcast ? last - 1 : last);
  if (width == 128 && prefix == 0)
    {
      g_strlcpy (subnet->count, "340282366920938463463374607431768211456", sizeof subnet->count);
      g_strlcpy (subnet->host_count, subnet->count, sizeof subnet->host_count);
      return true;
    }
  count = last - network + 1;
  format_wide (count, subnet->count);
  format_wide (subnet->has_broadcast ? count - 2 : count, subnet->host_count);
  return true;
}

bool
ptl_subnet_contains (const PtlSubnet  *subnet,
                     const PtlAddress *address)
{
  return ptl_address_get_family (address) == ptl_address_get_family (&subnet->network)
         && ((to_wide (address) ^ to_wide (&subnet->network)) & to_wide (&subnet->mask)) == 0;
}

bool
ptl_subnet_parse_prefix (const char       *text,
                         const PtlAddress *address,
                         unsigned         *prefix,
                         GError          **error)
{
  g_autofree char *typed = g_strstrip (g_strdup (text));
  const char *at = *typed == '/' ? typed + 1 : typed;
  unsigned width = ptl_anatomy_get_width (address);
  struct in_addr mask;
  uint64_t number;
  uint32_t bits;

  *prefix = 0;
  if (g_ascii_string_to_unsigned (at, 10, 0, width, &number, NULL))
    {
      *prefix = (unsigned) number;
      return true;
    }
  if (width == 32 && inet_pton (AF_INET, at, &mask) == 1)
    {
      bits = ntohl (mask.s_addr);
      if ((~bits & (~bits + 1)) == 0)
        {
          *prefix = (unsigned) __builtin_popcount (bits);
          return true;
        }
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE, _("The mask %s has holes"), at);
      return false;
    }
  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
               width == 32 ? _("A prefix is a number from 0 to %u, or a mask")
                           : _("A prefix is a number from 0 to %u"), width);
  return false;
}
