/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strip below a table that says of the chosen row what is cut off there. */
#include "config.h"

#include "ui/ptl-detail.h"

struct _PtlDetail
{
  GtkWidget    parent_instance;

  /* template */
  GtkRevealer *revealer;
  GtkLabel    *label;
};

G_DEFINE_FINAL_TYPE (PtlDetail, ptl_detail, GTK_TYPE_WIDGET)

void
ptl_detail_set_text (PtlDetail  *self,
                     const char *text)
{
  gboolean some = text != NULL && *text != '\0';

  g_return_if_fail (PTL_IS_DETAIL (self));

  /* While it folds the old text stays; setting the same again would lose what is selected. */
  if (some && g_strcmp0 (gtk_label_get_text (self->label), text) != 0)
    gtk_label_set_text (self->label, text);
  gtk_revealer_set_reveal_child (self->revealer, some);
}

static void
ptl_detail_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PTL_TYPE_DETAIL);

  G_OBJECT_CLASS (ptl_detail_parent_class)->dispose (object);
}

static void
ptl_detail_class_init (PtlDetailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ptl_detail_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlDetail, revealer);
  gtk_widget_class_bind_template_child (widget_class, PtlDetail, label);
}

static void
ptl_detail_init (PtlDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
