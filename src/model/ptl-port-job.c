/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A check of the ports of a host: from what was typed to reports. */
#include "config.h"

#include "model/ptl-port-job-private.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "model/ptl-probe-host.h"
#include "registry/ptl-registry.h"

#define TAKE_MS 50 /* between two looks at what has come */

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlPortJob, ptl_port_job, PTL_TYPE_JOB,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ptl_port_job_model_init)
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_TABLE, ptl_port_job_table_init))

static void
fail (PtlPortJob *self,
      char       *failure)
{
  g_free (self->failure);
  self->failure = failure;
  ptl_job_set_busy (PTL_JOB (self), FALSE);
}

/* --- the list of ports ------------------------------------------------------------------------ */

static bool
add_known (PtlPortSet *set,
           unsigned    mask)
{
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);
  static const char *const names[] = { "tcp", "udp" };
  bool found = false;

  for (size_t i = 0; i < n; i++)
    for (unsigned transport = 0; transport < PTL_PORT_N_TRANSPORTS; transport++)
      {
        if ((mask & 1u << transport) == 0
            || strstr (protocols[i].transport, names[transport]) == NULL)
          continue;
        ptl_port_set_add (set, transport, protocols[i].port);
        if (transport == PTL_PORT_TCP)
          ptl_port_set_add (set, transport, protocols[i].tls_port);
        found = true;
      }
  return found;
}

static bool
add_from_services (PtlPortSet        *set,
                   const PtlServices *services,
                   const char        *name,
                   const char        *transport,
                   unsigned           number)
{
  for (size_t i = 0; services != NULL && i < services->n; i++)
    {
      const PtlService *service = &services->items[i];
      g_auto (GStrv) aliases = NULL;

      if (strcmp (service->transport, transport) != 0 || service->port == 0)
        continue;
      if (g_ascii_strcasecmp (service->name, name) != 0)
        {
          aliases = g_strsplit (service->aliases, " ", -1);
          if (!g_strv_contains ((const char *const *) aliases, name))
            continue;
        }
      ptl_port_set_add (set, number, service->port);
      return true;
    }
  return false;
}

static bool
add_name (PtlPortSet *set,
          const char *name,
          unsigned    mask,
          void       *data)
{
  const PtlPortJob *self = data;
  bool found = false;

  if (name == NULL)
    return add_known (set, mask);
  for (unsigned i = 0; i < PTL_PORT_N_TRANSPORTS; i++)
    {
      PtlRegistryTransport transport = i == PTL_PORT_UDP ? PTL_REGISTRY_UDP : PTL_REGISTRY_TCP;
      PtlRegistryRow row;
      uint32_t number;

      if ((mask & 1u << i) == 0)
        continue;
      /* What this computer says goes first: a local name may be on another port. */
      if (add_from_services (set, self->services, name,
                             ptl_registry_get_transport_name (transport), i))
        found = true;
      else if (ptl_registry_find_name (name, transport, &number))
        {
          ptl_registry_get_row (number, &row);
          for (uint32_t port = row.first_port; port <= row.last_port; port++)
            ptl_port_set_add (set, i, (uint16_t) port);
          found = true;
        }
    }
  return found;
}

size_t
ptl_port_job_count (PtlPortJob *self,
                    const char *ports,
                    unsigned    mask,
                    GError    **error)
{
  g_autofree PtlPortSet *set = g_new0 (PtlPortSet, 1);
  PtlPortWords words = { add_name, self };

  g_return_val_if_fail (PTL_IS_PORT_JOB (self), 0);

  if (!ptl_port_list_parse (set, ports, mask, &words, NULL, error))
    return 0;
  return ptl_port_set_count (set);
}

static void
clear_items (PtlPortJob *self)
{
  guint n = self->visible->len;

  self->generation++;
  g_hash_table_remove_all (self->rows);
  g_clear_handle_id (&self->resort_id, g_source_remove);
  g_array_set_size (self->visible, 0);
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
  for (guint i = 0; i < self->n_items; i++)
    g_free (self->reports[i].greeting);
  g_clear_pointer (&self->reports, g_free);
  g_clear_pointer (&self->items, g_free);
  self->n_items = 0;
}

