/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said where this computer sends nothing, of hosts that cannot be asked, and what is kept
 * of a question. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "model/ptl-icmp-text.h"
#include "model/ptl-port-job-private.h"
#include "model/ptl-probe-host.h"
#include "model/ptl-query-job.h"

static void
test_refusals (void)
{
  static const struct
  {
    int sys_errno;
    PtlVerdict refusal;
    const char *ping; /* has to be in it */
    const char *port;
  } cases[] = {
    { EACCES, PTL_VERDICT_MANY, "address of many", "address of many" },
    { ENETUNREACH, PTL_VERDICT_MANY, "address of many", "address of many" },
    { EACCES, PTL_VERDICT_PROHIBITED, "Prohibited by a route or rule of this computer (EACCES)",
      "prohibited by a route or rule" },
    { EINVAL, PTL_VERDICT_DISCARDED,
      "Thrown away by a blackhole route or rule of this computer (EINVAL)",
      "thrown away by a blackhole route" },
    { EINVAL, PTL_VERDICT_NO_ZONE, "needs its interface", "needs its interface" },
    { EINVAL, PTL_VERDICT_OTHER, "Invalid argument (EINVAL)", "cannot be connected to (EINVAL)" },
    { ENETUNREACH, PTL_VERDICT_NO_INTERFACE, "no such interface", "no such interface" },
    { ENETUNREACH, PTL_VERDICT_OTHER, "no route to there", "no route there" },
    { EHOSTUNREACH, PTL_VERDICT_OTHER, "Unreachable by a route of this computer (EHOSTUNREACH)",
      "unreachable by a route" },
    { EPERM, PTL_VERDICT_FIREWALL, "A firewall rule of this computer", "firewall rule" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlPortReport report = { .why = PTL_PORT_WHY_LOCAL, .refusal = (uint8_t) cases[i].refusal,
                               .sys_errno = (int16_t) cases[i].sys_errno };
      PtlPortItem item = { .port = 80, .transport = PTL_PORT_TCP };
      g_autofree char *ping = ptl_icmp_refusal_to_text (cases[i].sys_errno, cases[i].refusal, NULL);
      g_autofree char *port = ptl_port_report_dup_why (&report, &item);

      g_test_message ("%s | %s", ping, port);
      g_assert_nonnull (strstr (ping, cases[i].ping));
      g_assert_nonnull (strstr (port, cases[i].port));
    }
}

static void
test_hosts (void)
{
  static const struct
  {
    const char *text;
    const char *error; /* has to be in it; NULL: fine */
  } cases[] = {
    { "127.0.0.1", NULL },
    { "fe80::1", NULL },
    { "fe80::1%lo", NULL },
    { "fe80::1%nope", "no interface “nope”" },
    { "127.0.0.1:80", "without “:80”" },
    { "[::1]:443", "without “:443”" },
    { "box.example:http", "without “:http”" },
    { "127.0.0.1/8", "a host has no" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PtlEndpoint) endpoint = { 0 };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_true (ptl_probe_host_parse (&endpoint, cases[i].text, &error)
                     == (cases[i].error == NULL));
      if (cases[i].error != NULL)
        g_assert_nonnull (strstr (error->message, cases[i].error));
      else
        g_assert_no_error (error);
    }
}

static void
test_query_history (void)
{
  static const struct
  {
    PtlQueryRequest request;
    const char     *entry;
  } cases[] = {
    { { PTL_QUERY_WHOIS, "example.test", "", TRUE, FALSE }, "whois\texample.test\t" },
    { { PTL_QUERY_WHOIS, "example.test", "w", FALSE, FALSE }, "whois\texample.test\tw\tno-follow" },
    { { PTL_QUERY_FINGER, "anna@h", "", TRUE, FALSE }, "finger\tanna@h\t" },
    { { PTL_QUERY_FINGER, "anna@h", "", TRUE, TRUE }, "finger\tanna@h\t\t/W" },
  };
  PtlQueryRequest odd = { PTL_QUERY_WHOIS, "a\tb", "\tc", TRUE, FALSE };
  g_autofree char *odd_entry = ptl_query_request_to_entry (&odd);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *entry = ptl_query_request_to_entry (&cases[i].request);
      g_auto (GStrv) parts = g_strsplit (entry, "\t", PTL_QUERY_HISTORY_FIELDS);
      guint n = g_strv_length (parts);
      char empty[] = "";
      char *fields[PTL_QUERY_HISTORY_FIELDS];
      PtlQueryRequest back = { 0 };

      g_assert_cmpstr (entry, ==, cases[i].entry);
      for (guint k = 0; k < PTL_QUERY_HISTORY_FIELDS; k++)
        fields[k] = k < n ? parts[k] : empty;
      ptl_query_request_from_entry (&back, fields);
      g_assert_cmpint (back.kind, ==, cases[i].request.kind);
      g_assert_cmpstr (back.query, ==, cases[i].request.query);
      g_assert_cmpstr (back.server, ==, cases[i].request.server);
      g_assert_cmpint (back.follow, ==, cases[i].request.follow);
      g_assert_cmpint (back.verbose, ==, cases[i].request.verbose);
    }
  /* What is pasted may have tabs in it. */
  g_assert_cmpstr (odd_entry, ==, "whois\ta b\t c");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe-words/refusals", test_refusals);
  g_test_add_func ("/probe-words/hosts", test_hosts);
  g_test_add_func ("/probe-words/query-history", test_query_history);
  return g_test_run ();
}
