/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words and options of a spec's URI. */
#include "config.h"

#include "base/ptl-spec-private.h"

#include <limits.h>

#include <netinet/in.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define OPTION(name, field, min, max) \
  { name, offsetof (PtlOptions, field), min, max, false, PTL_NUMBER_PLAIN }
#define SWITCH(name, field) { name, offsetof (PtlOptions, field), 0, 1, true, PTL_NUMBER_PLAIN }
#define SIZE(name, field) \
  { name, offsetof (PtlOptions, field), 0, INT_MAX, false, PTL_NUMBER_SIZE }

const PtlIntOption ptl_int_options[PTL_N_INT_OPTIONS] = {
  SWITCH ("reuse-addr", reuse_addr),
  SWITCH ("reuse-port", reuse_port),
  SWITCH ("v6only", v6only),
  SWITCH ("nodelay", nodelay),
  SWITCH ("keepalive", keepalive),
  OPTION ("keep-idle", keep_idle_s, 1, INT_MAX),
  OPTION ("keep-interval", keep_interval_s, 1, INT_MAX),
  OPTION ("keep-count", keep_count, 1, INT_MAX),
  SIZE ("rcvbuf", rcvbuf),
  SIZE ("sndbuf", sndbuf),
  OPTION ("linger", linger_s, 0, INT_MAX),
  SWITCH ("broadcast", broadcast),
  OPTION ("ttl", ttl, 1, 255),
  { "tos", offsetof (PtlOptions, tos), 0, 255, false, PTL_NUMBER_TOS },
  OPTION ("backlog", backlog, 0, INT_MAX),
  OPTION ("multicast-ttl", multicast_ttl, 0, 255),
  SWITCH ("multicast-loop", multicast_loop),
};

const PtlName ptl_domain_names[] = {
  { "unix", AF_UNIX }, { "local", AF_UNIX }, { "inet", AF_INET }, { "inet6", AF_INET6 },
  { "ax25", AF_AX25 }, { "ipx", AF_IPX }, { "appletalk", AF_APPLETALK }, { "netrom", AF_NETROM },
  { "x25", AF_X25 }, { "rose", AF_ROSE }, { "netlink", AF_NETLINK }, { "packet", AF_PACKET },
  { "rds", AF_RDS }, { "llc", AF_LLC }, { "can", AF_CAN }, { "tipc", AF_TIPC },
  { "bluetooth", AF_BLUETOOTH }, { "phonet", AF_PHONET }, { "ieee802154", AF_IEEE802154 },
  { "alg", AF_ALG }, { "vsock", AF_VSOCK }, { "kcm", AF_KCM }, { "qipcrtr", AF_QIPCRTR },
  { "smc", AF_SMC }, { "xdp", AF_XDP }, { NULL }
};

const PtlName ptl_type_names[] = {
  { "stream", SOCK_STREAM }, { "dgram", SOCK_DGRAM }, { "raw", SOCK_RAW }, { "rdm", SOCK_RDM },
  { "seqpacket", SOCK_SEQPACKET }, { "dccp", SOCK_DCCP }, { "packet", SOCK_PACKET }, { NULL }
};

const PtlName ptl_protocol_names[] = {
  { "default", 0 }, { "icmp", IPPROTO_ICMP }, { "igmp", IPPROTO_IGMP }, { "tcp", IPPROTO_TCP },
  { "udp", IPPROTO_UDP }, { "dccp", IPPROTO_DCCP }, { "icmpv6", IPPROTO_ICMPV6 },
  { "sctp", IPPROTO_SCTP }, { "udplite", IPPROTO_UDPLITE }, { "raw", IPPROTO_RAW },
  { "mptcp", IPPROTO_MPTCP }, { "smc", 256 }, { NULL }
};

const PtlName ptl_family_names[] = {
  { "any", PTL_FAMILY_ANY }, { "4", PTL_FAMILY_IPV4 }, { "6", PTL_FAMILY_IPV6 },
  { "ipv4", PTL_FAMILY_IPV4 }, { "ipv6", PTL_FAMILY_IPV6 },
  { "inet", PTL_FAMILY_IPV4 }, { "inet6", PTL_FAMILY_IPV6 }, { NULL }
};

const PtlName ptl_reaction_names[] = {
  { "none", PTL_REACTION_NONE }, { "echo", PTL_REACTION_ECHO },
  { "discard", PTL_REACTION_DISCARD }, { "greeting", PTL_REACTION_GREETING },
  { "answer", PTL_REACTION_ANSWER }, { NULL }
};

const PtlName ptl_full_names[] = {
  { "stop", PTL_FULL_STOP_RECEIVING }, { "go-on", PTL_FULL_GO_ON }, { NULL }
};

const PtlName ptl_bool_names[] = {
  { "1", 1 }, { "0", 0 }, { "yes", 1 }, { "no", 0 }, { "true", 1 }, { "false", 0 },
  { "on", 1 }, { "off", 0 }, { NULL }
};

const PtlName ptl_dscp_names[] = {
  { "be", 0 }, { "default", 0 }, { "cs0", 0 }, { "le", 1 },
  { "cs1", 8 }, { "af11", 10 }, { "af12", 12 }, { "af13", 14 },
  { "cs2", 16 }, { "af21", 18 }, { "af22", 20 }, { "af23", 22 },
  { "cs3", 24 }, { "af31", 26 }, { "af32", 28 }, { "af33", 30 },
  { "cs4", 32 }, { "af41", 34 }, { "af42", 36 }, { "af43", 38 },
  { "cs5", 40 }, { "va", 44 }, { "ef", 46 }, { "cs6", 48 }, { "cs7", 56 }, { NULL }
};

/* The first of each transport is the one that is written. */
const PtlScheme ptl_schemes[PTL_N_SCHEMES] = {
  { "tcp", PTL_TRANSPORT_TCP },
  { "udp", PTL_TRANSPORT_UDP },
  { "unix", PTL_TRANSPORT_UNIX_STREAM },
  { "unix+stream", PTL_TRANSPORT_UNIX_STREAM },
  { "unix+seqpacket", PTL_TRANSPORT_UNIX_SEQPACKET },
  { "unix+dgram", PTL_TRANSPORT_UNIX_DGRAM },
  { "vsock", PTL_TRANSPORT_VSOCK },
};

int *
ptl_int_option_field (PtlOptions      *options,
           const PtlIntOption *option)
{
  return (int *) (void *) ((char *) options + option->offset);
}

int
ptl_int_option_get (const PtlOptions *options,
           const PtlIntOption  *option)
{
  return *(const int *) (const void *) ((const char *) options + option->offset);
}

const char *
ptl_name_of (const PtlName *names,
         int         value)
{
  for (; names->name != NULL; names++)
    if (names->value == value)
      return names->name;
  return NULL;
}

bool
ptl_transport_is_unix (PtlTransport transport)
{
  return transport == PTL_TRANSPORT_UNIX_STREAM
         || transport == PTL_TRANSPORT_UNIX_SEQPACKET
         || transport == PTL_TRANSPORT_UNIX_DGRAM;
}
