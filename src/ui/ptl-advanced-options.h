/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session can be asked for besides its endpoint: the Advanced part of the form. */
#pragma once

#include <gtk/gtk.h>

#include "base/ptl-spec.h"

G_BEGIN_DECLS

#define PTL_TYPE_ADVANCED_OPTIONS (ptl_advanced_options_get_type ())
G_DECLARE_FINAL_TYPE (PtlAdvancedOptions, ptl_advanced_options, PTL, ADVANCED_OPTIONS, GtkBox)

/* Signal "changed": something was typed or chosen. */

/* Shows what there is to choose for such a session; what does not apply is kept but not used. */
void     ptl_advanced_options_set_kind  (PtlAdvancedOptions *self,
                                         PtlRole             role,
                                         PtlTransport        transport);
/* Sets all of them as @spec has them. */
void     ptl_advanced_options_fill      (PtlAdvancedOptions *self,
                                         const PtlSpec      *spec);
/* Puts them into @spec.  False with @error, which names the field, when one is not well formed; it
 * is marked then. */
bool     ptl_advanced_options_apply     (PtlAdvancedOptions *self,
                                         PtlSpec            *spec,
                                         GError            **error);
/* How many differ from what they are in a new form. */
unsigned ptl_advanced_options_get_n_set (PtlAdvancedOptions *self);
/* Another entry that shows the local port: of a form where that is no advanced thing. */
void     ptl_advanced_options_bind_local_port (PtlAdvancedOptions *self,
                                               GtkEditable        *entry);

G_END_DECLS
