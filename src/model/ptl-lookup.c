/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks up one thing that was typed.
 *
 * What is asked carries a Pending with the generation of its start; an answer of an older one is
 * dropped when it arrives. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "lookup/ptl-anatomy.h"
#include "model/ptl-dns-text.h"

typedef enum
{
  ASKED_ADDRESSES, /* getaddrinfo of what was typed */
  ASKED_REVERSED,  /* getnameinfo of one of its addresses */
  ASKED_NAME,      /* getnameinfo of the address that was typed */
  ASKED_FORWARD,   /* getaddrinfo of that name */
  ASKED_DIRECT,    /* A and AAAA, for the source */
  ASKED_RECORDS
} Asked;

typedef struct
{
  PtlLookup    *self; /* not counted: the bridge is closed before it goes */
  guint         generation;
  guint         records_generation;
  Asked         asked;
  guint         index;
  PtlLookupRow *row; /* owned, or NULL */
  PtlResolver  *resolver;
  uint64_t      id;
} Pending;

enum
{
  PROP_0,
  PROP_BUSY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlLookup, ptl_lookup, G_TYPE_OBJECT)

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

/* --- rows ------------------------------------------------------------------------------------- */

void
ptl_lookup_add_row (PtlLookup        *self,
                    PtlLookupGroup    group,
                    PtlLookupRowKind  kind,
                    const char       *label,
                    const char       *value,
                    const char       *detail)
{
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (kind, label, value, detail);

  g_list_store_append (self->groups[group], row);
}

static void
update_busy (PtlLookup *self)
{
  gboolean busy = self->n_pending > 0;

  if (busy == self->busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static Pending *
pending_new (PtlLookup    *self,
             Asked         asked,
             guint         index,
             PtlLookupRow *row)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->self = self;
  pending->generation = self->generation;
  pending->records_generation = self->records_generation;
  pending->asked = asked;
  pending->index = index;
  pending->row = row != NULL ? g_object_ref (row) : NULL;
  self->n_pending++;
  update_busy (self);
  return pending;
}

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  g_clear_object (&pending->row);
  g_free (pending);
}

/* False: it is of an older start. */
static gboolean
pending_arrived (Pending *pending)
{
  PtlLookup *self = pending->self;

  if (pending->resolver != NULL)
    g_ptr_array_remove_fast (self->resolving, pending);
  if (pending->generation != self->generation)
    return FALSE;
  self->n_pending--;
  return TRUE;
}

/* --- asking the pools ------------------------------------------------------------------------- */

static void on_resolved (gpointer payload,
                         gpointer data);

static void
free_resolved (gpointer data)
{
  ptl_resolved_free (data);
}

/* A thread of the pool's. */
static void
on_pool_reply (PtlResolved *resolved,
               void        *data)
{
  Pending *pending = data;

  ptl_bridge_post (pending->self->bridge, on_resolved, resolved, free_resolved, pending,
                   pending_free);
}

static void
resolve (PtlLookup     *self,
         PtlLookupPool *pool,
         const char    *host,
         Asked          asked,
         guint          index,
         PtlLookupRow  *row)
{
  PtlResolver *resolver = pool != NULL ? ptl_lookup_pool_get_resolver (pool) : NULL;
  PtlResolveQuery query = { .host = host, .family = AF_UNSPEC, .type = SOCK_STREAM };
  Pending *pending;

  if (resolver == NULL)
    return;
  pending = pending_new (self, asked, index, row);
  pending->resolver = resolver;
  g_ptr_array_add (self->resolving, pending);
  pending->id = resolver->resolve (resolver, &query, on_pool_reply, pending);
}

/* --- addresses -------------------------------------------------------------------------------- */

static gboolean
is_in_hosts (PtlLookup        *self,
             const PtlAddress *address,
             guint            *line)
{
  for (guint i = 0; self->facts != NULL && i < self->facts->hosts->len; i++)
    {
      PtlHostsEntry *entry = &g_array_index (self->facts->hosts, PtlHostsEntry, i);

      if (ptl_address_equal_host (&entry->address, address))
        {
          *line = entry->line;
          return TRUE;
        }
    }
  return FALSE;
}

