/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the log's writer may still write: what the disk has, but for what is kept free on it, and
 * what a test lets it have. */
#include "config.h"

#include "log/ptl-log-private.h"

#include <sys/statvfs.h>

void
ptl_log_set_keep_free (PtlLog  *log,
                       uint64_t bytes)
{
  log->keep_free = bytes;
}

/* Asks the disk how much it has, and takes a part of that: others write, too. */
static void
ask_disk (PtlLog *log)
{
  struct statvfs disk;
  uint64_t unit, free_bytes, keep, spare;

  /* What cannot tell, or has no bound (tmpfs(5), size=0), is asked by writing. */
  log->granted = PTL_LOG_GRANT_MAX;
  if (log->keep_free == 0 || fstatvfs (log->data_fd, &disk) < 0 || disk.f_blocks == 0)
    return;
  unit = disk.f_frsize > 0 ? disk.f_frsize : disk.f_bsize;
  free_bytes = (uint64_t) disk.f_bavail * unit;
  keep = log->keep_free != PTL_LOG_KEEP_FREE_DEFAULT
         ? log->keep_free
         : MIN (PTL_LOG_KEEP_FREE_MAX, (uint64_t) disk.f_blocks * unit / PTL_LOG_KEEP_FREE_PART);
  spare = free_bytes > keep ? free_bytes - keep : 0;
  log->granted = spare <= PTL_LOG_GRANT_MIN ? spare : MIN (spare / 2, PTL_LOG_GRANT_MAX);
}

uint64_t
ptl_log_get_room (PtlLog  *log,
                  uint64_t wanted,
                  int     *error)
{
  int64_t room = atomic_load_explicit (&log->room_bytes, memory_order_relaxed);

  if (G_UNLIKELY (log->granted < wanted))
    ask_disk (log);
  if (G_UNLIKELY (log->granted < wanted))
    {
      wanted = log->granted;
      *error = -ENOSPC;
    }
  if (G_UNLIKELY (room >= 0 && (uint64_t) room < wanted))
    {
      wanted = (uint64_t) room;
      *error = -atomic_load_explicit (&log->room_errno, memory_order_relaxed);
    }
  return wanted;
}

void
ptl_log_use_room (PtlLog  *log,
                  uint64_t bytes)
{
  log->granted -= bytes;
  if (G_UNLIKELY (atomic_load_explicit (&log->room_bytes, memory_order_relaxed) >= 0))
    atomic_fetch_sub_explicit (&log->room_bytes, (int64_t) bytes, memory_order_relaxed);
}

void
ptl_log_set_room (PtlLog *log,
                  int64_t bytes,
                  int     sys_errno)
{
  atomic_store (&log->room_errno, sys_errno);
  atomic_store (&log->room_bytes, bytes);
}
