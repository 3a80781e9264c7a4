/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Sockets pane: the list of sessions, and beside it the form for a new one, the chosen one, or
 * Try it. */
#include "config.h"

#include "ptl-sockets-pane.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-clock.h"
#include "ui/ptl-session-form.h"
#include "ui/ptl-session-row.h"
#include "ui/ptl-session-view.h"
#include "ui/ptl-try-it.h"
#include "ui/ptl-window.h"

/* How many of the last frames are looked at for what was sent last. */
#define LAST_SENT_FRAMES_MAX 4096
/* A longer message would not fit into a program that someone reads. */
#define LAST_SENT_BYTES_MAX 4096

struct _PtlSocketsPane
{
  GtkWidget           parent_instance;

  /* template */
  GtkRevealer        *left_revealer;
  GtkLabel           *left_label;
  GtkMenuButton      *left_choose;
  GtkListBox         *left_list;
  GtkPaned           *paned;
  GtkWidget          *sidebar;
  GtkListBox         *list;
  GtkStack           *stack;
  PtlSessionForm     *form;
  PtlTryIt           *try_it;
  GtkPopover         *popover;

  /* owned */
  PtlSessions        *sessions;
  PtlSaved           *saved;
  GtkFilterListModel *shown;    /* the sessions without those that were removed */
  GtkFilter          *filter;
  GHashTable         *removed;  /* set of PtlSession: their toast is still there */
  GPtrArray          *left;     /* folders of an earlier run */
  PtlSession         *selected;
  GCancellable       *cancellable;

  /* borrowed */
  GtkWidget          *view;

  bool                narrow;
  bool                detail_shown; /* when narrow: not the list */
  bool                selecting;
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
  return self->shown != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->shown)) : 0;
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
  ptl_session_form_set_welcome (self->form, !has_list);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_GO_BACK]);
}

static void
show_page (PtlSocketsPane *self,
           const char     *page)
{
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

static void
toast (PtlSocketsPane *self,
       const char     *text)
{
  PtlWindow *window = get_window (self);

  if (window != NULL)
    ptl_window_add_toast_text (window, text);
}

/* --- selection ------------------------------------------------------------------------------ */

static void
set_selected (PtlSocketsPane *self,
              PtlSession     *session)
{
  if (!g_set_object (&self->selected, session))
    return;

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
  set_selected (self, NULL);
  show_page (self, page);
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
  double to_x, to_y;

  if (!gtk_widget_translate_coordinates (from, GTK_WIDGET (self), x, y, &to_x, &to_y))
    return;

  gtk_popover_set_pointing_to (self->popover, &(GdkRectangle) { (int) to_x, (int) to_y, 1, 1 });
  gtk_popover_popup (self->popover);
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

static gboolean
is_shown_cb (gpointer item,
             gpointer data)
{
  PtlSocketsPane *self = data;

  return !g_hash_table_contains (self->removed, item);
}

/* --- removing, with undo -------------------------------------------------------------------- */

typedef struct
{
  GWeakRef    pane;
  PtlSession *session;
} Removal;

static void
removal_free (gpointer  data,
              GClosure *closure)
{
  Removal *removal = data;

  g_weak_ref_clear (&removal->pane);
  g_object_unref (removal->session);
  g_free (removal);
}

static void
on_undo_removal_cb (AdwToast *the_toast,
                    gpointer  data)
{
  Removal *removal = data;
  g_autoptr (PtlSocketsPane) self = g_weak_ref_get (&removal->pane);

  if (self != NULL && g_hash_table_remove (self->removed, removal->session))
    {
      gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_LESS_STRICT);
      ptl_sockets_pane_select (self, removal->session);
    }
}

static void
on_removal_dismissed_cb (AdwToast *the_toast,
                         gpointer  data)
{
  Removal *removal = data;
  g_autoptr (PtlSocketsPane) self = g_weak_ref_get (&removal->pane);

  if (self != NULL && g_hash_table_contains (self->removed, removal->session))
    {
      ptl_sessions_remove (self->sessions, removal->session, FALSE);
      g_hash_table_remove (self->removed, removal->session);
    }
}

/* --- recordings of an earlier run ----------------------------------------------------------- */

static void update_left (PtlSocketsPane *self);

static void
on_recovered_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (PtlSocketsPane) self = data;
  g_autoptr (GError) error = NULL;
  PtlSession *session = ptl_sessions_recover_finish (PTL_SESSIONS (source), result, &error);

  if (self->sessions == NULL)
    return;

  if (session != NULL)
    ptl_sockets_pane_select (self, session);
  else
    toast (self, error->message);
}

