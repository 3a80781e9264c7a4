/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine in unlucky moments: peers that leave, never read or come twice, and commands that
 * come too early or too late. */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "engine-fixture.h"

/* A socket of the test's own, connected to what session @to listens on. */
static int
peer_new (Rig         *rig,
          PtlSessionId to,
          unsigned     local,
          int          type)
{
  const PtlAddress *address = &rig->statuses[to].locals[local];
  int fd = socket (ptl_address_get_family (address), type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (connect (fd, &address->sa, address->len), ==, 0);
  return fd;
}

static void
peer_send (int         fd,
           const void *bytes,
           size_t      len)
{
  g_assert_cmpint (send (fd, bytes, len, MSG_NOSIGNAL), ==, (ssize_t) len);
}

static char *
make_dir (void)
{
  char *dir = g_dir_make_tmp ("ptl-engine-XXXXXX", NULL);

  g_assert_nonnull (dir);
  return dir;
}

static uint64_t
cpu_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &ts);
  return (uint64_t) ts.tv_sec * PTL_NS_PER_S + (uint64_t) ts.tv_nsec;
}

/* Nothing happens that is worth a processor. */
static void
assert_idle (Rig *rig)
{
  uint64_t start = cpu_ns ();
  uint64_t end = ptl_clock_monotonic_ns () + 400 * PTL_NS_PER_MS;

  while (ptl_clock_monotonic_ns () < end)
    rig_pump (rig, 50);
  g_assert_cmpuint (cpu_ns () - start, <, 100 * PTL_NS_PER_MS);
}

/* One source that talks to two ports is two peers: each is answered from the port it wrote to, and
 * the end of one is not the end of the other. */
static void
test_one_source_two_ports (void)
{
  Rig rig;
  Sink *server = sink_new ();
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t len = sizeof from;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct timeval patience = { .tv_sec = 5 };
  PtlSessionId l;
  char byte;

  rig_init (&rig);
  l = rig_listen (&rig, "udp://127.0.0.1:0,127.0.0.1:0?reaction=echo", server);
  g_assert_cmpuint (rig.statuses[l].n_locals, ==, 2);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &from, sizeof from), ==, 0);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
  for (unsigned i = 0; i < 4; i++)
    {
      const PtlAddress *to = &rig.statuses[l].locals[i % 2];

      g_assert_cmpint (sendto (fd, "x", 1, 0, &to->sa, to->len), ==, 1);
      g_assert_cmpint (recvfrom (fd, &byte, 1, 0, (struct sockaddr *) &from, &len), ==, 1);
      g_assert_cmpuint (ntohs (from.sin_port), ==, ptl_address_get_port (to));
    }
  rig_wait (&rig, rig.statuses[l].rx_frames == 4);
  g_assert_cmpuint (rig.statuses[l].peers_total, ==, 2);
  ptl_engine_close_peer (rig.engine, l, 1, false);
  rig_wait (&rig, rig.statuses[l].peers_open == 1);
  for (unsigned i = 0; i < 2; i++)
    {
      const PtlAddress *to = &rig.statuses[l].locals[i];

      g_assert_cmpint (sendto (fd, "y", 1, 0, &to->sa, to->len), ==, 1);
      g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 1);
    }
  rig_wait (&rig, rig.statuses[l].rx_frames == 6);
  g_assert_cmpuint (rig.statuses[l].peers_total, ==, 3);
  rig_clear (&rig);
  close (fd);
  sink_unref (server);
}

/* A datagram peer that never reads: it is waited for without a busy loop, and others are answered
 * meanwhile. */
