/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is sent to a UDP port to see whether something answers: for known protocols a question that
 * its specification has and that changes nothing, for others an empty datagram. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_UDP_PROBE_MAX 1232 /* bytes of a payload: fits the smallest MTU of IPv6 */

typedef struct
{
  uint16_t    port;
  const char *name;         /* "DNS" */
  const char *protocol;     /* its id in the reference, or NULL */
  const char *question;     /* what is asked, translatable */
  const char *source;       /* "RFC 1035 section 4.1" */
  bool        other_port;   /* the answer comes from another port (RFC 1350 section 4) */
  const char *silence;      /* why one that works may keep silent, translatable; NULL */
} PtlUdpProbe;

/* The one for @port, or NULL: an empty datagram.  Static; any thread, like all here. */
const PtlUdpProbe *ptl_udp_probe_find  (uint16_t port);
const PtlUdpProbe *ptl_udp_probe_list  (size_t *n);
/* The bytes, with @id where the protocol has a number for a question; @host is for the protocols
 * that name it ("example.org", an address), @address for those that ask about it, @own is the one
 * that it is sent from.  Returns the length. */
size_t             ptl_udp_probe_build (const PtlUdpProbe *probe,
                                        uint16_t           id,
                                        const char        *host,
                                        const PtlAddress  *address,
                                        const PtlAddress  *own,
                                        uint8_t            payload[PTL_UDP_PROBE_MAX]);
/* Whether nothing is asked: of a protocol that has no question, or answers none. */
bool               ptl_udp_probe_is_empty (const PtlUdpProbe *probe);
/* Whether @bytes look like an answer to it; false does not mean that the port is not open. */
bool               ptl_udp_probe_fits  (const PtlUdpProbe *probe,
                                        uint16_t           id,
                                        const uint8_t     *bytes,
                                        size_t             len_bytes);

G_END_DECLS
