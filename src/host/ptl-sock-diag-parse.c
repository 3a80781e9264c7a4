/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel answers to NETLINK_SOCK_DIAG (sock_diag(7), linux/inet_diag.h, linux/unix_diag.h,
 * linux/packet_diag.h, linux/netlink_diag.h, linux/vm_sockets_diag.h). */
#include "config.h"

#include "host/ptl-sock-diag.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>

#include "base/ptl-netlink.h"
#include "host/ptl-sock-diag-private.h"

/* --- messages --------------------------------------------------------------------------------- */

/* The payload behind @fixed bytes is attributes; NULL: no whole one is left. */
static const struct nlattr *
next_attribute (const uint8_t **bytes,
                size_t         *len,
                const void    **value,
                size_t         *value_len)
{
  const struct nlattr *attribute = (const void *) *bytes;
  size_t step;

  if (*len < sizeof *attribute || attribute->nla_len < sizeof *attribute
      || attribute->nla_len > *len)
    return NULL;
  *value = *bytes + NLA_HDRLEN;
  *value_len = attribute->nla_len - NLA_HDRLEN;
  step = MIN (NLA_ALIGN ((size_t) attribute->nla_len), *len);
  *bytes += step;
  *len -= step;
  return attribute;
}

static uint64_t
join_cookie (const uint32_t cookie[2])
{
  return (uint64_t) cookie[1] << 32 | cookie[0];
}

/* Where there is no cookie (a kernel before 2.6.34, or a made message), the inode is all. */
static uint64_t
make_key (const uint32_t cookie[2],
          uint32_t       inode)
{
  uint64_t key = join_cookie (cookie);

  return key != 0 && key != UINT64_MAX ? key : UINT64_C (1) << 63 | inode;
}

static PtlSockTimer
read_timer (uint8_t timer)
{
  switch (timer)
    {
    case 1: return PTL_SOCK_TIMER_RETRANSMIT;
    case 2: return PTL_SOCK_TIMER_KEEPALIVE;
    case 3: return PTL_SOCK_TIMER_TIME_WAIT;
    case 4: return PTL_SOCK_TIMER_PROBE;
    default: return PTL_SOCK_NO_TIMER;
    }
}

static void
add_inet (PtlSocks         *socks,
          const PtlSockAsk *ask,
          const uint8_t    *bytes,
          size_t            len)
{
  struct inet_diag_msg message;
  const struct nlattr *attribute;
  const void *value;
  size_t value_len;
  PtlSock sock = { 0 };

  if (len < sizeof message)
    return;
  memcpy (&message, bytes, sizeof message);
  if (message.idiag_family != ask->family || message.idiag_state == 0
      || message.idiag_state >= PTL_SOCK_N_STATES)
    return;
  sock.key = make_key (message.id.idiag_cookie, message.idiag_inode);
  sock.inode = message.idiag_inode;
  /* Of what has no file any more, and of what is not accepted yet, a 0 is only filled in. */
  sock.uid = message.idiag_inode != 0 ? message.idiag_uid : PTL_SOCK_NO_UID;
  sock.interface = message.id.idiag_if;
  sock.rqueue = message.idiag_rqueue;
  sock.wqueue = message.idiag_wqueue;
  sock.expires_ms = message.idiag_expires;
  memcpy (sock.local, message.id.idiag_src, sizeof sock.local);
  memcpy (sock.peer, message.id.idiag_dst, sizeof sock.peer);
  sock.local_port = g_ntohs (message.id.idiag_sport);
  sock.peer_port = g_ntohs (message.id.idiag_dport);
  sock.kind = (uint8_t) ask->kind;
  sock.family = ask->family;
  sock.state = message.idiag_state;
  sock.timer = (uint8_t) read_timer (message.idiag_timer);
  sock.retransmits = message.idiag_retrans;
  bytes += sizeof message;
  len -= sizeof message;
  while ((attribute = next_attribute (&bytes, &len, &value, &value_len)) != NULL)
    if (attribute->nla_type == INET_DIAG_SKV6ONLY && value_len >= 1)
      sock.flags |= PTL_SOCK_V6ONLY_KNOWN | (*(const uint8_t *) value != 0 ? PTL_SOCK_V6ONLY : 0);
  ptl_socks_add (socks, &sock);
}

