/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine, the log and the lookup pool without a window, driven by lines on standard input.
 *
 * Each command line is answered by exactly one line of JSON with "ok" and "now_ns" (CLOCK_MONOTONIC
 * when the answer was made).  Words are separated as in a shell ("a b" is one).  In strings of the
 * answers each byte above 0x7f stands as \u00XX, so that nothing is lost.
 *
 *   open ROLE URI [KEY=VALUE ...]   ROLE connect, listen, datagrams; KEY: see set_spec_key()
 *   send ID PEER text T | hex H | blob N [SEED] | file PATH      PEER 0: all
 *   send-to ID HOST:PORT text T | hex H | blob N [SEED]
 *   send-file ID PEER PATH [OFFSET]   cancel ID TAG
 *   flood ID PEER SIZE COUNT          sends until all were queued, waits where the queue is full
 *   end ID PEER   close ID PEER [reset]   stop ID   pause ID   resume ID
 *   when-full ID stop|go-on   reaction ID NAME [TEXT]   join|leave ID GROUP [DEVICE]
 *   status ID   peers ID   sends ID   calls ID   frames ID [FROM [N [BYTES]]]   check ID
 *   sha256 ID in|out PEER|all   bytes ID in|out PEER|all [MAX]
 *   wait ID CONDITION [MS]            see condition_holds(); 10 s without MS
 *   reopen DIR   list-left DIR   discard DIR   forget ID   quit
 *
 * Options: --log-dir DIR (else a temporary folder, removed at the end), --workers N, --no-calls,
 * --no-log (frames are thrown away: what the engine costs alone), --no-peers (the driver keeps no
 * list of its own of them: what the engine needs per connection). */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "base/ptl-clock.h"
#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "base/ptl-event.h"
#include "base/ptl-fd.h"
#include "base/ptl-spec.h"
#include "engine/ptl-calls.h"
#include "engine/ptl-engine.h"
#include "log/ptl-log.h"
#include "lookup/ptl-lookup-pool.h"

#define LINE_MAX_BYTES (4u * 1024 * 1024) /* of a command */
#define WAIT_DEFAULT_MS 10000u
#define WAIT_STEP_MS 2                    /* the log's counter has no wake of its own */
#define REOPENED_FIRST_ID UINT64_C (1000000)
#define READ_BUFFER_BYTES (1024u * 1024)
#define FRAMES_BATCH 4096u

typedef struct
{
  PtlSessionId     id;
  PtlLog          *log;   /* owned; NULL with --no-log */
  PtlCalls        *calls; /* owned; NULL with --no-calls */
  PtlSessionStatus status;
  bool             has_status;
  GHashTable      *peers; /* number -> PtlPeerInfo */
  uint64_t         events_seen; /* frames that were looked at for events */
  uint64_t         event_counts[PTL_N_EVENTS];
} Session;

typedef struct
{
  PtlLookupPool *pool;
  PtlEngine     *engine;
  GHashTable    *sessions; /* id -> Session */
  GHashTable    *sends;    /* tag -> PtlSendReport */
  char          *log_dir;
  bool           log_dir_is_ours;
  bool           with_calls;
  bool           with_log;
  bool           with_peers;
  unsigned       n_opened;
  uint64_t       next_tag;
  uint64_t       next_reopened;
  int            news_fd;
  bool           quit;
} Tool;

/* ---- Names ---- */

static const char *const role_names[] = { "connect", "listen", "datagrams" };
static const char *const state_names[] = { "opening", "resolving", "connecting", "connected",
                                           "listening", "closing", "closed", "failed" };
static const char *const peer_state_names[] = { "open", "half-closed-by-peer", "half-closed-by-us",
                                                "closed", "reset" };
static const char *const kind_names[] = { "in", "out", "event" };
static const char *const reaction_names[] = { "none", "echo", "discard", "greeting", "answer" };
static const char *const full_names[] = { "stop", "go-on" };
static const char *const family_names[] = { "any", "ipv4", "ipv6" };
static const char *const step_names[] = {
  "none", "resolve", "socket", "option", "bind", "listen", "accept", "connect", "send", "receive",
  "shutdown", "membership", "log", "connect-timeout", "idle-timeout", "unsupported"
};
static const char *const event_names[] = {
  "none", "resolving", "resolved", "resolved-address", "resolve-failed", "candidate-started",
  "candidate-failed", "candidate-dropped", "connected", "listening", "bound", "accepted",
  "peer-refused", "accept-paused", "accept-resumed", "peer-ended", "we-ended", "reset", "we-reset",
  "closed", "send-failed", "connect-timeout", "idle-timeout", "joined", "left", "join-failed",
  "kernel-drops", "log-full", "log-resumed", "receiving-paused", "receiving-resumed",
  "option-failed", "fault", "stopped", "socket-error", "peer-forgotten", "file-sent",
  "not-recorded", "peer-not-reading", "half-open-ended"
};
static const char *const call_names[] = {
  "getaddrinfo", "socket", "setsockopt", "bind", "listen", "accept", "connect", "connect-done",
  "getsockname", "send", "recv", "recvmsg", "sendto", "recvmmsg", "splice", "shutdown", "close",
  "get-error", "get-meminfo", "fionread", "send-diag", "recv-diag"
};
static const char *const opt_names[] = {
  "none", "reuseaddr", "reuseport", "v6only", "nodelay", "keepalive", "keepidle", "keepintvl",
  "keepcnt", "rcvbuf", "sndbuf", "linger", "broadcast", "ttl", "hops", "tos", "tclass", "device",
  "rxq-ovfl", "multicast-ttl", "multicast-hops", "multicast-loop", "multicast-loop6",
  "multicast-if", "multicast-if6", "add-membership", "drop-membership", "timestampns",
  "rcvbufforce"
};

_Static_assert (G_N_ELEMENTS (state_names) == PTL_N_SESSION_STATES, "a name for each state");
_Static_assert (G_N_ELEMENTS (peer_state_names) == PTL_N_PEER_STATES, "a name for each peer state");
_Static_assert (G_N_ELEMENTS (kind_names) == PTL_N_FRAME_KINDS, "a name for each kind");
_Static_assert (G_N_ELEMENTS (step_names) == PTL_N_STEPS, "a name for each step");
_Static_assert (G_N_ELEMENTS (event_names) == PTL_N_EVENTS, "a name for each event");
_Static_assert (G_N_ELEMENTS (call_names) == PTL_N_CALLS, "a name for each call");
_Static_assert (G_N_ELEMENTS (opt_names) == PTL_N_OPTS, "a name for each option");

static const char *
name_of (const char *const *names,
         size_t             n_names,
         unsigned           value)
{
  return value < n_names ? names[value] : "?";
}

#define NAME_OF(names, value) name_of (names, G_N_ELEMENTS (names), (unsigned) (value))

static int
find_name (const char *const *names,
           size_t             n_names,
           const char        *name)
{
  for (size_t i = 0; i < n_names; i++)
    if (strcmp (names[i], name) == 0)
      return (int) i;
  return -1;
}

#define FIND_NAME(names, name) find_name (names, G_N_ELEMENTS (names), name)

/* ---- JSON ---- */

static void
json_key (GString    *out,
          const char *key)
{
  char last = out->len > 0 ? out->str[out->len - 1] : '{';

  if (last != '{' && last != '[')
    g_string_append_c (out, ',');
  if (key != NULL)
    g_string_append_printf (out, "\"%s\":", key);
}

