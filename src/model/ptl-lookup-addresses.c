/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses of a name, and the name of an address. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <netdb.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"
#include "lookup/ptl-anatomy.h"
#include "lookup/ptl-idna.h"
#include "model/ptl-dns-text.h"

/* --- where an address comes from -------------------------------------------------------------- */

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

/* "from DNS, 192.0.2.53:53, TTL 300 s" as far as it is known. */
static char *
describe_dns (PtlLookup        *self,
              const PtlAddress *address)
{
  const PtlDnsRecord *record = find_direct (self, address);
  const PtlDnsReply *reply = self->direct[ptl_address_get_family (address) == AF_INET6];
  char server[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *ttl = NULL;

  if (record == NULL)
    return g_strdup (_("from DNS"));
  ttl = ptl_dns_ttl_to_text (record->ttl);
  return g_strdup_printf (_("from DNS, %s, TTL %s"),
                          ptl_address_format (&reply->server, server, sizeof server), ttl);
}

static char *
describe_source (PtlLookup        *self,
                 const PtlAddress *address)
{
  gboolean known;
  const PtlLookupSource *source = ptl_lookup_find_source (self, address, &known);
  guint line;

  if (source == NULL)
    return g_strdup (known ? _("from none of the sources when they are asked one by one")
                           : _("source not known yet"));
  if (g_str_equal (source->source.name, "files"))
    return is_in_hosts (self, address, &line)
             ? g_strdup_printf (_("from the hosts file, line %u"), line)
             : g_strdup (_("from the hosts file"));
  if (g_str_equal (source->source.name, "dns"))
    return describe_dns (self, address);
  if (g_str_has_prefix (source->source.name, "mdns"))
    return g_strdup (_("from mDNS, asked for on the local network"));
  if (g_str_equal (source->source.name, "resolve"))
    return g_strdup (_("from systemd-resolved"));
  if (g_str_equal (source->source.name, "myhostname"))
    return g_strdup (_("from this computer’s own name"));
  return g_strdup_printf (_("from the source “%s”"), source->source.name);
}

void
ptl_lookup_update_addresses (PtlLookup *self)
{
  for (guint i = 0; i < self->addresses->len; i++)
    {
      const PtlAddress *address = &g_array_index (self->addresses, PtlAddress, i);
      g_autoptr (PtlLookupRow) row =
        g_list_model_get_item (G_LIST_MODEL (self->groups[PTL_LOOKUP_ADDRESSES]),
                               self->first_address + i);
      g_autofree char *source = describe_source (self, address);
      g_autoptr (GString) detail = g_string_new (source);

      g_string_append_printf (detail, " · %s",
                              _(ptl_anatomy_get_scope_text (address)));
      if (self->reversed[i] != NULL && *self->reversed[i] != '\0')
        {
          g_autofree char *name = ptl_dns_name_to_text (self->reversed[i]);

          g_string_append_printf (detail, _(" · reverse: %s"), name);
        }
      else if (self->reversed[i] != NULL)
        g_string_append (detail, _(" · no reverse name"));
      ptl_lookup_row_set (row, PTL_LOOKUP_ROW_VALUE, NULL, detail->str);
    }
}

/* --- addresses -------------------------------------------------------------------------------- */

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

/* "in Unicode: bücher.example", or ""; owned. */
static char *
dup_unicode_note (const char *name)
{
  g_autofree char *unicode = ptl_idna_to_unicode (name);

  return unicode != NULL ? g_strdup_printf (_("in Unicode: %s"), unicode) : g_strdup ("");
}

static void
take_reversed (PtlLookup         *self,
               const PtlResolved *resolved,
               PtlLookupPending  *pending)
{
  gboolean found = resolved->gai_code == 0 && resolved->canonical != NULL;

  self->reversed[pending->index] = g_strdup (found ? resolved->canonical
                                             : resolved->gai_code == EAI_NONAME
                                                 ? "" : _("not answered"));
  ptl_lookup_update_addresses (self);
}

static void
take_addresses (PtlLookup         *self,
                const PtlResolved *resolved,
                PtlLookupPending  *pending)
{
  PtlLookupRow *busy_row = pending->row;
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
      g_autofree char *unicode = dup_unicode_note (resolved->canonical);

      ptl_lookup_add_row (self, PTL_LOOKUP_ADDRESSES, PTL_LOOKUP_ROW_VALUE, _("Canonical name"),
                          safe, unicode);
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
        ptl_lookup_resolve (self, self->reverse_pool, text, NULL, take_reversed, i, NULL);
    }
  if (resolved->cut_off)
    ptl_lookup_add_row (self, PTL_LOOKUP_ADDRESSES, PTL_LOOKUP_ROW_NOTE, "",
                        _("There are more; only the first are shown."), "");
  ptl_lookup_update_addresses (self);
}

