/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What protocol the first bytes from a port look like.  The bytes are hostile; what is answered is
 * static.  Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

#define PTL_GREETING_MAX 512 /* bytes of a greeting that are read and kept */

typedef struct
{
  const char *name;        /* "SSH"; NULL: not recognised */
  const char *protocol;    /* its id in the reference ("ssh"), or NULL where it has none */
  const char *source;      /* "RFC 4253 section 4.2"; never NULL */
} PtlGreeting;

/* TCP.  @port only decides where two protocols greet alike (220: SMTP and FTP). */
PtlGreeting ptl_greeting_recognise (const uint8_t *bytes,
                                    size_t         len_bytes,
                                    uint16_t       port);

G_END_DECLS