static void
json_string (GString    *out,
             const char *key,
             const char *value)
{
  json_key (out, key);
  if (value == NULL)
    {
      g_string_append (out, "null");
      return;
    }
  g_string_append_c (out, '"');
  for (const unsigned char *p = (const unsigned char *) value; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if (*p < 0x20 || *p >= 0x7f)
        g_string_append_printf (out, "\\u%04x", *p);
      else
        g_string_append_c (out, (char) *p);
    }
  g_string_append_c (out, '"');
}

static void
json_u64 (GString    *out,
          const char *key,
          uint64_t    value)
{
  json_key (out, key);
  g_string_append_printf (out, "%" PRIu64, value);
}

static void
json_i64 (GString    *out,
          const char *key,
          int64_t     value)
{
  json_key (out, key);
  g_string_append_printf (out, "%" PRId64, value);
}

static void
json_bool (GString    *out,
           const char *key,
           bool        value)
{
  json_key (out, key);
  g_string_append (out, value ? "true" : "false");
}

static void
json_errno (GString    *out,
            const char *key,
            int         sys_errno)
{
  json_string (out, key, sys_errno == 0 ? "" : ptl_errno_name (sys_errno));
}

static void
json_address (GString          *out,
              const char       *key,
              const PtlAddress *address)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  json_string (out, key, address->len == 0 ? "" : ptl_address_format (address, text, sizeof text));
}

static void
json_hex (GString       *out,
          const char    *key,
          const uint8_t *bytes,
          size_t         len_bytes)
{
  static const char digits[] = "0123456789abcdef";

  json_key (out, key);
  g_string_append_c (out, '"');
  for (size_t i = 0; i < len_bytes; i++)
    {
      g_string_append_c (out, digits[bytes[i] >> 4]);
      g_string_append_c (out, digits[bytes[i] & 15]);
    }
  g_string_append_c (out, '"');
}

static void
json_open (GString    *out,
           const char *key,
           char        bracket)
{
  json_key (out, key);
  g_string_append_c (out, bracket);
}

static void
answer_begin (GString *out,
              bool     ok)
{
  g_string_assign (out, "{");
  json_bool (out, "ok", ok);
  json_u64 (out, "now_ns", ptl_clock_monotonic_ns ());
}

static void G_GNUC_PRINTF (2, 3)
answer_error (GString    *out,
              const char *format,
              ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  answer_begin (out, false);
  json_string (out, "error", text);
}

static void
answer_result (GString *out,
               int      result)
{
  answer_begin (out, result >= 0);
  json_i64 (out, "result", result);
  if (result < 0)
    json_errno (out, "error", -result);
}

/* ---- Sessions and news ---- */

static void
session_free (gpointer data)
{
  Session *session = data;

  g_clear_pointer (&session->peers, g_hash_table_unref);
  if (session->calls != NULL)
    ptl_calls_unref (session->calls);
  ptl_log_unref (session->log);
  g_free (session);
}

static Session *
tool_add_session (Tool        *tool,
                  PtlSessionId id,
                  PtlLog      *log,
                  PtlCalls    *calls)
{
  Session *session = g_new0 (Session, 1);

  session->id = id;
  session->log = log;
  session->calls = calls;
  session->peers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (tool->sessions, GSIZE_TO_POINTER (id), session);
  return session;
}

static Session *
tool_find_session (Tool       *tool,
                   const char *word)
{
  uint64_t id = g_ascii_strtoull (word, NULL, 10);

  return g_hash_table_lookup (tool->sessions, GSIZE_TO_POINTER (id));
}

static void
on_news (void *data)
{
  Tool *tool = data;
  uint64_t one = 1;
  ssize_t ignored = write (tool->news_fd, &one, sizeof one);

  (void) ignored;
}

static void
tool_take_news (Tool *tool)
{
  PtlNews news;
  uint64_t count;

  if (read (tool->news_fd, &count, sizeof count) < 0)
    return;
  ptl_engine_take_news (tool->engine, &news);
  for (size_t i = 0; i < news.n_statuses; i++)
    {
      Session *session = g_hash_table_lookup (tool->sessions,
                                              GSIZE_TO_POINTER (news.statuses[i].id));

      if (session != NULL)
        {
          session->status = news.statuses[i];
          session->has_status = true;
        }
    }
  for (size_t i = 0; i < news.n_peers; i++)
    {
      Session *session = g_hash_table_lookup (tool->sessions,
                                              GSIZE_TO_POINTER (news.peers[i].session));

      if (session != NULL && tool->with_peers)
        g_hash_table_insert (session->peers, GUINT_TO_POINTER (news.peers[i].peer),
                             g_memdup2 (&news.peers[i], sizeof news.peers[i]));
    }
  for (size_t i = 0; i < news.n_sends; i++)
    g_hash_table_insert (tool->sends, GSIZE_TO_POINTER (news.sends[i].tag),
                         g_memdup2 (&news.sends[i], sizeof news.sends[i]));
  ptl_news_clear (&news);
}

/* Waits for news, at most @timeout_ms, and takes them. */
static void
tool_wait_news (Tool *tool,
                int   timeout_ms)
{
  struct pollfd fd = { .fd = tool->news_fd, .events = POLLIN };

  if (poll (&fd, 1, timeout_ms) > 0)
    tool_take_news (tool);
}

/* ---- A sink that only counts ---- */

typedef struct
{
  PtlSink base;
} NullSink;

static void
null_sink_add_peer (PtlSink          *self,
                    uint32_t          peer,
                    const PtlAddress *address)
{
}

static void
null_sink_append (PtlSink        *self,
                  const PtlFrame *frame,
                  const void     *bytes)
{
}

static int
null_sink_append_pipe (PtlSink        *self,
                       const PtlFrame *frame,
                       int             fd)
{
  char scratch[65536];

  for (uint64_t left = frame->length; left > 0;)
    {
      ssize_t n = read (fd, scratch, MIN (left, sizeof scratch));

      if (n <= 0)
        break;
      left -= (uint64_t) n;
    }
  return 1;
}

static int
null_sink_commit (PtlSink *self)
{
  return 0;
}

static void
null_sink_get_lost (PtlSink *self,
                    PtlLost *lost)
{
  *lost = (PtlLost) { 0 };
}

static void
null_sink_close (PtlSink *self)
{
  g_free (self);
}

static const PtlSinkClass null_sink_class = {
  null_sink_add_peer, null_sink_append, null_sink_append_pipe,
  null_sink_commit, null_sink_get_lost, null_sink_close
};

/* ---- Opening ---- */

