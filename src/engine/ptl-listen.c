/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening on streams: one socket per address, accepting in bounded rounds, pausing when the
 * process is out of descriptors. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))
#define DEFAULT_BACKLOG 4096
#define SAME_PORT_TRIES 16

static void
on_listener_destroy (PtlWatch *watch)
{
  g_free (SELF (watch, watch, PtlListener));
}

void
ptl_listener_close (PtlListener *listener)
{
  PtlFlow *flow = listener->flow;

  for (PtlListener **at = &flow->listeners; *at != NULL; at = &(*at)->next)
    if (*at == listener)
      {
        *at = listener->next;
        break;
      }
  if (listener->paused)
    flow->worker->n_accept_paused--;
  ptl_watch_bury (flow->worker, &listener->watch);
  ptl_sys_close (flow->calls, listener->watch.fd, 0);
  ptl_unix_file_unlink (&listener->file, &listener->local);
}

void
ptl_listener_update (PtlListener *listener)
{
  ptl_watch_set (listener->flow->worker, &listener->watch, listener->paused ? 0 : EPOLLIN);
}

static void
refuse (PtlFlow          *flow,
        int               fd,
        const PtlAddress *address,
        PtlRefusal        why)
{
  ptl_flow_tell (flow, PTL_EVENT_PEER_REFUSED, PTL_PEER_NONE, address, 0, why, 0);
  flow->status.refused++;
  /* A reset, so that the peer knows at once. */
  ptl_sys_set_option (flow->calls, fd, PTL_OPT_LINGER, 0);
  ptl_sys_close (flow->calls, fd, 0);
}

/* One that came to the very address that it comes from is ours, whatever else we know. */
static bool
is_own (PtlFlow          *flow,
        int               fd,
        const PtlAddress *address)
{
  PtlAddress local;

  if (ptl_worker_is_own_address (flow->worker, address))
    return true;
  if (ptl_sys_getsockname (flow->calls, fd, &local) < 0)
    return false;
  ptl_address_unmap (&local);
  return ptl_address_equal_host (address, &local);
}

static void
tell_resumed (PtlListener *listener)
{
  PtlFlow *flow = listener->flow;

  flow->accept_told = false;
  flow->status.accept_paused = false;
  if (flow->status.fault.step == PTL_STEP_ACCEPT)
    flow->status.fault.step = PTL_STEP_NONE;
  ptl_flow_tell (flow, PTL_EVENT_ACCEPT_RESUMED, PTL_PEER_NONE, &listener->local, 0, 0, 0);
}

static void
pause_accepting (PtlListener *listener,
                 int          sys_errno)
{
  PtlFlow *flow = listener->flow;

  listener->paused = true;
  flow->worker->n_accept_paused++;
  ptl_listener_update (listener);
  ptl_timers_set (&flow->worker->timers, &flow->worker->accept_timer,
                  flow->worker->now_ns + RETRY_ACCEPT_NS);
  if (!flow->accept_told)
    {
      flow->accept_told = true;
      flow->status.accept_paused = true;
      ptl_flow_tell (flow, PTL_EVENT_ACCEPT_PAUSED, PTL_PEER_NONE, &listener->local, sys_errno, 0,
                     0);
      ptl_flow_fault (flow, PTL_STEP_ACCEPT, sys_errno, &listener->local);
    }
}

void
ptl_listener_retry (PtlListener *listener)
{
  PtlWorker *worker = listener->flow->worker;
  struct pollfd waiting = { .fd = listener->watch.fd, .events = POLLIN };

  /* The last descriptor was taken by the last one that waited, accept(2) wants one before it looks:
   * no further accept would tell that there are some again. */
  if (listener->flow->accept_told && poll (&waiting, 1, 0) == 0)
    {
      int fd = fcntl (listener->watch.fd, F_DUPFD_CLOEXEC, 0);

      if (fd < 0)
        {
          ptl_timers_set (&worker->timers, &worker->accept_timer,
                          worker->now_ns + RETRY_ACCEPT_NS);
          return;
        }
      close (fd);
      tell_resumed (listener);
    }
  listener->paused = false;
  worker->n_accept_paused--;
  ptl_listener_update (listener);
}

