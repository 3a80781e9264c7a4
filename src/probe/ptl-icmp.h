/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICMP and ICMPv6 messages as values: built, and read from bytes that anybody may have sent.
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+---------------+-------------------------------+
 *   |     type      |     code      |           checksum            |
 *   +---------------+---------------+-------------------------------+
 *   |  echo: identifier, sequence; too big: MTU; RFC 4884: length   |
 *   +---------------------------------------------------------------+
 *   |  echo: data; error: the packet it is about, as far as it fits |
 *
 * Sources: RFC 792, RFC 1122 section 3.2.2, RFC 1191 section 4, RFC 1812 section 5.2.7, RFC 4443,
 * RFC 4884, RFC 4950.  No state: any thread. */
#pragma once

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_ICMP_HEADER_LEN 8
#define PTL_ICMP_DATA_MAX 65507 /* 65535 - 20 - 8: IPv4's, and enough for IPv6 */
#define PTL_ICMP_LABELS_MAX 4   /* of an MPLS label stack; more are not kept */

typedef enum
{
  PTL_ICMP_OTHER, /* type and code say it */
  PTL_ICMP_ECHO_REQUEST,
  PTL_ICMP_ECHO_REPLY,
  PTL_ICMP_TTL_EXCEEDED,
  PTL_ICMP_REASSEMBLY_EXCEEDED,
  PTL_ICMP_NO_NETWORK,
  PTL_ICMP_NO_HOST,
  PTL_ICMP_NO_PROTOCOL,
  PTL_ICMP_NO_PORT,
  PTL_ICMP_TOO_BIG,
  PTL_ICMP_SOURCE_ROUTE_FAILED,
  PTL_ICMP_PROHIBITED,
  PTL_ICMP_BEYOND_SCOPE,
  PTL_ICMP_SOURCE_POLICY,
  PTL_ICMP_REJECT_ROUTE,
  PTL_ICMP_PRECEDENCE,
  PTL_ICMP_PARAMETER_PROBLEM,
  PTL_ICMP_REDIRECT,
  PTL_ICMP_SOURCE_QUENCH,
  PTL_ICMP_N_MEANINGS
} PtlIcmpMeaning;

PtlIcmpMeaning ptl_icmp_get_meaning (int     family,
                                     uint8_t type,
                                     uint8_t code);
/* Whether it says that a packet did not get where it should. */
bool           ptl_icmp_is_error    (PtlIcmpMeaning meaning);
/* What traceroute(8) prints for it: "!N", "!H", "!P", "!F", "!S", "!X", "!V", "!5"; "" where it
 * prints nothing.  @buffer of 8 bytes or more; returned. */
const char    *ptl_icmp_get_mark    (int            family,
                                     uint8_t        type,
                                     uint8_t        code,
                                     char           buffer[8]);

/* Who said what about a packet of ours. */
typedef struct
{
  PtlIcmpMeaning meaning;
  int            family;
  uint8_t        type;
  uint8_t        code;
  bool           local;      /* this computer's kernel refused, no message came */
  bool           own;        /* the message came from an address of this computer */
  int            sys_errno;  /* what the kernel made of it; 0: not told */
  uint32_t       mtu;        /* of PTL_ICMP_TOO_BIG; 0: not told (RFC 1191 section 5) */
  PtlAddress     from;       /* empty: not told */
  unsigned       n_labels;
  uint32_t       labels[PTL_ICMP_LABELS_MAX]; /* MPLS label stack entries, host order */
} PtlIcmpNotice;

/* The packet that an error is about, as far as the error quotes it. */
typedef struct
{
  uint8_t        protocol;    /* IPPROTO_* */
  PtlAddress     source;      /* with the port of UDP and TCP */
  PtlAddress     destination;
  bool           has_ports;
  bool           has_echo;    /* it was an echo request, whose id and seq follow */
  uint16_t       id;
  uint16_t       seq;
  const uint8_t *data;        /* behind the eight bytes of UDP's or the echo's header; borrowed */
  size_t         len_data;
} PtlIcmpQuoted;

typedef struct
{
  PtlIcmpMeaning meaning;
  uint8_t        type;
  uint8_t        code;
  uint16_t       id;      /* of an echo */
  uint16_t       seq;
  const uint8_t *data;    /* of an echo; borrowed from what was parsed */
  size_t         len_data;
  uint32_t       mtu;
  bool           has_quoted; /* of an error */
  PtlIcmpQuoted  quoted;
  unsigned       n_labels;
  uint32_t       labels[PTL_ICMP_LABELS_MAX];
} PtlIcmpMessage;

/* The Internet checksum (RFC 1071) as it is put into a packet: in network order. */
uint16_t ptl_icmp_checksum (const uint8_t *bytes,
                            size_t         len_bytes);

/* An echo request with @len_data bytes behind its header, which are in @packet already; returns its
 * length.  The kernel computes the checksum of ICMPv6, and id and checksum of a datagram socket. */
size_t ptl_icmp_build_echo (int      family,
                            uint16_t id,
                            uint16_t seq,
                            uint8_t *packet,
                            size_t   len_data);

/* @bytes from the ICMP header on.  False: not well formed, *@message is zero.  An error whose quote
 * is damaged is parsed without it.  IPv4's checksum is verified; the kernel has done it for
 * IPv6. */
bool ptl_icmp_parse (int             family,
                     const uint8_t  *bytes,
                     size_t          len_bytes,
                     PtlIcmpMessage *message);
/* The same with an IPv4 header in front, as a raw socket gives it.  *@ttl and *@from are set. */
bool ptl_icmp_parse_ipv4 (const uint8_t  *bytes,
                          size_t          len_bytes,
                          PtlIcmpMessage *message,
                          uint8_t        *ttl,
                          PtlAddress     *from);

/* What of @sent and what came is different: the offset of the first byte, or SIZE_MAX. */
size_t ptl_icmp_compare (const uint8_t *sent,
                         size_t         len_sent,
                         const uint8_t *came,
                         size_t         len_came);

/* --- the kernel's error queue (ip(7), IP_RECVERR; ipv6(7), IPV6_RECVERR) ---------------------- */

typedef struct
{
  PtlIcmpNotice notice;
  PtlAddress    destination; /* where the packet was sent; with the port of UDP and TCP */
  uint64_t      stamp_ns;    /* CLOCK_REALTIME, when the message came; 0: not told */
} PtlIcmpError;

/* What recvmsg() with MSG_ERRQUEUE gave: msg_name, msg_control and their lengths are looked at.
 * @data: what came in msg_iov, for the labels behind what is quoted.  False: no error in it. */
bool ptl_icmp_parse_error (const struct msghdr *msg,
                           const uint8_t       *data,
                           size_t               len_data,
                           PtlIcmpError        *error);

/* What recvmsg() gave besides the bytes: the time in CLOCK_REALTIME (0: not told) and the TTL or
 * hop limit (-1: not told). */
void ptl_icmp_parse_control (const struct msghdr *msg,
                             uint64_t            *stamp_ns,
                             int                 *ttl);

G_END_DECLS
