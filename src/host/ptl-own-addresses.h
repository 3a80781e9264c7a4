/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of this computer as they are now (getifaddrs(3)): to say of an address whether it
 * is its own, and to try each of them.  Asks the kernel: not in the main thread. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/ptl-address.h"

G_BEGIN_DECLS

#define PTL_OWN_ADDRESSES_MAX 4096 /* more are left out */

typedef struct
{
  PtlAddress address; /* port 0; a link-local IPv6 one has its zone */
  PtlAddress broadcast; /* len 0: none */
  char       device[IFNAMSIZ];
  unsigned   device_flags; /* IFF_UP, IFF_LOOPBACK ... of netdevice(7) */
} PtlOwnAddress;

typedef struct
{
  char     name[IFNAMSIZ];
  unsigned index;
  unsigned flags;
} PtlOwnDevice;

typedef struct
{
  int            sys_errno; /* why there is nothing; 0: that is all */
  unsigned       n_addresses;
  PtlOwnAddress *addresses; /* owned */
  unsigned       n_devices;
  PtlOwnDevice  *devices;   /* owned */
} PtlOwn;

void                 ptl_own_read  (PtlOwn *own); /* not set before */
void                 ptl_own_clear (PtlOwn *own);
/* The entry of an address whatever its port; all of 127.0.0.0/8 is this computer's too (RFC 1122
 * section 3.2.1.3) and gives the entry of the loopback interface.  NULL: it is not its own. */
const PtlOwnAddress *ptl_own_find  (const PtlOwn     *own,
                                    const PtlAddress *address);

/* A socket that can be read from when addresses may have come or gone (rtnetlink(7)), not
 * blocking; or a negative errno.  Any thread. */
int                  ptl_own_watch_open  (void);
/* Takes what there is, also an overrun: that is news, too. */
void                 ptl_own_watch_drain (int fd);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PtlOwn, ptl_own_clear)

G_END_DECLS
