/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The traffic log of one session: append-only files in a folder of its own.
 *
 *   header   who wrote it, of what, since when (fixed part, then the session's URI)
 *   index    one PtlFrame of 32 bytes per frame
 *   data     the frames' bytes, one after the other
 *   peers    one record of 128 bytes per peer: its address
 *   lock     held (flock(2)) by the process that writes it
 *
 * One writer, any readers.  Frames 0 to committed-1 are whole: their bytes and their index record
 * were written before the counter was stored (release) and are read after it was loaded (acquire).
 * After a crash the committed frames are those whose record and bytes are in the files. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-frame.h"

G_BEGIN_DECLS

typedef struct _PtlLog PtlLog;

/* Makes the folder @dir, which is not there yet, and its files, mode 0700 and 0600.  @uri says what
 * the session is; @limit_bytes (0: none) bounds index + data + peers.  Any thread; waits on the
 * disk. */
PtlLog  *ptl_log_create (const char *dir,
                         const char *uri,
                         uint64_t    limit_bytes,
                         GError    **error);
/* Before its sink is made: how much of the disk stays free; 0: nothing.  A log that would take of
 * that is like one on a full disk (-ENOSPC), but for its first 4 MiB: a short conversation is
 * recorded as long as there is any room.  By default 1 GiB or a twentieth of the disk, whichever is
 * less. */
#define PTL_LOG_KEEP_FREE_DEFAULT UINT64_MAX
void     ptl_log_set_keep_free (PtlLog  *log,
                                uint64_t bytes);
/* Opens what a crash or an earlier run left; it is read-only, and the lock is shared.  PTL_ERROR_IO
 * when somebody writes it, PTL_ERROR_FORMAT when it is damaged beyond use; a torn end is cut off
 * (in memory, the files are left as they are, but for blocks that they have and do not use). */
PtlLog  *ptl_log_open   (const char *dir,
                         GError    **error);
PtlLog  *ptl_log_ref    (PtlLog *log);
/* The last one closes the files and gives the lock back; they stay on disk. */
void     ptl_log_unref  (PtlLog *log);

/* The sink of a log that was created, once; holds a reference until its close().
 *
 * What it says of losses: a frame is recorded whole or counted as lost, after each commit exactly,
 * and by its kind.  After a failed write frames are kept in memory
 * as long as the buffers hold them; a commit writes them or counts them.  The commit that reports
 * -errno is followed by one that tries anew, and says 0 when there is room again.  At the log's
 * own limit it says -EFBIG for good; events still find room for a while. */
PtlSink *ptl_log_make_sink (PtlLog *log);

/* Any thread, from here on. */
const char *ptl_log_get_dir         (PtlLog *log);
const char *ptl_log_get_uri         (PtlLog *log);
uint64_t    ptl_log_get_start_realtime_ns  (PtlLog *log); /* time of day of time_ns 0 */
uint64_t    ptl_log_get_start_monotonic_ns (PtlLog *log); /* 0 for an opened one */
uint64_t    ptl_log_get_n_frames    (PtlLog *log);
/* Records at the end of an opened one whose bytes the data file does not have: cut off. */
uint64_t    ptl_log_get_n_torn      (PtlLog *log);
uint64_t    ptl_log_get_n_bytes     (PtlLog *log); /* of index, data and peers on disk */
uint32_t    ptl_log_get_n_peers     (PtlLog *log);
/* False, and a frame of the kind PTL_N_FRAME_KINDS, where there is none or its record is damaged:
 * of no known kind, or with bytes that the data file does not have.  Its peer may be unknown. */
bool        ptl_log_get_frame       (PtlLog   *log,
                                     uint64_t  n,
                                     PtlFrame *frame);
/* How many of frames n, n+1 ... were put into @frames, damaged ones as above. */
size_t      ptl_log_get_frames      (PtlLog   *log,
                                     uint64_t  n,
                                     PtlFrame *frames,
                                     size_t    n_frames);
/* Copies up to @size of the frame's bytes from @skip on; how many (fewer only where the file was
 * cut meanwhile), or -errno. */
ssize_t     ptl_log_read            (PtlLog         *log,
                                     const PtlFrame *frame,
                                     uint32_t        skip,
                                     void           *buffer,
                                     size_t          size);
/* False for a number that has no address: not recorded, or damaged. */
bool        ptl_log_get_peer        (PtlLog     *log,
                                     uint32_t    peer,
                                     PtlAddress *address);
/* The frame at or after that time; n_frames when there is none.  Binary search. */
uint64_t    ptl_log_find_time       (PtlLog  *log,
                                     uint64_t time_ns);

/* Folders below @parent that hold a log nobody, this process included, writes or has open, also
 * one with frames whose header cannot be read; oldest first; NULL-terminated. */
char      **ptl_log_list_left       (const char *parent);
/* Removes the folder's files and the folder; only what a log has in it, and only if nobody has it
 * open (PTL_ERROR_IO).  A folder with anything else in it is left as it is (PTL_ERROR_FORMAT).
 * Waits on the disk. */
bool        ptl_log_discard         (const char *dir,
                                     GError    **error);
/* The same for a log that this process has open, and so locked, itself; its sink is closed.  Those
 * who still hold it may go on reading. */
bool        ptl_log_discard_open    (PtlLog  *log,
                                     GError **error);

/* Discarding what can be undone, also over the end of the program: the folder of a log that nobody
 * has open (PTL_ERROR_IO) gets a hidden name, so that it is not left any more, and its own back.
 * The new name, owned, or NULL.  Wait on the disk. */
char       *ptl_log_set_aside       (const char *dir,
                                     GError    **error);
char       *ptl_log_take_back       (const char *dir,
                                     GError    **error);
/* Discards those below @parent that an earlier run set aside. */
void        ptl_log_sweep           (const char *parent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlLog, ptl_log_unref)

G_END_DECLS
