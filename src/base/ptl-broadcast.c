/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broadcast addresses of this computer's IPv4 addresses. */
#include "config.h"

#include "base/ptl-broadcast.h"

#include <string.h>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <sys/socket.h>

static void
take_host (PtlAddress          *address,
           const struct nlattr *attribute)
{
  address->len = sizeof address->in;
  address->in.sin_family = AF_INET;
  memcpy (&address->in.sin_addr, nla_data (attribute), sizeof address->in.sin_addr);
}

void
ptl_broadcast_take (const struct nlmsghdr *message,
                    void                  *found)
{
  static const struct nla_policy policy[IFA_MAX + 1] = {
    [IFA_LOCAL] = { .minlen = sizeof (struct in_addr) },
    [IFA_BROADCAST] = { .minlen = sizeof (struct in_addr) },
  };
  struct nlattr *attributes[IFA_MAX + 1];
  const struct ifaddrmsg *about = NLMSG_DATA (message);
  GArray *broadcasts = found;
  PtlBroadcast broadcast = { 0 };

  if (message->nlmsg_type != RTM_NEWADDR || broadcasts->len >= PTL_BROADCASTS_MAX
      || !ptl_netlink_parse_attributes (message, sizeof *about, attributes, IFA_MAX, policy)
      || about->ifa_family != AF_INET
      || attributes[IFA_LOCAL] == NULL || attributes[IFA_BROADCAST] == NULL)
    return;
  broadcast.index = about->ifa_index;
  take_host (&broadcast.address, attributes[IFA_LOCAL]);
  take_host (&broadcast.broadcast, attributes[IFA_BROADCAST]);
  g_array_append_val (broadcasts, broadcast);
}

GArray *
ptl_broadcast_list (void)
{
  const struct ifaddrmsg question = { .ifa_family = AF_INET };
  GArray *found = g_array_new (FALSE, TRUE, sizeof (PtlBroadcast));
  PtlNetlink nl;

  if (ptl_netlink_open (&nl, NETLINK_ROUTE, true, -1) < 0)
    return found;
  (void) ptl_netlink_ask (&nl, RTM_GETADDR, NLM_F_DUMP, &question, sizeof question,
                          ptl_broadcast_take, found);
  ptl_netlink_close (&nl);
  return found;
}

PtlAddress
ptl_broadcast_find (GArray           *broadcasts,
                    unsigned          index,
                    const PtlAddress *address)
{
  for (guint i = 0; i < broadcasts->len; i++)
    {
      const PtlBroadcast *at = &g_array_index (broadcasts, PtlBroadcast, i);

      if (at->index == index && ptl_address_equal_host (&at->address, address))
        return at->broadcast;
    }
  return (PtlAddress) { 0 };
}
