/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of calls: bounded, folded where a call repeats, read while it is written. */
#include "config.h"

#include <errno.h>
#include <pthread.h>

#include <glib.h>

#include "engine/ptl-calls.h"

static void
test_bounded (void)
{
  PtlCalls *calls = ptl_calls_new ();
  PtlCallRecord record = { .call = PTL_CALL_BIND, .count = 1 };
  uint64_t first, next, changes;

  ptl_calls_get_range (calls, &first, &next, &changes);
  g_assert_cmpuint (next, ==, 0);
  g_assert_false (ptl_calls_get (calls, 0, &record));
  for (unsigned i = 0; i < PTL_CALLS_MAX + 10; i++)
    {
      record.fd = (int) i;
      g_assert_cmpuint (ptl_calls_add (calls, &record), ==, i);
    }
  ptl_calls_get_range (calls, &first, &next, &changes);
  g_assert_cmpuint (first, ==, 10);
  g_assert_cmpuint (next, ==, PTL_CALLS_MAX + 10);
  g_assert_cmpuint (changes, ==, PTL_CALLS_MAX + 10);
  g_assert_false (ptl_calls_get (calls, 9, &record));
  g_assert_true (ptl_calls_get (calls, 10, &record));
  g_assert_cmpint (record.fd, ==, 10);
  g_assert_true (ptl_calls_get (calls, PTL_CALLS_MAX + 9, &record));
  g_assert_cmpint (record.fd, ==, PTL_CALLS_MAX + 9);
  g_assert_false (ptl_calls_get (calls, PTL_CALLS_MAX + 10, &record));
  ptl_calls_unref (calls);
}

static void
test_fold (void)
{
  PtlCalls *calls = ptl_calls_new ();
  PtlCallFold fold = { 0 }, other = { 0 };
  PtlCallRecord record = { .call = PTL_CALL_BIND, .count = 1 };
  uint64_t first, next, changes;

  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 1, 100, 1, 10, 0, 10, 64);
  ptl_calls_add (calls, &record);
  ptl_calls_fold (calls, &other, PTL_CALL_RECV, 8, 2, 150, 1, 5, 0, 5, 64);
  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 1, 200, 3, 20, 0, 50, 64);
  ptl_calls_get_range (calls, &first, &next, &changes);
  g_assert_cmpuint (next, ==, 3);
  g_assert_cmpuint (changes, ==, 4);
  g_assert_true (ptl_calls_get (calls, 0, &record));
  g_assert_cmpuint (record.count, ==, 4);
  g_assert_cmpuint (record.bytes, ==, 60);
  g_assert_cmpuint (record.time_ns, ==, 100);
  g_assert_cmpuint (record.last_ns, ==, 200);
  g_assert_cmpint (record.result, ==, 20);
  g_assert_cmpint (record.args[0], ==, 64);
  g_assert_cmpint (record.args[1], ==, 1);

  /* Another outcome is another line: the end of input, an error. */
  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 1, 300, 1, 0, 0, 0, 64);
  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 1, 400, 1, -1, ECONNRESET, 0, 64);
  ptl_calls_get_range (calls, &first, &next, &changes);
  g_assert_cmpuint (next, ==, 5);
  g_assert_true (ptl_calls_get (calls, 4, &record));
  g_assert_cmpint (record.sys_errno, ==, ECONNRESET);

  /* What fell out of the ring is not written to any more. */
  record = (PtlCallRecord) { .call = PTL_CALL_CLOSE, .count = 1 };
  for (unsigned i = 0; i < PTL_CALLS_MAX; i++)
    ptl_calls_add (calls, &record);
  ptl_calls_fold (calls, &other, PTL_CALL_RECV, 8, 2, 500, 1, 5, 0, 5, 64);
  ptl_calls_get_range (calls, &first, &next, &changes);
  g_assert_true (ptl_calls_get (calls, next - 1, &record));
  g_assert_cmpuint (record.call, ==, PTL_CALL_RECV);
  g_assert_cmpuint (record.count, ==, 1);
  ptl_calls_unref (calls);
}

