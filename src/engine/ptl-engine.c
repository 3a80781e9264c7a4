/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine's face to the other threads: it hands commands to workers and gives out their news. */
#include "config.h"

#include "engine/ptl-engine.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ptl-fd.h"
#include "engine/ptl-engine-private.h"

PtlHandle *
ptl_handle_ref (PtlHandle *handle)
{
  atomic_fetch_add_explicit (&handle->ref_count, 1, memory_order_relaxed);
  return handle;
}

void
ptl_handle_unref (PtlHandle *handle)
{
  if (handle != NULL &&
      atomic_fetch_sub_explicit (&handle->ref_count, 1, memory_order_acq_rel) == 1)
    g_free (handle);
}

void
ptl_news_clear (PtlNews *news)
{
  g_clear_pointer (&news->statuses, g_free);
  g_clear_pointer (&news->peers, g_free);
  g_clear_pointer (&news->sends, g_free);
  news->n_statuses = news->n_peers = news->n_sends = 0;
}

static void
make_news (PtlEngine *engine)
{
  engine->statuses = g_array_new (FALSE, FALSE, sizeof (PtlSessionStatus));
  engine->peers = g_array_new (FALSE, FALSE, sizeof (PtlPeerInfo));
  engine->sends = g_array_new (FALSE, FALSE, sizeof (PtlSendReport));
}

PtlEngine *
ptl_engine_new (unsigned                  n_workers,
                PtlResolver              *resolver,
                const PtlEngineCallbacks *callbacks,
                void                     *data,
                GError                  **error)
{
  PtlEngine *engine = g_new0 (PtlEngine, 1);

  if (n_workers == 0)
    n_workers = CLAMP (g_get_num_processors (), 2, 4);
  engine->resolver = resolver;
  engine->callbacks = callbacks;
  engine->data = data;
  engine->n_workers = MIN (n_workers, PTL_ENGINE_WORKERS_MAX);
  engine->workers = g_new0 (PtlWorker, engine->n_workers);
  engine->epoch = 1;
  pthread_mutex_init (&engine->lock, NULL);
  pthread_mutex_init (&engine->news_lock, NULL);
  pthread_mutex_init (&engine->query_lock, NULL);
  pthread_cond_init (&engine->query_cond, NULL);
  engine->handles = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                           (GDestroyNotify) ptl_handle_unref);
  make_news (engine);
  for (unsigned i = 0; i < engine->n_workers; i++)
    if (!ptl_worker_start (&engine->workers[i], engine, error))
      {
        ptl_engine_free (engine);
        return NULL;
      }
  return engine;
}

void
ptl_engine_free (PtlEngine *engine)
{
  if (engine == NULL)
    return;
  for (unsigned i = 0; i < engine->n_workers; i++)
    if (engine->workers[i].started)
      {
        PtlMail *mail = g_new0 (PtlMail, 1);

        mail->kind = PTL_MAIL_QUIT;
        ptl_worker_post (&engine->workers[i], mail);
      }
  for (unsigned i = 0; i < engine->n_workers; i++)
    ptl_worker_join (&engine->workers[i]);

  /* A lookup that could not be cancelled any more is in the middle of its reply, which does not
   * wait. */
  pthread_mutex_lock (&engine->query_lock);
  while (engine->n_queries > 0)
    pthread_cond_wait (&engine->query_cond, &engine->query_lock);
  pthread_mutex_unlock (&engine->query_lock);

  for (unsigned i = 0; i < engine->n_workers; i++)
    ptl_worker_clear (&engine->workers[i]);
  g_free (engine->workers);
  g_hash_table_unref (engine->handles);
  g_array_unref (engine->statuses);
  g_array_unref (engine->peers);
  g_array_unref (engine->sends);
  pthread_mutex_destroy (&engine->lock);
  pthread_mutex_destroy (&engine->news_lock);
  pthread_mutex_destroy (&engine->query_lock);
  pthread_cond_destroy (&engine->query_cond);
  g_free (engine);
}

