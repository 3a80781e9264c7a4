/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This computer reaches itself over each of its addresses, or it is said why not. */
#include "config.h"

#include "ui/ptl-self-test-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-self-test-list.h"
#include "ui/ptl-table-view.h"

struct _PtlSelfTestPage
{
  GtkWidget        parent_instance;

  /* template */
  GtkBox          *box;
  GtkLabel        *summary_label;
  GtkStack        *go_stack;
  GtkButton       *start_button;
  GtkButton       *stop_button;
  GtkMenuButton   *menu_button;
  GtkProgressBar  *progress;
  PtlTableView    *view;
  GtkRevealer     *reasons_revealer;
  GtkLabel        *reasons_label;

  /* owned */
  PtlSelfTestList *list;

  gboolean         narrow;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlSelfTestPage, ptl_self_test_page, GTK_TYPE_WIDGET)

/* The reasons are long: those of the chosen row are shown in full. */
static void
update_reasons (PtlSelfTestPage *self)
{
  gpointer row = ptl_table_view_get_selected (self->view);
  g_autofree char *reasons = row != NULL ? ptl_self_test_list_dup_reasons (self->list, row) : NULL;
  gboolean some = reasons != NULL && *reasons != '\0';

  if (some)
    gtk_label_set_text (self->reasons_label, reasons);
  gtk_revealer_set_reveal_child (self->reasons_revealer, some);
}

static void
on_summary_cb (PtlSelfTestPage *self)
{
  gtk_label_set_text (self->summary_label, ptl_self_test_list_get_summary (self->list));
  update_reasons (self);
}

static void
on_running_cb (PtlSelfTestPage *self)
{
  gboolean running = ptl_self_test_list_is_running (self->list);

  gtk_stack_set_visible_child (self->go_stack, running ? GTK_WIDGET (self->stop_button)
                                                       : GTK_WIDGET (self->start_button));
  gtk_widget_set_opacity (GTK_WIDGET (self->progress), running ? 1 : 0);
}

static void
on_start_cb (PtlSelfTestPage *self)
{
  g_autoptr (GError) error = NULL;

  if (!ptl_self_test_list_start (self->list, &error))
    gtk_label_set_text (self->summary_label, error->message);
}

static void
on_stop_cb (PtlSelfTestPage *self)
{
  ptl_self_test_list_stop (self->list);
}

static gboolean
on_start_key_cb (GtkWidget *widget,
                 GVariant  *args,
                 gpointer   data)
{
  on_start_cb (PTL_SELF_TEST_PAGE (widget));
  return TRUE;
}

static void
ptl_self_test_page_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  PtlSelfTestPage *self = PTL_SELF_TEST_PAGE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow != g_value_get_boolean (value))
        {
          self->narrow = g_value_get_boolean (value);
          g_object_notify_by_pspec (object, pspec);
        }
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_self_test_page_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_SELF_TEST_PAGE (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_self_test_page_dispose (GObject *object)
{
  PtlSelfTestPage *self = PTL_SELF_TEST_PAGE (object);

  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SELF_TEST_PAGE);
  g_clear_object (&self->list);

  G_OBJECT_CLASS (ptl_self_test_page_parent_class)->dispose (object);
}

static void
ptl_self_test_page_class_init (PtlSelfTestPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_self_test_page_dispose;
  object_class->get_property = ptl_self_test_page_get_property;
  object_class->set_property = ptl_self_test_page_set_property;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_TABLE_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/portlight/Portlight/ui/ptl-self-test-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, go_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, start_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, progress);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, reasons_revealer);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, reasons_label);
  gtk_widget_class_bind_template_callback (widget_class, on_start_cb);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F5, 0, on_start_key_cb, NULL);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_reasons);
}

static void
ptl_self_test_page_init (PtlSelfTestPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->list = ptl_self_test_list_new ();
  ptl_table_view_set_table (self->view, ptl_self_test_list_get_table (self->list));
  ptl_table_view_attach_menu (self->view, self->menu_button);
  g_object_bind_property (self->list, "progress", self->progress, "fraction",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->list, "notify::running", G_CALLBACK (on_running_cb), self);
  g_signal_connect_swapped (self->list, "notify::summary", G_CALLBACK (on_summary_cb), self);
}
