/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as a C program: what every one has, and the client. */
#include "config.h"

#include <string.h>

#include "base/ptl-codec.h"
#include "model/ptl-copy-c.h"

#define LITERAL_CHUNK 60 /* bytes on a line of a long literal */

/* A string literal; long ones over several lines. */
char *
ptl_copy_c_literal (const uint8_t *bytes,
                    size_t         len_bytes)
{
  GString *out = g_string_new (NULL);
  size_t at = 0;

  do
    {
      size_t n = MIN (len_bytes - at, LITERAL_CHUNK);
      const uint8_t *line = n > 0 ? memchr (bytes + at, '\n', n) : NULL;
      g_autofree char *text = NULL;

      if (line != NULL)
        n = (size_t) (line - (bytes + at)) + 1;
      text = ptl_codec_to_c_string (bytes + at, n);
      g_string_append_printf (out, "%s\"%s\"", at > 0 ? "\n  " : "", text);
      at += n;
    }
  while (at < len_bytes);
  return g_string_free (out, FALSE);
}

static char *
text_literal (const char *text)
{
  return ptl_copy_c_literal ((const uint8_t *) text, strlen (text));
}

bool
ptl_copy_c_is_ip (const PtlCopy *copy)
{
  return copy->domain == AF_INET || copy->domain == AF_INET6 || copy->domain == AF_UNSPEC;
}

/* The two arguments for getaddrinfo(3): host and service. */
static char *
host_and_service (const PtlEndpoint *endpoint,
                  bool               passive,
                  int                family)
{
  g_autofree char *host = ptl_copy_host (endpoint);
  g_autofree char *quoted = text_literal (host);
  g_autofree char *service = endpoint->service != NULL
                               ? text_literal (endpoint->service)
                               : g_strdup_printf ("\"%u\"", endpoint->port);

  if (host[0] != '\0')
    return g_strdup_printf ("%s, %s", quoted, service);
  return g_strdup_printf ("%s, %s", passive ? "NULL"
                                            : family == AF_INET6 ? "\"::\"" : "\"0.0.0.0\"",
                                            service);
}

/* Declares NAME and NAME_len, an address that needs no look-up. */
void
ptl_copy_c_address (PtlCopy           *copy,
                    const char        *indent,
                    const char        *name,
                    const PtlEndpoint *endpoint)
{
  if (endpoint->host_kind == PTL_HOST_VSOCK)
    {
      g_string_append_printf (copy->out,
                              "%sstruct sockaddr_vm %s = { .svm_family = AF_VSOCK, .svm_cid = %uu, "
                              ".svm_port = %uu };\n%ssocklen_t %s_len = sizeof %s;\n",
                              indent, name, endpoint->address.vm.svm_cid, endpoint->port,
                              indent, name, name);
    }
  else
    {
      size_t len = endpoint->address.len - offsetof (struct sockaddr_un, sun_path);
      bool path = endpoint->host_kind == PTL_HOST_UNIX_PATH;
      g_autofree char *text = ptl_copy_c_literal ((const uint8_t *) endpoint->address.un.sun_path,
                                                  path ? len - 1 : len);

      g_string_append_printf (copy->out,
                              "%sstruct sockaddr_un %s = { .sun_family = AF_UNIX, .sun_path = "
                              "%s };\n"
                              "%ssocklen_t %s_len = offsetof (struct sockaddr_un, sun_path) + "
                              "%zu;\n",
                              indent, name, text, indent, name, len);
    }
}

