/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames as a list: one change per sync, a window onto more rows than a view can have, filter,
 * clear and pause. */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-fd.h"
#include "log/ptl-log-private.h"
#include "model/ptl-frame-list.h"

static char *parent;

/* What a list told last. */
typedef struct
{
  unsigned n_changes;
  guint    position;
  guint    removed;
  guint    added;
  guint    n_rows;     /* by all that was told */
  unsigned n_removals; /* changes that took rows away */
  unsigned n_notified;
} Told;

static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     gpointer    data)
{
  Told *told = data;

  told->n_changes++;
  told->position = position;
  told->removed = removed;
  told->added = added;
  told->n_removals += removed > 0;
  g_assert_cmpuint (position + removed, <=, told->n_rows);
  told->n_rows = told->n_rows - removed + added;
  g_assert_cmpuint (told->n_rows, ==, g_list_model_get_n_items (model));
}

static void
on_notify_cb (GObject    *object,
              GParamSpec *pspec,
              gpointer    data)
{
  Told *told = data;

  told->n_notified++;
}

static PtlFrameList *
make_list (PtlLog *log,
           Told   *told)
{
  PtlFrameList *list = ptl_frame_list_new (log);

  memset (told, 0, sizeof *told);
  told->n_rows = g_list_model_get_n_items (G_LIST_MODEL (list));
  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), told);
  g_signal_connect (list, "notify::n-frames", G_CALLBACK (on_notify_cb), told);
  return list;
}

static void
assert_told (Told    *told,
             unsigned n_changes,
             guint    position,
             guint    removed,
             guint    added)
{
  g_assert_cmpuint (told->n_changes, ==, n_changes);
  if (n_changes > 0)
    {
      g_assert_cmpuint (told->position, ==, position);
      g_assert_cmpuint (told->removed, ==, removed);
      g_assert_cmpuint (told->added, ==, added);
    }
  told->n_changes = 0;
}

static PtlLog *
make_log (void)
{
  g_autofree char   *dir = g_build_filename (parent, "log", NULL);
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

/* Frames whose length is their number modulo 10. */
static void
append (PtlSink *sink,
        unsigned n)
{
  static uint8_t zeros[10];

  for (unsigned i = 0; i < n; i++)
    {
      PtlFrame frame = { .length = i % 10 };

      sink->klass->append (sink, &frame, zeros);
    }
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
}

static void
assert_row (PtlFrameList *list,
            guint         row,
            uint64_t      number)
{
  g_autoptr (PtlFrameItem) item = g_list_model_get_item (G_LIST_MODEL (list), row);

  g_assert_nonnull (item);
  g_assert_cmpuint (ptl_frame_item_get_number (item), ==, number);
}

static guint
get_n_rows (PtlFrameList *list)
{
  return g_list_model_get_n_items (G_LIST_MODEL (list));
}

static void
test_grows (void)
{
  PtlLog                  *log = make_log ();
  PtlSink                 *sink = ptl_log_make_sink (log);
  Told                     told;
  g_autoptr (PtlFrameList) list = make_list (NULL, &told);
  uint64_t                 n;

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (list)) == PTL_TYPE_FRAME_ITEM);
  g_assert_false (ptl_frame_list_sync (list));
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), 0));
  append (sink, 30);
  ptl_frame_list_set_log (list, log);
  assert_told (&told, 1, 0, 0, 30);

  /* Nothing new, no word. */
  g_assert_false (ptl_frame_list_sync (list));
  assert_told (&told, 0, 0, 0, 0);

  /* Many commits, one change. */
  for (int i = 0; i < 100; i++)
    append (sink, 10);
  g_assert_cmpuint (get_n_rows (list), ==, 30);
  g_assert_true (ptl_frame_list_sync (list));
  assert_told (&told, 1, 30, 0, 1000);
  g_assert_cmpuint (told.n_notified, ==, 2);
  g_object_get (list, "n-frames", &n, NULL);
  g_assert_cmpuint (n, ==, 1030);
  assert_row (list, 0, 0);
  assert_row (list, 1029, 1029);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), 1030));
  g_assert_cmpuint (ptl_frame_list_get_place (list, 500), ==, 500);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 5000), ==, 1030);
  g_assert_cmpuint (ptl_frame_list_reveal (list, 77), ==, 77);
  assert_told (&told, 0, 0, 0, 0);

  g_clear_object (&list);
  sink->klass->close (sink);
  discard (log);
}

