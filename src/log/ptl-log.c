/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log's folder: making, opening, reading, finding and removing it. */
#include "config.h"

#include "log/ptl-log-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "base/ptl-fd.h"

#define FILE_HEADER "header"
#define FILE_INDEX "index"
#define FILE_DATA "data"
#define FILE_PEERS "peers"
#define FILE_LOCK PTL_LOG_LOCK_FILE

/* In the order in which they are removed: what is interrupted is still known as a log. */
static const char *const file_names[] = { FILE_DATA, FILE_INDEX, FILE_PEERS, FILE_HEADER,
                                          FILE_LOCK };

#define MAKE_FLAGS (O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
/* O_NONBLOCK: a FIFO that lies there does not make us wait. */
#define OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static _Atomic uint64_t last_serial;

static PtlLog *
log_new (const char *dir)
{
  PtlLog *log = g_new0 (PtlLog, 1);

  log->dir = g_strdup (dir);
  log->serial = atomic_fetch_add (&last_serial, 1) + 1;
  log->lock_fd = -1;
  log->index_fd = -1;
  log->data_fd = -1;
  log->peers_fd = -1;
  atomic_init (&log->ref_count, 1);
  atomic_init (&log->lock_count, 1);
  atomic_init (&log->has_sink, false);
  atomic_init (&log->committed, 0);
  atomic_init (&log->data_end, 0);
  atomic_init (&log->n_peers, 0);
  ptl_log_init_room (log);
  return log;
}

