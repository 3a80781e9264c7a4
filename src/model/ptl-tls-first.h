/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said where a plain session is to be opened on a port that begins with TLS. */
#pragma once

#include "base/ptl-spec.h"

G_BEGIN_DECLS

/* Owned; NULL where nothing is to be said: TCP and UDP only.  Does not wait.  Main thread. */
char *ptl_tls_first_dup_text (PtlRole      role,
                              PtlTransport transport,
                              uint16_t     port);

G_END_DECLS
