/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two clocks of the system, in nanoseconds.  Everything that is measured or ordered uses the
 * monotonic one; the other is read once per log, to show the time of day. */
#pragma once

#include <stdint.h>
#include <time.h>

#define PTL_NS_PER_S UINT64_C (1000000000)
#define PTL_NS_PER_MS UINT64_C (1000000)

/* Nanoseconds since an unspecified start; never goes back (clock_gettime(2), CLOCK_MONOTONIC). */
static inline uint64_t
ptl_clock_monotonic_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (uint64_t) ts.tv_sec * PTL_NS_PER_S + (uint64_t) ts.tv_nsec;
}

/* Nanoseconds since 1970 UTC; may jump when the clock is set. */
static inline uint64_t
ptl_clock_realtime_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_REALTIME, &ts);
  return (uint64_t) ts.tv_sec * PTL_NS_PER_S + (uint64_t) ts.tv_nsec;
}
