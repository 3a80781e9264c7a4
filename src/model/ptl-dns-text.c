/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what DNS servers answer. */
#include "config.h"

#include "model/ptl-dns-text.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"
#include "lookup/ptl-idna.h"

static const struct
{
  const char *name;
  const char *text;
} rcodes[] = {
  { "NOERROR", N_("answered") },
  { "FORMERR", N_("the server could not read the question") },
  { "SERVFAIL", N_("the server failed, or could not verify what it found") },
  { "NXDOMAIN", N_("there is no such name") },
  { "NOTIMP", N_("the server does not offer this kind of question") },
  { "REFUSED", N_("the server refuses to answer, by its own rules") },
  { "YXDOMAIN", N_("the name exists though it should not") },
  { "YXRRSET", N_("the records exist though they should not") },
  { "NXRRSET", N_("the records should exist and do not") },
  { "NOTAUTH", N_("the server is not responsible for this zone") },
  { "NOTZONE", N_("the name is not in this zone") },
  [16] = { "BADVERS", N_("the server knows another version of EDNS") },
};

char *
ptl_dns_rcode_to_text (guint rcode)
{
  if (rcode >= G_N_ELEMENTS (rcodes) || rcodes[rcode].name == NULL)
    return g_strdup_printf ("RCODE %u", rcode);
  if (rcode == PTL_DNS_RCODE_NOERROR)
    return g_strdup (rcodes[rcode].name);
  return g_strdup_printf ("%s: %s", rcodes[rcode].name, _(rcodes[rcode].text));
}

char *
ptl_dns_time_to_text (guint64 time_ns)
{
  if (time_ns >= PTL_NS_PER_S)
    return g_strdup_printf (_("%.1f s"), (double) time_ns / PTL_NS_PER_S);
  return g_strdup_printf (_("%.2f ms"), (double) time_ns / PTL_NS_PER_MS);
}

char *
ptl_dns_ttl_to_text (guint ttl)
{
  if (ttl >= 86400)
    return g_strdup_printf (_("%u s (%.1f days)"), ttl, ttl / 86400.0);
  if (ttl >= 3600)
    return g_strdup_printf (_("%u s (%.1f hours)"), ttl, ttl / 3600.0);
  if (ttl >= 120)
    return g_strdup_printf (_("%u s (%.1f minutes)"), ttl, ttl / 60.0);
  return g_strdup_printf (_("%u s"), ttl);
}

char *
ptl_dns_flags_to_text (const PtlDnsReply *reply)
{
  return g_strdup_printf ("qr%s%s%s%s%s%s", reply->aa ? " aa" : "", reply->tc ? " tc" : "",
                          reply->rd ? " rd" : "", reply->ra ? " ra" : "", reply->ad ? " ad" : "",
                          reply->cd ? " cd" : "");
}

