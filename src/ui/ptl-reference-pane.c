/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Reference pane: the table of ports, its search, and the detail beside it. */
#include "config.h"

#include "ui/ptl-reference-pane.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "model/ptl-reference-list.h"
#include "ui/ptl-chips.h"
#include "ui/ptl-columns.h"
#include "ui/ptl-paned.h"
#include "ui/ptl-reference-columns.h"
#include "ui/ptl-reference-detail.h"
#include "ui/ptl-shrink.h"
#include "ui/ptl-tab-out.h"
#include "ui/ptl-vocabulary.h"

/* After the last key: then the rows below the fold are made. */
#define GO_ON_MS 300

struct _PtlReferencePane
{
  GtkWidget           parent_instance;

  /* template */
  GtkBox             *tools;
  GtkStackSwitcher   *switcher;
  GtkSearchEntry     *entry;
  GtkStack           *pages;
  GtkPaned           *paned;
  GtkWidget          *table_box;
  GtkBox             *filters;
  GtkScrolledWindow  *scroller;
  GtkColumnView      *table;
  AdwStatusPage      *empty_page;
  GtkLabel           *count;
  PtlReferenceDetail *detail;

  /* owned */
  PtlReferenceList   *list;      /* NULL until the pane is shown */
  GtkSingleSelection *selection;

  PtlReferenceColumns *columns; /* owned; NULL until the pane is shown */
  GtkWidget          *filter_buttons[PTL_CATALOG_N_FILTERS];
  PtlCatalogFilter    filter;
  bool                filter_chosen; /* by the user, not by us */
  bool                narrow;
  bool                detail_shown; /* when narrow: not the table */
  bool                quiet;
  guint               typed_id;
  guint               tick_id;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlReferencePane, ptl_reference_pane, GTK_TYPE_WIDGET)

static void
scroll_to_top (PtlReferencePane *self)
{
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

static void
on_order_cb (gpointer data)
{
  PtlReferencePane *self = data;
  bool descending;
  PtlCatalogColumn column = ptl_reference_columns_get_order (self->columns, &descending);

  ptl_reference_list_set_order (self->list, column, descending);
  scroll_to_top (self);
}

/* A search has its own order; what the column headers say goes with it. */
static void
forget_order (PtlReferencePane *self)
{
  ptl_reference_columns_forget_order (self->columns);
  ptl_reference_list_set_order (self->list, PTL_CATALOG_N_COLUMNS, FALSE);
}

/* --- the table ------------------------------------------------------------------------------ */

static void
update_layout (PtlReferencePane *self)
{
  gtk_widget_set_visible (self->table_box, !self->narrow || !self->detail_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), !self->narrow || self->detail_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->tools), !self->narrow || !self->detail_shown);
  gtk_widget_set_visible (GTK_WIDGET (self->entry),
                          g_strcmp0 (gtk_stack_get_visible_child_name (self->pages), "ports") == 0);
}

static void
update_count (PtlReferencePane *self)
{
  guint n = ptl_reference_list_get_n_found (self->list);
  g_autofree char *text = g_strdup_printf (ngettext ("%u of %u row", "%u of %u rows",
                                                     ptl_reference_list_get_n_all (self->list)),
                                           n, ptl_reference_list_get_n_all (self->list));

  gtk_label_set_text (self->count, text);
  /* Above the table, which stays: to show all of its cells again takes longer than a frame. */
  gtk_widget_set_visible (GTK_WIDGET (self->empty_page), n == 0);
  gtk_widget_set_can_focus (GTK_WIDGET (self->scroller), n > 0);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->scroller), GTK_ACCESSIBLE_STATE_HIDDEN,
                               n == 0, -1);
  if (n == 0)
    adw_status_page_set_description (
      self->empty_page,
      self->filter == PTL_CATALOG_ALL
        ? _("No row has all of these words.")
        : _("No row has all of these words and passes the filter. Choose All to look in the whole "
            "registry."));
}

static gboolean
on_tick_cb (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       data)
{
  PtlReferencePane *self = PTL_REFERENCE_PANE (widget);

  if (!ptl_reference_list_go_on (self->list))
    {
      self->tick_id = 0;
      return G_SOURCE_REMOVE;
    }
  /* What is below the fold can wait until the next key is late. */
  if (self->typed_id != 0 && !ptl_reference_list_is_short (self->list))
    {
      self->tick_id = 0;
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_typed_cb (gpointer data)
{
  PtlReferencePane *self = data;

  self->typed_id = 0;
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
stop_going_on (PtlReferencePane *self)
{
  g_clear_handle_id (&self->typed_id, g_source_remove);
  if (self->tick_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
}

/* The rows are other ones: none of them is the selected one, but what was read stays. */
static void
on_found_cb (PtlReferencePane *self)
{
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  update_count (self);
  stop_going_on (self);
  self->typed_id = g_timeout_add (GO_ON_MS, on_typed_cb, self);
  if (ptl_reference_list_is_short (self->list))
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
}

static void
on_selected_cb (PtlReferencePane *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);
  g_autoptr (PtlReferenceItem) item = NULL;

  if (position == GTK_INVALID_LIST_POSITION)
    return;
  item = ptl_reference_list_make_item (self->list, position);
  if (item != NULL)
    ptl_reference_detail_set_item (self->detail, item);
}

static void
on_activate_cb (PtlReferencePane *self,
                guint             position)
{
  if (position >= ptl_reference_list_get_n_found (self->list))
    return;
  gtk_single_selection_set_selected (self->selection, position);
  self->detail_shown = TRUE;
  update_layout (self);
  if (self->narrow)
    gtk_widget_grab_focus (GTK_WIDGET (self->detail));
}

static void
on_back_cb (PtlReferencePane *self)
{
  self->detail_shown = FALSE;
  update_layout (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->table));
}

static void
set_filter (PtlReferencePane *self,
            PtlCatalogFilter  filter)
{
  self->quiet = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->filter_buttons[filter]), TRUE);
  self->quiet = FALSE;
}

