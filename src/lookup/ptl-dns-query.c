/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question: where it is, what an answer means for it, whom it is put to next. */
#include "config.h"

#include "lookup/ptl-dns-client-private.h"

#include <errno.h>
#include <string.h>

#include "base/ptl-clock.h"

static void
query_free (PtlDnsQuery *query)
{
  ptl_dns_reply_free (query->reply);
  ptl_dns_reply_free (query->before);
  g_free (query->first_name);
  g_free (query);
}

/* Out of whatever list it is in, without slot and connection. */
void
ptl_dns_query_withdraw (PtlDnsClient *client,
                        PtlDnsQuery  *query)
{
  switch (query->where)
    {
    case WHERE_WAITING:
      ptl_dns_list_remove (&query->channel->waiting, query);
      query->channel->n_waiting--;
      break;
    case WHERE_TCP_WAITING:
      ptl_dns_list_remove (&client->tcp_waiting, query);
      break;
    case WHERE_ASKED:
      ptl_dns_list_remove (&client->asked, query);
      query->channel->n_flying--;
      break;
    case WHERE_TCP:
      ptl_dns_list_remove (&client->asked, query);
      break;
    case WHERE_NOWHERE:
      break;
    }
  query->where = WHERE_NOWHERE;
  ptl_dns_udp_release (client, query);
  ptl_dns_tcp_close (client, query);
}

void
ptl_dns_query_mark_sent (PtlDnsQuery *query,
                         uint64_t     now_ns)
{
  if (query->first_ns == 0)
    {
      query->first_ns = now_ns;
      query->deadline_ns = now_ns + query->timeout_ns;
    }
  query->sent_ns = now_ns;
  query->reply->n_tries++;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* What was odd about another message of the same question. */
static void
add_oddities (PtlDnsReply *reply,
              PtlDnsReply *other)
{
  reply->n_garbage += other->n_garbage;
  reply->n_wrong += other->n_wrong;
  reply->n_stray += other->n_stray;
  reply->n_strangers += other->n_strangers;
  if (reply->stranger == NULL)
    reply->stranger = g_steal_pointer (&other->stranger);
}

static void
merge_before (PtlDnsQuery *query)
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
  add_oddities (reply, before);
  g_clear_pointer (&query->before, ptl_dns_reply_free);
  g_free (reply->name);
  reply->name = g_steal_pointer (&query->first_name);
}

/* Whether the question for an alias' target says something of it: its records, or that there are
 * none.  A server that is asked of another's zone refuses, or sends elsewhere. */
static bool
has_outcome (const PtlDnsReply *reply,
             PtlDnsFault        fault)
{
  if (fault == PTL_DNS_FAULT_CHAIN || fault == PTL_DNS_FAULT_CANCELLED)
    return true;
  if (fault != PTL_DNS_FAULT_NONE)
    return false;
  if (reply->rcode != PTL_DNS_RCODE_NOERROR)
    return reply->rcode == PTL_DNS_RCODE_NXDOMAIN;
  for (unsigned i = 0; i < reply->n_records; i++)
    if (reply->records[i].section == PTL_DNS_SECTION_ANSWER
        || (reply->records[i].section == PTL_DNS_SECTION_AUTHORITY
            && reply->records[i].type == PTL_DNS_TYPE_SOA))
      return true;
  return reply->aa;
}

/* What came before stands. */
static void
keep_before (PtlDnsQuery *query,
             PtlDnsFault  fault)
{
  PtlDnsReply *before = g_steal_pointer (&query->before), *reply = query->reply;

  before->alias_open = true;
  before->alias_fault = fault;
  before->alias_rcode = reply->rcode;
  add_oddities (before, reply);
  g_free (before->name);
  before->name = g_steal_pointer (&query->first_name);
  ptl_dns_reply_free (reply);
  query->reply = before;
}

