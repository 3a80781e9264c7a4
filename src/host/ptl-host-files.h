/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small files in which a computer is described: os-release(5), machine-info(5), hostname(5).
 * What they say is hostile: what comes out is one line that is safe to show. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

G_BEGIN_DECLS

#define PTL_HOST_FILE_MAX (64 * 1024) /* bytes that are read of such a file */
#define PTL_HOST_VALUE_MAX 256        /* characters of a value that are kept */

/* The value of @key in a file of assignments as a shell reads them (quotes, backslashes; the last
 * one counts).  @text need not end in a NUL and may hold some.  Owned; NULL when it is not there,
 * is empty or its quotes do not close.  Any thread. */
char *ptl_host_files_find     (const char *text,
                               size_t      len_bytes,
                               const char *key);
/* The first line that is no comment; owned, NULL when there is none. */
char *ptl_host_files_hostname (const char *text,
                               size_t      len_bytes);

/* At most PTL_HOST_FILE_MAX bytes of a file, with a NUL behind them; owned, NULL and errno when it
 * cannot be read.  Does not wait for a FIFO; not in the main thread nevertheless. */
char *ptl_host_files_read     (const char *path,
                               size_t     *len_bytes);

G_END_DECLS