static const PtlDnsRecord *
find_direct (PtlLookup        *self,
             const PtlAddress *address)
{
  const PtlDnsReply *reply = self->direct[ptl_address_get_family (address) == AF_INET6];
  char text[PTL_ADDRESS_TEXT_MAX];

  ptl_address_format_host (address, text, sizeof text);
  for (guint i = 0; reply != NULL && i < reply->n_records; i++)
    if (reply->records[i].section == PTL_DNS_SECTION_ANSWER
        && reply->records[i].type == reply->type && strcmp (reply->records[i].data, text) == 0)
      return &reply->records[i];
  return NULL;
}

static char *
describe_source (PtlLookup        *self,
                 const PtlAddress *address)
{
  const PtlDnsRecord *record;
  guint line;

  if (is_in_hosts (self, address, &line))
    return g_strdup_printf (_("from the hosts file, line %u"), line);
  record = find_direct (self, address);
  if (record != NULL)
    {
      char server[PTL_ADDRESS_TEXT_MAX];
      const PtlDnsReply *reply = self->direct[ptl_address_get_family (address) == AF_INET6];
      g_autofree char *ttl = ptl_dns_ttl_to_text (record->ttl);

      return g_strdup_printf (_("from DNS, %s, TTL %s"),
                              ptl_address_format (&reply->server, server, sizeof server), ttl);
    }
  if (self->facts == NULL || (self->direct[0] == NULL && self->direct[1] == NULL
                              && self->facts->n_servers > 0))
    return g_strdup (_("source not known yet"));
  if (g_str_has_suffix (self->classified.host, ".local")
      && ptl_nss_order_has (self->facts->order, "mdns"))
    return g_strdup (_("from mDNS: the hosts file and DNS do not have it"));
  if (ptl_address_is_loopback (address))
    return g_strdup (_("from libc itself: the hosts file and DNS do not have it"));
  return g_strdup_printf (_("from another of the sources: %s"), self->facts->order);
}

static void
update_address_rows (PtlLookup *self)
{
  for (guint i = 0; i < self->addresses->len; i++)
    {
      const PtlAddress *address = &g_array_index (self->addresses, PtlAddress, i);
      g_autoptr (PtlLookupRow) row =
        g_list_model_get_item (G_LIST_MODEL (self->groups[PTL_LOOKUP_ADDRESSES]),
                               self->first_address + i);
      g_autofree char *source = describe_source (self, address);
      const char *scope = _(ptl_scope_get_text (ptl_anatomy_get_scope (address)));
      g_autofree char *detail =
        self->reversed[i] != NULL
          ? g_strdup_printf (_("%s · %s · reverse: %s"), source, scope, self->reversed[i])
          : g_strdup_printf ("%s · %s", source, scope);

      ptl_lookup_row_set (row, PTL_LOOKUP_ROW_VALUE, NULL, detail);
    }
}

static char *
gai_to_text (const PtlResolved *resolved)
{
  if (resolved->gai_code == EAI_SYSTEM)
    return g_strdup_printf ("getaddrinfo: %s", g_strerror (resolved->sys_errno));
  switch (resolved->gai_code)
    {
    case EAI_NONAME:
      return g_strdup (_("No source knows this name (EAI_NONAME)"));
    case EAI_AGAIN:
      return g_strdup (_("The name servers did not answer (EAI_AGAIN). The name may exist; try "
                         "again, or ask another server under DNS records."));
    case EAI_NODATA:
      return g_strdup (_("The name exists and has no address (EAI_NODATA)"));
    default:
      return g_strdup_printf ("getaddrinfo: %s", gai_strerror (resolved->gai_code));
    }
}

