/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter above the list of frames, as typed and as chosen from its menu. */
#include "config.h"

#include "ui/ptl-frame-view-private.h"

#include <string.h>

#include "log/ptl-filter.h"

static bool
has_prefix_word (const char *word,
                 const char *prefix)
{
  if (*word == '-')
    word++;
  return g_ascii_strncasecmp (word, prefix, strlen (prefix)) == 0;
}

/* Words end at a space that is not in quotes. */
static GPtrArray *
split_words (const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  const char *start = NULL;
  bool quoted = false;

  for (const char *c = text; ; c++)
    {
      if (*c == '\0' || (*c == ' ' && !quoted))
        {
          if (start != NULL)
            g_ptr_array_add (words, g_strndup (start, (gsize) (c - start)));
          start = NULL;
          if (*c == '\0')
            break;
          continue;
        }
      if (start == NULL)
        start = c;
      if (*c == '\\' && quoted && c[1] != '\0')
        c++;
      else if (*c == '"')
        quoted = !quoted;
    }
  return words;
}

void
ptl_frame_view_filter_on (PtlFrameView *self,
                          const char   *prefix,
                          const char   *word)
{
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_if_fail (PTL_IS_FRAME_VIEW (self));

  words = split_words (gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)));
  for (guint i = 0; i < words->len; i++)
    {
      const char *old = g_ptr_array_index (words, i);

      if (g_strcmp0 (prefix, "is:") == 0
            ? has_prefix_word (old, "is:event") || has_prefix_word (old, "is:data")
            : has_prefix_word (old, prefix))
        continue;
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, old);
    }
  if (word != NULL && *word != '\0')
    {
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, word);
    }
  gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), text->str);
}

static const char *
find_choice (GPtrArray         *words,
             const char        *prefix,
             const char *const *choices)
{
  for (guint i = 0; i < words->len; i++)
    for (guint j = 0; choices[j] != NULL; j++)
      {
        g_autofree char *word = g_strconcat (prefix, choices[j], NULL);

        if (g_ascii_strcasecmp (g_ptr_array_index (words, i), word) == 0)
          return choices[j];
      }
  return "any";
}

void
ptl_frame_view_update_filter_actions (PtlFrameView *self)
{
  static const char *const directions[] = { "in", "out", NULL };
  static const char *const kinds[] = { "data", "event", NULL };
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));
  g_autoptr (GPtrArray) words = split_words (text);
  GActionMap *map = G_ACTION_MAP (self->actions);

  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "direction")),
                             g_variant_new_string (find_choice (words, "dir:", directions)));
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "kind")),
                             g_variant_new_string (find_choice (words, "is:", kinds)));
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "clear-filter")),
                               *text != '\0');
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, "filter-peer")),
                               self->selected != NULL &&
                                 ptl_frame_item_get_frame (self->selected)->peer != PTL_PEER_NONE);
}

static void
scroll_to_selected (PtlFrameView *self)
{
  guint row = gtk_single_selection_get_selected (self->selection);

  if (self->selected != NULL && !ptl_follow_get_following (self->follow) &&
      row != GTK_INVALID_LIST_POSITION)
    ptl_frame_view_scroll_to_row (self, row);
}

/* Called before the layout of a frame: the rows have their places in the second. */
static gboolean
on_scroll_tick_cb (GtkWidget     *widget,
                   GdkFrameClock *clock,
                   gpointer       data)
{
  PtlFrameView *self = PTL_FRAME_VIEW (widget);
  bool *laid_out = data;

  if (!*laid_out)
    {
      *laid_out = true;
      return G_SOURCE_CONTINUE;
    }
  self->scroll_tick = 0;
  scroll_to_selected (self);
  return G_SOURCE_REMOVE;
}

