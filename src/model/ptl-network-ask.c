/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which way a packet would go, in words. */
#include "config.h"

#include "model/ptl-network.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "model/ptl-network-items.h"
#include "model/ptl-network-text.h"
#include "model/ptl-text-private.h"

typedef struct
{
  PtlRouteQuestion question;
  PtlRouteAnswer   answer;
} Way;

static gboolean
parse (PtlAddress *address,
       const char *text,
       GError    **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };

  if (!ptl_endpoint_parse_host_port (&endpoint, text, "0", NULL, NULL, error))
    return FALSE;
  switch (endpoint.host_kind)
    {
    case PTL_HOST_IPV4:
    case PTL_HOST_IPV6:
    case PTL_HOST_BROADCAST:
      break;

    case PTL_HOST_NAME:
      {
        g_autofree char *safe = ptl_text_dup_safe (endpoint.host, 60);

        g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                     _("“%s” is a name: look it up first, each of its addresses may go another "
                       "way"), safe);
        return FALSE;
      }

    default:
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE, _("This is not the address of one host"));
      return FALSE;
    }
  if (endpoint.zone != NULL && endpoint.address.in6.sin6_scope_id == 0)
    {
      g_autofree char *safe = ptl_text_dup_safe (endpoint.zone, 60);

      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("There is no interface “%s” for this zone"), safe);
      return FALSE;
    }
  *address = endpoint.address;
  /* A socket sends to it by IPv4 (ipv6(7)). */
  ptl_address_unmap (address);
  return TRUE;
}