void
ptl_copy_c_head (PtlCopy *copy)
{
  g_autofree char *title = ptl_spec_to_title (copy->spec);
  g_auto (GStrv) parts = g_strsplit (title, "*", -1);
  g_autofree char *safe = g_strjoinv ("%2A", parts); /* nothing that ends or begins a comment */
  PtlCopyOption options[PTL_COPY_OPTIONS_MAX];
  bool tcp = false;

  for (size_t i = 0, n = ptl_copy_get_options (copy, options); i < n; i++)
    tcp = tcp || strcmp (options[i].level, "IPPROTO_TCP") == 0;
  g_string_append_printf (copy->out,
                          "/* %s: %s.  Build it with: cc -std=gnu17 -pthread -o program "
                          "program.c */\n"
                          "#define _GNU_SOURCE\n"
                          "#include <errno.h>\n"
                          "#include <pthread.h>\n"
                          "#include <stddef.h>\n"
                          "#include <stdio.h>\n"
                          "#include <stdlib.h>\n"
                          "#include <string.h>\n"
                          "#include <time.h>\n"
                          "#include <unistd.h>\n\n"
                          "#include <net/if.h>\n"
                          "#include <netdb.h>\n"
                          "#include <netinet/in.h>\n"
                          "%s"
                          "#include <signal.h>\n"
                          "#include <sys/socket.h>\n"
                          "#include <sys/stat.h>\n"
                          "#include <sys/time.h>\n"
                          "#include <sys/un.h>\n"
                          "%s\n"
                          "static void\n"
                          "fail (const char *call)\n"
                          "{\n"
                          "  perror (call);\n"
                          "  exit (1);\n"
                          "}\n\n",
                          safe, copy->spec->role == PTL_ROLE_LISTEN ? "waits for peers"
                                : copy->spec->role == PTL_ROLE_DATAGRAMS ? "sends and receives "
                                    "datagrams"
                                : "connects",
                          tcp ? "#include <netinet/tcp.h>\n" : "",
                          copy->domain == AF_VSOCK ? "#include <linux/vm_sockets.h>\n" : "");
}

void
ptl_copy_c_print_bytes (PtlCopy *copy)
{
  g_string_append (copy->out,
                   "/* Prints bytes so that none of them can act on the terminal. */\n"
                   "static void\n"
                   "print_bytes (const char *who, const unsigned char *bytes, ssize_t n)\n"
                   "{\n"
                   "  flockfile (stdout);\n"
                   "  printf (\"%s '\", who);\n"
                   "  for (ssize_t i = 0; i < n; i++)\n"
                   "    if (bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '\\\\')\n"
                   "      putchar (bytes[i]);\n"
                   "    else\n"
                   "      printf (\"\\\\x%02x\", bytes[i]);\n"
                   "  printf (\"'\\n\");\n"
                   "  fflush (stdout);\n"
                   "  funlockfile (stdout);\n"
                   "}\n\n");
}

static void
write_group (PtlCopy        *copy,
             const PtlGroup *group)
{
  char text[PTL_ADDRESS_TEXT_MAX];
  PtlAddress plain = group->group;
  bool six = ptl_address_get_family (&plain) == AF_INET6;
  const uint8_t *bytes = six ? plain.in6.sin6_addr.s6_addr : (const uint8_t *) &plain.in.sin_addr;
  size_t n = six ? 16 : 4;
  g_autofree char *device = text_literal (group->device);

  if (six)
    plain.in6.sin6_scope_id = 0;
  ptl_address_format_host (&plain, text, sizeof text);
  g_string_append_printf (copy->out,
                          "  if (family == %s) /* join %s */\n"
                          "    {\n"
                          "      static const unsigned char group[] = {", six ? "AF_INET6"
                              : "AF_INET",
                          text);
  for (size_t i = 0; i < n; i++)
    g_string_append_printf (copy->out, " %u%s", bytes[i], i + 1 < n ? "," : "");
  g_string_append_printf (copy->out,
                          " };\n"
                          "      struct %s request = { 0 };\n\n"
                          "      memcpy (&request.%s, group, sizeof group);\n",
                          six ? "ipv6_mreq" : "ip_mreqn", six ? "ipv6mr_multiaddr"
                          : "imr_multiaddr");
  if (group->device[0] != '\0')
    g_string_append_printf (copy->out, "      request.%s = %sif_nametoindex (%s);\n",
                            six ? "ipv6mr_interface" : "imr_ifindex", six ? "" : "(int) ", device);
  g_string_append_printf (copy->out,
                          "      if (setsockopt (fd, %s, %s, &request, sizeof request) != 0)\n"
                          "        perror (\"%s\");\n"
                          "    }\n",
                          six ? "IPPROTO_IPV6" : "IPPROTO_IP",
                          six ? "IPV6_JOIN_GROUP" : "IP_ADD_MEMBERSHIP",
                          six ? "IPV6_JOIN_GROUP" : "IP_ADD_MEMBERSHIP");
}

