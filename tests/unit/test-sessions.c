/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions from opening to recovery: real sockets on loopback, real logs in a temporary folder. */
#include "config.h"

#include "model/ptl-sessions.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-event.h"
#include "log/ptl-log-private.h"
#include "model/ptl-session-private.h"

#define DEADLINE_MS 10000

typedef struct
{
  char        *dir;
  PtlSessions *sessions;
} Fixture;

static gboolean
on_deadline_cb (gpointer data)
{
  *(bool *) data = true;
  return G_SOURCE_REMOVE;
}

/* What is on the disk wakes nobody. */
static gboolean
on_poll_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until the condition holds; false when it does not within the deadline. */
#define WAIT_UNTIL(condition) \
  G_STMT_START \
    { \
      bool late_ = false; \
      guint id_ = g_timeout_add (DEADLINE_MS, on_deadline_cb, &late_); \
      guint poll_ = g_timeout_add (20, on_poll_cb, NULL); \
      while (!(condition) && !late_) \
        g_main_context_iteration (NULL, TRUE); \
      if (late_) \
        g_error ("%s:%d: does not come true: %s", __FILE__, __LINE__, #condition); \
      g_source_remove (id_); \
      g_source_remove (poll_); \
    } \
  G_STMT_END

static void
fixture_start (Fixture *fixture)
{
  GError *error = NULL;

  fixture->sessions = ptl_sessions_new (fixture->dir, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  GError *error = NULL;

  fixture->dir = g_dir_make_tmp ("ptl-sessions-XXXXXX", &error);
  g_assert_no_error (error);
  fixture_start (fixture);
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  if (fixture->sessions != NULL)
    ptl_sessions_shutdown (fixture->sessions);
  g_clear_object (&fixture->sessions);
  remove_tree (fixture->dir);
  g_free (fixture->dir);
}

static PtlSpec *
make_spec (PtlRole     role,
           const char *uri)
{
  GError *error = NULL;
  PtlSpec *spec = ptl_spec_parse_uri (role, uri, NULL, &error);

  g_assert_no_error (error);
  return spec;
}

/* A reference of the caller's. */
static PtlSession *
open_session (Fixture    *fixture,
              PtlRole     role,
              const char *uri)
{
  g_autoptr (PtlSpec) spec = make_spec (role, uri);

  return g_object_ref (ptl_sessions_open (fixture->sessions, spec));
}

static PtlSessionState
get_state (PtlSession *session)
{
  return ptl_session_get_status (session)->state;
}

static PtlSession *
open_listener (Fixture    *fixture,
               const char *uri)
{
  PtlSession *session = open_session (fixture, PTL_ROLE_LISTEN, uri);

  WAIT_UNTIL (get_state (session) == PTL_SESSION_LISTENING
              && ptl_session_get_status (session)->n_locals > 0);
  return session;
}

static PtlSession *
open_client (Fixture    *fixture,
             PtlSession *listener)
{
  g_autofree char *uri =
    g_strdup_printf ("tcp://127.0.0.1:%u",
                     ptl_address_get_port (&ptl_session_get_status (listener)->locals[0]));

  return open_session (fixture, PTL_ROLE_CONNECT, uri);
}

/* All bytes of one direction that the log has. */
static GByteArray *
read_log (PtlSession  *session,
          PtlFrameKind kind)
{
  PtlLog *log = ptl_session_get_log (session);
  GByteArray *bytes = g_byte_array_new ();
  PtlFrame frame;

  for (uint64_t n = 0; ptl_log_get_frame (log, n, &frame); n++)
    {
      g_autofree uint8_t *buffer = NULL;

      if (frame.kind != kind || frame.length == 0)
        continue;
      buffer = g_malloc (frame.length);
      g_assert_cmpint (ptl_log_read (log, &frame, 0, buffer, frame.length), ==, frame.length);
      g_byte_array_append (bytes, buffer, frame.length);
    }
  return bytes;
}

static uint64_t
count_recorded (PtlSession *session)
{
  g_autoptr (GByteArray) bytes = read_log (session, PTL_FRAME_IN);

  return bytes->len;
}

static bool
has_event (PtlSession  *session,
           PtlEventCode code)
{
  PtlLog *log = ptl_session_get_log (session);
  PtlFrame frame;

  for (uint64_t n = 0; log != NULL && ptl_log_get_frame (log, n, &frame); n++)
    if (frame.kind == PTL_FRAME_EVENT && frame.code == (uint32_t) code)
      return true;
  return false;
}

typedef struct
{
  unsigned n_calls;
  uint64_t tag;
  bool     done;
  uint64_t sent;
  uint64_t total;
  char    *problem;
} Sent;

static void
on_sent_cb (PtlSession *session,
            guint64     tag,
            gboolean    done,
            guint64     sent,
            guint64     total,
            const char *problem,
            gpointer    data)
{
  Sent *to = data;

  g_free (to->problem);
  *to = (Sent) { to->n_calls + 1, tag, done, sent, total, g_strdup (problem) };
}

static guint
count_logs (Fixture *fixture)
{
  g_autofree char *logs = g_build_filename (fixture->dir, "logs", NULL);
  GDir *dir = g_dir_open (logs, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  g_clear_pointer (&dir, g_dir_close);
  return n;
}

static void
test_echo (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0?reaction=echo");
  g_autoptr (PtlSession) client = open_client (fixture, listener);
  g_autoptr (PtlBlob) blob = ptl_blob_new ("Python, client", 14);
  g_autoptr (GByteArray) echoed = NULL;
  g_autoptr (PtlPeer) peer = NULL;
  g_autofree char *title = NULL;
  g_autofree char *state_text = NULL;
  g_autofree char *address = NULL;
  GError *error = NULL;
  Sent sent = { 0 };
  PtlCallList *calls;
  uint64_t tag;
  bool has_connect = false;

  /* Before its log is made: the command waits. */
  g_assert_cmpint (get_state (client), ==, PTL_SESSION_OPENING);
  g_assert_null (ptl_session_get_log (client));
  g_signal_connect (client, "sent", G_CALLBACK (on_sent_cb), &sent);
  tag = ptl_session_send (client, PTL_PEER_NONE, blob, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tag, !=, 0);

  WAIT_UNTIL (ptl_session_get_status (client)->rx_bytes == 14);
  WAIT_UNTIL (sent.done);
  g_assert_cmpuint (sent.tag, ==, tag);
  g_assert_cmpuint (sent.sent, ==, 14);
  g_assert_null (sent.problem);
  g_assert_cmpint (get_state (client), ==, PTL_SESSION_CONNECTED);

  echoed = read_log (client, PTL_FRAME_IN);
  g_assert_cmpmem (echoed->data, echoed->len, "Python, client", 14);

  /* The window's side of it; the two are told of independently. */
  WAIT_UNTIL (ptl_session_get_status (listener)->peers_open == 1);
  g_object_get (listener, "title", &title, "state-text", &state_text, NULL);
  g_assert_true (g_str_has_prefix (title, "tcp://127.0.0.1:"));
  g_assert_false (g_str_has_suffix (title, ":0"));
  g_assert_cmpstr (state_text, ==, "Listening · 1 peer");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_peers (listener))), ==,
                    1);
  peer = g_list_model_get_item (G_LIST_MODEL (ptl_session_get_peers (listener)), 0);
  address = ptl_peer_dup_address (peer);
  g_assert_true (g_str_has_prefix (address, "127.0.0.1:"));
  WAIT_UNTIL (g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_frames (client)))
              == ptl_log_get_n_frames (ptl_session_get_log (client)));

  calls = ptl_session_get_calls (client);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (calls)); i++)
    {
      g_autoptr (PtlCallItem) item = g_list_model_get_item (G_LIST_MODEL (calls), i);

      if (g_str_has_prefix (ptl_call_item_get_text (item), "connect("))
        has_connect = true;
    }
  g_assert_true (has_connect);
  g_free (sent.problem);
}

