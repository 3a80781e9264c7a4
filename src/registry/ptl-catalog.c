/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the registry and this computer's database become one table: who knows a row, and where they
 * disagree. */
#include "config.h"

#include "registry/ptl-catalog-private.h"

#include <stdlib.h>
#include <string.h>

static const char *
get_string (const PtlCatalog *catalog,
            uint32_t          place)
{
  return catalog->table->strings + ptl_registry_u32 (place);
}

/* --- merging -------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t  starts[65536 + 1]; /* first row of one port that is not below it */
  uint32_t  n_ports;           /* rows with a port come first */
  uint32_t *ranges;
  uint32_t  n_ranges;
} PortIndex;

static PortIndex *
make_port_index (const PtlRegistryTable *table)
{
  PortIndex *index = g_new0 (PortIndex, 1);
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  uint32_t port = 0;

  for (uint32_t i = 0; i < table->n_rows; i++)
    {
      const PtlRegistryRecord *record = &table->rows[i];

      if ((record->flags & PTL_REGISTRY_HAS_PORT) == 0)
        break;
      while (port <= ptl_registry_u16 (record->first_port))
        index->starts[port++] = i;
      if (record->first_port != record->last_port)
        g_array_append_val (ranges, i);
      index->n_ports = i + 1;
    }
  while (port <= 65536)
    index->starts[port++] = index->n_ports;
  index->n_ranges = ranges->len;
  index->ranges = (uint32_t *) (void *) g_array_steal (ranges, NULL);
  return index;
}

static void
port_index_free (PortIndex *index)
{
  g_free (index->ranges);
  g_free (index);
}

/* IANA's named rows on a port. */
static void
find_at_port (const PtlRegistryTable *table,
              const PortIndex        *index,
              const PtlService       *service,
              GArray                 *found)
{
  PtlRegistryTransport transport = ptl_registry_parse_transport (service->transport);

  g_array_set_size (found, 0);
  if (transport == PTL_REGISTRY_NO_TRANSPORT)
    return;
  for (uint32_t i = index->starts[service->port]; i < index->starts[service->port + 1]; i++)
    if (table->rows[i].transport == transport && table->rows[i].name != 0
        && (table->rows[i].flags & PTL_REGISTRY_IANA) != 0
        && table->rows[i].first_port == table->rows[i].last_port)
      g_array_append_val (found, i);
  for (uint32_t k = 0; k < index->n_ranges; k++)
    {
      uint32_t i = index->ranges[k];

      if (table->rows[i].transport == transport && table->rows[i].name != 0
          && ptl_registry_u16 (table->rows[i].first_port) <= service->port
          && ptl_registry_u16 (table->rows[i].last_port) >= service->port)
        g_array_append_val (found, i);
    }
}

/* NOT_HERE: neither its name nor an alias. */
static PtlCatalogRelation
compare_name (const PtlService *service,
              const char       *name)
{
  g_auto (GStrv) aliases = NULL;

  if (g_ascii_strcasecmp (service->name, name) == 0)
    return PTL_CATALOG_SAME;
  if (*service->aliases == '\0')
    return PTL_CATALOG_NOT_HERE;
  aliases = g_strsplit (service->aliases, " ", -1);
  for (size_t i = 0; aliases[i] != NULL; i++)
    if (g_ascii_strcasecmp (aliases[i], name) == 0)
      return PTL_CATALOG_ALIAS;
  return PTL_CATALOG_NOT_HERE;
}

static void
set_relation (PtlCatalog        *catalog,
              uint32_t           row,
              uint32_t           service,
              PtlCatalogRelation relation)
{
  PtlCatalogRelation old = catalog->relations[row];

  /* Of several entries for a port, one that agrees tells more. */
  if (old != PTL_CATALOG_NOT_HERE && old <= relation)
    return;
  catalog->relations[row] = (uint8_t) relation;
  catalog->service_of[row] = service + 1;
}

