/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The beat on which counts are told while traffic pours in.
 *
 * A label that changes lays the whole window out anew, so what grows with every frame is told not
 * more often than one can read, and all of it in the same frame: the first of a beat.
 *
 * Main thread only. */
#pragma once

#include <glib.h>

#include <stdbool.h>

#define PTL_BEAT_MS 250

/* How much later than a beat the timer comes that tells what no frame told: at the full flood one
 * is drawn in every 33 ms. */
#define PTL_BEAT_LATE_MS 50

/* Whether a beat has begun since @told_us, a time of g_get_monotonic_time() (0: never). */
static inline bool
ptl_beat_is_new (gint64 told_us)
{
  return g_get_monotonic_time () / (PTL_BEAT_MS * 1000) != told_us / (PTL_BEAT_MS * 1000);
}

/* Calls @func when the next beat has begun and nothing was told in it: its source's ID, for the
 * caller to remove. */
static inline guint
ptl_beat_add_late (GSourceFunc func,
                   gpointer    data)
{
  guint passed_ms = (guint) (g_get_monotonic_time () / 1000 % PTL_BEAT_MS);

  return g_timeout_add (PTL_BEAT_MS - passed_ms + PTL_BEAT_LATE_MS, func, data);
}
