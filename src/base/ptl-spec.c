/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The spec of a session, and its URI. */
#include "config.h"

#include "base/ptl-spec.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "base/ptl-parse.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* What an option of the URI is: where it is kept and what it may be. */
typedef struct
{
  const char *name;
  size_t      offset; /* of an int in PtlOptions */
  int         min;
  int         max;
  bool        is_bool;
  bool        is_size; /* may have k, M or G behind it */
} IntOption;

#define OPTION(name, field, min, max) { name, offsetof (PtlOptions, field), min, max, false, false }
#define SWITCH(name, field) { name, offsetof (PtlOptions, field), 0, 1, true, false }
#define SIZE(name, field) { name, offsetof (PtlOptions, field), 0, INT_MAX, false, true }

static const IntOption int_options[] = {
  SWITCH ("reuse-addr", reuse_addr),
  SWITCH ("reuse-port", reuse_port),
  SWITCH ("v6only", v6only),
  SWITCH ("nodelay", nodelay),
  SWITCH ("keepalive", keepalive),
  OPTION ("keep-idle", keep_idle_s, 1, INT_MAX),
  OPTION ("keep-interval", keep_interval_s, 1, INT_MAX),
  OPTION ("keep-count", keep_count, 1, INT_MAX),
  SIZE ("rcvbuf", rcvbuf),
  SIZE ("sndbuf", sndbuf),
  OPTION ("linger", linger_s, 0, INT_MAX),
  SWITCH ("broadcast", broadcast),
  OPTION ("ttl", ttl, 1, 255),
  OPTION ("tos", tos, 0, 255),
  OPTION ("backlog", backlog, 0, INT_MAX),
  OPTION ("multicast-ttl", multicast_ttl, 0, 255),
  SWITCH ("multicast-loop", multicast_loop),
};

typedef struct
{
  const char *name;
  int         value;
} Name;

static const Name domain_names[] = {
  { "unix", AF_UNIX }, { "local", AF_UNIX }, { "inet", AF_INET }, { "inet6", AF_INET6 },
  { "ax25", AF_AX25 }, { "ipx", AF_IPX }, { "appletalk", AF_APPLETALK }, { "netrom", AF_NETROM },
  { "x25", AF_X25 }, { "rose", AF_ROSE }, { "netlink", AF_NETLINK }, { "packet", AF_PACKET },
  { "rds", AF_RDS }, { "llc", AF_LLC }, { "can", AF_CAN }, { "tipc", AF_TIPC },
  { "bluetooth", AF_BLUETOOTH }, { "phonet", AF_PHONET }, { "ieee802154", AF_IEEE802154 },
  { "alg", AF_ALG }, { "vsock", AF_VSOCK }, { "kcm", AF_KCM }, { "qipcrtr", AF_QIPCRTR },
  { "smc", AF_SMC }, { "xdp", AF_XDP }, { NULL }
};

static const Name type_names[] = {
  { "stream", SOCK_STREAM }, { "dgram", SOCK_DGRAM }, { "raw", SOCK_RAW }, { "rdm", SOCK_RDM },
  { "seqpacket", SOCK_SEQPACKET }, { "dccp", SOCK_DCCP }, { "packet", SOCK_PACKET }, { NULL }
};

static const Name protocol_names[] = {
  { "default", 0 }, { "icmp", IPPROTO_ICMP }, { "igmp", IPPROTO_IGMP }, { "tcp", IPPROTO_TCP },
  { "udp", IPPROTO_UDP }, { "dccp", IPPROTO_DCCP }, { "icmpv6", IPPROTO_ICMPV6 },
  { "sctp", IPPROTO_SCTP }, { "udplite", IPPROTO_UDPLITE }, { "raw", IPPROTO_RAW },
  { "mptcp", IPPROTO_MPTCP }, { "smc", 256 }, { NULL }
};

static const Name family_names[] = {
  { "any", PTL_FAMILY_ANY }, { "4", PTL_FAMILY_IPV4 }, { "6", PTL_FAMILY_IPV6 },
  { "ipv4", PTL_FAMILY_IPV4 }, { "ipv6", PTL_FAMILY_IPV6 },
  { "inet", PTL_FAMILY_IPV4 }, { "inet6", PTL_FAMILY_IPV6 }, { NULL }
};

static const Name reaction_names[] = {
  { "none", PTL_REACTION_NONE }, { "echo", PTL_REACTION_ECHO },
  { "discard", PTL_REACTION_DISCARD }, { "greeting", PTL_REACTION_GREETING },
  { "answer", PTL_REACTION_ANSWER }, { NULL }
};

static const Name full_names[] = {
  { "stop", PTL_FULL_STOP_RECEIVING }, { "go-on", PTL_FULL_GO_ON }, { NULL }
};

