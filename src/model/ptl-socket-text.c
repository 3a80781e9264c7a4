/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for open sockets: the cells of their table, as shown and as exported. */
#include "config.h"

#include <net/if.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "model/ptl-socket-snapshot.h"

static const struct
{
  const char *name;
  const char *title;
} kinds[PTL_SOCK_N_KINDS] = {
  [PTL_SOCK_TCP] = { "tcp", "TCP" },
  [PTL_SOCK_MPTCP] = { "mptcp", "MPTCP" },
  [PTL_SOCK_UDP] = { "udp", "UDP" },
  [PTL_SOCK_UDPLITE] = { "udplite", "UDP-Lite" },
  [PTL_SOCK_RAW] = { "raw", N_("Raw") },
  [PTL_SOCK_ICMP] = { "icmp", "ICMP" },
  [PTL_SOCK_UNIX_STREAM] = { "unix-stream", N_("Unix stream") },
  [PTL_SOCK_UNIX_DGRAM] = { "unix-dgram", N_("Unix datagram") },
  [PTL_SOCK_UNIX_SEQPACKET] = { "unix-seqpacket", N_("Unix seqpacket") },
  [PTL_SOCK_PACKET] = { "packet", N_("Packet") },
  [PTL_SOCK_NETLINK] = { "netlink", "Netlink" },
  [PTL_SOCK_VSOCK] = { "vsock", "VSOCK" },
};

/* linux/netlink.h */
static const char *const netlink_names[] = {
  [0] = "NETLINK_ROUTE", [2] = "NETLINK_USERSOCK", [4] = "NETLINK_SOCK_DIAG",
  [5] = "NETLINK_NFLOG", [6] = "NETLINK_XFRM", [7] = "NETLINK_SELINUX", [8] = "NETLINK_ISCSI",
  [9] = "NETLINK_AUDIT", [10] = "NETLINK_FIB_LOOKUP", [11] = "NETLINK_CONNECTOR",
  [12] = "NETLINK_NETFILTER", [15] = "NETLINK_KOBJECT_UEVENT", [16] = "NETLINK_GENERIC",
  [18] = "NETLINK_SCSITRANSPORT", [19] = "NETLINK_ECRYPTFS", [20] = "NETLINK_RDMA",
  [21] = "NETLINK_CRYPTO", [22] = "NETLINK_SMC",
};

static const struct
{
  const char *name;
  const char *title;
} states[PTL_SOCK_N_STATES] = {
  [0] = { "", "" },
  [PTL_SOCK_ESTABLISHED] = { "established", N_("Connected") },
  [PTL_SOCK_SYN_SENT] = { "syn-sent", N_("Connecting") },
  [PTL_SOCK_SYN_RECV] = { "syn-received", "SYN-RECEIVED" },
  [PTL_SOCK_FIN_WAIT1] = { "fin-wait-1", "FIN-WAIT-1" },
  [PTL_SOCK_FIN_WAIT2] = { "fin-wait-2", "FIN-WAIT-2" },
  [PTL_SOCK_TIME_WAIT] = { "time-wait", "TIME-WAIT" },
  [PTL_SOCK_CLOSE] = { "closed", N_("Closed") },
  [PTL_SOCK_CLOSE_WAIT] = { "close-wait", "CLOSE-WAIT" },
  [PTL_SOCK_LAST_ACK] = { "last-ack", "LAST-ACK" },
  [PTL_SOCK_LISTEN] = { "listening", N_("Listening") },
  [PTL_SOCK_CLOSING] = { "closing", "CLOSING" },
  [PTL_SOCK_NEW_SYN_RECV] = { "syn-received", "SYN-RECEIVED" },
  [PTL_SOCK_BOUND_INACTIVE] = { "bound", N_("Bound") },
};

const char *
ptl_socket_get_kind_name (PtlSockKind kind)
{
  return kinds[kind].name;
}

/* Of what has no connections, "closed" is only what the kernel's table has for it. */
static bool
is_bound (const PtlSock *sock)
{
  if (sock->state != PTL_SOCK_CLOSE || ptl_sock_is_tcp (sock))
    return false;
  switch (sock->family)
    {
    case AF_UNIX:
      return (sock->flags & PTL_SOCK_HAS_NAME) != 0;
    case AF_PACKET:
      return true;
    case AF_NETLINK:
      return sock->local_id != 0;
    case AF_VSOCK:
      return sock->local_id != PTL_SOCK_ANY;
    default:
      return sock->kind == PTL_SOCK_RAW || sock->local_port != 0;
    }
}

