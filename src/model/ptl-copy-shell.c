/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as a line for ncat or socat. */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "model/ptl-copy-private.h"

static char *cannot (GError    **error,
                     const char *format,
                     ...) G_GNUC_PRINTF (2, 3);

static char *
cannot (GError    **error,
        const char *format,
        ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (PTL_ERROR, PTL_ERROR_LIMIT, format, args);
  va_end (args);
  return NULL;
}

/* "printf '...'" for bytes of any value: quoted for the shell, escaped for printf(1). */
static char *
printf_command (const uint8_t *bytes,
                size_t         len_bytes)
{
  g_autoptr (GString) format = g_string_new (NULL);
  g_autofree char *quoted = NULL;

  for (size_t i = 0; i < len_bytes; i++)
    switch (bytes[i])
      {
      case '\n':
        g_string_append (format, "\\n");
        break;
      case '\r':
        g_string_append (format, "\\r");
        break;
      case '%':
        g_string_append (format, "%%");
        break;
      default:
        /* Not a hyphen in front: that would be an option. */
        if (bytes[i] < 0x20 || bytes[i] >= 0x7f || bytes[i] == '\\' || bytes[i] == '\''
            || (i == 0 && bytes[i] == '-'))
          g_string_append_printf (format, "\\%03o", bytes[i]);
        else
          g_string_append_c (format, (char) bytes[i]);
        break;
      }
  quoted = g_shell_quote (format->str);
  return g_strconcat ("printf ", quoted, NULL);
}

