/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interfaces and routes of this computer as tables that are always up to date. */
#include "config.h"

#include "model/ptl-network.h"

#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "model/ptl-bridge-private.h"
#include "model/ptl-network-items.h"
#include "model/ptl-network-text.h"
#include "model/ptl-text-private.h"

/* Of one interface: what it had when it was asked last, and its rates since. */
typedef struct
{
  struct rtnl_link_stats64 stats;
  guint64                  at_ns;
  guint                    n_rates;
  double                   rx[PTL_NETWORK_RATES_MAX]; /* oldest first */
  double                   tx[PTL_NETWORK_RATES_MAX];
} History;

struct _PtlNetwork
{
  GObject         parent_instance;

  PtlNetMonitor  *monitor;    /* NULL: it could not be started */
  PtlBridge      *bridge;
  char           *start_error;
  PtlNetSnapshot *snapshot;   /* NULL: not yet */
  PtlCounterSet  *counted;    /* that the histories have; NULL */
  GHashTable     *histories;  /* by index */
  PtlNetTable    *interfaces;
  PtlNetTable    *full_interfaces;
  PtlNetTable    *addresses;
  PtlNetTable    *routes;
  PtlNetTable    *all_routes; /* weak: while a report has it */
  PtlNetTable    *rules;
  guint           n_holds[2]; /* of each PtlNetWant */
  gboolean        with_local;
  int             family;
  guint           n_hidden;
};

G_DEFINE_FINAL_TYPE (PtlNetwork, ptl_network, G_TYPE_OBJECT)

static guint changed_signal;

/* --- rates ------------------------------------------------------------------------------------ */

static double
get_rate (guint64 before,
          guint64 now,
          double  seconds)
{
  /* Drivers may set them back. */
  return now >= before ? (double) (now - before) / seconds : 0;
}

static void
add_rates (History                        *history,
           const struct rtnl_link_stats64 *stats,
           guint64                         at_ns)
{
  double seconds = (double) (at_ns - history->at_ns) / PTL_NS_PER_S;

  if (history->at_ns != 0 && seconds > 0)
    {
      if (history->n_rates == PTL_NETWORK_RATES_MAX)
        {
          history->n_rates--;
          memmove (history->rx, history->rx + 1, history->n_rates * sizeof history->rx[0]);
          memmove (history->tx, history->tx + 1, history->n_rates * sizeof history->tx[0]);
        }
      history->rx[history->n_rates] = get_rate (history->stats.rx_bytes, stats->rx_bytes, seconds);
      history->tx[history->n_rates] = get_rate (history->stats.tx_bytes, stats->tx_bytes, seconds);
      history->n_rates++;
    }
  history->stats = *stats;
  history->at_ns = at_ns;
}

static gboolean
is_gone_cb (gpointer key,
            gpointer value,
            gpointer data)
{
  return ptl_counter_set_find (data, GPOINTER_TO_INT (key)) == NULL;
}

static void
update_rates (PtlNetwork *self)
{
  PtlCounterSet *set = self->snapshot->counters;

  if (set == self->counted)
    return;
  g_clear_pointer (&self->counted, ptl_counter_set_unref);
  if (set == NULL)
    {
      /* Nobody looked: what comes next does not follow. */
      g_hash_table_remove_all (self->histories);
      return;
    }
  self->counted = ptl_counter_set_ref (set);
  for (unsigned i = 0; i < set->n_counters; i++)
    {
      gpointer key = GINT_TO_POINTER (set->counters[i].index);
      History *history = g_hash_table_lookup (self->histories, key);

      if (history == NULL)
        {
          history = g_new0 (History, 1);
          g_hash_table_insert (self->histories, key, history);
        }
      add_rates (history, &set->counters[i].stats, set->at_ns);
    }
  g_hash_table_foreach_remove (self->histories, is_gone_cb, set);
}

guint
ptl_network_get_rates (PtlNetwork    *self,
                       int            index,
                       const double **rx,
                       const double **tx)
{
  const History *history;

  g_return_val_if_fail (PTL_IS_NETWORK (self), 0);

  history = g_hash_table_lookup (self->histories, GINT_TO_POINTER (index));
  if (history == NULL)
    return 0;
  *rx = history->rx;
  *tx = history->tx;
  return history->n_rates;
}

/* --- tables ----------------------------------------------------------------------------------- */