/* --- of an interface -------------------------------------------------------------------------- */

void
ptl_lookup_start_interface (PtlLookup *self)
{
  const char *name = self->classified.host;
  g_autofree char *safe = ptl_codec_preview ((const uint8_t *) name, strlen (name), IFNAMSIZ);
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, _("Interface"), safe, "");

  ptl_lookup_row_set_interface (row, name);
  g_list_store_append (self->groups[PTL_LOOKUP_ADDRESSES], row);
}

static void
add_own_addresses (PtlLookup *self)
{
  const PtlOwn *own = &self->facts->own;
  const char *name = self->classified.host;
  GListModel *group = G_LIST_MODEL (self->groups[PTL_LOOKUP_ADDRESSES]);
  g_autoptr (PtlLookupRow) head = g_list_model_get_item (group, 0);
  g_autofree char *told = NULL, *hint = NULL;
  guint n = 0;

  if (own->sys_errno != 0)
    {
      told = g_strdup_printf ("getifaddrs: %s (%s)", g_strerror (own->sys_errno),
                              ptl_errno_name (own->sys_errno));
      ptl_lookup_row_set (head, PTL_LOOKUP_ROW_ERROR, NULL, told);
      return;
    }
  for (guint i = 0; i < own->n_addresses; i++)
    {
      const PtlOwnAddress *address = &own->addresses[i];
      char text[PTL_ADDRESS_TEXT_MAX];
      g_autoptr (PtlLookupRow) row = NULL;

      if (!g_str_equal (address->device, name) || n++ >= PTL_LOOKUP_OWN_MAX)
        continue;
      row = ptl_lookup_row_new (PTL_LOOKUP_ROW_VALUE,
                                ptl_address_get_family (&address->address) == AF_INET6 ? "IPv6"
                                                                                       : "IPv4",
                                ptl_address_format_host (&address->address, text, sizeof text),
                                _(ptl_anatomy_get_scope_text (&address->address)));
      ptl_lookup_row_set_target (row, text);
      g_list_store_append (self->groups[PTL_LOOKUP_ADDRESSES], row);
    }
  if (n > PTL_LOOKUP_OWN_MAX)
    ptl_lookup_add_row (self, PTL_LOOKUP_ADDRESSES, PTL_LOOKUP_ROW_NOTE, "",
                        _("There are more; only the first are shown."), "");
  told = n > 0 ? g_strdup_printf (ngettext ("%u address, as the kernel has it; nobody was asked",
                                            "%u addresses, as the kernel has them; nobody was "
                                            "asked", n), n)
               : g_strdup (_("no address; nobody was asked"));
  ptl_lookup_row_set (head, PTL_LOOKUP_ROW_VALUE, NULL, told);
  hint = g_strdup_printf (_("To look it up as a host name, end it with a dot: “%s.”"),
                          ptl_lookup_row_get_value (head));
  ptl_lookup_add_row (self, PTL_LOOKUP_ADDRESSES, PTL_LOOKUP_ROW_NOTE, "", hint, "");
}

/* --- reverse ---------------------------------------------------------------------------------- */

static void
take_forward (PtlLookup         *self,
              const PtlResolved *resolved,
              PtlLookupPending  *pending)
{
  g_autofree char *unicode = dup_unicode_note (ptl_lookup_row_get_value (pending->row));
  g_autofree char *told = NULL;
  gboolean confirmed = FALSE;

  for (guint i = 0; i < resolved->n_addresses && !confirmed; i++)
    confirmed = ptl_address_equal_host (&resolved->addresses[i], &self->classified.address);
  told = g_strconcat (confirmed ? _("forward-confirmed: the name has this address")
                                : resolved->gai_code != 0
                                    ? _("not confirmed: the name has no address")
                                    : _("not confirmed: the name has other addresses"),
                      *unicode != '\0' ? " · " : "", unicode, NULL);
  ptl_lookup_row_set (pending->row, PTL_LOOKUP_ROW_VALUE, NULL, told);
}

