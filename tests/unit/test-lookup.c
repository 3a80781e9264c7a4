/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One lookup, against a server that behaves and misbehaves. */
#include "config.h"

#include "model/ptl-lookup-private.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "lookup-fixture.h"
#include "own-net.h"

/* The test's network is its own: the system may be asked, and nobody else hears it. */
static bool alone;

/* The row of @group whose value (@detail: or detail) has @text; NULL. */
static PtlLookupRow *
find_row (PtlLookup      *lookup,
          PtlLookupGroup  group,
          const char     *text)
{
  GListModel *rows = ptl_lookup_get_group (lookup, group);

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (PtlLookupRow) row = g_list_model_get_item (rows, i);

      if (strstr (ptl_lookup_row_get_value (row), text) != NULL
          || strstr (ptl_lookup_row_get_detail (row), text) != NULL)
        return row;
    }
  return NULL;
}

static void
ask (Fixture    *fixture,
     PtlLookup  *lookup,
     const char *name,
     guint       type)
{
  g_autoptr (GError) error = NULL;

  ptl_lookup_start (lookup, name);
  g_assert_true (ptl_lookup_ask_records (lookup, type, fixture->server, NULL, &error));
  g_assert_no_error (error);
  wait_idle (lookup);
}

static void
test_records (Fixture    *fixture,
              const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  GListModel *rows = ptl_lookup_get_group (lookup, PTL_LOOKUP_RECORDS);
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  ask (fixture, lookup, "ok.test", PTL_DNS_TYPE_A);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "192.0.2.1");
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "A");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "192.0.2.1");
  g_assert_nonnull (strstr (ptl_lookup_row_get_detail (row), "TTL 60 s"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "NOERROR · 1 record"));

  ask (fixture, lookup, "refused.test", PTL_DNS_TYPE_A);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "REFUSED");
  g_assert_nonnull (row);
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_ERROR);

  ask (fixture, lookup, "loop.test", PTL_DNS_TYPE_A);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "go round"));
  ask (fixture, lookup, "closed.test", PTL_DNS_TYPE_A);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "closed the TCP"));
  ask (fixture, lookup, "big.test", PTL_DNS_TYPE_A);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "over TCP"));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 201);
  ask (fixture, lookup, "nxdomain.test", 0);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "NXDOMAIN"));
}

static void
test_compare (Fixture    *fixture,
              const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  g_autofree char *nobody = NULL;
  PtlLookupRow *row;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  PtlAddress address = { .len = sizeof address.in, .in = { .sin_family = AF_INET } };

  address.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, &address.sa, address.len), ==, 0);
  getsockname (fd, &address.sa, &address.len);
  close (fd);
  nobody = g_strdup_printf ("127.0.0.1:%u", ptl_address_get_port (&address));

  ptl_lookup_set_offline (lookup, TRUE);
  ptl_lookup_start (lookup, "ok.test");
  g_assert_true (ptl_lookup_ask_records (lookup, 1, fixture->server, fixture->server, NULL));
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "Both servers say the same"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "both servers"));

  g_assert_true (ptl_lookup_ask_records (lookup, 1, fixture->server, nobody, NULL));
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "The servers differ"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "ECONNREFUSED"));
  g_assert_false (ptl_lookup_ask_records (lookup, 1, "not a server", NULL, NULL));

  /* That neither can answer is no agreement. */
  g_assert_true (ptl_lookup_ask_records (lookup, 1, nobody, nobody, NULL));
  wait_idle (lookup);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "Neither server answered the question");
  g_assert_nonnull (row);
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_ERROR);
  g_assert_null (find_row (lookup, PTL_LOOKUP_RECORDS, "Both servers say the same"));
  ptl_lookup_start (lookup, "refused.test");
  g_assert_true (ptl_lookup_ask_records (lookup, 1, fixture->server, fixture->server, NULL));
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "Neither server answered the question"));
}

