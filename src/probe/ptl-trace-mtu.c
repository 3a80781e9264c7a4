/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for the path MTU, and for where it gets smaller.
 *
 * One packet at a time that may not be fragmented, as large as may be, with one TTL after the
 * other: as long as it arrives, the router there says that its time is over.  The first TTL at
 * which a router says "too big" is one more than that router's own.  Where large ones vanish
 * without a word and small ones do not, the size is found by halving. */
#include "config.h"

#include "probe/ptl-trace-private.h"

#include <errno.h>
#include <string.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

#define SIZE_MAX_IP 65535
#define MIN_IPV4 68    /* RFC 791 section 3.2 */
#define MIN_IPV6 1280  /* RFC 8200 section 5 */
#define FULL_TTL 64
#define TRIES 2
#define TIMEOUT_NS (1000 * PTL_NS_PER_MS)
#define GAP_NS (20 * PTL_NS_PER_MS) /* RFC 1812 section 4.3.2.8: routers limit what they say */
#define MESSAGES_PER_TURN 64

/* Where a router does not say how large one may be (RFC 1191 section 7.1, and what is common
 * now). */
static const uint32_t plateaus[] = {
  32000, 17914, 9000, 8166, 4352, 2002, 1500, 1492, 1480, 1400, 1280, 1006, 576, 508, 296, 68,
};

static uint32_t
get_least (PtlTrace *trace)
{
  return trace->family == AF_INET6 ? MIN_IPV6 : MIN_IPV4;
}

static uint32_t
get_headers (PtlTrace *trace)
{
  /* UDP's and the echo's header have the same length. */
  return (trace->family == AF_INET6 ? 40 : 20) + PTL_ICMP_HEADER_LEN;
}

static uint32_t
next_plateau (PtlTrace *trace,
              uint32_t  size)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (plateaus); i++)
    if (plateaus[i] < size)
      return MAX (plateaus[i], get_least (trace));
  return get_least (trace);
}

static void
finish (PtlTrace         *trace,
        PtlTraceMtuState  state,
        int               sys_errno)
{
  trace->mtu.phase = MTU_OVER;
  trace->mtu.due_ns = UINT64_MAX;
  pthread_mutex_lock (&trace->lock);
  trace->stats.mtu_state = state;
  trace->stats.mtu_errno = sys_errno;
  if (state == PTL_TRACE_MTU_FOUND || state == PTL_TRACE_MTU_UNCONFIRMED)
    trace->stats.mtu = trace->mtu.size;
  trace->changed = true;
  pthread_mutex_unlock (&trace->lock);
}

/* It is not larger than @mtu behind @hop. */
static void
drop_to (PtlTrace         *trace,
         uint32_t          mtu,
         unsigned          hop,
         const PtlAddress *from)
{
  PtlTraceStats *stats = &trace->stats;

  trace->mtu.size = mtu;
  trace->mtu.n_tries = 0;
  pthread_mutex_lock (&trace->lock);
  /* More than are kept: the last one counts. */
  if (stats->n_drops < PTL_TRACE_DROPS_MAX)
    stats->n_drops++;
  stats->drops[stats->n_drops - 1] = (PtlTraceDrop) {
    .mtu = mtu, .hop = hop, .from = from != NULL ? *from : (PtlAddress) { 0 },
  };
  stats->mtu = mtu;
  trace->changed = true;
  pthread_mutex_unlock (&trace->lock);
}

