/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All sessions: starts the engine, takes its news over at the window's pace, and keeps the logs'
 * folder. */
#include "config.h"

#include "model/ptl-sessions.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "lookup/ptl-lookup-pool.h"
#include "model/ptl-session-private.h"
#include "model/ptl-waker.h"

/* With a hook: when its clock does not come, the news are taken over after this time. */
#define SYNC_LATEST_MS 250

/* A log of more frames is not looked through for one with bytes. */
#define MANY_FRAMES 1000

struct _PtlSessions
{
  GObject         parent_instance;

  char           *logs_dir;
  GPtrArray      *sessions;   /* PtlSession, as listed */
  GHashTable     *by_id;      /* id -> PtlSession, owned; also those that leave */
  /* PtlSession: taken out, the engine is not done; their logs go then */
  GPtrArray      *leaving;
  PtlSessionHost  host;
  PtlLookupPool  *lookup;
  PtlWaker       *waker;      /* lists of frames hold it too, as they may outlive us */
  guint           wake_source;
  guint           idle_source;
  guint           late_source; /* while the hook's clock is waited for */
  guint           tick_source;
  uint64_t        last_tick_ns;
  void          (*want) (void *data);
  void           *want_data;
  bool            wants_sync; /* was told, sync did not come yet */
  bool            shut_down;
  unsigned        n_logs;     /* for their names */
};

static GType
ptl_sessions_get_item_type (GListModel *model)
{
  return PTL_TYPE_SESSION;
}

static guint
ptl_sessions_get_n_items (GListModel *model)
{
  return PTL_SESSIONS (model)->sessions->len;
}

static gpointer
ptl_sessions_get_item (GListModel *model,
                       guint       position)
{
  PtlSessions *self = PTL_SESSIONS (model);

  if (position >= self->sessions->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->sessions, position));
}

static void
ptl_sessions_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ptl_sessions_get_item_type;
  iface->get_n_items = ptl_sessions_get_n_items;
  iface->get_item = ptl_sessions_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlSessions, ptl_sessions, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      ptl_sessions_list_model_init))

static void
ptl_sessions_dispose (GObject *object)
{
  ptl_sessions_shutdown (PTL_SESSIONS (object));
  G_OBJECT_CLASS (ptl_sessions_parent_class)->dispose (object);
}

static void
ptl_sessions_finalize (GObject *object)
{
  PtlSessions *self = PTL_SESSIONS (object);

  g_clear_pointer (&self->waker, ptl_waker_unref);
  g_clear_pointer (&self->leaving, g_ptr_array_unref);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->logs_dir, g_free);
  G_OBJECT_CLASS (ptl_sessions_parent_class)->finalize (object);
}

static void
ptl_sessions_class_init (PtlSessionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_sessions_dispose;
  object_class->finalize = ptl_sessions_finalize;
}

static void
ptl_sessions_init (PtlSessions *self)
{
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  self->leaving = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
}

