/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The application: command line, actions that scripts can call, owner of the sessions. */
#include "config.h"

#include "ptl-application.h"

#include <stdlib.h>

#include <glib/gi18n.h>

#include "model/ptl-saved.h"
#include "model/ptl-sessions.h"
#include "ui/ptl-dialogs.h"
#include "ui/ptl-spoken-names.h"
#include "ui/ptl-window.h"

/* GNU's and BSD's sysexits disagree on much, but not on this one: the command line was wrong. */
#define EXIT_USAGE 2

struct _PtlApplication
{
  AdwApplication  parent_instance;

  /* owned */
  PtlSessions    *sessions; /* from startup to shutdown */
  PtlSaved       *saved;

  GtkWindow      *shortcuts; /* weak */
};

G_DEFINE_FINAL_TYPE (PtlApplication, ptl_application, ADW_TYPE_APPLICATION)

/* The option that asks for a role; the rest of the command line asks for PTL_ROLE_CONNECT. */
static const struct
{
  const char *option;
  PtlRole     role;
} role_options[] = {
  { "listen", PTL_ROLE_LISTEN },
  { "datagrams", PTL_ROLE_DATAGRAMS },
  { G_OPTION_REMAINING, PTL_ROLE_CONNECT },
};

static const GOptionEntry option_entries[] = {
  { "listen", 'l', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, NULL,
    N_("Listen (may be repeated)"), N_("URI") },
  { "datagrams", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, NULL,
    N_("Exchange datagrams with anyone (may be repeated)"), N_("URI") },
  { "version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, NULL,
    N_("Print the version and exit"), NULL },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, NULL,
    NULL, N_("[URI…]") },
  { NULL }
};

static PtlWindow *
ensure_window (PtlApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL || !PTL_IS_WINDOW (window))
    window = GTK_WINDOW (ptl_window_new (GTK_APPLICATION (self), self->sessions, self->saved));
  return PTL_WINDOW (window);
}

static bool
make_path_absolute (PtlEndpoint *endpoint,
                    const char  *cwd,
                    GError     **error)
{
  g_autofree char *path = NULL;
  g_auto (PtlEndpoint) absolute = { 0 };

  if (endpoint->host_kind != PTL_HOST_UNIX_PATH || g_path_is_absolute (endpoint->host))
    return TRUE;

  path = g_canonicalize_filename (endpoint->host, cwd);
  if (!ptl_endpoint_parse_unix (&absolute, path, NULL, error))
    return FALSE;
  ptl_endpoint_clear (endpoint);
  *endpoint = absolute;
  absolute = (PtlEndpoint) { 0 };
  return TRUE;
}

/* A relative path means something in the folder where the command was given. */
static bool
make_paths_absolute (PtlSpec    *spec,
                     const char *cwd,
                     GError    **error)
{
  for (unsigned i = 0; i < spec->n_endpoints; i++)
    if (!make_path_absolute (&spec->endpoints[i], cwd, error))
      return FALSE;
  return !spec->has_local || make_path_absolute (&spec->local, cwd, error);
}

static bool
open_uri (PtlApplication *self,
          PtlRole         role,
          const char     *uri,
          const char     *cwd,
          GError        **error)
{
  g_autoptr (PtlSpec) spec = ptl_spec_parse_uri (role, uri, NULL, error);

  if (spec == NULL || !ptl_spec_check (spec, error))
    return FALSE;

  if (cwd != NULL && !make_paths_absolute (spec, cwd, error))
    return FALSE;
  ptl_window_open_spec (ensure_window (self), spec);
  return TRUE;
}

static void
on_open_uri_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  PtlApplication *self = data;
  const char *name = g_action_get_name (G_ACTION (action));
  const char *uri = g_variant_get_string (parameter, NULL);
  g_autoptr (GError) error = NULL;
  PtlRole role = PTL_ROLE_CONNECT;

  for (size_t i = 0; i < G_N_ELEMENTS (role_options); i++)
    if (g_str_equal (name, role_options[i].option))
      role = role_options[i].role;

  if (!open_uri (self, role, uri, NULL, &error))
    {
      g_autofree char *text = g_strdup_printf ("%s: %s", uri, error->message);

      ptl_window_add_toast_text (ensure_window (self), text);
    }
  gtk_window_present (GTK_WINDOW (ensure_window (self)));
}

