/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The items of a list model that are places in it. */
#include "config.h"

#include "model/ptl-places.h"

struct _PtlPlaces
{
  GListModel       *model;    /* borrowed */
  PtlPlacesSettled  settled;
  GHashTable       *live;     /* item, not owned -> place, or PTL_PLACES_NONE */
  GHashTable       *places;   /* place -> item, not owned */
  GPtrArray        *pending;  /* items that say something else, and have not told yet; each once */
  guint             n_shown;  /* the list tells of so many */
  guint             n_wanted;
  guint             more_id;  /* there is something to be told */
};

/* --- which are looked at ---------------------------------------------------------------------- */

static void
on_item_gone_cb (gpointer  data,
                 GObject  *item)
{
  PtlPlaces *self = data;
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->live, item));

  if (g_hash_table_lookup (self->places, GUINT_TO_POINTER (place)) == item)
    g_hash_table_remove (self->places, GUINT_TO_POINTER (place));
  g_hash_table_remove (self->live, item);
}

guint
ptl_places_get_n (PtlPlaces *self)
{
  return self->n_shown;
}

gpointer
ptl_places_dup_item (PtlPlaces *self,
                     guint      place)
{
  GObject *item = g_hash_table_lookup (self->places, GUINT_TO_POINTER (place));

  return item != NULL ? g_object_ref (item) : NULL;
}

void
ptl_places_add (PtlPlaces *self,
                guint      place,
                gpointer   item)
{
  g_hash_table_insert (self->live, item, GUINT_TO_POINTER (place));
  if (place != PTL_PLACES_NONE)
    g_hash_table_insert (self->places, GUINT_TO_POINTER (place), item);
  g_object_weak_ref (item, on_item_gone_cb, self);
}

guint
ptl_places_find (PtlPlaces *self,
                 gpointer   item)
{
  gpointer place;

  return g_hash_table_lookup_extended (self->live, item, NULL, &place) ? GPOINTER_TO_UINT (place)
                                                                       : PTL_PLACES_NONE;
}

GHashTable *
ptl_places_get_live (PtlPlaces *self)
{
  return self->live;
}

/* --- telling ---------------------------------------------------------------------------------- */

/* Rows behind @at are so many places further on; those that are removed have none. */
static void
move_places (PtlPlaces *self,
             guint      at,
             guint      n_removed,
             guint      n_added)
{
  GHashTableIter iter;
  gpointer item, value;

  g_hash_table_remove_all (self->places);
  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &item, &value))
    {
      guint place = GPOINTER_TO_UINT (value);

      if (place == PTL_PLACES_NONE)
        continue;
      if (place >= at + n_removed)
        place = place - n_removed + n_added;
      else if (place >= at)
        place = PTL_PLACES_NONE;
      g_hash_table_iter_replace (&iter, GUINT_TO_POINTER (place));
      if (place != PTL_PLACES_NONE)
        g_hash_table_insert (self->places, GUINT_TO_POINTER (place), item);
    }
}

void
ptl_places_tell (PtlPlaces *self,
                 guint      at,
                 guint      n_removed,
                 guint      n_added)
{
  if (n_removed == 0 && n_added == 0)
    return;
  self->n_shown = self->n_shown - n_removed + n_added;
  move_places (self, at, n_removed, n_added);
  g_list_model_items_changed (self->model, at, n_removed, n_added);
}

void
ptl_places_change (PtlPlaces *self,
                   gpointer   item)
{
  /* No more are pending than are looked at. */
  if (!g_ptr_array_find (self->pending, item, NULL))
    g_ptr_array_add (self->pending, g_object_ref (item));
}

/* The last first: they are taken from the end. */
static int
compare_places (gconstpointer a,
                gconstpointer b,
                gpointer      data)
{
  PtlPlaces *self = data;
  guint x = GPOINTER_TO_UINT (g_hash_table_lookup (self->live, *(gpointer *) a));
  guint y = GPOINTER_TO_UINT (g_hash_table_lookup (self->live, *(gpointer *) b));

  return (x < y) - (x > y);
}

