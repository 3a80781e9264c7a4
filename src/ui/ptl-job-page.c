/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pages with a job share: history, start and stop, how far it is, the narrow form. */
#include "config.h"

#include "ui/ptl-job-page.h"

#include "ui/ptl-choices.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-option.h"
#include "ui/ptl-probe-history.h"
#include "ui/ptl-tab-out.h"

typedef struct
{
  /* owned */
  GSettings      *settings;
  PtlJob         *job;
  PtlChoices     *choices;

  PtlJobPageParts parts;
  GtkWidget      *scroller; /* of the whole page; moves where not even some rows fit */
} PtlJobPagePrivate;

static void ptl_job_page_buildable_init (GtkBuildableIface *iface);

static GtkBuildableIface *parent_buildable;

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (PtlJobPage, ptl_job_page, PTL_TYPE_PAGE_BASE,
                                  G_ADD_PRIVATE (PtlJobPage)
                                  G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE,
                                                         ptl_job_page_buildable_init))

static PtlJobPagePrivate *
get_private (PtlJobPage *self)
{
  return ptl_job_page_get_instance_private (self);
}

/* --- labels ----------------------------------------------------------------------------------- */

void
ptl_job_page_set_text (GtkLabel   *label,
                       const char *text)
{
  /* Setting it again would lose what is selected. */
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

void
ptl_job_page_set_error (GtkLabel *label,
                        gboolean  error)
{
  GtkWidget *widget = GTK_WIDGET (label);

  if (error)
    {
      gtk_widget_remove_css_class (widget, "dim-label");
      gtk_widget_add_css_class (widget, "error");
      return;
    }
  gtk_widget_remove_css_class (widget, "error");
  if (gtk_widget_has_css_class (widget, "caption"))
    gtk_widget_add_css_class (widget, "dim-label");
}

/* --- start and stop --------------------------------------------------------------------------- */

static void
show_progress (PtlJobPage *self)
{
  PtlJobPagePrivate *priv = get_private (self);
  gboolean busy = ptl_job_is_busy (priv->job);
  double done = ptl_job_get_done (priv->job);

  ptl_job_buttons_set_busy (priv->parts.buttons, busy);
  if (priv->parts.progress == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (priv->parts.progress), busy && done >= 0);
  if (done >= 0)
    gtk_progress_bar_set_fraction (priv->parts.progress, CLAMP (done, 0, 1));
}

static void
show_rates (PtlJobPage *self)
{
  PtlJobPagePrivate *priv = get_private (self);
  const PtlRates *rates = ptl_job_get_rates (priv->job);

  if (priv->parts.rates_graph == NULL)
    return;
  /* A scale without anything on it tells nothing. */
  gtk_widget_set_visible (GTK_WIDGET (priv->parts.rates_graph), ptl_rates_get_most (rates) > 0);
  ptl_probe_graph_set_rates (priv->parts.rates_graph, rates, priv->parts.rates_unit);
}

static void
on_changed_cb (PtlJobPage *self)
{
  show_progress (self);
  show_rates (self);
  if (PTL_JOB_PAGE_GET_CLASS (self)->update != NULL)
    PTL_JOB_PAGE_GET_CLASS (self)->update (self);
}

void
ptl_job_page_start (PtlJobPage *self)
{
  PTL_JOB_PAGE_GET_CLASS (self)->start (self);
}

static void
on_start_cb (PtlJobPage *self)
{
  ptl_job_page_start (self);
}

static void
on_start_action_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  ptl_job_page_start (PTL_JOB_PAGE (widget));
}

static void
on_stop_action_cb (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  ptl_job_stop (get_private (PTL_JOB_PAGE (widget))->job);
}

/* --- history ---------------------------------------------------------------------------------- */

static void
show_history (PtlJobPage *self)
{
  PtlJobPagePrivate *priv = get_private (self);

  ptl_probe_history_show (ptl_job_buttons_get_history (priv->parts.buttons), priv->settings,
                          PTL_JOB_PAGE_GET_CLASS (self)->history_key, "job.again", "job.forget");
}

const char *const ptl_job_page_families[] = { "any", "4", "6", NULL };

void
ptl_job_page_keep (PtlJobPage        *self,
                   const char        *key,
                   gpointer           widget,
                   const char *const *words)
{
  ptl_choices_add (get_private (self)->choices, key, widget, words);
}

void
ptl_job_page_remember (PtlJobPage *self,
                       const char *entry)
{
  PtlJobPageClass *klass = PTL_JOB_PAGE_GET_CLASS (self);
  PtlJobPagePrivate *priv = get_private (self);
  g_autofree char *choices = ptl_choices_to_text (priv->choices);
  g_autoptr (GString) all = g_string_new (entry);
  guint n_fields = 1;

  for (const char *at = entry; (at = strchr (at, '\t')) != NULL; at++)
    n_fields++;
  if (*choices != '\0')
    {
      for (; n_fields <= klass->n_history_fields; n_fields++)
        g_string_append_c (all, '\t');
      g_string_append (all, choices);
    }
  ptl_probe_history_add (priv->settings, klass->history_key, all->str);
  show_history (self);
}

static void
on_again_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  PtlJobPage *self = PTL_JOB_PAGE (widget);
  PtlJobPageClass *klass = PTL_JOB_PAGE_GET_CLASS (self);
  g_auto (GStrv) fields = ptl_probe_history_split (g_variant_get_string (parameter, NULL),
                                                   klass->n_history_fields + 1);

  ptl_choices_from_text (get_private (self)->choices, fields[klass->n_history_fields]);
  klass->recall (self, fields);
}

