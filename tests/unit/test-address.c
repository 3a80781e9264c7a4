/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: in, out, compared, and what kind they are. */
#include "config.h"

#include "base/ptl-address.h"

#include <errno.h>
#include <string.h>

#include <arpa/inet.h>

#define UNIX_HEAD offsetof (struct sockaddr_un, sun_path)

static PtlAddress
ipv4 (const char *host,
      uint16_t    port)
{
  PtlAddress address = { .len = sizeof address.in };

  address.in.sin_family = AF_INET;
  address.in.sin_port = htons (port);
  g_assert_cmpint (inet_pton (AF_INET, host, &address.in.sin_addr), ==, 1);
  return address;
}

static PtlAddress
ipv6 (const char *host,
      uint32_t    zone,
      uint16_t    port)
{
  PtlAddress address = { .len = sizeof address.in6 };

  address.in6.sin6_family = AF_INET6;
  address.in6.sin6_port = htons (port);
  address.in6.sin6_scope_id = zone;
  g_assert_cmpint (inet_pton (AF_INET6, host, &address.in6.sin6_addr), ==, 1);
  return address;
}

static PtlAddress
vsock (uint32_t cid,
       uint32_t port)
{
  PtlAddress address = { .len = sizeof address.vm };

  address.vm.svm_family = AF_VSOCK;
  address.vm.svm_cid = cid;
  address.vm.svm_port = port;
  return address;
}

static PtlAddress
unix_name (const char *name,
           size_t      len,
           bool        abstract)
{
  PtlAddress address;

  g_assert_cmpint (ptl_address_set_unix (&address, name, len, abstract), ==, 0);
  return address;
}

static void
assert_text (PtlAddress  address,
             const char *text,
             const char *host)
{
  char buffer[PTL_ADDRESS_TEXT_MAX];

  g_assert_cmpstr (ptl_address_format (&address, buffer, sizeof buffer), ==, text);
  g_assert_cmpstr (ptl_address_format_host (&address, buffer, sizeof buffer), ==, host);
}

static void
test_format (void)
{
  PtlAddress none = { 0 };
  PtlAddress unnamed = { .len = sizeof (sa_family_t), .sa = { .sa_family = AF_UNIX } };
  PtlAddress packet = { .len = sizeof (struct sockaddr), .sa = { .sa_family = AF_X25 } };
  char zone[32];
  char name[107];
  PtlAddress address;
  char buffer[PTL_ADDRESS_TEXT_MAX];

  assert_text (none, "", "");
  assert_text (unnamed, "unnamed", "unnamed");
  assert_text (packet, "family 9", "family 9");
  assert_text (ipv4 ("127.0.0.1", 80), "127.0.0.1:80", "127.0.0.1");
  assert_text (ipv4 ("255.255.255.255", 65535), "255.255.255.255:65535", "255.255.255.255");
  assert_text (ipv6 ("::1", 0, 8080), "[::1]:8080", "::1");
  assert_text (ipv6 ("fe80::1", 1, 80), "[fe80::1%lo]:80", "fe80::1%lo");
  g_snprintf (zone, sizeof zone, "[fe80::1%%%d]:80", 1999999999);
  assert_text (ipv6 ("fe80::1", 1999999999, 80), zone, "fe80::1%1999999999");
  assert_text (ipv6 ("::ffff:1.2.3.4", 0, 1), "[::ffff:1.2.3.4]:1", "::ffff:1.2.3.4");
  assert_text (unix_name ("/run/x.sock", 11, false), "/run/x.sock", "/run/x.sock");
  assert_text (unix_name ("a b\n\x7f\xff\\", 7, false), "a b\\x0a\\x7f\\xff\\\\",
               "a b\\x0a\\x7f\\xff\\\\");
  assert_text (unix_name ("@x", 2, false), "./@x", "./@x");
  assert_text (unix_name ("na\0me", 5, true), "@na\\x00me", "@na\\x00me");
  assert_text (vsock (2, 99), "vsock 2:99", "vsock 2");
  assert_text (vsock (VMADDR_CID_ANY, VMADDR_PORT_ANY), "vsock any:any", "vsock any");

  /* The longest one fits; what does not is cut and closed. */
  memset (name, 1, sizeof name);
  address = unix_name (name, sizeof name, true);
  ptl_address_format (&address, buffer, sizeof buffer);
  g_assert_cmpuint (strlen (buffer), ==, 1 + 107 * 4);
  memset (buffer, 'x', sizeof buffer);
  ptl_address_format (&address, buffer, 8);
  g_assert_cmpstr (buffer, ==, "@\\x01\\x");
  g_assert_cmpint (buffer[8], ==, 'x');
  ptl_address_format (&address, buffer, 1);
  g_assert_cmpstr (buffer, ==, "");
}