static void
on_counted_cb (PtlSession *session,
               gpointer    data)
{
  ++*(unsigned *) data;
}

static void
test_rates (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) client = open_client (fixture, listener);
  g_autoptr (PtlBlob) blob = ptl_blob_new (NULL, 100000);
  double rx[PTL_SESSION_RATES_MAX], tx[PTL_SESSION_RATES_MAX];
  unsigned n_changes = 0;
  double rate = 0;
  size_t n;

  memset (blob->data, 'x', blob->len_bytes);
  g_assert_cmpuint (ptl_session_get_rates (listener, rx, tx, PTL_SESSION_RATES_MAX), ==, 0);
  g_signal_connect (listener, "rates-changed", G_CALLBACK (on_counted_cb), &n_changes);
  ptl_session_send (client, PTL_PEER_NONE, blob, NULL);
  WAIT_UNTIL (n_changes >= 1);
  n = ptl_session_get_rates (listener, rx, tx, PTL_SESSION_RATES_MAX);
  g_assert_cmpuint (n, >=, 1);
  g_object_get (listener, "rx-rate", &rate, NULL);
  g_assert_cmpfloat (rate, ==, rx[n - 1]);
  g_assert_cmpfloat (rate, >, 30000);
  g_assert_cmpfloat (rate, <, 200000);
  WAIT_UNTIL (n_changes >= 2);
  g_object_get (listener, "rx-rate", &rate, NULL);
  g_assert_cmpfloat (rate, ==, 0);
}

/* Two minutes are remembered, oldest first; after two quiet ones nothing is computed any more. */
static void
test_rates_ring (void)
{
  g_autoptr (PtlSpec) spec = make_spec (PTL_ROLE_LISTEN, "tcp://127.0.0.1:0");
  PtlSessionHost host = { 0 };
  g_autoptr (PtlSession) session = ptl_session_new (spec, &host);
  PtlSessionStatus status = { .state = PTL_SESSION_LISTENING };
  double rx[PTL_SESSION_RATES_MAX + 10], tx[PTL_SESSION_RATES_MAX + 10];
  unsigned n_quiet = 0;

  for (unsigned i = 1; i <= PTL_SESSION_RATES_MAX + 10; i++)
    {
      status.rx_bytes += i;
      status.tx_bytes += 2 * i;
      g_assert_true (ptl_session_set_status (session, &status));
      g_assert_true (ptl_session_tick (session, 1.0));
    }
  g_assert_cmpuint (ptl_session_get_rates (session, rx, tx, G_N_ELEMENTS (rx)), ==,
                    PTL_SESSION_RATES_MAX);
  g_assert_cmpfloat (rx[0], ==, 11);
  g_assert_cmpfloat (tx[PTL_SESSION_RATES_MAX - 1], ==, 2 * (PTL_SESSION_RATES_MAX + 10));
  g_assert_cmpuint (ptl_session_get_rates (session, rx, tx, 2), ==, 2);
  g_assert_cmpfloat (rx[1], ==, PTL_SESSION_RATES_MAX + 10);

  g_assert_false (ptl_session_set_status (session, &status));
  while (ptl_session_tick (session, 1.0))
    n_quiet++;
  g_assert_cmpuint (n_quiet, ==, PTL_SESSION_RATES_MAX - 1);
  ptl_session_get_rates (session, rx, tx, PTL_SESSION_RATES_MAX);
  g_assert_cmpfloat (rx[0], ==, 0);
  ptl_session_detach (session);
}

