/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that asks DNS servers.
 *
 * A channel is one server, with a few connected UDP sockets (random source ports, given up after a
 * while) and TCP connections for what was cut off.  A question has a slot of a socket under a
 * random id while it is on its way; a lost one is sent again under the same id, so that a late
 * answer to the first counts too.  Only the inbox is shared with other threads. */
#include "config.h"

#include "lookup/ptl-dns-client-private.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <glib.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define EVENTS_MAX 64

uint16_t
ptl_dns_next_id (PtlDnsClient *client)
{
  if (client->n_ids == 0)
    {
      /* At most 256 bytes are never cut short (getrandom(2)). */
      while (getrandom (client->ids, sizeof client->ids, 0) < 0 && errno == EINTR)
        ;
      client->n_ids = G_N_ELEMENTS (client->ids);
    }
  return client->ids[--client->n_ids];
}

/* --- the thread ------------------------------------------------------------------------------- */

static void
start_query (PtlDnsClient *client,
             PtlDnsQuery  *query)
{
  if (query->refused)
    ptl_dns_query_finish (client, query, PTL_DNS_FAULT_FULL);
  else if (!ptl_dns_query_build (query))
    ptl_dns_query_finish (client, query, PTL_DNS_FAULT_BAD_NAME);
  else if (query->n_servers == 0)
    ptl_dns_query_finish (client, query, PTL_DNS_FAULT_NO_SERVER);
  else
    ptl_dns_query_send (client, query, false);
}

static void
cancel_group (PtlDnsClient *client,
              uint64_t      group,
              bool          all)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (PtlDnsQuery *query = client->asked.first; query != NULL; query = query->next)
    if (all || query->group == group)
      g_ptr_array_add (found, query);
  for (PtlDnsQuery *query = client->tcp_waiting.first; query != NULL; query = query->next)
    if (all || query->group == group)
      g_ptr_array_add (found, query);
  for (unsigned i = 0; i < client->n_channels; i++)
    for (PtlDnsQuery *query = client->channels[i]->waiting.first; query != NULL;
         query = query->next)
      if (all || query->group == group)
        g_ptr_array_add (found, query);
  /* A callback can only put into the inbox: those that were found stay. */
  for (guint i = 0; i < found->len; i++)
    ptl_dns_query_finish (client, found->pdata[i], PTL_DNS_FAULT_CANCELLED);
}

/* False when the client is to stop; *@more: something was there. */
static bool
take_inbox (PtlDnsClient *client,
            bool         *more)
{
  PtlDnsQueryList inbox;
  g_autoptr (GArray) cancels = NULL;
  bool stopping;

  pthread_mutex_lock (&client->lock);
  inbox = client->inbox;
  client->inbox = (PtlDnsQueryList) { 0 };
  if (client->cancels->len > 0)
    {
      cancels = client->cancels;
      client->cancels = g_array_new (FALSE, FALSE, sizeof (uint64_t));
    }
  stopping = client->stopping;
  pthread_mutex_unlock (&client->lock);

  *more = inbox.first != NULL || cancels != NULL;
  while (inbox.first != NULL)
    {
      PtlDnsQuery *query = inbox.first;

      ptl_dns_list_remove (&inbox, query);
      if (stopping)
        ptl_dns_query_finish (client, query, PTL_DNS_FAULT_CANCELLED);
      else
        start_query (client, query);
    }
  for (guint i = 0; cancels != NULL && i < cancels->len; i++)
    cancel_group (client, g_array_index (cancels, uint64_t, i), false);
  return !stopping;
}

