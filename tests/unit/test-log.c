/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traffic log: what is appended is read back, and a damaged folder does no harm. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/ptl-error.h"
#include "base/ptl-fd.h"
#include "log-fixture.h"

static void
test_append (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (PtlLog) log = make_log (fixture->dir, 0);
  g_autoptr (PtlLog) again = NULL;
  g_autoptr (GError) error = NULL;
  PtlSink           *sink = ptl_log_make_sink (log);
  PtlFrame           frame;
  const size_t       n_lengths = G_N_ELEMENTS (log_lengths);
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
      uint32_t length = log_lengths[(i * 7) % n_lengths];

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
    check_frame (log, i, i, log_lengths[(i * 7) % n_lengths]);
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
    check_frame (again, i, i, log_lengths[(i * 7) % n_lengths]);
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
  g_autofree char   *headless = g_build_filename (fixture->parent, "headless", NULL);
  g_autofree char   *aside = NULL;
  g_autofree char   *back = NULL;
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

  /* One that cannot be read is: its frames are not forgotten.  With none there is nothing. */
  g_assert_cmpint (g_mkdir (headless, 0700), ==, 0);
  overwrite (headless, "header", "PtlLog9\n", -1);
  overwrite (headless, "index", "", -1);
  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 2);
  g_clear_pointer (&left, g_strfreev);
  overwrite (headless, "index", "a frame", -1);
  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 3);
  g_assert_cmpstr (left[2], ==, headless);
  g_clear_pointer (&left, g_strfreev);
  g_assert_null (ptl_log_open (headless, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (ptl_log_discard (headless, &error));
  g_assert_no_error (error);

  /* One that is being read is not left either. */
  first = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 1);
  g_clear_pointer (&left, g_strfreev);
  ptl_log_unref (first);

  /* One that is set aside is not left, and can be taken back. */
  aside = ptl_log_set_aside (fixture->dir, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
  left = ptl_log_list_left (fixture->parent);
  g_assert_cmpuint (g_strv_length (left), ==, 1);
  g_clear_pointer (&left, g_strfreev);
  first = ptl_log_open (aside, &error);
  g_assert_no_error (error);
  g_assert_null (ptl_log_take_back (aside, &error));
  g_assert_error (error, PTL_ERROR, PTL_ERROR_IO);
  g_clear_error (&error);
  ptl_log_sweep (fixture->parent); /* somebody has it open */
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  ptl_log_unref (first);
  back = ptl_log_take_back (aside, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (back, ==, fixture->dir);
  g_free (aside);
  aside = ptl_log_set_aside (other, &error);
  g_assert_no_error (error);
  ptl_log_sweep (fixture->parent);
  g_assert_false (g_file_test (aside, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
  ptl_log_unref (make_log (other, 0));

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

static void
assert_allocated (const char *dir,
                  uint64_t    at_least,
                  uint64_t    at_most)
{
  g_autofree char *path = g_build_filename (dir, "data", NULL);
  struct stat      st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint ((uint64_t) st.st_blocks * 512, >=, at_least);
  g_assert_cmpuint ((uint64_t) st.st_blocks * 512, <=, at_most);
}

/* Blocks are allocated ahead from some size on, and given back when the log is closed or, where its
 * writer was killed, opened. */
static void
test_ahead (Fixture      *fixture,
            gconstpointer data)
{
  bool               killed = data != NULL;
  PtlLog            *log = make_log (fixture->dir, 0);
  PtlSink           *sink = ptl_log_make_sink (log);
  uint64_t           n = 0;
  g_autoptr (GError) error = NULL;

  if (log->ahead_from == PTL_LOG_AHEAD_NEVER)
    {
      g_test_skip ("the folder for temporary files is not on ext4");
      sink->klass->close (sink);
      ptl_log_unref (log);
      return;
    }
  for (; n * 65536 < PTL_LOG_AHEAD_FROM; n++)
    append (log, sink, n, PTL_FRAME_IN, 65536);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  assert_allocated (fixture->dir, 0, n * 65536 + PTL_LOG_AHEAD_SLACK);
  append (log, sink, n++, PTL_FRAME_IN, 65536);
  append_pipe (log, sink, n++, 65536);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  assert_allocated (fixture->dir, n * 65536 + PTL_LOG_AHEAD / 2,
                    n * 65536 + PTL_LOG_AHEAD + PTL_LOG_AHEAD_SLACK);
  for (uint64_t i = 0; i < n; i++)
    check_frame (log, i, i, 65536);

  if (!killed)
    {
      sink->klass->close (sink);
      assert_allocated (fixture->dir, 0, n * 65536 + PTL_LOG_AHEAD_SLACK);
      ptl_log_unref (log);
    }
  else
    {
      /* As a killed writer leaves it: those of this one are given back, others come. */
      PTL_AUTO_FD fd = dup (log->data_fd);

      sink->klass->close (sink);
      ptl_log_unref (log);
      g_assert_cmpint (fallocate (fd, FALLOC_FL_KEEP_SIZE, (off_t) (n * 65536), 8 << 20), ==, 0);
      assert_allocated (fixture->dir, n * 65536 + (8 << 20), UINT64_MAX);
    }

  log = ptl_log_open (fixture->dir, &error);
  g_assert_no_error (error);
  assert_allocated (fixture->dir, 0, n * 65536 + PTL_LOG_AHEAD_SLACK);
  g_assert_cmpuint (ptl_log_get_n_frames (log), ==, n);
  for (uint64_t i = 0; i < n; i++)
    check_frame (log, i, i, 65536);
  ptl_log_unref (log);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/log/append", test_append);
  TEST ("/log/no-commit", test_no_commit);
  TEST ("/log/read", test_read);
  TEST ("/log/peers", test_peers);
  TEST ("/log/damaged", test_damaged);
  TEST ("/log/peer-record-hostile", test_peer_record_hostile);
  TEST ("/log/left", test_left);
  TEST ("/log/discard-open", test_discard_open);
  TEST ("/log/large", test_large);
  TEST ("/log/readers", test_readers);
  TEST ("/log/ahead", test_ahead);
  g_test_add ("/log/ahead-left", Fixture, "left", set_up, test_ahead, tear_down);
  return g_test_run ();
}
