/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known of one open socket, in words. */
#include "config.h"

#include "model/ptl-socket-details.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "base/ptl-spec.h"
#include "model/ptl-text-private.h"
#include "registry/ptl-registry.h"

static void
detail_free (gpointer data)
{
  PtlSocketDetail *detail = data;

  g_free (detail->text);
  g_free (detail);
}

/* Takes @text; an empty one is left out. */
static void
add (GPtrArray  *details,
     const char *title,
     char       *text)
{
  PtlSocketDetail *detail;

  if (text == NULL || *text == '\0')
    {
      g_free (text);
      return;
    }
  detail = g_new (PtlSocketDetail, 1);
  detail->title = title;
  detail->text = text;
  g_ptr_array_add (details, detail);
}

/* --- words ------------------------------------------------------------------------------------ */

static const char *
explain_state (const PtlSock *sock)
{
  if (sock->kind == PTL_SOCK_NETLINK && sock->local_id == 0)
    return _("an end of the kernel’s, or not used yet");
  if (!ptl_sock_is_tcp (sock))
    {
      if (sock->state == PTL_SOCK_LISTEN)
        return _("waits for connections");
      if (sock->state == PTL_SOCK_ESTABLISHED)
        return _("has a peer");
      return g_str_equal (ptl_socket_get_state_name (sock), "bound")
             ? _("receives what is sent to its address") : _("has no address and no peer");
    }
  switch (sock->state)
    {
    case PTL_SOCK_ESTABLISHED:
      return _("both sides may send");
    case PTL_SOCK_SYN_SENT:
      return _("has asked for a connection and waits for an answer");
    case PTL_SOCK_SYN_RECV:
    case PTL_SOCK_NEW_SYN_RECV:
      return _("a peer has asked for a connection, its confirmation is awaited");
    case PTL_SOCK_FIN_WAIT1:
      return _("this side has ended its output, which is not acknowledged yet");
    case PTL_SOCK_FIN_WAIT2:
      return _("this side has ended its output, the peer not yet");
    case PTL_SOCK_TIME_WAIT:
      return _("has ended; the pair of addresses is kept free of late packets for a minute");
    case PTL_SOCK_CLOSE_WAIT:
      return _("the peer has ended its output; it is the program’s turn to close");
    case PTL_SOCK_LAST_ACK:
      return _("both sides have ended, the last acknowledgement is awaited");
    case PTL_SOCK_LISTEN:
      return _("waits for connections");
    case PTL_SOCK_CLOSING:
      return _("both sides have ended at the same time");
    case PTL_SOCK_BOUND_INACTIVE:
      return _("has an address, but neither listens nor is connected");
    default:
      return _("neither listens nor is connected");
    }
}

static char *
dup_protocol (const PtlSocketSnapshot *snapshot,
              uint32_t                 row)
{
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  g_autofree char *name = ptl_socket_snapshot_dup_cell (snapshot, row, PTL_SOCKET_PROTOCOL);

  if (sock->family == AF_INET)
    return g_strdup_printf (_("%s over IPv4"), name);
  if (sock->family == AF_INET6)
    return g_strdup_printf (_("%s over IPv6"), name);
  return g_steal_pointer (&name);
}

