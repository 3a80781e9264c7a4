/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whois and finger: what is typed, what is sent, referrals, and servers that misbehave. */
#include "config.h"

#include "probe/ptl-whois.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "base/ptl-clock.h"

/* --- words ------------------------------------------------------------------------------------ */

static void
test_server (void)
{
  static const struct
  {
    const char *text;
    const char *host; /* NULL: refused */
    uint16_t    port;
  } table[] = {
    { "whois.example.org", "whois.example.org", 43 },
    { "  whois.example.org:4343 \r", "whois.example.org", 4343 },
    { "whois://whois.ripe.net", "whois.ripe.net", 43 },
    { "WHOIS://whois.apnic.net:43/", "whois.apnic.net", 43 },
    { "whois://h:1/path", "h", 1 },
    { "[::1]:43", "::1", 43 },
    { "::1", "::1", 43 },
    { "127.0.0.1", "127.0.0.1", 43 },
    { "host:whois", "host", 43 },
    { "rwhois://rwhois.example.org:4321", NULL, 0 },
    { "http://example.org", NULL, 0 },
    { "host:ssh", NULL, 0 },
    { "host:0", NULL, 0 },
    { "host:99999", NULL, 0 },
    { "a b", NULL, 0 },
    { "", NULL, 0 },
    { "*", NULL, 0 },
    { "0.0.0.0", NULL, 0 },
    { "224.0.0.1", NULL, 0 },
    { "<broadcast>", NULL, 0 },
    { "host\x01", NULL, 0 },
    { "\xff\xfe", NULL, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      PtlWhoisServer server;
      size_t len = strlen (table[i].text);
      g_autofree char *exact = g_memdup2 (table[i].text, MAX (len, 1));
      bool good = ptl_whois_parse_server (&server, exact, len, 43);

      g_test_message ("%zu", i);
      g_assert_cmpint (good, ==, table[i].host != NULL);
      if (!good)
        continue;
      g_assert_cmpstr (server.host, ==, table[i].host);
      g_assert_cmpuint (server.port, ==, table[i].port);
    }
}

static void
test_referral (void)
{
  static const struct
  {
    const char *answer;
    const char *host;
    uint16_t    port;
  } table[] = {
    { "% IANA WHOIS server\n\nrefer:        whois.verisign-grs.com\n\ndomain: COM\n",
      "whois.verisign-grs.com", 43 },
    { "   Registrar WHOIS Server: whois.example-registrar.com\r\n   Registrar URL: http://x\r\n",
      "whois.example-registrar.com", 43 },
    { "ReferralServer:  whois://whois.ripe.net\n", "whois.ripe.net", 43 },
    { "ReferralServer: rwhois://rwhois.example.org:4321\nwhois: a.example\n", "a.example", 43 },
    { "whois:        whois.nic.example", "whois.nic.example", 43 },
    { "Whois Server : w.example:4343\n", "w.example", 4343 },
    { "refer:\nwhois:\n", NULL, 0 },
    { "remarks: refer: whois.example.org\n", NULL, 0 },
    { "see refer: x\n", NULL, 0 },
    { "", NULL, 0 },
    { ":\n::\n", NULL, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      PtlWhoisServer server;
      size_t len = strlen (table[i].answer);
      g_autofree uint8_t *exact = g_memdup2 (table[i].answer, MAX (len, 1));
      bool found = ptl_whois_find_referral (exact, len, &server);

      g_test_message ("%zu", i);
      g_assert_cmpint (found, ==, table[i].host != NULL);
      g_assert_cmpstr (server.host, ==, found ? table[i].host : "");
      g_assert_cmpuint (server.port, ==, table[i].port);
    }
}

static void
test_foreign (void)
{
  static const struct
  {
    const char *answer;
    const char *foreign; /* NULL: none */
  } table[] = {
    { "ReferralServer: rwhois://rwhois.example.org:4321\nx\n", "rwhois://rwhois.example.org:4321" },
    { "a: b\n  whois:\tldap://l.example/o=x\r\n", "ldap://l.example/o=x" },
    { "refer: rwhois:\nrefer: ://x\nremarks: rwhois://x\n", NULL },
    { "", NULL },
  };
  g_autofree char *long_one = g_strnfill (5000, 'x');
  g_autofree char *answer = g_strdup_printf ("refer: rwhois://%s\n", long_one);
  char foreign[PTL_WHOIS_SERVER_MAX + 1];

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      size_t len = strlen (table[i].answer);
      g_autofree uint8_t *exact = g_memdup2 (table[i].answer, MAX (len, 1));

      g_test_message ("%zu", i);
      g_assert_true (ptl_whois_find_foreign (exact, len, foreign) == (table[i].foreign != NULL));
      g_assert_cmpstr (foreign, ==, table[i].foreign != NULL ? table[i].foreign : "");
    }
  ptl_whois_find_foreign ((const uint8_t *) answer, strlen (answer), foreign);
  g_assert_cmpuint (strlen (foreign), <=, PTL_WHOIS_SERVER_MAX);
}

static void
test_query (void)
{
  static const struct
  {
    const char *text;
    const char *line;
  } good[] = {
    { "example.org", "example.org\r\n" },
    { " 192.0.2.0/24 ", "192.0.2.0/24\r\n" },
    { "b\xc3\xbc" "cher.example", "xn--bcher-kva.example\r\n" },
    { "n + 192.0.2.1", "n + 192.0.2.1\r\n" },
    { "-T person M\xc3\xbcller", "-T person M\xc3\xbcller\r\n" },
  };
  static const char *const bad[] = { "", "  ", "a\r\nb", "a\x1b", "a\xe2\x80\xae" "b", "\xff" };
  g_autofree char *too_long = g_strnfill (PTL_WHOIS_QUERY_MAX, 'a');
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *line = ptl_whois_build_query (good[i].text, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (line, ==, good[i].line);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (ptl_whois_build_query (bad[i], &error));
      g_assert_nonnull (error);
      g_clear_error (&error);
    }
  g_assert_null (ptl_whois_build_query (too_long, &error));
  g_assert_nonnull (error);
}

static void
test_finger (void)
{
  static const struct
  {
    const char *text;
    bool        verbose;
    const char *host;
    uint16_t    port;
    const char *line; /* NULL: refused */
  } table[] = {
    { "anna@host.example", false, "host.example", 79, "anna\r\n" },
    { "anna@host.example", true, "host.example", 79, "/W anna\r\n" },
    { "@host.example", false, "host.example", 79, "\r\n" },
    { "@host.example", true, "host.example", 79, "/W\r\n" },
    { "anna@a@b.example", false, "b.example", 79, "anna@a\r\n" },
    { "@[::1]:7979", false, "::1", 7979, "\r\n" },
    { " anna ", false, "", 0, "anna\r\n" },
    { "", false, "", 0, "\r\n" },
    { "anna@", false, "", 0, NULL },
    { "a\nb@c", false, "", 0, NULL },
    { "anna@a b", false, "", 0, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      PtlWhoisServer server;
      g_autofree char *line = NULL;
      g_autoptr (GError) error = NULL;
      bool good = ptl_finger_parse (table[i].text, table[i].verbose, &server, &line, &error);

      g_test_message ("%zu", i);
      g_assert_cmpint (good, ==, table[i].line != NULL);
      g_assert_cmpint (good, ==, error == NULL);
      g_assert_cmpstr (line, ==, table[i].line);
      if (good)
        g_assert_cmpstr (server.host, ==, table[i].host);
      if (good)
        g_assert_cmpuint (server.port, ==, table[i].port);
    }
}

/* --- servers ---------------------------------------------------------------------------------- */

typedef struct
{
  int         fd;
  uint16_t    port;
  const char *answer;
  size_t      len_answer;
  bool        endless; /* says it again and again */
  bool        mute;    /* says nothing and keeps the connection */
  char        query[256];
  atomic_uint n_asked;
  pthread_t   thread;
  int         kept;
} Server;

static void *
server_main (void *data)
{
  Server *server = data;

  for (;;)
    {
      int peer = accept4 (server->fd, NULL, NULL, SOCK_CLOEXEC);
      ssize_t n;

      if (peer < 0)
        return NULL;
      n = recv (peer, server->query, sizeof server->query - 1, 0);
      server->query[MAX (n, 0)] = '\0';
      atomic_fetch_add (&server->n_asked, 1);
      if (server->mute)
        {
          server->kept = peer;
          continue;
        }
      do
        n = send (peer, server->answer, server->len_answer, MSG_NOSIGNAL);
      while (n > 0 && server->endless);
      close (peer);
    }
}

static void
server_start (Server     *server,
              const char *answer)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t len = sizeof in;

  *server = (Server) { .answer = answer, .len_answer = strlen (answer), .kept = -1 };
  server->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (server->fd, (struct sockaddr *) &in, len), ==, 0);
  g_assert_cmpint (listen (server->fd, 5), ==, 0);
  getsockname (server->fd, (struct sockaddr *) &in, &len);
  server->port = ntohs (in.sin_port);
}

