/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DNS client against servers that behave, and against those that do not. */
#include "config.h"

#include "lookup/ptl-dns-client.h"

#include <errno.h>

#include "base/ptl-clock.h"
#include "dns-stub.h"

#define TEST_TIMEOUT_MS 700

typedef struct
{
  Stub          stub;
  PtlDnsClient *client;
  PtlAddress    nobody; /* a port where nobody listens */
} Fixture;

/* What a callback leaves for the test's thread. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  came;
  PtlDnsReply    *reply;
  unsigned        n;
} Box;

#define BOX_INIT { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0 }

static void
set_up (Fixture      *fixture,
        const void   *data)
{
  g_autoptr (GError) error = NULL;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  stub_start (&fixture->stub);
  fixture->client = ptl_dns_client_new (&error);
  g_assert_no_error (error);
  fixture->nobody = (PtlAddress) { .len = sizeof fixture->nobody.in };
  fixture->nobody.in.sin_family = AF_INET;
  fixture->nobody.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, &fixture->nobody.sa, fixture->nobody.len), ==, 0);
  getsockname (fd, &fixture->nobody.sa, &fixture->nobody.len);
  close (fd);
}

static void
tear_down (Fixture    *fixture,
           const void *data)
{
  ptl_dns_client_free (fixture->client);
  stub_stop (&fixture->stub);
}

static void
on_reply (PtlDnsReply *reply,
          void        *data)
{
  Box *box = data;

  pthread_mutex_lock (&box->lock);
  ptl_dns_reply_free (box->reply);
  box->reply = reply;
  box->n++;
  pthread_cond_signal (&box->came);
  pthread_mutex_unlock (&box->lock);
}

static void
box_wait (Box      *box,
          unsigned  n)
{
  pthread_mutex_lock (&box->lock);
  while (box->n < n)
    pthread_cond_wait (&box->came, &box->lock);
  pthread_mutex_unlock (&box->lock);
}

static PtlDnsReply *
ask_servers (Fixture          *fixture,
             const char       *name,
             const PtlAddress *servers,
             unsigned          n_servers)
{
  Box box = BOX_INIT;
  PtlDnsQuestion question = {
    .name = name, .type = PTL_DNS_TYPE_A, .servers = servers, .n_servers = n_servers,
    .timeout_ms = TEST_TIMEOUT_MS,
  };

  ptl_dns_client_ask (fixture->client, &question, on_reply, &box);
  box_wait (&box, 1);
  return box.reply;
}

static PtlDnsReply *
ask (Fixture    *fixture,
     const char *name)
{
  return ask_servers (fixture, name, &fixture->stub.address, 1);
}

static void
test_answer (Fixture    *fixture,
             const void *data)
{
  g_autoptr (PtlDnsReply) reply = ask (fixture, "ok.test");

  g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpstr (reply->name, ==, "ok.test");
  g_assert_cmpuint (reply->rcode, ==, PTL_DNS_RCODE_NOERROR);
  g_assert_true (reply->aa && reply->ra && reply->rd);
  g_assert_false (reply->tc || reply->ad || reply->over_tcp);
  g_assert_cmpuint (reply->n_tries, ==, 1);
  g_assert_cmpuint (reply->n_records, ==, 1);
  g_assert_cmpstr (reply->records[0].owner, ==, "ok.test.");
  g_assert_cmpstr (reply->records[0].data, ==, "192.0.2.1");
  g_assert_cmpuint (reply->records[0].ttl, ==, 60);
  g_assert_cmpuint (reply->size_bytes, ==, 12 + 9 + 4 + 16);
  g_assert_cmpuint (reply->elapsed_ns, >, 0);
  g_assert_true (ptl_address_equal (&reply->server, &fixture->stub.address));
}

/* A resolver that keeps to RFC 6840 says what it has verified to who asks for it only. */
static void
test_verified (Fixture    *fixture,
               const void *data)
{
  g_autoptr (PtlDnsReply) reply = ask (fixture, "ad.test");
  g_autoptr (PtlDnsReply) other = ask (fixture, "ok.test");

  g_assert_true (reply->ad);
  g_assert_false (other->ad);
}

