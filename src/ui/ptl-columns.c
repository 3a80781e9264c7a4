/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tables of the window share about their columns. */
#include "config.h"

#include "ui/ptl-columns.h"

int
ptl_columns_measure (GtkWidget  *widget,
                     const char *sample)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, sample);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  int width;

  /* What the style class does: digits of one width, which many fonts do not have otherwise. */
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

/* How far an adjustment is from the end at which right-to-left text starts. */
typedef struct
{
  GtkWidget     *scroller;   /* borrowed: this is its data */
  GtkAdjustment *adjustment; /* owned */
  double         from_start;
  gboolean       moving;
  guint          move_id;
} Start;

static double
get_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

static void
on_moved_cb (GtkAdjustment *adjustment,
             Start         *start)
{
  if (!start->moving && start->move_id == 0)
    start->from_start = get_end (adjustment) - gtk_adjustment_get_value (adjustment);
}

/* Whether GTK counts from the right itself, which newer ones do in a column view: told by the place
 * of the header, which is moved by what the adjustment says. */
static gboolean
counts_from_right (Start *start)
{
  GtkWidget *view = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (start->scroller));
  GtkWidget *header = view != NULL ? gtk_widget_get_first_child (view) : NULL;
  double value = gtk_adjustment_get_value (start->adjustment);
  graphene_point_t at;

  return GTK_IS_COLUMN_VIEW (view) && header != NULL
         && gtk_widget_compute_point (header, view, &GRAPHENE_POINT_INIT (0, 0), &at)
         && ABS (at.x + value) > ABS (at.x + get_end (start->adjustment) - value);
}

static gboolean
on_move_cb (gpointer data)
{
  Start *start = data;

  start->move_id = 0;
  if (counts_from_right (start))
    return G_SOURCE_REMOVE;
  start->moving = TRUE;
  gtk_adjustment_set_value (start->adjustment, get_end (start->adjustment) - start->from_start);
  start->moving = FALSE;
  return G_SOURCE_REMOVE;
}

static void
on_changed_cb (GtkAdjustment *adjustment,
               Start         *start)
{
  /* It is being allocated: what is changed now would not be seen (GTK 4.8). */
  if (gtk_widget_get_direction (start->scroller) == GTK_TEXT_DIR_RTL && start->move_id == 0)
    start->move_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_move_cb, start, NULL);
}

static void
start_free (gpointer data)
{
  Start *start = data;

  g_clear_handle_id (&start->move_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (start->adjustment, start);
  g_object_unref (start->adjustment);
  g_free (start);
}

void
ptl_columns_keep_start (GtkScrolledWindow *scroller)
{
  Start *start = g_new0 (Start, 1);

  start->scroller = GTK_WIDGET (scroller);
  start->adjustment = g_object_ref (gtk_scrolled_window_get_hadjustment (scroller));
  g_object_set_data_full (G_OBJECT (scroller), "ptl-start", start, start_free);
  g_signal_connect (start->adjustment, "changed", G_CALLBACK (on_changed_cb), start);
  g_signal_connect (start->adjustment, "value-changed", G_CALLBACK (on_moved_cb), start);
}
