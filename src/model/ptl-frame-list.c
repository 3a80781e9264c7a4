/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a log as rows.
 *
 *    frames of the log   0 ...... first ............................ committed
 *    places              those from first on that the filter lets through: 0 ... n_frames
 *    rows                places window_start ... window_start + n_rows
 *
 * While it glides, the window moves by as many frames as come.
 *
 * Nothing is kept per row but the objects of those that are shown. */
#include "config.h"

#include "model/ptl-frame-list.h"

#include "model/ptl-fault-text.h"

#define GLIDE_FRAMES 8    /* more at once than a person sees come: it begins to glide over them */
#define GLIDE_ON_FRAMES 3 /* as many are enough for that soon after it has glided */
#define GLIDE_ROWS 256    /* fewer rows than this do not glide: they may not fill the view yet */
#define GLIDE_MS 1000     /* the longest time between two rests */

struct _PtlFrameList
{
  GObject    parent_instance;

  PtlLog    *log;    /* a reference, or NULL */
  PtlFilter *filter; /* owned, or NULL: all frames */
  PtlScan   *scan;   /* owned; with a log and a filter */
  uint64_t   scan_first;

  void     (*wake) (void *data);
  void      *wake_data;

  uint64_t   first;
  uint64_t   n_taken; /* frames of the log, at the last sync */
  uint64_t   frozen_at;
  bool       frozen;

  bool        may_glide;
  uint64_t    glided;      /* frames since the last rest */
  gint64      glided_us;   /* when last */
  guint       rest_source; /* while it glides */
  GHashTable *items;       /* all PtlFrameItem that live */

  /* What others were told */
  uint64_t   n_frames;
  uint64_t   window_start;
  guint      n_rows;
  bool       scanning;
};

enum
{
  PROP_0,
  PROP_N_FRAMES,
  PROP_WINDOW_START,
  PROP_SCANNING,
  N_PROPS
};

enum
{
  SIGNAL_GLIDED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PtlFrameList, ptl_frame_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return PTL_TYPE_FRAME_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return PTL_FRAME_LIST (model)->n_rows;
}

