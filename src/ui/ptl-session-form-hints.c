/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form for a new session: what a port and a host that are typed stand for. */
#include "config.h"

#include "ui/ptl-session-form-private.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-tls-first.h"
#include "registry/ptl-registry.h"

/* Bytes of NSS's answer about a service; its own buffer grows to this (getservbyname_r(3)). */
#define SERVICE_BUFFER_MAX 65536

/* --- what a port is ------------------------------------------------------------------------- */

/* A number's name, or a name's number, as this computer's services database has it. */
static void
ask_service_thread (GTask        *task,
                    gpointer      source,
                    gpointer      task_data,
                    GCancellable *cancellable)
{
  g_auto (GStrv) words = g_strsplit (task_data, " ", 2);
  uint64_t port;
  g_autofree char *buffer = NULL;
  struct servent entry;
  struct servent *found = NULL;
  size_t size = 1024;

  if (g_ascii_string_to_unsigned (words[0], 10, 0, 65535, &port, NULL))
    {
      g_task_return_pointer (task, ptl_registry_dup_service_name ((uint16_t) port, words[1]),
                             g_free);
      return;
    }

  do
    {
      size *= 2;
      buffer = g_realloc (buffer, size);
    }
  while (getservbyname_r (words[0], words[1], &entry, buffer, size, &found) == ERANGE &&
         size < SERVICE_BUFFER_MAX);

  g_task_return_pointer (task,
                         found != NULL ? g_strdup_printf ("%u", g_ntohs ((uint16_t) found->s_port))
                                       : NULL,
                         g_free);
}

static void
on_service_answer_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      data)
{
  PtlSessionForm *self = PTL_SESSION_FORM (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL) /* cancelled: something else was typed, or the form is gone */
    return;

  g_clear_object (&self->service_cancellable);
  g_free (self->service_answer);
  self->service_answer = g_steal_pointer (&answer);
  ptl_form_update (self);
}

static void
ask_service (PtlSessionForm *self,
             const char     *port,
             const char     *transport)
{
  g_autofree char *question = g_strdup_printf ("%s %s", port, transport);
  g_autoptr (GTask) task = NULL;

  if (g_strcmp0 (question, self->service_asked) == 0)
    return;

  if (self->service_cancellable != NULL)
    g_cancellable_cancel (self->service_cancellable);
  g_clear_object (&self->service_cancellable);
  g_clear_pointer (&self->service_answer, g_free);
  g_free (self->service_asked);
  self->service_asked = g_steal_pointer (&question);

  self->service_cancellable = g_cancellable_new ();
  task = g_task_new (self, self->service_cancellable, on_service_answer_cb, NULL);
  g_task_set_source_tag (task, ask_service);
  g_task_set_task_data (task, g_strdup (self->service_asked), g_free);
  g_task_run_in_thread (task, ask_service_thread);
}

/* 0: the answer about a service is not there, or there is none. */
static uint16_t
get_number (PtlSessionForm    *self,
            const PtlEndpoint *endpoint)
{
  if (endpoint->service == NULL)
    return (uint16_t) endpoint->port;
  return self->service_answer != NULL
           ? (uint16_t) g_ascii_strtoull (self->service_answer, NULL, 10) : 0;
}

char *
ptl_form_describe_port (PtlSessionForm *self,
                        const PtlSpec  *spec)
{
  const PtlEndpoint *endpoint;
  const PtlProtocol *protocol = NULL;
  const char *transport;
  g_autofree char *port = NULL;
  uint16_t number;

  if (spec == NULL || spec->n_endpoints == 0 || !is_inet (spec->transport))
    return NULL;
  if (spec->n_endpoints > 1)
    return g_strdup_printf (ngettext ("%u port", "%u ports", spec->n_endpoints),
                            spec->n_endpoints);

  endpoint = &spec->endpoints[0];
  if (endpoint->service == NULL && endpoint->port == 0)
    return spec->role == PTL_ROLE_LISTEN
             ? g_strdup (_("0: any port that is free. The session says which.")) : NULL;

  transport = spec->transport == PTL_TRANSPORT_TCP ? "tcp" : "udp";
  port = endpoint->service != NULL ? g_strdup (endpoint->service)
                                   : g_strdup_printf ("%u", endpoint->port);
  ask_service (self, port, transport);

  number = get_number (self, endpoint);
  if (endpoint->service != NULL && number == 0)
    return self->service_cancellable != NULL
             ? NULL : g_strdup_printf (_("“%s” is not a service this computer knows"), port);
  protocol = ptl_registry_find_protocol (number, transport);

  if (protocol != NULL)
    /* Translators: port number, protocol, what it is for: "80 is HTTP: web pages" */
    return g_strdup_printf (_("%u is %s: %s"), number, protocol->name,
                            _(protocol->common_function));
  if (endpoint->service != NULL)
    /* Translators: service and port number: "“ipp” is port 631" */
    return g_strdup_printf (_("“%s” is port %u"), port, number);
  if (self->service_answer != NULL)
    return g_strdup_printf (_("%u is known as “%s”"), number, self->service_answer);
  return NULL;
}

