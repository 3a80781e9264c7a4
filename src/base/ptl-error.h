/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error domain of everything that is set up, parsed or read from a file. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PTL_ERROR (ptl_error_quark ())

typedef enum
{
  PTL_ERROR_PARSE,  /* what was typed or read is not well formed; the message names the character */
  PTL_ERROR_FORMAT, /* a file of ours is damaged or of a version that is not known */
  PTL_ERROR_IO,     /* the system refused; the message has its name and text (EACCES ...) */
  PTL_ERROR_LIMIT   /* a named limit was reached */
} PtlError;

GQuark ptl_error_quark (void);

/* Sets @error to PTL_ERROR_IO: "<what>: <text of the system> (<NAME>)", as in
 * "open /x: Permission denied (EACCES)".  Thread-safe. */
void ptl_error_set_errno (GError    **error,
                          int         sys_errno,
                          const char *format,
                          ...) G_GNUC_PRINTF (3, 4);

/* The symbol of an errno value: "ECONNREFUSED"; "E123" where it has no name.  Static text. */
const char *ptl_errno_name (int sys_errno);

G_END_DECLS
