/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the reference that a query finds: an array of row numbers, made by the core. */
#include "config.h"

#include "model/ptl-reference-list.h"

#include <string.h>

struct _PtlReferenceList
{
  GObject           parent_instance;

  PtlCatalog       *catalog; /* a reference */
  uint32_t         *rows;    /* owned */
  guint             n_rows;
  char             *query;   /* owned */
  PtlCatalogFilter  filter;
  PtlCatalogColumn  order;
  bool              descending;
  bool              needs_here;
  bool              load_asked;
  bool              loaded;

  PtlListening      here;
  GHashTable       *live;    /* set of PtlReferenceItem, not owned: those that someone shows */
  GCancellable     *cancellable;
  bool              reading;
  guint             watch_id;
};

enum
{
  PROP_0,
  PROP_LOADED,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlReferenceList, ptl_reference_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
on_item_gone_cb (gpointer  data,
                 GObject  *item)
{
  g_hash_table_remove (PTL_REFERENCE_LIST (data)->live, item);
}

static GType
get_item_type (GListModel *model)
{
  return PTL_TYPE_REFERENCE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return PTL_REFERENCE_LIST (model)->n_rows;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PtlReferenceList *self = PTL_REFERENCE_LIST (model);
  PtlReferenceItem *item;

  if (position >= self->n_rows)
    return NULL;
  item = ptl_reference_item_new (self->catalog, self->rows[position]);
  ptl_reference_item_set_here (item, &self->here);
  g_hash_table_add (self->live, item);
  g_object_weak_ref (G_OBJECT (item), on_item_gone_cb, self);
  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* --- searching ------------------------------------------------------------------------------ */

static void
update (PtlReferenceList *self)
{
  size_t n_all = ptl_catalog_get_n_rows (self->catalog);
  g_autofree uint32_t *rows = g_new (uint32_t, n_all + 1);
  size_t n = ptl_catalog_search (self->catalog, self->query, self->filter, &self->here, rows);
  guint n_old = self->n_rows;

  if (self->order != PTL_CATALOG_N_COLUMNS)
    ptl_catalog_sort (self->catalog, self->order, self->descending, &self->here, rows, n);
  self->needs_here = self->order == PTL_CATALOG_BY_HERE
                     || ptl_catalog_query_needs_here (self->query, self->filter);
  if (n == n_old && (n == 0 || memcmp (rows, self->rows, n * sizeof *rows) == 0))
    return;
  g_free (self->rows);
  self->rows = g_steal_pointer (&rows);
  self->n_rows = (guint) n;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_old, self->n_rows);
}

void
ptl_reference_list_set_query (PtlReferenceList *self,
                              const char       *query)
{
  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  if (g_str_equal (query, self->query))
    return;
  g_free (self->query);
  self->query = g_strdup (query);
  update (self);
}

const char *
ptl_reference_list_get_query (PtlReferenceList *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_LIST (self), "");
  return self->query;
}

void
ptl_reference_list_set_filter (PtlReferenceList *self,
                               PtlCatalogFilter  filter)
{
  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  if (filter == self->filter)
    return;
  self->filter = filter;
  update (self);
}

void
ptl_reference_list_set_order (PtlReferenceList *self,
                              PtlCatalogColumn  column,
                              bool              descending)
{
  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  if (column == self->order && descending == self->descending)
    return;
  self->order = column;
  self->descending = descending;
  update (self);
}

guint
ptl_reference_list_get_n_all (PtlReferenceList *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_LIST (self), 0);
  return (guint) ptl_catalog_get_n_rows (self->catalog);
}

/* --- this computer's services --------------------------------------------------------------- */

void
ptl_reference_list_take_catalog (PtlReferenceList *self,
                                 PtlCatalog       *catalog)
{
  guint n_old;

  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  ptl_catalog_unref (self->catalog);
  self->catalog = catalog;
  /* The numbers of the rows mean other rows now. */
  n_old = self->n_rows;
  self->n_rows = 0;
  if (n_old > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_old, 0);
  update (self);
}

static void
load_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  g_task_return_pointer (task, ptl_catalog_new (ptl_services_read ()),
                         (GDestroyNotify) ptl_catalog_unref);
}

static void
on_loaded_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  PtlReferenceList *self = PTL_REFERENCE_LIST (source);
  PtlCatalog *catalog = g_task_propagate_pointer (G_TASK (result), NULL);

  if (catalog == NULL)
    return;
  ptl_reference_list_take_catalog (self, catalog);
  self->loaded = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOADED]);
}

