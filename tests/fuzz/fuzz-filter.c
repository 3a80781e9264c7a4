/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any filter expression, held against frames of any bytes: the text ends at the first NUL, what
 * follows are the bytes. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ptl-error.h"
#include "base/ptl-event.h"
#include "log/ptl-filter.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

#define LENGTH_MAX 4096u

static char    *parent;
static PtlLog  *the_log;
static PtlSink *sink;

static void
close_log (void)
{
  g_autofree char *dir = g_strdup (ptl_log_get_dir (the_log));

  sink->klass->close (sink);
  ptl_log_unref (the_log);
  ptl_log_discard (dir, NULL);
  rmdir (parent);
}

static void
make_log (void)
{
  static unsigned  n_logs;
  g_autofree char *name = g_strdup_printf ("%u", n_logs++);
  g_autofree char *dir = NULL;
  PtlAddress       address = { .len = sizeof (struct sockaddr_in) };

  if (parent == NULL)
    {
      parent = g_dir_make_tmp ("ptl-fuzz-filter-XXXXXX", NULL);
      g_assert_nonnull (parent);
      atexit (close_log);
    }
  dir = g_build_filename (parent, name, NULL);
  the_log = ptl_log_create (dir, "x", 0, NULL);
  g_assert_nonnull (the_log);
  sink = ptl_log_make_sink (the_log);
  address.in.sin_family = AF_INET;
  sink->klass->add_peer (sink, 1, &address);
}

/* A plain search, of text that has neither quotes nor anything of the syntax in it. */
static bool
is_plain (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && (uint8_t) *c < 0x80)
      return false;
  return *text != '\0';
}

static bool
find_plainly (const char    *text,
              const uint8_t *bytes,
              size_t         len_bytes)
{
  size_t len = strlen (text);

  for (size_t i = 0; i + len <= len_bytes; i++)
    if (g_ascii_strncasecmp ((const char *) bytes + i, text, len) == 0
        && memchr (bytes + i, 0, len) == NULL)
      return true;
  return false;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  const uint8_t        *end = memchr (bytes, 0, len_bytes);
  size_t                text_len = end != NULL ? (size_t) (end - bytes) : len_bytes;
  g_autofree char      *text = NULL;
  g_autoptr (PtlFilter) filter = NULL;
  g_autoptr (GError)    error = NULL;
  size_t                at = SIZE_MAX;
  size_t                length;

  if (len_bytes == 0)
    return 0;
  if (the_log == NULL)
    make_log ();
  if (ptl_log_get_n_bytes (the_log) > 16 * 1024 * 1024)
    {
      g_autofree char *dir = g_strdup (ptl_log_get_dir (the_log));

      sink->klass->close (sink);
      ptl_log_unref (the_log);
      ptl_log_discard (dir, NULL);
      make_log ();
    }

  text = g_strndup ((const char *) bytes, text_len);
  filter = ptl_filter_parse (text, &at, &error);
  if (filter == NULL)
    {
      g_assert_error (error, PTL_ERROR, PTL_ERROR_PARSE);
      g_assert_cmpuint (at, <=, text_len);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_no_error (error);

  bytes += text_len;
  length = MIN (len_bytes - text_len, LENGTH_MAX);
  for (unsigned kind = 0; kind < PTL_N_FRAME_KINDS; kind++)
    {
      PtlFrame frame = { .kind = (uint8_t) kind, .length = (uint32_t) length, .peer = kind };
      bool     matches;

      if (kind == PTL_FRAME_EVENT)
        frame.code = PTL_EVENT_RESOLVED;
      sink->klass->append (sink, &frame, bytes);
      g_assert_cmpint (sink->klass->commit (sink), ==, 0);
      g_assert_true (ptl_log_get_frame (the_log, ptl_log_get_n_frames (the_log) - 1, &frame));
      matches = ptl_filter_match (filter, the_log, &frame);
      if (kind != PTL_FRAME_EVENT && is_plain (text))
        g_assert_cmpint (matches, ==, find_plainly (text, bytes, length));
      if (ptl_filter_is_all (filter))
        g_assert_true (matches);
    }
  return 0;
}
