/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The set of matching frames: right while it grows, and quick to ask. */
#include "config.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-clock.h"
#include "base/ptl-event.h"
#include "log/ptl-filter.h"
#include "log/ptl-log-private.h"

/* A frame matches by its length, so that no bytes are needed. */
#define MATCHING_LENGTH 7u

static char *parent;

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  changed;
  unsigned        n_told;
} Told;

static void
told_init (Told *told)
{
  pthread_mutex_init (&told->lock, NULL);
  pthread_cond_init (&told->changed, NULL);
  told->n_told = 0;
}

static void
on_progress (void *data)
{
  Told *told = data;

  pthread_mutex_lock (&told->lock);
  told->n_told++;
  pthread_cond_signal (&told->changed);
  pthread_mutex_unlock (&told->lock);
}

/* Until @scanned frames were looked at; each round waits for word of the scan. */
static void
wait_for (PtlScan *scan,
          Told    *told,
          uint64_t scanned)
{
  struct timespec deadline;
  unsigned        seen = 0;

  clock_gettime (CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 60;
  while (true)
    {
      uint64_t now;

      pthread_mutex_lock (&told->lock);
      seen = told->n_told;
      pthread_mutex_unlock (&told->lock);
      ptl_scan_get_n (scan, &now);
      if (now >= scanned)
        return;
      pthread_mutex_lock (&told->lock);
      while (told->n_told == seen)
        if (pthread_cond_timedwait (&told->changed, &told->lock, &deadline) != 0)
          g_error ("the scan stands at %" G_GUINT64_FORMAT, now);
      pthread_mutex_unlock (&told->lock);
    }
}

static PtlLog *
make_log (const char *name)
{
  g_autofree char   *dir = g_build_filename (parent, name, NULL);
  g_autoptr (GError) error = NULL;
  PtlLog            *log = ptl_log_create (dir, "x", 0, &error);

  g_assert_no_error (error);
  return log;
}

static void
discard (PtlLog *log)
{
  g_autofree char   *dir = g_strdup (ptl_log_get_dir (log));
  g_autoptr (GError) error = NULL;

  ptl_log_unref (log);
  ptl_log_discard (dir, &error);
  g_assert_no_error (error);
}

static void
append (PtlSink *sink,
        bool     matches)
{
  PtlFrame frame = { .length = matches ? MATCHING_LENGTH : 1 };

  sink->klass->append (sink, &frame, "1234567");
}

/* The answers of the scan against a plain array. */
static void
check (PtlScan  *scan,
       GArray   *matches,
       uint64_t  first,
       GRand    *rand,
       unsigned  n_checks)
{
  g_autoptr (GArray) ranks = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  uint64_t           n = 0;
  uint64_t           scanned;

  for (guint i = 0; i <= matches->len; i++)
    {
      g_array_append_val (ranks, n);
      if (i < matches->len && i >= first)
        n += g_array_index (matches, uint8_t, i);
    }
  g_assert_cmpuint (ptl_scan_get_n (scan, &scanned), ==, n);
  g_assert_cmpuint (scanned, ==, matches->len);

  for (unsigned i = 0; i < n_checks; i++)
    {
      uint64_t frame = (uint64_t) g_rand_int_range (rand, 0, (gint32) matches->len + 1);
      uint64_t rank = g_array_index (ranks, uint64_t, frame);

      g_assert_cmpuint (ptl_scan_get_rank (scan, frame), ==, rank);
      if (frame < matches->len && frame >= first && g_array_index (matches, uint8_t, frame))
        g_assert_cmpuint (ptl_scan_get_nth (scan, rank), ==, frame);
      if (n > 0)
        {
          uint64_t place = (uint64_t) g_rand_int (rand) % n;
          uint64_t number = ptl_scan_get_nth (scan, place);

          g_assert_cmpuint (number, <, matches->len);
          g_assert_true (g_array_index (matches, uint8_t, number));
          g_assert_cmpuint (ptl_scan_get_rank (scan, number), ==, place);
        }
    }
  g_assert_cmpuint (ptl_scan_get_nth (scan, n), ==, UINT64_MAX);
  g_assert_cmpuint (ptl_scan_get_nth (scan, UINT64_MAX), ==, UINT64_MAX);
  g_assert_cmpuint (ptl_scan_get_rank (scan, UINT64_MAX), ==, n);
}

/* Matches of very different density, from a frame in the middle of nowhere, while the log grows. */
static void
test_growing (void)
{
  static const double densities[] = { 0.0, 0.00001, 0.01, 0.5, 1.0 };
  g_autoptr (GRand)   rand = g_rand_new_with_seed (4);
  g_autoptr (GArray)  matches = g_array_new (FALSE, FALSE, 1);
  PtlLog             *log = make_log ("growing");
  PtlSink            *sink = ptl_log_make_sink (log);
  const uint64_t      first = 12345;
  Told                told;
  PtlScan            *scan;

  told_init (&told);
  scan = ptl_scan_new (log, ptl_filter_parse ("len=7", NULL, NULL), first, on_progress, &told);
  for (size_t d = 0; d < 2 * G_N_ELEMENTS (densities); d++)
    {
      int n = g_rand_int_range (rand, 1, 150000) + (d == 0 ? 20000 : 0);

      for (int i = 0; i < n; i++)
        {
          uint8_t match = g_rand_double (rand) < densities[d % G_N_ELEMENTS (densities)];

          append (sink, match);
          g_array_append_val (matches, match);
          if (i % 1000 == 0)
            {
              sink->klass->commit (sink);
              ptl_scan_wake (scan);
            }
        }
      sink->klass->commit (sink);
      ptl_scan_wake (scan);
      wait_for (scan, &told, matches->len);
      check (scan, matches, first, rand, 2000);
    }
  ptl_scan_free (scan);
  sink->klass->close (sink);
  discard (log);
}

/* One word at most until it is asked for. */
static void
test_told_once (void)
{
  PtlLog  *log = make_log ("told");
  PtlSink *sink = ptl_log_make_sink (log);
  Told     told;
  PtlScan *scan;
  uint64_t n_matches = 0;

  told_init (&told);
  scan = ptl_scan_new (log, ptl_filter_parse ("len=7", NULL, NULL), 0, on_progress, &told);
  for (int round = 0; round < 20; round++)
    {
      for (int i = 0; i < 10000; i++)
        append (sink, true);
      sink->klass->commit (sink);
      ptl_scan_wake (scan);
    }
  /* The rank is no question in that sense. */
  while (n_matches < 200000)
    n_matches = ptl_scan_get_rank (scan, UINT64_MAX);
  pthread_mutex_lock (&told.lock);
  g_assert_cmpuint (told.n_told, ==, 1);
  pthread_mutex_unlock (&told.lock);
  ptl_scan_free (scan);
  sink->klass->close (sink);
  discard (log);
}

/* Ends at once, in the middle of a frame of 1 GiB, and with nothing to do. */
static void
test_stop (void)
{
  g_autoptr (GError) error = NULL;
  PtlLog            *log = make_log ("stop");
  g_autofree char   *dir = g_strdup (ptl_log_get_dir (log));
  g_autofree char   *index = g_build_filename (dir, "index", NULL);
  g_autofree char   *bytes = g_build_filename (dir, "data", NULL);
  PtlFrame           frames[4] = { { .length = UINT32_C (1) << 23 },
                                   { .length = UINT32_C (1) << 30 },
                                   { .length = UINT32_C (1) << 30 },
                                   { .length = UINT32_C (1) << 30 } };
  Told               told;
  PtlScan           *scan;
  uint64_t           start;

  ptl_log_unref (log);
  g_file_set_contents (index, (char *) frames, sizeof frames, &error);
  g_assert_no_error (error);
  g_assert_cmpint (truncate (bytes, (off_t) 1 << 30), ==, 0);
  log = ptl_log_open (dir, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 4);

  /* When it has told of the first frame of 8 MiB, it is at work on the next. */
  told_init (&told);
  scan = ptl_scan_new (log, ptl_filter_parse ("needle", NULL, NULL), 0, on_progress, &told);
  wait_for (scan, &told, 1);
  start = ptl_clock_monotonic_ns ();
  ptl_scan_free (scan);
  g_assert_cmpuint (ptl_clock_monotonic_ns () - start, <, 1000 * PTL_NS_PER_MS);

  scan = ptl_scan_new (log, ptl_filter_parse ("", NULL, NULL), 100, NULL, NULL);
  ptl_scan_free (scan);
  discard (log);
}

/* A read that a disk holds, as far as the scan can tell. */
static struct
{
  pthread_mutex_t lock;
  pthread_cond_t  changed;
  bool            entered;
  bool            released;
  bool            gone;
} held = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void
held_wait_for (const bool *what)
{
  struct timespec deadline;
  int             error = 0;

  clock_gettime (CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 20;
  pthread_mutex_lock (&held.lock);
  while (!*what && error == 0)
    error = pthread_cond_timedwait (&held.changed, &held.lock, &deadline);
  pthread_mutex_unlock (&held.lock);
}

static void
held_set (bool *what)
{
  pthread_mutex_lock (&held.lock);
  *what = true;
  pthread_cond_broadcast (&held.changed);
  pthread_mutex_unlock (&held.lock);
}

static char *
hold (const PtlEvent *event)
{
  held_set (&held.entered);
  held_wait_for (&held.released);
  held_set (&held.gone);
  return g_strdup ("needle");
}

/* Who lets a scan go waits for no read of it; nothing is told afterwards, and the log may be
 * discarded. */
static void
test_held (void)
{
  PtlLog    *log = make_log ("held");
  PtlSink   *sink = ptl_log_make_sink (log);
  PtlEvent   event = { .code = PTL_EVENT_RESOLVING, .text = "x" };
  uint8_t    bytes[PTL_EVENT_BYTES_MAX];
  PtlFrame   frame = { .kind = PTL_FRAME_EVENT, .peer = PTL_PEER_NONE, .code = event.code };
  PtlFilter *filter = ptl_filter_parse ("needle", NULL, NULL);
  Told       told;
  PtlScan   *scan;

  frame.length = (uint32_t) ptl_event_encode (&event, bytes);
  sink->klass->append (sink, &frame, bytes);
  sink->klass->commit (sink);
  ptl_filter_set_event_text (filter, hold);
  told_init (&told);
  scan = ptl_scan_new (log, filter, 0, on_progress, &told);
  held_wait_for (&held.entered);
  g_assert_true (held.entered);

  ptl_scan_free (scan);
  pthread_mutex_lock (&held.lock);
  g_assert_false (held.gone);
  pthread_mutex_unlock (&held.lock);
  sink->klass->close (sink);
  discard (log);

  held_set (&held.released);
  held_wait_for (&held.gone);
  g_assert_true (held.gone);
  g_assert_cmpuint (told.n_told, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  parent = g_dir_make_tmp ("ptl-scan-XXXXXX", NULL);

  g_test_add_func ("/scan/growing", test_growing);
  g_test_add_func ("/scan/told-once", test_told_once);
  g_test_add_func ("/scan/stop", test_stop);
  g_test_add_func ("/scan/held", test_held);
  result = g_test_run ();
  g_rmdir (parent);
  g_free (parent);
  return result;
}
