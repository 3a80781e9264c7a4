/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ports of a listener, as people list them: "80", "http, 8080", "8000-8010". */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-parse.h"
#include "base/ptl-spec-private.h"

/* A port that the kernel chooses is another one each time. */
static bool
is_chosen_by_kernel (const PtlEndpoint *endpoint)
{
  if (endpoint->host_kind == PTL_HOST_VSOCK)
    return endpoint->port == UINT32_MAX; /* VMADDR_PORT_ANY */
  return endpoint->host_kind != PTL_HOST_UNIX_PATH &&
         endpoint->host_kind != PTL_HOST_UNIX_ABSTRACT && endpoint->port == 0 &&
         endpoint->service == NULL;
}

char *
ptl_spec_take_once (PtlSpec     *spec,
                    PtlEndpoint *endpoint)
{
  char *why = NULL;

  if (!is_chosen_by_kernel (endpoint))
    for (unsigned i = 0; i < spec->n_endpoints; i++)
      if (ptl_endpoint_equal (&spec->endpoints[i], endpoint))
        {
          ptl_endpoint_clear (endpoint);
          return NULL;
        }
  if (!ptl_spec_take_endpoint (spec, endpoint))
    why = g_strdup_printf (_("at most %d ports"), PTL_SPEC_ENDPOINTS_MAX);
  ptl_endpoint_clear (endpoint);
  return why;
}

static char *
take_port (PtlSpec    *spec,
           const char *host,
           const char *port,
           bool       *in_port,
           size_t     *at)
{
  PtlEndpoint endpoint = { 0 };
  char *why = ptl_parse_host (&endpoint, host, at);

  *in_port = why == NULL;
  if (why == NULL)
    why = ptl_parse_port (&endpoint, port, at);
  if (why != NULL)
    {
      ptl_endpoint_clear (&endpoint);
      return why;
    }
  *at = ptl_parse_skip_space (port);
  return ptl_spec_take_once (spec, &endpoint);
}

/* Digits, from 0 to 65535; -1: more. */
static int
read_port (const char *digits,
           size_t      len)
{
  int port = 0;

  for (size_t i = 0; i < len && port <= UINT16_MAX; i++)
    port = port * 10 + (digits[i] - '0');
  return port <= UINT16_MAX ? port : -1;
}

/* Digits, a hyphen, and digits or nothing; else it may be the name of a service, which may have
 * hyphens, too. */
char *
ptl_spec_take_port_range (PtlSpec    *spec,
                          const char *host,
                          const char *text,
                          bool       *is_range,
                          bool       *in_port,
                          size_t     *at)
{
  size_t start = ptl_parse_skip_space (text);
  size_t end = MAX (ptl_parse_len_trimmed (text), start);
  size_t n_first = strspn (text + start, "0123456789");
  size_t dash = start + n_first + ptl_parse_skip_space (text + start + n_first);
  size_t second = dash + 1, n_second;
  int first, last;

  *is_range = false;
  *in_port = true;
  if (n_first == 0 || text[dash] != '-')
    return NULL;
  second += ptl_parse_skip_space (text + second);
  n_second = strspn (text + second, "0123456789");
  if (second + n_second < end)
    return NULL;

  *is_range = true;
  first = read_port (text + start, n_first);
  last = read_port (text + second, n_second);
  *at = first < 0 || n_second > 0 ? start : end;
  if (first >= 0 && n_second == 0)
    return g_strdup (_("the last port of the range is missing"));
  if (first >= 0 && last < 0)
    *at = second;
  if (first < 0 || last < 0)
    return g_strdup (_("a port is a number from 0 to 65535"));
  if (first > last)
    return g_strdup (_("a range of ports goes upwards"));
  for (int port = first; port <= last; port++)
    {
      g_autofree char *number = g_strdup_printf ("%d", port);
      size_t host_at = 0;
      char *why = take_port (spec, host, number, in_port, &host_at);

      if (why != NULL)
        {
          if (!*in_port)
            *at = host_at;
          return why;
        }
    }
  return NULL;
}

bool
ptl_spec_parse_ports (PtlSpec    *spec,
                      const char *host,
                      const char *ports,
                      bool       *in_port,
                      GError    **error)
{
  const char *item = ports;

  while (true)
    {
      size_t len = strcspn (item, ",");
      g_autofree char *text = g_strndup (item, len);
      bool is_range;
      size_t at = 0;
      char *why = ptl_spec_take_port_range (spec, host, text, &is_range, in_port, &at);

      if (why == NULL && !is_range)
        why = take_port (spec, host, text, in_port, &at);
      if (why != NULL)
        return *in_port ? ptl_parse_fail (error, NULL, ports, at + (size_t) (item - ports), why)
                        : ptl_parse_fail (error, NULL, host, at, why);
      if (item[len] == '\0')
        return true;
      item += len + 1;
    }
}
