/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network interfaces of this computer, live, and what is to be known of the chosen one. */
#include "config.h"

#include "ui/ptl-interfaces-page.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-network-items.h"
#include "model/ptl-network-text.h"
#include "model/ptl-network.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-graph.h"
#include "ui/ptl-host-actions.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-tab-out.h"
#include "ui/ptl-table-view.h"

struct _PtlInterfacesPage
{
  PtlNetworkPage      parent_instance;

  /* template */
  GtkWidget          *box;
  GtkLabel           *count;
  GtkMenuButton      *menu_button;
  GtkLabel           *problem;
  GtkPaned           *paned;
  PtlTableView       *view;
  GtkStack           *details;
  GtkLabel           *name;
  GtkLabel           *kind;
  GtkLabel           *rates;
  PtlGraph           *graph;
  GtkMenuButton      *details_button;
  GtkStack           *pages;
  PtlTableView       *addresses;
  GtkLabel           *address_details;
  PtlTableView       *facts;
  PtlTableView       *counters;
  GMenuModel         *address_menu;

  PtlNetwork         *network; /* the base owns it */

  /* owned */
  PtlNetTable        *address_table;
  PtlNetTable        *fact_table;
  PtlNetTable        *counter_table;
  GSimpleActionGroup *actions;
  PtlNetRow          *chosen;  /* NULL */
  char               *target;  /* an interface to be chosen when it is there; NULL */
};

static void ptl_interfaces_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlInterfacesPage, ptl_interfaces_page, PTL_TYPE_NETWORK_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE,
                                                      ptl_interfaces_page_page_init))

/* --- the chosen one --------------------------------------------------------------------------- */

static char *
dup_name_of (PtlInterfacesPage *self,
             int                index)
{
  return index > 0 ? ptl_network_dup_name (self->network, index) : NULL;
}

static void
set_label (GtkLabel   *label,
           const char *text)
{
  if (strcmp (gtk_label_get_text (label), text) != 0)
    {
      ptl_direction_set_label (label, text);
      gtk_widget_set_tooltip_text (GTK_WIDGET (label), text);
    }
}

static void
update_graph (PtlInterfacesPage      *self,
              const PtlInterfaceItem *item)
{
  const double *rx = NULL, *tx = NULL;
  guint n = ptl_network_get_rates (self->network, item->interface->link.index, &rx, &tx);
  g_autofree char *in = ptl_network_text_rate (item->rx_rate);
  g_autofree char *out = ptl_network_text_rate (item->tx_rate);
  g_autofree char *text = NULL;
  g_autofree char *spoken = NULL;

  /* Translators: rates of what is received and of what is sent */
  text = item->has_rates ? g_strdup_printf (_("↓ %s\n↑ %s"), in, out) : g_strdup ("");
  spoken = item->has_rates ? g_strdup_printf (_("in %s, out %s"), in, out) : g_strdup ("");
  if (strcmp (gtk_label_get_text (self->rates), text) != 0)
    {
      gtk_label_set_text (self->rates, text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->rates),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
    }
  ptl_graph_set_rates (self->graph, rx, tx, n, spoken);
}

static void
update_address (PtlInterfacesPage *self)
{
  PtlNetRow *row = ptl_table_view_get_selected (self->addresses);
  gboolean narrow = ptl_page_base_is_narrow (PTL_PAGE_BASE (self));
  g_autofree char *text =
    row != NULL ? ptl_address_item_dup_details (ptl_net_row_get_value (row), narrow)
                : g_strdup ("");

  /* Setting it again would end a selection in it. */
  if (strcmp (gtk_label_get_text (self->address_details), text) != 0)
    gtk_label_set_text (self->address_details, text);
  gtk_widget_set_visible (GTK_WIDGET (self->address_details), text[0] != '\0');
}

static void
update_details (PtlInterfacesPage *self)
{
  const PtlInterfaceItem *item = self->chosen != NULL ? ptl_net_row_get_value (self->chosen)
                                                      : NULL;

  ptl_address_table_fill (self->address_table, item);
  ptl_counter_table_fill (self->counter_table, item);
  if (item == NULL)
    ptl_fact_table_fill (self->fact_table, NULL, NULL, NULL);
  else
    {
      const PtlLink *link = &item->interface->link;
      g_autofree char *name = ptl_network_text_name (link->name);
      g_autofree char *kind = ptl_network_text_long_kind (link);
      g_autofree char *state = ptl_network_text_state (link, NULL);
      g_autofree char *line = NULL;
      g_autofree char *master = dup_name_of (self, link->master);
      g_autofree char *parent = dup_name_of (self, link->parent);

      ptl_fact_table_fill (self->fact_table, item, master, parent);
      set_label (self->name, name);
      /* Translators: the kind of an interface, and its state */
      line = g_strdup_printf (_("%s · %s"), kind, state);
      set_label (self->kind, line);
      update_graph (self, item);
    }
  update_address (self);
  gtk_stack_set_visible_child_name (self->details, item != NULL ? "one" : "none");
}

