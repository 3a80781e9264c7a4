/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that listens to a group, and checks that something can be heard at all. */
#include "config.h"

#include "probe/ptl-hear.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define FRAMES_PER_TURN 64
#define FLUSH_NS (20 * PTL_NS_PER_MS)
#define DATAGRAM_MAX 65536
#define LOOK_NS (500 * PTL_NS_PER_MS) /* at the interface */
#define TOLD_NS (250 * PTL_NS_PER_MS) /* rates go on while nothing comes */

struct _PtlHear
{
  /* set before the thread starts */
  PtlHearConfig   config;
  PtlHearNews     news;
  void           *data;

  /* the thread's */
  unsigned        index;      /* of the interface */
  int             fd;
  int             check_fd;
  uint8_t         nonce[16];
  uint64_t        check_sent_ns;
  uint64_t        started_ns;
  uint32_t        last_dropped;
  PtlHearStatus   status;
  uint8_t        *buffer;

  pthread_t       thread;
  int             wake_fd;
  atomic_bool     stopping;

  pthread_mutex_t lock; /* of what follows */
  GArray         *frames;
  PtlHearStatus   shared_status;
  bool            told;
};

/* --- what is told ----------------------------------------------------------------------------- */

static void
tell (PtlHear *hear)
{
  bool call;

  hear->status.elapsed_ns = ptl_clock_monotonic_ns () - hear->started_ns;
  pthread_mutex_lock (&hear->lock);
  hear->shared_status = hear->status;
  call = !hear->told;
  hear->told = true;
  pthread_mutex_unlock (&hear->lock);
  if (call)
    hear->news (hear->data);
}

GArray *
ptl_hear_take (PtlHear       *hear,
               PtlHearStatus *status)
{
  GArray *fresh = g_array_new (FALSE, FALSE, sizeof (PtlHearFrame)), *taken;

  pthread_mutex_lock (&hear->lock);
  taken = hear->frames;
  hear->frames = fresh;
  *status = hear->shared_status;
  hear->told = false;
  pthread_mutex_unlock (&hear->lock);
  return taken;
}

static void
end (PtlHear     *hear,
     PtlHearStep  step,
     int          sys_errno)
{
  hear->status.step = step;
  hear->status.sys_errno = sys_errno;
}

/* --- sockets ---------------------------------------------------------------------------------- */

static bool
is_ipv6 (const PtlHear *hear)
{
  return ptl_address_get_family (&hear->config.group) == AF_INET6;
}

static int
join (const PtlHear *hear,
      int            fd)
{
  if (is_ipv6 (hear))
    {
      struct ipv6_mreq request = { .ipv6mr_multiaddr = hear->config.group.in6.sin6_addr,
                                   .ipv6mr_interface = hear->index };

      return setsockopt (fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request) < 0 ? -errno
                                                                                           : 0;
    }
  else
    {
      struct ip_mreqn request = { .imr_multiaddr = hear->config.group.in.sin_addr,
                                  .imr_ifindex = (int) hear->index };

      return setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) < 0 ? -errno
                                                                                           : 0;
    }
}

/* Options without which less is told; they do not fail where they exist. */
static void
ask_for_details (const PtlHear *hear,
                 int            fd)
{
  int one = 1, zero = 0;

  (void) setsockopt (fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one);
  if (is_ipv6 (hear))
    {
      (void) setsockopt (fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof one);
      (void) setsockopt (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one);
      (void) setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &zero, sizeof zero);
    }
  else
    {
      (void) setsockopt (fd, IPPROTO_IP, IP_RECVTTL, &one, sizeof one);
      (void) setsockopt (fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
      /* What other programs have joined is not ours. */
      (void) setsockopt (fd, IPPROTO_IP, IP_MULTICAST_ALL, &zero, sizeof zero);
    }
}

/* Binds to @port (0: one that is free) of the group's address, or of any where it is a broadcast:
 * then by its interface only. */
