/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set of frames that match a filter: a bit per frame, with counts over them so that the n-th
 * match and the place of a frame are found in a few steps.
 *
 *    chunk of 65,536 frames:  1024 words of bits, 16 groups of 64 words with the matches before
 *    each in this chunk; the matches before each chunk are in the chunk itself */
#include "config.h"

#include "log/ptl-filter-private.h"
#include "log/ptl-log-private.h"

#include <pthread.h>

#define CHUNK_FRAMES 65536u
#define CHUNK_WORDS (CHUNK_FRAMES / 64)
#define GROUP_WORDS 64u
#define CHUNK_GROUPS (CHUNK_WORDS / GROUP_WORDS)
/* Frames that are looked at between two looks at whether to stop or to tell. */
#define BATCH_FRAMES 4096u
#define BATCH_BYTES (8u * 1024 * 1024)

typedef struct
{
  uint64_t before;                     /* matches in the chunks before */
  uint32_t group_before[CHUNK_GROUPS]; /* matches in this chunk's groups before */
  uint32_t n_matches;                  /* in this chunk */
  uint64_t bits[CHUNK_WORDS];
} Chunk;

struct _PtlScan
{
  _Atomic int ref_count; /* the user's and the thread's */

  /* Constant */
  PtlLog   *log;
  uint64_t  first;
  void    (*on_progress) (void *data);
  void     *data;

  /* The thread's */
  PtlFilter *filter;

  _Atomic bool stop;

  pthread_mutex_t telling; /* held over the callback: none comes once stop is set under it */
  pthread_mutex_t lock;
  pthread_cond_t  woken;
  /* Under the lock */
  bool       wake;
  bool       told;     /* and not asked since */
  uint64_t   scanned;  /* frames first to scanned - 1 were looked at */
  uint64_t   n_matches;
  GPtrArray *chunks;   /* of Chunk; the first begins at frame @first */
};

/* Puts the answers for @n frames from scan->scanned on into the set. */
static void
add_locked (PtlScan       *scan,
            const uint8_t *matches,
            size_t         n)
{
  for (size_t i = 0; i < n; i++)
    {
      uint64_t place = scan->scanned - scan->first;
      uint32_t in_chunk = (uint32_t) (place % CHUNK_FRAMES);
      uint32_t word = in_chunk / 64;
      Chunk   *chunk;

      if (in_chunk == 0)
        {
          chunk = g_new0 (Chunk, 1);
          chunk->before = scan->n_matches;
          g_ptr_array_add (scan->chunks, chunk);
        }
      chunk = g_ptr_array_index (scan->chunks, scan->chunks->len - 1);
      if (in_chunk % (GROUP_WORDS * 64) == 0)
        chunk->group_before[word / GROUP_WORDS] = chunk->n_matches;
      if (matches[i])
        {
          chunk->bits[word] |= UINT64_C (1) << (in_chunk % 64);
          chunk->n_matches++;
          scan->n_matches++;
        }
      scan->scanned++;
    }
}

static void
scan_unref (PtlScan *scan)
{
  if (atomic_fetch_sub_explicit (&scan->ref_count, 1, memory_order_acq_rel) > 1)
    return;

  pthread_cond_destroy (&scan->woken);
  pthread_mutex_destroy (&scan->lock);
  pthread_mutex_destroy (&scan->telling);
  g_ptr_array_unref (scan->chunks);
  ptl_filter_free (scan->filter);
  ptl_log_unref_reader (scan->log);
  g_free (scan);
}

static void *
scan_thread (void *data)
{
  PtlScan             *scan = data;
  g_autofree PtlFrame *frames = g_new (PtlFrame, BATCH_FRAMES);
  g_autofree uint8_t  *matches = g_malloc (BATCH_FRAMES);
  uint64_t             next = scan->first;

  while (!atomic_load_explicit (&scan->stop, memory_order_relaxed))
    {
      size_t n = ptl_log_get_frames (scan->log, next, frames, BATCH_FRAMES);
      size_t done = 0;
      size_t bytes = 0;
      bool   tell;

      if (n == 0)
        {
          pthread_mutex_lock (&scan->lock);
          while (!scan->wake && !atomic_load_explicit (&scan->stop, memory_order_relaxed))
            pthread_cond_wait (&scan->woken, &scan->lock);
          scan->wake = false;
          pthread_mutex_unlock (&scan->lock);
          continue;
        }

      while (done < n && bytes < BATCH_BYTES
             && !atomic_load_explicit (&scan->stop, memory_order_relaxed))
        {
          matches[done] = ptl_filter_match (scan->filter, scan->log, &frames[done]);
          bytes += frames[done].length;
          done++;
        }
      if (atomic_load_explicit (&scan->stop, memory_order_relaxed))
        break;
      next += done;

      pthread_mutex_lock (&scan->lock);
      add_locked (scan, matches, done);
      tell = !scan->told;
      scan->told = true;
      pthread_mutex_unlock (&scan->lock);
      if (tell && scan->on_progress != NULL)
        {
          pthread_mutex_lock (&scan->telling);
          if (!atomic_load_explicit (&scan->stop, memory_order_relaxed))
            scan->on_progress (scan->data);
          pthread_mutex_unlock (&scan->telling);
        }
    }
  scan_unref (scan);
  return NULL;
}