void
ptl_copy_c_open_socket (PtlCopy *copy)
{
  GString *out = copy->out;
  PtlCopyOption options[PTL_COPY_OPTIONS_MAX];
  size_t n = ptl_copy_get_options (copy, options);
  bool ints = false;

  for (size_t i = 0; i < n; i++)
    ints = ints || options[i].kind == PTL_COPY_INT;
  if (ints)
    g_string_append (out,
                     "static void\n"
                     "set_option (int fd, int level, int name, int value, const char *text)\n"
                     "{\n"
                     "  if (setsockopt (fd, level, name, &value, sizeof value) != 0)\n"
                     "    perror (text);\n"
                     "}\n\n");

  g_string_append_printf (out,
                          "static int\n"
                          "open_socket (int family)\n"
                          "{\n"
                          "  /* socket(2): a socket of this family and type, without an address "
                          "*/\n"
                          "  int fd = socket (family, %s, %d);\n\n"
                          "  if (fd < 0)\n"
                          "    fail (\"socket\");\n", copy->type_name, copy->protocol);
  for (size_t i = 0; i < n; i++)
    {
      const PtlCopyOption *option = &options[i];

      g_string_append_printf (out, "  /* %s */\n", option->comment);
      switch (option->kind)
        {
        case PTL_COPY_LINGER:
          g_string_append_printf (out,
              "  if (setsockopt (fd, SOL_SOCKET, SO_LINGER, &(struct linger) { 1, %d },\n"
              "                  sizeof (struct linger)) != 0)\n"
              "    perror (\"SO_LINGER\");\n", option->value);
          break;
        case PTL_COPY_DEVICE:
          {
            g_autofree char *device = text_literal (copy->spec->options.device);

            g_string_append_printf (out,
                "  if (setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, %s, %zu) != 0)\n"
                "    perror (\"SO_BINDTODEVICE\");\n",
                device, strlen (copy->spec->options.device) + 1);
          }
          break;
        case PTL_COPY_INT:
        default:
          if (option->family != AF_UNSPEC)
            g_string_append_printf (out, "  if (family == %s)\n  ",
                                    ptl_copy_family_name (option->family));
          g_string_append_printf (out, "  set_option (fd, %s, %s, %d, \"%s\");\n", option->level,
                                  option->name, option->value, option->name);
          break;
        }
    }
  for (unsigned i = 0; i < copy->spec->n_groups; i++)
    write_group (copy, &copy->spec->groups[i]);
  g_string_append (out, "  return fd;\n}\n\n");
}

void
ptl_copy_c_lookup (PtlCopy           *copy,
                   const char        *indent,
                   const PtlEndpoint *endpoint,
                   bool               passive,
                   const char        *family)
{
  g_autofree char *arguments = host_and_service (endpoint, passive, copy->domain);

  g_string_append_printf (copy->out,
      "%s/* getaddrinfo(3): host and port, as text, to the addresses that there are */\n"
      "%sstruct addrinfo hints = { .ai_family = %s, .ai_socktype = %s, .ai_flags = %s };\n"
      "%sstruct addrinfo *list;\n"
      "%sint code = getaddrinfo (%s, &hints, &list);\n\n"
      "%sif (code != 0)\n"
      "%s  {\n"
      "%s    fprintf (stderr, \"getaddrinfo: %%s\\n\", gai_strerror (code));\n"
      "%s    exit (1);\n"
      "%s  }\n",
      indent, indent, family,
      copy->spec->transport == PTL_TRANSPORT_UDP ? "SOCK_DGRAM" : "SOCK_STREAM",
      passive ? "AI_PASSIVE" : "0", indent, indent, arguments,
      indent, indent, indent, indent, indent);
}

