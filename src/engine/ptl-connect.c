/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connecting: one candidate after the other, or side by side where the first is slow (happy
 * eyeballs, RFC 8305 section 5), each with its own time and error. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))
#define UNIX_RETRY_NS (20 * PTL_NS_PER_MS)

static void try_next (PtlFlow *flow);

static void
bury_nothing (PtlWatch *watch)
{
  /* Candidates are one array that lives as long as their session. */
}

/* Families take turns, beginning with that of the first address (RFC 8305 section 4). */
static void
interleave (PtlAddress *addresses,
            unsigned    n)
{
  g_autofree PtlAddress *sorted = g_new (PtlAddress, MAX (n, 1));
  g_autofree bool *used = g_new0 (bool, MAX (n, 1));
  int wanted = n > 0 ? ptl_address_get_family (&addresses[0]) : AF_UNSPEC;

  for (unsigned done = 0; done < n; done++)
    {
      unsigned pick = n;

      for (unsigned i = 0; i < n; i++)
        if (!used[i])
          {
            if (pick == n)
              pick = i;
            if (ptl_address_get_family (&addresses[i]) == wanted)
              {
                pick = i;
                break;
              }
          }
      used[pick] = true;
      sorted[done] = addresses[pick];
      wanted = ptl_address_get_family (&addresses[pick]) == AF_INET ? AF_INET6 : AF_INET;
    }
  memcpy (addresses, sorted, n * sizeof *addresses);
}

static void
close_candidate (PtlCandidate *candidate)
{
  PtlFlow *flow = candidate->flow;

  if (candidate->watch.fd < 0)
    return;
  ptl_timers_unset (&flow->worker->timers, &candidate->retry_timer);
  ptl_watch_bury (flow->worker, &candidate->watch);
  ptl_sys_close (flow->calls, candidate->watch.fd, 0);
  candidate->watch.fd = -1;
  flow->n_trying--;
}

void
ptl_flow_drop_candidates (PtlFlow      *flow,
                          PtlCandidate *but)
{
  for (unsigned i = 0; i < flow->n_candidates; i++)
    {
      PtlCandidate *candidate = &flow->candidates[i];

      if (candidate == but || candidate->watch.fd < 0)
        continue;
      ptl_flow_tell (flow, PTL_EVENT_CANDIDATE_DROPPED, PTL_PEER_NONE, &candidate->address, 0,
                     i + 1,
                     (int64_t) (ptl_clock_monotonic_ns () - candidate->started_ns));
      close_candidate (candidate);
    }
}

static void
fail_candidate (PtlCandidate *candidate,
                int           sys_errno)
{
  PtlFlow *flow = candidate->flow;

  ptl_flow_tell (flow, PTL_EVENT_CANDIDATE_FAILED, PTL_PEER_NONE, &candidate->address, sys_errno,
                 candidate - flow->candidates + 1,
                 (int64_t) (ptl_clock_monotonic_ns () - candidate->started_ns));
  ptl_flow_fault (flow, PTL_STEP_CONNECT, sys_errno, &candidate->address);
  close_candidate (candidate);
}

/* None is left to wait for: the last one's error is the session's. */
static void
give_up_or_go_on (PtlFlow *flow)
{
  if (flow->next_candidate < flow->n_candidates)
    {
      try_next (flow);
    }
  else if (flow->n_trying == 0)
    {
      PtlFault fault = flow->status.fault;

      ptl_flow_end (flow, PTL_STEP_CONNECT, fault.sys_errno, &fault.address);
    }
}

