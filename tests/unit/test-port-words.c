/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of the port check: why a UDP port is told to be open or filtered. */
#include "config.h"

#include <string.h>

#include "model/ptl-port-job-private.h"

/* Silence proves nothing for these, and the row says why. */
static void
test_silence (void)
{
  static const struct
  {
    guint16     port;
    const char *words[3];
  } cases[] = {
    { 9, { "an empty datagram", "Discard (RFC 863)", "it never answers" } },
    { 514, { "an empty datagram", "syslog (RFC 5426)", "it never answers" } },
    { 51820, { "an empty datagram", "WireGuard", "only those who know its secret" } },
    { 67, { "a question of DHCP", "RFC 2131", "only to a port of its own" } },
    { 554, { "a question of RTSP", "RFC 2326", "over TCP only" } },
    { 3389, { "a question of RDP", "MS-RDPEUDP", "it listens and keeps silent" } },
    { 1, { "an empty datagram", "it listens and keeps silent", "something drops" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlPortItem item = { cases[i].port, PTL_PORT_UDP };
      PtlPortReport report = { .state = PTL_PORT_OPEN_FILTERED, .why = PTL_PORT_WHY_SILENCE };
      g_autofree char *why = ptl_port_report_dup_why (&report, &item);

      g_test_message ("%u: %s", cases[i].port, why);
      for (gsize k = 0; k < G_N_ELEMENTS (cases[i].words); k++)
        g_assert_nonnull (strstr (why, cases[i].words[k]));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-words/silence", test_silence);
  return g_test_run ();
}
