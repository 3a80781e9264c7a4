/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed, or a file, to one peer or to all of them. */
#include "config.h"

#include "ui/ptl-send-bar.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "ui/ptl-dialogs.h"


typedef struct
{
  guint   n_targets;
  bool    is_file;
  guint64 sent;
  guint64 total;
} Pending;

typedef struct
{
  char *mode; /* owned */
  char *text; /* owned */
} Said;

struct _PtlSendBar
{
  GtkWidget           parent_instance;

  GtkWidget          *status_box;
  GtkLabel           *status_label;
  GtkProgressBar     *progress_bar;
  GtkWidget          *cancel_button;
  GtkBox             *narrow_box;
  GtkBox             *bar_box;
  GtkWidget          *mode_box;
  GtkWidget          *file_toggle;
  GtkStack           *stack;
  GtkEntry           *entry;
  GtkWidget          *file_button;
  GtkLabel           *file_label;
  GtkDropDown        *line_end_drop_down;
  GtkWidget          *target_button;
  GtkLabel           *target_label;
  GtkPopover         *target_popover;
  GtkButton          *all_button;
  GtkWidget          *target_scroller;
  GtkListView        *target_view;
  GtkWidget          *address_box;
  GtkEntry           *address_entry;
  GtkLabel           *address_error_label;
  GtkWidget          *send_button;
  GtkWidget          *end_button;

  PtlSession         *session; /* owned, or NULL */
  GSimpleActionGroup *actions; /* owned */
  guint32             target;  /* PTL_PEER_NONE: all, or the default one */
  char               *address; /* owned; a typed target, or NULL */
  GFile              *file;    /* owned, or NULL */
  GHashTable         *pending; /* guint64 tag -> Pending */
  GPtrArray          *history; /* of Said, the newest last */
  guint               history_at; /* history->len: what is being typed */
  char               *typed;   /* owned; what was typed before going up the history */
  bool                converting;
  gboolean            narrow;
};

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

static void
said_free (Said *said)
{
  g_free (said->mode);
  g_free (said->text);
  g_free (said);
}

static const char *
get_mode (PtlSendBar *self)
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

static bool
is_datagram (PtlSendBar *self)
{
  return self->session != NULL && ptl_spec_is_datagram (ptl_session_get_spec (self->session));
}

/* Status */

static void
set_status (PtlSendBar *self,
            const char *text,
            bool        is_error)
{
  bool busy = g_hash_table_size (self->pending) > 0 && gtk_widget_get_visible (self->cancel_button);

  gtk_label_set_text (self->status_label, text != NULL ? text : "");
  if (is_error)
    gtk_widget_add_css_class (GTK_WIDGET (self->status_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->status_label), "error");
  gtk_widget_set_visible (self->status_box, busy || (text != NULL && *text != '\0'));
}

static void
set_input_error (PtlSendBar *self,
                 const char *message,
                 gssize      at)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry),
                               GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE, -1);
  set_status (self, message, true);
  if (at >= 0 && (gsize) at <= strlen (text))
    {
      int position = (int) g_utf8_pointer_to_offset (text, text + at);

      gtk_widget_grab_focus (GTK_WIDGET (self->entry));
      gtk_editable_select_region (GTK_EDITABLE (self->entry), position, position + 1);
    }
}

static void
clear_input_error (PtlSendBar *self)
{
  if (!gtk_widget_has_css_class (GTK_WIDGET (self->entry), "error"))
    return;
  gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_reset_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID);
  set_status (self, NULL, false);
}

static void
update_progress (PtlSendBar *self)
{
  GHashTableIter iter;
  gpointer value;
  guint64 sent = 0;
  guint64 total = 0;
  bool shown;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Pending *pending = value;

      sent += pending->sent;
      total += pending->total;
    }
  /* What a peer does not take at once is worth a bar and a way out, whatever its size. */
  shown = g_hash_table_size (self->pending) > 0 && total > 0;
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), shown);
  gtk_widget_set_visible (self->cancel_button, shown);
  if (shown)
    {
      g_autofree char *so_far = g_format_size (sent);
      g_autofree char *all = g_format_size (total);
      g_autofree char *text = g_strdup_printf (_("%s of %s sent"), so_far, all);

      gtk_progress_bar_set_fraction (self->progress_bar, MIN (1, (double) sent / (double) total));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress_bar),
                                      GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
      set_status (self, text, false);
    }
}

