/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that asks targets whether they answer, and what it knows of them. */
#include "config.h"

#include "probe/ptl-ping-private.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define EVENTS_MAX 64
/* What epoll gives back: a socket of a flow, or the low bits of a seq of TCP. */
#define EVENT_WAKE UINT64_MAX
#define EVENT_SOCKET (UINT64_C (1) << 33)
#define EVENT_IPV6 (UINT64_C (1) << 32)

/* --- what is known of a target ---------------------------------------------------------------- */

double
ptl_ping_stats_get_loss (const PtlPingStats *stats)
{
  uint32_t known = stats->n_received + stats->n_lost;

  return known > 0 ? 100.0 * stats->n_lost / known : -1;
}

double
ptl_ping_stats_get_avg_ns (const PtlPingStats *stats)
{
  return stats->n_received > 0 ? stats->sum_ns / stats->n_received : 0;
}

double
ptl_ping_stats_get_mdev_ns (const PtlPingStats *stats)
{
  double avg = ptl_ping_stats_get_avg_ns (stats);

  return stats->n_received > 0
         ? sqrt (MAX (0, stats->sum_squares / stats->n_received - avg * avg)) : 0;
}

double
ptl_ping_stats_get_jitter_ns (const PtlPingStats *stats)
{
  return stats->n_received > 1 ? stats->sum_steps_ns / (stats->n_received - 1) : 0;
}

void
ptl_ping_mark_locked (PtlPing  *ping,
                      uint32_t  target)
{
  if (ping->targets[target].dirty)
    return;
  ping->targets[target].dirty = true;
  ping->dirty[ping->n_dirty++] = target;
}

void
ptl_ping_end_locked (PtlPing      *ping,
                     uint32_t      target,
                     PtlPingState  state)
{
  PtlPingStats *stats = &ping->targets[target].stats;

  if (stats->state == PTL_PING_DONE || stats->state == PTL_PING_FAILED)
    return;
  stats->state = state;
  ping->n_open--;
  ptl_ping_mark_locked (ping, target);
}

void
ptl_ping_check_locked (PtlPing  *ping,
                       uint32_t  target)
{
  const PtlPingStats *stats = &ping->targets[target].stats;

  if (ping->options.count > 0 && stats->n_pending == 0
      && stats->n_sent + stats->n_unsent >= ping->options.count)
    ptl_ping_end_locked (ping, target, PTL_PING_DONE);
}

PtlPingSample *
ptl_ping_sample_locked (PtlPing  *ping,
                        uint32_t  target,
                        uint32_t  number)
{
  return &ping->targets[target].samples[number % PTL_PING_SAMPLES];
}

uint64_t
ptl_ping_timeout_ns (PtlPing    *ping,
                     const Flow *flow)
{
  unsigned ms = ping->options.timeout_ms;

  if (flow->choice.via == PTL_VIA_TCP)
    ms = MIN (ms, PTL_PING_TCP_TIMEOUT_MS);
  return ms * PTL_NS_PER_MS;
}

