/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DNS records of a lookup: of one server, or of two side by side. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "model/ptl-dns-text.h"

static const guint16 common_types[] = {
  PTL_DNS_TYPE_A, PTL_DNS_TYPE_AAAA, PTL_DNS_TYPE_CNAME, PTL_DNS_TYPE_MX, PTL_DNS_TYPE_NS,
  PTL_DNS_TYPE_SOA, PTL_DNS_TYPE_TXT, PTL_DNS_TYPE_CAA, PTL_DNS_TYPE_HTTPS, PTL_DNS_TYPE_SRV,
  PTL_DNS_TYPE_DS, PTL_DNS_TYPE_DNSKEY, PTL_DNS_TYPE_NAPTR,
  PTL_DNS_TYPE_PTR, PTL_DNS_TYPE_TLSA, PTL_DNS_TYPE_SVCB,
};

#define N_OF_SERVICES 3 /* the last ones */

/* PTR, TLSA and SVCB are common for names in .arpa and with an underscore only: _443._tcp
 * (RFC 6698), _dns (RFC 9461), _http._tcp (RFC 6763). */
const guint16 *
ptl_lookup_list_common_types (const char *name,
                              guint      *n)
{
  gboolean of_service = *name == '_' || strstr (name, "._") != NULL
                        || g_str_has_suffix (name, ".arpa") || g_str_has_suffix (name, ".arpa.");

  *n = G_N_ELEMENTS (common_types) - (of_service ? 0 : N_OF_SERVICES);
  return common_types;
}

static void
place_row (PtlLookup    *self,
           guint         section,
           PtlLookupRow *row)
{
  guint at = 0;

  for (guint i = 0; i <= section; i++)
    at += self->section_rows[i];
  g_list_store_insert (self->groups[PTL_LOOKUP_RECORDS], at, row);
  self->section_rows[section]++;
}

static void
insert_row (PtlLookup        *self,
            guint             section,
            PtlLookupRowKind  kind,
            const char       *label,
            const char       *value,
            const char       *detail)
{
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (kind, label, value, detail);

  place_row (self, section, row);
}

static const char *
section_to_text (PtlDnsSection section)
{
  switch (section)
    {
    case PTL_DNS_SECTION_ANSWER:
      return _("answer");
    case PTL_DNS_SECTION_AUTHORITY:
      return _("authority");
    default:
      return _("additional");
    }
}

/* The host that a record leads to, for Connect; NULL. */
static const char *
get_record_target (const PtlDnsRecord *record)
{
  const char *space;

  switch (record->type)
    {
    case PTL_DNS_TYPE_A:
    case PTL_DNS_TYPE_AAAA:
    case PTL_DNS_TYPE_CNAME:
    case PTL_DNS_TYPE_NS:
    case PTL_DNS_TYPE_PTR:
      return record->data;
    case PTL_DNS_TYPE_MX:
    case PTL_DNS_TYPE_SRV:
      space = strrchr (record->data, ' ');
      return space != NULL ? space + 1 : NULL;
    default:
      return NULL;
    }
}

PtlLookupRow *
ptl_lookup_make_record_row (const PtlDnsRecord *record,
                            const char         *detail)
{
  char type[PTL_DNS_TYPE_TEXT_MAX];
  size_t len = strlen (record->data);
  g_autofree char *text = ptl_codec_preview ((const uint8_t *) record->data, len,
                                             PTL_LOOKUP_SHOWN_MAX);
  g_autofree char *unicode = ptl_dns_data_to_unicode (record);
  g_autofree char *more = unicode != NULL ? g_strdup_printf (_("%s · in Unicode: %s"), detail,
                                                             unicode)
                                          : NULL;
  const char *target = get_record_target (record);
  PtlLookupRow *row = ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE,
                                          ptl_dns_type_to_text (record->type, type), text,
                                          more != NULL ? more : detail);

  if (target != NULL)
    ptl_lookup_row_set_target (row, target);
  if (len > PTL_LOOKUP_SHOWN_MAX)
    {
      g_autofree char *whole = ptl_codec_preview ((const uint8_t *) record->data, len,
                                                  PTL_DNS_DATA_TEXT_MAX);

      ptl_lookup_row_set_whole (row, whole);
    }
  return row;
}

/* The busy row of a question gives way to what came. */
static void
clear_section (PtlLookup *self,
               guint      section)
{
  guint at = 0;

  for (guint i = 0; i < section; i++)
    at += self->section_rows[i];
  g_list_store_splice (self->groups[PTL_LOOKUP_RECORDS], at, self->section_rows[section], NULL, 0);
  self->section_rows[section] = 0;
}