static void
recover (PtlSocketsPane *self,
         guint           i)
{
  ptl_sessions_recover_async (self->sessions, g_ptr_array_index (self->left, i), on_recovered_cb,
                              g_object_ref (self));
  g_ptr_array_remove_index (self->left, i);
}

static void
on_left_open_cb (PtlSocketsPane *self)
{
  while (self->left->len > 0)
    recover (self, 0);
  update_left (self);
}

typedef struct
{
  GWeakRef   pane;
  GPtrArray *dirs;
} Discarding;

static void
discarding_free (gpointer  data,
                 GClosure *closure)
{
  Discarding *discarding = data;

  g_weak_ref_clear (&discarding->pane);
  g_ptr_array_unref (discarding->dirs);
  g_free (discarding);
}

static void
on_undo_discard_cb (AdwToast *the_toast,
                    gpointer  data)
{
  Discarding *discarding = data;
  g_autoptr (PtlSocketsPane) self = g_weak_ref_get (&discarding->pane);

  if (self == NULL)
    return;

  g_ptr_array_extend_and_steal (self->left, g_steal_pointer (&discarding->dirs));
  discarding->dirs = g_ptr_array_new_with_free_func (g_free);
  update_left (self);
}

static void
on_discarded_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (PtlSocketsPane) self = data;
  g_autoptr (GError) error = NULL;

  if (!ptl_sessions_discard_left_finish (PTL_SESSIONS (source), result, &error) &&
      self->sessions != NULL)
    toast (self, error->message);
}

static void
on_discard_dismissed_cb (AdwToast *the_toast,
                         gpointer  data)
{
  Discarding *discarding = data;
  g_autoptr (PtlSocketsPane) self = g_weak_ref_get (&discarding->pane);

  if (self == NULL || self->sessions == NULL)
    return;

  for (guint i = 0; i < discarding->dirs->len; i++)
    ptl_sessions_discard_left_async (self->sessions, g_ptr_array_index (discarding->dirs, i),
                                     on_discarded_cb, g_object_ref (self));
  g_ptr_array_set_size (discarding->dirs, 0);
}

/* Takes @dirs. */
static void
discard (PtlSocketsPane *self,
         GPtrArray      *dirs)
{
  PtlWindow *window = get_window (self);
  Discarding *discarding = g_new0 (Discarding, 1);
  g_autofree char *title = g_strdup_printf (ngettext ("%u recording discarded",
                                                      "%u recordings discarded", dirs->len),
                                            dirs->len);
  AdwToast *the_toast = adw_toast_new (title);

  g_weak_ref_init (&discarding->pane, self);
  discarding->dirs = dirs;
  adw_toast_set_button_label (the_toast, _("_Undo"));
  g_signal_connect (the_toast, "button-clicked", G_CALLBACK (on_undo_discard_cb), discarding);
  g_signal_connect_data (the_toast, "dismissed", G_CALLBACK (on_discard_dismissed_cb), discarding,
                         discarding_free, 0);
  ptl_window_add_toast (window, the_toast);
}

static void
on_left_discard_cb (PtlSocketsPane *self)
{
  GPtrArray *dirs = g_steal_pointer (&self->left);

  self->left = g_ptr_array_new_with_free_func (g_free);
  discard (self, dirs);
  update_left (self);
}

