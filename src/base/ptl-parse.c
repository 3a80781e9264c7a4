/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parsers of hosts, ports, paths and interfaces. */
#include "config.h"

#include "base/ptl-parse.h"

#include <string.h>

#include <arpa/inet.h>
#include <net/if.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"

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

size_t
ptl_parse_skip_space (const char *text)
{
  size_t at = 0;

  while (g_ascii_isspace (text[at]))
    at++;
  return at;
}

size_t
ptl_parse_len_trimmed (const char *text)
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

bool
ptl_parse_looks_numeric (const char *text)
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

/* Where in @text, which does not look like it, a character stands that IDNA makes a digit or a dot,
 * so that what a resolver gets looks numeric after all (UTS #46, section 4); -1 if none does. */
static ssize_t
find_folded_digit (const char *text)
{
  g_autofree char *folded = g_utf8_normalize (text, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autoptr (GString) dotted = g_string_new (folded);
  size_t at = 0;

  g_string_replace (dotted, "\u3002", ".", 0);
  if (folded == NULL || strcmp (dotted->str, text) == 0 || !ptl_parse_looks_numeric (dotted->str))
    return -1;
  while ((guchar) text[at] < 0x80)
    at++;
  return (ssize_t) at;
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
          if (!ptl_parse_looks_numeric (tail))
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
  ssize_t folded_at;

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

  folded_at = find_folded_digit (text);
  if (folded_at >= 0)
    {
      *at = (size_t) folded_at;
      return g_strdup (_("an address is written with the digits 0 to 9 and with full stops"));
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

  /* "" as it is written in a program is the empty host. */
  if (len == 0 || strcmp (text, "*") == 0 || strcmp (text, "\"\"") == 0)
    {
      endpoint->host_kind = PTL_HOST_ANY;
      endpoint->host = g_strdup (text[0] == '"' ? "" : text);
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
  if (ptl_parse_looks_numeric (text))
    return strchr (text, '.') == NULL ? parse_integer_host (endpoint, text, at)
                                      : parse_dotted_quad (endpoint, text, at);
  return parse_name (endpoint, text, at);
}

char *
ptl_parse_host (PtlEndpoint *endpoint,
                const char  *text,
                size_t      *at)
{
  size_t start = ptl_parse_skip_space (text);
  size_t end = MAX (ptl_parse_len_trimmed (text), start);
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
  size_t start = ptl_parse_skip_space (text);
  size_t end = MAX (ptl_parse_len_trimmed (text), start);
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