static void
merge_service (PtlCatalog *catalog,
               uint32_t    number,
               GArray     *found,
               GArray     *locals)
{
  const PtlService *service = &catalog->services->items[number];
  PtlRegistryTransport transport = ptl_registry_parse_transport (service->transport);
  PtlLocalRow local = { .service = number };
  g_autoptr (GString) names = NULL;
  bool agreed = false;
  uint32_t elsewhere;

  for (uint32_t i = 0; i < found->len; i++)
    {
      uint32_t row = g_array_index (found, uint32_t, i);
      PtlCatalogRelation relation =
        compare_name (service, get_string (catalog, catalog->table->rows[row].name));

      if (relation == PTL_CATALOG_NOT_HERE)
        continue;
      set_relation (catalog, row, number, relation);
      agreed = true;
    }
  if (agreed)
    return;

  if (found->len > 0)
    {
      names = g_string_new (NULL);
      for (uint32_t i = 0; i < found->len; i++)
        {
          uint32_t row = g_array_index (found, uint32_t, i);

          set_relation (catalog, row, number, PTL_CATALOG_OTHER_NAME);
          if (i < PTL_CATALOG_OTHERS_MAX)
            g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                                    get_string (catalog, catalog->table->rows[row].name));
        }
      local.relation = PTL_CATALOG_LOCAL_NAME;
      local.iana_names = g_string_free (g_steal_pointer (&names), FALSE);
    }
  else if (transport != PTL_REGISTRY_NO_TRANSPORT
           && ptl_registry_table_find_name (catalog->table, service->name, transport, &elsewhere))
    {
      local.relation = PTL_CATALOG_LOCAL_PORT;
      local.iana_port = ptl_registry_u16 (catalog->table->rows[elsewhere].first_port);
    }
  else
    local.relation = PTL_CATALOG_LOCAL_ONLY;
  g_array_append_val (locals, local);
}

static void
merge (PtlCatalog *catalog)
{
  PortIndex *index = make_port_index (catalog->table);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  GArray *locals = g_array_new (FALSE, FALSE, sizeof (PtlLocalRow));

  catalog->relations = g_malloc0 (MAX (catalog->n_base, 1));
  catalog->service_of = g_new0 (uint32_t, catalog->n_base + catalog->services->n + 1);
  for (size_t i = 0; i < catalog->services->n; i++)
    {
      find_at_port (catalog->table, index, &catalog->services->items[i], found);
      merge_service (catalog, (uint32_t) i, found, locals);
    }
  catalog->n_rows = catalog->n_base + locals->len;
  catalog->locals = (PtlLocalRow *) (void *) g_array_free (locals, FALSE);
  for (uint32_t i = catalog->n_base; i < catalog->n_rows; i++)
    catalog->service_of[i] = catalog->locals[i - catalog->n_base].service + 1;
  port_index_free (index);
}

/* The words of each service, for the search. */
static void
make_service_text (PtlCatalog *catalog)
{
  GString *text = g_string_new ("\n");
  size_t n = catalog->services->n;

  catalog->service_starts = g_new0 (uint32_t, n + 1);
  for (size_t i = 0; i < n; i++)
    {
      const PtlService *service = &catalog->services->items[i];
      g_autofree char *words = g_strjoin (" \x1f ", service->name, service->aliases,
                                          service->transport, NULL);
      g_autofree char *folded = g_utf8_casefold (words, -1);

      g_strdelimit (folded, "\n", ' ');
      catalog->service_starts[i] = (uint32_t) text->len;
      g_string_append (text, folded);
      g_string_append_c (text, '\n');
    }
  catalog->service_starts[n] = (uint32_t) text->len;
  catalog->service_text_len = text->len;
  catalog->service_text = g_string_free (text, FALSE);
}

/* --- orders --------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t    row;
  uint32_t    place; /* in the order of the ports */
  uint64_t    number;
  const char *text;
} SortKey;

static int
compare_keys (const void *a,
              const void *b)
{
  const SortKey *x = a;
  const SortKey *y = b;

  if (x->number != y->number)
    return x->number < y->number ? -1 : 1;
  if (x->text != y->text)
    {
      int order = g_ascii_strcasecmp (x->text, y->text);

      if (order != 0)
        return order;
    }
  return x->place < y->place ? -1 : x->place > y->place;
}

