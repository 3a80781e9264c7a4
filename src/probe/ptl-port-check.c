/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that checks ports: what is started when, what is waited for, what is told. */
#include "config.h"

#include "probe/ptl-port-check-private.h"

#include <errno.h>
#include <ifaddrs.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <linux/errqueue.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"
#include "probe/ptl-neighbour.h"

#define EVENTS_MAX 128
#define LAUNCHES_PER_TURN 64
#define BATCH_MAX 1024                      /* reports that wait to be told */
#define FLUSH_NS (20 * PTL_NS_PER_MS)
#define BLOCKED_NS (50 * PTL_NS_PER_MS)     /* after an error of this computer */
#define TROUBLE_MAX_NS (10 * PTL_NS_PER_S)  /* of such errors without one success */
/* Linux gives a neighbour up after three seconds; less than two is wanted to be quick. */
#define NEIGHBOUR_TIMEOUT_MIN_NS (2 * PTL_NS_PER_S)
#define NEIGHBOUR_WAIT_NS PTL_NS_PER_S
#define NEIGHBOUR_LOOK_NS (200 * PTL_NS_PER_MS)
#define WAKE_DATA UINT64_MAX

/* Whether this computer has that address. */
static bool
is_own (const PtlAddress *address)
{
  struct ifaddrs *list = NULL;
  PtlAddress plain = *address;
  bool own = false;

  ptl_address_unmap (&plain);
  /* To the unspecified address means to this computer (RFC 1122 section 3.2.1.3). */
  if (ptl_address_is_loopback (&plain) || ptl_address_is_any (&plain))
    return true;
  if (getifaddrs (&list) < 0)
    return false;
  for (const struct ifaddrs *at = list; at != NULL && !own; at = at->ifa_next)
    {
      PtlAddress here;
      socklen_t len;

      if (at->ifa_addr == NULL)
        continue;
      len = at->ifa_addr->sa_family == AF_INET    ? sizeof (struct sockaddr_in)
            : at->ifa_addr->sa_family == AF_INET6 ? sizeof (struct sockaddr_in6)
                                                  : 0;
      own = len > 0 && ptl_address_from_sockaddr (&here, at->ifa_addr, len)
            && ptl_address_equal_host (&here, &plain);
    }
  freeifaddrs (list);
  return own;
}

PtlAddress
ptl_port_check_address (const PtlPortCheck *check,
                        uint32_t            index)
{
  PtlAddress address = check->target;

  ptl_address_set_port (&address, check->items[index].port);
  return address;
}

void
ptl_port_check_set_recverr (int fd,
                            int family)
{
  int one = 1;

  /* Without it the error still comes, only not its sender. */
  if (family == AF_INET6)
    (void) setsockopt (fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof one);
  else
    (void) setsockopt (fd, IPPROTO_IP, IP_RECVERR, &one, sizeof one);
}

bool
ptl_port_check_wait_for_neighbour (PtlPortCheck *check,
                                   Slot         *slot,
                                   uint64_t      due_ns)
{
  uint64_t now_ns = ptl_clock_monotonic_ns ();

  /* Who wants to know it sooner than that does not wait for it. */
  if (check->own || check->timeout_ns < NEIGHBOUR_TIMEOUT_MIN_NS
      || now_ns >= due_ns + NEIGHBOUR_WAIT_NS || !ptl_neighbour_is_asked_for (&check->target))
    return false;
  ptl_port_check_set_due (check, slot, now_ns + NEIGHBOUR_LOOK_NS);
  return true;
}

/* --- what comes back -------------------------------------------------------------------------- */

/* An address that nobody on the link answers for is told by the kernel itself, in its own name
 * (arp(7), RFC 4861 section 7.2.2). */
