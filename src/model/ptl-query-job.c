/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question to whois or finger servers, and what each of them answered. */
#include "config.h"

#include "model/ptl-query-job.h"

#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "lookup/ptl-lookup-pool.h"
#include "model/ptl-icmp-text.h"
#include "model/ptl-job-private.h"
#include "model/ptl-text-private.h"

/* Of an answer that are shown; a longer line is broken. */
#define VIEW_LINE_CHARS 500
#define VIEW_LINES_MAX 5000
#define VIEW_BYTES_MAX (256 * 1024)
#define TICK_MS 100 /* between two looks at how much has come */

enum
{
  COLUMN_SERVER,
  COLUMN_ADDRESS,
  COLUMN_RESULT,
  COLUMN_REFERRAL,
  COLUMN_BYTES,
  COLUMN_TIME,
  N_COLUMNS
};

static const PtlTableColumn columns[N_COLUMNS] = {
  [COLUMN_SERVER] = { "server", N_("Server"), 18, 0 },
  [COLUMN_ADDRESS] = { "address", N_("Address"), 15, PTL_TABLE_WIDE_ONLY },
  [COLUMN_RESULT] = { "result", N_("Result"), 0, 0 },
  [COLUMN_REFERRAL] = { "refers_to", N_("Refers to"), 18, PTL_TABLE_WIDE_ONLY },
  [COLUMN_BYTES] = { "bytes", N_("Bytes"), 7, PTL_TABLE_NUMERIC },
  [COLUMN_TIME] = { "time_ms", N_("Time"), 8, PTL_TABLE_NUMERIC | PTL_TABLE_WIDE_ONLY },
};

struct _PtlQueryJob
{
  PtlJob         parent_instance;

  PtlTableStore *store;   /* borrowed */

  /* owned */
  PtlLookupPool *pool;
  PtlWhois      *whois;
  GPtrArray     *answers; /* PtlWhoisAnswer, in the order of the rows */
  char          *failure;

  guint          generation;
  gboolean       asked;
  gboolean       stopped;
};

G_DEFINE_FINAL_TYPE (PtlQueryJob, ptl_query_job, PTL_TYPE_JOB)

/* --- words ------------------------------------------------------------------------------------ */

static char *
dup_server (const PtlWhoisServer *server,
            guint16               usual)
{
  gboolean bare = strchr (server->host, ':') != NULL;

  if (server->port == usual)
    return g_strdup (server->host);
  return g_strdup_printf (bare ? "[%s]:%u" : "%s:%u", server->host, server->port);
}

static char *
dup_errno (const char *what,
           int         sys_errno)
{
  return g_strdup_printf ("%s: %s (%s)", what, g_strerror (sys_errno),
                          ptl_errno_name (sys_errno));
}

static char *
dup_result (const PtlWhoisAnswer *answer)
{
  switch (answer->end)
    {
    case PTL_WHOIS_END_CLOSED:
      return g_strdup (answer->len_bytes > 0 ? _("answered") : _("closed without a word"));

    case PTL_WHOIS_END_RESOLVE:
      return g_strdup_printf (_("no address for this name: %s"),
                              answer->gai_code == EAI_SYSTEM ? g_strerror (answer->sys_errno)
                                                             : gai_strerror (answer->gai_code));

    case PTL_WHOIS_END_CONNECT:
      return dup_errno (_("connect"), answer->sys_errno);

    case PTL_WHOIS_END_RECEIVE:
      return dup_errno (_("the connection broke"), answer->sys_errno);

    case PTL_WHOIS_END_TIMEOUT:
      return g_strdup (answer->len_bytes > 0 ? _("did not end in time") : _("no answer in time"));

    case PTL_WHOIS_END_TOO_LONG:
      return g_strdup_printf (_("cut off after %u KiB"), PTL_WHOIS_ANSWER_MAX / 1024);

    case PTL_WHOIS_END_REFUSED:
      return g_strdup (_("not asked: a server elsewhere referred to this computer itself"));

    case PTL_WHOIS_END_STOPPED:
    default:
      return g_strdup (_("stopped"));
    }
}

static char *
dup_referral (const PtlWhoisAnswer *answer)
{
  g_autofree char *server = dup_server (&answer->referral, PTL_WHOIS_PORT);

  switch (answer->next)
    {
    case PTL_WHOIS_NEXT_ASKED:
      return g_steal_pointer (&server);

    case PTL_WHOIS_NEXT_NOT_FOLLOWED:
      return g_strdup_printf (_("%s (not followed)"), server);

    case PTL_WHOIS_NEXT_LOOP:
      return g_strdup_printf (_("%s (asked before: a loop)"), server);

    case PTL_WHOIS_NEXT_TOO_MANY:
      return g_strdup_printf (_("%s (one too many: %u servers)"), server, PTL_WHOIS_HOPS_MAX);

    case PTL_WHOIS_NEXT_FOREIGN:
      {
        g_autofree char *safe = ptl_text_dup_safe (answer->foreign, PTL_WHOIS_SERVER_MAX);

        return g_strdup_printf (_("%s (not followed: not whois)"), safe);
      }

    case PTL_WHOIS_NEXT_NONE:
    default:
      return g_strdup ("");
    }
}

