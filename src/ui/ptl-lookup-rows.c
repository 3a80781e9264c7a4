/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the rows of a lookup in a boxed list. */
#include "config.h"

#include "ui/ptl-lookup-rows.h"

#include <string.h>

#include <glib/gi18n.h>

#include "model/ptl-lookup-row.h"
#include "ui/ptl-direction.h"
#include "ui/ptl-wrap-layout.h"

#define LABEL_CHARS 10
#define VALUE_CHARS 10 /* at least */
/* Longer values stay on one line: to wrap many of them takes seconds.  An address of IPv6 in binary
 * is this long. */
#define WRAP_CHARS_MAX 136
#define BINARY_CHARS_MIN 100

/* The widgets of one row. */
typedef struct
{
  GtkSpinner *spinner;
  GtkImage   *image;
  GtkLabel   *label;
  GtkLabel   *value;
  GtkLabel   *detail;
  GtkWidget  *copy;
  GtkWidget  *connect;
  GtkWidget  *reference;
  GtkWidget  *computer;
  GtkWidget  *more;
} Row;

static GtkLabel *
make_label (const char *css_class,
            gboolean    selectable)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  /* A hyphen at the end of a line would be read as one of the name's. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (label, attributes);
  gtk_label_set_xalign (label, 0);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (label, selectable);
  if (css_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (label), css_class);
  return label;
}

static GtkWidget *
make_button (const char *icon,
             const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  return button;
}

/* What is shown of an address in binary: with a place to break the line behind each group, where
 * there would be none.  NULL: it is shown as it is. */
static char *
dup_breakable (const char *value)
{
  g_autoptr (GString) text = NULL;

  if (strspn (value, "01:|") != strlen (value) || strlen (value) < BINARY_CHARS_MIN)
    return NULL;
  text = g_string_new (value);
  g_string_replace (text, ":", ":\u200b", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
update_row (Row          *row,
            PtlLookupRow *item)
{
  PtlLookupRowKind kind = ptl_lookup_row_get_kind (item);
  const char *value = ptl_lookup_row_get_value (item);
  const char *detail = ptl_lookup_row_get_detail (item);
  const char *target = ptl_lookup_row_get_target (item);
  const char *reference = ptl_lookup_row_get_reference (item);
  const char *interface = ptl_lookup_row_get_interface (item);
  g_autofree char *where = g_strconcat ("interfaces:", interface, NULL);
  gboolean busy = kind == PTL_LOOKUP_ROW_BUSY;
  g_autofree char *breakable = dup_breakable (value);

  gtk_label_set_wrap (row->value, g_utf8_strlen (value, -1) <= WRAP_CHARS_MAX
                                    || kind != PTL_LOOKUP_ROW_VALUE);
  gtk_label_set_ellipsize (row->value, gtk_label_get_wrap (row->value) ? PANGO_ELLIPSIZE_NONE
                                                                       : PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row->value),
                               gtk_label_get_wrap (row->value) ? NULL : value);
  ptl_direction_set_label (row->value, breakable != NULL ? breakable : value);
  /* Those places would be copied with it; the button beside it copies the value. */
  gtk_label_set_selectable (row->value, breakable == NULL);
  ptl_direction_set_label (row->detail, detail);
  gtk_widget_set_visible (GTK_WIDGET (row->detail), *detail != '\0');
  gtk_widget_set_valign (GTK_WIDGET (row->label), *detail != '\0' ? GTK_ALIGN_START
                                                                  : GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (row->spinner), busy);
  gtk_spinner_set_spinning (row->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (row->image), kind == PTL_LOOKUP_ROW_ERROR);
  gtk_widget_remove_css_class (GTK_WIDGET (row->value), "dim-label");
  gtk_widget_remove_css_class (GTK_WIDGET (row->value), "monospace");
  gtk_widget_remove_css_class (GTK_WIDGET (row->value), "error");
  switch (kind)
    {
    case PTL_LOOKUP_ROW_VALUE:
      gtk_widget_add_css_class (GTK_WIDGET (row->value), "monospace");
      break;
    case PTL_LOOKUP_ROW_TEXT:
      break;
    case PTL_LOOKUP_ROW_ERROR:
      gtk_widget_add_css_class (GTK_WIDGET (row->value), "error");
      break;
    default:
      gtk_widget_add_css_class (GTK_WIDGET (row->value), "dim-label");
      break;
    }
  gtk_widget_set_visible (row->copy, kind == PTL_LOOKUP_ROW_VALUE || kind == PTL_LOOKUP_ROW_TEXT);
  gtk_widget_set_visible (row->more, !busy);
  /* One of them beside the others; the menu has both. */
  gtk_widget_set_visible (row->reference, *reference != '\0');
  gtk_widget_set_visible (row->computer, *interface != '\0');
  gtk_widget_set_visible (row->connect, *target != '\0' && *reference == '\0');
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row->copy), "s",
                                    ptl_lookup_row_get_whole (item));
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row->connect), "s", target);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row->reference), "s", reference);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row->computer), "s", where);
}

static void
append (GMenu      *menu,
        const char *label,
        const char *action,
        const char *target)
{
  g_autoptr (GMenuItem) item = NULL;

  if (*target == '\0')
    return;
  item = g_menu_item_new (label, NULL);
  g_menu_item_set_action_and_target (item, action, "s", target);
  g_menu_append_item (menu, item);
}

