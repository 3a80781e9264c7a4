/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of a table view, their cells and their order. */
#include "config.h"

#include "ui/ptl-table-view-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "ui/ptl-direction.h"

#define CELL_PADDING 14     /* pixels beside the text, both sides together */
#define EXPAND_CHARS_MIN 14 /* of the column that takes what the others leave */
#define ROOMY_CHARS_MIN 24  /* of such a column when wide */
#define TIGHT_CHARS_MIN 11  /* and when narrow */
#define TOOLTIP_CHARS_MIN 16
#define SECOND_ALPHA (G_MAXUINT16 / 100 * 70) /* of a second line: dim, and still easy to read */

/* --- cells ------------------------------------------------------------------------------------ */

static const char *
tone_class (PtlTableTone tone)
{
  switch (tone)
    {
    case PTL_TABLE_GOOD:
      return "success";

    case PTL_TABLE_WARNING:
      return "warning";

    case PTL_TABLE_BAD:
      return "error";

    case PTL_TABLE_QUIET:
      return "dim-label";

    case PTL_TABLE_PLAIN:
    default:
      return NULL;
    }
}

/* The column whose cells are a second line in those of the first when narrow; 0: none is. */
static guint
find_second_line (PtlTableView *self)
{
  guint n;
  const PtlTableColumn *columns = ptl_table_get_columns (self->table, &n);

  for (guint i = 1; i < n; i++)
    if ((columns[i].flags & PTL_TABLE_BELOW_FIRST) != 0)
      return i;
  return 0;
}

/* The same for @column as it is now. */
static guint
find_below (PtlTableView *self,
            guint         column)
{
  return self->narrow && column == 0 ? find_second_line (self) : 0;
}

static char *
dup_text (const PtlTablePlace *place,
          gpointer             item)
{
  guint below = find_below (place->self, place->column);
  char *text = ptl_table_dup_cell (place->self->table, item, place->column);
  g_autofree char *first = NULL, *second = NULL;

  if (below == 0)
    return text;
  first = text;
  second = ptl_table_dup_cell (place->self->table, item, below);
  return g_strconcat (first, *second != '\0' ? "\n" : NULL, second, NULL);
}

/* Of a cell with room for two lines: an address that is broken has no hyphen, and what is in the
 * line of its own is of less weight.  @second: where that begins; NULL: nowhere. */
static void
set_attributes (GtkInscription *cell,
                const char     *text,
                const char     *second)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  if (second != NULL)
    {
      PangoAttribute *alpha = pango_attr_foreground_alpha_new (SECOND_ALPHA);

      alpha->start_index = (guint) (second - text);
      pango_attr_list_insert (attributes, alpha);
    }
  gtk_inscription_set_attributes (cell, attributes);
}

