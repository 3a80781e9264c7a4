/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The URI of a session, read. */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-parse.h"
#include "base/ptl-spec-private.h"

/* A part of a URI without its percent-encoding; @from has the place of each byte in the URI, and
 * of the end, so that errors name the character that was typed. */
typedef struct
{
  char   *bytes; /* with a NUL behind */
  size_t *from;
  size_t  len;
} Part;

static void
part_clear (Part *part)
{
  g_free (part->bytes);
  g_free (part->from);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Part, part_clear)

typedef struct
{
  PtlSpec    *spec;
  const char *uri;
  size_t      at; /* the culprit */
  uint64_t    seen; /* bits of the options that were there */
} Parser;

typedef enum
{
  DECODE_PLAIN, /* no NUL may come out */
  DECODE_BYTES, /* any byte */
  DECODE_HOST   /* the first "%" in a bracket starts a zone, as "%25" or (as people type it) bare;
                 * RFC 6874 section 2 */
} Decoding;

/* Decodes uri[start, end). */
static char *
decode_part (Parser  *parser,
             Part    *part,
             size_t   start,
             size_t   end,
             Decoding decoding)
{
  const char *uri = parser->uri;
  bool in_bracket = false;
  bool zone_seen = false;

  part->bytes = g_malloc (end - start + 1);
  part->from = g_new (size_t, end - start + 1);
  part->len = 0;
  for (size_t i = start; i < end;)
    {
      char c = uri[i];
      size_t width = 1;

      if (c == '[')
        in_bracket = decoding == DECODE_HOST;
      else if (c == ']')
        in_bracket = zone_seen = false;
      else if (c == '%' && in_bracket && !zone_seen)
        {
          zone_seen = true;
          if (end - i > 3 && uri[i + 1] == '2' && uri[i + 2] == '5' && uri[i + 3] != ']')
            width = 3;
        }
      else if (c == '%')
        {
          if (end - i < 3 || !g_ascii_isxdigit (uri[i + 1]) || !g_ascii_isxdigit (uri[i + 2]))
            {
              parser->at = i;
              return g_strdup (_("“%” is followed by two hexadecimal digits"));
            }
          c = (char) (g_ascii_xdigit_value (uri[i + 1]) << 4 | g_ascii_xdigit_value (uri[i + 2]));
          width = 3;
          if (c == '\0' && decoding != DECODE_BYTES)
            {
              parser->at = i;
              return g_strdup (_("a NUL byte has no place here"));
            }
        }
      part->bytes[part->len] = c;
      part->from[part->len++] = i;
      i += width;
    }
  part->bytes[part->len] = '\0';
  part->from[part->len] = end;
  return NULL;
}

/* A parser of a part failed at @at: where is that in the URI? */
static char *
failed_in (Parser     *parser,
           const Part *part,
           size_t      at,
           char       *why)
{
  if (why != NULL)
    parser->at = part->from[MIN (at, part->len)];
  return why;
}