void
ptl_engine_take_news (PtlEngine *engine,
                      PtlNews   *news)
{
  GArray *statuses, *peers, *sends;

  pthread_mutex_lock (&engine->news_lock);
  statuses = engine->statuses;
  peers = engine->peers;
  sends = engine->sends;
  make_news (engine);
  engine->epoch++;
  engine->told = false;
  pthread_mutex_unlock (&engine->news_lock);

  news->n_statuses = statuses->len;
  news->n_peers = peers->len;
  news->n_sends = sends->len;
  news->statuses = (PtlSessionStatus *) (void *) g_array_free (statuses, FALSE);
  news->peers = (PtlPeerInfo *) (void *) g_array_free (peers, FALSE);
  news->sends = (PtlSendReport *) (void *) g_array_free (sends, FALSE);
}

PtlSessionId
ptl_engine_open (PtlEngine     *engine,
                 const PtlSpec *spec,
                 PtlSink       *sink,
                 PtlCalls      *calls)
{
  PtlHandle *handle = g_new0 (PtlHandle, 1);
  PtlFlow *flow = g_new0 (PtlFlow, 1);
  PtlMail *mail = g_new0 (PtlMail, 1);
  PtlSessionId id;

  atomic_init (&handle->ref_count, 1);
  atomic_init (&handle->queued_bytes, 0);
  atomic_init (&handle->n_sends, 0);
  flow->handle = ptl_handle_ref (handle);
  flow->spec = ptl_spec_copy (spec);
  flow->sink = sink;
  flow->calls = calls != NULL ? ptl_calls_ref (calls) : NULL;

  pthread_mutex_lock (&engine->lock);
  id = handle->id = ++engine->last_id;
  handle->worker = &engine->workers[engine->next_worker++ % engine->n_workers];
  flow->worker = handle->worker;
  g_hash_table_insert (engine->handles, &handle->id, handle);
  pthread_mutex_unlock (&engine->lock);

  flow->status.id = id;
  mail->kind = PTL_MAIL_OPEN;
  mail->session = id;
  mail->flow = flow;
  ptl_worker_post (flow->worker, mail);
  return id;
}

void
ptl_engine_forget (PtlEngine   *engine,
                   PtlSessionId id)
{
  pthread_mutex_lock (&engine->lock);
  g_hash_table_remove (engine->handles, &id);
  pthread_mutex_unlock (&engine->lock);
}

/* A reference, or NULL. */
static PtlHandle *
find (PtlEngine   *engine,
      PtlSessionId session)
{
  PtlHandle *handle;

  pthread_mutex_lock (&engine->lock);
  handle = g_hash_table_lookup (engine->handles, &session);
  if (handle != NULL)
    ptl_handle_ref (handle);
  pthread_mutex_unlock (&engine->lock);
  return handle;
}

/* Takes @mail; 0, -ENOENT, -EAGAIN. */
static int
post (PtlEngine   *engine,
      PtlSessionId session,
      PtlMailKind  kind,
      PtlMail     *mail)
{
  PtlHandle *handle;
  bool posted = false;

  mail->kind = kind;
  mail->session = session;
  /* Locked until it is in the box: once the session is forgotten, no mail for it comes. */
  pthread_mutex_lock (&engine->lock);
  handle = g_hash_table_lookup (engine->handles, &session);
  if (handle != NULL)
    posted = ptl_worker_post (handle->worker, mail);
  pthread_mutex_unlock (&engine->lock);
  if (handle == NULL)
    {
      ptl_mail_free (mail);
      return -ENOENT;
    }
  return posted ? 0 : -EAGAIN;
}

static int
post_send (PtlEngine         *engine,
           PtlSessionId       session,
           uint32_t           peer,
           const PtlEndpoint *target,
           PtlBlob           *blob,
           int                fd,
           uint64_t           tag)
{
  PtlHandle *handle = find (engine, session);
  uint64_t len = blob != NULL ? blob->len_bytes : 0;
  PtlSendJob *job;
  PtlMail *mail;

  if (handle == NULL)
    {
      ptl_fd_clear (&fd);
      return -ENOENT;
    }
  if (len > PTL_SEND_QUEUE_MAX_BYTES)
    {
      ptl_handle_unref (handle);
      return -EMSGSIZE;
    }
  if (atomic_fetch_add (&handle->n_sends, 1) >= PTL_SENDS_MAX)
    {
      atomic_fetch_sub (&handle->n_sends, 1);
      ptl_handle_unref (handle);
      ptl_fd_clear (&fd);
      return -EAGAIN;
    }
  if (atomic_fetch_add (&handle->queued_bytes, len) + len > PTL_SEND_QUEUE_MAX_BYTES)
    {
      atomic_fetch_sub (&handle->queued_bytes, len);
      atomic_fetch_sub (&handle->n_sends, 1);
      ptl_handle_unref (handle);
      ptl_fd_clear (&fd);
      return -EAGAIN;
    }
  job = ptl_job_new (handle, tag, blob, fd);
  job->charged_bytes = len;
  ptl_handle_unref (handle);

  mail = g_new0 (PtlMail, 1);
  mail->peer = peer;
  mail->job = job;
  if (target != NULL)
    ptl_endpoint_copy (&mail->endpoint, target);
  return post (engine, session, target != NULL ? PTL_MAIL_SEND_TO : PTL_MAIL_SEND, mail);
}

