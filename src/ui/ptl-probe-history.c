/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was asked before on a page of Diagnose. */
#include "config.h"

#include "ui/ptl-probe-history.h"

#include <glib/gi18n.h>
#include <string.h>

#define LABEL_CHARS_MAX 60 /* of an entry in the menu */

static char *
dup_label (const char *entry)
{
  g_auto (GStrv) fields = g_strsplit (entry, "\t", -1);
  GString *text = g_string_new (NULL);

  for (char **field = fields; *field != NULL; field++)
    if (**field != '\0')
      g_string_append_printf (text, text->len > 0 ? " · %s" : "%s", *field);
  if (g_utf8_strlen (text->str, -1) > LABEL_CHARS_MAX)
    {
      const char *end = g_utf8_offset_to_pointer (text->str, LABEL_CHARS_MAX - 1);

      g_string_truncate (text, (gsize) (end - text->str));
      g_string_append (text, "…");
    }
  /* An underscore would be a mnemonic. */
  g_string_replace (text, "_", "__", 0);
  return g_string_free (text, FALSE);
}

void
ptl_probe_history_show (GtkMenuButton *button,
                        GSettings     *settings,
                        const char    *key,
                        const char    *again,
                        const char    *forget)
{
  g_auto (GStrv) entries = g_settings_get_strv (settings, key);
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) before = g_menu_new ();
  g_autoptr (GMenu) end = g_menu_new ();

  for (guint i = 0; i < PTL_PROBE_HISTORY_MAX && entries[i] != NULL; i++)
    {
      const char *entry = entries[i];
      g_autofree char *label = NULL;
      g_autoptr (GMenuItem) item = NULL;

      if (strlen (entry) > PTL_PROBE_HISTORY_BYTES_MAX)
        continue;
      label = dup_label (entry);
      item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, again, "s", entry);
      g_menu_append_item (before, item);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (before));
  g_menu_append (end, _("_Forget All"), forget);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (end));
  gtk_menu_button_set_menu_model (button, G_MENU_MODEL (menu));
  gtk_widget_set_sensitive (GTK_WIDGET (button), entries[0] != NULL);
}

void
ptl_probe_history_add (GSettings  *settings,
                       const char *key,
                       const char *entry)
{
  g_auto (GStrv) before = g_settings_get_strv (settings, key);
  g_autoptr (GPtrArray) after = g_ptr_array_new ();

  if (strlen (entry) > PTL_PROBE_HISTORY_BYTES_MAX)
    return;
  g_ptr_array_add (after, (char *) entry);
  for (char **at = before; *at != NULL && after->len < PTL_PROBE_HISTORY_MAX; at++)
    if (g_strcmp0 (*at, entry) != 0)
      g_ptr_array_add (after, *at);
  g_ptr_array_add (after, NULL);
  g_settings_set_strv (settings, key, (const char *const *) after->pdata);
}

char **
ptl_probe_history_split (const char *entry,
                         guint       n)
{
  g_auto (GStrv) fields = g_strsplit (entry, "\t", (int) n);
  guint given = g_strv_length (fields);
  char **all = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    all[i] = g_strdup (i < given ? fields[i] : "");
  return all;
}
