/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces from a root of the test's own down, through servers that are as they should be and through
 * lame ones: one thread serves 127.0.0.1 to 127.0.0.6, all over one port. */
#include "config.h"

#include "lookup/ptl-dns-trace.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define N_SERVERS 6

/* --- the servers ------------------------------------------------------------------------------ */

enum { A = 1, NS = 2, CNAME = 5, SOA = 6, DS = 43 };

typedef struct
{
  unsigned    server;  /* 127.0.0.N */
  const char *zone;    /* the question is for a name in it; ".": any */
  uint16_t    type;    /* of the question; 0: any */
  unsigned    flags;
  unsigned    rcode;
  /* "section owner type data", the section an, ns or ar */
  const char *records[6];
} Rule;

#define AA 1u
#define SILENT 2u
#define GARBAGE 4u

/* The first one that fits. */
static const Rule rules[] = {
  { 1, "test", 0, 0, 0, { "ns test 2 ns.test", "ns test 43 x", "ar ns.test 1 127.0.0.2" } },
  { 1, "glueless", 0, 0, 0, { "ns glueless 2 ns3.ok.test" } },
  { 1, "circle1", 0, 0, 0, { "ns circle1 2 ns.circle2" } },
  { 1, "circle2", 0, 0, 0, { "ns circle2 2 ns.circle1" } },
  { 1, "dead", 0, 0, 0, { "ns dead 2 ns.dead", "ar ns.dead 1 127.0.0.5" } },
  { 1, ".", 0, AA, 3, { "ns . 6 x" } },
  { 2, "ok.test", 0, 0, 0, { "ns ok.test 2 ns3.ok.test", "ar ns3.ok.test 1 127.0.0.3" } },
  { 2, "foreign.test", 0, 0, 0, { "ns foreign.test 2 ns.dead", "ar ns.dead 1 127.0.0.3" } },
  { 2, "lame.test", 0, 0, 0, { "ns lame.test 2 ns4.lame.test", "ns lame.test 2 ns5.lame.test",
                               "ns lame.test 2 ns3.lame.test", "ar ns4.lame.test 1 127.0.0.4",
                               "ar ns5.lame.test 1 127.0.0.5", "ar ns3.lame.test 1 127.0.0.3" } },
  { 2, "cached.test", 0, 0, 0, { "an cached.test 1 192.0.2.9" } },
  { 2, "up.test", 0, 0, 0, { "ns test 2 ns.test" } },
  { 2, "empty.test", 0, 0, 0, { NULL } },
  { 2, "garbage.test", 0, GARBAGE, 0, { NULL } },
  { 2, "loop1.test", 0, AA, 0, { "an loop1.test 5 loop2.ok.test" } },
  { 2, "test", 0, AA, 3, { "ns test 6 x" } },
  { 3, "www.ok.test", A, AA, 0, { "an www.ok.test 1 192.0.2.10" } },
  { 3, "www.ok.test", 0, AA, 0, { "ns ok.test 6 x" } },
  { 3, "ns3.ok.test", A, AA, 0, { "an ns3.ok.test 1 127.0.0.3" } },
  { 3, "alias.ok.test", 0, AA, 0, { "an alias.ok.test 5 www.lame.test" } },
  { 3, "loop2.ok.test", 0, AA, 0, { "an loop2.ok.test 5 loop1.test" } },
  { 3, "www.lame.test", A, AA, 0, { "an www.lame.test 1 192.0.2.20" } },
  { 3, "www.glueless", A, AA, 0, { "an www.glueless 1 192.0.2.30" } },
  { 3, ".", 0, AA, 3, { "ns ok.test 6 x" } },
  { 4, ".", 0, 0, 5, { NULL } },
  { 5, ".", 0, SILENT, 0, { NULL } },
};

typedef struct
{
  int       fds[N_SERVERS];
  int       stop_fd;
  uint16_t  port;
  pthread_t thread;
} Servers;

static size_t
put_name (uint8_t    *out,
          const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);
  size_t at = 0;

  for (char **label = labels; *label != NULL; label++)
    if (**label != '\0')
      {
        out[at++] = (uint8_t) strlen (*label);
        memcpy (out + at, *label, strlen (*label));
        at += strlen (*label);
      }
  out[at++] = 0;
  return at;
}

