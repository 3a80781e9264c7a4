/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket calls of a session, each explained. */
#include "config.h"

#include "ui/ptl-calls-page.h"

#include <math.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/ptl-clock.h"
#include "ui/ptl-beat.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-follow.h"
#include "ui/ptl-ramp.h"

/* GTK lays a label out at its least width to measure it, each character on a line of its own. */
#define MIN_CHARS 12

#define MORE_ROWS 4 /* than are in sight, when their heights are as of those before */

struct _PtlCallsPage
{
  GtkWidget       parent_instance;

  GtkStack       *stack;
  AdwStatusPage  *empty_page;
  GtkScrolledWindow *scroller;
  GtkListView    *view;
  GtkLabel       *dropped_label;

  PtlSession     *session;   /* owned, or NULL */
  PtlFollow      *follow;    /* owned */
  PtlRamp        *ramp;      /* owned */
  GtkNoSelection *selection; /* owned */
  GPtrArray      *late_rows; /* borrowed Row: their items have changed since */
  guint           late_source;
  gboolean        explain;
};

G_DEFINE_FINAL_TYPE (PtlCallsPage, ptl_calls_page, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_EXPLAIN,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* The widgets of a row; the labels are its children. */
typedef struct
{
  PtlCallsPage *page;
  PtlCallItem  *item; /* borrowed, while bound */
  gint64        updated_us;
  GtkLabel     *time;
  GtkLabel     *call;
  GtkLabel     *explanation;
} Row;

static char *
format_moment (PtlCallsPage *self,
               guint64       time_ns)
{
  PtlLog *log = self->session != NULL ? ptl_session_get_log (self->session) : NULL;
  guint64 start_ns = log != NULL ? ptl_log_get_start_monotonic_ns (log) : 0;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *seconds = NULL;
  guint64 real_ns;

  if (start_ns != 0)
    real_ns = ptl_log_get_start_realtime_ns (log) + time_ns - start_ns;
  else
    real_ns = ptl_clock_realtime_ns () - (ptl_clock_monotonic_ns () - time_ns);
  time = g_date_time_new_from_unix_local ((gint64) (real_ns / PTL_NS_PER_S));
  seconds = time != NULL ? g_date_time_format (time, "%T") : g_strdup ("");
  return g_strdup_printf ("%s.%03u", seconds, (guint) (real_ns % PTL_NS_PER_S / PTL_NS_PER_MS));
}

/* When it was made; of calls in one line, when the first and the last one were. */
static char *
format_time (PtlCallsPage        *self,
             const PtlCallRecord *record)
{
  g_autofree char *first = format_moment (self, record->time_ns);
  g_autofree char *last = format_moment (self, MAX (record->last_ns, record->time_ns));

  return g_str_equal (first, last) ? g_steal_pointer (&first)
                                   : g_strdup_printf ("%s – %s", first, last);
}

static void
update_row (Row *row)
{
  PtlCallItem *item = row->item;
  g_autofree char *time = format_time (row->page, ptl_call_item_get_record (item));
  g_autofree char *text = g_strdup_printf ("%s %s", ptl_call_item_get_text (item),
                                           ptl_call_item_get_result (item));
  gboolean failed = FALSE;

  row->updated_us = g_get_monotonic_time ();
  g_object_get (item, "failed", &failed, NULL);
  gtk_label_set_text (row->time, time);
  gtk_label_set_text (row->call, text);
  gtk_label_set_text (row->explanation, ptl_call_item_get_explanation (item));
  if (failed)
    gtk_widget_add_css_class (GTK_WIDGET (row->call), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row->call), "error");
}

static gboolean
on_late_cb (gpointer data)
{
  PtlCallsPage *self = PTL_CALLS_PAGE (data);

  self->late_source = 0;
  for (guint i = 0; i < self->late_rows->len; i++)
    update_row (g_ptr_array_index (self->late_rows, i));
  g_ptr_array_set_size (self->late_rows, 0);
  return G_SOURCE_REMOVE;
}

/* A call that is repeated grows with every frame.  In a stream of news the row follows with one of
 * them; the timer is for the last.  What nobody sees waits until the page is shown. */
