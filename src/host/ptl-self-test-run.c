/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One case of a self-test: a listener and its client in one thread, on descriptors that do not
 * block. */
#include "config.h"

#include "host/ptl-self-test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

#define MESSAGE_LEN 32
#define STRANGERS_MAX 64 /* datagrams and connections of others that are thrown away */

/* What a case has open; closed and removed at its end. */
typedef struct
{
  PtlSelfTestCase *what;
  int              cancel_fd;
  uint64_t         deadline_ns;
  int              listener;
  int              server; /* what was accepted */
  int              client;
  char            *folder; /* owned; of the Unix paths, or NULL */
  PtlAddress       listening;
  uint8_t          question[MESSAGE_LEN];
  uint8_t          answer[MESSAGE_LEN];
} Run;

static int
fail (Run     *run,
      PtlStep  step,
      int      sys_errno)
{
  run->what->step = step;
  run->what->sys_errno = sys_errno;
  run->what->outcome = sys_errno == ECANCELED ? PTL_SELF_TEST_STOPPED
                       : sys_errno == ETIME   ? PTL_SELF_TEST_SILENT : PTL_SELF_TEST_FAILED;
  return -sys_errno;
}

/* Waits for one of two descriptors (@other may be -1); 0, or -ETIME, -ECANCELED.  ETIME is none of
 * what a socket call fails with. */
static int
wait_for (Run   *run,
          int    fd,
          short  events,
          int    other,
          short  other_events,
          short *got,
          short *other_got)
{
  struct pollfd fds[] = {
    { .fd = run->cancel_fd, .events = POLLIN },
    { .fd = fd, .events = events },
    { .fd = other, .events = other_events },
  };

  for (;;)
    {
      uint64_t now_ns = ptl_clock_monotonic_ns ();
      int n;

      if (now_ns >= run->deadline_ns)
        return -ETIME;
      n = poll (fds, G_N_ELEMENTS (fds), (int) ((run->deadline_ns - now_ns) / PTL_NS_PER_MS) + 1);
      if (n < 0 && errno != EINTR)
        return -errno;
      if (n > 0 && fds[0].revents != 0)
        return -ECANCELED;
      if (n > 0)
        {
          *got = fds[1].revents;
          if (other_got != NULL)
            *other_got = fds[2].revents;
          return 0;
        }
    }
}

static int
wait_readable (Run *run,
               int  fd)
{
  short got;

  return wait_for (run, fd, POLLIN, -1, 0, &got, NULL);
}

/* --- the parts of a conversation -------------------------------------------------------------- */