char *
ptl_dns_fault_to_text (const PtlDnsReply *reply)
{
  char server[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *time = ptl_dns_time_to_text (reply->total_ns);
  guint n_tries = reply->n_tries;

  ptl_address_format (&reply->server, server, sizeof server);
  switch (reply->fault)
    {
    case PTL_DNS_FAULT_NONE:
      break;
    case PTL_DNS_FAULT_BAD_NAME:
      return g_strdup (_("This is not a DNS name: its parts have 1 to 63 characters, all together "
                         "255 at most. Nothing was asked."));
    case PTL_DNS_FAULT_NO_SERVER:
      return g_strdup (_("This computer has no DNS server. Type one."));
    case PTL_DNS_FAULT_TIMEOUT:
      if (reply->n_stray > 0)
        return g_strdup_printf (_("%s answered only with ids that were not asked with (%u times, "
                                  "dropped). Something between may forge answers."),
                                server, reply->n_stray);
      return g_strdup_printf (ngettext ("%s did not answer within %s (asked %u time). It may be "
                                        "down, or a firewall drops the question.",
                                        "%s did not answer within %s (asked %u times). It may be "
                                        "down, or a firewall drops the question.", n_tries),
                              server, time, n_tries);
    case PTL_DNS_FAULT_GARBAGE:
      return g_strdup_printf (_("What came from %s is not a DNS message. Perhaps another kind of "
                                "server has this port."), server);
    case PTL_DNS_FAULT_WRONG_QUESTION:
      return g_strdup_printf (_("%s answered another question than the one asked; that was not "
                                "believed."), server);
    case PTL_DNS_FAULT_SYSTEM:
      if (reply->sys_errno == ECONNREFUSED)
        return g_strdup_printf (_("Nothing listens at %s: %s (%s)"), server,
                                g_strerror (reply->sys_errno), ptl_errno_name (reply->sys_errno));
      return g_strdup_printf (_("%s could not be asked: %s (%s)"), server,
                              g_strerror (reply->sys_errno), ptl_errno_name (reply->sys_errno));
    case PTL_DNS_FAULT_TCP:
      if (reply->sys_errno == 0)
        return g_strdup_printf (_("The answer is too long for UDP, and %s closed the TCP "
                                  "connection without it."), server);
      return g_strdup_printf (_("The answer is too long for UDP, and TCP to %s failed: %s (%s)"),
                              server, g_strerror (reply->sys_errno),
                              ptl_errno_name (reply->sys_errno));
    case PTL_DNS_FAULT_CHAIN:
      if (reply->n_aliases >= PTL_DNS_CHAIN_MAX)
        return g_strdup_printf (_("The name is an alias of an alias, %u times: given up."),
                                reply->n_aliases);
      return g_strdup_printf (_("The aliases (CNAME) of this name go round at %s: it has no "
                                "address."), reply->final_name != NULL ? reply->final_name
                                                                       : reply->name);
    case PTL_DNS_FAULT_FULL:
      return g_strdup (_("Too many questions at once; this one was not asked."));
    case PTL_DNS_FAULT_CANCELLED:
      return g_strdup (_("Cancelled"));
    }
  return g_strdup ("");
}

char *
ptl_dns_name_to_text (const char *name)
{
  g_autofree char *unicode = ptl_idna_to_unicode (name);

  return unicode != NULL ? g_strdup_printf ("%s (%s)", name, unicode) : g_strdup (name);
}

char *
ptl_dns_data_to_unicode (const PtlDnsRecord *record)
{
  static const guint16 types[] = {
    PTL_DNS_TYPE_CNAME, PTL_DNS_TYPE_DNAME, PTL_DNS_TYPE_NS, PTL_DNS_TYPE_PTR, PTL_DNS_TYPE_MX,
    PTL_DNS_TYPE_SOA, PTL_DNS_TYPE_SRV, PTL_DNS_TYPE_NAPTR, PTL_DNS_TYPE_SVCB, PTL_DNS_TYPE_HTTPS,
  };
  g_auto (GStrv) words = NULL;
  g_autoptr (GString) text = NULL;
  gboolean named = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (types) && !named; i++)
    named = record->type == types[i];
  if (!named || strstr (record->data, "--") == NULL)
    return NULL;
  words = g_strsplit (record->data, " ", -1);
  text = g_string_new (NULL);
  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autofree char *unicode = ptl_idna_to_unicode (words[i]);

      if (unicode != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", unicode);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

char *
ptl_dns_notes_to_text (const PtlDnsReply *reply)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (reply->alias_open)
    {
      g_autofree char *rcode = ptl_dns_rcode_to_text (reply->alias_rcode);
      g_autofree char *name = ptl_dns_name_to_text (reply->final_name);

      g_string_append_printf (text, _(" · %s was asked for too: %s"), name,
                              reply->alias_fault == PTL_DNS_FAULT_TIMEOUT ? _("no answer")
                              : reply->alias_fault != PTL_DNS_FAULT_NONE ? _("the question failed")
                              : reply->alias_rcode == PTL_DNS_RCODE_NOERROR
                                  ? _("the server sends elsewhere") : rcode);
    }
  if (reply->n_strangers > 0)
    g_string_append_printf (text, ngettext (" · %u record of another name was left out: %s",
                                            " · %u records of other names were left out, as %s",
                                            reply->n_strangers),
                            reply->n_strangers, reply->stranger);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ptl_dns_reply_to_text (const PtlDnsReply *reply)
{
  g_autofree char *rcode = NULL, *time = NULL, *flags = NULL, *records = NULL, *notes = NULL;
  g_autoptr (GString) text = NULL;
  char server[PTL_ADDRESS_TEXT_MAX];
  guint n = 0;

  if (reply->fault != PTL_DNS_FAULT_NONE)
    return ptl_dns_fault_to_text (reply);
  for (guint i = 0; i < reply->n_records; i++)
    n += reply->records[i].section == PTL_DNS_SECTION_ANSWER;
  rcode = ptl_dns_rcode_to_text (reply->rcode);
  time = ptl_dns_time_to_text (reply->elapsed_ns);
  flags = ptl_dns_flags_to_text (reply);
  ptl_address_format (&reply->server, server, sizeof server);
  if (n > 0)
    records = g_strdup_printf (ngettext ("%u record", "%u records", n), n);
  else if (reply->rcode == PTL_DNS_RCODE_NOERROR)
    records = g_strdup (_("no record of this type"));
  text = g_string_new (rcode);
  if (records != NULL)
    g_string_append_printf (text, " · %s", records);
  g_string_append (text, " · ");
  g_string_append_printf (text, reply->over_tcp ? _("%u bytes over TCP in %s")
                                                : _("%u bytes over UDP in %s"),
                          (guint) reply->size_bytes, time);
  g_string_append_printf (text, " · %s · %s", flags, server);
  if (reply->n_tries > 1)
    g_string_append_printf (text, ngettext (" · asked %u time", " · asked %u times",
                                            reply->n_tries), reply->n_tries);
  if (reply->n_wrong > 0)
    g_string_append (text, _(" · an answer to another question was dropped"));
  if (reply->cut_off)
    g_string_append_printf (text, _(" · only the first %d records"), PTL_DNS_RECORDS_MAX);
  notes = ptl_dns_notes_to_text (reply);
  g_string_append (text, notes);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
