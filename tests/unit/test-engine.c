/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine alone: a sink and a resolver of the test's own, real sockets on loopback. */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

#include <glib.h>

#include "engine-fixture.h"

/* --- the tests --- */

static void
test_echo (void)
{
  Rig rig;
  Sink *server = sink_new (), *client = sink_new ();
  g_autoptr (PtlBlob) blob = ptl_blob_new ("Python, client", 14);
  PtlSessionId l, c;

  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0?reaction=echo", server);
  c = rig_connect (&rig, l, client);
  /* Before it is connected: the send waits. */
  g_assert_cmpint (ptl_engine_send (rig.engine, c, PTL_PEER_NONE, blob, 1), ==, 0);
  rig_wait (&rig, rig.statuses[c].rx_bytes == 14 && rig.reports[1].done);
  g_assert_cmpuint (rig.reports[1].n_peers, ==, 1);
  g_assert_cmpuint (rig.reports[1].n_failed, ==, 0);
  g_assert_cmpuint (rig.reports[1].sent_bytes, ==, 14);
  ptl_engine_end_input (rig.engine, c, PTL_PEER_NONE);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CLOSED && rig.statuses[l].peers_open == 0);
  g_assert_cmpmem (client->in->data, client->in->len, "Python, client", 14);
  g_assert_cmpuint (sink_count (server, PTL_EVENT_PEER_ENDED), ==, 1);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_WE_ENDED), ==, 1);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_CLOSED), ==, 1);

  /* A session that is over takes nothing more. */
  g_assert_cmpint (ptl_engine_send (rig.engine, c, PTL_PEER_NONE, blob, 2), ==, -ENOENT);
  ptl_engine_stop (rig.engine, l);
  rig_wait (&rig, rig.statuses[l].state == PTL_SESSION_CLOSED);
  rig_clear (&rig);
  g_assert_true (server->closed);
  g_assert_true (client->closed);
  sink_unref (server);
  sink_unref (client);
}

/* The first address does not answer and the second refuses: the third is tried without waiting for
 * the first one's timeout, each with events of its own. */
static void
test_candidates (void)
{
  Rig rig;
  Sink *server = sink_new (), *client = sink_new ();
  PtlSessionId l, c;
  uint16_t port;
  g_autofree char *uri = NULL;

  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0", server);
  port = ptl_address_get_port (&rig.statuses[l].locals[0]);
  for (unsigned i = 0; i < 3; i++)
    {
      rig.resolver.addresses[i] = rig.statuses[l].locals[0];
      rig.resolver.addresses[i].in.sin_addr.s_addr = htonl (0x7f000001 + 2 - i);
    }
  ptl_address_set_port (&rig.resolver.addresses[0], 1);
  ptl_address_set_port (&rig.resolver.addresses[1], 1);
  rig.resolver.n_addresses = 3;
  uri = g_strdup_printf ("tcp://three.example:%u", port);
  c = rig_open (&rig, PTL_ROLE_CONNECT, uri, client);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CONNECTED);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_RESOLVED_ADDRESS), ==, 3);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_CANDIDATE_STARTED), ==, 3);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_CANDIDATE_FAILED), ==, 2);
  g_assert_cmpint (rig.statuses[c].fault.step, ==, PTL_STEP_NONE);
  rig_clear (&rig);
  sink_unref (server);
  sink_unref (client);
}

/* The families take turns, beginning with the first one's (RFC 8305 section 4). */
static void
test_all_refuse (void)
{
  Rig rig;
  Sink *client = sink_new ();
  PtlSessionId c;

  rig_init (&rig);
  for (unsigned i = 0; i < 2; i++)
    rig.resolver.addresses[i] = (PtlAddress) {
      .len = sizeof (struct sockaddr_in6),
      .in6 = { .sin6_family = AF_INET6,
               .sin6_port = htons (1 + i),
               .sin6_addr = IN6ADDR_LOOPBACK_INIT },
    };
  for (unsigned i = 2; i < 5; i++)
    rig.resolver.addresses[i] = (PtlAddress) {
      .len = sizeof (struct sockaddr_in),
      .in = { .sin_family = AF_INET,
              .sin_port = htons (1),
              .sin_addr.s_addr = htonl (0x7f000001 + i) },
    };
  rig.resolver.n_addresses = 5;
  c = rig_open (&rig, PTL_ROLE_CONNECT, "tcp://five.example:1", client);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_FAILED);
  g_assert_cmpint (rig.statuses[c].fault.step, ==, PTL_STEP_CONNECT);
  g_assert_cmpint (rig.statuses[c].fault.sys_errno, !=, 0);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_CANDIDATE_FAILED), ==, 5);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_FAULT), ==, 1);
  g_assert_cmpuint (client->n_families, ==, 5);
  g_assert_cmpint (client->families[0], ==, AF_INET6);
  g_assert_cmpint (client->families[1], ==, AF_INET);
  g_assert_cmpint (client->families[2], ==, AF_INET6);
  g_assert_cmpint (client->families[3], ==, AF_INET);
  g_assert_cmpint (client->families[4], ==, AF_INET);
  rig_clear (&rig);
  sink_unref (client);
}

