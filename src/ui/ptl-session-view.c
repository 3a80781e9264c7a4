/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session in the window: its frames, the bytes of each, its peers and calls, and what is
 * sent. */
#include "config.h"

#include "ui/ptl-session-view-private.h"

#include <glib/gi18n.h>

#include "model/ptl-fault-text.h"
#include "ui/ptl-groups-dialog.h"
#include "ui/ptl-low-layout.h"
#include "ui/ptl-paned.h"
#include "ui/ptl-reaction-dialog.h"
#include "ui/ptl-tooltip.h"

G_DEFINE_FINAL_TYPE (PtlSessionView, ptl_session_view, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SESSION,
  PROP_NARROW,
  PROP_RECEIVING_PAUSED,
  PROP_SIDE_VISIBLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* What the session says */

/* In two lines where there is no room for one: the break is between the two. */
static void
show_narrow_rates (PtlSessionView *self,
                   const char     *text)
{
  g_autoptr (GString) whole = g_string_new (text);

  g_string_replace (whole, " ", "\u00a0", 0);
  g_string_replace (whole, "\u00a0\u2191", " \u2191", 0);
  g_string_replace (whole, "/", "\u2060/\u2060", 0);
  gtk_label_set_text (self->narrow_rates_label, whole->str);
}

static void
update_rates (PtlSessionView *self)
{
  double rx[PTL_SESSION_RATES_MAX];
  double tx[PTL_SESSION_RATES_MAX];
  g_autofree char *text = NULL;
  size_t n = 0;

  if (self->session != NULL)
    {
      n = ptl_session_get_rates (self->session, rx, tx, PTL_SESSION_RATES_MAX);
      g_object_get (self->session, "rates-text", &text, NULL);
    }
  ptl_graph_set_rates (self->graph, rx, tx, n, text);
  if (g_strcmp0 (gtk_label_get_text (self->rates_label), text) != 0)
    {
      gtk_label_set_text (self->rates_label, text != NULL ? text : "");
      show_narrow_rates (self, text);
    }
}

/* What has ended has none; and nothing can be sent: a narrow window has better use for the room. */
static void
show_what_is_live (PtlSessionView *self)
{
  bool live = gtk_widget_get_visible (self->stop_button);

  gtk_widget_set_visible (GTK_WIDGET (self->send_bar), live || !self->is_narrow);

  gtk_widget_set_visible (GTK_WIDGET (self->rates_label), live && !self->is_narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->narrow_rates_label), live && self->is_narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->graph), live && !self->is_narrow);
}

static void
set_strip (GtkWidget  *strip,
           GtkLabel   *label,
           const char *text)
{
  bool shown = text != NULL && *text != '\0';

  gtk_widget_set_visible (strip, shown);
  if (shown && g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text);
}

/* What goes on while the log is full, and the other choice. */
static void
update_full (PtlSessionView *self,
             bool            full)
{
  bool goes_on = full && ptl_session_get_spec (self->session)->when_full == PTL_FULL_GO_ON;

  gtk_widget_set_visible (self->full_strip, full);
  gtk_widget_set_visible (GTK_WIDGET (self->go_on_button), !goes_on);
  gtk_widget_set_visible (GTK_WIDGET (self->hold_button), goes_on);
  gtk_label_set_text (self->full_label,
                      goes_on
                        ? _("Receiving goes on without being recorded, what comes is counted.")
                        : _("Receiving has stopped until the log can be written again."));
}

