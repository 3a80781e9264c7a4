/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The saved and the recent sessions, under the form for a new one. */
#include "config.h"

#include "ptl-saved-list.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _PtlSavedList
{
  GtkBox      parent_instance;

  /* template */
  GtkWidget  *saved_group;
  GtkWidget  *recent_group;
  GtkListBox *saved_list;
  GtkListBox *recent_list;

  /* owned */
  PtlSaved   *saved;
};

enum
{
  FILL,
  OPEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlSavedList, ptl_saved_list, GTK_TYPE_BOX)

static PtlSavedItem *
get_item (GtkWidget *widget)
{
  GtkWidget *row = gtk_widget_get_ancestor (widget, ADW_TYPE_ACTION_ROW);

  return g_object_get_data (G_OBJECT (row), "ptl-item");
}

static void
on_item_activated_cb (PtlSavedList *self,
                      GtkWidget    *row)
{
  g_signal_emit (self, signals[FILL], 0, ptl_saved_item_get_spec (get_item (row)));
}

static void
open_item (PtlSavedList *self,
           GtkWidget      *widget)
{
  g_autoptr (PtlSavedItem) item = g_object_ref (get_item (widget));

  g_signal_emit (self, signals[OPEN], 0, ptl_saved_item_get_spec (item));
}

static void
on_item_pressed_cb (GtkGestureClick *gesture,
                    int              n_press,
                    double           x,
                    double           y,
                    gpointer         data)
{
  if (n_press == 2)
    open_item (data, gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture)));
}

static void
on_item_open_cb (GtkWidget *button,
                 gpointer   data)
{
  open_item (data, button);
}

static void
on_item_remove_cb (GtkWidget *button,
                   gpointer   data)
{
  PtlSavedList *self = data;

  ptl_saved_remove (self->saved, get_item (button));
}

static void
on_clear_recents_cb (PtlSavedList *self)
{
  ptl_saved_clear_recents (self->saved);
}

static void
add_item_button (PtlSavedList *self,
                 GtkWidget      *row,
                 const char     *icon,
                 const char     *verb,
                 PtlSavedItem   *item,
                 GCallback       callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  /* Translators: a verb and a session: "Open tcp://localhost:80" */
  g_autofree char *label = g_strdup_printf (_("%s %s"), verb, ptl_saved_item_get_name (item));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, verb);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect (button, "clicked", callback, self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static GtkWidget *
create_item_row_cb (gpointer object,
                    gpointer data)
{
  PtlSavedList *self = data;
  PtlSavedItem *item = object;
  const char *name = ptl_saved_item_get_name (item);
  const char *uri = ptl_saved_item_get_uri (item);
  g_autofree char *icon = NULL;
  GtkWidget *row = adw_action_row_new ();
  GtkGesture *gesture = gtk_gesture_click_new ();

  g_object_get (item, "icon-name", &icon, NULL);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 2);
  if (!g_str_equal (name, uri))
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), uri);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  add_item_button (self, row, "media-playback-start-symbolic", _("Open"), item,
                   G_CALLBACK (on_item_open_cb));
  add_item_button (self, row, "user-trash-symbolic", _("Forget"), item,
                   G_CALLBACK (on_item_remove_cb));

  g_object_set_data_full (G_OBJECT (row), "ptl-item", g_object_ref (item), g_object_unref);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (gesture), GTK_PHASE_CAPTURE);
  g_signal_connect (gesture, "pressed", G_CALLBACK (on_item_pressed_cb), self);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (gesture));
  return row;
}

static void
on_items_changed_cb (PtlSavedList *self)
{
  gtk_widget_set_visible (self->saved_group,
                          g_list_model_get_n_items (ptl_saved_get_saved (self->saved)) > 0);
  gtk_widget_set_visible (self->recent_group,
                          g_list_model_get_n_items (ptl_saved_get_recents (self->saved)) > 0);
}

static void
ptl_saved_list_dispose (GObject *object)
{
  PtlSavedList *self = PTL_SAVED_LIST (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SAVED_LIST);
  g_clear_object (&self->saved);

  G_OBJECT_CLASS (ptl_saved_list_parent_class)->dispose (object);
}

static void
ptl_saved_list_class_init (PtlSavedListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ptl_saved_list_dispose;

  signals[FILL] =
    g_signal_new ("fill", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[OPEN] =
    g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_POINTER);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-saved-list.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSavedList, saved_group);
  gtk_widget_class_bind_template_child (widget_class, PtlSavedList, recent_group);
  gtk_widget_class_bind_template_child (widget_class, PtlSavedList, saved_list);
  gtk_widget_class_bind_template_child (widget_class, PtlSavedList, recent_list);
  gtk_widget_class_bind_template_callback (widget_class, on_item_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_clear_recents_cb);
}

static void
ptl_saved_list_init (PtlSavedList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ptl_saved_list_set_saved (PtlSavedList *self,
                          PtlSaved     *saved)
{
  GListModel *recents;

  g_return_if_fail (PTL_IS_SAVED_LIST (self));
  g_return_if_fail (self->saved == NULL);

  self->saved = g_object_ref (saved);
  gtk_list_box_bind_model (self->saved_list, ptl_saved_get_saved (saved), create_item_row_cb, self,
                           NULL);
  recents = G_LIST_MODEL (gtk_slice_list_model_new (g_object_ref (ptl_saved_get_recents (saved)),
                                                    0, PTL_SAVED_LIST_RECENT_MAX));
  gtk_list_box_bind_model (self->recent_list, recents, create_item_row_cb, self, NULL);
  g_object_unref (recents);

  g_signal_connect_object (ptl_saved_get_saved (saved), "items-changed",
                           G_CALLBACK (on_items_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ptl_saved_get_recents (saved), "items-changed",
                           G_CALLBACK (on_items_changed_cb), self, G_CONNECT_SWAPPED);
  on_items_changed_cb (self);
}
