/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends: jobs that are reported on, and the queue entries that carry them to each target. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ptl-fd.h"

PtlSendJob *
ptl_job_new (PtlHandle *handle,
             uint64_t   tag,
             PtlBlob   *blob,
             int        fd)
{
  PtlSendJob *job = g_new0 (PtlSendJob, 1);

  job->handle = ptl_handle_ref (handle);
  job->tag = tag;
  job->refs = 1;
  job->blob = blob != NULL ? ptl_blob_ref (blob) : NULL;
  job->fd = fd;
  job->started_ns = ptl_clock_monotonic_ns ();
  return job;
}

/* What is left is only the reference of the news: every target is done. */
static void
release_charge (PtlSendJob *job)
{
  if (job->handle == NULL || job->charged_bytes == UINT64_MAX)
    return;
  atomic_fetch_sub (&job->handle->queued_bytes, job->charged_bytes);
  atomic_fetch_sub (&job->handle->n_sends, 1);
  job->charged_bytes = UINT64_MAX;
}

void
ptl_job_unref (PtlWorker  *worker,
               PtlSendJob *job)
{
  if (worker != NULL && job->refs == 1 && !job->is_dirty)
    {
      /* The last word on it is still to be told. */
      release_charge (job);
      g_clear_pointer (&job->blob, ptl_blob_unref);
      ptl_job_mark_dirty (worker, job);
    }
  else if (job->is_dirty && job->refs == 2)
    {
      release_charge (job);
      g_clear_pointer (&job->blob, ptl_blob_unref);
    }
  if (--job->refs > 0)
    return;
  release_charge (job);
  g_clear_pointer (&job->blob, ptl_blob_unref);
  ptl_fd_clear (&job->fd);
  ptl_handle_unref (job->handle);
  g_free (job);
}

void
ptl_job_fail (PtlSendJob *job,
              int         sys_errno)
{
  job->n_failed++;
  if (job->sys_errno == 0)
    job->sys_errno = sys_errno;
}

void
ptl_job_sent (PtlWorker  *worker,
              PtlSendJob *job,
              uint64_t    n)
{
  job->sent_bytes += n;
  ptl_job_mark_dirty (worker, job);
}

void
ptl_out_done (PtlFlow *flow,
              PtlOut  *out,
              int      sys_errno)
{
  flow->n_outs--;
  if (out->job != NULL)
    {
      if (sys_errno != 0)
        ptl_job_fail (out->job, sys_errno);
      ptl_job_unref (flow->worker, out->job);
    }
  else
    {
      ptl_blob_unref (out->blob);
    }
  ptl_worker_touch (flow->worker, flow);
  g_free (out);
}

void
ptl_outs_drop (PtlFlow *flow,
               PtlOut **head,
               PtlOut ***tail,
               int      sys_errno)
{
  while (*head != NULL)
    {
      PtlOut *out = *head;

      *head = out->next;
      flow->status.queued_bytes -= out->len - out->offset;
      if (out->is_echo)
        flow->echo_backlog -= out->len - out->offset;
      ptl_out_done (flow, out, sys_errno);
    }
  *tail = head;
}

static void
add_out (PtlConn    *conn,
         PtlSendJob *job,
         PtlBlob    *blob,
         uint64_t    offset,
         uint64_t    len,
         bool        is_echo)
{
  PtlFlow *flow = conn->flow;
  PtlOut *out = g_new0 (PtlOut, 1);
  PtlOut ***tail = conn->via != NULL ? &conn->via->out_tail : &conn->out_tail;

  out->job = job;
  out->blob = blob;
  out->conn = conn;
  out->offset = offset;
  out->len = len;
  out->is_echo = is_echo;
  **tail = out;
  *tail = &out->next;
  flow->n_outs++;
  conn->n_outs++;
  conn->queued_bytes += len - offset;
  flow->status.queued_bytes += len - offset;
  if (is_echo)
    flow->echo_backlog += len - offset;
  ptl_conn_mark_counted (conn);
  ptl_worker_touch (flow->worker, flow);
}

/* Is there no room for @len bytes more?  A stream is not read then; a datagram source shares its
 * socket with others. */
static bool
is_full (PtlConn *conn,
         uint64_t len,
         unsigned n_max)
{
  return conn->flow->n_outs >= OUTS_MAX ||
         (conn->via != NULL && conn->via->family == AF_UNIX && conn->via->only == NULL &&
          conn->n_outs > 0 &&
          (conn->n_outs >= n_max || conn->queued_bytes + len > PEER_QUEUED_MAX_BYTES));
}

