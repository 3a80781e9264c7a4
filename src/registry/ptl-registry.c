/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in table, the protocols to know out of it, and getservbyport_r(3). */
#include "config.h"

#include "registry/ptl-registry-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>

#define SERVENT_BUFFER_MAX (64u * 1024)

extern const uint8_t ptl_registry_blob[];
extern const uint32_t ptl_registry_blob_size;

static const char *const transport_names[PTL_REGISTRY_N_TRANSPORTS] = {
  [PTL_REGISTRY_TCP] = "tcp",
  [PTL_REGISTRY_UDP] = "udp",
  [PTL_REGISTRY_SCTP] = "sctp",
  [PTL_REGISTRY_DCCP] = "dccp",
};

static pthread_once_t   once = PTHREAD_ONCE_INIT;
static PtlRegistryTable the_table;
static PtlProtocol      protocols[PTL_REGISTRY_PROTOCOLS_MAX];

static void
fill_protocol (PtlProtocol    *protocol,
               const uint32_t *words)
{
  const char **const strings[] = {
    &protocol->id, &protocol->name, &protocol->category, &protocol->about, &protocol->other_ports,
    &protocol->transport, &protocol->tls, &protocol->uri_scheme, &protocol->spec,
    &protocol->python_modules, &protocol->python2_modules, &protocol->first, &protocol->line_end,
    &protocol->example, &protocol->example_note, &protocol->healthy_note, &protocol->end_note,
    &protocol->iana_name, &protocol->note, &protocol->python_example, &protocol->intro,
    &protocol->greeting, &protocol->reply, &protocol->polite_end, &protocol->checked,
    &protocol->legend, &protocol->common_function,
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (strings) == PTL_REGISTRY_PROTOCOL_STRINGS);

  for (size_t i = 0; i < G_N_ELEMENTS (strings); i++)
    *strings[i] = the_table.strings + ptl_registry_u32 (words[i]);
  words += G_N_ELEMENTS (strings);
  protocol->port = (uint16_t) ptl_registry_u32 (words[0]);
  protocol->tls_port = (uint16_t) ptl_registry_u32 (words[1]);
  protocol->row = ptl_registry_u32 (words[2]);
  protocol->first_line = ptl_registry_u32 (words[3]);
  protocol->n_lines = ptl_registry_u32 (words[4]);
  protocol->first_table = ptl_registry_u32 (words[5]);
  protocol->n_tables = ptl_registry_u32 (words[6]);
  protocol->remark = "";
  protocol->classic_modules = "";
  if (protocol->common_function[0] == '\0')
    protocol->common_function = protocol->about;
  ptl_registry_translate_protocol (protocol);
}

static void
open_once (void)
{
  bool good = ptl_registry_table_open (&the_table, ptl_registry_blob, ptl_registry_blob_size);

  g_assert (good); /* the build made it */
  for (uint32_t i = 0; i < the_table.n_protocols; i++)
    fill_protocol (&protocols[i], the_table.protocols + PTL_REGISTRY_PROTOCOL_WORDS * i);
}

const PtlRegistryTable *
ptl_registry_get_table (void)
{
  pthread_once (&once, open_once);
  return &the_table;
}

uint32_t
ptl_registry_get_n_rows (void)
{
  return ptl_registry_get_table ()->n_rows;
}

void
ptl_registry_get_row (uint32_t        number,
                      PtlRegistryRow *row)
{
  ptl_registry_table_get_row (ptl_registry_get_table (), number, row);
}

const char *
ptl_registry_get_transport_name (PtlRegistryTransport transport)
{
  return (unsigned) transport < G_N_ELEMENTS (transport_names) ? transport_names[transport] : NULL;
}

PtlRegistryTransport
ptl_registry_parse_transport (const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (transport_names); i++)
    if (transport_names[i] != NULL && g_str_equal (transport_names[i], name))
      return (PtlRegistryTransport) i;
  return PTL_REGISTRY_NO_TRANSPORT;
}

bool
ptl_registry_find_port (PtlRegistryTransport transport,
                        uint16_t             port,
                        uint32_t            *row)
{
  return ptl_registry_table_find_port (ptl_registry_get_table (), transport, port, row);
}

bool
ptl_registry_find_name (const char          *name,
                        PtlRegistryTransport transport,
                        uint32_t            *row)
{
  return ptl_registry_table_find_name (ptl_registry_get_table (), name, transport, row);
}

const PtlProtocol *
ptl_registry_list_protocols (size_t *n)
{
  *n = ptl_registry_get_table ()->n_protocols;
  return protocols;
}

/* "udp, tcp" has "tcp" as one of its words. */
static bool
has_transport (const char *list,
               const char *transport)
{
  size_t len = strlen (transport);

  for (const char *at = strstr (list, transport); at != NULL; at = strstr (at + 1, transport))
    if ((at == list || at[-1] == ' ') && (at[len] == '\0' || at[len] == ','))
      return true;
  return false;
}

