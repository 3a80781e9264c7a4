/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few files under inotify. */
#include "config.h"

#include "host/ptl-file-watch.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/ptl-fd.h"

#define FOLDER_EVENTS (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
#define FILE_EVENTS (IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
#define READS_MAX 64 /* of the queue in one go */

typedef struct
{
  char *path;
  char *name;   /* the last part of it */
  int   folder; /* watch descriptors; -1: none */
  int   file;
} Watched;

struct _PtlFileWatch
{
  int      fd;
  unsigned n_files;
  Watched  files[PTL_FILE_WATCH_MAX];
};

static void
watch_file (PtlFileWatch *watch,
            Watched      *file)
{
  file->file = inotify_add_watch (watch->fd, file->path, FILE_EVENTS);
}

PtlFileWatch *
ptl_file_watch_new (const char *const *paths)
{
  PtlFileWatch *watch;
  int fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);

  if (fd < 0)
    return NULL;
  watch = g_new0 (PtlFileWatch, 1);
  watch->fd = fd;
  for (; *paths != NULL && watch->n_files < PTL_FILE_WATCH_MAX; paths++)
    {
      Watched *file = &watch->files[watch->n_files++];
      g_autofree char *folder = g_path_get_dirname (*paths);

      file->path = g_strdup (*paths);
      file->name = g_path_get_basename (*paths);
      file->folder = inotify_add_watch (fd, folder, FOLDER_EVENTS);
      watch_file (watch, file);
    }
  return watch;
}

void
ptl_file_watch_free (PtlFileWatch *watch)
{
  if (watch == NULL)
    return;
  for (unsigned i = 0; i < watch->n_files; i++)
    {
      g_free (watch->files[i].path);
      g_free (watch->files[i].name);
    }
  ptl_fd_clear (&watch->fd);
  g_free (watch);
}

int
ptl_file_watch_get_fd (PtlFileWatch *watch)
{
  return watch->fd;
}

static bool
take_event (PtlFileWatch               *watch,
            const struct inotify_event *event,
            const char                 *name)
{
  bool ours = false;

  /* The queue ran over: anything may have happened. */
  if ((event->mask & IN_Q_OVERFLOW) != 0)
    {
      for (unsigned i = 0; i < watch->n_files; i++)
        watch_file (watch, &watch->files[i]);
      return true;
    }
  for (unsigned i = 0; i < watch->n_files; i++)
    {
      Watched *file = &watch->files[i];

      if (event->wd == file->file && (event->mask & IN_IGNORED) != 0)
        file->file = -1;
      else if (event->wd == file->file)
        ours = true;
      else if (event->wd == file->folder && strcmp (name, file->name) == 0)
        {
          /* It may be another file of that name now. */
          watch_file (watch, file);
          ours = true;
        }
    }
  return ours;
}

bool
ptl_file_watch_drain (PtlFileWatch *watch)
{
  char buffer[4096] __attribute__ ((aligned (__alignof__ (struct inotify_event))));
  bool ours = false;

  for (unsigned round = 0; round < READS_MAX; round++)
    {
      ssize_t n = read (watch->fd, buffer, sizeof buffer);
      size_t at = 0;

      if (n <= 0)
        break;
      while (at + sizeof (struct inotify_event) <= (size_t) n)
        {
          const struct inotify_event *event = (const void *) (buffer + at);
          const char *name = event->len > 0 ? event->name : "";

          ours |= take_event (watch, event, name);
          at += sizeof *event + event->len;
        }
    }
  return ours;
}
