/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of what a session can be asked for. */
#include "config.h"

#include "ptl-advanced-fields.h"

#include <glib/gi18n.h>

/* Protocols of the kernel that older headers of the C library lack. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef AF_XDP
#define AF_XDP 44
#endif

/* Who a field is for. */
enum
{
  CONNECT = 1 << PTL_ROLE_CONNECT,
  LISTEN = 1 << PTL_ROLE_LISTEN,
  DATAGRAMS = 1 << PTL_ROLE_DATAGRAMS,
  ANY_ROLE = CONNECT | LISTEN | DATAGRAMS,

  TCP = 1 << PTL_TRANSPORT_TCP,
  UDP = 1 << PTL_TRANSPORT_UDP,
  UNIX = 1 << PTL_TRANSPORT_UNIX_STREAM | 1 << PTL_TRANSPORT_UNIX_SEQPACKET |
         1 << PTL_TRANSPORT_UNIX_DGRAM,
  UNIX_CONNECTED = 1 << PTL_TRANSPORT_UNIX_STREAM | 1 << PTL_TRANSPORT_UNIX_SEQPACKET,
  VSOCK = 1 << PTL_TRANSPORT_VSOCK,
  INET = TCP | UDP,
  ANY_TRANSPORT = INET | UNIX | VSOCK
};

const PtlFieldGroupWords ptl_field_groups[PTL_N_GROUPS] = {
  [PTL_GROUP_THIS_END] = { N_("This End"), NULL },
  [PTL_GROUP_REACTION] = { N_("Reaction"), NULL },
  [PTL_GROUP_TIMEOUTS] = { N_("Time Limits"), NULL },
  [PTL_GROUP_RECORDING] = { N_("Recording"), NULL },
  [PTL_GROUP_MULTICAST] = { N_("Multicast"), NULL },
  [PTL_GROUP_CONNECTION] = { N_("Connection"), NULL },
  [PTL_GROUP_PACKETS] = { N_("Packets and Buffers"), NULL },
  [PTL_GROUP_SOCKET] = {
    N_("The Call of socket()"),
    N_("Asks the kernel for another kind of socket, such as MPTCP in place of TCP, or UDP-Lite in "
       "place of UDP. It works, or the kernel's own answer is shown.")
  },
};

static const char *const reactions[] = {
  N_("None: record, say nothing"),
  N_("Echo: send back what came"),
  N_("Discard: count, do not record"),
  N_("Greeting: send a text to each new peer"),
  N_("Answer: send a text for each message"),
  NULL
};

static const char *const when_fulls[] = {
  N_("Stop receiving"),
  N_("Go on, count the rest"),
  NULL
};

static const PtlFieldCode domains[] = {
  { "AF_UNIX (1)", 1 },
  { "AF_INET (2)", 2 },
  { "AF_AX25 (3)", 3 },
  { "AF_X25 (9)", 9 },
  { "AF_INET6 (10)", 10 },
  { "AF_NETLINK (16)", 16 },
  { "AF_PACKET (17)", 17 },
  { "AF_RDS (21)", 21 },
  { "AF_CAN (29)", 29 },
  { "AF_TIPC (30)", 30 },
  { "AF_BLUETOOTH (31)", 31 },
  { "AF_ALG (38)", 38 },
  { "AF_NFC (39)", 39 },
  { "AF_VSOCK (40)", 40 },
  { "AF_QIPCRTR (42)", 42 },
  { "AF_SMC (43)", 43 },
  { "AF_XDP (44)", AF_XDP },
  { NULL }
};

static const PtlFieldCode types[] = {
  { "SOCK_STREAM (1)", 1 },
  { "SOCK_DGRAM (2)", 2 },
  { "SOCK_RAW (3)", 3 },
  { "SOCK_RDM (4)", 4 },
  { "SOCK_SEQPACKET (5)", 5 },
  { "SOCK_DCCP (6)", 6 },
  { NULL }
};

static const PtlFieldCode protocols[] = {
  { "IPPROTO_IP (0)", 0 },
  { "IPPROTO_ICMP (1)", 1 },
  { "IPPROTO_IGMP (2)", 2 },
  { "IPPROTO_TCP (6)", 6 },
  { "IPPROTO_UDP (17)", 17 },
  { "IPPROTO_DCCP (33)", 33 },
  { "IPPROTO_ICMPV6 (58)", 58 },
  { "IPPROTO_SCTP (132)", 132 },
  { "IPPROTO_UDPLITE (136)", 136 },
  { "IPPROTO_SMC (256)", 256 },
  { "IPPROTO_MPTCP (262)", IPPROTO_MPTCP },
  { NULL }
};

