/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items of a list model that are places in it, for lists of which much changes at once.
 *
 * A list view throws the widgets of a row away when its item goes, and making them again takes most
 * of a millisecond, for 200 rows.  So an item is a place: after another search, or in another
 * order, it stands for another row, and says so by its signal "changed"; a list that becomes longer
 * or shorter does so a few rows at a time, between two frames.  What each place stands for is the
 * model's business; here is kept which items are looked at, where they are, and what is still to be
 * told.
 *
 * Main thread only. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PTL_PLACES_FIRST_ROWS 24u  /* told of at once */
#define PTL_PLACES_STEP_ROWS 6u    /* then so many at a time */
#define PTL_PLACES_SHRINK_ROWS 24u /* or so many that are looked at, fewer */
#define PTL_PLACES_VIEW_ROWS 210u  /* more than these have no widgets */
#define PTL_PLACES_NONE G_MAXUINT

typedef struct _PtlPlaces PtlPlaces;

/* The list tells of all rows, and of all that changed; NULL when nobody wants to know. */
typedef void (*PtlPlacesSettled) (gpointer model);

/* @model is borrowed, and owns the result. */
PtlPlaces  *ptl_places_new        (GListModel       *model,
                                   PtlPlacesSettled  settled);
void        ptl_places_free       (PtlPlaces        *self);

/* How many rows the list tells of: the model's get_n_items(). */
guint       ptl_places_get_n      (PtlPlaces        *self);
/* The item that stands for @place, a reference; NULL: nobody looks at it. */
gpointer    ptl_places_dup_item   (PtlPlaces        *self,
                                   guint             place);
/* A new one, or with PTL_PLACES_NONE one that stands for none.  Not taken: it is forgotten when the
 * last one lets go of it. */
void        ptl_places_add        (PtlPlaces        *self,
                                   guint             place,
                                   gpointer          item);
/* The place of a live item, or PTL_PLACES_NONE. */
guint       ptl_places_find       (PtlPlaces        *self,
                                   gpointer          item);
/* All live items -> their places, or PTL_PLACES_NONE; borrowed. */
GHashTable *ptl_places_get_live   (PtlPlaces        *self);

/* Emits items-changed; items behind @at move on, those that are removed have no place. */
void        ptl_places_tell       (PtlPlaces        *self,
                                   guint             at,
                                   guint             n_removed,
                                   guint             n_added);
/* @item says something else: "changed" is due, once however often it was before that. */
void        ptl_places_change     (PtlPlaces        *self,
                                   gpointer          item);
/* There are @n rows: tells of as many of them, or as many fewer, as may be told at once. */
void        ptl_places_resize     (PtlPlaces        *self,
                                   guint             n);
/* There are @n rows: tells the first that changed, and the rest between the next frames. */
void        ptl_places_go_on      (PtlPlaces        *self,
                                   guint             n);
/* Nothing is left to be told. */
gboolean    ptl_places_is_settled (PtlPlaces        *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtlPlaces, ptl_places_free)

G_END_DECLS
