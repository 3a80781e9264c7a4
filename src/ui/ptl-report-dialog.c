/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tables go into a report, as what, and where to. */
#include "config.h"

#include "ui/ptl-report-dialog.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/ptl-dialogs.h"

#define PTL_TYPE_REPORT_DIALOG (ptl_report_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PtlReportDialog, ptl_report_dialog, PTL, REPORT_DIALOG, AdwWindow)

struct _PtlReportDialog
{
  AdwWindow            parent_instance;

  /* template */
  GtkLabel            *about_label;
  AdwPreferencesGroup *tables_group;
  AdwComboRow         *format_row;
  GtkLabel            *status_label;
  GtkWidget           *copy_button;
  GtkWidget           *save_button;

  /* owned */
  PtlReport           *report;
  GCancellable        *cancellable;
  char                *file_name;
  char                *text;    /* while a place for it is asked for */
  GPtrArray           *rows;    /* of AdwActionRow, borrowed; one for each table */
  gboolean             saving;  /* what is written now */
};

G_DEFINE_FINAL_TYPE (PtlReportDialog, ptl_report_dialog, ADW_TYPE_WINDOW)

static void
tell (PtlReportDialog *self,
      const char      *text)
{
  gtk_label_set_text (self->status_label, text);
}

/* --- the tables ------------------------------------------------------------------------------- */

static void
update_row (AdwActionRow *row,
            GListModel   *table)
{
  guint n = g_list_model_get_n_items (table);
  g_autofree char *rows = n > 0 ? g_strdup_printf (ngettext ("%u row", "%u rows", n), n)
                                : g_strdup (_("nothing yet"));

  adw_action_row_set_subtitle (row, rows);
}

static void
on_items_changed_cb (GListModel   *table,
                     guint         position,
                     guint         removed,
                     guint         added,
                     AdwActionRow *row)
{
  update_row (row, table);
}

static void
update_buttons (PtlReportDialog *self)
{
  gboolean some = FALSE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      GtkWidget *check = g_object_get_data (g_ptr_array_index (self->rows, i), "ptl-check");
      gboolean included = gtk_check_button_get_active (GTK_CHECK_BUTTON (check));

      ptl_report_set_included (self->report, i, included);
      some |= included;
    }
  gtk_widget_set_sensitive (self->copy_button, some);
  gtk_widget_set_sensitive (self->save_button, some);
}

static void
add_table (PtlReportDialog *self,
           guint            nth)
{
  PtlTable *table = ptl_report_get_table (self->report, nth);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();

  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 ptl_report_get_title (self->report, nth));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  g_object_set_data (G_OBJECT (row), "ptl-check", check);
  g_signal_connect_swapped (check, "notify::active", G_CALLBACK (update_buttons), self);
  g_signal_connect_object (table, "items-changed", G_CALLBACK (on_items_changed_cb), row, 0);
  update_row (ADW_ACTION_ROW (row), G_LIST_MODEL (table));
  g_ptr_array_add (self->rows, row);
  adw_preferences_group_add (self->tables_group, row);
}

/* --- copying and saving ----------------------------------------------------------------------- */

static void
on_written_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (PtlReportDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *failed = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    failed = g_strdup_printf (_("Not saved: %s"), error->message);
  tell (self, failed != NULL ? failed : _("Saved"));
}

static void
on_place_chosen_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  g_autoptr (PtlReportDialog) self = data;
  g_autoptr (GFile) file = ptl_dialogs_file_finish (result, NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (file == NULL || self->text == NULL)
    return;
  bytes = g_bytes_new_take (self->text, strlen (self->text));
  self->text = NULL;
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       on_written_cb, g_object_ref (self));
}

static gboolean
is_json (PtlReportDialog *self)
{
  return adw_combo_row_get_selected (self->format_row) == 1;
}

static void
on_exported_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr (PtlReportDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ptl_report_export_finish (PTL_REPORT (source), result, &error);
  g_autofree char *name = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (text == NULL)
    {
      tell (self, error->message);
      return;
    }
  if (!self->saving)
    {
      g_autofree char *size = g_format_size (strlen (text));
      g_autofree char *told = g_strdup_printf (_("Copied: %s"), size);

      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
      tell (self, told);
      return;
    }
  tell (self, "");
  name = g_strdup_printf ("%s.%s", self->file_name, is_json (self) ? "json" : "txt");
  g_free (self->text);
  self->text = g_steal_pointer (&text);
  ptl_dialogs_save_file_async (GTK_WINDOW (self), _("Save the Report"), name, on_place_chosen_cb,
                               g_object_ref (self));
}

static void
export (PtlReportDialog *self,
        gboolean         saving)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->saving = saving;
  tell (self, _("The report is being written …"));
  ptl_report_export_async (self->report, is_json (self) ? PTL_TABLE_JSON : PTL_TABLE_TEXT,
                           self->cancellable, on_exported_cb, g_object_ref (self));
}

static void
on_copy_cb (PtlReportDialog *self)
{
  export (self, FALSE);
}

static void
on_save_cb (PtlReportDialog *self)
{
  export (self, TRUE);
}

/* --- the window ------------------------------------------------------------------------------- */

static void
ptl_report_dialog_dispose (GObject *object)
{
  PtlReportDialog *self = PTL_REPORT_DIALOG (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->report);

  G_OBJECT_CLASS (ptl_report_dialog_parent_class)->dispose (object);
}

static void
ptl_report_dialog_finalize (GObject *object)
{
  PtlReportDialog *self = PTL_REPORT_DIALOG (object);

  g_ptr_array_unref (self->rows);
  g_free (self->file_name);
  g_free (self->text);

  G_OBJECT_CLASS (ptl_report_dialog_parent_class)->finalize (object);
}

static void
ptl_report_dialog_class_init (PtlReportDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_report_dialog_dispose;
  object_class->finalize = ptl_report_dialog_finalize;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-report-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlReportDialog, about_label);
  gtk_widget_class_bind_template_child (widget_class, PtlReportDialog, tables_group);
  gtk_widget_class_bind_template_child (widget_class, PtlReportDialog, format_row);
  gtk_widget_class_bind_template_child (widget_class, PtlReportDialog, status_label);
  gtk_widget_class_bind_template_child (widget_class, PtlReportDialog, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PtlReportDialog, save_button);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ptl_report_dialog_init (PtlReportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_ptr_array_new ();
}

void
ptl_report_dialog_present (GtkWindow  *parent,
                           PtlReport  *report,
                           const char *about,
                           const char *file_name)
{
  PtlReportDialog *self = g_object_new (PTL_TYPE_REPORT_DIALOG, "transient-for", parent, NULL);

  self->report = g_object_ref (report);
  self->file_name = g_strdup (file_name);
  gtk_label_set_text (self->about_label, about);
  for (guint i = 0; i < ptl_report_get_n_tables (report); i++)
    add_table (self, i);
  update_buttons (self);
  gtk_window_present (GTK_WINDOW (self));
}