/* Whom this tells may let go of items. */
static void
tell_changed (PtlPlaces *self,
              guint      n)
{
  while (n > 0 && self->pending->len > 0)
    {
      g_autoptr (GObject) item = g_ptr_array_steal_index (self->pending, self->pending->len - 1);

      n -= ptl_places_find (self, item) != PTL_PLACES_NONE;
      g_signal_emit_by_name (item, "changed");
    }
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  guint x = GPOINTER_TO_UINT (*(gpointer *) a), y = GPOINTER_TO_UINT (*(gpointer *) b);

  return (x > y) - (x < y);
}

/* Some of the rows behind @n go: the last of those that somebody looks at, and all others. */
static void
shrink (PtlPlaces *self,
        guint      n)
{
  g_autoptr (GArray) looked_at = g_array_new (FALSE, FALSE, sizeof (gpointer));
  GHashTableIter iter;
  gpointer place;
  guint n_kept;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, &place, NULL))
    if (GPOINTER_TO_UINT (place) >= n)
      g_array_append_val (looked_at, place);
  g_array_sort (looked_at, compare_numbers);
  n_kept = looked_at->len - MIN (looked_at->len, PTL_PLACES_SHRINK_ROWS);
  /* From the end, so that the places of the others stay what they are. */
  for (guint left = n_kept, end = self->n_shown; end > n; left--)
    {
      guint at = left > 0 ? GPOINTER_TO_UINT (g_array_index (looked_at, gpointer, left - 1)) + 1
                          : n;

      ptl_places_tell (self, at, end - at, 0);
      end = at - (left > 0);
    }
}

void
ptl_places_resize (PtlPlaces *self,
                   guint      n)
{
  if (self->n_shown > n)
    shrink (self, n);
  else if (self->n_shown >= PTL_PLACES_VIEW_ROWS)
    ptl_places_tell (self, self->n_shown, 0, n - self->n_shown);
  else if (self->n_shown < PTL_PLACES_FIRST_ROWS)
    ptl_places_tell (self, self->n_shown, 0, MIN (PTL_PLACES_FIRST_ROWS, n) - self->n_shown);
}

/* A few rows more or fewer, or a few that say something else, between two frames. */
static gboolean
on_more_cb (gpointer data)
{
  PtlPlaces *self = data;
  g_autoptr (GListModel) model = g_object_ref (self->model);

  if (self->n_shown > self->n_wanted)
    shrink (self, self->n_wanted);
  else if (self->pending->len > 0)
    tell_changed (self, PTL_PLACES_STEP_ROWS);
  else
    {
      guint n_more = self->n_wanted - self->n_shown;

      ptl_places_tell (self, self->n_shown, 0,
                       self->n_shown >= PTL_PLACES_VIEW_ROWS
                         ? n_more : MIN (PTL_PLACES_STEP_ROWS, n_more));
    }
  if (self->pending->len > 0 || self->n_shown != self->n_wanted)
    return G_SOURCE_CONTINUE;
  self->more_id = 0;
  if (self->settled != NULL)
    self->settled (model);
  return G_SOURCE_REMOVE;
}

void
ptl_places_go_on (PtlPlaces *self,
                  guint      n)
{
  self->n_wanted = n;
  g_ptr_array_sort_with_data (self->pending, compare_places, self);
  tell_changed (self, PTL_PLACES_FIRST_ROWS);
  if (self->more_id == 0 && (self->pending->len > 0 || self->n_shown != n))
    self->more_id = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_more_cb, self, NULL);
}

gboolean
ptl_places_is_settled (PtlPlaces *self)
{
  return self->more_id == 0;
}

/* --- life ------------------------------------------------------------------------------------- */

PtlPlaces *
ptl_places_new (GListModel       *model,
                PtlPlacesSettled  settled)
{
  PtlPlaces *self = g_new0 (PtlPlaces, 1);

  self->model = model;
  self->settled = settled;
  self->live = g_hash_table_new (NULL, NULL);
  self->places = g_hash_table_new (NULL, NULL);
  self->pending = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
ptl_places_free (PtlPlaces *self)
{
  GHashTableIter iter;
  gpointer item;

  if (self == NULL)
    return;
  g_clear_handle_id (&self->more_id, g_source_remove);
  g_ptr_array_unref (self->pending);
  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    g_object_weak_unref (item, on_item_gone_cb, self);
  g_hash_table_unref (self->live);
  g_hash_table_unref (self->places);
  g_free (self);
}
