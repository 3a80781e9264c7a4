/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets this kernel offers: domain, type and protocol, tried with socket(2), not
 * assumed. */
#pragma once

#include <stdbool.h>
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

/* Tries each of them and fills in @sys_errno.  The kernel may load a module to answer, and so
 * wait: not in the main thread.  Nothing is sent. */
void        ptl_families_try  (PtlSocketKind *kinds,
                               size_t         n);
/* All there are to be tried: each domain that Linux has a number for, with each type and each
 * protocol that belongs to it.  Owned, not tried yet; *@n of them. */
PtlSocketKind *ptl_families_make_all (size_t *n);
/* The protocol that @domain and @type are tried with when none is said: 0, but a raw socket of the
 * Internet has to name one. */
int         ptl_families_get_plain_protocol (int domain,
                                             int type);

/* "AF_INET", "SOCK_STREAM", "IPPROTO_TCP"; static, NULL where there is none.  The name of protocol
 * 0 is "0" but in a domain that has a name for it. */
const char *ptl_families_get_domain_name    (int domain);
const char *ptl_families_get_type_name      (int type);
const char *ptl_families_get_protocol_name  (int domain,
                                             int type,
                                             int protocol);

G_END_DECLS
