/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peers of a session. */
#include "config.h"

#include "model/ptl-peer-list.h"

#include "base/ptl-error.h"
#include "model/ptl-fault-text.h"

#define LEAVE_AT_ONCE (PTL_PEER_LIST_MAX / 16)

struct _PtlPeer
{
  GObject     parent_instance;

  PtlPeerInfo info;
  bool        leaving; /* while the list makes room */
};

enum
{
  PEER_PROP_0,
  PEER_PROP_ADDRESS,
  PEER_PROP_STATE_TEXT,
  PEER_PROP_RX_TEXT,
  PEER_PROP_TX_TEXT,
  PEER_PROP_OPEN,
  N_PEER_PROPS
};

static GParamSpec *peer_props[N_PEER_PROPS];

G_DEFINE_FINAL_TYPE (PtlPeer, ptl_peer, G_TYPE_OBJECT)

static bool
is_over (const PtlPeerInfo *info)
{
  return info->state == PTL_PEER_CLOSED || info->state == PTL_PEER_RESET;
}

static char *
dup_state_text (const PtlPeerInfo *info)
{
  const char *state = ptl_peer_state_to_text (info->state);

  if (info->sys_errno == 0)
    return g_strdup (state);
  return g_strdup_printf ("%s: %s (%s)", state, g_strerror (info->sys_errno),
                          ptl_errno_name (info->sys_errno));
}

static void
ptl_peer_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  PtlPeer *self = PTL_PEER (object);

  switch (prop_id)
    {
    case PEER_PROP_ADDRESS:
      g_value_take_string (value, ptl_peer_dup_address (self));
      break;
    case PEER_PROP_STATE_TEXT:
      g_value_take_string (value, dup_state_text (&self->info));
      break;
    case PEER_PROP_RX_TEXT:
      g_value_take_string (value, g_format_size (self->info.rx_bytes));
      break;
    case PEER_PROP_TX_TEXT:
      g_value_take_string (value, g_format_size (self->info.tx_bytes));
      break;
    case PEER_PROP_OPEN:
      g_value_set_boolean (value, !is_over (&self->info));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_peer_class_init (PtlPeerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = ptl_peer_get_property;

  peer_props[PEER_PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  peer_props[PEER_PROP_STATE_TEXT] = g_param_spec_string ("state-text", NULL, NULL, NULL, flags);
  peer_props[PEER_PROP_RX_TEXT] = g_param_spec_string ("rx-text", NULL, NULL, NULL, flags);
  peer_props[PEER_PROP_TX_TEXT] = g_param_spec_string ("tx-text", NULL, NULL, NULL, flags);
  peer_props[PEER_PROP_OPEN] = g_param_spec_boolean ("open", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PEER_PROPS, peer_props);
}

static void
ptl_peer_init (PtlPeer *self)
{
}

static PtlPeer *
peer_new (const PtlPeerInfo *info)
{
  PtlPeer *self = g_object_new (PTL_TYPE_PEER, NULL);

  self->info = *info;
  return self;
}

static void
peer_update (PtlPeer           *self,
             const PtlPeerInfo *info)
{
  PtlPeerInfo before = self->info;

  self->info = *info;
  if (before.state != info->state || before.sys_errno != info->sys_errno)
    g_object_notify_by_pspec (G_OBJECT (self), peer_props[PEER_PROP_STATE_TEXT]);
  if (before.rx_bytes != info->rx_bytes)
    g_object_notify_by_pspec (G_OBJECT (self), peer_props[PEER_PROP_RX_TEXT]);
  if (before.tx_bytes != info->tx_bytes)
    g_object_notify_by_pspec (G_OBJECT (self), peer_props[PEER_PROP_TX_TEXT]);
  if (is_over (&before) != is_over (info))
    g_object_notify_by_pspec (G_OBJECT (self), peer_props[PEER_PROP_OPEN]);
}

uint32_t
ptl_peer_get_number (PtlPeer *self)
{
  g_return_val_if_fail (PTL_IS_PEER (self), PTL_PEER_NONE);
  return self->info.peer;
}

const PtlPeerInfo *
ptl_peer_get_info (PtlPeer *self)
{
  g_return_val_if_fail (PTL_IS_PEER (self), NULL);
  return &self->info;
}

char *
ptl_peer_dup_address (PtlPeer *self)
{
  char buffer[PTL_ADDRESS_TEXT_MAX];

  g_return_val_if_fail (PTL_IS_PEER (self), NULL);
  return g_strdup (ptl_address_format (&self->info.address, buffer, sizeof buffer));
}

struct _PtlPeerList
{
  GObject     parent_instance;

  GPtrArray  *peers;     /* PtlPeer, in the order they came */
  GHashTable *by_number; /* number + 1 as a pointer: never NULL */
};

static GType
ptl_peer_list_get_item_type (GListModel *model)
{
  return PTL_TYPE_PEER;
}

static guint
ptl_peer_list_get_n_items (GListModel *model)
{
  return PTL_PEER_LIST (model)->peers->len;
}

static gpointer
ptl_peer_list_get_item (GListModel *model,
                        guint       position)
{
  PtlPeerList *self = PTL_PEER_LIST (model);

  if (position >= self->peers->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->peers, position));
}

static void
ptl_peer_list_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ptl_peer_list_get_item_type;
  iface->get_n_items = ptl_peer_list_get_n_items;
  iface->get_item = ptl_peer_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlPeerList, ptl_peer_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      ptl_peer_list_list_model_init))

