/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Sockets pane: the list of sessions, and beside it the form for a new one, the chosen one, or
 * Try it. */
#include "config.h"

#include "ptl-sockets-pane.h"

#include <adwaita.h>

#include "ui/ptl-left-strip.h"
#include "ui/ptl-paned.h"
#include "ui/ptl-removals.h"
#include "ui/ptl-row-menu.h"
#include "ui/ptl-session-form.h"
#include "ui/ptl-session-row.h"
#include "ui/ptl-session-view.h"
#include "ui/ptl-try-it.h"
#include "ui/ptl-window.h"

/* Frames until a row is allocated; a list that is out of sight has none. */
#define SCROLL_TICKS_MAX 10

struct _PtlSocketsPane
{
  GtkWidget           parent_instance;

  /* template */
  PtlLeftStrip       *left_strip;
  GtkPaned           *paned;
  GtkWidget          *sidebar;
  GtkListBox         *list;
  GtkStack           *stack;
  GMenuModel         *session_menu;

  /* owned */
  PtlSessions        *sessions;
  PtlSaved           *saved;
  PtlRemovals        *removals;
  PtlSession         *selected;

  /* borrowed; NULL until they are wanted */
  PtlSessionForm     *form;
  PtlTryIt           *try_it;
  GtkWidget          *view;
  GtkWidget          *popover;

  guint               form_id;
  bool                narrow;
  bool                detail_shown; /* when narrow: not the list */
  bool                selecting;
  unsigned            scroll_ticks; /* how many more frames a row may take to get its place */
};

enum
{
  PROP_0,
  PROP_NARROW,
  PROP_CAN_GO_BACK,
  PROP_SELECTED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlSocketsPane, ptl_sockets_pane, GTK_TYPE_WIDGET)

static guint
get_n_shown (PtlSocketsPane *self)
{
  return self->removals != NULL
         ? g_list_model_get_n_items (ptl_removals_get_shown (self->removals)) : 0;
}

static bool
can_go_back (PtlSocketsPane *self)
{
  return self->narrow && self->detail_shown && get_n_shown (self) > 0;
}

/* With no session there is nothing to list, and the form has all the room. */
static void
update_layout (PtlSocketsPane *self)
{
  bool has_list = get_n_shown (self) > 0;

  gtk_widget_set_visible (self->sidebar, has_list && !(self->narrow && self->detail_shown));
  gtk_widget_set_visible (GTK_WIDGET (self->stack),
                          !has_list || !self->narrow || self->detail_shown);
  if (self->form != NULL)
    ptl_session_form_set_welcome (self->form, !has_list);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_GO_BACK]);
}

static void on_form_open_cb (PtlSocketsPane *self,
                             gpointer        spec);

/* The form is made when it is first wanted, at the latest after the window's first frame: people
 * see the window sooner by the time that its rows take. */
static void
ensure_form (PtlSocketsPane *self)
{
  if (self->form != NULL)
    return;
  self->form = g_object_new (PTL_TYPE_SESSION_FORM, NULL);
  g_signal_connect_swapped (self->form, "open", G_CALLBACK (on_form_open_cb), self);
  if (self->saved != NULL)
    ptl_session_form_set_saved (self->form, self->saved);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->form), "form");
  ptl_session_form_set_welcome (self->form, get_n_shown (self) == 0);
}

static gboolean
on_first_idle_cb (gpointer data)
{
  PtlSocketsPane *self = data;

  self->form_id = 0;
  ensure_form (self);
  return G_SOURCE_REMOVE;
}

static void
on_after_paint_cb (PtlSocketsPane *self,
                   GdkFrameClock  *clock)
{
  g_signal_handlers_disconnect_by_func (clock, on_after_paint_cb, self);
  if (self->form == NULL && self->form_id == 0)
    self->form_id = g_idle_add (on_first_idle_cb, self);
}

static void
ptl_sockets_pane_map (GtkWidget *widget)
{
  PtlSocketsPane *self = PTL_SOCKETS_PANE (widget);

  GTK_WIDGET_CLASS (ptl_sockets_pane_parent_class)->map (widget);
  if (self->form == NULL)
    g_signal_connect_object (gtk_widget_get_frame_clock (widget), "after-paint",
                             G_CALLBACK (on_after_paint_cb), self, G_CONNECT_SWAPPED);
}

