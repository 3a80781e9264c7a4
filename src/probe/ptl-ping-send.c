/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ping's probes: made, sent and spread over the interval. */
#include "config.h"

#include "probe/ptl-ping-private.h"

#include <errno.h>
#include <string.h>

#include <sys/epoll.h>
#include <sys/random.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

#define SENDS_PER_TURN 64
#define BLOCKED_NS (2 * PTL_NS_PER_MS) /* after EAGAIN or ENOBUFS */
#define EVENT_SOCKET (UINT64_C (1) << 33)
#define EVENT_IPV6 (UINT64_C (1) << 32)

/* The nonce, the seq, then a byte of its own at each place: what is cut, moved or mixed is seen. */
void
ptl_ping_fill (PtlPing  *ping,
               uint32_t  seq,
               uint8_t  *data,
               size_t    len)
{
  uint8_t head[12];

  memcpy (head, ping->nonce, 8);
  for (unsigned i = 0; i < 4; i++)
    head[8 + i] = (uint8_t) (seq >> (24 - 8 * i));
  memcpy (data, head, MIN (len, sizeof head));
  for (size_t i = sizeof head; i < len; i++)
    data[i] = (uint8_t) (i ^ (i >> 8));
}

/* --- the queues ------------------------------------------------------------------------------- */

static void
push (PtlPing  *ping,
      uint32_t  target)
{
  Target *of = &ping->targets[target];
  Queue *queue = &ping->queues[of->stats.own];

  of->next = PTL_PING_NOBODY;
  of->queued = true;
  if (queue->last == PTL_PING_NOBODY)
    queue->first = target;
  else
    ping->targets[queue->last].next = target;
  queue->last = target;
}

/* Behind those that are due before; all have the same interval, so mostly at the end. */
static void
insert (PtlPing  *ping,
        uint32_t  target)
{
  Target *of = &ping->targets[target];
  Queue *queue = &ping->queues[of->stats.own];
  uint32_t at = queue->first, before = PTL_PING_NOBODY;

  if (queue->last == PTL_PING_NOBODY || ping->targets[queue->last].next_ns <= of->next_ns)
    {
      push (ping, target);
      return;
    }
  while (ping->targets[at].next_ns <= of->next_ns)
    {
      before = at;
      at = ping->targets[at].next;
    }
  of->next = at;
  of->queued = true;
  if (before == PTL_PING_NOBODY)
    queue->first = target;
  else
    ping->targets[before].next = target;
}

static void
pop (PtlPing *ping,
     Queue   *queue)
{
  Target *of = &ping->targets[queue->first];

  queue->first = of->next;
  of->queued = false;
  if (queue->first == PTL_PING_NOBODY)
    queue->last = PTL_PING_NOBODY;
}

/* --- beginning -------------------------------------------------------------------------------- */

static void
open_flow (PtlPing *ping,
           Flow    *flow)
{
  PtlIcmpOptions options = {
    .ttl = ping->options.ttl, .dont_fragment = ping->options.dont_fragment,
  };
  PtlIcmpChoice choice;
  struct epoll_event event = {
    .events = EPOLLIN,
    .data.u64 = EVENT_SOCKET | (flow->family == AF_INET6 ? EVENT_IPV6 : 0),
  };

  ptl_icmp_open (flow->family, ping->options.method, PTL_VIA_TCP, &options, &choice, &flow->fd);
  if (flow->fd >= 0 && epoll_ctl (ping->epoll_fd, EPOLL_CTL_ADD, flow->fd, &event) < 0)
    {
      choice.via = PTL_VIA_NONE;
      choice.other_errno = errno;
      ptl_fd_clear (&flow->fd);
    }
  while (getrandom (&flow->id, sizeof flow->id, 0) < 0 && errno == EINTR)
    ;
  flow->slots = g_new0 (Slot, PTL_PING_PENDING_MAX);
  for (unsigned i = 0; i < PTL_PING_PENDING_MAX; i++)
    flow->slots[i].fd = -1;
  pthread_mutex_lock (&ping->lock);
  flow->choice = choice;
  flow->opened = true;
  pthread_mutex_unlock (&ping->lock);
}

