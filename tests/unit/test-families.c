/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families of sockets: what is tried, what the kernel answers, and the words for it; the table
 * of them. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "host/ptl-families.h"
#include "model/ptl-families-list.h"
#include "model/ptl-families-text.h"

#define DEADLINE_S 30

static const PtlSocketKind *
find_kind (const PtlSocketKind *kinds,
           size_t               n,
           int                  domain,
           int                  type,
           int                  protocol)
{
  for (size_t i = 0; i < n; i++)
    if (kinds[i].domain == domain && kinds[i].type == type && kinds[i].protocol == protocol)
      return &kinds[i];
  g_assert_not_reached ();
}

static void
test_tried (void)
{
  size_t n;
  g_autofree PtlSocketKind *kinds = ptl_families_make_all (&n);

  ptl_families_try (kinds, n);
  g_assert_cmpuint (n, >, 200);
  g_assert_cmpint (find_kind (kinds, n, AF_INET, SOCK_STREAM, 0)->sys_errno, ==, 0);
  g_assert_cmpint (find_kind (kinds, n, AF_INET, SOCK_STREAM, IPPROTO_TCP)->sys_errno, ==, 0);
  g_assert_cmpint (find_kind (kinds, n, AF_UNIX, SOCK_SEQPACKET, 0)->sys_errno, ==, 0);
  g_assert_cmpint (find_kind (kinds, n, AF_INET, SOCK_SEQPACKET, 0)->sys_errno, ==,
                   ESOCKTNOSUPPORT);
  /* Each answer is the one that a bare call gets. */
  for (size_t i = 0; i < n; i++)
    {
      int fd = socket (kinds[i].domain, kinds[i].type | SOCK_CLOEXEC, kinds[i].protocol);

      g_assert_cmpint (kinds[i].sys_errno, ==, fd < 0 ? errno : 0);
      if (fd >= 0)
        close (fd);
    }
}

static void
test_named (void)
{
  size_t n;
  g_autofree PtlSocketKind *kinds = ptl_families_make_all (&n);

  for (size_t i = 0; i < n; i++)
    {
      g_assert_nonnull (ptl_families_get_domain_name (kinds[i].domain));
      g_assert_nonnull (ptl_families_get_type_name (kinds[i].type));
      g_assert_nonnull (ptl_families_get_protocol_name (kinds[i].domain, kinds[i].type,
                                                        kinds[i].protocol));
      g_assert_nonnull (ptl_families_text_domain (kinds[i].domain));
      g_assert_cmpstr (ptl_families_text_use (&kinds[i]), !=, "");
      /* None twice. */
      for (size_t k = 0; k < i; k++)
        g_assert_false (memcmp (&kinds[i], &kinds[k], sizeof *kinds) == 0);
    }
  g_assert_null (ptl_families_get_domain_name (-1));
  g_assert_null (ptl_families_get_domain_name (1000));
  g_assert_null (ptl_families_get_type_name (77));
  g_assert_null (ptl_families_text_domain (1000));
}

static void
test_words (void)
{
  PtlSocketKind kind = { .domain = AF_INET, .type = SOCK_DGRAM, .protocol = IPPROTO_ICMP };
  g_autofree char *offered = ptl_families_text_result (&kind);
  g_autofree char *refused = NULL, *detail = NULL, *absent = NULL, *odd = NULL;

  g_assert_cmpstr (offered, ==, "offered");
  kind.sys_errno = EACCES;
  refused = ptl_families_text_result (&kind);
  g_assert_cmpstr (refused, ==, "no (ping_group_range)");
  detail = ptl_families_text_detail (&kind);
  g_assert_nonnull (strstr (detail, "socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) = -1 EACCES"));
  g_assert_nonnull (strstr (detail, "ping_group_range"));
  kind.sys_errno = EAFNOSUPPORT;
  absent = ptl_families_text_result (&kind);
  g_assert_cmpstr (absent, ==, "no (EAFNOSUPPORT)");
  kind.sys_errno = EXDEV;
  odd = ptl_families_text_detail (&kind);
  g_assert_nonnull (strstr (odd, "EXDEV"));
}

static void
wait_until_done (PtlFamiliesList *list)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_S * G_TIME_SPAN_SECOND;

  while (ptl_families_list_is_busy (list))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_table (void)
{
  g_autoptr (PtlFamiliesList) list = ptl_families_list_new ();
  PtlTable *table = ptl_families_list_get_table (list);
  g_autofree char *before = ptl_families_list_dup_summary (list);
  g_autofree char *summary = NULL, *csv = NULL, *detail = NULL;
  g_autoptr (GObject) first = NULL;
  guint n_all, n_offered;

  g_assert_null (before);
  ptl_families_list_try (list);
  g_assert_true (ptl_families_list_is_busy (list));
  wait_until_done (list);
  n_all = g_list_model_get_n_items (G_LIST_MODEL (table));
  g_assert_cmpuint (n_all, >, 45);
  summary = ptl_families_list_dup_summary (list);
  g_assert_nonnull (strstr (summary, "domains are in this kernel"));
  csv = ptl_table_export (table, PTL_TABLE_CSV);
  g_assert_nonnull (strstr (csv, "AF_INET,SOCK_STREAM,IPPROTO_TCP,offered,"));
  first = g_list_model_get_item (G_LIST_MODEL (table), 0);
  detail = ptl_families_list_dup_detail (list, first);
  g_assert_true (g_str_has_prefix (detail, "socket(AF_INET, SOCK_STREAM, 0): "));

  g_object_set (list, "offered-only", TRUE, NULL);
  n_offered = g_list_model_get_n_items (G_LIST_MODEL (table));
  g_assert_cmpuint (n_offered, <, n_all);
  for (guint i = 0; i < n_offered; i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (G_LIST_MODEL (table), i);
      g_autofree char *result = ptl_table_dup_cell (table, row, 4);

      g_assert_cmpstr (result, ==, "offered");
    }
  ptl_families_list_try (list);
  wait_until_done (list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (table)), ==, n_offered);
}

static gboolean
on_tick_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* One that is dropped while it is asked goes away without a word. */
static void
test_dropped (void)
{
  PtlFamiliesList *list = ptl_families_list_new ();
  /* The last reference may be given back in the thread, which wakes nobody. */
  guint tick = g_timeout_add (10, on_tick_cb, NULL);

  ptl_families_list_try (list);
  g_object_run_dispose (G_OBJECT (list));
  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  g_object_unref (list);
  while (list != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/families/tried", test_tried);
  g_test_add_func ("/families/named", test_named);
  g_test_add_func ("/families/words", test_words);
  g_test_add_func ("/families/table", test_table);
  g_test_add_func ("/families/dropped", test_dropped);
  return g_test_run ();
}
