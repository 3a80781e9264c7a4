/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace's probes: sent round by round, and what comes back of them. */
#include "config.h"

#include "probe/ptl-trace-private.h"

#include <errno.h>
#include <string.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <sys/random.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

#define MESSAGES_PER_TURN 256
#define BLOCKED_NS (5 * PTL_NS_PER_MS)
#define GAP_MIN_NS (5 * PTL_NS_PER_MS)   /* between the probes of a round */
#define GAP_MAX_NS (50 * PTL_NS_PER_MS)

static unsigned
get_first_port (PtlTrace *trace)
{
  return trace->options.method == PTL_METHOD_UDP && trace->options.port != 0
         ? trace->options.port : PTL_TRACE_UDP_PORT;
}

/* Behind the last port come those before the first one, downwards: never a server's, as from 0 on
 * they would be. */
uint16_t
ptl_trace_get_udp_port (PtlTrace *trace,
                        unsigned  n)
{
  unsigned first = get_first_port (trace);

  G_STATIC_ASSERT (PTL_TRACE_UDP_PORTS < UINT16_MAX);
  return (uint16_t) (first + n <= UINT16_MAX ? first + n : UINT16_MAX - n);
}

static unsigned
get_udp_number (PtlTrace *trace,
                uint16_t  port)
{
  unsigned first = get_first_port (trace);

  return port >= first ? port - first : (unsigned) UINT16_MAX - port;
}

void
ptl_trace_close_probe (PtlTrace *trace,
                       Probe    *probe)
{
  if (probe->fd < 0)
    return;
  ptl_fd_clear (&probe->fd);
  trace->n_tcp--;
}

int
ptl_trace_open (PtlTrace *trace)
{
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = PTL_TRACE_EVENT_SOCKET };
  PtlIcmpOptions options = { 0 };
  PtlIcmpChoice choice = { .method = trace->options.method };
  PtlAddress source = { 0 };
  bool own = false;
  int failed = 0;

  if (trace->family != AF_INET && trace->family != AF_INET6)
    return -EAFNOSUPPORT;
  if (ptl_address_is_multicast (&trace->target))
    return -EACCES;
  failed = ptl_icmp_find_source (&trace->target, &source, &own);
  if (failed != 0)
    return failed;
  ptl_icmp_open (trace->family, trace->options.method, PTL_VIA_UDP, &options, &choice,
                 &trace->fd);
  if (choice.via == PTL_VIA_NONE)
    failed = -(choice.raw_errno != 0 ? choice.raw_errno
               : choice.datagram_errno != 0 ? choice.datagram_errno : choice.other_errno);
  else if (trace->fd >= 0 && epoll_ctl (trace->epoll_fd, EPOLL_CTL_ADD, trace->fd, &event) < 0)
    failed = -errno;
  while (getrandom (&trace->id, sizeof trace->id, 0) < 0 && errno == EINTR)
    ;
  pthread_mutex_lock (&trace->lock);
  trace->stats.choice = choice;
  trace->stats.source = source;
  trace->stats.own = own;
  trace->stats.interval_ms = MAX (trace->options.interval_ms,
                                  own ? PTL_TRACE_INTERVAL_OWN_MIN_MS : PTL_TRACE_INTERVAL_MIN_MS);
  trace->stats.round = 1;
  trace->changed = true;
  pthread_mutex_unlock (&trace->lock);
  trace->next_ttl = 1;
  trace->next_ns = trace->round_ns = ptl_clock_monotonic_ns ();
  return failed;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* The last TTL of a round. */
static unsigned
get_last_ttl (PtlTrace *trace)
{
  unsigned last = trace->options.max_hops;

  if (trace->stats.target_hop > 0)
    last = MIN (last, trace->stats.target_hop);
  if (trace->stats.end_hop > 0)
    last = MIN (last, trace->stats.end_hop);
  return last;
}

