/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the log's writer may still write: what the disk has, but for what is kept free on it, and
 * what a test lets it have. */
#include "config.h"

#include "log/ptl-log-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/ptl-fd.h"

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

static bool
is_ext4 (int fd)
{
  struct statfs fs;

  return fstatfs (fd, &fs) == 0 && fs.f_type == EXT4_SUPER_MAGIC;
}

void
ptl_log_init_room (PtlLog *log)
{
  log->keep_free = PTL_LOG_KEEP_FREE_DEFAULT;
  log->granted = PTL_LOG_START;
  log->ahead_from = PTL_LOG_AHEAD_NEVER;
  atomic_init (&log->room_bytes, -1);
  atomic_init (&log->room_errno, ENOSPC);
}

static void
set_room_from_environment (PtlLog *log)
{
#if PTL_FAULT_HOOKS
  const char *room = g_getenv ("PTL_FAULT_LOG_ROOM");

  if (room != NULL)
    ptl_log_set_room (log, g_ascii_strtoll (room, NULL, 10), ENOSPC);
#endif
}

void
ptl_log_start_room (PtlLog *log)
{
  if (is_ext4 (log->data_fd))
    log->ahead_from = PTL_LOG_AHEAD_FROM;
  set_room_from_environment (log);
}

/* What of the bytes lies in blocks that the file has already. */
static uint64_t
count_ahead (PtlLog  *log,
             uint64_t at,
             uint64_t bytes)
{
  return at < log->ahead_end ? MIN (bytes, log->ahead_end - at) : 0;
}

/* The blocks of the @wanted bytes at @at, and of those that will follow them. */
static void
allocate_ahead (PtlLog  *log,
                uint64_t at,
                uint64_t wanted)
{
  uint64_t start = MAX (at, log->ahead_end);
  uint64_t len = at + wanted + PTL_LOG_AHEAD - start;
  int      result;

  if (log->granted < len)
    ask_disk (log);
  if (log->granted < len
      || (log->limit_bytes > 0 && start + len > log->limit_bytes))
    {
      log->ahead_from = at + PTL_LOG_GRANT_MAX;
      return;
    }
  do
    result = fallocate (log->data_fd, FALLOC_FL_KEEP_SIZE, (off_t) start, (off_t) len);
  while (result < 0 && errno == EINTR);
  if (result < 0)
    {
      log->ahead_from = PTL_LOG_AHEAD_NEVER;
      return;
    }
  log->ahead_end = start + len;
  log->granted -= len;
}

uint64_t
ptl_log_get_room (PtlLog  *log,
                  uint64_t at,
                  uint64_t wanted,
                  int     *error)
{
  int64_t  room = atomic_load_explicit (&log->room_bytes, memory_order_relaxed);
  uint64_t ahead;

  if (at != PTL_LOG_ELSEWHERE && at >= log->ahead_from && at + wanted > log->ahead_end)
    allocate_ahead (log, at, wanted);
  ahead = count_ahead (log, at, wanted);
  if (G_UNLIKELY (log->granted < wanted - ahead))
    ask_disk (log);
  if (G_UNLIKELY (log->granted < wanted - ahead))
    {
      wanted = ahead + log->granted;
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
                  uint64_t at,
                  uint64_t bytes)
{
  log->granted -= bytes - count_ahead (log, at, bytes);
  if (G_UNLIKELY (atomic_load_explicit (&log->room_bytes, memory_order_relaxed) >= 0))
    atomic_fetch_sub_explicit (&log->room_bytes, (int64_t) bytes, memory_order_relaxed);
}

bool
ptl_log_give_back (PtlLog *log)
{
  struct stat st;

  if (log->ahead_end == 0)
    return false;
  log->ahead_end = 0;
  /* To the size that the file has: what lies behind goes (ext4 frees it then, too). */
  return fstat (log->data_fd, &st) == 0 && ftruncate (log->data_fd, st.st_size) == 0;
}

void
ptl_log_give_back_left (int         dir_fd,
                        const char *name)
{
  PTL_AUTO_FD fd = openat (dir_fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  struct stat st;

  /* 512 is the unit of st_blocks (inode(7)); a file has some more of them than it has bytes. */
  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && is_ext4 (fd)
      && (uint64_t) st.st_blocks * 512 > (uint64_t) st.st_size + PTL_LOG_AHEAD_SLACK
      && ftruncate (fd, st.st_size) < 0)
    g_debug ("%s keeps what was allocated: %s", name, g_strerror (errno));
}

void
ptl_log_set_room (PtlLog *log,
                  int64_t bytes,
                  int     sys_errno)
{
  atomic_store (&log->room_errno, sys_errno);
  atomic_store (&log->room_bytes, bytes);
}
