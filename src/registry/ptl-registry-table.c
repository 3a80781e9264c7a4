/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader of the table: all checks are made when it is opened. */
#include "config.h"

#include "registry/ptl-registry-private.h"

#include <string.h>

#define MAGIC "PTLREG\1\n"
#define HEAD_SIZE 16u

/* A section whose length is a multiple of @size; NULL: damaged. */
static const void *
get_section (const uint8_t *bytes,
             size_t         len_bytes,
             unsigned       number,
             size_t         size,
             uint32_t      *n)
{
  uint32_t where[2];

  memcpy (where, bytes + HEAD_SIZE + 8 * number, sizeof where);
  where[0] = ptl_registry_u32 (where[0]);
  where[1] = ptl_registry_u32 (where[1]);
  if (where[0] % 4 != 0 || where[0] > len_bytes || where[1] > len_bytes - where[0]
      || where[1] % size != 0)
    return NULL;
  *n = (uint32_t) (where[1] / size);
  return bytes + where[0];
}

static bool
check_rows (const PtlRegistryTable *table,
            uint32_t                len_strings)
{
  for (uint32_t i = 0; i < table->n_rows; i++)
    {
      const PtlRegistryRecord *row = &table->rows[i];

      if (ptl_registry_u32 (row->name) >= len_strings
          || ptl_registry_u32 (row->description) >= len_strings
          || ptl_registry_u32 (row->reference) >= len_strings
          || ptl_registry_u32 (row->text) >= table->n_texts
          || row->transport >= PTL_REGISTRY_N_TRANSPORTS
          || ptl_registry_u16 (row->protocol) > table->n_protocols
          || ptl_registry_u16 (row->first_port) > ptl_registry_u16 (row->last_port))
        return false;
    }
  return true;
}

static bool
check_texts (const PtlRegistryTable *table)
{
  uint32_t at = 1;

  if (table->len_texts == 0 || table->texts[0] != '\n'
      || ptl_registry_u32 (table->text_starts[0]) != 1
      || ptl_registry_u32 (table->text_starts[table->n_texts]) != table->len_texts)
    return false;
  for (uint32_t i = 0; i < table->n_texts; i++)
    {
      uint32_t next = ptl_registry_u32 (table->text_starts[i + 1]);

      if (next <= at || next > table->len_texts || table->texts[next - 1] != '\n')
        return false;
      at = next;
    }
  return true;
}

static bool
check_names (const PtlRegistryTable *table,
             uint32_t                n_name_rows,
             uint32_t                n_hash,
             uint32_t                len_strings)
{
  bool has_hole = false;

  for (uint32_t i = 0; i < table->n_names; i++)
    {
      const uint32_t *name = &table->names[3 * i];
      uint32_t first = ptl_registry_u32 (name[1]);
      uint32_t n = ptl_registry_u32 (name[2]);

      if (ptl_registry_u32 (name[0]) >= len_strings || first > n_name_rows
          || n > n_name_rows - first)
        return false;
    }
  for (uint32_t i = 0; i < n_name_rows; i++)
    if (ptl_registry_u32 (table->name_rows[i]) >= table->n_rows)
      return false;
  for (uint32_t i = 0; i < n_hash; i++)
    {
      uint32_t name = ptl_registry_u32 (table->hash[i]);

      if (name > table->n_names)
        return false;
      has_hole = has_hole || name == 0;
    }
  return has_hole; /* where a search ends */
}

static bool
check_pages (const PtlRegistryTable *table,
             uint32_t                n_pages)
{
  for (uint32_t i = 0; i < 512; i++)
    if (ptl_registry_u16 (table->port_pages[i]) >= n_pages)
      return false;
  for (uint32_t i = 0; i < 256 * n_pages; i++)
    if (ptl_registry_u16 (table->pages[i]) > table->n_rows)
      return false;
  return true;
}