static void
on_sent_cb (PtlSendBar *self,
            guint64     tag,
            gboolean    done,
            guint64     sent,
            guint64     total,
            const char *problem)
{
  Pending *pending = g_hash_table_lookup (self->pending, &tag);
  g_autofree char *text = NULL;
  guint n_targets;

  if (pending == NULL)
    return;
  pending->sent = sent;
  pending->total = total;
  n_targets = pending->n_targets;
  if (!done)
    {
      update_progress (self);
      return;
    }
  g_hash_table_remove (self->pending, &tag);
  update_progress (self);
  if (problem != NULL)
    {
      set_status (self, problem, true);
      return;
    }
  if (n_targets > 1)
    {
      gulong each = (gulong) (sent / n_targets);
      /* Translators: "14 bytes" is put together before this */
      g_autofree char *bytes = g_strdup_printf (ngettext ("%'lu byte", "%'lu bytes", each), each);

      text = g_strdup_printf (ngettext ("%s sent to %u peer", "%s sent to %u peers", n_targets), bytes,
                              n_targets);
    }
  else
    text = g_strdup_printf (ngettext ("%'lu byte sent", "%'lu bytes sent", (gulong) sent), (gulong) sent);
  if (g_hash_table_size (self->pending) == 0)
    set_status (self, text, false);
}

static void
on_cancel_cb (PtlSendBar *self)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    ptl_session_cancel_send (self->session, *(guint64 *) key);
  g_hash_table_remove_all (self->pending);
  update_progress (self);
  set_status (self, _("Sending was cancelled"), false);
}

/* Who gets it */

static const char *
get_all_text (PtlSendBar *self)
{
  if (self->session != NULL && ptl_session_get_spec (self->session)->role == PTL_ROLE_DATAGRAMS)
    return _("Default target");
  return is_datagram (self) ? _("All sources") : _("All peers");
}

static void
update_target (PtlSendBar *self)
{
  g_autofree char *text = NULL;

  if (self->address != NULL)
    text = g_strdup (self->address);
  else if (self->target != PTL_PEER_NONE && self->session != NULL)
    {
      g_autoptr (PtlPeer) peer = ptl_peer_list_find (ptl_session_get_peers (self->session), self->target);

      text = peer != NULL ? ptl_peer_dup_address (peer) : g_strdup_printf ("#%u", self->target);
    }
  else
    text = g_strdup (get_all_text (self));
  gtk_label_set_text (self->target_label, text);
}

static void
update_sensitivity (PtlSendBar *self)
{
  bool live = self->session != NULL && ptl_session_is_live (self->session);
  bool datagram = is_datagram (self);
  const PtlSpec *spec = self->session != NULL ? ptl_session_get_spec (self->session) : NULL;
  bool is_file = g_str_equal (get_mode (self), "file");
  bool any = get_n_open_peers (self) > 0 || self->address != NULL ||
             (spec != NULL && spec->role == PTL_ROLE_DATAGRAMS);
  const char *reason = NULL;
  GActionMap *map = G_ACTION_MAP (self->actions);
  bool connected = live && !datagram && get_n_open_peers (self) > 0;

  if (!live)
    reason = _("The session is over, nothing can be sent");
  else if (!any && spec->role == PTL_ROLE_CONNECT)
    reason = _("Not connected");
  else if (!any)
    reason = datagram ? _("Nobody has sent anything yet") : _("No peer is connected");
  gtk_entry_set_placeholder_text (self->entry, reason != NULL ? reason : _("Message"));
  gtk_widget_set_tooltip_text (self->send_button, reason != NULL ? reason : _("Send (Enter)"));
  gtk_widget_set_sensitive (self->send_button, live && any && (!is_file || self->file != NULL));
  gtk_widget_set_sensitive (GTK_WIDGET (self->entry), live);
  gtk_widget_set_sensitive (self->file_button, live);
  gtk_widget_set_sensitive (self->mode_box, live);
  gtk_widget_set_sensitive (self->file_toggle, !datagram);
  gtk_widget_set_sensitive (GTK_WIDGET (self->line_end_drop_down),
                            live && g_str_equal (get_mode (self), "text"));
  gtk_widget_set_sensitive (self->target_button, live);
  gtk_widget_set_visible (self->target_button,
                          spec == NULL || datagram || spec->role == PTL_ROLE_LISTEN);
  gtk_widget_set_visible (self->address_box, spec != NULL && spec->role == PTL_ROLE_DATAGRAMS);
  gtk_widget_set_visible (self->end_button, !datagram);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "end-input")), connected);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "close")), connected);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "reset")), connected);
  gtk_button_set_label (self->all_button, get_all_text (self));
}

static void
on_n_open_peers_cb (PtlSendBar *self)
{
  update_sensitivity (self);
}