static void
on_item_gone_cb (gpointer data,
                 GObject *item)
{
  g_hash_table_remove (data, item);
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PtlFrameList *self = PTL_FRAME_LIST (model);
  uint64_t      place = self->window_start + position;
  uint64_t      number = self->first + place;
  PtlFrameItem *item;

  if (position >= self->n_rows)
    return NULL;
  if (self->scan != NULL)
    {
      number = ptl_scan_get_nth (self->scan, ptl_scan_get_rank (self->scan, self->first) + place);
      g_return_val_if_fail (number != UINT64_MAX, NULL);
    }
  item = ptl_frame_item_new (self->log, number);
  g_hash_table_add (self->items, item);
  g_object_weak_ref (G_OBJECT (item), on_item_gone_cb, self->items);
  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
ptl_frame_list_dispose (GObject *object)
{
  PtlFrameList *self = PTL_FRAME_LIST (object);

  /* No wake comes afterwards. */
  g_clear_pointer (&self->scan, ptl_scan_free);
  g_clear_pointer (&self->filter, ptl_filter_free);
  g_clear_handle_id (&self->rest_source, g_source_remove);
  G_OBJECT_CLASS (ptl_frame_list_parent_class)->dispose (object);
}

static void
ptl_frame_list_finalize (GObject *object)
{
  PtlFrameList  *self = PTL_FRAME_LIST (object);
  GHashTableIter iter;
  gpointer       item;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    g_object_weak_unref (item, on_item_gone_cb, self->items);
  g_hash_table_unref (self->items);
  g_clear_pointer (&self->log, ptl_log_unref);
  G_OBJECT_CLASS (ptl_frame_list_parent_class)->finalize (object);
}

static void
ptl_frame_list_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PtlFrameList *self = PTL_FRAME_LIST (object);

  switch (prop_id)
    {
    case PROP_N_FRAMES:
      g_value_set_uint64 (value, self->n_frames);
      break;
    case PROP_WINDOW_START:
      g_value_set_uint64 (value, self->window_start);
      break;
    case PROP_SCANNING:
      g_value_set_boolean (value, self->scanning);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_frame_list_class_init (PtlFrameListClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = ptl_frame_list_dispose;
  object_class->finalize = ptl_frame_list_finalize;
  object_class->get_property = ptl_frame_list_get_property;

  props[PROP_N_FRAMES] = g_param_spec_uint64 ("n-frames", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_WINDOW_START] =
    g_param_spec_uint64 ("window-start", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_SCANNING] = g_param_spec_boolean ("scanning", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[SIGNAL_GLIDED] =
    g_signal_new ("glided", PTL_TYPE_FRAME_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
ptl_frame_list_init (PtlFrameList *self)
{
  self->items = g_hash_table_new (NULL, NULL);
}

PtlFrameList *
ptl_frame_list_new (PtlLog *log)
{
  PtlFrameList *self = g_object_new (PTL_TYPE_FRAME_LIST, NULL);

  if (log != NULL)
    ptl_frame_list_set_log (self, log);
  return self;
}

/* In the scan's thread. */
static void
on_scan_progress (void *data)
{
  PtlFrameList *self = data;

  if (self->wake != NULL)
    self->wake (self->wake_data);
}

static void
restart_scan (PtlFrameList *self)
{
  g_clear_pointer (&self->scan, ptl_scan_free);
  if (self->log == NULL || self->filter == NULL)
    return;
  self->scan_first = self->first;
  self->scan = ptl_scan_new (self->log, ptl_filter_dup (self->filter), self->first,
                             on_scan_progress, self);
}

/* How many places there are now, and whether there may be more in what was committed. */
static uint64_t
count_places (PtlFrameList *self,
              bool         *scanning)
{
  uint64_t limit;
  uint64_t scanned;

  *scanning = false;
  if (self->log == NULL)
    return 0;

  self->n_taken = ptl_log_get_n_frames (self->log);
  limit = self->frozen ? MIN (self->n_taken, self->frozen_at) : self->n_taken;
  if (limit <= self->first)
    return 0;
  if (self->scan == NULL)
    return limit - self->first;

  ptl_scan_get_n (self->scan, &scanned);
  if (scanned < self->n_taken)
    ptl_scan_wake (self->scan);
  *scanning = scanned < limit;
  return ptl_scan_get_rank (self->scan, limit) - ptl_scan_get_rank (self->scan, self->first);
}

/* Ends a glide: the rows of the frames that it went over come before those that are there.  Those
 * that find no room stay before the window. */
static void
rest (PtlFrameList *self)
{
  guint n_added = (guint) MIN (self->glided, PTL_FRAME_LIST_MAX - self->n_rows);
  bool  is_other_start = n_added < self->glided;

  g_clear_handle_id (&self->rest_source, g_source_remove);
  if (self->glided == 0)
    return;

  self->glided = 0;
  self->window_start -= n_added;
  self->n_rows += n_added;
  if (n_added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, n_added);
  g_signal_emit (self, signals[SIGNAL_GLIDED], 0, TRUE);
  if (is_other_start)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WINDOW_START]);
}

static gboolean
on_rest_cb (gpointer data)
{
  PtlFrameList *self = data;

  self->rest_source = 0;
  rest (self);
  return G_SOURCE_REMOVE;
}

static bool
can_glide (PtlFrameList *self,
           uint64_t      by)
{
  bool  soon = g_get_monotonic_time () - self->glided_us < GLIDE_MS * 1000;
  guint least = soon ? GLIDE_ON_FRAMES : GLIDE_FRAMES;

  return self->may_glide && by >= least && self->n_rows >= GLIDE_ROWS &&
         self->scan == NULL && self->window_start + self->n_rows == self->n_frames;
}

/* Row objects become those of the frames @by later; earlier, where that wraps around. */
static void
glide_items (PtlFrameList *self,
             uint64_t      by)
{
  GHashTableIter iter;
  gpointer       item;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    ptl_frame_item_glide (item, by);
}

static void
glide (PtlFrameList *self,
       uint64_t      by)
{
  self->n_frames += by;
  self->window_start += by;
  self->glided += by;
  self->glided_us = g_get_monotonic_time ();
  glide_items (self, by);
  if (self->rest_source == 0)
    self->rest_source = g_timeout_add (GLIDE_MS, on_rest_cb, self);
  g_signal_emit (self, signals[SIGNAL_GLIDED], 0, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_FRAMES]);
}

/* Makes this what is shown, and tells of it: the rows first, then the properties.  All rows are
 * new ones where @whole; else rows may come or go at the end. */
static void
show (PtlFrameList *self,
      uint64_t      n_frames,
      uint64_t      window_start,
      bool          scanning,
      bool          whole)
{
  guint n_rows = (guint) MIN (n_frames - window_start, PTL_FRAME_LIST_MAX);
  guint n_rows_before = self->n_rows;
  bool  is_other_n = n_frames != self->n_frames;
  bool  is_other_start = window_start != self->window_start;
  bool  is_other_scanning = scanning != self->scanning;

  self->n_frames = n_frames;
  self->window_start = window_start;
  self->n_rows = n_rows;
  self->scanning = scanning;
  self->glided = 0;

  if (whole && (n_rows_before > 0 || n_rows > 0))
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_rows_before, n_rows);
  else if (n_rows > n_rows_before)
    g_list_model_items_changed (G_LIST_MODEL (self), n_rows_before, 0, n_rows - n_rows_before);
  else if (n_rows < n_rows_before)
    g_list_model_items_changed (G_LIST_MODEL (self), n_rows, n_rows_before - n_rows, 0);

  if (is_other_start)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WINDOW_START]);
  if (is_other_n)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_FRAMES]);
  if (is_other_scanning)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SCANNING]);
}