/* What is being asked stops at once, and nothing of it arrives later. */
static void
test_cancel (Fixture    *fixture,
             const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  gint64 start_us;

  ptl_lookup_set_offline (lookup, TRUE);
  ptl_lookup_start (lookup, "silent.test");
  g_assert_true (ptl_lookup_ask_records (lookup, 0, fixture->server, NULL, NULL));
  g_assert_true (ptl_lookup_is_busy (lookup));
  start_us = g_get_monotonic_time ();
  ptl_lookup_cancel (lookup);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 200000);
  g_assert_false (ptl_lookup_is_busy (lookup));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "Cancelled"));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (find_row (lookup, PTL_LOOKUP_RECORDS, "did not answer"));
}

/* What is the same for all the common types is said once; an answer is said for each. */
static void
test_folded (Fixture    *fixture,
             const void *data)
{
  static const struct
  {
    const char *name;
    const char *value;
  } cases[] = {
    { "refused.test", "REFUSED: " },
    { "servfail.test", "SERVFAIL: " },
    { "garbage.test", "is not a DNS message" },
    { "silent.test", "did not answer within" },
    { "nxdomain.test", "NXDOMAIN: " },
  };
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  GListModel *rows = ptl_lookup_get_group (lookup, PTL_LOOKUP_RECORDS);
  guint n_types;

  ptl_lookup_list_common_types ("silent.test", &n_types);
  g_assert_cmpuint (n_types, ==, 13);
  ptl_lookup_set_offline (lookup, TRUE);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlLookupRow *row;

      g_test_message ("%s", cases[i].name);
      ask (fixture, lookup, cases[i].name, 0);
      g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
      row = find_row (lookup, PTL_LOOKUP_RECORDS, cases[i].value);
      g_assert_nonnull (row);
      g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "13 types");
      g_assert_cmpstr (ptl_lookup_row_get_detail (row), ==,
                       "A, AAAA, CNAME, MX, NS, SOA, TXT, CAA, HTTPS, SRV, DS, DNSKEY, NAPTR");
    }
  ask (fixture, lookup, "ok.test", PTL_DNS_TYPE_A);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 2);
  /* Names of services may have more, and so may reverse names. */
  for (guint i = 0; i < 2; i++)
    {
      static const char *const names[] = { "refused._tcp.test", "refused.in-addr.arpa" };
      PtlLookupRow *row;

      ask (fixture, lookup, names[i], 0);
      row = find_row (lookup, PTL_LOOKUP_RECORDS, "DNSKEY, NAPTR, PTR, TLSA, SVCB");
      g_test_message ("%s", names[i]);
      g_assert_nonnull (row);
      g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "16 types");
    }
  /* One type has its own name in its row. */
  ask (fixture, lookup, "refused.test", PTL_DNS_TYPE_MX);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
  g_assert_cmpstr (ptl_lookup_row_get_label (find_row (lookup, PTL_LOOKUP_RECORDS, "REFUSED: ")),
                   ==, "MX");
  ptl_lookup_start (lookup, "silent.test");
  g_assert_true (ptl_lookup_ask_records (lookup, 0, fixture->server, NULL, NULL));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, n_types);
  ptl_lookup_cancel (lookup);
  wait_idle (lookup);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "Cancelled"));
}

static guint
count_rows (PtlLookup  *lookup,
            const char *label)
{
  GListModel *rows = ptl_lookup_get_group (lookup, PTL_LOOKUP_RECORDS);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (PtlLookupRow) row = g_list_model_get_item (rows, i);

      n += g_str_equal (ptl_lookup_row_get_label (row), label);
    }
  return n;
}

/* A name that has records of some types: the others are said together, their SOA once. */
static void
test_empty (Fixture    *fixture,
            const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  ask (fixture, lookup, "only.test", 0);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "192.0.2.1"));
  g_assert_cmpuint (count_rows (lookup, "A"), ==, 2);
  g_assert_cmpuint (count_rows (lookup, "SOA"), ==, 1);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "no record of these types");
  g_assert_nonnull (row);
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_NOTE);
  g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "12 types");
  g_assert_cmpstr (ptl_lookup_row_get_detail (row), ==,
                   "AAAA, CNAME, MX, NS, SOA, TXT, CAA, HTTPS, SRV, DS, DNSKEY, NAPTR");
  g_assert_nonnull (strstr (ptl_lookup_row_get_value (row), fixture->server));
  g_assert_cmpuint (g_list_model_get_n_items (ptl_lookup_get_group (lookup, PTL_LOOKUP_RECORDS)),
                    ==, 4);

  /* The alias is a record of one type only; the others say the same of it. */
  ask (fixture, lookup, "alias.test", 0);
  g_assert_cmpuint (count_rows (lookup, "SOA"), ==, 1);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "no record of these types");
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "12 types");

  ask (fixture, lookup, "only.test", PTL_DNS_TYPE_MX);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "no record of this type"));
  g_assert_cmpuint (count_rows (lookup, "SOA"), ==, 1);
}