/* Writes the few bytes of a header; 0 or -errno. */
static int
write_header (int         fd,
              const void *bytes,
              size_t      len_bytes)
{
  size_t done = 0;

  while (done < len_bytes)
    {
      ssize_t n = pwrite (fd, (const uint8_t *) bytes + done, len_bytes - done, (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n < 0 ? -errno : -ENOSPC;
      done += (size_t) n;
    }
  return 0;
}

/* As much as the file has, at most @size: how many, or -errno. */
static ssize_t
read_at (int      fd,
         uint64_t offset,
         void    *buffer,
         size_t   size)
{
  size_t done = 0;

  if (offset > INT64_MAX - size)
    return -EINVAL;
  while (done < size)
    {
      ssize_t n = pread (fd, (uint8_t *) buffer + done, size - done, (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -errno;
      if (n == 0)
        break;
      done += (size_t) n;
    }
  return (ssize_t) done;
}

PtlLog *
ptl_log_create (const char *dir,
                const char *uri,
                uint64_t    limit_bytes,
                GError    **error)
{
  g_autoptr (PtlLog) log = log_new (dir);
  g_autofree char   *parent = g_path_get_dirname (dir);
  PTL_AUTO_FD        dir_fd = -1;
  PTL_AUTO_FD        header_fd = -1;
  const struct
  {
    const char *name;
    int         flags;
    int        *fd;
  } files[] = {
    { FILE_LOCK, O_RDWR, &log->lock_fd },   { FILE_INDEX, O_RDWR, &log->index_fd },
    { FILE_DATA, O_RDWR, &log->data_fd },   { FILE_PEERS, O_RDWR, &log->peers_fd },
    { FILE_HEADER, O_WRONLY, &header_fd },
  };
  const char *valid_end = NULL;
  PtlLogHeader header = { .magic = PTL_LOG_MAGIC };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  int result = 0;

  log->writable = true;
  log->limit_bytes = limit_bytes;
  g_utf8_validate_len (uri, strnlen (uri, PTL_LOG_URI_MAX), &valid_end);
  log->uri = g_strndup (uri, (size_t) (valid_end - uri));

  if (g_mkdir_with_parents (parent, 0700) < 0)
    {
      ptl_error_set_errno (error, errno, "mkdir %s", parent);
      return NULL;
    }
  if (mkdir (dir, 0700) < 0)
    {
      ptl_error_set_errno (error, errno, "mkdir %s", dir);
      return NULL;
    }
  dir_fd = open (dir, DIR_FLAGS);
  if (dir_fd < 0)
    {
      ptl_error_set_errno (error, errno, "open %s", dir);
      rmdir (dir);
      return NULL;
    }

  /* The lock is held before there is anything to find: a folder without a header is no log. */
  for (size_t i = 0; i < G_N_ELEMENTS (files) && result == 0; i++)
    {
      *files[i].fd = openat (dir_fd, files[i].name, files[i].flags | MAKE_FLAGS, 0600);
      if (*files[i].fd < 0)
        result = -errno;
      else if (i == 0 && flock (log->lock_fd, LOCK_EX | LOCK_NB) < 0)
        result = -errno;
      if (result < 0)
        ptl_error_set_errno (error, -result, "open %s/%s", dir, files[i].name);
    }
  if (result == 0)
    {
      log->start_realtime_ns = ptl_clock_realtime_ns ();
      log->start_monotonic_ns = ptl_clock_monotonic_ns ();
      header.order = PTL_LOG_ORDER;
      header.version = PTL_LOG_VERSION;
      header.start_realtime_ns = log->start_realtime_ns;
      header.start_monotonic_ns = log->start_monotonic_ns;
      header.pid = (uint32_t) getpid ();
      header.uri_len = (uint32_t) strlen (log->uri);
      g_byte_array_append (bytes, (const uint8_t *) &header, sizeof header);
      g_byte_array_append (bytes, (const uint8_t *) log->uri, header.uri_len);
      result = write_header (header_fd, bytes->data, bytes->len);
      if (result < 0)
        ptl_error_set_errno (error, -result, "write %s/%s", dir, FILE_HEADER);
    }
  if (result < 0)
    {
      for (size_t i = 0; i < G_N_ELEMENTS (file_names); i++)
        unlinkat (dir_fd, file_names[i], 0);
      rmdir (dir);
      return NULL;
    }

  ptl_log_start_room (log);
  return g_steal_pointer (&log);
}

/* Opens a regular file of a log for reading; -1 with errno. */
static int
open_regular (int         dir_fd,
              const char *name,
              uint64_t   *size)
{
  PTL_AUTO_FD fd = openat (dir_fd, name, OPEN_FLAGS);
  struct stat st;

  *size = 0;
  if (fd < 0)
    return -1;
  if (fstat (fd, &st) < 0)
    return -1;
  if (!S_ISREG (st.st_mode))
    {
      errno = EINVAL;
      return -1;
    }
  *size = (uint64_t) st.st_size;
  return ptl_fd_steal (&fd);
}

/* The fixed part, and the URI (owned by the caller; may be NULL to leave it).  False when it is
 * not the header of a log that this program and machine can read. */
static bool
read_header (int           dir_fd,
             PtlLogHeader *header,
             char        **uri)
{
  uint64_t        size;
  PTL_AUTO_FD     fd = open_regular (dir_fd, FILE_HEADER, &size);
  g_autofree char *text = NULL;

  if (fd < 0 || read_at (fd, 0, header, sizeof *header) != sizeof *header)
    return false;
  if (memcmp (header->magic, PTL_LOG_MAGIC, sizeof header->magic) != 0
      || header->order != PTL_LOG_ORDER || header->version != PTL_LOG_VERSION
      || header->uri_len > PTL_LOG_URI_MAX || size < sizeof *header + header->uri_len)
    return false;
  if (uri == NULL)
    return true;

  text = g_malloc0 (header->uri_len + 1);
  if (read_at (fd, sizeof *header, text, header->uri_len) != (ssize_t) header->uri_len)
    return false;
  *uri = g_utf8_make_valid (text, -1);
  return true;
}

static bool
is_sound (const PtlFrame *frame,
          uint64_t        data_end)
{
  return frame->kind < PTL_N_FRAME_KINDS && frame->length <= data_end
         && frame->offset <= data_end - frame->length;
}

/* Records at the end whose bytes did not get into the data file are cut off.  Offsets grow from
 * record to record, so that halving finds the place; in a file where they do not, each record is
 * checked again when it is read. */
static uint64_t
find_torn_end (PtlLog  *log,
               uint64_t n_frames,
               uint64_t data_size)
{
  uint64_t low = 0;

  while (low < n_frames)
    {
      uint64_t middle = low + (n_frames - low - 1) / 2;
      PtlFrame frame;

      if (read_at (log->index_fd, middle * sizeof frame, &frame, sizeof frame) == sizeof frame
          && is_sound (&frame, data_size))
        low = middle + 1;
      else
        n_frames = middle;
    }
  return low;
}

PtlLog *
ptl_log_open (const char *dir,
              GError    **error)
{
  g_autoptr (PtlLog) log = log_new (dir);
  PTL_AUTO_FD        dir_fd = open (dir, DIR_FLAGS);
  PtlLogHeader       header;
  uint64_t           index_size, data_size, peers_size, n_frames;

  if (dir_fd < 0)
    {
      ptl_error_set_errno (error, errno, "open %s", dir);
      return NULL;
    }
  /* A log without its lock file can still be read. */
  log->lock_fd = openat (dir_fd, FILE_LOCK, OPEN_FLAGS);
  if (log->lock_fd >= 0 && flock (log->lock_fd, LOCK_SH | LOCK_NB) < 0)
    {
      ptl_error_set_errno (error, errno, "lock %s", dir);
      return NULL;
    }
  if (!read_header (dir_fd, &header, &log->uri))
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_FORMAT,
                   "%s/%s is damaged or of another version", dir, FILE_HEADER);
      return NULL;
    }
  if (log->lock_fd >= 0)
    ptl_log_give_back_left (dir_fd, FILE_DATA);
  log->index_fd = open_regular (dir_fd, FILE_INDEX, &index_size);
  log->data_fd = open_regular (dir_fd, FILE_DATA, &data_size);
  log->peers_fd = open_regular (dir_fd, FILE_PEERS, &peers_size);
  if (log->index_fd < 0 || log->data_fd < 0 || log->peers_fd < 0)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_FORMAT, "%s: files of the log are missing", dir);
      return NULL;
    }

  log->start_realtime_ns = header.start_realtime_ns;
  n_frames = find_torn_end (log, index_size / sizeof (PtlFrame), data_size);
  log->n_torn = index_size / sizeof (PtlFrame) - n_frames;
  atomic_init (&log->committed, n_frames);
  atomic_init (&log->data_end, data_size);
  atomic_init (&log->n_peers, (uint32_t) MIN (peers_size / sizeof (PtlLogPeer), UINT32_MAX));
  return g_steal_pointer (&log);
}

