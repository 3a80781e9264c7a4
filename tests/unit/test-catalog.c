/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search and its ranking, the merge with a computer's services, and what listens. */
#include "config.h"

#include "registry/ptl-catalog.h"

#include <string.h>

#include <glib/gstdio.h>

typedef struct
{
  PtlCatalog *catalog;
  uint32_t   *rows;
  size_t      n;
} Found;

static void
find (Found              *found,
      const char         *query,
      PtlCatalogFilter    filter,
      const PtlListening *here)
{
  found->n = ptl_catalog_search (found->catalog, query, filter, here, found->rows);
}

static void
open_catalog (Found      *found,
              const char *services)
{
  found->catalog = ptl_catalog_new (services != NULL ? ptl_services_parse (services) : NULL);
  found->rows = g_new (uint32_t, ptl_catalog_get_n_rows (found->catalog));
  found->n = 0;
}

static void
close_catalog (Found *found)
{
  ptl_catalog_unref (found->catalog);
  g_free (found->rows);
}

static PtlCatalogRow
get (const Found *found,
     size_t       i)
{
  PtlCatalogRow row;

  g_assert_cmpuint (i, <, found->n);
  ptl_catalog_get_row (found->catalog, found->rows[i], &row);
  return row;
}

static void
assert_row (const Found *found,
            size_t       i,
            const char  *name,
            const char  *transport,
            uint16_t     port)
{
  PtlCatalogRow row = get (found, i);

  g_assert_cmpstr (row.row.name, ==, name);
  g_assert_cmpstr (row.transport, ==, transport);
  g_assert_cmpuint (row.row.first_port, ==, port);
}

static void
test_ranking (void)
{
  Found f;
  bool seen_prefix = false;

  open_catalog (&f, NULL);

  find (&f, "http", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "http", "tcp", 80);
  g_assert_cmpuint (f.n, >, 100);
  /* The exact name over other transports, then protocols to know, then names that begin so. */
  for (size_t i = 1; i < f.n; i++)
    {
      PtlCatalogRow row = get (&f, i);

      if (g_ascii_strcasecmp (row.row.name, "http") == 0)
        g_assert_false (seen_prefix);
      else
        seen_prefix = true;
      if (row.row.protocol >= 0 && (row.row.flags & PTL_REGISTRY_MAIN) != 0)
        g_assert_cmpuint (i, <, 60);
    }

  find (&f, "imap4", PTL_CATALOG_ALL, NULL); /* IANA calls it imap */
  assert_row (&f, 0, "imap", "tcp", 143);

  find (&f, "110", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "pop3", "tcp", 110);
  assert_row (&f, 1, "pop3", "udp", 110);
  g_assert_cmpuint (f.n, >, 50); /* and all ports with these digits */

  /* As the TLS twin of another, which comes after it. */
  find (&f, "3713 udp", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "tftps", "udp", 3713);
  assert_row (&f, 1, "tftp", "udp", 69);
  find (&f, "3713 tcp", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "tftps", "tcp", 3713);
  assert_row (&f, 1, "tftp", "tcp", 69);

  find (&f, "6003", PTL_CATALOG_ALL, NULL); /* within a range */
  assert_row (&f, 0, "x11", "tcp", 6000);

  /* In any case, and stable. */
  find (&f, "HTTP", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "http", "tcp", 80);
  close_catalog (&f);
}