static void
test_unix_datagrams_not_read (void)
{
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  g_autofree char *uri = g_strdup_printf ("unix+dgram:%s?reaction=echo&sndbuf=212992", path);
  struct sockaddr_un any = { .sun_family = AF_UNIX };
  struct timeval patience = { .tv_sec = 5 };
  PtlSessionId l;
  const PtlAddress *to;
  int deaf, other;
  unsigned n;
  char byte;

  rig_init (&rig);
  l = rig_listen (&rig, uri, server);
  deaf = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (deaf, (struct sockaddr *) &any, sizeof (sa_family_t)), ==, 0);
  /* Not connected: the length of its queue is what ends (net.unix.max_dgram_qlen), not our room. */
  to = &rig.statuses[l].locals[0];
  for (n = 0; n < 1000; n++)
    g_assert_cmpint (sendto (deaf, "x", 1, 0, &to->sa, to->len), ==, 1);
  rig_wait (&rig, rig.statuses[l].rx_frames == n);
  g_assert_cmpuint (rig.statuses[l].queued_bytes, >, 0);
  assert_idle (&rig);

  other = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (other, (struct sockaddr *) &any, sizeof (sa_family_t)), ==, 0);
  g_assert_cmpint (connect (other, &to->sa, to->len), ==, 0);
  g_assert_cmpint (setsockopt (other, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
  peer_send (other, "y", 1);
  g_assert_cmpint (recv (other, &byte, 1, 0), ==, 1);

  /* It reads after all: everything comes. */
  g_assert_cmpint (setsockopt (deaf, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
  for (unsigned i = 0; i < n; i++)
    g_assert_cmpint (recv (deaf, &byte, 1, 0), ==, 1);
  rig_wait (&rig, rig.statuses[l].queued_bytes == 0);
  g_assert_cmpuint (rig.statuses[l].tx_frames, ==, n + 1);
  rig_clear (&rig);
  close (deaf);
  close (other);
  g_rmdir (dir);
  sink_unref (server);
}

/* A peer that says something and leaves before it is greeted: what it said is recorded. */
static void
test_last_words (void)
{
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s?reaction=greeting&text=hello", path);
  PtlSessionId l;
  int fd;

  rig_init (&rig);
  l = rig_listen (&rig, uri, server);
  atomic_store (&server->hold, true);
  fd = peer_new (&rig, l, 0, SOCK_STREAM);
  peer_send (fd, "last words", 10);
  close (fd);
  atomic_store (&server->hold, false);
  rig_wait (&rig, rig.statuses[l].peers_total == 1 && rig.statuses[l].peers_open == 0);
  g_assert_cmpmem (server->in->data, server->in->len, "last words", 10);
  g_assert_cmpint (rig.last_peer.state, ==, PTL_PEER_RESET);
  g_assert_cmpint (rig.last_peer.sys_errno, ==, EPIPE);
  rig_clear (&rig);
  g_rmdir (dir);
  sink_unref (server);
}

/* The same over TCP with a reset, while we write: what came before it is recorded. */
static void
test_last_words_reset (void)
{
  Rig rig;
  Sink *server = sink_new ();
  g_autoptr (PtlBlob) blob = ptl_blob_new (NULL, 32 * 1024 * 1024);
  struct linger reset = { .l_onoff = 1 };
  PtlSessionId l;
  int fd;

  memset (blob->data, 'x', blob->len_bytes);
  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0", server);
  fd = peer_new (&rig, l, 0, SOCK_STREAM);
  rig_wait (&rig, rig.statuses[l].peers_open == 1);
  g_assert_cmpint (ptl_engine_send (rig.engine, l, 1, blob, 1), ==, 0);
  rig_wait (&rig, rig.reports[1].sent_bytes > 0);
  /* The worker is busy while it happens. */
  atomic_store (&server->hold, true);
  close (peer_new (&rig, l, 0, SOCK_STREAM));
  while (!atomic_load (&server->holding))
    g_thread_yield ();
  peer_send (fd, "last words", 10);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), ==, 0);
  close (fd);
  atomic_store (&server->hold, false);
  rig_wait (&rig, rig.statuses[l].peers_total == 2 && rig.statuses[l].peers_open == 0
            && rig.reports[1].done);
  g_assert_cmpmem (server->in->data, server->in->len, "last words", 10);
  g_assert_cmpuint (rig.reports[1].n_failed, ==, 1);
  g_assert_cmpuint (rig.statuses[l].queued_bytes, ==, 0);
  rig_clear (&rig);
  sink_unref (server);
}

/* Many that do not read what is echoed hold the session's reading; when they leave it goes on. */
static void
test_held_reading_goes_on (void)
{
  enum { N = 1400, SIZE = 96 * 1024 };
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *bytes = g_malloc0 (SIZE);
  struct timeval patience = { .tv_sec = 5 };
  int small = 4096;
  struct rlimit limit;
  const PtlAddress *to;
  int fds[N];
  PtlSessionId l;

  getrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < 2 * N + 100)
    {
      g_test_skip ("too few descriptors");
      return;
    }
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0?reaction=echo&sndbuf=4096", server);
  to = &rig.statuses[l].locals[0];
  ptl_engine_set_receiving (rig.engine, l, false);
  for (unsigned i = 0; i < N; i++)
    {
      fds[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      setsockopt (fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
      g_assert_cmpint (connect (fds[i], &to->sa, to->len), ==, 0);
      peer_send (fds[i], bytes, SIZE);
    }
  rig_wait (&rig, rig.statuses[l].peers_open == N);
  ptl_engine_set_receiving (rig.engine, l, true);
  rig_wait (&rig, rig.statuses[l].queued_bytes > 64 * 1024 * 1024);
  for (unsigned i = 0; i < N; i++)
    close (fds[i]);
  rig_wait (&rig, rig.statuses[l].peers_open == 0);
  g_assert_cmpuint (rig.statuses[l].queued_bytes, ==, 0);
  fds[0] = peer_new (&rig, l, 0, SOCK_STREAM);
  g_assert_cmpint (setsockopt (fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), ==, 0);
  peer_send (fds[0], "x", 1);
  g_assert_cmpint (recv (fds[0], bytes, 1, 0), ==, 1);
  rig_clear (&rig);
  close (fds[0]);
  sink_unref (server);
}

/* Messages that are too long to be echoed do not count as waiting for ever. */
static void
test_unsendable_echo (void)
{
  enum { N = 400, SIZE = 250000 };
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  g_autofree char *uri = g_strdup_printf ("unix+seqpacket:%s?reaction=echo", path);
  g_autofree char *bytes = g_malloc0 (SIZE);
  int room = SIZE;
  struct timeval patience = { .tv_sec = 5 };
  PtlSessionId l;
  int fd;

  rig_init (&rig);
  l = rig_listen (&rig, uri, server);
  fd = peer_new (&rig, l, 0, SOCK_SEQPACKET);
  /* Ours is longer than the session's. */
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), ==, 0);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), ==, 0);
  for (unsigned i = 0; i < N; i++)
    peer_send (fd, bytes, SIZE);
  rig_wait (&rig, rig.statuses[l].rx_frames == N);
  g_assert_cmpuint (sink_count (server, PTL_EVENT_SEND_FAILED), ==, N);
  g_assert_cmpuint (rig.statuses[l].queued_bytes, ==, 0);
  rig_clear (&rig);
  close (fd);
  g_rmdir (dir);
  sink_unref (server);
}

