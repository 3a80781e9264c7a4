/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets of ping and trace route. */
#include "config.h"

#include "probe/ptl-icmp-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <linux/net_tstamp.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <sys/uio.h>

#include "base/ptl-fd.h"

#define RECEIVE_BUFFER (1 << 20)
#define CONTROL_SIZE 512
#define SNMP6_MAX 8191 /* bytes; it has 3,500 */
#define DISCARDS "Ip6OutDiscards"
/* raw(7): a set bit is a type that is not delivered. */
#define RAW_ICMP_FILTER 1

static void
set_int (int fd,
         int level,
         int option,
         int value)
{
  /* Best effort: an option that an older kernel lacks is one that tells more. */
  (void) setsockopt (fd, level, option, &value, sizeof value);
}

int
ptl_icmp_set_ttl (int      fd,
                  int      family,
                  unsigned ttl)
{
  int value = (int) ttl, failed;

  if (family == AF_INET6)
    failed = setsockopt (fd, SOL_IPV6, IPV6_UNICAST_HOPS, &value, sizeof value);
  else
    failed = setsockopt (fd, SOL_IP, IP_TTL, &value, sizeof value);
  return failed < 0 ? -errno : 0;
}

static void
set_options (int                   fd,
             int                   family,
             const PtlIcmpOptions *options,
             bool                  errors)
{
  set_int (fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  set_int (fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
  if (family == AF_INET6)
    {
      if (errors)
        {
          set_int (fd, SOL_IPV6, IPV6_RECVERR, 1);
          set_int (fd, SOL_IPV6, IPV6_RECVERR_RFC4884, 1);
        }
      set_int (fd, SOL_IPV6, IPV6_RECVHOPLIMIT, 1);
      set_int (fd, SOL_IPV6, IPV6_MTU_DISCOVER,
               options->dont_fragment ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT);
      set_int (fd, SOL_IPV6, IPV6_DONTFRAG, options->dont_fragment);
    }
  else
    {
      if (errors)
        {
          set_int (fd, SOL_IP, IP_RECVERR, 1);
          set_int (fd, SOL_IP, IP_RECVERR_RFC4884, 1);
        }
      set_int (fd, SOL_IP, IP_RECVTTL, 1);
      set_int (fd, SOL_IP, IP_MTU_DISCOVER,
               options->dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT);
    }
  if (options->ttl > 0)
    ptl_icmp_set_ttl (fd, family, options->ttl);
}

/* Only what a ping is answered with; the kernel would copy every neighbour discovery to us. */
static void
set_raw_filter (int fd,
                int family)
{
  if (family == AF_INET6)
    {
      struct icmp6_filter filter;

      ICMP6_FILTER_SETBLOCKALL (&filter);
      ICMP6_FILTER_SETPASS (ICMP6_ECHO_REPLY, &filter);
      ICMP6_FILTER_SETPASS (ICMP6_DST_UNREACH, &filter);
      ICMP6_FILTER_SETPASS (ICMP6_PACKET_TOO_BIG, &filter);
      ICMP6_FILTER_SETPASS (ICMP6_TIME_EXCEEDED, &filter);
      ICMP6_FILTER_SETPASS (ICMP6_PARAM_PROB, &filter);
      (void) setsockopt (fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
      return;
    }
  set_int (fd, SOL_RAW, RAW_ICMP_FILTER,
           (int) ~(1u << ICMP_ECHOREPLY | 1u << ICMP_DEST_UNREACH | 1u << ICMP_TIME_EXCEEDED
                   | 1u << ICMP_PARAMETERPROB));
}

/* "low<tab>high", or "1\t0" when no group may. */
static void
read_range (PtlIcmpChoice *choice)
{
  PTL_AUTO_FD fd = open (PTL_ICMP_PING_RANGE_PATH, O_RDONLY | O_CLOEXEC);
  char text[64], *end;
  ssize_t n;
  guint64 low, high;

  if (fd < 0 || (n = read (fd, text, sizeof text - 1)) <= 0)
    return;
  text[n] = '\0';
  low = g_ascii_strtoull (text, &end, 10);
  if (end == text)
    return;
  high = g_ascii_strtoull (end, NULL, 10);
  if (low > G_MAXUINT32 || high > G_MAXUINT32)
    return;
  choice->has_range = true;
  choice->range_low = (uint32_t) low;
  choice->range_high = (uint32_t) high;
}

static int
open_icmp (int                   family,
           const PtlIcmpOptions *options,
           PtlIcmpChoice        *choice)
{
  int protocol = family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
  int fd;

  read_range (choice); /* before, as it changes errno */
  fd = socket (family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd >= 0)
    {
      choice->via = PTL_VIA_ICMP_DATAGRAM;
      set_options (fd, family, options, true);
      return fd;
    }
  choice->datagram_errno = errno;
  fd = socket (family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd >= 0)
    {
      choice->via = PTL_VIA_ICMP_RAW;
      set_options (fd, family, options, false);
      set_raw_filter (fd, family);
      return fd;
    }
  choice->raw_errno = errno;
  return -1;
}

/* Or -errno. */
static int
open_udp (int                   family,
          const PtlIcmpOptions *options)
{
  int fd = socket (family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -errno;
  set_options (fd, family, options, true);
  return fd;
}

int
ptl_icmp_open_tcp (int                   family,
                   const PtlIcmpOptions *options)
{
  int fd = socket (family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct linger abort_it = { .l_onoff = 1, .l_linger = 0 };

  if (fd < 0)
    return -errno;
  if (family == AF_INET6)
    set_int (fd, SOL_IPV6, IPV6_RECVERR, 1);
  else
    set_int (fd, SOL_IP, IP_RECVERR, 1);
  /* One SYN is one probe; and when it is closed nothing is left behind. */
  set_int (fd, SOL_TCP, TCP_SYNCNT, 1);
  (void) setsockopt (fd, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it);
  if (options->ttl > 0)
    ptl_icmp_set_ttl (fd, family, options->ttl);
  return fd;
}

void
ptl_icmp_open (int                   family,
               PtlMethod             method,
               PtlVia                otherwise,
               const PtlIcmpOptions *options,
               PtlIcmpChoice        *choice,
               int                  *fd)
{
  memset (choice, 0, sizeof *choice);
  choice->method = method;
  *fd = -1;
  if (method == PTL_METHOD_AUTOMATIC || method == PTL_METHOD_ICMP)
    {
      *fd = open_icmp (family, options, choice);
      if (*fd >= 0 || method == PTL_METHOD_ICMP)
        return;
      choice->via = otherwise;
    }
  else
    choice->via = method == PTL_METHOD_UDP ? PTL_VIA_UDP : PTL_VIA_TCP;
  if (choice->via != PTL_VIA_UDP)
    return;
  *fd = open_udp (family, options);
  if (*fd < 0)
    {
      choice->other_errno = -*fd;
      choice->via = PTL_VIA_NONE;
      *fd = -1;
    }
}

/* --- what comes ------------------------------------------------------------------------------- */

/* A message, and what comes beside it. */
typedef struct
{
  union
  {
    struct cmsghdr align;
    uint8_t        bytes[CONTROL_SIZE];
  } control;
  struct sockaddr_storage name;
  struct iovec            iov;
  struct msghdr           msg;
} Incoming;

/* Its length, or -errno. */
static ssize_t
receive (Incoming *incoming,
         int       fd,
         uint8_t  *buffer,
         size_t    size,
         int       flags)
{
  ssize_t n;

  memset (&incoming->name, 0, sizeof incoming->name);
  incoming->iov = (struct iovec) { .iov_base = buffer, .iov_len = size };
  incoming->msg = (struct msghdr) {
    .msg_name = &incoming->name, .msg_namelen = sizeof incoming->name,
    .msg_iov = &incoming->iov, .msg_iovlen = 1,
    .msg_control = &incoming->control, .msg_controllen = sizeof incoming->control,
  };
  n = recvmsg (fd, &incoming->msg, MSG_DONTWAIT | flags);
  return n < 0 ? -errno : n;
}

int
ptl_icmp_receive (int              fd,
                  uint8_t         *buffer,
                  size_t           size,
                  PtlIcmpReceived *received)
{
  Incoming incoming;
  ssize_t n = receive (&incoming, fd, buffer, size, 0);

  memset (received, 0, sizeof *received);
  received->ttl = -1;
  if (n < 0)
    return (int) n;
  received->len = (size_t) n;
  ptl_address_from_sockaddr (&received->from, (const struct sockaddr *) &incoming.name,
                             incoming.msg.msg_namelen);
  ptl_icmp_parse_control (&incoming.msg, &received->stamp_ns, &received->ttl);
  return 0;
}

int
ptl_icmp_receive_error (int           fd,
                        uint8_t      *buffer,
                        size_t        size,
                        size_t       *len,
                        PtlIcmpError *error)
{
  Incoming incoming;
  ssize_t n = receive (&incoming, fd, buffer, size, MSG_ERRQUEUE);

  *len = 0;
  if (n < 0)
    {
      memset (error, 0, sizeof *error);
      return (int) n;
    }
  *len = (size_t) n;
  return ptl_icmp_parse_error (&incoming.msg, buffer, *len, error) ? 0 : -EBADMSG;
}

int
ptl_icmp_find_source (const PtlAddress *destination,
                      PtlAddress       *source,
                      bool             *local)
{
  PtlAddress to = *destination;
  PTL_AUTO_FD fd = socket (ptl_address_get_family (destination), SOCK_DGRAM | SOCK_CLOEXEC, 0);

  memset (source, 0, sizeof *source);
  *local = false;
  if (fd < 0)
    return -errno;
  ptl_address_set_port (&to, 9);
  if (connect (fd, &to.sa, to.len) < 0)
    return -errno;
  source->len = sizeof *source - offsetof (PtlAddress, sa);
  if (getsockname (fd, &source->sa, &source->len) < 0)
    {
      source->len = 0;
      return -errno;
    }
  *local = ptl_address_is_loopback (destination) || ptl_address_equal_host (source, destination);
  ptl_address_set_port (source, 0);
  return 0;
}

void
ptl_icmp_make_sendable (PtlAddress *address)
{
  if (!ptl_address_is_any (address))
    return;
  if (ptl_address_get_family (address) == AF_INET6)
    address->in6.sin6_addr = in6addr_loopback;
  else
    address->in.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
}

bool
ptl_icmp_find_too_big (const PtlAddress *destination,
                       size_t            len,
                       PtlIcmpNotice    *notice)
{
  PtlIcmpOptions options = { .dont_fragment = true };
  g_autofree uint8_t *bytes = g_malloc0 (len);
  PtlAddress to = *destination;
  PTL_AUTO_FD fd = open_udp (ptl_address_get_family (destination), &options);
  PtlIcmpError error;
  size_t n;

  if (fd < 0)
    return false;
  ptl_address_set_port (&to, 9);
  /* What waits for more is checked and not sent, and is gone with the socket (udp(7)). */
  if (sendto (fd, bytes, len, MSG_MORE | MSG_NOSIGNAL, &to.sa, to.len) >= 0 || errno != EMSGSIZE
      || ptl_icmp_receive_error (fd, bytes, len, &n, &error) != 0 || !error.notice.local)
    return false;
  *notice = error.notice;
  return true;
}

/* Of Ip6OutDiscards; 0: not told. */
static uint64_t
read_discards (void)
{
  char text[SNMP6_MAX + 1];
  PTL_AUTO_FD fd = open ("/proc/thread-self/net/snmp6", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, text, SNMP6_MAX) : -1;
  const char *found;

  if (n <= 0)
    return 0;
  text[n] = '\0';
  found = strstr (text, "\n" DISCARDS);
  return found != NULL ? g_ascii_strtoull (found + 1 + strlen (DISCARDS), NULL, 10) : 0;
}

bool
ptl_icmp_is_held_back (const PtlAddress *destination)
{
  struct icmp6_hdr ping = { .icmp6_type = ICMP6_ECHO_REQUEST };
  uint8_t bytes[CONTROL_SIZE], control[CONTROL_SIZE];
  struct iovec part = { bytes, sizeof bytes };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                            .msg_controllen = sizeof control };
  uint64_t before;
  PTL_AUTO_FD fd = -1;

  if (ptl_address_get_family (destination) != AF_INET6)
    return false;
  fd = socket (AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
  if (fd < 0)
    return false;
  set_int (fd, SOL_SOCKET, SO_TIMESTAMPING,
           SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY);
  before = read_discards ();
  return sendto (fd, &ping, sizeof ping, MSG_NOSIGNAL, &destination->sa, destination->len) >= 0
         && recvmsg (fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 && errno == EAGAIN
         && read_discards () > before;
}

uint64_t
ptl_icmp_round_trip (uint64_t sent_ns,
                     uint64_t sent_real_ns,
                     uint64_t now_ns,
                     uint64_t stamp_ns)
{
  uint64_t waited = now_ns > sent_ns ? now_ns - sent_ns : 0;

  /* It cannot have taken longer than until now, nor less than nothing. */
  if (stamp_ns > sent_real_ns && stamp_ns - sent_real_ns <= waited)
    return stamp_ns - sent_real_ns;
  return waited;
}
