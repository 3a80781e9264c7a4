/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any URI as any program: the shell finds its words in the lines, no text ends a literal. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "model/ptl-copy-as.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes,
                            size_t         len_bytes);

/* Of Python and C: the lines of the program have all their quotes closed. */
static void
check_quotes (const char *program)
{
  char quote = '\0';

  for (const char *at = program; *at != '\0'; at++)
    {
      if (*at == '\n')
        {
          if (quote != '\0' && quote != '#')
            abort ();
          quote = '\0';
        }
      else if (quote == '#')
        continue;
      else if (quote == '\0' && (*at == '#' || (at[0] == '/' && at[1] == '*')))
        quote = '#'; /* what is said in comments has one line */
      else if (*at == '\\' && quote != '\0')
        at++;
      else if (*at == quote)
        quote = '\0';
      else if (quote == '\0' && (*at == '\'' || *at == '"'))
        quote = *at;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes,
                        size_t         len_bytes)
{
  const uint8_t *end = len_bytes > 0 ? memchr (bytes, '\n', len_bytes) : NULL;
  size_t uri_len = end != NULL ? (size_t) (end - bytes) : len_bytes;
  g_autofree char *uri = g_strndup ((const char *) bytes, uri_len);
  const uint8_t *message = end != NULL ? end + 1 : NULL;
  size_t message_len = end != NULL ? len_bytes - uri_len - 1 : 0;

  for (int role = PTL_ROLE_CONNECT; role <= PTL_ROLE_DATAGRAMS; role++)
    {
      g_autoptr (PtlSpec) spec = ptl_spec_parse_uri ((PtlRole) role, uri, NULL, NULL);

      if (spec == NULL)
        continue;
      for (int what = PTL_COPY_AS_PYTHON; what <= PTL_COPY_AS_URI; what++)
        {
          g_autoptr (GError) error = NULL;
          g_autofree char *program = ptl_copy_as (spec, (PtlCopyAs) what, message, message_len,
                                                  &error);
          g_auto (GStrv) words = NULL;

          if ((program == NULL) != (error != NULL))
            abort ();
          if (program == NULL)
            continue;
          if (!g_utf8_validate (program, -1, NULL))
            abort ();
          if (what <= PTL_COPY_AS_C)
            check_quotes (program);
          else if (!g_shell_parse_argv (program, NULL, &words, NULL))
            abort ();
        }
    }
  return 0;
}
