/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells that one of a few files was written, replaced, made or removed (inotify(7)).  Both the file
 * and its folder are watched: a file is often replaced by a new one of its name, and in a container
 * it is often a mount of its own, whose folder tells nothing.  One thread; nothing here waits. */
#pragma once

#include <stdbool.h>

#include <glib.h>

G_BEGIN_DECLS

#define PTL_FILE_WATCH_MAX 16 /* files */

typedef struct _PtlFileWatch PtlFileWatch;

/* @paths: absolute, ends with NULL, copied.  NULL and errno when the kernel has no more watchers
 * to give. */
PtlFileWatch *ptl_file_watch_new    (const char *const *paths);
void          ptl_file_watch_free   (PtlFileWatch *watch); /* NULL is fine */
/* To be polled for reading; the watch's. */
int           ptl_file_watch_get_fd (PtlFileWatch *watch);
/* When it is readable: takes what is there.  True when it is about one of the files. */
bool          ptl_file_watch_drain  (PtlFileWatch *watch);

G_END_DECLS
