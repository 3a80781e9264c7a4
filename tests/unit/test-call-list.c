/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of calls follows the ring: new ones, folded ones, dropped ones. */
#include "config.h"

#include "model/ptl-call-list.h"

#include <errno.h>
#include <string.h>

typedef struct
{
  guint    n_items; /* as the signals say */
  unsigned n_signals;
} Follower;

static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     gpointer    data)
{
  Follower *follower = data;

  g_assert_cmpuint (position + removed, <=, follower->n_items);
  follower->n_items += added - removed;
  follower->n_signals++;
  g_assert_cmpuint (follower->n_items, ==, g_list_model_get_n_items (model));
}

static void
add (PtlCalls *calls,
     int       fd)
{
  PtlCallRecord record = { .call = PTL_CALL_CLOSE, .fd = fd, .count = 1 };

  ptl_calls_add (calls, &record);
}

static void
on_notify_cb (GObject    *object,
              GParamSpec *pspec,
              gpointer    data)
{
  GString *names = data;

  g_string_append_printf (names, "%s ", pspec->name);
}

static void
test_follow (void)
{
  PtlCalls *calls = ptl_calls_new ();
  g_autoptr (PtlCallList) list = ptl_call_list_new (calls);
  g_autoptr (PtlCallItem) item = NULL;
  g_autoptr (PtlCallItem) again = NULL;
  g_autoptr (PtlCallItem) folded = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  PtlCallFold fold = { 0 };
  Follower follower = { 0 };

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), &follower);
  g_assert_false (ptl_call_list_sync (list));
  add (calls, 7);
  add (calls, 8);
  /* nothing before sync */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  g_assert_true (ptl_call_list_sync (list));
  g_assert_cmpuint (follower.n_items, ==, 2);
  g_assert_cmpuint (follower.n_signals, ==, 1);
  g_assert_false (ptl_call_list_sync (list));

  item = g_list_model_get_item (G_LIST_MODEL (list), 1);
  again = g_list_model_get_item (G_LIST_MODEL (list), 1);
  g_assert_true (item == again);
  g_assert_cmpuint (ptl_call_item_get_sequence (item), ==, 1);
  g_assert_cmpint (ptl_call_item_get_record (item)->fd, ==, 8);
  g_assert_cmpstr (ptl_call_item_get_text (item), ==, "close(8)");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), 2));

  /* A folded call grows in its row. */
  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 0, 1000, 1, 14, 0, 14, 64);
  ptl_call_list_sync (list);
  folded = g_list_model_get_item (G_LIST_MODEL (list), 2);
  g_assert_cmpstr (ptl_call_item_get_result (folded), ==, "= 14");
  g_signal_connect (folded, "notify", G_CALLBACK (on_notify_cb), names);
  ptl_calls_fold (calls, &fold, PTL_CALL_RECV, 7, 0, 2000, 1, 14, 0, 14, 64);
  g_assert_true (ptl_call_list_sync (list));
  g_assert_cmpuint (follower.n_signals, ==, 2);
  g_assert_nonnull (strstr (names->str, "result "));
  g_assert_cmpstr (ptl_call_item_get_result (folded), ==, "× 2 = 28 bytes");
  ptl_calls_unref (calls);
}

/* The ring drops its oldest: rows leave at the front. */
static void
test_dropped (void)
{
  PtlCalls *calls = ptl_calls_new ();
  g_autoptr (PtlCallList) list = ptl_call_list_new (calls);
  g_autoptr (PtlCallItem) first = NULL;
  g_autoptr (PtlCallItem) late = NULL;
  Follower follower = { 0 };

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), &follower);
  for (unsigned i = 0; i < PTL_CALLS_MAX; i++)
    add (calls, (int) i);
  ptl_call_list_sync (list);
  g_assert_cmpuint (follower.n_items, ==, PTL_CALLS_MAX);
  g_assert_cmpuint (ptl_call_list_get_n_dropped (list), ==, 0);

  for (unsigned i = 0; i < 10; i++)
    add (calls, 100000 + (int) i);
  /* Between a drop and the sync a row may be asked for that is gone. */
  late = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_nonnull (late);
  g_assert_cmpstr (ptl_call_item_get_text (late), ==, "…");
  ptl_call_list_sync (list);
  g_assert_cmpuint (follower.n_items, ==, PTL_CALLS_MAX);
  g_assert_cmpuint (follower.n_signals, ==, 3);
  g_assert_cmpuint (ptl_call_list_get_n_dropped (list), ==, 10);
  first = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpint (ptl_call_item_get_record (first)->fd, ==, 10);

  /* All of them new. */
  for (unsigned i = 0; i < PTL_CALLS_MAX * 2; i++)
    add (calls, -1);
  ptl_call_list_sync (list);
  g_assert_cmpuint (follower.n_items, ==, PTL_CALLS_MAX);
  g_assert_cmpuint (follower.n_signals, ==, 4);
  ptl_calls_unref (calls);
}

static void
test_empty (void)
{
  g_autoptr (PtlCallList) list = ptl_call_list_new (NULL);

  g_assert_false (ptl_call_list_sync (list));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), 0));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call-list/follow", test_follow);
  g_test_add_func ("/call-list/dropped", test_dropped);
  g_test_add_func ("/call-list/empty", test_empty);
  return g_test_run ();
}
