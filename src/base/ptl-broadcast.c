/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The broadcast addresses of this computer's IPv4 addresses. */
#include "config.h"

#include "base/ptl-broadcast.h"

#include <errno.h>
#include <string.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/ptl-fd.h"

#define MESSAGES_MAX 65536 /* bytes; the kernel's are no longer than 32 KiB */

static void
take_host (PtlAddress          *address,
           const struct rtattr *at)
{
  address->len = sizeof address->in;
  address->in.sin_family = AF_INET;
  memcpy (&address->in.sin_addr, RTA_DATA (at), sizeof address->in.sin_addr);
}

static void
take_address (GArray                *found,
              const struct nlmsghdr *head)
{
  const struct ifaddrmsg *about = NLMSG_DATA (head);
  PtlBroadcast broadcast = { 0 };
  size_t left;

  if (head->nlmsg_type != RTM_NEWADDR || head->nlmsg_len < NLMSG_LENGTH (sizeof *about)
      || about->ifa_family != AF_INET)
    return;
  broadcast.index = about->ifa_index;
  left = head->nlmsg_len - NLMSG_LENGTH (sizeof *about);
  for (const struct rtattr *at = IFA_RTA (about); RTA_OK (at, left); at = RTA_NEXT (at, left))
    {
      if (RTA_PAYLOAD (at) != sizeof (struct in_addr))
        continue;
      if (at->rta_type == IFA_LOCAL)
        take_host (&broadcast.address, at);
      else if (at->rta_type == IFA_BROADCAST)
        take_host (&broadcast.broadcast, at);
    }
  if (broadcast.address.len > 0 && broadcast.broadcast.len > 0)
    g_array_append_val (found, broadcast);
}

/* True: more is to come. */
static bool
take_messages (GArray                *found,
               const struct nlmsghdr *head,
               size_t                 left)
{
  for (; NLMSG_OK (head, left); head = NLMSG_NEXT (head, left))
    {
      if (head->nlmsg_type == NLMSG_DONE || head->nlmsg_type == NLMSG_ERROR)
        return false;
      take_address (found, head);
    }
  return true;
}

GArray *
ptl_broadcast_list (void)
{
  struct
  {
    struct nlmsghdr  head;
    struct ifaddrmsg about;
  } question = {
    .head = { .nlmsg_len = sizeof question, .nlmsg_type = RTM_GETADDR,
              .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
    .about = { .ifa_family = AF_INET },
  };
  GArray *found = g_array_new (FALSE, TRUE, sizeof (PtlBroadcast));
  PTL_AUTO_FD fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  g_autofree struct nlmsghdr *messages = g_malloc (MESSAGES_MAX);

  if (fd < 0 || send (fd, &question, sizeof question, 0) < 0)
    return found;
  for (;;)
    {
      ssize_t n = recv (fd, messages, MESSAGES_MAX, MSG_DONTWAIT);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0 || !take_messages (found, messages, (size_t) n))
        return found;
    }
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