static void
test_freeze_and_clear (void)
{
  PtlLog                  *log = make_log ();
  PtlSink                 *sink = ptl_log_make_sink (log);
  Told                     told;
  g_autoptr (PtlFrameList) list = make_list (log, &told);

  append (sink, 100);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 0, 0, 100);

  ptl_frame_list_set_frozen (list, true);
  g_assert_true (ptl_frame_list_get_frozen (list));
  append (sink, 50);
  g_assert_false (ptl_frame_list_sync (list));
  assert_told (&told, 0, 0, 0, 0);
  ptl_frame_list_set_frozen (list, false);
  g_assert_true (ptl_frame_list_sync (list));
  assert_told (&told, 1, 100, 0, 50);

  ptl_frame_list_set_first (list, 150);
  assert_told (&told, 1, 0, 150, 0);
  g_assert_cmpuint (ptl_frame_list_get_first (list), ==, 150);
  g_assert_cmpuint (ptl_frame_list_get_n_frames (list), ==, 0);
  g_assert_cmpuint (ptl_frame_list_reveal (list, 12), ==, 0);
  append (sink, 7);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 0, 0, 7);
  assert_row (list, 0, 150);
  assert_row (list, 6, 156);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 3), ==, 0);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 152), ==, 2);
  ptl_frame_list_set_first (list, 0);
  assert_told (&told, 1, 0, 7, 157);
  assert_row (list, 156, 156);

  g_clear_object (&list);
  sink->klass->close (sink);
  discard (log);
}

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  changed;
  unsigned        n;
} Wakes;

static void
wake (void *data)
{
  Wakes *wakes = data;

  pthread_mutex_lock (&wakes->lock);
  wakes->n++;
  pthread_cond_signal (&wakes->changed);
  pthread_mutex_unlock (&wakes->lock);
}

/* As the main loop does: a sync after each wake, until the scan is through. */
static void
sync_all (PtlFrameList *list,
          Wakes        *wakes)
{
  gboolean        scanning = TRUE;
  struct timespec deadline;

  clock_gettime (CLOCK_REALTIME, &deadline);
  deadline.tv_sec += 60;
  while (true)
    {
      unsigned before;

      pthread_mutex_lock (&wakes->lock);
      before = wakes->n;
      pthread_mutex_unlock (&wakes->lock);
      ptl_frame_list_sync (list);
      g_object_get (list, "scanning", &scanning, NULL);
      if (!scanning)
        return;
      pthread_mutex_lock (&wakes->lock);
      while (wakes->n == before)
        if (pthread_cond_timedwait (&wakes->changed, &wakes->lock, &deadline) != 0)
          g_error ("the scan does not end");
      pthread_mutex_unlock (&wakes->lock);
    }
}

