/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as a program for Python's socket module. */
#include "config.h"

#include <string.h>

#include "base/ptl-codec.h"
#include "model/ptl-copy-private.h"

/* Text as a literal of ASCII: what was typed cannot end it. */
static char *
quote (const char *text)
{
  GString *out = g_string_new ("'");

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (character == '\'' || character == '\\')
        g_string_append_printf (out, "\\%c", (int) character);
      else if (character >= 0x20 && character < 0x7f)
        g_string_append_c (out, (char) character);
      else
        g_string_append_printf (out, character > 0xffff ? "\\U%08x" : "\\u%04x", character);
    }
  g_string_append_c (out, '\'');
  return g_string_free (out, FALSE);
}

static char *
bytes (const PtlBlob *blob)
{
  return ptl_codec_to_python (blob->data, blob->len_bytes);
}

/* What bind() and connect() take, for a socket of @family. */
static char *
address (const PtlCopy     *copy,
         const PtlEndpoint *endpoint,
         int                family)
{
  g_autofree char *host = NULL;
  g_autofree char *quoted = NULL;

  switch (endpoint->host_kind)
    {
    case PTL_HOST_UNIX_PATH:
      return ptl_codec_to_python ((const uint8_t *) endpoint->address.un.sun_path,
                                  strlen (endpoint->address.un.sun_path));
    case PTL_HOST_UNIX_ABSTRACT:
      return ptl_codec_to_python ((const uint8_t *) endpoint->address.un.sun_path,
                                  endpoint->address.len
                                  - offsetof (struct sockaddr_un, sun_path));
    case PTL_HOST_VSOCK:
      return g_strdup_printf ("(%u, %u)", endpoint->address.vm.svm_cid, endpoint->port);
    case PTL_HOST_BROADCAST:
      quoted = g_strdup ("'<broadcast>'");
      break;
    default:
      host = ptl_copy_host (endpoint);
      quoted = host[0] == '\0' && family == AF_INET6 ? g_strdup ("'::'") : quote (host);
      break;
    }
  if (endpoint->service != NULL)
    {
      g_autofree char *service = quote (endpoint->service);

      return g_strdup_printf ("(%s, socket.getservbyname(%s, '%s'))", quoted, service,
                              copy->spec->transport == PTL_TRANSPORT_UDP ? "udp" : "tcp");
    }
  return g_strdup_printf ("(%s, %u)", quoted, endpoint->port);
}

static void
write_group (PtlCopy        *copy,
             const char     *indent,
             const PtlGroup *group)
{
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlAddress plain = group->group;
  bool six = ptl_address_get_family (&plain) == AF_INET6;
  g_autofree char *index = NULL;

  if (six)
    plain.in6.sin6_scope_id = 0;
  ptl_address_format_host (&plain, text, sizeof text);
  if (group->device[0] != '\0')
    {
      g_autofree char *device = quote (group->device);

      index = g_strdup_printf ("socket.if_nametoindex(%s)", device);
    }
  else
    index = g_strdup ("0");
  if (six)
    g_string_append_printf (copy->out,
                            "%ss.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,\n"
                            "%s             socket.inet_pton(socket.AF_INET6, '%s')\n"
                            "%s             + struct.pack('@I', %s))\n",
                            indent, indent, text, indent, index);
  else
    g_string_append_printf (copy->out,
                            "%ss.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,\n"
                            "%s             socket.inet_aton('%s') + bytes(4)\n"
                            "%s             + struct.pack('@i', %s))\n",
                            indent, indent, text, indent, index);
}