static char *
dup_reach (const PtlSocketSnapshot *snapshot,
           uint32_t                 row)
{
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  g_autofree char *cell = ptl_socket_snapshot_dup_cell (snapshot, row, PTL_SOCKET_REACH);

  switch (ptl_socket_snapshot_get_reach (snapshot, row))
    {
    case PTL_REACH_THIS_COMPUTER:
      if (sock->family == AF_NETLINK)
        return g_strdup (_("This computer only: netlink is between its programs and its kernel."));
      if (sock->family != AF_UNIX && sock->interface == PTL_SOCKET_LOOPBACK_INDEX)
        return g_strdup (_("This computer only: it is bound to the loopback interface."));
      if (sock->family != AF_UNIX)
        return g_strdup (_("This computer only: it is bound to a loopback address."));
      if (sock->name_len > 0
          && ptl_socket_snapshot_get_socks (snapshot)->names[sock->name_at] == '\0')
        return g_strdup (_("This computer only: whoever is in this network namespace."));
      return g_strdup (_("This computer only: whoever may write to the path."));
    case PTL_REACH_ADDRESS:
      return g_strdup_printf (_("%s: whoever reaches that address of this computer. A firewall may "
                                "still keep others out."), cell);
    case PTL_REACH_INTERFACE:
      return g_strdup_printf (_("%s: any address, but through that interface only."), cell);
    case PTL_REACH_MACHINES:
      return g_strdup (cell);
    case PTL_REACH_EVERYWHERE_V4:
      return g_strdup (_("Everywhere over IPv4: it is bound to any address (0.0.0.0). A firewall "
                         "may still keep others out."));
    case PTL_REACH_EVERYWHERE_V6:
      return g_strdup (_("Everywhere over IPv6, not over IPv4 (IPV6_V6ONLY). A firewall may still "
                         "keep others out."));
    case PTL_REACH_EVERYWHERE:
      if (sock->family == AF_PACKET)
        return g_strdup (_("It sees the frames of every interface."));
      return (sock->flags & PTL_SOCK_V6ONLY_KNOWN) != 0
             ? g_strdup (_("Everywhere, over IPv6 and IPv4 (dual stack). A firewall may still keep "
                           "others out."))
             : g_strdup (_("Everywhere over IPv6, and over IPv4 unless it is set to IPV6_V6ONLY, "
                           "which could not be asked."));
    case PTL_REACH_PEER:
      return g_strdup (_("Its peer only: it is connected."));
    case PTL_REACH_NOBODY:
    default:
      return NULL;
    }
}

static char *
dup_queues (const PtlSock *sock)
{
  if (sock->state == PTL_SOCK_LISTEN)
    return sock->wqueue > 0 || ptl_sock_is_tcp (sock)
           /* Translators: of a listener's queue; accept() is a function */
           ? g_strdup_printf (_("%u of %u connections wait for accept()"), sock->rqueue,
                              sock->wqueue)
           : g_strdup_printf (_("%u connections wait for accept()"), sock->rqueue);
  if (!ptl_sock_is_internet (sock) && sock->wqueue == 0)
    return sock->rqueue > 0 ? g_strdup_printf (_("%u bytes to be read"), sock->rqueue) : NULL;
  return g_strdup_printf (_("%u bytes to be read, %u bytes to be sent or acknowledged"),
                          sock->rqueue, sock->wqueue);
}

static char *
dup_timer (const PtlSock *sock)
{
  g_autofree char *time = ptl_text_dup_duration ((uint64_t) sock->expires_ms * 1000000);

  switch (sock->timer)
    {
    case PTL_SOCK_TIMER_RETRANSMIT:
      return g_strdup_printf (_("sends again in %s, has done so %u times"), time,
                              sock->retransmits);
    case PTL_SOCK_TIMER_KEEPALIVE:
      return g_strdup_printf (_("asks whether the peer is alive in %s (keepalive)"), time);
    case PTL_SOCK_TIMER_TIME_WAIT:
      return g_strdup_printf (_("gone in %s"), time);
    case PTL_SOCK_TIMER_PROBE:
      return g_strdup_printf (_("the peer has no room; asks again in %s"), time);
    default:
      return NULL;
    }
}

static char *
dup_service (const PtlSocketSnapshot *snapshot,
             uint32_t                 row)
{
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  const char *name = ptl_socket_snapshot_get_service (snapshot, row);
  uint16_t port = ptl_socket_snapshot_get_service_port (snapshot, row);
  PtlRegistryRow info;
  uint32_t number;

  if (*name == '\0'
      || !ptl_registry_find_port (ptl_sock_is_tcp (sock) ? PTL_REGISTRY_TCP : PTL_REGISTRY_UDP,
                                  port, &number))
    return NULL;
  ptl_registry_get_row (number, &info);
  /* Translators: a service's name, its port, and what it is, of the registry */
  return g_strdup_printf (_("%s, port %u: %s"), name, port, info.description);
}

/* --- programs --------------------------------------------------------------------------------- */

