/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as a program: what the languages have in common. */
#include "config.h"

#include "model/ptl-copy-as.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "model/ptl-copy-private.h"

#define UDP_RCVBUF_BYTES (8 * 1024 * 1024) /* the engine's, where the spec has none */

static void
add (PtlCopyOption *options,
     size_t        *n,
     int            value,
     int            family,
     const char    *level,
     const char    *name,
     const char    *comment)
{
  if (value == PTL_OPTION_UNSET)
    return;
  g_assert (*n < PTL_COPY_OPTIONS_MAX);
  options[*n] = (PtlCopyOption) { level, name, comment, PTL_COPY_INT, family, value };
  (*n)++;
}

size_t
ptl_copy_get_options (const PtlCopy *copy,
                      PtlCopyOption  options[PTL_COPY_OPTIONS_MAX])
{
  const PtlSpec *spec = copy->spec;
  const PtlOptions *o = &spec->options;
  bool ip = spec->transport == PTL_TRANSPORT_TCP || spec->transport == PTL_TRANSPORT_UDP;
  bool listener = spec->role == PTL_ROLE_LISTEN;
  int reuse_addr = o->reuse_addr;
  int v6only = o->v6only;
  int rcvbuf = o->rcvbuf;
  size_t n = 0;
  size_t kept = 0;

  if (reuse_addr == PTL_OPTION_UNSET && listener && ip && !copy->datagram)
    reuse_addr = 1;
  if (v6only == PTL_OPTION_UNSET && listener && ip)
    v6only = 1;
  if (rcvbuf == PTL_OPTION_UNSET && spec->transport == PTL_TRANSPORT_UDP)
    rcvbuf = UDP_RCVBUF_BYTES;

  add (options, &n, reuse_addr, AF_UNSPEC, "SOL_SOCKET", "SO_REUSEADDR",
       "bind although old connections of this port are not forgotten yet");
  add (options, &n, o->reuse_port, AF_UNSPEC, "SOL_SOCKET", "SO_REUSEPORT",
       "several sockets may share the port");
  add (options, &n, v6only, AF_INET6, "IPPROTO_IPV6", "IPV6_V6ONLY",
       "1: no IPv4 on this socket");
  add (options, &n, o->nodelay, AF_UNSPEC, "IPPROTO_TCP", "TCP_NODELAY",
       "1: send small pieces at once");
  add (options, &n, o->keepalive, AF_UNSPEC, "SOL_SOCKET", "SO_KEEPALIVE",
       "1: ask now and then whether the peer is still there");
  add (options, &n, o->keep_idle_s, AF_UNSPEC, "IPPROTO_TCP", "TCP_KEEPIDLE",
       "seconds of silence before the first question");
  add (options, &n, o->keep_interval_s, AF_UNSPEC, "IPPROTO_TCP", "TCP_KEEPINTVL",
       "seconds between the questions");
  add (options, &n, o->keep_count, AF_UNSPEC, "IPPROTO_TCP", "TCP_KEEPCNT",
       "questions without an answer");
  add (options, &n, rcvbuf, AF_UNSPEC, "SOL_SOCKET", "SO_RCVBUF",
       "bytes the kernel may keep for us");
  add (options, &n, o->sndbuf, AF_UNSPEC, "SOL_SOCKET", "SO_SNDBUF",
       "bytes the kernel takes before send waits");
  add (options, &n, o->linger_s, AF_UNSPEC, "SOL_SOCKET", "SO_LINGER",
       "seconds that close waits; 0: it resets the connection");
  if (o->linger_s != PTL_OPTION_UNSET)
    options[n - 1].kind = PTL_COPY_LINGER;
  add (options, &n, o->broadcast, AF_UNSPEC, "SOL_SOCKET", "SO_BROADCAST",
       "1: may send to all of a network");
  add (options, &n, o->ttl, AF_INET, "IPPROTO_IP", "IP_TTL", "routers on the way at most");
  add (options, &n, o->ttl, AF_INET6, "IPPROTO_IPV6", "IPV6_UNICAST_HOPS",
       "routers on the way at most");
  add (options, &n, o->tos, AF_INET, "IPPROTO_IP", "IP_TOS", "type of service: DSCP and ECN");
  add (options, &n, o->tos, AF_INET6, "IPPROTO_IPV6", "IPV6_TCLASS",
       "type of service: DSCP and ECN");
  add (options, &n, o->multicast_ttl, AF_INET, "IPPROTO_IP", "IP_MULTICAST_TTL",
       "routers on the way of a multicast at most");
  add (options, &n, o->multicast_ttl, AF_INET6, "IPPROTO_IPV6", "IPV6_MULTICAST_HOPS",
       "routers on the way of a multicast at most");
  add (options, &n, o->multicast_loop, AF_INET, "IPPROTO_IP", "IP_MULTICAST_LOOP",
       "1: this computer hears its own multicasts");
  add (options, &n, o->multicast_loop, AF_INET6, "IPPROTO_IPV6", "IPV6_MULTICAST_LOOP",
       "1: this computer hears its own multicasts");
  if (o->device[0] != '\0')
    {
      add (options, &n, 0, AF_UNSPEC, "SOL_SOCKET", "SO_BINDTODEVICE",
           "only over this interface");
      options[n - 1].kind = PTL_COPY_DEVICE;
    }

  for (size_t i = 0; i < n; i++)
    if (options[i].family == AF_UNSPEC || copy->domain == AF_UNSPEC
        || options[i].family == copy->domain
        /* a socket for both families */
        || (options[i].family == AF_INET && copy->domain == AF_INET6 && o->v6only == 0))
      options[kept++] = options[i];
  return kept;
}

