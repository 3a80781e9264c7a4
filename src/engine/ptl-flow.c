/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a session in its worker: names, sockets and options, events, the log, the end. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))

static void on_log_timer (PtlTimer *timer, uint64_t now_ns);
static void on_drops_timer (PtlTimer *timer, uint64_t now_ns);

/* --- states, events, frames --- */

void
ptl_flow_set_state (PtlFlow        *flow,
                    PtlSessionState state)
{
  /* Forward only, and nothing after the end. */
  g_assert (flow->status.state < PTL_SESSION_CLOSED);
  g_assert (state >= flow->status.state);
  flow->status.state = state;
  ptl_worker_touch (flow->worker, flow);
}

void
ptl_flow_append (PtlFlow      *flow,
                 PtlFrameKind  kind,
                 uint32_t      peer,
                 uint64_t      now_ns,
                 const void   *bytes,
                 uint32_t      len,
                 uint16_t      flags,
                 uint32_t      full_len)
{
  PtlFrame frame = {
    .time_ns = MAX (now_ns, flow->last_frame_ns),
    .length = len,
    .peer = peer,
    .kind = kind,
    .flags = flags,
    .code = full_len,
  };

  if (flow->sink == NULL)
    return;
  /* What is told while a batch of datagrams is worked off is later than the read of the batch;
   * readers of the log search by time. */
  flow->last_frame_ns = frame.time_ns;
  flow->sink->klass->append (flow->sink, &frame, bytes);
  flow->has_frames = true;
  ptl_worker_touch (flow->worker, flow);
}

void
ptl_flow_event (PtlFlow        *flow,
                uint32_t        peer,
                const PtlEvent *event)
{
  uint8_t bytes[PTL_EVENT_BYTES_MAX];
  size_t len = ptl_event_encode (event, bytes);

  ptl_flow_append (flow, PTL_FRAME_EVENT, peer, ptl_clock_monotonic_ns (), bytes, (uint32_t) len, 0,
                   event->code);
}

void
ptl_event_init (PtlEvent         *event,
                PtlEventCode      code,
                const PtlAddress *address,
                int               error)
{
  memset (event, 0, offsetof (PtlEvent, text) + 1);
  event->code = code;
  event->error = error;
  if (address != NULL)
    event->peer = *address;
}

void
ptl_flow_tell (PtlFlow          *flow,
               PtlEventCode      code,
               uint32_t          peer,
               const PtlAddress *address,
               int               error,
               int64_t           n1,
               int64_t           n2)
{
  PtlEvent event;

  ptl_event_init (&event, code, address, error);
  event.n1 = n1;
  event.n2 = n2;
  ptl_flow_event (flow, peer, &event);
}

void
ptl_flow_tell_text (PtlFlow          *flow,
                    PtlEventCode      code,
                    const PtlAddress *address,
                    int               error,
                    const char       *text)
{
  PtlEvent event;

  ptl_event_init (&event, code, address, error);
  g_strlcpy (event.text, text != NULL ? text : "", sizeof event.text);
  ptl_flow_event (flow, PTL_PEER_NONE, &event);
}

void
ptl_flow_fault (PtlFlow          *flow,
                PtlStep           step,
                int               sys_errno,
                const PtlAddress *address)
{
  flow->status.fault = (PtlFault) { .step = step, .sys_errno = sys_errno };
  if (address != NULL)
    flow->status.fault.address = *address;
  ptl_worker_touch (flow->worker, flow);
}

void
ptl_flow_add_local (PtlFlow          *flow,
                    const PtlAddress *local)
{
  if (flow->status.n_locals < G_N_ELEMENTS (flow->status.locals))
    flow->status.locals[flow->status.n_locals++] = *local;
  ptl_worker_touch (flow->worker, flow);
}

bool
ptl_flow_may_receive (PtlFlow *flow)
{
  return !flow->status.receiving_paused && !flow->reading_held &&
         !(flow->broken && flow->spec->when_full == PTL_FULL_STOP_RECEIVING);
}

