/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text with escapes and hex as pasted, to bytes. */
#include "config.h"

#include "base/ptl-codec.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-parse.h"

/* @n hex digits at @text; -1: there is one that is not, or the end. */
static int64_t
read_hex (const char *text,
          unsigned    n)
{
  int64_t value = 0;

  for (unsigned i = 0; i < n; i++)
    {
      int digit = g_ascii_xdigit_value (text[i]); /* -1 at the NUL, too */

      if (digit < 0)
        return -1;
      value = value << 4 | digit;
    }
  return value;
}

uint8_t *
ptl_codec_parse_text (const char *text,
                      size_t     *len_bytes,
                      size_t     *at,
                      GError    **error)
{
  size_t len = strlen (text);
  g_autofree uint8_t *bytes = g_malloc (len + 1); /* no escape is shorter than what it stands for */
  size_t n = 0;
  size_t i = 0;

  *len_bytes = 0;
  while (i < len)
    {
      uint32_t character;
      unsigned width;
      int64_t value;

      if (text[i] != '\\')
        {
          width = ptl_parse_utf8 ((const uint8_t *) text + i, len - i, &character);
          if (width == 0)
            {
              ptl_parse_fail (error, at, text, i, g_strdup (_("this is not UTF-8")));
              return NULL;
            }
          memcpy (bytes + n, text + i, width);
          n += width;
          i += width;
          continue;
        }

      switch (text[i + 1])
        {
        case 'n':
          bytes[n++] = '\n';
          i += 2;
          break;
        case 'r':
          bytes[n++] = '\r';
          i += 2;
          break;
        case 't':
          bytes[n++] = '\t';
          i += 2;
          break;
        case 'a':
          bytes[n++] = '\a';
          i += 2;
          break;
        case 'b':
          bytes[n++] = '\b';
          i += 2;
          break;
        case 'e':
          bytes[n++] = 0x1b;
          i += 2;
          break;
        case 'f':
          bytes[n++] = '\f';
          i += 2;
          break;
        case 'v':
          bytes[n++] = '\v';
          i += 2;
          break;
        case '\\':
        case '"':
        case '\'':
          bytes[n++] = (uint8_t) text[i + 1];
          i += 2;
          break;

        case 'x':
          value = read_hex (text + i + 2, 2);
          if (value < 0)
            {
              ptl_parse_fail (error, at, text, i,
                              g_strdup (_("“\\x” is followed by two hexadecimal digits")));
              return NULL;
            }
          bytes[n++] = (uint8_t) value;
          i += 4;
          break;

        case 'u':
        case 'U':
          width = text[i + 1] == 'u' ? 4 : 8;
          value = read_hex (text + i + 2, width);
          if (value < 0)
            {
              ptl_parse_fail (error, at, text, i,
                              g_strdup (width == 4
                                        ? _("“\\u” is followed by four hexadecimal digits")
                                        : _("“\\U” is followed by eight hexadecimal digits")));
              return NULL;
            }
          if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            {
              ptl_parse_fail (error, at, text, i,
                              g_strdup (value > 0x10ffff
                                        ? _("there is no character above U+10FFFF")
                                        : _("this is half of a surrogate pair, no character")));
              return NULL;
            }
          n += (size_t) g_unichar_to_utf8 ((gunichar) value, (char *) bytes + n);
          i += 2 + width;
          break;

        case '0' ... '7':
          {
            size_t start = i++;
            unsigned octal = 0;

            for (unsigned k = 0; k < 3 && text[i] >= '0' && text[i] <= '7'; k++)
              octal = octal * 8 + (unsigned) (text[i++] - '0');
            if (octal > 0377)
              {
                ptl_parse_fail (error, at, text, start,
                                g_strdup (_("an octal escape goes up to \\377")));
                return NULL;
              }
            bytes[n++] = (uint8_t) octal;
          }
          break;

        case '\0':
          ptl_parse_fail (error, at, text, i,
                          g_strdup (_("an escape is begun and not ended; “\\\\” is a backslash")));
          return NULL;

        default:
          ptl_parse_fail (error, at, text, i + 1,
                          g_strdup (_("no escape is called so; “\\\\” is a backslash")));
          return NULL;
        }
    }

  bytes[n] = 0;
  *len_bytes = n;
  return g_steal_pointer (&bytes);
}

