/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Lookup pane: one entry, and groups of what was found. */
#include "config.h"

#include "ui/ptl-lookup-pane.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-lookup.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-lookup-many.h"
#include "ui/ptl-lookup-rows.h"
#include "ui/ptl-shrink.h"
#include "ui/ptl-tab-out.h"

#define HISTORY_MAX 30
#define SETTINGS_HISTORY "lookup-history"

struct _PtlLookupPane
{
  GtkWidget            parent_instance;

  /* template */
  GtkStack            *modes;
  GtkEntry            *entry;
  GtkStack            *go_stack;
  GtkButton           *cancel_button;
  GtkMenuButton       *history_button;
  GtkLabel            *kind_label;
  GtkStack            *stack;
  GtkScrolledWindow   *scroller;
  GtkWidget           *addresses_group;
  GtkListBox          *addresses_list;
  GtkWidget           *sources_group;
  GtkListBox          *sources_list;
  GtkWidget           *reverse_group;
  GtkListBox          *reverse_list;
  GtkWidget           *services_group;
  GtkListBox          *services_list;
  GtkWidget           *socket_group;
  GtkListBox          *socket_list;
  GtkWidget           *records_group;
  AdwComboRow         *type_row;
  GtkEditable         *type_entry;
  GtkEditable         *server_entry;
  GtkEditable         *other_entry;
  GtkLabel            *ask_error;
  GtkListBox          *records_list;
  GtkWidget           *trace_group;
  GtkEditable         *start_entry;
  GtkLabel            *trace_error;
  GtkListBox          *trace_list;
  GtkWidget           *anatomy_group;
  GtkEditable         *prefix_entry;
  GtkEditable         *contains_entry;
  GtkLabel            *subnet_error;
  GtkListBox          *anatomy_list;
  GtkStringList       *types;

  /* owned */
  PtlLookup           *lookup;
  GSettings           *settings;
  gboolean             narrow;
  gboolean             starting;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlLookupPane, ptl_lookup_pane, GTK_TYPE_WIDGET)

/* --- what was typed --------------------------------------------------------------------------- */

static void
set_class (GtkWidget  *widget,
           const char *name,
           gboolean    on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
on_entry_changed_cb (PtlLookupPane *self)
{
  g_auto (PtlClassified) classified = { 0 };
  g_autofree char *text = NULL;
  gboolean bad, wrong;

  ptl_classify (&classified, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  text = ptl_classified_to_text (&classified);
  bad = classified.kind == PTL_KIND_UNKNOWN;
  wrong = !bad && (classified.warning != NULL || classified.error != NULL);
  set_class (GTK_WIDGET (self->kind_label), "error", bad);
  set_class (GTK_WIDGET (self->kind_label), "warning", wrong);
  set_class (GTK_WIDGET (self->kind_label), "dim-label", !bad && !wrong);
  gtk_label_set_text (self->kind_label, text);
}

static void
update_history_menu (PtlLookupPane *self)
{
  g_auto (GStrv) history = g_settings_get_strv (self->settings, SETTINGS_HISTORY);
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) entries = g_menu_new ();
  g_autoptr (GMenu) end = g_menu_new ();

  for (char **text = history; *text != NULL; text++)
    {
      g_autoptr (GMenuItem) item = NULL;
      g_auto (GStrv) parts = g_strsplit (*text, "_", -1);
      /* An underscore would be a mnemonic. */
      g_autofree char *label = g_strjoinv ("__", parts);

      item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, "lookup.again", "s", *text);
      g_menu_append_item (entries, item);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (entries));
  g_menu_append (end, _("_Forget All"), "lookup.forget");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (end));
  gtk_menu_button_set_menu_model (self->history_button, G_MENU_MODEL (menu));
  gtk_widget_set_sensitive (GTK_WIDGET (self->history_button), history[0] != NULL);
}

