/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of routes and of rules. */
#include "config.h"

#include "model/ptl-network-items.h"

#include <string.h>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-network-text.h"

/* --- routes ----------------------------------------------------------------------------------- */

enum
{
  ROUTE_DESTINATION,
  ROUTE_GATEWAY,
  ROUTE_WAY,
  ROUTE_INTERFACE,
  ROUTE_SOURCE,
  ROUTE_METRIC,
  ROUTE_TYPE,
  ROUTE_PROTOCOL,
  ROUTE_SCOPE,
  ROUTE_TABLE,
  ROUTE_WEIGHT,
  ROUTE_MTU,
  ROUTE_EXPIRES,
  ROUTE_FLAGS,
  N_ROUTE_COLUMNS
};

static const PtlTableColumn route_columns[N_ROUTE_COLUMNS] = {
  [ROUTE_DESTINATION] = { "destination", N_("Destination"), 0, 0 },
  [ROUTE_GATEWAY] = { "gateway", N_("Gateway"), 15, PTL_TABLE_WIDE_ONLY },
  [ROUTE_WAY] = { "way", N_("Gateway"), 15, PTL_TABLE_NARROW_ONLY },
  [ROUTE_INTERFACE] = { "interface", N_("Interface"), 10, 0 },
  [ROUTE_SOURCE] = { "source", N_("Source"), 15, PTL_TABLE_WIDE_ONLY },
  [ROUTE_METRIC] = { "metric", N_("Metric"), 8, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [ROUTE_TYPE] = { "type", N_("Kind"), 13, PTL_TABLE_WIDE_ONLY },
  [ROUTE_PROTOCOL] = { "protocol", N_("From"), 8, PTL_TABLE_WIDE_ONLY },
  [ROUTE_SCOPE] = { "scope", N_("Scope"), 9, PTL_TABLE_WIDE_ONLY },
  [ROUTE_TABLE] = { "table", N_("Table"), 8, PTL_TABLE_WIDE_ONLY },
  [ROUTE_WEIGHT] = { "weight", N_("Weight"), 8, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [ROUTE_MTU] = { "mtu", N_("MTU"), 7, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [ROUTE_EXPIRES] = { "expires_s", N_("Expires"), 11, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  [ROUTE_FLAGS] = { "flags", N_("Flags"), 14, PTL_TABLE_WIDE_ONLY },
};

static char *
dup_destination (const PtlRoute *route)
{
  g_autofree char *to = NULL;
  g_autofree char *from = NULL;

  to = ptl_network_text_prefix (route->family, route->destination, route->destination_len);
  if (route->destination_len == 0)
    {
      g_free (to);
      /* Translators: where packets go that no other route is for */
      to = g_strdup_printf (_("default (%s)"), route->family == AF_INET ? "IPv4" : "IPv6");
    }
  if (route->source_len == 0)
    return g_steal_pointer (&to);
  from = ptl_network_text_prefix (route->family, route->source, route->source_len);
  /* Translators: a destination, and the source that packets have to have for this route */
  return g_strdup_printf (_("%s from %s"), to, from);
}

static char *
dup_route_flags (const PtlRouteItem *item)
{
  static const struct
  {
    guint       bit;
    const char *name;
  } names[] = {
    { RTNH_F_DEAD, "dead" }, { RTNH_F_LINKDOWN, "linkdown" }, { RTNH_F_ONLINK, "onlink" },
    { RTNH_F_PERVASIVE, "pervasive" }, { RTNH_F_OFFLOAD, "offload" },
    { RTNH_F_UNRESOLVED, "unresolved" },
  };
  guint flags = item->has_hop ? item->hop.flags : item->route.flags;
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if ((flags & names[i].bit) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", names[i].name);
  if (item->route.next_hop_id != 0)
    g_string_append_printf (text, "%snhid %u", text->len > 0 ? ", " : "",
                            item->route.next_hop_id);
  return g_string_free (text, FALSE);
}

static gboolean
leads_nowhere (const PtlRoute *route)
{
  return route->type == RTN_UNREACHABLE || route->type == RTN_PROHIBIT
         || route->type == RTN_BLACKHOLE;
}

static char *
dup_route_cell (gconstpointer value,
                guint         column)
{
  const PtlRouteItem *item = value;
  const PtlRoute *route = &item->route;

  switch (column)
    {
    case ROUTE_DESTINATION:
      return dup_destination (route);

    case ROUTE_WAY:
      if (leads_nowhere (route))
        return g_strdup (ptl_network_text_route_type (route->type));
      G_GNUC_FALLTHROUGH;

    case ROUTE_GATEWAY:
      return item->hop.family != 0 ? ptl_network_text_host (item->hop.family, item->hop.gateway)
                                   : g_strdup ("");

    case ROUTE_INTERFACE:
      if (item->name[0] == '\0' && item->hop.index != 0)
        return g_strdup_printf ("#%d", item->hop.index);
      return ptl_network_text_name (item->name);

    case ROUTE_SOURCE:
      return route->has_preferred ? ptl_network_text_host (route->family, route->preferred)
                                  : g_strdup ("");

    case ROUTE_METRIC:
      return g_strdup_printf ("%u", route->metric);

    case ROUTE_TYPE:
      return g_strdup (ptl_network_text_route_type (route->type));

    case ROUTE_PROTOCOL:
      return ptl_network_text_protocol (route->protocol);

    case ROUTE_SCOPE:
      return ptl_network_text_scope (route->scope);

    case ROUTE_TABLE:
      return ptl_network_text_table (route->table);

    case ROUTE_WEIGHT:
      return item->n_hops > 1 ? g_strdup_printf ("%u", item->hop.weight) : g_strdup ("");

    case ROUTE_MTU:
      return route->mtu != 0 ? g_strdup_printf ("%u", route->mtu) : g_strdup ("");

    case ROUTE_EXPIRES:
      return route->expires_s != 0 ? ptl_network_text_lifetime (route->expires_s)
                                   : g_strdup ("");

    case ROUTE_FLAGS:
    default:
      return dup_route_flags (item);
    }
}

static char *
dup_route_value (gconstpointer value,
                 guint         column)
{
  const PtlRouteItem *item = value;

  if (column == ROUTE_DESTINATION && item->route.source_len == 0)
    return ptl_network_text_prefix (item->route.family, item->route.destination,
                                    item->route.destination_len);
  if (column == ROUTE_EXPIRES)
    return item->route.expires_s != 0 ? g_strdup_printf ("%u", item->route.expires_s)
                                      : g_strdup ("");
  return NULL;
}

static PtlTableTone
get_route_tone (gconstpointer value,
                guint         column)
{
  const PtlRouteItem *item = value;

  if ((item->hop.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) != 0)
    return PTL_TABLE_QUIET;
  if ((column == ROUTE_TYPE || column == ROUTE_WAY) && leads_nowhere (&item->route))
    return PTL_TABLE_WARNING;
  return PTL_TABLE_PLAIN;
}

static int
compare_routes (gconstpointer a,
                gconstpointer b,
                guint         column)
{
  const PtlRouteItem *first = a;
  const PtlRouteItem *second = b;
  int order;

  switch (column)
    {
    case ROUTE_DESTINATION:
      if (first->route.family != second->route.family)
        return first->route.family == AF_INET ? -1 : 1;
      order = memcmp (first->route.destination, second->route.destination, 16);
      return order != 0 ? order : ptl_net_compare_numbers (first->route.destination_len,
                                                           second->route.destination_len);

    case ROUTE_METRIC:
      return ptl_net_compare_numbers (first->route.metric, second->route.metric);

    case ROUTE_MTU:
      return ptl_net_compare_numbers (first->route.mtu, second->route.mtu);

    case ROUTE_EXPIRES:
      return ptl_net_compare_numbers (first->route.expires_s, second->route.expires_s);

    case ROUTE_WEIGHT:
      return ptl_net_compare_numbers (first->hop.weight, second->hop.weight);

    default:
      return ptl_net_compare_texts (dup_route_cell (a, column), dup_route_cell (b, column));
    }
}

static guint
hash_bytes (guint          hash,
            const uint8_t *bytes,
            size_t         len_bytes)
{
  for (size_t i = 0; i < len_bytes; i++)
    hash = hash * 31 + bytes[i];
  return hash;
}

static guint
hash_route (gconstpointer value)
{
  const PtlRouteItem *item = value;
  guint hash = item->route.table * 31 + item->route.metric;

  hash = hash * 31 + (guint) item->hop.index;
  hash = hash_bytes (hash, item->route.destination, 16) + item->route.destination_len;
  return hash_bytes (hash, item->hop.gateway, 16);
}

static gboolean
is_same_route (gconstpointer a,
               gconstpointer b)
{
  const PtlRouteItem *first = a;
  const PtlRouteItem *second = b;

  return first->route.family == second->route.family && first->route.table == second->route.table
         && first->route.metric == second->route.metric && first->route.type == second->route.type
         && first->route.tos == second->route.tos && first->number == second->number
         && first->route.destination_len == second->route.destination_len
         && first->hop.index == second->hop.index
         && memcmp (first->route.destination, second->route.destination, 16) == 0
         && memcmp (first->hop.gateway, second->hop.gateway, 16) == 0;
}

static gboolean
is_equal_route (gconstpointer a,
                gconstpointer b)
{
  const PtlRouteItem *first = a;
  const PtlRouteItem *second = b;
  PtlRoute copy;

  /* Where its hops are in the array says nothing. */
  memcpy (&copy, &second->route, sizeof copy);
  copy.first_hop = first->route.first_hop;
  return first->n_hops == second->n_hops && strcmp (first->name, second->name) == 0
         && memcmp (&first->hop, &second->hop, sizeof first->hop) == 0
         && memcmp (&first->route, &copy, sizeof copy) == 0;
}

PtlNetTable *
ptl_route_table_new (void)
{
  static const PtlNetTableKind kind = {
    .columns = route_columns, .n_columns = N_ROUTE_COLUMNS, .dup_cell = dup_route_cell,
    .dup_value = dup_route_value, .get_tone = get_route_tone, .compare = compare_routes,
    .hash = hash_route, .is_same = is_same_route, .is_equal = is_equal_route,
    .free_value = g_free,
  };

  return ptl_net_table_new (&kind);
}

/* --- rules ------------------------------------------------------------------------------------ */

enum
{
  RULE_PRIORITY,
  RULE_FAMILY,
  RULE_SELECTOR,
  RULE_ACTION,
  RULE_PROTOCOL,
  N_RULE_COLUMNS
};

static const PtlTableColumn rule_columns[N_RULE_COLUMNS] = {
  [RULE_PRIORITY] = { "priority", N_("Priority"), 9, PTL_TABLE_NUMERIC },
  [RULE_FAMILY] = { "family", N_("Family"), 7, 0 },
  [RULE_SELECTOR] = { "selector", N_("For Packets"), 0, 0 },
  [RULE_ACTION] = { "action", N_("What Happens"), 18, 0 },
  [RULE_PROTOCOL] = { "protocol", N_("From"), 8, PTL_TABLE_WIDE_ONLY },
};

static void
append_ports (GString    *text,
              const char *what,
              guint       from,
              guint       to)
{
  if (from == 0 && to == 0)
    return;
  g_string_append_printf (text, from == to ? " %s %u" : " %s %u-%u", what, from, to);
}

/* In the words of ip-rule(8), which whoever made it knows. */
static char *
dup_selector (const PtlRule *rule)
{
  GString *text = g_string_new (rule->inverted ? "not " : "");
  g_autofree char *source = ptl_network_text_prefix (rule->family, rule->source,
                                                     rule->source_len);

  g_string_append_printf (text, "from %s", rule->source_len > 0 ? source : "all");
  if (rule->destination_len > 0)
    {
      g_autofree char *to = ptl_network_text_prefix (rule->family, rule->destination,
                                                     rule->destination_len);

      g_string_append_printf (text, " to %s", to);
    }
  if (rule->tos != 0)
    g_string_append_printf (text, " tos 0x%02x", rule->tos);
  if (rule->mark != 0 || rule->mark_mask != 0)
    {
      g_string_append_printf (text, " fwmark 0x%x", rule->mark);
      if (rule->mark_mask != UINT32_MAX)
        g_string_append_printf (text, "/0x%x", rule->mark_mask);
    }
  if (rule->in_name[0] != '\0')
    {
      g_autofree char *name = ptl_network_text_name (rule->in_name);

      g_string_append_printf (text, " iif %s", name);
    }
  if (rule->out_name[0] != '\0')
    {
      g_autofree char *name = ptl_network_text_name (rule->out_name);

      g_string_append_printf (text, " oif %s", name);
    }
  if (rule->has_uids)
    g_string_append_printf (text, " uidrange %u-%u", rule->uid_from, rule->uid_to);
  if (rule->ip_protocol != 0)
    g_string_append_printf (text, " ipproto %u", rule->ip_protocol);
  append_ports (text, "sport", rule->source_port_from, rule->source_port_to);
  append_ports (text, "dport", rule->destination_port_from, rule->destination_port_to);
  return g_string_free (text, FALSE);
}

static char *
dup_action (const PtlRule *rule)
{
  g_autofree char *table = NULL;

  switch (rule->action)
    {
    case FR_ACT_TO_TBL:
      if (rule->l3mdev)
        /* Translators: a rule of routing */
        return g_strdup (_("The table of its VRF"));
      table = ptl_network_text_table (rule->table);
      if (rule->suppress_len >= 0)
        return g_strdup_printf (_("Table %s, prefixes longer than %d"), table,
                                rule->suppress_len);
      /* Translators: a rule of routing, and the name of a table */
      return g_strdup_printf (_("Table %s"), table);

    case FR_ACT_GOTO:
      return g_strdup_printf (_("Goes on at %u"), rule->goto_priority);

    case FR_ACT_NOP:
      return g_strdup (_("Nothing"));

    case FR_ACT_BLACKHOLE:
      return g_strdup (_("Blackhole"));

    case FR_ACT_UNREACHABLE:
      return g_strdup (_("Unreachable"));

    case FR_ACT_PROHIBIT:
      return g_strdup (_("Prohibited"));

    default:
      return g_strdup_printf ("%u", rule->action);
    }
}

static char *
dup_rule_cell (gconstpointer value,
               guint         column)
{
  const PtlRule *rule = &((const PtlRuleItem *) value)->rule;

  switch (column)
    {
    case RULE_PRIORITY:
      return g_strdup_printf ("%u", rule->priority);

    case RULE_FAMILY:
      return g_strdup (rule->family == AF_INET ? "IPv4" : "IPv6");

    case RULE_SELECTOR:
      return dup_selector (rule);

    case RULE_ACTION:
      return dup_action (rule);

    case RULE_PROTOCOL:
    default:
      return ptl_network_text_protocol (rule->protocol);
    }
}

static PtlTableTone
get_rule_tone (gconstpointer value,
               guint         column)
{
  guint action = ((const PtlRuleItem *) value)->rule.action;

  return column == RULE_ACTION && action >= FR_ACT_BLACKHOLE ? PTL_TABLE_WARNING
                                                             : PTL_TABLE_PLAIN;
}

static int
compare_rules (gconstpointer a,
               gconstpointer b,
               guint         column)
{
  if (column == RULE_PRIORITY)
    return ptl_net_compare_numbers (((const PtlRuleItem *) a)->rule.priority,
                                    ((const PtlRuleItem *) b)->rule.priority);
  return ptl_net_compare_texts (dup_rule_cell (a, column), dup_rule_cell (b, column));
}

static guint
hash_rule (gconstpointer value)
{
  const PtlRuleItem *item = value;

  return item->rule.priority * 31 + item->rule.family + item->number;
}

static gboolean
is_same_rule (gconstpointer a,
              gconstpointer b)
{
  const PtlRuleItem *first = a;
  const PtlRuleItem *second = b;

  return first->number == second->number
         && memcmp (&first->rule, &second->rule, sizeof first->rule) == 0;
}

PtlNetTable *
ptl_rule_table_new (void)
{
  static const PtlNetTableKind kind = {
    .columns = rule_columns, .n_columns = N_RULE_COLUMNS, .dup_cell = dup_rule_cell,
    .get_tone = get_rule_tone, .compare = compare_rules, .hash = hash_rule,
    .is_same = is_same_rule, .is_equal = is_same_rule, .free_value = g_free,
  };

  return ptl_net_table_new (&kind);
}
