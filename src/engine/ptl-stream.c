/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peers, and what connections do: receive, answer, send what is queued, end in each of the ways
 * that a connection can end. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))

/* Registered for errors only: epoll tells of EPOLLERR and EPOLLHUP always (epoll_ctl(2)). */
#define ERRORS_ONLY EPOLLERR

void
ptl_conn_fill_info (const PtlConn *conn,
                    PtlPeerInfo   *info)
{
  *info = (PtlPeerInfo) {
    .session = conn->flow->status.id,
    .peer = conn->number,
    .state = conn->state,
    .sys_errno = conn->sys_errno,
    .address = conn->address,
    .local = conn->local,
    .opened_ns = conn->opened_ns,
    .closed_ns = conn->closed_ns,
    .rx_bytes = conn->rx_bytes,
    .tx_bytes = conn->tx_bytes,
    .queued_bytes = conn->queued_bytes,
  };
}

static bool
is_congested (const PtlConn *conn)
{
  const PtlFlow *flow = conn->flow;

  if (conn->n_outs == 0)
    return false;
  return flow->spec->reaction == PTL_REACTION_ECHO ||
         (flow->spec->reaction == PTL_REACTION_ANSWER && conn->n_outs >= REACTIONS_QUEUED_MAX);
}

void
ptl_conn_update (PtlConn *conn)
{
  uint32_t events = 0;

  if (conn->watch.dead || conn->watch.fd < 0)
    return;
  if (!conn->in_ended && ptl_flow_may_receive (conn->flow) && !is_congested (conn))
    events |= EPOLLIN | EPOLLRDHUP;
  if (conn->out_head != NULL)
    events |= EPOLLOUT;
  ptl_watch_set (conn->flow->worker, &conn->watch, events != 0 ? events : ERRORS_ONLY);
}

/* Fewer echoes wait: reading that was held because of them may go on. */
static void
release_reading (PtlFlow *flow)
{
  if (!flow->reading_held || flow->echo_backlog > ECHO_BACKLOG_MAX / 2 || flow->over)
    return;
  flow->reading_held = false;
  ptl_flow_update_interest (flow);
}

static void
on_conn_destroy (PtlWatch *watch)
{
  g_free (SELF (watch, watch, PtlConn));
}

void
ptl_conn_close (PtlConn *conn,
                bool     reset,
                int      sys_errno)
{
  PtlFlow *flow = conn->flow;
  PtlWorker *worker = flow->worker;
  PtlPeerNote note;
  bool is_source = conn->via != NULL;

  if (conn->watch.dead)
    return;
  conn->closed_ns = ptl_clock_monotonic_ns ();
  conn->sys_errno = sys_errno;
  conn->state = PTL_PEER_CLOSED;
  if (reset || sys_errno == ECONNRESET || sys_errno == EPIPE)
    conn->state = PTL_PEER_RESET;
  ptl_conn_tell_unsent (conn, sys_errno);
  ptl_outs_drop (flow, &conn->out_head, &conn->out_tail, sys_errno != 0 ? sys_errno : ECANCELED);
  ptl_timers_unset (&worker->timers, &conn->timer);
  ptl_half_open_end (conn);
  ptl_conn_tell_unanswered (conn, UINT64_MAX);
  if (sys_errno != 0)
    ptl_flow_tell (flow, PTL_EVENT_RESET, conn->number, &conn->address, sys_errno,
                   (int64_t) conn->rx_bytes, (int64_t) conn->tx_bytes);
  else
    ptl_flow_tell (flow, reset ? PTL_EVENT_WE_RESET : PTL_EVENT_CLOSED, conn->number,
                   &conn->address, 0, (int64_t) conn->rx_bytes, (int64_t) conn->tx_bytes);
  if (conn->watch.fd >= 0)
    {
      if (reset)
        ptl_sys_set_option (flow->calls, conn->watch.fd, PTL_OPT_LINGER, 0);
      ptl_sys_close (flow->calls, conn->watch.fd, conn->number);
      conn->watch.fd = -1;
    }
  ptl_watch_bury (worker, &conn->watch);

  if (conn->prev != NULL)
    conn->prev->next = conn->next;
  else
    flow->conn_first = conn->next;
  if (conn->next != NULL)
    conn->next->prev = conn->prev;
  else
    flow->conn_last = conn->prev;
  g_hash_table_remove (flow->conns, GUINT_TO_POINTER (conn->number));
  if (is_source)
    {
      if (conn != conn->via->only)
        g_hash_table_remove (conn->via->sources, &conn->address);
      if (conn->via->last_conn == conn)
        conn->via->last_conn = NULL;
      if (conn->via->trial == conn)
        conn->via->trial = NULL;
      if (conn->n_outs > 0)
        for (PtlOut *out = conn->via->out_head; out != NULL; out = out->next)
          if (out->conn == conn)
            out->conn = NULL;
    }
  conn->n_outs = 0;
  conn->queued_bytes = 0;
  flow->status.peers_open--;

  if (conn->dirty_at != 0)
    {
      GPtrArray *dirty = worker->dirty_conns;
      PtlConn *last = dirty->pdata[dirty->len - 1];

      dirty->pdata[conn->dirty_at - 1] = last;
      last->dirty_at = conn->dirty_at;
      g_ptr_array_set_size (dirty, (int) dirty->len - 1);
      conn->dirty_at = 0;
    }
  ptl_conn_fill_info (conn, &note.info);
  note.slot = conn->slot;
  g_array_append_val (worker->peer_notes, note);
  ptl_worker_touch (worker, flow);
  ptl_worker_retry_accept (worker);
  release_reading (flow);

  if (flow->over || flow->spec->role != PTL_ROLE_CONNECT)
    return;
  if (sys_errno != 0)
    ptl_flow_end (flow, PTL_STEP_RECEIVE, sys_errno, &conn->address);
  else
    ptl_flow_end (flow, PTL_STEP_NONE, 0, NULL);
}

