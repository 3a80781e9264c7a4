/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a ping or a trace has met, in words. */
#include "config.h"

#include "model/ptl-icmp-text.h"

#include <errno.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-error.h"

char *
ptl_icmp_time_to_text (double ns)
{
  if (ns >= 999.5e6)
    return g_strdup_printf (_("%.2f s"), ns / 1e9);
  if (ns >= 99.95e6)
    return g_strdup_printf (_("%.0f ms"), ns / 1e6);
  if (ns >= 9.995e6)
    return g_strdup_printf (_("%.1f ms"), ns / 1e6);
  if (ns >= 0.9995e6)
    return g_strdup_printf (_("%.2f ms"), ns / 1e6);
  return g_strdup_printf (_("%.3f ms"), ns / 1e6);
}

static const char *
get_meaning_text (PtlIcmpMeaning meaning)
{
  switch (meaning)
    {
    case PTL_ICMP_TTL_EXCEEDED:
      return _("the time to live is over: more routers are in between than the TTL allows");
    case PTL_ICMP_REASSEMBLY_EXCEEDED:
      return _("not all fragments have arrived in time");
    case PTL_ICMP_NO_NETWORK:
      return _("there is no route to that network");
    case PTL_ICMP_NO_HOST:
      return _("the host cannot be reached: nobody has this address there");
    case PTL_ICMP_NO_PROTOCOL:
      return _("the host does not speak this protocol");
    case PTL_ICMP_NO_PORT:
      return _("nobody listens on this port");
    case PTL_ICMP_SOURCE_ROUTE_FAILED:
      return _("the source route has failed");
    case PTL_ICMP_PROHIBITED:
      return _("forbidden by an administrator (a firewall)");
    case PTL_ICMP_BEYOND_SCOPE:
      return _("the source address is not valid that far (beyond its scope)");
    case PTL_ICMP_SOURCE_POLICY:
      return _("the source address is not allowed there (ingress or egress policy)");
    case PTL_ICMP_REJECT_ROUTE:
      return _("the route to there is one that rejects");
    case PTL_ICMP_PRECEDENCE:
      return _("the precedence is not high enough there");
    case PTL_ICMP_PARAMETER_PROBLEM:
      return _("there is something wrong in the packet’s header");
    case PTL_ICMP_REDIRECT:
      return _("another router is nearer");
    case PTL_ICMP_SOURCE_QUENCH:
      return _("send more slowly");
    default:
      return NULL;
    }
}

/* What it says, with the mark of traceroute(8). */
static char *
describe (const PtlIcmpNotice *notice)
{
  char mark[8];
  const char *text = get_meaning_text (notice->meaning);
  g_autoptr (GString) told = g_string_new (NULL);

  if (notice->meaning == PTL_ICMP_TOO_BIG && notice->mtu > 0)
    g_string_append_printf (told, _("too big: no more than %u bytes fit through there, and the "
                                    "packet may not be fragmented"), notice->mtu);
  else if (notice->meaning == PTL_ICMP_TOO_BIG)
    g_string_append (told, _("too big, and the packet may not be fragmented"));
  else if (notice->type == 0 && notice->code == 0 && notice->sys_errno != 0)
    g_string_append_printf (told, "%s (%s)", g_strerror (notice->sys_errno),
                            ptl_errno_name (notice->sys_errno));
  else if (text != NULL)
    g_string_append (told, text);
  else
    g_string_append_printf (told, _("ICMP type %u, code %u"), notice->type, notice->code);
  ptl_icmp_get_mark (notice->family, notice->type, notice->code, mark);
  if (mark[0] != '\0')
    g_string_append_printf (told, " (%s)", mark);
  return g_string_free (g_steal_pointer (&told), FALSE);
}

static void
append_labels (GString             *told,
               const PtlIcmpNotice *notice)
{
  if (notice->n_labels == 0)
    return;
  if (told->len > 0)
    g_string_append (told, " · ");
  g_string_append_printf (told, _("MPLS label %u"), notice->labels[0] >> 12);
  for (unsigned i = 1; i < notice->n_labels && i < PTL_ICMP_LABELS_MAX; i++)
    g_string_append_printf (told, ", %u", notice->labels[i] >> 12);
}

char *
ptl_icmp_notice_to_text (const PtlIcmpNotice *notice)
{
  char address[PTL_ADDRESS_TEXT_MAX];
  g_autofree char *what = describe (notice);
  g_autoptr (GString) told = g_string_new (NULL);

  if (notice->own && notice->meaning == PTL_ICMP_NO_HOST)
    g_string_append (told, _("This computer says: nobody on the local network answers for this "
                             "address, or for the router on the way (ARP or neighbour discovery)"));
  else if (notice->local || notice->own)
    g_string_append_printf (told, _("This computer says: %s"), what);
  else if (notice->from.len > 0)
    g_string_append_printf (told, _("%s says: %s"),
                            ptl_address_format_host (&notice->from, address, sizeof address),
                            what);
  else
    g_string_append_printf (told, _("Somebody says: %s"), what);
  append_labels (told, notice);
  return g_string_free (g_steal_pointer (&told), FALSE);
}

char *
ptl_icmp_notice_to_note (const PtlIcmpNotice *notice)
{
  g_autoptr (GString) told = g_string_new (NULL);

  if (notice->family != 0 && notice->meaning != PTL_ICMP_TTL_EXCEEDED)
    {
      g_autofree char *what = describe (notice);

      g_string_append (told, what);
    }
  append_labels (told, notice);
  return g_string_free (g_steal_pointer (&told), FALSE);
}