static void
take_addresses (PtlLookup         *self,
                const PtlResolved *resolved,
                PtlLookupRow      *busy_row)
{
  GListStore *group = self->groups[PTL_LOOKUP_ADDRESSES];
  g_autofree char *time = ptl_dns_time_to_text (resolved->elapsed_ns);
  g_autofree char *told = NULL;

  if (resolved->gai_code != 0)
    {
      told = gai_to_text (resolved);
      ptl_lookup_row_set (busy_row, PTL_LOOKUP_ROW_ERROR, told, NULL);
      return;
    }
  told = g_strdup_printf (ngettext ("%u address in %s, in the order in which programs try them "
                                    "(RFC 6724)",
                                    "%u addresses in %s, in the order in which programs try them "
                                    "(RFC 6724)", resolved->n_addresses),
                          resolved->n_addresses, time);
  ptl_lookup_row_set (busy_row, PTL_LOOKUP_ROW_NOTE, told, NULL);
  if (resolved->canonical != NULL)
    {
      g_autofree char *safe = ptl_codec_preview ((const uint8_t *) resolved->canonical,
                                                 strlen (resolved->canonical), 256);

      ptl_lookup_add_row (self, PTL_LOOKUP_ADDRESSES, PTL_LOOKUP_ROW_VALUE, _("Canonical name"),
                          safe, "");
    }
  self->first_address = g_list_model_get_n_items (G_LIST_MODEL (group));
  self->reversed = g_new0 (char *, resolved->n_addresses + 1);
  for (guint i = 0; i < resolved->n_addresses; i++)
    {
      const PtlAddress *address = &resolved->addresses[i];
      char text[PTL_ADDRESS_TEXT_MAX];
      g_autoptr (PtlLookupRow) row =
        ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE,
                            ptl_address_get_family (address) == AF_INET6 ? "IPv6" : "IPv4",
                            ptl_address_format_host (address, text, sizeof text), "");

      ptl_lookup_row_set_target (row, text);
      g_list_store_append (group, row);
      g_array_append_val (self->addresses, *address);
      if (i < PTL_LOOKUP_REVERSE_MAX)
        resolve (self, self->reverse_pool, text, ASKED_REVERSED, i, NULL);
    }
  if (resolved->cut_off)
    ptl_lookup_add_row (self, PTL_LOOKUP_ADDRESSES, PTL_LOOKUP_ROW_NOTE, "",
                        _("There are more; only the first are shown."), "");
  update_address_rows (self);
}

/* --- reverse ---------------------------------------------------------------------------------- */

static void
take_name (PtlLookup         *self,
           const PtlResolved *resolved,
           PtlLookupRow      *row)
{
  g_autofree char *time = ptl_dns_time_to_text (resolved->elapsed_ns);
  g_autofree char *told = NULL;

  if (resolved->gai_code == 0 && resolved->canonical != NULL)
    {
      told = g_strdup_printf (_("getnameinfo, %s · is its address looked up again?"), time);
      ptl_lookup_row_set (row, PTL_LOOKUP_ROW_BUSY, resolved->canonical, told);
      ptl_lookup_row_set_target (row, resolved->canonical);
      resolve (self, self->pool, resolved->canonical, ASKED_FORWARD, 0, row);
      return;
    }
  told = resolved->gai_code == EAI_NONAME
           ? g_strdup (_("This address has no name (EAI_NONAME)"))
           : gai_to_text (resolved);
  ptl_lookup_row_set (row, resolved->gai_code == EAI_NONAME ? PTL_LOOKUP_ROW_NOTE
                                                            : PTL_LOOKUP_ROW_ERROR, told, "");
}

static void
take_forward (PtlLookup         *self,
              const PtlResolved *resolved,
              PtlLookupRow      *row)
{
  gboolean confirmed = FALSE;

  for (guint i = 0; i < resolved->n_addresses && !confirmed; i++)
    confirmed = ptl_address_equal_host (&resolved->addresses[i], &self->classified.address);
  ptl_lookup_row_set (row, PTL_LOOKUP_ROW_VALUE, NULL,
                      confirmed ? _("forward-confirmed: the name has this address")
                                : resolved->gai_code != 0
                                    ? _("not confirmed: the name has no address")
                                    : _("not confirmed: the name has other addresses"));
}

