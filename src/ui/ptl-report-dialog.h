/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies or saves several tables at once, and says before what is in them. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-report.h"

G_BEGIN_DECLS

/* @about: what these tables give away.  @file_name: proposed, without an ending. */
void ptl_report_dialog_present (GtkWindow  *parent,
                                PtlReport  *report,
                                const char *about,
                                const char *file_name);

G_END_DECLS
