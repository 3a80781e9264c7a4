/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brings values from other threads to the main context: many at a time, with one wake-up. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _PtlBridge PtlBridge;

/* @payload is the callee's. */
typedef void (*PtlBridgeFunc) (gpointer payload,
                               gpointer data);

/* Delivers to the thread-default context of the caller. */
PtlBridge *ptl_bridge_new   (void);
/* Any thread, does not wait. */
void       ptl_bridge_post  (PtlBridge     *bridge,
                             PtlBridgeFunc  func,
                             gpointer       payload,
                             GDestroyNotify free_payload,
                             gpointer       data,
                             GDestroyNotify free_data);
/* Nothing is delivered any more, what waits is freed; nobody may post after it.  NULL is fine. */
void       ptl_bridge_close (PtlBridge     *bridge);

G_END_DECLS
