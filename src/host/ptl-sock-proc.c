/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets as the files of /proc/net list them (proc_net(5)): for kernels and containers that
 * refuse NETLINK_SOCK_DIAG, and for datagram sockets of ICMP, which it does not know. */
#include "config.h"

#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host/ptl-sock-diag-private.h"

#define LINE_MAX_BYTES 1024
#define TICKS_PER_S 100 /* USER_HZ, of the times in these files */
#define LISTENS 0x00010000 /* __SO_ACCEPTCON of linux/net.h */

/* FNV-1a: there is no cookie here.  The highest bit tells such a key from one. */
static uint64_t
hash_bytes (uint64_t    hash,
            const void *bytes,
            size_t      len)
{
  for (size_t i = 0; i < len; i++)
    hash = (hash ^ ((const uint8_t *) bytes)[i]) * UINT64_C (0x100000001b3);
  return hash;
}

static uint64_t
make_key (const PtlSock *sock)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);

  hash = hash_bytes (hash, &sock->kind, sizeof sock->kind);
  hash = hash_bytes (hash, &sock->family, sizeof sock->family);
  hash = hash_bytes (hash, &sock->inode, sizeof sock->inode);
  if (sock->inode == 0) /* has no file any more: its addresses are all */
    {
      hash = hash_bytes (hash, sock->local, sizeof sock->local);
      hash = hash_bytes (hash, sock->peer, sizeof sock->peer);
      hash = hash_bytes (hash, &sock->local_port, sizeof sock->local_port);
      hash = hash_bytes (hash, &sock->peer_port, sizeof sock->peer_port);
    }
  return hash | UINT64_C (1) << 63;
}

/* "0100007F", or four such words: as the machine stores them. */
static bool
parse_address (const char *hex,
               uint8_t     family,
               uint8_t    *bytes)
{
  size_t n_words = family == AF_INET ? 1 : 4;

  if (strlen (hex) != n_words * 8)
    return false;
  memset (bytes, 0, 16);
  for (size_t i = 0; i < n_words; i++)
    {
      char word[9];
      uint32_t number;

      memcpy (word, hex + i * 8, 8);
      word[8] = '\0';
      number = (uint32_t) strtoul (word, NULL, 16);
      memcpy (bytes + i * 4, &number, sizeof number);
    }
  return true;
}

/* "   0: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 19234 ..." */
static bool
parse_inet (PtlSocks         *socks,
            const PtlSockAsk *ask,
            uint32_t          states,
            const char       *line)
{
  char local[33], peer[33];
  unsigned local_port, peer_port, state, wqueue, rqueue, timer, retransmits, uid;
  unsigned long ticks, inode;
  PtlSock sock = { 0 };

  if (sscanf (line, " %*u: %32[0-9A-Fa-f]:%4x %32[0-9A-Fa-f]:%4x %2x %8x:%8x %2x:%8lx %8x %u %*d "
              "%lu", local, &local_port, peer, &peer_port, &state, &wqueue, &rqueue, &timer,
              &ticks, &retransmits, &uid, &inode) != 12
      || !parse_address (local, ask->family, sock.local)
      || !parse_address (peer, ask->family, sock.peer)
      || state == 0 || state >= PTL_SOCK_N_STATES)
    return false;
  if (ask->kind == PTL_SOCK_TCP && (states & 1u << state) == 0)
    return true;
  sock.inode = (uint32_t) inode;
  sock.uid = inode != 0 ? uid : PTL_SOCK_NO_UID;
  sock.rqueue = rqueue;
  sock.wqueue = wqueue;
  sock.local_port = (uint16_t) local_port;
  sock.peer_port = (uint16_t) peer_port;
  sock.kind = (uint8_t) ask->kind;
  sock.family = ask->family;
  sock.state = (uint8_t) state;
  if (ask->kind == PTL_SOCK_TCP)
    {
      sock.timer = (uint8_t) (timer <= 4 ? timer : 0); /* the same numbers as PtlSockTimer */
      sock.expires_ms = (uint32_t) MIN (ticks * (1000 / TICKS_PER_S), UINT32_MAX);
      sock.retransmits = (uint8_t) MIN (retransmits, 255);
    }
  sock.key = make_key (&sock);
  ptl_socks_add (socks, &sock);
  return true;
}