/* Each of them is told apart, and none takes much longer than its deadline. */
static void
test_misbehaving (Fixture    *fixture,
                  const void *data)
{
  static const struct
  {
    const char  *name;
    PtlDnsFault  fault;
    uint16_t     rcode;
  } cases[] = {
    { "silent.test", PTL_DNS_FAULT_TIMEOUT, 0 },
    { "garbage.test", PTL_DNS_FAULT_GARBAGE, 0 },
    { "short.test", PTL_DNS_FAULT_GARBAGE, 0 },
    { "wrong.test", PTL_DNS_FAULT_WRONG_QUESTION, 0 },
    { "stray.test", PTL_DNS_FAULT_TIMEOUT, 0 },
    { "stuck.test", PTL_DNS_FAULT_TCP, 0 },
    { "closed.test", PTL_DNS_FAULT_TCP, 0 },
    { "loop.test", PTL_DNS_FAULT_CHAIN, 0 },
    { "self.test", PTL_DNS_FAULT_CHAIN, 0 },
    { "endless0.test", PTL_DNS_FAULT_CHAIN, 0 },
    { "refused.test", PTL_DNS_FAULT_NONE, PTL_DNS_RCODE_REFUSED },
    { "servfail.test", PTL_DNS_FAULT_NONE, PTL_DNS_RCODE_SERVFAIL },
    { "nxdomain.test", PTL_DNS_FAULT_NONE, PTL_DNS_RCODE_NXDOMAIN },
    { "a..b", PTL_DNS_FAULT_BAD_NAME, 0 },
    { "", PTL_DNS_FAULT_BAD_NAME, 0 },
    { "b\xc3\xbc.test", PTL_DNS_FAULT_BAD_NAME, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      uint64_t start_ns = ptl_clock_monotonic_ns ();
      g_autoptr (PtlDnsReply) reply = ask (fixture, cases[i].name);
      uint64_t took_ms = (ptl_clock_monotonic_ns () - start_ns) / PTL_NS_PER_MS;

      g_test_message ("%s: fault %d rcode %u after %u ms", cases[i].name, reply->fault,
                      reply->rcode, (unsigned) took_ms);
      g_assert_cmpint (reply->fault, ==, cases[i].fault);
      g_assert_cmpuint (reply->rcode, ==, cases[i].rcode);
      g_assert_cmpuint (took_ms, <, 3 * TEST_TIMEOUT_MS);
      if (g_str_has_prefix (cases[i].name, "stray"))
        g_assert_cmpuint (reply->n_stray, >, 0);
      if (g_str_equal (cases[i].name, "stuck.test"))
        g_assert_cmpint (reply->sys_errno, ==, ETIMEDOUT);
      if (g_str_equal (cases[i].name, "endless0.test"))
        g_assert_cmpuint (reply->n_aliases, ==, PTL_DNS_CHAIN_MAX);
    }
}

static void
test_truncated (Fixture    *fixture,
                const void *data)
{
  g_autoptr (PtlDnsReply) reply = ask (fixture, "big.test");

  g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_true (reply->over_tcp);
  g_assert_false (reply->tc);
  g_assert_cmpuint (reply->n_records, ==, 200);
  g_assert_cmpuint (atomic_load (&fixture->stub.n_tcp), ==, 1);
}

static void
test_tcp_from_the_start (Fixture    *fixture,
                         const void *data)
{
  Box box = BOX_INIT;
  PtlDnsQuestion question = {
    .name = "ok.test", .type = PTL_DNS_TYPE_A, .servers = &fixture->stub.address, .n_servers = 1,
    .timeout_ms = TEST_TIMEOUT_MS, .tcp = true,
  };

  ptl_dns_client_ask (fixture->client, &question, on_reply, &box);
  box_wait (&box, 1);
  g_assert_cmpint (box.reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpuint (atomic_load (&fixture->stub.n_udp), ==, 0);
  ptl_dns_reply_free (box.reply);
}

static void
test_true_answer_wins (Fixture    *fixture,
                       const void *data)
{
  g_autoptr (PtlDnsReply) reply = ask (fixture, "liar.test");

  g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpuint (reply->n_wrong, ==, 1);
  g_assert_cmpuint (reply->n_records, ==, 1);
}

static void
test_old_server (Fixture    *fixture,
                 const void *data)
{
  g_autoptr (PtlDnsReply) reply = ask (fixture, "old.test");

  g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpuint (reply->rcode, ==, PTL_DNS_RCODE_NOERROR);
  g_assert_cmpuint (reply->n_tries, ==, 2);
}

static void
test_follows_alias (Fixture    *fixture,
                    const void *data)
{
  g_autoptr (PtlDnsReply) reply = ask (fixture, "hop.test");

  g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpstr (reply->name, ==, "hop.test");
  g_assert_cmpstr (reply->final_name, ==, "ok.test.");
  g_assert_cmpuint (reply->n_aliases, ==, 1);
  g_assert_cmpuint (reply->n_records, ==, 2);
  g_assert_cmpstr (reply->records[1].data, ==, "192.0.2.1");
}

/* An alias that leads to another's zone: the answer stands, whatever is said of its target. */
static void
test_keeps_alias (Fixture    *fixture,
                  const void *data)
{
  static const struct
  {
    const char  *name;
    const char  *target;
    PtlDnsFault  fault;
    uint16_t     rcode;
  } cases[] = {
    { "out.test", "refused.test.", PTL_DNS_FAULT_NONE, PTL_DNS_RCODE_REFUSED },
    { "mute.test", "silent.test.", PTL_DNS_FAULT_TIMEOUT, 0 },
    { "lame.test", "upward.test.", PTL_DNS_FAULT_NONE, PTL_DNS_RCODE_NOERROR },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PtlDnsReply) reply = ask (fixture, cases[i].name);

      g_test_message ("%s", cases[i].name);
      g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_NONE);
      g_assert_cmpuint (reply->rcode, ==, PTL_DNS_RCODE_NOERROR);
      g_assert_true (reply->aa);
      g_assert_cmpstr (reply->name, ==, cases[i].name);
      g_assert_cmpstr (reply->final_name, ==, cases[i].target);
      g_assert_cmpuint (reply->n_records, ==, 1);
      g_assert_cmpuint (reply->records[0].type, ==, PTL_DNS_TYPE_CNAME);
      g_assert_cmpuint (reply->size_bytes, >, 12);
      g_assert_cmpuint (reply->elapsed_ns, >, 0);
      g_assert_true (reply->alias_open);
      g_assert_cmpint (reply->alias_fault, ==, cases[i].fault);
      g_assert_cmpuint (reply->alias_rcode, ==, cases[i].rcode);
    }
}