/* An alias to a zone that the server does not have: what it says of the name stands. */
static void
test_alias_out (Fixture    *fixture,
                const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  ask (fixture, lookup, "out.test", PTL_DNS_TYPE_A);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "NOERROR · 1 record · ");
  g_assert_nonnull (row);
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_NOTE);
  g_assert_nonnull (strstr (ptl_lookup_row_get_value (row), " aa "));
  g_assert_nonnull (strstr (ptl_lookup_row_get_value (row),
                            "refused.test. was asked for too: REFUSED: "));
  g_assert_cmpuint (count_rows (lookup, "CNAME"), ==, 1);
  ask (fixture, lookup, "lame.test", 0);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "was asked for too: the server sends elsewhere");
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "12 types");
  g_assert_null (find_row (lookup, PTL_LOOKUP_RECORDS, "no record of these types"));
}

/* A server that answers with the record of another name. */
static void
test_strangers (Fixture    *fixture,
                const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  ask (fixture, lookup, "stranger.test", PTL_DNS_TYPE_A);
  g_assert_cmpuint (count_rows (lookup, "A"), ==, 1);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "no record of this type · ");
  g_assert_nonnull (row);
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_ERROR);
  g_assert_nonnull (strstr (ptl_lookup_row_get_value (row),
                            "1 record of another name was left out: evil.other. A 192.0.2.66"));
  ask (fixture, lookup, "mixed.test", PTL_DNS_TYPE_A);
  g_assert_cmpuint (count_rows (lookup, "A"), ==, 2);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "192.0.2.1"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_RECORDS, "NOERROR · 1 record · "));
}

/* What is shown may be cut; what is copied may not. */
static void
test_long (Fixture    *fixture,
           const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  PtlLookupRow *row;
  const char *whole;

  ptl_lookup_set_offline (lookup, TRUE);
  for (guint compared = 0; compared < 2; compared++)
    {
      g_autofree char *text = NULL;

      ptl_lookup_start (lookup, "long.test");
      g_assert_true (ptl_lookup_ask_records (lookup, PTL_DNS_TYPE_TXT, fixture->server,
                                             compared ? fixture->server : NULL, NULL));
      wait_idle (lookup);
      row = find_row (lookup, PTL_LOOKUP_RECORDS, "\"aaa");
      g_assert_nonnull (row);
      g_assert_true (g_str_has_suffix (ptl_lookup_row_get_value (row), "…"));
      g_assert_cmpint (g_utf8_strlen (ptl_lookup_row_get_value (row), -1), ==,
                       PTL_LOOKUP_SHOWN_MAX + 1);
      whole = ptl_lookup_row_get_whole (row);
      g_assert_cmpuint (strlen (whole), ==, 6 * 252 + 5);
      g_assert_true (g_str_has_suffix (whole, "fff\""));
      text = ptl_lookup_row_to_text (row);
      g_assert_nonnull (strstr (text, whole));
    }
  /* Another value is no part of the old one. */
  ptl_lookup_row_set (row, PTL_LOOKUP_ROW_VALUE, "short", NULL);
  g_assert_cmpstr (ptl_lookup_row_get_whole (row), ==, "short");
}

