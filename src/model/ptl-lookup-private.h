/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a lookup share.  Each group of rows has a file of its own; what is asked for
 * one carries a Pending with the generation of its start, and an answer of an older one is dropped
 * when it arrives. */
#pragma once

#include "host/ptl-own-addresses.h"
#include "lookup/ptl-dns-trace.h"
#include "lookup/ptl-lookup-pool.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-bridge-private.h"
#include "model/ptl-lookup.h"
#include "model/ptl-questions-private.h"
#include "registry/ptl-registry.h"

G_BEGIN_DECLS

#define PTL_LOOKUP_SHOWN_MAX 1024 /* characters of a record; the rest is there for copying */
#define PTL_LOOKUP_IANA_MAX 64 /* rows of the registry that are shown */
#define PTL_LOOKUP_OWN_MAX 64  /* and of the addresses of an interface */
#define PTL_LOOKUP_SOCKETS_MAX 64 /* and of the sockets that have one path */

typedef struct _PtlSocketFacts PtlSocketFacts;

/* What this computer's own files say, and the registry; read in a thread. */
typedef struct
{
  char      *order;        /* of nsswitch.conf, for hosts */
  char      *search;       /* or NULL */
  PtlAddress servers[PTL_NSS_SERVERS_MAX];
  guint      n_servers;
  GArray    *hosts;        /* of PtlHostsEntry, with the name or address */
  PtlNssService services[2]; /* TCP, UDP; name NULL: none */
  PtlNssService ports[2];
  PtlOwn     own;          /* when an interface was typed */
  GArray    *iana;         /* of PtlRegistryRow; NULL: neither service nor port was typed */
  PtlSocketFacts *socket;  /* NULL: no Unix socket was typed */
} PtlFacts;

typedef struct _PtlLookupPending PtlLookupPending;

/* A source of nsswitch.conf that is asked alone. */
typedef struct
{
  PtlNssSource  source;
  GArray       *addresses;  /* of PtlAddress */
  guint64       elapsed_ns;
  int           gai_code;   /* as ptl_nss_source_pool_new() has them */
  int           sys_errno;
  gboolean      done;
  PtlLookupRow *row;
} PtlLookupSource;

/* @resolved and @pending are borrowed. */
typedef void (*PtlLookupTakeResolved) (PtlLookup         *self,
                                       const PtlResolved *resolved,
                                       PtlLookupPending  *pending);
/* @reply is the callee's. */
typedef void (*PtlLookupTakeReply)    (PtlLookup         *self,
                                       PtlDnsReply       *reply,
                                       PtlLookupPending  *pending);

struct _PtlLookupPending
{
  PtlLookup            *self; /* not counted: the bridge is closed before it goes */
  guint                 generation;
  guint                 records_generation;
  guint                 index;
  PtlLookupRow         *row;  /* owned, or NULL */
  PtlLookupTakeResolved take_resolved;
  PtlLookupTakeReply    take_reply;
};

struct _PtlLookup
{
  GObject        parent_instance;

  PtlLookupPool *pool;
  PtlLookupPool *reverse_pool;
  PtlLookupPool *source_pool;
  PtlDnsClient  *dns;
  PtlBridge     *bridge;
  PtlQuestions  *questions;   /* each about a Pending */
  GListStore    *groups[PTL_LOOKUP_N_GROUPS];

  PtlClassified  classified;
  guint          generation;
  guint          n_pending;
  gboolean       busy;
  GCancellable  *cancellable; /* of the facts */
  guint64        dns_group;
  PtlFacts      *facts;       /* NULL until they are there */

  /* of the groups ADDRESSES and SOURCES */
  GArray        *addresses;   /* of PtlAddress, as its rows from first_address on */
  guint          first_address;
  PtlDnsReply   *direct[2];   /* A, AAAA: for the server and the TTL */
  char         **reversed;    /* names of the addresses; "": there is none; NULL: not known */
  GPtrArray     *sources;     /* of PtlLookupSource */