static void
test_from_sockaddr (void)
{
  PtlAddress address;
  struct sockaddr_storage storage = { 0 };
  struct sockaddr *sa = (struct sockaddr *) &storage;
  struct sockaddr_un *un = (struct sockaddr_un *) (void *) &storage;
  PtlAddress four = ipv4 ("1.2.3.4", 5);
  PtlAddress path = unix_name ("/x", 2, false);

  g_assert_false (ptl_address_from_sockaddr (&address, NULL, 0));
  g_assert_false (ptl_address_from_sockaddr (&address, sa, 1));
  g_assert_cmpint (address.len, ==, 0);
  g_assert_cmpint (ptl_address_get_family (&address), ==, AF_UNSPEC);
  for (socklen_t len = 2; len < sizeof (struct sockaddr_in); len++)
    g_assert_false (ptl_address_from_sockaddr (&address, &four.sa, len));
  g_assert_true (ptl_address_from_sockaddr (&address, &four.sa, sizeof storage));
  g_assert_cmpint (address.len, ==, sizeof (struct sockaddr_in));
  g_assert_true (ptl_address_equal (&address, &four));

  storage.ss_family = AF_INET6;
  g_assert_false (ptl_address_from_sockaddr (&address, sa, sizeof (struct sockaddr_in6) - 1));
  g_assert_true (ptl_address_from_sockaddr (&address, sa, sizeof (struct sockaddr_in6)));
  storage.ss_family = AF_VSOCK;
  g_assert_false (ptl_address_from_sockaddr (&address, sa, sizeof (struct sockaddr_vm) - 1));
  g_assert_true (ptl_address_from_sockaddr (&address, sa, sizeof (struct sockaddr_vm)));
  storage.ss_family = AF_X25;
  g_assert_false (ptl_address_from_sockaddr (&address, sa, sizeof storage));
  g_assert_cmpint (address.len, ==, 0);
  g_assert_false (ptl_address_from_sockaddr (&address, sa, sizeof *un + 1));
  g_assert_true (ptl_address_from_sockaddr (&address, sa, sizeof *un));
  g_assert_true (ptl_address_from_sockaddr (&address, sa, 18));
  g_assert_cmpint (address.len, ==, 18);

  /* With and without the NUL, and with rubbish behind it. */
  storage.ss_family = AF_UNIX;
  memcpy (un->sun_path, "/x\0rubbish", 10);
  for (socklen_t len = UNIX_HEAD + 2; len < UNIX_HEAD + 10; len++)
    {
      g_assert_true (ptl_address_from_sockaddr (&address, sa, len));
      g_assert_true (ptl_address_equal (&address, &path));
      g_assert_cmpuint (ptl_address_hash (&address), ==, ptl_address_hash (&path));
      g_assert_cmpmem (&address.sa, address.len, &path.sa, path.len);
    }
  g_assert_true (ptl_address_from_sockaddr (&address, sa, UNIX_HEAD));
  assert_text (address, "unnamed", "unnamed");
  memset (un->sun_path, 'x', sizeof un->sun_path);
  g_assert_true (ptl_address_from_sockaddr (&address, sa, sizeof *un + 1));
  g_assert_cmpint (address.len, ==, sizeof *un);
  g_assert_false (ptl_address_from_sockaddr (&address, sa, sizeof *un + 2));
}

