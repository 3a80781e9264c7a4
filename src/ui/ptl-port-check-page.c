/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that checks the ports of a host. */
#include "config.h"

#include "ui/ptl-port-check-page.h"

#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-port-job.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-table-view.h"

#define MANY_PORTS 1000 /* of so many, those that are open are looked for */

struct _PtlPortCheckPage
{
  PtlJobPage       parent_instance;

  /* template */
  GtkBox         *fields;
  GtkEntry       *host_entry;
  GtkEntry       *ports_entry;
  GtkDropDown    *transport_drop;
  PtlJobButtons  *buttons;
  GtkCheckButton *greet_check;
  GtkCheckButton *http_check;
  GtkDropDown    *family_drop;
  GtkSpinButton  *rate_spin;
  GtkSpinButton  *in_flight_spin;
  GtkSpinButton  *timeout_spin;
  GtkLabel       *list_label;
  GtkLabel       *status_label;
  GtkDropDown    *filter_drop;
  GtkMenuButton  *table_button;
  GtkProgressBar *progress;
  PtlTableView   *table_view;
  GtkLabel       *details_label;
  PtlProbeGraph  *graph;
  GMenuModel     *row_menu;

  /* owned */
  PtlPortJob     *job;
};

static void ptl_port_check_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlPortCheckPage, ptl_port_check_page, PTL_TYPE_JOB_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE,
                                                      ptl_port_check_page_page_init))

/* In the order of the list of transports. */
static const unsigned masks[] = {
  PTL_PORT_MASK_TCP,
  PTL_PORT_MASK_UDP,
  PTL_PORT_MASK_TCP | PTL_PORT_MASK_UDP,
};

/* --- the form --------------------------------------------------------------------------------- */

static void
on_changed_cb (PtlPortCheckPage *self)
{
  const char *ports = gtk_editable_get_text (GTK_EDITABLE (self->ports_entry));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  size_t n;

  if (self->job == NULL)
    return;
  n = ptl_port_job_count (self->job, ports,
                          masks[gtk_drop_down_get_selected (self->transport_drop)], &error);
  ptl_job_page_set_error (self->list_label, error != NULL && *ports != '\0');
  if (error != NULL)
    {
      gtk_label_set_text (self->list_label, error->message);
      return;
    }
  text = g_strdup_printf (ngettext ("%'zu port. Check only hosts you are responsible for; others "
                                    "may take it for an attack.",
                                    "%'zu ports. Check only hosts you are responsible for; others "
                                    "may take it for an attack.", n), n);
  gtk_label_set_text (self->list_label, text);
}

static void
remember (PtlPortCheckPage *self)
{
  static const char *const names[] = { "TCP", "UDP", "TCP, UDP" };
  /* A tab parts ports as a blank does, but it parts the fields of an entry, too. */
  g_autofree char *host = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->host_entry)));
  g_autofree char *ports = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->ports_entry)));
  g_autofree char *entry =
    g_strjoin ("\t", g_strdelimit (host, "\t", ' '), g_strdelimit (ports, "\t", ' '),
               names[gtk_drop_down_get_selected (self->transport_drop)], NULL);

  ptl_job_page_remember (PTL_JOB_PAGE (self), entry);
}

static void
ptl_port_check_page_start (PtlJobPage *page)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (page);
  static const int families[] = { AF_UNSPEC, AF_INET, AF_INET6 };
  PtlPortRequest request = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean in_host;

  request.host = gtk_editable_get_text (GTK_EDITABLE (self->host_entry));
  request.ports = gtk_editable_get_text (GTK_EDITABLE (self->ports_entry));
  request.mask = masks[gtk_drop_down_get_selected (self->transport_drop)];
  request.family = families[gtk_drop_down_get_selected (self->family_drop)];
  request.rate = (unsigned) gtk_spin_button_get_value_as_int (self->rate_spin);
  request.in_flight = (unsigned) gtk_spin_button_get_value_as_int (self->in_flight_spin);
  request.timeout_ms = (unsigned) gtk_spin_button_get_value_as_int (self->timeout_spin);
  request.greet = gtk_check_button_get_active (self->greet_check);
  request.http = request.greet && gtk_check_button_get_active (self->http_check);
  if (!ptl_port_job_start (self->job, &request, &in_host, &error))
    {
      gtk_label_set_text (self->list_label, error->message);
      ptl_job_page_set_error (self->list_label, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (in_host ? self->host_entry : self->ports_entry));
      return;
    }
  on_changed_cb (self);
  if (ptl_port_job_count (self->job, request.ports, request.mask, NULL) > MANY_PORTS
      && gtk_drop_down_get_selected (self->filter_drop) == PTL_PORT_FILTER_ALL)
    gtk_drop_down_set_selected (self->filter_drop, PTL_PORT_FILTER_OPEN);
  remember (self);
}

