/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts and ports: the parser, and the way back to text. */
#include "config.h"

#include "base/ptl-endpoint.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <arpa/inet.h>
#include <net/if.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "base/ptl-parse.h"

bool
ptl_parse_fail (GError    **error,
                size_t     *at,
                const char *text,
                size_t      offset,
                char       *why)
{
  g_autofree char *reason = why;
  g_autofree char *name = NULL;
  size_t number = 1;
  gunichar character;

  if (at != NULL)
    *at = offset;
  if (error == NULL)
    return false;

  for (size_t i = 0; i < offset && text[i] != '\0'; number++)
    {
      character = g_utf8_get_char_validated (text + i, -1);
      i += (gint32) character < 0 ? 1 : g_unichar_to_utf8 (character, NULL);
    }

  character = g_utf8_get_char_validated (text + offset, -1);
  if (text[offset] == '\0')
    name = g_strdup (_("the end"));
  else if ((gint32) character < 0)
    name = g_strdup_printf (_("byte 0x%02X"), (uint8_t) text[offset]);
  else if (character == ' ')
    name = g_strdup (_("a space"));
  else if (ptl_codec_is_safe_char (character) && !g_unichar_ismark (character))
    name = g_strdup_printf ("“%.*s”", g_unichar_to_utf8 (character, NULL), text + offset);
  else
    name = g_strdup_printf ("U+%04X", character);

  /* Translators: as in "character 4, “x”: this is not a hexadecimal digit". */
  g_set_error (error, PTL_ERROR, PTL_ERROR_PARSE, _("character %zu, %s: %s"), number, name, reason);
  return false;
}

static size_t
skip_space (const char *text)
{
  size_t at = 0;

  while (g_ascii_isspace (text[at]))
    at++;
  return at;
}

static size_t
len_without_space (const char *text)
{
  size_t len = strlen (text);

  while (len > 0 && g_ascii_isspace (text[len - 1]))
    len--;
  return len;
}

static void
set_in (PtlEndpoint *endpoint,
        PtlHostKind  kind,
        uint32_t     ipv4)
{
  endpoint->host_kind = kind;
  endpoint->address.len = sizeof endpoint->address.in;
  endpoint->address.in.sin_family = AF_INET;
  endpoint->address.in.sin_addr.s_addr = htonl (ipv4);
}

/* Are @n bytes a number, as a label of a host: digits, or 0x and digits? */
static bool
is_number_label (const char *label,
                 size_t      n)
{
  size_t i = 0;
  bool hex = n >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');

  if (n == 0)
    return false;
  for (i = hex ? 2 : 0; i < n; i++)
    if (hex ? !g_ascii_isxdigit (label[i]) : !g_ascii_isdigit (label[i]))
      return false;
  return true;
}

/* Is the whole host made of numbers?  Then it is an address or an error, never a name; a resolver
 * would read 1.2.3 as 1.2.0.3 (inet_aton(3)). */
static bool
looks_numeric (const char *text)
{
  bool any = false;

  for (const char *label = text;;)
    {
      size_t n = strcspn (label, ".");

      if (n > 0)
        {
          if (!is_number_label (label, n))
            return false;
          any = true;
        }
      if (label[n] == '\0')
        return any;
      label += n + 1;
    }
}

static char *
parse_integer_host (PtlEndpoint *endpoint,
                    const char  *text,
                    size_t      *at)
{
  bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  uint64_t value = 0;

  if (hex && text[2] == '\0')
    {
      *at = 2;
      return g_strdup (_("hexadecimal digits are missing here"));
    }
  if (!hex && text[0] == '0' && text[1] != '\0')
    {
      *at = 0;
      return g_strdup (_("a number with a leading zero could be meant as octal; "
                         "write it without, or as 0x…"));
    }
  for (size_t i = hex ? 2 : 0; text[i] != '\0'; i++)
    {
      value = value * (hex ? 16 : 10) + (uint64_t) g_ascii_xdigit_value (text[i]);
      if (value > UINT32_MAX)
        {
          *at = i;
          return g_strdup (hex ? _("the number is more than 0xffffffff, the highest IPv4 address")
                               : _("the number is more than 4294967295, "
                                   "the highest IPv4 address"));
        }
    }
  set_in (endpoint, PTL_HOST_IPV4, (uint32_t) value);
  return NULL;
}

