/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what a port check reports. */
#include "config.h"

#include "model/ptl-port-job-private.h"

#include <arpa/inet.h>
#include <errno.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"

#define ANSWER_CHARS 200

const char *
ptl_port_state_to_text (PtlPortState state)
{
  static const char *const texts[PTL_PORT_N_STATES] = {
    [PTL_PORT_WAITING] = N_("waiting"),
    [PTL_PORT_OPEN] = N_("open"),
    [PTL_PORT_CLOSED] = N_("closed"),
    [PTL_PORT_FILTERED] = N_("filtered"),
    [PTL_PORT_OPEN_FILTERED] = N_("open|filtered"),
    [PTL_PORT_FAILED] = N_("not checked"),
  };

  return _(texts[state]);
}

const char *
ptl_port_state_to_name (PtlPortState state)
{
  static const char *const names[PTL_PORT_N_STATES] = {
    "waiting", "open", "closed", "filtered", "open|filtered", "failed",
  };

  return names[state];
}

typedef struct
{
  guint8      type;
  guint8      code;
  const char *text;
} IcmpWord;

/* RFC 792; RFC 1122 section 3.2.2.1; RFC 1812 section 5.2.7.1. */
static const IcmpWord icmp_words[] = {
  { 3, 0, N_("the network cannot be reached") },
  { 3, 1, N_("the host cannot be reached") },
  { 3, 2, N_("the protocol is not spoken there") },
  { 3, 3, N_("the port cannot be reached") },
  { 3, 4, N_("the packet was too large") },
  { 3, 5, N_("the source route failed") },
  { 3, 6, N_("the network is not known") },
  { 3, 7, N_("the host is not known") },
  { 3, 9, N_("communication with the network is administratively prohibited") },
  { 3, 10, N_("communication with the host is administratively prohibited") },
  { 3, 11, N_("the network cannot be reached for this type of service") },
  { 3, 12, N_("the host cannot be reached for this type of service") },
  { 3, 13, N_("communication is administratively prohibited") },
  { 11, 0, N_("its time to live ended on the way") },
  { 12, 0, N_("a parameter problem") },
};

/* RFC 4443 section 3. */
static const IcmpWord icmp6_words[] = {
  { 1, 0, N_("there is no route to it") },
  { 1, 1, N_("communication is administratively prohibited") },
  { 1, 2, N_("it is beyond the scope of the source address") },
  { 1, 3, N_("the address cannot be reached") },
  { 1, 4, N_("the port cannot be reached") },
  { 1, 5, N_("the source address failed a policy") },
  { 1, 6, N_("the route is rejected") },
  { 2, 0, N_("the packet was too large") },
  { 3, 0, N_("its time to live ended on the way") },
  { 4, 0, N_("a parameter problem") },
};

static const char *
find_icmp (const IcmpWord *words,
           gsize           n,
           guint8          type,
           guint8          code)
{
  for (gsize i = 0; i < n; i++)
    if (words[i].type == type && words[i].code == code)
      return _(words[i].text);
  return _("an error");
}

static char *
dup_icmp (const PtlPortReport *report)
{
  char who[INET6_ADDRSTRLEN] = "";
  gboolean v6 = report->offender_family == AF_INET6;
  const char *text = v6 ? find_icmp (icmp6_words, G_N_ELEMENTS (icmp6_words), report->icmp_type,
                                     report->icmp_code)
                        : find_icmp (icmp_words, G_N_ELEMENTS (icmp_words), report->icmp_type,
                                     report->icmp_code);

  if (report->offender_own)
    return g_strdup (_("nobody on the network answered for this address, or for the router on "
                       "the way (ARP, or for IPv6 neighbour discovery)"));
  if (report->offender_family != 0)
    inet_ntop (report->offender_family, report->offender, who, sizeof who);
  /* Translators: as in "communication is administratively prohibited, says 10.0.0.1 (ICMP type 3,
   * code 13)". */
  return g_strdup_printf (v6 ? _("%s, says %s (ICMPv6 type %u, code %u)")
                             : _("%s, says %s (ICMP type %u, code %u)"),
                          text, *who != '\0' ? who : _("somebody"), report->icmp_type,
                          report->icmp_code);
}

static char *
dup_local (PtlVerdict refusal,
           int        sys_errno)
{
  const char *rule;

  switch (sys_errno)
    {
    case EPERM:
      rule = _("a firewall rule of this computer does not let it out");
      break;
    case EACCES:
      rule = refusal == PTL_VERDICT_MANY
             ? _("this is the address of many (broadcast or multicast)")
             : _("prohibited by a route or rule of this computer; “Which way to” in This Computer "
                 "names it");
      break;
    case ENETUNREACH:
      rule = refusal == PTL_VERDICT_NO_INTERFACE ? _("this computer has no such interface")
             : refusal == PTL_VERDICT_MANY
             ? _("this is the address of many (broadcast or multicast)")
             : _("this computer has no route there");
      break;
    case EHOSTUNREACH:
      rule = _("unreachable by a route of this computer; “Which way to” in This Computer "
               "names it");
      break;
    case EINVAL:
      rule = refusal == PTL_VERDICT_NO_ZONE
             ? _("a link-local address needs its interface, as in fe80::1%eth0")
             : refusal == PTL_VERDICT_DISCARDED
             ? _("thrown away by a blackhole route or rule of this computer; “Which way to” in "
                 "This Computer names it")
             : _("this address cannot be connected to");
      break;
    case EMFILE:
    case ENFILE:
      rule = _("this computer has no descriptors left");
      break;
    case EADDRNOTAVAIL:
      rule = _("this computer has no source port or address left");
      break;
    default:
      rule = g_strerror (sys_errno);
    }
  return g_strdup_printf ("%s (%s)", rule, ptl_errno_name (sys_errno));
}