/* A message is echoed whole, however long it is. */
static void
test_long_message (void)
{
  enum { SIZE = 150000 };
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  g_autofree char *uri = g_strdup_printf ("unix+seqpacket:%s?reaction=echo", path);
  g_autofree char *bytes = g_malloc0 (SIZE + 1);
  PtlSessionId l;
  int fd;

  rig_init (&rig);
  l = rig_listen (&rig, uri, server);
  fd = peer_new (&rig, l, 0, SOCK_SEQPACKET);
  peer_send (fd, bytes, SIZE);
  g_assert_cmpint (recv (fd, bytes, SIZE + 1, 0), ==, SIZE);
  rig_wait (&rig, rig.statuses[l].rx_frames == 1);
  g_assert_cmpuint (rig.statuses[l].truncated, ==, 0);
  rig_clear (&rig);
  close (fd);
  g_rmdir (dir);
  sink_unref (server);
}

/* A message of no bytes is not the end of what a peer that left has sent. */
static void
test_empty_message (void)
{
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  g_autofree char *uri = g_strdup_printf ("unix+seqpacket:%s", path);
  PtlSessionId l;
  int fd;

  rig_init (&rig);
  l = rig_listen (&rig, uri, server);
  atomic_store (&server->hold, true);
  fd = peer_new (&rig, l, 0, SOCK_SEQPACKET);
  peer_send (fd, "", 0);
  peer_send (fd, "after", 5);
  close (fd);
  atomic_store (&server->hold, false);
  rig_wait (&rig, rig.statuses[l].peers_total == 1 && rig.statuses[l].peers_open == 0);
  g_assert_cmpuint (rig.statuses[l].rx_frames, ==, 2);
  g_assert_cmpmem (server->in->data, server->in->len, "after", 5);
  rig_clear (&rig);
  g_rmdir (dir);
  sink_unref (server);
}

