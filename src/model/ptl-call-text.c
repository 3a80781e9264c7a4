/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket calls as C wrote them, what they gave, and what they are for. */
#include "config.h"

#include <errno.h>
#include <linux/netlink.h>
#include <locale.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "model/ptl-fault-text.h"
#include "model/ptl-text-private.h"

typedef struct
{
  int         value;
  const char *name;
} Name;

#define NAME(constant) { constant, #constant }

/* Those that a form can ask for; others are shown as numbers. */
static const Name domain_names[] = {
  NAME (AF_UNSPEC), NAME (AF_UNIX), NAME (AF_INET), NAME (AF_AX25), NAME (AF_IPX),
  NAME (AF_APPLETALK), NAME (AF_NETROM), NAME (AF_X25), NAME (AF_INET6), NAME (AF_ROSE),
  NAME (AF_KEY), NAME (AF_NETLINK), NAME (AF_PACKET), NAME (AF_RDS), NAME (AF_LLC),
  NAME (AF_CAN), NAME (AF_TIPC), NAME (AF_BLUETOOTH), NAME (AF_PHONET), NAME (AF_IEEE802154),
  NAME (AF_ALG), NAME (AF_NFC), NAME (AF_VSOCK), NAME (AF_KCM), NAME (AF_QIPCRTR),
  NAME (AF_SMC), NAME (AF_XDP),
};

static const Name type_names[] = {
  NAME (SOCK_STREAM), NAME (SOCK_DGRAM), NAME (SOCK_RAW), NAME (SOCK_RDM), NAME (SOCK_SEQPACKET),
  NAME (SOCK_DCCP), NAME (SOCK_PACKET),
};

static const Name protocol_names[] = {
  NAME (IPPROTO_ICMP), NAME (IPPROTO_IGMP), NAME (IPPROTO_TCP), NAME (IPPROTO_UDP),
  NAME (IPPROTO_DCCP),
  NAME (IPPROTO_ICMPV6), NAME (IPPROTO_SCTP), NAME (IPPROTO_UDPLITE), NAME (IPPROTO_RAW),
  NAME (IPPROTO_MPTCP),
};

static const Name how_names[] = {
  NAME (SHUT_RD), NAME (SHUT_WR), NAME (SHUT_RDWR),
};

/* A number's name, or the number itself in @buffer. */
static const char *
get_name (const Name *names,
          size_t      n_names,
          int         value,
          char        buffer[16])
{
  for (size_t i = 0; i < n_names; i++)
    if (names[i].value == value)
      return names[i].name;
  g_snprintf (buffer, 16, "%d", value);
  return buffer;
}

