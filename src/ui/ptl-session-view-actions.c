/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be done with a session, by its menu and by keys. */
#include "config.h"

#include "ui/ptl-session-view-private.h"

#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "model/ptl-fault-text.h"
#include "ui/ptl-groups-dialog.h"
#include "ui/ptl-reaction-dialog.h"

#define RESEND_MAX_BYTES 4096 /* of a frame that is put into the send bar */

typedef struct
{
  PtlFrameView *view;    /* owned */
  PtlSession   *session; /* owned */
  guint64       first;
} Undo;

static void
on_find_cb (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);

  ptl_session_view_show_frames (self);
  ptl_frame_view_find (self->frame_view);
}

static void
on_go_to_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);

  ptl_session_view_show_frames (self);
  ptl_frame_view_go_to (self->frame_view);
}

static void
on_follow_cb (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);
  const char *property = g_str_equal (name, "session.follow") ? "following" : "frozen";
  gboolean now;

  g_object_get (self->frame_view, property, &now, NULL);
  g_object_set (self->frame_view, property, !now, NULL);
}

static void
undo_free (gpointer  data,
           GClosure *closure)
{
  Undo *undo = data;

  g_object_unref (undo->view);
  g_object_unref (undo->session);
  g_free (undo);
}

static void
on_undo_clear_cb (AdwToast *toast,
                  Undo     *undo)
{
  PtlFrameList *frames = ptl_session_get_frames (undo->session);
  GtkWidget *view = gtk_widget_get_ancestor (GTK_WIDGET (undo->view), PTL_TYPE_SESSION_VIEW);

  if (view != NULL && PTL_SESSION_VIEW (view)->session == undo->session)
    ptl_frame_view_unclear (undo->view, undo->first);
  else
    ptl_frame_list_set_first (frames, undo->first);
}

static void
on_clear_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);
  AdwToast *toast;
  Undo *undo;

  if (self->session == NULL || ptl_session_get_log (self->session) == NULL)
    return;
  undo = g_new0 (Undo, 1);
  undo->view = g_object_ref (self->frame_view);
  undo->session = g_object_ref (self->session);
  undo->first = ptl_frame_view_clear (self->frame_view);
  toast = adw_toast_new (_("View cleared, the log keeps everything"));
  adw_toast_set_button_label (toast, _("_Undo"));
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (on_undo_clear_cb), undo, undo_free,
                         0);
  adw_toast_overlay_add_toast (self->toast_overlay, toast);
}

static void
on_stop_cb (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);

  if (self->session != NULL)
    ptl_session_stop (self->session);
}

static void
on_end_input_cb (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);

  if (self->session != NULL)
    ptl_session_end_input (self->session, PTL_PEER_NONE);
}

static void
on_close_peers_cb (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);

  if (self->session != NULL)
    ptl_session_close_peer (self->session, PTL_PEER_NONE,
                            g_str_equal (name, "session.reset-peers"));
}

static void
on_change_cb (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);
  GtkRoot *root = gtk_widget_get_root (widget);

  if (self->session == NULL || !GTK_IS_WINDOW (root))
    return;
  if (g_str_equal (name, "session.groups"))
    ptl_groups_dialog_present (GTK_WINDOW (root), self->session);
  else
    ptl_reaction_dialog_present (GTK_WIDGET (self->side_paned), self->session);
}

/* Whose the address is that is in use already. */
static void
on_show_holder_cb (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);
  const PtlSessionStatus *status =
    self->session != NULL ? ptl_session_get_status (self->session) : NULL;
  g_autofree char *search = NULL;
  g_autofree char *where = NULL;
  bool is_stream;

  if (status == NULL || !ptl_fault_wants_owner (&status->fault))
    return;
  is_stream = !ptl_spec_is_datagram (ptl_session_get_spec (self->session));
  search = ptl_fault_dup_owner_search (&status->fault.address, is_stream);
  where = g_strconcat ("sockets:", search, NULL);
  gtk_widget_activate_action (widget, "win.computer", "s", where);
}