static bool
parse_bytes (const char *kind,
             const char *value,
             const char *seed,
             PtlBlob   **blob,
             char      **message)
{
  g_autoptr (GError) error = NULL;
  size_t len_bytes = 0;

  *blob = NULL;
  if (strcmp (kind, "text") == 0 || strcmp (kind, "hex") == 0)
    {
      g_autofree uint8_t *bytes = *kind == 't'
        ? ptl_codec_parse_text (value, &len_bytes, NULL, &error)
        : ptl_codec_parse_hex (value, &len_bytes, NULL, &error);

      if (bytes == NULL)
        {
          *message = g_strdup (error != NULL ? error->message : "no bytes");
          return false;
        }
      *blob = ptl_blob_new (bytes, len_bytes);
      return true;
    }
  if (strcmp (kind, "blob") == 0)
    {
      uint64_t x = (seed != NULL ? g_ascii_strtoull (seed, NULL, 10) : 1) * 2 + 1;

      len_bytes = g_ascii_strtoull (value, NULL, 10);
      *blob = ptl_blob_new (NULL, len_bytes);
      for (size_t i = 0; i < len_bytes; i++)
        {
          x = x * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
          (*blob)->data[i] = (uint8_t) (x >> 56);
        }
      return true;
    }
  if (strcmp (kind, "file") == 0)
    {
      g_autofree char *bytes = NULL;

      if (!g_file_get_contents (value, &bytes, &len_bytes, &error))
        {
          *message = g_strdup (error->message);
          return false;
        }
      *blob = ptl_blob_new (bytes, len_bytes);
      return true;
    }
  *message = g_strdup_printf ("text, hex, blob or file, not %s", kind);
  return false;
}

/* True when @key is known and @value right. */
static bool
set_spec_key (PtlSpec    *spec,
              const char *key,
              const char *value)
{
  PtlOptions *o = &spec->options;
  const struct { const char *key; int *place; } numbers[] = {
    { "reuse-addr", &o->reuse_addr }, { "reuse-port", &o->reuse_port }, { "v6only", &o->v6only },
    { "nodelay", &o->nodelay }, { "keepalive", &o->keepalive }, { "keep-idle", &o->keep_idle_s },
    { "keep-interval", &o->keep_interval_s }, { "keep-count", &o->keep_count },
    { "rcvbuf", &o->rcvbuf }, { "sndbuf", &o->sndbuf }, { "linger", &o->linger_s },
    { "broadcast", &o->broadcast }, { "ttl", &o->ttl }, { "tos", &o->tos },
    { "backlog", &o->backlog }, { "multicast-ttl", &o->multicast_ttl },
    { "multicast-loop", &o->multicast_loop },
    { "domain", &spec->domain }, { "type", &spec->type }, { "protocol", &spec->protocol },
  };
  uint64_t number = g_ascii_strtoull (value, NULL, 10);
  int index;

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (strcmp (numbers[i].key, key) == 0)
      {
        *numbers[i].place = atoi (value);
        return true;
      }
  if (strcmp (key, "device") == 0)
    return g_strlcpy (o->device, value, sizeof o->device) < sizeof o->device;
  if (strcmp (key, "connect-timeout-ms") == 0)
    spec->connect_timeout_ms = (uint32_t) number;
  else if (strcmp (key, "idle-timeout-ms") == 0)
    spec->idle_timeout_ms = (uint32_t) number;
  else if (strcmp (key, "half-open-ms") == 0)
    spec->half_open_ms = strcmp (value, "keep") == 0   ? PTL_HALF_OPEN_KEEP
                         : strcmp (value, "auto") == 0 ? PTL_HALF_OPEN_AUTO
                                                       : (uint32_t) number;
  else if (strcmp (key, "own-peers-only") == 0)
    spec->own_peers_only = number != 0;
  else if (strcmp (key, "max-peers") == 0)
    spec->max_peers = (uint32_t) number;
  else if (strcmp (key, "log-limit") == 0)
    spec->log_limit_bytes = number;
  else if (strcmp (key, "keep-free") == 0)
    spec->keep_free_bytes = number;
  else if (strcmp (key, "when-full") == 0)
    {
      if ((index = FIND_NAME (full_names, value)) < 0)
        return false;
      spec->when_full = (PtlWhenFull) index;
    }
  else if (strcmp (key, "family") == 0)
    {
      if ((index = FIND_NAME (family_names, value)) < 0)
        return false;
      spec->family = (PtlFamily) index;
    }
  else if (strcmp (key, "reaction") == 0)
    {
      if ((index = FIND_NAME (reaction_names, value)) < 0)
        return false;
      spec->reaction = (PtlReaction) index;
    }
  else if (strcmp (key, "text") == 0)
    {
      g_autofree char *message = NULL;

      g_clear_pointer (&spec->reaction_text, ptl_blob_unref);
      return parse_bytes ("text", value, NULL, &spec->reaction_text, &message);
    }
  else if (strcmp (key, "local") == 0)
    {
      ptl_endpoint_clear (&spec->local);
      spec->has_local = ptl_endpoint_parse (&spec->local, value, "0", NULL, NULL);
      return spec->has_local;
    }
  else if (strcmp (key, "local-unix") == 0)
    {
      ptl_endpoint_clear (&spec->local);
      spec->has_local = ptl_endpoint_parse_unix (&spec->local, value, NULL, NULL);
      return spec->has_local;
    }
  else
    return false;
  return true;
}

static void
run_open (Tool    *tool,
          char   **words,
          int      n_words,
          GString *out)
{
  g_autoptr (PtlSpec) spec = NULL;
  g_autoptr (GError) error = NULL;
  PtlLog *log = NULL;
  PtlCalls *calls = NULL;
  PtlSink *sink;
  PtlSessionId id;
  size_t at = 0;
  int role;

  if (n_words < 3 || (role = FIND_NAME (role_names, words[1])) < 0)
    {
      answer_error (out, "open connect|listen|datagrams URI");
      return;
    }
  spec = ptl_spec_parse_uri ((PtlRole) role, words[2], &at, &error);
  if (spec == NULL)
    {
      answer_error (out, "%s", error != NULL ? error->message : "no error was set");
      json_u64 (out, "at", at);
      return;
    }
  /* Nobody sits here who would answer a peer that has ended its input: half-open-ms asks for it. */
  if (!ptl_spec_is_datagram (spec) && spec->half_open_ms == PTL_HALF_OPEN_AUTO)
    spec->half_open_ms = 0;
  for (int i = 3; i < n_words; i++)
    {
      char *equals = strchr (words[i], '=');

      if (equals == NULL)
        {
          answer_error (out, "KEY=VALUE, not %s", words[i]);
          return;
        }
      *equals = '\0';
      if (!set_spec_key (spec, words[i], equals + 1))
        {
          answer_error (out, "option %s: %s", words[i], equals + 1);
          return;
        }
    }
  if (!ptl_spec_check (spec, &error))
    {
      answer_error (out, "%s", error != NULL ? error->message : "no error was set");
      return;
    }
  if (tool->with_log)
    {
      g_autofree char *dir = g_strdup_printf ("%s/session-%u", tool->log_dir, ++tool->n_opened);
      g_autofree char *uri = ptl_spec_to_uri (spec);

      log = ptl_log_create (dir, uri, spec->log_limit_bytes, &error);
      if (log == NULL)
        {
          answer_error (out, "%s", error->message);
          return;
        }
      ptl_log_set_keep_free (log, spec->keep_free_bytes);
      sink = ptl_log_make_sink (log);
    }
  else
    {
      NullSink *null_sink = g_new0 (NullSink, 1);

      null_sink->base.klass = &null_sink_class;
      sink = &null_sink->base;
    }
  if (tool->with_calls)
    calls = ptl_calls_new ();
  id = ptl_engine_open (tool->engine, spec, sink, calls);
  tool_add_session (tool, id, log, calls);
  answer_begin (out, true);
  json_u64 (out, "id", id);
  json_string (out, "dir", log != NULL ? ptl_log_get_dir (log) : NULL);
}

