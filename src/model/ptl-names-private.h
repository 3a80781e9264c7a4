/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the names of this computer share. */
#pragma once

#include "host/ptl-host-names.h"
#include "host/ptl-own-addresses.h"
#include "lookup/ptl-lookup-pool.h"
#include "lookup/ptl-nss.h"
#include "model/ptl-bridge-private.h"
#include "model/ptl-host-bus.h"
#include "model/ptl-names.h"
#include "model/ptl-table-store.h"

G_BEGIN_DECLS

/* What was read in a thread. */
typedef struct
{
  PtlHostNames names;
  PtlOwn       own;
  char        *order;     /* of nsswitch.conf, for hosts */
  char        *search;    /* of resolv.conf, or NULL */
  char        *env_search; /* of LOCALDOMAIN, which counts in its place; or NULL */
  GArray      *by_name;   /* of PtlHostsEntry, those with the host name */
  GPtrArray   *aliases;   /* of char, names of the hosts file for this computer */
  guint        n_aliases; /* with those that are left out */
} PtlNamesRead;

/* What getaddrinfo gave for the host name. */
typedef struct
{
  gboolean asked;
  char    *canonical; /* or NULL */
  int      gai_code;
  int      sys_errno;
} PtlNamesFqdn;

typedef enum
{
  PTL_NAMES_WHAT,
  PTL_NAMES_VALUE,
  PTL_NAMES_SOURCE
} PtlNamesColumn;

/* Fills @table with what is known; keys are those of the machine: "hostname", "fqdn" ... */
void ptl_names_fill_facts (PtlTableStore         *table,
                           const PtlNamesRead    *read,
                           const PtlHostBusFacts *bus,
                           const PtlNamesFqdn    *fqdn);
/* The host name with ".local", as mDNS has it; owned, or NULL. */
char *ptl_names_dup_mdns  (const PtlNamesRead    *read,
                           const PtlHostBusFacts *bus);

/* Main thread.  @only_own: addresses have changed, and nothing else. */
typedef struct _PtlNamesFollow PtlNamesFollow;
typedef void (*PtlNamesFollowFunc) (gpointer data,
                                    gboolean only_own);

PtlNamesFollow *ptl_names_follow_new  (const char         *root,
                                       PtlNamesFollowFunc  func,
                                       gpointer            data);
void            ptl_names_follow_free (PtlNamesFollow     *self);

PtlNamesRead *ptl_names_read      (const char   *root);
void          ptl_names_read_free (PtlNamesRead *read);

/* For tests: all paths are below @root, and the bus is given up after @bus_ms. */
void ptl_names_set_up (PtlNames   *self,
                       const char *root,
                       guint       bus_ms);
PtlLookupPool *ptl_names_get_pool (PtlNames *self); /* borrowed; for tests */

G_END_DECLS