static void
test_words (void)
{
  Found f;
  PtlListening here = { 0 };

  open_catalog (&f, NULL);

  find (&f, "", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, ==, ptl_catalog_get_n_rows (f.catalog));
  find (&f, "   ", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, ==, ptl_catalog_get_n_rows (f.catalog));

  find (&f, "8000-8100", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, >, 50);
  for (size_t i = 0; i < f.n; i++)
    {
      PtlCatalogRow row = get (&f, i);

      g_assert_true (row.row.first_port <= 8100 && row.row.last_port >= 8000);
    }
  find (&f, "8000-8100 udp", PTL_CATALOG_ALL, NULL);
  for (size_t i = 0; i < f.n; i++)
    g_assert_cmpstr (get (&f, i).transport, ==, "udp");

  find (&f, "rfc5321", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "smtp", "tcp", 25);
  find (&f, "RFC 5321", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "smtp", "tcp", 25);
  find (&f, "RFC-5321", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "smtp", "tcp", 25);

  find (&f, "python:imaplib", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, ==, 2); /* imap and imaps */
  assert_row (&f, 0, "imap", "tcp", 143);
  find (&f, "python:gopherlib", PTL_CATALOG_ALL, NULL); /* gone since */
  assert_row (&f, 0, "gopher", "tcp", 70);

  find (&f, "tls pop3", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "pop3", "tcp", 110);
  for (size_t i = 0; i < f.n; i++)
    g_assert_cmpuint (get (&f, i).row.flags & PTL_REGISTRY_TLS, !=, 0);

  find (&f, "\"post office\" tcp", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, >=, 2);
  find (&f, "office post tcp", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, >=, 2);
  find (&f, "\"office post\"", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, ==, 0);
  find (&f, "no-such-word-at-all", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, ==, 0);

  here.tcp[80 / 64] |= UINT64_C (1) << (80 % 64);
  here.udp[6005 / 64] |= UINT64_C (1) << (6005 % 64);
  find (&f, "listening", PTL_CATALOG_ALL, &here);
  g_assert_cmpuint (f.n, >=, 2);
  assert_row (&f, 0, "http", "tcp", 80);
  assert_row (&f, f.n - 1, "x11", "udp", 6000);
  find (&f, "", PTL_CATALOG_LISTENING, &here);
  g_assert_cmpuint (f.n, >=, 2);
  find (&f, "", PTL_CATALOG_LISTENING, NULL);
  g_assert_cmpuint (f.n, ==, 0);
  /* What IANA has without a transport is either. */
  ptl_listening_add (&here, PTL_REGISTRY_TCP, 34799);
  find (&f, "34799", PTL_CATALOG_LISTENING, &here);
  g_assert_cmpuint (f.n, ==, 1);
  g_assert_cmpuint (get (&f, 0).row.first_port, ==, 34568);
  g_assert_true (ptl_catalog_query_needs_here ("http listening", PTL_CATALOG_ALL));
  g_assert_true (ptl_catalog_query_needs_here ("", PTL_CATALOG_LISTENING));
  g_assert_false (ptl_catalog_query_needs_here ("http", PTL_CATALOG_TCP));

  find (&f, "", PTL_CATALOG_KNOWN, NULL);
  g_assert_cmpuint (f.n, ==, 75);
  find (&f, "", PTL_CATALOG_UDP, NULL);
  for (size_t i = 0; i < f.n; i++)
    g_assert_cmpstr (get (&f, i).transport, ==, "udp");
  close_catalog (&f);
}

/* Of any query: it ends, and finds nothing that is not there. */
static void
test_limits (void)
{
  Found f;
  g_autofree char *long_query = g_strnfill (3 * PTL_CATALOG_QUERY_MAX, 'a');
  g_autoptr (GString) many = g_string_new (NULL);
  static const char *const odd[] = {
    "\"", "\"\"", "-", "--", "65536", "99999999999", "70000-80000", "rfc", "rfc-", "\xff\xfe", "9-",
    "-9", "python:", "%s%n", "\n", "\t http \t",
  };

  open_catalog (&f, "x 1/tcp\n");
  find (&f, long_query, PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, ==, 0);
  /* Words after the last that is looked at narrow nothing down. */
  for (unsigned i = 0; i < PTL_CATALOG_WORDS_MAX; i++)
    g_string_append (many, "http ");
  g_string_append (many, "no-such-word-at-all");
  find (&f, many->str, PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, >, 100);
  for (size_t i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      find (&f, odd[i], PTL_CATALOG_ALL, NULL);
      g_assert_cmpuint (f.n, <=, ptl_catalog_get_n_rows (f.catalog));
    }
  close_catalog (&f);
}

static const char *const services =
  "# a comment\n"
  "http 80/tcp www # WorldWideWeb\n"
  "whois 43/tcp nicname\n"
  "rplay 5555/udp\n"
  "zebra 2600/tcp\n"
  "smtp 2525/tcp\n"
  "mine 4/tcp\n"
  "nbp 2/ddp\n"
  "broken 99999/tcp\n"
  "broken\n"
  "broken 12\n";

