/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filter expressions: what they match, and which character an error names. */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include <glib/gstdio.h>

#include "base/ptl-error.h"
#include "base/ptl-event.h"
#include "log/ptl-filter.h"
#include "log/ptl-log.h"

static char    *parent;
static PtlLog  *the_log;
static PtlSink *sink;
static uint64_t n_frames;

static void
append_full (PtlFrameKind kind,
             uint32_t     peer,
             unsigned     flags,
             uint32_t     code,
             const void  *bytes,
             size_t       len_bytes)
{
  PtlFrame frame = { .length = (uint32_t) len_bytes,
                     .peer = peer,
                     .kind = kind,
                     .flags = (uint16_t) flags,
                     .code = code };

  sink->klass->append (sink, &frame, bytes);
  n_frames++;
}

static void
append (PtlFrameKind kind,
        uint32_t     peer,
        const char  *text)
{
  append_full (kind, peer, 0, 0, text, strlen (text));
}

static void
add_peer (uint32_t    number,
          const char *host,
          uint16_t    port)
{
  PtlAddress address = { .len = sizeof (struct sockaddr_in) };

  address.in.sin_family = AF_INET;
  address.in.sin_port = g_htons (port);
  g_assert_cmpint (inet_pton (AF_INET, host, &address.in.sin_addr), ==, 1);
  sink->klass->add_peer (sink, number, &address);
}

enum
{
  BIG_LENGTH = 3 * 1024 * 1024,
};

static void
make_log (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *dir = NULL;
  g_autofree char   *big = g_malloc0 (BIG_LENGTH);
  PtlEvent           event = { .code = PTL_EVENT_RESOLVING, .text = "www.Example.org" };
  uint8_t            bytes[PTL_EVENT_BYTES_MAX];
  size_t             len;

  parent = g_dir_make_tmp ("ptl-filter-XXXXXX", &error);
  g_assert_no_error (error);
  dir = g_build_filename (parent, "log", NULL);
  the_log = ptl_log_create (dir, "tcp://localhost:80", 0, &error);
  g_assert_no_error (error);
  sink = ptl_log_make_sink (the_log);

  add_peer (1, "127.0.0.1", 50412);
  add_peer (2, "10.0.0.7", 80);

  /* 0 */ append (PTL_FRAME_IN, 1, "GET /index.html HTTP/1.1\r\n");
  /* 1 */ append (PTL_FRAME_OUT, 2, "HTTP/1.1 200 OK\r\n");
  /* 2 */ append (PTL_FRAME_IN, 2, "");
  /* 3 */ append (PTL_FRAME_IN, 1, "Python, client");
  /* 4 */ append_full (PTL_FRAME_IN, 2, PTL_FRAME_TRUNCATED, 9000, "abc\0def", 7);
  /* 5 */ len = ptl_event_encode (&event, bytes);
  append_full (PTL_FRAME_EVENT, PTL_PEER_NONE, 0, event.code, bytes, len);
  /* 6 */ memset (&event, 0, sizeof event);
  event.code = PTL_EVENT_CANDIDATE_STARTED;
  event.peer.len = sizeof (struct sockaddr_in);
  event.peer.in.sin_family = AF_INET;
  event.peer.in.sin_addr.s_addr = g_htonl (0xc0000201);
  len = ptl_event_encode (&event, bytes);
  append_full (PTL_FRAME_EVENT, PTL_PEER_NONE, 0, event.code, bytes, len);
  /* 7: found across the seam of the pieces it is read in, and at its very end */
  memcpy (big + 256 * 1024 - 3, "Seam", 4);
  memcpy (big + BIG_LENGTH - 6, "FINISH", 6);
  append_full (PTL_FRAME_OUT, 1, 0, 0, big, BIG_LENGTH);
  /* 8 */ append (PTL_FRAME_IN, 1, "\303\204pfel und Birnen");
  /* 9: counted only */
  append_full (PTL_FRAME_IN, 3, PTL_FRAME_NOT_STORED, 50, "", 0);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);
  g_assert_cmpuint (n_frames, ==, 10);
}

