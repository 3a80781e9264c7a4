/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items that are places in a list: who they are, where they are, and when they are told. */
#include "config.h"

#include "model/ptl-places.h"

#define N_ROWS 1000

G_DECLARE_FINAL_TYPE (TestItem, test_item, TEST, ITEM, GObject)
struct _TestItem
{
  GObject parent_instance;
  guint   n_changed;
};
G_DEFINE_FINAL_TYPE (TestItem, test_item, G_TYPE_OBJECT)

G_DECLARE_FINAL_TYPE (TestList, test_list, TEST, LIST, GObject)
struct _TestList
{
  GObject    parent_instance;
  PtlPlaces *places;
  guint      n_told;   /* items-changed */
  guint      n_settled;
  guint      most;     /* rows that one of them brought */
};
static void test_list_model_init (GListModelInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (TestList, test_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, test_list_model_init))

static void
on_changed (TestItem *self)
{
  self->n_changed++;
}

static void
test_item_class_init (TestItemClass *klass)
{
  g_signal_new ("changed", test_item_get_type (), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
test_item_init (TestItem *self)
{
  g_signal_connect (self, "changed", G_CALLBACK (on_changed), NULL);
}

static GType
get_item_type (GListModel *model)
{
  return test_item_get_type ();
}

static guint
get_n_items (GListModel *model)
{
  return ptl_places_get_n (TEST_LIST (model)->places);
}

static gpointer
get_item (GListModel *model,
          guint       place)
{
  TestList *self = TEST_LIST (model);
  TestItem *item;

  if (place >= ptl_places_get_n (self->places))
    return NULL;
  item = ptl_places_dup_item (self->places, place);
  if (item != NULL)
    return item;
  item = g_object_new (test_item_get_type (), NULL);
  ptl_places_add (self->places, place, item);
  return item;
}

static void
test_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
on_settled (gpointer model)
{
  TEST_LIST (model)->n_settled++;
}

static void
on_items_changed (TestList *self,
                  guint     at,
                  guint     n_removed,
                  guint     n_added)
{
  self->n_told++;
  self->most = MAX (self->most, n_added);
}

static void
test_list_finalize (GObject *object)
{
  ptl_places_free (TEST_LIST (object)->places);
  G_OBJECT_CLASS (test_list_parent_class)->finalize (object);
}

static void
test_list_class_init (TestListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_list_finalize;
}

static void
test_list_init (TestList *self)
{
  self->places = ptl_places_new (G_LIST_MODEL (self), on_settled);
  g_signal_connect (self, "items-changed", G_CALLBACK (on_items_changed), NULL);
}

static void
settle (TestList *list)
{
  while (!ptl_places_is_settled (list->places))
    g_main_context_iteration (NULL, TRUE);
}

static GPtrArray *
look_at_all (TestList *list)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < get_n_items (G_LIST_MODEL (list)); i++)
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (list), i));
  return items;
}

/* A view that is full is told of the rest at once; until then it grows a few rows at a time. */
static void
test_grow (void)
{
  g_autoptr (TestList) list = g_object_new (test_list_get_type (), NULL);

  ptl_places_resize (list->places, N_ROWS);
  g_assert_cmpuint (ptl_places_get_n (list->places), ==, PTL_PLACES_FIRST_ROWS);
  ptl_places_go_on (list->places, N_ROWS);
  list->most = 0;
  while (ptl_places_get_n (list->places) < PTL_PLACES_VIEW_ROWS)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (list->most, ==, PTL_PLACES_STEP_ROWS);
  g_assert_cmpuint (list->n_settled, ==, 0);
  settle (list);
  g_assert_cmpuint (ptl_places_get_n (list->places), ==, N_ROWS);
  g_assert_cmpuint (list->n_settled, ==, 1);
}

