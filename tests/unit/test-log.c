/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traffic log: what is appended is read back, what could not be written is counted, and a
 * damaged folder does no harm. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"
#include "log/ptl-log-private.h"

typedef struct
{
  char *parent;
  char *dir;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->parent = g_dir_make_tmp ("ptl-log-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->dir = g_build_filename (fixture->parent, "one", NULL);
}

static void
remove_tree (const char *path)
{
  const char       *name;
  g_autoptr (GDir) dir = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  remove_tree (fixture->parent);
  g_free (fixture->dir);
  g_free (fixture->parent);
}

static PtlLog *
make_log (const char *dir,
          uint64_t    limit_bytes)
{
  g_autoptr (GError) error = NULL;
  PtlLog            *log = ptl_log_create (dir, "tcp://127.0.0.1:12345", limit_bytes, &error);

  g_assert_no_error (error);
  g_assert_nonnull (log);
  return log;
}

/* The byte at @i of frame @number's content. */
static uint8_t
byte_of (uint64_t number,
         uint64_t i)
{
  return (uint8_t) (number * 131 + i * 7 + (i >> 8));
}

static uint8_t *
make_bytes (uint64_t number,
            size_t   len_bytes)
{
  uint8_t *bytes = g_malloc (len_bytes + 1);

  for (size_t i = 0; i < len_bytes; i++)
    bytes[i] = byte_of (number, i);
  return bytes;
}

static PtlFrame
make_frame (PtlLog      *log,
            uint64_t     number,
            PtlFrameKind kind,
            uint32_t     length)
{
  return (PtlFrame) { .time_ns = ptl_log_get_start_monotonic_ns (log) + number * 10,
                      .length = length,
                      .kind = kind };
}

static void
append (PtlLog      *log,
        PtlSink     *sink,
        uint64_t     number,
        PtlFrameKind kind,
        uint32_t     length)
{
  g_autofree uint8_t *bytes = make_bytes (number, length);
  PtlFrame            frame = make_frame (log, number, kind, length);

  sink->klass->append (sink, &frame, bytes);
}

/* Appends through a pipe that a thread of its own fills where the pipe cannot hold it all. */
static void
append_pipe (PtlLog      *log,
             PtlSink     *sink,
             uint64_t     number,
             uint32_t     length)
{
  g_autofree uint8_t *bytes = make_bytes (number, length);
  PtlFrame            frame = make_frame (log, number, PTL_FRAME_IN, length);
  char                next[8];
  int                 fds[2];

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  g_assert_cmpint (fcntl (fds[1], F_SETPIPE_SZ, 1024 * 1024), >, 0);
  g_assert_cmpint (write (fds[1], bytes, length), ==, length);
  g_assert_cmpint (write (fds[1], "next", 4), ==, 4);
  g_assert_true (sink->klass->append_pipe (sink, &frame, fds[0]));
  /* It took its bytes, all of them and no more. */
  g_assert_cmpint (read (fds[0], next, sizeof next), ==, 4);
  g_assert_cmpmem (next, 4, "next", 4);
  close (fds[0]);
  close (fds[1]);
}

/* Frame @n holds the content of frame @number. */
static void
check_frame (PtlLog  *log,
             uint64_t n,
             uint64_t number,
             uint32_t length)
{
  PtlFrame            frame;
  g_autofree uint8_t *bytes = g_malloc (length + 1);

  g_assert_true (ptl_log_get_frame (log, n, &frame));
  g_assert_cmpuint (frame.time_ns, ==, number * 10);
  g_assert_cmpuint (frame.length, ==, length);
  g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, length + 1), ==, length);
  for (size_t i = 0; i < length; i++)
    if (bytes[i] != byte_of (number, i))
      g_error ("frame %" G_GUINT64_FORMAT ": wrong byte at %zu", number, i);
}

