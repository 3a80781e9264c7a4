/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A listener as a C program. */
#include "config.h"

#include "model/ptl-copy-c.h"

static bool
checks_own (const PtlCopy *copy)
{
  return copy->spec->own_peers_only && ptl_copy_c_is_ip (copy);
}

static void
write_listener_helpers (PtlCopy *copy)
{
  g_string_append (copy->out,
      "static void\n"
      "describe (const struct sockaddr_storage *peer, socklen_t len, char *text, size_t size)\n"
      "{\n"
      "  char host[NI_MAXHOST], service[NI_MAXSERV];\n\n"
      "  if (getnameinfo ((const struct sockaddr *) peer, len, host, sizeof host, service,\n"
      "                   sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) == 0\n"
      "      && peer->ss_family != AF_UNIX)\n"
      "    snprintf (text, size, \"%s %s\", host, service);\n"
      "  else\n"
      "    snprintf (text, size, \"peer\");\n"
      "}\n\n");
  if (checks_own (copy))
    g_string_append (copy->out,
        "/* An address is this computer's own when a socket can be bound to it. */\n"
        "static int\n"
        "is_own (struct sockaddr_storage peer, socklen_t len)\n"
        "{\n"
        "  int fd = socket (peer.ss_family, SOCK_DGRAM, 0);\n"
        "  int own;\n\n"
        "  if (peer.ss_family == AF_INET6)\n"
        "    ((struct sockaddr_in6 *) &peer)->sin6_port = 0;\n"
        "  else\n"
        "    ((struct sockaddr_in *) &peer)->sin_port = 0;\n"
        "  own = fd >= 0 && bind (fd, (struct sockaddr *) &peer, len) == 0;\n"
        "  close (fd);\n"
        "  return own;\n"
        "}\n\n");
}

static void
write_serve (PtlCopy *copy)
{
  GString *out = copy->out;
  const PtlSpec *spec = copy->spec;

  if (spec->max_peers != 0)
    g_string_append (out, "static _Atomic unsigned n_peers;\n\n");
  g_string_append (out,
      "struct peer\n"
      "{\n"
      "  int  fd;\n"
      "  char name[NI_MAXHOST + NI_MAXSERV];\n"
      "};\n\n"
      "static void *\n"
      "serve (void *data)\n"
      "{\n"
      "  struct peer *peer = data;\n"
      "  unsigned char buffer[65536];\n"
      "  ssize_t n;\n\n");
  if (spec->idle_timeout_ms != 0)
    {
      g_string_append (out, "  /* silent for so long (seconds, microseconds): it is closed */\n");
      ptl_copy_c_time (copy, "  ", "peer->fd", "SO_RCVTIMEO", spec->idle_timeout_ms);
    }
  if (spec->reaction == PTL_REACTION_GREETING)
    g_string_append (out, "  if (send_all (peer->fd, text, sizeof text - 1) != 0)\n    perror "
                          "(\"send\");\n");
  g_string_append (out,
      "  /* recv(2): what is there; 0: the peer sends no more */\n"
      "  while ((n = recv (peer->fd, buffer, sizeof buffer, 0)) > 0)\n"
      "    {\n");
  g_string_append (out, spec->reaction == PTL_REACTION_DISCARD
                        ? "      continue;\n"
                        : "      print_bytes (peer->name, buffer, n);\n");
  if (spec->reaction == PTL_REACTION_ECHO)
    g_string_append (out, "      if (send_all (peer->fd, buffer, (size_t) n) != 0)\n        "
                          "break;\n");
  else if (spec->reaction == PTL_REACTION_ANSWER)
    g_string_append (out, "      if (send_all (peer->fd, text, sizeof text - 1) != 0)\n        "
                          "break;\n");
  g_string_append_printf (out,
      "    }\n"
      "  if (n < 0)\n"
      "    perror (peer->name);\n"
      "  /* close(2) */\n"
      "  close (peer->fd);\n"
      "  free (peer);\n"
      "%s"
      "  return NULL;\n"
      "}\n\n", spec->max_peers != 0 ? "  n_peers--;\n" : "");

  g_string_append (out,
      "static void *\n"
      "serve_forever (void *data)\n"
      "{\n"
      "  int listener = *(int *) data;\n\n"
      "  for (;;)\n"
      "    {\n"
      "      struct sockaddr_storage address;\n"
      "      socklen_t len = sizeof address;\n"
      "      /* accept(2): a new socket for each peer; the listener stays */\n"
      "      int fd = accept (listener, (struct sockaddr *) &address, &len);\n"
      "      struct peer *peer;\n"
      "      pthread_t thread;\n\n"
      "      if (fd < 0)\n"
      "        fail (\"accept\");\n");
  if (checks_own (copy))
    g_string_append (out,
                     "      if (!is_own (address, len))\n"
                     "        {\n"
                     "          close (fd);\n"
                     "          continue;\n"
                     "        }\n");
  if (spec->max_peers != 0)
    g_string_append_printf (out,
                            "      if (n_peers++ >= %uu)\n"
                            "        {\n"
                            "          n_peers--;\n"
                            "          close (fd);\n"
                            "          continue;\n"
                            "        }\n", spec->max_peers);
  g_string_append (out,
      "      peer = malloc (sizeof *peer);\n"
      "      if (peer == NULL)\n"
      "        fail (\"malloc\");\n"
      "      peer->fd = fd;\n"
      "      describe (&address, len, peer->name, sizeof peer->name);\n"
      "      if (pthread_create (&thread, NULL, serve, peer) != 0)\n"
      "        fail (\"pthread_create\");\n"
      "      pthread_detach (thread);\n"
      "    }\n"
      "  return NULL;\n"
      "}\n\n");
}

