/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ping and trace route without a window: what the tests in namespaces compare with other programs.
 *
 *   ptl-probe ping [-m auto|icmp|udp|tcp] [-p PORT] [-i MS] [-w MS] [-c N] [-s BYTES] [-t TTL] [-d]
 *             [-k MS] ADDRESS...
 *   ptl-probe trace [-m ...] [-p PORT] [-h HOPS] [-i MS] [-w MS] [-r ROUNDS] [-n] ADDRESS
 *
 * -k stops it after a while and tells how long that took; -n does not look for the path MTU.
 * Prints one JSON object. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "base/ptl-clock.h"
#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "probe/ptl-ping.h"
#include "probe/ptl-trace.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static bool news;

static const char *const methods[] = { "auto", "icmp", "udp", "tcp", NULL };
static const char *const refusals[] = {
  "other", "many", "prohibited", "discarded", "no zone", "no interface", "firewall",
};
static const char *const vias[] = { "none", "datagram", "raw", "udp", "tcp" };

static void
on_wake (void *data)
{
  pthread_mutex_lock (&lock);
  news = true;
  pthread_cond_signal (&woken);
  pthread_mutex_unlock (&lock);
}

/* False: @until_ns has come. */
static bool
wait_news (uint64_t until_ns)
{
  struct timespec until = { (time_t) (until_ns / PTL_NS_PER_S), (long) (until_ns % PTL_NS_PER_S) };
  bool came = true;

  pthread_mutex_lock (&lock);
  while (!news && came)
    came = until_ns == 0 ? pthread_cond_wait (&woken, &lock) == 0
                         : pthread_cond_clockwait (&woken, &lock, CLOCK_MONOTONIC, &until) == 0;
  news = false;
  pthread_mutex_unlock (&lock);
  return came;
}

static void
print_address (const char       *name,
               const PtlAddress *address)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  if (address->len > 0)
    g_print ("\"%s\":\"%s\",", name, ptl_address_format_host (address, text, sizeof text));
}

static void
print_notice (const PtlIcmpNotice *notice)
{
  char mark[8];

  g_print ("\"notice\":{");
  print_address ("from", &notice->from);
  g_print ("\"labels\":[");
  for (unsigned i = 0; i < notice->n_labels; i++)
    g_print ("%s%u", i > 0 ? "," : "", notice->labels[i] >> 12);
  g_print ("],\"meaning\":%d,\"type\":%u,\"code\":%u,\"mark\":\"%s\",\"mtu\":%u,\"local\":%d,"
           "\"own\":%d,\"errno\":\"%s\"},", notice->meaning, notice->type, notice->code,
           ptl_icmp_get_mark (notice->family, notice->type, notice->code, mark), notice->mtu,
           notice->local, notice->own, ptl_errno_name (notice->sys_errno));
}

static void
print_choice (const PtlIcmpChoice *choice)
{
  g_print ("\"via\":\"%s\",\"datagram\":\"%s\",\"raw\":\"%s\",\"range\":[%u,%u],",
           vias[choice->via], ptl_errno_name (choice->datagram_errno),
           ptl_errno_name (choice->raw_errno), choice->range_low, choice->range_high);
}

static void
print_ping (PtlPing  *ping,
            unsigned  n,
            double    stop_ms)
{
  PtlIcmpChoice choice;

  g_print ("{");
  for (int i = 0; i < 2; i++)
    if (ptl_ping_get_choice (ping, i == 0 ? AF_INET : AF_INET6, &choice))
      {
        g_print ("\"ipv%d\":{", i == 0 ? 4 : 6);
        print_choice (&choice);
        g_print ("\"method\":%d},", choice.method);
      }
  g_print ("\"stop_ms\":%.1f,\"targets\":[", stop_ms);
  for (unsigned i = 0; i < n; i++)
    {
      PtlPingStats stats;

      ptl_ping_get_stats (ping, i, &stats);
      g_print ("%s{", i > 0 ? "," : "");
      print_address ("address", &stats.address);
      print_address ("source", &stats.source);
      if (stats.has_notice)
        print_notice (&stats.notice);
      g_print ("\"state\":%d,\"own\":%d,\"via\":\"%s\",\"interval\":%u,\"fail\":\"%s\","
               "\"refusal\":\"%s\","
               "\"sent\":%u,\"received\":%u,\"lost\":%u,\"pending\":%u,\"late\":%u,"
               "\"duplicates\":%u,\"reordered\":%u,\"wrong\":%u,\"wrong_at\":%u,\"wrong_len\":%u,"
               "\"errors\":%u,\"unsent\":%u,\"unsent_errno\":\"%s\",\"held_back\":%d,\"ttl\":%d,"
               "\"min\":%.4f,\"avg\":%.4f,\"max\":%.4f,\"mdev\":%.4f,\"jitter\":%.4f,"
               "\"loss\":%.2f}",
               stats.state, stats.own, vias[stats.via], stats.interval_ms,
               ptl_errno_name (stats.fail_errno), refusals[stats.refusal], stats.n_sent,
               stats.n_received, stats.n_lost,
               stats.n_pending, stats.n_late, stats.n_duplicates, stats.n_reordered,
               stats.n_wrong, stats.wrong_at, stats.wrong_len, stats.n_errors, stats.n_unsent,
               ptl_errno_name (stats.unsent_errno), stats.held_back, stats.reply_ttl,
               (double) stats.min_ns / 1e6, ptl_ping_stats_get_avg_ns (&stats) / 1e6,
               (double) stats.max_ns / 1e6, ptl_ping_stats_get_mdev_ns (&stats) / 1e6,
               ptl_ping_stats_get_jitter_ns (&stats) / 1e6, ptl_ping_stats_get_loss (&stats));
    }
  g_print ("]}\n");
}

