/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and numbers in a window from right to left: they go from left to right there, too.
 *
 * Digits and signs have no direction of their own (Unicode Standard Annex #9): among text from
 * right to left "::1" would be seen as "1::" and "0 %" as "% 0". */
#pragma once

#include <stdbool.h>

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For what only shows a text and lets nobody copy it: @text with a mark before it that cannot be
 * seen, owned.  NULL: it needs none. */
char *ptl_direction_dup_marked (GtkWidget      *widget,
                                const char     *text);
/* Sets the text of a cell of a table.  It stands where its title does: at the beginning, whichever
 * way it goes, or as it is where @at_end.  False: it had that text. */
bool  ptl_direction_set_cell   (GtkInscription *cell,
                                const char     *text,
                                gboolean        at_end);
/* Sets the text of a label from whose start it is written (xalign is 0). */
void  ptl_direction_set_label  (GtkLabel       *label,
                                const char     *text);
/* Code, of a fixed width: from left to right in every language. */
void  ptl_direction_set_code   (GtkLabel       *label);
/* All entries below @root, or itself, are for hosts, addresses and numbers. */
void  ptl_direction_set_fields (GtkWidget      *root);

G_END_DECLS
