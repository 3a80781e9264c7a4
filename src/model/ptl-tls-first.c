/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said where a plain session is to be opened on a port that begins with TLS: which ports
 * these are, the registry knows; what happens then, RFC 8446 section 4.1.2 and 6.2 say: the client
 * has the first word, and what is no handshake ends the connection. */
#include "config.h"

#include "model/ptl-tls-first.h"

#include <glib/gi18n-lib.h>

#include "registry/ptl-registry.h"

static char *
dup_warning (PtlRole      role,
             PtlTransport transport,
             uint16_t     port)
{
  if (transport == PTL_TRANSPORT_UDP)
    return role == PTL_ROLE_LISTEN
             ? g_strdup_printf (_("Datagrams to port %u are encrypted from the first one on (DTLS "
                                  "or QUIC). Portlight shows them as they come, encrypted."), port)
             : g_strdup_printf (_("Datagrams to port %u are encrypted from the first one on (DTLS "
                                  "or QUIC). Portlight sends plain ones, which a server there "
                                  "drops."), port);
  return role == PTL_ROLE_LISTEN
           ? g_strdup_printf (_("Port %u begins with TLS. Portlight answers with plain bytes, so "
                                "clients that expect TLS will give up."), port)
           : g_strdup_printf (_("Port %u begins with TLS. Portlight sends plain bytes here, so the "
                                "server will not greet, and will end the connection at the first "
                                "bytes."), port);
}

char *
ptl_tls_first_dup_text (PtlRole      role,
                        PtlTransport transport,
                        uint16_t     port)
{
  PtlRegistryTransport over = transport == PTL_TRANSPORT_TCP   ? PTL_REGISTRY_TCP
                              : transport == PTL_TRANSPORT_UDP ? PTL_REGISTRY_UDP
                                                               : PTL_REGISTRY_NO_TRANSPORT;
  g_autofree char *warning = NULL;
  g_autofree char *plain_text = NULL;
  uint16_t plain;

  if (over == PTL_REGISTRY_NO_TRANSPORT || !ptl_registry_is_tls_first (over, port))
    return NULL;
  warning = dup_warning (role, transport, port);
  plain = ptl_registry_find_plain (over, port);
  if (plain == 0)
    return g_steal_pointer (&warning);
  plain_text = g_strdup_printf (_("Without TLS at first: port %u."), plain);
  return g_strjoin (" ", warning, plain_text, NULL);
}