/* socket() and setsockopt(), into "s"; the family is in a variable when it is open. */
static void
write_socket (PtlCopy    *copy,
              const char *indent)
{
  PtlCopyOption options[PTL_COPY_OPTIONS_MAX];
  size_t n = ptl_copy_get_options (copy, options);
  g_autofree char *family = copy->domain == AF_UNSPEC
                            ? g_strdup ("family")
                            : g_strconcat ("socket.", ptl_copy_family_name (copy->domain), NULL);
  g_autofree char *deeper = g_strconcat (indent, "    ", NULL);

  g_string_append_printf (copy->out,
                          "%s# socket(2): a socket of this family and type, without an address\n"
                          "%ss = socket.socket(%s, socket.%s", indent, indent, family,
                          copy->type_name);
  if (copy->protocol != 0)
    g_string_append_printf (copy->out, ", %d", copy->protocol);
  g_string_append (copy->out, ")\n");

  for (size_t i = 0; i < n; i++)
    {
      const PtlCopyOption *option = &options[i];
      const char *at = indent;

      g_string_append_printf (copy->out, "%s# %s\n", indent, option->comment);
      if (option->family != AF_UNSPEC && copy->domain == AF_UNSPEC)
        {
          g_string_append_printf (copy->out, "%sif family == socket.%s:\n", indent,
                                  ptl_copy_family_name (option->family));
          at = deeper;
        }
      g_string_append_printf (copy->out, "%ss.setsockopt(socket.%s, socket.%s, ", at,
                              option->level, option->name);
      switch (option->kind)
        {
        case PTL_COPY_LINGER:
          g_string_append_printf (copy->out, "struct.pack('@ii', 1, %d)", option->value);
          break;
        case PTL_COPY_DEVICE:
          {
            g_autofree char *device = ptl_codec_to_python (
                (const uint8_t *) copy->spec->options.device, strlen (copy->spec->options.device));

            g_string_append (copy->out, device);
          }
          break;
        case PTL_COPY_INT:
        default:
          g_string_append_printf (copy->out, "%d", option->value);
          break;
        }
      g_string_append (copy->out, ")\n");
    }

  if (copy->spec->n_groups > 0)
    g_string_append_printf (copy->out, "%s# join the multicast groups\n", indent);
  for (unsigned i = 0; i < copy->spec->n_groups; i++)
    {
      const PtlGroup *group = &copy->spec->groups[i];

      if (copy->domain == AF_UNSPEC)
        {
          g_string_append_printf (copy->out, "%sif family == socket.%s:\n", indent,
                                  ptl_copy_family_name (ptl_address_get_family (&group->group)));
          write_group (copy, deeper, group);
        }
      else if (ptl_address_get_family (&group->group) == copy->domain)
        write_group (copy, indent, group);
    }
}

/* bind() of a client, where there is one. */
static void
write_local (PtlCopy    *copy,
             const char *indent)
{
  if (copy->spec->has_local)
    {
      g_autofree char *local = address (copy, &copy->spec->local, copy->domain);

      g_string_append_printf (copy->out, "%s# bind(2): our own address\n%ss.bind(%s)\n",
                              indent, indent, local);
    }
  else if (copy->domain == AF_UNIX && copy->datagram)
    g_string_append_printf (copy->out,
                            "%s# bind(2): any free name, so that there can be an answer (unix(7))\n"
                            "%ss.bind('')\n", indent, indent);
}

static void
write_head (PtlCopy *copy,
            bool     threads)
{
  g_autofree char *title = ptl_spec_to_title (copy->spec);
  const PtlSpec *spec = copy->spec;

  g_string_append_printf (copy->out, "#!/usr/bin/env python3\n# %s: %s\n", title,
                          spec->role == PTL_ROLE_LISTEN ? "waits for peers"
                          : spec->role == PTL_ROLE_DATAGRAMS ? "sends and receives datagrams"
                          : "connects");
  if (!copy->client && copy->domain == AF_UNIX)
    g_string_append (copy->out, "import os\n");
  g_string_append (copy->out, "import socket\n");
  if (!copy->client && copy->domain == AF_UNIX)
    g_string_append (copy->out, "import stat\n");
  if (spec->n_groups > 0 || spec->options.linger_s != PTL_OPTION_UNSET)
    g_string_append (copy->out, "import struct\n");
  if (copy->client && copy->message == NULL)
    g_string_append (copy->out, "import os\nimport sys\n");
  if (threads)
    g_string_append (copy->out, "import threading\n");
  g_string_append_c (copy->out, '\n');
}

/* After the peer's end of input: what is typed goes to it all the same, for as long as asked. */
static void
write_half_open (PtlCopy    *copy,
                 const char *indent)
{
  uint32_t ms = copy->spec->half_open_ms;

  if (copy->message != NULL || ms == 0)
    return;
  g_string_append_printf (copy->out, "%s        # it can still be sent to\n%s        typing.join(",
                          indent, indent);
  if (ms < PTL_HALF_OPEN_AUTO)
    g_string_append_printf (copy->out, "%u.%03u", ms / 1000, ms % 1000);
  g_string_append (copy->out, ")\n");
}

