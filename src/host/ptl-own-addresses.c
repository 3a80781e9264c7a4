/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of this computer, by getifaddrs(3). */
#include "config.h"

#include "host/ptl-own-addresses.h"

#include <errno.h>
#include <ifaddrs.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "base/ptl-broadcast.h"
#include "base/ptl-fd.h"

static void
add_device (GArray               *devices,
            const struct ifaddrs *at)
{
  PtlOwnDevice device = { .flags = at->ifa_flags };

  for (unsigned i = 0; i < devices->len; i++)
    if (strcmp (g_array_index (devices, PtlOwnDevice, i).name, at->ifa_name) == 0)
      return;
  g_strlcpy (device.name, at->ifa_name, sizeof device.name);
  device.index = if_nametoindex (device.name);
  g_array_append_val (devices, device);
}

static void
add_address (GArray               *addresses,
             const struct ifaddrs *at,
             GArray               *broadcasts)
{
  PtlOwnAddress own = { .device_flags = at->ifa_flags };
  int family = at->ifa_addr->sa_family;
  socklen_t len = family == AF_INET    ? sizeof (struct sockaddr_in)
                  : family == AF_INET6 ? sizeof (struct sockaddr_in6) : 0;

  if (len == 0 || !ptl_address_from_sockaddr (&own.address, at->ifa_addr, len))
    return;
  ptl_address_set_port (&own.address, 0);
  /* Without a label ("eth0:1", ip-address(8)): no interface has a colon in its name. */
  g_strlcpy (own.device, at->ifa_name, MIN (sizeof own.device, strcspn (at->ifa_name, ":") + 1));
  if (family == AF_INET && (at->ifa_flags & IFF_BROADCAST) != 0)
    own.broadcast = ptl_broadcast_find (broadcasts, if_nametoindex (own.device), &own.address);
  g_array_append_val (addresses, own);
}

void
ptl_own_read (PtlOwn *own)
{
  struct ifaddrs *list = NULL;
  g_autoptr (GArray) broadcasts = ptl_broadcast_list ();
  GArray *addresses, *devices;

  *own = (PtlOwn) { 0 };
  if (getifaddrs (&list) != 0)
    {
      own->sys_errno = errno;
      return;
    }
  addresses = g_array_new (FALSE, TRUE, sizeof (PtlOwnAddress));
  devices = g_array_new (FALSE, TRUE, sizeof (PtlOwnDevice));
  for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next)
    {
      if (at->ifa_name == NULL)
        continue;
      /* The packet addresses come first, one for each interface. */
      if (devices->len < PTL_OWN_ADDRESSES_MAX
          && (at->ifa_addr == NULL || at->ifa_addr->sa_family == AF_PACKET))
        add_device (devices, at);
      if (at->ifa_addr != NULL && addresses->len < PTL_OWN_ADDRESSES_MAX)
        add_address (addresses, at, broadcasts);
    }
  freeifaddrs (list);
  own->n_addresses = addresses->len;
  own->addresses = (PtlOwnAddress *) (void *) g_array_free (addresses, FALSE);
  own->n_devices = devices->len;
  own->devices = (PtlOwnDevice *) (void *) g_array_free (devices, FALSE);
}

void
ptl_own_clear (PtlOwn *own)
{
  g_clear_pointer (&own->addresses, g_free);
  g_clear_pointer (&own->devices, g_free);
  own->n_addresses = own->n_devices = 0;
}

const PtlOwnAddress *
ptl_own_find (const PtlOwn     *own,
              const PtlAddress *address)
{
  PtlAddress plain = *address;
  const PtlOwnAddress *loopback = NULL;

  ptl_address_unmap (&plain);
  for (unsigned i = 0; i < own->n_addresses; i++)
    {
      const PtlOwnAddress *at = &own->addresses[i];

      if (ptl_address_equal_host (&at->address, &plain))
        return at;
      if (loopback == NULL && ptl_address_is_loopback (&at->address)
          && ptl_address_get_family (&at->address) == AF_INET)
        loopback = at;
    }
  return ptl_address_get_family (&plain) == AF_INET && ptl_address_is_loopback (&plain)
           ? loopback : NULL;
}

int
ptl_own_watch_open (void)
{
  struct sockaddr_nl groups = { .nl_family = AF_NETLINK,
                                .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
  PTL_AUTO_FD fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

  if (fd < 0 || bind (fd, (struct sockaddr *) &groups, sizeof groups) != 0)
    return -errno;
  return g_steal_fd (&fd);
}

void
ptl_own_watch_drain (int fd)
{
  char bytes[256]; /* what does not fit is thrown away: only that there is news counts */
  ssize_t n;

  do
    n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
  while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
}
