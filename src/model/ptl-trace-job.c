/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace of the route to a target as a table. */
#include "config.h"

#include "model/ptl-trace-job.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-icmp-text.h"
#include "model/ptl-job-private.h"
#include "model/ptl-probe-host.h"
#include "model/ptl-probe-rows.h"
#include "model/ptl-questions-private.h"
#include "model/ptl-trace-text.h"

#define UPDATE_MS 50
/* Addresses whose names are asked for; more stay without. */
#define NAMES_MAX 256

struct _PtlTraceJob
{
  PtlJob           parent_instance;

  PtlTableStore   *table;        /* borrowed */
  PtlLookupPool   *pool;         /* NULL until a name is looked up */
  PtlLookupPool   *reverse_pool; /* NULL until a router answers */
  PtlQuestions    *questions;    /* about the address whose name is asked for, or NULL */
  PtlTrace        *trace;
  PtlTraceOptions  options;
  char            *host;         /* as typed */
  PtlTraceStats    stats;
  PtlTraceHop     *hops;         /* PTL_TRACE_HOPS_MAX */
  GHashTable      *names;        /* of addresses; "" while it is asked for or not known */
  int              gai;
  gboolean         resolving;
};

G_DEFINE_FINAL_TYPE (PtlTraceJob, ptl_trace_job, PTL_TYPE_JOB)