static void
on_listener_ready (PtlWatch *watch,
                   uint32_t  events)
{
  PtlListener *listener = SELF (watch, watch, PtlListener);
  PtlFlow *flow = listener->flow;

  for (unsigned i = 0; i < ACCEPT_ROUND; i++)
    {
      PtlAddress address, local = listener->local;
      PtlEvent event;
      PtlConn *conn;
      int fd = ptl_sys_accept (flow->calls, &listener->accept_fold, watch->fd, flow->last_peer + 1,
                               &address);

      if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM)
        {
          if (ptl_half_open_make_room (flow))
            continue;
          pause_accepting (listener, -fd);
          return;
        }
      if (fd == -EAGAIN)
        return;
      if (fd < 0)
        /* an error of the new connection, as ECONNABORTED (accept(2)): on to the next one */
        continue;
      if (flow->accept_told)
        tell_resumed (listener);
      /* An IPv4 peer of a socket for both families is shown as what it is. */
      ptl_address_unmap (&address);
      ptl_flow_set_accepted (flow, fd, ptl_address_get_family (&listener->local));
      if (flow->spec->own_peers_only && !is_own (flow, fd, &address))
        {
          refuse (flow, fd, &address, PTL_REFUSAL_NOT_OWN);
          continue;
        }
      if (flow->spec->max_peers > 0 && flow->status.peers_open >= flow->spec->max_peers &&
          !ptl_half_open_make_room (flow))
        {
          refuse (flow, fd, &address, PTL_REFUSAL_FULL);
          continue;
        }
      if (ptl_address_is_any (&listener->local))
        {
          ptl_sys_getsockname (flow->calls, fd, &local);
          ptl_address_unmap (&local);
        }
      conn = ptl_conn_new (flow, fd, &address, &local, ptl_clock_monotonic_ns ());
      event.code = PTL_EVENT_ACCEPTED;
      event.error = 0;
      event.n1 = event.n2 = 0;
      event.local = local;
      event.peer = address;
      event.text[0] = '\0';
      ptl_flow_event (flow, conn->number, &event);
      ptl_conn_start (conn);
      if (flow->over)
        return;
    }
}

/* 0 or -errno, with *@step saying which call. */
static int
open_listener (PtlFlow          *flow,
               const PtlAddress *address,
               PtlAddress       *bound_to,
               PtlStep          *step)
{
  int backlog = flow->spec->options.backlog;
  PtlListener *listener;
  PtlEvent event = { .code = PTL_EVENT_LISTENING };
  int fd, result;

  /* By another name of its host or service: it is listened on already. */
  if (ptl_address_get_port (address) != 0)
    for (const PtlListener *i = flow->listeners; i != NULL; i = i->next)
      if (ptl_address_equal (&i->local, address))
        {
          *bound_to = i->local;
          return 0;
        }
  fd = ptl_flow_make_socket (flow, address, true, step);
  if (fd < 0)
    return fd;
  *step = PTL_STEP_BIND;
  result = ptl_flow_bind (flow, fd, address);
  if (result == 0)
    {
      *step = PTL_STEP_LISTEN;
      result = ptl_sys_listen (flow->calls, fd,
                               backlog == PTL_OPTION_UNSET ? DEFAULT_BACKLOG : backlog);
    }
  if (result == 0)
    result = ptl_sys_getsockname (flow->calls, fd, bound_to);
  if (result < 0)
    {
      ptl_sys_close (flow->calls, fd, 0);
      return result;
    }
  listener = g_new0 (PtlListener, 1);
  listener->watch.fd = fd;
  listener->watch.ready = on_listener_ready;
  listener->watch.destroy = on_listener_destroy;
  listener->flow = flow;
  listener->local = *bound_to;
  ptl_unix_file_note (&listener->file, bound_to);
  listener->next = flow->listeners;
  flow->listeners = listener;
  ptl_listener_update (listener);
  ptl_flow_add_local (flow, bound_to);
  event.local = *bound_to;
  ptl_flow_event (flow, PTL_PEER_NONE, &event);
  return 0;
}

