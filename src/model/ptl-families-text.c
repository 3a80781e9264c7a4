/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the families of sockets. */
#include "config.h"

#include "model/ptl-families-text.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <glib/gi18n-lib.h>

#include <linux/netlink.h>

#include "base/ptl-error.h"

static const struct
{
  int         domain;
  const char *use;
} domains[] = {
  { AF_INET, N_("IPv4: an address of four bytes (127.0.0.1) and a port.") },
  { AF_INET6, N_("IPv6: an address of sixteen bytes (::1), a port, and for link-local addresses "
                 "the interface (a zone).") },
  { AF_UNIX, N_("Programs of this computer, by a path or an @abstract name.") },
  { AF_NETLINK, N_("Talks with the kernel: routes, interfaces, sockets.") },
  { AF_PACKET, N_("Whole frames of an interface, as a sniffer sees them; privileged.") },
  { AF_VSOCK, N_("Between a virtual machine and its host: a context number and a port.") },
  { AF_BLUETOOTH, N_("Bluetooth devices near by.") },
  { AF_CAN, N_("The bus of cars and machines.") },
  { AF_TIPC, N_("Programs of a cluster find each other by service.") },
  { AF_RDS, N_("Reliable datagrams for clusters.") },
  { AF_ALG, N_("Lets the kernel compute ciphers and hashes.") },
  { 44, N_("Frames of an interface at the highest rate; privileged.") },
  { AF_KEY, N_("Keys of IPsec; privileged.") },
  { AF_X25, N_("X.25, the packet network of the telephone companies before the Internet; "
               "today mostly gone.") },
  { AF_AX25, N_("Packet radio of radio amateurs.") },
  { AF_IPX, N_("Novell NetWare; left Linux in 2018.") },
  { AF_APPLETALK, N_("Old Macintosh networks.") },
  { AF_NETROM, N_("Packet radio of radio amateurs, with routes of its own (NET/ROM).") },
  { AF_BRIDGE, N_("A number for bridges in netlink; no sockets.") },
  { AF_ATMPVC, N_("ATM over fixed circuits.") },
  { AF_ROSE, N_("Packet radio with X.25 on top (ROSE).") },
  { 12, N_("Networks of Digital Equipment; left Linux in 2022.") },
  { AF_NETBEUI, N_("A number that was reserved for early Windows networks; never written.") },
  { AF_SECURITY, N_("A number that was reserved; never written.") },
  { AF_ASH, N_("A number that was reserved; never written.") },
  { AF_ECONET, N_("Networks of Acorn computers; left Linux in 2012.") },
  { AF_ATMSVC, N_("ATM over circuits that are dialled.") },
  { AF_SNA, N_("Networks of IBM; never written.") },
  { AF_IRDA, N_("Infrared light between devices; left Linux in 2018.") },
  { AF_PPPOX, N_("Point-to-point connections over Ethernet, L2TP or PPTP, as DSL has them.") },
  { AF_WANPIPE, N_("Cards for leased lines of one maker; left Linux long ago.") },
  { AF_LLC, N_("The logical link layer of Ethernet and its kin (IEEE 802.2).") },
  { AF_IB, N_("Addresses of InfiniBand; no sockets of its own.") },
  { AF_MPLS, N_("A number for labels of routes (MPLS) in netlink; no sockets.") },
  { AF_IUCV, N_("Between the virtual machines of an IBM mainframe.") },
  { AF_RXRPC, N_("Calls of the AFS file system.") },
  { AF_ISDN, N_("ISDN telephone lines.") },
  { AF_PHONET, N_("The modem of Nokia telephones.") },
  { AF_IEEE802154, N_("Radio for sensors, below ZigBee and Thread.") },
  { AF_CAIF, N_("Modems of ST-Ericsson.") },
  { AF_NFC, N_("Radio over a few centimetres: tags and cards.") },
  { AF_KCM, N_("Messages over TCP, cut out in the kernel.") },
  { AF_QIPCRTR, N_("Between the processors of a Qualcomm chip.") },
  { 43, N_("TCP sockets that use remote memory access where both sides can.") },
  { 45, N_("Management controllers in servers (MCTP).") },
};

