/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The asking for many names.
 *
 * The job is shared by the list and the DNS client's thread, which asks for the next line when one
 * is answered, so that nothing waits for the main thread; results are collected under the job's
 * lock and fetched in batches. */
#include "config.h"

#include "model/ptl-lookup-list-private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "lookup/ptl-classify.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-dns-text.h"

struct _PtlLookupListJob
{
  atomic_int      ref_count;
  PtlDnsClient   *client;      /* outlives the job's questions */
  guint64         group;
  char          **lines;       /* constant */
  guint           n_lines;
  guint16         type;
  PtlAddress      servers[PTL_NSS_SERVERS_MAX];
  guint           n_servers;

  pthread_mutex_t lock;        /* of what follows */
  guint           next;
  guint           n_flying;
  GArray         *news;        /* of PtlLookupResult */
  bool            cancelled;
  bool            held;        /* news are full: asking waits for the main thread */
};

typedef struct
{
  PtlLookupListJob *job;
  char             *line;
} Question;

void
ptl_lookup_result_clear (PtlLookupResult *result)
{
  g_free (result->name);
  g_free (result->answer);
  g_free (result->status);
}

static GArray *
news_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (PtlLookupResult));
}

/* --- the job: in the client's thread ---------------------------------------------------------- */

static PtlLookupListJob *
job_ref (PtlLookupListJob *job)
{
  atomic_fetch_add_explicit (&job->ref_count, 1, memory_order_relaxed);
  return job;
}

void
ptl_lookup_list_job_unref (PtlLookupListJob *job)
{
  if (job == NULL
      || atomic_fetch_sub_explicit (&job->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  for (guint i = 0; i < job->news->len; i++)
    ptl_lookup_result_clear (&g_array_index (job->news, PtlLookupResult, i));
  g_array_unref (job->news);
  g_strfreev (job->lines);
  pthread_mutex_destroy (&job->lock);
  g_free (job);
}

static void on_reply (PtlDnsReply *reply,
                      void        *data);

static char *
make_safe (const char *text)
{
  return ptl_codec_preview ((const uint8_t *) text, strlen (text), 256);
}

static void
answer_port (int              port,
             PtlLookupResult *result)
{
  static const char *const transports[] = { "tcp", "udp" };
  g_autoptr (GString) answer = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      PtlService service;

      if (!ptl_nss_find_port ((uint16_t) port, transports[i], &service))
        continue;
      g_string_append_printf (answer, "%s%s/%s", answer->len > 0 ? ", " : "", service.name,
                              transports[i]);
      ptl_service_clear (&service);
    }
  result->kind = PTL_LOOKUP_LIST_PORT;
  result->failed = answer->len == 0;
  result->status = g_strdup (result->failed ? _("no service has this port") : "NSS");
  result->answer = g_string_free (g_steal_pointer (&answer), FALSE);
}

static void
push_result (PtlLookupListJob *job,
             PtlLookupResult  *result)
{
  pthread_mutex_lock (&job->lock);
  g_array_append_val (job->news, *result);
  pthread_mutex_unlock (&job->lock);
}

/* Asks for the line; or has its result at once. */
static void
ask_line (PtlLookupListJob *job,
          char             *line) /* taken */
{
  g_auto (PtlClassified) classified = { 0 };
  g_autofree char *name = NULL;
  PtlDnsQuestion question = {
    .type = job->type, .servers = job->servers, .n_servers = job->n_servers, .group = job->group,
  };
  Question *asked;

  ptl_classify (&classified, line);
  if (classified.a_label != NULL)
    name = g_strdup (classified.a_label);
  else if (classified.address.len > 0)
    {
      name = ptl_dns_reverse_name (&classified.address);
      question.type = PTL_DNS_TYPE_PTR;
    }
  if (name == NULL)
    {
      PtlLookupResult result = { .name = make_safe (line) };

      if (classified.port >= 0)
        answer_port (classified.port, &result);
      else
        {
          result.kind = PTL_LOOKUP_LIST_UNKNOWN;
          result.failed = true;
          result.type = job->type;
          result.answer = g_strdup ("");
          result.status = g_strdup (classified.error != NULL ? classified.error
                                                             : _("not recognised"));
        }
      g_free (line);
      push_result (job, &result);
      pthread_mutex_lock (&job->lock);
      job->n_flying--;
      pthread_mutex_unlock (&job->lock);
      return;
    }
  asked = g_new0 (Question, 1);
  asked->job = job_ref (job);
  asked->line = line;
  question.name = name;
  ptl_dns_client_ask (job->client, &question, on_reply, asked);
}

/* As many as may fly. */
static void
ask_more (PtlLookupListJob *job)
{
  while (true)
    {
      char *line = NULL;

      pthread_mutex_lock (&job->lock);
      job->held = job->news->len >= PTL_LOOKUP_LIST_NEWS_MAX;
      if (!job->cancelled && !job->held && job->n_flying < PTL_LOOKUP_LIST_FLIGHT
          && job->next < job->n_lines)
        {
          line = g_strdup (job->lines[job->next++]);
          job->n_flying++;
        }
      pthread_mutex_unlock (&job->lock);
      if (line == NULL)
        return;
      ask_line (job, line);
    }
}

static void
on_kick (PtlDnsReply *reply,
         void        *data)
{
  PtlLookupListJob *job = data;

  ptl_dns_reply_free (reply);
  ask_more (job);
  ptl_lookup_list_job_unref (job);
}

/* Begins, or goes on, in the client's thread: services are looked up there, which may take long.  A
 * question without a name is answered there at once. */
static void
kick (PtlLookupListJob *job)
{
  PtlDnsQuestion nothing = { .name = "" };

  ptl_dns_client_ask (job->client, &nothing, on_kick, job_ref (job));
}

static void
fill_result (PtlLookupResult   *result,
             const PtlDnsReply *reply)
{
  g_autoptr (GString) answer = g_string_new (NULL);

  result->type = reply->type;
  result->time_ns = reply->total_ns;
  for (guint i = 0; i < reply->n_records && answer->len < PTL_LOOKUP_LIST_ANSWER_MAX; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];

      if (record->section != PTL_DNS_SECTION_ANSWER
          || (record->type != reply->type && reply->type != PTL_DNS_TYPE_ANY))
        continue;
      if (answer->len > 0)
        g_string_append (answer, ", ");
      g_string_append (answer, record->data);
      result->ttl = result->has_ttl ? MIN (result->ttl, record->ttl) : record->ttl;
      result->has_ttl = true;
    }
  if (reply->fault != PTL_DNS_FAULT_NONE)
    result->status = ptl_dns_fault_to_text (reply);
  else if (reply->rcode == PTL_DNS_RCODE_NOERROR && answer->len == 0)
    {
      result->status = g_strdup (_("no record of this type"));
      result->empty = true;
    }
  else
    result->status = ptl_dns_rcode_to_text (reply->rcode);
  result->failed = reply->fault != PTL_DNS_FAULT_NONE || reply->rcode != PTL_DNS_RCODE_NOERROR;
  result->answer = ptl_codec_preview ((const uint8_t *) answer->str, answer->len,
                                      PTL_LOOKUP_LIST_ANSWER_MAX);
}