static void
update_interfaces (PtlNetwork *self)
{
  g_autoptr (GPtrArray) interfaces = g_ptr_array_sized_new (self->snapshot->n_interfaces);
  g_autoptr (GPtrArray) full = g_ptr_array_sized_new (self->snapshot->n_interfaces);
  g_autoptr (GPtrArray) addresses = g_ptr_array_sized_new (self->snapshot->n_addresses);

  for (unsigned i = 0; i < self->snapshot->n_interfaces; i++)
    {
      PtlInterface *interface = self->snapshot->interfaces[i];
      const History *history = g_hash_table_lookup (self->histories,
                                                    GINT_TO_POINTER (interface->link.index));
      PtlInterfaceItem *item = g_new0 (PtlInterfaceItem, 1);

      item->interface = ptl_interface_ref (interface);
      if (history != NULL)
        {
          item->has_counters = TRUE;
          item->stats = history->stats;
          if (history->n_rates > 0)
            {
              item->has_rates = TRUE;
              item->rx_rate = history->rx[history->n_rates - 1];
              item->tx_rate = history->tx[history->n_rates - 1];
            }
        }
      g_ptr_array_add (interfaces, item);
      g_ptr_array_add (full, g_memdup2 (item, sizeof *item));
      ptl_interface_ref (interface);
      for (unsigned k = 0; k < interface->n_addresses; k++)
        {
          PtlAddressItem *address = g_new0 (PtlAddressItem, 1);

          address->address = interface->addresses[k];
          memcpy (address->name, interface->link.name, sizeof address->name);
          g_ptr_array_add (addresses, address);
        }
    }
  ptl_net_table_update (self->interfaces, interfaces);
  ptl_net_table_update (self->full_interfaces, full);
  ptl_net_table_update (self->addresses, addresses);
}

static PtlRouteItem *
new_route_item (PtlNetwork        *self,
                const PtlRoute    *route,
                const PtlRouteHop *hop,
                guint              number)
{
  PtlRouteItem *item = g_new0 (PtlRouteItem, 1);

  item->route = *route;
  item->n_hops = route->n_hops;
  item->number = number;
  if (hop != NULL)
    {
      const PtlInterface *interface = ptl_net_snapshot_find (self->snapshot, hop->index);

      item->hop = *hop;
      item->has_hop = TRUE;
      if (interface != NULL)
        memcpy (item->name, interface->link.name, sizeof item->name);
    }
  return item;
}

static guint
rank_table (guint32 table)
{
  return table == RT_TABLE_MAIN ? 0 : table == RT_TABLE_LOCAL ? 2 : 1;
}

/* The main table first, and in each the default routes; else as the kernel tells them. */
static int
compare_places (gconstpointer a,
                gconstpointer b)
{
  const PtlRoute *first = *(const PtlRoute *const *) a;
  const PtlRoute *second = *(const PtlRoute *const *) b;

  if (first->family != second->family)
    return first->family == AF_INET ? -1 : 1;
  if (rank_table (first->table) != rank_table (second->table))
    return (int) rank_table (first->table) - (int) rank_table (second->table);
  if (first->table != second->table)
    return first->table < second->table ? -1 : 1;
  if ((first->destination_len == 0) != (second->destination_len == 0))
    return first->destination_len == 0 ? -1 : 1;
  return (first > second) - (first < second);
}

/* How many there are besides. */
static guint
fill_routes (PtlNetwork  *self,
             PtlNetTable *table,
             gboolean     with_local,
             int          family)
{
  const PtlRoutes *routes = self->snapshot->routes;
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  guint n_hidden = 0;

  for (unsigned i = 0; routes != NULL && i < routes->n_routes; i++)
    {
      PtlRoute *route = &routes->routes[i];

      if ((route->table == RT_TABLE_LOCAL && !with_local)
          || (family != 0 && route->family != family))
        n_hidden++;
      else
        g_ptr_array_add (chosen, route);
    }
  g_ptr_array_sort (chosen, compare_places);
  for (guint i = 0; i < chosen->len; i++)
    {
      const PtlRoute *route = chosen->pdata[i];

      if (route->n_hops == 0)
        g_ptr_array_add (values, new_route_item (self, route, NULL, 0));
      for (unsigned k = 0; k < route->n_hops; k++)
        g_ptr_array_add (values,
                         new_route_item (self, route, &routes->hops[route->first_hop + k], k));
    }
  ptl_net_table_update (table, values);
  return n_hidden;
}

