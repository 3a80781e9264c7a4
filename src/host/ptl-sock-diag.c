/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets by NETLINK_SOCK_DIAG: requests, and who answers instead where the kernel does not
 * (sock_diag(7)). */
#include "config.h"

#include "host/ptl-sock-diag.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>

#include "base/ptl-fd.h"
#include "host/ptl-sock-diag-private.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define ANSWER_BYTES 65536  /* the kernel fills 32 KiB at most */
#define ANSWER_WAIT_S 5     /* it answers at once, or something is wrong */
#define ASK_AGAIN_S 60      /* what has no module: asking makes the kernel look for one */

typedef struct
{
  struct inet_diag_req_v2 request;
  struct nlattr           attribute; /* for what the byte in the request cannot hold */
  uint32_t                protocol;
} InetRequest;

typedef union
{
  InetRequest             inet;
  struct unix_diag_req    un;
  struct packet_diag_req  packet;
  struct netlink_diag_req netlink;
  struct vsock_diag_req   vsock;
} Request;

/* --- asking ----------------------------------------------------------------------------------- */

static int
open_netlink (int *fd)
{
  struct timeval wait = { .tv_sec = ANSWER_WAIT_S };

  *fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (*fd < 0)
    return -errno;
  setsockopt (*fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  return 0;
}

static int
send_request (int            fd,
              uint16_t       flags,
              uint32_t       seq,
              const Request *request,
              size_t         len)
{
  struct
  {
    struct nlmsghdr header;
    Request         request;
  } message = { 0 };
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  ssize_t n;

  message.header.nlmsg_len = (uint32_t) (NLMSG_HDRLEN + len);
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags);
  message.header.nlmsg_seq = seq;
  memcpy (&message.request, request, len);
  do
    n = sendto (fd, &message, message.header.nlmsg_len, MSG_NOSIGNAL,
                (struct sockaddr *) &kernel, sizeof kernel);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : 0;
}