/* --- what was found --------------------------------------------------------------------------- */

static void
update_empty (PtlPortCheckPage *self)
{
  if (ptl_job_is_busy (PTL_JOB (self->job)))
    ptl_table_view_set_empty (self->table_view, _("Checking …"),
                              _("What is found appears here as it comes."));
  else if (ptl_port_job_get_n_done (self->job) > 0)
    ptl_table_view_set_empty (self->table_view, _("None of These"),
                              _("No port that was checked is in this state. Choose All to see "
                                "what the others are."));
  else
    ptl_table_view_set_empty (self->table_view, _("Which Ports Answer?"),
                              _("Type a host and ports: 22, 8000-8100, ssh, “protocols to know” "
                                "or “all”. TCP ports are connected to, UDP ports are asked what "
                                "their protocol has a harmless question for."));
}

/* All of what the columns have no room for, of the chosen row. */
static void
update_details (PtlPortCheckPage *self)
{
  PtlPortRow *row = ptl_table_view_get_selected (self->table_view);
  g_autofree char *text = row != NULL ? ptl_port_row_dup_details (row) : NULL;

  ptl_job_page_set_text (self->details_label, text != NULL ? text : "");
}

static void
ptl_port_check_page_update (PtlJobPage *page)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (page);
  g_autofree char *text = ptl_port_job_dup_status (self->job);

  gtk_label_set_text (self->status_label, text);
  ptl_job_page_set_error (self->status_label, ptl_port_job_has_failed (self->job));
  update_empty (self);
  update_details (self);
  /* A name of a service may be known now that was not before. */
  if (!ptl_job_is_busy (PTL_JOB (self->job)) && ptl_port_job_get_n_done (self->job) == 0)
    on_changed_cb (self);
}

static void
on_filter_cb (PtlPortCheckPage *self)
{
  if (self->job == NULL)
    return;
  ptl_port_job_set_filter (self->job, gtk_drop_down_get_selected (self->filter_drop));
  update_empty (self);
}

static void
on_selected_cb (PtlPortCheckPage *self)
{
  PtlPortRow *row = ptl_table_view_get_selected (self->table_view);
  gboolean chosen = row != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "ports.protocol",
                                 chosen && *ptl_port_row_get_protocol (row) != '\0');
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "ports.reference", chosen);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "ports.connect", chosen);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "ports.look-up", chosen);
  update_details (self);
}

static void
on_reference_cb (GtkWidget  *widget,
                 const char *name,
                 GVariant   *parameter)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (widget);
  PtlPortRow *row = ptl_table_view_get_selected (self->table_view);
  g_autofree char *query = NULL;

  if (row == NULL)
    return;
  query = g_strdup_printf ("%u %s", ptl_port_row_get_port (row),
                           ptl_port_row_get_transport (row) == PTL_PORT_UDP ? "udp" : "tcp");
  gtk_widget_activate_action (widget, "win.reference", "s", query);
}

static void
on_protocol_cb (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (widget);
  PtlPortRow *row = ptl_table_view_get_selected (self->table_view);

  if (row != NULL && *ptl_port_row_get_protocol (row) != '\0')
    gtk_widget_activate_action (widget, "win.reference", "s", ptl_port_row_get_protocol (row));
}

static void
on_connect_cb (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (widget);
  PtlPortRow *row = ptl_table_view_get_selected (self->table_view);
  g_autofree char *target = row == NULL ? NULL
                            : ptl_port_row_get_transport (row) == PTL_PORT_UDP
                              ? ptl_port_row_dup_uri (row) : ptl_port_row_dup_endpoint (row);

  if (target != NULL)
    gtk_widget_activate_action (widget, "win.connect-form", "s", target);
}