/* After describe_port, which asks what the service is.  Of several ports the first one. */
char *
ptl_form_describe_tls (PtlSessionForm *self,
                       const PtlSpec  *spec)
{
  char *text = NULL;

  for (size_t i = 0; spec != NULL && i < spec->n_endpoints && text == NULL; i++)
    {
      const PtlEndpoint *endpoint = &spec->endpoints[i];

      /* What was asked is the service of one port only. */
      if (endpoint->service == NULL || spec->n_endpoints == 1)
        text = ptl_tls_first_dup_text (spec->role, spec->transport, get_number (self, endpoint));
    }
  return text;
}

void
ptl_form_show_tls (PtlSessionForm *self,
                   const char     *text)
{
  bool there = text != NULL && gtk_widget_get_visible (self->port_row);

  if (there)
    {
      gtk_label_set_label (self->tls_message, text);
      set_class (self->port_row, "has-message", true);
    }
  set_class (self->port_message_row, "has-message", there);
  gtk_widget_set_visible (self->tls_message_row, there);
}

/* Datagrams without a default target have no endpoint that says something. */
static bool
only_receives (const PtlSpec *spec)
{
  return spec->role == PTL_ROLE_DATAGRAMS && is_inet (spec->transport) &&
         spec->endpoints[0].host_kind == PTL_HOST_ANY && spec->endpoints[0].service == NULL &&
         spec->endpoints[0].port == 0;
}

static char *
dup_where_it_receives (const PtlSpec *spec)
{
  g_autofree char *text = NULL;

  if (!spec->has_local)
    return g_strdup (_("Receives on any port that is free"));
  text = ptl_endpoint_to_text (&spec->local);
  /* Translators: an address and port: "Receives on 127.0.0.1:9", or ":9" for all addresses */
  return g_strdup_printf (_("Receives on %s"), text);
}

char *
ptl_form_dup_summary (const PtlSpec *spec,
                      bool           tls_first)
{
  g_autofree char *title = only_receives (spec) ? dup_where_it_receives (spec)
                                                : ptl_spec_to_title (spec);

  /* Translators: "tcp://localhost:993: plain bytes, where TLS comes first" */
  return tls_first ? g_strdup_printf (_("%s: plain bytes, where TLS comes first"), title)
                   : g_steal_pointer (&title);
}

/* --- hints ---------------------------------------------------------------------------------- */

char *
ptl_form_describe_host (PtlSessionForm *self,
                        const PtlSpec  *spec)
{
  const PtlEndpoint *endpoint;
  char text[PTL_ADDRESS_TEXT_MAX];

  if (spec == NULL || spec->n_endpoints == 0)
    return NULL;

  endpoint = &spec->endpoints[0];
  switch (endpoint->host_kind)
    {
    case PTL_HOST_ANY:
      switch (spec->role)
        {
        case PTL_ROLE_CONNECT:
          return g_strdup (_("Empty: the “any” address. Connecting to it reaches this computer."));

        case PTL_ROLE_LISTEN:
          return g_strdup (_("Empty: all interfaces of this computer."));

        default:
          return g_strdup (only_receives (spec)
                             ? _("Empty: no default target. Each message is told where to go.")
                             : _("Empty: the “any” address. Sending to it reaches this computer."));
        }

    case PTL_HOST_BROADCAST:
      return g_strdup (spec->role == PTL_ROLE_LISTEN || spec->transport != PTL_TRANSPORT_UDP ||
                       spec->options.broadcast == 1
                         ? _("255.255.255.255: every computer in this network.")
                         : _("255.255.255.255: every computer in this network. Needs Broadcast, "
                             "On, in Advanced."));

    case PTL_HOST_IPV4:
      if (strchr (endpoint->host, '.') == NULL)
        /* Translators: an integer and the address it stands for: "2130706433 is 127.0.0.1" */
        return g_strdup_printf (_("%s is %s"), endpoint->host,
                                ptl_address_format_host (&endpoint->address, text, sizeof text));
      return ptl_address_is_multicast (&endpoint->address)
               ? g_strdup (_("A multicast group: everyone who joined it.")) : NULL;

    case PTL_HOST_IPV6:
      if (endpoint->zone == NULL && ptl_address_is_link_local (&endpoint->address))
        return g_strdup (_("A link-local address is unique on one interface only: add which, as "
                           "in fe80::1%eth0."));
      if (endpoint->zone != NULL && endpoint->address.in6.sin6_scope_id == 0)
        return g_strdup_printf (_("There is no interface “%s” now."), endpoint->zone);
      return NULL;

    case PTL_HOST_VSOCK:
      return NULL;

    default:
      return NULL;
    }
}