/* Only the kernel may answer. */
static ssize_t
receive (int    fd,
         void  *bytes,
         size_t size)
{
  for (;;)
    {
      struct sockaddr_nl from = { 0 };
      struct iovec vector = { bytes, size };
      struct msghdr message = { .msg_name = &from, .msg_namelen = sizeof from,
                                .msg_iov = &vector, .msg_iovlen = 1 };
      ssize_t n = recvmsg (fd, &message, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno == EAGAIN ? -ETIMEDOUT : -errno;
      if (message.msg_namelen < sizeof from || from.nl_pid != 0)
        continue;
      if ((message.msg_flags & MSG_TRUNC) != 0)
        return -EMSGSIZE;
      return n;
    }
}

static size_t
make_request (const PtlSockAsk *ask,
              uint32_t          states,
              Request          *request)
{
  static const uint16_t protocols[PTL_SOCK_N_KINDS] = {
    [PTL_SOCK_TCP] = IPPROTO_TCP,
    [PTL_SOCK_MPTCP] = IPPROTO_MPTCP,
    [PTL_SOCK_UDP] = IPPROTO_UDP,
    [PTL_SOCK_UDPLITE] = IPPROTO_UDPLITE,
    [PTL_SOCK_RAW] = IPPROTO_RAW,
  };

  memset (request, 0, sizeof *request);
  switch (ask->family)
    {
    case AF_UNIX:
      request->un.sdiag_family = AF_UNIX;
      request->un.udiag_states = PTL_SOCK_ALL_STATES;
      request->un.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN
                               | UDIAG_SHOW_UID;
      return sizeof request->un;
    case AF_PACKET:
      request->packet.sdiag_family = AF_PACKET;
      request->packet.pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_MEMINFO;
      return sizeof request->packet;
    case AF_NETLINK:
      request->netlink.sdiag_family = AF_NETLINK;
      request->netlink.sdiag_protocol = NDIAG_PROTO_ALL;
      request->netlink.ndiag_show = NDIAG_SHOW_MEMINFO;
      return sizeof request->netlink;
    case AF_VSOCK:
      request->vsock.sdiag_family = AF_VSOCK;
      request->vsock.vdiag_states = PTL_SOCK_ALL_STATES;
      return sizeof request->vsock;
    default:
      request->inet.request.sdiag_family = ask->family;
      request->inet.request.sdiag_protocol = (uint8_t) protocols[ask->kind];
      request->inet.request.idiag_states =
        (PTL_SOCK_BIT (ask->kind) & PTL_SOCK_TCP_KINDS) != 0 ? states : PTL_SOCK_ALL_STATES;
      if (protocols[ask->kind] <= UINT8_MAX)
        return sizeof request->inet.request;
      request->inet.attribute.nla_type = INET_DIAG_REQ_PROTOCOL;
      request->inet.attribute.nla_len = NLA_HDRLEN + sizeof request->inet.protocol;
      request->inet.protocol = protocols[ask->kind];
      return sizeof request->inet;
    }
}

static int
dump (PtlSocks         *socks,
      int               fd,
      const PtlSockAsk *ask,
      uint32_t          states,
      void             *buffer)
{
  Request request;
  size_t len = make_request (ask, states, &request);
  int result = send_request (fd, NLM_F_DUMP, ask->seq, &request, len);
  bool done = false;

  while (result == 0 && !done)
    {
      ssize_t n = receive (fd, buffer, ANSWER_BYTES);

      result = n < 0 ? (int) n : ptl_sock_diag_parse (socks, ask, buffer, (size_t) n, &done);
    }
  return result;
}

static const struct
{
  PtlSockKind kind;
  uint8_t     family;
  uint32_t    kinds;
} parts[] = {
  { PTL_SOCK_TCP, AF_INET, PTL_SOCK_BIT (PTL_SOCK_TCP) },
  { PTL_SOCK_TCP, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_TCP) },
  { PTL_SOCK_MPTCP, AF_INET, PTL_SOCK_BIT (PTL_SOCK_MPTCP) },
  { PTL_SOCK_MPTCP, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_MPTCP) },
  { PTL_SOCK_UDP, AF_INET, PTL_SOCK_BIT (PTL_SOCK_UDP) },
  { PTL_SOCK_UDP, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_UDP) },
  { PTL_SOCK_UDPLITE, AF_INET, PTL_SOCK_BIT (PTL_SOCK_UDPLITE) },
  { PTL_SOCK_UDPLITE, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_UDPLITE) },
  { PTL_SOCK_RAW, AF_INET, PTL_SOCK_BIT (PTL_SOCK_RAW) },
  { PTL_SOCK_RAW, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_RAW) },
  { PTL_SOCK_ICMP, AF_INET, PTL_SOCK_BIT (PTL_SOCK_ICMP) },
  { PTL_SOCK_ICMP, AF_INET6, PTL_SOCK_BIT (PTL_SOCK_ICMP) },
  { PTL_SOCK_UNIX_STREAM, AF_UNIX, PTL_SOCK_UNIX_KINDS },
  { PTL_SOCK_PACKET, AF_PACKET, PTL_SOCK_BIT (PTL_SOCK_PACKET) },
  { PTL_SOCK_NETLINK, AF_NETLINK, PTL_SOCK_BIT (PTL_SOCK_NETLINK) },
  { PTL_SOCK_VSOCK, AF_VSOCK, PTL_SOCK_BIT (PTL_SOCK_VSOCK) },
};

/* When the kernel said that it has no module for a part, and what follows from it; monotonic, in
 * microseconds, 0: never.  Relaxed: each stands for itself. */
static _Atomic int64_t absent_us[G_N_ELEMENTS (parts)];

static bool
is_absent (size_t part)
{
  int64_t at_us = atomic_load_explicit (&absent_us[part], memory_order_relaxed);

  return at_us != 0 && g_get_monotonic_time () - at_us < ASK_AGAIN_S * G_USEC_PER_SEC;
}

static void
set_absent (size_t part)
{
  if (!is_absent (part))
    atomic_store_explicit (&absent_us[part], g_get_monotonic_time (), memory_order_relaxed);
}

/* What is asked by is closed before it could be shown. */
static void
remove_own (PtlSocks *socks,
            size_t    first,
            int       fd)
{
  struct stat own;
  size_t n = first;

  if (fstat (fd, &own) != 0)
    return;
  for (size_t i = first; i < socks->n; i++)
    if (socks->items[i].inode != (uint32_t) own.st_ino)
      socks->items[n++] = socks->items[i];
  socks->n = n;
}