static bool
read_u32 (const void *value,
          size_t      len,
          uint32_t   *number)
{
  if (len < sizeof *number)
    return false;
  memcpy (number, value, sizeof *number);
  return true;
}

static void
add_unix (PtlSocks         *socks,
          const PtlSockAsk *ask,
          const uint8_t    *bytes,
          size_t            len)
{
  struct unix_diag_msg message;
  const struct nlattr *attribute;
  const char *name = NULL;
  const void *value;
  size_t value_len, name_len = 0;
  PtlSock sock = { .uid = PTL_SOCK_NO_UID };

  if (len < sizeof message)
    return;
  memcpy (&message, bytes, sizeof message);
  if (message.udiag_family != AF_UNIX || message.udiag_state == 0
      || message.udiag_state >= PTL_SOCK_N_STATES)
    return;
  sock.kind = (uint8_t) (message.udiag_type == SOCK_STREAM ? PTL_SOCK_UNIX_STREAM
                         : message.udiag_type == SOCK_DGRAM ? PTL_SOCK_UNIX_DGRAM
                         : PTL_SOCK_UNIX_SEQPACKET);
  if ((ask->kinds & PTL_SOCK_BIT (sock.kind)) == 0)
    return;
  sock.key = make_key (message.udiag_cookie, message.udiag_ino);
  sock.inode = message.udiag_ino;
  sock.family = AF_UNIX;
  sock.state = message.udiag_state;
  bytes += sizeof message;
  len -= sizeof message;
  while ((attribute = next_attribute (&bytes, &len, &value, &value_len)) != NULL)
    switch (attribute->nla_type)
      {
      case UNIX_DIAG_NAME:
        name = value;
        name_len = value_len;
        break;
      case UNIX_DIAG_PEER:
        if (read_u32 (value, value_len, &sock.peer_inode))
          sock.flags |= PTL_SOCK_HAS_PEER;
        break;
      case UNIX_DIAG_RQLEN:
        if (value_len >= sizeof (struct unix_diag_rqlen))
          {
            read_u32 (value, value_len, &sock.rqueue);
            read_u32 ((const uint8_t *) value + 4, value_len - 4, &sock.wqueue);
          }
        break;
      case UNIX_DIAG_UID:
        read_u32 (value, value_len, &sock.uid);
        break;
      default:
        break;
      }
  /* A path comes with its NUL, an abstract name begins with one (unix(7)). */
  if (name_len > 0 && name[0] != '\0')
    name_len = strnlen (name, name_len);
  if (name_len > 0 && name_len <= sizeof ((struct sockaddr_un *) NULL)->sun_path
      && !ptl_socks_set_name (socks, &sock, name, name_len))
    return;
  ptl_socks_add (socks, &sock);
}

static void
add_packet (PtlSocks      *socks,
            const uint8_t *bytes,
            size_t         len)
{
  struct packet_diag_msg message;
  const struct nlattr *attribute;
  const void *value;
  size_t value_len;
  PtlSock sock = { .uid = PTL_SOCK_NO_UID };

  if (len < sizeof message)
    return;
  memcpy (&message, bytes, sizeof message);
  if (message.pdiag_family != AF_PACKET)
    return;
  sock.key = make_key (message.pdiag_cookie, message.pdiag_ino);
  sock.inode = message.pdiag_ino;
  sock.kind = PTL_SOCK_PACKET;
  sock.family = AF_PACKET;
  sock.state = PTL_SOCK_CLOSE;
  sock.local_port = message.pdiag_num;
  bytes += sizeof message;
  len -= sizeof message;
  while ((attribute = next_attribute (&bytes, &len, &value, &value_len)) != NULL)
    switch (attribute->nla_type)
      {
      case PACKET_DIAG_INFO:
        read_u32 (value, value_len, &sock.interface); /* pdi_index comes first */
        break;
      case PACKET_DIAG_UID:
        read_u32 (value, value_len, &sock.uid);
        break;
      case PACKET_DIAG_MEMINFO:
        read_u32 (value, value_len, &sock.rqueue); /* SK_MEMINFO_RMEM_ALLOC is the first */
        break;
      default:
        break;
      }
  ptl_socks_add (socks, &sock);
}

