/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panes that are made of pages, and which pages these are. */
#include "config.h"

#include "ui/ptl-pages-pane.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "ui/ptl-families-page.h"
#include "ui/ptl-hear-page.h"
#include "ui/ptl-interfaces-page.h"
#include "ui/ptl-names-page.h"
#include "ui/ptl-open-sockets-page.h"
#include "ui/ptl-ping-page.h"
#include "ui/ptl-port-check-page.h"
#include "ui/ptl-report-dialog.h"
#include "ui/ptl-routes-page.h"
#include "ui/ptl-self-test-page.h"
#include "ui/ptl-shrink.h"
#include "ui/ptl-tab-out.h"
#include "ui/ptl-table-view.h"
#include "ui/ptl-trace-page.h"
#include "ui/ptl-wake-page.h"
#include "ui/ptl-whois-page.h"

struct _PtlPagesPane
{
  GtkWidget           parent_instance;

  /* template */
  GtkBox             *box;
  GtkWidget          *sidebar;
  GtkListBox         *list;
  GtkWidget          *top;
  GtkDropDown        *drop_down;
  GtkWidget          *separator;
  GtkStack           *pages;
  GtkWidget          *report_button;
  GtkWidget          *narrow_report_button;

  const PtlPageEntry *entries; /* borrowed */
  const char         *setting; /* borrowed */
  GSettings          *settings; /* owned */
  char               *report_about; /* owned; NULL: there is none */
  char               *report_file;  /* owned */
  gboolean            narrow;
  gboolean            busy;     /* with bringing list and drop-down together */
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_INTERFACE (PtlPage, ptl_page, GTK_TYPE_WIDGET)
G_DEFINE_FINAL_TYPE (PtlPagesPane, ptl_pages_pane, GTK_TYPE_WIDGET)

static const PtlPageEntry computer_pages[] = {
  { "names", N_("Names"), "computer-symbolic", ptl_names_page_get_type },
  { "interfaces", N_("Interfaces"), "network-wired-symbolic", ptl_interfaces_page_get_type },
  { "routes", N_("Routes and Name Servers"), "network-server-symbolic",
    ptl_routes_page_get_type },
  { "sockets", N_("Open Sockets"), "network-transmit-receive-symbolic",
    ptl_open_sockets_page_get_type },
  { "families", N_("Socket Families"), "view-grid-symbolic", ptl_families_page_get_type },
  { "self-test", N_("Self-Test"), "object-select-symbolic", ptl_self_test_page_get_type },
  { NULL },
};

static const PtlPageEntry diagnose_pages[] = {
  { "ping", N_("Ping"), "portlight-ping-symbolic", ptl_ping_page_get_type },
  { "trace", N_("Trace Route"), "portlight-trace-symbolic", ptl_trace_page_get_type },
  { "ports", N_("Port Check"), "network-server-symbolic", ptl_port_check_page_get_type },
  { "whois", N_("Whois and Finger"), "system-users-symbolic", ptl_whois_page_get_type },
  { "hear", N_("Multicast and Broadcast"), "network-workgroup-symbolic",
    ptl_hear_page_get_type },
  { "wake", N_("Wake-on-LAN"), "system-shutdown-symbolic", ptl_wake_page_get_type },
  { NULL },
};

const PtlPageEntry *
ptl_computer_pages (void)
{
  return computer_pages;
}

const PtlPageEntry *
ptl_diagnose_pages (void)
{
  return diagnose_pages;
}

static void
ptl_page_default_init (PtlPageInterface *iface)
{
}

static int
find_entry (PtlPagesPane *self,
            const char   *name,
            size_t        len)
{
  for (int i = 0; self->entries[i].name != NULL; i++)
    if (strlen (self->entries[i].name) == len && memcmp (self->entries[i].name, name, len) == 0)
      return i;
  return -1;
}

/* A page that is higher than the window, as with large text, is scrolled as a whole. */
static GtkWidget *
get_page (GtkWidget *scroller)
{
  GtkWidget *viewport = gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (scroller));

  return gtk_viewport_get_child (GTK_VIEWPORT (viewport));
}

