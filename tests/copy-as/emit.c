/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints a session as a program:
 *   emit python|c|ncat|socat|uri connect|listen|datagrams URI [MESSAGE]
 * MESSAGE has the escapes of the send bar.  What cannot be done: status 2 and the reason. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/ptl-codec.h"
#include "model/ptl-copy-as.h"

static int
find (const char        *word,
      const char *const *words)
{
  for (int i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0)
      return i;
  g_error ("%s is not known", word);
}

int
main (int    argc,
      char **argv)
{
  static const char *const kinds[] = { "python", "c", "ncat", "socat", "uri", NULL };
  static const char *const roles[] = { "connect", "listen", "datagrams", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlSpec) spec = NULL;
  g_autofree uint8_t *message = NULL;
  g_autofree char *program = NULL;
  size_t len = 0;

  if (argc < 4)
    return 1;
  spec = ptl_spec_parse_uri ((PtlRole) find (argv[2], roles), argv[3], NULL, &error);
  if (spec != NULL && argc > 4)
    message = ptl_codec_parse_text (argv[4], &len, NULL, &error);
  if (error == NULL)
    program = ptl_copy_as (spec, (PtlCopyAs) find (argv[1], kinds), message, len, &error);
  if (program == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 2;
    }
  fputs (program, stdout);
  return 0;
}