void
ptl_flow_update_interest (PtlFlow *flow)
{
  ptl_worker_touch (flow->worker, flow);
  for (PtlConn *next, *conn = flow->conn_first; conn != NULL && !flow->over; conn = next)
    {
      next = conn->next;
      ptl_conn_update (conn);
    }
  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    ptl_dgram_update (dgram);
  /* Nobody reads, so that no datagram tells of those that find no room. */
  if (flow->dgrams != NULL && !flow->over && !ptl_flow_may_receive (flow) &&
      flow->drops_timer.place == 0)
    ptl_timers_set (&flow->worker->timers, &flow->drops_timer,
                    flow->worker->now_ns + DROPS_EVERY_NS);
}

static void
read_lost (PtlFlow *flow)
{
  flow->sink->klass->get_lost (flow->sink, &flow->status.lost);
}

/* Into the log: what of it is missing since the last word on that. */
static void
tell_lost (PtlFlow     *flow,
           PtlEventCode code)
{
  const PtlLost *lost = &flow->status.lost;
  const PtlLost *told = &flow->lost_told;
  uint64_t frames = lost->in_frames - told->in_frames + lost->out_frames - told->out_frames +
                    lost->events - told->events;
  uint64_t bytes = lost->in_bytes - told->in_bytes + lost->out_bytes - told->out_bytes;

  flow->lost_told = *lost;
  if (frames > 0 || code == PTL_EVENT_LOG_RESUMED)
    ptl_flow_tell (flow, code, PTL_PEER_NONE, NULL, 0, (int64_t) frames, (int64_t) bytes);
}

void
ptl_flow_commit (PtlFlow *flow)
{
  int result;

  if (!flow->has_frames || flow->sink == NULL)
    return;
  result = flow->sink->klass->commit (flow->sink);
  flow->has_frames = false;
  read_lost (flow);
  if (result < 0)
    {
      if (!flow->broken)
        {
          flow->broken = true;
          flow->status.log_full = true;
          ptl_flow_fault (flow, PTL_STEP_LOG, -result, NULL);
          /* The session's own limit leaves room for events; on a full disk the log itself tells
           * of it when there is room again: LOG_RESUMED has the counts. */
          if (result == -EFBIG && flow->spec->log_limit_bytes > 0)
            {
              ptl_flow_tell (flow, PTL_EVENT_LOG_FULL, PTL_PEER_NONE, NULL, EFBIG,
                             flow->spec->when_full == PTL_FULL_STOP_RECEIVING, 0);
              flow->sink->klass->commit (flow->sink);
              flow->has_frames = false;
            }
          ptl_flow_update_interest (flow);
        }
      ptl_timers_set (&flow->worker->timers, &flow->log_timer, flow->worker->now_ns + RETRY_LOG_NS);
    }
}

static void
on_log_timer (PtlTimer *timer,
              uint64_t  now_ns)
{
  PtlFlow *flow = SELF (log_timer, timer, PtlFlow);

  if (flow->over || flow->sink == NULL)
    return;
  /* With nothing to write it tries whether there is room for as much as failed: a short event may
   * find some where the next read does not, and what was read by then is lost. */
  flow->has_frames = false;
  if (flow->sink->klass->commit (flow->sink) < 0)
    {
      read_lost (flow);
      ptl_timers_set (&flow->worker->timers, &flow->log_timer, now_ns + RETRY_LOG_NS);
      return;
    }
  read_lost (flow);
  tell_lost (flow, PTL_EVENT_LOG_RESUMED);
  flow->broken = false;
  flow->status.log_full = false;
  if (flow->status.fault.step == PTL_STEP_LOG)
    flow->status.fault.step = PTL_STEP_NONE;
  ptl_flow_update_interest (flow);
}

/* --- begin and end --- */

static void
start (PtlFlow *flow)
{
  if (flow->spec->role == PTL_ROLE_CONNECT)
    ptl_flow_connect (flow);
  else if (ptl_spec_is_datagram (flow->spec))
    ptl_flow_open_datagrams (flow);
  else
    ptl_flow_listen (flow);
}

/* A family whose addresses we cannot form: the kernel is asked all the same, and its answer told.
 * */