static char *
dup_process (const PtlProcess *process,
             int               fd)
{
  g_autofree char *name = ptl_text_dup_safe (process->name, 64);
  g_autofree char *bytes = ptl_owners_dup_command (NULL, process->pid);
  g_autofree char *unit_bytes = ptl_owners_dup_unit (NULL, process->pid);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _("%s (pid %d), descriptor %d"), name, (int) process->pid, fd);
  if (unit_bytes != NULL)
    {
      g_autofree char *unit = ptl_text_dup_safe (unit_bytes, 128);

      g_string_append_printf (text, ", %s", unit);
    }
  if (bytes != NULL)
    {
      g_autofree char *command = ptl_text_dup_safe (bytes, PTL_SOCKET_COMMAND_CHARS_MAX);

      g_string_append_printf (text, "\n%s", command);
    }
  return g_string_free (text, FALSE);
}

static char *
dup_programs (const PtlSocketSnapshot *snapshot,
              uint32_t                 row)
{
  const PtlOwner *owners;
  size_t n = ptl_socket_snapshot_get_owners (snapshot, row, &owners);
  const char *user = ptl_socket_snapshot_get_user (snapshot, row);
  GString *text;

  switch (ptl_socket_snapshot_get_owner_kind (snapshot, row))
    {
    case PTL_OWNER_ANOTHER_USER:
      return *user != '\0'
             ? g_strdup_printf (_("A program of the user %s: its name may not be seen. Only %s and "
                                  "root may look into its descriptors (/proc/PID/fd)."), user, user)
             : g_strdup (_("Another user’s program: its name may not be seen."));
    case PTL_OWNER_NOT_SEEN:
      return g_strdup (_("No process that /proc shows has it: it is the kernel’s own, or a "
                         "program’s in another container."));
    case PTL_OWNER_NOT_ACCEPTED:
      return g_strdup (_("None yet: it waits for accept() by the program that listens."));
    case PTL_OWNER_ENDED:
      return g_strdup (_("None any more: the kernel ends the connection."));
    case PTL_OWNER_SEEN:
    default:
      break;
    }
  text = g_string_new (NULL);
  for (size_t i = 0; i < MIN (n, PTL_SOCKET_DETAILS_PROGRAMS_MAX); i++)
    {
      g_autofree char *line =
        dup_process (ptl_socket_snapshot_get_owner_process (snapshot, &owners[i]), owners[i].fd);

      if (i > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, line);
    }
  if (n > PTL_SOCKET_DETAILS_PROGRAMS_MAX)
    {
      guint more = (guint) (n - PTL_SOCKET_DETAILS_PROGRAMS_MAX);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("and %u descriptor more", "and %u descriptors more",
                                              more), more);
    }
  return g_string_free (text, FALSE);
}

/* --- the connection --------------------------------------------------------------------------- */