/* One of "host:port" or, when a host came before, "port" or "port-port". */
static char *
parse_item (Parser *parser,
            size_t  start,
            size_t  end,
            char  **host) /* of the item before, or NULL; and of this one */
{
  bool vsock = parser->spec->transport == PTL_TRANSPORT_VSOCK;
  g_auto (Part) part = { 0 };
  PtlEndpoint endpoint = { 0 };
  const char *colon;
  size_t port_start = start;
  size_t at = 0;
  bool is_range = false, in_port;
  char *why;

  /* The port is behind the last colon that is not in a bracket; without a colon it is all. */
  colon = g_strrstr_len (parser->uri + start, (gssize) (end - start), ":");
  if (colon != NULL && memchr (colon, ']', (size_t) (parser->uri + end - colon)) != NULL)
    colon = NULL;
  if (colon != NULL)
    port_start = (size_t) (colon - parser->uri) + 1;

  /* Without a port, or an IPv6 address that needs brackets: says so. */
  if (colon == NULL ? *host == NULL
                    : !vsock && parser->uri[start] != '['
                      && memchr (parser->uri + start, ':', port_start - 1 - start) != NULL)
    {
      why = decode_part (parser, &part, start, end, DECODE_HOST);
      if (why != NULL)
        return why;
      why = ptl_parse_both (&endpoint, part.bytes, NULL, vsock, &at);
      ptl_endpoint_clear (&endpoint);
      return failed_in (parser, &part, at, why);
    }

  if (colon != NULL)
    {
      g_auto (Part) host_part = { 0 };

      why = decode_part (parser, &host_part, start, port_start - 1, DECODE_HOST);
      if (why != NULL)
        return why;
      why = vsock ? ptl_parse_cid (&endpoint, host_part.bytes, &at)
                  : ptl_parse_host (&endpoint, host_part.bytes, &at);
      ptl_endpoint_clear (&endpoint);
      if (why != NULL)
        return failed_in (parser, &host_part, at, why);
      g_free (*host);
      *host = g_steal_pointer (&host_part.bytes);
    }

  why = decode_part (parser, &part, port_start, end, DECODE_PLAIN);
  if (why != NULL)
    return why;
  if (!vsock)
    {
      why = ptl_spec_take_port_range (parser->spec, *host, part.bytes, &is_range, &in_port, &at);
      if (why != NULL || is_range)
        return failed_in (parser, &part, at, why);
    }

  at = 0;
  if (vsock)
    {
      g_autofree char *text = g_strconcat (*host, ":", part.bytes, NULL);
      size_t host_len = strlen (*host) + 1;

      why = ptl_parse_both (&endpoint, text, NULL, true, &at);
      at = at > host_len ? at - host_len : 0;
    }
  else
    {
      why = ptl_parse_host (&endpoint, *host, &at);
      if (why == NULL)
        why = ptl_parse_port (&endpoint, part.bytes, &at);
    }
  if (why != NULL)
    {
      ptl_endpoint_clear (&endpoint);
      return failed_in (parser, &part, at, why);
    }
  parser->at = start;
  return ptl_spec_take_once (parser->spec, &endpoint);
}

static char *
parse_authority (Parser *parser,
                 size_t  start,
                 size_t  end)
{
  g_autofree char *host = NULL;

  while (true)
    {
      const char *comma = memchr (parser->uri + start, ',', end - start);
      size_t item_end = comma != NULL ? (size_t) (comma - parser->uri) : end;
      char *why = parse_item (parser, start, item_end, &host);

      if (why != NULL)
        return why;
      if (comma == NULL)
        return NULL;
      if (parser->spec->role != PTL_ROLE_LISTEN)
        {
          parser->at = item_end;
          return g_strdup (_("only a listener has several ports"));
        }
      start = item_end + 1;
    }
}

static char *
parse_unix_part (Parser *parser,
                 size_t  start,
                 size_t  end)
{
  g_auto (Part) part = { 0 };
  PtlEndpoint endpoint = { 0 };
  size_t at = 0;
  char *why = decode_part (parser, &part, start, end, DECODE_PLAIN);

  if (why != NULL)
    return why;
  why = ptl_parse_unix (&endpoint, part.bytes, &at);
  if (why != NULL)
    {
      ptl_endpoint_clear (&endpoint);
      return failed_in (parser, &part, at, why);
    }
  parser->at = start;
  return ptl_spec_take_once (parser->spec, &endpoint);
}

