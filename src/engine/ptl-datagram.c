/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagram sockets: many datagrams per call, a peer per source, boundaries kept, drops counted; and
 * ptl-datagram-send.c: what they send. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))

#define BATCH 64
#define RECEIVE_BATCHES 4 /* taken before others have their turn */
/* The longest datagram of UDP over IPv6 has 65,527 bytes; the step is not a multiple of a page, so
 * that the first bytes of all slots do not fall into the same cache lines. */
#define UDP_SLOT (65536 + 192)
#define UNIX_SLOT (256 * 1024 + 192)
#define BATCH_BYTES ((size_t) BATCH * UDP_SLOT)

struct PtlBatch
{
  struct mmsghdr messages[BATCH];
  struct iovec   iovs[BATCH];
  PtlAddress     addresses[BATCH];
  union
  {
    struct cmsghdr align;
    char           bytes[CMSG_SPACE (sizeof (uint32_t))];
  } controls[BATCH];
  uint8_t       *slots; /* BATCH_BYTES, owned */
};

void
ptl_batch_free (struct PtlBatch *batch)
{
  g_free (batch->slots);
  g_free (batch);
}

static struct PtlBatch *
get_batch (PtlWorker *worker)
{
  if (worker->batch == NULL)
    {
      worker->batch = g_new0 (struct PtlBatch, 1);
      worker->batch->slots = g_malloc (BATCH_BYTES);
    }
  return worker->batch;
}

void
ptl_dgram_update (PtlDgram *dgram)
{
  uint32_t events = 0;

  if (ptl_flow_may_receive (dgram->flow))
    events |= EPOLLIN;
  if (dgram->out_head != NULL && dgram->retry_timer.place == 0)
    events |= EPOLLOUT;
  ptl_watch_set (dgram->flow->worker, &dgram->watch, events);
}

static unsigned
hash_address (const void *address)
{
  return ptl_address_hash (address);
}

static int
equal_address (const void *a,
               const void *b)
{
  return ptl_address_equal (a, b);
}

static void
refuse (PtlDgram         *dgram,
        const PtlAddress *address,
        PtlRefusal        why,
        uint64_t          now_ns)
{
  PtlFlow *flow = dgram->flow;

  flow->status.refused++;
  /* A flood of them is told once a second; the count is exact. */
  if (now_ns - flow->refused_told_ns < PTL_NS_PER_S)
    return;
  flow->refused_told_ns = now_ns;
  ptl_flow_tell (flow, PTL_EVENT_PEER_REFUSED, PTL_PEER_NONE, address, 0, why, 0);
}

PtlConn *
ptl_dgram_get_conn (PtlDgram         *dgram,
                    const PtlAddress *address,
                    uint64_t          now_ns)
{
  PtlFlow *flow = dgram->flow;
  PtlConn *conn;
  PtlEvent event;

  if (dgram->only != NULL)
    return dgram->only;
  if (dgram->last_conn != NULL && ptl_address_equal (&dgram->last_conn->address, address))
    return dgram->last_conn;
  conn = g_hash_table_lookup (dgram->sources, address);
  if (conn == NULL)
    {
      if (flow->spec->own_peers_only && !ptl_worker_is_own_address (flow->worker, address))
        {
          refuse (dgram, address, PTL_REFUSAL_NOT_OWN, now_ns);
          return NULL;
        }
      if (flow->spec->max_peers > 0 && flow->status.peers_open >= flow->spec->max_peers)
        {
          refuse (dgram, address, PTL_REFUSAL_FULL, now_ns);
          return NULL;
        }
      if (flow->status.peers_open >= PTL_DATAGRAM_PEERS_MAX)
        {
          ptl_flow_tell (flow, PTL_EVENT_PEER_FORGOTTEN, flow->conn_first->number,
                         &flow->conn_first->address, 0, 0, 0);
          ptl_conn_close (flow->conn_first, false, 0);
        }
      conn = ptl_conn_new (flow, -1, address, &dgram->local, now_ns);
      conn->via = dgram;
      g_hash_table_insert (dgram->sources, &conn->address, conn);
      event.code = PTL_EVENT_ACCEPTED;
      event.error = 0;
      event.n1 = event.n2 = 0;
      event.local = dgram->local;
      event.peer = *address;
      event.text[0] = '\0';
      ptl_flow_event (flow, conn->number, &event);
      if (flow->spec->role == PTL_ROLE_LISTEN && flow->spec->reaction == PTL_REACTION_GREETING &&
          flow->spec->reaction_text != NULL)
        ptl_conn_react (conn, flow->spec->reaction_text, 0, false);
    }
  else if (conn != flow->conn_last)
    {
      /* To the end of the list: the one silent longest is the first. */
      if (conn->prev != NULL)
        conn->prev->next = conn->next;
      else
        flow->conn_first = conn->next;
      conn->next->prev = conn->prev;
      conn->prev = flow->conn_last;
      conn->next = NULL;
      flow->conn_last->next = conn;
      flow->conn_last = conn;
    }
  dgram->last_conn = conn;
  return conn;
}