static void
test_sent_again (Fixture    *fixture,
                 const void *data)
{
  Box box = BOX_INIT;
  PtlDnsQuestion question = {
    .name = "once.test", .type = PTL_DNS_TYPE_A, .servers = &fixture->stub.address, .n_servers = 1,
  };

  ptl_dns_client_ask (fixture->client, &question, on_reply, &box);
  box_wait (&box, 1);
  g_assert_cmpint (box.reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpuint (box.reply->n_tries, ==, 2);
  ptl_dns_reply_free (box.reply);
}

static void
test_nobody_there (Fixture    *fixture,
                   const void *data)
{
  uint64_t start_ns = ptl_clock_monotonic_ns ();
  g_autoptr (PtlDnsReply) reply = ask_servers (fixture, "ok.test", &fixture->nobody, 1);

  g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_SYSTEM);
  g_assert_cmpint (reply->sys_errno, ==, ECONNREFUSED);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - start_ns, <, TEST_TIMEOUT_MS * PTL_NS_PER_MS);
}

static void
test_next_server (Fixture    *fixture,
                  const void *data)
{
  PtlAddress servers[2] = { fixture->nobody, fixture->stub.address };
  g_autoptr (PtlDnsReply) reply = ask_servers (fixture, "ok.test", servers, 2);
  g_autoptr (PtlDnsReply) none = ask_servers (fixture, "ok.test", servers, 0);

  g_assert_cmpint (reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpuint (reply->n_tries, ==, 2);
  g_assert_true (ptl_address_equal (&reply->server, &fixture->stub.address));
  g_assert_cmpint (none->fault, ==, PTL_DNS_FAULT_NO_SERVER);
}

static void
test_cancel (Fixture    *fixture,
             const void *data)
{
  Box box = BOX_INIT;
  uint64_t group = ptl_dns_client_new_group (fixture->client);
  uint64_t start_ns;

  for (unsigned i = 0; i < 1000; i++)
    {
      PtlDnsQuestion question = {
        .name = i % 2 == 0 ? "silent.test" : "stuck.test", .type = PTL_DNS_TYPE_A,
        .servers = &fixture->stub.address, .n_servers = 1, .timeout_ms = 60000, .group = group,
      };

      ptl_dns_client_ask (fixture->client, &question, on_reply, &box);
    }
  start_ns = ptl_clock_monotonic_ns ();
  ptl_dns_client_cancel (fixture->client, group);
  box_wait (&box, 1000);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - start_ns, <, 200 * PTL_NS_PER_MS);
  g_assert_cmpint (box.reply->fault, ==, PTL_DNS_FAULT_CANCELLED);
  ptl_dns_reply_free (box.reply);
}

