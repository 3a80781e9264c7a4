/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a table as objects, and their order. */
#include "config.h"

#include "model/ptl-table-store.h"

#include <math.h>
#include <string.h>

/* A sorted table whose rows change is put in order again at most this often: rows that jump under
 * the pointer cannot be read. */
#define RESORT_MS 1000

typedef struct
{
  char         *text;   /* owned */
  double        number; /* NAN: none */
  PtlTableTone  tone;
} Cell;

struct _PtlTableRow
{
  GObject        parent_instance;

  PtlTableStore *store; /* borrowed; NULL once the row has left it */
  char          *key;   /* owned */
  guint          serial; /* in the order of their coming */
  guint          n_cells;
  Cell          *cells; /* owned */
};

struct _PtlTableStore
{
  GObject               parent_instance;

  const PtlTableColumn *columns; /* borrowed */
  guint                 n_columns;
  GPtrArray            *rows;    /* owned; of PtlTableRow, as shown */
  GHashTable           *keys;    /* owned; a row's key, row */
  guint                 n_made;
  int                   sort_column; /* -1: none */
  gboolean              descending;
  guint                 resort_id;
};

static void ptl_table_store_model_init (GListModelInterface *iface);
static void ptl_table_store_table_init (PtlTableInterface *iface);

G_DEFINE_FINAL_TYPE (PtlTableRow, ptl_table_row, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (PtlTableStore, ptl_table_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      ptl_table_store_model_init)
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_TABLE, ptl_table_store_table_init))

static guint changed_signal;

/* --- order ------------------------------------------------------------------------------------ */

/* What is no UTF-8 comes after what is: g_utf8_collate() must not see it. */
static int
compare_texts (const char *a,
               const char *b)
{
  gboolean valid_a = g_utf8_validate (a, -1, NULL), valid_b = g_utf8_validate (b, -1, NULL);

  if (valid_a != valid_b)
    return valid_a ? -1 : 1;
  return valid_a ? g_utf8_collate (a, b) : strcmp (a, b);
}

static int
compare_rows (gconstpointer a,
              gconstpointer b,
              gpointer      data)
{
  PtlTableStore *self = data;
  PtlTableRow *row_a = *(PtlTableRow *const *) a;
  PtlTableRow *row_b = *(PtlTableRow *const *) b;
  int order = 0;

  if (self->sort_column >= 0)
    {
      const Cell *cell_a = &row_a->cells[self->sort_column];
      const Cell *cell_b = &row_b->cells[self->sort_column];
      gboolean is_a = !isnan (cell_a->number), is_b = !isnan (cell_b->number);

      /* What has no number yet is last in either order. */
      if (is_a != is_b)
        return is_a ? -1 : 1;
      if (is_a)
        order = cell_a->number < cell_b->number ? -1 : cell_a->number > cell_b->number;
      else if (cell_a->text != NULL && cell_b->text != NULL)
        order = compare_texts (cell_a->text, cell_b->text);
      else
        order = (cell_b->text != NULL) - (cell_a->text != NULL);
      if (self->descending)
        order = -order;
    }
  if (order == 0)
    order = row_a->serial < row_b->serial ? -1 : row_a->serial > row_b->serial;
  return order;
}

static void
put_in_order (PtlTableStore *self)
{
  guint n = self->rows->len, first = 0, last = n;
  g_autofree gpointer *before = g_memdup2 (self->rows->pdata, n * sizeof *before);

  g_ptr_array_sort_with_data (self->rows, compare_rows, self);
  while (first < n && before[first] == self->rows->pdata[first])
    first++;
  while (last > first && before[last - 1] == self->rows->pdata[last - 1])
    last--;
  if (last > first)
    g_list_model_items_changed (G_LIST_MODEL (self), first, last - first, last - first);
}