static void
test_local (Fixture    *fixture,
            const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  ptl_lookup_start (lookup, "fe80::1%nope");
  row = find_row (lookup, PTL_LOOKUP_ANATOMY, "this computer has no interface nope now");
  g_assert_nonnull (row);
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_ERROR);
  ptl_lookup_start (lookup, "192.168.1.77/26");
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ANATOMY, "192.168.1.64/26"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ANATOMY, "11000000.10101000.00000001.01|001101"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ANATOMY, "77.1.168.192.in-addr.arpa"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ANATOMY, "as a wildcard: 0.0.0.63"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ANATOMY, "how many: 62"));
  row = find_row (lookup, PTL_LOOKUP_ANATOMY, "as it is shown");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "192.168.1.77");
  g_assert_true (ptl_lookup_set_subnet (lookup, "255.255.0.0", "192.168.9.9", &error));
  g_assert_null (find_row (lookup, PTL_LOOKUP_ANATOMY, "192.168.1.64/26"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ANATOMY, "yes, it is in this subnet"));
  g_assert_false (ptl_lookup_set_subnet (lookup, "33", "", &error));
  g_assert_nonnull (error);
  line = ptl_lookup_dup_equivalent (lookup, PTL_LOOKUP_COPY_DIG, PTL_DNS_TYPE_PTR,
                                    "127.0.0.1:5353");
  g_assert_cmpstr (line, ==, "dig @127.0.0.1 -p 5353 '77.1.168.192.in-addr.arpa' PTR");
  g_clear_pointer (&line, g_free);
  wait_idle (lookup);
  g_assert_cmpuint (g_list_model_get_n_items (ptl_lookup_get_group (lookup, PTL_LOOKUP_REVERSE)),
                    ==, 0);
  ptl_lookup_start (lookup, "");
  g_assert_false (ptl_lookup_is_busy (lookup));
}

/* What a server answers is shown in both forms. */
static void
test_idn_answers (Fixture    *fixture,
                  const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  ask (fixture, lookup, "idn.test", PTL_DNS_TYPE_A);
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "in Unicode: bücher.test.");
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_value (row), ==, "xn--bcher-kva.test.");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "xn--bcher-kva.test.");
  row = find_row (lookup, PTL_LOOKUP_RECORDS, "192.0.2.1");
  g_assert_nonnull (row);
  g_assert_true (g_str_has_prefix (ptl_lookup_row_get_detail (row),
                                   "xn--bcher-kva.test. (bücher.test.) · TTL "));
}

/* The name of an interface is nobody's to answer: no server is asked for it. */
static void
test_interface (Fixture    *fixture,
                const void *data)
{
  g_autoptr (PtlLookup) lookup = NULL;
  g_autofree char *line = NULL, *dns_name = NULL;
  PtlLookupRow *row;

  if (!alone)
    {
      g_test_skip ("the loopback interface may have other addresses here");
      return;
    }
  lookup = ptl_lookup_new ();
  ptl_lookup_start (lookup, "lo");
  g_assert_true (ptl_lookup_ask_records (lookup, 0, fixture->server, NULL, NULL));
  wait_idle (lookup);
  g_assert_cmpuint (atomic_load (&fixture->stub.n_udp), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (ptl_lookup_get_group (lookup, PTL_LOOKUP_RECORDS)),
                    ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (ptl_lookup_get_group (lookup, PTL_LOOKUP_SOURCES)),
                    ==, 0);
  row = find_row (lookup, PTL_LOOKUP_ADDRESSES, "as the kernel has them; nobody was asked");
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_value (row), ==, "lo");
  g_assert_cmpstr (ptl_lookup_row_get_interface (row), ==, "lo");
  row = find_row (lookup, PTL_LOOKUP_ADDRESSES, "127.0.0.1");
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "127.0.0.1");
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ADDRESSES, "::1"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ADDRESSES, "end it with a dot: “lo.”"));
  line = ptl_lookup_dup_equivalent (lookup, PTL_LOOKUP_COPY_GETENT, 0, NULL);
  g_assert_null (line);
  ptl_lookup_set_offline (lookup, TRUE);
  ptl_lookup_start (lookup, "lo.");
  dns_name = ptl_lookup_dup_dns_name (lookup);
  g_assert_cmpstr (dns_name, ==, "lo.");
  wait_idle (lookup);
}