static void
run_timers (PtlDnsClient *client)
{
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  g_autoptr (GPtrArray) due = NULL;

  if (now_ns < client->next_due_ns)
    return;
  client->next_due_ns = UINT64_MAX;
  for (PtlDnsQuery *query = client->asked.first; query != NULL; query = query->next)
    if (query->due_ns <= now_ns)
      {
        if (due == NULL)
          due = g_ptr_array_new ();
        g_ptr_array_add (due, query);
      }
    else
      client->next_due_ns = MIN (client->next_due_ns, query->due_ns);
  /* Those that have been sent once wait for their turn under the same deadline. */
  for (unsigned i = 0; i < client->n_channels; i++)
    for (PtlDnsQuery *query = client->channels[i]->waiting.first; query != NULL;
         query = query->next)
      {
        if (query->first_ns == 0)
          continue;
        if (query->deadline_ns <= now_ns)
          {
            if (due == NULL)
              due = g_ptr_array_new ();
            g_ptr_array_add (due, query);
          }
        else
          client->next_due_ns = MIN (client->next_due_ns, query->deadline_ns);
      }
  for (PtlDnsQuery *query = client->tcp_waiting.first; query != NULL; query = query->next)
    if (query->first_ns != 0 && query->deadline_ns <= now_ns)
      {
        if (due == NULL)
          due = g_ptr_array_new ();
        g_ptr_array_add (due, query);
      }
  for (guint i = 0; due != NULL && i < due->len; i++)
    {
      PtlDnsQuery *query = due->pdata[i];

      if (query->where == WHERE_TCP || query->where == WHERE_TCP_WAITING)
        ptl_dns_tcp_failed (client, query, ETIMEDOUT);
      else if (query->where == WHERE_WAITING)
        ptl_dns_query_finish (client, query, ptl_dns_query_why_none (query));
      else
        {
          if (query->reply->n_garbage + query->reply->n_wrong == 0)
            ptl_dns_channel_lost (client, query->channel, query, now_ns);
          ptl_dns_query_try_again (client, query, now_ns, true);
        }
    }
}

static void
free_dead (PtlDnsClient *client)
{
  for (guint i = 0; i < client->dead->len; i++)
    g_free (client->dead->pdata[i]);
  g_ptr_array_set_size (client->dead, 0);
}

static int
wait_ms (const PtlDnsClient *client)
{
  uint64_t now_ns;

  if (client->next_due_ns == UINT64_MAX)
    return -1;
  now_ns = ptl_clock_monotonic_ns ();
  if (client->next_due_ns <= now_ns)
    return 0;
  return (int) MIN ((client->next_due_ns - now_ns) / PTL_NS_PER_MS + 1, 60000);
}

static void
handle_events (PtlDnsClient       *client,
               struct epoll_event *events,
               int                 n)
{
  for (int i = 0; i < n; i++)
    {
      PtlDnsKind *kind = events[i].data.ptr;

      if (*kind == KIND_WAKE)
        {
          uint64_t count;

          (void) !read (client->wake_fd, &count, sizeof count);
          pthread_mutex_lock (&client->lock);
          client->waking = false;
          pthread_mutex_unlock (&client->lock);
        }
      else if (*kind == KIND_UDP)
        {
          PtlDnsSocket *sock = events[i].data.ptr;

          if (sock->fd >= 0)
            ptl_dns_udp_read (client, sock);
        }
      else
        {
          PtlDnsTcp *tcp = events[i].data.ptr;

          if (tcp->fd >= 0)
            ptl_dns_tcp_event (client, tcp, events[i].events);
        }
    }
}

static void *
client_main (void *data)
{
  PtlDnsClient *client = data;
  struct epoll_event events[EVENTS_MAX];
  bool more, going = true;
  int n;

  while (going)
    {
      do
        {
          client->asked_itself = false;
          going = take_inbox (client, &more);
          run_timers (client);
          while (client->tcp_waiting.first != NULL && client->n_tcp < PTL_DNS_TCP_MAX)
            ptl_dns_tcp_open (client, client->tcp_waiting.first);
          for (unsigned i = 0; i < client->n_channels; i++)
            ptl_dns_udp_pump (client, client->channels[i]);
        }
      while (going && (more || client->asked_itself));
      free_dead (client);
      if (!going)
        break;
      n = epoll_wait (client->epoll_fd, events, EVENTS_MAX, wait_ms (client));
      handle_events (client, events, n);
    }

  cancel_group (client, 0, true);
  /* What the callbacks have asked meanwhile is refused; they may ask again only so often. */
  do
    take_inbox (client, &more);
  while (more);
  for (unsigned i = 0; i < client->n_channels; i++)
    ptl_dns_channel_free (client, client->channels[i]);
  free_dead (client);
  return NULL;
}

/* --- any thread ------------------------------------------------------------------------------- */

static void
wake_locked (PtlDnsClient *client)
{
  uint64_t one = 1;

  if (pthread_equal (client->thread, pthread_self ()))
    {
      client->asked_itself = true;
      return;
    }
  if (client->waking)
    return;
  client->waking = true;
  (void) !write (client->wake_fd, &one, sizeof one);
}

