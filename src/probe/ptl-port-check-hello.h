/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The harmless questions for TCP ports that say nothing first: HEAD of HTTP (RFC 9110 section
 * 9.3.2), ClientHello of TLS (RFC 8446 section 4.1.2).  Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

/* Whether TLS begins a connection to that port, so that it is asked for first. */
bool ptl_tls_is_usual (uint16_t port);

/* One record, with @host in it where that is a name; owned. */
GByteArray *ptl_tls_hello_build (const char *host);
GByteArray *ptl_http_head_build (const char *host);

/* Whether enough of the answer to a ClientHello has come to tell what it is. */
bool ptl_tls_answer_is_complete (const uint8_t *bytes,
                                 size_t         len_bytes);

G_END_DECLS