static bool
is_own_offender (const PtlPortReport *report)
{
  PtlAddress address = { 0 };

  if (report->offender_family == AF_INET && report->icmp_type == 3 && report->icmp_code == 1)
    {
      address.len = sizeof address.in;
      address.in.sin_family = AF_INET;
      memcpy (&address.in.sin_addr, report->offender, 4);
    }
  else if (report->offender_family == AF_INET6 && report->icmp_type == 1 && report->icmp_code == 3)
    {
      address.len = sizeof address.in6;
      address.in6.sin6_family = AF_INET6;
      memcpy (&address.in6.sin6_addr, report->offender, 16);
    }
  else
    return false;
  return is_own (&address);
}

static bool
take_extended (PtlPortReport                  *report,
               const struct sock_extended_err *extended,
               size_t                          len)
{
  const struct sockaddr *who = SO_EE_OFFENDER (extended);

  if (len < sizeof *extended || (extended->ee_origin != SO_EE_ORIGIN_ICMP
                                 && extended->ee_origin != SO_EE_ORIGIN_ICMP6))
    return false;
  report->why = PTL_PORT_WHY_ICMP;
  report->icmp_type = extended->ee_type;
  report->icmp_code = extended->ee_code;
  report->sys_errno = (int16_t) extended->ee_errno;
  if (len >= sizeof *extended + sizeof (struct sockaddr_in) && who->sa_family == AF_INET)
    {
      report->offender_family = AF_INET;
      memcpy (report->offender, &((const struct sockaddr_in *) who)->sin_addr, 4);
    }
  else if (len >= sizeof *extended + sizeof (struct sockaddr_in6) && who->sa_family == AF_INET6)
    {
      report->offender_family = AF_INET6;
      memcpy (report->offender, &((const struct sockaddr_in6 *) who)->sin6_addr, 16);
    }
  report->offender_own = is_own_offender (report);
  return true;
}

