/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes back of a ping's probes: answers, errors, nothing. */
#include "config.h"

#include "probe/ptl-ping-private.h"

#include <errno.h>
#include <string.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

#define MESSAGES_PER_TURN 256

/* --- finding the probe ------------------------------------------------------------------------ */

/* By what an ICMP header has of it; NULL: none of ours, or forgotten. */
static Slot *
find_by_low_seq (Flow     *flow,
                 uint16_t  seq)
{
  Slot *slot = ptl_ping_slot (flow, seq);

  return slot->state != SLOT_FREE && (uint16_t) slot->seq == seq ? slot : NULL;
}

static bool
is_of (PtlPing          *ping,
       const Slot       *slot,
       const PtlAddress *address)
{
  return ptl_address_equal_host (&ping->targets[slot->target].stats.address, address);
}

/* By the head of a datagram's data, as far as it was quoted. */
static Slot *
find_by_data (PtlPing       *ping,
              Flow          *flow,
              const uint8_t *data,
              size_t         len)
{
  uint32_t seq;
  Slot *slot;

  if (len < 12 || memcmp (data, ping->nonce, 8) != 0)
    return NULL;
  seq = (uint32_t) data[8] << 24 | (uint32_t) data[9] << 16 | (uint32_t) data[10] << 8 | data[11];
  slot = ptl_ping_slot (flow, seq);
  return slot->state != SLOT_FREE && slot->seq == seq ? slot : NULL;
}

/* The oldest that still waits for an answer of @address. */
static Slot *
find_by_address (PtlPing          *ping,
                 Flow             *flow,
                 const PtlAddress *address)
{
  for (uint32_t seq = flow->tail; seq != flow->head; seq++)
    {
      Slot *slot = ptl_ping_slot (flow, seq);

      if (slot->state == SLOT_ASKED && is_of (ping, slot, address))
        return slot;
    }
  return NULL;
}

/* --- what becomes of it ----------------------------------------------------------------------- */

static void
set_sample_locked (PtlPing           *ping,
                   const Slot        *slot,
                   PtlPingSampleKind  kind,
                   uint64_t           ns)
{
  PtlPingSample *sample = ptl_ping_sample_locked (ping, slot->target, slot->number);

  if (sample->number != slot->number)
    return;
  sample->kind = (uint8_t) kind;
  sample->us = (uint32_t) MIN ((ns + 500) / 1000, UINT32_MAX);
}

static void
count_round_trip (PtlPingStats *stats,
                  uint64_t      ns)
{
  if (stats->n_received == 0)
    stats->min_ns = stats->max_ns = ns;
  else
    stats->sum_steps_ns += (double) (ns > stats->last_ns ? ns - stats->last_ns
                                                         : stats->last_ns - ns);
  stats->n_received++;
  stats->min_ns = MIN (stats->min_ns, ns);
  stats->max_ns = MAX (stats->max_ns, ns);
  stats->sum_ns += (double) ns;
  stats->sum_squares += (double) ns * (double) ns;
  stats->last_ns = ns;
}

/* @wrong_at: SIZE_MAX when what came is what was sent. */
static void
tell_answer (PtlPing  *ping,
             Slot     *slot,
             uint64_t  stamp_ns,
             int       ttl,
             size_t    wrong_at,
             size_t    len)
{
  Target *of = &ping->targets[slot->target];
  PtlPingStats *stats = &of->stats;
  uint64_t ns = ptl_icmp_round_trip (slot->sent_ns, slot->sent_real_ns, ptl_clock_monotonic_ns (),
                                     stamp_ns);
  bool late = slot->state == SLOT_LOST;

  pthread_mutex_lock (&ping->lock);
  if (slot->state == SLOT_ANSWERED)
    stats->n_duplicates++;
  else
    {
      if (slot->state == SLOT_ASKED)
        stats->n_pending--;
      else
        stats->n_lost--;
      stats->n_late += late;
      slot->state = SLOT_ANSWERED;
      stats->held_back = false;
      count_round_trip (stats, ns);
      if (slot->number < of->highest)
        stats->n_reordered++;
      of->highest = MAX (of->highest, slot->number);
      stats->reply_ttl = ttl;
      set_sample_locked (ping, slot, late ? PTL_PING_SAMPLE_LATE : PTL_PING_SAMPLE_ANSWERED, ns);
    }
  if (wrong_at != SIZE_MAX)
    {
      stats->n_wrong++;
      stats->wrong_at = (uint32_t) wrong_at;
      stats->wrong_len = (uint32_t) len;
    }
  ptl_ping_mark_locked (ping, slot->target);
  ptl_ping_check_locked (ping, slot->target);
  pthread_mutex_unlock (&ping->lock);
}