static char *
parse_dotted_quad (PtlEndpoint *endpoint,
                   const char  *text,
                   size_t      *at)
{
  uint32_t value = 0;
  unsigned n_numbers = 0;
  const char *label = text;

  for (;;)
    {
      size_t n = strcspn (label, ".");
      unsigned number = 0;

      *at = (size_t) (label - text);
      if (n_numbers == 4)
        {
          *at -= 1;
          return g_strdup (_("an IPv4 address has four numbers, here are more"));
        }
      if (n == 0)
        return g_strdup (_("a number is missing here; an IPv4 address is four numbers, "
                           "as in 127.0.0.1"));
      if (n > 1 && label[0] == '0')
        return g_strdup (g_ascii_isdigit (label[1])
                         ? _("a number with a leading zero could be meant as octal")
                         : _("the numbers of a dotted IPv4 address are decimal"));
      for (size_t i = 0; i < n; i++)
        {
          number = number * 10 + (unsigned) (label[i] - '0');
          if (number > 255)
            return g_strdup_printf (_("%.*s is more than 255"), (int) MIN (n, 20), label);
        }
      value = value << 8 | number;
      n_numbers++;
      if (label[n] == '\0')
        break;
      label += n + 1;
    }
  if (n_numbers != 4)
    {
      *at = strlen (text);
      return g_strdup_printf (ngettext ("an IPv4 address has four numbers, here is %u",
                                        "an IPv4 address has four numbers, here are %u",
                                        n_numbers), n_numbers);
    }
  set_in (endpoint, PTL_HOST_IPV4, value);
  return NULL;
}

char *
ptl_parse_device (const char *text,
                  size_t      len_bytes,
                  size_t     *at)
{
  if (len_bytes == 0)
    {
      *at = 0;
      return g_strdup (_("the name of an interface is missing here"));
    }
  if (len_bytes >= IF_NAMESIZE)
    {
      *at = IF_NAMESIZE - 1;
      return g_strdup_printf (_("an interface's name has at most %d bytes"), IF_NAMESIZE - 1);
    }
  for (size_t i = 0; i < len_bytes;)
    {
      gunichar character = g_utf8_get_char_validated (text + i, (gssize) (len_bytes - i));

      *at = i;
      if ((gint32) character < 0)
        return g_strdup (_("this is not UTF-8"));
      if (!ptl_codec_is_safe_char (character) || g_unichar_isspace (character)
          || (character < 0x80 && strchr ("/:%[]?#&", (int) character) != NULL))
        return g_strdup (_("an interface's name does not have this character"));
      i += (size_t) g_unichar_to_utf8 (character, NULL);
    }
  return NULL;
}

/* Where inet_pton(3) only says no: the character, and why. */
static char *
explain_ipv6 (const char *text,
              size_t      len,
              size_t     *at)
{
  unsigned n_groups = 0;
  bool gap = false;
  size_t i = 0;

  for (i = 0; i < len; i++)
    if (!g_ascii_isxdigit (text[i]) && text[i] != ':' && text[i] != '.')
      {
        *at = i;
        return g_strdup (_("an IPv6 address has hexadecimal digits and colons"));
      }
  if (len > 0 && text[0] == ':' && (len < 2 || text[1] != ':'))
    {
      *at = 0;
      return g_strdup (_("an IPv6 address does not start with a single colon"));
    }

  for (i = 0; i < len;)
    {
      size_t n = 0;

      if (text[i] == ':')
        {
          if (i + 1 < len && text[i + 1] == ':')
            {
              *at = i;
              if (gap)
                return g_strdup (_("“::” may stand only once"));
              gap = true;
              i += 2;
              if (i < len && text[i] == ':')
                {
                  *at = i;
                  return g_strdup (_("three colons in a row"));
                }
            }
          else
            {
              *at = i++;
              if (i == len)
                return g_strdup (_("an IPv6 address does not end with a single colon"));
            }
          continue;
        }
      while (i + n < len && g_ascii_isxdigit (text[i + n]))
        n++;
      if (i + n < len && text[i + n] == '.')
        {
          PtlEndpoint quad = { 0 };
          g_autofree char *tail = g_strndup (text + i, len - i);
          size_t tail_at = 0;
          char *why;

          *at = i;
          if (strchr (tail, ':') != NULL)
            return g_strdup (_("an IPv4 address may only be at the end"));
          if (!looks_numeric (tail))
            return g_strdup (_("this is not a dotted IPv4 address"));
          why = parse_dotted_quad (&quad, tail, &tail_at);
          if (why != NULL)
            {
              *at = i + tail_at;
              return why;
            }
          n_groups += 2;
          break;
        }
      if (n > 4)
        {
          *at = i + 4;
          return g_strdup (_("a group of an IPv6 address has at most four digits"));
        }
      n_groups++;
      if (n_groups > 8)
        {
          *at = i;
          return g_strdup (_("an IPv6 address has eight groups, here are more"));
        }
      i += n;
    }

  *at = len;
  if (n_groups < 8 && !gap)
    return g_strdup_printf (ngettext ("an IPv6 address has eight groups, here is %u",
                                      "an IPv6 address has eight groups, here are %u",
                                      n_groups), n_groups);
  *at = 0;
  return g_strdup (_("this is not an IPv6 address"));
}

