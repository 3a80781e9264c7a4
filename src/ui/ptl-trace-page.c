/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace Route: a target, a table of the routers on the way, a picture of how far they are. */
#include "config.h"

#include "ui/ptl-trace-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-trace-job.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-probe-history.h"
#include "ui/ptl-table-view.h"

#define DATA_BYTES 32 /* of a probe */
/* Three rows of fields, or some of one column, before they are scrolled; pixels. */
#define OPTIONS_WIDE 134
#define OPTIONS_NARROW 230
#define HISTORY_BYTES_MAX 160 /* of an entry */
#define SETTINGS_HISTORY "trace-history"

struct _PtlTracePage
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

  PtlTraceJob      *job;      /* owned */
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

static void ptl_trace_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlTracePage, ptl_trace_page, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_trace_page_page_init))

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
show_progress (PtlTracePage *self)
{
  double done = ptl_trace_job_get_done (self->job);

  gtk_widget_set_visible (GTK_WIDGET (self->progress),
                          done >= 0 && ptl_trace_job_is_busy (self->job));
  if (done >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (done, 0, 1));
}

static void
on_changed_cb (PtlTracePage *self)
{
  g_autofree char *summary = ptl_trace_job_dup_summary (self->job);
  g_autofree char *method = ptl_trace_job_dup_method (self->job);
  g_autofree char *mtu = ptl_trace_job_dup_mtu (self->job);
  PtlTableRow *row = ptl_table_view_get_selected (self->table_view);
  PtlTraceBar bars[PTL_TRACE_HOPS_MAX];
  guint n = ptl_trace_job_get_bars (self->job, bars);

  set_text (self->summary_label, summary);
  set_text (self->method_label, method);
  set_text (self->mtu_label, mtu);
  show_progress (self);
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
      set_text (self->details_label, details->str);
    }
  else
    set_text (self->details_label, "");
}

static void
on_busy_cb (PtlTracePage *self)
{
  gboolean busy = ptl_trace_job_is_busy (self->job);
  GtkWidget *from = busy ? self->go_button : self->stop_button;
  gboolean focused = gtk_widget_has_focus (from);

  gtk_stack_set_visible_child_name (self->go_stack, busy ? "stop" : "go");
  if (focused)
    gtk_widget_grab_focus (busy ? self->stop_button : self->go_button);
  on_changed_cb (self);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void
show_history (PtlTracePage *self)
{
  ptl_probe_history_show (self->history_button, self->settings, SETTINGS_HISTORY, "trace.again",
                          "trace.forget");
}

static void
on_start_cb (PtlTracePage *self)
{
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
}

static void
on_stop_cb (PtlTracePage *self)
{
  ptl_trace_job_stop (self->job);
}

static void
on_again_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  PtlTracePage *self = PTL_TRACE_PAGE (widget);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), g_variant_get_string (parameter, NULL));
  on_start_cb (self);
}

static void
on_forget_cb (GtkWidget  *widget,
              const char *name,
              GVariant   *parameter)
{
  PtlTracePage *self = PTL_TRACE_PAGE (widget);

  g_settings_reset (self->settings, SETTINGS_HISTORY);
  show_history (self);
}

/* Filled in, not begun: the person decides what is sent to whom. */
static void
ptl_trace_page_show_target (PtlPage    *page,
                           const char *target)
{
  PtlTracePage *self = PTL_TRACE_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (self->go_button));
}

static void
ptl_trace_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_trace_page_show_target;
}

/* --- the widget ------------------------------------------------------------------------------- */

static gboolean
ptl_trace_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_TRACE_PAGE (widget)->entry));
}

static void
ptl_trace_page_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_TRACE_PAGE (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_trace_page_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  PtlTracePage *self = PTL_TRACE_PAGE (object);

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
ptl_trace_page_dispose (GObject *object)
{
  PtlTracePage *self = PTL_TRACE_PAGE (object);

  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  if (self->table_view != NULL)
    g_signal_handlers_disconnect_by_data (self->table_view, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_TRACE_PAGE);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->job);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (ptl_trace_page_parent_class)->dispose (object);
}

static void
ptl_trace_page_class_init (PtlTracePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_trace_page_dispose;
  object_class->get_property = ptl_trace_page_get_property;
  object_class->set_property = ptl_trace_page_set_property;
  widget_class->grab_focus = ptl_trace_page_grab_focus;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (PTL_TYPE_TABLE_VIEW);
  g_type_ensure (PTL_TYPE_PROBE_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-trace-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, top);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, go_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, go_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, history_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, export_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, method_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlTracePage, options_scroller);
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
  gtk_widget_class_bind_template_callback (widget_class, on_start_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_cb);

  gtk_widget_class_install_action (widget_class, "trace.again", "s", on_again_cb);
  gtk_widget_class_install_action (widget_class, "trace.forget", NULL, on_forget_cb);
}

static void
ptl_trace_page_init (PtlTracePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->settings = g_settings_new ("org.portlight.Portlight");
  self->job = ptl_trace_job_new ();
  ptl_table_view_set_table (self->table_view, PTL_TABLE (ptl_trace_job_get_table (self->job)));
  ptl_table_view_attach_menu (self->table_view, self->export_button);
  g_signal_connect_swapped (self->job, "changed", G_CALLBACK (on_changed_cb), self);
  g_signal_connect_swapped (self->job, "notify::busy", G_CALLBACK (on_busy_cb), self);
  g_signal_connect_swapped (self->table_view, "notify::selected", G_CALLBACK (on_changed_cb),
                            self);
  show_history (self);
}
