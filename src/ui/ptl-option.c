/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of a form: a title, and at its end what it is the title of. */
#include "config.h"

#include "ui/ptl-option.h"

struct _PtlOption
{
  GtkWidget  parent_instance;

  GtkLabel  *label;
  GtkWidget *child;
};

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_CHILD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlOption, ptl_option, GTK_TYPE_WIDGET)

static void
describe (PtlOption *self)
{
  const char *tip;

  if (self->child == NULL)
    return;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (self->label), -1);
  tip = gtk_widget_get_tooltip_text (self->child);
  if (tip != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->child),
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, tip, -1);
}

static void
ptl_option_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  PtlOption *self = PTL_OPTION (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      gtk_label_set_text (self->label, g_value_get_string (value));
      break;

    case PROP_CHILD:
      g_clear_pointer (&self->child, gtk_widget_unparent);
      self->child = g_value_get_object (value);
      if (self->child != NULL)
        {
          gtk_widget_set_valign (self->child, GTK_ALIGN_CENTER);
          gtk_widget_insert_before (self->child, GTK_WIDGET (self), NULL);
        }
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      return;
    }
  describe (self);
}

static void
ptl_option_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PtlOption *self = PTL_OPTION (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, gtk_label_get_text (self->label));
      break;

    case PROP_CHILD:
      g_value_set_object (value, self->child);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_option_dispose (GObject *object)
{
  PtlOption *self = PTL_OPTION (object);

  g_clear_pointer (&self->child, gtk_widget_unparent);
  if (self->label != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->label));
  self->label = NULL;

  G_OBJECT_CLASS (ptl_option_parent_class)->dispose (object);
}

static void
ptl_option_class_init (PtlOptionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_option_dispose;
  object_class->get_property = ptl_option_get_property;
  object_class->set_property = ptl_option_set_property;
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_CHILD] =
    g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
ptl_option_init (PtlOption *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 12);
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->label, 0);
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_wrap_mode (self->label, PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_widget_insert_before (GTK_WIDGET (self->label), GTK_WIDGET (self), NULL);
}
