/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that traces a route, and what it knows. */
#include "config.h"

#include "probe/ptl-trace-private.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define EVENTS_MAX 64

double
ptl_trace_times_get_avg_ns (const PtlTraceTimes *times)
{
  return times->n_received > 0 ? times->sum_ns / times->n_received : 0;
}

double
ptl_trace_times_get_stdev_ns (const PtlTraceTimes *times)
{
  double n = times->n_received;

  if (times->n_received < 2)
    return 0;
  return sqrt (MAX (0, (times->sum_squares - times->sum_ns * times->sum_ns / n) / (n - 1)));
}

/* --- the thread ------------------------------------------------------------------------------- */

static void
wake_owner (PtlTrace *trace)
{
  bool wakes;

  pthread_mutex_lock (&trace->lock);
  wakes = !trace->woken && trace->changed;
  trace->woken = trace->woken || wakes;
  trace->changed = false;
  pthread_mutex_unlock (&trace->lock);
  if (wakes)
    trace->wake (trace->wake_data);
}

static bool
is_stopping (PtlTrace *trace)
{
  bool stopping;

  pthread_mutex_lock (&trace->lock);
  stopping = trace->stopping;
  pthread_mutex_unlock (&trace->lock);
  return stopping;
}

static void
handle (PtlTrace                 *trace,
        const struct epoll_event *event)
{
  uint64_t what = event->data.u64, count;

  if (what == PTL_TRACE_EVENT_WAKE)
    (void) !read (trace->wake_fd, &count, sizeof count);
  else if (what == PTL_TRACE_EVENT_SOCKET)
    {
      if ((event->events & EPOLLERR) != 0)
        ptl_trace_receive_errors (trace);
      if ((event->events & EPOLLIN) != 0)
        ptl_trace_receive (trace);
    }
  else if (what == PTL_TRACE_EVENT_MTU)
    ptl_trace_mtu_receive (trace);
  else
    ptl_trace_finish_tcp (trace, (uint32_t) what);
}

static int
get_wait_ms (uint64_t now_ns,
             uint64_t next_ns)
{
  if (next_ns <= now_ns)
    return 0;
  return (int) MIN ((next_ns - now_ns + PTL_NS_PER_MS - 1) / PTL_NS_PER_MS, 60000);
}

static void
trace_rounds (PtlTrace *trace)
{
  struct epoll_event events[EVENTS_MAX];

  while (!is_stopping (trace))
    {
      uint64_t now_ns = ptl_clock_monotonic_ns ();
      uint64_t next_ns = ptl_trace_send_due (trace, now_ns);
      int n;

      next_ns = MIN (next_ns, ptl_trace_expire (trace, now_ns));
      next_ns = MIN (next_ns, ptl_trace_mtu_turn (trace, now_ns));
      wake_owner (trace);
      if (next_ns == UINT64_MAX)
        return;
      n = epoll_wait (trace->epoll_fd, events, EVENTS_MAX,
                      get_wait_ms (ptl_clock_monotonic_ns (), next_ns));
      for (int i = 0; i < n; i++)
        handle (trace, &events[i]);
    }
}

static void *
run (void *data)
{
  PtlTrace *trace = data;
  int failed = ptl_trace_open (trace);
  PtlVerdict refusal = failed != 0 ? ptl_verdict_find (&trace->target, -failed)
                                   : PTL_VERDICT_OTHER;

  if (failed == 0)
    {
      ptl_trace_mtu_start (trace);
      trace_rounds (trace);
    }
  pthread_mutex_lock (&trace->lock);
  trace->stats.state = failed != 0 ? PTL_TRACE_FAILED : PTL_TRACE_DONE;
  trace->stats.fail_errno = -failed;
  trace->stats.refusal = refusal;
  if (trace->stats.mtu_state == PTL_TRACE_MTU_RUNNING)
    trace->stats.mtu_state = failed != 0 ? PTL_TRACE_MTU_OFF : PTL_TRACE_MTU_UNCONFIRMED;
  trace->changed = true;
  pthread_mutex_unlock (&trace->lock);
  wake_owner (trace);
  return NULL;
}

/* --- life cycle ------------------------------------------------------------------------------- */

