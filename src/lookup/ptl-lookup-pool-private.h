/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the lookup pool replace and look at. */
#pragma once

#include <netdb.h>

#include "lookup/ptl-lookup-pool.h"

/* Calls that were cancelled while libc had them, and do not count among PTL_LOOKUP_THREADS_MAX;
 * with more of them the pool is as slow as its name server. */
#define PTL_LOOKUP_ABANDONED_MAX 48
/* A thread with nothing to do ends after this time. */
#define PTL_LOOKUP_IDLE_S 10

typedef int  (*PtlGetaddrinfoFunc)  (const char             *host,
                                     const char             *service,
                                     const struct addrinfo  *hints,
                                     struct addrinfo       **result);
typedef void (*PtlFreeaddrinfoFunc) (struct addrinfo *result);

/* Before the first resolve.  Both are called in the pool's threads. */
void     ptl_lookup_pool_set_functions (PtlLookupPool       *pool,
                                        PtlGetaddrinfoFunc   get,
                                        PtlFreeaddrinfoFunc  free_result);
/* Any thread: threads that run or wait now, and how many of them have an abandoned call. */
unsigned ptl_lookup_pool_get_n_threads (PtlLookupPool *pool,
                                        unsigned      *n_abandoned);
