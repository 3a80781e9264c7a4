/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host that somebody types to ping, to trace or to check. */
#include "config.h"

#include "model/ptl-probe-host.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"

/* Whether it is a host with a port behind it: "host:80", "[::1]:80". */
static gboolean
has_port (const char *text)
{
  const char *colon = strrchr (text, ':');
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autofree char *host = NULL;

  if (colon == NULL || colon == text || (strchr (text, ':') != colon && colon[-1] != ']'))
    return FALSE;
  host = g_strndup (text, colon - text);
  return ptl_endpoint_parse_host_port (&endpoint, host, "0", NULL, NULL, NULL);
}

gboolean
ptl_probe_host_check_zone (const PtlEndpoint  *endpoint,
                           GError            **error)
{
  if (endpoint->zone == NULL || endpoint->address.in6.sin6_scope_id != 0)
    return TRUE;
  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE, _("This computer has no interface “%s”"),
               endpoint->zone);
  return FALSE;
}

gboolean
ptl_probe_host_parse (PtlEndpoint  *endpoint,
                      const char   *text,
                      GError      **error)
{
  if (!ptl_endpoint_parse_host_port (endpoint, text, "0", NULL, NULL, error))
    {
      if (!has_port (text))
        return FALSE;
      g_clear_error (error);
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("a host is asked here, without “%s”; probes by TCP or UDP have their port "
                     "under Options"), strrchr (text, ':'));
      return FALSE;
    }
  return ptl_probe_host_check_zone (endpoint, error);
}
