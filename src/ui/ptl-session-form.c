/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form for a new session, with the saved and the recent ones under it. */
#include "config.h"

#include "ui/ptl-session-form-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "ui/ptl-direction.h"
#include "ui/ptl-tab-out.h"

/* Pixels at a text size of 100 %. */
#define FORM_WIDTH 600

enum
{
  OPEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlSessionForm, ptl_session_form, GTK_TYPE_BOX)

static const struct
{
  const char *explanation;
  const char *verb;
} roles[] = {
  [PTL_ROLE_CONNECT] = { N_("Calls a server and talks to it"), N_("_Connect") },
  [PTL_ROLE_LISTEN] = { N_("Is a server: waits for peers, any number at once"), N_("_Listen") },
  [PTL_ROLE_DATAGRAMS] = { N_("Sends to anyone and receives from anyone, without connections"),
                           N_("_Open") },
};

/* --- hints ---------------------------------------------------------------------------------- */

static void
set_message (GtkLabel   *label,
             GtkWidget  *message_row,
             GtkWidget  *row,
             const char *text,
             bool        error)
{
  GtkWidget *widget = GTK_WIDGET (label);
  bool there = text != NULL && *text != '\0' && gtk_widget_get_visible (row);

  if (there)
    gtk_label_set_label (label, text);
  gtk_widget_set_visible (message_row, there);
  set_class (row, "has-message", there);
  set_class (row, "error", error);
  set_class (widget, "error", error);
  set_class (widget, "dim-label", !error);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               error ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

/* --- all of it ------------------------------------------------------------------------------ */

static const char *
get_host_title (PtlSessionForm *self)
{
  if (ptl_form_get_transport (self) == PTL_TRANSPORT_VSOCK)
    return _("Context: a number, local or host");

  switch (ptl_form_get_role (self))
    {
    case PTL_ROLE_LISTEN:
      return _("Address");

    case PTL_ROLE_DATAGRAMS:
      return _("Send to host");

    default:
      return _("Host");
    }
}

static const char *
get_port_title (PtlSessionForm *self)
{
  if (ptl_form_get_role (self) == PTL_ROLE_LISTEN && is_inet (ptl_form_get_transport (self)))
    return _("Port, or several: 80, 8000-8010");
  return ptl_form_get_role (self) == PTL_ROLE_DATAGRAMS ? _("Send to port") : _("Port");
}

static void on_changed_cb (PtlSessionForm *self);

/* Dozens of rows that most people never see: made when they are first wanted. */
static void
ensure_advanced (PtlSessionForm *self)
{
  bool filling = self->filling;

  if (self->advanced != NULL)
    return;
  self->filling = TRUE;
  self->advanced = g_object_new (PTL_TYPE_ADVANCED_OPTIONS, NULL);
  adw_bin_set_child (self->advanced_bin, GTK_WIDGET (self->advanced));
  ptl_advanced_options_bind_local_port (self->advanced, GTK_EDITABLE (self->local_port_row));
  ptl_advanced_options_set_kind (self->advanced, ptl_form_get_role (self),
                                 ptl_form_get_transport (self));
  g_signal_connect_swapped (self->advanced, "changed", G_CALLBACK (on_changed_cb), self);
  self->filling = filling;
}

static void
update_fields (PtlSessionForm *self)
{
  PtlRole role = ptl_form_get_role (self);
  PtlTransport transport = ptl_form_get_transport (self);
  bool inet = is_inet (transport);

  gtk_widget_set_visible (GTK_WIDGET (self->scope_row), role == PTL_ROLE_LISTEN && inet);
  gtk_widget_set_visible (self->host_row, ptl_form_has_host_field (self));
  gtk_widget_set_visible (self->port_row, !is_unix (transport));
  gtk_widget_set_visible (self->path_row, is_unix (transport));
  gtk_widget_set_visible (self->local_port_row, role == PTL_ROLE_DATAGRAMS && inet);
  gtk_widget_set_visible (GTK_WIDGET (self->family_row), inet);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->host_row), get_host_title (self));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->port_row), get_port_title (self));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->local_port_row),
                                 _("Receive on port"));
  gtk_label_set_label (self->role_label, _(roles[role].explanation));
  gtk_button_set_label (GTK_BUTTON (self->open_button), _(roles[role].verb));
  /* The port to receive on is one of its fields, shown with the first ones. */
  if (role == PTL_ROLE_DATAGRAMS && inet)
    ensure_advanced (self);
  if (self->advanced != NULL)
    ptl_advanced_options_set_kind (self->advanced, role, transport);
}