static char *
parse_group (Parser     *parser,
             const char *text,
             size_t     *at)
{
  PtlSpec *spec = parser->spec;
  PtlGroup *group;
  PtlEndpoint endpoint = { 0 };
  g_autofree char *host = g_strdup (text);
  char *percent;
  size_t device_at = 0;
  char *why = NULL;

  *at = 0;
  if (spec->n_groups == PTL_SPEC_GROUPS_MAX)
    return g_strdup_printf (_("at most %d groups"), PTL_SPEC_GROUPS_MAX);
  group = &spec->groups[spec->n_groups];
  memset (group, 0, sizeof *group);

  percent = strchr (host, '%');
  if (percent != NULL)
    {
      size_t len = strlen (percent + 1);
      bool closed = host[0] == '[' && len > 0 && percent[len] == ']';

      *percent = '\0';
      if (closed)
        len--;
      device_at = (size_t) (percent + 1 - host);
      why = ptl_parse_device (text + device_at, len, at);
      if (why != NULL)
        {
          *at += device_at;
          return why;
        }
      memcpy (group->device, text + device_at, len);
      if (closed)
        {
          percent[0] = ']';
          percent[1] = '\0';
        }
    }

  why = ptl_parse_host (&endpoint, host, at);
  if (why == NULL)
    {
      if (!ptl_address_is_multicast (&endpoint.address))
        {
          *at = 0;
          why = g_strdup (_("this is not a multicast address (224.0.0.0 to 239.255.255.255, or "
                            "ff…)"));
        }
      else
        {
          group->group = endpoint.address;
          spec->n_groups++;
        }
    }
  ptl_endpoint_clear (&endpoint);
  return why;
}

static char *
parse_local (Parser     *parser,
             const char *text,
             size_t     *at)
{
  PtlSpec *spec = parser->spec;
  PtlEndpoint local = { 0 };
  char *why;

  if (ptl_transport_is_unix (spec->transport))
    why = ptl_parse_unix (&local, text, at);
  else if (spec->transport == PTL_TRANSPORT_VSOCK)
    why = ptl_parse_both (&local, text, "any", true, at);
  else
    why = ptl_parse_both (&local, text, "0", false, at);
  if (why != NULL)
    {
      ptl_endpoint_clear (&local);
      return why;
    }
  spec->local = local;
  spec->has_local = true;
  return NULL;
}

/* Options that are not integers of PtlOptions, after those in the bits of Parser.seen. */
static const char *const other_options[] = {
  "via", "family", "domain", "type", "protocol", "from", "connect-timeout", "idle-timeout",
  "half-open", "own-peers-only", "max-peers", "reaction", "text", "when-full", "log-limit",
  "keep-free", "group", "also", /* these two may come more than once */
};

static char *
parse_other_option (Parser     *parser,
                    const char *key,
                    Part       *value,
                    size_t     *at)
{
  PtlSpec *spec = parser->spec;
  const char *text = value->bytes;
  uint64_t number;
  char *why;
  int word;

  if (strcmp (key, "via") == 0)
    {
      why = ptl_parse_device (text, value->len, at);
      if (why == NULL)
        memcpy (spec->options.device, text, value->len + 1);
      return why;
    }
  if (strcmp (key, "family") == 0)
    {
      why = ptl_parse_word (ptl_family_names, text, -1, &word, at);
      if (why == NULL)
        spec->family = (PtlFamily) word;
      return why;
    }
  if (strcmp (key, "domain") == 0)
    return ptl_parse_word (ptl_domain_names, text, UINT16_MAX, &spec->domain, at);
  if (strcmp (key, "type") == 0)
    return ptl_parse_word (ptl_type_names, text, 15, &spec->type, at);
  if (strcmp (key, "protocol") == 0)
    return ptl_parse_word (ptl_protocol_names, text, INT_MAX, &spec->protocol, at);
  if (strcmp (key, "from") == 0)
    return parse_local (parser, text, at);
  if (strcmp (key, "connect-timeout") == 0)
    return ptl_parse_time (text, &spec->connect_timeout_ms, at);
  if (strcmp (key, "idle-timeout") == 0)
    return ptl_parse_time (text, &spec->idle_timeout_ms, at);
  if (strcmp (key, "half-open") == 0)
    {
      if (strcmp (text, "keep") != 0 && strcmp (text, "auto") != 0)
        return ptl_parse_time (text, &spec->half_open_ms, at);
      spec->half_open_ms = text[0] == 'k' ? PTL_HALF_OPEN_KEEP : PTL_HALF_OPEN_AUTO;
      return NULL;
    }
  if (strcmp (key, "own-peers-only") == 0)
    {
      why = ptl_parse_word (ptl_bool_names, text, -1, &word, at);
      if (why == NULL)
        spec->own_peers_only = word != 0;
      return why;
    }
  if (strcmp (key, "max-peers") == 0)
    {
      why = ptl_parse_number (text, PTL_NUMBER_PLAIN, 0, UINT32_MAX, &number, at);
      if (why == NULL)
        spec->max_peers = (uint32_t) number;
      return why;
    }
  if (strcmp (key, "reaction") == 0)
    {
      why = ptl_parse_word (ptl_reaction_names, text, -1, &word, at);
      if (why == NULL)
        spec->reaction = (PtlReaction) word;
      return why;
    }
  if (strcmp (key, "text") == 0)
    {
      if (value->len > PTL_SPEC_TEXT_MAX)
        {
          *at = PTL_SPEC_TEXT_MAX;
          return g_strdup_printf (_("at most %d bytes of text"), PTL_SPEC_TEXT_MAX);
        }
      spec->reaction_text = ptl_blob_new (text, value->len);
      return NULL;
    }
  if (strcmp (key, "when-full") == 0)
    {
      why = ptl_parse_word (ptl_full_names, text, -1, &word, at);
      if (why == NULL)
        spec->when_full = (PtlWhenFull) word;
      return why;
    }
  if (strcmp (key, "log-limit") == 0)
    return ptl_parse_number (text, PTL_NUMBER_SIZE, 0, UINT64_MAX, &spec->log_limit_bytes, at);
  if (strcmp (key, "keep-free") == 0)
    return ptl_parse_number (text, PTL_NUMBER_SIZE, 0, INT64_MAX, &spec->keep_free_bytes, at);
  if (strcmp (key, "group") == 0)
    return parse_group (parser, text, at);

  g_assert_not_reached ();
}