static void
test_filter (void)
{
  PtlLog                  *log = make_log ();
  PtlSink                 *sink = ptl_log_make_sink (log);
  Told                     told;
  g_autoptr (PtlFrameList) list = make_list (log, &told);
  Wakes                    wakes = { .n = 0 };

  pthread_mutex_init (&wakes.lock, NULL);
  pthread_cond_init (&wakes.changed, NULL);
  ptl_frame_list_set_wake (list, wake, &wakes);

  for (int i = 0; i < 100; i++)
    append (sink, 1000);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 0, 0, 100000);

  /* A filter that lets all through is none. */
  ptl_frame_list_take_filter (list, ptl_filter_parse (" ", NULL, NULL));
  assert_told (&told, 0, 0, 0, 0);

  /* All rows go, for those that the scan has found by then; what it finds later only comes. */
  ptl_frame_list_take_filter (list, ptl_filter_parse ("len=7", NULL, NULL));
  g_assert_cmpuint (told.added, <=, 10000);
  assert_told (&told, 1, 0, 100000, told.added);
  told.n_removals = 0;
  sync_all (list, &wakes);
  g_assert_cmpuint (told.n_removals, ==, 0);
  g_assert_cmpuint (told.n_rows, ==, 10000);
  g_assert_cmpuint (get_n_rows (list), ==, 10000);
  told.n_changes = 0;
  assert_row (list, 0, 7);
  assert_row (list, 9999, 99997);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 7), ==, 0);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 8), ==, 1);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 99999), ==, 10000);

  /* The log grows, the set with it. */
  append (sink, 100);
  sync_all (list, &wakes);
  assert_told (&told, 1, 10000, 0, 10);
  assert_row (list, 10009, 100097);

  /* Clear, with the filter on; one frame of the set less. */
  ptl_frame_list_set_first (list, 50008);
  assert_told (&told, 1, 0, 10010, 5009);
  assert_row (list, 0, 50017);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 50017), ==, 0);
  g_assert_cmpuint (ptl_frame_list_get_place (list, 50027), ==, 1);

  /* Another filter looks at what is left only; undo looks at all again. */
  ptl_frame_list_take_filter (list, ptl_filter_parse ("len>=8", NULL, NULL));
  sync_all (list, &wakes);
  g_assert_cmpuint (get_n_rows (list), ==, 2 * (100100 - 50000) / 10);
  assert_row (list, 0, 50008);
  ptl_frame_list_set_first (list, 0);
  sync_all (list, &wakes);
  g_assert_cmpuint (get_n_rows (list), ==, 20020);
  assert_row (list, 0, 8);
  assert_row (list, 1, 9);

  /* Paused: what comes later does not show, what was there does when the filter changes. */
  ptl_frame_list_set_frozen (list, true);
  append (sink, 1000);
  ptl_frame_list_take_filter (list, ptl_filter_parse ("len=0", NULL, NULL));
  sync_all (list, &wakes);
  g_assert_cmpuint (get_n_rows (list), ==, 10010);
  ptl_frame_list_set_frozen (list, false);
  sync_all (list, &wakes);
  g_assert_cmpuint (get_n_rows (list), ==, 10110);

  told.n_changes = 0;
  ptl_frame_list_take_filter (list, NULL);
  assert_told (&told, 1, 0, 10110, 101100);

  /* Gone while its thread is at work. */
  ptl_frame_list_take_filter (list, ptl_filter_parse ("zzz", NULL, NULL));
  g_clear_object (&list);
  sink->klass->close (sink);
  discard (log);
}

static void
on_glided_cb (PtlFrameList *list,
              gboolean      rests,
              unsigned     *n_told)
{
  n_told[rests]++;
}

static void
assert_glided (unsigned *n_told,
               unsigned  n_glides,
               unsigned  n_rests)
{
  g_assert_cmpuint (n_told[0], ==, n_glides);
  g_assert_cmpuint (n_told[1], ==, n_rests);
  n_told[0] = n_told[1] = 0;
}