static gboolean
on_resort_cb (gpointer data)
{
  PtlTableStore *self = data;

  self->resort_id = 0;
  put_in_order (self);
  return G_SOURCE_REMOVE;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void
ptl_table_row_finalize (GObject *object)
{
  PtlTableRow *self = PTL_TABLE_ROW (object);

  for (guint i = 0; i < self->n_cells; i++)
    g_free (self->cells[i].text);
  g_free (self->cells);
  g_free (self->key);

  G_OBJECT_CLASS (ptl_table_row_parent_class)->finalize (object);
}

static void
ptl_table_row_class_init (PtlTableRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_table_row_finalize;
  changed_signal = g_signal_new ("changed", PTL_TYPE_TABLE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ptl_table_row_init (PtlTableRow *self)
{
}

void
ptl_table_row_set (PtlTableRow *self,
                   guint        column,
                   const char  *text)
{
  ptl_table_row_set_number (self, column, NAN, text);
}

void
ptl_table_row_set_number (PtlTableRow *self,
                          guint        column,
                          double       value,
                          const char  *text)
{
  g_return_if_fail (PTL_IS_TABLE_ROW (self) && column < self->n_cells);

  g_free (self->cells[column].text);
  self->cells[column].text = g_strdup (text);
  self->cells[column].number = value;
}

void
ptl_table_row_set_tone (PtlTableRow  *self,
                        guint         column,
                        PtlTableTone  tone)
{
  g_return_if_fail (PTL_IS_TABLE_ROW (self) && column < self->n_cells);

  self->cells[column].tone = tone;
}

void
ptl_table_row_changed (PtlTableRow *self)
{
  g_return_if_fail (PTL_IS_TABLE_ROW (self));

  g_signal_emit (self, changed_signal, 0);
  if (self->store != NULL && self->store->sort_column >= 0 && self->store->resort_id == 0)
    self->store->resort_id = g_timeout_add (RESORT_MS, on_resort_cb, self->store);
}

const char *
ptl_table_row_get_key (PtlTableRow *self)
{
  g_return_val_if_fail (PTL_IS_TABLE_ROW (self), NULL);

  return self->key;
}

const char *
ptl_table_row_get (PtlTableRow *self,
                   guint        column)
{
  g_return_val_if_fail (PTL_IS_TABLE_ROW (self) && column < self->n_cells, "");

  return self->cells[column].text != NULL ? self->cells[column].text : "";
}

gboolean
ptl_table_row_get_number (PtlTableRow *self,
                          guint        column,
                          double      *value)
{
  g_return_val_if_fail (PTL_IS_TABLE_ROW (self) && column < self->n_cells, FALSE);

  *value = self->cells[column].number;
  return !isnan (*value);
}

/* --- the store -------------------------------------------------------------------------------- */

PtlTableRow *
ptl_table_store_add (PtlTableStore *self,
                     const char    *key)
{
  PtlTableRow *row;

  g_return_val_if_fail (PTL_IS_TABLE_STORE (self), NULL);
  g_return_val_if_fail (key == NULL || !g_hash_table_contains (self->keys, key), NULL);

  if (self->rows->len >= PTL_TABLE_STORE_MAX)
    return NULL;
  row = g_object_new (PTL_TYPE_TABLE_ROW, NULL);
  row->store = self;
  row->key = g_strdup (key);
  row->serial = self->n_made++;
  row->n_cells = self->n_columns;
  row->cells = g_new0 (Cell, self->n_columns);
  for (guint i = 0; i < self->n_columns; i++)
    row->cells[i].number = NAN;
  g_ptr_array_add (self->rows, row);
  if (key != NULL)
    g_hash_table_insert (self->keys, row->key, row);
  g_list_model_items_changed (G_LIST_MODEL (self), self->rows->len - 1, 0, 1);
  return row;
}

PtlTableRow *
ptl_table_store_find (PtlTableStore *self,
                      const char    *key)
{
  g_return_val_if_fail (PTL_IS_TABLE_STORE (self), NULL);

  return g_hash_table_lookup (self->keys, key);
}

void
ptl_table_store_remove (PtlTableStore *self,
                        PtlTableRow   *row)
{
  guint position;

  g_return_if_fail (PTL_IS_TABLE_STORE (self));

  if (!g_ptr_array_find (self->rows, row, &position))
    return;
  row->store = NULL;
  if (row->key != NULL)
    g_hash_table_remove (self->keys, row->key);
  g_ptr_array_remove_index (self->rows, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

void
ptl_table_store_clear (PtlTableStore *self)
{
  guint n;

  g_return_if_fail (PTL_IS_TABLE_STORE (self));

  n = self->rows->len;
  g_clear_handle_id (&self->resort_id, g_source_remove);
  for (guint i = 0; i < n; i++)
    ((PtlTableRow *) self->rows->pdata[i])->store = NULL;
  g_hash_table_remove_all (self->keys);
  g_ptr_array_set_size (self->rows, 0);
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}

static GType
ptl_table_store_get_item_type (GListModel *model)
{
  return PTL_TYPE_TABLE_ROW;
}

static guint
ptl_table_store_get_n_items (GListModel *model)
{
  return PTL_TABLE_STORE (model)->rows->len;
}

static gpointer
ptl_table_store_get_item (GListModel *model,
                          guint       position)
{
  PtlTableStore *self = PTL_TABLE_STORE (model);

  return position < self->rows->len ? g_object_ref (self->rows->pdata[position]) : NULL;
}

static void
ptl_table_store_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ptl_table_store_get_item_type;
  iface->get_n_items = ptl_table_store_get_n_items;
  iface->get_item = ptl_table_store_get_item;
}

static const PtlTableColumn *
ptl_table_store_get_columns (PtlTable *table,
                             guint    *n_columns)
{
  PtlTableStore *self = PTL_TABLE_STORE (table);

  *n_columns = self->n_columns;
  return self->columns;
}

static char *
ptl_table_store_dup_cell (PtlTable *table,
                          gpointer  item,
                          guint     column)
{
  return g_strdup (ptl_table_row_get (item, column));
}

static char *
ptl_table_store_dup_value (PtlTable *table,
                           gpointer  item,
                           guint     column)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double value;

  if (!ptl_table_row_get_number (item, column, &value) || isinf (value))
    return g_strdup (ptl_table_row_get (item, column));
  return g_strdup (g_ascii_formatd (text, sizeof text,
                                    value == floor (value) ? "%.0f" : "%.6f", value));
}

static PtlTableTone
ptl_table_store_get_tone (PtlTable *table,
                          gpointer  item,
                          guint     column)
{
  return PTL_TABLE_ROW (item)->cells[column].tone;
}

static void
ptl_table_store_sort (PtlTable *table,
                      int       column,
                      gboolean  descending)
{
  PtlTableStore *self = PTL_TABLE_STORE (table);

  g_return_if_fail (column < (int) self->n_columns);

  self->sort_column = column;
  self->descending = descending;
  g_clear_handle_id (&self->resort_id, g_source_remove);
  put_in_order (self);
}

static void
ptl_table_store_table_init (PtlTableInterface *iface)
{
  iface->get_columns = ptl_table_store_get_columns;
  iface->dup_cell = ptl_table_store_dup_cell;
  iface->dup_value = ptl_table_store_dup_value;
  iface->get_tone = ptl_table_store_get_tone;
  iface->sort = ptl_table_store_sort;
}

static void
ptl_table_store_finalize (GObject *object)
{
  PtlTableStore *self = PTL_TABLE_STORE (object);

  g_clear_handle_id (&self->resort_id, g_source_remove);
  for (guint i = 0; i < self->rows->len; i++)
    ((PtlTableRow *) self->rows->pdata[i])->store = NULL;
  g_hash_table_unref (self->keys);
  g_ptr_array_unref (self->rows);

  G_OBJECT_CLASS (ptl_table_store_parent_class)->finalize (object);
}

static void
ptl_table_store_class_init (PtlTableStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_table_store_finalize;
}

static void
ptl_table_store_init (PtlTableStore *self)
{
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->keys = g_hash_table_new (g_str_hash, g_str_equal);
  self->sort_column = -1;
}

PtlTableStore *
ptl_table_store_new (const PtlTableColumn *columns,
                     guint                 n_columns)
{
  PtlTableStore *self = g_object_new (PTL_TYPE_TABLE_STORE, NULL);

  self->columns = columns;
  self->n_columns = n_columns;
  return self;
}
