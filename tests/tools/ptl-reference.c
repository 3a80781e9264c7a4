/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what the Reference shows, for tests that compare it with the data.
 *
 *   ptl-reference                the parts of each protocol to know
 *   ptl-reference SERVICES       the rows, merged with that services database
 *
 * Fields end with US (0x1f), records with RS (0x1e):
 *   "row", id, then the cells in the order of the columns, then who says so
 *   "part", kind, n, title, text, note           of the row before */
#include "config.h"

#include <stdio.h>

#include "model/ptl-reference-parts.h"

static void
put (const char *text)
{
  printf ("%s\x1f", text);
}

static void
put_row (PtlReferenceItem *item,
         const char       *id)
{
  g_autofree char *source = ptl_reference_item_dup_source (item);

  put ("row");
  put (id);
  for (unsigned i = 0; i < PTL_CATALOG_N_COLUMNS; i++)
    {
      g_autofree char *cell = ptl_reference_item_dup_cell (item, (PtlCatalogColumn) i);

      put (cell);
    }
  put (source);
  printf ("\x1e");
}

static void
put_parts (PtlReferenceItem *item)
{
  g_autoptr (GPtrArray) parts = ptl_reference_item_list_parts (item);

  for (guint i = 0; i < parts->len; i++)
    {
      const PtlReferencePart *part = g_ptr_array_index (parts, i);

      printf ("part\x1f%d\x1f%u\x1f", part->kind, part->n);
      put (part->title);
      put (part->text);
      put (part->note);
      printf ("\x1e");
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *services = NULL;
  g_autoptr (PtlCatalog) catalog = NULL;
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  if (argc > 1)
    {
      g_autoptr (GError) error = NULL;

      if (!g_file_get_contents (argv[1], &services, NULL, &error))
        {
          fprintf (stderr, "%s\n", error->message);
          return 1;
        }
      catalog = ptl_catalog_new (ptl_services_parse (services));
      for (size_t i = 0; i < ptl_catalog_get_n_rows (catalog); i++)
        {
          g_autoptr (PtlReferenceItem) item = ptl_reference_item_new (catalog, (uint32_t) i);

          put_row (item, "");
        }
      return 0;
    }
  catalog = ptl_catalog_new (NULL);
  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (PtlReferenceItem) item = ptl_reference_item_new (catalog, protocols[i].row);

      put_row (item, protocols[i].id);
      put_parts (item);
    }
  return 0;
}
