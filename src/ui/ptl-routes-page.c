/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routes, rules and name servers of this computer, and which way a packet would go. */
#include "config.h"

#include "ui/ptl-routes-page.h"

#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-name-servers.h"
#include "model/ptl-network-items.h"
#include "model/ptl-network-text.h"
#include "model/ptl-network.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-host-actions.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-tab-out.h"
#include "ui/ptl-table-view.h"

#define REFRESH_S 5 /* while the name servers are shown: systemd-resolved does not tell of all */

struct _PtlRoutesPage
{
  PtlNetworkPage      parent_instance;

  /* template */
  GtkWidget          *box;
  GtkBox             *question;
  GtkEntry           *to;
  GtkEntry           *from;
  GtkButton          *ask_button;
  GtkRevealer        *answer;
  GtkLabel           *verdict;
  GtkLabel           *facts;
  GtkButton          *copy_button;
  GtkLabel           *problem;
  GtkBox             *tools;
  GtkWidget          *filters;
  GtkMenuButton      *menu_button;
  GtkDropDown        *family;
  GtkCheckButton     *local;
  GtkStack           *pages;
  PtlTableView       *routes;
  PtlTableView       *rules;
  PtlTableView       *servers;
  GtkLabel           *summary;
  GMenuModel         *route_menu;
  GMenuModel         *server_menu;

  PtlNetwork         *network; /* the base owns it */

  /* owned */
  PtlNameServers     *name_servers;
  PtlNetTable        *fact_table;
  GSimpleActionGroup *actions;
  GCancellable       *cancellable; /* of a question */

  guint               refresh_id;
  guint               generation;  /* of the question */
};

static void ptl_routes_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlRoutesPage, ptl_routes_page, PTL_TYPE_NETWORK_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_routes_page_page_init))

/* --- which way -------------------------------------------------------------------------------- */

static void
set_tone (GtkLabel     *label,
          PtlTableTone  tone)
{
  if (tone == PTL_TABLE_BAD)
    gtk_widget_add_css_class (GTK_WIDGET (label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label), "error");
}

/* "Interface eth0 · Gateway 192.0.2.1 · ..." */
static char *
dup_facts (PtlRoutesPage *self,
           const char    *between)
{
  GListModel *model = G_LIST_MODEL (self->fact_table);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (model, i);
      g_autofree char *title = ptl_table_dup_cell (PTL_TABLE (self->fact_table), row, 0);
      g_autofree char *value = ptl_table_dup_cell (PTL_TABLE (self->fact_table), row, 1);

      if (i > 0)
        g_string_append (text, between);
      /* Translators: what something is, and its value */
      g_string_append_printf (text, _("%s: %s"), title, value);
    }
  return g_string_free (text, FALSE);
}

typedef struct
{
  PtlRoutesPage *self; /* owned */
  guint          generation;
} Question;

static void
on_answer_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  Question *asked = data;
  g_autoptr (PtlRoutesPage) self = asked->self;
  guint generation = asked->generation;
  g_autoptr (GError) error = NULL;
  g_autofree char *verdict = NULL;
  g_autofree char *facts = NULL;
  PtlTableTone tone;

  g_free (asked);
  /* Only the last question has an answer. */
  if (generation != self->generation || self->fact_table == NULL)
    return;
  verdict = ptl_network_ask_finish (PTL_NETWORK (source), result, self->fact_table, &tone,
                                    &error);
  facts = dup_facts (self, "  ·  ");
  gtk_label_set_text (self->verdict, verdict != NULL ? verdict : error->message);
  gtk_label_set_text (self->facts, facts);
  gtk_widget_set_visible (GTK_WIDGET (self->facts), facts[0] != '\0');
  set_tone (self->verdict, tone);
  gtk_revealer_set_reveal_child (self->answer, TRUE);
}

static void
on_ask_cb (PtlRoutesPage *self)
{
  const char *to = gtk_editable_get_text (GTK_EDITABLE (self->to));
  const char *from = gtk_editable_get_text (GTK_EDITABLE (self->from));
  Question *question;

  if (to[0] == '\0')
    {
      gtk_widget_grab_focus (GTK_WIDGET (self->to));
      return;
    }
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  question = g_new (Question, 1);
  question->self = g_object_ref (self);
  question->generation = ++self->generation;
  ptl_network_ask_async (self->network, to, from, self->cancellable, on_answer_cb, question);
}

