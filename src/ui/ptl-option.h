/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of a form: a title, and at its end what it is the title of. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Properties "title" (string) and "child" (GtkWidget): the one is the name of the other, and its
 * tooltip the description, to who cannot see. */
#define PTL_TYPE_OPTION (ptl_option_get_type ())
G_DECLARE_FINAL_TYPE (PtlOption, ptl_option, PTL, OPTION, GtkWidget)

G_END_DECLS