PtlDnsClient *
ptl_dns_client_new (GError **error)
{
  PtlDnsClient *client = g_new0 (PtlDnsClient, 1);
  struct epoll_event event = { .events = EPOLLIN };
  sigset_t all, before;
  int failed;

  client->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  client->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  client->wake_kind = KIND_WAKE;
  client->next_due_ns = UINT64_MAX;
  client->dead = g_ptr_array_new ();
  client->cancels = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  /* Of which only what is used takes memory. */
  client->buffer = g_malloc ((size_t) PTL_DNS_BATCH * PTL_DNS_MESSAGE_MAX);
  pthread_mutex_init (&client->lock, NULL);
  event.data.ptr = &client->wake_kind;
  failed = client->epoll_fd < 0 || client->wake_fd < 0
           || epoll_ctl (client->epoll_fd, EPOLL_CTL_ADD, client->wake_fd, &event) < 0
             ? errno : 0;
  if (failed == 0)
    {
      sigfillset (&all);
      pthread_sigmask (SIG_SETMASK, &all, &before);
      /* The thread looks at client->thread only by way of the lock, in a callback. */
      pthread_mutex_lock (&client->lock);
      failed = pthread_create (&client->thread, NULL, client_main, client);
      pthread_mutex_unlock (&client->lock);
      pthread_sigmask (SIG_SETMASK, &before, NULL);
    }
  if (failed == 0)
    return client;

  ptl_error_set_errno (error, failed, "DNS");
  ptl_fd_clear (&client->epoll_fd);
  ptl_fd_clear (&client->wake_fd);
  pthread_mutex_destroy (&client->lock);
  g_array_unref (client->cancels);
  g_ptr_array_unref (client->dead);
  g_free (client->buffer);
  g_free (client);
  return NULL;
}

void
ptl_dns_client_free (PtlDnsClient *client)
{
  if (client == NULL)
    return;
  pthread_mutex_lock (&client->lock);
  client->stopping = true;
  wake_locked (client);
  pthread_mutex_unlock (&client->lock);
  pthread_join (client->thread, NULL);
  ptl_fd_clear (&client->epoll_fd);
  ptl_fd_clear (&client->wake_fd);
  pthread_mutex_destroy (&client->lock);
  g_array_unref (client->cancels);
  g_ptr_array_unref (client->dead);
  g_free (client->buffer);
  g_free (client);
}

uint64_t
ptl_dns_client_new_group (PtlDnsClient *client)
{
  return atomic_fetch_add_explicit (&client->last_group, 1, memory_order_relaxed) + 1;
}

void
ptl_dns_client_ask (PtlDnsClient         *client,
                    const PtlDnsQuestion *question,
                    PtlDnsReplyFunc       reply,
                    void                 *data)
{
  PtlDnsQuery *query = g_new0 (PtlDnsQuery, 1);
  unsigned n_before = atomic_fetch_add_explicit (&client->n_queries, 1, memory_order_relaxed);
  unsigned n_servers = MIN (question->n_servers, PTL_DNS_SERVERS_MAX);

  query->func = reply;
  query->data = data;
  query->group = question->group;
  query->reply = ptl_dns_reply_new (question->name, question->type);
  query->n_servers = n_servers;
  if (n_servers > 0)
    memcpy (query->servers, question->servers, n_servers * sizeof *query->servers);
  query->n_tries_max = question->n_tries != 0 ? question->n_tries : PTL_DNS_TRIES;
  query->n_tries_max = MAX (query->n_tries_max, n_servers);
  query->timeout_ns = (question->timeout_ms != 0 ? question->timeout_ms : PTL_DNS_TIMEOUT_MS)
                      * PTL_NS_PER_MS;
  query->recursion = !question->no_recursion;
  query->edns = !question->no_edns;
  query->dnssec_ok = question->dnssec_ok;
  query->tcp_only = question->tcp;
  query->chase = !question->no_chase;
  query->refused = n_before >= PTL_DNS_QUEUE_MAX;

  pthread_mutex_lock (&client->lock);
  ptl_dns_list_push (&client->inbox, query);
  wake_locked (client);
  pthread_mutex_unlock (&client->lock);
}

void
ptl_dns_client_cancel (PtlDnsClient *client,
                       uint64_t      group)
{
  pthread_mutex_lock (&client->lock);
  g_array_append_val (client->cancels, group);
  wake_locked (client);
  pthread_mutex_unlock (&client->lock);
}

void
ptl_dns_client_get_stats (PtlDnsClient *client,
                          PtlDnsStats  *stats)
{
  stats->n_sent = atomic_load_explicit (&client->n_sent, memory_order_relaxed);
  stats->n_answered = atomic_load_explicit (&client->n_answered, memory_order_relaxed);
  stats->n_lost = atomic_load_explicit (&client->n_lost, memory_order_relaxed);
  stats->n_stray = atomic_load_explicit (&client->n_stray, memory_order_relaxed);
  stats->window = atomic_load_explicit (&client->window, memory_order_relaxed);
}
