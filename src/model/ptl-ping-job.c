/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ping of several targets as a table. */
#include "config.h"

#include "model/ptl-ping-job.h"

#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"
#include "lookup/ptl-lookup-pool.h"
#include "model/ptl-icmp-text.h"
#include "model/ptl-job-private.h"
#include "model/ptl-ping-text.h"
#include "model/ptl-probe-host.h"
#include "model/ptl-probe-rows.h"
#include "model/ptl-questions-private.h"

#define UPDATE_MS 50
#define SEPARATORS " ,;\t\r\n"

typedef struct
{
  char        *text;    /* owned; as typed */
  int          gai;     /* why it has no address */
  gboolean     resolving;
  PtlTableRow *row;     /* counted */
} Host;

struct _PtlPingJob
{
  PtlJob          parent_instance;

  PtlTableStore  *table;       /* borrowed */
  PtlLookupPool  *pool;        /* NULL until a name is looked up */
  PtlQuestions   *questions;   /* each about the number of a host */
  PtlPing        *ping;
  PtlPingOptions  options;
  GArray         *hosts;       /* of Host */
  guint          *changed;     /* room for all */
};

G_DEFINE_FINAL_TYPE (PtlPingJob, ptl_ping_job, PTL_TYPE_JOB)

static const PtlTableColumn columns[PTL_PING_JOB_N_COLUMNS] = {
  { "target", N_("Target"), 0, 0 },
  { "note", N_("Note"), 22, PTL_TABLE_WIDE_ONLY },
  { "sent", N_("Sent"), 5, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "received", N_("Received"), 8, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "loss_percent", N_("Loss"), 6, PTL_TABLE_NUMERIC },
  { "last_ms", N_("Last"), 9, PTL_TABLE_NUMERIC },
  { "avg_ms", N_("Average"), 9, PTL_TABLE_NUMERIC },
  { "min_ms", N_("Minimum"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "max_ms", N_("Maximum"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "mdev_ms", N_("Deviation"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "jitter_ms", N_("Jitter"), 9, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "ttl", N_("TTL"), 4, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
  { "address", N_("Address"), 20, PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
};

/* --- rows ------------------------------------------------------------------------------------- */

static char *
make_note (PtlPingJob         *self,
           const Host         *host,
           const PtlPingStats *stats,
           gboolean            all)
{
  PtlIcmpChoice choice = { 0 };

  if (stats->state == PTL_PING_FAILED)
    ptl_ping_get_choice (self->ping, ptl_address_get_family (&stats->address), &choice);
  return ptl_ping_stats_to_note (stats, &choice, host->gai, host->resolving, all);
}

static void
fill_row (PtlPingJob *self,
          guint       at)
{
  Host *host = &g_array_index (self->hosts, Host, at);
  PtlTableRow *row = host->row;
  PtlPingStats stats = { 0 };
  g_autofree char *note = NULL;
  char text[PTL_ADDRESS_TEXT_MAX] = "";
  gboolean answered, many;
  double loss;

  ptl_ping_get_stats (self->ping, at, &stats);
  answered = stats.n_received > 0;
  many = stats.n_received > 1;
  loss = ptl_ping_stats_get_loss (&stats);
  note = make_note (self, host, &stats, FALSE);
  if (stats.address.len > 0)
    ptl_address_format_host (&stats.address, text, sizeof text);
  ptl_table_row_set (row, PTL_PING_JOB_ADDRESS, text);
  ptl_probe_row_set_count (row, PTL_PING_JOB_SENT, stats.n_sent);
  ptl_probe_row_set_count (row, PTL_PING_JOB_RECEIVED, stats.n_received);
  ptl_probe_row_set_loss (row, PTL_PING_JOB_LOSS, loss);
  if (loss >= 100)
    ptl_table_row_set_tone (row, PTL_PING_JOB_LOSS, PTL_TABLE_BAD);
  ptl_probe_row_set_time (row, PTL_PING_JOB_LAST, answered, (double) stats.last_ns);
  ptl_probe_row_set_time (row, PTL_PING_JOB_MIN, answered, (double) stats.min_ns);
  ptl_probe_row_set_time (row, PTL_PING_JOB_AVG, answered, ptl_ping_stats_get_avg_ns (&stats));
  ptl_probe_row_set_time (row, PTL_PING_JOB_MAX, answered, (double) stats.max_ns);
  ptl_probe_row_set_time (row, PTL_PING_JOB_MDEV, answered, ptl_ping_stats_get_mdev_ns (&stats));
  ptl_probe_row_set_time (row, PTL_PING_JOB_JITTER, many, ptl_ping_stats_get_jitter_ns (&stats));
  if (stats.reply_ttl >= 0)
    ptl_probe_row_set_count (row, PTL_PING_JOB_TTL, (guint) stats.reply_ttl);
  else
    ptl_table_row_set (row, PTL_PING_JOB_TTL, "");
  ptl_table_row_set (row, PTL_PING_JOB_NOTE, note);
  ptl_table_row_set_tone (row, PTL_PING_JOB_NOTE,
                          stats.state == PTL_PING_FAILED || host->gai != 0
                            || (stats.n_lost > 0 && !answered)
                          ? PTL_TABLE_BAD : host->resolving ? PTL_TABLE_QUIET
                                                            : PTL_TABLE_WARNING);
  ptl_table_row_changed (row);
}

/* --- news ------------------------------------------------------------------------------------- */

static void
ptl_ping_job_update (PtlJob *job)
{
  PtlPingJob *self = PTL_PING_JOB (job);
  bool finished;
  guint n;

  if (self->ping == NULL)
    return;
  n = ptl_ping_fetch (self->ping, self->changed, &finished);
  for (guint i = 0; i < n; i++)
    fill_row (self, self->changed[i]);
  ptl_job_set_busy (job, ptl_job_is_busy (job) && !finished);
}

/* --- names ------------------------------------------------------------------------------------ */

static void
on_resolved (gpointer           owner,
             gpointer           about,
             const PtlResolved *resolved)
{
  PtlPingJob *self = owner;
  guint at = GPOINTER_TO_UINT (about);
  Host *host = &g_array_index (self->hosts, Host, at);

  host->resolving = FALSE;
  if (resolved->gai_code == 0 && resolved->n_addresses > 0)
    ptl_ping_set_address (self->ping, at, &resolved->addresses[0]);
  else
    {
      host->gai = resolved->gai_code != 0 ? resolved->gai_code : EAI_NONAME;
      ptl_ping_give_up (self->ping, at);
    }
  fill_row (self, at);
}

static void
look_up (PtlPingJob *self,
         guint       at,
         int         family)
{
  Host *host = &g_array_index (self->hosts, Host, at);
  PtlResolveQuery query = { .host = host->text, .family = family, .type = SOCK_DGRAM };

  if (self->pool == NULL)
    self->pool = ptl_lookup_pool_new ();
  if (self->pool == NULL)
    {
      host->gai = EAI_AGAIN;
      ptl_ping_give_up (self->ping, at);
      return;
    }
  host->resolving = TRUE;
  ptl_questions_ask (self->questions, ptl_lookup_pool_get_resolver (self->pool), &query,
                     GUINT_TO_POINTER (at), NULL);
}

/* --- start and end ---------------------------------------------------------------------------- */

static void
host_clear (gpointer data)
{
  Host *host = data;

  g_free (host->text);
  g_clear_object (&host->row);
}

/* The hosts of @text, of Host; NULL and @error.  @addresses: of those that are addresses. */
static GArray *
parse_hosts (const char  *text,
             int          family,
             GArray      *addresses,
             GError     **error)
{
  g_autoptr (GArray) hosts = g_array_new (FALSE, TRUE, sizeof (Host));
  g_auto (GStrv) parts = g_strsplit_set (text, SEPARATORS, -1);

  g_array_set_clear_func (hosts, host_clear);
  for (char **part = parts; *part != NULL; part++)
    {
      g_auto (PtlEndpoint) endpoint = { 0 };
      PtlAddress address = { 0 };
      Host host = { 0 };

      if (**part == '\0')
        continue;
      if (hosts->len == PTL_PING_TARGETS_MAX)
        {
          g_set_error (error, PTL_ERROR, PTL_ERROR_LIMIT,
                       _("There are more than %d targets"), PTL_PING_TARGETS_MAX);
          return NULL;
        }
      if (!ptl_probe_host_parse (&endpoint, *part, error))
        {
          g_prefix_error (error, "%s: ", *part);
          return NULL;
        }
      if (endpoint.host_kind != PTL_HOST_NAME)
        {
          address = endpoint.address;
          if (family != AF_UNSPEC && ptl_address_get_family (&address) != family)
            {
              g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
                           _("%s is not an address of the chosen IP version"), *part);
              return NULL;
            }
        }
      host.text = g_strdup (*part);
      g_array_append_val (hosts, host);
      g_array_append_val (addresses, address);
    }
  if (hosts->len == 0)
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_PARSE,
                           _("Type a host name or an address, or several"));
      return NULL;
    }
  return g_steal_pointer (&hosts);
}

/* After it nothing of what was begun arrives. */
static void
end (PtlPingJob *self)
{
  g_clear_pointer (&self->ping, ptl_ping_free);
  ptl_questions_cancel (self->questions);
}

gboolean
ptl_ping_job_start (PtlPingJob            *self,
                    const char            *text,
                    const PtlPingOptions  *options,
                    int                    family,
                    GError               **error)
{
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (PtlAddress));
  g_autoptr (GArray) hosts = NULL;

  g_return_val_if_fail (PTL_IS_PING_JOB (self), FALSE);

  hosts = parse_hosts (text, family, addresses, error);
  if (hosts == NULL)
    return FALSE;
  end (self);
  self->options = *options;
  ptl_table_store_clear (self->table);
  g_clear_pointer (&self->hosts, g_array_unref);
  g_clear_pointer (&self->changed, g_free);
  self->ping = ptl_ping_new (options, hosts->len, ptl_job_wake, self, error);
  if (self->ping == NULL)
    {
      ptl_job_set_busy (PTL_JOB (self), FALSE);
      return FALSE;
    }
  self->hosts = g_steal_pointer (&hosts);
  self->changed = g_new (guint, self->hosts->len);
  for (guint i = 0; i < self->hosts->len; i++)
    {
      Host *host = &g_array_index (self->hosts, Host, i);
      const PtlAddress *address = &g_array_index (addresses, PtlAddress, i);
      g_autofree char *key = g_strdup_printf ("%u", i);

      host->row = g_object_ref (ptl_table_store_add (self->table, key));
      ptl_table_row_set (host->row, PTL_PING_JOB_TARGET, host->text);
      if (address->len > 0)
        ptl_ping_set_address (self->ping, i, address);
      else
        look_up (self, i, family);
      fill_row (self, i);
    }
  ptl_job_set_busy (PTL_JOB (self), TRUE);
  return TRUE;
}

static void
ptl_ping_job_stop (PtlJob *job)
{
  PtlPingJob *self = PTL_PING_JOB (job);

  if (!ptl_job_is_busy (job))
    return;
  /* Names that are still looked up are not waited for. */
  for (guint i = 0; i < self->hosts->len; i++)
    if (g_array_index (self->hosts, Host, i).resolving)
      {
        g_array_index (self->hosts, Host, i).resolving = FALSE;
        fill_row (self, i);
      }
  ptl_ping_stop (self->ping);
}

/* --- what is shown ---------------------------------------------------------------------------- */

static double
ptl_ping_job_get_done (PtlJob *job)
{
  PtlPingJob *self = PTL_PING_JOB (job);
  guint64 n = 0;

  if (self->ping == NULL || self->options.count == 0)
    return -1;
  for (guint i = 0; i < self->hosts->len; i++)
    {
      PtlPingStats stats;

      ptl_ping_get_stats (self->ping, i, &stats);
      n += stats.state == PTL_PING_FAILED || stats.state == PTL_PING_DONE
           ? self->options.count : stats.n_sent + stats.n_unsent - stats.n_pending;
    }
  return (double) n / self->hosts->len / self->options.count;
}

char *
ptl_ping_job_dup_method (PtlPingJob *self)
{
  g_autoptr (GString) told = g_string_new (NULL);

  g_return_val_if_fail (PTL_IS_PING_JOB (self), NULL);

  for (guint i = 0; self->ping != NULL && i < 2; i++)
    {
      int family = i == 0 ? AF_INET : AF_INET6;
      g_autofree char *text = NULL;
      PtlIcmpChoice choice;

      if (!ptl_ping_get_choice (self->ping, family, &choice))
        continue;
      text = ptl_icmp_choice_to_text (&choice, family, self->options.port);
      g_string_append_printf (told, "%s%s.", told->len > 0 ? "\n" : "", text);
    }
  return g_string_free (g_steal_pointer (&told), FALSE);
}

char *
ptl_ping_job_dup_summary (PtlPingJob *self)
{
  guint64 sent = 0, received = 0;
  guint up = 0, n;
  g_autofree char *all = NULL;

  g_return_val_if_fail (PTL_IS_PING_JOB (self), NULL);

  if (self->ping == NULL)
    return g_strdup ("");
  n = self->hosts->len;
  for (guint i = 0; i < n; i++)
    {
      PtlPingStats stats;

      ptl_ping_get_stats (self->ping, i, &stats);
      sent += stats.n_sent;
      received += stats.n_received;
      up += stats.n_received > 0;
    }
  all = g_strdup_printf (ngettext ("%u of %u target answers", "%u of %u targets answer", n), up, n);
  return g_strdup_printf (_("%s · %" PRIu64 " sent, %" PRIu64 " received · %s"), all, sent,
                          received,
                          ptl_job_is_busy (PTL_JOB (self)) ? _("running") : _("ended"));
}

static gboolean
find_host (PtlPingJob  *self,
           PtlTableRow *row,
           guint       *at)
{
  const char *key = ptl_table_row_get_key (row);

  if (self->ping == NULL || key == NULL)
    return FALSE;
  *at = (guint) g_ascii_strtoull (key, NULL, 10);
  return *at < self->hosts->len && g_array_index (self->hosts, Host, *at).row == row;
}

char *
ptl_ping_job_dup_details (PtlPingJob  *self,
                          PtlTableRow *row)
{
  g_autofree char *note = NULL, *last = NULL, *jitter = NULL;
  char address[PTL_ADDRESS_TEXT_MAX];
  PtlPingStats stats;
  Host *host;
  guint at;
  g_autoptr (GString) told = g_string_new (NULL);

  g_return_val_if_fail (PTL_IS_PING_JOB (self), NULL);

  if (!find_host (self, row, &at))
    return g_strdup ("");
  host = &g_array_index (self->hosts, Host, at);
  ptl_ping_get_stats (self->ping, at, &stats);
  note = make_note (self, host, &stats, TRUE);
  g_string_append (told, host->text);
  if (stats.address.len > 0
      && strcmp (ptl_address_format_host (&stats.address, address, sizeof address),
                 host->text) != 0)
    g_string_append_printf (told, " (%s)", address);
  if (stats.n_received > 0)
    {
      last = ptl_icmp_time_to_text ((double) stats.last_ns);
      jitter = ptl_icmp_time_to_text (ptl_ping_stats_get_jitter_ns (&stats));
      g_string_append_printf (told, _(" · last %s · jitter %s (the mean difference between one "
                                      "round trip and the next)"), last, jitter);
    }
  if (stats.interval_ms > self->options.interval_ms)
    g_string_append_printf (told, _(" · asked every %u ms, not more often: it is another computer"),
                            stats.interval_ms);
  if (*note != '\0')
    g_string_append_printf (told, "\n%s", note);
  return g_string_free (g_steal_pointer (&told), FALSE);
}

guint
ptl_ping_job_get_samples (PtlPingJob    *self,
                          PtlTableRow   *row,
                          PtlPingSample  samples[PTL_PING_SAMPLES])
{
  guint at;

  g_return_val_if_fail (PTL_IS_PING_JOB (self), 0);

  return find_host (self, row, &at) ? ptl_ping_get_samples (self->ping, at, samples) : 0;
}

/* --- the object ------------------------------------------------------------------------------- */

static void
ptl_ping_job_finalize (GObject *object)
{
  PtlPingJob *self = PTL_PING_JOB (object);

  end (self);
  ptl_lookup_pool_free (self->pool);
  ptl_questions_free (self->questions);
  g_clear_pointer (&self->hosts, g_array_unref);
  g_free (self->changed);

  G_OBJECT_CLASS (ptl_ping_job_parent_class)->finalize (object);
}

static void
ptl_ping_job_class_init (PtlPingJobClass *klass)
{
  PtlJobClass *job_class = PTL_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ptl_ping_job_finalize;
  job_class->update_ms = UPDATE_MS;
  job_class->stop = ptl_ping_job_stop;
  job_class->get_done = ptl_ping_job_get_done;
  job_class->update = ptl_ping_job_update;
}

static void
ptl_ping_job_init (PtlPingJob *self)
{
  PtlJob *job = PTL_JOB (self);

  self->table = ptl_job_make_store (job, columns, G_N_ELEMENTS (columns));
  self->questions = ptl_questions_new (ptl_job_get_bridge (job), on_resolved, self);
}

PtlPingJob *
ptl_ping_job_new (void)
{
  return g_object_new (PTL_TYPE_PING_JOB, NULL);
}
