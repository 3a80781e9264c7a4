/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for the results of a self-test. */
#include "config.h"

#include "model/ptl-self-test-text.h"

#include <errno.h>

#include <glib/gi18n-lib.h>

#include "base/ptl-clock.h"
#include "base/ptl-error.h"

static gboolean
is_ipv6 (const PtlSelfTestCase *what)
{
  return ptl_address_get_family (&what->address) == AF_INET6;
}

const char *
ptl_self_test_text_kind (const PtlSelfTestCase *what)
{
  switch (what->kind)
    {
    case PTL_SELF_TEST_MAPPED:
      return _("IPv4 in IPv6");

    case PTL_SELF_TEST_PATH:
      return _("Unix, path");

    case PTL_SELF_TEST_ABSTRACT:
      return _("Unix, abstract");

    case PTL_SELF_TEST_MULTICAST:
      return _("Multicast");

    case PTL_SELF_TEST_BROADCAST:
      return _("Broadcast");

    case PTL_SELF_TEST_OWN:
    case PTL_SELF_TEST_N_KINDS:
    default:
      if (ptl_address_is_loopback (&what->address))
        return is_ipv6 (what) ? _("IPv6, loopback") : _("IPv4, loopback");
      if (ptl_address_is_link_local (&what->address))
        return is_ipv6 (what) ? _("IPv6, link-local") : _("IPv4, link-local");
      return is_ipv6 (what) ? _("IPv6") : _("IPv4");
    }
}

char *
ptl_self_test_text_address (const PtlSelfTestCase *what)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  if (what->kind == PTL_SELF_TEST_PATH)
    return g_strdup_printf (_("path in %s"), g_get_tmp_dir ());
  if (what->kind == PTL_SELF_TEST_ABSTRACT)
    return g_strdup (_("@abstract name"));
  return g_strdup (ptl_address_format_host (&what->address, text, sizeof text));
}

char *
ptl_self_test_text_outcome (const PtlSelfTestCase *what)
{
  switch (what->outcome)
    {
    case PTL_SELF_TEST_RUNNING:
      return g_strdup (_("running"));

    case PTL_SELF_TEST_PASSED:
      return g_strdup_printf (_("pass %.2f ms"),
                              (double) what->elapsed_ns / (double) PTL_NS_PER_MS);

    case PTL_SELF_TEST_FAILED:
      return g_strdup (_("failed"));

    case PTL_SELF_TEST_SILENT:
      return g_strdup (_("silence"));

    case PTL_SELF_TEST_NOT_TRIED:
      return g_strdup (_("not tried"));

    case PTL_SELF_TEST_STOPPED:
      return g_strdup (_("stopped"));

    case PTL_SELF_TEST_WAITING:
    default:
      return g_strdup (_("waiting"));
    }
}

const char *
ptl_self_test_text_type (const PtlSelfTestCase *what)
{
  if (ptl_address_get_family (&what->address) != AF_UNIX)
    return what->type == SOCK_STREAM ? "TCP" : "UDP";
  return what->type == SOCK_STREAM  ? _("Stream")
         : what->type == SOCK_DGRAM ? _("Datagrams") : _("Sequenced packets");
}

static const char *
step_to_call (PtlStep step)
{
  switch (step)
    {
    case PTL_STEP_SOCKET:
      return "socket";
    case PTL_STEP_OPTION:
    case PTL_STEP_MEMBERSHIP:
      return "setsockopt";
    case PTL_STEP_BIND:
      return "bind";
    case PTL_STEP_LISTEN:
      return "listen";
    case PTL_STEP_ACCEPT:
      return "accept";
    case PTL_STEP_CONNECT:
      return "connect";
    case PTL_STEP_SEND:
      return "send";
    default:
      return "recv";
    }
}

static char *
explain_missing (const PtlSelfTestCase *what)
{
  if ((what->device_flags & IFF_UP) == 0)
    return g_strdup_printf (_("The loopback interface %s is down; “ip link set %s up” brings it "
                              "up."), what->device, what->device);
  return is_ipv6 (what)
           ? g_strdup_printf (_("%s has no such address: IPv6 is switched off for it (sysctl "
                                "net.ipv6.conf.%s.disable_ipv6)."), what->device, what->device)
           : g_strdup_printf (_("%s has no such address; “ip address add 127.0.0.1/8 dev %s” gives "
                                "it one."), what->device, what->device);
}

static const char *
explain (const PtlSelfTestCase *what)
{
  switch (what->sys_errno)
    {
    case ECONNREFUSED:
      return _("Our own listener was there: a packet filter (nftables, iptables) refuses it.");

    case EPERM:
      return _("A packet filter (nftables, iptables) or a security module forbids it.");

    case EACCES:
      return _("A packet filter, a route that prohibits, or a security module forbids it.");

    case EHOSTUNREACH:
    case ENETUNREACH:
      return _("There is no way to this address from here: look at the rules and routes, or at a "
               "packet filter that rejects.");

    case ETIMEDOUT:
      return _("A packet filter may drop it.");

    case EADDRNOTAVAIL:
      return _("The address cannot be used: it was removed just now, or IPv6 still checks whether "
               "somebody else has it, or found that.");

    case EAFNOSUPPORT:
      return is_ipv6 (what) ? _("This kernel has no IPv6.") : _("This kernel has no such sockets.");

    case EPROTONOSUPPORT:
    case ESOCKTNOSUPPORT:
      return _("This kernel has no such sockets.");

    case EMFILE:
    case ENFILE:
      return _("Too many files are open: end some sessions, and try again.");

    case EROFS:
    case ENOSPC:
    case ENOENT:
      return _("No socket can be made in the folder for temporary files.");

    default:
      return NULL;
    }
}

static char *
explain_silence (const PtlSelfTestCase *what)
{
  double waited_s = PTL_SELF_TEST_WAIT_MS / 1000.0;

  if (what->step == PTL_STEP_CONNECT)
    return g_strdup_printf (_("Nothing came back from our own listener within %.1f s: a packet "
                              "filter (nftables, iptables) drops it without a word."), waited_s);
  if (!what->came_through)
    return g_strdup_printf (_("What was sent did not reach our own listener within %.1f s: a "
                              "packet filter (nftables, iptables) drops it without a word."),
                            waited_s);
  return g_strdup_printf (_("The listener had the question, but its answer did not come back "
                            "within %.1f s: a packet filter (nftables, iptables) drops it without "
                            "a word."), waited_s);
}

char *
ptl_self_test_text_reason (const PtlSelfTestCase *what)
{
  g_autofree char *missing = NULL;
  const char *why;

  switch (what->outcome)
    {
    case PTL_SELF_TEST_SILENT:
      return explain_silence (what);

    case PTL_SELF_TEST_NOT_TRIED:
      return g_strdup_printf (_("A broadcast on %s would leave this computer."), what->device);

    case PTL_SELF_TEST_FAILED:
      break;

    case PTL_SELF_TEST_WAITING:
    case PTL_SELF_TEST_RUNNING:
    case PTL_SELF_TEST_PASSED:
    case PTL_SELF_TEST_STOPPED:
    default:
      return NULL;
    }
  if (what->sys_errno == EBADMSG)
    return g_strdup (_("Other bytes came than were sent."));
  missing = what->is_missing ? explain_missing (what) : NULL;
  why = missing != NULL ? missing : explain (what);
  return g_strdup_printf ("%s: %s (%s).%s%s", step_to_call (what->step),
                          g_strerror (what->sys_errno), ptl_errno_name (what->sys_errno),
                          why != NULL ? " " : "", why != NULL ? why : "");
}