void
ptl_trace_mtu_start (PtlTrace *trace)
{
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = PTL_TRACE_EVENT_MTU };
  PtlIcmpOptions options = { .dont_fragment = true };
  PtlIcmpChoice choice;
  Mtu *mtu = &trace->mtu;
  bool icmp = trace->stats.choice.via == PTL_VIA_ICMP_DATAGRAM
              || trace->stats.choice.via == PTL_VIA_ICMP_RAW;

  if (!trace->options.find_mtu)
    return;
  ptl_icmp_open (trace->family, icmp ? PTL_METHOD_ICMP : PTL_METHOD_UDP, PTL_VIA_UDP, &options,
                 &choice, &mtu->fd);
  mtu->via = choice.via;
  mtu->id = (uint16_t) (trace->id + 1);
  mtu->phase = MTU_WALK;
  mtu->ttl = 1;
  mtu->size = SIZE_MAX_IP;
  pthread_mutex_lock (&trace->lock);
  trace->stats.mtu_state = PTL_TRACE_MTU_RUNNING;
  trace->stats.mtu_via = choice.via;
  pthread_mutex_unlock (&trace->lock);
  if (mtu->fd < 0)
    finish (trace, PTL_TRACE_MTU_FAILED, choice.other_errno != 0 ? choice.other_errno : EACCES);
  else if (epoll_ctl (trace->epoll_fd, EPOLL_CTL_ADD, mtu->fd, &event) < 0)
    finish (trace, PTL_TRACE_MTU_FAILED, errno);
}

void
ptl_trace_mtu_clear (PtlTrace *trace)
{
  ptl_fd_clear (&trace->mtu.fd);
}

/* --- what came -------------------------------------------------------------------------------- */

static void
try_next (PtlTrace *trace)
{
  trace->mtu.asked = false;
  trace->mtu.n_tries = 0;
  trace->mtu.due_ns = ptl_clock_monotonic_ns () + GAP_NS;
}

static void
search_further (PtlTrace *trace,
                bool      arrived)
{
  Mtu *mtu = &trace->mtu;

  if (arrived)
    mtu->low = mtu->size;
  else
    mtu->high = mtu->size;
  if (mtu->high - mtu->low <= 1)
    {
      drop_to (trace, mtu->low, mtu->passed, NULL);
      finish (trace, PTL_TRACE_MTU_FOUND, 0);
      return;
    }
  mtu->size = mtu->low + (mtu->high - mtu->low) / 2;
  try_next (trace);
}

static void
take_reached (PtlTrace *trace)
{
  if (trace->mtu.phase == MTU_SEARCH)
    search_further (trace, true);
  else
    finish (trace, PTL_TRACE_MTU_FOUND, 0);
}

static void
take_notice (PtlTrace            *trace,
             const PtlIcmpNotice *notice)
{
  Mtu *mtu = &trace->mtu;
  uint32_t told = notice->mtu;

  switch (notice->meaning)
    {
    case PTL_ICMP_TTL_EXCEEDED:
      mtu->passed = MAX (mtu->passed, mtu->ttl);
      if (mtu->phase == MTU_SEARCH || mtu->ttl >= trace->options.max_hops)
        {
          /* The path is longer than we go. */
          finish (trace, PTL_TRACE_MTU_UNCONFIRMED, 0);
          return;
        }
      mtu->ttl++;
      try_next (trace);
      return;
    case PTL_ICMP_TOO_BIG:
      if (mtu->size <= get_least (trace))
        {
          /* It may not say so of such a small one. */
          finish (trace, PTL_TRACE_MTU_UNCONFIRMED, 0);
          return;
        }
      if (told < get_least (trace) || told >= mtu->size)
        told = next_plateau (trace, mtu->size);
      drop_to (trace, told, notice->local ? 0 : mtu->phase == MTU_WALK ? mtu->ttl - 1
                                                                       : mtu->passed,
               notice->from.len > 0 ? &notice->from : NULL);
      mtu->high = mtu->size;
      try_next (trace);
      return;
    default:
      /* It goes no further, whatever its size. */
      finish (trace, PTL_TRACE_MTU_UNCONFIRMED, 0);
    }
}

