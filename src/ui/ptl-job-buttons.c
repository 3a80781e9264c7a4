/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The buttons of a page with a job, and the options that one of them opens. */
#include "config.h"

#include "ui/ptl-job-buttons.h"

#include "ui/ptl-tab-out.h"

/* Of the window, at the most: what is opened lies over it. */
#define OPTIONS_HEIGHT 0.6
#define OPTIONS_MARGIN 48 /* pixels, of its width */

struct _PtlJobButtons
{
  GtkWidget          parent_instance;

  /* template */
  GtkStack          *go_stack;
  GtkWidget         *go_button;
  GtkWidget         *stop_button;
  GtkMenuButton     *options_button;
  GtkScrolledWindow *options_scroller;
  GtkBox            *options_box;
  GtkMenuButton     *history_button;

  /* owned */
  char              *go_label;
  char              *history_label;
};

enum
{
  PROP_0,
  PROP_GO_LABEL,
  PROP_HISTORY_LABEL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static GtkBuildableIface *parent_buildable;

static void ptl_job_buttons_buildable_init (GtkBuildableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlJobButtons, ptl_job_buttons, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE,
                                                      ptl_job_buttons_buildable_init))

void
ptl_job_buttons_set_busy (PtlJobButtons *self,
                          gboolean       busy)
{
  GtkWidget *before, *after;
  gboolean focused;

  g_return_if_fail (PTL_IS_JOB_BUTTONS (self));

  before = gtk_stack_get_visible_child (self->go_stack);
  after = busy ? self->stop_button : self->go_button;
  focused = before != NULL && gtk_widget_has_focus (before);
  gtk_stack_set_visible_child (self->go_stack, after);
  if (focused)
    gtk_widget_grab_focus (after);
}

GtkMenuButton *
ptl_job_buttons_get_history (PtlJobButtons *self)
{
  g_return_val_if_fail (PTL_IS_JOB_BUTTONS (self), NULL);

  return self->history_button;
}

/* About to be opened.  The size of what wraps is not known to what scrolls it. */
static void
on_options_cb (GtkMenuButton *button,
               gpointer       data)
{
  PtlJobButtons *self = data;
  GtkWidget *root = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkWidget *box = GTK_WIDGET (self->options_box);
  int min_width, width, height;

  gtk_widget_measure (box, GTK_ORIENTATION_HORIZONTAL, -1, &min_width, &width, NULL, NULL);
  width = MIN (width, gtk_widget_get_width (root) - OPTIONS_MARGIN);
  width = MAX (width, min_width);
  gtk_widget_measure (box, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  height = MIN (height, (int) (OPTIONS_HEIGHT * gtk_widget_get_height (root)));
  gtk_widget_set_size_request (GTK_WIDGET (self->options_scroller), width, height);
}

static gboolean
ptl_job_buttons_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (gtk_stack_get_visible_child (PTL_JOB_BUTTONS (widget)->go_stack));
}

/* --- the widget ------------------------------------------------------------------------------- */

static void
ptl_job_buttons_add_child (GtkBuildable *buildable,
                           GtkBuilder   *builder,
                           GObject      *child,
                           const char   *type)
{
  PtlJobButtons *self = PTL_JOB_BUTTONS (buildable);

  if (g_strcmp0 (type, "option") != 0)
    {
      parent_buildable->add_child (buildable, builder, child, type);
      return;
    }
  gtk_box_append (self->options_box, GTK_WIDGET (child));
  gtk_widget_set_visible (GTK_WIDGET (self->options_button), TRUE);
}

static void
ptl_job_buttons_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = ptl_job_buttons_add_child;
}

static void
ptl_job_buttons_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PtlJobButtons *self = PTL_JOB_BUTTONS (object);

  switch (prop_id)
    {
    case PROP_GO_LABEL:
      g_free (self->go_label);
      self->go_label = g_value_dup_string (value);
      break;

    case PROP_HISTORY_LABEL:
      g_free (self->history_label);
      self->history_label = g_value_dup_string (value);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->history_button),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, self->history_label, -1);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_job_buttons_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PtlJobButtons *self = PTL_JOB_BUTTONS (object);

  switch (prop_id)
    {
    case PROP_GO_LABEL:
      g_value_set_string (value, self->go_label);
      break;

    case PROP_HISTORY_LABEL:
      g_value_set_string (value, self->history_label);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_job_buttons_dispose (GObject *object)
{
  PtlJobButtons *self = PTL_JOB_BUTTONS (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_JOB_BUTTONS);
  g_clear_pointer (&self->go_label, g_free);
  g_clear_pointer (&self->history_label, g_free);

  G_OBJECT_CLASS (ptl_job_buttons_parent_class)->dispose (object);
}

static void
ptl_job_buttons_class_init (PtlJobButtonsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_job_buttons_dispose;
  object_class->get_property = ptl_job_buttons_get_property;
  object_class->set_property = ptl_job_buttons_set_property;
  widget_class->grab_focus = ptl_job_buttons_grab_focus;
  ptl_tab_out_init_class (widget_class);

  properties[PROP_GO_LABEL] =
    g_param_spec_string ("go-label", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_HISTORY_LABEL] =
    g_param_spec_string ("history-label", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-job-buttons.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlJobButtons, go_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlJobButtons, go_button);
  gtk_widget_class_bind_template_child (widget_class, PtlJobButtons, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PtlJobButtons, options_button);
  gtk_widget_class_bind_template_child (widget_class, PtlJobButtons, options_scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlJobButtons, options_box);
  gtk_widget_class_bind_template_child (widget_class, PtlJobButtons, history_button);
}

static void
ptl_job_buttons_init (PtlJobButtons *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_create_popup_func (self->options_button, on_options_cb, self, NULL);
}