/* More frames than a view has pixels for, in a file that is all holes. */
static void
test_hundred_million (void)
{
  const uint64_t           n_frames = UINT64_C (100) * 1000 * 1000;
  g_autoptr (GError)       error = NULL;
  PtlLog                  *log = make_log ();
  g_autofree char         *dir = g_strdup (ptl_log_get_dir (log));
  g_autofree char         *index = g_build_filename (dir, "index", NULL);
  PtlFrame                 frame = { .time_ns = 5, .flags = PTL_FRAME_DATAGRAM };
  g_autoptr (PtlFrameList) list = NULL;
  g_autoptr (PtlFrameItem) last = NULL;
  g_autoptr (PtlFrameItem) held = NULL;
  unsigned                 n_glided[2] = { 0, 0 };
  guint                    added;
  PTL_AUTO_FD              fd = open (index, O_RDWR | O_CLOEXEC);
  Told                     told;
  guint                    row;

  ptl_log_unref (log);
  g_assert_cmpint (fd, >=, 0);
  if (ftruncate (fd, (off_t) (n_frames * sizeof frame)) < 0
      || pwrite (fd, &frame, sizeof frame, (off_t) ((n_frames - 1) * sizeof frame)) < 0)
    {
      g_test_skip ("no large files here");
      return;
    }
  log = ptl_log_open (dir, &error);
  g_assert_no_error (error);
  list = make_list (log, &told);
  g_assert_cmpuint (ptl_frame_list_get_n_frames (list), ==, n_frames);
  g_assert_cmpuint (get_n_rows (list), ==, PTL_FRAME_LIST_MAX);
  g_assert_cmpuint (ptl_frame_list_get_window_start (list), ==, 0);
  assert_row (list, PTL_FRAME_LIST_MAX - 1, PTL_FRAME_LIST_MAX - 1);
  g_assert_false (ptl_frame_list_sync (list));

  /* In the window: it stays. */
  g_assert_cmpuint (ptl_frame_list_reveal (list, 1000), ==, 1000);
  assert_told (&told, 0, 0, 0, 0);

  /* Past 2^26: it slides, with room on both sides, and its rows become those of other frames. */
  held = g_list_model_get_item (G_LIST_MODEL (list), 7);
  g_signal_connect (list, "glided", G_CALLBACK (on_glided_cb), n_glided);
  row = ptl_frame_list_reveal (list, 70000000);
  assert_told (&told, 0, 0, 0, 0);
  assert_glided (n_glided, 0, 1);
  g_assert_cmpuint (ptl_frame_item_get_number (held), ==, 70000000 - PTL_FRAME_LIST_MAX / 2 + 7);
  g_assert_cmpuint (row, ==, PTL_FRAME_LIST_MAX / 2);
  assert_row (list, row, 70000000);
  assert_row (list, 0, 70000000 - PTL_FRAME_LIST_MAX / 2);

  /* From near the end the first rows go, and some come: the others stay what they are. */
  ptl_frame_list_reveal_end (list);
  added = (guint) n_frames - (70000000 + PTL_FRAME_LIST_MAX / 2);
  assert_told (&told, 2, PTL_FRAME_LIST_MAX / 2 - added, 0, added);
  g_assert_cmpuint (told.n_removals, ==, 1);
  assert_glided (n_glided, 0, 0);
  g_assert_cmpuint (ptl_frame_item_get_number (held), ==, 70000000 - PTL_FRAME_LIST_MAX / 2 + 7);
  g_assert_cmpuint (get_n_rows (list), ==, PTL_FRAME_LIST_MAX / 2);
  assert_row (list, 0, n_frames - PTL_FRAME_LIST_MAX / 2);
  last = g_list_model_get_item (G_LIST_MODEL (list), PTL_FRAME_LIST_MAX / 2 - 1);
  g_assert_cmpuint (ptl_frame_item_get_number (last), ==, n_frames - 1);
  g_assert_cmpuint (ptl_frame_item_get_frame (last)->flags, ==, PTL_FRAME_DATAGRAM);
  ptl_frame_list_reveal_end (list);
  assert_told (&told, 0, 0, 0, 0);

  /* Past the end and back to the start. */
  row = ptl_frame_list_reveal (list, UINT64_MAX);
  assert_row (list, row, n_frames - 1);
  assert_told (&told, 0, 0, 0, 0);
  g_assert_cmpuint (ptl_frame_list_reveal (list, 0), ==, 0);
  assert_told (&told, 1, PTL_FRAME_LIST_MAX / 2, 0, PTL_FRAME_LIST_MAX / 2);
  assert_glided (n_glided, 0, 1);
  assert_row (list, 0, 0);
  g_assert_cmpuint (ptl_frame_item_get_number (last), ==, PTL_FRAME_LIST_MAX / 2 - 1);

  /* From the start to the end: half of the rows go. */
  ptl_frame_list_reveal_end (list);
  assert_told (&told, 1, PTL_FRAME_LIST_MAX / 2, PTL_FRAME_LIST_MAX / 2, 0);
  assert_glided (n_glided, 0, 1);
  g_assert_cmpuint (ptl_frame_item_get_number (last), ==, n_frames - 1);
  g_assert_cmpuint (ptl_frame_list_reveal (list, 0), ==, 0);

  /* A place in the last window's half cannot have room on both sides: the window is full. */
  row = ptl_frame_list_reveal (list, n_frames - 3);
  g_assert_cmpuint (get_n_rows (list), ==, PTL_FRAME_LIST_MAX);
  assert_row (list, row, n_frames - 3);
  g_assert_cmpuint (row, ==, PTL_FRAME_LIST_MAX - 3);

  g_clear_object (&held);
  g_clear_object (&last);
  g_clear_object (&list);
  discard (log);
}

