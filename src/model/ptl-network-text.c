/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what the kernel says of interfaces, addresses and routes. */
#include "config.h"

#include "model/ptl-network-text.h"

#include <arpa/inet.h>

#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "model/ptl-text-private.h"

#define NAME_CHARS_MAX 128

char *
ptl_network_text_name (const char *name)
{
  return ptl_text_dup_safe (name, NAME_CHARS_MAX);
}

static const struct
{
  const char *brief;
  const char *full;
} kinds[PTL_N_INTERFACE_CLASSES] = {
  [PTL_INTERFACE_OTHER] = { N_("Other"), N_("Another kind") },
  [PTL_INTERFACE_LOOPBACK] = { N_("Loopback"), N_("Loopback: this computer talks to itself") },
  [PTL_INTERFACE_ETHERNET] = { N_("Ethernet"), N_("Ethernet") },
  [PTL_INTERFACE_WIFI] = { N_("Wi-Fi"), N_("Wi-Fi") },
  [PTL_INTERFACE_MODEM] = { N_("Modem"), N_("Mobile broadband") },
  [PTL_INTERFACE_BRIDGE] = { N_("Bridge"), N_("Bridge: a switch in the kernel") },
  [PTL_INTERFACE_BOND] = { N_("Bond"), N_("Bond: several links as one") },
  [PTL_INTERFACE_TEAM] = { N_("Team"), N_("Team: several links as one") },
  [PTL_INTERFACE_VETH] = { N_("veth"), N_("Virtual Ethernet: one end of a pair") },
  [PTL_INTERFACE_VLAN] = { N_("VLAN"), N_("VLAN") },
  [PTL_INTERFACE_VXLAN] = { N_("VXLAN"), N_("VXLAN: Ethernet over UDP") },
  [PTL_INTERFACE_MACVLAN] = { N_("macvlan"), N_("macvlan: another address on one link") },
  [PTL_INTERFACE_MACVTAP] = { N_("macvtap"), N_("macvtap: another address on one link") },
  [PTL_INTERFACE_IPVLAN] = { N_("ipvlan"), N_("ipvlan: shares the address of its link") },
  [PTL_INTERFACE_TUN] = { N_("TUN"), N_("TUN: packets go to a program") },
  [PTL_INTERFACE_TAP] = { N_("TAP"), N_("TAP: frames go to a program") },
  [PTL_INTERFACE_WIREGUARD] = { N_("WireGuard"), N_("WireGuard tunnel") },
  [PTL_INTERFACE_DUMMY] = { N_("Dummy"), N_("Dummy: what is sent is dropped") },
  [PTL_INTERFACE_IFB] = { N_("ifb"), N_("Intermediate functional block: shapes what comes in") },
  [PTL_INTERFACE_VRF] = { N_("VRF"), N_("VRF: a routing table of its own") },
  [PTL_INTERFACE_TUNNEL] = { N_("Tunnel"), N_("Tunnel") },
  [PTL_INTERFACE_PPP] = { N_("PPP"), N_("Point-to-point link") },
  [PTL_INTERFACE_CAN] = { N_("CAN"), N_("CAN bus") },
  [PTL_INTERFACE_INFINIBAND] = { N_("InfiniBand"), N_("InfiniBand") },
};

char *
ptl_network_text_kind (const PtlLink *link)
{
  /* The kernel's own word where there is none of ours. */
  if (link->class == PTL_INTERFACE_OTHER && link->kind[0] != '\0')
    return ptl_text_dup_safe (link->kind, NAME_CHARS_MAX);
  return g_strdup (_(kinds[link->class].brief));
}

char *
ptl_network_text_long_kind (const PtlLink *link)
{
  g_autofree char *kind = ptl_text_dup_safe (link->kind, NAME_CHARS_MAX);
  const char *full = _(kinds[link->class].full);

  if (link->has_number)
    /* Translators: the kind of an interface, its name in the kernel, its number: VLAN (vlan 42) */
    return g_strdup_printf (_("%s (%s %u)"), full, kind, link->number);
  if (kind[0] != '\0')
    return g_strdup_printf (_("%s (%s)"), full, kind);
  return g_strdup (full);
}

