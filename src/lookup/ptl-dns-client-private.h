/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the DNS client share: the client (ptl-dns-client.c), a question
 * (ptl-dns-query.c), and how it goes over UDP and TCP.  All of it is the client's thread's. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include <glib.h>

#include "base/ptl-clock.h"
#include "lookup/ptl-dns-client.h"

G_BEGIN_DECLS

#define PTL_DNS_SOCKETS_MAX 8 /* of a channel; with SLOTS each, at least PTL_DNS_WINDOW_MAX */
#define PTL_DNS_SLOTS 64
#define PTL_DNS_BATCH 32      /* datagrams that are sent or read by one call */
#define PTL_DNS_GRACE_NS (250 * PTL_NS_PER_MS) /* for the true answer after a false one */

typedef struct _PtlDnsQuery PtlDnsQuery;
typedef struct _PtlDnsChannel PtlDnsChannel;

typedef enum
{
  KIND_WAKE,
  KIND_UDP,
  KIND_TCP
} PtlDnsKind;

typedef struct
{
  PtlDnsKind     kind; /* first: what epoll gives back is this */
  int      fd;   /* -1: closed, waits to be freed */
  PtlDnsChannel *channel;
  unsigned n_uses;
  unsigned n_stray;
  uint64_t used; /* a bit for each slot */
  uint16_t ids[PTL_DNS_SLOTS];
  uint16_t old_ids[PTL_DNS_SLOTS]; /* of the last that waited: their answers are late, not odd */
  unsigned n_old;
  PtlDnsQuery   *queries[PTL_DNS_SLOTS];
} PtlDnsSocket;

typedef struct
{
  PtlDnsKind     kind;
  int      fd;
  PtlDnsQuery   *query;
  bool     connected;
  size_t   n_out;
  uint8_t  prefix[2];
  size_t   n_prefix;
  uint8_t *in; /* owned; NULL until the length is known */
  size_t   n_in;
  size_t   len_in;
} PtlDnsTcp;

typedef struct
{
  PtlDnsQuery *first;
  PtlDnsQuery *last;
} PtlDnsQueryList;

typedef enum
{
  WHERE_NOWHERE,
  WHERE_WAITING,     /* in channel->waiting */
  WHERE_ASKED,       /* in client->asked, with a slot */
  WHERE_TCP_WAITING, /* in client->tcp_waiting */
  WHERE_TCP          /* in client->asked, with a connection */
} PtlDnsWhere;

struct _PtlDnsQuery
{
  PtlDnsQuery          *next;
  PtlDnsQuery          *prev;
  PtlDnsWhere           where;
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
  PtlDnsChannel        *channel;
  PtlDnsSocket         *socket;
  unsigned        slot;
  unsigned        stray_before;
  PtlDnsTcp            *tcp;
};

struct _PtlDnsChannel
{
  PtlAddress server;
  PtlDnsSocket    *sockets[PTL_DNS_SOCKETS_MAX];
  PtlDnsQueryList  waiting;
  unsigned   n_waiting;
  unsigned   n_asked;  /* with a slot */
  unsigned   n_flying; /* those of them that are on their way: sent, and not given up */
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
  PtlDnsKind             wake_kind;
  PtlDnsChannel         *channels[PTL_DNS_CHANNELS_MAX];
  unsigned         n_channels;
  PtlDnsQueryList        asked;
  PtlDnsQueryList        tcp_waiting;
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
  PtlDnsQueryList  inbox;
  GArray          *cancels; /* uint64_t */
  bool             stopping;
  bool             waking;
};

/* --- lists ------------------------------------------------------------------------------------ */

static inline void
ptl_dns_list_push (PtlDnsQueryList *list,
                   PtlDnsQuery     *query)
{
  query->next = NULL;
  query->prev = list->last;
  if (list->last != NULL)
    list->last->next = query;
  else
    list->first = query;
  list->last = query;
}

static inline void
ptl_dns_list_push_front (PtlDnsQueryList *list,
                         PtlDnsQuery     *query)
{
  query->prev = NULL;
  query->next = list->first;
  if (list->first != NULL)
    list->first->prev = query;
  else
    list->last = query;
  list->first = query;
}

static inline void
ptl_dns_list_remove (PtlDnsQueryList *list,
                     PtlDnsQuery     *query)
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

/* --- ptl-dns-client.c --- */
uint16_t ptl_dns_next_id (PtlDnsClient *client); /* random */

/* --- ptl-dns-query.c --- */
/* Out of whatever list it is in, without slot and connection. */
void ptl_dns_query_withdraw  (PtlDnsClient  *client,
                              PtlDnsQuery   *query);
/* Gives the answer to who asked; @query is gone then. */
void ptl_dns_query_finish    (PtlDnsClient  *client,
                              PtlDnsQuery   *query,
                              PtlDnsFault    fault);
/* This try has failed: another one, or the end. */
void ptl_dns_query_try_again (PtlDnsClient  *client,
                              PtlDnsQuery   *query,
                              uint64_t       now_ns,
                              bool           same_server);
bool ptl_dns_query_build     (PtlDnsQuery   *query);
/* What is to be asked waits for its turn; or goes to TCP at once. */
void ptl_dns_query_send      (PtlDnsClient  *client,
                              PtlDnsQuery   *query,
                              bool           urgent);
void ptl_dns_query_mark_sent (PtlDnsQuery   *query,
                              uint64_t       now_ns);
/* A message to @query has come, over UDP or TCP. */
void ptl_dns_query_take      (PtlDnsClient  *client,
                              PtlDnsQuery   *query,
                              const uint8_t *bytes,
                              size_t         len_bytes,
                              bool           over_tcp);
PtlDnsFault ptl_dns_query_why_none (const PtlDnsQuery *query);

/* --- ptl-dns-udp.c --- */
/* NULL when there are too many and none is idle. */
PtlDnsChannel *ptl_dns_channel_find (PtlDnsClient     *client,
                                     const PtlAddress *server);
void ptl_dns_channel_free     (PtlDnsClient      *client,
                               PtlDnsChannel     *channel);
void ptl_dns_channel_answered (PtlDnsClient      *client,
                               PtlDnsChannel     *channel,
                               uint64_t           rtt_ns);
void ptl_dns_channel_lost     (PtlDnsClient      *client,
                               PtlDnsChannel     *channel,
                               const PtlDnsQuery *query,
                               uint64_t           now_ns);
/* Sends what waits, as much as the server keeps up with. */
void ptl_dns_udp_pump         (PtlDnsClient      *client,
                               PtlDnsChannel     *channel);
void ptl_dns_udp_read         (PtlDnsClient      *client,
                               PtlDnsSocket      *sock);
/* Its slot of a socket is free for others. */
void ptl_dns_udp_release      (PtlDnsClient      *client,
                               PtlDnsQuery       *query);

/* --- ptl-dns-tcp.c --- */
void ptl_dns_tcp_open   (PtlDnsClient *client,
                         PtlDnsQuery  *query);
void ptl_dns_tcp_close  (PtlDnsClient *client,
                         PtlDnsQuery  *query);
void ptl_dns_tcp_failed (PtlDnsClient *client,
                         PtlDnsQuery  *query,
                         int           sys_errno);
void ptl_dns_tcp_event  (PtlDnsClient *client,
                         PtlDnsTcp    *tcp,
                         uint32_t      events);

G_END_DECLS
