/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On which ports this computer listens now. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "registry/ptl-registry.h"

G_BEGIN_DECLS

#define PTL_LISTENING_LINES_MAX 2000000u /* of one file; a busy server has a few 100,000 */

/* A bit for each port.  A value: copy it. */
typedef struct
{
  uint64_t tcp[65536 / 64];
  uint64_t udp[65536 / 64];
} PtlListening;

/* Reads tcp, tcp6, udp and udp6 in @folder (NULL: /proc/self/net), proc_net_tcp(5): TCP sockets
 * that listen, UDP sockets that are bound and not connected.  A file that is not there has none.
 * Reads as long as there are sockets: not in the main thread. */
void ptl_listening_read (PtlListening *here,
                         const char   *folder);
bool ptl_listening_equal (const PtlListening *a,
                          const PtlListening *b);

static inline bool
ptl_listening_has (const PtlListening  *here,
                   PtlRegistryTransport transport,
                   uint16_t             port)
{
  const uint64_t *bits = transport == PTL_REGISTRY_TCP ? here->tcp
                         : transport == PTL_REGISTRY_UDP ? here->udp : NULL;

  return bits != NULL && (bits[port / 64] >> (port % 64) & 1) != 0;
}

/* One of @first to @last; *@port says which. */
bool ptl_listening_find (const PtlListening  *here,
                         PtlRegistryTransport transport,
                         uint16_t             first,
                         uint16_t             last,
                         uint16_t            *port);

G_END_DECLS