/* An interface may have thousands of addresses: a row is made for the first ones. */
static void
test_many_addresses (Fixture    *fixture,
                     const void *data)
{
  g_autoptr (PtlLookup) lookup = NULL;
  GListModel *group;

  if (!alone)
    {
      g_test_skip ("the loopback interface cannot be given addresses here");
      return;
    }
  for (unsigned i = 1; i <= PTL_LOOKUP_OWN_MAX; i++)
    own_net_add_address (i, 0x7f010000 + i);
  lookup = ptl_lookup_new ();
  ptl_lookup_start (lookup, "lo");
  wait_idle (lookup);
  group = ptl_lookup_get_group (lookup, PTL_LOOKUP_ADDRESSES);
  /* The interface itself, and two notes. */
  g_assert_cmpuint (g_list_model_get_n_items (group), ==, 1 + PTL_LOOKUP_OWN_MAX + 2);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ADDRESSES, "66 addresses, as the kernel"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ADDRESSES, "only the first are shown"));
}

/* What this computer itself knows, the sources one by one. */
static void
test_system (Fixture    *fixture,
             const void *data)
{
  g_autoptr (PtlLookup) lookup = NULL;
  g_autofree char *line = NULL;

  if (!alone)
    {
      g_test_skip ("a question would leave this computer: no network namespace may be made");
      return;
    }
  lookup = ptl_lookup_new ();
  ptl_lookup_start (lookup, "localhost");
  line = ptl_lookup_dup_equivalent (lookup, PTL_LOOKUP_COPY_GETENT, 0, NULL);
  g_assert_cmpstr (line, ==, "getent ahosts 'localhost'");
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ADDRESSES, "127.0.0.1"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ADDRESSES, "nsswitch.conf: "));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_ADDRESSES, "from the hosts file, line "));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SOURCES, "the hosts file: "));

  /* Cancelled while the sources are being asked. */
  ptl_lookup_start (lookup, "localhost");
  while (g_list_model_get_n_items (ptl_lookup_get_group (lookup, PTL_LOOKUP_SOURCES)) == 0)
    g_main_context_iteration (NULL, TRUE);
  ptl_lookup_cancel (lookup);
  g_assert_false (ptl_lookup_is_busy (lookup));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SOURCES, "Cancelled"));

  ptl_lookup_start (lookup, "127.0.0.1");
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_REVERSE, "localhost"));
}

/* Names and ports, from the services database and from IANA. */
static void
test_services (Fixture    *fixture,
               const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  ptl_lookup_start (lookup, "smtp");
  wait_idle (lookup);
  row = find_row (lookup, PTL_LOOKUP_SERVICES, "Simple Mail Transfer");
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_value (row), ==, "smtp 25/tcp");
  g_assert_cmpstr (ptl_lookup_row_get_reference (row), ==, "25 tcp");
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "smtp 25/udp"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "SMTP: sending email"));
  ptl_lookup_start (lookup, "80");
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "http 80/tcp"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "http 80/udp"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "www 80/tcp"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "HTTP: "));
  /* Connect goes to the host that was typed, else to this computer. */
  row = find_row (lookup, PTL_LOOKUP_SERVICES, "http 80/tcp");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "localhost:80");
  ptl_lookup_start (lookup, "[2001:db8::1]:80");
  wait_idle (lookup);
  row = find_row (lookup, PTL_LOOKUP_SERVICES, "http 80/tcp");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "[2001:db8::1]:80");
  ptl_lookup_start (lookup, "http://ok.test");
  wait_idle (lookup);
  row = find_row (lookup, PTL_LOOKUP_SERVICES, "http 80/tcp");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "ok.test:80");
  ptl_lookup_start (lookup, "65000");
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "IANA has no name for this port"));
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "ephemeral"));
}