/* More than the queue takes are answered too. */
static void
test_queue_limit (Fixture    *fixture,
                  const void *data)
{
  Box box = BOX_INIT;
  unsigned n = PTL_DNS_QUEUE_MAX + 10;
  PtlDnsQuestion question = {
    .name = "silent.test", .type = PTL_DNS_TYPE_A, .servers = &fixture->stub.address,
    .n_servers = 1, .timeout_ms = 60000,
  };

  for (unsigned i = 0; i < n; i++)
    ptl_dns_client_ask (fixture->client, &question, on_reply, &box);
  box_wait (&box, 10);
  g_assert_cmpint (box.reply->fault, ==, PTL_DNS_FAULT_FULL);
  ptl_dns_client_free (g_steal_pointer (&fixture->client));
  g_assert_cmpuint (box.n, ==, n);
  ptl_dns_reply_free (box.reply);
}

typedef struct
{
  Box              box;
  Fixture         *fixture;
  const PtlAddress *server;
  unsigned         n_left;
  unsigned         n_good;
} Chain;

static void
on_chain_reply (PtlDnsReply *reply,
                void        *data)
{
  Chain *chain = data;
  PtlDnsQuestion question = {
    .name = "ok.test", .type = PTL_DNS_TYPE_A, .servers = chain->server, .n_servers = 1,
  };

  chain->n_good += reply->fault == PTL_DNS_FAULT_NONE;
  if (chain->n_left > 0)
    {
      chain->n_left--;
      ptl_dns_reply_free (reply);
      ptl_dns_client_ask (chain->fixture->client, &question, on_chain_reply, chain);
    }
  else
    on_reply (reply, &chain->box);
}

/* Asking again in the callback goes on; sockets are given up after a while and replaced. */
static void
test_ask_in_callback (Fixture    *fixture,
                      const void *data)
{
  Chain chain = { BOX_INIT, fixture, &fixture->stub.address, 9999, 0 };
  PtlDnsQuestion question = {
    .name = "ok.test", .type = PTL_DNS_TYPE_A, .servers = chain.server, .n_servers = 1,
  };

  ptl_dns_client_ask (fixture->client, &question, on_chain_reply, &chain);
  box_wait (&chain.box, 1);
  g_assert_cmpuint (chain.n_good, ==, 10000);
  ptl_dns_reply_free (chain.box.reply);
}

