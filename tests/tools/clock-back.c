/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded by a test: the time of day goes back by a minute each time it is asked for, as if
 * somebody set the clock all the time.  The monotonic clock is left alone. */

#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STEP_S 60

int
clock_gettime (clockid_t        clock,
               struct timespec *ts)
{
  static atomic_int calls;
  int result = (int) syscall (SYS_clock_gettime, clock, ts);

  if (result == 0 && clock == CLOCK_REALTIME)
    ts->tv_sec -= (time_t) STEP_S * atomic_fetch_add (&calls, 1);
  return result;
}
