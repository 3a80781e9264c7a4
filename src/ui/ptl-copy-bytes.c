/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a frame on the clipboard, in the form that is wanted. */
#include "config.h"

#include "ui/ptl-copy-bytes.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-codec.h"
#include "base/ptl-error.h"

typedef struct
{
  PtlLog  *log; /* owned */
  PtlFrame frame;
  uint32_t start;
  uint32_t len_bytes;
  uint32_t wanted_bytes;
  char    *as; /* owned */
} CopyJob;

void
ptl_toast_show (GtkWidget  *widget,
                const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *safe = g_markup_escape_text (text, -1); /* a toast's title is markup */
  AdwToast *before, *toast;

  if (overlay == NULL)
    return;
  /* What was told before is old news; it would be first, for all of its five seconds. */
  before = g_object_get_data (G_OBJECT (overlay), "ptl-told");
  if (before != NULL)
    adw_toast_dismiss (before);
  toast = adw_toast_new (safe);
  g_object_set_data_full (G_OBJECT (overlay), "ptl-told", g_object_ref (toast), g_object_unref);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
copy_job_free (CopyJob *job)
{
  ptl_log_unref (job->log);
  g_free (job->as);
  g_free (job);
}

static void
copy_thread (GTask        *task,
             gpointer      source,
             gpointer      task_data,
             GCancellable *cancellable)
{
  CopyJob *job = task_data;
  g_autofree uint8_t *bytes = g_malloc (MAX (job->len_bytes, 1));
  size_t len = 0;
  char *text;

  while (len < job->len_bytes)
    {
      ssize_t n = ptl_log_read (job->log, &job->frame, job->start + (uint32_t) len, bytes + len,
                                job->len_bytes - len);

      if (n < 0)
        {
          g_autoptr (GError) error = NULL;

          ptl_error_set_errno (&error, (int) -n, _("reading the log"));
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
      if (n == 0)
        break;
      len += (size_t) n;
    }
  if (g_str_equal (job->as, "hex"))
    text = ptl_codec_to_hex (bytes, len);
  else if (g_str_equal (job->as, "c-array"))
    text = ptl_codec_to_c_array (bytes, len);
  else if (g_str_equal (job->as, "python"))
    text = ptl_codec_to_python (bytes, len);
  else if (g_str_equal (job->as, "escaped"))
    text = ptl_codec_to_escaped (bytes, len);
  else
    text = ptl_codec_to_text (bytes, len);
  g_task_return_pointer (task, text, g_free);
}

static void
on_copied_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  GtkWidget *widget = GTK_WIDGET (source);
  CopyJob *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *told = NULL;

  if (text == NULL)
    {
      ptl_toast_show (widget, error->message);
      return;
    }
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  if (job->len_bytes < job->wanted_bytes)
    {
      g_autofree char *size = g_format_size_full (job->len_bytes, G_FORMAT_SIZE_IEC_UNITS);

      told = g_strdup_printf (_("Only the first %s were copied"), size);
    }
  else
    told = g_strdup_printf (ngettext ("%'u byte copied", "%'u bytes copied", job->len_bytes),
                            job->len_bytes);
  ptl_toast_show (widget, told);
}

void
ptl_copy_bytes (GtkWidget    *widget,
                PtlFrameItem *item,
                const char   *as,
                uint32_t      start,
                uint32_t      len)
{
  g_autoptr (GTask) task = g_task_new (widget, NULL, on_copied_cb, NULL);
  CopyJob *job = g_new0 (CopyJob, 1);

  job->log = ptl_log_ref (ptl_frame_item_get_log (item));
  job->frame = *ptl_frame_item_get_frame (item);
  job->start = start;
  job->wanted_bytes = len;
  job->len_bytes = MIN (len, PTL_COPY_BYTES_MAX);
  job->as = g_strdup (as);
  g_task_set_task_data (task, job, (GDestroyNotify) copy_job_free);
  g_task_run_in_thread (task, copy_thread);
}
