/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks up one thing that was typed, and keeps what comes in groups of rows.  Main thread; nothing
 * here waits, and after a cancel nothing of what was asked before arrives. */
#pragma once

#include <gio/gio.h>

#include "lookup/ptl-classify.h"
#include "lookup/ptl-dns-client.h"
#include "model/ptl-lookup-row.h"

G_BEGIN_DECLS

/* The addresses whose own names are asked for; more stay without. */
#define PTL_LOOKUP_REVERSE_MAX 16

typedef enum
{
  PTL_LOOKUP_ADDRESSES,
  PTL_LOOKUP_SOURCES,
  PTL_LOOKUP_REVERSE,
  PTL_LOOKUP_RECORDS,
  PTL_LOOKUP_TRACE,
  PTL_LOOKUP_SERVICES,
  PTL_LOOKUP_SOCKET,
  PTL_LOOKUP_ANATOMY,
  PTL_LOOKUP_N_GROUPS
} PtlLookupGroup;

#define PTL_TYPE_LOOKUP (ptl_lookup_get_type ())
G_DECLARE_FINAL_TYPE (PtlLookup, ptl_lookup, PTL, LOOKUP, GObject)

/* Properties: "busy" (boolean, read only). */
PtlLookup  *ptl_lookup_new        (void);
/* Begins anew with @text; what is known without asking is there at once. */
void        ptl_lookup_start      (PtlLookup            *self,
                                   const char           *text);
void        ptl_lookup_cancel     (PtlLookup            *self);
gboolean    ptl_lookup_is_busy    (PtlLookup            *self);
/* Of PtlLookupRow; borrowed. */
GListModel *ptl_lookup_get_group  (PtlLookup            *self,
                                   PtlLookupGroup        group);
/* Of the last start; borrowed. */
const PtlClassified *ptl_lookup_get_classified (PtlLookup *self);

/* Asks for DNS records of the last start's name, of @type (0: all common ones, at once).  @server:
 * NULL or "" for this computer's own, or an address with an optional port.  False and @error when
 * @server is none.  A second @other server is asked the same and both are compared; NULL: none. */
gboolean    ptl_lookup_ask_records (PtlLookup           *self,
                                    guint                type,
                                    const char          *server,
                                    const char          *other,
                                    GError             **error);
/* The name that is asked for: the typed one, or the reverse name of the typed address; NULL when
 * there is none.  Owned. */
char       *ptl_lookup_dup_dns_name (PtlLookup          *self);
/* The subnet of the address with @prefix typed ("24", "255.255.255.0"), and whether @contains (an
 * address, or "") is in it, go into the group ANATOMY. */
gboolean    ptl_lookup_set_subnet  (PtlLookup           *self,
                                    const char          *prefix,
                                    const char          *contains,
                                    GError             **error);

/* Follows the delegations to the last start's name from the root servers down, or from the server
 * @start (an address with an optional port, which all servers below are then asked at; NULL or "":
 * the root); @type 0: A.  False and @error when @start is none. */
gboolean    ptl_lookup_trace       (PtlLookup           *self,
                                    guint                type,
                                    const char          *start,
                                    GError             **error);

typedef enum
{
  PTL_LOOKUP_COPY_GETENT,
  PTL_LOOKUP_COPY_DIG,
  PTL_LOOKUP_COPY_PYTHON,
  PTL_LOOKUP_COPY_TRACE /* dig +trace */
} PtlLookupCopy;

/* The question as a line for a shell or Python, the service before the host; owned, NULL when there
 * is none. */
char       *ptl_lookup_dup_equivalent (PtlLookup        *self,
                                       PtlLookupCopy     what,
                                       guint             type,
                                       const char       *server);
/* The types of "all common ones" for a name. */
const guint16 *ptl_lookup_list_common_types (const char *name,
                                             guint      *n);

G_END_DECLS
