/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other side of the benchmarks: senders, floods, many connections.  One line of JSON at the
 * end; "ready" before it where the caller must know.
 *
 *   tcp HOST PORT BYTES               one stream in writes of 256 KiB, ends its direction, waits
 *   udp HOST PORT SIZE COUNT [RATE]   sendto() each; RATE datagrams/s, 0: as fast as it goes
 *   gso HOST PORT SIZE COUNT [RATE]   the same with UDP_SEGMENT, up to 64 in one call
 *   connect HOST PORT COUNT SOURCE    from 127.0.0.SOURCE: connects, ends its direction, waits for
 *                                     the other's close, closes; again and again
 *   idle PORT COUNT                   that many connections, until standard input ends
 *   echo PORT COUNT ROUNDS [SIZE]     that many connections, round trips one at a time
 *   trickle HOST PORT COUNT MS        one byte every MS */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define BUFFER_BYTES (256 * 1024)
#define PER_SOURCE 8000 /* connections from one source address: ports are few */
#define GSO_BYTES_MAX 65000
#define GSO_SEGMENTS_MAX 64
#define PACE_NS 1000000 /* a paced flood sends what is due each millisecond */

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

static struct sockaddr_in
address_of (const char *host,
            const char *port)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET,
    .sin_port = htons ((uint16_t) atoi (port)),
  };

  if (inet_pton (AF_INET, host, &address.sin_addr) != 1)
    die ("an IPv4 address is needed");
  return address;
}

/* Source 127.0.0.(2 + index / PER_SOURCE): one address has not ports enough. */
static int
connect_one (const struct sockaddr_in *to,
             unsigned                  index)
{
  struct sockaddr_in from = { .sin_family = AF_INET };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;

  if (fd < 0)
    die ("socket");
  if (index >= PER_SOURCE)
    {
      from.sin_addr.s_addr = htonl (INADDR_LOOPBACK + 1 + index / PER_SOURCE);
      setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
      if (bind (fd, (struct sockaddr *) &from, sizeof from) < 0)
        die ("bind");
    }
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect (fd, (const struct sockaddr *) to, sizeof *to) < 0)
    die ("connect");
  return fd;
}

static int
run_tcp (const char *host,
         const char *port,
         uint64_t    total)
{
  struct sockaddr_in to = address_of (host, port);
  char *buffer = malloc (BUFFER_BYTES);
  int fd = connect_one (&to, 0);
  uint64_t start_ns, done = 0;

  for (size_t i = 0; i < BUFFER_BYTES; i++)
    buffer[i] = (char) (i * 131 + (i >> 8));
  start_ns = now_ns ();
  while (done < total)
    {
      size_t want = total - done < BUFFER_BYTES ? (size_t) (total - done) : BUFFER_BYTES;
      ssize_t n = send (fd, buffer, want, MSG_NOSIGNAL);

      if (n < 0)
        die ("send");
      done += (uint64_t) n;
    }
  shutdown (fd, SHUT_WR);
  while (recv (fd, buffer, BUFFER_BYTES, 0) > 0)
    ;
  printf ("{\"bytes\":%" PRIu64 ",\"start_ns\":%" PRIu64 ",\"end_ns\":%" PRIu64 "}\n",
          done, start_ns, now_ns ());
  return 0;
}

static int
run_udp (const char *host,
         const char *port,
         size_t      size,
         uint64_t    count,
         uint64_t    rate,
         bool        gso)
{
  struct sockaddr_in to = address_of (host, port);
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  char *buffer = calloc (1, GSO_BYTES_MAX + 65536);
  size_t burst = 1;
  uint64_t sent = 0, errors = 0, start_ns;

  if (connect (fd, (struct sockaddr *) &to, sizeof to) < 0)
    die ("connect");
  if (gso)
    {
      int segment = (int) size;

      if (setsockopt (fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) < 0)
        die ("UDP_SEGMENT");
      burst = GSO_BYTES_MAX / size < GSO_SEGMENTS_MAX ? GSO_BYTES_MAX / size : GSO_SEGMENTS_MAX;
    }
  start_ns = now_ns ();
  while (sent < count)
    {
      size_t n = count - sent < burst ? (size_t) (count - sent) : burst;
      ssize_t result;

      if (rate > 0)
        {
          uint64_t due = (now_ns () - start_ns) * rate / 1000000000u;

          if (sent >= due)
            {
              struct timespec pause = { 0, PACE_NS };

              nanosleep (&pause, NULL);
              continue;
            }
        }
      if (size >= 8 && !gso)
        memcpy (buffer, &sent, sizeof sent);
      else if (size >= 8)
        for (size_t i = 0; i < n; i++)
          {
            uint64_t number = sent + i;

            memcpy (buffer + i * size, &number, sizeof number);
          }
      result = send (fd, buffer, n * size, 0);
      if (result < 0)
        {
          errors++;
          if (errno == ENOBUFS || errno == EAGAIN || errno == ECONNREFUSED)
            continue;
          die ("send");
        }
      sent += n;
    }
  printf ("{\"sent\":%" PRIu64 ",\"errors\":%" PRIu64
          ",\"start_ns\":%" PRIu64 ",\"end_ns\":%" PRIu64 "}\n", sent, errors, start_ns, now_ns ());
  return 0;
}

