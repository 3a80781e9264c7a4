/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many names at once: a list that is pasted or opened, its results in a table, export. */
#include "config.h"

#include "ui/ptl-lookup-many.h"

#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-lookup-list.h"
#include "ui/ptl-dialogs.h"

struct _PtlLookupMany
{
  GtkWidget      parent_instance;

  /* template */
  GtkTextView   *text_view;
  GtkDropDown   *type_drop;
  GtkStringList *types;
  GtkEntry      *server_entry;
  GtkStack      *go_stack;
  GtkWidget     *export_button;
  GtkLabel      *status_label;
  GtkProgressBar *progress;
  GtkColumnView *view;

  /* owned */
  PtlLookupList *list;
  char          *export_text; /* while a place for it is asked for */
  gint64         started_us;

  /* of the question to a sorter */
  int            probed;
};

G_DEFINE_FINAL_TYPE (PtlLookupMany, ptl_lookup_many, GTK_TYPE_WIDGET)

static const struct
{
  const char *title;
  int         width;
} columns[PTL_LOOKUP_LIST_N_COLUMNS] = {
  [PTL_LOOKUP_LIST_NAME] = { N_("Name"), 220 },
  [PTL_LOOKUP_LIST_TYPE] = { N_("Type"), 70 },
  [PTL_LOOKUP_LIST_ANSWER] = { N_("Answer"), -1 },
  [PTL_LOOKUP_LIST_STATUS] = { N_("Status"), 160 },
  [PTL_LOOKUP_LIST_TTL] = { N_("TTL"), 80 },
  [PTL_LOOKUP_LIST_TIME] = { N_("Time"), 90 },
};

/* --- the table -------------------------------------------------------------------------------- */

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *item,
             gpointer                  data)
{
  GtkWidget *label = gtk_inscription_new (NULL);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (label),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (label), 6);
  gtk_list_item_set_child (item, label);
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *item,
            gpointer                  data)
{
  PtlLookupListItem *row = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  PtlLookupListColumn column = GPOINTER_TO_UINT (data);
  g_autofree char *text = ptl_lookup_list_item_dup_text (row, column);

  gtk_inscription_set_text (GTK_INSCRIPTION (label), text);
  gtk_widget_set_tooltip_text (label, strlen (text) > 20 ? text : NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (column == PTL_LOOKUP_LIST_STATUS && ptl_lookup_list_item_has_failed (row))
    gtk_widget_add_css_class (label, "error");
  else
    gtk_widget_remove_css_class (label, "error");
}

typedef struct
{
  PtlLookupMany *self;
  int            column;
} Probe;

/* The model sorts itself; the sorters only say which column was chosen: the first that is asked. */
static int
on_compare_cb (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  Probe *probe = data;

  if (probe->self->probed < 0)
    probe->self->probed = probe->column;
  return -1;
}

static void
on_sorter_changed_cb (PtlLookupMany *self)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (self->view);
  GtkOrdering order;

  self->probed = -1;
  order = gtk_sorter_compare (sorter, self, self->list);
  ptl_lookup_list_sort (self->list, self->probed, order == GTK_ORDERING_LARGER);
}

static void
add_columns (PtlLookupMany *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column = NULL;
      g_autoptr (GtkSorter) sorter = NULL;
      Probe *probe = g_new (Probe, 1);

      *probe = (Probe) { self, (int) i };
      g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), NULL);
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), GUINT_TO_POINTER (i));
      column = gtk_column_view_column_new (_(columns[i].title), factory);
      sorter = GTK_SORTER (gtk_custom_sorter_new (on_compare_cb, probe, g_free));
      gtk_column_view_column_set_sorter (column, sorter);
      gtk_column_view_column_set_resizable (column, TRUE);
      if (columns[i].width > 0)
        gtk_column_view_column_set_fixed_width (column, columns[i].width);
      else
        gtk_column_view_column_set_expand (column, TRUE);
      gtk_column_view_append_column (self->view, column);
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
say (PtlLookupMany *self,
     const char    *text,
     gboolean       error)
{
  gtk_label_set_text (self->status_label, text);
  if (error)
    gtk_widget_add_css_class (GTK_WIDGET (self->status_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->status_label), "error");
}

static void
on_progress_cb (PtlLookupMany *self)
{
  guint n = ptl_lookup_list_get_n_wanted (self->list), n_done;
  guint n_left_out = ptl_lookup_list_get_n_left_out (self->list);
  gboolean busy = ptl_lookup_list_is_busy (self->list);
  double seconds = (double) (g_get_monotonic_time () - self->started_us) / G_USEC_PER_SEC;
  g_autofree char *text = NULL, *left_out = NULL;

  g_object_get (self->list, "n-done", &n_done, NULL);
  if (busy)
    text = g_strdup_printf (_("%'u of %'u"), n_done, n);
  else if (n_done < n)
    text = g_strdup_printf (_("Stopped: %'u of %'u in %.2f s"), n_done, n, seconds);
  else
    text = g_strdup_printf (ngettext ("%'u answer in %.2f s", "%'u answers in %.2f s", n), n,
                            seconds);
  if (n_left_out > 0)
    left_out = g_strdup_printf (ngettext ("%s · %'u line more than are taken was left out",
                                          "%s · %'u lines more than are taken were left out",
                                          n_left_out), text, n_left_out);
  say (self, left_out != NULL ? left_out : text, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), busy);
  gtk_progress_bar_set_fraction (self->progress, n > 0 ? (double) n_done / n : 0);
  gtk_widget_set_sensitive (self->export_button, n_done > 0);
}