static void
update_routes (PtlNetwork *self)
{
  const PtlRoutes *routes = self->snapshot->routes;
  g_autoptr (GPtrArray) rules = g_ptr_array_new ();

  self->n_hidden = fill_routes (self, self->routes, self->with_local, self->family);
  if (self->all_routes != NULL)
    fill_routes (self, self->all_routes, TRUE, 0);
  for (unsigned i = 0; routes != NULL && i < routes->n_rules; i++)
    {
      PtlRuleItem *item = g_new0 (PtlRuleItem, 1);

      item->rule = routes->rules[i];
      /* The kernel tells them by priority: those that are the same stand together. */
      for (unsigned k = i; k > 0; k--)
        {
          if (memcmp (&routes->rules[k - 1], &item->rule, sizeof item->rule) != 0)
            break;
          item->number++;
        }
      g_ptr_array_add (rules, item);
    }
  ptl_net_table_update (self->rules, rules);
}

/* The rows of routes have the names of interfaces. */
static gboolean
are_routes_the_same (const PtlNetSnapshot *a,
                     const PtlNetSnapshot *b)
{
  return a != NULL && a->routes == b->routes && a->n_interfaces == b->n_interfaces
         && memcmp (a->interfaces, b->interfaces, a->n_interfaces * sizeof a->interfaces[0]) == 0;
}

static void
on_news (gpointer payload,
         gpointer data)
{
  PtlNetwork *self = PTL_NETWORK (data);
  PtlNetSnapshot *snapshot = ptl_net_monitor_dup_snapshot (self->monitor);
  g_autoptr (PtlNetSnapshot) old = g_steal_pointer (&self->snapshot);

  if (snapshot == NULL)
    {
      self->snapshot = g_steal_pointer (&old);
      return;
    }
  g_object_ref (self);
  self->snapshot = snapshot;
  update_rates (self);
  update_interfaces (self);
  if (!are_routes_the_same (old, snapshot))
    update_routes (self);
  g_signal_emit (self, changed_signal, 0);
  g_object_unref (self);
}