/* Names without a port come after those that have one. */
static uint64_t
port_key (const PtlCatalogRow *row)
{
  uint64_t key;

  if ((row->row.flags & PTL_REGISTRY_HAS_PORT) == 0)
    return UINT64_C (1) << 40;
  key = (uint64_t) row->row.first_port << 20 | (uint64_t) row->row.last_port << 4;
  return key | MIN ((unsigned) row->row.transport, 15u);
}

static void
make_natural (PtlCatalog *catalog)
{
  SortKey *keys;

  catalog->natural = g_new (uint32_t, MAX (catalog->n_rows, 1));
  for (uint32_t i = 0; i < catalog->n_rows; i++)
    catalog->natural[i] = i;
  if (catalog->n_rows == catalog->n_base)
    return; /* the table has that order */

  keys = g_new0 (SortKey, catalog->n_rows);
  for (uint32_t i = 0; i < catalog->n_rows; i++)
    {
      PtlCatalogRow row;

      ptl_catalog_get_row (catalog, i, &row);
      keys[i] = (SortKey) { .row = i, .place = i, .number = port_key (&row), .text = "" };
    }
  qsort (keys, catalog->n_rows, sizeof *keys, compare_keys);
  for (uint32_t i = 0; i < catalog->n_rows; i++)
    catalog->natural[i] = keys[i].row;
  g_free (keys);
}

const char *
ptl_catalog_get_spec (const PtlRegistryRow *row)
{
  const PtlProtocol *protocols;
  size_t n;

  if (row->protocol < 0)
    return row->reference;
  protocols = ptl_registry_list_protocols (&n);
  return (row->flags & PTL_REGISTRY_MAIN) != 0 || row->reference[0] == '\0'
           ? protocols[row->protocol].spec : row->reference;
}

/* What a column is sorted by; false: there is nothing in it. */
static bool
get_sort_key (const PtlCatalogRow *row,
              PtlCatalogColumn     column,
              SortKey             *key)
{
  const PtlProtocol *protocol = NULL;
  size_t n;

  if (row->row.protocol >= 0)
    protocol = &ptl_registry_list_protocols (&n)[row->row.protocol];
  key->number = 0;
  key->text = "";
  switch (column)
    {
    case PTL_CATALOG_BY_PORT:
      key->number = port_key (row);
      return (row->row.flags & PTL_REGISTRY_HAS_PORT) != 0;

    case PTL_CATALOG_BY_TRANSPORT:
      key->text = row->transport;
      break;

    case PTL_CATALOG_BY_NAME:
      key->text = row->row.name;
      break;

    case PTL_CATALOG_BY_DESCRIPTION:
      key->text = row->row.description;
      break;

    case PTL_CATALOG_BY_FUNCTION:
      key->text = protocol != NULL ? protocol->common_function : "";
      break;

    case PTL_CATALOG_BY_TWIN:
      key->number = row->row.twin_port;
      return key->number != 0;

    case PTL_CATALOG_BY_PYTHON:
      key->text = protocol != NULL ? protocol->python_modules : "";
      break;

    case PTL_CATALOG_BY_SPEC:
      key->text = ptl_catalog_get_spec (&row->row);
      break;

    case PTL_CATALOG_BY_REGISTERED:
      key->number = row->row.registered;
      return key->number != 0;

    case PTL_CATALOG_BY_SOURCE:
      if ((row->row.flags & PTL_REGISTRY_IANA) == 0)
        key->number = (row->row.flags & PTL_REGISTRY_GUIDE) != 0 ? 3 : 2;
      else if (row->relation != PTL_CATALOG_SAME && row->relation != PTL_CATALOG_ALIAS)
        key->number = 1;
      return true;

    case PTL_CATALOG_BY_HERE:
    case PTL_CATALOG_N_COLUMNS:
    default:
      return false;
    }
  return *key->text != '\0';
}

