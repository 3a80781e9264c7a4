/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to text and back. */
#include "config.h"

#include "base/ptl-codec.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-parse.h"

/* Marks drawn onto one character before the next ones are spelled out: no script needs more, and
 * a flood of them would be painted over the rows above and below. */
#define MARKS_MAX 4

#define C_ARRAY_COLUMNS 12

static const char hex_digits[] = "0123456789abcdef";

const uint8_t *
ptl_line_end_get_bytes (PtlLineEnd line_end,
                        size_t    *len_bytes)
{
  static const struct
  {
    uint8_t bytes[2];
    uint8_t len;
  } line_ends[PTL_N_LINE_ENDS] = {
    [PTL_LINE_END_NONE] = { "", 0 },
    [PTL_LINE_END_LF] = { "\n", 1 },
    [PTL_LINE_END_CR] = { "\r", 1 },
    [PTL_LINE_END_CRLF] = { { '\r', '\n' }, 2 },
    [PTL_LINE_END_NUL] = { "\0", 1 },
  };

  g_assert ((unsigned) line_end < PTL_N_LINE_ENDS);
  *len_bytes = line_ends[line_end].len;
  return line_ends[line_end].bytes;
}

/* The character that starts at @bytes, and its length; 0 bytes: not UTF-8 (RFC 3629 section 4). */
static unsigned
decode (const uint8_t *bytes,
        size_t         len_bytes,
        uint32_t      *character)
{
  uint8_t first = bytes[0];
  uint32_t value;
  unsigned n;

  if (first < 0x80)
    {
      *character = first;
      return 1;
    }
  if (first >= 0xc2 && first <= 0xdf)
    {
      n = 2;
      value = first & 0x1f;
    }
  else if ((first & 0xf0) == 0xe0)
    {
      n = 3;
      value = first & 0x0f;
    }
  else if (first >= 0xf0 && first <= 0xf4)
    {
      n = 4;
      value = first & 0x07;
    }
  else
    return 0;

  if (n > len_bytes)
    return 0;
  for (unsigned i = 1; i < n; i++)
    {
      if ((bytes[i] & 0xc0) != 0x80)
        return 0;
      value = value << 6 | (bytes[i] & 0x3f);
    }
  if ((n == 3 && (value < 0x800 || (value >= 0xd800 && value <= 0xdfff)))
      || (n == 4 && (value < 0x10000 || value > 0x10ffff)))
    return 0;
  *character = value;
  return n;
}

typedef enum
{
  CLASS_SHOWN,
  CLASS_MARK, /* drawn onto the character before it */
  CLASS_UNSAFE
} CharClass;

static CharClass
classify (uint32_t character)
{
  if (character < 0x7f)
    return character >= 0x20 ? CLASS_SHOWN : CLASS_UNSAFE;

  switch (g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* bidirectional embeddings, overrides and isolates, joiners, tags */
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return CLASS_UNSAFE;
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_SPACING_MARK:
      return CLASS_MARK;
    default:
      return CLASS_SHOWN;
    }
}

bool
ptl_codec_is_safe_char (uint32_t character)
{
  return classify (character) != CLASS_UNSAFE;
}

/* Goes over bytes, and says of each piece whether it can be shown as it is. */
typedef struct
{
  const uint8_t *bytes;
  size_t         left;
  unsigned       marks; /* since the last character that was shown */
  /* The piece: */
  const uint8_t *at;
  unsigned       n_bytes;
  uint32_t       character;
  bool           valid; /* UTF-8; else one byte that is not */
  bool           shown;
} Pieces;

static void
pieces_init (Pieces        *pieces,
             const uint8_t *bytes,
             size_t         len_bytes)
{
  memset (pieces, 0, sizeof *pieces);
  pieces->bytes = bytes;
  pieces->left = len_bytes;
  pieces->marks = MARKS_MAX; /* a mark needs something to stand on */
}

static bool
pieces_next (Pieces *pieces)
{
  if (pieces->left == 0)
    return false;

  pieces->at = pieces->bytes;
  pieces->n_bytes = decode (pieces->bytes, pieces->left, &pieces->character);
  pieces->valid = pieces->n_bytes > 0;
  pieces->shown = false;
  if (!pieces->valid)
    {
      pieces->n_bytes = 1;
      pieces->character = pieces->bytes[0];
      pieces->marks = MARKS_MAX;
    }
  else
    {
      switch (classify (pieces->character))
        {
        case CLASS_SHOWN:
          pieces->shown = true;
          pieces->marks = 0;
          break;
        case CLASS_MARK:
          pieces->shown = pieces->marks < MARKS_MAX;
          if (pieces->shown)
            pieces->marks++;
          break;
        case CLASS_UNSAFE:
        default:
          pieces->marks = MARKS_MAX;
          break;
        }
    }
  pieces->bytes += pieces->n_bytes;
  pieces->left -= pieces->n_bytes;
  return true;
}

