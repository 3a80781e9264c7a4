/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What datagram sockets send: in order for each target, and no target holds up another.
 *
 * What a Unix socket sent and its target did not read yet is charged to the sender (unix(7)), and
 * all targets share that buffer.  Up to a quarter of it goes out as it comes.  Beyond that one
 * datagram at a time does: if the charge is back soon its target reads, and if not it is left alone
 * for a while, each time longer, so that those who do read have the rest.  Nor does it get one then
 * that would fill the buffer: the kernel takes any datagram while that is not full, and none after.
 */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <string.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))

#define RETRY_UNIX_SEND_NS (10 * PTL_NS_PER_MS)
#define LOOK_AT_TRIAL_NS PTL_NS_PER_MS
#define PATIENCE_NS (50 * PTL_NS_PER_MS) /* with the first failed trial of a target */
#define PATIENCE_DOUBLINGS 5             /* 1.6 s at most */
#define PAUSE_DOUBLINGS 16               /* of a pause of 16 times the patience, then 14 hours */
#define NOT_READING_NS PTL_NS_PER_S      /* then it is told of */

/* @address as the socket wants it: IPv4 goes over an IPv6 socket as a mapped address (RFC 4291
 * section 2.5.5.2). */
static const PtlAddress *
map_for (PtlDgram         *dgram,
         const PtlAddress *address,
         PtlAddress       *mapped)
{
  if (dgram->family != AF_INET6 || ptl_address_get_family (address) != AF_INET)
    return address;
  *mapped = (PtlAddress) {
    .len = sizeof (struct sockaddr_in6),
    .in6 = { .sin6_family = AF_INET6, .sin6_port = address->in.sin_port },
  };
  mapped->in6.sin6_addr.s6_addr[10] = mapped->in6.sin6_addr.s6_addr[11] = 0xff;
  memcpy (mapped->in6.sin6_addr.s6_addr + 12, &address->in.sin_addr, 4);
  return mapped;
}

/* At most what the kernel charges for a datagram: up to 16 KiB lie in one piece of a power of two,
 * the rest in pages (net/unix/af_unix.c, unix_dgram_sendmsg()). */
static uint64_t
get_charge (size_t len)
{
  return len + MIN (len, 16384) + 8192;
}

/* How much of the socket's buffer its targets did not read yet, and the part of the buffer that may
 * go out as it comes, a quarter.  0: it cannot be told, and the kernel's own answer counts. */
static uint64_t
get_unread (PtlDgram *dgram,
            uint64_t *free_for_all)
{
  uint32_t info[SK_MEMINFO_VARS];

  *free_for_all = UINT64_MAX / 4;
  if (ptl_sys_get_meminfo (dgram->flow->calls, &dgram->meminfo_fold, dgram->watch.fd, info) < 0)
    return 0;
  *free_for_all = info[SK_MEMINFO_SNDBUF] / 4;
  dgram->least_unread = MIN (dgram->least_unread, info[SK_MEMINFO_WMEM_ALLOC]);
  return info[SK_MEMINFO_WMEM_ALLOC];
}

/* Has the target of the last trial read it, or had it time enough? */
static void
judge_trial (PtlDgram *dgram,
             uint64_t  now_ns)
{
  PtlConn *conn = dgram->trial;
  uint64_t free_for_all, unread;

  if (conn == NULL)
    return;
  unread = get_unread (dgram, &free_for_all);
  if (unread <= dgram->unread_before_trial)
    {
      conn->failed_trials /= 2;
      dgram->trial = NULL;
    }
  else if (now_ns - dgram->trial_ns >=
           PATIENCE_NS << MIN (conn->failed_trials, PATIENCE_DOUBLINGS))
    {
      conn->pause_end_ns = now_ns + (16 * PATIENCE_NS << conn->failed_trials);
      conn->failed_trials = MIN (conn->failed_trials + 1, PAUSE_DOUBLINGS);
      conn->has_unread = true;
      conn->unread_by_others = dgram->least_before_trial;
      dgram->least_unread = unread;
      dgram->trial = NULL;
    }
}

/* sendto, if @conn may have @len bytes more without taking what the others need. */
static ssize_t
send_to_one (PtlDgram      *dgram,
             PtlConn       *conn,
             const uint8_t *bytes,
             size_t         len,
             uint64_t       now_ns)
{
  bool shares = dgram->family == AF_UNIX && dgram->only == NULL;
  uint64_t free_for_all = UINT64_MAX / 4;
  uint64_t unread = shares ? get_unread (dgram, &free_for_all) : 0;
  bool is_trial = unread + len > free_for_all;
  PtlAddress mapped;
  ssize_t n;

  if (dgram->least_unread <= conn->unread_by_others)
    conn->has_unread = false;
  if (is_trial && (dgram->trial != NULL || now_ns < conn->pause_end_ns))
    return -EAGAIN;
  if (is_trial && conn->has_unread && unread + get_charge (len) >= 4 * free_for_all)
    return -EAGAIN;
  n = ptl_sys_sendto (dgram->flow->calls, &dgram->send_fold, dgram->watch.fd, conn->number, bytes,
                      len, dgram->only != NULL ? NULL : map_for (dgram, &conn->address, &mapped));
  if (is_trial && n >= 0)
    {
      dgram->trial = conn;
      dgram->trial_ns = now_ns;
      dgram->unread_before_trial = unread;
      dgram->least_before_trial = dgram->least_unread;
    }
  return n;
}

