/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ports on which something listens. */
#include "config.h"

#include "registry/ptl-listening.h"

#include <string.h>

void
ptl_listening_add (PtlListening        *here,
                   PtlRegistryTransport transport,
                   uint16_t             port)
{
  uint64_t *bits = transport == PTL_REGISTRY_TCP ? here->tcp
                   : transport == PTL_REGISTRY_UDP ? here->udp : NULL;

  if (bits != NULL && port != 0)
    bits[port / 64] |= UINT64_C (1) << (port % 64);
}

bool
ptl_listening_equal (const PtlListening *a,
                     const PtlListening *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

bool
ptl_listening_find (const PtlListening  *here,
                    PtlRegistryTransport transport,
                    uint16_t             first,
                    uint16_t             last,
                    uint16_t            *port)
{
  for (uint32_t i = first; i <= last; i++)
    if (ptl_listening_has (here, transport, (uint16_t) i))
      {
        *port = (uint16_t) i;
        return true;
      }
  return false;
}