static void
update_state (PtlSessionView *self)
{
  g_autofree char *title = NULL;
  g_autofree char *state = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *losses = NULL;
  const PtlSessionStatus *status = NULL;
  gboolean live = FALSE;
  gboolean receiving = TRUE;
  guint n_open = 0;
  bool connected;

  if (self->session != NULL)
    {
      g_object_get (self->session,
                    "title", &title,
                    "state-text", &state,
                    "problem", &problem,
                    "losses-text", &losses,
                    "live", &live,
                    "receiving", &receiving,
                    "n-open-peers", &n_open,
                    NULL);
      status = ptl_session_get_status (self->session);
    }
  gtk_label_set_text (self->title_label, title != NULL ? title : "");
  ptl_tooltip_set (GTK_WIDGET (self->title_label), title);
  gtk_label_set_text (self->state_label, state != NULL ? state : "");
  set_strip (self->problem_strip, self->problem_label, problem);
  set_strip (self->losses_strip, self->losses_label, losses);
  gtk_widget_set_visible (self->holder_button,
                          status != NULL && ptl_fault_wants_owner (&status->fault));
  update_full (self, live && status != NULL && status->log_full);
  gtk_widget_set_visible (self->strips, gtk_widget_get_visible (self->full_strip)
                                          || gtk_widget_get_visible (self->problem_strip)
                                          || gtk_widget_get_visible (self->losses_strip));

  gtk_widget_set_visible (self->stop_button, live || self->session == NULL);
  gtk_widget_set_visible (self->again_button, self->session != NULL && !live);
  show_what_is_live (self);
  connected = live && n_open > 0 &&
              !ptl_spec_is_datagram (ptl_session_get_spec (self->session));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.stop", live);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.end-input", connected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.close-peers", connected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.reset-peers", connected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.receiving-paused", live);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.reaction",
                                 live && ptl_reaction_dialog_applies (self->session));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.groups",
                                 live && ptl_groups_dialog_applies (self->session));
}

static void
on_session_notify_cb (PtlSession     *session,
                      GParamSpec     *pspec,
                      PtlSessionView *self)
{
  static const char *const of_interest[] = {
    "title", "state", "state-text", "problem", "losses-text", "live", "n-open-peers", NULL
  };

  if (g_strv_contains (of_interest, pspec->name))
    update_state (self);
  else if (g_str_equal (pspec->name, "receiving"))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECEIVING_PAUSED]);
  else if (g_str_equal (pspec->name, "rates-text"))
    update_rates (self);
}

/* Between the parts */

static void
on_follow_chosen_cb (PtlSessionView *self)
{
  gboolean following;

  g_object_get (self->frame_view, "following", &following, NULL);
  g_settings_set_boolean (self->settings, "follow-tail", following);
}

static void
on_selected_cb (PtlSessionView *self)
{
  PtlFrameItem *item = ptl_frame_view_get_selected (self->frame_view);

  ptl_inspector_set_item (self->inspector, item);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.copy-frame", item != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "session.resend-frame",
                                 item != NULL &&
                                   ptl_frame_item_get_frame (item)->kind != PTL_FRAME_EVENT);
}

static void
on_activated_cb (PtlSessionView *self)
{
  if (self->is_narrow)
    gtk_stack_set_visible_child_name (self->side_stack, "inspector");
  gtk_widget_child_focus (GTK_WIDGET (self->inspector), GTK_DIR_TAB_FORWARD);
}

void
ptl_session_view_show_frames (PtlSessionView *self)
{
  if (self->is_narrow)
    gtk_stack_set_visible_child_name (self->side_stack, "frames");
}

static void
on_filter_peer_cb (PtlSessionView *self,
                   guint           peer)
{
  g_autofree char *word = g_strdup_printf ("peer:#%u", peer);

  ptl_frame_view_filter_on (self->frame_view, "peer:", word);
  ptl_session_view_show_frames (self);
}

static void
on_send_to_cb (PtlSessionView *self,
               guint           peer)
{
  ptl_send_bar_set_target (self->send_bar, peer);
  ptl_send_bar_focus (self->send_bar);
}

static void
on_use_example_cb (PtlSessionView *self,
                   const char     *escaped)
{
  ptl_send_bar_put (self->send_bar, escaped);
}

static void
on_when_full_cb (PtlSessionView *self,
                 GtkButton      *button)
{
  ptl_session_set_when_full (self->session,
                             button == self->go_on_button ? PTL_FULL_GO_ON
                                                          : PTL_FULL_STOP_RECEIVING);
  update_state (self);
}

/* Layout */

static void
move_child (AdwBin *from,
            AdwBin *to)
{
  GtkWidget *child = adw_bin_get_child (from);

  if (child == NULL)
    return;
  g_object_ref (child);
  adw_bin_set_child (from, NULL);
  adw_bin_set_child (to, child);
  g_object_unref (child);
}