/* @text (NULL: none) comes first.  What older versions have kept of passwords goes. */
static void
remember (PtlLookupPane *self,
          const char    *text)
{
  g_auto (GStrv) before = g_settings_get_strv (self->settings, SETTINGS_HISTORY);
  g_autoptr (GPtrArray) after = g_ptr_array_new_with_free_func (g_free);

  if (text != NULL)
    g_ptr_array_add (after, ptl_classify_dup_without_password (text));
  for (char **at = before; *at != NULL && after->len < HISTORY_MAX; at++)
    {
      g_autofree char *kept = ptl_classify_dup_without_password (*at);

      if (!g_ptr_array_find_with_equal_func (after, kept, g_str_equal, NULL))
        g_ptr_array_add (after, g_steal_pointer (&kept));
    }
  g_ptr_array_add (after, NULL);
  if (!g_strv_equal ((const char *const *) before, (const char *const *) after->pdata))
    g_settings_set_strv (self->settings, SETTINGS_HISTORY, (const char *const *) after->pdata);
  update_history_menu (self);
}

/* --- asking ----------------------------------------------------------------------------------- */

static guint
get_type (PtlLookupPane *self,
          gboolean      *good)
{
  guint selected = adw_combo_row_get_selected (self->type_row);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->types));
  guint type;

  *good = TRUE;
  if (selected == 0)
    return 0;
  type = ptl_dns_type_from_text (selected + 1 == n
                                   ? gtk_editable_get_text (self->type_entry)
                                   : gtk_string_list_get_string (self->types, selected));
  *good = type != 0;
  return type;
}

static void
on_ask_cb (PtlLookupPane *self)
{
  g_autoptr (GError) error = NULL;
  gboolean good;
  guint type = get_type (self, &good);

  if (!good)
    gtk_label_set_text (self->ask_error,
                        _("A type is a name such as MX or TYPE65, or a number from 1 to 65535"));
  else if (!ptl_lookup_ask_records (self->lookup, type,
                                    gtk_editable_get_text (self->server_entry),
                                    gtk_editable_get_text (self->other_entry), &error))
    {
      gtk_label_set_text (self->ask_error, error->message);
      good = FALSE;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->ask_error), !good);
}

static void
on_type_cb (PtlLookupPane *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->types));
  gboolean by_text = adw_combo_row_get_selected (self->type_row) + 1 == n;

  gtk_widget_set_visible (GTK_WIDGET (self->type_entry), by_text);
  if (!by_text && gtk_widget_get_visible (self->records_group) && !self->starting)
    on_ask_cb (self);
}

static void
on_trace_cb (PtlLookupPane *self)
{
  g_autoptr (GError) error = NULL;
  gboolean good;
  guint type = get_type (self, &good);

  if (!good)
    gtk_label_set_text (self->trace_error,
                        _("A type is a name such as MX or TYPE65, or a number from 1 to 65535"));
  else if (!ptl_lookup_trace (self->lookup, type, gtk_editable_get_text (self->start_entry),
                              &error))
    {
      gtk_label_set_text (self->trace_error, error->message);
      good = FALSE;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->trace_error), !good);
}

static void
on_subnet_cb (PtlLookupPane *self)
{
  const char *prefix = gtk_editable_get_text (self->prefix_entry);
  g_autoptr (GError) error = NULL;

  if (self->starting)
    return;
  if (*prefix != '\0')
    ptl_lookup_set_subnet (self->lookup, prefix, gtk_editable_get_text (self->contains_entry),
                           &error);
  gtk_label_set_text (self->subnet_error, error != NULL ? error->message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->subnet_error), error != NULL);
}

