/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that were removed, hidden by a filter until their toast is gone. */
#include "config.h"

#include "ptl-removals.h"

#include <glib/gi18n.h>

struct _PtlRemovals
{
  GObject             parent_instance;

  PtlSessions        *sessions;
  GHashTable         *removed; /* set of PtlSession */
  GtkFilter          *filter;
  GtkFilterListModel *shown;
};

enum
{
  RESTORED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PtlRemovals, ptl_removals, G_TYPE_OBJECT)

/* What a toast knows. */
typedef struct
{
  GWeakRef    removals;
  PtlSession *session;
} Removal;

static void
removal_free (gpointer  data,
              GClosure *closure)
{
  Removal *removal = data;

  g_weak_ref_clear (&removal->removals);
  g_object_unref (removal->session);
  g_free (removal);
}

static void
on_undo_cb (AdwToast *toast,
            gpointer  data)
{
  Removal *removal = data;
  g_autoptr (PtlRemovals) self = g_weak_ref_get (&removal->removals);

  if (self != NULL && g_hash_table_remove (self->removed, removal->session))
    {
      gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_LESS_STRICT);
      g_signal_emit (self, signals[RESTORED], 0, removal->session);
    }
}

static void
on_dismissed_cb (AdwToast *toast,
                 gpointer  data)
{
  Removal *removal = data;
  g_autoptr (PtlRemovals) self = g_weak_ref_get (&removal->removals);

  if (self != NULL && g_hash_table_contains (self->removed, removal->session))
    {
      ptl_sessions_remove (self->sessions, removal->session, FALSE);
      g_hash_table_remove (self->removed, removal->session);
    }
}

static gboolean
is_shown_cb (gpointer item,
             gpointer data)
{
  PtlRemovals *self = data;

  return !g_hash_table_contains (self->removed, item);
}

static void
ptl_removals_dispose (GObject *object)
{
  PtlRemovals *self = PTL_REMOVALS (object);

  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->sessions);

  G_OBJECT_CLASS (ptl_removals_parent_class)->dispose (object);
}

static void
ptl_removals_finalize (GObject *object)
{
  PtlRemovals *self = PTL_REMOVALS (object);

  g_clear_pointer (&self->removed, g_hash_table_unref);

  G_OBJECT_CLASS (ptl_removals_parent_class)->finalize (object);
}

static void
ptl_removals_class_init (PtlRemovalsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ptl_removals_dispose;
  object_class->finalize = ptl_removals_finalize;

  signals[RESTORED] = g_signal_new ("restored", PTL_TYPE_REMOVALS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 1, PTL_TYPE_SESSION);
}

static void
ptl_removals_init (PtlRemovals *self)
{
  self->removed = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

PtlRemovals *
ptl_removals_new (PtlSessions *sessions)
{
  PtlRemovals *self = g_object_new (PTL_TYPE_REMOVALS, NULL);

  self->sessions = g_object_ref (sessions);
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown_cb, self, NULL));
  self->shown = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (sessions)),
                                           g_object_ref (self->filter));
  return self;
}

GListModel *
ptl_removals_get_shown (PtlRemovals *self)
{
  return G_LIST_MODEL (self->shown);
}

AdwToast *
ptl_removals_add (PtlRemovals *self,
                  PtlSession  *session)
{
  g_autofree char *escaped = g_markup_escape_text (ptl_session_get_title (session), -1);
  /* Translators: %s is what the session is called, such as tcp://localhost:80 */
  g_autofree char *title = g_strdup_printf (_("%s removed"), escaped);
  AdwToast *toast = adw_toast_new (title);
  Removal *removal = g_new0 (Removal, 1);

  g_weak_ref_init (&removal->removals, self);
  removal->session = g_object_ref (session);
  adw_toast_set_button_label (toast, _("_Undo"));
  g_signal_connect (toast, "button-clicked", G_CALLBACK (on_undo_cb), removal);
  g_signal_connect_data (toast, "dismissed", G_CALLBACK (on_dismissed_cb), removal, removal_free,
                         0);
  g_hash_table_add (self->removed, g_object_ref (session));
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_MORE_STRICT);
  return toast;
}

void
ptl_removals_finish (PtlRemovals *self)
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->removed);
  while (g_hash_table_iter_next (&iter, &session, NULL))
    ptl_sessions_remove (self->sessions, session, FALSE);
  g_hash_table_remove_all (self->removed);
}
