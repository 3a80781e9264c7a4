/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The open sockets of this computer: their table, its search, and the details of one. */
#include "config.h"

#include "ui/ptl-open-sockets-page.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-spec.h"
#include "model/ptl-open-sockets.h"
#include "model/ptl-socket-details.h"
#include "ui/ptl-chips.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-paned.h"
#include "ui/ptl-tab-out.h"
#include "ui/ptl-table-view.h"
#include "ui/ptl-window.h"

struct _PtlOpenSocketsPage
{
  GtkWidget           parent_instance;

  /* template */
  GtkBox             *box;
  GtkSearchEntry     *entry;
  GtkMenuButton      *menu_button;
  GtkBox             *filters;
  PtlTableView       *view;
  GtkBox             *detail_box;
  GtkBox             *detail_head;
  GtkWidget          *detail_actions;
  GtkLabel           *title_label;
  GtkGrid            *grid;
  GtkLabel           *count_label;
  GtkLabel           *source_label;
  GMenuModel         *row_menu;

  /* owned */
  PtlOpenSockets     *sockets;
  GSimpleActionGroup *actions;
  PtlSocketSnapshot  *chosen;      /* the selected socket as it was seen last, or NULL */
  uint32_t            chosen_row;
  GPtrArray          *details;     /* of it, as shown; or NULL */
  GCancellable       *cancellable; /* of reading details; NULL: none are being read */
  guint               n_grid_rows;

  GtkWidget          *filter_buttons[PTL_SOCKET_N_FILTERS];
  gboolean            narrow;
  gboolean            quiet;       /* selected by us, not by the user */
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlOpenSocketsPage, ptl_open_sockets_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, page_init))

/* --- details ---------------------------------------------------------------------------------- */

static void
set_label (GtkLabel   *label,
           const char *text)
{
  /* Setting it again would end a selection in it. */
  if (!g_str_equal (gtk_label_get_text (label), text))
    gtk_label_set_text (label, text);
}

static void
add_grid_row (PtlOpenSocketsPage *self)
{
  int row = (int) self->n_grid_rows++;
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *text = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_valign (title, GTK_ALIGN_START);
  gtk_widget_add_css_class (title, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  title, NULL, -1);
  gtk_grid_attach (self->grid, title, 0, row, 1, 1);
  gtk_grid_attach (self->grid, text, 1, row, 1, 1);
}

static void
show_details (PtlOpenSocketsPage *self)
{
  guint n = self->details != NULL ? self->details->len : 0;

  while (self->n_grid_rows < n)
    add_grid_row (self);
  while (self->n_grid_rows > n)
    gtk_grid_remove_row (self->grid, (int) --self->n_grid_rows);
  for (guint i = 0; i < n; i++)
    {
      const PtlSocketDetail *detail = g_ptr_array_index (self->details, i);
      GtkWidget *title = gtk_grid_get_child_at (self->grid, 0, (int) i);
      GtkWidget *text = gtk_grid_get_child_at (self->grid, 1, (int) i);

      set_label (GTK_LABEL (title), detail->title);
      if (!g_str_equal (gtk_label_get_text (GTK_LABEL (text)), detail->text))
        ptl_direction_set_label (GTK_LABEL (text), detail->text);
    }
}

static void
set_enabled (PtlOpenSocketsPage *self,
             const char         *name,
             gboolean            enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
update_actions (PtlOpenSocketsPage *self)
{
  static const struct
  {
    const char *action;
    char      *(*dup_target) (const PtlSocketSnapshot *snapshot,
                              uint32_t                 row);
  } actions[] = {
    { "reference", ptl_socket_dup_reference },
    { "connect", ptl_socket_dup_connect_uri },
    { "look-up", ptl_socket_dup_look_up },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *target =
        self->chosen != NULL ? actions[i].dup_target (self->chosen, self->chosen_row) : NULL;

      set_enabled (self, actions[i].action, target != NULL);
    }
  set_enabled (self, "copy", self->chosen != NULL);
}

/* "TCP 127.0.0.1:8080, nginx" */
static void
update_title (PtlOpenSocketsPage *self,
              gboolean            gone)
{
  g_autofree char *protocol = ptl_socket_snapshot_dup_cell (self->chosen, self->chosen_row,
                                                            PTL_SOCKET_PROTOCOL);
  g_autofree char *address = ptl_socket_snapshot_dup_address (self->chosen, self->chosen_row,
                                                              false);
  const char *program = ptl_socket_snapshot_get_program (self->chosen, self->chosen_row);
  g_autofree char *title =
    g_strconcat (protocol, *address != '\0' ? " " : "", address, *program != '\0' ? ", " : "",
                 program, NULL);
  /* Translators: a socket that has been closed, with its name */
  g_autofree char *closed = g_strdup_printf (_("Closed: %s"), title);

  set_label (self->title_label, gone ? closed : title);
}

static void
on_details_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (PtlOpenSocketsPage) self = PTL_OPEN_SOCKETS_PAGE (data);
  GPtrArray *details = ptl_socket_details_read_finish (result, NULL);

  if (details == NULL)
    return; /* of a socket that was selected before */
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->details, g_ptr_array_unref);
  self->details = details;
  show_details (self);
}

