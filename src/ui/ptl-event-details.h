/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an event tells, as rows of names and values. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-frame-item.h"

G_BEGIN_DECLS

/* Replaces what is in @grid by what the event of @item tells. */
void ptl_event_details_fill (GtkGrid      *grid,
                             PtlFrameItem *item);

G_END_DECLS
