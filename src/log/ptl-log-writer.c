/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sink of a log: frames are gathered in reused buffers and written at explicit offsets, the
 * bytes before the index, the index before the counter that publishes them. */
#include "config.h"

#include "log/ptl-log-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct
{
  PtlSink base;

  PtlLog *log; /* a reference */

  /* Where the staged bytes will lie in the data file. */
  uint64_t data_base;
  size_t   data_staged;
  /* The end of the last frame whose record is in the index file. */
  uint64_t data_recorded;
  /* Records in the index file, all published, and those that follow them. */
  uint64_t n_recorded;
  size_t   n_staged;
  /* The number of the first staged peer, and how many there are. */
  uint32_t first_peer;
  uint32_t n_peers_staged;

  PtlLost lost;

  int    error;  /* negative errno of the last write, 0 when it went well */
  bool   told;   /* commit has returned @error: from now on it tries anew */
  bool   full;   /* the log's own limit was reached; it stays so */
  bool   excess; /* a probe wrote past the frames */
  size_t probe_len;

  uint8_t    *data_stage;
  PtlFrame   *index_stage;
  PtlLogPeer *peer_stage;
} LogSink;

/* The disk is full: is there more when the blocks allocated ahead are given back?  They are then
 * allocated no more. */
static bool
find_room (PtlLog *log,
           int     error)
{
  if (error != -ENOSPC && error != -EDQUOT)
    return false;
  log->ahead_from = PTL_LOG_AHEAD_NEVER;
  return ptl_log_give_back (log);
}

/* Writes all of @iov, and uses it up.  0 or -errno; *@written is right in both cases. */
static int
write_all (PtlLog       *log,
           int           fd,
           struct iovec *iov,
           int           n_iov,
           uint64_t      offset,
           uint64_t     *written)
{
  *written = 0;
  while (true)
    {
      struct iovec *now = iov;
      struct iovec  cut;
      int           n_now = n_iov;
      ssize_t       n;
      uint64_t      at = fd == log->data_fd ? offset + *written : PTL_LOG_ELSEWHERE;
      uint64_t      wanted = 0;
      uint64_t      room;
      int           why = 0;

      while (n_iov > 0 && iov->iov_len == 0)
        {
          iov++;
          n_iov--;
        }
      if (n_iov == 0)
        return 0;
      now = iov;
      n_now = n_iov;

      for (int i = 0; i < n_iov; i++)
        wanted += iov[i].iov_len;
      room = ptl_log_get_room (log, at, wanted, &why);
      if (G_UNLIKELY (room == 0))
        {
          if (find_room (log, why))
            continue;
          return why;
        }
      if (G_UNLIKELY (room < wanted))
        {
          cut = *iov;
          cut.iov_len = MIN (cut.iov_len, room);
          now = &cut;
          n_now = 1;
        }

      n = pwritev (fd, now, n_now, (off_t) (offset + *written));
      if (n < 0)
        {
          why = -errno;
          if (why == -EINTR || find_room (log, why))
            continue;
          return why;
        }
      if (n == 0)
        return -ENOSPC;
      ptl_log_use_room (log, at, (uint64_t) n);

      *written += (uint64_t) n;
      while (n > 0)
        {
          size_t step = MIN ((size_t) n, iov->iov_len);

          iov->iov_base = (uint8_t *) iov->iov_base + step;
          iov->iov_len -= step;
          n -= (ssize_t) step;
          if (iov->iov_len == 0)
            {
              iov++;
              n_iov--;
            }
        }
    }
}

static void
fail (LogSink *self,
      int      error)
{
  self->error = error;
  self->told = false;
}

static void
count_lost (LogSink        *self,
            const PtlFrame *frame)
{
  switch (frame->kind)
    {
    case PTL_FRAME_IN:
      self->lost.in_frames++;
      self->lost.in_bytes += frame->length;
      break;
    case PTL_FRAME_OUT:
      self->lost.out_frames++;
      self->lost.out_bytes += frame->length;
      break;
    default:
      self->lost.events++;
      break;
    }
}

/* The data file is right up to @end only: staged frames that reach further are lost, and what
 * comes next is written where they would have been. */
static void
settle (LogSink *self,
        uint64_t end)
{
  while (self->n_staged > 0)
    {
      const PtlFrame *last = &self->index_stage[self->n_staged - 1];

      if (last->offset + last->length <= end)
        break;
      count_lost (self, last);
      self->n_staged--;
    }

  self->data_staged = 0;
  self->data_base = self->data_recorded;
  if (self->n_staged > 0)
    {
      const PtlFrame *last = &self->index_stage[self->n_staged - 1];

      self->data_base = last->offset + last->length;
    }
}

