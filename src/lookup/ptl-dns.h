/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DNS messages as values: the question that is put, and what came back (RFC 1035, RFC 6891). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_DNS_PORT 53
#define PTL_DNS_QUERY_MAX 512    /* a question as bytes */
#define PTL_DNS_EDNS_SIZE 1232   /* what we say a datagram may have; DNS flag day 2020 */
#define PTL_DNS_MESSAGE_MAX 65535
#define PTL_DNS_DATA_TEXT_MAX (4 * PTL_DNS_MESSAGE_MAX) /* of a record: \255 for a byte */
#define PTL_DNS_RECORDS_MAX 1024 /* of one message; more are counted as cut off */
#define PTL_DNS_CHAIN_MAX 16     /* aliases that are followed */
#define PTL_DNS_TYPE_TEXT_MAX 16

enum
{
  PTL_DNS_TYPE_A = 1,
  PTL_DNS_TYPE_NS = 2,
  PTL_DNS_TYPE_CNAME = 5,
  PTL_DNS_TYPE_SOA = 6,
  PTL_DNS_TYPE_PTR = 12,
  PTL_DNS_TYPE_MX = 15,
  PTL_DNS_TYPE_TXT = 16,
  PTL_DNS_TYPE_AAAA = 28,
  PTL_DNS_TYPE_SRV = 33,
  PTL_DNS_TYPE_NAPTR = 35,
  PTL_DNS_TYPE_DNAME = 39,
  PTL_DNS_TYPE_DS = 43,
  PTL_DNS_TYPE_RRSIG = 46,
  PTL_DNS_TYPE_DNSKEY = 48,
  PTL_DNS_TYPE_TLSA = 52,
  PTL_DNS_TYPE_SVCB = 64,
  PTL_DNS_TYPE_HTTPS = 65,
  PTL_DNS_TYPE_ANY = 255,
  PTL_DNS_TYPE_CAA = 257
};

enum
{
  PTL_DNS_RCODE_NOERROR = 0,
  PTL_DNS_RCODE_FORMERR = 1,
  PTL_DNS_RCODE_SERVFAIL = 2,
  PTL_DNS_RCODE_NXDOMAIN = 3,
  PTL_DNS_RCODE_NOTIMP = 4,
  PTL_DNS_RCODE_REFUSED = 5,
  PTL_DNS_RCODE_BADVERS = 16
};

/* Why there is no answer. */
typedef enum
{
  PTL_DNS_FAULT_NONE,
  PTL_DNS_FAULT_BAD_NAME,       /* nothing was sent: it is no DNS name */
  PTL_DNS_FAULT_NO_SERVER,      /* nothing was sent: no server is known */
  PTL_DNS_FAULT_TIMEOUT,        /* no answer within the deadline */
  PTL_DNS_FAULT_GARBAGE,        /* what came is no DNS message */
  PTL_DNS_FAULT_WRONG_QUESTION, /* what came answers another question */
  PTL_DNS_FAULT_SYSTEM,         /* sys_errno: ECONNREFUSED, ENETUNREACH ... */
  PTL_DNS_FAULT_TCP,            /* cut off over UDP, and TCP failed: sys_errno, or 0: it ended */
  PTL_DNS_FAULT_CHAIN,          /* aliases that go round, or more than PTL_DNS_CHAIN_MAX */
  PTL_DNS_FAULT_FULL,           /* more questions than PTL_DNS_QUEUE_MAX */
  PTL_DNS_FAULT_CANCELLED
} PtlDnsFault;

typedef enum
{
  PTL_DNS_SECTION_ANSWER,
  PTL_DNS_SECTION_AUTHORITY,
  PTL_DNS_SECTION_ADDITIONAL
} PtlDnsSection;

typedef struct
{
  char         *owner; /* with the final dot; ASCII, odd bytes as \DDD (RFC 1035 section 5.1) */
  char         *data;  /* the presentation form: "10 mail.example.org." */
  uint32_t      ttl;
  uint16_t      type;
  uint16_t      klass;
  PtlDnsSection section;
} PtlDnsRecord;