static const struct
{
  const char *level;
  const char *name;
  const char *explanation;
} options[PTL_N_OPTS] = {
  [PTL_OPT_NONE] = { "?", "?", N_("Sets an option of the socket.") },
  [PTL_OPT_REUSEADDR] = { "SOL_SOCKET", "SO_REUSEADDR",
    N_("Lets bind take a port on which old connections are still ending (TIME_WAIT).") },
  [PTL_OPT_REUSEPORT] = { "SOL_SOCKET", "SO_REUSEPORT",
    N_("Lets several sockets share one port; the kernel deals out what comes in.") },
  [PTL_OPT_V6ONLY] = { "IPPROTO_IPV6", "IPV6_V6ONLY",
    N_("An IPv6 socket for IPv6 only: IPv4 has a socket of its own.") },
  [PTL_OPT_NODELAY] = { "IPPROTO_TCP", "TCP_NODELAY",
    N_("Sends small pieces at once instead of gathering them (Nagle's algorithm off).") },
  [PTL_OPT_KEEPALIVE] = { "SOL_SOCKET", "SO_KEEPALIVE",
    N_("Asks a silent peer from time to time whether it is still there.") },
  [PTL_OPT_KEEPIDLE] = { "IPPROTO_TCP", "TCP_KEEPIDLE",
    N_("How many seconds of silence come before the first keepalive question.") },
  [PTL_OPT_KEEPINTVL] = { "IPPROTO_TCP", "TCP_KEEPINTVL",
    N_("How many seconds lie between two keepalive questions.") },
  [PTL_OPT_KEEPCNT] = { "IPPROTO_TCP", "TCP_KEEPCNT",
    N_("After how many unanswered keepalive questions the connection is given up.") },
  [PTL_OPT_RCVBUF] = { "SOL_SOCKET", "SO_RCVBUF",
    N_("How many bytes the kernel keeps for us until we read them; it doubles the number.") },
  [PTL_OPT_RCVBUFFORCE] = { "SOL_SOCKET", "SO_RCVBUFFORCE",
    N_("The same as SO_RCVBUF beyond the computer's limit; it needs the privilege "
       "CAP_NET_ADMIN.") },
  [PTL_OPT_SNDBUF] = { "SOL_SOCKET", "SO_SNDBUF",
    N_("How many bytes the kernel takes from us before the peer has them; it doubles the "
       "number.") },
  [PTL_OPT_LINGER] = { "SOL_SOCKET", "SO_LINGER",
    N_("How long close may wait for the last bytes; 0 seconds: close resets the connection.") },
  [PTL_OPT_BROADCAST] = { "SOL_SOCKET", "SO_BROADCAST",
    N_("Allows sending to broadcast addresses: to all computers of a network at once.") },
  [PTL_OPT_TTL] = { "IPPROTO_IP", "IP_TTL",
    N_("How many routers an IPv4 packet may pass.") },
  [PTL_OPT_HOPS] = { "IPPROTO_IPV6", "IPV6_UNICAST_HOPS",
    N_("How many routers an IPv6 packet may pass.") },
  [PTL_OPT_TOS] = { "IPPROTO_IP", "IP_TOS",
    N_("The service class of IPv4 packets: the upper six bits are the DSCP.") },
  [PTL_OPT_TCLASS] = { "IPPROTO_IPV6", "IPV6_TCLASS",
    N_("The traffic class of IPv6 packets: the upper six bits are the DSCP.") },
  [PTL_OPT_DEVICE] = { "SOL_SOCKET", "SO_BINDTODEVICE",
    N_("Ties the socket to one network interface, for sending and receiving.") },
  [PTL_OPT_RXQ_OVFL] = { "SOL_SOCKET", "SO_RXQ_OVFL",
    N_("Asks the kernel to tell how many datagrams it had to drop before we could read them.") },
  [PTL_OPT_TIMESTAMPNS] = { "SOL_SOCKET", "SO_TIMESTAMPNS",
    N_("Asks for a time with each message: one of no bytes has one, the end of input has none.") },
  [PTL_OPT_MULTICAST_TTL] = { "IPPROTO_IP", "IP_MULTICAST_TTL",
    N_("How many routers a multicast packet may pass; 1 keeps it on the local network.") },
  [PTL_OPT_MULTICAST_HOPS] = { "IPPROTO_IPV6", "IPV6_MULTICAST_HOPS",
    N_("How many routers an IPv6 multicast packet may pass; 1 keeps it on the local network.") },
  [PTL_OPT_MULTICAST_LOOP] = { "IPPROTO_IP", "IP_MULTICAST_LOOP",
    N_("Whether members on this computer get what we send to a group.") },
  [PTL_OPT_MULTICAST_LOOP6] = { "IPPROTO_IPV6", "IPV6_MULTICAST_LOOP",
    N_("Whether members on this computer get what we send to an IPv6 group.") },
  [PTL_OPT_MULTICAST_IF] = { "IPPROTO_IP", "IP_MULTICAST_IF",
    N_("The interface by which multicast packets leave.") },
  [PTL_OPT_MULTICAST_IF6] = { "IPPROTO_IPV6", "IPV6_MULTICAST_IF",
    N_("The interface by which IPv6 multicast packets leave.") },
  [PTL_OPT_ADD_MEMBERSHIP] = { "IPPROTO_IP", "IP_ADD_MEMBERSHIP",
    N_("Joins a multicast group: what is sent to its address comes to us too.") },
  [PTL_OPT_DROP_MEMBERSHIP] = { "IPPROTO_IP", "IP_DROP_MEMBERSHIP",
    N_("Leaves a multicast group.") },
};

