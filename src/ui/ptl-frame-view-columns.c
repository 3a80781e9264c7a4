/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the list of frames: cells are bound often, so nothing is done in vain. */
#include "config.h"

#include "ui/ptl-frame-view-private.h"

#include <glib/gi18n.h>

#include "ui/ptl-columns.h"
#include "ui/ptl-glyphs.h"

static const char *
get_direction_text (const PtlFrame *frame)
{
  switch (frame->kind)
    {
    case PTL_FRAME_IN:
      return "↓";

    case PTL_FRAME_OUT:
      return "↑";

    default:
      return "○";
    }
}

static const char *
get_direction_name (const PtlFrame *frame)
{
  switch (frame->kind)
    {
    case PTL_FRAME_IN:
      return _("received");

    case PTL_FRAME_OUT:
      return _("sent");

    default:
      return _("event");
    }
}

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *item,
             gpointer                  data)
{
  PtlFrameColumn column = (PtlFrameColumn) GPOINTER_TO_INT (data);
  PtlFrameView *self = g_object_get_data (G_OBJECT (factory), "ptl-frame-view");
  GtkWidget *cell = ptl_cell_new (&self->cell_styles[column]);

  g_object_set_data (G_OBJECT (cell), "ptl-item", item);
  g_object_set_data (G_OBJECT (cell), "ptl-column", data);
  /* Digits read from left to right in every language: what is cut off is the end, units line up. */
  if (column == PTL_FRAME_COLUMN_NUMBER || column == PTL_FRAME_COLUMN_TIME ||
      column == PTL_FRAME_COLUMN_LENGTH)
    gtk_widget_set_direction (cell, GTK_TEXT_DIR_LTR);
  if (column == PTL_FRAME_COLUMN_DIRECTION)
    gtk_widget_add_css_class (cell, "ptl-direction");
  else if (column == PTL_FRAME_COLUMN_PREVIEW)
    gtk_widget_add_css_class (cell, "monospace");
  gtk_list_item_set_child (item, cell);
}

/* The kind decides the colour; changed only where it differs from what the cell showed before. */
static void
set_kind (GtkWidget      *cell,
          const PtlFrame *frame,
          PtlFrameColumn  column)
{
  static const char *const classes[] = { "ptl-in", "ptl-out", "ptl-event" };
  guint kind = MIN (frame->kind, PTL_FRAME_EVENT);
  guint last = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (cell), "ptl-kind"));

  if (last == kind + 1)
    return;
  if (last > 0)
    gtk_widget_remove_css_class (cell, classes[last - 1]);
  gtk_widget_add_css_class (cell, classes[kind]);
  g_object_set_data (G_OBJECT (cell), "ptl-kind", GUINT_TO_POINTER (kind + 1));
  if (column == PTL_FRAME_COLUMN_DIRECTION)
    {
      ptl_cell_set_text (PTL_CELL (cell), get_direction_text (frame));
      gtk_accessible_update_property (GTK_ACCESSIBLE (cell),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, get_direction_name (frame),
                                      -1);
    }
}

static void
set_texts (PtlCell        *cell,
           PtlFrameItem   *item,
           PtlFrameColumn  column)
{
  const PtlFrame *frame = ptl_frame_item_get_frame (item);
  g_autofree char *owned = NULL;
  char number[48];

  set_kind (GTK_WIDGET (cell), frame, column);
  switch (column)
    {
    case PTL_FRAME_COLUMN_NUMBER:
      g_snprintf (number, sizeof number, "%'" G_GUINT64_FORMAT,
                  (guint64) ptl_frame_item_get_number (item) + 1);
      ptl_cell_set_text (cell, number);
      break;

    case PTL_FRAME_COLUMN_TIME:
      owned = ptl_frame_item_dup_time (item);
      ptl_cell_set_text (cell, owned);
      break;

    case PTL_FRAME_COLUMN_PEER:
      owned = ptl_frame_item_dup_peer (item);
      ptl_cell_set_text (cell, owned != NULL ? owned : "");
      break;

    case PTL_FRAME_COLUMN_LENGTH:
      if (frame->kind == PTL_FRAME_EVENT)
        ptl_cell_set_text (cell, "–");
      else
        {
          g_snprintf (number, sizeof number, "%'u",
                      (frame->flags & PTL_FRAME_NOT_STORED) != 0 ? frame->code : frame->length);
          ptl_cell_set_text (cell, number);
        }
      break;

    case PTL_FRAME_COLUMN_PREVIEW:
      if (frame->kind != PTL_FRAME_EVENT && frame->length == 0 &&
          (frame->flags & PTL_FRAME_NOT_STORED) == 0)
        owned = g_strdup (_("(no bytes)"));
      else
        owned = ptl_glyphs_take (GTK_WIDGET (cell), ptl_frame_item_dup_preview (item));
      ptl_cell_set_text (cell, owned);
      break;

    case PTL_FRAME_COLUMN_DIRECTION:
    case PTL_N_FRAME_COLUMNS:
    default:
      break;
    }
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *item,
            gpointer                  data)
{
  set_texts (PTL_CELL (gtk_list_item_get_child (item)), gtk_list_item_get_item (item),
             (PtlFrameColumn) GPOINTER_TO_INT (data));
}

