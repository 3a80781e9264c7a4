/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many names at once.
 *
 * A Job is shared by the list and the DNS client's thread, which asks for the next line when one is
 * answered, so that nothing waits for the main thread; results are collected under the job's lock
 * and fetched in batches, each of them one items-changed. */
#include "config.h"

#include "model/ptl-lookup-list.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "lookup/ptl-classify.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-dns-text.h"

/* How often what is sorted is sorted anew while results come. */
#define RESORT_MS 250
#define FETCH_MS 16

typedef struct
{
  char    *name;   /* as typed */
  char    *answer;
  char    *status;
  guint32  ttl;
  guint64  time_ns;
  guint16  type;   /* 0: a port */
  bool     failed;
  bool     has_ttl;
} Result;

typedef struct
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
  GArray         *news;        /* of Result */
  bool            cancelled;
  bool            held;        /* news are full: asking waits for the main thread */
} Job;

typedef struct
{
  Job   *job;
  char  *line;
} Question;

struct _PtlLookupListItem
{
  GObject        parent_instance;

  GPtrArray    *results; /* counted: keeps the result */
  const Result *result;
};

struct _PtlLookupList
{
  GObject       parent_instance;

  PtlDnsClient *client;
  Job          *job;       /* NULL: never started */
  GPtrArray    *results;   /* of Result, as they came */
  guint        *order;     /* of what is shown; NULL: as they came */
  guint         n_shown;
  int           column;
  gboolean      descending;
  gboolean      busy;
  guint         n_left_out;
  guint         fetch_id;
  gint64        sorted_us;
};