static void
read_details (PtlOpenSocketsPage *self)
{
  if (self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  ptl_socket_details_read_async (self->chosen, self->chosen_row, self->cancellable, on_details_cb,
                                 g_object_ref (self));
}

static void
stop_details (PtlOpenSocketsPage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
choose (PtlOpenSocketsPage *self,
        PtlSocketSnapshot  *snapshot, /* NULL: none */
        uint32_t            row)
{
  if (snapshot != NULL)
    ptl_socket_snapshot_ref (snapshot);
  g_clear_pointer (&self->chosen, ptl_socket_snapshot_unref);
  self->chosen = snapshot;
  self->chosen_row = row;
  gtk_widget_set_visible (GTK_WIDGET (self->detail_box), snapshot != NULL);
  if (snapshot != NULL)
    {
      update_title (self, FALSE);
      read_details (self);
    }
  update_actions (self);
}

static uint64_t
get_chosen_key (PtlOpenSocketsPage *self)
{
  return ptl_socket_snapshot_get (self->chosen, self->chosen_row)->key;
}

static void
on_selected_cb (PtlOpenSocketsPage *self)
{
  PtlSocketRow *row = ptl_table_view_get_selected (self->view);

  if (self->quiet || self->sockets == NULL || ptl_open_sockets_is_telling (self->sockets))
    return;
  stop_details (self);
  if (row != NULL && !ptl_socket_row_is_blank (row))
    choose (self, ptl_socket_row_get_snapshot (row), ptl_socket_row_get_row (row));
  else
    choose (self, NULL, 0);
}

static void
on_row_activated_cb (PtlOpenSocketsPage *self)
{
  gtk_widget_child_focus (GTK_WIDGET (self->detail_box), GTK_DIR_TAB_FORWARD);
}

/* --- what was found --------------------------------------------------------------------------- */

static void
update_count (PtlOpenSocketsPage *self)
{
  guint n = ptl_open_sockets_get_n_found (self->sockets);
  guint n_all = ptl_open_sockets_get_n_all (self->sockets);
  g_autofree char *count =
    n == n_all ? g_strdup_printf (ngettext ("%u socket", "%u sockets", n), n)
               : g_strdup_printf (ngettext ("%u of %u socket", "%u of %u sockets", n_all), n,
                                  n_all);
  PtlSocketSnapshot *snapshot = ptl_open_sockets_get_snapshot (self->sockets);
  g_autofree char *brief = ptl_socket_snapshot_dup_source (snapshot, true);
  g_autofree char *source = ptl_socket_snapshot_dup_source (snapshot, false);

  set_label (self->count_label, count);
  g_strdelimit (brief, "\n", ' ');
  set_label (self->source_label, brief);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->source_label), source);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->count_label), source);
  ptl_table_view_set_empty (self->view, _("No Socket Found"),
                            n_all > 0 ? _("No open socket has all of these words and passes the "
                                          "filter.")
                                      : _("The kernel lists none."));
}

/* The selected socket stays selected, and its details are those of now. */
static void
follow_chosen (PtlOpenSocketsPage *self)
{
  PtlSocketSnapshot *snapshot = ptl_open_sockets_get_snapshot (self->sockets);
  guint place;
  uint32_t row;

  if (self->chosen == NULL)
    place = GTK_INVALID_LIST_POSITION;
  else
    place = ptl_open_sockets_find (self->sockets, get_chosen_key (self));
  self->quiet = TRUE;
  ptl_table_view_set_selected (self->view, place == G_MAXUINT ? GTK_INVALID_LIST_POSITION : place);
  self->quiet = FALSE;
  if (self->chosen == NULL || snapshot == self->chosen)
    return;
  row = ptl_socks_find_key (ptl_socket_snapshot_get_socks (snapshot), get_chosen_key (self));
  if (row != PTL_SOCK_NO_ROW)
    choose (self, snapshot, row);
  else
    update_title (self, TRUE);
}

static void
on_updated_cb (PtlOpenSocketsPage *self)
{
  update_count (self);
  follow_chosen (self);
}

/* --- searching -------------------------------------------------------------------------------- */

