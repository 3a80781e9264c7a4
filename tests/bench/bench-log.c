/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the log costs: appending frame by frame up to 10 million, taking bytes from a socket into it
 * by write and by splice, reading and filtering.  A bare loop of the same run stands beside each.
 *
 *    bench-log [append|stream [FOLDER]]    files of up to 2 GiB are made there, and removed */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/ptl-clock.h"
#include "log/ptl-filter.h"
#include "log/ptl-log.h"

#define MILLION 1000000u
#define N_MILLIONS 10u
#define FRAME_BYTES 64u
#define COMMIT_FRAMES 64u
#define STREAM_BYTES (UINT64_C (2) << 30)
#define READ_BYTES (256u * 1024)

static char *parent;

/* Processor time of this thread: says more than the clock where others are at work, too. */
static uint64_t
get_thread_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &ts);
  return (uint64_t) ts.tv_sec * PTL_NS_PER_S + (uint64_t) ts.tv_nsec;
}

static double
to_s (uint64_t ns)
{
  return (double) ns / 1e9;
}

/* Anonymous memory of this process, KiB. */
static unsigned long
get_rss_anon (void)
{
  g_autofree char *status = NULL;
  const char      *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return 0;
  line = strstr (status, "RssAnon:");
  return line != NULL ? strtoul (line + 8, NULL, 10) : 0;
}

static PtlLog *
make_log (const char *name)
{
  g_autofree char   *dir = g_build_filename (parent, name, NULL);
  g_autoptr (GError) error = NULL;
  PtlLog            *log = ptl_log_create (dir, "tcp://127.0.0.1:0", 0, &error);

  if (log == NULL)
    g_error ("%s", error->message);
  return log;
}

static void
discard (PtlLog *log)
{
  g_autofree char *dir = g_strdup (ptl_log_get_dir (log));

  ptl_log_unref (log);
  ptl_log_discard (dir, NULL);
}

/* The same bytes by plain write(2), as many at a time as a commit has. */
static void
bench_bare_append (void)
{
  g_autofree char *path = g_build_filename (parent, "bare", NULL);
  int              fd = open (path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  char             bytes[COMMIT_FRAMES * (FRAME_BYTES + sizeof (PtlFrame))] = { 0 };
  uint64_t         start = ptl_clock_monotonic_ns ();

  for (unsigned i = 0; i < MILLION / COMMIT_FRAMES; i++)
    if (write (fd, bytes, sizeof bytes) != sizeof bytes)
      g_error ("write: %s", g_strerror (errno));
  printf ("append: bare write(2) of the same bytes, one a commit: %.1f ns a frame\n",
          (double) (ptl_clock_monotonic_ns () - start) / MILLION);
  close (fd);
  unlink (path);
}

static PtlLog *
bench_append (void)
{
  PtlLog  *log = make_log ("append");
  PtlSink *sink = ptl_log_make_sink (log);
  char     bytes[FRAME_BYTES] = "GET / HTTP/1.1\r\n";
  uint64_t number = 0;

  for (unsigned m = 1; m <= N_MILLIONS; m++)
    {
      uint64_t start = ptl_clock_monotonic_ns ();

      for (unsigned i = 0; i < MILLION; i++, number++)
        {
          PtlFrame frame = { .time_ns = number, .length = FRAME_BYTES, .kind = PTL_FRAME_IN };

          sink->klass->append (sink, &frame, bytes);
          if (number % COMMIT_FRAMES == 0 && sink->klass->commit (sink) < 0)
            g_error ("the disk is full");
        }
      printf ("append: frames to %2u million: %.1f ns a frame, RssAnon %lu KiB\n", m,
              (double) (ptl_clock_monotonic_ns () - start) / MILLION, get_rss_anon ());
    }
  sink->klass->commit (sink);
  sink->klass->close (sink);
  return log;
}

static void
bench_read (PtlLog *log)
{
  uint64_t n_frames = ptl_log_get_n_frames (log);
  uint64_t random = 1;
  uint64_t start = ptl_clock_monotonic_ns ();

  for (unsigned i = 0; i < MILLION; i++)
    {
      PtlFrame frame;

      random = random * UINT64_C (6364136223846793005) + 1;
      if (!ptl_log_get_frame (log, (random >> 20) % n_frames, &frame))
        g_error ("no such frame");
    }
  printf ("read: a record anywhere: %.0f ns\n",
          (double) (ptl_clock_monotonic_ns () - start) / MILLION);
}

static void
bench_scan (PtlLog     *log,
            const char *text)
{
  uint64_t start = ptl_clock_monotonic_ns ();
  PtlScan *scan = ptl_scan_new (log, ptl_filter_parse (text, NULL, NULL), 0, NULL, NULL);
  uint64_t n_frames = ptl_log_get_n_frames (log);
  uint64_t scanned = 0;
  uint64_t n = 0;
  uint64_t took;

  while (scanned < n_frames)
    {
      struct timespec pause = { .tv_nsec = 1000000 };

      nanosleep (&pause, NULL);
      n = ptl_scan_get_n (scan, &scanned);
    }
  took = ptl_clock_monotonic_ns () - start;
  printf ("filter: %-12s %.2f s for %" G_GUINT64_FORMAT " frames, %" G_GUINT64_FORMAT
          " match, RssAnon %lu KiB\n",
          text, to_s (took), n_frames, n, get_rss_anon ());

  if (n > 0)
    {
      uint64_t random = 1;
      uint64_t sum = 0;

      start = ptl_clock_monotonic_ns ();
      for (unsigned i = 0; i < MILLION; i++)
        {
          random = random * UINT64_C (6364136223846793005) + 1;
          sum += ptl_scan_get_nth (scan, (random >> 20) % n);
        }
      took = ptl_clock_monotonic_ns () - start;
      printf ("filter: the frame of a row: %.0f ns (%u)\n", (double) took / MILLION,
              (unsigned) (sum & 1));
    }
  ptl_scan_free (scan);
}

typedef enum
{
  STREAM_BARE,
  STREAM_APPEND,
  STREAM_SPLICE,
  N_STREAMS
} StreamHow;

static void *
send_stream (void *data)
{
  int      fd = GPOINTER_TO_INT (data);
  uint64_t left = STREAM_BYTES;
  char    *bytes = g_malloc0 (READ_BYTES);

  while (left > 0)
    {
      ssize_t n = send (fd, bytes, MIN (left, READ_BYTES), MSG_NOSIGNAL);

      if (n < 0)
        break;
      left -= (uint64_t) n;
    }
  shutdown (fd, SHUT_WR);
  g_free (bytes);
  return NULL;
}

static void
make_tcp_pair (int fds[2])
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          len = sizeof address;
  int                listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fds[0] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind (listener, (struct sockaddr *) &address, sizeof address) < 0
      || listen (listener, 1) < 0
      || getsockname (listener, (struct sockaddr *) &address, &len) < 0
      || connect (fds[0], (struct sockaddr *) &address, sizeof address) < 0)
    g_error ("loopback: %s", g_strerror (errno));
  fds[1] = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  close (listener);
}

