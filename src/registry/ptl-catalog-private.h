/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the making of a catalog and the search in it share. */
#pragma once

#include <stdatomic.h>

#include "registry/ptl-catalog.h"
#include "registry/ptl-registry-private.h"

G_BEGIN_DECLS

/* A row that only this computer has. */
typedef struct
{
  uint32_t           service;
  PtlCatalogRelation relation;
  uint16_t           iana_port;
  char              *iana_names; /* owned, or NULL */
} PtlLocalRow;

struct _PtlCatalog
{
  atomic_int              n_refs;
  const PtlRegistryTable *table;
  PtlServices            *services;     /* owned, may be NULL */
  uint32_t                n_base;       /* rows of the table */
  uint32_t                n_rows;
  PtlLocalRow            *locals;       /* owned; n_rows - n_base */
  uint32_t               *natural;      /* owned; row numbers in the order of the ports */
  uint32_t               *service_of;   /* owned; of a row: service + 1, or 0; NULL: none */
  uint8_t                *relations;    /* owned; of the rows of the table; NULL */
  char                   *service_text; /* owned; "\n" and for each one its words and "\n" */
  uint32_t               *service_starts; /* owned; one more than there are */
  size_t                  service_text_len;
  uint32_t               *orders[PTL_CATALOG_N_COLUMNS]; /* owned; made when wanted */
  uint32_t                n_filled[PTL_CATALOG_N_COLUMNS]; /* the others of it are empty there */
};

/* Is there an order by this column that does not change with time? */
void ptl_catalog_make_order (PtlCatalog      *catalog,
                             PtlCatalogColumn column);

G_END_DECLS
