/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A column view over any table, with what every table offers. */
#include "config.h"

#include "ui/ptl-table-view.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/ptl-dialogs.h"

#define CELL_PADDING 14     /* pixels beside the text, both sides together */
#define EXPAND_CHARS_MIN 14 /* of the column that takes what the others leave */
#define ROOMY_CHARS_MIN 24  /* of such a column when wide */
#define TOOLTIP_CHARS_MIN 16

struct _PtlTableView
{
  GtkWidget           parent_instance;

  /* template */
  GtkStack           *stack;
  AdwStatusPage      *status;
  GtkScrolledWindow  *scroller;
  GtkColumnView      *view;
  GMenuModel         *own_row_menu;
  GMenuModel         *whole_menu;

  /* owned */
  PtlTable           *table;
  GtkSingleSelection *selection;
  GSimpleActionGroup *actions;
  GMenuModel         *page_menu;
  GtkWidget          *popover;     /* our child, or NULL */
  char               *label;
  char               *file_name;
  char               *save_text;   /* while a place for it is asked for */
  GCancellable       *cancellable; /* of an export */

  guint               n_columns;
  int                 probed;      /* the column whose sorter was asked first; -1: none yet */
  int                 menu_column; /* that the menu was opened on */
  int                 filler;      /* the column that takes what is left for want of another; -1 */
  gboolean            narrow;
};

enum
{
  PROP_0,
  PROP_NARROW,
  PROP_LABEL,
  PROP_FILE_NAME,
  PROP_EMPTY_TITLE,
  PROP_EMPTY_DESCRIPTION,
  PROP_SELECTED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint activated_signal;

G_DEFINE_FINAL_TYPE (PtlTableView, ptl_table_view, GTK_TYPE_WIDGET)

/* --- cells ------------------------------------------------------------------------------------ */

/* Of a GtkListItem: its place among the columns, and the table. */
typedef struct
{
  PtlTableView *self;
  guint         column;
} Place;

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

static void
set_cell (GtkListItem *list_item,
          const Place *place)
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
  text = ptl_table_dup_cell (place->self->table, item, place->column);
  tone = tone_class (ptl_table_get_tone (place->self->table, item, place->column));
  if (tone != NULL)
    css[n++] = tone;
  else if ((column->flags & PTL_TABLE_DIM) != 0)
    css[n++] = "dim-label";
  if ((column->flags & PTL_TABLE_NUMERIC) != 0)
    css[n++] = "numeric";
  if (g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (cell)), text) != 0)
    {
      gtk_inscription_set_text (GTK_INSCRIPTION (cell), text);
      gtk_widget_set_tooltip_text (cell, g_utf8_strlen (text, -1) > TOOLTIP_CHARS_MIN ? text
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
  const Place *place = data;
  GtkWidget *cell = gtk_inscription_new (NULL);
  guint n_columns;
  const PtlTableColumn *column =
    ptl_table_get_columns (place->self->table, &n_columns) + place->column;

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_lines (GTK_INSCRIPTION (cell), 1);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (cell), 1);
  if (column->chars == 0)
    gtk_inscription_set_min_chars (GTK_INSCRIPTION (cell),
                                   !place->self->narrow && (column->flags & PTL_TABLE_ROOMY) != 0
                                   ? ROOMY_CHARS_MIN : EXPAND_CHARS_MIN);
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
  const Place *place = data;

  if (place->self->probed < 0)
    place->self->probed = (int) place->column;
  return -1;
}

static void
on_sorter_changed_cb (PtlTableView *self)
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

static void
update_widths (PtlTableView *self)
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

      bool fixed = of_table[i].chars > 0 && (int) i != self->filler
                   && gtk_column_view_column_get_visible (column);

      /* In GTK 4.8 one of fixed width does not expand, and takes that width also when hidden. */
      gtk_column_view_column_set_fixed_width (column, fixed ? (int) of_table[i].chars * width / 10
                                                                + CELL_PADDING
                                                            : -1);
    }
}

static void
update_narrow (PtlTableView *self)
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
      bool visible = !self->narrow || (of_table[i].flags & PTL_TABLE_WIDE_ONLY) == 0;

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
  update_widths (self);
}

/* The cells of such a column are made for the width of the window. */
static void
renew_roomy (PtlTableView *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);
  const PtlTableColumn *of_table;
  guint n;

  if (self->table == NULL)
    return;
  of_table = ptl_table_get_columns (self->table, &n);
  for (guint i = 0; i < n; i++)
    if ((of_table[i].flags & PTL_TABLE_ROOMY) != 0)
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