static void
assert_lost (PtlSink *sink,
             uint64_t frames,
             uint64_t bytes)
{
  uint64_t lost_frames;
  uint64_t lost_bytes;

  sink->klass->get_lost (sink, &lost_frames, &lost_bytes);
  g_assert_cmpuint (lost_frames, ==, frames);
  g_assert_cmpuint (lost_bytes, ==, bytes);
}

static const uint32_t lengths[] = { 0, 1, 14, 64, 1400, 4096, 32767, 32768, 65507, 100000, 262143,
                                    262144, 262145, 300000, 1 };

static void
test_append (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  g_autoptr (PtlLog) again = NULL;
  g_autoptr (GError) error = NULL;
  PtlSink           *sink = ptl_log_make_sink (log);
  PtlFrame           frame;
  const size_t       n_lengths = G_N_ELEMENTS (lengths);
  uint64_t           total = 0;
  struct stat        st;

  /* Seen only after commit. */
  append (log, sink, 0, PTL_FRAME_IN, 14);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 0);
  g_assert_false (ptl_log_get_frame (log, 0, &frame));
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 1);
  check_frame (log, 0, 0, 14);
  total = 14;

  /* Every length from memory and from a pipe, mixed, so that all paths meet all others. */
  for (uint64_t i = 1; i < 6 * n_lengths; i++)
    {
      uint32_t length = lengths[(i * 7) % n_lengths];

      if (i % 3 == 0)
        append_pipe (log, sink, i, length);
      else
        append (log, sink, i, i % 3 == 1 ? PTL_FRAME_OUT : PTL_FRAME_EVENT, length);
      total += length;
      if (i % 17 == 0)
        g_assert_cmpint (sink->klass->commit (sink), ==, 0);
    }
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 6 * n_lengths);
  for (uint64_t i = 1; i < 6 * n_lengths; i++)
    check_frame (log, i, i, lengths[(i * 7) % n_lengths]);
  assert_lost (sink, 0, 0);
  g_assert_cmpuint (ptl_log_get_n_bytes (log), ==, 6 * n_lengths * 32 + total);
  sink->klass->close (sink);

  /* The frame before the beginning of time is at 0. */
  g_assert_cmpuint (ptl_log_find_time (log, 0), ==, 0);
  g_assert_cmpuint (ptl_log_find_time (log, 11), ==, 2);
  g_assert_cmpuint (ptl_log_find_time (log, 20), ==, 2);
  g_assert_cmpuint (ptl_log_find_time (log, 1000000), ==, 6 * n_lengths);

  g_assert_cmpint (stat (fixture->dir, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0700);

  /* What was written is held: it is not left, nor can it be opened or discarded. */
  again = ptl_log_open (fixture->dir, &error);
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_assert_null (again);
  g_clear_error (&error);
  g_clear_pointer (&log, ptl_log_unref);

  again = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ptl_log_get_uri (again), ==, "tcp://127.0.0.1:12345");
  g_assert_cmpuint (ptl_log_get_start_realtime_ns (again), >, 0);
  g_assert_cmpuint (ptl_log_get_start_monotonic_ns (again), ==, 0);
  g_assert_cmpuint (ptl_log_get_n_frames (again), ==, 6 * n_lengths);
  for (uint64_t i = 1; i < 6 * n_lengths; i++)
    check_frame (again, i, i, lengths[(i * 7) % n_lengths]);
}

