/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of the socket calls that a session made, as they happened: a bounded ring that one
 * worker writes and the window reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/ptl-address.h"

typedef enum
{
  PTL_CALL_GETADDRINFO,
  PTL_CALL_SOCKET,       /* args: domain, type, protocol */
  PTL_CALL_SETSOCKOPT,   /* args: PtlOptionId, value, value 2 (linger) */
  PTL_CALL_BIND,         /* address */
  PTL_CALL_LISTEN,       /* args: backlog */
  PTL_CALL_ACCEPT,       /* accept4; address: of the peer; result: the new descriptor */
  PTL_CALL_CONNECT,      /* address */
  /* getsockopt (SO_ERROR) after EINPROGRESS: how the connect ended; address */
  PTL_CALL_CONNECT_DONE,
  PTL_CALL_GETSOCKNAME,  /* address: the result */
  /* Those that are folded have args: the size asked for (RECVMMSG: of how many messages), 1 when it
   * was the same each time. */
  PTL_CALL_SEND,         /* folded; bytes */
  PTL_CALL_RECV,         /* folded */
  PTL_CALL_RECVMSG,      /* folded; of messages that keep their boundaries (seqpacket) */
  PTL_CALL_SENDTO,       /* address */
  PTL_CALL_RECVMMSG,     /* folded; result: how many datagrams the last one took */
  PTL_CALL_SPLICE,       /* folded: received straight into the log's file */
  PTL_CALL_SHUTDOWN,     /* args: how */
  PTL_CALL_CLOSE,
  PTL_CALL_GET_ERROR,    /* getsockopt (SO_ERROR) after epoll told of an error; what it was */
  PTL_CALL_GET_MEMINFO,  /* getsockopt (SO_MEMINFO), folded: drops, and what waits to be read */
  PTL_CALL_FIONREAD,     /* ioctl (FIONREAD); result: the bytes that may be read */
  PTL_CALL_SEND_DIAG,    /* send to sock_diag(7): a question about the peer's socket; folded */
  PTL_CALL_RECV_DIAG,    /* recvfrom: its answer; folded */
  PTL_N_CALLS
} PtlCall;

/* Socket options by a number of our own, so that a record is small. */
typedef enum
{
  PTL_OPT_NONE,
  PTL_OPT_REUSEADDR,
  PTL_OPT_REUSEPORT,
  PTL_OPT_V6ONLY,
  PTL_OPT_NODELAY,
  PTL_OPT_KEEPALIVE,
  PTL_OPT_KEEPIDLE,
  PTL_OPT_KEEPINTVL,
  PTL_OPT_KEEPCNT,
  PTL_OPT_RCVBUF,
  PTL_OPT_SNDBUF,
  PTL_OPT_LINGER,
  PTL_OPT_BROADCAST,
  PTL_OPT_TTL,
  PTL_OPT_HOPS,
  PTL_OPT_TOS,
  PTL_OPT_TCLASS,
  PTL_OPT_DEVICE,
  PTL_OPT_RXQ_OVFL,
  PTL_OPT_MULTICAST_TTL,
  PTL_OPT_MULTICAST_HOPS,
  PTL_OPT_MULTICAST_LOOP,
  PTL_OPT_MULTICAST_LOOP6,
  PTL_OPT_MULTICAST_IF,
  PTL_OPT_MULTICAST_IF6,
  PTL_OPT_ADD_MEMBERSHIP,
  PTL_OPT_DROP_MEMBERSHIP,
  PTL_OPT_TIMESTAMPNS,
  PTL_OPT_RCVBUFFORCE,   /* SO_RCVBUFFORCE: beyond net.core.rmem_max, with CAP_NET_ADMIN */
  PTL_N_OPTS
} PtlOptionId;

typedef struct
{
  uint64_t   time_ns;    /* monotonic clock, of the first of the folded calls */
  uint64_t   last_ns;    /* of the last one, @n_again counted */
  uint64_t   count;      /* how many calls, 1 if not folded */
  uint64_t   bytes;      /* of all of them */
  int64_t    result;     /* of the last one, -1 on error as the caller of libc sees it */
  int        sys_errno;  /* of the last one, 0 when it did not fail */
  int        fd;         /* -1: none */
  int        args[3];
  uint32_t   elapsed_ns; /* spent in the call (not folded ones) */
  uint32_t   peer;       /* whose socket it was, PTL_PEER_NONE: the session's */
  uint32_t   n_again;    /* how many more said EAGAIN */
  uint8_t    call;       /* PtlCall */
  PtlAddress address;    /* empty where the call has none */
  char       text[80];   /* GETADDRINFO: host and port asked for; SO_BINDTODEVICE: the interface */
} PtlCallRecord;

#define PTL_CALLS_MAX 16384 /* records kept; older ones are dropped and counted */

typedef struct _PtlCalls PtlCalls;

PtlCalls *ptl_calls_new   (void);
PtlCalls *ptl_calls_ref   (PtlCalls *calls);
void      ptl_calls_unref (PtlCalls *calls);

/* Writer.  Adds a record; returns its sequence number, from 0. */
uint64_t  ptl_calls_add   (PtlCalls            *calls,
                           const PtlCallRecord *record);

/* Where the repeats of one hot call on one socket are folded. */
typedef struct
{
  uint64_t next; /* sequence number + 1 of the record, 0: none yet */
} PtlCallFold;

/* Writer.  @n more calls of this kind, each for @size, with together @bytes: added to the record of
 * @fold if that is still in the ring and had the same outcome (success or the same errno), else a
 * new one. */
void      ptl_calls_fold  (PtlCalls    *calls,
                           PtlCallFold *fold,
                           PtlCall      call,
                           int          fd,
                           uint32_t     peer,
                           uint64_t     now_ns,
                           uint64_t     n,
                           int64_t      result,
                           int          sys_errno,
                           uint64_t     bytes,
                           size_t       size);
/* Writer.  One more call of this kind that said EAGAIN: counted in the record of @fold if that is
 * still in the ring, else a new one. */
void      ptl_calls_fold_again (PtlCalls    *calls,
                                PtlCallFold *fold,
                                PtlCall      call,
                                int          fd,
                                uint32_t     peer,
                                uint64_t     now_ns,
                                size_t       size);

/* Any thread.  The sequence numbers that are there now: first <= i < next.  *@changes grows with
 * every addition and every fold. */
void      ptl_calls_get_range (PtlCalls *calls,
                               uint64_t *first,
                               uint64_t *next,
                               uint64_t *changes);
/* Any thread.  False when @seq is not (or no longer) there. */
bool      ptl_calls_get   (PtlCalls      *calls,
                           uint64_t       seq,
                           PtlCallRecord *record);
