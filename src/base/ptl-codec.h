/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to text and back: previews, hex, escapes, source code of C and Python.  What comes in is
 * hostile; what goes out is valid UTF-8 without control or bidirectional formatting characters. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  PTL_LINE_END_NONE,
  PTL_LINE_END_LF,
  PTL_LINE_END_CR,
  PTL_LINE_END_CRLF,
  PTL_LINE_END_NUL,
  PTL_N_LINE_ENDS
} PtlLineEnd;

/* The bytes of a line end; *@len_bytes may be 0. */
const uint8_t *ptl_line_end_get_bytes (PtlLineEnd line_end,
                                       size_t    *len_bytes);

/* The line end that a text of ptl_codec_to_escaped() ends with, LF or CRLF, or none; *@len_bytes:
 * of what is before it. */
PtlLineEnd ptl_line_end_split (const char *escaped,
                               size_t     *len_bytes);

/* May this character be put on the screen?  Not control, bidirectional and other format characters,
 * private use, unassigned, surrogates, line and paragraph separators.  Any thread. */
bool ptl_codec_is_safe_char (uint32_t character);

/* One line that shows @bytes: valid printable UTF-8 is kept, a line end is ↵ (the CR before it ␍),
 * each other byte or control, bidirectional, private-use or unassigned character a visible stand-in
 * (control pictures U+2400.., \xNN, \u202E); so is each mark after the fourth on one character.
 * At most @max_chars characters, then "…".  Owned by the caller. */
char *ptl_codec_preview (const uint8_t *bytes,
                         size_t         len_bytes,
                         size_t         max_chars);

/* Text for reading: line ends (LF, CR LF, a CR alone) and tabs kept, everything else made safe
 * like in a preview. */
char *ptl_codec_to_text (const uint8_t *bytes,
                         size_t         len_bytes);

/* "50 79 74 68". */
char *ptl_codec_to_hex (const uint8_t *bytes,
                        size_t         len_bytes);
/* One row of a hex dump, 16 bytes at most: "00000010  50 79 ...  |Py...|" without the offset and
 * the bars: hex part padded to the full width into @hex (at least 49 bytes), ASCII part into
 * @ascii (at least 17). */
void  ptl_codec_hex_row (const uint8_t *bytes,
                         size_t         len_bytes,
                         char          *hex,
                         char          *ascii);
/* "const unsigned char data[14] = {\n  0x50, ...\n};". */
char *ptl_codec_to_c_array (const uint8_t *bytes,
                            size_t         len_bytes);
/* b'Python, client\r\n' */
char *ptl_codec_to_python (const uint8_t *bytes,
                           size_t         len_bytes);
/* The inside of a C string literal, without the quotes; a hex escape never runs into a digit. */
char *ptl_codec_to_c_string (const uint8_t *bytes,
                             size_t         len_bytes);
/* Text with escapes that ptl_codec_parse_text() reads back to the same bytes. */
char *ptl_codec_to_escaped (const uint8_t *bytes,
                            size_t         len_bytes);

/* Text with escapes as typed: \n \r \t \0 \a \b \e \f \v \\ \" \' \xNN \NNN (octal, up to 377)
 * \uNNNN \UNNNNNNNN; the rest is UTF-8.  PTL_ERROR_PARSE names the character.  *@len_bytes may be
 * 0, the result is never NULL then. */
uint8_t *ptl_codec_parse_text (const char *text,
                               size_t     *len_bytes,
                               size_t     *at,
                               GError    **error);
/* Hex as pasted: "50 79", "5079", "0x50, 0x79", "\x50\x79", "50:79-74", rows of hex dumps of xxd,
 * hexdump -C and ours (offsets and the text column are left out), C arrays, several lines. */
uint8_t *ptl_codec_parse_hex  (const char *text,
                               size_t     *len_bytes,
                               size_t     *at,
                               GError    **error);

G_END_DECLS