static void
show_page (PtlSocketsPane *self,
           const char     *page)
{
  if (g_str_equal (page, "form"))
    ensure_form (self);
  gtk_stack_set_visible_child_name (self->stack, page);
  self->detail_shown = TRUE;
  update_layout (self);
}

static PtlWindow *
get_window (PtlSocketsPane *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return PTL_IS_WINDOW (root) ? PTL_WINDOW (root) : NULL;
}

/* --- selection ------------------------------------------------------------------------------ */

/* The pages for sessions and for Try it are made when they are first wanted: most of what a window
 * costs at the start is in them. */
static void
ensure_view (PtlSocketsPane *self)
{
  if (self->view != NULL)
    return;
  self->view = ptl_session_view_new ();
  gtk_stack_add_named (self->stack, self->view, "session");
  g_object_bind_property (self, "narrow", self->view, "narrow", G_BINDING_SYNC_CREATE);
}

static void
ensure_try_it (PtlSocketsPane *self)
{
  if (self->try_it != NULL)
    return;
  self->try_it = g_object_new (PTL_TYPE_TRY_IT, NULL);
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->try_it), "try-it");
  g_object_bind_property (self, "narrow", self->try_it, "narrow", G_BINDING_SYNC_CREATE);
  ptl_try_it_set_sessions (self->try_it, self->sessions);
}

static void
set_selected (PtlSocketsPane *self,
              PtlSession     *session)
{
  if (!g_set_object (&self->selected, session))
    return;

  if (session != NULL)
    ensure_view (self);
  if (self->view != NULL)
    g_object_set (self->view, "session", session, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static GtkListBoxRow *
find_row (PtlSocketsPane *self,
          PtlSession     *session)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (ptl_session_row_get_session (PTL_SESSION_ROW (row)) == session)
      return row;
  return NULL;
}

static void
on_row_selected_cb (PtlSocketsPane *self,
                    GtkListBoxRow  *row)
{
  if (row == NULL || self->selecting)
    return;

  set_selected (self, ptl_session_row_get_session (PTL_SESSION_ROW (row)));
  /* Walking through the list with the keyboard stays in the list. */
  gtk_stack_set_visible_child_name (self->stack, "session");
  update_layout (self);
}

static void
on_row_activated_cb (PtlSocketsPane *self,
                     GtkListBoxRow  *row)
{
  ptl_sockets_pane_select (self, ptl_session_row_get_session (PTL_SESSION_ROW (row)));
}

/* Shows a page that is not a session's. */
static void
leave_session (PtlSocketsPane *self,
               const char     *page)
{
  self->selecting = TRUE;
  gtk_list_box_unselect_all (self->list);
  self->selecting = FALSE;
  /* The page first: a message's entry that had the focus would be insensitive and have it still,
   * which GTK 4.8 warns about when its cursor blinks. */
  show_page (self, page);
  set_selected (self, NULL);
}

static void
on_shown_changed_cb (PtlSocketsPane *self)
{
  update_layout (self);
}

/* --- the menu of a row ---------------------------------------------------------------------- */

static void
popup_menu (PtlSocketsPane *self,
            GtkWidget      *from,
            double          x,
            double          y)
{
  ptl_row_menu_popup (&self->popover, self->session_menu, GTK_WIDGET (self), from, x, y);
}

static void
on_menu_pressed_cb (GtkGestureClick *gesture,
                    int              n_press,
                    double           x,
                    double           y,
                    gpointer         data)
{
  PtlSocketsPane *self = data;
  GtkListBoxRow *row = gtk_list_box_get_row_at_y (self->list, (int) y);

  if (row == NULL)
    return;

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_list_box_select_row (self->list, row);
  popup_menu (self, GTK_WIDGET (self->list), x, y);
}

static void
on_menu_action_cb (GtkWidget  *widget,
                   const char *name,
                   GVariant   *parameter)
{
  PtlSocketsPane *self = PTL_SOCKETS_PANE (widget);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (row != NULL)
    popup_menu (self, GTK_WIDGET (row), 24, gtk_widget_get_height (GTK_WIDGET (row)) / 2.0);
}

static GtkWidget *
create_row_cb (gpointer item,
               gpointer data)
{
  return ptl_session_row_new (item);
}

/* --- the form ------------------------------------------------------------------------------- */

static void
on_form_open_cb (PtlSocketsPane *self,
                 gpointer        spec)
{
  ptl_sockets_pane_open (self, spec);
}

static void
on_recovered_cb (PtlSocketsPane *self,
                 PtlSession     *session)
{
  ptl_sockets_pane_select (self, session);
}

/* --- life ----------------------------------------------------------------------------------- */

static void
set_narrow (PtlSocketsPane *self,
            bool            narrow)
{
  if (narrow == self->narrow)
    return;

  self->narrow = narrow;
  /* What is being looked at stays in sight; the bare form gives way to the list. */
  if (narrow)
    self->detail_shown = self->selected != NULL ||
                         g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "form") != 0;
  update_layout (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

static void
ptl_sockets_pane_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PtlSocketsPane *self = PTL_SOCKETS_PANE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    case PROP_CAN_GO_BACK:
      g_value_set_boolean (value, can_go_back (self));
      break;

    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_sockets_pane_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  PtlSocketsPane *self = PTL_SOCKETS_PANE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_sockets_pane_dispose (GObject *object)
{
  PtlSocketsPane *self = PTL_SOCKETS_PANE (object);
  GtkWidget *child;

  g_clear_handle_id (&self->form_id, g_source_remove);
  if (self->sessions != NULL)
    {
      gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
      ptl_removals_finish (self->removals);
    }
  g_clear_object (&self->selected);
  g_clear_object (&self->removals);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SOCKETS_PANE);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->saved);
  g_clear_object (&self->sessions);

  G_OBJECT_CLASS (ptl_sockets_pane_parent_class)->dispose (object);
}