static void
on_copy_cb (PtlRoutesPage *self)
{
  g_autofree char *facts = dup_facts (self, "\n");
  g_autofree char *text = g_strdup_printf ("%s → %s\n%s%s%s",
                                           gtk_editable_get_text (GTK_EDITABLE (self->from)),
                                           gtk_editable_get_text (GTK_EDITABLE (self->to)),
                                           gtk_label_get_text (self->verdict),
                                           facts[0] != '\0' ? "\n" : "", facts);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.copy-text", "s", text);
}

static void
on_close_cb (PtlRoutesPage *self)
{
  gtk_revealer_set_reveal_child (self->answer, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->to));
}

/* --- tables ----------------------------------------------------------------------------------- */

static void
ptl_routes_page_update (PtlNetworkPage *page)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (page);
  g_autofree char *problem = ptl_network_dup_problem (self->network);
  guint n_hidden = ptl_network_get_n_hidden (self->network);
  const PtlNetSnapshot *snapshot = ptl_network_get_snapshot (self->network);

  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  if (snapshot == NULL || snapshot->routes == NULL)
    {
      ptl_table_view_set_empty (self->routes, _("Asking the Kernel …"), "");
      ptl_table_view_set_empty (self->rules, _("Asking the Kernel …"), "");
      return;
    }
  if (n_hidden > 0)
    {
      g_autofree char *text =
        g_strdup_printf (ngettext ("%u route of another family or of the table “local” is not "
                                   "shown",
                                   "%u routes of another family or of the table “local” are not "
                                   "shown", n_hidden), n_hidden);

      ptl_table_view_set_empty (self->routes, _("No Routes Here"), text);
    }
  else
    ptl_table_view_set_empty (self->routes, _("No Routes"),
                              _("This computer can reach nobody, not even itself"));
  if (snapshot->routes->rules_error != 0)
    ptl_table_view_set_empty (self->rules, _("No Rules"),
                              _("This kernel is built without rules: the main table is for all "
                                "packets"));
  else
    ptl_table_view_set_empty (self->rules, _("No Rules"), "");
}

static void
on_servers_changed_cb (PtlRoutesPage *self)
{
  g_autofree char *summary = ptl_name_servers_dup_summary (self->name_servers);

  if (strcmp (gtk_label_get_text (self->summary), summary) != 0)
    gtk_label_set_text (self->summary, summary);
  gtk_widget_set_visible (GTK_WIDGET (self->summary), summary[0] != '\0');
}

static void
on_filter_cb (PtlRoutesPage *self)
{
  static const int families[] = { 0, AF_INET, AF_INET6 };
  guint selected = gtk_drop_down_get_selected (self->family);

  if (self->network == NULL || selected >= G_N_ELEMENTS (families))
    return;
  ptl_network_filter_routes (self->network, gtk_check_button_get_active (self->local),
                             families[selected]);
  ptl_routes_page_update (PTL_NETWORK_PAGE (self));
}

static void
on_page_cb (PtlRoutesPage *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->pages);
  PtlTableView *view = g_strcmp0 (name, "rules") == 0     ? self->rules
                       : g_strcmp0 (name, "servers") == 0 ? self->servers
                                                          : self->routes;

  ptl_table_view_attach_menu (view, self->menu_button);
  gtk_widget_set_visible (self->filters, view == self->routes);
}

/* --- what can be done with a row -------------------------------------------------------------- */

static const PtlRouteItem *
get_route (PtlRoutesPage *self)
{
  PtlNetRow *row = ptl_table_view_get_selected (self->routes);

  return row != NULL ? ptl_net_row_get_value (row) : NULL;
}

/* A link-local one with its zone.  NULL: there is none. */
static char *
dup_gateway (const PtlRouteItem *item)
{
  g_autofree char *host = NULL;

  if (item == NULL || item->hop.family == 0)
    return NULL;
  host = ptl_network_text_host (item->hop.family, item->hop.gateway);
  if (item->hop.family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL (item->hop.gateway)
      && item->name[0] != '\0' && g_utf8_validate (item->name, -1, NULL))
    return g_strdup_printf ("%s%%%s", host, item->name);
  return g_steal_pointer (&host);
}

