/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getaddrinfo(3) in a bounded pool of threads; the engine's resolver.  A call that a name server
 * never answers keeps its thread until libc gives up: it is abandoned, and up to
 * PTL_LOOKUP_THREADS_MAX others go on. */
#pragma once

#include "base/ptl-resolver.h"

#define PTL_LOOKUP_THREADS_MAX 16
#define PTL_LOOKUP_QUEUE_MAX 4096 /* more are answered with EAI_AGAIN */

typedef struct _PtlLookupPool PtlLookupPool;

PtlLookupPool *ptl_lookup_pool_new  (void);
/* Cancels what waits, joins the threads that are idle; one that is stuck in libc is left to end by
 * itself (it touches nothing that is freed here). */
void           ptl_lookup_pool_free (PtlLookupPool *pool);
PtlResolver   *ptl_lookup_pool_get_resolver (PtlLookupPool *pool); /* borrowed */
