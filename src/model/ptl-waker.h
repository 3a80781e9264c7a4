/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wakes the main loop from any thread, once until it has looked. */
#pragma once

#include <stdbool.h>

#include <glib.h>

G_BEGIN_DECLS

typedef struct _PtlWaker PtlWaker;

/* NULL with @error: no descriptor. */
PtlWaker *ptl_waker_new    (GError  **error);
/* Any thread. */
PtlWaker *ptl_waker_ref    (PtlWaker *waker);
void      ptl_waker_unref  (PtlWaker *waker);
/* Any thread; @data is the waker, so that it can be a callback. */
void      ptl_waker_wake   (void     *data);
/* The descriptor that is readable then, borrowed. */
int       ptl_waker_get_fd (PtlWaker *waker);
/* It was readable: what comes from here on wakes again.  False: it will not be any more. */
bool      ptl_waker_read   (PtlWaker *waker);

G_END_DECLS