/* The whole ISO 8859-1 has characters of its own numbers. */
static char *
dup_latin_1 (const guint8 *bytes,
             gsize         len)
{
  GString *text = g_string_sized_new (len * 2);

  for (gsize i = 0; i < len; i++)
    g_string_append_unichar (text, bytes[i]);
  return g_string_free (text, FALSE);
}

static char *
dup_text (const PtlWhoisAnswer *answer)
{
  g_autofree char *text = NULL, *safe = NULL;

  if (answer->bytes == NULL)
    return g_strdup ("");
  if (g_utf8_validate_len ((const char *) answer->bytes, answer->len_bytes, NULL)
      || memchr (answer->bytes, '\0', answer->len_bytes) != NULL)
    return ptl_codec_to_text (answer->bytes, answer->len_bytes);
  text = dup_latin_1 (answer->bytes, answer->len_bytes);
  safe = ptl_codec_to_text ((const guint8 *) text, strlen (text));
  return g_strdup_printf ("%s\n\n%s", _("[This is not UTF-8; it was read as ISO 8859-1.]"), safe);
}

/* @text as a view can show it: to lay out one line of a megabyte, or a million lines, takes GTK
 * many seconds in which the window would not answer. */
static char *
dup_for_view (const char *text)
{
  GString *shown = g_string_sized_new (MIN (strlen (text), VIEW_BYTES_MAX) + 256);
  guint n_lines = 0, n_chars = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (n_lines == VIEW_LINES_MAX || (gsize) (p - text) >= VIEW_BYTES_MAX)
        {
          g_string_append_printf (shown, "%s%s", n_chars > 0 ? "\n" : "",
                                  _("[More is not shown. Copy All Answers has it whole.]"));
          break;
        }
      if (*p != '\n' && n_chars == VIEW_LINE_CHARS)
        {
          g_string_append_c (shown, '\n');
          n_lines++;
          n_chars = 0;
        }
      g_string_append_len (shown, p, g_utf8_next_char (p) - p);
      n_chars++;
      if (*p == '\n')
        {
          n_lines++;
          n_chars = 0;
        }
    }
  return g_string_free (shown, FALSE);
}

/* --- what comes ------------------------------------------------------------------------------- */

typedef struct
{
  guint           generation;
  gboolean        last;
  PtlWhoisAnswer *answer; /* owned */
} News;

static void
news_free (gpointer data)
{
  News *news = data;

  ptl_whois_answer_free (news->answer);
  g_free (news);
}

static void
add_answer (PtlQueryJob    *self,
            PtlWhoisAnswer *answer)
{
  g_autofree char *key = g_strdup_printf ("%u", self->answers->len);
  PtlTableRow *row = ptl_table_store_add (self->store, key);
  g_autofree char *server = dup_server (&answer->server, 0), *result = dup_result (answer);
  g_autofree char *referral = dup_referral (answer), *bytes = NULL, *time = NULL;
  char address[PTL_ADDRESS_TEXT_MAX];

  g_ptr_array_add (self->answers, answer);
  bytes = g_strdup_printf ("%zu", answer->len_bytes);
  time = ptl_icmp_time_to_text ((double) answer->total_ns);
  ptl_table_row_set (row, COLUMN_SERVER, server);
  if (answer->address.len > 0)
    ptl_table_row_set (row, COLUMN_ADDRESS,
                       ptl_address_format_host (&answer->address, address, sizeof address));
  ptl_table_row_set (row, COLUMN_RESULT, result);
  ptl_table_row_set_tone (row, COLUMN_RESULT, answer->end != PTL_WHOIS_END_CLOSED ? PTL_TABLE_BAD
                                              : answer->len_bytes == 0 ? PTL_TABLE_WARNING
                                                                       : PTL_TABLE_GOOD);
  ptl_table_row_set (row, COLUMN_REFERRAL, referral);
  ptl_table_row_set_number (row, COLUMN_BYTES, (double) answer->len_bytes, bytes);
  ptl_table_row_set_number (row, COLUMN_TIME,
                            (double) answer->total_ns / (double) PTL_NS_PER_MS, time);
  ptl_table_row_changed (row);
}