static int
send_syn (PtlTrace *trace,
          uint32_t  seq,
          unsigned  ttl,
          int      *fd)
{
  PtlIcmpOptions options = { .ttl = ttl };
  struct epoll_event event = { .events = EPOLLOUT, .data.u64 = seq };
  PtlAddress to = trace->target;
  int failed = 0;

  if (trace->n_tcp >= PTL_TRACE_TCP_MAX)
    return -EAGAIN;
  *fd = ptl_icmp_open_tcp (trace->family, &options);
  if (*fd < 0)
    {
      failed = *fd;
      *fd = -1;
      return failed;
    }
  ptl_address_set_port (&to, trace->options.port);
  if (connect (*fd, &to.sa, to.len) < 0 && errno != EINPROGRESS && errno != ECONNREFUSED)
    failed = -errno;
  else if (epoll_ctl (trace->epoll_fd, EPOLL_CTL_ADD, *fd, &event) < 0)
    failed = -errno;
  if (failed != 0)
    ptl_fd_clear (fd);
  return failed;
}

static int
send_packet (PtlTrace *trace,
             uint32_t  seq,
             unsigned  ttl)
{
  size_t len = trace->options.size_bytes;
  PtlAddress to = trace->target;
  int failed;
  ssize_t n;

  if (trace->fd_ttl != ttl)
    {
      failed = ptl_icmp_set_ttl (trace->fd, trace->family, ttl);
      if (failed != 0)
        return failed;
      trace->fd_ttl = ttl;
    }
  if (trace->stats.choice.via == PTL_VIA_UDP)
    /* RFC 792 promises eight bytes of ours in the answer: the ports are what surely comes back. */
    ptl_address_set_port (&to, ptl_trace_get_udp_port (trace, seq % PTL_TRACE_PENDING_MAX));
  else
    len = ptl_icmp_build_echo (trace->family, trace->id, (uint16_t) seq, trace->packet, len);
  n = sendto (trace->fd, trace->packet, len, MSG_NOSIGNAL, &to.sa, to.len);
  return n < 0 ? -errno : 0;
}

static int
send_probe (PtlTrace *trace,
            unsigned  ttl)
{
  uint32_t seq = trace->head;
  Probe *probe = &trace->probes[seq % PTL_TRACE_PENDING_MAX];
  PtlTraceHop *hop = &trace->hops[ttl - 1];
  PtlVerdict refusal = PTL_VERDICT_OTHER;
  int failed = 0, fd = -1;

  if (probe->state == PROBE_ASKED)
    return -EAGAIN;
  *probe = (Probe) {
    .sent_ns = ptl_clock_monotonic_ns (), .sent_real_ns = ptl_clock_realtime_ns (), .seq = seq,
    .ttl = ttl, .fd = -1,
  };
  for (unsigned i = 0; i < 3; i++)
    {
      failed = trace->stats.choice.via == PTL_VIA_TCP ? send_syn (trace, seq, ttl, &fd)
                                                      : send_packet (trace, seq, ttl);
      if (failed == 0 || failed == -EAGAIN || failed == -ENOBUFS || trace->fd < 0)
        break;
      /* It may be the error of an earlier probe, which the queue has too: once more. */
      ptl_trace_receive_errors (trace);
    }
  if (failed == -EAGAIN || failed == -ENOBUFS || failed == -EMFILE || failed == -ENFILE)
    return -EAGAIN;
  if (failed != 0)
    refusal = ptl_verdict_find (&trace->target, -failed);
  pthread_mutex_lock (&trace->lock);
  trace->stats.n_hops = MAX (trace->stats.n_hops, ttl);
  if (failed != 0)
    {
      hop->n_unsent++;
      hop->unsent_errno = -failed;
      hop->refusal = refusal;
    }
  else
    {
      hop->n_sent++;
      hop->n_pending++;
    }
  trace->changed = true;
  pthread_mutex_unlock (&trace->lock);
  if (failed != 0)
    return 0;
  probe->state = PROBE_ASKED;
  probe->fd = fd;
  if (fd >= 0)
    trace->n_tcp++;
  trace->head++;
  return 0;
}

/* The first round is quick as far as nobody has answered yet: the others fill their interval. */
static uint64_t
get_gap_ns (PtlTrace *trace,
            unsigned  last)
{
  uint64_t gap_ns = trace->stats.interval_ms * PTL_NS_PER_MS / (last + 1);

  return CLAMP (gap_ns, GAP_MIN_NS, GAP_MAX_NS);
}

static bool
begin_round (PtlTrace *trace,
             uint64_t  now_ns)
{
  if (trace->options.rounds > 0 && trace->stats.round >= trace->options.rounds)
    return false;
  trace->round_ns = now_ns;
  trace->next_ttl = 1;
  pthread_mutex_lock (&trace->lock);
  trace->stats.round++;
  trace->changed = true;
  pthread_mutex_unlock (&trace->lock);
  return true;
}

