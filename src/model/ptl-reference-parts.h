/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is told about a row of the reference, part by part, from the top down: what the detail
 * pane shows, and no more. */
#pragma once

#include "model/ptl-reference-item.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_REFERENCE_TEXT,    /* text: a paragraph */
  PTL_REFERENCE_REMARK,  /* text: small print about what is above */
  PTL_REFERENCE_HEADING, /* text */
  PTL_REFERENCE_FACT,    /* title, text */
  PTL_REFERENCE_LIVE,    /* title: a fact that changes, as the cell of PTL_CATALOG_BY_HERE */
  PTL_REFERENCE_CODE,    /* text: lines to copy; title: what they are, for the button's name */
  PTL_REFERENCE_CLIENT,  /* text: what the client sends, "" is an empty line; note */
  PTL_REFERENCE_SERVER,  /* the same of the server */
  PTL_REFERENCE_TABLE,   /* title; n: so many entries follow */
  PTL_REFERENCE_ENTRY    /* title: the key, as it is sent; text: what it means; note: the rest */
} PtlReferencePartKind;

typedef struct
{
  PtlReferencePartKind kind;
  unsigned             n;
  char                *title; /* never NULL; already translated where it can be */
  char                *text;
  char                *note;
} PtlReferencePart;

/* Owned: of PtlReferencePart.  The row's own name is not in it: it is the title of the pane. */
GPtrArray *ptl_reference_item_list_parts (PtlReferenceItem *item);

G_END_DECLS
