/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of sockets, read from this kernel: sockets of our own are in it, by netlink and by
 * /proc/net. */
#include "config.h"

#include "host/ptl-sock-diag.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <linux/netlink.h>

#include "base/ptl-fd.h"

static const PtlSock *
find_port (const PtlSocks *socks,
           PtlSockKind     kind,
           uint16_t        port,
           PtlSockState    state)
{
  for (size_t i = 0; i < socks->n; i++)
    if (socks->items[i].kind == kind && socks->items[i].local_port == port
        && socks->items[i].state == state)
      return &socks->items[i];
  return NULL;
}

static uint16_t
get_port (int fd)
{
  PtlAddress address = { .len = sizeof address.un };

  g_assert_cmpint (getsockname (fd, &address.sa, &address.len), ==, 0);
  return ptl_address_get_port (&address);
}

static uint32_t
get_inode (int fd)
{
  struct stat info;

  g_assert_cmpint (fstat (fd, &info), ==, 0);
  return (uint32_t) info.st_ino;
}

/* The same sockets by netlink and by /proc: what both can tell is equal. */
static void
test_own (gconstpointer data)
{
  PtlSockQuery query = { .kinds = PTL_SOCK_ALL_KINDS, .states = PTL_SOCK_ALL_STATES,
                         .no_netlink = GPOINTER_TO_INT (data) };
  struct sockaddr_in6 any6 = { .sin6_family = AF_INET6 };
  struct sockaddr_in loopback = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  PTL_AUTO_FD listener = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PTL_AUTO_FD client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PTL_AUTO_FD udp = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_autoptr (PtlSocks) socks = NULL;
  const PtlSock *found;
  PtlSockInfo info;
  uint16_t port;
  int pair[2], result;

  g_assert_cmpint (bind (listener, (struct sockaddr *) &any6, sizeof any6), ==, 0);
  g_assert_cmpint (listen (listener, 17), ==, 0);
  port = get_port (listener);
  loopback.sin_port = g_htons (port);
  g_assert_cmpint (connect (client, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
  loopback.sin_port = 0;
  g_assert_cmpint (bind (udp, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);

  socks = ptl_socks_read (&query);
  found = find_port (socks, PTL_SOCK_TCP, port, PTL_SOCK_LISTEN);
  g_assert_nonnull (found);
  g_assert_cmpuint (found->inode, ==, get_inode (listener));
  g_assert_cmpuint (found->uid, ==, getuid ());
  g_assert_cmpuint (found->rqueue, ==, 1); /* nobody has called accept() */
  if (!query.no_netlink)
    {
      g_assert_cmpuint (found->wqueue, ==, 17);
      g_assert_cmpint (found->flags, ==, PTL_SOCK_V6ONLY_KNOWN);
    }
  found = find_port (socks, PTL_SOCK_TCP, get_port (client), PTL_SOCK_ESTABLISHED);
  g_assert_nonnull (found);
  g_assert_cmpuint (found->peer_port, ==, port);
  g_assert_cmpuint (found->inode, ==, get_inode (client));
  result = ptl_sock_read_info (found, &info);
  if (query.no_netlink)
    g_assert_cmpint (result, ==, -EOPNOTSUPP);
  else
    {
      g_assert_cmpint (result, ==, 0);
      g_assert_true (info.has_tcp);
      g_assert_cmpuint (info.send_mss, >, 500);
      g_assert_cmpuint (info.rtt_us, >, 0);
      g_assert_true (info.has_memory);
      g_assert_cmpuint (info.receive_buffer, >, 1000);
      g_assert_cmpuint (strlen (info.congestion), >, 1);
    }
  found = find_port (socks, PTL_SOCK_UDP, get_port (udp), PTL_SOCK_CLOSE);
  g_assert_nonnull (found);
  g_assert_cmpuint (found->inode, ==, get_inode (udp));
  for (size_t i = 0; i < 2; i++)
    {
      bool there = false;

      for (size_t k = 0; k < socks->n; k++)
        if (socks->items[k].inode == get_inode (pair[i]))
          {
            there = true;
            g_assert_cmpint (socks->items[k].kind, ==, PTL_SOCK_UNIX_SEQPACKET);
            if (!query.no_netlink)
              g_assert_cmpuint (socks->items[socks->items[k].peer_row].inode, ==,
                                get_inode (pair[1 - i]));
          }
      g_assert_true (there);
    }
  g_assert_cmpint (socks->sources[PTL_SOCK_TCP], ==,
                   query.no_netlink ? PTL_SOCK_SOURCE_PROC : PTL_SOCK_SOURCE_NETLINK);
  g_assert_cmpint (socks->refused[PTL_SOCK_TCP], ==, query.no_netlink ? EOPNOTSUPP : 0);
  close (pair[0]);
  close (pair[1]);

  if (!query.no_netlink)
    {
      PtlSock gone = *find_port (socks, PTL_SOCK_TCP, port, PTL_SOCK_LISTEN);

      ptl_fd_clear (&listener);
      g_assert_cmpint (ptl_sock_read_info (&gone, &info), ==, -ENOENT);
    }
}

static PtlSock *
find_inode (const PtlSocks *socks,
            int             fd,
            PtlSockKind     kind)
{
  for (size_t i = 0; i < socks->n; i++)
    if (socks->items[i].inode == get_inode (fd) && socks->items[i].kind == kind)
      return &socks->items[i];
  return NULL;
}

/* A kernel may lack each of them, or the module that lists it. */
static void
test_own_rare (void)
{
  struct sockaddr_in loopback = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  struct sockaddr_nl port = { .nl_family = AF_NETLINK };
  socklen_t len = sizeof port;
  PTL_AUTO_FD netlink = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  PTL_AUTO_FD mptcp = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 262);
  PTL_AUTO_FD lite = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDPLITE);
  PTL_AUTO_FD vsock = socket (AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const PtlSock *found;

  g_assert_cmpint (bind (netlink, (struct sockaddr *) &port, sizeof port), ==, 0);
  g_assert_cmpint (getsockname (netlink, (struct sockaddr *) &port, &len), ==, 0);
  if (mptcp >= 0)
    {
      g_assert_cmpint (bind (mptcp, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
      g_assert_cmpint (listen (mptcp, 5), ==, 0);
    }
  if (lite >= 0)
    g_assert_cmpint (bind (lite, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
  for (int no_netlink = 0; no_netlink < 2; no_netlink++)
    {
      const PtlSockQuery query = { .kinds = PTL_SOCK_ALL_KINDS, .states = PTL_SOCK_ALL_STATES,
                                   .no_netlink = no_netlink };
      /* The second time, what is absent is not asked for again: with the same answer. */
      g_autoptr (PtlSocks) first = ptl_socks_read (&query);
      g_autoptr (PtlSocks) socks = ptl_socks_read (&query);

      g_assert_cmpmem (first->sources, sizeof first->sources, socks->sources,
                       sizeof socks->sources);
      g_assert_cmpmem (first->refused, sizeof first->refused, socks->refused,
                       sizeof socks->refused);
      if (socks->sources[PTL_SOCK_NETLINK] != PTL_SOCK_SOURCE_NONE)
        {
          found = find_inode (socks, netlink, PTL_SOCK_NETLINK);
          g_assert_nonnull (found);
          g_assert_cmpuint (found->local_id, ==, port.nl_pid);
          g_assert_cmpuint (found->local_port, ==, NETLINK_ROUTE);
        }
      else
        g_test_message ("netlink sockets are not listed here");
      if (mptcp >= 0 && socks->sources[PTL_SOCK_MPTCP] != PTL_SOCK_SOURCE_NONE)
        {
          PtlSockInfo info;

          found = find_inode (socks, mptcp, PTL_SOCK_MPTCP);
          g_assert_nonnull (found);
          g_assert_cmpint (found->state, ==, PTL_SOCK_LISTEN);
          g_assert_cmpuint (found->local_port, ==, get_port (mptcp));
          g_assert_cmpuint (found->wqueue, ==, 5);
          g_assert_cmpint (ptl_sock_read_info (found, &info), ==, -EOPNOTSUPP);
        }
      else
        g_test_message ("no MPTCP sockets by %s", no_netlink ? "/proc" : "netlink");
      if (lite >= 0 && socks->sources[PTL_SOCK_UDPLITE] != PTL_SOCK_SOURCE_NONE)
        {
          found = find_inode (socks, lite, PTL_SOCK_UDPLITE);
          g_assert_nonnull (found);
          g_assert_cmpuint (found->local_port, ==, get_port (lite));
        }
      /* Listed, or it is said that it is not; never a row of /proc. */
      if (socks->sources[PTL_SOCK_VSOCK] == PTL_SOCK_SOURCE_NONE)
        g_assert_cmpint (socks->refused[PTL_SOCK_VSOCK], !=, 0);
      else if (vsock >= 0)
        g_assert_nonnull (find_inode (socks, vsock, PTL_SOCK_VSOCK));
    }
}

/* What no part of the list is for is counted by /proc/net/protocols. */
static void
test_others (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ptl-socks-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "protocols", NULL);
  const PtlSockQuery query = { .kinds = PTL_SOCK_ALL_KINDS, .states = PTL_SOCK_ALL_STATES,
                               .proc_net = folder };
  static const char text[] =
    "protocol  size sockets  memory press maxhdr  slab module     cl co di ac\n"
    "SCTPv6    1432      2      -1   NI       0   yes  kernel      y  y  y  y\n"
    "TCPv6     2432      9       0   no     192   yes  kernel      y  y  y  y\n"
    "TIPC      1088      0      -1   NI       0   no   kernel      n  n  n  n\n"
    "a-name-that-is-longer-than-any-protocol-has 1 1\n"
    "\xff\x01     1088      1      -1   NI       0   no   kernel      n\n";
  g_autoptr (PtlSocks) socks = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  socks = ptl_socks_read (&query);
  /* TCP is listed by netlink. */
  g_assert_cmpstr (socks->others, ==, "2 SCTPv6, 1 \xff\x01");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_clear_pointer (&socks, ptl_socks_free);
  socks = ptl_socks_read (&query);
  g_assert_null (socks->others);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_states (void)
{
  PtlSockQuery query = { .kinds = PTL_SOCK_BIT (PTL_SOCK_TCP),
                         .states = 1u << PTL_SOCK_LISTEN };
  struct sockaddr_in loopback = { .sin_family = AF_INET,
                                  .sin_addr.s_addr = g_htonl (INADDR_LOOPBACK) };
  PTL_AUTO_FD listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PTL_AUTO_FD client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (listen (listener, 1), ==, 0);
  loopback.sin_port = g_htons (get_port (listener));
  g_assert_cmpint (connect (client, (struct sockaddr *) &loopback, sizeof loopback), ==, 0);
  for (int no_netlink = 0; no_netlink < 2; no_netlink++)
    {
      g_autoptr (PtlSocks) socks = NULL;

      query.no_netlink = no_netlink;
      socks = ptl_socks_read (&query);
      g_assert_nonnull (find_port (socks, PTL_SOCK_TCP, get_port (listener), PTL_SOCK_LISTEN));
      for (size_t i = 0; i < socks->n; i++)
        {
          g_assert_cmpint (socks->items[i].kind, ==, PTL_SOCK_TCP);
          g_assert_cmpint (socks->items[i].state, ==, PTL_SOCK_LISTEN);
        }
    }
}

/* Nobody answers: no sockets, and it is said. */
static void
test_nobody (void)
{
  PtlSockQuery query = { .kinds = PTL_SOCK_ALL_KINDS, .states = PTL_SOCK_ALL_STATES,
                         .proc_net = "/nonexistent", .no_netlink = true };
  g_autoptr (PtlSocks) socks = ptl_socks_read (&query);

  g_assert_cmpuint (socks->n, ==, 0);
  for (PtlSockKind kind = 0; kind < PTL_SOCK_N_KINDS; kind++)
    {
      g_assert_cmpint (socks->sources[kind], ==, PTL_SOCK_SOURCE_NONE);
      g_assert_cmpint (socks->refused[kind], ==, EOPNOTSUPP);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/socks-own/own-netlink", GINT_TO_POINTER (false), test_own);
  g_test_add_data_func ("/socks-own/own-proc", GINT_TO_POINTER (true), test_own);
  g_test_add_func ("/socks-own/own-rare", test_own_rare);
  g_test_add_func ("/socks-own/others", test_others);
  g_test_add_func ("/socks-own/states", test_states);
  g_test_add_func ("/socks-own/nobody", test_nobody);
  return g_test_run ();
}
