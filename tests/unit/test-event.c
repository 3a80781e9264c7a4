/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events as bytes: there and back, and bytes that are damaged. */
#include "config.h"

#include "base/ptl-event.h"

#include <string.h>

#include <arpa/inet.h>

static void
make_event (PtlEvent *event)
{
  memset (event, 0, sizeof *event);
  event->code = PTL_EVENT_CONNECTED;
  event->error = 111;
  event->n1 = -5;
  event->n2 = INT64_MAX;
  event->local.len = sizeof event->local.in;
  event->local.in.sin_family = AF_INET;
  event->local.in.sin_port = htons (80);
  event->peer.len = sizeof event->peer.in6;
  event->peer.in6.sin6_family = AF_INET6;
  event->peer.in6.sin6_scope_id = 3;
  g_strlcpy (event->text, "example.org", sizeof event->text);
}

static void
assert_same (const PtlEvent *a,
             const PtlEvent *b)
{
  g_assert_cmpint (a->code, ==, b->code);
  g_assert_cmpint (a->error, ==, b->error);
  g_assert_cmpint (a->n1, ==, b->n1);
  g_assert_cmpint (a->n2, ==, b->n2);
  g_assert_true (ptl_address_equal (&a->local, &b->local));
  g_assert_true (ptl_address_equal (&a->peer, &b->peer));
  g_assert_cmpstr (a->text, ==, b->text);
}

static void
test_round_trip (void)
{
  uint8_t bytes[PTL_EVENT_BYTES_MAX];
  PtlEvent event, back;
  size_t len;
  char name[107];

  make_event (&event);
  len = ptl_event_encode (&event, bytes);
  g_assert_cmpuint (len, ==, 24 + 16 + 28 + 11);
  g_assert_true (ptl_event_decode (&back, PTL_EVENT_CONNECTED, bytes, len));
  assert_same (&event, &back);

  memset (&event, 0, sizeof event);
  event.code = PTL_EVENT_STOPPED;
  len = ptl_event_encode (&event, bytes);
  g_assert_cmpuint (len, ==, 24);
  g_assert_true (ptl_event_decode (&back, PTL_EVENT_STOPPED, bytes, len));
  assert_same (&event, &back);

  /* The longest one there is. */
  memset (name, 'x', sizeof name);
  ptl_address_set_unix (&event.local, name, sizeof name, false);
  ptl_address_set_unix (&event.peer, name, sizeof name, true);
  memset (event.text, 't', sizeof event.text - 1);
  len = ptl_event_encode (&event, bytes);
  g_assert_cmpuint (len, ==, 24 + 2 * 110 + 1023);
  g_assert_cmpuint (len, <=, PTL_EVENT_BYTES_MAX);
  g_assert_true (ptl_event_decode (&back, PTL_EVENT_STOPPED, bytes, len));
  assert_same (&event, &back);

  /* A text whose end is missing is cut, not run over. */
  event.text[sizeof event.text - 1] = 't';
  g_assert_cmpuint (ptl_event_encode (&event, bytes), ==, len);
}

static void
assert_refused (const uint8_t *bytes,
                size_t         len)
{
  PtlEvent event;
  PtlEvent empty;
  /* At the end of a block of its own, so that a byte too many is found by the sanitizer. */
  g_autofree uint8_t *exact = g_memdup2 (bytes, len);

  memset (&empty, 0, sizeof empty);
  empty.code = 7;
  memset (&event, 0xff, sizeof event);
  g_assert_false (ptl_event_decode (&event, 7, exact, len));
  assert_same (&event, &empty);
  g_assert_cmpint (event.local.len, ==, 0);
}

static void
test_damaged (void)
{
  uint8_t bytes[PTL_EVENT_BYTES_MAX + 1] = { 0 };
  uint8_t good[PTL_EVENT_BYTES_MAX + 1] = { 0 };
  PtlEvent event;
  size_t len;

  make_event (&event);
  len = ptl_event_encode (&event, good);

  for (size_t cut = 0; cut < len; cut++)
    assert_refused (good, cut);
  assert_refused (good, len + 1);

  memcpy (bytes, good, sizeof bytes);
  bytes[20] = 15; /* too short for its family */
  assert_refused (bytes, len - 1);
  memcpy (bytes, good, sizeof bytes);
  bytes[21] = 255;
  assert_refused (bytes, len);
  memcpy (bytes, good, sizeof bytes);
  bytes[len - 3] = 0; /* a NUL in the text */
  assert_refused (bytes, len);
  memset (bytes, 'x', sizeof bytes);
  memset (bytes, 0, 24);
  bytes[22] = 0x00;
  bytes[23] = 0x04; /* 1024 bytes of text */
  assert_refused (bytes, 24 + 1024);
}

static void
test_noise (void)
{
  for (unsigned i = 0; i < 20000; i++)
    {
      uint8_t bytes[96];
      size_t len = (size_t) g_test_rand_int_range (0, sizeof bytes);
      PtlEvent event, back;

      for (size_t k = 0; k < len; k++)
        bytes[k] = (uint8_t) g_test_rand_int_range (0, k < 22 && k > 19 ? 40 : 256);
      if (len >= 24)
        {
          bytes[20] %= 4;
          bytes[21] = 0;
          bytes[22] = (uint8_t) (len - 24 - bytes[20]);
          bytes[23] = 0;
        }
      if (ptl_event_decode (&event, 9, bytes, len))
        {
          uint8_t again[PTL_EVENT_BYTES_MAX];
          size_t again_len = ptl_event_encode (&event, again);

          g_assert_true (ptl_event_decode (&back, 9, again, again_len));
          assert_same (&event, &back);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event/round-trip", test_round_trip);
  g_test_add_func ("/event/damaged", test_damaged);
  g_test_add_func ("/event/noise", test_noise);
  return g_test_run ();
}