static size_t
put_record (uint8_t    *out,
            const char *record)
{
  g_auto (GStrv) words = g_strsplit (record, " ", 4);
  unsigned type = (unsigned) atoi (words[2]);
  size_t at = put_name (out, words[1]), len_at;

  out[at++] = 0;
  out[at++] = (uint8_t) type;
  memcpy (out + at, "\0\1\0\0\1\054", 6); /* IN, 300 s */
  len_at = at + 6;
  at += 8;
  if (type == A)
    {
      unsigned b[4];

      g_assert_cmpint (sscanf (words[3], "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]), ==, 4);
      for (unsigned i = 0; i < 4; i++)
        out[at++] = (uint8_t) b[i];
    }
  else if (type == SOA)
    {
      at += put_name (out + at, "ns.test");
      at += put_name (out + at, "hostmaster.test");
      memset (out + at, 0, 20);
      at += 20;
    }
  else if (type == DS)
    {
      memset (out + at, 1, 24);
      out[at + 3] = 1;
      at += 24;
    }
  else
    at += put_name (out + at, words[3]);
  out[len_at] = 0;
  out[len_at + 1] = (uint8_t) (at - len_at - 2);
  return at;
}

static bool
is_in (const char *name,
       const char *zone)
{
  return strcmp (zone, ".") == 0 || strcmp (name, zone) == 0
         || (g_str_has_suffix (name, zone) && name[strlen (name) - strlen (zone) - 1] == '.');
}

static size_t
answer (unsigned       server,
        const uint8_t *in,
        size_t         len,
        uint8_t       *out)
{
  g_autoptr (GString) name = g_string_new (NULL);
  size_t at = 12;
  uint16_t type;

  while (at < len && in[at] != 0)
    {
      if (name->len > 0)
        g_string_append_c (name, '.');
      for (unsigned i = 1; i <= in[at]; i++)
        g_string_append_c (name, g_ascii_tolower ((char) in[at + i]));
      at += in[at] + 1u;
    }
  type = (uint16_t) (in[at + 1] << 8 | in[at + 2]);
  at += 5;
  g_assert_cmpuint (in[2] & 1, ==, 0); /* no recursion is asked for */
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      const Rule *rule = &rules[i];

      if (rule->server != server || !is_in (name->str, rule->zone)
          || (rule->type != 0 && rule->type != type))
        continue;
      if (rule->flags & SILENT)
        return 0;
      memcpy (out, in, at);
      out[2] = 0x80 | (rule->flags & AA ? 4 : 0);
      out[3] = (uint8_t) rule->rcode;
      memset (out + 6, 0, 6);
      if (rule->flags & GARBAGE)
        {
          memset (out + 2, 0xff, 10);
          return 12;
        }
      for (size_t j = 0; j < G_N_ELEMENTS (rule->records) && rule->records[j] != NULL; j++)
        {
          out[rule->records[j][1] == 'r' ? 11 : rule->records[j][0] == 'a' ? 7 : 9]++;
          at += put_record (out + at, rule->records[j]);
        }
      return at;
    }
  g_assert_not_reached ();
}

static void *
serve (void *data)
{
  Servers *servers = data;
  struct pollfd polls[N_SERVERS + 1];
  uint8_t in[512], out[1024];

  for (unsigned i = 0; i < N_SERVERS; i++)
    polls[i] = (struct pollfd) { servers->fds[i], POLLIN, 0 };
  polls[N_SERVERS] = (struct pollfd) { servers->stop_fd, POLLIN, 0 };
  while (poll (polls, N_SERVERS + 1, -1) > 0 && polls[N_SERVERS].revents == 0)
    for (unsigned i = 0; i < N_SERVERS; i++)
      if (polls[i].revents != 0)
        {
          struct sockaddr_in from;
          socklen_t from_len = sizeof from;
          ssize_t len = recvfrom (polls[i].fd, in, sizeof in, MSG_DONTWAIT,
                                  (struct sockaddr *) &from, &from_len);
          size_t n = len > 17 ? answer (i + 1, in, (size_t) len, out) : 0;

          if (n > 0)
            sendto (polls[i].fd, out, n, 0, (struct sockaddr *) &from, from_len);
        }
  return NULL;
}

static struct sockaddr_in
make_address (unsigned server,
              uint16_t port)
{
  return (struct sockaddr_in) { .sin_family = AF_INET, .sin_port = htons (port),
                                .sin_addr.s_addr = htonl (0x7f000000 + server) };
}

/* One port that is free on all of the addresses. */
static void
servers_start (Servers *servers)
{
  bool good = false;

  for (unsigned tries = 0; !good; tries++)
    {
      g_assert_cmpuint (tries, <, 100);
      servers->port = 0;
      good = true;
      for (unsigned i = 0; i < N_SERVERS; i++)
        {
          struct sockaddr_in address = make_address (i + 1, servers->port);
          socklen_t len = sizeof address;

          servers->fds[i] = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
          good &= bind (servers->fds[i], (struct sockaddr *) &address, len) == 0;
          getsockname (servers->fds[i], (struct sockaddr *) &address, &len);
          servers->port = ntohs (address.sin_port);
        }
      for (unsigned i = 0; !good && i < N_SERVERS; i++)
        close (servers->fds[i]);
    }
  servers->stop_fd = eventfd (0, EFD_CLOEXEC);
  g_assert_cmpint (pthread_create (&servers->thread, NULL, serve, servers), ==, 0);
}

static void
servers_stop (Servers *servers)
{
  uint64_t one = 1;

  g_assert_cmpint (write (servers->stop_fd, &one, sizeof one), ==, sizeof one);
  pthread_join (servers->thread, NULL);
  for (unsigned i = 0; i < N_SERVERS; i++)
    close (servers->fds[i]);
  close (servers->stop_fd);
}

/* --- traces ----------------------------------------------------------------------------------- */

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  ended;
  GPtrArray      *steps; /* of PtlTraceStep */
  bool            over;
  PtlTraceEnd     how;
  char           *zone;
} Log;

