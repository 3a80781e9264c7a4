/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the table of ports. */
#include "config.h"

#include "ui/ptl-reference-columns.h"

#include "ui/ptl-direction.h"

struct _PtlReferenceColumns
{
  GtkColumnView        *table; /* borrowed */
  PtlReferenceOrderFunc func;
  gpointer              data;

  GtkColumnViewColumn  *columns[PTL_CATALOG_N_COLUMNS]; /* of the table */
  int                   widths[PTL_CATALOG_N_COLUMNS];
  PtlCatalogColumn      order;
  PtlCatalogColumn      probed; /* the column whose sorter was asked last */
  bool                  descending;
  bool                  quiet;
};

/* In average characters; fixed, as measuring cells would cost more than showing them. */
static const struct
{
  PtlCatalogColumn id;
  int              chars;
  bool             wide_only;
} columns[] = {
  { PTL_CATALOG_BY_PORT, 10, false },       { PTL_CATALOG_BY_TRANSPORT, 9, false },
  { PTL_CATALOG_BY_NAME, 16, false },       { PTL_CATALOG_BY_HERE, 10, true },
  { PTL_CATALOG_BY_DESCRIPTION, 24, false }, { PTL_CATALOG_BY_FUNCTION, 22, true },
  { PTL_CATALOG_BY_TWIN, 9, true },         { PTL_CATALOG_BY_PYTHON, 24, true },
  { PTL_CATALOG_BY_SPEC, 18, true },        { PTL_CATALOG_BY_REGISTERED, 12, true },
  { PTL_CATALOG_BY_SOURCE, 24, true },
};

G_STATIC_ASSERT (G_N_ELEMENTS (columns) == PTL_CATALOG_N_COLUMNS);

/* --- cells ---------------------------------------------------------------------------------- */

static void
set_cell (GtkListItem      *list_item,
          PtlCatalogColumn  column)
{
  g_autofree char *text =
    ptl_reference_item_dup_cell (gtk_list_item_get_item (list_item), column);
  GtkInscription *cell = GTK_INSCRIPTION (gtk_list_item_get_child (list_item));

  ptl_direction_set_cell (cell, text, FALSE);
}

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *list_item,
             gpointer                  data)
{
  PtlCatalogColumn column = (PtlCatalogColumn) GPOINTER_TO_UINT (data);
  GtkWidget *cell = gtk_inscription_new (NULL);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_lines (GTK_INSCRIPTION (cell), 1);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (cell), 1);
  if (column == PTL_CATALOG_BY_PORT || column == PTL_CATALOG_BY_TWIN
      || column == PTL_CATALOG_BY_REGISTERED)
    gtk_widget_add_css_class (cell, "numeric");
  if (column == PTL_CATALOG_BY_NAME)
    gtk_widget_add_css_class (cell, "heading");
  if (column == PTL_CATALOG_BY_HERE)
    gtk_widget_add_css_class (cell, "success");
  g_object_set_data (G_OBJECT (list_item), "ptl-column", data);
  gtk_list_item_set_child (list_item, cell);
}

static void
on_changed_cb (PtlReferenceItem *item,
               GtkListItem      *list_item)
{
  PtlCatalogColumn column =
    (PtlCatalogColumn) GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (list_item), "ptl-column"));

  set_cell (list_item, column);
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *list_item,
            gpointer                  data)
{
  set_cell (list_item, (PtlCatalogColumn) GPOINTER_TO_UINT (data));
  g_signal_connect (gtk_list_item_get_item (list_item), "changed", G_CALLBACK (on_changed_cb),
                    list_item);
}

static void
on_unbind_cb (GtkSignalListItemFactory *factory,
              GtkListItem              *list_item,
              gpointer                  data)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), on_changed_cb,
                                        list_item);
}

/* --- sorting -------------------------------------------------------------------------------- */

typedef struct
{
  PtlReferenceColumns *columns;
  PtlCatalogColumn     column;
} Probe;

/* The rows are put in order by the core.  A column's sorter only tells that it is the one that
 * was chosen, and by what the view makes of its answer, which way round. */
