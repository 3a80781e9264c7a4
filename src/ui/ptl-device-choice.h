/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which interface of this computer: what a drop-down offers.  While that is seen they are read
 * again and again, for cables are pulled and interfaces made. */
#pragma once

#include <gtk/gtk.h>

#include "probe/ptl-hear.h"

G_BEGIN_DECLS

/* Signal "changed": the interfaces were read. */
#define PTL_TYPE_DEVICE_CHOICE (ptl_device_choice_get_type ())
G_DECLARE_FINAL_TYPE (PtlDeviceChoice, ptl_device_choice, PTL, DEVICE_CHOICE, GObject)

/* @drop is to outlive it; with @any its first entry leaves it to the route. */
PtlDeviceChoice *ptl_device_choice_new    (GtkDropDown     *drop,
                                           gboolean         any);
/* The name of the one that is chosen, "" for none; until they are read again. */
const char      *ptl_device_choice_get    (PtlDeviceChoice *self);
/* The one that is chosen; NULL for none. */
const PtlHearInterface *ptl_device_choice_get_interface (PtlDeviceChoice *self);
/* At once, or when they have been read; left alone where there is none of that name, which is then
 * told by FALSE. */
gboolean         ptl_device_choice_select (PtlDeviceChoice *self,
                                           const char      *name);

G_END_DECLS
