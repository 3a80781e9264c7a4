/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lets the controls of a page be narrower than their words: GTK has no property for it. */
#include "config.h"

#include "ui/ptl-shrink.h"

#include <stdbool.h>

#include "ui/ptl-wrap-layout.h"

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *item,
             gpointer                  data)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *item,
            gpointer                  data)
{
  gpointer string = gtk_list_item_get_item (item);

  if (GTK_IS_STRING_OBJECT (string))
    gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)),
                         gtk_string_object_get_string (string));
}

/* What has a factory of its own, or shows more than strings, knows what it does. */
static void
shrink_drop_down (GtkDropDown *drop_down)
{
  GtkListItemFactory *list_factory = gtk_drop_down_get_factory (drop_down);
  g_autoptr (GtkListItemFactory) factory = NULL;

  if (gtk_drop_down_get_list_factory (drop_down) != NULL
      || gtk_drop_down_get_expression (drop_down) != NULL)
    return;
  factory = gtk_signal_list_item_factory_new ();
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), NULL);
  gtk_drop_down_set_list_factory (drop_down, list_factory);
  gtk_drop_down_set_factory (drop_down, factory);
}

static void
wrap_label (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget)
      && gtk_label_get_ellipsize (GTK_LABEL (widget)) == PANGO_ELLIPSIZE_NONE)
    gtk_label_set_wrap (GTK_LABEL (widget), TRUE);
}

static bool
is_field (GtkWidget *widget)
{
  return GTK_IS_DROP_DOWN (widget) || GTK_IS_EDITABLE (widget);
}

void
ptl_shrink_controls (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));

  if (GTK_IS_DROP_DOWN (root))
    {
      shrink_drop_down (GTK_DROP_DOWN (root));
      return;
    }
  if (GTK_IS_STACK_SWITCHER (root))
    {
      gtk_widget_set_layout_manager (root,
                                     g_object_new (PTL_TYPE_WRAP_LAYOUT, "fill", TRUE, NULL));
      return;
    }

  for (GtkWidget *at = gtk_widget_get_first_child (root); at != NULL;
       at = gtk_widget_get_next_sibling (at))
    {
      GtkWidget *next = gtk_widget_get_next_sibling (at);

      if (GTK_IS_CHECK_BUTTON (root) || (next != NULL && is_field (next)))
        wrap_label (at);
      ptl_shrink_controls (at);
    }
}