static int
run_connect (const char *host,
             const char *port,
             unsigned    count,
             unsigned    source)
{
  struct sockaddr_in to = address_of (host, port);
  uint64_t start_ns = now_ns ();
  char byte;

  for (unsigned i = 0; i < count; i++)
    {
      int fd = connect_one (&to, source * PER_SOURCE);

      shutdown (fd, SHUT_WR);
      if (recv (fd, &byte, 1, 0) < 0 && errno != ECONNRESET)
        die ("recv");
      close (fd);
    }
  printf ("{\"connected\":%u,\"start_ns\":%" PRIu64 ",\"end_ns\":%" PRIu64 "}\n",
          count, start_ns, now_ns ());
  return 0;
}

static int *
connect_many (const char *port,
              unsigned    count)
{
  struct sockaddr_in to = address_of ("127.0.0.1", port);
  struct linger reset = { 1, 0 };
  int *fds = calloc (count, sizeof *fds);

  for (unsigned i = 0; i < count; i++)
    {
      fds[i] = connect_one (&to, i);
      setsockopt (fds[i], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
  return fds;
}

static int
run_idle (const char *port,
          unsigned    count)
{
  char byte;
  int *fds = connect_many (port, count);

  printf ("ready\n");
  fflush (stdout);
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  for (unsigned i = 0; i < count; i++)
    close (fds[i]);
  printf ("{\"connected\":%u}\n", count);
  return 0;
}

static int
compare_u64 (const void *a,
             const void *b)
{
  uint64_t left = *(const uint64_t *) a, right = *(const uint64_t *) b;

  return left < right ? -1 : left > right;
}

static int
run_echo (const char *port,
          unsigned    count,
          unsigned    rounds,
          size_t      size)
{
  int *fds = connect_many (port, count);
  uint64_t *times = calloc (rounds, sizeof *times);
  char *buffer = calloc (1, size);
  uint64_t x = 88172645463325252u, start_ns = now_ns ();

  for (unsigned i = 0; i < rounds; i++)
    {
      uint64_t begin_ns;
      size_t got = 0;
      int fd;

      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
      fd = fds[x % count];
      begin_ns = now_ns ();
      if (send (fd, buffer, size, MSG_NOSIGNAL) != (ssize_t) size)
        die ("send");
      while (got < size)
        {
          ssize_t n = recv (fd, buffer + got, size - got, 0);

          if (n <= 0)
            die ("recv");
          got += (size_t) n;
        }
      times[i] = now_ns () - begin_ns;
    }
  start_ns = now_ns () - start_ns;
  qsort (times, rounds, sizeof *times, compare_u64);
  printf ("{\"rounds\":%u,\"median_ns\":%" PRIu64 ",\"p99_ns\":%" PRIu64 ",\"max_ns\":%" PRIu64
          ",\"elapsed_ns\":%" PRIu64 "}\n", rounds, times[rounds / 2],
          times[(uint64_t) rounds * 99 / 100], times[rounds - 1], start_ns);
  for (unsigned i = 0; i < count; i++)
    close (fds[i]);
  return 0;
}

static int
run_trickle (const char *host,
             const char *port,
             unsigned    count,
             unsigned    step_ms)
{
  struct sockaddr_in to = address_of (host, port);
  struct timespec pause = { step_ms / 1000, (long) (step_ms % 1000) * 1000000 };
  int fd = connect_one (&to, 0);

  for (unsigned i = 0; i < count; i++)
    {
      char byte = (char) i;

      if (send (fd, &byte, 1, MSG_NOSIGNAL) != 1)
        die ("send");
      nanosleep (&pause, NULL);
    }
  printf ("{\"sent\":%u}\n", count);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  const char *what = argc > 1 ? argv[1] : "";
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
  if (strcmp (what, "tcp") == 0 && argc == 5)
    return run_tcp (argv[2], argv[3], strtoull (argv[4], NULL, 10));
  if ((strcmp (what, "udp") == 0 || strcmp (what, "gso") == 0) && argc >= 6)
    return run_udp (argv[2], argv[3], strtoull (argv[4], NULL, 10), strtoull (argv[5], NULL, 10),
                    argc > 6 ? strtoull (argv[6], NULL, 10) : 0, *what == 'g');
  if (strcmp (what, "connect") == 0 && argc == 6)
    return run_connect (argv[2], argv[3], (unsigned) atoi (argv[4]), (unsigned) atoi (argv[5]));
  if (strcmp (what, "idle") == 0 && argc == 4)
    return run_idle (argv[2], (unsigned) atoi (argv[3]));
  if (strcmp (what, "echo") == 0 && argc >= 5)
    return run_echo (argv[2], (unsigned) atoi (argv[3]), (unsigned) atoi (argv[4]),
                     argc > 5 ? strtoull (argv[5], NULL, 10) : 64);
  if (strcmp (what, "trickle") == 0 && argc == 6)
    return run_trickle (argv[2], argv[3], (unsigned) atoi (argv[4]), (unsigned) atoi (argv[5]));
  fprintf (stderr, "tcp | udp | gso | connect | idle | echo | trickle\n");
  return 2;
}