/* Hex as pasted.  A line that is a row of a dump has an offset first; what else there is, is free
 * text of digits and separators. */
typedef struct
{
  const char *text;
  size_t      len;
  size_t      at;      /* where the parser is, and on failure the culprit */
  uint8_t    *bytes;
  size_t      n;
  bool        in_dump; /* the line before was a row of a dump */
  uint64_t    expect;  /* the offset its successor has */
} Hex;

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static bool
at_line_end (const Hex *hex,
             size_t     at)
{
  while (at < hex->len && is_blank (hex->text[at]))
    at++;
  return at >= hex->len || hex->text[at] == '\n';
}

/* Is the line at hex->at a row of a dump?  *@start: after its offset; *@xxd: which style. */
static bool
is_dump_row (const Hex *hex,
             size_t    *start,
             uint64_t  *offset,
             bool      *xxd)
{
  const char *text = hex->text;
  size_t at = hex->at;
  size_t n_digits = 0;
  size_t n_blanks = 0;

  *offset = 0;
  while (at < hex->len && is_blank (text[at]))
    at++;
  while (g_ascii_isxdigit (text[at]) && n_digits < 16)
    {
      *offset = *offset << 4 | (uint64_t) g_ascii_xdigit_value (text[at]);
      at++;
      n_digits++;
    }
  if (n_digits < 4)
    return false;

  *xxd = text[at] == ':';
  if (*xxd)
    at++;
  while (at < hex->len && is_blank (text[at]))
    {
      at++;
      n_blanks++;
    }
  *start = at;
  if (*xxd)
    return n_blanks > 0 || at_line_end (hex, at);

  /* The last line of a dump has only the offset. */
  if (at_line_end (hex, at))
    return hex->in_dump && *offset == hex->expect;

  /* Two blanks and then pairs; the offset of a first row is a multiple of the row's width. */
  if (n_blanks < 2
      || !g_ascii_isxdigit (text[at]) || !g_ascii_isxdigit (text[at + 1])
      || (!is_blank (text[at + 2]) && !at_line_end (hex, at + 2)))
    return false;
  return hex->in_dump ? *offset == hex->expect : *offset % 16 == 0;
}

static char *
parse_dump_row (Hex     *hex,
                bool     xxd,
                uint64_t offset)
{
  const char *text = hex->text;
  size_t before = hex->n;
  unsigned blanks = 0;

  while (hex->at < hex->len && text[hex->at] != '\n')
    {
      char c = text[hex->at];

      if (is_blank (c))
        {
          blanks++;
          hex->at++;
          continue;
        }
      /* The text column comes after a bar, a gap, or a full row. */
      if (hex->n > before || !g_ascii_isxdigit (c))
        if ((!xxd && (c == '|' || blanks > 2 || (hex->n - before == 16 && blanks > 1)))
            || (xxd && blanks > 1))
          break;
      if (!g_ascii_isxdigit (c))
        return g_strdup (_("this is not a hexadecimal digit"));
      if (!g_ascii_isxdigit (text[hex->at + 1]))
        return g_strdup (_("a byte has two digits, this one stands alone"));
      hex->bytes[hex->n++] = (uint8_t) read_hex (text + hex->at, 2);
      hex->at += 2;
      blanks = 0;
    }
  while (hex->at < hex->len && text[hex->at] != '\n')
    hex->at++;
  hex->in_dump = true;
  hex->expect = offset + (hex->n - before);
  return NULL;
}

/* One line, or what is left of it, in free form. @prefixed: inside braces every number says its
 * base. */
