/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches the interfaces, addresses and routes of this computer, in a thread of its own.
 *
 * It reads everything once and then follows the kernel's notifications.  What it knows is published
 * as a snapshot that is never changed; interfaces that did not change are the same in the next one.
 * When the kernel had to drop notifications (ENOBUFS) or a dump was not of one moment, everything
 * is read again, so that nothing that is gone stays.  Routes are always read again as a whole: of
 * an interface that goes down the kernel drops the IPv4 routes without a word. */
#pragma once

#include "host/ptl-interfaces.h"
#include "host/ptl-routes.h"

G_BEGIN_DECLS

#define PTL_NET_PUBLISH_MS 40        /* between two snapshots, at least; the first goes at once */
#define PTL_NET_COUNTERS_MS 1000     /* between two readings of the counters */
#define PTL_NET_RECEIVE_BYTES (1 << 20)

typedef struct _PtlNetMonitor PtlNetMonitor;

typedef struct
{
  _Atomic unsigned ref_count;
  uint64_t         at_ns;        /* monotonic */
  int              error;        /* negative errno: what is shown may be old, it is tried again */
  unsigned         n_overruns;   /* so far */
  unsigned         n_left_out;   /* interfaces and addresses beyond the limits */
  unsigned         n_addresses;
  unsigned         n_interfaces;
  PtlInterface   **interfaces;   /* by index */
  PtlCounterSet   *counters;     /* NULL when not wanted, or not read yet */
  PtlRoutes       *routes;       /* NULL when not wanted, or not read yet */
} PtlNetSnapshot;

PtlNetSnapshot     *ptl_net_snapshot_ref   (PtlNetSnapshot *snapshot);
void                ptl_net_snapshot_unref (PtlNetSnapshot *snapshot);
/* Borrowed; NULL: there is none with that index. */
const PtlInterface *ptl_net_snapshot_find  (const PtlNetSnapshot *snapshot,
                                            int                   index);

typedef enum
{
  PTL_NET_WANT_COUNTERS = 1 << 0,
  PTL_NET_WANT_ROUTES = 1 << 1
} PtlNetWant;

/* In the monitor's thread, must not wait: there is a new snapshot.  Not called again before
 * ptl_net_monitor_dup_snapshot(). */
typedef void (*PtlNetChangedFunc) (void *data);

/* NULL and @error where there is no socket or thread to be had. */
PtlNetMonitor  *ptl_net_monitor_new  (PtlNetChangedFunc   changed,
                                      void               *data,
                                      GError            **error);
/* Joins the thread, which ends at once unless a driver keeps it; @changed is not called any more.
 * NULL is fine. */
void            ptl_net_monitor_free (PtlNetMonitor *monitor);
/* Any thread, does not wait.  @wants: PtlNetWant; interfaces and addresses are always followed. */
void            ptl_net_monitor_set_wants    (PtlNetMonitor *monitor,
                                              unsigned       wants);
/* Any thread, does not wait.  NULL before the first one; owned. */
PtlNetSnapshot *ptl_net_monitor_dup_snapshot (PtlNetMonitor *monitor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlNetSnapshot, ptl_net_snapshot_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlNetMonitor, ptl_net_monitor_free)

G_END_DECLS
