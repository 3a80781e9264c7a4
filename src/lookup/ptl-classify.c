/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What it is that was typed to be looked up. */
#include "config.h"

#include "lookup/ptl-classify.h"

#include <idn2.h>
#include <net/if.h>
#include <string.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "lookup/ptl-anatomy.h"

#define SERVICE_NAME_MAX 15 /* RFC 6335 section 5.1 */

static const char *const kind_texts[] = {
  [PTL_KIND_NOTHING] = "",
  [PTL_KIND_UNKNOWN] = N_("not recognised"),
  [PTL_KIND_IPV4] = N_("an IPv4 address"),
  [PTL_KIND_IPV6] = N_("an IPv6 address"),
  [PTL_KIND_INTEGER] = N_("an IPv4 address written as an integer"),
  [PTL_KIND_ANY] = N_("any address of this computer (INADDR_ANY)"),
  [PTL_KIND_BROADCAST] = N_("the broadcast address (INADDR_BROADCAST)"),
  [PTL_KIND_SUBNET] = N_("an address with the prefix of its subnet"),
  [PTL_KIND_PORT] = N_("a port number"),
  [PTL_KIND_SERVICE] = N_("a service name, or a host name without a domain"),
  [PTL_KIND_NAME] = N_("a host name"),
  [PTL_KIND_URI] = N_("a URI"),
  [PTL_KIND_INTERFACE] = N_("the name of a network interface of this computer"),
  [PTL_KIND_ENDPOINT] = N_("a host and a port"),
};

const char *
ptl_kind_get_text (PtlKind kind)
{
  return kind_texts[kind];
}

void
ptl_classified_clear (PtlClassified *classified)
{
  g_clear_pointer (&classified->host, g_free);
  g_clear_pointer (&classified->a_label, g_free);
  g_clear_pointer (&classified->u_label, g_free);
  g_clear_pointer (&classified->service, g_free);
  g_clear_pointer (&classified->scheme, g_free);
  g_clear_pointer (&classified->error, g_free);
  memset (classified, 0, sizeof *classified);
}

/* Both forms of a name (RFC 5891, with the mapping of UTS #46).  What IDNA has no word for, as the
 * underscore of _http._tcp.example.org, is kept when it is ASCII. */
static void
set_labels (PtlClassified *classified)
{
  const char *host = classified->host;
  char *found = NULL;
  int failed;

  if (strcmp (host, ".") == 0)
    {
      classified->a_label = g_strdup (host);
      classified->u_label = g_strdup (host);
      return;
    }
  failed = idn2_to_ascii_8z (host, &found, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  if (failed == IDN2_OK)
    classified->a_label = g_strdup (found);
  else if (g_str_is_ascii (host))
    classified->a_label = g_ascii_strdown (host, -1);
  else
    classified->error = g_strdup (idn2_strerror (failed));
  idn2_free (found);
  found = NULL;
  if (classified->a_label != NULL
      && idn2_to_unicode_8z8z (classified->a_label, &found, 0) == IDN2_OK
      && g_utf8_validate (found, -1, NULL))
    classified->u_label = g_strdup (found);
  else
    classified->u_label = g_strdup (host);
  idn2_free (found);
}

static bool
take_host (PtlClassified     *classified,
           const PtlEndpoint *endpoint)
{
  switch (endpoint->host_kind)
    {
    case PTL_HOST_ANY:
      classified->kind = PTL_KIND_ANY;
      classified->address.len = sizeof classified->address.in;
      classified->address.in.sin_family = AF_INET;
      return true;
    case PTL_HOST_BROADCAST:
      classified->kind = PTL_KIND_BROADCAST;
      break;
    case PTL_HOST_IPV4:
      classified->kind = strchr (endpoint->host, '.') != NULL ? PTL_KIND_IPV4 : PTL_KIND_INTEGER;
      break;
    case PTL_HOST_IPV6:
      classified->kind = PTL_KIND_IPV6;
      break;
    case PTL_HOST_NAME:
      classified->kind = PTL_KIND_NAME;
      classified->host = g_strdup (endpoint->host);
      set_labels (classified);
      return true;
    default:
      return false;
    }
  classified->address = endpoint->address;
  ptl_address_set_port (&classified->address, 0);
  return true;
}

static void
take_port (PtlClassified     *classified,
           const PtlEndpoint *endpoint)
{
  if (endpoint->service != NULL)
    classified->service = g_strdup (endpoint->service);
  else
    classified->port = (int) endpoint->port;
}

static bool
try_uri (PtlClassified *classified,
         const char    *text)
{
  const char *colon = strstr (text, "://");
  g_autofree char *rest = NULL;
  g_auto (PtlEndpoint) endpoint = { 0 };
  char *at;
  bool has_port;

  if (colon == NULL || colon == text || !g_ascii_isalpha (*text))
    return false;
  for (const char *c = text; c < colon; c++)
    if (!g_ascii_isalnum (*c) && strchr ("+-.", *c) == NULL)
      return false;
  rest = g_strdup (colon + 3);
  rest[strcspn (rest, "/?#")] = '\0';
  at = strrchr (rest, '@');
  if (at != NULL)
    memmove (rest, at + 1, strlen (at + 1) + 1);
  has_port = *rest == '[' ? strstr (rest, "]:") != NULL : strchr (rest, ':') != NULL;
  if (*rest == '\0' || !ptl_endpoint_parse (&endpoint, rest, "0", NULL, NULL)
      || !take_host (classified, &endpoint))
    return false;
  classified->kind = PTL_KIND_URI;
  classified->scheme = g_ascii_strdown (text, colon - text);
  if (has_port)
    take_port (classified, &endpoint);
  else
    classified->service = g_strdup (classified->scheme);
  return true;
}

static bool
try_subnet (PtlClassified *classified,
            const char    *text)
{
  const char *slash = strchr (text, '/');
  g_autofree char *host = NULL;
  g_auto (PtlEndpoint) endpoint = { 0 };
  unsigned prefix;

  if (slash == NULL)
    return false;
  host = g_strndup (text, (size_t) (slash - text));
  if (!ptl_endpoint_parse_host_port (&endpoint, host, "0", NULL, NULL, NULL)
      || (endpoint.host_kind != PTL_HOST_IPV4 && endpoint.host_kind != PTL_HOST_IPV6)
      || !ptl_subnet_parse_prefix (slash, &endpoint.address, &prefix, NULL))
    return false;
  classified->kind = PTL_KIND_SUBNET;
  classified->address = endpoint.address;
  classified->prefix = (int) prefix;
  return true;
}

static bool
is_service_name (const char *text)
{
  size_t len = strlen (text);
  bool letter = false;

  if (len == 0 || len > SERVICE_NAME_MAX || text[0] == '-' || text[len - 1] == '-')
    return false;
  for (const char *c = text; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && strchr ("-_+/.", *c) == NULL)
        return false;
      letter |= g_ascii_isalpha (*c);
    }
  return letter && strchr (text, '.') == NULL;
}