static void
on_gateway_cb (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       data)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (data);
  g_autofree char *host = dup_gateway (get_route (self));

  if (host != NULL)
    ptl_host_actions_do (GTK_WIDGET (self), G_ACTION (action), host, 0);
}

static void
on_show_interface_cb (GSimpleAction *action,
                      GVariant      *parameter,
                      gpointer       data)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (data);
  const PtlRouteItem *item = get_route (self);
  g_autofree char *name = NULL;
  g_autofree char *where = NULL;

  if (item == NULL || item->hop.index == 0)
    return;
  name = ptl_network_dup_name (self->network, item->hop.index);
  where = g_strdup_printf ("interfaces:%s", name);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.computer", "s", where);
}

static void
on_route_activated_cb (PtlRoutesPage *self)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->actions), "show-interface", NULL);
}

/* NULL: none is chosen, or what is chosen is a search domain, say. */
static const char *
get_server (PtlRoutesPage *self,
            guint         *port)
{
  gpointer row = ptl_table_view_get_selected (self->servers);

  return row != NULL ? ptl_name_servers_get_host (row, port) : NULL;
}

static void
on_server_cb (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       data)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (data);
  guint port;
  const char *host = get_server (self, &port);

  if (host != NULL)
    ptl_host_actions_do (GTK_WIDGET (self), G_ACTION (action), host, port);
}

static void
on_server_activated_cb (PtlRoutesPage *self)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->actions), "server-look-up", NULL);
}

static void
ask_for (PtlRoutesPage *self,
         const char    *address)
{
  gtk_editable_set_text (GTK_EDITABLE (self->to), address);
  gtk_editable_set_text (GTK_EDITABLE (self->from), "");
  on_ask_cb (self);
}

static void
on_way_to_server_cb (GSimpleAction *action,
                     GVariant      *parameter,
                     gpointer       data)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (data);
  guint port;
  const char *server = get_server (self, &port);

  if (server != NULL)
    ask_for (self, server);
}

/* Offers only what the chosen rows have. */
static void
update_actions (PtlRoutesPage *self)
{
  GActionMap *map = G_ACTION_MAP (self->actions);
  const PtlRouteItem *item = get_route (self);
  g_autofree char *gateway = dup_gateway (item);
  guint port;
  gboolean is_server = get_server (self, &port) != NULL;

  ptl_host_actions_set_enabled (map, "gateway-", gateway != NULL);
  ptl_host_actions_set_enabled (map, "server-", is_server);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "way-to-server")),
                               is_server);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map,
                                                                            "show-interface")),
                               item != NULL && item->hop.index != 0);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_routes_page_show_target (PtlPage    *page,
                             const char *target)
{
  ask_for (PTL_ROUTES_PAGE (page), target);
}

static void
ptl_routes_page_add_to_report (PtlPage   *page,
                               PtlReport *report)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (page);
  g_autoptr (PtlTable) routes = ptl_network_dup_all_routes (self->network);

  /* They are read for it, also when the page is out of sight. */
  ptl_network_hold_for (self->network, PTL_NET_WANT_ROUTES, G_OBJECT (report));
  ptl_name_servers_refresh (self->name_servers);
  ptl_report_add_table (report, "routes", _("Routes"), routes);
  ptl_report_add_table (report, "rules", _("Rules"), ptl_network_get_rules (self->network));
  ptl_report_add_table (report, "name_servers", _("Name Servers"),
                        ptl_name_servers_get_table (self->name_servers));
}

static void
ptl_routes_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_routes_page_show_target;
  iface->add_to_report = ptl_routes_page_add_to_report;
}

static gboolean
on_refresh_cb (gpointer data)
{
  ptl_name_servers_refresh (PTL_ROUTES_PAGE (data)->name_servers);
  return G_SOURCE_CONTINUE;
}