static char *
parse_option (Parser *parser,
              size_t  start,
              size_t  end)
{
  const char *equals = memchr (parser->uri + start, '=', end - start);
  size_t key_end = equals != NULL ? (size_t) (equals - parser->uri) : end;
  g_autofree char *key = g_strndup (parser->uri + start, key_end - start);
  g_auto (Part) value = { 0 };
  const PtlIntOption *option = NULL;
  Decoding decoding = DECODE_PLAIN;
  size_t index;
  size_t at = 0;
  uint64_t number;
  char *why;
  int word;

  for (index = 0; index < PTL_N_INT_OPTIONS; index++)
    if (strcmp (key, ptl_int_options[index].name) == 0)
      {
        option = &ptl_int_options[index];
        break;
      }
  if (option == NULL)
    {
      size_t other;

      for (other = 0; other < G_N_ELEMENTS (other_options); other++)
        if (strcmp (key, other_options[other]) == 0)
          break;
      parser->at = start;
      if (other == G_N_ELEMENTS (other_options))
        return key[0] == '\0' ? g_strdup (_("the name of an option is missing here"))
                              : g_strdup (_("no option has this name"));
      index += other;
    }

  g_assert (index < 64);
  parser->at = start;
  if (strcmp (key, "group") != 0 && strcmp (key, "also") != 0)
    {
      if ((parser->seen & UINT64_C (1) << index) != 0)
        return g_strdup (_("this option was there before"));
      parser->seen |= UINT64_C (1) << index;
    }
  if (equals == NULL)
    {
      if (option != NULL && option->is_bool)
        {
          *ptl_int_option_field (&parser->spec->options, option) = 1;
          return NULL;
        }
      parser->at = end;
      return g_strdup (_("“=” and a value are missing"));
    }

  if (strcmp (key, "also") == 0)
    {
      if (!ptl_transport_is_unix (parser->spec->transport))
        return g_strdup (_("“also” is for Unix sockets; other ports are put behind a comma"));
      return parse_unix_part (parser, key_end + 1, end);
    }

  if (strcmp (key, "text") == 0)
    decoding = DECODE_BYTES;
  else if ((strcmp (key, "from") == 0 && !ptl_transport_is_unix (parser->spec->transport))
           || strcmp (key, "group") == 0)
    decoding = DECODE_HOST;
  why = decode_part (parser, &value, key_end + 1, end, decoding);
  if (why != NULL)
    return why;
  if (option == NULL)
    why = parse_other_option (parser, key, &value, &at);
  else if (option->is_bool)
    {
      why = ptl_parse_word (ptl_bool_names, value.bytes, -1, &word, &at);
      if (why == NULL)
        *ptl_int_option_field (&parser->spec->options, option) = word;
    }
  else
    {
      why = ptl_parse_number (value.bytes, option->kind, (uint64_t) option->min,
                              (uint64_t) option->max, &number, &at);
      if (why == NULL)
        *ptl_int_option_field (&parser->spec->options, option) = (int) number;
    }
  return failed_in (parser, &value, at, why);
}