bool
ptl_port_check_read_icmp (const PtlPortCheck *check,
                          int                 fd,
                          PtlPortReport      *report)
{
  union
  {
    struct cmsghdr align;
    uint8_t        bytes[256];
  } control;
  uint8_t payload[64];
  struct iovec part = { payload, sizeof payload };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes };

  if (recvmsg (fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
    return false;
  for (struct cmsghdr *at = CMSG_FIRSTHDR (&message); at != NULL; at = CMSG_NXTHDR (&message, at))
    if ((at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_RECVERR)
        || (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_RECVERR))
      return take_extended (report, (const struct sock_extended_err *) CMSG_DATA (at),
                            at->cmsg_len - CMSG_LEN (0));
  return false;
}

bool
ptl_port_check_is_port_unreachable (const PtlPortCheck  *check,
                                    const PtlPortReport *report)
{
  bool v6 = ptl_address_get_family (&check->target) == AF_INET6;

  if (report->why != PTL_PORT_WHY_ICMP)
    return false;
  /* RFC 792: type 3 code 3; RFC 4443 section 3.1: type 1 code 4. */
  if (v6 && report->offender_family == AF_INET6)
    return report->icmp_type == 1 && report->icmp_code == 4
           && (check->own || memcmp (report->offender, &check->target.in6.sin6_addr, 16) == 0);
  return report->icmp_type == 3 && report->icmp_code == 3
         && (check->own || (report->offender_family == AF_INET && !v6
                            && memcmp (report->offender, &check->target.in.sin_addr, 4) == 0));
}

/* --- what is told ----------------------------------------------------------------------------- */

static void
flush (PtlPortCheck *check)
{
  bool tell;

  check->status.n_in_flight = check->n_probing;
  check->status.elapsed_ns = ptl_clock_monotonic_ns () - check->started_ns;
  check->flushed_ns = ptl_clock_monotonic_ns ();
  pthread_mutex_lock (&check->lock);
  if (check->batch->len > 0)
    g_array_append_vals (check->reports, check->batch->data, check->batch->len);
  check->shared_status = check->status;
  tell = !check->told;
  check->told = true;
  pthread_mutex_unlock (&check->lock);
  g_array_set_size (check->batch, 0);
  if (tell)
    check->news (check->data);
}

void
ptl_port_check_report (PtlPortCheck  *check,
                       PtlPortReport *report)
{
  uint8_t *state = &check->tries[check->n_items + report->index];

  if (report->why == PTL_PORT_WHY_LOCAL)
    report->refusal = (uint8_t) ptl_verdict_find (&check->target, report->sys_errno);
  if (report->greeting != NULL)
    {
      if (check->n_greeting_bytes + report->len_greeting > PTL_PORT_CHECK_GREETINGS_MAX)
        {
          g_clear_pointer (&report->greeting, g_free);
          report->len_greeting = 0;
        }
      check->n_greeting_bytes += report->len_greeting;
    }
  if (*state == PTL_PORT_WAITING)
    check->status.n_done++;
  else
    check->status.n_by_state[*state]--;
  *state = report->state;
  check->status.n_by_state[*state]++;
  g_array_append_val (check->batch, *report);
  if (check->batch->len >= BATCH_MAX)
    flush (check);
}

GArray *
ptl_port_check_take (PtlPortCheck       *check,
                     PtlPortCheckStatus *status)
{
  GArray *fresh = g_array_new (FALSE, FALSE, sizeof (PtlPortReport)), *taken;

  pthread_mutex_lock (&check->lock);
  taken = check->reports;
  check->reports = fresh;
  *status = check->shared_status;
  check->told = false;
  pthread_mutex_unlock (&check->lock);
  return taken;
}

/* --- slots ------------------------------------------------------------------------------------ */

Slot *
ptl_port_check_take_slot (PtlPortCheck *check,
                          int           fd,
                          uint32_t      index,
                          Phase         phase,
                          uint32_t      events)
{
  struct epoll_event event = { .events = events };
  uint32_t number = check->first_free;
  Slot *slot;

  if (number == PTL_PORT_NO_SLOT)
    return NULL;
  slot = &check->slots[number];
  event.data.u64 = (uint64_t) (slot->generation + 1) << 32 | number;
  if (epoll_ctl (check->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
    return NULL;
  check->first_free = slot->next_free;
  slot->generation++;
  slot->fd = fd;
  slot->phase = phase;
  slot->index = index;
  slot->len = 0;
  slot->n_tries = 0;
  slot->tls = false;
  slot->probe = NULL;
  slot->due_ns = UINT64_MAX;
  check->n_slots_used++;
  if (phase == PHASE_CONNECTING || phase == PHASE_ASKED)
    check->n_probing++;
  return slot;
}

void
ptl_port_check_drop (PtlPortCheck *check,
                     Slot         *slot)
{
  if (slot->phase == PHASE_CONNECTING || slot->phase == PHASE_ASKED)
    check->n_probing--;
  check->n_slots_used--;
  ptl_fd_clear (&slot->fd);
  slot->phase = PHASE_FREE;
  slot->generation++;
  slot->next_free = check->first_free;
  check->first_free = (uint32_t) (slot - check->slots);
}

void
ptl_port_check_set_due (PtlPortCheck *check,
                        Slot         *slot,
                        uint64_t      due_ns)
{
  slot->due_ns = due_ns;
  check->next_due_ns = MIN (check->next_due_ns, due_ns);
}

/* --- trouble ---------------------------------------------------------------------------------- */

bool
ptl_port_check_is_passing (int sys_errno)
{
  return sys_errno == EMFILE || sys_errno == ENFILE || sys_errno == ENOBUFS || sys_errno == ENOMEM
         || sys_errno == EAGAIN || sys_errno == EADDRNOTAVAIL || sys_errno == EINTR;
}

void
ptl_port_check_trouble (PtlPortCheck *check,
                        uint32_t      index,
                        int           sys_errno)
{
  uint64_t now_ns = ptl_clock_monotonic_ns ();

  if (!ptl_port_check_is_passing (sys_errno))
    {
      PtlPortReport report = { .index = index, .state = PTL_PORT_FAILED,
                               .why = PTL_PORT_WHY_LOCAL, .sys_errno = (int16_t) sys_errno };

      ptl_port_check_report (check, &report);
      return;
    }
  g_array_append_val (check->again, index);
  check->in_flight_now = MAX (check->in_flight_now / 2, 1);
  check->blocked_until_ns = now_ns + BLOCKED_NS;
  check->trouble = sys_errno;
  if (check->troubled_since_ns == 0)
    check->troubled_since_ns = now_ns;
}

/* --- the loop --------------------------------------------------------------------------------- */

static void
start_item (PtlPortCheck *check,
            uint32_t      index)
{
  unsigned n_before = check->again->len;

  if (check->items[index].transport == PTL_PORT_UDP)
    ptl_port_check_udp_start (check, index);
  else
    ptl_port_check_tcp_start (check, index);
  if (check->again->len <= n_before && check->in_flight_now < check->in_flight_max)
    check->in_flight_now++;
  if (check->again->len <= n_before)
    check->troubled_since_ns = 0;
}

static bool
has_items (const PtlPortCheck *check)
{
  return check->next < check->n_items || check->again->len > 0;
}

static bool
has_room (const PtlPortCheck *check)
{
  return check->n_probing < check->in_flight_now && check->first_free != PTL_PORT_NO_SLOT;
}

/* Starts what may be started now. */
static void
launch (PtlPortCheck *check)
{
  for (unsigned n = 0; n < LAUNCHES_PER_TURN && has_room (check); n++)
    {
      uint64_t now_ns = 0;
      uint32_t index;
      bool slow = !has_items (check);

      if (check->rate > 0 || check->blocked_until_ns > 0 || slow)
        {
          now_ns = ptl_clock_monotonic_ns ();
          if (now_ns < check->blocked_until_ns || now_ns < check->next_launch_ns)
            return;
          check->blocked_until_ns = 0;
        }
      if (check->again->len > 0)
        {
          index = g_array_index (check->again, uint32_t, check->again->len - 1);
          g_array_set_size (check->again, check->again->len - 1);
        }
      else if (check->next < check->n_items)
        index = check->next++;
      else if (!ptl_port_check_udp_slow (check, &index))
        return;
      if (slow)
        check->next_launch_ns = now_ns + check->slow_interval_ns;
      else if (check->rate > 0)
        check->next_launch_ns = MAX (check->next_launch_ns + PTL_NS_PER_S / check->rate,
                                     now_ns - PTL_NS_PER_S / check->rate);
      start_item (check, index);
      if (check->blocked_until_ns > 0)
        return;
    }
}

static bool
is_finished (PtlPortCheck *check)
{
  if (check->troubled_since_ns != 0
      && ptl_clock_monotonic_ns () - check->troubled_since_ns > TROUBLE_MAX_NS)
    {
      check->status.gave_up = check->trouble;
      return true;
    }
  if (has_items (check) || check->n_slots_used > 0)
    return false;
  /* Not so when there are silent ones to come back to. */
  return check->own || check->n_udp_closed == 0
         || (!check->slow_running && check->silent->len == 0)
         || (check->slow_running && check->slow->len == check->slow_next
             && check->silent->len == 0);
}

static void
run_timers (PtlPortCheck *check)
{
  uint64_t now_ns = ptl_clock_monotonic_ns ();

  if (now_ns < check->next_due_ns)
    return;
  check->next_due_ns = UINT64_MAX;
  for (uint32_t i = 0; i < check->n_slots; i++)
    {
      Slot *slot = &check->slots[i];

      if (slot->phase == PHASE_FREE)
        continue;
      if (slot->due_ns > now_ns)
        check->next_due_ns = MIN (check->next_due_ns, slot->due_ns);
      else if (slot->phase == PHASE_ASKED)
        ptl_port_check_udp_due (check, slot);
      else
        ptl_port_check_tcp_due (check, slot);
    }
}

static int
wait_ms (const PtlPortCheck *check)
{
  uint64_t now_ns = ptl_clock_monotonic_ns (), until_ns = check->next_due_ns;

  if (has_room (check))
    {
      uint64_t start_ns = MAX (check->blocked_until_ns, check->next_launch_ns);

      if (start_ns > now_ns)
        until_ns = MIN (until_ns, start_ns);
      else if (has_items (check))
        return 0;
      else if (check->n_slots_used == 0)
        return 0; /* a round of silent ones is over */
      else if (check->slow_running && check->slow_next < check->slow->len)
        until_ns = MIN (until_ns, now_ns + PTL_NS_PER_MS);
    }
  if (check->batch->len > 0)
    until_ns = MIN (until_ns, check->flushed_ns + FLUSH_NS);
  if (until_ns <= now_ns)
    return 0;
  return (int) MIN ((until_ns - now_ns) / PTL_NS_PER_MS + 1, 1000);
}

static void
handle_events (PtlPortCheck       *check,
               struct epoll_event *events,
               int                 n)
{
  for (int i = 0; i < n; i++)
    {
      Slot *slot;

      if (events[i].data.u64 == WAKE_DATA)
        continue;
      slot = &check->slots[(uint32_t) events[i].data.u64];
      if (slot->phase == PHASE_FREE || slot->generation != events[i].data.u64 >> 32)
        continue;
      if (slot->phase == PHASE_ASKED)
        ptl_port_check_udp_event (check, slot);
      else
        ptl_port_check_tcp_event (check, slot, events[i].events);
    }
}

static void *
check_main (void *data)
{
  PtlPortCheck *check = data;
  struct epoll_event events[EVENTS_MAX];

  check->started_ns = ptl_clock_monotonic_ns ();
  check->own = is_own (&check->target);
  check->status.own = check->own;
  if (!check->own)
    {
      check->rate = check->rate == 0 ? PTL_PORT_CHECK_RATE
                                     : MIN (check->rate, PTL_PORT_CHECK_RATE_MAX);
      check->in_flight_max = MIN (check->in_flight_max, PTL_PORT_CHECK_IN_FLIGHT);
    }
  if (check->timeout_ns == 0)
    check->timeout_ns = (check->own ? PTL_PORT_CHECK_OWN_TIMEOUT_MS : PTL_PORT_CHECK_TIMEOUT_MS)
                        * PTL_NS_PER_MS;
  if (check->greeting_ns == 0)
    check->greeting_ns = (check->own ? PTL_PORT_CHECK_OWN_GREETING_MS : PTL_PORT_CHECK_GREETING_MS)
                         * PTL_NS_PER_MS;
  check->in_flight_now = check->in_flight_max;
  flush (check);

  while (!atomic_load_explicit (&check->stopping, memory_order_acquire))
    {
      int n, timeout_ms;

      launch (check);
      if (is_finished (check))
        break;
      timeout_ms = wait_ms (check);
      /* Nothing can have come when nothing is on its way. */
      if (timeout_ms > 0 || check->n_slots_used > 0)
        {
          n = epoll_wait (check->epoll_fd, events, EVENTS_MAX, timeout_ms);
          handle_events (check, events, n);
          run_timers (check);
        }
      if (check->batch->len > 0 && ptl_clock_monotonic_ns () - check->flushed_ns >= FLUSH_NS)
        flush (check);
    }
  for (uint32_t i = 0; i < check->n_slots; i++)
    if (check->slots[i].phase != PHASE_FREE)
      ptl_port_check_drop (check, &check->slots[i]);
  check->status.running = false;
  check->status.slow_ms = 0;
  flush (check);
  return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

/* The descriptors of a job are at most a quarter of what this program may have. */
static unsigned
bound_in_flight (unsigned wanted)
{
  struct rlimit limit;

  if (wanted == 0)
    wanted = PTL_PORT_CHECK_OWN_IN_FLIGHT;
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    wanted = (unsigned) MIN (wanted, MAX (limit.rlim_cur / 4, 2));
  return MIN (wanted, PTL_PORT_CHECK_IN_FLIGHT_MAX);
}

static void
free_reports (GArray *reports)
{
  for (guint i = 0; i < reports->len; i++)
    g_free (g_array_index (reports, PtlPortReport, i).greeting);
  g_array_unref (reports);
}

static void
check_destroy (PtlPortCheck *check)
{
  ptl_fd_clear (&check->epoll_fd);
  ptl_fd_clear (&check->wake_fd);
  pthread_mutex_destroy (&check->lock);
  free_reports (check->reports);
  free_reports (check->batch);
  g_array_unref (check->again);
  g_array_unref (check->silent);
  g_array_unref (check->slow);
  g_free (check->slots);
  g_free (check->tries);
  g_free (check->items);
  g_free (check->host);
  g_free (check);
}

static PtlPortCheck *
check_alloc (const PtlPortCheckConfig *config)
{
  PtlPortCheck *check = g_new0 (PtlPortCheck, 1);

  check->target = config->target;
  check->host = g_strdup (config->host);
  check->items = g_memdup2 (config->items, config->n_items * sizeof *config->items);
  check->n_items = (uint32_t) config->n_items;
  check->rate = config->rate;
  check->in_flight_max = bound_in_flight (config->in_flight);
  check->timeout_ns = config->timeout_ms * PTL_NS_PER_MS;
  check->greeting_ns = config->greeting_ms * PTL_NS_PER_MS;
  check->greet = config->greet;
  check->http = config->http;
  check->status.running = true;
  check->shared_status = check->status;
  check->next_due_ns = UINT64_MAX;
  /* As many greetings as probes. */
  check->n_slots = check->in_flight_max * 2;
  check->slots = g_new0 (Slot, check->n_slots);
  for (uint32_t i = 0; i < check->n_slots; i++)
    {
      check->slots[i].fd = -1;
      check->slots[i].next_free = i + 1 < check->n_slots ? i + 1 : PTL_PORT_NO_SLOT;
    }
  check->tries = g_new0 (uint8_t, (size_t) check->n_items * 2);
  check->again = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  check->silent = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  check->slow = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  check->batch = g_array_new (FALSE, FALSE, sizeof (PtlPortReport));
  check->reports = g_array_new (FALSE, FALSE, sizeof (PtlPortReport));
  pthread_mutex_init (&check->lock, NULL);
  return check;
}

PtlPortCheck *
ptl_port_check_new (const PtlPortCheckConfig *config,
                    PtlPortCheckNews          news,
                    void                     *data,
                    GError                  **error)
{
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = WAKE_DATA };
  PtlPortCheck *check;
  sigset_t all, before;
  int failed;

  if (config->n_items == 0 || config->n_items > PTL_PORT_CHECK_ITEMS_MAX)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_LIMIT, "%zu", config->n_items);
      return NULL;
    }
  check = check_alloc (config);
  check->news = news;
  check->data = data;
  check->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  check->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  failed = check->epoll_fd < 0 || check->wake_fd < 0
           || epoll_ctl (check->epoll_fd, EPOLL_CTL_ADD, check->wake_fd, &event) < 0
             ? errno : 0;
  if (failed == 0)
    {
      sigfillset (&all);
      pthread_sigmask (SIG_SETMASK, &all, &before);
      failed = pthread_create (&check->thread, NULL, check_main, check);
      pthread_sigmask (SIG_SETMASK, &before, NULL);
    }
  if (failed == 0)
    return check;
  ptl_error_set_errno (error, failed, "epoll");
  check_destroy (check);
  return NULL;
}

void
ptl_port_check_stop (PtlPortCheck *check)
{
  uint64_t one = 1;

  atomic_store_explicit (&check->stopping, true, memory_order_release);
  (void) !write (check->wake_fd, &one, sizeof one);
}

void
ptl_port_check_free (PtlPortCheck *check)
{
  if (check == NULL)
    return;
  ptl_port_check_stop (check);
  pthread_join (check->thread, NULL);
  check_destroy (check);
}