uint64_t
ptl_trace_send_due (PtlTrace *trace,
                    uint64_t  now_ns)
{
  unsigned last = get_last_ttl (trace);
  uint64_t again_ns = trace->round_ns + trace->stats.interval_ms * PTL_NS_PER_MS;

  if (trace->next_ttl > last)
    {
      if (trace->options.rounds > 0 && trace->stats.round >= trace->options.rounds)
        return UINT64_MAX;
      if (now_ns < again_ns)
        return again_ns;
      begin_round (trace, now_ns);
      trace->next_ns = now_ns;
    }
  if (now_ns < trace->next_ns)
    return trace->next_ns;
  if (send_probe (trace, trace->next_ttl) < 0)
    {
      trace->next_ns = now_ns + BLOCKED_NS;
      return trace->next_ns;
    }
  trace->next_ttl++;
  trace->next_ns = now_ns + get_gap_ns (trace, last);
  return trace->next_ns;
}

/* --- what comes back -------------------------------------------------------------------------- */

static void
count_time (PtlTraceTimes *times,
            uint64_t       ns)
{
  times->min_ns = times->n_received == 0 ? ns : MIN (times->min_ns, ns);
  times->max_ns = MAX (times->max_ns, ns);
  times->n_received++;
  times->last_ns = ns;
  times->sum_ns += (double) ns;
  times->sum_squares += (double) ns * (double) ns;
}

static PtlTraceRouter *
find_router (PtlTraceHop      *hop,
             const PtlAddress *address)
{
  for (unsigned i = 0; i < hop->n_routers; i++)
    if (ptl_address_equal_host (&hop->routers[i].address, address))
      return &hop->routers[i];
  if (hop->n_routers == PTL_TRACE_ROUTERS_MAX)
    return NULL;
  hop->routers[hop->n_routers] = (PtlTraceRouter) { .address = *address };
  return &hop->routers[hop->n_routers++];
}

/* Where the path ends as far as this answer tells. */
static void
set_end_locked (PtlTrace            *trace,
                unsigned             ttl,
                bool                 reached,
                const PtlIcmpNotice *notice)
{
  PtlTraceStats *stats = &trace->stats;

  if (reached)
    {
      if (stats->target_hop == 0 || ttl < stats->target_hop)
        stats->target_hop = ttl;
      if (stats->end_hop >= ttl)
        stats->end_hop = 0;
    }
  else if (notice->meaning != PTL_ICMP_TTL_EXCEEDED && ptl_icmp_is_error (notice->meaning))
    {
      if (stats->end_hop == 0 || ttl < stats->end_hop)
        stats->end_hop = ttl;
    }
  else if (notice->meaning == PTL_ICMP_TTL_EXCEEDED)
    {
      /* The path has become longer. */
      if (stats->target_hop > 0 && ttl >= stats->target_hop)
        stats->target_hop = 0;
      if (stats->end_hop > 0 && ttl >= stats->end_hop)
        stats->end_hop = 0;
    }
  if (stats->target_hop > 0 || stats->end_hop > 0)
    stats->n_hops = get_last_ttl (trace);
}

/* @notice: NULL when the target has answered. */
static void
tell_answer (PtlTrace            *trace,
             Probe               *probe,
             const PtlAddress    *from,
             const PtlIcmpNotice *notice,
             uint64_t             stamp_ns)
{
  static const PtlIcmpNotice none;
  PtlTraceHop *hop = &trace->hops[probe->ttl - 1];
  PtlTraceRouter *router;
  uint64_t ns;

  if (probe->state != PROBE_ASKED && probe->state != PROBE_LOST)
    return;
  ns = ptl_icmp_round_trip (probe->sent_ns, probe->sent_real_ns, ptl_clock_monotonic_ns (),
                            stamp_ns);
  pthread_mutex_lock (&trace->lock);
  if (probe->state == PROBE_ASKED)
    hop->n_pending--;
  else
    hop->n_lost--;
  probe->state = PROBE_DONE;
  count_time (&hop->times, ns);
  router = from->len > 0 ? find_router (hop, from) : NULL;
  if (router != NULL)
    {
      count_time (&router->times, ns);
      router->notice = notice != NULL ? *notice : none;
      router->notice.own = ptl_address_equal_host (from, &trace->stats.source);
    }
  else
    hop->n_more++;
  set_end_locked (trace, probe->ttl, notice == NULL, notice);
  trace->changed = true;
  pthread_mutex_unlock (&trace->lock);
}