/* "0000000000000000: 00000002 00000000 00010000 0001 01 16597 /run/x": num refcount protocol flags
 * type st inode path.  st is what the socket knows of itself (enum socket_state of linux/net.h). */
static bool
parse_unix (PtlSocks         *socks,
            const PtlSockAsk *ask,
            const char       *line)
{
  unsigned flags, type, state;
  unsigned long inode;
  int at = 0;
  PtlSock sock = { .uid = PTL_SOCK_NO_UID };

  if (sscanf (line, "%*[0-9a-fA-F]: %*8x %*8x %8x %4x %2x %lu%n", &flags, &type, &state, &inode,
              &at) != 4 || at == 0)
    return false;
  sock.kind = (uint8_t) (type == SOCK_STREAM ? PTL_SOCK_UNIX_STREAM
                         : type == SOCK_DGRAM ? PTL_SOCK_UNIX_DGRAM : PTL_SOCK_UNIX_SEQPACKET);
  if ((ask->kinds & PTL_SOCK_BIT (sock.kind)) == 0)
    return true;
  sock.inode = (uint32_t) inode;
  sock.family = AF_UNIX;
  sock.state = (flags & LISTENS) != 0 ? PTL_SOCK_LISTEN
               : state == 3 ? PTL_SOCK_ESTABLISHED : PTL_SOCK_CLOSE;
  sock.key = make_key (&sock);
  if (line[at] == ' ' && line[at + 1] != '\0')
    {
      char name[sizeof ((struct sockaddr_un *) NULL)->sun_path];
      size_t len = MIN (strlen (line + at + 1), sizeof name);

      /* Each NUL of an abstract name is printed as an @: the first one at least is one. */
      memcpy (name, line + at + 1, len);
      if (name[0] == '@')
        name[0] = '\0';
      if (!ptl_socks_set_name (socks, &sock, name, len))
        return true;
    }
  ptl_socks_add (socks, &sock);
  return true;
}

/* "0000000000000000 3      3    0003   2     1 0      0      21377": sk refcount type proto iface r
 * rmem user inode */
static bool
parse_packet (PtlSocks   *socks,
              const char *line)
{
  unsigned protocol, interface, rmem, uid;
  unsigned long inode;
  PtlSock sock = { 0 };

  if (sscanf (line, "%*[0-9a-fA-F] %*d %*d %4x %u %*d %u %u %lu", &protocol, &interface, &rmem,
              &uid, &inode) != 5)
    return false;
  sock.inode = (uint32_t) inode;
  sock.uid = uid;
  sock.interface = interface;
  sock.rqueue = rmem;
  sock.local_port = (uint16_t) protocol;
  sock.kind = PTL_SOCK_PACKET;
  sock.family = AF_PACKET;
  sock.state = PTL_SOCK_CLOSE;
  sock.key = make_key (&sock);
  ptl_socks_add (socks, &sock);
  return true;
}

/* "0000000071583021 0   4021  00000011 0        0        0     2        0        4711": sk protocol
 * port groups rmem wmem dump locks drops inode */
static bool
parse_netlink (PtlSocks   *socks,
               const char *line)
{
  unsigned protocol, port, rmem;
  unsigned long inode;
  PtlSock sock = { .uid = PTL_SOCK_NO_UID };

  if (sscanf (line, "%*[0-9a-fA-F] %u %u %*8x %u %*u %*d %*u %*u %lu", &protocol, &port, &rmem,
              &inode) != 4)
    return false;
  sock.inode = (uint32_t) inode;
  sock.rqueue = rmem;
  sock.local_port = (uint16_t) protocol;
  sock.local_id = port;
  sock.kind = PTL_SOCK_NETLINK;
  sock.family = AF_NETLINK;
  sock.state = PTL_SOCK_CLOSE; /* its peer is not told */
  sock.key = make_key (&sock);
  ptl_socks_add (socks, &sock);
  return true;
}

