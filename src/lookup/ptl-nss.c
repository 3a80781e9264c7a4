/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The services of this computer, and the names of addresses. */
#include "config.h"

#include "lookup/ptl-nss.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#include <glib.h>

#include "base/ptl-codec.h"
#include "lookup/ptl-lookup-pool-private.h"

#define SERVICE_BUFFER 4096

static char *
make_safe (const char *text)
{
  return ptl_codec_preview ((const uint8_t *) text, strlen (text), 256);
}

void
ptl_nss_service_clear (PtlNssService *service)
{
  g_clear_pointer (&service->name, g_free);
  g_clear_pointer (&service->aliases, g_free);
}

static bool
take_service (PtlNssService        *service,
              const struct servent *found)
{
  g_autoptr (GString) aliases = g_string_new (NULL);

  *service = (PtlNssService) { 0 };
  if (found == NULL)
    return false;
  for (char **alias = found->s_aliases; *alias != NULL; alias++)
    g_string_append_printf (aliases, "%s%s", aliases->len > 0 ? " " : "", *alias);
  service->name = make_safe (found->s_name);
  service->aliases = make_safe (aliases->str);
  service->port = ntohs ((uint16_t) found->s_port);
  return true;
}

bool
ptl_nss_find_service (const char    *name,
                      const char    *transport,
                      PtlNssService *service)
{
  struct servent entry, *found = NULL;
  char buffer[SERVICE_BUFFER];

  if (getservbyname_r (name, transport, &entry, buffer, sizeof buffer, &found) != 0)
    found = NULL;
  return take_service (service, found);
}

bool
ptl_nss_find_port (uint16_t       port,
                   const char    *transport,
                   PtlNssService *service)
{
  struct servent entry, *found = NULL;
  char buffer[SERVICE_BUFFER];

  if (getservbyport_r (htons (port), transport, &entry, buffer, sizeof buffer, &found) != 0)
    found = NULL;
  return take_service (service, found);
}

/* getnameinfo(3) in the shape of getaddrinfo(3): one list entry that is the address itself, with
 * the name found as canonical name. */
static int
get_name (const char             *host,
          const char             *service,
          const struct addrinfo  *hints,
          struct addrinfo       **result)
{
  PtlAddress address;
  char name[NI_MAXHOST];
  struct addrinfo *info;
  int failed;

  *result = NULL;
  if (host == NULL || !ptl_nss_parse_address (host, &address))
    return EAI_NONAME;
  failed = getnameinfo (&address.sa, address.len, name, sizeof name, NULL, 0, NI_NAMEREQD);
  if (failed != 0)
    return failed;
  info = g_malloc0 (sizeof *info + sizeof address);
  info->ai_family = address.sa.sa_family;
  info->ai_addrlen = address.len;
  info->ai_addr = memcpy (info + 1, &address.sa, address.len);
  info->ai_canonname = make_safe (name);
  *result = info;
  return 0;
}

static void
free_name (struct addrinfo *result)
{
  g_free (result->ai_canonname);
  g_free (result);
}

PtlLookupPool *
ptl_nss_reverse_pool_new (void)
{
  PtlLookupPool *pool = ptl_lookup_pool_new ();

  if (pool != NULL)
    ptl_lookup_pool_set_functions (pool, get_name, free_name);
  return pool;
}
