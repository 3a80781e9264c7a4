/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks what a session that runs shall do when something comes. */
#include "config.h"

#include "ptl-reaction-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "ui/ptl-advanced-fields.h"
#include "ui/ptl-copy-bytes.h"
#include "ui/ptl-field-values.h"

#define PTL_TYPE_REACTION_DIALOG (ptl_reaction_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PtlReactionDialog, ptl_reaction_dialog, PTL, REACTION_DIALOG, AdwWindow)

struct _PtlReactionDialog
{
  AdwWindow    parent_instance;

  AdwComboRow *reaction_row;
  GtkWidget   *text_row;
  GtkLabel    *reason;
  GtkWidget   *apply_button;

  PtlSession  *session; /* owned */
  GtkWidget   *over;    /* weak */
};

G_DEFINE_FINAL_TYPE (PtlReactionDialog, ptl_reaction_dialog, ADW_TYPE_WINDOW)

static bool
has_text (PtlReaction reaction)
{
  return reaction == PTL_REACTION_GREETING || reaction == PTL_REACTION_ANSWER;
}

/* What is typed, in @spec; false with @error. */
static bool
read_fields (PtlReactionDialog  *self,
             PtlSpec            *spec,
             GError            **error)
{
  spec->reaction = (PtlReaction) adw_combo_row_get_selected (self->reaction_row);
  g_clear_pointer (&spec->reaction_text, ptl_blob_unref);
  if (has_text (spec->reaction))
    {
      spec->reaction_text =
        ptl_value_parse_reaction (gtk_editable_get_text (GTK_EDITABLE (self->text_row)), error);
      if (spec->reaction_text == NULL)
        return false;
    }

  return ptl_spec_check (spec, error);
}

static void
on_changed_cb (PtlReactionDialog *self)
{
  g_autoptr (PtlSpec) spec = NULL;
  g_autoptr (GError) error = NULL;
  bool ok;

  if (self->session == NULL)
    return;

  spec = ptl_spec_copy (ptl_session_get_spec (self->session));
  ok = read_fields (self, spec, &error);
  gtk_widget_set_visible (self->text_row,
                          has_text ((PtlReaction) adw_combo_row_get_selected (self->reaction_row)));
  gtk_widget_set_visible (GTK_WIDGET (self->reason), !ok);
  gtk_label_set_text (self->reason, ok ? "" : error->message);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.apply", ok);
}

static void
on_apply_cb (GtkWidget  *widget,
             const char *name,
             GVariant   *parameter)
{
  PtlReactionDialog *self = PTL_REACTION_DIALOG (widget);
  g_autoptr (PtlSpec) spec = ptl_spec_copy (ptl_session_get_spec (self->session));

  if (!read_fields (self, spec, NULL))
    return;

  ptl_session_set_reaction (self->session, spec->reaction, spec->reaction_text);
  if (self->over != NULL)
    ptl_toast_show (self->over, _("Reaction changed"));
  gtk_window_close (GTK_WINDOW (self));
}

/* There is nothing to change any more. */
static void
on_live_cb (PtlReactionDialog *self)
{
  if (!ptl_session_is_live (self->session))
    gtk_window_close (GTK_WINDOW (self));
}

static void
ptl_reaction_dialog_dispose (GObject *object)
{
  PtlReactionDialog *self = PTL_REACTION_DIALOG (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_weak_pointer (&self->over);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_REACTION_DIALOG);

  G_OBJECT_CLASS (ptl_reaction_dialog_parent_class)->dispose (object);
}

static void
ptl_reaction_dialog_class_init (PtlReactionDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ptl_reaction_dialog_dispose;

  gtk_widget_class_install_action (widget_class, "dialog.apply", NULL, on_apply_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/portlight/Portlight/ui/ptl-reaction-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlReactionDialog, reaction_row);
  gtk_widget_class_bind_template_child (widget_class, PtlReactionDialog, text_row);
  gtk_widget_class_bind_template_child (widget_class, PtlReactionDialog, reason);
  gtk_widget_class_bind_template_child (widget_class, PtlReactionDialog, apply_button);
  gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
}

static void
ptl_reaction_dialog_init (PtlReactionDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  for (size_t i = 0; i < PTL_N_FIELDS; i++)
    if (ptl_fields[i].offset == PTL_FIELD_OFFSET (reaction))
      for (const char *const *name = ptl_fields[i].choices; *name != NULL; name++)
        gtk_string_list_append (names, _(*name));
  adw_combo_row_set_model (self->reaction_row, G_LIST_MODEL (names));
  gtk_window_set_default_widget (GTK_WINDOW (self), self->apply_button);
}

bool
ptl_reaction_dialog_applies (PtlSession *session)
{
  return ptl_session_is_live (session) &&
         ptl_session_get_spec (session)->role != PTL_ROLE_CONNECT;
}

void
ptl_reaction_dialog_present (GtkWidget  *over,
                             PtlSession *session)
{
  PtlReactionDialog *self;
  const PtlSpec *spec;

  g_return_if_fail (GTK_IS_WIDGET (over));
  g_return_if_fail (PTL_IS_SESSION (session));

  self = g_object_new (PTL_TYPE_REACTION_DIALOG, "transient-for", gtk_widget_get_root (over), NULL);
  g_set_weak_pointer (&self->over, over);
  spec = ptl_session_get_spec (session);
  adw_combo_row_set_selected (self->reaction_row, spec->reaction);
  if (spec->reaction_text != NULL)
    {
      g_autofree char *text = ptl_codec_to_escaped (spec->reaction_text->data,
                                                    spec->reaction_text->len_bytes);

      gtk_editable_set_text (GTK_EDITABLE (self->text_row), text);
    }
  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "notify::live", G_CALLBACK (on_live_cb), self);
  on_changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->reaction_row));
  gtk_window_present (GTK_WINDOW (self));
}
