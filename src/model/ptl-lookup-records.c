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
};

const guint16 *
ptl_lookup_list_common_types (guint *n)
{
  *n = G_N_ELEMENTS (common_types);
  return common_types;
}

static void
insert_row (PtlLookup        *self,
            guint             section,
            PtlLookupRowKind  kind,
            const char       *label,
            const char       *value,
            const char       *detail,
            const char       *target)
{
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (kind, label, value, detail);
  guint at = 0;

  if (target != NULL)
    ptl_lookup_row_set_target (row, target);
  for (guint i = 0; i <= section; i++)
    at += self->section_rows[i];
  g_list_store_insert (self->groups[PTL_LOOKUP_RECORDS], at, row);
  self->section_rows[section]++;
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

const char *
ptl_lookup_get_record_target (const PtlDnsRecord *record)
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
show_reply (PtlLookup         *self,
            const PtlDnsReply *reply,
            guint              index)
{
  g_autofree char *told = ptl_dns_reply_to_text (reply);
  char type[PTL_DNS_TYPE_TEXT_MAX];
  gboolean failed = reply->fault != PTL_DNS_FAULT_NONE
                    || (reply->rcode != PTL_DNS_RCODE_NOERROR
                        && reply->rcode != PTL_DNS_RCODE_NXDOMAIN);

  clear_section (self, index);
  ptl_dns_type_to_text (reply->type, type);
  insert_row (self, index, failed ? PTL_LOOKUP_ROW_ERROR : PTL_LOOKUP_ROW_NOTE, type, told, "",
              NULL);
  for (guint i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      g_autofree char *ttl = ptl_dns_ttl_to_text (record->ttl);
      g_autofree char *detail = NULL;
      g_autofree char *text = NULL;

      detail = g_strdup_printf (_("%s · TTL %s · %s"), record->owner, ttl,
                                section_to_text (record->section));
      text = ptl_codec_preview ((const uint8_t *) record->data, strlen (record->data), 1024);
      insert_row (self, index, PTL_LOOKUP_ROW_VALUE, ptl_dns_type_to_text (record->type, type),
                  text, detail, ptl_lookup_get_record_target (record));
    }
}

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
  char server[PTL_ADDRESS_TEXT_MAX], type[PTL_DNS_TYPE_TEXT_MAX];

  ptl_address_format (&reply->server, server, sizeof server);
  for (guint i = 0; i < reply->n_records; i++)
    {
      const PtlDnsRecord *record = &reply->records[i];
      gboolean common = has_record (other, record);
      g_autofree char *detail = NULL;

      if (record->section != PTL_DNS_SECTION_ANSWER || (common && !with_common))
        continue;
      detail = common ? g_strdup (_("both servers")) : g_strdup_printf (_("only %s"), server);
      insert_row (self, section, PTL_LOOKUP_ROW_VALUE, ptl_dns_type_to_text (record->type, type),
                  record->data, detail, ptl_lookup_get_record_target (record));
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
  gboolean differ;

  self->compared[index] = reply;
  if (pair[0] == NULL || pair[1] == NULL)
    return;
  clear_section (self, section);
  ptl_dns_type_to_text (reply->type, type);
  differ = pair[0]->fault != pair[1]->fault || pair[0]->rcode != pair[1]->rcode;
  for (guint side = 0; side < 2 && !differ; side++)
    for (guint i = 0; i < pair[side]->n_records && !differ; i++)
      differ = pair[side]->records[i].section == PTL_DNS_SECTION_ANSWER
               && !has_record (pair[1 - side], &pair[side]->records[i]);
  insert_row (self, section, differ ? PTL_LOOKUP_ROW_ERROR : PTL_LOOKUP_ROW_NOTE, type,
              differ ? _("The servers differ") : _("Both servers say the same"), "", NULL);
  for (guint side = 0; side < 2; side++)
    {
      g_autofree char *told = ptl_dns_reply_to_text (pair[side]);

      insert_row (self, section, PTL_LOOKUP_ROW_NOTE, type, told, "", NULL);
    }
  add_differences (self, section, pair[0], pair[1], TRUE);
  add_differences (self, section, pair[1], pair[0], FALSE);
}

char *
ptl_lookup_dup_dns_name (PtlLookup *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), NULL);

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
    {
      show_reply (self, reply, pending->index);
      ptl_dns_reply_free (reply);
    }
}

void
ptl_lookup_clear_records (PtlLookup *self)
{
  for (guint i = 0; self->compared != NULL && i < self->n_sections * 2; i++)
    ptl_dns_reply_free (self->compared[i]);
  g_clear_pointer (&self->compared, g_free);
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
  guint n = type == 0 && !reverse ? G_N_ELEMENTS (common_types) : 1;

  ptl_lookup_clear_records (self);
  self->n_sections = n;
  self->section_rows = g_new0 (guint, n);
  self->comparing = other != NULL;
  if (other != NULL)
    self->compared = g_new0 (PtlDnsReply *, n * 2);
  for (guint i = 0; i < n; i++)
    {
      guint asked = n > 1 ? common_types[i] : type != 0 ? type : PTL_DNS_TYPE_PTR;
      char text[PTL_DNS_TYPE_TEXT_MAX];

      insert_row (self, i, PTL_LOOKUP_ROW_BUSY, ptl_dns_type_to_text ((uint16_t) asked, text),
                  _("Asking …"), "", NULL);
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