static void
update_advanced_row (PtlSessionForm *self)
{
  unsigned n = self->advanced != NULL ? ptl_advanced_options_get_n_set (self->advanced) : 0;
  g_autofree char *text =
    n > 0 ? g_strdup_printf (ngettext ("%u option set", "%u options set", n), n)
          : g_strdup (_("Socket options, time limits, reactions, recording"));

  adw_action_row_set_subtitle (self->advanced_row, text);
}

/* What is missing is asked for below the form; only what was typed wrong is marked. */
static char *
dup_request (PtlSessionForm *self,
             Field           field,
             const GError   *error)
{
  if (field == FIELD_PATH && is_blank (get_text (self->path_row)))
    return g_strdup (_("Type a path such as /run/x.sock, or a name such as @x"));
  if (ptl_form_get_transport (self) != PTL_TRANSPORT_VSOCK && field == FIELD_PORT &&
      is_blank (get_text (self->port_row)))
    return g_strdup (_("Type a port: a number, or a service such as http"));
  return g_strdup (error->message);
}

void
ptl_form_update (PtlSessionForm *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlSpec) spec = NULL;
  g_autofree char *host_text = NULL;
  g_autofree char *port_text = NULL;
  g_autofree char *tls_text = NULL;
  g_autofree char *reason = NULL;
  Field field = FIELD_NONE;
  bool bad_host, bad_port, bad_path;
  const char *scope_text = NULL;
  const char *local_port_text = NULL;

  if (self->filling)
    return;

  update_fields (self);
  update_advanced_row (self);

  spec = ptl_form_build_spec (self, &field, &error);
  bad_host = field == FIELD_HOST && !is_blank (get_text (self->host_row));
  bad_port = field == FIELD_PORT && !is_blank (get_text (self->port_row));
  bad_path = field == FIELD_PATH && !is_blank (get_text (self->path_row));

  host_text = bad_host ? g_strdup (error->message) : ptl_form_describe_host (self, spec);
  port_text = bad_port ? g_strdup (error->message) : ptl_form_describe_port (self, spec);
  if (ptl_form_get_role (self) == PTL_ROLE_LISTEN)
    switch (adw_combo_row_get_selected (self->scope_row))
      {
      case SCOPE_LOOPBACK:
        scope_text = _("Only programs on this computer can reach it.");
        break;

      case SCOPE_ALL:
        scope_text = _("Everyone who reaches this computer, over any of its networks, can connect "
                       "and send. There is no password.");
        break;

      default:
        break;
      }
  if (ptl_form_get_role (self) == PTL_ROLE_DATAGRAMS && is_blank (get_text (self->local_port_row)))
    local_port_text = _("Empty: any port that is free.");

  set_message (self->scope_message, self->scope_message_row, GTK_WIDGET (self->scope_row),
               scope_text, FALSE);
  set_message (self->host_message, self->host_message_row, self->host_row, host_text, bad_host);
  set_message (self->port_message, self->port_message_row, self->port_row, port_text, bad_port);
  tls_text = bad_port ? NULL : ptl_form_describe_tls (self, spec);
  ptl_form_show_tls (self, tls_text);
  set_message (self->path_message, self->path_message_row, self->path_row,
               bad_path ? error->message : NULL, bad_path);
  set_message (self->local_port_message, self->local_port_message_row, self->local_port_row,
               local_port_text, FALSE);

  reason = spec == NULL ? dup_request (self, field, error)
                        : ptl_form_dup_summary (spec, tls_text != NULL);
  gtk_label_set_label (self->reason, reason);
  gtk_widget_set_sensitive (self->open_button, spec != NULL);
  gtk_widget_set_sensitive (self->save_button, spec != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->open_button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, reason,
                                  -1);
}

static gboolean
on_fill_cb (gpointer data)
{
  PtlSessionForm *self = data;
  GtkWidget *row = ptl_form_find_uri (self);
  g_autofree char *text = NULL;
  g_autoptr (PtlSpec) spec = NULL;
  bool pasted = self->pasted;

  self->fill_id = 0;
  if (row == NULL)
    return G_SOURCE_REMOVE;

  text = g_strstrip (g_strdup (get_text (row)));
  spec = ptl_spec_parse_uri (ptl_form_get_role (self), text, NULL, NULL);
  if (spec != NULL && ptl_spec_check (spec, NULL))
    {
      ptl_session_form_fill (self, spec);
      if (pasted)
        gtk_widget_grab_focus (GTK_WIDGET (self));
    }
  return G_SOURCE_REMOVE;
}

