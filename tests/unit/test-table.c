/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: order, what is told of changes, and how they are written out. */
#include "config.h"

#include "model/ptl-table-store.h"

static const PtlTableColumn columns[] = {
  { "name", "Name", 10, 0 },
  { "rtt_ms", "Round trip", 8, PTL_TABLE_NUMERIC },
};

static PtlTableStore *
make_store (void)
{
  PtlTableStore *store = ptl_table_store_new (columns, G_N_ELEMENTS (columns));
  PtlTableRow *row = ptl_table_store_add (store, "b");

  ptl_table_row_set (row, 0, "b, \"quoted\"\n");
  ptl_table_row_set_number (row, 1, 10.5, "10.5 ms");
  row = ptl_table_store_add (store, "a");
  ptl_table_row_set (row, 0, "a");
  row = ptl_table_store_add (store, "c");
  ptl_table_row_set (row, 0, "c\x1f\xff");
  ptl_table_row_set_number (row, 1, 9, "9 ms");
  return store;
}

static char *
list_keys (PtlTableStore *store)
{
  GString *keys = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (store)); i++)
    {
      g_autoptr (PtlTableRow) row = g_list_model_get_item (G_LIST_MODEL (store), i);

      g_string_append (keys, ptl_table_row_get_key (row));
    }
  return g_string_free (keys, FALSE);
}

#define assert_keys(store, expected)                                                              \
  G_STMT_START                                                                                    \
    {                                                                                             \
      g_autofree char *keys_ = list_keys (store);                                                 \
                                                                                                  \
      g_assert_cmpstr (keys_, ==, expected);                                                      \
    }                                                                                             \
  G_STMT_END

static void
test_sort (void)
{
  g_autoptr (PtlTableStore) store = make_store ();

  assert_keys (store, "bac");
  ptl_table_sort (PTL_TABLE (store), 0, FALSE);
  assert_keys (store, "abc");
  ptl_table_sort (PTL_TABLE (store), 0, TRUE);
  assert_keys (store, "cba");
  /* What has no number stays last. */
  ptl_table_sort (PTL_TABLE (store), 1, FALSE);
  assert_keys (store, "cba");
  ptl_table_sort (PTL_TABLE (store), 1, TRUE);
  assert_keys (store, "bca");
  ptl_table_sort (PTL_TABLE (store), -1, FALSE);
  assert_keys (store, "bac");
}

static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     GString    *told)
{
  g_string_append_printf (told, "%u-%u+%u ", position, removed, added);
}

static void
on_changed_cb (guint *n)
{
  (*n)++;
}

static void
test_changes (void)
{
  g_autoptr (PtlTableStore) store = make_store ();
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (PtlTableRow) row = g_object_ref (ptl_table_store_find (store, "a"));
  guint n = 0;

  g_signal_connect (store, "items-changed", G_CALLBACK (on_items_changed_cb), told);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (on_changed_cb), &n);
  ptl_table_row_set_number (row, 1, 3, "3 ms");
  ptl_table_row_set_tone (row, 1, PTL_TABLE_BAD);
  g_assert_cmpuint (n, ==, 0);
  ptl_table_row_changed (row);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (ptl_table_get_tone (PTL_TABLE (store), row, 1), ==, PTL_TABLE_BAD);
  g_assert_cmpstr (told->str, ==, "");

  /* Only what moves is told. */
  ptl_table_sort (PTL_TABLE (store), 0, FALSE);
  g_assert_cmpstr (told->str, ==, "0-2+2 ");
  ptl_table_store_remove (store, row);
  g_assert_cmpstr (told->str, ==, "0-2+2 0-1+0 ");
  g_assert_null (ptl_table_store_find (store, "a"));
  g_assert_cmpstr (ptl_table_row_get (row, 1), ==, "3 ms");
  ptl_table_row_changed (row);
  ptl_table_store_clear (store);
  g_assert_cmpstr (told->str, ==, "0-2+2 0-1+0 0-2+0 ");
  g_assert_nonnull (ptl_table_store_add (store, "b"));
}

/* A sorted table follows its rows, but not at once. */
static void
test_resort (void)
{
  g_autoptr (PtlTableStore) store = make_store ();
  PtlTableRow *row = ptl_table_store_find (store, "c");
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_autofree char *keys = NULL;

  ptl_table_sort (PTL_TABLE (store), 1, FALSE);
  assert_keys (store, "cba");
  ptl_table_row_set_number (row, 1, 30, "30 ms");
  ptl_table_row_changed (row);
  assert_keys (store, "cba");
  while ((keys = list_keys (store)) != NULL && !g_str_equal (keys, "bca")
         && g_get_monotonic_time () < end)
    {
      g_free (keys);
      g_main_context_iteration (NULL, TRUE);
    }
  assert_keys (store, "bca");
}

