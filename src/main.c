/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The start of the program. */
#include "config.h"

#include <locale.h>

#include <glib/gi18n.h>

#include "ui/ptl-application.h"

/* Where this program was installed its settings and icons are found by GLib only if the folder is
 * one of the session's.  Another prefix, such as /opt/portlight, is looked at after those. */
static void
add_data_folder (void)
{
  const char *set = g_getenv ("XDG_DATA_DIRS");
  /* What the Base Directory Specification says of a variable that is not set or empty. */
  const char *dirs = set != NULL && *set != '\0' ? set : "/usr/local/share:/usr/share";
  g_autofree char *all = g_strconcat (dirs, ":" PTL_DATADIR, NULL);

  /* A folder that is named twice is looked at twice, no more. */
  g_setenv ("XDG_DATA_DIRS", all, TRUE);
}

int
main (int    argc,
      char **argv)
{
  /* An app that is not installed has its translations in its build folder. */
  const char *locale_dir = g_getenv ("PTL_LOCALEDIR");
  g_autoptr (PtlApplication) app = NULL;

  add_data_folder ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : PTL_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  /* "Portlight" rather than the file's name in what the desktop shows. */
  g_set_application_name ("Portlight");

  app = ptl_application_new ();
  return g_application_run (G_APPLICATION (app), argc, argv);
}
