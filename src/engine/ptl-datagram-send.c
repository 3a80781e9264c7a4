/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What datagram sockets send: in order for each target, and no target holds up another.
 *
 * What a Unix socket sent and its target did not read yet is charged to the sender (unix(7)), and
 * all targets share that buffer.  Up to a quarter of it goes out as it comes.  Beyond that one
 * datagram at a time does: if the charge is back soon its target reads, and if not it is left alone
 * for a while, each time longer, so that those who do read have the rest.
 *
 * The kernel takes any datagram while the buffer is not full, and none after.  So one that would
 * fill it goes only to a target that is known to read; others wait until there is room, and what
 * they are sent leaves some.  Of the largest that is sent at all two fit in, so that one target
 * that does not read it leaves room for the first one of any other.
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

/* At most what the kernel charges for a datagram: what is beyond 16 KiB lies in up to 17 pages of
 * their own, and all else with its head in one piece of a power of two
 * (net/unix/af_unix.c, unix_dgram_sendmsg(); SKB_MAX_ALLOC, MAX_SKB_FRAGS). */
static uint64_t
get_charge (size_t len)
{
  uint64_t in_pages = len > 16000 ? MIN ((len - 16000 + 4095) / 4096, 17) * 4096 : 0;
  uint64_t piece = 512;

  while (piece < len - MIN (in_pages, len) + 512)
    piece *= 2;
  return in_pages + piece + 512;
}

/* Of a buffer: what those who are not known to read leave free. */
static uint64_t
get_reserve (uint64_t buffer)
{
  return buffer / 32;
}

/* How much of the socket's buffer its targets did not read yet, and the buffer, of which a quarter
 * may go out as it comes.  0: it cannot be told, and the kernel's own answer counts. */
static uint64_t
get_unread (PtlDgram *dgram,
            uint64_t *buffer)
{
  uint32_t info[SK_MEMINFO_VARS];

  *buffer = UINT64_MAX / 4;
  if (ptl_sys_get_meminfo (dgram->flow->calls, &dgram->meminfo_fold, dgram->watch.fd, info) < 0)
    return 0;
  *buffer = info[SK_MEMINFO_SNDBUF];
  if (info[SK_MEMINFO_WMEM_ALLOC] < dgram->last_unread)
    dgram->read_late += dgram->last_unread - info[SK_MEMINFO_WMEM_ALLOC];
  dgram->last_unread = info[SK_MEMINFO_WMEM_ALLOC];
  return info[SK_MEMINFO_WMEM_ALLOC];
}

/* Has the target of the last trial read it, or had it time enough? */
static void
judge_trial (PtlDgram *dgram,
             uint64_t  now_ns)
{
  PtlConn *conn = dgram->trial;
  uint64_t buffer, unread;

  if (conn == NULL)
    return;
  unread = get_unread (dgram, &buffer);
  if (unread <= dgram->unread_before_trial)
    {
      dgram->read_late -= MIN (dgram->read_late, dgram->trial_charge);
      conn->failed_trials /= 2;
      conn->reads = true;
      dgram->trial = NULL;
    }
  else if (now_ns - dgram->trial_ns >=
           PATIENCE_NS << MIN (conn->failed_trials, PATIENCE_DOUBLINGS))
    {
      conn->pause_end_ns = now_ns + (16 * PATIENCE_NS << conn->failed_trials);
      conn->failed_trials = MIN (conn->failed_trials + 1, PAUSE_DOUBLINGS);
      if (conn->unread_charge == 0)
        conn->read_late_before = dgram->read_late;
      conn->unread_charge += dgram->trial_charge;
      dgram->trial = NULL;
    }
}

/* Was so much read since @conn failed, beside what passed, that it has read after all?  The first
 * one that asks has it, so that those who never read anything do not. */
static void
look_for_late_read (PtlConn *conn)
{
  PtlDgram *dgram = conn->via;

  conn->read_late_before = MIN (conn->read_late_before, dgram->read_late);
  if (!conn->reads || conn->unread_charge == 0 ||
      dgram->read_late - conn->read_late_before < conn->unread_charge)
    return;
  dgram->read_late -= conn->unread_charge;
  conn->unread_charge = 0;
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
  uint64_t buffer = UINT64_MAX / 4;
  uint64_t unread = shares ? get_unread (dgram, &buffer) : 0;
  uint64_t charge = get_charge (len), reserve = get_reserve (buffer);
  bool is_trial = unread + len > buffer / 4;
  PtlAddress mapped;
  ssize_t n;

  if (charge > (buffer - reserve) / 2)
    return -EMSGSIZE;
  look_for_late_read (conn);
  if (is_trial && (dgram->trial != NULL || now_ns < conn->pause_end_ns))
    return -EAGAIN;
  conn->waits_for_room = is_trial && (conn->unread_charge > 0 || !conn->reads) &&
                         unread + charge + MIN (charge, reserve) > buffer;
  if (conn->waits_for_room)
    return -EAGAIN;
  n = ptl_sys_sendto (dgram->flow->calls, &dgram->send_fold, dgram->watch.fd, conn->number, bytes,
                      len, dgram->only != NULL ? NULL : map_for (dgram, &conn->address, &mapped));
  if (is_trial && n >= 0)
    {
      dgram->trial = conn;
      dgram->trial_ns = now_ns;
      dgram->unread_before_trial = unread;
      dgram->trial_charge = MAX (get_unread (dgram, &buffer), unread) - unread;
    }
  return n;
}

/* The head of @conn's queue could not go now.  That it does not read is told if it failed in a
 * trial, or if the kernel refuses although the buffer is not full; else that others take its room.
 */
static void
note_waiting (PtlConn *conn,
              uint64_t now_ns)
{
  uint64_t buffer, unread;
  int error = 0;

  conn->waits_in_flush = conn->via->n_flushes;
  if (conn->waits_since_ns == 0)
    conn->waits_since_ns = now_ns;
  if (conn->waiting_told || now_ns - conn->waits_since_ns < NOT_READING_NS)
    return;
  if (conn->failed_trials == 0)
    {
      unread = get_unread (conn->via, &buffer);
      if (conn->waits_for_room || unread >= buffer)
        error = ENOBUFS;
      else if (unread >= buffer / 4)
        return;
    }
  conn->waiting_told = true;
  ptl_flow_tell (conn->flow, PTL_EVENT_PEER_NOT_READING, conn->number, &conn->address, error,
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