void
ptl_ping_close_slot (PtlPing *ping,
                     Slot    *slot)
{
  if (slot->fd < 0)
    return;
  ptl_fd_clear (&slot->fd);
  ping->n_tcp--;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* Tells the owner, unless it knows already. */
static void
wake_owner (PtlPing *ping)
{
  bool wakes;

  pthread_mutex_lock (&ping->lock);
  wakes = !ping->woken && (ping->n_dirty > 0 || ping->finished);
  ping->woken = ping->woken || wakes;
  pthread_mutex_unlock (&ping->lock);
  if (wakes)
    ping->wake (ping->wake_data);
}

static void
take_added (PtlPing  *ping,
            uint64_t  now_ns)
{
  while (true)
    {
      uint32_t target = PTL_PING_NOBODY;

      pthread_mutex_lock (&ping->lock);
      if (ping->n_added > 0)
        target = ping->added[--ping->n_added];
      pthread_mutex_unlock (&ping->lock);
      if (target == PTL_PING_NOBODY)
        return;
      ptl_ping_begin (ping, target, now_ns);
    }
}

static void
handle (PtlPing                  *ping,
        const struct epoll_event *event)
{
  uint64_t what = event->data.u64, count;
  Flow *flow;
  Slot *slot;

  if (what == EVENT_WAKE)
    {
      if (read (ping->wake_fd, &count, sizeof count) < 0)
        return; /* somebody else has read it: nothing to do */
      return;
    }
  flow = &ping->flows[(what & EVENT_IPV6) != 0];
  if ((what & EVENT_SOCKET) != 0)
    {
      if ((event->events & EPOLLERR) != 0)
        ptl_ping_receive_errors (ping, flow);
      if ((event->events & EPOLLIN) != 0)
        ptl_ping_receive (ping, flow);
      return;
    }
  slot = ptl_ping_slot (flow, (uint32_t) what);
  if (slot->state == SLOT_ASKED && slot->fd >= 0 && slot->seq == (uint32_t) what)
    ptl_ping_finish_tcp (ping, flow, slot);
}

static bool
is_over (PtlPing *ping)
{
  bool over;

  pthread_mutex_lock (&ping->lock);
  over = ping->stopping || ping->n_open == 0;
  pthread_mutex_unlock (&ping->lock);
  return over;
}

static int
get_wait_ms (uint64_t now_ns,
             uint64_t next_ns)
{
  if (next_ns == UINT64_MAX)
    return -1;
  if (next_ns <= now_ns)
    return 0;
  return (int) MIN ((next_ns - now_ns + PTL_NS_PER_MS - 1) / PTL_NS_PER_MS, 60000);
}

static void *
run (void *data)
{
  PtlPing *ping = data;
  struct epoll_event events[EVENTS_MAX];

  while (!is_over (ping))
    {
      uint64_t now_ns = ptl_clock_monotonic_ns (), next_ns;
      int n;

      take_added (ping, now_ns);
      next_ns = ptl_ping_send_due (ping, now_ns);
      for (unsigned i = 0; i < G_N_ELEMENTS (ping->flows); i++)
        if (ping->flows[i].opened)
          next_ns = MIN (next_ns, ptl_ping_expire (ping, &ping->flows[i], now_ns));
      wake_owner (ping);
      if (is_over (ping))
        break;
      n = epoll_wait (ping->epoll_fd, events, EVENTS_MAX,
                      get_wait_ms (ptl_clock_monotonic_ns (), next_ns));
      for (int i = 0; i < n; i++)
        handle (ping, &events[i]);
    }
  pthread_mutex_lock (&ping->lock);
  for (uint32_t i = 0; i < ping->n_targets; i++)
    ptl_ping_end_locked (ping, i, PTL_PING_DONE);
  ping->finished = true;
  pthread_mutex_unlock (&ping->lock);
  wake_owner (ping);
  return NULL;
}

/* --- life cycle ------------------------------------------------------------------------------- */

static void
poke (PtlPing *ping)
{
  uint64_t one = 1;

  /* It fails only when the counter is full: then it wakes anyway. */
  (void) !write (ping->wake_fd, &one, sizeof one);
}

static int
start_thread (PtlPing *ping)
{
  sigset_t all, before;
  int failed;

  /* Signals are the main thread's. */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  failed = pthread_create (&ping->thread, NULL, run, ping);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return failed;
}

static void
free_parts (PtlPing *ping)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (ping->flows); i++)
    {
      Flow *flow = &ping->flows[i];

      for (unsigned j = 0; flow->slots != NULL && j < PTL_PING_PENDING_MAX; j++)
        if (flow->slots[j].state == SLOT_ASKED)
          ptl_ping_close_slot (ping, &flow->slots[j]);
      g_free (flow->slots);
      ptl_fd_clear (&flow->fd);
    }
  for (unsigned i = 0; i < ping->n_targets; i++)
    g_free (ping->targets[i].samples);
  g_free (ping->targets);
  g_free (ping->dirty);
  g_free (ping->added);
  g_free (ping->packet);
  g_free (ping->buffer);
  ptl_fd_clear (&ping->wake_fd);
  ptl_fd_clear (&ping->epoll_fd);
  pthread_mutex_destroy (&ping->lock);
  g_free (ping);
}

PtlPing *
ptl_ping_new (const PtlPingOptions  *options,
              unsigned               n_targets,
              PtlPingWakeFunc        wake,
              void                  *data,
              GError               **error)
{
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = EVENT_WAKE };
  PtlPing *ping = g_new0 (PtlPing, 1);
  int failed = 0;

  ping->options = *options;
  ping->options.size_bytes = MIN (options->size_bytes, PTL_ICMP_DATA_MAX);
  ping->options.interval_ms = CLAMP (options->interval_ms, PTL_PING_INTERVAL_OWN_MIN_MS,
                                     PTL_PING_INTERVAL_MAX_MS);
  ping->options.timeout_ms = CLAMP (options->timeout_ms, 1, PTL_PING_TIMEOUT_MAX_MS);
  ping->options.ttl = MIN (options->ttl, 255);
  ping->n_targets = MIN (n_targets, PTL_PING_TARGETS_MAX);
  ping->n_open = ping->n_targets;
  ping->sending = PTL_PING_NOBODY;
  ping->wake = wake;
  ping->wake_data = data;
  ping->targets = g_new0 (Target, ping->n_targets);
  ping->dirty = g_new0 (uint32_t, ping->n_targets);
  ping->added = g_new0 (uint32_t, ping->n_targets);
  ping->packet = g_malloc0 (PTL_ICMP_HEADER_LEN + PTL_ICMP_DATA_MAX);
  ping->buffer = g_malloc (UINT16_MAX + 1);
  for (unsigned i = 0; i < 2; i++)
    {
      ping->flows[i].family = i == 0 ? AF_INET : AF_INET6;
      ping->flows[i].fd = -1;
      ping->queues[i] = (Queue) { PTL_PING_NOBODY, PTL_PING_NOBODY };
    }
  for (unsigned i = 0; i < ping->n_targets; i++)
    ping->targets[i].stats.reply_ttl = -1;
  while (getrandom (ping->nonce, sizeof ping->nonce, 0) < 0 && errno == EINTR)
    ;
  pthread_mutex_init (&ping->lock, NULL);
  ping->wake_fd = -1;
  ping->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (ping->epoll_fd < 0 || (ping->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0
      || epoll_ctl (ping->epoll_fd, EPOLL_CTL_ADD, ping->wake_fd, &event) < 0)
    failed = errno;
  else
    failed = start_thread (ping);
  if (failed != 0)
    {
      ptl_error_set_errno (error, failed, "ping");
      free_parts (ping);
      return NULL;
    }
  return ping;
}

