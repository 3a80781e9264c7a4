/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the DNS as people write them (IDNA, RFC 5890). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "bücher.example." of "xn--bcher-kva.example.", safe to show; owned.  NULL: no label begins with
 * xn--, or none of those decodes to what encodes to it again.  A label that does not stays. */
char *ptl_idna_to_unicode (const char *name);

G_END_DECLS