static void
on_item_text_cb (PtlCallItem *item,
                 GParamSpec  *pspec,
                 Row         *row)
{
  PtlCallsPage *self = row->page;
  bool mapped = gtk_widget_get_mapped (GTK_WIDGET (self));

  if (mapped && ptl_beat_is_new (row->updated_us))
    {
      update_row (row);
      g_ptr_array_remove_fast (self->late_rows, row);
      if (self->late_rows->len == 0)
        g_clear_handle_id (&self->late_source, g_source_remove);
      return;
    }
  if (!g_ptr_array_find (self->late_rows, row, NULL))
    g_ptr_array_add (self->late_rows, row);
  if (mapped && self->late_source == 0)
    self->late_source = ptl_beat_add_late (on_late_cb, self);
}

static GtkLabel *
add_label (GtkWidget  *box,
           const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), MIN_CHARS);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
on_setup_cb (GtkSignalListItemFactory *factory,
             GtkListItem              *item,
             PtlCallsPage             *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  Row *row = g_new0 (Row, 1);

  row->page = self;
  row->time = add_label (box, "caption");
  gtk_widget_add_css_class (GTK_WIDGET (row->time), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (row->time), "numeric");
  row->call = add_label (box, "monospace");
  ptl_direction_set_code (row->call);
  row->explanation = add_label (box, "caption");
  gtk_widget_add_css_class (GTK_WIDGET (row->explanation), "dim-label");
  g_object_bind_property (self, "explain", row->explanation, "visible", G_BINDING_SYNC_CREATE);
  g_object_set_data_full (G_OBJECT (item), "ptl-row", row, g_free);
  g_object_set_data (G_OBJECT (box), "ptl-row", row);
  gtk_list_item_set_child (item, box);
  gtk_list_item_set_activatable (item, FALSE);
}

static void
on_bind_cb (GtkSignalListItemFactory *factory,
            GtkListItem              *list_item,
            PtlCallsPage             *self)
{
  PtlCallItem *item = gtk_list_item_get_item (list_item);
  Row *row = g_object_get_data (G_OBJECT (list_item), "ptl-row");

  row->item = item;
  update_row (row);
  g_signal_connect (item, "notify::text", G_CALLBACK (on_item_text_cb), row);
}

static void
on_unbind_cb (GtkSignalListItemFactory *factory,
              GtkListItem              *list_item,
              PtlCallsPage             *self)
{
  Row *row = g_object_get_data (G_OBJECT (list_item), "ptl-row");

  g_signal_handlers_disconnect_by_data (row->item, row);
  g_ptr_array_remove_fast (self->late_rows, row);
  row->item = NULL;
}

/* Calls may come faster than one can read: then there are those that are in sight at the end. */
static void
update_jump (PtlCallsPage *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  guint n = g_list_model_get_n_items (ptl_ramp_get_rows (self->ramp));
  double height = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_lower (adjustment);
  double n_in_sight = height > 0 ? n * gtk_adjustment_get_page_size (adjustment) / height : 0;

  ptl_ramp_set_jump (self->ramp, ptl_follow_get_following (self->follow)
                                   ? (guint) ceil (MIN (n_in_sight, n)) + MORE_ROWS
                                   : G_MAXUINT);
}

static void
on_items_changed_cb (PtlCallsPage *self)
{
  PtlCallList *calls = self->session != NULL ? ptl_session_get_calls (self->session) : NULL;
  guint64 n_dropped = calls != NULL ? ptl_call_list_get_n_dropped (calls) : 0;
  bool empty = calls == NULL || g_list_model_get_n_items (G_LIST_MODEL (calls)) == 0;

  ptl_ramp_take_rows (self->ramp);
  update_jump (self);
  gtk_stack_set_visible_child_name (self->stack, empty ? "empty" : "list");
  gtk_widget_set_visible (GTK_WIDGET (self->dropped_label), n_dropped > 0);
  if (n_dropped > 0)
    {
      g_autofree char *text =
        g_strdup_printf (ngettext ("%'lu earlier call is no longer in the list",
                                   "%'lu earlier calls are no longer in the list",
                                   (gulong) n_dropped),
                         (gulong) n_dropped);

      gtk_label_set_text (self->dropped_label, text);
    }
}

/* The calls are not part of the log: those of an earlier run are not known any more. */
static void
explain_empty (PtlCallsPage *self)
{
  gboolean recovered = FALSE;

  if (self->session != NULL)
    g_object_get (self->session, "recovered", &recovered, NULL);
  adw_status_page_set_title (self->empty_page, recovered ? _("No Calls Kept") : _("No Calls Yet"));
  adw_status_page_set_description (self->empty_page, recovered
                                   ? _("A recording keeps bytes and events. The socket calls are "
                                       "listed while a session runs.")
                                   : _("Every socket call of this session appears here, with its "
                                       "arguments and its result."));
}