void
ptl_ping_free (PtlPing *ping)
{
  if (ping == NULL)
    return;
  ptl_ping_stop (ping);
  pthread_join (ping->thread, NULL);
  free_parts (ping);
}

/* --- any thread ------------------------------------------------------------------------------- */

void
ptl_ping_set_address (PtlPing          *ping,
                      unsigned          target,
                      const PtlAddress *address)
{
  Target *of;

  if (target >= ping->n_targets)
    return;
  of = &ping->targets[target];
  pthread_mutex_lock (&ping->lock);
  if (of->stats.state == PTL_PING_WAITING && of->stats.address.len == 0)
    {
      of->stats.address = *address;
      ptl_address_unmap (&of->stats.address);
      ping->added[ping->n_added++] = target;
    }
  pthread_mutex_unlock (&ping->lock);
  poke (ping);
}

void
ptl_ping_give_up (PtlPing  *ping,
                  unsigned  target)
{
  if (target >= ping->n_targets)
    return;
  pthread_mutex_lock (&ping->lock);
  if (ping->targets[target].stats.address.len == 0)
    ptl_ping_end_locked (ping, target, PTL_PING_FAILED);
  pthread_mutex_unlock (&ping->lock);
  poke (ping);
}

void
ptl_ping_stop (PtlPing *ping)
{
  pthread_mutex_lock (&ping->lock);
  ping->stopping = true;
  pthread_mutex_unlock (&ping->lock);
  poke (ping);
}

unsigned
ptl_ping_fetch (PtlPing  *ping,
                unsigned *targets,
                bool     *finished)
{
  unsigned n;

  pthread_mutex_lock (&ping->lock);
  n = ping->n_dirty;
  for (unsigned i = 0; i < n; i++)
    {
      targets[i] = ping->dirty[i];
      ping->targets[targets[i]].dirty = false;
    }
  ping->n_dirty = 0;
  ping->woken = false;
  *finished = ping->finished;
  pthread_mutex_unlock (&ping->lock);
  return n;
}

void
ptl_ping_get_stats (PtlPing      *ping,
                    unsigned      target,
                    PtlPingStats *stats)
{
  memset (stats, 0, sizeof *stats);
  if (target >= ping->n_targets)
    return;
  pthread_mutex_lock (&ping->lock);
  *stats = ping->targets[target].stats;
  pthread_mutex_unlock (&ping->lock);
}

unsigned
ptl_ping_get_samples (PtlPing       *ping,
                      unsigned       target,
                      PtlPingSample  samples[PTL_PING_SAMPLES])
{
  unsigned n = 0;

  if (target >= ping->n_targets)
    return 0;
  pthread_mutex_lock (&ping->lock);
  if (ping->targets[target].samples != NULL)
    {
      const PtlPingStats *stats = &ping->targets[target].stats;
      uint32_t last = stats->n_sent + stats->n_unsent;
      uint32_t first = last > PTL_PING_SAMPLES ? last - PTL_PING_SAMPLES + 1 : 1;

      for (uint32_t number = first; number <= last && last > 0; number++)
        samples[n++] = *ptl_ping_sample_locked (ping, target, number);
    }
  pthread_mutex_unlock (&ping->lock);
  return n;
}

bool
ptl_ping_get_choice (PtlPing       *ping,
                     int            family,
                     PtlIcmpChoice *choice)
{
  Flow *flow = &ping->flows[family == AF_INET6];
  bool opened;

  pthread_mutex_lock (&ping->lock);
  opened = flow->opened;
  *choice = flow->choice;
  pthread_mutex_unlock (&ping->lock);
  return opened;
}
