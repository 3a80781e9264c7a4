/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strip that tells of recordings an earlier run left, and offers to open or discard them. */
#include "config.h"

#include "ptl-left-strip.h"

#include <glib/gi18n.h>

#include "base/ptl-clock.h"
#include "ui/ptl-window.h"

struct _PtlLeftStrip
{
  AdwBin         parent_instance;

  /* template */
  GtkRevealer   *revealer;
  GtkLabel      *label;
  GtkMenuButton *choose;
  GtkListBox    *list;

  /* owned */
  PtlSessions   *sessions;
  GPtrArray     *left; /* folders */
  GCancellable  *cancellable;
};

enum
{
  RECOVERED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlLeftStrip, ptl_left_strip, ADW_TYPE_BIN)

static void update (PtlLeftStrip *self);

static void
on_recovered_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (PtlLeftStrip) self = data;
  g_autoptr (GError) error = NULL;
  PtlSession *session = ptl_sessions_recover_finish (PTL_SESSIONS (source), result, &error);

  if (self->sessions == NULL)
    return;

  if (session != NULL)
    {
      gulong n_torn = (gulong) ptl_log_get_n_torn (ptl_session_get_log (session));
      g_autofree char *text =
        g_strdup_printf (ngettext ("%'lu frame at the end of this recording has lost its bytes",
                                   "%'lu frames at the end of this recording have lost their bytes",
                                   n_torn), n_torn);

      g_signal_emit (self, signals[RECOVERED], 0, session);
      if (n_torn > 0)
        gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", text);
    }
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
}

static void
recover (PtlLeftStrip *self,
         guint           i)
{
  ptl_sessions_recover_async (self->sessions, g_ptr_array_index (self->left, i), on_recovered_cb,
                              g_object_ref (self));
  g_ptr_array_remove_index (self->left, i);
}

static void
on_open_cb (PtlLeftStrip *self)
{
  while (self->left->len > 0)
    recover (self, 0);
  update (self);
}

/* --- discarding ------------------------------------------------------------------------------ */

typedef enum
{
  OFFERED, /* the toast shows, and what was discarded is set aside */
  UNDONE,
  DONE
} Fate;

/* What one toast tells of.  The application is held while files are being moved or removed, so that
 * quitting in the middle leaves things as the user meant them. */
typedef struct
{
  unsigned     ref_count;
  GWeakRef     strip;
  PtlSessions *sessions;
  GPtrArray   *aside;    /* folders under the names they have now */
  unsigned     n_moving; /* others that are on their way there */
  Fate         fate;
} Discarding;

static Discarding *
discarding_ref (Discarding *self)
{
  self->ref_count++;
  return self;
}

static void
discarding_unref (Discarding *self)
{
  if (--self->ref_count > 0)
    return;
  g_weak_ref_clear (&self->strip);
  g_object_unref (self->sessions);
  g_ptr_array_unref (self->aside);
  g_free (self);
}

static void
discarding_closure_unref (gpointer  data,
                          GClosure *closure)
{
  discarding_unref (data);
}

/* One thing is done; tells of its failure. */
static void
release (Discarding   *self,
         PtlLeftStrip *strip,
         const GError *error)
{
  if (error != NULL && strip != NULL && strip->sessions != NULL)
    gtk_widget_activate_action (GTK_WIDGET (strip), "win.toast", "s", error->message);
  g_application_release (g_application_get_default ());
  discarding_unref (self);
}

static void
offer_again (PtlLeftStrip *strip,
             const char   *dir)
{
  if (strip == NULL || strip->sessions == NULL)
    return;
  g_ptr_array_add (strip->left, g_strdup (dir));
  update (strip);
}

static void
on_taken_back_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  Discarding *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlLeftStrip) strip = g_weak_ref_get (&self->strip);
  g_autofree char *dir = ptl_sessions_move_finish (PTL_SESSIONS (source), result, NULL, &error);

  if (dir != NULL)
    offer_again (strip, dir);
  release (self, strip, error);
}

static void
on_discarded_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  Discarding *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlLeftStrip) strip = g_weak_ref_get (&self->strip);

  ptl_sessions_discard_left_finish (PTL_SESSIONS (source), result, &error);
  release (self, strip, error);
}

