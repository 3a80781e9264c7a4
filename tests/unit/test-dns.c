/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DNS messages, names and servers as values. */
#include "config.h"

#include "lookup/ptl-dns.h"

#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

static void
test_types (void)
{
  static const struct
  {
    const char *text;
    uint16_t    type;
    const char *canonical;
  } cases[] = {
    { "A", 1, "A" }, { "aaaa", 28, "AAAA" }, { " mx ", 15, "MX" }, { "HTTPS", 65, "HTTPS" },
    { "svcb", 64, "SVCB" }, { "255", 255, "ANY" }, { "any", 255, "ANY" },
    { "TYPE777", 777, "TYPE777" }, { "type1", 1, "A" }, { "caa", 257, "CAA" },
    { "NAPTR", 35, "NAPTR" }, { "nonsense", 0, NULL }, { "", 0, NULL }, { "65536", 0, NULL },
    { "0", 0, NULL }, { "A B", 0, NULL },
  };
  char text[PTL_DNS_TYPE_TEXT_MAX];

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpuint (ptl_dns_type_from_text (cases[i].text), ==, cases[i].type);
      if (cases[i].type != 0)
        g_assert_cmpstr (ptl_dns_type_to_text (cases[i].type, text), ==, cases[i].canonical);
    }
}

static void
test_query (void)
{
  static const uint8_t expected[] = {
    0, 0, 1, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 2, 'a', 'b', 0, 0, 28, 0, 1,
  };
  uint8_t wire[PTL_DNS_QUERY_MAX];
  char label[80], name[400] = "";

  g_assert_cmpuint (ptl_dns_build_query ("www.ab", 28, true, false, false, wire), ==,
                    sizeof expected);
  g_assert_cmpmem (wire, sizeof expected, expected, sizeof expected);
  g_assert_cmpuint (ptl_dns_build_query ("www.ab.", 28, true, false, false, wire), ==,
                    sizeof expected);
  /* EDNS: an OPT record of 11 bytes with our size. */
  g_assert_cmpuint (ptl_dns_build_query ("www.ab", 28, true, true, true, wire), ==,
                    sizeof expected + 11);
  g_assert_cmpuint (wire[sizeof expected + 3] << 8 | wire[sizeof expected + 4], ==,
                    PTL_DNS_EDNS_SIZE);
  g_assert_cmpuint (wire[sizeof expected + 7], ==, 0x80);
  g_assert_cmpuint (ptl_dns_build_query (".", 2, false, false, false, wire), ==, 17);

  memset (label, 'a', sizeof label);
  label[63] = '\0';
  g_assert_cmpuint (ptl_dns_build_query (label, 1, true, true, false, wire), >, 0);
  label[63] = 'a';
  label[64] = '\0';
  g_assert_cmpuint (ptl_dns_build_query (label, 1, true, true, false, wire), ==, 0);
  for (int i = 0; i < 130; i++)
    g_strlcat (name, "a.", sizeof name);
  g_assert_cmpuint (ptl_dns_build_query (name, 1, true, true, false, wire), ==, 0);
  g_assert_cmpuint (ptl_dns_build_query ("a b", 1, true, true, false, wire), ==, 0);
  g_assert_cmpuint (ptl_dns_build_query ("a\\046b", 1, true, true, false, wire), ==, 0);
}

/* b.test. MX 10 with a name that points back, an authority and an extended code. */
static const uint8_t mx_reply[] = {
  0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 1,
  1, 'b', 4, 't', 'e', 's', 't', 0, 0, 15, 0, 1,
  0xc0, 0x0c, 0, 15, 0, 1, 0, 0, 0, 60, 0, 6, 0, 10, 1, 'm', 0xc0, 0x0e,
  0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0,
};

