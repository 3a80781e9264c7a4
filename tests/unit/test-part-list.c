/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first or last rows of a list: what it tells is what has changed, whatever happens to the
 * whole. */
#include "config.h"

#include "model/ptl-part-list.h"

/* The rows as somebody has them who only listens. */
static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     GPtrArray  *rows)
{
  g_assert_cmpuint (position + removed, <=, rows->len);
  for (guint i = 0; i < removed; i++)
    g_ptr_array_remove_index (rows, position);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (rows, (int) (position + i), g_list_model_get_item (model, position + i));
}

static void
splice (GListStore *store,
        guint       position,
        guint       removed,
        guint       added)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < added; i++)
    g_ptr_array_add (items, g_object_new (G_TYPE_OBJECT, NULL));
  g_list_store_splice (store, position, removed, items->pdata, added);
}

static void
check (PtlPartList *list,
       bool         last,
       GListModel  *model,
       GPtrArray   *rows)
{
  guint n_model = model != NULL ? g_list_model_get_n_items (model) : 0;
  guint n = MIN (n_model, ptl_part_list_get_size (list));

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, n);
  g_assert_cmpuint (rows->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, last ? n_model - n + i : i);

      g_assert_true (g_ptr_array_index (rows, i) == item);
    }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), n));
}

static void
test_any_change (gconstpointer data)
{
  bool last = GPOINTER_TO_INT (data);
  g_autoptr (PtlPartList) list = ptl_part_list_new (5, last);
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GListStore) other = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  GListModel *model = G_LIST_MODEL (store);

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), rows);
  splice (other, 0, 0, 3);
  check (list, last, NULL, rows);
  ptl_part_list_set_model (list, model);
  g_assert_true (ptl_part_list_get_model (list) == model);
  for (guint i = 0; i < 2000; i++)
    {
      guint n = g_list_model_get_n_items (model);
      guint position = (guint) g_test_rand_int_range (0, (gint32) n + 1);
      guint removed = (guint) g_test_rand_int_range (0, (gint32) MIN (n - position, 6) + 1);

      splice (store, position, removed, (guint) g_test_rand_int_range (0, n < 20 ? 6 : 2));
      check (list, last, model, rows);
      if (i == 1000)
        ptl_part_list_set_jump (list, 4);
      if (i % 10 == 0)
        ptl_part_list_set_size (list, i % 30 == 0 ? G_MAXUINT
                                                  : (guint) g_test_rand_int_range (0, 15));
      check (list, last, model, rows);
      if (i % 100 == 0)
        {
          ptl_part_list_set_model (list, i % 200 == 0 ? G_LIST_MODEL (other) : NULL);
          check (list, last, i % 200 == 0 ? G_LIST_MODEL (other) : NULL, rows);
          ptl_part_list_set_model (list, model);
        }
    }
}

/* Held, it never has more rows, and those that it has are right; then it is as if it had not
 * been. */
static void
test_held (gconstpointer data)
{
  bool last = GPOINTER_TO_INT (data);
  g_autoptr (PtlPartList) list = ptl_part_list_new (5, last);
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_kept = 0;

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), rows);
  ptl_part_list_set_model (list, G_LIST_MODEL (store));
  splice (store, 0, 0, 10);
  for (guint i = 0; i < 2000; i++)
    {
      guint n_before = rows->len;

      ptl_part_list_set_held (list, true);
      for (guint k = 0; k < 3; k++)
        {
          guint n = g_list_model_get_n_items (G_LIST_MODEL (store));
          bool at_end = g_test_rand_bit ();
          guint position = at_end ? n : (guint) g_test_rand_int_range (0, (gint32) n + 1);
          gint32 n_left = (gint32) MIN (n - position, 6);
          guint removed = (guint) g_test_rand_int_range (0, n_left + 1);

          splice (store, position, removed, (guint) g_test_rand_int_range (0, n < 20 ? 6 : 2));
          g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, rows->len);
          g_assert_true (rows->len == n_before || rows->len == 0);
          for (guint r = 0; r < rows->len; r++)
            {
              g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (list), r);

              g_assert_true (g_ptr_array_index (rows, r) == item);
            }
        }
      n_kept += n_before > 0 && rows->len > 0;
      if (i % 10 == 0)
        ptl_part_list_set_size (list, i % 30 == 0 ? G_MAXUINT
                                                  : (guint) g_test_rand_int_range (1, 15));
      ptl_part_list_set_held (list, false);
      check (list, last, G_LIST_MODEL (store), rows);
    }
  g_assert_cmpuint (n_kept, >, 100);
}