static void
server_run (Server *server)
{
  pthread_create (&server->thread, NULL, server_main, server);
}

static void
server_stop (Server *server)
{
  shutdown (server->fd, SHUT_RDWR);
  pthread_join (server->thread, NULL);
  close (server->fd);
  if (server->kept >= 0)
    close (server->kept);
}

/* A resolver that knows the addresses that are typed, and "elsewhere", which is not this computer
 * but that nobody is asked at. */
static uint64_t
resolve (PtlResolver           *self,
         const PtlResolveQuery *query,
         PtlResolveFunc         reply,
         void                  *data)
{
  PtlResolved *resolved = g_malloc0 (sizeof *resolved + sizeof (PtlAddress));
  struct sockaddr_in *in = &resolved->addresses[0].in;

  if (strcmp (query->host, "never") == 0)
    {
      g_free (resolved);
      return 1;
    }
  in->sin_family = AF_INET;
  resolved->addresses[0].len = sizeof *in;
  if (g_str_has_prefix (query->host, "127."))
    {
      in->sin_addr.s_addr = inet_addr (query->host);
      resolved->n_addresses = 1;
    }
  else
    resolved->gai_code = EAI_NONAME;
  reply (resolved, data);
  return 2;
}

static bool
cancel (PtlResolver *self,
        uint64_t     id)
{
  return id == 1;
}