static void
test_set_unix (void)
{
  char name[108];
  PtlAddress address;

  memset (name, 'x', sizeof name);
  g_assert_cmpint (ptl_address_set_unix (&address, name, 107, false), ==, 0);
  g_assert_cmpint (address.len, ==, UNIX_HEAD + 108);
  g_assert_cmpint (ptl_address_set_unix (&address, name, 107, true), ==, 0);
  g_assert_cmpint (address.len, ==, UNIX_HEAD + 108);
  g_assert_cmpint (address.un.sun_path[0], ==, 0);
  g_assert_cmpint (ptl_address_set_unix (&address, name, 108, false), ==, -ENAMETOOLONG);
  g_assert_cmpint (address.len, ==, 0);
  g_assert_cmpint (ptl_address_set_unix (&address, name, 108, true), ==, -ENAMETOOLONG);
  g_assert_cmpint (ptl_address_set_unix (&address, name, 0, false), ==, -EINVAL);
  g_assert_cmpint (ptl_address_set_unix (&address, "a\0b", 3, false), ==, -EINVAL);
  g_assert_cmpint (ptl_address_set_unix (&address, "a\0b", 3, true), ==, 0);
  g_assert_cmpint (address.len, ==, UNIX_HEAD + 4);
}

static void
test_ports (void)
{
  PtlAddress address = ipv4 ("1.2.3.4", 80);

  ptl_address_set_port (&address, 65535);
  g_assert_cmpuint (ptl_address_get_port (&address), ==, 65535);
  address = ipv6 ("::1", 0, 0);
  ptl_address_set_port (&address, 443);
  g_assert_cmpuint (ptl_address_get_port (&address), ==, 443);
  address = unix_name ("/x", 2, false);
  ptl_address_set_port (&address, 1);
  g_assert_cmpuint (ptl_address_get_port (&address), ==, 0);
  assert_text (address, "/x", "/x");
}

static void
test_unmap (void)
{
  PtlAddress address = ipv6 ("::ffff:10.1.2.3", 0, 99);
  PtlAddress expected = ipv4 ("10.1.2.3", 99);
  PtlAddress other = ipv6 ("::1", 0, 99);

  ptl_address_unmap (&address);
  g_assert_true (ptl_address_equal (&address, &expected));
  g_assert_cmpint (address.len, ==, expected.len);
  ptl_address_unmap (&address);
  g_assert_true (ptl_address_equal (&address, &expected));
  ptl_address_unmap (&other);
  g_assert_cmpint (ptl_address_get_family (&other), ==, AF_INET6);
}

static void
test_equal (void)
{
  /* Each differs from each other one, as a whole; same_host: as a host. */
  const PtlAddress rows[] = {
    { 0 },
    ipv4 ("1.2.3.4", 1), ipv4 ("1.2.3.4", 2), ipv4 ("1.2.3.5", 1),
    ipv6 ("fe80::1", 1, 1), ipv6 ("fe80::1", 2, 1), ipv6 ("fe80::1", 1, 2),
    ipv6 ("fe80::1", 0, 1), ipv6 ("::ffff:1.2.3.4", 0, 1),
    unix_name ("/x", 2, false), unix_name ("/y", 2, false), unix_name ("/x", 2, true),
    unix_name ("/x\0", 3, true), { .len = 2, .sa = { .sa_family = AF_UNIX } },
    vsock (1, 1), vsock (1, 2), vsock (2, 1),
  };
  static const int hosts[] = { 0, 1, 1, 2, 3, 4, 3, 34, 5, 6, 7, 8, 9, 10, 11, 11, 12 };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    for (size_t k = 0; k < G_N_ELEMENTS (rows); k++)
      {
        PtlAddress copy = rows[k];
        bool host = hosts[i] == hosts[k]
                    || (hosts[i] == 34 && (hosts[k] == 3 || hosts[k] == 4))
                    || (hosts[k] == 34 && (hosts[i] == 3 || hosts[i] == 4));

        g_assert_cmpint (ptl_address_equal (&rows[i], &copy), ==, i == k);
        g_assert_cmpint (ptl_address_equal_host (&rows[i], &copy), ==, host);
        if (i == k)
          g_assert_cmpuint (ptl_address_hash (&rows[i]), ==, ptl_address_hash (&copy));
        else
          g_assert_cmpuint (ptl_address_hash (&rows[i]), !=, ptl_address_hash (&copy));
      }
}

