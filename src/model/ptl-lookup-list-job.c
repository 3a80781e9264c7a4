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
#include "host/ptl-own-addresses.h"
#include "lookup/ptl-classify.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-dns-text.h"
#include "registry/ptl-registry.h"

struct _PtlLookupListJob
{
  atomic_int      ref_count;
  PtlDnsClient   *client;      /* outlives the job's questions */
  guint64         group;
  guint           n_lines;
  guint16         type;
  PtlAddress      servers[PTL_NSS_SERVERS_MAX];
  guint           n_servers;

  size_t          room;        /* for long answers; the client's thread's */

  pthread_mutex_t lock;        /* of what follows */
  char          **lines;       /* those that are asked are NULL */
  guint           next;
  guint           n_flying;
  GPtrArray      *news;        /* of PtlLookupResult */
  bool            cancelled;
  bool            held;        /* news are full: asking waits for the main thread */
};

typedef struct
{
  PtlLookupListJob *job;
  char             *line;
} Question;

PtlLookupResult *
ptl_lookup_result_new (const char *name,
                       const char *answer,
                       const char *status)
{
  size_t name_len = strlen (name) + 1, answer_len = strlen (answer) + 1;
  PtlLookupResult *result = g_malloc0 (sizeof *result + name_len + answer_len);

  memcpy (result->name, name, name_len);
  result->answer = memcpy (result->name + name_len, answer, answer_len);
  result->status = g_ref_string_new_intern (status);
  return result;
}

void
ptl_lookup_result_free (gpointer data)
{
  PtlLookupResult *result = data;

  g_ref_string_release (result->status);
  g_free (result->shown);
  g_free (result);
}

static GPtrArray *
news_new (void)
{
  return g_ptr_array_new_with_free_func (ptl_lookup_result_free);
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
  g_ptr_array_unref (job->news);
  for (guint i = job->next; i < job->n_lines; i++)
    g_free (job->lines[i]);
  g_free (job->lines);
  pthread_mutex_destroy (&job->lock);
  g_free (job);
}

static void on_reply (PtlDnsReply *reply,
                      void        *data);

/* Of a URI without its password: it is shown, copied and exported. */
static char *
make_safe (const char *typed)
{
  g_autofree char *text = ptl_classify_dup_without_password (typed);

  return ptl_codec_preview ((const uint8_t *) text, strlen (text), 256);
}

/* Safe to show; a long one as long as there is room for it. */
static char *
keep_answer (PtlLookupListJob *job,
             const GString    *answer,
             bool             *cut)
{
  bool is_long = answer->len > PTL_LOOKUP_LIST_ANSWER_MAX;

  *cut = is_long && answer->len > job->room;
  if (is_long && !*cut)
    job->room -= answer->len;
  return ptl_codec_preview ((const uint8_t *) answer->str, answer->len,
                            *cut ? PTL_LOOKUP_LIST_ANSWER_MAX : G_MAXSIZE);
}

/* Nobody is asked for the name of an interface. */
static PtlLookupResult *
answer_interface (PtlLookupListJob *job,
                  const char       *name,
                  const char       *device)
{
  g_auto (PtlOwn) own = { 0 };
  g_autoptr (GString) answer = g_string_new (NULL);
  g_autofree char *safe = NULL;
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlLookupResult *result;
  bool cut;

  ptl_own_read (&own);
  for (unsigned i = 0; i < own.n_addresses; i++)
    if (g_str_equal (own.addresses[i].device, device))
      g_string_append_printf (answer, "%s%s", answer->len > 0 ? ", " : "",
                              ptl_address_format_host (&own.addresses[i].address, text,
                                                       sizeof text));
  safe = keep_answer (job, answer, &cut);
  result = ptl_lookup_result_new (name, safe, answer->len > 0
                                                ? _("an interface of this computer")
                                                : _("an interface without an address"));
  result->kind = PTL_LOOKUP_LIST_INTERFACE;
  result->empty = answer->len == 0;
  return result;
}

static void
add_from_iana (GString *answer,
               int      port)
{
  static const PtlRegistryTransport transports[] = { PTL_REGISTRY_TCP, PTL_REGISTRY_UDP };

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      PtlRegistryRow row;
      uint32_t number;

      if (!ptl_registry_find_port (transports[i], (uint16_t) port, &number))
        continue;
      ptl_registry_get_row (number, &row);
      if ((row.flags & PTL_REGISTRY_IANA) != 0)
        g_string_append_printf (answer, "%s%s/%s", answer->len > 0 ? ", " : "", row.name,
                                ptl_registry_get_transport_name (transports[i]));
    }
}

/* What this computer calls it, or else IANA. */
static PtlLookupResult *
answer_port (const char *name,
             int         port)
{
  static const char *const transports[] = { "tcp", "udp" };
  g_autoptr (GString) answer = g_string_new (NULL);
  const char *status = "NSS";
  PtlLookupResult *result;

  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      PtlNssService service;

      if (!ptl_nss_find_port ((uint16_t) port, transports[i], &service))
        continue;
      g_string_append_printf (answer, "%s%s/%s", answer->len > 0 ? ", " : "", service.name,
                              transports[i]);
      ptl_nss_service_clear (&service);
    }
  if (answer->len == 0)
    {
      add_from_iana (answer, port);
      status = answer->len > 0 ? "IANA" : _("no service has this port");
    }
  result = ptl_lookup_result_new (name, answer->str, status);
  result->kind = PTL_LOOKUP_LIST_PORT;
  result->failed = answer->len == 0;
  return result;
}

