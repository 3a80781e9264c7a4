/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a self-test. */
#include "config.h"

#include "model/ptl-self-test-list.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "host/ptl-self-test.h"
#include "model/ptl-bridge-private.h"
#include "model/ptl-self-test-text.h"
#include "model/ptl-table-store.h"

#define BATCH 128 /* results that are shown in one go */

typedef enum
{
  COLUMN_ADDRESS,
  COLUMN_DEVICE,
  COLUMN_KIND,
  COLUMN_STREAM,
  COLUMN_DATAGRAM,
  COLUMN_SEQPACKET,
  COLUMN_REASON
} Column;

static const PtlTableColumn columns[] = {
  { "address", N_("Address"), 0, 0 },
  { "interface", N_("Interface"), 8, PTL_TABLE_WIDE_ONLY },
  { "kind", N_("What It Is"), 12, PTL_TABLE_WIDE_ONLY | PTL_TABLE_DIM },
  { "stream", N_("TCP, Stream"), 12, 0 },
  { "datagram", N_("UDP, Datagrams"), 13, 0 },
  { "seqpacket", N_("Seq. Packets"), 12, PTL_TABLE_WIDE_ONLY },
  { "reason", N_("Why Not"), 0, PTL_TABLE_WIDE_ONLY },
};

struct _PtlSelfTestList
{
  GObject          parent_instance;

  PtlTableStore   *table;   /* owned */
  PtlBridge       *bridge;  /* owned */
  PtlSelfTest     *test;    /* owned; NULL: none runs */
  GArray          *cases;   /* owned; of PtlSelfTestCase, as they are known */
  char            *summary; /* owned, or NULL */
  guint64          started_ns;
  guint64          elapsed_ns;
  double           progress;
  gboolean         stopped;
};

enum
{
  PROP_0,
  PROP_RUNNING,
  PROP_PROGRESS,
  PROP_SUMMARY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlSelfTestList, ptl_self_test_list, G_TYPE_OBJECT)

static Column
get_column (int type)
{
  return type == SOCK_STREAM ? COLUMN_STREAM
         : type == SOCK_DGRAM ? COLUMN_DATAGRAM : COLUMN_SEQPACKET;
}

static PtlTableTone
get_tone (PtlSelfTestOutcome outcome)
{
  switch (outcome)
    {
    case PTL_SELF_TEST_PASSED:
      return PTL_TABLE_GOOD;

    case PTL_SELF_TEST_FAILED:
    case PTL_SELF_TEST_SILENT:
      return PTL_TABLE_BAD;

    case PTL_SELF_TEST_WAITING:
    case PTL_SELF_TEST_RUNNING:
    case PTL_SELF_TEST_NOT_TRIED:
    case PTL_SELF_TEST_STOPPED:
    default:
      return PTL_TABLE_QUIET;
    }
}

static char *
make_key (const PtlSelfTestCase *what)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  return g_strdup_printf ("%d %s %s", (int) what->kind,
                          ptl_address_format_host (&what->address, text, sizeof text),
                          what->device);
}

/* Each type's reason, of the cases from @first to before @end. */
static char *
collect_reasons (PtlSelfTestList *self,
                 const char      *key,
                 guint            first,
                 guint            end,
                 const char      *between)
{
  g_autoptr (GString) reasons = g_string_new (NULL);

  for (guint i = first; i < end && i < self->cases->len; i++)
    {
      const PtlSelfTestCase *what = &g_array_index (self->cases, PtlSelfTestCase, i);
      g_autofree char *of = make_key (what);
      g_autofree char *reason = NULL;

      if (strcmp (of, key) != 0)
        continue;
      reason = ptl_self_test_text_reason (what);
      if (reason != NULL)
        g_string_append_printf (reasons, "%s%s: %s", reasons->len > 0 ? between : "",
                                ptl_self_test_text_type (what), reason);
    }
  return g_string_free (g_steal_pointer (&reasons), FALSE);
}

static void
show_case (PtlSelfTestList *self,
           guint            index)
{
  const PtlSelfTestCase *what = &g_array_index (self->cases, PtlSelfTestCase, index);
  g_autofree char *key = make_key (what);
  g_autofree char *outcome = ptl_self_test_text_outcome (what);
  PtlTableRow *row = ptl_table_store_find (self->table, key);
  Column column = get_column (what->type);

  if (row == NULL)
    {
      g_autofree char *address = ptl_self_test_text_address (what);

      row = ptl_table_store_add (self->table, key);
      if (row == NULL)
        return;
      ptl_table_row_set (row, COLUMN_ADDRESS, address);
      ptl_table_row_set (row, COLUMN_DEVICE, what->device);
      ptl_table_row_set (row, COLUMN_KIND, ptl_self_test_text_kind (what));
    }
  ptl_table_row_set (row, column, outcome);
  ptl_table_row_set_tone (row, column, get_tone (what->outcome));
  if (get_tone (what->outcome) == PTL_TABLE_BAD || what->outcome == PTL_SELF_TEST_NOT_TRIED)
    {
      /* Those of one address are beside each other in the plan. */
      g_autofree char *reasons = collect_reasons (self, key, index > 2 ? index - 2 : 0, index + 3,
                                                  " ");

      ptl_table_row_set (row, COLUMN_REASON, reasons);
    }
  ptl_table_row_changed (row);
}

