/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as a program of its own: the same calls in Python, in C, or as a shell line. */
#pragma once

#include "base/ptl-spec.h"

G_BEGIN_DECLS

typedef enum
{
  PTL_COPY_AS_PYTHON, /* a program for Python 3's socket module */
  PTL_COPY_AS_C,      /* a program for a C17 compiler, no library */
  PTL_COPY_AS_NCAT,   /* a shell line for ncat */
  PTL_COPY_AS_SOCAT,  /* a shell line for socat */
  PTL_COPY_AS_URI     /* portlight's own command line */
} PtlCopyAs;

/* The program that does what the session does: opens the same socket with the same options; a
 * client sends @message (may be NULL) and prints what it receives; a listener reacts as the session
 * does and prints what it receives.  Owned by the caller; NULL with @error where the tool cannot do
 * it (says why).  Pure: any thread. */
char *ptl_copy_as (const PtlSpec *spec,
                   PtlCopyAs      what,
                   const uint8_t *message,
                   size_t         message_len_bytes,
                   GError       **error);

G_END_DECLS
