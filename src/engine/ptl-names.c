/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of a session: which are asked of the resolver, what comes back, and the addresses that
 * an endpoint stands for. */
#include "config.h"

#include "engine/ptl-engine-private.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

bool
ptl_endpoint_needs_resolver (const PtlEndpoint *endpoint)
{
  return endpoint->host_kind == PTL_HOST_NAME || endpoint->service != NULL;
}

void
ptl_query_free (PtlQuery *query)
{
  if (query->job != NULL)
    ptl_job_unref (NULL, query->job);
  g_free (query->host);
  g_free (query);
}

/* In a thread of the resolver. */
static void
on_reply (PtlResolved *resolved,
          void        *data)
{
  PtlQuery *query = data;
  PtlEngine *engine = query->worker->engine;
  PtlMail *mail = g_new0 (PtlMail, 1);

  mail->kind = PTL_MAIL_RESOLVED;
  mail->session = query->session;
  mail->query = query;
  mail->resolved = resolved;
  ptl_worker_post (query->worker, mail);

  pthread_mutex_lock (&engine->query_lock);
  engine->n_queries--;
  pthread_cond_signal (&engine->query_cond);
  pthread_mutex_unlock (&engine->query_lock);
}

void
ptl_flow_ask (PtlFlow           *flow,
              PtlAskKind         kind,
              unsigned           index,
              const PtlEndpoint *endpoint,
              bool               passive,
              PtlSendJob        *job)
{
  PtlEngine *engine = flow->worker->engine;
  PtlQuery *query = g_new0 (PtlQuery, 1);
  char port[12];
  int domain, type, protocol;
  PtlResolveQuery question = { 0 };

  ptl_spec_get_socket_triple (flow->spec, AF_INET, &domain, &type, &protocol);
  g_snprintf (port, sizeof port, "%u", endpoint->port);
  question.host = endpoint->host_kind == PTL_HOST_ANY ? NULL
                  : endpoint->host_kind == PTL_HOST_BROADCAST ? "255.255.255.255"
                                                              : endpoint->host;
  question.service = endpoint->service != NULL ? endpoint->service : port;
  question.family = flow->spec->family == PTL_FAMILY_IPV4   ? AF_INET
                    : flow->spec->family == PTL_FAMILY_IPV6 ? AF_INET6
                                                            : AF_UNSPEC;
  question.type = type == SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM;
  question.passive = passive;

  query->worker = flow->worker;
  query->session = flow->status.id;
  query->kind = kind;
  query->index = index;
  query->host = ptl_endpoint_to_text (endpoint);
  query->job = job;
  query->asked_ns = ptl_clock_monotonic_ns ();
  ptl_flow_tell_text (flow, PTL_EVENT_RESOLVING, NULL, 0, query->host);

  pthread_mutex_lock (&engine->query_lock);
  engine->n_queries++;
  pthread_mutex_unlock (&engine->query_lock);
  g_ptr_array_add (flow->queries, query);
  /* The reply goes through our own mailbox: it cannot be read before this returned. */
  query->id = engine->resolver->resolve (engine->resolver, &question, on_reply, query);
}

/* What was to be sent there is not.  False: the reply is on its way, with the query. */
static bool
cancel_query (PtlFlow  *flow,
              PtlQuery *query)
{
  PtlEngine *engine = flow->worker->engine;

  if (query->job != NULL)
    {
      ptl_job_fail (query->job, ECANCELED);
      ptl_job_unref (flow->worker, g_steal_pointer (&query->job));
    }
  if (!engine->resolver->cancel (engine->resolver, query->id))
    return false;
  ptl_query_free (query);
  pthread_mutex_lock (&engine->query_lock);
  engine->n_queries--;
  pthread_cond_signal (&engine->query_cond);
  pthread_mutex_unlock (&engine->query_lock);
  return true;
}

