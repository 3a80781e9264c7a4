/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel knows of the neighbour that packets to an address go to first. */
#include "config.h"

#include "probe/ptl-neighbour.h"

#include <string.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <sys/socket.h>

#include "base/ptl-netlink.h"

#define QUESTION_MAX 128 /* bytes */

/* Where packets are handed to. */
typedef struct
{
  uint8_t  family;
  uint8_t  len;         /* of @host */
  uint8_t  host[16];
  uint32_t index;       /* of the interface; 0: not known */
} Hop;

static void
on_route (const struct nlmsghdr *message,
          void                  *data)
{
  static const struct nla_policy policy[RTA_MAX + 1] = { [RTA_OIF] = { .type = NLA_U32 } };
  struct nlattr *attributes[RTA_MAX + 1];
  const struct nlattr *gateway, *via;
  Hop *hop = data;

  if (message->nlmsg_type != RTM_NEWROUTE
      || !ptl_netlink_parse_attributes (message, sizeof (struct rtmsg), attributes, RTA_MAX, policy)
      || attributes[RTA_OIF] == NULL)
    return;
  hop->index = nla_get_u32 (attributes[RTA_OIF]);
  gateway = attributes[RTA_GATEWAY];
  via = attributes[RTA_VIA];
  if (gateway != NULL && nla_len (gateway) == hop->len)
    memcpy (hop->host, nla_data (gateway), hop->len);
  else if (via != NULL && nla_len (via) == (int) sizeof (struct rtvia) + 16)
    {
      /* An IPv6 router for IPv4. */
      hop->family = AF_INET6;
      hop->len = 16;
      memcpy (hop->host, (const uint8_t *) nla_data (via) + sizeof (struct rtvia), 16);
    }
}

static bool
find_hop (PtlNetlink       *nl,
          const PtlAddress *destination,
          Hop              *hop)
{
  struct rtmsg route = { 0 };
  uint8_t question[QUESTION_MAX] = { 0 };
  size_t at = NLMSG_ALIGN (sizeof route);

  memset (hop, 0, sizeof *hop);
  hop->family = (uint8_t) ptl_address_get_family (destination);
  if (hop->family == AF_INET)
    {
      hop->len = 4;
      memcpy (hop->host, &destination->in.sin_addr, 4);
    }
  else if (hop->family == AF_INET6)
    {
      hop->len = 16;
      memcpy (hop->host, &destination->in6.sin6_addr, 16);
    }
  else
    return false;
  route.rtm_family = hop->family;
  route.rtm_dst_len = (uint8_t) (hop->len * 8);
  memcpy (question, &route, sizeof route);
  ptl_netlink_put (question, sizeof question, &at, RTA_DST, hop->host, hop->len);
  if (hop->family == AF_INET6 && destination->in6.sin6_scope_id != 0)
    ptl_netlink_put (question, sizeof question, &at, RTA_OIF, &destination->in6.sin6_scope_id,
                     sizeof (uint32_t));
  return ptl_netlink_ask (nl, RTM_GETROUTE, 0, question, at, on_route, hop) == 0
         && hop->index != 0;
}

static void
on_neighbour (const struct nlmsghdr *message,
              void                  *data)
{
  const struct ndmsg *neighbour = NLMSG_DATA (message);
  bool *asked_for = data;

  *asked_for = message->nlmsg_type == RTM_NEWNEIGH
               && message->nlmsg_len >= NLMSG_LENGTH (sizeof *neighbour)
               && (neighbour->ndm_state & NUD_INCOMPLETE) != 0;
}

bool
ptl_neighbour_is_asked_for (const PtlAddress *destination)
{
  struct ndmsg neighbour = { 0 };
  uint8_t question[QUESTION_MAX] = { 0 };
  size_t at = NLMSG_ALIGN (sizeof neighbour);
  bool asked_for = false;
  PtlNetlink nl;
  Hop hop;

  if (ptl_netlink_open (&nl, NETLINK_ROUTE, false, -1) < 0)
    return false;
  if (find_hop (&nl, destination, &hop))
    {
      neighbour.ndm_family = hop.family;
      neighbour.ndm_ifindex = (int) hop.index;
      memcpy (question, &neighbour, sizeof neighbour);
      ptl_netlink_put (question, sizeof question, &at, NDA_DST, hop.host, hop.len);
      (void) ptl_netlink_ask (&nl, RTM_GETNEIGH, 0, question, at, on_neighbour, &asked_for);
    }
  ptl_netlink_close (&nl);
  return asked_for;
}
