/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Endpoints: values, the fields that make one, and the way back to text. */
#include "config.h"

#include "base/ptl-endpoint.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-parse.h"

static const struct
{
  const char *name;
  uint32_t    cid;
} context_ids[] = {
  { "any", VMADDR_CID_ANY },
  { "hypervisor", VMADDR_CID_HYPERVISOR },
  { "local", VMADDR_CID_LOCAL },
  { "host", VMADDR_CID_HOST },
};

/* A number of 32 bits, trimmed; false: it is not. */
static bool
read_u32 (const char *text,
          uint32_t   *value)
{
  uint64_t wide = 0;

  if (text[0] == '\0')
    return false;
  for (; *text != '\0'; text++)
    {
      if (!g_ascii_isdigit (*text))
        return false;
      wide = wide * 10 + (uint64_t) (*text - '0');
      if (wide > UINT32_MAX)
        return false;
    }
  *value = (uint32_t) wide;
  return true;
}

char *
ptl_parse_cid (PtlEndpoint *endpoint,
               const char  *text,
               size_t      *at)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  uint32_t cid = VMADDR_CID_ANY;
  bool known = trimmed[0] == '\0' || strcmp (trimmed, "*") == 0 || read_u32 (trimmed, &cid);

  for (size_t i = 0; i < G_N_ELEMENTS (context_ids) && !known; i++)
    if (g_ascii_strcasecmp (trimmed, context_ids[i].name) == 0)
      {
        cid = context_ids[i].cid;
        known = true;
      }
  if (!known)
    {
      *at = ptl_parse_skip_space (text);
      return g_strdup (_("a context id is a number up to 4294967295, "
                         "or “any”, “hypervisor”, “local”, “host”"));
    }
  endpoint->host_kind = PTL_HOST_VSOCK;
  endpoint->host = g_steal_pointer (&trimmed);
  endpoint->address.len = sizeof endpoint->address.vm;
  endpoint->address.vm.svm_family = AF_VSOCK;
  endpoint->address.vm.svm_cid = cid;
  return NULL;
}

/* After its cid. */
static char *
parse_vsock_port (PtlEndpoint *endpoint,
                  const char  *text,
                  size_t      *at)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  if (g_ascii_strcasecmp (trimmed, "any") == 0)
    endpoint->port = VMADDR_PORT_ANY;
  else if (!read_u32 (trimmed, &endpoint->port))
    {
      *at = ptl_parse_skip_space (text);
      return g_strdup (_("a vsock port is a number up to 4294967295, or “any”"));
    }
  endpoint->address.vm.svm_port = endpoint->port;
  return NULL;
}

char *
ptl_parse_both (PtlEndpoint *endpoint,
                const char  *text,
                const char  *default_port,
                bool         vsock,
                size_t      *at)
{
  size_t start = ptl_parse_skip_space (text);
  size_t end = MAX (ptl_parse_len_trimmed (text), start);
  g_autofree char *host = NULL;
  const char *port = NULL; /* in @text */
  char *why;

  if (text[start] == '[')
    {
      const char *close = memchr (text + start, ']', end - start);

      if (close == NULL)
        {
          *at = end;
          return g_strdup (_("the bracket is not closed"));
        }
      host = g_strndup (text + start, (size_t) (close + 1 - text) - start);
      if (close[1] == ':')
        port = close + 2;
      else if ((size_t) (close + 1 - text) < end)
        {
          *at = (size_t) (close + 1 - text);
          return g_strdup (_("only “:” and a port may follow the bracket"));
        }
    }
  else
    {
      const char *colon = memchr (text + start, ':', end - start);

      if (colon != NULL && memchr (colon + 1, ':', end - (size_t) (colon + 1 - text)) == NULL)
        {
          host = g_strndup (text + start, (size_t) (colon - text) - start);
          port = colon + 1;
        }
      else
        host = g_strndup (text + start, end - start);
    }

  why = vsock ? ptl_parse_cid (endpoint, host, at) : ptl_parse_host (endpoint, host, at);
  if (why != NULL)
    {
      *at += start;
      return why;
    }

  if (port == NULL || port[strspn (port, " \t\r\n\v\f")] == '\0')
    {
      if (default_port == NULL)
        {
          *at = end;
          return g_strdup (_("a port is missing: “:” and a number or the name of a service"));
        }
      why = vsock ? parse_vsock_port (endpoint, default_port, at)
                  : ptl_parse_port (endpoint, default_port, at);
      if (why != NULL)
        *at = end;
      return why;
    }
  why = vsock ? parse_vsock_port (endpoint, port, at) : ptl_parse_port (endpoint, port, at);
  if (why != NULL)
    *at += (size_t) (port - text);
  return why;
}

