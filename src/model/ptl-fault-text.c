/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for faults and states: what was called, what the system said, what to do next. */
#include "config.h"

#include "model/ptl-fault-text.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "model/ptl-text-private.h"

#define FIRST_FREE_PORT_PATH "/proc/sys/net/ipv4/ip_unprivileged_port_start"
#define FIRST_FREE_PORT_DEFAULT 1024

/* What was called, with and without something it was about.  %s is an address or a name. */
typedef struct
{
  const char *alone;
  const char *about;
} StepWords;

static const StepWords step_words[PTL_N_STEPS] = {
  [PTL_STEP_NONE] = { "", "" },
  [PTL_STEP_RESOLVE] = { N_("getaddrinfo"), N_("getaddrinfo for “%s”") },
  [PTL_STEP_SOCKET] = { N_("socket"), N_("socket for %s") },
  [PTL_STEP_OPTION] = { N_("setsockopt"), N_("setsockopt for %s") },
  [PTL_STEP_BIND] = { N_("bind"), N_("bind to %s") },
  [PTL_STEP_LISTEN] = { N_("listen"), N_("listen on %s") },
  [PTL_STEP_ACCEPT] = { N_("accept"), N_("accept on %s") },
  [PTL_STEP_CONNECT] = { N_("connect"), N_("connect to %s") },
  [PTL_STEP_SEND] = { N_("send"), N_("send to %s") },
  [PTL_STEP_RECEIVE] = { N_("recv"), N_("recv from %s") },
  [PTL_STEP_SHUTDOWN] = { N_("shutdown"), N_("shutdown of %s") },
  [PTL_STEP_MEMBERSHIP] = { N_("membership of a multicast group"),
                            N_("membership of multicast group %s") },
  [PTL_STEP_LOG] = { N_("record into the log"), N_("record into the log %s") },
  [PTL_STEP_CONNECT_TIMEOUT] = { N_("connect"), N_("connect to %s") },
  [PTL_STEP_IDLE_TIMEOUT] = { N_("connection"), N_("connection with %s") },
  [PTL_STEP_UNSUPPORTED] = { N_("socket"), N_("socket for %s") },
};

/* net.ipv4.ip_unprivileged_port_start holds for IPv6 too (ip-sysctl.rst).  A read of a sysctl does
 * not wait. */
static unsigned
get_first_free_port (void)
{
  g_autofree char *text = NULL;
  uint64_t port;

  if (g_file_get_contents (FIRST_FREE_PORT_PATH, &text, NULL, NULL)
      && g_ascii_string_to_unsigned (g_strchomp (text), 10, 0, 65536, &port, NULL))
    return (unsigned) port;
  return FIRST_FREE_PORT_DEFAULT;
}

static bool
is_inet (const PtlAddress *address)
{
  int family = ptl_address_get_family (address);

  return family == AF_INET || family == AF_INET6;
}

static bool
is_unix (const PtlAddress *address)
{
  return ptl_address_get_family (address) == AF_UNIX;
}

static bool
is_unix_path (const PtlAddress *address)
{
  return is_unix (address) && address->len > sizeof (sa_family_t)
         && address->un.sun_path[0] != '\0';
}

/* The limited broadcast address for certain; a network's own looks like one often enough. */
static bool
may_be_broadcast (const PtlAddress *address)
{
  return ptl_address_get_family (address) == AF_INET
         && (ntohl (address->in.sin_addr.s_addr) & 0xff) == 0xff;
}

static bool
lacks_zone (const PtlAddress *address)
{
  return ptl_address_get_family (address) == AF_INET6 && ptl_address_is_link_local (address)
         && address->in6.sin6_scope_id == 0;
}

static const char *
advise_anywhere (int sys_errno)
{
  switch (sys_errno)
    {
    case EMFILE:
      return _("This program has as many files and sockets open as it may (ulimit -n): close some "
               "sessions.");
    case ENFILE:
      return _("The whole computer has as many files open as it may (sysctl fs.file-max).");
    case ENOBUFS:
    case ENOMEM:
      return _("The kernel has no memory left for it: close some sessions, or try smaller "
               "buffers.");
    case EINTR:
    case EAGAIN:
      return _("Try again.");
    default:
      return NULL;
    }
}

