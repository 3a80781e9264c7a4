/* SPDX-License-Identifier: GPL-3.0-or-later */
/* On which ports this computer listens now, as the kernel lists its sockets. */
#include "config.h"

#include "registry/ptl-listening.h"

#include <stdio.h>
#include <string.h>

/* net/tcp_states.h; an unconnected UDP socket is "closed" */
#define STATE_LISTEN 0x0a
#define STATE_CLOSE 0x07

/* "   0: 0100007F:0277 00000000:0000 0A ..."; addresses of IPv6 have 32 digits. */
static void
read_file (const char *folder,
           const char *name,
           unsigned    state_wanted,
           uint64_t   *bits)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  FILE *file = fopen (path, "re");
  char line[512];

  if (file == NULL)
    return;
  for (unsigned n = 0; n < PTL_LISTENING_LINES_MAX && fgets (line, sizeof line, file) != NULL; n++)
    {
      unsigned port, state;

      if (sscanf (line, " %*u: %*32[0-9A-Fa-f]:%4x %*32[0-9A-Fa-f]:%*4x %2x", &port, &state) == 2
          && state == state_wanted && port != 0)
        bits[port / 64] |= UINT64_C (1) << (port % 64);
    }
  fclose (file);
}

void
ptl_listening_read (PtlListening *here,
                    const char   *folder)
{
  if (folder == NULL)
    folder = "/proc/self/net";
  memset (here, 0, sizeof *here);
  read_file (folder, "tcp", STATE_LISTEN, here->tcp);
  read_file (folder, "tcp6", STATE_LISTEN, here->tcp);
  read_file (folder, "udp", STATE_CLOSE, here->udp);
  read_file (folder, "udp6", STATE_CLOSE, here->udp);
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
