/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Socket calls that are written into a list as they are made. */
#include "config.h"

#include "engine/ptl-sys.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/ptl-clock.h"

#if PTL_FAULT_HOOKS
/* PTL_FAULT_SHORT=N: reads and writes of at most N bytes; PTL_FAULT_AGAIN=N: every Nth one of them
 * answers EAGAIN without being made.  Read once. */
static size_t
fault_get (const char *name)
{
  const char *text = getenv (name);

  return text != NULL ? strtoul (text, NULL, 10) : 0;
}

static size_t fault_short;
static size_t fault_again;

__attribute__ ((constructor)) static void
fault_init (void)
{
  fault_short = fault_get ("PTL_FAULT_SHORT");
  fault_again = fault_get ("PTL_FAULT_AGAIN");
}

static bool
fault_strikes (size_t *len)
{
  static __thread size_t turn;

  if (fault_short > 0 && *len > fault_short)
    *len = fault_short;
  return fault_again > 0 && ++turn % fault_again == 0;
}
#else
#define fault_strikes(len) false
#endif

/* Returns the sequence number of the record + 1, 0 where there is no list. */
static uint64_t
note (PtlCalls         *calls,
      PtlCall           call,
      int               fd,
      uint32_t          peer,
      uint64_t          start_ns,
      int               result, /* as a libc wrapper of ours gave it: -errno on failure */
      const PtlAddress *address,
      int               arg0,
      int               arg1,
      int               arg2)
{
  PtlCallRecord record = {
    .time_ns = start_ns,
    .last_ns = start_ns,
    .count = 1,
    .result = result < 0 ? -1 : result,
    .sys_errno = result < 0 ? -result : 0,
    .fd = fd,
    .args = { arg0, arg1, arg2 },
    .peer = peer,
    .call = call,
  };

  if (calls == NULL)
    return 0;
  record.elapsed_ns = (uint32_t) MIN (ptl_clock_monotonic_ns () - start_ns, UINT32_MAX);
  if (address != NULL)
    record.address = *address;
  return ptl_calls_add (calls, &record) + 1;
}

#define OR_ERRNO(call) \
  ({ \
    int result_; \
    do \
      result_ = (call); \
    while (result_ < 0 && errno == EINTR); \
    result_ < 0 ? -errno : result_; \
  })

int
ptl_sys_socket (PtlCalls *calls,
                int       domain,
                int       type,
                int       protocol)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int fd = OR_ERRNO (socket (domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));

  note (calls, PTL_CALL_SOCKET, fd < 0 ? -1 : fd, 0, start, fd, NULL, domain, type, protocol);
  return fd;
}

int
ptl_sys_bind (PtlCalls         *calls,
              int               fd,
              const PtlAddress *address)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result = OR_ERRNO (bind (fd, &address->sa, address->len));

  note (calls, PTL_CALL_BIND, fd, 0, start, result, address, 0, 0, 0);
  return result;
}

int
ptl_sys_listen (PtlCalls *calls,
                int       fd,
                int       backlog)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result = OR_ERRNO (listen (fd, backlog));

  note (calls, PTL_CALL_LISTEN, fd, 0, start, result, NULL, backlog, 0, 0);
  return result;
}

/* What the kernel wrote: a length over the room means that it was cut off, which no family of ours
 * does but vsock's future ones. */
static void
take_address (PtlAddress *address,
              socklen_t   len)
{
  address->len = MIN (len, (socklen_t) (sizeof (PtlAddress) - offsetof (PtlAddress, sa)));
}