static GtkWidget *
ensure_page (PtlPagesPane *self,
             int           at)
{
  const PtlPageEntry *entry = &self->entries[at];
  GtkWidget *scroller = gtk_stack_get_child_by_name (self->pages, entry->name);
  GtkWidget *page;

  if (scroller != NULL)
    return get_page (scroller);
  page = g_object_new (entry->get_type (), NULL);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (page), "narrow") != NULL)
    g_object_bind_property (self, "narrow", page, "narrow", G_BINDING_SYNC_CREATE);
  ptl_shrink_controls (page);
  scroller = g_object_new (GTK_TYPE_SCROLLED_WINDOW, "hscrollbar-policy", GTK_POLICY_NEVER,
                           "child", page, NULL);
  gtk_stack_add_named (self->pages, scroller, entry->name);
  return page;
}

static void
show_page (PtlPagesPane *self,
           int           at)
{
  if (self->busy || at < 0)
    return;
  self->busy = TRUE;
  ensure_page (self, at);
  gtk_stack_set_visible_child_name (self->pages, self->entries[at].name);
  gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, at));
  gtk_drop_down_set_selected (self->drop_down, (guint) at);
  g_settings_set_string (self->settings, self->setting, self->entries[at].name);
  self->busy = FALSE;
}

static void
on_row_selected_cb (PtlPagesPane  *self,
                    GtkListBoxRow *row)
{
  if (row != NULL)
    show_page (self, gtk_list_box_row_get_index (row));
}

static void
on_drop_down_cb (PtlPagesPane *self)
{
  guint at = gtk_drop_down_get_selected (self->drop_down);

  if (at != GTK_INVALID_LIST_POSITION)
    show_page (self, (int) at);
}

/* --- a report --------------------------------------------------------------------------------- */

/* A table view says itself what it shows, and how it is called in a file. */
static void
add_tables (PtlReport *report,
            GtkWidget *widget)
{
  if (PTL_IS_PAGE (widget) && PTL_PAGE_GET_IFACE (widget)->add_to_report != NULL)
    {
      PTL_PAGE_GET_IFACE (widget)->add_to_report (PTL_PAGE (widget), report);
      return;
    }
  if (PTL_IS_TABLE_VIEW (widget))
    {
      PtlTable *table = ptl_table_view_get_table (PTL_TABLE_VIEW (widget));
      g_autofree char *name = NULL, *label = NULL;

      g_object_get (widget, "file-name", &name, "label", &label, NULL);
      if (table != NULL && name != NULL && label != NULL)
        ptl_report_add_table (report, g_strdelimit (name, "-", '_'), label, table);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    add_tables (report, child);
}

/* A page that was not shown yet is made, and finds its rows while it is asked what to put in. */
static void
on_report_cb (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  PtlPagesPane *self = PTL_PAGES_PANE (widget);
  g_autoptr (PtlReport) report = ptl_report_new ();
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *toolkit =
    g_strdup_printf ("GTK %u.%u.%u, libadwaita %u.%u.%u, GLib %u.%u.%u", gtk_get_major_version (),
                     gtk_get_minor_version (), gtk_get_micro_version (), adw_get_major_version (),
                     adw_get_minor_version (), adw_get_micro_version (), glib_major_version,
                     glib_minor_version, glib_micro_version);

  ptl_report_add_fact (report, "version", _("Portlight"), PTL_VERSION);
  ptl_report_add_fact (report, "toolkit", _("Libraries"), toolkit);
  for (int i = 0; self->entries[i].name != NULL; i++)
    add_tables (report, ensure_page (self, i));
  ptl_report_dialog_present (GTK_WINDOW (root), report, self->report_about, self->report_file);
}

void
ptl_pages_pane_set_report (PtlPagesPane *self,
                           const char   *about,
                           const char   *file_name)
{
  g_return_if_fail (PTL_IS_PAGES_PANE (self));

  g_free (self->report_about);
  self->report_about = g_strdup (about);
  g_free (self->report_file);
  self->report_file = g_strdup (file_name);
  gtk_widget_set_visible (self->report_button, TRUE);
  gtk_widget_set_visible (self->narrow_report_button, TRUE);
}

/* --- the widget ------------------------------------------------------------------------------- */

static GtkWidget *
make_row (const PtlPageEntry *entry)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (_(entry->title));

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (entry->icon_name));
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static void
set_narrow (PtlPagesPane *self,
            gboolean      narrow)
{
  self->narrow = narrow;
  gtk_widget_set_visible (self->sidebar, !narrow);
  gtk_widget_set_visible (self->top, narrow);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->box), narrow ? GTK_ORIENTATION_VERTICAL
                                                                     : GTK_ORIENTATION_HORIZONTAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->separator),
                                  narrow ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
}

