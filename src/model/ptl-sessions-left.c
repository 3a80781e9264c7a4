/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What earlier runs left in the logs' folder: listed, read back, discarded; all in threads. */
#include "config.h"

#include "model/ptl-sessions.h"

#include "model/ptl-session-private.h"

/* @func, in a thread, with @path as its data. */
static void
start_in_thread (PtlSessions         *self,
                 const char          *path,
                 GCancellable        *cancellable,
                 GTaskThreadFunc      func,
                 GAsyncReadyCallback  callback,
                 gpointer             data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_SESSIONS (self) && path != NULL);
  task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (task, func);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, func);
}

static void
list_left_in_thread (GTask        *task,
                     gpointer      source,
                     gpointer      data,
                     GCancellable *cancellable)
{
  g_auto (GStrv) dirs = NULL;
  g_autoptr (GStrvBuilder) kept = g_strv_builder_new ();

  /* What was discarded last time is not offered, and goes now. */
  ptl_log_sweep (data);
  dirs = ptl_log_list_left (data);

  for (char **dir = dirs; dir != NULL && *dir != NULL; dir++)
    {
      g_autoptr (PtlLog) log = ptl_log_open (*dir, NULL);

      /* The program ended before anything happened. */
      if (log != NULL && ptl_log_get_n_bytes (log) == 0 && ptl_log_get_n_torn (log) == 0)
        {
          g_clear_pointer (&log, ptl_log_unref);
          ptl_log_discard (*dir, NULL);
        }
      else
        g_strv_builder_add (kept, *dir);
    }
  g_task_return_pointer (task, g_strv_builder_end (kept), (GDestroyNotify) g_strfreev);
}

void
ptl_sessions_list_left_async (PtlSessions         *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             data)
{
  g_return_if_fail (PTL_IS_SESSIONS (self));
  start_in_thread (self, ptl_sessions_get_logs_dir (self), cancellable, list_left_in_thread,
                   callback, data);
}

char **
ptl_sessions_list_left_finish (PtlSessions   *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
recover_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  GError *error = NULL;
  PtlLeftSession *left = ptl_left_session_read (data, &error);

  if (left != NULL)
    g_task_return_pointer (task, left, (GDestroyNotify) ptl_left_session_free);
  else
    g_task_return_error (task, error);
}

void
ptl_sessions_recover_async (PtlSessions         *self,
                            const char          *dir,
                            GAsyncReadyCallback  callback,
                            gpointer             data)
{
  start_in_thread (self, dir, NULL, recover_in_thread, callback, data);
}

PtlSession *
ptl_sessions_recover_finish (PtlSessions   *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_autoptr (PtlLeftSession) left = NULL;
  PtlSession *session;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  left = g_task_propagate_pointer (G_TASK (result), error);
  if (left == NULL)
    return NULL;
  session = ptl_session_new_recovered (left);
  ptl_sessions_adopt (self, session);
  return session;
}

static void
return_moved (GTask  *task,
              char   *dir, /* taken */
              GError *error)
{
  if (dir != NULL)
    g_task_return_pointer (task, dir, g_free);
  else
    g_task_return_error (task, error);
}

static void
set_aside_in_thread (GTask        *task,
                     gpointer      source,
                     gpointer      data,
                     GCancellable *cancellable)
{
  GError *error = NULL;
  char *dir = ptl_log_set_aside (data, &error);

  return_moved (task, dir, error);
}

static void
take_back_in_thread (GTask        *task,
                     gpointer      source,
                     gpointer      data,
                     GCancellable *cancellable)
{
  GError *error = NULL;
  char *dir = ptl_log_take_back (data, &error);

  return_moved (task, dir, error);
}

void
ptl_sessions_set_aside_async (PtlSessions         *self,
                              const char          *dir,
                              GAsyncReadyCallback  callback,
                              gpointer             data)
{
  start_in_thread (self, dir, NULL, set_aside_in_thread, callback, data);
}

void
ptl_sessions_take_back_async (PtlSessions         *self,
                              const char          *dir,
                              GAsyncReadyCallback  callback,
                              gpointer             data)
{
  start_in_thread (self, dir, NULL, take_back_in_thread, callback, data);
}

char *
ptl_sessions_move_finish (PtlSessions   *self,
                          GAsyncResult  *result,
                          char         **stays,
                          GError       **error)
{
  char *dir;

  if (stays != NULL)
    *stays = NULL;
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  dir = g_task_propagate_pointer (G_TASK (result), error);
  if (dir == NULL && stays != NULL)
    *stays = g_strdup (g_task_get_task_data (G_TASK (result)));
  return dir;
}

static void
discard_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  GError *error = NULL;

  if (ptl_log_discard (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ptl_sessions_discard_left_async (PtlSessions         *self,
                                 const char          *dir,
                                 GAsyncReadyCallback  callback,
                                 gpointer             data)
{
  start_in_thread (self, dir, NULL, discard_in_thread, callback, data);
}

gboolean
ptl_sessions_discard_left_finish (PtlSessions   *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