/* Why nothing can be sent: positive errno. */
static int
get_refusal (const PtlIcmpChoice *choice)
{
  return choice->raw_errno != 0 ? choice->raw_errno
         : choice->datagram_errno != 0 ? choice->datagram_errno : choice->other_errno;
}

static bool
is_broadcast (const PtlAddress *address)
{
  return ptl_address_get_family (address) == AF_INET
         && address->in.sin_addr.s_addr == g_htonl (INADDR_BROADCAST);
}

/* Targets that turn out to be one address share what may be sent to it: typing it twice does not
 * ask it twice as often.  How many they are. */
static unsigned
share_interval_locked (PtlPing  *ping,
                       uint32_t  target,
                       unsigned  floor_ms)
{
  const PtlAddress *address = &ping->targets[target].stats.address;
  unsigned n_same = 0;

  for (unsigned pass = 0, n = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < ping->n_targets; i++)
      {
        PtlPingStats *stats = &ping->targets[i].stats;

        if (stats->state != PTL_PING_RUNNING || !ptl_address_equal_host (&stats->address, address))
          continue;
        if (pass == 0)
          n++;
        else
          stats->interval_ms = MAX (ping->options.interval_ms, floor_ms * n);
        n_same = n;
      }
  return n_same;
}

void
ptl_ping_begin (PtlPing  *ping,
                uint32_t  target,
                uint64_t  now_ns)
{
  Target *of = &ping->targets[target];
  PtlAddress address = of->stats.address, source;
  int family = ptl_address_get_family (&address), failed;
  unsigned floor_ms, n_same;
  PtlVerdict refusal;
  uint64_t apart_ms;
  Flow *flow;
  bool own;

  ptl_icmp_make_sendable (&address);
  if (family != AF_INET && family != AF_INET6)
    failed = -EAFNOSUPPORT;
  else if (ptl_address_is_multicast (&address) || is_broadcast (&address))
    failed = -EACCES; /* as the kernel says of a subnet's broadcast address */
  else
    failed = ptl_icmp_find_source (&address, &source, &own);
  if (failed == -EACCES || failed == -EAFNOSUPPORT || failed == -EINVAL || failed == -ENODEV)
    {
      refusal = ptl_verdict_find (&address, -failed);
      pthread_mutex_lock (&ping->lock);
      of->stats.fail_errno = -failed;
      of->stats.refusal = refusal;
      ptl_ping_end_locked (ping, target, PTL_PING_FAILED);
      pthread_mutex_unlock (&ping->lock);
      return;
    }
  /* Without a route now there may be one soon: each send tells. */
  if (failed != 0)
    {
      memset (&source, 0, sizeof source);
      own = false;
    }
  flow = &ping->flows[family == AF_INET6];
  if (!flow->opened)
    open_flow (ping, flow);
  floor_ms = own ? PTL_PING_INTERVAL_OWN_MIN_MS : PTL_PING_INTERVAL_MIN_MS;

  pthread_mutex_lock (&ping->lock);
  of->flow = flow;
  of->stats.address = address;
  ptl_address_set_port (&of->stats.address, 0);
  of->stats.source = source;
  of->stats.own = own;
  of->stats.via = flow->choice.via;
  of->stats.state = PTL_PING_RUNNING;
  n_same = share_interval_locked (ping, target, floor_ms);
  of->samples = g_new0 (PtlPingSample, PTL_PING_SAMPLES);
  ptl_ping_mark_locked (ping, target);
  if (flow->choice.via == PTL_VIA_NONE)
    {
      of->stats.fail_errno = get_refusal (&flow->choice);
      ptl_ping_end_locked (ping, target, PTL_PING_FAILED);
    }
  pthread_mutex_unlock (&ping->lock);
  if (flow->choice.via == PTL_VIA_NONE)
    return;
  /* Each at a time of its own in the interval. */
  apart_ms = MAX ((uint64_t) of->stats.interval_ms * target / ping->n_targets,
                  (uint64_t) floor_ms * (n_same - 1));
  of->next_ns = now_ns + apart_ms * PTL_NS_PER_MS;
  insert (ping, target);
}