static void
ptl_query_job_count (PtlJob  *job,
                     guint64  totals[PTL_RATES_SERIES])
{
  totals[0] = ptl_whois_get_received (PTL_QUERY_JOB (job)->whois);
}

static void
on_bridged_cb (gpointer payload,
               gpointer data)
{
  News *news = payload;
  PtlQueryJob *self = data;
  PtlJob *job = PTL_JOB (self);

  if (news->generation == self->generation)
    {
      add_answer (self, g_steal_pointer (&news->answer));
      ptl_job_count (job);
      if (news->last)
        {
          ptl_job_stop_clock (job);
          g_clear_pointer (&self->whois, ptl_whois_free);
        }
      ptl_job_set_busy (job, !news->last);
    }
  news_free (news);
}

/* The question's thread. */
static void
on_answer (PtlWhoisAnswer *answer,
           bool            last,
           void           *data)
{
  PtlQueryJob *self = data;
  News *news = g_new0 (News, 1);

  news->generation = self->generation;
  news->last = last;
  news->answer = answer;
  ptl_bridge_post (ptl_job_get_bridge (data), on_bridged_cb, news, news_free, self, NULL);
}

/* --- the history ------------------------------------------------------------------------------ */

#define ENTRY_FINGER "finger"
#define ENTRY_VERBOSE "/W"
#define ENTRY_NO_FOLLOW "no-follow"

char *
ptl_query_request_to_entry (const PtlQueryRequest *request)
{
  gboolean finger = request->kind == PTL_QUERY_FINGER;
  g_autofree char *query = g_strdelimit (g_strdup (request->query), "\t", ' ');
  g_autofree char *server = g_strdelimit (g_strdup (request->server), "\t", ' ');
  const char *how = NULL;

  if (finger && request->verbose)
    how = ENTRY_VERBOSE;
  else if (!finger && !request->follow)
    how = ENTRY_NO_FOLLOW;
  /* As older entries are, where nothing is chosen: they are the same. */
  return g_strjoin ("\t", finger ? ENTRY_FINGER : "whois", query, server, how, NULL);
}

void
ptl_query_request_from_entry (PtlQueryRequest  *request,
                              char            **fields)
{
  request->kind = g_str_equal (fields[0], ENTRY_FINGER) ? PTL_QUERY_FINGER : PTL_QUERY_WHOIS;
  request->query = fields[1];
  request->server = fields[2];
  request->verbose = g_str_equal (fields[3], ENTRY_VERBOSE);
  request->follow = !g_str_equal (fields[3], ENTRY_NO_FOLLOW);
}

/* --- asking ----------------------------------------------------------------------------------- */

static gboolean
parse_server (PtlWhoisServer *server,
              const char     *text,
              guint16         port,
              GError        **error)
{
  if (ptl_whois_parse_server (server, text, strlen (text), port))
    return TRUE;
  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE,
               _("A server is typed as a name or an address, maybe with a port: %s or [::1]:%u"),
               port == PTL_WHOIS_PORT ? PTL_WHOIS_SERVER : "finger.example.org", port);
  return FALSE;
}

/* @query is owned. */
static gboolean
prepare (const PtlQueryRequest *request,
         PtlWhoisServer        *server,
         char                 **query,
         GError               **error)
{
  g_autofree char *typed = g_strstrip (g_strdup (request->server));
  guint16 port = request->kind == PTL_QUERY_FINGER ? PTL_FINGER_PORT : PTL_WHOIS_PORT;

  if (request->kind == PTL_QUERY_FINGER)
    {
      if (!ptl_finger_parse (request->query, request->verbose, server, query, error))
        return FALSE;
    }
  else
    {
      *query = ptl_whois_build_query (request->query, error);
      if (*query == NULL)
        return FALSE;
    }
  if (*typed != '\0')
    return parse_server (server, typed, port, error);
  if (request->kind == PTL_QUERY_WHOIS)
    return parse_server (server, PTL_WHOIS_SERVER, port, error);
  return server->host[0] != '\0' || parse_server (server, "localhost", port, error);
}