static void
count_drops (PtlDgram    *dgram,
             uint32_t     drops,
             uint64_t     now_ns,
             PtlDropsWord word)
{
  PtlFlow *flow = dgram->flow;
  uint32_t more = drops - dgram->drops; /* the kernel's counter wraps */

  if (more > 0)
    {
      dgram->drops = drops;
      flow->status.kernel_drops += more;
      ptl_worker_touch (flow->worker, flow);
    }
  /* Some may have been counted earlier, too soon after the last word on them. */
  if (flow->status.kernel_drops == flow->drops_told ||
      (word == PTL_DROPS_IN_TIME && now_ns - dgram->drops_told_ns < DROPS_EVERY_NS))
    return;
  ptl_flow_tell (flow, PTL_EVENT_KERNEL_DROPS, PTL_PEER_NONE, &dgram->local, 0,
                 (int64_t) (flow->status.kernel_drops - flow->drops_told),
                 (int64_t) flow->status.kernel_drops);
  flow->drops_told = flow->status.kernel_drops;
  dgram->drops_told_ns = now_ns;
}

void
ptl_dgram_read_drops (PtlDgram    *dgram,
                      uint64_t     now_ns,
                      PtlDropsWord word)
{
  uint32_t info[SK_MEMINFO_VARS];

  if (dgram->family != AF_UNIX &&
      ptl_sys_get_meminfo (dgram->flow->calls, &dgram->meminfo_fold, dgram->watch.fd, info) >= 0)
    count_drops (dgram, info[SK_MEMINFO_DROPS], now_ns, word);
}

static void
received (PtlDgram       *dgram,
          PtlConn        *conn,
          const uint8_t  *bytes,
          size_t          len,
          size_t          full_len,
          uint64_t        now)
{
  PtlFlow *flow = conn->flow;
  bool discard = flow->spec->reaction == PTL_REACTION_DISCARD;
  uint16_t flags = PTL_FRAME_DATAGRAM;

  if (discard)
    flags |= PTL_FRAME_NOT_STORED;
  else if (full_len > len)
    flags |= PTL_FRAME_TRUNCATED;
  conn->last_ns = now;
  conn->rx_bytes += full_len;
  flow->status.rx_bytes += full_len;
  flow->status.rx_frames++;
  if (full_len > len)
    flow->status.truncated++;
  ptl_conn_mark_counted (conn);
  ptl_flow_append (flow, PTL_FRAME_IN, conn->number, now, bytes, discard ? 0 : (uint32_t) len,
                   flags,
                   discard || full_len > len ? (uint32_t) full_len : 0);
  if (flow->spec->role == PTL_ROLE_CONNECT && flow->spec->reaction == PTL_REACTION_NONE)
    return;
  if (flow->spec->reaction == PTL_REACTION_ECHO)
    {
      g_autoptr (PtlBlob) blob = ptl_blob_new (bytes, len);

      ptl_conn_react (conn, blob, 0, true);
    }
  else if (flow->spec->reaction == PTL_REACTION_ANSWER && flow->spec->reaction_text != NULL)
    {
      ptl_conn_react (conn, flow->spec->reaction_text, 0, false);
    }
}