static void
add_columns (PtlTableView *self)
{
  const PtlTableColumn *columns = ptl_table_get_columns (self->table, &self->n_columns);
  gboolean sorts = ptl_table_can_sort (self->table);

  for (guint i = 0; i < self->n_columns; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column = NULL;
      Place *place = g_new (Place, 1);

      *place = (Place) { self, i };
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
  update_narrow (self);
}

static void
remove_columns (PtlTableView *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);

  for (guint n = g_list_model_get_n_items (columns); n > 0; n--)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, n - 1);

      gtk_column_view_remove_column (self->view, column);
    }
}

/* --- selection and menu ----------------------------------------------------------------------- */

static void
set_enabled (PtlTableView *self,
             const char   *name,
             gboolean      enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
update_actions (PtlTableView *self)
{
  gboolean chosen = ptl_table_view_get_selected (self) != NULL;
  gboolean some = self->table != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->table)) > 0;

  set_enabled (self, "copy-cell", chosen);
  set_enabled (self, "copy-row", chosen);
  set_enabled (self, "copy-all", some);
  set_enabled (self, "save", some);
}

static void
on_selected_cb (PtlTableView *self)
{
  update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static void
on_items_changed_cb (PtlTableView *self)
{
  gboolean empty = g_list_model_get_n_items (G_LIST_MODEL (self->table)) == 0;

  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "table");
  update_actions (self);
}

static void
on_activate_cb (PtlTableView *self,
                guint         position)
{
  g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (item != NULL)
    g_signal_emit (self, activated_signal, 0, item);
}

static void
popup_menu (PtlTableView *self,
            double        x,
            double        y)
{
  if (ptl_table_view_get_selected (self) == NULL)
    return;
  if (self->popover == NULL)
    {
      g_autoptr (GMenu) menu = g_menu_new ();

      if (self->page_menu != NULL)
        g_menu_append_section (menu, NULL, self->page_menu);
      g_menu_append_section (menu, NULL, self->own_row_menu);
      self->popover = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
      gtk_widget_set_halign (self->popover, GTK_ALIGN_START);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
      gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover),
                               &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

/* The cell at that place is the one that is meant, and its row is selected. */
static gboolean
popup_menu_at (PtlTableView *self,
               double        x,
               double        y)
{
  GtkWidget *cell = gtk_widget_pick (GTK_WIDGET (self->view), x, y, GTK_PICK_DEFAULT);
  GtkListItem *list_item = NULL;
  graphene_point_t point;

  for (; cell != NULL && cell != GTK_WIDGET (self->view) && list_item == NULL;
       cell = gtk_widget_get_parent (cell))
    {
      GtkWidget *child = gtk_widget_get_first_child (cell);
      GtkWidget *found = g_object_get_data (G_OBJECT (cell), "ptl-item") != NULL ? cell : child;

      list_item = found != NULL ? g_object_get_data (G_OBJECT (found), "ptl-item") : NULL;
      if (list_item != NULL)
        {
          const Place *place = g_object_get_data (G_OBJECT (found), "ptl-place");

          self->menu_column = (int) place->column;
        }
    }
  if (list_item == NULL || gtk_list_item_get_item (list_item) == NULL)
    return FALSE;
  gtk_single_selection_set_selected (self->selection, gtk_list_item_get_position (list_item));
  if (gtk_widget_compute_point (GTK_WIDGET (self->view), GTK_WIDGET (self),
                                &GRAPHENE_POINT_INIT ((float) x, (float) y), &point))
    popup_menu (self, point.x, point.y);
  return TRUE;
}

static void
on_secondary_click_cb (PtlTableView    *self,
                       int              n_press,
                       double           x,
                       double           y,
                       GtkGestureClick *gesture)
{
  if (popup_menu_at (self, x, y))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
on_long_press_cb (PtlTableView        *self,
                  double               x,
                  double               y,
                  GtkGestureLongPress *gesture)
{
  if (popup_menu_at (self, x, y))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static gboolean
on_popup_menu_cb (GtkWidget *widget,
                  GVariant  *args,
                  gpointer   data)
{
  PtlTableView *self = PTL_TABLE_VIEW (widget);

  self->menu_column = 0;
  popup_menu (self, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
  return TRUE;
}

/* --- copying and saving ----------------------------------------------------------------------- */

static void
copy (PtlTableView *self,
      const char   *text)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.copy-text", "s", text);
}

static void
on_copy_cell_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);
  g_autofree char *text =
    ptl_table_dup_cell (self->table, ptl_table_view_get_selected (self),
                        CLAMP (self->menu_column, 0, (int) self->n_columns - 1));

  copy (self, text);
}

static void
on_copy_row_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);
  g_autofree char *text = ptl_table_dup_row (self->table, ptl_table_view_get_selected (self));

  copy (self, text);
}

static PtlTableFormat
format_from_name (const char *name)
{
  return g_str_equal (name, "json")  ? PTL_TABLE_JSON
         : g_str_equal (name, "csv") ? PTL_TABLE_CSV
                                     : PTL_TABLE_TEXT;
}