static bool
is_foreign (PtlFlow *flow)
{
  int domain = flow->spec->domain;
  int fd, type, protocol;

  if (domain < 0 || domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX ||
      domain == AF_VSOCK)
    return false;
  ptl_spec_get_socket_triple (flow->spec, domain, &domain, &type, &protocol);
  fd = ptl_sys_socket (flow->calls, domain, type, protocol);
  if (fd >= 0)
    ptl_sys_close (flow->calls, fd, 0);
  ptl_flow_end (flow, fd < 0 ? PTL_STEP_SOCKET : PTL_STEP_UNSUPPORTED, fd < 0 ? -fd : 0, NULL);
  return true;
}

void
ptl_flow_open (PtlFlow *flow)
{
  const PtlSpec *spec = flow->spec;

  flow->queries = g_ptr_array_new ();
  flow->conns = g_hash_table_new (NULL, NULL);
  flow->early_tail = &flow->early_head;
  flow->log_timer.func = on_log_timer;
  flow->drops_timer.func = on_drops_timer;
  ptl_worker_touch (flow->worker, flow);
  if (is_foreign (flow))
    return;
  if (spec->n_endpoints == 0)
    {
      ptl_flow_end (flow, PTL_STEP_CONNECT, EDESTADDRREQ, NULL);
      return;
    }
  if (spec->role == PTL_ROLE_CONNECT)
    ptl_flow_start_timeout (flow);
  flow->resolved = g_new0 (PtlResolved *, spec->n_endpoints);
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    if (ptl_endpoint_needs_resolver (&spec->endpoints[i]))
      {
        flow->n_unresolved++;
        ptl_flow_ask (flow, PTL_ASK_ENDPOINT, i, &spec->endpoints[i],
                      spec->role == PTL_ROLE_LISTEN, NULL);
      }
  if (spec->has_local && ptl_endpoint_needs_resolver (&spec->local))
    {
      flow->n_unresolved++;
      ptl_flow_ask (flow, PTL_ASK_LOCAL, 0, &spec->local, true, NULL);
    }
  if (flow->n_unresolved > 0)
    ptl_flow_set_state (flow, PTL_SESSION_RESOLVING);
  else
    start (flow);
}

void
ptl_flow_resolved (PtlFlow     *flow,
                   PtlQuery    *query,
                   PtlResolved *resolved)
{
  bool failed = resolved->gai_code != 0 || resolved->n_addresses == 0;
  /* The mail owns it, and frees what is left there. */
  PtlResolved *kept = g_memdup2 (resolved, sizeof *resolved +
                                             resolved->n_addresses * sizeof resolved->addresses[0]);

  kept->canonical = NULL;
  g_ptr_array_remove_fast (flow->queries, query);
  ptl_flow_tell_resolved (flow, query, resolved);
  if (query->kind == PTL_ASK_SEND_TO)
    {
      if (query->job == NULL)
        {
          /* It was cancelled meanwhile. */
        }
      else if (failed)
        {
          /* No fault of the session's, which has other targets: the report and the log tell it. */
          query->job->gai_code = resolved->gai_code != 0 ? resolved->gai_code : EAI_NONAME;
          ptl_job_fail (query->job, resolved->sys_errno);
          ptl_job_unref (flow->worker, g_steal_pointer (&query->job));
        }
      else
        {
          ptl_flow_send_to_address (flow, &kept->addresses[0], g_steal_pointer (&query->job));
        }
      ptl_resolved_free (kept);
      return;
    }
  if (failed)
    {
      ptl_resolved_free (kept);
      flow->status.fault.gai_code = resolved->gai_code;
      ptl_flow_end (flow, PTL_STEP_RESOLVE, resolved->sys_errno, NULL);
      return;
    }
  if (query->kind == PTL_ASK_ENDPOINT)
    flow->resolved[query->index] = kept;
  else
    flow->resolved_local = kept;
  if (--flow->n_unresolved == 0)
    start (flow);
}

