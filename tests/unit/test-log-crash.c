/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kill -9 at any moment: everything that was published is offered and whole afterwards. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-fd.h"
#include "log/ptl-log-private.h"

#define N_KILLS 60
/* The child ends by itself at some time, so that a test that was stopped leaves none behind. */
#define MAX_BYTES (UINT64_C (256) * 1024 * 1024)
#define MAX_LENGTH 300000u

static char *parent;

/* A frame's length and bytes follow from its number. */
static uint32_t
length_of (uint64_t number)
{
  uint32_t hash = (uint32_t) (number * UINT64_C (2654435761) >> 7);

  switch (hash % 50)
    {
    case 0:
      return hash / 50 % MAX_LENGTH;
    case 1:
    case 2:
      return hash / 50 % 40000;
    default:
      return hash / 50 % 200;
    }
}

static void
fill (uint64_t number,
      uint8_t *bytes,
      uint32_t length)
{
  for (uint32_t i = 0; i < length; i++)
    bytes[i] = (uint8_t) (number * 29 + i * 13 + (i >> 9));
}

/* The writer: tells how many frames were committed, and is killed while it works. */
static void
write_forever (const char *dir,
               int         told_fd,
               uint32_t    seed)
{
  uint8_t *bytes = g_malloc (MAX_LENGTH);
  PtlLog  *log = ptl_log_create (dir, "tcp://127.0.0.1:9", 0, NULL);
  PtlSink *sink = log != NULL ? ptl_log_make_sink (log) : NULL;
  int      fds[2];

  if (sink == NULL || pipe2 (fds, O_CLOEXEC) < 0 || fcntl (fds[1], F_SETPIPE_SZ, 1 << 20) < 0)
    _exit (1);
  for (uint64_t n = 0, total = 0; total < MAX_BYTES; n++)
    {
      PtlFrame frame = { .length = length_of (n),
                         .time_ns = ptl_log_get_start_monotonic_ns (log) + n,
                         .peer = (uint32_t) (n / 100 + 1) };

      if (n % 100 == 0)
        {
          PtlAddress address = { .len = sizeof (struct sockaddr_in) };

          address.in.sin_family = AF_INET;
          address.in.sin_port = (in_port_t) frame.peer;
          sink->klass->add_peer (sink, frame.peer, &address);
        }
      fill (n, bytes, frame.length);
      if (n % 3 == 0)
        {
          if (write (fds[1], bytes, frame.length) != frame.length)
            _exit (2);
          sink->klass->append_pipe (sink, &frame, fds[0]);
        }
      else
        {
          sink->klass->append (sink, &frame, bytes);
        }
      total += frame.length;

      seed = seed * 1103515245 + 12345;
      if (seed >> 16 & 0x3)
        continue;
      if (sink->klass->commit (sink) < 0)
        _exit (3);
      n++;
      if (write (told_fd, &n, sizeof n) != sizeof n)
        _exit (4);
      n--;
    }
  sink->klass->close (sink);
  ptl_log_unref (log);
  _exit (0);
}

static uint64_t
check_left (const char *dir,
            uint64_t    told)
{
  g_autoptr (GError)  error = NULL;
  g_autoptr (PtlLog)  log = ptl_log_open (dir, &error);
  g_autofree uint8_t *bytes = g_malloc (MAX_LENGTH);
  g_autofree uint8_t *expected = g_malloc (MAX_LENGTH);
  uint64_t            n_frames;

  g_assert_no_error (error);
  n_frames = ptl_log_get_n_frames (log);
  g_assert_cmpuint (n_frames, >=, told);
  for (uint64_t n = 0; n < n_frames; n++)
    {
      PtlFrame   frame;
      PtlAddress address;

      g_assert_true (ptl_log_get_frame (log, n, &frame));
      g_assert_cmpuint (frame.time_ns, ==, n);
      g_assert_cmpuint (frame.length, ==, length_of (n));
      g_assert_cmpint (ptl_log_read (log, &frame, 0, bytes, MAX_LENGTH), ==, frame.length);
      fill (n, expected, frame.length);
      if (memcmp (bytes, expected, frame.length) != 0)
        g_error ("frame %" G_GUINT64_FORMAT " has other bytes", n);
      g_assert_cmpuint (frame.peer, ==, n / 100 + 1);
      g_assert_true (ptl_log_get_peer (log, frame.peer, &address));
      g_assert_cmpuint (address.in.sin_port, ==, (in_port_t) frame.peer);
    }
  return n_frames;
}

static void
test_killed (void)
{
  g_autoptr (GRand) rand = g_rand_new ();
  uint64_t          n_kept = 0;
  unsigned          n_killed = 0;

  for (unsigned round = 0; round < N_KILLS; round++)
    {
      g_autofree char *dir = g_strdup_printf ("%s/%u", parent, round);
      g_auto (GStrv)   left = NULL;
      /* Early ones, while it is set up, and late ones. */
      uint64_t         goal = g_rand_int_range (rand, 0, round % 3 == 0 ? 3 : 3000);
      uint64_t         told = 0;
      PTL_AUTO_FD      told_fd = -1;
      unsigned         n_left;
      int              fds[2];
      int              status;
      pid_t            child;

      g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
      told_fd = fds[0];
      child = fork ();
      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        write_forever (dir, fds[1], g_rand_int (rand));
      close (fds[1]);

      while (told < goal)
        if (read (told_fd, &told, sizeof told) != sizeof told)
          break;
      /* Not always just after a commit. */
      for (volatile int i = g_rand_int_range (rand, 0, 100000); i > 0; i--)
        ;
      g_assert_cmpint (kill (child, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      n_killed += WIFSIGNALED (status);
      /* What it told before it died. */
      while (read (told_fd, &told, sizeof told) == sizeof told)
        ;

      left = ptl_log_list_left (parent);
      n_left = g_strv_length (left);
      g_assert_cmpuint (n_left, <=, 1);
      if (told > 0)
        g_assert_cmpuint (n_left, ==, 1);
      if (n_left == 1)
        {
          g_autoptr (GError) error = NULL;

          g_assert_cmpstr (left[0], ==, dir);
          n_kept += check_left (dir, told);
          g_assert_true (ptl_log_discard (dir, &error));
          g_assert_no_error (error);
        }
      else if (g_file_test (dir, G_FILE_TEST_EXISTS))
        {
          /* Killed before the header was there: at most a lock and empty files. */
          ptl_log_discard (dir, NULL);
          g_rmdir (dir);
        }
      g_assert_false (g_file_test (dir, G_FILE_TEST_EXISTS));
    }
  g_assert_cmpuint (n_killed, ==, N_KILLS);
  g_test_message ("%u kills, %" G_GUINT64_FORMAT " frames kept", n_killed, n_kept);
  g_assert_cmpuint (n_kept, >, 1000);
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  parent = g_dir_make_tmp ("ptl-crash-XXXXXX", NULL);
  g_test_add_func ("/log-crash/killed", test_killed);
  result = g_test_run ();
  g_rmdir (parent);
  g_free (parent);
  return result;
}