static void
run_reopen (Tool       *tool,
            const char *dir,
            GString    *out)
{
  g_autoptr (GError) error = NULL;
  PtlLog *log = ptl_log_open (dir, &error);
  uint64_t id;

  if (log == NULL)
    {
      answer_error (out, "%s", error != NULL ? error->message : "no error was set");
      return;
    }
  id = tool->next_reopened++;
  tool_add_session (tool, id, log, NULL);
  answer_begin (out, true);
  json_u64 (out, "id", id);
  json_u64 (out, "n_frames", ptl_log_get_n_frames (log));
  json_u64 (out, "n_peers", ptl_log_get_n_peers (log));
  json_u64 (out, "n_bytes", ptl_log_get_n_bytes (log));
  json_string (out, "uri", ptl_log_get_uri (log));
}

/* ---- What is there ---- */

static void
answer_status (Session *session,
               GString *out)
{
  const PtlSessionStatus *s = &session->status;

  answer_begin (out, true);
  json_u64 (out, "id", session->id);
  json_bool (out, "has_status", session->has_status);
  json_string (out, "state", NAME_OF (state_names, s->state));
  json_open (out, "fault", '{');
  json_string (out, "step", NAME_OF (step_names, s->fault.step));
  json_errno (out, "errno", s->fault.sys_errno);
  json_i64 (out, "gai_code", s->fault.gai_code);
  json_i64 (out, "detail", s->fault.detail);
  json_address (out, "address", &s->fault.address);
  g_string_append_c (out, '}');
  json_u64 (out, "rx_bytes", s->rx_bytes);
  json_u64 (out, "tx_bytes", s->tx_bytes);
  json_u64 (out, "rx_frames", s->rx_frames);
  json_u64 (out, "tx_frames", s->tx_frames);
  json_u64 (out, "lost_frames", s->lost.in_frames);
  json_u64 (out, "lost_bytes", s->lost.in_bytes);
  json_u64 (out, "lost_out_frames", s->lost.out_frames);
  json_u64 (out, "lost_out_bytes", s->lost.out_bytes);
  json_u64 (out, "lost_events", s->lost.events);
  json_u64 (out, "kernel_drops", s->kernel_drops);
  json_u64 (out, "truncated", s->truncated);
  json_u64 (out, "refused", s->refused);
  json_u64 (out, "peers_total", s->peers_total);
  json_u64 (out, "peers_open", s->peers_open);
  json_u64 (out, "queued_bytes", s->queued_bytes);
  json_bool (out, "accept_paused", s->accept_paused);
  json_bool (out, "log_full", s->log_full);
  json_bool (out, "receiving_paused", s->receiving_paused);
  json_open (out, "locals", '[');
  for (unsigned i = 0; i < s->n_locals && i < G_N_ELEMENTS (s->locals); i++)
    json_address (out, NULL, &s->locals[i]);
  g_string_append_c (out, ']');
  json_u64 (out, "n_locals", s->n_locals);
  if (session->log != NULL)
    {
      json_u64 (out, "log_frames", ptl_log_get_n_frames (session->log));
      json_u64 (out, "log_bytes", ptl_log_get_n_bytes (session->log));
      json_u64 (out, "log_peers", ptl_log_get_n_peers (session->log));
      json_u64 (out, "log_start_ns", ptl_log_get_start_monotonic_ns (session->log));
    }
}

static int
compare_peers (gconstpointer a,
               gconstpointer b)
{
  const PtlPeerInfo *const *left = a;
  const PtlPeerInfo *const *right = b;

  return (*left)->peer < (*right)->peer ? -1 : (*left)->peer > (*right)->peer;
}