char *
ptl_parse_unix (PtlEndpoint *endpoint,
                const char  *text,
                size_t      *at)
{
  size_t name_max = sizeof endpoint->address.un.sun_path - 1;
  size_t len;

  *at = 0;
  if (text[0] == '@')
    {
      g_autoptr (GError) error = NULL;
      g_autofree uint8_t *name = ptl_codec_parse_text (text + 1, &len, at, &error);

      if (name == NULL)
        {
          const char *why = strstr (error->message, ": ");

          *at += 1;
          return g_strdup (why != NULL ? why + 2 : error->message);
        }
      *at = 1;
      if (len == 0)
        return g_strdup (_("a name is missing after “@”"));
      if (len > name_max)
        return g_strdup_printf (_("the name has %zu bytes, a socket's has at most %zu"),
                                len, name_max);
      endpoint->host_kind = PTL_HOST_UNIX_ABSTRACT;
      ptl_address_set_unix (&endpoint->address, (const char *) name, len, true);
      endpoint->host = ptl_codec_to_escaped (name, len);
      return NULL;
    }

  len = strlen (text);
  if (len == 0)
    return g_strdup (_("a path is missing: “/run/x.sock”, or “@” and a name"));
  for (size_t i = 0; i < len;)
    {
      gunichar character = g_utf8_get_char_validated (text + i, -1);

      *at = i;
      if ((gint32) character < 0)
        return g_strdup (_("this is not UTF-8"));
      if (!ptl_codec_is_safe_char (character))
        return g_strdup (_("a path with this character is not safe to show"));
      i += (size_t) g_unichar_to_utf8 (character, NULL);
    }
  if (len > name_max)
    {
      *at = name_max;
      return g_strdup_printf (_("the path has %zu bytes, a socket's has at most %zu"),
                              len, name_max);
    }
  endpoint->host_kind = PTL_HOST_UNIX_PATH;
  ptl_address_set_unix (&endpoint->address, text, len, false);
  endpoint->host = g_strdup (text);
  return NULL;
}
void
ptl_endpoint_clear (PtlEndpoint *endpoint)
{
  if (endpoint == NULL)
    return;

  g_free (endpoint->host);
  g_free (endpoint->zone);
  g_free (endpoint->service);
  memset (endpoint, 0, sizeof *endpoint);
}

void
ptl_endpoint_copy (PtlEndpoint       *to,
                   const PtlEndpoint *from)
{
  *to = *from;
  to->host = g_strdup (from->host);
  to->zone = g_strdup (from->zone);
  to->service = g_strdup (from->service);
}

bool
ptl_endpoint_equal (const PtlEndpoint *a,
                    const PtlEndpoint *b)
{
  if (a->host_kind != b->host_kind || a->port != b->port
      || g_strcmp0 (a->service, b->service) != 0 || g_strcmp0 (a->zone, b->zone) != 0)
    return false;

  switch (a->host_kind)
    {
    case PTL_HOST_ANY:
    case PTL_HOST_BROADCAST:
      return true;
    case PTL_HOST_NAME:
      return g_strcmp0 (a->host, b->host) == 0;
    case PTL_HOST_IPV6:
      /* Not the scope id: the zone's interface may have come or gone in between. */
      return IN6_ARE_ADDR_EQUAL (&a->address.in6.sin6_addr, &b->address.in6.sin6_addr);
    case PTL_HOST_IPV4:
    case PTL_HOST_UNIX_PATH:
    case PTL_HOST_UNIX_ABSTRACT:
    case PTL_HOST_VSOCK:
    default:
      return ptl_address_equal_host (&a->address, &b->address);
    }
}