static char *
parse_ipv6 (PtlEndpoint *endpoint,
            const char  *text, /* without brackets */
            size_t      *at)
{
  const char *percent = strchr (text, '%');
  size_t len = percent != NULL ? (size_t) (percent - text) : strlen (text);
  g_autofree char *digits = g_strndup (text, len);

  endpoint->host_kind = PTL_HOST_IPV6;
  endpoint->address.len = sizeof endpoint->address.in6;
  endpoint->address.in6.sin6_family = AF_INET6;
  if (inet_pton (AF_INET6, digits, &endpoint->address.in6.sin6_addr) != 1)
    return explain_ipv6 (text, len, at);

  if (percent != NULL)
    {
      const char *zone = percent + 1;
      size_t start = len + 1;

      if (zone[0] == '\0')
        {
          *at = start;
          return g_strdup (_("a zone is missing here: the name or number of an interface"));
        }
      if (zone[strspn (zone, "0123456789")] == '\0')
        {
          uint64_t number = strlen (zone) > 10 ? UINT64_MAX : g_ascii_strtoull (zone, NULL, 10);

          *at = start;
          if (number == 0)
            return g_strdup (_("a zone's number is at least 1"));
          if (number > UINT32_MAX)
            return g_strdup (_("a zone's number is at most 4294967295"));
          endpoint->address.in6.sin6_scope_id = (uint32_t) number;
        }
      else
        {
          char *why = ptl_parse_device (zone, strlen (zone), at);

          if (why != NULL)
            {
              *at += start;
              return why;
            }
          endpoint->address.in6.sin6_scope_id = if_nametoindex (zone);
        }
      endpoint->zone = g_strdup (zone);
    }
  return NULL;
}

static char *
parse_name (PtlEndpoint *endpoint,
            const char  *text,
            size_t      *at)
{
  size_t label_chars = 0;
  size_t chars = 0;

  endpoint->host_kind = PTL_HOST_NAME;
  if (text[0] == '-')
    {
      *at = 0;
      return g_strdup (g_ascii_isdigit (text[1]) ? _("an address is not negative")
                                                 : _("a name does not start with a hyphen"));
    }
  for (size_t i = 0; text[i] != '\0';)
    {
      gunichar character = g_utf8_get_char_validated (text + i, -1);

      *at = i;
      if ((gint32) character < 0)
        return g_strdup (_("this is not UTF-8"));

      if (character == '.')
        {
          if (label_chars == 0)
            return g_strdup (i == 0 ? _("a name does not start with a dot")
                                    : _("between two dots a label is missing"));
          label_chars = 0;
        }
      else
        {
          if (character < 0x80 ? !g_ascii_isalnum ((char) character)
                                 && character != '-' && character != '_'
                               : (!ptl_codec_is_safe_char (character)
                                  && character != 0x200c && character != 0x200d)
                                 || g_unichar_isspace (character))
            switch (character)
              {
              case '/':
                return g_strdup (_("a host has no “/”; a whole address with scheme and path "
                                   "does not go here"));
              case '@':
                return g_strdup (_("a host has no “@”; a user's name does not go here"));
              case '<':
                return g_strdup (_("only <broadcast> is written in angle brackets"));
              case '%':
                return g_strdup (_("only an IPv6 address has a zone"));
              default:
                return g_strdup (_("a host's name does not have this character"));
              }
          if (++label_chars > PTL_HOST_LABEL_MAX)
            return g_strdup_printf (_("a label of a name has at most %d characters"),
                                    PTL_HOST_LABEL_MAX);
        }
      i += (size_t) g_unichar_to_utf8 (character, NULL);
      chars++;
      if (chars > PTL_HOST_NAME_MAX && !(chars == PTL_HOST_NAME_MAX + 1 && character == '.'
                                         && text[i] == '\0'))
        return g_strdup_printf (_("a name has at most %d characters"), PTL_HOST_NAME_MAX);
    }
  return NULL;
}

