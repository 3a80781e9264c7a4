/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounded ring of a session's socket calls.  It grows in chunks, so that a session of few calls
 * costs little, and is guarded by a mutex that the window takes only for the rows it shows. */
#include "config.h"

#include "engine/ptl-calls.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include <glib.h>

#define CHUNK_RECORDS 256
#define N_CHUNKS (PTL_CALLS_MAX / CHUNK_RECORDS)

struct _PtlCalls
{
  _Atomic int     ref_count;
  pthread_mutex_t lock;
  uint64_t        next;    /* locked */
  uint64_t        changes; /* locked */
  PtlCallRecord  *chunks[N_CHUNKS]; /* locked; owned */
};

PtlCalls *
ptl_calls_new (void)
{
  PtlCalls *calls = g_new0 (PtlCalls, 1);

  atomic_init (&calls->ref_count, 1);
  pthread_mutex_init (&calls->lock, NULL);
  return calls;
}

PtlCalls *
ptl_calls_ref (PtlCalls *calls)
{
  atomic_fetch_add_explicit (&calls->ref_count, 1, memory_order_relaxed);
  return calls;
}

void
ptl_calls_unref (PtlCalls *calls)
{
  if (calls == NULL || atomic_fetch_sub_explicit (&calls->ref_count, 1, memory_order_acq_rel) != 1)
    return;
  for (unsigned i = 0; i < N_CHUNKS; i++)
    g_free (calls->chunks[i]);
  pthread_mutex_destroy (&calls->lock);
  g_free (calls);
}

static uint64_t
first_locked (const PtlCalls *calls)
{
  return calls->next > PTL_CALLS_MAX ? calls->next - PTL_CALLS_MAX : 0;
}

static PtlCallRecord *
record_locked (PtlCalls *calls,
               uint64_t  seq)
{
  unsigned at = seq % PTL_CALLS_MAX;
  PtlCallRecord **chunk = &calls->chunks[at / CHUNK_RECORDS];

  if (*chunk == NULL)
    *chunk = g_new (PtlCallRecord, CHUNK_RECORDS);
  return *chunk + at % CHUNK_RECORDS;
}

static uint64_t
add_locked (PtlCalls            *calls,
            const PtlCallRecord *record)
{
  uint64_t seq = calls->next++;

  *record_locked (calls, seq) = *record;
  calls->changes++;
  return seq;
}

uint64_t
ptl_calls_add (PtlCalls            *calls,
               const PtlCallRecord *record)
{
  uint64_t seq;

  pthread_mutex_lock (&calls->lock);
  seq = add_locked (calls, record);
  pthread_mutex_unlock (&calls->lock);
  return seq;
}

static int
size_to_arg (size_t size)
{
  return (int) MIN (size, (size_t) INT32_MAX);
}

/* The record that @fold goes on with, if that is still in the ring and of this kind; else NULL. */
static PtlCallRecord *
find_fold_locked (PtlCalls    *calls,
                  PtlCallFold *fold,
                  PtlCall      call)
{
  PtlCallRecord *record;

  if (fold->next <= first_locked (calls))
    return NULL;
  record = record_locked (calls, fold->next - 1);
  return record->call == call ? record : NULL;
}

static void
go_on_locked (PtlCalls      *calls,
              PtlCallRecord *record,
              uint64_t       now_ns,
              size_t         size)
{
  record->last_ns = now_ns;
  if (record->args[0] != size_to_arg (size))
    record->args[1] = 0;
  calls->changes++;
}

void
ptl_calls_fold (PtlCalls    *calls,
                PtlCallFold *fold,
                PtlCall      call,
                int          fd,
                uint32_t     peer,
                uint64_t     now_ns,
                uint64_t     n,
                int64_t      result,
                int          sys_errno,
                uint64_t     bytes,
                size_t       size)
{
  PtlCallRecord *record;

  pthread_mutex_lock (&calls->lock);
  record = find_fold_locked (calls, fold, call);
  /* The end of input is a line of its own: it is what one looks for. */
  if (record != NULL && record->sys_errno == sys_errno
      && (record->result == 0) == (result == 0))
    {
      record->count += n;
      record->bytes += bytes;
      record->result = result;
      go_on_locked (calls, record, now_ns, size);
    }
  else
    {
      PtlCallRecord fresh = {
        .time_ns = now_ns,
        .last_ns = now_ns,
        .count = n,
        .bytes = bytes,
        .result = result,
        .sys_errno = sys_errno,
        .fd = fd,
        .args = { size_to_arg (size), 1 },
        .peer = peer,
        .call = call,
      };

      fold->next = add_locked (calls, &fresh) + 1;
    }
  pthread_mutex_unlock (&calls->lock);
}

void
ptl_calls_fold_again (PtlCalls    *calls,
                      PtlCallFold *fold,
                      PtlCall      call,
                      int          fd,
                      uint32_t     peer,
                      uint64_t     now_ns,
                      size_t       size)
{
  PtlCallRecord *record;
  bool           counted = false;

  pthread_mutex_lock (&calls->lock);
  record = find_fold_locked (calls, fold, call);
  if (record != NULL && record->sys_errno != EAGAIN)
    {
      record->n_again++;
      go_on_locked (calls, record, now_ns, size);
      counted = true;
    }
  pthread_mutex_unlock (&calls->lock);
  if (!counted)
    ptl_calls_fold (calls, fold, call, fd, peer, now_ns, 1, -1, EAGAIN, 0, size);
}

void
ptl_calls_get_range (PtlCalls *calls,
                     uint64_t *first,
                     uint64_t *next,
                     uint64_t *changes)
{
  pthread_mutex_lock (&calls->lock);
  *first = first_locked (calls);
  *next = calls->next;
  *changes = calls->changes;
  pthread_mutex_unlock (&calls->lock);
}

bool
ptl_calls_get (PtlCalls      *calls,
               uint64_t       seq,
               PtlCallRecord *record)
{
  bool there;

  pthread_mutex_lock (&calls->lock);
  there = seq >= first_locked (calls) && seq < calls->next;
  if (there)
    *record = *record_locked (calls, seq);
  pthread_mutex_unlock (&calls->lock);
  return there;
}
