/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace Route: a target, a table of the routers on the way, a picture of how far they are. */
#include "config.h"

#include "ui/ptl-trace-page.h"

#include <glib/gi18n.h>

#include "model/ptl-trace-job.h"

#define DATA_BYTES 32 /* of a probe */

struct _PtlTracePage
{
  PtlProbePage    parent_instance;

  /* template */
  GtkSpinButton  *hops_spin;
  GtkCheckButton *mtu_check;

  PtlTraceJob    *job; /* the base owns it */
};

G_DEFINE_FINAL_TYPE (PtlTracePage, ptl_trace_page, PTL_TYPE_PROBE_PAGE)

/* Of the chosen row, or "". */
static char *
dup_details (PtlTableRow *row)
{
  g_autoptr (GString) details = g_string_new (NULL);
  static const PtlTraceJobColumn columns[] = {
    PTL_TRACE_JOB_ADDRESS, PTL_TRACE_JOB_NAME, PTL_TRACE_JOB_NOTE,
  };

  if (row == NULL)
    return g_strdup ("");
  g_string_append_printf (details, _("Hop %s"), ptl_table_row_get (row, PTL_TRACE_JOB_HOP));
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (*ptl_table_row_get (row, columns[i]) != '\0')
      g_string_append_printf (details, " · %s", ptl_table_row_get (row, columns[i]));
  return g_string_free (g_steal_pointer (&details), FALSE);
}

static void
ptl_trace_page_update (PtlJobPage *page)
{
  PtlTracePage *self = PTL_TRACE_PAGE (page);
  PtlProbePage *probe = PTL_PROBE_PAGE (page);
  g_autofree char *summary = ptl_trace_job_dup_summary (self->job);
  g_autofree char *method = ptl_trace_job_dup_method (self->job);
  g_autofree char *mtu = ptl_trace_job_dup_mtu (self->job);
  g_autofree char *details =
    dup_details (ptl_table_view_get_selected (ptl_probe_page_get_view (probe)));
  PtlTraceBar bars[PTL_TRACE_HOPS_MAX];
  guint n = ptl_trace_job_get_bars (self->job, bars);
  PtlProbeGraph *graph = ptl_probe_page_show_graph (probe, n > 0 ? details : NULL);

  ptl_probe_page_show (probe, summary, mtu, method);
  ptl_probe_page_set_failed (probe, ptl_trace_job_has_failed (self->job));
  if (n > 0)
    ptl_probe_graph_set_bars (graph, bars, n, summary);
}

static gboolean
ptl_trace_page_begin (PtlProbePage           *probe,
                      const char             *targets,
                      const PtlProbeOptions  *common,
                      GError                **error)
{
  PtlTracePage *self = PTL_TRACE_PAGE (probe);
  PtlTraceOptions options = {
    .method = common->method,
    .port = common->port,
    .interval_ms = common->interval_ms,
    .timeout_ms = common->timeout_ms,
    .rounds = common->count,
    .max_hops = (unsigned) gtk_spin_button_get_value_as_int (self->hops_spin),
    .size_bytes = DATA_BYTES,
    .find_mtu = gtk_check_button_get_active (self->mtu_check),
  };

  return ptl_trace_job_start (self->job, targets, &options, common->family, error);
}

static void
ptl_trace_page_class_init (PtlTracePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  job_class->history_key = "trace-history";
  job_class->update = ptl_trace_page_update;
  PTL_PROBE_PAGE_CLASS (klass)->begin = ptl_trace_page_begin;

  ptl_job_page_class_set_template (job_class, "ptl-trace-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, hops_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, mtu_check);
}

static void
ptl_trace_page_init (PtlTracePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->job = ptl_trace_job_new ();
  ptl_probe_page_set_job (PTL_PROBE_PAGE (self), PTL_JOB (self->job));
  ptl_job_page_keep (PTL_JOB_PAGE (self), "hops", self->hops_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "mtu", self->mtu_check, NULL);
}
