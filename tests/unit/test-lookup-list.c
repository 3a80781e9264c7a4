/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many lookups at once, against a server that behaves and misbehaves. */
#include "config.h"

#include "model/ptl-lookup-list-private.h"

#include "lookup-fixture.h"
#include "model/ptl-places.h"
#include "own-net.h"

static char *
make_list (const char *first,
           guint       n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s.n%u.test\n", first, i);
  return g_string_free (text, FALSE);
}

static char *
dup_cell (PtlLookupList       *list,
          guint                position,
          PtlLookupListColumn  column)
{
  g_autoptr (PtlLookupListItem) item = g_list_model_get_item (G_LIST_MODEL (list), position);

  return ptl_table_dup_cell (PTL_TABLE (list), item, column);
}

static void
on_items_changed (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  guint      *n_batches)
{
  (*n_batches)++;
}

static void
test_many (Fixture    *fixture,
           const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autofree char *text = make_list ("ok", 10000);
  g_autofree char *name = NULL, *answer = NULL, *last = NULL;
  guint n_batches = 0;

  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), &n_batches);
  g_assert_true (ptl_lookup_list_start (list, text, PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 10000);
  g_test_message ("%u batches", n_batches);
  g_assert_cmpuint (n_batches, <, 2500);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, FALSE);
  name = dup_cell (list, 0, PTL_LOOKUP_LIST_NAME);
  answer = dup_cell (list, 0, PTL_LOOKUP_LIST_ANSWER);
  g_assert_cmpstr (name, ==, "ok.n0.test");
  g_assert_cmpstr (answer, ==, "192.0.2.1");
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, TRUE);
  last = dup_cell (list, 9999, PTL_LOOKUP_LIST_NAME);
  g_assert_cmpstr (last, ==, "ok.n0.test");
}

