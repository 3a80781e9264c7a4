/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several tables in one report: as text, as JSON, some left out, stopped. */
#include "config.h"

#include <string.h>

#include <gio/gio.h>

#include "model/ptl-report.h"
#include "model/ptl-table-store.h"

static const PtlTableColumn columns[] = {
  { "name", "Name", 10, 0 },
  { "size", "Size", 10, PTL_TABLE_NUMERIC },
};

typedef struct
{
  gboolean  done;
  char     *text;
  GError   *error;
} Answer;

static void
on_exported_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  Answer *answer = data;

  answer->text = ptl_report_export_finish (PTL_REPORT (source), result, &answer->error);
  answer->done = TRUE;
}

static char *
write_report (PtlReport      *report,
              PtlTableFormat  format)
{
  Answer answer = { FALSE };

  ptl_report_export_async (report, format, NULL, on_exported_cb, &answer);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (answer.error);
  return answer.text;
}

static PtlTableStore *
make_table (const char *name,
            guint       n)
{
  PtlTableStore *table = ptl_table_store_new (columns, G_N_ELEMENTS (columns));

  for (guint i = 0; i < n; i++)
    {
      PtlTableRow *row = ptl_table_store_add (table, NULL);

      ptl_table_row_set (row, 0, name);
      ptl_table_row_set_number (row, 1, i, "many");
    }
  return table;
}

static PtlReport *
make_report (void)
{
  PtlReport *report = ptl_report_new ();
  g_autoptr (PtlTableStore) one = make_table ("a \"quoted\"\nname", 2);
  g_autoptr (PtlTableStore) none = make_table ("x", 0);
  g_autoptr (PtlTableStore) three = make_table ("third", 1);

  ptl_report_add_fact (report, "version", "Version", "1 \"beta\"");
  g_assert_true (ptl_report_add_table (report, "one", "One", PTL_TABLE (one)));
  g_assert_true (ptl_report_add_table (report, "none", "None", PTL_TABLE (none)));
  g_assert_true (ptl_report_add_table (report, "three", "Three", PTL_TABLE (three)));
  g_assert_false (ptl_report_add_table (report, "one", "Again", PTL_TABLE (three)));
  g_assert_cmpuint (ptl_report_get_n_tables (report), ==, 3);
  g_assert_cmpstr (ptl_report_get_title (report, 2), ==, "Three");
  return report;
}

static void
test_text (void)
{
  g_autoptr (PtlReport) report = make_report ();
  g_autofree char *text = write_report (report, PTL_TABLE_TEXT);
  const char *one, *three;

  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, "Version: 1 \"beta\"\n"));
  one = strstr (text, "\nOne\n===\n");
  three = strstr (text, "\nThree\n=====\n");
  g_assert_nonnull (one);
  g_assert_nonnull (three);
  g_assert_true (one < three);
  g_assert_nonnull (strstr (text, "\nNone\n====\n(nothing)\n"));
  g_assert_nonnull (strstr (three, "third"));
}

static void
test_json (void)
{
  g_autoptr (PtlReport) report = make_report ();
  g_autofree char *all = write_report (report, PTL_TABLE_JSON);
  g_autofree char *some = NULL;

  g_test_message ("%s", all);
  g_assert_nonnull (strstr (all, "\"version\": \"1 \\\"beta\\\"\""));
  g_assert_nonnull (strstr (all, "\"one\": ["));
  g_assert_nonnull (strstr (all, "\"none\": ["));
  g_assert_nonnull (strstr (all, "\"three\": ["));
  g_assert_null (strstr (all, "}{"));
  g_assert_true (g_str_has_suffix (all, "]\n}\n"));
  ptl_report_set_included (report, 0, FALSE);
  ptl_report_set_included (report, 2, FALSE);
  some = write_report (report, PTL_TABLE_JSON);
  g_assert_null (strstr (some, "\"one\""));
  g_assert_null (strstr (some, "\"three\""));
  g_assert_nonnull (strstr (some, "\"none\""));
}

/* A long one goes in slices, and ends when it is not wanted any more. */
static void
test_stopped (void)
{
  g_autoptr (PtlReport) report = ptl_report_new ();
  g_autoptr (PtlTableStore) table = make_table ("row", 20000);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer answer = { FALSE };

  ptl_report_add_table (report, "long", "Long", PTL_TABLE (table));
  ptl_report_export_async (report, PTL_TABLE_JSON, cancellable, on_exported_cb, &answer);
  g_assert_false (answer.done);
  g_cancellable_cancel (cancellable);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (answer.text);
  g_clear_error (&answer.error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/text", test_text);
  g_test_add_func ("/report/json", test_json);
  g_test_add_func ("/report/stopped", test_stopped);
  return g_test_run ();
}
