/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told about a row of the reference, part by part. */
#include "config.h"

#include "model/ptl-reference-parts.h"

#include <string.h>

#include <glib/gi18n-lib.h>

static void
free_part (gpointer data)
{
  PtlReferencePart *part = data;

  g_free (part->title);
  g_free (part->text);
  g_free (part->note);
  g_free (part);
}

static PtlReferencePart *
add (GPtrArray            *parts,
     PtlReferencePartKind  kind,
     const char           *title,
     const char           *text)
{
  PtlReferencePart *part = g_new0 (PtlReferencePart, 1);

  part->kind = kind;
  part->title = g_strdup (title != NULL ? title : "");
  part->text = g_strdup (text != NULL ? text : "");
  part->note = g_strdup ("");
  g_ptr_array_add (parts, part);
  return part;
}

/* What has nothing to say is left out. */
static void
add_text (GPtrArray            *parts,
          PtlReferencePartKind  kind,
          const char           *text)
{
  if (*text != '\0')
    add (parts, kind, NULL, text);
}

static void
add_fact (GPtrArray  *parts,
          const char *name,
          const char *value)
{
  if (*value != '\0')
    add (parts, PTL_REFERENCE_FACT, name, value);
}

/* --- facts ---------------------------------------------------------------------------------- */

static const char *
describe_first (const PtlProtocol *protocol)
{
  if (g_str_equal (protocol->first, "server"))
    return _("The server");
  if (g_str_equal (protocol->first, "client"))
    return _("The client");
  return _("Both, without waiting");
}

static char *
dup_twin (PtlReferenceItem *item)
{
  const PtlProtocol *protocol = ptl_reference_item_get_protocol (item);
  const PtlRegistryRow *row = &ptl_reference_item_get_row (item)->row;
  char *cell = ptl_reference_item_dup_cell (item, PTL_CATALOG_BY_TWIN);

  if (row->twin_port != 0 && row->twin_port == row->first_port)
    {
      g_free (cell);
      return g_strdup_printf (_("%u, the same port: it takes plain bytes as well as TLS"),
                              row->twin_port);
    }
  if (*cell != '\0' || protocol == NULL || protocol->tls_port == 0)
    return cell;
  g_free (cell);
  return g_strdup_printf (protocol->tls_port == protocol->port ? _("%u, always inside TLS") : "%u",
                          protocol->tls_port);
}

static void
add_facts (GPtrArray        *parts,
           PtlReferenceItem *item)
{
  const PtlProtocol *protocol = ptl_reference_item_get_protocol (item);
  const PtlCatalogRow *row = ptl_reference_item_get_row (item);
  g_autofree char *twin = dup_twin (item);
  g_autofree char *registered = ptl_reference_item_dup_cell (item, PTL_CATALOG_BY_REGISTERED);
  g_autofree char *source = ptl_reference_item_dup_source (item);
  g_autofree char *function = ptl_reference_item_dup_cell (item, PTL_CATALOG_BY_FUNCTION);

  add_fact (parts, _("Common function"), function);
  if (protocol != NULL)
    {
      g_autofree char *port = g_strdup_printf ("%u (%s)", protocol->port, protocol->transport);

      add_fact (parts, _("Usual port"), port);
      add_fact (parts, _("Other ports"), protocol->other_ports);
      add_fact (parts, _("Who speaks first"), describe_first (protocol));
      add_fact (parts, _("TLS"), protocol->tls);
    }
  add_fact (parts, _("TLS twin"), twin);
  if (protocol != NULL)
    {
      add_fact (parts, _("Specification"), protocol->spec);
      add_fact (parts, _("Python today"),
                *protocol->python_modules != '\0' ? _(protocol->python_modules) : "");
      add_fact (parts, _("Python 2 (historic)"), protocol->python2_modules);
      if (protocol->classic_port != 0)
        {
          g_autofree char *classic = g_strdup_printf (_("Port %u: %s"), protocol->classic_port,
                                                      protocol->classic_modules);

          add_fact (parts, _("Classic table of Python’s modules"), classic);
        }
      add_fact (parts, _("Lines end with"), protocol->line_end);
      add_fact (parts, _("URI scheme"), protocol->uri_scheme);
      add_fact (parts, _("Kind"), protocol->category);
      add_fact (parts, _("IANA’s name"), protocol->iana_name);
    }
  if (strstr (row->row.reference, "RFC-ietf-") != NULL)
    {
      /* Translators: IANA's reference, as in "RFC-ietf-emailcore-rfc5321bis-43" */
      g_autofree char *draft = g_strdup_printf (_("%s (a draft that is to become an RFC)"),
                                                row->row.reference);

      add_fact (parts, _("IANA’s reference"), draft);
    }
  else
    add_fact (parts, _("IANA’s reference"), row->row.reference);
  add_fact (parts, _("Registered"), registered);
  if ((row->row.flags & PTL_REGISTRY_HAS_PORT) != 0)
    add (parts, PTL_REFERENCE_LIVE, _("This computer"), NULL);
  add_fact (parts, _("Who says so"), source);
  if (protocol != NULL)
    add_fact (parts, _("Checked against"), protocol->checked);
}

/* --- what is said --------------------------------------------------------------------------- */

/* "+OK | -ERR": a line for each. */
static char *
dup_forms (const char *forms)
{
  g_auto (GStrv) split = g_strsplit (forms, " | ", -1);

  return g_strjoinv ("\n", split);
}