static void
on_resolved (gpointer payload,
             gpointer data)
{
  PtlResolved *resolved = payload;
  Pending *pending = data;
  PtlLookup *self = g_object_ref (pending->self);

  if (pending_arrived (pending))
    {
      switch (pending->asked)
        {
        case ASKED_ADDRESSES:
          take_addresses (self, resolved, pending->row);
          break;
        case ASKED_REVERSED:
          if (resolved->gai_code == 0 && resolved->canonical != NULL)
            {
              self->reversed[pending->index] = g_strdup (resolved->canonical);
              update_address_rows (self);
            }
          break;
        case ASKED_NAME:
          take_name (self, resolved, pending->row);
          break;
        case ASKED_FORWARD:
          take_forward (self, resolved, pending->row);
          break;
        default:
          g_assert_not_reached ();
        }
      update_busy (self);
    }
  ptl_resolved_free (resolved);
  pending_free (pending);
  g_object_unref (self);
}

/* --- DNS -------------------------------------------------------------------------------------- */

static void take_records (PtlLookup         *self,
                          const PtlDnsReply *reply,
                          guint              index);
static void take_compared (PtlLookup         *self,
                           PtlDnsReply       *reply,
                           guint              index);

static void
free_reply (gpointer data)
{
  ptl_dns_reply_free (data);
}

static void
on_dns_reply (gpointer payload,
              gpointer data)
{
  PtlDnsReply *reply = payload;
  Pending *pending = data;
  PtlLookup *self = g_object_ref (pending->self);

  if (pending_arrived (pending))
    {
      if (pending->asked == ASKED_DIRECT)
        {
          self->direct[pending->index] = g_steal_pointer (&reply);
          update_address_rows (self);
        }
      else if (pending->records_generation == self->records_generation)
        {
          if (self->comparing)
            take_compared (self, g_steal_pointer (&reply), pending->index);
          else
            take_records (self, reply, pending->index);
        }
      update_busy (self);
    }
  ptl_dns_reply_free (reply);
  pending_free (pending);
  g_object_unref (self);
}

/* The client's thread. */
static void
on_client_reply (PtlDnsReply *reply,
                 void        *data)
{
  Pending *pending = data;

  ptl_bridge_post (pending->self->bridge, on_dns_reply, reply, free_reply, pending, pending_free);
}

static void
ask_dns (PtlLookup        *self,
         const char       *name,
         guint             type,
         const PtlAddress *servers,
         guint             n_servers,
         Asked             asked,
         guint             index)
{
  PtlDnsQuestion question = {
    .name = name, .type = (uint16_t) type, .servers = servers, .n_servers = n_servers,
    .group = self->dns_group,
  };

  if (self->dns == NULL)
    return;
  ptl_dns_client_ask (self->dns, &question, on_client_reply,
                      pending_new (self, asked, index, NULL));
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

/* The host that a record leads to, for Connect; NULL. */
static const char *
get_target (const PtlDnsRecord *record)
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
take_records (PtlLookup         *self,
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
                  text, detail, get_target (record));
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
                  record->data, detail, get_target (record));
    }
}