  /* of the group RECORDS */
  guint          records_generation;
  guint          n_sections;
  guint         *section_rows; /* how many rows each question has */
  PtlDnsReply  **folded;       /* what says nothing of one type alone, by question */
  PtlDnsReply  **compared;     /* those of both servers, in pairs */
  gboolean       comparing;
  guint          wanted_type;  /* asked for before the servers were known */
  char          *wanted_other;
  gboolean       wanted;

  /* of the group TRACE */
  guint64        trace_group;  /* of the client's questions; 0: none runs */
  guint          trace_generation;
  PtlLookupRow  *trace_row;    /* the last row while one runs; borrowed */

  guint          n_subnet_rows;
  gboolean       offline;
};

/* For tests: of a name only the records at a typed server are asked for, so that nothing leaves
 * this computer. */
void ptl_lookup_set_offline (PtlLookup *self,
                             gboolean   offline);

/* --- ptl-lookup.c --- */
void ptl_lookup_add_row     (PtlLookup        *self,
                             PtlLookupGroup    group,
                             PtlLookupRowKind  kind,
                             const char       *label,
                             const char       *value,
                             const char       *detail);
/* One question more, or one less, that is not answered yet. */
void ptl_lookup_hold        (PtlLookup        *self);
void ptl_lookup_release     (PtlLookup        *self);
void ptl_lookup_resolve     (PtlLookup             *self,
                             PtlLookupPool         *pool,
                             const char            *host,
                             const char            *service,
                             PtlLookupTakeResolved  take,
                             guint                  index,
                             PtlLookupRow          *row);
void ptl_lookup_ask_dns     (PtlLookup          *self,
                             const char         *name,
                             guint               type,
                             const PtlAddress   *servers,
                             guint               n_servers,
                             PtlLookupTakeReply  take,
                             guint               index);

/* --- ptl-lookup-addresses.c --- */
void ptl_lookup_start_addresses  (PtlLookup *self);
/* Those of an interface: no source and no server is asked for its name. */
void ptl_lookup_start_interface  (PtlLookup *self);
void ptl_lookup_start_reverse    (PtlLookup *self);
void ptl_lookup_update_addresses (PtlLookup *self);
/* The facts have come. */
void ptl_lookup_facts_for_addresses (PtlLookup *self);
void ptl_lookup_clear_addresses  (PtlLookup *self);

/* --- ptl-lookup-sources.c --- */
/* Asks each source of the order alone. */
void ptl_lookup_start_sources  (PtlLookup *self);
/* Something is known that a row of theirs says. */
void ptl_lookup_update_sources (PtlLookup *self);
void ptl_lookup_source_free    (gpointer   data);
/* The source that programs have @address from; NULL and *@known FALSE while some are being asked,
 * TRUE when none of them has it. */
const PtlLookupSource *ptl_lookup_find_source (PtlLookup        *self,
                                               const PtlAddress *address,
                                               gboolean         *known);

/* --- ptl-lookup-records.c --- */
void ptl_lookup_clear_records   (PtlLookup *self);
/* What is still being asked is shown as cancelled. */
void ptl_lookup_cancel_records  (PtlLookup *self);
/* The records that were asked for before the facts had come. */
void ptl_lookup_facts_for_records (PtlLookup *self);
/* A row with the whole record; owned. */
PtlLookupRow *ptl_lookup_make_record_row (const PtlDnsRecord *record,
                                          const char         *detail);

/* --- ptl-lookup-services.c --- */
void ptl_lookup_start_facts  (PtlLookup *self);
void ptl_lookup_facts_free   (PtlFacts  *facts);

/* --- ptl-lookup-socket.c --- */
/* Waits for files and the kernel: not in the main thread. */
PtlSocketFacts *ptl_socket_facts_read (const PtlAddress *address);
void            ptl_socket_facts_free (PtlSocketFacts   *facts);
void ptl_lookup_start_socket     (PtlLookup *self);
/* The facts have come. */
void ptl_lookup_facts_for_socket (PtlLookup *self);

/* --- ptl-lookup-trace.c --- */
void ptl_lookup_cancel_trace (PtlLookup *self);

/* --- ptl-lookup-anatomy.c --- */
/* Rows of the anatomy of the address that was typed. */
void ptl_lookup_add_anatomy  (PtlLookup *self);

G_END_DECLS
