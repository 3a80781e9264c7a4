/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of the two of Try it: what it is, its state, and its socket calls in order. */
#include "config.h"

#include "ptl-try-it-side.h"

#include <glib/gi18n.h>

#include "ui/ptl-copy-program.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-sockets-pane.h"

struct _PtlTryItSide
{
  GtkBox         parent_instance;

  /* template */
  GtkMenuButton *copy_button;
  GtkWidget     *show_button;
  GtkListBox    *list;

  /* owned */
  char          *title;
  char          *host_name;
  PtlSession    *session;
};

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_SESSION,
  PROP_HOST_NAME,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlTryItSide, ptl_try_it_side, GTK_TYPE_BOX)

static char *
join_words (GtkWidget  *widget,
            const char *title,
            const char *state)
{
  if (title == NULL || state == NULL)
    return g_strdup ("");
  return g_strdup_printf ("%s · %s", title, state);
}

/* --- rows ----------------------------------------------------------------------------------- */

static GtkWidget *
make_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
on_failed_cb (PtlCallItem *item,
              GParamSpec  *pspec,
              GtkWidget   *label)
{
  gboolean failed = FALSE;

  g_object_get (item, "failed", &failed, NULL);
  if (failed)
    gtk_widget_add_css_class (label, "error");
  else
    gtk_widget_remove_css_class (label, "error");
}

static GtkWidget *
create_row_cb (gpointer item,
               gpointer data)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *text = make_label ("monospace");
  GtkWidget *result = make_label ("monospace");
  GtkWidget *explanation = make_label ("caption");

  ptl_direction_set_code (GTK_LABEL (text));
  ptl_direction_set_code (GTK_LABEL (result));
  gtk_widget_add_css_class (explanation, "dim-label");
  gtk_widget_add_css_class (row, "call");
  gtk_box_append (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (box), result);
  gtk_box_append (GTK_BOX (box), explanation);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);

  if (PTL_IS_CALL_ITEM (item))
    {
      g_object_bind_property (item, "text", text, "label", G_BINDING_SYNC_CREATE);
      g_object_bind_property (item, "result", result, "label", G_BINDING_SYNC_CREATE);
      g_object_bind_property (item, "explanation", explanation, "label", G_BINDING_SYNC_CREATE);
      g_signal_connect_object (item, "notify::failed", G_CALLBACK (on_failed_cb), result, 0);
      on_failed_cb (item, NULL, result);
    }
  else
    {
      const char *name = gtk_string_object_get_string (item);
      g_autofree char *quoted = g_strdup_printf ("= \"%s\"", name);

      gtk_label_set_label (GTK_LABEL (text), "gethostname()");
      gtk_label_set_label (GTK_LABEL (result), quoted);
      gtk_label_set_label (GTK_LABEL (explanation),
                           _("Asks the system what this computer is called."));
    }
  return row;
}

static void
update_model (PtlTryItSide *self)
{
  const char *steps[] = { self->host_name, NULL };
  g_autoptr (GListStore) models = NULL;
  g_autoptr (GtkStringList) first = NULL;
  GtkFlattenListModel *all;
  GtkSliceListModel *shown;

  gtk_widget_set_sensitive (GTK_WIDGET (self->copy_button), self->session != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "side.show", self->session != NULL);
  if (self->session == NULL)
    {
      gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
      gtk_widget_set_visible (GTK_WIDGET (self->list), FALSE);
      return;
    }

  models = g_list_store_new (G_TYPE_LIST_MODEL);
  first = gtk_string_list_new (steps);
  g_list_store_append (models, first);
  g_list_store_append (models, ptl_session_get_calls (self->session));
  all = gtk_flatten_list_model_new (G_LIST_MODEL (g_steal_pointer (&models)));
  shown = gtk_slice_list_model_new (G_LIST_MODEL (all), 0, PTL_TRY_IT_CALLS_MAX);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (shown), create_row_cb, NULL, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->list), TRUE);
  g_object_unref (shown);
}

/* --- actions -------------------------------------------------------------------------------- */

static PtlSocketsPane *
get_pane (PtlTryItSide *self)
{
  return PTL_SOCKETS_PANE (gtk_widget_get_ancestor (GTK_WIDGET (self), PTL_TYPE_SOCKETS_PANE));
}

static void
on_show_cb (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  PtlTryItSide *self = PTL_TRY_IT_SIDE (widget);

  if (self->session != NULL)
    ptl_sockets_pane_select (get_pane (self), self->session);
}

static void
on_copy_as_cb (GtkWidget  *widget,
               const char *name,
               GVariant   *parameter)
{
  static const char *const names[] = { "python", "c", "ncat", "socat" };
  PtlTryItSide *self = PTL_TRY_IT_SIDE (widget);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (self->session != NULL && g_str_equal (g_variant_get_string (parameter, NULL), names[i]))
      ptl_copy_program (GTK_WIDGET (self), self->session, (PtlCopyAs) i);
}

/* --- life ----------------------------------------------------------------------------------- */

static void
update_names (PtlTryItSide *self)
{
  /* Translators: %s is Server or Client. */
  g_autofree char *copy = g_strdup_printf (_("Copy the %s as a Program"), self->title);
  g_autofree char *show = g_strdup_printf (_("Show the %s"), self->title);
  g_autofree char *calls = g_strdup_printf (_("Calls of the %s"), self->title);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->title, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->copy_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, copy, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->show_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, show, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  calls, -1);
  gtk_button_set_label (GTK_BUTTON (self->show_button), show);
}

static void
ptl_try_it_side_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PtlTryItSide *self = PTL_TRY_IT_SIDE (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;

    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;

    case PROP_HOST_NAME:
      g_value_set_string (value, self->host_name);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_try_it_side_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PtlTryItSide *self = PTL_TRY_IT_SIDE (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_free (self->title);
      self->title = g_value_dup_string (value);
      update_names (self);
      g_object_notify_by_pspec (object, pspec);
      break;

    case PROP_SESSION:
      if (g_set_object (&self->session, g_value_get_object (value)))
        {
          update_model (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;

    case PROP_HOST_NAME:
      g_free (self->host_name);
      self->host_name = g_value_dup_string (value);
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_try_it_side_dispose (GObject *object)
{
  PtlTryItSide *self = PTL_TRY_IT_SIDE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_TRY_IT_SIDE);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_try_it_side_parent_class)->dispose (object);
}

static void
ptl_try_it_side_finalize (GObject *object)
{
  PtlTryItSide *self = PTL_TRY_IT_SIDE (object);

  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->host_name, g_free);

  G_OBJECT_CLASS (ptl_try_it_side_parent_class)->finalize (object);
}

static void
ptl_try_it_side_class_init (PtlTryItSideClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_try_it_side_dispose;
  object_class->finalize = ptl_try_it_side_finalize;
  object_class->get_property = ptl_try_it_side_get_property;
  object_class->set_property = ptl_try_it_side_set_property;

  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, "",
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL, PTL_TYPE_SESSION,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_HOST_NAME] =
    g_param_spec_string ("host-name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-try-it-side.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlTryItSide, copy_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTryItSide, show_button);
  gtk_widget_class_bind_template_child (widget_class, PtlTryItSide, list);
  gtk_widget_class_bind_template_callback (widget_class, join_words);

  gtk_widget_class_install_action (widget_class, "side.show", NULL, on_show_cb);
  gtk_widget_class_install_action (widget_class, "side.copy-as", "s", on_copy_as_cb);
}

static void
ptl_try_it_side_init (PtlTryItSide *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update_model (self);
}