/* Both directions are done, or ours is not wanted any longer. */
static void
close_when_done (PtlConn *conn)
{
  if (conn->in_ended && conn->out_head == NULL && !conn->watch.dead &&
      !ptl_half_open_is_kept (conn))
    ptl_conn_close (conn, false, 0);
}

/* The queue is empty. */
static void
on_drained (PtlConn *conn)
{
  if (conn->end_wanted && !conn->out_ended)
    {
      int result = ptl_sys_shutdown (conn->flow->calls, conn->watch.fd, conn->number, SHUT_WR);

      conn->out_ended = true;
      if (result < 0)
        {
          ptl_conn_close (conn, false, -result);
          return;
        }
      ptl_flow_tell (conn->flow, PTL_EVENT_WE_ENDED, conn->number, &conn->address, 0, 0, 0);
      if (!conn->in_ended)
        conn->state = PTL_PEER_HALF_CLOSED_BY_US;
      ptl_conn_mark_dirty (conn);
    }
  close_when_done (conn);
}

void
ptl_conn_end_input (PtlConn *conn)
{
  if (conn->watch.dead || conn->via != NULL || conn->end_wanted)
    return;
  conn->end_wanted = true;
  if (conn->out_head == NULL)
    on_drained (conn);
}

/* The peer takes nothing more.  What it sent before that is still to be read, and ends with the
 * connection's end. */
static void
stop_sending (PtlConn *conn,
              int      sys_errno)
{
  PtlFlow *flow = conn->flow;

  if (conn->in_ended)
    {
      ptl_conn_close (conn, false, sys_errno);
      return;
    }
  ptl_conn_tell_unsent (conn, sys_errno);
  ptl_outs_drop (flow, &conn->out_head, &conn->out_tail, sys_errno);
  conn->n_outs = 0;
  conn->queued_bytes = 0;
  conn->out_ended = true;
  conn->sys_errno = sys_errno;
  ptl_conn_mark_dirty (conn);
  release_reading (flow);
  ptl_conn_update (conn);
}

/* A message of the file was longer than the send buffer holds (unix(7)): shorter ones may fit.  Not
 * for each file anew. */
static bool
halve_pieces (PtlConn *conn,
              size_t   len)
{
  if (len <= MESSAGE_PIECE_MIN_BYTES)
    return false;
  conn->piece_bytes = MAX ((uint32_t) len / 2, MESSAGE_PIECE_MIN_BYTES);
  return true;
}