static void
on_step (const PtlTraceStep *step,
         void               *data)
{
  Log *log = data;

  pthread_mutex_lock (&log->lock);
  g_ptr_array_add (log->steps, ptl_trace_step_copy (step));
  pthread_cond_signal (&log->ended);
  pthread_mutex_unlock (&log->lock);
}

static void
on_end (PtlTraceEnd  how,
        const char  *zone,
        void        *data)
{
  Log *log = data;

  pthread_mutex_lock (&log->lock);
  g_assert_false (log->over);
  log->over = true;
  log->how = how;
  log->zone = g_strdup (zone);
  pthread_cond_signal (&log->ended);
  pthread_mutex_unlock (&log->lock);
}

static const PtlTraceFuncs funcs = { on_step, on_end };

static void
log_init (Log *log)
{
  *log = (Log) { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, false, 0, NULL };
  log->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) ptl_trace_step_free);
}

static void
log_clear (Log *log)
{
  g_ptr_array_unref (log->steps);
  g_free (log->zone);
}

static const char *const outcomes[] = { "referral", "answer", "alias", "nodata", "noname", "lame" };
static const char *const lames[] = { "", "silent", "rcode", "cache", "up", "empty" };
static const char *const ends[] = { "done", "all-lame", "no-address", "too-long", "bad-name",
                                    "cancelled" };

/* ".@1 referral test.  test.@2 lame:up  ... end all-lame test." */
static char *
log_to_text (Log *log)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < log->steps->len; i++)
    {
      const PtlTraceStep *step = log->steps->pdata[i];
      const uint8_t *b = (const uint8_t *) &step->reply->server.in.sin_addr;

      g_string_append_printf (text, "%s%s@%u %s%s%s", step->depth > 0 ? "> " : "", step->zone, b[3],
                              outcomes[step->outcome],
                              step->outcome == PTL_TRACE_LAME ? ":" : "", lames[step->lame]);
      if (step->child != NULL)
        g_string_append_printf (text, " %s", step->child);
      if (step->outcome == PTL_TRACE_REFERRAL)
        g_string_append_printf (text, " %u/%u/%u%s", step->n_names, step->n_glue,
                                step->n_distrusted, step->is_signed ? "+ds" : "");
      g_string_append (text, "; ");
    }
  g_string_append_printf (text, "%s %s", ends[log->how], log->zone);
  return g_string_free (text, FALSE);
}

