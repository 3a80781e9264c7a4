/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This computer reaches itself over each of its addresses, or it is said why not. */
#include "config.h"

#include "ui/ptl-self-test-page.h"

#include "model/ptl-self-test-list.h"

struct _PtlSelfTestPage
{
  PtlTrialPage     parent_instance;

  /* template */
  GtkBox          *box;
  GtkLabel        *summary_label;
  GtkStack        *go_stack;
  GtkButton       *start_button;
  GtkButton       *stop_button;
  GtkMenuButton   *menu_button;
  GtkProgressBar  *progress;
  PtlTableView    *view;
  PtlDetail       *detail;

  PtlSelfTestList *list; /* the base owns it */
};

G_DEFINE_FINAL_TYPE (PtlSelfTestPage, ptl_self_test_page, PTL_TYPE_TRIAL_PAGE)

/* The reasons are long: those of the chosen row are shown in full. */
static char *
ptl_self_test_page_dup_detail (PtlTrialPage *page,
                               gpointer      row)
{
  return ptl_self_test_list_dup_reasons (PTL_SELF_TEST_PAGE (page)->list, row);
}

static void
on_summary_cb (PtlSelfTestPage *self)
{
  gtk_label_set_text (self->summary_label, ptl_self_test_list_get_summary (self->list));
  ptl_trial_page_update_detail (PTL_TRIAL_PAGE (self));
}

/* Its reason is what one wants to know first, and is too long for its column. */
static void
show_first_failure (PtlSelfTestPage *self)
{
  PtlTable *table = ptl_self_test_list_get_table (self->list);
  guint n_columns, n = g_list_model_get_n_items (G_LIST_MODEL (table));

  if (ptl_table_view_get_selected (self->view) != NULL)
    return;
  ptl_table_get_columns (table, &n_columns);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (G_LIST_MODEL (table), i);

      for (guint column = 0; column < n_columns; column++)
        if (ptl_table_get_tone (table, row, column) == PTL_TABLE_BAD)
          {
            ptl_table_view_select (self->view, i);
            return;
          }
    }
}

static void
on_running_cb (PtlSelfTestPage *self)
{
  gboolean running = ptl_self_test_list_is_running (self->list);

  gtk_stack_set_visible_child (self->go_stack, running ? GTK_WIDGET (self->stop_button)
                                                       : GTK_WIDGET (self->start_button));
  gtk_widget_set_opacity (GTK_WIDGET (self->progress), running ? 1 : 0);
  if (!running)
    show_first_failure (self);
}

static void
ptl_self_test_page_start (PtlTrialPage *page)
{
  PtlSelfTestPage *self = PTL_SELF_TEST_PAGE (page);
  g_autoptr (GError) error = NULL;

  if (!ptl_self_test_list_start (self->list, &error))
    gtk_label_set_text (self->summary_label, error->message);
}

static void
on_stop_cb (PtlSelfTestPage *self)
{
  ptl_self_test_list_stop (self->list);
}

static void
ptl_self_test_page_class_init (PtlSelfTestPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlTrialPageClass *trial_class = PTL_TRIAL_PAGE_CLASS (klass);

  trial_class->start = ptl_self_test_page_start;
  trial_class->dup_detail = ptl_self_test_page_dup_detail;

  ptl_page_base_class_set_template (PTL_PAGE_BASE_CLASS (klass), "ptl-self-test-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, box);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, go_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, start_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, progress);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlSelfTestPage, detail);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_cb);
}

static void
ptl_self_test_page_init (PtlSelfTestPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->list = ptl_self_test_list_new ();
  ptl_trial_page_set_parts (PTL_TRIAL_PAGE (self), self->view, self->menu_button, self->detail,
                            G_OBJECT (self->list), ptl_self_test_list_get_table (self->list));
  g_object_bind_property (self->list, "progress", self->progress, "fraction",
                          G_BINDING_SYNC_CREATE);
  g_signal_connect_swapped (self->list, "notify::running", G_CALLBACK (on_running_cb), self);
  g_signal_connect_swapped (self->list, "notify::summary", G_CALLBACK (on_summary_cb), self);
}