void
ptl_calls_page_set_session (PtlCallsPage *self,
                            PtlSession   *session)
{
  PtlCallList *calls;

  g_return_if_fail (PTL_IS_CALLS_PAGE (self));

  if (self->session == session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (ptl_session_get_calls (self->session), self);
  g_set_object (&self->session, session);
  calls = session != NULL ? ptl_session_get_calls (session) : NULL;
  ptl_ramp_set_model (self->ramp, G_LIST_MODEL (calls));
  if (calls != NULL)
    g_signal_connect_swapped (calls, "items-changed", G_CALLBACK (on_items_changed_cb), self);
  ptl_follow_set_following (self->follow, TRUE);
  explain_empty (self);
  on_items_changed_cb (self);
}

static void
ptl_calls_page_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_EXPLAIN:
      g_value_set_boolean (value, PTL_CALLS_PAGE (object)->explain);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_calls_page_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  PtlCallsPage *self = PTL_CALLS_PAGE (object);

  switch (prop_id)
    {
    case PROP_EXPLAIN:
      if (self->explain == g_value_get_boolean (value))
        return;
      self->explain = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_calls_page_map (GtkWidget *widget)
{
  on_late_cb (widget);
  GTK_WIDGET_CLASS (ptl_calls_page_parent_class)->map (widget);
}

static void
ptl_calls_page_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&PTL_CALLS_PAGE (widget)->late_source, g_source_remove);
  GTK_WIDGET_CLASS (ptl_calls_page_parent_class)->unmap (widget);
}

static void
ptl_calls_page_dispose (GObject *object)
{
  PtlCallsPage *self = PTL_CALLS_PAGE (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (ptl_session_get_calls (self->session), self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_CALLS_PAGE);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_handle_id (&self->late_source, g_source_remove);
  if (self->follow != NULL)
    g_signal_handlers_disconnect_by_data (self->follow, self);
  g_clear_object (&self->follow);
  g_clear_object (&self->selection);
  g_clear_object (&self->ramp);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (ptl_calls_page_parent_class)->dispose (object);
}

static void
ptl_calls_page_finalize (GObject *object)
{
  PtlCallsPage *self = PTL_CALLS_PAGE (object);

  g_clear_pointer (&self->late_rows, g_ptr_array_unref);

  G_OBJECT_CLASS (ptl_calls_page_parent_class)->finalize (object);
}

/* The call whose row has the keyboard: the list selects none. */
static gboolean
on_copy_cb (GtkWidget *widget,
            GVariant  *args,
            gpointer   data)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *box = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;
  Row *row = box != NULL ? g_object_get_data (G_OBJECT (box), "ptl-row") : NULL;

  if (row == NULL || row->item == NULL)
    return FALSE;
  gtk_widget_activate_action (widget, "win.copy-text", "s", gtk_label_get_text (row->call));
  return TRUE;
}

static void
ptl_calls_page_class_init (PtlCallsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_calls_page_dispose;
  object_class->finalize = ptl_calls_page_finalize;
  object_class->get_property = ptl_calls_page_get_property;
  object_class->set_property = ptl_calls_page_set_property;

  properties[PROP_EXPLAIN] =
    g_param_spec_boolean ("explain", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  widget_class->map = ptl_calls_page_map;
  widget_class->unmap = ptl_calls_page_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-calls-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlCallsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlCallsPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, PtlCallsPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlCallsPage, view);
  gtk_widget_class_bind_template_child (widget_class, PtlCallsPage, dropped_label);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, on_copy_cb, NULL);
}

static void
ptl_calls_page_init (PtlCallsPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->explain = TRUE;
  self->late_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind_cb), self);
  self->ramp = ptl_ramp_new (GTK_WIDGET (self), true);
  ptl_ramp_hold_hidden (self->ramp);
  self->selection = gtk_no_selection_new (g_object_ref (ptl_ramp_get_rows (self->ramp)));
  gtk_list_view_set_factory (self->view, factory);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_object_unref (factory);
  self->follow = ptl_follow_new (self->scroller);
  g_signal_connect_swapped (self->follow, "notify::following", G_CALLBACK (update_jump), self);
  on_items_changed_cb (self);
}
