/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this computer's files say, and the services and ports of a lookup: of the services database
 * and of IANA. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "host/ptl-resolv-conf.h"

typedef struct
{
  char      *host;
  PtlAddress address;
  char      *service;
  int        port;
  gboolean   own;
  PtlAddress socket; /* of Unix; else len 0 */
} FactsWanted;

static void
facts_wanted_free (gpointer data)
{
  FactsWanted *wanted = data;

  g_free (wanted->host);
  g_free (wanted->service);
  g_free (wanted);
}

static void
free_facts (gpointer data)
{
  ptl_lookup_facts_free (data);
}

void
ptl_lookup_facts_free (PtlFacts *facts)
{
  if (facts == NULL)
    return;
  g_free (facts->order);
  g_free (facts->search);
  g_clear_pointer (&facts->hosts, g_array_unref);
  for (guint i = 0; i < 2; i++)
    {
      ptl_nss_service_clear (&facts->services[i]);
      ptl_nss_service_clear (&facts->ports[i]);
    }
  g_clear_pointer (&facts->iana, g_array_unref);
  ptl_own_clear (&facts->own);
  ptl_socket_facts_free (facts->socket);
  g_free (facts);
}

static const char *const transports[] = { "tcp", "udp" };

/* Whether the row of the registry has the name or the port that was typed. */
static bool
is_typed (const PtlRegistryRow *row,
          const char           *name,
          int                   port)
{
  if (name != NULL && g_ascii_strcasecmp (row->name, name) == 0)
    return true;
  return (row->flags & PTL_REGISTRY_HAS_PORT) != 0 && port >= row->first_port
         && port <= row->last_port;
}

/* What was typed, and what the services database says it is: a name of this computer's may be an
 * alias, or another name for a port of IANA's.  The rows that were typed come first. */
static GArray *
find_in_registry (const char     *name,
                  int             port,
                  const PtlFacts *facts)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (PtlRegistryRow));
  guint n = ptl_registry_get_n_rows ();

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < n && found->len < PTL_LOOKUP_IANA_MAX; i++)
      {
        PtlRegistryRow row;
        bool typed, local = false;

        ptl_registry_get_row (i, &row);
        if (*row.name == '\0')
          continue;
        typed = is_typed (&row, name, port);
        for (guint j = 0; j < G_N_ELEMENTS (facts->services) && !local; j++)
          local = facts->services[j].name != NULL
                  && is_typed (&row, facts->services[j].name, facts->services[j].port);
        if (pass == 0 ? typed : local && !typed)
          g_array_append_val (found, row);
      }
  return found;
}

static void
read_facts (GTask        *task,
            gpointer      source,
            gpointer      data,
            GCancellable *cancellable)
{
  FactsWanted *wanted = data;
  PtlFacts *facts = g_new0 (PtlFacts, 1);

  facts->order = ptl_nss_read_order (PTL_NSS_SWITCH_PATH, "hosts");
  facts->search = ptl_resolv_conf_dup_env_search ();
  if (facts->search == NULL)
    facts->search = ptl_nss_read_search (PTL_NSS_RESOLV_PATH);
  facts->n_servers = ptl_nss_read_servers (PTL_NSS_RESOLV_PATH, facts->servers);
  facts->hosts = ptl_nss_read_hosts (PTL_NSS_HOSTS_PATH,
                                     wanted->address.len > 0 ? NULL
                                                             : wanted->host != NULL ? wanted->host
                                                                                    : "",
                                     &wanted->address);
  for (guint i = 0; i < 2; i++)
    {
      if (wanted->service != NULL)
        ptl_nss_find_service (wanted->service, transports[i], &facts->services[i]);
      if (wanted->port >= 0)
        ptl_nss_find_port ((uint16_t) wanted->port, transports[i], &facts->ports[i]);
    }
  if (wanted->own)
    ptl_own_read (&facts->own);
  if (wanted->socket.len > 0)
    facts->socket = ptl_socket_facts_read (&wanted->socket);
  if (wanted->service != NULL || wanted->port >= 0)
    facts->iana = find_in_registry (wanted->service, wanted->port, facts);
  g_task_return_pointer (task, facts, free_facts);
}


/* --- rows ------------------------------------------------------------------------------------- */

/* The host that was typed with it, or this computer. */
static char *
make_target (PtlLookup *self,
             int        port)
{
  const PtlClassified *classified = &self->classified;
  PtlAddress address = classified->address;
  char text[PTL_ADDRESS_TEXT_MAX];

  if (address.len > 0)
    {
      ptl_address_set_port (&address, (uint16_t) port);
      return g_strdup (ptl_address_format (&address, text, sizeof text));
    }
  return g_strdup_printf ("%s:%d", classified->kind != PTL_KIND_SERVICE && classified->host != NULL
                                     ? classified->host : "localhost", port);
}

