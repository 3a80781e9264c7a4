/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open sockets of this computer that a search finds, kept up to date while it is watched. */
#include "config.h"

#include "model/ptl-open-sockets.h"

#include "model/ptl-open-sockets-private.h"

#define NO_PLACE G_MAXUINT

struct _PtlOpenSockets
{
  GObject            parent_instance;

  PtlSocketSnapshot *snapshot;  /* a reference; what was read last */
  PtlSocketView     *view;      /* a reference; what is told, or is being told */
  PtlSocketView     *old;       /* a reference; while changes are told: rows from told_at on */
  guint              told_at;   /* up to here rows are those of view */
  guint              old_at;    /* and from there on those of old, from this one on */
  guint              n_shown;   /* the list tells of so many */
  GPtrArray         *pending;   /* owned; rows that say something else, and have not told yet */

  GHashTable        *live;      /* PtlSocketRow, not owned -> place, or NO_PLACE */
  GHashTable        *places;    /* place -> PtlSocketRow, not owned */

  PtlSocketOrder     order;
  guint              order_id;  /* another with each order */
  atomic_bool       *stop;      /* an atomic box, shared with the reading thread */
  GCancellable      *cancellable;
  gboolean           watching;
  gboolean           reading;
  gboolean           viewing;
  gboolean           view_again;
  guint              pause_id;
  guint              more_id;   /* there are rows to be told */
};

static guint updated_signal;

static void list_model_init (GListModelInterface *iface);
static void table_init      (PtlTableInterface   *iface);
static void start_view      (PtlOpenSockets      *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlOpenSockets, ptl_open_sockets, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_TABLE, table_init))

/* --- rows ------------------------------------------------------------------------------------- */

static void
on_row_gone_cb (gpointer  data,
                GObject  *row)
{
  PtlOpenSockets *self = data;
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->live, row));

  if (g_hash_table_lookup (self->places, GUINT_TO_POINTER (place)) == row)
    g_hash_table_remove (self->places, GUINT_TO_POINTER (place));
  g_hash_table_remove (self->live, row);
}

static GType
get_item_type (GListModel *model)
{
  return PTL_TYPE_SOCKET_ROW;
}

static guint
get_n_items (GListModel *model)
{
  return PTL_OPEN_SOCKETS (model)->n_shown;
}

static gpointer
get_item (GListModel *model,
          guint       place)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (model);
  PtlSocketRow *row;
  PtlSocketView *view = self->view;
  guint at = place;

  if (place >= self->n_shown)
    return NULL;
  row = g_hash_table_lookup (self->places, GUINT_TO_POINTER (place));
  if (row != NULL)
    return g_object_ref (row);
  if (self->old != NULL && place >= self->told_at)
    {
      view = self->old;
      at = place - self->told_at + self->old_at;
    }
  row = ptl_socket_row_new (view->snapshot, at < view->n ? view->rows[at] : PTL_SOCK_NO_ROW);
  g_hash_table_insert (self->live, row, GUINT_TO_POINTER (place));
  g_hash_table_insert (self->places, GUINT_TO_POINTER (place), row);
  g_object_weak_ref (G_OBJECT (row), on_row_gone_cb, self);
  return row;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* Rows behind @at are so many places further on; those that are removed have none. */
static void
move_places (PtlOpenSockets        *self,
             const PtlSocketChange *change)
{
  GHashTableIter iter;
  gpointer row, value;

  g_hash_table_remove_all (self->places);
  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &row, &value))
    {
      guint place = GPOINTER_TO_UINT (value);

      if (place == NO_PLACE)
        continue;
      if (place >= change->at + change->n_removed)
        place = place - change->n_removed + change->n_added;
      else if (place >= change->at)
        place = NO_PLACE;
      g_hash_table_iter_replace (&iter, GUINT_TO_POINTER (place));
      if (place != NO_PLACE)
        g_hash_table_insert (self->places, GUINT_TO_POINTER (place), row);
    }
}

