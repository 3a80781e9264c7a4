/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages of rtnetlink(7) about routes and rules, as values. */
#include "config.h"

#include "host/ptl-netlink-parse.h"

#include <string.h>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

static size_t
get_len (uint8_t family)
{
  return family == AF_INET ? 4 : 16;
}

static bool
copy_address (uint8_t              bytes[16],
              uint8_t              family,
              const struct nlattr *attribute)
{
  if (attribute == NULL || (size_t) nla_len (attribute) != get_len (family))
    return false;
  memset (bytes, 0, 16);
  memcpy (bytes, nla_data (attribute), get_len (family));
  return true;
}

static uint32_t
get_u32 (struct nlattr *const *attributes,
         int                   type)
{
  return attributes[type] != NULL ? nla_get_u32 (attributes[type]) : 0;
}

/* RTA_GATEWAY is of the route's family; RTA_VIA says its own (IPv4 by way of IPv6). */
static bool
parse_gateway (PtlRouteHop         *hop,
               uint8_t              family,
               const struct nlattr *gateway,
               const struct nlattr *via)
{
  if (gateway != NULL)
    {
      if (!copy_address (hop->gateway, family, gateway))
        return false;
      hop->family = family;
      return true;
    }
  if (via != NULL)
    {
      const struct rtvia *told = nla_data (via);
      size_t len;

      if ((size_t) nla_len (via) < sizeof *told)
        return false;
      if (told->rtvia_family != AF_INET && told->rtvia_family != AF_INET6)
        return true;
      len = get_len ((uint8_t) told->rtvia_family);
      if ((size_t) nla_len (via) < offsetof (struct rtvia, rtvia_addr) + len)
        return false;
      memcpy (hop->gateway, told->rtvia_addr, len);
      hop->family = (uint8_t) told->rtvia_family;
    }
  return true;
}

static const struct nla_policy route_policy[RTA_MAX + 1] = {
  [RTA_IIF] = { .type = NLA_U32 },
  [RTA_OIF] = { .type = NLA_U32 },
  [RTA_PRIORITY] = { .type = NLA_U32 },
  [RTA_TABLE] = { .type = NLA_U32 },
  [RTA_MARK] = { .type = NLA_U32 },
  [RTA_UID] = { .type = NLA_U32 },
  [RTA_NH_ID] = { .type = NLA_U32 },
  [RTA_EXPIRES] = { .type = NLA_U32 },
  [RTA_PREF] = { .type = NLA_U8 },
  [RTA_ENCAP_TYPE] = { .type = NLA_U16 },
  [RTA_CACHEINFO] = { .minlen = sizeof (struct rta_cacheinfo) },
};

/* struct rtnexthop, attributes, struct rtnexthop ...: rtnetlink(7), RTA_MULTIPATH. */
static bool
parse_hops (const struct nlattr *list,
            uint8_t              family,
            GArray              *hops)
{
  const uint8_t *at = nla_data (list);
  size_t left = (size_t) nla_len (list);
  unsigned n = 0;

  while (left >= sizeof (struct rtnexthop))
    {
      const struct rtnexthop *told = (const struct rtnexthop *) at;
      struct nlattr *attributes[RTA_MAX + 1];
      PtlRouteHop hop = { 0 };
      size_t step;

      if (told->rtnh_len < sizeof *told || told->rtnh_len > left)
        return false;
      if (nla_parse (attributes, RTA_MAX, (struct nlattr *) (at + sizeof *told),
                     (int) (told->rtnh_len - sizeof *told),
                     (struct nla_policy *) route_policy) < 0)
        return false;
      hop.index = told->rtnh_ifindex;
      hop.flags = told->rtnh_flags;
      hop.weight = (uint32_t) told->rtnh_hops + 1;
      if (attributes[RTA_ENCAP_TYPE] != NULL)
        hop.encap = nla_get_u16 (attributes[RTA_ENCAP_TYPE]);
      if (!parse_gateway (&hop, family, attributes[RTA_GATEWAY], attributes[RTA_VIA]))
        return false;
      if (n++ < PTL_ROUTE_HOPS_MAX)
        g_array_append_val (hops, hop);
      step = MIN (RTNH_ALIGN ((size_t) told->rtnh_len), left);
      at += step;
      left -= step;
    }
  return true;
}

