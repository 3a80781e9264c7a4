/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DNS client against a bare loop and c-ares, all with the same local server in the same run.
 *
 *   bench-dns [NAMES [KIND]]       10,000 names: one after another, and with 100 in flight; of KIND
 *                                  (0, 1, 2) only, for a profile
 *   bench-dns NAMES KIND FLIGHT    one run of KIND with FLIGHT on their way, told in JSON
 *   bench-dns serve                only the server: says its port, then, when its input ends, how
 *                                  many it answered
 *
 * The server is a process of its own that answers each question with one A record. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <ldns/ldns.h>
#ifdef HAVE_CARES
#include <ares.h>
#endif

#include "base/ptl-clock.h"
#include "lookup/ptl-dns-client.h"

#define FLIGHT 100
#define RUNS 3
#define BATCH 64

static PtlAddress server;
static unsigned   n_names = 10000;

/* What the server tells its parent. */
static struct Served
{
  _Atomic uint64_t n;
  _Atomic uint64_t first_ns;
  _Atomic uint64_t last_ns;
} *served;

static void
serve (int fd)
{
  static const uint8_t a[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };
  static uint8_t packets[BATCH][600];
  static struct sockaddr_storage from[BATCH];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  while (true)
    {
      int n;

      for (int i = 0; i < BATCH; i++)
        {
          parts[i] = (struct iovec) { packets[i], 512 };
          messages[i].msg_hdr = (struct msghdr) { .msg_name = &from[i],
                                                  .msg_namelen = sizeof from[i],
                                                  .msg_iov = &parts[i], .msg_iovlen = 1 };
        }
      n = recvmmsg (fd, messages, BATCH, MSG_WAITFORONE, NULL);
      for (int i = 0; i < n; i++)
        {
          uint8_t *packet = packets[i];
          size_t at = 12;

          while (packet[at] != 0)
            at += packet[at] + 1u;
          at += 5;
          packet[2] = 0x84 | (packet[2] & 1);
          packet[3] = 0x80;
          memset (packet + 6, 0, 6);
          packet[7] = 1;
          memcpy (packet + at, a, sizeof a);
          parts[i].iov_len = at + sizeof a;
        }
      if (n > 0)
        {
          uint64_t now_ns = ptl_clock_monotonic_ns ();

          sendmmsg (fd, messages, (unsigned) n, 0);
          if (served->n == 0)
            served->first_ns = now_ns;
          served->last_ns = now_ns;
          served->n += (unsigned) n;
        }
    }
}

static pid_t
start_server (void)
{
  int fd = socket (AF_INET, SOCK_DGRAM, 0), size = 1 << 22;
  pid_t pid;

  served = mmap (NULL, sizeof *served, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (served == MAP_FAILED)
    exit (1);
  server = (PtlAddress) { .len = sizeof server.in };
  server.in.sin_family = AF_INET;
  server.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind (fd, &server.sa, server.len) < 0
      || getsockname (fd, &server.sa, &server.len) < 0)
    exit (1);
  pid = fork ();
  if (pid == 0)
    serve (fd);
  close (fd);
  return pid;
}

static void
make_name (unsigned  i,
           char     *name,
           size_t    size)
{
  g_snprintf (name, size, "host%u.example.test", i);
}

/* --- bare loops with ldns's messages ---------------------------------------------------------- */

static int
open_socket (void)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 1 << 20;

  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (connect (fd, &server.sa, server.len) < 0)
    exit (1);
  return fd;
}

static void
send_bare (int      fd,
           unsigned i)
{
  char name[64];
  uint8_t *wire;
  size_t len;
  ldns_pkt *packet;

  make_name (i, name, sizeof name);
  packet = ldns_pkt_query_new (ldns_dname_new_frm_str (name), LDNS_RR_TYPE_A, LDNS_RR_CLASS_IN,
                               LDNS_RD);
  ldns_pkt_set_id (packet, (uint16_t) i);
  ldns_pkt_set_edns_udp_size (packet, 1232);
  if (ldns_pkt2wire (&wire, packet, &len) != LDNS_STATUS_OK || send (fd, wire, len, 0) < 0)
    exit (1);
  free (wire);
  ldns_pkt_free (packet);
}