/* The window is full and the log goes on: the rows stay until somebody wants the end. */
static void
test_full_window (void)
{
  g_autoptr (GError)       error = NULL;
  PtlLog                  *log = make_log ();
  g_autofree char         *dir = g_strdup (ptl_log_get_dir (log));
  g_autoptr (PtlFrameList) list = NULL;
  Told                     told;

  /* The counter alone: frames that nobody looks at need not be there. */
  list = make_list (log, &told);
  atomic_store (&log->committed, PTL_FRAME_LIST_MAX - 10);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 0, 0, PTL_FRAME_LIST_MAX - 10);
  atomic_store (&log->committed, PTL_FRAME_LIST_MAX + 10);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, PTL_FRAME_LIST_MAX - 10, 0, 10);
  atomic_store (&log->committed, PTL_FRAME_LIST_MAX + 20);
  told.n_notified = 0;
  g_assert_true (ptl_frame_list_sync (list));
  assert_told (&told, 0, 0, 0, 0);
  g_assert_cmpuint (told.n_notified, ==, 1);
  g_assert_cmpuint (ptl_frame_list_get_n_frames (list), ==, PTL_FRAME_LIST_MAX + 20);

  ptl_frame_list_reveal_end (list);
  assert_told (&told, 2, PTL_FRAME_LIST_MAX / 2 - 20, 0, 20);
  g_assert_cmpuint (told.n_removals, ==, 1);
  g_assert_cmpuint (ptl_frame_list_get_window_start (list), ==, PTL_FRAME_LIST_MAX / 2 + 20);
  atomic_store (&log->committed, PTL_FRAME_LIST_MAX + 50);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, PTL_FRAME_LIST_MAX / 2, 0, 30);

  g_clear_object (&list);
  discard (log);
}

/* Where frames pour in the rows stay and show later ones; what was glided over is told later. */
static void
test_glides (void)
{
  PtlLog                  *log = make_log ();
  PtlSink                 *sink = ptl_log_make_sink (log);
  Told                     told;
  g_autoptr (PtlFrameList) list = make_list (log, &told);
  g_autoptr (PtlFrameItem) last = NULL;
  unsigned                 n_told[2] = { 0, 0 };
  gint64                   begun_us;

  g_signal_connect (list, "glided", G_CALLBACK (on_glided_cb), n_told);
  append (sink, 300);
  ptl_frame_list_sync (list);
  append (sink, 100);
  ptl_frame_list_sync (list);
  assert_told (&told, 2, 300, 0, 100);
  last = g_list_model_get_item (G_LIST_MODEL (list), 399);
  g_assert_cmpuint (ptl_frame_item_get_frame (last)->length, ==, 9);

  ptl_frame_list_set_may_glide (list, true);
  told.n_notified = 0;
  append (sink, 55);
  g_assert_true (ptl_frame_list_sync (list));
  assert_told (&told, 0, 0, 0, 0);
  assert_glided (n_told, 1, 0);
  g_assert_cmpuint (told.n_notified, ==, 1);
  g_assert_true (ptl_frame_list_is_gliding (list));
  g_assert_cmpuint (ptl_frame_list_get_n_frames (list), ==, 455);
  g_assert_cmpuint (get_n_rows (list), ==, 400);
  g_assert_cmpuint (ptl_frame_item_get_number (last), ==, 454);
  g_assert_cmpuint (ptl_frame_item_get_frame (last)->length, ==, 4);
  assert_row (list, 0, 55);
  assert_row (list, 399, 454);

  /* A few come one by one, after those that were glided over have got their rows. */
  append (sink, 2);
  ptl_frame_list_sync (list);
  assert_told (&told, 2, 455, 0, 2);
  assert_glided (n_told, 0, 1);
  g_assert_false (ptl_frame_list_is_gliding (list));
  g_assert_cmpuint (ptl_frame_item_get_number (last), ==, 454);
  assert_row (list, 0, 0);
  assert_row (list, 454, 454);
  assert_row (list, 456, 456);

  /* It rests when it is paused, when it may not glide any more, and when some row is wanted. */
  append (sink, 43);
  ptl_frame_list_sync (list);
  ptl_frame_list_set_frozen (list, true);
  assert_told (&told, 1, 0, 0, 43);
  ptl_frame_list_set_frozen (list, false);
  append (sink, 100);
  ptl_frame_list_sync (list);
  assert_told (&told, 0, 0, 0, 0);
  ptl_frame_list_set_may_glide (list, false);
  assert_told (&told, 1, 0, 0, 100);
  append (sink, 100);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 600, 0, 100);
  ptl_frame_list_set_may_glide (list, true);
  append (sink, 100);
  ptl_frame_list_sync (list);
  g_assert_cmpuint (ptl_frame_list_reveal (list, 3), ==, 3);
  assert_told (&told, 1, 0, 0, 100);
  assert_glided (n_told, 3, 3);

  /* And by itself. */
  append (sink, 100);
  ptl_frame_list_sync (list);
  append (sink, 100);
  ptl_frame_list_sync (list);
  assert_told (&told, 0, 0, 0, 0);
  begun_us = g_get_monotonic_time ();
  while (ptl_frame_list_is_gliding (list))
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 30 * G_USEC_PER_SEC);
    }
  assert_told (&told, 1, 0, 0, 200);
  g_assert_cmpuint (ptl_frame_list_get_window_start (list), ==, 0);
  assert_row (list, 999, 999);

  /* Clear, while it glides. */
  append (sink, 100);
  ptl_frame_list_sync (list);
  ptl_frame_list_set_first (list, 1050);
  assert_told (&told, 1, 0, 1000, 50);
  g_assert_false (ptl_frame_list_is_gliding (list));
  assert_row (list, 0, 1050);
  append (sink, 100);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 50, 0, 100);

  g_clear_object (&list);
  g_assert_cmpuint (ptl_frame_item_get_number (last), >, 454);
  sink->klass->close (sink);
  g_clear_object (&last);
  discard (log);
}

