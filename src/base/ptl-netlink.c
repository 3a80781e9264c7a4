/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A netlink(7) socket for questions and dumps, and what all its messages have. */
#include "config.h"

#include "base/ptl-netlink.h"

#include <poll.h>
#include <string.h>

#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

/* --- messages --------------------------------------------------------------------------------- */

const struct nlmsghdr *
ptl_netlink_next (const uint8_t **bytes,
                  size_t         *len_bytes)
{
  const struct nlmsghdr *message = (const struct nlmsghdr *) *bytes;
  size_t step;

  if (*len_bytes < sizeof *message || message->nlmsg_len < sizeof *message
      || message->nlmsg_len > *len_bytes)
    return NULL;
  step = MIN (NLMSG_ALIGN ((size_t) message->nlmsg_len), *len_bytes);
  *bytes += step;
  *len_bytes -= step;
  return message;
}

bool
ptl_netlink_parse_attributes (const struct nlmsghdr *message,
                              size_t                 head_bytes,
                              struct nlattr        **attributes,
                              int                    max,
                              const struct nla_policy *policy)
{
  if (message->nlmsg_len < NLMSG_HDRLEN + NLMSG_ALIGN (head_bytes))
    return false;
  return nlmsg_parse ((struct nlmsghdr *) message, (int) head_bytes, attributes, max,
                      (struct nla_policy *) policy) >= 0;
}

bool
ptl_netlink_parse_end (const struct nlmsghdr *message,
                       int                   *error)
{
  int32_t told = 0;

  if (message->nlmsg_type != NLMSG_ERROR && message->nlmsg_type != NLMSG_DONE)
    return false;
  if (message->nlmsg_len >= NLMSG_HDRLEN + sizeof told)
    memcpy (&told, nlmsg_data (message), sizeof told);
  else if (message->nlmsg_type == NLMSG_ERROR)
    told = -EBADMSG;
  /* A positive one would be no error of the kernel's. */
  *error = told <= 0 && told > -4096 ? told : -EBADMSG;
  return true;
}

void
ptl_netlink_put (uint8_t    *payload,
                 size_t      size,
                 size_t     *at,
                 uint16_t    type,
                 const void *value,
                 size_t      len_bytes)
{
  struct rtattr head = { .rta_len = (uint16_t) RTA_LENGTH (len_bytes), .rta_type = type };

  g_assert (*at + RTA_SPACE (len_bytes) <= size);
  memcpy (payload + *at, &head, sizeof head);
  memcpy (payload + *at + RTA_LENGTH (0), value, len_bytes);
  *at += RTA_SPACE (len_bytes);
}

/* --- a socket --------------------------------------------------------------------------------- */

int
ptl_netlink_open (PtlNetlink *nl,
                  int         protocol,
                  bool        strict,
                  int         stop_fd)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK };
  socklen_t len = sizeof address;
  int on = 1;

  memset (nl, 0, sizeof *nl);
  nl->stop_fd = stop_fd;
  nl->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (nl->fd < 0)
    return -errno;
  if (bind (nl->fd, (const struct sockaddr *) &address, sizeof address) < 0
      || getsockname (nl->fd, (struct sockaddr *) &address, &len) < 0)
    {
      int saved = errno;

      ptl_fd_clear (&nl->fd);
      return -saved;
    }
  nl->port = address.nl_pid;
  if (strict)
    setsockopt (nl->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  nl->buffer = g_malloc (PTL_NETLINK_BUFFER_BYTES);
  return 0;
}

void
ptl_netlink_close (PtlNetlink *nl)
{
  ptl_fd_clear (&nl->fd);
  g_clear_pointer (&nl->buffer, g_free);
}

static int
send_request (PtlNetlink *nl,
              uint16_t    type,
              uint16_t    flags,
              const void *payload,
              size_t      len_bytes)
{
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  struct nlmsghdr head = {
    .nlmsg_len = (uint32_t) (NLMSG_HDRLEN + len_bytes),
    .nlmsg_type = type,
    .nlmsg_flags = NLM_F_REQUEST | flags,
    .nlmsg_seq = ++nl->sequence,
    .nlmsg_pid = nl->port,
  };
  struct iovec parts[2] = {
    { .iov_base = &head, .iov_len = sizeof head },
    { .iov_base = (void *) payload, .iov_len = len_bytes },
  };
  struct msghdr message = {
    .msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = parts, .msg_iovlen = 2,
  };

  return sendmsg (nl->fd, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* 0 when there is something to read. */
static int
wait_for_answer (PtlNetlink *nl)
{
  struct pollfd fds[2] = {
    { .fd = nl->fd, .events = POLLIN },
    { .fd = nl->stop_fd, .events = POLLIN },
  };
  uint64_t end_ns = ptl_clock_monotonic_ns () + PTL_NETLINK_ASK_MS * PTL_NS_PER_MS;

  for (;;)
    {
      uint64_t now_ns = ptl_clock_monotonic_ns ();
      int n;

      if (now_ns >= end_ns)
        return -ETIMEDOUT;
      n = poll (fds, nl->stop_fd >= 0 ? 2 : 1, (int) ((end_ns - now_ns) / PTL_NS_PER_MS) + 1);
      if (n < 0 && errno != EINTR)
        return -errno;
      if (n > 0 && nl->stop_fd >= 0 && fds[1].revents != 0)
        return -ECANCELED;
      if (n > 0 && fds[0].revents != 0)
        return 0;
    }
}

ssize_t
ptl_netlink_receive (int      fd,
                     uint8_t *buffer)
{
  struct sockaddr_nl from = { 0 };
  struct iovec part = { .iov_base = buffer, .iov_len = PTL_NETLINK_BUFFER_BYTES };
  struct msghdr message = {
    .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1,
  };
  ssize_t n = recvmsg (fd, &message, MSG_DONTWAIT);

  if (n < 0)
    return -errno;
  /* Any program may send to a port of netlink; only the kernel is 0 (netlink(7)). */
  if (from.nl_pid != 0 || message.msg_namelen < sizeof from)
    return 0;
  if ((message.msg_flags & MSG_TRUNC) != 0)
    return -ENOBUFS;
  return n;
}

int
ptl_netlink_ask (PtlNetlink     *nl,
                 uint16_t        type,
                 uint16_t        flags,
                 const void     *payload,
                 size_t          len_bytes,
                 PtlNetlinkFunc  func,
                 void           *data)
{
  bool dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
  bool interrupted = false;
  int result = send_request (nl, type, flags, payload, len_bytes);

  while (result == 0)
    {
      const struct nlmsghdr *message;
      const uint8_t *at = nl->buffer;
      size_t left;
      ssize_t n;

      result = wait_for_answer (nl);
      if (result < 0)
        break;
      n = ptl_netlink_receive (nl->fd, nl->buffer);
      if (n == -EAGAIN || n == -EINTR)
        continue;
      if (n < 0)
        return (int) n;
      left = (size_t) n;
      while ((message = ptl_netlink_next (&at, &left)) != NULL)
        {
          int error;

          /* An answer to an earlier question that was given up. */
          if (message->nlmsg_seq != nl->sequence || message->nlmsg_pid != nl->port)
            continue;
          if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
            interrupted = true;
          if (ptl_netlink_parse_end (message, &error))
            return error != 0 ? error : interrupted ? -EINTR : 0;
          func (message, data);
          if (!dump)
            return 0;
        }
    }
  return result;
}
