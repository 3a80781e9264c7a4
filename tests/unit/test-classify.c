/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was typed is recognised; the files that say how names are found are read. */
#include "config.h"

#include "lookup/ptl-classify.h"
#include "lookup/ptl-idna.h"
#include "lookup/ptl-nss.h"

#include <string.h>

#include <glib/gstdio.h>

static void
test_kinds (void)
{
  static const struct
  {
    const char *text;
    PtlKind     kind;
    const char *host;    /* or NULL */
    const char *address; /* or NULL */
    const char *service; /* or NULL */
    int         port;
    int         prefix;
  } cases[] = {
    { "", PTL_KIND_NOTHING, NULL, NULL, NULL, -1, -1 },
    { "  ", PTL_KIND_NOTHING, NULL, NULL, NULL, -1, -1 },
    { " 192.0.2.1 ", PTL_KIND_IPV4, NULL, "192.0.2.1", NULL, -1, -1 },
    { "::1", PTL_KIND_IPV6, NULL, "::1", NULL, -1, -1 },
    { "[::1]", PTL_KIND_IPV6, NULL, "::1", NULL, -1, -1 },
    { "fe80::1%lo", PTL_KIND_IPV6, NULL, "fe80::1%lo", NULL, -1, -1 },
    { "2130706433", PTL_KIND_INTEGER, NULL, "127.0.0.1", NULL, -1, -1 },
    { "0x7f000001", PTL_KIND_INTEGER, NULL, "127.0.0.1", NULL, -1, -1 },
    { "\"\"", PTL_KIND_ANY, NULL, "0.0.0.0", NULL, -1, -1 },
    { "*", PTL_KIND_ANY, NULL, "0.0.0.0", NULL, -1, -1 },
    { "<broadcast>", PTL_KIND_BROADCAST, NULL, "255.255.255.255", NULL, -1, -1 },
    { "192.0.2.0/24", PTL_KIND_SUBNET, NULL, "192.0.2.0", NULL, -1, 24 },
    { "192.0.2.0/255.255.255.0", PTL_KIND_SUBNET, NULL, "192.0.2.0", NULL, -1, 24 },
    { "2001:db8::/32", PTL_KIND_SUBNET, NULL, "2001:db8::", NULL, -1, 32 },
    { "80", PTL_KIND_PORT, NULL, NULL, NULL, 80, -1 },
    { "0", PTL_KIND_PORT, NULL, NULL, NULL, 0, -1 },
    { "65535", PTL_KIND_PORT, NULL, NULL, NULL, 65535, -1 },
    { "65536", PTL_KIND_INTEGER, NULL, "0.1.0.0", NULL, -1, -1 },
    { "http", PTL_KIND_SERVICE, "http", NULL, "http", -1, -1 },
    { "localhost", PTL_KIND_SERVICE, "localhost", NULL, "localhost", -1, -1 },
    { "www.example.org", PTL_KIND_NAME, "www.example.org", NULL, NULL, -1, -1 },
    { "_sip._udp.example.org", PTL_KIND_NAME, "_sip._udp.example.org", NULL, NULL, -1, -1 },
    { ".", PTL_KIND_NAME, ".", NULL, NULL, -1, -1 },
    { "https://example.org/path?q#f", PTL_KIND_URI, "example.org", NULL, "https", -1, -1 },
    { "tcp://[::1]:993", PTL_KIND_URI, NULL, "::1", NULL, 993, -1 },
    { "ftp://user:pass@example.org:2121/x", PTL_KIND_URI, "example.org", NULL, NULL, 2121, -1 },
    { "lo", PTL_KIND_INTERFACE, "lo", NULL, NULL, -1, -1 },
    { "localhost:http", PTL_KIND_ENDPOINT, "localhost", NULL, "http", -1, -1 },
    { "[::1]:80", PTL_KIND_ENDPOINT, NULL, "::1", NULL, 80, -1 },
    { "127.0.0.1:80", PTL_KIND_ENDPOINT, NULL, "127.0.0.1", NULL, 80, -1 },
    { "\"\":80", PTL_KIND_ENDPOINT, NULL, "0.0.0.0", NULL, 80, -1 },
    { ":http", PTL_KIND_ENDPOINT, NULL, "0.0.0.0", "http", -1, -1 },
    { "<broadcast>:9", PTL_KIND_ENDPOINT, NULL, "255.255.255.255", NULL, 9, -1 },
    { "*:80", PTL_KIND_ENDPOINT, NULL, "0.0.0.0", NULL, 80, -1 },
    { "2130706433:80", PTL_KIND_ENDPOINT, NULL, "127.0.0.1", NULL, 80, -1 },
    { "[fe80::1%lo]:80", PTL_KIND_ENDPOINT, NULL, "fe80::1%lo", NULL, 80, -1 },
    { "127.1", PTL_KIND_SHORT, NULL, "127.0.0.1", NULL, -1, -1 },
    { "10.0.0", PTL_KIND_SHORT, NULL, "10.0.0.0", NULL, -1, -1 },
    { "1.2.3", PTL_KIND_SHORT, NULL, "1.2.0.3", NULL, -1, -1 },
    { "0x7f.1", PTL_KIND_SHORT, NULL, "127.0.0.1", NULL, -1, -1 },
    { "010.0.0.1", PTL_KIND_SHORT, NULL, "8.0.0.1", NULL, -1, -1 },
    { "1.2.65535", PTL_KIND_SHORT, NULL, "1.2.255.255", NULL, -1, -1 },
    { "1.16777215", PTL_KIND_SHORT, NULL, "1.255.255.255", NULL, -1, -1 },
    { "0xa.0Xb.014.13", PTL_KIND_SHORT, NULL, "10.11.12.13", NULL, -1, -1 },
    { "1.2.65536", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "1.16777216", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "1.2.3.256", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "1.256.3", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "1.0x.3", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "127.1:80", PTL_KIND_ENDPOINT, NULL, "127.0.0.1", NULL, 80, -1 },
    { "127.1/8", PTL_KIND_SUBNET, NULL, "127.0.0.1", NULL, -1, 8 },
    { "http://127.1/", PTL_KIND_URI, NULL, "127.0.0.1", "http", -1, -1 },
    { "http://[fe80::1%25lo]:8080/", PTL_KIND_URI, NULL, "fe80::1%lo", NULL, 8080, -1 },
    { "http://ex%61mple.org", PTL_KIND_URI, "example.org", NULL, "http", -1, -1 },
    { "25/tcp", PTL_KIND_PORT, NULL, NULL, NULL, 25, -1 },
    { "http/UDP", PTL_KIND_SERVICE_ONLY, NULL, NULL, "http", -1, -1 },
    { "z39.50", PTL_KIND_SERVICE_ONLY, NULL, NULL, "z39.50", -1, -1 },
    { "sql*net", PTL_KIND_SERVICE_ONLY, NULL, NULL, "sql*net", -1, -1 },
    { "whois++", PTL_KIND_SERVICE_ONLY, NULL, NULL, "whois++", -1, -1 },
    { "914c/g", PTL_KIND_SERVICE_ONLY, NULL, NULL, "914c/g", -1, -1 },
    { "*.example.org", PTL_KIND_NAME, "*.example.org", NULL, NULL, -1, -1 },
    { "unix:/run/x.sock", PTL_KIND_UNIX_PATH, NULL, NULL, NULL, -1, -1 },
    { "unix:///run/x.sock", PTL_KIND_UNIX_PATH, NULL, NULL, NULL, -1, -1 },
    { "unix+seqpacket:/run/x", PTL_KIND_UNIX_PATH, NULL, NULL, NULL, -1, -1 },
    { "unix+dgram:/run/x", PTL_KIND_UNIX_PATH, NULL, NULL, NULL, -1, -1 },
    { "/run/a b", PTL_KIND_UNIX_PATH, NULL, NULL, NULL, -1, -1 },
    { "./x", PTL_KIND_UNIX_PATH, NULL, NULL, NULL, -1, -1 },
    { "unix:@name", PTL_KIND_UNIX_ABSTRACT, NULL, NULL, NULL, -1, -1 },
    { "@a\\0b", PTL_KIND_UNIX_ABSTRACT, NULL, NULL, NULL, -1, -1 },
    { "vsock://2:1024", PTL_KIND_VSOCK, NULL, NULL, NULL, -1, -1 },
    { "a b", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "256.1.1.1", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "1.2.3.4.5", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "1.2.3.4.", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "08.1.1.1", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "4294967296", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "-1", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "a..b", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "www/24", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "10.0.0.1/tcp", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "unix:", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "@", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "vsock://2", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "file:///etc/hosts", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "192.0.2.0/33", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "://", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
    { "\xff", PTL_KIND_UNKNOWN, NULL, NULL, NULL, -1, -1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PtlClassified) classified = { 0 };
      g_autofree char *shown = g_strescape (cases[i].text, NULL);
      char text[PTL_ADDRESS_TEXT_MAX];

      g_test_message ("%s", shown);
      ptl_classify (&classified, cases[i].text);
      g_assert_cmpint (classified.kind, ==, cases[i].kind);
      g_assert_cmpstr (classified.host, ==, cases[i].host);
      g_assert_cmpstr (classified.service, ==, cases[i].service);
      g_assert_cmpint (classified.port, ==, cases[i].port);
      g_assert_cmpint (classified.prefix, ==, cases[i].prefix);
      g_assert_true ((classified.address.len > 0) == (cases[i].address != NULL));
      if (cases[i].address != NULL)
        g_assert_cmpstr (ptl_address_format_host (&classified.address, text, sizeof text), ==,
                         cases[i].address);
      g_assert_true ((classified.error != NULL) == (classified.kind == PTL_KIND_UNKNOWN));
      g_assert_nonnull (ptl_kind_get_text (classified.kind));
    }
}

/* What is said of it, whole or from its start. */
static void
test_words (void)
{
  static const struct
  {
    const char *text;
    const char *told;
  } cases[] = {
    { "", "" },
    { "127.0.0.1", "This is an IPv4 address" },
    { "127.1", "This is an IPv4 address in another form, as inet_aton() takes it: 127.0.0.1" },
    { "2130706433", "This is an IPv4 address written as an integer: 127.0.0.1" },
    { "256.1.1.1", "Not recognised: it looks like an IPv4 address, but character 1, “2”: 256 is "
                   "more than 255" },
    { "1.2.3.4.5", "Not recognised: it looks like an IPv4 address, but character 8, “.”: an IPv4 "
                   "address has four numbers, here are more" },
    { "256.1.1.1:80", "Not recognised: it looks like an IPv4 address, but character 1, “2”: 256 "
                      "is more than 255" },
    { "10.0.0.0/33", "Not recognised: A prefix is a number from 0 to 32, or a mask" },
    { "10.0.0.0/255.0.255.0", "Not recognised: The mask 255.0.255.0 has holes" },
    { "2001:db8::/129", "Not recognised: A prefix is a number from 0 to 128" },
    { "fe80::1%lo", "This is an IPv6 address" },
    { "fe80::1%nope", "This is an IPv6 address, but this computer has no interface nope now" },
    { "fe80::1%4000000000", "This is an IPv6 address, but this computer has no interface "
                            "4000000000 now" },
    { "fe80::%nope/64", "This is an address with the prefix of its subnet, but this computer has "
                        "no interface nope now" },
    { "localhost:99999", "Not recognised: character 11, “9”: a port is a number from 0 to 65535" },
    { "\"\":80", "This is a host and a port; the host is any address of this computer "
                 "(INADDR_ANY)" },
    { "http://127.1/", "This is a URI; the host is an IPv4 address in another form, as "
                       "inet_aton() takes it: 127.0.0.1" },
    { "ftp://bücher.example/", "This is a URI; the host is a host name: bücher.example, in DNS "
                               "xn--bcher-kva.example" },
    { "http://", "Not recognised: this URI has no host" },
    { "localhost", "This is a service name, or a host name without a domain" },
    { "unix:@name", "This is the abstract name of a Unix socket" },
    { "/run/x.sock", "This is the path of a Unix socket" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PtlClassified) classified = { 0 };
      g_autofree char *told = NULL;

      ptl_classify (&classified, cases[i].text);
      told = ptl_classified_to_text (&classified);
      g_assert_cmpstr (told, ==, cases[i].told);
    }
}

/* What Connect takes. */
static void
test_targets (void)
{
  static const struct
  {
    const char *text;
    const char *target;
    const char *name;
  } cases[] = {
    { "unix:/run/x.sock", "unix:/run/x.sock", "/run/x.sock" },
    { "unix:///run/x%20y", "unix:/run/x%20y", "/run/x y" },
    { "/run/x y", "unix:/run/x%20y", "/run/x y" },
    { "unix+seqpacket:@x?nothing=0", NULL, NULL },
    { "unix+seqpacket:@x", "unix+seqpacket:@x", "@x" },
    { "unix+dgram:/x", "unix+dgram:/x", "/x" },
    { "@x", "unix:@x", "@x" },
    { "vsock://host:1024", "vsock://host:1024", "host:1024" },
    { "http://localhost", NULL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PtlClassified) classified = { 0 };
      char text[PTL_ADDRESS_TEXT_MAX];

      g_test_message ("%s", cases[i].text);
      ptl_classify (&classified, cases[i].text);
      g_assert_cmpstr (classified.target, ==, cases[i].target);
      g_assert_true ((classified.socket.len > 0) == (cases[i].target != NULL));
      if (cases[i].target != NULL && ptl_address_get_family (&classified.socket) == AF_UNIX)
        g_assert_cmpstr (ptl_address_format (&classified.socket, text, sizeof text), ==,
                         cases[i].name);
    }
}

static void
test_passwords (void)
{
  static const struct
  {
    const char *text;
    const char *kept;
  } cases[] = {
    { "localhost", "localhost" },
    { "@name", "@name" },
    { "http://example.org/a?b#c", "http://example.org/a?b#c" },
    { "ftp://user:secret@example.org:2121/x", "ftp://example.org:2121/x" },
    { "ftp://user@example.org", "ftp://example.org" },
    { "ftp://user:sec@ret@example.org/x", "ftp://example.org/x" },
    { "ftp://:secret@[::1]:21", "ftp://[::1]:21" },
    { "ftp://user:sec/ret@example.org", "ftp://user" },
    { "ftp://user:sec?ret@example.org/", "ftp://user" },
    { "ftp://user:secret@example.org/~me@home", "ftp://example.org" },
    { "https://example.org:8080/@user", "https://example.org:8080" },
    { "https://[::1]:8080/@user", "https://[::1]:8080" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *kept = ptl_classify_dup_without_password (cases[i].text);

      g_assert_cmpstr (kept, ==, cases[i].kept);
    }
}

static void
test_too_long (void)
{
  g_autofree char *text = g_strnfill (PTL_CLASSIFY_TEXT_MAX + 1, 'a');
  g_auto (PtlClassified) classified = { 0 };

  ptl_classify (&classified, text);
  g_assert_cmpint (classified.kind, ==, PTL_KIND_UNKNOWN);
  g_assert_nonnull (classified.error);
}

static void
test_idna (void)
{
  static const struct
  {
    const char *text;
    const char *a_label; /* NULL: there is none */
    const char *u_label;
  } cases[] = {
    { "bücher.example", "xn--bcher-kva.example", "bücher.example" },
    { "BÜCHER.example", "xn--bcher-kva.example", "bücher.example" },
    { "xn--bcher-kva.example", "xn--bcher-kva.example", "bücher.example" },
    { "faß.example", "xn--fa-hia.example", "faß.example" },
    { "Www.Example.ORG", "www.example.org", "www.example.org" },
    { "_dmarc.example.org", "_dmarc.example.org", "_dmarc.example.org" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PtlClassified) classified = { 0 };

      g_test_message ("%s", cases[i].text);
      ptl_classify (&classified, cases[i].text);
      g_assert_cmpstr (classified.a_label, ==, cases[i].a_label);
      g_assert_cmpstr (classified.u_label, ==, cases[i].u_label);
    }
}

/* Of what a server answers. */
static void
test_idna_to_unicode (void)
{
  static const struct
  {
    const char *name;
    const char *unicode; /* NULL: no other form */
  } cases[] = {
    { "xn--bcher-kva.example.", "bücher.example." },
    { "XN--Bcher-KVA.example.", "bücher.example." },
    { "_sip._udp.xn--bcher-kva.xn--fiqs8s", "_sip._udp.bücher.中国" },
    { "xn--mgbh0fb.example", "مثال.example" },
    /* One label that does not decode stays. */
    { "xn--a.xn--bcher-kva", "xn--a.bücher" },
    { "example.", NULL },
    { ".", NULL },
    { "", NULL },
    { "a--b.example", NULL },
    { "xn--.", NULL },
    { "xn--a", NULL },
    { "xn--abc-", NULL },
    { "xn--99999999", NULL },
    { "notxn--bcher-kva.example", NULL },
    /* It would encode to another name: an upper-case letter, a dot of full width. */
    { "xn--bcher-2pa", NULL },
    { "xn--ab-r13a", NULL },
    { "xn--bcher-kva\\.example", NULL },
    /* an override of the direction of text */
    { "xn--ab-g4t", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *unicode = ptl_idna_to_unicode (cases[i].name);

      g_test_message ("%s", cases[i].name);
      g_assert_cmpstr (unicode, ==, cases[i].unicode);
    }
}

static char *
write_file (const char *text)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("portlight-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
test_files (void)
{
  g_autofree char *switch_path = write_file ("# hosts: no\n passwd: files\n"
                                             "hosts: nis\nhosts_of: nis\n"
                                             " hosts \t:files mdns4_minimal [NOTFOUND=return] "
                                             "dns#x\n");
  g_autofree char *hosts_path = write_file ("127.0.0.1 localhost\n# 192.0.2.9 www\n"
                                            "192.0.2.1\tWWW.example www # comment\n"
                                            "2001:db8::1 www\nnonsense www\nfe80::1%lo link\n");
  g_autofree char *resolv_path = write_file ("; x\nsearch a.example b.example\n"
                                             "nameserver 192.0.2.53\n"
                                             " nameserver 192.0.2.55\n"
                                             "nameserver 192.0.2.56\r\n search c.example\n"
                                             "nameserver\t2001:db8::53 # c\nnameserver bad\n"
                                             "domain\n"
                                             "nameservers 192.0.2.54\n");
  g_autofree char *order = ptl_nss_read_order (switch_path, "hosts");
  g_autofree char *none = ptl_nss_read_order ("/nonexistent", "hosts");
  g_autofree char *blank = ptl_nss_parse_order ("hosts files [ NOTFOUND = return ]\thosts:\n"
                                                "hosts\n", "hosts");
  g_autofree char *search = ptl_nss_read_search (resolv_path);
  PtlAddress servers[PTL_NSS_SERVERS_MAX], address = { 0 };
  char text[PTL_ADDRESS_TEXT_MAX];
  g_autoptr (GArray) found = NULL;

  g_assert_cmpstr (order, ==, "files mdns4_minimal [NOTFOUND=return] dns");
  g_assert_cmpstr (none, ==, "files dns");
  g_assert_cmpstr (blank, ==, "files [ NOTFOUND = return ] hosts:");
  g_assert_true (ptl_nss_order_has (order, "mdns"));
  g_assert_true (ptl_nss_order_has (order, "dns"));
  g_assert_false (ptl_nss_order_has (order, "resolve"));

  found = ptl_nss_read_hosts (hosts_path, "www", NULL);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpuint (g_array_index (found, PtlHostsEntry, 0).line, ==, 3);
  g_assert_cmpstr (g_array_index (found, PtlHostsEntry, 0).names, ==, "WWW.example www");
  address = g_array_index (found, PtlHostsEntry, 1).address;
  g_assert_cmpstr (ptl_address_format_host (&address, text, sizeof text), ==, "2001:db8::1");
  g_clear_pointer (&found, g_array_unref);
  found = ptl_nss_read_hosts (hosts_path, NULL, &address);
  g_assert_cmpuint (found->len, ==, 1);
  g_clear_pointer (&found, g_array_unref);
  found = ptl_nss_read_hosts (hosts_path, "nothing", NULL);
  g_assert_cmpuint (found->len, ==, 0);

  g_assert_cmpuint (ptl_nss_read_servers (resolv_path, servers), ==, 2);
  g_assert_cmpstr (ptl_address_format (&servers[1], text, sizeof text), ==, "[2001:db8::53]:53");
  g_assert_cmpstr (search, ==, "a.example b.example");
  g_assert_cmpuint (ptl_nss_read_servers ("/nonexistent", servers), ==, 1);
  g_assert_cmpstr (ptl_address_format (&servers[0], text, sizeof text), ==, "127.0.0.1:53");
  g_unlink (switch_path);
  g_unlink (hosts_path);
  g_unlink (resolv_path);
}

static void
test_services (void)
{
  PtlNssService service;

  if (!ptl_nss_find_service ("http", "tcp", &service))
    {
      g_test_skip ("this computer has no services database");
      return;
    }
  g_assert_cmpint (service.port, ==, 80);
  g_assert_cmpstr (service.name, ==, "http");
  ptl_nss_service_clear (&service);
  g_assert_true (ptl_nss_find_port (53, "udp", &service));
  g_assert_cmpstr (service.name, ==, "domain");
  ptl_nss_service_clear (&service);
  g_assert_false (ptl_nss_find_service ("no-such-thing", "tcp", &service));
  g_assert_null (service.name);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classify/kinds", test_kinds);
  g_test_add_func ("/classify/words", test_words);
  g_test_add_func ("/classify/targets", test_targets);
  g_test_add_func ("/classify/passwords", test_passwords);
  g_test_add_func ("/classify/too-long", test_too_long);
  g_test_add_func ("/classify/idna", test_idna);
  g_test_add_func ("/classify/idna-to-unicode", test_idna_to_unicode);
  g_test_add_func ("/classify/files", test_files);
  g_test_add_func ("/classify/services", test_services);
  return g_test_run ();
}