static void
set_cell (GtkListItem         *list_item,
          const PtlTablePlace *place)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);
  gpointer item = gtk_list_item_get_item (list_item);
  const char *css[3] = { NULL, NULL, NULL };
  guint n_columns, n = 0;
  const PtlTableColumn *column;
  g_autofree char *text = NULL;
  const char *tone;

  if (place->self->table == NULL || item == NULL)
    return;
  column = ptl_table_get_columns (place->self->table, &n_columns) + place->column;
  text = dup_text (place, item);
  tone = tone_class (ptl_table_get_tone (place->self->table, item, place->column));
  if (tone != NULL)
    css[n++] = tone;
  else if ((column->flags & PTL_TABLE_DIM) != 0)
    css[n++] = "dim-label";
  if ((column->flags & PTL_TABLE_NUMERIC) != 0)
    css[n++] = "numeric";
  if (ptl_direction_set_cell (GTK_INSCRIPTION (cell), text,
                              (column->flags & PTL_TABLE_NUMERIC) != 0))
    {
      const char *shown = gtk_inscription_get_text (GTK_INSCRIPTION (cell));

      if (find_below (place->self, place->column) > 0)
        set_attributes (GTK_INSCRIPTION (cell), shown, strchr (shown, '\n'));
      gtk_widget_set_tooltip_text (cell, g_utf8_strlen (text, -1) > TOOLTIP_CHARS_MIN ? shown
                                                                                     : NULL);
      gtk_accessible_update_property (GTK_ACCESSIBLE (cell), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                      -1);
    }
  /* It costs as much where nothing changes. */
  if (g_object_get_data (G_OBJECT (cell), "ptl-css") != css[0])
    {
      gtk_widget_set_css_classes (cell, css);
      g_object_set_data (G_OBJECT (cell), "ptl-css", (gpointer) css[0]);
    }
}

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *list_item,
             gpointer                  data)
{
  const PtlTablePlace *place = data;
  GtkWidget *cell = gtk_inscription_new (NULL);
  guint n_columns;
  const PtlTableColumn *column =
    ptl_table_get_columns (place->self->table, &n_columns) + place->column;
  guint lines = find_below (place->self, place->column) > 0 ? 2 : 1;

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     (column->flags & PTL_TABLE_MIDDLE) != 0
                                       ? GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_MIDDLE
                                       : GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_lines (GTK_INSCRIPTION (cell), lines);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (cell), lines);
  if (find_second_line (place->self) > 0)
    set_attributes (GTK_INSCRIPTION (cell), "", NULL);
  if (column->chars == 0)
    gtk_inscription_set_min_chars (GTK_INSCRIPTION (cell),
                                   (column->flags & PTL_TABLE_ROOMY) == 0 ? EXPAND_CHARS_MIN
                                   : place->self->narrow                  ? TIGHT_CHARS_MIN
                                                                          : ROOMY_CHARS_MIN);
  if ((column->flags & PTL_TABLE_NUMERIC) != 0)
    gtk_inscription_set_xalign (GTK_INSCRIPTION (cell), 1);
  g_object_set_data (G_OBJECT (cell), "ptl-item", list_item);
  g_object_set_data (G_OBJECT (cell), "ptl-place", data);
  gtk_list_item_set_child (list_item, cell);
}

static void
on_item_changed_cb (GtkListItem *list_item)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);

  set_cell (list_item, g_object_get_data (G_OBJECT (cell), "ptl-place"));
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *list_item,
            gpointer                  data)
{
  gpointer item = gtk_list_item_get_item (list_item);

  set_cell (list_item, data);
  if (g_signal_lookup ("changed", G_OBJECT_TYPE (item)) != 0)
    g_signal_connect_swapped (item, "changed", G_CALLBACK (on_item_changed_cb), list_item);
}

static void
on_unbind_cb (GtkSignalListItemFactory *factory,
              GtkListItem              *list_item,
              gpointer                  data)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), on_item_changed_cb,
                                        list_item);
}

/* --- columns ---------------------------------------------------------------------------------- */

/* The table sorts itself; a column's sorter only tells that it is the one that was chosen, and by
 * what the view makes of its answer, which way round. */
static int
on_probe_cb (gconstpointer a,
             gconstpointer b,
             gpointer      data)
{
  const PtlTablePlace *place = data;

  if (place->self->probed < 0)
    place->self->probed = (int) place->column;
  return -1;
}

void
ptl_table_view_on_sorter_changed (PtlTableView *self)
{
  GtkOrdering order;

  if (self->table == NULL)
    return;
  self->probed = -1;
  /* Of two that are one, nobody is asked. */
  order = gtk_sorter_compare (gtk_column_view_get_sorter (self->view), self, self->view);
  ptl_table_sort (self->table, self->probed, order == GTK_ORDERING_LARGER);
  ptl_table_view_scroll_to_top (self);
}

void
ptl_table_view_update_widths (PtlTableView *self)
{
  g_autoptr (PangoLayout) layout = NULL;
  GListModel *columns = gtk_column_view_get_columns (self->view);
  const PtlTableColumn *of_table;
  guint n;
  int width;

  if (self->table == NULL)
    return;
  of_table = ptl_table_get_columns (self->table, &n);
  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "0123456789");
  pango_layout_get_pixel_size (layout, &width, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      guint below = find_below (self, i);
      guint chars = MAX (of_table[i].chars, below > 0 ? of_table[below].chars : 0);
      bool fixed = of_table[i].chars > 0 && (int) i != self->filler
                   && gtk_column_view_column_get_visible (column);

      /* In GTK 4.8 one of fixed width does not expand, and takes that width also when hidden. */
      gtk_column_view_column_set_fixed_width (column, fixed ? (int) chars * width / 10
                                                                + CELL_PADDING
                                                            : -1);
    }
}