static void
test_read (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  PtlFrame           frame;
  PtlFrame           frames[8];
  uint8_t            bytes[32];

  for (uint64_t i = 0; i < 5; i++)
    append (log, sink, i, PTL_FRAME_IN, 20);
  sink->klass->commit (sink);

  g_assert_true (ptl_log_get_frame (log, 1, &frame));
  g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, 7), ==, 7);
  g_assert_cmpint (ptl_log_read (log, &frame, 15, bytes, sizeof bytes), ==, 5);
  g_assert_cmpuint (bytes[0], ==, byte_of (1, 15));
  g_assert_cmpint (ptl_log_read (log, &frame, 20, bytes, sizeof bytes), ==, 0);
  g_assert_cmpint (ptl_log_read (log, &frame, UINT32_MAX, bytes, sizeof bytes), ==, 0);
  g_assert_cmpuint (ptl_log_get_frames (log, 3, frames, 8), ==, 2);
  g_assert_cmpuint (ptl_log_get_frames (log, 5, frames, 8), ==, 0);
  g_assert_cmpuint (ptl_log_get_frames (log, UINT64_MAX, frames, 8), ==, 0);

  /* A record that nobody wrote. */
  frame.length = 200;
  g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, sizeof bytes), ==, -EINVAL);
  frame.offset = UINT64_MAX;
  g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, sizeof bytes), ==, -EINVAL);
  sink->klass->close (sink);
}

static void
test_peers (Fixture      *fixture,
            gconstpointer data)
{
  PtlLog            *log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  g_autoptr (GError) error = NULL;
  const uint32_t     n_peers = 3 * PTL_LOG_PEER_STAGE + 5;
  PtlAddress         address;

  for (uint32_t i = 1; i <= n_peers; i++)
    {
      PtlAddress peer = { .len = sizeof (struct sockaddr_in) };

      peer.in.sin_family = AF_INET;
      peer.in.sin_port = g_htons ((uint16_t) i);
      peer.in.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
      if (i == 2)
        g_assert_cmpint (ptl_address_set_unix (&peer, "a name", 6, true), ==, 0);
      sink->klass->add_peer (sink, i, &peer);
    }
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);

  for (int round = 0; round < 2; round++)
    {
      g_assert_cmpuint (ptl_log_get_n_peers (log), ==, n_peers);
      for (uint32_t i = 1; i <= n_peers; i++)
        {
          g_assert_true (ptl_log_get_peer (log, i, &address));
          if (i != 2)
            g_assert_cmpuint (ptl_address_get_port (&address), ==, i);
          else
            g_assert_cmpint (ptl_address_get_family (&address), ==, AF_UNIX);
        }
      g_assert_false (ptl_log_get_peer (log, PTL_PEER_NONE, &address));
      g_assert_cmpuint (address.len, ==, 0);
      g_assert_false (ptl_log_get_peer (log, n_peers + 1, &address));
      g_assert_false (ptl_log_get_peer (log, UINT32_MAX, &address));
      if (round == 0)
        {
          sink->klass->close (sink);
          ptl_log_unref (log);
          log = ptl_log_open (fixture->dir, &error);
          g_assert_no_error (error);
        }
    }
  ptl_log_unref (log);
}

/* A disk that takes some bytes, then none for a while, again and again: whatever was said to be
 * recorded is there, and recorded + lost is what was appended, to the frame and the byte. */