/* Stop in the moment of opening: it is never opened, and nothing is left of it. */
static void
test_stop_opening (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PtlSession) session = open_session (fixture, PTL_ROLE_LISTEN, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) other = NULL;
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);
  Sent sent = { 0 };
  GError *error = NULL;

  g_signal_connect (session, "sent", G_CALLBACK (on_sent_cb), &sent);
  ptl_session_send (session, PTL_PEER_NONE, blob, NULL);
  ptl_session_stop (session);
  g_assert_cmpint (get_state (session), ==, PTL_SESSION_CLOSED);
  g_assert_false (ptl_session_is_live (session));
  /* What waited is told. */
  g_assert_true (sent.done);
  g_assert_nonnull (sent.problem);
  g_free (sent.problem);
  g_assert_cmpuint (ptl_session_send (session, PTL_PEER_NONE, blob, &error), ==, 0);
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_clear_error (&error);

  /* A later one is opened: the answer for the first came before. */
  other = open_listener (fixture, "tcp://127.0.0.1:0");
  WAIT_UNTIL (count_logs (fixture) == 1);
  g_assert_cmpuint (ptl_session_get_id (session), ==, 0);
  g_assert_null (ptl_session_get_log (session));
}

static void
test_pending_limit (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (PtlSession) session = open_session (fixture, PTL_ROLE_CONNECT, "tcp://127.0.0.1:1");
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);
  GError *error = NULL;

  for (unsigned i = 0; i < PTL_SESSION_PENDING_MAX; i++)
    g_assert_cmpuint (ptl_session_send (session, PTL_PEER_NONE, blob, NULL), !=, 0);
  g_assert_cmpuint (ptl_session_send (session, PTL_PEER_NONE, blob, &error), ==, 0);
  g_assert_error (error, PTL_ERROR, PTL_ERROR_LIMIT);
  g_clear_error (&error);
}

static void
test_half_close (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PtlSpec) spec = make_spec (PTL_ROLE_LISTEN, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) listener = NULL;
  g_autoptr (PtlSession) client = NULL;
  g_autoptr (PtlBlob) blob = ptl_blob_new ("late", 4);
  g_autoptr (PtlPeer) peer = NULL;

  spec->half_open_ms = UINT32_MAX; /* until we close */
  listener = g_object_ref (ptl_sessions_open (fixture->sessions, spec));
  WAIT_UNTIL (get_state (listener) == PTL_SESSION_LISTENING);
  client = open_client (fixture, listener);
  WAIT_UNTIL (get_state (client) == PTL_SESSION_CONNECTED);
  WAIT_UNTIL (g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_peers (listener))) == 1);
  peer = ptl_peer_list_find (ptl_session_get_peers (listener), 1);
  g_assert_nonnull (peer);
  ptl_session_end_input (client, PTL_PEER_NONE);
  WAIT_UNTIL (ptl_peer_get_info (peer)->state == PTL_PEER_HALF_CLOSED_BY_PEER);
  /* The other direction still works. */
  ptl_session_send (listener, PTL_PEER_NONE, blob, NULL);
  WAIT_UNTIL (ptl_session_get_status (client)->rx_bytes == 4);
  ptl_session_end_input (listener, PTL_PEER_NONE);
  WAIT_UNTIL (get_state (client) == PTL_SESSION_CLOSED);
  WAIT_UNTIL (ptl_session_get_status (listener)->peers_open == 0);
  g_assert_cmpint (ptl_peer_get_info (peer)->state, ==, PTL_PEER_CLOSED);
  g_assert_true (has_event (client, PTL_EVENT_WE_ENDED));
  g_assert_true (has_event (client, PTL_EVENT_PEER_ENDED));
}

static void
test_refused (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) client = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *where = NULL;
  uint16_t port = ptl_address_get_port (&ptl_session_get_status (listener)->locals[0]);
  g_autofree char *uri = g_strdup_printf ("tcp://127.0.0.1:%u", port);

  ptl_session_stop (listener);
  WAIT_UNTIL (!ptl_session_is_live (listener));
  g_assert_cmpint (get_state (listener), ==, PTL_SESSION_CLOSED);

  client = open_session (fixture, PTL_ROLE_CONNECT, uri);
  WAIT_UNTIL (!ptl_session_is_live (client));
  g_assert_cmpint (get_state (client), ==, PTL_SESSION_FAILED);
  g_object_get (client, "problem", &problem, NULL);
  g_assert_nonnull (problem);
  where = g_strdup_printf ("connect to 127.0.0.1:%u: ", port);
  g_assert_true (g_str_has_prefix (problem, where));
  g_assert_nonnull (strstr (problem, "(ECONNREFUSED). "));
}

static char *
dup_problem (PtlSession *session)
{
  char *problem;

  g_object_get (session, "problem", &problem, NULL);
  return problem;
}

static bool
problem_has (PtlSession *session,
             const char *words)
{
  g_autofree char *problem = dup_problem (session);

  return problem != NULL && strstr (problem, words) != NULL;
}