static const Name bool_names[] = {
  { "1", 1 }, { "0", 0 }, { "yes", 1 }, { "no", 0 }, { "true", 1 }, { "false", 0 },
  { "on", 1 }, { "off", 0 }, { NULL }
};

static const struct
{
  const char  *scheme;
  PtlTransport transport;
} schemes[] = { /* the first of each transport is the one that is written */
  { "tcp", PTL_TRANSPORT_TCP },
  { "udp", PTL_TRANSPORT_UDP },
  { "unix", PTL_TRANSPORT_UNIX_STREAM },
  { "unix+stream", PTL_TRANSPORT_UNIX_STREAM },
  { "unix+seqpacket", PTL_TRANSPORT_UNIX_SEQPACKET },
  { "unix+dgram", PTL_TRANSPORT_UNIX_DGRAM },
  { "vsock", PTL_TRANSPORT_VSOCK },
};

static int *
int_field (PtlOptions      *options,
           const IntOption *option)
{
  return (int *) (void *) ((char *) options + option->offset);
}

static int
int_value (const PtlOptions *options,
           const IntOption  *option)
{
  return *(const int *) (const void *) ((const char *) options + option->offset);
}

static const char *
name_of (const Name *names,
         int         value)
{
  for (; names->name != NULL; names++)
    if (names->value == value)
      return names->name;
  return NULL;
}

static bool
is_unix (PtlTransport transport)
{
  return transport == PTL_TRANSPORT_UNIX_STREAM
         || transport == PTL_TRANSPORT_UNIX_SEQPACKET
         || transport == PTL_TRANSPORT_UNIX_DGRAM;
}

static bool
is_ip (PtlTransport transport)
{
  return transport == PTL_TRANSPORT_TCP || transport == PTL_TRANSPORT_UDP;
}

PtlSpec *
ptl_spec_new (PtlRole      role,
              PtlTransport transport)
{
  PtlSpec *spec = g_new0 (PtlSpec, 1);

  spec->role = role;
  spec->transport = transport;
  spec->domain = spec->type = spec->protocol = -1;
  for (size_t i = 0; i < G_N_ELEMENTS (int_options); i++)
    *int_field (&spec->options, &int_options[i]) = PTL_OPTION_UNSET;
  return spec;
}

PtlSpec *
ptl_spec_copy (const PtlSpec *spec)
{
  PtlSpec *copy = g_new (PtlSpec, 1);

  *copy = *spec;
  copy->endpoints = g_new0 (PtlEndpoint, MAX (spec->n_endpoints, 1));
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    ptl_endpoint_copy (&copy->endpoints[i], &spec->endpoints[i]);
  if (spec->has_local)
    ptl_endpoint_copy (&copy->local, &spec->local);
  if (spec->reaction_text != NULL)
    copy->reaction_text = ptl_blob_ref (spec->reaction_text);
  return copy;
}

void
ptl_spec_free (PtlSpec *spec)
{
  if (spec == NULL)
    return;

  ptl_blob_unref (spec->reaction_text);
  if (spec->has_local)
    ptl_endpoint_clear (&spec->local);
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    ptl_endpoint_clear (&spec->endpoints[i]);
  g_free (spec->endpoints);
  g_free (spec);
}

static bool
blobs_equal (const PtlBlob *a,
             const PtlBlob *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->len_bytes == b->len_bytes
         && (a->len_bytes == 0 || memcmp (a->data, b->data, a->len_bytes) == 0);
}

bool
ptl_spec_equal (const PtlSpec *a,
                const PtlSpec *b)
{
  if (a->role != b->role || a->transport != b->transport || a->n_endpoints != b->n_endpoints
      || a->family != b->family || a->domain != b->domain || a->type != b->type
      || a->protocol != b->protocol || a->has_local != b->has_local
      || a->n_groups != b->n_groups || a->connect_timeout_ms != b->connect_timeout_ms
      || a->idle_timeout_ms != b->idle_timeout_ms || a->own_peers_only != b->own_peers_only
      || a->max_peers != b->max_peers || a->reaction != b->reaction
      || a->when_full != b->when_full || a->log_limit_bytes != b->log_limit_bytes
      || strcmp (a->options.device, b->options.device) != 0
      || !blobs_equal (a->reaction_text, b->reaction_text)
      || (a->has_local && !ptl_endpoint_equal (&a->local, &b->local)))
    return false;

  for (unsigned i = 0; i < a->n_endpoints; i++)
    if (!ptl_endpoint_equal (&a->endpoints[i], &b->endpoints[i]))
      return false;
  for (unsigned i = 0; i < a->n_groups; i++)
    if (!ptl_address_equal_host (&a->groups[i].group, &b->groups[i].group)
        || strcmp (a->groups[i].device, b->groups[i].device) != 0)
      return false;
  for (size_t i = 0; i < G_N_ELEMENTS (int_options); i++)
    if (int_value (&a->options, &int_options[i]) != int_value (&b->options, &int_options[i]))
      return false;
  return true;
}

