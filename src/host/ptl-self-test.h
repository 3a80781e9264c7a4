/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does this computer reach itself?  For each of its own addresses a listener is opened and
 * connected to, and bytes go both ways: TCP and UDP, Unix sockets of a path and of an abstract
 * name, an IPv4 address carried in IPv6, multicast and broadcast.
 *
 * Nothing leaves this computer: both ends are bound to the same own address; multicast goes to the
 * group of all hosts, which needs no report (RFC 3376 section 5), with a TTL of 0 (RFC 1112 section
 * 6.1), in IPv6 with a group whose scope is the interface (RFC 4291 section 2.7); broadcast only
 * in 127.0.0.0/8.  A listener takes nobody but its own client.
 *
 * One thread makes the plan and PTL_SELF_TEST_THREADS - 1 more help it; they wait in poll(2) only,
 * and a cancel wakes them all. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/ptl-fault.h"

G_BEGIN_DECLS

#define PTL_SELF_TEST_THREADS 8
#define PTL_SELF_TEST_CASES_MAX 4096 /* more are left out */
#define PTL_SELF_TEST_WAIT_MS 1500   /* of silence, then a case has failed */

typedef enum
{
  PTL_SELF_TEST_OWN,       /* an address of an interface, or one of the two loopback ones */
  PTL_SELF_TEST_MAPPED,    /* ::ffff:127.0.0.1 */
  PTL_SELF_TEST_PATH,
  PTL_SELF_TEST_ABSTRACT,
  PTL_SELF_TEST_MULTICAST,
  PTL_SELF_TEST_BROADCAST,
  PTL_SELF_TEST_N_KINDS
} PtlSelfTestKind;

typedef enum
{
  PTL_SELF_TEST_WAITING,
  PTL_SELF_TEST_RUNNING,
  PTL_SELF_TEST_PASSED,
  PTL_SELF_TEST_FAILED,    /* step and sys_errno; EBADMSG: other bytes came than were sent */
  PTL_SELF_TEST_SILENT,    /* nothing came for PTL_SELF_TEST_WAIT_MS; step says on what it waited */
  PTL_SELF_TEST_NOT_TRIED, /* it would leave this computer */
  PTL_SELF_TEST_STOPPED    /* by a cancel */
} PtlSelfTestOutcome;

typedef struct
{
  PtlSelfTestKind    kind;
  int                type;    /* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET */
  PtlAddress         address; /* port 0; of a group or all of a network with MULTICAST, BROADCAST */
  PtlAddress         source;  /* what the client is bound to then; else empty */
  char               device[IFNAMSIZ]; /* "" for Unix sockets */
  unsigned           device_index;
  unsigned           device_flags;     /* IFF_UP, ... */
  bool               is_missing; /* a loopback address that this computer does not have */
  PtlSelfTestOutcome outcome;
  /* SOCKET ... CONNECT, ACCEPT, SEND, RECEIVE; SILENT in RECEIVE: at the listener if
   * !came_through */
  PtlStep            step;
  int                sys_errno;
  bool               came_through; /* the listener had the bytes of its client */
  uint64_t           elapsed_ns;
} PtlSelfTestCase;

typedef struct
{
  unsigned        index; /* cases are numbered from 0 in the order of the plan */
  PtlSelfTestCase what;
} PtlSelfTestNews;

typedef struct _PtlSelfTest PtlSelfTest;

/* A thread of the test's; not again before the news were taken.  May not wait. */
typedef void (*PtlSelfTestWake) (void *data);

/* NULL and errno when there is no thread or no descriptor to be had. */
PtlSelfTest *ptl_self_test_start  (PtlSelfTestWake  wake,
                                   void            *data);
/* Any thread, does not wait: what runs ends at once, the rest is not begun. */
void         ptl_self_test_cancel (PtlSelfTest     *test);
/* Cancels, and joins the threads: they are where a cancel wakes them, or nearly so.  No wake
 * afterwards.  NULL is fine. */
void         ptl_self_test_free   (PtlSelfTest     *test);
/* At most @max of what is new since the last time, of PtlSelfTestNews, owned; take again at once
 * when there are as many.  *@finished: nothing more will come.  *@n_cases: how many there are, 0
 * before the plan is made. */
GArray      *ptl_self_test_take   (PtlSelfTest     *test,
                                   unsigned         max,
                                   unsigned        *n_cases,
                                   bool            *finished);

/* One case in the calling thread: sets outcome and what follows.  @cancel_fd: readable once it is
 * to end. */
void         ptl_self_test_run_case (PtlSelfTestCase *what,
                                     int              cancel_fd);

G_END_DECLS