static bool
is_typing (PtlReferencePane *self)
{
  return (gtk_widget_get_state_flags (GTK_WIDGET (self->entry)) & GTK_STATE_FLAG_FOCUS_WITHIN) != 0;
}

static void
on_search_cb (PtlReferencePane *self)
{
  const char *query = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  if (self->list == NULL)
    return;
  /* Who has not chosen sees the protocols to know, and searches everything. */
  if (!self->filter_chosen)
    set_filter (self, *query != '\0' ? PTL_CATALOG_ALL : PTL_CATALOG_KNOWN);
  forget_order (self);
  ptl_reference_list_set_typing (self->list, is_typing (self));
  ptl_reference_list_set_query (self->list, query);
  scroll_to_top (self);
}

/* Enter opens the first row that was found. */
static void
on_search_activate_cb (PtlReferencePane *self)
{
  if (self->list != NULL)
    on_activate_cb (self, 0);
}

static void
on_stop_search_cb (PtlReferencePane *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

static void
set_typing (PtlReferencePane *self,
            bool              typing)
{
  if (self->list == NULL)
    return;
  ptl_reference_list_set_typing (self->list, typing);
  if (!typing && self->typed_id == 0 && self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick_cb, NULL, NULL);
}

/* Who scrolls looks for the end of what was found, not at rows that are kept for the next key. */
static void
on_scrolled_cb (PtlReferencePane *self,
                GtkAdjustment    *adjustment)
{
  if (gtk_adjustment_get_value (adjustment) > 0)
    set_typing (self, false);
}

/* Rows without anything in them stay only as long as the keyboard is in the search. */
static void
on_focus_cb (PtlReferencePane        *self,
             GParamSpec              *pspec,
             GtkEventControllerFocus *focus)
{
  set_typing (self, gtk_event_controller_focus_contains_focus (focus));
}

static void
on_filter_cb (PtlReferencePane *self,
              GtkToggleButton  *button)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < PTL_CATALOG_N_FILTERS; i++)
    if (self->filter_buttons[i] == GTK_WIDGET (button))
      self->filter = (PtlCatalogFilter) i;
  if (!self->quiet)
    self->filter_chosen = TRUE;
  if (self->list == NULL)
    return;
  ptl_reference_list_set_filter (self->list, self->filter);
  scroll_to_top (self);
}

static void
add_filters (PtlReferencePane *self)
{
  static const struct
  {
    PtlCatalogFilter filter;
    const char      *label;
    const char      *tooltip;
  } chips[] = {
    { PTL_CATALOG_KNOWN, N_("To Know"), N_("The protocols to know, with conversations explained") },
    { PTL_CATALOG_ALL, N_("All"), N_("All that IANA has registered, and what this computer adds") },
    { PTL_CATALOG_TCP, N_("TCP"), N_("Ports of TCP") },
    { PTL_CATALOG_UDP, N_("UDP"), N_("Ports of UDP") },
    { PTL_CATALOG_LISTENING, N_("Listening Here"), N_("Ports that this computer listens on now") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (chips); i++)
    {
      GtkWidget *button = ptl_chips_add (self->filters, _(chips[i].label), _(chips[i].tooltip));

      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), chips[i].filter == self->filter);
      g_signal_connect_object (button, "toggled", G_CALLBACK (on_filter_cb), self,
                               G_CONNECT_SWAPPED);
      self->filter_buttons[chips[i].filter] = button;
    }
}

/* --- life ----------------------------------------------------------------------------------- */

/* Nothing of the table is made before someone wants to see it. */
static void
fill (PtlReferencePane *self)
{
  if (self->list != NULL)
    return;
  self->list = ptl_reference_list_new ();
  ptl_reference_list_set_filter (self->list, self->filter);
  ptl_reference_list_set_typing (self->list, is_typing (self));
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->list)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (on_selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "found", G_CALLBACK (on_found_cb), self, G_CONNECT_SWAPPED);
  self->columns = ptl_reference_columns_new (self->table, on_order_cb, self);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  on_found_cb (self);
  ptl_reference_list_load (self->list);
}