bool
ptl_netlink_parse_route (const struct nlmsghdr *message,
                         PtlRoute              *route,
                         GArray                *hops)
{
  struct nlattr *attributes[RTA_MAX + 1];
  struct nlattr *metrics[RTAX_MAX + 1];
  static const struct nla_policy metrics_policy[RTAX_MAX + 1] = {
    [RTAX_MTU] = { .type = NLA_U32 },
  };
  const struct rtmsg *head;
  guint first = hops->len;
  uint8_t bits;

  if ((message->nlmsg_type != RTM_NEWROUTE && message->nlmsg_type != RTM_DELROUTE)
      || !ptl_netlink_parse_attributes (message, sizeof *head, attributes, RTA_MAX, route_policy))
    return false;
  head = nlmsg_data (message);
  bits = head->rtm_family == AF_INET ? 32 : 128;
  if ((head->rtm_family != AF_INET && head->rtm_family != AF_INET6)
      || head->rtm_dst_len > bits || head->rtm_src_len > bits)
    return false;

  memset (route, 0, sizeof *route);
  route->family = head->rtm_family;
  route->type = head->rtm_type;
  route->protocol = head->rtm_protocol;
  route->scope = head->rtm_scope;
  route->tos = head->rtm_tos;
  route->flags = head->rtm_flags;
  route->table = attributes[RTA_TABLE] != NULL ? nla_get_u32 (attributes[RTA_TABLE])
                                               : head->rtm_table;
  route->destination_len = head->rtm_dst_len;
  route->source_len = head->rtm_src_len;
  if ((attributes[RTA_DST] != NULL
       && !copy_address (route->destination, route->family, attributes[RTA_DST]))
      || (attributes[RTA_SRC] != NULL
          && !copy_address (route->source, route->family, attributes[RTA_SRC]))
      || (attributes[RTA_PREFSRC] != NULL
          && !copy_address (route->preferred, route->family, attributes[RTA_PREFSRC])))
    return false;
  route->has_preferred = attributes[RTA_PREFSRC] != NULL;
  route->metric = get_u32 (attributes, RTA_PRIORITY);
  route->mark = get_u32 (attributes, RTA_MARK);
  route->uid = attributes[RTA_UID] != NULL ? nla_get_u32 (attributes[RTA_UID]) : UINT32_MAX;
  route->in_index = (int) get_u32 (attributes, RTA_IIF);
  route->next_hop_id = get_u32 (attributes, RTA_NH_ID);
  if (attributes[RTA_PREF] != NULL)
    {
      route->preference = nla_get_u8 (attributes[RTA_PREF]);
      route->has_preference = route->family == AF_INET6;
    }
  if (attributes[RTA_CACHEINFO] != NULL)
    {
      struct rta_cacheinfo info;

      memcpy (&info, nla_data (attributes[RTA_CACHEINFO]), sizeof info);
      /* IPv4 tells it negative, IPv6 positive. */
      if (info.rta_error <= 4095)
        route->error = -(int32_t) info.rta_error;
      else if (info.rta_error >= (uint32_t) -4095)
        route->error = (int32_t) info.rta_error;
      /* In clock_t, as the user sees it: a hundredth of a second. */
      if (info.rta_expires > 0)
        route->expires_s = (uint32_t) info.rta_expires / 100;
    }
  if (attributes[RTA_METRICS] != NULL)
    {
      if (nla_parse_nested (metrics, RTAX_MAX, attributes[RTA_METRICS],
                            (struct nla_policy *) metrics_policy) < 0)
        return false;
      route->mtu = get_u32 (metrics, RTAX_MTU);
    }

  route->first_hop = first;
  if (attributes[RTA_MULTIPATH] != NULL)
    {
      if (!parse_hops (attributes[RTA_MULTIPATH], route->family, hops))
        {
          g_array_set_size (hops, first);
          return false;
        }
    }
  else if (attributes[RTA_OIF] != NULL || attributes[RTA_GATEWAY] != NULL
           || attributes[RTA_VIA] != NULL)
    {
      PtlRouteHop hop = { .weight = 1, .flags = (uint8_t) (head->rtm_flags & 0xff) };

      hop.index = (int) get_u32 (attributes, RTA_OIF);
      if (attributes[RTA_ENCAP_TYPE] != NULL)
        hop.encap = nla_get_u16 (attributes[RTA_ENCAP_TYPE]);
      if (!parse_gateway (&hop, route->family, attributes[RTA_GATEWAY], attributes[RTA_VIA]))
        return false;
      g_array_append_val (hops, hop);
    }
  route->n_hops = hops->len - first;
  return true;
}

