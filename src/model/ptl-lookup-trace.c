/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace of a name from the root down, as rows: each server that was asked, and what it said. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "model/ptl-dns-text.h"

/* Shared by the trace, which is in the client's thread, and what it has on its way here; the last
 * thing that arrives is the end, which frees it. */
typedef struct
{
  PtlLookup *self; /* not counted: the client is freed before it goes */
  guint      generation;
  gboolean   from_root;
  guint      n_steps;
} Running;

typedef struct
{
  PtlTraceEnd how;
  char       *zone;
} End;

/* --- words ------------------------------------------------------------------------------------ */

static char *
describe_server (const PtlTraceStep *step)
{
  char address[PTL_ADDRESS_TEXT_MAX];

  ptl_address_format (&step->reply->server, address, sizeof address);
  return *step->server_name != '\0' ? g_strdup_printf ("%s (%s)", step->server_name, address)
                                    : g_strdup (address);
}

/* "NOERROR · 66 bytes over UDP in 0.55 ms · qr aa". */
static char *
describe_message (const PtlDnsReply *reply)
{
  g_autofree char *rcode = ptl_dns_rcode_to_text (reply->rcode);
  g_autofree char *flags = ptl_dns_flags_to_text (reply);
  g_autofree char *time = ptl_dns_time_to_text (reply->elapsed_ns);
  g_autofree char *notes = ptl_dns_notes_to_text (reply);
  g_autofree char *size =
    g_strdup_printf (reply->over_tcp ? _("%u bytes over TCP in %s") : _("%u bytes over UDP in %s"),
                     (guint) reply->size_bytes, time);

  return g_strdup_printf ("%s · %s · %s%s", rcode, size, flags, notes);
}

static const char *
describe_zone (const char *zone)
{
  return g_str_equal (zone, ".") ? _("the root") : zone;
}