static const PtlTableColumn columns[PTL_TRACE_JOB_N_COLUMNS] = {
  { "hop", N_("Hop"), 5, PTL_TABLE_NUMERIC },
  { "address", N_("Router"), 0, 0 },
  { "name", N_("Name"), 18, PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
  { "note", N_("Note"), 24, PTL_TABLE_WIDE_ONLY },
  { "loss_percent", N_("Loss"), 6, PTL_TABLE_NUMERIC },
  { "sent", N_("Sent"), 5, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "last_ms", N_("Last"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "avg_ms", N_("Average"), 9, PTL_TABLE_NUMERIC },
  { "best_ms", N_("Best"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "worst_ms", N_("Worst"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "stdev_ms", N_("Deviation"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
};

/* --- names ------------------------------------------------------------------------------------ */

static void begin                (PtlTraceJob      *self,
                                  const PtlAddress *address);
static void ptl_trace_job_update (PtlJob           *job);

static void
take_target (PtlTraceJob       *self,
             const PtlResolved *resolved)
{
  self->resolving = FALSE;
  if (resolved->gai_code == 0 && resolved->n_addresses > 0)
    begin (self, &resolved->addresses[0]);
  else
    {
      self->gai = resolved->gai_code != 0 ? resolved->gai_code : EAI_NONAME;
      ptl_job_set_busy (PTL_JOB (self), FALSE);
    }
}

static void
on_resolved (gpointer           owner,
             gpointer           about,
             const PtlResolved *resolved)
{
  PtlTraceJob *self = owner;

  if (about == NULL)
    take_target (self, resolved);
  else if (resolved->gai_code == 0 && resolved->canonical != NULL)
    g_hash_table_insert (self->names, g_strdup (about),
                         ptl_codec_preview ((const uint8_t *) resolved->canonical,
                                            strlen (resolved->canonical), 256));
  ptl_trace_job_update (PTL_JOB (self));
}

static void
ask (PtlTraceJob   *self,
     PtlLookupPool *pool,
     const char    *host,
     int            family,
     gboolean       reverse)
{
  PtlResolveQuery query = { .host = host, .family = family, .type = SOCK_DGRAM };

  if (pool != NULL)
    ptl_questions_ask (self->questions, ptl_lookup_pool_get_resolver (pool), &query,
                       reverse ? g_strdup (host) : NULL, g_free);
}

/* Borrowed; asked for, if it was not yet. */
static const char *
get_name (PtlTraceJob *self,
          const char  *address)
{
  const char *name = g_hash_table_lookup (self->names, address);

  if (name != NULL)
    return name;
  if (g_hash_table_size (self->names) >= NAMES_MAX)
    return "";
  if (self->reverse_pool == NULL)
    self->reverse_pool = ptl_nss_reverse_pool_new ();
  g_hash_table_insert (self->names, g_strdup (address), g_strdup (""));
  ask (self, self->reverse_pool, address, AF_UNSPEC, TRUE);
  return "";
}

/* --- rows ------------------------------------------------------------------------------------- */

static void
set_times (PtlTableRow         *row,
           const PtlTraceTimes *times)
{
  gboolean known = times->n_received > 0;

  ptl_probe_row_set_time (row, PTL_TRACE_JOB_LAST, known, (double) times->last_ns);
  ptl_probe_row_set_time (row, PTL_TRACE_JOB_AVG, known, ptl_trace_times_get_avg_ns (times));
  ptl_probe_row_set_time (row, PTL_TRACE_JOB_BEST, known, (double) times->min_ns);
  ptl_probe_row_set_time (row, PTL_TRACE_JOB_WORST, known, (double) times->max_ns);
  ptl_probe_row_set_time (row, PTL_TRACE_JOB_STDEV, times->n_received > 1,
                          ptl_trace_times_get_stdev_ns (times));
}

static double
get_loss (const PtlTraceHop *hop)
{
  guint known = hop->times.n_received + hop->n_lost;

  return known > 0 ? 100.0 * hop->n_lost / known : -1;
}

/* Of the hop as a whole; the first of its rows has them. */
static void
set_counts (PtlTableRow       *row,
            const PtlTraceHop *hop,
            gboolean           first)
{
  double loss = get_loss (hop);

  ptl_probe_row_set_loss (row, PTL_TRACE_JOB_LOSS, first ? loss : -1);
  if (first && hop->n_sent > 0)
    ptl_probe_row_set_count (row, PTL_TRACE_JOB_SENT, hop->n_sent);
  else
    ptl_table_row_set (row, PTL_TRACE_JOB_SENT, "");
}

static PtlTableRow *
get_row (PtlTraceJob *self,
         guint        number,
         guint        router)
{
  g_autofree char *key = g_strdup_printf ("%u.%u", number, router);
  PtlTableRow *row = ptl_table_store_find (self->table, key);

  return row != NULL ? row : ptl_table_store_add (self->table, key);
}

static void
fill_router (PtlTraceJob *self,
             guint        number,
             guint        at)
{
  const PtlTraceHop *hop = &self->hops[number - 1];
  const PtlTraceRouter *router = at < hop->n_routers ? &hop->routers[at] : NULL;
  PtlTableRow *row = get_row (self, number, at);
  g_autofree char *note = ptl_trace_router_to_note (&self->stats, number, hop, router);
  g_autofree char *text = g_strdup_printf ("%u", number);
  char address[PTL_ADDRESS_TEXT_MAX];

  ptl_table_row_set_number (row, PTL_TRACE_JOB_HOP, number, text);
  set_counts (row, hop, at == 0);
  if (router != NULL)
    {
      ptl_address_format_host (&router->address, address, sizeof address);
      ptl_table_row_set (row, PTL_TRACE_JOB_ADDRESS, address);
      ptl_table_row_set (row, PTL_TRACE_JOB_NAME, get_name (self, address));
      set_times (row, &router->times);
    }
  else
    {
      ptl_table_row_set (row, PTL_TRACE_JOB_ADDRESS,
                         hop->times.n_received > 0 ? _("(not told by the kernel)")
                         : hop->n_lost > 0 ? _("no answer") : "…");
      ptl_table_row_set (row, PTL_TRACE_JOB_NAME, "");
      set_times (row, &hop->times);
    }
  ptl_table_row_set_tone (row, PTL_TRACE_JOB_ADDRESS,
                          router != NULL ? PTL_TABLE_PLAIN : PTL_TABLE_QUIET);
  ptl_table_row_set (row, PTL_TRACE_JOB_NOTE, note);
  ptl_table_row_set_tone (row, PTL_TRACE_JOB_NOTE,
                          router != NULL && router->notice.family != 0 ? PTL_TABLE_WARNING
                                                                       : PTL_TABLE_PLAIN);
  ptl_table_row_changed (row);
}

/* Hops at the end that nobody has answered for are one row: "4–30". */
static guint
get_last_answering (PtlTraceJob *self)
{
  guint last = self->stats.n_hops;

  while (last > 0 && self->hops[last - 1].n_routers == 0
         && self->hops[last - 1].times.n_received == 0)
    last--;
  return last;
}

static void
remove_beyond (PtlTraceJob *self,
               guint        n_hops)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->table)); i > 0; i--)
    {
      g_autoptr (PtlTableRow) row = g_list_model_get_item (G_LIST_MODEL (self->table), i - 1);

      if (g_ascii_strtoull (ptl_table_row_get_key (row), NULL, 10) > n_hops)
        ptl_table_store_remove (self->table, row);
    }
}

static void
fill_table (PtlTraceJob *self)
{
  guint last, shown;

  ptl_trace_fetch (self->trace, &self->stats, self->hops);
  last = get_last_answering (self);
  shown = MIN (self->stats.n_hops, last + 1);
  remove_beyond (self, shown);
  for (guint number = 1; number <= shown; number++)
    for (guint at = 0; at < MAX (self->hops[number - 1].n_routers, 1); at++)
      fill_router (self, number, at);
  if (shown > last && self->stats.n_hops > shown)
    {
      g_autofree char *text = g_strdup_printf ("%u–%u", shown, self->stats.n_hops);
      PtlTableRow *row = get_row (self, shown, 0);

      ptl_table_row_set_number (row, PTL_TRACE_JOB_HOP, shown, text);
      ptl_table_row_changed (row);
    }
}

static void
ptl_trace_job_update (PtlJob *job)
{
  PtlTraceJob *self = PTL_TRACE_JOB (job);

  if (self->trace != NULL)
    fill_table (self);
  ptl_job_set_busy (job, ptl_job_is_busy (job) && (self->trace == NULL
                                                   || self->stats.state == PTL_TRACE_RUNNING));
}

/* --- start and end ---------------------------------------------------------------------------- */

static void
end (PtlTraceJob *self)
{
  g_clear_pointer (&self->trace, ptl_trace_free);
  ptl_questions_cancel (self->questions);
  self->resolving = FALSE;
}

static void
begin (PtlTraceJob      *self,
       const PtlAddress *address)
{
  self->trace = ptl_trace_new (address, &self->options, ptl_job_wake, self, NULL);
  if (self->trace == NULL)
    {
      self->stats.state = PTL_TRACE_FAILED;
      self->stats.fail_errno = EAGAIN;
      ptl_job_set_busy (PTL_JOB (self), FALSE);
    }
}

gboolean
ptl_trace_job_start (PtlTraceJob            *self,
                     const char             *text,
                     const PtlTraceOptions  *options,
                     int                     family,
                     GError                **error)
{
  g_auto (PtlEndpoint) endpoint = { 0 };
  g_autofree char *host = g_strstrip (g_strdup (text));

  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), FALSE);

  if (*host == '\0')
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_PARSE, _("Type a host name or an address"));
      return FALSE;
    }
  if (!ptl_probe_host_parse (&endpoint, host, error))
    return FALSE;
  if (endpoint.host_kind != PTL_HOST_NAME && family != AF_UNSPEC
      && ptl_address_get_family (&endpoint.address) != family)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                   _("%s is not an address of the chosen IP version"), host);
      return FALSE;
    }
  end (self);
  ptl_table_store_clear (self->table);
  g_hash_table_remove_all (self->names);
  memset (&self->stats, 0, sizeof self->stats);
  self->options = *options;
  self->gai = 0;
  g_free (self->host);
  self->host = g_steal_pointer (&host);
  ptl_job_set_busy (PTL_JOB (self), TRUE);
  if (endpoint.host_kind != PTL_HOST_NAME)
    begin (self, &endpoint.address);
  else
    {
      self->resolving = TRUE;
      if (self->pool == NULL)
        self->pool = ptl_lookup_pool_new ();
      ask (self, self->pool, self->host, family, FALSE);
    }
  ptl_job_tell (PTL_JOB (self));
  return TRUE;
}

