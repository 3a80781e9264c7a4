/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows the delegations of the DNS from the root servers down to a name, one server after the
 * other, and tells each step (RFC 1034 section 5.3.3, without a cache). */
#pragma once

#include "lookup/ptl-dns-client.h"

G_BEGIN_DECLS

#define PTL_TRACE_STEPS_MAX 64    /* questions of one trace */
#define PTL_TRACE_DEPTH_MAX 4     /* traces for the address of a name server, within each other */
#define PTL_TRACE_SERVERS_MAX 26  /* of one zone; more are not looked at */
#define PTL_TRACE_LAME_MAX 6      /* servers of one zone that are asked in vain */
#define PTL_TRACE_ALIASES_MAX 8
#define PTL_TRACE_TIMEOUT_MS 2000 /* of one server */

typedef enum
{
  PTL_TRACE_REFERRAL,  /* to the zone in @child */
  PTL_TRACE_ANSWER,
  PTL_TRACE_ALIAS,     /* to the name in @child, which is followed next */
  PTL_TRACE_NO_DATA,   /* the name exists, without such records */
  PTL_TRACE_NO_NAME,   /* NXDOMAIN */
  PTL_TRACE_LAME       /* this server does not serve its zone: @lame; the next one is asked */
} PtlTraceOutcome;

typedef enum
{
  PTL_LAME_NONE,
  PTL_LAME_SILENT,     /* no answer that can be used: reply->fault */
  PTL_LAME_RCODE,      /* REFUSED, SERVFAIL ...: reply->rcode */
  PTL_LAME_NOT_AUTHORITATIVE, /* an answer without the flag aa: from a cache, or made up */
  PTL_LAME_UPWARD,     /* refers to its own zone, or to one above or beside it */
  PTL_LAME_EMPTY       /* neither an answer nor a referral */
} PtlTraceLame;

/* All strings are names with a final dot.  In the callback all is the trace's; a copy is the
 * caller's. */
typedef struct
{
  PtlTraceOutcome    outcome;
  PtlTraceLame       lame;
  const char        *zone;         /* whose servers are asked; "." */
  const char        *server_name;  /* "" for a typed one */
  const PtlDnsReply *reply;        /* whom, when, how long, what: has the server's address */
  const char        *child;        /* or NULL */
  unsigned           depth;        /* 0; more: for the address of a name server */
  unsigned           n_names;      /* of a referral: name servers of the child */
  unsigned           n_glue;       /* their addresses that came with it */
  unsigned           n_distrusted; /* addresses outside the zone of who told them: not used */
  bool               is_signed;    /* of a referral: it has DS records */
} PtlTraceStep;

typedef enum
{
  PTL_TRACE_DONE,       /* the last step at depth 0 is the answer, or that there is none */
  PTL_TRACE_ALL_LAME,   /* no server of @zone answers as it should */
  PTL_TRACE_NO_ADDRESS, /* no name server of @zone has an address that could be found */
  PTL_TRACE_TOO_LONG,   /* PTL_TRACE_STEPS_MAX, PTL_TRACE_ALIASES_MAX */
  PTL_TRACE_BAD_NAME,   /* it is none for DNS: nothing was asked */
  PTL_TRACE_CANCELLED
} PtlTraceEnd;

/* Both in the client's thread; they may not wait. */
typedef struct
{
  void (*on_step) (const PtlTraceStep *step,
                   void               *data);
  /* Once, the last one. */
  void (*on_end)  (PtlTraceEnd         end,
                   const char         *zone,
                   void               *data);
} PtlTraceFuncs;

/* @start NULL: the root servers (named.root), over port 53.  Otherwise that server is asked first,
 * as one of the root, and all below it at its port.  Any thread.  on_end always comes, also when
 * the client is freed; ptl_dns_client_cancel() of @group brings it soon, with CANCELLED. */
void ptl_dns_trace (PtlDnsClient        *client,
                    uint64_t             group,
                    const char          *name, /* ASCII */
                    uint16_t             type,
                    const PtlAddress    *start,
                    const PtlTraceFuncs *funcs, /* static */
                    void                *data);

PtlTraceStep *ptl_trace_step_copy (const PtlTraceStep *step);
void          ptl_trace_step_free (PtlTraceStep       *copy);

G_END_DECLS