static int
open_listener (PtlHear     *hear,
               uint16_t     port,
               PtlHearStep *step)
{
  bool multicast = ptl_address_is_multicast (&hear->config.group);
  PtlAddress here = hear->config.group;
  PTL_AUTO_FD fd = socket (ptl_address_get_family (&here),
                           SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1, failed;

  *step = PTL_HEAR_STEP_SOCKET;
  if (fd < 0)
    return -errno;
  ask_for_details (hear, fd);
  if (is_ipv6 (hear))
    {
      (void) setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
      here.in6.sin6_scope_id = hear->index;
    }
  else if (!multicast)
    here.in.sin_addr.s_addr = htonl (INADDR_ANY);
  *step = PTL_HEAR_STEP_DEVICE;
  if (!multicast && setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, hear->config.device,
                                (socklen_t) strlen (hear->config.device)) < 0)
    return -errno;
  /* A responder of the system has the port already and shares it. */
  *step = PTL_HEAR_STEP_BIND;
  if (port != 0)
    (void) setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  ptl_address_set_port (&here, port);
  if (bind (fd, &here.sa, here.len) < 0)
    {
      if (errno != EADDRINUSE)
        return -errno;
      (void) setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
      if (bind (fd, &here.sa, here.len) < 0)
        return -errno;
    }
  *step = PTL_HEAR_STEP_JOIN;
  failed = multicast ? join (hear, fd) : 0;
  if (failed < 0)
    return failed;
  *step = PTL_HEAR_STEP_NONE;
  return ptl_fd_steal (&fd);
}

/* --- the check -------------------------------------------------------------------------------- */

static void
check_failed (PtlHear     *hear,
              PtlHearStep  step,
              int          sys_errno)
{
  hear->status.check = PTL_HEAR_CHECK_FAILED;
  hear->status.check_step = step;
  hear->status.check_errno = sys_errno;
  ptl_fd_clear (&hear->check_fd);
}

static int
send_check (PtlHear *hear)
{
  PTL_AUTO_FD fd = socket (ptl_address_get_family (&hear->config.group),
                           SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  PtlAddress to = hear->config.group, here = { 0 };
  socklen_t len = sizeof here.un;
  int one = 1, index = (int) hear->index;

  if (fd < 0 || getsockname (hear->check_fd, &here.sa, &len) < 0)
    return -errno;
  here.len = len;
  ptl_address_set_port (&to, ptl_address_get_port (&here));
  if (is_ipv6 (hear))
    {
      to.in6.sin6_scope_id = hear->index;
      if (setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index) < 0
          || setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &one, sizeof one) < 0
          || setsockopt (fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &one, sizeof one) < 0)
        return -errno;
    }
  else if (ptl_address_is_multicast (&to))
    {
      struct ip_mreqn by = { .imr_ifindex = index };

      if (setsockopt (fd, IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by) < 0
          || setsockopt (fd, IPPROTO_IP, IP_MULTICAST_TTL, &one, sizeof one) < 0
          || setsockopt (fd, IPPROTO_IP, IP_MULTICAST_LOOP, &one, sizeof one) < 0)
        return -errno;
    }
  else if (setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one) < 0
           || setsockopt (fd, IPPROTO_IP, IP_TTL, &one, sizeof one) < 0
           || setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, hear->config.device,
                          (socklen_t) strlen (hear->config.device)) < 0)
    return -errno;
  hear->check_sent_ns = ptl_clock_monotonic_ns ();
  if (sendto (fd, hear->nonce, sizeof hear->nonce, MSG_NOSIGNAL, &to.sa, to.len) < 0)
    return -errno;
  return 0;
}

static void
start_check (PtlHear *hear)
{
  PtlHearStep step;
  int failed;

  hear->status.check = PTL_HEAR_CHECK_RUNNING;
  hear->check_fd = open_listener (hear, 0, &step);
  if (hear->check_fd < 0)
    {
      failed = hear->check_fd;
      hear->check_fd = -1;
      check_failed (hear, step, -failed);
      return;
    }
  while (getrandom (hear->nonce, sizeof hear->nonce, 0) < 0 && errno == EINTR)
    ;
  failed = send_check (hear);
  if (failed < 0)
    check_failed (hear, PTL_HEAR_STEP_SEND, -failed);
}

static void
read_check (PtlHear *hear)
{
  uint8_t bytes[64];
  ssize_t n = recv (hear->check_fd, bytes, sizeof bytes, 0);

  if (n != (ssize_t) sizeof hear->nonce || memcmp (bytes, hear->nonce, sizeof hear->nonce) != 0)
    return;
  hear->status.check = PTL_HEAR_CHECK_GOOD;
  hear->status.check_us =
    (uint32_t) ((ptl_clock_monotonic_ns () - hear->check_sent_ns) / 1000);
  ptl_fd_clear (&hear->check_fd);
}

/* --- what comes ------------------------------------------------------------------------------- */