/* --- how it is sent --------------------------------------------------------------------------- */

static char *
describe_range (const PtlIcmpChoice *choice)
{
  if (!choice->has_range)
    return g_strdup (_("net.ipv4.ping_group_range cannot be read"));
  if (choice->range_low > choice->range_high)
    return g_strdup_printf (_("net.ipv4.ping_group_range is “%u %u”, which is no group at all"),
                            choice->range_low, choice->range_high);
  return g_strdup_printf (_("net.ipv4.ping_group_range is “%u %u”"), choice->range_low,
                          choice->range_high);
}

/* Why there is no ICMP. */
static char *
describe_without (const PtlIcmpChoice *choice)
{
  g_autofree char *range = describe_range (choice);

  if (choice->datagram_errno != EACCES)
    return g_strdup_printf (_("the kernel has no ICMP datagram socket (%s) and lets you have no "
                              "raw one (%s)"), ptl_errno_name (choice->datagram_errno),
                            ptl_errno_name (choice->raw_errno));
  return g_strdup_printf (_("%s: none of your groups may have an ICMP socket; and raw ones need "
                            "CAP_NET_RAW"), range);
}

char *
ptl_icmp_choice_to_text (const PtlIcmpChoice *choice,
                         int                  family,
                         guint                port)
{
  const char *ip = family == AF_INET6 ? "IPv6" : "IPv4";
  g_autofree char *range = describe_range (choice);
  g_autofree char *without = describe_without (choice);
  gboolean asked = choice->method != PTL_METHOD_AUTOMATIC;

  switch (choice->via)
    {
    case PTL_VIA_ICMP_DATAGRAM:
      return g_strdup_printf (_("%s by ICMP echo over a datagram socket: %s, and one of your "
                                "groups is in it"), ip, range);
    case PTL_VIA_ICMP_RAW:
      return g_strdup_printf (_("%s by ICMP echo over a raw socket, which you may have "
                                "(CAP_NET_RAW): %s"), ip, range);
    case PTL_VIA_TCP:
      if (asked)
        return g_strdup_printf (_("%s by TCP connections to port %u: connected and refused are "
                                  "answers both"), ip, port);
      return g_strdup_printf (_("%s by TCP connections to port %u, connected and refused are "
                                "answers both: %s"), ip, port, without);
    case PTL_VIA_UDP:
      if (asked)
        return g_strdup_printf (_("%s by UDP to port %u: “nobody listens there” is an answer"),
                                ip, port);
      return g_strdup_printf (_("%s by UDP to port %u, “nobody listens there” is an answer: %s"),
                              ip, port, without);
    case PTL_VIA_NONE:
    default:
      return g_strdup_printf (_("%s: ICMP is not possible: %s. Choose TCP or UDP instead."), ip,
                              without);
    }
}

char *
ptl_icmp_held_back_to_text (void)
{
  return g_strdup (_("A firewall rule of this computer does not let it out, though the kernel "
                     "counts it as sent; “nft list ruleset” shows the rules to root"));
}

char *
ptl_icmp_refusal_to_text (int                  sys_errno,
                          PtlVerdict           refusal,
                          const PtlIcmpChoice *choice)
{
  if (choice != NULL && choice->via == PTL_VIA_NONE && choice->datagram_errno != 0)
    {
      g_autofree char *without = describe_without (choice);

      return g_strdup_printf (_("ICMP is not possible: %s. Choose TCP or UDP instead."), without);
    }
  switch (refusal)
    {
    case PTL_VERDICT_MANY:
      return g_strdup (_("This is the address of many (broadcast or multicast); only one is asked "
                         "at a time."));
    case PTL_VERDICT_PROHIBITED:
      return g_strdup_printf (_("Prohibited by a route or rule of this computer (%s); “Which "
                                "way to” in This Computer names it"),
                              ptl_errno_name (sys_errno));
    case PTL_VERDICT_DISCARDED:
      return g_strdup_printf (_("Thrown away by a blackhole route or rule of this computer "
                                "(%s); “Which way to” in This Computer names it"),
                              ptl_errno_name (sys_errno));
    case PTL_VERDICT_NO_ZONE:
      return g_strdup (_("A link-local address needs its interface: fe80::1%eth0 (EINVAL)"));
    case PTL_VERDICT_NO_INTERFACE:
      return g_strdup_printf (_("This computer has no such interface (%s)"),
                              ptl_errno_name (sys_errno));
    case PTL_VERDICT_FIREWALL:
      return g_strdup_printf (_("A firewall rule of this computer does not let it out (%s); “nft "
                                "list ruleset” shows the rules to root"),
                              ptl_errno_name (sys_errno));
    case PTL_VERDICT_OTHER:
    default:
      break;
    }
  if (sys_errno == ENETUNREACH)
    return g_strdup (_("This computer has no route to there (ENETUNREACH)"));
  if (sys_errno == EHOSTUNREACH)
    return g_strdup (_("Unreachable by a route of this computer (EHOSTUNREACH); “Which way to” in "
                       "This Computer names it"));
  return g_strdup_printf ("%s (%s)", g_strerror (sys_errno), ptl_errno_name (sys_errno));
}