void
ptl_conn_flush (PtlConn *conn)
{
  PtlFlow *flow = conn->flow;
  PtlWorker *worker = flow->worker;
  uint64_t round = 0;

  while (conn->out_head != NULL && round < SEND_ROUND_BYTES)
    {
      PtlOut *out = conn->out_head;
      const uint8_t *bytes;
      size_t len;
      ssize_t n;

      if (out->blob != NULL)
        {
          bytes = out->blob->data + out->offset;
          len = out->blob->len_bytes - out->offset;
        }
      else
        {
          bytes = worker->scratch;
          n = pread (out->job->fd, worker->scratch,
                     MIN (conn->piece_bytes, out->len - out->offset),
                     out->job->file_start + (int64_t) out->offset);
          len = n > 0 ? (size_t) n : 0;
          if (n <= 0 && out->offset < out->len)
            {
              /* It got shorter, or cannot be read: what was promised cannot be sent. */
              int error = n < 0 ? errno : ENODATA;

              conn->out_head = out->next;
              if (conn->out_head == NULL)
                conn->out_tail = &conn->out_head;
              conn->n_outs--;
              conn->queued_bytes -= out->len - out->offset;
              flow->status.queued_bytes -= out->len - out->offset;
              ptl_flow_tell (flow, PTL_EVENT_SEND_FAILED, conn->number, &conn->address, error,
                             (int64_t) (out->len - out->offset), 0);
              ptl_out_done (flow, out, error);
              continue;
            }
        }
      n = 0;
      if (len > 0 || conn->is_message)
        n = ptl_sys_send (flow->calls, &conn->send_fold, conn->watch.fd, conn->number, bytes,
                          len);
      if (n == -EAGAIN || n == -ENOBUFS)
        break;
      if (n == -EMSGSIZE && out->blob == NULL && halve_pieces (conn, len))
        continue;
      if (n < 0)
        {
          if (n != -EMSGSIZE)
            {
              stop_sending (conn, (int) -n);
              return;
            }
          /* Only this message is too long; others may fit. */
          ptl_flow_tell (flow, PTL_EVENT_SEND_FAILED, conn->number, &conn->address, EMSGSIZE,
                         (int64_t) (out->len - out->offset), 0);
        }
      else
        {
          uint64_t now = ptl_clock_monotonic_ns ();

          if (n > 0 || conn->is_message)
            {
              ptl_flow_append (flow, PTL_FRAME_OUT, conn->number, now, bytes, (uint32_t) n,
                               conn->is_message ? PTL_FRAME_DATAGRAM : 0, 0);
              flow->status.tx_frames++;
            }
          conn->last_ns = now;
          conn->tx_bytes += (uint64_t) n;
          flow->status.tx_bytes += (uint64_t) n;
          round += (uint64_t) n;
          out->offset += (uint64_t) n;
          conn->queued_bytes -= (uint64_t) n;
          flow->status.queued_bytes -= (uint64_t) n;
          if (out->is_echo)
            flow->echo_backlog -= (uint64_t) n;
          if (out->job != NULL)
            ptl_job_sent (worker, out->job, (uint64_t) n);
          ptl_conn_mark_counted (conn);
          if (out->offset < out->len)
            continue;
        }
      conn->out_head = out->next;
      if (conn->out_head == NULL)
        conn->out_tail = &conn->out_head;
      conn->n_outs--;
      if (n < 0)
        {
          conn->queued_bytes -= out->len - out->offset;
          flow->status.queued_bytes -= out->len - out->offset;
          if (out->is_echo)
            flow->echo_backlog -= out->len - out->offset;
        }
      if (n >= 0 && out->job != NULL && out->job->fd >= 0)
        ptl_flow_tell (flow, PTL_EVENT_FILE_SENT, conn->number, &conn->address, 0,
                       (int64_t) out->len,
                       (int64_t) (ptl_clock_monotonic_ns () - out->job->started_ns));
      ptl_out_done (flow, out, n < 0 ? (int) -n : 0);
    }
  release_reading (flow);
  if (conn->out_head == NULL)
    on_drained (conn);
  if (!conn->watch.dead)
    ptl_conn_update (conn);
}

