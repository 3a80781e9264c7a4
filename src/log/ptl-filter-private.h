/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the filter and the scan that uses it. */
#pragma once

#include <stdatomic.h>

#include "log/ptl-filter.h"

G_BEGIN_DECLS

/* While *@stop is true a match ends early, with false. */
void ptl_filter_set_stop (PtlFilter          *filter,
                          const _Atomic bool *stop);

G_END_DECLS