static char *
parse_uri (Parser *parser)
{
  const char *uri = parser->uri;
  size_t len = strlen (uri);
  size_t scheme_len = strcspn (uri, ":/?#@[");
  size_t start = scheme_len + 1;
  size_t end;
  char *why;
  size_t i;

  if (len > PTL_SPEC_URI_MAX)
    {
      parser->at = PTL_SPEC_URI_MAX;
      return g_strdup_printf (_("at most %d bytes"), PTL_SPEC_URI_MAX);
    }
  for (i = 0; i < len; i++)
    if ((uint8_t) uri[i] < 0x20 || uri[i] == 0x7f)
      {
        parser->at = i;
        return g_strdup (_("a control character has no place here; write it as %XX"));
      }

  if (uri[scheme_len] != ':')
    return g_strdup (_("a scheme is missing: tcp://, udp://, unix: or vsock://"));
  for (i = 0; i < PTL_N_SCHEMES; i++)
    if (strlen (ptl_schemes[i].scheme) == scheme_len
        && g_ascii_strncasecmp (ptl_schemes[i].scheme, uri, scheme_len) == 0)
      break;
  if (i == PTL_N_SCHEMES)
    return g_strdup (_("this scheme is not known; tcp://, udp://, unix:, unix+seqpacket:, "
                       "unix+dgram: and vsock:// are"));
  parser->spec->transport = ptl_schemes[i].transport;

  end = start + strcspn (uri + start, "?#");
  if (ptl_transport_is_unix (parser->spec->transport))
    {
      if (strncmp (uri + start, "//", 2) == 0)
        start += 2;
      why = parse_unix_part (parser, start, end);
    }
  else
    {
      size_t authority_end = end;

      if (strncmp (uri + start, "//", 2) != 0)
        {
          parser->at = start;
          return g_strdup (_("“//” is missing here"));
        }
      start += 2;
      if (authority_end > start && uri[authority_end - 1] == '/')
        authority_end--;
      why = parse_authority (parser, start, authority_end);
    }
  if (why != NULL)
    return why;

  if (uri[end] == '?')
    for (size_t option = end + 1;;)
      {
        end = option + strcspn (uri + option, "&#");
        why = parse_option (parser, option, end);
        if (why != NULL)
          return why;
        if (uri[end] != '&')
          break;
        option = end + 1;
      }
  if (uri[end] == '#')
    {
      parser->at = end;
      return g_strdup (_("“#” has no meaning here; write it as %23"));
    }
  return NULL;
}

PtlSpec *
ptl_spec_parse_uri (PtlRole     role,
                    const char *uri,
                    size_t     *at,
                    GError    **error)
{
  g_autoptr (PtlSpec) spec = ptl_spec_new (role, PTL_TRANSPORT_TCP);
  Parser parser = { .spec = spec, .uri = uri };
  char *why;

  why = parse_uri (&parser);
  if (why != NULL)
    {
      ptl_parse_fail (error, at, uri, parser.at, why);
      return NULL;
    }
  if (!ptl_spec_check (spec, error))
    {
      if (at != NULL)
        *at = 0;
      return NULL;
    }
  return g_steal_pointer (&spec);
}