/* Once all are set aside, and it is decided. */
static void
settle (Discarding *self)
{
  if (self->n_moving > 0 || self->fate == OFFERED)
    return;

  for (guint i = 0; i < self->aside->len; i++)
    {
      const char *dir = g_ptr_array_index (self->aside, i);

      g_application_hold (g_application_get_default ());
      if (self->fate == UNDONE)
        ptl_sessions_take_back_async (self->sessions, dir, on_taken_back_cb,
                                      discarding_ref (self));
      else
        ptl_sessions_discard_left_async (self->sessions, dir, on_discarded_cb,
                                         discarding_ref (self));
    }
  g_ptr_array_set_size (self->aside, 0);
}

static void
on_set_aside_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  Discarding *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PtlLeftStrip) strip = g_weak_ref_get (&self->strip);
  g_autofree char *stays = NULL;
  char *dir = ptl_sessions_move_finish (PTL_SESSIONS (source), result, &stays, &error);

  self->n_moving--;
  if (dir != NULL)
    g_ptr_array_add (self->aside, dir);
  else
    offer_again (strip, stays);
  settle (self);
  release (self, strip, error);
}

static void
on_undo_discard_cb (AdwToast *the_toast,
                    gpointer  data)
{
  Discarding *self = data;

  self->fate = UNDONE;
  settle (self);
}

static void
on_discard_dismissed_cb (AdwToast *the_toast,
                         gpointer  data)
{
  Discarding *self = data;

  if (self->fate != OFFERED)
    return;
  self->fate = DONE;
  settle (self);
}

static void
discard (PtlLeftStrip *strip,
         GPtrArray    *dirs)
{
  Discarding *self = g_new0 (Discarding, 1);
  g_autofree char *title = g_strdup_printf (ngettext ("%u recording discarded",
                                                      "%u recordings discarded", dirs->len),
                                            dirs->len);
  AdwToast *the_toast = adw_toast_new (title);

  self->ref_count = 1;
  g_weak_ref_init (&self->strip, strip);
  self->sessions = g_object_ref (strip->sessions);
  self->aside = g_ptr_array_new_with_free_func (g_free);
  self->n_moving = dirs->len;
  for (guint i = 0; i < dirs->len; i++)
    {
      g_application_hold (g_application_get_default ());
      ptl_sessions_set_aside_async (self->sessions, g_ptr_array_index (dirs, i), on_set_aside_cb,
                                    discarding_ref (self));
    }

  adw_toast_set_button_label (the_toast, _("_Undo"));
  g_signal_connect (the_toast, "button-clicked", G_CALLBACK (on_undo_discard_cb), self);
  g_signal_connect_data (the_toast, "dismissed", G_CALLBACK (on_discard_dismissed_cb), self,
                         discarding_closure_unref, 0);
  ptl_window_add_toast (PTL_WINDOW (gtk_widget_get_root (GTK_WIDGET (strip))), the_toast);
}

static void
on_discard_cb (PtlLeftStrip *self)
{
  g_autoptr (GPtrArray) dirs = g_steal_pointer (&self->left);

  self->left = g_ptr_array_new_with_free_func (g_free);
  discard (self, dirs);
  update (self);
}

static guint
find_dir (PtlLeftStrip *self,
           GtkWidget      *button)
{
  const char *dir = g_object_get_data (G_OBJECT (button), "ptl-dir");
  guint i = 0;

  if (!g_ptr_array_find_with_equal_func (self->left, dir, g_str_equal, &i))
    return G_MAXUINT;
  return i;
}

static void
on_open_one_cb (GtkWidget *button,
                     gpointer   data)
{
  PtlLeftStrip *self = data;
  guint i = find_dir (self, button);

  if (i != G_MAXUINT)
    recover (self, i);
  update (self);
}

static void
on_discard_one_cb (GtkWidget *button,
                        gpointer   data)
{
  PtlLeftStrip *self = data;
  guint i = find_dir (self, button);

  if (i != G_MAXUINT)
    {
      g_autoptr (GPtrArray) dirs = g_ptr_array_new_with_free_func (g_free);

      g_ptr_array_add (dirs, g_ptr_array_steal_index (self->left, i));
      discard (self, dirs);
    }
  update (self);
}

