/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every service name that IANA has, in Lookup and in the Reference: recognised when it is typed,
 * and found first when it is searched for. */
#include "config.h"

#include <net/if.h>
#include <string.h>

#include "lookup/ptl-classify.h"
#include "registry/ptl-catalog.h"

#define NAMES_MIN 7000

/* Each name once. */
static GHashTable *
list_names (void)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  for (uint32_t i = 0; i < ptl_registry_get_n_rows (); i++)
    {
      PtlRegistryRow row;

      ptl_registry_get_row (i, &row);
      if (*row.name != '\0' && (row.flags & PTL_REGISTRY_IANA) != 0)
        g_hash_table_add (names, (gpointer) row.name);
    }
  g_assert_cmpuint (g_hash_table_size (names), >, NAMES_MIN);
  return names;
}

static void
test_recognised (void)
{
  g_autoptr (GHashTable) names = list_names ();
  GHashTableIter iter;
  gpointer name;
  unsigned n_wrong = 0;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_auto (PtlClassified) classified = { 0 };

      if (if_nametoindex (name) != 0)
        continue; /* this computer's own */
      ptl_classify (&classified, name);
      if ((classified.kind != PTL_KIND_SERVICE && classified.kind != PTL_KIND_SERVICE_ONLY)
          || g_strcmp0 (classified.service, name) != 0)
        {
          g_test_message ("%s: %s", (const char *) name, ptl_kind_get_text (classified.kind));
          n_wrong++;
        }
    }
  g_assert_cmpuint (n_wrong, ==, 0);
}

/* A protocol to know may have the name, and another one at IANA: IRC on 6667 is "ircu". */
static bool
is_called (const PtlCatalogRow *row,
           const char          *name)
{
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  return row->row.name != NULL
         && (g_ascii_strcasecmp (row->row.name, name) == 0
             || (row->row.protocol >= 0
                 && g_str_equal (protocols[row->row.protocol].id, name)));
}

static void
test_found_first (void)
{
  g_autoptr (GHashTable) names = list_names ();
  g_autoptr (PtlCatalog) catalog = ptl_catalog_new (NULL);
  g_autofree uint32_t *rows = g_new (uint32_t, ptl_catalog_get_n_rows (catalog));
  GHashTableIter iter;
  gpointer name;
  unsigned n_wrong = 0;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      PtlCatalogRow row = { 0 };
      /* These are words of the search. */
      bool is_word = g_str_equal (name, "tcp") || g_str_equal (name, "udp");
      g_autofree char *query = g_strdup_printf (is_word ? "\"%s\"" : "%s", (const char *) name);

      if (ptl_catalog_search (catalog, query, PTL_CATALOG_ALL, NULL, rows) > 0)
        ptl_catalog_get_row (catalog, rows[0], &row);
      if (!is_called (&row, name))
        {
          g_test_message ("%s: first is %s", (const char *) name, row.row.name);
          n_wrong++;
        }
    }
  g_assert_cmpuint (n_wrong, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-names/recognised", test_recognised);
  g_test_add_func ("/service-names/found-first", test_found_first);
  return g_test_run ();
}