static void
apply_narrow (PtlReferencePane *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->tools),
                                  self->narrow ? GTK_ORIENTATION_VERTICAL
                                               : GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_halign (GTK_WIDGET (self->switcher),
                         self->narrow ? GTK_ALIGN_FILL : GTK_ALIGN_START);
  ptl_reference_detail_set_narrow (self->detail, self->narrow);
  gtk_column_view_set_single_click_activate (self->table, self->narrow);
  if (self->columns != NULL)
    ptl_reference_columns_set_narrow (self->columns, self->narrow);
  update_layout (self);
}

static void
ptl_reference_pane_map (GtkWidget *widget)
{
  PtlReferencePane *self = PTL_REFERENCE_PANE (widget);
  bool first = self->list == NULL;

  fill (self);
  if (first)
    apply_narrow (self);
  GTK_WIDGET_CLASS (ptl_reference_pane_parent_class)->map (widget);
  ptl_reference_list_set_watching (self->list, TRUE);
}

static void
ptl_reference_pane_unmap (GtkWidget *widget)
{
  PtlReferencePane *self = PTL_REFERENCE_PANE (widget);

  if (self->list != NULL)
    ptl_reference_list_set_watching (self->list, FALSE);
  if (self->tick_id != 0)
    {
      /* No frames come any more; it goes on when the pane is shown again. */
      stop_going_on (self);
      self->typed_id = g_timeout_add (GO_ON_MS, on_typed_cb, self);
    }
  GTK_WIDGET_CLASS (ptl_reference_pane_parent_class)->unmap (widget);
}

void
ptl_reference_pane_show (PtlReferencePane *self,
                         const char       *query)
{
  g_return_if_fail (PTL_IS_REFERENCE_PANE (self));

  fill (self);
  gtk_stack_set_visible_child_name (self->pages, "ports");
  set_filter (self, PTL_CATALOG_ALL);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), query);
  on_search_cb (self);
  on_search_activate_cb (self);
}

static void
ptl_reference_pane_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_REFERENCE_PANE (object)->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_reference_pane_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  PtlReferencePane *self = PTL_REFERENCE_PANE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow != g_value_get_boolean (value))
        {
          self->narrow = g_value_get_boolean (value);
          apply_narrow (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_reference_pane_dispose (GObject *object)
{
  PtlReferencePane *self = PTL_REFERENCE_PANE (object);

  stop_going_on (self);
  g_clear_pointer (&self->columns, ptl_reference_columns_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_REFERENCE_PANE);
  /* GTK lets go only of what the class has bound. */
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->selection);
  g_clear_object (&self->list);

  G_OBJECT_CLASS (ptl_reference_pane_parent_class)->dispose (object);
}

static gboolean
ptl_reference_pane_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PTL_REFERENCE_PANE (widget)->entry));
}

static gboolean
on_find_shortcut_cb (GtkWidget *widget,
                     GVariant  *args,
                     gpointer   data)
{
  PtlReferencePane *self = PTL_REFERENCE_PANE (widget);

  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  gtk_stack_set_visible_child_name (self->pages, "ports");
  if (self->narrow && self->detail_shown)
    on_back_cb (self);
  return gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
ptl_reference_pane_class_init (PtlReferencePaneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_reference_pane_dispose;
  widget_class->grab_focus = ptl_reference_pane_grab_focus;
  ptl_tab_out_init_class (widget_class);
  object_class->get_property = ptl_reference_pane_get_property;
  object_class->set_property = ptl_reference_pane_set_property;
  widget_class->map = ptl_reference_pane_map;
  widget_class->unmap = ptl_reference_pane_unmap;

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (PTL_TYPE_REFERENCE_DETAIL);
  g_type_ensure (PTL_TYPE_VOCABULARY);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-reference-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, tools);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, switcher);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, entry);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, pages);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, paned);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, table_box);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, filters);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, table);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, empty_page);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, count);
  gtk_widget_class_bind_template_child (widget_class, PtlReferencePane, detail);
  gtk_widget_class_bind_template_callback (widget_class, on_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_layout);
  gtk_widget_class_bind_template_callback (widget_class, on_focus_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_back_cb);
  gtk_widget_class_bind_template_callback (widget_class, ptl_reference_pane_show);
}

static void
ptl_reference_pane_init (PtlReferencePane *self)
{
  GtkEventController *controller;

  self->filter = PTL_CATALOG_KNOWN;
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_columns_keep_start (self->scroller);
  ptl_paned_hide_handle (self->paned);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "value-changed",
                           G_CALLBACK (on_scrolled_cb), self, G_CONNECT_SWAPPED);
  ptl_shrink_controls (GTK_WIDGET (self->tools));
  add_filters (self);
  gtk_search_entry_set_key_capture_widget (self->entry, GTK_WIDGET (self->table));

  controller = gtk_shortcut_controller_new ();
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (controller),
    gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Control>f"),
                      gtk_callback_action_new (on_find_shortcut_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}
