/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all tables have in common, and how they are written out. */
#include "config.h"

#include "model/ptl-table.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define SLICE_ROWS 512      /* written out before the main loop has its turn */
#define TEXT_WIDTH_MAX 60   /* of a column in text; longer cells push the rest aside */

G_DEFINE_INTERFACE (PtlTable, ptl_table, G_TYPE_LIST_MODEL)

static void
ptl_table_default_init (PtlTableInterface *iface)
{
}

const PtlTableColumn *
ptl_table_get_columns (PtlTable *self,
                       guint    *n_columns)
{
  g_return_val_if_fail (PTL_IS_TABLE (self), NULL);

  return PTL_TABLE_GET_IFACE (self)->get_columns (self, n_columns);
}

char *
ptl_table_dup_cell (PtlTable *self,
                    gpointer  item,
                    guint     column)
{
  g_return_val_if_fail (PTL_IS_TABLE (self), NULL);

  return PTL_TABLE_GET_IFACE (self)->dup_cell (self, item, column);
}

char *
ptl_table_dup_whole (PtlTable *self,
                     gpointer  item,
                     guint     column)
{
  PtlTableInterface *iface;

  g_return_val_if_fail (PTL_IS_TABLE (self), NULL);

  iface = PTL_TABLE_GET_IFACE (self);
  return iface->dup_whole != NULL ? iface->dup_whole (self, item, column)
                                  : iface->dup_cell (self, item, column);
}

char *
ptl_table_dup_value (PtlTable *self,
                     gpointer  item,
                     guint     column)
{
  PtlTableInterface *iface;

  g_return_val_if_fail (PTL_IS_TABLE (self), NULL);

  iface = PTL_TABLE_GET_IFACE (self);
  return iface->dup_value != NULL ? iface->dup_value (self, item, column)
                                  : iface->dup_cell (self, item, column);
}

PtlTableTone
ptl_table_get_tone (PtlTable *self,
                    gpointer  item,
                    guint     column)
{
  PtlTableInterface *iface;

  g_return_val_if_fail (PTL_IS_TABLE (self), PTL_TABLE_PLAIN);

  iface = PTL_TABLE_GET_IFACE (self);
  return iface->get_tone != NULL ? iface->get_tone (self, item, column) : PTL_TABLE_PLAIN;
}

gboolean
ptl_table_can_sort (PtlTable *self)
{
  g_return_val_if_fail (PTL_IS_TABLE (self), FALSE);

  return PTL_TABLE_GET_IFACE (self)->sort != NULL;
}

void
ptl_table_sort (PtlTable *self,
                int       column,
                gboolean  descending)
{
  g_return_if_fail (PTL_IS_TABLE (self));

  if (PTL_TABLE_GET_IFACE (self)->sort != NULL)
    PTL_TABLE_GET_IFACE (self)->sort (self, column, descending);
}

char *
ptl_table_dup_row (PtlTable *self,
                   gpointer  item)
{
  GString *text = g_string_new (NULL);
  const PtlTableColumn *columns;
  guint n;

  columns = ptl_table_get_columns (self, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *cell = NULL;

      if ((columns[i].flags & PTL_TABLE_NARROW_ONLY) != 0)
        continue;
      cell = ptl_table_dup_whole (self, item, i);
      if (i > 0)
        g_string_append_c (text, '\t');
      g_string_append (text, cell);
    }
  return g_string_free (text, FALSE);
}

/* --- writing out ------------------------------------------------------------------------------ */

static void
append_csv (GString    *csv,
            const char *text)
{
  if (text[strcspn (text, ",\"\r\n")] == '\0' && *text != ' ')
    {
      g_string_append (csv, text);
      return;
    }
  g_string_append_c (csv, '"');
  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, *at);
    }
  g_string_append_c (csv, '"');
}