static void
answer_peers (Session *session,
              GString *out)
{
  g_autoptr (GPtrArray) peers = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, session->peers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (peers, value);
  g_ptr_array_sort (peers, compare_peers);

  answer_begin (out, true);
  json_open (out, "peers", '[');
  for (guint i = 0; i < peers->len; i++)
    {
      const PtlPeerInfo *p = peers->pdata[i];

      json_open (out, NULL, '{');
      json_u64 (out, "peer", p->peer);
      json_string (out, "state", NAME_OF (peer_state_names, p->state));
      json_errno (out, "errno", p->sys_errno);
      json_address (out, "address", &p->address);
      json_address (out, "local", &p->local);
      json_u64 (out, "opened_ns", p->opened_ns);
      json_u64 (out, "closed_ns", p->closed_ns);
      json_u64 (out, "rx_bytes", p->rx_bytes);
      json_u64 (out, "tx_bytes", p->tx_bytes);
      json_u64 (out, "queued_bytes", p->queued_bytes);
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
}

static void
json_send_report (GString             *out,
                  const PtlSendReport *r)
{
  json_u64 (out, "tag", r->tag);
  json_bool (out, "done", r->done);
  json_u64 (out, "n_peers", r->n_peers);
  json_u64 (out, "n_failed", r->n_failed);
  json_errno (out, "errno", r->sys_errno);
  json_u64 (out, "total_bytes", r->total_bytes);
  json_u64 (out, "sent_bytes", r->sent_bytes);
  json_i64 (out, "gai_code", r->gai_code);
}

static void
answer_sends (Tool    *tool,
              Session *session,
              GString *out)
{
  GHashTableIter iter;
  gpointer value;

  answer_begin (out, true);
  json_open (out, "sends", '[');
  g_hash_table_iter_init (&iter, tool->sends);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const PtlSendReport *report = value;

      if (report->session != session->id)
        continue;
      json_open (out, NULL, '{');
      json_send_report (out, report);
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
}

static void
answer_calls (Session *session,
              GString *out)
{
  uint64_t first = 0, next = 0, changes = 0;

  answer_begin (out, true);
  if (session->calls != NULL)
    ptl_calls_get_range (session->calls, &first, &next, &changes);
  json_u64 (out, "first", first);
  json_u64 (out, "next", next);
  json_u64 (out, "changes", changes);
  json_open (out, "calls", '[');
  for (uint64_t seq = first; seq < next; seq++)
    {
      PtlCallRecord r;

      if (!ptl_calls_get (session->calls, seq, &r))
        continue;
      json_open (out, NULL, '{');
      json_u64 (out, "seq", seq);
      json_string (out, "call", NAME_OF (call_names, r.call));
      json_i64 (out, "fd", r.fd);
      json_u64 (out, "peer", r.peer);
      json_open (out, "args", '[');
      for (unsigned i = 0; i < G_N_ELEMENTS (r.args); i++)
        json_i64 (out, NULL, r.args[i]);
      g_string_append_c (out, ']');
      if (r.call == PTL_CALL_SETSOCKOPT)
        json_string (out, "option", NAME_OF (opt_names, r.args[0]));
      json_i64 (out, "result", r.result);
      json_errno (out, "errno", r.sys_errno);
      json_u64 (out, "count", r.count);
      json_u64 (out, "bytes", r.bytes);
      json_u64 (out, "again", r.n_again);
      json_address (out, "address", &r.address);
      json_u64 (out, "time_ns", r.time_ns);
      json_u64 (out, "last_ns", r.last_ns);
      json_u64 (out, "elapsed_ns", r.elapsed_ns);
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
}

static void
json_event (GString        *out,
            Session        *session,
            const PtlFrame *frame)
{
  uint8_t bytes[PTL_EVENT_BYTES_MAX];
  PtlEvent event;
  ssize_t n = ptl_log_read (session->log, frame, 0, bytes, sizeof bytes);

  json_open (out, "event", '{');
  json_string (out, "name", NAME_OF (event_names, frame->code));
  json_bool (out, "whole", ptl_event_decode (&event, frame->code, bytes, n < 0 ? 0 : (size_t) n));
  json_errno (out, "errno", event.error);
  json_i64 (out, "n1", event.n1);
  json_i64 (out, "n2", event.n2);
  json_address (out, "local", &event.local);
  json_address (out, "peer", &event.peer);
  json_string (out, "text", event.text);
  g_string_append_c (out, '}');
}

static void
answer_frames (Session *session,
               char   **words,
               int      n_words,
               GString *out)
{
  uint64_t from = n_words > 2 ? g_ascii_strtoull (words[2], NULL, 10) : 0;
  uint64_t n = n_words > 3 ? g_ascii_strtoull (words[3], NULL, 10) : UINT64_MAX;
  size_t with_bytes = n_words > 4 ? g_ascii_strtoull (words[4], NULL, 10) : 0;
  uint64_t n_frames = ptl_log_get_n_frames (session->log);
  g_autofree uint8_t *buffer = g_malloc (with_bytes + 1);

  answer_begin (out, true);
  json_u64 (out, "n_frames", n_frames);
  json_open (out, "frames", '[');
  for (uint64_t i = from; i < n_frames && i - from < n; i++)
    {
      PtlFrame frame;

      if (!ptl_log_get_frame (session->log, i, &frame))
        break;
      json_open (out, NULL, '{');
      json_u64 (out, "n", i);
      json_u64 (out, "time_ns", frame.time_ns);
      json_string (out, "kind", NAME_OF (kind_names, frame.kind));
      json_u64 (out, "peer", frame.peer);
      json_u64 (out, "length", frame.length);
      json_u64 (out, "flags", frame.flags);
      json_bool (out, "truncated", (frame.flags & PTL_FRAME_TRUNCATED) != 0);
      json_bool (out, "datagram", (frame.flags & PTL_FRAME_DATAGRAM) != 0);
      json_bool (out, "not_stored", (frame.flags & PTL_FRAME_NOT_STORED) != 0);
      json_u64 (out, "full_len",
                frame.kind == PTL_FRAME_EVENT || frame.code == 0 ? frame.length : frame.code);
      if (frame.kind == PTL_FRAME_EVENT)
        json_event (out, session, &frame);
      else if (with_bytes > 0)
        {
          ssize_t got = ptl_log_read (session->log, &frame, 0, buffer, with_bytes);

          json_hex (out, "hex", buffer, got < 0 ? 0 : (size_t) got);
        }
      g_string_append_c (out, '}');
    }
  g_string_append_c (out, ']');
}

/* Calls @visit for each data frame of one direction and peer (@peer < 0: all). */
static bool
for_each_frame (Session *session,
                unsigned kind,
                int64_t  peer,
                bool   (*visit) (Session *session, const PtlFrame *frame, void *data),
                void    *data)
{
  g_autofree PtlFrame *frames = g_new (PtlFrame, FRAMES_BATCH);
  uint64_t at = 0;
  size_t n;

  while ((n = ptl_log_get_frames (session->log, at, frames, FRAMES_BATCH)) > 0)
    {
      for (size_t i = 0; i < n; i++)
        if (frames[i].kind == kind && (peer < 0 || frames[i].peer == (uint32_t) peer)
            && !visit (session, &frames[i], data))
          return false;
      at += n;
    }
  return true;
}

typedef struct
{
  GChecksum *checksum; /* or */
  GByteArray *bytes;
  size_t     max_bytes;
  uint64_t   n_frames;
  uint64_t   n_bytes;
  uint8_t   *buffer;
} Gather;

static bool
gather_frame (Session        *session,
              const PtlFrame *frame,
              void           *data)
{
  Gather *gather = data;

  gather->n_frames++;
  for (uint32_t skip = 0; skip < frame->length;)
    {
      ssize_t n = ptl_log_read (session->log, frame, skip, gather->buffer, READ_BUFFER_BYTES);

      if (n <= 0)
        return false;
      if (gather->checksum != NULL)
        g_checksum_update (gather->checksum, gather->buffer, n);
      if (gather->bytes != NULL && gather->bytes->len < gather->max_bytes)
        g_byte_array_append (gather->bytes, gather->buffer,
                             MIN ((size_t) n, gather->max_bytes - gather->bytes->len));
      gather->n_bytes += (size_t) n;
      skip += (uint32_t) n;
    }
  return true;
}

static void
run_gather (Session *session,
            char   **words,
            int      n_words,
            GString *out)
{
  g_autofree uint8_t *buffer = g_malloc (READ_BUFFER_BYTES);
  Gather gather = { .buffer = buffer };
  bool sha = strcmp (words[0], "sha256") == 0;
  int kind = n_words > 2 ? FIND_NAME (kind_names, words[2]) : -1;
  int64_t peer = n_words > 3 && strcmp (words[3], "all") != 0
    ? (int64_t) g_ascii_strtoull (words[3], NULL, 10) : -1;

  if (kind < 0)
    {
      answer_error (out, "%s ID in|out PEER|all", words[0]);
      return;
    }
  if (sha)
    gather.checksum = g_checksum_new (G_CHECKSUM_SHA256);
  else
    {
      gather.bytes = g_byte_array_new ();
      gather.max_bytes = n_words > 4 ? g_ascii_strtoull (words[4], NULL, 10) : 65536;
    }
  if (for_each_frame (session, (unsigned) kind, peer, gather_frame, &gather))
    {
      answer_begin (out, true);
      json_u64 (out, "n_frames", gather.n_frames);
      json_u64 (out, "n_bytes", gather.n_bytes);
      if (sha)
        json_string (out, "sha256", g_checksum_get_string (gather.checksum));
      else
        json_hex (out, "hex", gather.bytes->data, gather.bytes->len);
    }
  else
    answer_error (out, "the log could not be read after %" PRIu64 " bytes", gather.n_bytes);
  g_clear_pointer (&gather.checksum, g_checksum_free);
  g_clear_pointer (&gather.bytes, g_byte_array_unref);
}

/* Looks at every frame: counts, order of the times, offsets that run on. */
static void
answer_check (Session *session,
              GString *out)
{
  g_autofree PtlFrame *frames = g_new (PtlFrame, FRAMES_BATCH);
  uint64_t n_frames[PTL_N_FRAME_KINDS] = { 0 }, n_bytes[PTL_N_FRAME_KINDS] = { 0 };
  uint64_t events[PTL_N_EVENTS] = { 0 };
  uint64_t at = 0, last_ns = 0, next_offset = 0, first_in_ns = 0, last_in_ns = 0, full_in = 0;
  bool ordered = true, dense = true, known = true;
  size_t n;

  while ((n = ptl_log_get_frames (session->log, at, frames, FRAMES_BATCH)) > 0)
    {
      for (size_t i = 0; i < n; i++)
        {
          const PtlFrame *frame = &frames[i];

          if (frame->kind >= PTL_N_FRAME_KINDS
              || (frame->kind == PTL_FRAME_EVENT && frame->code >= PTL_N_EVENTS))
            {
              known = false;
              continue;
            }
          n_frames[frame->kind]++;
          n_bytes[frame->kind] += frame->length;
          if (frame->kind == PTL_FRAME_EVENT)
            events[frame->code]++;
          ordered = ordered && frame->time_ns >= last_ns;
          last_ns = frame->time_ns;
          dense = dense && (frame->length == 0 || frame->offset == next_offset);
          if (frame->length > 0)
            next_offset = frame->offset + frame->length;
          if (frame->kind == PTL_FRAME_IN)
            {
              if (n_frames[PTL_FRAME_IN] == 1)
                first_in_ns = frame->time_ns;
              last_in_ns = frame->time_ns;
              full_in += frame->code != 0 ? frame->code : frame->length;
            }
        }
      at += n;
    }
  answer_begin (out, true);
  json_u64 (out, "n_frames", at);
  json_bool (out, "ordered", ordered);
  json_bool (out, "dense", dense);
  json_bool (out, "known", known);
  json_u64 (out, "in_frames", n_frames[PTL_FRAME_IN]);
  json_u64 (out, "in_bytes", n_bytes[PTL_FRAME_IN]);
  json_u64 (out, "in_full_bytes", full_in);
  json_u64 (out, "out_frames", n_frames[PTL_FRAME_OUT]);
  json_u64 (out, "out_bytes", n_bytes[PTL_FRAME_OUT]);
  json_u64 (out, "first_in_ns", first_in_ns);
  json_u64 (out, "last_in_ns", last_in_ns);
  json_open (out, "events", '{');
  for (unsigned i = 0; i < PTL_N_EVENTS; i++)
    if (events[i] > 0)
      json_u64 (out, event_names[i], events[i]);
  g_string_append_c (out, '}');
}

/* ---- Sending ---- */

static void
run_send (Tool    *tool,
          Session *session,
          char   **words,
          int      n_words,
          GString *out)
{
  bool to = strcmp (words[0], "send-to") == 0;
  g_autoptr (PtlBlob) blob = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GChecksum) checksum = NULL;
  uint64_t tag;
  int result;

  if (n_words < 5)
    {
      answer_error (out, "%s ID %s text|hex|blob|file VALUE", words[0], to ? "HOST:PORT" : "PEER");
      return;
    }
  if (!parse_bytes (words[3], words[4], n_words > 5 ? words[5] : NULL, &blob, &message))
    {
      answer_error (out, "%s", message);
      return;
    }
  checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, blob->data, (gssize) blob->len_bytes);
  tag = ++tool->next_tag;
  if (to)
    {
      PtlEndpoint target = { 0 };

      if (words[2][0] == '/' || words[2][0] == '@'
          ? !ptl_endpoint_parse_unix (&target, words[2], NULL, &error)
          : !ptl_endpoint_parse (&target, words[2], NULL, NULL, &error))
        {
          answer_error (out, "%s", error->message);
          return;
        }
      result = ptl_engine_send_to (tool->engine, session->id, &target, blob, tag);
      ptl_endpoint_clear (&target);
    }
  else
    result = ptl_engine_send (tool->engine, session->id,
                              (uint32_t) g_ascii_strtoull (words[2], NULL, 10), blob, tag);
  answer_result (out, result);
  json_u64 (out, "tag", tag);
  json_u64 (out, "n_bytes", blob->len_bytes);
  json_string (out, "sha256", g_checksum_get_string (checksum));
}

