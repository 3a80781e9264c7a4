/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets this kernel offers: tried with socket(2), not assumed. */
#pragma once

#include <stddef.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  int domain;
  int type;
  int protocol;
  int sys_errno; /* 0: it was made, and closed again */
} PtlSocketKind;

/* Tries each of them and fills in @sys_errno.  The kernel may load a module to answer: not in the
 * main thread. */
void ptl_socket_kinds_try (PtlSocketKind *kinds,
                           size_t         n);

G_END_DECLS
