/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of this computer above, what each resolves to from here below. */
#include "config.h"

#include "ui/ptl-names-page.h"

#include "model/ptl-names.h"
#include "ui/ptl-detail.h"
#include "ui/ptl-table-view.h"

struct _PtlNamesPage
{
  PtlPageBase    parent_instance;

  /* template */
  GtkBox        *box;
  GtkLabel      *summary_label;
  GtkSpinner    *spinner;
  GtkMenuButton *menu_button;
  PtlTableView  *facts_view;
  GtkMenuButton *addresses_menu_button;
  PtlTableView  *addresses_view;
  PtlDetail     *detail;
  GMenuModel    *row_menu;

  /* owned */
  PtlNames      *names;

  PtlTableView  *chosen; /* the one of both that was chosen in last; borrowed */
};

G_DEFINE_FINAL_TYPE (PtlNamesPage, ptl_names_page, PTL_TYPE_PAGE_BASE)

static void
on_summary_cb (PtlNamesPage *self)
{
  const char *summary = ptl_names_get_summary (self->names);

  gtk_label_set_text (self->summary_label, summary != NULL ? summary : "");
}

static void
on_busy_cb (PtlNamesPage *self)
{
  gtk_spinner_set_spinning (self->spinner, ptl_names_is_busy (self->names));
}

static char *
dup_chosen_name (PtlNamesPage *self)
{
  gpointer row = self->chosen != NULL ? ptl_table_view_get_selected (self->chosen) : NULL;

  return row != NULL ? ptl_names_dup_name (self->names, row) : NULL;
}

static void
update_detail (PtlNamesPage *self)
{
  gpointer row = self->chosen != NULL ? ptl_table_view_get_selected (self->chosen) : NULL;
  g_autofree char *name = dup_chosen_name (self);
  g_autofree char *detail = row != NULL ? ptl_names_dup_detail (self->names, row) : NULL;

  ptl_detail_set_text (self->detail, detail);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "names.look-up", name != NULL);
}

static void
on_selected_cb (PtlNamesPage *self,
                GParamSpec   *pspec,
                PtlTableView *view)
{
  if (ptl_table_view_get_selected (view) != NULL)
    self->chosen = view;
  update_detail (self);
}

static void
on_look_up_cb (GtkWidget  *widget,
               const char *action,
               GVariant   *parameter)
{
  g_autofree char *name = dup_chosen_name (PTL_NAMES_PAGE (widget));

  if (name != NULL)
    gtk_widget_activate_action (widget, "win.look-up", "s", name);
}

static void
on_again_cb (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  ptl_names_start (PTL_NAMES_PAGE (widget)->names);
}

static void
ptl_names_page_dispose (GObject *object)
{
  PtlNamesPage *self = PTL_NAMES_PAGE (object);

  if (self->names != NULL)
    g_signal_handlers_disconnect_by_data (self->names, self);
  self->chosen = NULL;

  G_OBJECT_CLASS (ptl_names_page_parent_class)->dispose (object);

  g_clear_object (&self->names);
}

static void
ptl_names_page_class_init (PtlNamesPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (PTL_TYPE_DETAIL);
  object_class->dispose = ptl_names_page_dispose;

  ptl_page_base_class_set_template (PTL_PAGE_BASE_CLASS (klass), "ptl-names-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, facts_view);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, addresses_menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, addresses_view);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, detail);
  gtk_widget_class_bind_template_child (widget_class, PtlNamesPage, row_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_selected_cb);
  gtk_widget_class_install_action (widget_class, "names.look-up", NULL, on_look_up_cb);
  gtk_widget_class_install_action (widget_class, "names.again", NULL, on_again_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "names.again", NULL);
}

static void
ptl_names_page_init (PtlNamesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->names = ptl_names_new ();
  ptl_table_view_set_table (self->facts_view, ptl_names_get_facts (self->names));
  ptl_table_view_set_table (self->addresses_view, ptl_names_get_addresses (self->names));
  ptl_table_view_set_row_menu (self->facts_view, self->row_menu);
  ptl_table_view_set_row_menu (self->addresses_view, self->row_menu);
  ptl_table_view_attach_menu (self->facts_view, self->menu_button);
  ptl_table_view_attach_menu (self->addresses_view, self->addresses_menu_button);
  g_signal_connect_swapped (self->names, "notify::summary", G_CALLBACK (on_summary_cb), self);
  g_signal_connect_swapped (self->names, "notify::busy", G_CALLBACK (on_busy_cb), self);
  update_detail (self);
  ptl_names_start (self->names);
}
