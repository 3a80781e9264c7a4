/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes shown and text read: nothing unsafe comes out, and what we write we read. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ptl-codec.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

static void
check_safe (const char *text,
            bool        lines)
{
  if (!g_utf8_validate (text, -1, NULL))
    abort ();
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (!ptl_codec_is_safe_char (g_utf8_get_char (at)) && !(lines && (*at == '\n' || *at == '\t')))
      abort ();
}

static void
check_back (uint8_t       *back,
            size_t         back_len,
            const uint8_t *bytes,
            size_t         len_bytes)
{
  if (back == NULL || back_len != len_bytes
      || (len_bytes > 0 && memcmp (back, bytes, len_bytes) != 0))
    abort ();
  g_free (back);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  g_autofree char *typed = g_strndup ((const char *) bytes, len_bytes);
  g_autofree char *preview = ptl_codec_preview (bytes, len_bytes, 20);
  g_autofree char *text = ptl_codec_to_text (bytes, len_bytes);
  g_autofree char *escaped = ptl_codec_to_escaped (bytes, len_bytes);
  g_autofree char *hex = ptl_codec_to_hex (bytes, len_bytes);
  g_autofree char *array = ptl_codec_to_c_array (bytes, len_bytes);
  g_autofree char *python = ptl_codec_to_python (bytes, len_bytes);
  g_autofree char *c = ptl_codec_to_c_string (bytes, len_bytes);
  g_autoptr (GString) dump = g_string_new (NULL);
  g_autoptr (GString) od = g_string_new (NULL);
  g_autoptr (GString) tcpdump = g_string_new (NULL);
  uint8_t *back;
  size_t len, at;

  check_safe (preview, false);
  check_safe (text, true);
  check_safe (escaped, false);
  check_safe (python, false);
  check_safe (c, false);
  if (g_utf8_strlen (preview, -1) > 21)
    abort ();

  back = ptl_codec_parse_text (escaped, &len, &at, NULL);
  check_back (back, len, bytes, len_bytes);
  back = ptl_codec_parse_hex (hex, &len, &at, NULL);
  check_back (back, len, bytes, len_bytes);
  if (len_bytes > 0)
    {
      back = ptl_codec_parse_hex (array, &len, &at, NULL);
      check_back (back, len, bytes, len_bytes);
    }
  for (at = 0; at < len_bytes; at += 16)
    {
      char row[49], ascii[17];

      ptl_codec_hex_row (bytes + at, len_bytes - at, row, ascii);
      check_safe (ascii, false);
      g_string_append_printf (dump, "%08zx  %s  |%s|\n", at, row, ascii);
      g_string_append_printf (od, "%07zo", at);
      g_string_append_printf (tcpdump, "\t0x%04zx: ", at);
      for (size_t i = at; i < MIN (at + 16, len_bytes); i++)
        {
          g_string_append_printf (od, " %02x", bytes[i]);
          g_string_append_printf (tcpdump, i % 2 == 0 ? " %02x" : "%02x", bytes[i]);
        }
      g_string_append_c (od, '\n');
      g_string_append_printf (tcpdump, "  %s\n", ascii);
    }
  back = ptl_codec_parse_hex (dump->str, &len, &at, NULL);
  check_back (back, len, bytes, len_bytes);
  if (len_bytes > 0)
    {
      g_string_append_printf (od, "%07zo\n", len_bytes);
      back = ptl_codec_parse_hex (od->str, &len, &at, NULL);
      check_back (back, len, bytes, len_bytes);
    }
  back = ptl_codec_parse_hex (tcpdump->str, &len, &at, NULL);
  check_back (back, len, bytes, len_bytes);

  for (unsigned i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      back = i == 0 ? ptl_codec_parse_text (typed, &len, &at, &error)
                    : ptl_codec_parse_hex (typed, &len, &at, &error);
      if (back == NULL && (error == NULL || at > strlen (typed) || len != 0
                           || !g_utf8_validate (error->message, -1, NULL)))
        abort ();
      if (len > strlen (typed))
        abort ();
      g_free (back);
    }
  return 0;
}