static void
run_send_file (Tool    *tool,
               Session *session,
               char   **words,
               int      n_words,
               GString *out)
{
  uint64_t tag = ++tool->next_tag;
  int fd;

  if (n_words < 4 || (fd = open (words[3], O_RDONLY | O_CLOEXEC)) < 0)
    {
      answer_error (out, "%s: %s", n_words < 4 ? "PATH" : words[3], g_strerror (errno));
      return;
    }
  if (n_words > 4)
    lseek (fd, (off_t) g_ascii_strtoull (words[4], NULL, 10), SEEK_SET);
  answer_result (out, ptl_engine_send_file (tool->engine, session->id,
                                            (uint32_t) g_ascii_strtoull (words[2], NULL, 10),
                                            fd, tag));
  json_u64 (out, "tag", tag);
}

static void
run_flood (Tool    *tool,
           Session *session,
           char   **words,
           int      n_words,
           GString *out)
{
  g_autoptr (PtlBlob) blob = NULL;
  uint64_t count, n_full = 0, deadline_ns;
  uint32_t peer;

  if (n_words < 5)
    {
      answer_error (out, "flood ID PEER SIZE COUNT");
      return;
    }
  peer = (uint32_t) g_ascii_strtoull (words[2], NULL, 10);
  count = g_ascii_strtoull (words[4], NULL, 10);
  blob = ptl_blob_new (NULL, g_ascii_strtoull (words[3], NULL, 10));
  memset (blob->data, 'x', blob->len_bytes);
  deadline_ns = ptl_clock_monotonic_ns () + 60 * PTL_NS_PER_S;
  for (uint64_t i = 0; i < count;)
    {
      int result = ptl_engine_send (tool->engine, session->id, peer, blob, ++tool->next_tag);

      if (result == -EAGAIN && ptl_clock_monotonic_ns () < deadline_ns)
        {
          n_full++;
          tool_wait_news (tool, 1);
          continue;
        }
      if (result < 0)
        {
          answer_result (out, result);
          json_u64 (out, "queued", i);
          return;
        }
      i++;
    }
  answer_begin (out, true);
  json_u64 (out, "queued", count);
  json_u64 (out, "times_full", n_full);
}

/* ---- Waiting ---- */

static bool
status_field (Session    *session,
              const char *name,
              uint64_t   *value)
{
  const PtlSessionStatus *s = &session->status;
  const struct { const char *name; uint64_t value; } fields[] = {
    { "rx_bytes", s->rx_bytes }, { "tx_bytes", s->tx_bytes }, { "rx_frames", s->rx_frames },
    { "tx_frames", s->tx_frames }, { "lost_frames", s->lost.in_frames },
    { "lost_bytes", s->lost.in_bytes }, { "kernel_drops", s->kernel_drops },
    { "truncated", s->truncated }, { "refused", s->refused }, { "peers_total", s->peers_total },
    { "peers_open", s->peers_open }, { "queued_bytes", s->queued_bytes },
    { "accept_paused", s->accept_paused }, { "log_full", s->log_full },
    { "receiving_paused", s->receiving_paused }, { "n_locals", s->n_locals },
    { "rx_and_drops", s->rx_frames + s->kernel_drops },
    { "log_frames", session->log != NULL ? ptl_log_get_n_frames (session->log) : 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].name, name) == 0)
      {
        *value = fields[i].value;
        return true;
      }
  return false;
}

static uint64_t
count_events (Session *session,
              unsigned code)
{
  g_autofree PtlFrame *frames = g_new (PtlFrame, FRAMES_BATCH);
  size_t n;

  while ((n = ptl_log_get_frames (session->log, session->events_seen, frames, FRAMES_BATCH)) > 0)
    {
      for (size_t i = 0; i < n; i++)
        if (frames[i].kind == PTL_FRAME_EVENT && frames[i].code < PTL_N_EVENTS)
          session->event_counts[frames[i].code]++;
      session->events_seen += n;
    }
  return session->event_counts[code];
}