const char *
ptl_log_get_dir (PtlLog *log)
{
  return log->dir;
}

const char *
ptl_log_get_uri (PtlLog *log)
{
  return log->uri;
}

uint64_t
ptl_log_get_start_realtime_ns (PtlLog *log)
{
  return log->start_realtime_ns;
}

uint64_t
ptl_log_get_start_monotonic_ns (PtlLog *log)
{
  return log->start_monotonic_ns;
}

uint64_t
ptl_log_get_n_frames (PtlLog *log)
{
  return atomic_load_explicit (&log->committed, memory_order_acquire);
}

uint64_t
ptl_log_get_n_torn (PtlLog *log)
{
  return log->n_torn;
}

uint64_t
ptl_log_get_n_bytes (PtlLog *log)
{
  return ptl_log_get_n_frames (log) * sizeof (PtlFrame)
         + atomic_load_explicit (&log->data_end, memory_order_acquire)
         + (uint64_t) ptl_log_get_n_peers (log) * sizeof (PtlLogPeer);
}

uint32_t
ptl_log_get_n_peers (PtlLog *log)
{
  return atomic_load_explicit (&log->n_peers, memory_order_acquire);
}

size_t
ptl_log_get_frames (PtlLog   *log,
                    uint64_t  n,
                    PtlFrame *frames,
                    size_t    n_frames)
{
  uint64_t committed = ptl_log_get_n_frames (log);
  uint64_t data_end = atomic_load_explicit (&log->data_end, memory_order_acquire);
  ssize_t  got;

  if (n >= committed)
    return 0;
  n_frames = MIN (n_frames, committed - n);
  got = read_at (log->index_fd, n * sizeof *frames, frames, n_frames * sizeof *frames);
  if (got < 0)
    return 0;
  n_frames = (size_t) got / sizeof *frames;
  for (size_t i = 0; i < n_frames; i++)
    if (G_UNLIKELY (!is_sound (&frames[i], data_end)))
      frames[i] = (PtlFrame) { .kind = PTL_N_FRAME_KINDS };
  return n_frames;
}