static void
tell_error (PtlPing             *ping,
            Slot                *slot,
            const PtlIcmpNotice *notice)
{
  PtlPingStats *stats = &ping->targets[slot->target].stats;

  pthread_mutex_lock (&ping->lock);
  stats->notice = *notice;
  stats->notice.own = notice->from.len > 0 && ptl_address_equal_host (&notice->from,
                                                                      &stats->source);
  stats->has_notice = true;
  if (slot->state == SLOT_ASKED)
    {
      slot->state = SLOT_REFUSED;
      stats->n_pending--;
      stats->n_lost++;
      stats->n_errors++;
      set_sample_locked (ping, slot, PTL_PING_SAMPLE_ERROR, 0);
    }
  ptl_ping_mark_locked (ping, slot->target);
  ptl_ping_check_locked (ping, slot->target);
  pthread_mutex_unlock (&ping->lock);
}

/* Whether the target itself has said that nobody listens there: then it is there. */
static bool
is_answer (PtlPing             *ping,
           const Flow          *flow,
           const Slot          *slot,
           const PtlIcmpNotice *notice)
{
  return (flow->choice.via == PTL_VIA_UDP || flow->choice.via == PTL_VIA_TCP)
         && (notice->meaning == PTL_ICMP_NO_PORT || notice->meaning == PTL_ICMP_NO_PROTOCOL)
         && is_of (ping, slot, &notice->from);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static void
take_echo (PtlPing               *ping,
           Flow                  *flow,
           const PtlIcmpMessage  *message,
           const PtlIcmpReceived *received)
{
  Slot *slot = find_by_low_seq (flow, message->seq);
  size_t len = ping->options.size_bytes;

  if (slot == NULL || !is_of (ping, slot, &received->from))
    return;
  ptl_ping_fill (ping, slot->seq, ping->packet, len);
  tell_answer (ping, slot, received->stamp_ns, received->ttl,
               ptl_icmp_compare (ping->packet, len, message->data, message->len_data),
               message->len_data);
}

/* An error that a raw socket has got whole. */
static void
take_raw_error (PtlPing               *ping,
                Flow                  *flow,
                const PtlIcmpMessage  *message,
                const PtlIcmpReceived *received)
{
  PtlIcmpNotice notice = {
    .meaning = message->meaning, .family = flow->family, .type = message->type,
    .code = message->code, .mtu = message->mtu, .from = received->from,
    .n_labels = message->n_labels,
  };
  Slot *slot;

  if (!message->has_quoted || !message->quoted.has_echo || message->quoted.id != flow->id)
    return;
  slot = find_by_low_seq (flow, message->quoted.seq);
  if (slot == NULL || !is_of (ping, slot, &message->quoted.destination))
    return;
  memcpy (notice.labels, message->labels, sizeof notice.labels);
  ptl_address_set_port (&notice.from, 0);
  tell_error (ping, slot, &notice);
}

static void
take_icmp (PtlPing         *ping,
           Flow            *flow,
           PtlIcmpReceived *received)
{
  bool raw = flow->choice.via == PTL_VIA_ICMP_RAW;
  PtlIcmpMessage message;
  uint8_t ttl;

  if (raw && flow->family == AF_INET)
    {
      if (!ptl_icmp_parse_ipv4 (ping->buffer, received->len, &message, &ttl, &received->from))
        return;
      received->ttl = ttl;
    }
  else if (!ptl_icmp_parse (flow->family, ping->buffer, received->len, &message))
    return;
  if (message.meaning == PTL_ICMP_ECHO_REPLY)
    {
      if (!raw || message.id == flow->id)
        take_echo (ping, flow, &message, received);
    }
  else if (raw)
    take_raw_error (ping, flow, &message, received);
}

void
ptl_ping_receive (PtlPing *ping,
                  Flow    *flow)
{
  for (unsigned i = 0; i < MESSAGES_PER_TURN; i++)
    {
      PtlIcmpReceived received;
      int failed = ptl_icmp_receive (flow->fd, ping->buffer, UINT16_MAX + 1, &received);

      if (failed == -EINTR)
        continue;
      /* An error here is one that the queue has told too, and is gone with being told. */
      if (failed != 0)
        return;
      if (flow->choice.via == PTL_VIA_UDP)
        {
          Slot *slot = find_by_data (ping, flow, ping->buffer, received.len);

          if (slot == NULL || !is_of (ping, slot, &received.from))
            slot = find_by_address (ping, flow, &received.from);
          if (slot != NULL)
            tell_answer (ping, slot, received.stamp_ns, received.ttl, SIZE_MAX, 0);
        }
      else
        take_icmp (ping, flow, &received);
    }
}

/* What the kernel itself refused, while it was sent. */
static void
take_local_error (PtlPing            *ping,
                  const PtlIcmpError *error)
{
  PtlPingStats *stats;

  if (ping->sending == PTL_PING_NOBODY)
    return;
  stats = &ping->targets[ping->sending].stats;
  pthread_mutex_lock (&ping->lock);
  stats->notice = error->notice;
  stats->has_notice = true;
  pthread_mutex_unlock (&ping->lock);
}

void
ptl_ping_receive_errors (PtlPing *ping,
                         Flow    *flow)
{
  uint8_t echo = flow->family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
  int pending;
  socklen_t len_pending = sizeof pending;

  for (unsigned i = 0; i < MESSAGES_PER_TURN; i++)
    {
      PtlIcmpError error;
      size_t len;
      Slot *slot;
      int failed = ptl_icmp_receive_error (flow->fd, ping->buffer, UINT16_MAX + 1, &len, &error);

      if (failed == -EINTR || failed == -EBADMSG)
        continue;
      if (failed != 0)
        break;
      if (error.notice.local)
        {
          take_local_error (ping, &error);
          continue;
        }
      if (flow->choice.via == PTL_VIA_UDP)
        {
          slot = find_by_data (ping, flow, ping->buffer, len);
          if (slot == NULL)
            slot = find_by_address (ping, flow, &error.destination);
        }
      else if (len >= PTL_ICMP_HEADER_LEN && ping->buffer[0] == echo)
        slot = find_by_low_seq (flow, (uint16_t) (ping->buffer[6] << 8 | ping->buffer[7]));
      else
        slot = NULL;
      if (slot == NULL || !is_of (ping, slot, &error.destination))
        continue;
      if (is_answer (ping, flow, slot, &error.notice))
        tell_answer (ping, slot, error.stamp_ns, -1, SIZE_MAX, 0);
      else
        tell_error (ping, slot, &error.notice);
    }
  /* A socket error without anything in the queue would wake us for ever. */
  (void) getsockopt (flow->fd, SOL_SOCKET, SO_ERROR, &pending, &len_pending);
}

void
ptl_ping_finish_tcp (PtlPing *ping,
                     Flow    *flow,
                     Slot    *slot)
{
  PtlIcmpError error;
  bool has_error;
  int failed = 0;
  socklen_t len_failed = sizeof failed;
  size_t len;

  has_error = ptl_icmp_receive_error (slot->fd, ping->buffer, UINT16_MAX + 1, &len, &error) == 0;
  if (getsockopt (slot->fd, SOL_SOCKET, SO_ERROR, &failed, &len_failed) < 0)
    failed = errno;
  ptl_ping_close_slot (ping, slot);
  if (has_error && is_answer (ping, flow, slot, &error.notice))
    failed = 0;
  else if (failed == ECONNREFUSED && !has_error)
    failed = 0; /* RST: the target said so */
  if (failed == 0)
    {
      tell_answer (ping, slot, 0, -1, SIZE_MAX, 0);
      return;
    }
  if (!has_error)
    error.notice = (PtlIcmpNotice) { .family = flow->family, .sys_errno = failed };
  tell_error (ping, slot, &error.notice);
}

/* --- nothing ---------------------------------------------------------------------------------- */

/* It is looked for at the first loss, the second, the fourth ...: that costs a ping each. */
static bool
find_held_back (const Flow         *flow,
                const PtlPingStats *stats)
{
  uint32_t n = stats->n_lost + 1;

  if (flow->family != AF_INET6 || flow->choice.via != PTL_VIA_ICMP_DATAGRAM)
    return false;
  return (n & (n - 1)) != 0 ? stats->held_back : ptl_icmp_is_held_back (&stats->address);
}

uint64_t
ptl_ping_expire (PtlPing  *ping,
                 Flow     *flow,
                 uint64_t  now_ns)
{
  uint64_t timeout_ns = ptl_ping_timeout_ns (ping, flow);

  for (; flow->tail != flow->head; flow->tail++)
    {
      Slot *slot = ptl_ping_slot (flow, flow->tail);
      PtlPingStats *stats = &ping->targets[slot->target].stats;
      bool held_back;

      if (slot->state != SLOT_ASKED)
        continue;
      if (slot->sent_ns + timeout_ns > now_ns)
        return slot->sent_ns + timeout_ns;
      ptl_ping_close_slot (ping, slot);
      slot->state = SLOT_LOST;
      held_back = find_held_back (flow, stats);
      pthread_mutex_lock (&ping->lock);
      stats->held_back = held_back;
      stats->n_pending--;
      stats->n_lost++;
      set_sample_locked (ping, slot, PTL_PING_SAMPLE_LOST, 0);
      ptl_ping_mark_locked (ping, slot->target);
      ptl_ping_check_locked (ping, slot->target);
      pthread_mutex_unlock (&ping->lock);
    }
  return UINT64_MAX;
}
