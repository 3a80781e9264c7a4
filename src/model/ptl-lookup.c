/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks up one thing that was typed: what is asked, and what comes back. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <glib/gi18n-lib.h>

enum
{
  PROP_0,
  PROP_BUSY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlLookup, ptl_lookup, G_TYPE_OBJECT)

/* --- rows ------------------------------------------------------------------------------------- */

void
ptl_lookup_add_row (PtlLookup        *self,
                    PtlLookupGroup    group,
                    PtlLookupRowKind  kind,
                    const char       *label,
                    const char       *value,
                    const char       *detail)
{
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (kind, label, value, detail);

  g_list_store_append (self->groups[group], row);
}

static void
update_busy (PtlLookup *self)
{
  gboolean busy = self->n_pending > 0;

  if (busy == self->busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

void
ptl_lookup_hold (PtlLookup *self)
{
  self->n_pending++;
  update_busy (self);
}

void
ptl_lookup_release (PtlLookup *self)
{
  g_assert (self->n_pending > 0);
  self->n_pending--;
  update_busy (self);
}

static PtlLookupPending *
pending_new (PtlLookup    *self,
             guint         index,
             PtlLookupRow *row)
{
  PtlLookupPending *pending = g_new0 (PtlLookupPending, 1);

  pending->self = self;
  pending->generation = self->generation;
  pending->records_generation = self->records_generation;
  pending->index = index;
  pending->row = row != NULL ? g_object_ref (row) : NULL;
  ptl_lookup_hold (self);
  return pending;
}

static void
pending_free (gpointer data)
{
  PtlLookupPending *pending = data;

  g_clear_object (&pending->row);
  g_free (pending);
}

/* --- asking the pools ------------------------------------------------------------------------- */

static void
on_resolved (gpointer           owner,
             gpointer           about,
             const PtlResolved *resolved)
{
  PtlLookupPending *pending = about;
  g_autoptr (PtlLookup) self = g_object_ref (owner);

  pending->take_resolved (self, resolved, pending);
  ptl_lookup_release (self);
}

void
ptl_lookup_resolve (PtlLookup             *self,
                    PtlLookupPool         *pool,
                    const char            *host,
                    const char            *service,
                    PtlLookupTakeResolved  take,
                    guint                  index,
                    PtlLookupRow          *row)
{
  PtlResolver *resolver = pool != NULL ? ptl_lookup_pool_get_resolver (pool) : NULL;
  PtlResolveQuery query = { .host = host, .service = service,
                            .family = AF_UNSPEC, .type = SOCK_STREAM };
  PtlLookupPending *pending;

  if (resolver == NULL)
    return;
  pending = pending_new (self, index, row);
  pending->take_resolved = take;
  ptl_questions_ask (self->questions, resolver, &query, pending, pending_free);
}

/* --- asking servers --------------------------------------------------------------------------- */

static void
free_reply (gpointer data)
{
  ptl_dns_reply_free (data);
}

static void
on_dns_reply (gpointer payload,
              gpointer data)
{
  PtlLookupPending *pending = data;
  PtlLookup *self = g_object_ref (pending->self);

  if (pending->generation == self->generation)
    {
      pending->take_reply (self, payload, pending);
      ptl_lookup_release (self);
    }
  else
    ptl_dns_reply_free (payload);
  pending_free (pending);
  g_object_unref (self);
}

/* The client's thread. */
static void
on_client_reply (PtlDnsReply *reply,
                 void        *data)
{
  PtlLookupPending *pending = data;

  ptl_bridge_post (pending->self->bridge, on_dns_reply, reply, free_reply, pending, pending_free);
}

void
ptl_lookup_ask_dns (PtlLookup          *self,
                    const char         *name,
                    guint               type,
                    const PtlAddress   *servers,
                    guint               n_servers,
                    PtlLookupTakeReply  take,
                    guint               index)
{
  PtlDnsQuestion question = {
    .name = name, .type = (uint16_t) type, .servers = servers, .n_servers = n_servers,
    .group = self->dns_group,
  };
  PtlLookupPending *pending;

  if (self->dns == NULL)
    return;
  pending = pending_new (self, index, NULL);
  pending->take_reply = take;
  ptl_dns_client_ask (self->dns, &question, on_client_reply, pending);
}

/* --- start and end ---------------------------------------------------------------------------- */

void
ptl_lookup_cancel (PtlLookup *self)
{
  g_return_if_fail (PTL_IS_LOOKUP (self));

  self->generation++;
  self->wanted = FALSE;
  ptl_lookup_cancel_trace (self);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  ptl_questions_cancel (self->questions);
  if (self->dns != NULL)
    {
      ptl_dns_client_cancel (self->dns, self->dns_group);
      self->dns_group = ptl_dns_client_new_group (self->dns);
    }
  self->n_pending = 0;
  ptl_lookup_cancel_records (self);
  for (guint group = 0; group < PTL_LOOKUP_N_GROUPS; group++)
    for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->groups[group])); i++)
      {
        g_autoptr (PtlLookupRow) row =
          g_list_model_get_item (G_LIST_MODEL (self->groups[group]), i);

        if (ptl_lookup_row_get_kind (row) == PTL_LOOKUP_ROW_BUSY)
          ptl_lookup_row_set (row, PTL_LOOKUP_ROW_NOTE, _("Cancelled"), NULL);
      }
  update_busy (self);
}