static int
check_option (int option)
{
  return option > PTL_OPT_NONE && option < PTL_N_OPTS ? option : PTL_OPT_NONE;
}

const char *
ptl_text_get_option_name (int option)
{
  return options[check_option (option)].name;
}

const char *
ptl_text_get_option_level (int option)
{
  return options[check_option (option)].level;
}

const char *
ptl_text_explain_option (int option)
{
  return _(options[check_option (option)].explanation);
}

/* An interface by its name where it still has one. */
static char *
dup_interface (int ifindex)
{
  char name[IF_NAMESIZE];

  if (ifindex == 0)
    return g_strdup ("0");
  if (if_indextoname ((unsigned) ifindex, name) != NULL)
    return g_strdup_printf ("if_nametoindex (\"%s\")", name);
  return g_strdup_printf ("%d", ifindex);
}

static char *
setsockopt_to_text (const PtlCallRecord *record,
                    const char          *address)
{
  int option = check_option (record->args[0]);
  const char *level = options[option].level;
  const char *name = options[option].name;
  bool is_v6 = ptl_address_get_family (&record->address) == AF_INET6;
  g_autofree char *interface = NULL;

  switch (option)
    {
    case PTL_OPT_LINGER:
      return g_strdup_printf ("setsockopt(%d, %s, %s, {%d, %d s})", record->fd, level, name,
                              record->args[1], record->args[2]);
    case PTL_OPT_DEVICE:
      interface = ptl_text_dup_safe (record->text, sizeof record->text);
      return g_strdup_printf ("setsockopt(%d, %s, %s, \"%s\")", record->fd, level, name, interface);
    case PTL_OPT_MULTICAST_IF:
    case PTL_OPT_MULTICAST_IF6:
      interface = dup_interface (record->args[1]);
      return g_strdup_printf ("setsockopt(%d, %s, %s, %s)", record->fd, level, name, interface);
    case PTL_OPT_ADD_MEMBERSHIP:
    case PTL_OPT_DROP_MEMBERSHIP:
      interface = dup_interface (record->args[1]);
      if (is_v6)
        {
          level = "IPPROTO_IPV6";
          name = option == PTL_OPT_ADD_MEMBERSHIP ? "IPV6_JOIN_GROUP" : "IPV6_LEAVE_GROUP";
        }
      return g_strdup_printf ("setsockopt(%d, %s, %s, {%s, %s})", record->fd, level, name, address,
                              interface);
    case PTL_OPT_NONE:
      return g_strdup_printf ("setsockopt(%d, ?, %d, %d)", record->fd, record->args[0],
                              record->args[1]);
    default:
      return g_strdup_printf ("setsockopt(%d, %s, %s, %d)", record->fd, level, name,
                              record->args[1]);
    }
}

/* The record has "host:port" as the log tells it. */
static char *
dup_getaddrinfo (const PtlCallRecord *record)
{
  g_autofree char *safe = ptl_text_dup_safe (record->text, sizeof record->text);
  char *colon = strrchr (safe, ':');
  char *host = safe;
  size_t len;

  if (colon == NULL)
    return g_strdup_printf ("getaddrinfo(\"%s\", …)", safe);
  *colon = '\0';
  len = strlen (host);
  if (len >= 2 && host[0] == '[' && host[len - 1] == ']')
    {
      host[len - 1] = '\0';
      host++;
    }
  if (*host == '\0')
    return g_strdup_printf ("getaddrinfo(NULL, \"%s\", …)", colon + 1);
  return g_strdup_printf ("getaddrinfo(\"%s\", \"%s\", …)", host, colon + 1);
}

/* The size that a call asked for each time, or "…" where it was another one, or is not known. */
static const char *
get_size (const PtlCallRecord *record,
          char                 buffer[16])
{
  if (record->args[1] == 0)
    return "…";
  g_snprintf (buffer, 16, "%d", record->args[0]);
  return buffer;
}

