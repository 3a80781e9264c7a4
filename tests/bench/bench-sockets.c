/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of sockets and their owners, read once each, without a window: how long, how large. */
#include "config.h"

#include <stdio.h>

#include "base/ptl-clock.h"
#include "host/ptl-owners.h"
#include "host/ptl-sock-diag.h"

int
main (void)
{
  uint64_t start = ptl_clock_monotonic_ns (), read, owned;
  g_autoptr (PtlSocks) socks = ptl_socks_read (NULL);
  g_autoptr (PtlOwners) owners = NULL;
  size_t n_owned = 0;

  read = ptl_clock_monotonic_ns ();
  owners = ptl_owners_read (NULL, NULL);
  owned = ptl_clock_monotonic_ns ();
  for (size_t i = 0; i < socks->n; i++)
    {
      const PtlOwner *first;

      n_owned += ptl_owners_find (owners, socks->items[i].inode, &first) > 0;
    }
  printf ("{\"sockets\": %zu, \"dump_ns\": %" G_GUINT64_FORMAT ", \"owners_ns\": %" G_GUINT64_FORMAT
          ", \"owned\": %zu, \"match_ns\": %" G_GUINT64_FORMAT ", \"bytes\": %zu}\n",
          socks->n, read - start, owned - read, n_owned, ptl_clock_monotonic_ns () - owned,
          socks->size * sizeof *socks->items + socks->names_size
            + socks->by_key_size * sizeof *socks->by_key + owners->size * sizeof *owners->items
            + owners->processes_size * sizeof *owners->processes);
  return 0;
}