static void
take_address (PtlSendBar *self,
              char       *address)
{
  g_free (self->address);
  self->address = address;
  gtk_popover_popdown (self->target_popover);
  update_target (self);
  update_sensitivity (self);
}

void
ptl_send_bar_set_target (PtlSendBar *self,
                         guint32     peer)
{
  g_return_if_fail (PTL_IS_SEND_BAR (self));

  self->target = peer;
  take_address (self, NULL);
}

static void
on_all_cb (PtlSendBar *self)
{
  ptl_send_bar_set_target (self, PTL_PEER_NONE);
}

static void
on_target_activate_cb (PtlSendBar *self,
                       guint       position)
{
  GListModel *model = G_LIST_MODEL (gtk_list_view_get_model (self->target_view));
  g_autoptr (PtlPeer) peer = g_list_model_get_item (model, position);

  if (peer != NULL)
    ptl_send_bar_set_target (self, ptl_peer_get_number (peer));
}

static void
on_address_cb (PtlSendBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->address_entry));
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autoptr (GError) error = NULL;
  bool right = ptl_endpoint_parse (&endpoint, text, NULL, NULL, &error);

  gtk_widget_set_visible (GTK_WIDGET (self->address_error_label), !right);
  if (right)
    {
      take_address (self, g_strstrip (g_strdup (text)));
      return;
    }
  gtk_label_set_text (self->address_error_label, error->message);
}

static void
on_target_setup_cb (GtkSignalListItemFactory *factory,
                    GtkListItem              *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
on_target_bind_cb (GtkSignalListItemFactory *factory,
                   GtkListItem              *item)
{
  PtlPeer *peer = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  g_autofree char *address = ptl_peer_dup_address (peer);
  g_autofree char *text = g_strdup_printf ("#%u  %s", ptl_peer_get_number (peer), address);
  gboolean open = FALSE;

  g_object_get (peer, "open", &open, NULL);
  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_list_item_set_activatable (item, open);
  if (open)
    gtk_widget_remove_css_class (label, "dim-label");
  else
    gtk_widget_add_css_class (label, "dim-label");
}

/* The list of peers costs nothing while it is not looked at. */
static void
on_target_popover_cb (PtlSendBar *self)
{
  bool shown = gtk_widget_get_visible (GTK_WIDGET (self->target_popover));
  g_autoptr (GtkNoSelection) model = NULL;

  if (shown && self->session != NULL)
    model = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (ptl_session_get_peers (self->session))));
  gtk_list_view_set_model (self->target_view, GTK_SELECTION_MODEL (model));
  gtk_widget_set_visible (self->target_scroller,
                          model != NULL && g_list_model_get_n_items (G_LIST_MODEL (model)) > 0);
}

/* Sending */

static void
remember (PtlSendBar *self,
          const char *mode,
          const char *text)
{
  Said *last = self->history->len > 0 ? g_ptr_array_index (self->history, self->history->len - 1) : NULL;

  if (*text != '\0' &&
      (last == NULL || !g_str_equal (last->text, text) || !g_str_equal (last->mode, mode)))
    {
      Said *said = g_new0 (Said, 1);

      said->mode = g_strdup (mode);
      said->text = g_strdup (text);
      if (self->history->len >= PTL_SEND_BAR_HISTORY_MAX)
        g_ptr_array_remove_index (self->history, 0);
      g_ptr_array_add (self->history, said);
    }
  self->history_at = self->history->len;
  g_clear_pointer (&self->typed, g_free);
}

static void
add_pending (PtlSendBar *self,
             guint64     tag,
             guint       n_targets,
             bool        is_file)
{
  Pending *pending = g_new0 (Pending, 1);
  guint64 *key = g_new (guint64, 1);

  *key = tag;
  pending->n_targets = n_targets;
  pending->is_file = is_file;
  g_hash_table_insert (self->pending, key, pending);
}

static guint
count_targets (PtlSendBar *self)
{
  if (self->target != PTL_PEER_NONE || self->address != NULL ||
      ptl_session_get_spec (self->session)->role != PTL_ROLE_LISTEN)
    return 1;
  return MAX (1, get_n_open_peers (self));
}

static void
send_file (PtlSendBar *self)
{
  guint64 tag;

  if (self->file == NULL)
    return;
  tag = ptl_session_send_file (self->session, self->target, self->file);
  if (tag != 0)
    add_pending (self, tag, count_targets (self), true);
}