static PtlResolver resolver = { resolve, cancel };

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  came;
  PtlWhoisAnswer *answers[PTL_WHOIS_HOPS_MAX + 1];
  unsigned        n;
  bool            last;
} Box;

static void
on_answer (PtlWhoisAnswer *answer,
           bool            last,
           void           *data)
{
  Box *box = data;

  pthread_mutex_lock (&box->lock);
  box->answers[box->n++] = answer;
  box->last = last;
  pthread_cond_signal (&box->came);
  pthread_mutex_unlock (&box->lock);
}

static PtlWhois *
begin (Box        *box,
       const char *host,
       uint16_t    port,
       bool        follow,
       unsigned    timeout_ms)
{
  PtlWhoisConfig config = { .query = "q\r\n", .follow = follow, .timeout_ms = timeout_ms };
  g_autoptr (GError) error = NULL;
  PtlWhois *whois;

  *box = (Box) { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER };
  g_strlcpy (config.server.host, host, sizeof config.server.host);
  config.server.port = port;
  whois = ptl_whois_new (&config, &resolver, on_answer, box, &error);
  g_assert_no_error (error);
  return whois;
}

static void
finish (Box      *box,
        PtlWhois *whois)
{
  pthread_mutex_lock (&box->lock);
  while (!box->last)
    pthread_cond_wait (&box->came, &box->lock);
  pthread_mutex_unlock (&box->lock);
  ptl_whois_free (whois);
}

static void
box_clear (Box *box)
{
  for (unsigned i = 0; i < box->n; i++)
    ptl_whois_answer_free (box->answers[i]);
}

