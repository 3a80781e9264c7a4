/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all pages share: a template, and a narrow form. */
#include "config.h"

#include "ui/ptl-page-base.h"

#include "ui/ptl-table-view.h"

typedef struct
{
  gboolean narrow;
} PtlPageBasePrivate;

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PtlPageBase, ptl_page_base, GTK_TYPE_WIDGET)

gboolean
ptl_page_base_is_narrow (PtlPageBase *self)
{
  PtlPageBasePrivate *priv = ptl_page_base_get_instance_private (self);

  g_return_val_if_fail (PTL_IS_PAGE_BASE (self), FALSE);

  return priv->narrow;
}

static void
set_narrow (PtlPageBase *self,
            gboolean     narrow)
{
  PtlPageBasePrivate *priv = ptl_page_base_get_instance_private (self);

  if (priv->narrow == narrow)
    return;
  priv->narrow = narrow;
  if (PTL_PAGE_BASE_GET_CLASS (self)->show_narrow != NULL)
    PTL_PAGE_BASE_GET_CLASS (self)->show_narrow (self, narrow);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

static void
ptl_page_base_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, ptl_page_base_is_narrow (PTL_PAGE_BASE (object)));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_page_base_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      set_narrow (PTL_PAGE_BASE (object), g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_page_base_dispose (GObject *object)
{
  GtkWidget *widget = GTK_WIDGET (object);

  /* Of one class: it lets go of the children of all. */
  gtk_widget_dispose_template (widget, G_OBJECT_TYPE (object));
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (widget) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (widget));

  G_OBJECT_CLASS (ptl_page_base_parent_class)->dispose (object);
}

void
ptl_page_base_class_set_template (PtlPageBaseClass *klass,
                                  const char       *file)
{
  g_autofree char *path = g_strconcat ("/org/portlight/Portlight/ui/", file, NULL);

  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), path);
}

static void
ptl_page_base_class_init (PtlPageBaseClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  g_type_ensure (PTL_TYPE_TABLE_VIEW);
  object_class->dispose = ptl_page_base_dispose;
  object_class->get_property = ptl_page_base_get_property;
  object_class->set_property = ptl_page_base_set_property;
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
ptl_page_base_init (PtlPageBase *self)
{
}