static void
bench_stream (StreamHow how)
{
  static const char *const names[] = { "bare recv(2)", "recv, append", "splice, append_pipe" };
  PtlLog   *log = make_log ("stream");
  PtlSink  *sink = ptl_log_make_sink (log);
  char     *bytes = g_malloc0 (READ_BYTES);
  pthread_t sender;
  uint64_t  total = 0;
  uint64_t  start;
  uint64_t  thread_start;
  uint64_t  n_frames = 0;
  int       fds[2];
  int       pipe_fds[2];

  make_tcp_pair (fds);
  if (pipe2 (pipe_fds, O_CLOEXEC) < 0 || fcntl (pipe_fds[1], F_SETPIPE_SZ, 1 << 20) < 0)
    g_error ("pipe: %s", g_strerror (errno));
  pthread_create (&sender, NULL, send_stream, GINT_TO_POINTER (fds[1]));
  start = ptl_clock_monotonic_ns ();
  thread_start = get_thread_ns ();
  while (true)
    {
      PtlFrame frame = { .time_ns = ptl_clock_monotonic_ns (), .kind = PTL_FRAME_IN };
      ssize_t  n = how == STREAM_SPLICE
                     ? splice (fds[0], NULL, pipe_fds[1], NULL, READ_BYTES, SPLICE_F_MOVE)
                     : recv (fds[0], bytes, READ_BYTES, 0);

      if (n <= 0)
        break;
      total += (uint64_t) n;
      n_frames++;
      frame.length = (uint32_t) n;
      if (how == STREAM_APPEND)
        sink->klass->append (sink, &frame, bytes);
      else if (how == STREAM_SPLICE)
        sink->klass->append_pipe (sink, &frame, pipe_fds[0]);
      if (sink->klass->commit (sink) < 0)
        g_error ("the disk is full");
    }
  printf ("stream: %-20s %.2f GB/s, %.2f s of processor time a GB, %.0f KiB a frame\n",
          names[how], (double) total / 1e9 / to_s (ptl_clock_monotonic_ns () - start),
          to_s (get_thread_ns () - thread_start) / ((double) total / 1e9),
          (double) total / 1024 / (double) MAX (n_frames, 1));
  pthread_join (sender, NULL);
  close (fds[0]);
  close (fds[1]);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
  g_free (bytes);
  sink->klass->close (sink);
  discard (log);
}

int
main (int    argc,
      char **argv)
{
  const char *what = argc > 1 ? argv[1] : NULL;

  setvbuf (stdout, NULL, _IOLBF, 0);
  parent = argc > 2 ? g_build_filename (argv[2], "ptl-bench-XXXXXX", NULL) : NULL;
  if (parent == NULL)
    parent = g_dir_make_tmp ("ptl-bench-XXXXXX", NULL);
  else if (g_mkdtemp (parent) == NULL)
    g_error ("%s: %s", argv[2], g_strerror (errno));

  if (what == NULL || strcmp (what, "append") == 0)
    {
      PtlLog *log;

      bench_bare_append ();
      log = bench_append ();
      bench_read (log);
      bench_scan (log, "dir:in");
      bench_scan (log, "http");
      bench_scan (log, "nothing");
      discard (log);
    }
  if (what == NULL || strcmp (what, "stream") == 0)
    for (int round = 0; round < 2; round++)
      for (int how = 0; how < N_STREAMS; how++)
        bench_stream ((StreamHow) how);
  g_rmdir (parent);
  g_free (parent);
  return 0;
}