static void
on_search_cb (PtlOpenSocketsPage *self)
{
  if (self->sockets == NULL)
    return;
  ptl_open_sockets_set_query (self->sockets, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  ptl_table_view_scroll_to_top (self->view);
}

/* Enter goes to the first row that was found. */
static void
on_search_activate_cb (PtlOpenSocketsPage *self)
{
  if (ptl_open_sockets_get_n_found (self->sockets) == 0)
    return;
  ptl_table_view_select (self->view, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
on_stop_search_cb (PtlOpenSocketsPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
on_filter_cb (PtlOpenSocketsPage *self,
              GtkToggleButton    *button)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < PTL_SOCKET_N_FILTERS; i++)
    if (self->filter_buttons[i] == GTK_WIDGET (button))
      ptl_open_sockets_set_filter (self->sockets, (PtlSocketFilter) i);
  ptl_table_view_scroll_to_top (self->view);
}

static void
add_filters (PtlOpenSocketsPage *self)
{
  static const struct
  {
    PtlSocketFilter filter;
    const char     *label;
    const char     *tooltip;
  } chips[] = {
    { PTL_SOCKET_ALL, N_("All"), N_("All open sockets") },
    { PTL_SOCKET_LISTENING, N_("Listening"), N_("Wait for connections or datagrams") },
    { PTL_SOCKET_CONNECTED, N_("Connected"), N_("Have a peer") },
    { PTL_SOCKET_IS_TCP, N_("TCP"), N_("Sockets of TCP") },
    { PTL_SOCKET_IS_UDP, N_("UDP"), N_("Sockets of UDP and UDP-Lite") },
    { PTL_SOCKET_IS_UNIX, N_("Unix"), N_("Sockets of programs on this computer with each other") },
    { PTL_SOCKET_MINE, N_("Mine"), N_("Sockets of your own programs") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (chips); i++)
    {
      GtkWidget *button = ptl_chips_add (self->filters, _(chips[i].label), _(chips[i].tooltip));

      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), i == 0);
      g_signal_connect_object (button, "toggled", G_CALLBACK (on_filter_cb), self,
                               G_CONNECT_SWAPPED);
      self->filter_buttons[chips[i].filter] = button;
    }
}

static void
show_target (PtlPage    *page,
             const char *target)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (page);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->filter_buttons[PTL_SOCKET_ALL]), TRUE);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

/* Once is enough: a report does not change while it is looked at. */
static void
on_read_for_report_cb (PtlOpenSockets *sockets)
{
  if (ptl_open_sockets_get_snapshot (sockets) != NULL && ptl_open_sockets_is_settled (sockets)
      && !ptl_open_sockets_is_telling (sockets))
    ptl_open_sockets_set_watching (sockets, FALSE);
}

static void
on_report_gone_cb (gpointer  data,
                   GObject  *report)
{
  g_autoptr (PtlOpenSockets) sockets = data;

  ptl_open_sockets_set_watching (sockets, FALSE);
}

/* All of them, whatever is searched for on the page. */
static void
add_to_report (PtlPage   *page,
               PtlReport *report)
{
  PtlOpenSockets *sockets = ptl_open_sockets_new ();

  g_signal_connect (sockets, "updated", G_CALLBACK (on_read_for_report_cb), NULL);
  ptl_open_sockets_set_watching (sockets, TRUE);
  ptl_report_add_table (report, "open_sockets", _("Open sockets"), PTL_TABLE (sockets));
  g_object_weak_ref (G_OBJECT (report), on_report_gone_cb, sockets);
}

static void
page_init (PtlPageInterface *iface)
{
  iface->show_target = show_target;
  iface->add_to_report = add_to_report;
}

/* --- actions ---------------------------------------------------------------------------------- */

static void
on_reference_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (data);
  g_autofree char *words = ptl_socket_dup_reference (self->chosen, self->chosen_row);

  if (words != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.reference", "s", words);
}

static void
on_connect_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (data);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autofree char *uri = ptl_socket_dup_connect_uri (self->chosen, self->chosen_row);
  g_autoptr (PtlSpec) spec =
    uri != NULL ? ptl_spec_parse_uri (PTL_ROLE_CONNECT, uri, NULL, NULL) : NULL;

  if (spec != NULL && PTL_IS_WINDOW (root))
    ptl_window_show_form (PTL_WINDOW (root), spec);
}

static void
on_look_up_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (data);
  g_autofree char *address = ptl_socket_dup_look_up (self->chosen, self->chosen_row);

  if (address != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.look-up", "s", address);
}

static void
on_copy_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (data);
  g_autofree char *text = NULL;

  if (self->details == NULL)
    return;
  text = ptl_socket_details_dup_text (self->details);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.copy-text", "s", text);
}