enum
{
  PROP_0,
  PROP_BUSY,
  PROP_N_DONE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void ptl_lookup_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE (PtlLookupListItem, ptl_lookup_list_item, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (PtlLookupList, ptl_lookup_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      ptl_lookup_list_model_init))

/* --- results ---------------------------------------------------------------------------------- */

static void
result_clear (Result *result)
{
  g_free (result->name);
  g_free (result->answer);
  g_free (result->status);
}

static void
result_free (gpointer data)
{
  result_clear (data);
  g_free (data);
}

static char *
result_dup_text (const Result        *result,
                 PtlLookupListColumn  column)
{
  char type[PTL_DNS_TYPE_TEXT_MAX];

  switch (column)
    {
    case PTL_LOOKUP_LIST_NAME:
      return g_strdup (result->name);
    case PTL_LOOKUP_LIST_TYPE:
      return g_strdup (result->type == 0 ? _("port") : ptl_dns_type_to_text (result->type, type));
    case PTL_LOOKUP_LIST_ANSWER:
      return g_strdup (result->answer);
    case PTL_LOOKUP_LIST_STATUS:
      return g_strdup (result->status);
    case PTL_LOOKUP_LIST_TTL:
      return result->has_ttl ? g_strdup_printf ("%u", result->ttl) : g_strdup ("");
    case PTL_LOOKUP_LIST_TIME:
      return result->type != 0 ? ptl_dns_time_to_text (result->time_ns) : g_strdup ("");
    default:
      return g_strdup ("");
    }
}

/* --- the job: in the client's thread ---------------------------------------------------------- */

static Job *
job_ref (Job *job)
{
  atomic_fetch_add_explicit (&job->ref_count, 1, memory_order_relaxed);
  return job;
}

static void
job_unref (Job *job)
{
  if (job == NULL
      || atomic_fetch_sub_explicit (&job->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  for (guint i = 0; i < job->news->len; i++)
    result_clear (&g_array_index (job->news, Result, i));
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
answer_port (int     port,
             Result *result)
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
  result->failed = answer->len == 0;
  result->status = g_strdup (result->failed ? _("no service has this port") : "NSS");
  result->answer = g_string_free (g_steal_pointer (&answer), FALSE);
}

static void
push_result (Job    *job,
             Result *result)
{
  pthread_mutex_lock (&job->lock);
  g_array_append_val (job->news, *result);
  pthread_mutex_unlock (&job->lock);
}

/* Asks for the line; or has its result at once. */
static void
ask_line (Job  *job,
          char *line) /* taken */
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
      Result result = { .name = make_safe (line) };

      if (classified.port >= 0)
        answer_port (classified.port, &result);
      else
        {
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
ask_more (Job *job)
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
  Job *job = data;

  ptl_dns_reply_free (reply);
  ask_more (job);
  job_unref (job);
}

/* Begins, or goes on, in the client's thread: services are looked up there, which may take long.  A
 * question without a name is answered there at once. */
static void
kick (Job *job)
{
  PtlDnsQuestion nothing = { .name = "" };

  ptl_dns_client_ask (job->client, &nothing, on_kick, job_ref (job));
}

static void
fill_result (Result            *result,
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
  if (answer->len > PTL_LOOKUP_LIST_ANSWER_MAX)
    {
      g_string_truncate (answer, PTL_LOOKUP_LIST_ANSWER_MAX);
      g_string_append (answer, "…");
    }
  if (reply->fault != PTL_DNS_FAULT_NONE)
    result->status = ptl_dns_fault_to_text (reply);
  else if (reply->rcode == PTL_DNS_RCODE_NOERROR && answer->len == 0)
    result->status = g_strdup (_("no record of this type"));
  else
    result->status = ptl_dns_rcode_to_text (reply->rcode);
  result->failed = reply->fault != PTL_DNS_FAULT_NONE || reply->rcode != PTL_DNS_RCODE_NOERROR;
  result->answer = g_string_free (g_steal_pointer (&answer), FALSE);
}

static void
on_reply (PtlDnsReply *reply,
          void        *data)
{
  Question *asked = data;
  Job *job = asked->job;

  if (reply->fault != PTL_DNS_FAULT_CANCELLED)
    {
      Result result = { .name = make_safe (asked->line) };

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
  job_unref (job);
}

/* --- sorting ---------------------------------------------------------------------------------- */

static int
compare_numbers (guint64 a,
                 guint64 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_results (gconstpointer a,
                 gconstpointer b,
                 gpointer      data)
{
  PtlLookupList *self = data;
  guint i = *(const guint *) a, j = *(const guint *) b;
  const Result *first = self->results->pdata[i], *second = self->results->pdata[j];
  int order = 0;

  switch (self->column)
    {
    case PTL_LOOKUP_LIST_NAME:
      order = strcmp (first->name, second->name);
      break;
    case PTL_LOOKUP_LIST_TYPE:
      order = compare_numbers (first->type, second->type);
      break;
    case PTL_LOOKUP_LIST_ANSWER:
      order = strcmp (first->answer, second->answer);
      break;
    case PTL_LOOKUP_LIST_STATUS:
      order = strcmp (first->status, second->status);
      break;
    case PTL_LOOKUP_LIST_TTL:
      order = compare_numbers (first->ttl, second->ttl);
      break;
    case PTL_LOOKUP_LIST_TIME:
      order = compare_numbers (first->time_ns, second->time_ns);
      break;
    default:
      break;
    }
  if (self->descending)
    order = -order;
  return order != 0 ? order : compare_numbers (i, j);
}

/* Everything that has come, in the order wanted. */
static void
show_all (PtlLookupList *self)
{
  guint n_before = self->n_shown;

  g_clear_pointer (&self->order, g_free);
  self->n_shown = self->results->len;
  if (self->column >= 0 && self->n_shown > 0)
    {
      self->order = g_new (guint, self->n_shown);
      for (guint i = 0; i < self->n_shown; i++)
        self->order[i] = i;
      g_qsort_with_data (self->order, (int) self->n_shown, sizeof *self->order, compare_results,
                         self);
    }
  self->sorted_us = g_get_monotonic_time ();
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->n_shown);
}

void
ptl_lookup_list_sort (PtlLookupList *self,
                      int            column,
                      gboolean       descending)
{
  g_return_if_fail (PTL_IS_LOOKUP_LIST (self));

  self->column = column;
  self->descending = descending;
  show_all (self);
}

/* --- fetching --------------------------------------------------------------------------------- */

static void
set_busy (PtlLookupList *self,
          gboolean       busy)
{
  if (self->busy == busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static gboolean
on_fetch_cb (gpointer data)
{
  PtlLookupList *self = data;
  Job *job = self->job;
  g_autoptr (GArray) news = NULL;
  gboolean ended, held;

  pthread_mutex_lock (&job->lock);
  news = job->news;
  job->news = g_array_new (FALSE, FALSE, sizeof (Result));
  ended = job->n_flying == 0 && (job->cancelled || job->next == job->n_lines);
  held = job->held;
  pthread_mutex_unlock (&job->lock);

  for (guint i = 0; i < news->len; i++)
    g_ptr_array_add (self->results, g_memdup2 (&g_array_index (news, Result, i), sizeof (Result)));
  if (news->len > 0)
    {
      if (self->column < 0)
        {
          self->n_shown = self->results->len;
          g_list_model_items_changed (G_LIST_MODEL (self), self->n_shown - news->len, 0,
                                      news->len);
        }
      else if (ended || g_get_monotonic_time () - self->sorted_us > RESORT_MS * 1000)
        show_all (self);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
    }
  else if (ended && self->n_shown != self->results->len)
    show_all (self);
  if (held)
    kick (job);
  if (!ended)
    return G_SOURCE_CONTINUE;
  self->fetch_id = 0;
  set_busy (self, FALSE);
  return G_SOURCE_REMOVE;
}

/* --- start and end ---------------------------------------------------------------------------- */

static void
drop_job (PtlLookupList *self)
{
  Job *job = self->job;

  if (job == NULL)
    return;
  pthread_mutex_lock (&job->lock);
  job->cancelled = true;
  pthread_mutex_unlock (&job->lock);
  ptl_dns_client_cancel (self->client, job->group);
}

void
ptl_lookup_list_cancel (PtlLookupList *self)
{
  g_return_if_fail (PTL_IS_LOOKUP_LIST (self));

  drop_job (self);
}

gboolean
ptl_lookup_list_start (PtlLookupList *self,
                       const char    *text,
                       guint          type,
                       const char    *server,
                       GError       **error)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  PtlAddress servers[PTL_NSS_SERVERS_MAX];
  guint n_servers = 1, n_before;
  Job *job;

  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), FALSE);

  if (self->client == NULL)
    self->client = ptl_dns_client_new (error);
  if (self->client == NULL)
    return FALSE;
  if (server[0] != '\0')
    {
      if (!ptl_dns_parse_server (server, &servers[0], error))
        return FALSE;
    }
  else
    n_servers = ptl_nss_read_servers (PTL_NSS_RESOLV_PATH, servers);

  self->n_left_out = 0;
  for (const char *at = text; *at != '\0';)
    {
      size_t len = strcspn (at, "\r\n,;\t ");

      if (len > 0 && lines->len < PTL_LOOKUP_LIST_MAX)
        g_ptr_array_add (lines, g_strndup (at, MIN (len, PTL_CLASSIFY_TEXT_MAX + 1)));
      else if (len > 0)
        self->n_left_out++;
      at += len + (at[len] != '\0');
    }
  if (lines->len == 0)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("Type or open a list: a name, an address or a port on each line"));
      return FALSE;
    }
  g_ptr_array_add (lines, NULL);

  drop_job (self);
  g_clear_handle_id (&self->fetch_id, g_source_remove);
  g_clear_pointer (&self->job, job_unref);
  n_before = self->n_shown;
  g_clear_pointer (&self->order, g_free);
  self->n_shown = 0;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, 0);
  /* Items that are still held keep what they show: the array is left to them. */
  g_ptr_array_unref (self->results);
  self->results = g_ptr_array_new_with_free_func (result_free);

