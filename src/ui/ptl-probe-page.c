/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pages Ping and Trace Route share. */
#include "config.h"

#include "ui/ptl-probe-page.h"

#include <string.h>

#include "ui/ptl-pages-pane.h"

#define HISTORY_BYTES_MAX 160 /* of an entry */

typedef struct
{
  /* template */
  GtkBox         *top;
  GtkEntry       *entry;
  PtlJobButtons  *buttons;
  GtkMenuButton  *export_button;
  GtkDropDown    *method_drop;
  GtkDropDown    *family_drop;
  GtkSpinButton  *port_spin;
  GtkSpinButton  *interval_spin;
  GtkAdjustment  *interval;
  GtkWidget      *count_option;
  GtkSpinButton  *count_spin;
  GtkSpinButton  *timeout_spin;
  GtkLabel       *error_label;
  GtkLabel       *summary_label;
  GtkLabel       *finding_label;
  GtkLabel       *method_label;
  GtkProgressBar *progress;
  PtlTableView   *table_view;
  GtkWidget      *graph_box;
  GtkLabel       *details_label;
  PtlProbeGraph  *graph;
} PtlProbePagePrivate;

static void ptl_probe_page_page_init (PtlPageInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (PtlProbePage, ptl_probe_page, PTL_TYPE_JOB_PAGE,
                                  G_ADD_PRIVATE (PtlProbePage)
                                  G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_probe_page_page_init))

static PtlProbePagePrivate *
get_private (gpointer self)
{
  return ptl_probe_page_get_instance_private (PTL_PROBE_PAGE (self));
}

/* --- what is shown ---------------------------------------------------------------------------- */

void
ptl_probe_page_show (PtlProbePage *self,
                     const char   *summary,
                     const char   *finding,
                     const char   *method)
{
  PtlProbePagePrivate *priv = get_private (self);

  ptl_job_page_set_text (priv->summary_label, summary);
  ptl_job_page_set_text (priv->finding_label, finding);
  ptl_job_page_set_text (priv->method_label, method);
}

void
ptl_probe_page_set_failed (PtlProbePage *self,
                           gboolean      failed)
{
  ptl_job_page_set_error (get_private (self)->summary_label, failed);
}

PtlProbeGraph *
ptl_probe_page_show_graph (PtlProbePage *self,
                           const char   *details)
{
  PtlProbePagePrivate *priv = get_private (self);

  gtk_widget_set_visible (priv->graph_box, details != NULL);
  if (details != NULL)
    ptl_job_page_set_text (priv->details_label, details);
  return priv->graph;
}

PtlTableView *
ptl_probe_page_get_view (PtlProbePage *self)
{
  return get_private (self)->table_view;
}

/* --- asking ----------------------------------------------------------------------------------- */

static guint
get_ms (GtkSpinButton *seconds)
{
  return (guint) (gtk_spin_button_get_value (seconds) * 1000 + 0.5);
}

static void
ptl_probe_page_start (PtlJobPage *page)
{
  PtlProbePagePrivate *priv = get_private (page);
  static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (priv->entry))));
  PtlProbeOptions options = {
    .method = (PtlMethod) gtk_drop_down_get_selected (priv->method_drop),
    .family = families[gtk_drop_down_get_selected (priv->family_drop) % G_N_ELEMENTS (families)],
    .port = (guint16) gtk_spin_button_get_value_as_int (priv->port_spin),
    .interval_ms = get_ms (priv->interval_spin),
    .timeout_ms = get_ms (priv->timeout_spin),
    .count = (guint) gtk_spin_button_get_value_as_int (priv->count_spin),
  };
  g_autoptr (GError) error = NULL;

  if (!PTL_PROBE_PAGE_GET_CLASS (page)->begin (PTL_PROBE_PAGE (page), text, &options, &error))
    {
      ptl_job_page_set_text (priv->error_label, error->message);
      gtk_widget_grab_focus (GTK_WIDGET (priv->entry));
      return;
    }
  ptl_job_page_set_text (priv->error_label, "");
  /* A long list is for a file; in a menu it could not be read. */
  if (strlen (text) <= HISTORY_BYTES_MAX)
    ptl_job_page_remember (page, g_strdelimit (text, "\t", ' '));
}

static void
ptl_probe_page_recall (PtlJobPage  *page,
                       char       **fields)
{
  gtk_editable_set_text (GTK_EDITABLE (get_private (page)->entry), fields[0]);
  ptl_job_page_start (page);
}

/* Filled in, not begun: the person decides what is sent to whom. */
static void
ptl_probe_page_show_target (PtlPage    *page,
                            const char *target)
{
  PtlProbePagePrivate *priv = get_private (page);

  gtk_editable_set_text (GTK_EDITABLE (priv->entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (priv->buttons));
}

static void
ptl_probe_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_probe_page_show_target;
}

/* --- the widget ------------------------------------------------------------------------------- */

void
ptl_probe_page_set_job (PtlProbePage *self,
                        PtlJob       *job)
{
  static const char *const methods[PTL_N_METHODS + 1] = {
    [PTL_METHOD_AUTOMATIC] = "auto",
    [PTL_METHOD_ICMP] = "icmp",
    [PTL_METHOD_UDP] = "udp",
    [PTL_METHOD_TCP] = "tcp",
  };
  PtlProbePagePrivate *priv = get_private (self);
  PtlJobPageParts parts = {
    .first = GTK_WIDGET (priv->entry),
    .fields = { priv->top },
    .buttons = priv->buttons,
    .table_button = priv->export_button,
    .progress = priv->progress,
    .table_view = priv->table_view,
  };

  ptl_job_page_set_parts (PTL_JOB_PAGE (self), &parts, job);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "method", priv->method_drop, methods);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "ip", priv->family_drop, ptl_job_page_families);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "port", priv->port_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "interval", priv->interval_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "count", priv->count_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "wait", priv->timeout_spin, NULL);
  g_signal_connect_swapped (priv->table_view, "notify::selected",
                            G_CALLBACK (PTL_JOB_PAGE_GET_CLASS (self)->update), self);
}

static void
ptl_probe_page_class_init (PtlProbePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  job_class->n_history_fields = 1;
  job_class->start = ptl_probe_page_start;
  job_class->recall = ptl_probe_page_recall;

  ptl_job_page_class_set_template (job_class, "ptl-probe-page.ui");
#define BIND(name) \
  gtk_widget_class_bind_template_child_private (widget_class, PtlProbePage, name)
#define BIND_INTERNAL(name) \
  gtk_widget_class_bind_template_child_internal_private (widget_class, PtlProbePage, name)
  BIND (top);
  BIND_INTERNAL (entry);
  BIND_INTERNAL (buttons);
  BIND (export_button);
  BIND (method_drop);
  BIND (family_drop);
  BIND_INTERNAL (port_spin);
  BIND_INTERNAL (interval_spin);
  BIND_INTERNAL (interval);
  BIND_INTERNAL (count_option);
  BIND (count_spin);
  BIND (timeout_spin);
  BIND (error_label);
  BIND (summary_label);
  BIND (finding_label);
  BIND (method_label);
  BIND (progress);
  BIND_INTERNAL (table_view);
  BIND (graph_box);
  BIND (details_label);
  BIND (graph);
#undef BIND
#undef BIND_INTERNAL
}

static void
ptl_probe_page_init (PtlProbePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
