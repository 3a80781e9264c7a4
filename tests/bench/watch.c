/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a GTK program: watches its main loop and its frame clock from within.
 *
 * The time from one poll() or ppoll() of the main thread to the next is how long the loop was busy:
 * a stall when it is long.  The frame clock of the first window tells each of its frames, and its
 * surface each that was drawn: a clock may tick with nothing to draw.  All go into the file
 * $PTL_WATCH_FILE: words of 8 bytes: kind ('S' stall of more than a millisecond, 'F' frame, 'R' it
 * was drawn, 'U' the open sockets are up to date, 'M' the button with the label $PTL_WATCH_LABEL
 * came, 'T' one time stamp at the start), time in ns (CLOCK_MONOTONIC), duration in ns (of 'U': how
 * many; of 'M': since the display server let go of the pointer's button, to the millisecond), and
 * how much of that the thread was on a processor (the rest it waited for one, or was blocked).  An
 * 'S' is followed by a 'D' of the same time and duration, and how much of that it waited for a
 * processor (schedstat of proc(5); 0 where the kernel does not count it).  With $PTL_WATCH_ROWS 'L'
 * tells that a list of frames was drawn with other rows than before: the time, how many, and what
 * the main thread and the program's own ones have waited for a processor so far. */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <gtk/gtk.h>

#define STALL_NS 1000000

static int out = -1;
static int schedstat = -1;
static uint64_t busy_since;
static uint64_t busy_since_cpu;
static uint64_t busy_since_delay;
static uint64_t painting_since;
static uint64_t painting_since_cpu;
static gboolean connected;
static GdkSurface *watched;
static uint64_t n_rows;
static gboolean rows_changed;

static uint64_t
read_clock (clockid_t clock)
{
  struct timespec ts;

  clock_gettime (clock, &ts);
  return (uint64_t) ts.tv_sec * 1000000000u + (uint64_t) ts.tv_nsec;
}

static uint64_t
now_ns (void)
{
  return read_clock (CLOCK_MONOTONIC);
}

static uint64_t
cpu_ns (void)
{
  return read_clock (CLOCK_THREAD_CPUTIME_ID);
}

/* What the main thread has waited for a processor so far. */
static uint64_t
delay_ns (void)
{
  char text[64];
  ssize_t n = schedstat >= 0 ? pread (schedstat, text, sizeof text - 1, 0) : -1;
  unsigned long long on_cpu, delay;

  if (n <= 0)
    return 0;
  text[n] = '\0';
  return sscanf (text, "%llu %llu", &on_cpu, &delay) == 2 ? delay : 0;
}

static ssize_t
read_file_at (int         dir,
              const char *name,
              char       *text,
              size_t      size)
{
  int fd = openat (dir, name, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, text, size - 1) : -1;

  if (fd >= 0)
    close (fd);
  text[n > 0 ? n : 0] = '\0';
  return n;
}

/* What the main thread and those that have its name have: the libraries name theirs. */
static uint64_t
all_delays_ns (void)
{
  DIR *tasks = opendir ("/proc/self/task");
  struct dirent *task;
  char own_name[32];
  uint64_t all = 0;

  if (tasks == NULL)
    return 0;
  read_file_at (dirfd (tasks), "../comm", own_name, sizeof own_name);
  while ((task = readdir (tasks)) != NULL)
    {
      char path[sizeof "/schedstat" + sizeof task->d_name];
      unsigned long long on_cpu, delay;
      char text[64];

      g_snprintf (path, sizeof path, "%s/comm", task->d_name);
      if (read_file_at (dirfd (tasks), path, text, sizeof text) <= 0
          || strcmp (text, own_name) != 0)
        continue;
      g_snprintf (path, sizeof path, "%s/schedstat", task->d_name);
      if (read_file_at (dirfd (tasks), path, text, sizeof text) > 0
          && sscanf (text, "%llu %llu", &on_cpu, &delay) == 2)
        all += delay;
    }
  closedir (tasks);
  return all;
}

static void
record (uint64_t kind,
        uint64_t time_ns,
        uint64_t duration_ns,
        uint64_t used_ns)
{
  uint64_t words[4] = { kind, time_ns, duration_ns, used_ns };
  ssize_t ignored;

  if (out < 0)
    return;
  ignored = write (out, words, sizeof words);
  (void) ignored;
}

static void
on_before_paint_cb (GdkFrameClock *clock,
                    gpointer       data)
{
  painting_since = now_ns ();
  painting_since_cpu = cpu_ns ();
}

static void
on_after_paint_cb (GdkFrameClock *clock,
                   gpointer       data)
{
  uint64_t now = now_ns ();

  record ('F', now, now - painting_since, cpu_ns () - painting_since_cpu);
}

/* A handler would not be called: GTK's own one says that it was drawn, which ends the emission. */
static gboolean
on_render_hook (GSignalInvocationHint *hint,
                guint                  n_params,
                const GValue          *params,
                gpointer               data)
{
  if (g_value_get_object (&params[0]) != watched)
    return TRUE;
  record ('R', now_ns (), 0, 0);
  if (rows_changed)
    record ('L', now_ns (), n_rows, all_delays_ns ());
  rows_changed = FALSE;
  return TRUE;
}

static gboolean
on_rows_hook (GSignalInvocationHint *hint,
              guint                  n_params,
              const GValue          *params,
              gpointer               data)
{
  GObject *list = g_value_get_object (&params[0]);

  if (g_str_equal (G_OBJECT_TYPE_NAME (list), "PtlFrameList"))
    {
      n_rows = g_list_model_get_n_items (G_LIST_MODEL (list));
      rows_changed = TRUE;
    }
  return TRUE;
}

/* Signals "updated" of the open sockets: their rows are in the table, and drawn next. */
static gboolean
on_updated_hook (GSignalInvocationHint *hint,
                 guint                  n_params,
                 const GValue          *params,
                 gpointer               data)
{
  record ('U', now_ns (), g_list_model_get_n_items (g_value_get_object (&params[0])), 0);
  return TRUE;
}

/* When a button of the pointer was let go of last, by the display server's clock, which is the
 * monotonic one in ms. */
static guint32 released_ms;

static gboolean
on_event_hook (GSignalInvocationHint *hint,
               guint                  n_params,
               const GValue          *params,
               gpointer               data)
{
  GdkEvent *event = g_value_peek_pointer (&params[1]);

  if (event != NULL && gdk_event_get_event_type (event) == GDK_BUTTON_RELEASE)
    released_ms = gdk_event_get_time (event);
  return TRUE;
}

static gboolean
on_map_hook (GSignalInvocationHint *hint,
             guint                  n_params,
             const GValue          *params,
             gpointer               data)
{
  GtkWidget *widget = g_value_get_object (&params[0]);
  uint64_t now = now_ns ();

  if (GTK_IS_BUTTON (widget)
      && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), data) == 0)
    record ('M', now, (uint64_t) ((guint32) (now / 1000000) - released_ms) * 1000000, 0);
  return TRUE;
}

