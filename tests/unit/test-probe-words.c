/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said where this computer sends nothing, and of hosts that cannot be asked. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "model/ptl-icmp-text.h"
#include "model/ptl-port-job-private.h"
#include "model/ptl-probe-host.h"

static void
test_refusals (void)
{
  static const struct
  {
    int sys_errno;
    PtlRefusal refusal;
    const char *ping; /* has to be in it */
    const char *port;
  } cases[] = {
    { EACCES, PTL_REFUSAL_MANY, "address of many", "address of many" },
    { ENETUNREACH, PTL_REFUSAL_MANY, "address of many", "address of many" },
    { EACCES, PTL_REFUSAL_PROHIBITED, "Prohibited by a route or rule of this computer (EACCES)",
      "prohibited by a route or rule" },
    { EINVAL, PTL_REFUSAL_DISCARDED,
      "Thrown away by a blackhole route or rule of this computer (EINVAL)",
      "thrown away by a blackhole route" },
    { EINVAL, PTL_REFUSAL_NO_ZONE, "needs its interface", "needs its interface" },
    { EINVAL, PTL_REFUSAL_OTHER, "Invalid argument (EINVAL)", "cannot be connected to (EINVAL)" },
    { ENETUNREACH, PTL_REFUSAL_NO_INTERFACE, "no such interface", "no such interface" },
    { ENETUNREACH, PTL_REFUSAL_OTHER, "no route to there", "no route there" },
    { EHOSTUNREACH, PTL_REFUSAL_OTHER, "Unreachable by a route of this computer (EHOSTUNREACH)",
      "unreachable by a route" },
    { EPERM, PTL_REFUSAL_FIREWALL, "A firewall rule of this computer", "firewall rule" },
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe-words/refusals", test_refusals);
  g_test_add_func ("/probe-words/hosts", test_hosts);
  return g_test_run ();
}
