/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets what is sent. */
#include "config.h"

#include "ui/ptl-send-bar-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "ui/ptl-tab-out.h"

const char *
ptl_send_bar_get_all_text (PtlSendBar *self)
{
  if (self->session != NULL && ptl_session_get_spec (self->session)->role == PTL_ROLE_DATAGRAMS)
    return _("Default target");
  return ptl_send_bar_is_datagram (self) ? _("All sources") : _("All peers");
}

void
ptl_send_bar_update_target (PtlSendBar *self)
{
  g_autofree char *text = NULL;

  if (self->state->address != NULL)
    text = g_strdup (self->state->address);
  else if (self->state->target != PTL_PEER_NONE && self->session != NULL)
    {
      g_autoptr (PtlPeer) peer =
        ptl_peer_list_find (ptl_session_get_peers (self->session), self->state->target);

      text = peer != NULL ? ptl_peer_dup_address (peer)
                          : g_strdup_printf ("#%u", self->state->target);
    }
  else
    text = g_strdup (ptl_send_bar_get_all_text (self));
  gtk_label_set_text (self->target_label, text);
}

/* The field for a typed one, as it is with this session. */
void
ptl_send_bar_update_address (PtlSendBar *self)
{
  bool is_unix = self->session != NULL && ptl_session_get_spec (self->session)->transport ==
                                            PTL_TRANSPORT_UNIX_DGRAM;

  gtk_entry_set_placeholder_text (self->address_entry,
                                  is_unix ? _("Path or @name") : _("Host:port"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->address_entry),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  is_unix ? _("Another address, a path or @name")
                                          : _("Another address, host and port"),
                                  -1);
  gtk_editable_set_text (GTK_EDITABLE (self->address_entry),
                         self->state->address != NULL ? self->state->address : "");
  gtk_widget_set_visible (GTK_WIDGET (self->address_error_label), FALSE);
  gtk_popover_popdown (self->target_popover);
}

static void
take_address (PtlSendBar *self,
              char       *address)
{
  g_free (self->state->address);
  self->state->address = address;
  gtk_popover_popdown (self->target_popover);
  ptl_send_bar_update_target (self);
  ptl_send_bar_update_sensitivity (self);
}

void
ptl_send_bar_set_target (PtlSendBar *self,
                         guint32     peer)
{
  g_return_if_fail (PTL_IS_SEND_BAR (self));

  self->state->target = peer;
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

bool
ptl_send_bar_parse_address (PtlSendBar  *self,
                            const char  *text,
                            PtlEndpoint *endpoint,
                            GError     **error)
{
  if (ptl_session_get_spec (self->session)->transport == PTL_TRANSPORT_UNIX_DGRAM)
    return ptl_endpoint_parse_unix (endpoint, text, NULL, error);
  return ptl_endpoint_parse (endpoint, text, NULL, NULL, error);
}

/* GTK 4.8 asks what is in a popover for its height as if it were as wide as the shadow, too, and a
 * text that needs a line more in the room that it gets is cut off. */
static void
show_address_error (PtlSendBar *self,
                    const char *text)
{
  GtkWidget *label = GTK_WIDGET (self->address_error_label);
  int height = -1;

  gtk_label_set_text (self->address_error_label, text);
  gtk_widget_set_size_request (label, -1, -1);
  gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL,
                      gtk_widget_get_width (GTK_WIDGET (self->address_entry)), NULL, &height, NULL,
                      NULL);
  gtk_widget_set_size_request (label, -1, height);
}

static void
on_address_cb (PtlSendBar *self)
{
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->address_entry))));
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autoptr (GError) error = NULL;
  bool right;

  if (self->session == NULL)
    return;
  right = ptl_send_bar_parse_address (self, text, &endpoint, &error);
  gtk_widget_set_visible (GTK_WIDGET (self->address_error_label), !right);
  if (right)
    {
      take_address (self, g_steal_pointer (&text));
      return;
    }
  show_address_error (self, error->message);
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
    model =
      gtk_no_selection_new (g_object_ref (G_LIST_MODEL (ptl_session_get_peers (self->session))));
  gtk_list_view_set_model (self->target_view, GTK_SELECTION_MODEL (model));
  gtk_widget_set_visible (self->target_scroller,
                          model != NULL && g_list_model_get_n_items (G_LIST_MODEL (model)) > 0);
  /* GTK leaves the focus outside when a row had it before that is not there now. */
  if (shown)
    gtk_widget_grab_focus (GTK_WIDGET (self->all_button));
}

void
ptl_send_bar_init_target (PtlSendBar *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_target_setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_target_bind_cb), NULL);
  gtk_list_view_set_factory (self->target_view, factory);
  ptl_tab_out_install (GTK_NATIVE (self->target_popover));
  g_object_unref (factory);
  g_signal_connect_swapped (self->all_button, "clicked", G_CALLBACK (on_all_cb), self);
  g_signal_connect_swapped (self->target_view, "activate", G_CALLBACK (on_target_activate_cb),
                            self);
  g_signal_connect_swapped (self->target_popover, "notify::visible",
                            G_CALLBACK (on_target_popover_cb), self);
  g_signal_connect_swapped (self->address_entry, "activate", G_CALLBACK (on_address_cb), self);
  g_signal_connect_swapped (self->address_entry, "icon-press", G_CALLBACK (on_address_cb), self);
}
