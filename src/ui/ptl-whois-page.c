/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that asks whois and finger servers. */
#include "config.h"

#include "ui/ptl-whois-page.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-query-job.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-table-view.h"

struct _PtlWhoisPage
{
  PtlJobPage       parent_instance;

  /* template */
  GtkBox           *fields;
  GtkDropDown      *kind_drop;
  GtkEntry         *query_entry;
  GtkEntry         *server_entry;
  PtlJobButtons    *buttons;
  GtkCheckButton   *follow_check;
  GtkCheckButton   *verbose_check;
  GtkLabel         *error_label;
  GtkLabel         *status_label;
  GtkWidget        *copy_button;
  GtkMenuButton    *table_button;
  GtkStack         *stack;
  AdwStatusPage    *empty_page;
  PtlTableView     *table_view;
  PtlProbeGraph    *graph;
  GtkTextView      *answer_view;

  /* owned */
  PtlQueryJob      *job;
  guint              n_shown; /* answers */
};

static void ptl_whois_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlWhoisPage, ptl_whois_page, PTL_TYPE_JOB_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_whois_page_page_init))

static gboolean
is_finger (PtlWhoisPage *self)
{
  return gtk_drop_down_get_selected (self->kind_drop) == PTL_QUERY_FINGER;
}

/* --- the form --------------------------------------------------------------------------------- */

static void
on_changed_cb (PtlWhoisPage *self)
{
  gboolean finger = is_finger (self);

  if (self->job == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->follow_check), !finger);
  gtk_widget_set_visible (GTK_WIDGET (self->verbose_check), finger);
  gtk_entry_set_placeholder_text (self->query_entry, finger ? "user@host" : "example.org");
  gtk_entry_set_placeholder_text (self->server_entry, finger ? _("the host after “@”")
                                                             : PTL_WHOIS_SERVER);
  adw_status_page_set_description (
    self->empty_page,
    finger ? _("Type user@host to ask about a user there, @host for who is logged in. Few hosts "
               "answer today.")
           : _("Type a domain, an address, a network or an AS number. The first server refers to "
               "the one that knows more. What you ask for is sent to them in the clear."));
}

static void
ptl_whois_page_start (PtlJobPage *page)
{
  PtlWhoisPage *self = PTL_WHOIS_PAGE (page);
  PtlQueryRequest request = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *entry = NULL;

  request.kind = gtk_drop_down_get_selected (self->kind_drop);
  request.query = gtk_editable_get_text (GTK_EDITABLE (self->query_entry));
  request.server = gtk_editable_get_text (GTK_EDITABLE (self->server_entry));
  request.follow = gtk_check_button_get_active (self->follow_check);
  request.verbose = gtk_check_button_get_active (self->verbose_check);
  if (!ptl_query_job_start (self->job, &request, &error))
    {
      gtk_label_set_text (self->error_label, error->message);
      gtk_widget_set_visible (GTK_WIDGET (self->error_label), TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->query_entry));
      return;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), FALSE);
  entry = ptl_query_request_to_entry (&request);
  ptl_job_page_remember (PTL_JOB_PAGE (self), entry);
}

/* --- what was answered ------------------------------------------------------------------------ */

static void
on_selected_cb (PtlWhoisPage *self)
{
  PtlTableRow *row = ptl_table_view_get_selected (self->table_view);
  g_autofree char *text = self->job != NULL ? ptl_query_job_dup_answer (self->job, row) : NULL;

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->answer_view), text != NULL ? text : "",
                            -1);
}

static void
ptl_whois_page_update (PtlJobPage *page)
{
  PtlWhoisPage *self = PTL_WHOIS_PAGE (page);
  PtlJob *job = PTL_JOB (self->job);
  gboolean busy = ptl_job_is_busy (job);
  GListModel *table = G_LIST_MODEL (ptl_job_get_table (job));
  guint n = g_list_model_get_n_items (table);
  g_autofree char *text = ptl_query_job_dup_status (self->job);

  gtk_label_set_text (self->status_label, text);
  gtk_stack_set_visible_child_name (self->stack, busy || n > 0 ? "results" : "empty");
  gtk_widget_set_sensitive (self->copy_button, n > 0);
  /* The last one knows most; which one is chosen later stays. */
  if (n > 0 && n != self->n_shown)
    ptl_table_view_select (self->table_view, n - 1);
  if (n != self->n_shown)
    on_selected_cb (self);
  self->n_shown = n;
}

static void
on_copy_answers_cb (GtkWidget  *widget,
                    const char *name,
                    GVariant   *parameter)
{
  g_autofree char *text = ptl_query_job_dup_all (PTL_WHOIS_PAGE (widget)->job);

  gtk_widget_activate_action (widget, "win.copy-text", "s", text);
}

/* --- history and targets ---------------------------------------------------------------------- */

static void
ptl_whois_page_recall (PtlJobPage  *page,
                       char       **fields)
{
  PtlWhoisPage *self = PTL_WHOIS_PAGE (page);
  PtlQueryRequest request = { 0 };

  ptl_query_request_from_entry (&request, fields);
  gtk_drop_down_set_selected (self->kind_drop, request.kind);
  gtk_editable_set_text (GTK_EDITABLE (self->query_entry), request.query);
  gtk_editable_set_text (GTK_EDITABLE (self->server_entry), request.server);
  /* That of the other protocol is as it was. */
  if (request.kind == PTL_QUERY_FINGER)
    gtk_check_button_set_active (self->verbose_check, request.verbose);
  else
    gtk_check_button_set_active (self->follow_check, request.follow);
  ptl_job_page_start (page);
}

static void
ptl_whois_page_show_target (PtlPage    *page,
                            const char *target)
{
  PtlWhoisPage *self = PTL_WHOIS_PAGE (page);

  gtk_drop_down_set_selected (self->kind_drop, strchr (target, '@') != NULL ? PTL_QUERY_FINGER
                                                                            : PTL_QUERY_WHOIS);
  gtk_editable_set_text (GTK_EDITABLE (self->query_entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (self->query_entry));
}

static void
ptl_whois_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_whois_page_show_target;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_whois_page_class_init (PtlWhoisPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  job_class->history_key = "query-history";
  job_class->n_history_fields = PTL_QUERY_HISTORY_FIELDS;
  job_class->start = ptl_whois_page_start;
  job_class->update = ptl_whois_page_update;
  job_class->recall = ptl_whois_page_recall;

  ptl_job_page_class_set_template (job_class, "ptl-whois-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, fields);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, kind_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, query_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, server_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, buttons);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, follow_check);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, verbose_check);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, table_button);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, table_view);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, graph);
  gtk_widget_class_bind_template_child (widget_class, PtlWhoisPage, answer_view);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_selected_cb);

  gtk_widget_class_install_action (widget_class, "query.copy-answers", NULL, on_copy_answers_cb);
}

static void
ptl_whois_page_init (PtlWhoisPage *self)
{
  PtlJobPageParts parts;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->job = ptl_query_job_new ();
  parts = (PtlJobPageParts) {
    .first = GTK_WIDGET (self->query_entry),
    .fields = { self->fields },
    .buttons = self->buttons,
    .table_button = self->table_button,
    .table_view = self->table_view,
    .rates_graph = self->graph,
    .rates_unit = PTL_PROBE_GRAPH_BYTES,
  };
  ptl_job_page_set_parts (PTL_JOB_PAGE (self), &parts, PTL_JOB (self->job));
  ptl_table_view_set_empty (self->table_view, _("Asking …"), "");
  on_changed_cb (self);
}
