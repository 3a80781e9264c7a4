/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a session as a list, with its filter: following, pausing, going to any of them. */
#include "config.h"

#include "ui/ptl-frame-view-private.h"

#include <glib/gi18n.h>

#include "ui/ptl-beat.h"
#include "ui/ptl-direction.h"

G_DEFINE_FINAL_TYPE (PtlFrameView, ptl_frame_view, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_NARROW,
  PROP_FOLLOWING,
  PROP_FROZEN,
  PROP_SELECTED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

guint64
ptl_frame_view_get_total (PtlFrameView *self)
{
  PtlLog *log = self->session != NULL ? ptl_session_get_log (self->session) : NULL;

  return log != NULL ? ptl_log_get_n_frames (log) : 0;
}

/* Counts and strips */

void
ptl_frame_view_update_empty (PtlFrameView *self)
{
  bool empty = self->frames == NULL || ptl_frame_list_get_n_frames (self->frames) == 0;

  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "list");
  if (!empty)
    return;
  if (self->filtered)
    {
      adw_status_page_set_icon_name (self->empty_page, "edit-find-symbolic");
      adw_status_page_set_title (self->empty_page, _("No Frame Matches"));
      adw_status_page_set_description (self->empty_page,
                                       _("New frames that match appear here as they come."));
    }
  else if (self->frames != NULL && ptl_frame_list_get_first (self->frames) > 0)
    {
      adw_status_page_set_icon_name (self->empty_page, "edit-clear-all-symbolic");
      adw_status_page_set_title (self->empty_page, _("Cleared"));
      adw_status_page_set_description (
        self->empty_page, _("The log keeps the earlier frames. New ones appear here."));
    }
  else
    {
      adw_status_page_set_icon_name (self->empty_page, "portlight-received-symbolic");
      adw_status_page_set_title (self->empty_page, _("No Frames Yet"));
      adw_status_page_set_description (
        self->empty_page, _("Every byte and every event of this session appears here."));
    }
}

void
ptl_frame_view_update_count (PtlFrameView *self)
{
  g_autofree char *text = NULL;
  guint64 total = ptl_frame_view_get_total (self);
  guint64 shown = 0;
  guint64 start = 0;
  guint n_rows = 0;
  guint n_digits;

  if (self->frames != NULL)
    {
      guint64 first = ptl_frame_list_get_first (self->frames);

      total -= MIN (first, total);
      shown = ptl_frame_list_get_n_frames (self->frames);
      start = ptl_frame_list_get_window_start (self->frames);
      n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->frames));
    }

  n_digits = (guint) g_snprintf (NULL, 0, "%" G_GUINT64_FORMAT, ptl_frame_view_get_total (self));
  if (n_digits != self->n_digits && (n_digits > 6 || self->n_digits > 6))
    {
      self->n_digits = n_digits;
      ptl_frame_view_update_widths (self);
    }

  if (self->filtered)
    text = g_strdup_printf (ngettext ("%'lu of %'lu frame", "%'lu of %'lu frames", (gulong) total),
                            (gulong) shown, (gulong) total);
  else
    text = g_strdup_printf (ngettext ("%'lu frame", "%'lu frames", (gulong) shown), (gulong) shown);
  gtk_label_set_text (self->count_label, text);
  gtk_label_set_text (self->narrow_count_label, text);

  /* A list that glides has told of its rows before, and will again. */
  if (self->frames == NULL || !ptl_frame_list_is_gliding (self->frames))
    gtk_widget_set_visible (self->window_strip, shown > n_rows);
  if (gtk_widget_get_visible (self->window_strip))
    {
      g_autofree char *part =
        g_strdup_printf (_("Frames %'lu to %'lu of %'lu"), (gulong) start + 1,
                         (gulong) (start + n_rows), (gulong) shown);

      gtk_label_set_text (self->window_label, part);
      gtk_widget_set_sensitive (GTK_WIDGET (self->earlier_button), start > 0);
      gtk_widget_set_sensitive (GTK_WIDGET (self->later_button), start + n_rows < shown);
    }

  if (self->frames != NULL && ptl_frame_list_get_frozen (self->frames))
    {
      gulong more = (gulong) (ptl_frame_view_get_total (self) -
                              MIN (self->frozen_at, ptl_frame_view_get_total (self)));
      g_autofree char *news = NULL;

      if (more > 0)
        news = g_strdup_printf (ngettext ("The view is paused, %'lu new frame",
                                          "The view is paused, %'lu new frames", more), more);
      else
        news = g_strdup (_("The view is paused, recording goes on"));
      gtk_label_set_text (self->frozen_label, news);
    }
}

