/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list behind the table: places that stand for other rows, a few more in each step. */
#include "config.h"

#include "model/ptl-reference-list.h"

#include <string.h>

#define STEPS_MAX 20000u

typedef struct
{
  unsigned n_changes;
  guint    n; /* as the signals add up */
} Told;

static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     Told       *told)
{
  told->n_changes++;
  g_assert_cmpuint (position + removed, <=, told->n);
  told->n += added - removed;
  g_assert_cmpuint (told->n, ==, g_list_model_get_n_items (model));
}

static void
go_on (PtlReferenceList *list)
{
  unsigned n = 0;

  while (ptl_reference_list_go_on (list))
    g_assert_cmpuint (++n, <, STEPS_MAX);
}

static void
assert_name (PtlReferenceList *list,
             guint             position,
             const char       *name)
{
  g_autoptr (PtlReferenceItem) item = g_list_model_get_item (G_LIST_MODEL (list), position);

  g_assert_nonnull (item);
  g_assert_cmpstr (ptl_reference_item_get_row (item)->row.name, ==, name);
}

static void
on_changed_cb (PtlReferenceItem *item,
               unsigned         *n)
{
  ++*n;
}

static void
test_places (void)
{
  g_autoptr (PtlReferenceList) list = ptl_reference_list_new ();
  g_autoptr (PtlReferenceItem) first = NULL;
  g_autoptr (PtlReferenceItem) last = NULL;
  g_autoptr (PtlReferenceItem) kept = NULL;
  Told told = { .n = g_list_model_get_n_items (G_LIST_MODEL (list)) };
  unsigned n_changed = 0;

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed_cb), &told);
  g_assert_cmpuint (told.n, ==, PTL_REFERENCE_FIRST_ROWS);
  go_on (list);
  g_assert_cmpuint (told.n, ==, ptl_registry_get_n_rows ());

  first = g_list_model_get_item (G_LIST_MODEL (list), 0);
  last = g_list_model_get_item (G_LIST_MODEL (list), 50);
  g_signal_connect (first, "changed", G_CALLBACK (on_changed_cb), &n_changed);
  told.n_changes = 0;
  ptl_reference_list_set_query (list, "python:imaplib");
  g_assert_cmpuint (told.n_changes, <=, 1);
  g_assert_cmpuint (ptl_reference_list_get_n_found (list), ==, 2);
  /* The same item, another row; what is past the end is blank until it goes. */
  g_assert_cmpuint (n_changed, ==, 1);
  g_assert_cmpstr (ptl_reference_item_get_row (first)->row.name, ==, "imap");
  g_assert_cmpuint (ptl_reference_item_get_number (last), ==, PTL_REFERENCE_BLANK);
  for (unsigned i = 0; i < PTL_CATALOG_N_COLUMNS; i++)
    {
      g_autofree char *cell = ptl_reference_item_dup_cell (last, (PtlCatalogColumn) i);

      g_assert_cmpstr (cell, ==, "");
    }
  go_on (list);
  g_assert_cmpuint (told.n, ==, 2);
  assert_name (list, 0, "imap");
  assert_name (list, 1, "imaps");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (list), 2));

  /* An item of one's own stays with its row. */
  kept = ptl_reference_list_make_item (list, 0);
  g_assert_null (ptl_reference_list_make_item (list, 2));
  ptl_reference_list_set_query (list, "gopher");
  g_assert_cmpstr (ptl_reference_item_get_row (kept)->row.name, ==, "imap");
  g_assert_cmpstr (ptl_reference_item_get_row (first)->row.name, ==, "gopher");

  /* Shorter and longer in turns, without the steps between. */
  for (unsigned i = 0; i < 50; i++)
    {
      static const char *const queries[] = { "", "http", "zzz", "80", "tls", "imap4" };

      ptl_reference_list_set_query (list, queries[i % G_N_ELEMENTS (queries)]);
      for (unsigned k = 0; k < i % 5; k++)
        ptl_reference_list_go_on (list);
    }
  ptl_reference_list_set_query (list, "telnet");
  go_on (list);
  g_assert_cmpuint (told.n, ==, ptl_reference_list_get_n_found (list));
  assert_name (list, 0, "telnet");
}

