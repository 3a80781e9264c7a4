/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thousand targets on loopback, asked 5,000 times a second: by the ping of this project, or by a
 * bare loop of sendto() and recv() that keeps nothing.  Prints what it took as JSON. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <sys/resource.h>

#include <glib.h>

#include "base/ptl-clock.h"
#include "probe/ptl-ping.h"

#define TARGETS 1000
#define DATA 56

static uint64_t
cpu_ns (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (uint64_t) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * PTL_NS_PER_S
         + (uint64_t) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* Memory of its own, in kB (proc(5), RssAnon). */
static long
rss_kb (void)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL)
      || (at = strstr (text, "RssAnon:")) == NULL)
    return -1;
  return strtol (at + strlen ("RssAnon:"), NULL, 10);
}

static void
set_target (PtlAddress *address,
            unsigned    i)
{
  memset (address, 0, sizeof *address);
  address->len = sizeof address->in;
  address->in.sin_family = AF_INET;
  address->in.sin_addr.s_addr = g_htonl (0x7f010000u | (i / 250) << 8 | (1 + i % 250));
}

static void
print (const char *name,
       uint64_t    probes,
       uint64_t    answers,
       uint64_t    cpu,
       double      seconds,
       long        kb)
{
  printf ("{\"name\":\"%s\",\"probes\":%" G_GUINT64_FORMAT ",\"answers\":%" G_GUINT64_FORMAT
          ",\"cpu_ns_each\":%.0f,\"rate\":%.0f,\"rss_kb\":%ld}\n", name, probes, answers,
          probes > 0 ? (double) cpu / (double) probes : 0, (double) probes / seconds, kb);
}

static void
on_wake (void *data)
{
}

static void
run_portlight (double seconds)
{
  PtlPingOptions options = {
    .method = PTL_METHOD_ICMP, .interval_ms = 200, .timeout_ms = 1000, .size_bytes = DATA,
  };
  long before_kb = rss_kb (), peak_kb = 0;
  uint64_t start_ns = ptl_clock_monotonic_ns (), before = cpu_ns (), probes = 0, answers = 0;
  unsigned changed[TARGETS];
  PtlPing *ping = ptl_ping_new (&options, TARGETS, on_wake, NULL, NULL);

  if (ping == NULL)
    exit (1);
  for (unsigned i = 0; i < TARGETS; i++)
    {
      PtlAddress address;

      set_target (&address, i);
      ptl_ping_set_address (ping, i, &address);
    }
  while (ptl_clock_monotonic_ns () - start_ns < seconds * 1e9)
    {
      bool finished;

      /* As the window does: what has changed, 20 times a second. */
      poll (NULL, 0, 50);
      for (unsigned n = ptl_ping_fetch (ping, changed, &finished), i = 0; i < n; i++)
        {
          PtlPingStats stats;

          ptl_ping_get_stats (ping, changed[i], &stats);
        }
      peak_kb = MAX (peak_kb, rss_kb () - before_kb);
    }
  for (unsigned i = 0; i < TARGETS; i++)
    {
      PtlPingStats stats;

      ptl_ping_get_stats (ping, i, &stats);
      probes += stats.n_sent - stats.n_pending;
      answers += stats.n_received;
    }
  seconds = (double) (ptl_clock_monotonic_ns () - start_ns) / 1e9;
  print ("portlight", probes, answers, cpu_ns () - before, seconds, peak_kb);
  ptl_ping_free (ping);
}

static void
run_bare (double seconds)
{
  static uint8_t packet[PTL_ICMP_HEADER_LEN + DATA], buffer[65536];
  PtlIcmpOptions options = { 0 };
  PtlIcmpChoice choice;
  uint64_t start_ns, before, probes = 0, answers = 0, now_ns;
  unsigned at = 0;
  int fd;

  ptl_icmp_open (AF_INET, PTL_METHOD_ICMP, PTL_VIA_NONE, &options, &choice, &fd);
  if (fd < 0)
    exit (1);
  start_ns = ptl_clock_monotonic_ns ();
  before = cpu_ns ();
  while ((now_ns = ptl_clock_monotonic_ns ()) - start_ns < seconds * 1e9)
    {
      struct pollfd wait = { .fd = fd, .events = POLLIN };

      while (probes < (now_ns - start_ns) / (PTL_NS_PER_S / PTL_PING_RATE_MAX))
        {
          PtlAddress address;
          size_t len = ptl_icmp_build_echo (AF_INET, 7, (uint16_t) probes, packet, DATA);

          set_target (&address, at);
          at = (at + 1) % TARGETS;
          if (sendto (fd, packet, len, 0, &address.sa, address.len) < 0)
            exit (1);
          probes++;
        }
      poll (&wait, 1, 1);
      while (recv (fd, buffer, sizeof buffer, MSG_DONTWAIT) > 0)
        answers++;
    }
  print ("bare", probes, answers, cpu_ns () - before, seconds, 0);
}

int
main (int    argc,
      char **argv)
{
  double seconds = argc > 2 ? g_ascii_strtod (argv[2], NULL) : 5;

  if (argc > 1 && strcmp (argv[1], "bare") == 0)
    run_bare (seconds);
  else
    run_portlight (seconds);
  return 0;
}