static gboolean
on_count_timeout_cb (gpointer data)
{
  PtlFrameView *self = PTL_FRAME_VIEW (data);

  self->count_source = 0;
  self->counted_at = g_get_monotonic_time ();
  ptl_frame_view_update_count (self);
  return G_SOURCE_REMOVE;
}

/* While frames pour in, the count changes with one of them; the timer is for the last ones. */
static void
queue_count (PtlFrameView *self)
{
  if (ptl_beat_is_new (self->counted_at))
    {
      g_clear_handle_id (&self->count_source, g_source_remove);
      self->counted_at = g_get_monotonic_time ();
      ptl_frame_view_update_count (self);
      return;
    }
  if (self->count_source == 0)
    self->count_source = ptl_beat_add_late (on_count_timeout_cb, self);
}

static void
on_n_frames_cb (PtlFrameView *self)
{
  if (!self->moving && ptl_follow_get_following (self->follow) && !ptl_frame_view_is_at_end (self))
    {
      ptl_frame_view_begin_slide (self);
      ptl_frame_list_reveal_end (self->frames);
      ptl_frame_view_end_move (self);
    }
  ptl_follow_set_at_end (self->follow, ptl_frame_view_is_at_end (self));
  ptl_frame_view_take_rows (self);
  if ((ptl_frame_list_get_n_frames (self->frames) == 0) !=
      (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "empty") == 0))
    ptl_frame_view_update_empty (self);
  queue_count (self);
}

static void
on_items_changed_cb (PtlFrameView *self)
{
  /* A filter's frames come a while after it was set: the selected one may be among them. */
  if (!self->moving && self->selected != NULL && self->filtered &&
      gtk_single_selection_get_selected (self->selection) == GTK_INVALID_LIST_POSITION)
    {
      self->moving = true;
      ptl_frame_view_select_number (self, ptl_frame_item_get_number (self->selected));
      self->moving = false;
    }
}

void
ptl_frame_view_update_scanning (PtlFrameView *self)
{
  gboolean scanning = FALSE;

  if (self->frames != NULL)
    g_object_get (self->frames, "scanning", &scanning, NULL);
  gtk_spinner_set_spinning (self->spinner, scanning);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), scanning);
  queue_count (self);
}

/* State */

static gboolean
get_frozen (PtlFrameView *self)
{
  return self->frames != NULL && ptl_frame_list_get_frozen (self->frames);
}

static void
set_frozen (PtlFrameView *self,
            gboolean      frozen)
{
  if (self->frames == NULL || ptl_frame_list_get_frozen (self->frames) == !!frozen)
    return;
  self->frozen_at = ptl_frame_view_get_total (self);
  ptl_frame_list_set_frozen (self->frames, frozen);
  gtk_widget_set_visible (self->frozen_strip, frozen);
  if (!frozen)
    {
      ptl_frame_list_sync (self->frames);
    }
  ptl_frame_view_update_count (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FROZEN]);
}