static bool
check_protocols (const PtlRegistryTable *table,
                 uint32_t                n_cells,
                 uint32_t                len_strings)
{
  for (uint32_t i = 0; i < table->n_protocols; i++)
    {
      const uint32_t *words = &table->protocols[PTL_REGISTRY_PROTOCOL_WORDS * i];

      for (unsigned k = 0; k < PTL_REGISTRY_PROTOCOL_STRINGS; k++)
        if (ptl_registry_u32 (*words++) >= len_strings)
          return false;
      if (ptl_registry_u32 (words[0]) > UINT16_MAX || ptl_registry_u32 (words[1]) > UINT16_MAX
          || ptl_registry_u32 (words[2]) >= table->n_rows
          || ptl_registry_u32 (words[3]) > table->n_lines
          || ptl_registry_u32 (words[4]) > table->n_lines - ptl_registry_u32 (words[3])
          || ptl_registry_u32 (words[5]) > table->n_tables
          || ptl_registry_u32 (words[6]) > table->n_tables - ptl_registry_u32 (words[5]))
        return false;
    }
  for (uint32_t i = 0; i < table->n_lines; i++)
    if (ptl_registry_u32 (table->lines[3 * i + 1]) >= len_strings
        || ptl_registry_u32 (table->lines[3 * i + 2]) >= len_strings)
      return false;
  for (uint32_t i = 0; i < table->n_tables; i++)
    {
      const uint32_t *words = &table->tables[4 * i];
      uint64_t columns = ptl_registry_u32 (words[1]);
      uint64_t rows = ptl_registry_u32 (words[2]);

      if (ptl_registry_u32 (words[0]) >= len_strings || columns == 0
          || columns > PTL_REGISTRY_COLUMNS_MAX || rows == 0 || rows > n_cells
          || ptl_registry_u32 (words[3]) + columns * rows > n_cells)
        return false;
    }
  for (uint32_t i = 0; i < n_cells; i++)
    if (ptl_registry_u32 (table->cells[i]) >= len_strings)
      return false;
  return true;
}

static bool
open_table (PtlRegistryTable *table,
            const uint8_t    *bytes,
            size_t            len_bytes)
{
  static const uint8_t sizes[PTL_N_SECTIONS] = {
    1, sizeof (PtlRegistryRecord), 1, 4, 12, 4, 4, 2, 0, 0, 12, 16, 4,
  };
  const void *sections[PTL_N_SECTIONS];
  uint32_t n[PTL_N_SECTIONS];
  uint32_t head[2];

  if (len_bytes < HEAD_SIZE + 8 * PTL_N_SECTIONS || memcmp (bytes, MAGIC, 8) != 0)
    return false;
  memcpy (head, bytes + 8, sizeof head);
  if (ptl_registry_u32 (head[0]) != len_bytes || ptl_registry_u32 (head[1]) != PTL_N_SECTIONS)
    return false;

  for (unsigned i = 0; i < PTL_N_SECTIONS; i++)
    {
      size_t size = i == PTL_SECTION_PAGES ? 512
                    : i == PTL_SECTION_PROTOCOLS ? 4 * PTL_REGISTRY_PROTOCOL_WORDS : sizes[i];

      sections[i] = get_section (bytes, len_bytes, i, size, &n[i]);
      if (sections[i] == NULL)
        return false;
    }
  table->strings = sections[PTL_SECTION_STRINGS];
  table->rows = sections[PTL_SECTION_ROWS];
  table->texts = sections[PTL_SECTION_TEXTS];
  table->text_starts = sections[PTL_SECTION_TEXT_STARTS];
  table->names = sections[PTL_SECTION_NAMES];
  table->name_rows = sections[PTL_SECTION_NAME_ROWS];
  table->hash = sections[PTL_SECTION_HASH];
  table->port_pages = sections[PTL_SECTION_PORT_PAGES];
  table->pages = sections[PTL_SECTION_PAGES];
  table->protocols = sections[PTL_SECTION_PROTOCOLS];
  table->lines = sections[PTL_SECTION_LINES];
  table->tables = sections[PTL_SECTION_TABLES];
  table->cells = sections[PTL_SECTION_CELLS];

  if (n[PTL_SECTION_STRINGS] == 0 || table->strings[0] != '\0'
      || table->strings[n[PTL_SECTION_STRINGS] - 1] != '\0' || n[PTL_SECTION_ROWS] > UINT16_MAX - 1
      || n[PTL_SECTION_TEXT_STARTS] == 0 || n[PTL_SECTION_PORT_PAGES] != 512
      || n[PTL_SECTION_HASH] == 0 || (n[PTL_SECTION_HASH] & (n[PTL_SECTION_HASH] - 1)) != 0
      || n[PTL_SECTION_PROTOCOLS] > PTL_REGISTRY_PROTOCOLS_MAX)
    return false;
  table->n_rows = n[PTL_SECTION_ROWS];
  table->len_texts = n[PTL_SECTION_TEXTS];
  table->n_texts = n[PTL_SECTION_TEXT_STARTS] - 1;
  table->n_names = n[PTL_SECTION_NAMES];
  table->hash_mask = n[PTL_SECTION_HASH] - 1;
  table->n_protocols = n[PTL_SECTION_PROTOCOLS];
  table->n_lines = n[PTL_SECTION_LINES];
  table->n_tables = n[PTL_SECTION_TABLES];

  return check_rows (table, n[PTL_SECTION_STRINGS]) && check_texts (table)
         && check_names (table, n[PTL_SECTION_NAME_ROWS], n[PTL_SECTION_HASH],
                         n[PTL_SECTION_STRINGS])
         && check_pages (table, n[PTL_SECTION_PAGES])
         && check_protocols (table, n[PTL_SECTION_CELLS], n[PTL_SECTION_STRINGS]);
}

