/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket calls of a session: rows are made when they are shown, and follow the records that
 * grow. */
#include "config.h"

#include "model/ptl-call-list.h"

#include <string.h>

#include "model/ptl-fault-text.h"

struct _PtlCallItem
{
  GObject        parent_instance;

  PtlCallList   *list; /* owned: it knows its rows by their sequence number */
  uint64_t       sequence;
  PtlCallRecord  record;
  char          *text;   /* made when asked for */
  char          *result;
  char          *explanation;
};

struct _PtlCallList
{
  GObject     parent_instance;

  PtlCalls   *calls;   /* or NULL */
  uint64_t    first;   /* what the rows stand for: first <= sequence < next */
  uint64_t    next;
  uint64_t    changes;
  GHashTable *shown;   /* &sequence of a PtlCallItem -> the item, not owned */
};

enum
{
  ITEM_PROP_0,
  ITEM_PROP_TEXT,
  ITEM_PROP_RESULT,
  ITEM_PROP_FAILED,
  ITEM_PROP_EXPLANATION,
  N_ITEM_PROPS
};

static GParamSpec *item_props[N_ITEM_PROPS];

G_DEFINE_FINAL_TYPE (PtlCallItem, ptl_call_item, G_TYPE_OBJECT)

static void
ptl_call_item_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  PtlCallItem *self = PTL_CALL_ITEM (object);

  switch (prop_id)
    {
    case ITEM_PROP_TEXT:
      g_value_set_string (value, ptl_call_item_get_text (self));
      break;
    case ITEM_PROP_RESULT:
      g_value_set_string (value, ptl_call_item_get_result (self));
      break;
    case ITEM_PROP_FAILED:
      g_value_set_boolean (value, ptl_call_has_failed (&self->record));
      break;
    case ITEM_PROP_EXPLANATION:
      g_value_set_string (value, ptl_call_item_get_explanation (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_call_item_finalize (GObject *object)
{
  PtlCallItem *self = PTL_CALL_ITEM (object);

  g_hash_table_remove (self->list->shown, &self->sequence);
  g_clear_object (&self->list);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->result, g_free);
  g_clear_pointer (&self->explanation, g_free);
  G_OBJECT_CLASS (ptl_call_item_parent_class)->finalize (object);
}

static void
ptl_call_item_class_init (PtlCallItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = ptl_call_item_get_property;
  object_class->finalize = ptl_call_item_finalize;

  item_props[ITEM_PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  item_props[ITEM_PROP_RESULT] = g_param_spec_string ("result", NULL, NULL, NULL, flags);
  item_props[ITEM_PROP_FAILED] = g_param_spec_boolean ("failed", NULL, NULL, FALSE, flags);
  item_props[ITEM_PROP_EXPLANATION] = g_param_spec_string ("explanation", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_ITEM_PROPS, item_props);
}

static void
ptl_call_item_init (PtlCallItem *self)
{
}

/* What may change while the row is there: a repeat was folded in. */
static void
call_item_update (PtlCallItem         *self,
                  const PtlCallRecord *record)
{
  bool failed_before = ptl_call_has_failed (&self->record);

  if (memcmp (&self->record, record, sizeof *record) == 0)
    return;
  self->record = *record;
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->result, g_free);
  g_clear_pointer (&self->explanation, g_free);
  g_object_notify_by_pspec (G_OBJECT (self), item_props[ITEM_PROP_TEXT]);
  g_object_notify_by_pspec (G_OBJECT (self), item_props[ITEM_PROP_RESULT]);
  g_object_notify_by_pspec (G_OBJECT (self), item_props[ITEM_PROP_EXPLANATION]);
  if (ptl_call_has_failed (record) != failed_before)
    g_object_notify_by_pspec (G_OBJECT (self), item_props[ITEM_PROP_FAILED]);
}

uint64_t
ptl_call_item_get_sequence (PtlCallItem *self)
{
  g_return_val_if_fail (PTL_IS_CALL_ITEM (self), 0);
  return self->sequence;
}

const PtlCallRecord *
ptl_call_item_get_record (PtlCallItem *self)
{
  g_return_val_if_fail (PTL_IS_CALL_ITEM (self), NULL);
  return &self->record;
}

const char *
ptl_call_item_get_text (PtlCallItem *self)
{
  g_return_val_if_fail (PTL_IS_CALL_ITEM (self), NULL);
  if (self->text == NULL)
    self->text = ptl_call_to_text (&self->record);
  return self->text;
}

const char *
ptl_call_item_get_result (PtlCallItem *self)
{
  g_return_val_if_fail (PTL_IS_CALL_ITEM (self), NULL);
  if (self->result == NULL)
    self->result = ptl_call_result_to_text (&self->record);
  return self->result;
}

const char *
ptl_call_item_get_explanation (PtlCallItem *self)
{
  g_return_val_if_fail (PTL_IS_CALL_ITEM (self), NULL);
  if (self->explanation == NULL)
    self->explanation = ptl_call_dup_explanation (&self->record);
  return self->explanation;
}

static GType
ptl_call_list_get_item_type (GListModel *model)
{
  return PTL_TYPE_CALL_ITEM;
}

static guint
ptl_call_list_get_n_items (GListModel *model)
{
  PtlCallList *self = PTL_CALL_LIST (model);

  return (guint) (self->next - self->first);
}

static gpointer
ptl_call_list_get_item (GListModel *model,
                        guint       position)
{
  PtlCallList *self = PTL_CALL_LIST (model);
  uint64_t sequence = self->first + position;
  PtlCallItem *item;

  if (sequence >= self->next)
    return NULL;
  item = g_hash_table_lookup (self->shown, &sequence);
  if (item != NULL)
    return g_object_ref (item);

  item = g_object_new (PTL_TYPE_CALL_ITEM, NULL);
  item->list = g_object_ref (self);
  item->sequence = sequence;
  /* The worker may have dropped it since the last sync: the row leaves with the next one. */
  if (!ptl_calls_get (self->calls, sequence, &item->record))
    {
      memset (&item->record, 0, sizeof item->record);
      item->record.call = PTL_N_CALLS;
      item->record.fd = -1;
      item->text = g_strdup ("…");
      item->result = g_strdup ("");
    }
  g_hash_table_insert (self->shown, &item->sequence, item);
  return item;
}

static void
ptl_call_list_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ptl_call_list_get_item_type;
  iface->get_n_items = ptl_call_list_get_n_items;
  iface->get_item = ptl_call_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlCallList, ptl_call_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      ptl_call_list_list_model_init))