static void
on_exported_for_copy_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  g_autoptr (PtlTableView) self = data;
  g_autofree char *text = ptl_table_export_finish (PTL_TABLE (source), result, NULL);

  if (text != NULL)
    copy (self, text);
}

static void
on_written_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (PtlTableView) self = data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _("Saved"));
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
}

static void
on_place_chosen_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  g_autoptr (PtlTableView) self = data;
  g_autoptr (GFile) file = ptl_dialogs_file_finish (result, NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (file == NULL || self->save_text == NULL)
    return;
  bytes = g_bytes_new_take (self->save_text, strlen (self->save_text));
  self->save_text = NULL;
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       on_written_cb, g_object_ref (self));
}

typedef struct
{
  PtlTableView *self; /* owned */
  char         *name; /* owned; of the file */
} Save;

static void
on_exported_for_save_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  Save *save = data;
  g_autofree char *text = ptl_table_export_finish (PTL_TABLE (source), result, NULL);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (save->self));

  if (text != NULL && root != NULL)
    {
      g_free (save->self->save_text);
      save->self->save_text = g_steal_pointer (&text);
      ptl_dialogs_save_file_async (GTK_WINDOW (root), _("Save the Table"), save->name,
                                   on_place_chosen_cb, g_object_ref (save->self));
    }
  g_object_unref (save->self);
  g_free (save->name);
  g_free (save);
}

/* Only the last one that was asked for. */
static GCancellable *
begin_export (PtlTableView *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  return self->cancellable;
}

static void
on_copy_all_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);

  ptl_table_export_async (self->table, format_from_name (g_variant_get_string (parameter, NULL)),
                          begin_export (self), on_exported_for_copy_cb, g_object_ref (self));
}

static void
on_save_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  PtlTableView *self = PTL_TABLE_VIEW (data);
  const char *format = g_variant_get_string (parameter, NULL);
  Save *save = g_new (Save, 1);

  save->self = g_object_ref (self);
  save->name = g_strdup_printf ("%s.%s", self->file_name != NULL ? self->file_name : "table",
                                g_str_equal (format, "json")  ? "json"
                                : g_str_equal (format, "csv") ? "csv"
                                                              : "txt");
  ptl_table_export_async (self->table, format_from_name (format), begin_export (self),
                          on_exported_for_save_cb, save);
}

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_table_view_system_setting_changed (GtkWidget        *widget,
                                       GtkSystemSetting  setting)
{
  GTK_WIDGET_CLASS (ptl_table_view_parent_class)->system_setting_changed (widget, setting);
  update_widths (PTL_TABLE_VIEW (widget));
}

static gboolean
ptl_table_view_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_TABLE_VIEW (widget)->view));
}

static void
ptl_table_view_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  PtlTableView *self = PTL_TABLE_VIEW (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow == g_value_get_boolean (value))
        break;
      self->narrow = g_value_get_boolean (value);
      renew_roomy (self);
      update_narrow (self);
      break;

    case PROP_LABEL:
      g_free (self->label);
      self->label = g_value_dup_string (value);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      g_value_get_string (value), -1);
      break;

    case PROP_FILE_NAME:
      g_free (self->file_name);
      self->file_name = g_value_dup_string (value);
      break;

    case PROP_EMPTY_TITLE:
      adw_status_page_set_title (self->status, g_value_get_string (value));
      break;

    case PROP_EMPTY_DESCRIPTION:
      ptl_table_view_set_empty (self, NULL, g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_table_view_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PtlTableView *self = PTL_TABLE_VIEW (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;

    case PROP_FILE_NAME:
      g_value_set_string (value, self->file_name);
      break;

    case PROP_SELECTED:
      g_value_set_object (value, ptl_table_view_get_selected (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
drop_table (PtlTableView *self)
{
  if (self->table == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->table, self);
  gtk_single_selection_set_model (self->selection, NULL);
  remove_columns (self);
  g_clear_object (&self->table);
}

static void
ptl_table_view_dispose (GObject *object)
{
  PtlTableView *self = PTL_TABLE_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  if (self->view != NULL)
    {
      g_signal_handlers_disconnect_by_data (gtk_column_view_get_sorter (self->view), self);
      drop_table (self);
    }
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_TABLE_VIEW);
  g_clear_object (&self->selection);
  g_clear_object (&self->actions);
  g_clear_object (&self->page_menu);
  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->file_name, g_free);
  g_clear_pointer (&self->save_text, g_free);

  G_OBJECT_CLASS (ptl_table_view_parent_class)->dispose (object);
}

static void
ptl_table_view_class_init (PtlTableViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_table_view_dispose;
  object_class->get_property = ptl_table_view_get_property;
  object_class->set_property = ptl_table_view_set_property;
  widget_class->grab_focus = ptl_table_view_grab_focus;
  widget_class->system_setting_changed = ptl_table_view_system_setting_changed;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LABEL] =
    g_param_spec_string ("label", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FILE_NAME] =
    g_param_spec_string ("file-name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_EMPTY_TITLE] =
    g_param_spec_string ("empty-title", NULL, NULL, NULL,
                         G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_EMPTY_DESCRIPTION] =
    g_param_spec_string ("empty-description", NULL, NULL, NULL,
                         G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SELECTED] =
    g_param_spec_object ("selected", NULL, NULL, G_TYPE_OBJECT,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  activated_signal = g_signal_new ("row-activated", PTL_TYPE_TABLE_VIEW, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_OBJECT);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-table-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlTableView, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlTableView, status);
  gtk_widget_class_bind_template_child (widget_class, PtlTableView, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlTableView, view);
  gtk_widget_class_bind_template_child (widget_class, PtlTableView, own_row_menu);
  gtk_widget_class_bind_template_child (widget_class, PtlTableView, whole_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_secondary_click_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_long_press_cb);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, on_popup_menu_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, on_popup_menu_cb, NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK,
                                       "table.copy-row", NULL);
}

static void
ptl_table_view_init (PtlTableView *self)
{
  static const GActionEntry entries[] = {
    { .name = "copy-cell", .activate = on_copy_cell_cb },
    { .name = "copy-row", .activate = on_copy_row_cb },
    { .name = "copy-all", .activate = on_copy_all_cb, .parameter_type = "s" },
    { .name = "save", .activate = on_save_cb, .parameter_type = "s" },
  };

  gtk_widget_init_template (GTK_WIDGET (self));
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "table", G_ACTION_GROUP (self->actions));
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (on_selected_cb),
                            self);
  g_signal_connect_swapped (gtk_column_view_get_sorter (self->view), "changed",
                            G_CALLBACK (on_sorter_changed_cb), self);
  update_actions (self);
}