static const char *
advise_socket (int sys_errno)
{
  switch (sys_errno)
    {
    case EAFNOSUPPORT:
      return _("This kernel does not offer that address family: try another domain.");
    case EPROTONOSUPPORT:
      return _("This kernel does not offer that protocol for this domain and type.");
    case ESOCKTNOSUPPORT:
    case EPROTOTYPE:
      return _("This kernel does not offer that type for this domain and protocol.");
    case EINVAL:
      return _("The kernel does not know that combination of domain, type and protocol.");
    case EPERM:
    case EACCES:
      return _("Raw and packet sockets need the privilege CAP_NET_RAW; datagram or stream sockets "
               "do not.");
    case ENOPROTOOPT:
      return _("That protocol is switched off on this computer (for MPTCP: sysctl "
               "net.mptcp.enabled).");
    default:
      return NULL;
    }
}

static const char *
advise_option (int sys_errno,
               int option)
{
  switch (sys_errno)
    {
    case EPERM:
    case EACCES:
      return option == PTL_OPT_DEVICE
             ? _("To change the device of a socket needs the privilege CAP_NET_RAW; choose the "
                 "local address instead.")
             : _("That value needs a privilege (CAP_NET_ADMIN): choose a smaller one.");
    case ENODEV:
    case ENXIO:
      return _("This computer has no network interface of that name.");
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      return _("This kind of socket does not have that option: leave it unset.");
    case EINVAL:
    case EDOM:
    case ERANGE:
      return _("The value is outside of what the kernel takes: choose another, or leave it unset.");
    default:
      return NULL;
    }
}

static char *
advise_bind (const PtlFault *fault,
             const char     *owner)
{
  const PtlAddress *address = &fault->address;
  unsigned port = ptl_address_get_port (address);
  unsigned first_free;

  switch (fault->sys_errno)
    {
    case EADDRINUSE:
      if (is_unix_path (address))
        return owner != NULL
               ? g_strdup_printf (_("The path is in use by %s. Choose another path."), owner)
               : g_strdup (_("Something is at that path already. If no program uses it any more, "
                             "remove the file, or choose another path."));
      if (is_unix (address))
        return owner != NULL
               ? g_strdup_printf (_("The name is in use by %s. Choose another name."), owner)
               : g_strdup (_("Another program uses that name. Choose another name."));
      if (port == 0)
        return g_strdup (_("No free port is left (sysctl net.ipv4.ip_local_port_range)."));
      return owner != NULL
             ? g_strdup_printf (_("Port %u is in use by %s. Choose another port, or end that use."),
                                port, owner)
             : g_strdup_printf (_("Port %u is in use. Choose another port (0: any free one)."),
                                port);
    case EACCES:
    case EPERM:
      if (is_unix (address))
        return g_strdup (_("The folder's permissions do not let you make a socket there: choose a "
                           "path in a folder of your own."));
      first_free = get_first_free_port ();
      if (is_inet (address) && port != 0 && port < first_free)
        return g_strdup_printf (_("Ports below %u need the privilege CAP_NET_BIND_SERVICE (the "
                                  "rule is sysctl net.ipv4.ip_unprivileged_port_start). Choose a "
                                  "port from %u on."),
                                first_free, first_free);
      return g_strdup (_("A security rule of this computer refused it (SELinux, AppArmor or a "
                         "sandbox): try another port."));
    case EADDRNOTAVAIL:
      if (!is_inet (address))
        return g_strdup (_("This computer has no such address."));
      return g_strdup (_("This computer has no such address. Choose one of its own, 127.0.0.1, or "
                         "an empty host for all of them."));
    case ENODEV:
      return g_strdup (_("This computer has no network interface of that name."));
    case ENOENT:
      return g_strdup (_("The folder of that path does not exist: make it, or choose another "
                         "path."));
    case ENOTDIR:
      return g_strdup (_("A part of that path is not a folder: choose another path."));
    case ELOOP:
      return g_strdup (_("Too many symbolic links on that path: choose another path."));
    case EROFS:
      return g_strdup (_("That file system cannot be written: choose another path."));
    case ENAMETOOLONG:
      return g_strdup (_("A Unix socket's path has 108 bytes at most: choose a shorter one."));
    case EINVAL:
      if (lacks_zone (address))
        return g_strdup (_("A link-local address needs its interface: write it as fe80::1%eth0."));
      if (!is_inet (address))
        return NULL;
      G_GNUC_FALLTHROUGH; /* an IPv6 socket says so of an IPv4 address */
    case EAFNOSUPPORT:
      return g_strdup (_("The address is not of this socket's family: choose the other family, "
                         "IPv4 or IPv6."));
    default:
      return NULL;
    }
}

