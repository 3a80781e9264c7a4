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
#include "model/ptl-bridge-private.h"
#include "model/ptl-icmp-text.h"
#include "model/ptl-probe-rows.h"
#include "model/ptl-trace-text.h"

#define UPDATE_MS 50
/* Addresses whose names are asked for; more stay without. */
#define NAMES_MAX 256

typedef struct
{
  PtlTraceJob *self;    /* not counted: the bridge is closed before it goes */
  guint        generation;
  char        *address; /* owned; whose name is asked for, or NULL */
  PtlResolver *resolver;
  uint64_t     id;
} Asked;

struct _PtlTraceJob
{
  GObject          parent_instance;

  PtlTableStore   *table;
  PtlBridge       *bridge;
  PtlLookupPool   *pool;         /* NULL until a name is looked up */
  PtlLookupPool   *reverse_pool; /* NULL until a router answers */
  PtlTrace        *trace;
  PtlTraceOptions  options;
  char            *host;         /* as typed */
  PtlTraceStats    stats;
  PtlTraceHop     *hops;         /* PTL_TRACE_HOPS_MAX */
  GHashTable      *names;        /* of addresses; "" while it is asked for or not known */
  GPtrArray       *asked;        /* borrowed Asked that the pools have */
  guint            generation;
  int              gai;
  gboolean         resolving;
  gboolean         busy;
  guint            update_id;
};

enum
{
  PROP_0,
  PROP_BUSY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

G_DEFINE_FINAL_TYPE (PtlTraceJob, ptl_trace_job, G_TYPE_OBJECT)

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

static void update (PtlTraceJob *self);

static void
set_busy (PtlTraceJob *self,
          gboolean     busy)
{
  if (self->busy == busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* --- names ------------------------------------------------------------------------------------ */

static void
asked_free (gpointer data)
{
  Asked *asked = data;

  g_free (asked->address);
  g_free (asked);
}

static void
free_resolved (gpointer data)
{
  ptl_resolved_free (data);
}

static void begin (PtlTraceJob      *self,
                   const PtlAddress *address);

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
      set_busy (self, FALSE);
    }
}

static void
take_name (PtlTraceJob       *self,
           const Asked       *asked,
           const PtlResolved *resolved)
{
  if (resolved->gai_code != 0 || resolved->canonical == NULL)
    return;
  g_hash_table_insert (self->names, g_strdup (asked->address),
                       ptl_codec_preview ((const uint8_t *) resolved->canonical,
                                          strlen (resolved->canonical), 256));
  update (self);
}

static void
on_resolved (gpointer payload,
             gpointer data)
{
  PtlResolved *resolved = payload;
  Asked *asked = data;
  PtlTraceJob *self = asked->self;

  g_ptr_array_remove_fast (self->asked, asked);
  if (asked->generation == self->generation)
    {
      if (asked->address != NULL)
        take_name (self, asked, resolved);
      else if (self->resolving)
        take_target (self, resolved);
      g_signal_emit (self, changed_signal, 0);
    }
  ptl_resolved_free (resolved);
  asked_free (asked);
}

/* A thread of the pool's. */
static void
on_pool_reply (PtlResolved *resolved,
               void        *data)
{
  Asked *asked = data;

  ptl_bridge_post (asked->self->bridge, on_resolved, resolved, free_resolved, asked, asked_free);
}

static void
ask (PtlTraceJob   *self,
     PtlLookupPool *pool,
     const char    *host,
     int            family,
     gboolean       reverse)
{
  PtlResolveQuery query = { .host = host, .family = family, .type = SOCK_DGRAM };
  Asked *asked;

  if (pool == NULL)
    return;
  asked = g_new0 (Asked, 1);
  asked->self = self;
  asked->generation = self->generation;
  asked->address = reverse ? g_strdup (host) : NULL;
  asked->resolver = ptl_lookup_pool_get_resolver (pool);
  g_ptr_array_add (self->asked, asked);
  asked->id = asked->resolver->resolve (asked->resolver, &query, on_pool_reply, asked);
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
update (PtlTraceJob *self)
{
  guint last, shown;

  if (self->trace == NULL)
    return;
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
  if (self->stats.state != PTL_TRACE_RUNNING)
    set_busy (self, FALSE);
}

/* --- news ------------------------------------------------------------------------------------- */

static gboolean
on_update_cb (gpointer data)
{
  PtlTraceJob *self = data;

  self->update_id = 0;
  update (self);
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
on_woken (gpointer payload,
          gpointer data)
{
  Asked *asked = payload;
  PtlTraceJob *self = asked->self;

  if (asked->generation == self->generation && self->update_id == 0)
    self->update_id = g_timeout_add (UPDATE_MS, on_update_cb, self);
  asked_free (asked);
}

/* The trace's thread, which is joined before the generation changes. */
static void
on_wake (void *data)
{
  PtlTraceJob *self = data;
  Asked *asked = g_new0 (Asked, 1);

  asked->self = self;
  asked->generation = self->generation;
  ptl_bridge_post (self->bridge, on_woken, asked, asked_free, NULL, NULL);
}

/* --- start and end ---------------------------------------------------------------------------- */

static void
end (PtlTraceJob *self)
{
  g_clear_pointer (&self->trace, ptl_trace_free);
  self->generation++;
  self->resolving = FALSE;
  g_clear_handle_id (&self->update_id, g_source_remove);
  for (guint i = self->asked->len; i > 0; i--)
    {
      Asked *asked = self->asked->pdata[i - 1];

      /* One that cannot be cancelled is on its way here and is dropped then. */
      if (asked->resolver->cancel (asked->resolver, asked->id))
        {
          g_ptr_array_remove_index_fast (self->asked, i - 1);
          asked_free (asked);
        }
    }
}

static void
begin (PtlTraceJob      *self,
       const PtlAddress *address)
{
  self->trace = ptl_trace_new (address, &self->options, on_wake, self, NULL);
  if (self->trace == NULL)
    {
      self->stats.state = PTL_TRACE_FAILED;
      self->stats.fail_errno = EAGAIN;
      set_busy (self, FALSE);
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
  if (!ptl_endpoint_parse_host_port (&endpoint, host, "0", NULL, NULL, error))
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
  set_busy (self, TRUE);
  if (endpoint.host_kind != PTL_HOST_NAME)
    begin (self, &endpoint.address);
  else
    {
      self->resolving = TRUE;
      if (self->pool == NULL)
        self->pool = ptl_lookup_pool_new ();
      ask (self, self->pool, self->host, family, FALSE);
    }
  g_signal_emit (self, changed_signal, 0);
  return TRUE;
}

void
ptl_trace_job_stop (PtlTraceJob *self)
{
  g_return_if_fail (PTL_IS_TRACE_JOB (self));

  if (self->trace != NULL)
    ptl_trace_stop (self->trace);
  else if (self->resolving)
    {
      end (self);
      set_busy (self, FALSE);
      g_signal_emit (self, changed_signal, 0);
    }
}

/* --- what is shown ---------------------------------------------------------------------------- */

gboolean
ptl_trace_job_is_busy (PtlTraceJob *self)
{
  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), FALSE);

  return self->busy;
}

PtlTableStore *
ptl_trace_job_get_table (PtlTraceJob *self)
{
  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), NULL);