static bool
binds_local (const PtlCopy *copy)
{
  return copy->spec->has_local || (copy->domain == AF_UNIX && copy->datagram);
}

/* The client's own address. */
static void
write_bind_local (PtlCopy *copy)
{
  GString *out = copy->out;

  if (!binds_local (copy))
    return;
  g_string_append_printf (out, "static void\nbind_local (int fd%s)\n{\n",
                          ptl_copy_c_is_ip (copy) ? ", int family" : "");
  if (!copy->spec->has_local)
    g_string_append (out,
                     "  /* Any free name, so that there can be an answer: unix(7), autobind. */\n"
                     "  struct sockaddr_un own = { .sun_family = AF_UNIX };\n\n"
                     "  if (bind (fd, (struct sockaddr *) &own, sizeof own.sun_family) != 0)\n"
                     "    fail (\"bind\");\n}\n\n");
  else if (ptl_copy_c_is_ip (copy))
    {
      ptl_copy_c_lookup (copy, "  ", &copy->spec->local, true, "family");
      g_string_append (out,
                       "  /* bind(2): our own address */\n"
                       "  if (bind (fd, list->ai_addr, list->ai_addrlen) != 0)\n"
                       "    fail (\"bind\");\n"
                       "  freeaddrinfo (list);\n}\n\n");
    }
  else
    {
      ptl_copy_c_address (copy, "  ", "own", &copy->spec->local);
      g_string_append (out,
                       "\n  /* bind(2): our own address */\n"
                       "  if (bind (fd, (struct sockaddr *) &own, own_len) != 0)\n"
                       "    fail (\"bind\");\n}\n\n");
    }
}

void
ptl_copy_c_time (PtlCopy    *copy,
                 const char *indent,
                 const char *fd,
                 const char *option,
                 uint32_t    ms)
{
  g_string_append_printf (copy->out,
                          "%sif (setsockopt (%s, SOL_SOCKET, %s, &(struct timeval) { %u, %u },\n"
                          "%s                sizeof (struct timeval)) != 0)\n"
                          "%s  fail (\"%s\");\n",
                          indent, fd, option, ms / 1000, ms % 1000 * 1000, indent, indent, option);
}

/* The connect() of one candidate: what stands inside the if. */
static void
write_connect (PtlCopy    *copy,
               const char *indent,
               const char *address,
               const char *len,
               const char *compare)
{
  uint32_t ms = copy->spec->connect_timeout_ms;

  if (ms != 0)
    {
      g_string_append_printf (copy->out, "%s/* connect waits as long as a send may */\n", indent);
      ptl_copy_c_time (copy, indent, "fd", "SO_SNDTIMEO", ms);
    }
  g_string_append_printf (copy->out, "%s/* connect(2): %s */\n%sif (connect (fd, %s, %s) %s 0)\n",
                          indent, copy->datagram
                                  ? "the address that every datagram goes to"
                                  : "asks the peer for a connection, and waits for it",
                          indent, address, len, compare);
}

