/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logs that were set aside: discarded, but it can still be undone. */
#include "config.h"

#include "log/ptl-log-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/ptl-error.h"
#include "base/ptl-fd.h"

/* Hidden, and so no log that is left. */
#define ASIDE ".discarded-"

/* @dir's sibling of that name, owned; NULL with @error when it cannot be moved there. */
static char *
move_to (const char *dir,
         const char *name,
         GError    **error)
{
  g_autofree char *parent = g_path_get_dirname (dir);
  g_autofree char *target = g_build_filename (parent, name, NULL);
  g_autofree char *lock = g_build_filename (dir, PTL_LOG_LOCK_FILE, NULL);
  PTL_AUTO_FD lock_fd = open (lock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

  if (lock_fd >= 0 && flock (lock_fd, LOCK_EX | LOCK_NB) < 0)
    {
      ptl_error_set_errno (error, errno == EWOULDBLOCK ? EBUSY : errno, "lock %s", dir);
      return NULL;
    }
  /* A folder takes the place of an empty one only (rename(2)). */
  if (rename (dir, target) < 0)
    {
      ptl_error_set_errno (error, errno, "rename %s", dir);
      return NULL;
    }
  return g_steal_pointer (&target);
}

char *
ptl_log_set_aside (const char *dir,
                   GError    **error)
{
  g_autofree char *base = g_path_get_basename (dir);
  g_autofree char *name = g_strconcat (ASIDE, base, NULL);

  return move_to (dir, name, error);
}

char *
ptl_log_take_back (const char *dir,
                   GError    **error)
{
  g_autofree char *base = g_path_get_basename (dir);

  g_return_val_if_fail (g_str_has_prefix (base, ASIDE), NULL);
  return move_to (dir, base + strlen (ASIDE), error);
}

void
ptl_log_sweep (const char *parent)
{
  g_autoptr (GPtrArray) dirs = g_ptr_array_new_with_free_func (g_free);
  DIR           *folder = opendir (parent);
  struct dirent *entry;

  while (folder != NULL && (entry = readdir (folder)) != NULL)
    if (g_str_has_prefix (entry->d_name, ASIDE))
      g_ptr_array_add (dirs, g_build_filename (parent, entry->d_name, NULL));
  if (folder != NULL)
    closedir (folder);
  for (guint i = 0; i < dirs->len; i++)
    ptl_log_discard (g_ptr_array_index (dirs, i), NULL);
}