static void
ptl_trace_job_stop (PtlJob *job)
{
  PtlTraceJob *self = PTL_TRACE_JOB (job);

  if (self->trace != NULL)
    ptl_trace_stop (self->trace);
  else if (self->resolving)
    {
      end (self);
      ptl_job_set_busy (job, FALSE);
    }
}

/* --- what is shown ---------------------------------------------------------------------------- */

static double
ptl_trace_job_get_done (PtlJob *job)
{
  PtlTraceJob *self = PTL_TRACE_JOB (job);

  if (self->options.rounds == 0 || self->trace == NULL)
    return -1;
  if (self->stats.state != PTL_TRACE_RUNNING)
    return 1;
  return self->stats.round > 0 ? (double) (self->stats.round - 1) / self->options.rounds : 0;
}

char *
ptl_trace_job_dup_method (PtlTraceJob *self)
{
  const PtlTraceStats *stats = &self->stats;
  g_autofree char *text = NULL;
  guint port;

  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), NULL);

  if (self->trace == NULL || stats->round == 0)
    return g_strdup ("");
  port = stats->choice.via == PTL_VIA_TCP || self->options.method == PTL_METHOD_UDP
         ? self->options.port : PTL_TRACE_UDP_PORT;
  text = ptl_icmp_choice_to_text (&stats->choice, ptl_address_get_family (&stats->target),
                                  port != 0 ? port : PTL_TRACE_UDP_PORT);
  return g_strdup_printf ("%s.", text);
}