bool
ptl_spec_take_endpoint (PtlSpec     *spec,
                        PtlEndpoint *endpoint)
{
  if (spec->n_endpoints == PTL_SPEC_ENDPOINTS_MAX)
    return false;

  /* Powers of two. */
  if ((spec->n_endpoints & (spec->n_endpoints - 1)) == 0)
    spec->endpoints = g_renew (PtlEndpoint, spec->endpoints, MAX (1, spec->n_endpoints * 2));
  spec->endpoints[spec->n_endpoints++] = *endpoint;
  memset (endpoint, 0, sizeof *endpoint);
  return true;
}

void
ptl_spec_get_socket_triple (const PtlSpec *spec,
                            int            family,
                            int           *domain,
                            int           *type,
                            int           *protocol)
{
  switch (spec->transport)
    {
    case PTL_TRANSPORT_UDP:
      *domain = family;
      *type = SOCK_DGRAM;
      break;
    case PTL_TRANSPORT_UNIX_STREAM:
      *domain = AF_UNIX;
      *type = SOCK_STREAM;
      break;
    case PTL_TRANSPORT_UNIX_SEQPACKET:
      *domain = AF_UNIX;
      *type = SOCK_SEQPACKET;
      break;
    case PTL_TRANSPORT_UNIX_DGRAM:
      *domain = AF_UNIX;
      *type = SOCK_DGRAM;
      break;
    case PTL_TRANSPORT_VSOCK:
      *domain = AF_VSOCK;
      *type = SOCK_STREAM;
      break;
    case PTL_TRANSPORT_TCP:
    default:
      *domain = family;
      *type = SOCK_STREAM;
      break;
    }
  *protocol = 0;

  if (spec->domain >= 0)
    *domain = spec->domain;
  if (spec->type >= 0)
    *type = spec->type;
  if (spec->protocol >= 0)
    *protocol = spec->protocol;
}

bool
ptl_spec_is_stream (const PtlSpec *spec)
{
  int domain, type, protocol;

  ptl_spec_get_socket_triple (spec, AF_INET, &domain, &type, &protocol);
  return type == SOCK_STREAM;
}

bool
ptl_spec_is_datagram (const PtlSpec *spec)
{
  int domain, type, protocol;

  ptl_spec_get_socket_triple (spec, AF_INET, &domain, &type, &protocol);
  return type == SOCK_DGRAM || type == SOCK_RAW || type == SOCK_RDM || type == SOCK_PACKET;
}

static bool check_failed (GError    **error,
                          const char *format,
                          ...) G_GNUC_PRINTF (2, 3);

static bool
check_failed (GError    **error,
              const char *format,
              ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (PTL_ERROR, PTL_ERROR_PARSE, format, args);
  va_end (args);
  return false;
}

static bool
check_endpoint (const PtlSpec     *spec,
                const PtlEndpoint *endpoint,
                GError           **error)
{
  g_autofree char *text = ptl_endpoint_to_text (endpoint);
  bool unix_host = endpoint->host_kind == PTL_HOST_UNIX_PATH
                   || endpoint->host_kind == PTL_HOST_UNIX_ABSTRACT;
  bool vsock_host = endpoint->host_kind == PTL_HOST_VSOCK;

  if (is_unix (spec->transport) && !unix_host)
    return check_failed (error, _("%s is no path: a Unix socket has one, or “@” and a name"), text);
  if (spec->transport == PTL_TRANSPORT_VSOCK && !vsock_host)
    return check_failed (error, _("%s is no context id and port, as vsock needs them"), text);
  if (is_ip (spec->transport) && (unix_host || vsock_host))
    return check_failed (error, _("%s is not an Internet host and port"), text);
  if (spec->family == PTL_FAMILY_IPV6
      && (endpoint->host_kind == PTL_HOST_IPV4 || endpoint->host_kind == PTL_HOST_BROADCAST))
    return check_failed (error, _("%s is an IPv4 address, and only IPv6 is asked for"), text);
  if (spec->family == PTL_FAMILY_IPV4 && endpoint->host_kind == PTL_HOST_IPV6)
    return check_failed (error, _("%s is an IPv6 address, and only IPv4 is asked for"), text);
  return true;
}