/* Puts the reason into words; on success nothing is left to do but to say so. */
static bool
finish (PtlEndpoint *endpoint,
        const char  *text,
        size_t       offset,
        char        *why,
        size_t      *at,
        GError     **error)
{
  if (why == NULL)
    return true;
  ptl_endpoint_clear (endpoint);
  return ptl_parse_fail (error, at, text, offset, why);
}

typedef char *(*ParseFunc) (PtlEndpoint *endpoint,
                            const char  *text,
                            size_t      *at);

static bool
parse_fields (PtlEndpoint *endpoint,
              ParseFunc    parse_host,
              const char  *host,
              ParseFunc    parse_port,
              const char  *port,
              size_t      *at,
              bool        *in_port,
              GError     **error)
{
  size_t offset = 0;
  char *why;

  memset (endpoint, 0, sizeof *endpoint);
  if (in_port != NULL)
    *in_port = false;
  why = parse_host (endpoint, host, &offset);
  if (why != NULL)
    return finish (endpoint, host, offset, why, at, error);

  why = parse_port (endpoint, port, &offset);
  if (why != NULL && in_port != NULL)
    *in_port = true;
  return finish (endpoint, port, offset, why, at, error);
}

bool
ptl_endpoint_parse_host_port (PtlEndpoint *endpoint,
                              const char  *host,
                              const char  *port,
                              size_t      *at,
                              bool        *in_port,
                              GError     **error)
{
  return parse_fields (endpoint, ptl_parse_host, host, ptl_parse_port, port, at, in_port, error);
}

bool
ptl_endpoint_parse_vsock (PtlEndpoint *endpoint,
                          const char  *cid,
                          const char  *port,
                          size_t      *at,
                          bool        *in_port,
                          GError     **error)
{
  return parse_fields (endpoint, ptl_parse_cid, cid, parse_vsock_port, port, at, in_port,
                       error);
}

bool
ptl_endpoint_parse (PtlEndpoint *endpoint,
                    const char  *text,
                    const char  *default_port,
                    size_t      *at,
                    GError     **error)
{
  size_t offset = 0;
  char *why;

  memset (endpoint, 0, sizeof *endpoint);
  why = ptl_parse_both (endpoint, text, default_port, false, &offset);
  return finish (endpoint, text, offset, why, at, error);
}

bool
ptl_endpoint_parse_unix (PtlEndpoint *endpoint,
                         const char  *text,
                         size_t      *at,
                         GError     **error)
{
  size_t offset = 0;
  char *why;

  memset (endpoint, 0, sizeof *endpoint);
  why = ptl_parse_unix (endpoint, text, &offset);
  return finish (endpoint, text, offset, why, at, error);
}

char *
ptl_endpoint_to_text (const PtlEndpoint *endpoint)
{
  switch (endpoint->host_kind)
    {
    case PTL_HOST_UNIX_PATH:
      return endpoint->host[0] == '@' ? g_strconcat ("./", endpoint->host, NULL)
                                      : g_strdup (endpoint->host);
    case PTL_HOST_UNIX_ABSTRACT:
      return g_strconcat ("@", endpoint->host, NULL);
    case PTL_HOST_VSOCK:
      if (endpoint->port == VMADDR_PORT_ANY)
        return g_strdup_printf ("%s:any", endpoint->host);
      return g_strdup_printf ("%s:%u", endpoint->host, endpoint->port);
    case PTL_HOST_IPV6:
      if (endpoint->service != NULL)
        return g_strdup_printf ("[%s]:%s", endpoint->host, endpoint->service);
      return g_strdup_printf ("[%s]:%u", endpoint->host, endpoint->port);
    case PTL_HOST_ANY:
    case PTL_HOST_BROADCAST:
    case PTL_HOST_IPV4:
    case PTL_HOST_NAME:
    default:
      if (endpoint->service != NULL)
        return g_strdup_printf ("%s:%s", endpoint->host, endpoint->service);
      return g_strdup_printf ("%s:%u", endpoint->host, endpoint->port);
    }
}