PtlScan *
ptl_scan_new (PtlLog    *log,
              PtlFilter *filter,
              uint64_t   first,
              void     (*on_progress) (void *data),
              void      *data)
{
  PtlScan  *scan = g_new0 (PtlScan, 1);
  pthread_t thread;
  int       error;

  atomic_init (&scan->ref_count, 2);
  scan->log = ptl_log_ref_reader (log);
  scan->filter = filter;
  scan->first = first;
  scan->scanned = first;
  scan->on_progress = on_progress;
  scan->data = data;
  scan->chunks = g_ptr_array_new_with_free_func (g_free);
  atomic_init (&scan->stop, false);
  ptl_filter_set_stop (filter, &scan->stop);
  pthread_mutex_init (&scan->telling, NULL);
  pthread_mutex_init (&scan->lock, NULL);
  pthread_cond_init (&scan->woken, NULL);
  error = pthread_create (&thread, NULL, scan_thread, scan);
  if (error != 0)
    g_error ("pthread_create: %s", g_strerror (error));
  pthread_detach (thread);
  return scan;
}

void
ptl_scan_free (PtlScan *scan)
{
  if (scan == NULL)
    return;

  pthread_mutex_lock (&scan->telling);
  pthread_mutex_lock (&scan->lock);
  atomic_store_explicit (&scan->stop, true, memory_order_relaxed);
  pthread_cond_signal (&scan->woken);
  pthread_mutex_unlock (&scan->lock);
  pthread_mutex_unlock (&scan->telling);
  scan_unref (scan);
}

void
ptl_scan_wake (PtlScan *scan)
{
  pthread_mutex_lock (&scan->lock);
  scan->wake = true;
  pthread_cond_signal (&scan->woken);
  pthread_mutex_unlock (&scan->lock);
}

uint64_t
ptl_scan_get_n (PtlScan  *scan,
                uint64_t *scanned)
{
  uint64_t n;

  pthread_mutex_lock (&scan->lock);
  n = scan->n_matches;
  if (scanned != NULL)
    *scanned = scan->scanned;
  scan->told = false;
  pthread_mutex_unlock (&scan->lock);
  return n;
}

/* The place of the @i-th bit that is set in @word, which has more than @i of them. */
static unsigned
select_in_word (uint64_t word,
                unsigned i)
{
  while (i-- > 0)
    word &= word - 1;
  return (unsigned) __builtin_ctzll (word);
}

static uint64_t
get_nth_locked (PtlScan *scan,
                uint64_t i)
{
  guint        low = 0;
  guint        high = scan->chunks->len;
  const Chunk *chunk;
  unsigned     group;
  unsigned     word;
  uint64_t     left;

  if (i >= scan->n_matches)
    return UINT64_MAX;

  /* The last chunk with at most @i matches before it. */
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      chunk = g_ptr_array_index (scan->chunks, middle);
      if (chunk->before <= i)
        low = middle;
      else
        high = middle;
    }
  chunk = g_ptr_array_index (scan->chunks, low);
  left = i - chunk->before;

  /* In the last chunk, groups that were not reached yet have 0 before them. */
  for (group = CHUNK_GROUPS - 1; group > 0; group--)
    if (chunk->group_before[group] > 0 && chunk->group_before[group] <= left)
      break;
  left -= chunk->group_before[group];
  for (word = group * GROUP_WORDS;; word++)
    {
      unsigned n = (unsigned) __builtin_popcountll (chunk->bits[word]);

      if (left < n)
        break;
      left -= n;
    }
  return scan->first + (uint64_t) low * CHUNK_FRAMES + word * 64
         + select_in_word (chunk->bits[word], (unsigned) left);
}

uint64_t
ptl_scan_get_nth (PtlScan *scan,
                  uint64_t i)
{
  uint64_t number;

  pthread_mutex_lock (&scan->lock);
  number = get_nth_locked (scan, i);
  pthread_mutex_unlock (&scan->lock);
  return number;
}

uint64_t
ptl_scan_get_rank (PtlScan *scan,
                   uint64_t n)
{
  uint64_t rank;

  pthread_mutex_lock (&scan->lock);
  if (n <= scan->first)
    {
      rank = 0;
    }
  else if (n >= scan->scanned)
    {
      rank = scan->n_matches;
    }
  else
    {
      uint64_t     place = n - scan->first;
      const Chunk *chunk = g_ptr_array_index (scan->chunks, place / CHUNK_FRAMES);
      uint32_t     in_chunk = (uint32_t) (place % CHUNK_FRAMES);
      uint32_t     word = in_chunk / 64;
      uint32_t     group = word / GROUP_WORDS;

      rank = chunk->before + chunk->group_before[group];
      for (uint32_t i = group * GROUP_WORDS; i < word; i++)
        rank += (uint64_t) __builtin_popcountll (chunk->bits[i]);
      if (in_chunk % 64 > 0)
        rank += (uint64_t) __builtin_popcountll (chunk->bits[word] << (64 - in_chunk % 64));
    }
  pthread_mutex_unlock (&scan->lock);
  return rank;
}
