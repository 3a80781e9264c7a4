/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parsers of the values of options: numbers, sizes, times, words. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-spec-private.h"

/* A whole number with an optional unit; SI letters mean 1024, as sizes of memory do. */
char *
ptl_parse_number (const char *text,
              uint64_t    min,
              uint64_t    max,
              bool        is_size,
              uint64_t   *value,
              size_t     *at)
{
  size_t i = 0;
  uint64_t number = 0;
  unsigned shift = 0;

  *at = 0;
  while (g_ascii_isdigit (text[i]))
    {
      if (__builtin_mul_overflow (number, 10, &number)
          || __builtin_add_overflow (number, (uint64_t) (text[i] - '0'), &number))
        goto out_of_range;
      i++;
    }
  if (i == 0)
    return g_strdup (_("a number goes here"));
  if (is_size && text[i] != '\0')
    switch (text[i])
      {
      case 'k':
      case 'K':
        shift = 10;
        i++;
        break;
      case 'm':
      case 'M':
        shift = 20;
        i++;
        break;
      case 'g':
      case 'G':
        shift = 30;
        i++;
        break;
      default:
        break;
      }
  if (text[i] != '\0')
    {
      *at = i;
      return g_strdup (is_size ? _("behind a size only k, M or G may stand")
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
      char *why = ptl_parse_number (text, 0, (uint64_t) max, false, &number, at);

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
