/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open sockets of this computer that a search finds, kept up to date while it is watched. */
#include "config.h"

#include "model/ptl-open-sockets.h"

#include "model/ptl-open-sockets-private.h"
#include "model/ptl-places.h"

struct _PtlOpenSockets
{
  GObject            parent_instance;

  PtlSocketSnapshot *snapshot;  /* a reference; what was read last */
  PtlSocketView     *view;      /* a reference; what is told, or is being told */
  PtlSocketView     *old;       /* a reference; while changes are told: rows from told_at on */
  guint              told_at;   /* up to here rows are those of view */
  guint              old_at;    /* and from there on those of old, from this one on */
  PtlPlaces         *places;    /* of PtlSocketRow */

  PtlSocketOrder     order;
  guint              order_id;  /* another with each order */
  atomic_bool       *stop;      /* an atomic box, shared with the reading thread */
  GCancellable      *cancellable;
  gboolean           watching;
  gboolean           reading;
  gboolean           viewing;
  gboolean           view_again;
  guint              pause_id;
};

static guint updated_signal;

static void list_model_init (GListModelInterface *iface);
static void table_init      (PtlTableInterface   *iface);
static void start_view      (PtlOpenSockets      *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlOpenSockets, ptl_open_sockets, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_TABLE, table_init))

/* --- rows ------------------------------------------------------------------------------------- */

static GType
get_item_type (GListModel *model)
{
  return PTL_TYPE_SOCKET_ROW;
}

static guint
get_n_items (GListModel *model)
{
  return ptl_places_get_n (PTL_OPEN_SOCKETS (model)->places);
}

static gpointer
get_item (GListModel *model,
          guint       place)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (model);
  PtlSocketRow *row;
  PtlSocketView *view = self->view;
  guint at = place;

  if (place >= ptl_places_get_n (self->places))
    return NULL;
  row = ptl_places_dup_item (self->places, place);
  if (row != NULL)
    return row;
  if (self->old != NULL && place >= self->told_at)
    {
      view = self->old;
      at = place - self->told_at + self->old_at;
    }
  row = ptl_socket_row_new (view->snapshot, at < view->n ? view->rows[at] : PTL_SOCK_NO_ROW);
  ptl_places_add (self->places, place, row);
  return row;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* --- changes ---------------------------------------------------------------------------------- */

/* How many rows come and go where rows are looked at. */
static guint
count_churn (PtlOpenSockets *self,
             GArray         *changes)
{
  guint first = PTL_PLACES_NONE, last = 0;
  GHashTableIter iter;
  gpointer place;

  g_hash_table_iter_init (&iter, ptl_places_get_live (self->places));
  while (g_hash_table_iter_next (&iter, NULL, &place))
    if (GPOINTER_TO_UINT (place) != PTL_PLACES_NONE)
      {
        first = MIN (first, GPOINTER_TO_UINT (place));
        last = MAX (last, GPOINTER_TO_UINT (place));
      }
  return first != PTL_PLACES_NONE ? ptl_socket_view_count_churn (changes, first, last) : G_MAXUINT;
}

/* Each row stays with its socket. */
static void
tell_changes (PtlOpenSockets *self,
              GArray         *changes)
{
  const PtlSocks *socks = ptl_socket_snapshot_get_socks (self->view->snapshot);
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, ptl_places_get_live (self->places));
  while (g_hash_table_iter_next (&iter, &row, NULL))
    {
      uint32_t number = ptl_socket_row_is_blank (row)
                        ? PTL_SOCK_NO_ROW
                        : ptl_socks_find_key (socks, ptl_socket_row_get_key (row));

      if (number != PTL_SOCK_NO_ROW && ptl_socket_row_set (row, self->view->snapshot, number))
        ptl_places_change (self->places, row);
    }
  self->told_at = 0;
  self->old_at = 0;
  for (guint i = 0; i < changes->len; i++)
    {
      const PtlSocketChange *change = &g_array_index (changes, PtlSocketChange, i);

      self->old_at += change->at - self->told_at + change->n_removed;
      self->told_at = change->at + change->n_added;
      ptl_places_tell (self->places, change->at, change->n_removed, change->n_added);
    }
}

/* Each row stays in its place; it is blank where there is no socket for it any more. */
static void
replace_rows (PtlOpenSockets *self)
{
  GHashTableIter iter;
  gpointer place, row;
  guint n = self->view->n;

  self->told_at = PTL_PLACES_NONE;
  g_hash_table_iter_init (&iter, ptl_places_get_live (self->places));
  while (g_hash_table_iter_next (&iter, &row, &place))
    {
      guint at = GPOINTER_TO_UINT (place);

      if (at != PTL_PLACES_NONE
          && ptl_socket_row_set (row, self->view->snapshot,
                                 at < n ? self->view->rows[at] : PTL_SOCK_NO_ROW))
        ptl_places_change (self->places, row);
    }
  ptl_places_resize (self->places, n);
}