/* A name of this computer's only, an alias, and a name that has no port are not denied. */
static void
test_services_compared (Fixture    *fixture,
                        const void *data)
{
  static const struct
  {
    const char *typed;
    const char *transport; /* with it in the services database, or not at all */
    const char *told;
    const char *row;
  } cases[] = {
    { "whois", "tcp", "IANA agrees", "nicname 43/tcp" },
    { "mail", "tcp", "IANA agrees", "smtp 25/tcp" },
    { "zebra", "tcp", "IANA disagrees: it calls this port discp-client", "discp-client 2601/tcp" },
    { "nicname", NULL, "from IANA", "nicname 43/tcp" },
    { "airplay", NULL, "a name without a port", "airplay" },
  };
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  PtlLookupRow *row;

  ptl_lookup_set_offline (lookup, TRUE);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtlNssService service;

      g_test_message ("%s", cases[i].typed);
      if (cases[i].transport != NULL)
        {
          if (!ptl_nss_find_service (cases[i].typed, cases[i].transport, &service))
            {
              g_test_message ("not in the services database here");
              continue;
            }
          ptl_nss_service_clear (&service);
        }
      ptl_lookup_start (lookup, cases[i].typed);
      wait_idle (lookup);
      g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, cases[i].told));
      g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, cases[i].row));
      g_assert_null (find_row (lookup, PTL_LOOKUP_SERVICES, "no such entry"));
      g_assert_null (find_row (lookup, PTL_LOOKUP_SERVICES, "IANA has no"));
    }
  row = find_row (lookup, PTL_LOOKUP_SERVICES, "a name without a port");
  g_assert_cmpstr (ptl_lookup_row_get_reference (row), ==, "airplay");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "");
  ptl_lookup_start (lookup, "nobody-knows-it");
  wait_idle (lookup);
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SERVICES, "IANA has no such service."));
}

static int
bind_unix (const char *name,
           size_t      len,
           bool        abstract,
           int         type)
{
  PtlAddress address;
  int fd = socket (AF_UNIX, type | SOCK_CLOEXEC, 0);

  g_assert_cmpint (ptl_address_set_unix (&address, name, len, abstract), ==, 0);
  g_assert_cmpint (bind (fd, &address.sa, address.len), ==, 0);
  if (type != SOCK_DGRAM)
    g_assert_cmpint (listen (fd, 5), ==, 0);
  return fd;
}

static PtlLookupRow *
look_at_socket (PtlLookup  *lookup,
                const char *typed,
                const char *text)
{
  PtlLookupRow *row;

  ptl_lookup_start (lookup, typed);
  wait_idle (lookup);
  row = find_row (lookup, PTL_LOOKUP_SOCKET, text);
  if (row == NULL)
    g_test_message ("no “%s” for %s", text, typed);
  g_assert_nonnull (row);
  return row;
}