/* It does not tell the user. */
static void
add_netlink (PtlSocks      *socks,
             const uint8_t *bytes,
             size_t         len)
{
  struct netlink_diag_msg message;
  const struct nlattr *attribute;
  const void *value;
  size_t value_len;
  PtlSock sock = { .uid = PTL_SOCK_NO_UID };

  if (len < sizeof message)
    return;
  memcpy (&message, bytes, sizeof message);
  if (message.ndiag_family != AF_NETLINK)
    return;
  sock.key = make_key (message.ndiag_cookie, message.ndiag_ino);
  sock.inode = message.ndiag_ino;
  sock.kind = PTL_SOCK_NETLINK;
  sock.family = AF_NETLINK;
  sock.state = message.ndiag_state == PTL_SOCK_ESTABLISHED ? PTL_SOCK_ESTABLISHED : PTL_SOCK_CLOSE;
  sock.local_port = message.ndiag_protocol;
  sock.local_id = message.ndiag_portid;
  sock.peer_id = message.ndiag_dst_portid;
  bytes += sizeof message;
  len -= sizeof message;
  while ((attribute = next_attribute (&bytes, &len, &value, &value_len)) != NULL)
    if (attribute->nla_type == NETLINK_DIAG_MEMINFO)
      read_u32 (value, value_len, &sock.rqueue); /* SK_MEMINFO_RMEM_ALLOC is the first */
  ptl_socks_add (socks, &sock);
}

/* It does not tell the user, and no queues. */
static void
add_vsock (PtlSocks      *socks,
           const uint8_t *bytes,
           size_t         len)
{
  struct vsock_diag_msg message;
  PtlSock sock = { .uid = PTL_SOCK_NO_UID };

  if (len < sizeof message)
    return;
  memcpy (&message, bytes, sizeof message);
  if (message.vdiag_family != AF_VSOCK || message.vdiag_state == 0
      || message.vdiag_state >= PTL_SOCK_N_STATES)
    return;
  sock.key = make_key (message.vdiag_cookie, message.vdiag_ino);
  sock.inode = message.vdiag_ino;
  sock.kind = PTL_SOCK_VSOCK;
  sock.family = AF_VSOCK;
  sock.state = message.vdiag_state;
  sock.local_cid = message.vdiag_src_cid;
  sock.local_id = message.vdiag_src_port;
  sock.peer_cid = message.vdiag_dst_cid;
  sock.peer_id = message.vdiag_dst_port;
  ptl_socks_add (socks, &sock);
}

static void
add (PtlSocks         *socks,
     const PtlSockAsk *ask,
     const uint8_t    *payload,
     size_t            len)
{
  switch (ask->family)
    {
    case AF_UNIX:
      add_unix (socks, ask, payload, len);
      break;
    case AF_PACKET:
      add_packet (socks, payload, len);
      break;
    case AF_NETLINK:
      add_netlink (socks, payload, len);
      break;
    case AF_VSOCK:
      add_vsock (socks, payload, len);
      break;
    default:
      add_inet (socks, ask, payload, len);
      break;
    }
}

int
ptl_sock_diag_parse (PtlSocks         *socks,
                     const PtlSockAsk *ask,
                     const void       *bytes,
                     size_t            len,
                     bool             *done)
{
  const uint8_t *at = bytes;
  const struct nlmsghdr *header;

  *done = false;
  while ((header = ptl_netlink_next (&at, &len)) != NULL)
    {
      const uint8_t *payload = (const uint8_t *) header + NLMSG_HDRLEN;
      size_t payload_len = header->nlmsg_len - NLMSG_HDRLEN;
      int error;

      if (header->nlmsg_seq != ask->seq)
        continue;
      if (ptl_netlink_parse_end (header, &error))
        {
          *done = true;
          return error;
        }
      if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY)
        add (socks, ask, payload, payload_len);
    }
  return 0;
}