/* @text has no space around it. */
static char *
parse_trimmed_host (PtlEndpoint *endpoint,
                    const char  *text,
                    size_t      *at)
{
  const char *colon = strchr (text, ':');
  size_t len = strlen (text);
  char *why;

  if (len == 0 || strcmp (text, "*") == 0)
    {
      endpoint->host_kind = PTL_HOST_ANY;
      endpoint->host = g_strdup (text);
      return NULL;
    }
  if (g_ascii_strcasecmp (text, "<broadcast>") == 0)
    {
      set_in (endpoint, PTL_HOST_BROADCAST, INADDR_BROADCAST);
      endpoint->host = g_strdup ("<broadcast>");
      return NULL;
    }
  if (text[0] == '[')
    {
      const char *close = strchr (text, ']');

      if (close == NULL)
        {
          *at = len;
          return g_strdup (_("the bracket is not closed"));
        }
      if (close[1] != '\0')
        {
          *at = (size_t) (close - text) + 1;
          return g_strdup (close[1] == ':' ? _("the port has a field of its own")
                                           : _("nothing follows the closing bracket"));
        }
      endpoint->host = g_strndup (text + 1, len - 2);
      why = parse_ipv6 (endpoint, endpoint->host, at);
      if (why != NULL)
        *at += 1;
      return why;
    }
  if (colon != NULL)
    {
      if (strncmp (colon, "://", 3) == 0)
        {
          *at = (size_t) (colon - text);
          return g_strdup (_("only the host goes here, without “scheme://”"));
        }
      if (strchr (colon + 1, ':') == NULL)
        {
          *at = (size_t) (colon - text);
          return g_strdup (_("the port has a field of its own, "
                             "and an IPv6 address two colons at least"));
        }
      endpoint->host = g_strdup (text);
      return parse_ipv6 (endpoint, text, at);
    }

  endpoint->host = g_strdup (text);
  if (looks_numeric (text))
    return strchr (text, '.') == NULL ? parse_integer_host (endpoint, text, at)
                                      : parse_dotted_quad (endpoint, text, at);
  return parse_name (endpoint, text, at);
}

char *
ptl_parse_host (PtlEndpoint *endpoint,
                const char  *text,
                size_t      *at)
{
  size_t start = skip_space (text);
  size_t end = MAX (len_without_space (text), start);
  g_autofree char *trimmed = g_strndup (text + start, end - start);
  char *why = parse_trimmed_host (endpoint, trimmed, at);

  if (why != NULL)
    *at += start;
  return why;
}

char *
ptl_parse_port (PtlEndpoint *endpoint,
                const char  *text,
                size_t      *at)
{
  size_t start = skip_space (text);
  size_t end = MAX (len_without_space (text), start);
  const char *port = text + start;
  size_t n = end - start;
  size_t n_digits = strspn (port, "0123456789");
  bool has_letter = false;

  *at = start;
  if (n == 0)
    return g_strdup (_("a port is missing: a number or the name of a service"));

  if (n_digits == n)
    {
      uint32_t value = 0;

      for (size_t i = 0; i < n; i++)
        {
          value = value * 10 + (uint32_t) (port[i] - '0');
          if (value > UINT16_MAX)
            return g_strdup (_("a port is a number from 0 to 65535"));
        }
      endpoint->port = value;
      ptl_address_set_port (&endpoint->address, (uint16_t) value);
      return NULL;
    }

  if (port[0] == '0' && (port[1] == 'x' || port[1] == 'X'))
    {
      *at = start + 1;
      return g_strdup (_("a port is a decimal number"));
    }
  if (port[0] == '-' || port[0] == '+')
    return g_strdup (_("a port is a number from 0 to 65535 without a sign"));

  for (size_t i = 0; i < n; i++)
    {
      *at = start + i;
      if (i == PTL_SERVICE_NAME_MAX)
        return g_strdup_printf (_("a service's name has at most %d characters"),
                                PTL_SERVICE_NAME_MAX);
      if (g_ascii_isalpha (port[i]))
        has_letter = true;
      else if (!g_ascii_isdigit (port[i]) && strchr ("-_.+", port[i]) == NULL)
        return g_strdup (port[i] == ',' ? _("one port goes here")
                                        : _("a port is a number or the name of a service, "
                                            "which do not have this character"));
    }
  if (!has_letter)
    {
      *at = start + n_digits;
      return g_strdup (_("one number goes here; the name of a service has a letter"));
    }
  endpoint->service = g_strndup (port, n);
  return NULL;
}