void
ptl_reference_list_load (PtlReferenceList *self)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  if (self->load_asked)
    return;
  self->load_asked = TRUE;
  task = g_task_new (self, self->cancellable, on_loaded_cb, NULL);
  g_task_set_source_tag (task, ptl_reference_list_load);
  g_task_run_in_thread (task, load_thread);
}

/* --- what listens --------------------------------------------------------------------------- */

void
ptl_reference_list_set_here (PtlReferenceList   *self,
                             const PtlListening *here)
{
  g_autoptr (GPtrArray) live = NULL;
  GHashTableIter iter;
  gpointer item;

  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  if (ptl_listening_equal (&self->here, here))
    return;
  self->here = *here;
  if (self->needs_here)
    update (self);
  /* Whom this tells may let go of rows. */
  live = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    g_ptr_array_add (live, g_object_ref (item));
  for (guint i = 0; i < live->len; i++)
    ptl_reference_item_set_here (g_ptr_array_index (live, i), here);
}

static void
read_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  PtlListening *here = g_new (PtlListening, 1);

  ptl_listening_read (here, NULL);
  g_task_return_pointer (task, here, g_free);
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  PtlReferenceList *self = PTL_REFERENCE_LIST (source);
  g_autofree PtlListening *here = g_task_propagate_pointer (G_TASK (result), NULL);

  self->reading = FALSE;
  if (here != NULL && self->watch_id != 0)
    ptl_reference_list_set_here (self, here);
}

static gboolean
on_watch_cb (gpointer data)
{
  PtlReferenceList *self = data;
  g_autoptr (GTask) task = NULL;

  if (self->reading)
    return G_SOURCE_CONTINUE; /* so many sockets that it takes longer */
  self->reading = TRUE;
  task = g_task_new (self, self->cancellable, on_read_cb, NULL);
  g_task_set_source_tag (task, on_watch_cb);
  g_task_run_in_thread (task, read_thread);
  return G_SOURCE_CONTINUE;
}

void
ptl_reference_list_set_watching (PtlReferenceList *self,
                                 bool              watching)
{
  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  if (watching == (self->watch_id != 0))
    return;
  if (!watching)
    {
      g_clear_handle_id (&self->watch_id, g_source_remove);
      return;
    }
  self->watch_id = g_timeout_add_seconds (PTL_REFERENCE_WATCH_S, on_watch_cb, self);
  on_watch_cb (self);
}

bool
ptl_reference_list_get_watching (PtlReferenceList *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_LIST (self), FALSE);
  return self->watch_id != 0;
}

/* --- life ----------------------------------------------------------------------------------- */

static void
ptl_reference_list_dispose (GObject *object)
{
  PtlReferenceList *self = PTL_REFERENCE_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->watch_id, g_source_remove);
  G_OBJECT_CLASS (ptl_reference_list_parent_class)->dispose (object);
}

static void
ptl_reference_list_finalize (GObject *object)
{
  PtlReferenceList *self = PTL_REFERENCE_LIST (object);
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    g_object_weak_unref (item, on_item_gone_cb, self);
  g_hash_table_unref (self->live);
  g_clear_object (&self->cancellable);
  g_free (self->query);
  g_free (self->rows);
  g_clear_pointer (&self->catalog, ptl_catalog_unref);
  G_OBJECT_CLASS (ptl_reference_list_parent_class)->finalize (object);
}

static void
ptl_reference_list_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PtlReferenceList *self = PTL_REFERENCE_LIST (object);

  switch (prop_id)
    {
    case PROP_LOADED:
      g_value_set_boolean (value, self->loaded);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_reference_list_class_init (PtlReferenceListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_reference_list_dispose;
  object_class->finalize = ptl_reference_list_finalize;
  object_class->get_property = ptl_reference_list_get_property;

  props[PROP_LOADED] =
    g_param_spec_boolean ("loaded", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ptl_reference_list_init (PtlReferenceList *self)
{
  self->catalog = ptl_catalog_new (NULL);
  self->query = g_strdup ("");
  self->order = PTL_CATALOG_N_COLUMNS;
  self->live = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();
  update (self);
}

PtlReferenceList *
ptl_reference_list_new (void)
{
  return g_object_new (PTL_TYPE_REFERENCE_LIST, NULL);
}
