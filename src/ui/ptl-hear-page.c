/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that listens to multicast groups and broadcasts. */
#include "config.h"

#include "ui/ptl-hear-page.h"

#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-hear-job.h"
#include "ui/ptl-device-choice.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-probe-graph.h"
#include "ui/ptl-table-view.h"

struct _PtlHearPage
{
  PtlJobPage       parent_instance;

  /* template */
  GtkBox          *fields;
  GtkDropDown     *group_drop;
  GtkStringList   *groups;
  GtkEntry        *group_entry;
  GtkEntry        *port_entry;
  GtkDropDown     *device_drop;
  PtlJobButtons   *buttons;
  GtkLabel        *hint_label;
  GtkLabel        *check_label;
  GtkLabel        *status_label;
  GtkMenuButton   *table_button;
  PtlTableView    *table_view;
  PtlProbeGraph   *graph;

  /* owned */
  PtlHearJob      *job;
  PtlDeviceChoice *device; /* owned */
  gboolean          choosing; /* a group of the list: what is typed follows */
};

static void ptl_hear_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlHearPage, ptl_hear_page, PTL_TYPE_JOB_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_hear_page_page_init))

/* --- the form --------------------------------------------------------------------------------- */

static void
set_tone (GtkLabel     *label,
          PtlTableTone  tone)
{
  const char *css[2] = { NULL, NULL };

  css[0] = tone == PTL_TABLE_GOOD ? "success" : tone == PTL_TABLE_BAD ? "error" : "dim-label";
  gtk_widget_set_css_classes (GTK_WIDGET (label), css);
}

/* Says what the group is that was typed, where it is a known one. */
static void
on_changed_cb (PtlHearPage *self)
{
  const char *group = gtk_editable_get_text (GTK_EDITABLE (self->group_entry));
  const char *port = gtk_editable_get_text (GTK_EDITABLE (self->port_entry));
  g_autofree char *text = NULL;
  size_t n, i;
  const PtlHearGroup *known = ptl_hear_list_groups (&n);

  for (i = 0; i < n; i++)
    if (g_str_equal (known[i].address, group) && g_ascii_strtoull (port, NULL, 10) == known[i].port)
      break;
  if (i < n)
    text = g_strdup_printf ("%s: %s (%s)", known[i].name, _(known[i].what), known[i].source);
  if (!self->choosing)
    gtk_drop_down_set_selected (self->group_drop, (guint) i);
  ptl_job_page_set_error (self->hint_label, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), TRUE);
  gtk_label_set_text (self->hint_label,
                      text != NULL
                        ? text : _("224.0.0.0 to 239.255.255.255, ff…, or 255.255.255.255 for "
                                   "broadcasts"));
}

static void
on_group_cb (PtlHearPage *self)
{
  guint chosen = gtk_drop_down_get_selected (self->group_drop);
  g_autofree char *port = NULL;
  size_t n;
  const PtlHearGroup *known = ptl_hear_list_groups (&n);

  if (self->job == NULL || chosen >= n)
    return;
  port = g_strdup_printf ("%u", known[chosen].port);
  self->choosing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->group_entry), known[chosen].address);
  gtk_editable_set_text (GTK_EDITABLE (self->port_entry), port);
  self->choosing = FALSE;
}

static void
ptl_hear_page_start (PtlJobPage *page)
{
  PtlHearPage *self = PTL_HEAR_PAGE (page);
  const char *group = gtk_editable_get_text (GTK_EDITABLE (self->group_entry));
  const char *port = gtk_editable_get_text (GTK_EDITABLE (self->port_entry));
  const char *device = ptl_device_choice_get (self->device);
  g_autoptr (GError) error = NULL;
  g_autofree char *entry = NULL;

  if (!ptl_hear_job_start (self->job, group, port, device, &error))
    {
      gtk_label_set_text (self->hint_label, error->message);
      ptl_job_page_set_error (self->hint_label, TRUE);
      gtk_widget_set_visible (GTK_WIDGET (self->hint_label), TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->group_entry));
      return;
    }
  /* It leaves its room to the rows. */
  gtk_widget_set_visible (GTK_WIDGET (self->hint_label), FALSE);
  entry = g_strjoin ("\t", group, port, device, NULL);
  ptl_job_page_remember (PTL_JOB_PAGE (self), entry);
}