/* Writes the staged bytes and then @len_bytes of @bytes, whose frame is the last staged one. */
static int
flush_data (LogSink    *self,
            const void *bytes,
            size_t      len_bytes)
{
  struct iovec iov[2] = { { self->data_stage, self->data_staged },
                          { (void *) bytes, len_bytes } };
  uint64_t     written;
  int          error;

  if (self->data_staged + len_bytes == 0)
    return 0;

  error = write_all (self->log, self->log->data_fd, iov, 2, self->data_base, &written);
  if (error < 0)
    {
      self->probe_len = CLAMP (len_bytes, PTL_LOG_PROBE, PTL_LOG_DATA_STAGE);
      settle (self, self->data_base + written);
      return error;
    }
  self->data_base += written;
  self->data_staged = 0;
  return 0;
}

static int
flush_index (LogSink *self)
{
  struct iovec iov = { self->index_stage, self->n_staged * sizeof (PtlFrame) };
  uint64_t     written;
  size_t       n_whole;
  int          error;

  if (self->n_staged == 0)
    return 0;

  error = write_all (self->log, self->log->index_fd, &iov, 1,
                     self->n_recorded * sizeof (PtlFrame), &written);
  n_whole = written / sizeof (PtlFrame);
  for (size_t i = n_whole; i < self->n_staged; i++)
    count_lost (self, &self->index_stage[i]);
  if (n_whole > 0)
    {
      const PtlFrame *last = &self->index_stage[n_whole - 1];

      self->n_recorded += n_whole;
      self->data_recorded = last->offset + last->length;
    }
  self->n_staged = 0;
  self->data_base = self->data_recorded;
  return error;
}

/* What cannot be written stays staged, as long as there is room for it. */
static int
flush_peers (LogSink *self)
{
  struct iovec iov = { self->peer_stage, self->n_peers_staged * sizeof (PtlLogPeer) };
  uint64_t     offset;
  uint64_t     written;
  int          error;

  if (self->n_peers_staged == 0)
    return 0;

  offset = (uint64_t) (self->first_peer - 1) * sizeof (PtlLogPeer);
  error = write_all (self->log, self->log->peers_fd, &iov, 1, offset, &written);
  if (error < 0)
    return error;
  atomic_store_explicit (&self->log->n_peers, self->first_peer + self->n_peers_staged - 1,
                         memory_order_release);
  self->n_peers_staged = 0;
  return 0;
}

/* Writes all that is staged, and publishes what was written whole. */
static int
flush (LogSink *self)
{
  int peers_error = flush_peers (self);
  int data_error = flush_data (self, NULL, 0);
  int index_error = flush_index (self);

  atomic_store_explicit (&self->log->data_end, self->data_recorded, memory_order_release);
  atomic_store_explicit (&self->log->committed, self->n_recorded, memory_order_release);

  return data_error < 0 ? data_error : index_error < 0 ? index_error : peers_error;
}

/* Would @len_bytes more be past the log's own limit? */
static bool
is_over_limit (LogSink *self,
               uint64_t len_bytes,
               bool     may_use_reserve)
{
  uint64_t limit = self->log->limit_bytes;
  uint64_t used;

  if (limit == 0)
    return false;
  if (!may_use_reserve)
    limit -= MIN (PTL_LOG_RESERVE, limit / 8);
  used = (self->n_recorded + self->n_staged) * sizeof (PtlFrame)
         + self->data_base + self->data_staged
         + ((uint64_t) atomic_load_explicit (&self->log->n_peers, memory_order_relaxed)
            + self->n_peers_staged) * sizeof (PtlLogPeer);
  return used + len_bytes > limit;
}

/* Makes the frame's record the last staged one.  NULL, and the frame is counted, where that is
 * not possible: the limit, or the buffers are full and the disk does not take them. */
static PtlFrame *
stage_frame (LogSink        *self,
             const PtlFrame *frame)
{
  uint64_t  start_ns = self->log->start_monotonic_ns;
  bool      is_event = frame->kind == PTL_FRAME_EVENT;
  PtlFrame *staged;

  if (G_UNLIKELY (self->full && !is_event)
      || G_UNLIKELY (is_over_limit (self, sizeof *frame + frame->length, is_event)))
    {
      self->full = true;
      count_lost (self, frame);
      return NULL;
    }

  if (self->n_staged == PTL_LOG_INDEX_STAGE && self->error == 0)
    {
      int error = flush (self);

      if (error < 0)
        fail (self, error);
    }
  if (G_UNLIKELY (self->error < 0)
      && (self->n_staged == PTL_LOG_INDEX_STAGE
          || frame->length > PTL_LOG_DATA_STAGE - self->data_staged))
    {
      count_lost (self, frame);
      return NULL;
    }

  staged = &self->index_stage[self->n_staged++];
  *staged = *frame;
  staged->time_ns = frame->time_ns > start_ns ? frame->time_ns - start_ns : 0;
  staged->offset = self->data_base + self->data_staged;
  staged->reserved = 0;
  return staged;
}