/* 64k ports of one host in 64k buckets: as even as chance makes it. */
static void
test_hash_spreads (void)
{
  g_autofree uint8_t *counts = g_new0 (uint8_t, 65536);
  unsigned worst = 0;

  for (unsigned port = 0; port < 65536; port++)
    {
      PtlAddress address = ipv4 ("127.0.0.1", (uint16_t) port);
      uint8_t *count = &counts[ptl_address_hash (&address) & 0xffff];

      worst = MAX (worst, ++*count);
    }
  g_assert_cmpuint (worst, <, 16);
}

static void
test_kinds (void)
{
  enum { ANY = 1, LOOPBACK = 2, MULTICAST = 4, LINK_LOCAL = 8 };
  const struct
  {
    PtlAddress address;
    int        kinds;
  } rows[] = {
    { { 0 }, 0 },
    { ipv4 ("0.0.0.0", 0), ANY },
    { ipv4 ("127.0.0.1", 0), LOOPBACK },
    { ipv4 ("127.255.255.255", 0), LOOPBACK },
    { ipv4 ("128.0.0.1", 0), 0 },
    { ipv4 ("126.255.255.255", 0), 0 },
    { ipv4 ("223.255.255.255", 0), 0 },
    { ipv4 ("224.0.0.0", 0), MULTICAST },
    { ipv4 ("239.255.255.255", 0), MULTICAST },
    { ipv4 ("240.0.0.0", 0), 0 },
    { ipv4 ("169.253.255.255", 0), 0 },
    { ipv4 ("169.254.0.1", 0), LINK_LOCAL },
    { ipv4 ("169.255.0.0", 0), 0 },
    { ipv6 ("::", 0, 0), ANY },
    { ipv6 ("::1", 0, 0), LOOPBACK },
    { ipv6 ("::2", 0, 0), 0 },
    { ipv6 ("ff02::1", 0, 0), MULTICAST },
    { ipv6 ("fe80::1", 2, 0), LINK_LOCAL },
    { ipv6 ("febf:ffff::1", 2, 0), LINK_LOCAL },
    { ipv6 ("fec0::1", 2, 0), 0 },
    { ipv6 ("::ffff:0.0.0.0", 0, 0), ANY },
    { ipv6 ("::ffff:127.1.2.3", 0, 0), LOOPBACK },
    { ipv6 ("::ffff:224.1.2.3", 0, 0), MULTICAST },
    { ipv6 ("::ffff:169.254.9.9", 0, 0), LINK_LOCAL },
    { unix_name ("/x", 2, false), LOOPBACK },
    { vsock (VMADDR_CID_ANY, 1), ANY },
    { vsock (VMADDR_CID_LOCAL, 1), LOOPBACK },
    { vsock (VMADDR_CID_HOST, 1), 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const PtlAddress *address = &rows[i].address;
      int kinds = (ptl_address_is_any (address) ? ANY : 0)
                  | (ptl_address_is_loopback (address) ? LOOPBACK : 0)
                  | (ptl_address_is_multicast (address) ? MULTICAST : 0)
                  | (ptl_address_is_link_local (address) ? LINK_LOCAL : 0);

      if (kinds != rows[i].kinds)
        g_error ("row %zu: %d", i, kinds);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/format", test_format);
  g_test_add_func ("/address/from-sockaddr", test_from_sockaddr);
  g_test_add_func ("/address/set-unix", test_set_unix);
  g_test_add_func ("/address/ports", test_ports);
  g_test_add_func ("/address/unmap", test_unmap);
  g_test_add_func ("/address/equal", test_equal);
  g_test_add_func ("/address/hash-spreads", test_hash_spreads);
  g_test_add_func ("/address/kinds", test_kinds);
  return g_test_run ();
}