static void
test_parse (void)
{
  g_autoptr (PtlDnsReply) reply = ptl_dns_reply_new ("B.test", PTL_DNS_TYPE_MX);
  g_autoptr (PtlDnsReply) other = ptl_dns_reply_new ("c.test", PTL_DNS_TYPE_MX);
  g_autoptr (PtlDnsReply) other_type = ptl_dns_reply_new ("b.test", PTL_DNS_TYPE_A);
  uint8_t copy[sizeof mx_reply];

  g_assert_cmpint (ptl_dns_parse_reply (reply, mx_reply, sizeof mx_reply), ==, PTL_DNS_PARSE_OK);
  g_assert_cmpuint (reply->n_records, ==, 1);
  g_assert_cmpstr (reply->records[0].data, ==, "10 m.test.");
  g_assert_true (reply->edns && reply->rd && reply->ra && !reply->aa);
  g_assert_cmpint (ptl_dns_parse_reply (other, mx_reply, sizeof mx_reply), ==,
                   PTL_DNS_PARSE_WRONG_QUESTION);
  g_assert_cmpint (ptl_dns_parse_reply (other_type, mx_reply, sizeof mx_reply), ==,
                   PTL_DNS_PARSE_WRONG_QUESTION);
  g_assert_false (other->has_message);
  /* No part of it is a message. */
  for (size_t len = 0; len < sizeof mx_reply; len++)
    {
      g_autofree uint8_t *part = g_memdup2 (mx_reply, len);

      g_assert_cmpint (ptl_dns_parse_reply (reply, part, len), ==, PTL_DNS_PARSE_GARBAGE);
    }
  g_assert_cmpuint (reply->n_records, ==, 1);
  /* A question is no answer, and a pointer that goes round ends. */
  memcpy (copy, mx_reply, sizeof copy);
  copy[2] &= 0x7f;
  g_assert_cmpint (ptl_dns_parse_reply (reply, copy, sizeof copy), ==, PTL_DNS_PARSE_GARBAGE);
  memcpy (copy, mx_reply, sizeof copy);
  copy[12] = 6;
  copy[14] = '.';
  copy[18] = 't';
  g_assert_cmpint (ptl_dns_parse_reply (reply, copy, sizeof copy), !=, PTL_DNS_PARSE_OK);
  memcpy (copy, mx_reply, sizeof copy);
  copy[27] = 250; /* TSIG */
  g_assert_cmpint (ptl_dns_parse_reply (reply, copy, sizeof copy), ==, PTL_DNS_PARSE_GARBAGE);
  memcpy (copy, mx_reply, sizeof copy);
  copy[25] = 24;
  g_assert_cmpint (ptl_dns_parse_reply (reply, copy, sizeof copy), ==, PTL_DNS_PARSE_GARBAGE);
}

/* Names are written as ldns writes them, whatever is in a label. */
static void
test_odd_names (void)
{
  const size_t at = sizeof mx_reply - 11 - 3; /* of the letter m */

  g_assert_cmpint (mx_reply[at], ==, 'm');
  for (unsigned byte = 0; byte < 256; byte++)
    {
      g_autoptr (PtlDnsReply) reply = ptl_dns_reply_new ("b.test", PTL_DNS_TYPE_MX);
      const uint8_t name[] = { 1, (uint8_t) byte, 4, 't', 'e', 's', 't', 0 };
      ldns_rdf *dname = ldns_rdf_new_frm_data (LDNS_RDF_TYPE_DNAME, sizeof name, name);
      char *text = ldns_rdf2str (dname);
      g_autofree char *expected = g_strdup_printf ("10 %s", text);
      uint8_t copy[sizeof mx_reply];

      memcpy (copy, mx_reply, sizeof copy);
      copy[at] = (uint8_t) byte;
      g_assert_cmpint (ptl_dns_parse_reply (reply, copy, sizeof copy), ==, PTL_DNS_PARSE_OK);
      g_assert_cmpstr (reply->records[0].data, ==, expected);
      ldns_rdf_deep_free (dname);
      free (text);
    }
}

static void
test_records_limit (void)
{
  static const uint8_t record[] = { 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };
  static const uint8_t question[] = { 1, 'b', 0, 0, 1, 0, 1 };
  const unsigned n = PTL_DNS_RECORDS_MAX + 1;
  size_t len = 12 + sizeof question + n * sizeof record;
  g_autofree uint8_t *wire = g_malloc0 (len);
  g_autoptr (PtlDnsReply) reply = ptl_dns_reply_new ("b", PTL_DNS_TYPE_A);

  wire[2] = 0x80;
  wire[5] = 1;
  wire[6] = n >> 8;
  wire[7] = n & 0xff;
  memcpy (wire + 12, question, sizeof question);
  for (unsigned i = 0; i < n; i++)
    memcpy (wire + 12 + sizeof question + i * sizeof record, record, sizeof record);
  g_assert_cmpint (ptl_dns_parse_reply (reply, wire, len), ==, PTL_DNS_PARSE_OK);
  g_assert_cmpuint (reply->n_records, ==, PTL_DNS_RECORDS_MAX);
  g_assert_true (reply->cut_off);
}

