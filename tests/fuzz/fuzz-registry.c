/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of any bytes, queries of any text, services files of any kind: the first byte chooses.  A
 * table may also be the built-in one with some bytes replaced, so that it gets past the head. */
#include "config.h"

#include <string.h>

#include "registry/ptl-catalog.h"
#include "registry/ptl-registry-private.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

extern const uint8_t ptl_registry_blob[];
extern const uint32_t ptl_registry_blob_size;

static void
use_table (const PtlRegistryTable *table,
           const char             *name)
{
  PtlRegistryRow row;
  uint32_t number;

  for (uint32_t i = 0; i < table->n_rows; i += 101)
    {
      ptl_registry_table_get_row (table, i, &row);
      g_assert_cmpuint (strlen (row.name) + strlen (row.reference), <, ptl_registry_blob_size);
    }
  for (uint32_t port = 0; port < 65536; port += 257)
    if (ptl_registry_table_find_port (table, PTL_REGISTRY_TCP, (uint16_t) port, &number))
      g_assert_cmpuint (number, <, table->n_rows);
  if (ptl_registry_table_find_name (table, name, PTL_REGISTRY_TCP, &number))
    g_assert_cmpuint (number, <, table->n_rows);
}

/* Three bytes of a place and one to put there, as often as there are. */
static void
patch_table (const uint8_t *bytes,
             size_t         len_bytes)
{
  g_autofree uint8_t *copy = g_memdup2 (ptl_registry_blob, ptl_registry_blob_size);
  PtlRegistryTable table;

  for (size_t i = 0; i + 4 <= len_bytes; i += 4)
    {
      uint32_t place = bytes[i] | (uint32_t) bytes[i + 1] << 8 | (uint32_t) bytes[i + 2] << 16;

      copy[place % ptl_registry_blob_size] = bytes[i + 3];
    }
  if (ptl_registry_table_open (&table, copy, ptl_registry_blob_size))
    use_table (&table, "http");
}

static void
search (const char *text)
{
  static PtlCatalog *catalog;
  static uint32_t *rows;
  size_t n;

  if (catalog == NULL)
    {
      catalog = ptl_catalog_new (ptl_services_parse ("http 80/tcp www\nmine 4/tcp\n"));
      rows = g_new (uint32_t, ptl_catalog_get_n_rows (catalog));
    }
  n = ptl_catalog_search (catalog, text, PTL_CATALOG_ALL, NULL, rows);
  g_assert_cmpuint (n, <=, ptl_catalog_get_n_rows (catalog));
  for (size_t i = 0; i < n; i++)
    g_assert_cmpuint (rows[i], <, ptl_catalog_get_n_rows (catalog));
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  g_autofree char *text = NULL;
  PtlRegistryTable table;

  if (len_bytes == 0)
    return 0;
  text = g_strndup ((const char *) bytes + 1, len_bytes - 1);
  switch (bytes[0] % 4)
    {
    case 0:
      {
        g_autofree uint8_t *copy = g_memdup2 (bytes, len_bytes); /* aligned */

        memmove (copy, copy + 1, len_bytes - 1);
        if (ptl_registry_table_open (&table, copy, len_bytes - 1))
          use_table (&table, text);
      }
      break;

    case 1:
      patch_table (bytes + 1, MIN (len_bytes - 1, 64));
      break;

    case 2:
      search (text);
      break;

    default:
      {
        g_autoptr (PtlServices) services = ptl_services_parse (text);

        for (size_t i = 0; i < services->n; i++)
          g_assert_true (g_utf8_validate (services->items[i].name, -1, NULL));
      }
      break;
    }
  return 0;
}