  return self->table;
}

double
ptl_trace_job_get_done (PtlTraceJob *self)
{
  g_return_val_if_fail (PTL_IS_TRACE_JOB (self), -1);

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
    return ptl_icmp_refusal_to_text (stats->fail_errno, &stats->choice);
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
ptl_trace_job_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, PTL_TRACE_JOB (object)->busy);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_trace_job_finalize (GObject *object)
{
  PtlTraceJob *self = PTL_TRACE_JOB (object);

  end (self);
  /* After these nobody posts to the bridge any more. */
  ptl_lookup_pool_free (self->pool);
  ptl_lookup_pool_free (self->reverse_pool);
  ptl_bridge_close (self->bridge);
  g_clear_object (&self->table);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->asked);
  g_free (self->hops);
  g_free (self->host);

  G_OBJECT_CLASS (ptl_trace_job_parent_class)->finalize (object);
}

static void
ptl_trace_job_class_init (PtlTraceJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_trace_job_finalize;
  object_class->get_property = ptl_trace_job_get_property;
  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal = g_signal_new ("changed", PTL_TYPE_TRACE_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ptl_trace_job_init (PtlTraceJob *self)
{
  self->bridge = ptl_bridge_new ();
  self->table = ptl_table_store_new (columns, G_N_ELEMENTS (columns));
  /* A second router of a hop stands beside the first, whenever it comes. */
  ptl_table_sort (PTL_TABLE (self->table), PTL_TRACE_JOB_HOP, FALSE);
  self->hops = g_new0 (PtlTraceHop, PTL_TRACE_HOPS_MAX);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->asked = g_ptr_array_new ();
}

PtlTraceJob *
ptl_trace_job_new (void)
{
  return g_object_new (PTL_TYPE_TRACE_JOB, NULL);
}
