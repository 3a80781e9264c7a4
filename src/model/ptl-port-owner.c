/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has a port or a Unix name.  Another user's descriptors may not be seen, but the socket's user
 * may. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "host/ptl-owners.h"
#include "host/ptl-sock-diag.h"
#include "model/ptl-fault-text.h"
#include "model/ptl-socket-snapshot.h"
#include "model/ptl-text-private.h"

#define COMM_CHARS_MAX 64

/* How much a socket is in the way of @wanted; 0: not at all. */
static int
rank_socket (const PtlAddress *wanted,
             const PtlAddress *local,
             unsigned          state)
{
  int rank;

  if (ptl_address_get_family (wanted) == ptl_address_get_family (local))
    {
      if (ptl_address_equal_host (wanted, local))
        rank = 40;
      else if (ptl_address_is_any (wanted) || ptl_address_is_any (local))
        rank = 30;
      else
        return 0;
    }
  /* An IPv6 socket on :: may have the IPv4 port too (ipv6(7), IPV6_V6ONLY). */
  else if (ptl_address_is_any (wanted) || ptl_address_is_any (local))
    rank = 10;
  else
    return 0;

  if (state == PTL_SOCK_LISTEN)
    rank += 5;
  else if (state == PTL_SOCK_TIME_WAIT)
    rank -= 5;
  return rank;
}

/* Connections of a listener have its name too. */
static int
rank_unix (const PtlAddress *wanted,
           const PtlAddress *local,
           unsigned          state)
{
  if (!ptl_address_equal (wanted, local))
    return 0;
  return state == PTL_SOCK_LISTEN ? 3 : state == PTL_SOCK_ESTABLISHED ? 2 : 1;
}

/* The one that is most in the way; false: none is. */
static bool
find_socket (const PtlAddress *wanted,
             uint32_t          kinds,
             PtlSock          *found)
{
  const PtlSockQuery query = { .kinds = kinds, .states = PTL_SOCK_ALL_STATES };
  g_autoptr (PtlSocks) socks = ptl_socks_read (&query);
  int highest = 0;

  for (size_t i = 0; i < socks->n; i++)
    {
      const PtlSock *sock = &socks->items[i];
      PtlAddress local;
      int rank;

      if (!ptl_socks_get_local (socks, sock, &local))
        continue;
      ptl_address_unmap (&local);
      if (sock->family == AF_UNIX)
        rank = rank_unix (wanted, &local, sock->state);
      else if (ptl_address_get_port (&local) == ptl_address_get_port (wanted))
        rank = rank_socket (wanted, &local, sock->state);
      else
        continue;
      if (rank <= highest)
        continue;
      highest = rank;
      *found = *sock;
    }
  return highest > 0;
}

static char *
dup_program (pid_t pid)
{
  char name[PTL_OWNER_NAME_BYTES];

  return ptl_owners_read_name (NULL, pid, name) ? ptl_text_dup_safe (name, COMM_CHARS_MAX) : NULL;
}

char *
ptl_fault_dup_port_owner (const PtlAddress *address,
                          bool              stream)
{
  PtlAddress wanted = *address;
  g_autofree char *program = NULL;
  g_autofree char *user = NULL;
  uint32_t kinds = 0;
  PtlSock found = { 0 };
  pid_t pid;

  ptl_address_unmap (&wanted);
  switch (ptl_address_get_family (&wanted))
    {
    case AF_INET:
    case AF_INET6:
      if (ptl_address_get_port (&wanted) != 0)
        kinds = PTL_SOCK_BIT (stream ? PTL_SOCK_TCP : PTL_SOCK_UDP);
      break;
    case AF_UNIX:
      kinds = PTL_SOCK_UNIX_KINDS;
      break;
    default:
      break;
    }
  if (kinds == 0 || !find_socket (&wanted, kinds, &found))
    return NULL;
  if (found.inode == 0)
    return found.state == PTL_SOCK_TIME_WAIT
           ? g_strdup (_("a connection that has just ended (TIME_WAIT); SO_REUSEADDR does not mind "
                         "it"))
           : g_strdup (_("a connection that is just ending"));

  pid = ptl_owners_find_process (NULL, found.inode);
  if (pid == getpid ())
    return g_strdup (_("Portlight itself"));
  if (pid != 0)
    {
      program = dup_program (pid);
      /* Translators: the name of a program and the number of its process. */
      return program != NULL ? g_strdup_printf (_("%s (pid %d)"), program, (int) pid)
                             : g_strdup_printf (_("process %d"), (int) pid);
    }
  if (found.uid == PTL_SOCK_NO_UID)
    return g_strdup (_("a program of another user, which may not be seen"));
  user = ptl_socket_dup_user_name (found.uid);
  return g_strdup_printf (_("a program of the user %s, which may not be seen"), user);
}

char *
ptl_fault_dup_owner_search (const PtlAddress *address,
                            bool              stream)
{
  unsigned port = ptl_address_get_port (address);
  char name[PTL_ADDRESS_TEXT_MAX];

  if (port != 0)
    return g_strdup_printf (stream ? "port:%u tcp" : "port:%u udp", port);
  return g_strdup (ptl_address_format (address, name, sizeof name));
}
