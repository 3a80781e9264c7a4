/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP ports: a connection that is begun, and what the one who accepts it says first. */
#include "config.h"

#include "probe/ptl-port-check-private.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ptl-clock.h"
#include "probe/ptl-port-check-hello.h"

#define SELF_TRIES_MAX 16 /* connections to oneself in a row */
#define QUIET_NS (100 * PTL_NS_PER_MS) /* after a greeting without a line end */

static uint32_t
since_us (uint64_t then_ns)
{
  return (uint32_t) MIN ((ptl_clock_monotonic_ns () - then_ns) / 1000, UINT32_MAX);
}

/* Both ends are the same address: no server, but the simultaneous open of RFC 9293 section 3.5
 * with the port that the kernel picked for us. */
static bool
is_connected_to_itself (int fd)
{
  PtlAddress here = { 0 }, there = { 0 };
  socklen_t len_here = sizeof here.un, len_there = sizeof there.un;

  if (getsockname (fd, &here.sa, &len_here) < 0 || getpeername (fd, &there.sa, &len_there) < 0)
    return false;
  here.len = len_here;
  there.len = len_there;
  return ptl_address_get_port (&here) == ptl_address_get_port (&there)
         && ptl_address_equal_host (&here, &there);
}

/* Takes nothing: the caller closes.  @asked: connect() itself said so, nothing came back. */
static void
report_error (PtlPortCheck *check,
              uint32_t      index,
              int           fd,
              int           sys_errno,
              uint64_t      sent_ns,
              bool          asked)
{
  PtlPortReport report = { .index = index, .sys_errno = (int16_t) sys_errno, .n_tries = 1 };

  report.rtt_us = since_us (sent_ns);
  switch (sys_errno)
    {
    case ECONNREFUSED:
    case ECONNRESET:
      if (ptl_port_check_read_icmp (check, fd, &report))
        report.state = PTL_PORT_FILTERED;
      else
        {
          report.state = PTL_PORT_CLOSED;
          report.why = PTL_PORT_WHY_REFUSED;
        }
      break;

    case ETIMEDOUT:
      report.state = PTL_PORT_FILTERED;
      report.why = PTL_PORT_WHY_SILENCE;
      report.rtt_us = 0;
      break;

    default:
      if (!asked && ptl_port_check_read_icmp (check, fd, &report))
        report.state = PTL_PORT_FILTERED;
      else if (!asked && (sys_errno == EHOSTUNREACH || sys_errno == ENETUNREACH
                          || sys_errno == EHOSTDOWN || sys_errno == EACCES))
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
    }
  ptl_port_check_report (check, &report);
}

static void
report_open (PtlPortCheck *check,
             uint32_t      index,
             uint32_t      rtt_us,
             const Slot   *slot)
{
  PtlPortReport report = { .index = index, .state = PTL_PORT_OPEN, .n_tries = 1,
                           .why = PTL_PORT_WHY_CONNECTED, .rtt_us = rtt_us };

  if (slot != NULL && slot->len > 0)
    {
      report.greeting = g_memdup2 (slot->bytes, slot->len);
      report.len_greeting = slot->len;
      report.asked_http = slot->phase == PHASE_HTTP;
      report.asked_tls = slot->phase == PHASE_TLS;
    }
  else
    report.more = check->greet && slot == NULL;
  ptl_port_check_report (check, &report);
}

