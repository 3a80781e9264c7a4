/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets of ping and trace route: which of them the kernel lets this user have, and what comes
 * out of them.
 *
 * An ICMP datagram socket is for the groups in net.ipv4.ping_group_range (icmp(7)), for IPv6 too; a
 * raw one for who has CAP_NET_RAW (raw(7)); UDP and TCP are for everybody.  Any thread, one at a
 * time for a socket. */
#pragma once

#include "probe/ptl-icmp.h"

G_BEGIN_DECLS

#define PTL_ICMP_PING_RANGE_PATH "/proc/sys/net/ipv4/ping_group_range"

typedef enum
{
  PTL_METHOD_AUTOMATIC,
  PTL_METHOD_ICMP,
  PTL_METHOD_UDP,
  PTL_METHOD_TCP,
  PTL_N_METHODS
} PtlMethod;

typedef enum
{
  PTL_VIA_NONE, /* what was asked for is not permitted */
  PTL_VIA_ICMP_DATAGRAM,
  PTL_VIA_ICMP_RAW,
  PTL_VIA_UDP,
  PTL_VIA_TCP
} PtlVia;

/* What was chosen, and why. */
typedef struct
{
  PtlMethod method;         /* as asked for */
  PtlVia    via;
  int       datagram_errno; /* why there is no ICMP datagram socket; 0: there is, or not tried */
  int       raw_errno;      /* why there is no raw one */
  int       other_errno;    /* why there is none of UDP */
  bool      has_range;      /* net.ipv4.ping_group_range could be read */
  uint32_t  range_low;      /* low > high: no group at all */
  uint32_t  range_high;
} PtlIcmpChoice;

typedef struct
{
  unsigned ttl;            /* TTL or hop limit; 0: the system's own */
  bool     dont_fragment;  /* and what the kernel knows of the path is not used (ip(7),
                            * IP_PMTUDISC_PROBE): routers are asked each time */
} PtlIcmpOptions;

/* A non-blocking socket for @method and @family in *@fd; -1 for TCP, which needs one for each
 * probe, and for PTL_VIA_NONE.  AUTOMATIC is ICMP where permitted, else @otherwise. */
void ptl_icmp_open (int                   family,
                    PtlMethod             method,
                    PtlVia                otherwise,
                    const PtlIcmpOptions *options,
                    PtlIcmpChoice        *choice,
                    int                  *fd);
/* A TCP socket that tells of ICMP errors; or -errno. */
int  ptl_icmp_open_tcp (int                   family,
                        const PtlIcmpOptions *options);
int  ptl_icmp_set_ttl  (int      fd, /* 0, or -errno */
                        int      family,
                        unsigned ttl);

typedef struct
{
  PtlAddress from;
  uint64_t   stamp_ns; /* CLOCK_REALTIME; 0: not told */
  int        ttl;      /* -1: not told */
  size_t     len;      /* in the buffer; what was longer is cut off */
} PtlIcmpReceived;

/* The next datagram: 0, or -errno (-EAGAIN: none). */
int ptl_icmp_receive (int              fd,
                      uint8_t         *buffer,
                      size_t           size,
                      PtlIcmpReceived *received);
/* The next of the error queue, and in @buffer what it quotes behind the IP header (UDP, TCP: behind
 * the transport's too for UDP).  0, -EAGAIN, or -errno. */
int ptl_icmp_receive_error (int           fd,
                            uint8_t      *buffer,
                            size_t        size,
                            size_t       *len,
                            PtlIcmpError *error);

/* Where packets to @destination go out: the source address the kernel picks, and whether it is an
 * address of this computer.  0, or -errno of connect(2): there is no route, or it is a broadcast
 * address (EACCES).  Sends nothing. */
int ptl_icmp_find_source (const PtlAddress *destination,
                          PtlAddress       *source,
                          bool             *local);

/* "Any" is where a program of this computer is: the kernel sends there (ip(7)). */
void ptl_icmp_make_sendable (PtlAddress *address);

/* What the kernel says of @len bytes behind an IP header and eight bytes of another, not to be
 * fragmented, that it refused with EMSGSIZE: the MTU is in there.  False: it says nothing.
 * Sends nothing. */
bool ptl_icmp_find_too_big (const PtlAddress *destination,
                            size_t            len,
                            PtlIcmpNotice    *notice);

/* Whether this computer itself throws away the pings over IPv6 that a datagram socket sends to
 * @destination: a firewall rule does.  The kernel says of each that it was sent (ping_v6_sendmsg()
 * ignores what comes of it).  But it stamps the time at which one comes to an interface
 * (SO_TIMESTAMPING), and counts what it discards: without the one and with the other it is told.
 * Sends one ping, waits for nobody. */
bool ptl_icmp_is_held_back (const PtlAddress *destination);

/* How long it took: from the kernel's stamp, unless the clock was set meanwhile. */
uint64_t ptl_icmp_round_trip (uint64_t sent_ns,      /* monotonic */
                              uint64_t sent_real_ns,
                              uint64_t now_ns,       /* monotonic */
                              uint64_t stamp_ns);    /* 0: none */

G_END_DECLS