static void
on_change_cb (GListModel *model,
              guint       position,
              guint       removed,
              guint       added,
              guint      *told)
{
  told[0] = position;
  told[1] = removed;
  told[2] = added;
}

/* What those who show it live by: rows that come first leave the others alone. */
static void
test_tells_no_more (void)
{
  g_autoptr (PtlPartList) list = ptl_part_list_new (G_MAXUINT, false);
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  guint told[3] = { 0, 0, 0 };

  splice (store, 0, 0, 100);
  ptl_part_list_set_model (list, G_LIST_MODEL (store));
  g_signal_connect (list, "items-changed", G_CALLBACK (on_change_cb), told);
  splice (store, 0, 0, 7);
  g_assert_cmpuint (told[0], ==, 0);
  g_assert_cmpuint (told[1], ==, 0);
  g_assert_cmpuint (told[2], ==, 7);
  splice (store, 107, 0, 3);
  g_assert_cmpuint (told[0], ==, 107);
  g_assert_cmpuint (told[1], ==, 0);
  g_assert_cmpuint (told[2], ==, 3);
}

/* The last rows: those that leave are told before those that come, and the others stay. */
static void
test_last_tells_no_more (void)
{
  g_autoptr (PtlPartList) list = ptl_part_list_new (10, true);
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  guint told[3] = { 0, 0, 0 };

  splice (store, 0, 0, 100);
  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), rows);
  ptl_part_list_set_model (list, G_LIST_MODEL (store));
  g_signal_connect (list, "items-changed", G_CALLBACK (on_change_cb), told);
  splice (store, 100, 0, 3);
  g_assert_cmpuint (told[0], ==, 7);
  g_assert_cmpuint (told[1], ==, 0);
  g_assert_cmpuint (told[2], ==, 3);
  check (list, true, G_LIST_MODEL (store), rows);

  told[2] = 99;
  splice (store, 0, 50, 0);
  g_assert_cmpuint (told[2], ==, 99);
  check (list, true, G_LIST_MODEL (store), rows);

  ptl_part_list_set_size (list, G_MAXUINT);
  g_assert_cmpuint (told[0], ==, 0);
  g_assert_cmpuint (told[1], ==, 0);
  g_assert_cmpuint (told[2], ==, 43);
  check (list, true, G_LIST_MODEL (store), rows);
}

/* Many at once: those who show the list get few of them. */
static void
test_jump (void)
{
  g_autoptr (PtlPartList) list = ptl_part_list_new (G_MAXUINT, true);
  g_autoptr (GListStore) store = g_list_store_new (G_TYPE_OBJECT);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  ptl_part_list_set_model (list, G_LIST_MODEL (store));
  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), rows);
  ptl_part_list_set_jump (list, 16);
  for (guint i = 0; i < 10; i++)
    splice (store, i * 16, 0, 16);
  g_assert_cmpuint (rows->len, ==, 160);
  splice (store, 160, 0, 17);
  g_assert_cmpuint (ptl_part_list_get_size (list), ==, 16);
  check (list, true, G_LIST_MODEL (store), rows);
  ptl_part_list_set_size (list, 32);
  splice (store, 0, 177, 100);
  g_assert_cmpuint (rows->len, ==, 16);
  check (list, true, G_LIST_MODEL (store), rows);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/part-list/any-change", GINT_TO_POINTER (false), test_any_change);
  g_test_add_data_func ("/part-list/last/any-change", GINT_TO_POINTER (true), test_any_change);
  g_test_add_data_func ("/part-list/held", GINT_TO_POINTER (false), test_held);
  g_test_add_data_func ("/part-list/last/held", GINT_TO_POINTER (true), test_held);
  g_test_add_func ("/part-list/tells-no-more", test_tells_no_more);
  g_test_add_func ("/part-list/last/tells-no-more", test_last_tells_no_more);
  g_test_add_func ("/part-list/jump", test_jump);
  return g_test_run ();
}