/* True: asked again, for this was nobody. */
static bool
was_itself (PtlPortCheck *check,
            int           fd,
            uint32_t      index)
{
  struct linger abort = { 1, 0 };

  if (!check->own || !is_connected_to_itself (fd))
    return false;
  /* Without TIME_WAIT, which would keep the port. */
  setsockopt (fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  if (check->tries[index] < SELF_TRIES_MAX)
    {
      check->tries[index]++;
      g_array_append_val (check->again, index);
      return true;
    }
  /* Nothing listens there, or the kernel would not have given the port away as a source. */
  {
    PtlPortReport report = { .index = index, .state = PTL_PORT_CLOSED, .n_tries = 1,
                             .why = PTL_PORT_WHY_REFUSED };

    ptl_port_check_report (check, &report);
  }
  return true;
}

/* Takes @fd. */
static void
start_greeting (PtlPortCheck *check,
                int           fd,
                uint32_t      index,
                uint32_t      rtt_us)
{
  Slot *slot = ptl_port_check_take_slot (check, fd, index, PHASE_GREETING, EPOLLIN | EPOLLRDHUP);

  if (slot == NULL)
    {
      close (fd);
      return;
    }
  slot->rtt_us = rtt_us;
  ptl_port_check_set_due (check, slot, ptl_clock_monotonic_ns () + check->greeting_ns);
}

/* Takes @fd. */
static void
connected (PtlPortCheck *check,
           int           fd,
           uint32_t      index,
           uint64_t      sent_ns)
{
  uint32_t rtt_us = since_us (sent_ns);

  if (was_itself (check, fd, index))
    {
      close (fd);
      return;
    }
  report_open (check, index, rtt_us, NULL);
  if (check->greet)
    start_greeting (check, fd, index, rtt_us);
  else
    close (fd);
}

void
ptl_port_check_tcp_start (PtlPortCheck *check,
                          uint32_t      index)
{
  PtlAddress address = ptl_port_check_address (check, index);
  int family = ptl_address_get_family (&address);
  int fd = socket (family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  uint64_t sent_ns = ptl_clock_monotonic_ns ();
  socklen_t len = sizeof (int);
  int failed;
  Slot *slot;

  if (fd < 0)
    {
      ptl_port_check_trouble (check, index, errno);
      return;
    }
  ptl_port_check_set_recverr (fd, family);
  if (connect (fd, &address.sa, address.len) == 0)
    {
      connected (check, fd, index, sent_ns);
      return;
    }
  failed = errno;
  if (failed == EINPROGRESS && check->own)
    {
      /* On this computer the answer is mostly there when connect() returns. */
      if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &failed, &len) < 0)
        failed = errno;
      if (failed != 0)
        {
          report_error (check, index, fd, failed, sent_ns, false);
          close (fd);
          return;
        }
      failed = EINPROGRESS;
    }
  if (failed != EINPROGRESS)
    {
      if (ptl_port_check_is_passing (failed))
        ptl_port_check_trouble (check, index, failed);
      else
        report_error (check, index, fd, failed, sent_ns, true);
      close (fd);
      return;
    }
  slot = ptl_port_check_take_slot (check, fd, index, PHASE_CONNECTING, EPOLLOUT);
  if (slot == NULL)
    {
      close (fd);
      ptl_port_check_trouble (check, index, ENOMEM);
      return;
    }
  slot->sent_ns = sent_ns;
  ptl_port_check_set_due (check, slot, sent_ns + check->timeout_ns);
}

/* Connects once more to what has not answered the first question: HEAD ends where TLS is spoken,
 * and a ClientHello where it is not.  False: it cannot. */
