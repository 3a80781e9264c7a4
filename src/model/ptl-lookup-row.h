/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of what a lookup found. */
#pragma once

#include <gio/gio.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_LOOKUP_ROW_VALUE,  /* label, value, detail */
  PTL_LOOKUP_ROW_TEXT,   /* the same, as a sentence */
  PTL_LOOKUP_ROW_NOTE,   /* said about what follows or came before */
  PTL_LOOKUP_ROW_ERROR,
  PTL_LOOKUP_ROW_BUSY    /* still being asked */
} PtlLookupRowKind;

#define PTL_TYPE_LOOKUP_ROW (ptl_lookup_row_get_type ())
G_DECLARE_FINAL_TYPE (PtlLookupRow, ptl_lookup_row, PTL, LOOKUP_ROW, GObject)

PtlLookupRow *ptl_lookup_row_new (PtlLookupRowKind  kind,
                                  const char       *label,
                                  const char       *value,
                                  const char       *detail);
/* Emits "changed"; NULL leaves as it is. */
void ptl_lookup_row_set (PtlLookupRow     *self,
                         PtlLookupRowKind  kind,
                         const char       *value,
                         const char       *detail);
/* The value in full, for copying, when it is longer than what is shown. */
void ptl_lookup_row_set_whole (PtlLookupRow *self,
                               const char   *whole);
/* What a Connect button would take: a host, or a host and a port; "" for none. */
void ptl_lookup_row_set_target (PtlLookupRow *self,
                                const char   *target);

/* What a search in the Reference would take; "" for none. */
void ptl_lookup_row_set_reference (PtlLookupRow *self,
                                   const char   *query);

/* The interface that a page of This Computer shows; "" for none. */
void ptl_lookup_row_set_interface (PtlLookupRow *self,
                                   const char   *name);

PtlLookupRowKind ptl_lookup_row_get_kind   (PtlLookupRow *self);
const char      *ptl_lookup_row_get_label  (PtlLookupRow *self); /* all borrowed, never NULL */
const char      *ptl_lookup_row_get_value  (PtlLookupRow *self);
/* The value, in full. */
const char      *ptl_lookup_row_get_whole  (PtlLookupRow *self);
const char      *ptl_lookup_row_get_detail (PtlLookupRow *self);
const char      *ptl_lookup_row_get_target (PtlLookupRow *self);
const char      *ptl_lookup_row_get_reference (PtlLookupRow *self);
const char      *ptl_lookup_row_get_interface (PtlLookupRow *self);
/* The row as a line with tabs, in full; owned. */
char            *ptl_lookup_row_to_text    (PtlLookupRow *self);

G_END_DECLS