static void
test_merge (void)
{
  Found f;
  PtlCatalogRow row;

  open_catalog (&f, services);
  g_assert_cmpuint (ptl_catalog_get_n_rows (f.catalog), ==, ptl_registry_get_n_rows () + 5);

  find (&f, "http tcp", PTL_CATALOG_ALL, NULL);
  g_assert_cmpint (get (&f, 0).relation, ==, PTL_CATALOG_SAME);
  find (&f, "www tcp", PTL_CATALOG_ALL, NULL); /* IANA has it, and it is an alias here */
  g_assert_cmpuint (f.n, >=, 2);

  find (&f, "nicname tcp", PTL_CATALOG_ALL, NULL);
  row = get (&f, 0);
  g_assert_cmpint (row.relation, ==, PTL_CATALOG_ALIAS);
  g_assert_cmpstr (row.service->name, ==, "whois");

  /* IANA's row and this computer's stand side by side, and both say so. */
  find (&f, "5555 udp", PTL_CATALOG_ALL, NULL);
  g_assert_cmpint (get (&f, 0).relation, ==, PTL_CATALOG_OTHER_NAME);
  g_assert_cmpstr (get (&f, 0).service->name, ==, "rplay");
  find (&f, "rplay", PTL_CATALOG_ALL, NULL);
  row = get (&f, 0);
  g_assert_cmpint (row.relation, ==, PTL_CATALOG_LOCAL_NAME);
  g_assert_cmpstr (row.iana_names, ==, "personal-agent");
  g_assert_cmpuint (row.row.first_port, ==, 5555);

  find (&f, "smtp 2525", PTL_CATALOG_ALL, NULL);
  row = get (&f, 0);
  g_assert_cmpint (row.relation, ==, PTL_CATALOG_LOCAL_NAME); /* 2525 is ms-v-worlds */

  find (&f, "source:disagree", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, >=, 6); /* rplay, zebra and smtp on 2525, and what IANA has there */
  for (size_t i = 0; i < f.n; i++)
    {
      row = get (&f, i);
      g_assert_true (row.relation == PTL_CATALOG_OTHER_NAME
                     || row.relation == PTL_CATALOG_LOCAL_NAME);
    }
  find (&f, "source:computer 4", PTL_CATALOG_ALL, NULL);
  for (size_t i = 0; i < f.n; i++)
    g_assert_nonnull (get (&f, i).service);
  find (&f, "source:portlight", PTL_CATALOG_ALL, NULL);
  g_assert_cmpuint (f.n, >, 0);
  for (size_t i = 0; i < f.n; i++)
    g_assert_cmpuint (get (&f, i).row.flags & PTL_REGISTRY_GUIDE, !=, 0);

  find (&f, "mine 4", PTL_CATALOG_ALL, NULL);
  g_assert_cmpint (get (&f, 0).relation, ==, PTL_CATALOG_LOCAL_ONLY);
  find (&f, "nbp", PTL_CATALOG_ALL, NULL);
  assert_row (&f, 0, "nbp", "ddp", 2);

  /* Rows of this computer are where their port is. */
  find (&f, "", PTL_CATALOG_ALL, NULL);
  for (size_t i = 1; i < f.n; i++)
    {
      PtlCatalogRow a = get (&f, i - 1), b = get (&f, i);

      if ((b.row.flags & PTL_REGISTRY_HAS_PORT) != 0)
        g_assert_cmpuint (a.row.first_port, <=, b.row.first_port);
    }
  close_catalog (&f);

  open_catalog (&f, "telnet 4444/udp\nsmtp 4/tcp\n");
  find (&f, "smtp 4", PTL_CATALOG_ALL, NULL);
  for (size_t i = 0; i < f.n; i++)
    if (get (&f, i).row.first_port == 4)
      {
        g_assert_cmpint (get (&f, i).relation, ==, PTL_CATALOG_LOCAL_PORT);
        g_assert_cmpuint (get (&f, i).iana_port, ==, 25);
      }
  close_catalog (&f);
}