/* A name goes through the lookup pool, and its call is told; one that is none says so. */
static void
test_names (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autofree char *uri =
    g_strdup_printf ("tcp://localhost:%u",
                     ptl_address_get_port (&ptl_session_get_status (listener)->locals[0]));
  g_autoptr (PtlSession) client = open_session (fixture, PTL_ROLE_CONNECT, uri);
  g_autoptr (PtlSession) nowhere = NULL;

  WAIT_UNTIL (get_state (client) == PTL_SESSION_CONNECTED);
  g_assert_true (has_event (client, PTL_EVENT_RESOLVING));
  g_assert_true (has_event (client, PTL_EVENT_RESOLVED));
  /* No source is asked for a service that the database does not have. */
  nowhere = open_session (fixture, PTL_ROLE_CONNECT, "tcp://127.0.0.1:no-such-service");
  WAIT_UNTIL (get_state (nowhere) == PTL_SESSION_FAILED);
  g_assert_true (problem_has (nowhere, "getaddrinfo for “no-such-service”: "));
  g_assert_true (problem_has (nowhere, "(EAI_SERVICE). "));
}

/* Who has the port is found out in a thread: here it is this very program. */
static void
test_port_in_use (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (PtlSession) first = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) second = NULL;
  uint16_t port = ptl_address_get_port (&ptl_session_get_status (first)->locals[0]);
  g_autofree char *uri = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  g_autofree char *words = g_strdup_printf ("Port %u is in use by Portlight itself.", port);

  second = open_session (fixture, PTL_ROLE_LISTEN, uri);
  WAIT_UNTIL (get_state (second) == PTL_SESSION_FAILED);
  g_assert_true (problem_has (second, "(EADDRINUSE)"));
  WAIT_UNTIL (problem_has (second, words));
}

/* Something is where the logs' folder should be. */
static void
test_no_log (Fixture      *fixture,
             gconstpointer data)
{
  g_autofree char *logs = g_build_filename (fixture->dir, "logs", NULL);
  g_autoptr (PtlSession) session = NULL;
  GError *error = NULL;

  g_file_set_contents (logs, "", 0, &error);
  g_assert_no_error (error);
  session = open_session (fixture, PTL_ROLE_LISTEN, "tcp://127.0.0.1:0");
  WAIT_UNTIL (!ptl_session_is_live (session));
  g_assert_cmpint (get_state (session), ==, PTL_SESSION_FAILED);
  g_assert_cmpint (ptl_session_get_status (session)->fault.step, ==, PTL_STEP_LOG);
  g_assert_true (problem_has (session, logs));
  g_assert_true (problem_has (session, "Not a directory (ENOTDIR)")
                 || problem_has (session, "File exists (EEXIST)"));
}

static void
test_remove (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PtlSession) gone = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) kept = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) opening = NULL;
  g_autofree char *kept_dir = g_strdup (ptl_log_get_dir (ptl_session_get_log (kept)));
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);

  opening = open_session (fixture, PTL_ROLE_LISTEN, "tcp://127.0.0.1:0");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->sessions)), ==, 3);
  ptl_sessions_remove (fixture->sessions, opening, false);
  ptl_sessions_remove (fixture->sessions, gone, false);
  ptl_sessions_remove (fixture->sessions, kept, true);
  ptl_sessions_remove (fixture->sessions, kept, true); /* twice does nothing */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->sessions)), ==, 0);
  WAIT_UNTIL (!ptl_session_is_live (gone) && !ptl_session_is_live (kept));
  WAIT_UNTIL (gone->host == NULL && kept->host == NULL);
  /* Nothing can be asked of them any more. */
  g_assert_cmpuint (ptl_session_send (gone, PTL_PEER_NONE, blob, NULL), ==, 0);
  ptl_session_stop (gone);
  ptl_session_set_receiving (gone, false);

  ptl_sessions_shutdown (fixture->sessions);
  WAIT_UNTIL (count_logs (fixture) == 1);
  g_assert_true (g_file_test (kept_dir, G_FILE_TEST_IS_DIR));
}

static void
test_send_file (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) client = open_client (fixture, listener);
  g_autofree char *path = g_build_filename (fixture->dir, "file.bin", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->dir);
  g_autoptr (GFile) missing = g_file_new_for_path ("/nonexistent/file");
  g_autofree char *fifo = g_build_filename (fixture->dir, "fifo", NULL);
  const char *const endless[] = { fifo, "/dev/zero" };
  const gsize size = 3 * 1000 * 1000 + 7;
  g_autofree char *contents = g_malloc (size);
  g_autoptr (GByteArray) received = NULL;
  Sent sent = { 0 };
  GError *error = NULL;
  uint64_t tag;

  for (gsize i = 0; i < size; i++)
    contents[i] = (char) (i * 31 + i / 256);
  g_file_set_contents (path, contents, (gssize) size, &error);
  g_assert_no_error (error);
  g_signal_connect (client, "sent", G_CALLBACK (on_sent_cb), &sent);

  tag = ptl_session_send_file (client, PTL_PEER_NONE, file);
  g_assert_cmpuint (tag, !=, 0);
  WAIT_UNTIL (sent.done);
  g_assert_null (sent.problem);
  g_assert_cmpuint (sent.tag, ==, tag);
  g_assert_cmpuint (sent.sent, ==, size);
  WAIT_UNTIL (ptl_session_get_status (listener)->rx_bytes == size);
  received = read_log (listener, PTL_FRAME_IN);
  g_assert_cmpmem (received->data, received->len, contents, size);

  sent.done = false;
  tag = ptl_session_send_file (client, PTL_PEER_NONE, folder);
  WAIT_UNTIL (sent.done);
  g_assert_cmpuint (sent.tag, ==, tag);
  g_assert_nonnull (strstr (sent.problem, "regular file"));

  /* One without an end, and one that makes whoever opens it wait. */
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (endless); i++)
    {
      g_autoptr (GFile) other = g_file_new_for_path (endless[i]);

      sent.done = false;
      ptl_session_send_file (client, PTL_PEER_NONE, other);
      WAIT_UNTIL (sent.done);
      g_assert_nonnull (strstr (sent.problem, "regular file"));
    }

  sent.done = false;
  ptl_session_send_file (client, PTL_PEER_NONE, missing);
  WAIT_UNTIL (sent.done);
  g_assert_nonnull (strstr (sent.problem, "(ENOENT)"));

  /* Cancelled while the thread opens it. */
  sent.done = false;
  tag = ptl_session_send_file (client, PTL_PEER_NONE, file);
  ptl_session_cancel_send (client, tag);
  WAIT_UNTIL (sent.done);
  g_assert_cmpuint (sent.tag, ==, tag);
  g_assert_nonnull (strstr (sent.problem, "cancelled"));
  g_assert_cmpuint (ptl_session_get_status (listener)->rx_bytes, ==, size);
  g_free (sent.problem);
}