static void
test_match (void)
{
  static const struct
  {
    const char *text;
    const char *frames; /* that match */
  } table[] = {
    { "", "0123456789" },
    { "  \t ", "0123456789" },
    { "GET", "0" },
    { "get", "0" },
    { "get /INDEX", "0" },
    { "http", "01" },
    { "\"http/1.1 200\"", "1" },
    { "http -get", "1" },
    { "-http", "23456789" },
    { "\"1.1\\r\\n\"", "0" },
    { "python", "3" },
    { "\"c\\0D\"", "4" },
    { "\xc3\x84PFEL", "8" },
    { "\xc3\xa4pfel", "" },
    { "seam", "7" },
    { "finish", "7" },
    { "finishx", "" },
    { "birnen", "8" },
    { "n", "0378" },
    { "hex:50 79", "3" },
    { "hex:5079", "3" },
    { "hex:50:79", "3" },
    { "HEX:50-79,74 68", "3" },
    { "hex:70 79", "" },
    { "hex:6300", "4" },
    { "hex:50 79 client", "3" },
    { "hex:50 79 face", "" },
    { "peer:127.0.0.1", "0378" },
    { "peer:127", "0378" },
    { "peer::80", "124" },
    { "peer:#2", "124" },
    { "peer:#3", "9" },
    { "-peer:#2", "0356789" },
    { "peer:192.0.2.1", "6" },
    { "dir:in", "023489" },
    { "dir:out", "17" },
    { "DIR:Out", "17" },
    { "-dir:in", "1567" },
    { "is:event", "56" },
    { "is:data", "01234789" },
    { "-is:data", "56" },
    { "is:truncated", "4" },
    { "len=0", "2" },
    { "len>100", "47" },
    { "len>=9000", "47" },
    { "len<15", "23" },
    { "len<=14 -len=0", "3" },
    { "len=50", "9" },
    { "-len=0", "013456789" },
    { "example.ORG", "5" },
    { "192.0.2.1", "6" },
    { "length", "" },
    { "len", "" },
    { "http/1.1 dir:in", "0" },
    { "-", "" },
    { "\"dir:in\"", "" },
    { "-\"python, c\" dir:in peer:#1", "08" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError)    error = NULL;
      g_autoptr (PtlFilter) filter = ptl_filter_parse (table[i].text, NULL, &error);
      g_autoptr (PtlFilter) copy = NULL;
      g_autoptr (GString)   found = g_string_new (NULL);
      g_autoptr (GString)   found_again = g_string_new (NULL);

      g_assert_no_error (error);
      copy = ptl_filter_dup (filter);
      g_assert_cmpstr (ptl_filter_get_text (copy), ==, table[i].text);
      g_assert_cmpint (ptl_filter_is_all (filter), ==, strlen (table[i].frames) == n_frames);
      for (uint64_t n = 0; n < n_frames; n++)
        {
          PtlFrame frame;

          g_assert_true (ptl_log_get_frame (the_log, n, &frame));
          if (ptl_filter_match (filter, the_log, &frame))
            g_string_append_c (found, (char) ('0' + n));
          /* In the other order, too: what is kept from one frame does not tell of another. */
          g_assert_true (ptl_log_get_frame (the_log, n_frames - 1 - n, &frame));
          if (ptl_filter_match (copy, the_log, &frame))
            g_string_prepend_c (found_again, (char) ('0' + n_frames - 1 - n));
        }
      if (strcmp (found->str, table[i].frames) != 0 || !g_string_equal (found, found_again))
        g_error ("“%s” matches %s and %s, not %s", table[i].text, found->str, found_again->str,
                 table[i].frames);
    }
}

static char *
say_event (const PtlEvent *event)
{
  return g_strdup_printf ("%s it is",
                          event->code == PTL_EVENT_RESOLVING ? "Asking what" : "Trying");
}

