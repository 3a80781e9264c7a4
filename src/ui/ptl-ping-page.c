/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ping: a line of targets, a table of how they answer, a picture of the chosen one. */
#include "config.h"

#include "ui/ptl-ping-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-ping-job.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-probe-history.h"
#include "ui/ptl-table-view.h"

/* Three rows of fields, or some of one column, before they are scrolled; pixels. */
#define OPTIONS_WIDE 134
#define OPTIONS_NARROW 230
#define HISTORY_BYTES_MAX 160 /* of an entry */
#define SETTINGS_HISTORY "ping-history"

struct _PtlPingPage
{
  GtkWidget        parent_instance;

  /* template */
  GtkBox          *top;
  GtkEntry        *entry;
  GtkStack        *go_stack;
  GtkWidget       *go_button;
  GtkWidget       *stop_button;
  GtkMenuButton   *history_button;
  GtkMenuButton   *export_button;
  GtkScrolledWindow *options_scroller;
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

  PtlPingJob      *job;      /* owned */
  GSettings       *settings; /* owned */
  gboolean         narrow;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void ptl_ping_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlPingPage, ptl_ping_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_ping_page_page_init))

/* --- what is shown ---------------------------------------------------------------------------- */

static void
set_text (GtkLabel   *label,
          const char *text)
{
  /* Setting it again would lose what is selected. */
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

static void
show_progress (PtlPingPage *self)
{
  double done = ptl_ping_job_get_done (self->job);

  gtk_widget_set_visible (GTK_WIDGET (self->progress),
                          done >= 0 && ptl_ping_job_is_busy (self->job));
  if (done >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (done, 0, 1));
}

static void
on_changed_cb (PtlPingPage *self)
{
  g_autofree char *summary = ptl_ping_job_dup_summary (self->job);
  g_autofree char *method = ptl_ping_job_dup_method (self->job);
  PtlTableRow *row = ptl_table_view_get_selected (self->table_view);

  set_text (self->summary_label, summary);
  set_text (self->method_label, method);
  show_progress (self);
  gtk_widget_set_visible (self->graph_box, row != NULL);
  if (row != NULL)
    {
      g_autofree char *details = ptl_ping_job_dup_details (self->job, row);
      PtlPingSample samples[PTL_PING_SAMPLES];
      guint n = ptl_ping_job_get_samples (self->job, row, samples);

      set_text (self->details_label, details);
      ptl_probe_graph_set_samples (self->graph, samples, n,
                                   ptl_table_row_get (row, PTL_PING_JOB_TARGET));
    }
}

static void
on_busy_cb (PtlPingPage *self)
{
  gboolean busy = ptl_ping_job_is_busy (self->job);
  GtkWidget *from = busy ? self->go_button : self->stop_button;
  gboolean focused = gtk_widget_has_focus (from);

  gtk_stack_set_visible_child_name (self->go_stack, busy ? "stop" : "go");
  if (focused)
    gtk_widget_grab_focus (busy ? self->stop_button : self->go_button);
  on_changed_cb (self);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
show_history (PtlPingPage *self)
{
  ptl_probe_history_show (self->history_button, self->settings, SETTINGS_HISTORY, "ping.again",
                          "ping.forget");
}

static void
on_start_cb (PtlPingPage *self)
{
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
      set_text (self->error_label, error->message);
      gtk_widget_grab_focus (GTK_WIDGET (self->entry));
      return;
    }
  set_text (self->error_label, "");
  /* A long list is for a file; in a menu it could not be read. */
  if (strlen (text) <= HISTORY_BYTES_MAX)
    {
      ptl_probe_history_add (self->settings, SETTINGS_HISTORY, text);
      show_history (self);
    }
  ptl_table_view_select (self->table_view, 0);
}

static void
on_stop_cb (PtlPingPage *self)
{
  ptl_ping_job_stop (self->job);
}

static void
on_again_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  PtlPingPage *self = PTL_PING_PAGE (widget);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), g_variant_get_string (parameter, NULL));
  on_start_cb (self);
}

static void
on_forget_cb (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  PtlPingPage *self = PTL_PING_PAGE (widget);

  g_settings_reset (self->settings, SETTINGS_HISTORY);
  show_history (self);
}

/* Filled in, not begun: the person decides what is sent to whom. */
static void
ptl_ping_page_show_target (PtlPage    *page,
                           const char *target)
{
  PtlPingPage *self = PTL_PING_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (self->go_button));
}

static void
ptl_ping_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_ping_page_show_target;
}

/* --- the widget ------------------------------------------------------------------------------- */

static gboolean
ptl_ping_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_PING_PAGE (widget)->entry));
}

static void
ptl_ping_page_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_PING_PAGE (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_ping_page_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  PtlPingPage *self = PTL_PING_PAGE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow == g_value_get_boolean (value))
        break;
      self->narrow = g_value_get_boolean (value);
      gtk_orientable_set_orientation (GTK_ORIENTABLE (self->top),
                                      self->narrow ? GTK_ORIENTATION_VERTICAL
                                                   : GTK_ORIENTATION_HORIZONTAL);
      gtk_scrolled_window_set_max_content_height (self->options_scroller,
                                                  self->narrow ? OPTIONS_NARROW : OPTIONS_WIDE);
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_ping_page_dispose (GObject *object)
{
  PtlPingPage *self = PTL_PING_PAGE (object);

  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  if (self->table_view != NULL)
    g_signal_handlers_disconnect_by_data (self->table_view, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_PING_PAGE);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->job);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (ptl_ping_page_parent_class)->dispose (object);
}

static void
ptl_ping_page_class_init (PtlPingPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_ping_page_dispose;
  object_class->get_property = ptl_ping_page_get_property;
  object_class->set_property = ptl_ping_page_set_property;
  widget_class->grab_focus = ptl_ping_page_grab_focus;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (PTL_TYPE_TABLE_VIEW);
  g_type_ensure (PTL_TYPE_PROBE_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-ping-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, top);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, go_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, go_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, history_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, export_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, method_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlPingPage, options_scroller);
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
  gtk_widget_class_bind_template_callback (widget_class, on_start_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_cb);

  gtk_widget_class_install_action (widget_class, "ping.again", "s", on_again_cb);
  gtk_widget_class_install_action (widget_class, "ping.forget", NULL, on_forget_cb);
}

static void
ptl_ping_page_init (PtlPingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->settings = g_settings_new ("org.portlight.Portlight");
  self->job = ptl_ping_job_new ();
  ptl_table_view_set_table (self->table_view, PTL_TABLE (ptl_ping_job_get_table (self->job)));
  ptl_table_view_attach_menu (self->table_view, self->export_button);
  g_signal_connect_swapped (self->job, "changed", G_CALLBACK (on_changed_cb), self);
  g_signal_connect_swapped (self->job, "notify::busy", G_CALLBACK (on_busy_cb), self);
  g_signal_connect_swapped (self->table_view, "notify::selected", G_CALLBACK (on_changed_cb),
                            self);
  show_history (self);
}