/* The head of @conn's queue could not go now.  Whose fault that is can be told if it failed in a
 * trial, or if the kernel refuses although the socket's buffer is not full. */
static void
note_waiting (PtlConn *conn,
              uint64_t now_ns)
{
  uint64_t free_for_all;

  conn->waits_in_flush = conn->via->n_flushes;
  if (conn->waits_since_ns == 0)
    conn->waits_since_ns = now_ns;
  if (conn->waiting_told || now_ns - conn->waits_since_ns < NOT_READING_NS ||
      (conn->failed_trials == 0 && get_unread (conn->via, &free_for_all) >= free_for_all))
    return;
  conn->waiting_told = true;
  ptl_flow_tell (conn->flow, PTL_EVENT_PEER_NOT_READING, conn->number, &conn->address, 0,
                 conn->n_outs, (int64_t) conn->queued_bytes);
}

void
ptl_dgram_flush (PtlDgram *dgram)
{
  PtlFlow *flow = dgram->flow;
  PtlOut **at = &dgram->out_head;
  uint64_t round = 0;
  unsigned n_waiting = 0;
  bool shares = dgram->family == AF_UNIX && dgram->only == NULL;
  uint64_t now = shares ? ptl_clock_monotonic_ns () : 0;

  dgram->n_flushes++;
  judge_trial (dgram, now);
  while (*at != NULL && round < SEND_ROUND_BYTES)
    {
      PtlOut *out = *at;
      PtlConn *conn = out->conn;
      const uint8_t *bytes = out->blob->data + out->offset;
      size_t len = out->blob->len_bytes - out->offset;
      ssize_t n = -ECANCELED; /* its target was forgotten */
      bool unnamed = conn != NULL && conn->address.len <= sizeof (sa_family_t);

      if (conn != NULL && conn->waits_in_flush == dgram->n_flushes)
        n = -EAGAIN; /* in order behind what it did not take */
      else if (unnamed && dgram->only == NULL)
        n = -EDESTADDRREQ;
      else if (conn != NULL)
        n = send_to_one (dgram, conn, bytes, len, now);
      if ((n == -EAGAIN || n == -ENOBUFS) && !shares)
        break;
      if (n == -EAGAIN || n == -ENOBUFS)
        {
          /* The queue of this one is full; others may have room. */
          note_waiting (conn, now);
          n_waiting++;
          at = &out->next;
          continue;
        }
      *at = out->next;
      if (*at == NULL)
        dgram->out_tail = at;
      flow->status.queued_bytes -= len;
      if (out->is_echo)
        flow->echo_backlog -= len;
      round += len + 1;
      if (conn != NULL)
        {
          conn->n_outs--;
          conn->queued_bytes -= len;
          ptl_conn_mark_counted (conn);
        }
      if (n >= 0 && conn != NULL)
        {
          now = ptl_clock_monotonic_ns ();
          conn->waits_since_ns = 0;
          conn->waiting_told = false;
          ptl_conn_tell_unanswered (conn, now);
          ptl_flow_append (flow, PTL_FRAME_OUT, conn->number, now, bytes, (uint32_t) n,
                           PTL_FRAME_DATAGRAM, 0);
          conn->last_ns = now;
          conn->tx_bytes += (size_t) n;
          flow->status.tx_bytes += (size_t) n;
          flow->status.tx_frames++;
          if (out->job != NULL)
            ptl_job_sent (flow->worker, out->job, (size_t) n);
        }
      else if (conn != NULL)
        {
          ptl_flow_tell (flow, PTL_EVENT_SEND_FAILED, conn->number, &conn->address, (int) -n,
                         (int64_t) len, 0);
          ptl_flow_fault (flow, PTL_STEP_SEND, (int) -n, &conn->address);
        }
      ptl_out_done (flow, out, n < 0 ? (int) -n : 0);
    }
  /* epoll says that we could write, not that they could take it (unix(7)): it is tried again after
   * a while, which is longer where there is much to look through. */
  ptl_timers_unset (&flow->worker->timers, &dgram->retry_timer);
  if (n_waiting > 0)
    ptl_timers_set (&flow->worker->timers, &dgram->retry_timer,
                    ptl_clock_monotonic_ns () + n_waiting * 1000u +
                    (dgram->trial != NULL ? LOOK_AT_TRIAL_NS : RETRY_UNIX_SEND_NS));
  ptl_dgram_update (dgram);
}

void
ptl_dgram_retry (PtlTimer *timer,
                 uint64_t  now_ns)
{
  ptl_dgram_flush (SELF (retry_timer, timer, PtlDgram));
}
