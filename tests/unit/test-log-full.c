/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log when the disk or its own limit takes no more: what could not be written is counted, to
 * the frame and the byte, and what was written is whole. */
#include "config.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/ptl-fd.h"
#include "log-fixture.h"

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
  bool                ahead = data != NULL;

  for (unsigned round = 0; round < 1000; round++)
    {
      int      n = g_rand_int_range (rand, 0, 40);
      int      result;
      bool     was_failing;
      PtlLost  now;

      log->ahead_from = ahead ? 0 : PTL_LOG_AHEAD_NEVER;

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
          uint32_t length = log_lengths[g_rand_int_range (rand, 0, G_N_ELEMENTS (log_lengths))];

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
      sink->klass->get_lost (sink, &now);
      g_assert_cmpuint (ptl_log_get_n_frames (log) + now.in_frames, ==, n_appended);
      g_assert_cmpuint (now.in_bytes, >=, lost_bytes);
      /* None without a word: the commit before this one or this one told of it. */
      if (now.in_frames > lost_frames)
        g_assert_true (failing || was_failing);
      lost_frames = now.in_frames;
      lost_bytes = now.in_bytes;
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

/* A name space of its own for mounts, as root or as an ordinary user who becomes root in it. */
static bool
enter_name_space (void)
{
  g_autofree char *uid_map = g_strdup_printf ("0 %u 1", (unsigned) geteuid ());
  g_autofree char *gid_map = g_strdup_printf ("0 %u 1", (unsigned) getegid ());
  const struct
  {
    const char *path;
    const char *text;
  } maps[] = { { "/proc/self/setgroups", "deny" },
               { "/proc/self/uid_map", uid_map },
               { "/proc/self/gid_map", gid_map } };

  if (geteuid () == 0 && unshare (CLONE_NEWNS) == 0)
    return mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  if (unshare (CLONE_NEWUSER | CLONE_NEWNS) < 0)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (maps); i++)
    {
      PTL_AUTO_FD fd = open (maps[i].path, O_WRONLY | O_CLOEXEC);

      if (fd < 0 || write (fd, maps[i].text, strlen (maps[i].text)) < 0)
        return false;
    }
  return true;
}

/* In a file system of 2 MiB of its own.  Ends with 0, or 77 where that is not allowed. */
static int
fill_disk (const char *folder)
{
  g_autofree char   *dir = g_build_filename (folder, "log", NULL);
  g_autofree char   *ballast = g_build_filename (folder, "ballast", NULL);
  g_autofree char   *zeros = g_malloc0 (512 * 1024);
  g_autoptr (GError) error = NULL;
  PtlLog            *log;
  PtlSink           *sink;
  uint64_t           n = 0;
  PtlLost            lost = { 0 };

  if (!enter_name_space ()
      || mount ("tmpfs", folder, "tmpfs", MS_NOSUID, "size=2m,mode=0777") < 0
      || !g_file_set_contents (ballast, zeros, 512 * 1024, NULL))
    return 77;
  log = make_log (dir, 0);
  ptl_log_set_keep_free (log, 0);
  sink = ptl_log_make_sink (log);

  for (int round = 0; round < 2; round++)
    {
      int result;

      do
        {
          if (n % 2)
            append_pipe (log, sink, n++, 60000);
          else
            append (log, sink, n++, PTL_FRAME_IN, 60000);
          append (log, sink, n++, PTL_FRAME_IN, 100);
          result = sink->klass->commit (sink);
        }
      while (result == 0);
      g_assert_cmpint (result, ==, -ENOSPC);

      /* Small frames may still find room in the last block: that is no room. */
      for (int i = 0; i < 5; i++)
        {
          append (log, sink, n++, PTL_FRAME_IN, 10);
          g_assert_cmpint (sink->klass->commit (sink), ==, -ENOSPC);
          sink->klass->get_lost (sink, &lost);
          g_assert_cmpuint (ptl_log_get_n_frames (log) + lost.in_frames, ==, n);
        }
      g_assert_cmpuint (lost.in_frames, >, 0);

      if (round == 0)
        {
          g_assert_cmpint (g_remove (ballast), ==, 0);
          g_assert_cmpint (sink->klass->commit (sink), ==, 0);
        }
    }
  sink->klass->close (sink);

  for (uint64_t i = 0; i < ptl_log_get_n_frames (log); i++)
    {
      PtlFrame frame;

      g_assert_true (ptl_log_get_frame (log, i, &frame));
      check_frame (log, i, frame.time_ns / 10, frame.length);
    }
  ptl_log_unref (log);
  log = ptl_log_open (dir, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ptl_log_get_n_frames (log) + lost.in_frames, ==, n);
  ptl_log_unref (log);
  return 0;
}

