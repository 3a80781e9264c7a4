/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page offers to do with an address of its rows. */
#include "config.h"

#include "ui/ptl-host-actions.h"

#include <string.h>

static const char *const names[] = { "copy-address", "look-up", "connect", "ping", "trace" };

void
ptl_host_actions_add (GActionMap *map,
                      const char *prefix,
                      void      (*activate) (GSimpleAction *action,
                                             GVariant      *parameter,
                                             gpointer       data),
                      gpointer    data)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strconcat (prefix, names[i], NULL);
      g_autoptr (GSimpleAction) action = g_simple_action_new (name, NULL);

      g_signal_connect (action, "activate", G_CALLBACK (activate), data);
      g_action_map_add_action (map, G_ACTION (action));
    }
}

void
ptl_host_actions_set_enabled (GActionMap *map,
                              const char *prefix,
                              gboolean    enabled)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strconcat (prefix, names[i], NULL);

      g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (map, name)),
                                   enabled);
    }
}

static void
do_with (GtkWidget  *widget,
         const char *action,
         const char *prefix,
         const char *host)
{
  g_autofree char *target = g_strconcat (prefix, host, NULL);

  gtk_widget_activate_action (widget, action, "s", target);
}

void
ptl_host_actions_do (GtkWidget  *widget,
                     GAction    *action,
                     const char *host,
                     guint       port)
{
  const char *name = g_action_get_name (action);

  if (g_str_has_suffix (name, "copy-address"))
    do_with (widget, "win.copy-text", "", host);
  else if (g_str_has_suffix (name, "look-up"))
    do_with (widget, "win.look-up", "", host);
  else if (g_str_has_suffix (name, "ping"))
    do_with (widget, "win.diagnose", "ping:", host);
  else if (g_str_has_suffix (name, "trace"))
    do_with (widget, "win.diagnose", "trace:", host);
  else if (port == 0)
    do_with (widget, "win.connect-form", "", host);
  else
    {
      g_autofree char *target = g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                                                 host, port);

      do_with (widget, "win.connect-form", "", target);
    }
}
