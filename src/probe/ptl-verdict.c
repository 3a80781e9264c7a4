/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why this computer sends nothing to an address: what its kernel means by an errno. */
#include "config.h"

#include "probe/ptl-verdict.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/ptl-fd.h"

/* Whether an IPv4 address is refused only for want of SO_BROADCAST. */
static bool
is_broadcast (const PtlAddress *address)
{
  PtlAddress to = *address;
  int one = 1;
  PTL_AUTO_FD fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (address->in.sin_addr.s_addr == g_htonl (INADDR_BROADCAST))
    return true;
  ptl_address_set_port (&to, 9);
  if (fd < 0 || connect (fd, &to.sa, to.len) == 0 || errno != EACCES)
    return false;
  (void) setsockopt (fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof one);
  return connect (fd, &to.sa, to.len) == 0;
}

PtlVerdict
ptl_verdict_find (const PtlAddress *destination,
                  int               sys_errno)
{
  bool v6 = ptl_address_get_family (destination) == AF_INET6;
  char name[IF_NAMESIZE];

  if (sys_errno == EPERM)
    return PTL_VERDICT_FIREWALL;
  if (v6 && destination->in6.sin6_scope_id != 0
      && if_indextoname (destination->in6.sin6_scope_id, name) == NULL)
    return PTL_VERDICT_NO_INTERFACE;
  /* TCP is told ENETUNREACH. */
  if ((sys_errno == EACCES || sys_errno == ENETUNREACH)
      && (ptl_address_is_multicast (destination) || (!v6 && is_broadcast (destination))))
    return PTL_VERDICT_MANY;
  if (sys_errno == EACCES)
    return PTL_VERDICT_PROHIBITED;
  if (sys_errno != EINVAL)
    return PTL_VERDICT_OTHER;
  if (v6 && ptl_address_is_link_local (destination) && destination->in6.sin6_scope_id == 0)
    return PTL_VERDICT_NO_ZONE;
  /* 0.0.0.0/8 is no destination, whatever the routes say (RFC 1122 section 3.2.1.3). */
  if (!v6 && g_ntohl (destination->in.sin_addr.s_addr) >> 24 == 0)
    return PTL_VERDICT_OTHER;
  return PTL_VERDICT_DISCARDED;
}
