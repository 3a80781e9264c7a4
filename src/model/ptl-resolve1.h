/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The properties of systemd-resolved on the system bus (org.freedesktop.resolve1(5)), kept up to
 * date while it runs; it is never started.  Main thread; waits for nobody. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PTL_TYPE_RESOLVE1 (ptl_resolve1_get_type ())
G_DECLARE_FINAL_TYPE (PtlResolve1, ptl_resolve1, PTL, RESOLVE1, GObject)

/* Signal "changed": it has answered, came or went; or there is no bus. */
PtlResolve1 *ptl_resolve1_new           (void);
/* Asks for all of them again. */
void         ptl_resolve1_ask           (PtlResolve1 *self);
/* Owned; NULL: it is not there, or not of that type.  Hostile. */
GVariant    *ptl_resolve1_get           (PtlResolve1 *self,
                                         const char  *name,
                                         const char  *type);
gboolean     ptl_resolve1_has_answered  (PtlResolve1 *self);
gboolean     ptl_resolve1_is_running    (PtlResolve1 *self);
/* Whether it was found out, one way or the other. */
gboolean     ptl_resolve1_has_looked    (PtlResolve1 *self);
/* Borrowed, NULL: it runs and does not answer for this reason; safe to show. */
const char  *ptl_resolve1_get_error     (PtlResolve1 *self);
/* Borrowed, NULL: why there is no bus. */
const char  *ptl_resolve1_get_bus_error (PtlResolve1 *self);

G_END_DECLS
