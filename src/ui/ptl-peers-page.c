/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peers of a session, and what can be done with each. */
#include "config.h"

#include "ui/ptl-peers-page.h"

#include <glib/gi18n.h>

#include "base/ptl-clock.h"
#include "ui/ptl-columns.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-ramp.h"
#include "ui/ptl-row-menu.h"
#include "ui/ptl-tooltip.h"

typedef enum
{
  COLUMN_NUMBER,
  COLUMN_ADDRESS,
  COLUMN_STATE,
  COLUMN_RX,
  COLUMN_TX,
  COLUMN_SINCE,
  N_COLUMNS
} Column;

struct _PtlPeersPage
{
  GtkWidget            parent_instance;

  GtkStack            *stack;
  GtkScrolledWindow   *scroller;
  GtkColumnView       *view;
  GtkWidget           *action_bar;
  GtkWidget           *end_button;
  GtkWidget           *close_button;
  GtkWidget           *reset_button;
  GMenuModel          *row_menu_model;

  PtlSession          *session;   /* owned, or NULL */
  PtlRamp             *ramp;      /* owned */
  GtkSingleSelection  *selection; /* owned */
  GtkColumnViewColumn *columns[N_COLUMNS];
  GSimpleActionGroup  *actions;   /* owned */
  PtlPeer             *peer;      /* owned; the selected one, or NULL */
  GtkWidget           *row_menu;  /* our child, or NULL */
};

G_DEFINE_FINAL_TYPE (PtlPeersPage, ptl_peers_page, GTK_TYPE_WIDGET)

enum
{
  FILTER,
  SEND_TO,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *const property_names[N_COLUMNS] = {
  NULL, NULL, "state-text", "rx-text", "tx-text", NULL
};

static char *
format_since (const PtlPeerInfo *info)
{
  guint64 now_ns = ptl_clock_monotonic_ns ();
  guint64 age_ns = now_ns > info->opened_ns ? now_ns - info->opened_ns : 0;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) then = NULL;

  if (info->opened_ns == 0)
    return g_strdup ("");
  then = g_date_time_add (now, -(GTimeSpan) (age_ns / 1000));
  return g_date_time_format (then, "%T");
}

static void
set_cell (GtkWidget *cell,
          PtlPeer   *peer,
          Column     column)
{
  g_autofree char *text = NULL;
  gboolean open = FALSE;

  switch (column)
    {
    case COLUMN_NUMBER:
      text = g_strdup_printf ("%u", ptl_peer_get_number (peer));
      break;

    case COLUMN_ADDRESS:
      text = ptl_peer_dup_address (peer);
      break;

    case COLUMN_SINCE:
      text = format_since (ptl_peer_get_info (peer));
      break;

    case COLUMN_STATE:
    case COLUMN_RX:
    case COLUMN_TX:
    case N_COLUMNS:
    default:
      g_object_get (peer, property_names[column], &text, NULL);
    }
  ptl_direction_set_cell (GTK_INSCRIPTION (cell), text,
                          column == COLUMN_NUMBER || column == COLUMN_RX || column == COLUMN_TX);
  if (column == COLUMN_STATE || column == COLUMN_ADDRESS)
    ptl_tooltip_set (cell, text);
  g_object_get (peer, "open", &open, NULL);
  if (open)
    gtk_widget_remove_css_class (cell, "dim-label");
  else
    gtk_widget_add_css_class (cell, "dim-label");
}

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *item,
             gpointer                  data)
{
  GtkWidget *cell = gtk_inscription_new (NULL);
  Column column = (Column) GPOINTER_TO_INT (data);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_lines (GTK_INSCRIPTION (cell), 1);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (cell), 1);
  if (column == COLUMN_NUMBER || column == COLUMN_RX || column == COLUMN_TX)
    gtk_inscription_set_xalign (GTK_INSCRIPTION (cell), 1);
  gtk_widget_add_css_class (cell, "numeric");
  g_object_set_data (G_OBJECT (cell), "ptl-item", item);
  g_object_set_data (G_OBJECT (cell), "ptl-column", data);
  gtk_list_item_set_child (item, cell);
}