static void
on_close_details_cb (GSimpleAction *action,
                     GVariant      *parameter,
                     gpointer       data)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (data);

  stop_details (self);
  choose (self, NULL, 0);
  follow_chosen (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static gboolean
ptl_open_sockets_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_OPEN_SOCKETS_PAGE (widget)->entry));
}

static gboolean
on_find_cb (GtkWidget *widget,
            GVariant  *args,
            gpointer   data)
{
  return gtk_widget_grab_focus (widget);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_open_sockets_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ptl_open_sockets_page_parent_class)->map (widget);
  ptl_open_sockets_set_watching (PTL_OPEN_SOCKETS_PAGE (widget)->sockets, TRUE);
}

static void
ptl_open_sockets_page_unmap (GtkWidget *widget)
{
  ptl_open_sockets_set_watching (PTL_OPEN_SOCKETS_PAGE (widget)->sockets, FALSE);
  GTK_WIDGET_CLASS (ptl_open_sockets_page_parent_class)->unmap (widget);
}

/* The buttons beside the title, or under it. */
static void
set_narrow (PtlOpenSocketsPage *self)
{
  GtkWidget *actions = g_object_ref (self->detail_actions);

  gtk_box_remove (GTK_BOX (gtk_widget_get_parent (actions)), actions);
  if (self->narrow)
    gtk_box_insert_child_after (self->detail_box, actions, GTK_WIDGET (self->detail_head));
  else
    gtk_box_insert_child_after (self->detail_head, actions, GTK_WIDGET (self->title_label));
  gtk_widget_set_margin_start (actions, self->narrow ? 12 : 0);
  gtk_widget_set_margin_end (actions, self->narrow ? 12 : 0);
  gtk_widget_set_margin_bottom (actions, self->narrow ? 6 : 0);
  gtk_widget_set_visible (GTK_WIDGET (self->source_label), !self->narrow);
  g_object_unref (actions);
}

static void
ptl_open_sockets_page_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow == g_value_get_boolean (value))
        break;
      self->narrow = g_value_get_boolean (value);
      set_narrow (self);
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_open_sockets_page_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_OPEN_SOCKETS_PAGE (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_open_sockets_page_dispose (GObject *object)
{
  PtlOpenSocketsPage *self = PTL_OPEN_SOCKETS_PAGE (object);

  if (self->sockets != NULL)
    {
      ptl_open_sockets_set_watching (self->sockets, FALSE);
      g_signal_handlers_disconnect_by_data (self->sockets, self);
    }
  stop_details (self);
  self->quiet = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_OPEN_SOCKETS_PAGE);
  g_clear_pointer (&self->chosen, ptl_socket_snapshot_unref);
  g_clear_pointer (&self->details, g_ptr_array_unref);
  g_clear_object (&self->sockets);
  g_clear_object (&self->actions);

  G_OBJECT_CLASS (ptl_open_sockets_page_parent_class)->dispose (object);
}

static void
ptl_open_sockets_page_class_init (PtlOpenSocketsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_open_sockets_page_dispose;
  object_class->get_property = ptl_open_sockets_page_get_property;
  object_class->set_property = ptl_open_sockets_page_set_property;
  widget_class->grab_focus = ptl_open_sockets_page_grab_focus;
  ptl_tab_out_init_class (widget_class);
  widget_class->map = ptl_open_sockets_page_map;
  widget_class->unmap = ptl_open_sockets_page_unmap;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_TABLE_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/portlight/Portlight/ui/ptl-open-sockets-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, filters);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, detail_box);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, detail_head);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, detail_actions);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, title_label);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, grid);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, count_label);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, source_label);
  gtk_widget_class_bind_template_child (widget_class, PtlOpenSocketsPage, row_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, on_find_cb, NULL);
}

static void
ptl_open_sockets_page_init (PtlOpenSocketsPage *self)
{
  static const GActionEntry entries[] = {
    { .name = "reference", .activate = on_reference_cb },
    { .name = "connect", .activate = on_connect_cb },
    { .name = "look-up", .activate = on_look_up_cb },
    { .name = "copy", .activate = on_copy_cb },
    { .name = "close-details", .activate = on_close_details_cb },
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_paned_hide_handle (GTK_PANED (gtk_widget_get_parent (GTK_WIDGET (self->detail_box))));
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "sockets", G_ACTION_GROUP (self->actions));
  self->sockets = ptl_open_sockets_new ();
  add_filters (self);
  ptl_table_view_set_table (self->view, PTL_TABLE (self->sockets));
  ptl_table_view_set_row_menu (self->view, self->row_menu);
  ptl_table_view_attach_menu (self->view, self->menu_button);
  g_signal_connect_swapped (self->sockets, "updated", G_CALLBACK (on_updated_cb), self);
  ptl_open_sockets_read (self->sockets);
  update_actions (self);
}