static char *
dup_silence (const PtlPortReport *report,
             const PtlPortItem   *item)
{
  const PtlUdpProbe *probe;

  if (item->transport == PTL_PORT_TCP)
    return g_strdup (_("no answer: something drops the question, or the host is not there"));
  probe = ptl_udp_probe_find (item->port);
  if (report->more)
    return g_strdup (_("no answer; it is asked again more slowly, as a host sends only so many "
                       "ICMP errors a second"));
  if (probe != NULL && probe->silence != NULL && ptl_udp_probe_is_empty (probe))
    /* Translators: as in "no answer to an empty datagram; syslog (RFC 5426): it never answers, or
     * something drops it" */
    return g_strdup_printf (_("no answer to an empty datagram; %s (%s): %s, or something drops it"),
                            probe->name, probe->source, _(probe->silence));
  if (probe != NULL && probe->silence != NULL)
    return g_strdup_printf (_("no answer to a question of %s (%s): %s, or something drops "
                              "it"),
                            probe->name, probe->source, _(probe->silence));
  if (probe != NULL)
    return g_strdup_printf (_("no answer to a question of %s (%s): it listens and keeps silent, or "
                              "something drops the question"), probe->name, probe->source);
  return g_strdup (_("no answer to an empty datagram: it listens and keeps silent, or something "
                     "drops the question"));
}

static char *
dup_answered (const PtlPortReport *report,
              const PtlPortItem   *item)
{
  const PtlUdpProbe *probe = ptl_udp_probe_find (item->port);

  if (probe == NULL)
    return g_strdup (_("answered an empty datagram"));
  if (!report->fits)
    return g_strdup_printf (_("answered, but not as %s does"), probe->name);
  return g_strdup_printf (_("answered a question of %s: %s (%s)"), probe->name,
                          _(probe->question), probe->source);
}

char *
ptl_port_report_dup_why (const PtlPortReport *report,
                         const PtlPortItem   *item)
{
  switch ((PtlPortWhy) report->why)
    {
    case PTL_PORT_WHY_CONNECTED:
      if (report->asked_http)
        return g_strdup (_("accepted the connection, said nothing, was asked by HTTP (HEAD /)"));
      if (report->asked_tls)
        return g_strdup (_("accepted the connection, said nothing, was asked by TLS "
                           "(ClientHello)"));
      return g_strdup (_("accepted the connection"));

    case PTL_PORT_WHY_REFUSED:
      return g_strdup (item->transport == PTL_PORT_TCP
                         ? _("refused (RST): nothing listens there")
                         : _("the port cannot be reached (ICMP)"));

    case PTL_PORT_WHY_ANSWER:
      return dup_answered (report, item);

    case PTL_PORT_WHY_ICMP:
      return dup_icmp (report);

    case PTL_PORT_WHY_UNREACHABLE:
      return g_strdup_printf (_("%s (%s); who says so is not known"),
                              g_strerror (report->sys_errno), ptl_errno_name (report->sys_errno));

    case PTL_PORT_WHY_SILENCE:
      return dup_silence (report, item);

    case PTL_PORT_WHY_LOCAL:
      return dup_local ((PtlVerdict) report->refusal, report->sys_errno);

    case PTL_PORT_WHY_NONE:
    default:
      return g_strdup ("");
    }
}

const char *
ptl_port_report_get_looks (const PtlPortReport *report,
                           const PtlPortItem   *item)
{
  const char *name;

  if (report->greeting == NULL)
    return "";
  if (item->transport == PTL_PORT_UDP)
    return report->fits ? ptl_udp_probe_find (item->port)->name : "";
  name = ptl_greeting_recognise (report->greeting, report->len_greeting, item->port).name;
  return name != NULL ? name : "";
}

const char *
ptl_port_report_get_protocol (const PtlPortReport *report,
                              const PtlPortItem   *item)
{
  if (report->greeting == NULL)
    return NULL;
  if (item->transport == PTL_PORT_UDP)
    return report->fits ? ptl_udp_probe_find (item->port)->protocol : NULL;
  return ptl_greeting_recognise (report->greeting, report->len_greeting, item->port).protocol;
}

char *
ptl_port_report_dup_answer (const PtlPortReport *report)
{
  if (report->greeting == NULL)
    return g_strdup ("");
  return ptl_codec_preview (report->greeting, report->len_greeting, ANSWER_CHARS);
}
