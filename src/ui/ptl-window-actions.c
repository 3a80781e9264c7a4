/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The actions of the window, and the panes that they make. */
#include "config.h"

#include "ui/ptl-window-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-copy-as.h"
#include "ui/ptl-copy-program.h"

/* Names of win.copy-as, in the order of PtlCopyAs. */
static const char *const copy_as_names[] = { "python", "c", "ncat", "socat", "uri" };

void
ptl_window_update_actions (PtlWindow *self)
{
  static const char *const on_session[] = {
    "win.open-again", "win.edit-session", "win.save-session", "win.remove-session", "win.copy-as",
  };
  GtkWidget *widget = GTK_WIDGET (self);
  PtlSession *session = self->selected;

  for (size_t i = 0; i < G_N_ELEMENTS (on_session); i++)
    gtk_widget_action_set_enabled (widget, on_session[i], session != NULL);
  gtk_widget_action_set_enabled (widget, "win.stop-session",
                                 session != NULL && ptl_session_is_live (session));
}

void
ptl_window_update_selected (PtlWindow *self)
{
  PtlSession *session = ptl_sockets_pane_get_selected (self->sockets);

  if (session != self->selected)
    {
      if (self->selected != NULL)
        g_clear_signal_handler (&self->live_id, self->selected);
      g_set_object (&self->selected, session);
      if (session != NULL)
        self->live_id = g_signal_connect_swapped (session, "notify::live",
                                                  G_CALLBACK (ptl_window_update_actions), self);
    }
  ptl_window_update_actions (self);
}

static void
on_toast_action_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  ptl_window_add_toast_text (PTL_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
copy_text (PtlWindow  *self,
           const char *text,
           const char *told)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  ptl_window_add_toast_text (self, told);
}

static void
on_copy_text_cb (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  copy_text (PTL_WINDOW (widget), g_variant_get_string (parameter, NULL), _("Copied"));
}

void
ptl_window_show_sockets (PtlWindow *self)
{
  adw_view_stack_set_visible_child_name (self->panes, "sockets");
}

static void
on_new_session_cb (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  ptl_window_show_sockets (PTL_WINDOW (widget));
  ptl_sockets_pane_show_form (PTL_WINDOW (widget)->sockets, NULL);
}

static void
add_pane (PtlWindow *self,
          AdwBin    *bin,
          GtkWidget *pane)
{
  g_object_bind_property (self->bin, "narrow", pane, "narrow", G_BINDING_SYNC_CREATE);
  adw_bin_set_child (bin, pane);
}

void
ptl_window_ensure_pane (PtlWindow *self)
{
  const char *name = adw_view_stack_get_visible_child_name (self->panes);

  if (g_strcmp0 (name, "lookup") == 0 && self->lookup == NULL)
    {
      self->lookup = g_object_new (PTL_TYPE_LOOKUP_PANE, NULL);
      add_pane (self, self->lookup_bin, GTK_WIDGET (self->lookup));
    }
  if (g_strcmp0 (name, "diagnose") == 0 && self->diagnose == NULL)
    {
      self->diagnose = ptl_pages_pane_new (ptl_diagnose_pages (), _("What to diagnose"),
                                           "diagnose-page");
      add_pane (self, self->diagnose_bin, GTK_WIDGET (self->diagnose));
    }
  if (g_strcmp0 (name, "computer") == 0 && self->computer == NULL)
    {
      self->computer = ptl_pages_pane_new (ptl_computer_pages (), _("What to see of this computer"),
                                           "computer-page");
      ptl_pages_pane_set_report (
        self->computer,
        _("The report has the names and addresses of this computer, its routes and name servers, "
          "its open sockets with the programs and users they belong to, and what the self-test "
          "found. Read it before you give it away; nothing is sent by itself."),
        "this-computer");
      add_pane (self, self->computer_bin, GTK_WIDGET (self->computer));
    }
  if (g_strcmp0 (name, "reference") == 0 && self->reference == NULL)
    {
      self->reference = g_object_new (PTL_TYPE_REFERENCE_PANE, NULL);
      add_pane (self, self->reference_bin, GTK_WIDGET (self->reference));
    }
}

static void
on_reference_cb (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  adw_view_stack_set_visible_child_name (self->panes, "reference");
  ptl_window_ensure_pane (self);
  ptl_reference_pane_show (self->reference, g_variant_get_string (parameter, NULL));
}

static void
on_computer_cb (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  adw_view_stack_set_visible_child_name (self->panes, "computer");
  ptl_window_ensure_pane (self);
  ptl_pages_pane_show (self->computer, g_variant_get_string (parameter, NULL));
}

/* Who is using port 8080? */
static void
on_find_port_cb (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  gtk_widget_activate_action (widget, "win.computer", "s", "sockets");
  gtk_widget_grab_focus (GTK_WIDGET (self->computer));
}

static void
on_diagnose_cb (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  adw_view_stack_set_visible_child_name (self->panes, "diagnose");
  ptl_window_ensure_pane (self);
  ptl_pages_pane_show (self->diagnose, g_variant_get_string (parameter, NULL));
}

static void
on_pane_action_cb (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  adw_view_stack_set_visible_child_name (PTL_WINDOW (widget)->panes,
                                         g_variant_get_string (parameter, NULL));
}

static void
on_back_cb (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  ptl_sockets_pane_go_back (PTL_WINDOW (widget)->sockets);
}

