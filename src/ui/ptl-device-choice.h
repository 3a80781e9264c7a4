/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drop-down of the interfaces of this computer. */
#pragma once

#include <gtk/gtk.h>

#include "probe/ptl-hear.h"

G_BEGIN_DECLS

/* Cables are pulled and interfaces made while a page is seen: how often they are read again. */
#define PTL_DEVICE_CHOICE_READ_MS 2000

/* @interfaces are of PtlHearInterface, or NULL while they are not known; with @any the first entry
 * leaves it to the route.  Keeps the one of @before that is chosen where it is still there. */
void        ptl_device_choice_fill   (GtkDropDown   *drop,
                                      GtkStringList *names,
                                      const GArray  *before,
                                      const GArray  *interfaces,
                                      gboolean       any);
/* The name of the one that is chosen, "" for none; as long as @interfaces. */
const char *ptl_device_choice_get    (GtkDropDown   *drop,
                                      const GArray  *interfaces,
                                      gboolean       any);
void        ptl_device_choice_select (GtkDropDown   *drop,
                                      const GArray  *interfaces,
                                      gboolean       any,
                                      const char    *name);
/* NULL: there is none of that name. */
const PtlHearInterface *ptl_device_choice_find (const GArray *interfaces,
                                                const char   *name);

G_END_DECLS