/* --- what comes ------------------------------------------------------------------------------- */

static void
ptl_hear_page_update (PtlJobPage *page)
{
  PtlHearPage *self = PTL_HEAR_PAGE (page);
  PtlTableTone tone;
  g_autofree char *check = ptl_hear_job_dup_check (self->job, &tone);
  g_autofree char *status = ptl_hear_job_dup_status (self->job);

  gtk_label_set_text (self->check_label, check);
  gtk_widget_set_visible (GTK_WIDGET (self->check_label), *check != '\0');
  set_tone (self->check_label, tone);
  gtk_label_set_text (self->status_label, status);
  if (ptl_job_is_busy (PTL_JOB (self->job)))
    ptl_table_view_set_empty (self->table_view, _("Nothing Yet"),
                              _("What others send to this group appears here as it comes."));
}

/* --- history and targets ---------------------------------------------------------------------- */

static void
ptl_hear_page_recall (PtlJobPage  *page,
                      char       **fields)
{
  PtlHearPage *self = PTL_HEAR_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->group_entry), fields[0]);
  gtk_editable_set_text (GTK_EDITABLE (self->port_entry), fields[1]);
  /* Not at another one. */
  if (!ptl_device_choice_select (self->device, fields[2]))
    {
      g_autofree char *text = g_strdup_printf (_("There is no interface %s (any more)"), fields[2]);

      gtk_label_set_text (self->hint_label, text);
      ptl_job_page_set_error (self->hint_label, TRUE);
      return;
    }
  ptl_job_page_start (page);
}

static void
ptl_hear_page_show_target (PtlPage    *page,
                           const char *target)
{
  PtlHearPage *self = PTL_HEAR_PAGE (page);

  if (g_ascii_isdigit (*target) || strchr (target, ':') != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->group_entry), target);
  else
    {
      ptl_device_choice_select (self->device, target);
    }
  gtk_widget_grab_focus (GTK_WIDGET (self->group_entry));
}

static void
ptl_hear_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_hear_page_show_target;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_hear_page_dispose (GObject *object)
{
  PtlHearPage *self = PTL_HEAR_PAGE (object);

  g_clear_object (&self->device);

  G_OBJECT_CLASS (ptl_hear_page_parent_class)->dispose (object);
}

static void
ptl_hear_page_class_init (PtlHearPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  object_class->dispose = ptl_hear_page_dispose;
  job_class->history_key = "hear-history";
  job_class->n_history_fields = 3;
  job_class->start = ptl_hear_page_start;
  job_class->update = ptl_hear_page_update;
  job_class->recall = ptl_hear_page_recall;

  ptl_job_page_class_set_template (job_class, "ptl-hear-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, fields);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, group_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, groups);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, group_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, port_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, device_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, buttons);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, hint_label);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, check_label);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, status_label);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, table_button);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, table_view);
  gtk_widget_class_bind_template_child (widget_class, PtlHearPage, graph);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_group_cb);
}

static void
ptl_hear_page_init (PtlHearPage *self)
{
  PtlJobPageParts parts;
  size_t n;
  const PtlHearGroup *known = ptl_hear_list_groups (&n);

  gtk_widget_init_template (GTK_WIDGET (self));
  for (size_t i = 0; i < n; i++)
    gtk_string_list_append (self->groups, known[i].name);
  gtk_string_list_append (self->groups, _("Another"));
  self->device = ptl_device_choice_new (self->device_drop, FALSE);
  self->job = ptl_hear_job_new ();
  gtk_drop_down_set_selected (self->group_drop, 0);
  on_group_cb (self);
  parts = (PtlJobPageParts) {
    .first = GTK_WIDGET (self->group_entry),
    .fields = { self->fields },
    .buttons = self->buttons,
    .table_button = self->table_button,
    .table_view = self->table_view,
    .rates_graph = self->graph,
    .rates_unit = PTL_PROBE_GRAPH_DATAGRAMS,
  };
  ptl_job_page_set_parts (PTL_JOB_PAGE (self), &parts, PTL_JOB (self->job));
  ptl_table_view_set_empty (self->table_view, _("Does Multicast Work Here?"),
                            _("Choose a group and an interface. A datagram of our own shows "
                              "whether it works there, and what others send appears in the "
                              "table."));
  gtk_widget_set_visible (GTK_WIDGET (self->check_label), FALSE);
}