static void
print_trace (const PtlTraceStats *stats,
             const PtlTraceHop   *hops,
             double               stop_ms)
{
  g_print ("{");
  print_address ("target", &stats->target);
  print_address ("source", &stats->source);
  print_choice (&stats->choice);
  g_print ("\"state\":%d,\"fail\":\"%s\",\"refusal\":\"%s\","
           "\"round\":%u,\"held_back\":%d,\"target_hop\":%u,\"end_hop\":%u,"
           "\"mtu_state\":%d,\"mtu\":%u,\"mtu_via\":\"%s\",\"stop_ms\":%.1f,\"drops\":[",
           stats->state, ptl_errno_name (stats->fail_errno), refusals[stats->refusal],
           stats->round, stats->held_back, stats->target_hop,
           stats->end_hop, stats->mtu_state, stats->mtu, vias[stats->mtu_via], stop_ms);
  for (unsigned i = 0; i < stats->n_drops; i++)
    {
      g_print ("%s{", i > 0 ? "," : "");
      print_address ("from", &stats->drops[i].from);
      g_print ("\"mtu\":%u,\"hop\":%u}", stats->drops[i].mtu, stats->drops[i].hop);
    }
  g_print ("],\"hops\":[");
  for (unsigned i = 0; i < stats->n_hops; i++)
    {
      g_print ("%s{\"sent\":%u,\"received\":%u,\"lost\":%u,\"pending\":%u,\"unsent\":%u,"
               "\"refusal\":\"%s\",\"more\":%u,\"routers\":[", i > 0 ? "," : "",
               hops[i].n_sent, hops[i].times.n_received, hops[i].n_lost, hops[i].n_pending,
               hops[i].n_unsent, refusals[hops[i].refusal], hops[i].n_more);
      for (unsigned j = 0; j < hops[i].n_routers; j++)
        {
          const PtlTraceRouter *router = &hops[i].routers[j];

          g_print ("%s{", j > 0 ? "," : "");
          print_address ("address", &router->address);
          print_notice (&router->notice);
          g_print ("\"received\":%u,\"last\":%.4f,\"avg\":%.4f,\"best\":%.4f,\"worst\":%.4f,"
                   "\"stdev\":%.4f}", router->times.n_received,
                   (double) router->times.last_ns / 1e6,
                   ptl_trace_times_get_avg_ns (&router->times) / 1e6,
                   (double) router->times.min_ns / 1e6, (double) router->times.max_ns / 1e6,
                   ptl_trace_times_get_stdev_ns (&router->times) / 1e6);
        }
      g_print ("]}");
    }
  g_print ("]}\n");
}

static PtlMethod
get_method (const char *name)
{
  for (unsigned i = 0; methods[i] != NULL; i++)
    if (g_strcmp0 (methods[i], name) == 0)
      return (PtlMethod) i;
  g_error ("no such method");
}

static void
get_address (const char *text,
             PtlAddress *address)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autoptr (GError) error = NULL;

  if (!ptl_endpoint_parse_host_port (&endpoint, text, "0", NULL, NULL, &error))
    g_error ("%s", error->message);
  *address = endpoint.address;
}

