/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections whose peer has ended its input: our direction stays open, so that there can be an
 * answer by hand, until the peer has closed its socket, too.
 *
 * TCP does not tell that (both are a FIN, RFC 9293 section 3.6), and what is sent to a socket that
 * is closed is lost.  So:
 * - a peer on this computer: the kernel is asked for its socket (sock_diag(7)).  One that no
 *   process holds any more has no inode.
 * - others are asked by keepalive: the system of a closed socket forgets it after a while
 *   (net.ipv4.tcp_fin_timeout, 60 s) and answers with a reset then.
 * - there are at most HALF_OPEN_MAX of them, and they go first where room is needed.
 * Unix sockets tell (EPOLLHUP, unix(7)). */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#define SELF(member, pointer, type) ((type *) ((char *) (pointer) -offsetof (type, member)))

/* Set for a peer that is asked by keepalive, where the user says nothing of it. */
#define KEEPALIVE_IDLE_S 20
#define KEEPALIVE_INTERVAL_S 20

/* What others send to our netlink socket is thrown away, so much of it for each question. */
#define STRANGE_ANSWERS_MAX 4

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

typedef enum
{
  SOCKET_UNKNOWN, /* no such socket, or no answer */
  SOCKET_HELD,    /* by a process */
  SOCKET_CLOSED
} SocketState;

static void
get_kind (const PtlConn *conn,
          int           *domain,
          int           *protocol)
{
  int type;

  ptl_spec_get_socket_triple (conn->flow->spec, ptl_address_get_family (&conn->address), domain,
                              &type, protocol);
}

bool
ptl_half_open_is_kept (const PtlConn *conn)
{
  const PtlSpec *spec = conn->flow->spec;
  int domain, protocol;

  if (conn->out_ended || conn->end_wanted)
    return false;
  if (spec->half_open_ms != PTL_HALF_OPEN_AUTO)
    return spec->half_open_ms != 0;
  if (spec->reaction != PTL_REACTION_NONE)
    return false;
  get_kind (conn, &domain, &protocol);
  return domain == AF_UNIX ||
         ((domain == AF_INET || domain == AF_INET6) &&
          (protocol == 0 || protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP));
}

static void
set_keepalive (PtlConn *conn)
{
  PtlCalls *calls = conn->flow->calls;
  const PtlOptions *options = &conn->flow->spec->options;

  conn->half_wait_ns = 0;
  conn->half_ask_ns = UINT64_MAX;
  if (options->keepalive != PTL_OPTION_UNSET)
    return;
  if (options->keep_idle_s == PTL_OPTION_UNSET)
    ptl_sys_set_option (calls, conn->watch.fd, PTL_OPT_KEEPIDLE, KEEPALIVE_IDLE_S);
  if (options->keep_interval_s == PTL_OPTION_UNSET)
    ptl_sys_set_option (calls, conn->watch.fd, PTL_OPT_KEEPINTVL, KEEPALIVE_INTERVAL_S);
  ptl_sys_set_option (calls, conn->watch.fd, PTL_OPT_KEEPALIVE, 1);
}

void
ptl_half_open_end (PtlConn *conn)
{
  PtlFlow *flow = conn->flow;

  if (conn->half_ask_ns == 0)
    return;
  if (conn->half_prev != NULL)
    conn->half_prev->half_next = conn->half_next;
  else
    flow->half_first = conn->half_next;
  if (conn->half_next != NULL)
    conn->half_next->half_prev = conn->half_prev;
  else
    flow->half_last = conn->half_prev;
  conn->half_prev = conn->half_next = NULL;
  conn->half_ask_ns = 0;
  if (--flow->n_half > 0)
    return;
  ptl_timers_unset (&flow->worker->timers, &flow->half_timer);
  if (flow->half_netlink >= 0)
    ptl_sys_close (flow->calls, flow->half_netlink, PTL_PEER_NONE);
}

static void
give_up (PtlConn       *conn,
         PtlHalfOpenEnd why)
{
  ptl_flow_tell (conn->flow, PTL_EVENT_HALF_OPEN_ENDED, conn->number, &conn->address, 0, why, 0);
  ptl_conn_close (conn, false, 0);
}

bool
ptl_half_open_make_room (PtlFlow *flow)
{
  for (PtlConn *conn = flow->half_first; conn != NULL; conn = conn->half_next)
    if (conn->out_head == NULL)
      {
        give_up (conn, PTL_HALF_OPEN_MADE_ROOM);
        return true;
      }
  return false;
}

void
ptl_half_open_fail (PtlConn *conn,
                    int      sys_errno)
{
  /* A reset after the peer's end is how a closed socket answers; of what we sent nothing is lost
   * where we sent nothing. */
  if (conn->half_ask_ns != 0 && conn->tx_bytes == conn->half_tx_bytes && conn->out_head == NULL &&
      (sys_errno == 0 || sys_errno == EPIPE || sys_errno == ECONNRESET))
    give_up (conn, PTL_HALF_OPEN_PEER_CLOSED);
  else
    ptl_conn_close (conn, false, sys_errno);
}

/* --- peers on this computer --- */

static void
put_address (uint32_t         *words,
             const PtlAddress *address)
{
  if (ptl_address_get_family (address) == AF_INET)
    memcpy (words, &address->in.sin_addr, 4);
  else
    memcpy (words, &address->in6.sin6_addr, 16);
}

/* The peer's own socket, seen from its side.  The answer is there when the question was sent: the
 * kernel gives it in the same call. */