/* What stands for a piece that is not shown: at most 10 characters, all of ASCII but for the
 * control pictures.  Returns how many characters. */
static unsigned
stand_in (const Pieces *pieces,
          bool          pictures,
          char          text[16])
{
  uint32_t character = pieces->character;

  if (!pieces->valid)
    {
      g_snprintf (text, 16, "\\x%02x", character);
      return 4;
    }
  if (pictures && (character < 0x20 || character == 0x7f))
    {
      text[g_unichar_to_utf8 (character == 0x7f ? 0x2421 : 0x2400 + character, text)] = '\0';
      return 1;
    }
  if (character < 0x80)
    {
      g_snprintf (text, 16, "\\x%02x", character);
      return 4;
    }
  if (character <= 0xffff)
    {
      g_snprintf (text, 16, "\\u%04X", character);
      return 6;
    }
  g_snprintf (text, 16, "\\U%08X", character);
  return 10;
}

char *
ptl_codec_preview (const uint8_t *bytes,
                   size_t         len_bytes,
                   size_t         max_chars)
{
  GString *out = g_string_sized_new (MIN (len_bytes, max_chars) + 8);
  Pieces pieces;
  size_t n_chars = 0;

  pieces_init (&pieces, bytes, len_bytes);
  while (pieces_next (&pieces))
    {
      if (pieces.shown)
        {
          if (n_chars + 1 > max_chars)
            {
              g_string_append (out, "…");
              break;
            }
          g_string_append_len (out, (const char *) pieces.at, pieces.n_bytes);
          n_chars++;
        }
      else
        {
          char text[16];
          unsigned n;

          if (pieces.character == '\n')
            {
              strcpy (text, "↵");
              n = 1;
            }
          else
            n = stand_in (&pieces, true, text);

          if (n_chars + n > max_chars)
            {
              g_string_append (out, "…");
              break;
            }
          g_string_append (out, text);
          n_chars += n;
        }
    }
  return g_string_free (out, FALSE);
}

char *
ptl_codec_to_text (const uint8_t *bytes,
                   size_t         len_bytes)
{
  GString *out = g_string_sized_new (len_bytes + 16);
  Pieces pieces;

  pieces_init (&pieces, bytes, len_bytes);
  while (pieces_next (&pieces))
    {
      char text[16];

      if (pieces.shown)
        g_string_append_len (out, (const char *) pieces.at, pieces.n_bytes);
      else if (pieces.character == '\n' || pieces.character == '\t')
        g_string_append_c (out, (char) pieces.character);
      else if (pieces.character == '\r')
        {
          /* CR LF is one line end; a CR alone is one that is shown. */
          if (pieces.left == 0 || pieces.bytes[0] != '\n')
            g_string_append (out, "␍\n");
        }
      else
        {
          stand_in (&pieces, true, text);
          g_string_append (out, text);
        }
    }
  return g_string_free (out, FALSE);
}

char *
ptl_codec_to_hex (const uint8_t *bytes,
                  size_t         len_bytes)
{
  char *hex, *to;

  if (len_bytes == 0)
    return g_strdup ("");

  g_assert (len_bytes <= SIZE_MAX / 3);
  to = hex = g_malloc (len_bytes * 3);
  for (size_t i = 0; i < len_bytes; i++)
    {
      *to++ = hex_digits[bytes[i] >> 4];
      *to++ = hex_digits[bytes[i] & 15];
      *to++ = ' ';
    }
  to[-1] = '\0';
  return hex;
}

void
ptl_codec_hex_row (const uint8_t *bytes,
                   size_t         len_bytes,
                   char          *hex,
                   char          *ascii)
{
  len_bytes = MIN (len_bytes, 16);
  memset (hex, ' ', 48);
  hex[48] = '\0';
  for (size_t i = 0; i < len_bytes; i++)
    {
      char *to = hex + i * 3 + (i >= 8 ? 1 : 0);

      to[0] = hex_digits[bytes[i] >> 4];
      to[1] = hex_digits[bytes[i] & 15];
      ascii[i] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.';
    }
  ascii[len_bytes] = '\0';
}

