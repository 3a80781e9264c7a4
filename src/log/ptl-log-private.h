/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the log's writer and readers share, and the seams that its tests use. */
#pragma once

#include <stdatomic.h>

#include "log/ptl-log.h"

G_BEGIN_DECLS

/* The fixed part of the header file; the URI's bytes follow it. */
#define PTL_LOG_MAGIC "PtlLog1\n"
#define PTL_LOG_ORDER 0x01020304u /* reads otherwise on a machine of the other byte order */
#define PTL_LOG_VERSION 1u
#define PTL_LOG_URI_MAX 8192u

typedef struct
{
  char     magic[8];
  uint32_t order;
  uint32_t version;
  uint64_t start_realtime_ns;
  uint64_t start_monotonic_ns;
  uint32_t pid; /* of the writer; only to be told */
  uint32_t uri_len;
  uint8_t  reserved[24]; /* 0 */
} PtlLogHeader;

_Static_assert (sizeof (PtlLogHeader) == 64, "the fixed header has 64 bytes");

/* Locked (flock(2)) by whoever writes or reads the log. */
#define PTL_LOG_LOCK_FILE "lock"

/* A record of the peers file.  Where one could not be written there is a hole: all zero. */
#define PTL_LOG_PEER_MAX 112u

typedef struct
{
  uint32_t present; /* 1 */
  uint32_t len;     /* of the address, at most PTL_LOG_PEER_MAX */
  uint8_t  address[PTL_LOG_PEER_MAX];
  uint8_t  reserved[8]; /* 0 */
} PtlLogPeer;

_Static_assert (sizeof (PtlLogPeer) == 128, "a peer record has 128 bytes");
_Static_assert (sizeof (struct sockaddr_un) <= PTL_LOG_PEER_MAX, "every address fits");

/* The writer's buffers: reused, so that they stay in the cache. */
#define PTL_LOG_DATA_STAGE (256u * 1024)
#define PTL_LOG_INDEX_STAGE 2048u /* records */
#define PTL_LOG_PEER_STAGE 256u   /* records */
/* Frames of this size are written from where they are, not copied first. */
#define PTL_LOG_LARGE (32u * 1024)
/* What of a log's own limit is kept for events and peers, so that the log can tell why it ends:
 * this much, or an eighth of a small limit. */
#define PTL_LOG_RESERVE (64u * 1024)
/* What must go in after a failure, or the frame that failed if it was larger, for there to be room
 * again. */
#define PTL_LOG_PROBE (64u * 1024)

/* What is kept free on the disk by default: this much, or this part of it if that is less. */
#define PTL_LOG_KEEP_FREE_MAX (1024 * UINT64_C (1048576))
#define PTL_LOG_KEEP_FREE_PART 20
/* Written without asking how much the disk has: at the start, and after each time it was asked at
 * least the smaller, if there is as much, and at most the larger. */
#define PTL_LOG_START (4 * UINT64_C (1048576))
#define PTL_LOG_GRANT_MIN UINT64_C (1048576)
#define PTL_LOG_GRANT_MAX (64 * UINT64_C (1048576))

/* The data file's blocks are allocated this far ahead (fallocate(2)) from this size of it on, where
 * that is worth it: on ext4 a write into them costs half of one whose blocks are still to be
 * reserved, each by itself.  A short log takes no more of the disk than it has bytes, and what is
 * left is given back when the log is closed, when the disk is full and when a log that a crash left
 * is opened. */
#define PTL_LOG_AHEAD (16 * UINT64_C (1048576))
#define PTL_LOG_AHEAD_FROM (16 * UINT64_C (1048576))
#define PTL_LOG_AHEAD_NEVER UINT64_MAX
/* Less than this is not worth a search for it. */
#define PTL_LOG_AHEAD_SLACK UINT64_C (1048576)
/* For bytes that go into another file than data. */
#define PTL_LOG_ELSEWHERE UINT64_MAX

struct _PtlLog
{
  /* Constant */
  char    *dir;
  char    *uri;
  uint64_t start_realtime_ns;
  uint64_t start_monotonic_ns;
  uint64_t limit_bytes;
  uint64_t n_torn;
  uint64_t serial; /* never the same for two logs of this process */
  bool     writable;
  int      lock_fd;
  int      index_fd;
  int      data_fd;
  int      peers_fd;

  /* The writer's */
  uint64_t keep_free;
  uint64_t granted; /* bytes that may be written before the disk is asked again */
  uint64_t ahead_from; /* the place in the data file from which on to allocate ahead */
  uint64_t ahead_end;  /* up to where that was done, 0 if not */

  /* Shared.  The writer stores n_peers and data_end (release), then committed (release); readers
   * load committed (acquire) first. */
  _Atomic int      ref_count;
  _Atomic int      lock_count; /* of those, who keep the lock */
  _Atomic bool     has_sink;
  _Atomic uint64_t committed; /* frames */
  _Atomic uint64_t data_end;  /* bytes of the data file that committed frames may have */
  _Atomic uint32_t n_peers;

  /* Fault injection: what the disk will still take, and what it says then; negative: no bound. */
  _Atomic int64_t room_bytes;
  _Atomic int     room_errno;
};

/* Any thread.  For who goes on reading when all others have let go, until it sees that: it keeps
 * the files open, but not the lock.  The caller has a reference. */
PtlLog *ptl_log_ref_reader   (PtlLog *log);
void    ptl_log_unref_reader (PtlLog *log);

/* Bytes of the data file from @offset on, as far as they are committed: how many, or -errno. */
ssize_t ptl_log_read_data (PtlLog  *log,
                           uint64_t offset,
                           void    *buffer,
                           size_t   size);

/* The writer's.  How many of @wanted bytes may be written at @at of the data file, or
 * PTL_LOG_ELSEWHERE; if fewer, *@error says why not more. */
uint64_t ptl_log_get_room  (PtlLog  *log,
                            uint64_t at,
                            uint64_t wanted,
                            int     *error);
/* They were written, as many as there was room for at most. */
void     ptl_log_use_room  (PtlLog  *log,
                            uint64_t at,
                            uint64_t bytes);
/* Gives back what was allocated ahead and is not written; false when there was nothing. */
bool     ptl_log_give_back (PtlLog  *log);
/* What a writer that was killed had allocated in the file @name; nobody writes it. */
void     ptl_log_give_back_left (int         dir_fd,
                                 const char *name);
/* Before the files are there, and when a writer has made them. */
void     ptl_log_init_room  (PtlLog  *log);
void     ptl_log_start_room (PtlLog  *log);

/* From now on the disk takes @bytes more, then every write fails with @sys_errno; negative @bytes:
 * no bound.  Any thread.  PTL_FAULT_LOG_ROOM in the environment sets it for every new log. */
void    ptl_log_set_room  (PtlLog *log,
                           int64_t bytes,
                           int     sys_errno);

G_END_DECLS