static SocketState
ask_for_socket (const PtlConn *conn)
{
  PtlFlow *flow = conn->flow;
  struct
  {
    struct nlmsghdr         header;
    struct inet_diag_req_v2 request;
  } question = {
    .header = { .nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                .nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = ++flow->half_seq },
    .request = { .sdiag_family = (uint8_t) ptl_address_get_family (&conn->address),
                 .sdiag_protocol = IPPROTO_TCP, .idiag_states = UINT32_MAX },
  };
  union
  {
    struct nlmsghdr header;
    uint8_t         bytes[4096];
  } answer;
  struct inet_diag_sockid *id = &question.request.id;
  struct sockaddr_nl sender;
  const struct inet_diag_msg *found;
  ssize_t n = -1;

  put_address (id->idiag_src, &conn->address);
  put_address (id->idiag_dst, &conn->local);
  id->idiag_sport = htons (ptl_address_get_port (&conn->address));
  id->idiag_dport = htons (ptl_address_get_port (&conn->local));
  if (ptl_address_get_family (&conn->address) == AF_INET6)
    id->idiag_if = conn->address.in6.sin6_scope_id;
  id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (flow->half_netlink < 0)
    flow->half_netlink = ptl_sys_socket (flow->calls, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
  if (flow->half_netlink < 0 ||
      ptl_sys_send_diag (flow->calls, &flow->half_send_fold, flow->half_netlink, &question,
                         sizeof question) < 0)
    return SOCKET_UNKNOWN;
  for (unsigned i = 0; i < STRANGE_ANSWERS_MAX; i++)
    {
      n = ptl_sys_recv_diag (flow->calls, &flow->half_recv_fold, flow->half_netlink, &answer,
                             sizeof answer, &sender);
      /* Only the kernel is believed, and only what it says to this question. */
      if (n < 0 || (n >= (ssize_t) sizeof answer.header && sender.nl_pid == 0 &&
                    answer.header.nlmsg_seq == question.header.nlmsg_seq))
        break;
    }
  if (n < (ssize_t) NLMSG_LENGTH (sizeof *found) || sender.nl_pid != 0 ||
      answer.header.nlmsg_seq != question.header.nlmsg_seq ||
      answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
    return SOCKET_UNKNOWN;
  found = NLMSG_DATA (&answer.header);
  /* Where there is no such connection, a listener on its port answers for it. */
  if (found->id.idiag_sport != id->idiag_sport || found->id.idiag_dport != id->idiag_dport)
    return SOCKET_UNKNOWN;
  return found->idiag_inode != 0 ? SOCKET_HELD : SOCKET_CLOSED;
}

static void
set_timer (PtlFlow *flow,
           uint64_t deadline_ns)
{
  if (deadline_ns != UINT64_MAX &&
      (flow->half_timer.place == 0 || flow->half_timer.deadline_ns > deadline_ns))
    ptl_timers_set (&flow->worker->timers, &flow->half_timer, deadline_ns);
}

static void
on_half_timer (PtlTimer *timer,
               uint64_t  now_ns)
{
  PtlFlow *flow = SELF (half_timer, timer, PtlFlow);

  for (PtlConn *next, *conn = flow->half_first; conn != NULL && !flow->over; conn = next)
    {
      SocketState state = SOCKET_HELD;

      next = conn->half_next;
      if (conn->half_ask_ns > now_ns)
        {
          set_timer (flow, conn->half_ask_ns);
          continue;
        }
      /* What waits to be sent gets the reset that tells. */
      if (conn->out_head == NULL)
        state = ask_for_socket (conn);
      if (state == SOCKET_CLOSED)
        {
          give_up (conn, PTL_HALF_OPEN_PEER_CLOSED);
          continue;
        }
      if (state == SOCKET_UNKNOWN)
        {
          /* Its address was translated on the way, or its socket is bound to an interface. */
          set_keepalive (conn);
          continue;
        }
      conn->half_wait_ns = MIN (conn->half_wait_ns * 2, HALF_OPEN_ASK_MAX_NS);
      conn->half_ask_ns = now_ns + conn->half_wait_ns;
      set_timer (flow, conn->half_ask_ns);
    }
}

/* --- */

void
ptl_half_open_begin (PtlConn *conn)
{
  PtlFlow *flow = conn->flow;
  uint32_t ms = flow->spec->half_open_ms;
  uint64_t now_ns = flow->worker->now_ns;

  flow->status.peer_ended = flow->spec->role == PTL_ROLE_CONNECT;
  ptl_worker_touch (flow->worker, flow);
  if (ms == PTL_HALF_OPEN_KEEP)
    return;
  if (ms != PTL_HALF_OPEN_AUTO)
    {
      ptl_timers_set (&flow->worker->timers, &conn->timer, now_ns + ms * PTL_NS_PER_MS);
      return;
    }
  if (flow->n_half >= HALF_OPEN_MAX)
    ptl_half_open_make_room (flow);
  conn->half_tx_bytes = conn->tx_bytes;
  conn->half_ask_ns = UINT64_MAX;
  conn->half_prev = flow->half_last;
  if (flow->half_last != NULL)
    flow->half_last->half_next = conn;
  else
    flow->half_first = conn;
  flow->half_last = conn;
  if (flow->n_half++ == 0)
    flow->half_netlink = -1;
  if (ptl_address_get_family (&conn->address) == AF_UNIX)
    return;
  if (!ptl_worker_is_own_address (flow->worker, &conn->address) &&
      !ptl_address_equal_host (&conn->address, &conn->local))
    {
      set_keepalive (conn);
      return;
    }
  flow->half_timer.func = on_half_timer;
  conn->half_wait_ns = HALF_OPEN_ASK_NS;
  conn->half_ask_ns = now_ns + HALF_OPEN_ASK_NS;
  set_timer (flow, conn->half_ask_ns);
}
