/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker tells others: gathered while it works, published under the engine's lock. */
#include "config.h"

#include "engine/ptl-engine-private.h"

void
ptl_conn_mark_dirty (PtlConn *conn)
{
  conn->flow->worker->peers_soon = true;
  ptl_conn_mark_counted (conn);
}

void
ptl_conn_mark_counted (PtlConn *conn)
{
  GPtrArray *dirty = conn->flow->worker->dirty_conns;

  if (conn->dirty_at != 0)
    return;
  g_ptr_array_add (dirty, conn);
  conn->dirty_at = dirty->len;
}

void
ptl_job_mark_dirty (PtlWorker  *worker,
                    PtlSendJob *job)
{
  if (job->is_dirty || worker == NULL)
    return;
  job->is_dirty = true;
  job->refs++;
  g_ptr_array_add (worker->dirty_jobs, job);
}

/* Where the entry of @slot is in @array, which has one more when it is new. */
static void *
put_locked (PtlEngine   *engine,
            GArray      *array,
            PtlNewsSlot *slot,
            size_t       size)
{
  if (slot->epoch != engine->epoch || slot->index >= array->len)
    {
      slot->epoch = engine->epoch;
      slot->index = array->len;
      g_array_set_size (array, array->len + 1);
    }
  return array->data + slot->index * size;
}

static void
put_peer_locked (PtlEngine         *engine,
                 PtlNewsSlot       *slot,
                 const PtlPeerInfo *info)
{
  /* Beyond the limit only what is listed already is brought up to date; the counts in the status
   * stay exact. */
  if (slot->epoch != engine->epoch && engine->peers->len >= PTL_NEWS_PEERS_MAX)
    return;
  *(PtlPeerInfo *) put_locked (engine, engine->peers, slot, sizeof *info) = *info;
}

static bool
peers_may_wait (PtlWorker *worker)
{
  return !worker->peers_soon || worker->dirty_conns->len > PUBLISH_PEERS_AT_ONCE;
}

void
ptl_worker_publish (PtlWorker *worker)
{
  PtlEngine *engine = worker->engine;
  uint64_t now = ptl_clock_monotonic_ns ();
  bool with_peers = !peers_may_wait (worker) ||
                    now - worker->published_peers_ns >= PUBLISH_PEERS_EVERY_NS;
  GHashTableIter iter;
  void *value;
  bool tell = false;

  pthread_mutex_lock (&engine->news_lock);
  for (unsigned i = 0; i < worker->status_notes->len; i++)
    {
      PtlStatusNote *note = &g_array_index (worker->status_notes, PtlStatusNote, i);

      *(PtlSessionStatus *) put_locked (engine, engine->statuses, &note->slot,
                                        sizeof note->status) =
        note->status;
    }
  for (unsigned i = 0; i < worker->peer_notes->len; i++)
    {
      PtlPeerNote *note = &g_array_index (worker->peer_notes, PtlPeerNote, i);

      put_peer_locked (engine, &note->slot, &note->info);
    }
  for (unsigned i = 0; with_peers && i < worker->dirty_conns->len; i++)
    {
      PtlConn *conn = worker->dirty_conns->pdata[i];
      PtlPeerInfo info;

      ptl_conn_fill_info (conn, &info);
      put_peer_locked (engine, &conn->slot, &info);
      conn->dirty_at = 0;
    }
  for (unsigned i = 0; i < worker->dirty_jobs->len; i++)
    {
      PtlSendJob *job = worker->dirty_jobs->pdata[i];
      PtlSendReport *report = put_locked (engine, engine->sends, &job->slot, sizeof *report);

      *report = (PtlSendReport) {
        .session = job->handle->id,
        .tag = job->tag,
        .done = job->refs == 1,
        .n_peers = job->n_peers,
        .n_failed = job->n_failed,
        .gai_code = job->gai_code,
        .sys_errno = job->sys_errno,
        .total_bytes = job->total_bytes,
        .sent_bytes = job->sent_bytes,
      };
      job->is_dirty = false;
    }
  g_hash_table_iter_init (&iter, worker->flows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      PtlFlow *flow = value;

      if (flow->status_dirty)
        *(PtlSessionStatus *) put_locked (engine, engine->statuses, &flow->slot,
                                          sizeof flow->status) =
          flow->status;
      flow->status_dirty = false;
    }
  if (!engine->told &&
      (engine->statuses->len > 0 || engine->peers->len > 0 || engine->sends->len > 0))
    tell = engine->told = true;
  pthread_mutex_unlock (&engine->news_lock);

  for (unsigned i = 0; i < worker->dirty_jobs->len; i++)
    ptl_job_unref (NULL, worker->dirty_jobs->pdata[i]);
  g_ptr_array_set_size (worker->dirty_jobs, 0);
  g_array_set_size (worker->status_notes, 0);
  g_array_set_size (worker->peer_notes, 0);
  if (with_peers)
    {
      g_ptr_array_set_size (worker->dirty_conns, 0);
      worker->peers_soon = false;
      worker->published_peers_ns = now;
    }
  worker->published_ns = now;
  if (tell)
    engine->callbacks->on_news (engine->data);
}

uint64_t
ptl_worker_get_publish_ns (PtlWorker *worker,
                           bool       news)
{
  if (news || worker->status_notes->len > 0 || worker->peer_notes->len > 0 ||
      worker->dirty_jobs->len > 0 || (worker->dirty_conns->len > 0 && !peers_may_wait (worker)))
    return worker->published_ns + PUBLISH_EVERY_NS;
  if (worker->dirty_conns->len > 0)
    return worker->published_peers_ns + PUBLISH_PEERS_EVERY_NS;
  return UINT64_MAX;
}