static void
on_selected_cb (PtlInterfacesPage *self)
{
  PtlNetRow *row = ptl_table_view_get_selected (self->view);

  if (row == self->chosen)
    return;
  if (self->chosen != NULL)
    g_signal_handlers_disconnect_by_func (self->chosen, update_details, self);
  g_set_object (&self->chosen, row);
  if (row != NULL)
    g_signal_connect_swapped (row, "changed", G_CALLBACK (update_details), self);
  update_details (self);
}

/* How well @target names it, 0: not at all.  "5g" is a name, and no number. */
static guint
match_target (const PtlLink *link,
              const char    *target)
{
  g_autofree char *name = ptl_network_text_name (link->name);
  g_auto (GStrv) others = g_strsplit (link->alt_names, " ", -1);
  guint64 index;

  if (strcmp (name, target) == 0)
    return 3;
  if (g_strv_contains ((const char *const *) others, target))
    return 2;
  return g_ascii_string_to_unsigned (target, 10, 1, G_MAXINT, &index, NULL)
         && (int) index == link->index;
}

/* How likely somebody wants to see it first. */
static guint
get_interest (const PtlInterface *interface)
{
  guint interest = 0;

  if (interface->link.class != PTL_INTERFACE_LOOPBACK
      && (interface->link.flags & IFF_UP) != 0 && interface->link.carrier != PTL_CARRIER_OFF)
    interest += 2;
  for (unsigned i = 0; i < interface->n_addresses; i++)
    if (interface->addresses[i].scope == 0) /* RT_SCOPE_UNIVERSE */
      return interest + 1;
  return interest;
}

/* The one that is wanted, or else one that is of use. */
static void
choose (PtlInterfacesPage *self)
{
  GListModel *model = G_LIST_MODEL (ptl_network_get_interfaces (self->network));
  guint n = g_list_model_get_n_items (model);
  guint best = 0, interest = 0, wanted = 0, match = 0;

  if (n == 0 || (self->target == NULL && self->chosen != NULL))
    return;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PtlNetRow) row = g_list_model_get_item (model, i);
      const PtlInterfaceItem *item = ptl_net_row_get_value (row);

      if (self->target != NULL && match_target (&item->interface->link, self->target) > match)
        {
          match = match_target (&item->interface->link, self->target);
          wanted = i;
        }
      if (get_interest (item->interface) > interest)
        {
          interest = get_interest (item->interface);
          best = i;
        }
    }
  if (match > 0)
    g_clear_pointer (&self->target, g_free);
  if (match > 0 || self->chosen == NULL)
    ptl_table_view_select (self->view, match > 0 ? wanted : best);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void
update_texts (PtlInterfacesPage *self)
{
  const PtlNetSnapshot *snapshot = ptl_network_get_snapshot (self->network);
  g_autofree char *problem = ptl_network_dup_problem (self->network);
  g_autofree char *addresses = NULL;
  g_autofree char *interfaces = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  gtk_label_set_text (self->problem, problem != NULL ? problem : "");
  if (snapshot == NULL)
    {
      ptl_table_view_set_empty (self->view,
                                problem != NULL ? _("No Interfaces") : _("Asking the Kernel …"),
                                problem);
      return;
    }
  ptl_table_view_set_empty (self->view, _("No Interfaces"), NULL);
  interfaces = g_strdup_printf (ngettext ("%u interface", "%u interfaces",
                                          snapshot->n_interfaces), snapshot->n_interfaces);
  addresses = g_strdup_printf (ngettext ("%u address", "%u addresses", snapshot->n_addresses),
                               snapshot->n_addresses);
  /* Translators: "3 interfaces", "5 addresses" */
  text = g_strdup_printf (_("%s, %s"), interfaces, addresses);
  set_label (self->count, text);
}

static void
ptl_interfaces_page_update (PtlNetworkPage *page)
{
  PtlInterfacesPage *self = PTL_INTERFACES_PAGE (page);

  update_texts (self);
  choose (self);
}

static void
on_page_cb (PtlInterfacesPage *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->pages);
  PtlTableView *view = g_strcmp0 (name, "facts") == 0      ? self->facts
                       : g_strcmp0 (name, "counters") == 0 ? self->counters
                                                           : self->addresses;

  ptl_table_view_attach_menu (view, self->details_button);
}

/* --- what can be done with an address --------------------------------------------------------- */

static char *
dup_chosen_address (PtlInterfacesPage *self)
{
  PtlNetRow *row = ptl_table_view_get_selected (self->addresses);

  return row != NULL ? ptl_address_item_dup_host (ptl_net_row_get_value (row)) : NULL;
}

static void
on_host_action_cb (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       data)
{
  PtlInterfacesPage *self = PTL_INTERFACES_PAGE (data);
  g_autofree char *address = dup_chosen_address (self);

  if (address != NULL)
    ptl_host_actions_do (GTK_WIDGET (self), G_ACTION (action), address, 0);
}

static void
on_which_way_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlInterfacesPage *self = PTL_INTERFACES_PAGE (data);
  g_autofree char *address = dup_chosen_address (self);
  g_autofree char *where = g_strdup_printf ("routes:%s", address != NULL ? address : "");

  gtk_widget_activate_action (GTK_WIDGET (self), "win.computer", "s", where);
}

