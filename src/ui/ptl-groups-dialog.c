/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins and leaves multicast groups while a session runs. */
#include "config.h"

#include "ptl-groups-dialog.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/ptl-direction.h"
#include "ui/ptl-field-values.h"

#define PTL_TYPE_GROUPS_DIALOG (ptl_groups_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PtlGroupsDialog, ptl_groups_dialog, PTL, GROUPS_DIALOG, AdwWindow)

struct _PtlGroupsDialog
{
  AdwWindow    parent_instance;

  GtkListBox  *joined_list;
  GtkWidget   *joined_group;
  AdwComboRow *device_row;
  GtkWidget   *group_row;
  GtkLabel    *reason;
  GtkWidget   *join_button;

  PtlSession  *session; /* owned */
};

G_DEFINE_FINAL_TYPE (PtlGroupsDialog, ptl_groups_dialog, ADW_TYPE_WINDOW)

static void update_joined (PtlGroupsDialog *self);

/* A group of the session's that is this one, or -1. */
static int
find_group (PtlGroupsDialog *self,
            const PtlGroup  *group)
{
  const PtlSpec *spec = ptl_session_get_spec (self->session);

  for (unsigned i = 0; i < spec->n_groups; i++)
    if (ptl_address_equal_host (&spec->groups[i].group, &group->group) &&
        strcmp (spec->groups[i].device, group->device) == 0)
      return (int) i;
  return -1;
}

static bool
read_fields (PtlGroupsDialog  *self,
             PtlGroup         *group,
             GError          **error)
{
  const PtlSpec *spec = ptl_session_get_spec (self->session);
  g_autoptr (PtlSpec) with = NULL;

  if (!ptl_value_parse_group (gtk_editable_get_text (GTK_EDITABLE (self->group_row)),
                              ptl_interfaces_get (self->device_row), group, error))
    return false;
  if (find_group (self, group) >= 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                           _("This group is joined already"));
      return false;
    }
  if (spec->n_groups == PTL_SPEC_GROUPS_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("A session joins at most %d groups"),
                   PTL_SPEC_GROUPS_MAX);
      return false;
    }

  with = ptl_spec_copy (spec);
  with->groups[with->n_groups++] = *group;
  return ptl_spec_check (with, error);
}

/* What is typed comes first, then what the kernel said. */
static void
update_reason (PtlGroupsDialog *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->group_row));
  g_autofree char *problem = NULL;
  g_autoptr (GError) error = NULL;
  PtlGroup group;
  bool ok = false;

  if (self->session == NULL)
    return;

  if (!ptl_value_is_blank (text))
    {
      ok = read_fields (self, &group, &error);
      problem = error != NULL ? g_strdup (error->message) : NULL;
    }
  else if (ptl_session_get_status (self->session)->fault.step == PTL_STEP_MEMBERSHIP)
    {
      g_object_get (self->session, "problem", &problem, NULL);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->reason), problem != NULL);
  gtk_label_set_text (self->reason, problem != NULL ? problem : "");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.join", ok);
}

static void
on_changed_cb (PtlGroupsDialog *self)
{
  update_reason (self);
}

static void
on_join_cb (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  PtlGroupsDialog *self = PTL_GROUPS_DIALOG (widget);
  PtlGroup group;

  if (!read_fields (self, &group, NULL))
    return;

  ptl_session_set_membership (self->session, &group, true);
  gtk_editable_set_text (GTK_EDITABLE (self->group_row), "");
  update_joined (self);
}

static void
on_leave_cb (GtkWidget       *button,
             PtlGroupsDialog *self)
{
  const PtlSpec *spec = ptl_session_get_spec (self->session);
  unsigned i = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "ptl-place"));
  PtlGroup group;

  g_return_if_fail (i < spec->n_groups);

  group = spec->groups[i];
  ptl_session_set_membership (self->session, &group, false);
  gtk_widget_grab_focus (self->group_row); /* the button goes */
  update_joined (self);
}

