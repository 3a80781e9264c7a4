/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ping: a line of targets, a table of how they answer, a picture of the chosen one. */
#include "config.h"

#include "ui/ptl-ping-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-ping-job.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-table-view.h"

#define HISTORY_BYTES_MAX 160 /* of an entry */

struct _PtlPingPage
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
  GtkSpinButton   *count_spin;
  GtkSpinButton   *timeout_spin;
  GtkSpinButton   *size_spin;
  GtkSpinButton   *ttl_spin;
  GtkCheckButton  *df_check;
  GtkLabel        *error_label;
  GtkLabel        *summary_label;
  GtkLabel        *method_label;
  GtkProgressBar  *progress;
  PtlTableView    *table_view;
  GtkWidget       *graph_box;
  GtkLabel        *details_label;
  PtlProbeGraph   *graph;

  PtlPingJob      *job;      /* the base owns it */
};

static void ptl_ping_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlPingPage, ptl_ping_page, PTL_TYPE_JOB_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_ping_page_page_init))

/* --- what is shown ---------------------------------------------------------------------------- */

static void
ptl_ping_page_update (PtlJobPage *page)
{
  PtlPingPage *self = PTL_PING_PAGE (page);
  g_autofree char *summary = ptl_ping_job_dup_summary (self->job);
  g_autofree char *method = ptl_ping_job_dup_method (self->job);
  PtlTableRow *row = ptl_table_view_get_selected (self->table_view);

  ptl_job_page_set_text (self->summary_label, summary);
  ptl_job_page_set_text (self->method_label, method);
  gtk_widget_set_visible (self->graph_box, row != NULL);
  if (row != NULL)
    {
      g_autofree char *details = ptl_ping_job_dup_details (self->job, row);
      PtlPingSample samples[PTL_PING_SAMPLES];
      guint n = ptl_ping_job_get_samples (self->job, row, samples);

      ptl_job_page_set_text (self->details_label, details);
      ptl_probe_graph_set_samples (self->graph, samples, n,
                                   ptl_table_row_get (row, PTL_PING_JOB_TARGET));
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
ptl_ping_page_start (PtlJobPage *page)
{
  PtlPingPage *self = PTL_PING_PAGE (page);
  static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  PtlPingOptions options = {
    .method = (PtlMethod) gtk_drop_down_get_selected (self->method_drop),
    .port = (uint16_t) gtk_spin_button_get_value_as_int (self->port_spin),
    .interval_ms = (unsigned) (gtk_spin_button_get_value (self->interval_spin) * 1000 + 0.5),
    .timeout_ms = (unsigned) (gtk_spin_button_get_value (self->timeout_spin) * 1000 + 0.5),
    .count = (unsigned) gtk_spin_button_get_value_as_int (self->count_spin),
    .size_bytes = (unsigned) gtk_spin_button_get_value_as_int (self->size_spin),
    .ttl = (unsigned) gtk_spin_button_get_value_as_int (self->ttl_spin),
    .dont_fragment = gtk_check_button_get_active (self->df_check),
  };
  g_autoptr (GError) error = NULL;

  if (!ptl_ping_job_start (self->job, text, &options,
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
  ptl_table_view_select (self->table_view, 0);
}

static void
ptl_ping_page_recall (PtlJobPage  *page,
                      char       **fields)
{
  PtlPingPage *self = PTL_PING_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), fields[0]);
  ptl_job_page_start (page);
}

/* Filled in, not begun: the person decides what is sent to whom. */
static void
ptl_ping_page_show_target (PtlPage    *page,
                           const char *target)
{
  PtlPingPage *self = PTL_PING_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (self->buttons));
}

static void
ptl_ping_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_ping_page_show_target;
}

/* --- the widget ------------------------------------------------------------------------------- */

static void
ptl_ping_page_class_init (PtlPingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  job_class->history_key = "ping-history";
  job_class->n_history_fields = 1;
  job_class->start = ptl_ping_page_start;
  job_class->update = ptl_ping_page_update;
  job_class->recall = ptl_ping_page_recall;

  ptl_job_page_class_set_template (job_class, "ptl-ping-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, top);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, buttons);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, export_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, method_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, family_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, port_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, interval_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, count_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, timeout_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, size_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, ttl_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, df_check);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, method_label);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, progress);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, table_view);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, graph_box);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, details_label);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, graph);
}

static void
ptl_ping_page_init (PtlPingPage *self)
{
  PtlJobPageParts parts;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->job = ptl_ping_job_new ();
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
                            G_CALLBACK (ptl_ping_page_update), self);
}
