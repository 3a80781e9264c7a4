/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ping: a line of targets, a table of how they answer, a picture of the chosen one. */
#include "config.h"

#include "ui/ptl-ping-page.h"

#include "model/ptl-ping-job.h"

struct _PtlPingPage
{
  PtlProbePage    parent_instance;

  /* template */
  GtkSpinButton  *size_spin;
  GtkSpinButton  *ttl_spin;
  GtkCheckButton *df_check;

  PtlPingJob     *job; /* the base owns it */
};

G_DEFINE_FINAL_TYPE (PtlPingPage, ptl_ping_page, PTL_TYPE_PROBE_PAGE)

static void
ptl_ping_page_update (PtlJobPage *page)
{
  PtlPingPage *self = PTL_PING_PAGE (page);
  PtlProbePage *probe = PTL_PROBE_PAGE (page);
  g_autofree char *summary = ptl_ping_job_dup_summary (self->job);
  g_autofree char *method = ptl_ping_job_dup_method (self->job);
  PtlTableRow *row = ptl_table_view_get_selected (ptl_probe_page_get_view (probe));
  g_autofree char *details = row != NULL ? ptl_ping_job_dup_details (self->job, row) : NULL;
  PtlProbeGraph *graph = ptl_probe_page_show_graph (probe, details);

  ptl_probe_page_show (probe, summary, "", method);
  if (row != NULL)
    {
      PtlPingSample samples[PTL_PING_SAMPLES];
      guint n = ptl_ping_job_get_samples (self->job, row, samples);

      ptl_probe_graph_set_samples (graph, samples, n,
                                   ptl_table_row_get (row, PTL_PING_JOB_TARGET));
    }
}

static gboolean
ptl_ping_page_begin (PtlProbePage           *probe,
                     const char             *targets,
                     const PtlProbeOptions  *common,
                     GError                **error)
{
  PtlPingPage *self = PTL_PING_PAGE (probe);
  PtlPingOptions options = {
    .method = common->method,
    .port = common->port,
    .interval_ms = common->interval_ms,
    .timeout_ms = common->timeout_ms,
    .count = common->count,
    .size_bytes = (unsigned) gtk_spin_button_get_value_as_int (self->size_spin),
    .ttl = (unsigned) gtk_spin_button_get_value_as_int (self->ttl_spin),
    .dont_fragment = gtk_check_button_get_active (self->df_check),
  };

  if (!ptl_ping_job_start (self->job, targets, &options, common->family, error))
    return FALSE;
  ptl_table_view_select (ptl_probe_page_get_view (probe), 0);
  return TRUE;
}

static void
ptl_ping_page_class_init (PtlPingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  job_class->history_key = "ping-history";
  job_class->update = ptl_ping_page_update;
  PTL_PROBE_PAGE_CLASS (klass)->begin = ptl_ping_page_begin;

  ptl_job_page_class_set_template (job_class, "ptl-ping-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, size_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, ttl_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, df_check);
}

static void
ptl_ping_page_init (PtlPingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->job = ptl_ping_job_new ();
  ptl_probe_page_set_job (PTL_PROBE_PAGE (self), PTL_JOB (self->job));
  ptl_job_page_keep (PTL_JOB_PAGE (self), "size", self->size_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "ttl", self->ttl_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "df", self->df_check, NULL);
}
