/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies and saves what a table view shows. */
#include "config.h"

#include "ui/ptl-table-view-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "ui/ptl-dialogs.h"

static void
copy (PtlTableView *self,
      const char   *text)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.copy-text", "s", text);
}

static void
on_copy_cell_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);
  g_autofree char *text =
    ptl_table_dup_whole (self->table, ptl_table_view_get_selected (self),
                         CLAMP (self->menu_column, 0, (int) self->n_columns - 1));

  copy (self, text);
}

static void
on_copy_row_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);
  g_autofree char *text = ptl_table_dup_row (self->table, ptl_table_view_get_selected (self));

  copy (self, text);
}

static PtlTableFormat
format_from_name (const char *name)
{
  return g_str_equal (name, "json")  ? PTL_TABLE_JSON
         : g_str_equal (name, "csv") ? PTL_TABLE_CSV
                                     : PTL_TABLE_TEXT;
}

static void
on_exported_for_copy_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  g_autoptr (PtlTableView) self = data;
  g_autofree char *text = ptl_table_export_finish (PTL_TABLE (source), result, NULL);

  if (text != NULL)
    copy (self, text);
}

static void
on_written_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (PtlTableView) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *failed = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    failed = g_strdup_printf (_("Not saved: %s"), error->message);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s",
                              failed != NULL ? failed : _("Saved"));
}

static void
on_place_chosen_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  g_autoptr (PtlTableView) self = data;
  g_autoptr (GFile) file = ptl_dialogs_file_finish (result, NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (file == NULL || self->save_text == NULL)
    return;
  bytes = g_bytes_new_take (self->save_text, strlen (self->save_text));
  self->save_text = NULL;
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       on_written_cb, g_object_ref (self));
}

typedef struct
{
  PtlTableView *self; /* owned */
  char         *name; /* owned; of the file */
} Save;

static void
on_exported_for_save_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  Save *save = data;
  g_autofree char *text = ptl_table_export_finish (PTL_TABLE (source), result, NULL);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (save->self));

  if (text != NULL && root != NULL)
    {
      g_free (save->self->save_text);
      save->self->save_text = g_steal_pointer (&text);
      ptl_dialogs_save_file_async (GTK_WINDOW (root), _("Save the Table"), save->name,
                                   on_place_chosen_cb, g_object_ref (save->self));
    }
  g_object_unref (save->self);
  g_free (save->name);
  g_free (save);
}

/* Only the last one that was asked for. */
static GCancellable *
begin_export (PtlTableView *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  return self->cancellable;
}

static void
on_copy_all_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);

  ptl_table_export_async (self->table, format_from_name (g_variant_get_string (parameter, NULL)),
                          begin_export (self), on_exported_for_copy_cb, g_object_ref (self));
}

static void
on_save_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);
  const char *format = g_variant_get_string (parameter, NULL);
  Save *save = g_new (Save, 1);

  save->self = g_object_ref (self);
  save->name = g_strdup_printf ("%s.%s", self->file_name != NULL ? self->file_name : "table",
                                g_str_equal (format, "json")  ? "json"
                                : g_str_equal (format, "csv") ? "csv"
                                                              : "txt");
  ptl_table_export_async (self->table, format_from_name (format), begin_export (self),
                          on_exported_for_save_cb, save);
}

void
ptl_table_view_add_copy_actions (PtlTableView *self)
{
  static const GActionEntry entries[] = {
    { .name = "copy-cell", .activate = on_copy_cell_cb },
    { .name = "copy-row", .activate = on_copy_row_cb },
    { .name = "copy-all", .activate = on_copy_all_cb, .parameter_type = "s" },
    { .name = "save", .activate = on_save_cb, .parameter_type = "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
}