static int
start_thread (PtlTrace *trace)
{
  sigset_t all, before;
  int failed;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  failed = pthread_create (&trace->thread, NULL, run, trace);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return failed;
}

static void
free_parts (PtlTrace *trace)
{
  for (unsigned i = 0; trace->probes != NULL && i < PTL_TRACE_PENDING_MAX; i++)
    if (trace->probes[i].state == PROBE_ASKED)
      ptl_trace_close_probe (trace, &trace->probes[i]);
  ptl_trace_mtu_clear (trace);
  g_free (trace->probes);
  g_free (trace->packet);
  g_free (trace->buffer);
  ptl_fd_clear (&trace->fd);
  ptl_fd_clear (&trace->wake_fd);
  ptl_fd_clear (&trace->epoll_fd);
  pthread_mutex_destroy (&trace->lock);
  g_free (trace);
}

static void
take_options (PtlTrace              *trace,
              const PtlTraceOptions *options)
{
  trace->options = *options;
  trace->options.max_hops = CLAMP (options->max_hops, 1, PTL_TRACE_HOPS_MAX);
  trace->options.size_bytes = MIN (options->size_bytes, PTL_ICMP_DATA_MAX);
  trace->options.timeout_ms = CLAMP (options->timeout_ms, 1, PTL_TRACE_TIMEOUT_MAX_MS);
  trace->options.interval_ms = CLAMP (options->interval_ms, PTL_TRACE_INTERVAL_OWN_MIN_MS,
                                      PTL_TRACE_INTERVAL_MAX_MS);
}

PtlTrace *
ptl_trace_new (const PtlAddress       *target,
               const PtlTraceOptions  *options,
               PtlTraceWakeFunc        wake,
               void                   *data,
               GError                **error)
{
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = PTL_TRACE_EVENT_WAKE };
  PtlTrace *trace = g_new0 (PtlTrace, 1);
  int failed;

  take_options (trace, options);
  trace->target = *target;
  ptl_address_unmap (&trace->target);
  ptl_icmp_make_sendable (&trace->target);
  ptl_address_set_port (&trace->target, 0);
  trace->family = ptl_address_get_family (&trace->target);
  trace->wake = wake;
  trace->wake_data = data;
  trace->stats.target = trace->target;
  trace->fd = trace->wake_fd = trace->mtu.fd = -1;
  trace->mtu.phase = MTU_OVER;
  trace->probes = g_new0 (Probe, PTL_TRACE_PENDING_MAX);
  for (unsigned i = 0; i < PTL_TRACE_PENDING_MAX; i++)
    trace->probes[i].fd = -1;
  trace->packet = g_malloc0 (PTL_ICMP_HEADER_LEN + UINT16_MAX + 1);
  trace->buffer = g_malloc (UINT16_MAX + 1);
  pthread_mutex_init (&trace->lock, NULL);
  trace->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (trace->epoll_fd < 0 || (trace->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0
      || epoll_ctl (trace->epoll_fd, EPOLL_CTL_ADD, trace->wake_fd, &event) < 0)
    failed = errno;
  else
    failed = start_thread (trace);
  if (failed != 0)
    {
      ptl_error_set_errno (error, failed, "trace route");
      free_parts (trace);
      return NULL;
    }
  return trace;
}

void
ptl_trace_free (PtlTrace *trace)
{
  if (trace == NULL)
    return;
  ptl_trace_stop (trace);
  pthread_join (trace->thread, NULL);
  free_parts (trace);
}

void
ptl_trace_stop (PtlTrace *trace)
{
  uint64_t one = 1;

  pthread_mutex_lock (&trace->lock);
  trace->stopping = true;
  pthread_mutex_unlock (&trace->lock);
  (void) !write (trace->wake_fd, &one, sizeof one);
}

void
ptl_trace_fetch (PtlTrace      *trace,
                 PtlTraceStats *stats,
                 PtlTraceHop    hops[PTL_TRACE_HOPS_MAX])
{
  pthread_mutex_lock (&trace->lock);
  *stats = trace->stats;
  memcpy (hops, trace->hops, sizeof trace->hops);
  trace->woken = false;
  pthread_mutex_unlock (&trace->lock);
}