static void
take_details (PtlHear       *hear,
              struct msghdr *message,
              PtlHearFrame  *frame)
{
  for (struct cmsghdr *at = CMSG_FIRSTHDR (message); at != NULL; at = CMSG_NXTHDR (message, at))
    {
      if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_RXQ_OVFL)
        {
          uint32_t dropped;

          memcpy (&dropped, CMSG_DATA (at), sizeof dropped);
          /* It counts from the socket's beginning and wraps around. */
          hear->status.n_dropped += dropped - hear->last_dropped;
          hear->last_dropped = dropped;
        }
      else if ((at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TTL)
               || (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_HOPLIMIT))
        memcpy (&frame->ttl, CMSG_DATA (at), sizeof (int));
      else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO)
        {
          struct in_pktinfo info;

          memcpy (&info, CMSG_DATA (at), sizeof info);
          frame->to.len = sizeof frame->to.in;
          frame->to.in.sin_family = AF_INET;
          frame->to.in.sin_addr = info.ipi_addr;
        }
      else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO)
        {
          struct in6_pktinfo info;

          memcpy (&info, CMSG_DATA (at), sizeof info);
          frame->to.len = sizeof frame->to.in6;
          frame->to.in6.sin6_family = AF_INET6;
          frame->to.in6.sin6_addr = info.ipi6_addr;
        }
    }
}

