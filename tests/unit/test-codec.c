/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to text and back: what is shown, what is read, and what is refused. */
#include "config.h"

#include "base/ptl-codec.h"
#include "base/ptl-error.h"

#include <string.h>
#include <time.h>

#define BYTES(text) (const uint8_t *) (text), sizeof (text) - 1

/* Every output: UTF-8, and nothing in it that could act on the screen. */
static void
assert_safe (const char *text,
             bool        lines)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (lines && (character == '\n' || character == '\t'))
        continue;
      if (!ptl_codec_is_safe_char (character))
        g_error ("U+%04X in the output", character);
    }
}

static void
test_preview (void)
{
  static const struct
  {
    const char *bytes;
    size_t      len;
    size_t      max;
    const char *text;
  } rows[] = {
    { "", 0, 10, "" },
    { "", 0, 0, "" },
    { "Python, client", 14, 100, "Python, client" },
    { "Python, client", 14, 14, "Python, client" },
    { "Python, client", 14, 13, "Python, clien…" },
    { "Python", 6, 0, "…" },
    { "a\nb", 3, 9, "a↵b" },
    { "a\r\nb", 4, 9, "a␍↵b" },
    { "a\rb", 3, 9, "a␍b" },
    { "\0\x01\t\x1b\x7f", 5, 9, "␀␁␉␛␡" },
    { "<b>&amp;</b>%s%n", 16, 99, "<b>&amp;</b>%s%n" },
    { "\\x41", 4, 9, "\\x41" },
    { "\x80\xff", 2, 9, "\\x80\\xff" },
    { "\xc3\xbc", 2, 9, "ü" },
    { "\xc3", 1, 9, "\\xc3" },
    { "\xc0\xaf", 2, 9, "\\xc0\\xaf" },           /* overlong */
    { "\xed\xa0\x80", 3, 99, "\\xed\\xa0\\x80" },  /* a surrogate */
    { "\xf4\x90\x80\x80", 4, 99, "\\xf4\\x90\\x80\\x80" }, /* above U+10FFFF */
    { "\xe2\x82", 2, 99, "\\xe2\\x82" },           /* cut off */
    { "\xe2\x82" "a", 3, 99, "\\xe2\\x82a" },
    { "\xf0\x9f\x99\x82", 4, 9, "\xf0\x9f\x99\x82" },
    { "\xe2\x80\xae" "abc", 6, 99, "\\u202Eabc" }, /* right-to-left override */
    { "\xe2\x81\xa6", 3, 99, "\\u2066" },          /* isolate */
    { "\xe2\x80\x8b", 3, 99, "\\u200B" },
    { "\xef\xbb\xbf", 3, 99, "\\uFEFF" },
    { "\xc2\x85", 2, 99, "\\u0085" },              /* next line */
    { "\xe2\x80\xa8", 3, 99, "\\u2028" },
    { "\xee\x80\x80", 3, 99, "\\uE000" },
    { "\xef\xbf\xbf", 3, 99, "\\uFFFF" },
    { "\xf3\xa0\x81\x81", 4, 99, "\\U000E0041" },  /* a tag */
    { "\xf4\x8f\xbf\xbd", 4, 99, "\\U0010FFFD" },
    { "\xd7\xa9\xd7\x9c", 4, 9, "\xd7\xa9\xd7\x9c" }, /* letters of a right-to-left script */
    { "e\xcc\x81", 3, 9, "e\xcc\x81" },
    { "\xcc\x81", 2, 9, "\\u0301" },               /* a mark on nothing */
    { "\n\xcc\x81", 3, 9, "↵\\u0301" },
    { "a\xff", 2, 4, "a…" },                       /* a stand-in is whole or not there */
    { "a\xff", 2, 5, "a\\xff" },
    { "ab\n", 3, 2, "ab…" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree uint8_t *exact = g_memdup2 (rows[i].bytes, rows[i].len);
      g_autofree char *text = ptl_codec_preview (exact, rows[i].len, rows[i].max);

      g_assert_cmpstr (text, ==, rows[i].text);
      assert_safe (text, false);
    }
}

static void
test_marks (void)
{
  g_autoptr (GString) flood = g_string_new ("a");
  g_autofree char *text = NULL;

  for (unsigned i = 0; i < 1000; i++)
    g_string_append (flood, "\xcc\x81");
  text = ptl_codec_preview ((const uint8_t *) flood->str, flood->len, 17);
  g_assert_cmpstr (text, ==, "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\\u0301\\u0301…");
}

static void
test_to_text (void)
{
  static const struct
  {
    const char *bytes;
    size_t      len;
    const char *text;
  } rows[] = {
    { "", 0, "" },
    { "a\nb\r\nc\rd\te", 10, "a\nb\nc␍\nd\te" },
    { "\r", 1, "␍\n" },
    { "\r\r\n", 3, "␍\n\n" },
    { "\0\xff\xe2\x80\xae", 5, "␀\\xff\\u202E" },
    { "\xc2\x85", 2, "\\u0085" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = ptl_codec_to_text ((const uint8_t *) rows[i].bytes, rows[i].len);

      g_assert_cmpstr (text, ==, rows[i].text);
      assert_safe (text, true);
    }
}

static double
get_processor_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* Twice the bytes take about twice the time, for the worst inputs, too. */
static void
test_linear (void)
{
  static const char *const units[] = { "a", "\xff", "\n", "\xe2\x80\xae", "a\xcc\x81", "\xcc\x81" };

  for (size_t i = 0; i < G_N_ELEMENTS (units); i++)
    {
      double seconds[2];

      for (unsigned k = 0; k < 2; k++)
        {
          size_t len = 1u << (18 + 2 * k);
          g_autofree uint8_t *bytes = g_malloc (len);
          g_autofree char *text = NULL;
          size_t unit_len = strlen (units[i]);

          for (size_t at = 0; at < len; at++)
            bytes[at] = (uint8_t) units[i][at % unit_len];
          seconds[k] = get_processor_seconds ();
          text = ptl_codec_to_text (bytes, len);
          seconds[k] = get_processor_seconds () - seconds[k];
          g_assert_cmpuint (strlen (text), >=, len);
        }
      g_test_message ("%.1f ms for 256 KiB, %.1f ms for 1 MiB", seconds[0] * 1e3, seconds[1] * 1e3);
      g_assert_cmpfloat (seconds[1], <, 12 * seconds[0] + 0.2);
    }
}

static void
test_all_bytes (void)
{
  uint8_t bytes[256];
  g_autofree char *preview = NULL, *text = NULL, *hex = NULL, *escaped = NULL;
  g_autofree uint8_t *back = NULL;
  g_autofree uint8_t *back_hex = NULL;
  size_t len = 0;

  for (unsigned i = 0; i < 256; i++)
    bytes[i] = (uint8_t) i;
  preview = ptl_codec_preview (bytes, sizeof bytes, SIZE_MAX);
  assert_safe (preview, false);
  g_assert_nonnull (strstr (preview, "!\"#$%&'()*+,-./0123456789:;<=>?@ABC"));
  g_assert_true (g_str_has_suffix (preview, "\\xfe\\xff"));
  text = ptl_codec_to_text (bytes, sizeof bytes);
  assert_safe (text, true);
  hex = ptl_codec_to_hex (bytes, sizeof bytes);
  g_assert_true (g_str_has_prefix (hex, "00 01 02 "));
  g_assert_true (g_str_has_suffix (hex, " fe ff"));
  back_hex = ptl_codec_parse_hex (hex, &len, NULL, NULL);
  g_assert_cmpmem (back_hex, len, bytes, sizeof bytes);
  escaped = ptl_codec_to_escaped (bytes, sizeof bytes);
  assert_safe (escaped, false);
  back = ptl_codec_parse_text (escaped, &len, NULL, NULL);
  g_assert_cmpmem (back, len, bytes, sizeof bytes);
}

static void
test_hex_row (void)
{
  char hex[49], ascii[17];

  memset (hex, '#', sizeof hex);
  ptl_codec_hex_row (BYTES ("Python, client\r\n"), hex, ascii);
  g_assert_cmpstr (hex, ==, "50 79 74 68 6f 6e 2c 20  63 6c 69 65 6e 74 0d 0a");
  g_assert_cmpstr (ascii, ==, "Python, client..");
  ptl_codec_hex_row (BYTES ("\xff\x7f"), hex, ascii);
  g_assert_cmpstr (hex, ==, "ff 7f                                           ");
  g_assert_cmpstr (ascii, ==, "..");
  ptl_codec_hex_row (BYTES (""), hex, ascii);
  g_assert_cmpuint (strspn (hex, " "), ==, 48);
  g_assert_cmpstr (ascii, ==, "");
  ptl_codec_hex_row (BYTES ("0123456789abcdefXX"), hex, ascii);
  g_assert_cmpstr (ascii, ==, "0123456789abcdef");
}

static void
test_source (void)
{
  g_autofree char *array = ptl_codec_to_c_array (BYTES ("Python, client"));
  g_autofree char *none = ptl_codec_to_c_array (NULL, 0);
  g_autofree char *python = ptl_codec_to_python (BYTES ("it's \"a\"\\\r\n\t\0\xff"));
  g_autofree char *c = ptl_codec_to_c_string (BYTES ("it's \"a\"\\\r\n\t\0" "1\xff" "f?\?="));
  g_autofree char *hex = ptl_codec_to_hex (NULL, 0);
  size_t len;

  g_assert_cmpstr (array, ==, "const unsigned char data[14] = {\n"
                   "  0x50, 0x79, 0x74, 0x68, 0x6f, 0x6e, 0x2c, 0x20, 0x63, 0x6c, 0x69, 0x65,\n"
                   "  0x6e, 0x74\n};\n");
  g_assert_nonnull (strstr (none, "data[1]"));
  g_assert_cmpstr (python, ==, "b'it\\'s \"a\"\\\\\\r\\n\\t\\x00\\xff'");
  g_assert_cmpstr (c, ==, "it's \\\"a\\\"\\\\\\r\\n\\t\\0001\\377f?\\?=");
  g_assert_cmpstr (hex, ==, "");

  for (int i = 0; i < PTL_N_LINE_ENDS; i++)
    {
      static const char *const expected[] = { "", "\\n", "\\r", "\\r\\n", "\\0" };
      const uint8_t *bytes = ptl_line_end_get_bytes ((PtlLineEnd) i, &len);
      g_autofree char *escaped = ptl_codec_to_escaped (bytes, len);

      g_assert_cmpstr (escaped, ==, expected[i]);
    }
}

static void
test_parse_text (void)
{
  static const struct
  {
    const char *text;
    const char *bytes;
    size_t      len;
  } rows[] = {
    { "", "", 0 },
    { "abc", "abc", 3 },
    { "ü\n", "\xc3\xbc\n", 3 },
    { "\\n\\r\\t\\a\\b\\e\\f\\v\\\\\\\"\\'", "\n\r\t\a\b\x1b\f\v\\\"'", 11 },
    { "\\x00\\xff\\xAB", "\0\xff\xab", 3 },
    { "\\x4142", "A42", 3 },
    { "\\0", "\0", 1 },
    { "\\0123", "\n3", 2 },
    { "\\08", "\08", 2 },
    { "\\377\\101", "\377A", 2 },
    { "\\u20ac", "\xe2\x82\xac", 3 },
    { "\\u0000", "\0", 1 },
    { "\\U0001f642", "\xf0\x9f\x99\x82", 4 },
  };
  static const struct
  {
    const char *text;
    size_t      at;
    const char *part;
  } bad[] = {
    { "\\", 0, "begun and not ended" },
    { "abc\\", 3, "character 4, “\\”: an escape is begun" },
    { "\\q", 1, "character 2, “q”: no escape" },
    { "\\8", 1, "no escape" },
    { "ü\\q", 3, "character 3, “q”" },
    { "\\x", 0, "two hexadecimal digits" },
    { "\\x4", 0, "two hexadecimal digits" },
    { "\\xg0", 0, "two hexadecimal digits" },
    { "\\u12", 0, "four hexadecimal digits" },
    { "\\U0001f64", 0, "eight hexadecimal digits" },
    { "\\ud83d", 0, "surrogate" },
    { "\\U00110000", 0, "above U+10FFFF" },
    { "\\Uffffffff", 0, "above U+10FFFF" },
    { "\\400", 0, "\\377" },
    { "a\xff", 1, "byte 0xFF: this is not UTF-8" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      size_t len = 99;
      g_autofree uint8_t *bytes = ptl_codec_parse_text (rows[i].text, &len, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (bytes);
      g_assert_cmpmem (bytes, len, rows[i].bytes, rows[i].len);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      size_t len = 99, at = 99;

      g_assert_null (ptl_codec_parse_text (bad[i].text, &len, &at, &error));
      g_assert_error (error, PTL_ERROR, PTL_ERROR_PARSE);
      g_assert_cmpuint (len, ==, 0);
      if (at != bad[i].at || strstr (error->message, bad[i].part) == NULL)
        g_test_fail_printf ("“%s”: %zu, %s", bad[i].text, at, error->message);
      g_assert_null (ptl_codec_parse_text (bad[i].text, &len, NULL, NULL));
    }
}

static void
test_parse_hex (void)
{
  static const struct
  {
    const char *text;
    const char *bytes;
    size_t      len;
  } rows[] = {
    { "", "", 0 },
    { " \n\t", "", 0 },
    { "50 79", "Py", 2 },
    { "5079", "Py", 2 },
    { "50 7974\n68", "Pyth", 4 },
    { "0x50, 0x79", "Py", 2 },
    { "0x50,0X79;", "Py", 2 },
    { "0x5079", "Py", 2 },
    { "0x5 0xa", "\x05\x0a", 2 },
    { "\\x50\\x79", "Py", 2 },
    { "\"\\x50\\x79\"", "Py", 2 },
    { "b'\\x50\\x79'", "Py", 2 },
    { "50:79-74", "Pyt", 3 },
    { "AB cD", "\xab\xcd", 2 },
    { "50\xc2\xa0" "79", "Py", 2 },
    { "50 79 // a comment\n74", "Pyt", 3 },
    { "50 /* 51 */ 79", "Py", 2 },
    { "const unsigned char data[2] = {\n  0x50, 0x79\n};", "Py", 2 },
    { "unsigned char f[] = { 0x50,\n 0x79 };\nunsigned int f_len = 2;\n", "Py", 2 },
    { "{ }", "", 0 },
    /* hexdump -C */
    { "00000000  50 79 74 68 6f 6e 2c 20  63 6c 69 65 6e 74 0d 0a  |Python, client..|\n"
      "00000010  61 62                                             |ab|\n"
      "00000012\n", "Python, client\r\nab", 18 },
    { "00000000  50 79                                             |50|", "Py", 2 },
    { "0000  50 79 74 68 6f 6e 2c 20  63 6c 69 65 6e 74 0d 0a  50 51 52 53\n"
      "0010  61 62", "Python, client\r\nab", 18 },
    { "  00000000  50 79 |Py|\r\n  00000002  74", "Pyt", 3 },
    /* xxd */
    { "00000000: 5079 7468 6f6e 2c20 636c 6965 6e74 0d0a  Python, client..\n"
      "00000010: 6162                                     ab\n", "Python, client\r\nab", 18 },
    { "00000000: 50 79 74  Pyt", "Pyt", 3 },
    { "00000000: 5079 74                                  50!", "Pyt", 3 },
    { "00000000:", "", 0 },
    { "00000000: 5079 74  Pyt\n00000040: 68\n", "Pyth", 4 }, /* some rows of it */
    /* Wireshark, whose text may have a gap; two packets */
    { "0000   50 79 74 68 6f 6e 2c 20 63 6c 69 65 6e 74 0d 0a   Python,  client..\n"
      "0010   61 62                                             ab\n\n"
      "0000   63                                                c\n",
      "Python, client\r\nabc", 19 },
    /* tcpdump -x, -X */
    { "\t0x0000:  5079 7468 6f6e 2c20 636c 6965 6e74 0d0a\n\t0x0010:  6162 63",
      "Python, client\r\nabc", 19 },
    { "\t0x0000:  5079 7468 6f6e 2c20 636c 6965 6e74 0d0a  Python,.client..\n"
      "\t0x0010:  6162                                     ab", "Python, client\r\nab", 18 },
    /* gdb x/2xb */
    { "0x7ffe50:\t0x50\t0x79\n0x7ffe52:\t0x74\t0x68\n", "Pyth", 4 },
    /* objdump -d */
    { "  401000:\t50 79 \tpush   %rax,%rbp # 401010 <main>\n  401002:\t74 \tje 401010\n", "Pyt",
      3 },
    /* hexdump -C -s 8 */
    { "00000008  50 79 74                                          |Pyt|\n0000000b\n", "Pyt", 3 },
    /* od -t x1 with -A x, o (which it does unasked), d and n, and with x1z */
    { "000000 50 79 74 68 6f 6e 2c 20 63 6c 69 65 6e 74 0d 0a\n000010 61 62\n000012\n",
      "Python, client\r\nab", 18 },
    { "0000000 50 79 74 68 6f 6e 2c 20 63 6c 69 65 6e 74 0d 0a\n0000020 61 62\n0000022\n",
      "Python, client\r\nab", 18 },
    { "0000000 50 79 74 68 6f 6e 2c 20 63 6c 69 65 6e 74 0d 0a\n0000016 61 62\n0000018\n",
      "Python, client\r\nab", 18 },
    { " 50 79 74\n 61 62\n", "Pytab", 5 },
    { "000000 50 79 74 68 6f 6e 2c 20 63 6c 69 65 6e 74 0d 0a  >Python, client..<\n"
      "000010 61 62                                            >ab<\n000012\n",
      "Python, client\r\nab", 18 },
    { "000000 50 79 74\n000003\n", "Pyt", 3 },
    { "000020 50 79 74 68 6f 6e 2c 20 63 6c 69 65 6e 74 0d 0a", "Python, client\r\n", 16 },
    /* Looks like an offset, and is none. */
    { "50797468  50 79", "PythPy", 6 },
    { "5079  7468", "Pyth", 4 },
    { "507974 68 6f", "Pytho", 5 },
    { "000000 50 79", "\0\0\0Py", 5 },
    { "000000 50 79\n000004 50", "\0\0\0Py\0\0\4P", 9 },
    { "0x5079 0x7468", "Pyth", 4 },
    { "0x5079:0x7468", "Pyth", 4 },
  };
  static const struct
  {
    const char *text;
    size_t      at;
    const char *part;
  } bad[] = {
    { "5", 0, "stands alone" },
    { "50 7", 3, "character 4, “7”: a byte has two digits, this one stands alone" },
    { "507", 2, "here are 3" },
    { "50 zz", 3, "“z”: this is not a hexadecimal digit" },
    { "Python", 0, "“P”" },
    { "50 ü", 3, "“ü”" },
    { "50 \xff", 3, "byte 0xFF" },
    { "0x", 2, "digits are missing" },
    { "0xzz", 2, "digits are missing" },
    { "\\n", 0, "“\\”" },
    { "{ 80, 121 }", 2, "starts with 0x" },
    { "{ 0x50", 0, "not closed" },
    { "50 /* x", 3, "not ended" },
    { "00000000  50 79 |Py|\n*\n00000040", 21, "left out" },
    { "00000000  50 7x", 13, "stands alone" },
    { "00000000: 50zz", 12, "“z”" },
    { "%50", 0, "“%”" },
    /* Rows that lost their line ends must not get lost, nor their offsets be sent. */
    { "00000000  50 79                                             |Py| 00000002  74  |t|", 65,
      "another row" },
    { "00000000  50 79  |Py|\\n00000002  74  |t|", 23, "another row" },
    { "00000000: 5079  Py 00000002: 74  t", 19, "another row" },
    { "0000   50 79    Py 0040   74    t", 19, "another row" },
    { "0x0000:  5079 0x0002:  74", 16, "another row" },
    { "000000 50 79\n*\n000040\n", 13, "left out" },
    /* od -x, hexdump: in whose order of bytes? */
    { "0000000 7950 6874\n0000004\n", 8, "order of bytes" },
    { "0000000 7950 0074\n0000003\n", 8, "order of bytes" },
    { "0x7ffe50:\t0x50797468", 12, "order of bytes" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      size_t len = 99;
      g_autofree uint8_t *bytes = ptl_codec_parse_hex (rows[i].text, &len, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (bytes);
      if (len != rows[i].len || memcmp (bytes, rows[i].bytes, len) != 0)
        {
          g_autofree char *shown = ptl_codec_to_escaped (bytes, len);

          g_test_fail_printf ("“%s” gave “%s”", rows[i].text, shown);
        }
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      size_t len = 99, at = 99;

      if (ptl_codec_parse_hex (bad[i].text, &len, &at, &error) != NULL)
        g_error ("“%s” was taken", bad[i].text);
      g_assert_error (error, PTL_ERROR, PTL_ERROR_PARSE);
      g_assert_cmpuint (len, ==, 0);
      if (at != bad[i].at || strstr (error->message, bad[i].part) == NULL)
        g_test_fail_printf ("“%s”: %zu, %s", bad[i].text, at, error->message);
    }
}

/* The text and the line end that the send bar gets, put together, are the bytes. */
static void
test_line_end_split (void)
{
  static const uint8_t letters[] = { 'a', '\\', 'r', 'n', 'x', '0', '"', '\r', '\n', '\t', '\0',
                                     0xc3, 0xbc };
  const size_t n = G_N_ELEMENTS (letters);

  for (size_t i = 0; i < n * n * n * n; i++)
    {
      uint8_t letters_of[4];
      size_t rest = i;

      for (size_t k = 4; k-- > 0; rest /= n)
        letters_of[k] = letters[rest % n];
      /* The shorter ones once: what is left out is the first letter. */
      for (size_t len = 4; len > 0; len--)
        {
          const uint8_t *bytes = letters_of + 4 - len;
          g_autofree char *escaped = NULL, *text = NULL;
          g_autofree uint8_t *back = NULL, *joined = NULL;
          const uint8_t *end;
          size_t text_len, end_len;

          escaped = ptl_codec_to_escaped (bytes, len);
          end = ptl_line_end_get_bytes (ptl_line_end_split (escaped, &text_len), &end_len);
          text = g_strndup (escaped, text_len);
          back = ptl_codec_parse_text (text, &text_len, NULL, NULL);
          g_assert_nonnull (back);
          joined = g_malloc (text_len + end_len + 1);
          memcpy (joined, back, text_len);
          memcpy (joined + text_len, end, end_len);
          g_assert_cmpmem (joined, text_len + end_len, bytes, len);
          g_assert_true (end_len > 0 || bytes[len - 1] != '\n');
          if (bytes[0] != letters[0])
            break;
        }
    }
}

/* What we write, we read. */
static void
test_round_trips (void)
{
  static const char *const pieces[] = {
    "\\", "\\x", "0", "7", "\n", "\r", "\xc3\xbc", "\xcc\x81", "\xe2\x80\xae",
    "\xf0\x9f\x99\x82", "a",
  };

  for (unsigned i = 0; i < 5000; i++)
    {
      g_autoptr (GString) bytes = g_string_new (NULL);
      g_autofree char *escaped = NULL, *hex = NULL, *array = NULL, *preview = NULL, *text = NULL;
      g_autoptr (GString) dump = g_string_new (NULL);
      int n = g_test_rand_int_range (0, 40);

      for (int k = 0; k < n; k++)
        if (g_test_rand_bit ())
          g_string_append_c (bytes, (char) g_test_rand_int_range (0, 256));
        else
          g_string_append (bytes, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);

      escaped = ptl_codec_to_escaped ((const uint8_t *) bytes->str, bytes->len);
      hex = ptl_codec_to_hex ((const uint8_t *) bytes->str, bytes->len);
      array = ptl_codec_to_c_array ((const uint8_t *) bytes->str, bytes->len);
      preview = ptl_codec_preview ((const uint8_t *) bytes->str, bytes->len, 20);
      text = ptl_codec_to_text ((const uint8_t *) bytes->str, bytes->len);
      assert_safe (escaped, false);
      assert_safe (preview, false);
      assert_safe (text, true);
      g_assert_cmpint (g_utf8_strlen (preview, -1), <=, 21);
      for (size_t at = 0; at < bytes->len; at += 16)
        {
          char row[49], ascii[17];

          ptl_codec_hex_row ((const uint8_t *) bytes->str + at, bytes->len - at, row, ascii);
          g_string_append_printf (dump, "%08zx  %s  |%s|\n", at, row, ascii);
        }

      for (unsigned k = 0; k < 4; k++)
        {
          const char *const written[] = { escaped, hex, array, dump->str };
          g_autoptr (GError) error = NULL;
          g_autofree uint8_t *back = NULL;
          size_t len;

          if (k == 2 && bytes->len == 0)
            continue;
          back = k == 0 ? ptl_codec_parse_text (written[k], &len, NULL, &error)
                        : ptl_codec_parse_hex (written[k], &len, NULL, &error);
          g_assert_no_error (error);
          g_assert_cmpmem (back, len, bytes->str, bytes->len);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/codec/preview", test_preview);
  g_test_add_func ("/codec/marks", test_marks);
  g_test_add_func ("/codec/to-text", test_to_text);
  g_test_add_func ("/codec/linear", test_linear);
  g_test_add_func ("/codec/all-bytes", test_all_bytes);
  g_test_add_func ("/codec/hex-row", test_hex_row);
  g_test_add_func ("/codec/source", test_source);
  g_test_add_func ("/codec/parse-text", test_parse_text);
  g_test_add_func ("/codec/parse-hex", test_parse_hex);
  g_test_add_func ("/codec/line-end-split", test_line_end_split);
  g_test_add_func ("/codec/round-trips", test_round_trips);
  return g_test_run ();
}
