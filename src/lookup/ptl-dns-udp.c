/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions over UDP: a channel is one server, with a few connected sockets (random source ports,
 * given up after a while), and knows how many questions the server keeps up with. */
#include "config.h"

#include "lookup/ptl-dns-client-private.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

#define SOCKET_USES_MAX 8192 /* then another source port */
#define BATCHES_PER_TURN 2
#define WINDOW_START 32
#define WINDOW_MIN 4
#define RTO_START_NS (1000 * PTL_NS_PER_MS)
#define RTO_MIN_NS (200 * PTL_NS_PER_MS)
#define BLOCKED_NS (2 * PTL_NS_PER_MS) /* after EAGAIN or ENOBUFS of send */
#define RECEIVE_BUFFER (1 << 20)

/* --- sockets ---------------------------------------------------------------------------------- */

static void
socket_close (PtlDnsClient *client,
              PtlDnsSocket *sock)
{
  PtlDnsChannel *channel = sock->channel;

  for (unsigned i = 0; i < PTL_DNS_SOCKETS_MAX; i++)
    if (channel->sockets[i] == sock)
      channel->sockets[i] = NULL;
  ptl_fd_clear (&sock->fd);
  g_ptr_array_add (client->dead, sock);
}

static int
open_udp (const PtlAddress *server)
{
  int fd = socket (ptl_address_get_family (server), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int size = RECEIVE_BUFFER, failed;

  if (fd < 0)
    return -errno;
  /* A hundred answers that come at once are not to be lost here; best effort. */
  (void) setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (connect (fd, &server->sa, server->len) < 0)
    {
      failed = -errno;
      close (fd);
      return failed;
    }
  return fd;
}

/* A socket with a free slot; NULL and *@failed (0: all are full). */
static PtlDnsSocket *
find_socket (PtlDnsClient  *client,
             PtlDnsChannel *channel,
             int           *failed)
{
  struct epoll_event event = { .events = EPOLLIN };
  unsigned i_free = PTL_DNS_SOCKETS_MAX;
  PtlDnsSocket *sock;
  int fd;

  *failed = 0;
  for (unsigned i = 0; i < PTL_DNS_SOCKETS_MAX; i++)
    {
      sock = channel->sockets[i];
      if (sock == NULL)
        i_free = MIN (i_free, i);
      else if (sock->n_uses < SOCKET_USES_MAX && sock->used != UINT64_MAX)
        return sock;
    }
  if (i_free == PTL_DNS_SOCKETS_MAX)
    return NULL;
  fd = open_udp (&channel->server);
  if (fd < 0)
    {
      *failed = -fd;
      return NULL;
    }
  sock = g_new0 (PtlDnsSocket, 1);
  sock->kind = KIND_UDP;
  sock->fd = fd;
  sock->channel = channel;
  event.data.ptr = sock;
  if (epoll_ctl (client->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
    {
      *failed = errno;
      close (fd);
      g_free (sock);
      return NULL;
    }
  channel->sockets[i_free] = sock;
  return sock;
}

void
ptl_dns_udp_release (PtlDnsClient *client,
                     PtlDnsQuery  *query)
{
  PtlDnsSocket *sock = query->socket;

  if (sock == NULL)
    return;
  query->reply->n_stray += sock->n_stray - query->stray_before;
  sock->old_ids[sock->n_old++ % PTL_DNS_SLOTS] = sock->ids[query->slot];
  sock->queries[query->slot] = NULL;
  sock->used &= ~(UINT64_C (1) << query->slot);
  query->socket = NULL;
  query->channel->n_asked--;
  if (sock->used == 0 && sock->n_uses >= SOCKET_USES_MAX && sock->fd >= 0)
    socket_close (client, sock);
}

static void
take_slot (PtlDnsClient *client,
           PtlDnsQuery  *query,
           PtlDnsSocket *sock)
{
  unsigned slot = (unsigned) __builtin_ctzll (~sock->used);
  bool taken;

  do
    {
      sock->ids[slot] = ptl_dns_next_id (client);
      taken = false;
      for (unsigned i = 0; i < PTL_DNS_SLOTS && !taken; i++)
        taken = i != slot && sock->queries[i] != NULL && sock->ids[i] == sock->ids[slot];
    }
  while (taken);
  sock->used |= UINT64_C (1) << slot;
  sock->queries[slot] = query;
  sock->n_uses++;
  query->socket = sock;
  query->slot = slot;
  query->stray_before = sock->n_stray;
  query->channel->n_asked++;
}

/* --- channels --------------------------------------------------------------------------------- */

void
ptl_dns_channel_free (PtlDnsClient  *client,
                      PtlDnsChannel *channel)
{
  for (unsigned i = 0; i < PTL_DNS_SOCKETS_MAX; i++)
    if (channel->sockets[i] != NULL)
      socket_close (client, channel->sockets[i]);
  g_free (channel);
}

static bool
channel_is_idle (PtlDnsClient        *client,
                 const PtlDnsChannel *channel)
{
  if (channel->n_waiting > 0 || channel->n_asked > 0)
    return false;
  for (const PtlDnsQuery *query = client->asked.first; query != NULL; query = query->next)
    if (query->channel == channel)
      return false;
  for (const PtlDnsQuery *query = client->tcp_waiting.first; query != NULL; query = query->next)
    if (query->channel == channel)
      return false;
  return true;
}

/* NULL when there are too many and none is idle. */
PtlDnsChannel *
ptl_dns_channel_find (PtlDnsClient     *client,
                      const PtlAddress *server)
{
  PtlDnsChannel *channel;
  unsigned i;

  for (i = 0; i < client->n_channels; i++)
    if (ptl_address_equal (&client->channels[i]->server, server))
      return client->channels[i];
  if (client->n_channels == PTL_DNS_CHANNELS_MAX)
    {
      for (i = 0; i < client->n_channels; i++)
        if (channel_is_idle (client, client->channels[i]))
          break;
      if (i == client->n_channels)
        return NULL;
      ptl_dns_channel_free (client, client->channels[i]);
      client->channels[i] = client->channels[--client->n_channels];
    }
  channel = g_new0 (PtlDnsChannel, 1);
  channel->server = *server;
  channel->window = WINDOW_START;
  channel->threshold = PTL_DNS_WINDOW_MAX;
  client->channels[client->n_channels++] = channel;
  return channel;
}

void
ptl_dns_channel_answered (PtlDnsClient  *client,
                          PtlDnsChannel *channel,
                          uint64_t       rtt_ns)
{
  /* RFC 6298 section 2. */
  if (channel->srtt_ns == 0)
    {
      channel->srtt_ns = MAX (rtt_ns, 1);
      channel->rttvar_ns = rtt_ns / 2;
    }
  else
    {
      uint64_t off = rtt_ns > channel->srtt_ns ? rtt_ns - channel->srtt_ns
                                               : channel->srtt_ns - rtt_ns;

      channel->rttvar_ns = (3 * channel->rttvar_ns + off) / 4;
      channel->srtt_ns = (7 * channel->srtt_ns + rtt_ns) / 8;
    }
  channel->window += channel->window < channel->threshold ? 1 : 1 / channel->window;
  channel->window = MIN (channel->window, PTL_DNS_WINDOW_MAX);
  atomic_store_explicit (&client->window, (unsigned) channel->window, memory_order_relaxed);
}

void
ptl_dns_channel_lost (PtlDnsClient      *client,
                      PtlDnsChannel     *channel,
                      const PtlDnsQuery *query,
                      uint64_t           now_ns)
{
  atomic_fetch_add_explicit (&client->n_lost, 1, memory_order_relaxed);
  /* Those that were sent before the last cut tell nothing new. */
  if (query->sent_ns < channel->cut_ns)
    return;
  channel->cut_ns = now_ns;
  channel->threshold = MAX (channel->window / 2, WINDOW_MIN);
  channel->window = channel->threshold;
  atomic_store_explicit (&client->window, (unsigned) channel->window, memory_order_relaxed);
}

static uint64_t
retry_after_ns (const PtlDnsChannel *channel,
                unsigned             n_tries)
{
  uint64_t rto_ns = channel->srtt_ns == 0
                      ? RTO_START_NS
                      : CLAMP (channel->srtt_ns + 4 * channel->rttvar_ns, RTO_MIN_NS, RTO_START_NS);

  return rto_ns << MIN (n_tries - 1, 4);
}

/* --- UDP -------------------------------------------------------------------------------------- */

/* The socket cannot be used any more: all that were asked by it try elsewhere; what was only about
 * to be takes another one. */
static void
socket_failed (PtlDnsClient *client,
               PtlDnsSocket *sock,
               int           sys_errno)
{
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  PtlDnsQuery *queries[PTL_DNS_SLOTS];
  unsigned n = 0;

  for (unsigned i = 0; i < PTL_DNS_SLOTS; i++)
    if (sock->queries[i] != NULL && sock->queries[i]->where == WHERE_WAITING)
      ptl_dns_udp_release (client, sock->queries[i]);
    else if (sock->queries[i] != NULL)
      queries[n++] = sock->queries[i];
  for (unsigned i = 0; i < n; i++)
    {
      ptl_dns_query_withdraw (client, queries[i]);
      queries[i]->reply->sys_errno = sys_errno;
    }
  if (sock->fd >= 0)
    socket_close (client, sock);
  for (unsigned i = 0; i < n; i++)
    ptl_dns_query_try_again (client, queries[i], now_ns, false);
}

/* A datagram has come. */
static void
take_datagram (PtlDnsClient  *client,
               PtlDnsSocket  *sock,
               const uint8_t *bytes,
               size_t         len_bytes)
{
  PtlDnsQuery *query = NULL;

  if (len_bytes < 2)
    {
      for (unsigned i = 0; i < PTL_DNS_SLOTS; i++)
        if (sock->queries[i] != NULL)
          sock->queries[i]->reply->n_garbage++;
      return;
    }
  for (uint64_t left = sock->used; left != 0 && query == NULL; left &= left - 1)
    {
      unsigned i = (unsigned) __builtin_ctzll (left);

      if (sock->ids[i] == (bytes[0] << 8 | bytes[1]))
        query = sock->queries[i];
    }
  if (query != NULL)
    {
      ptl_dns_query_take (client, query, bytes, len_bytes, false);
      return;
    }
  for (unsigned i = 0; i < MIN (sock->n_old, PTL_DNS_SLOTS); i++)
    if (sock->old_ids[i] == (bytes[0] << 8 | bytes[1]))
      return;
  sock->n_stray++;
  atomic_fetch_add_explicit (&client->n_stray, 1, memory_order_relaxed);
}

/* Reads up to @n_wanted datagrams, one behind the other in the client's buffer; their number, or a
 * negative errno. */
static int
read_batch (PtlDnsClient *client,
            PtlDnsSocket *sock,
            unsigned      n_wanted,
            size_t        lens_bytes[PTL_DNS_BATCH])
{
  struct mmsghdr messages[PTL_DNS_BATCH];
  struct iovec parts[PTL_DNS_BATCH];
  int n;

  if (n_wanted == 1)
    {
      ssize_t len = recv (sock->fd, client->buffer, PTL_DNS_MESSAGE_MAX, 0);

      lens_bytes[0] = (size_t) MAX (len, 0);
      return len < 0 ? -errno : 1;
    }
  memset (messages, 0, n_wanted * sizeof *messages);
  for (unsigned i = 0; i < n_wanted; i++)
    {
      parts[i] = (struct iovec) { client->buffer + (size_t) i * PTL_DNS_MESSAGE_MAX,
                                  PTL_DNS_MESSAGE_MAX };
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  n = recvmmsg (sock->fd, messages, n_wanted, MSG_DONTWAIT, NULL);
  for (int i = 0; i < n; i++)
    lens_bytes[i] = messages[i].msg_len;
  return n < 0 ? -errno : n;
}

void
ptl_dns_udp_read (PtlDnsClient *client,
                  PtlDnsSocket *sock)
{
  for (unsigned turn = 0; turn < BATCHES_PER_TURN && sock->fd >= 0; turn++)
    {
      size_t lens_bytes[PTL_DNS_BATCH];
      unsigned n_wanted = (unsigned) CLAMP (__builtin_popcountll (sock->used), 1, PTL_DNS_BATCH);
      int n = read_batch (client, sock, n_wanted, lens_bytes);

      if (n < 0)
        {
          if (n != -EAGAIN && n != -EINTR)
            socket_failed (client, sock, -n);
          return;
        }
      for (int i = 0; i < n; i++)
        take_datagram (client, sock, client->buffer + (size_t) i * PTL_DNS_MESSAGE_MAX,
                       lens_bytes[i]);
      /* Nobody waits for more of it, or there was no more: spares a call that would say EAGAIN. */
      if (sock->used == 0 || (unsigned) n < n_wanted)
        return;
    }
}

/* Gives @query a slot, and so an id.  False when the channel has to wait; *@lost: the query cannot
 * be sent here and is gone. */
static bool
prepare (PtlDnsClient *client,
         PtlDnsQuery  *query,
         uint64_t      now_ns,
         bool         *lost)
{
  int failed = 0;

  *lost = false;
  if (query->socket == NULL)
    {
      PtlDnsSocket *sock = find_socket (client, query->channel, &failed);

      if (sock == NULL && failed == 0)
        return false;
      if (sock == NULL)
        {
          ptl_dns_query_withdraw (client, query);
          query->reply->sys_errno = failed;
          ptl_dns_query_mark_sent (query, now_ns);
          ptl_dns_query_try_again (client, query, now_ns, false);
          *lost = true;
          return true;
        }
      take_slot (client, query, sock);
    }
  query->wire[2] = (uint8_t) (query->socket->ids[query->slot] >> 8);
  query->wire[3] = (uint8_t) query->socket->ids[query->slot];
  return true;
}

/* From the channel's list of what waits to that of what was asked. */
static void
mark_asked (PtlDnsClient *client,
            PtlDnsQuery  *query,
            uint64_t      now_ns)
{
  PtlDnsChannel *channel = query->channel;

  ptl_dns_list_remove (&channel->waiting, query);
  channel->n_waiting--;
  query->where = WHERE_ASKED;
  channel->n_flying++;
  ptl_dns_list_push (&client->asked, query);
  ptl_dns_query_mark_sent (query, now_ns);
  query->due_ns = query->reply->n_tries >= query->n_tries_max
                    ? query->deadline_ns
                    : MIN (query->deadline_ns,
                           now_ns + retry_after_ns (channel, query->reply->n_tries));
  if (query->reply->n_garbage + query->reply->n_wrong > 0)
    query->due_ns = MIN (query->due_ns, now_ns + 4 * PTL_DNS_GRACE_NS);
  client->next_due_ns = MIN (client->next_due_ns, query->due_ns);
}

/* Sends the first queries that wait, up to a batch of one socket.  False: no more now. */
static bool
send_batch (PtlDnsClient  *client,
            PtlDnsChannel *channel)
{
  PtlDnsQuery *batch[PTL_DNS_BATCH], *query = channel->waiting.first;
  struct mmsghdr messages[PTL_DNS_BATCH];
  struct iovec parts[PTL_DNS_BATCH];
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  unsigned n = 0;
  bool full = false, lost, any_lost = false;
  int sent, failed;

  while (query != NULL && n < PTL_DNS_BATCH
         && channel->n_flying + n < (unsigned) channel->window)
    {
      PtlDnsQuery *next = query->next;

      full = !prepare (client, query, now_ns, &lost);
      if (full)
        break;
      any_lost |= lost;
      if (!lost)
        {
          if (n > 0 && query->socket != batch[0]->socket)
            break; /* it has its slot, and is the first of the next batch */
          batch[n] = query;
          parts[n] = (struct iovec) { query->wire + 2, query->wire_len };
          memset (&messages[n], 0, sizeof messages[n]);
          messages[n].msg_hdr.msg_iov = &parts[n];
          messages[n++].msg_hdr.msg_iovlen = 1;
        }
      query = next;
    }
  /* What is lost may wait anew, here or elsewhere; it has only so many tries. */
  if (n == 0)
    return any_lost;
  do
    sent = n > 1 ? sendmmsg (batch[0]->socket->fd, messages, n, MSG_NOSIGNAL)
                 : send (batch[0]->socket->fd, parts[0].iov_base, parts[0].iov_len,
                         MSG_NOSIGNAL) < 0 ? -1 : 1;
  while (sent < 0 && errno == EINTR);
  failed = sent < 0 ? errno : 0;
  atomic_fetch_add_explicit (&client->n_sent, (uint64_t) MAX (sent, 0), memory_order_relaxed);
  for (int i = 0; i < sent; i++)
    mark_asked (client, batch[i], now_ns);
  if (failed == EAGAIN || failed == ENOBUFS)
    {
      channel->blocked_until_ns = now_ns + BLOCKED_NS;
      return false;
    }
  if (failed != 0)
    {
      /* What went wrong with an earlier datagram is told at this one (udp(7)). */
      mark_asked (client, batch[0], now_ns);
      socket_failed (client, batch[0]->socket, failed);
    }
  return !full;
}

void
ptl_dns_udp_pump (PtlDnsClient  *client,
                  PtlDnsChannel *channel)
{
  if (channel->waiting.first == NULL)
    return;
  if (channel->blocked_until_ns != 0 && ptl_clock_monotonic_ns () >= channel->blocked_until_ns)
    channel->blocked_until_ns = 0;
  while (channel->blocked_until_ns == 0 && channel->waiting.first != NULL)
    if (!send_batch (client, channel))
      break;
  if (channel->blocked_until_ns != 0)
    client->next_due_ns = MIN (client->next_due_ns, channel->blocked_until_ns);
}