char *
ptl_call_to_text (const PtlCallRecord *record)
{
  char buffer[PTL_ADDRESS_TEXT_MAX];
  char number_1[16], number_2[16], number_3[16];
  const char *address;

  g_return_val_if_fail (record != NULL, NULL);

  if (record->address.len == 0)
    address = "…";
  else if (record->call == PTL_CALL_SETSOCKOPT) /* a group has no port */
    address = ptl_address_format_host (&record->address, buffer, sizeof buffer);
  else
    address = ptl_address_format (&record->address, buffer, sizeof buffer);
  switch ((PtlCall) record->call)
    {
    case PTL_CALL_GETADDRINFO:
      return dup_getaddrinfo (record);
    case PTL_CALL_SOCKET:
      /* The kernel takes the two flags with the type (socket(2)). */
      return g_strdup_printf ("socket(%s, %s | SOCK_NONBLOCK | SOCK_CLOEXEC, %s)",
                              get_name (domain_names, G_N_ELEMENTS (domain_names), record->args[0],
                                        number_1),
                              get_name (type_names, G_N_ELEMENTS (type_names),
                                        record->args[1] & ~(SOCK_NONBLOCK | SOCK_CLOEXEC),
                                        number_2),
                              record->args[0] == AF_NETLINK && record->args[2] == NETLINK_SOCK_DIAG
                                ? "NETLINK_SOCK_DIAG"
                                : get_name (protocol_names, G_N_ELEMENTS (protocol_names),
                                            record->args[2], number_3));
    case PTL_CALL_SETSOCKOPT:
      return setsockopt_to_text (record, address);
    case PTL_CALL_BIND:
      return g_strdup_printf ("bind(%d, %s)", record->fd, address);
    case PTL_CALL_LISTEN:
      return g_strdup_printf ("listen(%d, %d)", record->fd, record->args[0]);
    case PTL_CALL_ACCEPT:
      return g_strdup_printf ("accept4(%d, …, SOCK_NONBLOCK | SOCK_CLOEXEC)", record->fd);
    case PTL_CALL_CONNECT:
      return g_strdup_printf ("connect(%d, %s)", record->fd, address);
    case PTL_CALL_CONNECT_DONE:
      return g_strdup_printf ("getsockopt(%d, SOL_SOCKET, SO_ERROR)", record->fd);
    case PTL_CALL_GETSOCKNAME:
      return g_strdup_printf ("getsockname(%d, …)", record->fd);
    case PTL_CALL_SEND:
      return g_strdup_printf ("send(%d, …, %s, MSG_NOSIGNAL)", record->fd,
                              get_size (record, number_1));
    case PTL_CALL_RECV:
      return g_strdup_printf ("recv(%d, …, %s, 0)", record->fd, get_size (record, number_1));
    case PTL_CALL_SENDTO:
      return g_strdup_printf ("sendto(%d, …, %s, MSG_NOSIGNAL, %s)", record->fd,
                              get_size (record, number_1), address);
    case PTL_CALL_RECVMSG:
      return g_strdup_printf ("recvmsg(%d, …, MSG_TRUNC)", record->fd);
    case PTL_CALL_RECVMMSG:
      return g_strdup_printf ("recvmmsg(%d, …, %s, MSG_DONTWAIT | MSG_TRUNC, NULL)", record->fd,
                              get_size (record, number_1));
    case PTL_CALL_SPLICE:
      return g_strdup_printf ("splice(%d, NULL, …, NULL, %s, SPLICE_F_MOVE | SPLICE_F_NONBLOCK)",
                              record->fd, get_size (record, number_1));
    case PTL_CALL_SHUTDOWN:
      return g_strdup_printf ("shutdown(%d, %s)", record->fd,
                              get_name (how_names, G_N_ELEMENTS (how_names), record->args[0],
                                        number_1));
    case PTL_CALL_CLOSE:
      return g_strdup_printf ("close(%d)", record->fd);
    case PTL_CALL_GET_ERROR:
      return g_strdup_printf ("getsockopt(%d, SOL_SOCKET, SO_ERROR)", record->fd);
    case PTL_CALL_GET_MEMINFO:
      return g_strdup_printf ("getsockopt(%d, SOL_SOCKET, SO_MEMINFO)", record->fd);
    case PTL_CALL_FIONREAD:
      return g_strdup_printf ("ioctl(%d, FIONREAD)", record->fd);
    case PTL_CALL_SEND_DIAG:
      return g_strdup_printf ("send(%d, {SOCK_DIAG_BY_FAMILY, …}, MSG_NOSIGNAL)", record->fd);
    case PTL_CALL_RECV_DIAG:
      return g_strdup_printf ("recvfrom(%d, …)", record->fd);
    case PTL_N_CALLS:
    default:
      return g_strdup_printf ("call %u (%d)", record->call, record->fd);
    }
}