static void
write_client (PtlCopy *copy)
{
  GString *out = copy->out;
  const PtlSpec *spec = copy->spec;
  g_autofree char *target = address (copy, &spec->endpoints[0], copy->domain);
  bool connected = spec->role == PTL_ROLE_CONNECT;
  uint32_t wait_ms = ptl_copy_wait_ms (copy);
  const char *indent = "";

  write_head (copy, copy->message == NULL);
  if (copy->message != NULL)
    {
      g_autofree char *message = ptl_codec_to_python (copy->message, copy->message_len);

      g_string_append_printf (out, "MESSAGE = %s\n", message);
    }
  g_string_append_printf (out, "ADDRESS = %s\n\n", target);

  if (copy->domain == AF_UNSPEC)
    {
      g_string_append_printf (out,
          "# getaddrinfo(3): a name has one or more addresses; the first that works is taken\n"
          "problem = None\n"
          "for family, _, _, _, address in socket.getaddrinfo(*ADDRESS, type=socket.%s):\n",
          spec->transport == PTL_TRANSPORT_UDP ? "SOCK_DGRAM" : "SOCK_STREAM");
      indent = "    ";
    }
  write_socket (copy, indent);
  if (copy->domain == AF_UNSPEC)
    {
      g_string_append (out, "    try:\n");
      indent = "        ";
    }
  write_local (copy, indent);
  if (connected)
    {
      if (spec->connect_timeout_ms != 0)
        g_string_append_printf (out, "%ss.settimeout(%u.%03u)\n", indent,
                                spec->connect_timeout_ms / 1000, spec->connect_timeout_ms % 1000);
      g_string_append_printf (out, "%s# connect(2): %s\n%ss.connect(%s)\n", indent,
                              copy->datagram ? "the address that every datagram goes to"
                                             : "asks the peer for a connection, and waits for it",
                              indent, copy->domain == AF_UNSPEC ? "address" : "ADDRESS");
      if (spec->connect_timeout_ms != 0)
        g_string_append_printf (out, "%ss.settimeout(None)\n", indent);
    }
  if (copy->domain == AF_UNSPEC)
    g_string_append (out,
                     "        break\n"
                     "    except OSError as error:\n"
                     "        problem = error\n"
                     "        s.close()\n"
                     "else:\n"
                     "    raise problem\n");
  else if (!connected)
    g_string_append (out, "address = ADDRESS\n");
  g_string_append_c (out, '\n');

  if (wait_ms != 0)
    g_string_append_printf (out, "# nothing for so long (seconds): it ends\n"
                                 "s.settimeout(%u.%03u)\n",
                            wait_ms / 1000, wait_ms % 1000);

  if (copy->message == NULL)
    {
      g_string_append_printf (out,
          "def copy_input():\n"
          "    # what is typed goes out, until the end of input (Ctrl+D)\n"
          "    while data := os.read(sys.stdin.fileno(), %d):\n"
          "        %s\n", copy->datagram ? 65507 : 65536,
          connected ? "s.sendall(data)" : "s.sendto(data, address)");
      if (!copy->datagram)
        g_string_append (out,
            "    # shutdown(2): we send no more, and still receive\n"
            "    s.shutdown(socket.SHUT_WR)\n");
      g_string_append (out, "\n\ntyping = threading.Thread(target=copy_input, daemon=True)\n"
                            "typing.start()\n");
    }
  else
    {
      g_string_append_printf (out, connected
          ? "# send(2), as often as it takes to get rid of all\n%s\n"
          : "# sendto(2): one datagram to this address\n%s\n",
          connected ? copy->datagram ? "s.send(MESSAGE)" : "s.sendall(MESSAGE)"
                    : "s.sendto(MESSAGE, address)");
      if (!copy->datagram)
        g_string_append (out,
            "# shutdown(2): we send no more; the peer reads the end of input\n"
            "s.shutdown(socket.SHUT_WR)\n");
    }

  if (wait_ms != 0)
    g_string_append (out, "try:\n");
  indent = wait_ms != 0 ? "    " : "";
  g_string_append_printf (out, "%swhile True:\n", indent);
  g_string_append_printf (out, "%s    # %s\n", indent, copy->datagram
                          ? "recvfrom(2): one datagram, and where it came from"
                          : "recv(2): what is there, at least a byte; nothing: the peer is done");
  if (copy->datagram)
    g_string_append_printf (out, "%s    data, peer = s.recvfrom(65536)\n", indent);
  else
    {
      g_string_append_printf (out, "%s    data = s.recv(65536)\n"
                              "%s    if not data:\n", indent, indent);
      write_half_open (copy, indent);
      g_string_append_printf (out, "%s        break\n", indent);
    }
  if (copy->message != NULL)
    g_string_append_printf (out, "%s    print('Received', repr(data), flush=True)\n", indent);
  else
    g_string_append_printf (out, "%s    sys.stdout.buffer.write(data)\n"
                            "%s    sys.stdout.buffer.flush()\n", indent, indent);
  if (wait_ms != 0)
    g_string_append (out, "except TimeoutError:\n    pass\n");
  g_string_append (out, "# close(2)\ns.close()\n");
}