static void
on_look_up_cb (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (widget);
  PtlPortRow *row = ptl_table_view_get_selected (self->table_view);
  g_autofree char *endpoint = row != NULL ? ptl_port_row_dup_endpoint (row) : NULL;

  if (endpoint != NULL)
    gtk_widget_activate_action (widget, "win.look-up", "s", endpoint);
}

static void
on_row_activated_cb (PtlPortCheckPage *self,
                     GObject          *row)
{
  on_reference_cb (GTK_WIDGET (self), NULL, NULL);
}

/* --- history and targets ---------------------------------------------------------------------- */

static void
ptl_port_check_page_recall (PtlJobPage  *page,
                            char       **fields)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->host_entry), fields[0]);
  gtk_editable_set_text (GTK_EDITABLE (self->ports_entry), fields[1]);
  gtk_drop_down_set_selected (self->transport_drop,
                              strchr (fields[2], ',') != NULL             ? 2
                              : g_strcmp0 (fields[2], "UDP") == 0 ? 1 : 0);
  ptl_job_page_start (page);
}

static void
ptl_port_check_page_show_target (PtlPage    *page,
                                 const char *target)
{
  PtlPortCheckPage *self = PTL_PORT_CHECK_PAGE (page);
  g_auto (GStrv) parts = g_strsplit (target, " ", 2);

  gtk_editable_set_text (GTK_EDITABLE (self->host_entry), parts[0] != NULL ? parts[0] : "");
  if (parts[0] != NULL && parts[1] != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->ports_entry), parts[1]);
  gtk_widget_grab_focus (GTK_WIDGET (self->ports_entry));
}

static void
ptl_port_check_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_port_check_page_show_target;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_port_check_page_class_init (PtlPortCheckPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  job_class->history_key = "port-check-history";
  job_class->n_history_fields = 3;
  job_class->start = ptl_port_check_page_start;
  job_class->update = ptl_port_check_page_update;
  job_class->recall = ptl_port_check_page_recall;

  ptl_job_page_class_set_template (job_class, "ptl-port-check-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, fields);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, host_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, ports_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, transport_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, buttons);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, greet_check);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, http_check);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, family_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, rate_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, in_flight_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, timeout_spin);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, list_label);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, filter_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, table_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, progress);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, table_view);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, details_label);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, graph);
  gtk_widget_class_bind_template_child (widget_class, PtlPortCheckPage, row_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);

  gtk_widget_class_install_action (widget_class, "ports.reference", NULL, on_reference_cb);
  gtk_widget_class_install_action (widget_class, "ports.protocol", NULL, on_protocol_cb);
  gtk_widget_class_install_action (widget_class, "ports.connect", NULL, on_connect_cb);
  gtk_widget_class_install_action (widget_class, "ports.look-up", NULL, on_look_up_cb);
}

static void
ptl_port_check_page_init (PtlPortCheckPage *self)
{
  PtlJobPageParts parts;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->job = ptl_port_job_new ();
  parts = (PtlJobPageParts) {
    .first = GTK_WIDGET (self->host_entry),
    .fields = { self->fields },
    .buttons = self->buttons,
    .table_button = self->table_button,
    .progress = self->progress,
    .table_view = self->table_view,
    .rates_graph = self->graph,
    .rates_unit = PTL_PROBE_GRAPH_PORTS,
  };
  ptl_job_page_set_parts (PTL_JOB_PAGE (self), &parts, PTL_JOB (self->job));
  ptl_job_page_keep (PTL_JOB_PAGE (self), "greeting", self->greet_check, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "http", self->http_check, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "ip", self->family_drop, ptl_job_page_families);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "a-second", self->rate_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "at-once", self->in_flight_spin, NULL);
  ptl_job_page_keep (PTL_JOB_PAGE (self), "wait", self->timeout_spin, NULL);
  ptl_table_view_set_row_menu (self->table_view, self->row_menu);
  on_selected_cb (self);
  on_changed_cb (self);
  update_empty (self);
}
