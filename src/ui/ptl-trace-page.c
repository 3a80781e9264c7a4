/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace Route: a target, a table of the routers on the way, a picture of how far they are. */
#include "config.h"

#include "ui/ptl-trace-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-trace-job.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-table-view.h"

#define DATA_BYTES 32 /* of a probe */
#define HISTORY_BYTES_MAX 160 /* of an entry */

struct _PtlTracePage
{
  PtlJobPage       parent_instance;

  /* template */
  GtkBox          *top;
  GtkEntry        *entry;
  PtlJobButtons   *buttons;
  GtkMenuButton   *export_button;
  GtkDropDown     *method_drop;
  GtkDropDown     *family_drop;
  GtkSpinButton   *port_spin;
  GtkSpinButton   *interval_spin;
  GtkSpinButton   *rounds_spin;
  GtkSpinButton   *timeout_spin;
  GtkSpinButton   *hops_spin;
  GtkCheckButton  *mtu_check;
  GtkLabel        *mtu_label;
  GtkLabel        *error_label;
  GtkLabel        *summary_label;
  GtkLabel        *method_label;
  GtkProgressBar  *progress;
  PtlTableView    *table_view;
  GtkWidget       *graph_box;
  GtkLabel        *details_label;
  PtlProbeGraph   *graph;

  PtlTraceJob      *job;      /* the base owns it */
};

static void ptl_trace_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlTracePage, ptl_trace_page, PTL_TYPE_JOB_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_trace_page_page_init))

/* --- what is shown ---------------------------------------------------------------------------- */

static void
ptl_trace_page_update (PtlJobPage *page)
{
  PtlTracePage *self = PTL_TRACE_PAGE (page);
  g_autofree char *summary = ptl_trace_job_dup_summary (self->job);
  g_autofree char *method = ptl_trace_job_dup_method (self->job);
  g_autofree char *mtu = ptl_trace_job_dup_mtu (self->job);
  PtlTableRow *row = ptl_table_view_get_selected (self->table_view);
  PtlTraceBar bars[PTL_TRACE_HOPS_MAX];
  guint n = ptl_trace_job_get_bars (self->job, bars);

  ptl_job_page_set_text (self->summary_label, summary);
  ptl_job_page_set_text (self->method_label, method);
  ptl_job_page_set_text (self->mtu_label, mtu);
  gtk_widget_set_visible (self->graph_box, n > 0);
  if (n > 0)
    ptl_probe_graph_set_bars (self->graph, bars, n, summary);
  if (row != NULL)
    {
      const char *parts[] = {
        ptl_table_row_get (row, PTL_TRACE_JOB_ADDRESS), ptl_table_row_get (row, PTL_TRACE_JOB_NAME),
        ptl_table_row_get (row, PTL_TRACE_JOB_NOTE),
      };
      g_autoptr (GString) details = g_string_new (NULL);

      g_string_append_printf (details, _("Hop %s"), ptl_table_row_get (row, PTL_TRACE_JOB_HOP));
      for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
        if (*parts[i] != '\0')
          g_string_append_printf (details, " · %s", parts[i]);
      ptl_job_page_set_text (self->details_label, details->str);
    }
  else
    ptl_job_page_set_text (self->details_label, "");
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
ptl_trace_page_start (PtlJobPage *page)
{
  PtlTracePage *self = PTL_TRACE_PAGE (page);
  static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  PtlTraceOptions options = {
    .method = (PtlMethod) gtk_drop_down_get_selected (self->method_drop),
    .port = (uint16_t) gtk_spin_button_get_value_as_int (self->port_spin),
    .interval_ms = (unsigned) (gtk_spin_button_get_value (self->interval_spin) * 1000 + 0.5),
    .timeout_ms = (unsigned) (gtk_spin_button_get_value (self->timeout_spin) * 1000 + 0.5),
    .rounds = (unsigned) gtk_spin_button_get_value_as_int (self->rounds_spin),
    .max_hops = (unsigned) gtk_spin_button_get_value_as_int (self->hops_spin),
    .size_bytes = DATA_BYTES,
    .find_mtu = gtk_check_button_get_active (self->mtu_check),
  };
  g_autoptr (GError) error = NULL;

  if (!ptl_trace_job_start (self->job, text, &options,
                           families[gtk_drop_down_get_selected (self->family_drop)
                                    % G_N_ELEMENTS (families)], &error))
    {
      ptl_job_page_set_text (self->error_label, error->message);
      gtk_widget_grab_focus (GTK_WIDGET (self->entry));
      return;
    }
  ptl_job_page_set_text (self->error_label, "");
  /* A long list is for a file; in a menu it could not be read. */
  if (strlen (text) <= HISTORY_BYTES_MAX)
      ptl_job_page_remember (page, text);
}

static void
ptl_trace_page_recall (PtlJobPage  *page,
                       char       **fields)
{
  PtlTracePage *self = PTL_TRACE_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), fields[0]);
  ptl_job_page_start (page);
}

/* Filled in, not begun: the person decides what is sent to whom. */
static void
ptl_trace_page_show_target (PtlPage    *page,
                           const char *target)
{
  PtlTracePage *self = PTL_TRACE_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (self->buttons));
}

static void
ptl_trace_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_trace_page_show_target;
}

/* --- the widget ------------------------------------------------------------------------------- */

static void
ptl_trace_page_class_init (PtlTracePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  job_class->history_key = "trace-history";
  job_class->n_history_fields = 1;
  job_class->start = ptl_trace_page_start;
  job_class->update = ptl_trace_page_update;
  job_class->recall = ptl_trace_page_recall;

  ptl_job_page_class_set_template (job_class, "ptl-trace-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, top);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, buttons);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, export_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, method_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, family_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, port_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, interval_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, rounds_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, timeout_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, hops_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, mtu_check);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, mtu_label);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, method_label);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, progress);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, table_view);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, graph_box);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, details_label);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, graph);
}

static void
ptl_trace_page_init (PtlTracePage *self)
{
  PtlJobPageParts parts;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->job = ptl_trace_job_new ();
  parts = (PtlJobPageParts) {
    .first = GTK_WIDGET (self->entry),
    .fields = { self->top },
    .buttons = self->buttons,
    .table_button = self->export_button,
    .progress = self->progress,
    .table_view = self->table_view,
  };
  ptl_job_page_set_parts (PTL_JOB_PAGE (self), &parts, PTL_JOB (self->job));
  g_signal_connect_swapped (self->table_view, "notify::selected",
                            G_CALLBACK (ptl_trace_page_update), self);
}