static const char *
advise_connect (const PtlFault *fault)
{
  const PtlAddress *address = &fault->address;

  switch (fault->sys_errno)
    {
    case ECONNREFUSED:
      if (is_unix_path (address))
        return _("The path is there, but no program listens on it any more (a stale socket): start "
                 "the program, which may have to remove the file first.");
      if (is_unix (address))
        return _("No program listens on that name.");
      return _("Nothing listens there, or a firewall turned it away: is the server started, and "
               "the port right?");
    case ENOENT:
      return _("There is nothing at that path: start the program that makes the socket, or check "
               "the path.");
    case ENOTSOCK:
      return _("What is at that path is not a socket.");
    case EPROTOTYPE:
      return _("The socket there is of another type: choose stream, datagram or sequenced packets "
               "as it has them.");
    case EACCES:
      if (is_unix (address))
        return _("To connect, you must be allowed to write to the socket and to enter its folder: "
                 "look at the permissions of both.");
      if (may_be_broadcast (address))
        return _("A broadcast address is open only to sockets with SO_BROADCAST: switch it on in "
                 "Advanced.");
      return _("A rule of this computer forbids it (a firewall, or a route of type prohibit).");
    case EPERM:
      return _("A firewall rule of this computer refused it.");
    case ENETUNREACH:
      return ptl_address_get_family (address) == AF_INET6
             ? _("This computer has no route to that IPv6 network: it may have IPv4 only.")
             : _("This computer has no route to that network: is it connected?");
    case EHOSTUNREACH:
      return _("The host does not answer on its network, or a router says that it cannot be "
               "reached: is it switched on, and the address right?");
    case ETIMEDOUT:
      return _("No answer came: the host may be off, or a firewall drops what is sent to it.");
    case EADDRNOTAVAIL:
      return is_inet (address)
             ? _("No local port is free for it, or the address cannot be reached from the local "
                 "address that was chosen.")
             : _("That address cannot be had.");
    case ECONNRESET:
      return _("The other side ended the connection while it was being made.");
    case EAFNOSUPPORT:
      return _("The address is not of this socket's family: choose the other family, IPv4 or "
               "IPv6.");
    case EAGAIN:
      return is_unix (address) ? _("Its queue of waiting connections is full: try again.")
                               : _("No local port is free: close some connections, or try again.");
    case EINVAL:
      if (lacks_zone (address))
        return _("A link-local address needs its interface: write it as fe80::1%eth0.");
      return is_inet (address)
             ? _("The address does not fit the local address or the domain that was chosen: a "
                 "loopback address reaches this computer only, and an IPv6 socket no IPv4 address.")
             : NULL;
    case ENODEV:
      return _("This computer has no network interface of that name.");
    default:
      return NULL;
    }
}

static const char *
advise_transfer (const PtlFault *fault)
{
  const PtlAddress *address = &fault->address;

  switch (fault->sys_errno)
    {
    case EMSGSIZE:
      return is_unix (address)
             ? _("The message is longer than the socket's send buffer: raise SO_SNDBUF, or send "
                 "less.")
             : _("A datagram has 65,507 bytes at most over IPv4 (65,527 over IPv6): send less at "
                 "once.");
    case EPIPE:
      return _("The peer takes no more: it closed the connection, or we ended our side of it.");
    case ECONNRESET:
      return _("The peer reset the connection: it closed it with bytes unread, or its program "
               "ended.");
    case ECONNREFUSED:
      return is_unix (address) ? _("No program has that socket any more.")
                               : _("An earlier datagram was answered with “port unreachable”: "
                                   "nothing receives there.");
    case EACCES:
      if (may_be_broadcast (address))
        return _("A broadcast address is open only to sockets with SO_BROADCAST: switch it on in "
                 "Advanced.");
      return is_unix (address)
             ? _("You must be allowed to write to that socket: look at its permissions.")
             : _("A rule of this computer forbids it.");
    case EDESTADDRREQ:
    case ENOTCONN:
      return _("There is no peer to send to: give an address.");
    case ENOENT:
      return _("There is nothing at that path.");
    default:
      return advise_connect (fault);
    }
}

static const char *
advise_membership (int sys_errno)
{
  switch (sys_errno)
    {
    case ENODEV:
    case ENXIO:
      return _("No interface is fit for it: name one that is up and has an address.");
    case EADDRINUSE:
      return _("The socket is a member of that group already.");
    case EADDRNOTAVAIL:
      return _("The socket is not a member of that group on that interface.");
    case ENOBUFS:
      return _("More groups than one socket may join (sysctl net.ipv4.igmp_max_memberships).");
    case EINVAL:
      return _("That is not a multicast address (224.0.0.0 to 239.255.255.255, ff00::/8).");
    default:
      return NULL;
    }
}