/* Whoever removes the file of a socket may bind another one to its path, and so on. */
static void
test_many_sockets (Fixture    *fixture,
                   const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  g_autofree char *dir = g_dir_make_tmp ("portlight-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "socket", NULL);
  int fds[PTL_LOOKUP_SOCKETS_MAX + 2];

  for (size_t i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      g_unlink (path);
      fds[i] = bind_unix (path, strlen (path), false, SOCK_DGRAM);
    }
  ptl_lookup_set_offline (lookup, TRUE);
  look_at_socket (lookup, path, "only the first are shown");
  /* The path, and the note. */
  g_assert_cmpuint (g_list_model_get_n_items (ptl_lookup_get_group (lookup, PTL_LOOKUP_SOCKET)), ==,
                    1 + PTL_LOOKUP_SOCKETS_MAX + 1);
  for (size_t i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  g_unlink (path);
  g_rmdir (dir);
}

/* What is known of a Unix socket without connecting to it. */
static void
test_unix (Fixture    *fixture,
           const void *data)
{
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();
  g_autofree char *dir = g_dir_make_tmp ("portlight-XXXXXX", NULL);
  g_autofree char *stream = g_build_filename (dir, "stream", NULL);
  g_autofree char *datagrams = g_build_filename (dir, "datagrams", NULL);
  g_autofree char *stale = g_build_filename (dir, "stale", NULL);
  g_autofree char *file = g_build_filename (dir, "file", NULL);
  g_autofree char *link = g_build_filename (dir, "link", NULL);
  g_autofree char *abstract = g_strdup_printf ("portlight-%d", (int) getpid ());
  g_autofree char *typed_abstract = g_strconcat ("@", abstract, NULL);
  g_autofree char *uri = g_strconcat ("unix:", stream, NULL);
  g_autofree char *uri_datagrams = g_strconcat ("unix+dgram:", datagrams, NULL);
  g_autofree char *pid = g_strdup_printf ("(pid %d)", (int) getpid ());
  g_autofree char *line = NULL;
  int fds[] = {
    bind_unix (stream, strlen (stream), false, SOCK_STREAM),
    bind_unix (datagrams, strlen (datagrams), false, SOCK_DGRAM),
    bind_unix (abstract, strlen (abstract), true, SOCK_SEQPACKET),
  };
  PtlAddress address;
  PtlLookupRow *row;
  int client = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), accepted;

  close (bind_unix (stale, strlen (stale), false, SOCK_STREAM));
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_cmpint (symlink ("stream", link), ==, 0);
  ptl_address_set_unix (&address, stream, strlen (stream), false);
  g_assert_cmpint (connect (client, &address.sa, address.len), ==, 0);
  accepted = accept (fds[0], NULL, NULL);

  ptl_lookup_set_offline (lookup, TRUE);
  row = look_at_socket (lookup, uri, "a socket, srwx");
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_VALUE);
  g_assert_cmpstr (ptl_lookup_row_get_value (row), ==, stream);
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, uri);
  row = find_row (lookup, PTL_LOOKUP_SOCKET, pid);
  g_assert_nonnull (row);
  g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "Listening");
  g_assert_nonnull (strstr (ptl_lookup_row_get_detail (row), "unix-stream"));
  g_assert_nonnull (strstr (ptl_lookup_row_get_detail (row), " · 1 connection"));
  look_at_socket (lookup, link, pid);

  row = look_at_socket (lookup, uri_datagrams, pid);
  g_assert_cmpstr (ptl_lookup_row_get_label (row), ==, "Receiving");
  row = look_at_socket (lookup, stale, "nobody: no open socket has this name");
  g_assert_cmpstr (ptl_lookup_row_get_detail (row), ==, "connect is refused (ECONNREFUSED)");
  row = look_at_socket (lookup, file, "a file, no socket");
  g_assert_cmpint (ptl_lookup_row_get_kind (row), ==, PTL_LOOKUP_ROW_ERROR);
  look_at_socket (lookup, dir, "a folder, no socket, drwx------");
  look_at_socket (lookup, "/nonexistent/x", "nothing has this path (ENOENT)");
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SOCKET, "nobody: "));

  row = look_at_socket (lookup, typed_abstract, "no file has it");
  g_assert_cmpstr (ptl_lookup_row_get_value (row), ==, typed_abstract);
  row = find_row (lookup, PTL_LOOKUP_SOCKET, pid);
  g_assert_nonnull (row);
  g_assert_nonnull (strstr (ptl_lookup_row_get_detail (row), "unix-seqpacket"));
  line = ptl_lookup_dup_equivalent (lookup, PTL_LOOKUP_COPY_PYTHON, 0, NULL);
  g_assert_nonnull (strstr (line, typed_abstract));
  g_assert_null (ptl_lookup_dup_equivalent (lookup, PTL_LOOKUP_COPY_DIG, 0, NULL));
  look_at_socket (lookup, "@portlight-nobody", "nobody: no open socket has this name");

  row = look_at_socket (lookup, "vsock://2:1024", "the host of this virtual machine");
  g_assert_cmpstr (ptl_lookup_row_get_target (row), ==, "vsock://2:1024");
  g_assert_nonnull (find_row (lookup, PTL_LOOKUP_SOCKET, "a number of 32 bits"));

  close (client);
  close (accepted);
  for (size_t i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  g_unlink (stream);
  g_unlink (datagrams);
  g_unlink (stale);
  g_unlink (file);
  g_unlink (link);
  g_rmdir (dir);
}

