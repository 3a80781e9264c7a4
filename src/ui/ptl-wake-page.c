/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of Diagnose that wakes computers up. */
#include "config.h"

#include "ui/ptl-wake-page.h"

#include <glib/gi18n.h>

#include "model/ptl-hear-job.h"
#include "model/ptl-wake-job.h"
#include "ui/ptl-device-choice.h"
#include "ui/ptl-pages-pane.h"
#include "ui/ptl-table-view.h"

struct _PtlWakePage
{
  PtlJobPage       parent_instance;

  /* template */
  GtkBox          *fields;
  GtkBox          *more_fields;
  GtkEntry        *mac_entry;
  GtkEntry        *password_entry;
  GtkEntry        *to_entry;
  GtkEntry        *port_entry;
  GtkDropDown     *device_drop;
  PtlJobButtons   *buttons;
  GtkLabel        *error_label;
  GtkLabel        *frame_label;
  GtkLabel        *status_label;
  GtkMenuButton   *table_button;
  PtlTableView    *table_view;

  /* owned */
  PtlWakeJob      *job;
  PtlDeviceChoice *device; /* owned */
};

static void ptl_wake_page_page_init (PtlPageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlWakePage, ptl_wake_page, PTL_TYPE_JOB_PAGE,
                               G_IMPLEMENT_INTERFACE (PTL_TYPE_PAGE, ptl_wake_page_page_init))

/* --- the form --------------------------------------------------------------------------------- */

/* All borrowed. */
static PtlWakeRequest
make_request (PtlWakePage *self)
{
  PtlWakeRequest request = { 0 };

  request.mac = gtk_editable_get_text (GTK_EDITABLE (self->mac_entry));
  request.password = gtk_editable_get_text (GTK_EDITABLE (self->password_entry));
  request.to = gtk_editable_get_text (GTK_EDITABLE (self->to_entry));
  request.port = gtk_editable_get_text (GTK_EDITABLE (self->port_entry));
  request.device = ptl_device_choice_get (self->device);
  return request;
}

static void
tell (PtlWakePage *self,
      const char  *text,
      gboolean     error)
{
  gtk_label_set_text (self->error_label, text);
  ptl_job_page_set_error (self->error_label, error);
}

static void
on_changed_cb (PtlWakePage *self)
{
  PtlWakeRequest request;
  g_autoptr (GError) error = NULL;
  g_autofree char *frame = NULL, *tip = NULL;
  const PtlHearInterface *device;
  char address[PTL_ADDRESS_TEXT_MAX];

  if (self->job == NULL)
    return;
  request = make_request (self);
  frame = ptl_wake_job_dup_frame (self->job, &request, NULL, &error);
  gtk_label_set_text (self->frame_label, frame != NULL ? frame : "");
  if (error != NULL && *request.mac != '\0')
    tell (self, error->message, TRUE);
  else
    tell (self, _("The computer has to be set up for it (in its firmware and its system), and its "
                  "card needs power."), FALSE);
  /* Another computer on the way hands it on only to the last address of a subnet. */
  device = ptl_device_choice_get_interface (self->device);
  if (device != NULL && device->broadcast.len > 0)
    {
      ptl_address_format_host (&device->broadcast, address, sizeof address);
      tip = g_strdup_printf (_("255.255.255.255 when empty; the broadcasts of this interface’s "
                               "subnet go to %s"), address);
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->to_entry), tip);
}

static guint
get_n_rows (PtlWakePage *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (ptl_job_get_table (PTL_JOB (self->job))));
}

/* The password is not kept. */
static void
remember (PtlWakePage          *self,
          const PtlWakeRequest *request)
{
  g_autofree char *entry = g_strjoin ("\t", request->mac, request->to, request->port,
                                      request->device, NULL);

  ptl_job_page_remember (PTL_JOB_PAGE (self), entry);
}