static void
apply (PtlOpenSockets *self,
       PtlSocketView  *view, /* taken */
       GArray         *changes)
{
  gboolean moving = self->old != NULL || self->view == NULL
                    || ptl_places_get_n (self->places) != self->view->n;

  self->old = self->view;
  self->view = view;
  if (!moving && count_churn (self, changes) <= PTL_OPEN_SOCKETS_CHURN_MAX)
    tell_changes (self, changes);
  else
    replace_rows (self);
  ptl_places_go_on (self->places, view->n);
  g_clear_pointer (&self->old, ptl_socket_view_unref);
  g_signal_emit (self, updated_signal, 0);
}

/* --- searching -------------------------------------------------------------------------------- */

typedef struct
{
  PtlSocketSnapshot *snapshot;
  PtlSocketView     *from; /* NULL: nothing is shown */
  PtlSocketOrder     order;
  guint              order_id;
  PtlSocketView     *view;
  GArray            *changes;
} ViewJob;

static void
view_job_free (ViewJob *job)
{
  g_clear_pointer (&job->changes, g_array_unref);
  ptl_socket_view_unref (job->view);
  g_free (job->order.words);
  ptl_socket_view_unref (job->from);
  ptl_socket_snapshot_unref (job->snapshot);
  g_free (job);
}

static void
view_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  ViewJob *job = task_data;

  job->view = ptl_socket_view_new (job->snapshot, &job->order);
  if (job->from != NULL)
    job->changes = ptl_socket_view_compare (job->from, job->view);
  g_task_return_boolean (task, TRUE);
}

static void
on_view_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (source);
  ViewJob *job = g_task_get_task_data (G_TASK (result));

  self->viewing = FALSE;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  /* Another search was typed meanwhile: this is no answer any more. */
  if (job->order_id == self->order_id)
    apply (self, g_steal_pointer (&job->view), job->changes);
  if (self->view_again)
    start_view (self);
}

static void
start_view (PtlOpenSockets *self)
{
  g_autoptr (GTask) task = NULL;
  ViewJob *job;

  self->view_again = self->viewing;
  if (self->viewing || self->snapshot == NULL)
    return;
  self->viewing = TRUE;
  job = g_new0 (ViewJob, 1);
  job->snapshot = ptl_socket_snapshot_ref (self->snapshot);
  job->from = self->view != NULL ? ptl_socket_view_ref (self->view) : NULL;
  job->order = self->order;
  job->order.words = g_strdup (self->order.words);
  job->order_id = self->order_id;
  task = g_task_new (self, self->cancellable, on_view_cb, NULL);
  g_task_set_source_tag (task, start_view);
  g_task_set_task_data (task, job, (GDestroyNotify) view_job_free);
  g_task_run_in_thread (task, view_thread);
}

static void
on_order_changed (PtlOpenSockets *self)
{
  self->order_id++;
  start_view (self);
}

void
ptl_open_sockets_set_query (PtlOpenSockets *self,
                            const char     *query)
{
  g_return_if_fail (PTL_IS_OPEN_SOCKETS (self));

  if (g_str_equal (query, self->order.words))
    return;
  g_free (self->order.words);
  self->order.words = g_strdup (query);
  on_order_changed (self);
}

void
ptl_open_sockets_set_filter (PtlOpenSockets  *self,
                             PtlSocketFilter  filter)
{
  g_return_if_fail (PTL_IS_OPEN_SOCKETS (self));

  if (filter == self->order.filter)
    return;
  self->order.filter = filter;
  on_order_changed (self);
}

static void
sort (PtlTable *table,
      int       column,
      gboolean  descending)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (table);

  if (column == self->order.column && descending == self->order.descending)
    return;
  self->order.column = column;
  self->order.descending = descending;
  on_order_changed (self);
}

/* --- reading ---------------------------------------------------------------------------------- */

void
ptl_open_sockets_take (PtlOpenSockets    *self,
                       PtlSocketSnapshot *snapshot)
{
  g_return_if_fail (PTL_IS_OPEN_SOCKETS (self));

  ptl_socket_snapshot_unref (self->snapshot);
  self->snapshot = snapshot;
  start_view (self);
}

typedef struct
{
  PtlSocketSnapshot *previous;
  atomic_bool       *stop;
} ReadJob;

static void
read_job_free (ReadJob *job)
{
  ptl_socket_snapshot_unref (job->previous);
  g_atomic_rc_box_release (job->stop);
  g_free (job);
}

static void
read_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  ReadJob *job = task_data;

  g_task_return_pointer (task, ptl_socket_snapshot_read (job->previous, NULL, job->stop),
                         (GDestroyNotify) ptl_socket_snapshot_unref);
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data);

static gboolean
on_pause_over_cb (gpointer data)
{
  PtlOpenSockets *self = data;
  g_autoptr (GTask) task = NULL;
  ReadJob *job;

  self->pause_id = 0;
  if (self->reading)
    return G_SOURCE_REMOVE;
  self->reading = TRUE;
  job = g_new0 (ReadJob, 1);
  job->previous = self->snapshot != NULL ? ptl_socket_snapshot_ref (self->snapshot) : NULL;
  job->stop = g_atomic_rc_box_acquire (self->stop);
  task = g_task_new (self, self->cancellable, on_read_cb, NULL);
  g_task_set_source_tag (task, on_pause_over_cb);
  g_task_set_task_data (task, job, (GDestroyNotify) read_job_free);
  g_task_run_in_thread (task, read_thread);
  return G_SOURCE_REMOVE;
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (source);
  PtlSocketSnapshot *snapshot = g_task_propagate_pointer (G_TASK (result), NULL);

  self->reading = FALSE;
  if (snapshot == NULL)
    return;
  ptl_open_sockets_take (self, snapshot);
  if (self->watching)
    self->pause_id = g_timeout_add (PTL_OPEN_SOCKETS_PAUSE_MS, on_pause_over_cb, self);
}