void
ptl_table_view_update_narrow (PtlTableView *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);
  const PtlTableColumn *of_table;
  bool some_expand = false;
  guint n, last = 0;

  if (self->table == NULL)
    return;
  of_table = ptl_table_get_columns (self->table, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      bool visible = (of_table[i].flags & (self->narrow ? PTL_TABLE_WIDE_ONLY
                                                        : PTL_TABLE_NARROW_ONLY)) == 0;

      gtk_column_view_column_set_visible (column, visible);
      gtk_column_view_column_set_expand (column, of_table[i].chars == 0);
      if (!visible)
        continue;
      last = i;
      some_expand = some_expand || of_table[i].chars == 0;
    }
  /* Columns that leave room beside them make GTK 4.8 draw the glow of an overshoot there. */
  self->filler = some_expand ? -1 : (int) last;
  if (!some_expand && n > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, last);

      gtk_column_view_column_set_expand (column, TRUE);
    }
  ptl_table_view_update_widths (self);
}

/* The cells of some columns are made for the width of the window. */
void
ptl_table_view_renew_for_width (PtlTableView *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);
  const PtlTableColumn *of_table;
  guint n;

  if (self->table == NULL)
    return;
  of_table = ptl_table_get_columns (self->table, &n);
  for (guint i = 0; i < n; i++)
    if ((of_table[i].flags & PTL_TABLE_ROOMY) != 0 || (i == 0 && find_second_line (self) > 0))
      {
        g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

        gtk_column_view_remove_column (self->view, column);
        gtk_column_view_insert_column (self->view, i, column);
      }
}

static GtkWidget *
find_label (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_LABEL (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_label (child);
  return found;
}

/* Titles stand where the numbers below them do.  A title has no such property: it is the nth child
 * of the header, which is the first one of the view. */
static void
align_titles (PtlTableView *self)
{
  guint n;
  const PtlTableColumn *columns = ptl_table_get_columns (self->table, &n);
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (self->view));
  GtkWidget *title = header != NULL ? gtk_widget_get_first_child (header) : NULL;

  for (guint i = 0; i < n && title != NULL; i++, title = gtk_widget_get_next_sibling (title))
    {
      GtkWidget *label = find_label (title);

      if (label == NULL || (columns[i].flags & PTL_TABLE_NUMERIC) == 0)
        continue;
      gtk_widget_set_hexpand (label, TRUE);
      gtk_label_set_xalign (GTK_LABEL (label), 1);
    }
}

void
ptl_table_view_add_columns (PtlTableView *self)
{
  const PtlTableColumn *columns = ptl_table_get_columns (self->table, &self->n_columns);
  gboolean sorts = ptl_table_can_sort (self->table);

  for (guint i = 0; i < self->n_columns; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column = NULL;
      PtlTablePlace *place = g_new (PtlTablePlace, 1);

      *place = (PtlTablePlace) { self, i };
      g_object_set_data_full (G_OBJECT (factory), "ptl-place", place, g_free);
      g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), place);
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), place);
      g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind_cb), place);
      column = gtk_column_view_column_new (_(columns[i].title), factory);
      if (sorts && (columns[i].flags & PTL_TABLE_FIXED_ORDER) == 0)
        {
          g_autoptr (GtkSorter) sorter =
            GTK_SORTER (gtk_custom_sorter_new (on_probe_cb, place, NULL));

          gtk_column_view_column_set_sorter (column, sorter);
        }
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_append_column (self->view, column);
    }
  align_titles (self);
  ptl_table_view_update_narrow (self);
}

void
ptl_table_view_remove_columns (PtlTableView *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);

  for (guint n = g_list_model_get_n_items (columns); n > 0; n--)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, n - 1);

      gtk_column_view_remove_column (self->view, column);
    }
}