/* What the menu of a row has is made when it is opened: there may be hundreds of rows. */
static void
on_create_menu_cb (GtkMenuButton *button,
                   gpointer       data)
{
  PtlLookupRow *item = data;
  const char *target = ptl_lookup_row_get_target (item);
  const char *colon = strrchr (target, ':');
  /* host:port, [::1]:80, unix:/run/x; an IPv6 address alone has more colons. */
  gboolean is_host = colon == NULL || (strchr (target, ':') != colon && *target != '[');
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) copy = g_menu_new ();
  g_autoptr (GMenu) go = g_menu_new ();
  g_autofree char *text = ptl_lookup_row_to_text (item);

  append (copy, _("_Copy Value"), "win.copy-text", ptl_lookup_row_get_whole (item));
  append (copy, _("Copy _Details"), "win.copy-text", ptl_lookup_row_get_detail (item));
  append (copy, _("Copy _Row"), "win.copy-text", text);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (copy));
  append (go, _("C_onnect …"), "win.connect-form", target);
  if (is_host)
    append (go, _("_Look Up"), "win.look-up", target);
  if (is_host && *target != '\0')
    {
      g_autofree char *ping = g_strconcat ("ping:", target, NULL);
      g_autofree char *trace = g_strconcat ("trace:", target, NULL);

      append (go, _("_Ping …"), "win.diagnose", ping);
      append (go, _("_Trace Route …"), "win.diagnose", trace);
    }
  if (*ptl_lookup_row_get_interface (item) != '\0')
    {
      g_autofree char *where = g_strconcat ("interfaces:", ptl_lookup_row_get_interface (item),
                                            NULL);

      append (go, _("Show in _This Computer"), "win.computer", where);
    }
  append (go, _("Show in Re_ference"), "win.reference", ptl_lookup_row_get_reference (item));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (go));
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
}

static GtkWidget *
make_menu_button (PtlLookupRow *item)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), on_create_menu_cb,
                                         g_object_ref (item), g_object_unref);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _("More for This Row"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("More for This Row"), -1);
  return button;
}

static void
on_changed_cb (PtlLookupRow *item,
               GtkWidget    *widget)
{
  update_row (g_object_get_data (G_OBJECT (widget), "ptl-row"), item);
}

static GtkWidget *
create_row (gpointer object,
            gpointer data)
{
  PtlLookupRow *item = object;
  GtkWidget *widget = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *rest = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkLabel *label = make_label ("dim-label", FALSE);
  Row *row = g_new0 (Row, 1);

  row->spinner = GTK_SPINNER (gtk_spinner_new ());
  row->image = GTK_IMAGE (gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  row->value = make_label (NULL, TRUE);
  row->detail = make_label ("caption", TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (row->detail), "dim-label");
  row->connect = make_button ("portlight-connect-symbolic", _("Connect …"));
  row->copy = make_button ("edit-copy-symbolic", _("Copy"));
  row->reference = make_button ("portlight-reference-symbolic", _("Show in Reference"));
  row->computer = make_button ("network-wired-symbolic", _("Show in This Computer"));
  row->more = make_menu_button (item);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row->reference), "win.reference");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row->computer), "win.computer");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row->connect), "win.connect-form");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row->copy), "win.copy-text");

  gtk_label_set_text (label, ptl_lookup_row_get_label (item));
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD);
  gtk_widget_add_css_class (GTK_WIDGET (label), "lookup-label");
  gtk_label_set_max_width_chars (label, LABEL_CHARS);
  row->label = label;
  gtk_widget_set_visible (GTK_WIDGET (label), *ptl_lookup_row_get_label (item) != '\0');
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->value));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->detail));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (label));
  /* Where both are not wide enough, with large letters in a narrow window, the buttons stand below
   * the texts.  The sign is behind them: what all rows say begins at the same place. */
  gtk_label_set_width_chars (row->value, VALUE_CHARS);
  gtk_widget_set_layout_manager (rest, g_object_new (PTL_TYPE_WRAP_LAYOUT, "spacing", 6, NULL));
  gtk_widget_set_hexpand (rest, TRUE);
  gtk_widget_set_halign (buttons, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (rest), texts);
  gtk_box_append (GTK_BOX (rest), buttons);
  gtk_box_append (GTK_BOX (buttons), GTK_WIDGET (row->spinner));
  gtk_box_append (GTK_BOX (buttons), GTK_WIDGET (row->image));
  gtk_box_append (GTK_BOX (buttons), row->connect);
  gtk_box_append (GTK_BOX (buttons), row->reference);
  gtk_box_append (GTK_BOX (buttons), row->computer);
  gtk_box_append (GTK_BOX (buttons), row->copy);
  gtk_box_append (GTK_BOX (buttons), row->more);
  gtk_box_append (GTK_BOX (box), rest);
  gtk_widget_add_css_class (box, "lookup-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (widget), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (widget), FALSE);
  g_object_set_data_full (G_OBJECT (widget), "ptl-row", row, g_free);
  g_signal_connect_object (item, "changed", G_CALLBACK (on_changed_cb), widget, 0);
  update_row (row, item);
  return widget;
}

static void
on_items_changed_cb (GListModel *rows,
                     guint       position,
                     guint       n_removed,
                     guint       n_added,
                     GtkWidget  *list)
{
  gtk_widget_set_visible (list, g_list_model_get_n_items (rows) > 0);
}

void
ptl_lookup_rows_bind (GtkListBox *list,
                      GListModel *rows)
{
  gtk_list_box_set_selection_mode (list, GTK_SELECTION_NONE);
  gtk_list_box_bind_model (list, rows, create_row, NULL, NULL);
  g_signal_connect_object (rows, "items-changed", G_CALLBACK (on_items_changed_cb), list, 0);
  on_items_changed_cb (rows, 0, 0, 0, GTK_WIDGET (list));
}
