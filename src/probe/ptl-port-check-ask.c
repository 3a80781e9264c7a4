/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDP ports: a question, what comes back, and whether silence may be believed. */
#include "config.h"

#include "probe/ptl-port-check-private.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

#define TRIES_MAX 3
#define OWN_TRIES_MAX 2
#define TRY_MAX_NS (1000 * PTL_NS_PER_MS)
/* A host of Linux lets six errors through at once and then one a second for each who asks
 * (icmp_ratelimit); others are faster. */
#define SLOW_FIRST_NS (100 * PTL_NS_PER_MS)
#define SLOW_LAST_NS (1050 * PTL_NS_PER_MS)
#define SLOW_ENOUGH 12 /* silent ones in a row: this pace tells nothing new */

static uint64_t
try_ns (const PtlPortCheck *check)
{
  return MIN (check->timeout_ns, TRY_MAX_NS) / (check->own ? 3 : 1);
}

static void
end_silent (PtlPortCheck *check,
            Slot         *slot)
{
  PtlPortReport report = { .index = slot->index, .state = PTL_PORT_OPEN_FILTERED,
                           .why = PTL_PORT_WHY_SILENCE, .n_tries = slot->n_tries };

  if (check->slow_running)
    check->slow_at++;
  if (!check->own)
    g_array_append_val (check->silent, slot->index);
  report.more = !check->own && check->n_udp_closed > 0;
  ptl_port_check_report (check, &report);
  ptl_port_check_drop (check, slot);
}

static void
end_error (PtlPortCheck *check,
           Slot         *slot,
           int           sys_errno)
{
  PtlPortReport report = { .index = slot->index, .sys_errno = (int16_t) sys_errno,
                           .n_tries = slot->n_tries };

  report.rtt_us = (uint32_t) MIN ((ptl_clock_monotonic_ns () - slot->sent_ns) / 1000, UINT32_MAX);
  if (ptl_port_check_read_icmp (check, slot->fd, &report))
    report.state = ptl_port_check_is_port_unreachable (check, &report) ? PTL_PORT_CLOSED
                                                                       : PTL_PORT_FILTERED;
  else if (sys_errno == ECONNREFUSED)
    {
      report.state = PTL_PORT_CLOSED;
      report.why = PTL_PORT_WHY_REFUSED;
    }
  else if (sys_errno == EHOSTUNREACH || sys_errno == ENETUNREACH || sys_errno == EHOSTDOWN)
    {
      report.state = PTL_PORT_FILTERED;
      report.why = PTL_PORT_WHY_UNREACHABLE;
    }
  else
    {
      report.state = PTL_PORT_FAILED;
      report.why = PTL_PORT_WHY_LOCAL;
      report.rtt_us = 0;
    }
  check->n_udp_closed += report.state == PTL_PORT_CLOSED;
  if (check->slow_running)
    {
      check->slow_at++;
      check->slow_closed++;
    }
  ptl_port_check_report (check, &report);
  ptl_port_check_drop (check, slot);
}

/* Sends the question once more.  0, or an errno. */
static int
ask (PtlPortCheck *check,
     Slot         *slot)
{
  PtlAddress address = ptl_port_check_address (check, slot->index), own = { 0 };
  uint8_t payload[PTL_UDP_PROBE_MAX];
  char host[PTL_ADDRESS_TEXT_MAX];
  size_t len;
  ssize_t n;
  bool other_port = slot->probe != NULL && slot->probe->other_port;

  ptl_address_format_host (&check->target, host, sizeof host);
  own.len = sizeof own.un;
  if (getsockname (slot->fd, &own.sa, &own.len) < 0)
    own.len = 0;
  len = ptl_udp_probe_build (slot->probe, slot->id, check->host != NULL ? check->host : host,
                             &check->target, &own, payload);
  slot->sent_ns = ptl_clock_monotonic_ns ();
  n = other_port ? sendto (slot->fd, payload, len, MSG_NOSIGNAL, &address.sa, address.len)
                 : send (slot->fd, payload, len, MSG_NOSIGNAL);
  if (n < 0)
    return errno;
  slot->n_tries++;
  ptl_port_check_set_due (check, slot, slot->sent_ns + try_ns (check));
  return 0;
}