const char *
ptl_socket_get_state_name (const PtlSock *sock)
{
  if (is_bound (sock))
    return "bound";
  if (sock->state == PTL_SOCK_CLOSE && !ptl_sock_is_tcp (sock))
    return "unconnected";
  return states[sock->state].name;
}

const char *
ptl_socket_get_state_title (const PtlSock *sock)
{
  if (is_bound (sock))
    return _("Bound");
  if (sock->state == PTL_SOCK_CLOSE && !ptl_sock_is_tcp (sock))
    return _("Not connected");
  return *states[sock->state].title != '\0' ? _(states[sock->state].title) : "";
}

/* The protocol in a raw socket's packets. */
static char *
dup_raw_protocol (uint16_t protocol)
{
  static const struct
  {
    uint16_t    number;
    const char *name;
  } names[] = {
    { IPPROTO_ICMP, "ICMP" }, { IPPROTO_IGMP, "IGMP" }, { IPPROTO_TCP, "TCP" },
    { IPPROTO_UDP, "UDP" }, { IPPROTO_GRE, "GRE" }, { IPPROTO_ESP, "ESP" }, { IPPROTO_AH, "AH" },
    { IPPROTO_ICMPV6, "ICMPv6" }, { 89, "OSPF" }, { IPPROTO_PIM, "PIM" }, { 112, "VRRP" },
    { IPPROTO_SCTP, "SCTP" }, { IPPROTO_RAW, "IP" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].number == protocol)
      return g_strdup (names[i].name);
  return g_strdup_printf ("%u", protocol);
}

static char *
dup_interface (uint32_t interface)
{
  char name[IF_NAMESIZE];

  if (interface == 0)
    return g_strdup ("");
  if (if_indextoname (interface, name) != NULL && g_utf8_validate (name, -1, NULL))
    return g_strdup (name);
  return g_strdup_printf ("%u", interface);
}

static char *
dup_protocol (const PtlSock *sock)
{
  g_autofree char *protocol = NULL;

  if (sock->kind != PTL_SOCK_RAW)
    return g_strdup (_(kinds[sock->kind].title));
  protocol = dup_raw_protocol (sock->local_port);
  /* Translators: a raw socket, and the protocol in its packets: "Raw ICMP" */
  return g_strdup_printf (_("Raw %s"), protocol);
}

/* "NETLINK_ROUTE:4021", as port identifiers are most often those of processes. */
static char *
dup_netlink (const PtlSock *sock)
{
  const char *name = sock->local_port < G_N_ELEMENTS (netlink_names)
                     ? netlink_names[sock->local_port] : NULL;
  g_autofree char *number = name == NULL ? g_strdup_printf ("%u", sock->local_port) : NULL;

  name = name != NULL ? name : number;
  return sock->local_id != 0 ? g_strdup_printf ("%s:%u", name, sock->local_id) : g_strdup (name);
}

/* Of machines (vsock(7)); "" where there is none. */
static char *
dup_context (const PtlSock *sock,
             bool           peer)
{
  uint32_t cid = peer ? sock->peer_cid : sock->local_cid;

  if ((peer ? sock->peer_id : sock->local_id) == PTL_SOCK_ANY)
    return g_strdup ("");
  switch (cid)
    {
    case PTL_SOCK_ANY:
      return g_strdup (_("any machine"));
    case 0:
      return g_strdup (_("hypervisor"));
    case 1:
      return g_strdup (_("this machine"));
    case 2:
      return g_strdup (_("host"));
    default:
      return g_strdup_printf (_("machine %u"), cid);
    }
}

static char *
dup_vsock_address (const PtlSock *sock,
                   bool           peer)
{
  g_autofree char *context = dup_context (sock, peer);

  return *context == '\0' ? g_strdup ("")
         : g_strdup_printf ("%s:%u", context, peer ? sock->peer_id : sock->local_id);
}

static char *
dup_local (const PtlSocketSnapshot *self,
           uint32_t                 row)
{
  const PtlSock *sock = ptl_socket_snapshot_get (self, row);
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlAddress address;

  if (sock->family == AF_PACKET)
    {
      g_autofree char *interface = dup_interface (sock->interface);

      return g_strdup (*interface != '\0' ? interface : _("every interface"));
    }
  if (sock->family == AF_NETLINK)
    return dup_netlink (sock);
  if (sock->family == AF_VSOCK)
    return dup_context (sock, false);
  if (ptl_socks_get_local (ptl_socket_snapshot_get_socks (self), sock, &address))
    return g_strdup (ptl_address_format_host (&address, text, sizeof text));
  return g_strdup ("");
}