static void
watch_button (const char *label)
{
  g_signal_add_emission_hook (g_signal_lookup ("event", GDK_TYPE_SURFACE), 0, on_event_hook, NULL,
                              NULL);
  g_signal_add_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET), 0, on_map_hook,
                              (gpointer) label, NULL);
}

static void
find_list (void)
{
  static gboolean found;
  GType type = found ? 0 : g_type_from_name ("PtlOpenSockets");
  guint signal = type != 0 ? g_signal_lookup ("updated", type) : 0;

  if (signal == 0)
    return;
  found = TRUE;
  g_signal_add_emission_hook (signal, 0, on_updated_hook, NULL, NULL);
}

/* Between two rounds of the main loop: is there a window yet? */
static void
find_window (void)
{
  GListModel *windows;
  GtkWindow *window;
  GdkSurface *surface;
  GdkFrameClock *clock;

  if (!gtk_is_initialized ())
    return;
  windows = gtk_window_get_toplevels ();
  if (g_list_model_get_n_items (windows) == 0)
    return;
  window = g_list_model_get_item (windows, 0);
  surface = gtk_native_get_surface (GTK_NATIVE (window));
  g_object_unref (window);
  if (surface == NULL)
    return;
  clock = gdk_surface_get_frame_clock (surface);
  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before_paint_cb), NULL);
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint_cb), NULL);
  watched = surface;
  g_signal_add_emission_hook (g_signal_lookup ("render", GDK_TYPE_SURFACE), 0, on_render_hook, NULL,
                              NULL);
  if (getenv ("PTL_WATCH_LABEL") != NULL)
    watch_button (getenv ("PTL_WATCH_LABEL"));
  if (getenv ("PTL_WATCH_ROWS") != NULL)
    g_signal_add_emission_hook (g_signal_lookup ("items-changed", G_TYPE_LIST_MODEL), 0,
                                on_rows_hook, NULL, NULL);
  connected = TRUE;
}

__attribute__ ((constructor)) static void
start (void)
{
  const char *path = getenv ("PTL_WATCH_FILE");

  if (path != NULL)
    {
      out = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
      schedstat = open ("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
    }
  record ('T', now_ns (), 0, 0);
}

/* Only the main thread, and only its main loop: X and D-Bus poll a descriptor of their own. */
static gboolean
is_main_loop (nfds_t n_fds)
{
  return out >= 0 && syscall (SYS_gettid) == getpid () && n_fds >= 2;
}

static void
before_poll (void)
{
  if (!connected)
    find_window ();
  find_list ();
  if (busy_since != 0)
    {
      uint64_t now = now_ns ();

      if (now - busy_since > STALL_NS)
        {
          record ('S', now, now - busy_since, cpu_ns () - busy_since_cpu);
          record ('D', now, now - busy_since, delay_ns () - busy_since_delay);
        }
    }
}

static void
after_poll (void)
{
  int saved = errno;

  busy_since = now_ns ();
  busy_since_cpu = cpu_ns ();
  busy_since_delay = delay_ns ();
  errno = saved;
}

int
poll (struct pollfd *fds,
      nfds_t         n_fds,
      int            timeout)
{
  static int (*real) (struct pollfd *, nfds_t, int);
  int result;

  if (real == NULL)
    real = (int (*) (struct pollfd *, nfds_t, int)) dlsym (RTLD_NEXT, "poll");
  if (!is_main_loop (n_fds))
    return real (fds, n_fds, timeout);

  before_poll ();
  result = real (fds, n_fds, timeout);
  after_poll ();
  return result;
}

/* What the main loop of newer GLib calls. */
int
ppoll (struct pollfd         *fds,
       nfds_t                 n_fds,
       const struct timespec *timeout,
       const sigset_t        *signals)
{
  static int (*real) (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
  int result;

  if (real == NULL)
    real = (int (*) (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))
      dlsym (RTLD_NEXT, "ppoll");
  if (!is_main_loop (n_fds))
    return real (fds, n_fds, timeout, signals);

  before_poll ();
  result = real (fds, n_fds, timeout, signals);
  after_poll ();
  return result;
}