/* False: nothing there. */
static bool
read_bare (int fd)
{
  uint8_t buffer[4096];
  ssize_t n = recv (fd, buffer, sizeof buffer, 0);
  ldns_pkt *packet;
  char *text;

  if (n < 0)
    return false;
  if (ldns_wire2pkt (&packet, buffer, (size_t) n) != LDNS_STATUS_OK)
    exit (1);
  text = ldns_rdf2str (ldns_rr_rdf (ldns_rr_list_rr (ldns_pkt_answer (packet), 0), 0));
  if (strcmp (text, "192.0.2.1") != 0)
    exit (1);
  free (text);
  ldns_pkt_free (packet);
  return true;
}

static unsigned
run_bare (unsigned flight)
{
  int fd = open_socket ();
  struct pollfd polls = { .fd = fd, .events = POLLIN };
  unsigned sent = 0, done = 0;

  while (done < n_names)
    {
      while (sent < n_names && sent - done < flight)
        send_bare (fd, sent++);
      if (poll (&polls, 1, 1000) == 0)
        break;
      while (done < sent && read_bare (fd))
        done++;
    }
  close (fd);
  return done;
}

/* --- the client ------------------------------------------------------------------------------- */

typedef struct
{
  PtlDnsClient   *client;
  unsigned        next;
  unsigned        done;
  unsigned        good;
  pthread_mutex_t lock;
  pthread_cond_t  ended;
} Run;

static void ask_next (Run *run);

static void
on_reply (PtlDnsReply *reply,
          void        *data)
{
  Run *run = data;

  run->good += reply->fault == PTL_DNS_FAULT_NONE && reply->n_records > 0
               && strcmp (reply->records[0].data, "192.0.2.1") == 0;
  ptl_dns_reply_free (reply);
  if (++run->done == n_names)
    {
      pthread_mutex_lock (&run->lock);
      pthread_cond_signal (&run->ended);
      pthread_mutex_unlock (&run->lock);
    }
  else
    ask_next (run);
}

static void
ask_next (Run *run)
{
  char name[64];
  PtlDnsQuestion question = { .name = name, .type = PTL_DNS_TYPE_A, .servers = &server,
                              .n_servers = 1 };

  if (run->next == n_names)
    return;
  make_name (run->next++, name, sizeof name);
  ptl_dns_client_ask (run->client, &question, on_reply, run);
}

typedef struct
{
  Run      *run;
  unsigned  flight;
} Start;

/* In the client's thread, which the counters belong to. */
static void
on_start (PtlDnsReply *reply,
          void        *data)
{
  Start *start = data;

  ptl_dns_reply_free (reply);
  for (unsigned i = 0; i < start->flight; i++)
    ask_next (start->run);
}

static unsigned
run_client (unsigned flight)
{
  Run run = { .lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER };
  Start start = { &run, flight };
  PtlDnsQuestion nothing = { .name = "" };

  run.client = ptl_dns_client_new (NULL);
  pthread_mutex_lock (&run.lock);
  ptl_dns_client_ask (run.client, &nothing, on_start, &start);
  pthread_cond_wait (&run.ended, &run.lock);
  pthread_mutex_unlock (&run.lock);
  ptl_dns_client_free (run.client);
  return run.good;
}

/* --- c-ares ----------------------------------------------------------------------------------- */

#ifdef HAVE_CARES
static unsigned cares_done;

static void
on_cares (void          *data,
          int            status,
          int            timeouts,
          unsigned char *bytes,
          int            len)
{
  struct ares_addrttl address;
  int n = 1;

  cares_done += status == ARES_SUCCESS
                && ares_parse_a_reply (bytes, len, NULL, &address, &n) == ARES_SUCCESS;
}