/* Nothing came, as often as it was tried. */
static void
take_silence (PtlTrace *trace)
{
  Mtu *mtu = &trace->mtu;
  unsigned target_hop = trace->stats.target_hop;
  unsigned last = target_hop > 0 ? target_hop : trace->options.max_hops;

  if (mtu->phase == MTU_SEARCH)
    {
      search_further (trace, false);
      return;
    }
  if (mtu->ttl < last)
    {
      mtu->ttl++;
      try_next (trace);
      return;
    }
  if (target_hop == 0 || mtu->size <= get_least (trace))
    {
      /* Small ones are not answered either: nothing can be said. */
      finish (trace, PTL_TRACE_MTU_UNCONFIRMED, 0);
      return;
    }
  mtu->phase = MTU_SEARCH;
  mtu->ttl = FULL_TTL;
  mtu->low = get_least (trace);
  mtu->high = mtu->size;
  mtu->size = mtu->low + (mtu->high - mtu->low) / 2;
  try_next (trace);
}

static uint16_t
get_port (PtlTrace *trace)
{
  return ptl_trace_get_udp_port (trace,
                                 PTL_TRACE_PENDING_MAX + trace->mtu.seq % PTL_TRACE_MTU_PORTS);
}

static void
take_icmp (PtlTrace        *trace,
           PtlIcmpReceived *received)
{
  Mtu *mtu = &trace->mtu;
  bool raw = mtu->via == PTL_VIA_ICMP_RAW;
  PtlIcmpNotice notice = { 0 };
  PtlIcmpMessage message;
  uint8_t ttl;

  if (raw && trace->family == AF_INET
      ? !ptl_icmp_parse_ipv4 (trace->buffer, received->len, &message, &ttl, &received->from)
      : !ptl_icmp_parse (trace->family, trace->buffer, received->len, &message))
    return;
  if (message.meaning == PTL_ICMP_ECHO_REPLY)
    {
      if (mtu->asked && message.seq == mtu->seq && (!raw || message.id == mtu->id)
          && ptl_address_equal_host (&received->from, &trace->target))
        take_reached (trace);
      return;
    }
  if (!raw || !mtu->asked || !message.has_quoted || !message.quoted.has_echo
      || message.quoted.id != mtu->id || message.quoted.seq != mtu->seq
      || !ptl_address_equal_host (&message.quoted.destination, &trace->target))
    return;
  notice = (PtlIcmpNotice) {
    .meaning = message.meaning, .family = trace->family, .type = message.type,
    .code = message.code, .mtu = message.mtu, .from = received->from,
  };
  ptl_address_set_port (&notice.from, 0);
  take_notice (trace, &notice);
}

/* Whether the error is about the packet that is on its way. */
static bool
is_asked (PtlTrace           *trace,
          const PtlIcmpError *error,
          size_t              len)
{
  Mtu *mtu = &trace->mtu;

  if (!mtu->asked || !ptl_address_equal_host (&error->destination, &trace->target))
    return false;
  if (mtu->via == PTL_VIA_UDP)
    return ptl_address_get_port (&error->destination) == get_port (trace);
  return len >= PTL_ICMP_HEADER_LEN
         && (trace->buffer[6] << 8 | trace->buffer[7]) == mtu->seq;
}

static void
receive_errors (PtlTrace      *trace,
                PtlIcmpNotice *local)
{
  int pending;
  socklen_t len_pending = sizeof pending;

  for (unsigned i = 0; i < MESSAGES_PER_TURN; i++)
    {
      PtlIcmpError error;
      size_t len;
      int failed = ptl_icmp_receive_error (trace->mtu.fd, trace->buffer, UINT16_MAX + 1, &len,
                                           &error);

      if (failed == -EINTR || failed == -EBADMSG)
        continue;
      if (failed != 0)
        break;
      if (error.notice.local)
        {
          if (local != NULL)
            *local = error.notice;
        }
      else if (!is_asked (trace, &error, len))
        continue;
      else if (trace->mtu.via == PTL_VIA_UDP && error.notice.meaning == PTL_ICMP_NO_PORT
               && ptl_address_equal_host (&error.notice.from, &trace->target))
        take_reached (trace);
      else
        take_notice (trace, &error.notice);
    }
  (void) getsockopt (trace->mtu.fd, SOL_SOCKET, SO_ERROR, &pending, &len_pending);
}