bool
ptl_sock_proc_parse (PtlSocks         *socks,
                     const PtlSockAsk *ask,
                     uint32_t          states,
                     const char       *line)
{
  switch (ask->family)
    {
    case AF_UNIX:
      return parse_unix (socks, ask, line);
    case AF_PACKET:
      return parse_packet (socks, line);
    case AF_NETLINK:
      return parse_netlink (socks, line);
    case AF_VSOCK:
      return false;
    default:
      return parse_inet (socks, ask, states, line);
    }
}

bool
ptl_sock_proc_read (PtlSocks         *socks,
                    const char       *folder,
                    const PtlSockAsk *ask,
                    uint32_t          states)
{
  static const char *const names[PTL_SOCK_N_KINDS] = {
    [PTL_SOCK_TCP] = "tcp", [PTL_SOCK_UDP] = "udp", [PTL_SOCK_UDPLITE] = "udplite",
    [PTL_SOCK_RAW] = "raw", [PTL_SOCK_ICMP] = "icmp", [PTL_SOCK_UNIX_STREAM] = "unix",
    [PTL_SOCK_PACKET] = "packet", [PTL_SOCK_NETLINK] = "netlink",
  };
  g_autofree char *path = NULL;
  FILE *file;
  char line[LINE_MAX_BYTES];

  if (names[ask->kind] == NULL) /* there is no such file */
    return false;
  path = g_strconcat (folder, "/", names[ask->kind], ask->family == AF_INET6 ? "6" : "", NULL);
  file = fopen (path, "re");
  if (file == NULL)
    return false;
  while (!socks->cut && fgets (line, sizeof line, file) != NULL)
    {
      line[strcspn (line, "\n")] = '\0';
      ptl_sock_proc_parse (socks, ask, states, line);
    }
  fclose (file);
  return true;
}

/* "SCTPv6    1432      2      -1   NI ...": a protocol, the size of a socket of it, and how many
 * there are in this network namespace.  A first line has the titles. */
char *
ptl_sock_proc_dup_others (const PtlSocks *socks,
                          const char     *folder)
{
  static const struct
  {
    const char *name;
    PtlSockKind kind;
  } known[] = {
    { "TCP", PTL_SOCK_TCP },           { "TCPv6", PTL_SOCK_TCP },
    { "MPTCP", PTL_SOCK_MPTCP },       { "MPTCPv6", PTL_SOCK_MPTCP },
    { "UDP", PTL_SOCK_UDP },           { "UDPv6", PTL_SOCK_UDP },
    { "UDP-Lite", PTL_SOCK_UDPLITE },  { "UDPLITEv6", PTL_SOCK_UDPLITE },
    { "RAW", PTL_SOCK_RAW },           { "RAWv6", PTL_SOCK_RAW },
    { "PING", PTL_SOCK_ICMP },         { "PINGv6", PTL_SOCK_ICMP },
    { "UNIX", PTL_SOCK_UNIX_DGRAM },   { "UNIX-STREAM", PTL_SOCK_UNIX_STREAM },
    { "PACKET", PTL_SOCK_PACKET },     { "NETLINK", PTL_SOCK_NETLINK },
    { "AF_VSOCK", PTL_SOCK_VSOCK },
  };
  g_autofree char *path = g_strconcat (folder, "/protocols", NULL);
  FILE *file = fopen (path, "re");
  g_autoptr (GString) others = g_string_new (NULL);
  char line[LINE_MAX_BYTES];

  if (file == NULL)
    return NULL;
  while (others->len < LINE_MAX_BYTES && fgets (line, sizeof line, file) != NULL)
    {
      char name[33];
      unsigned n;
      bool listed = false;

      if (sscanf (line, "%32s %*u %u", name, &n) != 2 || n == 0)
        continue;
      for (size_t i = 0; i < G_N_ELEMENTS (known) && !listed; i++)
        listed = strcmp (name, known[i].name) == 0
                 && socks->sources[known[i].kind] != PTL_SOCK_SOURCE_NONE;
      if (!listed)
        g_string_append_printf (others, others->len > 0 ? ", %u %s" : "%u %s", n, name);
    }
  fclose (file);
  return others->len > 0 ? g_string_free (g_steal_pointer (&others), FALSE) : NULL;
}