static void
add_records (PtlLookup         *self,
             guint              section,
             const PtlDnsReply *reply)
{
  for (guint i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      g_autofree char *ttl = ptl_dns_ttl_to_text (record->ttl);
      g_autofree char *owner = NULL, *detail = NULL;
      g_autoptr (PtlLookupRow) row = NULL;

      owner = ptl_dns_name_to_text (record->owner);
      detail = g_strdup_printf (_("%s · TTL %s · %s"), owner, ttl,
                                section_to_text (record->section));
      row = ptl_lookup_make_record_row (record, detail);
      place_row (self, section, row);
    }
}

static gboolean
is_failure (const PtlDnsReply *reply)
{
  return reply->fault != PTL_DNS_FAULT_NONE
         || (reply->rcode != PTL_DNS_RCODE_NOERROR && reply->rcode != PTL_DNS_RCODE_NXDOMAIN);
}

static PtlLookupRowKind
get_kind (const PtlDnsReply *reply)
{
  return is_failure (reply) || reply->n_strangers > 0 ? PTL_LOOKUP_ROW_ERROR : PTL_LOOKUP_ROW_NOTE;
}

/* --- what is the same for several types ------------------------------------------------------- */

static gboolean
is_empty (const PtlDnsReply *reply)
{
  if (reply->type == PTL_DNS_TYPE_ANY)
    return FALSE;
  for (guint i = 0; i < reply->n_records; i++)
    if (reply->records[i].section == PTL_DNS_SECTION_ANSWER
        && reply->records[i].type == reply->type)
      return FALSE;
  return TRUE;
}

/* What says nothing about one type alone. */
static gboolean
can_fold (const PtlDnsReply *reply)
{
  return is_failure (reply) || is_empty (reply);
}