/* A URI in a field is meant for the whole form: at once where it was pasted, else when the user
 * leaves the field, as the beginning of one that is being typed may be one as well.  An entry does
 * not bear being set within its own signal, so that happens just after it. */
static void
look_for_uri (PtlSessionForm *self)
{
  if (self->fill_id == 0 && ptl_form_find_uri (self) != NULL)
    self->fill_id = g_idle_add (on_fill_cb, self);
}

static void
on_leave_cb (PtlSessionForm *self)
{
  self->pasted = false;
  look_for_uri (self);
}

static void
on_changed_cb (PtlSessionForm *self)
{
  if (self->filling)
    return;

  if (self->pasted)
    look_for_uri (self);
  ptl_form_update (self);
}

static void
on_insert_text_cb (GtkEditable    *editable,
                   char           *text,
                   int             length,
                   int            *position,
                   PtlSessionForm *self)
{
  self->pasted = g_utf8_strlen (text, length) > 1;
}

/* Where a URI may be put. */
static void
watch_for_uri (PtlSessionForm *self,
               GtkWidget      *row)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (gtk_editable_get_delegate (GTK_EDITABLE (row)), "insert-text",
                    G_CALLBACK (on_insert_text_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_leave_cb), self);
  gtk_widget_add_controller (row, focus);
}

static void
on_role_toggled_cb (GtkToggleButton *button,
                    gpointer         data)
{
  PtlSessionForm *self = data;

  if (self->filling || !gtk_toggle_button_get_active (button))
    return;

  ptl_form_follow_role (self);
  ptl_form_update (self);
}

static void
on_advanced_toggled_cb (PtlSessionForm *self)
{
  gboolean active = gtk_toggle_button_get_active (self->advanced_button);

  if (active)
    ensure_advanced (self);
  gtk_button_set_icon_name (GTK_BUTTON (self->advanced_button),
                            active ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->advanced_button),
                               active ? _("Hide Advanced Options") : _("Show Advanced Options"));
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->advanced_button),
                               GTK_ACCESSIBLE_STATE_EXPANDED, active,
                               -1);
}

static void
on_open_cb (PtlSessionForm *self)
{
  Field field;
  g_autoptr (PtlSpec) spec = ptl_form_build_spec (self, &field, NULL);

  if (spec == NULL)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }

  g_settings_set_enum (self->settings, "last-role", spec->role);
  g_settings_set_enum (self->settings, "last-transport", spec->transport);
  g_signal_emit (self, signals[OPEN], 0, spec);
}

/* --- saved and recent ----------------------------------------------------------------------- */

static void
on_save_shown_cb (PtlSessionForm *self)
{
  Field field;
  g_autoptr (PtlSpec) spec = ptl_form_build_spec (self, &field, NULL);
  g_autofree char *title = spec != NULL ? ptl_spec_to_title (spec) : g_strdup ("");

  gtk_editable_set_text (GTK_EDITABLE (self->save_name), title);
  gtk_widget_grab_focus (GTK_WIDGET (self->save_name));
}

static void
on_save_cb (PtlSessionForm *self)
{
  Field field;
  g_autoptr (PtlSpec) spec = ptl_form_build_spec (self, &field, NULL);

  gtk_popover_popdown (self->save_popover);
  if (spec == NULL)
    return;

  if (!ptl_saved_save (self->saved, spec, gtk_editable_get_text (GTK_EDITABLE (self->save_name))))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s",
                                _("Too many sessions are saved. Delete some first."));
}

static gboolean
on_scroll_to_top_cb (gpointer data)
{
  PtlSessionForm *self = data;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  self->scroll_id = 0;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_lower (adjustment));
  return G_SOURCE_REMOVE;
}

static void
on_saved_fill_cb (PtlSessionForm *self,
                  gpointer        spec)
{
  int double_click_ms = 400;

  ptl_session_form_fill (self, spec);

  /* To what was filled; but not from under the pointer while this may be half of a double click. */
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)),
                "gtk-double-click-time", &double_click_ms, NULL);
  g_clear_handle_id (&self->scroll_id, g_source_remove);
  self->scroll_id = g_timeout_add ((guint) double_click_ms + 50, on_scroll_to_top_cb, self);
}

static void
on_saved_open_cb (PtlSessionForm *self,
                  gpointer        spec)
{
  g_clear_handle_id (&self->scroll_id, g_source_remove);
  g_signal_emit (self, signals[OPEN], 0, spec);
}

/* --- life ----------------------------------------------------------------------------------- */