static void
on_reply (PtlDnsReply *reply,
          void        *data)
{
  Question *asked = data;
  PtlLookupListJob *job = asked->job;

  if (reply->fault != PTL_DNS_FAULT_CANCELLED)
    {
      PtlLookupResult result = { .name = make_safe (asked->line) };

      fill_result (&result, reply);
      push_result (job, &result);
    }
  pthread_mutex_lock (&job->lock);
  job->n_flying--;
  pthread_mutex_unlock (&job->lock);
  ptl_dns_reply_free (reply);
  g_free (asked->line);
  g_free (asked);
  ask_more (job);
  ptl_lookup_list_job_unref (job);
}

/* --- the job: in the main thread -------------------------------------------------------------- */

PtlLookupListJob *
ptl_lookup_list_job_new (PtlDnsClient      *client,
                         char             **lines,
                         guint16            type,
                         const PtlAddress  *servers,
                         guint              n_servers)
{
  PtlLookupListJob *job = g_new0 (PtlLookupListJob, 1);

  atomic_init (&job->ref_count, 1);
  pthread_mutex_init (&job->lock, NULL);
  job->client = client;
  job->group = ptl_dns_client_new_group (client);
  job->lines = lines;
  job->n_lines = g_strv_length (lines);
  job->type = type;
  job->n_servers = MIN (n_servers, PTL_NSS_SERVERS_MAX);
  memcpy (job->servers, servers, job->n_servers * sizeof *servers);
  job->news = news_new ();
  kick (job);
  return job;
}

guint
ptl_lookup_list_job_get_n_lines (const PtlLookupListJob *job)
{
  return job->n_lines;
}

GArray *
ptl_lookup_list_job_fetch (PtlLookupListJob *job,
                           gboolean         *ended)
{
  GArray *news;
  gboolean held;

  pthread_mutex_lock (&job->lock);
  news = job->news;
  job->news = news_new ();
  *ended = job->n_flying == 0 && (job->cancelled || job->next == job->n_lines);
  held = job->held;
  pthread_mutex_unlock (&job->lock);
  if (held)
    kick (job);
  return news;
}

void
ptl_lookup_list_job_cancel (PtlLookupListJob *job)
{
  pthread_mutex_lock (&job->lock);
  job->cancelled = true;
  pthread_mutex_unlock (&job->lock);
  ptl_dns_client_cancel (job->client, job->group);
}