int
ptl_sys_accept (PtlCalls    *calls,
                PtlCallFold *fold,
                int          fd,
                uint32_t     peer,
                PtlAddress  *address)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  socklen_t len = sizeof (PtlAddress) - offsetof (PtlAddress, sa);
  int result;

  memset (address, 0, sizeof *address);
  result = OR_ERRNO (accept4 (fd, &address->sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (result >= 0)
    take_address (address, len);
  if (result != -EAGAIN)
    fold->next = note (calls, PTL_CALL_ACCEPT, fd, peer, start, result,
                       result < 0 ? NULL : address, 0, 0, 0);
  else if (calls != NULL)
    ptl_calls_fold_again (calls, fold, PTL_CALL_ACCEPT, fd, 0, start, 0);
  return result;
}

int
ptl_sys_connect (PtlCalls         *calls,
                 int               fd,
                 const PtlAddress *address)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result = OR_ERRNO (connect (fd, &address->sa, address->len));

  note (calls, PTL_CALL_CONNECT, fd, 0, start, result, address, 0, 0, 0);
  return result;
}

int
ptl_sys_connect_result (PtlCalls         *calls,
                        int               fd,
                        const PtlAddress *address)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int error = 0;
  socklen_t len = sizeof error;
  int result = OR_ERRNO (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &len));

  if (result >= 0 && error != 0)
    result = -error;
  note (calls, PTL_CALL_CONNECT_DONE, fd, 0, start, result, address, 0, 0, 0);
  return result;
}

int
ptl_sys_getsockname (PtlCalls   *calls,
                     int         fd,
                     PtlAddress *address)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  socklen_t len = sizeof (PtlAddress) - offsetof (PtlAddress, sa);
  int result;

  memset (address, 0, sizeof *address);
  result = OR_ERRNO (getsockname (fd, &address->sa, &len));
  if (result >= 0)
    take_address (address, len);
  note (calls, PTL_CALL_GETSOCKNAME, fd, 0, start, result, address, 0, 0, 0);
  return result;
}

int
ptl_sys_shutdown (PtlCalls *calls,
                  int       fd,
                  uint32_t  peer,
                  int       how)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result = OR_ERRNO (shutdown (fd, how));

  note (calls, PTL_CALL_SHUTDOWN, fd, peer, start, result, NULL, how, 0, 0);
  return result;
}

void
ptl_sys_close (PtlCalls *calls,
               int       fd,
               uint32_t  peer)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result = close (fd) < 0 ? -errno : 0; /* never again after EINTR: close(2) */

  note (calls, PTL_CALL_CLOSE, fd, peer, start, result, NULL, 0, 0, 0);
}

static void
fold_result (PtlCalls    *calls,
             PtlCallFold *fold,
             PtlCall      call,
             int          fd,
             uint32_t     peer,
             ssize_t      result,
             uint64_t     bytes,
             size_t       size)
{
  if (calls == NULL)
    return;
  if (result == -EAGAIN)
    ptl_calls_fold_again (calls, fold, call, fd, peer, ptl_clock_monotonic_ns (), size);
  else
    ptl_calls_fold (calls, fold, call, fd, peer, ptl_clock_monotonic_ns (), 1,
                    result < 0 ? -1 : result, result < 0 ? (int) -result : 0, bytes, size);
}

#define OR_ERRNO_SIZE(call) \
  ({ \
    ssize_t result_; \
    do \
      result_ = (call); \
    while (result_ < 0 && errno == EINTR); \
    result_ < 0 ? -errno : result_; \
  })

ssize_t
ptl_sys_recv (PtlCalls    *calls,
              PtlCallFold *fold,
              int          fd,
              uint32_t     peer,
              void        *buffer,
              size_t       size)
{
  ssize_t result;

  if (fault_strikes (&size))
    return -EAGAIN;
  result = OR_ERRNO_SIZE (recv (fd, buffer, size, 0));
  fold_result (calls, fold, PTL_CALL_RECV, fd, peer, result, result > 0 ? (uint64_t) result : 0,
               size);
  return result;
}