const PtlProtocol *
ptl_registry_find_protocol (uint16_t    port,
                            const char *transport)
{
  size_t n;

  if (port == 0)
    return NULL;
  ptl_registry_list_protocols (&n);
  for (size_t i = 0; i < n; i++)
    if (protocols[i].port == port && has_transport (protocols[i].transport, transport))
      return &protocols[i];
  for (size_t i = 0; i < n; i++)
    if ((protocols[i].tls_port == port || protocols[i].classic_port == port)
        && has_transport (protocols[i].transport, transport))
      return &protocols[i];
  return NULL;
}

/* A port of one of the protocols to know is theirs, whoever else has it at IANA (1965, 5223).
 * Their TLS ports are those of TCP. */
bool
ptl_registry_is_tls_first (PtlRegistryTransport transport,
                           uint16_t             port)
{
  PtlRegistryRow row;
  uint32_t number;
  size_t n;

  ptl_registry_list_protocols (&n);
  for (size_t i = 0; i < n && transport == PTL_REGISTRY_TCP && port != 0; i++)
    if (protocols[i].tls_port == port)
      return true;
  if (!ptl_registry_find_port (transport, port, &number))
    return false;
  ptl_registry_get_row (number, &row);
  return (row.flags & PTL_REGISTRY_TLS_FIRST) != 0;
}

uint16_t
ptl_registry_find_plain (PtlRegistryTransport transport,
                         uint16_t             port)
{
  const PtlRegistryTable *table = ptl_registry_get_table ();
  const char *name = ptl_registry_get_transport_name (transport);

  if (port == 0)
    return 0;
  for (uint32_t i = 0; i < table->n_protocols && name != NULL; i++)
    if (protocols[i].tls_port == port && protocols[i].port != port
        && has_transport (protocols[i].transport, name))
      return protocols[i].port;
  /* IANA has many names for UDP that only TCP uses. */
  for (uint32_t i = 0; i < table->n_rows && transport == PTL_REGISTRY_TCP; i++)
    {
      const PtlRegistryRecord *record = &table->rows[i];

      if (ptl_registry_u16 (record->twin_port) == port && record->transport == transport
          && ptl_registry_u16 (record->first_port) != port)
        return ptl_registry_u16 (record->first_port);
    }
  return 0;
}

void
ptl_registry_get_line (uint32_t         number,
                       PtlRegistryLine *line)
{
  const PtlRegistryTable *table = ptl_registry_get_table ();
  const uint32_t *words;

  line->who = 'S';
  line->text = line->note = "";
  if (number >= table->n_lines)
    return;
  words = table->lines + 3 * number;
  line->who = ptl_registry_u32 (words[0]) == 'C' ? 'C' : 'S';
  line->text = table->strings + ptl_registry_u32 (words[1]);
  line->note = table->strings + ptl_registry_u32 (words[2]);
}

const char *
ptl_registry_get_table_info (uint32_t  number,
                             uint32_t *n_columns,
                             uint32_t *n_rows)
{
  const PtlRegistryTable *table = ptl_registry_get_table ();
  const uint32_t *words;

  *n_columns = *n_rows = 0;
  if (number >= table->n_tables)
    return "";
  words = table->tables + 4 * number;
  *n_columns = ptl_registry_u32 (words[1]);
  *n_rows = ptl_registry_u32 (words[2]) - 1;
  return table->strings + ptl_registry_u32 (words[0]);
}

const char *
ptl_registry_get_cell (uint32_t number,
                       uint32_t row,
                       uint32_t column)
{
  const PtlRegistryTable *table = ptl_registry_get_table ();
  const uint32_t *words;
  uint32_t n_columns;

  if (number >= table->n_tables)
    return "";
  words = table->tables + 4 * number;
  n_columns = ptl_registry_u32 (words[1]);
  if (column >= n_columns || row >= ptl_registry_u32 (words[2]))
    return "";
  return table->strings
         + ptl_registry_u32 (table->cells[ptl_registry_u32 (words[3]) + n_columns * row + column]);
}

char *
ptl_registry_dup_service_name (uint16_t    port,
                               const char *transport)
{
  size_t size = 1024;

  if (port == 0)
    return NULL;
  for (;;)
    {
      g_autofree char *buffer = g_malloc (size);
      struct servent entry, *found = NULL;
      int failed = getservbyport_r (htons (port), transport, &entry, buffer, size, &found);

      if (failed == ERANGE && size < SERVENT_BUFFER_MAX)
        {
          size *= 2;
          continue;
        }
      if (failed != 0 || found == NULL || found->s_name[0] == '\0')
        return NULL;
      return g_strdup (found->s_name);
    }
}
