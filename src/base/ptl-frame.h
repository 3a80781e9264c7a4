/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A frame: one read, one write or one event of a session, and the sink that workers append them
 * to.  The engine knows only this interface; the log implements it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ptl-address.h"

typedef enum
{
  PTL_FRAME_IN,    /* bytes the kernel gave us */
  PTL_FRAME_OUT,   /* bytes the kernel took from us */
  /* something happened: @code says what, the bytes are a PtlEvent's (ptl-event.h) */
  PTL_FRAME_EVENT,
  PTL_N_FRAME_KINDS
} PtlFrameKind;

enum
{
  PTL_FRAME_TRUNCATED = 1 << 0,  /* MSG_TRUNC: the datagram was longer, @full_len says how long */
  PTL_FRAME_DATAGRAM = 1 << 1,   /* has boundaries: length 0 is a datagram of no bytes */
  PTL_FRAME_NOT_STORED = 1 << 2, /* counted only (discard): @length is 0, @full_len what came */
};

/* Peer number of frames that belong to the session itself. */
#define PTL_PEER_NONE 0u

/* The index record, 32 bytes, little endian as the machine (the log's header says which):
 *
 *    0        8        16    20    24   25    26    28    32
 *    | time_ns | offset | len | peer | kind| 0 | flags| code/full_len |
 */
typedef struct
{
  uint64_t time_ns;  /* since the log's start, monotonic, taken at the read or write */
  uint64_t offset;   /* of its bytes in the data file */
  uint32_t length;   /* bytes stored */
  uint32_t peer;     /* number in the log's list of peers, from 1; PTL_PEER_NONE */
  uint8_t  kind;     /* PtlFrameKind */
  uint8_t  reserved; /* 0 */
  uint16_t flags;
  uint32_t code;     /* EVENT: PtlEventCode; IN and OUT: the full length where it differs, else 0 */
} PtlFrame;

_Static_assert (sizeof (PtlFrame) == 32, "an index record has 32 bytes");

typedef struct _PtlSink PtlSink;

/* What could not be recorded, by kind: with each, what was appended = what is recorded + this. */
typedef struct
{
  uint64_t in_frames;
  uint64_t in_bytes;
  uint64_t out_frames;
  uint64_t out_bytes;
  uint64_t events;
} PtlLost;

typedef struct
{
  /* A new peer; numbers come in order from 1.  */
  void    (*add_peer)    (PtlSink *self, uint32_t peer, const PtlAddress *address);

  /* One frame; time_ns is the monotonic clock's, offset is ignored, length bytes are copied out of
   * @bytes before it returns. Becomes visible with the next commit at the latest. */
  void    (*append)      (PtlSink *self, const PtlFrame *frame, const void *bytes);

  /* One frame whose length bytes are taken out of the pipe @fd by splice(2); all of them, also
   * when they cannot be recorded.  0 where the sink cannot (then nothing was taken), else 1.
   * NULL: it never can. */
  int     (*append_pipe) (PtlSink *self, const PtlFrame *frame, int fd);

  /* Publishes all that was appended.  0, or -errno of the write that failed (-ENOSPC, -EFBIG,
   * -EDQUOT, -EIO): frames are being counted as not recorded.  Called again later it tries anew. */
  int     (*commit)      (PtlSink *self);

  /* What could not be recorded since the start. */
  void    (*get_lost)    (PtlSink *self, PtlLost *lost);

  /* The last call, after commit; frees @self. */
  void    (*close)       (PtlSink *self);
} PtlSinkClass;

/* One worker calls it, never two at a time. */
struct _PtlSink
{
  const PtlSinkClass *klass;
};