static void
succeed (PtlCandidate *candidate)
{
  PtlFlow *flow = candidate->flow;
  PtlWorker *worker = flow->worker;
  int fd = candidate->watch.fd;
  uint64_t now = ptl_clock_monotonic_ns ();
  PtlAddress local = { 0 };
  PtlEvent event = { 0 };
  PtlConn *conn;

  ptl_timers_unset (&worker->timers, &flow->timeout_timer);
  ptl_timers_unset (&worker->timers, &flow->candidate_timer);
  ptl_timers_unset (&worker->timers, &candidate->retry_timer);
  ptl_flow_drop_candidates (flow, candidate);
  flow->next_candidate = flow->n_candidates;
  flow->n_trying = 0;

  ptl_watch_set (worker, &candidate->watch, 0);
  ptl_watch_bury (worker, &candidate->watch);
  candidate->watch.fd = -1;
  ptl_sys_getsockname (flow->calls, fd, &local);
  flow->status.fault = (PtlFault) { 0 };
  ptl_flow_add_local (flow, &local);

  event.code = PTL_EVENT_CONNECTED;
  event.local = local;
  event.peer = candidate->address;
  event.n2 = (int64_t) (now - candidate->started_ns);
  ptl_flow_set_state (flow, PTL_SESSION_CONNECTED);
  if (ptl_spec_is_datagram (flow->spec))
    {
      PtlDgram *dgram = ptl_dgram_new (flow, fd, ptl_address_get_family (&candidate->address),
                                       &local);

      dgram->only = conn = ptl_conn_new (flow, -1, &candidate->address, &local, now);
      conn->via = dgram;
      ptl_flow_event (flow, conn->number, &event);
      ptl_conn_start (conn);
      ptl_dgram_update (dgram);
    }
  else
    {
      conn = ptl_conn_new (flow, fd, &candidate->address, &local, now);
      ptl_flow_event (flow, conn->number, &event);
      ptl_conn_start (conn);
    }
  ptl_flow_deliver_early (flow);
}

static void
on_candidate_ready (PtlWatch *watch,
                    uint32_t  events)
{
  PtlCandidate *candidate = SELF (watch, watch, PtlCandidate);
  PtlFlow *flow = candidate->flow;
  int result = ptl_sys_connect_result (flow->calls, watch->fd, &candidate->address);

  if (result == 0)
    {
      succeed (candidate);
      return;
    }
  fail_candidate (candidate, -result);
  give_up_or_go_on (flow);
}

/* True: it is on its way or done. */
static bool
connect_candidate (PtlCandidate *candidate)
{
  PtlFlow *flow = candidate->flow;
  int result = ptl_sys_connect (flow->calls, candidate->watch.fd, &candidate->address);

  if (result == 0)
    {
      succeed (candidate);
      return true;
    }
  if (result == -EINPROGRESS)
    {
      result = ptl_watch_set (flow->worker, &candidate->watch, EPOLLOUT);
      if (result == 0)
        return true;
    }
  else if (result == -EAGAIN && ptl_address_get_family (&candidate->address) == AF_UNIX)
    {
      /* The listener's backlog is full, and nothing says when it is not (connect(2)). */
      ptl_timers_set (&flow->worker->timers, &candidate->retry_timer,
                      ptl_clock_monotonic_ns () + UNIX_RETRY_NS);
      return true;
    }
  fail_candidate (candidate, -result);
  return false;
}

static void
on_retry_timer (PtlTimer *timer,
                uint64_t  now_ns)
{
  PtlCandidate *candidate = SELF (retry_timer, timer, PtlCandidate);
  PtlFlow *flow = candidate->flow;

  if (!flow->over && !connect_candidate (candidate))
    give_up_or_go_on (flow);
}

/* An unnamed datagram socket gets no answers: a name of the kernel's choice (unix(7), autobind). */
static int
autobind (PtlFlow *flow,
          int      fd)
{
  PtlAddress any = { .len = sizeof (sa_family_t), .un.sun_family = AF_UNIX };

  return ptl_sys_bind (flow->calls, fd, &any);
}

