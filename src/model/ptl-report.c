/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several tables in one text or one JSON object. */
#include "config.h"

#include "model/ptl-report.h"

#include <string.h>

#include <glib/gi18n-lib.h>

typedef struct
{
  char     *name;
  char     *title;
  char     *value; /* of a fact */
  PtlTable *table; /* counted; NULL: a fact */
  gboolean  included;
} Part;

struct _PtlReport
{
  GObject    parent_instance;

  GPtrArray *facts;  /* owned; of Part */
  GPtrArray *tables; /* owned; of Part */
};

G_DEFINE_FINAL_TYPE (PtlReport, ptl_report, G_TYPE_OBJECT)

static void
part_free (gpointer data)
{
  Part *part = data;

  g_free (part->name);
  g_free (part->title);
  g_free (part->value);
  g_clear_object (&part->table);
  g_free (part);
}

static Part *
part_new (const char *name,
          const char *title)
{
  Part *part = g_new0 (Part, 1);

  part->name = g_strdup (name);
  part->title = g_strdup (title);
  part->included = TRUE;
  return part;
}

void
ptl_report_add_fact (PtlReport  *self,
                     const char *name,
                     const char *title,
                     const char *value)
{
  Part *part;

  g_return_if_fail (PTL_IS_REPORT (self));

  part = part_new (name, title);
  part->value = g_strdup (value);
  g_ptr_array_add (self->facts, part);
}

gboolean
ptl_report_add_table (PtlReport  *self,
                      const char *name,
                      const char *title,
                      PtlTable   *table)
{
  Part *part;

  g_return_val_if_fail (PTL_IS_REPORT (self), FALSE);

  for (guint i = 0; i < self->tables->len; i++)
    if (strcmp (((Part *) g_ptr_array_index (self->tables, i))->name, name) == 0)
      return FALSE;
  part = part_new (name, title);
  part->table = g_object_ref (table);
  g_ptr_array_add (self->tables, part);
  return TRUE;
}

guint
ptl_report_get_n_tables (PtlReport *self)
{
  return self->tables->len;
}

static Part *
get_part (PtlReport *self,
          guint      nth)
{
  return g_ptr_array_index (self->tables, nth);
}

const char *
ptl_report_get_title (PtlReport *self,
                      guint      nth)
{
  return get_part (self, nth)->title;
}

PtlTable *
ptl_report_get_table (PtlReport *self,
                      guint      nth)
{
  return get_part (self, nth)->table;
}

void
ptl_report_set_included (PtlReport *self,
                         guint      nth,
                         gboolean   included)
{
  get_part (self, nth)->included = included;
}

/* --- writing ---------------------------------------------------------------------------------- */

typedef struct
{
  PtlTableFormat  format;
  guint           next;
  GString        *text;
} Export;

static void
export_free (gpointer data)
{
  Export *export = data;

  if (export->text != NULL)
    g_string_free (export->text, TRUE);
  g_free (export);
}

static void
write_head (PtlReport *self,
            Export    *export)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  gboolean json = export->format == PTL_TABLE_JSON;

  if (json)
    {
      g_string_append (export->text, "{\n  \"report\": {\n    \"time\": ");
      ptl_table_append_json (export->text, time);
    }
  else
    g_string_append_printf (export->text, "%s\n\n%s: %s\n", _("Report on this computer"),
                            _("Time"), time);
  for (guint i = 0; i < self->facts->len; i++)
    {
      const Part *fact = g_ptr_array_index (self->facts, i);

      if (json)
        {
          g_string_append (export->text, ",\n    ");
          ptl_table_append_json (export->text, fact->name);
          g_string_append (export->text, ": ");
          ptl_table_append_json (export->text, fact->value);
        }
      else
        g_string_append_printf (export->text, "%s: %s\n", fact->title, fact->value);
    }
  if (json)
    g_string_append (export->text, "\n  }");
}

static void
write_title (Export     *export,
             const Part *part)
{
  if (export->format == PTL_TABLE_JSON)
    {
      g_string_append (export->text, ",\n  ");
      ptl_table_append_json (export->text, part->name);
      g_string_append (export->text, ": ");
      return;
    }
  g_string_append_printf (export->text, "\n\n%s\n", part->title);
  for (glong i = g_utf8_strlen (part->title, -1); i > 0; i--)
    g_string_append_c (export->text, '=');
  g_string_append (export->text, "\n");
}

static void write_next (GTask *task);

static void
on_exported_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (GTask) task = data;
  Export *export = g_task_get_task_data (task);
  PtlReport *self = g_task_get_source_object (task);
  const Part *part = get_part (self, export->next);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ptl_table_export_finish (PTL_TABLE (source), result, &error);

  if (text == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  write_title (export, part);
  if (export->format == PTL_TABLE_JSON)
    g_string_append (export->text, g_strchomp (text));
  else if (g_list_model_get_n_items (G_LIST_MODEL (source)) == 0)
    g_string_append_printf (export->text, "%s\n", _("(nothing)"));
  else
    g_string_append (export->text, text);
  export->next++;
  write_next (task);
}

static void
write_next (GTask *task)
{
  Export *export = g_task_get_task_data (task);
  PtlReport *self = g_task_get_source_object (task);

  while (export->next < self->tables->len && !get_part (self, export->next)->included)
    export->next++;
  if (export->next < self->tables->len)
    {
      ptl_table_export_async (get_part (self, export->next)->table, export->format,
                              g_task_get_cancellable (task), on_exported_cb, g_object_ref (task));
      return;
    }
  if (export->format == PTL_TABLE_JSON)
    g_string_append (export->text, "\n}\n");
  g_task_return_pointer (task, g_string_free (g_steal_pointer (&export->text), FALSE), g_free);
}

void
ptl_report_export_async (PtlReport           *self,
                         PtlTableFormat       format,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             data)
{
  g_autoptr (GTask) task = NULL;
  Export *export;

  g_return_if_fail (PTL_IS_REPORT (self));

  task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (task, ptl_report_export_async);
  export = g_new0 (Export, 1);
  export->format = format;
  export->text = g_string_new (NULL);
  g_task_set_task_data (task, export, export_free);
  write_head (self, export);
  write_next (task);
}

char *
ptl_report_export_finish (PtlReport     *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- the object ------------------------------------------------------------------------------- */

static void
ptl_report_finalize (GObject *object)
{
  PtlReport *self = PTL_REPORT (object);

  g_ptr_array_unref (self->facts);
  g_ptr_array_unref (self->tables);

  G_OBJECT_CLASS (ptl_report_parent_class)->finalize (object);
}

static void
ptl_report_class_init (PtlReportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_report_finalize;
}

static void
ptl_report_init (PtlReport *self)
{
  self->facts = g_ptr_array_new_with_free_func (part_free);
  self->tables = g_ptr_array_new_with_free_func (part_free);
}

PtlReport *
ptl_report_new (void)
{
  return g_object_new (PTL_TYPE_REPORT, NULL);
}
