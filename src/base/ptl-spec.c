/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The spec of a session: a value that can be copied, compared and checked. */
#include "config.h"

#include "base/ptl-spec.h"

#include <stdarg.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "base/ptl-spec-private.h"

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
  spec->half_open_ms = PTL_HALF_OPEN_AUTO;
  spec->keep_free_bytes = PTL_KEEP_FREE_DEFAULT;
  for (size_t i = 0; i < PTL_N_INT_OPTIONS; i++)
    *ptl_int_option_field (&spec->options, &ptl_int_options[i]) = PTL_OPTION_UNSET;
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
      || a->idle_timeout_ms != b->idle_timeout_ms
      || a->half_open_ms != b->half_open_ms || a->own_peers_only != b->own_peers_only
      || a->max_peers != b->max_peers || a->reaction != b->reaction
      || a->when_full != b->when_full || a->log_limit_bytes != b->log_limit_bytes
      || a->keep_free_bytes != b->keep_free_bytes
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
  for (size_t i = 0; i < PTL_N_INT_OPTIONS; i++)
    if (ptl_int_option_get (&a->options, &ptl_int_options[i])
        != ptl_int_option_get (&b->options, &ptl_int_options[i]))
      return false;
  return true;
}

bool
ptl_spec_take_endpoint (PtlSpec     *spec,
                        PtlEndpoint *endpoint)
{
  if (spec->n_endpoints == PTL_SPEC_ENDPOINTS_MAX)
    return false;

  spec->endpoints = g_renew (PtlEndpoint, spec->endpoints, spec->n_endpoints + 1);
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

  if (ptl_transport_is_unix (spec->transport) && !unix_host)
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

  for (size_t i = 0; i < PTL_N_INT_OPTIONS; i++)
    {
      int value = ptl_int_option_get (&spec->options, &ptl_int_options[i]);

      if (value != PTL_OPTION_UNSET
          && (value < ptl_int_options[i].min || value > ptl_int_options[i].max))
        return check_failed (error, _("%s is a number from %d to %d"), ptl_int_options[i].name,
                             ptl_int_options[i].min, ptl_int_options[i].max);
    }

  if (spec->role != PTL_ROLE_LISTEN && spec->own_peers_only)
    return check_failed (error, _("only a listener can refuse peers"));
  if (spec->role != PTL_ROLE_LISTEN && spec->max_peers != 0)
    return check_failed (error, _("only a listener has a limit of peers"));
  if (spec->role != PTL_ROLE_CONNECT && spec->connect_timeout_ms != 0)
    return check_failed (error, _("a connect timeout is for a connection"));
  if (spec->role == PTL_ROLE_DATAGRAMS && spec->idle_timeout_ms != 0)
    return check_failed (error, _("an idle timeout is for connections"));
  if (ptl_spec_is_datagram (spec) && spec->half_open_ms != 0
      && spec->half_open_ms != PTL_HALF_OPEN_AUTO)
    return check_failed (error, _("datagrams have no end of input"));
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
