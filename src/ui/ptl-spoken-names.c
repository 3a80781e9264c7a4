/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accessible names of GTK's own widgets, where newer GTK loses them.
 *
 * Both are seen with GTK 4.18.  A GtkDropDown is labelled by the item that is chosen, which hides
 * the label that it was given: it is said to be "LF", never "Line ending".  An item of a menu made
 * from a GMenuModel has no name at all, as its label is no accessible. */
#include "ui/ptl-spoken-names.h"

/* Private to GTK, so known by its name only. */
#define MODEL_BUTTON "GtkModelButton"

static void
name_menu_item (GtkWidget *item)
{
  g_autofree char *text = NULL;
  g_autoptr (GString) name = NULL;

  g_object_get (item, "text", &text, NULL);
  if (text == NULL || *text == '\0')
    return;
  /* A mnemonic is an underline; two of them are one. */
  name = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '_' && *++p == '\0')
        break;
      g_string_append_c (name, *p);
    }
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, name->str,
                                  -1);
}

static gboolean
on_realize (GSignalInvocationHint *hint,
            guint                  n_values,
            const GValue          *values,
            gpointer               user_data)
{
  GtkWidget *widget = g_value_get_object (&values[0]);

  (void) hint;
  (void) n_values;
  (void) user_data;
  if (GTK_IS_DROP_DOWN (widget))
    gtk_accessible_reset_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  else if (g_str_equal (G_OBJECT_TYPE_NAME (widget), MODEL_BUTTON)
           && g_object_class_find_property (G_OBJECT_GET_CLASS (widget), "text") != NULL)
    {
      name_menu_item (widget);
      g_signal_handlers_disconnect_by_func (widget, name_menu_item, NULL);
      g_signal_connect (widget, "notify::text", G_CALLBACK (name_menu_item), NULL);
    }
  return TRUE; /* stays */
}

void
ptl_spoken_names_init (void)
{
  g_autoptr (GTypeClass) klass = NULL;

  if (gtk_check_version (4, 10, 0) != NULL)
    return;
  klass = g_type_class_ref (GTK_TYPE_WIDGET);
  g_signal_add_emission_hook (g_signal_lookup ("realize", GTK_TYPE_WIDGET), 0, on_realize, NULL,
                              NULL);
}