static void
add_service (PtlLookup  *self,
             const char *transport,
             const char *value,
             const char *detail,
             const char *query,
             int         port)
{
  g_autofree char *label = g_ascii_strup (transport, -1);
  g_autofree char *target = make_target (self, port);
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE, label, value, detail);

  ptl_lookup_row_set_reference (row, query);
  if (port > 0 && g_str_equal (transport, "tcp"))
    ptl_lookup_row_set_target (row, target);
  g_list_store_append (self->groups[PTL_LOOKUP_SERVICES], row);
}

static bool
is_called (const PtlNssService *service,
           const char          *name)
{
  g_auto (GStrv) aliases = g_strsplit (service->aliases, " ", -1);

  if (g_ascii_strcasecmp (service->name, name) == 0)
    return true;
  for (guint i = 0; aliases[i] != NULL; i++)
    if (g_ascii_strcasecmp (aliases[i], name) == 0)
      return true;
  return false;
}

/* What IANA says of an entry of this computer's database; owned. */
static char *
compare_with_iana (const GArray        *iana,
                   const PtlNssService *service,
                   const char          *transport)
{
  const PtlRegistryRow *here = NULL, *elsewhere = NULL;

  for (guint i = 0; i < iana->len; i++)
    {
      const PtlRegistryRow *row = &g_array_index (iana, PtlRegistryRow, i);
      bool called = is_called (service, row->name);

      if ((row->flags & PTL_REGISTRY_IANA) == 0 || (row->flags & PTL_REGISTRY_HAS_PORT) == 0
          || g_strcmp0 (ptl_registry_get_transport_name (row->transport), transport) != 0)
        continue;
      if (service->port < row->first_port || service->port > row->last_port)
        elsewhere = called && elsewhere == NULL ? row : elsewhere;
      else if (called)
        return g_strdup (_(" · IANA agrees"));
      else if (here == NULL)
        here = row;
    }
  if (here != NULL)
    return g_strdup_printf (_(" · IANA disagrees: it calls this port %s"), here->name);
  if (elsewhere != NULL)
    return g_strdup_printf (_(" · IANA disagrees: it has %s on port %u"), elsewhere->name,
                            elsewhere->first_port);
  return g_strdup (_(" · IANA has no such entry"));
}

/* What the services database of this computer says; how many rows. */
static guint
add_from_nss (PtlLookup *self)
{
  const PtlFacts *facts = self->facts;
  guint n = 0;

  for (guint i = 0; i < 2; i++)
    {
      const PtlNssService *found[2] = { &facts->services[i], &facts->ports[i] };

      for (guint j = 0; j < 2; j++)
        {
          g_autofree char *value = NULL, *query = NULL, *compared = NULL;
          g_autoptr (GString) detail = NULL;

          if (found[j]->name == NULL)
            continue;
          n++;
          value = g_strdup_printf ("%s %d/%s", found[j]->name, found[j]->port, transports[i]);
          query = g_strdup_printf ("%d %s", found[j]->port, transports[i]);
          detail = g_string_new (_("from the services database of this computer (NSS)"));
          if (found[j]->aliases[0] != '\0')
            g_string_append_printf (detail, _(" · also called %s"), found[j]->aliases);
          compared = compare_with_iana (facts->iana, found[j], transports[i]);
          g_string_append (detail, compared);
          add_service (self, transports[i], value, detail->str, query, found[j]->port);
        }
    }
  return n;
}

static guint
add_from_iana (PtlLookup *self)
{
  const GArray *iana = self->facts->iana;

  for (guint i = 0; i < iana->len; i++)
    {
      const PtlRegistryRow *row = &g_array_index (iana, PtlRegistryRow, i);
      const char *transport = ptl_registry_get_transport_name (row->transport);
      g_autoptr (GString) detail =
        g_string_new ((row->flags & PTL_REGISTRY_IANA) != 0
                        ? _("from IANA’s registry")
                        : _("from Portlight’s list of protocols to know; not IANA’s"));
      g_autofree char *ports = NULL, *value = NULL, *query = NULL;

      ports = row->first_port != row->last_port
                ? g_strdup_printf ("%u–%u", row->first_port, row->last_port)
                : g_strdup_printf ("%u", row->first_port);
      if ((row->flags & PTL_REGISTRY_HAS_PORT) == 0)
        {
          /* The Reference finds it by its name. */
          value = g_strdup (row->name);
          query = g_strdup (row->name);
          g_string_append (detail, _(", a name without a port"));
        }
      else
        {
          value = g_strdup_printf ("%s %s/%s", row->name, ports,
                                   transport != NULL ? transport : "–");
          query = g_strdup_printf ("%u %s", row->first_port, transport != NULL ? transport : "");
        }
      if (*row->description != '\0')
        g_string_append_printf (detail, " · %s", row->description);
      if (*row->reference != '\0')
        g_string_append_printf (detail, " · %s", row->reference);
      add_service (self, transport != NULL ? transport : "", value, detail->str, query,
                   (row->flags & PTL_REGISTRY_HAS_PORT) != 0 ? row->first_port : 0);
    }
  return iana->len;
}

