/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that asks DNS servers.
 *
 * A channel is one server, with a few connected UDP sockets (random source ports, given up after a
 * while) and TCP connections for what was cut off.  A question has a slot of a socket under a
 * random id while it is on its way; a lost one is sent again under the same id, so that a late
 * answer to the first counts too.  Only the inbox is shared with other threads. */
#include "config.h"

#include "lookup/ptl-dns-client.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <glib.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define SOCKETS_MAX 8      /* of a channel; with SLOTS each, at least PTL_DNS_WINDOW_MAX */
#define SLOTS 64
#define SOCKET_USES_MAX 8192 /* then another source port */
#define EVENTS_MAX 64
#define DATAGRAMS_PER_TURN 64
#define WINDOW_START 32
#define WINDOW_MIN 4
#define RTO_START_NS (1000 * PTL_NS_PER_MS)
#define RTO_MIN_NS (200 * PTL_NS_PER_MS)
#define GRACE_NS (250 * PTL_NS_PER_MS) /* for the true answer after a false one */
#define BLOCKED_NS (2 * PTL_NS_PER_MS) /* after EAGAIN or ENOBUFS of send */
#define RECEIVE_BUFFER (1 << 20)

typedef struct _Query   Query;
typedef struct _Channel Channel;

typedef enum
{
  KIND_WAKE,
  KIND_UDP,
  KIND_TCP
} Kind;

typedef struct
{
  Kind     kind; /* first: what epoll gives back is this */
  int      fd;   /* -1: closed, waits to be freed */
  Channel *channel;
  unsigned n_uses;
  unsigned n_stray;
  uint64_t used; /* a bit for each slot */
  uint16_t ids[SLOTS];
  Query   *queries[SLOTS];
} Socket;

typedef struct
{
  Kind     kind;
  int      fd;
  Query   *query;
  bool     connected;
  size_t   n_out;
  uint8_t  prefix[2];
  size_t   n_prefix;
  uint8_t *in; /* owned; NULL until the length is known */
  size_t   n_in;
  size_t   len_in;
} Tcp;

typedef struct
{
  Query *first;
  Query *last;
} QueryList;

typedef enum
{
  WHERE_NOWHERE,
  WHERE_WAITING,     /* in channel->waiting */
  WHERE_ASKED,       /* in client->asked, with a slot */
  WHERE_TCP_WAITING, /* in client->tcp_waiting */
  WHERE_TCP          /* in client->asked, with a connection */
} Where;

struct _Query
{
  Query          *next;
  Query          *prev;
  Where           where;
  PtlDnsReplyFunc func;
  void           *data;
  uint64_t        group;
  PtlDnsReply    *reply;
  char           *first_name; /* as asked, once an alias is followed */
  PtlDnsReply    *before;     /* the answers so far, of aliases */
  PtlAddress      servers[PTL_DNS_SERVERS_MAX];
  unsigned        n_servers;
  unsigned        n_tries_max;
  uint64_t        timeout_ns;
  bool            recursion, edns, dnssec_ok, tcp_only, chase;
  bool            truncated;  /* over UDP: now TCP */
  bool            refused;    /* one too many: answered without being sent */
  uint8_t         wire[PTL_DNS_QUERY_MAX + 2]; /* with TCP's length in front */
  size_t          wire_len;
  unsigned        i_server;
  uint64_t        first_ns;
  uint64_t        sent_ns;
  uint64_t        due_ns;     /* of this try */
  uint64_t        deadline_ns;
  Channel        *channel;
  Socket         *socket;
  unsigned        slot;
  unsigned        stray_before;
  Tcp            *tcp;
};

struct _Channel
{
  PtlAddress server;
  Socket    *sockets[SOCKETS_MAX];
  QueryList  waiting;
  unsigned   n_waiting;
  unsigned   n_asked; /* with a slot, and sent lately enough to count */
  double     window;
  double     threshold;
  uint64_t   cut_ns;  /* when the window was made smaller */
  uint64_t   srtt_ns; /* 0: not known */
  uint64_t   rttvar_ns;
  uint64_t   blocked_until_ns;
};