typedef struct
{
  PtlDnsFault   fault;
  int           sys_errno;
  char         *name;       /* as asked */
  uint16_t      type;
  PtlAddress    server;     /* asked last */
  uint16_t      rcode;      /* with the bits of EDNS */
  bool          has_message; /* the flags and the records below are of a message */
  bool          aa, tc, rd, ra, ad, cd;
  bool          edns;
  bool          over_tcp;
  bool          cut_off;    /* more than PTL_DNS_RECORDS_MAX records */
  unsigned      n_tries;
  unsigned      n_garbage;  /* datagrams that were no answer, while this one waited */
  unsigned      n_wrong;
  unsigned      n_stray;    /* with an id that was not asked with */
  unsigned      n_aliases;  /* followed by asking again */
  /* final_name was asked for in vain: what is here came before.  Why: its fault, or its rcode
   * (which is NOERROR when the server sent elsewhere). */
  bool          alias_open;
  PtlDnsFault   alias_fault;
  uint16_t      alias_rcode;
  size_t        size_bytes; /* of the message */
  uint64_t      elapsed_ns; /* from the send to the answer */
  uint64_t      total_ns;   /* with everything that was tried before */
  char         *final_name; /* at the end of the aliases; NULL: there are none */
  unsigned      n_strangers; /* records of the answer section that are left out: neither of the
                              * name that was asked for nor of one its aliases lead to */
  char         *stranger;    /* the first of them, in short; NULL: there are none */
  unsigned      n_records;
  PtlDnsRecord *records;
} PtlDnsReply;

PtlDnsReply *ptl_dns_reply_new  (const char *name,
                                 uint16_t    type);
PtlDnsReply *ptl_dns_reply_copy (const PtlDnsReply *reply);
void         ptl_dns_reply_free (PtlDnsReply *reply);

/* "AAAA", "TYPE777": into @buffer of PTL_DNS_TYPE_TEXT_MAX; returns it. */
const char *ptl_dns_type_to_text   (uint16_t type,
                                    char    *buffer);
/* "mx", "TYPE777", "777"; 0 when it is none. */
uint16_t    ptl_dns_type_from_text (const char *text);

/* The bytes of a question with the id 0 into @wire (PTL_DNS_QUERY_MAX); their number, or 0 when
 * @name is not one: a label over 63 bytes, over 255 in all, an empty one.  Its A-label form is the
 * caller's affair.  The bit AD is set: we want to know what a resolver has verified. */
size_t ptl_dns_build_query (const char *name,
                            uint16_t    type,
                            bool        recursion_desired,
                            bool        edns,
                            bool        dnssec_ok,
                            uint8_t    *wire);

typedef enum
{
  PTL_DNS_PARSE_OK,
  PTL_DNS_PARSE_GARBAGE,
  PTL_DNS_PARSE_WRONG_QUESTION
} PtlDnsParse;

/* Reads an answer to the question reply->name, reply->type.  Only with OK is @reply changed. */
PtlDnsParse ptl_dns_parse_reply (PtlDnsReply   *reply,
                                 const uint8_t *wire,
                                 size_t         len_bytes);

/* Leaves out of the answer section what neither @name nor an alias (CNAME, DNAME) of it has, and
 * counts it.  What is read by ptl_dns_parse_reply() has none. */
void ptl_dns_reply_drop_strangers (PtlDnsReply *reply,
                                   const char  *name);

typedef enum
{
  PTL_DNS_CHAIN_NONE,  /* no alias, or it ends at records of the type that was asked for */
  PTL_DNS_CHAIN_OPEN,  /* it ends at a name of which this answer says nothing */
  PTL_DNS_CHAIN_ROUND  /* it goes round */
} PtlDnsChain;

/* Follows the aliases of the answer section from @name. *@target (may be NULL) is the last name,
 * borrowed from @reply; NULL without an alias. */
PtlDnsChain ptl_dns_reply_follow (const PtlDnsReply *reply,
                                  const char        *name,
                                  const char       **target);
/* The same name, whatever the case and the final dot. */
bool        ptl_dns_name_equal   (const char *a,
                                  const char *b);

/* "10.2.0.192.in-addr.arpa", "....ip6.arpa" (RFC 1035 section 3.5, RFC 3596 section 2.5).  Owned;
 * NULL unless it is an IPv4 or IPv6 address. */
char *ptl_dns_reverse_name (const PtlAddress *address);

/* Reads "address", "address:port", "[v6]:port", "address port"; the port is 53 when it is left out.
 * A name is refused: finding it would need a server. */
bool ptl_dns_parse_server (const char *text,
                           PtlAddress *server,
                           GError    **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlDnsReply, ptl_dns_reply_free)

G_END_DECLS