/* Only what the question leads to is an answer. */
static void
test_strangers (void)
{
  static const struct
  {
    const char *records; /* owner type data, with "; " between */
    const char *kept;    /* a sign for each: kept or left out */
    const char *first;   /* of those left out */
  } cases[] = {
    { "a.test. 1 192.0.2.1", "+", NULL },
    { "A.TEST. 1 192.0.2.1; a.test. 1 192.0.2.2", "++", NULL },
    { "evil.other. 1 192.0.2.66", "-", "evil.other. A 192.0.2.66" },
    { "evil.other. 1 192.0.2.66; a.test. 1 192.0.2.1", "-+", "evil.other. A 192.0.2.66" },
    { "xa.test. 1 192.0.2.66", "-", "xa.test. A 192.0.2.66" },
    { "test. 1 192.0.2.66; b.a.test. 1 192.0.2.67", "--", "test. A 192.0.2.66" },
    /* in any order */
    { "c.test. 1 192.0.2.1; B.test. 5 c.test.; a.test. 5 b.Test.", "+++", NULL },
    { "b.test. 5 c.test.; c.test. 1 192.0.2.66", "--", "b.test. CNAME c.test." },
    { "a.test. 5 a.test.; b.test. 1 192.0.2.66", "+-", "b.test. A 192.0.2.66" },
    { "a.test. 5 b.test.; b.test. 5 a.test.; c.test. 1 192.0.2.66", "++-",
      "c.test. A 192.0.2.66" },
    /* the first of two aliases is the one that is followed */
    { "a.test. 5 b.test.; a.test. 5 c.test.; c.test. 1 192.0.2.66", "++-",
      "c.test. A 192.0.2.66" },
    { "test. 39 example.; a.test. 5 a.example.; a.example. 1 192.0.2.1", "+++", NULL },
    { "test. 39 example.; a.example. 1 192.0.2.1; b.example. 1 192.0.2.66", "++-",
      "b.example. A 192.0.2.66" },
    { "test. 46 DNAME 8 1; test. 46 A 8 1", "+-", "test. RRSIG A 8 1" },
    { "other. 39 example.; a.example. 1 192.0.2.66", "--", "other. DNAME example." },
    { "a.test. 39 b.a.test.; x.a.test. 1 192.0.2.66", "+-", "x.a.test. A 192.0.2.66" },
    { "est. 39 example.", "-", "est. DNAME example." },
    { "test. 39 a.test.; a.a.test. 1 192.0.2.1", "++", NULL },
    { "", "", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PtlDnsReply) reply = ptl_dns_reply_new ("a.test", PTL_DNS_TYPE_A);
      g_auto (GStrv) records = g_strsplit (cases[i].records, "; ", -1);
      unsigned n = g_strv_length (records), kept = 0;

      g_test_message ("%s", cases[i].records);
      /* Of the other sections all stay. */
      reply->records = g_new0 (PtlDnsRecord, n + 1);
      for (unsigned j = 0; j < n; j++)
        {
          g_auto (GStrv) parts = g_strsplit (records[j], " ", 3);

          reply->records[j].owner = g_strdup (parts[0]);
          reply->records[j].type = (uint16_t) atoi (parts[1]);
          reply->records[j].data = g_strdup (parts[2]);
        }
      reply->records[n].owner = g_strdup ("other.");
      reply->records[n].data = g_strdup ("x");
      reply->records[n].section = PTL_DNS_SECTION_AUTHORITY;
      reply->n_records = n + 1;
      ptl_dns_reply_drop_strangers (reply, "a.test");
      for (unsigned j = 0; j < n; j++)
        if (cases[i].kept[j] == '+')
          {
            g_autofree char *left = g_strdup_printf ("%s %u %s", reply->records[kept].owner,
                                                     reply->records[kept].type,
                                                     reply->records[kept].data);

            g_assert_cmpstr (left, ==, records[j]);
            kept++;
          }
      g_assert_cmpuint (reply->n_records, ==, kept + 1);
      g_assert_cmpuint (reply->n_strangers, ==, n - kept);
      g_assert_cmpstr (reply->stranger, ==, cases[i].first);
    }
}

static void
test_reverse_name (void)
{
  static const struct
  {
    const char *server;
    const char *name;
  } cases[] = {
    { "192.0.2.10", "10.2.0.192.in-addr.arpa" },
    { "[2001:db8::567:89ab]:53",
      "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = NULL;
      PtlAddress address;

      g_assert_true (ptl_dns_parse_server (cases[i].server, &address, NULL));
      name = ptl_dns_reverse_name (&address);
      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

static void
test_server (void)
{
  static const struct
  {
    const char *text;
    const char *server; /* NULL: refused */
  } cases[] = {
    { "127.0.0.1", "127.0.0.1:53" },
    { " 127.0.0.1:5353 ", "127.0.0.1:5353" },
    { "127.0.0.1 5353", "127.0.0.1:5353" },
    { "127.0.0.1#5353", "127.0.0.1:5353" },
    { "::1", "[::1]:53" },
    { "[::1]:5353", "[::1]:5353" },
    { "2001:db8::1 53", "[2001:db8::1]:53" },
    { "example.org", NULL }, { "", NULL }, { "127.0.0.1:0", NULL },
    { "127.0.0.1:domain", NULL }, { "127.0.0.1:70000", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      char text[PTL_ADDRESS_TEXT_MAX];
      PtlAddress server;
      bool good = ptl_dns_parse_server (cases[i].text, &server, &error);

      g_test_message ("%s", cases[i].text);
      g_assert_true (good == (cases[i].server != NULL));
      g_assert_true (good == (error == NULL));
      if (good)
        g_assert_cmpstr (ptl_address_format (&server, text, sizeof text), ==, cases[i].server);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dns/types", test_types);
  g_test_add_func ("/dns/query", test_query);
  g_test_add_func ("/dns/parse", test_parse);
  g_test_add_func ("/dns/odd-names", test_odd_names);
  g_test_add_func ("/dns/records-limit", test_records_limit);
  g_test_add_func ("/dns/strangers", test_strangers);
  g_test_add_func ("/dns/reverse-name", test_reverse_name);
  g_test_add_func ("/dns/server", test_server);
  return g_test_run ();
}
