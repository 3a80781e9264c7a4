/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks DNS servers: many questions at once over non-blocking sockets, in one thread with epoll.
 *
 * Each question is answered exactly once, in the client's thread, also when it is cancelled or the
 * client is freed.  A callback may ask again at once; that costs no wake-up.  How many are on their
 * way to a server follows what it keeps up with: one more for each round that is answered, half
 * when one is lost. */
#pragma once

#include "lookup/ptl-dns.h"

G_BEGIN_DECLS

#define PTL_DNS_QUEUE_MAX 16384  /* questions that wait or are on their way; more: FAULT_FULL */
#define PTL_DNS_SERVERS_MAX 8    /* of one question */
#define PTL_DNS_WINDOW_MAX 256   /* on their way to one server */
#define PTL_DNS_CHANNELS_MAX 64  /* servers with sockets; one that is idle gives way */
#define PTL_DNS_TCP_MAX 64       /* connections at once; others wait */
#define PTL_DNS_TIMEOUT_MS 5000
#define PTL_DNS_TRIES 3

typedef struct _PtlDnsClient PtlDnsClient;

typedef struct
{
  const char       *name;      /* ASCII (A-labels) */
  const PtlAddress *servers;
  unsigned          n_servers; /* tried in this order */
  unsigned          timeout_ms; /* for everything, from the first send; 0: PTL_DNS_TIMEOUT_MS */
  unsigned          n_tries;   /* 0: PTL_DNS_TRIES; at least one for each server */
  uint16_t          type;
  bool              no_recursion;
  bool              no_edns;
  bool              dnssec_ok;
  bool              tcp;       /* from the start */
  bool              no_chase;  /* aliases that lead out of the answer are not asked for */
  uint64_t          group;     /* for ptl_dns_client_cancel() */
} PtlDnsQuestion;

/* @reply is the callee's.  In the client's thread: it may not wait. */
typedef void (*PtlDnsReplyFunc) (PtlDnsReply *reply,
                                 void        *data);

/* NULL and @error when there is no thread or descriptor to be had. */
PtlDnsClient *ptl_dns_client_new  (GError **error);
/* Answers all with FAULT_CANCELLED, joins the thread.  Not in a callback.  NULL is fine. */
void          ptl_dns_client_free (PtlDnsClient *client);
/* A number for @group that nobody else has.  Any thread, like those that follow. */
uint64_t      ptl_dns_client_new_group (PtlDnsClient *client);
/* What @question points to is copied. */
void          ptl_dns_client_ask  (PtlDnsClient         *client,
                                   const PtlDnsQuestion *question,
                                   PtlDnsReplyFunc       reply,
                                   void                 *data);
/* All questions of @group that are not answered yet are answered with FAULT_CANCELLED, soon. */
void          ptl_dns_client_cancel (PtlDnsClient *client,
                                     uint64_t      group);

typedef struct
{
  uint64_t n_sent;
  uint64_t n_answered;
  uint64_t n_lost;   /* sent again, or given up */
  uint64_t n_stray;  /* datagrams for nobody */
  unsigned window;   /* of the server asked last */
} PtlDnsStats;

void ptl_dns_client_get_stats (PtlDnsClient *client,
                               PtlDnsStats  *stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlDnsClient, ptl_dns_client_free)

G_END_DECLS
