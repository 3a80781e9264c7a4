/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All 65,535 TCP ports of 127.0.0.1, by a bare loop of connect() and epoll.  One line of JSON.
 *
 *   bench-ports IN_FLIGHT */
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 128

static uint64_t
now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (uint64_t) ts.tv_sec * 1000000000u + (uint64_t) ts.tv_nsec;
}

int
main (int    argc,
      char **argv)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct epoll_event events[EVENTS];
  unsigned in_flight_max = argc > 1 ? (unsigned) atoi (argv[1]) : 512;
  unsigned port = 1, in_flight = 0, n_open = 0, n_closed = 0;
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  uint64_t start_ns = now_ns ();

  while (port <= 65535 || in_flight > 0)
    {
      int n;

      while (port <= 65535 && in_flight < in_flight_max)
        {
          int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
          struct epoll_event event = { .events = EPOLLOUT, .data.fd = fd };

          to.sin_port = htons ((uint16_t) port++);
          if (fd < 0)
            {
              perror ("socket");
              return 1;
            }
          if (connect (fd, (struct sockaddr *) &to, sizeof to) == 0)
            {
              n_open++;
              close (fd);
            }
          else if (errno == ECONNREFUSED)
            {
              n_closed++;
              close (fd);
            }
          else if (errno == EINPROGRESS && epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
            in_flight++;
          else
            {
              perror ("connect");
              return 1;
            }
        }
      n = epoll_wait (epoll_fd, events, EVENTS, -1);
      for (int i = 0; i < n; i++)
        {
          int failed = 0;
          socklen_t len = sizeof failed;

          getsockopt (events[i].data.fd, SOL_SOCKET, SO_ERROR, &failed, &len);
          n_open += failed == 0;
          n_closed += failed != 0;
          close (events[i].data.fd);
          in_flight--;
        }
    }
  printf ("{\"open\": %u, \"closed\": %u, \"elapsed_ns\": %llu}\n", n_open, n_closed,
          (unsigned long long) (now_ns () - start_ns));
  return 0;
}
