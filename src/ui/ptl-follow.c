/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a scrolled list at its end while it grows, until the user scrolls away from it. */
#include "config.h"

#include "ui/ptl-follow.h"

#include <stdbool.h>

struct _PtlFollow
{
  GObject        parent_instance;

  GtkWidget     *scroller;   /* borrowed, NULL once it is gone */
  GtkAdjustment *adjustment; /* owned */
  guint          tick;
  double         last_value;
  gboolean       following;
  gboolean       at_end;
};

G_DEFINE_FINAL_TYPE (PtlFollow, ptl_follow, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_FOLLOWING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static double
get_end (PtlFollow *self)
{
  return MAX (gtk_adjustment_get_lower (self->adjustment),
              gtk_adjustment_get_upper (self->adjustment) -
                gtk_adjustment_get_page_size (self->adjustment));
}

static gboolean
on_tick_cb (GtkWidget     *scroller,
            GdkFrameClock *clock,
            gpointer       data)
{
  PtlFollow *self = PTL_FOLLOW (data);

  self->tick = 0;
  if (self->following)
    gtk_adjustment_set_value (self->adjustment, get_end (self));
  return G_SOURCE_REMOVE;
}

/* The list tells of its height while it lays itself out and takes no new place then: the next frame
 * brings it. */
static void
queue_end (PtlFollow *self)
{
  if (self->tick == 0 && self->scroller != NULL &&
      gtk_adjustment_get_value (self->adjustment) < get_end (self) - 0.5)
    self->tick = gtk_widget_add_tick_callback (self->scroller, on_tick_cb, self, NULL);
}

static void
on_changed_cb (GtkAdjustment *adjustment,
               PtlFollow     *self)
{
  /* The list may have moved the value with it: that is not the user. */
  self->last_value = gtk_adjustment_get_value (adjustment);
  if (self->following)
    queue_end (self);
}

static void
on_value_changed_cb (GtkAdjustment *adjustment,
                     PtlFollow     *self)
{
  double value = gtk_adjustment_get_value (adjustment);
  bool went_up = value < self->last_value - 1;

  self->last_value = value;
  if (gtk_adjustment_get_upper (adjustment) <= gtk_adjustment_get_page_size (adjustment))
    return;
  if (value >= get_end (self) - 1)
    {
      if (self->at_end)
        ptl_follow_set_following (self, TRUE);
    }
  else if (went_up)
    ptl_follow_set_following (self, FALSE);
}

static void
ptl_follow_dispose (GObject *object)
{
  PtlFollow *self = PTL_FOLLOW (object);

  if (self->scroller != NULL)
    {
      if (self->tick != 0)
        gtk_widget_remove_tick_callback (self->scroller, self->tick);
      self->tick = 0;
      g_clear_weak_pointer (&self->scroller);
    }
  if (self->adjustment != NULL)
    g_signal_handlers_disconnect_by_data (self->adjustment, self);
  g_clear_object (&self->adjustment);

  G_OBJECT_CLASS (ptl_follow_parent_class)->dispose (object);
}

static void
ptl_follow_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PtlFollow *self = PTL_FOLLOW (object);

  switch (prop_id)
    {
    case PROP_FOLLOWING:
      g_value_set_boolean (value, self->following);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_follow_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  PtlFollow *self = PTL_FOLLOW (object);

  switch (prop_id)
    {
    case PROP_FOLLOWING:
      ptl_follow_set_following (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_follow_class_init (PtlFollowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_follow_dispose;
  object_class->get_property = ptl_follow_get_property;
  object_class->set_property = ptl_follow_set_property;

  properties[PROP_FOLLOWING] =
    g_param_spec_boolean ("following", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_follow_init (PtlFollow *self)
{
  self->following = TRUE;
  self->at_end = TRUE;
}

PtlFollow *
ptl_follow_new (GtkScrolledWindow *scroller)
{
  PtlFollow *self = g_object_new (PTL_TYPE_FOLLOW, NULL);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (scroller);

  g_set_weak_pointer (&self->scroller, GTK_WIDGET (scroller));
  self->adjustment = g_object_ref (adjustment);
  g_signal_connect (adjustment, "changed", G_CALLBACK (on_changed_cb), self);
  g_signal_connect (adjustment, "value-changed", G_CALLBACK (on_value_changed_cb), self);
  return self;
}

gboolean
ptl_follow_get_following (PtlFollow *self)
{
  g_return_val_if_fail (PTL_IS_FOLLOW (self), FALSE);

  return self->following;
}

void
ptl_follow_set_following (PtlFollow *self,
                          gboolean   following)
{
  g_return_if_fail (PTL_IS_FOLLOW (self));

  following = !!following;
  if (self->following == following)
    return;
  self->following = following;
  if (following)
    queue_end (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

void
ptl_follow_set_at_end (PtlFollow *self,
                       gboolean   at_end)
{
  g_return_if_fail (PTL_IS_FOLLOW (self));

  self->at_end = at_end;
}