/* From the first place on, after what is shown became another thing. */
static void
show_anew (PtlFrameList *self)
{
  bool     scanning;
  uint64_t n_frames = count_places (self, &scanning);

  show (self, n_frames, 0, scanning, true);
}

void
ptl_frame_list_set_log (PtlFrameList *self,
                        PtlLog       *log)
{
  g_return_if_fail (PTL_IS_FRAME_LIST (self));
  g_return_if_fail (log != NULL && self->log == NULL);

  self->log = ptl_log_ref (log);
  restart_scan (self);
  show_anew (self);
}

void
ptl_frame_list_set_wake (PtlFrameList *self,
                         void        (*wake) (void *data),
                         void         *data)
{
  g_return_if_fail (PTL_IS_FRAME_LIST (self));

  /* No thread reads them while they change, nor calls the former afterwards. */
  g_clear_pointer (&self->scan, ptl_scan_free);
  self->wake = wake;
  self->wake_data = data;
  if (self->log != NULL && self->filter != NULL)
    {
      restart_scan (self);
      show_anew (self);
    }
}

bool
ptl_frame_list_sync (PtlFrameList *self)
{
  uint64_t n_frames;
  bool     scanning;

  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), false);

  n_frames = count_places (self, &scanning);
  if (n_frames == self->n_frames && scanning == self->scanning)
    return false;
  if (n_frames < self->n_frames)
    show (self, n_frames, 0, scanning, true);
  else if (can_glide (self, n_frames - self->n_frames))
    glide (self, n_frames - self->n_frames);
  else
    {
      rest (self);
      show (self, n_frames, self->window_start, scanning, false);
    }
  return true;
}

void
ptl_frame_list_set_may_glide (PtlFrameList *self,
                              bool          may_glide)
{
  g_return_if_fail (PTL_IS_FRAME_LIST (self));

  self->may_glide = may_glide;
  if (!may_glide)
    rest (self);
}

bool
ptl_frame_list_is_gliding (PtlFrameList *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), false);
  return self->glided > 0;
}

void
ptl_frame_list_set_frozen (PtlFrameList *self,
                           bool          frozen)
{
  g_return_if_fail (PTL_IS_FRAME_LIST (self));

  if (frozen == self->frozen)
    return;
  rest (self);
  self->frozen = frozen;
  self->frozen_at = self->n_taken;
}

