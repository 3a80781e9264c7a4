/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One socket address as a value: what bind, connect and accept take and give. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <linux/vm_sockets.h>

#include <glib.h>

G_BEGIN_DECLS

/* Room for any address as text, with brackets, zone, port and NUL; a byte of a Unix path may
 * take four ("\x07"). */
#define PTL_ADDRESS_TEXT_MAX 512

typedef struct
{
  socklen_t len; /* 0: no address (an unnamed Unix peer has len == sizeof (sa_family_t)) */
  union
  {
    struct sockaddr     sa;
    struct sockaddr_in  in;
    struct sockaddr_in6 in6;
    struct sockaddr_un  un;
    struct sockaddr_vm  vm;
  };
} PtlAddress;

/* Copies @len bytes of @sa; false, and an empty address, when it does not fit or is shorter than
 * its family demands.  For what the kernel or a file gave. */
bool ptl_address_from_sockaddr (PtlAddress            *address,
                                const struct sockaddr *sa,
                                socklen_t              len);

/* AF_UNIX from the bytes of a path (or, with @abstract, of a name that may hold NULs; without the
 * leading NUL).  0, or -ENAMETOOLONG, -EINVAL (empty path, NUL in a path). */
int ptl_address_set_unix (PtlAddress *address,
                          const char *name,
                          size_t      len_bytes,
                          bool        abstract);

int      ptl_address_get_family (const PtlAddress *address); /* AF_UNSPEC when empty */
uint16_t ptl_address_get_port   (const PtlAddress *address); /* host order, 0 where there is none */
void     ptl_address_set_port   (PtlAddress *address,
                                 uint16_t    port);
/* An IPv4 address carried in IPv6 (::ffff:a.b.c.d) becomes the IPv4 one (RFC 4291 section
 * 2.5.5.2). */
void     ptl_address_unmap      (PtlAddress *address);

bool     ptl_address_equal (const PtlAddress *a, /* port and zone included */
                            const PtlAddress *b);
/* without the port; zones compared only when both have one */
bool     ptl_address_equal_host (const PtlAddress *a,
                                 const PtlAddress *b);
uint32_t ptl_address_hash  (const PtlAddress *address);
bool     ptl_address_is_any       (const PtlAddress *address);
bool     ptl_address_is_loopback  (const PtlAddress *address); /* AF_UNIX counts */
bool     ptl_address_is_multicast (const PtlAddress *address);
bool     ptl_address_is_link_local (const PtlAddress *address); /* 169.254/16, fe80::/10 */
/* The value of a "nameserver" line, as the C library reads it: to its first blank, inet_aton(3)
 * ("127.5" is 127.0.0.5) or IPv6 with a zone; port 53.  False: it takes the line for none. */
bool     ptl_address_parse_server (PtlAddress *address,
                                   const char *text,
                                   size_t      len);

/* "127.0.0.1:80", "[fe80::1%eth0]:80", "/run/x.sock", "@name", "unnamed", "vsock 2:99".  Bytes of
 * a Unix name that are not printable ASCII are shown as \xNN, a backslash as \\.  Always
 * NUL-terminated within @size; returns @buffer.  Any thread. */
char *ptl_address_format      (const PtlAddress *address,
                               char             *buffer,
                               size_t            size);
/* The same without port and brackets. */
char *ptl_address_format_host (const PtlAddress *address,
                               char             *buffer,
                               size_t            size);

G_END_DECLS