static void
ptl_call_list_finalize (GObject *object)
{
  PtlCallList *self = PTL_CALL_LIST (object);

  g_clear_pointer (&self->shown, g_hash_table_unref);
  g_clear_pointer (&self->calls, ptl_calls_unref);
  G_OBJECT_CLASS (ptl_call_list_parent_class)->finalize (object);
}

static void
ptl_call_list_class_init (PtlCallListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_call_list_finalize;
}

static void
ptl_call_list_init (PtlCallList *self)
{
  self->shown = g_hash_table_new (g_int64_hash, g_int64_equal);
}

PtlCallList *
ptl_call_list_new (PtlCalls *calls)
{
  PtlCallList *self = g_object_new (PTL_TYPE_CALL_LIST, NULL);

  if (calls != NULL)
    self->calls = ptl_calls_ref (calls);
  return self;
}

static void
update_shown (PtlCallList *self)
{
  g_autoptr (GPtrArray) items = NULL;
  GHashTableIter iter;
  gpointer item;

  if (g_hash_table_size (self->shown) == 0)
    return;
  /* A handler of a notification may let rows go. */
  items = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    g_ptr_array_add (items, g_object_ref (item));
  for (guint i = 0; i < items->len; i++)
    {
      PtlCallItem *shown = g_ptr_array_index (items, i);
      PtlCallRecord record;

      if (ptl_calls_get (self->calls, shown->sequence, &record))
        call_item_update (shown, &record);
    }
}

bool
ptl_call_list_sync (PtlCallList *self)
{
  uint64_t first, next, changes;
  uint64_t n_before, n_left, n_new;

  g_return_val_if_fail (PTL_IS_CALL_LIST (self), false);

  if (self->calls == NULL)
    return false;
  ptl_calls_get_range (self->calls, &first, &next, &changes);
  if (changes == self->changes)
    return false;
  self->changes = changes;
  update_shown (self);

  n_before = self->next - self->first;
  n_left = MIN (first - self->first, n_before);
  n_new = next - MAX (first, self->next);
  if (n_left == n_before)
    {
      self->first = first;
      self->next = next;
      if (n_before > 0 || n_new > 0)
        g_list_model_items_changed (G_LIST_MODEL (self), 0, (guint) n_before,
                                    (guint) (next - first));
      return true;
    }
  if (n_left > 0)
    {
      self->first = first;
      g_list_model_items_changed (G_LIST_MODEL (self), 0, (guint) n_left, 0);
    }
  if (n_new > 0)
    {
      guint at = (guint) (self->next - self->first);

      self->next = next;
      g_list_model_items_changed (G_LIST_MODEL (self), at, 0, (guint) n_new);
    }
  return true;
}

uint64_t
ptl_call_list_get_n_dropped (PtlCallList *self)
{
  g_return_val_if_fail (PTL_IS_CALL_LIST (self), 0);
  return self->first;
}