static const char *
advise_log (int sys_errno)
{
  switch (sys_errno)
    {
    case ENOSPC:
      return _("The disk is full, but for what is kept free (Advanced, Recording): make room, then "
               "it goes on by itself.");
    case EDQUOT:
      return _("Your share of the disk is used up: make room, then it goes on by itself.");
    case EFBIG:
      return _("The log reached the largest size a file, or this log, may have.");
    case EACCES:
    case EPERM:
      return _("The folder's permissions do not let this program write there.");
    case EROFS:
      return _("That file system cannot be written.");
    case EIO:
      return _("The disk has a fault: see the system's journal.");
    case ENOTDIR:
    case EEXIST:
      return _("Something else is where the log's folder should be.");
    default:
      return NULL;
    }
}

static const char *
advise_resolve (int gai_code,
                int sys_errno)
{
  switch (gai_code)
    {
    case EAI_NONAME:
    case EAI_NODATA:
      return _("No source of this computer knows that name: check the spelling.");
    case EAI_AGAIN:
      return _("The name server did not answer: is the network up?  Try again.");
    case EAI_FAIL:
      return _("The name server could not answer.");
    case EAI_SERVICE:
      return _("That service is not in the services database for this transport: give the port's "
               "number.");
    case EAI_ADDRFAMILY:
    case EAI_FAMILY:
      return _("The name has no address of the family that was asked for: allow both IPv4 and "
               "IPv6.");
    case EAI_IDN_ENCODE:
      return _("The name cannot be written as an international domain name.");
    case EAI_MEMORY:
      return _("No memory is left.");
    case EAI_SYSTEM:
      if (sys_errno == ENODEV || sys_errno == ENXIO)
        return _("The zone behind “%” is not a network interface of this computer.");
      return NULL;
    default:
      return NULL;
    }
}

static char *
advise (const PtlFault *fault,
        const char     *owner)
{
  const char *advice = NULL;

  switch (fault->step)
    {
    case PTL_STEP_RESOLVE:
      advice = advise_resolve (fault->gai_code != 0 ? fault->gai_code : EAI_SYSTEM,
                               fault->sys_errno);
      break;
    case PTL_STEP_SOCKET:
      advice = advise_socket (fault->sys_errno);
      break;
    case PTL_STEP_OPTION:
      advice = advise_option (fault->sys_errno, fault->detail);
      break;
    case PTL_STEP_BIND:
    case PTL_STEP_LISTEN:
      {
        char *made;

        if (fault->step == PTL_STEP_LISTEN && fault->sys_errno == EOPNOTSUPP)
          return g_strdup (_("This kind of socket has no connections to wait for."));
        made = advise_bind (fault, owner);
        if (made != NULL)
          return made;
        break;
      }
    case PTL_STEP_CONNECT:
      advice = advise_connect (fault);
      break;
    case PTL_STEP_ACCEPT:
    case PTL_STEP_SHUTDOWN:
      break;
    case PTL_STEP_SEND:
    case PTL_STEP_RECEIVE:
      advice = advise_transfer (fault);
      break;
    case PTL_STEP_MEMBERSHIP:
      advice = advise_membership (fault->sys_errno);
      break;
    case PTL_STEP_LOG:
      advice = advise_log (fault->sys_errno);
      break;
    case PTL_STEP_CONNECT_TIMEOUT:
      advice = _("The host may be off, or a firewall drops what is sent to it; a longer time may "
                 "be set in Advanced.");
      break;
    case PTL_STEP_IDLE_TIMEOUT:
      advice = _("Another time, or none, may be set in Advanced.");
      break;
    case PTL_STEP_UNSUPPORTED:
      advice = _("The kernel made the socket, but Portlight has no form for addresses of that "
                 "family.");
      break;
    case PTL_STEP_NONE:
    case PTL_N_STEPS:
    default:
      break;
    }
  if (advice == NULL)
    advice = advise_anywhere (fault->sys_errno);
  return g_strdup (advice);
}