char *
ptl_codec_to_c_array (const uint8_t *bytes,
                      size_t         len_bytes)
{
  GString *out;

  /* C has no array of no elements. */
  if (len_bytes == 0)
    return g_strdup ("/* no bytes */\nconst unsigned char data[1] = {\n  0x00\n};\n");

  out = g_string_sized_new (len_bytes * 6 + len_bytes / C_ARRAY_COLUMNS * 2 + 64);
  g_string_append_printf (out, "const unsigned char data[%zu] = {", len_bytes);
  for (size_t i = 0; i < len_bytes; i++)
    {
      char item[] = "0x00";

      item[2] = hex_digits[bytes[i] >> 4];
      item[3] = hex_digits[bytes[i] & 15];
      g_string_append (out, i % C_ARRAY_COLUMNS == 0 ? "\n  " : " ");
      g_string_append (out, item);
      if (i + 1 < len_bytes)
        g_string_append_c (out, ',');
    }
  g_string_append (out, "\n};\n");
  return g_string_free (out, FALSE);
}

char *
ptl_codec_to_python (const uint8_t *bytes,
                     size_t         len_bytes)
{
  GString *out = g_string_sized_new (len_bytes + len_bytes / 4 + 8);

  g_string_append (out, "b'");
  for (size_t i = 0; i < len_bytes; i++)
    {
      uint8_t byte = bytes[i];

      switch (byte)
        {
        case '\n':
          g_string_append (out, "\\n");
          break;
        case '\r':
          g_string_append (out, "\\r");
          break;
        case '\t':
          g_string_append (out, "\\t");
          break;
        case '\\':
        case '\'':
          g_string_append_c (out, '\\');
          g_string_append_c (out, (char) byte);
          break;
        default:
          if (byte >= 0x20 && byte < 0x7f)
            g_string_append_c (out, (char) byte);
          else
            g_string_append_printf (out, "\\x%02x", byte);
          break;
        }
    }
  g_string_append_c (out, '\'');
  return g_string_free (out, FALSE);
}

char *
ptl_codec_to_c_string (const uint8_t *bytes,
                       size_t         len_bytes)
{
  GString *out = g_string_sized_new (len_bytes + len_bytes / 4 + 8);

  for (size_t i = 0; i < len_bytes; i++)
    {
      uint8_t byte = bytes[i];

      switch (byte)
        {
        case '\n':
          g_string_append (out, "\\n");
          break;
        case '\r':
          g_string_append (out, "\\r");
          break;
        case '\t':
          g_string_append (out, "\\t");
          break;
        case '\\':
        case '"':
          g_string_append_c (out, '\\');
          g_string_append_c (out, (char) byte);
          break;
        case '?': /* of two in a row the second: no trigraph */
          g_string_append (out, i > 0 && bytes[i - 1] == '?' ? "\\?" : "?");
          break;
        default:
          /* Three octal digits end by themselves; hex digits go on as long as they can. */
          if (byte >= 0x20 && byte < 0x7f)
            g_string_append_c (out, (char) byte);
          else
            g_string_append_printf (out, "\\%03o", byte);
          break;
        }
    }
  return g_string_free (out, FALSE);
}

char *
ptl_codec_to_escaped (const uint8_t *bytes,
                      size_t         len_bytes)
{
  GString *out = g_string_sized_new (len_bytes + len_bytes / 4 + 8);
  Pieces pieces;

  pieces_init (&pieces, bytes, len_bytes);
  while (pieces_next (&pieces))
    {
      char text[16];

      if (pieces.shown && pieces.character != '\\')
        {
          g_string_append_len (out, (const char *) pieces.at, pieces.n_bytes);
          continue;
        }
      if (pieces.valid)
        switch (pieces.character)
          {
          case '\\':
            g_string_append (out, "\\\\");
            continue;
          case '\n':
            g_string_append (out, "\\n");
            continue;
          case '\r':
            g_string_append (out, "\\r");
            continue;
          case '\t':
            g_string_append (out, "\\t");
            continue;
          case '\0':
            /* A digit behind it would be taken for more of an octal number. */
            if (pieces.left == 0 || pieces.bytes[0] < '0' || pieces.bytes[0] > '7')
              {
                g_string_append (out, "\\0");
                continue;
              }
            break;
          default:
            break;
          }
      stand_in (&pieces, false, text);
      g_string_append (out, text);
    }
  return g_string_free (out, FALSE);
}

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
          width = decode ((const uint8_t *) text + i, len - i, &character);
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
      /* The text column: after a bar, a gap, or a full row. */
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

/* One line, or what is left of it, in free form. @prefixed: inside braces every number says its base. */
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
          unsigned width = decode ((const uint8_t *) text + hex->at, hex->len - hex->at,
                                   &character);

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

  if (brace != NULL)
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
      size_t start;
      uint64_t offset;
      bool xxd;
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