static void
on_try_it_cb (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       data)
{
  PtlWindow *window = ensure_window (data);

  ptl_window_try_it (window);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_quit_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  GtkApplication *app = data;
  GList *windows = g_list_copy (gtk_application_get_windows (app));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
  g_list_free (windows);
}

static void
on_about_cb (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       data)
{
  ptl_dialogs_show_about (GTK_WINDOW (ensure_window (data)));
}

static void
on_shortcuts_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlApplication *self = data;

  if (self->shortcuts == NULL)
    {
      g_autoptr (GtkBuilder) builder =
        gtk_builder_new_from_resource ("/org/portlight/Portlight/ui/ptl-shortcuts.ui");

      g_set_weak_pointer (&self->shortcuts,
                          GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts")));
      gtk_window_set_transient_for (self->shortcuts, GTK_WINDOW (ensure_window (self)));
    }
  gtk_window_present (self->shortcuts);
}

static const GActionEntry app_actions[] = {
  { "connect", on_open_uri_cb, "s" },
  { "listen", on_open_uri_cb, "s" },
  { "datagrams", on_open_uri_cb, "s" },
  { "try-it", on_try_it_cb },
  { "quit", on_quit_cb },
  { "about", on_about_cb },
  { "shortcuts", on_shortcuts_cb },
};

static void
set_accels (GtkApplication *app)
{
  static const struct
  {
    const char *action;
    const char *accels[3];
  } accels[] = {
    { "app.quit", { "<Control>q" } },
    { "app.shortcuts", { "F1", "<Control>question" } },
    { "win.new-session", { "<Control>n" } },
    { "win.remove-session", { "<Control>w" } },
    { "win.previous-session", { "<Alt>Up" } },
    { "win.next-session", { "<Alt>Down" } },
    { "win.back", { "<Alt>Left" } },
    { "win.menu", { "F10" } },
    { "win.pane::sockets", { "<Alt>1" } },
    { "win.pane::lookup", { "<Alt>2" } },
    { "win.pane::diagnose", { "<Alt>3" } },
    { "win.pane::computer", { "<Alt>4" } },
    { "win.pane::reference", { "<Alt>5" } },
    { "win.find-port", { "<Control><Shift>p" } },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (app, accels[i].action, accels[i].accels);
}

static int
ptl_application_handle_local_options (GApplication *app,
                                      GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("Portlight %s\n", PTL_VERSION);
      return EXIT_SUCCESS;
    }

  /* Told here, where it was typed, rather than by the instance that runs already. */
  for (size_t i = 0; i < G_N_ELEMENTS (role_options); i++)
    {
      g_autofree const char **uris = NULL;

      g_variant_dict_lookup (options, role_options[i].option, "^a&s", &uris);
      for (size_t j = 0; uris != NULL && uris[j] != NULL; j++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (PtlSpec) spec = ptl_spec_parse_uri (role_options[i].role, uris[j], NULL,
                                                         &error);

          if (spec == NULL || !ptl_spec_check (spec, &error))
            {
              g_printerr ("portlight: %s: %s\n", uris[j], error->message);
              return EXIT_USAGE;
            }
        }
    }

  return -1; /* go on */
}

static int
ptl_application_command_line (GApplication            *app,
                              GApplicationCommandLine *command_line)
{
  PtlApplication *self = PTL_APPLICATION (app);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  const char *cwd = g_application_command_line_get_cwd (command_line);
  int status = EXIT_SUCCESS;

  g_application_activate (app);

  for (size_t i = 0; i < G_N_ELEMENTS (role_options); i++)
    {
      g_autofree const char **uris = NULL;

      g_variant_dict_lookup (options, role_options[i].option, "^a&s", &uris);
      for (size_t j = 0; uris != NULL && uris[j] != NULL; j++)
        {
          g_autoptr (GError) error = NULL;

          if (!open_uri (self, role_options[i].role, uris[j], cwd, &error))
            {
              g_application_command_line_printerr (command_line, "portlight: %s: %s\n",
                                                   uris[j], error->message);
              status = EXIT_USAGE;
            }
        }
    }

  return status;
}

