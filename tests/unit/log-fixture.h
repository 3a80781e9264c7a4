/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the log share: a folder, frames whose bytes follow from their number, and a
 * look at them. */
#pragma once

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "log/ptl-log-private.h"

typedef struct
{
  char *parent;
  char *dir;
} Fixture;

static inline void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->parent = g_dir_make_tmp ("ptl-log-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->dir = g_build_filename (fixture->parent, "one", NULL);
}

static inline void
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

static inline void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  remove_tree (fixture->parent);
  g_free (fixture->dir);
  g_free (fixture->parent);
}

static inline PtlLog *
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
static inline uint8_t
byte_of (uint64_t number,
         uint64_t i)
{
  return (uint8_t) (number * 131 + i * 7 + (i >> 8));
}

static inline uint8_t *
make_bytes (uint64_t number,
            size_t   len_bytes)
{
  uint8_t *bytes = g_malloc (len_bytes + 1);

  for (size_t i = 0; i < len_bytes; i++)
    bytes[i] = byte_of (number, i);
  return bytes;
}

static inline PtlFrame
make_frame (PtlLog      *log,
            uint64_t     number,
            PtlFrameKind kind,
            uint32_t     length)
{
  return (PtlFrame) { .time_ns = ptl_log_get_start_monotonic_ns (log) + number * 10,
                      .length = length,
                      .kind = kind };
}

static inline void
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
static inline void
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
static inline void
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

static inline void
assert_lost (PtlSink *sink,
             uint64_t frames,
             uint64_t bytes)
{
  PtlLost lost;

  sink->klass->get_lost (sink, &lost);
  g_assert_cmpuint (lost.in_frames, ==, frames);
  g_assert_cmpuint (lost.in_bytes, ==, bytes);
  g_assert_cmpuint (lost.out_frames, ==, 0);
  g_assert_cmpuint (lost.out_bytes, ==, 0);
  g_assert_cmpuint (lost.events, ==, 0);
}

static const uint32_t log_lengths[] = {
  0,     1,      14,     64,     1400,   4096,   32767, 32768,
  65507, 100000, 262143, 262144, 262145, 300000, 1,
};

#define TEST(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)