bool
ptl_log_get_frame (PtlLog   *log,
                   uint64_t  n,
                   PtlFrame *frame)
{
  if (ptl_log_get_frames (log, n, frame, 1) == 1)
    return frame->kind < PTL_N_FRAME_KINDS;

  *frame = (PtlFrame) { .kind = PTL_N_FRAME_KINDS };
  return false;
}

ssize_t
ptl_log_read_data (PtlLog  *log,
                   uint64_t offset,
                   void    *buffer,
                   size_t   size)
{
  uint64_t data_end = atomic_load_explicit (&log->data_end, memory_order_acquire);

  if (offset >= data_end)
    return 0;
  return read_at (log->data_fd, offset, buffer, MIN (size, data_end - offset));
}

ssize_t
ptl_log_read (PtlLog         *log,
              const PtlFrame *frame,
              uint32_t        skip,
              void           *buffer,
              size_t          size)
{
  uint64_t data_end = atomic_load_explicit (&log->data_end, memory_order_acquire);

  if (!is_sound (frame, data_end))
    return -EINVAL;
  if (skip >= frame->length)
    return 0;
  return read_at (log->data_fd, frame->offset + skip, buffer, MIN (size, frame->length - skip));
}

bool
ptl_log_get_peer (PtlLog     *log,
                  uint32_t    peer,
                  PtlAddress *address)
{
  PtlLogPeer record;
  union
  {
    struct sockaddr sa;
    uint8_t         bytes[PTL_LOG_PEER_MAX];
  } aligned;

  memset (address, 0, sizeof *address);
  if (peer == PTL_PEER_NONE || peer > ptl_log_get_n_peers (log))
    return false;
  if (read_at (log->peers_fd, (uint64_t) (peer - 1) * sizeof record, &record, sizeof record)
      != sizeof record)
    return false;
  if (record.present != 1 || record.len > sizeof record.address)
    return false;
  if (record.len == 0)
    return true;
  memcpy (aligned.bytes, record.address, sizeof aligned.bytes);
  return ptl_address_from_sockaddr (address, &aligned.sa, record.len);
}