void
ptl_table_append_json (GString    *json,
                       const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (json, '"');
  for (const char *at = valid; *at != '\0'; at++)
    if (*at == '"' || *at == '\\')
      g_string_append_printf (json, "\\%c", *at);
    else if ((guchar) *at < ' ' || *at == 0x7f)
      g_string_append_printf (json, "\\u%04x", (guchar) *at);
    else
      g_string_append_c (json, *at);
  g_string_append_c (json, '"');
}

/* RFC 8259, section 6; what is no such number ("1,5", "0x1f", "inf") is written as a string. */
static gboolean
is_json_number (const char *text)
{
  const char *at = text;

  if (*at == '-')
    at++;
  if (!g_ascii_isdigit (*at) || (at[0] == '0' && g_ascii_isdigit (at[1])))
    return FALSE;
  while (g_ascii_isdigit (*at))
    at++;
  if (*at == '.')
    {
      if (!g_ascii_isdigit (*++at))
        return FALSE;
      while (g_ascii_isdigit (*at))
        at++;
    }
  return *at == '\0';
}

typedef struct
{
  PtlTable             *table; /* owned */
  PtlTableFormat        format;
  const PtlTableColumn *columns;
  guint                 n_columns;
  GPtrArray            *items;  /* owned; NULL: of a table that does not change */
  guint                 n_rows;
  guint                 at;     /* the row that is next */
  GString              *text;   /* owned */
  GPtrArray            *cells;  /* owned; of text: all of them, as their widths come first */
  guint                *widths; /* owned */
} Export;

static Export *
export_new (PtlTable       *table,
            PtlTableFormat  format)
{
  Export *export = g_new0 (Export, 1);
  PtlTableInterface *iface = PTL_TABLE_GET_IFACE (table);

  export->table = iface->freeze != NULL ? iface->freeze (table) : g_object_ref (table);
  export->format = format;
  export->columns = ptl_table_get_columns (export->table, &export->n_columns);
  export->n_rows = g_list_model_get_n_items (G_LIST_MODEL (export->table));
  if (iface->freeze == NULL)
    {
      export->items = g_ptr_array_new_full (export->n_rows, g_object_unref);
      for (guint i = 0; i < export->n_rows; i++)
        g_ptr_array_add (export->items, g_list_model_get_item (G_LIST_MODEL (table), i));
    }
  export->text = g_string_new (format == PTL_TABLE_JSON ? "[" : "");
  export->cells = g_ptr_array_new_with_free_func (g_free);
  export->widths = g_new0 (guint, export->n_columns);
  return export;
}

static void
export_free (Export *export)
{
  g_free (export->widths);
  g_ptr_array_unref (export->cells);
  if (export->text != NULL)
    g_string_free (export->text, TRUE);
  g_clear_pointer (&export->items, g_ptr_array_unref);
  g_object_unref (export->table);
  g_free (export);
}

static gboolean
is_left_out (const Export *export,
             guint         column)
{
  return (export->columns[column].flags & PTL_TABLE_NARROW_ONLY) != 0;
}

static void
add_text_cell (Export *export,
               guint   column,
               char   *cell) /* taken */
{
  guint width = (guint) g_utf8_strlen (cell, -1);

  export->widths[column] = MAX (export->widths[column], MIN (width, TEXT_WIDTH_MAX));
  g_ptr_array_add (export->cells, cell);
}