static GtkWidget *
make_row (PtlGroupsDialog *self,
          unsigned         i)
{
  const PtlGroup *group = &ptl_session_get_spec (self->session)->groups[i];
  const PtlFault *fault = &ptl_session_get_status (self->session)->fault;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_("_Leave"));
  g_autofree char *label = NULL;
  char text[PTL_ADDRESS_TEXT_MAX];

  ptl_address_format_host (&group->group, text, sizeof text);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), text);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                               fault->step == PTL_STEP_MEMBERSHIP &&
                                 ptl_address_equal_host (&fault->address, &group->group)
                                 ? _("not joined") : *group->device != '\0'
                                 ? group->device : _("on the interface the kernel chooses"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  label = g_strdup_printf (_("Leave %s"), text);
  /* Newer GTK has a button called like its label, rather than as it is told. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data (G_OBJECT (button), "ptl-place", GUINT_TO_POINTER (i));
  g_signal_connect (button, "clicked", G_CALLBACK (on_leave_cb), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
update_joined (PtlGroupsDialog *self)
{
  const PtlSpec *spec = ptl_session_get_spec (self->session);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->joined_list, 0)) != NULL)
    gtk_list_box_remove (self->joined_list, GTK_WIDGET (row));
  for (unsigned i = 0; i < spec->n_groups; i++)
    gtk_list_box_append (self->joined_list, make_row (self, i));
  gtk_widget_set_visible (self->joined_group, spec->n_groups > 0);
  update_reason (self);
}

static void
on_session_notify_cb (PtlGroupsDialog *self)
{
  if (!ptl_session_is_live (self->session))
    gtk_window_close (GTK_WINDOW (self));
  else
    update_joined (self);
}

static void
ptl_groups_dialog_dispose (GObject *object)
{
  PtlGroupsDialog *self = PTL_GROUPS_DIALOG (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_GROUPS_DIALOG);

  G_OBJECT_CLASS (ptl_groups_dialog_parent_class)->dispose (object);
}

static void
ptl_groups_dialog_class_init (PtlGroupsDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ptl_groups_dialog_dispose;

  gtk_widget_class_install_action (widget_class, "dialog.join", NULL, on_join_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-groups-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlGroupsDialog, joined_list);
  gtk_widget_class_bind_template_child (widget_class, PtlGroupsDialog, joined_group);
  gtk_widget_class_bind_template_child (widget_class, PtlGroupsDialog, device_row);
  gtk_widget_class_bind_template_child (widget_class, PtlGroupsDialog, group_row);
  gtk_widget_class_bind_template_child (widget_class, PtlGroupsDialog, reason);
  gtk_widget_class_bind_template_child (widget_class, PtlGroupsDialog, join_button);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
}

static void
ptl_groups_dialog_init (PtlGroupsDialog *self)
{
  g_autoptr (GtkStringList) interfaces = ptl_interfaces_make (_("Chosen by the kernel"));

  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_direction_set_fields (GTK_WIDGET (self->group_row));
  adw_combo_row_set_model (self->device_row, G_LIST_MODEL (interfaces));
  gtk_window_set_default_widget (GTK_WINDOW (self), self->join_button);
}

bool
ptl_groups_dialog_applies (PtlSession *session)
{
  const PtlSpec *spec = ptl_session_get_spec (session);

  return ptl_session_is_live (session) && spec->transport == PTL_TRANSPORT_UDP &&
         spec->role != PTL_ROLE_CONNECT;
}

void
ptl_groups_dialog_present (GtkWindow  *parent,
                           PtlSession *session)
{
  PtlGroupsDialog *self;

  g_return_if_fail (GTK_IS_WINDOW (parent));
  g_return_if_fail (PTL_IS_SESSION (session));

  self = g_object_new (PTL_TYPE_GROUPS_DIALOG, "transient-for", parent, NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::problem", G_CALLBACK (on_session_notify_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::live", G_CALLBACK (on_session_notify_cb), self,
                           G_CONNECT_SWAPPED);
  update_joined (self);
  gtk_widget_grab_focus (self->group_row);
  gtk_window_present (GTK_WINDOW (self));
}