static const struct
{
  const char *name;
  uint32_t    cid;
} context_ids[] = {
  { "any", VMADDR_CID_ANY },
  { "hypervisor", VMADDR_CID_HYPERVISOR },
  { "local", VMADDR_CID_LOCAL },
  { "host", VMADDR_CID_HOST },
};

/* A number of 32 bits, trimmed; false: it is not. */
static bool
read_u32 (const char *text,
          uint32_t   *value)
{
  uint64_t wide = 0;

  if (text[0] == '\0')
    return false;
  for (; *text != '\0'; text++)
    {
      if (!g_ascii_isdigit (*text))
        return false;
      wide = wide * 10 + (uint64_t) (*text - '0');
      if (wide > UINT32_MAX)
        return false;
    }
  *value = (uint32_t) wide;
  return true;
}

char *
ptl_parse_cid (PtlEndpoint *endpoint,
               const char  *text,
               size_t      *at)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  uint32_t cid = VMADDR_CID_ANY;
  bool known = trimmed[0] == '\0' || strcmp (trimmed, "*") == 0 || read_u32 (trimmed, &cid);

  for (size_t i = 0; i < G_N_ELEMENTS (context_ids) && !known; i++)
    if (g_ascii_strcasecmp (trimmed, context_ids[i].name) == 0)
      {
        cid = context_ids[i].cid;
        known = true;
      }
  if (!known)
    {
      *at = skip_space (text);
      return g_strdup (_("a context id is a number up to 4294967295, "
                         "or “any”, “hypervisor”, “local”, “host”"));
    }
  endpoint->host_kind = PTL_HOST_VSOCK;
  endpoint->host = g_steal_pointer (&trimmed);
  endpoint->address.len = sizeof endpoint->address.vm;
  endpoint->address.vm.svm_family = AF_VSOCK;
  endpoint->address.vm.svm_cid = cid;
  return NULL;
}

static char *
parse_vsock_port (PtlEndpoint *endpoint,
                  const char  *text,
                  size_t      *at)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));

  if (g_ascii_strcasecmp (trimmed, "any") == 0)
    endpoint->port = VMADDR_PORT_ANY;
  else if (!read_u32 (trimmed, &endpoint->port))
    {
      *at = skip_space (text);
      return g_strdup (_("a vsock port is a number up to 4294967295, or “any”"));
    }
  endpoint->address.vm.svm_port = endpoint->port;
  return NULL;
}

