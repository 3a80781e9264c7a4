/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a form as one line of text, for its history: "method=tcp count=5 df". */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _PtlChoices PtlChoices;

PtlChoices *ptl_choices_new  (void);
void        ptl_choices_free (PtlChoices *self);

/* @widget: a GtkDropDown, a GtkSpinButton or a GtkCheckButton, borrowed, with the value that a new
 * form has.  @key and @words are not copied.  @words: of a drop-down, one for each of its items. */
void        ptl_choices_add  (PtlChoices        *self,
                              const char        *key,
                              GtkWidget         *widget,
                              const char *const *words);

/* What is not as in a new form, or "".  Owned. */
char       *ptl_choices_to_text   (PtlChoices *self);
/* What @text does not name, or names wrongly, becomes as in a new form. */
void        ptl_choices_from_text (PtlChoices *self,
                                   const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlChoices, ptl_choices_free)

G_END_DECLS