static void
append_quoted (GString    *line,
               const char *text)
{
  g_autofree char *quoted = g_shell_quote (text);

  /* For reading: what needs no quotes has none. */
  if (text[0] != '\0' && text[strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789/._-:,=@%+")] == '\0')
    g_string_append (line, text);
  else
    g_string_append (line, quoted);
}

static void
append_time (GString    *line,
             const char *option,
             uint32_t    ms)
{
  if (ms != 0)
    g_string_append_printf (line, " %s %ums", option, ms);
}

/* ncat sets no options but these of its own. */
static const char *
first_option (const PtlSpec *spec)
{
  const PtlOptions *o = &spec->options;
  const struct
  {
    const char *name;
    bool        set;
  } rows[] = {
    { "SO_REUSEPORT", o->reuse_port != PTL_OPTION_UNSET },
    { "IPV6_V6ONLY", o->v6only != PTL_OPTION_UNSET },
    { "TCP_NODELAY", o->nodelay != PTL_OPTION_UNSET },
    { "SO_KEEPALIVE", o->keepalive != PTL_OPTION_UNSET },
    { "TCP_KEEPIDLE", o->keep_idle_s != PTL_OPTION_UNSET },
    { "TCP_KEEPINTVL", o->keep_interval_s != PTL_OPTION_UNSET },
    { "TCP_KEEPCNT", o->keep_count != PTL_OPTION_UNSET },
    { "SO_RCVBUF", o->rcvbuf != PTL_OPTION_UNSET },
    { "SO_SNDBUF", o->sndbuf != PTL_OPTION_UNSET },
    { "SO_LINGER", o->linger_s != PTL_OPTION_UNSET },
    { "IP_TTL", o->ttl != PTL_OPTION_UNSET },
    { "IP_TOS", o->tos != PTL_OPTION_UNSET },
    { "IP_MULTICAST_TTL", o->multicast_ttl != PTL_OPTION_UNSET },
    { "IP_MULTICAST_LOOP", o->multicast_loop != PTL_OPTION_UNSET },
    { "SO_BINDTODEVICE", o->device[0] != '\0' },
    { "SO_REUSEADDR", o->reuse_addr == 0 },
    { "listen", o->backlog != PTL_OPTION_UNSET },
    { "IP_ADD_MEMBERSHIP", spec->n_groups > 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    if (rows[i].set)
      return rows[i].name;
  return NULL;
}

/* What neither tool can do. */
static bool
check_common (const PtlCopy *copy,
              const char    *tool,
              GError       **error)
{
  const PtlSpec *spec = copy->spec;

  if (spec->n_endpoints > 1)
    cannot (error, _("%s listens on one port only"), tool);
  else if (spec->own_peers_only)
    cannot (error, _("%s cannot tell this computer's own addresses from others"), tool);
  else if (spec->type >= 0 || spec->domain >= 0 || spec->protocol > 0)
    cannot (error, _("%s does not open sockets of any domain, type and protocol"), tool);
  else if (spec->reaction == PTL_REACTION_ANSWER)
    cannot (error, _("%s cannot answer each read with a text"), tool);
  else
    return true;
  return false;
}

char *
ptl_copy_ncat (const PtlCopy *copy,
               GError       **error)
{
  const PtlSpec *spec = copy->spec;
  const PtlEndpoint *endpoint = &spec->endpoints[0];
  g_autoptr (GString) line = g_string_new (NULL);
  bool listen = spec->role == PTL_ROLE_LISTEN;
  bool ip = spec->transport == PTL_TRANSPORT_TCP || spec->transport == PTL_TRANSPORT_UDP;
  const char *option = first_option (spec);
  g_autofree char *host = ptl_copy_host (endpoint);

  if (!check_common (copy, "ncat", error))
    return NULL;
  if (spec->role == PTL_ROLE_DATAGRAMS)
    return cannot (error, _("ncat talks by datagrams with one peer only"));
  if (option != NULL)
    return cannot (error, _("ncat has no option for %s"), option);
  if (spec->transport == PTL_TRANSPORT_UNIX_SEQPACKET)
    return cannot (error, _("ncat has no seqpacket sockets"));
  if (endpoint->host_kind == PTL_HOST_UNIX_ABSTRACT
      || (spec->has_local && spec->local.host_kind == PTL_HOST_UNIX_ABSTRACT))
    return cannot (error, _("ncat has no abstract Unix names"));
  if (endpoint->service != NULL || (spec->has_local && spec->local.service != NULL))
    return cannot (error, _("ncat takes a port only as a number"));
  if (spec->has_local && spec->transport == PTL_TRANSPORT_VSOCK)
    return cannot (error, _("ncat does not bind the own end of vsock"));

  if (copy->message != NULL && !listen)
    {
      g_autofree char *command = printf_command (copy->message, copy->message_len);

      /* Over UDP ncat ends with its input: that has to stay open until there were answers. */
      if (copy->datagram)
        g_string_append_printf (line, "(%s; sleep %u) | ", command,
                                (ptl_copy_wait_ms (copy) + 999) / 1000);
      else
        g_string_append_printf (line, "%s | ", command);
    }
  g_string_append (line, "ncat");
  if (listen)
    g_string_append (line, " -l -k");
  if (spec->transport == PTL_TRANSPORT_UDP || spec->transport == PTL_TRANSPORT_UNIX_DGRAM)
    g_string_append (line, " -u");
  if (spec->transport == PTL_TRANSPORT_UNIX_STREAM || spec->transport == PTL_TRANSPORT_UNIX_DGRAM)
    g_string_append (line, " -U");
  if (spec->transport == PTL_TRANSPORT_VSOCK)
    g_string_append (line, " --vsock");
  if (ip && copy->domain == AF_INET)
    g_string_append (line, " -4");
  else if (ip && copy->domain == AF_INET6)
    g_string_append (line, " -6");
  append_time (line, "-w", spec->connect_timeout_ms);
  append_time (line, "-i", spec->idle_timeout_ms);
  if (listen && spec->max_peers != 0)
    g_string_append_printf (line, " -m %u", spec->max_peers);
  if (spec->has_local)
    {
      g_autofree char *local = ptl_copy_host (&spec->local);

      if (local[0] != '\0')
        {
          g_string_append (line, " -s ");
          append_quoted (line, local);
        }
      if (ip && spec->local.port != 0)
        g_string_append_printf (line, " -p %u", spec->local.port);
    }
  if (listen)
    switch (spec->reaction)
      {
      case PTL_REACTION_ECHO:
        g_string_append (line, " -e /bin/cat");
        break;
      case PTL_REACTION_GREETING:
        {
          g_autofree char *command = printf_command (spec->reaction_text->data,
                                                     spec->reaction_text->len_bytes);
          g_autofree char *script = g_strconcat (command, "; exec cat >&2", NULL);

          g_string_append (line, " -c ");
          append_quoted (line, script);
        }
        break;
      default:
        g_string_append (line, " --recv-only");
        break;
      }

  switch (endpoint->host_kind)
    {
    case PTL_HOST_UNIX_PATH:
      g_string_append_c (line, ' ');
      if (host[0] == '-')
        g_string_append (line, "./");
      append_quoted (line, host);
      break;
    case PTL_HOST_VSOCK:
      if (!listen)
        g_string_append_printf (line, " %u", endpoint->address.vm.svm_cid);
      g_string_append_printf (line, " %u", endpoint->port);
      break;
    default:
      if (host[0] != '\0' || !listen)
        {
          g_string_append_c (line, ' ');
          append_quoted (line, host[0] != '\0' ? host
                               : copy->domain == AF_INET6 ? "::" : "0.0.0.0");
        }
      g_string_append_printf (line, " %u", endpoint->port);
      break;
    }
  if (listen && spec->reaction == PTL_REACTION_DISCARD)
    g_string_append (line, " > /dev/null");
  return g_strdup (line->str);
}

/* A word of a socat address: what has a meaning there gets a backslash. */
static void
append_socat_word (GString    *address,
                   const char *word)
{
  for (; *word != '\0'; word++)
    {
      if ((uint8_t) *word < 0x80 && !g_ascii_isalnum (*word) && strchr ("/._-@+=~", *word) == NULL)
        g_string_append_c (address, '\\');
      g_string_append_c (address, *word);
    }
}

static void
append_socat_host (GString           *address,
                   const PtlEndpoint *endpoint)
{
  g_autofree char *host = ptl_copy_host (endpoint);

  if (endpoint->host_kind == PTL_HOST_IPV6)
    g_string_append_printf (address, "[%s]", host);
  else
    g_string_append (address, host);
}

static void
append_socat_port (GString           *address,
                   const PtlEndpoint *endpoint)
{
  if (endpoint->service != NULL)
    g_string_append (address, endpoint->service);
  else
    g_string_append_printf (address, "%u", endpoint->port);
}

/* The options of the address; false: one that socat does not have. */
static bool
append_socat_options (const PtlCopy *copy,
                      GString       *address,
                      GError       **error)
{
  static const char *const names[][2] = {
    { "SO_REUSEADDR", "reuseaddr" }, { "SO_REUSEPORT", "reuseport" },
    { "IPV6_V6ONLY", "ipv6only" }, { "TCP_NODELAY", "nodelay" }, { "SO_KEEPALIVE", "keepalive" },
    { "TCP_KEEPIDLE", "keepidle" }, { "TCP_KEEPINTVL", "keepintvl" }, { "TCP_KEEPCNT", "keepcnt" },
    { "SO_RCVBUF", "rcvbuf" }, { "SO_SNDBUF", "sndbuf" }, { "SO_LINGER", "linger" },
    { "SO_BROADCAST", "broadcast" }, { "IP_TTL", "ttl" }, { "IP_TOS", "tos" },
    { "IPV6_UNICAST_HOPS", "ipv6-unicast-hops" }, { "IPV6_TCLASS", "ipv6-tclass" },
    { "IP_MULTICAST_TTL", "ip-multicast-ttl" }, { "IP_MULTICAST_LOOP", "ip-multicast-loop" },
  };
  const PtlSpec *spec = copy->spec;
  PtlCopyOption options[PTL_COPY_OPTIONS_MAX];
  size_t n = ptl_copy_get_options (copy, options);

  for (size_t i = 0; i < n; i++)
    {
      const char *name = NULL;

      if (options[i].kind == PTL_COPY_DEVICE)
        {
          g_string_append (address, ",so-bindtodevice=");
          append_socat_word (address, spec->options.device);
          continue;
        }
      /* One socket for both families: IPv4 comes to it, too. */
      if (copy->domain == AF_UNSPEC && options[i].family != AF_UNSPEC)
        {
          if (strcmp (options[i].name, "IPV6_V6ONLY") != 0)
            {
              cannot (error, _("socat needs to know whether it is IPv4 or IPv6 to set %s"),
                      options[i].name);
              return false;
            }
          continue;
        }
      for (size_t k = 0; k < G_N_ELEMENTS (names) && name == NULL; k++)
        if (strcmp (names[k][0], options[i].name) == 0)
          name = names[k][1];
      if (name == NULL)
        {
          cannot (error, _("socat has no option for %s"), options[i].name);
          return false;
        }
      g_string_append_printf (address, ",%s=%d", name, options[i].value);
    }

  for (unsigned i = 0; i < spec->n_groups; i++)
    {
      char text[PTL_ADDRESS_TEXT_MAX];
      const PtlGroup *group = &spec->groups[i];

      if (ptl_address_get_family (&group->group) != AF_INET)
        {
          if (copy->domain == AF_INET)
            continue;
          cannot (error, _("socat joins IPv6 groups only by the number of an interface"));
          return false;
        }
      g_string_append_printf (address, ",ip-add-membership=%s:",
                              ptl_address_format_host (&group->group, text, sizeof text));
      if (group->device[0] != '\0')
        append_socat_word (address, group->device);
      else
        g_string_append (address, "0.0.0.0");
    }
  if (spec->connect_timeout_ms != 0)
    g_string_append_printf (address, ",connect-timeout=%u.%03u", spec->connect_timeout_ms / 1000,
                            spec->connect_timeout_ms % 1000);
  return true;
}

static bool
is_plain_name (const PtlEndpoint *endpoint)
{
  return strchr (endpoint->host, '\\') == NULL;
}

/* Can socat do what this session does? */
static bool
check_socat (const PtlCopy *copy,
             GError       **error)
{
  const PtlSpec *spec = copy->spec;
  const PtlEndpoint *endpoint = &spec->endpoints[0];
  bool abstract = endpoint->host_kind == PTL_HOST_UNIX_ABSTRACT;

  if (!check_common (copy, "socat", error))
    return false;
  if (spec->reaction == PTL_REACTION_GREETING)
    cannot (error, _("socat greets only by a script of its own"));
  else if (abstract && !is_plain_name (endpoint))
    cannot (error, _("socat cannot be given a name with these characters"));
  else if (spec->role == PTL_ROLE_LISTEN && copy->datagram && spec->max_peers != 0)
    cannot (error, _("socat does not count the sources of datagrams"));
  else if (spec->has_local && spec->local.host_kind == PTL_HOST_UNIX_ABSTRACT && !abstract)
    cannot (error, _("socat takes two paths or two abstract names"));
  else
    return true;
  return false;
}

/* One socket for both families is an IPv6 one. */
static bool
is_six (const PtlCopy *copy)
{
  return copy->domain == AF_INET6 ||
         (copy->domain == AF_UNSPEC && copy->spec->role == PTL_ROLE_LISTEN);
}

/* Up to the colon: "TCP4-LISTEN:". */
static void
append_socat_type (GString       *address,
                   const PtlCopy *copy)
{
  const PtlSpec *spec = copy->spec;
  bool listen = spec->role == PTL_ROLE_LISTEN;
  bool react = spec->reaction == PTL_REACTION_ECHO;
  bool abstract = spec->endpoints[0].host_kind == PTL_HOST_UNIX_ABSTRACT;
  const char *version = copy->domain == AF_INET ? "4" : is_six (copy) ? "6" : "";

  switch (spec->transport)
    {
    case PTL_TRANSPORT_TCP:
      g_string_append_printf (address, "TCP%s%s:", version, listen ? "-LISTEN" : "");
      break;
    case PTL_TRANSPORT_UDP:
      g_string_append_printf (address, "UDP%s%s:", version,
                              listen ? react ? "-RECVFROM" : "-RECV"
                              : spec->role == PTL_ROLE_DATAGRAMS ? "-DATAGRAM" : "");
      break;
    case PTL_TRANSPORT_UNIX_STREAM:
    case PTL_TRANSPORT_UNIX_SEQPACKET:
      g_string_append_printf (address, "%s-%s:", abstract ? "ABSTRACT" : "UNIX",
                              listen ? "LISTEN" : "CONNECT");
      break;
    case PTL_TRANSPORT_UNIX_DGRAM:
      g_string_append_printf (address, "%s-%s:", abstract ? "ABSTRACT" : "UNIX",
                              listen ? react ? "RECVFROM" : "RECV" : "SENDTO");
      break;
    case PTL_TRANSPORT_VSOCK:
    default:
      g_string_append_printf (address, "VSOCK-%s:", listen ? "LISTEN" : "CONNECT");
      break;
    }
}

static void
append_socat_endpoint (GString       *address,
                       const PtlCopy *copy)
{
  const PtlEndpoint *endpoint = &copy->spec->endpoints[0];
  bool listen = copy->spec->role == PTL_ROLE_LISTEN;

  switch (endpoint->host_kind)
    {
    case PTL_HOST_UNIX_PATH:
    case PTL_HOST_UNIX_ABSTRACT:
      append_socat_word (address, endpoint->host);
      return;
    case PTL_HOST_VSOCK:
      if (!listen)
        g_string_append_printf (address, "%u:", endpoint->address.vm.svm_cid);
      g_string_append_printf (address, "%u", endpoint->port);
      return;
    default:
      break;
    }

  if (listen)
    {
      append_socat_port (address, endpoint);
      if (endpoint->host_kind != PTL_HOST_ANY)
        {
          g_string_append (address, ",bind=");
          append_socat_host (address, endpoint);
        }
      if (copy->domain == AF_UNSPEC)
        g_string_append (address, ",ipv6only=0");
      return;
    }
  if (endpoint->host_kind == PTL_HOST_ANY)
    g_string_append (address, copy->domain == AF_INET6 ? "[::]" : "0.0.0.0");
  else
    append_socat_host (address, endpoint);
  g_string_append_c (address, ':');
  append_socat_port (address, endpoint);
}

static void
append_socat_local (GString       *address,
                    const PtlCopy *copy)
{
  const PtlEndpoint *local = &copy->spec->local;

  g_string_append (address, ",bind=");
  if (copy->domain == AF_UNIX)
    append_socat_word (address, local->host);
  else if (copy->domain == AF_VSOCK)
    g_string_append_printf (address, "%u:%u", local->address.vm.svm_cid, local->port);
  else
    {
      if (local->host_kind == PTL_HOST_ANY)
        g_string_append (address, is_six (copy) ? "[::]" : "0.0.0.0");
      else
        append_socat_host (address, local);
      if (local->service != NULL || local->port != 0)
        {
          g_string_append_c (address, ':');
          append_socat_port (address, local);
        }
    }
}

/* What only a listener has. */
static void
append_socat_listening (GString       *address,
                        const PtlCopy *copy)
{
  const PtlSpec *spec = copy->spec;

  if (!copy->datagram || spec->reaction == PTL_REACTION_ECHO)
    g_string_append (address, ",fork");
  if (!copy->datagram && spec->options.backlog != PTL_OPTION_UNSET)
    g_string_append_printf (address, ",backlog=%d", spec->options.backlog);
  if (spec->max_peers != 0)
    g_string_append_printf (address, ",max-children=%u", spec->max_peers);
  if (spec->endpoints[0].host_kind == PTL_HOST_UNIX_PATH)
    g_string_append (address, ",unlink-early");
}

/* The program, with what comes before and after the address. */
static char *
make_socat_line (const PtlCopy *copy,
                 const char    *address)
{
  const PtlSpec *spec = copy->spec;
  g_autoptr (GString) line = g_string_new (NULL);
  bool listen = spec->role == PTL_ROLE_LISTEN;
  bool react = spec->reaction == PTL_REACTION_ECHO;
  uint32_t wait_ms = ptl_copy_wait_ms (copy);

  if (copy->message != NULL && !listen)
    {
      g_autofree char *command = printf_command (copy->message, copy->message_len);

      g_string_append_printf (line, "%s | ", command);
    }
  g_string_append (line, "socat");
  if (listen && !react)
    g_string_append (line, " -u");
  if (spec->idle_timeout_ms != 0)
    g_string_append_printf (line, " -T %u.%03u", wait_ms / 1000, wait_ms % 1000);
  /* After the end of input: how long answers are waited for. */
  if (!listen && copy->message != NULL)
    g_string_append_printf (line, " -t %u", copy->datagram ? MAX (1, wait_ms / 1000) : 3600);
  if (!listen)
    g_string_append (line, " -");
  g_string_append_c (line, ' ');
  append_quoted (line, address);
  if (listen)
    g_string_append (line, react ? " PIPE"
                           : spec->reaction == PTL_REACTION_DISCARD ? " OPEN:/dev/null" : " -");
  return g_strdup (line->str);
}

char *
ptl_copy_socat (const PtlCopy *copy,
                GError       **error)
{
  const PtlSpec *spec = copy->spec;
  g_autoptr (GString) address = g_string_new (NULL);

  if (!check_socat (copy, error))
    return NULL;

  append_socat_type (address, copy);
  append_socat_endpoint (address, copy);
  if (spec->transport == PTL_TRANSPORT_UNIX_SEQPACKET)
    g_string_append_printf (address, ",type=%d", SOCK_SEQPACKET);
  if (spec->has_local)
    append_socat_local (address, copy);
  if (!append_socat_options (copy, address, error))
    return NULL;
  if (spec->role == PTL_ROLE_LISTEN)
    append_socat_listening (address, copy);
  return make_socat_line (copy, address->str);
}
