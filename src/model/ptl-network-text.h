/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what the kernel says of interfaces, addresses and routes.  Main thread; all results are
 * safe to show. */
#pragma once

#include <glib.h>

#include "host/ptl-interfaces.h"
#include "host/ptl-routes.h"
#include "model/ptl-table.h"

G_BEGIN_DECLS

/* Owned. */
char *ptl_network_text_name       (const char                *name);    /* an interface's */
char *ptl_network_text_kind       (const PtlLink             *link);    /* short */
char *ptl_network_text_long_kind  (const PtlLink             *link);
char *ptl_network_text_state      (const PtlLink             *link,
                                   PtlTableTone              *tone);
char *ptl_network_text_hardware   (const uint8_t             *bytes,
                                   size_t                     len_bytes);
char *ptl_network_text_flags      (unsigned                   flags);
char *ptl_network_text_speed      (const PtlLink             *link);
char *ptl_network_text_rate       (double                     bytes_per_s);
char *ptl_network_text_count      (guint64                    count);
char *ptl_network_text_host       (int                        family,
                                   const uint8_t             *address);
char *ptl_network_text_prefix     (int                        family,
                                   const uint8_t             *address,
                                   unsigned                   len);
/* With its zone where it needs one: for other panes. */
char *ptl_network_text_zoned      (const PtlInterfaceAddress *address,
                                   const char                *name);
char *ptl_network_text_scope      (unsigned                   scope);
char *ptl_network_text_address_flags (const PtlInterfaceAddress *address,
                                      PtlTableTone              *tone);
/* Seconds that are left now; G_MAXUINT32: for ever. */
guint ptl_network_seconds_left    (guint32                    lifetime_s,
                                   guint64                    told_ns);
char *ptl_network_text_lifetime   (guint                      seconds);
char *ptl_network_text_table      (guint32                    table);
char *ptl_network_text_protocol   (guint                      protocol); /* RTPROT_* */
const char *ptl_network_text_route_type (guint                type);     /* static */
const char *ptl_network_text_origin (guint                    origin);   /* static; "" */

G_END_DECLS