PtlSocks *
ptl_socks_read (const PtlSockQuery *query)
{
  static const PtlSockQuery all = { .kinds = PTL_SOCK_ALL_KINDS, .states = PTL_SOCK_ALL_STATES };
  PtlSocks *socks = ptl_socks_new ();
  g_autofree void *buffer = g_malloc (ANSWER_BYTES);
  PTL_AUTO_FD fd = -1;
  const char *folder;
  int refused;

  query = query != NULL ? query : &all;
  folder = query->proc_net != NULL ? query->proc_net : "/proc/self/net";
  refused = query->no_netlink ? -EOPNOTSUPP : open_netlink (&fd);
  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      PtlSockAsk ask = { parts[i].kind, parts[i].family, parts[i].kinds & query->kinds,
                         (uint32_t) i + 1 };
      PtlSockSource source = PTL_SOCK_SOURCE_NETLINK;
      size_t n = socks->n;
      int result = refused;

      if (ask.kinds == 0)
        continue;
      if (result == 0)
        result = ask.kind == PTL_SOCK_ICMP ? -EOPNOTSUPP
                 : is_absent (i) ? -ENOENT : dump (socks, fd, &ask, query->states, buffer);
      if (result == -ENOENT)
        set_absent (i);
      if (result == 0 && ask.kind == PTL_SOCK_NETLINK)
        remove_own (socks, n, fd);
      if (result < 0)
        {
          socks->n = n; /* half of a list is none */
          source = ptl_sock_proc_read (socks, folder, &ask, query->states)
                   ? PTL_SOCK_SOURCE_PROC : PTL_SOCK_SOURCE_NONE;
        }
      for (PtlSockKind kind = 0; kind < PTL_SOCK_N_KINDS; kind++)
        if ((ask.kinds & PTL_SOCK_BIT (kind)) != 0
            /* One family may be off. */
            && (source != PTL_SOCK_SOURCE_NONE || socks->sources[kind] == PTL_SOCK_SOURCE_NONE))
          {
            socks->sources[kind] = source;
            socks->refused[kind] = -result;
          }
    }
  ptl_socks_finish (socks);
  if ((query->kinds & PTL_SOCK_ALL_KINDS) == PTL_SOCK_ALL_KINDS)
    socks->others = ptl_sock_proc_dup_others (socks, folder);
  return socks;
}

/* --- one socket ------------------------------------------------------------------------------- */

int
ptl_sock_read_info (const PtlSock *sock,
                    PtlSockInfo   *info)
{
  const PtlSockAsk ask = { sock->kind, sock->family, PTL_SOCK_BIT (sock->kind), 1 };
  uint8_t buffer[8192] __attribute__ ((aligned (8)));
  PTL_AUTO_FD fd = -1;
  Request request;
  size_t len;
  ssize_t n;
  int result;

  memset (info, 0, sizeof *info);
  /* Of MPTCP, one is asked for by its token, which only its owner can be told (tcp(7)). */
  if (sock->kind == PTL_SOCK_ICMP || sock->kind == PTL_SOCK_RAW || sock->kind == PTL_SOCK_MPTCP
      || (sock->family != AF_UNIX && !ptl_sock_is_internet (sock)) || (sock->key >> 63) != 0)
    return -EOPNOTSUPP;
  len = make_request (&ask, PTL_SOCK_ALL_STATES, &request);
  if (sock->family == AF_UNIX)
    {
      request.un.udiag_ino = sock->inode;
      request.un.udiag_show = UDIAG_SHOW_MEMINFO;
      request.un.udiag_cookie[0] = (uint32_t) sock->key;
      request.un.udiag_cookie[1] = (uint32_t) (sock->key >> 32);
    }
  else
    {
      struct inet_diag_sockid *id = &request.inet.request.id;

      request.inet.request.idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1)
                                       | 1 << (INET_DIAG_CONG - 1);
      id->idiag_sport = g_htons (sock->local_port);
      id->idiag_dport = g_htons (sock->peer_port);
      memcpy (id->idiag_src, sock->local, sizeof sock->local);
      memcpy (id->idiag_dst, sock->peer, sizeof sock->peer);
      id->idiag_if = sock->interface;
      id->idiag_cookie[0] = (uint32_t) sock->key;
      id->idiag_cookie[1] = (uint32_t) (sock->key >> 32);
    }
  result = open_netlink (&fd);
  if (result == 0)
    result = send_request (fd, 0, ask.seq, &request, len);
  if (result < 0)
    return result;
  n = receive (fd, buffer, sizeof buffer);
  if (n < 0)
    return (int) n;
  result = ptl_sock_diag_parse_info (info, ask.seq, buffer, (size_t) n);
  return result == -ESTALE ? -ENOENT : result;
}
