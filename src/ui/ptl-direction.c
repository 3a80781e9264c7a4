/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and numbers in a window from right to left. */
#include "config.h"

#include "ui/ptl-direction.h"

#include <string.h>

#define LEFT_TO_RIGHT_MARK "\u200e"

/* Whether nothing in @text has a direction of its own, as letters have, and there is more than one
 * number, which keeps its order. */
static gboolean
is_turned (GtkTextDirection  direction,
           const char       *text)
{
  if (direction != GTK_TEXT_DIR_RTL || text == NULL || *text == '\0')
    return FALSE;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_isalpha (g_utf8_get_char (at)))
      return FALSE;
  return text[strspn (text, "0123456789")] != '\0';
}

char *
ptl_direction_dup_marked (GtkWidget  *widget,
                          const char *text)
{
  return is_turned (gtk_widget_get_direction (widget), text)
           ? g_strconcat (LEFT_TO_RIGHT_MARK, text, NULL) : NULL;
}

/* Whether it is read from right to left: by its first letter (UAX #9, rule P2). */
static gboolean
is_right_to_left (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_isalpha (g_utf8_get_char (at)))
      switch (g_unichar_get_script (g_utf8_get_char (at)))
        {
        case G_UNICODE_SCRIPT_ARABIC:
        case G_UNICODE_SCRIPT_HEBREW:
        case G_UNICODE_SCRIPT_NKO:
        case G_UNICODE_SCRIPT_SYRIAC:
        case G_UNICODE_SCRIPT_THAANA:
          return TRUE;

        default:
          return FALSE;
        }
  return FALSE;
}

float
ptl_direction_get_xalign (GtkWidget  *widget,
                          const char *text)
{
  return gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL && !is_right_to_left (text) ? 1 : 0;
}

void
ptl_direction_set_label (GtkLabel   *label,
                         const char *text)
{
  gboolean turned = is_turned (gtk_widget_get_default_direction (), text);

  gtk_label_set_text (label, text);
  /* A mark would be copied with it.  Its place stays where it was, at the right. */
  gtk_widget_set_direction (GTK_WIDGET (label), turned ? GTK_TEXT_DIR_LTR : GTK_TEXT_DIR_NONE);
  gtk_label_set_xalign (label, turned ? 1 : 0);
}

void
ptl_direction_set_fields (GtkWidget *root)
{
  /* Not the entry around it: its icons stay where they are. */
  if (GTK_IS_TEXT (root) || GTK_IS_TEXT_VIEW (root))
    gtk_widget_set_direction (root, GTK_TEXT_DIR_LTR);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    ptl_direction_set_fields (child);
}