int
ptl_engine_send (PtlEngine   *engine,
                 PtlSessionId session,
                 uint32_t     peer,
                 PtlBlob     *blob,
                 uint64_t     tag)
{
  return post_send (engine, session, peer, NULL, blob, -1, tag);
}

int
ptl_engine_send_to (PtlEngine         *engine,
                    PtlSessionId       session,
                    const PtlEndpoint *target,
                    PtlBlob           *blob,
                    uint64_t           tag)
{
  return post_send (engine, session, PTL_PEER_NONE, target, blob, -1, tag);
}

int
ptl_engine_send_file (PtlEngine   *engine,
                      PtlSessionId session,
                      uint32_t     peer,
                      int          fd,
                      uint64_t     tag)
{
  struct stat st;

  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode))
    {
      ptl_fd_clear (&fd);
      return -EINVAL;
    }
  return post_send (engine, session, peer, NULL, NULL, fd, tag);
}

static PtlMail *
mail_for (uint32_t peer,
          int      value)
{
  PtlMail *mail = g_new0 (PtlMail, 1);

  mail->peer = peer;
  mail->value = value;
  return mail;
}

void
ptl_engine_cancel_send (PtlEngine   *engine,
                        PtlSessionId session,
                        uint64_t     tag)
{
  PtlMail *mail = mail_for (PTL_PEER_NONE, 0);

  mail->tag = tag;
  post (engine, session, PTL_MAIL_CANCEL_SEND, mail);
}

void
ptl_engine_end_input (PtlEngine   *engine,
                      PtlSessionId session,
                      uint32_t     peer)
{
  post (engine, session, PTL_MAIL_END_INPUT, mail_for (peer, 0));
}

void
ptl_engine_close_peer (PtlEngine   *engine,
                       PtlSessionId session,
                       uint32_t     peer,
                       bool         reset)
{
  post (engine, session, PTL_MAIL_CLOSE_PEER, mail_for (peer, reset));
}

void
ptl_engine_stop (PtlEngine   *engine,
                 PtlSessionId session)
{
  post (engine, session, PTL_MAIL_STOP, mail_for (PTL_PEER_NONE, 0));
}

void
ptl_engine_set_receiving (PtlEngine   *engine,
                          PtlSessionId session,
                          bool         receiving)
{
  post (engine, session, PTL_MAIL_RECEIVING, mail_for (PTL_PEER_NONE, receiving));
}

void
ptl_engine_set_when_full (PtlEngine   *engine,
                          PtlSessionId session,
                          PtlWhenFull  when_full)
{
  post (engine, session, PTL_MAIL_WHEN_FULL, mail_for (PTL_PEER_NONE, when_full));
}

void
ptl_engine_set_reaction (PtlEngine   *engine,
                         PtlSessionId session,
                         PtlReaction  reaction,
                         PtlBlob     *text)
{
  PtlMail *mail = mail_for (PTL_PEER_NONE, reaction);

  mail->blob = text != NULL ? ptl_blob_ref (text) : NULL;
  post (engine, session, PTL_MAIL_REACTION, mail);
}

void
ptl_engine_set_membership (PtlEngine      *engine,
                           PtlSessionId    session,
                           const PtlGroup *group,
                           bool            joined)
{
  PtlMail *mail = mail_for (PTL_PEER_NONE, joined);

  mail->group = *group;
  post (engine, session, PTL_MAIL_MEMBERSHIP, mail);
}
