/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets this kernel offers: tried when the page is made, and again when asked to. */
#include "config.h"

#include "ui/ptl-families-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-families-list.h"
#include "ui/ptl-table-view.h"

struct _PtlFamiliesPage
{
  GtkWidget        parent_instance;

  /* template */
  GtkBox          *box;
  GtkLabel        *summary_label;
  GtkSpinner      *spinner;
  GtkCheckButton  *offered_button;
  GtkButton       *again_button;
  GtkMenuButton   *menu_button;
  PtlTableView    *view;
  GtkRevealer     *detail_revealer;
  GtkLabel        *detail_label;

  /* owned */
  PtlFamiliesList *list;

  gboolean         narrow;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlFamiliesPage, ptl_families_page, GTK_TYPE_WIDGET)

static void
on_busy_cb (PtlFamiliesPage *self)
{
  gboolean busy = ptl_families_list_is_busy (self->list);
  g_autofree char *summary = ptl_families_list_dup_summary (self->list);

  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->again_button), !busy);
  gtk_label_set_text (self->summary_label,
                      busy || summary == NULL ? _("The kernel is being asked …") : summary);
}

/* What is cut off in the table is shown in full for the chosen row. */
static void
update_detail (PtlFamiliesPage *self)
{
  gpointer row = ptl_table_view_get_selected (self->view);

  if (row != NULL)
    {
      g_autofree char *detail = ptl_families_list_dup_detail (self->list, row);

      gtk_label_set_text (self->detail_label, detail);
    }
  gtk_revealer_set_reveal_child (self->detail_revealer, row != NULL);
}

static void
on_again_cb (PtlFamiliesPage *self)
{
  ptl_families_list_try (self->list);
}

static gboolean
on_again_key_cb (GtkWidget *widget,
                 GVariant  *args,
                 gpointer   data)
{
  on_again_cb (PTL_FAMILIES_PAGE (widget));
  return TRUE;
}

static void
ptl_families_page_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  PtlFamiliesPage *self = PTL_FAMILIES_PAGE (object);

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
ptl_families_page_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_FAMILIES_PAGE (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_families_page_dispose (GObject *object)
{
  PtlFamiliesPage *self = PTL_FAMILIES_PAGE (object);

  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_FAMILIES_PAGE);
  g_clear_object (&self->list);

  G_OBJECT_CLASS (ptl_families_page_parent_class)->dispose (object);
}

static void
ptl_families_page_class_init (PtlFamiliesPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_families_page_dispose;
  object_class->get_property = ptl_families_page_get_property;
  object_class->set_property = ptl_families_page_set_property;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_TABLE_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-families-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, offered_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, again_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, detail_revealer);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, detail_label);
  gtk_widget_class_bind_template_callback (widget_class, on_again_cb);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F5, 0, on_again_key_cb, NULL);
  gtk_widget_class_bind_template_callback (widget_class, update_detail);
}

static void
ptl_families_page_init (PtlFamiliesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->list = ptl_families_list_new ();
  ptl_table_view_set_table (self->view, ptl_families_list_get_table (self->list));
  ptl_table_view_attach_menu (self->view, self->menu_button);
  g_object_bind_property (self->offered_button, "active", self->list, "offered-only",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->list, "notify::busy", G_CALLBACK (on_busy_cb), self);
  ptl_families_list_try (self->list);
}
