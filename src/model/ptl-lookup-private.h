/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a lookup share. */
#pragma once

#include "lookup/ptl-lookup-pool.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-bridge-private.h"
#include "model/ptl-lookup.h"

G_BEGIN_DECLS

/* What this computer's own files say; read in a thread. */
typedef struct
{
  char      *order;        /* of nsswitch.conf, for hosts */
  char      *search;       /* or NULL */
  PtlAddress servers[PTL_NSS_SERVERS_MAX];
  guint      n_servers;
  GArray    *hosts;        /* of PtlHostsEntry, with the name or address */
  PtlService services[2];  /* TCP, UDP; name NULL: none */
  PtlService ports[2];
} PtlFacts;

struct _PtlLookup
{
  GObject        parent_instance;

  PtlLookupPool *pool;
  PtlLookupPool *reverse_pool;
  PtlDnsClient  *dns;
  PtlBridge     *bridge;
  GListStore    *groups[PTL_LOOKUP_N_GROUPS];

  PtlClassified  classified;
  guint          generation;
  guint          n_pending;
  gboolean       busy;
  GCancellable  *cancellable; /* of the facts */
  GPtrArray     *resolving;   /* borrowed Pending that the pools have */
  guint64        dns_group;
  PtlFacts      *facts;       /* NULL until they are there */

  /* of the group ADDRESSES */
  GArray        *addresses;   /* of PtlAddress, as its rows from first_address on */
  guint          first_address;
  PtlDnsReply   *direct[2];   /* A, AAAA: for the source */
  char         **reversed;    /* names of the addresses; NULL: not (yet) known */

  /* of the group RECORDS */
  guint          records_generation;
  guint          n_sections;
  guint         *section_rows; /* how many rows each question has */
  PtlDnsReply  **compared;     /* those of both servers, in pairs */
  gboolean       comparing;
  guint          wanted_type;  /* asked for before the servers were known: type + 1 */
  char          *wanted_other;
  gboolean       wanted;

  guint          n_subnet_rows;
  gboolean       offline;
};

/* For tests: of a name only the records at a typed server are asked for, so that nothing leaves
 * this computer. */
void ptl_lookup_set_offline (PtlLookup *self,
                             gboolean   offline);
/* Rows of the anatomy of the address that was typed. */
void ptl_lookup_add_anatomy (PtlLookup *self);
void ptl_lookup_add_row     (PtlLookup        *self,
                             PtlLookupGroup    group,
                             PtlLookupRowKind  kind,
                             const char       *label,
                             const char       *value,
                             const char       *detail);

G_END_DECLS
