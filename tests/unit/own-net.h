/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network of the test's own, with nothing but a loopback interface: whatever the code under test
 * asks the system for, nothing leaves this computer. */
#pragma once

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

/* Before any thread is made.  False where that is not allowed: what would ask the system is to be
 * left out then. */
static inline bool
own_net_enter (void)
{
  struct ifreq lo = { .ifr_flags = IFF_UP };
  bool up;
  int fd;

  if (unshare (CLONE_NEWNET) < 0 && unshare (CLONE_NEWUSER | CLONE_NEWNET) < 0)
    {
      g_test_message ("no network of its own: %s", g_strerror (errno));
      return false;
    }
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  strcpy (lo.ifr_name, "lo");
  up = fd >= 0 && ioctl (fd, SIOCSIFFLAGS, &lo) == 0;
  if (fd >= 0)
    close (fd);
  if (!up)
    g_error ("lo does not come up: %s", g_strerror (errno));
  return true;
}

/* Gives the loopback interface one more, with the label "lo:@n"; @host is in host byte order. */
static inline void
own_net_add_address (unsigned n,
                     uint32_t host)
{
  struct ifreq request = { 0 };
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (host) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_snprintf (request.ifr_name, sizeof request.ifr_name, "lo:%u", n);
  memcpy (&request.ifr_addr, &address, sizeof address);
  if (fd < 0 || ioctl (fd, SIOCSIFADDR, &request) < 0)
    g_error ("lo takes no other address: %s", g_strerror (errno));
  close (fd);
}
