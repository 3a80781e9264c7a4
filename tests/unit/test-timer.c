/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers: they fire in order, once, and can be moved and taken out at any time. */
#include "config.h"

#include <stdbool.h>

#include <glib.h>

#include "engine/ptl-timer.h"

#define N 500

typedef struct
{
  PtlTimer timer;
  bool     wanted;
  bool     fired;
  bool     again;
} Item;

static PtlTimers timers;
static Item items[N];
static uint64_t last_fired;

static void
on_fire (PtlTimer *timer,
         uint64_t  now_ns)
{
  Item *item = (Item *) timer;

  g_assert_true (item->wanted);
  g_assert_false (item->fired);
  g_assert_cmpuint (timer->deadline_ns, >=, last_fired);
  g_assert_cmpuint (timer->deadline_ns, <=, now_ns);
  g_assert_cmpuint (timer->place, ==, 0);
  last_fired = timer->deadline_ns;
  item->fired = true;
}

static void
test_order (void)
{
  for (unsigned round = 0; round < 50; round++)
    {
      unsigned n_wanted = 0;

      last_fired = 0;
      for (unsigned i = 0; i < N; i++)
        {
          items[i] = (Item) { .timer.func = on_fire, .wanted = true };
          ptl_timers_set (&timers, &items[i].timer, (uint64_t) g_test_rand_int_range (0, 1000));
        }
      for (unsigned i = 0; i < N; i++)
        switch (g_test_rand_int_range (0, 3))
          {
          case 0:
            ptl_timers_unset (&timers, &items[i].timer);
            items[i].wanted = false;
            break;
          case 1:
            ptl_timers_set (&timers, &items[i].timer, (uint64_t) g_test_rand_int_range (0, 1000));
            break;
          default:
            break;
          }
      for (uint64_t now = 0; now <= 1000; now += 50)
        {
          ptl_timers_run (&timers, now);
          g_assert_cmpuint (ptl_timers_get_next (&timers), >, now);
        }
      for (unsigned i = 0; i < N; i++)
        {
          g_assert_true (items[i].fired == items[i].wanted);
          n_wanted += items[i].wanted;
        }
      g_assert_cmpuint (n_wanted, >, 0);
      g_assert_cmpuint (ptl_timers_get_next (&timers), ==, UINT64_MAX);
    }
  ptl_timers_clear (&timers);
}

static void
on_fire_again (PtlTimer *timer,
               uint64_t  now_ns)
{
  Item *item = (Item *) timer;

  item->fired = true;
  ptl_timers_unset (&timers, &items[1].timer);
  ptl_timers_set (&timers, timer, now_ns + 10);
}

static void
test_reentrant (void)
{
  items[0] = (Item) { .timer.func = on_fire_again };
  items[1] = (Item) { .timer.func = on_fire };
  ptl_timers_set (&timers, &items[0].timer, 5);
  ptl_timers_set (&timers, &items[1].timer, 6);
  ptl_timers_run (&timers, 7);
  g_assert_true (items[0].fired);
  g_assert_false (items[1].fired);
  g_assert_cmpuint (ptl_timers_get_next (&timers), ==, 17);
  ptl_timers_clear (&timers);
  g_assert_cmpuint (items[0].timer.place, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timer/order", test_order);
  g_test_add_func ("/timer/reentrant", test_reentrant);
  return g_test_run ();
}
