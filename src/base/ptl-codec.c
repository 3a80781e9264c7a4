/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to text that is safe to show, and to source code. */
#include "config.h"

#include "base/ptl-codec.h"

#include <string.h>

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

/* Does the part of @text before @len end with this escape?  A backslash that is escaped itself
 * begins none. */
static bool
ends_with_escape (const char *text,
                  size_t      len,
                  char        letter)
{
  size_t n = 0;

  if (len == 0 || text[len - 1] != letter)
    return false;
  while (n < len - 1 && text[len - 2 - n] == '\\')
    n++;
  return n % 2 == 1;
}

PtlLineEnd
ptl_line_end_split (const char *escaped,
                    size_t     *len_bytes)
{
  *len_bytes = strlen (escaped);
  if (!ends_with_escape (escaped, *len_bytes, 'n'))
    return PTL_LINE_END_NONE;
  *len_bytes -= 2;
  if (!ends_with_escape (escaped, *len_bytes, 'r'))
    return PTL_LINE_END_LF;
  *len_bytes -= 2;
  return PTL_LINE_END_CRLF;
}

unsigned
ptl_parse_utf8 (const uint8_t *bytes,
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
  pieces->n_bytes = ptl_parse_utf8 (pieces->bytes, pieces->left, &pieces->character);
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
              g_strlcpy (text, "↵", sizeof text);
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

/* What C and Python write alike between quotes.  False: it did nothing. */
static bool
append_quoted (GString *out,
               uint8_t  byte,
               char     quote)
{
  switch (byte)
    {
    case '\n':
      g_string_append (out, "\\n");
      return true;
    case '\r':
      g_string_append (out, "\\r");
      return true;
    case '\t':
      g_string_append (out, "\\t");
      return true;
    default:
      if (byte == '\\' || byte == (uint8_t) quote)
        g_string_append_c (out, '\\');
      else if (byte < 0x20 || byte >= 0x7f)
        return false;
      g_string_append_c (out, (char) byte);
      return true;
    }
}

char *
ptl_codec_to_python (const uint8_t *bytes,
                     size_t         len_bytes)
{
  GString *out = g_string_sized_new (len_bytes + len_bytes / 4 + 8);

  g_string_append (out, "b'");
  for (size_t i = 0; i < len_bytes; i++)
    if (!append_quoted (out, bytes[i], '\''))
      g_string_append_printf (out, "\\x%02x", bytes[i]);
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
      if (bytes[i] == '?' && i > 0 && bytes[i - 1] == '?')
        g_string_append (out, "\\?"); /* no trigraph */
      /* Three octal digits end by themselves; hex digits go on as long as they can. */
      else if (!append_quoted (out, bytes[i], '"'))
        g_string_append_printf (out, "\\%03o", bytes[i]);
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
