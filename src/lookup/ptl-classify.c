/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What it is that was typed to be looked up. */
#include "config.h"

#include "lookup/ptl-classify.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <net/if.h>
#include <string.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "base/ptl-parse.h"
#include "base/ptl-spec.h"
#include "lookup/ptl-anatomy.h"

#define SERVICE_NAME_MAX 15 /* RFC 6335 section 5.1 */

static const char *const kind_texts[] = {
  [PTL_KIND_NOTHING] = "",
  [PTL_KIND_UNKNOWN] = N_("not recognised"),
  [PTL_KIND_IPV4] = N_("an IPv4 address"),
  [PTL_KIND_IPV6] = N_("an IPv6 address"),
  [PTL_KIND_INTEGER] = N_("an IPv4 address written as an integer"),
  [PTL_KIND_SHORT] = N_("an IPv4 address in another form, as inet_aton() takes it"),
  [PTL_KIND_ANY] = N_("any address of this computer (INADDR_ANY)"),
  [PTL_KIND_BROADCAST] = N_("the broadcast address (INADDR_BROADCAST)"),
  [PTL_KIND_SUBNET] = N_("an address with the prefix of its subnet"),
  [PTL_KIND_PORT] = N_("a port number"),
  [PTL_KIND_SERVICE] = N_("a service name, or a host name without a domain"),
  [PTL_KIND_SERVICE_ONLY] = N_("a service name"),
  [PTL_KIND_NAME] = N_("a host name"),
  [PTL_KIND_URI] = N_("a URI"),
  [PTL_KIND_INTERFACE] = N_("the name of a network interface of this computer"),
  [PTL_KIND_ENDPOINT] = N_("a host and a port"),
  [PTL_KIND_UNIX_PATH] = N_("the path of a Unix socket"),
  [PTL_KIND_UNIX_ABSTRACT] = N_("the abstract name of a Unix socket"),
  [PTL_KIND_VSOCK] = N_("a vsock address: a machine and a port"),
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
  g_clear_pointer (&classified->target, g_free);
  g_clear_pointer (&classified->warning, g_free);
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

/* The numbers of @host, one to four, decimal, octal or hexadecimal, the last one of all the bytes
 * that are left: as inet_aton(3) reads them, which takes more than that. */
static bool
read_numbers (const char *host,
              uint32_t   *address)
{
  uint64_t value = 0;
  unsigned left = 4;

  *address = 0;
  for (const char *label = host;; label++)
    {
      bool hex = label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
      unsigned base = hex ? 16 : label[0] == '0' ? 8 : 10;

      value = 0;
      label += hex ? 2 : 0;
      if (left == 0 || !g_ascii_isxdigit (*label))
        return false;
      for (; *label != '.' && *label != '\0'; label++)
        {
          int digit = g_ascii_xdigit_value (*label);

          if (digit < 0 || digit >= (int) base)
            return false;
          value = value * base + (unsigned) digit;
          if (value > UINT32_MAX)
            return false;
        }
      if (*label == '\0')
        break;
      if (value > 255)
        return false;
      *address |= (uint32_t) value << (8 * --left);
    }
  if (left < 4 && value >> (8 * left) != 0)
    return false;
  *address |= (uint32_t) value;
  return true;
}

/* 127.1:80 as 127.0.0.1:80; NULL: @text is not of that kind.  Programs that have inet_aton(3) or
 * getaddrinfo(3) read an address of fewer than four numbers, with octal and hexadecimal ones. */
static char *
expand_short (const char *text)
{
  size_t len = strcspn (text, ":");
  g_autofree char *host = g_strndup (text, len);
  char full[INET_ADDRSTRLEN];
  struct in_addr address;
  uint32_t number;

  if (strchr (host, '.') == NULL || !ptl_parse_looks_numeric (host)
      || inet_pton (AF_INET, host, &address) == 1 || !read_numbers (host, &number))
    return NULL;
  address.s_addr = htonl (number);
  inet_ntop (AF_INET, &address, full, sizeof full);
  return g_strconcat (full, text + len, NULL);
}

/* A zone that is no interface is kept by the parser: it may come. */
static void
check_zone (PtlClassified     *classified,
            const PtlEndpoint *endpoint)
{
  char name[IF_NAMESIZE];
  uint32_t index = endpoint->address.in6.sin6_scope_id;

  if (endpoint->zone == NULL || (index != 0 && if_indextoname (index, name) != NULL))
    return;
  classified->warning = g_strdup_printf (_("this computer has no interface %s now"),
                                         endpoint->zone);
}

static bool
take_host (PtlClassified     *classified,
           const PtlEndpoint *endpoint,
           bool               is_short)
{
  switch (endpoint->host_kind)
    {
    case PTL_HOST_ANY:
      classified->kind = PTL_KIND_ANY;
      classified->address.len = sizeof classified->address.in;
      classified->address.in.sin_family = AF_INET;
      break;
    case PTL_HOST_BROADCAST:
      classified->kind = PTL_KIND_BROADCAST;
      break;
    case PTL_HOST_IPV4:
      classified->kind = is_short ? PTL_KIND_SHORT
                         : strchr (endpoint->host, '.') != NULL ? PTL_KIND_IPV4 : PTL_KIND_INTEGER;
      break;
    case PTL_HOST_IPV6:
      classified->kind = PTL_KIND_IPV6;
      check_zone (classified, endpoint);
      break;
    case PTL_HOST_NAME:
      classified->kind = PTL_KIND_NAME;
      classified->host = g_strdup (endpoint->host);
      set_labels (classified);
      break;
    default:
      return false;
    }
  classified->host_kind = classified->kind;
  if (classified->kind == PTL_KIND_ANY || classified->kind == PTL_KIND_NAME)
    return true;
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

/* The end of 25/tcp and http/tcp, as services are written. */
static bool
is_transport (const char *slash)
{
  static const char *const transports[] = { "/tcp", "/udp", "/sctp", "/dccp" };

  for (size_t i = 0; i < G_N_ELEMENTS (transports); i++)
    if (g_ascii_strcasecmp (slash, transports[i]) == 0)
      return true;
  return false;
}

/* "host:port" (@default_port may be NULL). */
static bool
take_both (PtlClassified  *classified,
           const char     *text,
           const char     *default_port,
           bool            has_port,
           GError        **error)
{
  g_autofree char *expanded = expand_short (text);
  g_auto (PtlEndpoint) endpoint = { 0 };

  if (!ptl_endpoint_parse (&endpoint, expanded != NULL ? expanded : text, default_port, NULL,
                           error)
      || !take_host (classified, &endpoint, expanded != NULL))
    return false;
  if (has_port)
    take_port (classified, &endpoint);
  return true;
}

static bool
fail (PtlClassified *classified,
      const char    *why)
{
  classified->kind = PTL_KIND_UNKNOWN;
  classified->error = g_strdup (why);
  return true;
}

/* Where the authority of a URI begins, or NULL: it is none (RFC 3986 section 3). */
static const char *
find_authority (const char *text)
{
  const char *colon = strstr (text, "://");

  if (colon == NULL || !g_ascii_isalpha (*text))
    return NULL;
  for (const char *c = text; c < colon; c++)
    if (!g_ascii_isalnum (*c) && strchr ("+-.", *c) == NULL)
      return NULL;
  return colon + 3;
}

/* The percent-encoding of a host, and the %25 before a zone (RFC 6874), as they are meant. */
static char *
decode_host (const char *host)
{
  if (*host == '[')
    {
      GString *decoded = g_string_new (host);

      g_string_replace (decoded, "%25", "%", 1);
      return g_string_free (decoded, FALSE);
    }
  return g_uri_unescape_string (host, NULL);
}

/* True: what it is has been found out, if only that it is no good. */
static bool
try_uri (PtlClassified *classified,
         const char    *text)
{
  const char *authority = find_authority (text);
  g_autofree char *rest = NULL, *decoded = NULL;
  g_autoptr (GError) error = NULL;
  char *at;
  bool has_port;

  if (authority == NULL)
    return false;
  rest = g_strndup (authority, strcspn (authority, "/?#"));
  at = strrchr (rest, '@');
  if (at != NULL)
    memmove (rest, at + 1, strlen (at + 1) + 1);
  if (*rest == '\0')
    return fail (classified, _("this URI has no host"));
  decoded = decode_host (rest);
  if (decoded == NULL || !g_utf8_validate (decoded, -1, NULL))
    return fail (classified, _("“%” is followed by two hexadecimal digits"));
  has_port = *rest == '[' ? strstr (rest, "]:") != NULL : strchr (rest, ':') != NULL;
  if (!take_both (classified, decoded, "0", has_port, &error))
    return fail (classified, error != NULL ? error->message : _("This is not a host"));
  classified->kind = PTL_KIND_URI;
  classified->scheme = g_ascii_strdown (text, authority - 3 - text);
  if (!has_port)
    classified->service = g_strdup (classified->scheme);
  return true;
}

/* unix:/run/x, /run/x, @x, vsock://2:1024: as a session takes them. */
static bool
try_socket (PtlClassified *classified,
            const char    *text)
{
  static const char *const schemes[] = { "unix:", "unix+stream:", "unix+seqpacket:", "unix+dgram:",
                                         "vsock:" };
  g_autoptr (PtlSpec) spec = NULL;
  g_autoptr (GError) error = NULL;
  bool is_uri = false;

  for (size_t i = 0; i < G_N_ELEMENTS (schemes) && !is_uri; i++)
    is_uri = g_ascii_strncasecmp (text, schemes[i], strlen (schemes[i])) == 0;
  if (is_uri)
    {
      bool datagrams = g_ascii_strncasecmp (text, "unix+d", strlen ("unix+d")) == 0;

      spec = ptl_spec_parse_uri (datagrams ? PTL_ROLE_DATAGRAMS : PTL_ROLE_CONNECT, text, NULL,
                                 &error);
    }
  else if (*text == '/' || *text == '@' || g_str_has_prefix (text, "./")
           || g_str_has_prefix (text, "../"))
    {
      PtlEndpoint endpoint = { 0 };

      if (ptl_endpoint_parse_unix (&endpoint, text, NULL, &error))
        {
          spec = ptl_spec_new (PTL_ROLE_CONNECT, PTL_TRANSPORT_UNIX_STREAM);
          ptl_spec_take_endpoint (spec, &endpoint);
        }
    }
  else
    return false;
  if (spec == NULL)
    return fail (classified, error->message);
  switch (spec->endpoints[0].host_kind)
    {
    case PTL_HOST_UNIX_PATH:
      classified->kind = PTL_KIND_UNIX_PATH;
      break;
    case PTL_HOST_UNIX_ABSTRACT:
      classified->kind = PTL_KIND_UNIX_ABSTRACT;
      break;
    default:
      classified->kind = PTL_KIND_VSOCK;
      break;
    }
  classified->host_kind = classified->kind;
  classified->socket = spec->endpoints[0].address;
  classified->target = ptl_spec_to_title (spec);
  return true;
}

static bool
try_subnet (PtlClassified *classified,
            const char    *text)
{
  const char *slash = strchr (text, '/');
  g_autofree char *host = NULL, *expanded = NULL;
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autoptr (GError) error = NULL;
  unsigned prefix;

  if (slash == NULL)
    return false;
  host = g_strndup (text, (size_t) (slash - text));
  expanded = expand_short (host);
  if (!ptl_endpoint_parse_host_port (&endpoint, expanded != NULL ? expanded : host, "0", NULL,
                                     NULL, NULL)
      || (endpoint.host_kind != PTL_HOST_IPV4 && endpoint.host_kind != PTL_HOST_IPV6)
      || is_transport (slash))
    return false;
  if (!ptl_subnet_parse_prefix (slash, &endpoint.address, &prefix, &error))
    return fail (classified, error->message);
  classified->kind = PTL_KIND_SUBNET;
  classified->host_kind = classified->kind;
  classified->address = endpoint.address;
  classified->prefix = (int) prefix;
  check_zone (classified, &endpoint);
  return true;
}

/* The names of IANA's registry from before RFC 6335 that no host can have: their last label is a
 * number, or they have other characters. */
static bool
is_old_service_name (const char *text)
{
  static const char *const names[] = { "914c/g", "cl/1", "EtherNet/IP-1", "EtherNet/IP-2",
                                       "sql*net", "whois++", "z39.50", "novell-lu6.2" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (text, names[i]) == 0)
      return true;
  return false;
}

/* RFC 6335 section 5.1, with what local files have besides. */
static bool
is_service_name (const char *text)
{
  size_t len = strlen (text);
  bool letter = false;

  if (len == 0 || len > SERVICE_NAME_MAX || text[0] == '-' || text[len - 1] == '-')
    return false;
  for (const char *c = text; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && strchr ("-_+", *c) == NULL)
        return false;
      letter |= g_ascii_isalpha (*c);
    }
  return letter;
}

/* A name that DNS can have, whatever its characters: an underscore is none of a host's, but of many
 * records'. */
static bool
is_dns_name (const char *text)
{
  size_t len = strlen (text);

  if (!g_str_is_ascii (text) || strpbrk (text, " /:@\\\"<>[]()?#%") != NULL
      || len > PTL_HOST_NAME_MAX + 1 || ptl_parse_looks_numeric (text)
      || (text[0] == '-' && g_ascii_isdigit (text[1])))
    return false;
  for (const char *label = text; *label != '\0';)
    {
      size_t n = strcspn (label, ".");

      if (n == 0 || n > PTL_HOST_LABEL_MAX)
        return false;
      label += n + (label[n] == '.');
    }
  return true;
}

static void
take_name (PtlClassified *classified,
           PtlKind        kind,
           const char    *name)
{
  classified->kind = kind;
  classified->host = g_strdup (name);
  set_labels (classified);
}

/* Why it is none of those. */
static void
explain (PtlClassified *classified,
         const char    *typed,
         const GError  *error)
{
  size_t len = strcspn (typed, ":/");
  g_autofree char *start = g_strndup (typed, len);

  classified->kind = PTL_KIND_UNKNOWN;
  if (error == NULL)
    classified->error = g_strdup (_("This is not a host"));
  else if (ptl_parse_looks_numeric (start))
    /* Translators: "character 1, “2”: 256 is more than 255" follows */
    classified->error = g_strdup_printf (_("it looks like an IPv4 address, but %s"),
                                         error->message);
  else
    classified->error = g_strdup (error->message);
}

/* A host, or a host and a port. */
static void
classify_host (PtlClassified *classified,
               const char    *typed)
{
  g_autoptr (GError) error = NULL, error_of_both = NULL;
  g_autofree char *expanded = expand_short (typed);
  g_auto (PtlEndpoint) endpoint = { 0 };
  const char *colon = strchr (typed, ':');
  bool one_colon = colon != NULL && strchr (colon + 1, ':') == NULL;

  if (ptl_endpoint_parse_host_port (&endpoint, expanded != NULL ? expanded : typed, "0", NULL,
                                    NULL, &error)
      && take_host (classified, &endpoint, expanded != NULL))
    {
      if (classified->kind == PTL_KIND_NAME && is_service_name (typed))
        {
          classified->kind = classified->host_kind = PTL_KIND_SERVICE;
          classified->service = g_strdup (typed);
        }
      return;
    }
  if (colon != NULL && take_both (classified, typed, NULL, true, &error_of_both))
    {
      classified->kind = PTL_KIND_ENDPOINT;
      return;
    }
  if (is_dns_name (typed))
    take_name (classified, PTL_KIND_NAME, typed);
  else
    explain (classified, typed, one_colon || *typed == '[' ? error_of_both : error);
}

void
ptl_classify (PtlClassified *classified,
              const char    *text)
{
  g_autofree char *typed = NULL, *service = NULL;
  const char *slash;
  uint64_t number;

  memset (classified, 0, sizeof *classified);
  classified->prefix = -1;
  classified->port = -1;
  if (strlen (text) > PTL_CLASSIFY_TEXT_MAX || !g_utf8_validate (text, -1, NULL))
    {
      fail (classified, _("This is too long"));
      return;
    }
  typed = g_strstrip (g_strdup (text));
  if (*typed == '\0')
    return;
  /* The empty host in quotes, alone or before a port. */
  if (g_str_has_prefix (typed, "\"\"") && (typed[2] == '\0' || typed[2] == ':'))
    memmove (typed, typed + 2, strlen (typed + 2) + 1);

  if (*typed != '\0' && (try_socket (classified, typed) || try_uri (classified, typed)
                         || try_subnet (classified, typed)))
    return;
  slash = strchr (typed, '/');
  service = g_strndup (typed, slash != NULL && is_transport (slash) ? (size_t) (slash - typed)
                                                                    : strlen (typed));
  if (g_ascii_string_to_unsigned (service, 10, 0, UINT16_MAX, &number, NULL))
    {
      classified->kind = PTL_KIND_PORT;
      classified->port = (int) number;
    }
  else if (is_old_service_name (service)
           || (strlen (service) < strlen (typed) && is_service_name (service)))
    {
      classified->kind = PTL_KIND_SERVICE_ONLY;
      classified->service = g_steal_pointer (&service);
    }
  else if (*typed != '\0' && strlen (typed) < IF_NAMESIZE && if_nametoindex (typed) != 0)
    take_name (classified, PTL_KIND_INTERFACE, typed);
  else if (strcmp (typed, ".") == 0)
    take_name (classified, PTL_KIND_NAME, typed);
  else
    classify_host (classified, typed);
}

char *
ptl_classified_to_text (const PtlClassified *classified)
{
  g_autofree char *what = g_strdup (_(ptl_kind_get_text (classified->kind)));
  g_autofree char *text = NULL, *plain = NULL;
  PtlKind host = classified->host_kind;
  char address[PTL_ADDRESS_TEXT_MAX];

  if (classified->kind == PTL_KIND_NOTHING)
    return g_strdup ("");
  if (classified->kind == PTL_KIND_UNKNOWN)
    return g_strdup_printf (_("Not recognised: %s"), classified->error);
  if (host != PTL_KIND_NOTHING && host != classified->kind)
    {
      plain = g_steal_pointer (&what);
      /* Translators: "a URI; the host is an IPv4 address" */
      what = g_strdup_printf (_("%s; the host is %s"), plain, _(ptl_kind_get_text (host)));
    }
  if (classified->error != NULL)
    text = g_strdup_printf (_("This is %s, but not for DNS: %s"), what, classified->error);
  else if (classified->a_label != NULL && g_strcmp0 (classified->a_label, classified->u_label) != 0)
    text = g_strdup_printf (_("This is %s: %s, in DNS %s"), what, classified->u_label,
                            classified->a_label);
  else if (host == PTL_KIND_SHORT || host == PTL_KIND_INTEGER)
    text = g_strdup_printf (_("This is %s: %s"), what,
                            ptl_address_format_host (&classified->address, address,
                                                     sizeof address));
  else if (classified->warning != NULL)
    text = g_strdup_printf (_("This is %s, but %s"), what, classified->warning);
  else
    text = g_strdup_printf (_("This is %s"), what);
  return g_steal_pointer (&text);
}

/* What an "@" behind the authority belongs to cannot be told: to a path, or to a password that has
 * a slash in it.  Then only the host is kept, and the port if it is a number. */
char *
ptl_classify_dup_without_password (const char *text)
{
  const char *authority = find_authority (text);
  g_autofree char *host = NULL;
  const char *at;
  char *colon;
  size_t len;

  if (authority == NULL || strchr (authority, '@') == NULL)
    return g_strdup (text);
  len = strcspn (authority, "/?#");
  host = g_strndup (authority, len);
  at = strrchr (host, '@');
  if (strchr (authority + len, '@') == NULL)
    return g_strdup_printf ("%.*s%s%s", (int) (authority - text), text, at + 1, authority + len);
  at = at != NULL ? at + 1 : host;
  colon = strrchr (host, ':');
  if (*at != '[' && colon != NULL && colon[1 + strspn (colon + 1, "0123456789")] != '\0')
    *colon = '\0';
  return g_strdup_printf ("%.*s%s", (int) (authority - text), text, at);
}