static int
probe_cb (gconstpointer a,
          gconstpointer b,
          gpointer      data)
{
  Probe *probe = data;

  if (probe->columns->probed == PTL_CATALOG_N_COLUMNS)
    probe->columns->probed = probe->column;
  return -1;
}

static void
on_sorter_changed_cb (PtlReferenceColumns *self)
{
  GListModel *model = G_LIST_MODEL (gtk_column_view_get_model (self->table));
  g_autoptr (GObject) item = NULL;
  GtkOrdering ordering;

  if (self->quiet || model == NULL)
    return;
  item = g_list_model_get_item (model, 0);
  if (item == NULL)
    return;
  self->probed = PTL_CATALOG_N_COLUMNS;
  /* Of two that are one, nobody is asked. */
  ordering = gtk_sorter_compare (gtk_column_view_get_sorter (self->table), item, self->table);
  self->order = self->probed;
  self->descending = ordering == GTK_ORDERING_LARGER;
  self->func (self->data);
}

PtlCatalogColumn
ptl_reference_columns_get_order (PtlReferenceColumns *self,
                                 bool                *descending)
{
  *descending = self->descending;
  return self->order;
}

void
ptl_reference_columns_forget_order (PtlReferenceColumns *self)
{
  self->quiet = true;
  gtk_column_view_sort_by_column (self->table, NULL, GTK_SORT_ASCENDING);
  self->quiet = false;
  self->order = PTL_CATALOG_N_COLUMNS;
  self->descending = false;
}

/* --- the whole ------------------------------------------------------------------------------ */

PtlReferenceColumns *
ptl_reference_columns_new (GtkColumnView         *table,
                           PtlReferenceOrderFunc  func,
                           gpointer               data)
{
  PtlReferenceColumns *self = g_new0 (PtlReferenceColumns, 1);
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (table));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int width = PANGO_PIXELS_CEIL (pango_font_metrics_get_approximate_char_width (metrics));

  pango_font_metrics_unref (metrics);
  self->table = table;
  self->func = func;
  self->data = data;
  self->order = PTL_CATALOG_N_COLUMNS;
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      PtlCatalogColumn id = columns[i].id;
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      GtkColumnViewColumn *column;
      g_autoptr (GtkSorter) sorter = NULL;
      Probe *probe = g_new (Probe, 1);

      g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), GUINT_TO_POINTER (id));
      g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), GUINT_TO_POINTER (id));
      g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind_cb), GUINT_TO_POINTER (id));
      column = gtk_column_view_column_new (ptl_reference_get_column_title (id), factory);
      gtk_column_view_column_set_resizable (column, TRUE);
      self->widths[id] = columns[i].chars * width + 12;
      gtk_column_view_column_set_fixed_width (column, self->widths[id]);
      *probe = (Probe) { .columns = self, .column = id };
      sorter = GTK_SORTER (gtk_custom_sorter_new (probe_cb, probe, g_free));
      gtk_column_view_column_set_sorter (column, sorter);
      gtk_column_view_append_column (table, column);
      self->columns[id] = column; /* the table has it */
      g_object_unref (column);
    }
  g_signal_connect_swapped (gtk_column_view_get_sorter (table), "changed",
                            G_CALLBACK (on_sorter_changed_cb), self);
  return self;
}

void
ptl_reference_columns_free (PtlReferenceColumns *self)
{
  g_signal_handlers_disconnect_by_data (gtk_column_view_get_sorter (self->table), self);
  g_free (self);
}

/* In GTK 4.8 a column of fixed width does not expand, and takes that width also when hidden. */
static void
show_column (PtlReferenceColumns *self,
             PtlCatalogColumn     id,
             bool                 visible,
             bool                 expand)
{
  gtk_column_view_column_set_visible (self->columns[id], visible);
  gtk_column_view_column_set_expand (self->columns[id], expand);
  gtk_column_view_column_set_fixed_width (self->columns[id],
                                          visible && !expand ? self->widths[id] : -1);
}

void
ptl_reference_columns_set_narrow (PtlReferenceColumns *self,
                                  bool                 narrow)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    show_column (self, columns[i].id, !narrow || !columns[i].wide_only,
                 narrow && columns[i].id == PTL_CATALOG_BY_DESCRIPTION);
}
