/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many names at once: a list that is pasted or opened, its results in a table, export. */
#include "config.h"

#include "ui/ptl-lookup-many.h"

#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-lookup-list.h"
#include "ui/ptl-dialogs.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-table-view.h"

struct _PtlLookupMany
{
  GtkWidget      parent_instance;

  /* template */
  GtkTextView   *text_view;
  GtkDropDown   *type_drop;
  GtkStringList *types;
  GtkEntry      *server_entry;
  GtkStack      *go_stack;
  GtkMenuButton *export_button;
  GtkLabel      *status_label;
  GtkProgressBar *progress;
  PtlTableView  *view;
  GMenuModel    *row_menu;

  /* owned */
  PtlLookupList *list;
  gint64         started_us;
  guint          chosen;   /* the result that is selected; G_MAXUINT: none */
  gboolean       quiet;    /* selected by us, not by the user */
  gboolean       narrow;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlLookupMany, ptl_lookup_many, GTK_TYPE_WIDGET)

/* --- a row ------------------------------------------------------------------------------------ */

static void
on_selected_cb (PtlLookupMany *self)
{
  PtlLookupListItem *item = ptl_table_view_get_selected (self->view);
  GtkWidget *widget = GTK_WIDGET (self);
  PtlLookupListKind kind =
    item != NULL ? ptl_lookup_list_item_get_kind (item) : PTL_LOOKUP_LIST_UNKNOWN;

  if (!self->quiet)
    self->chosen = item != NULL ? ptl_lookup_list_item_get_index (item) : G_MAXUINT;
  gtk_widget_action_set_enabled (widget, "many.look-up", kind != PTL_LOOKUP_LIST_UNKNOWN);
  gtk_widget_action_set_enabled (widget, "many.connect", kind == PTL_LOOKUP_LIST_HOST);
  gtk_widget_action_set_enabled (widget, "many.ping", kind == PTL_LOOKUP_LIST_HOST);
  gtk_widget_action_set_enabled (widget, "many.reference", kind == PTL_LOOKUP_LIST_PORT);
}

/* The selected result stays selected, wherever it is now. */
static void
on_updated_cb (PtlLookupMany *self)
{
  guint place = self->chosen != G_MAXUINT ? ptl_lookup_list_find (self->list, self->chosen)
                                          : G_MAXUINT;

  self->quiet = TRUE;
  ptl_table_view_set_selected (self->view, place != G_MAXUINT ? place : GTK_INVALID_LIST_POSITION);
  self->quiet = FALSE;
}

static void
on_row_action_cb (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  PtlLookupMany *self = PTL_LOOKUP_MANY (widget);
  PtlLookupListItem *item = ptl_table_view_get_selected (self->view);
  const char *typed = item != NULL ? ptl_lookup_list_item_get_name (item) : NULL;
  g_autofree char *ping = NULL;

  if (typed == NULL)
    return;
  if (g_str_equal (name, "many.ping"))
    {
      ping = g_strconcat ("ping:", typed, NULL);
      gtk_widget_activate_action (widget, "win.diagnose", "s", ping);
    }
  else
    gtk_widget_activate_action (widget,
                                g_str_equal (name, "many.connect")     ? "win.connect-form"
                                : g_str_equal (name, "many.reference") ? "win.reference"
                                                                       : "win.look-up",
                                "s", typed);
}

static void
on_row_activated_cb (PtlLookupMany *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "many.look-up", NULL);
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
  guint n_comments = ptl_lookup_list_get_n_comments (self->list);
  g_autofree char *text = NULL, *left_out = NULL, *comments = NULL;
  const char *told;

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
  told = left_out != NULL ? left_out : text;
  if (n_comments > 0)
    comments = g_strdup_printf (ngettext ("%s · %'u comment was skipped",
                                          "%s · %'u comments were skipped", n_comments),
                                told, n_comments);
  say (self, comments != NULL ? comments : told, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), busy);
  gtk_progress_bar_set_fraction (self->progress, n > 0 ? (double) n_done / n : 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->export_button), n_done > 0);
}

static void
on_busy_cb (PtlLookupMany *self)
{
  gboolean busy = ptl_lookup_list_is_busy (self->list);

  gtk_stack_set_visible_child_name (self->go_stack, busy ? "cancel" : "go");
  ptl_table_view_set_empty (self->view, busy ? _("Asking …") : _("Look Something Up"), NULL);
  on_progress_cb (self);
}

static void
on_start_cb (PtlLookupMany *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GtkTextIter start, end;
  guint chosen = self->chosen;
  guint type =
    ptl_dns_type_from_text (gtk_string_list_get_string (self->types,
                                                        gtk_drop_down_get_selected
                                                          (self->type_drop)));

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  self->started_us = g_get_monotonic_time ();
  self->chosen = G_MAXUINT; /* there will be other results */
  if (ptl_lookup_list_start (self->list, text, type,
                             gtk_editable_get_text (GTK_EDITABLE (self->server_entry)), &error))
    return;
  self->chosen = chosen;
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
      /* Ended by a NUL: GTK 4.8 tells the accessibility bus of a text without asking its length. */
      g_autofree char *ended = g_strndup (len > 0 ? text : "", len);

      gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), ended, -1);
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

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_lookup_many_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_LOOKUP_MANY (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_many_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PtlLookupMany *self = PTL_LOOKUP_MANY (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow == g_value_get_boolean (value))
        break;
      self->narrow = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_many_dispose (GObject *object)
{
  PtlLookupMany *self = PTL_LOOKUP_MANY (object);

  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_LOOKUP_MANY);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->list);

  G_OBJECT_CLASS (ptl_lookup_many_parent_class)->dispose (object);
}

static void
ptl_lookup_many_class_init (PtlLookupManyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_lookup_many_dispose;
  object_class->get_property = ptl_lookup_many_get_property;
  object_class->set_property = ptl_lookup_many_set_property;
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_TABLE_VIEW);
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
  gtk_widget_class_bind_template_child (widget_class, PtlLookupMany, row_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_start_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_selected_cb);
  gtk_widget_class_install_action (widget_class, "many.look-up", NULL, on_row_action_cb);
  gtk_widget_class_install_action (widget_class, "many.connect", NULL, on_row_action_cb);
  gtk_widget_class_install_action (widget_class, "many.ping", NULL, on_row_action_cb);
  gtk_widget_class_install_action (widget_class, "many.reference", NULL, on_row_action_cb);
}

static void
ptl_lookup_many_init (PtlLookupMany *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->chosen = G_MAXUINT;
  ptl_direction_set_fields (GTK_WIDGET (self));
  self->list = ptl_lookup_list_new ();
  ptl_table_view_set_table (self->view, PTL_TABLE (self->list));
  ptl_table_view_set_row_menu (self->view, self->row_menu);
  ptl_table_view_attach_menu (self->view, self->export_button);
  on_selected_cb (self);
  g_signal_connect_swapped (self->list, "notify::n-done", G_CALLBACK (on_progress_cb), self);
  g_signal_connect_swapped (self->list, "notify::busy", G_CALLBACK (on_busy_cb), self);
  g_signal_connect_swapped (self->list, "updated", G_CALLBACK (on_updated_cb), self);
}