#define FIELD(name) PTL_FIELD_OFFSET (name)

const PtlField ptl_fields[PTL_N_FIELDS] = {
  { PTL_FIELD_DEVICE, PTL_GROUP_THIS_END, FIELD (options.device), ANY_ROLE, INET,
    N_("Interface"),
    N_("SO_BINDTODEVICE: packets go and come through this interface only"), 0, 0, NULL },

  { PTL_FIELD_ENUM, PTL_GROUP_REACTION, FIELD (reaction), LISTEN | DATAGRAMS, ANY_TRANSPORT,
    N_("When something comes"), NULL, 0, 0, reactions },
  { PTL_FIELD_SWITCH, PTL_GROUP_REACTION, FIELD (own_peers_only), LISTEN, INET,
    N_("This computer's peers only"),
    N_("Refuses everyone whose address is not one of this computer's own"), 0, 0, NULL },
  { PTL_FIELD_COUNT, PTL_GROUP_REACTION, FIELD (max_peers), LISTEN, ANY_TRANSPORT,
    N_("Most peers at once"), N_("More are refused; empty: no limit"), 1, G_MAXUINT32, NULL },

  { PTL_FIELD_SECONDS, PTL_GROUP_TIMEOUTS, FIELD (connect_timeout_ms), CONNECT, ANY_TRANSPORT,
    N_("Seconds to connect"),
    N_("Empty: as long as the system tries, about two minutes"), 0, 0, NULL },
  { PTL_FIELD_SECONDS, PTL_GROUP_TIMEOUTS, FIELD (idle_timeout_ms), CONNECT | LISTEN, ANY_TRANSPORT,
    N_("Seconds of silence"),
    N_("Closes a connection when nothing moved in either direction; empty: never"), 0, 0, NULL },
  { PTL_FIELD_HALF_OPEN, PTL_GROUP_TIMEOUTS, FIELD (half_open_ms), CONNECT | LISTEN,
    TCP | UNIX_CONNECTED | VSOCK,
    N_("Seconds half open"),
    N_("How long this side stays open after the peer's end of input: 0 closes when what is queued "
       "was sent, “keep” never; empty: until the peer has closed, too, or at once with a reaction"),
    0, 0, NULL },

  { PTL_FIELD_ENUM, PTL_GROUP_RECORDING, FIELD (when_full), ANY_ROLE, ANY_TRANSPORT,
    N_("When the log is full"), NULL, 0, 0, when_fulls },
  { PTL_FIELD_MEBI, PTL_GROUP_RECORDING, FIELD (log_limit_bytes), ANY_ROLE, ANY_TRANSPORT,
    N_("Limit of the log, MiB"), N_("Empty: the log is full when the disk is"), 1, G_MAXINT32,
    NULL },
  { PTL_FIELD_KEEP_FREE, PTL_GROUP_RECORDING, FIELD (keep_free_bytes), ANY_ROLE, ANY_TRANSPORT,
    N_("Keep free on the disk, MiB"),
    N_("Then the log is full; empty: 1024 or a twentieth of the disk, whichever is less"), 0,
    G_MAXINT32, NULL },

  { PTL_FIELD_INT, PTL_GROUP_MULTICAST, FIELD (options.multicast_ttl), DATAGRAMS, UDP,
    N_("Multicast TTL"),
    N_("IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS: how many routers far; 1 stays in this network"),
    0, 255, NULL },
  { PTL_FIELD_TRI, PTL_GROUP_MULTICAST, FIELD (options.multicast_loop), DATAGRAMS, UDP,
    N_("Hear own multicasts"),
    N_("IP_MULTICAST_LOOP: members on this computer get what this session sends"), 0, 0, NULL },

  { PTL_FIELD_TRI, PTL_GROUP_CONNECTION, FIELD (options.reuse_addr), ANY_ROLE, INET | UNIX,
    N_("Reuse the address"),
    N_("SO_REUSEADDR: bind although old connections of this port linger; on for a TCP listener"),
    0, 0, NULL },
  { PTL_FIELD_TRI, PTL_GROUP_CONNECTION, FIELD (options.reuse_port), ANY_ROLE, INET,
    N_("Share the port"),
    N_("SO_REUSEPORT: several sockets of one user bind the same port, the kernel spreads peers"),
    0, 0, NULL },
  { PTL_FIELD_TRI, PTL_GROUP_CONNECTION, FIELD (options.v6only), LISTEN | DATAGRAMS, INET,
    N_("IPv6 socket for IPv6 only"),
    N_("IPV6_V6ONLY: off, the IPv6 socket takes IPv4 peers too, as ::ffff:a.b.c.d"), 0, 0, NULL },
  { PTL_FIELD_INT, PTL_GROUP_CONNECTION, FIELD (options.backlog), LISTEN,
    TCP | UNIX_CONNECTED | VSOCK,
    N_("Backlog"),
    N_("listen(): connections that wait to be accepted; empty: 4096"), 0, G_MAXINT32, NULL },
  { PTL_FIELD_TRI, PTL_GROUP_CONNECTION, FIELD (options.nodelay), CONNECT | LISTEN, TCP,
    N_("Send small segments at once"),
    N_("TCP_NODELAY: off, the kernel gathers small writes (Nagle's algorithm)"), 0, 0, NULL },
  { PTL_FIELD_TRI, PTL_GROUP_CONNECTION, FIELD (options.keepalive), CONNECT | LISTEN, TCP,
    N_("Keepalive"),
    N_("SO_KEEPALIVE: asks a silent peer now and then whether it is still there"), 0, 0, NULL },
  { PTL_FIELD_INT, PTL_GROUP_CONNECTION, FIELD (options.keep_idle_s), CONNECT | LISTEN, TCP,
    N_("Keepalive after, s"),
    N_("TCP_KEEPIDLE: seconds of silence before the first question"), 1, 32767, NULL },
  { PTL_FIELD_INT, PTL_GROUP_CONNECTION, FIELD (options.keep_interval_s), CONNECT | LISTEN, TCP,
    N_("Keepalive every, s"), N_("TCP_KEEPINTVL: seconds between questions"), 1, 32767, NULL },
  { PTL_FIELD_INT, PTL_GROUP_CONNECTION, FIELD (options.keep_count), CONNECT | LISTEN, TCP,
    N_("Keepalive questions"),
    N_("TCP_KEEPCNT: the connection is dropped after so many without an answer"), 1, 127, NULL },
  { PTL_FIELD_INT, PTL_GROUP_CONNECTION, FIELD (options.linger_s), CONNECT | LISTEN, TCP,
    N_("Linger, s"),
    N_("SO_LINGER: 0 resets the connection when it is closed, what is unsent is lost"), 0, 65535,
    NULL },

  { PTL_FIELD_TRI, PTL_GROUP_PACKETS, FIELD (options.broadcast), CONNECT | DATAGRAMS, UDP,
    N_("Broadcast"),
    N_("SO_BROADCAST: the kernel lets datagrams go to broadcast addresses"), 0, 0, NULL },
  { PTL_FIELD_INT, PTL_GROUP_PACKETS, FIELD (options.ttl), ANY_ROLE, INET,
    N_("TTL, hop limit"),
    N_("IP_TTL, IPV6_UNICAST_HOPS: how many routers far a packet goes"), 1, 255, NULL },
  { PTL_FIELD_TOS, PTL_GROUP_PACKETS, FIELD (options.tos), ANY_ROLE, INET,
    N_("Type of service"),
    N_("IP_TOS, IPV6_TCLASS, 0 to 255: the upper six bits are the DSCP; or its name, ef or af11"),
    0, 255, NULL },
  { PTL_FIELD_BYTES, PTL_GROUP_PACKETS, FIELD (options.rcvbuf), ANY_ROLE, ANY_TRANSPORT,
    N_("Receive buffer, bytes"),
    N_("SO_RCVBUF: what the kernel holds until it is read; it doubles the number"), 0, G_MAXINT32,
    NULL },
  { PTL_FIELD_BYTES, PTL_GROUP_PACKETS, FIELD (options.sndbuf), ANY_ROLE, ANY_TRANSPORT,
    N_("Send buffer, bytes"),
    N_("SO_SNDBUF: what the kernel takes before a send waits; it doubles the number"), 0,
    G_MAXINT32, NULL },

  { PTL_FIELD_CODE, PTL_GROUP_SOCKET, FIELD (domain), ANY_ROLE, ANY_TRANSPORT,
    N_("Domain"), NULL, 0, G_MAXINT32, domains },
  { PTL_FIELD_CODE, PTL_GROUP_SOCKET, FIELD (type), ANY_ROLE, ANY_TRANSPORT,
    N_("Type"), NULL, 0, G_MAXINT32, types },
  { PTL_FIELD_CODE, PTL_GROUP_SOCKET, FIELD (protocol), ANY_ROLE, ANY_TRANSPORT,
    N_("Protocol"), NULL, 0, G_MAXINT32,
    protocols },
};