static void
ptl_routes_page_look (PtlNetworkPage *page,
                      gboolean        looks)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (page);

  g_clear_handle_id (&self->refresh_id, g_source_remove);
  if (!looks)
    return;
  ptl_name_servers_refresh (self->name_servers);
  self->refresh_id = g_timeout_add_seconds (REFRESH_S, on_refresh_cb, self);
}

static gboolean
ptl_routes_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_ROUTES_PAGE (widget)->to));
}

static void
ptl_routes_page_show_narrow (PtlPageBase *page,
                             gboolean     narrow)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (page);
  GtkOrientation orientation = narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;

  g_object_set (self->routes, "narrow", narrow, NULL);
  g_object_set (self->rules, "narrow", narrow, NULL);
  g_object_set (self->servers, "narrow", narrow, NULL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->question), orientation);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->tools), orientation);
}

static void
ptl_routes_page_dispose (GObject *object)
{
  PtlRoutesPage *self = PTL_ROUTES_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->name_servers != NULL)
    g_signal_handlers_disconnect_by_data (self->name_servers, self);
  if (self->routes != NULL)
    g_signal_handlers_disconnect_by_data (self->routes, self);
  if (self->servers != NULL)
    g_signal_handlers_disconnect_by_data (self->servers, self);

  G_OBJECT_CLASS (ptl_routes_page_parent_class)->dispose (object);

  g_clear_object (&self->actions);
  g_clear_object (&self->fact_table);
  g_clear_object (&self->name_servers);
}

static void
ptl_routes_page_class_init (PtlRoutesPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlPageBaseClass *base_class = PTL_PAGE_BASE_CLASS (klass);
  PtlNetworkPageClass *network_class = PTL_NETWORK_PAGE_CLASS (klass);

  object_class->dispose = ptl_routes_page_dispose;
  widget_class->grab_focus = ptl_routes_page_grab_focus;
  ptl_tab_out_init_class (widget_class);
  base_class->show_narrow = ptl_routes_page_show_narrow;
  network_class->want = PTL_NET_WANT_ROUTES;
  network_class->update = ptl_routes_page_update;
  network_class->look = ptl_routes_page_look;

  ptl_page_base_class_set_template (base_class, "ptl-routes-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, question);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, to);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, from);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, ask_button);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, answer);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, verdict);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, facts);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, problem);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, tools);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, filters);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, family);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, local);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, pages);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, routes);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, rules);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, servers);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, summary);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, route_menu);
  gtk_widget_class_bind_template_child (widget_class, PtlRoutesPage, server_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_ask_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_close_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_page_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_route_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_server_activated_cb);
}

static void
ptl_routes_page_init (PtlRoutesPage *self)
{
  static const GActionEntry entries[] = {
    { .name = "show-interface", .activate = on_show_interface_cb },
    { .name = "way-to-server", .activate = on_way_to_server_cb },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  ptl_host_actions_add (G_ACTION_MAP (self->actions), "gateway-", on_gateway_cb, self);
  ptl_host_actions_add (G_ACTION_MAP (self->actions), "server-", on_server_cb, self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "routes", G_ACTION_GROUP (self->actions));
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_direction_set_fields (GTK_WIDGET (self));
  self->network = ptl_network_page_get_network (PTL_NETWORK_PAGE (self));
  self->name_servers = ptl_name_servers_dup_shared ();
  self->fact_table = ptl_fact_table_new ();

  ptl_table_view_set_table (self->routes, ptl_network_get_routes (self->network));
  ptl_table_view_set_table (self->rules, ptl_network_get_rules (self->network));
  ptl_table_view_set_table (self->servers, ptl_name_servers_get_table (self->name_servers));
  ptl_table_view_set_row_menu (self->routes, self->route_menu);
  ptl_table_view_set_row_menu (self->servers, self->server_menu);
  g_signal_connect_swapped (self->name_servers, "changed", G_CALLBACK (on_servers_changed_cb),
                            self);
  g_signal_connect_swapped (self->routes, "notify::selected", G_CALLBACK (update_actions), self);
  g_signal_connect_swapped (self->servers, "notify::selected", G_CALLBACK (update_actions), self);
  on_page_cb (self);
  on_filter_cb (self);
  update_actions (self);
  on_servers_changed_cb (self);
}