static void
test_mixed (Fixture    *fixture,
            const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autofree char *csv = NULL, *json = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (ptl_lookup_list_start (list, "ok.test, nxdomain.test\r\n\n 80\tbücher.test\n"
                                              "a\"b\n",
                                        PTL_DNS_TYPE_A, fixture->server, &error));
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 5);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, FALSE);
  csv = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
  g_assert_true (g_str_has_prefix (csv, "name,type,answer,status,ttl_s,time_ms\r\n80,port,"));
  g_assert_nonnull (strstr (csv, "\r\n\"a\"\"b\",A,,"));
  g_assert_nonnull (strstr (csv, "\r\nok.test,A,192.0.2.1,NOERROR,60,"));
  json = ptl_table_export (PTL_TABLE (list), PTL_TABLE_JSON);
  g_assert_nonnull (strstr (json, "{\"name\": \"a\\\"b\""));
  g_assert_nonnull (strstr (json, "\"answer\": \"192.0.2.1\", \"status\": \"NOERROR\", "
                                  "\"ttl_s\": 60, \"time_ms\": "));
  g_assert_nonnull (strstr (json, "\"type\": \"port\""));
  g_assert_nonnull (strstr (json, "\"ttl_s\": null"));
  g_assert_nonnull (strstr (json, "bücher.test"));
  g_assert_false (ptl_lookup_list_start (list, " \n", PTL_DNS_TYPE_A, fixture->server, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (ptl_lookup_list_start (list, "x", PTL_DNS_TYPE_A, "bad server", &error));
  g_assert_nonnull (error);
}

/* What a list that was kept in a file may have besides. */
static void
test_comments (Fixture    *fixture,
               const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autofree char *csv = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (ptl_lookup_list_start (list, "# the first\r\n\r\nok.test # a; b, c\n\n  #x\n"
                                              "ftp://me:sekret@nxdomain.test/#y",
                                        PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  g_assert_cmpuint (ptl_lookup_list_get_n_wanted (list), ==, 2);
  g_assert_cmpuint (ptl_lookup_list_get_n_comments (list), ==, 3);
  csv = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
  g_test_message ("%s", csv);
  g_assert_nonnull (strstr (csv, "\r\nok.test,A,192.0.2.1,"));
  g_assert_nonnull (strstr (csv, "\r\nftp://nxdomain.test/#y,A,,NXDOMAIN"));
  g_assert_null (strstr (csv, "sekret"));
  g_assert_false (ptl_lookup_list_start (list, "# nothing\n", PTL_DNS_TYPE_A, fixture->server,
                                         &error));
  g_assert_nonnull (error);
}

/* Names are shown in both forms; what is copied and exported is what was typed and answered. */
static void
test_unicode (Fixture    *fixture,
              const void *data)
{
  static const struct
  {
    const char *typed;
    const char *name;
    const char *answer;
    const char *csv;
  } cases[] = {
    { "idn.test", "idn.test", "xn--bcher-kva.test. (bücher.test.)",
      "\r\nidn.test,CNAME,xn--bcher-kva.test.,NOERROR," },
    { "bücher.test", "bücher.test (xn--bcher-kva.test)", NULL, "\r\nbücher.test,CNAME," },
    { "xn--bcher-kva.test", "xn--bcher-kva.test (bücher.test)", NULL,
      "\r\nxn--bcher-kva.test,CNAME," },
  };
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *csv = NULL, *name = NULL, *answer = NULL;

      g_assert_true (ptl_lookup_list_start (list, cases[i].typed, PTL_DNS_TYPE_CNAME,
                                            fixture->server, NULL));
      wait_idle (list);
      csv = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
      g_test_message ("%s", csv);
      name = dup_cell (list, 0, PTL_LOOKUP_LIST_NAME);
      answer = dup_cell (list, 0, PTL_LOOKUP_LIST_ANSWER);
      g_assert_cmpstr (name, ==, cases[i].name);
      if (cases[i].answer != NULL)
        g_assert_cmpstr (answer, ==, cases[i].answer);
      g_assert_nonnull (strstr (csv, cases[i].csv));
    }
}

/* IANA is asked for what the services database of this computer does not have. */
static void
test_ports (Fixture    *fixture,
            const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autofree char *csv = NULL;

  g_assert_true (ptl_lookup_list_start (list, "1965 8000 65000", PTL_DNS_TYPE_A, fixture->server,
                                        NULL));
  wait_idle (list);
  csv = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
  g_test_message ("%s", csv);
  g_assert_nonnull (strstr (csv, "\r\n1965,port,\"tivoli-npm/tcp, tivoli-npm/udp\",IANA,"));
  g_assert_nonnull (strstr (csv, "\r\n8000,port,\"irdmi/tcp, irdmi/udp\",IANA,"));
  g_assert_nonnull (strstr (csv, "\r\n65000,port,,no service has this port,"));
}

/* An alias to a zone that the server does not have is an answer. */
static void
test_alias_out (Fixture    *fixture,
                const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autoptr (PtlLookupListItem) item = NULL;
  g_autofree char *csv = NULL;

  g_assert_true (ptl_lookup_list_start (list, "out.test", PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  csv = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
  g_test_message ("%s", csv);
  g_assert_nonnull (strstr (csv, "\r\nout.test,A,CNAME refused.test.,"));
  g_assert_nonnull (strstr (csv, "an alias · refused.test. was asked for too: REFUSED"));
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpint (ptl_table_get_tone (PTL_TABLE (list), item, PTL_LOOKUP_LIST_STATUS), ==,
                   PTL_TABLE_PLAIN);
}

/* A server that answers with the record of another name. */
static void
test_strangers (Fixture    *fixture,
                const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autofree char *csv = NULL;

  g_assert_true (ptl_lookup_list_start (list, "stranger.test mixed.test", PTL_DNS_TYPE_A,
                                        fixture->server, NULL));
  wait_idle (list);
  csv = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
  g_test_message ("%s", csv);
  g_assert_nonnull (strstr (csv, "\r\nstranger.test,A,,no record of this type · 1 record of "
                                 "another name was left out: evil.other. A 192.0.2.66,,"));
  g_assert_nonnull (strstr (csv, "\r\nmixed.test,A,192.0.2.1,NOERROR · 1 record of another"));
}

/* What is shown may be cut; what is copied and exported may not. */
static void
test_long (Fixture    *fixture,
           const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autoptr (PtlLookupListItem) item = NULL;
  g_autofree char *shown = NULL, *whole = NULL, *row = NULL;

  g_assert_true (ptl_lookup_list_start (list, "long.test", PTL_DNS_TYPE_TXT, fixture->server,
                                        NULL));
  wait_idle (list);
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  shown = ptl_table_dup_cell (PTL_TABLE (list), item, PTL_LOOKUP_LIST_ANSWER);
  g_assert_cmpint (g_utf8_strlen (shown, -1), ==, PTL_LOOKUP_LIST_ANSWER_MAX + 1);
  g_assert_true (g_str_has_suffix (shown, "…"));
  whole = ptl_table_dup_whole (PTL_TABLE (list), item, PTL_LOOKUP_LIST_ANSWER);
  g_assert_cmpuint (strlen (whole), ==, 6 * 252 + 5);
  row = ptl_table_dup_row (PTL_TABLE (list), item);
  g_assert_nonnull (strstr (row, whole));
  for (PtlTableFormat format = PTL_TABLE_CSV; format <= PTL_TABLE_TEXT; format++)
    {
      g_autofree char *text = ptl_table_export (PTL_TABLE (list), format);

      g_assert_nonnull (strstr (text, "ffffff"));
      g_assert_null (strstr (text, "…"));
    }
}

/* As much of long answers as may be kept: the rest as shown, and said. */
static void
test_long_limit (Fixture    *fixture,
                 const void *data)
{
  enum { N = 30, KEPT = 10 };
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autofree char *text = make_list ("long", N);
  guint n_cut = 0;

  ptl_lookup_list_set_room (list, (KEPT + 1) * (6 * 252 + 5) - 1);
  g_assert_true (ptl_lookup_list_start (list, text, PTL_DNS_TYPE_TXT, fixture->server, NULL));
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, N);
  for (guint i = 0; i < N; i++)
    {
      g_autoptr (PtlLookupListItem) item = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autofree char *whole = ptl_table_dup_whole (PTL_TABLE (list), item,
                                                    PTL_LOOKUP_LIST_ANSWER);
      g_autofree char *status = dup_cell (list, i, PTL_LOOKUP_LIST_STATUS);
      gboolean cut = g_str_has_suffix (whole, "…");

      g_assert_true (cut == (strstr (status, "cut: there are too many long answers") != NULL));
      g_assert_cmpint (g_utf8_strlen (whole, -1), ==,
                       cut ? PTL_LOOKUP_LIST_ANSWER_MAX + 1 : 6 * 252 + 5);
      n_cut += cut;
    }
  g_assert_cmpuint (n_cut, ==, N - KEPT);
}

/* No server is asked for an interface. */
static void
test_interface (Fixture    *fixture,
                const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autoptr (PtlLookupListItem) item = NULL;
  g_autofree char *csv = NULL;

  g_assert_true (ptl_lookup_list_start (list, "lo", PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  csv = ptl_table_export (PTL_TABLE (list), PTL_TABLE_CSV);
  g_assert_nonnull (strstr (csv, "\r\nlo,interface,"));
  g_assert_nonnull (strstr (csv, "127.0.0.1"));
  g_assert_nonnull (strstr (csv, ",an interface of this computer,"));
  item = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpint (ptl_lookup_list_item_get_kind (item), ==, PTL_LOOKUP_LIST_INTERFACE);
  g_assert_cmpuint (atomic_load (&fixture->stub.n_udp), ==, 0);
}

static void
test_many_cancel (Fixture    *fixture,
                  const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autofree char *text = make_list ("silent", 10000);
  gint64 start_us;

  g_assert_true (ptl_lookup_list_start (list, text, PTL_DNS_TYPE_A, fixture->server, NULL));
  while (atomic_load (&fixture->stub.n_udp) == 0)
    g_main_context_iteration (NULL, FALSE);
  start_us = g_get_monotonic_time ();
  ptl_lookup_list_cancel (list);
  wait_idle (list);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 200000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
}

/* More lines than are taken are counted; more results than may wait hold the rest. */
static void
test_many_limits (Fixture    *fixture,
                  const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < PTL_LOOKUP_LIST_MAX + 7; i++)
    g_string_append (text, "70000x!\n");
  g_assert_true (ptl_lookup_list_start (list, text->str, PTL_DNS_TYPE_A, fixture->server, NULL));
  g_assert_cmpuint (ptl_lookup_list_get_n_wanted (list), ==, PTL_LOOKUP_LIST_MAX);
  g_assert_cmpuint (ptl_lookup_list_get_n_left_out (list), ==, 7);
  ptl_lookup_list_cancel (list);
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), <, PTL_LOOKUP_LIST_MAX);
  g_string_truncate (text, 3 * PTL_LOOKUP_LIST_NEWS_MAX * strlen ("70000x!\n"));
  g_assert_true (ptl_lookup_list_start (list, text->str, PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==,
                    3 * PTL_LOOKUP_LIST_NEWS_MAX);
  g_string_free (text, TRUE);
}

static void
on_exported (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  *(char **) data = ptl_table_export_finish (PTL_TABLE (source), result, NULL);
}

static void
count_changed (gpointer  item,
               guint    *n_changed)
{
  (*n_changed)++;
}

/* What is chosen is found again when the rows move, and says the same when they are gone. */
static void
test_items (Fixture    *fixture,
            const void *data)
{
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autoptr (PtlLookupListItem) first = NULL, last = NULL;
  g_autofree char *cell = NULL, *later = NULL, *csv = NULL;
  guint n_changed = 0, index;

  g_assert_true (ptl_lookup_list_start (list, "80 ok.b.test 192.0.2.9 a<b", PTL_DNS_TYPE_A,
                                        fixture->server, NULL));
  wait_idle (list);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, FALSE);
  for (guint i = 0; i < 4; i++)
    {
      static const PtlLookupListKind kinds[] = {
        PTL_LOOKUP_LIST_HOST, PTL_LOOKUP_LIST_PORT, PTL_LOOKUP_LIST_UNKNOWN, PTL_LOOKUP_LIST_HOST,
      };
      g_autoptr (PtlLookupListItem) item = g_list_model_get_item (G_LIST_MODEL (list), i);

      g_assert_cmpint (ptl_lookup_list_item_get_kind (item), ==, kinds[i]);
    }
  first = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpstr (ptl_lookup_list_item_get_name (first), ==, "192.0.2.9");
  index = ptl_lookup_list_item_get_index (first);
  g_assert_cmpuint (ptl_lookup_list_find (list, index), ==, 0);
  g_signal_connect (first, "changed", G_CALLBACK (count_changed), &n_changed);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, TRUE);
  g_assert_cmpuint (ptl_lookup_list_find (list, index), ==, 3);
  last = g_list_model_get_item (G_LIST_MODEL (list), 3);
  g_assert_cmpstr (ptl_lookup_list_item_get_name (last), ==, "192.0.2.9");
  g_assert_cmpuint (ptl_lookup_list_item_get_index (last), ==, index);
  g_assert_cmpstr (ptl_lookup_list_item_get_name (first), ==, "ok.b.test");
  g_assert_cmpuint (n_changed, ==, 1);

  /* The rows that are exported are those of now. */
  ptl_table_export_async (PTL_TABLE (list), PTL_TABLE_CSV, NULL, on_exported, &csv);
  g_assert_true (ptl_lookup_list_start (list, "a<1 a<2 a<3", PTL_DNS_TYPE_A, fixture->server,
                                        NULL));
  cell = ptl_table_dup_cell (PTL_TABLE (list), last, PTL_LOOKUP_LIST_NAME);
  g_assert_cmpstr (cell, ==, "192.0.2.9");
  g_assert_cmpuint (ptl_lookup_list_find (list, index), ==, G_MAXUINT);
  while (csv == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (strstr (csv, "\r\nok.b.test,A,192.0.2.1,"));
  g_assert_nonnull (strstr (csv, "\r\n192.0.2.9,PTR,"));
  g_assert_null (strstr (csv, "a<1"));
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *other = dup_cell (list, i, PTL_LOOKUP_LIST_NAME);

      g_assert_true (g_str_has_prefix (other, "a<"));
    }
  later = ptl_table_dup_cell (PTL_TABLE (list), last, PTL_LOOKUP_LIST_NAME);
  g_assert_cmpstr (later, ==, "192.0.2.9");
}

/* A view has widgets for two hundred rows: none of them is made anew by another order, and all say
 * what they are now, a few at a time. */
static void
test_steps (Fixture    *fixture,
            const void *data)
{
  enum { N = 1000, LOOKED_AT = 200 };
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_batches = 0, n_changed = 0, n_told = 0, most = 0;

  for (guint i = 0; i < N; i++)
    g_string_append_printf (text, "%03u<\n", i);
  g_assert_true (ptl_lookup_list_start (list, text->str, PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  for (guint i = 0; i < LOOKED_AT; i++)
    {
      gpointer item = g_list_model_get_item (G_LIST_MODEL (list), i);

      g_signal_connect (item, "changed", G_CALLBACK (count_changed), &n_changed);
      g_ptr_array_add (items, item);
    }
  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), &n_batches);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, TRUE);
  g_assert_cmpuint (n_changed, ==, PTL_PLACES_FIRST_ROWS);
  while (n_changed < LOOKED_AT)
    {
      n_told = n_changed;
      g_main_context_iteration (NULL, TRUE);
      most = MAX (most, n_changed - n_told);
    }
  g_assert_cmpuint (most, ==, PTL_PLACES_STEP_ROWS);
  g_assert_cmpuint (n_batches, ==, 0);
  for (guint i = 0; i < LOOKED_AT; i++)
    {
      g_autofree char *cell = ptl_table_dup_cell (PTL_TABLE (list), items->pdata[i],
                                                  PTL_LOOKUP_LIST_NAME);
      g_autofree char *wanted = g_strdup_printf ("%03u<", N - 1 - i);

      g_assert_cmpstr (cell, ==, wanted);
    }

  /* Neither does another list let go of all of them at once. */
  n_batches = 0;
  g_assert_true (ptl_lookup_list_start (list, "1<", PTL_DNS_TYPE_A, fixture->server, NULL));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==,
                    LOOKED_AT - PTL_PLACES_SHRINK_ROWS);
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 1);
}