/* What was put into @conn's queue goes at once if nothing waits before it. */
static void
flush_if_first (PtlConn *conn)
{
  PtlDgram *via = conn->via;

  if (via == NULL)
    {
      if (conn->out_head->next == NULL)
        ptl_conn_flush (conn);
    }
  /* What waits for others is no reason to wait, unless it is long to look through. */
  else if (via->out_head->next == NULL ||
           (via->family == AF_UNIX && via->only == NULL && conn->n_outs == 1 &&
            conn->flow->n_outs <= LOOK_THROUGH_MAX))
    {
      ptl_dgram_flush (via);
    }
}

void
ptl_conn_tell_unanswered (PtlConn *conn,
                          uint64_t now_ns)
{
  if (conn->n_unanswered == 0 || now_ns - conn->unanswered_told_ns < UNANSWERED_EVERY_NS)
    return;
  conn->unanswered_told_ns = now_ns;
  ptl_flow_tell (conn->flow, PTL_EVENT_SEND_FAILED, conn->number, &conn->address, ENOBUFS,
                 (int64_t) conn->unanswered_bytes, conn->n_unanswered);
  conn->unanswered_bytes = conn->n_unanswered = 0;
}

void
ptl_conn_react (PtlConn *conn,
                PtlBlob *blob,
                uint64_t offset,
                bool     is_echo)
{
  if (conn->watch.dead)
    return;
  if (is_full (conn, blob->len_bytes - offset, PEER_OUTS_MAX) ||
      (conn->via != NULL && is_echo && conn->flow->echo_backlog >= ECHO_BACKLOG_MAX))
    {
      conn->n_unanswered++;
      conn->unanswered_bytes += blob->len_bytes - offset;
      ptl_conn_tell_unanswered (conn, ptl_clock_monotonic_ns ());
      return;
    }
  add_out (conn, NULL, ptl_blob_ref (blob), offset, blob->len_bytes, is_echo);
  flush_if_first (conn);
}

/* One target; takes no reference of the caller's. */
static void
send_to_conn (PtlConn    *conn,
              PtlSendJob *job)
{
  uint64_t len = job->blob != NULL ? job->blob->len_bytes : 0;

  job->n_peers++;
  if (job->blob == NULL)
    {
      struct stat st;

      len = fstat (job->fd, &st) == 0 && st.st_size > job->file_start
              ? (uint64_t) (st.st_size - job->file_start)
              : 0;
    }
  job->total_bytes += len;
  if (conn->end_wanted || conn->out_ended)
    {
      ptl_job_fail (job, EPIPE);
      return;
    }
  if (is_full (conn, len, PEER_SENDS_MAX))
    {
      ptl_job_fail (job, ENOBUFS);
      return;
    }
  if (job->blob == NULL && conn->via != NULL)
    {
      ptl_job_fail (job, EOPNOTSUPP); /* a file has no boundaries to send datagrams by */
      return;
    }
  job->refs++;
  add_out (conn, job, job->blob, 0, len, false);
  flush_if_first (conn);
}

static void
finish_hand_out (PtlFlow    *flow,
                 PtlSendJob *job,
                 int         error_if_none)
{
  if (job->n_peers == 0 && job->n_failed == 0)
    ptl_job_fail (job, error_if_none);
  ptl_job_unref (flow->worker, job);
}

void
ptl_flow_send (PtlFlow    *flow,
               uint32_t    peer,
               PtlSendJob *job)
{
  if (job->fd >= 0)
    job->file_start = MAX (0, lseek (job->fd, 0, SEEK_CUR));
  if (peer == PTL_PEER_NONE && flow->spec->role == PTL_ROLE_DATAGRAMS)
    {
      if (flow->target.len > 0)
        {
          ptl_flow_send_to_address (flow, &flow->target, job);
          return;
        }
    }
  else if (peer != PTL_PEER_NONE)
    {
      PtlConn *conn = g_hash_table_lookup (flow->conns, GUINT_TO_POINTER (peer));

      if (conn != NULL)
        send_to_conn (conn, job);
    }
  else
    {
      /* Sending may close a peer, and the session with it: the list is walked by number. */
      g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (uint32_t));

      for (PtlConn *conn = flow->conn_first; conn != NULL; conn = conn->next)
        if (!conn->end_wanted && !conn->out_ended)
          g_array_append_val (numbers, conn->number);
      for (unsigned i = 0; i < numbers->len && !flow->over; i++)
        {
          PtlConn *conn = g_hash_table_lookup (flow->conns,
                                               GUINT_TO_POINTER (g_array_index (numbers, uint32_t,
                                                                                i)));

          if (conn != NULL)
            send_to_conn (conn, job);
        }
    }
  finish_hand_out (flow, job, ENOTCONN);
}