static void
take_items (PtlPortJob       *self,
            const PtlPortSet *set)
{
  guint n = 0;

  clear_items (self);
  self->n_items = (guint) ptl_port_set_count (set);
  self->items = g_new0 (PtlPortItem, self->n_items);
  self->reports = g_new0 (PtlPortReport, self->n_items);
  for (uint32_t port = 1; port <= UINT16_MAX; port++)
    for (unsigned i = 0; i < PTL_PORT_N_TRANSPORTS; i++)
      if (ptl_port_set_has (set, i, (uint16_t) port))
        self->items[n++] = (PtlPortItem) { (uint16_t) port, (uint8_t) i };
}

/* --- the check -------------------------------------------------------------------------------- */

static void
count_rates (PtlPortJob *self)
{
  const guint32 *n = self->status.n_by_state;
  const guint64 totals[PTL_RATES_SERIES] = {
    n[PTL_PORT_OPEN], n[PTL_PORT_CLOSED],
    (guint64) n[PTL_PORT_FILTERED] + n[PTL_PORT_OPEN_FILTERED] + n[PTL_PORT_FAILED],
  };

  ptl_job_add_rates (PTL_JOB (self), self->status.elapsed_ns, totals);
}

static void
take_reports (PtlPortJob *self)
{
  g_autoptr (GArray) reports = ptl_port_check_take (self->check, &self->status);

  for (guint i = 0; i < reports->len; i++)
    {
      PtlPortReport *report = &g_array_index (reports, PtlPortReport, i);
      PtlPortReport *known = &self->reports[report->index];

      g_free (known->greeting);
      *known = *report;
      ptl_port_job_item_changed (self, report->index);
    }
  count_rates (self);
  if (reports->len > 0)
    ptl_port_job_want_update (self);
  if (self->status.running)
    {
      ptl_job_tell (PTL_JOB (self));
      return;
    }
  ptl_port_job_update_visible (self);
  g_clear_pointer (&self->check, ptl_port_check_free);
  if (self->status.gave_up != 0)
    fail (self, g_strdup_printf (_("Ended early, for this computer could not go on: %s (%s)"),
                                 g_strerror (self->status.gave_up),
                                 ptl_errno_name (self->status.gave_up)));
  else
    ptl_job_set_busy (PTL_JOB (self), FALSE);
}

static void
ptl_port_job_update (PtlJob *job)
{
  PtlPortJob *self = PTL_PORT_JOB (job);

  /* Maybe of a check that is gone by now. */
  if (self->check != NULL)
    take_reports (self);
}

static void
start_check (PtlPortJob *self)
{
  PtlPortCheckConfig config = { 0 };
  g_autoptr (GError) error = NULL;
  char text[PTL_ADDRESS_TEXT_MAX];

  g_free (self->resolved_text);
  self->resolved_text = g_strdup (ptl_address_format_host (&self->target, text, sizeof text));
  config.target = self->target;
  config.host = self->host;
  config.items = self->items;
  config.n_items = self->n_items;
  config.rate = self->request.rate;
  config.in_flight = self->request.in_flight;
  config.timeout_ms = self->request.timeout_ms;
  config.greet = self->request.greet;
  config.http = self->request.http;
  self->check = ptl_port_check_new (&config, ptl_job_wake, self, &error);
  if (self->check == NULL)
    fail (self, g_strdup (error->message));
}

static void
on_resolved (gpointer           owner,
             gpointer           about,
             const PtlResolved *resolved)
{
  PtlPortJob *self = owner;

  if (resolved->n_addresses > 0)
    {
      self->target = resolved->addresses[0];
      ptl_address_unmap (&self->target);
      start_check (self);
      ptl_job_tell (PTL_JOB (self));
    }
  else
    fail (self, g_strdup_printf (_("No address for “%s”: %s"), self->host,
                                 resolved->gai_code == EAI_SYSTEM
                                   ? g_strerror (resolved->sys_errno)
                                   : gai_strerror (resolved->gai_code)));
}

/* False: @error. */
static gboolean
parse_host (PtlPortJob  *self,
            PtlEndpoint *endpoint,
            const char  *text,
            GError     **error)
{
  if (!ptl_endpoint_parse_host_port (endpoint, text, "0", NULL, NULL, error))
    return FALSE;
  if (!ptl_probe_host_check_zone (endpoint, error))
    return FALSE;
  if (endpoint->host_kind == PTL_HOST_ANY || endpoint->host_kind == PTL_HOST_BROADCAST
      || ptl_address_is_multicast (&endpoint->address))
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_PARSE,
                           _("Ports are checked on one host: type its name or its address"));
      return FALSE;
    }
  return TRUE;
}