/* The same when the callback comes from a deadline and not from an answer. */
static void
test_ask_after_silence (Fixture    *fixture,
                        const void *data)
{
  Chain chain = { BOX_INIT, fixture, &fixture->stub.address, 1, 0 };
  PtlDnsQuestion question = {
    .name = "silent.test", .type = PTL_DNS_TYPE_A, .servers = chain.server, .n_servers = 1,
    .timeout_ms = 50,
  };

  ptl_dns_client_ask (fixture->client, &question, on_chain_reply, &chain);
  box_wait (&chain.box, 1);
  g_assert_cmpuint (chain.n_good, ==, 1);
  ptl_dns_reply_free (chain.box.reply);
}

/* The answer to a question that nobody waits for any more is not taken for a forged one to the
 * next. */
static void
test_late_is_not_forged (Fixture    *fixture,
                         const void *data)
{
  Box late = BOX_INIT, silent = BOX_INIT;
  PtlDnsQuestion question = {
    .name = "late.test", .type = PTL_DNS_TYPE_A, .servers = &fixture->stub.address, .n_servers = 1,
    .timeout_ms = 20, .n_tries = 1,
  };

  ptl_dns_client_ask (fixture->client, &question, on_reply, &late);
  box_wait (&late, 1);
  g_assert_cmpint (late.reply->fault, ==, PTL_DNS_FAULT_TIMEOUT);
  question.name = "silent.test";
  question.timeout_ms = 300;
  ptl_dns_client_ask (fixture->client, &question, on_reply, &silent);
  box_wait (&silent, 1);
  g_assert_cmpint (silent.reply->fault, ==, PTL_DNS_FAULT_TIMEOUT);
  g_assert_cmpuint (silent.reply->n_stray, ==, 0);
  ptl_dns_reply_free (late.reply);
  ptl_dns_reply_free (silent.reply);
}

/* A server that loses what is too much at once: all are answered in the end, and fewer are sent at
 * once then. */
static void
test_overrun (Fixture    *fixture,
              const void *data)
{
  Box box = BOX_INIT;
  PtlDnsStats stats;
  PtlDnsQuestion question = {
    .name = "ok.test", .type = PTL_DNS_TYPE_A, .servers = &fixture->stub.address, .n_servers = 1,
    .timeout_ms = 20000, .n_tries = 12,
  };

  stub_stop (&fixture->stub);
  fixture->stub.drop_above = 8;
  stub_start (&fixture->stub);
  for (unsigned i = 0; i < 400; i++)
    ptl_dns_client_ask (fixture->client, &question, on_reply, &box);
  box_wait (&box, 400);
  ptl_dns_client_get_stats (fixture->client, &stats);
  g_test_message ("sent %u lost %u window %u", (unsigned) stats.n_sent, (unsigned) stats.n_lost,
                  stats.window);
  g_assert_cmpint (box.reply->fault, ==, PTL_DNS_FAULT_NONE);
  g_assert_cmpuint (stats.n_answered, >=, 400);
  g_assert_cmpuint (stats.n_lost, >, 0);
  /* Who sends all that is left each time loses some 9800. */
  g_assert_cmpuint (stats.n_lost, <, 400);
  ptl_dns_reply_free (box.reply);
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, const void *);
  } tests[] = {
    { "/dns-client/answer", test_answer },
    { "/dns-client/verified", test_verified },
    { "/dns-client/misbehaving", test_misbehaving },
    { "/dns-client/truncated", test_truncated },
    { "/dns-client/tcp-from-the-start", test_tcp_from_the_start },
    { "/dns-client/true-answer-wins", test_true_answer_wins },
    { "/dns-client/old-server", test_old_server },
    { "/dns-client/follows-alias", test_follows_alias },
    { "/dns-client/keeps-alias", test_keeps_alias },
    { "/dns-client/sent-again", test_sent_again },
    { "/dns-client/nobody-there", test_nobody_there },
    { "/dns-client/next-server", test_next_server },
    { "/dns-client/cancel", test_cancel },
    { "/dns-client/queue-limit", test_queue_limit },
    { "/dns-client/ask-in-callback", test_ask_in_callback },
    { "/dns-client/ask-after-silence", test_ask_after_silence },
    { "/dns-client/late-is-not-forged", test_late_is_not_forged },
    { "/dns-client/overrun", test_overrun },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