/* Two answers to a question are kept until both are there. */
static void
take_compared (PtlLookup   *self,
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
clear_records (PtlLookup *self)
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

  clear_records (self);
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
      ask_dns (self, name, asked, servers, n_servers, ASKED_RECORDS, other != NULL ? i * 2 : i);
      if (other != NULL)
        ask_dns (self, name, asked, other, 1, ASKED_RECORDS, i * 2 + 1);
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
      clear_records (self);
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

/* --- what the files say ----------------------------------------------------------------------- */

typedef struct
{
  char      *host;
  PtlAddress address;
  char      *service;
  int        port;
} FactsWanted;

static void
facts_wanted_free (gpointer data)
{
  FactsWanted *wanted = data;

  g_free (wanted->host);
  g_free (wanted->service);
  g_free (wanted);
}

static void
facts_free (gpointer data)
{
  PtlFacts *facts = data;

  if (facts == NULL)
    return;
  g_free (facts->order);
  g_free (facts->search);
  g_clear_pointer (&facts->hosts, g_array_unref);
  for (guint i = 0; i < 2; i++)
    {
      ptl_service_clear (&facts->services[i]);
      ptl_service_clear (&facts->ports[i]);
    }
  g_free (facts);
}

static const char *const transports[] = { "tcp", "udp" };

static void
read_facts (GTask        *task,
            gpointer      source,
            gpointer      data,
            GCancellable *cancellable)
{
  FactsWanted *wanted = data;
  PtlFacts *facts = g_new0 (PtlFacts, 1);

  facts->order = ptl_nss_read_order (PTL_NSS_SWITCH_PATH, "hosts");
  facts->search = ptl_nss_read_search (PTL_NSS_RESOLV_PATH);
  facts->n_servers = ptl_nss_read_servers (PTL_NSS_RESOLV_PATH, facts->servers);
  facts->hosts = ptl_nss_read_hosts (PTL_NSS_HOSTS_PATH,
                                     wanted->address.len > 0 ? NULL
                                                             : wanted->host != NULL ? wanted->host
                                                                                    : "",
                                     &wanted->address);
  for (guint i = 0; i < 2; i++)
    {
      if (wanted->service != NULL)
        ptl_nss_find_service (wanted->service, transports[i], &facts->services[i]);
      if (wanted->port >= 0)
        ptl_nss_find_port ((uint16_t) wanted->port, transports[i], &facts->ports[i]);
    }
  g_task_return_pointer (task, facts, facts_free);
}

static void
add_services (PtlLookup *self)
{
  const PtlClassified *classified = &self->classified;
  guint n = 0;

  for (guint i = 0; i < 2; i++)
    {
      PtlService *found[2] = { &self->facts->services[i], &self->facts->ports[i] };

      for (guint j = 0; j < 2; j++)
        {
          g_autofree char *value = NULL, *detail = NULL;

          if (found[j]->name == NULL)
            continue;
          n++;
          value = g_strdup_printf ("%s %d/%s", found[j]->name, found[j]->port, transports[i]);
          detail = found[j]->aliases[0] != '\0'
                     ? g_strdup_printf (_("also called %s · from the services database (NSS)"),
                                        found[j]->aliases)
                     : g_strdup (_("from the services database (NSS)"));
          ptl_lookup_add_row (self, PTL_LOOKUP_SERVICES, PTL_LOOKUP_ROW_VALUE,
                              i == 0 ? "TCP" : "UDP", value, detail);
        }
    }
  if (n > 0 || (classified->service == NULL && classified->port < 0))
    return;
  if (classified->port >= 0)
    ptl_lookup_add_row (self, PTL_LOOKUP_SERVICES, PTL_LOOKUP_ROW_NOTE, "",
                        _("The services database of this computer has no name for this port."),
                        classified->port >= 49152
                          ? _("49152 to 65535 are ephemeral ports, for anyone (RFC 6335)") : "");
  else
    ptl_lookup_add_row (self, PTL_LOOKUP_SERVICES, PTL_LOOKUP_ROW_NOTE, "",
                        _("The services database of this computer has no such service."), "");
}

static void
on_facts_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  PtlLookup *self = PTL_LOOKUP (source);
  PtlFacts *facts = g_task_propagate_pointer (G_TASK (result), NULL);
  const PtlClassified *classified = &self->classified;

  if (GPOINTER_TO_UINT (data) != self->generation || facts == NULL)
    {
      facts_free (facts);
      return;
    }
  self->n_pending--;
  self->facts = facts;
  add_services (self);

  if (classified->host != NULL)
    {
      g_autofree char *told = facts->search != NULL
        ? g_strdup_printf (_("nsswitch.conf: %s · search list: %s"), facts->order, facts->search)
        : g_strdup_printf (_("nsswitch.conf: %s"), facts->order);
      g_autoptr (PtlLookupRow) row =
        g_list_model_get_item (G_LIST_MODEL (self->groups[PTL_LOOKUP_ADDRESSES]), 0);

      if (row != NULL)
        ptl_lookup_row_set (row, ptl_lookup_row_get_kind (row), NULL, told);
      if (classified->a_label != NULL && !self->offline)
        {
          ask_dns (self, classified->a_label, PTL_DNS_TYPE_A, facts->servers, facts->n_servers,
                   ASKED_DIRECT, 0);
          ask_dns (self, classified->a_label, PTL_DNS_TYPE_AAAA, facts->servers, facts->n_servers,
                   ASKED_DIRECT, 1);
        }
      update_address_rows (self);
    }
  else if (classified->address.len > 0)
    for (guint i = 0; i < facts->hosts->len; i++)
      {
        PtlHostsEntry *entry = &g_array_index (facts->hosts, PtlHostsEntry, i);
        g_autofree char *detail = g_strdup_printf (_("from the hosts file, line %u"), entry->line);

        ptl_lookup_add_row (self, PTL_LOOKUP_REVERSE, PTL_LOOKUP_ROW_VALUE, _("Hosts file"),
                            entry->names, detail);
      }
  if (self->wanted)
    ptl_lookup_ask_records (self, self->wanted_type, NULL, self->wanted_other, NULL);
  update_busy (self);
}