static void
ptl_port_job_stop (PtlJob *job)
{
  PtlPortJob *self = PTL_PORT_JOB (job);

  if (!ptl_job_is_busy (job))
    return;
  self->stopped = TRUE;
  if (self->check != NULL)
    {
      /* Ends at once; what it has found by then is taken. */
      ptl_port_check_stop (self->check);
      return;
    }
  ptl_questions_cancel (self->questions);
  clear_items (self);
  ptl_job_set_busy (job, FALSE);
}

gboolean
ptl_port_job_start (PtlPortJob           *self,
                    const PtlPortRequest *request,
                    gboolean             *in_host,
                    GError              **error)
{
  g_autofree PtlPortSet *set = g_new0 (PtlPortSet, 1);
  g_auto (PtlEndpoint) endpoint = { 0 };
  PtlPortWords words = { add_name, self };
  PtlResolveQuery query = { 0 };

  g_return_val_if_fail (PTL_IS_PORT_JOB (self), FALSE);

  if (in_host != NULL)
    *in_host = TRUE;
  if (!parse_host (self, &endpoint, request->host, error))
    return FALSE;
  if (in_host != NULL)
    *in_host = FALSE;
  if (!ptl_port_list_parse (set, request->ports, request->mask, &words, NULL, error))
    return FALSE;

  ptl_port_job_stop (PTL_JOB (self));
  g_clear_pointer (&self->check, ptl_port_check_free);
  take_items (self, set);
  self->request = *request;
  self->request.host = self->request.ports = NULL;
  self->status = (PtlPortCheckStatus) { 0 };
  ptl_job_clear_rates (PTL_JOB (self));
  self->stopped = FALSE;
  g_clear_pointer (&self->failure, g_free);
  g_clear_pointer (&self->resolved_text, g_free);
  g_free (self->host);
  self->host = g_strdup (endpoint.host);
  ptl_job_set_busy (PTL_JOB (self), TRUE);
  query.host = endpoint.host;
  query.family = request->family;
  query.type = SOCK_STREAM;
  ptl_questions_ask (self->questions, ptl_lookup_pool_get_resolver (self->pool), &query, NULL,
                     NULL);
  return TRUE;
}

void
ptl_port_job_set_filter (PtlPortJob    *self,
                         PtlPortFilter  filter)
{
  g_return_if_fail (PTL_IS_PORT_JOB (self));

  self->filter = filter;
  ptl_port_job_update_visible (self);
}

/* --- where it stands -------------------------------------------------------------------------- */

/* Takes @part; shown when there are any. */
static void
append_part (GString *text,
             guint    n,
             char    *part)
{
  if (n > 0)
    g_string_append_printf (text, " · %s", part);
  g_free (part);
}

/* The next part, after what is there; takes it. */
static void
append_next (GString *text,
             char    *part)
{
  append_part (text, 1, part);
}