static void
on_send_cb (PtlSendBar *self)
{
  const char *mode = get_mode (self);
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
      set_status (self, gtk_widget_get_tooltip_text (self->send_button), true);
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
      set_input_error (self, error->message, (gssize) at);
      return;
    }
  if (!is_hex)
    end_bytes = ptl_line_end_get_bytes (gtk_drop_down_get_selected (self->line_end_drop_down), &end_len);
  if (len + end_len == 0 && !is_datagram (self))
    {
      set_status (self, _("There is nothing to send"), true);
      return;
    }
  blob = ptl_blob_new (NULL, len + end_len);
  if (len > 0)
    memcpy (blob->data, bytes, len);
  if (end_len > 0)
    memcpy (blob->data + len, end_bytes, end_len);

  if (self->address != NULL)
    {
      g_auto (PtlEndpoint) endpoint = { 0 };

      if (!ptl_endpoint_parse (&endpoint, self->address, NULL, NULL, &error))
        {
          set_status (self, error->message, true);
          return;
        }
      tag = ptl_session_send_to (self->session, &endpoint, blob, &error);
    }
  else
    tag = ptl_session_send (self->session, self->target, blob, &error);
  if (tag == 0)
    {
      set_status (self, error != NULL ? error->message : _("Nothing was sent"), true);
      return;
    }
  add_pending (self, tag, count_targets (self), false);
  remember (self, mode, text);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
go_history (PtlSendBar *self,
            int         by)
{
  guint to = (guint) CLAMP ((int) self->history_at + by, 0, (int) self->history->len);
  Said *said;

  if (to == self->history_at)
    return;
  if (self->history_at == self->history->len)
    {
      g_free (self->typed);
      self->typed = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
    }
  self->history_at = to;
  if (to == self->history->len)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), self->typed != NULL ? self->typed : "");
  else
    {
      said = g_ptr_array_index (self->history, to);
      g_object_set (self, "mode", said->mode, NULL);
      gtk_editable_set_text (GTK_EDITABLE (self->entry), said->text);
    }
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static gboolean
on_key_pressed_cb (PtlSendBar      *self,
                   guint            keyval,
                   guint            keycode,
                   GdkModifierType  state)
{
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      go_history (self, -1);
      return GDK_EVENT_STOP;

    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      go_history (self, 1);
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* An entry has one line: line ends and tabs of what is pasted become what stands for them. */
static void
on_insert_text_cb (GtkEditable *editable,
                   const char  *text,
                   int          len,
                   int         *position,
                   PtlSendBar  *self)
{
  bool is_hex = g_str_equal (get_mode (self), "hex");
  g_autoptr (GString) out = NULL;
  gsize n = len < 0 ? strlen (text) : (gsize) len;
  glong room = PTL_SEND_BAR_TEXT_MAX_CHARS -
               g_utf8_strlen (gtk_editable_get_text (editable), -1);
  bool cut = false;

  if (self->converting)
    return;
  out = g_string_sized_new (n);
  for (const char *c = text; c < text + n; c = g_utf8_next_char (c))
    {
      if (room <= 0)
        {
          cut = true;
          break;
        }
      if (*c == '\n' || *c == '\r' || *c == '\t')
        {
          g_string_append (out, is_hex ? " " : *c == '\n' ? "\\n" : *c == '\r' ? "\\r" : "\\t");
          room -= is_hex ? 1 : 2;
        }
      else
        {
          g_string_append_len (out, c, g_utf8_next_char (c) - c);
          room--;
        }
    }
  g_signal_stop_emission_by_name (editable, "insert-text");
  self->converting = true;
  gtk_editable_insert_text (editable, out->str, (int) out->len, position);
  self->converting = false;
  if (cut)
    {
      g_autofree char *told =
        g_strdup_printf (_("The message was cut off at %'u characters; send longer ones as a file"),
                         PTL_SEND_BAR_TEXT_MAX_CHARS);

      set_status (self, told, true);
    }
}

static void
on_file_chosen_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (PtlSendBar) self = PTL_SEND_BAR (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = ptl_dialogs_file_finish (result, &error);
  g_autofree char *name = NULL;
  g_autofree char *safe = NULL;

  if (error != NULL)
    set_status (self, error->message, true);
  if (file == NULL)
    return;
  g_set_object (&self->file, file);
  name = g_file_get_basename (file);
  safe = ptl_codec_preview ((const uint8_t *) name, strlen (name), 200);
  gtk_label_set_text (self->file_label, safe);
  update_sensitivity (self);
}

static void
on_file_cb (PtlSendBar *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  ptl_dialogs_open_file_async (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, _("Send a File"),
                               on_file_chosen_cb, g_object_ref (self));
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
  clear_input_error (self);
  update_sensitivity (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODE]);
}

static void
on_end_input_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlSendBar *self = PTL_SEND_BAR (data);

  ptl_session_end_input (self->session, self->target);
}