static void
export_row (Export *export,
            gpointer item)
{
  GString *text = export->text;
  gboolean json = export->format == PTL_TABLE_JSON;

  if (json)
    g_string_append (text, export->at > 0 ? ",\n  {" : "\n  {");
  for (guint i = 0; i < export->n_columns; i++)
    {
      g_autofree char *value = NULL;

      if (is_left_out (export, i))
        continue;
      if (export->format == PTL_TABLE_TEXT)
        {
          add_text_cell (export, i, ptl_table_dup_whole (export->table, item, i));
          continue;
        }
      value = ptl_table_dup_value (export->table, item, i);
      if (i > 0)
        g_string_append (text, json ? ", " : ",");
      if (!json)
        append_csv (text, value);
      else
        {
          ptl_table_append_json (text, export->columns[i].name);
          g_string_append (text, ": ");
          if ((export->columns[i].flags & PTL_TABLE_NUMERIC) == 0)
            ptl_table_append_json (text, value);
          else if (*value == '\0')
            g_string_append (text, "null");
          else if (is_json_number (value))
            g_string_append (text, value);
          else
            ptl_table_append_json (text, value);
        }
    }
  if (export->format != PTL_TABLE_TEXT)
    g_string_append (text, json ? "}" : "\r\n");
}

static void
export_head (Export *export)
{
  for (guint i = 0; i < export->n_columns; i++)
    if (is_left_out (export, i))
      continue;
    else if (export->format == PTL_TABLE_TEXT)
      add_text_cell (export, i, g_strdup (_(export->columns[i].title)));
    else if (export->format == PTL_TABLE_CSV)
      {
        if (i > 0)
          g_string_append_c (export->text, ',');
        append_csv (export->text, export->columns[i].name);
      }
  if (export->format == PTL_TABLE_CSV)
    g_string_append (export->text, "\r\n");
}

/* False when all rows are written. */
static gboolean
export_step (Export *export)
{
  guint end = MIN (export->at + SLICE_ROWS, export->n_rows);

  if (export->at == 0)
    export_head (export);
  for (; export->at < end; export->at++)
    {
      g_autoptr (GObject) item = export->items != NULL
                                 ? g_object_ref (export->items->pdata[export->at])
                                 : g_list_model_get_item (G_LIST_MODEL (export->table),
                                                          export->at);

      export_row (export, item);
    }
  return export->at < export->n_rows;
}

static char *
export_end (Export *export)
{
  GString *text = g_steal_pointer (&export->text);
  guint column = 0;

  if (export->format == PTL_TABLE_JSON)
    g_string_append (text, export->n_rows > 0 ? "\n]\n" : "]\n");
  for (guint i = 0; i < export->cells->len; i++, column = (column + 1) % export->n_columns)
    {
      const char *cell = export->cells->pdata[i];
      guint width = (guint) g_utf8_strlen (cell, -1);
      gboolean numeric, last;
      guint space;

      while (is_left_out (export, column))
        column++;
      space = width < export->widths[column] ? export->widths[column] - width : 0;
      numeric = (export->columns[column].flags & PTL_TABLE_NUMERIC) != 0;
      last = column == export->n_columns - 1;
      if (numeric)
        g_string_append_printf (text, "%*s", (int) space, "");
      g_string_append (text, cell);
      if (last)
        g_string_append_c (text, '\n');
      else
        g_string_append_printf (text, "%*s", (int) (numeric ? 2 : space + 2), "");
    }
  return g_string_free (text, FALSE);
}

char *
ptl_table_export (PtlTable       *self,
                  PtlTableFormat  format)
{
  Export *export;
  char *text;

  g_return_val_if_fail (PTL_IS_TABLE (self), NULL);

  export = export_new (self, format);
  while (export_step (export))
    ;
  text = export_end (export);
  export_free (export);
  return text;
}

static gboolean
on_slice_cb (gpointer data)
{
  GTask *task = data;
  Export *export = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (export_step (export))
    return G_SOURCE_CONTINUE;
  g_task_return_pointer (task, export_end (export), g_free);
  return G_SOURCE_REMOVE;
}

void
ptl_table_export_async (PtlTable            *self,
                        PtlTableFormat       format,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_TABLE (self));

  task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (task, ptl_table_export_async);
  g_task_set_task_data (task, export_new (self, format), (GDestroyNotify) export_free);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_slice_cb, g_object_ref (task), g_object_unref);
}

char *
ptl_table_export_finish (PtlTable      *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