/* --- sending ---------------------------------------------------------------------------------- */

static int
send_packet (PtlPing    *ping,
             Flow       *flow,
             uint32_t    seq,
             PtlAddress  to)
{
  size_t len = ping->options.size_bytes;
  const uint8_t *bytes = ping->packet + PTL_ICMP_HEADER_LEN;
  ssize_t n;

  ptl_ping_fill (ping, seq, ping->packet + PTL_ICMP_HEADER_LEN, len);
  if (flow->choice.via == PTL_VIA_UDP)
    ptl_address_set_port (&to, ping->options.port);
  else
    {
      len = ptl_icmp_build_echo (flow->family, flow->id, (uint16_t) seq, ping->packet, len);
      bytes = ping->packet;
    }
  n = sendto (flow->fd, bytes, len, MSG_NOSIGNAL, &to.sa, to.len);
  return n < 0 ? -errno : 0;
}

/* *@fd is the connection that is on its way. */
static int
send_syn (PtlPing    *ping,
          Flow       *flow,
          uint32_t    seq,
          PtlAddress  to,
          int        *fd)
{
  PtlIcmpOptions options = { .ttl = ping->options.ttl };
  struct epoll_event event = {
    .events = EPOLLOUT, .data.u64 = seq | (flow->family == AF_INET6 ? EVENT_IPV6 : 0),
  };
  int failed = 0;

  *fd = ptl_icmp_open_tcp (flow->family, &options);
  if (*fd < 0)
    {
      failed = *fd;
      *fd = -1;
      return failed;
    }
  ptl_address_set_port (&to, ping->options.port);
  /* On this computer it may be done at once: connected, or ECONNREFUSED, which epoll tells too. */
  if (connect (*fd, &to.sa, to.len) < 0 && errno != EINPROGRESS && errno != ECONNREFUSED)
    failed = -errno;
  else if (epoll_ctl (ping->epoll_fd, EPOLL_CTL_ADD, *fd, &event) < 0)
    failed = -errno;
  if (failed != 0)
    ptl_fd_clear (fd);
  return failed;
}

static void
tell_unsent (PtlPing  *ping,
             uint32_t  target,
             int       sys_errno)
{
  Target *of = &ping->targets[target];
  PtlPingSample *sample;
  PtlIcmpNotice notice;
  /* A raw socket has no queue that tells it. */
  bool too_big = sys_errno == EMSGSIZE && of->flow->choice.via == PTL_VIA_ICMP_RAW
                 && ptl_icmp_find_too_big (&of->stats.address, ping->options.size_bytes, &notice);
  PtlVerdict refusal = ptl_verdict_find (&of->stats.address, sys_errno);

  pthread_mutex_lock (&ping->lock);
  of->stats.n_unsent++;
  of->stats.unsent_errno = sys_errno;
  of->stats.refusal = refusal;
  if (too_big)
    {
      of->stats.notice = notice;
      of->stats.has_notice = true;
    }
  sample = ptl_ping_sample_locked (ping, target, of->stats.n_sent + of->stats.n_unsent);
  *sample = (PtlPingSample) { of->stats.n_sent + of->stats.n_unsent, 0, PTL_PING_SAMPLE_UNSENT };
  ptl_ping_mark_locked (ping, target);
  pthread_mutex_unlock (&ping->lock);
}

