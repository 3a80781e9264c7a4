/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which source of nsswitch.conf(5) knows a name: each is asked alone, and told whether it does not
 * know it or could not find out. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <errno.h>
#include <netdb.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"
#include "model/ptl-dns-text.h"

/* Addresses that are named in a row. */
#define SHOWN_MAX 8

void
ptl_lookup_source_free (gpointer data)
{
  PtlLookupSource *source = data;

  g_clear_object (&source->row);
  g_clear_pointer (&source->addresses, g_array_unref);
  ptl_nss_source_clear (&source->source);
  g_free (source);
}

static PtlNssStatus
get_status (const PtlLookupSource *source)
{
  switch (source->gai_code)
    {
    case 0:
      return PTL_NSS_SUCCESS;

    case EAI_NONAME:
    case EAI_NODATA:
      return PTL_NSS_NOTFOUND;

    case EAI_AGAIN:
      return PTL_NSS_TRYAGAIN;

    default:
      return PTL_NSS_UNAVAIL;
    }
}

static gboolean
has_address (const PtlLookupSource *source,
             const PtlAddress      *address)
{
  for (guint i = 0; i < source->addresses->len; i++)
    if (ptl_address_equal_host (&g_array_index (source->addresses, PtlAddress, i), address))
      return TRUE;
  return FALSE;
}

const PtlLookupSource *
ptl_lookup_find_source (PtlLookup        *self,
                        const PtlAddress *address,
                        gboolean         *known)
{
  *known = FALSE;
  if (self->facts == NULL || self->sources->len == 0)
    return NULL;
  /* The first one that knows the name ends it, or another, as nsswitch.conf says. */
  for (guint i = 0; i < self->sources->len; i++)
    {
      const PtlLookupSource *source = self->sources->pdata[i];

      if (!source->done)
        return NULL;
      if (has_address (source, address))
        return source;
      if (source->source.stops[get_status (source)])
        break;
    }
  *known = TRUE;
  return NULL;
}

static const char *
get_words (const char *name)
{
  static const struct
  {
    const char *name;
    const char *words;
  } known[] = {
    { "files", N_("the hosts file") },
    { "dns", N_("DNS, the servers of resolv.conf") },
    { "resolve", N_("systemd-resolved, which asks DNS, mDNS and the hosts file itself") },
    { "myhostname", N_("this computer’s own names") },
    { "mymachines", N_("the containers of this computer") },
    { "wins", N_("Windows names (WINS)") },
    { "nis", N_("the network’s NIS directory") },
    { "ldap", N_("an LDAP directory") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (name, known[i].name))
      return _(known[i].words);
  if (g_str_has_prefix (name, "mdns"))
    return _("mDNS, which asks the local network");
  return _("a source of its own");
}

/* What the server of DNS itself said, when it was asked without a library; NULL: no fault. */
static char *
dup_dns_fault (PtlLookup *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->direct); i++)
    {
      const PtlDnsReply *reply = self->direct[i];

      if (reply == NULL)
        continue;
      if (reply->fault != PTL_DNS_FAULT_NONE)
        return ptl_dns_fault_to_text (reply);
      if (reply->rcode != PTL_DNS_RCODE_NOERROR && reply->rcode != PTL_DNS_RCODE_NXDOMAIN)
        return ptl_dns_rcode_to_text (reply->rcode);
    }
  return NULL;
}

/* Why there is no address; @failed: the source could not find out. */
static char *
dup_reason (PtlLookup             *self,
            const PtlLookupSource *source,
            gboolean              *failed)
{
  const char *name = source->source.name;
  int code = source->gai_code;
  g_autofree char *fault = NULL;

  *failed = FALSE;
  switch (code)
    {
    case 0:
    case EAI_NONAME:
      return g_strdup (_("does not know this name"));

    case EAI_NODATA:
      return g_strdup (_("knows the name, but no address of it"));

    case EAI_SERVICE:
      return g_strdup_printf (_("not installed: there is no libnss_%s.so.2"), name);

    case EAI_FAMILY:
      return g_strdup (_("has no names of hosts"));

    default:
      break;
    }
  /* What nss-mdns says of names that do not end in .local. */
  if (g_str_has_prefix (name, "mdns") && code == EAI_SYSTEM && source->sys_errno == EINVAL)
    return g_strdup (_("is not asked for such a name"));
  *failed = TRUE;
  if (g_str_equal (name, "dns"))
    fault = dup_dns_fault (self);
  if (fault != NULL)
    return g_steal_pointer (&fault);
  if (code == EAI_SYSTEM && source->sys_errno != 0)
    return g_strdup_printf (_("failed: %s (%s)"), g_strerror (source->sys_errno),
                            ptl_errno_name (source->sys_errno));
  return g_strdup (code == EAI_AGAIN ? _("could not find out; it may know later")
                                     : _("failed, and does not say why"));
}

