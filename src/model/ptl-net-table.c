/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table whose rows are values that are all told anew now and then. */
#include "config.h"

#include "model/ptl-net-table.h"

/* A view makes widgets for some 200 rows as soon as they are there, which takes too long at once:
 * it is told of that many more at a time.  Beyond these there is no need. */
#define STEP_ROWS 24
#define STEPPED_ROWS 240
#define STEP_MS 8

struct _PtlNetRow
{
  GObject                parent_instance;

  const PtlNetTableKind *kind;
  gpointer               value;   /* owned */
  guint                  place;   /* as they were told */
  guint                  round;   /* in which it was told last */
  gboolean               changed; /* and not told yet */
};

struct _PtlNetTable
{
  GObject                parent_instance;

  const PtlNetTableKind *kind;
  GPtrArray             *rows;    /* owned; as shown */
  GHashTable            *known;   /* borrowed rows, by the identity of their value */
  int                    column;  /* that sorts; -1: none */
  gboolean               descending;
  guint                  round;
  guint                  n_told;   /* of the rows, the first ones */
  guint                  step_id;
};

static void ptl_net_table_model_init (GListModelInterface *iface);
static void ptl_net_table_table_init (PtlTableInterface *iface);

G_DEFINE_FINAL_TYPE (PtlNetRow, ptl_net_row, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (PtlNetTable, ptl_net_table, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ptl_net_table_model_init)
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_TABLE, ptl_net_table_table_init))

static guint changed_signal;

static void
ptl_net_row_finalize (GObject *object)
{
  PtlNetRow *self = PTL_NET_ROW (object);

  if (self->value != NULL)
    self->kind->free_value (self->value);

  G_OBJECT_CLASS (ptl_net_row_parent_class)->finalize (object);
}

