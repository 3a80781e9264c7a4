/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of what was sent, and what is wrong with what was typed. */
#include "config.h"

#include "ui/ptl-send-bar-private.h"

#include <string.h>

#include <glib/gi18n.h>

void
ptl_send_bar_set_status (PtlSendBar *self,
                         const char *text,
                         bool        is_error)
{
  bool busy = g_hash_table_size (self->pending) > 0 && gtk_widget_get_visible (self->cancel_button);

  gtk_label_set_text (self->status_label, text != NULL ? text : "");
  if (is_error)
    gtk_widget_add_css_class (GTK_WIDGET (self->status_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->status_label), "error");
  gtk_widget_set_visible (self->status_box, busy || (text != NULL && *text != '\0'));
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
ptl_send_bar_update_progress (PtlSendBar *self)
{
  GHashTableIter iter;
  gpointer value;
  guint64 sent = 0;
  guint64 total = 0;
  bool shown;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      PtlSendPending *pending = value;

      sent += pending->sent;
      total += pending->total;
    }
  /* What a peer does not take at once is worth a bar and a way out, whatever its size. */
  shown = g_hash_table_size (self->pending) > 0 && total > 0;
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), shown);
  gtk_widget_set_visible (self->cancel_button, shown);
  if (shown)
    {
      g_autofree char *so_far = g_format_size (sent);
      g_autofree char *all = g_format_size (total);
      g_autofree char *text = g_strdup_printf (_("%s of %s sent"), so_far, all);

      gtk_progress_bar_set_fraction (self->progress_bar, MIN (1, (double) sent / (double) total));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress_bar),
                                      GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
      ptl_send_bar_set_status (self, text, false);
    }
}

void
ptl_send_bar_take_report (PtlSendBar *self,
                          guint64     tag,
                          gboolean    done,
                          guint64     sent,
                          guint64     total,
                          const char *problem)
{
  PtlSendPending *pending = g_hash_table_lookup (self->pending, &tag);
  g_autofree char *text = NULL;
  guint n_targets;

  if (pending == NULL)
    return;
  pending->sent = sent;
  pending->total = total;
  n_targets = pending->n_targets;
  if (!done)
    {
      ptl_send_bar_update_progress (self);
      return;
    }
  g_hash_table_remove (self->pending, &tag);
  ptl_send_bar_update_progress (self);
  if (problem != NULL)
    {
      ptl_send_bar_set_status (self, problem, true);
      return;
    }
  if (n_targets > 1)
    {
      gulong each = (gulong) (sent / n_targets);
      /* Translators: "14 bytes" is put together before this */
      g_autofree char *bytes = g_strdup_printf (ngettext ("%'lu byte", "%'lu bytes", each), each);

      text =
        g_strdup_printf (ngettext ("%s sent to %u peer", "%s sent to %u peers", n_targets), bytes,
                              n_targets);
    }
  else
    text = g_strdup_printf (ngettext ("%'lu byte sent", "%'lu bytes sent", (gulong) sent),
                            (gulong) sent);
  if (g_hash_table_size (self->pending) == 0)
    ptl_send_bar_set_status (self, text, false);
}

void
ptl_send_bar_cancel (PtlSendBar *self)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    ptl_session_cancel_send (self->session, *(guint64 *) key);
  g_hash_table_remove_all (self->pending);
  ptl_send_bar_update_progress (self);
  ptl_send_bar_set_status (self, _("Sending was cancelled"), false);
}