static void
update_layout (PtlSessionView *self)
{
  gboolean narrow = self->narrow || ptl_adaptive_bin_get_narrow (self->bin);

  gtk_widget_set_visible (self->side_box, narrow || self->side_visible);
  gtk_widget_set_visible (self->side_button, !narrow);
  if (narrow == self->is_narrow)
    return;
  self->is_narrow = narrow;
  if (narrow)
    {
      g_free (self->wide_tab);
      self->wide_tab = g_strdup (gtk_stack_get_visible_child_name (self->side_stack));
      move_child (self->frames_slot, self->narrow_frames_slot);
      move_child (self->inspector_slot, self->narrow_inspector_slot);
    }
  else
    {
      move_child (self->narrow_frames_slot, self->frames_slot);
      move_child (self->narrow_inspector_slot, self->inspector_slot);
    }
  gtk_stack_page_set_visible (self->frames_page, narrow);
  gtk_stack_page_set_visible (self->inspector_page, narrow);
  gtk_stack_set_visible_child_name (self->side_stack,
                                    narrow ? "frames"
                                           : self->wide_tab != NULL ? self->wide_tab : "calls");
  gtk_widget_set_visible (GTK_WIDGET (self->inspector_paned), !narrow);
  show_what_is_live (self);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->full_strip),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  g_object_set (self->frame_view, "narrow", narrow, NULL);
  g_object_set (self->inspector, "narrow", narrow, NULL);
  g_object_set (self->send_bar, "narrow", narrow, NULL);
}

/* With large text not all of the tabs are in view. */
static gboolean
on_show_tab_cb (gpointer data)
{
  PtlSessionView *self = data;
  GtkWidget *scroller = gtk_widget_get_ancestor (self->switcher, GTK_TYPE_SCROLLED_WINDOW);
  graphene_rect_t bounds;

  self->show_tab_id = 0;
  for (GtkWidget *tab = gtk_widget_get_first_child (self->switcher); tab != NULL;
       tab = gtk_widget_get_next_sibling (tab))
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (tab)) &&
        gtk_widget_compute_bounds (tab, self->switcher, &bounds))
      gtk_adjustment_clamp_page (
        gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scroller)), bounds.origin.x,
        bounds.origin.x + bounds.size.width);
  return G_SOURCE_REMOVE;
}

static void
on_tab_cb (PtlSessionView *self)
{
  const char *tab = gtk_stack_get_visible_child_name (self->side_stack);

  if (self->is_narrow && self->show_tab_id == 0)
    self->show_tab_id = g_idle_add (on_show_tab_cb, self);

  if (tab != NULL && !g_str_equal (tab, "frames") && !g_str_equal (tab, "inspector"))
    {
      if (self->is_narrow)
        {
          g_free (self->wide_tab);
          self->wide_tab = g_strdup (tab);
        }
      g_settings_set_string (self->settings, "side-tab", tab);
    }
}

/* The panes get their places once their size is known. */
static void
ptl_session_view_size_allocate (GtkWidget *widget,
                                int        width,
                                int        height,
                                int        baseline)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);

  if (!self->placed && !self->is_narrow && width > 1 && height > 1)
    {
      int side = g_settings_get_int (self->settings, "side-position");
      int below = g_settings_get_int (self->settings, "inspector-position");

      self->placed = true;
      if (side < 0)
        side = width - CLAMP (width / 3, 260, 420);
      if (below < 0)
        below = (height - 110) * 3 / 5;
      gtk_paned_set_position (self->side_paned,
                              CLAMP (side, MIN (width / 3, 300), MAX (width - 200, 1)));
      gtk_paned_set_position (self->inspector_paned, CLAMP (below, 80, MAX (height - 240, 81)));
    }
  gtk_widget_allocate (GTK_WIDGET (self->bin), width, height, baseline, NULL);
}

static void
ptl_session_view_measure (GtkWidget      *widget,
                          GtkOrientation  orientation,
                          int             for_size,
                          int            *minimum,
                          int            *natural,
                          int            *minimum_baseline,
                          int            *natural_baseline)
{
  gtk_widget_measure (GTK_WIDGET (PTL_SESSION_VIEW (widget)->bin), orientation, for_size, minimum,
                      natural, minimum_baseline, natural_baseline);
}