static void
ptl_sockets_pane_class_init (PtlSocketsPaneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_sockets_pane_dispose;
  widget_class->map = ptl_sockets_pane_map;
  object_class->get_property = ptl_sockets_pane_get_property;
  object_class->set_property = ptl_sockets_pane_set_property;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CAN_GO_BACK] =
    g_param_spec_boolean ("can-go-back", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SELECTED] =
    g_param_spec_object ("selected", NULL, NULL, PTL_TYPE_SESSION,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_LEFT_STRIP);
  g_type_ensure (PTL_TYPE_SESSION_FORM);
  g_type_ensure (PTL_TYPE_TRY_IT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-sockets-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, left_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, paned);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, sidebar);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, list);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, session_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_menu_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_recovered_cb);

  gtk_widget_class_install_action (widget_class, "pane.menu", NULL, on_menu_action_cb);
}

static void
ptl_sockets_pane_init (PtlSocketsPane *self)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.portlight.Portlight");

  gtk_widget_init_template (GTK_WIDGET (self));

  ptl_paned_hide_handle (self->paned);
  g_settings_bind (settings, "sidebar-position", self->paned, "position", G_SETTINGS_BIND_DEFAULT);
  update_layout (self);
}

void
ptl_sockets_pane_set_models (PtlSocketsPane *self,
                             PtlSessions    *sessions,
                             PtlSaved       *saved)
{
  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));
  g_return_if_fail (self->sessions == NULL);

  self->sessions = g_object_ref (sessions);
  self->saved = g_object_ref (saved);
  self->removals = ptl_removals_new (sessions);
  gtk_list_box_bind_model (self->list, ptl_removals_get_shown (self->removals), create_row_cb, NULL,
                           NULL);
  g_signal_connect_object (ptl_removals_get_shown (self->removals), "items-changed",
                           G_CALLBACK (on_shown_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->removals, "restored", G_CALLBACK (ptl_sockets_pane_select), self,
                           G_CONNECT_SWAPPED);
  if (self->form != NULL)
    ptl_session_form_set_saved (self->form, saved);
  update_layout (self);
  ptl_left_strip_set_sessions (self->left_strip, sessions);
}

/* Once it has a place: that of a new row is not known yet. */
static gboolean
on_scroll_tick_cb (GtkWidget     *list,
                   GdkFrameClock *clock,
                   gpointer       data)
{
  PtlSocketsPane *self = data;
  GtkWidget *row = GTK_WIDGET (gtk_list_box_get_selected_row (self->list));
  graphene_rect_t place;

  if (row == NULL || --self->scroll_ticks == 0)
    return G_SOURCE_REMOVE;
  if (gtk_widget_get_height (row) == 0 || !gtk_widget_compute_bounds (row, list, &place))
    return G_SOURCE_CONTINUE;
  gtk_adjustment_clamp_page (gtk_list_box_get_adjustment (self->list), place.origin.y,
                             place.origin.y + place.size.height);
  self->scroll_ticks = 0;
  return G_SOURCE_REMOVE;
}