/* --- one socket ------------------------------------------------------------------------------- */

static void
read_tcp_info (PtlSockInfo *info,
               const void  *value,
               size_t       len)
{
  struct tcp_info tcp = { 0 }; /* an older kernel tells less, a newer one more */

  if (len < G_STRUCT_OFFSET (struct tcp_info, tcpi_total_retrans) + sizeof (uint32_t))
    return;
  memcpy (&tcp, value, MIN (len, sizeof tcp));
  info->has_tcp = true;
  info->rtt_us = tcp.tcpi_rtt;
  info->rtt_var_us = tcp.tcpi_rttvar;
  info->send_mss = tcp.tcpi_snd_mss;
  info->receive_mss = tcp.tcpi_rcv_mss;
  info->path_mtu = tcp.tcpi_pmtu;
  info->window = tcp.tcpi_snd_cwnd;
  info->unacknowledged = tcp.tcpi_unacked;
  info->retransmitted = tcp.tcpi_total_retrans;
  info->lost = tcp.tcpi_lost;
  info->last_sent_ms = tcp.tcpi_last_data_sent;
  info->last_received_ms = tcp.tcpi_last_data_recv;
  info->bytes_acknowledged = tcp.tcpi_bytes_acked;
  info->bytes_received = tcp.tcpi_bytes_received;
  info->delivery_rate = tcp.tcpi_delivery_rate;
}

static void
read_memory (PtlSockInfo *info,
             const void  *value,
             size_t       len)
{
  uint32_t numbers[SK_MEMINFO_VARS] = { 0 };

  if (len < (SK_MEMINFO_SNDBUF + 1) * sizeof *numbers)
    return;
  memcpy (numbers, value, MIN (len, sizeof numbers));
  info->has_memory = true;
  info->receive_used = numbers[SK_MEMINFO_RMEM_ALLOC];
  info->receive_buffer = numbers[SK_MEMINFO_RCVBUF];
  info->send_used = numbers[SK_MEMINFO_WMEM_ALLOC];
  info->send_buffer = numbers[SK_MEMINFO_SNDBUF];
  info->drops = numbers[SK_MEMINFO_DROPS];
}

static void
read_congestion (PtlSockInfo *info,
                 const char  *value,
                 size_t       len)
{
  size_t n = 0;

  while (n < len && n < sizeof info->congestion - 1 && g_ascii_isgraph (value[n]))
    {
      info->congestion[n] = value[n];
      n++;
    }
  info->congestion[n] = '\0';
}

int
ptl_sock_diag_parse_info (PtlSockInfo *info,
                          uint32_t     seq,
                          const void  *bytes,
                          size_t       len)
{
  const uint8_t *at = bytes;
  const struct nlmsghdr *header;

  while ((header = ptl_netlink_next (&at, &len)) != NULL)
    {
      const uint8_t *payload = (const uint8_t *) header + NLMSG_HDRLEN;
      size_t left = header->nlmsg_len - NLMSG_HDRLEN, value_len;
      size_t fixed;
      const struct nlattr *attribute;
      const void *value;
      uint8_t family;
      int error;

      if (header->nlmsg_seq != seq)
        continue;
      if (ptl_netlink_parse_end (header, &error))
        return error;
      if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || left < 1)
        continue;
      family = payload[0];
      fixed = family == AF_UNIX ? sizeof (struct unix_diag_msg) : sizeof (struct inet_diag_msg);
      if (left < fixed)
        return -EBADMSG;
      payload += fixed;
      left -= fixed;
      while ((attribute = next_attribute (&payload, &left, &value, &value_len)) != NULL)
        if (family == AF_UNIX)
          {
            if (attribute->nla_type == UNIX_DIAG_MEMINFO)
              read_memory (info, value, value_len);
          }
        else if (attribute->nla_type == INET_DIAG_INFO)
          read_tcp_info (info, value, value_len);
        else if (attribute->nla_type == INET_DIAG_SKMEMINFO)
          read_memory (info, value, value_len);
        else if (attribute->nla_type == INET_DIAG_CONG)
          read_congestion (info, value, value_len);
      return 0;
    }
  return -EBADMSG;
}