static void
test_name_not_found (void)
{
  Rig rig;
  Sink *client = sink_new ();
  PtlSessionId c;

  rig_init (&rig);
  rig.resolver.gai_code = EAI_NONAME;
  c = rig_open (&rig, PTL_ROLE_CONNECT, "tcp://none.example:80", client);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_FAILED);
  g_assert_cmpint (rig.statuses[c].fault.step, ==, PTL_STEP_RESOLVE);
  g_assert_cmpint (rig.statuses[c].fault.gai_code, ==, EAI_NONAME);
  rig_clear (&rig);
  sink_unref (client);
}

/* A name server that never answers: Stop does not wait for it, nor does the end of the program. */
static void
test_never_answers (void)
{
  Rig rig;
  Sink *one = sink_new (), *two = sink_new ();
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);
  PtlSessionId c;
  uint64_t start;

  rig_init (&rig);
  rig.resolver.never = true;
  c = rig_open (&rig, PTL_ROLE_CONNECT, "tcp://slow.example:80", one);
  rig_open (&rig, PTL_ROLE_CONNECT, "tcp://slow.example:80", two);
  g_assert_cmpint (ptl_engine_send (rig.engine, c, PTL_PEER_NONE, blob, 1), ==, 0);
  ptl_engine_end_input (rig.engine, c, PTL_PEER_NONE);
  ptl_engine_end_input (rig.engine, c, PTL_PEER_NONE);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_RESOLVING);
  start = ptl_clock_monotonic_ns ();
  ptl_engine_stop (rig.engine, c);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CLOSED);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - start, <, 200 * PTL_NS_PER_MS);
  rig_wait (&rig, rig.reports[1].done);
  g_assert_cmpuint (rig.reports[1].n_failed, ==, 1);
  rig_clear (&rig);
  g_assert_cmpuint (rig.resolver.n_cancelled, ==, 2);
  sink_unref (one);
  sink_unref (two);
}

/* A peer that never reads: the queue takes what its bound allows, says so, and takes more later. */
static void
test_queue_bound (void)
{
  Rig rig;
  Sink *server = sink_new (), *client = sink_new ();
  g_autoptr (PtlBlob) blob = ptl_blob_new (NULL, 8 * 1024 * 1024);
  g_autoptr (PtlBlob) long_one = ptl_blob_new (NULL, 48 * 1024 * 1024);
  g_autoptr (PtlBlob) too_long = ptl_blob_new (NULL, PTL_SEND_QUEUE_MAX_BYTES + 1);
  PtlSessionId l, c;
  unsigned n = 0;
  int result;

  memset (blob->data, 'x', blob->len_bytes);
  memset (long_one->data, 'y', long_one->len_bytes);
  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0", server);
  ptl_engine_set_receiving (rig.engine, l, false);
  c = rig_connect (&rig, l, client);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CONNECTED
            && rig.statuses[l].receiving_paused);
  g_assert_cmpint (ptl_engine_send (rig.engine, c, 0, too_long, 60), ==, -EMSGSIZE);
  while ((result = ptl_engine_send (rig.engine, c, 0, blob, n + 1)) == 0)
    g_assert_cmpuint (++n, <=, 9);
  g_assert_cmpint (result, ==, -EAGAIN);
  g_assert_cmpuint (n, >=, 8);
  ptl_engine_set_receiving (rig.engine, l, true);
  rig_wait (&rig, rig.statuses[l].rx_bytes == n * blob->len_bytes && rig.reports[n].done);
  g_assert_cmpint (ptl_engine_send (rig.engine, c, 0, blob, n + 1), ==, 0);
  rig_wait (&rig, rig.reports[n + 1].done);
  /* What is queued when the session stops is told as failed. */
  ptl_engine_set_receiving (rig.engine, l, false);
  rig_wait (&rig, rig.statuses[l].receiving_paused);
  /* More than the kernel's buffers of both sides take. */
  g_assert_cmpint (ptl_engine_send (rig.engine, c, 0, long_one, n + 2), ==, 0);
  ptl_engine_stop (rig.engine, c);
  rig_wait (&rig, rig.reports[n + 2].done && rig.statuses[c].state == PTL_SESSION_CLOSED);
  g_assert_cmpuint (rig.reports[n + 2].n_failed, ==, 1);
  g_assert_cmpint (rig.reports[n + 2].sys_errno, ==, ECANCELED);
  rig_clear (&rig);
  sink_unref (server);
  sink_unref (client);
}