static void
assert_sorted (PtlLookupList *list)
{
  g_autofree char *before = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autofree char *name = dup_cell (list, i, PTL_LOOKUP_LIST_NAME);

      if (before != NULL)
        g_assert_cmpstr (before, <, name);
      g_free (before);
      before = g_steal_pointer (&name);
    }
}

/* An order that is chosen beforehand is kept while results come; many are sorted beside the main
 * loop, and what is chosen meanwhile counts. */
static void
test_order (Fixture    *fixture,
            const void *data)
{
  enum { N = 3 * PTL_LOOKUP_LIST_SORT_MAX };
  g_autoptr (PtlLookupList) list = ptl_lookup_list_new ();
  GString *text = g_string_new (NULL);
  guint deadline;

  /* Each is "not recognised", at once; none comes in its order. */
  for (guint i = 0; i < N; i++)
    g_string_append_printf (text, "%05u<\n", (guint) ((guint64) i * 7919 % N));
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, FALSE);
  g_assert_true (ptl_lookup_list_start (list, text->str, PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, N);
  assert_sorted (list);

  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_STATUS, FALSE);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, TRUE);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, FALSE);
  ptl_table_sort (PTL_TABLE (list), -1, FALSE);
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, TRUE);
  deadline = g_timeout_add_seconds (WAIT_S, on_deadline, NULL);
  while (true)
    {
      g_autofree char *name = dup_cell (list, 0, PTL_LOOKUP_LIST_NAME);

      if (g_str_equal (name, "29999<"))
        break;
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (deadline);
  /* Other names are asked for while the first are being sorted. */
  ptl_table_sort (PTL_TABLE (list), PTL_LOOKUP_LIST_NAME, FALSE);
  g_assert_true (ptl_lookup_list_start (list, "b<\na<\n", PTL_DNS_TYPE_A, fixture->server, NULL));
  wait_idle (list);
  deadline = g_timeout_add_seconds (WAIT_S, on_deadline, NULL);
  while (g_list_model_get_n_items (G_LIST_MODEL (list)) != 2)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
  assert_sorted (list);
  g_string_free (text, TRUE);
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, const void *);
  } tests[] = {
    { "/lookup-list/many", test_many },
    { "/lookup-list/mixed", test_mixed },
    { "/lookup-list/comments", test_comments },
    { "/lookup-list/unicode", test_unicode },
    { "/lookup-list/ports", test_ports },
    { "/lookup-list/alias-out", test_alias_out },
    { "/lookup-list/strangers", test_strangers },
    { "/lookup-list/long", test_long },
    { "/lookup-list/long-limit", test_long_limit },
    { "/lookup-list/interface", test_interface },
    { "/lookup-list/cancel", test_many_cancel },
    { "/lookup-list/limits", test_many_limits },
    { "/lookup-list/items", test_items },
    { "/lookup-list/steps", test_steps },
    { "/lookup-list/order", test_order },
  };

  g_test_init (&argc, &argv, NULL);
  own_net_enter ();
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