void
ptl_trace_mtu_receive (PtlTrace *trace)
{
  Mtu *mtu = &trace->mtu;

  receive_errors (trace, NULL);
  for (unsigned i = 0; i < MESSAGES_PER_TURN; i++)
    {
      PtlIcmpReceived received;
      int failed = ptl_icmp_receive (mtu->fd, trace->buffer, UINT16_MAX + 1, &received);

      if (failed == -EINTR)
        continue;
      if (failed != 0)
        return;
      if (mtu->via != PTL_VIA_UDP)
        take_icmp (trace, &received);
      else if (mtu->asked && ptl_address_equal_host (&received.from, &trace->target)
               && ptl_address_get_port (&received.from) == get_port (trace))
        take_reached (trace);
    }
}

/* --- sending ---------------------------------------------------------------------------------- */

static int
send_sized (PtlTrace *trace)
{
  Mtu *mtu = &trace->mtu;
  size_t len = mtu->size - get_headers (trace);
  PtlAddress to = trace->target;
  const uint8_t *bytes = trace->packet + PTL_ICMP_HEADER_LEN;
  int failed = ptl_icmp_set_ttl (mtu->fd, trace->family, mtu->ttl);
  ssize_t n;

  if (failed != 0)
    return failed;
  mtu->seq++;
  if (mtu->via == PTL_VIA_UDP)
    ptl_address_set_port (&to, get_port (trace));
  else
    {
      len = ptl_icmp_build_echo (trace->family, mtu->id, mtu->seq, trace->packet, len);
      bytes = trace->packet;
    }
  n = sendto (mtu->fd, bytes, len, MSG_NOSIGNAL, &to.sa, to.len);
  return n < 0 ? -errno : 0;
}

/* This computer's own interface is what is too small. */
static void
take_own (PtlTrace            *trace,
          const PtlIcmpNotice *local)
{
  PtlIcmpNotice notice = *local;

  notice.meaning = PTL_ICMP_TOO_BIG;
  notice.local = true;
  take_notice (trace, &notice);
  if (trace->mtu.phase != MTU_OVER)
    trace->mtu.due_ns = 0;
}

static void
send_next (PtlTrace *trace,
           uint64_t  now_ns)
{
  Mtu *mtu = &trace->mtu;
  PtlIcmpNotice local = { 0 };
  int failed = 0;

  mtu->asked = false;
  for (unsigned i = 0; i < 3; i++)
    {
      failed = send_sized (trace);
      if (failed == 0 || failed == -EAGAIN || failed == -ENOBUFS)
        break;
      receive_errors (trace, &local);
    }
  if (failed == -EAGAIN || failed == -ENOBUFS)
    mtu->due_ns = now_ns + GAP_NS;
  else if (failed == -EMSGSIZE)
    take_own (trace, &local);
  else if (failed != 0)
    finish (trace, PTL_TRACE_MTU_FAILED, -failed);
  else
    {
      mtu->asked = true;
      mtu->n_tries++;
      mtu->sent_ns = now_ns;
      mtu->due_ns = now_ns + TIMEOUT_NS;
    }
}

uint64_t
ptl_trace_mtu_turn (PtlTrace *trace,
                    uint64_t  now_ns)
{
  Mtu *mtu = &trace->mtu;

  if (mtu->phase == MTU_OVER)
    return UINT64_MAX;
  if (now_ns < mtu->due_ns)
    return mtu->due_ns;
  /* A router that does not answer small ones in the rounds is not waited for twice. */
  if (mtu->asked && (mtu->n_tries >= TRIES
                     || (mtu->phase == MTU_WALK && mtu->ttl != trace->stats.target_hop
                         && trace->hops[mtu->ttl - 1].times.n_received == 0)))
    take_silence (trace);
  if (mtu->phase != MTU_OVER && now_ns >= mtu->due_ns)
    send_next (trace, now_ns);
  return mtu->phase == MTU_OVER ? UINT64_MAX : mtu->due_ns;
}