static uint64_t
get_free_bytes (const char *folder)
{
  struct statvfs disk;

  g_assert_cmpint (statvfs (folder, &disk), ==, 0);
  return (uint64_t) disk.f_bavail * disk.f_frsize;
}

/* Appends until the commit says that there is no room, and a few more; the count of all. */
static uint64_t
append_until_full (PtlLog  *log,
                   PtlSink *sink,
                   uint64_t n)
{
  PtlLost lost;
  int     result;

  do
    {
      if (n % 3 == 0)
        append_pipe (log, sink, n, 200000);
      else
        append (log, sink, n, PTL_FRAME_IN, n % 3 == 1 ? 100000 : 100);
      n++;
      result = sink->klass->commit (sink);
    }
  while (result == 0);
  g_assert_cmpint (result, ==, -ENOSPC);
  for (int i = 0; i < 5; i++)
    {
      append (log, sink, n++, PTL_FRAME_IN, 100000);
      g_assert_cmpint (sink->klass->commit (sink), ==, -ENOSPC);
    }
  sink->klass->get_lost (sink, &lost);
  g_assert_cmpuint (lost.in_frames, >, 0);
  g_assert_cmpuint (ptl_log_get_n_frames (log) + lost.in_frames, ==, n);
  return n;
}

/* In a file system of 64 MiB of its own: a twentieth of it stays free, or what was asked for. */
static int
fill_but_reserve (const char *folder)
{
  const uint64_t     mebi = 1024 * 1024;
  const uint64_t     keep = 64 * mebi / PTL_LOG_KEEP_FREE_PART;
  const uint64_t     slack = 64 * 1024; /* the last page of each file */
  g_autofree char   *ballast = g_build_filename (folder, "ballast", NULL);
  g_autofree char   *zeros = g_malloc0 (8 * mebi);
  g_autofree char   *first_dir = g_build_filename (folder, "first", NULL);
  g_autofree char   *second_dir = g_build_filename (folder, "second", NULL);
  g_autofree char   *third_dir = g_build_filename (folder, "third", NULL);
  PtlLog            *log;
  PtlSink           *sink;
  uint64_t           n;
  uint64_t           n_recorded;

  if (!enter_name_space ()
      || mount ("tmpfs", folder, "tmpfs", MS_NOSUID, "size=64m,mode=0777") < 0
      || !g_file_set_contents (ballast, zeros, 8 * mebi, NULL))
    return 77;

  log = make_log (first_dir, 0);
  sink = ptl_log_make_sink (log);
  n = append_until_full (log, sink, 0);
  g_assert_cmpuint (get_free_bytes (folder) + slack, >=, keep);
  g_assert_cmpuint (get_free_bytes (folder), <, keep + 2 * mebi);
  /* Somebody makes room: it goes on, as far as before. */
  n_recorded = ptl_log_get_n_frames (log);
  g_assert_cmpint (g_remove (ballast), ==, 0);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  append_until_full (log, sink, n);
  g_assert_cmpuint (ptl_log_get_n_frames (log), >, n_recorded + 30);
  g_assert_cmpuint (get_free_bytes (folder) + slack, >=, keep);
  sink->klass->close (sink);
  for (uint64_t i = 0; i < ptl_log_get_n_frames (log); i++)
    {
      PtlFrame frame;

      g_assert_true (ptl_log_get_frame (log, i, &frame));
      check_frame (log, i, frame.time_ns / 10, frame.length);
    }
  ptl_log_unref (log);

  /* A short conversation is recorded all the same. */
  log = make_log (second_dir, 0);
  sink = ptl_log_make_sink (log);
  for (n = 0; n < 20; n++)
    {
      append (log, sink, n, PTL_FRAME_IN, 50000);
      g_assert_cmpint (sink->klass->commit (sink), ==, 0);
    }
  sink->klass->close (sink);
  ptl_log_unref (log);
  g_assert_cmpuint (get_free_bytes (folder), <, keep);

  /* Nothing is to stay free: it takes all. */
  log = make_log (third_dir, 0);
  ptl_log_set_keep_free (log, 0);
  sink = ptl_log_make_sink (log);
  append_until_full (log, sink, 0);
  sink->klass->close (sink);
  ptl_log_unref (log);
  g_assert_cmpuint (get_free_bytes (folder), <, 64 * 1024);
  return 0;
}