/* The disk takes no more: it says so, and goes on when there is room. */
static void
test_disk_full (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlSession) client = NULL;
  g_autoptr (PtlBlob) blob = ptl_blob_new (NULL, 100000);
  g_autofree char *losses = NULL;
  g_autofree char *state_text = NULL;
  const PtlSessionStatus *status = ptl_session_get_status (listener);

  memset (blob->data, 'x', blob->len_bytes);
  ptl_session_set_when_full (listener, PTL_FULL_GO_ON);
  client = open_client (fixture, listener);
  WAIT_UNTIL (status->peers_open == 1);
  ptl_log_set_room (ptl_session_get_log (listener), 0, ENOSPC);
  ptl_session_send (client, PTL_PEER_NONE, blob, NULL);
  WAIT_UNTIL (status->log_full && status->rx_bytes == 100000);
  g_object_get (listener, "state-text", &state_text, NULL);
  g_assert_nonnull (strstr (state_text, "log cannot be written"));
  ptl_log_set_room (ptl_session_get_log (listener), -1, 0);
  ptl_session_send (client, PTL_PEER_NONE, blob, NULL);
  WAIT_UNTIL (status->rx_bytes == 200000 && !status->log_full);
  WAIT_UNTIL (has_event (listener, PTL_EVENT_LOG_RESUMED));
  WAIT_UNTIL (count_recorded (listener) + status->lost.in_bytes == 200000);
  g_assert_cmpuint (status->lost.in_bytes, >, 0);
  g_object_get (listener, "losses-text", &losses, NULL);
  g_assert_nonnull (strstr (losses, "not recorded"));
}

typedef struct
{
  char      **dirs;
  PtlSession *session;
  gboolean    discarded;
  GError     *error;
  bool        done;
} Left;

static void
on_listed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  Left *left = data;

  left->dirs = ptl_sessions_list_left_finish (PTL_SESSIONS (source), result, &left->error);
  left->done = true;
}

static void
on_recovered_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  Left *left = data;

  left->session = ptl_sessions_recover_finish (PTL_SESSIONS (source), result, &left->error);
  left->done = true;
}

static void
on_discarded_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  Left *left = data;

  left->discarded = ptl_sessions_discard_left_finish (PTL_SESSIONS (source), result, &left->error);
  left->done = true;
}

static void
list_left (Fixture *fixture,
           Left    *left)
{
  g_clear_pointer (&left->dirs, g_strfreev);
  left->done = false;
  ptl_sessions_list_left_async (fixture->sessions, NULL, on_listed_cb, left);
  WAIT_UNTIL (left->done);
  g_assert_no_error (left->error);
}

static void
test_recover (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0?reaction=echo");
  g_autoptr (PtlSession) client = open_client (fixture, listener);
  g_autoptr (PtlSession) silent = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlBlob) blob = ptl_blob_new ("Python, client", 14);
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (PtlPeer) peer = NULL;
  g_autofree char *kept_dir = NULL;
  g_autofree char *title = NULL;
  Left left = { 0 };
  gboolean recovered, live;
  uint64_t n_frames;

  ptl_session_send (client, PTL_PEER_NONE, blob, NULL);
  WAIT_UNTIL (ptl_session_get_status (client)->rx_bytes == 14);
  list_left (fixture, &left);
  g_assert_cmpuint (g_strv_length (left.dirs), ==, 0); /* they are written now */

  ptl_sessions_shutdown (fixture->sessions);
  g_assert_false (ptl_session_is_live (listener));
  title = g_strdup (ptl_session_get_title (listener));
  g_clear_object (&fixture->sessions);
  n_frames = ptl_log_get_n_frames (ptl_session_get_log (listener));
  kept_dir = g_strdup (ptl_log_get_dir (ptl_session_get_log (listener)));
  g_clear_object (&listener);
  g_clear_object (&client);
  g_clear_object (&silent);

  fixture_start (fixture);
  list_left (fixture, &left);
  g_assert_cmpuint (g_strv_length (left.dirs), ==, 2); /* the silent one is not worth it */
  g_assert_true (g_strv_contains ((const char *const *) left.dirs, kept_dir));

  left.done = false;
  ptl_sessions_recover_async (fixture->sessions, kept_dir, on_recovered_cb, &left);
  WAIT_UNTIL (left.done);
  g_assert_no_error (left.error);
  g_object_get (left.session, "recovered", &recovered, "live", &live, NULL);
  g_assert_true (recovered);
  g_assert_cmpstr (ptl_session_get_title (left.session), ==, title); /* with the port it had */
  g_assert_false (live);
  g_assert_cmpint (ptl_session_get_spec (left.session)->role, ==, PTL_ROLE_LISTEN);
  g_assert_cmpint (ptl_session_get_spec (left.session)->reaction, ==, PTL_REACTION_ECHO);
  g_assert_cmpuint (ptl_session_get_status (left.session)->rx_bytes, ==, 14);
  g_assert_cmpuint (ptl_session_get_status (left.session)->tx_bytes, ==, 14);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_frames (left.session))),
                    ==,
                    n_frames);
  bytes = read_log (left.session, PTL_FRAME_IN);
  g_assert_cmpmem (bytes->data, bytes->len, "Python, client", 14);
  peer = ptl_peer_list_find (ptl_session_get_peers (left.session), 1);
  g_assert_nonnull (peer);
  g_assert_cmpuint (ptl_peer_get_info (peer)->rx_bytes, ==, 14);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->sessions)), ==, 1);

  /* One is discarded in the list, the other never read. */
  ptl_sessions_remove (fixture->sessions, left.session, false);
  for (char **dir = left.dirs; *dir != NULL; dir++)
    if (strcmp (*dir, kept_dir) != 0)
      {
        left.done = false;
        ptl_sessions_discard_left_async (fixture->sessions, *dir, on_discarded_cb, &left);
        WAIT_UNTIL (left.done);
        g_assert_no_error (left.error);
        g_assert_true (left.discarded);
      }
  /* The removal has no answer: another job of the same kind is asked until it is seen. */
  do
    list_left (fixture, &left);
  while (g_strv_length (left.dirs) > 0);
  g_clear_pointer (&left.dirs, g_strfreev);
}

