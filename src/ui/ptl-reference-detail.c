/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known about one row of the reference: facts, an example, a conversation line by line, and
 * the tables of commands and replies. */
#include "config.h"

#include "ui/ptl-reference-detail.h"

#include <glib/gi18n.h>

#include "base/ptl-spec.h"
#include "model/ptl-reference-parts.h"
#include "ui/ptl-tab-out.h"
#include "ui/ptl-window.h"

#define WIDE_WIDTH 376 /* px: beside the table */
#define STACKED_DPI (144 * 1024) /* text at 150 %, as gtk-xft-dpi has it */

struct _PtlReferenceDetail
{
  GtkWidget          parent_instance;

  /* template */
  GtkStack          *stack;
  GtkWidget         *back_button;
  GtkLabel          *title;
  GtkLabel          *subtitle;
  GtkWidget         *connect_button;
  GtkWidget         *listen_button;
  GtkScrolledWindow *scroller;
  GtkBox            *box;

  /* owned */
  PtlReferenceItem  *item;
  GtkLabel          *here;    /* of the box; NULL: not there */
  gulong             here_id;

  bool               narrow;
};

G_DEFINE_FINAL_TYPE (PtlReferenceDetail, ptl_reference_detail, GTK_TYPE_WIDGET)

static guint back_signal, show_row_signal;

/* --- parts ---------------------------------------------------------------------------------- */

static GtkWidget *
make_label (const char *text,
            const char *css_class,
            bool        selectable)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), selectable);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_text (GtkBox     *box,
          const char *text,
          const char *css_class)
{
  gtk_box_append (box, make_label (text, css_class,
                                   css_class == NULL || !g_str_equal (css_class, "heading")));
}

/* Large text leaves a value beside its name no room in a narrow window: it goes below. */
static bool
is_stacked (PtlReferenceDetail *self)
{
  int dpi = 0;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);
  return self->narrow && dpi >= STACKED_DPI;
}

static GtkWidget *
add_fact (GtkWidget  *grid,
          int         row,
          bool        stacked,
          const char *name,
          const char *value)
{
  GtkWidget *name_label = make_label (name, "dim-label", false);
  GtkWidget *value_label = make_label (value, NULL, true);

  gtk_widget_set_valign (name_label, GTK_ALIGN_START);
  if (!stacked)
    {
      gtk_label_set_width_chars (GTK_LABEL (name_label), 14);
      gtk_label_set_max_width_chars (GTK_LABEL (name_label), 14);
    }
  gtk_widget_set_valign (value_label, GTK_ALIGN_START);
  gtk_widget_set_hexpand (value_label, TRUE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (value_label),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, name_label, NULL, -1);
  gtk_grid_attach (GTK_GRID (grid), name_label, 0, 2 * row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), value_label, stacked ? 0 : 1, 2 * row + stacked, 1, 1);
  return value_label;
}

static void
on_copy_text_cb (GtkButton *button,
                 gpointer   data)
{
  gtk_widget_activate_action (GTK_WIDGET (button), "win.copy-text", "s",
                              g_object_get_data (G_OBJECT (button), "ptl-text"));
}

