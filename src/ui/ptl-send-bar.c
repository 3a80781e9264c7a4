/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed, or a file, to one peer or to all of them. */
#include "config.h"

#include "ui/ptl-send-bar-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "ui/ptl-dialogs.h"
#include "ui/ptl-direction.h"

G_DEFINE_FINAL_TYPE (PtlSendBar, ptl_send_bar, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_NARROW,
  PROP_MODE,
  PROP_LINE_ENDING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const char *const line_end_nicks[PTL_N_LINE_ENDS] = { "none", "lf", "cr", "crlf", "nul" };

const char *
ptl_send_bar_get_mode (PtlSendBar *self)
{
  g_autoptr (GVariant) state =
    g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "mode");

  return g_variant_get_string (state, NULL);
}

static guint
get_n_open_peers (PtlSendBar *self)
{
  guint n = 0;

  if (self->session != NULL)
    g_object_get (self->session, "n-open-peers", &n, NULL);
  return n;
}

bool
ptl_send_bar_is_datagram (PtlSendBar *self)
{
  return self->session != NULL && ptl_spec_is_datagram (ptl_session_get_spec (self->session));
}

void
ptl_send_bar_update_sensitivity (PtlSendBar *self)
{
  bool live = self->session != NULL && ptl_session_is_live (self->session);
  bool datagram = ptl_send_bar_is_datagram (self);
  const PtlSpec *spec = self->session != NULL ? ptl_session_get_spec (self->session) : NULL;
  bool is_file = g_str_equal (ptl_send_bar_get_mode (self), "file");
  bool any = get_n_open_peers (self) > 0 || self->state->address != NULL ||
             (spec != NULL && spec->role == PTL_ROLE_DATAGRAMS);
  const char *reason = NULL, *placeholder, *tooltip;
  GActionMap *map = G_ACTION_MAP (self->actions);
  bool connected = live && !datagram && get_n_open_peers (self) > 0;

  if (!live)
    reason = _("The session is over, nothing can be sent");
  else if (!any && spec->role == PTL_ROLE_CONNECT)
    reason = _("Not connected");
  else if (!any)
    reason = datagram ? _("Nobody has sent anything yet") : _("No peer is connected");
  placeholder = reason != NULL ? reason : _("Message");
  tooltip = reason != NULL ? reason : _("Send (Enter)");
  /* Each lays the window out, or asks the display server: not for nothing. */
  if (g_strcmp0 (gtk_entry_get_placeholder_text (self->entry), placeholder) != 0)
    gtk_entry_set_placeholder_text (self->entry, placeholder);
  if (g_strcmp0 (gtk_widget_get_tooltip_text (self->send_button), tooltip) != 0)
    gtk_widget_set_tooltip_text (self->send_button, tooltip);
  gtk_widget_set_sensitive (self->send_button,
                            live && any && (!is_file || self->state->file != NULL));
  gtk_widget_set_sensitive (GTK_WIDGET (self->entry), live);
  gtk_widget_set_sensitive (self->file_button, live);
  gtk_widget_set_sensitive (self->mode_box, live);
  gtk_widget_set_sensitive (self->file_toggle, !datagram);
  gtk_widget_set_sensitive (GTK_WIDGET (self->line_end_drop_down),
                            live && g_str_equal (ptl_send_bar_get_mode (self), "text"));
  gtk_widget_set_sensitive (self->target_button, live);
  gtk_widget_set_visible (self->target_button,
                          spec == NULL || datagram || spec->role == PTL_ROLE_LISTEN);
  gtk_widget_set_visible (self->address_box, spec != NULL && spec->role == PTL_ROLE_DATAGRAMS);
  gtk_widget_set_visible (self->end_button, !datagram);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "end-input")),
                               connected);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "close")),
                               connected);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "reset")),
                               connected);
  gtk_button_set_label (self->all_button, ptl_send_bar_get_all_text (self));
}

static void
on_n_open_peers_cb (PtlSendBar *self)
{
  ptl_send_bar_update_sensitivity (self);
}

/* Sending */

static void
add_pending (PtlSendBar *self,
             guint64     tag,
             guint       n_targets)
{
  ptl_send_state_add (self->state, tag, n_targets);
  ptl_send_bar_set_status (self, NULL, false);
}

static guint
count_targets (PtlSendBar *self)
{
  if (self->state->target != PTL_PEER_NONE || self->state->address != NULL ||
      ptl_session_get_spec (self->session)->role != PTL_ROLE_LISTEN)
    return 1;
  return MAX (1, get_n_open_peers (self));
}