static void
test_full_disk (Fixture      *fixture,
                gconstpointer data)
{
  PtlLog             *log = make_log (fixture->dir, 0);
  PtlSink            *sink = ptl_log_make_sink (log);
  g_autoptr (GRand)   rand = g_rand_new_with_seed (20);
  g_autoptr (GError)  error = NULL;
  uint64_t            n_appended = 0;
  uint64_t            appended_bytes = 0;
  uint64_t            recorded_bytes = 0;
  uint64_t            lost_frames = 0;
  uint64_t            lost_bytes = 0;
  uint64_t            last = 0;
  unsigned            n_failures = 0;
  unsigned            n_recoveries = 0;
  bool                failing = false;

  for (unsigned round = 0; round < 1000; round++)
    {
      int      n = g_rand_int_range (rand, 0, 40);
      int      result;
      bool     was_failing;
      uint64_t frames_now;
      uint64_t bytes_now;

      switch (g_rand_int_range (rand, 0, 6))
        {
        case 0:
          ptl_log_set_room (log, g_rand_int_range (rand, 0, 400000), ENOSPC);
          break;
        case 1:
          ptl_log_set_room (log, 0, EIO);
          break;
        case 2:
        case 3:
          ptl_log_set_room (log, -1, 0);
          break;
        default:
          break;
        }
      for (int i = 0; i < n; i++)
        {
          uint32_t length = lengths[g_rand_int_range (rand, 0, G_N_ELEMENTS (lengths))];

          if (g_rand_int_range (rand, 0, 3) > 0)
            length %= 100;
          if (g_rand_int_range (rand, 0, 4) == 0)
            append_pipe (log, sink, n_appended, length);
          else
            append (log, sink, n_appended, PTL_FRAME_IN, length);
          n_appended++;
          appended_bytes += length;
        }
      was_failing = failing;
      result = sink->klass->commit (sink);
      failing = result < 0;
      n_failures += failing;
      n_recoveries += was_failing && !failing;
      g_assert_true (result == 0 || result == -ENOSPC || result == -EIO);

      /* After every commit, whether it failed or not. */
      sink->klass->get_lost (sink, &frames_now, &bytes_now);
      g_assert_cmpuint (ptl_log_get_n_frames (log) + frames_now, ==, n_appended);
      g_assert_cmpuint (bytes_now, >=, lost_bytes);
      /* None without a word: the commit before this one or this one told of it. */
      if (frames_now > lost_frames)
        g_assert_true (failing || was_failing);
      lost_frames = frames_now;
      lost_bytes = bytes_now;
    }
  g_assert_cmpuint (n_failures, >, 50);
  g_assert_cmpuint (n_recoveries, >, 50);
  ptl_log_set_room (log, -1, 0);
  sink->klass->commit (sink);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  sink->klass->close (sink);

  for (int round = 0; round < 2; round++)
    {
      g_assert_cmpuint (ptl_log_get_n_frames (log) + lost_frames, ==, n_appended);
      recorded_bytes = 0;
      for (uint64_t i = 0; i < ptl_log_get_n_frames (log); i++)
        {
          PtlFrame frame;

          g_assert_true (ptl_log_get_frame (log, i, &frame));
          check_frame (log, i, frame.time_ns / 10, frame.length);
          g_assert_true (i == 0 || frame.time_ns / 10 > last);
          last = frame.time_ns / 10;
          recorded_bytes += frame.length;
        }
      g_assert_cmpuint (recorded_bytes + lost_bytes, ==, appended_bytes);
      if (round == 0)
        {
          ptl_log_unref (log);
          log = ptl_log_open (fixture->dir, &error);
          g_assert_no_error (error);
        }
    }
  ptl_log_unref (log);
}

/* The index ends in the middle of a record: those before it count, and the next frame takes the
 * place of what was lost. */
static void
test_index_cut (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  PtlFrame           frame;

  for (uint64_t i = 0; i < 5; i++)
    append (log, sink, i, PTL_FRAME_IN, 10);
  ptl_log_set_room (log, 5 * 10 + 3 * 32 + 16, EDQUOT);
  g_assert_cmpint (sink->klass->commit (sink), ==, -EDQUOT);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 3);
  assert_lost (sink, 2, 20);

  ptl_log_set_room (log, -1, 0);
  append (log, sink, 5, PTL_FRAME_IN, 10);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  check_frame (log, 2, 2, 10);
  check_frame (log, 3, 5, 10);
  g_assert_true (ptl_log_get_frame (log, 3, &frame));
  g_assert_cmpuint (frame.offset, ==, 30);
  assert_lost (sink, 2, 20);
  sink->klass->close (sink);
}