/* "nginx (pid 312)" */
static char *
dup_owner (const PtlSocketSnapshot *self,
           uint32_t                 row)
{
  const PtlProcess *process = ptl_socket_snapshot_get_process (self, row);

  if (process == NULL)
    return g_strdup ("");
  return g_strdup_printf (_("%s (pid %d)"), ptl_socket_snapshot_get_program (self, row),
                          (int) process->pid);
}

char *
ptl_socket_snapshot_dup_address (const PtlSocketSnapshot *self,
                                 uint32_t                 row,
                                 bool                     peer)
{
  const PtlSocks *socks = ptl_socket_snapshot_get_socks (self);
  const PtlSock *sock = ptl_socket_snapshot_get (self, row);
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlAddress address;

  if (sock->family == AF_VSOCK)
    return dup_vsock_address (sock, peer);
  if (sock->family == AF_NETLINK)
    return !peer ? dup_netlink (sock)
           : sock->state != PTL_SOCK_ESTABLISHED ? g_strdup ("")
           : sock->peer_id == 0 ? g_strdup (_("the kernel"))
                                : g_strdup_printf ("%u", sock->peer_id);
  if (!(peer ? ptl_socks_get_peer (socks, sock, &address)
             : ptl_socks_get_local (socks, sock, &address)))
    return g_strdup ("");
  return g_strdup (sock->kind == PTL_SOCK_RAW || sock->kind == PTL_SOCK_ICMP
                   ? ptl_address_format_host (&address, text, sizeof text)
                   : ptl_address_format (&address, text, sizeof text));
}

static char *
dup_peer (const PtlSocketSnapshot *self,
          uint32_t                 row)
{
  const PtlSock *sock = ptl_socket_snapshot_get (self, row);
  char *address = ptl_socket_snapshot_dup_address (self, row, true);

  /* The other end of a Unix socket has a name only if it is the server's: so say whose it is. */
  if (*address == '\0' && sock->family == AF_UNIX && sock->peer_row != PTL_SOCK_NO_ROW)
    {
      g_free (address);
      return dup_owner (self, sock->peer_row);
    }
  return address;
}

static char *
dup_program (const PtlSocketSnapshot *self,
             uint32_t                 row)
{
  const PtlOwner *owners;
  size_t n, more = 0;

  switch (ptl_socket_snapshot_get_owner_kind (self, row))
    {
    case PTL_OWNER_SEEN:
      n = ptl_socket_snapshot_get_owners (self, row, &owners);
      for (size_t i = 1; i < n; i++)
        more += owners[i].process != owners[i - 1].process;
      if (more > 0)
        /* Translators: a program's name, and in how many processes more it has a socket */
        return g_strdup_printf (_("%s + %u"), ptl_socket_snapshot_get_program (self, row),
                                (guint) more);
      return g_strdup (ptl_socket_snapshot_get_program (self, row));
    case PTL_OWNER_ANOTHER_USER:
      return g_strdup (_("Another user’s"));
    case PTL_OWNER_NOT_SEEN:
      return g_strdup (_("Not seen"));
    case PTL_OWNER_NOT_ACCEPTED:
      return g_strdup (_("Not accepted yet"));
    case PTL_OWNER_ENDED:
    default:
      return g_strdup ("");
    }
}

static char *
dup_reach (const PtlSocketSnapshot *self,
           uint32_t                 row)
{
  const PtlSock *sock = ptl_socket_snapshot_get (self, row);
  g_autofree char *name = NULL;

  switch (ptl_socket_snapshot_get_reach (self, row))
    {
    case PTL_REACH_THIS_COMPUTER:
      return g_strdup (_("This computer only"));
    case PTL_REACH_PEER:
      return g_strdup (_("Its peer only"));
    case PTL_REACH_ADDRESS:
      name = dup_local (self, row);
      /* Translators: who can reach a listener: those who reach this address of the computer */
      return g_strdup_printf (_("Address %s"), name);
    case PTL_REACH_INTERFACE:
      name = dup_interface (sock->interface);
      return g_strdup_printf (_("Interface %s"), name);
    case PTL_REACH_MACHINES:
      return g_strdup (_("Virtual machines and their host"));
    case PTL_REACH_EVERYWHERE_V4:
      return g_strdup (_("Everywhere, IPv4"));
    case PTL_REACH_EVERYWHERE_V6:
      return g_strdup (_("Everywhere, IPv6"));
    case PTL_REACH_EVERYWHERE:
      return g_strdup (_("Everywhere"));
    case PTL_REACH_NOBODY:
    default:
      return g_strdup ("");
    }
}

