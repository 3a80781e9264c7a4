/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The routing tables, and the question which way a packet would go. */
#include "config.h"

#include "host/ptl-routes.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "base/ptl-error.h"
#include "host/ptl-netlink-parse.h"

PtlRoutes *
ptl_routes_ref (PtlRoutes *routes)
{
  atomic_fetch_add_explicit (&routes->ref_count, 1, memory_order_relaxed);
  return routes;
}

void
ptl_routes_unref (PtlRoutes *routes)
{
  if (routes == NULL
      || atomic_fetch_sub_explicit (&routes->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  g_free (routes->routes);
  g_free (routes->hops);
  g_free (routes->rules);
  g_free (routes);
}

bool
ptl_routes_equal (const PtlRoutes *a,
                  const PtlRoutes *b)
{
  return a->n_routes == b->n_routes && a->n_hops == b->n_hops && a->n_rules == b->n_rules
         && a->n_left_out == b->n_left_out && a->rules_error == b->rules_error
         && (a->n_routes == 0
             || memcmp (a->routes, b->routes, a->n_routes * sizeof a->routes[0]) == 0)
         && (a->n_hops == 0 || memcmp (a->hops, b->hops, a->n_hops * sizeof a->hops[0]) == 0)
         && (a->n_rules == 0 || memcmp (a->rules, b->rules, a->n_rules * sizeof a->rules[0]) == 0);
}

static bool
is_inside (const uint8_t *address,
           const uint8_t *prefix,
           unsigned       len)
{
  unsigned whole = len / 8;

  if (memcmp (address, prefix, whole) != 0)
    return false;
  return len % 8 == 0 || ((address[whole] ^ prefix[whole]) >> (8 - len % 8)) == 0;
}

static const void *
get_bytes (const PtlAddress *address)
{
  return address->sa.sa_family == AF_INET ? (const void *) &address->in.sin_addr
                                          : (const void *) &address->in6.sin6_addr;
}

const PtlRoute *
ptl_routes_find_refusal (const PtlRoutes  *routes,
                         const PtlAddress *address,
                         uint8_t           type)
{
  const PtlRoute *found = NULL;
  int family = ptl_address_get_family (address);

  for (unsigned i = 0; routes != NULL && i < routes->n_routes; i++)
    {
      const PtlRoute *route = &routes->routes[i];

      if (route->family == family
          && route->type == type
          && is_inside (get_bytes (address), route->destination, route->destination_len)
          && (found == NULL || route->destination_len > found->destination_len))
        found = route;
    }
  return found;
}

typedef struct
{
  PtlRoute *route;
  GArray   *hops;
  bool      found;
} Found;

static void
on_route (const struct nlmsghdr *message,
          void                  *data)
{
  Found *found = data;

  found->found = ptl_netlink_parse_route (message, found->route, found->hops);
}

static int
ask_once (PtlNetlink             *nl,
          const PtlRouteQuestion *question,
          unsigned                flags,
          PtlRoute               *route,
          GArray                 *hops)
{
  int family = ptl_address_get_family (&question->destination);
  uint8_t len = family == AF_INET ? 4 : 16;
  struct rtmsg head = {
    .rtm_family = (unsigned char) family, .rtm_dst_len = (unsigned char) (len * 8),
    .rtm_flags = RTM_F_LOOKUP_TABLE | flags,
  };
  uint8_t bytes[256] = { 0 };
  size_t at = NLMSG_ALIGN (sizeof head);
  Found found = { .route = route, .hops = hops };
  int index = question->out_index;
  int result;

  if (family == AF_INET6 && index == 0)
    index = (int) question->destination.in6.sin6_scope_id;
  if (question->source.len != 0)
    head.rtm_src_len = (unsigned char) (len * 8);
  memcpy (bytes, &head, sizeof head);
  ptl_netlink_put (bytes, sizeof bytes, &at, RTA_DST, get_bytes (&question->destination), len);
  if (question->source.len != 0)
    ptl_netlink_put (bytes, sizeof bytes, &at, RTA_SRC, get_bytes (&question->source), len);
  if (index != 0)
    ptl_netlink_put (bytes, sizeof bytes, &at, RTA_OIF, &index, sizeof index);
  if (question->mark != 0)
    ptl_netlink_put (bytes, sizeof bytes, &at, RTA_MARK, &question->mark,
                     sizeof question->mark);

  result = ptl_netlink_ask (nl, RTM_GETROUTE, 0, bytes, at, on_route, &found);
  if (result == 0 && !found.found)
    return -EBADMSG;
  return result;
}

bool
ptl_routes_ask (const PtlRouteQuestion  *question,
                PtlRouteAnswer          *answer,
                GError                 **error)
{
  int family = ptl_address_get_family (&question->destination);
  g_autoptr (GArray) hops = g_array_new (FALSE, TRUE, sizeof (PtlRouteHop));
  PtlNetlink nl;
  int result;

  memset (answer, 0, sizeof *answer);
  if ((family != AF_INET && family != AF_INET6)
      || (question->source.len != 0 && ptl_address_get_family (&question->source) != family))
    {
      ptl_error_set_errno (error, EAFNOSUPPORT, "RTM_GETROUTE");
      return false;
    }
  /* The strict checks of IPv6 refuse RTM_F_LOOKUP_TABLE. */
  result = ptl_netlink_open (&nl, NETLINK_ROUTE, false, -1);
  if (result < 0)
    {
      ptl_error_set_errno (error, -result, "socket(AF_NETLINK, NETLINK_ROUTE)");
      return false;
    }

  result = ask_once (&nl, question, 0, &answer->route, hops);
  if (result == 0)
    {
      if (hops->len > 0)
        answer->hop = g_array_index (hops, PtlRouteHop, 0);
      answer->error = answer->route.error;
      g_array_set_size (hops, 0);
      /* The entry of the table (Linux 4.13); without it there is still the answer. */
      answer->has_match = ask_once (&nl, question, RTM_F_FIB_MATCH, &answer->match, hops) == 0;
    }
  else if (result == -ETIMEDOUT || result == -EBADMSG || result == -ENOBUFS)
    ptl_error_set_errno (error, -result, "RTM_GETROUTE");
  else
    {
      answer->error = result;
      result = 0;
    }
  ptl_netlink_close (&nl);
  return result == 0;
}
