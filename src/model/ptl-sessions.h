/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All sessions: a GListModel of PtlSession, the owner of the engine and of the logs' folder.
 * Main thread only. */
#pragma once

#include "model/ptl-session.h"

G_BEGIN_DECLS

#define PTL_TYPE_SESSIONS (ptl_sessions_get_type ())
G_DECLARE_FINAL_TYPE (PtlSessions, ptl_sessions, PTL, SESSIONS, GObject)

/* @state_dir: where logs go ("…/portlight"); made when needed. NULL with @error when threads cannot
 * be made. Raises RLIMIT_NOFILE to its hard limit. */
PtlSessions *ptl_sessions_new     (const char   *state_dir,
                                   GError      **error);
/* Starts a session and puts it at the end of the list; never fails at once: what goes wrong is in
 * the session's "problem".  Borrowed. */
PtlSession  *ptl_sessions_open    (PtlSessions   *self,
                                   const PtlSpec *spec);
/* Stops it if it is live and takes it out of the list. Its log is discarded, or with @keep_log left
 * to be offered at the next start. */
void         ptl_sessions_remove  (PtlSessions   *self,
                                   PtlSession    *session,
                                   bool           keep_log);
/* Stops all, and ends the engine: the last call before the end of the program.  Logs stay, to be
 * offered at the next start, but those without a byte of traffic. */
void         ptl_sessions_shutdown (PtlSessions  *self);

/* The clock of the window: by default news are taken over in an idle callback.  With a hook, @want
 * is called (main thread) when there is something to take over, and ptl_sessions_sync() is to be
 * called soon, at the next tick of the frame clock; @want comes again only after that.  A clock
 * that does not tick (the window is not drawn) is not waited for longer than a quarter of a
 * second. */
void         ptl_sessions_set_sync_hook (PtlSessions *self,
                                         void       (*want) (void *data),
                                         void        *data);
void         ptl_sessions_sync    (PtlSessions   *self);

/* What earlier runs left: asynchronous, the folders are read in a thread. */
void         ptl_sessions_list_left_async  (PtlSessions         *self,
                                            GCancellable        *cancellable,
                                            GAsyncReadyCallback  callback,
                                            gpointer             data);
char       **ptl_sessions_list_left_finish (PtlSessions         *self, /* folders, owned */
                                            GAsyncResult        *result,
                                            GError             **error);
/* Reads one of them back (in a thread) and puts it at the end of the list. */
void         ptl_sessions_recover_async    (PtlSessions         *self,
                                            const char          *dir,
                                            GAsyncReadyCallback  callback,
                                            gpointer             data);
PtlSession  *ptl_sessions_recover_finish   (PtlSessions         *self, /* borrowed */
                                            GAsyncResult        *result,
                                            GError             **error);
/* What is discarded is set aside first, and does not come back at the next start; until it is
 * discarded for good it can be taken back.  Both give the folder's new name, owned; when they fail
 * *@stays (may be NULL) is the one that it keeps, owned. */
void         ptl_sessions_set_aside_async  (PtlSessions         *self,
                                            const char          *dir,
                                            GAsyncReadyCallback  callback,
                                            gpointer             data);
void         ptl_sessions_take_back_async  (PtlSessions         *self,
                                            const char          *dir,
                                            GAsyncReadyCallback  callback,
                                            gpointer             data);
char        *ptl_sessions_move_finish      (PtlSessions         *self,
                                            GAsyncResult        *result,
                                            char               **stays,
                                            GError             **error);
void         ptl_sessions_discard_left_async  (PtlSessions         *self,
                                               const char          *dir,
                                               GAsyncReadyCallback  callback,
                                               gpointer             data);
gboolean     ptl_sessions_discard_left_finish (PtlSessions         *self,
                                               GAsyncResult        *result,
                                               GError             **error);

G_END_DECLS
