/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parsers of this folder share: an error is a reason and an offset, and becomes a GError
 * with the character's number and name in one place.  Of other folders the log's filter uses it,
 * for ptl_parse_fail(), and Lookup, for ptl_parse_looks_numeric(). */
#pragma once

#include "ptl-endpoint.h"

G_BEGIN_DECLS

#define PTL_SERVICE_NAME_MAX 63 /* bytes; RFC 6335 has 15, local files have longer ones */
#define PTL_HOST_NAME_MAX 253   /* characters; RFC 1035 has 255 bytes on the wire */
#define PTL_HOST_LABEL_MAX 63

/* The character that starts at @bytes, and its length; 0: not UTF-8 (RFC 3629 section 4).
 * @len_bytes is at least 1. */
unsigned ptl_parse_utf8 (const uint8_t *bytes,
                         size_t         len_bytes,
                         uint32_t      *character);

/* Sets @error: "character 4, “x”: <why>".  @offset is in bytes in @text; *@at (may be NULL) is set
 * to it.  Takes @why; returns false. */
bool  ptl_parse_fail (GError    **error,
                      size_t     *at,
                      const char *text,
                      size_t      offset,
                      char       *why);

/* How much white space is in front; how long the text is without that behind it. */
size_t ptl_parse_skip_space  (const char *text);
size_t ptl_parse_len_trimmed (const char *text);

/* Is the whole host made of numbers?  Then it is an address or an error, never a name; a resolver
 * would read 1.2.3 as 1.2.0.3 (inet_aton(3)). */
bool ptl_parse_looks_numeric (const char *text);

/* All of these: NULL, or why not (owned), and *@at is the offset of the culprit.  @endpoint is to
 * be zeroed before, and may be half set after a failure. */
char *ptl_parse_host     (PtlEndpoint *endpoint,
                          const char  *text,
                          size_t      *at);
char *ptl_parse_port     (PtlEndpoint *endpoint, /* after its host */
                          const char  *text,
                          size_t      *at);
char *ptl_parse_unix     (PtlEndpoint *endpoint,
                          const char  *text,
                          size_t      *at);
char *ptl_parse_cid      (PtlEndpoint *endpoint,
                          const char  *text,
                          size_t      *at);
/* "host:port"; with @vsock "cid:port". */
char *ptl_parse_both     (PtlEndpoint *endpoint,
                          const char  *text,
                          const char  *default_port,
                          bool         vsock,
                          size_t      *at);
/* The name of an interface, @len_bytes bytes of @text. */
char *ptl_parse_device   (const char  *text,
                          size_t       len_bytes,
                          size_t      *at);

G_END_DECLS