static void
on_look_up_cb (PtlLookupPane *self)
{
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  const PtlClassified *classified;
  g_autofree char *dns_name = NULL, *prefix = NULL;
  gboolean has_address;

  if (*text == '\0')
    return;
  self->starting = TRUE;
  ptl_lookup_start (self->lookup, text);
  classified = ptl_lookup_get_classified (self->lookup);
  dns_name = ptl_lookup_dup_dns_name (self->lookup);
  has_address = classified->address.len > 0;
  gtk_widget_set_visible (self->addresses_group, classified->host != NULL);
  gtk_widget_set_visible (self->sources_group, classified->host != NULL
                                                 && classified->kind != PTL_KIND_INTERFACE);
  gtk_widget_set_visible (self->reverse_group, has_address);
  gtk_widget_set_visible (self->services_group,
                          classified->service != NULL || classified->port >= 0);
  gtk_widget_set_visible (self->socket_group, classified->socket.len > 0);
  gtk_widget_set_visible (self->records_group, dns_name != NULL);
  gtk_widget_set_visible (self->trace_group, dns_name != NULL);
  gtk_widget_set_visible (self->anatomy_group, has_address);
  gtk_widget_set_visible (GTK_WIDGET (self->ask_error), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->trace_error), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->subnet_error), FALSE);
  if (classified->prefix >= 0)
    prefix = g_strdup_printf ("%d", classified->prefix);
  gtk_editable_set_text (self->prefix_entry, prefix != NULL ? prefix : "");
  gtk_editable_set_text (self->contains_entry, "");
  self->starting = FALSE;
  if (classified->kind == PTL_KIND_UNKNOWN)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, "results");
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  remember (self, text);
  if (dns_name != NULL)
    on_ask_cb (self);
}

static void
on_cancel_cb (PtlLookupPane *self)
{
  ptl_lookup_cancel (self->lookup);
}

static void
on_busy_cb (PtlLookupPane *self)
{
  gtk_stack_set_visible_child_name (self->go_stack,
                                    ptl_lookup_is_busy (self->lookup) ? "cancel" : "go");
}

void
ptl_lookup_pane_look_up (PtlLookupPane *self,
                         const char    *text)
{
  g_return_if_fail (PTL_IS_LOOKUP_PANE (self));

  gtk_stack_set_visible_child_name (self->modes, "one");
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  on_look_up_cb (self);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void
on_again_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  ptl_lookup_pane_look_up (PTL_LOOKUP_PANE (widget), g_variant_get_string (parameter, NULL));
}

static void
on_forget_cb (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  PtlLookupPane *self = PTL_LOOKUP_PANE (widget);

  g_settings_reset (self->settings, SETTINGS_HISTORY);
  update_history_menu (self);
}

static void
on_copy_question_cb (GtkWidget  *widget,
                     const char *name,
                     GVariant   *parameter)
{
  PtlLookupPane *self = PTL_LOOKUP_PANE (widget);
  const char *wanted = g_variant_get_string (parameter, NULL);
  gboolean trace = *wanted == 't';
  PtlLookupCopy what = *wanted == 'g' ? PTL_LOOKUP_COPY_GETENT
                       : *wanted == 'd' ? PTL_LOOKUP_COPY_DIG
                       : trace ? PTL_LOOKUP_COPY_TRACE : PTL_LOOKUP_COPY_PYTHON;
  gboolean good;
  guint type = get_type (self, &good);
  g_autofree char *text =
    ptl_lookup_dup_equivalent (self->lookup, what, type,
                               gtk_editable_get_text (trace ? self->start_entry
                                                            : self->server_entry));

  if (text != NULL)
    gtk_widget_activate_action (widget, "win.copy-text", "s", text);
  else
    gtk_widget_activate_action (widget, "win.toast", "s",
                                _("This program has no such question. Look something up first."));
}

static void
on_copy_all_cb (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  PtlLookupPane *self = PTL_LOOKUP_PANE (widget);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint group = 0; group < PTL_LOOKUP_N_GROUPS; group++)
    {
      GListModel *rows = ptl_lookup_get_group (self->lookup, group);

      for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
        {
          g_autoptr (PtlLookupRow) row = g_list_model_get_item (rows, i);
          g_autofree char *line = ptl_lookup_row_to_text (row);

          g_string_append_printf (text, "%s\n", line);
        }
    }
  gtk_widget_activate_action (widget, "win.copy-text", "s", text->str);
}