static void
on_peer_notify_cb (PtlPeer    *peer,
                   GParamSpec *pspec,
                   GtkWidget  *cell)
{
  Column column = (Column) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (cell), "ptl-column"));

  if (g_str_equal (pspec->name, "open") || g_strcmp0 (pspec->name, property_names[column]) == 0)
    set_cell (cell, peer, column);
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *item,
            gpointer                  data)
{
  PtlPeer *peer = gtk_list_item_get_item (item);
  GtkWidget *cell = gtk_list_item_get_child (item);

  set_cell (cell, peer, (Column) GPOINTER_TO_INT (data));
  g_signal_connect (peer, "notify", G_CALLBACK (on_peer_notify_cb), cell);
}

static void
on_unbind_cb (GtkSignalListItemFactory *factory,
              GtkListItem              *item,
              gpointer                  data)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), on_peer_notify_cb,
                                        gtk_list_item_get_child (item));
}

static void
update_widths (PtlPeersPage *self)
{
  static const char *const samples[N_COLUMNS] = {
    "123", "127.0.0.1:50412", "Half-closed", "123.4 MB", "123.4 MB", "10:01:02"
  };

  for (Column column = 0; column < N_COLUMNS; column++)
    gtk_column_view_column_set_fixed_width (self->columns[column],
                                            ptl_columns_measure (GTK_WIDGET (self),
                                                                 samples[column]) + 14);
}

static void
ptl_peers_page_system_setting_changed (GtkWidget        *widget,
                                       GtkSystemSetting  setting)
{
  GTK_WIDGET_CLASS (ptl_peers_page_parent_class)->system_setting_changed (widget, setting);
  update_widths (PTL_PEERS_PAGE (widget));
}

static void
set_enabled (PtlPeersPage *self,
             const char   *name,
             bool          enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
update_actions (PtlPeersPage *self)
{
  bool live = self->session != NULL && ptl_session_is_live (self->session);
  bool stream = self->session != NULL &&
                !ptl_spec_is_datagram (ptl_session_get_spec (self->session));
  gboolean open = FALSE;

  if (self->peer != NULL)
    g_object_get (self->peer, "open", &open, NULL);
  set_enabled (self, "filter", self->peer != NULL);
  set_enabled (self, "send-to", live && open);
  set_enabled (self, "end-input", live && open && stream);
  set_enabled (self, "close", live && open && stream);
  set_enabled (self, "reset", live && open && stream);
  gtk_widget_set_visible (self->end_button, stream);
  gtk_widget_set_visible (self->close_button, stream);
  gtk_widget_set_visible (self->reset_button, stream);
}

static void
on_selected_cb (PtlPeersPage *self)
{
  PtlPeer *peer = gtk_single_selection_get_selected_item (self->selection);

  if (peer == self->peer)
    return;
  if (self->peer != NULL)
    g_signal_handlers_disconnect_by_func (self->peer, update_actions, self);
  g_set_object (&self->peer, peer);
  if (peer != NULL)
    g_signal_connect_swapped (peer, "notify::open", G_CALLBACK (update_actions), self);
  update_actions (self);
}

static void
on_items_changed_cb (PtlPeersPage *self)
{
  bool empty = self->session == NULL ||
               g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_peers (self->session))) == 0;

  ptl_ramp_take_rows (self->ramp);
  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "list");
  gtk_widget_set_visible (self->action_bar, !empty);
}

static void
on_activate_cb (PtlPeersPage *self,
                guint         position)
{
  gtk_single_selection_set_selected (self->selection, position);
  if (self->peer != NULL)
    g_signal_emit (self, signals[FILTER], 0, ptl_peer_get_number (self->peer));
}

static void
on_filter_cb (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       data)
{
  PtlPeersPage *self = PTL_PEERS_PAGE (data);

  g_signal_emit (self, signals[FILTER], 0, ptl_peer_get_number (self->peer));
}

static void
on_send_to_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  PtlPeersPage *self = PTL_PEERS_PAGE (data);

  g_signal_emit (self, signals[SEND_TO], 0, ptl_peer_get_number (self->peer));
}

static void
on_end_input_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlPeersPage *self = PTL_PEERS_PAGE (data);

  ptl_session_end_input (self->session, ptl_peer_get_number (self->peer));
}

static void
on_close_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PtlPeersPage *self = PTL_PEERS_PAGE (data);

  ptl_session_close_peer (self->session, ptl_peer_get_number (self->peer), false);
}

static void
on_reset_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  PtlPeersPage *self = PTL_PEERS_PAGE (data);

  ptl_session_close_peer (self->session, ptl_peer_get_number (self->peer), true);
}

