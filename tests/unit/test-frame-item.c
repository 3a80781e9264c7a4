/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a row of the frames' list says of its frame. */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "base/ptl-event.h"
#include "model/ptl-fault-text.h"
#include "model/ptl-frame-item.h"

#include "log-fixture.h"

static void
append_bytes (PtlLog       *log,
              PtlSink      *sink,
              PtlFrameKind  kind,
              uint32_t      peer,
              uint32_t      code,
              const void   *bytes,
              size_t        len_bytes)
{
  PtlFrame frame = { .time_ns = ptl_log_get_start_monotonic_ns (log) + 1000,
                     .length = (uint32_t) len_bytes,
                     .peer = peer,
                     .kind = kind,
                     .code = code };

  sink->klass->append (sink, &frame, bytes);
}

static void
assert_preview (PtlLog     *log,
                uint64_t    number,
                const char *start,
                const char *end)
{
  g_autoptr (PtlFrameItem) item = ptl_frame_item_new (log, number);
  g_autofree char         *preview = ptl_frame_item_dup_preview (item);

  g_assert_true (g_utf8_validate (preview, -1, NULL));
  if (!g_str_has_prefix (preview, start) || !g_str_has_suffix (preview, end))
    g_error ("frame %u: “%s”", (unsigned) number, preview);
}

static void
test_texts (Fixture      *fixture,
            gconstpointer data)
{
  PtlLog                  *log = make_log (fixture->dir, 0);
  PtlSink                 *sink = ptl_log_make_sink (log);
  g_autofree char         *data_path = g_build_filename (fixture->dir, "data", NULL);
  PtlAddress               address = { .len = sizeof (struct sockaddr_in) };
  PtlEvent                 event = { .code = PTL_EVENT_STOPPED };
  uint8_t                  bytes[PTL_EVENT_BYTES_MAX];
  size_t                   len;
  g_autoptr (GString)      faces = g_string_new ("x");
  g_autofree char         *stopped = ptl_event_to_text (&event);
  g_autofree char         *text = NULL;
  g_autofree char         *peer_text = NULL;
  g_autoptr (PtlFrameItem) item = NULL;
  PtlFrame                 frame = { .flags = PTL_FRAME_NOT_STORED, .code = 99 };
  struct tm                local;
  time_t                   seconds;
  unsigned                 hour, minute, second, micros;

  address.in.sin_family = AF_INET;
  address.in.sin_addr.s_addr = g_htonl (INADDR_LOOPBACK);
  address.in.sin_port = g_htons (80);
  sink->klass->add_peer (sink, 1, &address);
  append_bytes (log, sink, PTL_FRAME_IN, 1, 0, "Python, client", 14);
  len = ptl_event_encode (&event, bytes);
  append_bytes (log, sink, PTL_FRAME_EVENT, 0, event.code, bytes, len);
  for (int i = 0; i < 100; i++)
    g_string_append (faces, "\360\237\230\200");
  append_bytes (log, sink, PTL_FRAME_OUT, 7, 0, faces->str, faces->len);
  append_bytes (log, sink, PTL_FRAME_EVENT, 0, PTL_EVENT_CLOSED, "too short", 9);
  append_bytes (log, sink, PTL_FRAME_IN, 1, 0, "", 0);
  sink->klass->append (sink, &frame, NULL);
  append_bytes (log, sink, PTL_FRAME_IN, 1, 0, "gone", 4);
  g_assert_cmpint (sink->klass->commit (sink), ==, 0);

  assert_preview (log, 0, "Python, client", "client");
  assert_preview (log, 1, stopped, stopped);
  /* A character is not cut in its middle. */
  assert_preview (log, 2, "x\360\237\230\200", "\360\237\230\200…");
  assert_preview (log, 3, "", "");
  assert_preview (log, 5, "counted", "");
  g_assert_cmpint (truncate (data_path, (off_t) (ptl_log_get_n_bytes (log) - 7 * 32 - 128 - 4)),
                   ==, 0);
  assert_preview (log, 6, "The bytes of this frame cannot be read", "");
  assert_preview (log, 4, "", "");

  item = ptl_frame_item_new (log, 0);
  g_assert_true (ptl_frame_item_get_log (item) == log);
  peer_text = ptl_frame_item_dup_peer (item);
  g_assert_cmpstr (peer_text, ==, "127.0.0.1:80");
  text = ptl_frame_item_dup_time (item);
  g_assert_cmpint (sscanf (text, "%2u:%2u:%2u.%6u", &hour, &minute, &second, &micros), ==, 4);
  seconds = (time_t) ((ptl_log_get_start_realtime_ns (log) + 1000) / 1000000000);
  localtime_r (&seconds, &local);
  g_assert_cmpuint (hour, ==, local.tm_hour);
  g_assert_cmpuint (minute, ==, local.tm_min);
  g_assert_cmpuint (second, ==, local.tm_sec);
  g_assert_cmpuint (micros, ==, (ptl_log_get_start_realtime_ns (log) + 1000) / 1000 % 1000000);
  g_clear_object (&item);
  g_clear_pointer (&peer_text, g_free);

  /* The session's own, and a number without an address. */
  item = ptl_frame_item_new (log, 1);
  g_assert_null (ptl_frame_item_dup_peer (item));
  g_clear_object (&item);
  item = ptl_frame_item_new (log, 2);
  peer_text = ptl_frame_item_dup_peer (item);
  g_assert_cmpstr (peer_text, ==, "#7");
  g_clear_object (&item);

  /* A record that is not there. */
  item = ptl_frame_item_new (log, 1000);
  g_assert_cmpuint (ptl_frame_item_get_frame (item)->kind, ==, PTL_N_FRAME_KINDS);
  g_clear_pointer (&text, g_free);
  text = ptl_frame_item_dup_preview (item);
  g_assert_cmpstr (text, ==, "This record of the log is damaged");

  g_clear_object (&item);
  sink->klass->close (sink);
  ptl_log_unref (log);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/frame-item/texts", Fixture, NULL, set_up, test_texts, tear_down);
  return g_test_run ();
}