/* --- life ------------------------------------------------------------------------------------- */

static gboolean
ptl_lookup_pane_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_LOOKUP_PANE (widget)->entry));
}

static void
ptl_lookup_pane_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_LOOKUP_PANE (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_pane_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PtlLookupPane *self = PTL_LOOKUP_PANE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow == g_value_get_boolean (value))
        return;
      self->narrow = g_value_get_boolean (value);
      if (self->narrow)
        gtk_widget_add_css_class (GTK_WIDGET (self), "narrow");
      else
        gtk_widget_remove_css_class (GTK_WIDGET (self), "narrow");
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_pane_dispose (GObject *object)
{
  PtlLookupPane *self = PTL_LOOKUP_PANE (object);

  if (self->lookup != NULL)
    g_signal_handlers_disconnect_by_data (self->lookup, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_LOOKUP_PANE);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->lookup);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (ptl_lookup_pane_parent_class)->dispose (object);
}

static void
ptl_lookup_pane_class_init (PtlLookupPaneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_lookup_pane_dispose;
  object_class->get_property = ptl_lookup_pane_get_property;
  object_class->set_property = ptl_lookup_pane_set_property;
  widget_class->grab_focus = ptl_lookup_pane_grab_focus;
  ptl_tab_out_init_class (widget_class);

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (PTL_TYPE_LOOKUP_MANY);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-lookup-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, modes);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, go_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, history_button);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, kind_label);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, addresses_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, addresses_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, sources_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, sources_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, reverse_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, reverse_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, services_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, services_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, socket_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, socket_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, records_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, type_row);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, type_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, server_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, other_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, ask_error);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, records_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, trace_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, start_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, trace_error);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, trace_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, anatomy_group);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, prefix_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, contains_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, subnet_error);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, anatomy_list);
  gtk_widget_class_bind_template_child (widget_class, PtlLookupPane, types);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_look_up_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_ask_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_type_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_subnet_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_trace_cb);

  gtk_widget_class_install_action (widget_class, "lookup.again", "s", on_again_cb);
  gtk_widget_class_install_action (widget_class, "lookup.forget", NULL, on_forget_cb);
  gtk_widget_class_install_action (widget_class, "lookup.copy-question", "s",
                                   on_copy_question_cb);
  gtk_widget_class_install_action (widget_class, "lookup.copy-all", NULL, on_copy_all_cb);
}

static void
bind_lists (PtlLookupPane *self)
{
  GtkListBox *lists[PTL_LOOKUP_N_GROUPS] = {
    [PTL_LOOKUP_ADDRESSES] = self->addresses_list, [PTL_LOOKUP_SOURCES] = self->sources_list,
    [PTL_LOOKUP_REVERSE] = self->reverse_list,     [PTL_LOOKUP_RECORDS] = self->records_list,
    [PTL_LOOKUP_TRACE] = self->trace_list,         [PTL_LOOKUP_SERVICES] = self->services_list,
    [PTL_LOOKUP_SOCKET] = self->socket_list,       [PTL_LOOKUP_ANATOMY] = self->anatomy_list,
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    ptl_lookup_rows_bind (lists[i], ptl_lookup_get_group (self->lookup, i));
}

static void
ptl_lookup_pane_init (PtlLookupPane *self)
{
  self->starting = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_shrink_controls (GTK_WIDGET (self));
  ptl_direction_set_fields (GTK_WIDGET (self));
  self->starting = FALSE;
  self->settings = g_settings_new ("org.portlight.Portlight");
  self->lookup = ptl_lookup_new ();
  bind_lists (self);
  g_signal_connect_swapped (self->lookup, "notify::busy", G_CALLBACK (on_busy_cb), self);
  remember (self, NULL);
  on_entry_changed_cb (self);
}