/* 25 rows of a services database, drawn by chance; why five are this computer's own. */
static void
test_sample (void)
{
  static const struct
  {
    const char        *line;
    PtlCatalogRelation relation;
  } sample[] = {
    { "mon 2583/tcp", PTL_CATALOG_SAME },
    { "microsoft-ds 445/tcp", PTL_CATALOG_SAME },
    { "freeciv 5556/tcp", PTL_CATALOG_SAME },
    { "domain 53/udp", PTL_CATALOG_SAME },
    { "sunrpc 111/tcp portmapper", PTL_CATALOG_SAME },
    { "f5-iquery 4353/tcp", PTL_CATALOG_SAME },
    { "finger 79/tcp", PTL_CATALOG_SAME },
    { "nntps 563/tcp snntp", PTL_CATALOG_SAME },
    { "time 37/udp timserver", PTL_CATALOG_SAME },
    { "netbios-ssn 139/tcp", PTL_CATALOG_SAME },
    { "babel 6696/udp", PTL_CATALOG_SAME },
    { "gnutella-svc 6346/tcp", PTL_CATALOG_SAME },
    { "pop3 110/tcp pop-3", PTL_CATALOG_SAME },
    { "imaps 993/tcp", PTL_CATALOG_SAME },
    { "snmp 161/udp", PTL_CATALOG_SAME },
    { "gnutella-rtr 6347/udp", PTL_CATALOG_SAME },
    { "http 80/tcp www", PTL_CATALOG_SAME },
    { "pawserv 345/tcp", PTL_CATALOG_SAME },
    { "tinc 655/udp", PTL_CATALOG_SAME },
    { "snmp-trap 162/udp snmptrap", PTL_CATALOG_ALIAS },
    { "rmtcfg 1236/tcp", PTL_CATALOG_LOCAL_NAME },      /* IANA: bvcontrol */
    { "omniorb 8088/tcp", PTL_CATALOG_LOCAL_NAME },     /* IANA: radan-http */
    { "passwd-server 752/udp", PTL_CATALOG_LOCAL_NAME }, /* IANA: qrh */
    { "bgpd 2605/tcp", PTL_CATALOG_LOCAL_NAME },        /* IANA: nsc-posa */
    { "rplay 5555/udp", PTL_CATALOG_LOCAL_NAME },       /* IANA: personal-agent */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (sample); i++)
    {
      Found f;
      bool seen = false;

      g_test_message ("%s", sample[i].line);
      open_catalog (&f, sample[i].line);
      find (&f, "", PTL_CATALOG_ALL, NULL);
      for (size_t k = 0; k < f.n; k++)
        {
          PtlCatalogRow row = get (&f, k);

          if (row.service == NULL || row.relation == PTL_CATALOG_OTHER_NAME)
            continue;
          /* An alias may be a name of IANA's, too (www). */
          if (row.relation == PTL_CATALOG_ALIAS && sample[i].relation == PTL_CATALOG_SAME)
            continue;
          g_assert_cmpint (row.relation, ==, sample[i].relation);
          if (row.relation == PTL_CATALOG_LOCAL_NAME)
            g_assert_cmpstr (row.iana_names, !=, "");
          seen = true;
        }
      g_assert_true (seen);
      close_catalog (&f);
    }
}

static void
test_sort (void)
{
  Found f;
  size_t n;
  bool empty = false;

  open_catalog (&f, services);
  find (&f, "mail", PTL_CATALOG_ALL, NULL);
  n = f.n;
  ptl_catalog_sort (f.catalog, PTL_CATALOG_BY_NAME, false, NULL, f.rows, f.n);
  for (size_t i = 1; i < n; i++)
    {
      const char *a = get (&f, i - 1).row.name, *b = get (&f, i).row.name;

      if (*b != '\0')
        g_assert_cmpint (g_ascii_strcasecmp (a, b), <=, 0);
    }
  ptl_catalog_sort (f.catalog, PTL_CATALOG_BY_PORT, true, NULL, f.rows, f.n);
  for (size_t i = 1; i < n; i++)
    if ((get (&f, i).row.flags & PTL_REGISTRY_HAS_PORT) != 0)
      g_assert_cmpuint (get (&f, i - 1).row.first_port, >=, get (&f, i).row.first_port);
  /* What is empty comes last, both ways round. */
  for (unsigned descending = 0; descending < 2; descending++)
    {
      empty = false;
      find (&f, "", PTL_CATALOG_ALL, NULL);
      ptl_catalog_sort (f.catalog, PTL_CATALOG_BY_REGISTERED, descending != 0, NULL, f.rows, f.n);
      for (size_t i = 0; i < f.n; i++)
        {
          g_assert_false (empty && get (&f, i).row.registered != 0);
          empty = empty || get (&f, i).row.registered == 0;
        }
    }
  for (unsigned i = 0; i < PTL_CATALOG_N_COLUMNS; i++)
    {
      find (&f, "", PTL_CATALOG_ALL, NULL);
      ptl_catalog_sort (f.catalog, (PtlCatalogColumn) i, true, NULL, f.rows, f.n);
      /* None is lost, none comes twice. */
      {
        g_autofree uint8_t *seen = g_malloc0 (f.n);

        for (size_t k = 0; k < f.n; k++)
          {
            g_assert_cmpuint (seen[f.rows[k]], ==, 0);
            seen[f.rows[k]] = 1;
          }
      }
    }
  close_catalog (&f);
}