/* Gives the answer to who asked; @query is gone then. */
void
ptl_dns_query_finish (PtlDnsClient *client,
                      PtlDnsQuery  *query,
                      PtlDnsFault   fault)
{
  PtlDnsReply *reply;
  const char *target = NULL;
  uint64_t now_ns = ptl_clock_monotonic_ns ();

  ptl_dns_query_withdraw (client, query);
  if (query->before != NULL && has_outcome (query->reply, fault))
    merge_before (query);
  else if (query->before != NULL)
    {
      keep_before (query, fault);
      fault = PTL_DNS_FAULT_NONE;
    }
  reply = query->reply;
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

PtlDnsFault
ptl_dns_query_why_none (const PtlDnsQuery *query)
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
void
ptl_dns_query_try_again (PtlDnsClient *client,
                         PtlDnsQuery  *query,
                         uint64_t      now_ns,
                         bool          same_server)
{
  bool other = query->n_servers > 1 && query->reply->n_tries < query->n_tries_max;

  if (query->reply->n_tries >= query->n_tries_max || now_ns >= query->deadline_ns
      || (!same_server && !other))
    {
      ptl_dns_query_finish (client, query, ptl_dns_query_why_none (query));
      return;
    }
  if (query->n_servers > 1)
    {
      ptl_dns_query_withdraw (client, query);
      query->i_server = (query->i_server + 1) % query->n_servers;
    }
  ptl_dns_query_send (client, query, true);
}

bool
ptl_dns_query_build (PtlDnsQuery *query)
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
       PtlDnsQuery  *query,
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

  ptl_dns_query_withdraw (client, query);
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
  if (!ptl_dns_query_build (query))
    {
      ptl_dns_query_finish (client, query, PTL_DNS_FAULT_CHAIN);
      return true;
    }
  ptl_dns_query_send (client, query, true);
  return true;
}

static void
start_tcp (PtlDnsClient *client,
           PtlDnsQuery  *query)
{
  ptl_dns_udp_release (client, query);
  if (query->where != WHERE_NOWHERE)
    ptl_dns_query_withdraw (client, query);
  query->where = WHERE_TCP_WAITING;
  ptl_dns_list_push (&client->tcp_waiting, query);
}

/* A message to @query has come, over UDP or TCP. */
void
ptl_dns_query_take (PtlDnsClient  *client,
                    PtlDnsQuery   *query,
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
          ptl_dns_query_finish (client, query,
                                parse == PTL_DNS_PARSE_GARBAGE ? PTL_DNS_FAULT_GARBAGE
                                                               : PTL_DNS_FAULT_WRONG_QUESTION);
          return;
        }
      query->due_ns = MIN (query->due_ns, now_ns + PTL_DNS_GRACE_NS);
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
        ptl_dns_channel_answered (client, query->channel, reply->elapsed_ns);
    }

  if (query->edns && (reply->rcode == PTL_DNS_RCODE_FORMERR || reply->rcode == PTL_DNS_RCODE_NOTIMP
                      || reply->rcode == PTL_DNS_RCODE_BADVERS))
    {
      /* A server of before EDNS (RFC 6891 section 6.2.2). */
      ptl_dns_query_withdraw (client, query);
      query->edns = false;
      if (ptl_dns_query_build (query))
        ptl_dns_query_send (client, query, true);
      else
        ptl_dns_query_finish (client, query, PTL_DNS_FAULT_BAD_NAME);
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
      ptl_dns_query_try_again (client, query, now_ns, false);
      return;
    }
  switch (ptl_dns_reply_follow (reply, reply->name, &target))
    {
    case PTL_DNS_CHAIN_ROUND:
      ptl_dns_query_finish (client, query, PTL_DNS_FAULT_CHAIN);
      return;
    case PTL_DNS_CHAIN_OPEN:
      if (query->chase && reply->rcode == PTL_DNS_RCODE_NOERROR)
        {
          if (!chase (client, query, target))
            ptl_dns_query_finish (client, query, PTL_DNS_FAULT_CHAIN);
          return;
        }
      break;
    case PTL_DNS_CHAIN_NONE:
      break;
    }
  ptl_dns_query_finish (client, query, PTL_DNS_FAULT_NONE);
}

/* What is to be asked waits for its turn; or goes to TCP at once. */
void
ptl_dns_query_send (PtlDnsClient *client,
                    PtlDnsQuery  *query,
                    bool          urgent)
{
  PtlDnsChannel *channel = ptl_dns_channel_find (client, &query->servers[query->i_server]);

  if (query->where != WHERE_NOWHERE)
    {
      /* It keeps its slot, for a late answer. */
      PtlDnsSocket *sock = query->socket;

      ptl_dns_list_remove (&client->asked, query);
      if (query->where == WHERE_ASKED)
        query->channel->n_flying--;
      query->where = WHERE_NOWHERE;
      if (sock != NULL && query->channel != channel)
        ptl_dns_udp_release (client, query);
    }
  if (channel == NULL)
    {
      ptl_dns_query_finish (client, query, PTL_DNS_FAULT_FULL);
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
    ptl_dns_list_push_front (&channel->waiting, query);
  else
    ptl_dns_list_push (&channel->waiting, query);
  channel->n_waiting++;
}