void
ptl_frame_view_update_cell (GtkWidget *cell)
{
  GtkListItem *item = g_object_get_data (G_OBJECT (cell), "ptl-item");
  PtlFrameItem *frame_item = gtk_list_item_get_item (item);

  if (frame_item != NULL)
    set_texts (PTL_CELL (cell), frame_item,
               (PtlFrameColumn) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (cell),
                                                                    "ptl-column")));
}

void
ptl_frame_view_update_widths (PtlFrameView *self)
{
  static const char *const samples[PTL_N_FRAME_COLUMNS] = {
    "123,456", "10:01:02.123", "○○", "127.0.0.1:50412", "", NULL
  };

  for (PtlFrameColumn column = 0; column < PTL_N_FRAME_COLUMNS; column++)
    if (samples[column] != NULL)
      {
        g_autofree char *eights = NULL;
        int width;

        /* The width of a column that is not shown is counted all the same in GTK 4.8. */
        if (!gtk_column_view_column_get_visible (self->columns[column]))
          {
            gtk_column_view_column_set_fixed_width (self->columns[column], -1);
            continue;
          }
        if (column == PTL_FRAME_COLUMN_NUMBER && self->n_digits > 6)
          eights = g_strnfill (self->n_digits + (self->n_digits - 1) / 3, '8');
        /* What is spliced from a fast peer comes in frames of 1 MiB. */
        if (column == PTL_FRAME_COLUMN_LENGTH)
          eights = g_strdup_printf ("%'u", 1024 * 1024);
        width = ptl_columns_measure (GTK_WIDGET (self->view),
                                     eights != NULL ? eights : samples[column]);
        /* A time is cut off behind its milliseconds; what is not cut off needs some air. */
        gtk_column_view_column_set_fixed_width (self->columns[column],
                                                MAX (width, 22)
                                                  + (column == PTL_FRAME_COLUMN_TIME ? 12 : 15));
      }
}

/* A connection has one peer: that it is in every row tells nothing. */
void
ptl_frame_view_update_columns (PtlFrameView *self)
{
  bool one_peer = self->session != NULL &&
                  ptl_session_get_spec (self->session)->role == PTL_ROLE_CONNECT;

  gtk_column_view_column_set_visible (self->columns[PTL_FRAME_COLUMN_TIME], !self->narrow);
  gtk_column_view_column_set_visible (self->columns[PTL_FRAME_COLUMN_PEER],
                                      !self->narrow && !one_peer);
  gtk_column_view_column_set_visible (self->columns[PTL_FRAME_COLUMN_LENGTH], !self->narrow);
  ptl_frame_view_update_widths (self);
}

void
ptl_frame_view_add_columns (PtlFrameView *self)
{
  const char *titles[PTL_N_FRAME_COLUMNS] = {
    /* Translators: the number of a frame */
    _("#"), _("Time"),
    /* Translators: direction, as short as can be */
    _("Dir"), _("Peer"), _("Length"), _("Preview")
  };

  for (PtlFrameColumn column = 0; column < PTL_N_FRAME_COLUMNS; column++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      PtlCellStyle *style = &self->cell_styles[column];

      if (column == PTL_FRAME_COLUMN_NUMBER || column == PTL_FRAME_COLUMN_LENGTH)
        style->xalign = 1;
      else if (column == PTL_FRAME_COLUMN_DIRECTION)
        style->xalign = 0.5;
      /* A time that is cut off is one to the millisecond. */
      style->clip = column == PTL_FRAME_COLUMN_TIME;
      if (column != PTL_FRAME_COLUMN_DIRECTION && column != PTL_FRAME_COLUMN_PREVIEW)
        style->features = "tnum=1";
      g_object_set_data (G_OBJECT (factory), "ptl-frame-view", self);
      g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), GINT_TO_POINTER (column));
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), GINT_TO_POINTER (column));
      self->columns[column] = gtk_column_view_column_new (titles[column], factory);
      gtk_column_view_column_set_resizable (self->columns[column],
                                            column != PTL_FRAME_COLUMN_PREVIEW);
      gtk_column_view_column_set_expand (self->columns[column], column == PTL_FRAME_COLUMN_PREVIEW);
      gtk_column_view_append_column (self->view, self->columns[column]);
      g_object_unref (self->columns[column]);
    }
}