/* The kernel's own refusal, in the middle of a write. */
static void
test_file_size_limit (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  struct rlimit      before;
  struct rlimit      now;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  now = before;
  now.rlim_cur = 100000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &now), ==, 0);

  append (log, sink, 0, PTL_FRAME_IN, 60000);
  append (log, sink, 1, PTL_FRAME_IN, 60000);
  append (log, sink, 2, PTL_FRAME_IN, 10);
  g_assert_cmpint (sink->klass->commit (sink), ==, -EFBIG);
  assert_lost (sink, 1, 60000);
  append_pipe (log, sink, 3, 60000);
  g_assert_cmpint (sink->klass->commit (sink), ==, -EFBIG);
  assert_lost (sink, 2, 120000);
  g_assert_cmpint (sink->klass->commit (sink), ==, -EFBIG);

  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  append_pipe (log, sink, 4, 60000);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  assert_lost (sink, 2, 120000);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 3);
  check_frame (log, 0, 0, 60000);
  check_frame (log, 1, 2, 10);
  check_frame (log, 2, 4, 60000);
  sink->klass->close (sink);
}

/* The log's own limit: data ends for good, what happened can still be told, no byte is past it. */
static void
test_limit (Fixture      *fixture,
            gconstpointer data)
{
  const uint64_t     limit = 1024 * 1024;
  g_autoptr (PtlLog) log = make_log (fixture->dir, limit);
  PtlSink           *sink = ptl_log_make_sink (log);
  uint64_t           n_recorded;
  uint64_t           lost_frames;
  uint64_t           lost_bytes;
  uint64_t           lost_before;

  for (uint64_t i = 0; i < 2000; i++)
    {
      append (log, sink, i, PTL_FRAME_IN, 1000);
      if (sink->klass->commit (sink) < 0)
        {
          g_assert_cmpint (sink->klass->commit (sink), ==, -EFBIG);
          assert_lost (sink, 1, 1000);
          break;
        }
    }
  n_recorded = ptl_log_get_n_frames (log);
  g_assert_cmpuint (n_recorded, ==, (limit - PTL_LOG_RESERVE) / 1032);

  append (log, sink, 5000, PTL_FRAME_IN, 1);
  append (log, sink, 5001, PTL_FRAME_EVENT, 100);
  g_assert_cmpint (sink->klass->commit (sink), ==, -EFBIG);
  assert_lost (sink, 2, 1001);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, n_recorded + 1);
  check_frame (log, n_recorded, 5001, 100);

  /* Events have an end too, and are not lost silently. */
  for (uint64_t i = 0; i < 1000; i++)
    append (log, sink, 6000 + i, PTL_FRAME_EVENT, 100);
  g_assert_cmpint (sink->klass->commit (sink), ==, -EFBIG);
  lost_before = 2;
  sink->klass->get_lost (sink, &lost_frames, &lost_bytes);
  g_assert_cmpuint (lost_frames, >, lost_before);
  g_assert_cmpuint (lost_bytes, ==, 1001);
  g_assert_cmpuint (ptl_log_get_n_frames (log) + lost_frames, ==, n_recorded + 1 + 2 + 1000);
  g_assert_cmpuint (ptl_log_get_n_bytes (log), <=, limit);
  sink->klass->close (sink);
}

/* Peers that the disk did not take are a hole; the others keep their places. */
static void
test_lost_peers (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  PtlAddress         peer = { .len = sizeof (struct sockaddr_in) };
  PtlAddress         address;
  uint32_t           n = 1;
  unsigned           n_known = 0;

  peer.in.sin_family = AF_INET;
  for (; n <= 10; n++)
    sink->klass->add_peer (sink, n, &peer);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  ptl_log_set_room (log, 0, ENOSPC);
  for (; n <= 2000; n++)
    sink->klass->add_peer (sink, n, &peer);
  g_assert_cmpint (sink->klass->commit (sink), ==, -ENOSPC);
  ptl_log_set_room (log, -1, 0);
  for (; n <= 2010; n++)
    sink->klass->add_peer (sink, n, &peer);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);

  g_assert_cmpuint (ptl_log_get_n_peers (log), ==, 2010);
  for (uint32_t i = 1; i <= 2010; i++)
    {
      bool known = ptl_log_get_peer (log, i, &address);

      n_known += known;
      if (i <= 10 || i > 2000)
        g_assert_true (known);
    }
  g_assert_cmpuint (n_known, <, 1000);
  sink->klass->close (sink);
}