static int
open_socket (Run *run,
             int *fd)
{
  PtlSelfTestCase *what = run->what;
  int off = 0;

  *fd = socket (ptl_address_get_family (&what->address),
                what->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (*fd < 0)
    return fail (run, PTL_STEP_SOCKET, errno);
  if (what->kind == PTL_SELF_TEST_MAPPED
      && setsockopt (*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
    return fail (run, PTL_STEP_OPTION, errno);
  return 0;
}

/* A name that nobody else has. */
static int
name_unix (Run        *run,
           PtlAddress *address,
           const char *last)
{
  uint8_t bytes[8];
  char name[64];

  if (run->what->kind == PTL_SELF_TEST_PATH)
    {
      g_autofree char *path = NULL;

      if (run->folder == NULL)
        {
          run->folder = g_build_filename (g_get_tmp_dir (), "portlight-self-test-XXXXXX", NULL);
          if (mkdtemp (run->folder) == NULL)
            {
              int failed = errno;

              g_clear_pointer (&run->folder, g_free);
              return fail (run, PTL_STEP_BIND, failed);
            }
        }
      path = g_build_filename (run->folder, last, NULL);
      if (ptl_address_set_unix (address, path, strlen (path), false) != 0)
        return fail (run, PTL_STEP_BIND, ENAMETOOLONG);
      return 0;
    }
  if (getrandom (bytes, sizeof bytes, GRND_NONBLOCK) != (ssize_t) sizeof bytes)
    return fail (run, PTL_STEP_BIND, EAGAIN);
  g_snprintf (name, sizeof name, "portlight-self-test-%02x%02x%02x%02x%02x%02x%02x%02x-%s",
              bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
              last);
  if (ptl_address_set_unix (address, name, strlen (name), true) != 0)
    return fail (run, PTL_STEP_BIND, ENAMETOOLONG);
  return 0;
}

static int
bind_socket (Run              *run,
             int               fd,
             const PtlAddress *to,
             const char       *last,
             PtlAddress       *bound)
{
  PtlAddress address = *to;
  struct sockaddr_storage name;
  socklen_t len = sizeof name;

  if (ptl_address_get_family (&address) == AF_UNIX)
    {
      int failed = name_unix (run, &address, last);

      if (failed != 0)
        return failed;
    }
  if (bind (fd, &address.sa, address.len) != 0)
    return fail (run, PTL_STEP_BIND, errno);
  if (getsockname (fd, (struct sockaddr *) &name, &len) != 0
      || !ptl_address_from_sockaddr (bound, (const struct sockaddr *) &name, len))
    return fail (run, PTL_STEP_BIND, errno);
  return 0;
}

static int
send_message (Run              *run,
              int               fd,
              const uint8_t    *message,
              const PtlAddress *to)
{
  ssize_t n = sendto (fd, message, MESSAGE_LEN, MSG_NOSIGNAL, to != NULL ? &to->sa : NULL,
                      to != NULL ? to->len : 0);

  if (n < 0)
    return fail (run, PTL_STEP_SEND, errno);
  /* An empty buffer takes 32 bytes at once. */
  return n == MESSAGE_LEN ? 0 : fail (run, PTL_STEP_SEND, EMSGSIZE);
}

/* Of a connection: all of @expected, and nothing else. */
static int
receive_stream (Run           *run,
                int            fd,
                const uint8_t *expected)
{
  uint8_t bytes[MESSAGE_LEN];
  size_t have = 0;

  while (have < MESSAGE_LEN)
    {
      ssize_t n = recv (fd, bytes + have, MESSAGE_LEN - have, 0);
      int failed;

      if (n > 0)
        {
          have += (size_t) n;
          continue;
        }
      if (n == 0)
        return fail (run, PTL_STEP_RECEIVE, ECONNRESET);
      if (errno != EAGAIN)
        return fail (run, PTL_STEP_RECEIVE, errno);
      failed = wait_readable (run, fd);
      if (failed != 0)
        return fail (run, PTL_STEP_RECEIVE, -failed);
    }
  return memcmp (bytes, expected, MESSAGE_LEN) == 0 ? 0 : fail (run, PTL_STEP_RECEIVE, EBADMSG);
}

/* A datagram that is @expected; others are those of strangers.  @from: who sent it. */
static int
receive_datagram (Run           *run,
                  int            fd,
                  const uint8_t *expected,
                  PtlAddress    *from)
{
  for (unsigned strangers = 0; strangers < STRANGERS_MAX;)
    {
      uint8_t bytes[MESSAGE_LEN + 1];
      struct sockaddr_storage name;
      socklen_t len = sizeof name;
      ssize_t n = recvfrom (fd, bytes, sizeof bytes, 0, (struct sockaddr *) &name, &len);
      int failed;

      if (n == MESSAGE_LEN && memcmp (bytes, expected, MESSAGE_LEN) == 0)
        {
          if (from != NULL && !ptl_address_from_sockaddr (from, (struct sockaddr *) &name, len))
            return fail (run, PTL_STEP_RECEIVE, EBADMSG);
          return 0;
        }
      if (n >= 0)
        {
          strangers++;
          continue;
        }
      if (errno != EAGAIN)
        return fail (run, PTL_STEP_RECEIVE, errno);
      failed = wait_readable (run, fd);
      if (failed != 0)
        return fail (run, PTL_STEP_RECEIVE, -failed);
    }
  return fail (run, PTL_STEP_RECEIVE, EBADMSG);
}

/* --- streams and sequenced packets ------------------------------------------------------------ */

/* True when what was accepted comes from our client; an unnamed one of a Unix socket is it. */
static bool
is_our_client (Run                     *run,
               const struct sockaddr   *name,
               socklen_t                len)
{
  struct sockaddr_storage own;
  socklen_t own_len = sizeof own;
  PtlAddress peer, client;

  if (ptl_address_get_family (&run->what->address) == AF_UNIX)
    {
      struct ucred peer_of;
      socklen_t peer_len = sizeof peer_of;

      return getsockopt (run->server, SOL_SOCKET, SO_PEERCRED, &peer_of, &peer_len) == 0
             && peer_of.pid == getpid ();
    }
  return getsockname (run->client, (struct sockaddr *) &own, &own_len) == 0
         && ptl_address_from_sockaddr (&client, (const struct sockaddr *) &own, own_len)
         && ptl_address_from_sockaddr (&peer, name, len) && ptl_address_equal_host (&peer, &client)
         && ptl_address_get_port (&peer) == ptl_address_get_port (&client);
}

static int
accept_client (Run *run)
{
  struct sockaddr_storage name;
  socklen_t len = sizeof name;

  run->server = accept4 (run->listener, (struct sockaddr *) &name, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (run->server < 0)
    return errno == EAGAIN || errno == ECONNABORTED ? 0 : fail (run, PTL_STEP_ACCEPT, errno);
  if (!is_our_client (run, (const struct sockaddr *) &name, len))
    ptl_fd_clear (&run->server);
  return 0;
}

/* Until the client is connected and the listener has it. */
static int
meet (Run  *run,
      bool  connected)
{
  while (!connected || run->server < 0)
    {
      short client = 0, listener = 0;
      int failed = wait_for (run, run->listener, POLLIN, connected ? -1 : run->client, POLLOUT,
                             &listener, &client);

      if (failed != 0)
        return fail (run, connected ? PTL_STEP_ACCEPT : PTL_STEP_CONNECT, -failed);
      if (client != 0)
        {
          int sys_errno = 0;
          socklen_t len = sizeof sys_errno;

          if (getsockopt (run->client, SOL_SOCKET, SO_ERROR, &sys_errno, &len) != 0)
            sys_errno = errno;
          if (sys_errno != 0)
            return fail (run, PTL_STEP_CONNECT, sys_errno);
          connected = true;
        }
      if (listener != 0 && run->server < 0)
        {
          failed = accept_client (run);
          if (failed != 0)
            return failed;
        }
    }
  return 0;
}

static int
run_stream (Run *run)
{
  const PtlAddress *address = &run->what->address;
  bool is_unix = ptl_address_get_family (address) == AF_UNIX;
  PtlAddress bound;
  int failed;

  if ((failed = open_socket (run, &run->listener)) != 0
      || (failed = bind_socket (run, run->listener, address, "listener", &run->listening)) != 0)
    return failed;
  if (listen (run->listener, STRANGERS_MAX) != 0)
    return fail (run, PTL_STEP_LISTEN, errno);
  if ((failed = open_socket (run, &run->client)) != 0)
    return failed;
  if (!is_unix && (failed = bind_socket (run, run->client, address, "", &bound)) != 0)
    return failed;
  failed = connect (run->client, &run->listening.sa, run->listening.len);
  if (failed != 0 && errno != EINPROGRESS)
    return fail (run, PTL_STEP_CONNECT, errno);
  if ((failed = meet (run, failed == 0)) != 0
      || (failed = send_message (run, run->client, run->question, NULL)) != 0
      || (failed = receive_stream (run, run->server, run->question)) != 0)
    return failed;
  run->what->came_through = true;
  if ((failed = send_message (run, run->server, run->answer, NULL)) != 0)
    return failed;
  return receive_stream (run, run->client, run->answer);
}

/* --- datagrams -------------------------------------------------------------------------------- */

static int
converse (Run              *run,
          const PtlAddress *to)
{
  PtlAddress from;
  int failed;

  if ((failed = send_message (run, run->client, run->question, to)) != 0
      || (failed = receive_datagram (run, run->listener, run->question, &from)) != 0)
    return failed;
  run->what->came_through = true;
  if ((failed = send_message (run, run->listener, run->answer, &from)) != 0)
    return failed;
  return receive_datagram (run, run->client, run->answer, NULL);
}

static int
run_datagram (Run *run)
{
  const PtlAddress *address = &run->what->address;
  PtlAddress bound;
  int failed;

  if ((failed = open_socket (run, &run->listener)) != 0
      || (failed = bind_socket (run, run->listener, address, "listener", &run->listening)) != 0
      || (failed = open_socket (run, &run->client)) != 0
      || (failed = bind_socket (run, run->client, address, "client", &bound)) != 0)
    return failed;
  /* Connected, it is told when it is refused (udp(7)). */
  if (connect (run->client, &run->listening.sa, run->listening.len) != 0)
    return fail (run, PTL_STEP_CONNECT, errno);
  return converse (run, NULL);
}

static int
join_group (Run *run)
{
  PtlSelfTestCase *what = run->what;
  int on = 1, ttl = 0, index = (int) what->device_index;

  if (ptl_address_get_family (&what->address) == AF_INET)
    {
      struct ip_mreqn group = { .imr_multiaddr = what->address.in.sin_addr, .imr_ifindex = index };
      struct ip_mreqn device = { .imr_ifindex = index };

      if (setsockopt (run->listener, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) != 0)
        return fail (run, PTL_STEP_MEMBERSHIP, errno);
      if (setsockopt (run->client, IPPROTO_IP, IP_MULTICAST_IF, &device, sizeof device) != 0
          || setsockopt (run->client, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) != 0
          || setsockopt (run->client, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on) != 0)
        return fail (run, PTL_STEP_OPTION, errno);
    }
  else
    {
      struct ipv6_mreq group = { .ipv6mr_multiaddr = what->address.in6.sin6_addr,
                                 .ipv6mr_interface = what->device_index };

      if (setsockopt (run->listener, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group, sizeof group) != 0)
        return fail (run, PTL_STEP_MEMBERSHIP, errno);
      if (setsockopt (run->client, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index) != 0
          || setsockopt (run->client, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &ttl, sizeof ttl) != 0
          || setsockopt (run->client, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &on, sizeof on) != 0)
        return fail (run, PTL_STEP_OPTION, errno);
    }
  return 0;
}

/* To a group, or to all of a network: the listener is bound to that. */
static int
run_many (Run *run)
{
  PtlSelfTestCase *what = run->what;
  PtlAddress bound;
  int on = 1, failed;

  if ((failed = open_socket (run, &run->listener)) != 0
      || (failed = bind_socket (run, run->listener, &what->address, "", &run->listening)) != 0
      || (failed = open_socket (run, &run->client)) != 0
      || (failed = bind_socket (run, run->client, &what->source, "", &bound)) != 0)
    return failed;
  if (what->kind == PTL_SELF_TEST_MULTICAST)
    failed = join_group (run);
  else if (setsockopt (run->client, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0)
    failed = fail (run, PTL_STEP_OPTION, errno);
  return failed != 0 ? failed : converse (run, &run->listening);
}

/* --- one case --------------------------------------------------------------------------------- */

static void
clear_run (Run *run)
{
  ptl_fd_clear (&run->client);
  ptl_fd_clear (&run->server);
  ptl_fd_clear (&run->listener);
  if (run->folder != NULL)
    {
      static const char *const names[] = { "listener", "client" };

      for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
        {
          g_autofree char *path = g_build_filename (run->folder, names[i], NULL);

          unlink (path);
        }
      rmdir (run->folder);
      g_free (run->folder);
    }
}

void
ptl_self_test_run_case (PtlSelfTestCase *what,
                        int              cancel_fd)
{
  uint64_t started_ns = ptl_clock_monotonic_ns ();
  Run run = {
    .what = what,
    .cancel_fd = cancel_fd,
    .deadline_ns = started_ns + PTL_SELF_TEST_WAIT_MS * PTL_NS_PER_MS,
    .listener = -1,
    .server = -1,
    .client = -1,
  };
  int failed;

  what->step = PTL_STEP_NONE;
  what->sys_errno = 0;
  what->came_through = false;
  if (getrandom (run.question, sizeof run.question, GRND_NONBLOCK) < 0
      || getrandom (run.answer, sizeof run.answer, GRND_NONBLOCK) < 0)
    failed = fail (&run, PTL_STEP_SEND, errno);
  else if (what->kind == PTL_SELF_TEST_MULTICAST || what->kind == PTL_SELF_TEST_BROADCAST)
    failed = run_many (&run);
  else
    failed = what->type == SOCK_DGRAM ? run_datagram (&run) : run_stream (&run);
  if (failed == 0)
    what->outcome = PTL_SELF_TEST_PASSED;
  what->elapsed_ns = ptl_clock_monotonic_ns () - started_ns;
  clear_run (&run);
}