/* A flood that ebbs for a moment does not stop and go, one that never was does not glide. */
static void
test_glides_on (void)
{
  PtlLog                  *log = make_log ();
  PtlSink                 *sink = ptl_log_make_sink (log);
  Told                     told;
  g_autoptr (PtlFrameList) list = make_list (log, &told);

  append (sink, 300);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 0, 0, 300);
  ptl_frame_list_set_may_glide (list, true);
  append (sink, 4);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 300, 0, 4);

  append (sink, 55);
  ptl_frame_list_sync (list);
  append (sink, 2);
  ptl_frame_list_sync (list);
  assert_told (&told, 2, 359, 0, 2);
  append (sink, 4);
  ptl_frame_list_sync (list);
  assert_told (&told, 0, 0, 0, 0);
  g_assert_true (ptl_frame_list_is_gliding (list));

  g_clear_object (&list);
  sink->klass->close (sink);
  discard (log);
}

/* There is no room for the rows: the window has slid. */
static void
test_glides_with_a_full_window (void)
{
  PtlLog                  *log = make_log ();
  g_autoptr (PtlFrameList) list = NULL;
  Told                     told;

  list = make_list (log, &told);
  atomic_store (&log->committed, PTL_FRAME_LIST_MAX - 10);
  ptl_frame_list_sync (list);
  assert_told (&told, 1, 0, 0, PTL_FRAME_LIST_MAX - 10);
  ptl_frame_list_set_may_glide (list, true);
  for (int i = 0; i < 2; i++)
    {
      atomic_fetch_add (&log->committed, 30);
      ptl_frame_list_sync (list);
      assert_told (&told, 0, 0, 0, 0);
      ptl_frame_list_set_may_glide (list, false);
      if (i == 0)
        assert_told (&told, 1, 0, 0, 10);
      else
        assert_told (&told, 0, 0, 0, 0);
      g_assert_cmpuint (get_n_rows (list), ==, PTL_FRAME_LIST_MAX);
      g_assert_cmpuint (ptl_frame_list_get_window_start (list), ==, 20 + i * 30);
      assert_row (list, 7, 20 + (unsigned) i * 30 + 7);
      ptl_frame_list_set_may_glide (list, true);
    }

  g_clear_object (&list);
  discard (log);
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  parent = g_dir_make_tmp ("ptl-frame-list-XXXXXX", NULL);

  g_test_add_func ("/frame-list/grows", test_grows);
  g_test_add_func ("/frame-list/freeze-and-clear", test_freeze_and_clear);
  g_test_add_func ("/frame-list/filter", test_filter);
  g_test_add_func ("/frame-list/hundred-million", test_hundred_million);
  g_test_add_func ("/frame-list/full-window", test_full_window);
  g_test_add_func ("/frame-list/glides", test_glides);
  g_test_add_func ("/frame-list/glides-on", test_glides_on);
  g_test_add_func ("/frame-list/glides-with-a-full-window", test_glides_with_a_full_window);
  result = g_test_run ();
  g_rmdir (parent);
  g_free (parent);
  return result;
}