static void
on_close_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PtlSendBar *self = PTL_SEND_BAR (data);

  ptl_session_close_peer (self->session, self->target, false);
}

static void
on_reset_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PtlSendBar *self = PTL_SEND_BAR (data);

  ptl_session_close_peer (self->session, self->target, true);
}

static void
on_line_end_cb (PtlSendBar *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LINE_ENDING]);
}

void
ptl_send_bar_set_session (PtlSendBar *self,
                          PtlSession *session)
{
  g_return_if_fail (PTL_IS_SEND_BAR (self));

  if (self->session == session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  g_hash_table_remove_all (self->pending);
  self->target = PTL_PEER_NONE;
  g_clear_pointer (&self->address, g_free);
  if (session != NULL)
    {
      g_signal_connect_swapped (session, "sent", G_CALLBACK (on_sent_cb), self);
      g_signal_connect_swapped (session, "notify::n-open-peers", G_CALLBACK (on_n_open_peers_cb), self);
      g_signal_connect_swapped (session, "notify::live", G_CALLBACK (update_sensitivity), self);
      g_signal_connect_swapped (session, "notify::state", G_CALLBACK (update_sensitivity), self);
    }
  if (is_datagram (self) && g_str_equal (get_mode (self), "file"))
    g_object_set (self, "mode", "text", NULL);
  update_progress (self);
  clear_input_error (self);
  set_status (self, NULL, false);
  update_target (self);
  update_sensitivity (self);
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
      g_value_set_string (value, get_mode (self));
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
      if (g_strcmp0 (get_mode (self), g_value_get_string (value)) != 0)
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
  g_clear_object (&self->file);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_send_bar_parent_class)->dispose (object);
}

static void
ptl_send_bar_finalize (GObject *object)
{
  PtlSendBar *self = PTL_SEND_BAR (object);

  g_ptr_array_unref (self->history);
  g_hash_table_unref (self->pending);
  g_free (self->address);
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
  GtkListItemFactory *factory;
  GtkEventController *keys;

  gtk_widget_init_template (GTK_WIDGET (self));

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "send", G_ACTION_GROUP (self->actions));
  self->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->history = g_ptr_array_new_with_free_func ((GDestroyNotify) said_free);

  factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (on_target_setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_target_bind_cb), NULL);
  gtk_list_view_set_factory (self->target_view, factory);
  g_object_unref (factory);

  keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  g_signal_connect (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)), "insert-text",
                    G_CALLBACK (on_insert_text_cb), self);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (clear_input_error), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_send_cb), self);
  g_signal_connect_swapped (self->send_button, "clicked", G_CALLBACK (on_send_cb), self);
  g_signal_connect_swapped (self->cancel_button, "clicked", G_CALLBACK (on_cancel_cb), self);
  g_signal_connect_swapped (self->file_button, "clicked", G_CALLBACK (on_file_cb), self);
  g_signal_connect_swapped (self->all_button, "clicked", G_CALLBACK (on_all_cb), self);
  g_signal_connect_swapped (self->target_view, "activate", G_CALLBACK (on_target_activate_cb), self);
  g_signal_connect_swapped (self->target_popover, "notify::visible",
                            G_CALLBACK (on_target_popover_cb), self);
  g_signal_connect_swapped (self->address_entry, "activate", G_CALLBACK (on_address_cb), self);
  g_signal_connect_swapped (self->address_entry, "icon-press", G_CALLBACK (on_address_cb), self);
  g_signal_connect_swapped (self->line_end_drop_down, "notify::selected",
                            G_CALLBACK (on_line_end_cb), self);
  gtk_drop_down_set_selected (self->line_end_drop_down, PTL_LINE_END_LF);
  update_target (self);
  update_sensitivity (self);
}

void
ptl_send_bar_put (PtlSendBar *self,
                  const char *escaped)
{
  PtlLineEnd line_end = PTL_LINE_END_NONE;
  gsize len;
  g_autofree char *text = NULL;

  g_return_if_fail (PTL_IS_SEND_BAR (self));
  g_return_if_fail (escaped != NULL);

  len = strlen (escaped);
  if (g_str_has_suffix (escaped, "\\r\\n"))
    {
      line_end = PTL_LINE_END_CRLF;
      len -= 4;
    }
  else if (g_str_has_suffix (escaped, "\\n") && !g_str_has_suffix (escaped, "\\\\n"))
    {
      line_end = PTL_LINE_END_LF;
      len -= 2;
    }
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

  if (g_str_equal (get_mode (self), "file"))
    gtk_widget_grab_focus (self->file_button);
  else
    gtk_entry_grab_focus_without_selecting (self->entry);
}