static void
ptl_session_view_unmap (GtkWidget *widget)
{
  PtlSessionView *self = PTL_SESSION_VIEW (widget);

  if (self->placed && !self->is_narrow)
    {
      if (self->side_visible)
        g_settings_set_int (self->settings, "side-position",
                            gtk_paned_get_position (self->side_paned));
      g_settings_set_int (self->settings, "inspector-position",
                          gtk_paned_get_position (self->inspector_paned));
    }

  GTK_WIDGET_CLASS (ptl_session_view_parent_class)->unmap (widget);
}

static void
set_session (PtlSessionView *self,
             PtlSession     *session)
{
  gboolean follow = g_settings_get_boolean (self->settings, "follow-tail");

  if (self->session == session)
    return;
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  if (session != NULL)
    {
      g_signal_connect (session, "notify", G_CALLBACK (on_session_notify_cb), self);
      g_signal_connect_swapped (session, "rates-changed", G_CALLBACK (update_rates), self);
    }
  ptl_frame_view_set_session (self->frame_view, session);
  g_object_set (self->frame_view, "following", follow, NULL);
  ptl_peers_page_set_session (self->peers_page, session);
  ptl_calls_page_set_session (self->calls_page, session);
  ptl_about_page_set_session (self->about_page, session);
  ptl_send_bar_set_session (self->send_bar, session);
  update_state (self);
  update_rates (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SESSION]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECEIVING_PAUSED]);
}

static gboolean
is_receiving_paused (PtlSessionView *self)
{
  gboolean receiving = TRUE;

  if (self->session != NULL)
    g_object_get (self->session, "receiving", &receiving, NULL);
  return !receiving;
}

static void
ptl_session_view_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PtlSessionView *self = PTL_SESSION_VIEW (object);

  switch (prop_id)
    {
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;

    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;

    case PROP_RECEIVING_PAUSED:
      g_value_set_boolean (value, is_receiving_paused (self));
      break;

    case PROP_SIDE_VISIBLE:
      g_value_set_boolean (value, self->side_visible);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_session_view_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  PtlSessionView *self = PTL_SESSION_VIEW (object);

  switch (prop_id)
    {
    case PROP_SESSION:
      set_session (self, g_value_get_object (value));
      break;

    case PROP_NARROW:
      if (self->narrow == g_value_get_boolean (value))
        return;
      self->narrow = g_value_get_boolean (value);
      update_layout (self);
      g_object_notify_by_pspec (object, pspec);
      break;

    case PROP_RECEIVING_PAUSED:
      if (self->session != NULL && is_receiving_paused (self) != g_value_get_boolean (value))
        ptl_session_set_receiving (self->session, !g_value_get_boolean (value));
      break;

    case PROP_SIDE_VISIBLE:
      if (self->side_visible == g_value_get_boolean (value))
        return;
      self->side_visible = g_value_get_boolean (value);
      update_layout (self);
      g_object_notify_by_pspec (object, pspec);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_session_view_dispose (GObject *object)
{
  PtlSessionView *self = PTL_SESSION_VIEW (object);

  g_clear_handle_id (&self->show_tab_id, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->side_stack != NULL)
    g_signal_handlers_disconnect_by_data (self->side_stack, self);
  if (self->bin != NULL)
    g_signal_handlers_disconnect_by_data (self->bin, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_SESSION_VIEW);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (ptl_session_view_parent_class)->dispose (object);
}

static void
ptl_session_view_finalize (GObject *object)
{
  g_free (PTL_SESSION_VIEW (object)->wide_tab);

  G_OBJECT_CLASS (ptl_session_view_parent_class)->finalize (object);
}

static void
ptl_session_view_class_init (PtlSessionViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_session_view_dispose;
  object_class->finalize = ptl_session_view_finalize;
  object_class->get_property = ptl_session_view_get_property;
  object_class->set_property = ptl_session_view_set_property;
  widget_class->measure = ptl_session_view_measure;
  widget_class->size_allocate = ptl_session_view_size_allocate;
  widget_class->unmap = ptl_session_view_unmap;

  properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL, PTL_TYPE_SESSION,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_RECEIVING_PAUSED] =
    g_param_spec_boolean ("receiving-paused", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SIDE_VISIBLE] =
    g_param_spec_boolean ("side-visible", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  ptl_session_view_install_actions (widget_class);
  gtk_widget_class_install_property_action (widget_class, "session.receiving-paused",
                                            "receiving-paused");
  gtk_widget_class_install_property_action (widget_class, "session.side-visible", "side-visible");

  g_type_ensure (PTL_TYPE_ADAPTIVE_BIN);
  g_type_ensure (PTL_TYPE_GRAPH);
  g_type_ensure (PTL_TYPE_FRAME_VIEW);
  g_type_ensure (PTL_TYPE_INSPECTOR);
  g_type_ensure (PTL_TYPE_PEERS_PAGE);
  g_type_ensure (PTL_TYPE_CALLS_PAGE);
  g_type_ensure (PTL_TYPE_ABOUT_PAGE);
  g_type_ensure (PTL_TYPE_SEND_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-session-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, bin);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, title_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, state_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, narrow_rates_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, rates_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, graph);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, stop_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, again_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, side_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, strips);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, problem_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, problem_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, holder_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, full_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, full_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, go_on_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, hold_button);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, losses_strip);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, losses_label);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, side_paned);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, inspector_paned);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, frames_slot);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, inspector_slot);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, narrow_frames_slot);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, narrow_inspector_slot);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, frames_page);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, inspector_page);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, side_box);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, switcher);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, side_stack);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, frame_view);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, inspector);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, peers_page);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, calls_page);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, about_page);
  gtk_widget_class_bind_template_child (widget_class, PtlSessionView, send_bar);
}

