/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the greeting of a port, as an answer to each question over UDP, and as the answer of
 * a whois server.  The first two bytes are the port. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "probe/ptl-port-check-greeting.h"
#include "probe/ptl-port-check-udp.h"
#include "probe/ptl-whois.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  PtlWhoisServer server, again;
  char foreign[PTL_WHOIS_SERVER_MAX + 1];
  PtlGreeting greeting;
  uint16_t port;
  size_t n;
  const PtlUdpProbe *probes = ptl_udp_probe_list (&n);

  if (len_bytes < 2)
    return 0;
  port = (uint16_t) (bytes[0] << 8 | bytes[1]);
  bytes += 2;
  len_bytes -= 2;
  greeting = ptl_greeting_recognise (bytes, len_bytes, port);
  if (greeting.source == NULL || (greeting.name == NULL && greeting.protocol != NULL))
    abort ();
  for (size_t i = 0; i < n; i++)
    (void) ptl_udp_probe_fits (&probes[i], port, bytes, len_bytes);
  if (ptl_whois_find_foreign (bytes, len_bytes, foreign) != (foreign[0] != '\0')
      || strlen (foreign) > PTL_WHOIS_SERVER_MAX)
    abort ();
  if (!ptl_whois_find_referral (bytes, len_bytes, &server))
    return 0;
  /* What it names can be typed again. */
  if (server.port == 0 || server.host[0] == '\0' || strpbrk (server.host, "\r\n/ ") != NULL
      || (strchr (server.host, ':') == NULL
          && !ptl_whois_parse_server (&again, server.host, strlen (server.host), server.port)))
    abort ();
  return 0;
}