static void
add_info (GPtrArray     *details,
          const PtlSock *sock)
{
  PtlSockInfo info;
  int result = ptl_sock_read_info (sock, &info);

  if (result == -ENOENT)
    add (details, _("Now"), g_strdup (_("It has been closed.")));
  if (result < 0)
    return;
  if (info.has_tcp && sock->state != PTL_SOCK_LISTEN)
    {
      g_autofree char *rtt = ptl_text_dup_duration ((uint64_t) info.rtt_us * 1000);
      g_autofree char *variation = ptl_text_dup_duration ((uint64_t) info.rtt_var_us * 1000);
      g_autofree char *out = g_format_size (info.bytes_acknowledged);
      g_autofree char *in = g_format_size (info.bytes_received);

      /* Translators: a time and how much it varies */
      add (details, _("Round trip"), g_strdup_printf (_("%s ± %s"), rtt, variation));
      add (details, _("Segments"),
           g_strdup_printf (_("%u bytes out, %u bytes in, path MTU %u; window %u segments%s%s"),
                            info.send_mss, info.receive_mss, info.path_mtu, info.window,
                            *info.congestion != '\0' ? ", " : "", info.congestion));
      add (details, _("Traffic"),
           g_strdup_printf (_("%s acknowledged, %s received; %u segments sent again, %u under way"),
                            out, in, info.retransmitted, info.unacknowledged));
    }
  if (info.has_memory)
    {
      g_autofree char *receive = g_format_size_full (info.receive_buffer, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *send = g_format_size_full (info.send_buffer, G_FORMAT_SIZE_IEC_UNITS);

      add (details, _("Buffers"),
           info.drops > 0
           ? g_strdup_printf (_("%s to receive, %s to send; %u dropped for want of room"), receive,
                              send, info.drops)
           : g_strdup_printf (_("%s to receive, %s to send; nothing dropped"), receive, send));
    }
}

static GPtrArray *
make_details (const PtlSocketSnapshot *snapshot,
              uint32_t                 row)
{
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  GPtrArray *details = g_ptr_array_new_with_free_func (detail_free);
  char *address = ptl_socket_snapshot_dup_address (snapshot, row, false);

  add (details, _("Protocol"), dup_protocol (snapshot, row));
  if (*address == '\0' && sock->family == AF_PACKET)
    {
      g_free (address);
      address = g_strdup_printf (_("frames of type 0x%04x"), sock->local_port);
    }
  add (details, _("Local address"), address);
  add (details, _("Peer"), ptl_socket_snapshot_dup_cell (snapshot, row, PTL_SOCKET_PEER));
  /* Translators: a state, and what it means */
  add (details, _("State"), g_strdup_printf (_("%s: %s"), ptl_socket_get_state_title (sock),
                                             explain_state (sock)));
  add (details, _("Reachable from"), dup_reach (snapshot, row));
  add (details, _("Program"), dup_programs (snapshot, row));
  add (details, _("User"), g_strdup (ptl_socket_snapshot_get_user (snapshot, row)));
  add (details, _("Service"), dup_service (snapshot, row));
  add (details, _("Queues"), dup_queues (sock));
  add (details, _("Timer"), dup_timer (sock));
  add_info (details, sock);
  add (details, _("Interface"), ptl_socket_snapshot_dup_cell (snapshot, row,
                                                              PTL_SOCKET_INTERFACE));
  if (sock->inode != 0)
    add (details, _("Inode"), g_strdup_printf ("%u", sock->inode));
  return details;
}

typedef struct
{
  PtlSocketSnapshot *snapshot;
  uint32_t           row;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  ptl_socket_snapshot_unref (job->snapshot);
  g_free (job);
}

static void
read_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Job *job = task_data;

  g_task_return_pointer (task, make_details (job->snapshot, job->row),
                         (GDestroyNotify) g_ptr_array_unref);
}

void
ptl_socket_details_read_async (PtlSocketSnapshot   *snapshot,
                               uint32_t             row,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Job *job = g_new (Job, 1);

  *job = (Job) { ptl_socket_snapshot_ref (snapshot), row };
  g_task_set_source_tag (task, ptl_socket_details_read_async);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, read_thread);
}

GPtrArray *
ptl_socket_details_read_finish (GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

char *
ptl_socket_details_dup_text (GPtrArray *details)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < details->len; i++)
    {
      const PtlSocketDetail *detail = g_ptr_array_index (details, i);

      g_string_append_printf (text, "%s: %s\n", detail->title, detail->text);
    }
  return g_string_free (text, FALSE);
}

/* --- the source ------------------------------------------------------------------------------- */