static void
tell (PtlOpenSockets *self,
      guint           at,
      guint           n_removed,
      guint           n_added)
{
  if (n_removed == 0 && n_added == 0)
    return;
  self->n_shown = self->n_shown - n_removed + n_added;
  move_places (self, &(PtlSocketChange) { at, n_removed, n_added });
  g_list_model_items_changed (G_LIST_MODEL (self), at, n_removed, n_added);
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  guint x = GPOINTER_TO_UINT (*(gpointer *) a), y = GPOINTER_TO_UINT (*(gpointer *) b);

  return (x > y) - (x < y);
}

/* Some of the blank rows go: the last of those that somebody looks at, and all others. */
static void
shrink (PtlOpenSockets *self)
{
  g_autoptr (GArray) looked_at = g_array_new (FALSE, FALSE, sizeof (gpointer));
  guint n = self->view->n;
  guint n_kept;
  GHashTableIter iter;
  gpointer place;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, &place, NULL))
    if (GPOINTER_TO_UINT (place) >= n)
      g_array_append_val (looked_at, place);
  g_array_sort (looked_at, compare_numbers);
  n_kept = looked_at->len - MIN (looked_at->len, PTL_OPEN_SOCKETS_SHRINK_ROWS);
  /* From the end, so that the places of the others stay what they are. */
  for (guint left = n_kept, end = self->n_shown; end > n; left--)
    {
      guint at = left > 0 ? GPOINTER_TO_UINT (g_array_index (looked_at, gpointer, left - 1)) + 1
                          : n;

      tell (self, at, end - at, 0);
      end = at - (left > 0);
    }
}

/* --- changes ---------------------------------------------------------------------------------- */

static void
take_changed (PtlOpenSockets *self,
              PtlSocketRow   *row)
{
  g_ptr_array_add (self->pending, g_object_ref (row));
}

/* The last first: they are taken from the end. */
static int
compare_places (gconstpointer a,
                gconstpointer b,
                gpointer      data)
{
  PtlOpenSockets *self = data;
  guint x = GPOINTER_TO_UINT (g_hash_table_lookup (self->live, *(gpointer *) a));
  guint y = GPOINTER_TO_UINT (g_hash_table_lookup (self->live, *(gpointer *) b));

  return (x < y) - (x > y);
}

/* Whom this tells may let go of rows. */
static void
tell_changed (PtlOpenSockets *self,
              guint           n)
{
  while (n > 0 && self->pending->len > 0)
    {
      g_autoptr (PtlSocketRow) row = g_ptr_array_steal_index (self->pending,
                                                              self->pending->len - 1);

      n -= g_hash_table_lookup (self->live, row) != GUINT_TO_POINTER (NO_PLACE);
      ptl_socket_row_changed (row);
    }
}

/* A few rows more or fewer, between two frames. */
static gboolean
on_more_cb (gpointer data)
{
  PtlOpenSockets *self = data;
  guint n_more = self->view->n - self->n_shown;

  if (self->n_shown > self->view->n)
    shrink (self);
  else if (self->pending->len > 0)
    tell_changed (self, PTL_OPEN_SOCKETS_STEP_ROWS);
  else
    tell (self, self->n_shown, 0,
          self->n_shown >= PTL_OPEN_SOCKETS_VIEW_ROWS
            ? n_more : MIN (PTL_OPEN_SOCKETS_STEP_ROWS, n_more));
  if (self->pending->len > 0 || self->n_shown != self->view->n)
    return G_SOURCE_CONTINUE;
  self->more_id = 0;
  return G_SOURCE_REMOVE;
}

/* How many rows come and go where rows are looked at. */
static guint
count_churn (PtlOpenSockets *self,
             GArray         *changes)
{
  guint first = NO_PLACE, last = 0;
  GHashTableIter iter;
  gpointer place;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, &place, NULL))
    {
      first = MIN (first, GPOINTER_TO_UINT (place));
      last = MAX (last, GPOINTER_TO_UINT (place));
    }
  return first != NO_PLACE ? ptl_socket_view_count_churn (changes, first, last) : G_MAXUINT;
}