static void
on_copy_frame_cb (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  ptl_inspector_copy (PTL_SESSION_VIEW (widget)->inspector, g_variant_get_string (parameter, NULL));
}

static void
on_resend_frame_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);
  PtlFrameItem *item = ptl_frame_view_get_selected (self->frame_view);
  uint8_t bytes[RESEND_MAX_BYTES];
  g_autofree char *escaped = NULL;
  ssize_t n;

  if (item == NULL)
    return;
  n = ptl_log_read (ptl_frame_item_get_log (item), ptl_frame_item_get_frame (item), 0, bytes,
                    sizeof bytes);
  if (n < 0)
    return;
  escaped = ptl_codec_to_escaped (bytes, (size_t) n);
  ptl_send_bar_put (self->send_bar, escaped);
  if ((gsize) n < ptl_frame_item_get_frame (item)->length)
    {
      g_autofree char *told =
        g_strdup_printf (_("Only the first %u bytes were put into the send bar"),
                                               RESEND_MAX_BYTES);

      ptl_toast_show (GTK_WIDGET (self->side_paned), told);
    }
}

static void
on_focus_send_cb (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  ptl_send_bar_focus (PTL_SESSION_VIEW (widget)->send_bar);
}

void
ptl_session_view_install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "session.find", NULL, on_find_cb);
  gtk_widget_class_install_action (widget_class, "session.go-to-frame", NULL, on_go_to_cb);
  gtk_widget_class_install_action (widget_class, "session.follow", NULL, on_follow_cb);
  gtk_widget_class_install_action (widget_class, "session.pause-view", NULL, on_follow_cb);
  gtk_widget_class_install_action (widget_class, "session.clear", NULL, on_clear_cb);
  gtk_widget_class_install_action (widget_class, "session.stop", NULL, on_stop_cb);
  gtk_widget_class_install_action (widget_class, "session.end-input", NULL, on_end_input_cb);
  gtk_widget_class_install_action (widget_class, "session.close-peers", NULL, on_close_peers_cb);
  gtk_widget_class_install_action (widget_class, "session.reset-peers", NULL, on_close_peers_cb);
  gtk_widget_class_install_action (widget_class, "session.reaction", NULL, on_change_cb);
  gtk_widget_class_install_action (widget_class, "session.groups", NULL, on_change_cb);
  gtk_widget_class_install_action (widget_class, "session.show-holder", NULL, on_show_holder_cb);
  gtk_widget_class_install_action (widget_class, "session.copy-frame", "s", on_copy_frame_cb);
  gtk_widget_class_install_action (widget_class, "session.resend-frame", NULL, on_resend_frame_cb);
  gtk_widget_class_install_action (widget_class, "session.focus-send", NULL, on_focus_send_cb);
}

static gboolean
on_shortcut_cb (GtkWidget *widget,
                GVariant  *args,
                gpointer   data)
{
  /* Keys of the whole window act here only while the session is what is shown. */
  return gtk_widget_get_mapped (widget) &&
         gtk_widget_activate_action (widget, data, NULL);
}

void
ptl_session_view_add_shortcuts (PtlSessionView *self)
{
  static const struct
  {
    const char *keys;
    const char *action;
  } shortcuts[] = {
    { "<Control>f", "session.find" },
    { "<Control>l", "session.go-to-frame" },
    { "<Control>e", "session.follow" },
    { "<Control>p", "session.pause-view" },
    { "<Control>k", "session.clear" },
    { "<Control>m", "session.focus-send" },
    { "F9", "session.side-visible" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string (shortcuts[i].keys),
                        gtk_callback_action_new (on_shortcut_cb, (gpointer) shortcuts[i].action,
                                                 NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

AdwToastOverlay *
ptl_session_view_get_toasts (PtlSessionView *self)
{
  g_return_val_if_fail (PTL_IS_SESSION_VIEW (self), NULL);

  return self->toast_overlay;
}