/* Echoes wait for a peer that does not read: with another reaction it is read again. */
static void
test_other_reaction (void)
{
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *bytes = g_malloc0 (1024 * 1024);
  PtlSessionId l;
  uint64_t sent = 0;
  int fd;

  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0?reaction=echo&sndbuf=4096&rcvbuf=4096", server);
  fd = peer_new (&rig, l, 0, SOCK_STREAM);
  for (unsigned quiet = 0; quiet < 20;)
    {
      ssize_t n = send (fd, bytes, 1024 * 1024, MSG_NOSIGNAL | MSG_DONTWAIT);

      quiet = n > 0 ? 0 : quiet + 1;
      sent += n > 0 ? (uint64_t) n : 0;
      rig_pump (&rig, 10);
    }
  g_assert_cmpuint (rig.statuses[l].rx_bytes, <, sent);
  ptl_engine_set_reaction (rig.engine, l, PTL_REACTION_NONE, NULL);
  rig_wait (&rig, rig.statuses[l].rx_bytes == sent);
  /* The last news of a peer have nothing waiting any more. */
  ptl_engine_close_peer (rig.engine, l, 1, true);
  rig_wait (&rig, rig.statuses[l].peers_open == 0);
  g_assert_cmpuint (rig.last_peer.queued_bytes, ==, 0);
  g_assert_cmpuint (rig.statuses[l].queued_bytes, ==, 0);
  rig_clear (&rig);
  close (fd);
  sink_unref (server);
}

/* What waits for the connection, or for a name, can be cancelled like the rest. */
static void
test_cancel_early (void)
{
  Rig rig;
  Sink *client = sink_new (), *datagrams = sink_new ();
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);
  g_auto (PtlEndpoint) target = { 0 };
  PtlSessionId c, d;

  rig_init (&rig);
  rig.resolver.never = true;
  c = rig_open (&rig, PTL_ROLE_CONNECT, "tcp://slow.example:80", client);
  g_assert_cmpint (ptl_engine_send (rig.engine, c, PTL_PEER_NONE, blob, 1), ==, 0);
  g_assert_cmpint (ptl_engine_send (rig.engine, c, PTL_PEER_NONE, blob, 2), ==, 0);
  ptl_engine_cancel_send (rig.engine, c, 1);
  rig_wait (&rig, rig.reports[1].done);
  g_assert_cmpint (rig.reports[1].sys_errno, ==, ECANCELED);
  g_assert_false (rig.reports[2].done);
  g_assert_cmpint (ptl_engine_send (rig.engine, c, PTL_PEER_NONE, blob, 3), ==, 0);
  ptl_engine_cancel_send (rig.engine, c, 3);
  rig_wait (&rig, rig.reports[3].done);
  /* The queue is still in order behind it. */
  g_assert_cmpint (ptl_engine_send (rig.engine, c, PTL_PEER_NONE, blob, 4), ==, 0);

  d = rig_open (&rig, PTL_ROLE_DATAGRAMS, "udp://127.0.0.1:9", datagrams);
  rig_wait (&rig, rig.statuses[d].state == PTL_SESSION_LISTENING);
  target.host_kind = PTL_HOST_NAME;
  target.host = g_strdup ("slow.example");
  target.port = 9;
  g_assert_cmpint (ptl_engine_send_to (rig.engine, d, &target, blob, 5), ==, 0);
  ptl_engine_cancel_send (rig.engine, d, 5);
  rig_wait (&rig, rig.reports[5].done);
  g_assert_cmpint (rig.reports[5].sys_errno, ==, ECANCELED);
  g_assert_cmpuint (rig.resolver.n_cancelled, ==, 1);

  ptl_engine_stop (rig.engine, c);
  rig_wait (&rig, rig.reports[2].done && rig.reports[4].done);
  rig_clear (&rig);
  sink_unref (client);
  sink_unref (datagrams);
}

