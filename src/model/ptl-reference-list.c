/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of the reference that a query finds: an array of row numbers, made by the core. */
#include "config.h"

#include "model/ptl-reference-list.h"

#include <string.h>

#include "model/ptl-places.h"
#include "model/ptl-socket-snapshot.h"

struct _PtlReferenceList
{
  GObject           parent_instance;

  PtlCatalog       *catalog; /* a reference */
  uint32_t         *rows;    /* owned; all that were found */
  guint             n_rows;
  PtlPlaces        *places;  /* of PtlReferenceItem */
  guint             n_fresh; /* of those that are told so many stand for their new rows */
  char             *query;   /* owned */
  PtlCatalogFilter  filter;
  PtlCatalogColumn  order;
  bool              descending;
  bool              needs_here;
  bool              typing;  /* rows that were made are kept */
  bool              load_asked;
  bool              loaded;

  PtlListening      here;
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
static guint found_signal;

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlReferenceList, ptl_reference_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static uint32_t
get_number (PtlReferenceList *self,
            guint             position)
{
  return position < self->n_rows ? self->rows[position] : PTL_REFERENCE_BLANK;
}

static PtlReferenceItem *
make_item (PtlReferenceList *self,
           guint             row,
           guint             position)
{
  PtlReferenceItem *item = ptl_reference_item_new (self->catalog, get_number (self, row));

  ptl_reference_item_set_here (item, &self->here);
  ptl_places_add (self->places, position, item);
  return item;
}

static GType
get_item_type (GListModel *model)
{
  return PTL_TYPE_REFERENCE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return ptl_places_get_n (PTL_REFERENCE_LIST (model)->places);
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PtlReferenceList *self = PTL_REFERENCE_LIST (model);
  PtlReferenceItem *item;

  if (position >= ptl_places_get_n (self->places))
    return NULL;
  item = ptl_places_dup_item (self->places, position);
  if (item == NULL)
    return make_item (self, position, position);
  ptl_reference_item_set_row (item, self->catalog, get_number (self, position), &self->here);
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

/* The items up to @end stand for their new rows. */
static void
freshen (PtlReferenceList *self,
         guint             end)
{
  for (; self->n_fresh < MIN (end, ptl_places_get_n (self->places)); self->n_fresh++)
    {
      g_autoptr (PtlReferenceItem) item = ptl_places_dup_item (self->places, self->n_fresh);

      if (item != NULL)
        ptl_reference_item_set_row (item, self->catalog, get_number (self, self->n_fresh),
                                    &self->here);
    }
}

static void
set_n_shown (PtlReferenceList *self,
             guint             n)
{
  guint n_old = ptl_places_get_n (self->places);

  self->n_fresh = MIN (self->n_fresh, n);
  if (n < n_old)
    ptl_places_tell (self->places, n, n_old - n, 0);
  else if (n > n_old)
    {
      if (self->n_fresh == n_old)
        self->n_fresh = n; /* they are made for their rows */
      ptl_places_tell (self->places, n_old, 0, n - n_old);
    }
}

static void
update (PtlReferenceList *self)
{
  size_t n_all = ptl_catalog_get_n_rows (self->catalog);
  g_autofree uint32_t *rows = g_new (uint32_t, n_all + 1);
  size_t n = ptl_catalog_search (self->catalog, self->query, self->filter, &self->here, rows);

  if (self->order != PTL_CATALOG_N_COLUMNS)
    ptl_catalog_sort (self->catalog, self->order, self->descending, &self->here, rows, n);
  self->needs_here = self->order == PTL_CATALOG_BY_HERE
                     || ptl_catalog_query_needs_here (self->query, self->filter);
  g_free (self->rows);
  self->rows = g_steal_pointer (&rows);
  self->n_rows = (guint) n;
  self->n_fresh = 0;
  freshen (self, PTL_REFERENCE_FOLD_ROWS);
  if (ptl_places_get_n (self->places) < MIN (n, PTL_REFERENCE_FIRST_ROWS))
    set_n_shown (self, MIN ((guint) n, PTL_REFERENCE_FIRST_ROWS));
  g_signal_emit (self, found_signal, 0);
}

bool
ptl_reference_list_is_short (PtlReferenceList *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_LIST (self), false);

  return ptl_places_get_n (self->places) < MIN (self->n_rows, PTL_REFERENCE_FOLD_ROWS);
}

void
ptl_reference_list_set_typing (PtlReferenceList *self,
                               bool              typing)
{
  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  self->typing = typing;
}

bool
ptl_reference_list_go_on (PtlReferenceList *self)
{
  guint n_wanted, n_shown;

  g_return_val_if_fail (PTL_IS_REFERENCE_LIST (self), false);

  n_shown = ptl_places_get_n (self->places);
  n_wanted = self->n_rows;
  if (self->typing && n_wanted < PTL_REFERENCE_FOLD_ROWS)
    n_wanted = MIN (MAX (n_shown, n_wanted), PTL_REFERENCE_FOLD_ROWS);
  if (n_shown > n_wanted)
    {
      /* What has no widgets goes at once. */
      guint n = MIN (n_shown, 2 * PTL_REFERENCE_VIEW_ROWS);

      n -= MIN (n, 2 * PTL_REFERENCE_STEP_ROWS);
      set_n_shown (self, MAX (n, n_wanted));
    }
  else if (self->n_fresh < n_shown)
    freshen (self, self->n_fresh < PTL_REFERENCE_VIEW_ROWS
                     ? self->n_fresh + 4 * PTL_REFERENCE_STEP_ROWS : n_shown);
  else if (n_shown < self->n_rows)
    set_n_shown (self, n_shown < PTL_REFERENCE_VIEW_ROWS
                         ? MIN (n_shown + PTL_REFERENCE_STEP_ROWS, self->n_rows)
                         : self->n_rows);
  n_shown = ptl_places_get_n (self->places);
  return self->n_fresh < n_shown
         || (n_shown != self->n_rows && n_shown != n_wanted);
}

guint
ptl_reference_list_get_n_found (PtlReferenceList *self)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_LIST (self), 0);
  return self->n_rows;
}

PtlReferenceItem *
ptl_reference_list_make_item (PtlReferenceList *self,
                              guint             position)
{
  g_return_val_if_fail (PTL_IS_REFERENCE_LIST (self), NULL);

  return position < self->n_rows ? make_item (self, position, PTL_PLACES_NONE) : NULL;
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
  g_return_if_fail (PTL_IS_REFERENCE_LIST (self));

  ptl_catalog_unref (self->catalog);
  self->catalog = catalog;
  update (self);
  freshen (self, ptl_places_get_n (self->places));
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
  g_hash_table_iter_init (&iter, ptl_places_get_live (self->places));
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

  ptl_socket_read_listening (here, NULL);
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

  ptl_places_free (self->places);
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

  found_signal = g_signal_new ("found", PTL_TYPE_REFERENCE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
ptl_reference_list_init (PtlReferenceList *self)
{
  self->catalog = ptl_catalog_new (NULL);
  self->query = g_strdup ("");
  self->order = PTL_CATALOG_N_COLUMNS;
  self->places = ptl_places_new (G_LIST_MODEL (self), NULL);
  self->cancellable = g_cancellable_new ();
  update (self);
}

PtlReferenceList *
ptl_reference_list_new (void)
{
  return g_object_new (PTL_TYPE_REFERENCE_LIST, NULL);
}