/* A log whose files were cut is offered all the same, and what it lacks is known. */
static void
test_damaged (Fixture      *fixture,
              gconstpointer data)
{
  static const char *const cut[] = { "data", "index", "header" };
  char *dirs[G_N_ELEMENTS (cut)];
  uint64_t n_frames[G_N_ELEMENTS (cut)];
  PtlSession *listeners[G_N_ELEMENTS (cut)];
  Left left = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (cut); i++)
    {
      g_autoptr (PtlBlob) blob = ptl_blob_new ("kept", 4);
      g_autoptr (PtlSession) client = NULL;

      listeners[i] = open_listener (fixture, "tcp://127.0.0.1:0");
      client = open_client (fixture, listeners[i]);
      ptl_session_send (client, PTL_PEER_NONE, blob, NULL);
      WAIT_UNTIL (ptl_session_get_status (listeners[i])->rx_bytes == 4);
    }
  ptl_sessions_shutdown (fixture->sessions);
  g_clear_object (&fixture->sessions);
  for (size_t i = 0; i < G_N_ELEMENTS (cut); i++)
    {
      PtlLog *log = ptl_session_get_log (listeners[i]);
      g_autofree char *path = g_build_filename (ptl_log_get_dir (log), cut[i], NULL);

      n_frames[i] = ptl_log_get_n_frames (log);
      dirs[i] = g_strdup (ptl_log_get_dir (log));
      g_clear_object (&listeners[i]);
      g_assert_cmpint (truncate (path, 0), ==, 0);
    }

  fixture_start (fixture);
  list_left (fixture, &left);
  for (size_t i = 0; i < G_N_ELEMENTS (cut); i++)
    {
      g_assert_true (g_strv_contains ((const char *const *) left.dirs, dirs[i]));
      left.done = false;
      ptl_sessions_recover_async (fixture->sessions, dirs[i], on_recovered_cb, &left);
      WAIT_UNTIL (left.done);
      if (left.session == NULL)
        g_assert_error (left.error, PTL_ERROR, PTL_ERROR_FORMAT);
      else
        g_assert_cmpuint (ptl_log_get_n_torn (ptl_session_get_log (left.session)), ==,
                          i == 0 ? n_frames[i] : 0);
      g_assert_true ((left.session == NULL) == (strcmp (cut[i], "header") == 0));
      g_clear_error (&left.error);
      g_free (dirs[i]);
    }
  g_clear_pointer (&left.dirs, g_strfreev);
}

static void
test_log_text (void)
{
  g_autoptr (PtlSpec) spec = make_spec (PTL_ROLE_DATAGRAMS, "udp://127.0.0.1:9");
  g_autofree char *text = ptl_session_spec_to_log_text (spec);
  g_autofree char *large = g_strnfill (PTL_SPEC_TEXT_MAX / 2, 'x');
  g_autofree char *short_text = NULL;
  g_autoptr (PtlSpec) back = NULL;
  g_autoptr (PtlSpec) answer = make_spec (PTL_ROLE_LISTEN, "tcp://127.0.0.1:9");

  g_assert_cmpstr (text, ==, "datagrams udp://127.0.0.1:9");
  back = ptl_session_spec_from_log_text (text);
  g_assert_true (ptl_spec_equal (spec, back));
  g_assert_null (ptl_session_spec_from_log_text ("connect"));
  g_assert_null (ptl_session_spec_from_log_text ("dance tcp://127.0.0.1:9"));
  g_assert_null (ptl_session_spec_from_log_text ("connect \xff"));

  answer->reaction = PTL_REACTION_ANSWER;
  answer->reaction_text = ptl_blob_new (large, strlen (large));
  short_text = ptl_session_spec_to_log_text (answer);
  g_assert_cmpuint (strlen (short_text), <=, PTL_LOG_URI_MAX);
  ptl_spec_free (g_steal_pointer (&back));
  back = ptl_session_spec_from_log_text (short_text);
  g_assert_nonnull (back);
  g_assert_cmpint (back->reaction, ==, PTL_REACTION_NONE);
}

