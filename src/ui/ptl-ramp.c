/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a list view, a few more in each frame. */
#include "config.h"

#include "ui/ptl-ramp.h"

#include "model/ptl-part-list.h"

#define ROWS 16
#define END_ROWS 200 /* what a GtkListView has widgets for */
#define JUMP_ROWS_MIN 8

struct _PtlRamp
{
  GObject      parent_instance;

  GtkWidget   *widget; /* borrowed, NULL once it is gone */
  PtlPartList *rows;   /* owned */
  guint        tick;
  guint        size;   /* of the rows, as we set it: it is another one after a jump */
  bool         held;   /* while the widget is not to be seen */
};

G_DEFINE_FINAL_TYPE (PtlRamp, ptl_ramp, G_TYPE_OBJECT)

enum
{
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_size (PtlRamp *self,
          guint    size)
{
  self->size = size;
  ptl_part_list_set_size (self->rows, size);
}

static gboolean
on_tick_cb (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       data)
{
  PtlRamp *self = data;
  guint size = ptl_part_list_get_size (self->rows);

  /* It has jumped in this frame. */
  if (size != self->size)
    {
      self->size = size;
      return G_SOURCE_CONTINUE;
    }
  if (size < END_ROWS)
    {
      set_size (self, size + ROWS);
      return G_SOURCE_CONTINUE;
    }
  self->tick = 0;
  set_size (self, G_MAXUINT);
  g_signal_emit (self, signals[ENDED], 0);
  return G_SOURCE_REMOVE;
}

static void
stop (PtlRamp *self)
{
  if (self->tick != 0 && self->widget != NULL)
    gtk_widget_remove_tick_callback (self->widget, self->tick);
  self->tick = 0;
}

static void
on_unmap_cb (PtlRamp *self)
{
  stop (self);
  self->held = true;
  ptl_part_list_set_held (self->rows, true);
}

static void
on_map_cb (PtlRamp *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->rows));

  self->held = false;
  if (n < END_ROWS)
    set_size (self, MAX (n, ROWS));
  ptl_part_list_set_held (self->rows, false);
  ptl_ramp_take_rows (self);
}

static void
ptl_ramp_dispose (GObject *object)
{
  PtlRamp *self = PTL_RAMP (object);

  stop (self);
  if (self->widget != NULL)
    g_signal_handlers_disconnect_by_data (self->widget, self);
  g_clear_weak_pointer (&self->widget);
  g_clear_object (&self->rows);
  G_OBJECT_CLASS (ptl_ramp_parent_class)->dispose (object);
}

static void
ptl_ramp_class_init (PtlRampClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ptl_ramp_dispose;

  signals[ENDED] = g_signal_new ("ended", PTL_TYPE_RAMP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
ptl_ramp_init (PtlRamp *self)
{
}

PtlRamp *
ptl_ramp_new (GtkWidget *widget,
              bool       last)
{
  PtlRamp *self = g_object_new (PTL_TYPE_RAMP, NULL);

  g_set_weak_pointer (&self->widget, widget);
  self->size = ROWS;
  self->rows = ptl_part_list_new (ROWS, last);
  return self;
}

void
ptl_ramp_hold_hidden (PtlRamp *self)
{
  g_return_if_fail (PTL_IS_RAMP (self));

  g_signal_connect_swapped (self->widget, "map", G_CALLBACK (on_map_cb), self);
  g_signal_connect_swapped (self->widget, "unmap", G_CALLBACK (on_unmap_cb), self);
  if (!gtk_widget_get_mapped (self->widget))
    on_unmap_cb (self);
}

GListModel *
ptl_ramp_get_rows (PtlRamp *self)
{
  g_return_val_if_fail (PTL_IS_RAMP (self), NULL);
  return G_LIST_MODEL (self->rows);
}

void
ptl_ramp_set_model (PtlRamp    *self,
                    GListModel *model)
{
  g_return_if_fail (PTL_IS_RAMP (self));

  ptl_part_list_set_model (self->rows, NULL);
  set_size (self, ROWS);
  ptl_part_list_set_model (self->rows, model);
  if (model != NULL)
    ptl_ramp_take_rows (self);
}

GListModel *
ptl_ramp_get_model (PtlRamp *self)
{
  g_return_val_if_fail (PTL_IS_RAMP (self), NULL);
  return ptl_part_list_get_model (self->rows);
}

void
ptl_ramp_take_rows (PtlRamp *self)
{
  GListModel *model;
  guint n;

  g_return_if_fail (PTL_IS_RAMP (self));

  model = ptl_part_list_get_model (self->rows);
  n = model != NULL ? g_list_model_get_n_items (model) : 0;
  if (n == 0)
    {
      stop (self);
      set_size (self, ROWS);
    }
  else if (n > ptl_part_list_get_size (self->rows) && self->tick == 0 && self->widget != NULL &&
           !self->held)
    self->tick = gtk_widget_add_tick_callback (self->widget, on_tick_cb, self, NULL);
}

void
ptl_ramp_set_jump (PtlRamp *self,
                   guint    n_in_sight)
{
  g_return_if_fail (PTL_IS_RAMP (self));

  if (n_in_sight != G_MAXUINT)
    n_in_sight = CLAMP (n_in_sight, JUMP_ROWS_MIN, END_ROWS);
  ptl_part_list_set_jump (self->rows, n_in_sight);
}

void
ptl_ramp_show_all (PtlRamp *self)
{
  g_return_if_fail (PTL_IS_RAMP (self));

  set_size (self, G_MAXUINT);
}

bool
ptl_ramp_is_running (PtlRamp *self)
{
  g_return_val_if_fail (PTL_IS_RAMP (self), false);
  return self->tick != 0;
}
