/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sockets this kernel offers: tried when the page is made, and again when asked to. */
#include "config.h"

#include "ui/ptl-families-page.h"

#include <glib/gi18n.h>

#include "model/ptl-families-list.h"

struct _PtlFamiliesPage
{
  PtlTrialPage     parent_instance;

  /* template */
  GtkBox          *box;
  GtkLabel        *summary_label;
  GtkSpinner      *spinner;
  GtkCheckButton  *offered_button;
  GtkMenuButton   *menu_button;
  PtlTableView    *view;
  PtlDetail       *detail;

  PtlFamiliesList *list; /* the base owns it */
};

G_DEFINE_FINAL_TYPE (PtlFamiliesPage, ptl_families_page, PTL_TYPE_TRIAL_PAGE)

static void
on_busy_cb (PtlFamiliesPage *self)
{
  gboolean busy = ptl_families_list_is_busy (self->list);
  g_autofree char *summary = ptl_families_list_dup_summary (self->list);

  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "trial.start", !busy);
  gtk_label_set_text (self->summary_label,
                      busy || summary == NULL ? _("The kernel is being asked …") : summary);
}

static void
ptl_families_page_start (PtlTrialPage *page)
{
  ptl_families_list_try (PTL_FAMILIES_PAGE (page)->list);
}

static char *
ptl_families_page_dup_detail (PtlTrialPage *page,
                              gpointer      row)
{
  return ptl_families_list_dup_detail (PTL_FAMILIES_PAGE (page)->list, row);
}

static void
ptl_families_page_class_init (PtlFamiliesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlTrialPageClass *trial_class = PTL_TRIAL_PAGE_CLASS (klass);

  trial_class->start = ptl_families_page_start;
  trial_class->dup_detail = ptl_families_page_dup_detail;

  ptl_page_base_class_set_template (PTL_PAGE_BASE_CLASS (klass), "ptl-families-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, offered_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlFamiliesPage, detail);
}

static void
ptl_families_page_init (PtlFamiliesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->list = ptl_families_list_new ();
  ptl_trial_page_set_parts (PTL_TRIAL_PAGE (self), self->view, self->menu_button, self->detail,
                            G_OBJECT (self->list), ptl_families_list_get_table (self->list));
  g_object_bind_property (self->offered_button, "active", self->list, "offered-only",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->list, "notify::busy", G_CALLBACK (on_busy_cb), self);
  ptl_families_list_try (self->list);
}