/* RFC 2863 section 3.1.13; if_link.h has IF_OPER_*. */
char *
ptl_network_text_state (const PtlLink *link,
                        PtlTableTone  *tone)
{
  PtlTableTone ignored;

  if (tone == NULL)
    tone = &ignored;
  *tone = PTL_TABLE_QUIET;
  if ((link->flags & IFF_UP) == 0)
    /* Translators: of a network interface, by the administrator */
    return g_strdup (_("Off"));
  *tone = PTL_TABLE_WARNING;
  switch (link->operstate)
    {
    case 1: /* IF_OPER_NOTPRESENT */
      return g_strdup (_("Not present"));

    case 3: /* IF_OPER_LOWERLAYERDOWN */
      /* The other end of a pair is no layer below. */
      return g_strdup (link->class == PTL_INTERFACE_VETH ? _("No carrier")
                                                         : _("Lower layer down"));

    case 4: /* IF_OPER_TESTING */
      return g_strdup (_("Testing"));

    case 5: /* IF_OPER_DORMANT */
      /* Translators: of a network interface that waits, for a login for example */
      return g_strdup (_("Waiting"));

    default:
      break;
    }
  if (link->carrier == PTL_CARRIER_OFF)
    return g_strdup (_("No carrier"));
  if (link->operstate == 2) /* IF_OPER_DOWN */
    return g_strdup (_("Down"));
  *tone = PTL_TABLE_GOOD;
  return g_strdup (_("Up"));
}

char *
ptl_network_text_hardware (const uint8_t *bytes,
                           size_t         len_bytes)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < len_bytes; i++)
    g_string_append_printf (text, "%s%02x", i > 0 ? ":" : "", bytes[i]);
  return g_string_free (text, FALSE);
}

typedef struct
{
  guint       bit;
  const char *name;
} Flag;

static char *
join_flags (guint       flags,
            const Flag *names,
            size_t      n_names)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < n_names; i++)
    if ((flags & names[i].bit) != 0)
      {
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", names[i].name);
        flags &= ~names[i].bit;
      }
  if (flags != 0)
    g_string_append_printf (text, "%s0x%x", text->len > 0 ? ", " : "", flags);
  return g_string_free (text, FALSE);
}

char *
ptl_network_text_flags (unsigned flags)
{
  static const Flag names[] = {
    { IFF_UP, "UP" }, { IFF_BROADCAST, "BROADCAST" }, { IFF_DEBUG, "DEBUG" },
    { IFF_LOOPBACK, "LOOPBACK" }, { IFF_POINTOPOINT, "POINTOPOINT" },
    { IFF_NOTRAILERS, "NOTRAILERS" }, { IFF_RUNNING, "RUNNING" }, { IFF_NOARP, "NOARP" },
    { IFF_PROMISC, "PROMISC" }, { IFF_ALLMULTI, "ALLMULTI" }, { IFF_MASTER, "MASTER" },
    { IFF_SLAVE, "SLAVE" }, { IFF_MULTICAST, "MULTICAST" }, { IFF_PORTSEL, "PORTSEL" },
    { IFF_AUTOMEDIA, "AUTOMEDIA" }, { IFF_DYNAMIC, "DYNAMIC" }, { 1 << 16, "LOWER_UP" },
    { 1 << 17, "DORMANT" }, { 1 << 18, "ECHO" },
  };

  return join_flags (flags, names, G_N_ELEMENTS (names));
}

