/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binary heap of timers, each of which knows its place. */
#include "config.h"

#include "engine/ptl-timer.h"

#include <glib.h>

void
ptl_timers_clear (PtlTimers *timers)
{
  for (unsigned i = 1; i <= timers->n; i++)
    timers->heap[i]->place = 0;
  g_clear_pointer (&timers->heap, g_free);
  timers->n = timers->size = 0;
}

static void
put (PtlTimers *timers,
     unsigned   place,
     PtlTimer  *timer)
{
  timers->heap[place] = timer;
  timer->place = place;
}

static void
sift_up (PtlTimers *timers,
         PtlTimer  *timer,
         unsigned   place)
{
  while (place > 1 && timers->heap[place / 2]->deadline_ns > timer->deadline_ns)
    {
      put (timers, place, timers->heap[place / 2]);
      place /= 2;
    }
  put (timers, place, timer);
}

static void
sift_down (PtlTimers *timers,
           PtlTimer  *timer,
           unsigned   place)
{
  while (2 * place <= timers->n)
    {
      unsigned child = 2 * place;

      if (child < timers->n &&
          timers->heap[child + 1]->deadline_ns < timers->heap[child]->deadline_ns)
        child++;
      if (timers->heap[child]->deadline_ns >= timer->deadline_ns)
        break;
      put (timers, place, timers->heap[child]);
      place = child;
    }
  put (timers, place, timer);
}

void
ptl_timers_set (PtlTimers *timers,
                PtlTimer  *timer,
                uint64_t   deadline_ns)
{
  ptl_timers_unset (timers, timer);
  if (timers->n + 2 > timers->size)
    {
      timers->size = MAX (64, timers->size * 2);
      timers->heap = g_renew (PtlTimer *, timers->heap, timers->size);
    }
  timer->deadline_ns = deadline_ns;
  sift_up (timers, timer, ++timers->n);
}

void
ptl_timers_unset (PtlTimers *timers,
                  PtlTimer  *timer)
{
  unsigned place = timer->place;
  PtlTimer *last;

  if (place == 0)
    return;
  timer->place = 0;
  last = timers->heap[timers->n--];
  if (last == timer)
    return;
  if (place > 1 && timers->heap[place / 2]->deadline_ns > last->deadline_ns)
    sift_up (timers, last, place);
  else
    sift_down (timers, last, place);
}

uint64_t
ptl_timers_get_next (const PtlTimers *timers)
{
  return timers->n > 0 ? timers->heap[1]->deadline_ns : UINT64_MAX;
}

void
ptl_timers_run (PtlTimers *timers,
                uint64_t   now_ns)
{
  while (timers->n > 0 && timers->heap[1]->deadline_ns <= now_ns)
    {
      PtlTimer *timer = timers->heap[1];

      ptl_timers_unset (timers, timer);
      timer->func (timer, now_ns);
    }
}