static void
on_forget_cb (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  PtlJobPage *self = PTL_JOB_PAGE (widget);

  g_settings_reset (get_private (self)->settings, PTL_JOB_PAGE_GET_CLASS (self)->history_key);
  show_history (self);
}

/* --- the widget ------------------------------------------------------------------------------- */

static void
ptl_job_page_show_narrow (PtlPageBase *page,
                          gboolean     narrow)
{
  PtlJobPagePrivate *priv = get_private (PTL_JOB_PAGE (page));
  GtkOrientation orientation = narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;

  for (guint i = 0; i < G_N_ELEMENTS (priv->parts.fields); i++)
    if (priv->parts.fields[i] != NULL)
      gtk_orientable_set_orientation (GTK_ORIENTABLE (priv->parts.fields[i]), orientation);
  if (priv->parts.table_view != NULL)
    g_object_set (priv->parts.table_view, "narrow", narrow, NULL);
}

void
ptl_job_page_set_parts (PtlJobPage            *self,
                        const PtlJobPageParts *parts,
                        PtlJob                *job)
{
  PtlJobPagePrivate *priv = get_private (self);

  g_return_if_fail (PTL_IS_JOB_PAGE (self));
  g_return_if_fail (priv->job == NULL);

  priv->parts = *parts;
  priv->job = job;
  ptl_table_view_set_table (parts->table_view, ptl_job_get_table (job));
  ptl_table_view_attach_menu (parts->table_view, parts->table_button);
  g_signal_connect_swapped (job, "changed", G_CALLBACK (on_changed_cb), self);
  ptl_direction_set_fields (GTK_WIDGET (self));
  ptl_job_page_show_narrow (PTL_PAGE_BASE (self), ptl_page_base_is_narrow (PTL_PAGE_BASE (self)));
  show_history (self);
}

static void
ptl_job_page_add_child (GtkBuildable *buildable,
                        GtkBuilder   *builder,
                        GObject      *child,
                        const char   *type)
{
  if (GTK_IS_WIDGET (child))
    gtk_scrolled_window_set_child (
      GTK_SCROLLED_WINDOW (get_private (PTL_JOB_PAGE (buildable))->scroller), GTK_WIDGET (child));
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
ptl_job_page_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = ptl_job_page_add_child;
}

static gboolean
ptl_job_page_grab_focus (GtkWidget *widget)
{
  PtlJobPagePrivate *priv = get_private (PTL_JOB_PAGE (widget));

  return priv->parts.first != NULL && gtk_widget_grab_focus (priv->parts.first);
}

static void
ptl_job_page_dispose (GObject *object)
{
  PtlJobPage *self = PTL_JOB_PAGE (object);
  PtlJobPagePrivate *priv = get_private (self);

  if (priv->job != NULL)
    {
      g_signal_handlers_disconnect_by_data (priv->job, self);
      ptl_job_stop (priv->job);
    }
  if (priv->parts.table_view != NULL)
    g_signal_handlers_disconnect_by_data (priv->parts.table_view, self);
  priv->parts = (PtlJobPageParts) { 0 };

  G_OBJECT_CLASS (ptl_job_page_parent_class)->dispose (object);
}

static void
ptl_job_page_finalize (GObject *object)
{
  PtlJobPagePrivate *priv = get_private (PTL_JOB_PAGE (object));

  g_clear_object (&priv->job);
  g_clear_object (&priv->settings);
  g_clear_pointer (&priv->choices, ptl_choices_free);

  G_OBJECT_CLASS (ptl_job_page_parent_class)->finalize (object);
}

void
ptl_job_page_class_set_template (PtlJobPageClass *klass,
                                 const char      *file)
{
  ptl_page_base_class_set_template (PTL_PAGE_BASE_CLASS (klass), file);
  gtk_widget_class_bind_template_callback (GTK_WIDGET_CLASS (klass), on_start_cb);
}

static void
ptl_job_page_class_init (PtlJobPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_job_page_dispose;
  object_class->finalize = ptl_job_page_finalize;
  widget_class->grab_focus = ptl_job_page_grab_focus;
  ptl_tab_out_init_class (widget_class);

  PTL_PAGE_BASE_CLASS (klass)->show_narrow = ptl_job_page_show_narrow;

  g_type_ensure (PTL_TYPE_PROBE_GRAPH);
  g_type_ensure (PTL_TYPE_JOB_BUTTONS);
  g_type_ensure (PTL_TYPE_OPTION);
  gtk_widget_class_install_action (widget_class, "job.start", NULL, on_start_action_cb);
  gtk_widget_class_install_action (widget_class, "job.stop", NULL, on_stop_action_cb);
  gtk_widget_class_install_action (widget_class, "job.again", "s", on_again_cb);
  gtk_widget_class_install_action (widget_class, "job.forget", NULL, on_forget_cb);
}

static void
ptl_job_page_init (PtlJobPage *self)
{
  PtlJobPagePrivate *priv = get_private (self);
  GtkScrolledWindow *scroller;

  priv->settings = g_settings_new ("org.portlight.Portlight");
  priv->choices = ptl_choices_new ();
  priv->scroller = gtk_scrolled_window_new ();
  scroller = GTK_SCROLLED_WINDOW (priv->scroller);
  gtk_scrolled_window_set_policy (scroller, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (scroller, TRUE);
  gtk_widget_set_parent (priv->scroller, GTK_WIDGET (self));
}
