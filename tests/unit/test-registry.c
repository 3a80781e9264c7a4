/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eight protocols, as the classic table has them, and the services database. */
#include "config.h"

#include "registry/ptl-registry.h"

#include <netdb.h>
#include <string.h>

#include "base/ptl-codec.h"

static const struct
{
  const char *name;
  const char *common_function;
  uint16_t    port;
  uint16_t    second_port;
  const char *python2_module; /* one of them */
  const char *python_module;
  const char *first;
} table[] = {
  { "POP3", "fetching email", 110, 0, "poplib", "poplib", "server" },
  { "SMTP", "sending email", 25, 0, "smtplib", "smtplib", "server" },
  { "Telnet", "command lines", 23, 0, "telnetlib", "telnetlib", "server" },
  { "IMAP4", "fetching email", 143, 0, "imaplib", "imaplib", "server" },
  { "Gopher", "document transfers", 70, 0, "gopherlib", "socket", "client" },
  { "NNTP", "Usenet news", 119, 0, "nntplib", "nntplib", "server" },
  { "HTTP", "web pages", 80, 0, "xmlrpclib", "http.client", "client" },
  { "FTP", "file transfers", 21, 20, "ftplib", "ftplib", "server" },
};

static void
test_table (void)
{
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  g_assert_cmpuint (n, ==, G_N_ELEMENTS (table));
  for (size_t i = 0; i < n; i++)
    {
      const PtlProtocol *protocol = &protocols[i];
      g_autofree uint8_t *example = NULL;
      size_t len_bytes;

      g_assert_cmpstr (protocol->name, ==, table[i].name);
      g_assert_cmpstr (protocol->common_function, ==, table[i].common_function);
      g_assert_cmpuint (protocol->ports[0], ==, table[i].port);
      g_assert_cmpuint (protocol->ports[1], ==, table[i].second_port);
      g_assert_nonnull (strstr (protocol->python2_modules, table[i].python2_module));
      g_assert_nonnull (strstr (protocol->python_modules, table[i].python_module));
      g_assert_cmpstr (protocol->first, ==, table[i].first);
      g_assert_true (g_str_has_prefix (protocol->spec, "RFC "));
      g_assert_cmpuint (strlen (protocol->about), >, 20);
      /* What one types first can be typed. */
      example = ptl_codec_parse_text (protocol->example, &len_bytes, NULL, NULL);
      g_assert_nonnull (example);
      g_assert_cmpuint (len_bytes, >=, 2);
    }
}

static void
test_find (void)
{
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  for (size_t i = 0; i < n; i++)
    {
      g_assert_true (ptl_registry_find_protocol (protocols[i].ports[0]) == &protocols[i]);
      if (protocols[i].tls_port != 0)
        g_assert_true (ptl_registry_find_protocol (protocols[i].tls_port) == &protocols[i]);
    }
  g_assert_cmpstr (ptl_registry_find_protocol (20)->id, ==, "ftp");
  g_assert_cmpstr (ptl_registry_find_protocol (443)->id, ==, "http");
  g_assert_null (ptl_registry_find_protocol (0));
  g_assert_null (ptl_registry_find_protocol (12345));
}

static void
test_service_name (void)
{
  g_autofree char *http = ptl_registry_dup_service_name (80, "tcp");
  g_autofree char *none = ptl_registry_dup_service_name (80, "no-transport");

  if (getservbyname ("http", "tcp") == NULL)
    {
      g_test_skip ("this computer has no services database");
      return;
    }
  g_assert_cmpstr (http, ==, "http");
  g_assert_null (none);
  g_assert_null (ptl_registry_dup_service_name (0, "tcp"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/registry/table", test_table);
  g_test_add_func ("/registry/find", test_find);
  g_test_add_func ("/registry/service-name", test_service_name);
  return g_test_run ();
}