/* 0; or -EAGAIN: not now. */
static int
send_probe (PtlPing  *ping,
            uint32_t  target)
{
  Target *of = &ping->targets[target];
  Flow *flow = of->flow;
  uint32_t seq = flow->head;
  Slot *slot = ptl_ping_slot (flow, seq);
  int failed = 0, fd = -1;

  if (slot->state == SLOT_ASKED
      || (flow->choice.via == PTL_VIA_TCP && ping->n_tcp >= PTL_PING_TCP_MAX))
    return -EAGAIN;
  *slot = (Slot) {
    .sent_ns = ptl_clock_monotonic_ns (), .sent_real_ns = ptl_clock_realtime_ns (),
    .seq = seq, .target = target, .number = of->stats.n_sent + of->stats.n_unsent + 1, .fd = -1,
  };
  ping->sending = target;
  for (unsigned i = 0; i < 3; i++)
    {
      if (flow->choice.via == PTL_VIA_TCP)
        failed = send_syn (ping, flow, seq, of->stats.address, &fd);
      else
        failed = send_packet (ping, flow, seq, of->stats.address);
      if (failed == 0 || failed == -EAGAIN || failed == -ENOBUFS || flow->fd < 0)
        break;
      /* It may be the error of another target's probe, which the queue has too: once more. */
      ptl_ping_receive_errors (ping, flow);
    }
  ping->sending = PTL_PING_NOBODY;
  if (failed == -EAGAIN || failed == -ENOBUFS || failed == -EMFILE || failed == -ENFILE)
    return -EAGAIN;
  if (failed != 0)
    {
      tell_unsent (ping, target, -failed);
      return 0;
    }
  flow->head++;
  slot->state = SLOT_ASKED;
  slot->fd = fd;
  if (fd >= 0)
    ping->n_tcp++;
  pthread_mutex_lock (&ping->lock);
  of->stats.n_sent++;
  of->stats.n_pending++;
  *ptl_ping_sample_locked (ping, target, slot->number)
    = (PtlPingSample) { slot->number, 0, PTL_PING_SAMPLE_PENDING };
  ptl_ping_mark_locked (ping, target);
  pthread_mutex_unlock (&ping->lock);
  return 0;
}

/* The queue whose first one is due earlier. */
static Queue *
choose_queue (PtlPing *ping)
{
  Queue *chosen = NULL;

  for (unsigned i = 0; i < G_N_ELEMENTS (ping->queues); i++)
    {
      Queue *queue = &ping->queues[i];

      if (queue->first != PTL_PING_NOBODY
          && (chosen == NULL
              || ping->targets[queue->first].next_ns < ping->targets[chosen->first].next_ns))
        chosen = queue;
    }
  return chosen;
}

uint64_t
ptl_ping_send_due (PtlPing  *ping,
                   uint64_t  now_ns)
{
  for (unsigned i = 0; i < SENDS_PER_TURN; i++)
    {
      Queue *queue = choose_queue (ping);
      uint64_t due_ns, interval_ns;
      uint32_t target;
      Target *of;

      if (queue == NULL)
        return UINT64_MAX;
      target = queue->first;
      of = &ping->targets[target];
      due_ns = MAX (of->next_ns, ping->not_before_ns);
      if (due_ns > now_ns)
        return due_ns;
      if (send_probe (ping, target) < 0)
        {
          ping->not_before_ns = now_ns + BLOCKED_NS;
          return ping->not_before_ns;
        }
      /* A millisecond's worth may go at once; and what a slept computer missed is not made up. */
      ping->not_before_ns = MAX (ping->not_before_ns, now_ns - MIN (now_ns, PTL_NS_PER_MS))
                            + PTL_NS_PER_S / PTL_PING_RATE_MAX;
      interval_ns = of->stats.interval_ms * PTL_NS_PER_MS;
      of->next_ns = MAX (of->next_ns + interval_ns, now_ns + interval_ns / 2);
      pop (ping, queue);
      if (ping->options.count == 0
          || of->stats.n_sent + of->stats.n_unsent < ping->options.count)
        insert (ping, target);
      pthread_mutex_lock (&ping->lock);
      ptl_ping_check_locked (ping, target);
      pthread_mutex_unlock (&ping->lock);
    }
  return now_ns;
}