static void
log_sink_add_peer (PtlSink          *sink,
                   uint32_t          peer,
                   const PtlAddress *address)
{
  LogSink    *self = (LogSink *) sink;
  PtlLogPeer *record;

  if (self->n_peers_staged > 0
      && (self->n_peers_staged == PTL_LOG_PEER_STAGE
          || peer != self->first_peer + self->n_peers_staged))
    {
      int error = self->error < 0 ? self->error : flush_peers (self);

      if (error < 0 && self->error == 0)
        fail (self, error);
      /* What could not be written is a hole in the file: their numbers have no address. */
      self->n_peers_staged = 0;
    }
  if (peer == PTL_PEER_NONE || is_over_limit (self, sizeof *record, true))
    return;

  if (self->n_peers_staged == 0)
    self->first_peer = peer;
  record = &self->peer_stage[self->n_peers_staged++];
  memset (record, 0, sizeof *record);
  record->present = 1;
  record->len = MIN (address->len, PTL_LOG_PEER_MAX);
  memcpy (record->address, &address->sa, record->len);
}

static void
log_sink_append (PtlSink        *sink,
                 const PtlFrame *frame,
                 const void     *bytes)
{
  LogSink *self = (LogSink *) sink;
  bool     fits;

  if (stage_frame (self, frame) == NULL || frame->length == 0)
    return;

  fits = frame->length <= PTL_LOG_DATA_STAGE - self->data_staged;
  if (fits && (frame->length < PTL_LOG_LARGE || self->error < 0))
    {
      memcpy (self->data_stage + self->data_staged, bytes, frame->length);
      self->data_staged += frame->length;
    }
  else
    {
      int error = flush_data (self, bytes, frame->length);

      if (error < 0)
        fail (self, error);
    }
}

/* Takes @len_bytes out of the pipe and forgets them. */
static void
drain_pipe (LogSink *self,
            int      fd,
            uint64_t len_bytes)
{
  uint8_t scratch[16 * 1024];

  while (len_bytes > 0)
    {
      ssize_t n = read (fd, scratch, MIN (len_bytes, sizeof scratch));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return;
      len_bytes -= (uint64_t) n;
    }
}