static char *
describe_referral (const PtlTraceStep *step)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, ngettext ("%u name server", "%u name servers", step->n_names),
                          step->n_names);
  if (step->n_glue > 0)
    g_string_append_printf (text, ngettext (" with %u address (glue)", " with %u addresses (glue)",
                                            step->n_glue), step->n_glue);
  else
    g_string_append (text, _(" without glue: their addresses are looked for first"));
  if (step->n_distrusted > 0)
    g_string_append_printf (text, ngettext (" · %u address outside of its zone was not believed",
                                            " · %u addresses outside of its zone were not believed",
                                            step->n_distrusted), step->n_distrusted);
  g_string_append (text, step->is_signed ? _(" · signed (DS)") : _(" · not signed"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
describe_lame (const PtlTraceStep *step)
{
  switch (step->lame)
    {
    case PTL_LAME_SILENT:
      return ptl_dns_fault_to_text (step->reply);
    case PTL_LAME_RCODE:
      return NULL; /* the message says it */
    case PTL_LAME_NOT_AUTHORITATIVE:
      return g_strdup (_("its answer is not authoritative (no aa): it is from a cache, or of a "
                         "server that is not responsible for the zone"));
    case PTL_LAME_UPWARD:
      return g_strdup (_("it refers back up, or to its own zone"));
    case PTL_LAME_EMPTY:
    case PTL_LAME_NONE:
      break;
    }
  return g_strdup (_("it gives neither an answer nor a referral"));
}

/* What happened at this step: @value the gist, @detail the rest. */
static void
describe_step (const PtlTraceStep  *step,
               char               **value,
               char               **detail)
{
  g_autofree char *server = describe_server (step);
  g_autofree char *told = describe_message (step->reply);
  g_autofree char *more = NULL;
  const char *zone = describe_zone (step->zone);

  switch (step->outcome)
    {
    case PTL_TRACE_REFERRAL:
      more = describe_referral (step);
      /* Translators: a zone of the DNS refers to one below it */
      *value = g_strdup_printf (_("%s refers to %s"), zone, step->child);
      break;
    case PTL_TRACE_ANSWER:
      *value = g_strdup_printf (_("%s answers"), zone);
      break;
    case PTL_TRACE_ALIAS:
      *value = g_strdup_printf (_("%s answers: it is an alias of %s"), zone, step->child);
      break;
    case PTL_TRACE_NO_DATA:
      *value = g_strdup_printf (_("%s answers: the name exists, and has no record of this type"),
                                zone);
      break;
    case PTL_TRACE_NO_NAME:
      *value = g_strdup_printf (_("%s answers: there is no such name"), zone);
      break;
    case PTL_TRACE_LAME:
      more = describe_lame (step);
      *value = g_strdup_printf (_("%s: %s is lame"), zone, server);
      /* Without a message there is nothing else to tell. */
      *detail = !step->reply->has_message ? g_steal_pointer (&more)
                : more != NULL            ? g_strdup_printf ("%s · %s", more, told)
                                          : g_steal_pointer (&told);
      return;
    }
  *detail = more != NULL ? g_strdup_printf ("%s · %s · %s", server, more, told)
                         : g_strdup_printf ("%s · %s", server, told);
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Before the row of what is being asked. */
static void
insert_row (PtlLookup    *self,
            PtlLookupRow *row)
{
  GListStore *group = self->groups[PTL_LOOKUP_TRACE];
  guint n = g_list_model_get_n_items (G_LIST_MODEL (group));

  g_list_store_insert (group, n > 0 && self->trace_row != NULL ? n - 1 : n, row);
}

static void
add_answers (PtlLookup          *self,
             const PtlTraceStep *step)
{
  for (guint i = 0; i < step->reply->n_records; i++)
    {
      const PtlDnsRecord *record = &step->reply->records[i];
      g_autofree char *ttl = ptl_dns_ttl_to_text (record->ttl);
      g_autofree char *owner = ptl_dns_name_to_text (record->owner);
      g_autofree char *detail = g_strdup_printf (_("%s · TTL %s"), owner, ttl);
      g_autoptr (PtlLookupRow) row = NULL;

      if (record->section != PTL_DNS_SECTION_ANSWER)
        continue;
      row = ptl_lookup_make_record_row (record, detail);
      insert_row (self, row);
    }
}

static void
free_step (gpointer data)
{
  ptl_trace_step_free (data);
}

static void
on_step (gpointer payload,
         gpointer data)
{
  const PtlTraceStep *step = payload;
  Running *running = data;
  PtlLookup *self = running->self;
  g_autofree char *label = NULL, *value = NULL, *detail = NULL;
  g_autoptr (PtlLookupRow) row = NULL;

  if (running->generation == self->trace_generation)
    {
      running->n_steps++;
      /* Translators: a step that is inside of another one */
      label = step->depth > 0 ? g_strdup_printf (_("↳ %u"), running->n_steps)
                              : g_strdup_printf ("%u", running->n_steps);
      describe_step (step, &value, &detail);
      row = ptl_lookup_row_new (step->outcome == PTL_TRACE_LAME ? PTL_LOOKUP_ROW_ERROR
                                                                : PTL_LOOKUP_ROW_TEXT,
                                label, value, detail);
      insert_row (self, row);
      if (step->depth == 0 && step->outcome == PTL_TRACE_ANSWER)
        add_answers (self, step);
    }
  ptl_trace_step_free (payload);
}

static void
drop_busy_row (PtlLookup *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->groups[PTL_LOOKUP_TRACE]));

  if (self->trace_row == NULL)
    return;
  self->trace_row = NULL;
  g_list_store_remove (self->groups[PTL_LOOKUP_TRACE], n - 1);
}

static void
show_end (PtlLookup  *self,
          const End  *end,
          gboolean    from_root)
{
  g_autofree char *value = NULL;
  const char *detail = "";

  switch (end->how)
    {
    case PTL_TRACE_ALL_LAME:
      value = g_strdup_printf (_("None of the servers of %s that were asked answers as it should"),
                               describe_zone (end->zone));
      if (g_str_equal (end->zone, ".") && from_root)
        detail = _("Many networks let DNS questions out to their own servers only. Such a server "
                   "can be asked under DNS Records.");
      break;
    case PTL_TRACE_NO_ADDRESS:
      value = g_strdup_printf (_("No address of a name server of %s could be found"),
                               describe_zone (end->zone));
      break;
    case PTL_TRACE_TOO_LONG:
      value = g_strdup (_("Given up: the delegations or aliases lead too far, or go round"));
      break;
    case PTL_TRACE_BAD_NAME:
      value = g_strdup (_("This is not a name for DNS"));
      break;
    case PTL_TRACE_DONE:
    case PTL_TRACE_CANCELLED:
      return;
    }
  ptl_lookup_add_row (self, PTL_LOOKUP_TRACE, PTL_LOOKUP_ROW_ERROR, "", value, detail);
}

static void
free_end (gpointer data)
{
  End *end = data;

  g_free (end->zone);
  g_free (end);
}

static void
on_end (gpointer payload,
        gpointer data)
{
  Running *running = data;
  PtlLookup *self = running->self;

  if (running->generation == self->trace_generation)
    {
      self->trace_group = 0;
      drop_busy_row (self);
      show_end (self, payload, running->from_root);
      ptl_lookup_release (self);
    }
  free_end (payload);
  g_free (running);
}

/* --- the client's thread ---------------------------------------------------------------------- */

static void
on_trace_step (const PtlTraceStep *step,
               void               *data)
{
  Running *running = data;

  ptl_bridge_post (running->self->bridge, on_step, ptl_trace_step_copy (step), free_step, running,
                   NULL);
}

static void
on_trace_end (PtlTraceEnd  how,
              const char  *zone,
              void        *data)
{
  Running *running = data;
  End *end = g_new0 (End, 1);

  end->how = how;
  end->zone = g_strdup (zone);
  ptl_bridge_post (running->self->bridge, on_end, end, free_end, running, g_free);
}

/* --- start and end ---------------------------------------------------------------------------- */

void
ptl_lookup_cancel_trace (PtlLookup *self)
{
  if (self->trace_group == 0)
    return;
  ptl_dns_client_cancel (self->dns, self->trace_group);
  self->trace_group = 0;
  self->trace_generation++;
  self->trace_row = NULL;
}

gboolean
ptl_lookup_trace (PtlLookup   *self,
                  guint        type,
                  const char  *start,
                  GError     **error)
{
  static const PtlTraceFuncs funcs = { on_trace_step, on_trace_end };
  g_autofree char *name = NULL;
  gboolean typed = start != NULL && *start != '\0';
  g_autoptr (PtlLookupRow) row = NULL;
  PtlAddress server;
  Running *running;

  g_return_val_if_fail (PTL_IS_LOOKUP (self), FALSE);

  if (typed && !ptl_dns_parse_server (start, &server, error))
    return FALSE;
  name = ptl_lookup_dup_dns_name (self);
  if (self->trace_group != 0)
    {
      ptl_lookup_cancel_trace (self);
      ptl_lookup_release (self);
    }
  g_list_store_remove_all (self->groups[PTL_LOOKUP_TRACE]);
  if (name == NULL || self->dns == NULL)
    return TRUE;
  if (type == 0)
    type = self->classified.a_label == NULL ? PTL_DNS_TYPE_PTR : PTL_DNS_TYPE_A;
  row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, "", _("Asking …"), "");
  g_list_store_append (self->groups[PTL_LOOKUP_TRACE], row);
  self->trace_row = row; /* the group has it */
  self->trace_generation++;
  self->trace_group = ptl_dns_client_new_group (self->dns);
  running = g_new0 (Running, 1);
  running->self = self;
  running->generation = self->trace_generation;
  running->from_root = !typed;
  ptl_lookup_hold (self);
  ptl_dns_trace (self->dns, self->trace_group, name, (uint16_t) type, typed ? &server : NULL,
                 &funcs, running);
  return TRUE;
}