static char *
parse_free (Hex   *hex,
            size_t end,
            bool   stop_at_line,
            bool   prefixed)
{
  const char *text = hex->text;

  while (hex->at < end)
    {
      char c = text[hex->at];
      size_t run = 0;
      bool has_prefix = false;

      if (c == '\n' && stop_at_line)
        break;
      if (strchr (" \t\r\n,;:-\"'", c) != NULL)
        {
          hex->at++;
          continue;
        }
      if (c == '/' && text[hex->at + 1] == '*')
        {
          const char *close = strstr (text + hex->at + 2, "*/");

          if (close == NULL)
            return g_strdup (_("a comment is begun and not ended"));
          hex->at = (size_t) (close - text) + 2;
          continue;
        }
      if (c == '/' && text[hex->at + 1] == '/')
        {
          while (hex->at < end && text[hex->at] != '\n')
            hex->at++;
          continue;
        }
      if (c == 'b' && (text[hex->at + 1] == '\'' || text[hex->at + 1] == '"'))
        {
          hex->at++; /* of Python */
          continue;
        }
      if ((uint8_t) c >= 0x80)
        {
          uint32_t character;
          unsigned width = ptl_parse_utf8 ((const uint8_t *) text + hex->at,
                                           hex->len - hex->at, &character);

          if (width > 0 && g_unichar_isspace (character))
            {
              hex->at += width;
              continue;
            }
          return g_strdup (_("this is not a hexadecimal digit"));
        }
      if ((c == '\\' && text[hex->at + 1] == 'x')
          || (c == '0' && (text[hex->at + 1] == 'x' || text[hex->at + 1] == 'X')))
        {
          has_prefix = true;
          hex->at += 2;
        }
      while (g_ascii_isxdigit (text[hex->at + run]))
        run++;

      if (run == 0)
        {
          if (has_prefix)
            return g_strdup (_("hexadecimal digits are missing here"));
          if (c == '*')
            return g_strdup (_("“*” stands for rows that the dump left out: "
                               "they are not known here"));
          return g_strdup (_("this is not a hexadecimal digit"));
        }
      if (prefixed && !has_prefix)
        return g_strdup (_("in braces a number starts with 0x"));
      if (has_prefix && run == 1)
        {
          hex->bytes[hex->n++] = (uint8_t) read_hex (text + hex->at, 1);
          hex->at++;
          continue;
        }
      if (run % 2 != 0)
        {
          hex->at += run - 1;
          return run == 1 ? g_strdup (_("a byte has two digits, this one stands alone"))
                          : g_strdup_printf (_("a byte has two digits, here are %zu"), run);
        }
      for (size_t i = 0; i < run; i += 2)
        hex->bytes[hex->n++] = (uint8_t) read_hex (text + hex->at + i, 2);
      hex->at += run;
    }
  return NULL;
}

static char *
parse_lines (Hex *hex)
{
  const char *brace = memchr (hex->text, '{', hex->len);
  uint64_t offset;
  size_t start;
  bool xxd;

  /* A brace in the text column of a dump is only text. */
  while (g_ascii_isspace (hex->text[hex->at]))
    hex->at++;
  if (brace != NULL && !is_dump_row (hex, &start, &offset, &xxd))
    {
      const char *close = strchr (brace, '}');

      hex->at = (size_t) (brace - hex->text);
      if (close == NULL)
        return g_strdup (_("the brace is not closed"));
      hex->at++;
      return parse_free (hex, (size_t) (close - hex->text), false, true);
    }

  while (hex->at < hex->len)
    {
      char *why;

      if (is_dump_row (hex, &start, &offset, &xxd))
        {
          hex->at = start;
          why = parse_dump_row (hex, xxd, offset);
        }
      else
        why = parse_free (hex, hex->len, true, false);
      if (why != NULL)
        return why;
      if (hex->at < hex->len)
        hex->at++; /* the line's end */
    }
  return NULL;
}

uint8_t *
ptl_codec_parse_hex (const char *text,
                     size_t     *len_bytes,
                     size_t     *at,
                     GError    **error)
{
  Hex hex = { .text = text, .len = strlen (text) };
  char *why;

  *len_bytes = 0;
  hex.bytes = g_malloc (hex.len + 1); /* a byte takes one character at least */
  why = parse_lines (&hex);
  if (why != NULL)
    {
      ptl_parse_fail (error, at, text, hex.at, why);
      g_free (hex.bytes);
      return NULL;
    }
  hex.bytes[hex.n] = 0;
  *len_bytes = hex.n;
  return hex.bytes;
}
