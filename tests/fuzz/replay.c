/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target over the files and folders it is given, without a fuzzer; TAP. */
#include "config.h"

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

static const uint8_t nothing[1];
static unsigned n_files;

static void
replay (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autofree char *contents = NULL;
  g_autofree uint8_t *exact = NULL;
  g_autofree char *name = NULL;
  gsize len = 0;

  if (dir != NULL)
    {
      for (const char *file = g_dir_read_name (dir); file != NULL; file = g_dir_read_name (dir))
        {
          g_autofree char *inside = g_build_filename (path, file, NULL);

          replay (inside);
        }
      return;
    }
  if (!g_file_get_contents (path, &contents, &len, NULL))
    g_error ("%s cannot be read", path);
  /* Without the NUL that GLib puts behind it: a byte too many is found. */
  exact = g_memdup2 (contents, len);
  LLVMFuzzerTestOneInput (exact != NULL ? exact : nothing, len);
  name = g_path_get_basename (path);
  printf ("ok %u - %s\n", ++n_files, name);
}

int
main (int    argc,
      char **argv)
{
  LLVMFuzzerTestOneInput (nothing, 0);
  printf ("ok %u - no bytes\n", ++n_files);
  for (int i = 1; i < argc; i++)
    replay (argv[i]);
  printf ("1..%u\n", n_files);
  return 0;
}
