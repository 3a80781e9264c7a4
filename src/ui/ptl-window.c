/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: header bar, panes, toasts, and the clock of what is live. */
#include "config.h"

#include "ui/ptl-window-private.h"

#include "ui/ptl-tab-out.h"
#include "ui/ptl-wrap-layout.h"

#define FLOOD_BYTES_PER_US 256.0 /* megabytes per second */
#define FLOOD_FRAMES_PER_US 0.3  /* millions per second */
#define FLOOD_FRAME_US 31000     /* between two updates then: 32 in a second */
#define IDLE_TICKS_MAX 2         /* frames without news, until the clock may rest */
#define TOAST_CHARS_MAX 400         /* of a text that is told for some seconds */
#define TOASTS_MAX 3                /* such texts, those that wait their turn included */

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlWindow, ptl_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- the clock ------------------------------------------------------------------------------ */

static void on_want_sync_cb (void *data);

/* In a flood the processors are wanted by the sockets: the window is brought up to date every other
 * frame then. */
static void
note_flood (PtlWindow *self,
            gint64     now_us)
{
  double elapsed_us = (double) MAX (now_us - self->synced_us, 1);
  uint64_t bytes = 0, frames = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->sessions)); i++)
    {
      g_autoptr (PtlSession) session = g_list_model_get_item (G_LIST_MODEL (self->sessions), i);
      const PtlSessionStatus *status = ptl_session_get_status (session);

      bytes += status->rx_bytes + status->tx_bytes;
      frames += status->rx_frames + status->tx_frames;
    }
  /* Fewer than before: one was removed. */
  self->flooded =
    (bytes > self->synced_bytes &&
     (double) (bytes - self->synced_bytes) > FLOOD_BYTES_PER_US * elapsed_us) ||
    (frames > self->synced_frames &&
     (double) (frames - self->synced_frames) > FLOOD_FRAMES_PER_US * elapsed_us);
  self->synced_bytes = bytes;
  self->synced_frames = frames;
  self->synced_us = now_us;
  self->due_us += FLOOD_FRAME_US;
  if (self->due_us < now_us)
    self->due_us = now_us + FLOOD_FRAME_US;
}

/* GTK's clock keeps its pace while it is wanted without a break; taken up anew for each frame, it
 * counts from when it came to it, and each delay puts off all that follow. */
static gboolean
on_tick_cb (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       data)
{
  PtlWindow *self = PTL_WINDOW (widget);

  if (self->wants_sync)
    {
      self->idle_ticks = 0;
      /* First, as the sessions may want the next tick from within. */
      self->wants_sync = false;
      ptl_sessions_sync (self->sessions);
      note_flood (self, gdk_frame_clock_get_frame_time (clock));
    }
  else
    self->idle_ticks++;

  if (!self->flooded && self->idle_ticks <= IDLE_TICKS_MAX)
    return G_SOURCE_CONTINUE;
  self->tick_id = 0;
  if (self->wants_sync)
    on_want_sync_cb (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_due_cb (gpointer data)
{
  PtlWindow *self = data;

  self->due_id = 0;
  if (self->tick_id == 0 && self->sync_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_sync_cb (gpointer data)
{
  PtlWindow *self = data;

  self->sync_id = 0;
  self->wants_sync = false;
  ptl_sessions_sync (self->sessions);
  return G_SOURCE_REMOVE;
}

/* A tick callback asks the frame clock for frames as long as it is there, so it is there only
 * while there is news; without a mapped window the clock stands still. */
static void
on_want_sync_cb (void *data)
{
  PtlWindow *self = data;
  gint64 wait_us;

  self->wants_sync = true;
  if (self->tick_id != 0 || self->sync_id != 0 || self->due_id != 0)
    return;

  wait_us = self->flooded ? self->due_us - g_get_monotonic_time () : 0;
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->sync_id = g_idle_add (on_sync_cb, self);
  else if (wait_us >= 1000)
    self->due_id = g_timeout_add_full (GDK_PRIORITY_REDRAW, (guint) (wait_us / 1000), on_due_cb,
                                       self, NULL);
  else
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
}

static void
drop_tick (PtlWindow *self)
{
  g_clear_handle_id (&self->due_id, g_source_remove);
  if (self->tick_id != 0)
    {
      gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
      self->tick_id = 0;
    }
}

static void
ptl_window_unmap (GtkWidget *widget)
{
  PtlWindow *self = PTL_WINDOW (widget);

  if (self->tick_id != 0 || self->due_id != 0)
    {
      drop_tick (self);
      if (self->sync_id == 0)
        self->sync_id = g_idle_add (on_sync_cb, self);
    }

  GTK_WIDGET_CLASS (ptl_window_parent_class)->unmap (widget);
}

/* --- life ----------------------------------------------------------------------------------- */

/* The way back is that of the pane that is shown. */
static void
on_pane_cb (PtlWindow *self)
{
  gboolean can_go_back = FALSE;

  if (self->sockets == NULL || self->back_button == NULL)
    return;
  ptl_window_ensure_pane (self);
  g_object_get (self->sockets, "can-go-back", &can_go_back, NULL);
  gtk_widget_set_visible (self->back_button,
                          can_go_back
                          && g_strcmp0 (adw_view_stack_get_visible_child_name (self->panes),
                                        "sockets") == 0);
}

/* The keyboard goes with the eyes: what is typed next is meant for the pane. */
static void
on_visible_pane_cb (PtlWindow *self)
{
  const char *name = adw_view_stack_get_visible_child_name (self->panes);

  on_pane_cb (self);
  if (g_strcmp0 (name, "lookup") == 0 && self->lookup != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->lookup));
  else if (g_strcmp0 (name, "diagnose") == 0 && self->diagnose != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->diagnose));
  else if (g_strcmp0 (name, "computer") == 0 && self->computer != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->computer));
  else if (g_strcmp0 (name, "reference") == 0 && self->reference != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->reference));
}

