/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The buttons of a page with a job: go or stop, its options, what was asked before.  They activate
 * "job.start" and "job.stop" of what is around them. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Properties "go-label" (with a mnemonic) and "history-label".  Children of the type "option" are
 * shown below each other, scrolled where they do not fit; where there are none, there is no button
 * for them. */
#define PTL_TYPE_JOB_BUTTONS (ptl_job_buttons_get_type ())
G_DECLARE_FINAL_TYPE (PtlJobButtons, ptl_job_buttons, PTL, JOB_BUTTONS, GtkWidget)

/* Whether there is something to stop; the focus stays on the button. */
void           ptl_job_buttons_set_busy    (PtlJobButtons *self,
                                            gboolean       busy);
/* Borrowed. */
GtkMenuButton *ptl_job_buttons_get_history (PtlJobButtons *self);

G_END_DECLS