bool
ptl_frame_list_get_frozen (PtlFrameList *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), false);
  return self->frozen;
}

void
ptl_frame_list_take_filter (PtlFrameList *self,
                            PtlFilter    *filter)
{
  g_return_if_fail (PTL_IS_FRAME_LIST (self));

  if (filter != NULL && ptl_filter_is_all (filter))
    g_clear_pointer (&filter, ptl_filter_free);
  if (filter == NULL && self->filter == NULL)
    return;

  g_clear_pointer (&self->filter, ptl_filter_free);
  self->filter = filter;
  if (filter != NULL)
    ptl_filter_set_event_text (filter, ptl_event_to_text);
  restart_scan (self);
  show_anew (self);
}

void
ptl_frame_list_set_first (PtlFrameList *self,
                          uint64_t      first)
{
  g_return_if_fail (PTL_IS_FRAME_LIST (self));

  if (first == self->first)
    return;
  self->first = first;
  if (self->scan != NULL && first < self->scan_first)
    restart_scan (self);
  show_anew (self);
}

uint64_t
ptl_frame_list_get_first (PtlFrameList *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), 0);
  return self->first;
}

uint64_t
ptl_frame_list_get_n_frames (PtlFrameList *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), 0);
  return self->n_frames;
}

uint64_t
ptl_frame_list_get_window_start (PtlFrameList *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), 0);
  return self->window_start;
}

/* The rows stay, with all that shows them, and become those of other frames; a filter's are not so
 * many frames apart from each other as they are rows. */
static void
slide (PtlFrameList *self,
       uint64_t      window_start)
{
  bool keeps_rows = self->scan == NULL;

  if (keeps_rows)
    glide_items (self, window_start - self->window_start);
  show (self, self->n_frames, window_start, self->scanning, !keeps_rows);
  if (keeps_rows)
    g_signal_emit (self, signals[SIGNAL_GLIDED], 0, TRUE);
}

/* The rows before @window_start go, the others are those that they were. */
static void
drop_rows_before (PtlFrameList *self,
                  uint64_t      window_start)
{
  guint n_gone = (guint) (window_start - self->window_start);

  self->window_start = window_start;
  self->n_rows -= n_gone;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_gone, 0);
  show (self, self->n_frames, window_start, self->scanning, false);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_WINDOW_START]);
}

guint
ptl_frame_list_reveal (PtlFrameList *self,
                       uint64_t      place)
{
  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), 0);

  if (self->n_frames == 0)
    return 0;
  rest (self);
  place = MIN (place, self->n_frames - 1);
  if (place < self->window_start || place - self->window_start >= self->n_rows)
    {
      uint64_t last_start = self->n_frames - MIN (self->n_frames, PTL_FRAME_LIST_MAX);
      uint64_t start = place - MIN (place, PTL_FRAME_LIST_MAX / 2);

      slide (self, MIN (start, last_start));
    }
  return (guint) (place - self->window_start);
}

void
ptl_frame_list_reveal_end (PtlFrameList *self)
{
  uint64_t start;

  g_return_if_fail (PTL_IS_FRAME_LIST (self));

  if (self->window_start + self->n_rows >= self->n_frames)
    return;
  /* Half of the window is left to grow into: it slides again after as many frames, not at each. */
  start = self->n_frames - PTL_FRAME_LIST_MAX / 2;
  if (start > self->window_start && start < self->window_start + self->n_rows)
    drop_rows_before (self, start);
  else
    slide (self, start);
}

uint64_t
ptl_frame_list_get_place (PtlFrameList *self,
                          uint64_t      number)
{
  uint64_t place;

  g_return_val_if_fail (PTL_IS_FRAME_LIST (self), 0);

  if (number <= self->first)
    return 0;
  if (self->scan != NULL)
    place = ptl_scan_get_rank (self->scan, number) - ptl_scan_get_rank (self->scan, self->first);
  else
    place = number - self->first;
  return MIN (place, self->n_frames);
}