bool
ptl_netlink_parse_rule (const struct nlmsghdr *message,
                        PtlRule               *rule)
{
  static const struct nla_policy policy[FRA_MAX + 1] = {
    [FRA_PRIORITY] = { .type = NLA_U32 },
    [FRA_FWMARK] = { .type = NLA_U32 },
    [FRA_FWMASK] = { .type = NLA_U32 },
    [FRA_TABLE] = { .type = NLA_U32 },
    [FRA_GOTO] = { .type = NLA_U32 },
    [FRA_SUPPRESS_PREFIXLEN] = { .type = NLA_U32 },
    [FRA_L3MDEV] = { .type = NLA_U8 },
    [FRA_PROTOCOL] = { .type = NLA_U8 },
    [FRA_IP_PROTO] = { .type = NLA_U8 },
    [FRA_UID_RANGE] = { .minlen = sizeof (struct fib_rule_uid_range) },
    [FRA_SPORT_RANGE] = { .minlen = sizeof (struct fib_rule_port_range) },
    [FRA_DPORT_RANGE] = { .minlen = sizeof (struct fib_rule_port_range) },
  };
  struct nlattr *attributes[FRA_MAX + 1];
  const struct fib_rule_hdr *head;
  uint8_t bits;

  if ((message->nlmsg_type != RTM_NEWRULE && message->nlmsg_type != RTM_DELRULE)
      || !ptl_netlink_parse_attributes (message, sizeof *head, attributes, FRA_MAX, policy))
    return false;
  head = nlmsg_data (message);
  bits = head->family == AF_INET ? 32 : 128;
  if ((head->family != AF_INET && head->family != AF_INET6) || head->dst_len > bits
      || head->src_len > bits)
    return false;

  memset (rule, 0, sizeof *rule);
  rule->family = head->family;
  rule->action = head->action;
  rule->tos = head->tos;
  rule->inverted = (head->flags & FIB_RULE_INVERT) != 0;
  rule->table = attributes[FRA_TABLE] != NULL ? nla_get_u32 (attributes[FRA_TABLE]) : head->table;
  rule->destination_len = head->dst_len;
  rule->source_len = head->src_len;
  if ((attributes[FRA_DST] != NULL
       && !copy_address (rule->destination, rule->family, attributes[FRA_DST]))
      || (attributes[FRA_SRC] != NULL
          && !copy_address (rule->source, rule->family, attributes[FRA_SRC])))
    return false;
  rule->priority = get_u32 (attributes, FRA_PRIORITY);
  rule->mark = get_u32 (attributes, FRA_FWMARK);
  rule->mark_mask = get_u32 (attributes, FRA_FWMASK);
  rule->goto_priority = get_u32 (attributes, FRA_GOTO);
  rule->suppress_len = attributes[FRA_SUPPRESS_PREFIXLEN] != NULL
                         ? (int32_t) nla_get_u32 (attributes[FRA_SUPPRESS_PREFIXLEN]) : -1;
  rule->l3mdev = attributes[FRA_L3MDEV] != NULL && nla_get_u8 (attributes[FRA_L3MDEV]) != 0;
  if (attributes[FRA_PROTOCOL] != NULL)
    rule->protocol = nla_get_u8 (attributes[FRA_PROTOCOL]);
  if (attributes[FRA_IP_PROTO] != NULL)
    rule->ip_protocol = nla_get_u8 (attributes[FRA_IP_PROTO]);
  if (attributes[FRA_UID_RANGE] != NULL)
    {
      struct fib_rule_uid_range range;

      memcpy (&range, nla_data (attributes[FRA_UID_RANGE]), sizeof range);
      rule->has_uids = true;
      rule->uid_from = range.start;
      rule->uid_to = range.end;
    }
  if (attributes[FRA_SPORT_RANGE] != NULL)
    {
      struct fib_rule_port_range range;

      memcpy (&range, nla_data (attributes[FRA_SPORT_RANGE]), sizeof range);
      rule->source_port_from = range.start;
      rule->source_port_to = range.end;
    }
  if (attributes[FRA_DPORT_RANGE] != NULL)
    {
      struct fib_rule_port_range range;

      memcpy (&range, nla_data (attributes[FRA_DPORT_RANGE]), sizeof range);
      rule->destination_port_from = range.start;
      rule->destination_port_to = range.end;
    }
  if (attributes[FRA_IIFNAME] != NULL)
    memcpy (rule->in_name, nla_data (attributes[FRA_IIFNAME]),
            strnlen (nla_data (attributes[FRA_IIFNAME]),
                     MIN ((size_t) nla_len (attributes[FRA_IIFNAME]), IFNAMSIZ - 1)));
  if (attributes[FRA_OIFNAME] != NULL)
    memcpy (rule->out_name, nla_data (attributes[FRA_OIFNAME]),
            strnlen (nla_data (attributes[FRA_OIFNAME]),
                     MIN ((size_t) nla_len (attributes[FRA_OIFNAME]), IFNAMSIZ - 1)));
  return true;
}