void
ptl_port_check_udp_start (PtlPortCheck *check,
                          uint32_t      index)
{
  PtlAddress address = ptl_port_check_address (check, index);
  const PtlUdpProbe *probe = ptl_udp_probe_find (check->items[index].port);
  int family = ptl_address_get_family (&address);
  PTL_AUTO_FD fd = socket (family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  Slot *slot;
  int failed = 0;

  if (fd < 0)
    {
      ptl_port_check_trouble (check, index, errno);
      return;
    }
  ptl_port_check_set_recverr (fd, family);
  if ((probe == NULL || !probe->other_port) && connect (fd, &address.sa, address.len) < 0)
    failed = errno;
  if (failed != 0 && ptl_port_check_is_passing (failed))
    {
      ptl_port_check_trouble (check, index, failed);
      return;
    }
  if (failed != 0)
    {
      PtlPortReport report = { .index = index, .state = PTL_PORT_FAILED,
                               .why = PTL_PORT_WHY_LOCAL, .sys_errno = (int16_t) failed };

      ptl_port_check_report (check, &report);
      return;
    }
  slot = ptl_port_check_take_slot (check, fd, index, PHASE_ASKED, EPOLLIN);
  if (slot == NULL)
    {
      ptl_port_check_trouble (check, index, ENOMEM);
      return;
    }
  ptl_fd_steal (&fd);
  slot->probe = probe;
  while (getrandom (&slot->id, sizeof slot->id, 0) < 0 && errno == EINTR)
    ;
  failed = ask (check, slot);
  if (failed == 0)
    return;
  if (ptl_port_check_is_passing (failed))
    {
      ptl_port_check_drop (check, slot);
      ptl_port_check_trouble (check, index, failed);
    }
  else
    end_error (check, slot, failed);
}

void
ptl_port_check_udp_event (PtlPortCheck *check,
                          Slot         *slot)
{
  PtlAddress address = ptl_port_check_address (check, slot->index), from = { 0 };
  struct iovec part = { slot->bytes, sizeof slot->bytes };
  struct msghdr message = { .msg_name = &from.sa, .msg_namelen = sizeof from.un,
                            .msg_iov = &part, .msg_iovlen = 1 };
  ssize_t n = recvmsg (slot->fd, &message, 0);
  PtlPortReport report = { .index = slot->index, .state = PTL_PORT_OPEN,
                           .why = PTL_PORT_WHY_ANSWER, .n_tries = slot->n_tries };

  if (n < 0)
    {
      if (errno != EAGAIN && errno != EINTR)
        end_error (check, slot, errno);
      return;
    }
  from.len = message.msg_namelen;
  /* Without connect() anybody may send. */
  if (slot->probe != NULL && slot->probe->other_port && !ptl_address_equal_host (&from, &address))
    return;
  report.rtt_us = (uint32_t) MIN ((ptl_clock_monotonic_ns () - slot->sent_ns) / 1000, UINT32_MAX);
  report.fits = ptl_udp_probe_fits (slot->probe, slot->id, slot->bytes, (size_t) n);
  if (n > 0)
    {
      report.greeting = g_memdup2 (slot->bytes, (size_t) n);
      report.len_greeting = (uint16_t) n;
    }
  if (check->slow_running)
    check->slow_at++;
  ptl_port_check_report (check, &report);
  ptl_port_check_drop (check, slot);
}

void
ptl_port_check_udp_due (PtlPortCheck *check,
                        Slot         *slot)
{
  unsigned tries_max = check->slow_running ? 1 : check->own ? OWN_TRIES_MAX : TRIES_MAX;
  int failed;

  if (slot->n_tries >= tries_max)
    {
      if (ptl_port_check_wait_for_neighbour (check, slot, slot->sent_ns + try_ns (check)))
        return;
      end_silent (check, slot);
      return;
    }
  failed = ask (check, slot);
  if (failed != 0 && !ptl_port_check_is_passing (failed))
    end_error (check, slot, failed);
  else if (failed != 0)
    ptl_port_check_set_due (check, slot, ptl_clock_monotonic_ns () + try_ns (check));
}

/* --- slower ----------------------------------------------------------------------------------- */

/* Ends a round; false: silence is what it is. */
static bool
next_round (PtlPortCheck *check)
{
  bool anything_new = check->slow_closed > 0 || !check->slow_running;

  if (check->slow_running)
    {
      if (!anything_new && check->slow_interval_ns >= SLOW_LAST_NS)
        return false;
      check->slow_interval_ns = MIN (check->slow_interval_ns * 3, SLOW_LAST_NS);
    }
  else
    check->slow_interval_ns = SLOW_FIRST_NS;
  /* What this round did not come to goes first. */
  for (uint32_t i = 0; i < check->silent->len; i++)
    g_array_append_val (check->slow, g_array_index (check->silent, uint32_t, i));
  g_array_remove_range (check->slow, 0, check->slow_next);
  g_array_set_size (check->silent, 0);
  check->slow_next = 0;
  check->slow_at = 0;
  check->slow_closed = 0;
  check->slow_running = true;
  return check->slow->len > 0;
}

bool
ptl_port_check_udp_slow (PtlPortCheck *check,
                         uint32_t     *index)
{
  bool vain;

  if (check->own || check->n_udp_closed == 0)
    return false;
  vain = check->slow_at >= SLOW_ENOUGH && check->slow_closed == 0;
  if (!check->slow_running || check->slow_next == check->slow->len || vain)
    {
      /* Those on their way belong to the round. */
      if (check->n_probing > 0)
        return false;
      if (!next_round (check))
        {
          check->slow_running = false;
          g_array_set_size (check->slow, 0);
          g_array_set_size (check->silent, 0);
          check->slow_next = 0;
          check->n_udp_closed = 0; /* no more rounds */
          check->status.slow_ms = check->status.n_slow = 0;
          return false;
        }
    }
  *index = g_array_index (check->slow, uint32_t, check->slow_next);
  check->slow_next++;
  check->status.slow_ms = (uint32_t) (check->slow_interval_ns / PTL_NS_PER_MS);
  check->status.n_slow = check->slow->len - check->slow_next + check->silent->len + 1;
  return true;
}
