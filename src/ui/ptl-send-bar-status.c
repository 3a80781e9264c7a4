/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of what was sent, and what is wrong with what was typed. */
#include "config.h"

#include "ui/ptl-send-bar-private.h"

#include <string.h>

#include <glib/gi18n.h>

/* The state's word, or how far it has come: what a peer does not take at once is worth a bar and a
 * way out, whatever its size. */
void
ptl_send_bar_update_status (PtlSendBar *self)
{
  PtlSendState *state = self->state;
  guint64 sent, total;
  bool busy = ptl_send_state_get_progress (state, &sent, &total);
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), busy);
  gtk_widget_set_visible (self->cancel_button, busy);
  if (busy)
    {
      g_autofree char *so_far = g_format_size (sent);
      g_autofree char *all = g_format_size (total);

      text = g_strdup_printf (_("%s of %s sent"), so_far, all);
      gtk_progress_bar_set_fraction (self->progress_bar, MIN (1, (double) sent / (double) total));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress_bar),
                                      GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
    }
  if (!busy || state->is_error)
    {
      g_free (text);
      text = g_strdup (state->status != NULL ? state->status : "");
    }
  gtk_label_set_text (self->status_label, text);
  if (state->is_error)
    gtk_widget_add_css_class (GTK_WIDGET (self->status_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->status_label), "error");
  gtk_widget_set_visible (self->status_box, busy || *text != '\0');
}

void
ptl_send_bar_set_status (PtlSendBar *self,
                         const char *text,
                         bool        is_error)
{
  ptl_send_state_say (self->state, text, is_error && text != NULL);
  ptl_send_bar_update_status (self);
}

void
ptl_send_bar_set_input_error (PtlSendBar *self,
                              const char *message,
                              gssize      at)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry),
                               GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE, -1);
  ptl_send_bar_set_status (self, message, true);
  if (at >= 0 && (gsize) at <= strlen (text))
    {
      int position = (int) g_utf8_pointer_to_offset (text, text + at);

      gtk_widget_grab_focus (GTK_WIDGET (self->entry));
      gtk_editable_select_region (GTK_EDITABLE (self->entry), position, position + 1);
    }
}

void
ptl_send_bar_clear_input_error (PtlSendBar *self)
{
  if (!gtk_widget_has_css_class (GTK_WIDGET (self->entry), "error"))
    return;
  gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_reset_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID);
  ptl_send_bar_set_status (self, NULL, false);
}

void
ptl_send_bar_cancel (PtlSendBar *self)
{
  GHashTable *pending = self->state->pending;
  g_autoptr (GArray) tags = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer key;

  /* What is not on its way yet is reported at once. */
  g_hash_table_iter_init (&iter, pending);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_array_append_vals (tags, key, 1);
  g_hash_table_remove_all (pending);
  for (guint i = 0; i < tags->len; i++)
    ptl_session_cancel_send (self->session, g_array_index (tags, guint64, i));
  ptl_send_bar_set_status (self, _("Sending was cancelled"), false);
}