static void
on_following_cb (PtlFrameView *self)
{
  if (ptl_follow_get_following (self->follow) && self->frames != NULL &&
      !ptl_frame_view_is_at_end (self))
    {
      ptl_frame_view_begin_slide (self);
      ptl_frame_list_reveal_end (self->frames);
      ptl_frame_view_end_move (self);
    }
  ptl_frame_view_update_gliding (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

static void
on_follow_clicked_cb (PtlFrameView *self)
{
  g_signal_emit_by_name (self, "follow-chosen");
}

static void
on_thaw_cb (PtlFrameView *self)
{
  set_frozen (self, FALSE);
}

static void
set_narrow (PtlFrameView *self,
            gboolean      narrow)
{
  narrow = !!narrow;
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), !narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->narrow_count_label), narrow);
  gtk_orientable_set_orientation (self->go_box, narrow ? GTK_ORIENTATION_VERTICAL
                                                       : GTK_ORIENTATION_HORIZONTAL);
  ptl_frame_view_update_columns (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

void
ptl_frame_view_set_session (PtlFrameView *self,
                            PtlSession   *session)
{
  const char *text = NULL;
  PtlFrameList *frames;

  g_return_if_fail (PTL_IS_FRAME_VIEW (self));
  g_return_if_fail (session == NULL || PTL_IS_SESSION (session));

  if (self->session == session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  g_clear_handle_id (&self->count_source, g_source_remove);

  ptl_frame_view_begin_move (self);
  g_set_object (&self->session, session);
  frames = session != NULL ? ptl_session_get_frames (session) : NULL;
  if (frames != NULL && ptl_follow_get_following (self->follow))
    ptl_frame_list_reveal_end (frames);
  ptl_frame_view_set_frames (self, frames);
  if (self->frames != NULL)
    {
      g_signal_connect_swapped (self->frames, "notify::n-frames", G_CALLBACK (on_n_frames_cb),
                                self);
      g_signal_connect_swapped (self->frames, "notify::window-start",
                                G_CALLBACK (on_n_frames_cb), self);
      g_signal_connect_swapped (self->frames, "notify::scanning",
                                G_CALLBACK (ptl_frame_view_update_scanning), self);
      g_signal_connect_object (self->frames, "items-changed", G_CALLBACK (on_items_changed_cb),
                               self,
                               G_CONNECT_AFTER | G_CONNECT_SWAPPED);
      g_signal_connect_swapped (session, "notify::n-frames", G_CALLBACK (queue_count), self);
      text = g_object_get_data (G_OBJECT (self->frames), PTL_FRAME_FILTER_TEXT_KEY);
    }
  self->moving = false;

  self->setting_filter = true;
  gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), text != NULL ? text : "");
  self->setting_filter = false;
  gtk_widget_remove_css_class (GTK_WIDGET (self->filter_entry), "error");
  gtk_widget_set_visible (GTK_WIDGET (self->filter_error_label), FALSE);
  self->filtered = text != NULL && *text != '\0';
  self->frozen_at = ptl_frame_view_get_total (self);
  gtk_widget_set_visible (self->frozen_strip, get_frozen (self));

  ptl_frame_view_update_columns (self);
  g_clear_object (&self->selected);
  ptl_frame_view_update_filter_actions (self);
  ptl_frame_view_update_scanning (self);
  ptl_frame_view_update_empty (self);
  ptl_frame_view_update_count (self);
  ptl_follow_set_at_end (self->follow, ptl_frame_view_is_at_end (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FROZEN]);
}

static void
ptl_frame_view_system_setting_changed (GtkWidget        *widget,
                                       GtkSystemSetting  setting)
{
  PtlFrameView *self = PTL_FRAME_VIEW (widget);

  for (PtlFrameColumn column = 0; column < PTL_N_FRAME_COLUMNS; column++)
    ptl_cell_style_clear (&self->cell_styles[column]);
  GTK_WIDGET_CLASS (ptl_frame_view_parent_class)->system_setting_changed (widget, setting);
  ptl_frame_view_update_widths (self);
}

/* A menu forgets the actions above it when it is moved with them: it is made anew. */
static void
ptl_frame_view_root (GtkWidget *widget)
{
  PtlFrameView *self = PTL_FRAME_VIEW (widget);
  g_autoptr (GMenuModel) menu = g_object_ref (gtk_menu_button_get_menu_model (self->filter_button));

  GTK_WIDGET_CLASS (ptl_frame_view_parent_class)->root (widget);
  gtk_widget_insert_action_group (widget, "frames", NULL);
  gtk_widget_insert_action_group (widget, "frames", G_ACTION_GROUP (self->actions));
  gtk_menu_button_set_menu_model (self->filter_button, NULL);
  gtk_menu_button_set_menu_model (self->filter_button, menu);
  g_clear_pointer (&self->row_menu, gtk_widget_unparent);
}