static void
send_file (PtlSendBar *self)
{
  guint64 tag;

  if (self->state->file == NULL)
    return;
  tag = ptl_session_send_file (self->session, self->state->target, self->state->file);
  if (tag != 0)
    add_pending (self, tag, count_targets (self));
}

static void
on_send_cb (PtlSendBar *self)
{
  const char *mode = ptl_send_bar_get_mode (self);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  bool is_hex = g_str_equal (mode, "hex");
  g_autofree uint8_t *bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlBlob) blob = NULL;
  const uint8_t *end_bytes = NULL;
  size_t len = 0;
  size_t end_len = 0;
  size_t at = 0;
  guint64 tag;

  if (self->session == NULL || !gtk_widget_get_sensitive (self->send_button))
    {
      ptl_send_bar_set_status (self, gtk_widget_get_tooltip_text (self->send_button), true);
      return;
    }
  if (g_str_equal (mode, "file"))
    {
      send_file (self);
      return;
    }

  bytes = is_hex ? ptl_codec_parse_hex (text, &len, &at, &error)
                 : ptl_codec_parse_text (text, &len, &at, &error);
  if (bytes == NULL)
    {
      ptl_send_bar_set_input_error (self, error->message, (gssize) at);
      return;
    }
  if (!is_hex)
    end_bytes =
      ptl_line_end_get_bytes (gtk_drop_down_get_selected (self->line_end_drop_down), &end_len);
  if (len + end_len == 0 && !ptl_send_bar_is_datagram (self))
    {
      ptl_send_bar_set_status (self, _("There is nothing to send"), true);
      return;
    }
  blob = ptl_blob_new (NULL, len + end_len);
  if (len > 0)
    memcpy (blob->data, bytes, len);
  if (end_len > 0)
    memcpy (blob->data + len, end_bytes, end_len);

  if (self->state->address != NULL)
    {
      g_auto (PtlEndpoint) endpoint = { 0 };

      if (!ptl_send_bar_parse_address (self, self->state->address, &endpoint, &error))
        {
          ptl_send_bar_set_status (self, error->message, true);
          return;
        }
      tag = ptl_session_send_to (self->session, &endpoint, blob, &error);
    }
  else
    tag = ptl_session_send (self->session, self->state->target, blob, &error);
  if (tag == 0)
    {
      ptl_send_bar_set_status (self, error != NULL ? error->message : _("Nothing was sent"), true);
      return;
    }
  add_pending (self, tag, count_targets (self));
  ptl_send_bar_remember (self, mode, text);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
update_file (PtlSendBar *self)
{
  g_autofree char *name = NULL;
  g_autofree char *safe = NULL;

  if (self->state->file != NULL)
    {
      name = g_file_get_basename (self->state->file);
      safe = ptl_codec_preview ((const uint8_t *) name, strlen (name), 200);
    }
  gtk_label_set_text (self->file_label, safe != NULL ? safe : _("Choose a File…"));
}

typedef struct
{
  PtlSendBar *bar;
  PtlSession *session; /* that the file is for; the bar may show another one by then */
} Choice;

static void
on_file_chosen_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  Choice *choice = data;
  g_autoptr (PtlSendBar) self = choice->bar;
  g_autoptr (PtlSession) session = choice->session;
  PtlSendState *state = ptl_send_state_get (session);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = ptl_dialogs_file_finish (result, &error);

  g_free (choice);
  if (error != NULL)
    ptl_send_state_say (state, error->message, true);
  if (file != NULL)
    g_set_object (&state->file, file);
  if (state != self->state)
    return;
  update_file (self);
  ptl_send_bar_update_status (self);
  ptl_send_bar_update_sensitivity (self);
}

static void
on_file_cb (PtlSendBar *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  Choice *choice;

  if (self->session == NULL)
    return;
  choice = g_new (Choice, 1);
  *choice = (Choice) { g_object_ref (self), g_object_ref (self->session) };
  ptl_dialogs_open_file_async (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, _("Send a File"),
                               on_file_chosen_cb, choice);
}

/* Actions */

