/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of a session's life, as the log stores them.  Codes are part of the file format:
 * never renumbered. */
#pragma once

#include <stdbool.h>

#include "ptl-address.h"

typedef enum
{
  PTL_EVENT_NONE = 0,
  PTL_EVENT_RESOLVING = 1,          /* text: the host and port asked for */
  /* n1: how many addresses, n2: ns it took, text: canonical name */
  PTL_EVENT_RESOLVED = 2,
  PTL_EVENT_RESOLVED_ADDRESS = 3,   /* peer: one of them, n1: its place from 1 */
  /* n1: EAI_*, error: errno with EAI_SYSTEM, n2: ns, text: as asked */
  PTL_EVENT_RESOLVE_FAILED = 4,
  PTL_EVENT_CANDIDATE_STARTED = 5,  /* peer: connect is being tried, n1: its place from 1 */
  PTL_EVENT_CANDIDATE_FAILED = 6,   /* peer, error, n2: ns since it was started */
  PTL_EVENT_CANDIDATE_DROPPED = 7,  /* peer: another was quicker, n2: ns */
  PTL_EVENT_CONNECTED = 8,          /* local, peer, n2: ns since its connect */
  PTL_EVENT_LISTENING = 9,          /* local */
  PTL_EVENT_BOUND = 10,             /* local: a datagram socket is ready */
  PTL_EVENT_ACCEPTED = 11,          /* local, peer */
  PTL_EVENT_PEER_REFUSED = 12,      /* peer, n1: PtlRefusal */
  PTL_EVENT_ACCEPT_PAUSED = 13,     /* error: EMFILE ... */
  PTL_EVENT_ACCEPT_RESUMED = 14,
  /* end of input from the peer (recv gave 0); n1: 1 we can still send, 0 we close */
  PTL_EVENT_PEER_ENDED = 15,
  PTL_EVENT_WE_ENDED = 16,          /* shutdown (SHUT_WR) by us */
  PTL_EVENT_RESET = 17,             /* error: ECONNRESET, EPIPE ...: the peer reset */
  PTL_EVENT_WE_RESET = 18,
  /* both directions are done and the socket is closed; n1 bytes in, n2 bytes out */
  PTL_EVENT_CLOSED = 19,
  PTL_EVENT_SEND_FAILED = 20,       /* error, n1: bytes not sent, n2: datagrams, if many */
  PTL_EVENT_CONNECT_TIMEOUT = 21,   /* n1: ms */
  PTL_EVENT_IDLE_TIMEOUT = 22,      /* n1: ms */
  PTL_EVENT_JOINED = 23,            /* peer: the group, text: device */
  PTL_EVENT_LEFT = 24,
  PTL_EVENT_JOIN_FAILED = 25,       /* peer, text, error */
  /* n1: datagrams the kernel dropped since the last one, n2: in all */
  PTL_EVENT_KERNEL_DROPS = 26,
  PTL_EVENT_LOG_FULL = 27,          /* error; n1: 1 receiving was stopped, 0 it goes on */
  PTL_EVENT_LOG_RESUMED = 28,       /* n1: frames, n2: bytes that were not recorded meanwhile */
  PTL_EVENT_RECEIVING_PAUSED = 29,  /* by the user */
  PTL_EVENT_RECEIVING_RESUMED = 30,
  PTL_EVENT_OPTION_FAILED = 31,     /* text: its name, error */
  PTL_EVENT_FAULT = 32,             /* the session cannot go on; n1: PtlStep, error, peer */
  PTL_EVENT_STOPPED = 33,           /* by the user */
  /* error: an asynchronous one (ICMP) on a datagram socket, peer */
  PTL_EVENT_SOCKET_ERROR = 34,
  PTL_EVENT_PEER_FORGOTTEN = 35,    /* peer: a datagram source made room for newer ones */
  PTL_EVENT_FILE_SENT = 36,         /* n1: bytes, n2: ns */
  /* n1: frames, n2: bytes that were not recorded until the end */
  PTL_EVENT_NOT_RECORDED = 37,
  /* peer: does not take what it is sent; n1: datagrams, n2: bytes that wait for it; error: ENOBUFS
   * where nobody knows, others take all room */
  PTL_EVENT_PEER_NOT_READING = 38,
  /* after PEER_ENDED: why our direction is not kept open; n1: PtlHalfOpenEnd */
  PTL_EVENT_HALF_OPEN_ENDED = 39,
  PTL_N_EVENTS
} PtlEventCode;

typedef enum
{
  PTL_REFUSAL_NOT_OWN = 1, /* not an address of this computer */
  PTL_REFUSAL_FULL = 2     /* max_peers */
} PtlRefusal;

typedef enum
{
  PTL_HALF_OPEN_PEER_CLOSED = 1, /* the peer has closed its socket: nobody would read it */
  PTL_HALF_OPEN_MADE_ROOM = 2    /* for newer peers */
} PtlHalfOpenEnd;

#define PTL_EVENT_TEXT_MAX 1024
#define PTL_EVENT_BYTES_MAX (24 + 2 * 128 + PTL_EVENT_TEXT_MAX)

typedef struct
{
  PtlEventCode code;
  int          error; /* errno, positive */
  int64_t      n1;
  int64_t      n2;
  PtlAddress   local;
  PtlAddress   peer;
  char         text[PTL_EVENT_TEXT_MAX]; /* NUL-terminated; from the network: never markup */
} PtlEvent;

/* The bytes of the frame, without the code (that is in the index):
 *    n1 (8) n2 (8) error (4) local_len (1) peer_len (1) text_len (2) local peer text
 * Returns how many were written to @bytes, which has PTL_EVENT_BYTES_MAX. */
size_t ptl_event_encode (const PtlEvent *event,
                         uint8_t        *bytes);
/* False, and an event of that code with nothing else, when the bytes are not well formed. */
bool   ptl_event_decode (PtlEvent      *event,
                         uint32_t       code,
                         const uint8_t *bytes,
                         size_t         len_bytes);