static void
write_own (PtlCopy *copy)
{
  g_string_append (copy->out,
                   "def is_own(family, host):\n"
                   "    # an address is this computer's own when a socket can be bound to it\n"
                   "    with socket.socket(family, socket.SOCK_DGRAM) as s:\n"
                   "        try:\n"
                   "            s.bind((host, 0))\n"
                   "        except OSError:\n"
                   "            return False\n"
                   "    return True\n\n\n");
}

static bool
checks_own (const PtlCopy *copy)
{
  return copy->spec->own_peers_only
         && (copy->spec->transport == PTL_TRANSPORT_TCP
             || copy->spec->transport == PTL_TRANSPORT_UDP);
}

/* A thread for each connection. */
static void
write_serve (PtlCopy *copy)
{
  GString *out = copy->out;
  const PtlSpec *spec = copy->spec;

  if (checks_own (copy))
    write_own (copy);
  if (spec->max_peers != 0)
    g_string_append_printf (out, "FREE = threading.BoundedSemaphore(%u)\n\n\n", spec->max_peers);

  g_string_append (out,
                   "def serve(conn, peer):\n"
                   "    try:\n");
  if (spec->idle_timeout_ms != 0)
    g_string_append_printf (out, "        # silent for so long (seconds): it is closed\n"
                            "        conn.settimeout(%u.%03u)\n",
                            spec->idle_timeout_ms / 1000, spec->idle_timeout_ms % 1000);
  if (spec->reaction == PTL_REACTION_GREETING)
    g_string_append (out, "        conn.sendall(TEXT)\n");
  g_string_append (out,
                   "        # recv(2): what is there; nothing: the peer sends no more\n"
                   "        while data := conn.recv(65536):\n");
  g_string_append (out, spec->reaction == PTL_REACTION_DISCARD
                        ? "            pass\n"
                        : "            print(peer, repr(data), flush=True)\n");
  if (spec->reaction == PTL_REACTION_ECHO)
    g_string_append (out, "            conn.sendall(data)\n");
  else if (spec->reaction == PTL_REACTION_ANSWER)
    g_string_append (out, "            conn.sendall(TEXT)\n");
  g_string_append (out,
                   "        print(peer, 'ended', flush=True)\n"
                   "    except OSError as error:\n"
                   "        print(peer, error, flush=True)\n"
                   "    finally:\n"
                   "        conn.close()\n");
  if (spec->max_peers != 0)
    g_string_append (out, "        FREE.release()\n");
  g_string_append (out,
                   "\n\n"
                   "def accept_forever(s):\n"
                   "    while True:\n"
                   "        # accept(2): a new socket for each peer; the listener stays\n"
                   "        conn, peer = s.accept()\n");
  if (checks_own (copy))
    g_string_append (out,
                     "        if not is_own(s.family, peer[0]):\n"
                     "            conn.close()\n"
                     "            continue\n");
  if (spec->max_peers != 0)
    g_string_append (out,
                     "        if not FREE.acquire(blocking=False):\n"
                     "            conn.close()\n"
                     "            continue\n");
  g_string_append (out,
                   "        print(peer, 'accepted', flush=True)\n"
                   "        threading.Thread(target=serve, args=(conn, peer), "
                   "daemon=True).start()\n"
                   "\n\n");
}