/* The file that a connection was bound to goes with it, also when it did not come about. */
static void
test_local_path (void)
{
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  g_autofree char *own = g_build_filename (dir, "own", NULL);
  g_autofree char *listen_uri = g_strdup_printf ("unix:%s", path);
  g_autofree char *uri = g_strdup_printf ("unix:%s?from=%s", path, own);
  Rig rig;
  Sink *server = sink_new (), *client = sink_new (), *failing = sink_new ();
  PtlSessionId l, c;

  rig_init (&rig);
  l = rig_listen (&rig, listen_uri, server);
  c = rig_open (&rig, PTL_ROLE_CONNECT, uri, client);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CONNECTED);
  g_assert_true (g_file_test (own, G_FILE_TEST_EXISTS));
  ptl_engine_stop (rig.engine, c);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CLOSED);
  g_assert_false (g_file_test (own, G_FILE_TEST_EXISTS));
  ptl_engine_stop (rig.engine, l);
  rig_wait (&rig, rig.statuses[l].state == PTL_SESSION_CLOSED);
  c = rig_open (&rig, PTL_ROLE_CONNECT, uri, failing);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_FAILED);
  g_assert_false (g_file_test (own, G_FILE_TEST_EXISTS));
  rig_clear (&rig);
  g_rmdir (dir);
  sink_unref (server);
  sink_unref (client);
  sink_unref (failing);
}

/* Stop does not queue up behind all peers that have something to say. */
static void
test_stop_under_load (void)
{
  enum { N = 400 };
  Rig rig;
  Sink *server = sink_new ();
  g_autofree char *dir = make_dir ();
  g_autofree char *path = g_build_filename (dir, "s", NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s", path);
  uint64_t start;
  int fds[N];
  PtlSessionId l;

  rig_init (&rig);
  l = rig_listen (&rig, uri, server);
  for (unsigned i = 0; i < N; i++)
    fds[i] = peer_new (&rig, l, 0, SOCK_STREAM);
  rig_wait (&rig, rig.statuses[l].peers_open == N);
  /* The disk is slow: 5 ms for each of them, 2 s for all. */
  atomic_store (&server->slow_ns, 5 * PTL_NS_PER_MS);
  for (unsigned i = 0; i < N; i++)
    peer_send (fds[i], "x", 1);
  while (atomic_load (&server->n_slow) == 0)
    g_thread_yield ();
  start = ptl_clock_monotonic_ns ();
  ptl_engine_stop (rig.engine, l);
  rig_wait (&rig, rig.statuses[l].state == PTL_SESSION_CLOSED);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - start, <, 500 * PTL_NS_PER_MS);
  rig_clear (&rig);
  for (unsigned i = 0; i < N; i++)
    close (fds[i]);
  g_rmdir (dir);
  sink_unref (server);
}

/* Peers that leave, half or whole, while receiving is paused cost nothing, and nothing of what
 * they said is lost.  n_stay: those that only ended what they send are not closed with that. */