static void
end_of_input (PtlConn *conn)
{
  PtlFlow *flow = conn->flow;
  bool kept = ptl_half_open_is_kept (conn);

  if (conn->sys_errno != 0)
    {
      ptl_conn_close (conn, false, conn->sys_errno);
      return;
    }
  conn->in_ended = true;
  if (!conn->out_ended)
    conn->state = PTL_PEER_HALF_CLOSED_BY_PEER;
  ptl_flow_tell (flow, PTL_EVENT_PEER_ENDED, conn->number, &conn->address, 0, kept, 0);
  ptl_conn_mark_dirty (conn);
  if (kept)
    ptl_half_open_begin (conn);
  close_when_done (conn);
  if (!conn->watch.dead)
    ptl_conn_update (conn);
}

/* What came is in @bytes, or with NULL in the log's file already. */
static void
received (PtlConn       *conn,
          const uint8_t *bytes,
          size_t         len,
          size_t         full_len,
          uint64_t       now)
{
  PtlFlow *flow = conn->flow;

  conn->last_ns = now;
  conn->rx_bytes += full_len;
  flow->status.rx_bytes += full_len;
  flow->status.rx_frames++;
  ptl_conn_mark_counted (conn);
  if (bytes == NULL)
    return;
  if (flow->spec->reaction == PTL_REACTION_DISCARD)
    {
      ptl_flow_append (flow, PTL_FRAME_IN, conn->number, now, NULL, 0,
                       PTL_FRAME_NOT_STORED | (conn->is_message ? PTL_FRAME_DATAGRAM : 0),
                       (uint32_t) full_len);
      return;
    }
  ptl_flow_append (flow, PTL_FRAME_IN, conn->number, now, bytes, (uint32_t) len,
                   (conn->is_message ? PTL_FRAME_DATAGRAM : 0) |
                     (full_len > len ? PTL_FRAME_TRUNCATED : 0),
                   full_len > len ? (uint32_t) full_len : 0);
  if (full_len > len)
    flow->status.truncated++;
  if (conn->out_ended || conn->end_wanted)
    return;
  if (flow->spec->reaction == PTL_REACTION_ECHO)
    {
      g_autoptr (PtlBlob) blob = NULL;
      size_t sent = 0;

      /* Nothing waits, so it may go at once, without a copy. */
      if (conn->out_head == NULL && (len > 0 || conn->is_message))
        {
          ssize_t n = ptl_sys_send (flow->calls, &conn->send_fold, conn->watch.fd, conn->number,
                                    bytes, len);

          if (n >= 0)
            {
              ptl_flow_append (flow, PTL_FRAME_OUT, conn->number, ptl_clock_monotonic_ns (), bytes,
                               (uint32_t) n, conn->is_message ? PTL_FRAME_DATAGRAM : 0, 0);
              conn->tx_bytes += (size_t) n;
              flow->status.tx_bytes += (size_t) n;
              flow->status.tx_frames++;
              sent = (size_t) n;
              if (sent == len)
                return;
            }
        }
      blob = ptl_blob_new (bytes + sent, len - sent);
      ptl_conn_react (conn, blob, 0, true);
      if (flow->echo_backlog > ECHO_BACKLOG_MAX && !flow->reading_held)
        {
          flow->reading_held = true;
          ptl_flow_update_interest (flow);
        }
    }
  else if (flow->spec->reaction == PTL_REACTION_ANSWER && flow->spec->reaction_text != NULL)
    {
      ptl_conn_react (conn, flow->spec->reaction_text, 0, false);
    }
}

/* The sink does not take pipes: what is in ours goes the usual way. */
static void
take_back (PtlConn *conn,
           size_t   left,
           uint64_t now)
{
  PtlWorker *worker = conn->flow->worker;

  conn->can_splice = false;
  while (left > 0)
    {
      ssize_t n = read (worker->pipe[0], worker->scratch, MIN (left, RECEIVE_BYTES));

      if (n <= 0)
        break;
      received (conn, worker->scratch, (size_t) n, (size_t) n, now);
      left -= (size_t) n;
    }
}

