/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what DNS servers answer.  Translated, never markup; owned by the caller. */
#pragma once

#include <gio/gio.h>

#include "lookup/ptl-dns.h"

G_BEGIN_DECLS

/* "NXDOMAIN: there is no such name". */
char *ptl_dns_rcode_to_text  (guint              rcode);
/* Why there is no answer, with what can be done; "" without a fault. */
char *ptl_dns_fault_to_text  (const PtlDnsReply *reply);
/* "NOERROR · 2 records · 45 bytes over UDP in 0.3 ms · aa rd ra · from 127.0.0.1:53"; with a fault,
 * its words. */
char *ptl_dns_reply_to_text  (const PtlDnsReply *reply);
/* What else there is to say of it, each with " · " in front: an alias whose target was asked for in
 * vain, records that are left out; "" when there is nothing. */
char *ptl_dns_notes_to_text  (const PtlDnsReply *reply);
/* "xn--bcher-kva.example." or "xn--bcher-kva.example. (bücher.example.)". */
char *ptl_dns_name_to_text   (const char        *name);
/* The names in the data of a record in Unicode, where that is another form; NULL: there is none. */
char *ptl_dns_data_to_unicode (const PtlDnsRecord *record);
/* "qr aa rd ra" */
char *ptl_dns_flags_to_text  (const PtlDnsReply *reply);
/* "300 s", "3600 s (1 h)" */
char *ptl_dns_ttl_to_text    (guint              ttl);
/* "0.31 ms", "1.2 s" */
char *ptl_dns_time_to_text   (guint64            time_ns);

G_END_DECLS