static void
write_client_opening (PtlCopy *copy)
{
  GString *out = copy->out;
  bool connected = copy->spec->role == PTL_ROLE_CONNECT;
  const char *family = ptl_copy_family_name (copy->domain);

  if (ptl_copy_c_is_ip (copy))
    {
      ptl_copy_c_lookup (copy, "  ", &copy->spec->endpoints[0], false, family);
      g_string_append_printf (out,
          "\n  struct addrinfo *a;\n"
          "  int fd = -1;\n"
          "%s\n"
          "  /* the first address that works */\n"
          "  for (a = list; a != NULL; a = a->ai_next)\n"
          "    {\n"
          "      fd = open_socket (a->ai_family);\n", connected ? "" :
          "  struct sockaddr_storage target;\n"
          "  socklen_t target_len;\n");
      if (binds_local (copy))
        g_string_append (out, "      bind_local (fd, a->ai_family);\n");
      if (connected)
        {
          write_connect (copy, "      ", "a->ai_addr", "a->ai_addrlen", "==");
          g_string_append (out,
                           "        break;\n"
                           "      perror (\"connect\");\n"
                           "      close (fd);\n"
                           "    }\n"
                           "  if (a == NULL)\n"
                           "    return 1;\n");
        }
      else
        g_string_append (out,
                         "      break;\n"
                         "    }\n"
                         "  if (a == NULL)\n"
                         "    return 1;\n"
                         "  memcpy (&target, a->ai_addr, a->ai_addrlen);\n"
                         "  target_len = a->ai_addrlen;\n");
      g_string_append (out, "  freeaddrinfo (list);\n");
    }
  else
    {
      ptl_copy_c_address (copy, "  ", "target", &copy->spec->endpoints[0]);
      g_string_append_printf (out, "  int fd = open_socket (%s);\n\n", family);
      if (binds_local (copy))
        g_string_append (out, "  bind_local (fd);\n");
      if (connected)
        {
          write_connect (copy, "  ", "(struct sockaddr *) &target", "target_len", "!=");
          g_string_append (out, "    fail (\"connect\");\n");
        }
    }
  if (connected && copy->spec->connect_timeout_ms != 0)
    ptl_copy_c_time (copy, "  ", "fd", "SO_SNDTIMEO", 0);
}

void
ptl_copy_c_send_all (PtlCopy *copy)
{
  g_string_append_printf (copy->out,
      "/* send(2) may take less than it was given: as often as it needs. */\n"
      "static int\n"
      "send_all (int fd, const void *bytes, size_t n)\n"
      "{\n"
      "  const char *at = bytes;\n\n"
      "  %s\n"
      "    {\n"
      "      ssize_t sent = send (fd, at, n, MSG_NOSIGNAL);\n\n"
      "      if (sent < 0)\n"
      "        return -1;\n"
      "      at += sent;\n"
      "      n -= (size_t) sent;\n"
      "    }%s\n"
      "  return 0;\n"
      "}\n\n",
      ptl_spec_is_stream (copy->spec) ? "while (n > 0)" : "do",
      ptl_spec_is_stream (copy->spec) ? "" : "\n  while (n > 0);");
}

/* After the peer's end of input: what is typed goes to it all the same, for as long as asked. */
static void
write_half_open (PtlCopy *copy)
{
  uint32_t ms = copy->spec->half_open_ms;

  if (copy->message != NULL || copy->datagram || ms == 0)
    return;
  if (ms >= PTL_HALF_OPEN_AUTO)
    g_string_append (copy->out,
                     "  if (n == 0) /* it can still be sent to */\n"
                     "    pthread_join (thread, NULL);\n");
  else
    g_string_append_printf (copy->out,
                     "  if (n == 0) /* it can still be sent to, for so long */\n"
                     "    {\n"
                     "      struct timespec end;\n\n"
                     "      clock_gettime (CLOCK_REALTIME, &end);\n"
                     "      end.tv_sec += %u + (end.tv_nsec + %u) / 1000000000;\n"
                     "      end.tv_nsec = (end.tv_nsec + %u) %% 1000000000;\n"
                     "      pthread_timedjoin_np (thread, NULL, &end);\n"
                     "    }\n", ms / 1000, ms % 1000 * 1000000, ms % 1000 * 1000000);
}