static void
test_follows (void)
{
  Server first, second;
  g_autofree char *referral = NULL;
  Box box;

  server_start (&second, "domain: q\nstatus: here\n");
  referral = g_strdup_printf ("refer: 127.0.0.1:%u\n", second.port);
  server_start (&first, referral);
  server_run (&first);
  server_run (&second);

  finish (&box, begin (&box, "127.0.0.1", first.port, true, 0));
  g_assert_cmpuint (box.n, ==, 2);
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_CLOSED);
  g_assert_cmpint (box.answers[0]->next, ==, PTL_WHOIS_NEXT_ASKED);
  g_assert_cmpint (box.answers[1]->next, ==, PTL_WHOIS_NEXT_NONE);
  g_assert_cmpmem (box.answers[1]->bytes, box.answers[1]->len_bytes,
                   "domain: q\nstatus: here\n", 23);
  g_assert_cmpstr (second.query, ==, "q\r\n");
  box_clear (&box);

  finish (&box, begin (&box, "127.0.0.1", first.port, false, 0));
  g_assert_cmpuint (box.n, ==, 1);
  g_assert_cmpint (box.answers[0]->next, ==, PTL_WHOIS_NEXT_NOT_FOLLOWED);
  g_assert_cmpuint (box.answers[0]->referral.port, ==, second.port);
  box_clear (&box);
  server_stop (&first);
  server_stop (&second);
}

static void
test_is_told_of_others (void)
{
  Server server;
  Box box;

  server_start (&server, "ReferralServer: rwhois://rwhois.example.org:4321\n");
  server_run (&server);
  finish (&box, begin (&box, "127.0.0.1", server.port, true, 0));
  g_assert_cmpuint (box.n, ==, 1);
  g_assert_cmpint (box.answers[0]->next, ==, PTL_WHOIS_NEXT_FOREIGN);
  g_assert_cmpstr (box.answers[0]->foreign, ==, "rwhois://rwhois.example.org:4321");
  box_clear (&box);
  server_stop (&server);
}

static void
test_loops (void)
{
  Server servers[2];
  g_autofree char *to_first = NULL, *to_second = NULL;
  Box box;

  server_start (&servers[0], "");
  server_start (&servers[1], "");
  to_first = g_strdup_printf ("refer: 127.0.0.1:%u\n", servers[0].port);
  to_second = g_strdup_printf ("refer: 127.0.0.1:%u\n", servers[1].port);
  servers[0].answer = to_second;
  servers[0].len_answer = strlen (to_second);
  servers[1].answer = to_first;
  servers[1].len_answer = strlen (to_first);
  server_run (&servers[0]);
  server_run (&servers[1]);
  finish (&box, begin (&box, "127.0.0.1", servers[0].port, true, 0));
  g_assert_cmpuint (box.n, ==, 2);
  g_assert_cmpint (box.answers[1]->next, ==, PTL_WHOIS_NEXT_LOOP);
  box_clear (&box);
  server_stop (&servers[0]);
  server_stop (&servers[1]);

  /* One that names itself is at its end. */
  server_start (&servers[0], "");
  g_free (to_first);
  to_first = g_strdup_printf ("Registrar WHOIS Server: 127.0.0.1:%u\n", servers[0].port);
  servers[0].answer = to_first;
  servers[0].len_answer = strlen (to_first);
  server_run (&servers[0]);
  finish (&box, begin (&box, "127.0.0.1", servers[0].port, true, 0));
  g_assert_cmpuint (box.n, ==, 1);
  g_assert_cmpint (box.answers[0]->next, ==, PTL_WHOIS_NEXT_NONE);
  box_clear (&box);
  server_stop (&servers[0]);
}

