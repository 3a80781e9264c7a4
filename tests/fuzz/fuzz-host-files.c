/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is in os-release, machine-info and hostname: what is shown of it is one bounded line of
 * safe UTF-8. */
#include "config.h"

#include <string.h>

#include "base/ptl-codec.h"
#include "host/ptl-host-files.h"

int LLVMFuzzerTestOneInput (const uint8_t *data,
                            size_t         size);

static void
check (char *value)
{
  if (value == NULL)
    return;
  g_assert (*value != '\0');
  g_assert (g_utf8_validate (value, -1, NULL));
  g_assert (g_utf8_strlen (value, -1) <= PTL_HOST_VALUE_MAX + 1);
  for (const char *at = value; *at != '\0'; at = g_utf8_next_char (at))
    g_assert (ptl_codec_is_safe_char (g_utf8_get_char (at)));
  g_free (value);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  /* Of its own, so that a byte behind its end is found. */
  char *text = g_memdup2 (data, size);

  check (ptl_host_files_find (text, size, "PRETTY_NAME"));
  check (ptl_host_files_find (text, size, "A"));
  check (ptl_host_files_hostname (text, size));
  g_free (text);
  return 0;
}
