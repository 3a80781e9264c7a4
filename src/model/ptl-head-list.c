/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first rows of another list. */
#include "config.h"

#include "model/ptl-head-list.h"

struct _PtlHeadList
{
  GObject     parent_instance;

  GListModel *model;  /* owned, or NULL */
  guint       size;
  guint       n_rows; /* as told */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlHeadList, ptl_head_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return G_TYPE_OBJECT;
}

static guint
get_n_items (GListModel *model)
{
  return PTL_HEAD_LIST (model)->n_rows;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PtlHeadList *self = PTL_HEAD_LIST (model);

  return position < self->n_rows ? g_list_model_get_item (self->model, position) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static guint
count_rows (PtlHeadList *self)
{
  return self->model != NULL ? MIN (g_list_model_get_n_items (self->model), self->size) : 0;
}

static void
on_items_changed_cb (PtlHeadList *self,
                     guint        position,
                     guint        removed,
                     guint        added)
{
  guint n_model = g_list_model_get_n_items (self->model);
  guint n_before = self->n_rows;

  if (position >= self->size)
    return;
  self->n_rows = count_rows (self);
  /* Where rows are cut off, or were, others have come or gone at the end. */
  if (self->n_rows < n_model || n_before < n_model - added + removed)
    {
      removed = n_before - position;
      added = self->n_rows - position;
    }
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
ptl_head_list_dispose (GObject *object)
{
  PtlHeadList *self = PTL_HEAD_LIST (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  self->n_rows = 0;
  G_OBJECT_CLASS (ptl_head_list_parent_class)->dispose (object);
}

static void
ptl_head_list_class_init (PtlHeadListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ptl_head_list_dispose;
}

static void
ptl_head_list_init (PtlHeadList *self)
{
}

PtlHeadList *
ptl_head_list_new (guint size)
{
  PtlHeadList *self = g_object_new (PTL_TYPE_HEAD_LIST, NULL);

  self->size = size;
  return self;
}

void
ptl_head_list_set_model (PtlHeadList *self,
                         GListModel  *model)
{
  guint n_before;

  g_return_if_fail (PTL_IS_HEAD_LIST (self));

  if (model == self->model)
    return;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_set_object (&self->model, model);
  if (model != NULL)
    g_signal_connect_swapped (model, "items-changed", G_CALLBACK (on_items_changed_cb), self);
  n_before = self->n_rows;
  self->n_rows = count_rows (self);
  if (n_before > 0 || self->n_rows > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->n_rows);
}

GListModel *
ptl_head_list_get_model (PtlHeadList *self)
{
  g_return_val_if_fail (PTL_IS_HEAD_LIST (self), NULL);
  return self->model;
}

void
ptl_head_list_set_size (PtlHeadList *self,
                        guint        size)
{
  guint n_before;

  g_return_if_fail (PTL_IS_HEAD_LIST (self));

  self->size = size;
  n_before = self->n_rows;
  self->n_rows = count_rows (self);
  if (self->n_rows < n_before)
    g_list_model_items_changed (G_LIST_MODEL (self), self->n_rows, n_before - self->n_rows, 0);
  else if (self->n_rows > n_before)
    g_list_model_items_changed (G_LIST_MODEL (self), n_before, 0, self->n_rows - n_before);
}

guint
ptl_head_list_get_size (PtlHeadList *self)
{
  g_return_val_if_fail (PTL_IS_HEAD_LIST (self), 0);
  return self->size;
}