static void
write_client (PtlCopy *copy)
{
  GString *out = copy->out;
  bool connected = copy->spec->role == PTL_ROLE_CONNECT;
  uint32_t wait_ms = ptl_copy_wait_ms (copy);

  ptl_copy_c_head (copy);
  if (copy->message != NULL)
    ptl_copy_c_print_bytes (copy);
  ptl_copy_c_open_socket (copy);
  write_bind_local (copy);
  if (connected)
    ptl_copy_c_send_all (copy);

  if (copy->message != NULL)
    {
      g_autofree char *text = ptl_copy_c_literal (copy->message, copy->message_len);

      g_string_append_printf (out, "static const char message[] = %s;\n\n", text);
    }
  else
    {
      g_string_append (out, "struct input\n{\n  int fd;\n");
      if (!connected)
        g_string_append (out, "  struct sockaddr_storage target;\n  socklen_t target_len;\n");
      g_string_append_printf (out,
          "};\n\n"
          "/* What is typed goes out, until the end of input (Ctrl+D). */\n"
          "static void *\n"
          "copy_input (void *data)\n"
          "{\n"
          "  struct input *input = data;\n"
          "  static char buffer[65507];\n"
          "  ssize_t n;\n\n"
          "  while ((n = read (0, buffer, sizeof buffer)) > 0)\n"
          "    if (%s)\n"
          "      fail (\"send\");\n", connected
          ? "send_all (input->fd, buffer, (size_t) n) != 0"
          : "sendto (input->fd, buffer, (size_t) n, 0, (struct sockaddr *) &input->target,\n"
            "                input->target_len) < 0");
      if (!copy->datagram)
        g_string_append (out,
                         "  /* shutdown(2): we send no more, and still receive */\n"
                         "  shutdown (input->fd, SHUT_WR);\n");
      g_string_append (out, "  return NULL;\n}\n\n");
    }

  g_string_append (out, "int\nmain (void)\n{\n  static unsigned char buffer[65536];\n  ssize_t "
                        "n;\n");
  write_client_opening (copy);
  g_string_append_c (out, '\n');
  if (wait_ms != 0)
    {
      g_string_append (out, "  /* nothing for so long (seconds, microseconds): it ends */\n");
      ptl_copy_c_time (copy, "  ", "fd", "SO_RCVTIMEO", wait_ms);
    }
  if (copy->message != NULL)
    {
      g_string_append (out, "  if (");
      g_string_append (out, connected
          ? "send_all (fd, message, sizeof message - 1) != 0"
          : "sendto (fd, message, sizeof message - 1, 0, (struct sockaddr *) &target,\n"
            "              target_len) < 0");
      g_string_append (out, ")\n    fail (\"send\");\n");
      if (!copy->datagram)
        g_string_append (out,
                         "  /* shutdown(2): we send no more; the peer reads the end of input */\n"
                         "  shutdown (fd, SHUT_WR);\n");
    }
  else
    {
      g_string_append_printf (out,
          "  static struct input input;\n"
          "  pthread_t thread;\n\n"
          "  input.fd = fd;\n"
          "%s"
          "  if (pthread_create (&thread, NULL, copy_input, &input) != 0)\n"
          "    return 1;\n", connected ? "" :
          "  memcpy (&input.target, &target, target_len);\n"
          "  input.target_len = target_len;\n");
    }

  g_string_append_printf (out,
      "\n  /* recv(2): %s */\n"
      "  while ((n = recv (fd, buffer, sizeof buffer, 0)) >%s 0)\n",
      copy->datagram ? "one datagram" : "what is there, at least a byte; 0: the peer is done",
      copy->datagram ? "=" : "");
  g_string_append (out, copy->message != NULL
                        ? "    print_bytes (\"Received\", buffer, n);\n"
                        : "    if (write (1, buffer, (size_t) n) < 0)\n      fail (\"write\");\n");
  write_half_open (copy);
  g_string_append_printf (out,
      "  if (n < 0%s)\n"
      "    fail (\"recv\");\n"
      "  /* close(2) */\n"
      "  close (fd);\n"
      "  return 0;\n"
      "}\n", wait_ms != 0 ? " && errno != EAGAIN" : "");
}

void
ptl_copy_write_c (PtlCopy *copy)
{
  if (copy->client)
    write_client (copy);
  else
    ptl_copy_c_listener (copy);
}