ssize_t
ptl_sys_recv_message (PtlCalls    *calls,
                      PtlCallFold *fold,
                      int          fd,
                      uint32_t     peer,
                      void        *buffer,
                      size_t       size,
                      bool        *has_time)
{
  union
  {
    struct cmsghdr align;
    char           bytes[CMSG_SPACE (2 * sizeof (int64_t))];
  } control;
  struct iovec iov = { buffer, size };
  struct msghdr header = {
    .msg_iov = &iov,
    .msg_iovlen = 1,
    .msg_control = control.bytes,
    .msg_controllen = sizeof control,
  };
  ssize_t result;

  *has_time = false;
  if (fault_strikes (&size))
    return -EAGAIN;
  iov.iov_len = size;
  result = OR_ERRNO_SIZE (recvmsg (fd, &header, MSG_TRUNC));
  if (result >= 0)
    for (struct cmsghdr *c = CMSG_FIRSTHDR (&header); c != NULL; c = CMSG_NXTHDR (&header, c))
      *has_time |= c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS;
  fold_result (calls, fold, PTL_CALL_RECVMSG, fd, peer, result,
               result > 0 ? (uint64_t) result : 0, size);
  return result;
}

ssize_t
ptl_sys_send (PtlCalls    *calls,
              PtlCallFold *fold,
              int          fd,
              uint32_t     peer,
              const void  *bytes,
              size_t       len_bytes)
{
  ssize_t result;

  if (fault_strikes (&len_bytes))
    return -EAGAIN;
  result = OR_ERRNO_SIZE (send (fd, bytes, len_bytes, MSG_NOSIGNAL));
  fold_result (calls, fold, PTL_CALL_SEND, fd, peer, result, result > 0 ? (uint64_t) result : 0,
               len_bytes);
  return result;
}

ssize_t
ptl_sys_splice (PtlCalls    *calls,
                PtlCallFold *fold,
                int          fd,
                uint32_t     peer,
                int          pipe_fd,
                size_t       size)
{
  ssize_t result;

  if (fault_strikes (&size))
    return -EAGAIN;
  result = OR_ERRNO_SIZE (splice (fd, NULL, pipe_fd, NULL, size,
                                  SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
  fold_result (calls, fold, PTL_CALL_SPLICE, fd, peer, result,
               result > 0 ? (uint64_t) result : 0, size);
  return result;
}

ssize_t
ptl_sys_sendto (PtlCalls         *calls,
                PtlCallFold      *fold,
                int               fd,
                uint32_t          peer,
                const void       *bytes,
                size_t            len_bytes,
                const PtlAddress *address)
{
  ssize_t result = OR_ERRNO_SIZE (sendto (fd, bytes, len_bytes, MSG_NOSIGNAL,
                                          address != NULL ? &address->sa : NULL,
                                          address != NULL ? address->len : 0));

  if (calls != NULL && result < 0 && result != -EAGAIN && address != NULL)
    {
      /* A failure names whom it was meant for. */
      note (calls, PTL_CALL_SENDTO, fd, peer, ptl_clock_monotonic_ns (), (int) result, address, 0,
            0, 0);
      return result;
    }
  fold_result (calls, fold, address != NULL ? PTL_CALL_SENDTO : PTL_CALL_SEND, fd, peer, result,
               result > 0 ? (uint64_t) result : 0, len_bytes);
  return result;
}

int
ptl_sys_recvmmsg (PtlCalls       *calls,
                  PtlCallFold    *fold,
                  int             fd,
                  struct mmsghdr *messages,
                  unsigned        n)
{
  int result = OR_ERRNO (recvmmsg (fd, messages, n, MSG_DONTWAIT | MSG_TRUNC, NULL));
  uint64_t bytes = 0;

  for (int i = 0; i < result; i++)
    bytes += messages[i].msg_len;
  fold_result (calls, fold, PTL_CALL_RECVMMSG, fd, 0, result, bytes, n);
  return result;
}

int
ptl_sys_get_error (PtlCalls *calls,
                   int       fd,
                   uint32_t  peer)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int error = 0;
  socklen_t len = sizeof error;
  int result = OR_ERRNO (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &len));

  note (calls, PTL_CALL_GET_ERROR, fd, peer, start, result < 0 ? result : -error, NULL, 0, 0, 0);
  return result < 0 ? 0 : error;
}