void
ptl_catalog_make_order (PtlCatalog      *catalog,
                        PtlCatalogColumn column)
{
  SortKey *keys;
  uint32_t *order;
  uint32_t n = 0, n_empty = 0;

  if (catalog->orders[column] != NULL || column == PTL_CATALOG_BY_HERE)
    return;
  keys = g_new (SortKey, MAX (catalog->n_rows, 1));
  order = g_new (uint32_t, MAX (catalog->n_rows, 1));
  for (uint32_t i = 0; i < catalog->n_rows; i++)
    {
      PtlCatalogRow row;

      ptl_catalog_get_row (catalog, catalog->natural[i], &row);
      if (get_sort_key (&row, column, &keys[n]))
        {
          keys[n].row = catalog->natural[i];
          keys[n].place = i;
          n++;
        }
      else
        order[catalog->n_rows - ++n_empty] = catalog->natural[i];
    }
  qsort (keys, n, sizeof *keys, compare_keys);
  for (uint32_t i = 0; i < n; i++)
    order[i] = keys[i].row;
  /* The empty ones were put in from the end. */
  for (uint32_t i = 0; i < n_empty / 2; i++)
    {
      uint32_t *a = &order[n + i], *b = &order[catalog->n_rows - 1 - i], swap = *a;

      *a = *b;
      *b = swap;
    }
  catalog->orders[column] = order;
  catalog->n_filled[column] = n;
  g_free (keys);
}

/* --- life ----------------------------------------------------------------------------------- */

PtlCatalog *
ptl_catalog_new (PtlServices *services)
{
  PtlCatalog *catalog = g_new0 (PtlCatalog, 1);

  atomic_init (&catalog->n_refs, 1);
  catalog->table = ptl_registry_get_table ();
  catalog->n_base = catalog->n_rows = catalog->table->n_rows;
  if (services != NULL)
    {
      catalog->services = services;
      merge (catalog);
      make_service_text (catalog);
    }
  make_natural (catalog);
  if (services != NULL)
    for (unsigned i = 0; i < PTL_CATALOG_N_COLUMNS; i++)
      ptl_catalog_make_order (catalog, (PtlCatalogColumn) i);
  return catalog;
}

PtlCatalog *
ptl_catalog_ref (PtlCatalog *catalog)
{
  atomic_fetch_add_explicit (&catalog->n_refs, 1, memory_order_relaxed);
  return catalog;
}

void
ptl_catalog_unref (PtlCatalog *catalog)
{
  if (catalog == NULL
      || atomic_fetch_sub_explicit (&catalog->n_refs, 1, memory_order_acq_rel) != 1)
    return;
  for (unsigned i = 0; i < PTL_CATALOG_N_COLUMNS; i++)
    g_free (catalog->orders[i]);
  for (uint32_t i = catalog->n_base; i < catalog->n_rows; i++)
    g_free (catalog->locals[i - catalog->n_base].iana_names);
  g_free (catalog->locals);
  g_free (catalog->natural);
  g_free (catalog->service_of);
  g_free (catalog->relations);
  g_free (catalog->service_text);
  g_free (catalog->service_starts);
  ptl_services_free (catalog->services);
  g_free (catalog);
}

size_t
ptl_catalog_get_n_rows (const PtlCatalog *catalog)
{
  return catalog->n_rows;
}

void
ptl_catalog_get_row (const PtlCatalog *catalog,
                     uint32_t          number,
                     PtlCatalogRow    *row)
{
  const char *transport;

  ptl_registry_table_get_row (catalog->table, number < catalog->n_base ? number : UINT32_MAX,
                              &row->row);
  row->transport = "";
  row->relation = PTL_CATALOG_NOT_HERE;
  row->service = NULL;
  row->iana_names = "";
  row->iana_port = 0;
  if (number >= catalog->n_rows)
    return;
  if (catalog->service_of != NULL && catalog->service_of[number] != 0)
    row->service = &catalog->services->items[catalog->service_of[number] - 1];

  if (number < catalog->n_base)
    {
      if (catalog->relations != NULL)
        row->relation = catalog->relations[number];
    }
  else
    {
      const PtlLocalRow *local = &catalog->locals[number - catalog->n_base];

      row->relation = local->relation;
      row->iana_names = local->iana_names != NULL ? local->iana_names : "";
      row->iana_port = local->iana_port;
      row->row.name = row->service->name;
      row->row.first_port = row->row.last_port = row->service->port;
      row->row.flags = PTL_REGISTRY_HAS_PORT;
      row->row.transport = ptl_registry_parse_transport (row->service->transport);
      row->transport = row->service->transport;
      return;
    }
  transport = ptl_registry_get_transport_name (row->row.transport);
  if (transport != NULL)
    row->transport = transport;
}
