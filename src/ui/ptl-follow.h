/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a scrolled list at its end while it grows, until the user scrolls away from it. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PTL_TYPE_FOLLOW (ptl_follow_get_type ())
G_DECLARE_FINAL_TYPE (PtlFollow, ptl_follow, PTL, FOLLOW, GObject)

/* Property "following" (boolean): true keeps the end in view; scrolling up makes it false, reaching
 * the end again makes it true.  Drops @scroller when that is destroyed. */
PtlFollow *ptl_follow_new           (GtkScrolledWindow *scroller);
gboolean   ptl_follow_get_following (PtlFollow *self);
void       ptl_follow_set_following (PtlFollow *self,
                                     gboolean   following);
/* Whether reaching the end takes it up again; false when the list shows only a part that does not
 * end where everything ends. */
void       ptl_follow_set_at_end    (PtlFollow *self,
                                     gboolean   at_end);

G_END_DECLS
