/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lays children out in a line, and in several where one is not wide enough. */
#include "config.h"

#include "ui/ptl-wrap-layout.h"

/* Between what is no longer linked. */
#define UNLINKED_SPACING 6

struct _PtlWrapLayout
{
  GtkLayoutManager parent_instance;

  int              spacing;
  gboolean         fill;
  gboolean         was_linked; /* and is not while there are several lines */
  gboolean         several;
  guint            link_id;
};

typedef struct
{
  GtkWidget *widget; /* borrowed */
  int        min;
  int        nat;
  int        width;
  gboolean   expand;
  guint      line;
} Child;

enum
{
  PROP_0,
  PROP_SPACING,
  PROP_FILL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PtlWrapLayout, ptl_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

static GArray *
list_children (GtkWidget *widget)
{
  GArray *children = g_array_new (FALSE, TRUE, sizeof (Child));

  for (GtkWidget *at = gtk_widget_get_first_child (widget); at != NULL;
       at = gtk_widget_get_next_sibling (at))
    {
      Child child = { .widget = at };

      if (!gtk_widget_should_layout (at))
        continue;
      gtk_widget_measure (at, GTK_ORIENTATION_HORIZONTAL, -1, &child.min, &child.nat, NULL, NULL);
      child.expand = gtk_widget_compute_expand (at, GTK_ORIENTATION_HORIZONTAL);
      g_array_append_val (children, child);
    }
  return children;
}

static gboolean
is_linked (PtlWrapLayout *self,
           GtkWidget     *widget)
{
  return self->was_linked || gtk_widget_has_css_class (widget, "linked");
}

static int
get_natural_width (PtlWrapLayout *self,
                   GtkWidget     *widget,
                   GArray        *children)
{
  int spacing = is_linked (self, widget) ? 0 : self->spacing;
  int sum = 0;

  for (guint i = 0; i < children->len; i++)
    sum += g_array_index (children, Child, i).nat + (i > 0 ? spacing : 0);
  return sum;
}

/* Gives the room of a line to the children from @first to before @end. */
static void
share_line (PtlWrapLayout *self,
            GArray        *children,
            guint          first,
            guint          end,
            int            width,
            int            spacing)
{
  int n = (int) (end - first), n_takers = 0;
  int room = width - (n - 1) * spacing, left = room, widest = 0;

  for (guint i = first; i < end; i++)
    {
      Child *child = &g_array_index (children, Child, i);

      left -= child->width;
      widest = MAX (widest, child->min);
    }
  if (self->fill && widest * n <= room)
    {
      for (guint i = first; i < end; i++)
        {
          int share = room / (int) (end - i);

          g_array_index (children, Child, i).width = share;
          room -= share;
        }
      return;
    }

  for (guint i = first; i < end; i++)
    n_takers += self->fill || g_array_index (children, Child, i).expand;
  for (guint i = first; i < end && n_takers > 0; i++)
    {
      Child *child = &g_array_index (children, Child, i);

      if (self->fill || child->expand)
        {
          int share = left / n_takers--;

          child->width += share;
          left -= share;
        }
    }
}

/* Returns the number of lines. */
static guint
break_lines (PtlWrapLayout *self,
             GtkWidget     *widget,
             GArray        *children,
             int            width,
             int           *spacing)
{
  guint line = 0, first = 0;
  int used = 0, sum = 0;

  *spacing = is_linked (self, widget) ? 0 : self->spacing;
  for (guint i = 0; i < children->len; i++)
    {
      Child *child = &g_array_index (children, Child, i);

      child->width = MAX (child->min, MIN (child->expand ? width / 2 : width, child->nat));
      sum += child->width + (i > 0 ? *spacing : 0);
    }
  if (is_linked (self, widget) && sum > width)
    *spacing = UNLINKED_SPACING;

  for (guint i = 0; i < children->len; i++)
    {
      Child *child = &g_array_index (children, Child, i);

      if (i > first && used + *spacing + child->width > width)
        {
          share_line (self, children, first, i, width, *spacing);
          first = i;
          used = 0;
          line++;
        }
      used += child->width + (i > first ? *spacing : 0);
      child->line = line;
    }
  if (children->len > 0)
    share_line (self, children, first, children->len, width, *spacing);
  return children->len > 0 ? line + 1 : 0;
}

static void
ptl_wrap_layout_measure (GtkLayoutManager *layout,
                         GtkWidget        *widget,
                         GtkOrientation    orientation,
                         int               for_size,
                         int              *minimum,
                         int              *natural,
                         int              *minimum_baseline,
                         int              *natural_baseline)
{
  PtlWrapLayout *self = PTL_WRAP_LAYOUT (layout);
  g_autoptr (GArray) children = list_children (widget);
  int spacing;
  guint n_lines;

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      for (guint i = 0; i < children->len; i++)
        *minimum = MAX (*minimum, g_array_index (children, Child, i).min);
      *natural = MAX (*minimum, get_natural_width (self, widget, children));
      return;
    }