static const struct
{
  int         domain; /* AF_INET stands for AF_INET6, too */
  int         type;   /* 0: any */
  int         protocol;
  const char *use;
} protocols[] = {
  { AF_INET, SOCK_STREAM, IPPROTO_TCP, N_("TCP, said explicitly.") },
  { AF_INET, SOCK_STREAM, 0, N_("TCP: a stream of bytes in order, both ways.") },
  { AF_INET, SOCK_DGRAM, 0, N_("UDP: separate messages that may be lost.") },
  { AF_INET, SOCK_DGRAM, IPPROTO_UDP, N_("UDP, said explicitly.") },
  { AF_INET, 0, IPPROTO_UDPLITE, N_("UDP whose checksum may cover only a part of the message.") },
  { AF_INET, 0, IPPROTO_SCTP, N_("Several streams of messages in one connection.") },
  { AF_INET, 0, IPPROTO_DCCP, N_("Datagrams with a rate that the network can take.") },
  { AF_INET, 0, 262, N_("TCP over several paths at once.") },
  { AF_INET, 0, 256, N_("TCP sockets that use remote memory access where both sides can.") },
  { AF_INET, SOCK_DGRAM, IPPROTO_ICMP, N_("Ping without privileges; net.ipv4.ping_group_range "
                                          "says for whom.") },
  { AF_INET, SOCK_DGRAM, IPPROTO_ICMPV6, N_("Ping without privileges; net.ipv4.ping_group_range "
                                            "says for whom.") },
  { AF_INET, SOCK_RAW, IPPROTO_ICMP, N_("Ping and trace route; privileged.") },
  { AF_INET, SOCK_RAW, IPPROTO_ICMPV6, N_("Ping and trace route; privileged.") },
  { AF_INET, SOCK_RAW, IPPROTO_RAW, N_("Whole IP packets that the program makes; privileged.") },
  { AF_UNIX, SOCK_STREAM, 0, N_("A stream of bytes between programs of this computer.") },
  { AF_UNIX, SOCK_DGRAM, 0, N_("Messages between programs of this computer; none is lost.") },
  { AF_UNIX, SOCK_SEQPACKET, 0, N_("A connection between programs of this computer that keeps "
                                   "messages apart.") },
  { AF_NETLINK, 0, NETLINK_ROUTE, N_("Interfaces, addresses and routes.") },
  { AF_NETLINK, 0, NETLINK_SOCK_DIAG, N_("The sockets that are open: what ss asks.") },
  { AF_NETLINK, 0, NETLINK_KOBJECT_UEVENT, N_("Devices that come and go: what udev hears.") },
  { AF_NETLINK, 0, NETLINK_NETFILTER, N_("The packet filter: what nft talks to.") },
  { AF_NETLINK, 0, NETLINK_GENERIC, N_("Parts of the kernel by name: wireless, ethtool, "
                                       "WireGuard ...") },
  { AF_NETLINK, 0, NETLINK_XFRM, N_("IPsec.") },
  { AF_NETLINK, 0, NETLINK_AUDIT, N_("The audit log.") },
  { AF_NETLINK, 0, NETLINK_CONNECTOR, N_("Programs that start and end, among others.") },
  { AF_NETLINK, 0, NETLINK_CRYPTO, N_("The ciphers that the kernel has.") },
};

const char *
ptl_families_text_domain (int domain)
{
  for (guint i = 0; i < G_N_ELEMENTS (domains); i++)
    if (domains[i].domain == domain)
      return _(domains[i].use);
  return NULL;
}

const char *
ptl_families_text_use (const PtlSocketKind *kind)
{
  int domain = kind->domain == AF_INET6 ? AF_INET : kind->domain;
  const char *use = ptl_families_text_domain (kind->domain);

  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    if (protocols[i].domain == domain && protocols[i].protocol == kind->protocol
        && (protocols[i].type == 0 || protocols[i].type == kind->type))
      return _(protocols[i].use);
  return use != NULL ? use : "";
}

static const char *
explain (const PtlSocketKind *kind)
{
  switch (kind->sys_errno)
    {
    case EAFNOSUPPORT:
      return _("this kernel has no such domain, nor a module for it");

    case ESOCKTNOSUPPORT:
      return _("the domain has no sockets of this type");

    case EPROTONOSUPPORT:
      return _("the domain is there, this protocol is not");

    case EPROTOTYPE:
      return _("this protocol is not of this type");

    case EPERM:
      return _("the kernel has it for privileged programs only");

    case EACCES:
      return kind->type == SOCK_DGRAM
               ? _("the kernel has it; net.ipv4.ping_group_range does not name a group of ours")
               : _("the kernel has it for privileged programs only");

    case ENODEV:
      return _("there is no device for it");

    case EMFILE:
    case ENFILE:
      return _("could not be tried: too many files are open");

    case ENOMEM:
    case ENOBUFS:
      return _("could not be tried: no memory");

    default:
      return NULL;
    }
}

char *
ptl_families_text_result (const PtlSocketKind *kind)
{
  const char *name = ptl_errno_name (kind->sys_errno);

  if (kind->sys_errno == 0)
    return g_strdup (_("offered"));
  /* To root as well: it is not a matter of privileges (icmp(7)). */
  if (kind->sys_errno == EACCES && kind->type == SOCK_DGRAM
      && (kind->protocol == IPPROTO_ICMP || kind->protocol == IPPROTO_ICMPV6))
    return g_strdup (_("no (ping_group_range)"));
  if (kind->sys_errno == EPERM || kind->sys_errno == EACCES)
    return g_strdup_printf (_("privileged (%s)"), name);
  return g_strdup_printf (_("no (%s)"), name);
}

char *
ptl_families_text_detail (const PtlSocketKind *kind)
{
  const char *protocol = ptl_families_get_protocol_name (kind->domain, kind->type, kind->protocol);
  const char *why = explain (kind);
  g_autofree char *call = g_strdup_printf ("socket(%s, %s, %s)",
                                           ptl_families_get_domain_name (kind->domain),
                                           ptl_families_get_type_name (kind->type), protocol);

  if (kind->sys_errno == 0)
    return g_strdup_printf (_("%s: this kernel makes one for us."), call);
  return g_strdup_printf ("%s = -1 %s (%s)%s%s%s", call, ptl_errno_name (kind->sys_errno),
                          g_strerror (kind->sys_errno), why != NULL ? ": " : "",
                          why != NULL ? why : "", why != NULL ? "." : "");
}