int
ptl_sys_get_meminfo (PtlCalls    *calls,
                     PtlCallFold *fold,
                     int          fd,
                     uint32_t     info[SK_MEMINFO_VARS])
{
  socklen_t len = SK_MEMINFO_VARS * sizeof info[0];
  int result = OR_ERRNO (getsockopt (fd, SOL_SOCKET, SO_MEMINFO, info, &len));

  fold_result (calls, fold, PTL_CALL_GET_MEMINFO, fd, 0, result, 0, 0);
  /* An older kernel has fewer of them. */
  if (result >= 0 && len < SK_MEMINFO_VARS * sizeof info[0])
    return -ENOPROTOOPT;
  return result;
}

int
ptl_sys_get_readable (PtlCalls *calls,
                      int       fd,
                      uint32_t  peer)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int n_bytes = 0;
  int result = OR_ERRNO (ioctl (fd, FIONREAD, &n_bytes));

  if (result >= 0)
    result = n_bytes;
  note (calls, PTL_CALL_FIONREAD, fd, peer, start, result, NULL, 0, 0, 0);
  return result;
}

int
ptl_sys_send_diag (PtlCalls    *calls,
                   PtlCallFold *fold,
                   int          fd,
                   const void  *bytes,
                   size_t       len_bytes)
{
  int result = OR_ERRNO ((int) send (fd, bytes, len_bytes, MSG_NOSIGNAL));

  fold_result (calls, fold, PTL_CALL_SEND_DIAG, fd, 0, result, 0, len_bytes);
  return result;
}

ssize_t
ptl_sys_recv_diag (PtlCalls           *calls,
                   PtlCallFold        *fold,
                   int                 fd,
                   void               *buffer,
                   size_t              size,
                   struct sockaddr_nl *sender)
{
  socklen_t len = sizeof *sender;
  ssize_t result;

  memset (sender, 0, sizeof *sender);
  result = OR_ERRNO_SIZE (recvfrom (fd, buffer, size, 0, (struct sockaddr *) sender, &len));
  fold_result (calls, fold, PTL_CALL_RECV_DIAG, fd, 0, result, 0, size);
  return result >= 0 && len != sizeof *sender ? -EBADMSG : result;
}

static const struct
{
  int level;
  int name;
} option_names[PTL_N_OPTS] = {
  [PTL_OPT_REUSEADDR] = { SOL_SOCKET, SO_REUSEADDR },
  [PTL_OPT_REUSEPORT] = { SOL_SOCKET, SO_REUSEPORT },
  [PTL_OPT_V6ONLY] = { IPPROTO_IPV6, IPV6_V6ONLY },
  [PTL_OPT_NODELAY] = { IPPROTO_TCP, TCP_NODELAY },
  [PTL_OPT_KEEPALIVE] = { SOL_SOCKET, SO_KEEPALIVE },
  [PTL_OPT_KEEPIDLE] = { IPPROTO_TCP, TCP_KEEPIDLE },
  [PTL_OPT_KEEPINTVL] = { IPPROTO_TCP, TCP_KEEPINTVL },
  [PTL_OPT_KEEPCNT] = { IPPROTO_TCP, TCP_KEEPCNT },
  [PTL_OPT_RCVBUF] = { SOL_SOCKET, SO_RCVBUF },
  [PTL_OPT_RCVBUFFORCE] = { SOL_SOCKET, SO_RCVBUFFORCE },
  [PTL_OPT_SNDBUF] = { SOL_SOCKET, SO_SNDBUF },
  [PTL_OPT_LINGER] = { SOL_SOCKET, SO_LINGER },
  [PTL_OPT_BROADCAST] = { SOL_SOCKET, SO_BROADCAST },
  [PTL_OPT_TTL] = { IPPROTO_IP, IP_TTL },
  [PTL_OPT_HOPS] = { IPPROTO_IPV6, IPV6_UNICAST_HOPS },
  [PTL_OPT_TOS] = { IPPROTO_IP, IP_TOS },
  [PTL_OPT_TCLASS] = { IPPROTO_IPV6, IPV6_TCLASS },
  [PTL_OPT_RXQ_OVFL] = { SOL_SOCKET, SO_RXQ_OVFL },
  [PTL_OPT_TIMESTAMPNS] = { SOL_SOCKET, SO_TIMESTAMPNS },
  [PTL_OPT_MULTICAST_TTL] = { IPPROTO_IP, IP_MULTICAST_TTL },
  [PTL_OPT_MULTICAST_HOPS] = { IPPROTO_IPV6, IPV6_MULTICAST_HOPS },
  [PTL_OPT_MULTICAST_LOOP] = { IPPROTO_IP, IP_MULTICAST_LOOP },
  [PTL_OPT_MULTICAST_LOOP6] = { IPPROTO_IPV6, IPV6_MULTICAST_LOOP },
};