/* AF_INET, AF_INET6, or AF_UNSPEC where it is open. */
static int
endpoint_family (const PtlEndpoint *endpoint)
{
  switch (endpoint->host_kind)
    {
    case PTL_HOST_IPV4:
    case PTL_HOST_BROADCAST:
      return AF_INET;
    case PTL_HOST_IPV6:
      return AF_INET6;
    default:
      return AF_UNSPEC;
    }
}

bool
ptl_spec_check (const PtlSpec *spec,
                GError       **error)
{
  if (spec->n_endpoints == 0)
    return check_failed (error, _("an endpoint is missing"));
  if (spec->n_endpoints > 1 && spec->role != PTL_ROLE_LISTEN)
    return check_failed (error, _("only a listener has several ports"));
  if (spec->role == PTL_ROLE_DATAGRAMS
      && spec->transport != PTL_TRANSPORT_UDP && spec->transport != PTL_TRANSPORT_UNIX_DGRAM)
    return check_failed (error, _("datagrams go over UDP or Unix datagram sockets"));
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    if (!check_endpoint (spec, &spec->endpoints[i], error))
      return false;
  if (spec->family != PTL_FAMILY_ANY && !is_ip (spec->transport))
    return check_failed (error, _("IPv4 or IPv6 is a choice for TCP and UDP only"));

  if (spec->has_local)
    {
      int local = endpoint_family (&spec->local);
      int target = endpoint_family (&spec->endpoints[0]);

      if (spec->role == PTL_ROLE_LISTEN)
        return check_failed (error, _("a listener's address is its endpoint; "
                                      "“from” is for the other roles"));
      if (!check_endpoint (spec, &spec->local, error))
        return false;
      if (local != AF_UNSPEC && target != AF_UNSPEC && local != target)
        return check_failed (error, _("one address is IPv4 and the other IPv6"));
    }

  if (spec->n_groups > 0 && spec->transport != PTL_TRANSPORT_UDP)
    return check_failed (error, _("only UDP joins multicast groups"));
  for (unsigned i = 0; i < spec->n_groups; i++)
    {
      const PtlGroup *group = &spec->groups[i];
      char text[PTL_ADDRESS_TEXT_MAX];
      int family = ptl_address_get_family (&group->group);

      ptl_address_format_host (&group->group, text, sizeof text);
      if (!ptl_address_is_multicast (&group->group))
        return check_failed (error, _("%s is not a multicast address"), text);
      if ((spec->family == PTL_FAMILY_IPV4 && family != AF_INET)
          || (spec->family == PTL_FAMILY_IPV6 && family != AF_INET6))
        return check_failed (error, _("the group %s is not of the family that is asked for"), text);
    }

  for (size_t i = 0; i < G_N_ELEMENTS (int_options); i++)
    {
      int value = int_value (&spec->options, &int_options[i]);

      if (value != PTL_OPTION_UNSET && (value < int_options[i].min || value > int_options[i].max))
        return check_failed (error, _("%s is a number from %d to %d"), int_options[i].name,
                             int_options[i].min, int_options[i].max);
    }

  if (spec->role != PTL_ROLE_LISTEN && spec->own_peers_only)
    return check_failed (error, _("only a listener can refuse peers"));
  if (spec->role != PTL_ROLE_LISTEN && spec->max_peers != 0)
    return check_failed (error, _("only a listener has a limit of peers"));
  if (spec->role != PTL_ROLE_CONNECT && spec->connect_timeout_ms != 0)
    return check_failed (error, _("a connect timeout is for a connection"));
  if (spec->role == PTL_ROLE_DATAGRAMS && spec->idle_timeout_ms != 0)
    return check_failed (error, _("an idle timeout is for connections"));
  if (spec->role == PTL_ROLE_CONNECT && spec->reaction != PTL_REACTION_NONE)
    return check_failed (error, _("reactions are for a listener"));
  if (spec->reaction == PTL_REACTION_GREETING || spec->reaction == PTL_REACTION_ANSWER)
    {
      if (spec->reaction_text == NULL)
        return check_failed (error, _("the text of the greeting or answer is missing"));
      if (spec->reaction_text->len_bytes > PTL_SPEC_TEXT_MAX)
        return check_failed (error, _("the text of the greeting or answer has more than %d bytes"),
                             PTL_SPEC_TEXT_MAX);
    }
  else if (spec->reaction_text != NULL)
    return check_failed (error, _("a text is for the reactions “greeting” and “answer”"));
  return true;
}

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

/* Decodes uri[start, end).  The first "%" in a bracket starts a zone, as "%25" or (as people type it)
 * bare; RFC 6874 section 2. */
static char *
decode_part (Parser *parser,
             Part   *part,
             size_t  start,
             size_t  end,
             bool    nul_allowed)
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
        in_bracket = true;
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
          if (c == '\0' && !nul_allowed)
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

