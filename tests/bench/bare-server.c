/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loops that the benchmarks compare with: the least that a program must do to receive, to
 * accept or to echo.  Prints "port N" when it is ready and one line of JSON at the end.
 *
 *   recv                 one TCP connection, recv() into one 256 KiB buffer until its end
 *   write FILE           the same, and write() to a file
 *   udp                  recvmmsg() until standard input ends
 *   accept               accept4() and close() until standard input ends
 *   echo                 epoll echo server until standard input ends
 *   hold                 accepts and keeps what comes until standard input ends */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES (256 * 1024)
#define DATAGRAMS 64
#define DATAGRAM_BYTES 65536
#define EVENTS 512
#define UDP_RCVBUF (8 * 1024 * 1024)
#define BACKLOG 4096

static uint64_t
now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (uint64_t) ts.tv_sec * 1000000000u + (uint64_t) ts.tv_nsec;
}

static void
die (const char *what)
{
  perror (what);
  exit (1);
}

/* A socket on a free port of all loopback addresses; says which. */
static int
bind_any (int type)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t len = sizeof address;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  int one = 1;

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, len) < 0)
    die ("bind");
  if (type == SOCK_STREAM && listen (fd, BACKLOG) < 0)
    die ("listen");
  getsockname (fd, (struct sockaddr *) &address, &len);
  printf ("port %d\n", ntohs (address.sin_port));
  fflush (stdout);
  return fd;
}

static int
run_recv (const char *file)
{
  char *buffer = malloc (BUFFER_BYTES);
  int listener = bind_any (SOCK_STREAM);
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  int out = file != NULL ? open (file, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
  uint64_t total = 0, first_ns = 0;
  ssize_t n;

  while ((n = recv (fd, buffer, BUFFER_BYTES, 0)) > 0)
    {
      if (total == 0)
        first_ns = now_ns ();
      total += (uint64_t) n;
      if (out >= 0 && write (out, buffer, (size_t) n) != n)
        die ("write");
    }
  printf ("{\"bytes\":%" PRIu64 ",\"first_ns\":%" PRIu64 ",\"end_ns\":%" PRIu64 "}\n",
          total, first_ns, now_ns ());
  return 0;
}

static int
run_udp (void)
{
  static struct mmsghdr messages[DATAGRAMS];
  static struct iovec parts[DATAGRAMS];
  static struct sockaddr_storage names[DATAGRAMS];
  static char controls[DATAGRAMS][64];
  char *buffers = malloc ((size_t) DATAGRAMS * DATAGRAM_BYTES);
  int fd = bind_any (SOCK_DGRAM);
  int size = UDP_RCVBUF, one = 1;
  uint64_t total = 0, bytes = 0, first_ns = 0, last_ns = 0;
  uint32_t drops = 0;

  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt (fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one);
  for (;;)
    {
      struct pollfd fds[] = {
        { .fd = fd, .events = POLLIN },
        { .fd = STDIN_FILENO, .events = POLLIN },
      };
      int n;

      for (int i = 0; i < DATAGRAMS; i++)
        {
          parts[i] = (struct iovec) { buffers + (size_t) i * DATAGRAM_BYTES, DATAGRAM_BYTES };
          messages[i].msg_hdr = (struct msghdr) {
            .msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &parts[i],
            .msg_iovlen = 1, .msg_control = controls[i], .msg_controllen = sizeof controls[i]
          };
        }
      n = recvmmsg (fd, messages, DATAGRAMS, MSG_DONTWAIT, NULL);
      if (n < 0)
        {
          if (errno != EAGAIN)
            die ("recvmmsg");
          poll (fds, 2, -1);
          if (fds[1].revents != 0 && fds[0].revents == 0)
            break;
          continue;
        }
      last_ns = now_ns ();
      if (total == 0)
        first_ns = last_ns;
      total += (uint64_t) n;
      for (int i = 0; i < n; i++)
        {
          bytes += messages[i].msg_len;
          for (struct cmsghdr *c = CMSG_FIRSTHDR (&messages[i].msg_hdr); c != NULL;
               c = CMSG_NXTHDR (&messages[i].msg_hdr, c))
            if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
              memcpy (&drops, CMSG_DATA (c), sizeof drops);
        }
    }
  printf ("{\"datagrams\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"drops\":%u,\"first_ns\":%" PRIu64
          ",\"last_ns\":%" PRIu64 "}\n", total, bytes, drops, first_ns, last_ns);
  return 0;
}

/* accept, echo and hold: one epoll loop, level-triggered, as such loops are written. */
static int
run_epoll (bool echo,
           bool hold)
{
  static struct epoll_event events[EVENTS];
  char *buffer = malloc (BUFFER_BYTES);
  int listener = bind_any (SOCK_STREAM);
  int epoll = epoll_create1 (EPOLL_CLOEXEC);
  struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
  uint64_t accepted = 0, first_ns = 0, last_ns = 0, bytes = 0;
  int one = 1;

  fcntl (listener, F_SETFL, O_NONBLOCK);
  epoll_ctl (epoll, EPOLL_CTL_ADD, listener, &event);
  event.data.fd = STDIN_FILENO;
  epoll_ctl (epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event);
  for (;;)
    {
      int n = epoll_wait (epoll, events, EVENTS, -1);

      for (int i = 0; i < n; i++)
        {
          int fd = events[i].data.fd;
          ssize_t got;

          if (fd == STDIN_FILENO)
            goto done;
          if (fd == listener)
            {
              int peer;

              while ((peer = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
                {
                  last_ns = now_ns ();
                  if (accepted++ == 0)
                    first_ns = last_ns;
                  if (!echo && !hold)
                    {
                      close (peer);
                      continue;
                    }
                  setsockopt (peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                  event.data.fd = peer;
                  epoll_ctl (epoll, EPOLL_CTL_ADD, peer, &event);
                }
              continue;
            }
          got = recv (fd, buffer, BUFFER_BYTES, 0);
          if (got <= 0)
            close (fd);
          else
            {
              bytes += (uint64_t) got;
              if (echo && send (fd, buffer, (size_t) got, MSG_NOSIGNAL) != got)
                die ("echo: send");
            }
        }
    }
done:
  printf ("{\"accepted\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"first_ns\":%" PRIu64
          ",\"last_ns\":%" PRIu64 "}\n", accepted, bytes, first_ns, last_ns);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
  if (argc > 1 && strcmp (argv[1], "recv") == 0)
    return run_recv (NULL);
  if (argc > 2 && strcmp (argv[1], "write") == 0)
    return run_recv (argv[2]);
  if (argc > 1 && strcmp (argv[1], "udp") == 0)
    return run_udp ();
  if (argc > 1 && strcmp (argv[1], "accept") == 0)
    return run_epoll (false, false);
  if (argc > 1 && strcmp (argv[1], "echo") == 0)
    return run_epoll (true, false);
  if (argc > 1 && strcmp (argv[1], "hold") == 0)
    return run_epoll (false, true);
  fprintf (stderr, "recv | write FILE | udp | accept | echo | hold\n");
  return 2;
}
