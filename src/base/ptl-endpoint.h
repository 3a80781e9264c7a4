/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host and a port as people type them.  The one parser for forms, command line and files.
 *
 *   host    "" (or an asterisk)       any address (INADDR_ANY, in6addr_any)
 *           <broadcast>                255.255.255.255 (INADDR_BROADCAST)
 *           2130706433  0x7f000001     an IPv4 address as an integer in host byte order
 *           127.0.0.1                  a dotted quad: four decimal numbers (inet_pton(3))
 *           ::1  [::1]  fe80::1%eth0   IPv6, with a zone by name or number (RFC 4007 section 11)
 *           example.org  bücher.example  a name; 253 characters at most, labels of 63
 *   port    80  " 80 "  0x50 is not    a number 0 to 65535, or
 *           http                       a service name (RFC 6335 section 5.1), resolved later
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ptl-address.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_HOST_ANY,
  PTL_HOST_BROADCAST,
  PTL_HOST_IPV4,
  PTL_HOST_IPV6,
  PTL_HOST_NAME,
  PTL_HOST_UNIX_PATH,
  PTL_HOST_UNIX_ABSTRACT,
  PTL_HOST_VSOCK /* a context id: a number, or "any", "local", "host" (vsock(7)) */
} PtlHostKind;

typedef struct
{
  PtlHostKind host_kind;
  /* set for IPV4, IPV6, BROADCAST, UNIX_*, VSOCK; without port unless it is a number */
  PtlAddress  address;
  char       *host;    /* owned; as typed, trimmed; for Unix the path or name; never NULL */
  /* owned; the zone's name or number, or NULL.  A zone that is not an interface
   * now is kept: sin6_scope_id is 0 and it is resolved when the session opens */
  char       *zone;
  char       *service; /* owned; a service name, or NULL when port is a number */
  uint32_t    port;    /* host order; for vsock 32 bits; 0 with a service */
} PtlEndpoint;

void ptl_endpoint_clear (PtlEndpoint *endpoint);
void ptl_endpoint_copy  (PtlEndpoint       *to, /* not set before */
                         const PtlEndpoint *from);
bool ptl_endpoint_equal (const PtlEndpoint *a,
                         const PtlEndpoint *b);

/* Parses @host and @port as typed in two fields.  On failure @endpoint is cleared, @error says
 * what is wrong and names the character ("character 4, “x”: ..."; counted in characters from 1),
 * and *@at (may be NULL) is its byte offset in the field that is wrong; *@in_port which one. */
bool ptl_endpoint_parse_host_port (PtlEndpoint *endpoint,
                                   const char  *host,
                                   const char  *port,
                                   size_t      *at,
                                   bool        *in_port,
                                   GError     **error);

/* The same for vsock(7): @cid a number, "any", "hypervisor", "local", "host" or "" (any); @port a
 * number of 32 bits or "any". */
bool ptl_endpoint_parse_vsock (PtlEndpoint *endpoint,
                               const char  *cid,
                               const char  *port,
                               size_t      *at,
                               bool        *in_port,
                               GError     **error);

/* Parses "host:port", "[v6]:port", "host" ":port" from one field (@default_port may be NULL: then
 * the port must be there).  An IPv6 address without brackets has no port. */
bool ptl_endpoint_parse (PtlEndpoint *endpoint,
                         const char  *text,
                         const char  *default_port,
                         size_t      *at,
                         GError     **error);

/* A Unix socket as typed: "/run/x.sock", "./x", "@name"; the escapes of ptl_codec_parse_text()
 * are understood after "@", and endpoint->host has them (without the "@").  Nothing is trimmed.  A
 * path with control or bidirectional characters or invalid UTF-8 is refused: it could not be
 * shown. */
bool ptl_endpoint_parse_unix (PtlEndpoint *endpoint,
                              const char  *text,
                              size_t      *at,
                              GError     **error);

/* "host:port" in the form that parses back to an equal endpoint.  Owned by the caller. */
char *ptl_endpoint_to_text (const PtlEndpoint *endpoint);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtlEndpoint, ptl_endpoint_clear)

G_END_DECLS