/* The words that the user reads for an event are looked at as well. */
static void
test_event_text (void)
{
  static const struct
  {
    const char *text;
    const char *frames; /* that match */
  } table[] = {
    { "asking", "5" },
    { "\"it IS\"", "56" },
    { "trying", "6" },
    { "-asking is:event", "6" },
    { "peer:asking", "" },
    { "example.org", "5" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (PtlFilter) filter = ptl_filter_parse (table[i].text, NULL, NULL);
      g_autoptr (PtlFilter) copy = NULL;
      g_autoptr (GString)   found = g_string_new (NULL);

      ptl_filter_set_event_text (filter, say_event);
      copy = ptl_filter_dup (filter);
      for (uint64_t n = 0; n < n_frames; n++)
        {
          PtlFrame frame;

          g_assert_true (ptl_log_get_frame (the_log, n, &frame));
          g_assert_cmpint (ptl_filter_match (filter, the_log, &frame), ==,
                           ptl_filter_match (copy, the_log, &frame));
          if (ptl_filter_match (filter, the_log, &frame))
            g_string_append_c (found, (char) ('0' + n));
        }
      g_assert_cmpstr (found->str, ==, table[i].frames);
    }
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    size_t      at;
    const char *says; /* the place, as text */
  } table[] = {
    { "\"open", 0, "character 1," },
    { "GET \"open\\\"", 4, "character 5," },
    { "GET \"\"", 5, "character 6," },
    { "-\"\"", 2, "character 3," },
    { "\xc3\xa4 \"\\q\"", 5, "character 5, “q”" },
    { "\\x\\ \"\\x4\"", 5, "character 6, “\\”" },
    { "hex:", 4, "character 5, the end" },
    { "hex:5", 5, "character 6, the end" },
    { "hex:50 hex:5g", 12, "character 13, “g”" },
    { "hex:50::51", 7, "character 8, “:”" },
    { "dir:", 4, "character 5, the end" },
    { "dir:up", 4, "character 5, “u”" },
    { "dir:inn", 4, "character 5, “i”" },
    { "a is:events", 5, "character 6, “e”" },
    { "peer:", 5, "character 6, the end" },
    { "peer:#", 6, "character 7, the end" },
    { "peer:#4294967296", 6, "character 7, “4”" },
    { "peer:#1x", 7, "character 8, “x”" },
    { "len>", 4, "character 5, the end" },
    { "len>=1k", 6, "character 7, “k”" },
    { "len>18446744073709551616", 4, "character 5, “1”" },
    { "len=-1", 4, "character 5, “-”" },
    { "a\xff", 1, "character 2, byte 0xFF" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError)    error = NULL;
      size_t                at = 1000;
      g_autoptr (PtlFilter) filter = ptl_filter_parse (table[i].text, &at, &error);

      g_assert_null (filter);
      g_assert_error (error, PTL_ERROR, PTL_ERROR_PARSE);
      if (at != table[i].at || !g_str_has_prefix (error->message, table[i].says))
        g_error ("“%s”: at %zu, %s", table[i].text, at, error->message);
      g_assert_null (ptl_filter_parse (table[i].text, NULL, NULL));
    }
}

static void
test_limits (void)
{
  g_autoptr (GString)   text = g_string_new (NULL);
  g_autoptr (GString)   word = g_string_new (NULL);
  g_autoptr (PtlFilter) filter = NULL;
  g_autoptr (GError)    error = NULL;
  size_t                at;

  for (int i = 0; i < PTL_FILTER_TERMS_MAX; i++)
    g_string_append (text, "a ");
  filter = ptl_filter_parse (text->str, &at, &error);
  g_assert_no_error (error);
  g_clear_pointer (&filter, ptl_filter_free);
  g_string_append (text, "b");
  g_assert_null (ptl_filter_parse (text->str, &at, &error));
  g_assert_cmpuint (at, ==, 2 * PTL_FILTER_TERMS_MAX);
  g_clear_error (&error);

  for (int i = 0; i < PTL_FILTER_NEEDLE_MAX; i++)
    g_string_append_c (word, 'x');
  filter = ptl_filter_parse (word->str, &at, &error);
  g_assert_no_error (error);
  g_string_append_c (word, 'x');
  g_assert_null (ptl_filter_parse (word->str, &at, &error));
  g_clear_error (&error);
  g_string_prepend_c (word, '"');
  g_string_append_c (word, '"');
  g_assert_null (ptl_filter_parse (word->str, &at, &error));
  g_clear_error (&error);
  g_string_assign (word, "hex:");
  for (int i = 0; i <= PTL_FILTER_NEEDLE_MAX; i++)
    g_string_append (word, "ab");
  g_assert_null (ptl_filter_parse (word->str, &at, &error));
  g_assert_cmpuint (at, ==, 4 + 2 * PTL_FILTER_NEEDLE_MAX);
}