/* The conditions:
 *   state NAME[,NAME ...]
 *   FIELD N, FIELD=N, FIELD<=N    a status field at least, exactly, at most N
 *   event NAME [COUNT]            in the log, at least that often
 *   peer N STATE[,STATE ...]
 *   sent TAG                      that send is done
 * Returns 1 or 0, or -1 when the condition is not understood. */
static int
condition_holds (Tool    *tool,
                 Session *session,
                 char   **words,
                 int     *n_used)
{
  g_auto (GStrv) parts = NULL;
  char op = '>';
  uint64_t value, want;
  size_t len;

  if (words[0] == NULL || words[1] == NULL)
    return -1;
  *n_used = 2;
  if (strcmp (words[0], "state") == 0)
    {
      parts = g_strsplit (words[1], ",", -1);
      for (char **p = parts; *p != NULL; p++)
        if (FIND_NAME (state_names, *p) < 0)
          return -1;
      return session->has_status
        && g_strv_contains ((const char *const *) parts,
                            NAME_OF (state_names, session->status.state));
    }
  if (strcmp (words[0], "event") == 0)
    {
      int code = FIND_NAME (event_names, words[1]);

      want = 1;
      if (words[2] != NULL)
        {
          want = g_ascii_strtoull (words[2], NULL, 10);
          *n_used = 3;
        }
      return code < 0 || session->log == NULL ? -1
                                              : count_events (session, (unsigned) code) >= want;
    }
  if (strcmp (words[0], "sent") == 0)
    {
      uint64_t tag = g_ascii_strtoull (words[1], NULL, 10);
      PtlSendReport *report = g_hash_table_lookup (tool->sends, GSIZE_TO_POINTER (tag));

      return report != NULL && report->done;
    }
  if (strcmp (words[0], "peer") == 0)
    {
      guint number = (guint) g_ascii_strtoull (words[1], NULL, 10);
      PtlPeerInfo *peer = g_hash_table_lookup (session->peers, GUINT_TO_POINTER (number));

      if (words[2] == NULL)
        return -1;
      *n_used = 3;
      parts = g_strsplit (words[2], ",", -1);
      for (char **p = parts; *p != NULL; p++)
        if (FIND_NAME (peer_state_names, *p) < 0)
          return -1;
      return peer != NULL
        && g_strv_contains ((const char *const *) parts, NAME_OF (peer_state_names, peer->state));
    }

  /* "rx_bytes >= 5" as "rx_bytes 5"; the words "=" and "<=" stand before the number. */
  len = strcspn (words[1], "0123456789");
  if (len > 0)
    op = words[1][0];
  want = g_ascii_strtoull (words[1] + len, NULL, 10);
  if (!status_field (session, words[0], &value))
    return -1;
  if (!session->has_status && strcmp (words[0], "log_frames") != 0)
    return 0;
  return op == '=' ? value == want : op == '<' ? value <= want : value >= want;
}

static void
run_wait (Tool    *tool,
          Session *session,
          char   **words,
          int      n_words,
          GString *out)
{
  uint64_t begin_ns = ptl_clock_monotonic_ns (), limit_ms = WAIT_DEFAULT_MS;
  g_auto (GStrv) condition = g_strdupv (words + 2);
  int n_used = 0, holds;

  tool_take_news (tool);
  /* The last number is the deadline when the condition does not use it; an event's count comes
   * first. */
  holds = condition_holds (tool, session, condition, &n_used);
  if (holds < 0)
    {
      answer_error (out, "wait: this condition is not understood");
      return;
    }
  if (2 + n_used < n_words)
    limit_ms = g_ascii_strtoull (words[2 + n_used], NULL, 10);
  while (!holds && ptl_clock_monotonic_ns () - begin_ns < limit_ms * PTL_NS_PER_MS)
    {
      tool_wait_news (tool, WAIT_STEP_MS);
      holds = condition_holds (tool, session, condition, &n_used);
    }
  answer_status (session, out);
  json_bool (out, "holds", holds);
  json_u64 (out, "waited_ns", ptl_clock_monotonic_ns () - begin_ns);
  if (strcmp (words[2], "sent") == 0)
    {
      uint64_t tag = g_ascii_strtoull (words[3], NULL, 10);
      PtlSendReport *report = g_hash_table_lookup (tool->sends, GSIZE_TO_POINTER (tag));

      if (report != NULL)
        {
          json_open (out, "send", '{');
          json_send_report (out, report);
          g_string_append_c (out, '}');
        }
    }
}

/* ---- Commands ---- */

static void
run_membership (Tool    *tool,
                Session *session,
                char   **words,
                int      n_words,
                GString *out)
{
  PtlEndpoint endpoint = { 0 };
  PtlGroup group = { 0 };
  g_autoptr (GError) error = NULL;

  if (n_words < 3 || !ptl_endpoint_parse_host_port (&endpoint, words[2], "0", NULL, NULL, &error))
    {
      answer_error (out, "%s", error != NULL ? error->message : "join ID GROUP [DEVICE]");
      return;
    }
  group.group = endpoint.address;
  ptl_endpoint_clear (&endpoint);
  if (n_words > 3)
    g_strlcpy (group.device, words[3], sizeof group.device);
  ptl_engine_set_membership (tool->engine, session->id, &group, strcmp (words[0], "join") == 0);
  answer_begin (out, true);
}

static void
run_session_command (Tool    *tool,
                     Session *session,
                     char   **words,
                     int      n_words,
                     GString *out)
{
  const char *command = words[0];
  uint32_t peer = n_words > 2 ? (uint32_t) g_ascii_strtoull (words[2], NULL, 10) : 0;
  bool needs_log = strcmp (command, "frames") == 0 || strcmp (command, "check") == 0
    || strcmp (command, "sha256") == 0 || strcmp (command, "bytes") == 0;
  int index;

  if (needs_log && session->log == NULL)
    answer_error (out, "there is no log");
  else if (strcmp (command, "status") == 0)
    answer_status (session, out);
  else if (strcmp (command, "peers") == 0)
    answer_peers (session, out);
  else if (strcmp (command, "sends") == 0)
    answer_sends (tool, session, out);
  else if (strcmp (command, "calls") == 0)
    answer_calls (session, out);
  else if (strcmp (command, "frames") == 0)
    answer_frames (session, words, n_words, out);
  else if (strcmp (command, "check") == 0)
    answer_check (session, out);
  else if (strcmp (command, "sha256") == 0 || strcmp (command, "bytes") == 0)
    run_gather (session, words, n_words, out);
  else if (strcmp (command, "wait") == 0)
    run_wait (tool, session, words, n_words, out);
  else if (strcmp (command, "send") == 0 || strcmp (command, "send-to") == 0)
    run_send (tool, session, words, n_words, out);
  else if (strcmp (command, "send-file") == 0)
    run_send_file (tool, session, words, n_words, out);
  else if (strcmp (command, "flood") == 0)
    run_flood (tool, session, words, n_words, out);
  else if (strcmp (command, "join") == 0 || strcmp (command, "leave") == 0)
    run_membership (tool, session, words, n_words, out);
  else if (strcmp (command, "when-full") == 0 && n_words > 2
           && (index = FIND_NAME (full_names, words[2])) >= 0)
    {
      ptl_engine_set_when_full (tool->engine, session->id, (PtlWhenFull) index);
      answer_begin (out, true);
    }
  else if (strcmp (command, "reaction") == 0 && n_words > 2
           && (index = FIND_NAME (reaction_names, words[2])) >= 0)
    {
      g_autoptr (PtlBlob) text = NULL;
      g_autofree char *message = NULL;

      if (n_words > 3 && !parse_bytes ("text", words[3], NULL, &text, &message))
        {
          answer_error (out, "%s", message);
          return;
        }
      ptl_engine_set_reaction (tool->engine, session->id, (PtlReaction) index, text);
      answer_begin (out, true);
    }
  else if (strcmp (command, "cancel") == 0 && n_words > 2)
    {
      ptl_engine_cancel_send (tool->engine, session->id, g_ascii_strtoull (words[2], NULL, 10));
      answer_begin (out, true);
    }
  else if (strcmp (command, "end") == 0)
    {
      ptl_engine_end_input (tool->engine, session->id, peer);
      answer_begin (out, true);
    }
  else if (strcmp (command, "close") == 0)
    {
      ptl_engine_close_peer (tool->engine, session->id, peer,
                             n_words > 3 && strcmp (words[3], "reset") == 0);
      answer_begin (out, true);
    }
  else if (strcmp (command, "stop") == 0)
    {
      ptl_engine_stop (tool->engine, session->id);
      answer_begin (out, true);
    }
  else if (strcmp (command, "pause") == 0 || strcmp (command, "resume") == 0)
    {
      ptl_engine_set_receiving (tool->engine, session->id, *command == 'r');
      answer_begin (out, true);
    }
  else if (strcmp (command, "forget") == 0)
    {
      g_hash_table_remove (tool->sessions, GSIZE_TO_POINTER (session->id));
      answer_begin (out, true);
    }
  else
    answer_error (out, "unknown command or wrong words: %s", command);
}