/* True when it was tried: then *@n is what splice gave. */
static bool
receive_by_splice (PtlConn *conn,
                   ssize_t *n)
{
  PtlFlow *flow = conn->flow;
  PtlWorker *worker = flow->worker;
  PtlFrame frame = { .kind = PTL_FRAME_IN, .peer = conn->number };

  if (!conn->can_splice || conn->full_reads < SPLICE_AFTER || flow->sink == NULL ||
      flow->sink->klass->append_pipe == NULL ||
      (flow->spec->reaction != PTL_REACTION_NONE && flow->spec->reaction != PTL_REACTION_GREETING))
    return false;
  if (worker->pipe[0] < 0)
    {
      if (pipe2 (worker->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        {
          conn->can_splice = false;
          return false;
        }
      fcntl (worker->pipe[1], F_SETPIPE_SZ, SPLICE_BYTES);
    }
  *n = ptl_sys_splice (flow->calls, &conn->splice_fold, conn->watch.fd, conn->number,
                       worker->pipe[1], SPLICE_BYTES);
  if (*n == -EINVAL)
    {
      conn->can_splice = false;
      return false;
    }
  if (*n > 0)
    {
      frame.time_ns = ptl_clock_monotonic_ns ();
      frame.length = (uint32_t) *n;
      flow->last_frame_ns = frame.time_ns;
      if (flow->sink->klass->append_pipe (flow->sink, &frame, worker->pipe[0]))
        {
          flow->has_frames = true;
          ptl_worker_touch (worker, flow);
          received (conn, NULL, 0, (size_t) *n, frame.time_ns);
        }
      else
        {
          take_back (conn, (size_t) *n, frame.time_ns);
        }
      if (*n < RECEIVE_BYTES / 4)
        conn->full_reads = 0;
    }
  return true;
}

/* A message of no bytes and the end read the same where messages have no times.  It was a message
 * if the peer has not ended, or if more of what it sent is there; of one that is the very last the
 * kernel does not tell. */
static bool
is_at_end (const PtlConn *conn,
           uint32_t       events)
{
  if ((events & (EPOLLRDHUP | EPOLLHUP)) == 0)
    return false;
  return ptl_sys_get_readable (conn->flow->calls, conn->watch.fd, conn->number) <= 0;
}

static void
receive (PtlConn *conn,
         uint32_t events)
{
  PtlFlow *flow = conn->flow;
  uint8_t *scratch = flow->worker->scratch;
  size_t size = flow->spec->reaction == PTL_REACTION_ECHO && !conn->is_message ? ECHO_READ_BYTES
                                                                               : RECEIVE_BYTES;
  bool has_time = false;
  ssize_t n;

  if (!receive_by_splice (conn, &n))
    {
      if (conn->is_message)
        n = ptl_sys_recv_message (flow->calls, &conn->recv_fold, conn->watch.fd, conn->number,
                                  scratch, size, &has_time);
      else
        n = ptl_sys_recv (flow->calls, &conn->recv_fold, conn->watch.fd, conn->number, scratch,
                          size);
      if (n > 0 || (n == 0 && conn->is_message &&
                    (conn->has_times ? has_time : !is_at_end (conn, events))))
        {
          conn->full_reads = (size_t) n < size / 2 ? 0 : MIN (conn->full_reads + 1, SPLICE_AFTER);
          received (conn, scratch, MIN ((size_t) n, size), (size_t) n, ptl_clock_monotonic_ns ());
          n = 1;
        }
    }
  if (conn->watch.dead)
    return;
  if (n == 0)
    end_of_input (conn);
  else if (n < 0 && n != -EAGAIN)
    ptl_conn_close (conn, false, (int) -n);
  else
    ptl_conn_update (conn);
}

static void
on_conn_ready (PtlWatch *watch,
               uint32_t  events)
{
  PtlConn *conn = SELF (watch, watch, PtlConn);
  PtlFlow *flow = conn->flow;

  if ((events & EPOLLOUT) != 0 && conn->out_head != NULL)
    {
      ptl_conn_flush (conn);
      if (watch->dead)
        return;
    }
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0)
    return;
  if (!conn->in_ended && ptl_flow_may_receive (flow) && !is_congested (conn))
    {
      receive (conn, events);
    }
  else if ((events & (EPOLLERR | EPOLLHUP)) != 0)
    {
      int error;

      /* Bytes that we may not read yet are before the end: they come first when we may. */
      if (!conn->in_ended && conn->out_head == NULL)
        {
          ptl_watch_set (flow->worker, watch, 0);
          return;
        }
      error = ptl_sys_get_error (flow->calls, watch->fd, conn->number);
      if (conn->in_ended)
        ptl_half_open_fail (conn, error);
      else
        stop_sending (conn, error != 0 ? error : EPIPE);
    }
}

static void
on_conn_timer (PtlTimer *timer,
               uint64_t  now_ns)
{
  PtlConn *conn = SELF (timer, timer, PtlConn);
  PtlFlow *flow = conn->flow;
  uint64_t idle_ns = flow->spec->idle_timeout_ms * PTL_NS_PER_MS;

  if (conn->in_ended && flow->spec->half_open_ms > 0 &&
      flow->spec->half_open_ms < PTL_HALF_OPEN_AUTO)
    {
      ptl_conn_close (conn, false, 0);
      return;
    }
  if (idle_ns == 0)
    return;
  if (now_ns - MIN (conn->last_ns, now_ns) < idle_ns)
    {
      ptl_timers_set (&flow->worker->timers, timer, conn->last_ns + idle_ns);
      return;
    }
  /* It may well have sent something: it is we who do not look. */
  if (!conn->in_ended && !ptl_flow_may_receive (flow))
    {
      ptl_timers_set (&flow->worker->timers, timer, now_ns + idle_ns);
      return;
    }
  ptl_flow_tell (flow, PTL_EVENT_IDLE_TIMEOUT, conn->number, &conn->address, 0,
                 flow->spec->idle_timeout_ms, 0);
  ptl_conn_close (conn, false, 0);
}

PtlConn *
ptl_conn_new (PtlFlow          *flow,
              int               fd,
              const PtlAddress *address,
              const PtlAddress *local,
              uint64_t          now_ns)
{
  PtlConn *conn = g_new0 (PtlConn, 1);
  int domain, type, protocol;

  ptl_spec_get_socket_triple (flow->spec, ptl_address_get_family (address), &domain, &type,
                              &protocol);
  conn->watch.fd = fd;
  conn->watch.ready = on_conn_ready;
  conn->watch.destroy = on_conn_destroy;
  conn->flow = flow;
  conn->number = ++flow->last_peer;
  conn->state = PTL_PEER_OPEN;
  conn->is_message = type != SOCK_STREAM;
  conn->can_splice = fd >= 0 && type == SOCK_STREAM &&
                     (domain == AF_INET || domain == AF_INET6 || domain == AF_UNIX);
  conn->piece_bytes = conn->is_message ? MESSAGE_PIECE_BYTES : RECEIVE_BYTES;
  conn->out_tail = &conn->out_head;
  conn->opened_ns = conn->last_ns = now_ns;
  conn->address = *address;
  conn->local = *local;
  conn->timer.func = on_conn_timer;

  conn->prev = flow->conn_last;
  if (flow->conn_last != NULL)
    flow->conn_last->next = conn;
  else
    flow->conn_first = conn;
  flow->conn_last = conn;
  g_hash_table_insert (flow->conns, GUINT_TO_POINTER (conn->number), conn);
  flow->status.peers_open++;
  flow->status.peers_total++;
  if (flow->sink != NULL)
    flow->sink->klass->add_peer (flow->sink, conn->number, address);
  ptl_conn_mark_dirty (conn);
  ptl_worker_touch (flow->worker, flow);
  return conn;
}

void
ptl_conn_start (PtlConn *conn)
{
  PtlFlow *flow = conn->flow;

  /* Not all families have them for messages; these do (unix(7), socket(7)). */
  if (conn->is_message && conn->watch.fd >= 0 &&
      ptl_address_get_family (&conn->local) == AF_UNIX)
    conn->has_times = ptl_sys_set_option (flow->calls, conn->watch.fd, PTL_OPT_TIMESTAMPNS,
                                          1) == 0;
  if (flow->spec->idle_timeout_ms > 0)
    ptl_timers_set (&flow->worker->timers, &conn->timer,
                    conn->last_ns + flow->spec->idle_timeout_ms * PTL_NS_PER_MS);
  ptl_conn_update (conn);
  if (flow->spec->reaction == PTL_REACTION_GREETING && flow->spec->reaction_text != NULL)
    ptl_conn_react (conn, flow->spec->reaction_text, 0, false);
}