static void
add_healthy (GPtrArray         *parts,
             const PtlProtocol *protocol)
{
  g_autofree char *greeting = dup_forms (protocol->greeting);
  g_autofree char *reply = dup_forms (protocol->reply);

  if (*greeting == '\0' && *reply == '\0' && *protocol->healthy_note == '\0')
    return;
  add_text (parts, PTL_REFERENCE_HEADING, _("What a Healthy Server Says"));
  add_text (parts, PTL_REFERENCE_TEXT, protocol->healthy_note);
  add_fact (parts, _("Greeting begins with"), greeting);
  add_fact (parts, _("Answer begins with"), reply);
}

static void
add_conversation (GPtrArray         *parts,
                  const PtlProtocol *protocol)
{
  if (protocol->n_lines > 0)
    add_text (parts, PTL_REFERENCE_HEADING, _("A Conversation, Line by Line"));
  for (uint32_t i = 0; i < protocol->n_lines; i++)
    {
      PtlReferencePart *part;
      PtlRegistryLine line;

      ptl_registry_get_line (protocol->first_line + i, &line);
      part = add (parts, line.who == 'C' ? PTL_REFERENCE_CLIENT : PTL_REFERENCE_SERVER, NULL,
                  line.text);
      g_free (part->note);
      part->note = g_strdup (line.note);
    }
}

static void
add_goodbye (GPtrArray         *parts,
             const PtlProtocol *protocol)
{
  if (*protocol->polite_end == '\0' && *protocol->end_note == '\0')
    return;
  add_text (parts, PTL_REFERENCE_HEADING, _("Goodbye"));
  if (*protocol->polite_end != '\0')
    add (parts, PTL_REFERENCE_CODE, _("Goodbye"), protocol->polite_end);
  add_text (parts, PTL_REFERENCE_REMARK, protocol->end_note);
}

/* --- tables --------------------------------------------------------------------------------- */

/* The key as it is sent, what it means, and the rest small. */
static void
add_entry (GPtrArray *parts,
           uint32_t   table,
           uint32_t   row,
           uint32_t   n_columns)
{
  const char *key = ptl_registry_get_cell (table, row, 0);
  PtlReferencePart *part = add (parts, PTL_REFERENCE_ENTRY, key, NULL);
  g_autoptr (GString) rest = g_string_new (NULL);

  for (uint32_t column = 1; column < n_columns; column++)
    {
      const char *heading = ptl_registry_get_cell (table, 0, column);
      const char *cell = ptl_registry_get_cell (table, row, column);
      char **place = NULL;

      if (*cell == '\0')
        continue;
      if (g_str_equal (heading, "Meaning"))
        place = &part->text;
      else if (g_str_equal (heading, "Syntax") && g_str_has_prefix (cell, key))
        place = &part->title;
      if (place != NULL)
        {
          g_free (*place);
          *place = g_strdup (cell);
        }
      else
        g_string_append_printf (rest, "%s%s: %s", rest->len > 0 ? " · " : "", heading, cell);
    }
  g_free (part->note);
  part->note = g_string_free (g_steal_pointer (&rest), FALSE);
}

static void
add_tables (GPtrArray         *parts,
            const PtlProtocol *protocol)
{
  if (protocol->n_tables == 0)
    return;
  add_text (parts, PTL_REFERENCE_HEADING, _("Commands, Replies and Codes"));
  add_text (parts, PTL_REFERENCE_REMARK, protocol->legend);
  for (uint32_t i = 0; i < protocol->n_tables; i++)
    {
      uint32_t table = protocol->first_table + i;
      uint32_t n_columns, n_rows;
      const char *title = ptl_registry_get_table_info (table, &n_columns, &n_rows);

      add (parts, PTL_REFERENCE_TABLE, title, NULL)->n = n_rows;
      for (uint32_t row = 1; row <= n_rows; row++)
        add_entry (parts, table, row, n_columns);
    }
}

/* --- the whole ------------------------------------------------------------------------------ */

GPtrArray *
ptl_reference_item_list_parts (PtlReferenceItem *item)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (free_part);
  const PtlProtocol *protocol;

  g_return_val_if_fail (PTL_IS_REFERENCE_ITEM (item), parts);

  protocol = ptl_reference_item_get_protocol (item);
  if (protocol != NULL)
    {
      if ((ptl_reference_item_get_row (item)->row.flags & PTL_REGISTRY_MAIN) == 0)
        {
          g_autofree char *belongs = g_strdup_printf (_("Belongs to %s."), protocol->name);

          add_text (parts, PTL_REFERENCE_TEXT, belongs);
        }
      add_text (parts, PTL_REFERENCE_TEXT, _(protocol->about));
      add_text (parts, PTL_REFERENCE_TEXT, protocol->note);
      if (*protocol->remark != '\0')
        add_text (parts, PTL_REFERENCE_TEXT, _(protocol->remark));
    }
  add_facts (parts, item);
  if (protocol == NULL)
    return parts;

  add_text (parts, PTL_REFERENCE_HEADING, _("In Python"));
  add (parts, PTL_REFERENCE_CODE, _("In Python"), protocol->python_example);
  if (*protocol->example != '\0' || *protocol->example_note != '\0')
    {
      add_text (parts, PTL_REFERENCE_HEADING, _("What One Sends First"));
      if (*protocol->example != '\0')
        add (parts, PTL_REFERENCE_CODE, _("What One Sends First"), protocol->example);
      add_text (parts, PTL_REFERENCE_REMARK, protocol->example_note);
    }
  add_healthy (parts, protocol);
  add_conversation (parts, protocol);
  add_goodbye (parts, protocol);
  if (*protocol->intro != '\0')
    {
      add_text (parts, PTL_REFERENCE_HEADING, _("Rules"));
      add_text (parts, PTL_REFERENCE_TEXT, protocol->intro);
    }
  add_tables (parts, protocol);
  return parts;
}
