/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error domain, and the system's errors with their names. */
#include "config.h"

#include "base/ptl-error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

G_DEFINE_QUARK (ptl-error-quark, ptl_error)

const char *
ptl_errno_name (int sys_errno)
{
  static _Thread_local char unnamed[16];
  const char *name = sys_errno > 0 ? strerrorname_np (sys_errno) : NULL;

  if (name != NULL)
    return name;

  g_snprintf (unnamed, sizeof unnamed, "E%d", sys_errno);
  return unnamed;
}

void
ptl_error_set_errno (GError    **error,
                     int         sys_errno,
                     const char *format,
                     ...)
{
  char buffer[256];
  g_autofree char *what = NULL;
  g_autofree char *text = NULL;
  va_list args;

  if (error == NULL)
    return;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  /* Not g_strerror(): it shares a table under a lock that ThreadSanitizer cannot see. */
  text = g_utf8_make_valid (strerror_r (sys_errno, buffer, sizeof buffer), -1);
  g_set_error (error, PTL_ERROR, PTL_ERROR_IO, "%s: %s (%s)",
               what, text, ptl_errno_name (sys_errno));
}