gboolean
ptl_trace_job_has_failed (PtlTraceJob *self)
{
  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), FALSE);

  return self->host != NULL && !self->resolving
         && (self->gai != 0 || self->stats.state == PTL_TRACE_FAILED || self->stats.held_back);
}

char *
ptl_trace_job_dup_summary (PtlTraceJob *self)
{
  const PtlTraceStats *stats = &self->stats;
  char address[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *target = NULL;

  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), NULL);

  if (self->host == NULL)
    return g_strdup ("");
  if (self->resolving)
    return g_strdup_printf (_("Looking up %s …"), self->host);
  if (self->gai != 0)
    return g_strdup_printf (_("%s could not be looked up: %s"), self->host,
                            gai_strerror (self->gai));
  if (stats->state == PTL_TRACE_FAILED)
    return ptl_icmp_refusal_to_text (stats->fail_errno, stats->refusal, &stats->choice);
  if (stats->target.len == 0)
    return g_strdup ("");
  ptl_address_format_host (&stats->target, address, sizeof address);
  target = strcmp (address, self->host) == 0 ? g_strdup (address)
                                             : g_strdup_printf ("%s (%s)", self->host, address);
  if (stats->target_hop > 0)
    return g_strdup_printf (ngettext ("%s is %u hop away · round %u",
                                      "%s is %u hops away · round %u", stats->target_hop),
                            target, stats->target_hop, stats->round);
  if (stats->end_hop > 0)
    return g_strdup_printf (_("It ends before %s, at hop %u · round %u"), target, stats->end_hop,
                            stats->round);
  if (stats->held_back)
    return ptl_icmp_held_back_to_text ();
  return g_strdup_printf (_("%s has not answered · round %u"), target, stats->round);
}

char *
ptl_trace_job_dup_mtu (PtlTraceJob *self)
{
  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), NULL);

  return ptl_trace_mtu_to_text (&self->stats);
}

guint
ptl_trace_job_get_bars (PtlTraceJob *self,
                        PtlTraceBar  bars[PTL_TRACE_HOPS_MAX])
{
  guint n;

  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), 0);

  n = self->trace != NULL ? get_last_answering (self) : 0;
  for (guint i = 0; i < n; i++)
    {
      const PtlTraceTimes *times = &self->hops[i].times;

      bars[i] = (PtlTraceBar) {
        .hop = i + 1, .answers = times->n_received > 0, .best = (double) times->min_ns / 1e6,
        .avg = ptl_trace_times_get_avg_ns (times) / 1e6, .worst = (double) times->max_ns / 1e6,
        .loss = get_loss (&self->hops[i]),
      };
    }
  return n;
}

/* --- the object ------------------------------------------------------------------------------- */

static void
ptl_trace_job_finalize (GObject *object)
{
  PtlTraceJob *self = PTL_TRACE_JOB (object);

  end (self);
  ptl_lookup_pool_free (self->pool);
  ptl_lookup_pool_free (self->reverse_pool);
  ptl_questions_free (self->questions);
  g_hash_table_unref (self->names);
  g_free (self->hops);
  g_free (self->host);

  G_OBJECT_CLASS (ptl_trace_job_parent_class)->finalize (object);
}

static void
ptl_trace_job_class_init (PtlTraceJobClass *klass)
{
  PtlJobClass *job_class = PTL_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ptl_trace_job_finalize;
  job_class->update_ms = UPDATE_MS;
  job_class->stop = ptl_trace_job_stop;
  job_class->get_done = ptl_trace_job_get_done;
  job_class->update = ptl_trace_job_update;
}

static void
ptl_trace_job_init (PtlTraceJob *self)
{
  PtlJob *job = PTL_JOB (self);

  self->table = ptl_job_make_store (job, columns, G_N_ELEMENTS (columns));
  self->questions = ptl_questions_new (ptl_job_get_bridge (job), on_resolved, self);
  /* A second router of a hop stands beside the first, whenever it comes. */
  ptl_table_sort (PTL_TABLE (self->table), PTL_TRACE_JOB_HOP, FALSE);
  self->hops = g_new0 (PtlTraceHop, PTL_TRACE_HOPS_MAX);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

PtlTraceJob *
ptl_trace_job_new (void)
{
  return g_object_new (PTL_TYPE_TRACE_JOB, NULL);
}