void
ptl_flow_send_to_address (PtlFlow          *flow,
                          const PtlAddress *address,
                          PtlSendJob       *job)
{
  int family = ptl_address_get_family (address);
  int error = EAFNOSUPPORT;
  PtlDgram *from = NULL;

  /* Of several sockets the one that the target has talked to. */
  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    if (dgram->only == NULL && ptl_dgram_serves (dgram, family) &&
        (from == NULL || g_hash_table_contains (dgram->sources, address)))
      from = dgram;
  if (from != NULL)
    {
      PtlConn *conn = ptl_dgram_get_conn (from, address, ptl_clock_monotonic_ns ());

      error = EACCES; /* refused by the session's own rule */
      if (conn != NULL)
        send_to_conn (conn, job);
    }
  if (job->n_peers == 0)
    ptl_flow_fault (flow, PTL_STEP_SEND, error, address);
  finish_hand_out (flow, job, error);
}

void
ptl_flow_send_to (PtlFlow           *flow,
                  const PtlEndpoint *endpoint,
                  PtlSendJob        *job)
{
  PtlAddress addresses[2];
  unsigned n;

  if (!ptl_spec_is_datagram (flow->spec) || flow->spec->role == PTL_ROLE_CONNECT)
    {
      finish_hand_out (flow, job, EISCONN);
      return;
    }
  if (ptl_endpoint_needs_resolver (endpoint))
    {
      ptl_flow_ask (flow, PTL_ASK_SEND_TO, 0, endpoint, false, job);
      return;
    }
  n = ptl_flow_list_addresses (flow, endpoint, NULL, addresses, G_N_ELEMENTS (addresses));
  if (n == 0)
    finish_hand_out (flow, job, EADDRNOTAVAIL);
  else
    ptl_flow_send_to_address (flow, &addresses[0], job);
}

void
ptl_conn_tell_unsent (PtlConn *conn,
                      int      sys_errno)
{
  /* What waits for a source is in its socket's queue, and goes with it. */
  if (conn->n_outs == 0 || (conn->via != NULL && !conn->flow->over))
    return;
  ptl_flow_tell (conn->flow, PTL_EVENT_SEND_FAILED, conn->number, &conn->address,
                 sys_errno != 0 ? sys_errno : ECANCELED, (int64_t) conn->queued_bytes, 0);
}

static void
cancel_in (PtlFlow *flow,
           PtlOut **head,
           PtlOut ***tail,
           uint64_t tag)
{
  PtlOut **at = head;

  while (*at != NULL)
    {
      PtlOut *out = *at;
      uint64_t left = out->len - out->offset;

      if (out->job == NULL || out->job->tag != tag)
        {
          at = &out->next;
          continue;
        }
      *at = out->next;
      flow->status.queued_bytes -= left;
      if (out->conn != NULL)
        {
          out->conn->queued_bytes -= left;
          out->conn->n_outs--;
          ptl_conn_mark_counted (out->conn);
          ptl_flow_tell (flow, PTL_EVENT_SEND_FAILED, out->conn->number, &out->conn->address,
                         ECANCELED, (int64_t) left, 0);
        }
      ptl_out_done (flow, out, ECANCELED);
    }
  *tail = at;
}

/* Those that wait for the connection, or for a name. */
static void
cancel_early (PtlFlow *flow,
              uint64_t tag)
{
  PtlMail **at = &flow->early_head;

  while (*at != NULL)
    {
      PtlMail *mail = *at;

      if (mail->job == NULL || mail->job->tag != tag)
        {
          at = &mail->next;
          continue;
        }
      *at = mail->next;
      ptl_job_fail (mail->job, ECANCELED);
      ptl_job_unref (flow->worker, g_steal_pointer (&mail->job));
      ptl_mail_free (mail);
    }
  flow->early_tail = at;
  ptl_flow_cancel_query (flow, tag);
}

void
ptl_flow_cancel_send (PtlFlow *flow,
                      uint64_t tag)
{
  cancel_early (flow, tag);
  for (PtlConn *next, *conn = flow->conn_first; conn != NULL && !flow->over; conn = next)
    {
      next = conn->next;
      if (conn->via == NULL && conn->out_head != NULL)
        {
          cancel_in (flow, &conn->out_head, &conn->out_tail, tag);
          ptl_conn_flush (conn); /* what waited behind it, or the end */
        }
    }
  for (PtlDgram *dgram = flow->dgrams; dgram != NULL; dgram = dgram->next)
    cancel_in (flow, &dgram->out_head, &dgram->out_tail, tag);
}