/* An error that came for the socket: an ICMP answer to something that was sent (udp(7)). */
static void
socket_error (PtlDgram *dgram,
              int       sys_errno)
{
  PtlFlow *flow = dgram->flow;
  const PtlAddress *address = dgram->only != NULL ? &dgram->only->address : NULL;

  ptl_flow_tell (flow, PTL_EVENT_SOCKET_ERROR,
                 dgram->only != NULL ? dgram->only->number : PTL_PEER_NONE,
                 address, sys_errno, 0, 0);
  ptl_flow_fault (flow, PTL_STEP_RECEIVE, sys_errno, address);
}

/* One batch.  True when it was a full one: there may be more.
 *
 * Not by UDP_GRO, which gives many datagrams of a peer as one: where the kernel drops them, it
 * counts one as well (seen with Linux 6.18), so that received and dropped would not be what was
 * sent. */
static bool
receive (PtlDgram *dgram)
{
  PtlFlow *flow = dgram->flow;
  struct PtlBatch *batch = get_batch (flow->worker);
  size_t slot = dgram->family == AF_UNIX ? UNIX_SLOT : UDP_SLOT;
  unsigned n_slots = (unsigned) MIN (BATCH, BATCH_BYTES / slot);
  uint64_t now;
  int n;

  for (unsigned i = 0; i < n_slots; i++)
    {
      struct msghdr *header = &batch->messages[i].msg_hdr;

      batch->iovs[i].iov_base = batch->slots + i * slot;
      batch->iovs[i].iov_len = slot;
      header->msg_iov = &batch->iovs[i];
      header->msg_iovlen = 1;
      header->msg_name = &batch->addresses[i].sa;
      header->msg_namelen = sizeof (PtlAddress) - offsetof (PtlAddress, sa);
      header->msg_control = batch->controls[i].bytes;
      header->msg_controllen = sizeof batch->controls[i];
      header->msg_flags = 0;
    }
  n = ptl_sys_recvmmsg (flow->calls, &dgram->recv_fold, dgram->watch.fd, batch->messages, n_slots);
  if (n < 0)
    {
      if (n != -EAGAIN)
        socket_error (dgram, -n);
      return false;
    }
  now = ptl_clock_monotonic_ns ();
  if (dgram->drops_with_datagrams && (unsigned) n == n_slots)
    {
      /* In a flood the kernel's word with each datagram costs a tenth of all the time; the timer
       * reads the same counter by SO_MEMINFO. */
      dgram->drops_with_datagrams = false;
      ptl_sys_set_option (flow->calls, dgram->watch.fd, PTL_OPT_RXQ_OVFL, 0);
    }
  for (int i = 0; i < n && !flow->over; i++)
    {
      struct msghdr *header = &batch->messages[i].msg_hdr;
      size_t full_len = batch->messages[i].msg_len;
      PtlAddress *address = &batch->addresses[i];
      PtlConn *conn;

      address->len = MIN (header->msg_namelen,
                          (socklen_t) (sizeof (PtlAddress) - offsetof (PtlAddress, sa)));
      if (address->len == 0)
        {
          /* An unnamed Unix socket (unix(7)). */
          memset (address, 0, sizeof *address);
          address->len = sizeof (sa_family_t);
          address->sa.sa_family = (sa_family_t) dgram->family;
        }
      ptl_address_unmap (address);
      conn = ptl_dgram_get_conn (dgram, address, now);
      if (conn != NULL)
        received (dgram, conn, batch->iovs[i].iov_base, MIN (full_len, slot), full_len, now);
      if (i == n - 1)
        for (struct cmsghdr *c = CMSG_FIRSTHDR (header); c != NULL; c = CMSG_NXTHDR (header, c))
          if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
            {
              uint32_t drops;

              memcpy (&drops, CMSG_DATA (c), sizeof drops);
              /* It is as of when the datagram was queued: less than what was read by asking. */
              if ((int32_t) (drops - dgram->drops) > 0)
                count_drops (dgram, drops, now, PTL_DROPS_IN_TIME);
            }
    }
  if (flow->drops_timer.place == 0 && dgram->family != AF_UNIX && !flow->over)
    ptl_timers_set (&flow->worker->timers, &flow->drops_timer, now + DROPS_EVERY_NS);
  return (unsigned) n == n_slots;
}

