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

/* Text with escapes, and how far it was read. */
typedef struct
{
  const char *text;
  size_t      len;
  size_t      at;    /* where the parser is, and on failure the culprit */
  uint8_t    *bytes;
  size_t      n;
} Text;

/* What one letter stands for, after a backslash; -1: none of these. */
static int
get_letter_escape (char letter)
{
  static const char letters[] = "nrtabefv\\\"'";
  static const uint8_t values[] = "\n\r\t\a\b\x1b\f\v\\\"'";
  const char *found = letter != '\0' ? strchr (letters, letter) : NULL;

  return found != NULL ? values[found - letters] : -1;
}

static char *
parse_character (Text *t)
{
  uint32_t character;
  unsigned width = ptl_parse_utf8 ((const uint8_t *) t->text + t->at, t->len - t->at, &character);

  if (width == 0)
    return g_strdup (_("this is not UTF-8"));
  memcpy (t->bytes + t->n, t->text + t->at, width);
  t->n += width;
  t->at += width;
  return NULL;
}

static char *
parse_byte_escape (Text *t)
{
  int64_t value = read_hex (t->text + t->at + 2, 2);

  if (value < 0)
    return g_strdup (_("“\\x” is followed by two hexadecimal digits"));
  t->bytes[t->n++] = (uint8_t) value;
  t->at += 4;
  return NULL;
}

static char *
parse_unicode_escape (Text *t)
{
  unsigned width = t->text[t->at + 1] == 'u' ? 4 : 8;
  int64_t value = read_hex (t->text + t->at + 2, width);

  if (value < 0)
    return g_strdup (width == 4 ? _("“\\u” is followed by four hexadecimal digits")
                                : _("“\\U” is followed by eight hexadecimal digits"));
  if (value > 0x10ffff)
    return g_strdup (_("there is no character above U+10FFFF"));
  if (value >= 0xd800 && value <= 0xdfff)
    return g_strdup (_("this is half of a surrogate pair, no character"));
  t->n += (size_t) g_unichar_to_utf8 ((gunichar) value, (char *) t->bytes + t->n);
  t->at += 2 + width;
  return NULL;
}

static char *
parse_octal_escape (Text *t)
{
  size_t end = t->at + 1;
  unsigned octal = 0;

  for (unsigned k = 0; k < 3 && t->text[end] >= '0' && t->text[end] <= '7'; k++)
    octal = octal * 8 + (unsigned) (t->text[end++] - '0');
  if (octal > 0377)
    return g_strdup (_("an octal escape goes up to \\377"));
  t->bytes[t->n++] = (uint8_t) octal;
  t->at = end;
  return NULL;
}

static char *
parse_escape (Text *t)
{
  char letter = t->text[t->at + 1];
  int value = get_letter_escape (letter);

  if (value >= 0)
    {
      t->bytes[t->n++] = (uint8_t) value;
      t->at += 2;
      return NULL;
    }
  switch (letter)
    {
    case 'x':
      return parse_byte_escape (t);
    case 'u':
    case 'U':
      return parse_unicode_escape (t);
    case '0' ... '7':
      return parse_octal_escape (t);
    case '\0':
      return g_strdup (_("an escape is begun and not ended; “\\\\” is a backslash"));
    default:
      t->at++;
      return g_strdup (_("no escape is called so; “\\\\” is a backslash"));
    }
}

uint8_t *
ptl_codec_parse_text (const char *text,
                      size_t     *len_bytes,
                      size_t     *at,
                      GError    **error)
{
  Text t = { .text = text, .len = strlen (text) };

  *len_bytes = 0;
  t.bytes = g_malloc (t.len + 1); /* no escape is shorter than what it stands for */
  while (t.at < t.len)
    {
      char *why = text[t.at] == '\\' ? parse_escape (&t) : parse_character (&t);

      if (why != NULL)
        {
          ptl_parse_fail (error, at, text, t.at, why);
          g_free (t.bytes);
          return NULL;
        }
    }
  t.bytes[t.n] = 0;
  *len_bytes = t.n;
  return t.bytes;
}

/* Hex as pasted.  A line that is a row of a dump has an offset first; what else there is, is free
 * text of digits and separators.  Rows as the usual programs write them:
 *   00000000  50 79 74  |Pyt|       hexdump -C; tshark, Wireshark with other gaps
 *   00000000: 5079 74  Pyt          xxd
 *           0x0000:  5079 74  Pyt   tcpdump -x, -X
 *   0x7ffe50:  0x50 0x79 0x74       gdb x/xb
 *   000000 50 79 74  >Pyt<          od -A x -t x1, and with other bases of the offset
 *   000003                          the end of those without a colon */