static guint
find_left (PtlSocketsPane *self,
           GtkWidget      *button)
{
  const char *dir = g_object_get_data (G_OBJECT (button), "ptl-dir");
  guint i = 0;

  if (!g_ptr_array_find_with_equal_func (self->left, dir, g_str_equal, &i))
    return G_MAXUINT;
  return i;
}

static void
on_left_open_one_cb (GtkWidget *button,
                     gpointer   data)
{
  PtlSocketsPane *self = data;
  guint i = find_left (self, button);

  if (i != G_MAXUINT)
    recover (self, i);
  update_left (self);
}

static void
on_left_discard_one_cb (GtkWidget *button,
                        gpointer   data)
{
  PtlSocketsPane *self = data;
  guint i = find_left (self, button);

  if (i != G_MAXUINT)
    {
      GPtrArray *dirs = g_ptr_array_new_with_free_func (g_free);

      g_ptr_array_add (dirs, g_ptr_array_steal_index (self->left, i));
      discard (self, dirs);
    }
  update_left (self);
}

/* What a recording is, for its row: title and subtitle. */
static void
describe_left_thread (GTask        *task,
                      gpointer      source,
                      gpointer      task_data,
                      GCancellable *cancellable)
{
  g_autoptr (PtlLog) log = ptl_log_open (task_data, NULL);
  g_autoptr (GDateTime) start = NULL;
  g_autofree char *when = NULL;
  g_autofree char *size = NULL;
  g_autofree char *frames = NULL;
  g_autoptr (GStrvBuilder) words = NULL;
  gulong n_frames;

  if (log == NULL)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }

  start = g_date_time_new_from_unix_local ((gint64) (ptl_log_get_start_realtime_ns (log)
                                                     / PTL_NS_PER_S));
  /* Translators: date and time of a recording, see g_date_time_format(). */
  when = start != NULL ? g_date_time_format (start, _("%-e %B %Y, %H:%M:%S")) : NULL;
  size = g_format_size (ptl_log_get_n_bytes (log));
  n_frames = (gulong) ptl_log_get_n_frames (log);
  frames = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'lu frame", "%'lu frames", n_frames),
                            n_frames);
  words = g_strv_builder_new ();
  g_strv_builder_add (words, ptl_log_get_uri (log));
  if (when != NULL)
    g_strv_builder_add_many (words, when, " · ", NULL);
  g_strv_builder_add_many (words, frames, " · ", size, NULL);
  g_task_return_pointer (task, g_strv_builder_end (words), (GDestroyNotify) g_strfreev);
}

static void
on_left_described_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      data)
{
  AdwActionRow *row = ADW_ACTION_ROW (source);
  g_auto (GStrv) words = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autofree char *subtitle = NULL;

  if (words == NULL || words[0] == NULL)
    return;

  subtitle = g_strjoinv ("", words + 1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), words[0]);
  adw_action_row_set_subtitle (row, subtitle);
}

static void
add_left_row (PtlSocketsPane *self,
              const char     *dir)
{
  static const struct
  {
    const char *icon;
    const char *label;
    GCallback   callback;
  } buttons[] = {
    { "document-open-symbolic", N_("Open This Recording"), G_CALLBACK (on_left_open_one_cb) },
    { "user-trash-symbolic", N_("Discard This Recording"), G_CALLBACK (on_left_discard_one_cb) },
  };
  g_autofree char *name = g_path_get_basename (dir);
  GtkWidget *row = adw_action_row_new ();
  g_autoptr (GTask) task = NULL;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  for (size_t i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkWidget *button = gtk_button_new_from_icon_name (buttons[i].icon);

      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_tooltip_text (button, _(buttons[i].label));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _(buttons[i].label), -1);
      g_object_set_data_full (G_OBJECT (button), "ptl-dir", g_strdup (dir), g_free);
      g_signal_connect (button, "clicked", buttons[i].callback, self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  gtk_list_box_append (self->left_list, row);

  task = g_task_new (row, self->cancellable, on_left_described_cb, NULL);
  g_task_set_source_tag (task, add_left_row);
  g_task_set_task_data (task, g_strdup (dir), g_free);
  g_task_run_in_thread (task, describe_left_thread);
}

static void
update_left (PtlSocketsPane *self)
{
  guint n = self->left->len;
  GtkWidget *row;
  g_autofree char *text = g_strdup_printf (ngettext ("%u recording of an earlier run was kept",
                                                     "%u recordings of an earlier run were kept",
                                                     n), n);

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->left_list))) != NULL)
    gtk_list_box_remove (self->left_list, row);
  for (guint i = 0; i < n; i++)
    add_left_row (self, g_ptr_array_index (self->left, i));

  if (n > 0)
    gtk_label_set_label (self->left_label, text);
  else
    gtk_menu_button_popdown (self->left_choose);
  gtk_widget_set_visible (GTK_WIDGET (self->left_choose), n > 1);
  gtk_revealer_set_reveal_child (self->left_revealer, n > 0);
}