static bool
moves_bytes (const PtlCallRecord *record)
{
  switch ((PtlCall) record->call)
    {
    case PTL_CALL_SEND:
    case PTL_CALL_RECV:
    case PTL_CALL_SENDTO:
    case PTL_CALL_RECVMSG:
    case PTL_CALL_RECVMMSG:
    case PTL_CALL_SPLICE:
      return true;
    default:
      return false;
    }
}

static bool
would_wait (int sys_errno)
{
  return sys_errno == EINPROGRESS || sys_errno == EAGAIN || sys_errno == EALREADY;
}

bool
ptl_call_has_failed (const PtlCallRecord *record)
{
  if (record->call == PTL_CALL_GETADDRINFO && record->result < 0)
    return true;
  return record->sys_errno != 0 && !would_wait (record->sys_errno);
}

/* 12405 as "12,405", in the digits and groups of the locale; "12,405" in the C locale too. */
static char *
dup_count (uint64_t n)
{
  char plain[24];
  GString *grouped = g_string_new (NULL);
  const struct lconv *conv = localeconv ();
  const char *separator = conv->thousands_sep;
  size_t len;

  if (separator[0] == '\0' || !g_utf8_validate (separator, -1, NULL))
    separator = ",";

  g_snprintf (plain, sizeof plain, "%" G_GUINT64_FORMAT, n);
  len = strlen (plain);
  for (size_t i = 0; i < len; i++)
    {
      if (i > 0 && (len - i) % 3 == 0)
        g_string_append (grouped, separator);
      g_string_append_c (grouped, plain[i]);
    }
  return g_string_free (grouped, FALSE);
}

static char *
dup_result (const PtlCallRecord *record)
{
  char buffer[PTL_ADDRESS_TEXT_MAX];
  const char *address;

  address = NULL;
  if (record->address.len > 0)
    address = ptl_address_format (&record->address, buffer, sizeof buffer);
  if (record->call == PTL_CALL_GETADDRINFO && record->result < 0)
    {
      g_autofree char *cause = ptl_text_dup_gai ((int) record->result, record->sys_errno);

      return g_strdup_printf ("= %s: %s", ptl_text_get_gai_name ((int) record->result), cause);
    }
  if ((record->call == PTL_CALL_CONNECT_DONE || record->call == PTL_CALL_GET_ERROR) &&
      record->sys_errno != 0)
    return g_strdup_printf ("→ %s (%s)", ptl_errno_name (record->sys_errno),
                            g_strerror (record->sys_errno));
  if (record->sys_errno != 0)
    {
      g_autofree char *count = NULL;

      if (record->count <= 1)
        return g_strdup_printf ("= -1 %s (%s)", ptl_errno_name (record->sys_errno),
                                g_strerror (record->sys_errno));
      count = dup_count (record->count);
      return g_strdup_printf ("× %s = -1 %s (%s)", count, ptl_errno_name (record->sys_errno),
                              g_strerror (record->sys_errno));
    }

  switch ((PtlCall) record->call)
    {
    case PTL_CALL_ACCEPT:
      if (address != NULL)
        return g_strdup_printf ("= %" G_GINT64_FORMAT " ← %s", record->result, address);
      break;
    case PTL_CALL_GETSOCKNAME:
      if (address != NULL)
        return g_strdup_printf ("= 0 → %s", address);
      break;
    case PTL_CALL_CONNECT_DONE:
      return address != NULL ? g_strdup_printf (_("→ 0: connected to %s"), address)
                             : g_strdup (_("→ 0: connected"));
    case PTL_CALL_GETADDRINFO:
      if (record->args[0] > 0)
        return g_strdup_printf (ngettext ("= 0 (%d address)", "= 0 (%d addresses)",
                                          (unsigned long) record->args[0]),
                                record->args[0]);
      break;
    default:
      break;
    }
  if (moves_bytes (record) && record->count > 1)
    {
      g_autofree char *count = dup_count (record->count);
      g_autofree char *size = g_format_size (record->bytes);

      return g_strdup_printf ("× %s = %s", count, size);
    }
  if (record->call == PTL_CALL_RECVMMSG)
    {
      unsigned long n = (unsigned long) record->result;
      g_autofree char *size = g_format_size (record->bytes);

      return g_strdup_printf ("= %lu (%s)", n, size);
    }
  if (record->count > 1)
    {
      g_autofree char *count = dup_count (record->count);

      return g_strdup_printf ("× %s = %" G_GINT64_FORMAT, count, record->result);
    }
  return g_strdup_printf ("= %" G_GINT64_FORMAT, record->result);
}