static void
ptl_wake_page_start (PtlJobPage *page)
{
  PtlWakePage *self = PTL_WAKE_PAGE (page);
  PtlWakeRequest request = make_request (self);
  g_autoptr (GError) error = NULL;
  PtlWakeField field = PTL_WAKE_FIELD_NONE;

  if (!ptl_wake_job_send (self->job, &request, &field, &error))
    {
      tell (self, error->message, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (field == PTL_WAKE_FIELD_PASSWORD ? self->password_entry
                                         : field == PTL_WAKE_FIELD_TO     ? self->to_entry
                                                                          : self->mac_entry));
      return;
    }
  ptl_table_view_select (self->table_view, get_n_rows (self) - 1);
  remember (self, &request);
}

static void
ptl_wake_page_update (PtlJobPage *page)
{
  PtlWakePage *self = PTL_WAKE_PAGE (page);
  g_autofree char *text = ptl_wake_job_dup_status (self->job);

  gtk_label_set_text (self->status_label, text);
  ptl_job_page_set_error (self->status_label, ptl_wake_job_has_failed (self->job));
}

static void
ptl_wake_page_recall (PtlJobPage  *page,
                      char       **fields)
{
  PtlWakePage *self = PTL_WAKE_PAGE (page);

  /* The password that is there is of another computer. */
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->mac_entry)), fields[0]))
    gtk_editable_set_text (GTK_EDITABLE (self->password_entry), "");
  gtk_editable_set_text (GTK_EDITABLE (self->mac_entry), fields[0]);
  gtk_editable_set_text (GTK_EDITABLE (self->to_entry), fields[1]);
  gtk_editable_set_text (GTK_EDITABLE (self->port_entry), fields[2]);
  ptl_device_choice_select (self->device, fields[3]);
}

static void
ptl_wake_page_show_target (PtlPage    *page,
                           const char *target)
{
  PtlWakePage *self = PTL_WAKE_PAGE (page);

  gtk_editable_set_text (GTK_EDITABLE (self->mac_entry), target);
  gtk_widget_grab_focus (GTK_WIDGET (self->mac_entry));
}

static void
ptl_wake_page_page_init (PtlPageInterface *iface)
{
  iface->show_target = ptl_wake_page_show_target;
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_wake_page_dispose (GObject *object)
{
  PtlWakePage *self = PTL_WAKE_PAGE (object);

  /* What is chosen in the form goes with it. */
  self->job = NULL;
  g_clear_object (&self->device);

  G_OBJECT_CLASS (ptl_wake_page_parent_class)->dispose (object);
}

static void
ptl_wake_page_class_init (PtlWakePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  PtlJobPageClass *job_class = PTL_JOB_PAGE_CLASS (klass);

  object_class->dispose = ptl_wake_page_dispose;
  job_class->history_key = "wake-history";
  job_class->n_history_fields = 4;
  job_class->start = ptl_wake_page_start;
  job_class->update = ptl_wake_page_update;
  job_class->recall = ptl_wake_page_recall;

  ptl_job_page_class_set_template (job_class, "ptl-wake-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, fields);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, more_fields);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, mac_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, password_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, to_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, port_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, device_drop);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, buttons);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, frame_label);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, status_label);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, table_button);
  gtk_widget_class_bind_template_child (widget_class, PtlWakePage, table_view);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
}

static void
ptl_wake_page_init (PtlWakePage *self)
{
  PtlJobPageParts parts;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->device = ptl_device_choice_new (self->device_drop, TRUE);
  g_signal_connect_swapped (self->device, "changed", G_CALLBACK (on_changed_cb), self);
  self->job = ptl_wake_job_new ();
  parts = (PtlJobPageParts) {
    .first = GTK_WIDGET (self->mac_entry),
    .fields = { self->fields, self->more_fields },
    .buttons = self->buttons,
    .table_button = self->table_button,
    .table_view = self->table_view,
  };
  ptl_job_page_set_parts (PTL_JOB_PAGE (self), &parts, PTL_JOB (self->job));
  ptl_table_view_set_empty (self->table_view, _("Wake a Computer Up"),
                            _("Type the MAC address of its network card. What is sent names it 16 "
                              "times, which a sleeping card looks for; no answer comes back, so "
                              "see by Ping whether it woke."));
  on_changed_cb (self);
}