bool
ptl_registry_table_open (PtlRegistryTable *table,
                         const void       *bytes,
                         size_t            len_bytes)
{
  memset (table, 0, sizeof *table);
  if (open_table (table, bytes, len_bytes))
    return true;
  memset (table, 0, sizeof *table);
  return false;
}

void
ptl_registry_table_get_row (const PtlRegistryTable *table,
                            uint32_t                number,
                            PtlRegistryRow         *row)
{
  const PtlRegistryRecord *record;

  memset (row, 0, sizeof *row);
  row->name = row->description = row->reference = "";
  row->protocol = -1;
  if (number >= table->n_rows)
    return;
  record = &table->rows[number];
  row->name = table->strings + ptl_registry_u32 (record->name);
  row->description = table->strings + ptl_registry_u32 (record->description);
  row->reference = table->strings + ptl_registry_u32 (record->reference);
  row->registered = ptl_registry_u32 (record->registered);
  row->modified = ptl_registry_u32 (record->modified);
  row->first_port = ptl_registry_u16 (record->first_port);
  row->last_port = ptl_registry_u16 (record->last_port);
  row->twin_port = ptl_registry_u16 (record->twin_port);
  row->transport = record->transport;
  row->flags = record->flags;
  row->protocol = (int) ptl_registry_u16 (record->protocol) - 1;
}

bool
ptl_registry_table_find_port (const PtlRegistryTable *table,
                              PtlRegistryTransport    transport,
                              uint16_t                port,
                              uint32_t               *row)
{
  uint32_t page, number;

  if ((transport != PTL_REGISTRY_TCP && transport != PTL_REGISTRY_UDP) || table->n_rows == 0)
    return false;
  page = ptl_registry_u16 (table->port_pages[(transport == PTL_REGISTRY_UDP ? 256 : 0)
                                             + (port >> 8)]);
  number = ptl_registry_u16 (table->pages[256 * page + (port & 255)]);
  if (number == 0)
    return false;
  *row = number - 1;
  return true;
}

bool
ptl_registry_table_find_name (const PtlRegistryTable *table,
                              const char             *name,
                              PtlRegistryTransport    transport,
                              uint32_t               *row)
{
  uint32_t hash = 2166136261u;
  uint32_t number;

  if (table->n_rows == 0)
    return false;
  for (const char *c = name; *c != '\0'; c++)
    hash = (hash ^ (uint8_t) g_ascii_tolower (*c)) * 16777619u;

  for (uint32_t at = hash & table->hash_mask;
       (number = ptl_registry_u32 (table->hash[at])) != 0;
       at = (at + 1) & table->hash_mask)
    {
      const uint32_t *entry = &table->names[3 * (number - 1)];
      const uint32_t *rows;
      uint32_t n;

      if (g_ascii_strcasecmp (table->strings + ptl_registry_u32 (entry[0]), name) != 0)
        continue;
      rows = table->name_rows + ptl_registry_u32 (entry[1]);
      n = ptl_registry_u32 (entry[2]);
      for (uint32_t i = 0; i < n; i++)
        {
          uint32_t candidate = ptl_registry_u32 (rows[i]);
          const PtlRegistryRecord *record = &table->rows[candidate];

          if ((record->flags & PTL_REGISTRY_HAS_PORT) != 0
              && (transport == PTL_REGISTRY_NO_TRANSPORT || record->transport == transport))
            {
              *row = candidate;
              return true;
            }
        }
      return false;
    }
  return false;
}