static void
ptl_frame_view_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PtlFrameView *self = PTL_FRAME_VIEW (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    case PROP_FOLLOWING:
      g_value_set_boolean (value, ptl_follow_get_following (self->follow));
      break;

    case PROP_FROZEN:
      g_value_set_boolean (value, get_frozen (self));
      break;

    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_frame_view_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  PtlFrameView *self = PTL_FRAME_VIEW (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;

    case PROP_FOLLOWING:
      ptl_follow_set_following (self->follow, g_value_get_boolean (value));
      break;

    case PROP_FROZEN:
      set_frozen (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_frame_view_dispose (GObject *object)
{
  PtlFrameView *self = PTL_FRAME_VIEW (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  g_clear_handle_id (&self->count_source, g_source_remove);
  if (self->follow != NULL)
    g_signal_handlers_disconnect_by_data (self->follow, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_pointer (&self->row_menu, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_FRAME_VIEW);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  for (PtlFrameColumn column = 0; column < PTL_N_FRAME_COLUMNS; column++)
    ptl_cell_style_clear (&self->cell_styles[column]);
  g_clear_object (&self->follow);
  g_clear_object (&self->actions);
  g_clear_object (&self->selection);
  if (self->ramp != NULL)
    g_signal_handlers_disconnect_by_data (self->ramp, self);
  g_clear_object (&self->ramp);
  g_clear_object (&self->selected);
  g_clear_object (&self->frames);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_frame_view_parent_class)->dispose (object);
}

static void
ptl_frame_view_class_init (PtlFrameViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_frame_view_dispose;
  object_class->get_property = ptl_frame_view_get_property;
  object_class->set_property = ptl_frame_view_set_property;
  widget_class->root = ptl_frame_view_root;
  widget_class->system_setting_changed = ptl_frame_view_system_setting_changed;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLLOWING] =
    g_param_spec_boolean ("following", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FROZEN] =
    g_param_spec_boolean ("frozen", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SELECTED] =
    g_param_spec_object ("selected", NULL, NULL, PTL_TYPE_FRAME_ITEM,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_signal_new ("follow-chosen", PTL_TYPE_FRAME_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
  g_signal_new ("activated", PTL_TYPE_FRAME_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-frame-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, filter_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, filter_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, spinner);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, count_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, narrow_count_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_box);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, filter_error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, follow_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, freeze_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_popover);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_entry);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_confirm_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, go_error_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, empty_page);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, view);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, frozen_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, frozen_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, thaw_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, window_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, window_label);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, earlier_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, later_button);
  gtk_widget_class_bind_template_child (widget_class, PtlFrameView, row_menu_model);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK,
                                       "session.copy-frame", "s", "text");
}

static void
ptl_frame_view_init (PtlFrameView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_direction_set_fields (GTK_WIDGET (self->go_entry));

  ptl_frame_view_add_columns (self);
  ptl_frame_view_update_widths (self);
  ptl_frame_view_init_filter (self);
  ptl_frame_view_init_rows (self);

  self->follow = ptl_follow_new (self->scroller);
  g_signal_connect_swapped (self->follow, "notify::following", G_CALLBACK (on_following_cb), self);
  g_object_bind_property (self, "following", self->follow_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_object_bind_property (self, "frozen", self->freeze_button, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect_swapped (self->follow_button, "clicked", G_CALLBACK (on_follow_clicked_cb),
                            self);
  g_signal_connect_swapped (self->thaw_button, "clicked", G_CALLBACK (on_thaw_cb), self);
  ptl_frame_view_update_empty (self);
}

PtlFrameItem *
ptl_frame_view_get_selected (PtlFrameView *self)
{
  g_return_val_if_fail (PTL_IS_FRAME_VIEW (self), NULL);

  return self->selected;
}

void
ptl_frame_view_find (PtlFrameView *self)
{
  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->filter_entry));
}

void
ptl_frame_view_go_to (PtlFrameView *self)
{
  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  gtk_menu_button_popup (self->go_button);
  gtk_widget_grab_focus (GTK_WIDGET (self->go_entry));
}

guint64
ptl_frame_view_clear (PtlFrameView *self)
{
  guint64 first;

  g_return_val_if_fail (PTL_IS_FRAME_VIEW (self), 0);

  if (self->frames == NULL)
    return 0;
  first = ptl_frame_list_get_first (self->frames);
  ptl_frame_view_unclear (self, ptl_frame_view_get_total (self));
  return first;
}

void
ptl_frame_view_unclear (PtlFrameView *self,
                        guint64       first)
{
  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  if (self->frames == NULL)
    return;
  ptl_frame_view_begin_move (self);
  ptl_frame_list_set_first (self->frames, first);
  ptl_frame_view_end_move (self);
  if (self->selected != NULL && ptl_frame_item_get_number (self->selected) < first)
    {
      g_clear_object (&self->selected);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
    }
  ptl_frame_view_update_empty (self);
  ptl_frame_view_update_count (self);
}