struct _PtlDnsClient
{
  /* the thread's */
  int              epoll_fd;
  int              wake_fd;
  Kind             wake_kind;
  Channel         *channels[PTL_DNS_CHANNELS_MAX];
  unsigned         n_channels;
  QueryList        asked;
  QueryList        tcp_waiting;
  unsigned         n_tcp;
  uint64_t         next_due_ns; /* nothing is due before */
  uint16_t         ids[128];
  unsigned         n_ids;
  bool             asked_itself; /* a callback did, so that the inbox is not empty */
  GPtrArray       *dead; /* sockets and connections that an event of this turn may still name */
  uint8_t         *buffer;

  /* of any thread */
  pthread_t        thread;
  atomic_uint_least64_t last_group;
  atomic_uint      n_queries;
  _Atomic uint64_t n_sent, n_answered, n_lost, n_stray;
  atomic_uint      window;

  pthread_mutex_t  lock; /* of what follows */
  QueryList        inbox;
  GArray          *cancels; /* uint64_t */
  bool             stopping;
  bool             waking;
};

static void finish (PtlDnsClient *client,
                    Query        *query,
                    PtlDnsFault   fault);
static void send_to_server (PtlDnsClient *client,
                            Query        *query,
                            bool          urgent);

/* --- lists ------------------------------------------------------------------------------------ */

static void
list_push (QueryList *list,
           Query     *query)
{
  query->next = NULL;
  query->prev = list->last;
  if (list->last != NULL)
    list->last->next = query;
  else
    list->first = query;
  list->last = query;
}

static void
list_push_front (QueryList *list,
                 Query     *query)
{
  query->prev = NULL;
  query->next = list->first;
  if (list->first != NULL)
    list->first->prev = query;
  else
    list->last = query;
  list->first = query;
}

static void
list_remove (QueryList *list,
             Query     *query)
{
  if (query->prev != NULL)
    query->prev->next = query->next;
  else
    list->first = query->next;
  if (query->next != NULL)
    query->next->prev = query->prev;
  else
    list->last = query->prev;
  query->next = query->prev = NULL;
}