static void
add_code (GtkBox     *box,
          const char *what,
          const char *text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *label = make_label (text, "monospace", true);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  g_autofree char *name = g_strdup_printf (_("Copy: %s"), what);

  /* A line that is broken elsewhere would not be the same program. */
  gtk_label_set_wrap (GTK_LABEL (label), FALSE);
  /* Nor one that begins at the right: a program is written from left to right everywhere. */
  gtk_widget_set_direction (label, GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (scroller, GTK_TEXT_DIR_LTR);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), label);
  gtk_widget_set_direction (gtk_widget_get_parent (label), GTK_TEXT_DIR_LTR);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (button, _("Copy"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  g_object_set_data_full (G_OBJECT (button), "ptl-text", g_strdup (text), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (on_copy_text_cb), NULL);
  gtk_box_append (GTK_BOX (row), scroller);
  gtk_box_append (GTK_BOX (row), button);
  gtk_widget_add_css_class (row, "card");
  gtk_widget_add_css_class (row, "reference-code");
  gtk_box_append (box, row);
}

/* A line of the conversation, and under it what it means. */
static void
add_line (GtkWidget              *grid,
          int                     nth,
          const PtlReferencePart *part)
{
  bool client = part->kind == PTL_REFERENCE_CLIENT;
  GtkWidget *who = make_label (client ? _("Client") : _("Server"), "caption", false);
  GtkWidget *text =
    make_label (*part->text != '\0' ? part->text : _("(empty line)"), "monospace", true);
  GtkWidget *note;

  gtk_widget_add_css_class (who, client ? "accent" : "dim-label");
  gtk_widget_set_valign (who, GTK_ALIGN_BASELINE);
  gtk_widget_set_hexpand (text, TRUE);
  if (*part->text == '\0')
    gtk_widget_add_css_class (text, "dim-label");
  gtk_grid_attach (GTK_GRID (grid), who, 0, 2 * nth, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), text, 1, 2 * nth, 1, 1);
  if (*part->note == '\0')
    return;
  note = make_label (part->note, "caption", false);
  gtk_widget_add_css_class (note, "dim-label");
  gtk_widget_set_margin_bottom (note, 6);
  gtk_grid_attach (GTK_GRID (grid), note, 1, 2 * nth + 1, 1, 1);
}

/* --- tables of commands and replies --------------------------------------------------------- */

typedef struct
{
  GPtrArray *parts; /* a reference */
  guint      table; /* the entries come after it */
} Folded;

static void
folded_free (gpointer  data,
             GClosure *closure)
{
  Folded *folded = data;

  g_ptr_array_unref (folded->parts);
  g_free (folded);
}

/* One row under the other. */
static void
add_entry (GtkBox                 *box,
           const PtlReferencePart *part)
{
  GtkWidget *entry = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *label;

  gtk_box_append (GTK_BOX (entry), make_label (part->title, "monospace", false));
  if (*part->text != '\0')
    gtk_box_append (GTK_BOX (entry), make_label (part->text, NULL, false));
  if (*part->note != '\0')
    {
      label = make_label (part->note, "caption", false);
      gtk_widget_add_css_class (label, "dim-label");
      gtk_box_append (GTK_BOX (entry), label);
    }
  gtk_widget_add_css_class (entry, "reference-entry");
  gtk_box_append (box, entry);
}

/* Hundreds of labels: made when they are wanted. */
static void
on_expanded_cb (GtkExpander *expander,
                GParamSpec  *pspec,
                Folded      *folded)
{
  const PtlReferencePart *table = g_ptr_array_index (folded->parts, folded->table);
  GtkWidget *box;

  if (gtk_expander_get_child (expander) != NULL)
    return;
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (box, "card");
  for (guint i = 1; i <= table->n; i++)
    add_entry (GTK_BOX (box), g_ptr_array_index (folded->parts, folded->table + i));
  gtk_expander_set_child (expander, box);
}

static void
add_table (GtkBox    *box,
           GPtrArray *parts,
           guint      at)
{
  const PtlReferencePart *part = g_ptr_array_index (parts, at);
  g_autofree char *label = g_strdup_printf ("%s · %u", part->title, part->n);
  GtkWidget *expander = gtk_expander_new (label);
  GtkWidget *label_widget = gtk_expander_get_label_widget (GTK_EXPANDER (expander));
  Folded *folded = g_new (Folded, 1);

  *folded = (Folded) { .parts = g_ptr_array_ref (parts), .table = at };
  gtk_label_set_wrap (GTK_LABEL (label_widget), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label_widget), 0);
  gtk_widget_add_css_class (label_widget, "heading");
  g_signal_connect_data (expander, "notify::expanded", G_CALLBACK (on_expanded_cb), folded,
                         folded_free, (GConnectFlags) 0);
  gtk_box_append (box, expander);
}

/* --- the whole ------------------------------------------------------------------------------ */

static void
on_related_cb (GtkButton          *button,
               PtlReferenceDetail *self)
{
  g_signal_emit (self, show_row_signal, 0, g_object_get_data (G_OBJECT (button), "ptl-text"));
}