  job = g_new0 (Job, 1);
  atomic_init (&job->ref_count, 1);
  pthread_mutex_init (&job->lock, NULL);
  job->client = self->client;
  job->group = ptl_dns_client_new_group (self->client);
  job->n_lines = lines->len - 1;
  job->lines = (char **) g_ptr_array_steal (lines, NULL);
  job->type = (guint16) type;
  memcpy (job->servers, servers, n_servers * sizeof *servers);
  job->n_servers = n_servers;
  job->news = g_array_new (FALSE, FALSE, sizeof (Result));
  self->job = job;
  set_busy (self, TRUE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  self->fetch_id = g_timeout_add (FETCH_MS, on_fetch_cb, self);
  kick (job);
  return TRUE;
}

gboolean
ptl_lookup_list_is_busy (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), FALSE);

  return self->busy;
}

guint
ptl_lookup_list_get_n_wanted (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), 0);

  return self->job != NULL ? self->job->n_lines : 0;
}

guint
ptl_lookup_list_get_n_left_out (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), 0);

  return self->n_left_out;
}

/* --- export ----------------------------------------------------------------------------------- */

static const char *const column_names[PTL_LOOKUP_LIST_N_COLUMNS] = {
  "name", "type", "answer", "status", "ttl", "time",
};

static const Result *
get_result (PtlLookupList *self,
            guint          position)
{
  return self->results->pdata[self->order != NULL ? self->order[position] : position];
}

static void
append_csv (GString    *csv,
            const char *text)
{
  g_string_append_c (csv, '"');
  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, *at);
    }
  g_string_append_c (csv, '"');
}

static void
append_json (GString    *json,
             const char *text)
{
  g_string_append_c (json, '"');
  for (const char *at = text; *at != '\0'; at++)
    if (*at == '"' || *at == '\\')
      g_string_append_printf (json, "\\%c", *at);
    else if ((guchar) *at < ' ' || *at == 0x7f)
      g_string_append_printf (json, "\\u%04x", (guchar) *at);
    else
      g_string_append_c (json, *at);
  g_string_append_c (json, '"');
}