char *
ptl_call_result_to_text (const PtlCallRecord *record)
{
  g_autofree char *result = NULL;
  g_autofree char *count = NULL;

  g_return_val_if_fail (record != NULL, NULL);

  result = dup_result (record);
  if (record->n_again == 0)
    return g_steal_pointer (&result);
  if (record->n_again == 1)
    return g_strdup_printf ("%s · EAGAIN", result);
  count = dup_count (record->n_again);
  return g_strdup_printf ("%s · EAGAIN × %s", result, count);
}

static const char *
explain_again (const PtlCallRecord *record)
{
  switch ((PtlCall) record->call)
    {
    case PTL_CALL_SEND:
    case PTL_CALL_SENDTO:
      return _("No room at this moment: the socket does not wait, epoll tells when there is.");
    default:
      return _("Nothing to be had at this moment: the socket does not wait, epoll tells when there "
               "is.");
    }
}

/* What an errno of this call means, where it teaches more than the call itself; or NULL. */
static const char *
explain_errno (const PtlCallRecord *record)
{
  switch (record->sys_errno)
    {
    case EINPROGRESS:
      return _("The connection is on its way: the socket does not wait, epoll tells when it is "
               "made.");
    case EAGAIN:
      return explain_again (record);
    case EADDRINUSE:
      return _("Another socket has that address and port.");
    case EADDRNOTAVAIL:
      return _("This computer does not have that address, or has no port left for it.");
    case EACCES:
      return record->call == PTL_CALL_BIND
             ? _("Not allowed: a low port, or a folder that may not be written.")
             : _("Not allowed by a rule of this computer; for a broadcast address SO_BROADCAST is "
                 "missing.");
    case EPERM:
      return _("Not allowed: it needs a privilege, or a firewall rule refused it.");
    case ECONNREFUSED:
      return _("The other side said that nothing listens there.");
    case ENETUNREACH:
    case EHOSTUNREACH:
      return _("There is no way there: no route, or no answer from the host on its network.");
    case ETIMEDOUT:
      return _("The other side did not answer for too long.");
    case ECONNRESET:
      return _("The other side ended the connection abruptly (RST).");
    case EPIPE:
      return _("The connection takes no more bytes: it was ended before.");
    case EMFILE:
    case ENFILE:
      return _("No descriptor is free: some connections have to end first.");
    case EMSGSIZE:
      return _("The datagram is longer than the protocol can carry.");
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
    case ESOCKTNOSUPPORT:
      return _("This kernel does not offer that kind of socket.");
    default:
      return NULL;
    }
}