void
ptl_peers_page_set_session (PtlPeersPage *self,
                            PtlSession   *session)
{
  PtlPeerList *peers;

  g_return_if_fail (PTL_IS_PEERS_PAGE (self));

  if (self->session == session)
    return;
  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (ptl_session_get_peers (self->session), self);
      g_signal_handlers_disconnect_by_data (self->session, self);
    }
  g_set_object (&self->session, session);
  peers = session != NULL ? ptl_session_get_peers (session) : NULL;
  ptl_ramp_set_model (self->ramp, G_LIST_MODEL (peers));
  if (session != NULL)
    {
      g_signal_connect_swapped (peers, "items-changed", G_CALLBACK (on_items_changed_cb), self);
      g_signal_connect_swapped (session, "notify::live", G_CALLBACK (update_actions), self);
    }
  on_items_changed_cb (self);
  on_selected_cb (self);
  update_actions (self);
}

static void
ptl_peers_page_dispose (GObject *object)
{
  PtlPeersPage *self = PTL_PEERS_PAGE (object);

  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (ptl_session_get_peers (self->session), self);
      g_signal_handlers_disconnect_by_data (self->session, self);
    }
  if (self->peer != NULL)
    g_signal_handlers_disconnect_by_func (self->peer, update_actions, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_pointer (&self->row_menu, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_PEERS_PAGE);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->peer);
  g_clear_object (&self->selection);
  g_clear_object (&self->ramp);
  g_clear_object (&self->actions);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_peers_page_parent_class)->dispose (object);
}

static gboolean
on_copy_cb (GtkWidget *widget,
            GVariant  *args,
            gpointer   data)
{
  PtlPeersPage *self = PTL_PEERS_PAGE (widget);
  g_autofree char *address = NULL;

  if (self->peer == NULL)
    return FALSE;
  address = ptl_peer_dup_address (self->peer);
  gtk_widget_activate_action (widget, "win.copy-text", "s", address);
  return TRUE;
}

static void
ptl_peers_page_class_init (PtlPeersPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_peers_page_dispose;
  widget_class->system_setting_changed = ptl_peers_page_system_setting_changed;

  signals[FILTER] =
    g_signal_new ("filter", PTL_TYPE_PEERS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SEND_TO] = g_signal_new ("send-to", PTL_TYPE_PEERS_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-peers-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, action_bar);
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, end_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, close_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, reset_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPeersPage, row_menu_model);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, on_copy_cb, NULL);
}

static void
ptl_peers_page_init (PtlPeersPage *self)
{
  static const GActionEntry entries[] = {
    { .name = "filter", .activate = on_filter_cb },
    { .name = "send-to", .activate = on_send_to_cb },
    { .name = "end-input", .activate = on_end_input_cb },
    { .name = "close", .activate = on_close_cb },
    { .name = "reset", .activate = on_reset_cb },
  };
  const char *titles[N_COLUMNS] = {
    /* Translators: the number of a peer */
    _("#"), _("Address"), _("State"), _("In"), _("Out"),
    /* Translators: since when the peer is there */
    _("Since")
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "peers", G_ACTION_GROUP (self->actions));

  for (Column column = 0; column < N_COLUMNS; column++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

      g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), GINT_TO_POINTER (column));
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), GINT_TO_POINTER (column));
      g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind_cb), GINT_TO_POINTER (column));
      self->columns[column] = gtk_column_view_column_new (titles[column], factory);
      gtk_column_view_column_set_resizable (self->columns[column], TRUE);
      gtk_column_view_append_column (self->view, self->columns[column]);
      g_object_unref (self->columns[column]);
    }
  gtk_column_view_column_set_expand (self->columns[COLUMN_ADDRESS], TRUE);
  update_widths (self);
  ptl_columns_keep_start (self->scroller);

  self->ramp = ptl_ramp_new (GTK_WIDGET (self), false);
  ptl_ramp_hold_hidden (self->ramp);
  self->selection = gtk_single_selection_new (g_object_ref (ptl_ramp_get_rows (self->ramp)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (on_selected_cb),
                            self);
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (on_activate_cb), self);

  ptl_row_menu_attach (&self->row_menu, self->row_menu_model, GTK_WIDGET (self), self->view);

  on_items_changed_cb (self);
  update_actions (self);
}