static void
run_line (Tool       *tool,
          const char *line,
          GString    *out)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  Session *session;
  int n_words = 0;

  if (!g_shell_parse_argv (line, &n_words, &words, &error))
    {
      answer_error (out, "%s", error->message);
      return;
    }
  if (strcmp (words[0], "quit") == 0)
    {
      tool->quit = true;
      answer_begin (out, true);
    }
  else if (strcmp (words[0], "open") == 0)
    run_open (tool, words, n_words, out);
  else if (n_words < 2)
    answer_error (out, "unknown command or no session: %s", words[0]);
  else if (strcmp (words[0], "reopen") == 0)
    run_reopen (tool, words[1], out);
  else if (strcmp (words[0], "list-left") == 0)
    {
      g_auto (GStrv) left = ptl_log_list_left (words[1]);

      answer_begin (out, true);
      json_open (out, "left", '[');
      for (char **p = left; p != NULL && *p != NULL; p++)
        json_string (out, NULL, *p);
      g_string_append_c (out, ']');
    }
  else if (strcmp (words[0], "discard") == 0)
    {
      if (ptl_log_discard (words[1], &error))
        answer_begin (out, true);
      else
        answer_error (out, "%s", error != NULL ? error->message : "no error was set");
    }
  else if ((session = tool_find_session (tool, words[1])) == NULL)
    answer_error (out, "no such session: %s", words[1]);
  else
    run_session_command (tool, session, words, n_words, out);
}

static bool
answer_line (Tool       *tool,
             const char *line)
{
  g_autoptr (GString) out = g_string_sized_new (4096);
  size_t done = 0;

  run_line (tool, line, out);
  g_string_append (out, "}\n");
  while (done < out->len)
    {
      ssize_t n = write (STDOUT_FILENO, out->str + done, out->len - done);

      if (n < 0)
        return false;
      done += (size_t) n;
    }
  return true;
}

static void
serve (Tool *tool)
{
  g_autoptr (GString) input = g_string_new (NULL);
  struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                          { .fd = tool->news_fd, .events = POLLIN } };

  while (!tool->quit)
    {
      char chunk[65536];
      char *end;
      ssize_t n;

      if (poll (fds, 2, -1) < 0 && errno != EINTR)
        return;
      if (fds[1].revents != 0)
        tool_take_news (tool);
      if (fds[0].revents == 0)
        continue;
      n = read (STDIN_FILENO, chunk, sizeof chunk);
      if (n <= 0 || input->len > LINE_MAX_BYTES)
        return;
      g_string_append_len (input, chunk, n);
      while (!tool->quit && (end = memchr (input->str, '\n', input->len)) != NULL)
        {
          *end = '\0';
          if (*g_strstrip (input->str) != '\0' && !answer_line (tool, input->str))
            return;
          g_string_erase (input, 0, end + 1 - input->str);
        }
    }
}

/* Removes a folder that holds nothing but logs. */
static void
remove_logs (const char *parent)
{
  GDir *dir = g_dir_open (parent, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (parent, name, NULL);

      ptl_log_discard (path, NULL);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (parent);
}

static void
raise_nofile (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

int
main (int    argc,
      char **argv)
{
  static const PtlEngineCallbacks callbacks = { .on_news = on_news };
  g_autofree char *log_dir = NULL;
  int n_workers = 0;
  gboolean no_calls = FALSE, no_log = FALSE, no_peers = FALSE;
  const GOptionEntry entries[] = {
    { "log-dir", 0, 0, G_OPTION_ARG_FILENAME, &log_dir, "Where the logs go", "DIR" },
    { "workers", 0, 0, G_OPTION_ARG_INT, &n_workers, "Threads of the engine", "N" },
    { "no-calls", 0, 0, G_OPTION_ARG_NONE, &no_calls, "Without the list of calls", NULL },
    { "no-log", 0, 0, G_OPTION_ARG_NONE, &no_log, "Count frames, record nothing", NULL },
    { "no-peers", 0, 0, G_OPTION_ARG_NONE, &no_peers, "Without the list of peers", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Tool tool = { .next_reopened = REOPENED_FIRST_ID };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 2;
    }
  raise_nofile ();
  signal (SIGXFSZ, SIG_IGN); /* a file that is too large is an error of the log, not our end */
  tool.with_calls = !no_calls;
  tool.with_log = !no_log;
  tool.with_peers = !no_peers;
  tool.log_dir = g_steal_pointer (&log_dir);
  if (tool.log_dir == NULL)
    {
      tool.log_dir = g_dir_make_tmp ("ptl-headless-XXXXXX", &error);
      tool.log_dir_is_ours = true;
    }
  if (tool.log_dir == NULL || g_mkdir_with_parents (tool.log_dir, 0700) < 0)
    {
      fprintf (stderr, "folder of the logs: %s\n",
               error != NULL ? error->message : g_strerror (errno));
      return 1;
    }
  tool.news_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  tool.sessions = g_hash_table_new_full (NULL, NULL, NULL, session_free);
  tool.sends = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  tool.pool = ptl_lookup_pool_new ();
  tool.engine = ptl_engine_new ((unsigned) MAX (n_workers, 0),
                                ptl_lookup_pool_get_resolver (tool.pool), &callbacks, &tool,
                                &error);
  if (tool.engine == NULL)
    {
      fprintf (stderr, "engine: %s\n", error->message);
      return 1;
    }

  serve (&tool);

  ptl_engine_free (tool.engine);
  ptl_lookup_pool_free (tool.pool);
  g_hash_table_unref (tool.sends);
  g_hash_table_unref (tool.sessions);
  if (tool.log_dir_is_ours)
    remove_logs (tool.log_dir);
  g_free (tool.log_dir);
  close (tool.news_fd);
  return 0;
}