static void
test_listening (void)
{
  PtlListening here = { 0 }, other = { 0 };
  uint16_t port = 0, ports[3];

  ptl_listening_add (&here, PTL_REGISTRY_TCP, 8080);
  ptl_listening_add (&here, PTL_REGISTRY_UDP, 67);
  ptl_listening_add (&here, PTL_REGISTRY_UDP, 65535);
  ptl_listening_add (&here, PTL_REGISTRY_TCP, 0);
  ptl_listening_add (&here, PTL_REGISTRY_SCTP, 80);
  g_assert_true (ptl_listening_has (&here, PTL_REGISTRY_TCP, 8080));
  g_assert_false (ptl_listening_has (&here, PTL_REGISTRY_TCP, 67));
  g_assert_false (ptl_listening_has (&here, PTL_REGISTRY_TCP, 0));
  g_assert_true (ptl_listening_has (&here, PTL_REGISTRY_UDP, 67));
  g_assert_true (ptl_listening_has (&here, PTL_REGISTRY_UDP, 65535));
  g_assert_false (ptl_listening_has (&here, PTL_REGISTRY_SCTP, 80));
  g_assert_true (ptl_listening_find (&here, PTL_REGISTRY_TCP, 8000, 8100, &port));
  g_assert_cmpuint (port, ==, 8080);
  g_assert_false (ptl_listening_find (&here, PTL_REGISTRY_TCP, 65535, 65535, &port));
  g_assert_true (ptl_listening_find (&here, PTL_REGISTRY_NO_TRANSPORT, 68, 65535, &port));
  g_assert_cmpuint (port, ==, 8080);
  g_assert_cmpuint (ptl_listening_list (&here, PTL_REGISTRY_NO_TRANSPORT, 0, 65535, ports, 3), ==,
                    3);
  g_assert_cmpuint (ports[0], ==, 67);
  g_assert_cmpuint (ports[1], ==, 8080);
  g_assert_cmpuint (ports[2], ==, 65535);
  g_assert_cmpuint (ptl_listening_list (&here, PTL_REGISTRY_NO_TRANSPORT, 67, 8080, ports, 1), ==,
                    1);
  g_assert_cmpuint (ptl_listening_list (&here, PTL_REGISTRY_UDP, 68, 65534, ports, 3), ==, 0);
  g_assert_cmpuint (ptl_listening_list (&here, PTL_REGISTRY_SCTP, 0, 65535, ports, 3), ==, 0);
  g_assert_false (ptl_listening_equal (&here, &other));
  other = here;
  g_assert_true (ptl_listening_equal (&here, &other));
}

static void
test_services (void)
{
  g_autoptr (PtlServices) parsed =
    ptl_services_parse ("a 1/tcp b c # d\n\xff\x1b[31m 2/udp\nx 0/tcp\n");
  g_autoptr (PtlServices) own = ptl_services_read ();

  g_assert_cmpuint (parsed->n, ==, 2);
  g_assert_cmpstr (parsed->items[0].aliases, ==, "b c");
  /* Whatever is in the file: printable. */
  g_assert_true (g_utf8_validate (parsed->items[1].name, -1, NULL));
  g_assert_null (strchr (parsed->items[1].name, '\x1b'));
  for (size_t i = 0; i < own->n; i++)
    g_assert_cmpuint (own->items[i].port, >, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalog/ranking", test_ranking);
  g_test_add_func ("/catalog/words", test_words);
  g_test_add_func ("/catalog/limits", test_limits);
  g_test_add_func ("/catalog/merge", test_merge);
  g_test_add_func ("/catalog/sample", test_sample);
  g_test_add_func ("/catalog/sort", test_sort);
  g_test_add_func ("/catalog/listening", test_listening);
  g_test_add_func ("/catalog/services", test_services);
  return g_test_run ();
}
