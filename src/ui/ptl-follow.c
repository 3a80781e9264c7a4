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
  GdkFrameClock *clock;      /* owned, while the scroller is realized */
  double         last_value;
  gboolean       following;
  gboolean       at_end;
  gboolean       has_grown;  /* the list was laid out, and its end is elsewhere now */
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

static void
go_to_end (PtlFollow *self)
{
  self->has_grown = FALSE;
  if (gtk_adjustment_get_value (self->adjustment) < get_end (self) - 0.5)
    gtk_adjustment_set_value (self->adjustment, get_end (self));
}

/* The list tells of its height while it is laid out and takes no new place then.  This comes after
 * GTK has laid out all: GTK does it once more, and draws the frame with the end in it.  A tick
 * callback would bring the end a frame later, and draw all of it twice. */
static void
on_layout_cb (PtlFollow *self)
{
  if (self->has_grown && self->following)
    go_to_end (self);
}

static void
on_unrealize_cb (PtlFollow *self)
{
  if (self->clock != NULL)
    g_signal_handlers_disconnect_by_data (self->clock, self);
  g_clear_object (&self->clock);
}

static void
on_realize_cb (PtlFollow *self)
{
  on_unrealize_cb (self);
  self->clock = gtk_widget_get_frame_clock (self->scroller);
  if (self->clock == NULL)
    return;
  g_object_ref (self->clock);
  g_signal_connect_swapped (self->clock, "layout", G_CALLBACK (on_layout_cb), self);
}

static void
on_changed_cb (GtkAdjustment *adjustment,
               PtlFollow     *self)
{
  /* The list may have moved the value with it: that is not the user. */
  self->last_value = gtk_adjustment_get_value (adjustment);
  self->has_grown = TRUE;
}

static void
on_value_changed_cb (GtkAdjustment *adjustment,
                     PtlFollow     *self)
{
  double value = gtk_adjustment_get_value (adjustment);
  bool went_up = value < self->last_value - 1;

  /* Told of already, with "changed": rows that came before what is seen move the value with it.
   * That is not the user going to the end. */
  if (value == self->last_value)
    return;
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

  on_unrealize_cb (self);
  if (self->scroller != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->scroller, self);
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
  g_signal_connect_swapped (scroller, "realize", G_CALLBACK (on_realize_cb), self);
  g_signal_connect_swapped (scroller, "unrealize", G_CALLBACK (on_unrealize_cb), self);
  if (gtk_widget_get_realized (self->scroller))
    on_realize_cb (self);
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
    go_to_end (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

void
ptl_follow_set_at_end (PtlFollow *self,
                       gboolean   at_end)
{
  g_return_if_fail (PTL_IS_FOLLOW (self));

  self->at_end = at_end;
}
