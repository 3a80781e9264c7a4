/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session in the list of sessions. */
#include "config.h"

#include "ptl-session-row.h"

struct _PtlSessionRow
{
  GtkListBoxRow  parent_instance;

  /* owned */
  PtlSession    *session;
};

enum
{
  PROP_0,
  PROP_SESSION,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlSessionRow, ptl_session_row, GTK_TYPE_LIST_BOX_ROW)

static gboolean
has_text (GtkWidget  *widget,
          const char *text)
{
  return text != NULL && *text != '\0';
}

/* The row as one sentence for a screen reader; the rates would make it chatter. */
static void
on_words_changed_cb (PtlSessionRow *self)
{
  g_autofree char *title = NULL;
  g_autofree char *state = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *label = NULL;

  g_object_get (self->session, "title", &title, "state-text", &state, "problem", &problem, NULL);
  label = g_strjoin (", ", title != NULL ? title : "", state != NULL ? state : "", problem, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
ptl_session_row_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PtlSessionRow *self = PTL_SESSION_ROW (object);

  switch (prop_id)
    {
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_session_row_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PtlSessionRow *self = PTL_SESSION_ROW (object);

  switch (prop_id)
    {
    case PROP_SESSION:
      self->session = g_value_dup_object (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_session_row_constructed (GObject *object)
{
  PtlSessionRow *self = PTL_SESSION_ROW (object);
  static const char *const words[] = {
    "notify::title", "notify::state-text", "notify::problem",
  };

  G_OBJECT_CLASS (ptl_session_row_parent_class)->constructed (object);

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    g_signal_connect_object (self->session, words[i], G_CALLBACK (on_words_changed_cb), self,
                             G_CONNECT_SWAPPED);
  on_words_changed_cb (self);
}

static void
ptl_session_row_dispose (GObject *object)
{
  PtlSessionRow *self = PTL_SESSION_ROW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SESSION_ROW);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_session_row_parent_class)->dispose (object);
}

static void
ptl_session_row_class_init (PtlSessionRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = ptl_session_row_constructed;
  object_class->dispose = ptl_session_row_dispose;
  object_class->get_property = ptl_session_row_get_property;
  object_class->set_property = ptl_session_row_set_property;

  properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL, PTL_TYPE_SESSION,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-session-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, has_text);
}

static void
ptl_session_row_init (PtlSessionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ptl_session_row_new (PtlSession *session)
{
  g_return_val_if_fail (PTL_IS_SESSION (session), NULL);

  return g_object_new (PTL_TYPE_SESSION_ROW, "session", session, NULL);
}

PtlSession *
ptl_session_row_get_session (PtlSessionRow *self)
{
  g_return_val_if_fail (PTL_IS_SESSION_ROW (self), NULL);

  return self->session;
}