static char *
take (Parser      *parser,
      PtlEndpoint *endpoint)
{
  if (ptl_spec_take_endpoint (parser->spec, endpoint))
    return NULL;
  ptl_endpoint_clear (endpoint);
  return g_strdup_printf (_("at most %d ports"), PTL_SPEC_ENDPOINTS_MAX);
}

static bool
is_digits (const char *text,
           size_t      len)
{
  if (len == 0)
    return false;
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isdigit (text[i]))
      return false;
  return true;
}

/* "8000-8003": takes one endpoint for each port.  *@is_range false: it is something else. */
static char *
parse_range (Parser     *parser,
             const char *host,
             const Part *part,
             bool       *is_range)
{
  const char *dash = strchr (part->bytes, '-');
  size_t left;
  uint32_t first = 0, last = 0;

  *is_range = dash != NULL
              && is_digits (part->bytes, left = (size_t) (dash - part->bytes))
              && is_digits (dash + 1, part->len - left - 1);
  if (!*is_range)
    return NULL;

  parser->at = part->from[0];
  if (left > 5 || part->len - left - 1 > 5)
    return g_strdup (_("a port is a number from 0 to 65535"));
  first = (uint32_t) strtoul (part->bytes, NULL, 10);
  last = (uint32_t) strtoul (dash + 1, NULL, 10);
  if (first > UINT16_MAX || last > UINT16_MAX)
    return g_strdup (_("a port is a number from 0 to 65535"));
  if (first > last)
    return g_strdup (_("a range of ports goes upwards"));
  for (uint32_t port = first; port <= last; port++)
    {
      PtlEndpoint endpoint = { 0 };
      g_autofree char *number = g_strdup_printf ("%u", port);
      size_t at = 0;
      char *why = ptl_parse_host (&endpoint, host, &at);

      if (why == NULL)
        why = ptl_parse_port (&endpoint, number, &at);
      if (why != NULL)
        {
          ptl_endpoint_clear (&endpoint);
          return why;
        }
      why = take (parser, &endpoint);
      if (why != NULL)
        return why;
    }
  return NULL;
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
  g_autofree char *both = NULL;
  PtlEndpoint endpoint = { 0 };
  const char *colon;
  size_t port_start = start;
  size_t at = 0;
  bool is_range = false;
  char *why;

  /* The port is behind the last colon that is not in a bracket; without a colon it is all. */
  colon = g_strrstr_len (parser->uri + start, (gssize) (end - start), ":");
  if (colon != NULL && memchr (colon, ']', (size_t) (parser->uri + end - colon)) != NULL)
    colon = NULL;
  if (colon != NULL)
    port_start = (size_t) (colon - parser->uri) + 1;

  if (colon == NULL && *host == NULL)
    {
      why = decode_part (parser, &part, start, end, false);
      if (why != NULL)
        return why;
      why = ptl_parse_both (&endpoint, part.bytes, NULL, vsock, &at);
      ptl_endpoint_clear (&endpoint);
      return failed_in (parser, &part, at, why);
    }

  if (colon != NULL)
    {
      g_auto (Part) host_part = { 0 };

      why = decode_part (parser, &host_part, start, port_start - 1, false);
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

  why = decode_part (parser, &part, port_start, end, false);
  if (why != NULL)
    return why;
  if (!vsock)
    {
      why = parse_range (parser, *host, &part, &is_range);
      if (why != NULL || is_range)
        return why;
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
  return take (parser, &endpoint);
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
  char *why = decode_part (parser, &part, start, end, false);

  if (why != NULL)
    return why;
  why = ptl_parse_unix (&endpoint, part.bytes, &at);
  if (why != NULL)
    {
      ptl_endpoint_clear (&endpoint);
      return failed_in (parser, &part, at, why);
    }
  parser->at = start;
  return take (parser, &endpoint);
}

/* A whole number with an optional unit; SI letters mean 1024, as sizes of memory do. */
static char *
parse_number (const char *text,
              uint64_t    min,
              uint64_t    max,
              bool        is_size,
              uint64_t   *value,
              size_t     *at)
{
  size_t i = 0;
  uint64_t number = 0;
  unsigned shift = 0;

  *at = 0;
  while (g_ascii_isdigit (text[i]))
    {
      if (number > (UINT64_MAX - 9) / 10)
        goto out_of_range;
      number = number * 10 + (uint64_t) (text[i++] - '0');
    }
  if (i == 0)
    {
      return g_strdup (_("a number goes here"));
    }
  if (is_size && text[i] != '\0')
    switch (text[i])
      {
      case 'k':
      case 'K':
        shift = 10;
        i++;
        break;
      case 'm':
      case 'M':
        shift = 20;
        i++;
        break;
      case 'g':
      case 'G':
        shift = 30;
        i++;
        break;
      default:
        break;
      }
  if (text[i] != '\0')
    {
      *at = i;
      return g_strdup (is_size ? _("behind a size only k, M or G may stand")
                               : _("a number has only digits"));
    }
  if (number > UINT64_MAX >> shift)
    goto out_of_range;
  number <<= shift;
  if (number < min || number > max)
    goto out_of_range;
  *value = number;
  return NULL;

out_of_range:
  return g_strdup_printf (_("the number is from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT),
                          min, max);
}

/* "5", "1.5", "5s", "500ms", "2m", to milliseconds. */
static char *
parse_time (const char *text,
            uint32_t   *ms,
            size_t     *at)
{
  uint64_t value = 0; /* in thousandths of the unit */
  uint64_t factor;
  unsigned decimals = 0;
  bool any = false;
  size_t i = 0;

  *at = 0;
  for (; g_ascii_isdigit (text[i]); i++)
    {
      any = true;
      if (value < UINT64_C (1) << 40)
        value = value * 10 + (uint64_t) (text[i] - '0');
    }
  value *= 1000;
  if (any && text[i] == '.')
    {
      uint64_t weight = 100;

      for (i++; g_ascii_isdigit (text[i]); i++, weight /= 10, decimals++)
        value += (uint64_t) (text[i] - '0') * weight;
      any = decimals > 0;
    }
  if (!any)
    {
      *at = i;
      return g_strdup (_("a time goes here: seconds, or with “ms”, “s” or “m” behind it"));
    }
  if (strcmp (text + i, "ms") == 0)
    factor = 1;
  else if (strcmp (text + i, "s") == 0 || text[i] == '\0')
    factor = 1000;
  else if (strcmp (text + i, "m") == 0 || strcmp (text + i, "min") == 0)
    factor = 60 * 1000;
  else
    {
      *at = i;
      return g_strdup (_("behind a time only “ms”, “s” or “m” may stand"));
    }
  value = value * factor / 1000;
  if (value > UINT32_MAX)
    return g_strdup (_("a time is at most 4294967 seconds"));
  *ms = (uint32_t) value;
  return NULL;
}

/* A word of @names, or with @max >= 0 a number up to it. */
static char *
parse_word (const Name *names,
            const char *text,
            int         max,
            int        *value,
            size_t     *at)
{
  g_autoptr (GString) all = NULL;
  uint64_t number;

  *at = 0;
  for (const Name *name = names; name->name != NULL; name++)
    if (g_ascii_strcasecmp (name->name, text) == 0)
      {
        *value = name->value;
        return NULL;
      }
  if (max >= 0 && g_ascii_isdigit (text[0]))
    {
      char *why = parse_number (text, 0, (uint64_t) max, false, &number, at);

      if (why == NULL)
        *value = (int) number;
      return why;
    }

  all = g_string_new (NULL);
  for (const Name *name = names; name->name != NULL; name++)
    g_string_append_printf (all, "%s%s", all->len > 0 ? ", " : "", name->name);
  if (max >= 0)
    return g_strdup_printf (_("a number goes here, or one of: %s"), all->str);
  return g_strdup_printf (_("one of these goes here: %s"), all->str);
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
          why = g_strdup (_("this is not a multicast address (224.0.0.0 to 239.255.255.255, or ff…)"));
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

  if (is_unix (spec->transport))
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
  "own-peers-only", "max-peers", "reaction", "text", "when-full", "log-limit",
  "group", "also", /* these two may come more than once */
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
      why = parse_word (family_names, text, -1, &word, at);
      if (why == NULL)
        spec->family = (PtlFamily) word;
      return why;
    }
  if (strcmp (key, "domain") == 0)
    return parse_word (domain_names, text, UINT16_MAX, &spec->domain, at);
  if (strcmp (key, "type") == 0)
    return parse_word (type_names, text, 15, &spec->type, at);
  if (strcmp (key, "protocol") == 0)
    return parse_word (protocol_names, text, INT_MAX, &spec->protocol, at);
  if (strcmp (key, "from") == 0)
    return parse_local (parser, text, at);
  if (strcmp (key, "connect-timeout") == 0)
    return parse_time (text, &spec->connect_timeout_ms, at);
  if (strcmp (key, "idle-timeout") == 0)
    return parse_time (text, &spec->idle_timeout_ms, at);
  if (strcmp (key, "own-peers-only") == 0)
    {
      why = parse_word (bool_names, text, -1, &word, at);
      if (why == NULL)
        spec->own_peers_only = word != 0;
      return why;
    }
  if (strcmp (key, "max-peers") == 0)
    {
      why = parse_number (text, 0, UINT32_MAX, false, &number, at);
      if (why == NULL)
        spec->max_peers = (uint32_t) number;
      return why;
    }
  if (strcmp (key, "reaction") == 0)
    {
      why = parse_word (reaction_names, text, -1, &word, at);
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
      why = parse_word (full_names, text, -1, &word, at);
      if (why == NULL)
        spec->when_full = (PtlWhenFull) word;
      return why;
    }
  if (strcmp (key, "log-limit") == 0)
    return parse_number (text, 0, UINT64_MAX, true, &spec->log_limit_bytes, at);
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
  const IntOption *option = NULL;
  size_t index;
  size_t at = 0;
  uint64_t number;
  char *why;
  int word;

  for (index = 0; index < G_N_ELEMENTS (int_options); index++)
    if (strcmp (key, int_options[index].name) == 0)
      {
        option = &int_options[index];
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
          *int_field (&parser->spec->options, option) = 1;
          return NULL;
        }
      parser->at = end;
      return g_strdup (_("“=” and a value are missing"));
    }

  if (strcmp (key, "also") == 0)
    {
      if (!is_unix (parser->spec->transport))
        return g_strdup (_("“also” is for Unix sockets; other ports are put behind a comma"));
      return parse_unix_part (parser, key_end + 1, end);
    }

  why = decode_part (parser, &value, key_end + 1, end, strcmp (key, "text") == 0);
  if (why != NULL)
    return why;
  if (option == NULL)
    why = parse_other_option (parser, key, &value, &at);
  else if (option->is_bool)
    {
      why = parse_word (bool_names, value.bytes, -1, &word, &at);
      if (why == NULL)
        *int_field (&parser->spec->options, option) = word;
    }
  else
    {
      why = parse_number (value.bytes, (uint64_t) option->min, (uint64_t) option->max,
                          option->is_size, &number, &at);
      if (why == NULL)
        *int_field (&parser->spec->options, option) = (int) number;
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
  for (i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (strlen (schemes[i].scheme) == scheme_len
        && g_ascii_strncasecmp (schemes[i].scheme, uri, scheme_len) == 0)
      break;
  if (i == G_N_ELEMENTS (schemes))
    return g_strdup (_("this scheme is not known; tcp://, udp://, unix:, unix+seqpacket:, "
                       "unix+dgram: and vsock:// are"));
  parser->spec->transport = schemes[i].transport;

  end = start + strcspn (uri + start, "?#");
  if (is_unix (parser->spec->transport))
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

/* Appends text, with what has a meaning in a URI or cannot be seen in it percent-encoded. */
static void
append_encoded (GString    *out,
                const char *bytes,
                size_t      len_bytes,
                const char *also) /* encoded, too */
{
  for (size_t i = 0; i < len_bytes; i++)
    {
      uint8_t byte = (uint8_t) bytes[i];

      if (byte <= 0x20 || byte >= 0x7f || strchr ("%?#&\"`'", byte) != NULL
          || strchr (also, byte) != NULL)
        g_string_append_printf (out, "%%%02X", byte);
      else
        g_string_append_c (out, (char) byte);
    }
}

/* A host as it stands before the port; text that is safe to show is not encoded, for reading. */
static void
append_host (GString           *out,
             const PtlEndpoint *endpoint)
{
  if (endpoint->host_kind == PTL_HOST_IPV6)
    {
      size_t len = strcspn (endpoint->host, "%");

      g_string_append_c (out, '[');
      g_string_append_len (out, endpoint->host, (gssize) len);
      if (endpoint->zone != NULL)
        {
          g_string_append (out, "%25");
          append_encoded (out, endpoint->zone, strlen (endpoint->zone), ",");
        }
      g_string_append_c (out, ']');
    }
  else
    g_string_append (out, endpoint->host);
}

static void
append_port (GString           *out,
             const PtlEndpoint *endpoint)
{
  if (endpoint->service != NULL)
    g_string_append (out, endpoint->service);
  else if (endpoint->host_kind == PTL_HOST_VSOCK && endpoint->port == VMADDR_PORT_ANY)
    g_string_append (out, "any");
  else
    g_string_append_printf (out, "%u", endpoint->port);
}

static void
append_unix (GString           *out,
             const PtlEndpoint *endpoint)
{
  g_autofree char *text = ptl_endpoint_to_text (endpoint);

  append_encoded (out, text, strlen (text), "");
}

static GString *
title (const PtlSpec *spec)
{
  GString *out = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (schemes[i].transport == spec->transport)
      {
        g_string_append (out, schemes[i].scheme);
        break;
      }
  g_string_append (out, is_unix (spec->transport) ? ":" : "://");
  if (spec->n_endpoints == 0)
    return out;

  if (is_unix (spec->transport))
    {
      if (g_str_has_prefix (spec->endpoints[0].host, "//"))
        g_string_append (out, "//");
      append_unix (out, &spec->endpoints[0]);
      return out;
    }
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    {
      const PtlEndpoint *endpoint = &spec->endpoints[i];

      if (i > 0)
        g_string_append_c (out, ',');
      if (i == 0 || strcmp (endpoint->host, spec->endpoints[i - 1].host) != 0)
        {
          append_host (out, endpoint);
          g_string_append_c (out, ':');
        }
      append_port (out, endpoint);
    }
  return out;
}

char *
ptl_spec_to_title (const PtlSpec *spec)
{
  return g_string_free (title (spec), FALSE);
}

static void
begin_option (GString    *out,
              const char *name)
{
  g_string_append_c (out, strchr (out->str, '?') == NULL ? '?' : '&');
  g_string_append (out, name);
  g_string_append_c (out, '=');
}

static void
append_word (GString    *out,
             const char *option,
             const Name *names,
             int         value)
{
  const char *name = name_of (names, value);

  begin_option (out, option);
  if (name != NULL)
    g_string_append (out, name);
  else
    g_string_append_printf (out, "%d", value);
}

static void
append_time (GString    *out,
             const char *option,
             uint32_t    ms)
{
  if (ms == 0)
    return;
  begin_option (out, option);
  if (ms % 1000 == 0)
    g_string_append_printf (out, "%u", ms / 1000);
  else
    g_string_append_printf (out, "%ums", ms);
}

char *
ptl_spec_to_uri (const PtlSpec *spec)
{
  GString *out = title (spec);

  if (is_unix (spec->transport))
    for (unsigned i = 1; i < spec->n_endpoints; i++)
      {
        begin_option (out, "also");
        append_unix (out, &spec->endpoints[i]);
      }
  if (spec->has_local)
    {
      begin_option (out, "from");
      if (is_unix (spec->transport))
        append_unix (out, &spec->local);
      else
        {
          append_host (out, &spec->local);
          g_string_append_c (out, ':');
          append_port (out, &spec->local);
        }
    }
  if (spec->options.device[0] != '\0')
    {
      begin_option (out, "via");
      append_encoded (out, spec->options.device, strlen (spec->options.device), "");
    }
  if (spec->family != PTL_FAMILY_ANY)
    append_word (out, "family", family_names, (int) spec->family);
  if (spec->domain >= 0)
    append_word (out, "domain", domain_names, spec->domain);
  if (spec->type >= 0)
    append_word (out, "type", type_names, spec->type);
  if (spec->protocol >= 0)
    append_word (out, "protocol", protocol_names, spec->protocol);
  for (size_t i = 0; i < G_N_ELEMENTS (int_options); i++)
    {
      int value = int_value (&spec->options, &int_options[i]);

      if (value != PTL_OPTION_UNSET)
        {
          begin_option (out, int_options[i].name);
          g_string_append_printf (out, "%d", value);
        }
    }
  for (unsigned i = 0; i < spec->n_groups; i++)
    {
      char text[PTL_ADDRESS_TEXT_MAX];
      PtlAddress group = spec->groups[i].group;

      if (ptl_address_get_family (&group) == AF_INET6)
        group.in6.sin6_scope_id = 0;
      begin_option (out, "group");
      g_string_append (out, ptl_address_format_host (&group, text, sizeof text));
      if (spec->groups[i].device[0] != '\0')
        {
          g_string_append (out, "%25");
          append_encoded (out, spec->groups[i].device, strlen (spec->groups[i].device), "");
        }
    }
  append_time (out, "connect-timeout", spec->connect_timeout_ms);
  append_time (out, "idle-timeout", spec->idle_timeout_ms);
  if (spec->own_peers_only)
    {
      begin_option (out, "own-peers-only");
      g_string_append_c (out, '1');
    }
  if (spec->max_peers != 0)
    {
      begin_option (out, "max-peers");
      g_string_append_printf (out, "%u", spec->max_peers);
    }
  if (spec->reaction != PTL_REACTION_NONE)
    append_word (out, "reaction", reaction_names, (int) spec->reaction);
  if (spec->reaction_text != NULL)
    {
      begin_option (out, "text");
      append_encoded (out, (const char *) spec->reaction_text->data,
                      spec->reaction_text->len_bytes, "");
    }
  if (spec->when_full != PTL_FULL_STOP_RECEIVING)
    append_word (out, "when-full", full_names, (int) spec->when_full);
  if (spec->log_limit_bytes != 0)
    {
      begin_option (out, "log-limit");
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, spec->log_limit_bytes);
    }
  return g_string_free (out, FALSE);
}