typedef struct
{
  const char *text;
  size_t      len;
  size_t      at;      /* where the parser is, and on failure the culprit */
  uint8_t    *bytes;
  size_t      n;
  bool        in_dump; /* the line before was a row of a dump */
  unsigned    base;    /* that its offset is written in */
  uint64_t    expect;  /* the offset its successor has */
} Hex;

typedef struct
{
  size_t   start;  /* what is after its offset */
  bool     colon;  /* after its offset */
  unsigned base;
  uint64_t offset;
} Row;

#define OFFSET_DIGITS_MIN 4
#define OFFSET_DIGITS_MAX 16
#define OD_DIGITS_MIN 6 /* od -A x writes six at least, with other bases seven */
#define ROW_BYTES 16

static const char another_row[] = N_("here another row begins, and is not on a line of its own");

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static size_t
skip_blanks (const Hex *hex,
             size_t     at)
{
  while (at < hex->len && is_blank (hex->text[at]))
    at++;
  return at;
}

static bool
at_line_end (const Hex *hex,
             size_t     at)
{
  at = skip_blanks (hex, at);
  return at >= hex->len || hex->text[at] == '\n';
}

static size_t
count_digits (const char *text,
              size_t      at)
{
  size_t n = 0;

  while (g_ascii_isxdigit (text[at + n]))
    n++;
  return n;
}

/* The number at @at is @offset in that base. */
static bool
is_offset (const char *text,
           size_t      at,
           unsigned    base,
           uint64_t    offset)
{
  size_t n = count_digits (text, at);
  uint64_t value = 0;

  if (n < OFFSET_DIGITS_MIN || n > OFFSET_DIGITS_MAX)
    return false;
  for (size_t i = 0; i < n; i++)
    {
      unsigned digit = (unsigned) g_ascii_xdigit_value (text[at + i]);

      if (digit >= base)
        return false;
      value = value * base + digit;
    }
  return value == offset;
}

static uint64_t
read_offset (const char *text,
             size_t      at,
             size_t      n,
             unsigned    base)
{
  uint64_t value = 0;

  for (size_t i = 0; i < n; i++)
    value = value * base + (uint64_t) g_ascii_xdigit_value (text[at + i]);
  return value;
}

/* The numbers of one size from @at on, up to the line's end or its text: how many bytes they are.
 * @width: the digits of each. */
static size_t
count_bytes (const Hex *hex,
             size_t     at,
             size_t    *width)
{
  size_t n = 0;

  *width = count_digits (hex->text, at);
  if (*width == 0 || *width % 2 != 0)
    return 0;
  while (at < hex->len && count_digits (hex->text, at) == *width
         && (is_blank (hex->text[at + *width]) || at_line_end (hex, at + *width)))
    {
      size_t next = skip_blanks (hex, at + *width);

      n += *width / 2;
      if (next > at + *width + 2)
        break;
      at = next;
    }
  return n;
}

/* The line after the one at @at has that offset, or stands for rows that were left out. */
static bool
is_followed (const Hex *hex,
             size_t     at,
             unsigned   base,
             uint64_t   offset)
{
  while (at < hex->len && hex->text[at] != '\n')
    at++;
  at = skip_blanks (hex, at < hex->len ? at + 1 : at);
  return hex->text[at] == '*' || is_offset (hex->text, at, base, offset);
}

/* Is the line at hex->at a row of a dump? */
static bool
is_dump_row (const Hex *hex,
             Row       *row)
{
  static const unsigned bases[] = { 16, 8, 10 };
  const char *text = hex->text;
  size_t first = skip_blanks (hex, hex->at);
  bool prefixed = text[first] == '0' && text[first + 1] == 'x';
  size_t n_digits, n_bytes, width, gap;

  if (prefixed)
    first += 2;
  n_digits = count_digits (text, first);
  if (n_digits < OFFSET_DIGITS_MIN || n_digits > OFFSET_DIGITS_MAX)
    return false;

  *row = (Row) { .base = 16, .offset = read_offset (text, first, n_digits, 16) };
  row->start = first + n_digits;
  row->colon = text[row->start] == ':';
  if (row->colon)
    row->start++;
  gap = row->start;
  row->start = skip_blanks (hex, gap);
  gap = row->start - gap;
  if (row->colon)
    return gap > 0 || at_line_end (hex, row->start);
  if (prefixed)
    return false;

  if (hex->in_dump && is_offset (text, first, hex->base, hex->expect)
      && (gap > 0 || at_line_end (hex, row->start)))
    {
      row->base = hex->base;
      row->offset = hex->expect;
      return true;
    }
  n_bytes = count_bytes (hex, row->start, &width);
  if (gap == 0 || n_bytes == 0)
    return false;

  /* Two blanks and then pairs; the offset of a first row is a multiple of the row's width. */
  if (width == 2 && gap >= 2 && row->offset % ROW_BYTES == 0)
    return true;
  if (n_digits < OD_DIGITS_MIN)
    return false;
  /* With one blank it might be data: a successor that fits, or a whole row, tells. */
  for (size_t i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      row->base = bases[i];
      row->offset = read_offset (text, first, n_digits, bases[i]);
      if (is_offset (text, first, bases[i], row->offset)
          && (is_followed (hex, row->start, bases[i], row->offset + n_bytes)
              || (width > 2
                  && is_followed (hex, row->start, bases[i], row->offset + n_bytes - 1))))
        return true;
    }
  row->base = 16;
  row->offset = read_offset (text, first, n_digits, 16);
  return width == 2 && n_bytes == ROW_BYTES && row->offset % ROW_BYTES == 0;
}

