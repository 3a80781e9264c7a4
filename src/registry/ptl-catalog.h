/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry together with what only this computer knows: one table that can be searched and put
 * in order.
 *
 * A row is its number; results are arrays of numbers.  A catalog does not change once it is made,
 * and may then be used by any thread, but for ptl_catalog_sort(), which one thread calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/ptl-listening.h"
#include "registry/ptl-registry.h"
#include "registry/ptl-services.h"

G_BEGIN_DECLS

#define PTL_CATALOG_WORDS_MAX 16u   /* of a query; more are not looked at */
#define PTL_CATALOG_QUERY_MAX 1024u /* bytes of it */
#define PTL_CATALOG_OTHERS_MAX 8u   /* names that are told beside another */

typedef struct _PtlCatalog PtlCatalog;

typedef enum
{
  PTL_CATALOG_ALL,       /* IANA, the guide, and this computer */
  PTL_CATALOG_KNOWN,     /* the protocols to know */
  PTL_CATALOG_TCP,
  PTL_CATALOG_UDP,
  PTL_CATALOG_LISTENING, /* here, now */
  PTL_CATALOG_N_FILTERS
} PtlCatalogFilter;

typedef enum
{
  PTL_CATALOG_BY_PORT,
  PTL_CATALOG_BY_TRANSPORT,
  PTL_CATALOG_BY_NAME,
  PTL_CATALOG_BY_DESCRIPTION,
  PTL_CATALOG_BY_FUNCTION,
  PTL_CATALOG_BY_TWIN,
  PTL_CATALOG_BY_PYTHON,
  PTL_CATALOG_BY_SPEC,
  PTL_CATALOG_BY_REGISTERED,
  PTL_CATALOG_BY_HERE,
  PTL_CATALOG_BY_SOURCE,
  PTL_CATALOG_N_COLUMNS
} PtlCatalogColumn;

/* What this computer's database says about a row. */
typedef enum
{
  PTL_CATALOG_NOT_HERE,      /* nothing */
  PTL_CATALOG_SAME,          /* the same name */
  PTL_CATALOG_ALIAS,         /* another name, with this one as an alias, or the other way around */
  PTL_CATALOG_OTHER_NAME,    /* IANA's row: this computer has another name for the port */
  PTL_CATALOG_LOCAL_NAME,    /* this computer's row: IANA has another name for the port */
  PTL_CATALOG_LOCAL_PORT,    /* this computer's row: IANA has the name on another port */
  PTL_CATALOG_LOCAL_ONLY     /* this computer's row: IANA has neither */
} PtlCatalogRelation;

typedef struct
{
  PtlRegistryRow     row;
  const char        *transport;  /* "tcp"; also others that IANA does not register; "" */
  PtlCatalogRelation relation;
  const PtlService  *service;    /* of this computer, NULL */
  const char        *iana_names; /* LOCAL_NAME: "a, b"; else "" */
  uint16_t           iana_port;  /* LOCAL_PORT */
} PtlCatalogRow;

/* @services may be NULL: only what is built in, at once.  With them it takes some 50 ms: in a
 * thread.  Takes them. */
PtlCatalog *ptl_catalog_new   (PtlServices *services);
PtlCatalog *ptl_catalog_ref   (PtlCatalog  *catalog);
void        ptl_catalog_unref (PtlCatalog  *catalog);

size_t ptl_catalog_get_n_rows (const PtlCatalog *catalog);
/* The strings live as long as the catalog. */
void   ptl_catalog_get_row    (const PtlCatalog *catalog,
                               uint32_t          number,
                               PtlCatalogRow    *row);
/* Where a row is specified: for a protocol to know as the guide has it, as IANA's reference may be
 * a draft or one RFC of several; else IANA's reference; "". */
const char *ptl_catalog_get_spec (const PtlRegistryRow *row);

/* The rows that have all words of @query, in @rows, which has room for all; returns how many.
 *
 *   http  "post office"   a part of any column, in any case
 *   8080  8000-8100       the port or the TLS twin, or where the digits occur; the ports in that
 *                         range
 *   tcp udp sctp dccp     the transport
 *   listening             something listens there on this computer now
 *   tls                   has a form inside TLS, or is it
 *   rfc5321  "rfc 5321"   the specification
 *   python:imaplib        the module, of today or historic
 *   source:disagree       who knows the row: iana, computer, portlight; agree, disagree
 *
 * Order: an exact port or name, the protocols to know, names that begin so, the rest; each in the
 * order of the ports.  An empty query has all rows in that order.  @here may be NULL: nothing
 * listens. */
size_t ptl_catalog_search (const PtlCatalog   *catalog,
                           const char         *query,
                           PtlCatalogFilter    filter,
                           const PtlListening *here,
                           uint32_t           *rows);
/* Whether the answer depends on what listens. */
bool   ptl_catalog_query_needs_here (const char      *query,
                                     PtlCatalogFilter filter);
/* Puts rows in the order of a column; what is empty there comes last.  @rows has no number
 * twice. */
void   ptl_catalog_sort   (PtlCatalog         *catalog,
                           PtlCatalogColumn    column,
                           bool                descending,
                           const PtlListening *here,
                           uint32_t           *rows,
                           size_t              n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlCatalog, ptl_catalog_unref)

G_END_DECLS
