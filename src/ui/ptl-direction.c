/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and numbers in a window from right to left. */
#include "config.h"

#include "ui/ptl-direction.h"

#define LEFT_TO_RIGHT_MARK "\u200e"

/* Whether nothing in @text has a direction of its own, as letters have.  A number alone keeps its
 * order, but would stand elsewhere than one with a unit. */
static gboolean
is_turned (GtkTextDirection  direction,
           const char       *text)
{
  if (direction != GTK_TEXT_DIR_RTL || text == NULL || *text == '\0')
    return FALSE;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (g_unichar_isalpha (g_utf8_get_char (at)))
      return FALSE;
  return TRUE;
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

bool
ptl_direction_set_cell (GtkInscription *cell,
                        const char     *text,
                        gboolean        at_end)
{
  g_autofree char *marked = ptl_direction_dup_marked (GTK_WIDGET (cell), text);
  const char *shown = marked != NULL ? marked : text;

  if (g_strcmp0 (gtk_inscription_get_text (cell), shown) == 0)
    return false;
  gtk_inscription_set_text (cell, shown);
  /* The mark is not spoken. */
  if (marked != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  /* Its text is aligned by its own direction, not by that of the window. */
  if (!at_end)
    gtk_inscription_set_xalign (cell,
                                gtk_widget_get_direction (GTK_WIDGET (cell)) == GTK_TEXT_DIR_RTL
                                    && text != NULL && !is_right_to_left (text) ? 1 : 0);
  return true;
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
ptl_direction_set_code (GtkLabel *label)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  gtk_widget_set_direction (GTK_WIDGET (label), GTK_TEXT_DIR_LTR);
  /* A line of digits alone would be set in a font of the user's language, which need not have one
   * of fixed width. */
  pango_attr_list_insert (attributes,
                          pango_attr_language_new (pango_language_from_string ("en")));
  /* A hyphen where a line is broken would be read as one of the code's. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (label, attributes);
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