static void
on_left_listed_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (PtlSocketsPane) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char **dirs = ptl_sessions_list_left_finish (PTL_SESSIONS (source), result, &error);

  if (self->sessions == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      for (guint i = 0; dirs != NULL && dirs[i] != NULL; i++)
        g_free (dirs[i]);
      return;
    }

  if (error != NULL)
    toast (self, error->message);
  for (guint i = 0; dirs != NULL && dirs[i] != NULL; i++)
    g_ptr_array_add (self->left, dirs[i]);
  update_left (self);
}

/* --- the form ------------------------------------------------------------------------------- */

static void
on_form_open_cb (PtlSocketsPane *self,
                 gpointer        spec)
{
  ptl_sockets_pane_open (self, spec);
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

/* A toast that is still there when the window goes is as good as dismissed. */
static void
finish_removals (PtlSocketsPane *self)
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->removed);
  while (g_hash_table_iter_next (&iter, &session, NULL))
    ptl_sessions_remove (self->sessions, session, FALSE);
  g_hash_table_remove_all (self->removed);
}

static void
ptl_sockets_pane_dispose (GObject *object)
{
  PtlSocketsPane *self = PTL_SOCKETS_PANE (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  if (self->sessions != NULL)
    {
      gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
      finish_removals (self);
    }
  g_clear_object (&self->selected);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SOCKETS_PANE);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->saved);
  g_clear_object (&self->sessions);

  G_OBJECT_CLASS (ptl_sockets_pane_parent_class)->dispose (object);
}

static void
ptl_sockets_pane_finalize (GObject *object)
{
  PtlSocketsPane *self = PTL_SOCKETS_PANE (object);

  g_clear_pointer (&self->removed, g_hash_table_unref);
  g_clear_pointer (&self->left, g_ptr_array_unref);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (ptl_sockets_pane_parent_class)->finalize (object);
}

static void
ptl_sockets_pane_class_init (PtlSocketsPaneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_sockets_pane_dispose;
  object_class->finalize = ptl_sockets_pane_finalize;
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

  g_type_ensure (PTL_TYPE_SESSION_FORM);
  g_type_ensure (PTL_TYPE_TRY_IT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-sockets-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, left_revealer);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, left_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, left_choose);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, left_list);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, paned);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, sidebar);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, list);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, form);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, try_it);
  gtk_widget_class_bind_template_child (widget_class, PtlSocketsPane, popover);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_menu_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_left_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_left_discard_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_form_open_cb);

  gtk_widget_class_install_action (widget_class, "pane.menu", NULL, on_menu_action_cb);
}