static void
test_equivalents (Fixture    *fixture,
                  const void *data)
{
  static const struct
  {
    const char    *typed;
    PtlLookupCopy  what;
    const char    *line; /* NULL: there is none */
    gboolean       no_type; /* as the pane asks for all common ones */
  } cases[] = {
    { "ok.test", PTL_LOOKUP_COPY_TRACE, "dig +trace @127.0.0.1 -p 5300 'ok.test' AAAA" },
    { "ok.test", PTL_LOOKUP_COPY_DIG, "dig @127.0.0.1 -p 5300 'ok.test' AAAA" },
    { "bücher.test", PTL_LOOKUP_COPY_PYTHON,
      "import socket; print(socket.getaddrinfo(\"bücher.test\", None, "
      "type=socket.SOCK_STREAM))" },
    { "bücher.test", PTL_LOOKUP_COPY_DIG, "dig @127.0.0.1 -p 5300 'xn--bcher-kva.test' AAAA" },
    { "80", PTL_LOOKUP_COPY_GETENT, "getent services 80" },
    { "80", PTL_LOOKUP_COPY_DIG, NULL },
    { "127.0.0.1", PTL_LOOKUP_COPY_DIG, "dig @127.0.0.1 -p 5300 -x 127.0.0.1", TRUE },
    { "127.0.0.1", PTL_LOOKUP_COPY_TRACE, "dig +trace @127.0.0.1 -p 5300 -x 127.0.0.1", TRUE },
    { "fe80::1%1", PTL_LOOKUP_COPY_DIG, "dig @127.0.0.1 -p 5300 -x fe80::1", TRUE },
    { "ok.test", PTL_LOOKUP_COPY_DIG, "dig @127.0.0.1 -p 5300 'ok.test' A", TRUE },
    { "127.0.0.1", PTL_LOOKUP_COPY_GETENT, "getent hosts '127.0.0.1'" },
    { "http", PTL_LOOKUP_COPY_GETENT, "getent services 'http'; getent ahosts 'http'" },
    { "http", PTL_LOOKUP_COPY_PYTHON,
      "import socket; print(socket.getservbyname(\"http\")); "
      "print(socket.getaddrinfo(\"http\", None, type=socket.SOCK_STREAM))" },
    { "nobody-knows-it", PTL_LOOKUP_COPY_GETENT, "getent ahosts 'nobody-knows-it'" },
    { "localhost:http", PTL_LOOKUP_COPY_GETENT,
      "getent services 'http'; getent ahosts 'localhost'" },
    { "127.0.0.1:80", PTL_LOOKUP_COPY_GETENT, "getent services 80; getent hosts '127.0.0.1'" },
    { "127.0.0.1:80", PTL_LOOKUP_COPY_PYTHON,
      "import socket; print(socket.getservbyport(80)); "
      "print(socket.gethostbyaddr(\"127.0.0.1\"))" },
  };
  g_autoptr (PtlLookup) lookup = ptl_lookup_new ();

  ptl_lookup_set_offline (lookup, TRUE);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = NULL;

      ptl_lookup_start (lookup, cases[i].typed);
      wait_idle (lookup);
      line = ptl_lookup_dup_equivalent (lookup, cases[i].what,
                                        cases[i].no_type ? 0 : PTL_DNS_TYPE_AAAA,
                                        "127.0.0.1:5300");
      g_assert_cmpstr (line, ==, cases[i].line);
    }
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, const void *);
  } tests[] = {
    { "/lookup/records", test_records },
    { "/lookup/compare", test_compare },
    { "/lookup/cancel", test_cancel },
    { "/lookup/folded", test_folded },
    { "/lookup/empty", test_empty },
    { "/lookup/alias-out", test_alias_out },
    { "/lookup/strangers", test_strangers },
    { "/lookup/long", test_long },
    { "/lookup/local", test_local },
    { "/lookup/interface", test_interface },
    { "/lookup/many-addresses", test_many_addresses },
    { "/lookup/idn-answers", test_idn_answers },
    { "/lookup/system", test_system },
    { "/lookup/services", test_services },
    { "/lookup/unix", test_unix },
    { "/lookup/many-sockets", test_many_sockets },
    { "/lookup/services-compared", test_services_compared },
    { "/lookup/equivalents", test_equivalents },
  };

  g_test_init (&argc, &argv, NULL);
  alone = own_net_enter ();
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
