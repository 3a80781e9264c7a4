/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ping and trace route as threads: begun, asked, stopped and freed at any time, on loopback; by
 * whatever sockets this user may have. */
#include "config.h"

#include "probe/ptl-ping.h"
#include "probe/ptl-trace.h"

#include <pthread.h>
#include <string.h>

#include "base/ptl-clock.h"

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  cond;
  unsigned        n_wakes;
  bool            news;
} Waiter;

static void
waiter_init (Waiter *waiter)
{
  memset (waiter, 0, sizeof *waiter);
  pthread_mutex_init (&waiter->lock, NULL);
  pthread_cond_init (&waiter->cond, NULL);
}

static void
waiter_clear (Waiter *waiter)
{
  pthread_cond_destroy (&waiter->cond);
  pthread_mutex_destroy (&waiter->lock);
}

static void
on_wake (void *data)
{
  Waiter *waiter = data;

  pthread_mutex_lock (&waiter->lock);
  waiter->n_wakes++;
  waiter->news = true;
  pthread_cond_signal (&waiter->cond);
  pthread_mutex_unlock (&waiter->lock);
}

static void
waiter_wait (Waiter *waiter)
{
  pthread_mutex_lock (&waiter->lock);
  while (!waiter->news)
    pthread_cond_wait (&waiter->cond, &waiter->lock);
  waiter->news = false;
  pthread_mutex_unlock (&waiter->lock);
}

static void
set_address (PtlAddress *address,
             unsigned    i)
{
  memset (address, 0, sizeof *address);
  address->len = sizeof address->in;
  address->in.sin_family = AF_INET;
  address->in.sin_addr.s_addr = g_htonl (0x7f010001u + i);
}

static void
run_to_end (PtlPing *ping,
            Waiter  *waiter,
            unsigned n_targets)
{
  g_autofree unsigned *changed = g_new (unsigned, n_targets);
  bool finished = false;

  while (!finished)
    {
      waiter_wait (waiter);
      g_assert_cmpuint (ptl_ping_fetch (ping, changed, &finished), <=, n_targets);
    }
}

static const PtlPingOptions quick = {
  .method = PTL_METHOD_AUTOMATIC, .port = 9, .interval_ms = 10, .timeout_ms = 1000, .count = 5,
  .size_bytes = 32,
};

static void
test_count (void)
{
  static const PtlMethod methods[] = { PTL_METHOD_AUTOMATIC, PTL_METHOD_UDP, PTL_METHOD_TCP };

  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      PtlPingOptions options = quick;
      PtlPingSample samples[PTL_PING_SAMPLES];
      g_autoptr (PtlPing) ping = NULL;
      PtlPingStats stats;
      PtlIcmpChoice choice;
      PtlAddress address;
      Waiter waiter;

      waiter_init (&waiter);
      options.method = methods[i];
      ping = ptl_ping_new (&options, 2, on_wake, &waiter, NULL);
      g_assert_nonnull (ping);
      g_assert_false (ptl_ping_get_choice (ping, AF_INET6, &choice));
      set_address (&address, i);
      ptl_ping_set_address (ping, 0, &address);
      /* Its name has no address. */
      ptl_ping_give_up (ping, 1);
      run_to_end (ping, &waiter, 2);

      ptl_ping_get_stats (ping, 0, &stats);
      g_assert_cmpint (stats.state, ==, PTL_PING_DONE);
      g_assert_cmpuint (stats.n_sent, ==, 5);
      g_assert_cmpuint (stats.n_received, ==, 5);
      g_assert_cmpuint (stats.n_lost, ==, 0);
      g_assert_true (stats.own);
      g_assert_cmpfloat (ptl_ping_stats_get_loss (&stats), ==, 0);
      g_assert_cmpuint (stats.min_ns, <=, (uint64_t) ptl_ping_stats_get_avg_ns (&stats));
      g_assert_cmpfloat (ptl_ping_stats_get_avg_ns (&stats), <=, (double) stats.max_ns);
      g_assert_cmpuint (ptl_ping_get_samples (ping, 0, samples), ==, 5);
      for (unsigned j = 0; j < 5; j++)
        {
          g_assert_cmpuint (samples[j].number, ==, j + 1);
          g_assert_cmpint (samples[j].kind, ==, PTL_PING_SAMPLE_ANSWERED);
        }
      g_assert_true (ptl_ping_get_choice (ping, AF_INET, &choice));
      g_assert_cmpint (choice.via, !=, PTL_VIA_NONE);

      ptl_ping_get_stats (ping, 1, &stats);
      g_assert_cmpint (stats.state, ==, PTL_PING_FAILED);
      g_assert_cmpfloat (ptl_ping_stats_get_loss (&stats), <, 0);
      g_assert_cmpuint (ptl_ping_get_samples (ping, 1, samples), ==, 0);
      ptl_ping_get_stats (ping, 99, &stats);
      g_assert_cmpuint (stats.address.len, ==, 0);
      g_clear_pointer (&ping, ptl_ping_free);
      waiter_clear (&waiter);
    }
}