static void
overwrite (const char *dir,
           const char *name,
           const void *bytes,
           gssize      len_bytes)
{
  g_autofree char   *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, len_bytes, &error);
  g_assert_no_error (error);
}

static void
cut (const char *dir,
     const char *name,
     off_t       size)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_cmpint (truncate (path, size), ==, 0);
}

/* A torn end, a hostile index, a file that shrinks under us. */
static void
test_damaged (Fixture      *fixture,
              gconstpointer data)
{
  PtlLog            *log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  g_autoptr (GError) error = NULL;
  PtlFrame           frame;
  PtlFrame           frames[4];
  PtlAddress         address;
  uint8_t            bytes[100];

  for (uint64_t i = 0; i < 100; i++)
    append (log, sink, i, PTL_FRAME_IN, 100);
  sink->klass->close (sink);
  ptl_log_unref (log);

  /* Half a record, and the bytes of the last two frames missing. */
  cut (fixture->dir, "index", 100 * 32 - 16);
  cut (fixture->dir, "data", 97 * 100 + 50);
  log = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 97);
  check_frame (log, 96, 96, 100);

  /* Shrinks while it is open. */
  cut (fixture->dir, "data", 50 * 100 + 1);
  g_assert_true (ptl_log_get_frame (log, 50, &frame));
  g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, 100), ==, 1);
  cut (fixture->dir, "index", 32 * 10);
  g_assert_false (ptl_log_get_frame (log, 10, &frame));
  g_assert_cmpuint (frame.kind, ==, PTL_N_FRAME_KINDS);
  g_assert_cmpuint (ptl_log_get_frames (log, 8, frames, 4), ==, 2);
  ptl_log_unref (log);

  /* Records that point past the end, overflow, or are of no kind are told as such. */
  memset (frames, 0, sizeof frames);
  frames[0].length = 1;
  frames[1].offset = UINT64_MAX;
  frames[1].length = 2;
  frames[2].kind = 77;
  frames[3].offset = 10;
  frames[3].length = 5;
  frames[3].peer = 12345;
  overwrite (fixture->dir, "index", frames, sizeof frames);
  overwrite (fixture->dir, "peers", "this is no peer", -1);
  log = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  if (ptl_log_get_n_frames (log) == 4)
    {
      g_assert_true (ptl_log_get_frame (log, 0, &frame));
      g_assert_false (ptl_log_get_frame (log, 1, &frame));
      g_assert_false (ptl_log_get_frame (log, 2, &frame));
      g_assert_true (ptl_log_get_frame (log, 3, &frame));
    }
  for (uint64_t i = 0; i < 4; i++)
    if (ptl_log_get_frame (log, i, &frame))
      g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, 100), ==, (ssize_t) frame.length);
  g_assert_false (ptl_log_get_peer (log, 12345, &address));
  g_assert_false (ptl_log_get_peer (log, 1, &address));
  ptl_log_unref (log);

  /* A header that is not ours. */
  overwrite (fixture->dir, "header", "PtlLog1\n", 8);
  g_assert_null (ptl_log_open (fixture->dir, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (ptl_log_open (fixture->parent, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (ptl_log_open ("/nonexistent", &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
}

static void
test_peer_record_hostile (Fixture      *fixture,
                          gconstpointer data)
{
  PtlLog            *log = make_log (fixture->dir, 0);
  g_autoptr (GError) error = NULL;
  PtlLogPeer         peers[5];
  PtlAddress         address;

  ptl_log_unref (log);
  memset (peers, 0, sizeof peers);
  for (int i = 0; i < 5; i++)
    {
      peers[i].present = 1;
      peers[i].address[0] = AF_INET;
      peers[i].len = sizeof (struct sockaddr_in);
    }
  peers[0].len = UINT32_MAX;
  peers[1].len = PTL_LOG_PEER_MAX + 1;
  peers[2].len = 3;
  peers[3].present = 2;
  overwrite (fixture->dir, "peers", (void *) peers, sizeof peers);
  log = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  for (uint32_t i = 1; i <= 4; i++)
    g_assert_false (ptl_log_get_peer (log, i, &address));
  g_assert_true (ptl_log_get_peer (log, 5, &address));
  ptl_log_unref (log);
}

static void
test_left (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *other = g_build_filename (fixture->parent, "two", NULL);
  g_autofree char   *foreign = g_build_filename (fixture->parent, "three", NULL);
  g_autofree char   *link = g_build_filename (fixture->parent, "link", NULL);
  g_autofree char   *outside = g_build_filename (fixture->parent, "precious", NULL);
  g_autofree char   *data_path = g_build_filename (fixture->dir, "data", NULL);
  g_autofree char   *extra = g_build_filename (other, "note", NULL);
  g_auto (GStrv)     left = NULL;
  PtlLog            *first = make_log (fixture->dir, 0);
  PtlLog            *second = make_log (other, 0);

  /* A folder of somebody else, and a link to a log. */
  g_assert_cmpint (g_mkdir (foreign, 0700), ==, 0);
  overwrite (foreign, "data", "theirs", -1);
  g_assert_cmpint (symlink (fixture->dir, link), ==, 0);

  /* Made twice: refused, and the first is unharmed. */
  g_assert_null (ptl_log_create (fixture->dir, "x", 0, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_clear_error (&error);

  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 0);
  g_assert_false (ptl_log_discard (fixture->dir, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_clear_error (&error);
  g_clear_pointer (&left, g_strfreev);

  ptl_log_unref (second);
  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 1);
  g_assert_cmpstr (left[0], ==, other);
  g_clear_pointer (&left, g_strfreev);

  ptl_log_unref (first);
  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 2);
  g_assert_cmpstr (left[0], ==, fixture->dir);
  g_clear_pointer (&left, g_strfreev);

  /* One that is being read is not left either. */
  first = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 1);
  g_clear_pointer (&left, g_strfreev);
  ptl_log_unref (first);

  /* Discarding follows no link and takes nothing that is not a log's. */
  g_assert_false (ptl_log_discard (link, &error));
  g_clear_error (&error);
  g_assert_false (ptl_log_discard (foreign, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_FORMAT);
  g_clear_error (&error);
  overwrite (other, "note", "mine", -1);
  g_assert_false (ptl_log_discard (other, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_cmpint (g_remove (extra), ==, 0);
  g_assert_true (ptl_log_discard (other, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));

  overwrite (fixture->parent, "precious", "keep", -1);
  g_assert_cmpint (g_remove (data_path), ==, 0);
  g_assert_cmpint (symlink (outside, data_path), ==, 0);
  g_assert_null (ptl_log_open (fixture->dir, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (ptl_log_discard (fixture->dir, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (outside, G_FILE_TEST_EXISTS));
  g_assert_false (ptl_log_discard (fixture->dir, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
}

/* A log that is still held is removed under its holder, who goes on reading; another one that was
 * made in its place is not. */
static void
test_discard_open (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  g_autoptr (PtlLog) other = NULL;
  g_autoptr (GError) error = NULL;
  PtlSink           *sink = ptl_log_make_sink (log);

  append (log, sink, 0, PTL_FRAME_IN, 100);
  sink->klass->close (sink);
  g_assert_true (ptl_log_discard_open (log, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
  check_frame (log, 0, 0, 100);

  g_assert_false (ptl_log_discard_open (log, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_clear_error (&error);
  other = make_log (fixture->dir, 0);
  g_assert_false (ptl_log_discard_open (log, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_assert_true (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
}

/* Offsets past 4 GiB, on a file with a hole. */
static void
test_large (Fixture      *fixture,
            gconstpointer data)
{
  const uint64_t     far = UINT64_C (5) << 30;
  PtlLog            *log = make_log (fixture->dir, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char   *path = g_build_filename (fixture->dir, "data", NULL);
  PtlFrame           frames[2] = { { .length = 3 }, { .offset = far, .length = 4 } };
  char               bytes[8];
  PTL_AUTO_FD        fd = -1;

  ptl_log_unref (log);
  overwrite (fixture->dir, "index", (void *) frames, sizeof frames);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  if (pwrite (fd, "last", 4, (off_t) far) != 4)
    {
      g_test_skip ("no large files here");
      return;
    }
  log = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 2);
  g_assert_cmpint (ptl_log_read (log, &frames[1], 0, bytes, sizeof bytes), ==, 4);
  g_assert_cmpmem (bytes, 4, "last", 4);
  ptl_log_unref (log);
}

#define READER_FRAMES 200000u

static void *
read_along (void *data)
{
  PtlLog  *log = data;
  uint64_t seen = 0;

  while (seen < READER_FRAMES)
    {
      uint64_t n = ptl_log_get_n_frames (log);

      for (; seen < n; seen++)
        {
          PtlFrame frame;
          uint8_t  bytes[16];

          if (!ptl_log_get_frame (log, seen, &frame) || frame.time_ns != seen * 10
              || ptl_log_read (log, &frame, 0, bytes, sizeof bytes) != (ssize_t) (seen % 16))
            return NULL;
          for (size_t i = 0; i < seen % 16; i++)
            if (bytes[i] != byte_of (seen, i))
              return NULL;
        }
    }
  return log;
}

/* Readers in other threads never see what is not whole. */
static void
test_readers (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  pthread_t          threads[2];
  void              *result;

  for (int i = 0; i < 2; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, read_along, log), ==, 0);
  for (uint64_t i = 0; i < READER_FRAMES; i++)
    {
      uint8_t  bytes[16];
      PtlFrame frame = make_frame (log, i, PTL_FRAME_IN, i % 16);

      for (size_t k = 0; k < i % 16; k++)
        bytes[k] = byte_of (i, k);
      sink->klass->append (sink, &frame, bytes);
      if (i % 97 == 0)
        sink->klass->commit (sink);
    }
  sink->klass->commit (sink);
  for (int i = 0; i < 2; i++)
    {
      pthread_join (threads[i], &result);
      g_assert_true (result == log);
    }
  sink->klass->close (sink);
}

/* Nothing is lost when the buffers fill up without a commit. */
static void
test_no_commit (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  const uint64_t     n = 3 * PTL_LOG_INDEX_STAGE + 7;

  for (uint64_t i = 0; i < n; i++)
    append (log, sink, i, PTL_FRAME_IN, 10);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, 3 * PTL_LOG_INDEX_STAGE);
  sink->klass->close (sink);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, n);
  for (uint64_t i = 0; i < n; i++)
    check_frame (log, i, i, 10);
}

#define TEST(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/log/append", test_append);
  TEST ("/log/no-commit", test_no_commit);
  TEST ("/log/read", test_read);
  TEST ("/log/peers", test_peers);
  TEST ("/log/full-disk", test_full_disk);
  TEST ("/log/index-cut", test_index_cut);
  TEST ("/log/file-size-limit", test_file_size_limit);
  TEST ("/log/limit", test_limit);
  TEST ("/log/lost-peers", test_lost_peers);
  TEST ("/log/damaged", test_damaged);
  TEST ("/log/peer-record-hostile", test_peer_record_hostile);
  TEST ("/log/left", test_left);
  TEST ("/log/discard-open", test_discard_open);
  TEST ("/log/large", test_large);
  TEST ("/log/readers", test_readers);
  return g_test_run ();
}
