/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first or the last rows of another list. */
#include "config.h"

#include "model/ptl-part-list.h"

struct _PtlPartList
{
  GObject     parent_instance;

  GListModel *model;  /* owned, or NULL */
  bool        last;
  bool        held;
  guint       size;
  guint       jump;
  guint       start;  /* where the rows are in the model, as told: 0 if they are the first */
  guint       n_rows; /* as told */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlPartList, ptl_part_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return G_TYPE_OBJECT;
}

static guint
get_n_items (GListModel *model)
{
  return PTL_PART_LIST (model)->n_rows;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PtlPartList *self = PTL_PART_LIST (model);

  if (position >= self->n_rows)
    return NULL;
  return g_list_model_get_item (self->model, self->start + position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* What is to be shown of the model, which has changed already. */
static void
set_rows (PtlPartList *self)
{
  guint n_model = self->model != NULL ? g_list_model_get_n_items (self->model) : 0;

  self->n_rows = MIN (n_model, self->size);
  self->start = self->last ? n_model - self->n_rows : 0;
}

static void
tell (PtlPartList *self,
      guint        position,
      guint        removed,
      guint        added)
{
  if (removed > 0 || added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
change_first (PtlPartList *self,
              guint        position,
              guint        removed,
              guint        added)
{
  guint n_model = g_list_model_get_n_items (self->model);
  guint n_before = self->n_rows;

  set_rows (self);
  if (position >= n_before && self->n_rows == n_before)
    return;
  /* Where rows are cut off, or were, others have come or gone at the end. */
  if (self->n_rows < n_model || n_before < n_model - added + removed)
    {
      position = MIN (position, self->n_rows);
      removed = n_before - position;
      added = self->n_rows - position;
    }
  tell (self, position, removed, added);
}

static void
change_last (PtlPartList *self,
             guint        position,
             guint        removed,
             guint        added)
{
  guint n_model_before = g_list_model_get_n_items (self->model) - added + removed;
  guint start_before = self->start;
  guint n_before = self->n_rows;
  guint n_same;

  set_rows (self);
  if (start_before == 0 && self->start == 0 && n_before == n_model_before)
    {
      tell (self, position, removed, added);
      return;
    }
  if (position == n_model_before)
    {
      guint n_after = self->n_rows;
      guint n_left = MIN (self->start - start_before, n_before);

      /* What was there before is where it was: first those leave that are too far up. */
      self->n_rows = n_before - n_left;
      if (n_left < n_before)
        {
          tell (self, 0, n_left, 0);
          n_left = 0;
        }
      n_before = self->n_rows;
      self->n_rows = n_after;
      tell (self, n_before, n_left, n_after - n_before);
      return;
    }
  n_same = MIN (n_model_before - position - removed, MIN (n_before, self->n_rows));
  tell (self, 0, n_before - n_same, self->n_rows - n_same);
}

/* Those who hold the rows have no part in a change that is elsewhere; in another they lose all. */
static void
change_held (PtlPartList *self,
             guint        position,
             guint        removed,
             guint        added)
{
  guint n_before = self->n_rows;

  if (position >= self->start + n_before)
    return;
  if (position + removed <= self->start)
    {
      self->start += added - removed;
      return;
    }
  self->start = 0;
  self->n_rows = 0;
  tell (self, 0, n_before, 0);
}

static void
on_items_changed_cb (PtlPartList *self,
                     guint        position,
                     guint        removed,
                     guint        added)
{
  if (self->held)
    {
      change_held (self, position, removed, added);
      return;
    }
  if (added > self->jump)
    self->size = MIN (self->size, self->jump);
  if (self->last)
    change_last (self, position, removed, added);
  else
    change_first (self, position, removed, added);
}

static void
ptl_part_list_dispose (GObject *object)
{
  PtlPartList *self = PTL_PART_LIST (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  self->n_rows = 0;
  G_OBJECT_CLASS (ptl_part_list_parent_class)->dispose (object);
}

static void
ptl_part_list_class_init (PtlPartListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ptl_part_list_dispose;
}

static void
ptl_part_list_init (PtlPartList *self)
{
  self->jump = G_MAXUINT;
}

PtlPartList *
ptl_part_list_new (guint size,
                   bool  last)
{
  PtlPartList *self = g_object_new (PTL_TYPE_PART_LIST, NULL);

  self->size = size;
  self->last = last;
  return self;
}

void
ptl_part_list_set_model (PtlPartList *self,
                         GListModel  *model)
{
  guint n_before;

  g_return_if_fail (PTL_IS_PART_LIST (self));

  if (model == self->model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_set_object (&self->model, model);
  if (model != NULL)
    g_signal_connect_swapped (model, "items-changed", G_CALLBACK (on_items_changed_cb), self);
  n_before = self->n_rows;
  self->start = self->n_rows = 0;
  if (!self->held)
    set_rows (self);
  tell (self, 0, n_before, self->n_rows);
}

GListModel *
ptl_part_list_get_model (PtlPartList *self)
{
  g_return_val_if_fail (PTL_IS_PART_LIST (self), NULL);
  return self->model;
}

void
ptl_part_list_set_size (PtlPartList *self,
                        guint        size)
{
  guint n_before, n_same;

  g_return_if_fail (PTL_IS_PART_LIST (self));

  self->size = size;
  if (self->held)
    return;
  n_before = self->n_rows;
  set_rows (self);
  n_same = MIN (n_before, self->n_rows);
  tell (self, self->last ? 0 : n_same, n_before - n_same, self->n_rows - n_same);
}

guint
ptl_part_list_get_size (PtlPartList *self)
{
  g_return_val_if_fail (PTL_IS_PART_LIST (self), 0);
  return self->size;
}

void
ptl_part_list_set_jump (PtlPartList *self,
                        guint        size)
{
  g_return_if_fail (PTL_IS_PART_LIST (self));
  self->jump = size;
}

void
ptl_part_list_set_held (PtlPartList *self,
                        bool         held)
{
  guint start, n_rows, n_gone, n_new;

  g_return_if_fail (PTL_IS_PART_LIST (self));

  if (held == self->held)
    return;
  self->held = held;
  if (held)
    return;
  start = self->start;
  n_rows = self->n_rows;
  set_rows (self);
  n_new = self->n_rows;
  if (self->start > start + n_rows || start > self->start + n_new)
    {
      tell (self, 0, n_rows, n_new);
      return;
    }
  /* Before the rows that stay, and then behind them. */
  n_gone = self->start > start ? self->start - start : 0;
  n_rows += self->start < start ? start - self->start : 0;
  self->n_rows = n_rows - n_gone;
  tell (self, 0, n_gone, self->start < start ? start - self->start : 0);
  n_rows = self->n_rows;
  self->n_rows = n_new;
  tell (self, MIN (n_rows, n_new), n_rows > n_new ? n_rows - n_new : 0,
        n_new > n_rows ? n_new - n_rows : 0);
}