typedef struct
{
  PtlSessions *sessions;
  unsigned     n_wants;
} Hook;

static void
want (void *data)
{
  Hook *hook = data;

  hook->n_wants++;
}

/* The hook is asked once for each sync, and its clock is not waited for forever. */
static void
test_hook (Fixture      *fixture,
           gconstpointer data)
{
  Hook hook = { .sessions = fixture->sessions };
  g_autoptr (PtlSession) session = NULL;
  g_autoptr (PtlSession) client = NULL;
  g_autoptr (PtlBlob) blob = ptl_blob_new ("one", 3);
  GListModel *frames, *calls;
  guint n_frames, n_calls = 0, n_first_calls;
  unsigned n_before = 0;

  ptl_sessions_set_sync_hook (fixture->sessions, want, &hook);
  session = open_session (fixture, PTL_ROLE_LISTEN, "tcp://127.0.0.1:0");
  WAIT_UNTIL (hook.n_wants == 1);
  g_assert_cmpint (get_state (session), ==, PTL_SESSION_OPENING);
  ptl_sessions_sync (fixture->sessions);
  WAIT_UNTIL (get_state (session) == PTL_SESSION_LISTENING);
  frames = G_LIST_MODEL (ptl_session_get_frames (session));
  calls = G_LIST_MODEL (ptl_session_get_calls (session));
  /* The calls come in the turn after the frames, which is asked for. */
  client = open_client (fixture, session);
  WAIT_UNTIL (get_state (client) == PTL_SESSION_CONNECTED
              && ptl_session_get_status (session)->peers_open == 1);
  ptl_sessions_sync (fixture->sessions);
  ptl_sessions_sync (fixture->sessions);
  n_first_calls = g_list_model_get_n_items (calls);
  n_frames = g_list_model_get_n_items (frames);
  g_assert_cmpuint (ptl_session_send (client, PTL_PEER_NONE, blob, NULL), >, 0);
  for (unsigned i = 0; i < 10000 && g_list_model_get_n_items (frames) == n_frames; i++)
    {
      n_frames = g_list_model_get_n_items (frames);
      n_calls = g_list_model_get_n_items (calls);
      n_before = hook.n_wants;
      g_usleep (1000);
      ptl_sessions_sync (fixture->sessions);
    }
  g_assert_cmpuint (g_list_model_get_n_items (frames), >, n_frames);
  g_assert_cmpuint (g_list_model_get_n_items (calls), ==, n_calls);
  g_assert_cmpuint (hook.n_wants, >, n_before);
  ptl_sessions_sync (fixture->sessions);
  g_assert_cmpuint (g_list_model_get_n_items (calls), >, n_first_calls);
  n_before = hook.n_wants;
  ptl_session_stop (session);
  /* No sync of ours any more. */
  WAIT_UNTIL (get_state (session) == PTL_SESSION_CLOSED);
  g_assert_cmpuint (hook.n_wants, >, n_before);
  ptl_sessions_set_sync_hook (fixture->sessions, NULL, NULL);
}

static void
test_process (Fixture      *fixture,
              gconstpointer data)
{
  struct rlimit limit;
  struct sigaction action;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_cur, ==, limit.rlim_max);
  g_assert_cmpint (sigaction (SIGPIPE, NULL, &action), ==, 0);
  g_assert_true (action.sa_handler == SIG_IGN);
  g_assert_cmpint (sigaction (SIGXFSZ, NULL, &action), ==, 0);
  g_assert_true (action.sa_handler == SIG_IGN);
}

static void
test_datagrams (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PtlSession) a = open_session (fixture, PTL_ROLE_DATAGRAMS,
                                           "udp://127.0.0.1:9?from=127.0.0.1:0");
  g_autoptr (PtlSession) b = open_session (fixture, PTL_ROLE_DATAGRAMS,
                                           "udp://127.0.0.1:9?from=127.0.0.1:0");
  g_autoptr (PtlBlob) blob = ptl_blob_new ("datagram", 8);
  g_autofree char *port = NULL;
  g_autofree char *problem = NULL;
  PtlEndpoint target = { 0 };
  Sent sent = { 0 };
  GError *error = NULL;

  WAIT_UNTIL (ptl_session_get_status (a)->n_locals > 0 && ptl_session_get_status (b)->n_locals > 0);
  port = g_strdup_printf ("%u", ptl_address_get_port (&ptl_session_get_status (b)->locals[0]));
  g_assert_true (ptl_endpoint_parse_host_port (&target, "127.0.0.1", port, NULL, NULL, &error));
  g_assert_cmpuint (ptl_session_send_to (a, &target, blob, &error), !=, 0);
  g_assert_no_error (error);
  WAIT_UNTIL (ptl_session_get_status (b)->rx_bytes == 8);
  WAIT_UNTIL (g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_peers (b))) == 1);
  ptl_endpoint_clear (&target);

  /* A target that is not found is named, and its error is the one that was given. */
  g_assert_true (ptl_endpoint_parse_host_port (&target, "127.0.0.1", "no-such-service", NULL, NULL,
                                               &error));
  g_signal_connect (a, "sent", G_CALLBACK (on_sent_cb), &sent);
  g_assert_cmpuint (ptl_session_send_to (a, &target, blob, &error), !=, 0);
  WAIT_UNTIL (sent.done && sent.problem != NULL);
  g_assert_nonnull (strstr (sent.problem, "getaddrinfo for “no-such-service”: "));
  g_assert_nonnull (strstr (sent.problem, "(EAI_SERVICE). "));
  g_assert_null (strstr (sent.problem, "EHOSTUNREACH"));
  problem = dup_problem (a);
  g_assert_null (problem);
  g_free (sent.problem);
  ptl_endpoint_clear (&target);
}