static void
on_narrow_cb (PtlWindow *self)
{
  gboolean narrow = ptl_adaptive_bin_get_narrow (self->bin);
  guint n_panes = g_list_model_get_n_items (G_LIST_MODEL (self->pages));

  /* A switcher with one entry would be noise. */
  gtk_stack_set_visible_child_name (self->title_stack,
                                    n_panes > 1 && !narrow ? "switcher" : "title");
  /* Its buttons are made when they are first shown. */
  if (narrow)
    adw_view_switcher_bar_set_stack (self->switcher_bar, self->panes);
  adw_view_switcher_bar_set_reveal (self->switcher_bar, n_panes > 1 && narrow);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

static void
save_state (PtlWindow *self)
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_boolean (self->settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
  if (width > 0 && height > 0)
    {
      g_settings_set_int (self->settings, "window-width", MAX (width, PTL_ADAPTIVE_MIN_WIDTH));
      g_settings_set_int (self->settings, "window-height", MAX (height, 200));
    }
  g_settings_set_string (self->settings, "pane",
                         adw_view_stack_get_visible_child_name (self->panes));
}

static gboolean
ptl_window_close_request (GtkWindow *window)
{
  save_state (PTL_WINDOW (window));

  return GTK_WINDOW_CLASS (ptl_window_parent_class)->close_request (window);
}

static void
restore_state (PtlWindow *self)
{
  int width = g_settings_get_int (self->settings, "window-width");
  int height = g_settings_get_int (self->settings, "window-height");
  g_autofree char *pane = g_settings_get_string (self->settings, "pane");

  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  else
    ptl_adaptive_bin_expect (self->bin, width);
  if (adw_view_stack_get_child_by_name (self->panes, pane) != NULL)
    adw_view_stack_set_visible_child_name (self->panes, pane);
}

static void
ptl_window_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  PtlWindow *self = PTL_WINDOW (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, ptl_adaptive_bin_get_narrow (self->bin));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_window_dispose (GObject *object)
{
  PtlWindow *self = PTL_WINDOW (object);

  if (self->sessions != NULL)
    ptl_sessions_set_sync_hook (self->sessions, NULL, NULL);
  drop_tick (self);
  g_clear_handle_id (&self->sync_id, g_source_remove);
  if (self->selected != NULL)
    g_clear_signal_handler (&self->live_id, self->selected);
  g_clear_object (&self->selected);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_WINDOW);
  g_clear_object (&self->pages);
  g_clear_object (&self->settings);
  g_clear_object (&self->saved);
  g_clear_object (&self->sessions);

  G_OBJECT_CLASS (ptl_window_parent_class)->dispose (object);
}

static void
ptl_window_class_init (PtlWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GtkWindowClass *window_class = GTK_WINDOW_CLASS (klass);

  object_class->dispose = ptl_window_dispose;
  object_class->get_property = ptl_window_get_property;
  widget_class->unmap = ptl_window_unmap;
  window_class->close_request = ptl_window_close_request;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_ADAPTIVE_BIN);
  g_type_ensure (PTL_TYPE_SOCKETS_PANE);
  g_type_ensure (PTL_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, bin);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, title_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, panes);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, primary_menu);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, sockets);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, lookup_bin);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, diagnose_bin);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, computer_bin);
  gtk_widget_class_bind_template_child (widget_class, PtlWindow, reference_bin);
  gtk_widget_class_bind_template_callback (widget_class, on_pane_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_visible_pane_cb);

  ptl_window_install_actions (widget_class);
}

