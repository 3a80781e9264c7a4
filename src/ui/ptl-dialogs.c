/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The windows that newer versions of the toolkit have other classes for (AdwAboutDialog since
 * libadwaita 1.5, GtkFileDialog since GTK 4.10), in one place. */
#include "config.h"

#include "ptl-dialogs.h"

#include <adwaita.h>
#include <glib/gi18n.h>

void
ptl_dialogs_show_about (GtkWindow *parent)
{
  static const char *developers[] = { "The Portlight developers", NULL };

  g_return_if_fail (GTK_IS_WINDOW (parent));

  adw_show_about_window (parent,
                         "application-name", "Portlight",
                         "application-icon", PTL_APPLICATION_ID,
                         "version", PTL_VERSION,
                         "developer-name", _("The Portlight developers"),
                         "developers", developers,
                         "comments", _("Open a socket and see what happens: every byte and every "
                                       "call, live."),
                         "copyright", "© The Portlight developers",
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: put your names here, one a line. */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

static void
on_file_response_cb (GtkNativeDialog *dialog,
                     int              response,
                     gpointer         data)
{
  g_autoptr (GTask) task = data;

  g_task_return_pointer (task,
                         response == GTK_RESPONSE_ACCEPT
                           ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL,
                         g_object_unref);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
ask_file (GtkWindow            *parent,
          const char           *title,
          const char           *name,
          GtkFileChooserAction  action,
          gpointer              tag,
          GAsyncReadyCallback   callback,
          gpointer              data)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, parent, action, NULL, NULL);
  GTask *task = g_task_new (parent, NULL, callback, data);

  g_task_set_source_tag (task, tag);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_file_response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
ptl_dialogs_open_file_async (GtkWindow           *parent,
                             const char          *title,
                             GAsyncReadyCallback  callback,
                             gpointer             data)
{
  g_return_if_fail (parent == NULL || GTK_IS_WINDOW (parent));

  ask_file (parent, title, NULL, GTK_FILE_CHOOSER_ACTION_OPEN, ptl_dialogs_open_file_async,
            callback, data);
}

void
ptl_dialogs_save_file_async (GtkWindow           *parent,
                             const char          *title,
                             const char          *name,
                             GAsyncReadyCallback  callback,
                             gpointer             data)
{
  g_return_if_fail (parent == NULL || GTK_IS_WINDOW (parent));

  ask_file (parent, title, name, GTK_FILE_CHOOSER_ACTION_SAVE, ptl_dialogs_save_file_async,
            callback, data);
}

GFile *
ptl_dialogs_file_finish (GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