/* Both families of the any address on one port, which the kernel may be asked to choose: it chooses
 * for the first, and the second may find it taken. */
static int
open_pair (PtlFlow    *flow,
           PtlAddress *addresses,
           PtlStep    *step)
{
  bool chosen = ptl_address_get_port (&addresses[0]) == 0;
  PtlAddress bound;
  int result, second;

  for (unsigned i = 0;; i++)
    {
      PtlStep second_step;

      result = open_listener (flow, &addresses[0], &bound, step);
      if (result < 0)
        return result;
      ptl_address_set_port (&addresses[1], ptl_address_get_port (&bound));
      second = open_listener (flow, &addresses[1], &bound, &second_step);
      if (second != -EADDRINUSE || !chosen || i >= SAME_PORT_TRIES)
        {
          /* A kernel without IPv6 is no fault. */
          if (second < 0 && second != -EAFNOSUPPORT && second != -EADDRNOTAVAIL)
            {
              ptl_flow_fault (flow, second_step, -second, &addresses[1]);
              ptl_flow_tell (flow, PTL_EVENT_FAULT, PTL_PEER_NONE, &addresses[1], -second,
                             second_step, 0);
            }
          return 0;
        }
      ptl_listener_close (flow->listeners);
      flow->status.n_locals--;
    }
}

void
ptl_flow_listen (PtlFlow *flow)
{
  const PtlSpec *spec = flow->spec;
  PtlStep step = PTL_STEP_BIND, first_step = PTL_STEP_BIND;
  int first_error = 0;
  PtlAddress first_address = { 0 };

  for (unsigned i = 0; i < spec->n_endpoints; i++)
    {
      PtlAddress addresses[CANDIDATES_MAX], bound;
      unsigned n = ptl_flow_list_addresses (flow, &spec->endpoints[i], flow->resolved[i], addresses,
                                            CANDIDATES_MAX);
      bool any_pair = n == 2 && ptl_address_is_any (&addresses[0]) &&
                      ptl_address_is_any (&addresses[1]);
      unsigned failed_at = 0;
      int result = n == 0 ? -EADDRNOTAVAIL : 0;

      if (any_pair && spec->options.v6only == 0)
        {
          /* One socket for both, as asked (ipv6(7), IPV6_V6ONLY). */
          unsigned v6 = ptl_address_get_family (&addresses[0]) == AF_INET6 ? 0 : 1;

          failed_at = v6;
          result = open_listener (flow, &addresses[v6], &bound, &step);
        }
      else if (any_pair)
        {
          result = open_pair (flow, addresses, &step);
        }
      else
        {
          for (unsigned k = 0; k < n && result == 0; k++)
            {
              failed_at = k;
              result = open_listener (flow, &addresses[k], &bound, &step);
            }
        }
      if (result < 0)
        {
          const PtlAddress *address = n > 0 ? &addresses[failed_at] : NULL;

          if (first_error == 0)
            {
              first_error = -result;
              first_step = step;
              if (address != NULL)
                first_address = *address;
            }
          if (spec->n_endpoints > 1)
            ptl_flow_tell (flow, PTL_EVENT_FAULT, PTL_PEER_NONE, address, -result, step, 0);
        }
    }
  if (spec->own_peers_only)
    ptl_worker_read_own_addresses (flow->worker);
  if (flow->listeners == NULL)
    {
      ptl_flow_end (flow, first_step, first_error, &first_address);
      return;
    }
  if (first_error != 0)
    ptl_flow_fault (flow, first_step, first_error, &first_address);
  ptl_flow_set_state (flow, PTL_SESSION_LISTENING);
  ptl_flow_deliver_early (flow);
}