/* The spec of "host", "host:port", "udp://host:port", or of the URI of a Unix or vsock socket; a
 * host may be called "unix". */
static PtlSpec *
parse_target (const char  *target,
              GError     **error)
{
  gboolean udp = g_str_has_prefix (target, "udp://");
  const char *colon = strchr (target, ':');
  g_auto (PtlEndpoint) endpoint = { 0 };
  PtlSpec *spec;

  if (g_str_has_prefix (target, "vsock://")
      || (g_str_has_prefix (target, "unix") && colon != NULL && colon[1] != '\0'
          && strchr ("/@.", colon[1]) != NULL))
    return ptl_spec_parse_uri (g_str_has_prefix (target, "unix+dgram:") ? PTL_ROLE_DATAGRAMS
                                                                        : PTL_ROLE_CONNECT,
                               target, NULL, error);
  if (!ptl_endpoint_parse (&endpoint, udp ? target + strlen ("udp://") : target, "http", NULL,
                           error))
    return NULL;
  spec = ptl_spec_new (PTL_ROLE_CONNECT, udp ? PTL_TRANSPORT_UDP : PTL_TRANSPORT_TCP);
  ptl_spec_take_endpoint (spec, &endpoint);
  return spec;
}

/* Takes it into the form for a new session. */
static void
on_connect_form_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlSpec) spec = parse_target (g_variant_get_string (parameter, NULL), &error);

  if (spec == NULL)
    {
      ptl_window_add_toast_text (self, error->message);
      return;
    }
  adw_view_stack_set_visible_child_name (self->panes, "sockets");
  ptl_sockets_pane_show_form (self->sockets, spec);
}

static void
on_look_up_cb (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  adw_view_stack_set_visible_child_name (self->panes, "lookup");
  ptl_window_ensure_pane (self);
  ptl_lookup_pane_look_up (self->lookup, g_variant_get_string (parameter, NULL));
}

static void
on_menu_cb (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  gtk_menu_button_popup (PTL_WINDOW (widget)->menu_button);
}

static void
on_step_session_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  ptl_sockets_pane_step (PTL_WINDOW (widget)->sockets,
                         g_str_equal (name, "win.next-session") ? 1 : -1);
}

static void
on_stop_session_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  if (self->selected != NULL)
    ptl_session_stop (self->selected);
}

static void
on_open_again_cb (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  if (self->selected != NULL)
    ptl_window_open_spec (self, ptl_session_get_spec (self->selected));
}

static void
on_edit_session_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  if (self->selected != NULL)
    ptl_sockets_pane_show_form (self->sockets, ptl_session_get_spec (self->selected));
}

static void
on_save_session_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  if (self->selected == NULL)
    return;

  if (ptl_saved_save (self->saved, ptl_session_get_spec (self->selected), ""))
    ptl_window_add_toast_text (self, _("Session saved"));
  else
    ptl_window_add_toast_text (self, _("Too many sessions are saved. Delete some first."));
}

static void
on_remove_session_cb (GtkWidget  *widget,
                      const char *name,
                      GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);

  if (self->selected != NULL)
    ptl_sockets_pane_remove (self->sockets, self->selected);
}

static void
on_copy_as_cb (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  PtlWindow *self = PTL_WINDOW (widget);
  const char *wanted = g_variant_get_string (parameter, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (copy_as_names); i++)
    if (g_str_equal (wanted, copy_as_names[i]) && self->selected != NULL)
      ptl_copy_program (adw_toast_overlay_get_child (ptl_window_get_toasts (self)), self->selected,
                        (PtlCopyAs) i);
}

void
ptl_window_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.toast", "s", on_toast_action_cb);
  gtk_widget_class_install_action (widget_class, "win.copy-text", "s", on_copy_text_cb);
  gtk_widget_class_install_action (widget_class, "win.reference", "s", on_reference_cb);
  gtk_widget_class_install_action (widget_class, "win.pane", "s", on_pane_action_cb);
  gtk_widget_class_install_action (widget_class, "win.computer", "s", on_computer_cb);
  gtk_widget_class_install_action (widget_class, "win.find-port", NULL, on_find_port_cb);
  gtk_widget_class_install_action (widget_class, "win.diagnose", "s", on_diagnose_cb);
  gtk_widget_class_install_action (widget_class, "win.new-session", NULL, on_new_session_cb);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, on_back_cb);
  gtk_widget_class_install_action (widget_class, "win.connect-form", "s", on_connect_form_cb);
  gtk_widget_class_install_action (widget_class, "win.look-up", "s", on_look_up_cb);
  gtk_widget_class_install_action (widget_class, "win.menu", NULL, on_menu_cb);
  gtk_widget_class_install_action (widget_class, "win.previous-session", NULL, on_step_session_cb);
  gtk_widget_class_install_action (widget_class, "win.next-session", NULL, on_step_session_cb);
  gtk_widget_class_install_action (widget_class, "win.stop-session", NULL, on_stop_session_cb);
  gtk_widget_class_install_action (widget_class, "win.open-again", NULL, on_open_again_cb);
  gtk_widget_class_install_action (widget_class, "win.edit-session", NULL, on_edit_session_cb);
  gtk_widget_class_install_action (widget_class, "win.save-session", NULL, on_save_session_cb);
  gtk_widget_class_install_action (widget_class, "win.remove-session", NULL, on_remove_session_cb);
  gtk_widget_class_install_action (widget_class, "win.copy-as", "s", on_copy_as_cb);
}