int
ptl_sys_set_option (PtlCalls   *calls,
                    int         fd,
                    PtlOptionId option,
                    int         value)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result;

  if (option == PTL_OPT_LINGER)
    {
      struct linger linger = { .l_onoff = 1, .l_linger = value };

      result = OR_ERRNO (setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
      note (calls, PTL_CALL_SETSOCKOPT, fd, 0, start, result, NULL, option, 1, value);
      return result;
    }
  result = OR_ERRNO (setsockopt (fd, option_names[option].level, option_names[option].name,
                                 &value, sizeof value));
  note (calls, PTL_CALL_SETSOCKOPT, fd, 0, start, result, NULL, option, value, 0);
  return result;
}

int
ptl_sys_set_device (PtlCalls   *calls,
                    int         fd,
                    const char *device)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result = OR_ERRNO (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, device,
                                     (socklen_t) strlen (device) + 1));

  if (calls != NULL)
    {
      PtlCallRecord record = {
        .time_ns = start,
        .last_ns = start,
        .count = 1,
        .result = result < 0 ? -1 : result,
        .sys_errno = result < 0 ? -result : 0,
        .fd = fd,
        .args = { PTL_OPT_DEVICE },
        .elapsed_ns = (uint32_t) MIN (ptl_clock_monotonic_ns () - start, UINT32_MAX),
        .call = PTL_CALL_SETSOCKOPT,
      };

      g_strlcpy (record.text, device, sizeof record.text);
      ptl_calls_add (calls, &record);
    }
  return result;
}

int
ptl_sys_set_membership (PtlCalls         *calls,
                        int               fd,
                        const PtlAddress *group,
                        unsigned          ifindex,
                        bool              joined)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  PtlOptionId option = joined ? PTL_OPT_ADD_MEMBERSHIP : PTL_OPT_DROP_MEMBERSHIP;
  int result;

  if (ptl_address_get_family (group) == AF_INET6)
    {
      struct ipv6_mreq mreq = { .ipv6mr_multiaddr = group->in6.sin6_addr,
                                .ipv6mr_interface = ifindex };

      result = OR_ERRNO (setsockopt (fd, IPPROTO_IPV6, joined ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP,
                                     &mreq, sizeof mreq));
    }
  else
    {
      struct ip_mreqn mreq = { .imr_multiaddr = group->in.sin_addr, .imr_ifindex = (int) ifindex };

      result = OR_ERRNO (setsockopt (fd, IPPROTO_IP,
                                     joined ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP,
                                     &mreq, sizeof mreq));
    }
  note (calls, PTL_CALL_SETSOCKOPT, fd, 0, start, result, group, option, (int) ifindex, 0);
  return result;
}

int
ptl_sys_set_multicast_if (PtlCalls *calls,
                          int       fd,
                          int       family,
                          unsigned  ifindex)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  int result;

  if (family == AF_INET6)
    {
      int index = (int) ifindex;

      result = OR_ERRNO (setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index));
    }
  else
    {
      struct ip_mreqn mreq = { .imr_ifindex = (int) ifindex };

      result = OR_ERRNO (setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq, sizeof mreq));
    }
  note (calls, PTL_CALL_SETSOCKOPT, fd, 0, start, result, NULL,
        family == AF_INET6 ? PTL_OPT_MULTICAST_IF6 : PTL_OPT_MULTICAST_IF, (int) ifindex, 0);
  return result;
}
