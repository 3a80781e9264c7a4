/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the families of sockets: what each is for, and what the kernel said of it.  Translated;
 * main thread. */
#pragma once

#include <glib.h>

#include "host/ptl-families.h"

G_BEGIN_DECLS

/* What a domain (AF_INET ...) is for; static, NULL for one that is not known. */
const char *ptl_families_text_domain (int domain);
/* What this protocol, or else its domain, is for; static, "" for one that is not known. */
const char *ptl_families_text_use    (const PtlSocketKind *kind);
/* "offered", "privileged (EPERM)", "no (EAFNOSUPPORT)"; owned. */
char       *ptl_families_text_result (const PtlSocketKind *kind);
/* "socket(AF_INET, SOCK_STREAM, 0) = -1 EAFNOSUPPORT (Address family ...): " and what that means
 * here; owned. */
char       *ptl_families_text_detail (const PtlSocketKind *kind);

G_END_DECLS