static void
ptl_sockets_pane_init (PtlSocketsPane *self)
{
  g_autoptr (GSettings) settings = g_settings_new ("org.portlight.Portlight");

  self->removed = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->left = g_ptr_array_new_with_free_func (g_free);
  self->cancellable = g_cancellable_new ();

  gtk_widget_init_template (GTK_WIDGET (self));

  self->view = ptl_session_view_new ();
  gtk_stack_add_named (self->stack, self->view, "session");
  g_object_bind_property (self, "narrow", self->view, "narrow", G_BINDING_SYNC_CREATE);
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
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown_cb, self, NULL));
  self->shown = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (sessions)),
                                           g_object_ref (self->filter));
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->shown), create_row_cb, NULL, NULL);
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (on_shown_changed_cb), self,
                           G_CONNECT_SWAPPED);
  ptl_session_form_set_saved (self->form, saved);
  ptl_try_it_set_sessions (self->try_it, sessions);
  update_layout (self);

  ptl_sessions_list_left_async (sessions, self->cancellable, on_left_listed_cb,
                                g_object_ref (self));
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
  g_autofree char *escaped = NULL;
  g_autofree char *title = NULL;
  AdwToast *the_toast;
  Removal *removal;

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

  removal = g_new0 (Removal, 1);
  g_weak_ref_init (&removal->pane, self);
  removal->session = g_object_ref (session);
  escaped = g_markup_escape_text (ptl_session_get_title (session), -1);
  /* Translators: %s is what the session is called, such as tcp://localhost:80 */
  title = g_strdup_printf (_("%s removed"), escaped);
  the_toast = adw_toast_new (title);
  adw_toast_set_button_label (the_toast, _("_Undo"));
  g_signal_connect (the_toast, "button-clicked", G_CALLBACK (on_undo_removal_cb), removal);
  g_signal_connect_data (the_toast, "dismissed", G_CALLBACK (on_removal_dismissed_cb), removal,
                         removal_free, 0);

  self->selecting = TRUE;
  g_hash_table_add (self->removed, g_object_ref (session));
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_MORE_STRICT);
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

  ptl_window_add_toast (window, the_toast);
}

/* The bytes of the last frame that was sent, or NULL. */
static uint8_t *
dup_last_sent (PtlSession *session,
               size_t     *len_bytes)
{
  PtlLog *log = ptl_session_get_log (session);
  uint64_t n = log != NULL ? ptl_log_get_n_frames (log) : 0;
  uint64_t first = n > LAST_SENT_FRAMES_MAX ? n - LAST_SENT_FRAMES_MAX : 0;

  for (uint64_t i = n; i > first; i--)
    {
      PtlFrame frame;

      if (ptl_log_get_frame (log, i - 1, &frame) && frame.kind == PTL_FRAME_OUT &&
          frame.length > 0 && frame.length <= LAST_SENT_BYTES_MAX)
        {
          g_autofree uint8_t *bytes = g_malloc (frame.length);

          if (ptl_log_read (log, &frame, 0, bytes, frame.length) == (ssize_t) frame.length)
            {
              *len_bytes = frame.length;
              return g_steal_pointer (&bytes);
            }
        }
    }
  return NULL;
}

void
ptl_sockets_pane_copy_as (PtlSocketsPane *self,
                          PtlSession     *session,
                          PtlCopyAs       what)
{
  static const char *const told[] = {
    N_("Copied as a Python program"),
    N_("Copied as a C program"),
    N_("Copied as an ncat command"),
    N_("Copied as a socat command"),
    N_("Copied as a URI"),
  };
  const PtlSpec *spec = ptl_session_get_spec (session);
  size_t len_bytes = 0;
  g_autofree uint8_t *message = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (spec->role != PTL_ROLE_LISTEN)
    message = dup_last_sent (session, &len_bytes);
  text = ptl_copy_as (spec, what, message, len_bytes, &error);
  if (text == NULL)
    {
      toast (self, error->message);
      return;
    }

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  toast (self, _(told[what]));
}

void
ptl_sockets_pane_show_form (PtlSocketsPane *self,
                            const PtlSpec  *spec)
{
  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));

  if (spec != NULL)
    ptl_session_form_fill (self->form, spec);
  leave_session (self, "form");
  gtk_widget_grab_focus (GTK_WIDGET (self->form));
}

void
ptl_sockets_pane_try_it (PtlSocketsPane *self)
{
  g_return_if_fail (PTL_IS_SOCKETS_PANE (self));

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