static void
ptl_net_row_class_init (PtlNetRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_net_row_finalize;
  changed_signal = g_signal_new ("changed", PTL_TYPE_NET_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ptl_net_row_init (PtlNetRow *self)
{
}

gconstpointer
ptl_net_row_get_value (PtlNetRow *self)
{
  g_return_val_if_fail (PTL_IS_NET_ROW (self), NULL);

  return self->value;
}

static guint
hash_row (gconstpointer data)
{
  const PtlNetRow *row = data;

  return row->kind->hash (row->value);
}

static gboolean
is_same_row (gconstpointer a,
             gconstpointer b)
{
  const PtlNetRow *first = a;
  const PtlNetRow *second = b;

  return first->kind->is_same (first->value, second->value);
}

int
ptl_net_compare_numbers (double a,
                         double b)
{
  return (a > b) - (a < b);
}

int
ptl_net_compare_texts (char *a,
                       char *b)
{
  int order = g_utf8_collate (a, b);

  g_free (a);
  g_free (b);
  return order;
}

static int
compare_rows (gconstpointer a,
              gconstpointer b,
              gpointer      data)
{
  PtlNetTable *self = data;
  PtlNetRow *first = *(PtlNetRow *const *) a;
  PtlNetRow *second = *(PtlNetRow *const *) b;
  int order = 0;

  if (self->column >= 0 && self->kind->compare != NULL)
    order = self->kind->compare (first->value, second->value, (guint) self->column);
  else if (self->column >= 0)
    order = ptl_net_compare_texts (self->kind->dup_cell (first->value, (guint) self->column),
                                   self->kind->dup_cell (second->value, (guint) self->column));
  if (self->descending)
    order = -order;
  return order != 0 ? order : (first->place > second->place) - (first->place < second->place);
}

static gboolean on_step_cb (gpointer data);

static guint
get_next_step (PtlNetTable *self,
               guint        n_told)
{
  if (self->rows->len <= n_told + STEP_ROWS || n_told >= STEPPED_ROWS)
    return self->rows->len;
  return n_told + STEP_ROWS;
}

/* @before: the rows of which the first @n_before were told. */
static void
tell_difference (PtlNetTable *self,
                 GPtrArray   *before,
                 guint        n_before)
{
  guint first = 0, old_end = n_before, new_end = get_next_step (self, n_before);

  self->n_told = new_end;
  if (self->n_told < self->rows->len && self->step_id == 0)
    self->step_id = g_timeout_add (STEP_MS, on_step_cb, self);

  while (first < old_end && first < new_end && before->pdata[first] == self->rows->pdata[first])
    first++;
  while (old_end > first && new_end > first
         && before->pdata[old_end - 1] == self->rows->pdata[new_end - 1])
    {
      old_end--;
      new_end--;
    }
  if (old_end > first || new_end > first)
    g_list_model_items_changed (G_LIST_MODEL (self), first, old_end - first, new_end - first);
}

static gboolean
on_step_cb (gpointer data)
{
  PtlNetTable *self = data;
  guint from = self->n_told;

  self->n_told = get_next_step (self, from);
  if (self->n_told > from)
    g_list_model_items_changed (G_LIST_MODEL (self), from, 0, self->n_told - from);
  if (self->n_told < self->rows->len)
    return G_SOURCE_CONTINUE;
  self->step_id = 0;
  return G_SOURCE_REMOVE;
}

void
ptl_net_table_update (PtlNetTable *self,
                      GPtrArray   *values)
{
  g_autoptr (GPtrArray) before = NULL;

  g_return_if_fail (PTL_IS_NET_TABLE (self));

  before = self->rows;
  self->rows = g_ptr_array_new_full (values->len, g_object_unref);
  self->round++;
  for (guint i = 0; i < values->len; i++)
    {
      PtlNetRow key = { .kind = self->kind, .value = values->pdata[i] };
      PtlNetRow *row = g_hash_table_lookup (self->known, &key);

      if (row != NULL && row->round != self->round)
        {
          g_object_ref (row);
          if (self->kind->is_equal (row->value, key.value))
            self->kind->free_value (key.value);
          else
            {
              /* Its identity stays, so the hash table need not know. */
              self->kind->free_value (row->value);
              row->value = key.value;
              row->changed = TRUE;
            }
        }
      else
        {
          row = g_object_new (PTL_TYPE_NET_ROW, NULL);
          row->kind = self->kind;
          row->value = key.value;
        }
      row->place = i;
      row->round = self->round;
      g_ptr_array_add (self->rows, row);
    }
  g_hash_table_remove_all (self->known);
  for (guint i = 0; i < self->rows->len; i++)
    g_hash_table_add (self->known, self->rows->pdata[i]);
  if (self->column >= 0)
    g_ptr_array_sort_with_data (self->rows, compare_rows, self);

  tell_difference (self, before, self->n_told);
  /* The handlers of one may lead to an update; then those of the others are told there. */
  for (guint i = 0; i < self->rows->len; i++)
    {
      PtlNetRow *row = self->rows->pdata[i];

      if (row->changed)
        {
          row->changed = FALSE;
          g_signal_emit (row, changed_signal, 0);
        }
    }
}

static GType
ptl_net_table_get_item_type (GListModel *model)
{
  return PTL_TYPE_NET_ROW;
}

static guint
ptl_net_table_get_n_items (GListModel *model)
{
  return PTL_NET_TABLE (model)->n_told;
}

static gpointer
ptl_net_table_get_item (GListModel *model,
                        guint       position)
{
  PtlNetTable *self = PTL_NET_TABLE (model);

  return position < self->n_told ? g_object_ref (self->rows->pdata[position]) : NULL;
}

static void
ptl_net_table_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ptl_net_table_get_item_type;
  iface->get_n_items = ptl_net_table_get_n_items;
  iface->get_item = ptl_net_table_get_item;
}

static const PtlTableColumn *
ptl_net_table_get_columns (PtlTable *table,
                           guint    *n_columns)
{
  PtlNetTable *self = PTL_NET_TABLE (table);

  *n_columns = self->kind->n_columns;
  return self->kind->columns;
}

static char *
ptl_net_table_dup_cell (PtlTable *table,
                        gpointer  item,
                        guint     column)
{
  return PTL_NET_TABLE (table)->kind->dup_cell (PTL_NET_ROW (item)->value, column);
}

static char *
ptl_net_table_dup_value (PtlTable *table,
                         gpointer  item,
                         guint     column)
{
  const PtlNetTableKind *kind = PTL_NET_TABLE (table)->kind;
  char *text = kind->dup_value != NULL ? kind->dup_value (PTL_NET_ROW (item)->value, column)
                                       : NULL;

  return text != NULL ? text : kind->dup_cell (PTL_NET_ROW (item)->value, column);
}

static PtlTableTone
ptl_net_table_get_tone (PtlTable *table,
                        gpointer  item,
                        guint     column)
{
  const PtlNetTableKind *kind = PTL_NET_TABLE (table)->kind;

  return kind->get_tone != NULL ? kind->get_tone (PTL_NET_ROW (item)->value, column)
                                : PTL_TABLE_PLAIN;
}

static void
ptl_net_table_sort (PtlTable *table,
                    int       column,
                    gboolean  descending)
{
  PtlNetTable *self = PTL_NET_TABLE (table);
  g_autoptr (GPtrArray) before = g_ptr_array_copy (self->rows, NULL, NULL);

  /* Borrowed from the rows, which stay the same ones. */
  g_ptr_array_set_free_func (before, NULL);
  self->column = column;
  self->descending = descending;
  g_ptr_array_sort_with_data (self->rows, compare_rows, self);
  tell_difference (self, before, self->n_told);
}

static void
ptl_net_table_table_init (PtlTableInterface *iface)
{
  iface->get_columns = ptl_net_table_get_columns;
  iface->dup_cell = ptl_net_table_dup_cell;
  iface->dup_value = ptl_net_table_dup_value;
  iface->get_tone = ptl_net_table_get_tone;
  iface->sort = ptl_net_table_sort;
}

static void
ptl_net_table_finalize (GObject *object)
{
  PtlNetTable *self = PTL_NET_TABLE (object);

  g_clear_handle_id (&self->step_id, g_source_remove);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->rows);

  G_OBJECT_CLASS (ptl_net_table_parent_class)->finalize (object);
}

static void
ptl_net_table_class_init (PtlNetTableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_net_table_finalize;
}

static void
ptl_net_table_init (PtlNetTable *self)
{
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->known = g_hash_table_new (hash_row, is_same_row);
  self->column = -1;
}

PtlNetTable *
ptl_net_table_new (const PtlNetTableKind *kind)
{
  PtlNetTable *self = g_object_new (PTL_TYPE_NET_TABLE, NULL);

  self->kind = kind;
  return self;
}
