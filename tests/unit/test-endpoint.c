/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts and ports as people type them: what each means, what is wrong and where. */
#include "config.h"

#include "base/ptl-endpoint.h"
#include "base/ptl-error.h"

#include <string.h>

#include <arpa/inet.h>

#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME253 LABEL63 "." LABEL63 "." LABEL63 \
                ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What it means: the address as text, or the host's name. */
static char *
meaning (const PtlEndpoint *endpoint)
{
  char text[PTL_ADDRESS_TEXT_MAX];

  switch (endpoint->host_kind)
    {
    case PTL_HOST_ANY:
      return g_strdup ("any");
    case PTL_HOST_BROADCAST:
      g_assert_cmpstr (ptl_address_format_host (&endpoint->address, text, sizeof text), ==,
                       "255.255.255.255");
      return g_strdup ("broadcast");
    case PTL_HOST_NAME:
      return g_strdup_printf ("name %s", endpoint->host);
    default:
      if (endpoint->zone != NULL)
        {
          PtlAddress address = endpoint->address;

          address.in6.sin6_scope_id = 0;
          ptl_address_format_host (&address, text, sizeof text);
          return g_strdup_printf ("%s zone %s", text, endpoint->zone);
        }
      return g_strdup (ptl_address_format_host (&endpoint->address, text, sizeof text));
    }
}