/* The other ports of this row's protocol, as buttons. */
static void
add_related (PtlReferenceDetail   *self,
             const PtlRegistryRow *row,
             const PtlProtocol    *protocol)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  uint16_t ports[] = { row->twin_port != row->first_port ? row->twin_port : 0, 0, 0,
                       ptl_registry_find_plain (row->transport, row->first_port) };

  if (protocol != NULL)
    {
      ports[1] = protocol->port != row->first_port ? protocol->port : 0;
      ports[2] = protocol->classic_port != row->first_port
                 && protocol->classic_port != protocol->port ? protocol->classic_port : 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autofree char *label = NULL;
      GtkWidget *button;

      if (ports[i] == 0 || (i > 0 && ports[i] == ports[0]) || (i > 1 && ports[i] == ports[1]))
        continue;
      label = i == 0 ? g_strdup_printf (_("TLS: Port %u"), ports[i])
                     : g_strdup_printf (_("Port %u"), ports[i]);
      button = gtk_button_new_with_label (label);
      gtk_widget_set_tooltip_text (button, _("Show this port"));
      g_object_set_data_full (G_OBJECT (button), "ptl-text", g_strdup_printf ("%u", ports[i]),
                              g_free);
      g_signal_connect (button, "clicked", G_CALLBACK (on_related_cb), self);
      gtk_box_append (GTK_BOX (box), button);
    }
  if (gtk_widget_get_first_child (box) != NULL)
    gtk_box_append (self->box, box);
  else
    g_object_ref_sink (box), g_object_unref (box);
}

static void
on_here_cb (PtlReferenceDetail *self)
{
  g_autofree char *text = ptl_reference_item_dup_cell (self->item, PTL_CATALOG_BY_HERE);

  if (self->here != NULL)
    gtk_label_set_text (self->here, *text != '\0' ? text : _("Nothing listens here now"));
}

/* Facts and lines of a conversation stand in a grid of their own as long as they follow each
 * other. */
static void
add_parts (PtlReferenceDetail *self,
           GPtrArray          *parts)
{
  GtkWidget *grid = NULL;
  bool stacked = is_stacked (self);
  PtlReferencePartKind last = PTL_REFERENCE_TEXT;
  int n = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const PtlReferencePart *part = g_ptr_array_index (parts, i);
      bool is_fact = part->kind == PTL_REFERENCE_FACT || part->kind == PTL_REFERENCE_LIVE;
      bool is_line = part->kind == PTL_REFERENCE_CLIENT || part->kind == PTL_REFERENCE_SERVER;
      bool was_fact = last == PTL_REFERENCE_FACT || last == PTL_REFERENCE_LIVE;
      bool was_line = last == PTL_REFERENCE_CLIENT || last == PTL_REFERENCE_SERVER;

      if ((is_fact && !was_fact) || (is_line && !was_line))
        {
          grid = gtk_grid_new ();
          n = 0;
          gtk_grid_set_column_spacing (GTK_GRID (grid), is_fact ? 12 : 8);
          if (is_fact)
            gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
          else
            {
              gtk_widget_add_css_class (grid, "card");
              gtk_widget_add_css_class (grid, "reference-talk");
            }
          gtk_box_append (self->box, grid);
        }
      switch (part->kind)
        {
        case PTL_REFERENCE_TEXT:
          add_text (self->box, part->text, NULL);
          break;
        case PTL_REFERENCE_REMARK:
          add_text (self->box, part->text, "dim-label");
          break;
        case PTL_REFERENCE_HEADING:
          add_text (self->box, part->text, "heading");
          break;
        case PTL_REFERENCE_LIVE:
          self->here = GTK_LABEL (add_fact (grid, n++, stacked, part->title, "…"));
          break;
        case PTL_REFERENCE_FACT:
          add_fact (grid, n++, stacked, part->title, part->text);
          break;
        case PTL_REFERENCE_CODE:
          add_code (self->box, part->title, part->text);
          break;
        case PTL_REFERENCE_CLIENT:
        case PTL_REFERENCE_SERVER:
          add_line (grid, n++, part);
          break;
        case PTL_REFERENCE_TABLE:
          add_table (self->box, parts, i);
          break;
        case PTL_REFERENCE_ENTRY:
        default:
          break; /* of its table */
        }
      last = part->kind;
    }
}