static void
on_dgram_ready (PtlWatch *watch,
                uint32_t  events)
{
  PtlDgram *dgram = SELF (watch, watch, PtlDgram);

  if ((events & EPOLLOUT) != 0)
    ptl_dgram_flush (dgram);
  if (watch->dead)
    return;
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && ptl_flow_may_receive (dgram->flow))
    {
      /* In a flood the log writes several batches at once. */
      for (unsigned i = 0; i < RECEIVE_BATCHES && receive (dgram); i++)
        if (watch->dead || !ptl_flow_may_receive (dgram->flow))
          break;
    }
  else if ((events & EPOLLERR) != 0)
    {
      /* Reading it takes it away, so that epoll does not tell of it for ever. */
      int error = ptl_sys_get_error (dgram->flow->calls, watch->fd, 0);

      if (error != 0)
        socket_error (dgram, error);
    }
}

static void
on_dgram_destroy (PtlWatch *watch)
{
  PtlDgram *dgram = SELF (watch, watch, PtlDgram);

  g_hash_table_unref (dgram->sources);
  g_free (dgram);
}

PtlDgram *
ptl_dgram_new (PtlFlow          *flow,
               int               fd,
               int               family,
               const PtlAddress *local)
{
  PtlDgram *dgram = g_new0 (PtlDgram, 1);

  dgram->watch.fd = fd;
  dgram->watch.ready = on_dgram_ready;
  dgram->watch.destroy = on_dgram_destroy;
  dgram->retry_timer.func = ptl_dgram_retry;
  dgram->flow = flow;
  dgram->family = family;
  dgram->local = *local;
  ptl_unix_file_note (&dgram->file, local);
  dgram->out_tail = &dgram->out_head;
  dgram->next = flow->dgrams;
  flow->dgrams = dgram;
  dgram->sources = g_hash_table_new (hash_address, equal_address);
  if (family != AF_UNIX)
    dgram->drops_with_datagrams = ptl_sys_set_option (flow->calls, fd, PTL_OPT_RXQ_OVFL, 1) == 0;
  return dgram;
}

bool
ptl_dgram_serves (const PtlDgram *dgram,
                  int             family)
{
  return dgram->family == family
         || (family == AF_INET && dgram->family == AF_INET6
             && dgram->flow->spec->options.v6only == 0);
}

void
ptl_dgram_close (PtlDgram *dgram)
{
  PtlFlow *flow = dgram->flow;

  for (PtlDgram **at = &flow->dgrams; *at != NULL; at = &(*at)->next)
    if (*at == dgram)
      {
        *at = dgram->next;
        break;
      }
  ptl_timers_unset (&flow->worker->timers, &dgram->retry_timer);
  ptl_outs_drop (flow, &dgram->out_head, &dgram->out_tail, ECANCELED);
  ptl_dgram_read_drops (dgram, ptl_clock_monotonic_ns (), PTL_DROPS_AT_ONCE);
  ptl_watch_bury (flow->worker, &dgram->watch);
  ptl_sys_close (flow->calls, dgram->watch.fd, 0);
  ptl_unix_file_unlink (&dgram->file, &dgram->local);
}

/* 0 or -errno with *@step. */
static int
open_one (PtlFlow          *flow,
          const PtlAddress *address,
          bool              for_listen,
          PtlAddress       *bound_to,
          PtlStep          *step)
{
  int family = ptl_address_get_family (address);
  PtlEvent event = { .code = PTL_EVENT_BOUND };
  int fd, result;

  fd = ptl_flow_make_socket (flow, address, true, step);
  if (fd < 0)
    return fd;
  *step = PTL_STEP_BIND;
  result = ptl_flow_bind (flow, fd, address);
  if (result == 0)
    result = ptl_sys_getsockname (flow->calls, fd, bound_to);
  if (result < 0)
    {
      ptl_sys_close (flow->calls, fd, 0);
      return result;
    }
  ptl_dgram_update (ptl_dgram_new (flow, fd, family, bound_to));
  ptl_flow_add_local (flow, bound_to);
  event.local = *bound_to;
  ptl_flow_event (flow, PTL_PEER_NONE, &event);
  return 0;
}

