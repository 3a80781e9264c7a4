/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The start of the program. */
#include "config.h"

#include <locale.h>

#include <glib/gi18n.h>

#include "ui/ptl-application.h"

int
main (int    argc,
      char **argv)
{
  /* An app that is not installed has its translations in its build folder. */
  const char *locale_dir = g_getenv ("PTL_LOCALEDIR");
  g_autoptr (PtlApplication) app = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : PTL_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  /* "Portlight" rather than the file's name in what the desktop shows. */
  g_set_application_name ("Portlight");

  app = ptl_application_new ();
  return g_application_run (G_APPLICATION (app), argc, argv);
}