char *
ptl_parse_both (PtlEndpoint *endpoint,
                const char  *text,
                const char  *default_port,
                bool         vsock,
                size_t      *at)
{
  size_t start = skip_space (text);
  size_t end = MAX (len_without_space (text), start);
  g_autofree char *host = NULL;
  const char *port = NULL; /* in @text */
  char *why;

  if (text[start] == '[')
    {
      const char *close = memchr (text + start, ']', end - start);

      if (close == NULL)
        {
          *at = end;
          return g_strdup (_("the bracket is not closed"));
        }
      host = g_strndup (text + start, (size_t) (close + 1 - text) - start);
      if (close[1] == ':')
        port = close + 2;
      else if ((size_t) (close + 1 - text) < end)
        {
          *at = (size_t) (close + 1 - text);
          return g_strdup (_("only “:” and a port may follow the bracket"));
        }
    }
  else
    {
      const char *colon = memchr (text + start, ':', end - start);

      if (colon != NULL && memchr (colon + 1, ':', end - (size_t) (colon + 1 - text)) == NULL)
        {
          host = g_strndup (text + start, (size_t) (colon - text) - start);
          port = colon + 1;
        }
      else
        host = g_strndup (text + start, end - start);
    }

  why = vsock ? ptl_parse_cid (endpoint, host, at) : ptl_parse_host (endpoint, host, at);
  if (why != NULL)
    {
      *at += start;
      return why;
    }

  if (port == NULL || port[strspn (port, " \t\r\n\v\f")] == '\0')
    {
      if (default_port == NULL)
        {
          *at = end;
          return g_strdup (_("a port is missing: “:” and a number or the name of a service"));
        }
      why = vsock ? parse_vsock_port (endpoint, default_port, at)
                  : ptl_parse_port (endpoint, default_port, at);
      if (why != NULL)
        *at = end;
      return why;
    }
  why = vsock ? parse_vsock_port (endpoint, port, at) : ptl_parse_port (endpoint, port, at);
  if (why != NULL)
    *at += (size_t) (port - text);
  return why;
}

char *
ptl_parse_unix (PtlEndpoint *endpoint,
                const char  *text,
                size_t      *at)
{
  size_t name_max = sizeof endpoint->address.un.sun_path - 1;
  size_t len;

  *at = 0;
  if (text[0] == '@')
    {
      g_autoptr (GError) error = NULL;
      g_autofree uint8_t *name = ptl_codec_parse_text (text + 1, &len, at, &error);

      if (name == NULL)
        {
          const char *why = strstr (error->message, ": ");

          *at += 1;
          return g_strdup (why != NULL ? why + 2 : error->message);
        }
      *at = 1;
      if (len == 0)
        return g_strdup (_("a name is missing after “@”"));
      if (len > name_max)
        return g_strdup_printf (_("the name has %zu bytes, a socket's has at most %zu"),
                                len, name_max);
      endpoint->host_kind = PTL_HOST_UNIX_ABSTRACT;
      ptl_address_set_unix (&endpoint->address, (const char *) name, len, true);
      endpoint->host = ptl_codec_to_escaped (name, len);
      return NULL;
    }

  len = strlen (text);
  if (len == 0)
    return g_strdup (_("a path is missing: “/run/x.sock”, or “@” and a name"));
  for (size_t i = 0; i < len;)
    {
      gunichar character = g_utf8_get_char_validated (text + i, -1);

      *at = i;
      if ((gint32) character < 0)
        return g_strdup (_("this is not UTF-8"));
      if (!ptl_codec_is_safe_char (character))
        return g_strdup (_("a path with this character is not safe to show"));
      i += (size_t) g_unichar_to_utf8 (character, NULL);
    }
  if (len > name_max)
    {
      *at = name_max;
      return g_strdup_printf (_("the path has %zu bytes, a socket's has at most %zu"),
                              len, name_max);
    }
  endpoint->host_kind = PTL_HOST_UNIX_PATH;
  ptl_address_set_unix (&endpoint->address, text, len, false);
  endpoint->host = g_strdup (text);
  return NULL;
}

void
ptl_endpoint_clear (PtlEndpoint *endpoint)
{
  if (endpoint == NULL)
    return;

  g_free (endpoint->host);
  g_free (endpoint->zone);
  g_free (endpoint->service);
  memset (endpoint, 0, sizeof *endpoint);
}

void
ptl_endpoint_copy (PtlEndpoint       *to,
                   const PtlEndpoint *from)
{
  *to = *from;
  to->host = g_strdup (from->host);
  to->zone = g_strdup (from->zone);
  to->service = g_strdup (from->service);
}

bool
ptl_endpoint_equal (const PtlEndpoint *a,
                    const PtlEndpoint *b)
{
  if (a->host_kind != b->host_kind || a->port != b->port
      || g_strcmp0 (a->service, b->service) != 0 || g_strcmp0 (a->zone, b->zone) != 0)
    return false;

  switch (a->host_kind)
    {
    case PTL_HOST_ANY:
    case PTL_HOST_BROADCAST:
      return true;
    case PTL_HOST_NAME:
      return g_strcmp0 (a->host, b->host) == 0;
    case PTL_HOST_IPV6:
      /* Not the scope id: the zone's interface may have come or gone in between. */
      return IN6_ARE_ADDR_EQUAL (&a->address.in6.sin6_addr, &b->address.in6.sin6_addr);
    case PTL_HOST_IPV4:
    case PTL_HOST_UNIX_PATH:
    case PTL_HOST_UNIX_ABSTRACT:
    case PTL_HOST_VSOCK:
    default:
      return ptl_address_equal_host (&a->address, &b->address);
    }
}