gboolean
ptl_query_job_start (PtlQueryJob           *self,
                     const PtlQueryRequest *request,
                     GError               **error)
{
  PtlWhoisConfig config = { 0 };
  g_autofree char *query = NULL;
  g_autoptr (GError) failed = NULL;

  g_return_val_if_fail (PTL_IS_QUERY_JOB (self), FALSE);

  if (!prepare (request, &config.server, &query, error))
    return FALSE;
  /* No news of the one before comes after this. */
  g_clear_pointer (&self->whois, ptl_whois_free);
  self->generation++;
  ptl_table_store_clear (self->store);
  g_ptr_array_set_size (self->answers, 0);
  g_clear_pointer (&self->failure, g_free);
  self->asked = TRUE;
  self->stopped = FALSE;
  ptl_job_start_clock (PTL_JOB (self));
  config.query = query;
  config.follow = request->kind == PTL_QUERY_WHOIS && request->follow;
  self->whois = ptl_whois_new (&config, ptl_lookup_pool_get_resolver (self->pool), on_answer, self,
                               &failed);
  if (self->whois == NULL)
    {
      ptl_job_stop_clock (PTL_JOB (self));
      self->failure = g_strdup (failed->message);
    }
  ptl_job_set_busy (PTL_JOB (self), self->whois != NULL);
  return TRUE;
}

static void
ptl_query_job_stop (PtlJob *job)
{
  PtlQueryJob *self = PTL_QUERY_JOB (job);

  if (self->whois == NULL)
    return;
  self->stopped = TRUE;
  /* Its last news comes at once, with what there is. */
  ptl_whois_stop (self->whois);
}

char *
ptl_query_job_dup_answer (PtlQueryJob *self,
                          PtlTableRow *row)
{
  g_autofree char *text = NULL;
  guint64 number;

  g_return_val_if_fail (PTL_IS_QUERY_JOB (self), NULL);

  if (row == NULL || ptl_table_row_get_key (row) == NULL
      || !g_ascii_string_to_unsigned (ptl_table_row_get_key (row), 10, 0, PTL_WHOIS_HOPS_MAX,
                                      &number, NULL)
      || number >= self->answers->len)
    return g_strdup ("");
  text = dup_text (self->answers->pdata[number]);
  /* Why there is none: its column may have no room for that. */
  if (*text == '\0')
    return dup_result (self->answers->pdata[number]);
  return dup_for_view (text);
}

char *
ptl_query_job_dup_all (PtlQueryJob *self)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (PTL_IS_QUERY_JOB (self), NULL);

  for (guint i = 0; i < self->answers->len; i++)
    {
      const PtlWhoisAnswer *answer = self->answers->pdata[i];
      g_autofree char *server = dup_server (&answer->server, 0), *result = dup_result (answer);
      g_autofree char *said = dup_text (answer);

      g_string_append_printf (text, "%s# %s: %s\n%s%s", i > 0 ? "\n" : "", server, result, said,
                              g_str_has_suffix (said, "\n") || *said == '\0' ? "" : "\n");
    }
  return g_string_free (text, FALSE);
}

char *
ptl_query_job_dup_status (PtlQueryJob *self)
{
  PtlJob *job = PTL_JOB (self);
  guint n;
  double seconds;

  g_return_val_if_fail (PTL_IS_QUERY_JOB (self), NULL);

  n = self->answers->len;
  if (self->failure != NULL)
    return g_strdup (self->failure);
  if (!self->asked)
    return g_strdup ("");
  if (ptl_job_is_busy (job))
    {
      g_autofree char *size = g_format_size (ptl_job_get_rates (job)->totals[0]);

      return g_strdup_printf (_("Asking server %u … %s so far"), n + 1, size);
    }
  seconds = ptl_job_get_seconds (job);
  return g_strdup_printf (self->stopped ? ngettext ("Stopped: %u server asked in %.2f s",
                                                    "Stopped: %u servers asked in %.2f s", n)
                                        : ngettext ("%u server asked in %.2f s",
                                                    "%u servers asked in %.2f s", n), n, seconds);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_query_job_finalize (GObject *object)
{
  PtlQueryJob *self = PTL_QUERY_JOB (object);

  ptl_whois_free (self->whois);
  ptl_lookup_pool_free (self->pool);
  g_ptr_array_unref (self->answers);
  g_free (self->failure);

  G_OBJECT_CLASS (ptl_query_job_parent_class)->finalize (object);
}

static void
ptl_query_job_class_init (PtlQueryJobClass *klass)
{
  PtlJobClass *job_class = PTL_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ptl_query_job_finalize;
  job_class->tick_ms = TICK_MS;
  job_class->stop = ptl_query_job_stop;
  job_class->count = ptl_query_job_count;
}

static void
ptl_query_job_init (PtlQueryJob *self)
{
  self->pool = ptl_lookup_pool_new ();
  self->store = ptl_job_make_store (PTL_JOB (self), columns, N_COLUMNS);
  self->answers = g_ptr_array_new_with_free_func ((GDestroyNotify) ptl_whois_answer_free);
}

PtlQueryJob *
ptl_query_job_new (void)
{
  return g_object_new (PTL_TYPE_QUERY_JOB, NULL);
}