/* Each row stays with its socket. */
static void
tell_changes (PtlOpenSockets *self,
              GArray         *changes)
{
  const PtlSocks *socks = ptl_socket_snapshot_get_socks (self->view->snapshot);
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    {
      uint32_t number = ptl_socket_row_is_blank (row)
                        ? PTL_SOCK_NO_ROW
                        : ptl_socks_find_key (socks, ptl_socket_row_get_key (row));

      if (number != PTL_SOCK_NO_ROW && ptl_socket_row_set (row, self->view->snapshot, number))
        take_changed (self, row);
    }
  self->told_at = 0;
  self->old_at = 0;
  for (guint i = 0; i < changes->len; i++)
    {
      const PtlSocketChange *change = &g_array_index (changes, PtlSocketChange, i);

      self->old_at += change->at - self->told_at + change->n_removed;
      self->told_at = change->at + change->n_added;
      tell (self, change->at, change->n_removed, change->n_added);
    }
}

/* Each row stays in its place; it is blank where there is no socket for it any more. */
static void
replace_rows (PtlOpenSockets *self)
{
  GHashTableIter iter;
  gpointer place, row;
  guint n = self->view->n;

  self->told_at = NO_PLACE;
  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, &place, &row))
    {
      guint at = GPOINTER_TO_UINT (place);

      if (ptl_socket_row_set (row, self->view->snapshot,
                              at < n ? self->view->rows[at] : PTL_SOCK_NO_ROW))
        take_changed (self, row);
    }
  if (self->n_shown > n)
    shrink (self);
  else if (self->n_shown >= PTL_OPEN_SOCKETS_VIEW_ROWS)
    tell (self, self->n_shown, 0, n - self->n_shown);
  else if (self->n_shown < PTL_OPEN_SOCKETS_FIRST_ROWS)
    tell (self, self->n_shown, 0, MIN (PTL_OPEN_SOCKETS_FIRST_ROWS, n) - self->n_shown);
}

static void
apply (PtlOpenSockets *self,
       PtlSocketView  *view, /* taken */
       GArray         *changes)
{
  gboolean moving = self->old != NULL || self->view == NULL || self->n_shown != self->view->n;

  self->old = self->view;
  self->view = view;
  if (!moving && count_churn (self, changes) <= PTL_OPEN_SOCKETS_CHURN_MAX)
    tell_changes (self, changes);
  else
    replace_rows (self);
  g_ptr_array_sort_with_data (self->pending, compare_places, self);
  tell_changed (self, PTL_OPEN_SOCKETS_FIRST_ROWS);
  g_clear_pointer (&self->old, ptl_socket_view_unref);
  if (self->more_id == 0 && (self->pending->len > 0 || self->n_shown != self->view->n))
    self->more_id = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_more_cb, self, NULL);
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
  return self->view != NULL && !self->viewing && self->more_id == 0;
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

  g_return_val_if_fail (PTL_IS_OPEN_SOCKETS (self), NO_PLACE);

  row = self->view != NULL
        ? ptl_socks_find_key (ptl_socket_snapshot_get_socks (self->view->snapshot), key)
        : PTL_SOCK_NO_ROW;
  for (guint i = 0; row != PTL_SOCK_NO_ROW && i < MIN (self->n_shown, self->view->n); i++)
    if (self->view->rows[i] == row)
      return i;
  return NO_PLACE;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_open_sockets_dispose (GObject *object)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (object);

  g_cancellable_cancel (self->cancellable);
  atomic_store (self->stop, true);
  g_clear_handle_id (&self->pause_id, g_source_remove);
  g_clear_handle_id (&self->more_id, g_source_remove);
  G_OBJECT_CLASS (ptl_open_sockets_parent_class)->dispose (object);
}

static void
ptl_open_sockets_finalize (GObject *object)
{
  PtlOpenSockets *self = PTL_OPEN_SOCKETS (object);
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    g_object_weak_unref (row, on_row_gone_cb, self);
  g_ptr_array_unref (self->pending);
  g_hash_table_unref (self->live);
  g_hash_table_unref (self->places);
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
  self->pending = g_ptr_array_new_with_free_func (g_object_unref);
  self->live = g_hash_table_new (NULL, NULL);
  self->places = g_hash_table_new (NULL, NULL);
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
