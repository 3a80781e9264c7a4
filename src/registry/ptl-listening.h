/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On which ports this computer listens now. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "registry/ptl-registry.h"

G_BEGIN_DECLS

/* A bit for each port.  A value: copy it. */
typedef struct
{
  uint64_t tcp[65536 / 64];
  uint64_t udp[65536 / 64];
} PtlListening;

/* Port 0, and transports that are neither TCP nor UDP, are left out. */
void ptl_listening_add (PtlListening        *here, /* zeros at first */
                        PtlRegistryTransport transport,
                        uint16_t             port);
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

/* Those of @first to @last in order, @max of them at most, over @transport, or over any one if that
 * is PTL_REGISTRY_NO_TRANSPORT; returns how many. */
size_t ptl_listening_list (const PtlListening  *here,
                           PtlRegistryTransport transport,
                           uint16_t             first,
                           uint16_t             last,
                           uint16_t            *ports,
                           size_t               max);

/* The first of them; *@port says which. */
bool ptl_listening_find (const PtlListening  *here,
                         PtlRegistryTransport transport,
                         uint16_t             first,
                         uint16_t             last,
                         uint16_t            *port);

G_END_DECLS