static gboolean
ptl_session_form_grab_focus (GtkWidget *widget)
{
  PtlSessionForm *self = PTL_SESSION_FORM (widget);

  if (is_unix (ptl_form_get_transport (self)))
    return gtk_widget_grab_focus (self->path_row);
  return gtk_widget_grab_focus (ptl_form_has_host_field (self) ? self->host_row : self->port_row);
}

/* Larger text needs a wider form. */
static void
on_text_size_cb (PtlSessionForm *self)
{
  int dpi = 0;
  int width;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);
  width = FORM_WIDTH * MAX (dpi, 96 * 1024) / (96 * 1024);
  adw_clamp_set_maximum_size (self->clamp, width);
  adw_clamp_set_tightening_threshold (self->clamp, width);
  adw_clamp_set_maximum_size (self->bar_clamp, width);
  adw_clamp_set_tightening_threshold (self->bar_clamp, width);
}

static void
ptl_session_form_root (GtkWidget *widget)
{
  PtlSessionForm *self = PTL_SESSION_FORM (widget);

  GTK_WIDGET_CLASS (ptl_session_form_parent_class)->root (widget);

  g_signal_connect_object (gtk_widget_get_settings (widget), "notify::gtk-xft-dpi",
                           G_CALLBACK (on_text_size_cb), self, G_CONNECT_SWAPPED);
  on_text_size_cb (self);
}

static void
ptl_session_form_unroot (GtkWidget *widget)
{
  g_signal_handlers_disconnect_by_func (gtk_widget_get_settings (widget), on_text_size_cb, widget);

  GTK_WIDGET_CLASS (ptl_session_form_parent_class)->unroot (widget);
}

static void
ptl_session_form_dispose (GObject *object)
{
  PtlSessionForm *self = PTL_SESSION_FORM (object);

  self->filling = TRUE;
  g_clear_handle_id (&self->scroll_id, g_source_remove);
  g_clear_handle_id (&self->fill_id, g_source_remove);
  if (self->service_cancellable != NULL)
    g_cancellable_cancel (self->service_cancellable);
  g_clear_object (&self->service_cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SESSION_FORM);
  g_clear_object (&self->settings);
  g_clear_object (&self->saved);

  G_OBJECT_CLASS (ptl_session_form_parent_class)->dispose (object);
}

static void
ptl_session_form_finalize (GObject *object)
{
  PtlSessionForm *self = PTL_SESSION_FORM (object);

  g_clear_pointer (&self->service_asked, g_free);
  g_clear_pointer (&self->service_answer, g_free);

  G_OBJECT_CLASS (ptl_session_form_parent_class)->finalize (object);
}

static void
ptl_session_form_class_init (PtlSessionFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_session_form_dispose;
  object_class->finalize = ptl_session_form_finalize;
  widget_class->grab_focus = ptl_session_form_grab_focus;
  ptl_tab_out_init_class (widget_class);
  widget_class->root = ptl_session_form_root;
  widget_class->unroot = ptl_session_form_unroot;

  signals[OPEN] =
    g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_POINTER);

  g_type_ensure (PTL_TYPE_ADVANCED_OPTIONS);
  g_type_ensure (PTL_TYPE_SAVED_LIST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-session-form.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, clamp);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, bar_clamp);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, welcome);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, welcome_icon);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, connect_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, listen_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, datagrams_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, role_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, transport_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, scope_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, family_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, scope_message_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, host_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, host_message_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, port_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, port_message_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, path_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, path_message_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, local_port_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, local_port_message_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, scope_message);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, host_message);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, port_message);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, tls_message_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, tls_message);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, path_message);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, local_port_message);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, advanced_row);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, advanced_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, advanced_bin);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, saved_list);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, reason);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, save_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, save_popover);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, save_name);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionForm, open_button);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_role_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_advanced_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_save_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_saved_fill_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_saved_open_cb);
}

static void
choose_role (PtlSessionForm *self,
             PtlRole         role)
{
  GtkToggleButton *buttons[] = {
    [PTL_ROLE_CONNECT] = self->connect_button,
    [PTL_ROLE_LISTEN] = self->listen_button,
    [PTL_ROLE_DATAGRAMS] = self->datagrams_button,
  };

  gtk_toggle_button_set_active (buttons[role], TRUE);
}