static void
on_mode_cb (GSimpleAction *action,
            GVariant      *value,
            gpointer       data)
{
  PtlSendBar *self = PTL_SEND_BAR (data);
  const char *mode = g_variant_get_string (value, NULL);
  bool is_file = g_str_equal (mode, "file");

  if (!is_file && !g_str_equal (mode, "text") && !g_str_equal (mode, "hex"))
    return;
  g_simple_action_set_state (action, value);
  gtk_stack_set_visible_child_name (self->stack, is_file ? "file" : "entry");
  ptl_send_bar_clear_input_error (self);
  ptl_send_bar_update_sensitivity (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
}

static void
on_end_input_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlSendBar *self = PTL_SEND_BAR (data);

  ptl_session_end_input (self->session, self->state->target);
}

static void
on_close_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PtlSendBar *self = PTL_SEND_BAR (data);

  ptl_session_close_peer (self->session, self->state->target, false);
}

static void
on_reset_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PtlSendBar *self = PTL_SEND_BAR (data);

  ptl_session_close_peer (self->session, self->state->target, true);
}

static void
on_line_end_cb (PtlSendBar *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LINE_ENDING]);
}

static void
keep_draft (PtlSendBar *self)
{
  PtlSendState *state = self->state;

  ptl_send_bar_clear_input_error (self);
  g_free (state->text);
  g_free (state->mode);
  state->text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  state->mode = g_strdup (ptl_send_bar_get_mode (self));
  state->line_end = gtk_drop_down_get_selected (self->line_end_drop_down);
}

/* A session that was not shown yet is sent to the way the last one was. */
static void
put_draft (PtlSendBar *self)
{
  PtlSendState *state = self->state;

  if (state->mode != NULL)
    {
      g_object_set (self, "mode", state->mode, NULL);
      gtk_drop_down_set_selected (self->line_end_drop_down, state->line_end);
    }
  else if (ptl_send_bar_is_datagram (self) && g_str_equal (ptl_send_bar_get_mode (self), "file"))
    g_object_set (self, "mode", "text", NULL);
  ptl_send_bar_put_draft (self, state->text != NULL ? state->text : "");
  ptl_send_bar_update_address (self);
  update_file (self);
}

void
ptl_send_bar_set_session (PtlSendBar *self,
                          PtlSession *session)
{
  g_return_if_fail (PTL_IS_SEND_BAR (self));

  if (self->session == session)
    return;
  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->session, self);
      keep_draft (self);
    }
  self->state = session != NULL ? ptl_send_state_get (session) : self->nobody;
  g_set_object (&self->session, session);
  if (session != NULL)
    {
      g_signal_connect_swapped (session, "sent", G_CALLBACK (ptl_send_bar_update_status), self);
      g_signal_connect_swapped (session, "notify::n-open-peers", G_CALLBACK (on_n_open_peers_cb),
                                self);
      g_signal_connect_swapped (session, "notify::live",
                                G_CALLBACK (ptl_send_bar_update_sensitivity), self);
      g_signal_connect_swapped (session, "notify::state",
                                G_CALLBACK (ptl_send_bar_update_sensitivity), self);
    }
  put_draft (self);
  ptl_send_bar_update_status (self);
  ptl_send_bar_update_target (self);
  ptl_send_bar_update_sensitivity (self);
}

static void
move_to (GtkWidget *widget,
         GtkBox    *box,
         GtkWidget *after)
{
  g_object_ref (widget);
  gtk_box_remove (GTK_BOX (gtk_widget_get_parent (widget)), widget);
  if (after != NULL)
    gtk_box_insert_child_after (box, widget, after);
  else
    gtk_box_prepend (box, widget);
  g_object_unref (widget);
}