static void
scroll_to_selected (PtlSocketsPane *self)
{
  if (self->scroll_ticks == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self->list), on_scroll_tick_cb, self, NULL);
  self->scroll_ticks = SCROLL_TICKS_MAX;
}

PtlSession *
ptl_sockets_pane_get_selected (PtlSocketsPane *self)
{
  g_return_val_if_fail (PTL_IS_SOCKETS_PANE (self), NULL);

  return self->selected;
}

void
ptl_sockets_pane_select (PtlSocketsPane *self,
                         PtlSession     *session)
{
  GtkListBoxRow *row;

  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));
  g_return_if_fail (PTL_IS_SESSION (session));

  row = find_row (self, session);
  if (row == NULL)
    return;

  self->selecting = TRUE;
  gtk_list_box_select_row (self->list, row);
  self->selecting = FALSE;
  scroll_to_selected (self);
  set_selected (self, session);
  show_page (self, "session");
}

PtlSession *
ptl_sockets_pane_open (PtlSocketsPane *self,
                       const PtlSpec  *spec)
{
  PtlSession *session;

  g_return_val_if_fail (PTL_IS_SOCKETS_PANE (self), NULL);

  session = ptl_sessions_open (self->sessions, spec);
  ptl_saved_remember (self->saved, spec);
  ptl_sockets_pane_select (self, session);
  return session;
}

void
ptl_sockets_pane_remove (PtlSocketsPane *self,
                         PtlSession     *session)
{
  PtlWindow *window = get_window (self);
  GtkListBoxRow *row = find_row (self, session);
  PtlSession *next = NULL;
  AdwToast *toast;

  g_return_if_fail (PTL_IS_SESSION (session));

  if (row == NULL || window == NULL)
    return;

  if (session == self->selected)
    {
      int i = gtk_list_box_row_get_index (row);
      GtkListBoxRow *other = gtk_list_box_get_row_at_index (self->list, i + 1);

      if (other == NULL && i > 0)
        other = gtk_list_box_get_row_at_index (self->list, i - 1);
      if (other != NULL)
        next = ptl_session_row_get_session (PTL_SESSION_ROW (other));
    }

  if (ptl_session_is_live (session))
    ptl_session_stop (session);

  self->selecting = TRUE;
  toast = ptl_removals_add (self->removals, session);
  self->selecting = FALSE;
  if (session == self->selected)
    {
      if (next != NULL)
        ptl_sockets_pane_select (self, next);
      else
        leave_session (self, "form");
      if (self->narrow && next != NULL)
        ptl_sockets_pane_go_back (self);
    }

  ptl_window_add_toast (window, toast);
}

void
ptl_sockets_pane_show_form (PtlSocketsPane *self,
                            const PtlSpec  *spec)
{
  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));

  if (spec != NULL)
    {
      ensure_form (self);
      ptl_session_form_fill (self->form, spec);
    }
  leave_session (self, "form");
  gtk_widget_grab_focus (GTK_WIDGET (self->form));
}

void
ptl_sockets_pane_try_it (PtlSocketsPane *self)
{
  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));

  ensure_try_it (self);
  leave_session (self, "try-it");
  ptl_try_it_run (self->try_it);
}

void
ptl_sockets_pane_go_back (PtlSocketsPane *self)
{
  GtkListBoxRow *row;

  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));

  if (!can_go_back (self))
    return;

  self->detail_shown = FALSE;
  update_layout (self);
  row = gtk_list_box_get_selected_row (self->list);
  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

void
ptl_sockets_pane_step (PtlSocketsPane *self,
                       int             n)
{
  guint n_shown = get_n_shown (self);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  int i;

  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));

  if (n_shown == 0)
    return;

  if (row == NULL)
    i = n > 0 ? 0 : (int) n_shown - 1;
  else
    i = CLAMP (gtk_list_box_row_get_index (row) + n, 0, (int) n_shown - 1);
  row = gtk_list_box_get_row_at_index (self->list, i);
  ptl_sockets_pane_select (self, ptl_session_row_get_session (PTL_SESSION_ROW (row)));
}

AdwToastOverlay *
ptl_sockets_pane_get_toasts (PtlSocketsPane *self)
{
  g_return_val_if_fail (PTL_IS_SOCKETS_PANE (self), NULL);

  return self->view != NULL && gtk_widget_get_mapped (self->view)
           ? ptl_session_view_get_toasts (PTL_SESSION_VIEW (self->view)) : NULL;
}