/* False: there is nothing more now. */
static bool
read_frame (PtlHear *hear)
{
  union
  {
    struct cmsghdr align;
    uint8_t        bytes[256];
  } control;
  PtlHearFrame frame = { .ttl = -1 };
  struct iovec part = { hear->buffer, DATAGRAM_MAX };
  struct msghdr message = { .msg_name = &frame.from.sa, .msg_namelen = sizeof frame.from.un,
                            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };
  ssize_t n = recvmsg (hear->fd, &message, 0);

  if (n < 0)
    {
      /* ENETDOWN is told once when the interface goes down; it may come back. */
      if (errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
        end (hear, PTL_HEAR_STEP_RECEIVE, errno);
      return false;
    }
  frame.from.len = message.msg_namelen;
  frame.time_ns = ptl_clock_realtime_ns ();
  frame.len_bytes = (uint32_t) n;
  frame.len_kept = (uint16_t) MIN (n, PTL_HEAR_KEEP_MAX);
  memcpy (frame.bytes, hear->buffer, frame.len_kept);
  take_details (hear, &message, &frame);
  hear->status.n_frames++;
  hear->status.n_bytes += (uint64_t) n;
  pthread_mutex_lock (&hear->lock);
  if (hear->frames->len < PTL_HEAR_QUEUE_MAX)
    g_array_append_val (hear->frames, frame);
  else
    hear->status.n_untold++;
  pthread_mutex_unlock (&hear->lock);
  return true;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* The flags of the interface; false when it is gone. */
static bool
read_flags (PtlHear *hear)
{
  PTL_AUTO_FD fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = { 0 };

  g_strlcpy (request.ifr_name, hear->config.device, sizeof request.ifr_name);
  hear->index = if_nametoindex (hear->config.device);
  if (hear->index == 0 || fd < 0 || ioctl (fd, SIOCGIFFLAGS, &request) < 0)
    return false;
  hear->status.flags = (unsigned short) request.ifr_flags;
  return true;
}

/* Without SO_BROADCAST the kernel refuses to connect to what is for broadcasts (ip(7)): so it tells
 * which addresses these are here. */
static bool
is_broadcast (const PtlHear *hear)
{
  PTL_AUTO_FD fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (hear->config.group.in.sin_addr.s_addr == htonl (INADDR_BROADCAST))
    return true;
  return fd >= 0
         && setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, hear->config.device,
                        (socklen_t) strlen (hear->config.device)) == 0
         && connect (fd, &hear->config.group.sa, hear->config.group.len) < 0 && errno == EACCES;
}

static bool
start (PtlHear *hear)
{
  bool multicast = ptl_address_is_multicast (&hear->config.group);
  PtlHearStep step;

  if (!read_flags (hear))
    {
      end (hear, PTL_HEAR_STEP_DEVICE, ENODEV);
      return false;
    }
  /* Loopback carries multicast though it does not say so. */
  if ((hear->status.flags & IFF_UP) == 0
      || (!multicast && (hear->status.flags & (IFF_BROADCAST | IFF_LOOPBACK)) == 0))
    {
      end (hear, PTL_HEAR_STEP_DEVICE, 0);
      return false;
    }
  if (!multicast && !is_broadcast (hear))
    {
      end (hear, PTL_HEAR_STEP_DEVICE, EADDRNOTAVAIL);
      return false;
    }
  hear->fd = open_listener (hear, ptl_address_get_port (&hear->config.group), &step);
  if (hear->fd < 0)
    {
      int failed = -hear->fd;

      hear->fd = -1;
      end (hear, step, failed);
      return false;
    }
  start_check (hear);
  return true;
}

/* False, and ended: the interface is gone, has another name, or is down.  The socket does not say
 * so: it hears nothing any more. */
static bool
is_still_there (PtlHear *hear)
{
  struct ifreq request = { .ifr_ifindex = (int) hear->index };

  if (ioctl (hear->fd, SIOCGIFNAME, &request) < 0
      || strncmp (request.ifr_name, hear->config.device, sizeof request.ifr_name) != 0
      || ioctl (hear->fd, SIOCGIFFLAGS, &request) < 0)
    {
      end (hear, PTL_HEAR_STEP_DEVICE, ENODEV);
      return false;
    }
  hear->status.flags = (unsigned short) request.ifr_flags;
  if ((hear->status.flags & IFF_UP) != 0)
    return true;
  end (hear, PTL_HEAR_STEP_DEVICE, 0);
  return false;
}

static void *
hear_main (void *data)
{
  PtlHear *hear = data;
  uint64_t told_ns = 0, looked_ns = 0;
  bool more = false;

  hear->started_ns = ptl_clock_monotonic_ns ();
  hear->buffer = g_malloc (DATAGRAM_MAX);
  if (start (hear))
    tell (hear);
  while (hear->fd >= 0 && hear->status.step == PTL_HEAR_STEP_NONE
         && !atomic_load_explicit (&hear->stopping, memory_order_acquire))
    {
      struct pollfd fds[3] = {
        { hear->wake_fd, POLLIN, 0 }, { hear->fd, POLLIN, 0 }, { hear->check_fd, POLLIN, 0 },
      };
      uint64_t now_ns;
      bool news = false;

      (void) poll (fds, 3, more ? (int) (FLUSH_NS / PTL_NS_PER_MS)
                                : (int) (TOLD_NS / PTL_NS_PER_MS));
      for (unsigned i = 0; i < FRAMES_PER_TURN && read_frame (hear); i++)
        more = true;
      if (hear->check_fd >= 0)
        {
          read_check (hear);
          news = hear->check_fd < 0;
        }
      now_ns = ptl_clock_monotonic_ns ();
      if (now_ns - looked_ns >= LOOK_NS)
        {
          looked_ns = now_ns;
          if (!is_still_there (hear))
            break;
        }
      if (hear->check_fd >= 0
          && now_ns - hear->check_sent_ns > PTL_HEAR_CHECK_MS * PTL_NS_PER_MS)
        {
          check_failed (hear, PTL_HEAR_STEP_RETURN, 0);
          news = true;
        }
      if (news || (more && now_ns - told_ns >= FLUSH_NS) || now_ns - told_ns >= TOLD_NS)
        {
          told_ns = now_ns;
          more = false;
          tell (hear);
        }
    }
  ptl_fd_clear (&hear->fd);
  ptl_fd_clear (&hear->check_fd);
  g_clear_pointer (&hear->buffer, g_free);
  hear->status.running = false;
  tell (hear);
  return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
hear_destroy (PtlHear *hear)
{
  ptl_fd_clear (&hear->wake_fd);
  pthread_mutex_destroy (&hear->lock);
  g_array_unref (hear->frames);
  g_free (hear);
}

PtlHear *
ptl_hear_new (const PtlHearConfig *config,
              PtlHearNews          news,
              void                *data,
              GError             **error)
{
  PtlHear *hear = g_new0 (PtlHear, 1);
  sigset_t all, before;
  int failed;

  hear->config = *config;
  hear->news = news;
  hear->data = data;
  hear->fd = hear->check_fd = -1;
  hear->status.running = true;
  hear->shared_status = hear->status;
  hear->frames = g_array_new (FALSE, FALSE, sizeof (PtlHearFrame));
  pthread_mutex_init (&hear->lock, NULL);
  hear->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  failed = hear->wake_fd < 0 ? errno : 0;
  if (failed == 0)
    {
      sigfillset (&all);
      pthread_sigmask (SIG_SETMASK, &all, &before);
      failed = pthread_create (&hear->thread, NULL, hear_main, hear);
      pthread_sigmask (SIG_SETMASK, &before, NULL);
    }
  if (failed == 0)
    return hear;
  ptl_error_set_errno (error, failed, "poll");
  hear_destroy (hear);
  return NULL;
}

void
ptl_hear_stop (PtlHear *hear)
{
  uint64_t one = 1;

  atomic_store_explicit (&hear->stopping, true, memory_order_release);
  (void) !write (hear->wake_fd, &one, sizeof one);
}

void
ptl_hear_free (PtlHear *hear)
{
  if (hear == NULL)
    return;
  ptl_hear_stop (hear);
  pthread_join (hear->thread, NULL);
  hear_destroy (hear);
}