/* What is too long for one message is so because of the kernel; who is gone has a name. */
static void
test_wrong_sends (Fixture      *fixture,
                  gconstpointer data)
{
  g_autofree char *uri = g_strdup_printf ("unix+seqpacket:%s/socket", fixture->dir);
  g_autoptr (PtlSession) listener = open_session (fixture, PTL_ROLE_LISTEN, uri);
  g_autoptr (PtlSession) client = NULL;
  g_autoptr (PtlBlob) blob = ptl_blob_new (NULL, 1000 * 1000);
  Sent sent = { 0 };

  WAIT_UNTIL (get_state (listener) == PTL_SESSION_LISTENING);
  client = open_session (fixture, PTL_ROLE_CONNECT, uri);
  WAIT_UNTIL (get_state (client) == PTL_SESSION_CONNECTED);
  WAIT_UNTIL (g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_peers (client))) == 1);
  memset (blob->data, 'x', blob->len_bytes);
  g_signal_connect (client, "sent", G_CALLBACK (on_sent_cb), &sent);
  g_assert_cmpuint (ptl_session_send (client, PTL_PEER_NONE, blob, NULL), !=, 0);
  WAIT_UNTIL (sent.done);
  g_assert_nonnull (strstr (sent.problem, "(EMSGSIZE). "));
  g_assert_nonnull (strstr (sent.problem, "SO_SNDBUF"));
  g_assert_null (strstr (sent.problem, "64 MiB"));
  g_signal_handlers_disconnect_by_data (client, &sent);
  g_clear_pointer (&sent.problem, g_free);

  WAIT_UNTIL (g_list_model_get_n_items (G_LIST_MODEL (ptl_session_get_peers (listener))) == 1);
  ptl_session_stop (client);
  WAIT_UNTIL (ptl_session_get_status (listener)->peers_open == 0);
  sent.done = false;
  g_signal_connect (listener, "sent", G_CALLBACK (on_sent_cb), &sent);
  g_assert_cmpuint (ptl_session_send (listener, 1, blob, NULL), !=, 0);
  WAIT_UNTIL (sent.done);
  g_assert_nonnull (strstr (sent.problem, "peer #1 (unnamed) is gone"));
  g_signal_handlers_disconnect_by_data (listener, &sent);
  g_free (sent.problem);
}

static void
on_done_cb (PtlSession *session,
            guint64     tag,
            gboolean    done,
            guint64     sent,
            guint64     total,
            const char *problem,
            unsigned   *n_done)
{
  if (done)
    (*n_done)++;
}

/* Whatever comes just when the session ends: each send that got a tag is told once how it went. */
static void
test_late_sends (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PtlSession) listener = open_listener (fixture, "tcp://127.0.0.1:0");
  g_autoptr (PtlBlob) blob = ptl_blob_new ("x", 1);

  for (unsigned i = 0; i < 50; i++)
    {
      g_autoptr (PtlSession) client = open_client (fixture, listener);
      unsigned n_tags = 0, n_done = 0;
      PtlSessionStatus last;
      uint64_t start;

      g_signal_connect (client, "sent", G_CALLBACK (on_done_cb), &n_done);
      WAIT_UNTIL (get_state (client) == PTL_SESSION_CONNECTED);
      /* Long enough after its last news that the next ones come at once. */
      start = ptl_clock_monotonic_ns ();
      WAIT_UNTIL (ptl_clock_monotonic_ns () - start > 15 * PTL_NS_PER_MS);
      ptl_session_stop (client);
      /* Until it says that it is over. */
      for (bool goes_on = true; goes_on;)
        {
          g_autoptr (GError) error = NULL;

          if (ptl_session_send (client, PTL_PEER_NONE, blob, &error) != 0)
            n_tags++;
          else
            goes_on = g_error_matches (error, PTL_ERROR, PTL_ERROR_LIMIT);
        }
      WAIT_UNTIL (get_state (client) == PTL_SESSION_CLOSED);
      WAIT_UNTIL (n_done == n_tags);
      last = *ptl_session_get_status (client);
      g_assert_cmpuint (last.queued_bytes, ==, 0);
      ptl_sessions_remove (fixture->sessions, client, false);
      g_assert_cmpuint (n_done, ==, n_tags);
      g_signal_handlers_disconnect_by_data (client, &n_done);
    }
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sessions/log-text", test_log_text);
  g_test_add_func ("/sessions/rates-ring", test_rates_ring);
  ADD ("/sessions/process", test_process);
  ADD ("/sessions/echo", test_echo);
  ADD ("/sessions/rates", test_rates);
  ADD ("/sessions/stop-opening", test_stop_opening);
  ADD ("/sessions/pending-limit", test_pending_limit);
  ADD ("/sessions/half-close", test_half_close);
  ADD ("/sessions/refused", test_refused);
  ADD ("/sessions/names", test_names);
  ADD ("/sessions/port-in-use", test_port_in_use);
  ADD ("/sessions/no-log", test_no_log);
  ADD ("/sessions/remove", test_remove);
  ADD ("/sessions/send-file", test_send_file);
  ADD ("/sessions/disk-full", test_disk_full);
  ADD ("/sessions/recover", test_recover);
  ADD ("/sessions/damaged", test_damaged);
  ADD ("/sessions/hook", test_hook);
  ADD ("/sessions/datagrams", test_datagrams);
  ADD ("/sessions/late-sends", test_late_sends);
  ADD ("/sessions/wrong-sends", test_wrong_sends);
  return g_test_run ();
}
