/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interface by which the engine asks for the addresses of a name; the lookup layer has the
 * implementation, tests have their own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ptl-address.h"

#define PTL_RESOLVED_MAX 64 /* addresses of one name; more are cut off */

typedef struct
{
  const char *host;    /* NULL: only the service */
  const char *service; /* a name or a number, or NULL */
  int         family;  /* AF_UNSPEC, AF_INET, AF_INET6 */
  int         type;    /* SOCK_STREAM, SOCK_DGRAM */
  bool        passive; /* AI_PASSIVE: for bind */
} PtlResolveQuery;

typedef struct
{
  int        gai_code;  /* 0, or EAI_* of getaddrinfo(3) */
  int        sys_errno; /* with EAI_SYSTEM */
  uint64_t   elapsed_ns;
  char      *canonical; /* owned; or NULL */
  unsigned   n_addresses;
  bool       cut_off;   /* there were more than PTL_RESOLVED_MAX */
  PtlAddress addresses[]; /* in the order of RFC 6724, as getaddrinfo sorted them */
} PtlResolved;

void ptl_resolved_free (PtlResolved *resolved);

/* Called once in a thread of the resolver; @resolved is the callee's to free.  It may not wait. */
typedef void (*PtlResolveFunc) (PtlResolved *resolved,
                                void        *data);

typedef struct _PtlResolver PtlResolver;

struct _PtlResolver
{
  /* Any thread, does not wait.  The strings of @query are copied.  Returns a number for cancel. */
  uint64_t (*resolve) (PtlResolver           *self,
                       const PtlResolveQuery *query,
                       PtlResolveFunc         reply,
                       void                  *data);
  /* Any thread, does not wait.  True: @reply will not be called.  False: it was, or is about to
   * be. */
  bool     (*cancel)  (PtlResolver *self,
                       uint64_t     id);
};