static void
show_item (PtlReferenceDetail *self)
{
  const PtlProtocol *protocol = ptl_reference_item_get_protocol (self->item);
  const PtlCatalogRow *row = ptl_reference_item_get_row (self->item);
  g_autofree char *port = ptl_reference_item_dup_cell (self->item, PTL_CATALOG_BY_PORT);
  g_autofree char *transport = ptl_reference_item_dup_cell (self->item, PTL_CATALOG_BY_TRANSPORT);
  g_autofree char *where = NULL;
  g_autoptr (GString) subtitle = g_string_new (NULL);
  g_autoptr (GPtrArray) parts = NULL;
  bool is_main = protocol != NULL && (row->row.flags & PTL_REGISTRY_MAIN) != 0;

  if ((row->row.flags & PTL_REGISTRY_HAS_PORT) != 0)
    where = *transport != '\0' ? g_strdup_printf (_("%s port %s"), transport, port)
                               : g_strdup_printf (_("Port %s"), port);
  else
    where = g_strdup (_("A name without a port"));
  gtk_label_set_text (self->title, is_main ? protocol->name
                                           : *row->row.name != '\0' ? row->row.name : where);
  g_string_append (subtitle, where);
  if (is_main && *row->row.name != '\0')
    g_string_append_printf (subtitle, " · %s", row->row.name);
  if (*row->row.description != '\0')
    g_string_append_printf (subtitle, " · %s", row->row.description);
  gtk_label_set_text (self->subtitle, subtitle->str);

  add_related (self, &row->row, protocol);
  parts = ptl_reference_item_list_parts (self->item);
  add_parts (self, parts);
  on_here_cb (self);
}

/* --- buttons -------------------------------------------------------------------------------- */

static PtlWindow *
get_window (PtlReferenceDetail *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return PTL_IS_WINDOW (root) ? PTL_WINDOW (root) : NULL;
}

/* With which the form can be filled: TCP and UDP only. */
static bool
can_open (PtlReferenceItem *item)
{
  const PtlRegistryRow *row = &ptl_reference_item_get_row (item)->row;

  return (row->flags & PTL_REGISTRY_HAS_PORT) != 0 && row->first_port != 0
         && (row->transport == PTL_REGISTRY_TCP || row->transport == PTL_REGISTRY_UDP);
}

static void
open_form (PtlReferenceDetail *self,
           PtlRole             role)
{
  PtlWindow *window = get_window (self);
  const PtlRegistryRow *row;
  g_autofree char *uri = NULL;
  g_autoptr (PtlSpec) spec = NULL;

  if (self->item == NULL || window == NULL || !can_open (self->item))
    return;
  row = &ptl_reference_item_get_row (self->item)->row;
  uri = g_strdup_printf ("%s://localhost:%u", row->transport == PTL_REGISTRY_UDP ? "udp" : "tcp",
                         row->first_port);
  spec = ptl_spec_parse_uri (role, uri, NULL, NULL);
  if (spec != NULL)
    ptl_window_show_form (window, spec);
}

static void
on_connect_cb (PtlReferenceDetail *self)
{
  open_form (self, PTL_ROLE_CONNECT);
}

static void
on_listen_cb (PtlReferenceDetail *self)
{
  open_form (self, PTL_ROLE_LISTEN);
}

static void
on_look_up_cb (PtlReferenceDetail *self)
{
  const PtlRegistryRow *row;
  g_autofree char *text = NULL;

  if (self->item == NULL)
    return;
  row = &ptl_reference_item_get_row (self->item)->row;
  text = *row->name != '\0' ? g_strdup (row->name) : g_strdup_printf ("%u", row->first_port);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.look-up", "s", text);
}

static void
on_copy_cb (PtlReferenceDetail *self)
{
  g_autofree char *text = NULL;

  if (self->item == NULL)
    return;
  text = ptl_reference_item_dup_summary (self->item);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.copy-text", "s", text);
}