/* One address that is typed four times is not asked four times as often. */
static void
test_one_address (void)
{
  PtlPingOptions options = quick;
  g_autoptr (PtlPing) ping = NULL;
  PtlAddress address;
  PtlPingStats stats;
  Waiter waiter;

  waiter_init (&waiter);
  ping = ptl_ping_new (&options, 5, on_wake, &waiter, NULL);
  for (unsigned i = 0; i < 5; i++)
    {
      set_address (&address, i == 4);
      ptl_ping_set_address (ping, i, &address);
    }
  run_to_end (ping, &waiter, 5);
  for (unsigned i = 0; i < 5; i++)
    {
      ptl_ping_get_stats (ping, i, &stats);
      g_assert_cmpuint (stats.interval_ms, ==,
                        i == 4 ? PTL_PING_INTERVAL_OWN_MIN_MS : 4 * PTL_PING_INTERVAL_OWN_MIN_MS);
      g_assert_cmpuint (stats.n_sent, ==, options.count);
    }
  g_clear_pointer (&ping, ptl_ping_free);
  waiter_clear (&waiter);
}

/* More are sent than are kept; the last ones are there, oldest first. */
static void
test_samples (void)
{
  PtlPingOptions options = quick;
  PtlPingSample samples[PTL_PING_SAMPLES];
  g_autoptr (PtlPing) ping = NULL;
  PtlAddress address;
  Waiter waiter;

  waiter_init (&waiter);
  options.count = PTL_PING_SAMPLES + 10;
  ping = ptl_ping_new (&options, 1, on_wake, &waiter, NULL);
  set_address (&address, 0);
  ptl_ping_set_address (ping, 0, &address);
  run_to_end (ping, &waiter, 1);
  g_assert_cmpuint (ptl_ping_get_samples (ping, 0, samples), ==, PTL_PING_SAMPLES);
  g_assert_cmpuint (samples[0].number, ==, 11);
  g_assert_cmpuint (samples[PTL_PING_SAMPLES - 1].number, ==, options.count);
  g_clear_pointer (&ping, ptl_ping_free);
  waiter_clear (&waiter);
}

/* Nobody fetches: there is one wake-up, however much happens. */
static void
test_one_wake (void)
{
  PtlPingOptions options = quick;
  g_autoptr (PtlPing) ping = NULL;
  PtlPingStats stats = { 0 };
  PtlAddress address;
  Waiter waiter;

  waiter_init (&waiter);
  ping = ptl_ping_new (&options, 1, on_wake, &waiter, NULL);
  set_address (&address, 0);
  ptl_ping_set_address (ping, 0, &address);
  while (stats.state != PTL_PING_DONE)
    ptl_ping_get_stats (ping, 0, &stats);
  g_clear_pointer (&ping, ptl_ping_free);
  g_assert_cmpuint (waiter.n_wakes, ==, 1);
  waiter_clear (&waiter);
}