static int
run_ping (PtlPingOptions *options,
          char          **texts,
          unsigned        n,
          int             stop_after_ms)
{
  g_autofree unsigned *changed = g_new (unsigned, n + 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlPing) ping = ptl_ping_new (options, n, on_wake, NULL, &error);
  uint64_t until_ns = stop_after_ms > 0
                      ? ptl_clock_monotonic_ns () + (uint64_t) stop_after_ms * PTL_NS_PER_MS : 0;
  double stop_ms = -1;
  bool finished = false;

  if (ping == NULL)
    g_error ("%s", error->message);
  for (unsigned i = 0; i < n; i++)
    {
      PtlAddress address;

      get_address (texts[i], &address);
      ptl_ping_set_address (ping, i, &address);
    }
  while (!finished)
    {
      bool came = wait_news (until_ns);

      ptl_ping_fetch (ping, changed, &finished);
      if (!came && !finished)
        {
          uint64_t before_ns = ptl_clock_monotonic_ns ();

          ptl_ping_stop (ping);
          until_ns = 0;
          while (!finished)
            {
              wait_news (0);
              ptl_ping_fetch (ping, changed, &finished);
            }
          stop_ms = (double) (ptl_clock_monotonic_ns () - before_ns) / 1e6;
        }
    }
  print_ping (ping, n, stop_ms);
  return 0;
}

static int
run_trace (PtlTraceOptions *options,
           const char      *text,
           int              stop_after_ms)
{
  g_autofree PtlTraceHop *hops = g_new0 (PtlTraceHop, PTL_TRACE_HOPS_MAX);
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlTrace) trace = NULL;
  uint64_t until_ns = stop_after_ms > 0
                      ? ptl_clock_monotonic_ns () + (uint64_t) stop_after_ms * PTL_NS_PER_MS : 0;
  uint64_t before_ns = 0;
  PtlTraceStats stats = { 0 };
  PtlAddress address;

  get_address (text, &address);
  trace = ptl_trace_new (&address, options, on_wake, NULL, &error);
  if (trace == NULL)
    g_error ("%s", error->message);
  while (stats.state == PTL_TRACE_RUNNING)
    {
      bool came = wait_news (until_ns);

      if (!came)
        {
          before_ns = ptl_clock_monotonic_ns ();
          until_ns = 0;
          ptl_trace_stop (trace);
        }
      ptl_trace_fetch (trace, &stats, hops);
    }
  print_trace (&stats, hops,
               before_ns > 0 ? (double) (ptl_clock_monotonic_ns () - before_ns) / 1e6 : -1);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  static char *method, **rest;
  static int port = 80, interval = 200, timeout = 1000, count = 3, size = 56, ttl, stop_after;
  static int hops = 30, rounds = 1;
  static gboolean df, no_mtu;
  GOptionEntry entries[] = {
    { "method", 'm', 0, G_OPTION_ARG_STRING, &method, NULL, NULL },
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, NULL, NULL },
    { "interval", 'i', 0, G_OPTION_ARG_INT, &interval, NULL, NULL },
    { "timeout", 'w', 0, G_OPTION_ARG_INT, &timeout, NULL, NULL },
    { "count", 'c', 0, G_OPTION_ARG_INT, &count, NULL, NULL },
    { "size", 's', 0, G_OPTION_ARG_INT, &size, NULL, NULL },
    { "ttl", 't', 0, G_OPTION_ARG_INT, &ttl, NULL, NULL },
    { "df", 'd', 0, G_OPTION_ARG_NONE, &df, NULL, NULL },
    { "stop-after", 'k', 0, G_OPTION_ARG_INT, &stop_after, NULL, NULL },
    { "hops", 'h', 0, G_OPTION_ARG_INT, &hops, NULL, NULL },
    { "rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, NULL, NULL },
    { "no-mtu", 'n', 0, G_OPTION_ARG_NONE, &no_mtu, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &rest, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("ping|trace ADDRESS...");
  g_autoptr (GError) error = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (rest == NULL || g_strv_length (rest) < 2)
    g_error ("what, and where to?");
  if (strcmp (rest[0], "ping") == 0)
    {
      PtlPingOptions options = {
        .method = get_method (method != NULL ? method : "auto"), .port = (uint16_t) port,
        .interval_ms = (unsigned) interval, .timeout_ms = (unsigned) timeout,
        .count = (unsigned) count, .size_bytes = (unsigned) size, .ttl = (unsigned) ttl,
        .dont_fragment = df,
      };

      return run_ping (&options, rest + 1, g_strv_length (rest) - 1, stop_after);
    }
  else
    {
      PtlTraceOptions options = {
        .method = get_method (method != NULL ? method : "auto"), .port = (uint16_t) port,
        .max_hops = (unsigned) hops, .interval_ms = (unsigned) interval,
        .timeout_ms = (unsigned) timeout, .rounds = (unsigned) rounds,
        .size_bytes = (unsigned) size, .find_mtu = !no_mtu,
      };

      return run_trace (&options, rest[1], stop_after);
    }
}