char *
ptl_port_job_dup_status (PtlPortJob *self)
{
  const PtlPortCheckStatus *status = &self->status;
  const guint32 *n = status->n_by_state;
  gboolean busy;
  GString *text;

  g_return_val_if_fail (PTL_IS_PORT_JOB (self), NULL);

  text = g_string_new (NULL);
  busy = ptl_job_is_busy (PTL_JOB (self));
  if (self->failure != NULL)
    return g_string_free (g_string_append (text, self->failure), FALSE);
  if (self->resolved_text == NULL)
    {
      if (busy)
        g_string_append_printf (text, _("Looking for the address of %s …"), self->host);
      else if (self->stopped)
        g_string_append (text, _("Stopped"));
      return g_string_free (text, FALSE);
    }
  g_string_append (text, self->resolved_text);
  if (status->own)
    g_string_append_printf (text, " (%s)", _("this computer"));
  if (self->stopped && status->n_done < self->n_items)
    append_next (text, g_strdup_printf (_("stopped at %'u of %'u"), status->n_done,
                                        self->n_items));
  else if (status->n_done < self->n_items)
    append_next (text, g_strdup_printf (_("%'u of %'u"), status->n_done, self->n_items));
  else
    append_next (text, g_strdup_printf (ngettext ("%'u port", "%'u ports", self->n_items),
                                        self->n_items));
  append_part (text, n[PTL_PORT_OPEN],
               g_strdup_printf (_("%'u open"), n[PTL_PORT_OPEN]));
  append_part (text, n[PTL_PORT_CLOSED],
               g_strdup_printf (_("%'u closed"), n[PTL_PORT_CLOSED]));
  append_part (text, n[PTL_PORT_FILTERED],
               g_strdup_printf (_("%'u filtered"), n[PTL_PORT_FILTERED]));
  append_part (text, n[PTL_PORT_OPEN_FILTERED],
               g_strdup_printf (_("%'u open|filtered"), n[PTL_PORT_OPEN_FILTERED]));
  append_part (text, n[PTL_PORT_FAILED],
               g_strdup_printf (_("%'u not checked"), n[PTL_PORT_FAILED]));
  append_next (text, g_strdup_printf (_("%.2f s"),
                                      (double) status->elapsed_ns / (double) PTL_NS_PER_S));
  if (busy && status->n_slow > 0)
    append_next (text, g_strdup_printf (ngettext ("a host sends only so many ICMP errors: asking "
                                                  "%'u silent port again, one each %u ms",
                                                  "a host sends only so many ICMP errors: asking "
                                                  "%'u silent ports again, one each %u ms",
                                                  status->n_slow),
                                        status->n_slow, status->slow_ms));
  return g_string_free (text, FALSE);
}

gboolean
ptl_port_job_has_failed (PtlPortJob *self)
{
  g_return_val_if_fail (PTL_IS_PORT_JOB (self), FALSE);

  return self->failure != NULL;
}

static double
ptl_port_job_get_done (PtlJob *job)
{
  PtlPortJob *self = PTL_PORT_JOB (job);

  return self->n_items > 0 ? (double) self->status.n_done / self->n_items : 0;
}

guint
ptl_port_job_get_n_done (PtlPortJob *self)
{
  g_return_val_if_fail (PTL_IS_PORT_JOB (self), 0);

  return self->status.n_done;
}

static PtlTable *
ptl_port_job_get_table (PtlJob *job)
{
  return PTL_TABLE (job);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
read_services (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  g_task_return_pointer (task, ptl_services_read (), (GDestroyNotify) ptl_services_free);
}

static void
on_services_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  PtlPortJob *self = PTL_PORT_JOB (source);

  self->services = g_task_propagate_pointer (G_TASK (result), NULL);
  ptl_job_tell (PTL_JOB (self));
}

static void
ptl_port_job_finalize (GObject *object)
{
  PtlPortJob *self = PTL_PORT_JOB (object);

  ptl_port_check_free (self->check);
  ptl_questions_cancel (self->questions);
  ptl_lookup_pool_free (self->pool);
  ptl_questions_free (self->questions);
  g_clear_handle_id (&self->resort_id, g_source_remove);
  for (guint i = 0; i < self->n_items; i++)
    g_free (self->reports[i].greeting);
  g_free (self->reports);
  g_free (self->items);
  g_hash_table_unref (self->rows);
  g_array_unref (self->visible);
  ptl_services_free (self->services);
  g_free (self->host);
  g_free (self->resolved_text);
  g_free (self->failure);

  G_OBJECT_CLASS (ptl_port_job_parent_class)->finalize (object);
}

static void
ptl_port_job_class_init (PtlPortJobClass *klass)
{
  PtlJobClass *job_class = PTL_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ptl_port_job_finalize;
  job_class->update_ms = TAKE_MS;
  job_class->stop = ptl_port_job_stop;
  job_class->get_done = ptl_port_job_get_done;
  job_class->get_table = ptl_port_job_get_table;
  job_class->update = ptl_port_job_update;
}

static void
ptl_port_job_init (PtlPortJob *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_services_cb, NULL);

  self->pool = ptl_lookup_pool_new ();
  self->questions = ptl_questions_new (ptl_job_get_bridge (PTL_JOB (self)), on_resolved, self);
  self->visible = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->rows = g_hash_table_new (NULL, NULL);
  self->sort_column = -1;
  g_task_run_in_thread (task, read_services);
}

PtlPortJob *
ptl_port_job_new (void)
{
  return g_object_new (PTL_TYPE_PORT_JOB, NULL);
}