void
ptl_open_sockets_read (PtlOpenSockets *self)
{
  g_return_if_fail (PTL_IS_OPEN_SOCKETS (self));

  g_clear_handle_id (&self->pause_id, g_source_remove);
  on_pause_over_cb (self);
}

void
ptl_open_sockets_set_watching (PtlOpenSockets *self,
                               gboolean        watching)
{
  g_return_if_fail (PTL_IS_OPEN_SOCKETS (self));

  if (watching == self->watching)
    return;
  self->watching = watching;
  g_clear_handle_id (&self->pause_id, g_source_remove);
  if (watching)
    on_pause_over_cb (self);
}

/* --- what is known ---------------------------------------------------------------------------- */

static PtlTable *
freeze (PtlTable *table)
{
  return ptl_open_sockets_freeze (PTL_OPEN_SOCKETS (table)->view);
}

static void
table_init (PtlTableInterface *iface)
{
  ptl_open_sockets_init_cells (iface);
  iface->sort = sort;
  iface->freeze = freeze;
}

PtlSocketSnapshot *
ptl_open_sockets_get_snapshot (PtlOpenSockets *self)
{
  g_return_val_if_fail (PTL_IS_OPEN_SOCKETS (self), NULL);
  return self->snapshot;
}

guint
ptl_open_sockets_get_n_found (PtlOpenSockets *self)
{
  g_return_val_if_fail (PTL_IS_OPEN_SOCKETS (self), 0);
  return self->view != NULL ? self->view->n : 0;
}

guint
ptl_open_sockets_get_n_all (PtlOpenSockets *self)
{
  g_return_val_if_fail (PTL_IS_OPEN_SOCKETS (self), 0);
  return self->view != NULL ? (guint) ptl_socket_snapshot_get_n (self->view->snapshot) : 0;
}

gboolean
ptl_open_sockets_is_settled (PtlOpenSockets *self)
{
  g_return_val_if_fail (PTL_IS_OPEN_SOCKETS (self), FALSE);
  return self->view != NULL && !self->viewing && ptl_places_is_settled (self->places);
}

gboolean
ptl_open_sockets_is_telling (PtlOpenSockets *self)
{
  g_return_val_if_fail (PTL_IS_OPEN_SOCKETS (self), FALSE);
  return self->old != NULL;
}

guint
ptl_open_sockets_find (PtlOpenSockets *self,
                       uint64_t        key)
{
  uint32_t row;
  guint n;

  g_return_val_if_fail (PTL_IS_OPEN_SOCKETS (self), PTL_PLACES_NONE);

  n = self->view != NULL ? MIN (ptl_places_get_n (self->places), self->view->n) : 0;
  row = self->view != NULL
        ? ptl_socks_find_key (ptl_socket_snapshot_get_socks (self->view->snapshot), key)
        : PTL_SOCK_NO_ROW;
  for (guint i = 0; row != PTL_SOCK_NO_ROW && i < n; i++)
    if (self->view->rows[i] == row)
      return i;
  return PTL_PLACES_NONE;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_open_sockets_dispose (GObject *object)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (object);

  g_cancellable_cancel (self->cancellable);
  atomic_store (self->stop, true);
  g_clear_handle_id (&self->pause_id, g_source_remove);
  G_OBJECT_CLASS (ptl_open_sockets_parent_class)->dispose (object);
}

static void
ptl_open_sockets_finalize (GObject *object)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (object);

  ptl_places_free (self->places);
  g_clear_object (&self->cancellable);
  g_atomic_rc_box_release (self->stop);
  g_free (self->order.words);
  ptl_socket_view_unref (self->view);
  ptl_socket_snapshot_unref (self->snapshot);
  G_OBJECT_CLASS (ptl_open_sockets_parent_class)->finalize (object);
}

static void
ptl_open_sockets_class_init (PtlOpenSocketsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_open_sockets_dispose;
  object_class->finalize = ptl_open_sockets_finalize;
  updated_signal = g_signal_new ("updated", PTL_TYPE_OPEN_SOCKETS, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
ptl_open_sockets_init (PtlOpenSockets *self)
{
  self->places = ptl_places_new (G_LIST_MODEL (self), NULL);
  self->cancellable = g_cancellable_new ();
  self->stop = g_atomic_rc_box_new0 (atomic_bool);
  self->order.words = g_strdup ("");
  self->order.column = -1;
}

PtlOpenSockets *
ptl_open_sockets_new (void)
{
  return g_object_new (PTL_TYPE_OPEN_SOCKETS, NULL);
}
