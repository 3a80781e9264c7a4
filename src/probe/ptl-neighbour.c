/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel knows of the neighbour that packets to an address go to first. */
#include "config.h"

#include "probe/ptl-neighbour.h"

#include <errno.h>
#include <string.h>

#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/ptl-fd.h"

#define ANSWER_MAX 4096

typedef struct
{
  uint8_t  family;
  uint8_t  len;         /* of @host */
  uint8_t  host[16];
  uint32_t index;       /* of the interface; 0: any */
} Hop;

typedef union
{
  struct nlmsghdr head;
  uint8_t         bytes[ANSWER_MAX];
} Message;

static void
add_attribute (Message    *message,
               uint16_t    type,
               const void *data,
               size_t      len)
{
  size_t at = NLMSG_ALIGN (message->head.nlmsg_len);
  struct rtattr *attribute = (struct rtattr *) (message->bytes + at);

  if (at + RTA_SPACE (len) > sizeof *message)
    return;
  attribute->rta_type = type;
  attribute->rta_len = (uint16_t) RTA_LENGTH (len);
  memcpy (RTA_DATA (attribute), data, len);
  message->head.nlmsg_len = (uint32_t) (at + RTA_SPACE (len));
}

/* The answer of the type @wanted in place of the question; false: none. */
static bool
ask (int       fd,
     Message  *message,
     uint16_t  wanted)
{
  ssize_t n;

  message->head.nlmsg_flags = NLM_F_REQUEST;
  if (send (fd, message, message->head.nlmsg_len, MSG_DONTWAIT) < 0)
    return false;
  n = recv (fd, message, sizeof *message, MSG_DONTWAIT);
  return n > 0 && NLMSG_OK (&message->head, (size_t) n) && message->head.nlmsg_type == wanted;
}

/* Where packets to @destination are handed to. */
static bool
find_hop (int               fd,
          const PtlAddress *destination,
          Hop              *hop)
{
  Message message = { .head = { .nlmsg_len = NLMSG_LENGTH (sizeof (struct rtmsg)),
                                .nlmsg_type = RTM_GETROUTE } };
  struct rtmsg *route = NLMSG_DATA (&message.head);
  const struct rtattr *at;
  size_t left;

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
  route->rtm_family = hop->family;
  route->rtm_dst_len = (uint8_t) (hop->len * 8);
  add_attribute (&message, RTA_DST, hop->host, hop->len);
  if (hop->family == AF_INET6 && destination->in6.sin6_scope_id != 0)
    add_attribute (&message, RTA_OIF, &destination->in6.sin6_scope_id, sizeof (uint32_t));
  if (!ask (fd, &message, RTM_NEWROUTE) || message.head.nlmsg_len < NLMSG_LENGTH (sizeof *route))
    return false;
  left = message.head.nlmsg_len - NLMSG_LENGTH (sizeof *route);
  for (at = RTM_RTA (route); RTA_OK (at, left); at = RTA_NEXT (at, left))
    {
      const uint8_t *data = RTA_DATA (at);
      size_t len = RTA_PAYLOAD (at);

      if (at->rta_type == RTA_OIF && len == sizeof hop->index)
        memcpy (&hop->index, data, len);
      else if (at->rta_type == RTA_GATEWAY && len == hop->len)
        memcpy (hop->host, data, len);
      else if (at->rta_type == RTA_VIA && len == sizeof (struct rtvia) + 16)
        {
          /* An IPv6 router for IPv4. */
          hop->family = AF_INET6;
          hop->len = 16;
          memcpy (hop->host, data + sizeof (struct rtvia), 16);
        }
    }
  return hop->index != 0;
}

bool
ptl_neighbour_is_asked_for (const PtlAddress *destination)
{
  PTL_AUTO_FD fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  Message message = { .head = { .nlmsg_len = NLMSG_LENGTH (sizeof (struct ndmsg)),
                                .nlmsg_type = RTM_GETNEIGH } };
  struct ndmsg *neighbour = NLMSG_DATA (&message.head);
  Hop hop;

  if (fd < 0 || !find_hop (fd, destination, &hop))
    return false;
  neighbour->ndm_family = hop.family;
  neighbour->ndm_ifindex = (int) hop.index;
  add_attribute (&message, NDA_DST, hop.host, hop.len);
  return ask (fd, &message, RTM_NEWNEIGH)
         && message.head.nlmsg_len >= NLMSG_LENGTH (sizeof *neighbour)
         && (neighbour->ndm_state & NUD_INCOMPLETE) != 0;
}
