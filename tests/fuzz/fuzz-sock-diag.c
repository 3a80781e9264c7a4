/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as what the kernel says of sockets: as messages of netlink, and as a line of /proc/net.
 * The first byte chooses which. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host/ptl-sock-diag-private.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  static const PtlSockAsk asks[] = {
    { PTL_SOCK_TCP, AF_INET, PTL_SOCK_BIT (PTL_SOCK_TCP), 7 },
    { PTL_SOCK_TCP, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_TCP), 7 },
    { PTL_SOCK_UNIX_STREAM, AF_UNIX, PTL_SOCK_UNIX_KINDS, 7 },
    { PTL_SOCK_PACKET, AF_PACKET, PTL_SOCK_BIT (PTL_SOCK_PACKET), 7 },
    { PTL_SOCK_NETLINK, AF_NETLINK, PTL_SOCK_BIT (PTL_SOCK_NETLINK), 7 },
    { PTL_SOCK_VSOCK, AF_VSOCK, PTL_SOCK_BIT (PTL_SOCK_VSOCK), 7 },
  };
  const PtlSockAsk *ask;
  g_autoptr (PtlSocks) socks = NULL;
  g_autofree uint8_t *copy = NULL; /* aligned, as a message is; and its end is watched */
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlSockInfo info = { 0 };
  bool done;

  if (len_bytes < 1)
    return 0;
  socks = ptl_socks_new ();
  ask = &asks[bytes[0] % G_N_ELEMENTS (asks)];
  copy = g_malloc (len_bytes);
  memcpy (copy, bytes + 1, len_bytes - 1);
  copy[len_bytes - 1] = '\0';
  if ((bytes[0] & 0x80) != 0)
    ptl_sock_proc_parse (socks, ask, PTL_SOCK_ALL_STATES, (const char *) copy);
  else
    {
      if (ptl_sock_diag_parse (socks, ask, copy, len_bytes - 1, &done) > 0)
        abort ();
      if (ptl_sock_diag_parse_info (&info, 7, copy, len_bytes - 1) > 0)
        abort ();
      if (memchr (info.congestion, '\0', sizeof info.congestion) == NULL)
        abort ();
    }
  ptl_socks_finish (socks);
  for (size_t i = 0; i < socks->n; i++)
    {
      PtlAddress address;

      if (ptl_socks_find_key (socks, socks->items[i].key) != i)
        abort ();
      if (ptl_socks_get_local (socks, &socks->items[i], &address))
        ptl_address_format (&address, text, sizeof text);
      if (ptl_socks_get_peer (socks, &socks->items[i], &address))
        ptl_address_format (&address, text, sizeof text);
    }
  return 0;
}