char *
ptl_network_text_speed (const PtlLink *link)
{
  g_autofree char *speed = NULL;

  if (link->speed_mbps < 0)
    return g_strdup ("");
  if (link->speed_mbps >= 1000 && link->speed_mbps % 100 == 0)
    speed = g_strdup_printf (_("%g Gbit/s"), link->speed_mbps / 1000.0);
  else
    speed = g_strdup_printf (_("%d Mbit/s"), link->speed_mbps);
  if (link->duplex == DUPLEX_FULL)
    /* Translators: a speed */
    return g_strdup_printf (_("%s, full duplex"), speed);
  if (link->duplex == DUPLEX_HALF)
    return g_strdup_printf (_("%s, half duplex"), speed);
  return g_steal_pointer (&speed);
}

char *
ptl_network_text_rate (double bytes_per_s)
{
  g_autofree char *size = g_format_size ((guint64) CLAMP (bytes_per_s, 0, 1e18));

  /* Translators: a size, for each second */
  return g_strdup_printf (_("%s/s"), size);
}

char *
ptl_network_text_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

char *
ptl_network_text_host (int            family,
                       const uint8_t *address)
{
  char text[INET6_ADDRSTRLEN];

  if (inet_ntop (family, address, text, sizeof text) == NULL)
    return g_strdup ("");
  return g_strdup (text);
}

char *
ptl_network_text_prefix (int            family,
                         const uint8_t *address,
                         unsigned       len)
{
  g_autofree char *host = ptl_network_text_host (family, address);

  return g_strdup_printf ("%s/%u", host, len);
}

char *
ptl_network_text_zoned (const PtlInterfaceAddress *address,
                        const char                *name)
{
  g_autofree char *host = ptl_network_text_host (address->family, address->address);

  if (address->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL (address->address)
      && g_utf8_validate (name, -1, NULL))
    return g_strdup_printf ("%s%%%s", host, name);
  return g_steal_pointer (&host);
}

char *
ptl_network_text_scope (unsigned scope)
{
  switch (scope)
    {
    case RT_SCOPE_UNIVERSE:
      /* Translators: the scope of an address or route, as the kernel has it */
      return g_strdup (_("Global"));

    case RT_SCOPE_SITE:
      return g_strdup (_("Site"));

    case RT_SCOPE_LINK:
      /* Translators: the scope of an address or route: what hangs on the same cable */
      return g_strdup (_("Link"));

    case RT_SCOPE_HOST:
      return g_strdup (_("This host"));

    case RT_SCOPE_NOWHERE:
      return g_strdup (_("Nowhere"));

    default:
      return g_strdup_printf ("%u", scope);
    }
}

char *
ptl_network_text_address_flags (const PtlInterfaceAddress *address,
                                PtlTableTone              *tone)
{
  /* The same bit is "secondary" for IPv4 and "temporary" for IPv6 (RFC 8981). */
  const Flag names[] = {
    { IFA_F_DADFAILED, _("duplicate") },
    { IFA_F_TENTATIVE, _("tentative") },
    { IFA_F_DEPRECATED, _("deprecated") },
    { IFA_F_PERMANENT, _("permanent") },
    { IFA_F_TEMPORARY, address->family == AF_INET6 ? _("temporary") : _("secondary") },
    { IFA_F_OPTIMISTIC, _("optimistic") },
    { IFA_F_MANAGETEMPADDR, _("makes temporary ones") },
    { IFA_F_STABLE_PRIVACY, _("stable privacy") },
    { IFA_F_HOMEADDRESS, _("home address") },
    { IFA_F_NOPREFIXROUTE, _("no prefix route") },
    { IFA_F_MCAUTOJOIN, _("joins multicast") },
    { IFA_F_NODAD, _("no duplicate check") },
  };

  if (tone != NULL)
    *tone = (address->flags & IFA_F_DADFAILED) != 0    ? PTL_TABLE_BAD
            : (address->flags & IFA_F_TENTATIVE) != 0  ? PTL_TABLE_WARNING
            : (address->flags & IFA_F_DEPRECATED) != 0 ? PTL_TABLE_QUIET
                                                       : PTL_TABLE_PLAIN;
  return join_flags (address->flags, names, G_N_ELEMENTS (names));
}

