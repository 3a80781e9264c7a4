/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed: its history, and what is pasted. */
#include "config.h"

#include "ui/ptl-send-bar-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/ptl-codec.h"

static void
said_free (PtlSendSaid *said)
{
  g_free (said->mode);
  g_free (said->text);
  g_free (said);
}

void
ptl_send_bar_remember (PtlSendBar *self,
                       const char *mode,
                       const char *text)
{
  PtlSendSaid *last =
    self->history->len > 0 ? g_ptr_array_index (self->history, self->history->len - 1) : NULL;

  if (*text != '\0' &&
      (last == NULL || !g_str_equal (last->text, text) || !g_str_equal (last->mode, mode)))
    {
      PtlSendSaid *said = g_new0 (PtlSendSaid, 1);

      said->mode = g_strdup (mode);
      said->text = g_strdup (text);
      if (self->history->len >= PTL_SEND_BAR_HISTORY_MAX)
        g_ptr_array_remove_index (self->history, 0);
      g_ptr_array_add (self->history, said);
    }
  self->history_at = self->history->len;
  g_clear_pointer (&self->typed, g_free);
}

static void
go_history (PtlSendBar *self,
            int         by)
{
  guint to = (guint) CLAMP ((int) self->history_at + by, 0, (int) self->history->len);
  PtlSendSaid *said;

  if (to == self->history_at)
    return;
  if (self->history_at == self->history->len)
    {
      g_free (self->typed);
      self->typed = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
    }
  self->history_at = to;
  if (to == self->history->len)
    gtk_editable_set_text (GTK_EDITABLE (self->entry), self->typed != NULL ? self->typed : "");
  else
    {
      said = g_ptr_array_index (self->history, to);
      g_object_set (self, "mode", said->mode, NULL);
      gtk_editable_set_text (GTK_EDITABLE (self->entry), said->text);
    }
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static gboolean
on_key_pressed_cb (PtlSendBar      *self,
                   guint            keyval,
                   guint            keycode,
                   GdkModifierType  state)
{
  if ((state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      go_history (self, -1);
      return GDK_EVENT_STOP;

    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      go_history (self, 1);
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* The digits of what is pasted on several lines, as a dump is: an entry has one line, and a dump on
 * one line cannot be told from text.  NULL: it has one line, or is wrong, and shown as it is. */
static char *
unfold_hex (const char *text,
            gsize       len)
{
  g_autofree char *lines = g_strndup (text, len);
  g_autofree uint8_t *bytes = NULL;
  size_t n = 0;

  g_strstrip (lines);
  if (strchr (lines, '\n') == NULL)
    return NULL;
  bytes = ptl_codec_parse_hex (lines, &n, NULL, NULL);
  return bytes != NULL ? ptl_codec_to_hex (bytes, n) : NULL;
}

/* Line ends and tabs of what is pasted become what stands for them.  Of wrong hex the line ends are
 * kept (and drawn as signs), so that the error is the right one. */
static void
on_insert_text_cb (GtkEditable *editable,
                   const char  *text,
                   int          len,
                   int         *position,
                   PtlSendBar  *self)
{
  bool is_hex = g_str_equal (ptl_send_bar_get_mode (self), "hex");
  g_autoptr (GString) out = NULL;
  g_autofree char *unfolded = NULL;
  gsize n = len < 0 ? strlen (text) : (gsize) len;
  glong room = PTL_SEND_BAR_TEXT_MAX_CHARS -
               g_utf8_strlen (gtk_editable_get_text (editable), -1);
  bool cut = false;

  if (self->converting)
    return;
  while (is_hex && n > 0 && text[n - 1] == '\n')
    n--; /* of a line that was copied as a whole */
  if (is_hex && (unfolded = unfold_hex (text, n)) != NULL)
    {
      text = unfolded;
      n = strlen (text);
    }
  out = g_string_sized_new (n);
  for (const char *c = text; c < text + n; c = g_utf8_next_char (c))
    {
      if (room <= 0)
        {
          cut = true;
          break;
        }
      if ((*c == '\n' && !is_hex) || *c == '\r' || *c == '\t')
        {
          g_string_append (out, is_hex ? " " : *c == '\n' ? "\\n" : *c == '\r' ? "\\r" : "\\t");
          room -= is_hex ? 1 : 2;
        }
      else
        {
          g_string_append_len (out, c, g_utf8_next_char (c) - c);
          room--;
        }
    }
  g_signal_stop_emission_by_name (editable, "insert-text");
  self->converting = true;
  gtk_editable_insert_text (editable, out->str, (int) out->len, position);
  self->converting = false;
  if (cut)
    {
      g_autofree char *told =
        g_strdup_printf (_("The message was cut off at %'u characters; send longer ones as a file"),
                         PTL_SEND_BAR_TEXT_MAX_CHARS);

      ptl_send_bar_set_status (self, told, true);
    }
}

void
ptl_send_bar_put_draft (PtlSendBar *self,
                        const char *text)
{
  self->history_at = self->history->len;
  g_clear_pointer (&self->typed, g_free);
  self->converting = true;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  self->converting = false;
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

void
ptl_send_bar_init_entry (PtlSendBar *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->history = g_ptr_array_new_with_free_func ((GDestroyNotify) said_free);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  g_signal_connect (gtk_editable_get_delegate (GTK_EDITABLE (self->entry)), "insert-text",
                    G_CALLBACK (on_insert_text_cb), self);
}