/* An error that came: from the target itself it is an answer where that is what was asked for. */
static void
tell_error (PtlTrace            *trace,
            Probe               *probe,
            const PtlIcmpNotice *notice,
            uint64_t             stamp_ns)
{
  bool datagram = trace->stats.choice.via == PTL_VIA_UDP || trace->stats.choice.via == PTL_VIA_TCP;
  bool reached = datagram && ptl_address_equal_host (&notice->from, &trace->target)
                 && (notice->meaning == PTL_ICMP_NO_PORT
                     || notice->meaning == PTL_ICMP_NO_PROTOCOL);

  tell_answer (trace, probe, &notice->from, reached ? NULL : notice, stamp_ns);
}

static Probe *
find_by_low_seq (PtlTrace *trace,
                 uint16_t  seq)
{
  Probe *probe = &trace->probes[seq % PTL_TRACE_PENDING_MAX];

  return probe->state != PROBE_FREE && (uint16_t) probe->seq == seq ? probe : NULL;
}

static Probe *
find_by_port (PtlTrace         *trace,
              const PtlAddress *address)
{
  unsigned at = get_udp_number (trace, ptl_address_get_port (address));

  if (at >= PTL_TRACE_PENDING_MAX || trace->probes[at].state == PROBE_FREE)
    return NULL;
  return &trace->probes[at];
}

static void
take_icmp (PtlTrace        *trace,
           PtlIcmpReceived *received)
{
  bool raw = trace->stats.choice.via == PTL_VIA_ICMP_RAW;
  PtlIcmpNotice notice = { 0 };
  PtlIcmpMessage message;
  Probe *probe;
  uint8_t ttl;

  if (raw && trace->family == AF_INET
      ? !ptl_icmp_parse_ipv4 (trace->buffer, received->len, &message, &ttl, &received->from)
      : !ptl_icmp_parse (trace->family, trace->buffer, received->len, &message))
    return;
  ptl_address_set_port (&received->from, 0);
  if (message.meaning == PTL_ICMP_ECHO_REPLY)
    {
      probe = find_by_low_seq (trace, message.seq);
      if (probe != NULL && (!raw || message.id == trace->id)
          && ptl_address_equal_host (&received->from, &trace->target))
        tell_answer (trace, probe, &received->from, NULL, received->stamp_ns);
      return;
    }
  if (!raw || !message.has_quoted || !message.quoted.has_echo || message.quoted.id != trace->id
      || !ptl_address_equal_host (&message.quoted.destination, &trace->target))
    return;
  probe = find_by_low_seq (trace, message.quoted.seq);
  if (probe == NULL)
    return;
  notice = (PtlIcmpNotice) {
    .meaning = message.meaning, .family = trace->family, .type = message.type,
    .code = message.code, .mtu = message.mtu, .from = received->from,
    .n_labels = message.n_labels,
  };
  memcpy (notice.labels, message.labels, sizeof notice.labels);
  tell_error (trace, probe, &notice, received->stamp_ns);
}

void
ptl_trace_receive (PtlTrace *trace)
{
  for (unsigned i = 0; i < MESSAGES_PER_TURN; i++)
    {
      PtlIcmpReceived received;
      int failed = ptl_icmp_receive (trace->fd, trace->buffer, UINT16_MAX + 1, &received);

      if (failed == -EINTR)
        continue;
      if (failed != 0)
        return;
      if (trace->stats.choice.via == PTL_VIA_UDP)
        {
          /* Somebody listens there after all. */
          Probe *probe = find_by_port (trace, &received.from);

          if (probe == NULL || !ptl_address_equal_host (&received.from, &trace->target))
            continue;
          ptl_address_set_port (&received.from, 0);
          tell_answer (trace, probe, &received.from, NULL, received.stamp_ns);
        }
      else
        take_icmp (trace, &received);
    }
}

