/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families of sockets that Linux has numbers for (linux/socket.h), and which of them this
 * kernel makes. */
#include "config.h"

#include "host/ptl-families.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/netlink.h>

/* What an older libc or kernel header may lack; the numbers are the kernel's. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define DOMAIN_SMC 43
#define DOMAIN_XDP 44
#define DOMAIN_MCTP 45
#define DOMAIN_LAST DOMAIN_MCTP
#define TYPE_DCCP 6
#define PROTOCOL_SMC 256

static const char *const domain_names[DOMAIN_LAST + 1] = {
  [AF_UNIX] = "AF_UNIX",
  [AF_INET] = "AF_INET",
  [AF_AX25] = "AF_AX25",
  [AF_IPX] = "AF_IPX",
  [AF_APPLETALK] = "AF_APPLETALK",
  [AF_NETROM] = "AF_NETROM",
  [AF_BRIDGE] = "AF_BRIDGE",
  [AF_ATMPVC] = "AF_ATMPVC",
  [AF_X25] = "AF_X25",
  [AF_INET6] = "AF_INET6",
  [AF_ROSE] = "AF_ROSE",
  [12] = "AF_DECnet",
  [AF_NETBEUI] = "AF_NETBEUI",
  [AF_SECURITY] = "AF_SECURITY",
  [AF_KEY] = "AF_KEY",
  [AF_NETLINK] = "AF_NETLINK",
  [AF_PACKET] = "AF_PACKET",
  [AF_ASH] = "AF_ASH",
  [AF_ECONET] = "AF_ECONET",
  [AF_ATMSVC] = "AF_ATMSVC",
  [AF_RDS] = "AF_RDS",
  [AF_SNA] = "AF_SNA",
  [AF_IRDA] = "AF_IRDA",
  [AF_PPPOX] = "AF_PPPOX",
  [AF_WANPIPE] = "AF_WANPIPE",
  [AF_LLC] = "AF_LLC",
  [AF_IB] = "AF_IB",
  [AF_MPLS] = "AF_MPLS",
  [AF_CAN] = "AF_CAN",
  [AF_TIPC] = "AF_TIPC",
  [AF_BLUETOOTH] = "AF_BLUETOOTH",
  [AF_IUCV] = "AF_IUCV",
  [AF_RXRPC] = "AF_RXRPC",
  [AF_ISDN] = "AF_ISDN",
  [AF_PHONET] = "AF_PHONET",
  [AF_IEEE802154] = "AF_IEEE802154",
  [AF_CAIF] = "AF_CAIF",
  [AF_ALG] = "AF_ALG",
  [AF_NFC] = "AF_NFC",
  [AF_VSOCK] = "AF_VSOCK",
  [AF_KCM] = "AF_KCM",
  [AF_QIPCRTR] = "AF_QIPCRTR",
  [DOMAIN_SMC] = "AF_SMC",
  [DOMAIN_XDP] = "AF_XDP",
  [DOMAIN_MCTP] = "AF_MCTP",
};

/* The domains that come first; the others follow in the order of their numbers. */
static const int domains_first[] = { AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK };

static const struct
{
  int         type;
  const char *name;
} types[] = {
  { SOCK_STREAM, "SOCK_STREAM" },
  { SOCK_DGRAM, "SOCK_DGRAM" },
  { SOCK_SEQPACKET, "SOCK_SEQPACKET" },
  { SOCK_RAW, "SOCK_RAW" },
  { SOCK_RDM, "SOCK_RDM" },
};