static void
set_narrow (PtlSendBar *self,
            gboolean    narrow)
{
  narrow = !!narrow;
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  if (narrow)
    {
      move_to (self->mode_box, self->narrow_box, NULL);
      move_to (GTK_WIDGET (self->line_end_drop_down), self->narrow_box, self->mode_box);
      move_to (self->target_button, self->narrow_box, GTK_WIDGET (self->line_end_drop_down));
    }
  else
    {
      move_to (self->mode_box, self->bar_box, NULL);
      move_to (GTK_WIDGET (self->line_end_drop_down), self->bar_box, GTK_WIDGET (self->stack));
      move_to (self->target_button, self->bar_box, GTK_WIDGET (self->line_end_drop_down));
    }
  gtk_label_set_max_width_chars (self->target_label, narrow ? 12 : 20);
  gtk_widget_set_visible (GTK_WIDGET (self->narrow_box), narrow);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

static void
ptl_send_bar_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  PtlSendBar *self = PTL_SEND_BAR (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    case PROP_MODE:
      g_value_set_string (value, ptl_send_bar_get_mode (self));
      break;

    case PROP_LINE_ENDING:
      g_value_set_string (value,
                          line_end_nicks[MIN (gtk_drop_down_get_selected (self->line_end_drop_down),
                                              PTL_N_LINE_ENDS - 1)]);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_send_bar_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  PtlSendBar *self = PTL_SEND_BAR (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;

    case PROP_MODE:
      if (g_strcmp0 (ptl_send_bar_get_mode (self), g_value_get_string (value)) != 0)
        g_action_group_change_action_state (G_ACTION_GROUP (self->actions), "mode",
                                            g_variant_new_string (g_value_get_string (value)));
      break;

    case PROP_LINE_ENDING:
      for (guint i = 0; i < PTL_N_LINE_ENDS; i++)
        if (g_strcmp0 (line_end_nicks[i], g_value_get_string (value)) == 0)
          gtk_drop_down_set_selected (self->line_end_drop_down, i);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_send_bar_dispose (GObject *object)
{
  PtlSendBar *self = PTL_SEND_BAR (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SEND_BAR);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->actions);
  self->state = self->nobody;
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_send_bar_parent_class)->dispose (object);
}

static void
ptl_send_bar_finalize (GObject *object)
{
  PtlSendBar *self = PTL_SEND_BAR (object);

  g_ptr_array_unref (self->history);
  ptl_send_state_free (self->nobody);
  g_free (self->typed);

  G_OBJECT_CLASS (ptl_send_bar_parent_class)->finalize (object);
}

static void
ptl_send_bar_class_init (PtlSendBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_send_bar_dispose;
  object_class->finalize = ptl_send_bar_finalize;
  object_class->get_property = ptl_send_bar_get_property;
  object_class->set_property = ptl_send_bar_set_property;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_MODE] =
    g_param_spec_string ("mode", NULL, NULL, "text",
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_LINE_ENDING] =
    g_param_spec_string ("line-ending", NULL, NULL, "lf",
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-send-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, status_box);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, status_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, narrow_box);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, bar_box);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, mode_box);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, file_toggle);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, file_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, file_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, line_end_drop_down);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, target_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, target_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, target_popover);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, all_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, target_scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, target_view);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, address_box);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, address_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, address_error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, send_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSendBar, end_button);
}

static void
ptl_send_bar_init (PtlSendBar *self)
{
  static const GActionEntry entries[] = {
    { .name = "mode", .parameter_type = "s", .state = "'text'", .change_state = on_mode_cb },
    { .name = "end-input", .activate = on_end_input_cb },
    { .name = "close", .activate = on_close_cb },
    { .name = "reset", .activate = on_reset_cb },
  };

  self->state = self->nobody = ptl_send_state_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_direction_set_fields (GTK_WIDGET (self->address_entry));

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "send", G_ACTION_GROUP (self->actions));
  ptl_send_bar_init_target (self);
  ptl_send_bar_init_entry (self);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (ptl_send_bar_clear_input_error),
                            self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_send_cb), self);
  g_signal_connect_swapped (self->send_button, "clicked", G_CALLBACK (on_send_cb), self);
  g_signal_connect_swapped (self->cancel_button, "clicked", G_CALLBACK (ptl_send_bar_cancel), self);
  g_signal_connect_swapped (self->file_button, "clicked", G_CALLBACK (on_file_cb), self);
  g_signal_connect_swapped (self->line_end_drop_down, "notify::selected",
                            G_CALLBACK (on_line_end_cb), self);
  gtk_drop_down_set_selected (self->line_end_drop_down, PTL_LINE_END_LF);
  ptl_send_bar_update_target (self);
  ptl_send_bar_update_sensitivity (self);
}

void
ptl_send_bar_put (PtlSendBar *self,
                  const char *escaped)
{
  PtlLineEnd line_end;
  size_t len;
  g_autofree char *text = NULL;

  g_return_if_fail (PTL_IS_SEND_BAR (self));
  g_return_if_fail (escaped != NULL);

  line_end = ptl_line_end_split (escaped, &len);
  text = g_strndup (escaped, len);
  g_object_set (self, "mode", "text", NULL);
  gtk_drop_down_set_selected (self->line_end_drop_down, line_end);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  ptl_send_bar_focus (self);
}

void
ptl_send_bar_focus (PtlSendBar *self)
{
  g_return_if_fail (PTL_IS_SEND_BAR (self));

  if (g_str_equal (ptl_send_bar_get_mode (self), "file"))
    gtk_widget_grab_focus (self->file_button);
  else
    gtk_entry_grab_focus_without_selecting (self->entry);
}