static void
take_name (PtlLookup         *self,
           const PtlResolved *resolved,
           PtlLookupPending  *pending)
{
  PtlLookupRow *row = pending->row;
  g_autofree char *time = ptl_dns_time_to_text (resolved->elapsed_ns);
  g_autofree char *told = NULL;

  if (resolved->gai_code == 0 && resolved->canonical != NULL)
    {
      told = g_strdup_printf (_("getnameinfo, %s · is its address looked up again?"), time);
      ptl_lookup_row_set (row, PTL_LOOKUP_ROW_BUSY, resolved->canonical, told);
      ptl_lookup_row_set_target (row, resolved->canonical);
      ptl_lookup_resolve (self, self->pool, resolved->canonical, NULL, take_forward, 0, row);
      return;
    }
  told = resolved->gai_code == EAI_NONAME
           ? g_strdup (_("This address has no name (EAI_NONAME)"))
           : gai_to_text (resolved);
  ptl_lookup_row_set (row, resolved->gai_code == EAI_NONAME ? PTL_LOOKUP_ROW_NOTE
                                                            : PTL_LOOKUP_ROW_ERROR, told, "");
}

/* --- start and end ---------------------------------------------------------------------------- */

static void
take_direct (PtlLookup        *self,
             PtlDnsReply      *reply,
             PtlLookupPending *pending)
{
  self->direct[pending->index] = reply;
  ptl_lookup_update_sources (self);
  ptl_lookup_update_addresses (self);
}

void
ptl_lookup_start_addresses (PtlLookup *self)
{
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, "",
                                                     _("Asking the sources of names …"), "");

  g_list_store_append (self->groups[PTL_LOOKUP_ADDRESSES], row);
  ptl_lookup_resolve (self, self->pool, self->classified.host, NULL, take_addresses, 0, row);
}

void
ptl_lookup_start_reverse (PtlLookup *self)
{
  char address[PTL_ADDRESS_TEXT_MAX];
  g_autoptr (PtlLookupRow) row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, _("Name"),
                                                     _("Asking the sources of names …"), "");

  g_list_store_append (self->groups[PTL_LOOKUP_REVERSE], row);
  ptl_lookup_resolve (self, self->reverse_pool,
                      ptl_address_format_host (&self->classified.address, address, sizeof address),
                      NULL, take_name, 0, row);
}

void
ptl_lookup_facts_for_addresses (PtlLookup *self)
{
  const PtlFacts *facts = self->facts;
  const PtlClassified *classified = &self->classified;

  if (classified->kind == PTL_KIND_INTERFACE)
    add_own_addresses (self);
  else if (classified->host != NULL)
    {
      g_autofree char *told = facts->search != NULL
        ? g_strdup_printf (_("nsswitch.conf: %s · search list: %s"), facts->order, facts->search)
        : g_strdup_printf (_("nsswitch.conf: %s"), facts->order);
      g_autoptr (PtlLookupRow) row =
        g_list_model_get_item (G_LIST_MODEL (self->groups[PTL_LOOKUP_ADDRESSES]), 0);

      if (row != NULL)
        ptl_lookup_row_set (row, ptl_lookup_row_get_kind (row), NULL, told);
      if (!self->offline)
        ptl_lookup_start_sources (self);
      if (classified->a_label != NULL && !self->offline
          && ptl_nss_order_has (facts->order, "dns"))
        {
          ptl_lookup_ask_dns (self, classified->a_label, PTL_DNS_TYPE_A, facts->servers,
                              facts->n_servers, take_direct, 0);
          ptl_lookup_ask_dns (self, classified->a_label, PTL_DNS_TYPE_AAAA, facts->servers,
                              facts->n_servers, take_direct, 1);
        }
      ptl_lookup_update_addresses (self);
    }
  else if (classified->address.len > 0)
    for (guint i = 0; i < facts->hosts->len; i++)
      {
        PtlHostsEntry *entry = &g_array_index (facts->hosts, PtlHostsEntry, i);
        g_autofree char *detail = g_strdup_printf (_("from the hosts file, line %u"), entry->line);

        ptl_lookup_add_row (self, PTL_LOOKUP_REVERSE, PTL_LOOKUP_ROW_VALUE, _("Hosts file"),
                            entry->names, detail);
      }
}

void
ptl_lookup_clear_addresses (PtlLookup *self)
{
  for (guint i = 0; i < self->addresses->len; i++)
    g_free (self->reversed[i]);
  g_clear_pointer (&self->reversed, g_free);
  g_array_set_size (self->addresses, 0);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->direct[i], ptl_dns_reply_free);
  g_ptr_array_set_size (self->sources, 0);
}