static unsigned
run_cares (unsigned flight)
{
  ares_channel channel;
  struct ares_options options = { .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES
                                           | ARES_FLAG_EDNS,
                                  .timeout = 1000, .tries = 3, .ednspsz = 1232,
                                  .socket_receive_buffer_size = 1 << 20 };
  char text[PTL_ADDRESS_TEXT_MAX];
  unsigned sent = 0;

  cares_done = 0;
  if (ares_init_options (&channel, &options,
                         ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ
                         | ARES_OPT_SOCK_RCVBUF) != ARES_SUCCESS
      || ares_set_servers_ports_csv (channel, ptl_address_format (&server, text, sizeof text))
           != ARES_SUCCESS)
    exit (1);
  while (cares_done < n_names)
    {
      ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
      struct pollfd polls = { .events = POLLIN };

      while (sent < n_names && sent - cares_done < flight)
        {
          char name[64];

          make_name (sent++, name, sizeof name);
          ares_query (channel, name, 1, 1, on_cares, NULL);
        }
      ares_getsock (channel, sockets, ARES_GETSOCK_MAXNUM);
      polls.fd = sockets[0];
      if (poll (&polls, 1, 1000) == 0)
        ares_process_fd (channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      else
        ares_process_fd (channel, polls.fd, ARES_SOCKET_BAD);
    }
  ares_destroy (channel);
  return cares_done;
}
#endif

/* --- runs ------------------------------------------------------------------------------------- */

static double
measure (unsigned (*run) (unsigned),
         unsigned   flight,
         unsigned  *n_good)
{
  uint64_t start_ns = ptl_clock_monotonic_ns ();

  *n_good = run (flight);
  return n_names / ((double) (ptl_clock_monotonic_ns () - start_ns) / PTL_NS_PER_S);
}

/* The most there was, of this program alone: getrusage(2) has what it was forked from, too. */
static unsigned
peak_kb (void)
{
  g_autofree char *status = NULL;
  const char *at = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    at = strstr (status, "VmHWM:");
  return at != NULL ? (unsigned) strtoul (at + strlen ("VmHWM:"), NULL, 10) : 0;
}

static void
only_serve (pid_t pid)
{
  char c;

  printf ("%u\n", ptl_address_get_port (&server));
  fflush (stdout);
  while (read (STDIN_FILENO, &c, 1) > 0)
    ;
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  printf ("{\"answered\": %" PRIu64 ", \"first_ns\": %" PRIu64 ", \"last_ns\": %" PRIu64 "}\n",
          served->n, served->first_ns, served->last_ns);
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *name;
    unsigned (*run) (unsigned);
  } kinds[] = {
    { "bare loop (ldns)", run_bare },
    { "PtlDnsClient", run_client },
#ifdef HAVE_CARES
    { "c-ares", run_cares },
#endif
  };
  static const unsigned flights[] = { 1, FLIGHT };
  pid_t pid;
  size_t only = argc > 2 ? strtoul (argv[2], NULL, 10) : SIZE_MAX;
  bool all = true;

  if (argc == 2 && strcmp (argv[1], "serve") == 0)
    {
      only_serve (start_server ());
      return 0;
    }
  if (argc > 1)
    n_names = (unsigned) CLAMP (strtoul (argv[1], NULL, 10), FLIGHT, 1000000);
  pid = start_server ();
  if (argc > 3 && only < G_N_ELEMENTS (kinds))
    {
      unsigned n_good;
      double rate = measure (kinds[only].run, (unsigned) strtoul (argv[3], NULL, 10), &n_good);

      printf ("{\"rate\": %.1f, \"names\": %u, \"answered\": %u, \"rss_kb\": %u}\n", rate,
              n_names, n_good, peak_kb ());
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
      return 0;
    }
  if (argc > 3)
    {
      fprintf (stderr, "there is no such kind here\n");
      kill (pid, SIGKILL);
      return 3;
    }
  for (size_t i = 0; i < G_N_ELEMENTS (flights); i++)
    {
      double best[G_N_ELEMENTS (kinds)] = { 0 };

      /* In turns, so that what else the machine does hits all of them. */
      for (unsigned run = 0; run < RUNS; run++)
        for (size_t j = 0; j < G_N_ELEMENTS (kinds); j++)
          {
            unsigned n_good;
            double rate;

            if (only < G_N_ELEMENTS (kinds) && j != only)
              continue;
            rate = measure (kinds[j].run, flights[i], &n_good);
            all &= n_good == n_names;
            best[j] = MAX (best[j], rate);
          }
      for (size_t j = 0; j < G_N_ELEMENTS (kinds); j++)
        printf ("%-18s %3u in flight  %8.0f names/s  %.2f of the bare loop\n", kinds[j].name,
                flights[i], best[j], best[j] / best[0]);
    }
  printf ("%u names, best of %d runs each, %s; peak memory %u kB\n", n_names, RUNS,
          all ? "all answered" : "SOME NOT ANSWERED", peak_kb ());
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  return all ? 0 : 1;
}