static void
write_serve_datagrams (PtlCopy *copy)
{
  GString *out = copy->out;
  const PtlSpec *spec = copy->spec;
  bool greeting = spec->reaction == PTL_REACTION_GREETING;

  g_string_append (out,
      "static void *\n"
      "serve_forever (void *data)\n"
      "{\n"
      "  int fd = *(int *) data;\n"
      "  unsigned char buffer[65536];\n");
  if (greeting || spec->max_peers != 0)
    g_string_append (out,
                     "  static struct sockaddr_storage seen[4096]; /* so many sources are told "
                     "apart */\n"
                     "  size_t n_seen = 0;\n");
  g_string_append_printf (out,
      "\n  for (;;)\n"
      "    {\n"
      "      struct sockaddr_storage peer = { 0 };\n"
      "      socklen_t len = sizeof peer;\n"
      "      %s;\n"
      "      /* recvfrom(2): one datagram, and where it came from */\n"
      "      ssize_t n = recvfrom (fd, buffer, sizeof buffer, 0, (struct sockaddr *) &peer, "
      "&len);\n\n"
      "      if (n < 0)\n"
      "        fail (\"recvfrom\");\n",
      spec->reaction == PTL_REACTION_DISCARD ? "char name[1]"
                                             : "char name[NI_MAXHOST + NI_MAXSERV]");
  if (checks_own (copy))
    g_string_append (out, "      if (!is_own (peer, len))\n        continue;\n");
  if (greeting || spec->max_peers != 0)
    g_string_append_printf (out,
        "      size_t i = 0;\n"
        "      while (i < n_seen && memcmp (&seen[i], &peer, sizeof peer) != 0)\n"
        "        i++;\n"
        "      int is_new = i == n_seen;\n"
        "      if (is_new && n_seen >= %u)\n"
        "        continue;\n"
        "      if (is_new)\n"
        "        seen[n_seen++] = peer;\n",
        spec->max_peers != 0 ? MIN (spec->max_peers, 4096) : 4096);
  g_string_append (out, "      describe (&peer, len, name, sizeof name);\n");
  if (spec->reaction != PTL_REACTION_DISCARD)
    g_string_append (out, "      print_bytes (name, buffer, n);\n");
  if (spec->reaction == PTL_REACTION_ECHO)
    g_string_append (out,
                     "      if (len > sizeof (sa_family_t)\n"
                     "          && sendto (fd, buffer, (size_t) n, 0, (struct sockaddr *) "
                     "&peer, len) < 0)\n"
                     "        perror (\"sendto\");\n");
  else if (greeting || spec->reaction == PTL_REACTION_ANSWER)
    g_string_append_printf (out,
                     "      if (%slen > sizeof (sa_family_t)\n"
                     "          && sendto (fd, text, sizeof text - 1, 0, (struct sockaddr *) "
                     "&peer, len) < 0)\n"
                     "        perror (\"sendto\");\n", greeting ? "is_new && " : "");
  else if (spec->max_peers != 0)
    g_string_append (out, "      (void) is_new;\n");
  g_string_append (out, "    }\n  return NULL;\n}\n\n");
}