static void
test_chain_is_bounded (void)
{
  Server servers[PTL_WHOIS_HOPS_MAX + 1];
  char *answers[PTL_WHOIS_HOPS_MAX + 1];
  Box box;

  for (unsigned i = 0; i <= PTL_WHOIS_HOPS_MAX; i++)
    server_start (&servers[i], "");
  for (unsigned i = 0; i <= PTL_WHOIS_HOPS_MAX; i++)
    {
      answers[i] = i < PTL_WHOIS_HOPS_MAX
                     ? g_strdup_printf ("refer: 127.0.0.1:%u\n", servers[i + 1].port)
                     : g_strdup ("end\n");
      servers[i].answer = answers[i];
      servers[i].len_answer = strlen (answers[i]);
      server_run (&servers[i]);
    }
  finish (&box, begin (&box, "127.0.0.1", servers[0].port, true, 0));
  g_assert_cmpuint (box.n, ==, PTL_WHOIS_HOPS_MAX);
  g_assert_cmpint (box.answers[box.n - 1]->next, ==, PTL_WHOIS_NEXT_TOO_MANY);
  g_assert_cmpuint (atomic_load (&servers[PTL_WHOIS_HOPS_MAX].n_asked), ==, 0);
  box_clear (&box);
  for (unsigned i = 0; i <= PTL_WHOIS_HOPS_MAX; i++)
    {
      server_stop (&servers[i]);
      g_free (answers[i]);
    }
}

static void
test_size_is_bounded (void)
{
  Server server;
  Box box;

  server_start (&server, "all work and no play makes jack a dull boy\n");
  server.endless = true;
  server_run (&server);
  finish (&box, begin (&box, "127.0.0.1", server.port, true, 0));
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_TOO_LONG);
  g_assert_cmpuint (box.answers[0]->len_bytes, ==, PTL_WHOIS_ANSWER_MAX);
  box_clear (&box);
  server_stop (&server);
}

static void
test_failures (void)
{
  Server server;
  Box box;
  uint16_t closed;
  PtlWhois *whois;
  uint64_t then_ns;

  server_start (&server, "");
  closed = server.port;
  close (server.fd);
  finish (&box, begin (&box, "127.0.0.1", closed, true, 0));
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_CONNECT);
  g_assert_cmpint (box.answers[0]->sys_errno, ==, ECONNREFUSED);
  box_clear (&box);

  finish (&box, begin (&box, "nobody.invalid", 43, true, 0));
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_RESOLVE);
  g_assert_cmpint (box.answers[0]->gai_code, ==, EAI_NONAME);
  box_clear (&box);

  server_start (&server, "");
  server.mute = true;
  server_run (&server);
  finish (&box, begin (&box, "127.0.0.1", server.port, true, 200));
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_TIMEOUT);
  box_clear (&box);

  whois = begin (&box, "127.0.0.1", server.port, true, 60000);
  then_ns = ptl_clock_monotonic_ns ();
  ptl_whois_stop (whois);
  finish (&box, whois);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - then_ns, <, 200 * PTL_NS_PER_MS);
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_STOPPED);
  box_clear (&box);
  /* A name that never comes does not hold it either. */
  whois = begin (&box, "never", 43, true, 60000);
  then_ns = ptl_clock_monotonic_ns ();
  ptl_whois_free (whois);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - then_ns, <, 200 * PTL_NS_PER_MS);
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_STOPPED);
  box_clear (&box);
  then_ns = ptl_clock_monotonic_ns ();
  finish (&box, begin (&box, "never", 43, true, 100));
  g_assert_cmpint (box.answers[0]->end, ==, PTL_WHOIS_END_TIMEOUT);
  box_clear (&box);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - then_ns, <, 5 * PTL_NS_PER_S);
  server_stop (&server);
  ptl_whois_free (NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/whois/server", test_server);
  g_test_add_func ("/whois/referral", test_referral);
  g_test_add_func ("/whois/foreign", test_foreign);
  g_test_add_func ("/whois/told-of-others", test_is_told_of_others);
  g_test_add_func ("/whois/query", test_query);
  g_test_add_func ("/whois/finger", test_finger);
  g_test_add_func ("/whois/follows", test_follows);
  g_test_add_func ("/whois/loops", test_loops);
  g_test_add_func ("/whois/chain-is-bounded", test_chain_is_bounded);
  g_test_add_func ("/whois/size-is-bounded", test_size_is_bounded);
  g_test_add_func ("/whois/failures", test_failures);
  return g_test_run ();
}