static void
full_log (PtlWhenFull when_full)
{
  Rig rig;
  Sink *server = sink_new (), *client = sink_new ();
  g_autoptr (PtlBlob) blob = ptl_blob_new (NULL, 16 * 1024 * 1024);
  PtlSessionId l, c;

  memset (blob->data, 'x', blob->len_bytes);
  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0", server);
  ptl_engine_set_when_full (rig.engine, l, when_full);
  c = rig_connect (&rig, l, client);
  rig_wait (&rig, rig.statuses[l].peers_open == 1);
  atomic_store (&server->error, -ENOSPC);
  g_assert_cmpint (ptl_engine_send (rig.engine, c, 0, blob, 1), ==, 0);
  rig_wait (&rig, rig.statuses[l].log_full);
  g_assert_cmpint (rig.statuses[l].fault.step, ==, PTL_STEP_LOG);
  g_assert_cmpint (rig.statuses[l].fault.sys_errno, ==, ENOSPC);
  if (when_full == PTL_FULL_GO_ON)
    {
      rig_wait (&rig, rig.statuses[l].rx_bytes == blob->len_bytes);
    }
  else
    {
      /* It stops: the sender is not done however long one waits. */
      for (unsigned i = 0; i < 10; i++)
        rig_pump (&rig, 20);
      g_assert_false (rig.reports[1].done);
      g_assert_cmpuint (rig.statuses[l].rx_bytes, <, blob->len_bytes);
    }
  atomic_store (&server->error, 0);
  rig_wait (&rig, rig.statuses[l].rx_bytes == blob->len_bytes && !rig.statuses[l].log_full);
  g_assert_cmpuint (sink_count (server, PTL_EVENT_LOG_RESUMED), ==, 1);
  rig_wait (&rig, server->in_bytes + rig.statuses[l].lost.in_bytes == blob->len_bytes);
  g_assert_cmpuint (rig.statuses[l].lost.in_bytes, >, 0);
  g_assert_cmpint (rig.statuses[l].fault.step, ==, PTL_STEP_NONE);
  rig_clear (&rig);
  sink_unref (server);
  sink_unref (client);
}

static void
test_full_stop (void)
{
  full_log (PTL_FULL_STOP_RECEIVING);
}

static void
test_full_go_on (void)
{
  full_log (PTL_FULL_GO_ON);
}

/* Engines that end in the middle of everything. */
static void
test_end_anywhere (void)
{
  for (unsigned i = 0; i < 20; i++)
    {
      Rig rig;
      Sink *server = sink_new (), *client = sink_new (), *datagrams = sink_new ();
      g_autoptr (PtlBlob) blob = ptl_blob_new (NULL, 1024 * 1024);
      PtlSessionId l, c;

      memset (blob->data, 'x', blob->len_bytes);
      rig_init (&rig);
      l = rig_listen (&rig, "tcp://:0?reaction=echo", server);
      rig.statuses[l].locals[0] = (PtlAddress) {
        .len = sizeof (struct sockaddr_in),
        .in = { .sin_family = AF_INET,
                .sin_port = htons (ptl_address_get_port (&rig.statuses[l].locals[0])),
                .sin_addr.s_addr = htonl (INADDR_LOOPBACK) },
      };
      rig_open (&rig, PTL_ROLE_DATAGRAMS, "udp://127.0.0.1:9", datagrams);
      c = rig_connect (&rig, l, client);
      if (i % 2 == 0)
        rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CONNECTED);
      ptl_engine_send (rig.engine, c, 0, blob, 1);
      for (unsigned k = 0; k < i / 2; k++)
        rig_pump (&rig, 1);
      rig_clear (&rig);
      g_assert_true (server->closed && client->closed && datagrams->closed);
      sink_unref (server);
      sink_unref (client);
      sink_unref (datagrams);
    }
}

static void
test_unknown_session (void)
{
  Rig rig;
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);

  rig_init (&rig);
  g_assert_cmpint (ptl_engine_send (rig.engine, 12345, 0, blob, 1), ==, -ENOENT);
  ptl_engine_stop (rig.engine, 12345);
  ptl_engine_end_input (rig.engine, 0, 7);
  ptl_engine_close_peer (rig.engine, 99, 7, true);
  rig_clear (&rig);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/echo", test_echo);
  g_test_add_func ("/engine/candidates", test_candidates);
  g_test_add_func ("/engine/all-refuse", test_all_refuse);
  g_test_add_func ("/engine/name-not-found", test_name_not_found);
  g_test_add_func ("/engine/never-answers", test_never_answers);
  g_test_add_func ("/engine/queue-bound", test_queue_bound);
  g_test_add_func ("/engine/full-stop", test_full_stop);
  g_test_add_func ("/engine/full-go-on", test_full_go_on);
  g_test_add_func ("/engine/end-anywhere", test_end_anywhere);
  g_test_add_func ("/engine/unknown-session", test_unknown_session);
  return g_test_run ();
}