/* --- start and end ---------------------------------------------------------------------------- */

void
ptl_lookup_cancel (PtlLookup *self)
{
  g_return_if_fail (PTL_IS_LOOKUP (self));

  self->generation++;
  self->wanted = FALSE;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  for (guint i = self->resolving->len; i > 0; i--)
    {
      Pending *pending = self->resolving->pdata[i - 1];

      /* One that cannot be cancelled is on its way here and is dropped then. */
      if (pending->resolver->cancel (pending->resolver, pending->id))
        {
          g_ptr_array_remove_index_fast (self->resolving, i - 1);
          pending_free (pending);
        }
    }
  if (self->dns != NULL)
    {
      ptl_dns_client_cancel (self->dns, self->dns_group);
      self->dns_group = ptl_dns_client_new_group (self->dns);
    }
  self->n_pending = 0;
  for (guint group = 0; group < PTL_LOOKUP_N_GROUPS; group++)
    for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->groups[group])); i++)
      {
        g_autoptr (PtlLookupRow) row =
          g_list_model_get_item (G_LIST_MODEL (self->groups[group]), i);

        if (ptl_lookup_row_get_kind (row) == PTL_LOOKUP_ROW_BUSY)
          ptl_lookup_row_set (row, PTL_LOOKUP_ROW_NOTE, _("Cancelled"), NULL);
      }
  update_busy (self);
}

static void
clear_all (PtlLookup *self)
{
  clear_records (self);
  for (guint i = 0; i < PTL_LOOKUP_N_GROUPS; i++)
    g_list_store_remove_all (self->groups[i]);
  for (guint i = 0; i < self->addresses->len; i++)
    g_free (self->reversed[i]);
  g_clear_pointer (&self->reversed, g_free);
  g_array_set_size (self->addresses, 0);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->direct[i], ptl_dns_reply_free);
  g_clear_pointer (&self->facts, facts_free);
  ptl_classified_clear (&self->classified);
  self->n_subnet_rows = 0;
}