/* The keyboard goes into the page. */
static gboolean
ptl_pages_pane_grab_focus (GtkWidget *widget)
{
  GtkWidget *scroller = gtk_stack_get_visible_child (PTL_PAGES_PANE (widget)->pages);
  GtkWidget *page = scroller != NULL ? get_page (scroller) : NULL;

  return page != NULL
         && (gtk_widget_grab_focus (page) || gtk_widget_child_focus (page, GTK_DIR_TAB_FORWARD));
}

static void
ptl_pages_pane_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  PtlPagesPane *self = PTL_PAGES_PANE (object);

  switch (prop_id)
    {
    case PROP_NARROW:
      if (self->narrow != g_value_get_boolean (value))
        {
          set_narrow (self, g_value_get_boolean (value));
          g_object_notify_by_pspec (object, pspec);
        }
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_pages_pane_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, PTL_PAGES_PANE (object)->narrow);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_pages_pane_dispose (GObject *object)
{
  PtlPagesPane *self = PTL_PAGES_PANE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_PAGES_PANE);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->report_about, g_free);
  g_clear_pointer (&self->report_file, g_free);

  G_OBJECT_CLASS (ptl_pages_pane_parent_class)->dispose (object);
}

static void
ptl_pages_pane_class_init (PtlPagesPaneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_pages_pane_dispose;
  object_class->get_property = ptl_pages_pane_get_property;
  object_class->set_property = ptl_pages_pane_set_property;
  widget_class->grab_focus = ptl_pages_pane_grab_focus;
  ptl_tab_out_init_class (widget_class);

  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/portlight/Portlight/ui/ptl-pages-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, box);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, sidebar);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, list);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, top);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, drop_down);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, separator);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, pages);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, report_button);
  gtk_widget_class_bind_template_child (widget_class, PtlPagesPane, narrow_report_button);
  gtk_widget_class_install_action (widget_class, "pages.report", NULL, on_report_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_drop_down_cb);
}

static void
ptl_pages_pane_init (PtlPagesPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ptl_shrink_controls (self->top);
  self->settings = g_settings_new ("org.portlight.Portlight");
  set_narrow (self, FALSE);
}

PtlPagesPane *
ptl_pages_pane_new (const PtlPageEntry *entries,
                    const char         *label,
                    const char         *setting)
{
  PtlPagesPane *self = g_object_new (PTL_TYPE_PAGES_PANE, NULL);
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  g_autofree char *last = g_settings_get_string (self->settings, setting);

  self->entries = entries;
  self->setting = setting;
  self->busy = TRUE;
  for (guint i = 0; entries[i].name != NULL; i++)
    {
      gtk_list_box_append (self->list, make_row (&entries[i]));
      gtk_string_list_append (titles, _(entries[i].title));
    }
  gtk_drop_down_set_model (self->drop_down, G_LIST_MODEL (titles));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  self->busy = FALSE;
  show_page (self, MAX (find_entry (self, last, strlen (last)), 0));
  return self;
}

void
ptl_pages_pane_show (PtlPagesPane *self,
                     const char   *where)
{
  const char *colon = strchr (where, ':');
  int at;
  GtkWidget *page;

  g_return_if_fail (PTL_IS_PAGES_PANE (self));

  at = find_entry (self, where, colon != NULL ? (size_t) (colon - where) : strlen (where));
  if (at < 0)
    return;
  show_page (self, at);
  page = ensure_page (self, at);
  if (colon != NULL && colon[1] != '\0' && PTL_IS_PAGE (page)
      && PTL_PAGE_GET_IFACE (page)->show_target != NULL)
    PTL_PAGE_GET_IFACE (page)->show_target (PTL_PAGE (page), colon + 1);
}
