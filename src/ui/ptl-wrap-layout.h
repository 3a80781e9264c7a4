/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lays children out in a line, and in several where one is not wide enough.  AdwWrapBox does this
 * since libadwaita 1.7. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For the "layout-manager" of a box or a stack switcher.  A child that expands goes without what it
 * wants beyond half of the width before a line is broken; others keep their natural width while
 * there is room.
 *
 * Properties: "spacing" (int, px: between children and between lines), "fill" (boolean: the
 * children of a line fill it, by equal widths where these are enough).  Children that are linked
 * are shown apart while they are in several lines. */
#define PTL_TYPE_WRAP_LAYOUT (ptl_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (PtlWrapLayout, ptl_wrap_layout, PTL, WRAP_LAYOUT, GtkLayoutManager)

G_END_DECLS
