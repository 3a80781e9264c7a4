/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network interfaces of this computer as values. */
#include "config.h"

#include "host/ptl-interfaces.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/sockios.h>

PtlInterface *
ptl_interface_new (const PtlLink *link,
                   unsigned       n_addresses)
{
  PtlInterface *interface = g_malloc0 (sizeof *interface
                                       + n_addresses * sizeof interface->addresses[0]);

  atomic_init (&interface->ref_count, 1);
  memcpy (&interface->link, link, sizeof *link);
  interface->n_addresses = n_addresses;
  return interface;
}

PtlInterface *
ptl_interface_ref (PtlInterface *interface)
{
  atomic_fetch_add_explicit (&interface->ref_count, 1, memory_order_relaxed);
  return interface;
}

void
ptl_interface_unref (PtlInterface *interface)
{
  if (interface != NULL
      && atomic_fetch_sub_explicit (&interface->ref_count, 1, memory_order_acq_rel) == 1)
    g_free (interface);
}

PtlCounterSet *
ptl_counter_set_ref (PtlCounterSet *set)
{
  atomic_fetch_add_explicit (&set->ref_count, 1, memory_order_relaxed);
  return set;
}

void
ptl_counter_set_unref (PtlCounterSet *set)
{
  if (set != NULL && atomic_fetch_sub_explicit (&set->ref_count, 1, memory_order_acq_rel) == 1)
    g_free (set);
}

static int
compare_counters (const void *a,
                  const void *b)
{
  const PtlCounters *first = a;
  const PtlCounters *second = b;

  return (first->index > second->index) - (first->index < second->index);
}

const PtlCounters *
ptl_counter_set_find (const PtlCounterSet *set,
                      int                  index)
{
  PtlCounters key = { .index = index };

  if (set == NULL)
    return NULL;
  return bsearch (&key, set->counters, set->n_counters, sizeof key, compare_counters);
}

PtlInterfaceClass
ptl_interface_classify (const char *kind,
                        unsigned    type,
                        bool        wireless)
{
  static const struct
  {
    const char       *kind;
    PtlInterfaceClass class;
  } kinds[] = {
    { "bridge", PTL_INTERFACE_BRIDGE }, { "bond", PTL_INTERFACE_BOND },
    { "team", PTL_INTERFACE_TEAM }, { "veth", PTL_INTERFACE_VETH },
    { "vlan", PTL_INTERFACE_VLAN }, { "vxlan", PTL_INTERFACE_VXLAN },
    { "macvlan", PTL_INTERFACE_MACVLAN }, { "macvtap", PTL_INTERFACE_MACVTAP },
    { "ipvlan", PTL_INTERFACE_IPVLAN }, { "ipvtap", PTL_INTERFACE_IPVLAN },
    { "tun", PTL_INTERFACE_TUN }, { "wireguard", PTL_INTERFACE_WIREGUARD },
    { "dummy", PTL_INTERFACE_DUMMY }, { "ifb", PTL_INTERFACE_IFB },
    { "vrf", PTL_INTERFACE_VRF }, { "wwan", PTL_INTERFACE_MODEM },
    { "gre", PTL_INTERFACE_TUNNEL }, { "gretap", PTL_INTERFACE_TUNNEL },
    { "ip6gre", PTL_INTERFACE_TUNNEL }, { "ip6gretap", PTL_INTERFACE_TUNNEL },
    { "erspan", PTL_INTERFACE_TUNNEL }, { "ip6erspan", PTL_INTERFACE_TUNNEL },
    { "ipip", PTL_INTERFACE_TUNNEL }, { "sit", PTL_INTERFACE_TUNNEL },
    { "ip6tnl", PTL_INTERFACE_TUNNEL }, { "vti", PTL_INTERFACE_TUNNEL },
    { "vti6", PTL_INTERFACE_TUNNEL }, { "xfrm", PTL_INTERFACE_TUNNEL },
    { "geneve", PTL_INTERFACE_TUNNEL }, { "gtp", PTL_INTERFACE_TUNNEL },
    { "bareudp", PTL_INTERFACE_TUNNEL }, { "ovpn", PTL_INTERFACE_TUNNEL },
    { "ppp", PTL_INTERFACE_PPP }, { "can", PTL_INTERFACE_CAN },
    { "vcan", PTL_INTERFACE_CAN }, { "vxcan", PTL_INTERFACE_CAN },
    { "ipoib", PTL_INTERFACE_INFINIBAND },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kind, kinds[i].kind) == 0)
      return kinds[i].class;
  if (kind[0] != '\0')
    return PTL_INTERFACE_OTHER;
  switch (type)
    {
    case ARPHRD_LOOPBACK:
      return PTL_INTERFACE_LOOPBACK;

    case ARPHRD_ETHER:
      return wireless ? PTL_INTERFACE_WIFI : PTL_INTERFACE_ETHERNET;

    case ARPHRD_IEEE80211:
    case ARPHRD_IEEE80211_PRISM:
    case ARPHRD_IEEE80211_RADIOTAP:
      return PTL_INTERFACE_WIFI;

    case ARPHRD_PPP:
      return PTL_INTERFACE_PPP;

    case ARPHRD_CAN:
      return PTL_INTERFACE_CAN;

    case ARPHRD_INFINIBAND:
      return PTL_INTERFACE_INFINIBAND;

    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case ARPHRD_IP6GRE:
      return PTL_INTERFACE_TUNNEL;

    default:
      return wireless ? PTL_INTERFACE_WIFI : PTL_INTERFACE_OTHER;
    }
}

static int
ask (int         fd,
     const char *name,
     void       *command)
{
  struct ifreq request = { 0 };

  memcpy (request.ifr_name, name, sizeof request.ifr_name);
  request.ifr_data = command;
  return ioctl (fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* ETHTOOL_GLINKSETTINGS is asked twice: first it tells how much room its masks need, negated
 * (linux/ethtool.h). */
static int
ask_speed (int      fd,
           PtlLink *link)
{
  struct
  {
    struct ethtool_link_settings settings;
    uint32_t                     masks[3 * 127];
  } command = { .settings.cmd = ETHTOOL_GLINKSETTINGS };
  int result = ask (fd, link->name, &command);

  if (result < 0)
    return result;
  if (command.settings.link_mode_masks_nwords >= 0)
    return -EOPNOTSUPP;
  command.settings.cmd = ETHTOOL_GLINKSETTINGS;
  command.settings.link_mode_masks_nwords =
    (int8_t) -command.settings.link_mode_masks_nwords;
  result = ask (fd, link->name, &command);
  if (result < 0)
    return result;
  if (command.settings.speed > 0 && command.settings.speed <= INT32_MAX)
    link->speed_mbps = (int32_t) command.settings.speed;
  link->duplex = command.settings.duplex;
  return 0;
}

int
ptl_interface_ask_driver (int      fd,
                          PtlLink *link)
{
  struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
  int result;

  link->speed_mbps = -1;
  link->duplex = DUPLEX_UNKNOWN;
  memset (link->driver, 0, sizeof link->driver);
  result = ask (fd, link->name, &info);
  if (result == 0)
    {
      memcpy (link->driver, info.driver, strnlen (info.driver, sizeof link->driver - 1));
      if (link->bus[0] == '\0')
        memcpy (link->bus, info.bus_info, strnlen (info.bus_info, sizeof link->bus - 1));
    }
  if (result == -ENODEV)
    return result;
  result = ask_speed (fd, link);
  return result == -ENODEV ? result : 0;
}