void
ptl_lookup_start (PtlLookup  *self,
                  const char *text)
{
  const PtlClassified *classified = &self->classified;
  FactsWanted *wanted;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PTL_IS_LOOKUP (self));

  ptl_lookup_cancel (self);
  clear_all (self);
  ptl_classify (&self->classified, text);
  if (classified->kind == PTL_KIND_NOTHING || classified->kind == PTL_KIND_UNKNOWN)
    return;

  if (classified->host != NULL && !self->offline)
    {
      g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, "",
                                                         _("Asking the sources of names …"), "");

      g_list_store_append (self->groups[PTL_LOOKUP_ADDRESSES], row);
      resolve (self, self->pool, classified->host, ASKED_ADDRESSES, 0, row);
    }
  if (classified->address.len > 0)
    {
      char address[PTL_ADDRESS_TEXT_MAX];
      g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, _("Name"),
                                                         _("Asking the sources of names …"), "");

      ptl_lookup_add_anatomy (self);
      g_list_store_append (self->groups[PTL_LOOKUP_REVERSE], row);
      resolve (self, self->reverse_pool,
               ptl_address_format_host (&classified->address, address, sizeof address),
               ASKED_NAME, 0, row);
    }
  wanted = g_new0 (FactsWanted, 1);
  wanted->host = g_strdup (classified->host);
  wanted->address = classified->address;
  wanted->service = g_strdup (classified->service);
  wanted->port = classified->port;
  self->cancellable = g_cancellable_new ();
  self->n_pending++;
  task = g_task_new (self, self->cancellable, on_facts_cb, GUINT_TO_POINTER (self->generation));
  g_task_set_task_data (task, wanted, facts_wanted_free);
  g_task_run_in_thread (task, read_facts);
  update_busy (self);
}

void
ptl_lookup_set_offline (PtlLookup *self,
                        gboolean   offline)
{
  self->offline = offline;
}

gboolean
ptl_lookup_is_busy (PtlLookup *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), FALSE);

  return self->busy;
}

GListModel *
ptl_lookup_get_group (PtlLookup      *self,
                      PtlLookupGroup  group)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), NULL);

  return G_LIST_MODEL (self->groups[group]);
}

const PtlClassified *
ptl_lookup_get_classified (PtlLookup *self)
{
  g_return_val_if_fail (PTL_IS_LOOKUP (self), NULL);

  return &self->classified;
}

static void
ptl_lookup_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, PTL_LOOKUP (object)->busy);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_lookup_finalize (GObject *object)
{
  PtlLookup *self = PTL_LOOKUP (object);

  ptl_lookup_cancel (self);
  /* After these nobody posts to the bridge any more. */
  ptl_dns_client_free (self->dns);
  ptl_lookup_pool_free (self->pool);
  ptl_lookup_pool_free (self->reverse_pool);
  ptl_bridge_close (self->bridge);
  clear_all (self);
  for (guint i = 0; i < PTL_LOOKUP_N_GROUPS; i++)
    g_clear_object (&self->groups[i]);
  g_array_unref (self->addresses);
  g_ptr_array_unref (self->resolving);
  g_free (self->wanted_other);

  G_OBJECT_CLASS (ptl_lookup_parent_class)->finalize (object);
}

static void
ptl_lookup_class_init (PtlLookupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ptl_lookup_finalize;
  object_class->get_property = ptl_lookup_get_property;
  properties[PROP_BUSY] =
    g_param_spec_boolean ("busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_lookup_init (PtlLookup *self)
{
  self->bridge = ptl_bridge_new ();
  self->pool = ptl_lookup_pool_new ();
  self->reverse_pool = ptl_nss_reverse_pool_new ();
  self->dns = ptl_dns_client_new (NULL);
  if (self->dns != NULL)
    self->dns_group = ptl_dns_client_new_group (self->dns);
  self->addresses = g_array_new (FALSE, FALSE, sizeof (PtlAddress));
  self->resolving = g_ptr_array_new ();
  for (guint i = 0; i < PTL_LOOKUP_N_GROUPS; i++)
    self->groups[i] = g_list_store_new (PTL_TYPE_LOOKUP_ROW);
}

PtlLookup *
ptl_lookup_new (void)
{
  return g_object_new (PTL_TYPE_LOOKUP, NULL);
}