static bool
ask_again (PtlPortCheck *check,
           const Slot   *before)
{
  PtlAddress address = ptl_port_check_address (check, before->index);
  int fd = socket (ptl_address_get_family (&address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                   0);
  Slot *slot = NULL;

  if (fd < 0)
    return false;
  if (connect (fd, &address.sa, address.len) == 0 || errno == EINPROGRESS)
    slot = ptl_port_check_take_slot (check, fd, before->index, PHASE_AGAIN, EPOLLOUT);
  if (slot == NULL)
    {
      close (fd);
      return false;
    }
  slot->rtt_us = before->rtt_us;
  slot->tls = !before->tls;
  slot->n_tries = 1;
  ptl_port_check_set_due (check, slot, ptl_clock_monotonic_ns () + check->greeting_ns);
  return true;
}

static void
finish_greeting (PtlPortCheck *check,
                 Slot         *slot)
{
  bool asked = slot->phase == PHASE_HTTP || slot->phase == PHASE_TLS;

  if (!asked || slot->len > 0 || slot->n_tries > 0 || !ask_again (check, slot))
    report_open (check, slot->index, slot->rtt_us, slot);
  ptl_port_check_drop (check, slot);
}

static void
ask_question (PtlPortCheck *check,
              Slot         *slot)
{
  char address[PTL_ADDRESS_TEXT_MAX];
  const char *host = check->host != NULL ? check->host
                     : ptl_address_format_host (&check->target, address, sizeof address);
  g_autoptr (GByteArray) bytes = slot->tls ? ptl_tls_hello_build (host)
                                           : ptl_http_head_build (host);

  slot->phase = slot->tls ? PHASE_TLS : PHASE_HTTP;
  /* A new connection takes it whole. */
  if (send (slot->fd, bytes->data, bytes->len, MSG_NOSIGNAL) < 0)
    finish_greeting (check, slot);
  else
    ptl_port_check_set_due (check, slot, ptl_clock_monotonic_ns () + check->greeting_ns);
}

static void
connected_again (PtlPortCheck *check,
                 Slot         *slot)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP };
  socklen_t len = sizeof (int);
  int failed = 0;

  event.data.u64 = (uint64_t) slot->generation << 32 | (uint32_t) (slot - check->slots);
  if (getsockopt (slot->fd, SOL_SOCKET, SO_ERROR, &failed, &len) < 0 || failed != 0
      || (check->own && is_connected_to_itself (slot->fd))
      || epoll_ctl (check->epoll_fd, EPOLL_CTL_MOD, slot->fd, &event) < 0)
    finish_greeting (check, slot);
  else
    ask_question (check, slot);
}

static bool
is_complete (const Slot *slot)
{
  if (slot->len == sizeof slot->bytes)
    return true;
  if (slot->phase == PHASE_HTTP)
    return memmem (slot->bytes, slot->len, "\r\n\r\n", 4) != NULL;
  if (slot->phase == PHASE_TLS)
    return ptl_tls_answer_is_complete (slot->bytes, slot->len);
  return slot->len > 0 && slot->bytes[slot->len - 1] == '\n';
}

static void
read_greeting (PtlPortCheck *check,
               Slot         *slot)
{
  ssize_t n = recv (slot->fd, slot->bytes + slot->len, sizeof slot->bytes - slot->len, 0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n > 0)
    slot->len = (uint16_t) (slot->len + n);
  if (n <= 0 || is_complete (slot))
    finish_greeting (check, slot);
  else
    ptl_port_check_set_due (check, slot, MIN (slot->due_ns,
                                              ptl_clock_monotonic_ns () + QUIET_NS));
}

void
ptl_port_check_tcp_event (PtlPortCheck *check,
                          Slot         *slot,
                          uint32_t      events)
{
  socklen_t len = sizeof (int);
  int failed = 0;

  if (slot->phase == PHASE_AGAIN)
    {
      connected_again (check, slot);
      return;
    }
  if (slot->phase != PHASE_CONNECTING)
    {
      read_greeting (check, slot);
      return;
    }
  if (getsockopt (slot->fd, SOL_SOCKET, SO_ERROR, &failed, &len) < 0)
    failed = errno;
  if (failed != 0)
    {
      report_error (check, slot->index, slot->fd, failed, slot->sent_ns, false);
      ptl_port_check_drop (check, slot);
    }
  else if ((events & EPOLLOUT) != 0)
    {
      /* The descriptor goes on in a slot of its own, or is closed. */
      uint32_t index = slot->index;
      uint64_t sent_ns = slot->sent_ns;
      int fd = slot->fd;

      epoll_ctl (check->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
      slot->fd = -1;
      ptl_port_check_drop (check, slot);
      connected (check, fd, index, sent_ns);
    }
}

void
ptl_port_check_tcp_due (PtlPortCheck *check,
                        Slot         *slot)
{
  if (slot->phase == PHASE_CONNECTING)
    {
      if (ptl_port_check_wait_for_neighbour (check, slot, slot->sent_ns + check->timeout_ns))
        return;
      report_error (check, slot->index, slot->fd, ETIMEDOUT, slot->sent_ns, false);
      ptl_port_check_drop (check, slot);
    }
  else if (slot->phase == PHASE_GREETING && slot->len == 0 && check->http)
    {
      slot->tls = ptl_tls_is_usual (check->items[slot->index].port);
      ask_question (check, slot);
    }
  else
    finish_greeting (check, slot);
}