static void
ptl_session_form_init (PtlSessionForm *self)
{
  PtlRole role;

  self->has_ipv6 = ptl_form_has_ipv6_loopback ();
  self->filling = TRUE; /* the fields tell of changes while they are being made */
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_direction_set_fields (GTK_WIDGET (self->host_row));
  ptl_direction_set_fields (GTK_WIDGET (self->port_row));
  ptl_direction_set_fields (GTK_WIDGET (self->path_row));
  ptl_direction_set_fields (GTK_WIDGET (self->local_port_row));

  watch_for_uri (self, self->host_row);
  watch_for_uri (self, self->port_row);
  watch_for_uri (self, self->path_row);
  gtk_image_set_from_icon_name (self->welcome_icon, PTL_APPLICATION_ID);
  self->settings = g_settings_new ("org.portlight.Portlight");
  role = (PtlRole) g_settings_get_enum (self->settings, "last-role");
  choose_role (self, role);
  adw_combo_row_set_selected (self->transport_row,
                              (guint) g_settings_get_enum (self->settings, "last-transport"));
  self->filling = FALSE;
  on_role_toggled_cb (role == PTL_ROLE_DATAGRAMS ? self->datagrams_button
                      : role == PTL_ROLE_LISTEN ? self->listen_button : self->connect_button, self);
}

void
ptl_session_form_set_saved (PtlSessionForm *self,
                            PtlSaved       *saved)
{
  g_return_if_fail (PTL_IS_SESSION_FORM (self));
  g_return_if_fail (self->saved == NULL);

  self->saved = g_object_ref (saved);
  ptl_saved_list_set_saved (self->saved_list, saved);
}

void
ptl_session_form_set_welcome (PtlSessionForm *self,
                              gboolean        welcome)
{
  g_return_if_fail (PTL_IS_SESSION_FORM (self));

  gtk_widget_set_visible (self->welcome, welcome);
}

static Scope
get_scope (PtlSessionForm *self,
           const PtlSpec  *spec)
{
  const PtlEndpoint *endpoint = &spec->endpoints[0];
  bool any_port = endpoint->service == NULL && endpoint->port == 0;

  if (endpoint->host_kind == PTL_HOST_ANY)
    return SCOPE_ALL;
  if (g_str_equal (endpoint->host, ptl_form_get_loopback (self, spec->family, any_port)))
    return SCOPE_LOOPBACK;
  return SCOPE_ADDRESS;
}

static bool
has_several_hosts (const PtlSpec *spec)
{
  for (unsigned i = 1; i < spec->n_endpoints; i++)
    if (is_unix (spec->transport) ||
        !g_str_equal (spec->endpoints[i].host, spec->endpoints[0].host))
      return TRUE;
  return FALSE;
}

void
ptl_session_form_fill (PtlSessionForm *self,
                       const PtlSpec  *spec)
{
  const PtlEndpoint *endpoint;
  g_autoptr (GString) ports = g_string_new (NULL);

  g_return_if_fail (PTL_IS_SESSION_FORM (self));
  g_return_if_fail (spec != NULL && spec->n_endpoints > 0);

  self->filling = TRUE;
  self->transport_kept = false;
  endpoint = &spec->endpoints[0];
  choose_role (self, spec->role);
  adw_combo_row_set_selected (self->transport_row, spec->transport);
  adw_combo_row_set_selected (self->family_row, spec->family);
  if (has_several_hosts (spec))
    {
      /* More than the fields can say: the URI stays one. */
      g_autofree char *uri = ptl_spec_to_uri (spec);

      set_text (is_unix (spec->transport) ? self->path_row : self->port_row, uri);
    }
  else if (is_unix (spec->transport))
    {
      g_autofree char *path = ptl_endpoint_to_text (endpoint);

      set_text (self->path_row, path);
    }
  else
    {
      if (spec->role == PTL_ROLE_LISTEN)
        adw_combo_row_set_selected (self->scope_row, get_scope (self, spec));
      for (unsigned i = 0; i < spec->n_endpoints; i++)
        {
          if (i > 0)
            g_string_append (ports, ", ");
          if (spec->endpoints[i].service != NULL)
            g_string_append (ports, spec->endpoints[i].service);
          else if (spec->endpoints[i].port != 0 || spec->role == PTL_ROLE_LISTEN)
            g_string_append_printf (ports, "%u", spec->endpoints[i].port);
        }
      set_text (self->host_row, endpoint->host);
      set_text (self->port_row, ports->str);
    }
  ensure_advanced (self);
  ptl_advanced_options_fill (self->advanced, spec);
  self->filling = FALSE;

  ptl_advanced_options_set_kind (self->advanced, spec->role, spec->transport);
  if (ptl_advanced_options_get_n_set (self->advanced) > 0)
    gtk_toggle_button_set_active (self->advanced_button, TRUE);
  ptl_form_update (self);
}