void
ptl_trace_receive_errors (PtlTrace *trace)
{
  uint8_t echo = trace->family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
  int pending;
  socklen_t len_pending = sizeof pending;

  for (unsigned i = 0; i < MESSAGES_PER_TURN; i++)
    {
      PtlIcmpError error;
      Probe *probe = NULL;
      size_t len;
      int failed = ptl_icmp_receive_error (trace->fd, trace->buffer, UINT16_MAX + 1, &len, &error);

      if (failed == -EINTR || failed == -EBADMSG)
        continue;
      if (failed != 0)
        break;
      if (error.notice.local)
        continue; /* what was sent has failed with it: told there */
      if (trace->stats.choice.via == PTL_VIA_UDP)
        probe = find_by_port (trace, &error.destination);
      else if (len >= PTL_ICMP_HEADER_LEN && trace->buffer[0] == echo)
        probe = find_by_low_seq (trace, (uint16_t) (trace->buffer[6] << 8 | trace->buffer[7]));
      if (probe != NULL && ptl_address_equal_host (&error.destination, &trace->target))
        tell_error (trace, probe, &error.notice, error.stamp_ns);
    }
  /* A socket error without anything in the queue would wake us for ever. */
  (void) getsockopt (trace->fd, SOL_SOCKET, SO_ERROR, &pending, &len_pending);
}

void
ptl_trace_finish_tcp (PtlTrace *trace,
                      uint32_t  seq)
{
  Probe *probe = &trace->probes[seq % PTL_TRACE_PENDING_MAX];
  PtlIcmpError error;
  bool has_error;
  int failed = 0;
  socklen_t len_failed = sizeof failed;
  size_t len;

  if (probe->state != PROBE_ASKED || probe->fd < 0 || probe->seq != seq)
    return;
  has_error = ptl_icmp_receive_error (probe->fd, trace->buffer, UINT16_MAX + 1, &len, &error) == 0;
  if (getsockopt (probe->fd, SOL_SOCKET, SO_ERROR, &failed, &len_failed) < 0)
    failed = errno;
  ptl_trace_close_probe (trace, probe);
  if (has_error)
    tell_error (trace, probe, &error.notice, error.stamp_ns);
  else if (failed == 0 || failed == ECONNREFUSED)
    tell_answer (trace, probe, &trace->target, NULL, 0);
  else
    {
      /* A kernel before 5.11 does not tell who it was. */
      PtlIcmpNotice notice = { .family = trace->family, .sys_errno = failed };

      tell_answer (trace, probe, &notice.from, &notice, 0);
    }
}

/* As in a ping; there is nothing to look for where any router has answered. */
static bool
find_held_back (const PtlTrace    *trace,
                const PtlTraceHop *hop)
{
  uint32_t n = hop->n_lost + 1;

  if (hop != trace->hops || hop->times.n_received > 0
      || ptl_address_get_family (&trace->stats.target) != AF_INET6
      || trace->stats.choice.via != PTL_VIA_ICMP_DATAGRAM || (n & (n - 1)) != 0)
    return trace->stats.held_back;
  return ptl_icmp_is_held_back (&trace->stats.target);
}

uint64_t
ptl_trace_expire (PtlTrace *trace,
                  uint64_t  now_ns)
{
  uint64_t timeout_ms = trace->options.timeout_ms;

  if (trace->stats.choice.via == PTL_VIA_TCP)
    timeout_ms = MIN (timeout_ms, PTL_TRACE_TCP_TIMEOUT_MS);
  for (; trace->tail != trace->head; trace->tail++)
    {
      Probe *probe = &trace->probes[trace->tail % PTL_TRACE_PENDING_MAX];
      PtlTraceHop *hop = &trace->hops[probe->ttl - 1];
      bool held_back;

      if (probe->state != PROBE_ASKED)
        continue;
      if (probe->sent_ns + timeout_ms * PTL_NS_PER_MS > now_ns)
        return probe->sent_ns + timeout_ms * PTL_NS_PER_MS;
      ptl_trace_close_probe (trace, probe);
      probe->state = PROBE_LOST;
      held_back = find_held_back (trace, hop);
      pthread_mutex_lock (&trace->lock);
      trace->stats.held_back = held_back;
      hop->n_pending--;
      hop->n_lost++;
      trace->changed = true;
      pthread_mutex_unlock (&trace->lock);
    }
  return UINT64_MAX;
}