/* Each with its own TTL, perhaps: a server counts them down. */
static gboolean
has_same_records (const PtlDnsReply *a,
                  const PtlDnsReply *b)
{
  if (a->n_records != b->n_records)
    return FALSE;
  for (guint i = 0; i < a->n_records; i++)
    {
      const PtlDnsRecord *first = &a->records[i], *second = &b->records[i];

      if (first->section != second->section || first->type != second->type
          || !ptl_dns_name_equal (first->owner, second->owner)
          || strcmp (first->data, second->data) != 0)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_alike (const PtlDnsReply *a,
          const PtlDnsReply *b)
{
  if (a->fault != b->fault || a->sys_errno != b->sys_errno || a->rcode != b->rcode)
    return FALSE;
  switch (a->fault)
    {
    case PTL_DNS_FAULT_BAD_NAME:
    case PTL_DNS_FAULT_NO_SERVER:
    case PTL_DNS_FAULT_FULL:
    case PTL_DNS_FAULT_CANCELLED:
      return TRUE; /* no server has a part in it */
    default:
      return ptl_address_equal (&a->server, &b->server)
             && (a->n_stray > 0) == (b->n_stray > 0)
             && a->alias_open == b->alias_open && a->alias_fault == b->alias_fault
             && a->alias_rcode == b->alias_rcode
             && a->n_strangers == b->n_strangers && g_strcmp0 (a->stranger, b->stranger) == 0
             && g_strcmp0 (a->final_name, b->final_name) == 0 && has_same_records (a, b);
    }
}

/* One row for all the types that @reply, of the question @index, fails or is empty like. */
static void
show_folded (PtlLookup   *self,
             PtlDnsReply *reply,
             guint        index)
{
  const PtlDnsReply *longest = reply;
  g_autoptr (GString) types = g_string_new (NULL);
  g_autofree char *told = NULL, *label = NULL;
  char type[PTL_DNS_TYPE_TEXT_MAX];
  guint section = index, n = 0;

  self->folded[index] = reply;
  for (guint i = 0; i < self->n_sections; i++)
    {
      const PtlDnsReply *other = self->folded[i];

      if (other == NULL || !is_alike (other, reply))
        continue;
      n++;
      g_string_append_printf (types, "%s%s", n > 1 ? ", " : "",
                              ptl_dns_type_to_text (other->type, type));
      if (other->total_ns > longest->total_ns)
        longest = other;
      /* It stays where the first of them came. */
      if (i != index && self->section_rows[i] > 0)
        section = i;
    }
  if (n == 1)
    {
      told = ptl_dns_reply_to_text (reply);
      label = g_string_free (g_steal_pointer (&types), FALSE);
    }
  else
    {
      label = g_strdup_printf (ngettext ("%u type", "%u types", n), n);
      if (reply->fault != PTL_DNS_FAULT_NONE)
        told = ptl_dns_fault_to_text (longest);
      else
        {
          g_autofree char *rcode = ptl_dns_rcode_to_text (reply->rcode);
          g_autofree char *notes = ptl_dns_notes_to_text (reply);
          char server[PTL_ADDRESS_TEXT_MAX];

          ptl_address_format (&reply->server, server, sizeof server);
          if (reply->rcode == PTL_DNS_RCODE_NOERROR)
            told = g_strdup_printf ("%s · %s · %s%s", rcode,
                                    reply->alias_open ? _("an alias")
                                                      : _("no record of these types"),
                                    server, notes);
          else
            told = g_strdup_printf ("%s · %s%s", rcode, server, notes);
        }
    }
  clear_section (self, index);
  clear_section (self, section);
  insert_row (self, section, get_kind (reply), label, told, types != NULL ? types->str : "");
  add_records (self, section, self->folded[section]);
}

void
ptl_lookup_cancel_records (PtlLookup *self)
{
  g_autoptr (GString) types = g_string_new (NULL);
  g_autofree char *label = NULL;
  guint first = 0, n = 0, at = 0;

  for (guint i = 0; i < self->n_sections; at += self->section_rows[i++])
    {
      g_autoptr (PtlLookupRow) row = NULL;

      if (self->section_rows[i] != 1)
        continue;
      row = g_list_model_get_item (G_LIST_MODEL (self->groups[PTL_LOOKUP_RECORDS]), at);
      if (ptl_lookup_row_get_kind (row) != PTL_LOOKUP_ROW_BUSY)
        continue;
      g_string_append_printf (types, "%s%s", n > 0 ? ", " : "", ptl_lookup_row_get_label (row));
      if (n++ == 0)
        first = i;
      clear_section (self, i);
    }
  if (n == 0)
    return;
  label = n == 1 ? g_strdup (types->str) : g_strdup_printf (ngettext ("%u type", "%u types", n), n);
  insert_row (self, first, PTL_LOOKUP_ROW_NOTE, label, _("Cancelled"), n == 1 ? "" : types->str);
}

/* Takes @reply. */
static void
show_reply (PtlLookup   *self,
            PtlDnsReply *reply,
            guint        index)
{
  g_autofree char *told = NULL;
  char type[PTL_DNS_TYPE_TEXT_MAX];

  if (self->n_sections > 1 && can_fold (reply))
    {
      show_folded (self, reply, index);
      return;
    }
  told = ptl_dns_reply_to_text (reply);
  clear_section (self, index);
  insert_row (self, index, get_kind (reply), ptl_dns_type_to_text (reply->type, type), told, "");
  add_records (self, index, reply);
  ptl_dns_reply_free (reply);
}

/* --- two servers ------------------------------------------------------------------------------ */

static gboolean
has_record (const PtlDnsReply  *reply,
            const PtlDnsRecord *wanted)
{
  for (guint i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];

      if (record->section == PTL_DNS_SECTION_ANSWER && record->type == wanted->type
          && ptl_dns_name_equal (record->owner, wanted->owner)
          && strcmp (record->data, wanted->data) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
add_differences (PtlLookup         *self,
                 guint              section,
                 const PtlDnsReply *reply,
                 const PtlDnsReply *other,
                 gboolean           with_common)
{
  char server[PTL_ADDRESS_TEXT_MAX];

  ptl_address_format (&reply->server, server, sizeof server);
  for (guint i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      gboolean common = has_record (other, record);
      g_autofree char *detail = NULL;
      g_autoptr (PtlLookupRow) row = NULL;

      if (record->section != PTL_DNS_SECTION_ANSWER || (common && !with_common))
        continue;
      detail = common ? g_strdup (_("both servers")) : g_strdup_printf (_("only %s"), server);
      row = ptl_lookup_make_record_row (record, detail);
      place_row (self, section, row);
    }
}

/* Two answers to a question are kept until both are there. */
static void
show_compared (PtlLookup   *self,
               PtlDnsReply *reply,
               guint        index)
{
  guint section = index / 2;
  PtlDnsReply **pair = &self->compared[section * 2];
  char type[PTL_DNS_TYPE_TEXT_MAX];
  gboolean differ, failed;

  self->compared[index] = reply;
  if (pair[0] == NULL || pair[1] == NULL)
    return;
  clear_section (self, section);
  ptl_dns_type_to_text (reply->type, type);
  /* That neither can is no agreement. */
  failed = is_failure (pair[0]) && is_failure (pair[1]);
  differ = pair[0]->fault != pair[1]->fault || pair[0]->rcode != pair[1]->rcode
           || pair[0]->n_strangers != pair[1]->n_strangers
           || g_strcmp0 (pair[0]->stranger, pair[1]->stranger) != 0;
  for (guint side = 0; side < 2 && !differ; side++)
    for (guint i = 0; i < pair[side]->n_records && !differ; i++)
      differ = pair[side]->records[i].section == PTL_DNS_SECTION_ANSWER
               && !has_record (pair[1 - side], &pair[side]->records[i]);
  insert_row (self, section, failed || differ ? PTL_LOOKUP_ROW_ERROR : PTL_LOOKUP_ROW_NOTE, type,
              failed ? _("Neither server answered the question")
              : differ ? _("The servers differ") : _("Both servers say the same"), "");
  for (guint side = 0; side < 2; side++)
    {
      g_autofree char *told = ptl_dns_reply_to_text (pair[side]);

      insert_row (self, section, get_kind (pair[side]), type, told, "");
    }
  add_differences (self, section, pair[0], pair[1], TRUE);
  add_differences (self, section, pair[1], pair[0], FALSE);
}

/* --- asking ----------------------------------------------------------------------------------- */

char *
ptl_lookup_dup_dns_name (PtlLookup *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), NULL);

  if (self->classified.kind == PTL_KIND_INTERFACE)
    return NULL;
  if (self->classified.a_label != NULL)
    return g_strdup (self->classified.a_label);
  if (self->classified.address.len > 0)
    return ptl_dns_reverse_name (&self->classified.address);
  return NULL;
}

static void
take_reply (PtlLookup        *self,
            PtlDnsReply      *reply,
            PtlLookupPending *pending)
{
  if (pending->records_generation != self->records_generation)
    ptl_dns_reply_free (reply);
  else if (self->comparing)
    show_compared (self, reply, pending->index);
  else
    show_reply (self, reply, pending->index);
}

void
ptl_lookup_clear_records (PtlLookup *self)
{
  for (guint i = 0; self->compared != NULL && i < self->n_sections * 2; i++)
    ptl_dns_reply_free (self->compared[i]);
  g_clear_pointer (&self->compared, g_free);
  for (guint i = 0; self->folded != NULL && i < self->n_sections; i++)
    ptl_dns_reply_free (self->folded[i]);
  g_clear_pointer (&self->folded, g_free);
  g_clear_pointer (&self->section_rows, g_free);
  self->n_sections = 0;
  self->records_generation++;
  g_list_store_remove_all (self->groups[PTL_LOOKUP_RECORDS]);
}

static void
ask_records (PtlLookup        *self,
             guint             type,
             const PtlAddress *servers,
             guint             n_servers,
             const PtlAddress *other)
{
  g_autofree char *name = ptl_lookup_dup_dns_name (self);
  gboolean reverse = self->classified.a_label == NULL;
  guint n = 1;

  if (type == 0 && !reverse)
    ptl_lookup_list_common_types (name, &n);
  ptl_lookup_clear_records (self);
  self->n_sections = n;
  self->section_rows = g_new0 (guint, n);
  self->folded = g_new0 (PtlDnsReply *, n);
  self->comparing = other != NULL;
  if (other != NULL)
    self->compared = g_new0 (PtlDnsReply *, n * 2);
  for (guint i = 0; i < n; i++)
    {
      guint asked = n > 1 ? common_types[i] : type != 0 ? type : PTL_DNS_TYPE_PTR;
      char text[PTL_DNS_TYPE_TEXT_MAX];

      insert_row (self, i, PTL_LOOKUP_ROW_BUSY, ptl_dns_type_to_text ((uint16_t) asked, text),
                  _("Asking …"), "");
      ptl_lookup_ask_dns (self, name, asked, servers, n_servers, take_reply,
                          other != NULL ? i * 2 : i);
      if (other != NULL)
        ptl_lookup_ask_dns (self, name, asked, other, 1, take_reply, i * 2 + 1);
    }
}

gboolean
ptl_lookup_ask_records (PtlLookup   *self,
                        guint        type,
                        const char  *server,
                        const char  *other,
                        GError     **error)
{
  g_autofree char *name = NULL;
  PtlAddress asked, compared;
  gboolean typed = server != NULL && *server != '\0';
  gboolean compares = other != NULL && *other != '\0';

  g_return_val_if_fail (PTL_IS_LOOKUP (self), FALSE);

  if ((typed && !ptl_dns_parse_server (server, &asked, error))
      || (compares && !ptl_dns_parse_server (other, &compared, error)))
    return FALSE;
  name = ptl_lookup_dup_dns_name (self);
  if (name == NULL)
    {
      ptl_lookup_clear_records (self);
      return TRUE;
    }
  self->wanted = FALSE;
  if (typed)
    ask_records (self, type, &asked, 1, compares ? &compared : NULL);
  else if (self->facts != NULL)
    ask_records (self, type, self->facts->servers, self->facts->n_servers,
                 compares ? &compared : NULL);
  else
    {
      self->wanted = TRUE;
      self->wanted_type = type;
      g_free (self->wanted_other);
      self->wanted_other = g_strdup (compares ? other : "");
    }
  return TRUE;
}

void
ptl_lookup_facts_for_records (PtlLookup *self)
{
  if (self->wanted)
    ptl_lookup_ask_records (self, self->wanted_type, NULL, self->wanted_other, NULL);
}
