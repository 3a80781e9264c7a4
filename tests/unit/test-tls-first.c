/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said where a plain session is to be opened on a port that begins with TLS. */
#include "config.h"

#include "model/ptl-tls-first.h"

#include <string.h>

static void
test_words (void)
{
  static const struct
  {
    PtlRole      role;
    PtlTransport transport;
    uint16_t     port;
    const char  *words[3]; /* all of them; none: nothing is said */
  } cases[] = {
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP, 993,
      { "Port 993 begins with TLS", "plain bytes", "port 143." } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP, 853, { "begins with TLS", "port 53." } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP, 1965, { "Port 1965 begins with TLS" } },
    { PTL_ROLE_LISTEN, PTL_TRANSPORT_TCP, 443,
      { "Port 443 begins with TLS", "clients", "port 80." } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_UDP, 853, { "port 853", "DTLS or QUIC", "port 53." } },
    { PTL_ROLE_DATAGRAMS, PTL_TRANSPORT_UDP, 5684, { "sends plain ones", "port 5683." } },
    { PTL_ROLE_LISTEN, PTL_TRANSPORT_UDP, 443, { "as they come" } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP, 143, { NULL } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP, 631, { NULL } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP, 0, { NULL } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_UDP, 993, { NULL } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_VSOCK, 993, { NULL } },
    { PTL_ROLE_CONNECT, PTL_TRANSPORT_UNIX_STREAM, 0, { NULL } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text =
        ptl_tls_first_dup_text (cases[i].role, cases[i].transport, cases[i].port);

      g_test_message ("%u: %s", cases[i].port, text != NULL ? text : "nothing");
      g_assert_true ((text != NULL) == (cases[i].words[0] != NULL));
      for (size_t k = 0; k < G_N_ELEMENTS (cases[i].words) && cases[i].words[k] != NULL; k++)
        g_assert_nonnull (strstr (text, cases[i].words[k]));
    }
}

/* RADIUS on UDP port 1812 is no form of what is on TCP port 2083. */
static void
test_other_transport (void)
{
  g_autofree char *text = ptl_tls_first_dup_text (PTL_ROLE_CONNECT, PTL_TRANSPORT_TCP, 2083);

  g_assert_nonnull (text);
  g_assert_null (strstr (text, "1812"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tls-first/words", test_words);
  g_test_add_func ("/tls-first/other-transport", test_other_transport);
  return g_test_run ();
}