static void
clear_all (PtlLookup *self)
{
  ptl_lookup_clear_records (self);
  ptl_lookup_clear_addresses (self);
  for (guint i = 0; i < PTL_LOOKUP_N_GROUPS; i++)
    g_list_store_remove_all (self->groups[i]);
  g_clear_pointer (&self->facts, ptl_lookup_facts_free);
  ptl_classified_clear (&self->classified);
  self->n_subnet_rows = 0;
}

void
ptl_lookup_start (PtlLookup  *self,
                  const char *text)
{
  const PtlClassified *classified = &self->classified;

  g_return_if_fail (PTL_IS_LOOKUP (self));

  ptl_lookup_cancel (self);
  clear_all (self);
  ptl_classify (&self->classified, text);
  if (classified->kind == PTL_KIND_NOTHING || classified->kind == PTL_KIND_UNKNOWN)
    return;

  self->cancellable = g_cancellable_new ();
  if (classified->kind == PTL_KIND_INTERFACE)
    ptl_lookup_start_interface (self);
  else if (classified->host != NULL && !self->offline)
    ptl_lookup_start_addresses (self);
  if (classified->address.len > 0)
    {
      ptl_lookup_add_anatomy (self);
      if (!self->offline)
        ptl_lookup_start_reverse (self);
    }
  if (classified->socket.len > 0)
    ptl_lookup_start_socket (self);
  ptl_lookup_start_facts (self);
}

void
ptl_lookup_set_offline (PtlLookup *self,
                        gboolean   offline)
{
  self->offline = offline;
}

gboolean
ptl_lookup_is_busy (PtlLookup *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), FALSE);

  return self->busy;
}

GListModel *
ptl_lookup_get_group (PtlLookup      *self,
                      PtlLookupGroup  group)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), NULL);

  return G_LIST_MODEL (self->groups[group]);
}

const PtlClassified *
ptl_lookup_get_classified (PtlLookup *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), NULL);

  return &self->classified;
}

static void
ptl_lookup_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, PTL_LOOKUP (object)->busy);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_finalize (GObject *object)
{
  PtlLookup *self = PTL_LOOKUP (object);

  ptl_lookup_cancel (self);
  /* After these nobody posts to the bridge any more. */
  ptl_dns_client_free (self->dns);
  ptl_lookup_pool_free (self->pool);
  ptl_lookup_pool_free (self->reverse_pool);
  ptl_lookup_pool_free (self->source_pool);
  ptl_questions_free (self->questions);
  ptl_bridge_close (self->bridge);
  clear_all (self);
  for (guint i = 0; i < PTL_LOOKUP_N_GROUPS; i++)
    g_clear_object (&self->groups[i]);
  g_array_unref (self->addresses);
  g_ptr_array_unref (self->sources);
  g_free (self->wanted_other);

  G_OBJECT_CLASS (ptl_lookup_parent_class)->finalize (object);
}

static void
ptl_lookup_class_init (PtlLookupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_lookup_finalize;
  object_class->get_property = ptl_lookup_get_property;
  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_lookup_init (PtlLookup *self)
{
  self->bridge = ptl_bridge_new ();
  self->questions = ptl_questions_new (self->bridge, on_resolved, self);
  self->pool = ptl_lookup_pool_new ();
  self->reverse_pool = ptl_nss_reverse_pool_new ();
  self->source_pool = ptl_nss_source_pool_new ();
  self->dns = ptl_dns_client_new (NULL);
  if (self->dns != NULL)
    self->dns_group = ptl_dns_client_new_group (self->dns);
  self->addresses = g_array_new (FALSE, FALSE, sizeof (PtlAddress));
  self->sources = g_ptr_array_new_with_free_func (ptl_lookup_source_free);
  for (guint i = 0; i < PTL_LOOKUP_N_GROUPS; i++)
    self->groups[i] = g_list_store_new (PTL_TYPE_LOOKUP_ROW);
}

PtlLookup *
ptl_lookup_new (void)
{
  return g_object_new (PTL_TYPE_LOOKUP, NULL);
}