uint64_t
ptl_log_find_time (PtlLog  *log,
                   uint64_t time_ns)
{
  uint64_t low = 0;
  uint64_t high = ptl_log_get_n_frames (log);

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;
      PtlFrame frame;

      ptl_log_get_frame (log, middle, &frame);
      if (frame.time_ns < time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

typedef struct
{
  char    *dir;
  uint64_t start_realtime_ns;
} LeftLog;

static int
compare_left (const void *a,
              const void *b)
{
  const LeftLog *left_a = a;
  const LeftLog *left_b = b;

  if (left_a->start_realtime_ns != left_b->start_realtime_ns)
    return left_a->start_realtime_ns < left_b->start_realtime_ns ? -1 : 1;
  return strcmp (left_a->dir, left_b->dir);
}

/* Does somebody hold the log's lock, this process included?  flock(2) belongs to the open file
 * description, and this one is new. */
static bool
is_locked (int dir_fd)
{
  PTL_AUTO_FD lock_fd = openat (dir_fd, FILE_LOCK, OPEN_FLAGS);

  return lock_fd >= 0 && flock (lock_fd, LOCK_EX | LOCK_NB) < 0;
}

/* Is there something in a log whose header cannot be read?  @header gets when it was written. */
static bool
find_headless (int           dir_fd,
               PtlLogHeader *header)
{
  struct stat st;

  if (fstatat (dir_fd, FILE_INDEX, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG (st.st_mode))
    return false;
  header->start_realtime_ns = (uint64_t) st.st_mtim.tv_sec * PTL_NS_PER_S
                              + (uint64_t) st.st_mtim.tv_nsec;
  return st.st_size > 0;
}

char **
ptl_log_list_left (const char *parent)
{
  g_autoptr (GArray)    found = g_array_new (FALSE, FALSE, sizeof (LeftLog));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  DIR                  *folder = opendir (parent);
  struct dirent        *entry;

  while (folder != NULL && (entry = readdir (folder)) != NULL)
    {
      PTL_AUTO_FD  dir_fd = -1;
      PtlLogHeader header;
      LeftLog      left;

      if (entry->d_name[0] == '.')
        continue;
      dir_fd = openat (dirfd (folder), entry->d_name, DIR_FLAGS);
      if (dir_fd < 0 || is_locked (dir_fd)
          || (!read_header (dir_fd, &header, NULL) && !find_headless (dir_fd, &header)))
        continue;
      left.dir = g_build_filename (parent, entry->d_name, NULL);
      left.start_realtime_ns = header.start_realtime_ns;
      g_array_append_val (found, left);
    }
  if (folder != NULL)
    closedir (folder);

  g_array_sort (found, compare_left);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (names, g_array_index (found, LeftLog, i).dir);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/* Has the folder nothing but a log's files, the header or the lock among them?  Sets @error if
 * not. */
static bool
check_only_ours (int         dir_fd,
                 const char *dir,
                 GError    **error)
{
  int            copy_fd = fcntl (dir_fd, F_DUPFD_CLOEXEC, 0);
  DIR           *folder = copy_fd < 0 ? NULL : fdopendir (copy_fd);
  struct dirent *entry;
  bool           only_ours = true;
  bool           is_log = false;

  if (folder == NULL)
    {
      ptl_error_set_errno (error, errno, "open %s", dir);
      ptl_fd_clear (&copy_fd);
      return false;
    }
  while (only_ours && (entry = readdir (folder)) != NULL)
    {
      bool is_ours = false;

      if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
        continue;
      for (size_t i = 0; i < G_N_ELEMENTS (file_names); i++)
        is_ours |= strcmp (entry->d_name, file_names[i]) == 0;
      only_ours = is_ours;
      is_log |= strcmp (entry->d_name, FILE_HEADER) == 0 || strcmp (entry->d_name, FILE_LOCK) == 0;
    }
  closedir (folder);

  if (!only_ours || !is_log)
    {
      g_set_error (error, PTL_ERROR, PTL_ERROR_FORMAT,
                   only_ours ? "%s is not a log" : "%s has other files than a log's", dir);
      return false;
    }
  return true;
}

/* Removes what a log has in @dir; the caller knows that nobody else writes it. */
static bool
remove_files (const char *dir,
              int         dir_fd,
              GError    **error)
{
  if (!check_only_ours (dir_fd, dir, error))
    return false;

  for (size_t i = 0; i < G_N_ELEMENTS (file_names); i++)
    if (unlinkat (dir_fd, file_names[i], 0) < 0 && errno != ENOENT)
      {
        ptl_error_set_errno (error, errno, "unlink %s/%s", dir, file_names[i]);
        return false;
      }
  if (rmdir (dir) < 0)
    {
      ptl_error_set_errno (error, errno, "rmdir %s", dir);
      return false;
    }
  return true;
}

bool
ptl_log_discard (const char *dir,
                 GError    **error)
{
  PTL_AUTO_FD dir_fd = open (dir, DIR_FLAGS);
  PTL_AUTO_FD lock_fd = -1;

  if (dir_fd < 0)
    {
      ptl_error_set_errno (error, errno, "open %s", dir);
      return false;
    }
  lock_fd = openat (dir_fd, FILE_LOCK, OPEN_FLAGS);
  if (lock_fd >= 0 && flock (lock_fd, LOCK_EX | LOCK_NB) < 0)
    {
      ptl_error_set_errno (error, errno == EWOULDBLOCK ? EBUSY : errno, "lock %s", dir);
      return false;
    }
  return remove_files (dir, dir_fd, error);
}

bool
ptl_log_discard_open (PtlLog  *log,
                      GError **error)
{
  PTL_AUTO_FD dir_fd = open (log->dir, DIR_FLAGS);
  struct stat ours, found;

  if (dir_fd < 0)
    {
      ptl_error_set_errno (error, errno, "open %s", log->dir);
      return false;
    }
  /* It may have been discarded before, and another one made in its place. */
  if (fstat (log->index_fd, &ours) < 0
      || fstatat (dir_fd, FILE_INDEX, &found, AT_SYMLINK_NOFOLLOW) < 0
      || ours.st_dev != found.st_dev || ours.st_ino != found.st_ino)
    {
      ptl_error_set_errno (error, ENOENT, "discard %s", log->dir);
      return false;
    }
  return remove_files (log->dir, dir_fd, error);
}
