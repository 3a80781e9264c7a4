/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups that one may want to listen to, and the interfaces of this computer. */
#include "config.h"

#include "probe/ptl-hear.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-broadcast.h"
#include "base/ptl-error.h"

static const PtlHearGroup groups[] = {
  { "mDNS", "224.0.0.251", 5353, N_("names and services of the local network"),
    "RFC 6762 section 3" },
  { "mDNS (IPv6)", "ff02::fb", 5353, N_("names and services of the local network"),
    "RFC 6762 section 3" },
  { "SSDP", "239.255.255.250", 1900, N_("UPnP devices: routers, televisions, printers"),
    "UPnP Device Architecture 2.0 section 1" },
  { "SSDP (IPv6)", "ff02::c", 1900, N_("UPnP devices: routers, televisions, printers"),
    "UPnP Device Architecture 2.0 annex A" },
  { "LLMNR", "224.0.0.252", 5355, N_("names of the local network, mostly of Windows"),
    "RFC 4795 section 2" },
  { "LLMNR (IPv6)", "ff02::1:3", 5355, N_("names of the local network, mostly of Windows"),
    "RFC 4795 section 2" },
  { "WS-Discovery", "239.255.255.250", 3702, N_("cameras, printers and scanners"),
    "OASIS WS-Discovery 1.1 section 2.4" },
  { "NTP", "224.0.1.1", 123, N_("the time, where a server sends it out"), "RFC 5905 section 3.1" },
  { "PTP", "224.0.1.129", 320, N_("the time, precisely: general messages"),
    "IEEE 1588-2019 annex C" },
  { "SAP", "224.2.127.254", 9875, N_("announcements of streams"), "RFC 2974 section 3" },
  { "RIP", "224.0.0.9", 520, N_("routes between routers"), "RFC 2453 section 3.5" },
  { "All hosts", "224.0.0.1", 9, N_("everybody on the link"), "RFC 1112 section 4" },
  { "All nodes (IPv6)", "ff02::1", 9, N_("everybody on the link"), "RFC 4291 section 2.7.1" },
  { "DHCP", "255.255.255.255", 67, N_("broadcasts of computers that want an address"),
    "RFC 2131 section 4.1" },
  { "Wake-on-LAN", "255.255.255.255", 9, N_("broadcasts that wake computers up"),
    "AMD publication 20213" },
  { "NetBIOS", "255.255.255.255", 137, N_("broadcasts of names, mostly of Windows"),
    "RFC 1002 section 4.2" },
};

const PtlHearGroup *
ptl_hear_list_groups (size_t *n)
{
  *n = G_N_ELEMENTS (groups);
  return groups;
}

bool
ptl_hear_is_group (const PtlAddress *address)
{
  if (ptl_address_is_multicast (address))
    return true;
  /* One of a subnet cannot be told from a host's without its interface: whoever types one means
   * it.  0.0.0.0 and those of this computer are no broadcasts. */
  return ptl_address_get_family (address) == AF_INET && !ptl_address_is_any (address)
         && !ptl_address_is_loopback (address)
         && (ntohl (address->in.sin_addr.s_addr) & 1) != 0;
}

/* @name may have the label of an address behind it ("eth0:1", ip-address(8)): no interface has a
 * colon in its name. */
static PtlHearInterface *
find_interface (GArray     *found,
                const char *name)
{
  PtlHearInterface fresh = { 0 };
  size_t len = strcspn (name, ":");

  if (len >= sizeof fresh.name)
    return NULL;
  memcpy (fresh.name, name, len);
  for (guint i = 0; i < found->len; i++)
    if (strcmp (g_array_index (found, PtlHearInterface, i).name, fresh.name) == 0)
      return &g_array_index (found, PtlHearInterface, i);
  if (found->len == PTL_HEAR_INTERFACES_MAX)
    return NULL;
  g_array_append_val (found, fresh);
  return &g_array_index (found, PtlHearInterface, found->len - 1);
}

static int
compare_interfaces (gconstpointer a,
                    gconstpointer b)
{
  const PtlHearInterface *first = a, *second = b;

  return first->index < second->index ? -1 : first->index > second->index;
}

GArray *
ptl_hear_list_interfaces (GError **error)
{
  GArray *found = g_array_new (FALSE, TRUE, sizeof (PtlHearInterface));
  g_autoptr (GArray) broadcasts = ptl_broadcast_list ();
  struct ifaddrs *list = NULL;
  PtlAddress address;

  if (getifaddrs (&list) < 0)
    {
      ptl_error_set_errno (error, errno, "getifaddrs");
      return found;
    }
  for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next)
    {
      PtlHearInterface *one = at->ifa_name != NULL ? find_interface (found, at->ifa_name) : NULL;

      if (one == NULL)
        continue;
      one->flags = at->ifa_flags;
      if (one->index == 0)
        one->index = if_nametoindex (one->name);
      if (at->ifa_addr == NULL)
        continue;
      if (at->ifa_addr->sa_family == AF_INET6)
        one->has_ipv6 = true;
      if (at->ifa_addr->sa_family != AF_INET)
        continue;
      one->has_ipv4 = true;
      if (one->broadcast.len == 0 && (at->ifa_flags & IFF_BROADCAST) != 0
          && ptl_address_from_sockaddr (&address, at->ifa_addr, sizeof (struct sockaddr_in)))
        one->broadcast = ptl_broadcast_find (broadcasts, one->index, &address);
    }
  freeifaddrs (list);
  g_array_sort (found, compare_interfaces);
  return found;
}