static void
load_css (void)
{
  static gsize loaded;

  if (g_once_init_enter (&loaded))
    {
      g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

      gtk_css_provider_load_from_resource (provider, "/org/portlight/Portlight/session-view.css");
      gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                                  GTK_STYLE_PROVIDER (provider),
                                                  GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
      g_once_init_leave (&loaded, 1);
    }
}

static void
ptl_session_view_init (PtlSessionView *self)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GAction) hints = NULL;
  g_autofree char *tab = NULL;

  self->side_visible = TRUE;
  load_css ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);

  ptl_row_menu_keep_focus (self->menu_button);
  ptl_low_layout_set (self->strips);
  ptl_paned_hide_handle (self->side_paned);

  self->settings = g_settings_new ("org.portlight.Portlight");
  g_settings_bind (self->settings, "inspector-view", self->inspector, "view",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "send-mode", self->send_bar, "mode", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "line-ending", self->send_bar, "line-ending",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "show-hints", self->calls_page, "explain", G_SETTINGS_BIND_GET);
  g_settings_bind (self->settings, "side-visible", self, "side-visible", G_SETTINGS_BIND_DEFAULT);
  hints = g_settings_create_action (self->settings, "show-hints");
  g_action_map_add_action (G_ACTION_MAP (group), hints);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "view-settings", G_ACTION_GROUP (group));
  tab = g_settings_get_string (self->settings, "side-tab");
  gtk_stack_set_visible_child_name (self->side_stack, tab);

  g_signal_connect_swapped (self->side_stack, "notify::visible-child-name", G_CALLBACK (on_tab_cb),
                            self);
  g_signal_connect_swapped (self->bin, "notify::narrow", G_CALLBACK (update_layout), self);
  g_signal_connect_swapped (self->frame_view, "notify::selected", G_CALLBACK (on_selected_cb),
                            self);
  g_signal_connect_swapped (self->frame_view, "follow-chosen", G_CALLBACK (on_follow_chosen_cb),
                            self);
  g_signal_connect_swapped (self->frame_view, "activated", G_CALLBACK (on_activated_cb), self);
  g_signal_connect_swapped (self->peers_page, "filter", G_CALLBACK (on_filter_peer_cb), self);
  g_signal_connect_swapped (self->peers_page, "send-to", G_CALLBACK (on_send_to_cb), self);
  g_signal_connect_swapped (self->about_page, "use-example", G_CALLBACK (on_use_example_cb), self);
  g_signal_connect_swapped (self->go_on_button, "clicked", G_CALLBACK (on_when_full_cb), self);
  g_signal_connect_swapped (self->hold_button, "clicked", G_CALLBACK (on_when_full_cb), self);

  ptl_session_view_add_shortcuts (self);
  on_selected_cb (self);
  update_state (self);
  update_layout (self);
}

GtkWidget *
ptl_session_view_new (void)
{
  return g_object_new (PTL_TYPE_SESSION_VIEW, NULL);
}
