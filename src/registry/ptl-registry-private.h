/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table that build-aux/make-registry.py makes, read in place.
 *
 * Little endian, sections at multiples of eight:
 *
 *   "PTLREG\1\n"  u32 size of the whole  u32 number of sections  { u32 offset, u32 length } ...
 *
 *   STRINGS     UTF-8, each ended by NUL; the first one is empty.  A string is its offset here.
 *   ROWS        as struct PtlRegistryRecord
 *   TEXTS       what is searched: a line feed, and units of casefolded text that end with one
 *   TEXT_STARTS u32 for each unit, and one for the end
 *   NAMES       { string, first of NAME_ROWS, number of them }, each name once, in lower case
 *   NAME_ROWS   u32 row numbers
 *   HASH        u32, 2^n of them: number of a name + 1, or 0; FNV-1a, next free place
 *   PORT_PAGES  u16: 256 page numbers for TCP, 256 for UDP
 *   PAGES       u16[256] each: row number + 1, or 0
 *   PROTOCOLS   u32 each: strings in the order of PtlProtocol, then numbers
 *   LINES       { u32 who, string, string } of sample conversations
 *   TABLES      { string title, columns, rows (the first one are headings), first of CELLS }
 *   CELLS       strings */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/ptl-registry.h"

G_BEGIN_DECLS

#define PTL_REGISTRY_PROTOCOLS_MAX 512
#define PTL_REGISTRY_COLUMNS_MAX 16
#define PTL_REGISTRY_PROTOCOL_STRINGS 27
#define PTL_REGISTRY_PROTOCOL_WORDS (PTL_REGISTRY_PROTOCOL_STRINGS + 7)

enum
{
  PTL_SECTION_STRINGS,
  PTL_SECTION_ROWS,
  PTL_SECTION_TEXTS,
  PTL_SECTION_TEXT_STARTS,
  PTL_SECTION_NAMES,
  PTL_SECTION_NAME_ROWS,
  PTL_SECTION_HASH,
  PTL_SECTION_PORT_PAGES,
  PTL_SECTION_PAGES,
  PTL_SECTION_PROTOCOLS,
  PTL_SECTION_LINES,
  PTL_SECTION_TABLES,
  PTL_SECTION_CELLS,
  PTL_N_SECTIONS
};

typedef struct
{
  uint16_t first_port;
  uint16_t last_port;
  uint8_t  transport;
  uint8_t  flags;
  uint16_t protocol; /* number + 1, or 0 */
  uint32_t name;
  uint32_t description;
  uint32_t reference;
  uint32_t text;     /* number of a unit of TEXTS */
  uint32_t registered;
  uint32_t modified;
  uint16_t twin_port;
  uint16_t unused;
} PtlRegistryRecord;

G_STATIC_ASSERT (sizeof (PtlRegistryRecord) == 36);

typedef struct
{
  const char              *strings;
  const PtlRegistryRecord *rows;
  const char              *texts;
  const uint32_t          *text_starts;
  const uint32_t          *names;
  const uint32_t          *name_rows;
  const uint32_t          *hash;
  const uint16_t          *port_pages;
  const uint16_t          *pages;
  const uint32_t          *protocols;
  const uint32_t          *lines;
  const uint32_t          *tables;
  const uint32_t          *cells;
  uint32_t                 n_rows;
  uint32_t                 n_texts;
  uint32_t                 len_texts;
  uint32_t                 n_names;
  uint32_t                 hash_mask;
  uint32_t                 n_protocols;
  uint32_t                 n_lines;
  uint32_t                 n_tables;
} PtlRegistryTable;

/* Checks every number that is followed later, so that nothing below can leave @bytes, which stay
 * where they are and are aligned to four.  False: damaged, *@table is empty then. */
bool ptl_registry_table_open (PtlRegistryTable *table,
                              const void       *bytes,
                              size_t            len_bytes);
bool ptl_registry_table_find_port (const PtlRegistryTable *table,
                                   PtlRegistryTransport    transport,
                                   uint16_t                port,
                                   uint32_t               *row);
bool ptl_registry_table_find_name (const PtlRegistryTable *table,
                                   const char             *name,
                                   PtlRegistryTransport    transport,
                                   uint32_t               *row);
void ptl_registry_table_get_row   (const PtlRegistryTable *table,
                                   uint32_t                number,
                                   PtlRegistryRow         *row);

/* The one that is built in. */
const PtlRegistryTable *ptl_registry_get_table (void);

/* Puts words that can be translated in place of those of the table. */
void ptl_registry_translate_protocol (PtlProtocol *protocol);

static inline uint16_t
ptl_registry_u16 (uint16_t value)
{
  return GUINT16_FROM_LE (value);
}

static inline uint32_t
ptl_registry_u32 (uint32_t value)
{
  return GUINT32_FROM_LE (value);
}

G_END_DECLS
