/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A column view over any table, with what every table offers. */
#include "config.h"

#include "ui/ptl-table-view-private.h"

#include <string.h>

#include "ui/ptl-columns.h"
#include "ui/ptl-row-menu.h"
#include "ui/ptl-tab-out.h"

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
  g_autoptr (GMenu) menu = NULL;

  if (ptl_table_view_get_selected (self) == NULL)
    return;
  if (self->popover == NULL)
    {
      menu = g_menu_new ();
      if (self->page_menu != NULL)
        g_menu_append_section (menu, NULL, self->page_menu);
      g_menu_append_section (menu, NULL, self->own_row_menu);
    }
  ptl_row_menu_popup (&self->popover, G_MENU_MODEL (menu), GTK_WIDGET (self), GTK_WIDGET (self), x,
                      y);
}

/* The cell at that place is the one that is meant, and its row is selected. */
static gboolean
popup_menu_at (PtlTableView *self,
               double        x,
               double        y)
{
  GtkWidget *cell = ptl_row_menu_find_cell (GTK_WIDGET (self->view), x, y);
  GtkListItem *list_item = ptl_row_menu_get_item (cell);
  const PtlTablePlace *place;
  graphene_point_t point;

  if (list_item == NULL || gtk_list_item_get_item (list_item) == NULL)
    return FALSE;
  place = g_object_get_data (G_OBJECT (cell), "ptl-place");
  self->menu_column = (int) place->column;
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

/* --- life ------------------------------------------------------------------------------------- */

static void
ptl_table_view_system_setting_changed (GtkWidget        *widget,
                                       GtkSystemSetting  setting)
{
  GTK_WIDGET_CLASS (ptl_table_view_parent_class)->system_setting_changed (widget, setting);
  ptl_table_view_update_widths (PTL_TABLE_VIEW (widget));
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
      ptl_table_view_renew_for_width (self);
      ptl_table_view_update_narrow (self);
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
  ptl_table_view_remove_columns (self);
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
  ptl_tab_out_init_class (widget_class);
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
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_columns_keep_start (self->scroller);
  self->actions = g_simple_action_group_new ();
  ptl_table_view_add_copy_actions (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "table", G_ACTION_GROUP (self->actions));
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_swapped (self->selection, "notify::selected-item", G_CALLBACK (on_selected_cb),
                            self);
  g_signal_connect_swapped (gtk_column_view_get_sorter (self->view), "changed",
                            G_CALLBACK (ptl_table_view_on_sorter_changed), self);
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
  ptl_table_view_add_columns (self);
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