static void
query_free (Query *query)
{
  ptl_dns_reply_free (query->reply);
  ptl_dns_reply_free (query->before);
  g_free (query->first_name);
  g_free (query);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static uint16_t
next_id (PtlDnsClient *client)
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

static void
socket_close (PtlDnsClient *client,
              Socket       *sock)
{
  Channel *channel = sock->channel;

  for (unsigned i = 0; i < SOCKETS_MAX; i++)
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
static Socket *
find_socket (PtlDnsClient *client,
             Channel      *channel,
             int          *failed)
{
  struct epoll_event event = { .events = EPOLLIN };
  unsigned i_free = SOCKETS_MAX;
  Socket *sock;
  int fd;

  *failed = 0;
  for (unsigned i = 0; i < SOCKETS_MAX; i++)
    {
      sock = channel->sockets[i];
      if (sock == NULL)
        i_free = MIN (i_free, i);
      else if (sock->n_uses < SOCKET_USES_MAX && sock->used != UINT64_MAX)
        return sock;
    }
  if (i_free == SOCKETS_MAX)
    return NULL;
  fd = open_udp (&channel->server);
  if (fd < 0)
    {
      *failed = -fd;
      return NULL;
    }
  sock = g_new0 (Socket, 1);
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

static void
release_slot (PtlDnsClient *client,
              Query        *query)
{
  Socket *sock = query->socket;

  if (sock == NULL)
    return;
  query->reply->n_stray += sock->n_stray - query->stray_before;
  sock->queries[query->slot] = NULL;
  sock->used &= ~(UINT64_C (1) << query->slot);
  query->socket = NULL;
  query->channel->n_asked--;
  if (sock->used == 0 && sock->n_uses >= SOCKET_USES_MAX && sock->fd >= 0)
    socket_close (client, sock);
}

static void
take_slot (PtlDnsClient *client,
           Query        *query,
           Socket       *sock)
{
  unsigned slot = (unsigned) __builtin_ctzll (~sock->used);
  bool taken;

  do
    {
      sock->ids[slot] = next_id (client);
      taken = false;
      for (unsigned i = 0; i < SLOTS && !taken; i++)
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

static void
tcp_close (PtlDnsClient *client,
           Query        *query)
{
  Tcp *tcp = query->tcp;

  if (tcp == NULL)
    return;
  query->tcp = NULL;
  tcp->query = NULL;
  ptl_fd_clear (&tcp->fd);
  g_clear_pointer (&tcp->in, g_free);
  client->n_tcp--;
  g_ptr_array_add (client->dead, tcp);
}

/* Out of whatever list it is in, without slot and connection. */
static void
withdraw (PtlDnsClient *client,
          Query        *query)
{
  switch (query->where)
    {
    case WHERE_WAITING:
      list_remove (&query->channel->waiting, query);
      query->channel->n_waiting--;
      break;
    case WHERE_TCP_WAITING:
      list_remove (&client->tcp_waiting, query);
      break;
    case WHERE_ASKED:
    case WHERE_TCP:
      list_remove (&client->asked, query);
      break;
    case WHERE_NOWHERE:
      break;
    }
  query->where = WHERE_NOWHERE;
  release_slot (client, query);
  tcp_close (client, query);
}

/* --- channels --------------------------------------------------------------------------------- */

static void
channel_free (PtlDnsClient *client,
              Channel      *channel)
{
  for (unsigned i = 0; i < SOCKETS_MAX; i++)
    if (channel->sockets[i] != NULL)
      socket_close (client, channel->sockets[i]);
  g_free (channel);
}

static bool
channel_is_idle (PtlDnsClient  *client,
                 const Channel *channel)
{
  if (channel->n_waiting > 0 || channel->n_asked > 0)
    return false;
  for (const Query *query = client->asked.first; query != NULL; query = query->next)
    if (query->channel == channel)
      return false;
  for (const Query *query = client->tcp_waiting.first; query != NULL; query = query->next)
    if (query->channel == channel)
      return false;
  return true;
}

/* NULL when there are too many and none is idle. */
static Channel *
find_channel (PtlDnsClient     *client,
              const PtlAddress *server)
{
  Channel *channel;
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
      channel_free (client, client->channels[i]);
      client->channels[i] = client->channels[--client->n_channels];
    }
  channel = g_new0 (Channel, 1);
  channel->server = *server;
  channel->window = WINDOW_START;
  channel->threshold = PTL_DNS_WINDOW_MAX;
  client->channels[client->n_channels++] = channel;
  return channel;
}

static void
channel_answered (PtlDnsClient *client,
                  Channel      *channel,
                  uint64_t      rtt_ns)
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

static void
channel_lost (PtlDnsClient *client,
              Channel      *channel,
              const Query  *query,
              uint64_t      now_ns)
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
retry_after_ns (const Channel *channel,
                unsigned       n_tries)
{
  uint64_t rto_ns = channel->srtt_ns == 0
                      ? RTO_START_NS
                      : CLAMP (channel->srtt_ns + 4 * channel->rttvar_ns, RTO_MIN_NS, RTO_START_NS);

  return rto_ns << MIN (n_tries - 1, 4);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void
merge_before (Query *query)
{
  PtlDnsReply *before = query->before, *reply = query->reply;
  PtlDnsRecord *all = g_new0 (PtlDnsRecord, before->n_records + reply->n_records);
  unsigned n = 0;

  for (unsigned i = 0; i < before->n_records; i++)
    if (before->records[i].section == PTL_DNS_SECTION_ANSWER)
      all[n++] = before->records[i];
    else
      {
        g_free (before->records[i].owner);
        g_free (before->records[i].data);
      }
  if (reply->n_records > 0)
    memcpy (all + n, reply->records, reply->n_records * sizeof *all);
  n += reply->n_records;
  g_free (reply->records);
  g_free (before->records);
  before->records = NULL;
  before->n_records = 0;
  reply->records = all;
  reply->n_records = n;
  reply->n_aliases += before->n_aliases + 1;
  reply->n_garbage += before->n_garbage;
  reply->n_wrong += before->n_wrong;
  reply->n_stray += before->n_stray;
  g_clear_pointer (&query->before, ptl_dns_reply_free);
  g_free (reply->name);
  reply->name = g_steal_pointer (&query->first_name);
}

/* Gives the answer to who asked; @query is gone then. */
static void
finish (PtlDnsClient *client,
        Query        *query,
        PtlDnsFault   fault)
{
  PtlDnsReply *reply = query->reply;
  const char *target = NULL;
  uint64_t now_ns = ptl_clock_monotonic_ns ();

  withdraw (client, query);
  if (query->before != NULL)
    merge_before (query);
  reply->fault = fault;
  reply->total_ns = query->first_ns != 0 ? now_ns - query->first_ns : 0;
  if (reply->has_message
      && ptl_dns_reply_follow (reply, reply->name, &target) == PTL_DNS_CHAIN_ROUND
      && fault == PTL_DNS_FAULT_NONE)
    reply->fault = PTL_DNS_FAULT_CHAIN;
  reply->final_name = g_strdup (target);
  query->reply = NULL;
  atomic_fetch_sub_explicit (&client->n_queries, 1, memory_order_relaxed);
  query->func (reply, query->data);
  query_free (query);
}

static PtlDnsFault
why_no_answer (const Query *query)
{
  if (query->truncated || query->tcp_only)
    return PTL_DNS_FAULT_TCP;
  if (query->reply->n_wrong > 0)
    return PTL_DNS_FAULT_WRONG_QUESTION;
  if (query->reply->n_garbage > 0)
    return PTL_DNS_FAULT_GARBAGE;
  return query->reply->sys_errno != 0 ? PTL_DNS_FAULT_SYSTEM : PTL_DNS_FAULT_TIMEOUT;
}

/* This try has failed: another one, or the end. */
static void
try_again (PtlDnsClient *client,
           Query        *query,
           uint64_t      now_ns,
           bool          same_server)
{
  bool other = query->n_servers > 1 && query->reply->n_tries < query->n_tries_max;

  if (query->reply->n_tries >= query->n_tries_max || now_ns >= query->deadline_ns
      || (!same_server && !other))
    {
      finish (client, query, why_no_answer (query));
      return;
    }
  if (query->n_servers > 1)
    {
      withdraw (client, query);
      query->i_server = (query->i_server + 1) % query->n_servers;
    }
  send_to_server (client, query, true);
}

static bool
build_wire (Query *query)
{
  query->wire_len = ptl_dns_build_query (query->reply->name, query->reply->type, query->recursion,
                                         query->edns, query->dnssec_ok, query->wire + 2);
  query->wire[0] = (uint8_t) (query->wire_len >> 8);
  query->wire[1] = (uint8_t) query->wire_len;
  return query->wire_len > 0;
}

/* The answer ends at an alias about which it says no more: asks for that.  False when it has been
 * asked for already. */
static bool
chase (PtlDnsClient *client,
       Query        *query,
       const char   *target)
{
  g_autofree char *name = g_strdup (target);
  PtlDnsReply *next;

  if (query->before != NULL)
    for (unsigned i = 0; i < query->before->n_records; i++)
      if (ptl_dns_name_equal (query->before->records[i].owner, name))
        return false;
  if (ptl_dns_name_equal (query->reply->name, name)
      || (query->before != NULL && query->before->n_aliases + 1 >= PTL_DNS_CHAIN_MAX))
    return false;

  withdraw (client, query);
  next = ptl_dns_reply_new (name, query->reply->type);
  if (query->first_name == NULL)
    query->first_name = g_strdup (query->reply->name);
  if (query->before != NULL)
    {
      /* Two answers become one, under the name that was asked first. */
      char *first = query->first_name;

      query->first_name = g_strdup (first);
      merge_before (query);
      query->first_name = first;
    }
  query->before = query->reply;
  query->reply = next;
  query->truncated = false;
  query->i_server = 0;
  if (!build_wire (query))
    {
      finish (client, query, PTL_DNS_FAULT_CHAIN);
      return true;
    }
  send_to_server (client, query, true);
  return true;
}

static void
start_tcp (PtlDnsClient *client,
           Query        *query)
{
  release_slot (client, query);
  if (query->where != WHERE_NOWHERE)
    withdraw (client, query);
  query->where = WHERE_TCP_WAITING;
  list_push (&client->tcp_waiting, query);
}

/* A message to @query has come, over UDP or TCP. */
static void
take_message (PtlDnsClient  *client,
              Query         *query,
              const uint8_t *bytes,
              size_t         len_bytes,
              bool           over_tcp)
{
  PtlDnsReply *reply = query->reply;
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  PtlDnsParse parse = ptl_dns_parse_reply (reply, bytes, len_bytes);
  const char *target;

  if (parse != PTL_DNS_PARSE_OK)
    {
      if (parse == PTL_DNS_PARSE_GARBAGE)
        reply->n_garbage++;
      else
        reply->n_wrong++;
      if (over_tcp)
        {
          finish (client, query, parse == PTL_DNS_PARSE_GARBAGE ? PTL_DNS_FAULT_GARBAGE
                                                                 : PTL_DNS_FAULT_WRONG_QUESTION);
          return;
        }
      query->due_ns = MIN (query->due_ns, now_ns + GRACE_NS);
      client->next_due_ns = MIN (client->next_due_ns, query->due_ns);
      return;
    }
  reply->elapsed_ns = now_ns - query->sent_ns;
  reply->over_tcp = over_tcp;
  if (!over_tcp)
    {
      atomic_fetch_add_explicit (&client->n_answered, 1, memory_order_relaxed);
      /* Of one that was sent twice it is not known which is answered (RFC 6298 section 3). */
      if (reply->n_tries == 1)
        channel_answered (client, query->channel, reply->elapsed_ns);
    }

  if (query->edns && (reply->rcode == PTL_DNS_RCODE_FORMERR || reply->rcode == PTL_DNS_RCODE_NOTIMP
                      || reply->rcode == PTL_DNS_RCODE_BADVERS))
    {
      /* A server of before EDNS (RFC 6891 section 6.2.2). */
      withdraw (client, query);
      query->edns = false;
      if (build_wire (query))
        send_to_server (client, query, true);
      else
        finish (client, query, PTL_DNS_FAULT_BAD_NAME);
      return;
    }
  if (reply->tc && !over_tcp)
    {
      query->truncated = true;
      start_tcp (client, query);
      return;
    }
  if ((reply->rcode == PTL_DNS_RCODE_SERVFAIL || reply->rcode == PTL_DNS_RCODE_REFUSED)
      && query->i_server + 1 < query->n_servers && reply->n_tries < query->n_tries_max)
    {
      try_again (client, query, now_ns, false);
      return;
    }
  switch (ptl_dns_reply_follow (reply, reply->name, &target))
    {
    case PTL_DNS_CHAIN_ROUND:
      finish (client, query, PTL_DNS_FAULT_CHAIN);
      return;
    case PTL_DNS_CHAIN_OPEN:
      if (query->chase && reply->rcode == PTL_DNS_RCODE_NOERROR)
        {
          if (!chase (client, query, target))
            finish (client, query, PTL_DNS_FAULT_CHAIN);
          return;
        }
      break;
    case PTL_DNS_CHAIN_NONE:
      break;
    }
  finish (client, query, PTL_DNS_FAULT_NONE);
}

/* --- UDP -------------------------------------------------------------------------------------- */

/* The socket cannot be used any more: all that wait at it try elsewhere. */
static void
socket_failed (PtlDnsClient *client,
               Socket       *sock,
               int           sys_errno)
{
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  Query *queries[SLOTS];
  unsigned n = 0;

  for (unsigned i = 0; i < SLOTS; i++)
    if (sock->queries[i] != NULL)
      queries[n++] = sock->queries[i];
  for (unsigned i = 0; i < n; i++)
    {
      withdraw (client, queries[i]);
      queries[i]->reply->sys_errno = sys_errno;
    }
  if (sock->fd >= 0)
    socket_close (client, sock);
  for (unsigned i = 0; i < n; i++)
    try_again (client, queries[i], now_ns, false);
}

static void
read_socket (PtlDnsClient *client,
             Socket       *sock)
{
  for (unsigned n = 0; n < DATAGRAMS_PER_TURN && sock->fd >= 0; n++)
    {
      ssize_t len = recv (sock->fd, client->buffer, PTL_DNS_MESSAGE_MAX, 0);
      Query *query = NULL;

      if (len < 0)
        {
          if (errno != EAGAIN && errno != EINTR)
            socket_failed (client, sock, errno);
          return;
        }
      if (len < 2)
        {
          for (unsigned i = 0; i < SLOTS; i++)
            if (sock->queries[i] != NULL)
              sock->queries[i]->reply->n_garbage++;
          continue;
        }
      for (uint64_t left = sock->used; left != 0 && query == NULL; left &= left - 1)
        {
          unsigned i = (unsigned) __builtin_ctzll (left);

          if (sock->ids[i] == (client->buffer[0] << 8 | client->buffer[1]))
            query = sock->queries[i];
        }
      if (query == NULL)
        {
          sock->n_stray++;
          atomic_fetch_add_explicit (&client->n_stray, 1, memory_order_relaxed);
          continue;
        }
      take_message (client, query, client->buffer, (size_t) len, false);
      /* Nobody waits for more of it: spares a call that would say EAGAIN. */
      if (sock->used == 0)
        return;
    }
}

/* What is to be asked waits for its turn; or goes to TCP at once. */
static void
send_to_server (PtlDnsClient *client,
                Query        *query,
                bool          urgent)
{
  Channel *channel = find_channel (client, &query->servers[query->i_server]);

  if (query->where != WHERE_NOWHERE)
    {
      /* It keeps its slot, for a late answer, and does not count as asked twice. */
      Socket *sock = query->socket;

      list_remove (&client->asked, query);
      query->where = WHERE_NOWHERE;
      if (sock != NULL && query->channel != channel)
        release_slot (client, query);
    }
  if (channel == NULL)
    {
      finish (client, query, PTL_DNS_FAULT_FULL);
      return;
    }
  query->channel = channel;
  query->reply->server = channel->server;
  if (query->tcp_only)
    {
      start_tcp (client, query);
      return;
    }
  query->where = WHERE_WAITING;
  if (urgent)
    list_push_front (&channel->waiting, query);
  else
    list_push (&channel->waiting, query);
  channel->n_waiting++;
}

static void
mark_sent (PtlDnsClient *client,
           Query        *query,
           uint64_t      now_ns)
{
  if (query->first_ns == 0)
    {
      query->first_ns = now_ns;
      query->deadline_ns = now_ns + query->timeout_ns;
    }
  query->sent_ns = now_ns;
  query->reply->n_tries++;
}

/* False when the channel has to wait. */
static bool
send_udp (PtlDnsClient *client,
          Query        *query)
{
  Channel *channel = query->channel;
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  int failed = 0;
  ssize_t sent;

  if (query->socket == NULL)
    {
      Socket *sock = find_socket (client, channel, &failed);

      if (sock == NULL && failed == 0)
        return false;
      if (sock == NULL)
        {
          withdraw (client, query);
          query->reply->sys_errno = failed;
          mark_sent (client, query, now_ns);
          try_again (client, query, now_ns, false);
          return true;
        }
      take_slot (client, query, sock);
    }
  query->wire[2] = (uint8_t) (query->socket->ids[query->slot] >> 8);
  query->wire[3] = (uint8_t) query->socket->ids[query->slot];
  do
    sent = send (query->socket->fd, query->wire + 2, query->wire_len, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
    {
      release_slot (client, query);
      channel->blocked_until_ns = now_ns + BLOCKED_NS;
      return false;
    }

  list_remove (&channel->waiting, query);
  channel->n_waiting--;
  query->where = WHERE_ASKED;
  list_push (&client->asked, query);
  mark_sent (client, query, now_ns);
  atomic_fetch_add_explicit (&client->n_sent, 1, memory_order_relaxed);
  if (sent < 0)
    {
      /* What went wrong with an earlier datagram is told at this one (udp(7)). */
      socket_failed (client, query->socket, errno);
      return true;
    }
  query->due_ns = query->reply->n_tries >= query->n_tries_max
                    ? query->deadline_ns
                    : MIN (query->deadline_ns,
                           now_ns + retry_after_ns (channel, query->reply->n_tries));
  if (query->reply->n_garbage + query->reply->n_wrong > 0)
    query->due_ns = MIN (query->due_ns, now_ns + 4 * GRACE_NS);
  client->next_due_ns = MIN (client->next_due_ns, query->due_ns);
  return true;
}

static void
pump_channel (PtlDnsClient *client,
              Channel      *channel)
{
  if (channel->waiting.first == NULL)
    return;
  if (channel->blocked_until_ns != 0)
    {
      if (ptl_clock_monotonic_ns () < channel->blocked_until_ns)
        {
          client->next_due_ns = MIN (client->next_due_ns, channel->blocked_until_ns);
          return;
        }
      channel->blocked_until_ns = 0;
    }
  while (channel->waiting.first != NULL
         && (channel->n_asked < (unsigned) channel->window
             || channel->waiting.first->socket != NULL))
    if (!send_udp (client, channel->waiting.first))
      {
        if (channel->blocked_until_ns != 0)
          client->next_due_ns = MIN (client->next_due_ns, channel->blocked_until_ns);
        return;
      }
}

/* --- TCP -------------------------------------------------------------------------------------- */

static void
tcp_failed (PtlDnsClient *client,
            Query        *query,
            int           sys_errno)
{
  query->reply->sys_errno = sys_errno;
  finish (client, query, PTL_DNS_FAULT_TCP);
}

static void
open_tcp (PtlDnsClient *client,
          Query        *query)
{
  const PtlAddress *server = &query->channel->server;
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  uint16_t id = next_id (client);
  Tcp *tcp;
  int fd;

  withdraw (client, query);
  mark_sent (client, query, now_ns);
  fd = socket (ptl_address_get_family (server), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    {
      tcp_failed (client, query, errno);
      return;
    }
  tcp = g_new0 (Tcp, 1);
  tcp->kind = KIND_TCP;
  tcp->fd = fd;
  tcp->query = query;
  event.data.ptr = tcp;
  query->tcp = tcp;
  client->n_tcp++;
  query->where = WHERE_TCP;
  list_push (&client->asked, query);
  query->wire[2] = (uint8_t) (id >> 8);
  query->wire[3] = (uint8_t) id;
  query->due_ns = query->deadline_ns;
  client->next_due_ns = MIN (client->next_due_ns, query->due_ns);
  if ((connect (fd, &server->sa, server->len) < 0 && errno != EINPROGRESS)
      || epoll_ctl (client->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
    tcp_failed (client, query, errno);
}

static bool
write_tcp (PtlDnsClient *client,
           Tcp          *tcp)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = tcp };
  Query *query = tcp->query;

  while (tcp->n_out < query->wire_len + 2)
    {
      ssize_t n = send (tcp->fd, query->wire + tcp->n_out, query->wire_len + 2 - tcp->n_out,
                        MSG_NOSIGNAL);

      if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
      if (n < 0)
        {
          tcp_failed (client, query, errno);
          return false;
        }
      tcp->n_out += (size_t) n;
    }
  if (epoll_ctl (client->epoll_fd, EPOLL_CTL_MOD, tcp->fd, &event) < 0)
    {
      tcp_failed (client, query, errno);
      return false;
    }
  return true;
}

static void
read_tcp (PtlDnsClient *client,
          Tcp          *tcp)
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
          tcp_failed (client, tcp->query, n < 0 ? errno : 0);
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
              finish (client, tcp->query, PTL_DNS_FAULT_GARBAGE);
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
          finish (client, tcp->query, PTL_DNS_FAULT_GARBAGE);
          return;
        }
      take_message (client, tcp->query, tcp->in, tcp->len_in, true);
      return;
    }
}

static void
on_tcp (PtlDnsClient *client,
        Tcp          *tcp,
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
          tcp_failed (client, tcp->query, failed);
          return;
        }
      tcp->connected = true;
    }
  if ((events & EPOLLOUT) != 0 && !write_tcp (client, tcp))
    return;
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
    read_tcp (client, tcp);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void
start_query (PtlDnsClient *client,
             Query        *query)
{
  if (query->refused)
    finish (client, query, PTL_DNS_FAULT_FULL);
  else if (!build_wire (query))
    finish (client, query, PTL_DNS_FAULT_BAD_NAME);
  else if (query->n_servers == 0)
    finish (client, query, PTL_DNS_FAULT_NO_SERVER);
  else
    send_to_server (client, query, false);
}

static void
cancel_group (PtlDnsClient *client,
              uint64_t      group,
              bool          all)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (Query *query = client->asked.first; query != NULL; query = query->next)
    if (all || query->group == group)
      g_ptr_array_add (found, query);
  for (Query *query = client->tcp_waiting.first; query != NULL; query = query->next)
    if (all || query->group == group)
      g_ptr_array_add (found, query);
  for (unsigned i = 0; i < client->n_channels; i++)
    for (Query *query = client->channels[i]->waiting.first; query != NULL; query = query->next)
      if (all || query->group == group)
        g_ptr_array_add (found, query);
  /* A callback can only put into the inbox: those that were found stay. */
  for (guint i = 0; i < found->len; i++)
    finish (client, found->pdata[i], PTL_DNS_FAULT_CANCELLED);
}

/* False when the client is to stop; *@more: something was there. */
static bool
take_inbox (PtlDnsClient *client,
            bool         *more)
{
  QueryList inbox;
  g_autoptr (GArray) cancels = NULL;
  bool stopping;

  pthread_mutex_lock (&client->lock);
  inbox = client->inbox;
  client->inbox = (QueryList) { 0 };
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
      Query *query = inbox.first;

      list_remove (&inbox, query);
      if (stopping)
        finish (client, query, PTL_DNS_FAULT_CANCELLED);
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
  for (Query *query = client->asked.first; query != NULL; query = query->next)
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
    for (Query *query = client->channels[i]->waiting.first; query != NULL; query = query->next)
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
  for (Query *query = client->tcp_waiting.first; query != NULL; query = query->next)
    if (query->first_ns != 0 && query->deadline_ns <= now_ns)
      {
        if (due == NULL)
          due = g_ptr_array_new ();
        g_ptr_array_add (due, query);
      }
  for (guint i = 0; due != NULL && i < due->len; i++)
    {
      Query *query = due->pdata[i];

      if (query->where == WHERE_TCP || query->where == WHERE_TCP_WAITING)
        tcp_failed (client, query, ETIMEDOUT);
      else if (query->where == WHERE_WAITING)
        finish (client, query, why_no_answer (query));
      else
        {
          if (query->reply->n_garbage + query->reply->n_wrong == 0)
            channel_lost (client, query->channel, query, now_ns);
          try_again (client, query, now_ns, true);
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
      Kind *kind = events[i].data.ptr;

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
          Socket *sock = events[i].data.ptr;

          if (sock->fd >= 0)
            read_socket (client, sock);
        }
      else
        {
          Tcp *tcp = events[i].data.ptr;

          if (tcp->fd >= 0)
            on_tcp (client, tcp, events[i].events);
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
            open_tcp (client, client->tcp_waiting.first);
          for (unsigned i = 0; i < client->n_channels; i++)
            pump_channel (client, client->channels[i]);
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
    channel_free (client, client->channels[i]);
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
  client->buffer = g_malloc (PTL_DNS_MESSAGE_MAX);
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
  Query *query = g_new0 (Query, 1);
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
  list_push (&client->inbox, query);
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