static void
on_back_cb (PtlReferenceDetail *self)
{
  g_signal_emit (self, back_signal, 0);
}

static void
update_buttons (PtlReferenceDetail *self)
{
  bool possible = can_open (self->item);
  const char *reason = possible ? NULL : _("Only ports of TCP and UDP can be opened");

  gtk_widget_set_sensitive (self->connect_button, possible);
  gtk_widget_set_sensitive (self->listen_button, possible);
  gtk_widget_set_tooltip_text (self->connect_button,
                               possible ? _("Fill the form for a new session with this port")
                                        : reason);
  gtk_widget_set_tooltip_text (self->listen_button,
                               possible ? _("Fill the form to listen on this port") : reason);
}

/* --- life ----------------------------------------------------------------------------------- */

static void
clear_box (PtlReferenceDetail *self)
{
  GtkWidget *child;

  self->here = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_box_remove (self->box, child);
}

void
ptl_reference_detail_set_item (PtlReferenceDetail *self,
                               PtlReferenceItem   *item)
{
  g_return_if_fail (PTL_IS_REFERENCE_DETAIL (self));
  g_return_if_fail (PTL_IS_REFERENCE_ITEM (item));

  if (item == self->item)
    return;
  clear_box (self);
  if (self->item != NULL)
    g_clear_signal_handler (&self->here_id, self->item);
  g_set_object (&self->item, item);
  self->here_id = g_signal_connect_swapped (item, "notify::here", G_CALLBACK (on_here_cb), self);
  show_item (self);
  update_buttons (self);
  gtk_stack_set_visible_child_name (self->stack, "row");
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

void
ptl_reference_detail_set_narrow (PtlReferenceDetail *self,
                                 bool                narrow)
{
  g_return_if_fail (PTL_IS_REFERENCE_DETAIL (self));

  gtk_widget_set_visible (self->back_button, narrow);
  gtk_widget_set_size_request (GTK_WIDGET (self), narrow ? -1 : WIDE_WIDTH, -1);
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  if (self->item != NULL)
    {
      clear_box (self);
      show_item (self);
    }
}

static void
ptl_reference_detail_dispose (GObject *object)
{
  PtlReferenceDetail *self = PTL_REFERENCE_DETAIL (object);

  self->here = NULL;
  if (self->item != NULL)
    g_clear_signal_handler (&self->here_id, self->item);
  gtk_widget_dispose_template (GTK_WIDGET (self), PTL_TYPE_REFERENCE_DETAIL);
  while (gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL)
    gtk_widget_unparent (gtk_widget_get_first_child (GTK_WIDGET (self)));
  g_clear_object (&self->item);

  G_OBJECT_CLASS (ptl_reference_detail_parent_class)->dispose (object);
}

/* Not on the first text: that would select the whole of it. */
static gboolean
ptl_reference_detail_grab_focus (GtkWidget *widget)
{
  PtlReferenceDetail *self = PTL_REFERENCE_DETAIL (widget);

  return gtk_widget_grab_focus (gtk_widget_get_visible (self->back_button)
                                  ? self->back_button : GTK_WIDGET (self->scroller));
}

static void
ptl_reference_detail_class_init (PtlReferenceDetailClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ptl_reference_detail_dispose;
  widget_class->grab_focus = ptl_reference_detail_grab_focus;
  ptl_tab_out_init_class (widget_class);

  back_signal = g_signal_new ("back", PTL_TYPE_REFERENCE_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 0);
  show_row_signal = g_signal_new ("show-row", PTL_TYPE_REFERENCE_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/org/portlight/Portlight/ui/ptl-reference-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, stack);
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, back_button);
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, title);
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, subtitle);
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, connect_button);
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, listen_button);
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, scroller);
  gtk_widget_class_bind_template_child (widget_class, PtlReferenceDetail, box);
  gtk_widget_class_bind_template_callback (widget_class, on_back_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_connect_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_listen_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_look_up_cb);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_cb);
}

static void
ptl_reference_detail_init (PtlReferenceDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_size_request (GTK_WIDGET (self), WIDE_WIDTH, -1);
}