static void
write_serve_datagrams (PtlCopy *copy)
{
  GString *out = copy->out;
  const PtlSpec *spec = copy->spec;
  bool greeting = spec->reaction == PTL_REACTION_GREETING;

  if (checks_own (copy))
    write_own (copy);
  g_string_append (out, "def receive_forever(s):\n");
  if (greeting || spec->max_peers != 0)
    g_string_append (out, "    seen = set()\n");
  g_string_append (out,
                   "    while True:\n"
                   "        # recvfrom(2): one datagram, and where it came from\n"
                   "        data, peer = s.recvfrom(65536)\n");
  if (checks_own (copy))
    g_string_append (out,
                     "        if not is_own(s.family, peer[0]):\n"
                     "            continue\n");
  if (spec->max_peers != 0)
    g_string_append_printf (out,
                            "        if peer not in seen and len(seen) >= %u:\n"
                            "            continue\n", spec->max_peers);
  if (spec->reaction != PTL_REACTION_DISCARD)
    g_string_append (out, "        print(peer, repr(data), flush=True)\n");
  if (spec->reaction == PTL_REACTION_ECHO)
    g_string_append (out, "        if peer:\n            s.sendto(data, peer)\n");
  else if (spec->reaction == PTL_REACTION_ANSWER)
    g_string_append (out, "        if peer:\n            s.sendto(TEXT, peer)\n");
  else if (greeting)
    g_string_append (out, "        if peer and peer not in seen:\n            s.sendto(TEXT, "
                          "peer)\n");
  if (greeting || spec->max_peers != 0)
    g_string_append (out, "        seen.add(peer)\n");
  g_string_append (out, "\n\n");
}

static void
write_listener (PtlCopy *copy)
{
  GString *out = copy->out;
  const PtlSpec *spec = copy->spec;
  const char *loop = copy->datagram ? "receive_forever" : "accept_forever";
  const char *base_type = spec->transport == PTL_TRANSPORT_UDP ? "SOCK_DGRAM" : "SOCK_STREAM";

  write_head (copy, true);
  if (spec->reaction_text != NULL)
    {
      g_autofree char *text = bytes (spec->reaction_text);

      g_string_append_printf (out, "TEXT = %s\n\n\n", text);
    }
  if (copy->datagram)
    write_serve_datagrams (copy);
  else
    write_serve (copy);

  g_string_append_printf (out, "def listen(family, address):\n");
  write_socket (copy, "    ");
  if (copy->domain == AF_UNIX)
    g_string_append (out,
                     "    # a socket that an earlier run left\n"
                     "    if address[:1] != b'\\0' and os.path.exists(address) \\\n"
                     "            and stat.S_ISSOCK(os.stat(address).st_mode):\n"
                     "        os.unlink(address)\n");
  g_string_append (out, "    # bind(2): the address that others reach us at\n    "
                        "s.bind(address)\n");
  if (!copy->datagram)
    g_string_append_printf (out,
                            "    # listen(2): peers may connect; so many wait until they are "
                            "accepted\n"
                            "    s.listen(%d)\n",
                            spec->options.backlog == PTL_OPTION_UNSET ? 4096
                                                                      : spec->options.backlog);
  g_string_append (out, "    print('Listening on', s.getsockname(), flush=True)\n    return s\n\n"
                        "\n");

  g_string_append (out, "ADDRESSES = [\n");
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    {
      const PtlEndpoint *endpoint = &spec->endpoints[i];
      int family = ptl_copy_endpoint_family (copy, endpoint);

      if (family != AF_UNSPEC)
        {
          g_autofree char *text = address (copy, endpoint, family);

          g_string_append_printf (out, "    (socket.%s, %s),\n", ptl_copy_family_name (family),
                                  text);
        }
      else if (endpoint->host_kind == PTL_HOST_ANY)
        {
          g_autofree char *four = address (copy, endpoint, AF_INET);
          g_autofree char *six = address (copy, endpoint, AF_INET6);

          g_string_append_printf (out, "    (socket.AF_INET, %s),\n    (socket.AF_INET6, %s),\n",
                                  four, six);
        }
      else
        {
          g_autofree char *text = address (copy, endpoint, AF_UNSPEC);

          g_string_append_printf (out,
                                  "    # getaddrinfo(3): all addresses of the name\n"
                                  "    *((a[0], a[4]) for a in socket.getaddrinfo(\n"
                                  "        *%s, type=socket.%s, flags=socket.AI_PASSIVE)),\n",
                                  text, base_type);
        }
    }
  g_string_append_printf (out,
                          "]\n\n"
                          "listeners = [listen(*a) for a in ADDRESSES]\n"
                          "for s in listeners[1:]:\n"
                          "    threading.Thread(target=%s, args=(s,), daemon=True).start()\n"
                          "%s(listeners[0])\n", loop, loop);
}

void
ptl_copy_write_python (PtlCopy *copy)
{
  if (copy->client)
    write_client (copy);
  else
    write_listener (copy);
}
