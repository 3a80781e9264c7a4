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

size_t
ptl_listening_list (const PtlListening  *here,
                    PtlRegistryTransport transport,
                    uint16_t             first,
                    uint16_t             last,
                    uint16_t            *ports,
                    size_t               max)
{
  bool is_any = transport == PTL_REGISTRY_NO_TRANSPORT;
  uint64_t tcp = is_any || transport == PTL_REGISTRY_TCP ? UINT64_MAX : 0;
  uint64_t udp = is_any || transport == PTL_REGISTRY_UDP ? UINT64_MAX : 0;
  size_t n = 0;

  if ((tcp | udp) == 0 || first > last)
    return 0;
  /* 64 ports at a time: there are ranges of thousands. */
  for (uint32_t i = first / 64; i <= last / 64; i++)
    {
      uint64_t bits = (here->tcp[i] & tcp) | (here->udp[i] & udp);

      if (i == first / 64)
        bits &= UINT64_MAX << (first % 64);
      if (i == last / 64)
        bits &= UINT64_MAX >> (63 - last % 64);
      for (; bits != 0; bits &= bits - 1)
        {
          if (n == max)
            return n;
          ports[n++] = (uint16_t) (i * 64 + (uint32_t) __builtin_ctzll (bits));
        }
    }
  return n;
}

bool
ptl_listening_find (const PtlListening  *here,
                    PtlRegistryTransport transport,
                    uint16_t             first,
                    uint16_t             last,
                    uint16_t            *port)
{
  return ptl_listening_list (here, transport, first, last, port, 1) == 1;
}