static void
ptl_application_activate (GApplication *app)
{
  gtk_window_present (GTK_WINDOW (ensure_window (PTL_APPLICATION (app))));
}

static void
ptl_application_startup (GApplication *app)
{
  PtlApplication *self = PTL_APPLICATION (app);
  g_autofree char *state_dir = g_build_filename (g_get_user_state_dir (), "portlight", NULL);
  g_autofree char *saved_path = g_build_filename (g_get_user_data_dir (), "portlight",
                                                  "sessions.ini", NULL);
  g_autoptr (GError) error = NULL;

  G_APPLICATION_CLASS (ptl_application_parent_class)->startup (app);

  ptl_spoken_names_init ();
  gtk_window_set_default_icon_name (PTL_APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), app_actions, G_N_ELEMENTS (app_actions),
                                   self);
  set_accels (GTK_APPLICATION (self));

  self->sessions = ptl_sessions_new (state_dir, &error);
  if (self->sessions == NULL)
    {
      /* No threads, no descriptors: nothing of what the program is for can be done. */
      g_printerr ("portlight: %s\n", error->message);
      exit (EXIT_FAILURE);
    }
  self->saved = ptl_saved_new (saved_path);
}

/* What was recorded is never lost by surprise: logs with bytes in them are offered again at the
 * next start; those of sessions that did not exchange any are not worth a question. */
static void
close_sessions (PtlApplication *self)
{
  guint n;

  while ((n = g_list_model_get_n_items (G_LIST_MODEL (self->sessions))) > 0)
    {
      g_autoptr (PtlSession) session = g_list_model_get_item (G_LIST_MODEL (self->sessions), n - 1);
      const PtlSessionStatus *status = ptl_session_get_status (session);
      gboolean recovered = FALSE;

      g_object_get (session, "recovered", &recovered, NULL);
      ptl_sessions_remove (self->sessions, session,
                           recovered || status->rx_frames + status->tx_frames > 0);
    }
}

static void
ptl_application_shutdown (GApplication *app)
{
  PtlApplication *self = PTL_APPLICATION (app);

  if (self->sessions != NULL)
    {
      ptl_sessions_set_sync_hook (self->sessions, NULL, NULL);
      close_sessions (self);
      ptl_sessions_shutdown (self->sessions);
    }
  if (self->saved != NULL)
    ptl_saved_flush (self->saved);
  g_clear_weak_pointer (&self->shortcuts);
  g_clear_object (&self->saved);
  g_clear_object (&self->sessions);

  G_APPLICATION_CLASS (ptl_application_parent_class)->shutdown (app);
}

static void
ptl_application_class_init (PtlApplicationClass *klass)
{
  GApplicationClass *app_class = G_APPLICATION_CLASS (klass);

  app_class->handle_local_options = ptl_application_handle_local_options;
  app_class->command_line = ptl_application_command_line;
  app_class->activate = ptl_application_activate;
  app_class->startup = ptl_application_startup;
  app_class->shutdown = ptl_application_shutdown;
}

static void
ptl_application_init (PtlApplication *self)
{
  g_autofree char *description = NULL;

  g_application_add_main_option_entries (G_APPLICATION (self), option_entries);
  g_application_set_option_context_summary (G_APPLICATION (self),
    _("Open a socket and see what happens."));
  /* No words to translate in the lines: they can be typed as they are. */
  description = g_strconcat (_("Examples:"), "\n"
                             "  portlight tcp://localhost:http\n"
                             "  portlight --listen tcp://127.0.0.1:12345\n"
                             "  portlight --datagrams 'udp://<broadcast>:9'\n"
                             "  portlight unix:/run/x.sock unix:@name\n", NULL);
  g_application_set_option_context_description (G_APPLICATION (self), description);
}

PtlApplication *
ptl_application_new (void)
{
  return g_object_new (PTL_TYPE_APPLICATION,
                       "application-id", PTL_APPLICATION_ID,
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE,
                       "resource-base-path", "/org/portlight/Portlight",
                       NULL);
}
