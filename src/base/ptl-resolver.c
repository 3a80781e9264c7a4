/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a resolver gives. */
#include "config.h"

#include "base/ptl-resolver.h"

#include <glib.h>

void
ptl_resolved_free (PtlResolved *resolved)
{
  if (resolved == NULL)
    return;

  g_free (resolved->canonical);
  g_free (resolved);
}