/* Protocols that a program names.  Where the number is 0, it is the plain one and has a name. */
static const struct
{
  int         domain;
  int         type;
  int         protocol;
  const char *name;
} protocols[] = {
  { AF_INET, SOCK_STREAM, IPPROTO_TCP, "IPPROTO_TCP" },
  { AF_INET, SOCK_STREAM, IPPROTO_MPTCP, "IPPROTO_MPTCP" },
  { AF_INET, SOCK_STREAM, IPPROTO_SCTP, "IPPROTO_SCTP" },
  { AF_INET, SOCK_STREAM, PROTOCOL_SMC, "IPPROTO_SMC" },
  { AF_INET, SOCK_DGRAM, IPPROTO_UDP, "IPPROTO_UDP" },
  { AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, "IPPROTO_UDPLITE" },
  { AF_INET, SOCK_DGRAM, IPPROTO_ICMP, "IPPROTO_ICMP" },
  { AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, "IPPROTO_SCTP" },
  { AF_INET, TYPE_DCCP, IPPROTO_DCCP, "IPPROTO_DCCP" },
  { AF_INET, SOCK_RAW, IPPROTO_ICMP, "IPPROTO_ICMP" },
  { AF_INET, SOCK_RAW, IPPROTO_RAW, "IPPROTO_RAW" },
  { AF_INET6, SOCK_STREAM, IPPROTO_TCP, "IPPROTO_TCP" },
  { AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, "IPPROTO_MPTCP" },
  { AF_INET6, SOCK_STREAM, IPPROTO_SCTP, "IPPROTO_SCTP" },
  { AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "IPPROTO_UDP" },
  { AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE, "IPPROTO_UDPLITE" },
  { AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, "IPPROTO_ICMPV6" },
  { AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP, "IPPROTO_SCTP" },
  { AF_INET6, TYPE_DCCP, IPPROTO_DCCP, "IPPROTO_DCCP" },
  { AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, "IPPROTO_ICMPV6" },
  { AF_INET6, SOCK_RAW, IPPROTO_RAW, "IPPROTO_RAW" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE, "NETLINK_ROUTE" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG, "NETLINK_SOCK_DIAG" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT, "NETLINK_KOBJECT_UEVENT" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_NETFILTER, "NETLINK_NETFILTER" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_GENERIC, "NETLINK_GENERIC" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_XFRM, "NETLINK_XFRM" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_AUDIT, "NETLINK_AUDIT" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_CONNECTOR, "NETLINK_CONNECTOR" },
  { AF_NETLINK, SOCK_DGRAM, NETLINK_CRYPTO, "NETLINK_CRYPTO" },
  { AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, "NETLINK_ROUTE" },
  { AF_BLUETOOTH, SOCK_SEQPACKET, 0, "BTPROTO_L2CAP" },
  { AF_BLUETOOTH, SOCK_STREAM, 3, "BTPROTO_RFCOMM" },
  { AF_BLUETOOTH, SOCK_SEQPACKET, 2, "BTPROTO_SCO" },
  { AF_BLUETOOTH, SOCK_RAW, 1, "BTPROTO_HCI" },
  { AF_CAN, SOCK_RAW, 1, "CAN_RAW" },
  { AF_CAN, SOCK_DGRAM, 2, "CAN_BCM" },
  { AF_CAN, SOCK_DGRAM, 6, "CAN_ISOTP" },
  { AF_CAN, SOCK_DGRAM, 7, "CAN_J1939" },
  { AF_KEY, SOCK_RAW, 2, "PF_KEY_V2" },
  { AF_PPPOX, SOCK_STREAM, 0, "PX_PROTO_OE" },
};

void
ptl_families_try (PtlSocketKind *kinds,
                  size_t         n)
{
  for (size_t i = 0; i < n; i++)
    {
      int fd = socket (kinds[i].domain, kinds[i].type | SOCK_CLOEXEC, kinds[i].protocol);

      kinds[i].sys_errno = fd < 0 ? errno : 0;
      if (fd >= 0)
        close (fd);
    }
}

int
ptl_families_get_plain_protocol (int domain,
                                 int type)
{
  return type == SOCK_RAW && (domain == AF_INET || domain == AF_INET6) ? IPPROTO_RAW : 0;
}

static void
add_kind (GArray *kinds,
          int     domain,
          int     type,
          int     protocol)
{
  PtlSocketKind kind = { .domain = domain, .type = type, .protocol = protocol };

  for (unsigned i = 0; i < kinds->len; i++)
    {
      const PtlSocketKind *at = &g_array_index (kinds, PtlSocketKind, i);

      if (at->domain == domain && at->type == type && at->protocol == protocol)
        return;
    }
  g_array_append_val (kinds, kind);
}

static void
add_domain (GArray *kinds,
            int     domain)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (types); i++)
    {
      add_kind (kinds, domain, types[i].type,
                ptl_families_get_plain_protocol (domain, types[i].type));
      for (unsigned k = 0; k < G_N_ELEMENTS (protocols); k++)
        if (protocols[k].domain == domain && protocols[k].type == types[i].type)
          add_kind (kinds, domain, protocols[k].type, protocols[k].protocol);
    }
  for (unsigned k = 0; k < G_N_ELEMENTS (protocols); k++)
    if (protocols[k].domain == domain)
      add_kind (kinds, domain, protocols[k].type, protocols[k].protocol);
}

PtlSocketKind *
ptl_families_make_all (size_t *n)
{
  GArray *kinds = g_array_new (FALSE, TRUE, sizeof (PtlSocketKind));

  for (unsigned i = 0; i < G_N_ELEMENTS (domains_first); i++)
    add_domain (kinds, domains_first[i]);
  /* What is there already is not added again. */
  for (int domain = 1; domain <= DOMAIN_LAST; domain++)
    if (domain_names[domain] != NULL)
      add_domain (kinds, domain);
  *n = kinds->len;
  return (PtlSocketKind *) (void *) g_array_free (kinds, FALSE);
}

const char *
ptl_families_get_domain_name (int domain)
{
  return domain >= 0 && domain <= DOMAIN_LAST ? domain_names[domain] : NULL;
}

const char *
ptl_families_get_type_name (int type)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].type == type)
      return types[i].name;
  return type == TYPE_DCCP ? "SOCK_DCCP" : NULL;
}

const char *
ptl_families_get_protocol_name (int domain,
                                int type,
                                int protocol)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (protocols[i].domain == domain && protocols[i].type == type
        && protocols[i].protocol == protocol)
      return protocols[i].name;
  return protocol == 0 ? "0" : NULL;
}
