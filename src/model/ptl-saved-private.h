/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the list of saved sessions needs of its items.  Main thread only. */
#pragma once

#include "model/ptl-saved.h"

G_BEGIN_DECLS

struct _PtlSavedItem
{
  GObject  parent_instance;

  PtlSpec *spec;
  char    *uri;
  char    *title;
  char    *name; /* NULL: a recent one */
};

/* Takes @name (NULL: a recent one). */
PtlSavedItem *ptl_saved_item_new   (const PtlSpec *spec,
                                    char          *name);
/* A GEqualFunc: the same role and URI. */
gboolean      ptl_saved_item_equal (gconstpointer one,
                                    gconstpointer other);

G_END_DECLS