static void
test_traces (void)
{
  static const struct
  {
    const char *name;
    const char *text;
  } cases[] = {
    { "www.ok.test", ".@1 referral test. 1/1/0+ds; test.@2 referral ok.test. 1/1/0; "
                     "ok.test.@3 answer; done ok.test." },
    { "WWW.ok.TEST.", ".@1 referral test. 1/1/0+ds; test.@2 referral ok.test. 1/1/0; "
                      "ok.test.@3 answer; done ok.test." },
    { "no.ok.test", ".@1 referral test. 1/1/0+ds; test.@2 referral ok.test. 1/1/0; "
                    "ok.test.@3 noname; done ok.test." },
    { "nowhere", ".@1 noname; done ." },
    /* 127.0.0.4 refuses, 127.0.0.5 is silent. */
    { "www.lame.test", ".@1 referral test. 1/1/0+ds; test.@2 referral lame.test. 3/3/0; "
                       "lame.test.@4 lame:rcode; lame.test.@5 lame:silent; lame.test.@3 answer; "
                       "done lame.test." },
    { "x.dead", ".@1 referral dead. 1/1/0; dead.@5 lame:silent; all-lame dead." },
    { "cached.test", ".@1 referral test. 1/1/0+ds; test.@2 lame:cache; all-lame test." },
    { "up.test", ".@1 referral test. 1/1/0+ds; test.@2 lame:up; all-lame test." },
    { "empty.test", ".@1 referral test. 1/1/0+ds; test.@2 lame:empty; all-lame test." },
    { "garbage.test", ".@1 referral test. 1/1/0+ds; test.@2 lame:silent; all-lame test." },
    /* The address of the name server comes from a trace within the trace. */
    { "www.glueless", ".@1 referral glueless. 1/0/0; > .@1 referral test. 1/1/0+ds; "
                      "> test.@2 referral ok.test. 1/1/0; > ok.test.@3 answer; "
                      "glueless.@3 answer; done glueless." },
    /* Glue for a name of another zone is not believed. */
    { "www.foreign.test", ".@1 referral test. 1/1/0+ds; test.@2 referral foreign.test. 1/0/1; "
                          "> .@1 referral dead. 1/1/0; > dead.@5 lame:silent; "
                          "no-address foreign.test." },
    { "alias.ok.test", ".@1 referral test. 1/1/0+ds; test.@2 referral ok.test. 1/1/0; "
                       "ok.test.@3 alias www.lame.test.; .@1 referral test. 1/1/0+ds; "
                       "test.@2 referral lame.test. 3/3/0; lame.test.@4 lame:rcode; "
                       "lame.test.@5 lame:silent; lame.test.@3 answer; done lame.test." },
    { "a..b", "bad-name ." },
  };
  g_autoptr (PtlDnsClient) client = ptl_dns_client_new (NULL);
  Servers servers;
  PtlAddress start = { .len = sizeof start.in };

  servers_start (&servers);
  start.in = make_address (1, servers.port);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;
      Log log;

      log_init (&log);
      ptl_dns_trace (client, ptl_dns_client_new_group (client), cases[i].name, A, &start, &funcs,
                     &log);
      pthread_mutex_lock (&log.lock);
      while (!log.over)
        pthread_cond_wait (&log.ended, &log.lock);
      pthread_mutex_unlock (&log.lock);
      text = log_to_text (&log);
      g_test_message ("%s: %s", cases[i].name, text);
      g_assert_cmpstr (text, ==, cases[i].text);
      log_clear (&log);
    }
  servers_stop (&servers);
}

/* Name servers that have their addresses from each other, and aliases that go round, end. */
static void
test_rounds (void)
{
  static const struct
  {
    const char *name;
    PtlTraceEnd how;
  } cases[] = {
    { "www.circle1", PTL_TRACE_NO_ADDRESS },
    { "loop1.test", PTL_TRACE_TOO_LONG },
  };
  g_autoptr (PtlDnsClient) client = ptl_dns_client_new (NULL);
  Servers servers;
  PtlAddress start = { .len = sizeof start.in };

  servers_start (&servers);
  start.in = make_address (1, servers.port);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Log log;

      log_init (&log);
      ptl_dns_trace (client, ptl_dns_client_new_group (client), cases[i].name, A, &start, &funcs,
                     &log);
      pthread_mutex_lock (&log.lock);
      while (!log.over)
        pthread_cond_wait (&log.ended, &log.lock);
      pthread_mutex_unlock (&log.lock);
      g_assert_cmpint (log.how, ==, cases[i].how);
      g_assert_cmpuint (log.steps->len, <=, PTL_TRACE_STEPS_MAX);
      log_clear (&log);
    }
  servers_stop (&servers);
}

/* While a server is silent; and when the client goes. */
static void
test_cancel (void)
{
  Servers servers;
  PtlAddress start = { .len = sizeof start.in };

  servers_start (&servers);
  start.in = make_address (1, servers.port);
  for (unsigned i = 0; i < 2; i++)
    {
      PtlDnsClient *client = ptl_dns_client_new (NULL);
      uint64_t group = ptl_dns_client_new_group (client);
      gint64 start_us;
      Log log;

      log_init (&log);
      ptl_dns_trace (client, group, "x.dead", A, &start, &funcs, &log);
      pthread_mutex_lock (&log.lock);
      while (log.steps->len == 0)
        pthread_cond_wait (&log.ended, &log.lock);
      pthread_mutex_unlock (&log.lock);
      start_us = g_get_monotonic_time ();
      if (i == 0)
        ptl_dns_client_cancel (client, group);
      else
        ptl_dns_client_free (client);
      pthread_mutex_lock (&log.lock);
      while (!log.over)
        pthread_cond_wait (&log.ended, &log.lock);
      pthread_mutex_unlock (&log.lock);
      g_assert_cmpint (g_get_monotonic_time () - start_us, <, 200000);
      g_assert_cmpint (log.how, ==, PTL_TRACE_CANCELLED);
      if (i == 0)
        ptl_dns_client_free (client);
      log_clear (&log);
    }
  servers_stop (&servers);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dns-trace/traces", test_traces);
  g_test_add_func ("/dns-trace/rounds", test_rounds);
  g_test_add_func ("/dns-trace/cancel", test_cancel);
  return g_test_run ();
}
