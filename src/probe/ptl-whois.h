/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks servers that take one line and answer with text until they close: whois (RFC 3912) and
 * finger (RFC 1288).  In a thread of its own, which also follows the referrals of whois.
 *
 * The answer is hostile: its size is bounded, its encoding is not known (RFC 3912 section 4), and
 * a server may name any other or itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/ptl-address.h"
#include "base/ptl-resolver.h"

G_BEGIN_DECLS

#define PTL_WHOIS_PORT 43
#define PTL_FINGER_PORT 79
#define PTL_WHOIS_ANSWER_MAX (1 << 20) /* bytes of the answer of one server */
#define PTL_WHOIS_QUERY_MAX 1024       /* bytes of a question with its line end */
#define PTL_WHOIS_HOPS_MAX 8           /* servers of one question */
#define PTL_WHOIS_SERVER_MAX 253       /* characters of the name of a server */
#define PTL_WHOIS_TIMEOUT_MS 20000     /* for one server, from the connect on */
#define PTL_WHOIS_QUIET_MS 10000       /* without a byte */
#define PTL_WHOIS_SERVER "whois.iana.org" /* where one starts: it refers to all others */

typedef struct
{
  char     host[PTL_WHOIS_SERVER_MAX + 1];
  uint16_t port;
} PtlWhoisServer;

/* "whois.example.org", "whois.example.org:43", "[::1]:43", "whois://h:4343/"; @default_port where
 * there is none.  False: it is not the name of a server.  Any thread, like the next ones. */
bool ptl_whois_parse_server   (PtlWhoisServer *server,
                               const char     *text,
                               size_t          len_bytes,
                               uint16_t        default_port);
/* The server that an answer refers to: the first line with "ReferralServer:", "refer:",
 * "whois:", "Whois Server:" or "Registrar WHOIS Server:" that names one.  False: none. */
bool ptl_whois_find_referral  (const uint8_t  *answer,
                               size_t          len_bytes,
                               PtlWhoisServer *server);
/* The first such line that names a server of another protocol ("rwhois://host:4321", RFC 2167): its
 * value, cut off after PTL_WHOIS_SERVER_MAX bytes; as it came, not safe to show.  False: none. */
bool ptl_whois_find_foreign   (const uint8_t  *answer,
                               size_t          len_bytes,
                               char            foreign[PTL_WHOIS_SERVER_MAX + 1]);
/* The line that is sent: without control characters, CR LF at the end.  Names of domains that are
 * not ASCII go as A-labels (RFC 5891), which all registries know.  NULL and @error when it is empty
 * or too long.  Owned. */
char *ptl_whois_build_query   (const char     *query,
                               GError        **error);

/* "user@host", "user", "@host", "user@a@b" (a is asked by b, RFC 1288 section 2.3), maybe with a
 * port behind the last host ("user@host:79").  @verbose asks with /W (section 2.5.4).
 * *@query is owned; false and @error names what is wrong. */
bool  ptl_finger_parse        (const char     *text,
                               bool            verbose,
                               PtlWhoisServer *server, /* host "" where there is none */
                               char          **query,
                               GError        **error);

typedef enum
{
  PTL_WHOIS_END_CLOSED,    /* by the server: the answer is whole */
  PTL_WHOIS_END_RESOLVE,   /* gai_code, sys_errno */
  PTL_WHOIS_END_CONNECT,   /* sys_errno */
  PTL_WHOIS_END_RECEIVE,   /* sys_errno; what came before is there */
  PTL_WHOIS_END_TIMEOUT,
  PTL_WHOIS_END_TOO_LONG,
  PTL_WHOIS_END_STOPPED,
  PTL_WHOIS_END_REFUSED    /* by us: a server elsewhere referred to this computer itself */
} PtlWhoisEnd;

/* Why the next one is not asked. */
typedef enum
{
  PTL_WHOIS_NEXT_NONE,     /* no referral */
  PTL_WHOIS_NEXT_ASKED,    /* another answer follows */
  PTL_WHOIS_NEXT_NOT_FOLLOWED, /* not wanted */
  PTL_WHOIS_NEXT_LOOP,     /* it was asked before */
  PTL_WHOIS_NEXT_TOO_MANY, /* PTL_WHOIS_HOPS_MAX */
  PTL_WHOIS_NEXT_FOREIGN   /* another protocol: @foreign */
} PtlWhoisNext;

typedef struct
{
  PtlWhoisServer server;
  PtlAddress     address;   /* empty when it did not come to that */
  PtlWhoisEnd    end;
  int            gai_code;
  int            sys_errno;
  PtlWhoisNext   next;
  PtlWhoisServer referral;  /* where there is one */
  char           foreign[PTL_WHOIS_SERVER_MAX + 1]; /* as ptl_whois_find_foreign() has it */
  uint64_t       connect_ns; /* how long it took */
  uint64_t       total_ns;
  char          *query;     /* as sent, without the line end; owned */
  uint8_t       *bytes;     /* owned; may be NULL */
  size_t         len_bytes;
} PtlWhoisAnswer;

void ptl_whois_answer_free (PtlWhoisAnswer *answer); /* NULL is fine */

typedef struct
{
  PtlWhoisServer server;
  const char    *query;      /* as ptl_whois_build_query() or ptl_finger_parse() made it */
  bool           follow;     /* referrals */
  int            family;     /* AF_UNSPEC, AF_INET, AF_INET6 */
  unsigned       timeout_ms; /* 0: PTL_WHOIS_TIMEOUT_MS */
} PtlWhoisConfig;

/* In the question's thread, for each server that was asked; the last one has @last.  @answer is the
 * callee's. */
typedef void (*PtlWhoisFunc) (PtlWhoisAnswer *answer,
                              bool            last,
                              void           *data);

typedef struct _PtlWhois PtlWhois;

/* @resolver has to outlive it.  NULL and @error when there is no thread or descriptor. */
PtlWhois *ptl_whois_new  (const PtlWhoisConfig *config,
                          PtlResolver          *resolver,
                          PtlWhoisFunc          func,
                          void                 *data,
                          GError              **error);
/* The server that is asked now is given up at once, with what came so far.  Any thread. */
void      ptl_whois_stop (PtlWhois             *whois);
/* Bytes of the answers of all servers so far.  Any thread. */
uint64_t  ptl_whois_get_received (PtlWhois      *whois);
/* Stops, joins.  NULL is fine. */
void      ptl_whois_free (PtlWhois             *whois);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlWhois, ptl_whois_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlWhoisAnswer, ptl_whois_answer_free)

G_END_DECLS