void
ptl_table_view_set_table (PtlTableView *self,
                          PtlTable     *table)
{
  g_return_if_fail (PTL_IS_TABLE_VIEW (self));
  g_return_if_fail (table == NULL || PTL_IS_TABLE (table));

  if (self->table == table)
    return;
  drop_table (self);
  if (table == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      update_actions (self);
      return;
    }
  self->table = g_object_ref (table);
  add_columns (self);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (table));
  g_signal_connect_swapped (table, "items-changed", G_CALLBACK (on_items_changed_cb), self);
  on_items_changed_cb (self);
}

PtlTable *
ptl_table_view_get_table (PtlTableView *self)
{
  g_return_val_if_fail (PTL_IS_TABLE_VIEW (self), NULL);

  return self->table;
}

gpointer
ptl_table_view_get_selected (PtlTableView *self)
{
  g_return_val_if_fail (PTL_IS_TABLE_VIEW (self), NULL);

  return self->selection != NULL ? gtk_single_selection_get_selected_item (self->selection) : NULL;
}

void
ptl_table_view_select (PtlTableView *self,
                       guint         position)
{
  g_return_if_fail (PTL_IS_TABLE_VIEW (self));

  gtk_single_selection_set_selected (self->selection, position);
  /* Its own list has the action; the header comes before it. */
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LIST_VIEW (child))
      gtk_widget_activate_action (child, "list.scroll-to-item", "u", position);
}

void
ptl_table_view_set_selected (PtlTableView *self,
                             guint         position)
{
  g_return_if_fail (PTL_IS_TABLE_VIEW (self));

  gtk_single_selection_set_selected (self->selection, position);
}

void
ptl_table_view_scroll_to_top (PtlTableView *self)
{
  g_return_if_fail (PTL_IS_TABLE_VIEW (self));

  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

void
ptl_table_view_set_row_menu (PtlTableView *self,
                             GMenuModel   *menu)
{
  g_return_if_fail (PTL_IS_TABLE_VIEW (self));

  g_set_object (&self->page_menu, menu);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
}

void
ptl_table_view_attach_menu (PtlTableView  *self,
                            GtkMenuButton *button)
{
  g_return_if_fail (PTL_IS_TABLE_VIEW (self));

  gtk_widget_insert_action_group (GTK_WIDGET (button), "table", G_ACTION_GROUP (self->actions));
  gtk_menu_button_set_menu_model (button, self->whole_menu);
}

void
ptl_table_view_set_empty (PtlTableView *self,
                          const char   *title,
                          const char   *description)
{
  g_return_if_fail (PTL_IS_TABLE_VIEW (self));

  if (title != NULL)
    adw_status_page_set_title (self->status, title);
  if (description != NULL)
    {
      /* A status page's description is markup. */
      g_autofree char *escaped = g_markup_escape_text (description, -1);

      adw_status_page_set_description (self->status, escaped);
    }
}
