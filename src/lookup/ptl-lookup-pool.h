/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getaddrinfo(3) in a bounded pool of threads; the engine's resolver.  Names go the way they go for
 * every program of this computer (nsswitch.conf(5)).  A call that a name server never answers keeps
 * its thread until libc gives up; once it is cancelled it is abandoned, and PTL_LOOKUP_THREADS_MAX
 * others go on.
 *
 * A host may carry a zone, also behind a name ("fe80::1%eth0"); one that is not an interface is
 * EAI_SYSTEM with ENODEV. */
#pragma once

#include "base/ptl-resolver.h"

#define PTL_LOOKUP_THREADS_MAX 16
#define PTL_LOOKUP_QUEUE_MAX 4096 /* more are answered with EAI_AGAIN */

typedef struct _PtlLookupPool PtlLookupPool;

/* NULL when not even one thread can be made. */
PtlLookupPool *ptl_lookup_pool_new  (void);
/* NULL is fine; not in a reply.  Cancels what waits, joins the threads that are idle; one that is
 * stuck in libc is left to end by itself (it touches nothing that is freed here). */
void           ptl_lookup_pool_free (PtlLookupPool *pool);
PtlResolver   *ptl_lookup_pool_get_resolver (PtlLookupPool *pool); /* borrowed */
