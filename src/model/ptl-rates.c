/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a job went, from its beginning on. */
#include "config.h"

#include "model/ptl-rates.h"

#include <string.h>

void
ptl_rates_clear (PtlRates *self)
{
  *self = (PtlRates) { .step_ns = PTL_RATES_STEP_NS };
}

static void
join_pairs (PtlRates *self)
{
  for (guint i = 0; i < PTL_RATES_MAX / 2; i++)
    for (guint series = 0; series < PTL_RATES_SERIES; series++)
      self->counts[i][series] = self->counts[2 * i][series] + self->counts[2 * i + 1][series];
  memset (self->counts[PTL_RATES_MAX / 2], 0, sizeof self->counts / 2);
  self->n_steps = (self->n_steps + 1) / 2;
  self->step_ns *= 2;
}

/* @count is that of the time from @from_ns to @to_ns, both within the steps. */
static void
spread (PtlRates *self,
        guint     series,
        double    count,
        guint64   from_ns,
        guint64   to_ns)
{
  guint last = (guint) (to_ns / self->step_ns);

  if (to_ns <= from_ns)
    {
      self->counts[last][series] += count;
      return;
    }
  for (guint i = (guint) (from_ns / self->step_ns); i <= last; i++)
    {
      guint64 begin_ns = MAX (from_ns, i * self->step_ns);
      guint64 end_ns = MIN (to_ns, (i + 1) * self->step_ns);

      self->counts[i][series] += count * (double) (end_ns - begin_ns) / (double) (to_ns - from_ns);
    }
}

void
ptl_rates_add (PtlRates      *self,
               guint64        elapsed_ns,
               const guint64  totals[PTL_RATES_SERIES])
{
  guint64 step;

  g_return_if_fail (self->step_ns > 0);

  while ((step = elapsed_ns / self->step_ns) >= PTL_RATES_MAX)
    join_pairs (self);
  self->n_steps = MAX (self->n_steps, (guint) step + 1);
  for (guint series = 0; series < PTL_RATES_SERIES; series++)
    {
      if (totals[series] > self->totals[series])
        spread (self, series, (double) (totals[series] - self->totals[series]),
                MIN (self->told_ns, elapsed_ns), elapsed_ns);
      self->totals[series] = totals[series];
    }
  self->told_ns = MAX (self->told_ns, elapsed_ns);
}

double
ptl_rates_get (const PtlRates *self,
               guint           step)
{
  double sum = 0;

  if (step >= self->n_steps)
    return 0;
  for (guint series = 0; series < PTL_RATES_SERIES; series++)
    sum += self->counts[step][series];
  return sum * 1e9 / (double) self->step_ns;
}

double
ptl_rates_get_most (const PtlRates *self)
{
  double most = 0;

  for (guint i = 0; i < self->n_steps; i++)
    most = MAX (most, ptl_rates_get (self, i));
  return most;
}