/* What a Datagrams session is bound to: its local address, or any, of the families it may use. */
static unsigned
list_own (PtlFlow    *flow,
          PtlAddress *addresses,
          unsigned    max)
{
  static const PtlEndpoint any = { .host_kind = PTL_HOST_ANY };
  bool is_unix = flow->spec->transport == PTL_TRANSPORT_UNIX_DGRAM;

  if (flow->spec->has_local)
    return ptl_flow_list_addresses (flow, &flow->spec->local, flow->resolved_local, addresses, max);
  if (is_unix)
    {
      addresses[0] = (PtlAddress) { .len = sizeof (sa_family_t), .un.sun_family = AF_UNIX };
      return 1;
    }
  return ptl_flow_list_addresses (flow, &any, NULL, addresses, max);
}

void
ptl_flow_open_datagrams (PtlFlow *flow)
{
  const PtlSpec *spec = flow->spec;
  bool is_listen = spec->role == PTL_ROLE_LISTEN;
  unsigned n_sets = is_listen ? spec->n_endpoints : 1;
  PtlStep step = PTL_STEP_BIND, first_step = PTL_STEP_BIND;
  PtlAddress first_address = { 0 };
  int first_error = 0;

  for (unsigned set = 0; set < n_sets; set++)
    {
      PtlAddress addresses[CANDIDATES_MAX], bound = { 0 };
      unsigned n = is_listen ? ptl_flow_list_addresses (flow, &spec->endpoints[set],
                                                        flow->resolved[set],
                                                        addresses, CANDIDATES_MAX)
                             : list_own (flow, addresses, CANDIDATES_MAX);
      bool any_pair = n == 2 && ptl_address_is_any (&addresses[0]) &&
                      ptl_address_is_any (&addresses[1]);

      if (any_pair && spec->options.v6only == 0)
        {
          /* One socket for both, as asked (ipv6(7), IPV6_V6ONLY). */
          if (ptl_address_get_family (&addresses[1]) == AF_INET6)
            addresses[0] = addresses[1];
          n = 1;
          any_pair = false;
        }
      for (unsigned i = 0; i < n; i++)
        {
          int result;

          /* Both families of the any address share the port that the kernel chose for the first. */
          if (any_pair && i == 1 && ptl_address_get_port (&addresses[1]) == 0 && bound.len > 0)
            ptl_address_set_port (&addresses[1], ptl_address_get_port (&bound));
          result = open_one (flow, &addresses[i], is_listen, &bound, &step);
          if (result == -EADDRINUSE && any_pair && i == 1 && !is_listen)
            {
              ptl_address_set_port (&addresses[1], 0);
              result = open_one (flow, &addresses[i], is_listen, &bound, &step);
            }
          if (result < 0 &&
              !(any_pair && i == 1 && (result == -EAFNOSUPPORT || result == -EADDRNOTAVAIL)) &&
              first_error == 0)
            {
              first_error = -result;
              first_step = step;
              first_address = addresses[i];
              ptl_flow_tell (flow, PTL_EVENT_FAULT, PTL_PEER_NONE, &addresses[i], -result, step, 0);
            }
        }
    }
  if (spec->own_peers_only)
    ptl_worker_read_own_addresses (flow->worker);
  if (flow->dgrams == NULL)
    {
      ptl_flow_end (flow, first_step, first_error != 0 ? first_error : EADDRNOTAVAIL,
                    &first_address);
      return;
    }
  if (first_error != 0)
    ptl_flow_fault (flow, first_step, first_error, &first_address);
  if (!is_listen)
    {
      PtlAddress target[CANDIDATES_MAX];
      unsigned n = ptl_flow_list_addresses (flow, &spec->endpoints[0], flow->resolved[0], target,
                                            CANDIDATES_MAX);

      /* Without a port (or the any address) there is no default target: each send names its own. */
      if (n > 0 &&
          (ptl_address_get_port (&target[0]) != 0 ||
           ptl_address_get_family (&target[0]) == AF_UNIX))
        flow->target = target[0];
    }
  for (unsigned i = 0; i < spec->n_groups; i++)
    ptl_flow_set_membership (flow, &spec->groups[i], true);
  ptl_flow_set_state (flow, PTL_SESSION_LISTENING);
  ptl_flow_deliver_early (flow);
}
