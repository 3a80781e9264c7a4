/* SPDX-License-Identifier: GPL-3.0-or-later */
/* File descriptors with an owner: what GLib has since 2.76, for our floor of 2.74. */
#pragma once

#include <errno.h>
#include <unistd.h>

#include <glib.h>

/* Takes the descriptor out of *@fd, which becomes -1. */
static inline int
ptl_fd_steal (int *fd)
{
  int taken = *fd;

  *fd = -1;
  return taken;
}

/* Closes *@fd if it is one, and makes it -1; errno is kept. */
static inline void
ptl_fd_clear (int *fd)
{
  if (*fd >= 0)
    {
      int saved = errno;

      close (ptl_fd_steal (fd));
      errno = saved;
    }
}

#define PTL_AUTO_FD __attribute__ ((cleanup (ptl_fd_clear))) int
