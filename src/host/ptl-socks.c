/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of sockets: its memory, its keys, and what is asked of whom. */
#include "config.h"

#include "host/ptl-sock-diag.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/ptl-sock-diag-private.h"

#define FIRST_ITEMS 1024
#define FIRST_NAMES 16384

PtlSocks *
ptl_socks_new (void)
{
  return g_new0 (PtlSocks, 1);
}

void
ptl_socks_free (PtlSocks *socks)
{
  if (socks == NULL)
    return;
  g_free (socks->items);
  g_free (socks->names);
  g_free (socks->others);
  g_free (socks->by_key);
  g_free (socks);
}

bool
ptl_socks_add (PtlSocks      *socks,
               const PtlSock *sock)
{
  if (socks->n >= PTL_SOCKS_MAX)
    {
      socks->cut = true;
      return false;
    }
  if (socks->n == socks->size)
    {
      socks->size = socks->size == 0 ? FIRST_ITEMS : socks->size * 2;
      socks->items = g_renew (PtlSock, socks->items, socks->size);
    }
  socks->items[socks->n++] = *sock;
  return true;
}

bool
ptl_socks_set_name (PtlSocks   *socks,
                    PtlSock    *sock,
                    const char *name,
                    size_t      len)
{
  if (len > PTL_SOCKS_NAMES_MAX - socks->names_len)
    {
      socks->cut = true;
      return false;
    }
  if (socks->names_len + len > socks->names_size)
    {
      size_t size = socks->names_size == 0 ? FIRST_NAMES : socks->names_size;

      while (size < socks->names_len + len)
        size *= 2;
      socks->names = g_realloc (socks->names, size);
      socks->names_size = size;
    }
  if (len > 0)
    memcpy (socks->names + socks->names_len, name, len);
  sock->name_at = (uint32_t) socks->names_len;
  sock->name_len = (uint32_t) len;
  sock->flags |= PTL_SOCK_HAS_NAME;
  socks->names_len += len;
  return true;
}

/* --- keys ------------------------------------------------------------------------------------- */

static size_t
hash_key (uint64_t key)
{
  key *= UINT64_C (0x9e3779b97f4a7c15);
  return (size_t) (key >> 32);
}

uint32_t
ptl_socks_find_key (const PtlSocks *socks,
                    uint64_t        key)
{
  size_t mask = socks->by_key_size - 1;

  if (socks->by_key_size == 0)
    return PTL_SOCK_NO_ROW;
  for (size_t at = hash_key (key) & mask; socks->by_key[at] != PTL_SOCK_NO_ROW;
       at = (at + 1) & mask)
    if (socks->items[socks->by_key[at]].key == key)
      return socks->by_key[at];
  return PTL_SOCK_NO_ROW;
}

/* A table that changes while it is read tells some sockets twice: the second is let go. */
static void
index_keys (PtlSocks *socks)
{
  size_t size = 16, n = 0, mask;

  while (size < socks->n * 2)
    size *= 2;
  mask = size - 1;
  socks->by_key_size = size;
  socks->by_key = g_new (uint32_t, size);
  memset (socks->by_key, 0xff, size * sizeof *socks->by_key);
  for (size_t i = 0; i < socks->n; i++)
    {
      uint64_t key = socks->items[i].key;
      size_t at = hash_key (key) & mask;

      while (socks->by_key[at] != PTL_SOCK_NO_ROW && socks->items[socks->by_key[at]].key != key)
        at = (at + 1) & mask;
      if (socks->by_key[at] != PTL_SOCK_NO_ROW)
        continue;
      socks->by_key[at] = (uint32_t) n;
      socks->items[n++] = socks->items[i];
    }
  socks->n = n;
}

typedef struct
{
  uint32_t inode;
  uint32_t row;
} InodeRow;

static int
compare_inodes (const void *a,
                const void *b)
{
  uint32_t x = ((const InodeRow *) a)->inode, y = ((const InodeRow *) b)->inode;

  return (x > y) - (x < y);
}