static void
leave_while_paused (const char *uri,
                    unsigned    n_stay)
{
  struct linger reset = { .l_onoff = 1 };
  Rig rig;
  Sink *server = sink_new ();
  PtlSessionId l;
  int fds[3];

  rig_init (&rig);
  l = rig_listen (&rig, uri, server);
  ptl_engine_set_receiving (rig.engine, l, false);
  rig_wait (&rig, rig.statuses[l].receiving_paused);
  for (unsigned i = 0; i < 3; i++)
    {
      fds[i] = peer_new (&rig, l, 0, SOCK_STREAM);
      peer_send (fds[i], "abc", 3);
    }
  rig_wait (&rig, rig.statuses[l].peers_open == 3);
  shutdown (fds[0], SHUT_WR);
  close (fds[1]);
  g_assert_cmpint (setsockopt (fds[2], SOL_SOCKET, SO_LINGER, &reset, sizeof reset), ==, 0);
  close (fds[2]);
  assert_idle (&rig);
  g_assert_cmpuint (rig.statuses[l].peers_open, ==, 3);
  ptl_engine_set_receiving (rig.engine, l, true);
  rig_wait (&rig, rig.statuses[l].peers_open == n_stay);
  g_assert_cmpuint (rig.statuses[l].rx_bytes, ==, 9);
  close (fds[0]);
  rig_wait (&rig, rig.statuses[l].peers_open == 0);
  rig_clear (&rig);
  sink_unref (server);
}

static void
test_leave_while_paused (void)
{
  leave_while_paused ("tcp://127.0.0.1:0?half-open=0", 0);
  leave_while_paused ("tcp://127.0.0.1:0", 1);
}

/* The user's pause is not the peer's silence. */
static void
test_idle_while_paused (void)
{
  Rig rig;
  Sink *server = sink_new ();
  PtlSessionId l;
  uint64_t end;
  int fd;

  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0?idle-timeout=0.3", server);
  ptl_engine_set_receiving (rig.engine, l, false);
  rig_wait (&rig, rig.statuses[l].receiving_paused);
  fd = peer_new (&rig, l, 0, SOCK_STREAM);
  peer_send (fd, "abc", 3);
  end = ptl_clock_monotonic_ns () + 700 * PTL_NS_PER_MS;
  while (ptl_clock_monotonic_ns () < end)
    rig_pump (&rig, 50);
  g_assert_cmpuint (rig.statuses[l].peers_open, ==, 1);
  ptl_engine_set_receiving (rig.engine, l, true);
  rig_wait (&rig, rig.statuses[l].rx_bytes == 3);
  rig_wait (&rig, rig.statuses[l].peers_open == 0);
  g_assert_cmpuint (sink_count (server, PTL_EVENT_IDLE_TIMEOUT), ==, 1);
  rig_clear (&rig);
  close (fd);
  sink_unref (server);
}

/* A connected UDP socket has an idle timeout, too. */
static void
test_idle_udp (void)
{
  Rig rig;
  Sink *server = sink_new (), *client = sink_new ();
  g_autofree char *uri = NULL;
  PtlSessionId l, c;

  rig_init (&rig);
  l = rig_listen (&rig, "udp://127.0.0.1:0", server);
  uri = g_strdup_printf ("udp://127.0.0.1:%u?idle-timeout=0.1",
                         ptl_address_get_port (&rig.statuses[l].locals[0]));
  c = rig_open (&rig, PTL_ROLE_CONNECT, uri, client);
  rig_wait (&rig, rig.statuses[c].state == PTL_SESSION_CLOSED);
  g_assert_cmpuint (sink_count (client, PTL_EVENT_IDLE_TIMEOUT), ==, 1);
  rig_clear (&rig);
  sink_unref (server);
  sink_unref (client);
}

static void
pause_receiving (Rig         *rig,
                 PtlSessionId session,
                 bool         pause)
{
  ptl_engine_set_receiving (rig->engine, session, !pause);
  rig_wait (rig, rig->statuses[session].receiving_paused == pause);
}

