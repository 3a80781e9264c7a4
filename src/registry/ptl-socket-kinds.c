/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets this kernel offers. */
#include "config.h"

#include "registry/ptl-socket-kinds.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void
ptl_socket_kinds_try (PtlSocketKind *kinds,
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
