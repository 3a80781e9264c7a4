/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What earlier runs left in the logs' folder: listed, read back, discarded; all in threads. */
#include "config.h"

#include "model/ptl-sessions.h"

#include "model/ptl-session-private.h"

static void
list_left_in_thread (GTask        *task,
                     gpointer      source,
                     gpointer      data,
                     GCancellable *cancellable)
{
  g_auto (GStrv) dirs = ptl_log_list_left (data);
  g_autoptr (GStrvBuilder) kept = g_strv_builder_new ();

  for (char **dir = dirs; dir != NULL && *dir != NULL; dir++)
    {
      g_autoptr (PtlLog) log = ptl_log_open (*dir, NULL);

      /* The program ended before anything happened. */
      if (log != NULL && ptl_log_get_n_frames (log) == 0)
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
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_SESSIONS (self));
  task = g_task_new (self, cancellable, callback, data);
  g_task_set_source_tag (task, ptl_sessions_list_left_async);
  g_task_set_task_data (task, g_strdup (ptl_sessions_get_logs_dir (self)), g_free);
  g_task_run_in_thread (task, list_left_in_thread);
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
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_SESSIONS (self) && dir != NULL);
  task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, ptl_sessions_recover_async);
  g_task_set_task_data (task, g_strdup (dir), g_free);
  g_task_run_in_thread (task, recover_in_thread);
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
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_SESSIONS (self) && dir != NULL);
  task = g_task_new (self, NULL, callback, data);
  g_task_set_source_tag (task, ptl_sessions_discard_left_async);
  g_task_set_task_data (task, g_strdup (dir), g_free);
  g_task_run_in_thread (task, discard_in_thread);
}

gboolean
ptl_sessions_discard_left_finish (PtlSessions   *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