static bool
start_candidate (PtlCandidate *candidate)
{
  PtlFlow *flow = candidate->flow;
  int family = ptl_address_get_family (&candidate->address);
  PtlAddress local = candidate->address;
  PtlStep step;
  bool bound;
  int result;
  unsigned place = (unsigned) (candidate - flow->candidates) + 1;

  candidate->started_ns = ptl_clock_monotonic_ns ();
  ptl_flow_tell (flow, PTL_EVENT_CANDIDATE_STARTED, PTL_PEER_NONE, &candidate->address, 0, place,
                 0);
  result = ptl_flow_make_socket (flow, &candidate->address, false, &step);
  if (result < 0)
    {
      int detail = flow->status.fault.detail;

      ptl_flow_tell (flow, PTL_EVENT_CANDIDATE_FAILED, PTL_PEER_NONE, &candidate->address, -result,
                     place, 0);
      ptl_flow_fault (flow, step, -result, &candidate->address);
      flow->status.fault.detail = step == PTL_STEP_OPTION ? detail : 0;
      return false;
    }
  candidate->watch.fd = result;
  flow->n_trying++;
  result = ptl_flow_bind_local (flow, candidate->watch.fd, family, &bound, &local);
  if (bound && family == AF_UNIX &&
      ptl_sys_getsockname (flow->calls, candidate->watch.fd, &flow->own_name) == 0)
    ptl_unix_file_note (&flow->own_file, &flow->own_name);
  if (result == 0 && !bound && family == AF_UNIX && ptl_spec_is_datagram (flow->spec))
    result = autobind (flow, candidate->watch.fd);
  if (result < 0)
    {
      fail_candidate (candidate, -result);
      ptl_flow_fault (flow, PTL_STEP_BIND, -result, &local);
      return false;
    }
  return connect_candidate (candidate);
}

static void
try_next (PtlFlow *flow)
{
  while (!flow->over && flow->next_candidate < flow->n_candidates)
    {
      PtlCandidate *candidate = &flow->candidates[flow->next_candidate++];

      if (start_candidate (candidate))
        {
          if (flow->next_candidate < flow->n_candidates)
            ptl_timers_set (&flow->worker->timers, &flow->candidate_timer,
                            ptl_clock_monotonic_ns () + CANDIDATE_DELAY_NS);
          return;
        }
    }
  if (!flow->over && flow->n_trying == 0 && flow->status.state != PTL_SESSION_CONNECTED)
    {
      PtlFault fault = flow->status.fault;

      ptl_flow_end (flow, fault.step, fault.sys_errno, &fault.address);
    }
}

static void
on_candidate_timer (PtlTimer *timer,
                    uint64_t  now_ns)
{
  try_next (SELF (candidate_timer, timer, PtlFlow));
}

static void
on_timeout (PtlTimer *timer,
            uint64_t  now_ns)
{
  PtlFlow *flow = SELF (timeout_timer, timer, PtlFlow);
  const PtlAddress *address = flow->n_candidates > 0 ? &flow->candidates[0].address : NULL;

  for (unsigned i = 0; i < flow->n_candidates; i++)
    if (flow->candidates[i].watch.fd >= 0)
      {
        address = &flow->candidates[i].address;
        fail_candidate (&flow->candidates[i], ETIMEDOUT);
      }
  ptl_flow_tell (flow, PTL_EVENT_CONNECT_TIMEOUT, PTL_PEER_NONE, address, 0,
                 flow->spec->connect_timeout_ms, 0);
  ptl_flow_end (flow, PTL_STEP_CONNECT_TIMEOUT, ETIMEDOUT, address);
}

void
ptl_flow_start_timeout (PtlFlow *flow)
{
  flow->timeout_timer.func = on_timeout;
  if (flow->spec->connect_timeout_ms > 0)
    ptl_timers_set (&flow->worker->timers, &flow->timeout_timer,
                    ptl_clock_monotonic_ns () + flow->spec->connect_timeout_ms * PTL_NS_PER_MS);
}

void
ptl_flow_connect (PtlFlow *flow)
{
  PtlAddress addresses[CANDIDATES_MAX];
  unsigned n;

  ptl_flow_set_state (flow, PTL_SESSION_CONNECTING);
  n = ptl_flow_list_addresses (flow, &flow->spec->endpoints[0], flow->resolved[0], addresses,
                               CANDIDATES_MAX);
  if (n == 0)
    {
      ptl_flow_end (flow, PTL_STEP_CONNECT, EADDRNOTAVAIL, NULL);
      return;
    }
  interleave (addresses, n);
  flow->candidates = g_new0 (PtlCandidate, n);
  flow->n_candidates = n;
  for (unsigned i = 0; i < n; i++)
    {
      PtlCandidate *candidate = &flow->candidates[i];

      candidate->flow = flow;
      candidate->address = addresses[i];
      candidate->watch.fd = -1;
      candidate->watch.ready = on_candidate_ready;
      candidate->watch.destroy = bury_nothing;
      candidate->retry_timer.func = on_retry_timer;
    }
  flow->candidate_timer.func = on_candidate_timer;
  try_next (flow);
}