static void
link_peers (PtlSocks *socks)
{
  g_autofree InodeRow *rows = NULL;
  size_t n = 0;

  for (size_t i = 0; i < socks->n; i++)
    n += socks->items[i].family == AF_UNIX;
  rows = g_new (InodeRow, n + 1);
  n = 0;
  for (size_t i = 0; i < socks->n; i++)
    if (socks->items[i].family == AF_UNIX)
      rows[n++] = (InodeRow) { socks->items[i].inode, (uint32_t) i };
  qsort (rows, n, sizeof *rows, compare_inodes);
  for (size_t i = 0; i < socks->n; i++)
    {
      PtlSock *sock = &socks->items[i];
      InodeRow wanted = { sock->peer_inode, 0 };
      const InodeRow *found;

      if (sock->family != AF_UNIX)
        continue;
      sock->peer_row = PTL_SOCK_NO_ROW;
      if ((sock->flags & PTL_SOCK_HAS_PEER) == 0 || sock->peer_inode == 0)
        continue;
      found = bsearch (&wanted, rows, n, sizeof *rows, compare_inodes);
      if (found != NULL)
        sock->peer_row = found->row;
    }
}

void
ptl_socks_finish (PtlSocks *socks)
{
  index_keys (socks);
  link_peers (socks);
}

/* --- addresses -------------------------------------------------------------------------------- */

static bool
get_address (const PtlSock *sock,
             const uint8_t *bytes,
             uint16_t       port,
             PtlAddress    *address)
{
  memset (address, 0, sizeof *address);
  if (sock->kind == PTL_SOCK_RAW || sock->kind == PTL_SOCK_ICMP)
    port = 0; /* it is no port */
  switch (sock->family)
    {
    case AF_INET:
      address->len = sizeof address->in;
      address->in.sin_family = AF_INET;
      address->in.sin_port = g_htons (port);
      memcpy (&address->in.sin_addr, bytes, sizeof address->in.sin_addr);
      return true;
    case AF_INET6:
      address->len = sizeof address->in6;
      address->in6.sin6_family = AF_INET6;
      address->in6.sin6_port = g_htons (port);
      memcpy (&address->in6.sin6_addr, bytes, sizeof address->in6.sin6_addr);
      if (ptl_address_is_link_local (address))
        address->in6.sin6_scope_id = sock->interface;
      return true;
    default:
      return false;
    }
}

static uint32_t
get_port (const PtlSock *sock,
          uint16_t       port,
          uint32_t       id)
{
  if (sock->kind == PTL_SOCK_VSOCK)
    return id != PTL_SOCK_ANY ? id : 0;
  return ptl_sock_is_internet (sock) && sock->kind != PTL_SOCK_RAW && sock->kind != PTL_SOCK_ICMP
         ? port : 0;
}

uint32_t
ptl_sock_get_port (const PtlSock *sock)
{
  return get_port (sock, sock->local_port, sock->local_id);
}

uint32_t
ptl_sock_get_peer_port (const PtlSock *sock)
{
  return get_port (sock, sock->peer_port, sock->peer_id);
}

static bool
get_name (const PtlSocks *socks,
          const PtlSock  *sock,
          PtlAddress     *address)
{
  const char *name;
  bool abstract;

  memset (address, 0, sizeof *address);
  if ((sock->flags & PTL_SOCK_HAS_NAME) == 0 || sock->name_len == 0
      || sock->name_len > sizeof address->un.sun_path)
    return false;
  name = socks->names + sock->name_at;
  abstract = name[0] == '\0';
  if (ptl_address_set_unix (address, name + abstract, sock->name_len - abstract, abstract) == 0)
    return true;
  /* Longer than is usual, but it is there. */
  memset (address, 0, sizeof *address);
  address->un.sun_family = AF_UNIX;
  memcpy (address->un.sun_path, name, sock->name_len);
  address->len = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + sock->name_len);
  return true;
}

bool
ptl_socks_get_local (const PtlSocks *socks,
                     const PtlSock  *sock,
                     PtlAddress     *address)
{
  if (sock->family == AF_UNIX)
    return get_name (socks, sock, address);
  return get_address (sock, sock->local, sock->local_port, address);
}

bool
ptl_socks_get_peer (const PtlSocks *socks,
                    const PtlSock  *sock,
                    PtlAddress     *address)
{
  static const uint8_t none[16];

  memset (address, 0, sizeof *address);
  if (sock->family == AF_UNIX)
    return sock->peer_row < socks->n && get_name (socks, &socks->items[sock->peer_row], address);
  if (!ptl_sock_is_internet (sock))
    return false;
  if (sock->peer_port == 0 && memcmp (sock->peer, none, sizeof none) == 0)
    return false;
  return get_address (sock, sock->peer, sock->peer_port, address);
}