/* Puts the reason into words; on success nothing is left to do but to say so. */
static bool
finish (PtlEndpoint *endpoint,
        const char  *text,
        size_t       offset,
        char        *why,
        size_t      *at,
        GError     **error)
{
  if (why == NULL)
    return true;
  ptl_endpoint_clear (endpoint);
  return ptl_parse_fail (error, at, text, offset, why);
}

bool
ptl_endpoint_parse_host_port (PtlEndpoint *endpoint,
                              const char  *host,
                              const char  *port,
                              size_t      *at,
                              bool        *in_port,
                              GError     **error)
{
  size_t offset = 0;
  char *why;

  memset (endpoint, 0, sizeof *endpoint);
  if (in_port != NULL)
    *in_port = false;
  why = ptl_parse_host (endpoint, host, &offset);
  if (why != NULL)
    return finish (endpoint, host, offset, why, at, error);

  why = ptl_parse_port (endpoint, port, &offset);
  if (why != NULL && in_port != NULL)
    *in_port = true;
  return finish (endpoint, port, offset, why, at, error);
}

bool
ptl_endpoint_parse_vsock (PtlEndpoint *endpoint,
                          const char  *cid,
                          const char  *port,
                          size_t      *at,
                          bool        *in_port,
                          GError     **error)
{
  size_t offset = 0;
  char *why;

  memset (endpoint, 0, sizeof *endpoint);
  if (in_port != NULL)
    *in_port = false;
  why = ptl_parse_cid (endpoint, cid, &offset);
  if (why != NULL)
    return finish (endpoint, cid, offset, why, at, error);

  why = parse_vsock_port (endpoint, port, &offset);
  if (why != NULL && in_port != NULL)
    *in_port = true;
  return finish (endpoint, port, offset, why, at, error);
}

bool
ptl_endpoint_parse (PtlEndpoint *endpoint,
                    const char  *text,
                    const char  *default_port,
                    size_t      *at,
                    GError     **error)
{
  size_t offset = 0;
  char *why;

  memset (endpoint, 0, sizeof *endpoint);
  why = ptl_parse_both (endpoint, text, default_port, false, &offset);
  return finish (endpoint, text, offset, why, at, error);
}

bool
ptl_endpoint_parse_unix (PtlEndpoint *endpoint,
                         const char  *text,
                         size_t      *at,
                         GError     **error)
{
  size_t offset = 0;
  char *why;

  memset (endpoint, 0, sizeof *endpoint);
  why = ptl_parse_unix (endpoint, text, &offset);
  return finish (endpoint, text, offset, why, at, error);
}

char *
ptl_endpoint_to_text (const PtlEndpoint *endpoint)
{
  switch (endpoint->host_kind)
    {
    case PTL_HOST_UNIX_PATH:
      return endpoint->host[0] == '@' ? g_strconcat ("./", endpoint->host, NULL)
                                      : g_strdup (endpoint->host);
    case PTL_HOST_UNIX_ABSTRACT:
      return g_strconcat ("@", endpoint->host, NULL);
    case PTL_HOST_VSOCK:
      if (endpoint->port == VMADDR_PORT_ANY)
        return g_strdup_printf ("%s:any", endpoint->host);
      return g_strdup_printf ("%s:%u", endpoint->host, endpoint->port);
    case PTL_HOST_IPV6:
      if (endpoint->service != NULL)
        return g_strdup_printf ("[%s]:%s", endpoint->host, endpoint->service);
      return g_strdup_printf ("[%s]:%u", endpoint->host, endpoint->port);
    case PTL_HOST_ANY:
    case PTL_HOST_BROADCAST:
    case PTL_HOST_IPV4:
    case PTL_HOST_NAME:
    default:
      if (endpoint->service != NULL)
        return g_strdup_printf ("%s:%s", endpoint->host, endpoint->service);
      return g_strdup_printf ("%s:%u", endpoint->host, endpoint->port);
    }
}