static void *
read_all (void *data)
{
  PtlCalls *calls = data;
  uint64_t first, next = 0, changes;
  uint64_t *n_read = g_new0 (uint64_t, 1);

  while (next < 3 * PTL_CALLS_MAX)
    {
      PtlCallRecord record;

      ptl_calls_get_range (calls, &first, &next, &changes);
      if (next == 0 || !ptl_calls_get (calls, next - 1, &record))
        continue;
      g_assert_cmpint (record.fd, ==, (int) record.time_ns);
      (*n_read)++;
    }
  return n_read;
}

static void
test_two_threads (void)
{
  PtlCalls *calls = ptl_calls_new ();
  pthread_t reader;
  uint64_t *n_read;

  g_assert_cmpint (pthread_create (&reader, NULL, read_all, ptl_calls_ref (calls)), ==, 0);
  for (unsigned i = 0; i < 3 * PTL_CALLS_MAX; i++)
    {
      PtlCallRecord record = { .call = PTL_CALL_SEND, .fd = (int) i, .time_ns = i, .count = 1 };

      ptl_calls_add (calls, &record);
    }
  g_assert_cmpint (pthread_join (reader, (void **) &n_read), ==, 0);
  g_assert_cmpuint (*n_read, >, 0);
  g_free (n_read);
  ptl_calls_unref (calls);
  ptl_calls_unref (calls);
}

/* A call that would have to wait is counted with those that did not, wherever that is. */
static void
test_again (void)
{
  PtlCalls *calls = ptl_calls_new ();
  PtlCallFold fold = { 0 };
  PtlCallRecord record;
  uint64_t first, next, changes;

  ptl_calls_fold_again (calls, &fold, PTL_CALL_RECV, 7, 1, 100, 64);
  ptl_calls_fold_again (calls, &fold, PTL_CALL_RECV, 7, 1, 200, 64);
  g_assert_true (ptl_calls_get (calls, 0, &record));
  g_assert_cmpint (record.sys_errno, ==, EAGAIN);
  g_assert_cmpint (record.result, ==, -1);
  g_assert_cmpuint (record.count, ==, 2);
  g_assert_cmpuint (record.n_again, ==, 0);
  g_assert_cmpuint (record.last_ns, ==, 200);

  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 1, 300, 1, 10, 0, 10, 64);
  ptl_calls_fold_again (calls, &fold, PTL_CALL_RECV, 7, 1, 400, 64);
  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 1, 500, 1, 11, 0, 11, 32);
  ptl_calls_fold_again (calls, &fold, PTL_CALL_RECV, 7, 1, 600, 64);
  ptl_calls_get_range (calls, &first, &next, &changes);
  g_assert_cmpuint (next, ==, 2);
  g_assert_cmpuint (changes, ==, 6);
  g_assert_true (ptl_calls_get (calls, 1, &record));
  g_assert_cmpuint (record.count, ==, 2);
  g_assert_cmpuint (record.bytes, ==, 21);
  g_assert_cmpint (record.result, ==, 11);
  g_assert_cmpint (record.sys_errno, ==, 0);
  g_assert_cmpuint (record.n_again, ==, 2);
  g_assert_cmpuint (record.time_ns, ==, 300);
  g_assert_cmpuint (record.last_ns, ==, 600);
  /* They were for different sizes. */
  g_assert_cmpint (record.args[1], ==, 0);

  /* Of a call that is not there any more: a line of its own. */
  record = (PtlCallRecord) { .call = PTL_CALL_CLOSE, .count = 1 };
  for (unsigned i = 0; i < PTL_CALLS_MAX; i++)
    ptl_calls_add (calls, &record);
  ptl_calls_fold_again (calls, &fold, PTL_CALL_RECV, 7, 1, 700, 64);
  ptl_calls_get_range (calls, &first, &next, &changes);
  g_assert_true (ptl_calls_get (calls, next - 1, &record));
  g_assert_cmpint (record.sys_errno, ==, EAGAIN);
  g_assert_cmpuint (record.count, ==, 1);
  ptl_calls_unref (calls);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/calls/bounded", test_bounded);
  g_test_add_func ("/calls/fold", test_fold);
  g_test_add_func ("/calls/again", test_again);
  g_test_add_func ("/calls/two-threads", test_two_threads);
  return g_test_run ();
}