/* The text column at hex->at, of a row of @n_bytes.  What comes behind it is a remark, or rows that
 * lost their line ends on the way here, which must not be lost with it. */
static char *
skip_text (Hex   *hex,
           size_t n_bytes)
{
  const char *text = hex->text;
  bool has_bars = text[hex->at] == '|' || text[hex->at] == '>';
  /* In characters.  Without bars there may be a gap in the middle. */
  size_t left = n_bytes + (has_bars ? 2 : n_bytes > ROW_BYTES / 2);

  while (hex->at < hex->len && text[hex->at] != '\n' && left-- > 0)
    {
      uint32_t character;
      unsigned width = ptl_parse_utf8 ((const uint8_t *) text + hex->at, hex->len - hex->at,
                                       &character);

      hex->at += MAX (width, 1);
    }
  while (hex->at < hex->len && text[hex->at] != '\n')
    {
      size_t n = count_digits (text, hex->at);
      size_t next = hex->at + n + (text[hex->at + n] == ':');

      if (n >= OFFSET_DIGITS_MIN && is_blank (text[next]))
        {
          next = skip_blanks (hex, next);
          if (g_ascii_isxdigit (text[next]) && g_ascii_isxdigit (text[next + 1]))
            return g_strdup (_(another_row));
        }
      hex->at += MAX (n, 1);
    }
  return NULL;
}

static char *
parse_dump_row (Hex       *hex,
                const Row *row)
{
  const char *text = hex->text;
  size_t before = hex->n;
  unsigned blanks = 0;
  char *why;

  hex->at = row->start;
  while (hex->at < hex->len && text[hex->at] != '\n')
    {
      char c = text[hex->at];
      bool prefixed;
      size_t n;

      if (is_blank (c))
        {
          blanks++;
          hex->at++;
          continue;
        }
      /* The text column comes after a bar, a gap, or a full row. */
      if (hex->n > before || !g_ascii_isxdigit (c))
        if ((!row->colon && (c == '|' || c == '>' || blanks > 2
                             || (hex->n - before == ROW_BYTES && blanks > 1)))
            || (row->colon && blanks > 1))
          break;
      if (!g_ascii_isxdigit (c))
        return g_strdup (_("this is not a hexadecimal digit"));
      prefixed = c == '0' && text[hex->at + 1] == 'x';
      if (prefixed)
        hex->at += 2;
      n = count_digits (text, hex->at);
      if (n == 0)
        return g_strdup (_("hexadecimal digits are missing here"));
      if (n >= OFFSET_DIGITS_MIN && text[hex->at + n] == ':')
        return g_strdup (_(another_row));
      if (n % 2 != 0)
        {
          hex->at += n - 1;
          return n == 1 ? g_strdup (_("a byte has two digits, this one stands alone"))
                        : g_strdup_printf (_("a byte has two digits, here are %zu"), n);
        }
      if (n > 2 && (prefixed || !row->colon))
        return g_strdup (_("this dump is of words, whose order of bytes it does not tell: "
                           "take one of bytes"));
      for (size_t i = 0; i < n; i += 2)
        hex->bytes[hex->n++] = (uint8_t) read_hex (text + hex->at + i, 2);
      hex->at += n;
      blanks = 0;
    }
  why = skip_text (hex, hex->n - before);
  hex->in_dump = true;
  hex->base = row->base;
  hex->expect = row->offset + (hex->n - before);
  return why;
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
  Row row;

  /* A brace in the text column of a dump is only text. */
  while (g_ascii_isspace (hex->text[hex->at]))
    hex->at++;
  if (brace != NULL && !is_dump_row (hex, &row))
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

      if (is_dump_row (hex, &row))
        why = parse_dump_row (hex, &row);
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
