/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates of a job: nothing is lost, however long it goes on. */
#include "config.h"

#include "model/ptl-rates.h"

#define MS G_GUINT64_CONSTANT (1000000)

static double
sum (const PtlRates *rates,
     guint           series)
{
  double all = 0;

  for (guint i = 0; i < PTL_RATES_MAX; i++)
    all += rates->counts[i][series];
  return all;
}

static void
test_steps (void)
{
  PtlRates rates;

  ptl_rates_clear (&rates);
  g_assert_cmpuint (rates.n_steps, ==, 0);
  g_assert_cmpfloat (ptl_rates_get_most (&rates), ==, 0);
  ptl_rates_add (&rates, 0, (guint64[]) { 10, 5, 0 });
  ptl_rates_add (&rates, 49 * MS, (guint64[]) { 20, 5, 1 });
  ptl_rates_add (&rates, 120 * MS, (guint64[]) { 25, 5, 1 });
  g_assert_cmpuint (rates.n_steps, ==, 3);
  /* The last five came in 71 ms: 1 of the first step, 50 of the second, 20 of the third. */
  g_assert_cmpfloat_with_epsilon (ptl_rates_get (&rates, 0), (26 + 5 * 1 / 71.0) * 20, 1e-6);
  g_assert_cmpfloat_with_epsilon (ptl_rates_get (&rates, 1), 5 * 50 / 71.0 * 20, 1e-6);
  g_assert_cmpfloat_with_epsilon (ptl_rates_get (&rates, 2), 5 * 20 / 71.0 * 20, 1e-6);
  g_assert_cmpfloat (ptl_rates_get (&rates, 3), ==, 0);
  g_assert_cmpfloat_with_epsilon (ptl_rates_get_most (&rates), ptl_rates_get (&rates, 0), 1e-6);
  /* A port that was silent has answered after all. */
  ptl_rates_add (&rates, 121 * MS, (guint64[]) { 26, 5, 0 });
  ptl_rates_add (&rates, 122 * MS, (guint64[]) { 26, 5, 1 });
  g_assert_cmpfloat_with_epsilon (ptl_rates_get (&rates, 2), (5 * 20 / 71.0 + 2) * 20, 1e-6);
}

static void
test_long (void)
{
  PtlRates rates;
  guint64 n = 0;

  ptl_rates_clear (&rates);
  for (guint64 at = 0; at < 3600 * 1000 * MS; at += 70 * MS)
    {
      n++;
      ptl_rates_add (&rates, at, (guint64[]) { n, 2 * n, 0 });
      g_assert_cmpuint (rates.n_steps, <=, PTL_RATES_MAX);
    }
  g_assert_cmpfloat_with_epsilon (sum (&rates, 0), n, 1e-3);
  g_assert_cmpfloat_with_epsilon (sum (&rates, 1), 2 * n, 1e-3);
  g_assert_cmpuint (rates.n_steps, >=, PTL_RATES_MAX / 2);
  /* 3 each 70 ms, in whichever step. */
  for (guint i = 1; i + 1 < rates.n_steps; i++)
    {
      g_assert_cmpfloat (ptl_rates_get (&rates, i), >, 42.5);
      g_assert_cmpfloat (ptl_rates_get (&rates, i), <, 43.2);
    }
  /* A pause of a year. */
  ptl_rates_add (&rates, 365 * G_GUINT64_CONSTANT (86400000) * MS, (guint64[]) { n + 1, 2 * n, 0 });
  g_assert_cmpuint (rates.n_steps, <=, PTL_RATES_MAX);
  g_assert_cmpfloat_with_epsilon (sum (&rates, 0), n + 1, 1e-3);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rates/steps", test_steps);
  g_test_add_func ("/rates/long", test_long);
  return g_test_run ();
}