char *
ptl_socket_snapshot_dup_source (const PtlSocketSnapshot *snapshot,
                                bool                     brief)
{
  const PtlSocks *socks = ptl_socket_snapshot_get_socks (snapshot);
  GString *text = g_string_new (NULL);
  guint hidden = (guint) ptl_socket_snapshot_get_n_hidden (snapshot);

  for (int kind = 0; kind < PTL_SOCK_N_KINDS; kind++)
    {
      const char *name = ptl_socket_get_kind_name ((PtlSockKind) kind);
      int refused = socks->refused[kind];

      /* Of datagram sockets of ICMP it never knows; of rare kinds, a kernel may lack the module. */
      if (brief && (refused == 0 || (kind != PTL_SOCK_TCP && kind != PTL_SOCK_UDP
                                     && kind != PTL_SOCK_UNIX_STREAM)))
        continue;
      if (text->len > 0)
        g_string_append_c (text, '\n');
      if (socks->sources[kind] == PTL_SOCK_SOURCE_NETLINK)
        g_string_append_printf (text, _("%s: NETLINK_SOCK_DIAG"), name);
      else if (socks->sources[kind] == PTL_SOCK_SOURCE_PROC)
        g_string_append_printf (text, _("%s: /proc/net, as NETLINK_SOCK_DIAG says %s"), name,
                                ptl_errno_name (refused));
      else
        g_string_append_printf (text, _("%s: not listed by this kernel (%s)"), name,
                                ptl_errno_name (refused));
    }
  if (socks->others != NULL)
    {
      g_autofree char *others = ptl_text_dup_safe (socks->others, PTL_SOCKET_OTHERS_CHARS_MAX);

      if (text->len > 0)
        g_string_append_c (text, '\n');
      /* Translators: how many of which protocols: "2 SCTP, 1 XDP" */
      g_string_append_printf (text, _("Not listed: %s"), others);
    }
  if (socks->cut)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "",
                            _("There are more sockets than are shown: the list ends at "
                              "1,000,000."));
  if (hidden > 0)
    {
      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("%u process of others may not be looked into",
                                              "%u processes of others may not be looked into",
                                              hidden), hidden);
    }
  return g_string_free (text, FALSE);
}

/* --- what else -------------------------------------------------------------------------------- */

char *
ptl_socket_dup_connect_uri (const PtlSocketSnapshot *snapshot,
                            uint32_t                 row)
{
  const PtlSocks *socks = ptl_socket_snapshot_get_socks (snapshot);
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  static const char *const schemes[PTL_SOCK_N_KINDS] = {
    [PTL_SOCK_TCP] = "tcp://", [PTL_SOCK_MPTCP] = "tcp://", [PTL_SOCK_UDP] = "udp://",
    [PTL_SOCK_UNIX_STREAM] = "unix:",
    [PTL_SOCK_UNIX_DGRAM] = "unix+dgram:", [PTL_SOCK_UNIX_SEQPACKET] = "unix+seqpacket:",
  };
  PtlAddress address;
  char text[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *uri = NULL;
  g_autoptr (PtlSpec) spec = NULL;

  if (schemes[sock->kind] == NULL)
    return NULL;
  /* A server's own address, or that of the server that it is connected to. */
  if (!ptl_socks_get_peer (socks, sock, &address)
      && !ptl_socks_get_local (socks, sock, &address))
    return NULL;
  if (sock->family != AF_UNIX && ptl_address_get_port (&address) == 0)
    return NULL;
  if (sock->family == AF_INET && ptl_address_is_any (&address))
    address.in.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
  else if (sock->family == AF_INET6 && ptl_address_is_any (&address))
    address.in6.sin6_addr = in6addr_loopback;
  ptl_address_format (&address, text, sizeof text);
  uri = g_strconcat (schemes[sock->kind], text, NULL);
  spec = ptl_spec_parse_uri (PTL_ROLE_CONNECT, uri, NULL, NULL);
  return spec != NULL ? g_steal_pointer (&uri) : NULL;
}

char *
ptl_socket_dup_look_up (const PtlSocketSnapshot *snapshot,
                        uint32_t                 row)
{
  const PtlSocks *socks = ptl_socket_snapshot_get_socks (snapshot);
  const PtlSock *sock = ptl_socket_snapshot_get (snapshot, row);
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlAddress address;

  if (sock->family != AF_INET && sock->family != AF_INET6)
    return NULL;
  if (!ptl_socks_get_peer (socks, sock, &address)
      && !ptl_socks_get_local (socks, sock, &address))
    return NULL;
  ptl_address_unmap (&address);
  if (ptl_address_is_any (&address))
    return NULL;
  return g_strdup (ptl_address_format_host (&address, text, sizeof text));
}

char *
ptl_socket_dup_reference (const PtlSocketSnapshot *snapshot,
                          uint32_t                 row)
{
  uint16_t port = ptl_socket_snapshot_get_service_port (snapshot, row);

  if (*ptl_socket_snapshot_get_service (snapshot, row) == '\0')
    return NULL;
  return g_strdup_printf ("%u %s", port,
                          ptl_sock_is_tcp (ptl_socket_snapshot_get (snapshot, row)) ? "tcp"
                                                                                    : "udp");
}