/* Its rows are made when they are first shown. */
static void
make_menu_cb (GtkMenuButton *button,
              gpointer       data)
{
  PtlWindow *self = data;

  if (gtk_menu_button_get_menu_model (button) == NULL)
    gtk_menu_button_set_menu_model (button, self->primary_menu);
}

static void
show_if_any (PtlWindow          *self,
             GtkWidget          *bin,
             const PtlPageEntry *pages)
{
  adw_view_stack_page_set_visible (adw_view_stack_get_page (self->panes, bin),
                                   pages[0].name != NULL);
}

static void
ptl_window_init (PtlWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_tab_out_install (GTK_NATIVE (self));
  if (PTL_DEVELOPMENT)
    gtk_widget_add_css_class (GTK_WIDGET (self), "devel");

  gtk_menu_button_set_create_popup_func (self->menu_button, make_menu_cb, self, NULL);
  self->pages = adw_view_stack_get_pages (self->panes);
  show_if_any (self, GTK_WIDGET (self->diagnose_bin), ptl_diagnose_pages ());
  show_if_any (self, GTK_WIDGET (self->computer_bin), ptl_computer_pages ());
  g_signal_connect_swapped (self->bin, "notify::narrow", G_CALLBACK (on_narrow_cb), self);
  g_signal_connect_swapped (self->sockets, "notify::selected",
                            G_CALLBACK (ptl_window_update_selected), self);
  self->settings = g_settings_new ("org.portlight.Portlight");
  on_narrow_cb (self);
  on_pane_cb (self);
  ptl_window_update_actions (self);
}

PtlWindow *
ptl_window_new (GtkApplication *app,
                PtlSessions    *sessions,
                PtlSaved       *saved)
{
  PtlWindow *self = g_object_new (PTL_TYPE_WINDOW, "application", app, NULL);

  /* Not in init: what is asked of a window that has no application yet, GTK 4.8 forgets. */
  restore_state (self);
  self->sessions = g_object_ref (sessions);
  self->saved = g_object_ref (saved);
  ptl_sockets_pane_set_models (self->sockets, sessions, saved);
  ptl_sessions_set_sync_hook (sessions, on_want_sync_cb, self);
  return self;
}

PtlSession *
ptl_window_open_spec (PtlWindow     *self,
                      const PtlSpec *spec)
{
  g_return_val_if_fail (PTL_IS_WINDOW (self), NULL);

  ptl_window_show_sockets (self);
  return ptl_sockets_pane_open (self->sockets, spec);
}

void
ptl_window_show_form (PtlWindow     *self,
                      const PtlSpec *spec)
{
  g_return_if_fail (PTL_IS_WINDOW (self));

  ptl_window_show_sockets (self);
  ptl_sockets_pane_show_form (self->sockets, spec);
}

void
ptl_window_try_it (PtlWindow *self)
{
  g_return_if_fail (PTL_IS_WINDOW (self));

  ptl_window_show_sockets (self);
  ptl_sockets_pane_try_it (self->sockets);
}

void
ptl_window_add_toast (PtlWindow *self,
                      AdwToast  *toast)
{
  g_return_if_fail (PTL_IS_WINDOW (self));

  adw_toast_overlay_add_toast (self->toasts, toast);
}

AdwToastOverlay *
ptl_window_get_toasts (PtlWindow *self)
{
  AdwToastOverlay *toasts = ptl_sockets_pane_get_toasts (self->sockets);

  return toasts != NULL ? toasts : self->toasts;
}

/* For a toast: of what is long the beginning and the end, where the reason is.  A label lays out
 * all that it has, megabytes for seconds. */
static char *
shorten (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  long n = g_utf8_strlen (valid, -1);
  g_autofree char *head = NULL;
  const char *tail;

  if (n <= TOAST_CHARS_MAX)
    return g_steal_pointer (&valid);
  head = g_utf8_substring (valid, 0, TOAST_CHARS_MAX / 2);
  tail = g_utf8_offset_to_pointer (valid, n - TOAST_CHARS_MAX / 2);
  return g_strconcat (head, "…", tail, NULL);
}

static void
on_toast_dismissed_cb (AdwToast  *toast,
                       PtlWindow *self)
{
  g_queue_remove (&self->told, toast);
}

void
ptl_window_add_toast_text (PtlWindow  *self,
                           const char *text)
{
  g_autofree char *shortened = shorten (text);
  g_autofree char *escaped = g_markup_escape_text (shortened, -1); /* a title is markup */
  AdwToast *toast = adw_toast_new (escaped);

  /* Each is told for some seconds: of a flood of them the last ones.  The first is in sight. */
  if (self->told.length >= TOASTS_MAX)
    adw_toast_dismiss (g_queue_peek_nth (&self->told, 1));
  g_queue_push_tail (&self->told, toast);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_toast_dismissed_cb), self, 0);
  adw_toast_overlay_add_toast (ptl_window_get_toasts (self), toast);
}