static void
on_busy_cb (PtlLookupMany *self)
{
  gtk_stack_set_visible_child_name (self->go_stack,
                                    ptl_lookup_list_is_busy (self->list) ? "cancel" : "go");
  on_progress_cb (self);
}

static void
on_start_cb (PtlLookupMany *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GtkTextIter start, end;
  guint type =
    ptl_dns_type_from_text (gtk_string_list_get_string (self->types,
                                                        gtk_drop_down_get_selected
                                                          (self->type_drop)));

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  self->started_us = g_get_monotonic_time ();
  if (!ptl_lookup_list_start (self->list, text, type,
                              gtk_editable_get_text (GTK_EDITABLE (self->server_entry)), &error))
    say (self, error->message, TRUE);
}

static void
on_cancel_cb (PtlLookupMany *self)
{
  ptl_lookup_list_cancel (self->list);
}

/* --- files ------------------------------------------------------------------------------------ */

static void
on_loaded_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (PtlLookupMany) self = data;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize len;

  bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  if (bytes == NULL)
    {
      say (self, error->message, TRUE);
      return;
    }
  text = g_bytes_get_data (bytes, &len);
  if (len == PTL_LOOKUP_MANY_FILE_MAX)
    say (self, _("This file is too long for a list of names"), TRUE);
  else if (len > 0 && !g_utf8_validate_len (text, len, NULL))
    say (self, _("This file is not text (UTF-8)"), TRUE);
  else
    {
      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), len > 0 ? text : "",
                                (int) len);
      say (self, "", FALSE);
    }
}

static void
on_read_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  PtlLookupMany *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read_finish (G_FILE (source), result, &error);

  if (stream == NULL)
    {
      say (self, error->message, TRUE);
      g_object_unref (self);
      return;
    }
  g_input_stream_read_bytes_async (G_INPUT_STREAM (stream), PTL_LOOKUP_MANY_FILE_MAX,
                                   G_PRIORITY_DEFAULT, NULL, on_loaded_cb, self);
}

static void
on_opened_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (PtlLookupMany) self = data;
  g_autoptr (GFile) file = ptl_dialogs_file_finish (result, NULL);

  if (file != NULL)
    g_file_read_async (file, G_PRIORITY_DEFAULT, NULL, on_read_cb, g_object_ref (self));
}

static void
on_open_cb (PtlLookupMany *self)
{
  ptl_dialogs_open_file_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                               _("Open a List of Names"), on_opened_cb, g_object_ref (self));
}

static void
on_written_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (PtlLookupMany) self = data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _("Saved"));
  else
    say (self, error->message, TRUE);
}

static void
on_saved_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (PtlLookupMany) self = data;
  g_autoptr (GFile) file = ptl_dialogs_file_finish (result, NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (file == NULL || self->export_text == NULL)
    return;
  bytes = g_bytes_new_take (self->export_text, strlen (self->export_text));
  self->export_text = NULL;
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       on_written_cb, g_object_ref (self));
}

static void
on_export_cb (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  PtlLookupMany *self = PTL_LOOKUP_MANY (widget);
  gboolean json = g_str_equal (g_variant_get_string (parameter, NULL), "json");

  g_free (self->export_text);
  self->export_text = json ? ptl_lookup_list_to_json (self->list)
                           : ptl_lookup_list_to_csv (self->list);
  ptl_dialogs_save_file_async (GTK_WINDOW (gtk_widget_get_root (widget)), _("Save the Results"),
                               json ? "lookup.json" : "lookup.csv", on_saved_cb,
                               g_object_ref (self));
}

static void
on_copy_csv_cb (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  g_autofree char *text = ptl_lookup_list_to_csv (PTL_LOOKUP_MANY (widget)->list);

  gtk_widget_activate_action (widget, "win.copy-text", "s", text);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_lookup_many_dispose (GObject *object)
{
  PtlLookupMany *self = PTL_LOOKUP_MANY (object);

  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  if (self->view != NULL)
    g_signal_handlers_disconnect_by_data (gtk_column_view_get_sorter (self->view), self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_LOOKUP_MANY);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->list);
  g_clear_pointer (&self->export_text, g_free);

  G_OBJECT_CLASS (ptl_lookup_many_parent_class)->dispose (object);
}

static void
ptl_lookup_many_class_init (PtlLookupManyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_lookup_many_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-lookup-many.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, text_view);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, type_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, types);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, server_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, go_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, export_button);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, status_label);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, progress);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, view);
  gtk_widget_class_bind_template_callback (widget_class, on_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_start_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_cb);
  gtk_widget_class_install_action (widget_class, "many.export", "s", on_export_cb);
  gtk_widget_class_install_action (widget_class, "many.copy-csv", NULL, on_copy_csv_cb);
}

static void
ptl_lookup_many_init (PtlLookupMany *self)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->list = ptl_lookup_list_new ();
  add_columns (self);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->list)));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
  g_signal_connect_swapped (gtk_column_view_get_sorter (self->view), "changed",
                            G_CALLBACK (on_sorter_changed_cb), self);
  g_signal_connect_swapped (self->list, "notify::n-done", G_CALLBACK (on_progress_cb), self);
  g_signal_connect_swapped (self->list, "notify::busy", G_CALLBACK (on_busy_cb), self);
}
