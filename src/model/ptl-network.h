/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interfaces and routes of this computer as tables that are always up to date.  Main thread;
 * the kernel is watched in a thread of its own. */
#pragma once

#include <gio/gio.h>

#include "host/ptl-netlink-monitor.h"
#include "model/ptl-net-table.h"

G_BEGIN_DECLS

#define PTL_NETWORK_RATES_MAX 120 /* one a second, as the graph has them */

/* Signal "changed": there is a new snapshot, and the tables are up to date. */
#define PTL_TYPE_NETWORK (ptl_network_get_type ())
G_DECLARE_FINAL_TYPE (PtlNetwork, ptl_network, PTL, NETWORK, GObject)

/* The one that all share while anybody has it; owned. */
PtlNetwork           *ptl_network_dup_shared   (void);
/* What somebody wants to be kept up to date, until released as often. */
void                  ptl_network_hold         (PtlNetwork *self,
                                                PtlNetWant  want);
void                  ptl_network_release      (PtlNetwork *self,
                                                PtlNetWant  want);
/* The same as long as @object lives. */
void                  ptl_network_hold_for     (PtlNetwork *self,
                                                PtlNetWant  want,
                                                GObject    *object);
/* Borrowed; NULL: not yet. */
const PtlNetSnapshot *ptl_network_get_snapshot (PtlNetwork *self);
/* Why nothing (new) is to be seen, translated; or NULL.  Owned. */
char                 *ptl_network_dup_problem  (PtlNetwork *self);

/* All borrowed.  Rows of routes are PtlRouteItem values, those of interfaces PtlInterfaceItem. */
PtlTable             *ptl_network_get_interfaces (PtlNetwork *self);
/* With all their columns, for a report. */
PtlTable             *ptl_network_get_full_interfaces (PtlNetwork *self);
PtlTable             *ptl_network_get_addresses  (PtlNetwork *self); /* of all interfaces */
PtlTable             *ptl_network_get_routes     (PtlNetwork *self);
/* Whatever filter is set; owned. */
PtlTable             *ptl_network_dup_all_routes (PtlNetwork *self);
PtlTable             *ptl_network_get_rules      (PtlNetwork *self);
/* Those of table "local" are left out unless wanted; @family 0: both. */
void                  ptl_network_filter_routes  (PtlNetwork *self,
                                                  gboolean    with_local,
                                                  int         family);
guint                 ptl_network_get_n_hidden   (PtlNetwork *self); /* routes left out */

/* The name of an interface, safe to show; "#7" when it is not known (any more).  Owned. */
char                 *ptl_network_dup_name     (PtlNetwork *self,
                                                int         index);
/* Bytes per second, oldest first; how many (0: none yet). */
guint                 ptl_network_get_rates    (PtlNetwork    *self,
                                                int            index,
                                                const double **rx,
                                                const double **tx);

/* Which way a packet to @address, as typed, would go; from @source, which may be NULL or "". */
void                  ptl_network_ask_async    (PtlNetwork           *self,
                                                const char           *address,
                                                const char           *source,
                                                GCancellable         *cancellable,
                                                GAsyncReadyCallback   callback,
                                                gpointer              data);
/* The answer in one sentence (owned), and in @facts, which is one that ptl_fact_table_new() made.
 * @tone says whether a packet would go at all. */
char                 *ptl_network_ask_finish   (PtlNetwork           *self,
                                                GAsyncResult         *result,
                                                PtlNetTable          *facts,
                                                PtlTableTone         *tone,
                                                GError              **error);

G_END_DECLS