/* What a recording is, for its row: title and subtitle. */
static void
describe_thread (GTask        *task,
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
on_described_cb (GObject      *source,
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
add_row (PtlLeftStrip *self,
              const char     *dir)
{
  static const struct
  {
    const char *icon;
    const char *label;
    GCallback   callback;
  } buttons[] = {
    { "document-open-symbolic", N_("Open This Recording"), G_CALLBACK (on_open_one_cb) },
    { "user-trash-symbolic", N_("Discard This Recording"), G_CALLBACK (on_discard_one_cb) },
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
  gtk_list_box_append (self->list, row);

  task = g_task_new (row, self->cancellable, on_described_cb, NULL);
  g_task_set_source_tag (task, add_row);
  g_task_set_task_data (task, g_strdup (dir), g_free);
  g_task_run_in_thread (task, describe_thread);
}

static void
update (PtlLeftStrip *self)
{
  guint n = self->left->len;
  GtkWidget *row;
  g_autofree char *text = NULL;

  /* Its widgets are made when there is something to tell, which there rarely is. */
  if (self->revealer == NULL && n == 0)
    return;
  if (self->revealer == NULL)
    {
      gtk_widget_init_template (GTK_WIDGET (self));
      gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
    }

  text = g_strdup_printf (ngettext ("%u recording of an earlier run was kept",
                                    "%u recordings of an earlier run were kept", n), n);

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; i < n; i++)
    add_row (self, g_ptr_array_index (self->left, i));

  if (n > 0)
    gtk_label_set_label (self->label, text);
  else
    gtk_menu_button_popdown (self->choose);
  gtk_widget_set_visible (GTK_WIDGET (self->choose), n > 1);
  gtk_revealer_set_reveal_child (self->revealer, n > 0);
}

static void
on_listed_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (PtlLeftStrip) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char **dirs = ptl_sessions_list_left_finish (PTL_SESSIONS (source), result, &error);

  if (self->sessions == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      for (guint i = 0; dirs != NULL && dirs[i] != NULL; i++)
        g_free (dirs[i]);
      return;
    }

  if (error != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
  for (guint i = 0; dirs != NULL && dirs[i] != NULL; i++)
    g_ptr_array_add (self->left, dirs[i]);
  update (self);
}

/* --- life ----------------------------------------------------------------------------------- */

static void
ptl_left_strip_dispose (GObject *object)
{
  PtlLeftStrip *self = PTL_LEFT_STRIP (object);

  g_cancellable_cancel (self->cancellable);
  /* First, as AdwBin holds no reference to its child and unparents it itself. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  if (self->revealer != NULL)
    gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_LEFT_STRIP);
  g_clear_object (&self->sessions);

  G_OBJECT_CLASS (ptl_left_strip_parent_class)->dispose (object);
}

static void
ptl_left_strip_finalize (GObject *object)
{
  PtlLeftStrip *self = PTL_LEFT_STRIP (object);

  g_clear_pointer (&self->left, g_ptr_array_unref);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (ptl_left_strip_parent_class)->finalize (object);
}

static void
ptl_left_strip_class_init (PtlLeftStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_left_strip_dispose;
  object_class->finalize = ptl_left_strip_finalize;

  signals[RECOVERED] =
    g_signal_new ("recovered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, PTL_TYPE_SESSION);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-left-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlLeftStrip, revealer);
  gtk_widget_class_bind_template_child (widget_class, PtlLeftStrip, label);
  gtk_widget_class_bind_template_child (widget_class, PtlLeftStrip, choose);
  gtk_widget_class_bind_template_child (widget_class, PtlLeftStrip, list);
  gtk_widget_class_bind_template_callback (widget_class, on_open_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_discard_cb);
}

static void
ptl_left_strip_init (PtlLeftStrip *self)
{
  self->left = g_ptr_array_new_with_free_func (g_free);
  self->cancellable = g_cancellable_new ();
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
ptl_left_strip_set_sessions (PtlLeftStrip *self,
                             PtlSessions  *sessions)
{
  g_return_if_fail (PTL_IS_LEFT_STRIP (self));
  g_return_if_fail (self->sessions == NULL);

  self->sessions = g_object_ref (sessions);
  ptl_sessions_list_left_async (sessions, self->cancellable, on_listed_cb, g_object_ref (self));
}