/* What is allocated ahead counts as taken: as much stays free as was asked for. */
static int
reserve_ahead (const char *folder)
{
  const uint64_t   mebi = 1024 * 1024;
  g_autofree char *dir = g_build_filename (folder, "log", NULL);
  PtlLog          *log;
  PtlSink         *sink;

  if (!enter_name_space ()
      || mount ("tmpfs", folder, "tmpfs", MS_NOSUID, "size=64m,mode=0777") < 0)
    return 77;
  log = make_log (dir, 0);
  ptl_log_set_keep_free (log, 24 * mebi);
  log->ahead_from = 0;
  sink = ptl_log_make_sink (log);
  for (uint64_t n = 0; sink->klass->commit (sink) == 0; n++)
    {
      append (log, sink, n, PTL_FRAME_IN, 60000);
      g_assert_cmpuint (get_free_bytes (folder) + mebi / 16, >=, 24 * mebi);
    }
  g_assert_cmpuint (get_free_bytes (folder), <, 26 * mebi);
  g_assert_cmpuint (log->ahead_from, ==, PTL_LOG_AHEAD_NEVER);
  sink->klass->close (sink);
  ptl_log_unref (log);
  return 0;
}

/* Blocks that were allocated ahead for the data are the index's when the disk has no others.  Ends
 * with 0, or 77 where that is not allowed. */
static int
fill_index (const char *folder)
{
  g_autofree char *dir = g_build_filename (folder, "log", NULL);
  struct stat      st;
  PtlLog          *log;
  PtlSink         *sink;
  uint64_t         n = 0;
  PtlLost          lost;

  if (!enter_name_space ()
      || mount ("tmpfs", folder, "tmpfs", MS_NOSUID, "size=20m,mode=0777") < 0)
    return 77;
  log = make_log (dir, 0);
  ptl_log_set_keep_free (log, 0);
  log->ahead_from = 0;
  sink = ptl_log_make_sink (log);
  append (log, sink, n++, PTL_FRAME_IN, 60000);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  g_assert_cmpint (fstat (log->data_fd, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 60000);
  g_assert_cmpint (st.st_blocks * 512, >, (int) PTL_LOG_AHEAD);

  /* More records than there was room for beside what was allocated ahead. */
  for (; n < 18u * 1024 * 1024 / sizeof (PtlFrame); n++)
    {
      append (log, sink, n, PTL_FRAME_IN, 0);
      if (n % 1000 == 0)
        g_assert_cmpint (sink->klass->commit (sink), ==, 0);
    }
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  sink->klass->get_lost (sink, &lost);
  g_assert_cmpuint (lost.in_frames, ==, 0);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, n);
  g_assert_cmpint (fstat (log->data_fd, &st), ==, 0);
  g_assert_cmpint (st.st_blocks * 512, <, (int) PTL_LOG_AHEAD_SLACK);
  check_frame (log, 0, 0, 60000);
  append_until_full (log, sink, n);
  sink->klass->close (sink);
  ptl_log_unref (log);
  return 0;
}

/* A disk that is really full, or all but; in a process of its own, for the name space. */
static void
test_real_disk (Fixture      *fixture,
                gconstpointer data)
{
  int (*fill) (const char *folder) = data;
  int   status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (fill (fixture->parent));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    g_test_skip ("no file system of one's own here");
  else
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
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
  PtlLost            lost;

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
  sink->klass->get_lost (sink, &lost);
  g_assert_cmpuint (lost.in_frames, ==, 2);
  g_assert_cmpuint (lost.in_bytes, ==, 1001);
  g_assert_cmpuint (lost.events, >, 0);
  g_assert_cmpuint (ptl_log_get_n_frames (log) + lost.events, ==, n_recorded + 1 + 1000);
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/log-full/full-disk", test_full_disk);
  g_test_add ("/log-full/full-disk-ahead", Fixture, "ahead", set_up, test_full_disk, tear_down);
  g_test_add ("/log-full/index-ahead", Fixture, fill_index, set_up, test_real_disk, tear_down);
  g_test_add ("/log-full/keep-ahead", Fixture, reserve_ahead, set_up, test_real_disk, tear_down);
  g_test_add ("/log-full/real-disk", Fixture, fill_disk, set_up, test_real_disk, tear_down);
  g_test_add ("/log-full/keep-free", Fixture, fill_but_reserve, set_up, test_real_disk, tear_down);
  TEST ("/log-full/index-cut", test_index_cut);
  TEST ("/log-full/file-size-limit", test_file_size_limit);
  TEST ("/log-full/limit", test_limit);
  TEST ("/log-full/lost-peers", test_lost_peers);
  return g_test_run ();
}
