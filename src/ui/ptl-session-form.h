/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form for a new session, with the saved and the recent ones under it. */
#pragma once

#include <gtk/gtk.h>

#include "model/ptl-saved.h"

G_BEGIN_DECLS

#define PTL_TYPE_SESSION_FORM (ptl_session_form_get_type ())
G_DECLARE_FINAL_TYPE (PtlSessionForm, ptl_session_form, PTL, SESSION_FORM, GtkBox)

/* Signal "open" (pointer: a const PtlSpec, valid during the emission): the user wants it opened. */

void ptl_session_form_set_saved   (PtlSessionForm *self, /* once */
                                   PtlSaved       *saved);
/* With the greeting of an empty window. */
void ptl_session_form_set_welcome (PtlSessionForm *self,
                                   gboolean        welcome);
void ptl_session_form_fill        (PtlSessionForm *self,
                                   const PtlSpec  *spec);

G_END_DECLS