void
ptl_classify (PtlClassified *classified,
              const char    *text)
{
  g_autofree char *typed = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PtlEndpoint) endpoint = { 0 };
  uint64_t number;

  memset (classified, 0, sizeof *classified);
  classified->prefix = -1;
  classified->port = -1;
  if (strlen (text) > PTL_CLASSIFY_TEXT_MAX || !g_utf8_validate (text, -1, NULL))
    {
      classified->kind = PTL_KIND_UNKNOWN;
      classified->error = g_strdup (_("This is too long"));
      return;
    }
  typed = g_strstrip (g_strdup (text));
  if (*typed == '\0')
    return;
  if (strcmp (typed, "\"\"") == 0)
    *typed = '\0';

  if (*typed != '\0' && (try_uri (classified, typed) || try_subnet (classified, typed)))
    return;
  if (g_ascii_string_to_unsigned (typed, 10, 0, UINT16_MAX, &number, NULL))
    {
      classified->kind = PTL_KIND_PORT;
      classified->port = (int) number;
      return;
    }
  if (*typed != '\0' && strlen (typed) < IF_NAMESIZE && if_nametoindex (typed) != 0)
    {
      classified->kind = PTL_KIND_INTERFACE;
      classified->host = g_strdup (typed);
      set_labels (classified);
      return;
    }
  if (strcmp (typed, ".") == 0)
    {
      classified->kind = PTL_KIND_NAME;
      classified->host = g_strdup (typed);
      set_labels (classified);
      return;
    }
  if (ptl_endpoint_parse_host_port (&endpoint, typed, "0", NULL, NULL, &error)
      && take_host (classified, &endpoint))
    {
      if (classified->kind == PTL_KIND_NAME && is_service_name (typed))
        {
          classified->kind = PTL_KIND_SERVICE;
          classified->service = g_strdup (typed);
        }
      return;
    }
  ptl_endpoint_clear (&endpoint);
  if (strchr (typed, ':') != NULL && ptl_endpoint_parse (&endpoint, typed, NULL, NULL, NULL)
      && take_host (classified, &endpoint))
    {
      classified->kind = PTL_KIND_ENDPOINT;
      take_port (classified, &endpoint);
      return;
    }
  /* An underscore is none of a host's, but of many records'. */
  if (g_str_is_ascii (typed) && strpbrk (typed, " /:@\\\"<>[]()?#%") == NULL
      && strlen (typed) < 255)
    {
      classified->kind = PTL_KIND_NAME;
      classified->host = g_strdup (typed);
      set_labels (classified);
      return;
    }
  classified->kind = PTL_KIND_UNKNOWN;
  classified->error = g_strdup (error != NULL ? error->message : _("This is not a host"));
}
