/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listens to a multicast group or to broadcasts on one interface, in a thread of its own, and finds
 * out whether these work there at all: a datagram of our own, to the same group on a port that only
 * we have, has to come back (ip(7), IP_MULTICAST_LOOP; broadcasts always do).  It goes no further
 * than the link (a time to live of 1, RFC 1112 section 6.1). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_HEAR_QUEUE_MAX 2048  /* datagrams that wait to be taken; more are only counted */
#define PTL_HEAR_KEEP_MAX 256    /* bytes of a datagram that are kept */
#define PTL_HEAR_DEVICE_MAX 16   /* IFNAMSIZ */
#define PTL_HEAR_CHECK_MS 1000   /* how long our own datagram may take */
#define PTL_HEAR_INTERFACES_MAX 1024

/* --- groups to choose from --- */
typedef struct
{
  const char *name;    /* "mDNS" */
  const char *address; /* "224.0.0.251"; "255.255.255.255": broadcasts */
  uint16_t    port;
  const char *what;    /* translatable */
  const char *source;  /* "RFC 6762 section 3" */
} PtlHearGroup;

const PtlHearGroup *ptl_hear_list_groups (size_t *n); /* static; any thread */

/* --- interfaces --- */
typedef struct
{
  char       name[PTL_HEAR_DEVICE_MAX];
  unsigned   index;
  unsigned   flags;     /* IFF_* of netdevice(7) */
  bool       has_ipv4;
  bool       has_ipv6;
  PtlAddress broadcast; /* of its first IPv4 address that has one; else empty */
} PtlHearInterface;

/* By getifaddrs(3), in the order of their numbers; of PtlHearInterface, owned.  Not in the main
 * thread.  Empty and @error when the system refuses. */
GArray *ptl_hear_list_interfaces (GError **error);

/* --- listening --- */
typedef enum
{
  PTL_HEAR_STEP_NONE,
  PTL_HEAR_STEP_DEVICE, /* there is no such interface, the address is not one for its broadcasts
                         * (EADDRNOTAVAIL), or (sys_errno 0) its flags say that it cannot */
  PTL_HEAR_STEP_SOCKET,
  PTL_HEAR_STEP_BIND,
  PTL_HEAR_STEP_JOIN,
  PTL_HEAR_STEP_SEND,
  PTL_HEAR_STEP_RETURN, /* it was sent and did not come back */
  PTL_HEAR_STEP_RECEIVE
} PtlHearStep;

typedef enum
{
  PTL_HEAR_CHECK_RUNNING,
  PTL_HEAR_CHECK_GOOD,
  PTL_HEAR_CHECK_FAILED
} PtlHearCheck;

typedef struct
{
  PtlAddress group;     /* with its port; multicast, or 255.255.255.255, or an address of a subnet
                         * that is for broadcasts */
  char       device[PTL_HEAR_DEVICE_MAX];
} PtlHearConfig;

typedef struct
{
  uint64_t   time_ns;   /* of the clock on the wall */
  PtlAddress from;
  PtlAddress to;        /* empty when the system did not say */
  int        ttl;       /* or hop limit; -1: not known */
  uint32_t   len_bytes; /* of the whole */
  uint16_t   len_kept;
  uint8_t    bytes[PTL_HEAR_KEEP_MAX];
} PtlHearFrame;

typedef struct
{
  bool         running;
  PtlHearStep  step;       /* that ended it */
  int          sys_errno;
  unsigned     flags;      /* of the interface, IFF_* */
  PtlHearCheck check;
  PtlHearStep  check_step; /* where it failed */
  int          check_errno;
  uint32_t     check_us;   /* how long it took to come back */
  uint64_t     n_frames;
  uint64_t     n_bytes;
  uint64_t     n_untold;   /* came while the queue was full */
  uint64_t     n_dropped;  /* by the kernel, as nobody read so fast (SO_RXQ_OVFL) */
  uint64_t     elapsed_ns;
} PtlHearStatus;

typedef struct _PtlHear PtlHear;

/* In the thread; not again before what is there has been taken.  It may not wait. */
typedef void (*PtlHearNews) (void *data);

/* NULL and @error when there is no thread or descriptor. */
PtlHear *ptl_hear_new  (const PtlHearConfig *config,
                        PtlHearNews          news,
                        void                *data,
                        GError             **error);
void     ptl_hear_stop (PtlHear             *hear); /* any thread */
void     ptl_hear_free (PtlHear             *hear); /* stops, joins; NULL is fine */
/* What came since the last time, of PtlHearFrame, and where it stands; owned.  Any thread. */
GArray  *ptl_hear_take (PtlHear             *hear,
                        PtlHearStatus       *status);

/* Is it an address one can listen to here?  Any thread. */
bool     ptl_hear_is_group (const PtlAddress *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlHear, ptl_hear_free)

G_END_DECLS