static void
test_hosts (void)
{
  static const struct
  {
    const char *host;
    const char *meaning;
  } rows[] = {
    { "", "any" },
    { "   ", "any" },
    { "*", "any" },
    { "\"\"", "any" },
    { " \"\" ", "any" },
    { "<broadcast>", "broadcast" },
    { "<Broadcast>", "broadcast" },
    { " <broadcast>\n", "broadcast" },
    { "0", "0.0.0.0" },
    { "1", "0.0.0.1" },
    { "2130706433", "127.0.0.1" },
    { "4294967295", "255.255.255.255" },
    { "0x7f000001", "127.0.0.1" },
    { "0X7F000001", "127.0.0.1" },
    { "0xffffffff", "255.255.255.255" },
    { "0x00000000007f000001", "127.0.0.1" },
    { "127.0.0.1", "127.0.0.1" },
    { " 127.0.0.1 ", "127.0.0.1" },
    { "0.0.0.0", "0.0.0.0" },
    { "255.255.255.255", "255.255.255.255" },
    { "::", "::" },
    { "::1", "::1" },
    { "[::1]", "::1" },
    { "\t[::1]", "::1" },
    { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
    { "::FFFF:1.2.3.4", "::ffff:1.2.3.4" },
    { "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
    { "fe80::1%lo", "fe80::1 zone lo" },
    { "[fe80::1%lo]", "fe80::1 zone lo" },
    { "fe80::1%no-such-iface", "fe80::1 zone no-such-iface" },
    { "fe80::1%1", "fe80::1 zone 1" },
    { "fe80::1%4294967295", "fe80::1 zone 4294967295" },
    { "::1%lo", "::1 zone lo" },
    { "localhost", "name localhost" },
    { "LOCALHOST", "name LOCALHOST" },
    { "example.org", "name example.org" },
    { "example.org.", "name example.org." },
    { "a", "name a" },
    { "a-b_c.d", "name a-b_c.d" },
    { "1.2.3.4x", "name 1.2.3.4x" },
    { "1.2.3.x", "name 1.2.3.x" },
    { "\357\274\221x", "name \357\274\221x" },
    { "3com", "name 3com" },
    { "0xyz", "name 0xyz" },
    { "0x7g", "name 0x7g" },
    { "deadbeef", "name deadbeef" },
    { "node.5", "name node.5" },
    { "bücher.example", "name bücher.example" },
    { "例え.テスト", "name 例え.テスト" },
    { "xn--bcher-kva.example", "name xn--bcher-kva.example" },
    { LABEL63, "name " LABEL63 },
    { NAME253, "name " NAME253 },
    { NAME253 ".", "name " NAME253 "." },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (PtlEndpoint) endpoint = { 0 };
      g_auto (PtlEndpoint) back = { 0 };
      g_autofree char *what = NULL;
      g_autofree char *text = NULL;
      bool ok = ptl_endpoint_parse_host_port (&endpoint, rows[i].host, "80", NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_true (ok);
      what = meaning (&endpoint);
      g_assert_cmpstr (what, ==, rows[i].meaning);
      g_assert_nonnull (endpoint.host);
      g_assert_cmpuint (endpoint.port, ==, 80);
      if (endpoint.address.len > 0)
        g_assert_cmpuint (ptl_address_get_port (&endpoint.address), ==, 80);

      text = ptl_endpoint_to_text (&endpoint);
      ok = ptl_endpoint_parse (&back, text, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (ok);
      g_assert_true (ptl_endpoint_equal (&endpoint, &back));
    }
}

static void
assert_failed (bool         ok,
               PtlEndpoint *endpoint,
               GError      *error,
               size_t       at,
               size_t       expected_at,
               const char  *row,
               const char  *part)
{
  PtlEndpoint empty;

  memset (&empty, 0, sizeof empty);
  if (ok)
    g_error ("“%s” was taken", row);
  g_assert_error (error, PTL_ERROR, PTL_ERROR_PARSE);
  if (strstr (error->message, part) == NULL || at != expected_at)
    g_test_fail_printf ("“%s”: %zu, %s", row, at, error->message);
  g_assert_cmpmem (endpoint, sizeof *endpoint, &empty, sizeof empty);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_bad_hosts (void)
{
  static const struct
  {
    const char *host;
    size_t      at;
    const char *part;
  } rows[] = {
    { "4294967296", 9, "character 10, “6”: the number is more than 4294967295" },
    { "99999999999999999999", 9, "more than 4294967295" },
    { "0x100000000", 10, "more than 0xffffffff" },
    { "0x", 2, "character 3, the end: hexadecimal digits are missing" },
    { "010", 0, "octal" },
    { "00", 0, "octal" },
    { "1.2.3", 5, "character 6, the end: an IPv4 address has four numbers, here are 3" },
    { "127.1", 5, "here are 2" },
    { "\357\274\221\357\274\222\357\274\227.1", 0, "“\357\274\221”: an address is written with" },
    { "127\343\200\2020.0.1", 3, "an address is written with the digits 0 to 9" },
    { "12\302\262", 2, "an address is written with the digits 0 to 9" },
    { "1.", 2, "a number is missing here" },
    { ".1", 0, "a number is missing here" },
    { "1.2.3.4.5", 7, "“.”: an IPv4 address has four numbers, here are more" },
    { "1.2.3.4.", 7, "here are more" },
    { "1..2.3", 2, "a number is missing" },
    { "256.1.1.1", 0, "character 1, “2”: 256 is more than 255" },
    { "1.2.3.256", 6, "character 7, “2”: 256 is more than 255" },
    { "1.2.3.99999999999999999999999999", 6, "is more than 255" },
    { "01.2.3.4", 0, "octal" },
    { "1.2.3.04", 6, "octal" },
    { "0x7f.0.0.1", 0, "decimal" },
    { "-1", 0, "an address is not negative" },
    { "-a", 0, "does not start with a hyphen" },
    { "+1", 0, "does not have this character" },
    { "a b", 1, "character 2, a space" },
    { "a\nb", 1, "character 2, U+000A" },
    { "a\x01", 1, "U+0001" },
    { "a\x7f", 1, "U+007F" },
    { "bü cher", 3, "character 3, a space" },
    { "a\xff", 1, "byte 0xFF: this is not UTF-8" },
    { "a\xe2\x80\xae" "b", 1, "U+202E" },
    { "a\xc2\xa0" "b", 1, "does not have this character" },
    { "a\xef\xbb\xbf", 1, "U+FEFF" },
    { "a\xee\x80\x80", 1, "U+E000" },
    { "a..b", 2, "a label is missing" },
    { ".a", 0, "does not start with a dot" },
    { ".", 0, "does not start with a dot" },
    { "a..", 2, "a label is missing" },
    { "http://x", 4, "without “scheme://”" },
    { "x/y", 1, "a host has no “/”" },
    { "me@x", 2, "a host has no “@”" },
    { "\"", 0, "does not have this character" },
    { "\"\"x", 0, "does not have this character" },
    { "a<b>", 1, "only <broadcast>" },
    { "<broadcast", 0, "only <broadcast>" },
    { "eth%0", 3, "only an IPv6 address has a zone" },
    { "a,b", 1, "“,”" },
    { "a\\b", 1, "“\\”" },
    { "localhost:80", 9, "the port has a field of its own" },
    { "1.2.3.4:80", 7, "the port has a field of its own" },
    { "[::1]:80", 5, "the port has a field of its own" },
    { "[::1]x", 5, "nothing follows the closing bracket" },
    { "[::1", 4, "the bracket is not closed" },
    { "[]", 1, "eight groups" },
    { "[1.2.3.4]", 8, "eight groups" },
    { "[localhost]", 1, "hexadecimal digits and colons" },
    { "1:2:3:4:5:6:7", 13, "here are 7" },
    { "1:2:3:4:5:6:7:8:9", 16, "here are more" },
    { "1::2::3", 4, "“::” may stand only once" },
    { ":::1", 2, "three colons in a row" },
    { ":1:2", 0, "does not start with a single colon" },
    { "1:2:", 3, "does not end with a single colon" },
    { "::12345", 6, "at most four digits" },
    { "::g", 2, "character 3, “g”: an IPv6 address has hexadecimal digits" },
    { "::1.2.3", 7, "four numbers" },
    { "::1.2.3.256", 8, "256 is more than 255" },
    { "::1.2.3.4:5", 2, "only be at the end" },
    { "fe80::1%", 8, "a zone is missing" },
    { "fe80::1%0", 8, "at least 1" },
    { "fe80::1%4294967296", 8, "at most 4294967295" },
    { "fe80::1%a b", 9, "a space" },
    { "fe80::1%a/b", 9, "“/”" },
    { "fe80::1%abcdefghijklmnop", 23, "at most 15 bytes" },
    { "[fe80::1%a/b]", 10, "“/”" },
    { LABEL63 "a", 63, "at most 63" },
    { NAME253 "a", 253, "at most 253" },
    { NAME253 ".a", 253, "at most 253" },
    { "  a b", 3, "character 4, a space" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      PtlEndpoint endpoint;
      size_t at = 999;
      bool in_port = true;
      bool ok = ptl_endpoint_parse_host_port (&endpoint, rows[i].host, "80", &at, &in_port,
                                              &error);

      assert_failed (ok, &endpoint, error, at, rows[i].at, rows[i].host, rows[i].part);
      g_assert_false (in_port);
      g_assert_false (ptl_endpoint_parse_host_port (&endpoint, rows[i].host, "80", NULL, NULL,
                                                    NULL));
    }
}

static void
test_ports (void)
{
  static const struct
  {
    const char *text;
    int         port; /* -1: a service */
    const char *service;
  } rows[] = {
    { "0", 0, NULL }, { "1", 1, NULL }, { "65535", 65535, NULL }, { " 80 ", 80, NULL },
    { "00080", 80, NULL }, { "\t80\n", 80, NULL },
    { "http", -1, "http" }, { " http ", -1, "http" }, { "HTTP", -1, "HTTP" },
    { "iso-tsap", -1, "iso-tsap" }, { "3com-tsmux", -1, "3com-tsmux" }, { "9pfs", -1, "9pfs" },
    { "whois++", -1, "whois++" }, { "a_b.c", -1, "a_b.c" },
    { LABEL63, -1, LABEL63 },
  };
  static const struct
  {
    const char *text;
    size_t      at;
    const char *part;
  } bad[] = {
    { "", 0, "a port is missing" },
    { "  ", 2, "a port is missing" },
    { "65536", 0, "0 to 65535" },
    { "99999999999999999999", 0, "0 to 65535" },
    { "-1", 0, "without a sign" },
    { "+1", 0, "without a sign" },
    { "0x50", 1, "decimal" },
    { "80 81", 2, "a space" },
    { "80,81", 2, "one port goes here" },
    { "80-81", 2, "one number goes here" },
    { "80.5", 2, "one number goes here" },
    { "ht tp", 2, "a space" },
    { "http/", 4, "“/”" },
    { "h\x01", 1, "U+0001" },
    { "hä", 1, "character 2, “ä”" },
    { "h\xff", 1, "byte 0xFF" },
    { LABEL63 "a", 63, "at most 63" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PtlEndpoint) endpoint = { 0 };

      g_assert_true (ptl_endpoint_parse_host_port (&endpoint, "1.2.3.4", rows[i].text, NULL, NULL,
                                                   NULL));
      g_assert_cmpstr (endpoint.service, ==, rows[i].service);
      g_assert_cmpint ((int) endpoint.port, ==, MAX (rows[i].port, 0));
      g_assert_cmpint (ptl_address_get_port (&endpoint.address), ==, MAX (rows[i].port, 0));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      PtlEndpoint endpoint;
      size_t at = 999;
      bool in_port = false;
      bool ok = ptl_endpoint_parse_host_port (&endpoint, "x", bad[i].text, &at, &in_port, &error);

      assert_failed (ok, &endpoint, error, at, bad[i].at, bad[i].text, bad[i].part);
      g_assert_true (in_port);
    }
}

static void
test_both (void)
{
  static const struct
  {
    const char *text;
    const char *default_port;
    const char *expected; /* back as text */
  } rows[] = {
    { "localhost:80", NULL, "localhost:80" },
    { " localhost:http ", NULL, "localhost:http" },
    { "localhost", "25", "localhost:25" },
    { "localhost:", "25", "localhost:25" },
    { ":80", NULL, ":80" },
    { "*:80", NULL, "*:80" },
    { "", "7", ":7" },
    { "\"\"", "7", ":7" },
    { "[::1]:80", NULL, "[::1]:80" },
    { "[::1]", "80", "[::1]:80" },
    { "::1", "80", "[::1]:80" },
    { "[fe80::1%lo]:ssh", NULL, "[fe80::1%lo]:ssh" },
    { "<broadcast>:9", NULL, "<broadcast>:9" },
    { "2130706433:80", NULL, "2130706433:80" },
  };
  static const struct
  {
    const char *text;
    const char *default_port;
    size_t      at;
    const char *part;
  } bad[] = {
    { "localhost", NULL, 9, "a port is missing" },
    { "localhost:", NULL, 10, "a port is missing" },
    { "::1", NULL, 3, "a port is missing" },
    { "", NULL, 0, "a port is missing" },
    { "[::1]80", NULL, 5, "only “:” and a port" },
    { "[::1", NULL, 4, "not closed" },
    { " a b:80", NULL, 2, "character 3, a space" },
    { " ab:8 0", NULL, 5, "character 6, a space" },
    { "ab:80:90", NULL, 8, "eight groups, here are 3" },
    { "ab:65536", NULL, 3, "0 to 65535" },
    { "[::g]:80", NULL, 3, "“g”" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PtlEndpoint) endpoint = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      ptl_endpoint_parse (&endpoint, rows[i].text, rows[i].default_port, NULL, &error);
      g_assert_no_error (error);
      text = ptl_endpoint_to_text (&endpoint);
      g_assert_cmpstr (text, ==, rows[i].expected);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      PtlEndpoint endpoint;
      size_t at = 999;
      bool ok = ptl_endpoint_parse (&endpoint, bad[i].text, bad[i].default_port, &at, &error);

      assert_failed (ok, &endpoint, error, at, bad[i].at, bad[i].text, bad[i].part);
    }
}

static void
test_unix (void)
{
  char longest[109];
  static const struct
  {
    const char *text;
    bool        abstract;
    const char *bytes;
    size_t      len;
    const char *back;
  } rows[] = {
    { "/run/x.sock", false, "/run/x.sock", 11, "/run/x.sock" },
    { "./x", false, "./x", 3, "./x" },
    { "x", false, "x", 1, "x" },
    { " x ", false, " x ", 3, " x " },
    { "./@x", false, "./@x", 4, "./@x" },
    { "/a\\n", false, "/a\\n", 4, "/a\\n" },
    { "/tmp/ü", false, "/tmp/ü", 7, "/tmp/ü" },
    { "@name", true, "name", 4, "@name" },
    { "@na\\0me", true, "na\0me", 5, "@na\\0me" },
    { "@\\x01\\\\", true, "\x01\\", 2, "@\\x01\\\\" },
    { "@@", true, "@", 1, "@@" },
    { "@/run/x", true, "/run/x", 6, "@/run/x" },
    { "@\\xff", true, "\xff", 1, "@\\xff" },
  };
  static const struct
  {
    const char *text;
    size_t      at;
    const char *part;
  } bad[] = {
    { "", 0, "a path is missing" },
    { "@", 1, "a name is missing" },
    { "@a\\q", 3, "no escape is called so" },
    { "@a\\", 2, "an escape is begun" },
    { "/a\nb", 2, "U+000A" },
    { "/a\xff", 2, "not UTF-8" },
    { "/a\xe2\x80\xae", 2, "U+202E" },
  };
  PtlEndpoint endpoint;
  g_autoptr (GError) error = NULL;
  size_t at;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PtlEndpoint) unix_endpoint = { 0 };
      g_auto (PtlEndpoint) back = { 0 };
      g_autoptr (GError) none = NULL;
      g_autofree char *text = NULL;
      PtlAddress address;

      ptl_endpoint_parse_unix (&unix_endpoint, rows[i].text, NULL, &none);
      g_assert_no_error (none);
      g_assert_cmpint (ptl_address_set_unix (&address, rows[i].bytes, rows[i].len,
                                             rows[i].abstract), ==, 0);
      g_assert_true (ptl_address_equal (&unix_endpoint.address, &address));
      text = ptl_endpoint_to_text (&unix_endpoint);
      g_assert_cmpstr (text, ==, rows[i].back);
      g_assert_true (ptl_endpoint_parse_unix (&back, text, NULL, NULL));
      g_assert_true (ptl_endpoint_equal (&unix_endpoint, &back));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) bad_error = NULL;
      bool ok;

      at = 999;
      ok = ptl_endpoint_parse_unix (&endpoint, bad[i].text, &at, &bad_error);
      assert_failed (ok, &endpoint, bad_error, at, bad[i].at, bad[i].text, bad[i].part);
    }

  memset (longest, 'x', sizeof longest);
  longest[107] = '\0';
  g_assert_true (ptl_endpoint_parse_unix (&endpoint, longest, NULL, NULL));
  ptl_endpoint_clear (&endpoint);
  longest[107] = 'x';
  longest[108] = '\0';
  g_assert_false (ptl_endpoint_parse_unix (&endpoint, longest, &at, &error));
  g_assert_nonnull (strstr (error->message, "the path has 108 bytes, a socket's has at most 107"));
  g_assert_cmpuint (at, ==, 107);
  g_clear_error (&error);
  longest[0] = '@';
  g_assert_true (ptl_endpoint_parse_unix (&endpoint, longest, NULL, NULL));
  ptl_endpoint_clear (&endpoint);
}

static void
test_vsock (void)
{
  static const struct
  {
    const char *cid;
    const char *port;
    uint32_t    cid_value;
    uint32_t    port_value;
    const char *back;
  } rows[] = {
    { "2", "1234", 2, 1234, "2:1234" },
    { "host", "1", VMADDR_CID_HOST, 1, "host:1" },
    { " Local ", " 1 ", VMADDR_CID_LOCAL, 1, "Local:1" },
    { "any", "any", VMADDR_CID_ANY, VMADDR_PORT_ANY, "any:any" },
    { "", "0", VMADDR_CID_ANY, 0, ":0" },
    { "4294967294", "4294967295", 4294967294u, VMADDR_PORT_ANY, "4294967294:any" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PtlEndpoint) endpoint = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      ptl_endpoint_parse_vsock (&endpoint, rows[i].cid, rows[i].port, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (endpoint.address.vm.svm_cid, ==, rows[i].cid_value);
      g_assert_cmpuint (endpoint.address.vm.svm_port, ==, rows[i].port_value);
      g_assert_cmpuint (endpoint.port, ==, rows[i].port_value);
      text = ptl_endpoint_to_text (&endpoint);
      g_assert_cmpstr (text, ==, rows[i].back);
    }
  for (unsigned i = 0; i < 4; i++)
    {
      static const char *const bad[][2] = {
        { "x", "1" }, { "4294967296", "1" }, { "1", "http" }, { "1", "" }
      };
      g_autoptr (GError) error = NULL;
      PtlEndpoint endpoint;
      size_t at = 999;
      bool in_port;
      bool ok = ptl_endpoint_parse_vsock (&endpoint, bad[i][0], bad[i][1], &at, &in_port, &error);

      assert_failed (ok, &endpoint, error, at, 0, bad[i][0], i < 2 ? "context id" : "vsock port");
      g_assert_cmpint (in_port, ==, i >= 2);
    }
}

static void
test_values (void)
{
  static const char *const texts[] = {
    ":1", ":2", "<broadcast>:1", "1.2.3.4:1", "1.2.3.5:1", "1.2.3.4:http", "[::1]:1",
    "[fe80::1%lo]:1", "[fe80::1%1]:1", "[fe80::1]:1", "a:1", "b:1", "A:1",
  };
  g_auto (PtlEndpoint) integer = { 0 };
  g_auto (PtlEndpoint) quad = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (texts); k++)
      {
        g_auto (PtlEndpoint) a = { 0 };
        g_auto (PtlEndpoint) b = { 0 };
        g_auto (PtlEndpoint) copy = { 0 };

        g_assert_true (ptl_endpoint_parse (&a, texts[i], NULL, NULL, NULL));
        g_assert_true (ptl_endpoint_parse (&b, texts[k], NULL, NULL, NULL));
        ptl_endpoint_copy (&copy, &b);
        g_assert_cmpint (ptl_endpoint_equal (&a, &copy), ==, i == k);
      }

  g_assert_true (ptl_endpoint_parse (&integer, "2130706433:1", NULL, NULL, NULL));
  g_assert_true (ptl_endpoint_parse (&quad, "127.0.0.1:1", NULL, NULL, NULL));
  g_assert_true (ptl_endpoint_equal (&integer, &quad));
  ptl_endpoint_clear (&quad);
  ptl_endpoint_clear (&quad);
  ptl_endpoint_clear (NULL);
}

/* Whatever is taken, is written so that it is taken again and means the same. */
static void
test_noise (void)
{
  static const char alphabet[] = "0123456789abcdefx.:%[]<>*-_/@ \x01\xc3\xbc\xff";

  for (unsigned i = 0; i < 50000; i++)
    {
      char text[24];
      int n = g_test_rand_int_range (0, sizeof text);
      g_auto (PtlEndpoint) endpoint = { 0 };
      g_autoptr (GError) error = NULL;
      size_t at = 999;

      for (int k = 0; k < n; k++)
        text[k] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      text[n] = '\0';
      if (ptl_endpoint_parse (&endpoint, text, "1", &at, &error))
        {
          g_auto (PtlEndpoint) back = { 0 };
          g_autofree char *again = ptl_endpoint_to_text (&endpoint);

          if (!ptl_endpoint_parse (&back, again, NULL, NULL, &error))
            g_error ("“%s” became “%s”: %s", text, again, error->message);
          g_assert_true (ptl_endpoint_equal (&endpoint, &back));
        }
      else
        {
          g_assert_cmpuint (at, <=, (size_t) n);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/hosts", test_hosts);
  g_test_add_func ("/endpoint/bad-hosts", test_bad_hosts);
  g_test_add_func ("/endpoint/ports", test_ports);
  g_test_add_func ("/endpoint/both", test_both);
  g_test_add_func ("/endpoint/unix", test_unix);
  g_test_add_func ("/endpoint/vsock", test_vsock);
  g_test_add_func ("/endpoint/values", test_values);
  g_test_add_func ("/endpoint/noise", test_noise);
  return g_test_run ();
}