/* What each source says, and which of them programs listen to. */
void
ptl_lookup_update_sources (PtlLookup *self)
{
  gboolean asked = TRUE, sure = TRUE;

  for (guint i = 0; i < self->sources->len; i++)
    {
      PtlLookupSource *source = self->sources->pdata[i];
      g_autoptr (GString) value = NULL;
      g_autofree char *time = NULL, *detail = NULL;
      const char *role;
      gboolean failed = FALSE, stops;
      guint n;

      if (!source->done)
        {
          sure = FALSE;
          continue;
        }
      n = source->addresses->len;
      stops = source->source.stops[get_status (source)];
      value = g_string_new (get_words (source->source.name));
      if (n == 0)
        {
          g_autofree char *reason = dup_reason (self, source, &failed);

          g_string_append_printf (value, ": %s", reason);
        }
      for (guint j = 0; j < n && j < SHOWN_MAX; j++)
        {
          char text[PTL_ADDRESS_TEXT_MAX];

          ptl_address_format_host (&g_array_index (source->addresses, PtlAddress, j), text,
                                   sizeof text);
          g_string_append_printf (value, "%s%s", j == 0 ? ": " : ", ", text);
        }
      if (n > SHOWN_MAX)
        g_string_append_printf (value, _(" and %u more"), n - SHOWN_MAX);
      if (!asked)
        role = _("programs do not come to it: a source before it answers");
      else if (!sure)
        role = _("a source before it is still being asked");
      else if (n > 0)
        role = _("programs have the addresses from it");
      else if (stops)
        role = _("programs stop here, as nsswitch.conf says");
      else
        role = i + 1 < self->sources->len ? _("programs ask the next source")
                                          : _("it is the last source");
      if (stops)
        asked = FALSE;
      time = ptl_dns_time_to_text (source->elapsed_ns);
      detail = g_strdup_printf ("%s · %s", role, time);
      ptl_lookup_row_set (source->row,
                          n > 0    ? PTL_LOOKUP_ROW_TEXT
                          : failed ? PTL_LOOKUP_ROW_ERROR
                                   : PTL_LOOKUP_ROW_NOTE,
                          value->str, detail);
    }
}

static void
take_source (PtlLookup         *self,
             const PtlResolved *resolved,
             PtlLookupPending  *pending)
{
  PtlLookupSource *source = self->sources->pdata[pending->index];

  source->done = TRUE;
  source->elapsed_ns = resolved->elapsed_ns;
  source->gai_code = resolved->gai_code;
  source->sys_errno = resolved->sys_errno;
  for (guint i = 0; i < resolved->n_addresses; i++)
    if (!has_address (source, &resolved->addresses[i]))
      g_array_append_val (source->addresses, resolved->addresses[i]);
  ptl_lookup_update_sources (self);
  ptl_lookup_update_addresses (self);
}

void
ptl_lookup_start_sources (PtlLookup *self)
{
  unsigned n;
  g_autofree PtlNssSource *sources = ptl_nss_list_sources (self->facts->order, &n);
  const PtlClassified *classified = &self->classified;
  /* A source is asked as DNS is: getaddrinfo(3) does the same with AI_IDN. */
  const char *host = classified->a_label != NULL ? classified->a_label : classified->host;

  if (sources == NULL)
    ptl_lookup_add_row (self, PTL_LOOKUP_SOURCES, PTL_LOOKUP_ROW_ERROR, "nsswitch.conf",
                        _("libc cannot read this line, so programs find no name at all"),
                        self->facts->order);
  for (unsigned i = 0; i < n; i++)
    {
      PtlLookupSource *source = g_new0 (PtlLookupSource, 1);

      source->source = sources[i];
      source->addresses = g_array_new (FALSE, FALSE, sizeof (PtlAddress));
      source->row = ptl_lookup_row_new (PTL_LOOKUP_ROW_BUSY, sources[i].name, _("Asking …"), "");
      g_list_store_append (self->groups[PTL_LOOKUP_SOURCES], source->row);
      g_ptr_array_add (self->sources, source);
      source->gai_code = EAI_SYSTEM;
      source->done = self->source_pool == NULL;
      ptl_lookup_resolve (self, self->source_pool, host, sources[i].name, take_source, i, NULL);
    }
  ptl_lookup_update_sources (self);
}