static gboolean
on_idle_cb (gpointer data)
{
  PtlSessions *self = data;

  self->idle_source = 0;
  ptl_sessions_sync (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_late_cb (gpointer data)
{
  PtlSessions *self = data;

  self->late_source = 0;
  ptl_sessions_sync (self);
  return G_SOURCE_REMOVE;
}

static void
ask_for_sync (PtlSessions *self)
{
  if (self->want == NULL)
    {
      if (self->idle_source == 0)
        self->idle_source = g_idle_add (on_idle_cb, self);
      return;
    }
  /* A window that is not drawn has no frame clock. */
  if (self->late_source == 0)
    self->late_source = g_timeout_add (SYNC_LATEST_MS, on_late_cb, self);
  self->want (self->want_data);
}

static gboolean
on_wake_cb (gint         fd,
            GIOCondition condition,
            gpointer     data)
{
  PtlSessions *self = data;

  if (!ptl_waker_read (self->waker))
    return G_SOURCE_REMOVE;
  if (self->wants_sync)
    return G_SOURCE_CONTINUE;
  self->wants_sync = true;
  ask_for_sync (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_tick_cb (gpointer data)
{
  PtlSessions *self = data;
  uint64_t now_ns = ptl_clock_monotonic_ns ();
  double elapsed_s = (double) (now_ns - self->last_tick_ns) / 1e9;
  bool goes_on = false;

  /* A window that is not drawn has no frame clock; the counters have to be of now. */
  ptl_sessions_sync (self);
  self->last_tick_ns = now_ns;
  for (guint i = 0; i < self->sessions->len; i++)
    if (ptl_session_tick (g_ptr_array_index (self->sessions, i), MAX (elapsed_s, 0.001)))
      goes_on = true;
  if (goes_on)
    return G_SOURCE_CONTINUE;
  self->tick_source = 0;
  return G_SOURCE_REMOVE;
}

/* Bytes flow: rates are computed until they have been 0 for as long as is remembered. */
static void
start_ticking (PtlSessions *self)
{
  if (self->tick_source != 0 || self->shut_down)
    return;
  self->last_tick_ns = ptl_clock_monotonic_ns ();
  self->tick_source = g_timeout_add_seconds (1, on_tick_cb, self);
}

/* A GUI must not die of a peer that left or of a disk's limit: both are told by errno as well. */
static void
prepare_process (void)
{
  struct rlimit limit;
  struct sigaction ignore = { .sa_handler = SIG_IGN };

  sigaction (SIGPIPE, &ignore, NULL);
  sigaction (SIGXFSZ, &ignore, NULL);
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

PtlSessions *
ptl_sessions_new (const char  *state_dir,
                  GError     **error)
{
  static const PtlEngineCallbacks callbacks = { .on_news = ptl_waker_wake };
  g_autoptr (PtlSessions) self = NULL;

  g_return_val_if_fail (state_dir != NULL, NULL);

  prepare_process ();
  self = g_object_new (PTL_TYPE_SESSIONS, NULL);
  self->logs_dir = g_build_filename (state_dir, "logs", NULL);
  self->waker = ptl_waker_new (error);
  if (self->waker == NULL)
    return NULL;
  self->lookup = ptl_lookup_pool_new ();
  if (self->lookup == NULL)
    {
      g_set_error_literal (error, PTL_ERROR, PTL_ERROR_IO,
                           _("No thread could be made for looking up names."));
      return NULL;
    }
  self->host.engine = ptl_engine_new (0, ptl_lookup_pool_get_resolver (self->lookup), &callbacks,
                                      self->waker, error);
  if (self->host.engine == NULL)
    return NULL;
  self->wake_source = g_unix_fd_add (ptl_waker_get_fd (self->waker), G_IO_IN, on_wake_cb, self);
  return g_steal_pointer (&self);
}

static void
discard_open_in_thread (GTask        *task,
                        gpointer      source,
                        gpointer      data,
                        GCancellable *cancellable)
{
  g_task_return_boolean (task, ptl_log_discard_open (data, NULL));
}

/* Nobody waits for it; what cannot be removed is offered at the next start.  The log may still be
 * shown. */
static void
discard (PtlLog *log)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, ptl_log_ref (log), (GDestroyNotify) ptl_log_unref);
  g_task_run_in_thread (task, discard_open_in_thread);
}

_Static_assert (PTL_KEEP_FREE_DEFAULT == PTL_LOG_KEEP_FREE_DEFAULT, "one word for both");

typedef struct
{
  char       *dir;
  char       *parent;
  char       *text;
  uint64_t    limit_bytes;
  uint64_t    keep_free_bytes;
  PtlSession *session; /* owned, main thread */
  PtlFault    fault;
} LogJob;

static void
log_job_free (LogJob *job)
{
  g_clear_object (&job->session);
  g_free (job->text);
  g_free (job->parent);
  g_free (job->dir);
  g_free (job);
}

/* Our own errors end with the system's name of it: "... (ENOSPC)". */
static int
find_errno (const GError *error)
{
  const char *name = strrchr (error->message, '(');

  if (name == NULL)
    return EIO;
  for (int number = 1; number < 256; number++)
    {
      const char *known = ptl_errno_name (number);

      if (strncmp (name + 1, known, strlen (known)) == 0 && name[1 + strlen (known)] == ')')
        return number;
    }
  return EIO;
}

static void
create_log_in_thread (GTask        *task,
                      gpointer      source,
                      gpointer      data,
                      GCancellable *cancellable)
{
  LogJob *job = data;
  g_autoptr (GError) error = NULL;
  PtlLog *log;

  if (g_mkdir_with_parents (job->parent, 0700) < 0)
    {
      job->fault.sys_errno = errno;
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  log = ptl_log_create (job->dir, job->text, job->limit_bytes, &error);
  if (log != NULL)
    ptl_log_set_keep_free (log, job->keep_free_bytes);
  else
    job->fault.sys_errno = find_errno (error);
  g_task_return_pointer (task, log, (GDestroyNotify) ptl_log_unref);
}

static void
on_log_created_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  PtlSessions *self = PTL_SESSIONS (source);
  LogJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (PtlLog) log = g_task_propagate_pointer (G_TASK (result), NULL);
  PtlSession *session = job->session;

  if (log == NULL)
    {
      job->fault.step = PTL_STEP_LOG;
      ptl_session_fail (session, &job->fault, job->dir);
      return;
    }
  if (!self->shut_down && ptl_session_take_log (session, log))
    {
      PtlSessionId id = ptl_session_get_id (session);

      g_hash_table_insert (self->by_id, g_memdup2 (&id, sizeof id), g_object_ref (session));
      return;
    }
  /* It was stopped or taken out before it began. */
  discard (log);
}

static char *
make_log_dir (PtlSessions *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *name = g_strdup_printf ("%s-%d-%u", stamp, (int) getpid (), ++self->n_logs);

  return g_build_filename (self->logs_dir, name, NULL);
}

void
ptl_sessions_adopt (PtlSessions *self,
                    PtlSession  *session)
{
  PtlFrameList *frames = ptl_session_get_frames (session);

  g_object_set_data_full (G_OBJECT (frames), "ptl-waker", ptl_waker_ref (self->waker),
                          (GDestroyNotify) ptl_waker_unref);
  ptl_frame_list_set_wake (frames, ptl_waker_wake, self->waker);
  g_ptr_array_add (self->sessions, session);
  g_list_model_items_changed (G_LIST_MODEL (self), self->sessions->len - 1, 0, 1);
}

const char *
ptl_sessions_get_logs_dir (PtlSessions *self)
{
  return self->logs_dir;
}

PtlSession *
ptl_sessions_open (PtlSessions   *self,
                   const PtlSpec *spec)
{
  g_autoptr (GTask) task = NULL;
  PtlSession *session;
  LogJob *job;

  g_return_val_if_fail (PTL_IS_SESSIONS (self) && spec != NULL && !self->shut_down, NULL);

  session = ptl_session_new (spec, &self->host);
  job = g_new0 (LogJob, 1);
  job->dir = make_log_dir (self);
  job->parent = g_strdup (self->logs_dir);
  job->text = ptl_session_spec_to_log_text (spec);
  job->limit_bytes = spec->log_limit_bytes;
  job->keep_free_bytes = spec->keep_free_bytes;
  job->session = g_object_ref (session);
  task = g_task_new (self, NULL, on_log_created_cb, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify) log_job_free);
  g_task_run_in_thread (task, create_log_in_thread);

  ptl_sessions_adopt (self, session);
  return session;
}

void
ptl_sessions_remove (PtlSessions *self,
                     PtlSession  *session,
                     bool         keep_log)
{
  g_autoptr (PtlSession) held = NULL;
  guint position;
  bool ended;

  g_return_if_fail (PTL_IS_SESSIONS (self) && PTL_IS_SESSION (session));
  if (!g_ptr_array_find (self->sessions, session, &position))
    return;

  held = g_object_ref (session);
  ptl_session_stop (session);
  ended = ptl_session_has_ended (session);
  g_ptr_array_remove_index (self->sessions, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);

  if (!ended && !self->shut_down)
    {
      /* Its last news close it, then the log may go. */
      if (!keep_log)
        g_ptr_array_add (self->leaving, g_object_ref (session));
      return;
    }
  ptl_session_detach (session);
  if (!keep_log && ptl_session_get_log (session) != NULL)
    discard (ptl_session_get_log (session));
}

/* The engine is done with those: their logs are nobody's any more. */
static void
end_leaving (PtlSessions *self)
{
  for (guint i = self->leaving->len; i > 0; i--)
    {
      PtlSession *session = g_ptr_array_index (self->leaving, i - 1);

      if (!ptl_session_has_ended (session))
        continue;
      ptl_session_detach (session);
      if (ptl_session_get_log (session) != NULL)
        discard (ptl_session_get_log (session));
      g_ptr_array_remove_index (self->leaving, i - 1);
    }
}

/* Peers come mixed over the sessions: each list gets its own at once. */
static void
dispatch_peers (PtlSessions   *self,
                const PtlNews *news)
{
  g_autoptr (GHashTable) gathered = NULL;
  GHashTableIter iter;
  gpointer session, infos;

  if (news->n_peers == 0)
    return;
  gathered = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  for (size_t i = 0; i < news->n_peers; i++)
    {
      PtlSession *owner = g_hash_table_lookup (self->by_id, &news->peers[i].session);
      GArray *array;

      if (owner == NULL)
        continue;
      array = g_hash_table_lookup (gathered, owner);
      if (array == NULL)
        {
          array = g_array_new (FALSE, FALSE, sizeof (PtlPeerInfo));
          g_hash_table_insert (gathered, owner, array);
        }
      g_array_append_val (array, news->peers[i]);
    }
  g_hash_table_iter_init (&iter, gathered);
  while (g_hash_table_iter_next (&iter, &session, &infos))
    {
      GArray *array = infos;

      ptl_peer_list_update (ptl_session_get_peers (session),
                            (const PtlPeerInfo *) (const void *) array->data, array->len);
    }
}

static void
take_news (PtlSessions *self)
{
  PtlNews news;
  bool flowed = false;

  ptl_engine_take_news (self->host.engine, &news);
  dispatch_peers (self, &news);
  for (size_t i = 0; i < news.n_statuses; i++)
    {
      PtlSession *session = g_hash_table_lookup (self->by_id, &news.statuses[i].id);

      if (session != NULL && ptl_session_set_status (session, &news.statuses[i]))
        flowed = true;
    }
  for (size_t i = 0; i < news.n_sends; i++)
    {
      PtlSession *session = g_hash_table_lookup (self->by_id, &news.sends[i].session);

      if (session != NULL)
        ptl_session_report_send (session, &news.sends[i]);
    }
  /* After the sends: no news of them come any more. */
  for (size_t i = 0; i < news.n_statuses; i++)
    {
      PtlSessionId id = news.statuses[i].id;
      PtlSession *session = g_hash_table_lookup (self->by_id, &id);

      if (session != NULL && ptl_session_has_ended (session))
        {
          g_autoptr (PtlSession) held = g_object_ref (session);

          ptl_session_sync (session);
          g_hash_table_remove (self->by_id, &id);
          if (!g_ptr_array_find (self->sessions, session, NULL))
            ptl_session_detach (session);
        }
    }
  ptl_news_clear (&news);
  if (flowed)
    start_ticking (self);
  end_leaving (self);
}

void
ptl_sessions_sync (PtlSessions *self)
{
  g_autoptr (PtlSessions) held = NULL;
  g_autoptr (GPtrArray) sessions = NULL;
  bool waits = false;

  g_return_if_fail (PTL_IS_SESSIONS (self));
  if (self->shut_down)
    return;

  held = g_object_ref (self);
  self->wants_sync = false;
  g_clear_handle_id (&self->idle_source, g_source_remove);
  g_clear_handle_id (&self->late_source, g_source_remove);
  take_news (self);
  /* A handler may open or remove some. */
  sessions = g_ptr_array_copy (self->sessions, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);
  g_ptr_array_set_free_func (sessions, g_object_unref);
  for (guint i = 0; i < sessions->len; i++)
    if (self->want == NULL)
      ptl_session_sync (g_ptr_array_index (sessions, i));
    else if (ptl_session_sync_in_turn (g_ptr_array_index (sessions, i)))
      waits = true;
  if (waits && !self->wants_sync && self->want != NULL)
    {
      self->wants_sync = true;
      ask_for_sync (self);
    }
}

void
ptl_sessions_set_sync_hook (PtlSessions *self,
                            void       (*want) (void *data),
                            void        *data)
{
  g_return_if_fail (PTL_IS_SESSIONS (self));
  self->want = want;
  self->want_data = data;
  /* What was promised to the other clock. */
  if (self->wants_sync)
    {
      g_clear_handle_id (&self->idle_source, g_source_remove);
      g_clear_handle_id (&self->late_source, g_source_remove);
      ask_for_sync (self);
    }
}

/* The log knows, not the status: the last news of the engine may not have been taken. */
static bool
has_traffic (PtlLog *log)
{
  uint64_t n_frames = ptl_log_get_n_frames (log);
  PtlFrame frame;

  if (n_frames > MANY_FRAMES)
    return true;
  for (uint64_t n = 0; n < n_frames; n++)
    if (!ptl_log_get_frame (log, n, &frame) || frame.kind != PTL_FRAME_EVENT)
      return true;
  return false;
}

void
ptl_sessions_shutdown (PtlSessions *self)
{
  GHashTableIter iter;
  gpointer session;

  g_return_if_fail (PTL_IS_SESSIONS (self));
  if (self->shut_down)
    return;
  if (self->host.engine != NULL)
    ptl_sessions_sync (self);
  self->shut_down = true;
  g_clear_handle_id (&self->wake_source, g_source_remove);
  g_clear_handle_id (&self->idle_source, g_source_remove);
  g_clear_handle_id (&self->late_source, g_source_remove);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  self->want = NULL;

  g_clear_pointer (&self->host.engine, ptl_engine_free);
  g_clear_pointer (&self->lookup, ptl_lookup_pool_free);

  /* No sink is open any more.  A log without a byte of traffic is not worth being offered again. */
  for (guint i = 0; i < self->sessions->len; i++)
    {
      PtlSession *listed = g_ptr_array_index (self->sessions, i);
      PtlLog *log = ptl_session_get_log (listed);

      ptl_session_detach (listed);
      if (log != NULL && ptl_session_get_id (listed) != 0 && !has_traffic (log))
        ptl_log_discard_open (log, NULL);
    }
  for (guint i = 0; i < self->leaving->len; i++)
    {
      PtlSession *left = g_ptr_array_index (self->leaving, i);

      ptl_session_detach (left);
      if (ptl_session_get_log (left) != NULL)
        ptl_log_discard_open (ptl_session_get_log (left), NULL);
    }
  g_ptr_array_set_size (self->leaving, 0);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    ptl_session_detach (session);
  g_hash_table_remove_all (self->by_id);
}