static void
test_limit (void)
{
  g_autoptr (PtlTableStore) store = ptl_table_store_new (columns, G_N_ELEMENTS (columns));

  for (guint i = 0; i < PTL_TABLE_STORE_MAX; i++)
    g_assert_nonnull (ptl_table_store_add (store, NULL));
  g_assert_null (ptl_table_store_add (store, NULL));
}

static void
test_export (void)
{
  g_autoptr (PtlTableStore) store = make_store ();
  g_autofree char *csv = ptl_table_export (PTL_TABLE (store), PTL_TABLE_CSV);
  g_autofree char *json = ptl_table_export (PTL_TABLE (store), PTL_TABLE_JSON);
  g_autofree char *text = NULL, *row = NULL, *none = NULL;
  g_autoptr (PtlTableRow) first = g_list_model_get_item (G_LIST_MODEL (store), 0);

  g_assert_cmpstr (csv, ==,
                   "name,rtt_ms\r\n"
                   "\"b, \"\"quoted\"\"\n\",10.500000\r\n"
                   "a,\r\n"
                   "c\x1f\xff,9\r\n");
  g_assert_cmpstr (json, ==,
                   "[\n"
                   "  {\"name\": \"b, \\\"quoted\\\"\\u000a\", \"rtt_ms\": 10.500000},\n"
                   "  {\"name\": \"a\", \"rtt_ms\": null},\n"
                   "  {\"name\": \"c\\u001f\xef\xbf\xbd\", \"rtt_ms\": 9}\n"
                   "]\n");
  ptl_table_row_set (first, 0, "b");
  row = ptl_table_dup_row (PTL_TABLE (store), first);
  g_assert_cmpstr (row, ==, "b\t10.5 ms");
  ptl_table_row_set (ptl_table_store_find (store, "c"), 0, "c");
  text = ptl_table_export (PTL_TABLE (store), PTL_TABLE_TEXT);
  g_assert_cmpstr (text, ==,
                   "Name  Round trip\n"
                   "b        10.5 ms\n"
                   "a               \n"
                   "c           9 ms\n");
  ptl_table_store_clear (store);
  none = ptl_table_export (PTL_TABLE (store), PTL_TABLE_JSON);
  g_assert_cmpstr (none, ==, "[]\n");
}

/* What a narrow window shows in the place of other columns is no column of an export. */
static void
test_export_without_short (void)
{
  static const PtlTableColumn some[] = {
    { "name", "Name", 10, 0 },
    { "short", "Short", 10, PTL_TABLE_NARROW_ONLY },
    { "rtt_ms", "Round trip", 8, PTL_TABLE_NUMERIC },
  };
  g_autoptr (PtlTableStore) store = ptl_table_store_new (some, G_N_ELEMENTS (some));
  PtlTableRow *row = ptl_table_store_add (store, "a");
  g_autofree char *csv = NULL, *json = NULL, *text = NULL, *copied = NULL;

  ptl_table_row_set (row, 0, "a");
  ptl_table_row_set (row, 1, "never");
  ptl_table_row_set_number (row, 2, 9, "9 ms");
  csv = ptl_table_export (PTL_TABLE (store), PTL_TABLE_CSV);
  json = ptl_table_export (PTL_TABLE (store), PTL_TABLE_JSON);
  text = ptl_table_export (PTL_TABLE (store), PTL_TABLE_TEXT);
  copied = ptl_table_dup_row (PTL_TABLE (store), row);
  g_assert_cmpstr (csv, ==, "name,rtt_ms\r\na,9\r\n");
  g_assert_cmpstr (json, ==, "[\n  {\"name\": \"a\", \"rtt_ms\": 9}\n]\n");
  g_assert_cmpstr (text, ==, "Name  Round trip\na           9 ms\n");
  g_assert_cmpstr (copied, ==, "a\t9 ms");
}

static void
on_exported_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  *(char **) data = ptl_table_export_finish (PTL_TABLE (source), result, NULL);
}

static void
test_export_async (void)
{
  g_autoptr (PtlTableStore) store = ptl_table_store_new (columns, G_N_ELEMENTS (columns));
  g_autofree char *at_once = NULL, *in_slices = NULL;

  for (guint i = 0; i < 3000; i++)
    ptl_table_row_set_number (ptl_table_store_add (store, NULL), 1, i, "x");
  at_once = ptl_table_export (PTL_TABLE (store), PTL_TABLE_CSV);
  ptl_table_export_async (PTL_TABLE (store), PTL_TABLE_CSV, NULL, on_exported_cb, &in_slices);
  ptl_table_store_clear (store);
  while (in_slices == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (in_slices, ==, at_once);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/table/sort", test_sort);
  g_test_add_func ("/table/changes", test_changes);
  g_test_add_func ("/table/resort", test_resort);
  g_test_add_func ("/table/limit", test_limit);
  g_test_add_func ("/table/export", test_export);
  g_test_add_func ("/table/export-without-short", test_export_without_short);
  g_test_add_func ("/table/export-async", test_export_async);
  return g_test_run ();
}