/* The protocols to know that belong to what was found, each once. */
static void
add_protocols (PtlLookup *self)
{
  const GArray *iana = self->facts->iana;
  const PtlProtocol *protocols;
  size_t n;

  protocols = ptl_registry_list_protocols (&n);
  for (guint i = 0; i < iana->len; i++)
    {
      const PtlRegistryRow *row = &g_array_index (iana, PtlRegistryRow, i);
      const PtlProtocol *protocol = row->protocol >= 0 ? &protocols[row->protocol] : NULL;
      g_autoptr (PtlLookupRow) shown = NULL;
      g_autofree char *value = NULL, *query = NULL;
      gboolean before = protocol == NULL;

      for (guint j = 0; j < i && !before; j++)
        before = g_array_index (iana, PtlRegistryRow, j).protocol == row->protocol;
      if (before)
        continue;
      value = g_strdup_printf ("%s: %s", protocol->name, _(protocol->common_function));
      query = g_strdup_printf ("%u %s", row->first_port,
                               ptl_registry_get_transport_name (row->transport));
      shown = ptl_lookup_row_new (PTL_LOOKUP_ROW_TEXT, _("Reference"), value,
                                  _(protocol->about));
      ptl_lookup_row_set_reference (shown, query);
      g_list_store_append (self->groups[PTL_LOOKUP_SERVICES], shown);
    }
}

static void
add_services (PtlLookup *self)
{
  const PtlClassified *classified = &self->classified;
  guint n_nss, n_iana;

  if (self->facts->iana == NULL)
    return;
  n_nss = add_from_nss (self);
  n_iana = add_from_iana (self);
  add_protocols (self);
  if (n_nss > 0 && n_iana > 0)
    return;
  if (classified->port >= 0 && n_nss == 0)
    ptl_lookup_add_row (self, PTL_LOOKUP_SERVICES, PTL_LOOKUP_ROW_NOTE, "",
                        _("The services database of this computer has no name for this port."), "");
  else if (n_nss == 0)
    ptl_lookup_add_row (self, PTL_LOOKUP_SERVICES, PTL_LOOKUP_ROW_NOTE, "",
                        _("The services database of this computer has no such service."), "");
  if (n_iana == 0)
    ptl_lookup_add_row (self, PTL_LOOKUP_SERVICES, PTL_LOOKUP_ROW_NOTE, "",
                        classified->port >= 0 ? _("IANA has no name for this port.")
                                              : _("IANA has no such service."),
                        classified->port >= 49152
                          ? _("49152 to 65535 are ephemeral ports, for anyone (RFC 6335)") : "");
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
on_facts_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  PtlLookup *self = PTL_LOOKUP (source);
  PtlFacts *facts = g_task_propagate_pointer (G_TASK (result), NULL);

  if (GPOINTER_TO_UINT (data) != self->generation || facts == NULL)
    {
      ptl_lookup_facts_free (facts);
      return;
    }
  self->facts = facts;
  add_services (self);
  ptl_lookup_facts_for_socket (self);
  ptl_lookup_facts_for_addresses (self);
  ptl_lookup_facts_for_records (self);
  ptl_lookup_release (self);
}

void
ptl_lookup_start_facts (PtlLookup *self)
{
  const PtlClassified *classified = &self->classified;
  FactsWanted *wanted = g_new0 (FactsWanted, 1);
  g_autoptr (GTask) task = NULL;

  wanted->host = g_strdup (classified->host);
  wanted->address = classified->address;
  wanted->service = g_strdup (classified->service);
  wanted->port = classified->port;
  wanted->own = classified->kind == PTL_KIND_INTERFACE;
  if (ptl_address_get_family (&classified->socket) == AF_UNIX)
    wanted->socket = classified->socket;
  ptl_lookup_hold (self);
  task = g_task_new (self, self->cancellable, on_facts_cb, GUINT_TO_POINTER (self->generation));
  g_task_set_source_tag (task, ptl_lookup_start_facts);
  g_task_set_task_data (task, wanted, facts_wanted_free);
  g_task_run_in_thread (task, read_facts);
}
