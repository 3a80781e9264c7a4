/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ports to check, as people type them. */
#include "config.h"

#include "probe/ptl-port-check-list.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-parse.h"

#define EN_DASH "\xe2\x80\x93"

void
ptl_port_set_add (PtlPortSet       *set,
                  PtlPortTransport  transport,
                  uint16_t          port)
{
  if (port != 0)
    set->bits[transport][port / 64] |= UINT64_C (1) << (port % 64);
}

bool
ptl_port_set_has (const PtlPortSet *set,
                  PtlPortTransport  transport,
                  uint16_t          port)
{
  return (set->bits[transport][port / 64] >> (port % 64) & 1) != 0;
}

size_t
ptl_port_set_count (const PtlPortSet *set)
{
  size_t n = 0;

  for (unsigned i = 0; i < PTL_PORT_N_TRANSPORTS; i++)
    for (size_t j = 0; j < G_N_ELEMENTS (set->bits[i]); j++)
      n += (size_t) __builtin_popcountll (set->bits[i][j]);
  return n;
}

static void
add_range (PtlPortSet *set,
           unsigned    mask,
           uint32_t    first,
           uint32_t    last)
{
  for (unsigned i = 0; i < PTL_PORT_N_TRANSPORTS; i++)
    if ((mask & 1u << i) != 0)
      for (uint32_t port = first; port <= last; port++)
        ptl_port_set_add (set, i, (uint16_t) port);
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_end (char c)
{
  return c == '\0' || c == ',' || c == ';' || is_space (c);
}

/* The length of a dash at @text, or 0. */
static size_t
dash_length (const char *text)
{
  if (*text == '-')
    return 1;
  return strncmp (text, EN_DASH, strlen (EN_DASH)) == 0 ? strlen (EN_DASH) : 0;
}

/* The length of @phrase at @text, in any case and with any white space between its words; 0: it is
 * not there. */
static size_t
phrase_length (const char *text,
               const char *phrase)
{
  size_t i = 0;

  for (const char *p = phrase; *p != '\0'; p++)
    if (*p == ' ')
      {
        if (!is_space (text[i]))
          return 0;
        while (is_space (text[i]))
          i++;
      }
    else if (g_ascii_tolower (text[i]) != *p)
      return 0;
    else
      i++;
  return is_end (text[i]) || text[i] == '/' ? i : 0;
}

/* A number at @text[*i]; NULL, or why not, with *@i at the culprit. */
static char *
parse_number (const char *text,
              size_t     *i,
              uint32_t   *number)
{
  size_t start = *i;

  *number = 0;
  for (; g_ascii_isdigit (text[*i]); (*i)++)
    {
      *number = *number * 10 + (uint32_t) (text[*i] - '0');
      if (*number > UINT16_MAX)
        {
          *i = start;
          return g_strdup (_("a port is at most 65535"));
        }
    }
  if (*number == 0)
    {
      *i = start;
      return g_strdup (_("port 0 stands for “any”: there is nothing to check"));
    }
  return NULL;
}

/* "/tcp", "/udp" or nothing, then the end of the entry. */
static char *
parse_transport (const char *text,
                 size_t     *i,
                 unsigned   *mask)
{
  if (text[*i] == '/')
    {
      const char *word = text + *i + 1;

      if (g_ascii_strncasecmp (word, "tcp", 3) == 0 && is_end (word[3]))
        *mask = PTL_PORT_MASK_TCP;
      else if (g_ascii_strncasecmp (word, "udp", 3) == 0 && is_end (word[3]))
        *mask = PTL_PORT_MASK_UDP;
      else
        {
          (*i)++;
          return g_strdup (_("after “/” comes tcp or udp"));
        }
      *i += 4;
    }
  if (!is_end (text[*i]))
    return g_strdup (_("a comma or a space is wanted between two entries"));
  return NULL;
}

/* Where the digits and dashes at @text[i] are a whole entry, and not the start of a name such as
 * "9pfs" or "3com-tsmux". */
static bool
is_numeric (const char *text,
            size_t      i)
{
  if (!g_ascii_isdigit (text[i]) && dash_length (text + i) == 0)
    return false;
  while (g_ascii_isdigit (text[i]) || dash_length (text + i) > 0)
    i += MAX (dash_length (text + i), 1);
  return !g_ascii_isalpha (text[i]) && text[i] != '_';
}

static char *
parse_range (PtlPortSet *set,
             const char *text,
             size_t     *i,
             unsigned    mask)
{
  uint32_t first = 1, last = UINT16_MAX;
  bool has_first = g_ascii_isdigit (text[*i]), spaced = false;
  size_t look;
  char *why;

  if (has_first)
    {
      why = parse_number (text, i, &first);
      if (why != NULL)
        return why;
      look = *i + ptl_parse_skip_space (text + *i);
      if (dash_length (text + look) == 0)
        last = first;
      else
        {
          spaced = look != *i; /* "8000 - 8100" */
          *i = look;
        }
    }
  if (dash_length (text + *i) > 0)
    {
      *i += dash_length (text + *i);
      look = *i + (spaced ? ptl_parse_skip_space (text + *i) : 0);
      if (g_ascii_isdigit (text[look]))
        {
          *i = look;
          why = parse_number (text, i, &last);
          if (why != NULL)
            return why;
          if (last < first)
            {
              *i = look;
              return g_strdup_printf (_("the range ends before it begins: %u to %u"), first, last);
            }
        }
      else if (!has_first)
        return g_strdup (_("a port is wanted before or after the dash"));
    }
  why = parse_transport (text, i, &mask);
  if (why == NULL)
    add_range (set, mask, first, last);
  return why;
}

static char *
parse_name (PtlPortSet         *set,
            const char         *text,
            size_t             *i,
            unsigned            mask,
            const PtlPortWords *words)
{
  size_t start = *i, len = 0;
  char name[PTL_PORT_LIST_NAME_MAX + 1];
  char *why;

  while (!is_end (text[*i]) && text[*i] != '/')
    {
      char c = text[*i];

      if (!g_ascii_isalnum (c) && strchr ("-_.+*", c) == NULL)
        return g_strdup (_("this is not in the name of a service, nor a port or a range"));
      if (len == PTL_PORT_LIST_NAME_MAX)
        return g_strdup_printf (_("the name of a service has at most %d characters"),
                                PTL_PORT_LIST_NAME_MAX);
      name[len++] = c;
      (*i)++;
    }
  name[len] = '\0';
  if (len == 0)
    return g_strdup (_("a port, a range or the name of a service is wanted"));
  why = parse_transport (text, i, &mask);
  if (why != NULL)
    return why;
  if (words == NULL || !words->add_name (set, name, mask, words->data))
    {
      *i = start;
      return g_strdup_printf (mask == PTL_PORT_MASK_TCP   ? _("there is no service “%s” over TCP")
                              : mask == PTL_PORT_MASK_UDP ? _("there is no service “%s” over UDP")
                                                          : _("there is no service “%s”"),
                              name);
    }
  return NULL;
}

static char *
parse_entry (PtlPortSet         *set,
             const char         *text,
             size_t             *i,
             unsigned            mask,
             const PtlPortWords *words)
{
  size_t len;
  char *why;

  if (is_numeric (text, *i))
    return parse_range (set, text, i, mask);
  len = phrase_length (text + *i, "all");
  if (len > 0)
    {
      *i += len;
      why = parse_transport (text, i, &mask);
      if (why == NULL)
        add_range (set, mask, 1, UINT16_MAX);
      return why;
    }
  len = phrase_length (text + *i, "protocols to know");
  if (len == 0)
    len = phrase_length (text + *i, "known");
  if (len > 0)
    {
      size_t start = *i;

      *i += len;
      why = parse_transport (text, i, &mask);
      if (why == NULL && (words == NULL || !words->add_name (set, NULL, mask, words->data)))
        {
          *i = start;
          why = g_strdup (_("the reference has no protocols over this transport"));
        }
      return why;
    }
  return parse_name (set, text, i, mask, words);
}

bool
ptl_port_list_parse (PtlPortSet         *set,
                     const char         *text,
                     unsigned            mask,
                     const PtlPortWords *words,
                     size_t             *at,
                     GError            **error)
{
  bool any = false;
  size_t i = 0;

  if (strnlen (text, PTL_PORT_LIST_TEXT_MAX + 1) > PTL_PORT_LIST_TEXT_MAX)
    return ptl_parse_fail (error, at, text, 0,
                           g_strdup_printf (_("a list has at most %d characters"),
                                            PTL_PORT_LIST_TEXT_MAX));
  for (;;)
    {
      char *why;

      while (text[i] != '\0' && is_end (text[i]))
        i++;
      if (text[i] == '\0')
        break;
      why = parse_entry (set, text, &i, mask, words);
      if (why != NULL)
        return ptl_parse_fail (error, at, text, i, why);
      any = true;
    }
  if (!any)
    return ptl_parse_fail (error, at, text, i,
                           g_strdup (_("a port, a range or the name of a service is wanted")));
  return true;
}