static void
test_stop (void)
{
  PtlPingOptions options = quick;

  options.count = 0;
  options.timeout_ms = PTL_PING_TIMEOUT_MAX_MS;
  for (unsigned i = 0; i < 20; i++)
    {
      g_autoptr (PtlPing) ping = NULL;
      uint64_t before_ns;
      PtlAddress address;
      Waiter waiter;

      waiter_init (&waiter);
      ping = ptl_ping_new (&options, 3, on_wake, &waiter, NULL);
      set_address (&address, 0);
      ptl_ping_set_address (ping, i % 3, &address);
      if (i % 2 == 0)
        waiter_wait (&waiter);
      before_ns = ptl_clock_monotonic_ns ();
      if (i % 4 < 2)
        ptl_ping_stop (ping);
      g_clear_pointer (&ping, ptl_ping_free);
      g_assert_cmpuint (ptl_clock_monotonic_ns () - before_ns, <, 200 * PTL_NS_PER_MS);
      waiter_clear (&waiter);
    }
}

static void
test_a_thousand (void)
{
  PtlPingOptions options = quick;
  g_autoptr (PtlPing) ping = NULL;
  Waiter waiter;

  waiter_init (&waiter);
  options.interval_ms = 500;
  options.count = 2;
  ping = ptl_ping_new (&options, PTL_PING_TARGETS_MAX + 5, on_wake, &waiter, NULL);
  for (unsigned i = 0; i < PTL_PING_TARGETS_MAX + 5; i++)
    {
      PtlAddress address;

      set_address (&address, i);
      ptl_ping_set_address (ping, i, &address);
    }
  run_to_end (ping, &waiter, PTL_PING_TARGETS_MAX);
  for (unsigned i = 0; i < PTL_PING_TARGETS_MAX; i++)
    {
      PtlPingStats stats;

      ptl_ping_get_stats (ping, i, &stats);
      g_assert_cmpuint (stats.n_received, ==, 2);
    }
  g_clear_pointer (&ping, ptl_ping_free);
  waiter_clear (&waiter);
}

static void
test_figures (void)
{
  PtlPingStats stats = {
    .n_received = 4, .n_lost = 1, .sum_ns = 100, .sum_squares = 10 * 10 + 20 * 20 + 30 * 30 + 1600,
    .sum_steps_ns = 30,
  };
  PtlTraceTimes times = { .n_received = 4, .sum_ns = 100, .sum_squares = stats.sum_squares };

  g_assert_cmpfloat (ptl_ping_stats_get_loss (&stats), ==, 20);
  g_assert_cmpfloat (ptl_ping_stats_get_avg_ns (&stats), ==, 25);
  g_assert_cmpfloat_with_epsilon (ptl_ping_stats_get_mdev_ns (&stats), 11.18034, 1e-5);
  g_assert_cmpfloat (ptl_ping_stats_get_jitter_ns (&stats), ==, 10);
  g_assert_cmpfloat_with_epsilon (ptl_trace_times_get_stdev_ns (&times), 12.90994, 1e-5);
}

/* The kernel's stamp counts, unless the clock was set meanwhile. */
static void
test_round_trip (void)
{
  g_assert_cmpuint (ptl_icmp_round_trip (1000, 50000, 1400, 50300), ==, 300);
  g_assert_cmpuint (ptl_icmp_round_trip (1000, 50000, 1400, 0), ==, 400);
  g_assert_cmpuint (ptl_icmp_round_trip (1000, 50000, 1400, 49000), ==, 400);
  g_assert_cmpuint (ptl_icmp_round_trip (1000, 50000, 1400, 99999), ==, 400);
}