static void
test_shrink (void)
{
  g_autoptr (TestList) list = g_object_new (test_list_get_type (), NULL);
  g_autoptr (GPtrArray) items = NULL;

  ptl_places_tell (list->places, 0, 0, 100);
  items = look_at_all (list);
  list->n_told = 0;
  ptl_places_resize (list->places, 10);
  /* Those that are looked at go in steps. */
  g_assert_cmpuint (ptl_places_get_n (list->places), ==, 100 - PTL_PLACES_SHRINK_ROWS);
  g_assert_cmpuint (ptl_places_find (list->places, items->pdata[99]), ==, PTL_PLACES_NONE);
  g_assert_cmpuint (ptl_places_find (list->places, items->pdata[50]), ==, 50);
  ptl_places_go_on (list->places, 10);
  settle (list);
  g_assert_cmpuint (ptl_places_get_n (list->places), ==, 10);
  g_assert_cmpuint (ptl_places_find (list->places, items->pdata[9]), ==, 9);
  g_assert_cmpuint (ptl_places_find (list->places, items->pdata[10]), ==, PTL_PLACES_NONE);
}

/* Rows that come and go before an item move it; it is the same one. */
static void
test_move (void)
{
  g_autoptr (TestList) list = g_object_new (test_list_get_type (), NULL);
  g_autoptr (GObject) item = NULL, again = NULL;

  ptl_places_tell (list->places, 0, 0, 20);
  item = g_list_model_get_item (G_LIST_MODEL (list), 5);
  ptl_places_tell (list->places, 2, 1, 4);
  g_assert_cmpuint (ptl_places_find (list->places, item), ==, 8);
  again = g_list_model_get_item (G_LIST_MODEL (list), 8);
  g_assert_true (again == item);
  ptl_places_tell (list->places, 8, 1, 1);
  g_assert_cmpuint (ptl_places_find (list->places, item), ==, PTL_PLACES_NONE);
  g_clear_object (&again);
  again = g_list_model_get_item (G_LIST_MODEL (list), 8);
  g_assert_true (again != item);
}

/* However often an item changes before its turn, it tells once, and what waits does not grow. */
static void
test_change (void)
{
  g_autoptr (TestList) list = g_object_new (test_list_get_type (), NULL);
  g_autoptr (GPtrArray) items = NULL;
  guint n_at_once = 0;

  ptl_places_tell (list->places, 0, 0, 60);
  items = look_at_all (list);
  for (guint times = 0; times < 100; times++)
    for (guint i = 0; i < items->len; i++)
      ptl_places_change (list->places, items->pdata[i]);
  ptl_places_go_on (list->places, 60);
  for (guint i = 0; i < items->len; i++)
    n_at_once += ((TestItem *) items->pdata[i])->n_changed;
  g_assert_cmpuint (n_at_once, ==, PTL_PLACES_FIRST_ROWS);
  /* From the top. */
  g_assert_cmpuint (((TestItem *) items->pdata[0])->n_changed, ==, 1);
  settle (list);
  for (guint i = 0; i < items->len; i++)
    g_assert_cmpuint (((TestItem *) items->pdata[i])->n_changed, ==, 1);
  ptl_places_change (list->places, items->pdata[7]);
  ptl_places_go_on (list->places, 60);
  g_assert_cmpuint (((TestItem *) items->pdata[7])->n_changed, ==, 2);
}

/* An item may outlive its list, and a list its items. */
static void
test_lives (void)
{
  TestList *list = g_object_new (test_list_get_type (), NULL);
  g_autoptr (GObject) item = NULL;

  ptl_places_tell (list->places, 0, 0, 3);
  item = g_list_model_get_item (G_LIST_MODEL (list), 1);
  g_object_unref (g_list_model_get_item (G_LIST_MODEL (list), 2));
  g_assert_cmpuint (g_hash_table_size (ptl_places_get_live (list->places)), ==, 1);
  ptl_places_change (list->places, item);
  ptl_places_go_on (list->places, N_ROWS);
  g_object_unref (list);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/places/grow", test_grow);
  g_test_add_func ("/places/shrink", test_shrink);
  g_test_add_func ("/places/move", test_move);
  g_test_add_func ("/places/change", test_change);
  g_test_add_func ("/places/lives", test_lives);
  return g_test_run ();
}