void
ptl_copy_c_listener (PtlCopy *copy)
{
  GString *out = copy->out;
  const PtlSpec *spec = copy->spec;

  ptl_copy_c_head (copy);
  if (spec->reaction != PTL_REACTION_DISCARD)
    ptl_copy_c_print_bytes (copy);
  ptl_copy_c_open_socket (copy);
  if (spec->reaction_text != NULL)
    {
      g_autofree char *text = ptl_copy_c_literal (spec->reaction_text->data,
                                                  spec->reaction_text->len_bytes);

      g_string_append_printf (out, "static const char text[] = %s;\n\n", text);
    }
  if (!copy->datagram && spec->reaction >= PTL_REACTION_ECHO
      && spec->reaction != PTL_REACTION_DISCARD)
    ptl_copy_c_send_all (copy);
  write_listener_helpers (copy);
  if (copy->datagram)
    write_serve_datagrams (copy);
  else
    write_serve (copy);

  g_string_append (out,
      "static int listeners[1024];\n"
      "static int n_listeners;\n\n"
      "static void\n"
      "listen_on (int family, const struct sockaddr *address, socklen_t len)\n"
      "{\n"
      "  int fd = open_socket (family);\n"
      "  struct sockaddr_storage own = { 0 };\n"
      "  socklen_t own_len = sizeof own;\n"
      "  char name[NI_MAXHOST + NI_MAXSERV];\n\n"
      "  if (n_listeners == 1024)\n"
      "    exit (1);\n");
  if (copy->domain == AF_UNIX)
    g_string_append (out,
      "  /* a socket that an earlier run left */\n"
      "  const char *path = ((const struct sockaddr_un *) address)->sun_path;\n"
      "  struct stat st;\n"
      "  if (path[0] != '\\0' && stat (path, &st) == 0 && S_ISSOCK (st.st_mode))\n"
      "    unlink (path);\n");
  g_string_append (out,
      "  /* bind(2): the address that others reach us at */\n"
      "  if (bind (fd, address, len) != 0)\n"
      "    fail (\"bind\");\n");
  if (!copy->datagram)
    g_string_append_printf (out,
      "  /* listen(2): peers may connect; so many wait until they are accepted */\n"
      "  if (listen (fd, %d) != 0)\n"
      "    fail (\"listen\");\n",
      spec->options.backlog == PTL_OPTION_UNSET ? 4096 : spec->options.backlog);
  g_string_append (out,
      "  getsockname (fd, (struct sockaddr *) &own, &own_len);\n"
      "  describe (&own, own_len, name, sizeof name);\n"
      "  printf (\"Listening on %s\\n\", name);\n"
      "  fflush (stdout);\n"
      "  listeners[n_listeners++] = fd;\n"
      "}\n\n"
      "int\n"
      "main (void)\n"
      "{\n"
      "  pthread_t thread;\n\n");
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    {
      const PtlEndpoint *endpoint = &spec->endpoints[i];
      int family = ptl_copy_endpoint_family (copy, endpoint);

      g_string_append (out, "  {\n");
      if (ptl_copy_c_is_ip (copy))
        {
          ptl_copy_c_lookup (copy, "    ", endpoint, true, ptl_copy_family_name (family));
          g_string_append (out,
              "    for (struct addrinfo *a = list; a != NULL; a = a->ai_next)\n"
              "      listen_on (a->ai_family, a->ai_addr, a->ai_addrlen);\n"
              "    freeaddrinfo (list);\n");
        }
      else
        {
          ptl_copy_c_address (copy, "    ", "address", endpoint);
          g_string_append_printf (out, "    listen_on (%s, (struct sockaddr *) &address, "
                                       "address_len);\n",
                                  ptl_copy_family_name (copy->domain));
        }
      g_string_append (out, "  }\n");
    }
  g_string_append (out,
      "\n  for (int i = 1; i < n_listeners; i++)\n"
      "    if (pthread_create (&thread, NULL, serve_forever, &listeners[i]) != 0)\n"
      "      fail (\"pthread_create\");\n"
      "  serve_forever (&listeners[0]);\n"
      "  return 0;\n"
      "}\n");
}