static void
test_trace (void)
{
  static const PtlMethod methods[] = { PTL_METHOD_AUTOMATIC, PTL_METHOD_UDP, PTL_METHOD_TCP };
  g_autofree PtlTraceHop *hops = g_new0 (PtlTraceHop, PTL_TRACE_HOPS_MAX);

  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      PtlTraceOptions options = {
        .method = methods[i], .port = 9, .max_hops = 30, .interval_ms = 20, .timeout_ms = 1000,
        .rounds = 3, .size_bytes = 32, .find_mtu = true,
      };
      g_autoptr (PtlTrace) trace = NULL;
      PtlTraceStats stats = { 0 };
      PtlAddress address;
      Waiter waiter;

      waiter_init (&waiter);
      set_address (&address, 0);
      trace = ptl_trace_new (&address, &options, on_wake, &waiter, NULL);
      while (stats.state == PTL_TRACE_RUNNING)
        {
          waiter_wait (&waiter);
          ptl_trace_fetch (trace, &stats, hops);
        }
      g_assert_cmpint (stats.state, ==, PTL_TRACE_DONE);
      g_assert_cmpuint (stats.target_hop, ==, 1);
      g_assert_cmpuint (stats.n_hops, ==, 1);
      g_assert_cmpuint (hops[0].n_sent, ==, 3);
      g_assert_cmpuint (hops[0].times.n_received, ==, 3);
      g_assert_cmpuint (hops[0].n_routers, ==, 1);
      g_assert_true (ptl_address_equal_host (&hops[0].routers[0].address, &address));
      g_assert_cmpint (stats.mtu_state, ==, PTL_TRACE_MTU_FOUND);
      g_assert_cmpuint (stats.mtu, ==, 65535);
      g_clear_pointer (&trace, ptl_trace_free);
      waiter_clear (&waiter);
    }
}

/* Behind the last port there is no port 0, and none of a server. */
static void
test_trace_last_port (void)
{
  g_autofree PtlTraceHop *hops = g_new0 (PtlTraceHop, PTL_TRACE_HOPS_MAX);
  PtlTraceOptions options = {
    .method = PTL_METHOD_UDP, .port = 65534, .max_hops = 30, .interval_ms = 20, .timeout_ms = 1000,
    .rounds = 5, .size_bytes = 32, .find_mtu = true,
  };
  g_autoptr (PtlTrace) trace = NULL;
  PtlTraceStats stats = { 0 };
  PtlAddress address;
  Waiter waiter;

  waiter_init (&waiter);
  set_address (&address, 0);
  trace = ptl_trace_new (&address, &options, on_wake, &waiter, NULL);
  while (stats.state == PTL_TRACE_RUNNING)
    {
      waiter_wait (&waiter);
      ptl_trace_fetch (trace, &stats, hops);
    }
  g_assert_cmpint (stats.state, ==, PTL_TRACE_DONE);
  g_assert_cmpuint (hops[0].n_unsent, ==, 0);
  g_assert_cmpuint (hops[0].n_sent, ==, 5);
  g_assert_cmpuint (hops[0].times.n_received, ==, 5);
  g_assert_cmpint (stats.mtu_state, ==, PTL_TRACE_MTU_FOUND);
  g_clear_pointer (&trace, ptl_trace_free);
  waiter_clear (&waiter);
}

static void
test_trace_stop (void)
{
  PtlTraceOptions options = {
    .max_hops = 30, .interval_ms = 20, .timeout_ms = 60000, .size_bytes = 32, .find_mtu = true,
  };

  for (unsigned i = 0; i < 20; i++)
    {
      g_autoptr (PtlTrace) trace = NULL;
      uint64_t before_ns;
      PtlAddress address;
      Waiter waiter;

      waiter_init (&waiter);
      set_address (&address, i);
      trace = ptl_trace_new (&address, &options, on_wake, &waiter, NULL);
      if (i % 2 == 0)
        waiter_wait (&waiter);
      before_ns = ptl_clock_monotonic_ns ();
      g_clear_pointer (&trace, ptl_trace_free);
      g_assert_cmpuint (ptl_clock_monotonic_ns () - before_ns, <, 200 * PTL_NS_PER_MS);
      waiter_clear (&waiter);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/figures", test_figures);
  g_test_add_func ("/probe/round-trip", test_round_trip);
  g_test_add_func ("/probe/count", test_count);
  g_test_add_func ("/probe/one-address", test_one_address);
  g_test_add_func ("/probe/samples", test_samples);
  g_test_add_func ("/probe/one-wake", test_one_wake);
  g_test_add_func ("/probe/stop", test_stop);
  g_test_add_func ("/probe/a-thousand", test_a_thousand);
  g_test_add_func ("/probe/trace", test_trace);
  g_test_add_func ("/probe/trace-last-port", test_trace_last_port);
  g_test_add_func ("/probe/trace-stop", test_trace_stop);
  return g_test_run ();
}