static void
ptl_peer_list_finalize (GObject *object)
{
  PtlPeerList *self = PTL_PEER_LIST (object);

  g_clear_pointer (&self->by_number, g_hash_table_unref);
  g_clear_pointer (&self->peers, g_ptr_array_unref);
  G_OBJECT_CLASS (ptl_peer_list_parent_class)->finalize (object);
}

static void
ptl_peer_list_class_init (PtlPeerListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_peer_list_finalize;
}

static void
ptl_peer_list_init (PtlPeerList *self)
{
  self->peers = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_number = g_hash_table_new (NULL, NULL);
}

PtlPeerList *
ptl_peer_list_new (void)
{
  return g_object_new (PTL_TYPE_PEER_LIST, NULL);
}

static gpointer
number_to_key (uint32_t number)
{
  return GSIZE_TO_POINTER ((gsize) number + 1);
}

/* Marks up to @n of the closed ones, or of all, from the oldest on; returns how many it could. */
static guint
mark_leaving (PtlPeerList *self,
              guint        n,
              bool         also_open)
{
  guint marked = 0;

  for (guint i = 0; i < self->peers->len && marked < n; i++)
    {
      PtlPeer *peer = g_ptr_array_index (self->peers, i);

      if (!peer->leaving && (also_open || is_over (&peer->info)))
        {
          peer->leaving = true;
          marked++;
        }
    }
  return marked;
}

/* Lets @n of them go; told as one change of the stretch that they were in. */
static void
make_room (PtlPeerList *self,
           guint        n)
{
  guint marked = mark_leaving (self, n, false);
  guint first = G_MAXUINT, last = 0, kept;

  if (marked < n)
    marked += mark_leaving (self, n - marked, true);
  if (marked == 0)
    return;

  for (guint i = 0; i < self->peers->len; i++)
    {
      PtlPeer *peer = g_ptr_array_index (self->peers, i);

      if (peer->leaving)
        {
          first = MIN (first, i);
          last = i;
        }
    }
  kept = first;
  for (guint i = first; i < self->peers->len; i++)
    {
      PtlPeer *peer = g_ptr_array_index (self->peers, i);

      if (peer->leaving)
        {
          peer->leaving = false;
          g_hash_table_remove (self->by_number, number_to_key (peer->info.peer));
          g_object_unref (peer);
        }
      else
        self->peers->pdata[kept++] = peer;
    }
  /* The places behind are not ours to free any more. */
  for (guint i = kept; i < self->peers->len; i++)
    self->peers->pdata[i] = NULL;
  self->peers->len = kept;
  g_list_model_items_changed (G_LIST_MODEL (self), first, last - first + 1,
                              last - first + 1 - marked);
}

void
ptl_peer_list_update (PtlPeerList       *self,
                      const PtlPeerInfo *infos,
                      size_t             n_infos)
{
  g_autoptr (GArray) fresh = NULL;
  size_t n_skipped;
  guint n_before;

  g_return_if_fail (PTL_IS_PEER_LIST (self));

  for (size_t i = 0; i < n_infos; i++)
    {
      PtlPeer *peer = g_hash_table_lookup (self->by_number, number_to_key (infos[i].peer));

      if (peer != NULL)
        peer_update (peer, &infos[i]);
      else
        {
          if (fresh == NULL)
            fresh = g_array_new (FALSE, FALSE, sizeof (size_t));
          g_array_append_val (fresh, i);
        }
    }
  if (fresh == NULL)
    return;

  /* More than fit at all: only the last ones. */
  n_skipped = fresh->len > PTL_PEER_LIST_MAX ? fresh->len - PTL_PEER_LIST_MAX : 0;
  if (self->peers->len + (fresh->len - n_skipped) > PTL_PEER_LIST_MAX)
    {
      guint excess = self->peers->len + (guint) (fresh->len - n_skipped) - PTL_PEER_LIST_MAX;

      make_room (self, MIN (MAX (excess, LEAVE_AT_ONCE), self->peers->len));
    }

  n_before = self->peers->len;
  for (size_t i = n_skipped; i < fresh->len; i++)
    {
      const PtlPeerInfo *info = &infos[g_array_index (fresh, size_t, i)];
      PtlPeer *peer = g_hash_table_lookup (self->by_number, number_to_key (info->peer));

      if (peer != NULL) /* twice in these news */
        {
          peer_update (peer, info);
          continue;
        }
      peer = peer_new (info);
      g_ptr_array_add (self->peers, peer);
      g_hash_table_insert (self->by_number, number_to_key (info->peer), peer);
    }
  g_list_model_items_changed (G_LIST_MODEL (self), n_before, 0, self->peers->len - n_before);
}

PtlPeer *
ptl_peer_list_find (PtlPeerList *self,
                    uint32_t     number)
{
  PtlPeer *peer;

  g_return_val_if_fail (PTL_IS_PEER_LIST (self), NULL);
  peer = g_hash_table_lookup (self->by_number, number_to_key (number));
  return peer != NULL ? g_object_ref (peer) : NULL;
}