static void
on_address_activated_cb (PtlInterfacesPage *self)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->actions), "look-up", NULL);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_interfaces_page_show_target (PtlPage    *page,
                                 const char *target)
{
  PtlInterfacesPage *self = PTL_INTERFACES_PAGE (page);

  g_free (self->target);
  self->target = g_strdup (target);
  choose (self);
}

/* All interfaces with all that is known of them, not only the chosen one. */
static void
ptl_interfaces_page_add_to_report (PtlPage   *page,
                                   PtlReport *report)
{
  PtlInterfacesPage *self = PTL_INTERFACES_PAGE (page);

  ptl_network_hold_for (self->network, PTL_NET_WANT_COUNTERS, G_OBJECT (report));
  ptl_report_add_table (report, "interfaces", _("Interfaces"),
                        ptl_network_get_full_interfaces (self->network));
  ptl_report_add_table (report, "addresses", _("Addresses"),
                        ptl_network_get_addresses (self->network));
}

static void
ptl_interfaces_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_interfaces_page_show_target;
  iface->add_to_report = ptl_interfaces_page_add_to_report;
}

static gboolean
ptl_interfaces_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_INTERFACES_PAGE (widget)->view));
}

static void
ptl_interfaces_page_show_narrow (PtlPageBase *page,
                                 gboolean     narrow)
{
  PtlInterfacesPage *self = PTL_INTERFACES_PAGE (page);

  g_object_set (self->view, "narrow", narrow, NULL);
  g_object_set (self->addresses, "narrow", narrow, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->rates), !narrow);
  update_address (self);
}

static void
ptl_interfaces_page_dispose (GObject *object)
{
  PtlInterfacesPage *self = PTL_INTERFACES_PAGE (object);

  if (self->view != NULL)
    g_signal_handlers_disconnect_by_data (self->view, self);
  if (self->addresses != NULL)
    g_signal_handlers_disconnect_by_data (self->addresses, self);
  if (self->chosen != NULL)
    g_signal_handlers_disconnect_by_data (self->chosen, self);
  g_clear_object (&self->chosen);

  G_OBJECT_CLASS (ptl_interfaces_page_parent_class)->dispose (object);

  g_clear_object (&self->actions);
  g_clear_object (&self->address_table);
  g_clear_object (&self->fact_table);
  g_clear_object (&self->counter_table);
  g_clear_pointer (&self->target, g_free);
}

static void
ptl_interfaces_page_class_init (PtlInterfacesPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlPageBaseClass *base_class = PTL_PAGE_BASE_CLASS (klass);
  PtlNetworkPageClass *network_class = PTL_NETWORK_PAGE_CLASS (klass);

  g_type_ensure (PTL_TYPE_GRAPH);
  object_class->dispose = ptl_interfaces_page_dispose;
  widget_class->grab_focus = ptl_interfaces_page_grab_focus;
  ptl_tab_out_init_class (widget_class);
  base_class->show_narrow = ptl_interfaces_page_show_narrow;
  /* Counters are read only while somebody looks. */
  network_class->want = PTL_NET_WANT_COUNTERS;
  network_class->update = ptl_interfaces_page_update;

  ptl_page_base_class_set_template (base_class, "ptl-interfaces-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, count);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, problem);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, paned);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, details);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, name);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, kind);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, rates);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, graph);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, details_button);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, pages);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, addresses);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, address_details);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, facts);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, counters);
  gtk_widget_class_bind_template_child (widget_class, PtlInterfacesPage, address_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_page_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_address_activated_cb);
}

static void
ptl_interfaces_page_init (PtlInterfacesPage *self)
{
  static const GActionEntry entries[] = {
    { .name = "which-way", .activate = on_which_way_cb },
  };

  self->network = ptl_network_page_get_network (PTL_NETWORK_PAGE (self));
  self->address_table = ptl_address_table_new (FALSE);
  self->fact_table = ptl_fact_table_new ();
  self->counter_table = ptl_counter_table_new ();
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  ptl_host_actions_add (G_ACTION_MAP (self->actions), "", on_host_action_cb, self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "interfaces",
                                  G_ACTION_GROUP (self->actions));
  gtk_widget_init_template (GTK_WIDGET (self));

  ptl_table_view_set_table (self->view, ptl_network_get_interfaces (self->network));
  ptl_table_view_set_table (self->addresses, PTL_TABLE (self->address_table));
  ptl_table_view_set_table (self->facts, PTL_TABLE (self->fact_table));
  ptl_table_view_set_table (self->counters, PTL_TABLE (self->counter_table));
  ptl_table_view_set_row_menu (self->addresses, self->address_menu);
  ptl_table_view_attach_menu (self->view, self->menu_button);
  on_page_cb (self);
  g_signal_connect_swapped (self->view, "notify::selected", G_CALLBACK (on_selected_cb), self);
  g_signal_connect_swapped (self->addresses, "notify::selected", G_CALLBACK (update_address),
                            self);
  update_details (self);
}