static void
push_result (PtlLookupListJob *job,
             PtlLookupResult  *result) /* taken */
{
  pthread_mutex_lock (&job->lock);
  g_ptr_array_add (job->news, result);
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
  if (classified.kind != PTL_KIND_INTERFACE && classified.a_label != NULL)
    name = g_strdup (classified.a_label);
  else if (classified.address.len > 0)
    {
      name = ptl_dns_reverse_name (&classified.address);
      question.type = PTL_DNS_TYPE_PTR;
    }
  if (name == NULL)
    {
      g_autofree char *safe = make_safe (line);
      PtlLookupResult *result;

      if (classified.kind == PTL_KIND_INTERFACE)
        result = answer_interface (job, safe, classified.host);
      else if (classified.port >= 0)
        result = answer_port (safe, classified.port);
      else
        {
          result = ptl_lookup_result_new (safe, "", classified.error != NULL
                                                    ? classified.error
                                                    : _(ptl_kind_get_text (classified.kind)));
          result->kind = PTL_LOOKUP_LIST_UNKNOWN;
          result->failed = true;
          result->type = job->type;
        }
      g_free (line);
      push_result (job, result);
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
          line = g_steal_pointer (&job->lines[job->next++]);
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

static char *
dup_status (const PtlDnsReply *reply,
            bool               empty)
{
  g_autofree char *rcode = NULL, *notes = NULL;

  if (reply->fault != PTL_DNS_FAULT_NONE)
    return ptl_dns_fault_to_text (reply);
  rcode = ptl_dns_rcode_to_text (reply->rcode);
  notes = ptl_dns_notes_to_text (reply);
  return g_strconcat (reply->alias_open ? _("an alias")
                      : empty ? _("no record of this type") : rcode, notes, NULL);
}

static PtlLookupResult *
make_result (PtlLookupListJob  *job,
             const char        *line,
             const PtlDnsReply *reply)
{
  g_autoptr (GString) answer = g_string_new (NULL);
  g_autoptr (GString) shown = g_string_new (NULL);
  g_autofree char *name = make_safe (line), *safe = NULL, *status = NULL;
  PtlLookupResult *result;
  bool has_ttl = false, has_unicode = false, empty, cut;
  guint32 ttl = 0;

  for (guint i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      g_autofree char *unicode = NULL;

      if (record->section != PTL_DNS_SECTION_ANSWER
          || (record->type != reply->type && reply->type != PTL_DNS_TYPE_ANY))
        continue;
      unicode = ptl_dns_data_to_unicode (record);
      has_unicode |= unicode != NULL;
      g_string_append_printf (shown, "%s%s", answer->len > 0 ? ", " : "", record->data);
      if (unicode != NULL)
        g_string_append_printf (shown, " (%s)", unicode);
      g_string_append_printf (answer, "%s%s", answer->len > 0 ? ", " : "", record->data);
      ttl = has_ttl ? MIN (ttl, record->ttl) : record->ttl;
      has_ttl = true;
    }
  if (reply->alias_open && answer->len == 0)
    {
      g_autofree char *both = ptl_dns_name_to_text (reply->final_name);

      has_unicode = strcmp (both, reply->final_name) != 0;
      g_string_append_printf (shown, "CNAME %s", both);
      g_string_append_printf (answer, "CNAME %s", reply->final_name);
    }
  empty = reply->fault == PTL_DNS_FAULT_NONE && reply->rcode == PTL_DNS_RCODE_NOERROR
          && answer->len == 0;
  status = dup_status (reply, empty);
  safe = keep_answer (job, answer, &cut);
  if (cut)
    {
      g_autofree char *told = g_steal_pointer (&status);

      status = g_strconcat (told, _(" · cut: there are too many long answers"), NULL);
    }
  result = ptl_lookup_result_new (name, safe, status);
  if (has_unicode)
    result->shown = ptl_codec_preview ((const uint8_t *) shown->str, shown->len,
                                       PTL_LOOKUP_LIST_ANSWER_MAX);
  result->type = reply->type;
  result->time_ns = reply->total_ns;
  result->ttl = ttl;
  result->has_ttl = has_ttl;
  result->empty = empty;
  result->failed = reply->fault != PTL_DNS_FAULT_NONE || reply->rcode != PTL_DNS_RCODE_NOERROR
                   || reply->n_strangers > 0;
  return result;
}

static void
on_reply (PtlDnsReply *reply,
          void        *data)
{
  Question *asked = data;
  PtlLookupListJob *job = asked->job;

  if (reply->fault != PTL_DNS_FAULT_CANCELLED)
    push_result (job, make_result (job, asked->line, reply));
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
                         guint              n_servers,
                         size_t             room)
{
  PtlLookupListJob *job = g_new0 (PtlLookupListJob, 1);

  atomic_init (&job->ref_count, 1);
  pthread_mutex_init (&job->lock, NULL);
  job->client = client;
  job->group = ptl_dns_client_new_group (client);
  job->lines = lines;
  job->n_lines = g_strv_length (lines);
  job->type = type;
  job->room = room;
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

GPtrArray *
ptl_lookup_list_job_fetch (PtlLookupListJob *job,
                           gboolean         *ended)
{
  GPtrArray *news;
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