/* What the system said; for what is not of the system, what happened. */
static char *
describe (const PtlFault *fault)
{
  switch (fault->step)
    {
    case PTL_STEP_RESOLVE:
      return ptl_text_dup_gai (fault->gai_code, fault->sys_errno);
    case PTL_STEP_CONNECT_TIMEOUT:
      return g_strdup (_("no answer within the time that was set"));
    case PTL_STEP_IDLE_TIMEOUT:
      return g_strdup (_("closed, as nothing was sent or received for the time that was set"));
    case PTL_STEP_UNSUPPORTED:
      if (fault->sys_errno == 0)
        return g_strdup (_("not supported"));
      return ptl_text_dup_errno (fault->sys_errno);
    default:
      return ptl_text_dup_errno (fault->sys_errno);
    }
}

static char *
name_step (const PtlFault *fault,
           const char     *name)
{
  const StepWords *words = &step_words[fault->step];
  char buffer[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *safe = NULL;
  const char *about = NULL;
  char *text;

  /* A name says more than an address of the session only where the fault has none of its own. */
  if (fault->address.len != 0 && fault->step == PTL_STEP_MEMBERSHIP)
    about = ptl_address_format_host (&fault->address, buffer, sizeof buffer);
  else if (fault->address.len != 0)
    about = ptl_address_format (&fault->address, buffer, sizeof buffer);
  else if (name != NULL && name[0] != '\0')
    about = safe = ptl_text_dup_safe (name, 300);

  if (fault->step == PTL_STEP_OPTION && fault->detail > PTL_OPT_NONE && fault->detail < PTL_N_OPTS)
    {
      const char *option = ptl_text_get_option_name (fault->detail);

      return about != NULL
             /* Translators: the name of an option (SO_REUSEADDR), and what it was set for. */
             ? g_strdup_printf (_("setsockopt %s for %s"), option, about)
             : g_strdup_printf (_("setsockopt %s"), option);
    }
  if (about == NULL)
    return g_strdup (_(words->alone));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (_(words->about), about);
#pragma GCC diagnostic pop
  return text;
}

char *
ptl_fault_to_text_about (const PtlFault *fault,
                         const char     *name,
                         const char     *owner)
{
  g_autofree char *step = NULL;
  g_autofree char *what = NULL;
  g_autofree char *advice = NULL;

  g_return_val_if_fail (fault != NULL, NULL);
  if (fault->step <= PTL_STEP_NONE || fault->step >= PTL_N_STEPS)
    return g_strdup ("");

  step = name_step (fault, name);
  what = describe (fault);
  advice = advise (fault, owner);
  if (advice == NULL)
    /* Translators: what was called, and what went wrong. */
    return g_strdup_printf (_("%s: %s."), step, what);
  /* Translators: what was called, what went wrong, and what to do (a sentence). */
  return g_strdup_printf (_("%s: %s. %s"), step, what, advice);
}

char *
ptl_fault_to_text (const PtlFault *fault)
{
  return ptl_fault_to_text_about (fault, NULL, NULL);
}

bool
ptl_fault_wants_owner (const PtlFault *fault)
{
  return (fault->step == PTL_STEP_BIND || fault->step == PTL_STEP_LISTEN)
         && fault->sys_errno == EADDRINUSE
         && (ptl_address_get_port (&fault->address) != 0 || is_unix (&fault->address));
}

const char *
ptl_session_state_to_text (PtlSessionState state,
                           PtlRole         role,
                           bool            datagrams)
{
  switch (state)
    {
    case PTL_SESSION_OPENING:
      return _("Opening");
    case PTL_SESSION_RESOLVING:
      return _("Looking up the name");
    case PTL_SESSION_CONNECTING:
      return _("Connecting");
    case PTL_SESSION_CONNECTED:
      return _("Connected");
    case PTL_SESSION_LISTENING:
      return role == PTL_ROLE_LISTEN && !datagrams ? _("Listening") : _("Receiving");
    case PTL_SESSION_CLOSING:
      return _("Closing");
    case PTL_SESSION_CLOSED:
      return _("Closed");
    case PTL_SESSION_FAILED:
      return _("Failed");
    case PTL_N_SESSION_STATES:
    default:
      return _("Unknown");
    }
}

const char *
ptl_peer_state_to_text (PtlPeerState state)
{
  switch (state)
    {
    case PTL_PEER_OPEN:
      return _("Open");
    case PTL_PEER_HALF_CLOSED_BY_PEER:
      return _("Peer sends no more");
    case PTL_PEER_HALF_CLOSED_BY_US:
      return _("We send no more");
    case PTL_PEER_CLOSED:
      return _("Closed");
    case PTL_PEER_RESET:
      return _("Reset");
    case PTL_N_PEER_STATES:
    default:
      return _("Unknown");
    }
}
