/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry against the services database of the system: names and ports per second, and how
 * long a search takes.
 *
 *   bench-registry [--search]          prints "what figure unit" lines */
#include "config.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "registry/ptl-catalog.h"

#define NAMES_ROUNDS 400
#define SEARCHES 200

static uint64_t
now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (uint64_t) ts.tv_sec * 1000000000u + (uint64_t) ts.tv_nsec;
}

static volatile uint64_t sink;

static double
per_second (uint64_t n,
            uint64_t start_ns)
{
  return (double) n * 1e9 / (double) (now_ns () - start_ns);
}

/* The names of the system's own database, which both know. */
static void
bench_names (void)
{
  g_autoptr (PtlServices) services = ptl_services_read ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  char buffer[4096];
  double ours, theirs;
  uint64_t start;

  for (size_t i = 0; i < services->n; i++)
    {
      uint32_t row;

      if (g_str_equal (services->items[i].transport, "tcp")
          && ptl_registry_find_name (services->items[i].name, PTL_REGISTRY_TCP, &row))
        g_ptr_array_add (names, services->items[i].name);
    }
  if (names->len == 0)
    {
      printf ("# this computer has no services database\n");
      return;
    }
  start = now_ns ();
  for (unsigned k = 0; k < NAMES_ROUNDS * 20; k++)
    for (guint i = 0; i < names->len; i++)
      {
        uint32_t row = 0;

        ptl_registry_find_name (g_ptr_array_index (names, i), PTL_REGISTRY_TCP, &row);
        sink += row;
      }
  ours = per_second ((uint64_t) NAMES_ROUNDS * 20 * names->len, start);

  start = now_ns ();
  for (unsigned k = 0; k < NAMES_ROUNDS / 50; k++)
    for (guint i = 0; i < names->len; i++)
      {
        struct servent entry, *found;

        getservbyname_r (g_ptr_array_index (names, i), "tcp", &entry, buffer, sizeof buffer,
                         &found);
        sink += found != NULL;
      }
  theirs = per_second ((uint64_t) NAMES_ROUNDS / 50 * names->len, start);
  printf ("names %.0f /s\ngetservbyname_r %.0f /s\nnames-ratio %.0f times\n", ours, theirs,
          ours / theirs);
}

static void
bench_ports (void)
{
  char buffer[4096];
  double ours, theirs;
  uint64_t start, n = 0;

  start = now_ns ();
  for (unsigned k = 0; k < 2000; k++)
    for (uint32_t port = 1; port < 65536; port++)
      {
        uint32_t row = 0;

        n += ptl_registry_find_port (PTL_REGISTRY_TCP, (uint16_t) port, &row);
        sink += row;
      }
  ours = per_second (UINT64_C (2000) * 65535, start);

  start = now_ns ();
  n = 0;
  for (uint32_t port = 1; port < 65536; port += 13)
    {
      struct servent entry, *found;

      getservbyport_r (htons ((uint16_t) port), "tcp", &entry, buffer, sizeof buffer, &found);
      sink += found != NULL;
      n++;
    }
  theirs = per_second (n, start);
  printf ("ports %.0f /s\ngetservbyport_r %.0f /s\nports-ratio %.0f times\n", ours, theirs,
          ours / theirs);
}

static int
compare_times (const void *a,
               const void *b)
{
  uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

  return x < y ? -1 : x > y;
}

/* The median of each. */
static void
bench_search (void)
{
  static const char *const queries[] = {
    "h", "ht", "htt", "http", "mail", "secure socket", "80", "8080", "8000-8100", "rfc5321",
    "python:imaplib", "tcp tls", "no such thing at all", "e", "",
  };
  g_autoptr (PtlCatalog) catalog = ptl_catalog_new (ptl_services_read ());
  g_autofree uint32_t *rows = g_new (uint32_t, ptl_catalog_get_n_rows (catalog));

  for (size_t i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      uint64_t taken[SEARCHES], sort_ns;
      size_t n = 0;

      for (unsigned k = 0; k < SEARCHES; k++)
        {
          uint64_t start = now_ns ();

          n = ptl_catalog_search (catalog, queries[i], PTL_CATALOG_ALL, NULL, rows);
          taken[k] = now_ns () - start;
        }
      qsort (taken, SEARCHES, sizeof *taken, compare_times);
      sort_ns = now_ns ();
      ptl_catalog_sort (catalog, PTL_CATALOG_BY_NAME, true, NULL, rows, n);
      sort_ns = now_ns () - sort_ns;
      printf ("search %.3f ms sort %.3f ms rows %zu \"%s\"\n", (double) taken[SEARCHES / 2] / 1e6,
              (double) sort_ns / 1e6, n, queries[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  uint64_t start = now_ns ();
  uint32_t n = ptl_registry_get_n_rows ();

  printf ("open %.3f ms (%u rows)\n", (double) (now_ns () - start) / 1e6, n);
  start = now_ns ();
  ptl_catalog_unref (ptl_catalog_new (NULL));
  printf ("catalog %.3f ms\n", (double) (now_ns () - start) / 1e6);
  start = now_ns ();
  ptl_catalog_unref (ptl_catalog_new (ptl_services_read ()));
  printf ("catalog with the services of this computer %.3f ms\n",
          (double) (now_ns () - start) / 1e6);
  if (argc < 2 || strcmp (argv[1], "--search") != 0)
    {
      bench_names ();
      bench_ports ();
    }
  bench_search ();
  return 0;
}
