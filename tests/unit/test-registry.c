/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eight protocols, as the classic table has them, the others, the table, damaged ones too. */
#include "config.h"

#include "registry/ptl-registry-private.h"

#include <netdb.h>
#include <string.h>

#include "base/ptl-codec.h"

static const struct
{
  const char *name;
  const char *common_function;
  uint16_t    port;
  uint16_t    second_port;
  const char *classic_module; /* one of them */
  const char *python_module;
  const char *first;
} classic[] = {
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
test_classic (void)
{
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  g_assert_cmpuint (n, >=, 70);
  for (size_t i = 0; i < G_N_ELEMENTS (classic); i++)
    {
      const PtlProtocol *protocol = &protocols[i];

      g_assert_cmpstr (protocol->name, ==, classic[i].name);
      g_assert_cmpstr (protocol->common_function, ==, classic[i].common_function);
      g_assert_cmpuint (protocol->port, ==, classic[i].port);
      g_assert_cmpuint (protocol->classic_port, ==,
                        classic[i].second_port != 0 ? classic[i].second_port : classic[i].port);
      g_assert_nonnull (strstr (protocol->classic_modules, classic[i].classic_module));
      g_assert_nonnull (strstr (protocol->python_modules, classic[i].python_module));
      g_assert_cmpstr (protocol->first, ==, classic[i].first);
      g_assert_true (g_str_has_prefix (protocol->spec, "RFC "));
      g_assert_cmpuint (protocol->n_lines, >=, 5);
      g_assert_cmpuint (protocol->n_tables, >=, 3);
    }
  /* Why the classic table says 20. */
  g_assert_nonnull (strstr (protocols[7].remark, "20"));
  g_assert_nonnull (strstr (protocols[7].remark, "21"));
}

static void
test_protocols (void)
{
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  for (size_t i = 0; i < n; i++)
    {
      const PtlProtocol *protocol = &protocols[i];
      g_autofree uint8_t *example = NULL;
      PtlRegistryRow row;
      size_t len_bytes;

      g_test_message ("%s", protocol->id);
      g_assert_cmpuint (strlen (protocol->about), >, 15);
      g_assert_nonnull (strstr (protocol->python_example, "import "));
      /* What one sends first can be typed. */
      example = ptl_codec_parse_text (protocol->example, &len_bytes, NULL, NULL);
      g_assert_nonnull (example);
      /* Each has a row of its own, and no two the same. */
      ptl_registry_get_row (protocol->row, &row);
      g_assert_cmpint (row.protocol, ==, (int) i);
      g_assert_cmpuint (row.flags & PTL_REGISTRY_MAIN, !=, 0);
      g_assert_cmpuint (row.first_port, <=, protocol->port);
      g_assert_cmpuint (row.last_port, >=, protocol->port);
      /* Each line of a conversation is explained. */
      for (uint32_t k = 0; k < protocol->n_lines && protocol->n_tables > 0; k++)
        {
          PtlRegistryLine line;

          ptl_registry_get_line (protocol->first_line + k, &line);
          g_assert_cmpstr (line.note, !=, "");
        }
      for (uint32_t k = 0; k < protocol->n_tables; k++)
        {
          uint32_t n_columns, n_rows;

          g_assert_cmpstr (ptl_registry_get_table_info (protocol->first_table + k, &n_columns,
                                                        &n_rows), !=, "");
          g_assert_cmpuint (n_columns, >=, 2);
          g_assert_cmpuint (n_rows, >=, 1);
          g_assert_cmpstr (ptl_registry_get_cell (protocol->first_table + k, n_rows, 0), !=, "");
          g_assert_cmpstr (ptl_registry_get_cell (protocol->first_table + k, n_rows + 1, 0), ==,
                           "");
        }
    }
}

static void
test_find (void)
{
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  for (size_t i = 0; i < 8; i++)
    g_assert_true (ptl_registry_find_protocol (protocols[i].port, "tcp") == &protocols[i]);
  g_assert_cmpstr (ptl_registry_find_protocol (20, "tcp")->id, ==, "ftp");
  g_assert_cmpstr (ptl_registry_find_protocol (443, "tcp")->id, ==, "https");
  g_assert_cmpstr (ptl_registry_find_protocol (443, "udp")->id, ==, "http3");
  g_assert_cmpstr (ptl_registry_find_protocol (992, "tcp")->id, ==, "telnet");
  g_assert_cmpstr (ptl_registry_find_protocol (53, "udp")->id, ==, "dns");
  g_assert_cmpstr (ptl_registry_find_protocol (53, "tcp")->id, ==, "dns");
  g_assert_null (ptl_registry_find_protocol (53, "tc"));
  g_assert_null (ptl_registry_find_protocol (0, "tcp"));
  g_assert_null (ptl_registry_find_protocol (12345, "tcp"));
}

/* By their RFCs, and by IANA's words for the rest. */
static void
test_tls_first (void)
{
  static const struct
  {
    PtlRegistryTransport transport;
    uint16_t             port;
    uint16_t             plain;
  } first[] = {
    { PTL_REGISTRY_TCP, 443, 80 },     /* RFC 9110 section 4.2.2 */
    { PTL_REGISTRY_TCP, 465, 587 },    /* RFC 8314 */
    { PTL_REGISTRY_TCP, 563, 119 },    /* RFC 4642 section 1 */
    { PTL_REGISTRY_TCP, 636, 389 },
    { PTL_REGISTRY_TCP, 853, 53 },     /* RFC 7858 section 3.1 */
    { PTL_REGISTRY_TCP, 989, 20 },
    { PTL_REGISTRY_TCP, 990, 21 },
    { PTL_REGISTRY_TCP, 992, 23 },
    { PTL_REGISTRY_TCP, 993, 143 },    /* RFC 8314 */
    { PTL_REGISTRY_TCP, 995, 110 },    /* RFC 8314 */
    { PTL_REGISTRY_TCP, 322, 554 },    /* RFC 7826 section 4.2 */
    { PTL_REGISTRY_TCP, 700, 0 },      /* RFC 5734 section 8 */
    { PTL_REGISTRY_TCP, 1965, 0 },     /* Gemini; another name at IANA */
    { PTL_REGISTRY_TCP, 2083, 0 },     /* RFC 6614; 1812 is of UDP */
    { PTL_REGISTRY_TCP, 2376, 2375 },
    { PTL_REGISTRY_TCP, 4460, 0 },     /* RFC 8915 */
    { PTL_REGISTRY_TCP, 5061, 5060 },  /* RFC 3261 */
    { PTL_REGISTRY_TCP, 5223, 5222 },  /* XEP-0368; another name at IANA */
    { PTL_REGISTRY_TCP, 5349, 3478 },  /* RFC 8489 */
    { PTL_REGISTRY_TCP, 5671, 5672 },
    { PTL_REGISTRY_TCP, 5684, 5683 },  /* RFC 8323 */
    { PTL_REGISTRY_TCP, 6513, 0 },     /* RFC 7589 */
    { PTL_REGISTRY_TCP, 6514, 0 },     /* RFC 5425; 514 is of UDP */
    { PTL_REGISTRY_TCP, 6697, 6667 },  /* RFC 7194 */
    { PTL_REGISTRY_TCP, 8443, 8444 },
    { PTL_REGISTRY_TCP, 8883, 1883 },
    { PTL_REGISTRY_TCP, 10161, 0 },    /* RFC 6353; 161 is of UDP */
    { PTL_REGISTRY_UDP, 443, 0 },      /* RFC 9114: QUIC */
    { PTL_REGISTRY_UDP, 853, 53 },     /* RFC 8094, RFC 9250 */
    { PTL_REGISTRY_UDP, 5349, 3478 },  /* RFC 7350 */
    { PTL_REGISTRY_UDP, 5684, 5683 },  /* RFC 7252 section 9 */
    { PTL_REGISTRY_UDP, 6514, 514 },   /* RFC 6012 */
    { PTL_REGISTRY_UDP, 10161, 161 },  /* RFC 6353 */
  };
  /* STARTTLS, a choice of the server, an encryption of their own, none. */
  static const uint16_t plain[] = {
    0,    7,    20,   21,   22,   23,   25,   43,   53,   70,   80,    88,   110,  119,
    143,  179,  194,  389,  445,  514,  515,  554,  587,  631,  873,   1080, 1883, 2375,
    3044, 3306, 3389, 4190, 5060, 5222, 5269, 5432, 5672, 5900, 6379,  6667, 7123, 8080,
    9418, 11211, 12345, 27017, 49152, 65535,
  };
  size_t n;
  const PtlProtocol *protocols = ptl_registry_list_protocols (&n);

  for (size_t i = 0; i < G_N_ELEMENTS (first); i++)
    {
      g_test_message ("%u", first[i].port);
      g_assert_true (ptl_registry_is_tls_first (first[i].transport, first[i].port));
      g_assert_cmpuint (ptl_registry_find_plain (first[i].transport, first[i].port), ==,
                        first[i].plain);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      g_test_message ("%u", plain[i]);
      g_assert_false (ptl_registry_is_tls_first (PTL_REGISTRY_TCP, plain[i]));
    }
  g_assert_false (ptl_registry_is_tls_first (PTL_REGISTRY_UDP, 53));
  g_assert_false (ptl_registry_is_tls_first (PTL_REGISTRY_UDP, 993));
  g_assert_false (ptl_registry_is_tls_first (PTL_REGISTRY_SCTP, 443));
  for (size_t i = 0; i < n; i++)
    {
      g_test_message ("%s", protocols[i].id);
      if (protocols[i].tls_port != 0)
        g_assert_true (ptl_registry_is_tls_first (PTL_REGISTRY_TCP, protocols[i].tls_port));
      if (protocols[i].tls_port == protocols[i].port)
        continue;
      g_assert_cmpuint (ptl_registry_find_plain (PTL_REGISTRY_TCP, protocols[i].tls_port), ==,
                        protocols[i].tls_port != 0 && strstr (protocols[i].transport, "tcp") != NULL
                          ? protocols[i].port : 0);
    }
}

static const char *
name_of (PtlRegistryTransport transport,
         uint16_t             port)
{
  static PtlRegistryRow row;
  uint32_t number;

  if (!ptl_registry_find_port (transport, port, &number))
    return NULL;
  ptl_registry_get_row (number, &row);
  return row.name;
}

static void
test_lookup (void)
{
  PtlRegistryRow row;
  uint32_t number;

  g_assert_cmpuint (ptl_registry_get_n_rows (), >, 12000);
  g_assert_cmpstr (name_of (PTL_REGISTRY_TCP, 80), ==, "http");
  g_assert_cmpstr (name_of (PTL_REGISTRY_TCP, 25), ==, "smtp");
  g_assert_cmpstr (name_of (PTL_REGISTRY_TCP, 514), ==, "shell");
  g_assert_cmpstr (name_of (PTL_REGISTRY_UDP, 514), ==, "syslog");
  g_assert_cmpstr (name_of (PTL_REGISTRY_TCP, 6010), ==, "x11"); /* a range */
  g_assert_null (name_of (PTL_REGISTRY_TCP, 4));
  g_assert_null (name_of (PTL_REGISTRY_TCP, 0));
  g_assert_null (name_of (PTL_REGISTRY_TCP, 65535));
  g_assert_null (name_of (PTL_REGISTRY_SCTP, 80));

  g_assert_true (ptl_registry_find_name ("HTTP", PTL_REGISTRY_TCP, &number));
  ptl_registry_get_row (number, &row);
  g_assert_cmpuint (row.first_port, ==, 80);
  g_assert_true (ptl_registry_find_name ("x11", PTL_REGISTRY_NO_TRANSPORT, &number));
  g_assert_false (ptl_registry_find_name ("", PTL_REGISTRY_TCP, &number));
  g_assert_false (ptl_registry_find_name ("http ", PTL_REGISTRY_TCP, &number));
  g_assert_false (ptl_registry_find_name ("no-such-service", PTL_REGISTRY_TCP, &number));

  /* Every named row is found by its name, and by its port under some name. */
  for (uint32_t i = 0; i < ptl_registry_get_n_rows (); i++)
    {
      ptl_registry_get_row (i, &row);
      if (*row.name == '\0' || (row.flags & PTL_REGISTRY_IANA) == 0
          || (row.flags & PTL_REGISTRY_HAS_PORT) == 0)
        continue;
      g_assert_true (ptl_registry_find_name (row.name, row.transport, &number));
      if (row.transport == PTL_REGISTRY_TCP || row.transport == PTL_REGISTRY_UDP)
        g_assert_nonnull (name_of (row.transport, row.last_port));
    }
}

/* A copy of the built-in table, to be damaged. */
static uint8_t *
copy_blob (size_t *len)
{
  extern const uint8_t ptl_registry_blob[];
  extern const uint32_t ptl_registry_blob_size;

  *len = ptl_registry_blob_size;
  return g_memdup2 (ptl_registry_blob, ptl_registry_blob_size);
}

/* Whatever the table says, nothing outside of it is read: AddressSanitizer sees the copy's end. */
static void
use_table (const PtlRegistryTable *table)
{
  PtlRegistryRow row;
  uint32_t number;

  for (uint32_t i = 0; i < table->n_rows; i += 97)
    {
      ptl_registry_table_get_row (table, i, &row);
      g_assert_cmpuint (strlen (row.name) + strlen (row.description) + strlen (row.reference), <,
                        100000);
    }
  for (uint32_t port = 0; port < 65536; port += 251)
    if (ptl_registry_table_find_port (table, PTL_REGISTRY_UDP, (uint16_t) port, &number))
      g_assert_cmpuint (number, <, table->n_rows);
  if (ptl_registry_table_find_name (table, "http", PTL_REGISTRY_TCP, &number))
    g_assert_cmpuint (number, <, table->n_rows);
}

static void
test_damaged (void)
{
  PtlRegistryTable table;
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  unsigned n_refused = 0;
  size_t len;
  g_autofree uint8_t *good = copy_blob (&len);

  g_assert_true (ptl_registry_table_open (&table, good, len));
  use_table (&table);

  for (size_t cut = 0; cut < len; cut += len / 50 + 1)
    {
      g_autofree uint8_t *part = g_memdup2 (good, MAX (cut, 1));

      g_assert_false (ptl_registry_table_open (&table, part, cut));
      g_assert_cmpuint (table.n_rows, ==, 0);
    }
  for (unsigned i = 0; i < 300; i++)
    {
      g_autofree uint8_t *bad = g_memdup2 (good, len);
      /* Mostly the head, where a wrong number does most. */
      size_t at = (size_t) g_rand_int_range (rand, 0, i % 2 == 0 ? 128 : (gint32) len);

      bad[at] ^= (uint8_t) (1u << g_rand_int_range (rand, 0, 8));
      if (ptl_registry_table_open (&table, bad, len))
        use_table (&table);
      else
        n_refused++;
    }
  g_assert_cmpuint (n_refused, >, 100);
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
  g_test_add_func ("/registry/classic", test_classic);
  g_test_add_func ("/registry/protocols", test_protocols);
  g_test_add_func ("/registry/find", test_find);
  g_test_add_func ("/registry/tls-first", test_tls_first);
  g_test_add_func ("/registry/lookup", test_lookup);
  g_test_add_func ("/registry/damaged", test_damaged);
  g_test_add_func ("/registry/service-name", test_service_name);
  return g_test_run ();
}