void
ptl_flow_drop_queries (PtlFlow *flow)
{
  /* The mail of a reply that is on its way will find that nobody is there, and be freed. */
  for (unsigned i = 0; i < flow->queries->len; i++)
    cancel_query (flow, flow->queries->pdata[i]);
  g_ptr_array_set_size (flow->queries, 0);
}

void
ptl_flow_cancel_query (PtlFlow *flow,
                       uint64_t tag)
{
  for (unsigned i = flow->queries->len; i > 0; i--)
    {
      PtlQuery *query = flow->queries->pdata[i - 1];

      if (query->job != NULL && query->job->tag == tag && cancel_query (flow, query))
        g_ptr_array_remove_index_fast (flow->queries, i - 1);
    }
}

void
ptl_flow_tell_resolved (PtlFlow           *flow,
                        const PtlQuery    *query,
                        const PtlResolved *resolved)
{
  PtlEvent event;

  if (flow->calls != NULL)
    {
      PtlCallRecord record = {
        .time_ns = query->asked_ns,
        .last_ns = query->asked_ns,
        .count = 1,
        .result = resolved->gai_code,
        .sys_errno = resolved->sys_errno,
        .fd = -1,
        .args = { (int) resolved->n_addresses },
        .elapsed_ns = (uint32_t) MIN (resolved->elapsed_ns, UINT32_MAX),
        .call = PTL_CALL_GETADDRINFO,
      };

      g_strlcpy (record.text, query->host, sizeof record.text);
      if (resolved->n_addresses > 0)
        record.address = resolved->addresses[0];
      ptl_calls_add (flow->calls, &record);
    }
  ptl_event_init (&event, resolved->gai_code == 0 ? PTL_EVENT_RESOLVED : PTL_EVENT_RESOLVE_FAILED,
                  NULL,
              resolved->sys_errno);
  event.n1 = resolved->gai_code == 0 ? (int) resolved->n_addresses : resolved->gai_code;
  event.n2 = (int64_t) resolved->elapsed_ns;
  g_strlcpy (event.text,
             resolved->gai_code == 0 &&
             resolved->canonical != NULL ? resolved->canonical : query->host, sizeof event.text);
  ptl_flow_event (flow, PTL_PEER_NONE, &event);
  for (unsigned i = 0; i < resolved->n_addresses; i++)
    ptl_flow_tell (flow, PTL_EVENT_RESOLVED_ADDRESS, PTL_PEER_NONE, &resolved->addresses[i], 0,
                   i + 1, 0);
}

unsigned
ptl_flow_list_addresses (PtlFlow           *flow,
                         const PtlEndpoint *endpoint,
                         const PtlResolved *resolved,
                         PtlAddress        *addresses,
                         unsigned           max)
{
  unsigned n = 0;

  if (resolved != NULL)
    {
      for (unsigned i = 0; i < resolved->n_addresses && n < max; i++)
        addresses[n++] = resolved->addresses[i];
      return n;
    }
  if (endpoint->host_kind == PTL_HOST_ANY)
    {
      if (flow->spec->family != PTL_FAMILY_IPV6 && n < max)
        addresses[n++] = (PtlAddress) { .len = sizeof (struct sockaddr_in),
                                        .in.sin_family = AF_INET };
      if (flow->spec->family != PTL_FAMILY_IPV4 && n < max)
        addresses[n++] = (PtlAddress) { .len = sizeof (struct sockaddr_in6),
                                        .in6.sin6_family = AF_INET6 };
    }
  else if (n < max)
    {
      addresses[n++] = endpoint->address;
    }
  for (unsigned i = 0; i < n; i++)
    {
      int family = ptl_address_get_family (&addresses[i]);

      if (family == AF_INET || family == AF_INET6)
        ptl_address_set_port (&addresses[i], (uint16_t) endpoint->port);
      /* The interface may have come since it was typed. */
      if (family == AF_INET6 && endpoint->zone != NULL && addresses[i].in6.sin6_scope_id == 0)
        addresses[i].in6.sin6_scope_id = if_nametoindex (endpoint->zone);
    }
  return n;
}