static void
apply_filter (PtlFrameView *self)
{
  bool has_rows;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));
  g_autoptr (GError) error = NULL;
  PtlFilter *filter;
  size_t at = 0;
  bool all;

  if (self->setting_filter || self->frames == NULL)
    return;
  ptl_frame_view_update_filter_actions (self);
  filter = ptl_filter_parse (text, &at, &error);
  gtk_widget_set_visible (GTK_WIDGET (self->filter_error_label), filter == NULL);
  if (filter == NULL)
    {
      gtk_label_set_text (self->filter_error_label, error->message);
      gtk_widget_add_css_class (GTK_WIDGET (self->filter_entry), "error");
      gtk_accessible_update_state (GTK_ACCESSIBLE (self->filter_entry),
                                   GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE, -1);
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->filter_entry), "error");
  gtk_accessible_reset_state (GTK_ACCESSIBLE (self->filter_entry), GTK_ACCESSIBLE_STATE_INVALID);
  g_object_set_data_full (G_OBJECT (self->frames), PTL_FRAME_FILTER_TEXT_KEY, g_strdup (text),
                          g_free);

  all = ptl_filter_is_all (filter);
  if (all)
    g_clear_pointer (&filter, ptl_filter_free);
  ptl_frame_view_begin_move (self);
  has_rows = g_list_model_get_n_items (ptl_ramp_get_rows (self->ramp)) > 0;
  self->filtered = !all;
  ptl_frame_list_take_filter (self->frames, filter);
  if (ptl_follow_get_following (self->follow))
    ptl_frame_list_reveal_end (self->frames);
  ptl_frame_view_end_move (self);
  self->scroll_after = ptl_ramp_is_running (self->ramp);
  /* In a list that was empty no row has a height yet, and newer GTK warns of that. */
  if (has_rows)
    scroll_to_selected (self);
  else if (self->scroll_tick == 0)
    self->scroll_tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_scroll_tick_cb,
                                                      g_new0 (bool, 1), g_free);
  ptl_frame_view_update_empty (self);
  ptl_frame_view_update_scanning (self);
  ptl_frame_view_update_count (self);
}

static void
on_stop_search_cb (PtlFrameView *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->filter_entry)) != '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), "");
  else
    gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
on_direction_cb (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       data)
{
  const char *target = g_variant_get_string (parameter, NULL);
  g_autofree char *word = g_str_equal (target, "any") ? NULL : g_strconcat ("dir:", target, NULL);

  ptl_frame_view_filter_on (PTL_FRAME_VIEW (data), "dir:", word);
}

static void
on_kind_cb (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       data)
{
  const char *target = g_variant_get_string (parameter, NULL);
  g_autofree char *word = g_str_equal (target, "any") ? NULL : g_strconcat ("is:", target, NULL);

  ptl_frame_view_filter_on (PTL_FRAME_VIEW (data), "is:", word);
}

static void
on_filter_peer_cb (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       data)
{
  PtlFrameView *self = PTL_FRAME_VIEW (data);
  g_autofree char *word = NULL;

  if (self->selected == NULL)
    return;
  word = g_strdup_printf ("peer:#%u", ptl_frame_item_get_frame (self->selected)->peer);
  ptl_frame_view_filter_on (self, "peer:", word);
}

static void
on_clear_filter_cb (GSimpleAction *action,
                    GVariant      *parameter,
                    gpointer       data)
{
  gtk_editable_set_text (GTK_EDITABLE (PTL_FRAME_VIEW (data)->filter_entry), "");
}

void
ptl_frame_view_init_filter (PtlFrameView *self)
{
  static const GActionEntry entries[] = {
    { .name = "direction", .parameter_type = "s", .state = "'any'",
      .change_state = on_direction_cb },
    { .name = "kind", .parameter_type = "s", .state = "'any'", .change_state = on_kind_cb },
    { .name = "filter-peer", .activate = on_filter_peer_cb },
    { .name = "clear-filter", .activate = on_clear_filter_cb },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  g_signal_connect_swapped (self->filter_entry, "search-changed", G_CALLBACK (apply_filter), self);
  g_signal_connect_swapped (self->filter_entry, "stop-search", G_CALLBACK (on_stop_search_cb),
                            self);
  ptl_frame_view_update_filter_actions (self);
}