/* Drops that were counted too soon after others to be told at once are told later. */
static void
test_drops_told (void)
{
  enum { N = 200 };
  Rig rig;
  Sink *server = sink_new ();
  char bytes[1000] = { 0 };
  uint64_t n_sent = 0;
  PtlSessionId l;
  int fd;

  rig_init (&rig);
  l = rig_listen (&rig, "udp://127.0.0.1:0?rcvbuf=4096", server);
  fd = peer_new (&rig, l, 0, SOCK_DGRAM);
  pause_receiving (&rig, l, true);
  for (unsigned i = 0; i < N; i++, n_sent++)
    peer_send (fd, bytes, sizeof bytes);
  pause_receiving (&rig, l, false);
  rig_wait (&rig, sink_count (server, PTL_EVENT_KERNEL_DROPS) == 1);
  /* Right after that: more, and one that comes through and says how many they are. */
  pause_receiving (&rig, l, true);
  for (unsigned i = 0; i < N; i++, n_sent++)
    peer_send (fd, bytes, sizeof bytes);
  pause_receiving (&rig, l, false);
  peer_send (fd, bytes, sizeof bytes);
  n_sent++;
  rig_wait (&rig, rig.statuses[l].rx_frames + rig.statuses[l].kernel_drops == n_sent);
  rig_wait (&rig, sink_count (server, PTL_EVENT_KERNEL_DROPS) == 2);
  rig_clear (&rig);
  close (fd);
  sink_unref (server);
}

/* The last status of a session is the last that is heard of it: what was handed over just before
 * its end is told by then. */
static void
test_nothing_after_the_end (void)
{
  Rig rig;
  Sink *server = sink_new ();
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);
  PtlSessionId l;
  uint64_t end;

  rig_init (&rig);
  l = rig_listen (&rig, "tcp://127.0.0.1:0", server);
  atomic_store (&server->hold_end, true);
  ptl_engine_stop (rig.engine, l);
  while (!atomic_load (&server->holding))
    g_thread_yield ();
  g_assert_cmpint (ptl_engine_send (rig.engine, l, PTL_PEER_NONE, blob, 1), ==, 0);
  /* Long enough after the last news that the next come at once. */
  end = ptl_clock_monotonic_ns () + 20 * PTL_NS_PER_MS;
  while (ptl_clock_monotonic_ns () < end)
    rig_pump (&rig, 5);
  atomic_store (&server->hold_end, false);
  rig_wait (&rig, rig.statuses[l].state == PTL_SESSION_CLOSED);
  g_assert_true (rig.reports[1].done);
  g_assert_cmpint (rig.reports[1].sys_errno, ==, ENOTCONN);
  rig_clear (&rig);
  sink_unref (server);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-hard/one-source-two-ports", test_one_source_two_ports);
  g_test_add_func ("/engine-hard/unix-datagrams-not-read", test_unix_datagrams_not_read);
  g_test_add_func ("/engine-hard/last-words", test_last_words);
  g_test_add_func ("/engine-hard/last-words-reset", test_last_words_reset);
  g_test_add_func ("/engine-hard/held-reading-goes-on", test_held_reading_goes_on);
  g_test_add_func ("/engine-hard/unsendable-echo", test_unsendable_echo);
  g_test_add_func ("/engine-hard/long-message", test_long_message);
  g_test_add_func ("/engine-hard/empty-message", test_empty_message);
  g_test_add_func ("/engine-hard/other-reaction", test_other_reaction);
  g_test_add_func ("/engine-hard/cancel-early", test_cancel_early);
  g_test_add_func ("/engine-hard/local-path", test_local_path);
  g_test_add_func ("/engine-hard/stop-under-load", test_stop_under_load);
  g_test_add_func ("/engine-hard/leave-while-paused", test_leave_while_paused);
  g_test_add_func ("/engine-hard/idle-while-paused", test_idle_while_paused);
  g_test_add_func ("/engine-hard/idle-udp", test_idle_udp);
  g_test_add_func ("/engine-hard/drops-told", test_drops_told);
  g_test_add_func ("/engine-hard/nothing-after-the-end", test_nothing_after_the_end);
  return g_test_run ();
}