const char *
ptl_call_explain (const PtlCallRecord *record)
{
  const char *special;

  g_return_val_if_fail (record != NULL, NULL);

  special = record->sys_errno != 0 ? explain_errno (record) : NULL;
  if (special != NULL)
    return special;

  switch ((PtlCall) record->call)
    {
    case PTL_CALL_GETADDRINFO:
      return _("Turns a name and a service into addresses and ports, asking the sources of this "
               "computer.");
    case PTL_CALL_SOCKET:
      if (record->args[0] == AF_NETLINK && record->args[2] == NETLINK_SOCK_DIAG)
        return _("Makes a socket for questions to the kernel about sockets.");
      return _("Makes an end point for communication; the number it gives stands for it in all "
               "calls that follow.");
    case PTL_CALL_SETSOCKOPT:
      return ptl_text_explain_option (record->args[0]);
    case PTL_CALL_BIND:
      return ptl_address_get_family (&record->address) == AF_UNIX
             ? _("Gives the socket its name: clients find it there.")
             : _("Gives the socket an address and port of this computer; port 0 lets the kernel "
                 "choose.");
    case PTL_CALL_LISTEN:
      return _("Turns the socket into one that waits for connections; the number bounds the queue "
               "of those not yet accepted.");
    case PTL_CALL_ACCEPT:
      return _("Takes the next waiting connection; it gets a socket of its own, whose number is "
               "the result.");
    case PTL_CALL_CONNECT:
      return ptl_address_is_multicast (&record->address)
             ? _("Makes the group the default target.")
             : _("Asks the other side for a connection; for datagrams it only sets the default "
                 "target.");
    case PTL_CALL_CONNECT_DONE:
      return _("Asks how the connection that was on its way turned out; 0: it is made.");
    case PTL_CALL_GETSOCKNAME:
      return _("Asks for the socket's own address, as when the kernel chose the port.");
    case PTL_CALL_SEND:
      return _("Hands bytes to the kernel, which sends them; it may take fewer than offered.");
    case PTL_CALL_RECV:
      return record->result == 0 && record->bytes == 0
             ? _("0 bytes: the peer has ended its side, no more will come (end of input).")
             : _("Takes bytes that arrived; where one message ends is not told on a stream.");
    case PTL_CALL_SENDTO:
      return _("Sends one datagram to the address given.");
    case PTL_CALL_RECVMSG:
      return record->result == 0 && record->bytes == 0
             ? _("0 bytes: an empty message, or the peer has ended its side (end of input).")
             : _("Takes one message that arrived, whole: this kind of socket keeps them apart.");
    case PTL_CALL_RECVMMSG:
      return _("Takes datagrams that arrived, each whole and with the address of its sender: "
               "recvfrom for many at once. The result is how many there were.");
    case PTL_CALL_SPLICE:
      return _("Moves bytes that arrived inside the kernel, without a copy through this program.");
    case PTL_CALL_SHUTDOWN:
      return record->args[0] == SHUT_WR
             ? _("Ends our side of the connection: the peer reads the end of input, and may still "
                 "send.")
             : _("Ends one side of the connection, or both.");
    case PTL_CALL_CLOSE:
      return _("Gives the socket back; its number may be used again at once.");
    case PTL_CALL_GET_ERROR:
      return _("Asks what went wrong with the socket, after epoll told that something did.");
    case PTL_CALL_GET_MEMINFO:
      return _("Asks how full the socket's buffers are, and how many datagrams found no room.");
    case PTL_CALL_FIONREAD:
      return _("Asks how many bytes wait to be read.");
    case PTL_CALL_SEND_DIAG:
      return _("Asks the kernel whether the peer, which sends no more, still has its socket.");
    case PTL_CALL_RECV_DIAG:
      return _("Takes the kernel's answer about the peer's socket.");
    case PTL_N_CALLS:
    default:
      return _("A call of a later version.");
    }
}

char *
ptl_call_dup_explanation (const PtlCallRecord *record)
{
  const char *call = ptl_call_explain (record);

  if (record->n_again == 0)
    return g_strdup (call);
  return g_strdup_printf ("%s EAGAIN: %s", call, explain_again (record));
}