/* Bytes from the pipe into memory; how many came, which is all if the caller kept its word. */
static size_t
read_pipe (int      fd,
           uint8_t *buffer,
           size_t   len_bytes)
{
  size_t done = 0;

  while (done < len_bytes)
    {
      ssize_t n = read (fd, buffer + done, len_bytes - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      done += (size_t) n;
    }
  return done;
}

/* One piece from the pipe to the data file: how many bytes, or -errno. */
static ssize_t
splice_some (LogSink *self,
             int      fd,
             uint64_t offset,
             size_t   len_bytes)
{
  loff_t  at = (loff_t) offset;
  int     error = 0;
  ssize_t n;

  len_bytes = ptl_log_get_room (self->log, offset, len_bytes, &error);
  if (G_UNLIKELY (len_bytes == 0))
    return error;

  do
    n = splice (fd, NULL, self->log->data_fd, &at, len_bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return -errno;
  if (n == 0)
    return -EPIPE;
  ptl_log_use_room (self->log, offset, (uint64_t) n);
  return n;
}

/* Where splice does not know the kind of file: through the staging buffer, which is empty. */
static int
copy_pipe (LogSink  *self,
           int       fd,
           uint64_t  offset,
           uint64_t  len_bytes,
           uint64_t *taken,
           uint64_t *written)
{
  while (*taken < len_bytes)
    {
      size_t       step = MIN (len_bytes - *taken, PTL_LOG_DATA_STAGE);
      size_t       got = read_pipe (fd, self->data_stage, step);
      struct iovec iov = { self->data_stage, got };
      uint64_t     n;
      int          error;

      *taken += got;
      error = write_all (self->log, self->log->data_fd, &iov, 1, offset + *written, &n);
      *written += n;
      if (error < 0)
        return error;
      if (got < step)
        return -EPIPE;
    }
  return 0;
}

static int
log_sink_append_pipe (PtlSink        *sink,
                      const PtlFrame *frame,
                      int             fd)
{
  LogSink *self = (LogSink *) sink;
  uint64_t taken = 0;
  uint64_t written = 0;
  int      error = 0;

  if (stage_frame (self, frame) == NULL)
    {
      drain_pipe (self, fd, frame->length);
      return true;
    }

  if (frame->length <= PTL_LOG_DATA_STAGE - self->data_staged
      && (frame->length < PTL_LOG_LARGE || self->error < 0))
    {
      size_t got = read_pipe (fd, self->data_stage + self->data_staged, frame->length);

      if (got < frame->length)
        {
          self->n_staged--;
          count_lost (self, frame);
          return true;
        }
      self->data_staged += got;
      return true;
    }

  error = flush_data (self, NULL, 0);
  if (error < 0)
    {
      /* The new frame went with those that were not written. */
      fail (self, error);
      drain_pipe (self, fd, frame->length);
      return true;
    }

  while (taken < frame->length)
    {
      ssize_t n = splice_some (self, fd, self->data_base + written, frame->length - taken);

      if (n == -EINVAL || n == -ENOSYS)
        {
          error = copy_pipe (self, fd, self->data_base, frame->length, &taken, &written);
          break;
        }
      if (n < 0)
        {
          error = (int) n;
          break;
        }
      taken += (uint64_t) n;
      written += (uint64_t) n;
    }

  if (error < 0)
    {
      self->probe_len = CLAMP (frame->length, PTL_LOG_PROBE, PTL_LOG_DATA_STAGE);
      settle (self, self->data_base + written);
      /* A pipe that had less than was promised says nothing about the disk. */
      if (error != -EAGAIN && error != -EPIPE)
        {
          fail (self, error);
          drain_pipe (self, fd, frame->length - taken);
        }
    }
  else
    {
      self->data_base += written;
    }
  return true;
}

/* Is there room again?  What it writes lies past the frames and is written over by the next. */
static int
probe (LogSink *self)
{
  struct iovec iov = { self->data_stage, self->probe_len };
  uint64_t     written;

  self->excess = true;
  return write_all (self->log, self->log->data_fd, &iov, 1, self->data_base, &written);
}

static int
log_sink_commit (PtlSink *sink)
{
  LogSink *self = (LogSink *) sink;
  bool     retry = self->error < 0 && self->told;
  size_t   len_bytes = self->data_staged;
  int      error;

  if (self->n_staged > 0 || self->n_peers_staged > 0)
    {
      error = flush (self);
      if (error < 0)
        {
          self->error = error;
          self->told = true;
          return error;
        }
    }
  /* The last block of the file may have room for a few small frames, again and again. */
  if (retry && len_bytes < self->probe_len)
    {
      error = probe (self);
      if (error < 0)
        {
          self->error = error;
          return error;
        }
    }
  if (retry)
    {
      self->error = 0;
    }
  else if (self->error < 0)
    {
      self->told = true;
      return self->error;
    }

  return self->full ? -EFBIG : 0;
}

static void
log_sink_get_lost (PtlSink *sink,
                   PtlLost *lost)
{
  *lost = ((LogSink *) sink)->lost;
}

static void
log_sink_close (PtlSink *sink)
{
  LogSink *self = (LogSink *) sink;

  flush (self);
  /* Only tidiness: no frame reaches past data_recorded. */
  if (self->excess && ftruncate (self->log->data_fd, (off_t) self->data_recorded) < 0)
    self->excess = false;
  ptl_log_give_back (self->log);

  g_free (self->peer_stage);
  g_free (self->index_stage);
  g_free (self->data_stage);
  ptl_log_unref (self->log);
  g_free (self);
}

static const PtlSinkClass log_sink_class = {
  .add_peer = log_sink_add_peer,
  .append = log_sink_append,
  .append_pipe = log_sink_append_pipe,
  .commit = log_sink_commit,
  .get_lost = log_sink_get_lost,
  .close = log_sink_close,
};

PtlSink *
ptl_log_make_sink (PtlLog *log)
{
  LogSink *self;
  bool     had_sink = atomic_exchange (&log->has_sink, true);

  g_assert (log->writable && !had_sink);

  self = g_new0 (LogSink, 1);
  self->base.klass = &log_sink_class;
  self->log = ptl_log_ref (log);
  self->probe_len = PTL_LOG_PROBE;
  self->data_stage = g_malloc0 (PTL_LOG_DATA_STAGE);
  self->index_stage = g_new (PtlFrame, PTL_LOG_INDEX_STAGE);
  self->peer_stage = g_new (PtlLogPeer, PTL_LOG_PEER_STAGE);
  return &self->base;
}