guint
ptl_network_seconds_left (guint32 lifetime_s,
                          guint64 told_ns)
{
  guint64 age_s = (ptl_clock_monotonic_ns () - told_ns) / PTL_NS_PER_S;

  if (lifetime_s == PTL_FOREVER)
    return G_MAXUINT32;
  return age_s < lifetime_s ? (guint) (lifetime_s - age_s) : 0;
}

char *
ptl_network_text_lifetime (guint seconds)
{
  if (seconds == G_MAXUINT32)
    /* Translators: how long an address is valid */
    return g_strdup (_("for ever"));
  if (seconds >= 2 * 24 * 3600)
    return g_strdup_printf (ngettext ("%u day", "%u days", seconds / 86400), seconds / 86400);
  if (seconds >= 3600)
    return g_strdup_printf (_("%u h %u min"), seconds / 3600, seconds / 60 % 60);
  if (seconds >= 60)
    return g_strdup_printf (_("%u min %u s"), seconds / 60, seconds % 60);
  return g_strdup_printf (_("%u s"), seconds);
}

char *
ptl_network_text_table (guint32 table)
{
  switch (table)
    {
    case RT_TABLE_MAIN:
      return g_strdup ("main");

    case RT_TABLE_LOCAL:
      return g_strdup ("local");

    case RT_TABLE_DEFAULT:
      return g_strdup ("default");

    default:
      return g_strdup_printf ("%u", table);
    }
}

char *
ptl_network_text_protocol (guint protocol)
{
  static const struct
  {
    guint       protocol;
    const char *name;
  } names[] = {
    { RTPROT_REDIRECT, "redirect" }, { RTPROT_KERNEL, "kernel" }, { RTPROT_BOOT, "boot" },
    { RTPROT_STATIC, "static" }, { RTPROT_RA, "ra" }, { RTPROT_DHCP, "dhcp" },
    { RTPROT_ZEBRA, "zebra" }, { RTPROT_BIRD, "bird" }, { RTPROT_BABEL, "babel" },
    { RTPROT_BGP, "bgp" }, { RTPROT_ISIS, "isis" }, { RTPROT_OSPF, "ospf" },
    { RTPROT_RIP, "rip" }, { RTPROT_EIGRP, "eigrp" }, { RTPROT_KEEPALIVED, "keepalived" },
  };

  if (protocol == RTPROT_UNSPEC)
    return g_strdup ("");
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].protocol == protocol)
      return g_strdup (names[i].name);
  return g_strdup_printf ("%u", protocol);
}

const char *
ptl_network_text_route_type (guint type)
{
  switch (type)
    {
    case RTN_UNICAST:
      /* Translators: types of routes */
      return _("Unicast");

    case RTN_LOCAL:
      return _("This computer");

    case RTN_BROADCAST:
      return _("Broadcast");

    case RTN_ANYCAST:
      return _("Anycast");

    case RTN_MULTICAST:
      return _("Multicast");

    case RTN_BLACKHOLE:
      return _("Blackhole");

    case RTN_UNREACHABLE:
      return _("Unreachable");

    case RTN_PROHIBIT:
      return _("Prohibited");

    case RTN_THROW:
      return _("Throw");

    case RTN_NAT:
      return _("NAT");

    default:
      return _("Unknown");
    }
}

const char *
ptl_network_text_origin (guint origin)
{
  switch (origin)
    {
    case 1: /* IFAPROT_KERNEL_LO */
      /* Translators: who made an address */
      return _("kernel, loopback");

    case 2: /* IFAPROT_KERNEL_RA */
      return _("router advertisement");

    case 3: /* IFAPROT_KERNEL_LL */
      return _("kernel, link-local");

    default:
      return "";
    }
}
