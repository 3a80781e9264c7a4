/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parsers of the values of options: numbers, sizes, times, words. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "base/ptl-parse.h"
#include "base/ptl-spec-private.h"

/* What may stand behind the digits of a size: "k", "KiB" or "kB", spaces before it.  The number of
 * bytes of it, and in *@shift what it means; 0 when it is something else. */
static size_t
parse_unit (const char *text,
            unsigned   *shift)
{
  static const char letters[] = "kmg";
  size_t len = strspn (text, " ");
  const char *letter = text[len] != '\0' ? strchr (letters, g_ascii_tolower (text[len])) : NULL;

  *shift = letter != NULL ? 10 * (unsigned) (letter - letters + 1) : 0;
  if (letter != NULL)
    len++;
  if (letter != NULL && text[len] == 'i')
    {
      if (text[len + 1] != 'B')
        return 0;
      len++;
    }
  if (text[len] == 'B')
    len++;
  return text[len] == '\0' ? len : 0;
}

char *
ptl_parse_number (const char    *text,
                  PtlNumberKind  kind,
                  uint64_t       min,
                  uint64_t       max,
                  uint64_t      *value,
                  size_t        *at)
{
  bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && g_ascii_isxdigit (text[2]);
  size_t start = hex ? 2 : 0;
  size_t i = start;
  uint64_t number = 0;
  unsigned shift = 0;

  *at = 0;
  if (kind == PTL_NUMBER_TOS)
    for (const PtlName *name = ptl_dscp_names; name->name != NULL; name++)
      if (g_ascii_strcasecmp (name->name, text) == 0)
        {
          *value = (uint64_t) name->value << 2;
          return NULL;
        }
  while (hex ? g_ascii_isxdigit (text[i]) : g_ascii_isdigit (text[i]))
    {
      if (__builtin_mul_overflow (number, hex ? 16 : 10, &number)
          || __builtin_add_overflow (number, (uint64_t) g_ascii_xdigit_value (text[i]), &number))
        goto out_of_range;
      i++;
    }
  if (i == start)
    return kind == PTL_NUMBER_TOS
             ? g_strdup (_("a number goes here, or a name such as ef, cs1, af11 or le"))
             : g_strdup (_("a number goes here"));
  if (kind == PTL_NUMBER_SIZE && !hex)
    i += parse_unit (text + i, &shift);
  if (text[i] != '\0')
    {
      *at = i;
      return g_strdup (kind == PTL_NUMBER_SIZE ? _("behind a size only k, M or G may stand")
                                               : _("a number has only digits"));
    }
  if (number > UINT64_MAX >> shift)
    goto out_of_range;
  number <<= shift;
  if (number < min || number > max)
    goto out_of_range;
  *value = number;
  return NULL;

out_of_range:
  return g_strdup_printf (_("the number is from %" PRIu64 " to %" PRIu64),
                          min, max);
}

bool
ptl_spec_parse_number (const char    *text,
                       PtlNumberKind  kind,
                       uint64_t       min,
                       uint64_t       max,
                       uint64_t      *value,
                       GError       **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  size_t at = 0;
  char *why = ptl_parse_number (trimmed, kind, min, max, value, &at);

  if (why == NULL)
    return true;
  if (at > 0 || !g_ascii_isdigit (trimmed[0]))
    return ptl_parse_fail (error, NULL, trimmed, at, why);
  g_set_error_literal (error, PTL_ERROR, PTL_ERROR_LIMIT, why);
  g_free (why);
  return false;
}

/* "5", "1.5", "5s", "500ms", "2m", to milliseconds. */
char *
ptl_parse_time (const char *text,
            uint32_t   *ms,
            size_t     *at)
{
  uint64_t value = 0; /* in thousandths of the unit */
  uint64_t factor;
  unsigned decimals = 0;
  bool any = false;
  size_t i = 0;

  *at = 0;
  for (; g_ascii_isdigit (text[i]); i++)
    {
      any = true;
      if (value < UINT64_C (1) << 40)
        value = value * 10 + (uint64_t) (text[i] - '0');
    }
  value *= 1000;
  if (any && text[i] == '.')
    {
      uint64_t weight = 100;

      for (i++; g_ascii_isdigit (text[i]); i++, weight /= 10, decimals++)
        value += (uint64_t) (text[i] - '0') * weight;
      any = decimals > 0;
    }
  if (!any)
    {
      *at = i;
      return g_strdup (_("a time goes here: seconds, or with “ms”, “s” or “m” behind it"));
    }
  if (strcmp (text + i, "ms") == 0)
    factor = 1;
  else if (strcmp (text + i, "s") == 0 || text[i] == '\0')
    factor = 1000;
  else if (strcmp (text + i, "m") == 0 || strcmp (text + i, "min") == 0)
    factor = 60 * 1000;
  else
    {
      *at = i;
      return g_strdup (_("behind a time only “ms”, “s” or “m” may stand"));
    }
  value = value * factor / 1000;
  if (value > UINT32_MAX)
    return g_strdup (_("a time is at most 4294967 seconds"));
  *ms = (uint32_t) value;
  return NULL;
}

/* A word of @names, or with @max >= 0 a number up to it. */
char *
ptl_parse_word (const PtlName *names,
            const char *text,
            int         max,
            int        *value,
            size_t     *at)
{
  g_autoptr (GString) all = NULL;
  uint64_t number;

  *at = 0;
  for (const PtlName *name = names; name->name != NULL; name++)
    if (g_ascii_strcasecmp (name->name, text) == 0)
      {
        *value = name->value;
        return NULL;
      }
  if (max >= 0 && g_ascii_isdigit (text[0]))
    {
      char *why = ptl_parse_number (text, PTL_NUMBER_PLAIN, 0, (uint64_t) max, &number, at);

      if (why == NULL)
        *value = (int) number;
      return why;
    }

  all = g_string_new (NULL);
  for (const PtlName *name = names; name->name != NULL; name++)
    g_string_append_printf (all, "%s%s", all->len > 0 ? ", " : "", name->name);
  if (max >= 0)
    return g_strdup_printf (_("a number goes here, or one of: %s"), all->str);
  return g_strdup_printf (_("one of these goes here: %s"), all->str);
}
