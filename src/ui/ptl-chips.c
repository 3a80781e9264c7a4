/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of buttons of which one is chosen. */
#include "config.h"

#include "ui/ptl-chips.h"

GtkWidget *
ptl_chips_add (GtkBox     *chips,
               const char *label,
               const char *tooltip)
{
  GtkWidget *chip = gtk_toggle_button_new_with_label (label);
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (chips));

  gtk_widget_add_css_class (chip, "pill-chip");
  gtk_widget_set_tooltip_text (chip, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  tooltip, -1);
  if (first != NULL)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (chip), GTK_TOGGLE_BUTTON (first));
  gtk_box_append (chips, chip);
  return chip;
}