/* In the monitor's thread. */
static void
on_changed (void *data)
{
  PtlNetwork *self = data;

  ptl_bridge_post (self->bridge, on_news, NULL, g_free, self, NULL);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_network_dispose (GObject *object)
{
  PtlNetwork *self = PTL_NETWORK (object);

  /* Then nobody posts to the bridge any more. */
  g_clear_pointer (&self->monitor, ptl_net_monitor_free);
  g_clear_pointer (&self->bridge, ptl_bridge_close);
  g_clear_pointer (&self->snapshot, ptl_net_snapshot_unref);
  g_clear_pointer (&self->counted, ptl_counter_set_unref);
  g_clear_pointer (&self->histories, g_hash_table_unref);
  g_clear_object (&self->interfaces);
  g_clear_object (&self->full_interfaces);
  g_clear_object (&self->addresses);
  g_clear_object (&self->routes);
  g_clear_weak_pointer (&self->all_routes);
  g_clear_object (&self->rules);
  g_clear_pointer (&self->start_error, g_free);

  G_OBJECT_CLASS (ptl_network_parent_class)->dispose (object);
}

static void
ptl_network_class_init (PtlNetworkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ptl_network_dispose;
  changed_signal = g_signal_new ("changed", PTL_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ptl_network_init (PtlNetwork *self)
{
  g_autoptr (GError) error = NULL;

  self->bridge = ptl_bridge_new ();
  self->histories = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->interfaces = ptl_interface_table_new (FALSE);
  self->full_interfaces = ptl_interface_table_new (TRUE);
  self->addresses = ptl_address_table_new (TRUE);
  self->routes = ptl_route_table_new ();
  self->rules = ptl_rule_table_new ();
  self->monitor = ptl_net_monitor_new (on_changed, self, &error);
  if (self->monitor == NULL)
    self->start_error = g_strdup (error->message);
}

PtlNetwork *
ptl_network_dup_shared (void)
{
  static GWeakRef shared;
  PtlNetwork *self = g_weak_ref_get (&shared);

  if (self == NULL)
    {
      self = g_object_new (PTL_TYPE_NETWORK, NULL);
      g_weak_ref_set (&shared, self);
    }
  return self;
}

static void
update_wants (PtlNetwork *self)
{
  unsigned wants = (self->n_holds[0] > 0 ? PTL_NET_WANT_COUNTERS : 0)
                   | (self->n_holds[1] > 0 ? PTL_NET_WANT_ROUTES : 0);

  if (self->monitor != NULL)
    ptl_net_monitor_set_wants (self->monitor, wants);
}

void
ptl_network_hold (PtlNetwork *self,
                  PtlNetWant  want)
{
  g_return_if_fail (PTL_IS_NETWORK (self));

  self->n_holds[want == PTL_NET_WANT_ROUTES]++;
  update_wants (self);
}

void
ptl_network_release (PtlNetwork *self,
                     PtlNetWant  want)
{
  g_return_if_fail (PTL_IS_NETWORK (self));
  g_return_if_fail (self->n_holds[want == PTL_NET_WANT_ROUTES] > 0);

  self->n_holds[want == PTL_NET_WANT_ROUTES]--;
  update_wants (self);
}

typedef struct
{
  PtlNetwork *network; /* owned */
  PtlNetWant  want;
} Hold;

static void
on_gone (gpointer data,
         GObject *object)
{
  Hold *hold = data;

  ptl_network_release (hold->network, hold->want);
  g_object_unref (hold->network);
  g_free (hold);
}

void
ptl_network_hold_for (PtlNetwork *self,
                      PtlNetWant  want,
                      GObject    *object)
{
  Hold *hold = g_new (Hold, 1);

  hold->network = g_object_ref (self);
  hold->want = want;
  ptl_network_hold (self, want);
  g_object_weak_ref (object, on_gone, hold);
}

const PtlNetSnapshot *
ptl_network_get_snapshot (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  return self->snapshot;
}

char *
ptl_network_dup_problem (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  if (self->start_error != NULL)
    return g_strdup_printf (_("The kernel cannot be asked: %s"), self->start_error);
  if (self->snapshot != NULL && self->snapshot->error != 0)
    {
      g_autofree char *text = ptl_text_dup_errno (-self->snapshot->error);

      return g_strdup_printf (_("The kernel does not answer, what is shown may be old: %s"), text);
    }
  if (self->snapshot != NULL && self->snapshot->n_left_out > 0)
    return g_strdup_printf (_("There are more interfaces and addresses than are shown: %u, "
                              "or %u addresses, are the limit"),
                            PTL_INTERFACES_MAX, PTL_INTERFACE_ADDRESSES_MAX);
  if (self->snapshot != NULL && self->snapshot->routes != NULL
      && self->snapshot->routes->n_left_out > 0)
    return g_strdup_printf (_("There are %u more routes and rules than are shown"),
                            self->snapshot->routes->n_left_out);
  return NULL;
}

PtlTable *
ptl_network_get_interfaces (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  return PTL_TABLE (self->interfaces);
}

PtlTable *
ptl_network_get_full_interfaces (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  return PTL_TABLE (self->full_interfaces);
}

PtlTable *
ptl_network_get_addresses (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  return PTL_TABLE (self->addresses);
}

PtlTable *
ptl_network_get_routes (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  return PTL_TABLE (self->routes);
}

PtlTable *
ptl_network_dup_all_routes (PtlNetwork *self)
{
  PtlNetTable *table;

  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  if (self->all_routes != NULL)
    return PTL_TABLE (g_object_ref (self->all_routes));
  table = ptl_route_table_new ();
  g_set_weak_pointer (&self->all_routes, table);
  if (self->snapshot != NULL)
    fill_routes (self, table, TRUE, 0);
  return PTL_TABLE (table);
}

PtlTable *
ptl_network_get_rules (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  return PTL_TABLE (self->rules);
}

void
ptl_network_filter_routes (PtlNetwork *self,
                           gboolean    with_local,
                           int         family)
{
  g_return_if_fail (PTL_IS_NETWORK (self));

  if (self->with_local == with_local && self->family == family)
    return;
  self->with_local = with_local;
  self->family = family;
  if (self->snapshot != NULL)
    update_routes (self);
}

guint
ptl_network_get_n_hidden (PtlNetwork *self)
{
  g_return_val_if_fail (PTL_IS_NETWORK (self), 0);

  return self->n_hidden;
}

char *
ptl_network_dup_name (PtlNetwork *self,
                      int         index)
{
  const PtlInterface *interface;

  g_return_val_if_fail (PTL_IS_NETWORK (self), NULL);

  interface = ptl_net_snapshot_find (self->snapshot, index);
  if (interface == NULL)
    return g_strdup_printf ("#%d", index);
  return ptl_network_text_name (interface->link.name);
}