static char *
export (PtlLookupList *self,
        gboolean       json)
{
  GString *text = g_string_new (json ? "[" : "");

  for (guint column = 0; column < PTL_LOOKUP_LIST_N_COLUMNS && !json; column++)
    g_string_append_printf (text, "%s%s", column > 0 ? "," : "", column_names[column]);
  if (!json)
    g_string_append (text, "\r\n");
  for (guint i = 0; i < self->n_shown; i++)
    {
      const Result *result = get_result (self, i);

      if (json)
        g_string_append (text, i > 0 ? ",\n {" : "\n {");
      for (guint column = 0; column < PTL_LOOKUP_LIST_N_COLUMNS; column++)
        {
          g_autofree char *cell = column == PTL_LOOKUP_LIST_TIME
            ? g_strdup_printf ("%" G_GUINT64_FORMAT, result->time_ns / 1000)
            : result_dup_text (result, column);

          if (column > 0)
            g_string_append (text, json ? ", " : ",");
          if (json)
            {
              /* The time is in microseconds, like the TTL without a unit that a language could
               * change. */
              g_string_append_printf (text, "\"%s\": ",
                                      column == PTL_LOOKUP_LIST_TIME ? "time_us"
                                                                     : column_names[column]);
              if (column == PTL_LOOKUP_LIST_TIME
                  || (column == PTL_LOOKUP_LIST_TTL && *cell != '\0'))
                g_string_append (text, cell);
              else if (column == PTL_LOOKUP_LIST_TTL)
                g_string_append (text, "null");
              else
                append_json (text, cell);
            }
          else
            append_csv (text, cell);
        }
      g_string_append (text, json ? "}" : "\r\n");
    }
  if (json)
    g_string_append (text, "\n]\n");
  return g_string_free (text, FALSE);
}

char *
ptl_lookup_list_to_csv (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), NULL);

  return export (self, FALSE);
}

char *
ptl_lookup_list_to_json (PtlLookupList *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST (self), NULL);

  return export (self, TRUE);
}

/* --- the model -------------------------------------------------------------------------------- */

static GType
ptl_lookup_list_get_item_type (GListModel *model)
{
  return PTL_TYPE_LOOKUP_LIST_ITEM;
}

static guint
ptl_lookup_list_get_n_items (GListModel *model)
{
  return PTL_LOOKUP_LIST (model)->n_shown;
}

static gpointer
ptl_lookup_list_get_item (GListModel *model,
                          guint       position)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (model);
  PtlLookupListItem *item;

  if (position >= self->n_shown)
    return NULL;
  item = g_object_new (PTL_TYPE_LOOKUP_LIST_ITEM, NULL);
  item->results = g_ptr_array_ref (self->results);
  item->result = get_result (self, position);
  return item;
}

static void
ptl_lookup_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ptl_lookup_list_get_item_type;
  iface->get_n_items = ptl_lookup_list_get_n_items;
  iface->get_item = ptl_lookup_list_get_item;
}

char *
ptl_lookup_list_item_dup_text (PtlLookupListItem   *self,
                               PtlLookupListColumn  column)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST_ITEM (self), NULL);

  return result_dup_text (self->result, column);
}

gboolean
ptl_lookup_list_item_has_failed (PtlLookupListItem *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP_LIST_ITEM (self), FALSE);

  return self->result->failed;
}

static void
ptl_lookup_list_item_finalize (GObject *object)
{
  g_clear_pointer (&PTL_LOOKUP_LIST_ITEM (object)->results, g_ptr_array_unref);

  G_OBJECT_CLASS (ptl_lookup_list_item_parent_class)->finalize (object);
}

static void
ptl_lookup_list_item_class_init (PtlLookupListItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ptl_lookup_list_item_finalize;
}

static void
ptl_lookup_list_item_init (PtlLookupListItem *self)
{
}

static void
ptl_lookup_list_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (object);

  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, self->busy);
      break;

    case PROP_N_DONE:
      g_value_set_uint (value, self->results->len);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_list_finalize (GObject *object)
{
  PtlLookupList *self = PTL_LOOKUP_LIST (object);

  drop_job (self);
  g_clear_handle_id (&self->fetch_id, g_source_remove);
  ptl_dns_client_free (self->client);
  job_unref (self->job);
  g_free (self->order);
  g_ptr_array_unref (self->results);

  G_OBJECT_CLASS (ptl_lookup_list_parent_class)->finalize (object);
}

static void
ptl_lookup_list_class_init (PtlLookupListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_lookup_list_finalize;
  object_class->get_property = ptl_lookup_list_get_property;
  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_N_DONE] =
    g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_lookup_list_init (PtlLookupList *self)
{
  self->results = g_ptr_array_new_with_free_func (result_free);
  self->column = -1;
}

PtlLookupList *
ptl_lookup_list_new (void)
{
  return g_object_new (PTL_TYPE_LOOKUP_LIST, NULL);
}
