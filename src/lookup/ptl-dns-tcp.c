/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions over TCP: what was cut off over UDP, or is to go this way. */
#include "config.h"

#include "lookup/ptl-dns-client-private.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ptl-clock.h"
#include "base/ptl-fd.h"

void
ptl_dns_tcp_close (PtlDnsClient *client,
                   PtlDnsQuery  *query)
{
  PtlDnsTcp *tcp = query->tcp;

  if (tcp == NULL)
    return;
  query->tcp = NULL;
  tcp->query = NULL;
  ptl_fd_clear (&tcp->fd);
  g_clear_pointer (&tcp->in, g_free);
  client->n_tcp--;
  g_ptr_array_add (client->dead, tcp);
}

void
ptl_dns_tcp_failed (PtlDnsClient *client,
                    PtlDnsQuery  *query,
                    int           sys_errno)
{
  query->reply->sys_errno = sys_errno;
  ptl_dns_query_finish (client, query, PTL_DNS_FAULT_TCP);
}

void
ptl_dns_tcp_open (PtlDnsClient *client,
                  PtlDnsQuery  *query)
{
  const PtlAddress *server = &query->channel->server;
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  uint16_t id = ptl_dns_next_id (client);
  PtlDnsTcp *tcp;
  int fd;

  ptl_dns_query_withdraw (client, query);
  ptl_dns_query_mark_sent (query, now_ns);
  fd = socket (ptl_address_get_family (server), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    {
      ptl_dns_tcp_failed (client, query, errno);
      return;
    }
  tcp = g_new0 (PtlDnsTcp, 1);
  tcp->kind = KIND_TCP;
  tcp->fd = fd;
  tcp->query = query;
  event.data.ptr = tcp;
  query->tcp = tcp;
  client->n_tcp++;
  query->where = WHERE_TCP;
  ptl_dns_list_push (&client->asked, query);
  query->wire[2] = (uint8_t) (id >> 8);
  query->wire[3] = (uint8_t) id;
  query->due_ns = query->deadline_ns;
  client->next_due_ns = MIN (client->next_due_ns, query->due_ns);
  if ((connect (fd, &server->sa, server->len) < 0 && errno != EINPROGRESS)
      || epoll_ctl (client->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
    ptl_dns_tcp_failed (client, query, errno);
}

static bool
write_tcp (PtlDnsClient *client,
           PtlDnsTcp    *tcp)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = tcp };
  PtlDnsQuery *query = tcp->query;

  while (tcp->n_out < query->wire_len + 2)
    {
      ssize_t n = send (tcp->fd, query->wire + tcp->n_out, query->wire_len + 2 - tcp->n_out,
                        MSG_NOSIGNAL);

      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
      if (n < 0)
        {
          ptl_dns_tcp_failed (client, query, errno);
          return false;
        }
      tcp->n_out += (size_t) n;
    }
  if (epoll_ctl (client->epoll_fd, EPOLL_CTL_MOD, tcp->fd, &event) < 0)
    {
      ptl_dns_tcp_failed (client, query, errno);
      return false;
    }
  return true;
}

static void
read_tcp (PtlDnsClient *client,
          PtlDnsTcp    *tcp)
{
  while (tcp->query != NULL)
    {
      bool in_prefix = tcp->n_prefix < sizeof tcp->prefix;
      uint8_t *to = in_prefix ? tcp->prefix + tcp->n_prefix : tcp->in + tcp->n_in;
      size_t wanted = in_prefix ? sizeof tcp->prefix - tcp->n_prefix : tcp->len_in - tcp->n_in;
      ssize_t n = recv (tcp->fd, to, wanted, 0);

      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
      if (n <= 0)
        {
          ptl_dns_tcp_failed (client, tcp->query, n < 0 ? errno : 0);
          return;
        }
      if (in_prefix)
        {
          tcp->n_prefix += (size_t) n;
          if (tcp->n_prefix < sizeof tcp->prefix)
            continue;
          tcp->len_in = (size_t) (tcp->prefix[0] << 8 | tcp->prefix[1]);
          if (tcp->len_in < 12)
            {
              tcp->query->reply->n_garbage++;
              ptl_dns_query_finish (client, tcp->query, PTL_DNS_FAULT_GARBAGE);
              return;
            }
          tcp->in = g_malloc (tcp->len_in);
          continue;
        }
      tcp->n_in += (size_t) n;
      if (tcp->n_in < tcp->len_in)
        continue;
      if (tcp->in[0] != tcp->query->wire[2] || tcp->in[1] != tcp->query->wire[3])
        {
          tcp->query->reply->n_garbage++;
          ptl_dns_query_finish (client, tcp->query, PTL_DNS_FAULT_GARBAGE);
          return;
        }
      ptl_dns_query_take (client, tcp->query, tcp->in, tcp->len_in, true);
      return;
    }
}

void
ptl_dns_tcp_event (PtlDnsClient *client,
                   PtlDnsTcp    *tcp,
                   uint32_t      events)
{
  if (!tcp->connected)
    {
      int failed = 0;
      socklen_t len = sizeof failed;

      if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0)
        return;
      if (getsockopt (tcp->fd, SOL_SOCKET, SO_ERROR, &failed, &len) < 0)
        failed = errno;
      if (failed != 0)
        {
          ptl_dns_tcp_failed (client, tcp->query, failed);
          return;
        }
      tcp->connected = true;
    }
  if ((events & EPOLLOUT) != 0 && !write_tcp (client, tcp))
    return;
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
    read_tcp (client, tcp);
}