/* A queue of 0 is nothing to look at in a table of thousands. */
static char *
dup_queue (const PtlSock *sock,
           uint32_t       bytes,
           bool           shown)
{
  if (!ptl_sock_is_internet (sock) && sock->state != PTL_SOCK_LISTEN && bytes == 0 && shown)
    return g_strdup ("");
  return g_strdup_printf ("%u", bytes);
}

char *
ptl_socket_snapshot_dup_cell (const PtlSocketSnapshot *self,
                              uint32_t                 row,
                              PtlSocketColumn          column)
{
  const PtlSock *sock = ptl_socket_snapshot_get (self, row);
  const PtlProcess *process;

  switch (column)
    {
    case PTL_SOCKET_PROTOCOL:
      return dup_protocol (sock);
    case PTL_SOCKET_LOCAL:
      return dup_local (self, row);
    case PTL_SOCKET_PORT:
      return ptl_sock_get_port (sock) != 0 ? g_strdup_printf ("%u", ptl_sock_get_port (sock))
                                           : g_strdup ("");
    case PTL_SOCKET_STATE:
      return g_strdup (ptl_socket_get_state_title (sock));
    case PTL_SOCKET_PROGRAM:
      return dup_program (self, row);
    case PTL_SOCKET_PID:
      process = ptl_socket_snapshot_get_process (self, row);
      return process != NULL ? g_strdup_printf ("%d", (int) process->pid) : g_strdup ("");
    case PTL_SOCKET_USER:
      return g_strdup (ptl_socket_snapshot_get_user (self, row));
    case PTL_SOCKET_SERVICE:
      return g_strdup (ptl_socket_snapshot_get_service (self, row));
    case PTL_SOCKET_REACH:
      return dup_reach (self, row);
    case PTL_SOCKET_PEER:
      return dup_peer (self, row);
    case PTL_SOCKET_RQUEUE:
      return dup_queue (sock, sock->rqueue, true);
    case PTL_SOCKET_WQUEUE:
      return dup_queue (sock, sock->wqueue, true);
    case PTL_SOCKET_INTERFACE:
      return dup_interface (sock->interface);
    case PTL_SOCKET_N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

static const char *
get_reach_name (PtlReach reach)
{
  static const char *const names[] = {
    [PTL_REACH_NOBODY] = "nobody",
    [PTL_REACH_THIS_COMPUTER] = "this-computer",
    [PTL_REACH_PEER] = "peer",
    [PTL_REACH_ADDRESS] = "address",
    [PTL_REACH_INTERFACE] = "interface",
    [PTL_REACH_MACHINES] = "machines",
    [PTL_REACH_EVERYWHERE_V4] = "everywhere-ipv4",
    [PTL_REACH_EVERYWHERE_V6] = "everywhere-ipv6",
    [PTL_REACH_EVERYWHERE] = "everywhere",
  };

  return names[reach];
}

char *
ptl_socket_snapshot_dup_value (const PtlSocketSnapshot *self,
                               uint32_t                 row,
                               PtlSocketColumn          column)
{
  const PtlSock *sock = ptl_socket_snapshot_get (self, row);

  switch (column)
    {
    case PTL_SOCKET_PROTOCOL:
      return g_strdup (ptl_socket_get_kind_name (sock->kind));
    case PTL_SOCKET_STATE:
      return g_strdup (ptl_socket_get_state_name (sock));
    case PTL_SOCKET_PROGRAM:
      return g_strdup (ptl_socket_snapshot_get_program (self, row));
    case PTL_SOCKET_REACH:
      return g_strdup (get_reach_name (ptl_socket_snapshot_get_reach (self, row)));
    case PTL_SOCKET_PEER:
      return ptl_socket_snapshot_dup_address (self, row, true);
    case PTL_SOCKET_RQUEUE:
      return dup_queue (sock, sock->rqueue, false);
    case PTL_SOCKET_WQUEUE:
      return dup_queue (sock, sock->wqueue, false);
    default:
      return ptl_socket_snapshot_dup_cell (self, row, column);
    }
}