static void
update_summary (PtlSelfTestList *self,
                gboolean         finished)
{
  guint n_passed = 0, n_failed = 0, n_left = 0;
  g_autofree char *passed = NULL, *failed = NULL;

  for (guint i = 0; i < self->cases->len; i++)
    {
      PtlSelfTestOutcome outcome = g_array_index (self->cases, PtlSelfTestCase, i).outcome;

      n_passed += outcome == PTL_SELF_TEST_PASSED;
      n_failed += outcome == PTL_SELF_TEST_FAILED || outcome == PTL_SELF_TEST_SILENT;
      n_left += outcome == PTL_SELF_TEST_WAITING || outcome == PTL_SELF_TEST_RUNNING;
    }
  passed = g_strdup_printf (ngettext ("%u passed", "%u passed", n_passed), n_passed);
  failed = g_strdup_printf (ngettext ("%u failed", "%u failed", n_failed), n_failed);
  g_free (self->summary);
  if (!finished)
    self->summary = g_strdup_printf (_("Running: %s, %s"), passed, failed);
  else if (self->stopped)
    self->summary = g_strdup_printf (_("Stopped: %s, %s"), passed, failed);
  else
    self->summary = g_strdup_printf (_("%s, %s in %.2f s"), passed, failed,
                                     (double) self->elapsed_ns / (double) PTL_NS_PER_S);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
  self->progress = self->cases->len > 0
                     ? (double) (self->cases->len - n_left) / self->cases->len : 0;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

static void
on_news (gpointer payload,
         gpointer data)
{
  PtlSelfTestList *self = data;
  g_autoptr (GArray) news = NULL;
  unsigned n_cases;
  bool finished;

  if (self->test == NULL)
    return;
  news = ptl_self_test_take (self->test, BATCH, &n_cases, &finished);
  if (self->cases->len < n_cases)
    g_array_set_size (self->cases, n_cases);
  for (guint i = 0; i < news->len; i++)
    {
      const PtlSelfTestNews *one = &g_array_index (news, PtlSelfTestNews, i);

      g_array_index (self->cases, PtlSelfTestCase, one->index) = one->what;
    }
  for (guint i = 0; i < news->len; i++)
    show_case (self, g_array_index (news, PtlSelfTestNews, i).index);
  self->elapsed_ns = ptl_clock_monotonic_ns () - self->started_ns;
  update_summary (self, finished);
  if (news->len == BATCH)
    ptl_bridge_post (self->bridge, on_news, NULL, g_free, self, NULL);
  if (finished)
    {
      /* Its threads are through: the join does not wait. */
      g_clear_pointer (&self->test, ptl_self_test_free);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
    }
}

/* A thread of the test's. */
static void
on_wake (void *data)
{
  PtlSelfTestList *self = data;

  ptl_bridge_post (self->bridge, on_news, NULL, g_free, self, NULL);
}

gboolean
ptl_self_test_list_start (PtlSelfTestList  *self,
                          GError          **error)
{
  g_return_val_if_fail (PTL_IS_SELF_TEST_LIST (self), FALSE);

  if (self->test != NULL)
    return TRUE;
  ptl_table_store_clear (self->table);
  g_array_set_size (self->cases, 0);
  self->stopped = FALSE;
  self->started_ns = ptl_clock_monotonic_ns ();
  self->test = ptl_self_test_start (on_wake, self);
  if (self->test == NULL)
    {
      ptl_error_set_errno (error, errno, "%s", _("The test could not be begun"));
      return FALSE;
    }
  update_summary (self, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  return TRUE;
}

void
ptl_self_test_list_stop (PtlSelfTestList *self)
{
  g_return_if_fail (PTL_IS_SELF_TEST_LIST (self));

  if (self->test == NULL)
    return;
  self->stopped = TRUE;
  ptl_self_test_cancel (self->test);
}

gboolean
ptl_self_test_list_is_running (PtlSelfTestList *self)
{
  return self->test != NULL;
}

PtlTable *
ptl_self_test_list_get_table (PtlSelfTestList *self)
{
  return PTL_TABLE (self->table);
}

const char *
ptl_self_test_list_get_summary (PtlSelfTestList *self)
{
  return self->summary;
}

char *
ptl_self_test_list_dup_reasons (PtlSelfTestList *self,
                                gpointer         item)
{
  return collect_reasons (self, ptl_table_row_get_key (item), 0, self->cases->len, "\n");
}

static void
ptl_self_test_list_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  PtlSelfTestList *self = PTL_SELF_TEST_LIST (object);

  switch (prop_id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, self->test != NULL);
      break;

    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;

    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_self_test_list_dispose (GObject *object)
{
  PtlSelfTestList *self = PTL_SELF_TEST_LIST (object);

  g_clear_pointer (&self->test, ptl_self_test_free);
  g_clear_pointer (&self->bridge, ptl_bridge_close);
  g_clear_object (&self->table);

  G_OBJECT_CLASS (ptl_self_test_list_parent_class)->dispose (object);
}

static void
ptl_self_test_list_finalize (GObject *object)
{
  PtlSelfTestList *self = PTL_SELF_TEST_LIST (object);

  g_array_unref (self->cases);
  g_free (self->summary);

  G_OBJECT_CLASS (ptl_self_test_list_parent_class)->finalize (object);
}

static void
ptl_self_test_list_class_init (PtlSelfTestListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_self_test_list_dispose;
  object_class->finalize = ptl_self_test_list_finalize;
  object_class->get_property = ptl_self_test_list_get_property;

  properties[PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PROGRESS] =
    g_param_spec_double ("progress", NULL, NULL, 0, 1, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SUMMARY] =
    g_param_spec_string ("summary", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_self_test_list_init (PtlSelfTestList *self)
{
  self->table = ptl_table_store_new (columns, G_N_ELEMENTS (columns));
  self->bridge = ptl_bridge_new ();
  self->cases = g_array_new (FALSE, TRUE, sizeof (PtlSelfTestCase));
}

PtlSelfTestList *
ptl_self_test_list_new (void)
{
  return g_object_new (PTL_TYPE_SELF_TEST_LIST, NULL);
}