/* In a thread. */
static void
ask_cb (GTask        *task,
        gpointer      source,
        gpointer      data,
        GCancellable *cancellable)
{
  Way *way = data;
  GError *error = NULL;

  if (ptl_routes_ask (&way->question, &way->answer, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ptl_network_ask_async (PtlNetwork          *self,
                       const char          *address,
                       const char          *source,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  Way *way = g_new0 (Way, 1);

  g_return_if_fail (PTL_IS_NETWORK (self));

  task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (task, ptl_network_ask_async);
  g_task_set_task_data (task, way, g_free);
  if (!parse (&way->question.destination, address, &error)
      || (source != NULL && source[0] != '\0' && !parse (&way->question.source, source, &error)))
    {
      g_task_return_error (task, error);
      return;
    }
  if (way->question.source.len != 0
      && ptl_address_get_family (&way->question.source)
           != ptl_address_get_family (&way->question.destination))
    {
      g_task_return_new_error (task, PTL_ERROR, PTL_ERROR_PARSE,
                               _("The source is not of the same family as the destination"));
      return;
    }
  g_task_run_in_thread (task, ask_cb);
}

static gboolean
is_own (const PtlNetSnapshot *snapshot,
        const PtlAddress     *address)
{
  int family = ptl_address_get_family (address);
  const void *bytes = family == AF_INET ? (const void *) &address->in.sin_addr
                                        : (const void *) &address->in6.sin6_addr;

  for (unsigned i = 0; snapshot != NULL && i < snapshot->n_interfaces; i++)
    for (unsigned k = 0; k < snapshot->interfaces[i]->n_addresses; k++)
      {
        const PtlInterfaceAddress *own = &snapshot->interfaces[i]->addresses[k];

        if (own->family == family
            && memcmp (own->address, bytes, family == AF_INET ? 4 : 16) == 0)
          return TRUE;
      }
  return ptl_address_is_loopback (address);
}

/* What the kernel's refusal means (ip-route(8), "types"). */
static char *
explain_refusal (PtlNetwork *self,
                 const Way  *way,
                 GPtrArray  *facts)
{
  const PtlNetSnapshot *snapshot = ptl_network_get_snapshot (self);
  int error = -way->answer.error;
  uint8_t type = error == EHOSTUNREACH ? RTN_UNREACHABLE
                 : error == EACCES     ? RTN_PROHIBIT
                 : error == EINVAL     ? RTN_BLACKHOLE
                 : error == ENETUNREACH ? RTN_THROW : RTN_UNSPEC;
  const PtlRoute *route = snapshot != NULL && type != RTN_UNSPEC
                            ? ptl_routes_find_refusal (snapshot->routes,
                                                       &way->question.destination, type) : NULL;
  g_autofree char *text = ptl_text_dup_errno (error);

  ptl_fact_add (facts, "error", _("The kernel says"), g_steal_pointer (&text), PTL_TABLE_BAD);
  if (route != NULL)
    {
      g_autofree char *prefix = ptl_network_text_prefix (route->family, route->destination,
                                                         route->destination_len);
      g_autofree char *table = ptl_network_text_table (route->table);

      ptl_fact_add (facts, "refused-by", _("Refused by"),
                    /* Translators: the type of a route, its destination, its table */
                    g_strdup_printf (_("%s route %s in table %s"),
                                     ptl_network_text_route_type (route->type), prefix, table),
                    PTL_TABLE_PLAIN);
    }
  if (way->question.source.len != 0 && snapshot != NULL
      && !is_own (snapshot, &way->question.source))
    return g_strdup (_("The source is not an address of this computer"));
  switch (error)
    {
    case ENETUNREACH:
      if (route != NULL)
        return g_strdup (_("No route: a route of the type throw ends the look-up in its table, "
                           "whatever else is there, and no other table has one"));
      return g_strdup (_("No route: no table has one for this address, nor a default route"));

    case EHOSTUNREACH:
      return g_strdup (_("Unreachable: a route or rule says that there is no way; a sender is told "
                         "so"));

    case EACCES:
      return g_strdup (_("Prohibited: a route or rule forbids it; a sender is told so"));

    case EINVAL:
      return g_strdup (_("Blackhole: a route or rule drops it, and nobody is told"));

    default:
      return g_strdup (_("A packet would not go"));
    }
}

static char *
dup_user (guint uid)
{
  if (uid == getuid ())
    return g_strdup_printf ("%u (%s)", uid, g_get_user_name ());
  return g_strdup_printf ("%u", uid);
}

static char *
dup_verdict (PtlNetwork *self,
             const Way  *way,
             const char *name)
{
  const PtlRouteAnswer *answer = &way->answer;

  switch (answer->route.type)
    {
    case RTN_LOCAL:
      return g_strdup (_("It stays on this computer"));

    case RTN_BROADCAST:
      /* Translators: %s is the name of an interface */
      return g_strdup_printf (_("It is broadcast on %s"), name);

    case RTN_MULTICAST:
      return g_strdup_printf (_("It goes to a multicast group on %s"), name);

    default:
      break;
    }
  if (answer->hop.family != 0)
    {
      g_autofree char *gateway = ptl_network_text_host (answer->hop.family, answer->hop.gateway);

      /* Translators: the name of an interface, the address of a router */
      return g_strdup_printf (_("Out on %s, by way of %s"), name, gateway);
    }
  return g_strdup_printf (_("Out on %s, where the destination is on the same link"), name);
}

/* connect(2) and sendto(2) want the interface of such an address (ipv6(7)), RTM_GETROUTE not. */
static gboolean
needs_zone (const PtlAddress *address)
{
  const struct in6_addr *host = &address->in6.sin6_addr;

  return ptl_address_get_family (address) == AF_INET6 && address->in6.sin6_scope_id == 0
         && (IN6_IS_ADDR_LINKLOCAL (host) || IN6_IS_ADDR_MC_LINKLOCAL (host));
}

static char *
dup_zone_verdict (const Way  *way,
                  const char *name)
{
  char address[PTL_ADDRESS_TEXT_MAX];

  ptl_address_format_host (&way->question.destination, address, sizeof address);
  return g_strdup_printf (_("A link-local address needs its interface, as in %s%%%s: without it "
                            "connect() says EINVAL. The kernel’s look-up names %s, but there may "
                            "be others."), address, name, name);
}

static void
add_match (GPtrArray      *facts,
           const PtlRoute *match)
{
  g_autofree char *prefix = match->destination_len == 0
                              /* Translators: the default route */
                              ? g_strdup (_("default"))
                              : ptl_network_text_prefix (match->family, match->destination,
                                                         match->destination_len);
  g_autofree char *table = ptl_network_text_table (match->table);
  g_autofree char *protocol = ptl_network_text_protocol (match->protocol);

  ptl_fact_add (facts, "route", _("Route"),
                /* Translators: a destination, the name of a table */
                g_strdup_printf (_("%s in table %s"), prefix, table), PTL_TABLE_PLAIN);
  ptl_fact_add (facts, "metric", _("Metric"), g_strdup_printf ("%u", match->metric),
                PTL_TABLE_PLAIN);
  ptl_fact_add (facts, "protocol", _("Made by"), g_steal_pointer (&protocol), PTL_TABLE_PLAIN);
  if (match->n_hops > 1)
    ptl_fact_add (facts, "hops", _("Ways"),
                  g_strdup_printf (ngettext ("one of %u, chosen by the kernel",
                                             "one of %u, chosen by the kernel", match->n_hops),
                                   match->n_hops), PTL_TABLE_PLAIN);
}

char *
ptl_network_ask_finish (PtlNetwork    *self,
                        GAsyncResult  *result,
                        PtlNetTable   *facts,
                        PtlTableTone  *tone,
                        GError       **error)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  g_autofree char *name = NULL;
  const PtlRouteAnswer *answer;
  const PtlNetSnapshot *snapshot;
  const PtlInterface *interface;
  char *verdict;
  Way *way;
  guint mtu;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  *tone = PTL_TABLE_BAD;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    {
      ptl_net_table_update (facts, values);
      return NULL;
    }
  way = g_task_get_task_data (G_TASK (result));
  answer = &way->answer;
  if (answer->error != 0)
    {
      verdict = explain_refusal (self, way, values);
      ptl_net_table_update (facts, values);
      return verdict;
    }

  *tone = PTL_TABLE_GOOD;
  snapshot = ptl_network_get_snapshot (self);
  interface = ptl_net_snapshot_find (snapshot, answer->hop.index);
  name = ptl_network_dup_name (self, answer->hop.index);
  if (answer->route.type != RTN_LOCAL && needs_zone (&way->question.destination))
    {
      *tone = PTL_TABLE_WARNING;
      verdict = dup_zone_verdict (way, name);
    }
  else
    verdict = dup_verdict (self, way, name);
  ptl_fact_add (values, "interface", _("Interface"), g_strdup (name), PTL_TABLE_PLAIN);
  if (answer->hop.family != 0)
    ptl_fact_add (values, "gateway", _("Gateway"),
                  ptl_network_text_host (answer->hop.family, answer->hop.gateway),
                  PTL_TABLE_PLAIN);
  if (answer->route.has_preferred)
    ptl_fact_add (values, "source", _("Source address"),
                  ptl_network_text_host (answer->route.family, answer->route.preferred),
                  PTL_TABLE_PLAIN);
  else if (way->question.source.len != 0)
    ptl_fact_add (values, "source", _("Source address"),
                  ptl_network_text_host (answer->route.family, answer->route.source),
                  PTL_TABLE_PLAIN);
  mtu = answer->route.mtu != 0 ? answer->route.mtu : interface != NULL ? interface->link.mtu : 0;
  if (mtu != 0)
    ptl_fact_add (values, "mtu", _("MTU"),
                  answer->route.mtu != 0
                    ? g_strdup_printf (_("%u, of this way"), mtu)
                    : g_strdup_printf (_("%u, of the interface"), mtu), PTL_TABLE_PLAIN);
  if (answer->has_match)
    add_match (values, &answer->match);
  if (answer->route.uid != UINT32_MAX)
    ptl_fact_add (values, "user", _("Asked for user"), dup_user (answer->route.uid),
                  PTL_TABLE_PLAIN);
  ptl_net_table_update (facts, values);
  return verdict;
}