static void
test_here (void)
{
  /* Of a range without a transport, with one listener more each time. */
  static const char *const cells[] = {
    "Listening on 34799",
    "Listening on 34799, 34800",
    "Listening on 34799, 34800, 34801",
    "Listening on 34799, 34800, 34801, …",
  };
  g_autoptr (PtlReferenceList) list = ptl_reference_list_new ();
  g_autoptr (PtlReferenceItem) item = NULL;
  g_autofree char *text = NULL;
  PtlListening here = { 0 };
  unsigned n_changed = 0;

  ptl_reference_list_set_query (list, "smtp");
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_signal_connect (item, "changed", G_CALLBACK (on_changed_cb), &n_changed);
  g_assert_cmpuint (ptl_reference_item_get_here (item), ==, 0);
  here.tcp[0] |= UINT64_C (1) << 25;
  ptl_reference_list_set_here (list, &here);
  g_assert_cmpuint (n_changed, ==, 1);
  g_assert_cmpuint (ptl_reference_item_get_here (item), ==, 25);
  text = ptl_reference_item_dup_cell (item, PTL_CATALOG_BY_HERE);
  g_assert_cmpstr (text, ==, "Listening");
  ptl_reference_list_set_here (list, &here);
  g_assert_cmpuint (n_changed, ==, 1);

  ptl_reference_list_set_query (list, "34799");
  g_clear_object (&item);
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  for (guint i = 0; i < G_N_ELEMENTS (cells); i++)
    {
      g_autofree char *cell = NULL;

      ptl_listening_add (&here, i % 2 == 0 ? PTL_REGISTRY_TCP : PTL_REGISTRY_UDP,
                         (uint16_t) (34799 + i));
      ptl_reference_list_set_here (list, &here);
      cell = ptl_reference_item_dup_cell (item, PTL_CATALOG_BY_HERE);
      g_assert_cmpstr (cell, ==, cells[i]);
    }
  memset (&here, 0, sizeof here);
  ptl_reference_list_set_here (list, &here);
  g_assert_cmpuint (ptl_reference_item_get_here (item), ==, 0);
  here.tcp[0] |= UINT64_C (1) << 25;
  ptl_reference_list_set_here (list, &here);

  /* A filter on it follows. */
  ptl_reference_list_set_query (list, "");
  ptl_reference_list_set_filter (list, PTL_CATALOG_LISTENING);
  g_assert_cmpuint (ptl_reference_list_get_n_found (list), ==, 1);
  here.tcp[0] = 0;
  ptl_reference_list_set_here (list, &here);
  g_assert_cmpuint (ptl_reference_list_get_n_found (list), ==, 0);
}

static void
on_loaded_cb (GMainLoop *loop)
{
  g_main_loop_quit (loop);
}

static void
test_load (void)
{
  g_autoptr (PtlReferenceList) list = ptl_reference_list_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gboolean loaded = FALSE;

  g_signal_connect_swapped (list, "notify::loaded", G_CALLBACK (on_loaded_cb), loop);
  ptl_reference_list_load (list);
  ptl_reference_list_set_watching (list, true);
  g_main_loop_run (loop);
  g_object_get (list, "loaded", &loaded, NULL);
  g_assert_true (loaded);
  g_assert_true (ptl_reference_list_get_watching (list));
  ptl_reference_list_set_watching (list, false);
  g_assert_false (ptl_reference_list_get_watching (list));
  ptl_reference_list_set_query (list, "smtp");
  assert_name (list, 0, "smtp");
}

static void
test_words (void)
{
  g_autoptr (PtlReferenceList) list = ptl_reference_list_new ();
  g_autoptr (PtlReferenceItem) item = NULL;
  g_autofree char *python = NULL;
  g_autofree char *source = NULL;
  g_autofree char *summary = NULL;

  ptl_reference_list_take_catalog (
    list, ptl_catalog_new (ptl_services_parse ("gopher 70/tcp\nrplay 5555/udp\n")));
  ptl_reference_list_set_query (list, "gopher");
  item = ptl_reference_list_make_item (list, 0);
  python = ptl_reference_item_dup_cell (item, PTL_CATALOG_BY_PYTHON);
  g_assert_cmpstr (python, ==,
                   "none in the standard library (socket); historic: gopherlib, urllib");
  source = ptl_reference_item_dup_cell (item, PTL_CATALOG_BY_SOURCE);
  g_assert_cmpstr (source, ==, "IANA and this computer");
  summary = ptl_reference_item_dup_summary (item);
  g_assert_true (g_str_has_prefix (summary, "Port: 70\nTransport: TCP\nService: gopher\n"));

  g_clear_object (&item);
  g_clear_pointer (&source, g_free);
  ptl_reference_list_set_query (list, "rplay");
  item = ptl_reference_list_make_item (list, 0);
  source = ptl_reference_item_dup_source (item);
  g_assert_nonnull (strstr (source, "IANA calls the port personal-agent"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reference-list/places", test_places);
  g_test_add_func ("/reference-list/here", test_here);
  g_test_add_func ("/reference-list/load", test_load);
  g_test_add_func ("/reference-list/words", test_words);
  return g_test_run ();
}