/* Against a simple search, byte by byte. */
static void
test_random (void)
{
  g_autoptr (GRand)  rand = g_rand_new_with_seed (3);
  g_autoptr (GError) error = NULL;
  g_autofree char   *dir = g_build_filename (parent, "random", NULL);
  g_autoptr (PtlLog) log = ptl_log_create (dir, "x", 0, &error);
  PtlSink           *random_sink = ptl_log_make_sink (log);
  unsigned           n_found = 0;

  for (uint64_t n = 0; n < 20000; n++)
    {
      char                  hay[24];
      char                  needle[4];
      char                  expression[16];
      uint32_t              len = (uint32_t) g_rand_int_range (rand, 0, sizeof hay);
      int                   needle_len = g_rand_int_range (rand, 1, 4);
      PtlFrame              frame = { .length = len };
      g_autoptr (PtlFilter) filter = NULL;
      bool                  expected = false;

      for (uint32_t i = 0; i < len; i++)
        hay[i] = "aAbB/"[g_rand_int_range (rand, 0, 5)];
      for (int i = 0; i < needle_len; i++)
        needle[i] = "aAbB/"[g_rand_int_range (rand, 0, 5)];
      needle[needle_len] = '\0';
      for (uint32_t i = 0; i + (uint32_t) needle_len <= len; i++)
        expected |= g_ascii_strncasecmp (hay + i, needle, (gsize) needle_len) == 0;

      random_sink->klass->append (random_sink, &frame, hay);
      g_assert_cmpint (random_sink->klass->commit (random_sink), ==, 0);
      g_assert_true (ptl_log_get_frame (log, n, &frame));
      g_snprintf (expression, sizeof expression, "\"%s\"", needle);
      filter = ptl_filter_parse (expression, NULL, &error);
      g_assert_no_error (error);
      if (ptl_filter_match (filter, log, &frame) != expected)
        g_error ("“%s” in “%.*s”", needle, (int) len, hay);
      n_found += expected;
    }
  g_assert_cmpuint (n_found, >, 1000);
  random_sink->klass->close (random_sink);
  g_assert_true (ptl_log_discard (dir, NULL) == false);
  g_clear_pointer (&log, ptl_log_unref);
  g_assert_true (ptl_log_discard (dir, &error));
}

/* A record that says what is not so. */
static void
test_hostile_frame (void)
{
  static const PtlFrame frames[] = {
    { .offset = UINT64_MAX, .length = 10 },
    { .offset = UINT64_MAX - 5, .length = UINT32_MAX },
    { .offset = 0, .length = UINT32_MAX, .kind = PTL_FRAME_EVENT },
    { .offset = 3, .length = 100, .kind = PTL_FRAME_EVENT, .code = 9999 },
    { .kind = PTL_N_FRAME_KINDS },
    { .kind = 255, .flags = 0xffff, .peer = UINT32_MAX },
  };
  g_autoptr (PtlFilter) all = ptl_filter_parse ("", NULL, NULL);
  g_autoptr (PtlFilter) some = ptl_filter_parse ("-zzz peer:no", NULL, NULL);
  g_autoptr (PtlFilter) text = ptl_filter_parse ("zzz", NULL, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_assert_true (ptl_filter_match (all, the_log, &frames[i]));
      g_assert_false (ptl_filter_match (some, the_log, &frames[i]));
      g_assert_false (ptl_filter_match (text, the_log, &frames[i]));
    }
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *dir = NULL;
  int              result;

  g_test_init (&argc, &argv, NULL);
  make_log ();

  g_test_add_func ("/filter/match", test_match);
  g_test_add_func ("/filter/event-text", test_event_text);
  g_test_add_func ("/filter/errors", test_errors);
  g_test_add_func ("/filter/limits", test_limits);
  g_test_add_func ("/filter/random", test_random);
  g_test_add_func ("/filter/hostile-frame", test_hostile_frame);
  result = g_test_run ();

  dir = g_strdup (ptl_log_get_dir (the_log));
  sink->klass->close (sink);
  ptl_log_unref (the_log);
  ptl_log_discard (dir, NULL);
  g_rmdir (parent);
  g_free (parent);
  return result;
}