void
ptl_flow_end (PtlFlow          *flow,
              PtlStep           step,
              int               sys_errno,
              const PtlAddress *address)
{
  PtlWorker *worker = flow->worker;
  PtlStatusNote note;

  if (flow->over)
    return;
  if (step != PTL_STEP_NONE)
    {
      int gai_code = flow->status.fault.gai_code;
      int detail = flow->status.fault.detail;

      ptl_flow_fault (flow, step, sys_errno, address);
      flow->status.fault.gai_code = step == PTL_STEP_RESOLVE ? gai_code : 0;
      flow->status.fault.detail = step == PTL_STEP_OPTION ? detail : 0;
      ptl_flow_tell (flow, PTL_EVENT_FAULT, PTL_PEER_NONE, address, sys_errno, step, 0);
    }
  flow->over = true;
  ptl_flow_drop_queries (flow);
  ptl_flow_drop_candidates (flow, NULL);
  while (flow->listeners != NULL)
    ptl_listener_close (flow->listeners);
  /* Before their peers, each of which would look for its own in there. */
  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    ptl_outs_drop (flow, &dgram->out_head, &dgram->out_tail, ECANCELED);
  while (flow->conn_first != NULL)
    ptl_conn_close (flow->conn_first, false, 0);
  while (flow->dgrams != NULL)
    ptl_dgram_close (flow->dgrams);
  ptl_unix_file_unlink (&flow->own_file, &flow->own_name);
  ptl_timers_unset (&worker->timers, &flow->timeout_timer);
  ptl_timers_unset (&worker->timers, &flow->candidate_timer);
  ptl_timers_unset (&worker->timers, &flow->log_timer);
  ptl_timers_unset (&worker->timers, &flow->drops_timer);

  if (flow->early_head != NULL)
    ptl_flow_deliver_early (flow);
  ptl_flow_set_state (flow, step == PTL_STEP_NONE ? PTL_SESSION_CLOSED : PTL_SESSION_FAILED);
  if (flow->sink != NULL)
    {
      flow->sink->klass->commit (flow->sink);
      read_lost (flow);
      /* The last chance to say so in the log; where it takes that no more, the status has it. */
      tell_lost (flow, PTL_EVENT_NOT_RECORDED);
      flow->sink->klass->commit (flow->sink);
      read_lost (flow);
      flow->sink->klass->close (flow->sink);
      flow->sink = NULL;
    }
  flow->status.queued_bytes = 0;
  flow->status_dirty = false;
  note = (PtlStatusNote) { .status = flow->status, .slot = flow->slot };
  g_array_append_val (worker->status_notes, note);
  ptl_engine_forget (worker->engine, flow->status.id);
  g_ptr_array_add (worker->over, flow);
}

void
ptl_flow_stop (PtlFlow *flow)
{
  if (flow->over)
    return;
  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    ptl_dgram_read_drops (dgram, ptl_clock_monotonic_ns (), PTL_DROPS_AT_ONCE);
  ptl_flow_tell (flow, PTL_EVENT_STOPPED, PTL_PEER_NONE, NULL, 0, 0, 0);
  ptl_flow_end (flow, PTL_STEP_NONE, 0, NULL);
}

/* Datagrams that the kernel dropped after the last one that it delivered are only seen by asking.
 * */
static void
on_drops_timer (PtlTimer *timer,
                uint64_t  now_ns)
{
  PtlFlow *flow = SELF (drops_timer, timer, PtlFlow);

  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    ptl_dgram_read_drops (dgram, now_ns, PTL_DROPS_IN_TIME);
  if (flow->dgrams != NULL &&
      (flow->status.kernel_drops != flow->drops_told || !ptl_flow_may_receive (flow)))
    ptl_timers_set (&flow->worker->timers, timer, now_ns + DROPS_EVERY_NS);
}

void
ptl_flow_free (PtlFlow *flow)
{
  if (flow->sink != NULL)
    flow->sink->klass->close (flow->sink);
  for (unsigned i = 0; flow->resolved != NULL && i < flow->spec->n_endpoints; i++)
    ptl_resolved_free (flow->resolved[i]);
  g_free (flow->resolved);
  ptl_resolved_free (flow->resolved_local);
  g_free (flow->candidates);
  g_clear_pointer (&flow->queries, g_ptr_array_unref);
  g_clear_pointer (&flow->conns, g_hash_table_unref);
  ptl_calls_unref (flow->calls);
  ptl_spec_free (flow->spec);
  ptl_handle_unref (flow->handle);
  g_free (flow);
}
