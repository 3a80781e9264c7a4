/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page that tries something when it is asked to. */
#include "config.h"

#include "ui/ptl-trial-page.h"

typedef struct
{
  PtlTableView *view;
  PtlDetail    *detail;
  GObject      *list; /* owned */
} PtlTrialPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (PtlTrialPage, ptl_trial_page, PTL_TYPE_PAGE_BASE)

static PtlTrialPagePrivate *
get_private (PtlTrialPage *self)
{
  return ptl_trial_page_get_instance_private (self);
}

/* What is cut off in the table is shown in full for the chosen row. */
void
ptl_trial_page_update_detail (PtlTrialPage *self)
{
  PtlTrialPagePrivate *priv = get_private (self);
  gpointer row = ptl_table_view_get_selected (priv->view);
  g_autofree char *detail =
    row != NULL ? PTL_TRIAL_PAGE_GET_CLASS (self)->dup_detail (self, row) : NULL;

  ptl_detail_set_text (priv->detail, detail);
}

static void
on_start_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  PTL_TRIAL_PAGE_GET_CLASS (widget)->start (PTL_TRIAL_PAGE (widget));
}

void
ptl_trial_page_set_parts (PtlTrialPage  *self,
                          PtlTableView  *view,
                          GtkMenuButton *menu_button,
                          PtlDetail     *detail,
                          GObject       *list,
                          PtlTable      *table)
{
  PtlTrialPagePrivate *priv = get_private (self);

  g_return_if_fail (priv->list == NULL);

  priv->view = view;
  priv->detail = detail;
  priv->list = list;
  ptl_table_view_set_table (view, table);
  ptl_table_view_attach_menu (view, menu_button);
  g_signal_connect_swapped (view, "notify::selected", G_CALLBACK (ptl_trial_page_update_detail),
                            self);
}

static void
ptl_trial_page_dispose (GObject *object)
{
  PtlTrialPagePrivate *priv = get_private (PTL_TRIAL_PAGE (object));

  if (priv->view != NULL)
    g_signal_handlers_disconnect_by_data (priv->view, object);
  priv->view = NULL;
  if (priv->list != NULL)
    g_signal_handlers_disconnect_by_data (priv->list, object);

  G_OBJECT_CLASS (ptl_trial_page_parent_class)->dispose (object);
}

static void
ptl_trial_page_finalize (GObject *object)
{
  g_clear_object (&get_private (PTL_TRIAL_PAGE (object))->list);

  G_OBJECT_CLASS (ptl_trial_page_parent_class)->finalize (object);
}

static void
ptl_trial_page_class_init (PtlTrialPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (PTL_TYPE_DETAIL);
  G_OBJECT_CLASS (klass)->dispose = ptl_trial_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = ptl_trial_page_finalize;
  gtk_widget_class_install_action (widget_class, "trial.start", NULL, on_start_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "trial.start", NULL);
}

static void
ptl_trial_page_init (PtlTrialPage *self)
{
}
