/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a job went, from its beginning on, in a bounded number of steps of time: where they do
 * not suffice any more, each two become one.  Plain data of whoever has it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PTL_RATES_MAX 120    /* steps; even */
#define PTL_RATES_SERIES 3
#define PTL_RATES_STEP_NS (50 * G_GUINT64_CONSTANT (1000000)) /* of a job that has just begun */

typedef struct
{
  guint64 step_ns;
  guint   n_steps;  /* that have begun */
  guint64 told_ns;  /* when, and which totals were told last */
  guint64 totals[PTL_RATES_SERIES];
  double  counts[PTL_RATES_MAX][PTL_RATES_SERIES]; /* of each step */
} PtlRates;

void    ptl_rates_clear    (PtlRates      *self);
/* What was counted from the beginning until @elapsed_ns after it: what is more than before came
 * evenly since then.  A total that has become smaller counts as it is from then on. */
void    ptl_rates_add      (PtlRates      *self,
                            guint64        elapsed_ns,
                            const guint64  totals[PTL_RATES_SERIES]);
/* All series together, in a second of step @step. */
double  ptl_rates_get      (const PtlRates *self,
                            guint           step);
double  ptl_rates_get_most (const PtlRates *self);

G_END_DECLS
