/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copy as: writes the program and puts it on the clipboard. */
#include "config.h"

#include "ptl-copy-program.h"

#include <glib/gi18n.h>

#include "ui/ptl-copy-bytes.h"

/* How many of the last frames are looked at for what was sent last. */
#define LAST_SENT_FRAMES_MAX 4096
/* A longer message would not fit into a program that someone reads. */
#define LAST_SENT_BYTES_MAX 4096

/* The bytes of the last frame that was sent, or NULL. */
static uint8_t *
dup_last_sent (PtlSession *session,
               size_t     *len_bytes)
{
  PtlLog *log = ptl_session_get_log (session);
  uint64_t n = log != NULL ? ptl_log_get_n_frames (log) : 0;
  uint64_t first = n > LAST_SENT_FRAMES_MAX ? n - LAST_SENT_FRAMES_MAX : 0;

  for (uint64_t i = n; i > first; i--)
    {
      PtlFrame frame;

      if (ptl_log_get_frame (log, i - 1, &frame) && frame.kind == PTL_FRAME_OUT &&
          frame.length > 0 && frame.length <= LAST_SENT_BYTES_MAX)
        {
          g_autofree uint8_t *bytes = g_malloc (frame.length);

          if (ptl_log_read (log, &frame, 0, bytes, frame.length) == (ssize_t) frame.length)
            {
              *len_bytes = frame.length;
              return g_steal_pointer (&bytes);
            }
        }
    }
  return NULL;
}

void
ptl_copy_program (GtkWidget  *widget,
                  PtlSession *session,
                  PtlCopyAs   what)
{
  static const char *const told[] = {
    N_("Copied as a Python program"),
    N_("Copied as a C program"),
    N_("Copied as an ncat command"),
    N_("Copied as a socat command"),
    N_("Copied as a Portlight command"),
  };
  const PtlSpec *spec = ptl_session_get_spec (session);
  size_t len_bytes = 0;
  g_autofree uint8_t *message = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (spec->role != PTL_ROLE_LISTEN)
    message = dup_last_sent (session, &len_bytes);
  text = ptl_copy_as (spec, what, message, len_bytes, &error);
  if (text == NULL)
    {
      ptl_toast_show (widget, error->message);
      return;
    }

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  ptl_toast_show (widget, _(told[what]));
}
