/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The URI of a session, written. */
#include "config.h"

#include <string.h>

#include "base/ptl-spec-private.h"

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

  for (size_t i = 0; i < PTL_N_SCHEMES; i++)
    if (ptl_schemes[i].transport == spec->transport)
      {
        g_string_append (out, ptl_schemes[i].scheme);
        break;
      }
  g_string_append (out, ptl_transport_is_unix (spec->transport) ? ":" : "://");
  if (spec->n_endpoints == 0)
    return out;

  if (ptl_transport_is_unix (spec->transport))
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
             const PtlName *names,
             int         value)
{
  const char *name = ptl_name_of (names, value);

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

  if (ptl_transport_is_unix (spec->transport))
    for (unsigned i = 1; i < spec->n_endpoints; i++)
      {
        begin_option (out, "also");
        append_unix (out, &spec->endpoints[i]);
      }
  if (spec->has_local)
    {
      begin_option (out, "from");
      if (ptl_transport_is_unix (spec->transport))
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
    append_word (out, "family", ptl_family_names, (int) spec->family);
  if (spec->domain >= 0)
    append_word (out, "domain", ptl_domain_names, spec->domain);
  if (spec->type >= 0)
    append_word (out, "type", ptl_type_names, spec->type);
  if (spec->protocol >= 0)
    append_word (out, "protocol", ptl_protocol_names, spec->protocol);
  for (size_t i = 0; i < PTL_N_INT_OPTIONS; i++)
    {
      int value = ptl_int_option_get (&spec->options, &ptl_int_options[i]);

      if (value != PTL_OPTION_UNSET)
        {
          begin_option (out, ptl_int_options[i].name);
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
  if (spec->half_open_ms == PTL_HALF_OPEN_KEEP || spec->half_open_ms == 0)
    {
      begin_option (out, "half-open");
      g_string_append (out, spec->half_open_ms == 0 ? "0" : "keep");
    }
  else if (spec->half_open_ms != PTL_HALF_OPEN_AUTO)
    append_time (out, "half-open", spec->half_open_ms);
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
    append_word (out, "reaction", ptl_reaction_names, (int) spec->reaction);
  if (spec->reaction_text != NULL)
    {
      begin_option (out, "text");
      append_encoded (out, (const char *) spec->reaction_text->data,
                      spec->reaction_text->len_bytes, "");
    }
  if (spec->when_full != PTL_FULL_STOP_RECEIVING)
    append_word (out, "when-full", ptl_full_names, (int) spec->when_full);
  if (spec->log_limit_bytes != 0)
    {
      begin_option (out, "log-limit");
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, spec->log_limit_bytes);
    }
  if (spec->keep_free_bytes != PTL_KEEP_FREE_DEFAULT)
    {
      begin_option (out, "keep-free");
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, spec->keep_free_bytes);
    }
  return g_string_free (out, FALSE);
}