int
ptl_copy_endpoint_family (const PtlCopy     *copy,
                          const PtlEndpoint *endpoint)
{
  switch (endpoint->host_kind)
    {
    case PTL_HOST_IPV4:
    case PTL_HOST_BROADCAST:
      return AF_INET;
    case PTL_HOST_IPV6:
      return AF_INET6;
    case PTL_HOST_UNIX_PATH:
    case PTL_HOST_UNIX_ABSTRACT:
      return AF_UNIX;
    case PTL_HOST_VSOCK:
      return AF_VSOCK;
    case PTL_HOST_ANY:
    case PTL_HOST_NAME:
    default:
      if (copy->spec->family == PTL_FAMILY_IPV4 || copy->spec->domain == AF_INET)
        return AF_INET;
      if (copy->spec->family == PTL_FAMILY_IPV6 || copy->spec->domain == AF_INET6)
        return AF_INET6;
      return AF_UNSPEC;
    }
}

char *
ptl_copy_host (const PtlEndpoint *endpoint)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  switch (endpoint->host_kind)
    {
    case PTL_HOST_ANY:
      return g_strdup ("");
    case PTL_HOST_IPV4:
    case PTL_HOST_BROADCAST:
      return g_strdup (ptl_address_format_host (&endpoint->address, text, sizeof text));
    default:
      return g_strdup (endpoint->host);
    }
}

uint32_t
ptl_copy_wait_ms (const PtlCopy *copy)
{
  if (copy->spec->idle_timeout_ms != 0)
    return copy->spec->idle_timeout_ms;
  return copy->client && copy->datagram && copy->message != NULL ? PTL_COPY_ANSWERS_MS : 0;
}

const char *
ptl_copy_family_name (int family)
{
  switch (family)
    {
    case AF_UNSPEC:
      return "AF_UNSPEC";
    case AF_INET:
      return "AF_INET";
    case AF_INET6:
      return "AF_INET6";
    case AF_UNIX:
      return "AF_UNIX";
    case AF_VSOCK:
      return "AF_VSOCK";
    default:
      return NULL;
    }
}

static const char *
type_name (int type)
{
  switch (type)
    {
    case SOCK_STREAM:
      return "SOCK_STREAM";
    case SOCK_DGRAM:
      return "SOCK_DGRAM";
    case SOCK_RAW:
      return "SOCK_RAW";
    case SOCK_RDM:
      return "SOCK_RDM";
    case SOCK_SEQPACKET:
      return "SOCK_SEQPACKET";
    default:
      return NULL;
    }
}

static char *
command_line (const PtlSpec *spec)
{
  g_autofree char *uri = ptl_spec_to_uri (spec);
  g_autofree char *quoted = g_shell_quote (uri);

  switch (spec->role)
    {
    case PTL_ROLE_LISTEN:
      return g_strconcat ("portlight --listen ", quoted, NULL);
    case PTL_ROLE_DATAGRAMS:
      return g_strconcat ("portlight --datagrams ", quoted, NULL);
    case PTL_ROLE_CONNECT:
    default:
      return g_strconcat ("portlight ", quoted, NULL);
    }
}

char *
ptl_copy_as (const PtlSpec *spec,
             PtlCopyAs      what,
             const uint8_t *message,
             size_t         message_len_bytes,
             GError       **error)
{
  PtlCopy copy = { .spec = spec, .message = message, .message_len = message_len_bytes };
  int family;

  if (!ptl_spec_check (spec, error))
    return NULL;
  if (what == PTL_COPY_AS_URI)
    return command_line (spec);

  copy.client = spec->role != PTL_ROLE_LISTEN;
  copy.datagram = ptl_spec_is_datagram (spec);
  family = ptl_copy_endpoint_family (&copy, &spec->endpoints[0]);
  if (family == AF_UNSPEC && spec->has_local)
    family = ptl_copy_endpoint_family (&copy, &spec->local);
  if (spec->role == PTL_ROLE_LISTEN)
    for (unsigned i = 1; i < spec->n_endpoints; i++)
      if (ptl_copy_endpoint_family (&copy, &spec->endpoints[i]) != family)
        family = AF_UNSPEC;
  /* A connection to no host in particular goes to this computer, by IPv4 as in the textbook. */
  if (family == AF_UNSPEC && copy.client && spec->endpoints[0].host_kind == PTL_HOST_ANY)
    family = AF_INET;
  ptl_spec_get_socket_triple (spec, family, &copy.domain, &copy.type, &copy.protocol);
  copy.type_name = type_name (copy.type);

  if (copy.type_name == NULL || ptl_copy_family_name (copy.domain) == NULL
      || copy.domain != family)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_LIMIT,
                   _("a socket of domain %d and type %d has no address that could be written here"),
                   copy.domain, copy.type);
      return NULL;
    }

  switch (what)
    {
    case PTL_COPY_AS_PYTHON:
      copy.out = g_string_new (NULL);
      ptl_copy_write_python (&copy);
      return g_string_free (copy.out, FALSE);
    case PTL_COPY_AS_C:
      copy.out = g_string_new (NULL);
      ptl_copy_write_c (&copy);
      return g_string_free (copy.out, FALSE);
    case PTL_COPY_AS_NCAT:
      return ptl_copy_ncat (&copy, error);
    case PTL_COPY_AS_SOCAT:
      return ptl_copy_socat (&copy, error);
    case PTL_COPY_AS_URI:
    default:
      g_assert_not_reached ();
    }
}