  if (for_size < 0)
    for_size = get_natural_width (self, widget, children);
  n_lines = break_lines (self, widget, children, for_size, &spacing);
  for (guint line = 0, i = 0; line < n_lines; line++)
    {
      int line_min = 0, line_nat = 0;

      for (; i < children->len && g_array_index (children, Child, i).line == line; i++)
        {
          Child *child = &g_array_index (children, Child, i);
          int min, nat;

          gtk_widget_measure (child->widget, GTK_ORIENTATION_VERTICAL, child->width, &min, &nat,
                              NULL, NULL);
          line_min = MAX (line_min, min);
          line_nat = MAX (line_nat, nat);
        }
      *minimum += line_min + (line > 0 ? spacing : 0);
      *natural += line_nat + (line > 0 ? spacing : 0);
    }
}

static gboolean
on_link_cb (gpointer data)
{
  PtlWrapLayout *self = data;
  GtkWidget *widget = gtk_layout_manager_get_widget (GTK_LAYOUT_MANAGER (self));

  self->link_id = 0;
  if (widget == NULL || self->several == self->was_linked)
    return G_SOURCE_REMOVE;

  self->was_linked = self->several;
  if (self->several)
    gtk_widget_remove_css_class (widget, "linked");
  else
    gtk_widget_add_css_class (widget, "linked");
  return G_SOURCE_REMOVE;
}

static void
ptl_wrap_layout_allocate (GtkLayoutManager *layout,
                          GtkWidget        *widget,
                          int               width,
                          int               height,
                          int               baseline)
{
  PtlWrapLayout *self = PTL_WRAP_LAYOUT (layout);
  g_autoptr (GArray) children = list_children (widget);
  gboolean from_right = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int spacing, y = 0;
  guint n_lines = break_lines (self, widget, children, width, &spacing);

  for (guint line = 0, i = 0; line < n_lines; line++)
    {
      guint first = i;
      int line_height = 0, x = 0;

      for (; i < children->len && g_array_index (children, Child, i).line == line; i++)
        {
          Child *child = &g_array_index (children, Child, i);
          int min, nat;

          gtk_widget_measure (child->widget, GTK_ORIENTATION_VERTICAL, child->width, &min, &nat,
                              NULL, NULL);
          line_height = MAX (line_height, nat);
        }
      if (n_lines == 1)
        line_height = height;
      for (i = first; i < children->len && g_array_index (children, Child, i).line == line; i++)
        {
          Child *child = &g_array_index (children, Child, i);
          GtkAllocation at = { from_right ? width - x - child->width : x, y, child->width,
                               line_height };

          gtk_widget_size_allocate (child->widget, &at, -1);
          x += child->width + spacing;
        }
      y += line_height + spacing;
    }

  /* Not now, as a class changes sizes that are being given. */
  self->several = n_lines > 1 && is_linked (self, widget);
  if (self->several != self->was_linked && self->link_id == 0)
    self->link_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_link_cb, self, NULL);
}

static GtkSizeRequestMode
ptl_wrap_layout_get_request_mode (GtkLayoutManager *layout,
                                  GtkWidget        *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ptl_wrap_layout_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PtlWrapLayout *self = PTL_WRAP_LAYOUT (object);

  switch (prop_id)
    {
    case PROP_SPACING:
      g_value_set_int (value, self->spacing);
      break;

    case PROP_FILL:
      g_value_set_boolean (value, self->fill);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ptl_wrap_layout_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PtlWrapLayout *self = PTL_WRAP_LAYOUT (object);

  switch (prop_id)
    {
    case PROP_SPACING:
      self->spacing = g_value_get_int (value);
      break;

    case PROP_FILL:
      self->fill = g_value_get_boolean (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      return;
    }
  gtk_layout_manager_layout_changed (GTK_LAYOUT_MANAGER (self));
}

static void
ptl_wrap_layout_dispose (GObject *object)
{
  g_clear_handle_id (&PTL_WRAP_LAYOUT (object)->link_id, g_source_remove);

  G_OBJECT_CLASS (ptl_wrap_layout_parent_class)->dispose (object);
}

static void
ptl_wrap_layout_class_init (PtlWrapLayoutClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  object_class->dispose = ptl_wrap_layout_dispose;
  object_class->get_property = ptl_wrap_layout_get_property;
  object_class->set_property = ptl_wrap_layout_set_property;
  layout_class->measure = ptl_wrap_layout_measure;
  layout_class->allocate = ptl_wrap_layout_allocate;
  layout_class->get_request_mode = ptl_wrap_layout_get_request_mode;

  properties[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, G_MAXINT16, 6,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FILL] = g_param_spec_boolean ("fill", NULL, NULL, FALSE,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ptl_wrap_layout_init (PtlWrapLayout *self)
{
  self->spacing = 6;
}
